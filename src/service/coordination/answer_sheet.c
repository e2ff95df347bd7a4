/* answer_sheet.c -- the sheets of a collection that asks for its own columns: the form for a unit, the answers of all
 * (collection.h). */
#include "base/tr.h"
#include "format/xlsx_write.h"
#include "service/coordination/collection.h"

static enum xlsx_kind kind_of(const struct field *f)
{
	return f->type == T_INTEGER ? XLSX_INTEGER
	       : f->type == T_MONEY ? XLSX_DECIMAL
	       : f->type == T_DATE  ? XLSX_DATE
	       : f->type == T_TEXT  ? XLSX_LONG
				    : XLSX_CHOICE;
}

static struct xlsx_column *columns(struct arena *a, const struct coll *c, bool with_unit, size_t *out_n)
{
	struct xlsx_column *list = NEWS(a, c->columns_n + 1, struct xlsx_column);
	size_t n = 0;
	if (with_unit)
		list[n++] = (struct xlsx_column){.title = str_of(tr("Unit")), .kind = XLSX_TEXT, .width = 28};
	for (size_t i = 0; i < c->columns_n; i++) {
		const struct field *f = &c->columns[i];
		size_t choices_n = f->type == T_BOOL ? 2 : f->choices_n;
		str *choices = NEWS(a, choices_n + 1, str);
		for (size_t k = 0; k < f->choices_n; k++)
			choices[k] = f->choices[k].id;
		if (f->type == T_BOOL) {
			choices[0] = STR("是");
			choices[1] = STR("否");
		}
		list[n++] = (struct xlsx_column){.title = f->label.zh,
			.kind = kind_of(f),
			.required = f->required,
			.choices = choices,
			.choices_n = choices_n};
	}
	*out_n = n;
	return list;
}

static struct cell cell_of(struct arena *a, const struct field *f, const struct value *v, uint32_t at)
{
	struct cell x = {.kind = CELL_TEXT, .column = at, .text = value_text(a, f, v)};
	if (v->kind == V_NULL)
		x.text = STR("");
	else if (f->type == T_INTEGER) {
		x.kind = CELL_NUMBER;
		x.number = (double)v->i;
	} else if (f->type == T_MONEY) {
		x.kind = CELL_NUMBER;
		x.number = (double)v->i / 100;
	}
	return x;
}

static void line(
	struct reader *r, const struct coll *c, str first, const struct value *values, struct xlsx_writer *w)
{
	struct cell *cells = NEWS(r->a, c->columns_n + 1, struct cell);
	cells[0] = (struct cell){.kind = CELL_TEXT, .column = 1, .text = first};
	for (size_t i = 0; i < c->columns_n; i++)
		cells[i + 1] = cell_of(r->a, &c->columns[i], &values[i], (uint32_t)i + 2);
	xlsx_write_row(w, cells, c->columns_n + 1);
}

enum rc coll_answers_sheet(
	struct reader *r, const struct coll *c, const char *path, int64_t *out_rows, struct err *err)
{
	struct xlsx_writer *w;
	struct coll_sum *sums;
	struct value *total = NEWS(r->a, c->columns_n + 1, struct value);
	size_t n, sums_n;
	*out_rows = 0;
	if (c->columns_n == 0)
		return FAIL(err, RC_INVALID, "“%.*s” asks for no columns of its own", STR_ARG(c->title));
	TRY(coll_sums(r, c, &sums, &sums_n, out_rows, err));
	const struct xlsx_column *heads = columns(r->a, c, true, &n);
	TRY(xlsx_write_open(r->a, path, &w, err));
	xlsx_write_sheet(w, c->title, heads, n);
	for (size_t i = 0; i < c->units_n; i++) {
		const struct coll_unit *u = &c->units[i];
		if (u->answers && !u->nil && (str_is(u->state, "submitted") || str_is(u->state, "accepted")))
			line(r, c, u->name, u->answers, w);
	}
	for (size_t i = 0; i < sums_n; i++)
		total[column_called(c->columns, c->columns_n, sums[i].id)->at] =
			(struct value){.kind = V_INT, .i = sums[i].value};
	line(r, c, STR("合计"), total, w);
	return xlsx_write_close(w, err);
}

enum rc coll_form_sheet(
	struct reader *r, const struct coll *c, const struct coll_unit *u, const char *path, struct err *err)
{
	const struct reg *orgs = model_reg(r->city->model, STR("org"));
	struct record *unit;
	size_t n;
	TRY(record_get(r, orgs, u->org, &unit, err));
	str code = unit->values[reg_field(orgs, STR("code"))->at].t;
	const struct xlsx_column *heads = columns(r->a, c, false, &n);
	return xlsx_write_form(r->a, path,
		&(struct xlsx_form){.sheet_name = c->title,
			.codes_name = STR("qinghe"),
			.title = c->title,
			.instructions = c->note,
			.unit_line = arena_fmt(r->a, tr("unit: %.*s"), STR_ARG(u->name)),
			.marker = arena_fmt(
				r->a, "qinghe:collection=%lld;org=%.*s", (long long)c->id, STR_ARG(code)),
			.columns = heads,
			.n = n},
		err);
}
