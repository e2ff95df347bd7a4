/* page_figure.c -- /figures and /figures/ID: value, change, evidence, months, units, what it rests on. */
#include "web/page_figure.h"
#include "base/clock.h"
#include "figure/round.h"
#include "register/expr.h"
#include "register/permit.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/tpl.h"

enum { MONTHS = 12, UNITS_MAX = 40, BAR_WIDTH = 100 };

static size_t list_of(const struct model *m, str group, const struct figure **out)
{
	size_t n = 0;
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].parent == NULL && str_eq(figure_group_id(&m->figures[i]), group))
			out[n++] = &m->figures[i];
	return n;
}

static enum rc figures_json(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	const struct figure **list = NEWS(p->a, m->figures_n + 1, const struct figure *);
	struct figure_answer *answers = NEWS(p->a, m->figures_n + 1, struct figure_answer);
	size_t n = 0;
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].parent == NULL)
			list[n++] = &m->figures[i];
	TRY(figure_values(&p->r, list, n, &p->period, p->org, true, answers, err));
	struct json j = page_json(p);
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		answer_json(&j, p, &answers[i]);
	json_array_end(&j);
	return RC_OK;
}

/* Boxes for what has something to tell; the rest is only named. */
static enum rc group_boxes(
	struct page *p, const struct figure **list, size_t n, struct figure_group *g, struct err *err)
{
	struct figure_box *all = NEWS(p->a, n + 1, struct figure_box);
	g->boxes = NEWS(p->a, n + 1, struct figure_box);
	g->none = NEWS(p->a, n + 1, struct figure_box);
	TRY(figure_boxes(p, list, n, true, all, err));
	for (size_t i = 0; i < n; i++)
		if (all[i].empty)
			g->none[g->none_n++] = all[i];
		else
			g->boxes[g->boxes_n++] = all[i];
	return RC_OK;
}

static enum rc all(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	struct figures_page g = {0};
	str ids[40];
	if (p->json)
		return figures_json(p, err);
	size_t n = group_list(m, ids, sizeof ids / sizeof *ids);
	g.groups = NEWS(p->a, n + 1, struct figure_group);
	const struct figure **list = NEWS(p->a, m->figures_n + 1, const struct figure *);
	for (size_t i = 0; i < n; i++) {
		size_t k = list_of(m, ids[i], list);
		if (k == 0)
			continue;
		struct figure_group *group = &g.groups[g.groups_n++];
		*group = (struct figure_group){.label = group_label(ids[i]), .id = ids[i]};
		TRY(group_boxes(p, list, k, group, err));
	}
	g.board_href = page_href(p, STR("/figures/board"));
	shell_fill(p, &g.shell, str_of(tr("Figures")), PLACE_FIGURES, STR(""));
	tpl_figures(page_out(p), &g);
	return RC_OK;
}

/* ---- one figure ---- */

static void bar_widths(struct page *p, struct figure_row *rows, const int64_t *values, size_t n)
{
	int64_t max = 0;
	for (size_t i = 0; i < n; i++)
		max = values[i] > max ? values[i] : max;
	for (size_t i = 0; i < n; i++)
		rows[i].width =
			arena_fmt(p->a, "%lld", max > 0 ? (long long)(values[i] * BAR_WIDTH / max) : 0);
}

static enum rc months(struct page *p, const struct figure *f, struct figure_page *g, struct err *err)
{
	int year = date_ymd(p->period.from).year;
	int32_t this_month = date_month(clock_today());
	int64_t values[MONTHS] = {0};
	if (f->grain != G_ROW && f->grain != G_SUM && f->grain != G_DISTINCT)
		return RC_OK;
	g->months = NEWS(p->a, MONTHS, struct figure_row);
	for (int m = 0; m < MONTHS && year * 12 + m <= this_month; m++) {
		struct figure_answer a;
		struct period one = {
			.from = date_month_first(year * 12 + m), .to = date_month_first(year * 12 + m + 1)};
		one.text = arena_fmt(p->a, "%04d-%02d", year, m + 1);
		TRY(figure_value(&p->r, f, &one, p->org, false, &a, err));
		struct figure_row *row = &g->months[g->months_n++];
		values[m] = a.told ? a.value : 0;
		row->label = tpl_month(p->a, m + 1);
		row->value = a.told ? figure_value_text(p, f, a.value) : STR("—");
		struct buf b = {0};
		buf_printf(&b, "/figures/%.*s/trace?period=%.*s", STR_ARG(f->id), STR_ARG(one.text));
		if (p->org_code.n) {
			buf_puts(&b, "&org=");
			html_url(&b, p->org_code);
		}
		row->href = arena_str(p->a, buf_str(&b));
		buf_done(&b);
	}
	bar_widths(p, g->months, values, g->months_n);
	return RC_OK;
}

/* The units right under the scope. */
static enum rc units(struct page *p, const struct figure *f, struct figure_page *g, struct err *err)
{
	int32_t day = p->period.to - 1 < clock_today() ? p->period.to - 1 : clock_today();
	int64_t values[UNITS_MAX];
	size_t n = 0;
	const int64_t *under = tree_subtree(p->a, p->r.tree, p->org, day, &n);
	g->units = NEWS(p->a, UNITS_MAX, struct figure_row);
	for (size_t i = 0; i < n && g->units_n < UNITS_MAX; i++) {
		if (under[i] == p->org || tree_parent(p->r.tree, under[i], day) != p->org)
			continue;
		struct figure_answer a;
		TRY(figure_value(&p->r, f, &p->period, under[i], false, &a, err));
		struct figure_row *row = &g->units[g->units_n];
		values[g->units_n++] = a.told ? a.value : 0;
		row->label = page_org_name(p, under[i]);
		row->value = answer_words(p, &a);
		struct buf b = {0};
		buf_printf(&b, "/figures/%.*s?org=%%23%lld", STR_ARG(f->id), (long long)under[i]);
		if (p->period_asked) {
			buf_puts(&b, "&period=");
			html_url(&b, p->period.text);
		}
		row->href = arena_str(p->a, buf_str(&b));
		buf_done(&b);
	}
	bar_widths(p, g->units, values, g->units_n);
	return RC_OK;
}

void figure_shares(struct page *p, const int64_t grades[GRADES], struct figure_share **out, size_t *out_n)
{
	static const char *const looks[] = {"mA", "mB", "mC", "mD"};
	int64_t sum = 0, x = 0;
	for (int i = 0; i < GRADES; i++)
		sum += grades[i];
	*out = NEWS(p->a, GRADES, struct figure_share);
	*out_n = 0;
	for (int i = 0; i < GRADES && sum > 0; i++) {
		if (grades[i] <= 0)
			continue;
		int64_t tenths = (grades[i] * 1000 + sum / 2) / sum;
		struct figure_share *s = &(*out)[(*out_n)++];
		*s = (struct figure_share){.grade = arena_fmt(p->a, "%c", 'A' + i),
			.words = grade_words((char)('A' + i)),
			.share = arena_fmt(
				p->a, "%lld.%lld%%", (long long)tenths / 10, (long long)tenths % 10),
			.x = arena_fmt(p->a, "%lld", (long long)x),
			.width = arena_fmt(p->a, "%lld", (long long)(tenths > 4 ? tenths - 4 : tenths)),
			.look = looks[i]};
		x += tenths;
	}
}

static void rests_on(struct page *p, const struct figure *f, struct figure_page *g)
{
	if (f->of) {
		g->register_label = label_text(&f->of->label);
		if (permit_reach(f->of, &p->r.actor) != REACH_NONE)
			g->register_href = page_hrefs(p, "/r/%.*s", STR_ARG(f->of->id));
	}
	if (f->where)
		g->where = expr_text(p->a, f->where);
	if (f->parent) {
		g->companion_of = label_text(&f->parent->label);
		g->companion_href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->parent->id));
	}
	if (f->grain == G_RATE) {
		g->rate_of = label_text(&f->rate_of->label);
		g->rate_of_href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->rate_of->id));
		g->rate_over = label_text(&f->rate_over->label);
		g->rate_over_href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->rate_over->id));
	}
	if (f->plan_year)
		g->plan = arena_fmt(p->a, tr("Target for %d: at least %s"), f->plan_year,
			round_grouped(f->plan_at_least, ROUND_COUNT).text);
}

static enum rc one(struct page *p, struct err *err)
{
	struct figure_page g = {0};
	struct figure_answer a, before;
	const struct figure *f;
	TRY(page_figure(p, page_arg(p, 0), &f, err));
	TRY(figure_value(&p->r, f, &p->period, p->org, true, &a, err));
	if (p->json) {
		struct json j = page_json(p);
		answer_json(&j, p, &a);
		return RC_OK;
	}
	struct period last_year = page_compared(p);
	TRY(figure_value(&p->r, f, &last_year, p->org, false, &before, err));
	TRY(figure_boxes(p, &f, 1, false, &g.box, err));
	g.definition = label_text(&f->definition);
	g.recounting = a.recounting;
	g.before = answer_words(p, &before);
	g.before_words = period_words(p->a, &last_year);
	g.can_trace = f->of && permit_rows(f->of, &p->r.actor);
	figure_shares(p, a.grades, &g.shares, &g.shares_n);
	rests_on(p, f, &g);
	g.companions = NEWS(p->a, a.companions_n + 1, struct figure_row);
	for (size_t i = 0; i < a.companions_n; i++) {
		const struct figure *c = a.companions[i].figure;
		g.companions[g.companions_n++] = (struct figure_row){.label = label_text(&c->label),
			.value = answer_words(p, &a.companions[i]),
			.note = a.companions[i].told ? STR("") : a.companions[i].why,
			.href = page_hrefs(p, "/figures/%.*s", STR_ARG(c->id))};
	}
	TRY(months(p, f, &g, err));
	TRY(units(p, f, &g, err));
	shell_fill(p, &g.shell, g.box.label, PLACE_FIGURES, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Figures")), page_href(p, STR("/figures")));
	shell_crumb(p, &g.shell, group_label(figure_group_id(f)),
		arena_fmt(p->a, "%.*s#%.*s", STR_ARG(page_href(p, STR("/figures"))),
			STR_ARG(figure_group_id(f))));
	tpl_figure(page_out(p), &g);
	return RC_OK;
}

const struct route routes_figure[] = {
	{"GET", "/figures", all, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{"GET", "/figures/{figure}", one, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{0},
};
