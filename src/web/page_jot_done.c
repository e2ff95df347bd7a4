/* page_jot_done.c -- the receipt of what was recorded: see page_jot.h. */
#include "base/clock.h"
#include "base/date.h"
#include "figure/of_row.h"
#include "register/permit.h"
#include "register/photo.h"
#include "templates.h"
#include "web/page_figure.h"
#include "web/page_jot.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { FIGURES_MAX = 6 };

struct receipt {
	struct occasion o;
	struct record *event;
	struct record **came;
	size_t came_n;
	int64_t heads, named;
};

static enum rc receipt_of(struct page *p, struct receipt *x, struct err *err)
{
	int64_t id;
	TRY(jot_occasion(p, page_arg(p, 0), &x->o, err));
	if (!str_i64(page_arg(p, 1), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 1)));
	TRY(record_get(&p->r, x->o.event, id, &x->event, err));
	TRY(occasion_people(&p->r, &x->o, id, &x->came, &x->came_n, err));
	for (size_t i = 0; i < x->came_n; i++) {
		const struct value *n = &x->came[i]->values[x->o.n->at];
		x->heads += n->kind == V_INT ? n->i : 1;
		x->named += x->came[i]->values[x->o.person->at].kind == V_INT;
	}
	return RC_OK;
}

/* Figures of one row, told for the year that it happened in; plus: what this occasion adds to those that add up. */
static enum rc figures_of(struct page *p, struct jot_done_page *g, const struct reg *reg, int64_t id,
	int64_t adds, struct err *err)
{
	struct row_figures in;
	TRY(figures_of_row(&p->r, reg, id, &in, err));
	size_t n = in.n < FIGURES_MAX ? in.n : FIGURES_MAX;
	struct period period = p->period;
	struct figure_answer *answers = NEWS(p->a, n + 1, struct figure_answer);
	if (in.day != DATE_NONE && (in.day < period.from || in.day >= period.to))
		period = period_year(p->a, date_ymd(in.day).year);
	if (n)
		TRY(figure_values(&p->r, in.figures, n, &period, p->org, false, answers, err));
	for (size_t i = 0; i < n; i++) {
		const struct figure *f = in.figures[i];
		bool heads = f->grain == G_SUM && str_is(f->grain_path, "n");
		g->figures[g->figures_n++] = (struct jot_figure){.label = label_text(&f->label),
			.value = answer_words(p, &answers[i]),
			.plus = heads || f->grain == G_ROW
					? arena_fmt(p->a, "+%lld", (long long)(heads ? adds : 1))
					: STR(""),
			.href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id))};
	}
	if (in.grade) {
		g->grade = arena_fmt(p->a, "%c", in.grade);
		g->grade_words = grade_words(in.grade);
	}
	return RC_OK;
}

static bool undoable(struct page *p, const struct record *event)
{
	return event->entered_by == p->r.actor.person && event->changed_by == p->r.actor.person &&
	       clock_now_ms() - event->entered_at <= UNDO_MINUTES * 60000 && !str_is(event->state, "void");
}

static void told(struct page *p, struct jot_done_page *g, const struct receipt *x)
{
	g->voided = str_is(x->event->state, "void");
	g->look = g->voided ? "info" : "done";
	if (g->voided)
		g->told = str_of(tr("Taken back: it counts nowhere, and the rows stay as void."));
	else if (x->named > 0)
		g->told = arena_fmt(p->a,
			trn("Recorded: %lld person by name.", "Recorded: %lld people by name.", x->named),
			(long long)x->named);
	else
		g->told = arena_fmt(p->a,
			trn("Recorded: a number of %lld.", "Recorded: a number of %lld.", x->heads),
			(long long)x->heads);
	g->undo = undoable(p, x->event);
}

/* Who of them is not identified: their rows are grade C, until the ID is known. */
static void strangers(struct page *p, struct jot_done_page *g, const struct receipt *x)
{
	const struct reg *person = model_reg(p->site->city->model, STR("person"));
	const struct field *known = reg_field(person, STR("identified"));
	int64_t n = 0;
	for (size_t i = 0; known && i < x->came_n; i++) {
		const struct value *who = &x->came[i]->values[x->o.person->at];
		struct record *rec;
		if (who->kind == V_INT && record_get(&p->r, person, who->i, &rec, NULL) == RC_OK)
			n += rec->values[known->at].kind != V_INT || rec->values[known->at].i == 0;
	}
	if (n > 0)
		g->unknown = arena_fmt(p->a,
			trn("%lld of them is not identified yet: that row is grade C until the ID is known.",
				"%lld of them are not identified yet: their rows are grade C until the IDs "
				"are known.",
				n),
			(long long)n);
}

static enum rc done(struct page *p, struct err *err)
{
	struct receipt x = {0};
	struct jot_done_page g = {0};
	TRY(receipt_of(p, &x, err));
	g.figures = NEWS(p->a, 2 * FIGURES_MAX + 1, struct jot_figure);
	g.heading = record_title(p, x.event);
	g.about = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(date_words(p, x.event->values[x.o.day->at].t)),
		STR_ARG(page_org_name(p, x.event->org)));
	told(p, &g, &x);
	if (!g.voided) {
		TRY(figures_of(p, &g, x.o.event, x.event->id, 1, err));
		g.grade = (str){NULL, 0};
		if (x.came_n)
			TRY(figures_of(p, &g, x.o.attendance, x.came[0]->id, x.heads, err));
		strangers(p, &g, &x);
	}
	g.waits = !str_eq(x.event->state, x.o.event->import_state);
	g.state = state_chip(x.o.event, x.event->state).label;
	g.action = page_hrefs(p, "/jot/%.*s/%lld/undo", STR_ARG(x.o.event->id), (long long)x.event->id);
	g.href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(x.o.event->id), (long long)x.event->id);
	if (photo_of(p->site->city->model, x.o.event))
		g.photos_href = page_hrefs(
			p, "/photos?of=%.*s:%lld", STR_ARG(x.o.event->id), (long long)x.event->id);
	shell_fill(p, &g.shell, g.heading, PLACE_JOT, STR(""));
	g.shell.jot = asset_address(p->site, "jot.js");
	tpl_jot_done(page_out(p), &g);
	return RC_OK;
}

static enum rc undo_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct receipt *x = arg;
	return occasion_undo(c, &x->o, x->event->id, err);
}

static enum rc undo(struct page *p, struct err *err)
{
	struct receipt x = {0};
	TRY(receipt_of(p, &x, err));
	TRY(page_run(p, undo_run, &x, err));
	page_go(p, page_hrefs(p, "/jot/%.*s/%lld", STR_ARG(x.o.event->id), (long long)x.event->id));
	return RC_OK;
}

static const struct input done_get[] = {{"told", INPUT_FLAG, 0, false}, {0}};

const struct route routes_jot_done[] = {
	{"GET", "/jot/{register}/{id}", done, ACCESS_OFFICE, CSRF_READ_ONLY, done_get,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/jot/{register}/{id}/undo", undo, ACCESS_OFFICE, CSRF_TOKEN, no_inputs, ROUTE_SLOW},
	{0},
};
