/* Escaping, byte by byte and over the naughty strings. */
#include "base/utf8.h"
#include "format/html.h"
#include "format/json.h"
#include "tests.h"

/* The slow and plain way, to compare with. */
static void plainly(struct buf *b, str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&':
			buf_puts(b, "&amp;");
			break;
		case '<':
			buf_puts(b, "&lt;");
			break;
		case '>':
			buf_puts(b, "&gt;");
			break;
		case '"':
			buf_puts(b, "&quot;");
			break;
		case '\'':
			buf_puts(b, "&#39;");
			break;
		default:
			buf_putc(b, s.p[i]);
		}
}

static void same(str s)
{
	struct buf a, b;
	buf_init(&a, 0);
	buf_init(&b, 0);
	html_text(&a, s);
	plainly(&b, s);
	assert_true(str_eq(buf_str(&a), buf_str(&b)));
	assert_true(
		str_find_byte(buf_str(&a), '<') == SIZE_MAX && str_find_byte(buf_str(&a), '"') == SIZE_MAX);
	buf_done(&a);
	buf_done(&b);
}

static void every_byte_at_every_offset(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 20; at++) {
			char text[20];
			memset(text, 'x', sizeof text);
			text[at] = (char)c;
			same((str){text, sizeof text});
		}
	same(STR(""));
	same(STR("<<<\"\"&&''>>"));
}

static void naughty_strings_lose_their_markup(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	const char *path = shared_data(&a, "suites/blns.json");
	if (path == NULL) {
		arena_done(&a);
		skip();
		return;
	}
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *text = arena_alloc(&a, 1 << 20);
	size_t n = fread(text, 1, 1 << 20, f);
	fclose(f);
	struct json_v *v;
	assert_ok(json_read(&a, (str){text, n}, 0, &v, &err), &err);
	assert_true(v->n > 400);
	for (size_t i = 0; i < v->n; i++)
		same(v->items[i].text);
	arena_done(&a);
}

static void a_part_of_an_address_cannot_leave_it(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 0);
	html_url(&b, STR("a b/?&=#%\"<青~-._"));
	assert_string_equal(b.p, "a%20b%2F%3F%26%3D%23%25%22%3C%E9%9D%92~-._");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_at_every_offset),
		cmocka_unit_test(naughty_strings_lose_their_markup),
		cmocka_unit_test(a_part_of_an_address_cannot_leave_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
