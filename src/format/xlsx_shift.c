/* xlsx_shift.c -- see xlsx_shift.h. */
#include "format/xlsx_shift.h"
#include <ctype.h>

enum { LETTERS_MAX = 3, DIGITS_MAX = 7 };

int64_t xlsx_row_now(const struct xlsx_shift *s, int64_t row, bool end)
{
	int64_t now = row;
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].at < row || (end && s->list[i].at == row))
			now += s->list[i].more;
	return now;
}

/* $B$3 at the head: bytes, 0 for none. *digits: where the row's number begins. */
static size_t reference(str s, size_t *digits, int64_t *row)
{
	size_t i = s.n > 0 && s.p[0] == '$', letters = i;
	while (i < s.n && isupper((unsigned char)s.p[i]))
		i++;
	if (i == letters || i - letters > LETTERS_MAX)
		return 0;
	i += i < s.n && s.p[i] == '$';
	*digits = i;
	while (i < s.n && isdigit((unsigned char)s.p[i]))
		i++;
	if (i == *digits || i - *digits > DIGITS_MAX || s.p[*digits] == '0')
		return 0;
	if (i < s.n && (isalnum((unsigned char)s.p[i]) || s.p[i] == '_' || s.p[i] == '(' || s.p[i] == '.' ||
			       s.p[i] == '!'))
		return 0; /* LOG10(, A1B, a sheet called A1 */
	return str_i64((str){s.p + *digits, i - *digits}, row) ? i : 0;
}

/* The sheet's name before the !, at the head: bytes with the !; 0: none. */
static size_t qualifier(str s, str *name)
{
	size_t i = 0;
	if (s.n > 0 && s.p[0] == '\'') {
		size_t end = str_find_byte(str_from(s, 1), '\'');
		if (end == SIZE_MAX || end + 2 >= s.n || s.p[end + 2] != '!')
			return 0;
		*name = (str){s.p + 1, end};
		return end + 3;
	}
	while (i < s.n && (isalnum((unsigned char)s.p[i]) || s.p[i] == '_' || s.p[i] == '.' ||
				  (unsigned char)s.p[i] >= 0x80))
		i++;
	if (i == 0 || i >= s.n || s.p[i] != '!')
		return 0;
	*name = str_head(s, i);
	return i + 1;
}

static const struct xlsx_shift *named(const struct xlsx_shift *sheets, size_t n, str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(sheets[i].sheet, name))
			return &sheets[i];
	return NULL;
}

void xlsx_shift_text(struct buf *out, str text, const struct xlsx_shift *sheets, size_t sheets_n,
	const struct xlsx_shift *own, int64_t at, int64_t copy)
{
	const struct xlsx_shift *of = own;
	bool word = false, range = false; /* inside a name; behind a : */
	for (size_t i = 0; i < text.n;) {
		str rest = str_from(text, i), name;
		size_t digits, n;
		int64_t row;
		if (rest.p[0] == '"') {
			n = str_find_byte(str_from(rest, 1), '"');
			n = n == SIZE_MAX ? rest.n : n + 2;
			buf_add(out, str_head(rest, n));
			i += n;
			continue;
		}
		if (!word && (n = qualifier(rest, &name)) > 0) {
			of = named(sheets, sheets_n, name);
			buf_add(out, str_head(rest, n));
			i += n;
			continue;
		}
		if (!word && (n = reference(rest, &digits, &row)) > 0) {
			bool opens = n < rest.n && rest.p[n] == ':';
			int64_t now = row;
			if (of && copy > 0 && of == own && row == at && rest.p[digits - 1] != '$')
				now = xlsx_row_now(of, row, false) + copy;
			else if (of)
				now = xlsx_row_now(of, row, range && copy == 0 && at == 0);
			buf_add(out, str_head(rest, digits));
			buf_i64(out, now);
			i += n;
			range = opens;
			if (!opens)
				of = own;
			else {
				buf_putc(out, ':');
				i++;
			}
			continue;
		}
		unsigned char c = (unsigned char)rest.p[0];
		word = isalnum(c) || c == '_' || c == '.' || c >= 0x80;
		range = false;
		if (!word)
			of = own;
		buf_putc(out, rest.p[0]);
		i++;
	}
}
