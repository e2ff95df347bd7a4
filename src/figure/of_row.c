/* of_row.c -- see of_row.h. */
#include "figure/of_row.h"
#include "figure/contrib.h"

static enum rc ask(
	struct reader *r, const struct contrib *c, int64_t id, struct row_figures *out, struct err *err)
{
	struct contrib_form form;
	struct contrib_row row;
	struct stmt *s;
	bool more = false;
	contrib_form_begin(&form, c);
	int at = contrib_form_param(&form);
	contrib_form_end(&form, arena_fmt(r->a, "r.\"id\" = ?%d", at), STR(""));
	TRY(contrib_ask(r->db, &form, &s, err));
	stmt_bind_i64(s, at, id);
	TRY(contrib_next(c, s, &row, &more, err));
	if (!more)
		return RC_OK;
	stmt_reset(s);
	out->grade = (char)('A' + row.grade);
	for (size_t i = 0; i < c->figures_n; i++) {
		const struct contrib_figure *f = &c->figures[i];
		if (!contrib_counts(f, &row) || (f->date >= 0 && row.day[f->date] == DATE_NONE))
			continue;
		if (out->n == 0 && f->date >= 0)
			out->day = row.day[f->date];
		out->figures[out->n++] = f->f;
	}
	return RC_OK;
}

enum rc figures_of_row(
	struct reader *r, const struct reg *reg, int64_t id, struct row_figures *out, struct err *err)
{
	const struct model *m = r->city->model;
	const struct figure **list = NEWS(r->a, m->figures_n + 1, const struct figure *);
	size_t n = 0;
	for (size_t i = 0; i < m->figures_n && n < REG_FIGURES_MAX; i++)
		if (m->figures[i].of == reg)
			list[n++] = &m->figures[i];
	struct row_figures found = {.figures = NEWS(r->a, n + 1, const struct figure *), .day = DATE_NONE};
	if (n > 0) {
		struct contrib *c;
		TRY(contrib_make(r->a, m, reg, list, n, &c, err));
		TRY(ask(r, c, id, &found, err));
	}
	*out = found;
	return RC_OK;
}
