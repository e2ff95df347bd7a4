/* Children nobody is caring for: planted cases of every kind in a town, a plain definition, and incremental runs. */
#include "base/date.h"
#include "base/rand.h"
#include "service/rescue/finder.h"
#include "tests.h"

static struct arena A;

struct world {
	struct finder_child *child;
	uint32_t children_n;
	struct finder_fact *fact;
	size_t n, cap;
};

static void add(
	struct world *w, uint32_t child, enum finder_fact_kind kind, int detail, int32_t from, int32_t until)
{
	w->fact = arena_grow(&A, w->fact, w->n, &w->cap, sizeof *w->fact);
	w->fact[w->n++] = (struct finder_fact){child, (uint8_t)kind, (uint8_t)detail, from, until};
}

static struct finder *make(const struct world *w)
{
	struct finder *f;
	struct finder_rules rules = finder_usual();
	struct err err = {0};
	assert_ok(finder_make(&A, &rules, w->child, w->children_n, w->fact, w->n, &f, &err), &err);
	return f;
}

enum { TOWN = 10000, PLANTED = 40 };

/* A child whom somebody cares for: one in three has both parents away and a carer, one in ten is listed and visited. */
static void cared_for(struct world *w, uint32_t c, int32_t today)
{
	add(w, c, FINDER_ENROLLED, 0, w->child[c].born + 2200, FINDER_OPEN);
	add(w, c, FINDER_ON_ROLL, 0, w->child[c].born, FINDER_OPEN);
	if (c % 3 == 0) {
		add(w, c, FINDER_PARENT, 0 + 2 * FINDER_AWAY, today - 400, FINDER_OPEN);
		add(w, c, FINDER_PARENT, 1 + 2 * FINDER_AWAY, today - 300, FINDER_OPEN);
		add(w, c, FINDER_CARER, 0, today - 500, FINDER_OPEN);
	}
	if (c % 10 == 0) {
		add(w, c, FINDER_LISTED, (int)(c / 10 % 4), today - 600, FINDER_OPEN);
		add(w, c, FINDER_EVIDENCE, 0, today - 600, today + 90);
		add(w, c, FINDER_HELPER, 0, today - 500, FINDER_OPEN);
		for (int32_t d = today - 600; d <= today; d += 6)
			add(w, c, FINDER_VISIT, 0, d, FINDER_OPEN);
	}
	if (c % 7 == 0)
		add(w, c, FINDER_CALL, 0, today - 20, FINDER_OPEN);
	if (c % 11 == 0) {
		add(w, c, FINDER_MISS, 0, today - 200, FINDER_OPEN);
		add(w, c, FINDER_SEEN, 0, today - 50, FINDER_OPEN);
	}
}

/* Makes child c a case of trigger t, otherwise well. */
static void plant(struct world *w, uint32_t c, enum finder_trigger t, int32_t today)
{
	int32_t born = w->child[c].born;
	bool school = t != FINDER_NOT_ENROLLED && t != FINDER_DROPPED_OUT && t != FINDER_MOVED_LOST;
	bool listed = t == FINDER_HELPER_GONE || t == FINDER_VISIT_OVERDUE || t == FINDER_EXPIRED;
	if (school)
		add(w, c, FINDER_ENROLLED, 0, born, FINDER_OPEN);
	if (t != FINDER_UNKNOWN)
		add(w, c, FINDER_ON_ROLL, 0, born, FINDER_OPEN);
	if (listed) {
		add(w, c, FINDER_LISTED, 1, today - 100, FINDER_OPEN);
		add(w, c, FINDER_VISIT, 0, t == FINDER_VISIT_OVERDUE ? today - 32 : today - 31, FINDER_OPEN);
		add(w, c, FINDER_EVIDENCE, 0, today - 100, t == FINDER_EXPIRED ? today : today + 1);
		add(w, c, FINDER_HELPER, 0, today - 100, t == FINDER_HELPER_GONE ? today : today + 1);
	}
	switch (t) {
	case FINDER_NO_CARER:
	case FINDER_CARER_BAD:
	case FINDER_GUARDIAN_LOST:
		add(w, c, FINDER_PARENT, 0 + 2 * (t == FINDER_GUARDIAN_LOST ? FINDER_PRISON : FINDER_AWAY),
			today, FINDER_OPEN);
		add(w, c, FINDER_PARENT, 1 + 2 * FINDER_UNABLE, today - 9, FINDER_OPEN);
		if (t == FINDER_CARER_BAD)
			add(w, c, FINDER_CARER, 1, today, FINDER_OPEN);
		add(w, c, FINDER_CARER, 0, today - 99, today);
		break;
	case FINDER_REFERRAL:
		add(w, c, FINDER_SITUATION, 0, today, FINDER_OPEN);
		break;
	case FINDER_NOT_ENROLLED:
		add(w, c, FINDER_ENROLLED, 0, born, today);
		break;
	case FINDER_DROPPED_OUT:
		add(w, c, FINDER_DROPPED, 0, today, FINDER_OPEN);
		break;
	case FINDER_MOVED_LOST:
		add(w, c, FINDER_MOVED, 0, today - 30, FINDER_OPEN);
		break;
	case FINDER_SIBLING:
		w->child[c].household = w->child[c - c % 10].household; /* a neighbour who is listed */
		break;
	case FINDER_MISSED:
		add(w, c, FINDER_SAT, 0, today - 500, FINDER_OPEN);
		add(w, c, FINDER_MISS, 0, today - 300, FINDER_OPEN);
		add(w, c, FINDER_MISS, 0, today, FINDER_OPEN);
		break;
	case FINDER_CALLER:
		for (int32_t d = 0; d < 3; d++)
			add(w, c, FINDER_CALL, 0, today - 40 * d, FINDER_OPEN);
		break;
	case FINDER_CLOSED:
		add(w, c, FINDER_LISTED, 1, today - 100, today);
		break;
	case FINDER_UNKNOWN:
		add(w, c, FINDER_SEEN, 0, today, FINDER_OPEN);
		break;
	case FINDER_HELPER_GONE:
	case FINDER_VISIT_OVERDUE:
	case FINDER_EXPIRED:
	case FINDER_TRIGGERS:
		break;
	}
}

static void every_planted_case_in_a_town_is_found(void **state)
{
	(void)state;
	int32_t today = date_of(2025, 6, 30);
	struct world w = {.child = NEWS(&A, TOWN, struct finder_child), .children_n = TOWN};
	struct rng r;
	rng_init(&r, 1);
	uint8_t *planted = NEWS(&A, TOWN, uint8_t);
	for (uint32_t c = 0; c < TOWN; c++)
		w.child[c] = (struct finder_child){date_of(2012, 1, 1) + (int32_t)rng_below(&r, 1500), c};
	for (uint32_t t = 0; t < FINDER_TRIGGERS; t++)
		for (int k = 0; k < PLANTED;) {
			uint32_t c = (uint32_t)rng_below(&r, TOWN);
			if (planted[c] || c % 10 == 0)
				continue;
			planted[c] = (uint8_t)(t + 1);
			k++;
		}
	for (uint32_t c = 0; c < TOWN; c++)
		if (planted[c])
			plant(&w, c, (enum finder_trigger)(planted[c] - 1), today);
		else
			cared_for(&w, c, today);
	struct finder *f = make(&w);
	struct finder_hit *hit = NEWS(&A, TOWN, struct finder_hit);
	uint32_t hits = finder_run(f, today, hit), found = 0, expected_only = 0;
	for (uint32_t c = 0; c < TOWN; c++) {
		if (!planted[c])
			continue;
		uint32_t want = 1u << (planted[c] - 1);
		if ((hit[c].open & want) == 0)
			fail_msg(
				"%s was not found", finder_trigger_id((enum finder_trigger)(planted[c] - 1)));
		found++;
		expected_only += hit[c].open == want;
	}
	print_message(
		"# recall %u of %d, precision %u of %u\n", found, FINDER_TRIGGERS * PLANTED, found, hits);
	assert_int_equal(found, FINDER_TRIGGERS * PLANTED);
	assert_int_equal(hits, found);
	assert_int_equal(
		expected_only, found - PLANTED); /* a lost guardian is also a child without a carer */
	/* the day before, most of them were still well */
	uint32_t before = finder_run(f, today - 1, hit);
	assert_true(before < hits / 3);
}

/* The definition again, over all facts of the world, as the header says it. */
static bool live(const struct finder_fact *x, int32_t on)
{
	return x->from <= on && on < x->until;
}

static bool has(const struct world *w, uint32_t c, enum finder_fact_kind kind, int detail, int32_t on)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->fact[i].child == c && w->fact[i].kind == kind &&
			(detail < 0 || w->fact[i].detail == detail) && live(&w->fact[i], on))
			return true;
	return false;
}

static bool had(const struct world *w, uint32_t c, enum finder_fact_kind kind, int32_t on)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->fact[i].child == c && w->fact[i].kind == kind && w->fact[i].from <= on)
			return true;
	return false;
}

static int32_t last_of(const struct world *w, uint32_t c, enum finder_fact_kind kind, int32_t on)
{
	int32_t last = -9999999;
	for (size_t i = 0; i < w->n; i++)
		if (w->fact[i].child == c && w->fact[i].kind == kind && w->fact[i].from <= on &&
			w->fact[i].from > last)
			last = w->fact[i].from;
	return last;
}

static int count_of(const struct world *w, uint32_t c, enum finder_fact_kind kind, int32_t after, int32_t on)
{
	int n = 0;
	for (size_t i = 0; i < w->n; i++)
		n += w->fact[i].child == c && w->fact[i].kind == kind && w->fact[i].from > after &&
		     w->fact[i].from <= on;
	return n;
}

static bool parent_gone(const struct world *w, uint32_t c, int parent, bool lost, int32_t on)
{
	for (int p = lost ? FINDER_DEAD : FINDER_AWAY; p <= (lost ? FINDER_HOSPITAL : FINDER_UNABLE); p++)
		if (has(w, c, FINDER_PARENT, parent + 2 * p, on))
			return true;
	return false;
}

static bool visit_late(const struct world *w, uint32_t c, int32_t on)
{
	int32_t since = -9999999, days[] = {92, 31, 15, 7}, colour = 0;
	for (size_t i = 0; i < w->n; i++)
		if (w->fact[i].child == c && w->fact[i].kind == FINDER_LISTED && live(&w->fact[i], on)) {
			since = w->fact[i].from > since ? w->fact[i].from : since;
			colour = w->fact[i].detail > colour ? w->fact[i].detail : colour;
		}
	int32_t visit = last_of(w, c, FINDER_VISIT, on);
	return on - (visit > since ? visit : since) > days[colour];
}

static bool left_without_reason(const struct world *w, uint32_t c, int32_t on)
{
	int32_t ended = -9999999;
	for (size_t i = 0; i < w->n; i++)
		if (w->fact[i].child == c && w->fact[i].kind == FINDER_LISTED && w->fact[i].until <= on &&
			w->fact[i].until > ended)
			ended = w->fact[i].until;
	return ended > -9999999 && last_of(w, c, FINDER_CLOSING, on) < ended;
}

static uint32_t plainly(const struct world *w, uint32_t c, int32_t on, uint32_t *explained)
{
	uint32_t t = 0;
	int age = on < w->child[c].born ? -1 : date_age_years(w->child[c].born, on);
	*explained = 0;
	if (age < 0 || age > 17)
		return 0;
	bool none = parent_gone(w, c, 0, false, on) && parent_gone(w, c, 1, false, on) &&
		    !has(w, c, FINDER_CARER, 0, on);
	bool listed = has(w, c, FINDER_LISTED, -1, on), enrolled = has(w, c, FINDER_ENROLLED, -1, on);
	bool moved = false, sibling = false;
	for (size_t i = 0; i < w->n; i++)
		moved |= w->fact[i].child == c && w->fact[i].kind == FINDER_MOVED &&
			 on >= w->fact[i].from + 30 && on < w->fact[i].until;
	for (uint32_t d = 0; d < w->children_n; d++)
		sibling |= d != c && w->child[d].household == w->child[c].household &&
			   w->child[c].household != FINDER_NOBODY && has(w, d, FINDER_LISTED, -1, on);
	bool yes[FINDER_TRIGGERS] = {[FINDER_NO_CARER] = none && !has(w, c, FINDER_CARER, 1, on),
		[FINDER_CARER_BAD] = none && has(w, c, FINDER_CARER, 1, on),
		[FINDER_GUARDIAN_LOST] =
			none && (parent_gone(w, c, 0, true, on) || parent_gone(w, c, 1, true, on)),
		[FINDER_REFERRAL] = has(w, c, FINDER_SITUATION, -1, on),
		[FINDER_NOT_ENROLLED] =
			age >= 7 && age <= 15 && !enrolled && !has(w, c, FINDER_DROPPED, -1, on) && !moved,
		[FINDER_DROPPED_OUT] = has(w, c, FINDER_DROPPED, -1, on) && !enrolled,
		[FINDER_MOVED_LOST] = moved && !enrolled,
		[FINDER_SIBLING] = sibling && !listed,
		[FINDER_HELPER_GONE] =
			listed && had(w, c, FINDER_HELPER, on) && !has(w, c, FINDER_HELPER, -1, on),
		[FINDER_VISIT_OVERDUE] = listed && visit_late(w, c, on),
		[FINDER_MISSED] = count_of(w, c, FINDER_MISS, last_of(w, c, FINDER_SAT, on), on) >= 2,
		[FINDER_CALLER] = count_of(w, c, FINDER_CALL, on - 90, on) >= 3,
		[FINDER_EXPIRED] =
			listed && had(w, c, FINDER_EVIDENCE, on) && !has(w, c, FINDER_EVIDENCE, -1, on),
		[FINDER_CLOSED] = !listed && left_without_reason(w, c, on),
		[FINDER_UNKNOWN] = count_of(w, c, FINDER_SEEN, -9999999, on) > 0 &&
				   !has(w, c, FINDER_ON_ROLL, -1, on) && !listed};
	for (int k = 0; k < FINDER_TRIGGERS; k++) {
		uint32_t bit = (uint32_t)yes[k] << k;
		if (has(w, c, FINDER_EXPLAINED, k, on))
			*explained |= bit;
		else
			t |= bit;
	}
	return t;
}

static void random_fact(struct rng *r, struct world *w, int32_t today)
{
	static const int most[FINDER_KINDS] = {[FINDER_PARENT] = 2 * FINDER_UNABLE + 1,
		[FINDER_CARER] = 1,
		[FINDER_LISTED] = 3,
		[FINDER_EXPLAINED] = FINDER_TRIGGERS - 1};
	enum finder_fact_kind kind = (enum finder_fact_kind)rng_below(r, FINDER_KINDS);
	if (rng_below(r, 3) == 0)
		kind = (const enum finder_fact_kind[]){
			FINDER_PARENT, FINDER_LISTED, FINDER_CALL}[rng_below(r, 3)];
	int32_t from = today - 150 + (int32_t)rng_below(r, 250);
	int32_t until = rng_below(r, 2) ? FINDER_OPEN : from + (int32_t)rng_below(r, 200);
	add(w, (uint32_t)rng_below(r, w->children_n), kind, (int)rng_below(r, (uint64_t)most[kind] + 1), from,
		until);
}

static struct world random_world(struct rng *r, uint32_t children, int facts, int32_t today)
{
	struct world w = {.child = NEWS(&A, children, struct finder_child), .children_n = children};
	for (uint32_t c = 0; c < children; c++)
		w.child[c] = (struct finder_child){today - 7000 + (int32_t)rng_below(r, 7100),
			rng_below(r, 5) ? (uint32_t)rng_below(r, children) : FINDER_NOBODY};
	if (children > 0)
		w.child[0].born = date_of(2012, 2, 29);
	for (int i = 0; i < facts; i++)
		random_fact(r, &w, today);
	return w;
}

static void random_worlds_agree_with_the_plain_definition(void **state)
{
	(void)state;
	int32_t today = date_of(2025, 6, 30);
	struct rng r;
	long seen[FINDER_TRIGGERS] = {0};
	rng_init(&r, 2);
	for (int k = 0; k < 400; k++) {
		arena_reset(&A);
		struct world w = random_world(&r, 8, 90, today);
		struct finder *f = make(&w);
		for (int d = 0; d < 12; d++) {
			int32_t on = today - 200 + (int32_t)rng_below(&r, 500);
			for (uint32_t c = 0; c < w.children_n; c++) {
				uint32_t explained, want = plainly(&w, c, on, &explained);
				struct finder_hit hit = finder_look(f, c, on);
				if (hit.open != want || hit.explained != explained)
					fail_msg("world %d child %u day %d: %x, not %x", k, c, (int)on,
						hit.open, want);
				for (int t = 0; t < FINDER_TRIGGERS; t++)
					seen[t] += (want >> t) & 1;
			}
		}
	}
	for (int t = 0; t < FINDER_TRIGGERS; t++) {
		if (seen[t] < 20)
			fail_msg("%s was seen %ld times", finder_trigger_id((enum finder_trigger)t), seen[t]);
		assert_non_null(finder_trigger_text((enum finder_trigger)t));
	}
}

static void nothing_changes_before_the_next_day_that_was_named(void **state)
{
	(void)state;
	int32_t today = date_of(2025, 6, 30);
	struct rng r;
	rng_init(&r, 3);
	for (int k = 0; k < 150; k++) {
		arena_reset(&A);
		struct world w = random_world(&r, 6, 40, today);
		struct finder *f = make(&w);
		for (uint32_t c = 0; c < w.children_n; c++) {
			struct finder_hit hit = finder_look(f, c, today);
			int32_t end = hit.next_day == FINDER_OPEN ? today + 8000 : hit.next_day;
			assert_true(end > today);
			for (int32_t d = today + 1; d < end; d += 1 + (d - today) / 50) {
				struct finder_hit then = finder_look(f, c, d);
				assert_true(then.open == hit.open && then.explained == hit.explained);
			}
		}
	}
}

/* New facts and passing days, looking only at who is named by them, against a full run each day. */
static void looking_only_where_something_happened_equals_a_full_run(void **state)
{
	(void)state;
	int32_t today = date_of(2025, 6, 30);
	struct rng r;
	rng_init(&r, 4);
	for (int k = 0; k < 20; k++) {
		arena_reset(&A);
		struct world w = random_world(&r, 60, 300, today);
		struct finder *f = make(&w);
		struct finder_hit kept[60], whole[60];
		finder_run(f, today, kept);
		for (int32_t day = today + 1; day < today + 60; day++) {
			size_t had_n = w.n;
			for (uint64_t i = rng_below(&r, 4); i > 0; i--)
				random_fact(&r, &w, day);
			f = make(&w);
			for (size_t i = had_n; i < w.n; i++) {
				const uint32_t *member = NULL;
				size_t n = finder_household(f, w.fact[i].child, &member);
				kept[w.fact[i].child] = finder_look(f, w.fact[i].child, day);
				for (size_t m = 0; m < n; m++)
					kept[member[m]] = finder_look(f, member[m], day);
			}
			for (uint32_t c = 0; c < w.children_n; c++)
				if (kept[c].next_day <= day)
					kept[c] = finder_look(f, c, day);
			finder_run(f, day, whole);
			for (uint32_t c = 0; c < w.children_n; c++)
				assert_true(kept[c].open == whole[c].open &&
					    kept[c].explained == whole[c].explained);
		}
	}
}

static void bad_facts_are_refused(void **state)
{
	(void)state;
	struct finder_child child[] = {{date_of(2015, 1, 1), 0}}, far[] = {{date_of(2015, 1, 1), 9}},
			    unborn[] = {{INT32_MIN, 0}};
	struct finder_rules rules = finder_usual();
	struct finder *f;
	const struct finder_fact bad[] = {{1, FINDER_VISIT, 0, 0, 0}, {0, FINDER_KINDS, 0, 0, 0},
		{0, FINDER_CARER, 2, 0, 0}, {0, FINDER_VISIT, 0, 5, 4}, {0, FINDER_VISIT, 0, -2000000, 4},
		{0, FINDER_VISIT, 0, 2000000, FINDER_OPEN}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(finder_make(&A, &rules, child, 1, &bad[i], 1, &f, NULL), RC_INVALID);
	assert_int_equal(finder_make(&A, &rules, far, 1, NULL, 0, &f, NULL), RC_INVALID);
	assert_int_equal(finder_make(&A, &rules, unborn, 1, NULL, 0, &f, NULL), RC_INVALID);
	assert_int_equal(finder_make(&A, &rules, child, 1, NULL, 0, &f, NULL), RC_OK);
	assert_int_equal(finder_look(f, 0, date_of(2014, 1, 1)).next_day, child[0].born);
	assert_int_equal(finder_look(f, 0, date_of(2033, 1, 1)).open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_planted_case_in_a_town_is_found),
		cmocka_unit_test(random_worlds_agree_with_the_plain_definition),
		cmocka_unit_test(nothing_changes_before_the_next_day_that_was_named),
		cmocka_unit_test(looking_only_where_something_happened_equals_a_full_run),
		cmocka_unit_test(bad_facts_are_refused),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
