/* csv.c -- see csv.h. The reader is fed in pieces (GB18030 comes out of its decoder so); a field is gathered in one
 * buffer for the record, by offset, because the buffer moves as it grows. */
#include "format/csv.h"
#include "base/utf8.h"
#include <assert.h>

enum {
	PIECE_BYTES = 64 << 10,
	LOOK_BYTES = 64 << 10, /* how far the separator is looked for */
	LOOK_RECORDS = 40
};

static const char *const SEPARATORS[] = {",", "\t", ";", "\xEF\xBC\x8C"};
enum { SEPARATORS_N = sizeof SEPARATORS / sizeof *SEPARATORS };

enum where { AT_FIELD, IN_PLAIN, IN_QUOTES, AFTER_QUOTE };

struct reader {
	enum where where;
	str separator;
	size_t separator_seen; /* bytes of a long separator that have come */
	bool after_cr;         /* a LF now belongs to the line end before */
	struct buf text;       /* of the record */
	size_t *ends;          /* field i is text[ends[i - 1]..ends[i]] */
	str *fields;
	size_t n, cap;
	struct arena a;
	uint64_t number, line, record_line, quote_line;
	enum rc (*record)(void *ctx, const struct csv_record *r, struct err *err);
	void *ctx;
};

static enum rc end_field(struct reader *r, struct err *err)
{
	if (r->n >= CSV_FIELDS_MAX)
		return FAIL(err, RC_LIMIT, "line %llu has more than %d columns",
			(unsigned long long)r->record_line, CSV_FIELDS_MAX);
	if (r->n >= r->cap) {
		size_t cap = r->cap;
		r->ends = arena_grow(&r->a, r->ends, r->n, &cap, sizeof *r->ends);
		r->fields = NEWS(&r->a, cap, str);
		r->cap = cap;
	}
	r->ends[r->n++] = r->text.n;
	r->where = AT_FIELD;
	return RC_OK;
}

static enum rc end_record(struct reader *r, struct err *err)
{
	TRY(end_field(r, err));
	for (size_t i = 0, from = 0; i < r->n; from = r->ends[i++])
		r->fields[i] = (str){r->text.p + from, r->ends[i] - from};
	struct csv_record record = {r->fields, r->n, ++r->number, r->record_line};
	enum rc rc = r->record(r->ctx, &record, err);
	r->n = 0;
	buf_clear(&r->text);
	r->record_line = r->line;
	return rc;
}

static enum rc too_long(const struct reader *r, struct err *err)
{
	return FAIL(err, RC_LIMIT, "the record at line %llu is longer than %d MB",
		(unsigned long long)r->record_line, CSV_RECORD_MAX_BYTES >> 20);
}

/* One byte outside quotes. A separator of several bytes is held back until it is whole. */
static enum rc plain_byte(struct reader *r, char c, struct err *err)
{
	if (c == r->separator.p[r->separator_seen]) {
		if (++r->separator_seen < r->separator.n)
			return RC_OK;
		r->separator_seen = 0;
		return end_field(r, err);
	}
	if (r->separator_seen) { /* it was another character with the same head */
		buf_add(&r->text, str_head(r->separator, r->separator_seen));
		r->separator_seen = 0;
		r->where = IN_PLAIN;
		return plain_byte(r, c, err);
	}
	if (c == '\n' || c == '\r') {
		r->after_cr = c == '\r';
		r->line++;
		return end_record(r, err);
	}
	if (c == '"' && r->where == AT_FIELD) {
		r->where = IN_QUOTES;
		r->quote_line = r->line;
		return RC_OK;
	}
	if (r->where == AT_FIELD)
		r->where = IN_PLAIN;
	buf_putc(&r->text, c);
	return RC_OK;
}

/* The longest run from here on in which nothing can happen, added at once. */
static size_t add_run(struct reader *r, str piece)
{
	size_t n = 0;
	char first = r->separator.p[0];
	if (r->where == IN_QUOTES) {
		const char *quote = memchr(piece.p, '"', piece.n);
		n = quote ? (size_t)(quote - piece.p) : piece.n;
		for (const char *p = piece.p; (p = memchr(p, '\n', n - (size_t)(p - piece.p))) != NULL; p++)
			r->line++;
	} else if (r->separator_seen == 0 && r->where != AFTER_QUOTE) {
		while (n < piece.n && piece.p[n] != first && piece.p[n] != '\n' && piece.p[n] != '\r' &&
			piece.p[n] != '"')
			n++;
		if (n > 0)
			r->where = IN_PLAIN;
	}
	buf_add(&r->text, str_head(piece, n));
	return n;
}

static enum rc feed(struct reader *r, str piece, struct err *err)
{
	for (size_t i = 0; i < piece.n;) {
		char c = piece.p[i];
		if (r->after_cr) {
			r->after_cr = false;
			if (c == '\n') {
				i++;
				continue;
			}
		}
		size_t run = add_run(r, str_from(piece, i));
		if (!buf_ok(&r->text))
			return too_long(r, err);
		i += run;
		if (i >= piece.n)
			break;
		c = piece.p[i++];
		if (r->where == IN_QUOTES) {
			r->where = AFTER_QUOTE; /* only a quote ends a run there */
			continue;
		}
		if (r->where == AFTER_QUOTE) {
			r->where = c == '"' ? IN_QUOTES : IN_PLAIN;
			if (c == '"') {
				buf_putc(&r->text, c);
				continue;
			}
		}
		TRY(plain_byte(r, c, err));
	}
	return RC_OK;
}

static enum rc finish(struct reader *r, struct err *err)
{
	if (r->where == IN_QUOTES)
		return FAIL(err, RC_INVALID, "the quotation mark opened in line %llu is never closed",
			(unsigned long long)r->quote_line);
	if (r->separator_seen) {
		buf_add(&r->text, str_head(r->separator, r->separator_seen));
		r->where = IN_PLAIN;
	}
	return r->where != AT_FIELD || r->n > 0 ? end_record(r, err) : RC_OK;
}

static enum rc feed_gb18030(struct reader *r, str bytes, struct err *err)
{
	struct charset_decoder d = {0};
	char *piece = arena_alloc(&r->a, CHARSET_GROWTH * PIECE_BYTES + CHARSET_EXTRA_BYTES);
	enum rc rc = RC_OK;
	for (str rest = bytes; rc == RC_OK && rest.n; rest = str_from(rest, PIECE_BYTES)) {
		size_t n;
		if (charset_decode(&d, str_head(rest, PIECE_BYTES), piece, &n))
			rc = feed(r, (str){piece, n}, err);
		else
			rc = FAIL(err, RC_INVALID, "the file is neither UTF-8 nor GB18030");
	}
	return rc;
}

/* The separator that a first line "sep=;" names, and what follows that line. */
static str after_hint(str text, str *separator)
{
	if (text.n < 6 || strncmp(text.p, "sep=", 4) != 0)
		return text;
	for (size_t i = 0; i < SEPARATORS_N; i++) {
		str s = str_of(SEPARATORS[i]), rest = str_from(text, 4);
		if (!str_starts(rest, s))
			continue;
		rest = str_from(rest, s.n);
		size_t cr = rest.n && rest.p[0] == '\r';
		if (rest.n > cr && rest.p[cr] == '\n') {
			*separator = s;
			return str_from(rest, cr + 1);
		}
	}
	return text;
}

static const str MARK = {"\xEF\xBB\xBF", 3};

enum rc csv_read(str bytes, const struct csv_info *info,
	enum rc (*record)(void *ctx, const struct csv_record *r, struct err *err), void *ctx, struct err *err)
{
	struct reader r = {.separator = str_of(info->separator), .line = 1, .record_line = 1};
	r.record = record;
	r.ctx = ctx;
	buf_init(&r.text, CSV_RECORD_MAX_BYTES);
	if (str_starts(bytes, MARK))
		bytes = str_from(bytes, MARK.n);
	str hinted = {0};
	str rest = after_hint(bytes, &hinted);
	if (rest.n != bytes.n)
		r.line = r.record_line = 2;
	enum rc rc = info->charset == CHARSET_GB18030 ? feed_gb18030(&r, rest, err) : feed(&r, rest, err);
	if (rc == RC_OK)
		rc = finish(&r, err);
	buf_done(&r.text);
	arena_done(&r.a);
	return rc;
}

/* How evenly a separator cuts the first records. */
struct cut {
	size_t counts[LOOK_RECORDS];
	size_t n;
};

static enum rc count_fields(void *ctx, const struct csv_record *record, struct err *err)
{
	(void)err;
	struct cut *c = ctx;
	if (record->n == 1 && record->fields[0].n == 0)
		return RC_OK;
	c->counts[c->n++] = record->n;
	return c->n < LOOK_RECORDS ? RC_OK : RC_FOUND;
}

/* Records with the commonest number of fields above one; *columns is that number. */
static size_t evenness(const struct cut *c, size_t *columns)
{
	size_t best = 0;
	*columns = 1;
	for (size_t i = 0; i < c->n; i++) {
		size_t same = 0;
		for (size_t k = 0; k < c->n; k++)
			same += c->counts[k] == c->counts[i];
		if (c->counts[i] > 1 && (same > best || (same == best && c->counts[i] > *columns))) {
			best = same;
			*columns = c->counts[i];
		}
	}
	return best;
}

static const char *find_separator(str text, enum charset charset)
{
	size_t best = 0, best_columns = 1;
	const char *found = SEPARATORS[0];
	str hinted = {0};
	after_hint(text, &hinted);
	if (hinted.n)
		return hinted.p;
	for (size_t i = 0; i < SEPARATORS_N; i++) {
		struct cut c = {.n = 0};
		struct csv_info info = {charset, false, SEPARATORS[i]};
		enum rc rc = csv_read(text, &info, count_fields, &c, NULL);
		if (rc != RC_OK && rc != RC_FOUND && c.n == 0)
			continue;
		size_t columns, even = evenness(&c, &columns);
		/* prose has full-width commas too: as separators they must cut every record alike */
		if (SEPARATORS[i][1] != 0 && even < c.n)
			continue;
		if (even > best || (even == best && columns > best_columns)) {
			best = even;
			best_columns = columns;
			found = SEPARATORS[i];
		}
	}
	return found;
}

/* GB18030 to the last byte? */
static bool is_gb18030(str bytes)
{
	struct charset_decoder d = {0};
	struct arena a = {0};
	char *piece = arena_alloc(&a, CHARSET_GROWTH * PIECE_BYTES + CHARSET_EXTRA_BYTES);
	bool good = true;
	for (str rest = bytes; good && rest.n; rest = str_from(rest, PIECE_BYTES)) {
		size_t n;
		good = charset_decode(&d, str_head(rest, PIECE_BYTES), piece, &n);
	}
	arena_done(&a);
	return good && d.kept_n == 0;
}

enum rc csv_look(str bytes, struct csv_info *out, struct err *err)
{
	if (bytes.n > CSV_FILE_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "the file has more than %d MB", CSV_FILE_MAX_BYTES >> 20);
	struct csv_info info = {CHARSET_UTF8, str_starts(bytes, MARK), NULL};
	if (str_find_byte(bytes, 0) != SIZE_MAX)
		return FAIL(err, RC_INVALID, "this is no text file, and no spreadsheet that can be read");
	if (!utf8_valid(bytes)) {
		if (!charset_prepare())
			return FAIL(
				err, RC_IO, "this system cannot read GB18030; save the file as CSV UTF-8");
		if (info.mark || !is_gb18030(bytes))
			return FAIL(err, RC_INVALID,
				"the text is neither UTF-8 nor GB18030; save the file as CSV UTF-8 or as "
				".xlsx");
		info.charset = CHARSET_GB18030;
	}
	str head = str_from(bytes, info.mark ? MARK.n : 0);
	if (head.n > LOOK_BYTES) { /* whole lines only; without a line end there is one record anyway */
		size_t n = LOOK_BYTES;
		while (n > 0 && head.p[n - 1] != '\n')
			n--;
		head.n = n ? n : LOOK_BYTES;
	}
	info.separator = find_separator(head, info.charset);
	*out = info;
	return RC_OK;
}

static void separate(struct csv_writer *w)
{
	if (w->begun)
		buf_putc(w->out, ',');
	w->begun = true;
}

void csv_begin(struct csv_writer *w, struct buf *out)
{
	*w = (struct csv_writer){.out = out};
	buf_add(out, MARK);
}

void csv_plain(struct csv_writer *w, str value)
{
	separate(w);
	buf_add(w->out, value);
}

/* A formula's sign, perhaps behind apostrophes: those must be told from ours. */
static bool needs_guard(str s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] == '\'')
		i++;
	return i < s.n && strchr("=+-@\t\r", s.p[i]) != NULL && s.p[i] != 0;
}

str csv_unguard(str field)
{
	return field.n && field.p[0] == '\'' && needs_guard(field) ? str_from(field, 1) : field;
}

void csv_text(struct csv_writer *w, str text)
{
	separate(w);
	bool guard = needs_guard(text),
	     quote = str_starts(text, STR("sep=")); /* not a hint, see after_hint */
	for (size_t i = 0; i < text.n && !quote; i++)
		quote = strchr("\",\r\n\t;", text.p[i]) != NULL || (i == 0 && text.p[i] == ' ');
	quote = quote || (text.n && text.p[text.n - 1] == ' ');
	if (quote)
		buf_putc(w->out, '"');
	if (guard)
		buf_putc(w->out, '\'');
	for (str rest = text; quote && rest.n;) {
		size_t n = str_find_byte(rest, '"');
		if (n == SIZE_MAX)
			n = rest.n;
		buf_add(w->out, str_head(rest, n));
		if (n < rest.n)
			buf_puts(w->out, "\"\"");
		rest = str_from(rest, n + 1);
	}
	if (!quote)
		buf_add(w->out, text);
	if (quote)
		buf_putc(w->out, '"');
}

void csv_end(struct csv_writer *w)
{
	if (!w->begun)
		buf_puts(w->out, "\"\""); /* a record of one empty field, not of none */
	buf_puts(w->out, "\r\n");
	w->begun = false;
}
