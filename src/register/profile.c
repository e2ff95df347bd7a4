/* profile.c -- see profile.h */
#include "register/profile.h"
#include "base/buf.h"
#include "format/yaml.h"
#include "register/narrow.h"

struct reading {
	struct arena *a;
	const struct model *m;
	str path;
	struct err *err;
};

static enum rc bad(struct reading *r, const struct yaml *at, const char *key)
{
	return FAIL(r->err, RC_INVALID, "%.*s, line %d: “%s” is missing or not as it should be",
		STR_ARG(r->path), at->line, key);
}

static str text_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);
	return y && y->kind == YAML_SCALAR ? y->text : (str){0};
}

static enum rc texts(struct reading *r, const struct yaml *root, const char *key, str **out, size_t *out_n)
{
	const struct yaml *y = yaml_get(root, key);
	*out_n = 0;
	if (y == NULL)
		return RC_OK;
	if (y->kind != YAML_LIST)
		return bad(r, y, key);
	*out = NEWS(r->a, y->n + 1, str);
	for (size_t i = 0; i < y->n; i++)
		(*out)[(*out_n)++] = y->items[i].text;
	return RC_OK;
}

/* Where a column goes: a field of the register, `org`, or of its person what rows about people carry. */
static bool target(const struct reg *reg, str to, str *out)
{
	static const struct {
		const char *name, *word;
	} of_person[] = {{"citizen_id", "citizenid"}, {"phone", "phone"}, {"sex", "sex"},
		{"birth_month", "birthmonth"}};
	str sub, head = str_cut(to, '.', &sub);
	*out = to;
	if (str_is(head, "org")) {
		*out = STR("org");
		return sub.n == 0 || str_is(sub, "code");
	}
	const struct field *f = reg_field(reg, head);
	if (f == NULL || sub.n == 0)
		return f != NULL;
	*out = (str){0}; /* of a person's other particulars none is read from here */
	for (size_t i = 0; i < sizeof of_person / sizeof *of_person; i++)
		if (str_is(sub, of_person[i].name))
			*out = str_of(of_person[i].word);
	return f == reg->person;
}

static enum rc columns(struct reading *r, const struct yaml *root, struct profile *p)
{
	const struct yaml *y = yaml_get(root, "columns");
	if (y == NULL || y->kind != YAML_MAP || y->n == 0 || y->n > PROFILE_COLUMNS_MAX)
		return bad(r, y ? y : root, "columns");
	p->columns = NEWS(r->a, y->n, struct map_wish);
	str *none = NEWS(r->a, p->skip_columns_n + y->n + 1, str);
	for (size_t i = 0; i < p->skip_columns_n; i++)
		none[i] = p->skip_columns[i];
	p->skip_columns = none;
	for (size_t i = 0; i < y->n; i++) {
		str to = y->pairs[i].value.text;
		bool known = p->totals ? model_figure(r->m, to) != NULL : target(p->reg, to, &to);
		if (y->pairs[i].value.kind != YAML_SCALAR || !known)
			return bad(r, &y->pairs[i].value, arena_cstr(r->a, y->pairs[i].key));
		if (to.n)
			p->columns[p->columns_n++] = (struct map_wish){y->pairs[i].key, to};
		else
			none[p->skip_columns_n++] = y->pairs[i].key;
	}
	return RC_OK;
}

static enum rc strips(struct reading *r, const struct yaml *root, struct profile *p)
{
	const struct yaml *y = yaml_get(root, "values");
	if (y == NULL)
		return RC_OK;
	if (y->kind != YAML_MAP)
		return bad(r, y, "values");
	p->strip = NEWS(r->a, y->n + 1, struct profile_word);
	for (size_t i = 0; i < y->n; i++) {
		str prefix = text_of(&y->pairs[i].value, "strip_prefix");
		if (reg_field(p->reg, y->pairs[i].key) == NULL || prefix.n == 0)
			return bad(r, &y->pairs[i].value, "values");
		p->strip[p->strip_n++] = (struct profile_word){y->pairs[i].key, prefix};
	}
	return RC_OK;
}

static enum rc units(struct reading *r, const struct yaml *root, struct profile *p)
{
	const struct yaml *y = yaml_get(root, "units"), *also = y ? yaml_get(y, "also") : NULL;
	if (also == NULL)
		return RC_OK;
	if (also->kind != YAML_MAP)
		return bad(r, also, "also");
	p->units = NEWS(r->a, also->n + 1, struct profile_word);
	for (size_t i = 0; i < also->n; i++)
		p->units[p->units_n++] = (struct profile_word){also->pairs[i].key, also->pairs[i].value.text};
	return RC_OK;
}

static enum rc states(struct reading *r, const struct yaml *root, struct profile *p)
{
	const struct yaml *y = yaml_get(root, "states");
	if (y == NULL)
		return RC_OK;
	if (y->kind != YAML_LIST)
		return bad(r, y, "states");
	p->states = NEWS(r->a, y->n + 1, struct profile_state);
	for (size_t i = 0; i < y->n; i++) {
		struct profile_state s = {reg_field(p->reg, text_of(&y->items[i], "when_empty")),
			text_of(&y->items[i], "state")};
		if (s.when_empty == NULL || reg_state(p->reg, s.state) == NULL)
			return bad(r, &y->items[i], "states");
		p->states[p->states_n++] = s;
	}
	return RC_OK;
}

enum rc profile_read(
	struct arena *a, const struct model *m, str path, str text, struct profile *out, struct err *err)
{
	struct reading r = {a, m, path, err};
	struct yaml root;
	enum rc rc = yaml_read(a, text, &root, NULL, NULL, err);
	if (rc != RC_OK)
		return err_at(err, rc, "%.*s", STR_ARG(path));
	*out = (struct profile){.id = text_of(&root, "profile"),
		.reg = model_reg(m, text_of(&root, "register")),
		.source = text_of(&root, "source"),
		.totals = str_is(text_of(&root, "shape"), "figures_in_columns")};
	const struct yaml *label = yaml_get(&root, "label");
	out->label = (struct label){
		label ? text_of(label, "zh") : (str){0}, label ? text_of(label, "en") : (str){0}};
	if (out->id.n == 0 || out->label.zh.n == 0 || out->label.en.n == 0)
		return bad(&r, &root, out->id.n ? "label" : "profile");
	if (out->reg == NULL)
		return bad(&r, &root, "register");
	if (out->source.n == 0)
		out->source = STR("import");
	TRY(texts(&r, &root, "skip_columns", &out->skip_columns, &out->skip_columns_n));
	TRY(texts(&r, &root, "skip_rows", &out->skip_rows, &out->skip_rows_n));
	TRY(columns(&r, &root, out));
	TRY(strips(&r, &root, out));
	TRY(units(&r, &root, out));
	return states(&r, &root, out);
}

enum rc profiles_read(
	struct arena *a, const struct model *m, struct profile **out, size_t *out_n, struct err *err)
{
	*out = NEWS(a, m->texts_n + 1, struct profile);
	*out_n = 0;
	for (size_t i = 0; i < m->texts_n; i++)
		if (str_starts(m->texts[i].path, STR("imports/")) && str_ends(m->texts[i].path, STR(".yaml")))
			TRY(profile_read(a, m, m->texts[i].path, m->texts[i].text, &(*out)[(*out_n)++], err));
	return RC_OK;
}

enum rc profile_named(
	const struct profile *list, size_t n, str id, const struct profile **out, struct err *err)
{
	struct buf b = {0};
	for (size_t i = 0; i < n; i++) {
		if (str_eq(list[i].id, id) || str_eq(list[i].label.zh, id) || str_eq(list[i].label.en, id)) {
			buf_done(&b);
			*out = &list[i];
			return RC_OK;
		}
		buf_printf(&b, "%s%.*s", i ? "、" : "", STR_ARG(list[i].id));
	}
	enum rc rc = FAIL(
		err, RC_NOT_FOUND, "no profile “%.*s”; there are %.*s", STR_ARG(id), STR_ARG(buf_str(&b)));
	buf_done(&b);
	return rc;
}

/* ---- what a sheet is ---- */

static bool in_list(struct arena *a, const str *list, size_t n, str narrowed)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(narrowed, narrow_label(a, list[i])))
			return true;
	return false;
}

static bool names(struct arena *a, const struct profile *p, str narrowed)
{
	for (size_t i = 0; i < p->columns_n; i++)
		if (str_eq(narrowed, narrow_label(a, p->columns[i].header)))
			return true;
	return false;
}

bool profile_fits(struct arena *a, const struct profile *p, const str *headers, size_t n)
{
	size_t named = 0;
	for (size_t i = 0; i < n; i++) {
		str h = narrow_label(a, headers[i]);
		if (h.n == 0)
			continue;
		bool known = names(a, p, h);
		bool skipped = !known && in_list(a, p->skip_columns, p->skip_columns_n, h);
		bool ours = import_column(a, p->reg, headers[i], NULL, 0).kind != COL_NONE;
		if (!known && !skipped && !(p->totals && ours)) /* a unit's column */
			return false;
		named += known;
	}
	return named >= (p->totals ? 2 : PROFILE_RECOGNISED_MIN);
}

void profile_skip(struct arena *a, const struct profile *p, struct import_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		struct column *c = &map->columns[i];
		str h = narrow_label(a, c->header);
		/* A second column of one meaning is known, too. */
		if (in_list(a, p->skip_columns, p->skip_columns_n, h) ||
			(c->kind == COL_NONE && names(a, p, h)))
			*c = (struct column){.kind = COL_NUMBER, .header = c->header};
	}
}

static void rewrite(struct arena *a, const struct profile *p, const struct column *c, str *cell)
{
	str t = str_trim(*cell);
	for (size_t i = 0; c->kind == COL_ORG && i < p->units_n; i++)
		if (str_eq(narrow_label(a, t), narrow_label(a, p->units[i].from)))
			*cell = p->units[i].to;
	for (size_t i = 0; c->kind == COL_FIELD && i < p->strip_n; i++)
		if (str_eq(p->strip[i].from, c->field->id) && str_starts(t, p->strip[i].to))
			*cell = str_trim(str_from(t, p->strip[i].to.n));
}

bool profile_row(
	struct arena *a, const struct profile *p, const struct import_map *map, struct import_row *row)
{
	str *cells = (str *)(uintptr_t)row->cells;
	size_t first = 0;
	while (first < row->n && str_trim(cells[first]).n == 0)
		first++;
	if (first < row->n && in_list(a, p->skip_rows, p->skip_rows_n, narrow_label(a, cells[first])))
		return false;
	for (size_t i = 0; i < row->n && i < map->n; i++)
		rewrite(a, p, &map->columns[i], &cells[i]);
	for (size_t s = 0; s < p->states_n; s++)
		for (size_t i = 0; i < row->n && i < map->n; i++)
			if (map->columns[i].kind == COL_FIELD &&
				map->columns[i].field == p->states[s].when_empty && str_trim(cells[i]).n == 0)
				row->state = p->states[s].state;
	return true;
}
