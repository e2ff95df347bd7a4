/* page_report_list.c -- the reports of a unit: what is to be written now, each begun by one button; all spans of the years, by
 * name; what is under way and done. */
#include "base/clock.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_report.h"
#include "web/site_in.h"
#include "web/words.h"

enum { YEARS_MAX = 12, SPANS_MAX = 12, GROUPS = 6 };

struct listing {
	struct page *p;
	struct signoff *all; /* newest first */
	size_t n;
	int32_t today;
};

static str kind_words(const struct page *p, const char *kind)
{
	const struct field *f =
		reg_field(model_reg(p->site->city->model, STR("report_edition")), STR("kind"));
	for (size_t i = 0; i < f->choices_n; i++)
		if (str_is(f->choices[i].id, kind))
			return label_text(&f->choices[i].label);
	return str_of(kind);
}

/* The newest edition of the page's unit, kind and period that is not void. */
static const struct signoff *edition_of(const struct listing *l, const char *kind, str period)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->all[i].org == l->p->org && str_is(l->all[i].kind, kind) &&
			str_eq(l->all[i].period, period) && !str_is(l->all[i].state, "void"))
			return &l->all[i];
	return NULL;
}

/* brief and letter are no span's usual kind: their address names them. */
static bool named(const char *kind)
{
	return strcmp(kind, "brief") == 0 || strcmp(kind, "letter") == 0;
}

static str href_of(struct page *p, const char *kind, str period)
{
	return named(kind) ? page_hrefs(p, "/report/%.*s?kind=%s", STR_ARG(period), kind)
			   : page_hrefs(p, "/report/%.*s", STR_ARG(period));
}

/* ---- what is to be written now ---- */

static str next_title(struct page *p, const struct period *span, const char *kind)
{
	str when = report_span_words(p, span), what = kind_words(p, kind);
	return tr_lang() == LANG_ZH ? arena_fmt(p->a, "%.*s：%.*s", STR_ARG(when), STR_ARG(what))
				    : arena_fmt(p->a, "%.*s, %.*s", STR_ARG(what), STR_ARG(when));
}

static void add_next(const struct listing *l, struct report_list_page *g, const char *kind, str name)
{
	struct page *p = l->p;
	struct report_next *to = &g->next[g->next_n];
	struct period span;
	if (period_parse(p->a, name, &span, NULL) != RC_OK)
		return;
	const struct signoff *s = edition_of(l, kind, name);
	struct signoff none = {0};
	*to = (struct report_next){.title = next_title(p, &span, kind),
		.href = href_of(p, kind, name),
		.begins =
			s == NULL && form_may_add(p, model_reg(p->site->city->model, STR("report_edition"))),
		.common = {.csrf = p->csrf,
			.action = page_hrefs(p, "/report/%.*s", STR_ARG(name)),
			.kind = named(kind) ? str_of(kind) : STR(""),
			.id = STR("0"),
			.version = STR("0")}};
	to->about = span.to <= l->today + 1 ? str_of(tr("The period is over."))
					    : arena_fmt(p->a, tr("Through today; it ends on %.*s."),
						      STR_ARG(date_words(p, date_str(p->a, span.to - 1))));
	to->state = report_state_words(p, s ? s : &none, &to->look);
	g->next_n++;
}

static void next_fill(const struct listing *l, struct report_list_page *g)
{
	struct arena *a = l->p->a;
	struct ymd d = date_ymd(l->today);
	int month = d.month > 1 ? d.month - 1 : 12,
	    year = d.month > 1 ? d.year : d.year - 1; /* the last one over */
	int quarter = (d.month - 1) / 3, half = (d.month - 1) / 6;
	str m = arena_fmt(a, "%04d-%02d", year, month);
	g->next = NEWS(a, 6, struct report_next);
	add_next(l, g, "month", m);
	add_next(l, g, "brief", m);
	add_next(l, g, "quarter",
		quarter ? arena_fmt(a, "%04dQ%d", d.year, quarter) : arena_fmt(a, "%04dQ4", d.year - 1));
	add_next(l, g, "half", half ? arena_fmt(a, "%04dH1", d.year) : arena_fmt(a, "%04dH2", d.year - 1));
	add_next(l, g, "year", arena_fmt(a, "%04d", d.month < 3 ? d.year - 1 : d.year));
}

/* ---- the years ---- */

/* %Y%s of a span, its short name within the year. */
static void add_span(const struct listing *l, struct report_span_group *g, const char *kind, int year,
	const char *ending, str label)
{
	struct page *p = l->p;
	struct period span;
	str name = arena_fmt(p->a, "%04d%s", year, ending);
	if (period_parse(p->a, name, &span, NULL) != RC_OK || span.from > l->today)
		return;
	struct report_span_link *to = &g->spans[g->spans_n++];
	const struct signoff *s = edition_of(l, kind, name);
	*to = (struct report_span_link){.label = label, .href = href_of(p, kind, name), .look = ""};
	if (s)
		to->state = report_state_words(p, s, &to->look);
}

static struct report_span_group *add_group(const struct listing *l, struct report_year *y, str label)
{
	struct report_span_group *g = &y->groups[y->groups_n++];
	*g = (struct report_span_group){
		.label = label, .spans = NEWS(l->p->a, SPANS_MAX, struct report_span_link)};
	return g;
}

static str month_label(struct arena *a, int month)
{
	static const char *const english[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	return tr_lang() == LANG_ZH ? arena_fmt(a, "%d月", month) : str_of(english[month - 1]);
}

static void year_fill(const struct listing *l, int year, struct report_year *y)
{
	static const char *const quarters[] = {N_("Q1"), N_("Q2"), N_("Q3"), N_("Q4")};
	struct arena *a = l->p->a;
	*y = (struct report_year){.groups = NEWS(a, GROUPS, struct report_span_group),
		.id = arena_fmt(a, "y%d", year),
		.label = tr_lang() == LANG_ZH ? arena_fmt(a, "%d年", year) : arena_fmt(a, "%d", year)};
	struct report_span_group *g = add_group(l, y, str_of(tr("Whole year")));
	add_span(l, g, "year", year, "", kind_words(l->p, "year"));
	add_span(l, g, "letter", year, "", kind_words(l->p, "letter"));
	g = add_group(l, y, str_of(tr("Halves")));
	add_span(l, g, "half", year, "H1", str_of(tr("First half")));
	add_span(l, g, "half", year, "H2", str_of(tr("Second half")));
	g = add_group(l, y, str_of(tr("Quarters")));
	for (int q = 0; q < 4; q++)
		add_span(l, g, "quarter", year, quarters[q], str_of(tr(quarters[q])));
	g = add_group(l, y, str_of(tr("Months")));
	struct report_span_group *briefs = add_group(l, y, str_of(tr("Briefs")));
	for (int month = 1; month <= 12; month++) {
		str ending = arena_fmt(a, "-%02d", month);
		add_span(l, g, "month", year, ending.p, month_label(a, month));
		add_span(l, briefs, "brief", year, ending.p, month_label(a, month));
	}
}

/* This year, the last one, and every one that has a report. */
static void years_fill(const struct listing *l, struct report_list_page *g)
{
	int now = date_ymd(l->today).year;
	g->years = NEWS(l->p->a, YEARS_MAX, struct report_year);
	for (int year = now; year > now - YEARS_MAX; year--) {
		bool has = year >= now - 1;
		str name = arena_fmt(l->p->a, "%04d", year);
		for (size_t i = 0; i < l->n; i++)
			has = has || (l->all[i].org == l->p->org && str_starts(l->all[i].period, name));
		if (has)
			year_fill(l, year, &g->years[g->years_n++]);
	}
}

/* ---- what is under way ---- */

static bool waits_for_reader(struct page *p, const struct signoff *s)
{
	return signoff_may(&p->r, s, "check") || signoff_may(&p->r, s, "cosign") ||
	       signoff_may(&p->r, s, "sign_off");
}

static void rows_fill(const struct listing *l, struct report_list_page *g)
{
	struct page *p = l->p;
	g->rows = NEWS(p->a, l->n + 1, struct report_list_row);
	g->waiting = NEWS(p->a, l->n + 1, struct report_list_row);
	for (size_t i = 0; i < l->n; i++) {
		const struct signoff *s = &l->all[i];
		struct report_list_row *row = &g->rows[g->rows_n++];
		struct period span;
		bool parsed = period_parse(p->a, s->period, &span, NULL) == RC_OK;
		*row = (struct report_list_row){.title = s->title,
			.href = page_hrefs(p, "/report/%.*s?kind=%.*s&id=%lld", STR_ARG(s->period),
				STR_ARG(s->kind), (long long)s->id),
			.about = arena_fmt(p->a, tr("%.*s · %.*s · edition %lld"),
				STR_ARG(page_org_name(p, s->org)),
				STR_ARG(parsed ? report_span_words(p, &span) : s->period),
				(long long)s->serial)};
		row->state = report_state_words(p, s, &row->look);
		if (!waits_for_reader(p, s))
			continue;
		g->waiting[g->waiting_n] = *row;
		g->waiting[g->waiting_n++].href = page_hrefs(p, "/report/go/%lld", (long long)s->id);
	}
}

enum rc report_list(struct page *p, struct err *err)
{
	struct report_list_page g = {0};
	struct listing l = {.p = p, .today = clock_today()};
	TRY(signoff_list(&p->r, STR(""), &l.all, &l.n, err));
	next_fill(&l, &g);
	years_fill(&l, &g);
	rows_fill(&l, &g);
	if (form_may_add(p, model_reg(p->site->city->model, STR("report_edition"))))
		g.adopt_href = page_href(p, STR("/report/adopt"));
	g.refresh_href = page_href(p, STR("/report/refresh"));
	shell_fill(p, &g.shell, str_of(tr("Reports")), PLACE_REPORT, STR(""));
	tpl_report_list(page_out(p), &g);
	return RC_OK;
}
