/* tpl.h -- what the compiled templates call (tools/template): a value by its C type, escaped for where it stands.
 *     tpl_put   between tags and in quoted attributes: str, C string, integers; struct html_safe as it is
 *     tpl_href  a whole address: only one of our own (/ ? #), tel: or https:, else "#"
 *     tpl_url   a piece of an address, percent-encoded
 *     tpl_true  not empty, not 0
 * Filters: date (ISO text: 2025年3月5日 / 5 March 2025, a month too), num (12,345 from five digits on), wan (1.29万),
 * mask (first character, then **). */
#pragma once
#include "base/arena.h"
#include "format/html.h"
#include <stdint.h>

static inline void tpl_put_str(struct buf *o, str s)
{
	html_text(o, s);
}
static inline void tpl_put_cstr(struct buf *o, const char *s)
{
	html_cstr(o, s);
}
static inline void tpl_put_i64(struct buf *o, int64_t v)
{
	buf_i64(o, v);
}
static inline void tpl_put_safe(struct buf *o, struct html_safe m)
{
	html_put(o, m);
}
void tpl_href_str(struct buf *o, str s);
void tpl_href_cstr(struct buf *o, const char *s);
void tpl_url_str(struct buf *o, str s);
void tpl_url_cstr(struct buf *o, const char *s);

static inline bool tpl_true_str(str s)
{
	return s.n > 0;
}
static inline bool tpl_true_cstr(const char *s)
{
	return s && s[0];
}
static inline bool tpl_true_i64(int64_t v)
{
	return v != 0;
}
static inline bool tpl_true_u64(uint64_t v)
{
	return v != 0;
}
static inline bool tpl_true_safe(struct html_safe m)
{
	return m.s.n > 0;
}

#define TPL_INTEGERS(f, u) \
	bool : f, \
	       char : f, \
		      int : f, \
			    long : f, \
				   long long : f, \
					       unsigned : u, \
							  unsigned long : u, \
									  unsigned long long : u

/* clang-format off */
#define tpl_put(o, x) _Generic((x), str: tpl_put_str, char *: tpl_put_cstr, const char *: tpl_put_cstr, \
	struct html_safe: tpl_put_safe, TPL_INTEGERS(tpl_put_i64, buf_u64))(o, x)
#define tpl_href(o, x) _Generic((x), str: tpl_href_str, char *: tpl_href_cstr, const char *: tpl_href_cstr)(o, x)
#define tpl_url(o, x) _Generic((x), str: tpl_url_str, char *: tpl_url_cstr, const char *: tpl_url_cstr, \
	TPL_INTEGERS(tpl_put_i64, buf_u64))(o, x)
#define tpl_true(x) _Generic((x), str: tpl_true_str, char *: tpl_true_cstr, const char *: tpl_true_cstr, \
	struct html_safe: tpl_true_safe, TPL_INTEGERS(tpl_true_i64, tpl_true_u64))(x)
/* clang-format on */

void tpl_date(struct buf *o, str iso);
str tpl_month(struct arena *a, int month); /* 3月, March */
void tpl_num(struct buf *o, int64_t v);
void tpl_wan(struct buf *o, int64_t v);
void tpl_mask(struct buf *o, str name);
