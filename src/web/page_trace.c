/* page_trace.c -- /figures/ID/trace: the rows that add up to a figure. */
#include "web/page_trace.h"
#include "figure/settled.h"
#include "register/read_log.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { TRACE_ROWS = 50, TRACE_JSON_ROWS = 10000 };

struct gather {
	struct arena *a;
	struct trace_row *rows;
	size_t n, cap, max;
	bool more;
};

static bool gather(void *user, const struct trace_row *row)
{
	struct gather *g = user;
	if (g->n == g->max) {
		g->more = true;
		return false;
	}
	g->rows = arena_grow(g->a, g->rows, g->n, &g->cap, sizeof *g->rows);
	g->rows[g->n++] = *row;
	return true;
}

/* What lies in the archive, and what it weighs. */
struct away {
	struct settled_line *list;
	size_t n;
};

static void away_json(struct json *j, const struct away *away)
{
	json_key(j, "archived");
	json_array(j);
	for (size_t i = 0; i < away->n; i++) {
		json_object(j);
		json_put_i64(j, "year", away->list[i].year);
		json_put_i64(j, "contribution", away->list[i].value);
		json_put_str(j, "file", away->list[i].name);
		json_put_bool(j, "ended", away->list[i].ended);
		json_object_end(j);
	}
	json_array_end(j);
}

static void away_lines(struct page *p, const struct figure *f, const struct away *away, struct trace_page *g)
{
	g->archived = NEWS(p->a, away->n + 1, struct trace_away);
	for (size_t i = 0; i < away->n; i++) {
		const struct settled_line *x = &away->list[i];
		str value = figure_value_text(p, f, x->value);
		g->archived[g->archived_n++].text = arena_fmt(p->a,
			x->ended ? tr("%d: %.*s%.*s from rows whose time is over; they were deleted, the "
				      "number stays.")
				 : tr("%d: %.*s%.*s from rows in the archive (%.*s); the office can bring "
				      "them back."),
			x->year, STR_ARG(value), STR_ARG(f->unit), STR_ARG(x->name));
	}
}

static void trace_json(struct page *p, const struct figure *f, const struct figure_answer *a,
	const struct gather *g, const struct away *away)
{
	struct json j = page_json(p);
	json_object(&j);
	json_put_str(&j, "id", f->id);
	json_put_str(&j, "period", p->period.text);
	json_put_i64(&j, "org", p->org);
	json_key(&j, "value");
	if (a->told)
		json_i64(&j, a->value);
	else
		json_null(&j);
	json_key(&j, "rows");
	json_array(&j);
	for (size_t i = 0; i < g->n; i++) {
		const struct trace_row *r = &g->rows[i];
		json_object(&j);
		json_put_str(&j, "register", r->reg->id);
		json_put_i64(&j, "id", r->id);
		json_put_i64(&j, "org", r->org);
		json_put_str(&j, "date", r->day == DATE_NONE ? STR("") : date_str(p->a, r->day));
		json_put_i64(&j, "contribution", r->contribution);
		if (r->reference)
			json_put_i64(&j, "reference", r->reference);
		json_put_str(&j, "grade", (str){&r->grade, r->grade != 0});
		json_put_bool(&j, "through_cohost", r->through_cohost);
		json_put_bool(&j, "covered", r->covered);
		if (r->part)
			json_put_str(&j, "part", r->part->id);
		json_object_end(&j);
	}
	json_array_end(&j);
	if (away->n)
		away_json(&j, away);
	json_key(&j, "next");
	if (g->more)
		json_i64(&j, g->rows[g->n - 1].id);
	else
		json_null(&j);
	json_object_end(&j);
}

static void line_fill(
	struct page *p, const struct figure *f, const struct trace_row *r, struct trace_line *line)
{
	struct record *rec;
	struct err err;
	*line = (struct trace_line){.unit = page_org_name(p, r->org),
		.date = r->day == DATE_NONE ? STR("—") : date_words(p, date_str(p->a, r->day)),
		.part = figure_value_text(p, f, r->contribution),
		.grade = r->grade ? arena_str(p->a, (str){&r->grade, 1}) : STR(""),
		.mark = r->covered          ? str_of(tr("under a declared total"))
			: r->part           ? str_of(tr("a part's total, beyond its rows"))
			: r->through_cohost ? str_of(tr("through a co-host"))
					    : STR(""),
		.href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(r->reg->id), (long long)r->id)};
	if (record_get(&p->r, r->reg, r->id, &rec, &err) == RC_OK)
		line->title = record_title(p, rec);
	else
		line->title = arena_fmt(p->a, "#%lld", (long long)r->id);
}

static enum rc show(struct page *p, struct err *err)
{
	struct trace_page g = {0};
	const struct figure *f;
	struct figure_answer a;
	struct basis basis;
	struct away away;
	struct gather rows = {.a = p->a, .max = p->json ? TRACE_JSON_ROWS : TRACE_ROWS};
	TRY(page_figure(p, page_arg(p, 0), &f, err));
	if (f->of == NULL)
		return FAIL(err, RC_INVALID,
			"A rate has no rows of its own; look at the two figures it divides.");
	if (!permit_rows_of(
		    p->r.tree, f->of, &p->r.actor, p->org, &basis)) /* a person's own rows are no trace */
		return FAIL(err, RC_DENIED, "The register “%.*s” is not open to your role.",
			STR_ARG(label_text(&f->of->label)));
	TRY(figure_value(&p->r, f, &p->period, p->org, false, &a, err));
	TRY(figure_trace(&p->r, f, &p->period, p->org, p->after, gather, &rows, err));
	TRY(settled_lines(&p->r, f, &p->period, p->org, &away.list, &away.n, err));
	for (size_t i = 0; i < rows.n; i++)
		read_log_row(p->r.log, rows.rows[i].reg, rows.rows[i].id, &basis);
	if (p->json) {
		trace_json(p, f, &a, &rows, &away);
		return RC_OK;
	}
	TRY(figure_boxes(p, &f, 1, false, &g.box, err));
	g.figure_href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id));
	g.register_label = label_text(&f->of->label);
	g.parts = f->grain != G_ROW;
	g.rows = NEWS(p->a, rows.n + 1, struct trace_line);
	for (size_t i = 0; i < rows.n; i++) {
		line_fill(p, f, &rows.rows[i], &g.rows[g.rows_n++]);
		g.marks = g.marks || rows.rows[i].covered || rows.rows[i].through_cohost || rows.rows[i].part;
	}
	away_lines(p, f, &away, &g);
	if (rows.more)
		g.more_href =
			page_here(p, "after", arena_fmt(p->a, "%lld", (long long)rows.rows[rows.n - 1].id));
	if (p->after)
		g.first_href = page_here(p, "after", STR(""));
	g.adds = f->grain == G_ROW   ? str_of(tr("Each row counts one."))
		 : f->grain == G_SUM ? str_of(tr("The rows' parts add up to the value."))
		 : f->grain == G_DISTINCT
			 ? str_of(tr("Each is counted once: its first row counts one, the others none."))
			 : str_of(tr("These are the rows that the value rests on."));
	shell_fill(p, &g.shell, g.box.label, PLACE_FIGURES, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Figures")), page_href(p, STR("/figures")));
	shell_crumb(p, &g.shell, g.box.label, g.figure_href);
	tpl_trace(page_out(p), &g);
	return RC_OK;
}

const struct route routes_trace[] = {
	{"GET", "/figures/{figure}/trace", show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_FILE},
	{0},
};
