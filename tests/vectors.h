/* vectors.h -- Project Wycheproof's files (C2SP/wycheproof) of the shared data, for the tests of base's cryptography.
 * Every "valid" case must be reproduced or accepted, every "invalid" one refused. */
#pragma once
#include "base/file.h"
#include "base/hash.h"
#include "tests.h"
#include <json-c/json.h>
#include <libdeflate.h>

/* The file of one algorithm, or NULL where the shared data is not there. json_object_put when done. */
static inline struct json_object *wycheproof(struct arena *a, const char *algorithm)
{
	const char *path =
		shared_data(a, arena_printf(a, "voting-merkle/wycheproof-%s_test.json.gz", algorithm));
	struct err err = {0};
	str packed;
	if (path == NULL)
		return NULL;
	assert_ok(file_read(a, path, 16 << 20, &packed, &err), &err);
	enum { PLAIN_MAX = 32 << 20 };
	char *plain = arena_alloc(a, PLAIN_MAX + 1);
	size_t n;
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	assert_int_equal(
		libdeflate_gzip_decompress(d, packed.p, packed.n, plain, PLAIN_MAX, &n), LIBDEFLATE_SUCCESS);
	libdeflate_free_decompressor(d);
	struct json_object *v = json_tokener_parse(plain);
	assert_non_null(v);
	return v;
}

static inline str hex_field(struct arena *a, struct json_object *o, const char *name)
{
	str hex = str_of(json_object_get_string(json_object_object_get(o, name)));
	char *p = arena_alloc(a, hex.n / 2 + 1);
	assert_true(hex_parse(hex, p, hex.n / 2));
	return (str){p, hex.n / 2};
}

static inline size_t int_field(struct json_object *o, const char *name)
{
	return (size_t)json_object_get_int64(json_object_object_get(o, name));
}

/* Calls verdict(arena, group, test, ctx) for every case: whether our function agrees with the file's values. Counts the
 * cases by the file's own word and fails on the first that differs; all must have been seen. */
static inline void each_case(
	const char *algorithm, bool (*verdict)(struct arena *, struct json_object *, struct json_object *))
{
	struct arena a = {0};
	struct json_object *file = wycheproof(&a, algorithm);
	size_t seen = 0, valid = 0;
	if (file == NULL) {
		arena_done(&a);
		skip();
	}
	struct json_object *groups = json_object_object_get(file, "testGroups");
	for (size_t g = 0; g < json_object_array_length(groups); g++) {
		struct json_object *group = json_object_array_get_idx(groups, g),
				   *tests = json_object_object_get(group, "tests");
		for (size_t i = 0; i < json_object_array_length(tests); i++, seen++) {
			struct json_object *test = json_object_array_get_idx(tests, i);
			struct arena mine = {0};
			bool want = strcmp(json_object_get_string(json_object_object_get(test, "result")),
					    "invalid") != 0;
			if (verdict(&mine, group, test) != want)
				fail_msg("%s, case %zu is not %s", algorithm, int_field(test, "tcId"),
					want ? "accepted" : "refused");
			valid += want;
			arena_done(&mine);
		}
	}
	print_message("# %s: %zu accepted, %zu refused\n", algorithm, valid, seen - valid);
	assert_int_equal(seen, int_field(file, "numberOfTests"));
	assert_true(valid > 0);
	json_object_put(file);
	arena_done(&a);
}
