/* A photograph comes out upright, small, and without anything that stood beside its pixels. */
#include "format/photo.h"
#include "tests.h"
#include <stdlib.h>

#include <turbojpeg.h>

/* w x h, left half dark; with an EXIF block: orientation, and a place that must not come along. */
static str camera(struct buf *b, int w, int h, int way)
{
	static const char head[] = "\xFF\xE1\0\x4E"
				   "Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0";
	static const char tail[] = "\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\0\0\0\0\0GPS 28.6N 121.4E Phone 1234";
	unsigned char *bytes = NULL, *rows = malloc((size_t)w * (size_t)h);
	unsigned long n = 0;
	char block[78 + 2] = {0};
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			rows[(size_t)y * (size_t)w + (size_t)x] = x < w / 2 ? 20 : 235;
	tjhandle tj = tjInitCompress();
	assert_int_equal(tjCompress2(tj, rows, w, 0, h, TJPF_GRAY, &bytes, &n, TJSAMP_GRAY, 90, 0), 0);
	memcpy(block, head, sizeof head - 1);
	block[sizeof head - 1] = (char)way;
	memcpy(block + sizeof head, tail, sizeof tail - 1);
	buf_add(b, (str){(const char *)bytes, 2});
	buf_add(b, (str){block, sizeof block});
	buf_add(b, (str){"\xFF\xFE\0\x09"
			 "at home",
			   11});
	buf_add(b, (str){(const char *)bytes + 2, n - 2});
	tjFree(bytes);
	tjDestroy(tj);
	free(rows);
	return buf_str(b);
}

/* The brightness of one pixel of a JPEG. */
static int bright(str jpeg, int x, int y)
{
	int w, h, sub, space;
	tjhandle tj = tjInitDecompress();
	assert_int_equal(
		tjDecompressHeader3(tj, (const unsigned char *)jpeg.p, jpeg.n, &w, &h, &sub, &space), 0);
	unsigned char *rows = malloc((size_t)w * (size_t)h);
	assert_int_equal(
		tjDecompress2(tj, (const unsigned char *)jpeg.p, jpeg.n, rows, w, 0, h, TJPF_GRAY, 0), 0);
	int got = rows[(size_t)y * (size_t)w + (size_t)x];
	free(rows);
	tjDestroy(tj);
	return got;
}

static void nothing_but_the_pixels_comes_along(void **state)
{
	(void)state;
	struct buf in = {0}, out = {0};
	struct err err = {0};
	int w, h;
	str jpeg = camera(&in, 64, 32, 1);
	assert_true(
		str_find(jpeg, STR("GPS 28.6N")) != SIZE_MAX && str_find(jpeg, STR("at home")) != SIZE_MAX);
	assert_ok(photo_make(jpeg, 1600, 82, &out, &w, &h, &err), &err);
	assert_int_equal(w, 64);
	assert_int_equal(h, 32);
	assert_true(str_find(buf_str(&out), STR("GPS")) == SIZE_MAX);
	assert_true(str_find(buf_str(&out), STR("Exif")) == SIZE_MAX);
	assert_true(str_find(buf_str(&out), STR("at home")) == SIZE_MAX);
	buf_done(&in);
	buf_done(&out);
}

/* The dark half stood at the left of what the sensor saw; where it stands upright, the orientation says. */
static void all_eight_ways_come_out_upright(void **state)
{
	(void)state;
	static const struct {
		int way, w, h, dark_x, dark_y;
	} ways[] = {{1, 64, 32, 4, 16}, {2, 64, 32, 60, 16}, {3, 64, 32, 60, 16}, {4, 64, 32, 4, 16},
		{5, 32, 64, 16, 4}, {6, 32, 64, 16, 4}, {7, 32, 64, 16, 60}, {8, 32, 64, 16, 60}};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct buf in = {0}, out = {0};
		struct err err = {0};
		int w, h;
		str jpeg = camera(&in, 64, 32, ways[i].way);
		assert_ok(photo_make(jpeg, 1600, 90, &out, &w, &h, &err), &err);
		assert_int_equal(w, ways[i].w);
		assert_int_equal(h, ways[i].h);
		assert_true(bright(buf_str(&out), ways[i].dark_x, ways[i].dark_y) < 60);
		assert_true(bright(buf_str(&out), w - 1 - ways[i].dark_x, h - 1 - ways[i].dark_y) > 190);
		buf_done(&in);
		buf_done(&out);
	}
}

static void a_large_one_is_made_smaller_and_a_small_one_left(void **state)
{
	(void)state;
	struct buf in = {0}, out = {0};
	struct err err = {0};
	int w, h;
	str jpeg = camera(&in, 2000, 1000, 1);
	assert_ok(photo_make(jpeg, 320, 75, &out, &w, &h, &err), &err);
	assert_int_equal(w, 320);
	assert_int_equal(h, 160);
	assert_true(bright(buf_str(&out), 10, 80) < 60 && bright(buf_str(&out), 310, 80) > 190);
	buf_done(&in);
	buf_done(&out);
}

static void what_is_no_picture_or_breaks_off_is_refused(void **state)
{
	(void)state;
	struct buf in = {0}, out = {0};
	struct err err = {0};
	str jpeg = camera(&in, 400, 400, 1);
	assert_int_equal(photo_make(STR("<svg/>"), 320, 75, &out, NULL, NULL, &err), RC_INVALID);
	assert_int_equal(photo_make((str){NULL, 0}, 320, 75, &out, NULL, NULL, &err), RC_INVALID);
	for (size_t n = 0; n + 1 < jpeg.n; n += 1 + n / 8)
		assert_int_equal(photo_make(str_head(jpeg, n), 320, 75, &out, NULL, NULL, &err), RC_INVALID);
	assert_true(buf_str(&out).n == 0);
	buf_done(&in);
	/* Bytes turned over anywhere: refused or taken, never a crash. */
	for (int k = 0; k < 400; k++) {
		struct buf copy = {0};
		camera(&copy, 48, 48, 6);
		char *p = (char *)(uintptr_t)buf_str(&copy).p;
		for (int i = 0; i < 3; i++)
			p[(unsigned)(k * 7919 + i * 104729) % buf_str(&copy).n] ^= (char)(k * 31 + i + 1);
		(void)!photo_make(buf_str(&copy), 320, 75, &out, NULL, NULL, &err);
		buf_done(&copy);
	}
	buf_done(&out);
}

/* A header that promises a huge picture: refused before a pixel is decoded. */
static void too_many_pixels_are_refused_by_the_header(void **state)
{
	(void)state;
	struct buf in = {0}, out = {0};
	struct err err = {0};
	str jpeg = camera(&in, 64, 32, 1);
	char *p = (char *)(uintptr_t)jpeg.p;
	for (size_t i = 0; i + 9 < jpeg.n; i++)
		if ((unsigned char)p[i] == 0xFF && (unsigned char)p[i + 1] == 0xC0)
			memcpy(p + i + 5, "\x4E\x00\x4E\x00", 4);
	assert_int_equal(photo_make(jpeg, 320, 75, &out, NULL, NULL, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "60"));
	buf_done(&in);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_but_the_pixels_comes_along),
		cmocka_unit_test(all_eight_ways_come_out_upright),
		cmocka_unit_test(a_large_one_is_made_smaller_and_a_small_one_left),
		cmocka_unit_test(what_is_no_picture_or_breaks_off_is_refused),
		cmocka_unit_test(too_many_pixels_are_refused_by_the_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
