/* The zip container: our writer against a fixed digest, the reader against archives made to hurt. */
#include "base/hash.h"
#include "format/zip.h"
#include "tests.h"

/* One stored entry with whatever name and sizes the test wants told. */
static str archive(struct arena *a, struct buf *b, const char *name, str bytes)
{
	struct zipper z;
	struct err err = {0};
	buf_init(b, 0);
	zipper_init(&z, a, b);
	zipper_add(&z, str_of(name), bytes);
	assert_ok(zipper_end(&z, &err), &err);
	return buf_str(b);
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct buf b;
	buf_init(&b, 0);
	struct zipper w;
	zipper_init(&w, &a, &b);
	zipper_add(&w, STR("mimetype"), STR("text/plain"));
	zipper_add(&w, STR("报告/正文.xml"), STR("<a>青年</a>"));
	zipper_add(&w, STR("empty"), (str){0});
	assert_ok(zipper_end(&w, &err), &err);
	assert_true(unzip_looks_so(buf_str(&b)));

	struct unzip *z;
	assert_ok(unzip_open_bytes(&a, buf_str(&b), NULL, &z, &err), &err);
	assert_int_equal(unzip_count(z), 3);
	assert_true(str_is(unzip_at(z, 0)->name, "mimetype"));
	const struct unzip_entry *e = unzip_find(z, "报告/正文.XML");
	assert_non_null(e);
	str s;
	assert_ok(unzip_read(z, e, &a, &s, &err), &err);
	assert_true(str_is(s, "<a>青年</a>"));
	assert_ok(unzip_read(z, unzip_find(z, "empty"), &a, &s, &err), &err);
	assert_int_equal(s.n, 0);
	assert_null(unzip_find(z, "no"));
	unzip_close(z);
	buf_done(&b);
	arena_done(&a);
}

static void the_same_parts_give_the_same_bytes_everywhere(void **state)
{
	(void)state;
	struct arena a = {0};
	struct buf b;
	str s = archive(&a, &b, "a.txt", STR("hello"));
	char hex[HEX_BYTES];
	struct hash h = hash_sha256(s);
	hex_text(h.b, HASH_BYTES, hex);
	/* made independently: python3 zipfile, ZIP_STORED, date 1980-01-01, create_system 0, external_attr 0 */
	assert_string_equal(hex, "38ec385aaeb8554563491923c690d49333f6c6964660f5ee8054c7d57347bf78");
	buf_done(&b);
	arena_done(&a);
}

static enum rc open_as(struct arena *a, str s, struct err *err)
{
	struct unzip *z = NULL;
	*err = (struct err){0};
	enum rc rc = unzip_open_bytes(a, s, NULL, &z, err);
	unzip_close(z);
	if (rc != RC_OK)
		assert_true(err->text[0] != 0);
	return rc;
}

static void paths_that_leave_the_archive_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"../x", "a/../../x", "/etc/passwd", "C:/x", "..\\x", "a\\..\\..\\x", "a\nb", "./x", ".."};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct arena a = {0};
		struct err err;
		struct buf b;
		assert_int_equal(open_as(&a, archive(&a, &b, bad[i], STR("x")), &err), RC_INVALID);
		buf_done(&b);
		arena_done(&a);
	}
	struct arena a = {0};
	struct err err;
	struct buf b;
	assert_int_equal(open_as(&a, archive(&a, &b, "xl\\..a\\b..c", STR("x")), &err), RC_OK);
	buf_done(&b);
	arena_done(&a);
}

static void a_cut_or_foreign_file_is_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct buf b;
	str s = archive(&a, &b, "a.txt", STR("hello"));
	for (size_t n = 0; n < s.n; n++)
		assert_int_equal(open_as(&a, str_head(s, n), &err), RC_INVALID);
	assert_int_equal(open_as(&a, STR("%PDF-1.4 and so on, long enough for a tail"), &err), RC_INVALID);
	buf_done(&b);
	arena_done(&a);
}

/* Change bytes of the directory of a one-entry archive: at from its start. */
static str bent(struct arena *a, str s, size_t at, uint32_t v)
{
	str copy = arena_str(a, s);
	size_t dir = str_find(copy, STR("PK\1\2"));
	char *p = (char *)(uintptr_t)copy.p + dir + at;
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> 8 * i & 255);
	return copy;
}

static void sizes_that_lie_are_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct buf b;
	str s = archive(&a, &b, "a.txt", STR("hello"));
	assert_int_equal(open_as(&a, bent(&a, s, 24, 1u << 30), &err), RC_LIMIT); /* unpacked size */
	assert_int_equal(
		open_as(&a, bent(&a, s, 20, 1u << 20), &err), RC_INVALID); /* packed more than there is */
	str crc = bent(&a, s, 16, 0x12345678), out;
	struct unzip *z = NULL;
	assert_ok(unzip_open_bytes(&a, crc, NULL, &z, &err), &err);
	assert_int_equal(unzip_read(z, unzip_at(z, 0), &a, &out, &err), RC_INVALID);
	unzip_close(z);
	buf_done(&b);
	arena_done(&a);
}

static void too_many_entries_are_refused_before_they_are_read(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct buf b;
	buf_init(&b, 0);
	struct zipper w;
	zipper_init(&w, &a, &b);
	for (int i = 0; i <= UNZIP_ENTRIES_MAX; i++)
		zipper_add(&w, arena_fmt(&a, "f%d", i), STR("x"));
	assert_ok(zipper_end(&w, &err), &err);
	assert_int_equal(open_as(&a, buf_str(&b), &err), RC_LIMIT);
	struct unzip *z = NULL;
	struct unzip_limits more = UNZIP_LIMITS;
	more.entries++;
	assert_ok(unzip_open_bytes(&a, buf_str(&b), &more, &z, &err), &err);
	unzip_close(z);
	buf_done(&b);
	arena_done(&a);
}

static void a_name_that_stands_twice_is_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct buf b;
	buf_init(&b, 0);
	struct zipper w;
	zipper_init(&w, &a, &b);
	zipper_add(&w, STR("xl/a.xml"), STR("x"));
	zipper_add(&w, STR("XL/a.xml"), STR("y"));
	assert_ok(zipper_end(&w, &err), &err);
	assert_int_equal(open_as(&a, buf_str(&b), &err), RC_INVALID);
	buf_done(&b);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_same_parts_give_the_same_bytes_everywhere),
		cmocka_unit_test(paths_that_leave_the_archive_are_refused),
		cmocka_unit_test(a_cut_or_foreign_file_is_refused),
		cmocka_unit_test(sizes_that_lie_are_refused),
		cmocka_unit_test(too_many_entries_are_refused_before_they_are_read),
		cmocka_unit_test(a_name_that_stands_twice_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
