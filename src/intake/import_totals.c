/* import_totals.c -- see import_totals.h. */
#include "intake/import_totals.h"
#include "register/narrow.h"

const str totals_header[TOTALS_CELLS] = {{"单位", 6}, {"figure_id", 9}, {"period_from", 11}, {"period_to", 9},
	{"value", 5}, {"origin_text", 11}};

static const struct figure *figure_named(struct arena *a, const struct model *m, str header)
{
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		if (str_eq(header, f->id) || str_eq(header, narrow_label(a, f->label.zh)) ||
			str_eq(header, narrow_label(a, f->label.en)))
			return f;
	}
	return NULL;
}

/* 捐赠物资(万元) -> 捐赠物资 and 万元. */
static str cut_unit(str h, str *unit)
{
	size_t at = str_find_byte(h, '(');
	if (!str_ends(h, STR(")")) || at == SIZE_MAX)
		return h;
	*unit = str_head(str_from(h, at + 1), h.n - at - 2);
	return str_head(h, at);
}

static struct total_column column_of(struct arena *a, const struct totals *t, str header)
{
	struct total_column c = {0};
	str h = narrow_label(a, header);
	for (size_t i = 0; i < t->named_n && h.n; i++)
		if (str_eq(h, narrow_label(a, t->named[i].header)))
			c.figure = model_figure(t->model, t->named[i].field);
	if (c.figure) {
		cut_unit(h, &c.unit);
		return c;
	}
	c.figure = h.n ? figure_named(a, t->model, h) : NULL;
	str name = cut_unit(h, &c.unit);
	if (c.figure == NULL && name.n < h.n)
		c.figure = figure_named(a, t->model, name);
	return c;
}

size_t totals_head(struct arena *a, struct totals *t, const str *cells, size_t n)
{
	const struct reg *reg = model_reg(t->model, STR("declared_total"));
	size_t found = 0;
	t->n = n < IMPORT_COLUMNS_MAX ? n : IMPORT_COLUMNS_MAX;
	t->unit_at = SIZE_MAX;
	for (size_t i = 0; i < t->n; i++) {
		t->columns[i] = column_of(a, t, cells[i]);
		found += t->columns[i].figure != NULL;
		if (t->unit_at == SIZE_MAX && import_column(a, reg, cells[i], NULL, 0).kind == COL_ORG)
			t->unit_at = i;
	}
	return found ? found + (t->unit_at != SIZE_MAX) : 0;
}

void totals_line(struct arena *a, struct totals *t, const str *cells, size_t n)
{
	for (size_t i = 0; i < n && !t->told; i++) {
		str text = narrow_tight(a, cells[i]);
		size_t at = str_find(text, STR("年"));
		int64_t year;
		if (at == SIZE_MAX || at < 4 || !str_i64(str_head(str_from(text, at - 4), 4), &year))
			continue;
		if (year < 1950 || year > 2199)
			continue;
		t->period = period_year(a, (int)year);
		t->told = true;
	}
}

/* In the figure's own unit as a whole number: fen, minutes, pieces; what cannot be read stays as it was written. */
static str value_of(struct arena *a, const struct total_column *c, str text)
{
	struct field f = {.type = T_INTEGER, .label = c->figure->label};
	bool ten_thousand = str_starts(c->unit, STR("万"));
	struct value v;
	if (c->figure->money) {
		f.type = T_MONEY;
		text = ten_thousand ? arena_fmt(a, "%.*s万元", STR_ARG(text)) : text;
	} else if (c->figure->minutes) {
		f.type = T_HOURS;
		text = str_starts(c->unit, STR("分")) ? arena_fmt(a, "%.*s分钟", STR_ARG(text)) : text;
	} else if (ten_thousand) {
		f.type = T_DECIMAL;
		f.scale = 4;
	}
	if (value_parse(a, &f, text, &v, NULL) != RC_OK || v.kind != V_INT) /* refused later, by its figure */
		return arena_fmt(a, "%.*s %.*s", STR_ARG(label_text(&c->figure->label)), STR_ARG(text));
	return arena_fmt(a, "%lld", (long long)v.i);
}

bool totals_cell(struct arena *a, const struct totals *t, const str *cells, size_t at, str out[TOTALS_CELLS])
{
	const struct total_column *c = &t->columns[at];
	str text = str_trim(cells[at]);
	if (c->figure == NULL || text.n == 0 || str_is(text, "-") || str_is(text, "/") || str_is(text, "—"))
		return false;
	out[0] = t->unit_at == SIZE_MAX ? (str){NULL, 0} : cells[t->unit_at];
	out[1] = c->figure->id;
	out[2] = date_str(a, t->period.from);
	out[3] = date_str(a, t->period.to - 1);
	out[4] = value_of(a, c, text);
	out[5] = t->source;
	return true;
}
