/* str.h -- a borrowed slice of bytes, UTF-8 unless a function says otherwise. Never owns, need not end in NUL.
 * {NULL, 0} is the empty slice. Passed by value. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct str {
	const char *p;
	size_t n;
} str;

#define STR(literal) ((str){(literal), sizeof(literal) - 1})
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "") /* for "%.*s" */

static inline str str_of(const char *c)
{
	return (str){c, c ? strlen(c) : 0};
}

bool str_eq(str a, str b);
bool str_is(str a, const char *c); /* equal to a C string */
int str_cmp(str a, str b);         /* by bytes, as COLLATE BINARY and "C" do */
bool str_starts(str s, str head);
bool str_ends(str s, str tail);
str str_from(str s, size_t at);      /* s[at..], empty past the end */
str str_head(str s, size_t n);       /* s[..n] */
size_t str_find(str s, str what);    /* offset, or SIZE_MAX */
size_t str_find_byte(str s, char c); /* offset, or SIZE_MAX */
/* Does `what` stand in it, ASCII letters of either case alike? Nothing asked for stands nowhere. */
bool str_speaks_of(str s, str what);
/* Cut off what stands before the first `sep`: returns it, *rest is what follows (empty when there is no sep). */
str str_cut(str s, char sep, str *rest);
str str_trim(str s); /* ASCII blanks, U+00A0, U+3000, U+FEFF, U+200B at both ends */
/* Whole slice as a decimal integer ([-]digits); false on anything else or overflow. */
bool str_i64(str s, int64_t *out);
uint64_t str_hash(str s); /* for tables in memory; not keyed, not stable across versions */
