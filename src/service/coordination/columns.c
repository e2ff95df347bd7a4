/* columns.c -- see columns.h. */
#include "service/coordination/columns.h"
#include "base/tr.h"
#include "base/utf8.h"
#include "format/json.h"

static const struct {
	const char *zh, *en;
	enum field_type type;
} types[] = {{"文字", "text", T_TEXT}, {"数字", "number", T_INTEGER}, {"金额", "money", T_MONEY},
	{"日期", "date", T_DATE}, {"是否", "yes", T_BOOL}, {"选项", "choice", T_CHOICE}};

static const char *const line_ends[] = {"\n", "；", ";", NULL}, *const bars[] = {"|", "｜", NULL},
			 *const commas[] = {"、", "，", ",", NULL}, *const blanks[] = {" ", "　", "：", NULL};

/* What stands before the first of the marks; *rest is what follows it. */
static str cut(str s, const char *const *marks, str *rest)
{
	size_t at = SIZE_MAX, wide = 0;
	for (; *marks; marks++) {
		size_t found = str_find(s, str_of(*marks));
		if (found < at) {
			at = found;
			wide = strlen(*marks);
		}
	}
	*rest = at == SIZE_MAX ? (str){NULL, 0} : str_from(s, at + wide);
	return str_trim(at == SIZE_MAX ? s : str_head(s, at));
}

static enum rc choices(struct arena *a, struct field *f, str words, struct err *err)
{
	f->choices = NEWS(a, COLUMN_CHOICES_MAX, struct choice);
	while (words.n) {
		str one = cut(words, commas, &words);
		if (one.n == 0)
			continue;
		if (f->choices_n == COLUMN_CHOICES_MAX)
			return FAIL(err, RC_LIMIT, "“%.*s”: more than %d choices", STR_ARG(f->label.zh),
				COLUMN_CHOICES_MAX);
		f->choices[f->choices_n++] = (struct choice){.id = one, .label = {one, one}};
	}
	return f->choices_n > 1 ? RC_OK
				: FAIL(err, RC_INVALID, "“%.*s”: a choice needs two words at least, as in %s",
					  STR_ARG(f->label.zh), "选项 甲、乙");
}

/* "数字", "choice A, B" */
static enum rc type(struct arena *a, struct field *f, str words, struct err *err)
{
	str rest, name = cut(words, blanks, &rest);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (str_is(name, types[i].zh) || str_is(name, types[i].en)) {
			f->type = types[i].type;
			return f->type == T_CHOICE ? choices(a, f, rest, err) : RC_OK;
		}
	return FAIL(err, RC_INVALID,
		"“%.*s”: “%.*s” is no type of a column; there are 文字 (text), 数字 (number), 金额 (money), "
		"日期 (date), 是否 (yes), 选项 (choice)",
		STR_ARG(f->label.zh), STR_ARG(name));
}

static enum rc column(struct arena *a, struct field *f, str line, struct err *err)
{
	str rest, label = cut(line, bars, &rest);
	if (label.n == 0 || utf8_count(label) > COLUMN_LABEL_MAX || str_find_byte(label, '=') != SIZE_MAX)
		return FAIL(err, RC_INVALID, "a column is called by 1 to %d characters, without =: %.*s",
			COLUMN_LABEL_MAX, STR_ARG(line));
	f->label = (struct label){label, label};
	f->type = T_TEXT;
	f->max_chars = 1000;
	while (rest.n) {
		str word = cut(rest, bars, &rest);
		if (str_is(word, "必填") || str_is(word, "required"))
			f->required = true;
		else if (word.n)
			TRY(type(a, f, word, err));
	}
	return RC_OK;
}

const struct field *column_called(const struct field *columns, size_t n, str label)
{
	label = str_trim(label);
	if (str_ends(label, STR("*")))
		label = str_trim(str_head(label, label.n - 1));
	for (size_t i = 0; i < n; i++)
		if (str_eq(columns[i].label.zh, label))
			return &columns[i];
	return NULL;
}

enum rc columns_read(struct arena *a, str text, struct field **out, size_t *out_n, struct err *err)
{
	struct field *list = NEWS(a, COLUMNS_MAX, struct field);
	size_t n = 0;
	while (text.n) {
		str line = cut(text, line_ends, &text);
		if (line.n == 0)
			continue;
		if (n == COLUMNS_MAX)
			return FAIL(err, RC_LIMIT, "a collection asks for %d columns at most", COLUMNS_MAX);
		list[n] = (struct field){.at = (int)n, .id = arena_fmt(a, "c%zu", n + 1)};
		TRY(column(a, &list[n], line, err));
		if (column_called(list, n, list[n].label.zh))
			return FAIL(
				err, RC_INVALID, "the column “%.*s” stands twice", STR_ARG(list[n].label.zh));
		n++;
	}
	*out = list;
	*out_n = n;
	return RC_OK;
}

enum rc columns_asked_elsewhere(const struct model *m, const struct field *columns, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m->figures_n; k++) {
			const struct figure *f = &m->figures[k];
			if (f->parent == NULL && f->of &&
				(str_eq(f->label.zh, columns[i].label.zh) ||
					str_eq(f->label.en, columns[i].label.zh)))
				return FAIL(err, RC_CONFLICT,
					"“%.*s” is counted already from the register “%.*s” (figure %.*s): "
					"look "
					"there, or collect rows of that register; units are not asked twice",
					STR_ARG(columns[i].label.zh), STR_ARG(label_text(&f->of->label)),
					STR_ARG(f->id));
		}
	return RC_OK;
}

enum rc columns_answer(struct arena *a, const struct field *columns, size_t n, const str *texts,
	struct value **out, size_t *out_at, struct err *err)
{
	*out = NEWS(a, n + 1, struct value);
	for (*out_at = 0; *out_at < n; ++*out_at) {
		const struct field *f = &columns[*out_at];
		struct value *v = &(*out)[*out_at];
		TRY(value_parse(a, f, texts[*out_at], v, err));
		if (v->kind == V_NULL && f->required)
			return FAIL(err, RC_INVALID, "“%.*s” must be answered", STR_ARG(f->label.zh));
	}
	return RC_OK;
}

str columns_pack(struct arena *a, const struct field *columns, size_t n, const struct value *values)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	for (size_t i = 0; i < n; i++)
		if (values[i].kind != V_NULL) {
			json_key_str(&j, columns[i].label.zh);
			json_str(&j, value_plain(a, &columns[i], &values[i]));
		}
	json_object_end(&j);
	str out = arena_str(a, buf_str(&b));
	buf_done(&b);
	return out;
}

struct value *columns_unpack(struct arena *a, const struct field *columns, size_t n, str kept)
{
	struct value *values = NEWS(a, n + 1, struct value);
	struct json_v *v;
	struct err err;
	if (kept.n == 0 || json_read(a, kept, 0, &v, &err) != RC_OK)
		return values;
	for (size_t i = 0; i < n; i++) {
		str text = json_get_str(v, arena_cstr(a, columns[i].label.zh));
		if (text.n && value_parse(a, &columns[i], text, &values[i], &err) != RC_OK)
			values[i] = (struct value){.kind = V_NULL};
	}
	return values;
}

bool column_sums(const struct field *column)
{
	return column->type == T_INTEGER || column->type == T_MONEY;
}
