/* html.h -- text into HTML. Escaping is the rule: a str can only become text (html_text), markup of our own travels as
 * struct html_safe, which no conversion makes from a str but html_trust(), and html_trust stands only where the
 * markup was built by our code (tools/lint greps for it).
 *
 * html_text escapes & < > " ' and so serves between tags and inside quoted attributes alike; the template compiler
 * allows placeholders nowhere else. html_url escapes a value for the query or path of an address, then for HTML. */
#pragma once
#include "base/buf.h"
#include "base/str.h"

struct html_safe {
	str s;
};

static inline struct html_safe html_trust(str our_own_markup)
{
	return (struct html_safe){our_own_markup};
}

void html_text(struct buf *out, str s);
void html_cstr(struct buf *out, const char *c); /* NULL: nothing */
void html_put(struct buf *out, struct html_safe markup);
/* Percent-encodes all but unreserved characters (RFC 3986); the result needs no further escaping anywhere. */
void html_url(struct buf *out, str part);
