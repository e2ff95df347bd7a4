/* page_find.c -- /find: what is typed comes by POST, so that no name stands in an address, a log or a history. */
#include "web/page_find.h"
#include "register/permit.h"
#include "register/person.h"
#include "register/search.h"
#include "templates.h"
#include "web/meter.h"
#include "web/page_figure.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>

enum { PEOPLE_MAX = 50, ROWS_MAX = 60, PER_REGISTER = 5, NAMES_MAX = 8 };

static struct find_group *group(struct page *p, struct find_page *g, const char *label, size_t cap)
{
	struct find_group *to = &g->groups[g->groups_n];
	*to = (struct find_group){.label = str_of(label), .rows = NEWS(p->a, cap + 1, struct find_row)};
	return to;
}

static void keep(struct find_page *g, const struct find_group *to)
{
	g->n += to->rows_n;
	g->groups_n += to->rows_n > 0;
}

/* ---- rows: people, units, the rest ---- */

static enum rc people(
	struct page *p, struct find_page *g, struct record **seen, size_t *seen_n, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("person"));
	int64_t ids[PEOPLE_MAX];
	size_t n = 0;
	TRY(person_search(&p->r, g->asked, ids, PEOPLE_MAX, &n, err));
	struct find_group *to = group(p, g, tr("People"), n);
	for (size_t i = 0; i < n; i++) {
		struct record *rec;
		if (record_get(&p->r, reg, ids[i], &rec, NULL) != RC_OK)
			continue;
		seen[(*seen_n)++] = rec;
		to->rows[to->rows_n++] = (struct find_row){.title = page_label(p, reg, ids[i]),
			.kind = label_text(&reg->label),
			.unit = page_org_name(p, rec->org),
			.href = page_hrefs(p, "/r/person/%lld", (long long)ids[i])};
	}
	if (n == PEOPLE_MAX)
		to->note = str_of(
			tr("These are the first 50. Add a character to the name, or use the whole number."));
	keep(g, to);
	return RC_OK;
}

static void rows_of(struct page *p, struct find_page *g, const struct search_hit *hits, size_t n, bool units)
{
	struct find_group *to = group(p, g, units ? tr("Units") : tr("Records"), n);
	for (size_t i = 0; i < n; i++) {
		const struct search_hit *h = &hits[i];
		if (str_is(h->reg->id, "org") != units)
			continue;
		to->rows[to->rows_n++] = (struct find_row){.title = h->label,
			.kind = h->code.n ? arena_fmt(p->a, "%.*s %.*s", STR_ARG(label_text(&h->reg->label)),
						    STR_ARG(h->code))
					  : label_text(&h->reg->label),
			.unit = units ? STR("") : page_org_name(p, h->org),
			.href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(h->reg->id), (long long)h->id)};
	}
	keep(g, to);
}

static enum rc records(
	struct page *p, struct find_page *g, struct record **seen, size_t *seen_n, struct err *err)
{
	struct search_hit *hits = NEWS(p->a, ROWS_MAX, struct search_hit);
	size_t n = 0;
	bool more;
	TRY(search_rows(&p->r, g->asked, SEARCH_MS_MAX, PER_REGISTER, hits, ROWS_MAX, &n, &more, err));
	for (size_t i = 0; i < n && p->json; i++)
		if (record_get(&p->r, hits[i].reg, hits[i].id, &seen[*seen_n], NULL) == RC_OK)
			++*seen_n;
	rows_of(p, g, hits, n, true);
	rows_of(p, g, hits, n, false);
	if (more && g->groups_n > 0)
		g->groups[g->groups_n - 1].note = str_of(
			tr("The nearest of each register; type more of the title or the code to narrow."));
	return RC_OK;
}

/* ---- names: figures, registers, pages ---- */

struct named {
	int rank;
	struct find_row row;
};

static int nearest(const void *x, const void *y)
{
	const struct named *a = x, *b = y;
	return a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : str_cmp(a->row.href, b->row.href);
}

/* The best of several spellings, or -1. */
static int best(struct page *p, str asked, const struct label *l, str id)
{
	int ranks[] = {search_rank(p->a, asked, l->zh), search_rank(p->a, asked, l->en),
		search_rank(p->a, asked, id)};
	int out = -1;
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
		if (ranks[i] >= 0 && (out < 0 || ranks[i] < out))
			out = ranks[i];
	return out;
}

static void names(struct page *p, struct find_page *g, const char *label, struct named *list, size_t n)
{
	struct find_group *to = group(p, g, label, NAMES_MAX);
	qsort(list, n, sizeof *list, nearest);
	for (size_t i = 0; i < n && i < NAMES_MAX; i++)
		to->rows[to->rows_n++] = list[i].row;
	keep(g, to);
}

static void figures(struct page *p, struct find_page *g)
{
	const struct model *m = p->site->city->model;
	struct named *list = NEWS(p->a, m->figures_n + 1, struct named);
	size_t n = 0;
	if (!actor_has_office(&p->r.actor))
		return;
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		int rank = best(p, g->asked, &f->label, f->id);
		if (rank >= 0)
			list[n++] = (struct named){
				rank, {label_text(&f->label), group_label(figure_group_id(f)), f->unit,
					      page_hrefs(p, "/figures/%.*s", STR_ARG(f->id))}};
	}
	names(p, g, tr("Figures"), list, n);
}

static void registers(struct page *p, struct find_page *g)
{
	const struct model *m = p->site->city->model;
	struct named *list = NEWS(p->a, m->regs_n + 1, struct named);
	size_t n = 0;
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *reg = &m->regs[i];
		int rank = permit_reach(reg, &p->r.actor) == REACH_NONE
				   ? -1
				   : best(p, g->asked, &reg->label, reg->id);
		if (rank >= 0)
			list[n++] = (struct named){
				rank, {label_text(&reg->label), group_label(reg->group), STR(""),
					      page_hrefs(p, "/r/%.*s", STR_ARG(reg->id))}};
	}
	names(p, g, tr("Registers"), list, n);
}

static const struct {
	const char *label, *href;
	bool office;
	const char *role; /* NULL: all */
} places[] = {
	{N_("My desk"), "/", true, NULL},
	{N_("Figures"), "/figures", true, NULL},
	{N_("Coverage"), "/coverage", true, NULL},
	{N_("Annual report"), "/report", true, NULL},
	{N_("Appraisal"), "/appraisal", true, NULL},
	{N_("Collections"), "/collections", true, NULL},
	{N_("Notices"), "/notices", true, NULL},
	{N_("Import a sheet"), "/import", true, NULL},
	{N_("Registers"), "/registers", false, NULL},
	{N_("Authorisations"), "/authorisations", true, NULL},
	{N_("Break-glass"), "/break-glass", true, NULL},
	{N_("Hand-over"), "/handover", true, NULL},
	{N_("Accounts"), "/accounts", true, "secadmin"},
	{N_("Me"), "/me", false, NULL},
	{N_("What is held about me"), "/me/data", false, NULL},
};

static void pages(struct page *p, struct find_page *g)
{
	enum { N = sizeof places / sizeof *places };
	struct named list[N];
	size_t n = 0;
	for (size_t i = 0; i < N; i++) {
		int rank = search_rank(p->a, g->asked, str_of(tr(places[i].label)));
		bool open = (!places[i].office || actor_has_office(&p->r.actor)) &&
			    (places[i].role == NULL || actor_has_role(&p->r.actor, str_of(places[i].role)));
		if (rank >= 0 && open)
			list[n++] = (struct named){rank, {str_of(tr(places[i].label)), STR(""), STR(""),
								 page_href(p, str_of(places[i].href))}};
	}
	names(p, g, tr("Pages"), list, n);
}

/* ---- the page ---- */

static enum rc find(struct page *p, struct err *err)
{
	struct find_page g = {.asked = str_trim(page_input(p, "q"))};
	struct record **seen = NEWS(p->a, PEOPLE_MAX + ROWS_MAX + 1, struct record *);
	size_t seen_n = 0;
	/* Asked often it is a way to try names and numbers. */
	if (g.asked.n && meter_waits(p, "find", FINDS_PER_MINUTE))
		return RC_OK;
	if (g.asked.n > 0) {
		TRY(people(p, &g, seen, &seen_n, err));
		TRY(records(p, &g, seen, &seen_n, err));
		figures(p, &g);
		registers(p, &g);
		pages(p, &g);
	}
	if (p->json) {
		struct json j = page_json(p);
		json_array(&j);
		for (size_t i = 0; i < seen_n; i++)
			record_json(&j, seen[i]);
		json_array_end(&j);
		return RC_OK;
	}
	shell_fill(p, &g.shell, str_of(tr("Find")), PLACE_NONE, STR(""));
	tpl_find(page_out(p), &g);
	return RC_OK;
}

static const struct input find_inputs[] = {{"q", INPUT_TEXT, 60, false}, {0}};

const struct route routes_find[] = {
	{"GET", "/find", find, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_QUICK},
	{"POST", "/find", find, ACCESS_SIGNED_IN, CSRF_TOKEN, find_inputs, ROUTE_SLOW},
	{0},
};
