/* photo.c -- see photo.h. Pixels by TurboJPEG; the one thing read from the camera's notes, which way is up, by hand. */
#include "format/photo.h"
#include <string.h>

#include <turbojpeg.h>

enum { M_SOI = 0xD8, M_SOS = 0xDA, M_APP1 = 0xE1, TAG_ORIENTATION = 0x0112 };

/* ---- which way is up ---- */

static unsigned u16(const unsigned char *p, bool big)
{
	return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static unsigned u32(const unsigned char *p, bool big)
{
	return big ? u16(p, big) << 16 | u16(p + 2, big) : u16(p + 2, big) << 16 | u16(p, big);
}

/* Tag 0x0112 of the first directory (EXIF 2.3, 4.6.4) of a TIFF block; 1 where there is none or it makes no sense. */
static int tag_of(const unsigned char *b, size_t n)
{
	bool big = b[0] == 'M';
	size_t at = u32(b + 4, big);
	if (at > n - 2)
		return 1;
	size_t entries = u16(b + at, big);
	for (size_t i = 0; i < entries && at + 2 + (i + 1) * 12 <= n; i++) {
		const unsigned char *e = b + at + 2 + i * 12;
		unsigned v = u16(e + 8, big);
		if (u16(e, big) == TAG_ORIENTATION)
			return v >= 1 && v <= 8 ? (int)v : 1;
	}
	return 1;
}

/* The segments before the first scan: FF marker, length of two bytes with itself. */
static int orientation(str jpeg)
{
	const unsigned char *p = (const unsigned char *)jpeg.p;
	size_t n = jpeg.n, at = 2;
	while (at + 4 <= n && p[at] == 0xFF && p[at + 1] != M_SOS) {
		size_t len = u16(p + at + 2, true);
		if (len < 2 || at + 2 + len > n)
			return 1;
		if (p[at + 1] == M_APP1 && len >= 2 + 6 + 8 && memcmp(p + at + 4, "Exif\0\0", 6) == 0)
			return tag_of(p + at + 10, len - 8);
		at += 2 + len;
	}
	return 1;
}

/* ---- pixels ---- */

struct pixels {
	int w, h;
	unsigned char *p; /* RGB */
};

/* Each pixel of the smaller picture is the mean of those that it covers. */
static void smaller(struct arena *a, const struct pixels *from, int w, int h, struct pixels *to)
{
	*to = (struct pixels){w, h, arena_alloc(a, (size_t)w * (size_t)h * 3)};
	for (int y = 0; y < h; y++) {
		int y0 = (int)((int64_t)y * from->h / h), y1 = (int)((int64_t)(y + 1) * from->h / h);
		for (int x = 0; x < w; x++) {
			int x0 = (int)((int64_t)x * from->w / w), x1 = (int)((int64_t)(x + 1) * from->w / w);
			unsigned sum[3] = {0};
			for (int j = y0; j < y1; j++)
				for (int i = x0; i < x1; i++)
					for (int c = 0; c < 3; c++)
						sum[c] += from->p[((size_t)j * (size_t)from->w + (size_t)i) *
									  3 +
								  (size_t)c];
			unsigned n = (unsigned)((y1 - y0) * (x1 - x0));
			for (int c = 0; c < 3; c++)
				to->p[((size_t)y * (size_t)w + (size_t)x) * 3 + (size_t)c] =
					(unsigned char)(sum[c] / n);
		}
	}
}

/* Orientations 2 to 8 mirror, turn, or both; from 5 on the sides change places. */
static void upright(struct arena *a, const struct pixels *from, int how, struct pixels *to)
{
	bool turned = how >= 5;
	int w = turned ? from->h : from->w, h = turned ? from->w : from->h;
	*to = (struct pixels){w, h, arena_alloc(a, (size_t)w * (size_t)h * 3)};
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			int i = turned ? y : x, j = turned ? x : y;
			if (how == 2 || how == 3 || how == 7 || how == 8)
				i = from->w - 1 - i;
			if (how == 3 || how == 4 || how == 6 || how == 7)
				j = from->h - 1 - j;
			memcpy(to->p + ((size_t)y * (size_t)w + (size_t)x) * 3,
				from->p + ((size_t)j * (size_t)from->w + (size_t)i) * 3, 3);
		}
}

/* The coarsest scale (1/8 to 8/8) at which TurboJPEG still gives at least `side`. */
static tjscalingfactor scale_for(int w, int h, int side)
{
	tjscalingfactor f = {1, 1};
	int longer = w > h ? w : h;
	for (int k = 7; k >= 1; k--)
		if ((k & (k - 1)) == 0 && longer * k / 8 >= side)
			f = (tjscalingfactor){1, 8 / k};
	return f;
}

static enum rc no_picture(struct err *err)
{
	return FAIL(err, RC_INVALID, "this is no JPEG picture, or it is damaged");
}

static enum rc decode(struct arena *a, tjhandle tj, str jpeg, int side, struct pixels *out, struct err *err)
{
	const unsigned char *p = (const unsigned char *)jpeg.p;
	int w = 0, h = 0, subsampling, space;
	if (jpeg.n < 4 || p[0] != 0xFF || p[1] != M_SOI ||
		tjDecompressHeader3(tj, p, jpeg.n, &w, &h, &subsampling, &space) != 0 || w <= 0 || h <= 0)
		return no_picture(err);
	if (w > PHOTO_SIDE_MAX || h > PHOTO_SIDE_MAX || (int64_t)w * h > PHOTO_PIXELS_MAX)
		return FAIL(err, RC_INVALID, "the picture has too many pixels: at most %d million",
			PHOTO_PIXELS_MAX / 1000000);
	tjscalingfactor f = scale_for(w, h, side);
	out->w = TJSCALED(w, f);
	out->h = TJSCALED(h, f);
	out->p = arena_alloc(a, (size_t)out->w * (size_t)out->h * 3);
	/* A warning is data that ended early or does not fit: the rest would be grey. */
	return tjDecompress2(tj, p, jpeg.n, out->p, out->w, 0, out->h, TJPF_RGB, TJFLAG_STOPONWARNING) == 0
		       ? RC_OK
		       : no_picture(err);
}

static enum rc encode(const struct pixels *px, int quality, struct buf *out, struct err *err)
{
	unsigned char *bytes = NULL;
	unsigned long n = 0;
	tjhandle tj = tjInitCompress();
	int bad = tj == NULL || tjCompress2(tj, px->p, px->w, 0, px->h, TJPF_RGB, &bytes, &n, TJSAMP_420,
					quality, TJFLAG_ACCURATEDCT) != 0;
	if (!bad)
		buf_add(out, (str){(const char *)bytes, n});
	tjFree(bytes);
	if (tj)
		tjDestroy(tj);
	if (bad)
		return FAIL(err, RC_IO, "the picture could not be written");
	return buf_ok(out) ? RC_OK : FAIL(err, RC_LIMIT, "the picture is too large");
}

enum rc photo_make(
	str jpeg, int side, int quality, struct buf *out, int *out_width, int *out_height, struct err *err)
{
	struct arena a = {0};
	struct pixels px = {0}, less = {0}, up = {0};
	tjhandle tj = tjInitDecompress();
	enum rc rc = tj ? decode(&a, tj, jpeg, side, &px, err)
			: FAIL(err, RC_IO, "the picture could not be written");
	if (rc == RC_OK) {
		int longer = px.w > px.h ? px.w : px.h;
		int w = longer > side ? (int)((int64_t)px.w * side / longer) : px.w;
		int h = longer > side ? (int)((int64_t)px.h * side / longer) : px.h;
		smaller(&a, &px, w > 0 ? w : 1, h > 0 ? h : 1, &less);
		upright(&a, &less, orientation(jpeg), &up);
		rc = encode(&up, quality, out, err);
	}
	if (out_width)
		*out_width = up.w;
	if (out_height)
		*out_height = up.h;
	if (tj)
		tjDestroy(tj);
	arena_done(&a);
	return rc;
}
