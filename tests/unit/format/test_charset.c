/* GB18030 against the vectors of encoding_rs (every two-byte character), and cut in every place. */
#include "base/buf.h"
#include "base/utf8.h"
#include "format/charset.h"
#include "tests.h"

static str slurp(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	rewind(f);
	char *p = arena_alloc(a, n + 1);
	assert_int_equal(fread(p, 1, n, f), n);
	fclose(f);
	return (str){p, n};
}

static str unpacked(struct arena *a, const char *archive, const char *name)
{
	char folder[] = "/tmp/qinghe-test-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const char *line = arena_printf(a, "tar -xzf '%s' -C %s", archive, folder);
	FILE *p = popen(line, "r");
	assert_non_null(p);
	assert_int_equal(pclose(p), 0);
	str s = slurp(a, arena_printf(a, "%s/%s", folder, name));
	p = popen(arena_printf(a, "rm -r %s", folder), "r");
	pclose(p);
	return s;
}

static void every_vector_of_encoding_rs_holds(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *archive = shared_data(&a, "suites/encoding-gb18030.tar.gz");
	if (archive == NULL)
		skip();
	str got, in = unpacked(&a, archive, "tests/test_data/gb18030_in.txt");
	str want = unpacked(&a, archive, "tests/test_data/gb18030_in_ref.txt");
	assert_true(in.n > 70000);
	assert_true(charset_gb18030_to_utf8(&a, in, &got));
	assert_true(str_eq(got, want));
	in = unpacked(&a, archive, "tests/test_data/gb18030_out_ref.txt");
	want = unpacked(&a, archive, "tests/test_data/gb18030_out.txt");
	assert_true(charset_gb18030_to_utf8(&a, in, &got));
	assert_true(str_eq(got, want));
	arena_done(&a);
}

/* U+3400 and neighbours, the ends of the planes, and characters above the basic plane. */
static const struct {
	const char *gb;
	size_t n;
	uint32_t c;
} fours[] = {
	{"\x81\x30\x81\x30", 4, 0x80},
	{"\x84\x31\xa4\x39", 4, 0xffff},
	{"\x90\x30\x81\x30", 4, 0x10000},
	{"\x95\x32\x90\x31", 4, 0x20087},
	{"\xe3\x32\x9a\x35", 4, 0x10ffff},
	{"\x82\x35\x8f\x33", 4, 0x9fa6},
	{"\x80", 1, 0x20ac},
};

static void four_byte_characters_are_read_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fours / sizeof *fours; i++)
		for (size_t cut = 0; cut <= fours[i].n; cut++) {
			struct charset_decoder d = {0};
			char out[64], want[4];
			size_t n, more;
			str s = {fours[i].gb, fours[i].n};
			assert_true(charset_decode(&d, str_head(s, cut), out, &n));
			assert_true(charset_decode(&d, str_from(s, cut), out + n, &more));
			assert_int_equal(d.kept_n, 0);
			size_t want_n = utf8_put(fours[i].c, want);
			assert_int_equal(n + more, want_n);
			assert_memory_equal(out, want, want_n);
		}
}

static void what_is_no_gb18030_is_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	static const char *const bad[] = {"\xff", "\x81\x20", "\x81\x7f", "\x81", "\x81\x30", "\x81\x30\x81",
		"\xc7\xff", "\xe3\x32\x9a\x36", "\x84\x31\xa5\x30", "\x81\x30\x80\x30", "\x81\x30\x81\x2f"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		str out = STR("kept");
		assert_false(charset_gb18030_to_utf8(&a, str_of(bad[i]), &out));
		assert_true(str_is(out, "kept"));
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_of_encoding_rs_holds),
		cmocka_unit_test(four_byte_characters_are_read_however_they_are_cut),
		cmocka_unit_test(what_is_no_gb18030_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
