/* page_open.c -- see page_open.h. */
#include "web/page_open.h"
#include "base/clock.h"
#include "format/csv.h"
#include "service/signoff/signoff.h"
#include "templates.h"
#include "web/page_figure.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/tpl.h"
#include "web/words.h"

enum { YEARS_MAX = 12 };

/* ---- what is published ---- */

enum rc open_tables(struct page *p, struct public_table **out, size_t *out_n, struct err *err)
{
	struct signoff *list;
	struct frozen f;
	size_t n;
	*out = NEWS(p->a, YEARS_MAX, struct public_table);
	*out_n = 0;
	TRY(signoff_published(&p->r, STR("year"), p->site->city->root_org, &list, &n, err));
	for (size_t i = 0; i < n && *out_n < YEARS_MAX; i++) {
		bool known = false;
		for (size_t k = 0; k < *out_n; k++)
			known = known || str_eq((*out)[k].period, list[i].period);
		if (known)
			continue;
		enum rc rc = signoff_frozen(&p->r, &list[i], PUBLIC_TABLE_PART, &f, err);
		if (rc == RC_NOT_FOUND)
			continue;
		TRY(rc);
		TRY(public_table_read(p->a, f.body, &(*out)[*out_n], err));
		++*out_n;
	}
	return RC_OK;
}

/* The table that the address asks for by ?year=, else the latest. */
static enum rc table_of(struct page *p, const struct public_table *all, size_t n,
	const struct public_table **out, struct err *err)
{
	str year = page_input(p, "year");
	*out = n ? &all[0] : NULL;
	if (year.n == 0)
		return RC_OK;
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].period, year)) {
			*out = &all[i];
			return RC_OK;
		}
	return FAIL(err, RC_NOT_FOUND, tr("No open figures are published for “%.*s”."), STR_ARG(year));
}

static enum rc unit_of(struct page *p, const struct public_table *t, size_t *out, struct err *err)
{
	str code = page_input(p, "unit");
	*out = 0;
	for (size_t u = 0; u < t->units_n; u++)
		if (str_eq(t->units[u].code, code)) {
			*out = u;
			return RC_OK;
		}
	return code.n == 0 ? RC_OK
			   : FAIL(err, RC_NOT_FOUND, tr("No open figures are published for “%.*s”."),
				     STR_ARG(code));
}

/* ---- words ---- */

static struct figure words_of(const struct public_figure *f)
{
	return (struct figure){.id = f->id, .label = f->label, .unit = f->unit};
}

static str value_with_unit(struct page *p, const struct public_figure *f, int64_t v)
{
	struct figure words = words_of(f);
	return figure_value_words(p, &words, v);
}

static str grade_letter(struct page *p, char grade)
{
	return grade ? arena_fmt(p->a, "%c", grade) : STR("");
}

static str day_words(struct page *p, int32_t day)
{
	struct buf b = {0};
	tpl_date(&b, date_str(p->a, day));
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* Against the table of the year before, where both tell the number by the same definition. */
static str compared(struct page *p, const struct public_table *all, size_t n, const struct public_table *t,
	const struct public_figure *f, str unit)
{
	int64_t year, other;
	if (!str_i64(t->period, &year))
		return STR("");
	for (size_t i = 0; i < n; i++) {
		const struct public_figure *was = public_table_figure(&all[i], f->id);
		if (!str_i64(all[i].period, &other) || other != year - 1 || was == NULL ||
			!str_eq(was->digest, f->digest))
			continue;
		for (size_t u = 0; u < all[i].units_n; u++)
			for (size_t k = 0; k < t->units_n; k++)
				if (str_eq(all[i].units[u].code, unit) && str_eq(t->units[k].code, unit) &&
					was->values[u] != PUBLIC_TABLE_HIDDEN &&
					f->values[k] != PUBLIC_TABLE_HIDDEN) {
					struct figure words = words_of(f);
					return change_words(p, &words, f->values[k], was->values[u]);
				}
	}
	return STR("");
}

static struct open_row row_of(struct page *p, const struct public_table *all, size_t n,
	const struct public_table *t, const struct public_figure *f, size_t unit)
{
	int64_t v = f->values[unit];
	struct open_row row = {.label = label_text(&f->label),
		.href = arena_fmt(p->a, "/street/figures/%.*s?year=%.*s", STR_ARG(f->id), STR_ARG(t->period)),
		.part = f->whole >= 0,
		.hidden = v == PUBLIC_TABLE_HIDDEN};
	if (row.hidden) {
		row.value = str_of(tr("not told"));
		return row;
	}
	row.value = value_with_unit(p, f, v);
	row.sub = compared(p, all, n, t, f, t->units[unit].code);
	if (unit == 0 && f->grade)
		row.sub = street_join(p, row.sub,
			arena_fmt(p->a, tr("evidence %c: %.*s"), f->grade, STR_ARG(grade_words(f->grade))));
	return row;
}

enum rc open_front(
	struct page *p, size_t most, struct street_row **out, size_t *out_n, str *out_year, struct err *err)
{
	struct public_table *all;
	size_t n;
	*out = NEWS(p->a, most, struct street_row);
	*out_n = 0;
	TRY(open_tables(p, &all, &n, err));
	if (n == 0)
		return RC_OK;
	*out_year = all[0].period;
	for (size_t i = 0; i < all[0].figures_n && *out_n < most; i++) {
		const struct public_figure *f = &all[0].figures[i];
		if (f->whole >= 0 || f->values[0] == PUBLIC_TABLE_HIDDEN || f->values[0] == 0)
			continue;
		struct open_row row = row_of(p, all, n, &all[0], f, 0);
		(*out)[(*out_n)++] = (struct street_row){
			.title = row.label, .href = row.href, .tag = row.value, .note = row.sub};
	}
	return RC_OK;
}

/* ---- the year ---- */

static struct street_group year_picks(
	struct page *p, const struct public_table *all, size_t n, const struct public_table *t)
{
	struct street_group g = {.label = str_of(tr("Year")), .picks = NEWS(p->a, n + 1, struct street_pick)};
	for (size_t i = 0; i < n; i++)
		g.picks[g.picks_n++] = (struct street_pick){
			all[i].period, page_here(p, "year", all[i].period), &all[i] == t};
	return g;
}

static struct street_group unit_picks(struct page *p, const struct public_table *t, size_t unit)
{
	struct street_group g = {
		.label = str_of(tr("Unit")), .picks = NEWS(p->a, t->units_n + 1, struct street_pick)};
	for (size_t u = 0; u < t->units_n; u++)
		g.picks[g.picks_n++] = (struct street_pick){u ? t->units[u].name : str_of(tr("Whole city")),
			page_here(p, "unit", u ? t->units[u].code : STR("")), u == unit};
	return g;
}

static void tables_fill(struct page *p, const struct public_table *all, size_t n,
	const struct public_table *t, size_t unit, struct open_page *g)
{
	str groups[40];
	size_t groups_n = group_list(p->site->city->model, groups, sizeof groups / sizeof *groups);
	g->tables = NEWS(p->a, groups_n + 1, struct open_group);
	for (size_t k = 0; k < groups_n; k++) {
		struct open_group *o = &g->tables[g->tables_n];
		*o = (struct open_group){.label = group_label(groups[k]),
			.rows = NEWS(p->a, t->figures_n + 1, struct open_row)};
		for (size_t i = 0; i < t->figures_n; i++)
			if (str_eq(t->figures[i].group, groups[k]))
				o->rows[o->rows_n++] = row_of(p, all, n, t, &t->figures[i], unit);
		g->tables_n += o->rows_n > 0;
	}
}

static enum rc figures(struct page *p, struct err *err)
{
	struct open_page g = {0};
	struct public_table *all;
	const struct public_table *t;
	size_t n, unit;
	TRY(open_tables(p, &all, &n, err));
	TRY(table_of(p, all, n, &t, err));
	if (p->json) {
		if (t == NULL)
			return FAIL(err, RC_NOT_FOUND, "%s", tr("No open figures are published yet."));
		p->q->out.type = "application/json; charset=utf-8";
		street_kept(p);
		buf_add(page_out(p), public_table_json(p->a, t));
		return RC_OK;
	}
	street_fill(p, &g.street, str_of(tr("Open figures")), STREET_FIGURES);
	g.intro = str_of(tr("Counted from records, each with its definition and evidence; published once a "
			    "year with the annual report, and not changed by what is entered later."));
	g.street.about = g.intro;
	if (t == NULL) {
		g.empty = str_of(tr("No open figures are published yet. They appear with the city's next "
				    "annual report."));
		tpl_street_figures(page_out(p), &g);
		return RC_OK;
	}
	TRY(unit_of(p, t, &unit, err));
	g.groups = NEWS(p->a, 2, struct street_group);
	g.groups[g.groups_n++] = year_picks(p, all, n, t);
	g.groups[g.groups_n++] = unit_picks(p, t, unit);
	tables_fill(p, all, n, t, unit, &g);
	g.told = arena_fmt(p->a, tr("Published on %.*s."), STR_ARG(day_words(p, clock_day_of(t->at_ms))));
	g.csv = arena_fmt(p->a, "/street/figures.csv?year=%.*s", STR_ARG(t->period));
	g.json = arena_fmt(p->a, "/street/figures.json?year=%.*s", STR_ARG(t->period));
	tpl_street_figures(page_out(p), &g);
	return RC_OK;
}

/* ---- one figure ---- */

/* The units whose numbers stand, longest bar = most; those that do not, by name. */
static void units_fill(struct page *p, const struct public_table *t, const struct public_figure *f,
	struct open_figure_page *g)
{
	int64_t most = 1, shown = 0;
	size_t hidden = 0;
	g->units = NEWS(p->a, t->units_n + 1, struct open_bar);
	for (size_t u = 1; u < t->units_n; u++)
		if (f->values[u] != PUBLIC_TABLE_HIDDEN && f->values[u] > most)
			most = f->values[u];
	struct figure words = words_of(f);
	for (size_t u = 1; u < t->units_n; u++) {
		if (f->values[u] == PUBLIC_TABLE_HIDDEN) {
			hidden++;
			g->hidden_names = street_join(p, g->hidden_names, t->units[u].name);
			continue;
		}
		shown += f->values[u];
		g->units[g->units_n++] = (struct open_bar){.label = t->units[u].name,
			.value = figure_value_text(p, &words, f->values[u]),
			.is = f->values[u],
			.most = most};
	}
	if (hidden == 0)
		return;
	bool total = f->values[0] != PUBLIC_TABLE_HIDDEN && f->adds;
	g->hidden_words =
		total ? arena_fmt(p->a, tr("%lld together with the city's own, not told one by one"),
				(long long)(f->values[0] - shown))
		      : str_of(tr("not told one by one"));
}

static void why_fill(struct page *p, const struct public_figure *f, struct open_figure_page *g)
{
	bool any = g->hidden_names.n > 0 || g->total.n == 0;
	if (!any)
		return;
	g->why = arena_fmt(p->a,
		f->zero_hides
			? tr("Numbers under %lld, zero too, could tell who is meant. Where one is not told, "
			     "at least one other that alone would stay is not told either, so that nobody "
			     "can "
			     "work it out by subtraction; which of them is the small one is never said.")
			: tr("Numbers under %lld could tell who is meant. Where one is not told, at least "
			     "one other that alone would stay is not told either, so that nobody can work "
			     "it out by subtraction; which of them is the small one is never said."),
		(long long)f->threshold);
}

static void years_fill(struct page *p, const struct public_table *all, size_t n,
	const struct public_figure *f, struct open_figure_page *g)
{
	int64_t most = 1;
	g->years = NEWS(p->a, n + 1, struct open_bar);
	for (size_t i = 0; i < n; i++) {
		const struct public_figure *x = public_table_figure(&all[i], f->id);
		if (x && x->values[0] != PUBLIC_TABLE_HIDDEN && x->values[0] > most)
			most = x->values[0];
	}
	for (size_t i = 0; i < n; i++) {
		const struct public_figure *x = public_table_figure(&all[i], f->id);
		if (x == NULL)
			continue;
		struct figure words = words_of(x);
		bool told = x->values[0] != PUBLIC_TABLE_HIDDEN;
		g->years[g->years_n++] = (struct open_bar){.label = all[i].period,
			.value = told ? figure_value_text(p, &words, x->values[0]) : str_of(tr("not told")),
			.href = page_here(p, "year", all[i].period),
			.is = told ? x->values[0] : 0,
			.most = most};
	}
}

static enum rc figure(struct page *p, struct err *err)
{
	struct open_figure_page g = {0};
	struct public_table *all;
	const struct public_table *t;
	size_t n;
	TRY(open_tables(p, &all, &n, err));
	TRY(table_of(p, all, n, &t, err));
	const struct public_figure *f = t ? public_table_figure(t, page_arg(p, 0)) : NULL;
	if (f == NULL)
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	street_fill(p, &g.street, label_text(&f->label), STREET_FIGURES);
	g.back = arena_fmt(p->a, "/street/figures?year=%.*s", STR_ARG(t->period));
	g.definition = label_text(&f->definition);
	g.street.about = g.definition;
	g.grade = grade_letter(p, f->grade);
	g.grade_words = grade_words(f->grade);
	if (f->values[0] != PUBLIC_TABLE_HIDDEN)
		g.total = value_with_unit(p, f, f->values[0]);
	g.groups = NEWS(p->a, 1, struct street_group);
	g.groups[g.groups_n++] = year_picks(p, all, n, t);
	units_fill(p, t, f, &g);
	why_fill(p, f, &g);
	if (n > 1)
		years_fill(p, all, n, f, &g);
	g.csv = arena_fmt(p->a, "/street/figures.csv?year=%.*s", STR_ARG(t->period));
	tpl_street_figure(page_out(p), &g);
	return RC_OK;
}

/* ---- to take away ---- */

static void csv_row(struct page *p, struct csv_writer *w, const struct public_table *t,
	const struct public_figure *f, size_t u)
{
	bool hidden = f->values[u] == PUBLIC_TABLE_HIDDEN;
	csv_plain(w, t->period);
	csv_text(w, f->id);
	csv_text(w, f->whole >= 0 ? t->figures[f->whole].id : STR(""));
	csv_text(w, label_text(&f->label));
	csv_text(w, t->units[u].code);
	csv_text(w, t->units[u].name);
	csv_plain(w, hidden ? STR("") : arena_fmt(p->a, "%lld", (long long)f->values[u]));
	csv_text(w, f->unit);
	csv_text(w, grade_letter(p, f->grade));
	csv_plain(w, arena_fmt(p->a, "%lld", (long long)f->threshold));
	csv_text(w, label_text(&f->definition));
	csv_end(w);
}

static enum rc sheet(struct page *p, struct err *err)
{
	static const char *const heads[] = {N_("Year"), N_("Figure"), N_("Part of"), N_("Name"),
		N_("Unit code"), N_("Unit"), N_("Number (empty: not told)"), N_("Counted in"), N_("Evidence"),
		N_("Hidden below"), N_("Definition")};
	struct public_table *all;
	const struct public_table *t;
	struct csv_writer w;
	size_t n;
	TRY(open_tables(p, &all, &n, err));
	TRY(table_of(p, all, n, &t, err));
	if (t == NULL)
		return FAIL(err, RC_NOT_FOUND, "%s", tr("No open figures are published yet."));
	p->q->out.type = "text/csv; charset=utf-8";
	street_kept(p);
	http_add(p->q, "Content-Disposition",
		arena_cstr(p->a, arena_fmt(p->a, "attachment; filename=\"open-figures-%.*s.csv\"",
					 STR_ARG(t->period))));
	csv_begin(&w, page_out(p));
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		csv_text(&w, str_of(tr(heads[i])));
	csv_end(&w);
	for (size_t i = 0; i < t->figures_n; i++)
		for (size_t u = 0; u < t->units_n; u++)
			csv_row(p, &w, t, &t->figures[i], u);
	return RC_OK;
}

static const struct input year_in[] = {{"year", INPUT_WORD, 4, false}, {"unit", INPUT_TEXT, 40, false}, {0}};
static const struct input one_in[] = {{"year", INPUT_WORD, 4, false}, {0}};

const struct route routes_street_figures[] = {
	{"GET", "/street/figures", figures, ACCESS_PUBLIC, CSRF_READ_ONLY, year_in, ROUTE_SLOW},
	{"GET", "/street/figures.csv", sheet, ACCESS_PUBLIC, CSRF_READ_ONLY, one_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/figures/{figure}", figure, ACCESS_PUBLIC, CSRF_READ_ONLY, one_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
