/* list.c -- see list.h. */
#include "service/rescue/list.h"
#include "base/date.h"
#include "register/permit.h"
#include "service/rescue/gather.h"
#include <stdlib.h>

/* What finder.h knows under its own names, as bits of the declared triggers. */
static uint64_t declared(const struct rescue_rules *r, uint32_t found)
{
	static const struct {
		enum rescue_how how;
		enum finder_trigger trigger;
	} same[] = {{RESCUE_NO_CARER, FINDER_NO_CARER}, {RESCUE_NOT_SEEN, FINDER_VISIT_OVERDUE},
		{RESCUE_SIBLINGS, FINDER_SIBLING}};
	uint64_t bits = 0;
	for (size_t k = 0; k < r->triggers_n; k++)
		for (size_t i = 0; i < sizeof same / sizeof *same; i++)
			if (r->triggers[k].how == same[i].how && (found >> same[i].trigger & 1))
				bits |= UINT64_C(1) << k;
	return bits;
}

static void weigh(const struct rescue_rules *r, struct rescue_hit *h)
{
	h->days = INT64_MAX;
	for (size_t k = 0; k < r->triggers_n; k++) {
		if (!(h->open >> k & 1))
			continue;
		if (r->triggers[k].urgency > h->urgency)
			h->urgency = r->triggers[k].urgency;
		if (r->triggers[k].days < h->days)
			h->days = r->triggers[k].days;
	}
}

static int gravest(const void *a, const void *b)
{
	const struct rescue_hit *x = a, *y = b;
	if ((x->open != 0) != (y->open != 0))
		return x->open ? -1 : 1;
	if (x->urgency != y->urgency)
		return x->urgency > y->urgency ? -1 : 1;
	if (x->days != y->days)
		return x->days < y->days ? -1 : 1;
	return (x->child > y->child) - (x->child < y->child);
}

static bool his(const struct reader *r, int64_t unit, int32_t on)
{
	return r->actor.org == 0 || tree_under(r->tree, unit, r->actor.org, on);
}

static void collect(struct reader *r, const struct rescue_facts *facts, const struct finder *f, int32_t on,
	struct rescue_list *out)
{
	out->hits = NEWS(r->a, facts->n + 1, struct rescue_hit);
	for (uint32_t c = 0; c < facts->n; c++) {
		const struct rescue_found *x = &facts->child[c];
		if (date_age_years(facts->about[c].born, on) > 17 || !his(r, x->unit, on))
			continue;
		out->population += x->on_roll;
		uint64_t bits = x->open | declared(&out->rules, finder_look(f, c, on).open);
		if (bits == 0)
			continue;
		struct rescue_hit h = {.child = x->person,
			.unit = x->unit,
			.open = bits & ~x->explained,
			.explained = bits & x->explained,
			.on_roll = x->on_roll};
		weigh(&out->rules, &h);
		out->open += h.open != 0;
		out->hits[out->n++] = h;
	}
	if (out->n > 0)
		qsort(out->hits, out->n, sizeof *out->hits, gravest);
}

enum rc rescue_list(struct reader *r, int32_t on, struct rescue_list *out, struct err *err)
{
	struct rescue_list list = {0};
	const struct reg *hits = model_reg(r->city->model, STR("rescue_hit"));
	if (hits == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register rescue_hit");
	struct basis basis;
	int64_t org = r->actor.org ? r->actor.org : r->city->root_org;
	if (!permit_rows_of(r->tree, hits, &r->actor, org, &basis))
		return FAIL(err, RC_DENIED, "you may not read %.*s", STR_ARG(label_text(&hits->label)));
	TRY(rescue_rules_read(r->a, r->city->model, &list.rules, err));
	struct rescue_facts facts;
	struct finder *f;
	TRY(rescue_gather(r, &list.rules, on, &facts, err));
	struct finder_rules rules = finder_usual();
	for (size_t i = 0; i < RESCUE_LEVELS; i++)
		rules.visit_days[i] = list.rules.level_days[i];
	TRY(finder_make(r->a, &rules, facts.about, (uint32_t)facts.n, facts.fact, facts.facts_n, &f, err));
	collect(r, &facts, f, on, &list);
	*out = list;
	return RC_OK;
}
