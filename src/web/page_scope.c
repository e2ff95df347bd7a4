/* page_scope.c -- /scope: choose the unit and the span of days that everything counts over. */
#include "base/clock.h"
#include "templates.h"
#include "web/page_home.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { UNDER_MAX = 200, YEARS = 5 };

/* The address to go back to, with org and period set anew. */
static str back_with(struct page *p, str back, str org, str period)
{
	struct buf b = {0};
	str query, path = str_cut(back, '?', &query), anchor;
	query = str_cut(query, '#', &anchor);
	buf_add(&b, path.n ? path : STR("/"));
	char mark = '?';
	while (query.n > 0) {
		str rest, item = str_cut(query, '&', &query), name = str_cut(item, '=', &rest);
		if (str_is(name, "org") || str_is(name, "period") || str_is(name, "after") || item.n == 0)
			continue;
		buf_putc(&b, mark);
		buf_add(&b, item);
		mark = '&';
	}
	if (org.n) {
		buf_putc(&b, mark);
		buf_puts(&b, "org=");
		html_url(&b, org);
		mark = '&';
	}
	if (period.n) {
		buf_putc(&b, mark);
		buf_puts(&b, "period=");
		html_url(&b, period);
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* What names a unit in an address: its code, else its number. */
static str org_code(struct page *p, int64_t org)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("org"));
	const struct field *f = reg_field(reg, STR("code"));
	struct record *rec;
	if (f && record_get(&p->r, reg, org, &rec, NULL) == RC_OK && rec->values[f->at].kind == V_TEXT)
		return rec->values[f->at].t;
	return arena_fmt(p->a, "#%lld", (long long)org);
}

static void units(struct page *p, struct scope_page *g, str period)
{
	int32_t today = clock_today();
	int64_t own = p->r.actor.org ? p->r.actor.org : p->site->city->root_org, up[16];
	size_t n = 0, under_n = 0;
	for (int64_t at = p->org; at && n < 16; at = at == own ? 0 : tree_parent(p->r.tree, at, today))
		up[n++] = at;
	g->path = NEWS(p->a, n + 1, struct scope_choice);
	for (size_t i = n; i-- > 0;)
		g->path[g->path_n++] = (struct scope_choice){.label = page_org_name(p, up[i]),
			.href = back_with(p, g->back, up[i] == own ? STR("") : org_code(p, up[i]), period),
			.here = i == 0};
	const int64_t *under = tree_subtree(p->a, p->r.tree, p->org, today, &under_n);
	g->under = NEWS(p->a, UNDER_MAX, struct scope_choice);
	for (size_t i = 0; i < under_n && g->under_n < UNDER_MAX; i++)
		if (under[i] != p->org && tree_parent(p->r.tree, under[i], today) == p->org)
			g->under[g->under_n++] = (struct scope_choice){.label = page_org_name(p, under[i]),
				.href = back_with(p, g->back, org_code(p, under[i]), period)};
}

static void span(struct page *p, struct scope_choice *list, size_t *n, str spelling, str org,
	const struct scope_page *g)
{
	struct period period;
	if (period_parse(p->a, spelling, &period, NULL) != RC_OK)
		return;
	list[(*n)++] = (struct scope_choice){.label = period_words(p->a, &period),
		.href = back_with(p, g->back, org, spelling),
		.here = str_eq(spelling, p->period.text)};
}

static void periods(struct page *p, struct scope_page *g, str org)
{
	static const char *const halves[] = {"H1", "H2", "Q1", "Q2", "Q3", "Q4"};
	int year = date_ymd(clock_today()).year, shown = date_ymd(p->period.from).year;
	g->years = NEWS(p->a, YEARS, struct scope_choice);
	for (int y = year; y > year - YEARS; y--)
		span(p, g->years, &g->years_n, arena_fmt(p->a, "%d", y), org, g);
	g->parts = NEWS(p->a, 6, struct scope_choice);
	for (size_t i = 0; i < 6; i++)
		span(p, g->parts, &g->parts_n, arena_fmt(p->a, "%d%s", shown, halves[i]), org, g);
	g->from = date_str(p->a, p->period.from);
	g->to = date_str(p->a, p->period.to - 1);
}

/* The form for any span: from and to come as dates and leave as one period in the address that they go back to. */
static enum rc span_chosen(struct page *p, struct scope_page *g, str org, bool *out_gone)
{
	str from = page_input(p, "from"), to = page_input(p, "to");
	struct period period;
	struct err err;
	*out_gone = false;
	if (from.n == 0 && to.n == 0)
		return RC_OK;
	str spelling = arena_fmt(p->a, "%.*s..%.*s", STR_ARG(from), STR_ARG(to));
	if (period_parse(p->a, spelling, &period, &err) != RC_OK) {
		g->fault = arena_str(p->a, str_of(err.text));
		return RC_OK;
	}
	page_go(p, back_with(p, g->back, org, spelling));
	*out_gone = true;
	return RC_OK;
}

static enum rc scope(struct page *p, struct err *err)
{
	struct scope_page g = {.back = page_input(p, "back")};
	bool gone;
	if (g.back.n == 0)
		g.back = STR("/");
	str own = p->org_code, period = p->period_asked ? p->period.text : STR("");
	TRY(span_chosen(p, &g, own, &gone));
	if (gone)
		return RC_OK;
	(void)err;
	g.org_code = own;
	g.period_text = period;
	units(p, &g, period);
	periods(p, &g, own);
	shell_fill(p, &g.shell, str_of(tr("Scope and period")), PLACE_NONE, STR(""));
	tpl_scope(page_out(p), &g);
	return RC_OK;
}

static const struct input scope_inputs[] = {{"back", INPUT_ADDRESS, 2000, false},
	{"from", INPUT_TEXT, 20, false}, {"to", INPUT_TEXT, 20, false}, {0}};

const struct route routes_scope[] = {
	{"GET", "/scope", scope, ACCESS_OFFICE, CSRF_READ_ONLY, scope_inputs, ROUTE_HTML_ONLY},
	{0},
};
