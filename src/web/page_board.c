/* page_board.c -- see page_board.h. */
#include "web/page_board.h"
#include "base/clock.h"
#include "figure/round.h"
#include "register/permit.h"
#include "templates.h"
#include "web/home_plan.h"
#include "web/page_figure.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/tpl.h"

enum { MONTHS = 12, UNITS_MAX = 60 };

/* The value as a plain decimal in the unit that people see it in: yuan, hours, else the number itself. */
static str plain(struct page *p, const struct figure *f, const struct figure_answer *a)
{
	if (f->grain == G_RATE && a->over > 0 && a->rate_told) {
		int64_t tenths = (a->of * 1000 + a->over / 2) / a->over;
		return arena_fmt(p->a, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
	}
	if (!a->told)
		return STR("");
	if (f->money)
		return arena_fmt(p->a, "%s%lld.%02lld", a->value < 0 ? "-" : "",
			(long long)((a->value < 0 ? -a->value : a->value) / 100),
			(long long)((a->value < 0 ? -a->value : a->value) % 100));
	if (f->minutes)
		return arena_fmt(
			p->a, "%lld.%lld", (long long)(a->value / 60), (long long)(a->value % 60 * 10 / 60));
	return arena_fmt(p->a, "%lld", (long long)a->value);
}

static void choices(struct page *p, const struct figure *chosen, struct board_page *g)
{
	const struct model *m = p->site->city->model;
	str ids[40];
	size_t n = group_list(m, ids, sizeof ids / sizeof *ids);
	g->groups = NEWS(p->a, n + 1, struct board_group);
	for (size_t i = 0; i < n; i++) {
		struct board_group *to = &g->groups[g->groups_n];
		*to = (struct board_group){.label = group_label(ids[i])};
		to->figures = NEWS(p->a, m->figures_n + 1, struct board_choice);
		for (size_t k = 0; k < m->figures_n; k++) {
			const struct figure *f = &m->figures[k];
			if (f->parent == NULL && str_eq(figure_group_id(f), ids[i]))
				to->figures[to->figures_n++] =
					(struct board_choice){f->id, label_text(&f->label), f == chosen};
		}
		g->groups_n += to->figures_n > 0;
	}
}

static enum rc months(struct page *p, const struct figure *f, struct board_page *g, struct err *err)
{
	int year = date_ymd(p->period.from).year;
	int32_t this_month = date_month(clock_today());
	if (f->grain != G_ROW && f->grain != G_SUM && f->grain != G_DISTINCT && f->grain != G_RATE)
		return RC_OK;
	g->months = NEWS(p->a, MONTHS, struct board_row);
	for (int m = 0; m < MONTHS; m++) {
		struct board_row *row = &g->months[g->months_n++];
		*row = (struct board_row){.label = tpl_month(p->a, m + 1)};
		for (int back = 0; back < 2; back++) {
			int32_t month = (year - back) * 12 + m;
			struct period one = {
				.from = date_month_first(month), .to = date_month_first(month + 1)};
			struct figure_answer a;
			if (month > this_month) /* it has not come yet: no zero */
				continue;
			one.text = arena_fmt(p->a, "%04d-%02d", year - back, m + 1);
			TRY(figure_value(&p->r, f, &one, p->org, false, &a, err));
			*(back ? &row->before : &row->now) = answer_words(p, &a);
			*(back ? &row->before_plain : &row->now_plain) = plain(p, f, &a);
		}
	}
	return RC_OK;
}

static str unit_href(struct page *p, const struct figure *f, int64_t org)
{
	struct buf b = {0};
	buf_printf(&b, "/figures/board?figure=%.*s&org=%%23%lld", STR_ARG(f->id), (long long)org);
	if (p->period_asked) {
		buf_puts(&b, "&period=");
		html_url(&b, p->period.text);
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* The units right under the scope, in the order of the tree. */
static enum rc units(struct page *p, const struct figure *f, struct board_page *g, struct err *err)
{
	int32_t day = p->period.to - 1 < clock_today() ? p->period.to - 1 : clock_today();
	struct period last_year = page_compared(p);
	size_t n = 0;
	const int64_t *under = tree_subtree(p->a, p->r.tree, p->org, day, &n);
	g->units = NEWS(p->a, UNITS_MAX, struct board_row);
	for (size_t i = 0; i < n && g->units_n < UNITS_MAX; i++) {
		struct figure_answer now, before;
		if (under[i] == p->org || tree_parent(p->r.tree, under[i], day) != p->org)
			continue;
		TRY(figure_value(&p->r, f, &p->period, under[i], false, &now, err));
		TRY(figure_value(&p->r, f, &last_year, under[i], false, &before, err));
		g->units[g->units_n++] = (struct board_row){.label = page_org_name(p, under[i]),
			.href = unit_href(p, f, under[i]),
			.now = answer_words(p, &now),
			.now_plain = plain(p, f, &now),
			.before = answer_words(p, &before),
			.before_plain = plain(p, f, &before)};
	}
	return RC_OK;
}

static enum rc board(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	struct board_page g = {.org_code = p->org_code};
	const struct figure *f = NULL;
	struct figure_answer a;
	struct figure_box box;
	str asked = page_input(p, "figure");
	struct home_plan plan;
	TRY(home_plan_read(p->a, m, &p->r.actor, &plan, err));
	if (asked.n > 0)
		f = model_figure(m, asked);
	else if (plan.first_n > 0)
		f = plan.first[0];
	for (size_t i = 0; i < m->figures_n && f == NULL && asked.n == 0; i++)
		if (m->figures[i].grain == G_ROW)
			f = &m->figures[i];
	if (f == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is no figure “%.*s”.", STR_ARG(asked));
	TRY(figure_value(&p->r, f, &p->period, p->org, false, &a, err));
	TRY(figure_boxes(p, &f, 1, false, &box, err));
	struct period last_year = page_compared(p);
	g.period_text = p->period_asked ? p->period.text : STR("");
	g.figure = f->id;
	g.heading = box.label;
	g.unit = f->grain == G_RATE ? STR("%")
		 : f->money         ? str_of(tr("yuan"))
		 : f->minutes       ? str_of(tr("hours"))
				    : figure_unit_text(p, f, 2); /* of a small number: never 万 */
	g.definition = label_text(&f->definition);
	g.href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id));
	if (f->of && permit_rows(f->of, &p->r.actor))
		g.trace_href = page_hrefs(p, "/figures/%.*s/trace", STR_ARG(f->id));
	g.now_words = period_words(p->a, &p->period);
	g.before_words = period_words(p->a, &last_year);
	int year = date_ymd(p->period.from).year;
	g.this_year = arena_fmt(p->a, tr_lang() == LANG_ZH ? "%d年" : "%d", year);
	g.last_year = arena_fmt(p->a, tr_lang() == LANG_ZH ? "%d年" : "%d", year - 1);
	g.value = answer_words(p, &a);
	g.change = box.change;
	g.plan = figure_plan_words(p, f, &a);
	if (box.grade.n)
		g.grade_words = arena_fmt(p->a, tr_lang() == LANG_ZH ? "%.*s%.*s" : "%.*s %.*s",
			STR_ARG(box.grade), STR_ARG(grade_words(box.grade.p[0])));
	choices(p, f, &g);
	TRY(months(p, f, &g, err));
	TRY(units(p, f, &g, err));
	shell_fill(p, &g.shell, str_of(tr("Board of figures")), PLACE_FIGURES, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Figures")), page_href(p, STR("/figures")));
	shell_charts(p, &g.shell);
	tpl_board(page_out(p), &g);
	return RC_OK;
}

static const struct input board_inputs[] = {{"figure", INPUT_WORD, 80, false}, {0}};

const struct route routes_board[] = {
	{"GET", "/figures/board", board, ACCESS_OFFICE, CSRF_READ_ONLY, board_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
