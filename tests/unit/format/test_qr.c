/* QR pictures: the finder patterns stand, the SVG draws exactly the dark modules. */
#include "format/qr.h"
#include "tests.h"

static void the_three_finders_stand_in_their_corners(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	unsigned char *bits;
	int side;
	assert_ok(qr_bits(&a, STR("otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQ"), &bits, &side, &err), &err);
	assert_true(side >= 21 && (side - 21) % 4 == 0);
	int corners[3][2] = {{0, 0}, {side - 7, 0}, {0, side - 7}};
	for (int c = 0; c < 3; c++)
		for (int y = 0; y < 7; y++)
			for (int x = 0; x < 7; x++) {
				bool ring = x == 0 || y == 0 || x == 6 || y == 6;
				bool heart = x >= 2 && x <= 4 && y >= 2 && y <= 4;
				assert_int_equal(
					bits[(corners[c][1] + y) * side + corners[c][0] + x], ring || heart);
			}
	arena_done(&a);
}

static void the_path_covers_the_dark_modules_and_no_other(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err;
	struct buf b = {0};
	unsigned char *bits, drawn[200][200] = {{0}};
	int side, x, y, run, back, n = 0;
	str text = STR("https://linlan.example/bind/ABCD-EFGH-JKMN-PQRS-TVWX");
	assert_ok(qr_bits(&a, text, &bits, &side, &err), &err);
	assert_ok(qr_svg(&b, text, STR("柳河镇 \"<团支部>"), &err), &err);
	assert_non_null(strstr(b.p, "aria-label=\"柳河镇 &quot;&lt;团支部&gt;\""));
	for (const char *p = strchr(b.p, 'M'); p; p = strchr(p + 1, 'M'))
		if (sscanf(p, "M%d %dh%dv1h-%dz", &x, &y, &run, &back) == 4) {
			assert_int_equal(run, back);
			for (int i = 0; i < run; i++)
				drawn[y][x + i]++;
		}
	for (y = 0; y < side + 8; y++)
		for (x = 0; x < side + 8; x++) {
			bool inside = x >= 4 && y >= 4 && x < side + 4 && y < side + 4;
			assert_int_equal(drawn[y][x], inside ? bits[(y - 4) * side + x - 4] : 0);
			n += drawn[y][x];
		}
	assert_true(n > side * side / 3);
	buf_done(&b);
	arena_done(&a);
}

static void what_cannot_be_drawn_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct buf b = {0};
	char many[QR_TEXT_MAX_BYTES + 1];
	memset(many, 'x', sizeof many);
	assert_int_equal(qr_svg(&b, STR(""), STR("x"), &err), RC_INVALID);
	assert_int_equal(qr_svg(&b, (str){"a\0b", 3}, STR("x"), &err), RC_INVALID);
	assert_int_equal(qr_svg(&b, (str){many, sizeof many}, STR("x"), &err), RC_LIMIT);
	assert_ok(qr_svg(&b, (str){many, QR_TEXT_MAX_BYTES}, STR("x"), &err), &err);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_three_finders_stand_in_their_corners),
		cmocka_unit_test(the_path_covers_the_dark_modules_and_no_other),
		cmocka_unit_test(what_cannot_be_drawn_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
