/* pg_text.c -- see pg_text.h. */
#include "store/pg_text.h"
#include <stdint.h>
#include <stdio.h>
#include <strings.h>

void pg_words(struct buf *out, enum word word, const str *args)
{
	switch (word) {
	case WORD_IN:
		buf_printf(out, "= ANY (%.*s)", STR_ARG(args[0]));
		break;
	case WORD_DAYS:
		buf_printf(out, "CAST(CAST(%.*s AS DATE) - CAST(%.*s AS DATE) AS BIGINT)", STR_ARG(args[1]),
			STR_ARG(args[0]));
		break;
	case WORD_AGE:
		buf_printf(out,
			"(CAST(substr(%.*s, 1, 4) AS BIGINT) - CAST(substr(%.*s, 1, 4) AS BIGINT)"
			" - CASE WHEN substr(%.*s, 6, 2) < substr(%.*s, 6, 2) THEN 1 ELSE 0 END)",
			STR_ARG(args[1]), STR_ARG(args[0]), STR_ARG(args[1]), STR_ARG(args[0]));
		break;
	case WORD_MONTH:
		buf_printf(out, "substr(%.*s, 1, 7)", STR_ARG(args[0]));
		break;
	case WORD_DAY:
		buf_printf(out,
			"(to_char(TIMESTAMP '1970-01-01' + (%.*s) * INTERVAL '1 millisecond', 'YYYY-MM-DD')"
			" COLLATE \"C\")",
			STR_ARG(args[0]));
		break;
	}
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The token at s[at]: a quoted text or identifier, a comment, a name, or one byte. SIZE_MAX: it never ends. */
static size_t token(str s, size_t at)
{
	char c = s.p[at];
	size_t n = 1;
	if (c == '\'' || c == '"') {
		size_t end = str_find_byte(str_from(s, at + 1), c);
		return end == SIZE_MAX ? SIZE_MAX : end + 2;
	}
	if (c == '-' && at + 1 < s.n && s.p[at + 1] == '-') {
		size_t end = str_find_byte(str_from(s, at), '\n');
		return end == SIZE_MAX ? s.n - at : end + 1;
	}
	if (c == '/' && at + 1 < s.n && s.p[at + 1] == '*') {
		size_t end = str_find(str_from(s, at + 2), STR("*/"));
		return end == SIZE_MAX ? SIZE_MAX : end + 4;
	}
	while (is_name(c) && at + n < s.n && is_name(s.p[at + n]))
		n++;
	return n;
}

static bool word_is(str t, const char *word)
{
	return t.n == strlen(word) && strncasecmp(t.p, word, t.n) == 0;
}

static size_t after_space(str s, size_t at)
{
	while (at < s.n && is_space(s.p[at]))
		at++;
	return at;
}

static str next_word(str s, size_t at)
{
	at = after_space(s, at);
	if (at >= s.n)
		return (str){s.p, 0};
	size_t n = token(s, at);
	return (str){s.p + at, n == SIZE_MAX ? 1 : n};
}

/* Where one stands in the statement. */
struct place {
	bool ddl, table; /* CREATE or ALTER; CREATE TABLE */
	int depth;
	bool fresh; /* the next name begins a column */
	bool keys;  /* some have been taken out */
	str table_name, column;
};

/* REFERENCES t(id) DEFERRABLE INITIALLY DEFERRED: its length. */
static size_t reference(str s, size_t at)
{
	static const char *const tail[] = {"DEFERRABLE", "INITIALLY", "DEFERRED"};
	size_t end = at + strlen("REFERENCES");
	size_t close = str_find_byte(str_from(s, end), ')');
	if (close == SIZE_MAX)
		return 0;
	end += close + 1;
	for (size_t i = 0; i < 3; i++) {
		str w = next_word(s, end);
		if (!word_is(w, tail[i]))
			break;
		end = (size_t)(w.p - s.p) + w.n;
	}
	return end - at;
}

static void drop_comma(struct buf *out)
{
	while (out->n && (is_space(out->p[out->n - 1]) || out->p[out->n - 1] == ','))
		out->n--;
}

/* A name outside quotes; returns how much was read. */
static size_t name(struct buf *out, struct buf *keys, str s, size_t at, size_t n, struct place *p)
{
	str t = {s.p + at, n};
	if (word_is(t, "INTEGER")) {
		buf_puts(out, "BIGINT");
	} else if (word_is(t, "BLOB")) {
		buf_puts(out, "BYTEA");
	} else if (p->ddl && word_is(t, "TEXT")) {
		buf_puts(out, "TEXT COLLATE \"C\"");
	} else if (p->ddl && word_is(t, "STRICT")) {
		;
	} else if (p->ddl && word_is(t, "WITHOUT") && word_is(next_word(s, at + n), "ROWID")) {
		drop_comma(out);
		str rowid = next_word(s, at + n);
		return (size_t)(rowid.p - s.p) + rowid.n - at;
	} else if (p->table && p->depth == 1 && keys && word_is(t, "REFERENCES") && reference(s, at)) {
		size_t all = reference(s, at);
		if (!p->keys)
			buf_printf(keys, "ALTER TABLE %.*s", STR_ARG(p->table_name));
		buf_printf(keys, "%s ADD FOREIGN KEY (%.*s) %.*s", p->keys ? "," : "", STR_ARG(p->column),
			(int)all, s.p + at);
		p->keys = true;
		return all;
	} else if (n == 1 && (t.p[0] == 'x' || t.p[0] == 'X') && at + 1 < s.n && s.p[at + 1] == '\'') {
		size_t q = token(s, at + 1);
		if (q == SIZE_MAX)
			return SIZE_MAX;
		buf_printf(out, "'\\x%.*s'::bytea", (int)(q - 2), s.p + at + 2);
		return q + 1;
	} else {
		buf_add(out, t);
	}
	return n;
}

static void begin_statement(struct place *p, struct buf *keys, str s, size_t at)
{
	str first = next_word(s, at);
	if (p->keys)
		buf_putc(keys, '\n');
	*p = (struct place){0};
	if (!word_is(first, "CREATE") && !word_is(first, "ALTER"))
		return;
	p->ddl = true;
	str second = next_word(s, (size_t)(first.p - s.p) + first.n);
	if (word_is(first, "CREATE") && word_is(second, "TABLE")) {
		p->table = true;
		p->table_name = next_word(s, (size_t)(second.p - s.p) + second.n);
	}
}

enum rc pg_text(struct buf *out, struct buf *out_keys, str s, struct err *err)
{
	struct place p = {0};
	begin_statement(&p, out_keys, s, 0);
	for (size_t i = 0; i < s.n;) {
		size_t n = token(s, i);
		char c = s.p[i];
		if (n == SIZE_MAX)
			return FAIL(err, RC_INVALID, "statement: a quote or comment never ends");
		if (p.fresh && (is_name(c) || c == '"')) {
			p.column = (str){s.p + i, n};
			p.fresh = false;
		}
		p.depth += c == '(' ? 1 : c == ')' ? -1 : 0;
		if ((c == '(' && p.depth == 1) || (c == ',' && p.depth == 1))
			p.fresh = true;
		if (c == '?') {
			buf_putc(out, '$');
		} else if (is_name(c) && !(c >= '0' && c <= '9')) {
			n = name(out, out_keys, s, i, n, &p);
			if (n == SIZE_MAX)
				return FAIL(err, RC_INVALID, "statement: a quote or comment never ends");
		} else {
			buf_add(out, (str){s.p + i, n});
		}
		i += n;
		if (c == ';')
			begin_statement(&p, out_keys, s, i);
	}
	if (p.keys)
		buf_putc(out_keys, '\n');
	return buf_ok(out) ? RC_OK
			   : FAIL(err, RC_LIMIT, "statement longer than %d bytes", WORDS_SQL_MAX_BYTES);
}

static bool has_word(str s, const char *word)
{
	for (size_t i = 0; i < s.n;) {
		size_t n = token(s, i);
		if (n == SIZE_MAX)
			return false;
		if (word_is((str){s.p + i, n}, word))
			return true;
		i += n;
	}
	return false;
}

enum pg_kind pg_kind_of(str s)
{
	str first = next_word(s, 0);
	if (word_is(first, "INSERT") || word_is(first, "UPDATE") || word_is(first, "DELETE"))
		return has_word(s, "RETURNING") ? PG_READS : PG_WRITES;
	if (word_is(first, "CREATE") || word_is(first, "ALTER") || word_is(first, "DROP"))
		return PG_SHAPES;
	if (word_is(first, "BEGIN"))
		return PG_BEGINS;
	if (word_is(first, "COMMIT"))
		return PG_COMMITS;
	if (word_is(first, "SAVEPOINT") || word_is(first, "RELEASE"))
		return PG_SAVES;
	if (word_is(first, "ROLLBACK"))
		return word_is(next_word(s, (size_t)(first.p - s.p) + first.n), "TO") ? PG_ROLLS_BACK_TO
										      : PG_ROLLS_BACK;
	return PG_READS;
}

int pg_params(str s)
{
	int most = 0;
	for (size_t i = 0; i < s.n;) {
		size_t n = token(s, i);
		if (n == SIZE_MAX)
			break;
		if (s.p[i] == '$') {
			int64_t v = 0;
			str digits = next_word(s, i + 1);
			if (str_i64(digits, &v) && v > most && v <= UINT16_MAX)
				most = (int)v;
		}
		i += n;
	}
	return most;
}

bool pg_is_one(str s)
{
	bool some = false, ended = false;
	for (size_t i = 0; i < s.n;) {
		size_t n = token(s, i);
		char c = s.p[i];
		if (n == SIZE_MAX)
			return some && !ended;
		bool comment = n > 1 && (c == '-' || c == '/');
		if (c == ';') {
			ended = true;
		} else if (!is_space(c) && !comment) {
			if (ended)
				return false;
			some = true;
		}
		i += n;
	}
	return some;
}

bool pg_schema_of(const char *options, char out[64])
{
	const char *at = options ? strstr(options, "search_path=") : NULL;
	size_t n = 0;
	if (at == NULL) {
		snprintf(out, 64, "public");
		return true;
	}
	at += strlen("search_path=");
	while ((at[n] >= 'a' && at[n] <= 'z') || (at[n] >= '0' && at[n] <= '9' && n) || at[n] == '_')
		n++;
	if (n == 0 || n > 63 || (at[n] && at[n] != ' '))
		return false;
	snprintf(out, 64, "%.*s", (int)n, at);
	return strncmp(out, "pg_", 3) != 0 && strcmp(out, "information_schema") != 0;
}
