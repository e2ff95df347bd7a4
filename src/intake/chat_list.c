/* chat_list.c -- see chat_list.h. Both passes cut a line into the same pieces, (column, text); what they do with a piece
 * differs. */
#include "intake/chat_list.h"
#include "base/utf8.h"
#include "register/narrow.h"

#define REST "余下的字"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- lines ---- */

/* "1. 张三" "2、" "3)" "(4)" "⑤": what follows the number; false where there is none. */
static bool item(str line, str *out_rest)
{
	static const char *const marks[] = {".", "、", ")", ":", "．", NULL};
	str s = str_trim(line);
	size_t digits = 0, n;
	if (s.n == 0)
		return false;
	uint32_t first = utf8_next(s, &n);
	if (first >= 0x2460 && first <= 0x2473) {
		*out_rest = str_trim(str_from(s, n));
		return out_rest->n > 0;
	}
	if (s.p[0] == '(')
		s = str_from(s, 1);
	while (digits < s.n && is_digit(s.p[digits]))
		digits++;
	if (digits == 0 || digits > 4)
		return false;
	str after = str_from(s, digits);
	for (int i = 0; marks[i]; i++) {
		if (!str_starts(after, str_of(marks[i])))
			continue;
		after = str_from(after, strlen(marks[i]));
		*out_rest = str_trim(after);
		bool point =
			marks[i][0] == '.' || marks[i][0] == ':'; /* 1.5小时, 9:30 and 2025.3.5 are none */
		return out_rest->n > 0 && !(point && is_digit(after.p[0]));
	}
	return false;
}

bool chat_list_looks(struct arena *a, const str *lines, size_t n)
{
	size_t items = 0, since = 0;
	str rest;
	for (size_t i = 0; i < n; i++) {
		str line = narrow(a, lines[i]);
		if (line.n == 0)
			continue;
		bool one = item(line, &rest);
		items += one;
		since += items > 0;
	}
	return items > 0 && items * 2 >= since;
}

str chat_list_line(struct arena *a, const str *cells, size_t n)
{
	str line = {NULL, 0};
	for (size_t i = 0; i < n; i++)
		if (cells[i].n)
			line = line.n ? arena_fmt(a, "%.*s %.*s", STR_ARG(line), STR_ARG(cells[i]))
				      : cells[i];
	return line;
}

/* ---- words ---- */

static bool parts(uint32_t c)
{
	static const uint32_t signs[] = {
		',', ';', '/', '|', '+', '(', ')', 0x3000, 0x3001, 0x3002, 0x3010, 0x3011};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (c == signs[i])
			return true;
	return c <= ' ';
}

/* The next word; blanks, commas and brackets part words, and so does a digit behind a Han character (张三138...). */
static str word(str *rest)
{
	str s = *rest;
	size_t n, start = 0, end;
	bool han = false, colon = false;
	for (; start < s.n; start += n) {
		if (!parts(utf8_next(str_from(s, start), &n)))
			break;
	}
	for (end = start; end < s.n; end += n) {
		uint32_t c = utf8_next(str_from(s, end), &n);
		if (parts(c))
			break;
		if (han && !colon && c < 128 && is_digit((char)c))
			break;
		colon = colon || c == ':';
		han = utf8_is_han(c) &&
		      !(end > start && is_digit(s.p[start])); /* 3月5日 and 1小时30分 stay whole */
	}
	*rest = str_from(s, end);
	return str_head(str_from(s, start), end - start);
}

static size_t digits_of(str s)
{
	size_t n = 0;
	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

static bool ends_with_one(str s, const char *const *ends)
{
	for (int i = 0; ends[i]; i++)
		if (str_ends(s, str_of(ends[i])))
			return true;
	return false;
}

static bool is_phone(struct arena *a, str w, str *out)
{
	char *plain = arena_alloc(a, w.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < w.n; i++)
		if (w.p[i] != '-')
			plain[n++] = w.p[i];
	*out = (str){plain, n};
	return n == 11 && digits_of(*out) == 11 && plain[0] == '1' && plain[1] >= '3';
}

static bool is_id(str w)
{
	return w.n == 18 && digits_of(w) >= 17 && (is_digit(w.p[17]) || w.p[17] == 'X' || w.p[17] == 'x');
}

static bool is_hours(str w)
{
	static const char *const ends[] = {"小时", "钟头", "分", "分钟", "h", "H", "min", NULL};
	return digits_of(w) > 0 && ends_with_one(w, ends);
}

static bool is_count(str w)
{
	static const char *const ends[] = {"人", "名", "位", NULL};
	size_t n = digits_of(w);
	return n > 0 && n + 3 == w.n && ends_with_one(w, ends);
}

static bool is_date(str w)
{
	size_t n = digits_of(w);
	if (n == 0 || n == w.n || n > 4)
		return false;
	str after = str_from(w, n);
	bool sign = n == 4 && (after.p[0] == '-' || after.p[0] == '.') && digits_of(str_from(after, 1)) > 0;
	return sign || str_starts(after, STR("年")) || str_starts(after, STR("月"));
}

static bool is_unit(str w)
{
	static const char *const ends[] = {"支部", "总支", "团委", "工委", "学校", "小学", "中学", "大学",
		"学院", "社区", "街道", "公司", "大队", "中队", "镇", "村", "局", "班", NULL};
	return utf8_count(w) >= 3 && digits_of(w) == 0 && ends_with_one(w, ends);
}

static bool is_name(str w)
{
	size_t chars = 0, n;
	bool dot = false;
	for (str s = w; s.n; s = str_from(s, n), chars++) {
		uint32_t c = utf8_next(s, &n);
		bool middle = c == 0xB7 || c == 0x2022 || c == 0x30FB;
		dot = dot || middle;
		if (!middle && !utf8_is_han(c))
			return false;
	}
	return chars >= 2 && chars <= (dot ? 20 : 4);
}

static const struct field *first_of(const struct reg *r, enum field_type type)
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (r->fields[i].type == type)
			return &r->fields[i];
	return NULL;
}

static const struct field *choice_of(struct arena *a, const struct reg *r, str w)
{
	for (size_t i = 0; i < r->fields_n; i++)
		for (size_t k = 0; r->fields[i].type == T_CHOICE && k < r->fields[i].choices_n; k++)
			if (str_eq(w, narrow_label(a, r->fields[i].choices[k].label.zh)))
				return &r->fields[i];
	return NULL;
}

static const struct field *title_of(const struct reg *r)
{
	const struct field *f = reg_field(r, STR("title"));
	return f ? f : reg_field(r, STR("name"));
}

/* ---- pieces: (column, text) ---- */

struct piece {
	str header, text;
};

struct pieces {
	struct piece list[CHAT_COLUMNS_MAX];
	size_t n;
};

static bool has(const struct pieces *p, str header)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->list[i].header, header))
			return true;
	return false;
}

static void put(struct arena *a, struct pieces *p, str header, str text)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->list[i].header, header)) {
			p->list[i].text = arena_fmt(a, "%.*s %.*s", STR_ARG(p->list[i].text), STR_ARG(text));
			return;
		}
	if (p->n < CHAT_COLUMNS_MAX)
		p->list[p->n++] = (struct piece){header, text};
}

/* A column's own name before a colon; 日期 alone is the day on which the row happens. */
static bool named(struct arena *a, const struct reg *r, str w, struct piece *out)
{
	str value, key = str_cut(w, ':', &value);
	if (key.n == 0 || key.n == w.n || digits_of(key) == key.n)
		return false;
	if (str_is(key, "日期") && r->happens_field)
		key = r->happens_field->label.zh;
	else if (import_column(a, r, key, NULL, 0).kind == COL_NONE)
		return false;
	*out = (struct piece){key, str_trim(value)};
	return true;
}

/* By its looks; an empty header: none of its kind here, or there is one already. */
static struct piece by_looks(struct arena *a, const struct reg *r, const struct pieces *so_far, str w)
{
	const struct field *hours = first_of(r, T_HOURS), *choice = choice_of(a, r, w), *title = title_of(r);
	bool people = r->person || str_is(r->id, "person");
	str phone;
	struct piece p = {STR(""), w};
	if (people && is_phone(a, w, &phone))
		p = (struct piece){STR("电话"), phone};
	else if (people && is_id(w))
		p.header = STR("身份证号");
	else if (people && (str_is(w, "男") || str_is(w, "女")))
		p.header = STR("性别");
	else if (hours && is_hours(w))
		p.header = hours->label.zh;
	else if (r->n_field && is_count(w))
		p = (struct piece){r->n_field->label.zh, str_head(w, digits_of(w))};
	else if (r->happens_field && is_date(w))
		p.header = r->happens_field->label.zh;
	else if (choice)
		p.header = choice->label.zh;
	else if (is_unit(w))
		p.header = STR("单位");
	else if (people && is_name(w))
		p.header = STR("姓名");
	else if (!people && title && digits_of(w) < w.n)
		p.header = title->label.zh;
	return p.header.n && has(so_far, p.header) ? (struct piece){STR(""), w} : p;
}

/* A NAME：VALUE takes the words behind it that are none by themselves (海滩 一号). */
static void cut_line(struct arena *a, const struct reg *r, str line, bool only_named, struct pieces *out)
{
	str header = STR("");
	for (str rest = line; str_trim(rest).n;) {
		str w = word(&rest);
		struct piece p;
		if (w.n == 0)
			continue;
		if (named(a, r, w, &p)) {
			header = p.header;
			if (p.text.n)
				put(a, out, p.header, p.text);
			continue;
		}
		p = only_named ? (struct piece){STR(""), w} : by_looks(a, r, out, w);
		if (header.n && (p.header.n == 0 || !has(out, header)))
			put(a, out, header, w);
		else if (p.header.n)
			put(a, out, p.header, p.text);
		else if (!only_named)
			put(a, out, STR(REST), w);
	}
}

/* true: a numbered line. */
static bool read_line(struct arena *a, const struct reg *r, str line, struct pieces *out, str *out_unit)
{
	str plain = narrow(a, line), rest;
	out->n = 0;
	if (import_row_kind(a, &plain, 1, out_unit) == ROW_UNIT)
		return false;
	bool one = item(plain, &rest);
	cut_line(a, r, one ? rest : plain, !one, out);
	return one && out->n > 0;
}

static size_t column_at(const struct chat_list *c, str header)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->headers[i], header))
			return i;
	return SIZE_MAX;
}

void chat_list_learn(struct chat_list *c, str line)
{
	struct pieces p;
	str unit = {NULL, 0};
	read_line(c->a, c->reg, line, &p, &unit);
	if (unit.n)
		c->sender = unit;
	for (size_t i = 0; i < p.n; i++)
		if (column_at(c, p.list[i].header) == SIZE_MAX && c->n < CHAT_COLUMNS_MAX)
			c->headers[c->n++] = p.list[i].header;
}

void chat_list_begin(struct chat_list *c)
{
	memset(c->held, 0, sizeof c->held);
}

bool chat_list_row(struct arena *a, struct chat_list *c, str line, str *cells)
{
	struct pieces p;
	str unit = {NULL, 0};
	bool one = read_line(a, c->reg, line, &p, &unit);
	if (one)
		memcpy(cells, c->held, c->n * sizeof *cells);
	for (size_t i = 0; i < p.n; i++) {
		size_t at = column_at(c, p.list[i].header);
		if (at != SIZE_MAX)
			(one ? cells : c->held)[at] = one ? p.list[i].text : arena_str(c->a, p.list[i].text);
	}
	return one;
}
