/* charset.c -- see charset.h. A two-byte character is row (lead 81..FE) by column (trail 40..7E, 80..FE); a four-byte
 * one is a number in mixed base 126, 10, 126, 10, of which the first 39,420 lie in the basic plane and those from
 * 189,000 on are U+10000 and up (GB 18030, annex; WHATWG Encoding Standard, section 10.2.1). */
#include "format/charset.h"
#include "base/utf8.h"
#include <iconv.h>
#include <pthread.h>

enum {
	LEADS = 126,
	TRAILS = 190,
	FOUR_BASIC = 39420,
	FOUR_ABOVE = 189000,
	FOUR_END = FOUR_ABOVE + 0x100000,
	EURO = 0x20AC
};

static uint16_t two[LEADS * TRAILS]; /* 0: no such character */
static uint16_t four[FOUR_BASIC];
static bool ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;

const char *charset_name(enum charset c)
{
	return c == CHARSET_GB18030 ? "GB18030" : "UTF-8";
}

/* One character by iconv; 0 when there is none or it lies above the basic plane. */
static uint16_t by_iconv(iconv_t cd, const unsigned char *gb, size_t n)
{
	char in[4], out[4], *from = in, *to = out;
	size_t in_n = n, out_n = sizeof out;
	memcpy(in, gb, n);
	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &in_n, &to, &out_n) == (size_t)-1 || in_n != 0 || out_n == sizeof out)
		return 0;
	size_t len;
	uint32_t c = utf8_next((str){out, sizeof out - out_n}, &len);
	return c <= 0xffff && len == sizeof out - out_n ? (uint16_t)c : 0;
}

static size_t two_index(unsigned lead, unsigned trail)
{
	return (lead - 0x81) * TRAILS + (trail < 0x7f ? trail - 0x40 : trail - 0x41);
}

/* Where iconv of glibc differs from the standard: a blank that it takes for a private character, and six components that
 * it gives the code points of their four-byte forms. */
static void mend(void)
{
	static const struct {
		unsigned char lead, trail;
		uint16_t c;
	} mends[] = {{0xa3, 0xa0, 0x3000}, {0xfe, 0x51, 0xe816}, {0xfe, 0x52, 0xe817}, {0xfe, 0x53, 0xe818},
		{0xfe, 0x6c, 0xe831}, {0xfe, 0x76, 0xe83b}, {0xfe, 0x91, 0xe855}};
	for (size_t i = 0; i < sizeof mends / sizeof *mends; i++)
		two[two_index(mends[i].lead, mends[i].trail)] = mends[i].c;
}

static void fill(void)
{
	iconv_t cd = iconv_open("UTF-8", "GB18030");
	if (cd == (iconv_t)(intptr_t)-1)
		return;
	for (unsigned lead = 0x81; lead <= 0xfe; lead++)
		for (unsigned trail = 0x40; trail <= 0xfe; trail++) {
			unsigned char gb[2] = {(unsigned char)lead, (unsigned char)trail};
			if (trail != 0x7f)
				two[two_index(lead, trail)] = by_iconv(cd, gb, 2);
		}
	for (unsigned i = 0; i < FOUR_BASIC; i++) {
		unsigned char gb[4] = {(unsigned char)(0x81 + i / 12600),
			(unsigned char)(0x30 + i / 1260 % 10), (unsigned char)(0x81 + i / 10 % 126),
			(unsigned char)(0x30 + i % 10)};
		four[i] = by_iconv(cd, gb, 4);
	}
	iconv_close(cd);
	mend();
	ready = two[two_index(0xc7, 0xe0)] == 0x9752; /* 青 */
}

bool charset_prepare(void)
{
	pthread_once(&once, fill);
	return ready;
}

/* The character at p: its length, 0 when it is none, SIZE_MAX when its rest has not come. */
static size_t next(const unsigned char *p, size_t n, uint32_t *c)
{
	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	if (p[0] == 0x80) {
		*c = EURO;
		return 1;
	}
	if (p[0] == 0xff)
		return 0;
	if (n < 2)
		return SIZE_MAX;
	if (p[1] >= 0x40) {
		*c = p[1] == 0x7f || p[1] == 0xff ? 0 : two[two_index(p[0], p[1])];
		return *c ? 2 : 0;
	}
	if (p[1] < 0x30 || p[1] > 0x39)
		return 0;
	if (n < 4)
		return n < 3 || (p[2] >= 0x81 && p[2] <= 0xfe) ? SIZE_MAX : 0;
	if (p[2] < 0x81 || p[2] > 0xfe || p[3] < 0x30 || p[3] > 0x39)
		return 0;
	uint32_t i = (((p[0] - 0x81u) * 10 + (p[1] - 0x30u)) * LEADS + (p[2] - 0x81u)) * 10 + (p[3] - 0x30u);
	if (i < FOUR_BASIC)
		*c = four[i];
	else
		*c = i >= FOUR_ABOVE && i < FOUR_END ? 0x10000 + (i - FOUR_ABOVE) : 0;
	return *c ? 4 : 0;
}

bool charset_decode(struct charset_decoder *d, str gb, char *out, size_t *out_n)
{
	if (!charset_prepare())
		return false;
	const unsigned char *p = (const unsigned char *)gb.p;
	size_t n = 0, i = 0, len;
	uint32_t c = 0;
	while (d->kept_n > 0 && i < gb.n) {
		d->kept[d->kept_n++] = p[i++];
		len = next(d->kept, d->kept_n, &c);
		if (len == SIZE_MAX)
			continue;
		if (len != d->kept_n)
			return false;
		n += utf8_put(c, out + n);
		d->kept_n = 0;
	}
	while (i < gb.n) {
		len = next(p + i, gb.n - i, &c);
		if (len == 0)
			return false;
		if (len == SIZE_MAX) {
			d->kept_n = gb.n - i;
			memcpy(d->kept, p + i, d->kept_n);
			break;
		}
		if (len == 1 && c < 0x80)
			out[n++] = (char)c;
		else
			n += utf8_put(c, out + n);
		i += len;
	}
	*out_n = n;
	return true;
}

bool charset_gb18030_to_utf8(struct arena *a, str gb, str *out)
{
	struct charset_decoder d = {0};
	size_t n;
	char *p = arena_alloc(a, CHARSET_GROWTH * gb.n + CHARSET_EXTRA_BYTES + 1);
	if (!charset_decode(&d, gb, p, &n) || d.kept_n > 0)
		return false;
	p[n] = 0;
	*out = (str){p, n};
	return true;
}
