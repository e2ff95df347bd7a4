/* finder.c -- see finder.h. Facts are laid beside each other by child (counting sort), children by household. A look walks
 * the child's facts once into `struct seen`, then asks the questions. */
#include "service/rescue/finder.h"
#include "base/date.h"
#include <assert.h>

enum { BORN_MIN_DAY = -10957, BORN_MAX_DAY = 47482 }; /* 1940-01-02 .. 2100-01-01 */

struct finder {
	struct finder_rules rules;
	const struct finder_child *children;
	uint32_t children_n;
	size_t *at; /* facts of child c: fact[at[c]] .. fact[at[c + 1]] */
	struct finder_fact *fact;
	uint32_t *member_at, *member; /* of household h */
};

/* What a child's facts say on a day. */
struct seen {
	bool parent_gone[2], parent_lost[2];
	bool carer, bad_carer, situation, enrolled, dropped, moved, listed, had_listing, evidence,
		had_evidence, helper, had_helper, on_roll, met;
	int32_t last_listing_end, last_closing, last_visit, listed_since, last_sat, first_seen;
	uint8_t colour;
	int32_t calls, misses;
	uint32_t explained;
	int32_t next_day;
};

struct finder_rules finder_usual(void)
{
	return (struct finder_rules){.visit_days = {92, 31, 15, 7},
		.school_age_from = 7,
		.school_age_to = 15,
		.minor_to = 17,
		.moved_days = 30,
		.calls = 3,
		.calls_days = 90,
		.misses = 2};
}

/* Building */

static enum rc check_fact(const struct finder_fact *x, size_t i, uint32_t children_n, struct err *err)
{
	static const uint8_t most[FINDER_KINDS] = {[FINDER_PARENT] = 2 * FINDER_UNABLE + 1,
		[FINDER_CARER] = 1,
		[FINDER_LISTED] = 3,
		[FINDER_EXPLAINED] = FINDER_TRIGGERS - 1};
	if (x->child >= children_n)
		return FAIL(err, RC_INVALID, "fact %zu is of no child", i);
	if (x->kind >= FINDER_KINDS || x->detail > most[x->kind] || x->from > x->until ||
		x->from < -1000000 || x->from > 1000000)
		return FAIL(err, RC_INVALID, "fact %zu: kind, detail or dates out of range", i);
	return RC_OK;
}

static void index_facts(struct arena *a, struct finder *f, const struct finder_fact *facts, size_t n)
{
	f->at = NEWS(a, (size_t)f->children_n + 2, size_t);
	f->fact = NEWS(a, n, struct finder_fact);
	for (size_t i = 0; i < n; i++)
		f->at[facts[i].child + 2]++;
	for (size_t c = 0; c < f->children_n; c++)
		f->at[c + 2] += f->at[c + 1];
	for (size_t i = 0; i < n; i++)
		f->fact[f->at[facts[i].child + 1]++] = facts[i];
}

static void index_households(struct arena *a, struct finder *f)
{
	uint32_t households = 0;
	for (uint32_t c = 0; c < f->children_n; c++)
		if (f->children[c].household != FINDER_NOBODY && f->children[c].household >= households)
			households = f->children[c].household + 1;
	f->member_at = NEWS(a, (size_t)households + 2, uint32_t);
	f->member = NEWS(a, f->children_n, uint32_t);
	for (uint32_t c = 0; c < f->children_n; c++)
		if (f->children[c].household != FINDER_NOBODY)
			f->member_at[f->children[c].household + 2]++;
	for (uint32_t h = 0; h < households; h++)
		f->member_at[h + 2] += f->member_at[h + 1];
	for (uint32_t c = 0; c < f->children_n; c++)
		if (f->children[c].household != FINDER_NOBODY)
			f->member[f->member_at[f->children[c].household + 1]++] = c;
}

enum rc finder_make(struct arena *a, const struct finder_rules *rules, const struct finder_child *children,
	uint32_t children_n, const struct finder_fact *facts, size_t facts_n, struct finder **out,
	struct err *err)
{
	for (size_t i = 0; i < facts_n; i++)
		TRY(check_fact(&facts[i], i, children_n, err));
	for (uint32_t c = 0; c < children_n; c++)
		if (children[c].born < BORN_MIN_DAY || children[c].born > BORN_MAX_DAY)
			return FAIL(err, RC_INVALID, "child %u: the date of birth is out of range", c);
	for (uint32_t c = 0; c < children_n; c++)
		if (children[c].household != FINDER_NOBODY && children[c].household >= 2 * children_n)
			return FAIL(err, RC_INVALID, "child %u: the household's number is out of range", c);
	struct finder *f = NEW(a, struct finder);
	*f = (struct finder){.rules = *rules, .children = children, .children_n = children_n};
	index_facts(a, f, facts, facts_n);
	index_households(a, f);
	*out = f;
	return RC_OK;
}

size_t finder_household(const struct finder *f, uint32_t child, const uint32_t **out)
{
	uint32_t h = f->children[child].household;
	if (h == FINDER_NOBODY)
		return 0;
	*out = f->member + f->member_at[h];
	return f->member_at[h + 1] - f->member_at[h];
}

/* Looking */

static void later(struct seen *s, int32_t on, int64_t day)
{
	if (day > on && day < s->next_day)
		s->next_day = (int32_t)day;
}

static int32_t latest(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static void see_span(struct seen *s, const struct finder_fact *x, int32_t on)
{
	bool live = x->from <= on && on < x->until, begun = x->from <= on;
	bool lost = x->detail / 2 >= FINDER_DEAD && x->detail / 2 <= FINDER_HOSPITAL;
	switch (x->kind) {
	case FINDER_PARENT:
		s->parent_gone[x->detail % 2] |= live;
		s->parent_lost[x->detail % 2] |= live && lost;
		break;
	case FINDER_CARER:
		s->carer |= live && x->detail == 0;
		s->bad_carer |= live && x->detail == 1;
		break;
	case FINDER_SITUATION:
		s->situation |= live;
		break;
	case FINDER_ENROLLED:
		s->enrolled |= live;
		break;
	case FINDER_DROPPED:
		s->dropped |= live;
		break;
	case FINDER_LISTED:
		if (live && (!s->listed || x->detail > s->colour))
			s->colour = x->detail;
		if (live)
			s->listed_since = latest(s->listed_since, x->from);
		s->listed |= live;
		s->had_listing |= begun;
		if (begun && x->until <= on)
			s->last_listing_end = latest(s->last_listing_end, x->until);
		break;
	case FINDER_EVIDENCE:
		s->evidence |= live;
		s->had_evidence |= begun;
		break;
	case FINDER_HELPER:
		s->helper |= live;
		s->had_helper |= begun;
		break;
	case FINDER_ON_ROLL:
		s->on_roll |= live;
		break;
	default:
		s->explained |= live ? UINT32_C(1) << x->detail : 0;
		break;
	}
	later(s, on, x->from);
	if (x->until != FINDER_OPEN)
		later(s, on, x->until);
}

static void see_day(struct seen *s, const struct finder_rules *r, const struct finder_fact *x, int32_t on)
{
	later(s, on, x->from);
	if (x->from > on)
		return;
	switch (x->kind) {
	case FINDER_CLOSING:
		s->last_closing = latest(s->last_closing, x->from);
		break;
	case FINDER_VISIT:
		s->last_visit = latest(s->last_visit, x->from);
		break;
	case FINDER_SAT:
		s->last_sat = latest(s->last_sat, x->from);
		break;
	case FINDER_CALL:
		s->calls += x->from > on - r->calls_days;
		later(s, on, (int64_t)x->from + r->calls_days);
		break;
	case FINDER_SEEN:
		s->met = true;
		break;
	default:
		break;
	}
}

/* Moved away `moved_days` ago or longer and not arrived. */
static void see_move(struct seen *s, const struct finder_rules *r, const struct finder_fact *x, int32_t on)
{
	int32_t lost_from = x->from + r->moved_days;
	s->moved |= lost_from <= on && on < x->until;
	later(s, on, lost_from);
	if (x->until != FINDER_OPEN)
		later(s, on, x->until);
}

static struct seen see(const struct finder *f, uint32_t child, int32_t on)
{
	struct seen s = {.last_listing_end = INT32_MIN,
		.last_closing = INT32_MIN,
		.last_visit = INT32_MIN,
		.listed_since = INT32_MIN,
		.last_sat = INT32_MIN,
		.next_day = FINDER_OPEN};
	for (size_t i = f->at[child]; i < f->at[child + 1]; i++) {
		const struct finder_fact *x = &f->fact[i];
		bool day = x->kind == FINDER_CLOSING || (x->kind >= FINDER_VISIT && x->kind <= FINDER_SEEN);
		if (x->kind == FINDER_MOVED)
			see_move(&s, &f->rules, x, on);
		else if (day)
			see_day(&s, &f->rules, x, on);
		else
			see_span(&s, x, on);
	}
	for (size_t i = f->at[child]; i < f->at[child + 1]; i++) /* misses since the last sitting */
		s.misses += f->fact[i].kind == FINDER_MISS && f->fact[i].from <= on &&
			    f->fact[i].from > s.last_sat;
	return s;
}

static bool listed_on(const struct finder *f, uint32_t child, int32_t on, struct seen *asker)
{
	bool listed = false;
	for (size_t i = f->at[child]; i < f->at[child + 1]; i++) {
		const struct finder_fact *x = &f->fact[i];
		if (x->kind != FINDER_LISTED)
			continue;
		listed |= x->from <= on && on < x->until;
		later(asker, on, x->from);
		if (x->until != FINDER_OPEN)
			later(asker, on, x->until);
	}
	return listed;
}

static bool sibling_listed(const struct finder *f, uint32_t child, int32_t on, struct seen *s)
{
	const uint32_t *member = NULL;
	size_t n = finder_household(f, child, &member);
	bool any = false;
	for (size_t i = 0; i < n; i++)
		if (member[i] != child)
			any |= listed_on(f, member[i], on, s);
	return any;
}

/* The first day on which somebody born then has `years` full years. */
static int32_t birthday(int32_t born, int32_t years)
{
	struct ymd b = date_ymd(born);
	int32_t day = date_of(b.year + years, b.month, b.day);
	return day == DATE_NONE ? date_of(b.year + years, 3, 1) : day;
}

static uint32_t care_triggers(const struct finder_rules *r, struct seen *s, int32_t on)
{
	uint32_t t = 0;
	bool none = s->parent_gone[0] && s->parent_gone[1];
	if (none && !s->carer)
		t |= 1u << (s->bad_carer ? FINDER_CARER_BAD : FINDER_NO_CARER);
	if (none && !s->carer && (s->parent_lost[0] || s->parent_lost[1]))
		t |= 1u << FINDER_GUARDIAN_LOST;
	if (s->situation)
		t |= 1u << FINDER_REFERRAL;
	if (s->listed) {
		int64_t due = (int64_t)latest(s->last_visit, s->listed_since) + r->visit_days[s->colour];
		if (on > due)
			t |= 1u << FINDER_VISIT_OVERDUE;
		later(s, on, due + 1);
		t |= (uint32_t)(s->had_helper && !s->helper) << FINDER_HELPER_GONE;
		t |= (uint32_t)(s->had_evidence && !s->evidence) << FINDER_EXPIRED;
	} else if (s->last_listing_end != INT32_MIN && s->last_closing < s->last_listing_end) {
		t |= 1u << FINDER_CLOSED;
	}
	return t;
}

struct finder_hit finder_look(const struct finder *f, uint32_t child, int32_t on)
{
	const struct finder_rules *r = &f->rules;
	const struct finder_child *c = &f->children[child];
	assert(child < f->children_n);
	int32_t grown = birthday(c->born, r->minor_to + 1), school = birthday(c->born, r->school_age_from);
	int32_t done = birthday(c->born, r->school_age_to + 1);
	struct finder_hit hit = {.next_day = FINDER_OPEN};
	if (on >= grown)
		return hit;
	if (on < c->born) {
		hit.next_day = c->born;
		return hit;
	}
	struct seen s = see(f, child, on);
	uint32_t t = care_triggers(r, &s, on);
	bool sibling = sibling_listed(f, child, on, &s);
	t |= (uint32_t)(on >= school && on < done && !s.enrolled && !s.dropped && !s.moved)
	     << FINDER_NOT_ENROLLED;
	t |= (uint32_t)(s.dropped && !s.enrolled) << FINDER_DROPPED_OUT;
	t |= (uint32_t)(s.moved && !s.enrolled) << FINDER_MOVED_LOST;
	t |= (uint32_t)(sibling && !s.listed) << FINDER_SIBLING;
	t |= (uint32_t)(s.misses >= r->misses) << FINDER_MISSED;
	t |= (uint32_t)(s.calls >= r->calls) << FINDER_CALLER;
	t |= (uint32_t)(s.met && !s.on_roll && !s.listed) << FINDER_UNKNOWN;
	later(&s, on, grown);
	later(&s, on, school);
	later(&s, on, done);
	hit = (struct finder_hit){t & ~s.explained, t & s.explained, s.next_day};
	return hit;
}

uint32_t finder_run(const struct finder *f, int32_t on, struct finder_hit *out)
{
	uint32_t n = 0;
	for (uint32_t c = 0; c < f->children_n; c++) {
		out[c] = finder_look(f, c, on);
		n += out[c].open != 0;
	}
	return n;
}

static const struct {
	const char *id, *text;
} names[FINDER_TRIGGERS] = {
	[FINDER_NO_CARER] = {"no_carer", N_("no parent at hand and no entrusted carer")},
	[FINDER_CARER_BAD] = {"carer_disqualified", N_("the only carer may not be one")},
	[FINDER_GUARDIAN_LOST] = {"guardian_lost", N_("guardians dead, missing, in prison or in hospital")},
	[FINDER_REFERRAL] = {"referral", N_("a situation to be referred to civil affairs")},
	[FINDER_NOT_ENROLLED] = {"not_enrolled", N_("of school age and on no school's roll")},
	[FINDER_DROPPED_OUT] = {"dropped_out", N_("dropped out of school")},
	[FINDER_MOVED_LOST] = {"moved_lost", N_("transferred to a school and never arrived")},
	[FINDER_SIBLING] = {"sibling", N_("brother or sister of a listed child")},
	[FINDER_HELPER_GONE] = {"helper_gone", N_("the helper is gone")},
	[FINDER_VISIT_OVERDUE] = {"visit_overdue", N_("visit overdue")},
	[FINDER_MISSED] = {"assessment_missed", N_("assessments missed in a row")},
	[FINDER_CALLER] = {"repeat_caller", N_("has called again and again")},
	[FINDER_EXPIRED] = {"evidence_expired", N_("evidence past its date")},
	[FINDER_CLOSED] = {"closed_without_successor", N_("left the list without a successor")},
	[FINDER_UNKNOWN] = {"unknown", N_("seen by a hospital or the hotline, on nobody's list")},
};

const char *finder_trigger_id(enum finder_trigger t)
{
	return names[t].id;
}

const char *finder_trigger_text(enum finder_trigger t)
{
	return names[t].text;
}
