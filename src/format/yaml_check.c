/* yaml_check.c -- the slips of people who type Chinese, found before the parser sees them: see yaml.h.
 *
 * A small scanner of lines that knows quotes, comments, block scalars and open brackets, and nothing else of YAML.
 * A full-width sign is a slip only where a sign of the language could stand:
 *     ：   after a word of ASCII letters that stands where a key can stand
 *     ，   in [ ] anywhere; in { } where a key follows it
 *     ｛   where a value begins;    ｝  where a { is open
 *     “ ”  round a key, or round a value that is ASCII or holds ", " or ": "
 * everywhere else it is text, as it should be in a Chinese sentence. */
#include "base/utf8.h"
#include "format/yaml.h"

enum { OPEN_MAX = 64 };

struct scan {
	struct yaml_faults *f;
	str line;
	int line_no;
	size_t at;
	char open[OPEN_MAX]; /* brackets of one-line style, over lines too */
	int open_n;
	char quote;    /* the quote that is open over lines, or 0 */
	bool key_ok;   /* a key may begin here */
	bool value_ok; /* a value begins here */
};

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-' || c == '.';
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static void fault(struct scan *s, size_t at, const char *hint, const char *message)
{
	int column = (int)utf8_count(str_head(s->line, at)) + 1;
	yaml_fault_add(s->f, s->line_no, column, tr(hint), "%s", tr(message));
}

static bool here(const struct scan *s, size_t at, const char *sign)
{
	return str_starts(str_from(s->line, at), str_of(sign));
}

static size_t word_end(const struct scan *s, size_t at)
{
	while (at < s->line.n && word_char(s->line.p[at]))
		at++;
	return at;
}

static size_t after_blanks(const struct scan *s, size_t at)
{
	while (at < s->line.n && (blank(s->line.p[at]) || here(s, at, "\xE3\x80\x80")))
		at += blank(s->line.p[at]) ? 1 : 3;
	return at;
}

/* Does `word:` or `word：` stand at `at`? */
static bool key_follows(const struct scan *s, size_t at)
{
	at = after_blanks(s, at);
	size_t end = word_end(s, at);
	return end > at && end < s->line.n && (s->line.p[end] == ':' || here(s, end, "："));
}

static void check_key(struct scan *s)
{
	size_t end = word_end(s, s->at), next = end + 1;
	bool letter = end > s->at && ((s->line.p[s->at] >= 'a' && s->line.p[s->at] <= 'z') ||
					     (s->line.p[s->at] >= 'A' && s->line.p[s->at] <= 'Z'));
	if (!letter)
		return;
	if (here(s, end, "：")) {
		fault(s, end, N_("write “: ” (a half-width colon and a blank)"),
			N_("a full-width colon ： after a key"));
		return;
	}
	if (end >= s->line.n || s->line.p[end] != ':' || next >= s->line.n)
		return;
	char c = s->line.p[next];
	if (blank(c) || c == '/' || c == '\r' || (s->open_n && strchr(",}]", c)))
		return;
	if (s->open_n && s->open[s->open_n - 1] == '[')
		return;
	fault(s, end, N_("write a blank after “:”"), N_("the blank after “:” is missing"));
}

/* A value that begins with “: only a slip when quotes were meant. */
static void check_quotes(struct scan *s)
{
	size_t from = s->at + 3, len = str_find(str_from(s->line, from), STR("”"));
	if (len == SIZE_MAX)
		return;
	str inner = {s->line.p + from, len};
	size_t next = after_blanks(s, from + len + 3);
	bool ends = next >= s->line.n || s->line.p[next] == '\r' || s->line.p[next] == '#' ||
		    (s->open_n && strchr(",}]", s->line.p[next]));
	bool is_key = next < s->line.n && (s->line.p[next] == ':' || here(s, next, "："));
	bool ascii = true;
	for (size_t i = 0; i < inner.n; i++)
		ascii &= (unsigned char)inner.p[i] < 0x80;
	bool needs = str_find(inner, STR(": ")) != SIZE_MAX ||
		     (s->open_n && str_find_byte(inner, ',') != SIZE_MAX);
	if ((s->key_ok && is_key) || (ends && (ascii || needs)))
		fault(s, s->at, N_("write half-width quotes \"…\""),
			N_("full-width quotes “ ” where quotes were meant"));
}

/* A sign of more than one byte. */
static void wide_sign(struct scan *s)
{
	char top = s->open_n ? s->open[s->open_n - 1] : 0;
	if (here(s, s->at, "，") && top && (top == '[' || key_follows(s, s->at + 3)))
		fault(s, s->at, N_("write “, ”"), N_("a full-width comma ， inside { } or [ ]"));
	else if (here(s, s->at, "｛") && s->value_ok)
		fault(s, s->at, N_("write “{”"), N_("a full-width brace ｛"));
	else if (here(s, s->at, "｝") && top == '{')
		fault(s, s->at, N_("write “}”"), N_("a full-width brace ｝"));
	else if (here(s, s->at, "“") && (s->value_ok || s->key_ok))
		check_quotes(s);
}

static void close_quote(struct scan *s)
{
	for (; s->at < s->line.n; s->at++) {
		char c = s->line.p[s->at];
		if (c == '\\' && s->quote == '"') {
			s->at++;
		} else if (c == s->quote) {
			if (c == '\'' && s->at + 1 < s->line.n && s->line.p[s->at + 1] == '\'') {
				s->at++;
				continue;
			}
			s->quote = 0;
			s->at++;
			return;
		}
	}
}

/* One ASCII sign; sets what may begin after it. */
static void sign(struct scan *s)
{
	char c = s->line.p[s->at];
	bool begins = s->value_ok || s->key_ok;
	char next = s->at + 1 < s->line.n ? s->line.p[s->at + 1] : ' ';
	bool was_key = s->key_ok, was_value = s->value_ok;
	s->key_ok = s->value_ok = false;
	if ((c == '"' || c == '\'') && begins) {
		s->quote = c;
		s->at++;
		close_quote(s);
		return;
	}
	if ((c == '{' || c == '[') && (begins || s->open_n) && s->open_n < OPEN_MAX) {
		s->open[s->open_n++] = c;
		s->key_ok = c == '{';
		s->value_ok = true;
	} else if ((c == '}' || c == ']') && s->open_n) {
		s->open_n--;
	} else if (c == ',' && s->open_n) {
		s->key_ok = s->open[s->open_n - 1] == '{';
		s->value_ok = true;
	} else if (c == ':' && (blank(next) || next == '\r')) {
		s->value_ok = true;
	} else if (c == '?' && (was_key || was_value) && (blank(next) || next == '\r')) {
		fault(s, s->at, "", N_("a key must be a plain word"));
	} else if (c == '-' && was_key && !s->open_n && (blank(next) || next == '\r')) {
		s->key_ok = s->value_ok = true;
	} else if (blank(c)) {
		s->key_ok = was_key;
		s->value_ok = was_value;
	}
	s->at++;
}

/* Ends the content with | or > (and its marks): the lines below are one text. */
static bool opens_block(str line)
{
	size_t hash = str_find(line, STR(" #"));
	line = str_trim(hash == SIZE_MAX ? line : str_head(line, hash));
	while (line.n && (strchr("+-0123456789", line.p[line.n - 1]) != NULL))
		line.n--;
	return line.n > 1 && (line.p[line.n - 1] == '|' || line.p[line.n - 1] == '>') &&
	       blank(line.p[line.n - 2]);
}

/* Signs that the subset does without, refused before libfyaml sees them: 0.7.12 falls over some uses of "? key". */
static bool strange(struct scan *s)
{
	for (size_t i = 0; i < s->line.n; i++) {
		unsigned char c = (unsigned char)s->line.p[i];
		if ((c < 0x20 && c != '\t' && !(c == '\r' && i + 1 == s->line.n)) || c == 0x7F) {
			fault(s, i, "", N_("a control character; delete it"));
			return true;
		}
	}
	return false;
}

static void check_line(struct scan *s)
{
	s->at = 0;
	if (strange(s))
		return;
	if (s->quote) {
		close_quote(s);
		if (s->quote)
			return;
	} else {
		s->key_ok = !s->open_n || s->open[s->open_n - 1] == '{';
		s->value_ok = true;
		size_t tab = 0;
		while (tab < s->line.n && s->line.p[tab] == ' ')
			tab++;
		str rest = str_trim(s->line);
		if (tab < s->line.n && s->line.p[tab] == '\t' && rest.n && rest.p[0] != '#')
			fault(s, tab, N_("use blanks, two a level"), N_("a tab may not indent; use blanks"));
	}
	while (s->at < s->line.n) {
		unsigned char c = (unsigned char)s->line.p[s->at];
		if (c == '#' && (s->at == 0 || blank(s->line.p[s->at - 1])))
			return;
		if (s->key_ok && word_char((char)c) &&
			!(c == '-' && s->at + 1 < s->line.n && blank(s->line.p[s->at + 1]))) {
			check_key(s);
			s->at = word_end(s, s->at);
			s->key_ok = s->value_ok = false;
		} else if (c < 0x80) {
			sign(s);
		} else {
			size_t n = 1;
			wide_sign(s);
			utf8_next(str_from(s->line, s->at), &n);
			bool gap = here(s, s->at, "\xE3\x80\x80") || here(s, s->at, "｛") ||
				   (s->open_n && here(s, s->at, "，"));
			s->key_ok = gap && (s->key_ok || s->open_n);
			s->value_ok = gap;
			s->at += n;
		}
	}
}

static size_t indent_of(str line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

void yaml_check_slips(struct yaml_faults *f, str text)
{
	struct scan s = {.f = f};
	size_t block = SIZE_MAX; /* indent of the line that opened a block scalar */
	while (text.n > 0) {
		str rest = {NULL, 0};
		s.line = str_cut(text, '\n', &rest);
		text = rest;
		s.line_no++;
		if (block != SIZE_MAX) {
			if (str_trim(s.line).n == 0 || indent_of(s.line) > block)
				continue;
			block = SIZE_MAX;
		}
		check_line(&s);
		if (!s.quote && !s.open_n && opens_block(s.line))
			block = indent_of(s.line);
	}
}
