/* words.c -- see words.h. */
#include "store/words.h"
#include <stdint.h>

static const struct {
	const char *name;
	enum word word;
	size_t args;
} words[] = {{"in", WORD_IN, 1}, {"days", WORD_DAYS, 2}, {"age", WORD_AGE, 2}, {"month", WORD_MONTH, 1},
	{"day", WORD_DAY, 1}};

/* Length of the quoted text or comment that begins at s[at], 0 when none does, SIZE_MAX when it never ends. */
static size_t quoted(str s, size_t at)
{
	char c = s.p[at];
	if (c == '\'' || c == '"') {
		size_t end = str_find_byte(str_from(s, at + 1), c);
		return end == SIZE_MAX ? SIZE_MAX : end + 2;
	}
	if (at + 1 >= s.n || (c != '-' && c != '/'))
		return 0;
	if (c == '-' && s.p[at + 1] == '-') {
		size_t end = str_find_byte(str_from(s, at), '\n');
		return end == SIZE_MAX ? s.n - at : end + 1;
	}
	if (c == '/' && s.p[at + 1] == '*') {
		size_t end = str_find(str_from(s, at + 2), STR("*/"));
		return end == SIZE_MAX ? SIZE_MAX : end + 4;
	}
	return 0;
}

/* The inside of the brace that opens at s[at]; false when it never closes. */
static bool inside(str s, size_t at, str *out)
{
	int depth = 0;
	for (size_t i = at; i < s.n; i++) {
		size_t skip = quoted(s, i);
		if (skip == SIZE_MAX)
			return false;
		if (skip) {
			i += skip - 1;
			continue;
		}
		depth += s.p[i] == '{' ? 1 : s.p[i] == '}' ? -1 : 0;
		if (depth == 0) {
			*out = (str){s.p + at + 1, i - at - 1};
			return true;
		}
	}
	return false;
}

/* Split at single bars outside parentheses, braces and quotes. Returns their number, or cap + 1 when there are more. */
static size_t split(str s, str *parts, size_t cap)
{
	size_t n = 0, from = 0;
	int depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		size_t skip = quoted(s, i);
		if (skip && skip != SIZE_MAX) {
			i += skip - 1;
			continue;
		}
		char c = s.p[i];
		depth += c == '(' || c == '{' ? 1 : c == ')' || c == '}' ? -1 : 0;
		if (c != '|' || depth != 0)
			continue;
		if (i + 1 < s.n && s.p[i + 1] == '|') {
			i++;
			continue;
		}
		if (n == cap)
			return cap + 1;
		parts[n++] = str_trim((str){s.p + from, i - from});
		from = i + 1;
	}
	if (n == cap)
		return cap + 1;
	parts[n++] = str_trim(str_from(s, from));
	return n;
}

static bool is_parameter(str s)
{
	int64_t n;
	return s.n > 1 && s.p[0] == '?' && s.p[1] != '-' && str_i64(str_from(s, 1), &n) && n > 0;
}

static enum rc rewrite(struct buf *out, str sql, word_writer *write, int depth, struct err *err);

static enum rc one(struct buf *out, str body, word_writer *write, int depth, struct err *err)
{
	body = str_trim(body);
	size_t name_n = 0;
	while (name_n < body.n && body.p[name_n] >= 'a' && body.p[name_n] <= 'z')
		name_n++;
	str name = str_head(body, name_n), parts[WORDS_ARGS_MAX], args[WORDS_ARGS_MAX];
	size_t at = 0, known = sizeof words / sizeof *words;
	while (at < known && !str_is(name, words[at].name))
		at++;
	if (at == known || depth == WORDS_DEPTH_MAX)
		return FAIL(err, RC_INVALID, "statement: no word {%.*s}", STR_ARG(name));
	size_t n = split(str_from(body, name_n), parts, WORDS_ARGS_MAX);
	bool good = n == words[at].args;
	for (size_t i = 0; good && i < n; i++)
		good = parts[i].n > 0;
	if (!good || (words[at].word == WORD_IN && !is_parameter(parts[0])))
		return FAIL(
			err, RC_INVALID, "statement: the word {%s} wants other arguments", words[at].name);
	struct buf inner[WORDS_ARGS_MAX];
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n; i++) {
		buf_init(&inner[i], WORDS_SQL_MAX_BYTES);
		if (rc == RC_OK)
			rc = rewrite(&inner[i], parts[i], write, depth + 1, err);
		args[i] = buf_str(&inner[i]);
	}
	if (rc == RC_OK)
		write(out, words[at].word, args);
	for (size_t i = 0; i < n; i++)
		buf_done(&inner[i]);
	return rc;
}

static enum rc rewrite(struct buf *out, str sql, word_writer *write, int depth, struct err *err)
{
	for (size_t i = 0; i < sql.n;) {
		size_t skip = quoted(sql, i);
		if (skip == SIZE_MAX)
			return FAIL(err, RC_INVALID, "statement: a quote or comment never ends");
		if (skip) {
			buf_add(out, (str){sql.p + i, skip});
			i += skip;
		} else if (sql.p[i] == '{') {
			str body;
			if (!inside(sql, i, &body))
				return FAIL(err, RC_INVALID, "statement: an open brace");
			TRY(one(out, body, write, depth, err));
			i += body.n + 2;
		} else if (sql.p[i] == '}') {
			return FAIL(err, RC_INVALID, "statement: a brace too many");
		} else {
			buf_putc(out, sql.p[i++]);
		}
	}
	return RC_OK;
}

enum rc words_rewrite(struct buf *out, str sql, word_writer *write, struct err *err)
{
	if (sql.n > WORDS_SQL_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "statement longer than %d bytes", (int)WORDS_SQL_MAX_BYTES);
	TRY(rewrite(out, sql, write, 0, err));
	return buf_ok(out) ? RC_OK
			   : FAIL(err, RC_LIMIT, "statement longer than %d bytes", (int)WORDS_SQL_MAX_BYTES);
}
