/* charset.c -- see charset.h. */
#include "format/charset.h"
#include <assert.h>
#include <errno.h>
#include <iconv.h>

#define NO_ICONV ((iconv_t)(intptr_t)-1)

const char *charset_name(enum charset c)
{
	return c == CHARSET_GB18030 ? "GB18030" : "UTF-8";
}

bool charset_prepare(void)
{
	static iconv_t kept; /* keeps the tables loaded for the life of the process */
	if (kept == NULL)
		kept = iconv_open("UTF-8", "GB18030");
	return kept != NO_ICONV;
}

bool charset_decoder_init(struct charset_decoder *d)
{
	*d = (struct charset_decoder){0};
	iconv_t cd = iconv_open("UTF-8", "GB18030");
	if (cd == NO_ICONV)
		return false;
	d->iconv = cd;
	return true;
}

void charset_decoder_done(struct charset_decoder *d)
{
	if (d->iconv)
		iconv_close(d->iconv);
	*d = (struct charset_decoder){0};
}

bool charset_decoder_ends(const struct charset_decoder *d)
{
	return d->kept_n == 0;
}

/* Converts what it can of `in`; *rest is the unfinished character at its end. */
static bool convert(iconv_t cd, str in, char **to, size_t *room, str *rest)
{
	char *p = (char *)(uintptr_t)in.p; /* iconv does not write there */
	size_t n = in.n;
	if (n > 0 && iconv(cd, &p, &n, to, room) == (size_t)-1 && errno != EINVAL)
		return false;
	*rest = (str){p, n};
	return n < 4;
}

bool charset_decode(struct charset_decoder *d, str gb, char *out, size_t *out_n)
{
	assert(d->iconv);
	char *to = out;
	size_t room = CHARSET_GROWTH * gb.n + 16;
	str rest;
	while (d->kept_n > 0 && gb.n > 0) {
		assert(d->kept_n < sizeof d->kept);
		d->kept[d->kept_n++] = gb.p[0];
		gb = str_from(gb, 1);
		if (!convert(d->iconv, (str){d->kept, d->kept_n}, &to, &room, &rest))
			return false;
		if (rest.n < d->kept_n) /* the character is whole (a shorter one may leave its last byte) */
			memmove(d->kept, rest.p, rest.n);
		d->kept_n = rest.n;
	}
	if (gb.n > 0) {
		if (!convert(d->iconv, gb, &to, &room, &rest))
			return false;
		if (rest.n)
			memcpy(d->kept, rest.p, rest.n);
		d->kept_n = rest.n;
	}
	*out_n = (size_t)(to - out);
	return true;
}

bool charset_gb18030_to_utf8(struct arena *a, str gb, str *out)
{
	struct charset_decoder d;
	size_t n;
	if (!charset_decoder_init(&d))
		return false;
	char *p = arena_alloc(a, CHARSET_GROWTH * gb.n + 17);
	bool good = charset_decode(&d, gb, p, &n) && charset_decoder_ends(&d);
	charset_decoder_done(&d);
	if (good)
		*out = (str){p, n};
	return good;
}
