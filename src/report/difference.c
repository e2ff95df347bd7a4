/* difference.c -- see difference.h. */
#include "report/difference.h"
#include "base/utf8.h"

static size_t sentences(str s, str *out)
{
	static const char *const stops[] = {"。", "；", "！", "？", "\n"};
	size_t n = 0, from = 0;
	for (size_t at = 0; at <= s.n && n < DIFFERENCE_MAX; at++) {
		size_t stop = 0;
		for (size_t i = 0; at < s.n && i < sizeof stops / sizeof *stops && stop == 0; i++)
			stop = str_starts(str_from(s, at), str_of(stops[i])) ? strlen(stops[i]) : 0;
		if (stop == 0 && at < s.n)
			continue;
		str one = str_trim(str_head(str_from(s, from), at + stop - from));
		while (str_starts(one, STR("#")))
			one = str_trim(str_from(one, 1));
		if (one.n)
			out[n++] = one;
		at += stop ? stop - 1 : 0;
		from = at + 1;
	}
	return n;
}

/* What both have, what only one has, of two lists. */
static struct difference *align(
	struct arena *a, const str *x, size_t nx, const str *y, size_t ny, size_t *out_n)
{
	size_t n = 0, w = ny + 1;
	uint16_t *t = NEWS(a, (nx + 1) * w, uint16_t);
	for (size_t i = nx; i-- > 0;)
		for (size_t k = ny; k-- > 0;) {
			uint16_t down = t[(i + 1) * w + k], right = t[i * w + k + 1];
			t[i * w + k] = str_eq(x[i], y[k]) ? (uint16_t)(t[(i + 1) * w + k + 1] + 1)
				       : down > right     ? down
							  : right;
		}
	struct difference *d = NEWS(a, nx + ny + 1, struct difference);
	for (size_t i = 0, k = 0; i < nx || k < ny;) {
		if (i < nx && k < ny && str_eq(x[i], y[k])) {
			d[n++] = (struct difference){DIFF_SAME, x[i++]};
			k++;
		} else if (i < nx && (k == ny || t[(i + 1) * w + k] >= t[i * w + k + 1])) {
			d[n++] = (struct difference){DIFF_GONE, x[i++]};
		} else {
			d[n++] = (struct difference){DIFF_NEW, y[k++]};
		}
	}
	*out_n = n;
	return d;
}

struct difference *difference_of(struct arena *a, str before, str now, size_t *out_n)
{
	str *x = NEWS(a, DIFFERENCE_MAX + 1, str), *y = NEWS(a, DIFFERENCE_MAX + 1, str);
	size_t nx = sentences(before, x), ny = sentences(now, y);
	return align(a, x, nx, y, ny, out_n);
}

static bool wordy(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
	       c == '%';
}

/* A number or a Latin word is one, a Han character is one; the last holds what is beyond. */
static size_t words(str s, str *out)
{
	size_t n = 0, len;
	for (size_t at = 0; at < s.n; at += len) {
		(void)utf8_next(str_from(s, at), &len);
		while (wordy(s.p[at]) && at + len < s.n && wordy(s.p[at + len]))
			len++;
		if (n == DIFFERENCE_MAX - 1)
			len = s.n - at;
		out[n++] = str_head(str_from(s, at), len);
	}
	return n;
}

struct difference *difference_words(struct arena *a, str before, str now, size_t *out_n, size_t *out_same)
{
	str *x = NEWS(a, DIFFERENCE_MAX, str), *y = NEWS(a, DIFFERENCE_MAX, str);
	size_t nx = words(before, x), ny = words(now, y), n, k = 0;
	struct difference *d = align(a, x, nx, y, ny, &n);
	*out_same = 0;
	for (size_t i = 0; i < n; i++) {
		*out_same += d[i].kind == DIFF_SAME ? d[i].text.n : 0;
		/* Neighbours in one text are neighbours in memory. */
		bool joins = k > 0 && d[k - 1].kind == d[i].kind &&
			     d[k - 1].text.p + d[k - 1].text.n == d[i].text.p;
		if (joins)
			d[k - 1].text.n += d[i].text.n;
		else
			d[k++] = d[i];
	}
	*out_n = k;
	return d;
}
