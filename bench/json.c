/* bench/json.c -- a list of 100 rows as JSON: our writer against json-c (its tree built and printed, as a program that
 * uses it must). Prints rows a second and the ratio, best of five rounds, interleaved. */
#define json_bool json_c_bool
#define json_object json_c_object
#include <json-c/json.h>
#undef json_bool
#undef json_object
#include "base/clock.h"
#include "format/json.h"
#include <stdio.h>

enum { ROWS = 100, TIMES = 400, ROUNDS = 5 };

static const char *const names[] = {
	"希望家园：儿童看护", "学雷锋志愿服务月", "净滩行动“海洋卫士”", "书香伴我行 reading day"};

static size_t ours(struct buf *b)
{
	struct json j;
	buf_clear(b);
	json_init(&j, b);
	json_object(&j);
	json_key(&j, "rows");
	json_array(&j);
	for (int i = 0; i < ROWS; i++) {
		json_object(&j);
		json_put_i64(&j, "id", 100000 + i);
		json_put_cstr(&j, "served_on", "2025-03-05");
		json_put_cstr(&j, "event", names[i % 4]);
		json_put_cstr(&j, "org", "柳河镇中心小学团支部");
		json_put_i64(&j, "hours", 90 + i);
		json_put_cstr(&j, "state", "valid");
		json_put_bool(&j, "identified", i % 2);
		json_key(&j, "note");
		json_null(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	return b->n;
}

static size_t theirs(void)
{
	struct json_c_object *top = json_object_new_object(), *rows = json_object_new_array();
	for (int i = 0; i < ROWS; i++) {
		struct json_c_object *o = json_object_new_object();
		json_object_object_add(o, "id", json_object_new_int64(100000 + i));
		json_object_object_add(o, "served_on", json_object_new_string("2025-03-05"));
		json_object_object_add(o, "event", json_object_new_string(names[i % 4]));
		json_object_object_add(o, "org", json_object_new_string("柳河镇中心小学团支部"));
		json_object_object_add(o, "hours", json_object_new_int64(90 + i));
		json_object_object_add(o, "state", json_object_new_string("valid"));
		json_object_object_add(o, "identified", json_object_new_boolean(i % 2));
		json_object_object_add(o, "note", NULL);
		json_object_array_add(rows, o);
	}
	json_object_object_add(top, "rows", rows);
	size_t n = 0;
	json_object_to_json_string_length(top, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
	json_object_put(top);
	return n;
}

int main(void)
{
	struct buf b;
	buf_init(&b, 0);
	int64_t best_ours = INT64_MAX, best_theirs = INT64_MAX;
	size_t n_ours = 0, n_theirs = 0;
	for (int round = 0; round < ROUNDS; round++) {
		int64_t t0 = clock_mono_us();
		for (int i = 0; i < TIMES; i++)
			n_ours = ours(&b);
		int64_t t1 = clock_mono_us();
		for (int i = 0; i < TIMES; i++)
			n_theirs = theirs();
		int64_t t2 = clock_mono_us();
		best_ours = t1 - t0 < best_ours ? t1 - t0 : best_ours;
		best_theirs = t2 - t1 < best_theirs ? t2 - t1 : best_theirs;
	}
	if (n_ours != n_theirs)
		printf("sizes differ: %zu and %zu bytes\n", n_ours, n_theirs);
	printf("list of %d rows, %zu bytes: ours %.1f us, json-c %.1f us, ratio %.1f (goal 8)\n", ROWS,
		n_ours, (double)best_ours / TIMES, (double)best_theirs / TIMES,
		(double)best_theirs / (double)best_ours);
	buf_done(&b);
	return 0;
}
