/* home_boxes.c -- the boxes of the desk beside what waits: figures, what the report lacks, registers that are open, children
 * found, doors of administration (page_home.h). */
#include "base/clock.h"
#include "guard/authorise.h"
#include "register/permit.h"
#include "service/rescue/rules.h"
#include "web/form.h"
#include "web/page_home.h"
#include "web/site_in.h"

enum { GAPS_MAX = 6, BOXES_MAX = 8, COUNT_BELOW_ID = 200000 };

/* ---- figures ---- */

/* Does our annual report name the figure? Without such a template every figure counts. */
static bool in_report(const struct model *m, const struct figure *f)
{
	for (size_t i = 0; i < m->texts_n; i++) {
		if (!str_is(m->texts[i].path, "reports/annual.md"))
			continue;
		str rest = m->texts[i].text;
		for (size_t at; (at = str_find(rest, f->id)) != SIZE_MAX;
			rest = str_from(rest, at + f->id.n)) {
			char before = at ? rest.p[at - 1] : ' ',
			     after = str_from(rest, at + f->id.n).n ? rest.p[at + f->id.n] : ' ';
			bool inside = after == '_' || (after >= 'a' && after <= 'z');
			if (!inside && (before == '{' || before == ' '))
				return true;
		}
		return false;
	}
	return true;
}

static size_t boxes_of(const struct home_plan *plan, const struct figure *const *list,
	const struct figure_answer *answers, size_t n, const struct figure *shown[BOXES_MAX])
{
	size_t k = 0;
	for (size_t a = 0; a < plan->first_n && k < BOXES_MAX; a++)
		for (size_t i = 0; i < n && k < BOXES_MAX; i++)
			if (list[i] == plan->first[a] && answers[i].told && answers[i].value != 0)
				shown[k++] = list[i];
	/* Then figures with something to tell, taken in turn from each group. */
	for (size_t round = 0; round < 3 && k < BOXES_MAX; round++)
		for (size_t i = 0, seen = 0; i < n && k < BOXES_MAX; i++) {
			bool same = i > 0 && str_eq(figure_group_id(list[i]), figure_group_id(list[i - 1]));
			bool first = false;
			seen = same ? seen + 1 : 0;
			for (size_t a = 0; a < plan->first_n; a++)
				first = first || plan->first[a] == list[i];
			if (seen == round && answers[i].told && answers[i].value != 0 && !first)
				shown[k++] = list[i];
		}
	return k;
}

static struct home_gap gap_of(struct page *p, const struct figure_answer *a, bool zero)
{
	const struct figure *f = a->figure;
	struct home_gap g = {.label = label_text(&f->label),
		.why = zero ? str_of(tr("nothing recorded in this period")) : a->why,
		.zero = zero,
		.href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id)),
		.remedy = str_of(tr("See why"))};
	g.remedy_href = g.href;
	if (f->of && form_may_add(p, f->of)) {
		g.remedy = str_of(tr("Record it"));
		g.remedy_href = page_hrefs(p, "/r/%.*s/new", STR_ARG(f->of->id));
	} else if (f->of && permit_reach(f->of, &p->r.actor) >= REACH_SUBTREE) {
		g.remedy = str_of(tr("See the rows"));
		g.remedy_href = page_hrefs(p, "/r/%.*s", STR_ARG(f->of->id));
	}
	return g;
}

static void gaps(struct page *p, struct home_page *h, const struct figure *const *list,
	const struct figure_answer *answers, size_t n)
{
	size_t good = 0, all = 0, missing = 0;
	h->gaps = NEWS(p->a, GAPS_MAX, struct home_gap);
	for (int zero = 0; zero < 2; zero++)
		for (size_t i = 0; i < n; i++) {
			const struct figure_answer *a = &answers[i];
			if (!in_report(p->site->city->model, list[i]))
				continue;
			bool gap = zero ? a->told && a->value == 0 : !a->told;
			all += (size_t)zero;
			good += zero && a->told && a->value != 0;
			missing += gap;
			if (gap && h->gaps_n < GAPS_MAX)
				h->gaps[h->gaps_n++] = gap_of(p, a, zero);
		}
	if (missing > h->gaps_n)
		h->gaps_more = arena_fmt(p->a, tr("and %zu more"), missing - h->gaps_n);
	h->counted = arena_fmt(p->a, "%zu", good);
	h->figures_n_text = arena_fmt(p->a, tr("/ %zu figures can go into the report"), all);
	h->share_width = arena_fmt(p->a, "%zu", all ? good * 220 / all : 0);
	h->rest_x = arena_fmt(p->a, "%zu", all ? good * 220 / all + 2 : 0);
	h->rest_width = arena_fmt(p->a, "%zu", all && good < all ? 218 - good * 218 / all : 0);
}

enum rc home_figures(struct page *p, const struct home_plan *plan, struct home_page *h, struct err *err)
{
	const struct model *m = p->site->city->model;
	const struct figure **list = NEWS(p->a, m->figures_n + 1, const struct figure *);
	const struct figure *shown[BOXES_MAX];
	struct figure_answer *answers = NEWS(p->a, m->figures_n + 1, struct figure_answer);
	size_t n = 0;
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].parent == NULL && m->figures[i].grain != G_RATE)
			list[n++] = &m->figures[i];
	TRY(figure_values(&p->r, list, n, &p->period, p->org, false, answers, err));
	if (plan->report)
		gaps(p, h, list, answers, n);
	if (!plan->figures)
		return RC_OK;
	size_t k = boxes_of(plan, list, answers, n, shown);
	h->boxes = NEWS(p->a, BOXES_MAX, struct figure_box);
	h->boxes_n = k;
	return figure_boxes(p, shown, k, true, h->boxes, err);
}

/* ---- lists of lines ---- */

static void starts(struct page *p, const struct home_plan *plan, struct home_page *h)
{
	h->start = NEWS(p->a, PLAN_LIST_MAX, struct home_line);
	for (size_t i = 0; i < plan->start_n; i++)
		if (form_may_add(p, plan->start[i]))
			h->start[h->start_n++] =
				(struct home_line){.label = arena_fmt(p->a, tr("Record %.*s"),
							   STR_ARG(label_text(&plan->start[i]->label))),
					.href = page_hrefs(p, "/r/%.*s/new", STR_ARG(plan->start[i]->id))};
}

static enum rc opens(struct page *p, const struct home_plan *plan, struct home_page *h, struct err *err)
{
	h->open = NEWS(p->a, PLAN_LIST_MAX, struct home_line);
	for (size_t i = 0; i < plan->open_n; i++) {
		const struct reg *reg = plan->open[i];
		struct record_query q = {.reg = reg};
		int64_t n = 0;
		if (permit_reach(reg, &p->r.actor) == REACH_NONE)
			continue;
		TRY(record_count(&p->r, &q, &n, err));
		h->open[h->open_n++] = (struct home_line){.label = label_text(&reg->label),
			.detail = label_text(&reg->holds),
			.count = arena_fmt(p->a, "%lld", (long long)n),
			.href = page_href_ever(p, arena_fmt(p->a, "/r/%.*s", STR_ARG(reg->id)))};
	}
	return RC_OK;
}

static enum rc open_hits(struct page *p, const struct reg *reg, str where, int64_t *out, struct err *err)
{
	struct record_query q = {
		.reg = reg, .where = where, .org = p->org_code.n || p->r.actor.org ? p->org : 0};
	return record_count(&p->r, &q, out, err);
}

/* What the finder's runs have opened (service/rescue/open.h), as numbers by rule. */
static enum rc finder(struct page *p, struct home_page *h, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("rescue_hit"));
	struct rescue_rules rules;
	int64_t n, late;
	if (reg == NULL || !permit_rows(reg, &p->r.actor)) /* no authorisation */
		return RC_OK;
	TRY(rescue_rules_read(p->a, p->site->city->model, &rules, err));
	TRY(open_hits(p, reg, STR("state = 'open'"), &n, err));
	TRY(open_hits(p, reg, STR("state = 'open' and due_on < today"), &late, err));
	h->finder = NEWS(p->a, rules.triggers_n + 1, struct home_line);
	for (size_t t = 0; n > 0 && t < rules.triggers_n && h->finder_n < GAPS_MAX; t++) {
		const struct rescue_trigger *x = &rules.triggers[t];
		int64_t of;
		TRY(open_hits(p, reg, arena_fmt(p->a, "state = 'open' and rule = '%.*s'", STR_ARG(x->id)),
			&of, err));
		if (of == 0)
			continue;
		h->finder[h->finder_n++] = (struct home_line){.label = label_text(&x->label),
			.href = page_hrefs(p, "/finder?rule=%.*s", STR_ARG(x->id)),
			.detail = arena_fmt(p->a,
				trn("to be answered within %lld day", "to be answered within %lld days",
					x->days),
				(long long)x->days),
			.look = x->urgency == RESCUE_NOW    ? "danger"
				: x->urgency == RESCUE_HIGH ? "warn"
							    : "m",
			.count = arena_fmt(p->a, "%lld", (long long)of)};
	}
	h->finder_href = page_href(p, STR("/finder"));
	h->finder_note =
		arena_fmt(p->a, tr("%lld open, %lld of them overdue"), (long long)n, (long long)late);
	return RC_OK;
}

static void admin(struct page *p, struct home_page *h)
{
	static const struct {
		const char *label, *detail, *href, *roles[3];
	} doors[] = {{N_("Accounts"), N_("who may sign in, and as what"), "/accounts",
			     {"sysadmin", "secadmin", NULL}},
		{N_("Links for units"), N_("one-time links for branch secretaries"), "/accounts/links",
			{"secadmin", NULL}},
		{N_("Hand-over"), N_("duties that go to a successor"), "/handover",
			{"sysadmin", "secadmin", NULL}},
		{N_("Model desk"), N_("what the registers declare; a field added, a label changed"), "/model",
			{"sysadmin", "secadmin", NULL}},
		{N_("Authorisations"), N_("who may read minors' data, until when"), "/authorisations",
			{"secadmin", "auditadmin", NULL}},
		{N_("Break-glass"), N_("emergency reads and their review"), "/break-glass",
			{"secadmin", "auditadmin", NULL}}};
	h->admin = NEWS(p->a, sizeof doors / sizeof *doors, struct home_line);
	for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
		bool his = false;
		for (size_t k = 0; doors[i].roles[k]; k++)
			his = his || actor_has_role(&p->r.actor, str_of(doors[i].roles[k]));
		if (his)
			h->admin[h->admin_n++] = (struct home_line){.label = str_of(tr(doors[i].label)),
				.detail = str_of(tr(doors[i].detail)),
				.href = page_href(p, str_of(doors[i].href))};
	}
}

enum rc home_lists(struct page *p, const struct home_plan *plan, struct home_page *h, struct err *err)
{
	starts(p, plan, h);
	TRY(opens(p, plan, h, err));
	if (plan->finder)
		TRY(finder(p, h, err));
	if (plan->admin)
		admin(p, h);
	return RC_OK;
}
