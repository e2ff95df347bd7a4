/* match.c -- see match.h.
 * A group of places is a heap with its worst holder on top. An applicant walks through the post's groups: where a place
 * is free he sits down; where he beats the worst holder he takes that place and the beaten one walks on; behind the last
 * group the walker is rejected and applies to his next wish. That gives the choice from all who ever applied, because
 * the places before a group never depend on those behind it.
 * Invariants: 1. nobody proposes twice to a post; 2. a post holds at most its capacity, a region at most its cap;
 * 3. in a region, held = min over all who applied of the flexible choice, restored after each single application by
 * taking back at most one place: the last one in the order of turns. */
#include "service/placement/match.h"
#include <assert.h>

#define OUTSIDER (UINT32_C(1) << 31) /* in a key: not of the group's class */

struct holder {
	uint32_t key; /* rank, and OUTSIDER */
	uint32_t student;
};

struct group {
	struct holder *heap;
	uint32_t n, places; /* places not taken by confirmed students */
	int class_bit;
	bool only;
};

struct post {
	uint32_t group_at, group_end;
	uint32_t held, locked; /* all holders; those among them that are confirmed */
	uint32_t turn;         /* place among the region's turns */
};

struct solver {
	const struct match_problem *p;
	struct group *group;
	struct post *post;
	uint32_t *next;     /* per student: offset of the wish to try next */
	uint32_t *held;     /* per region */
	uint64_t **tallest; /* per region with a binding cap: tournament tree over turns, root at [1] */
	uint32_t *leaves;   /* its number of leaves */
	uint32_t *out_post;
};

/* Checking */

static enum rc check_post(const struct match_problem *p, uint32_t i, struct err *err)
{
	const struct match_post *t = &p->post[i];
	uint64_t places = 0;
	for (uint32_t g = t->group_at; g < t->group_at + t->groups_n; g++) {
		if (p->group[g].class_bit < MATCH_OPEN || p->group[g].class_bit >= MATCH_CLASSES_MAX)
			return FAIL(err, RC_INVALID, "post %u: class number out of range", i);
		places += p->group[g].places;
	}
	if (t->capacity >= OUTSIDER)
		return FAIL(err, RC_INVALID, "post %u: capacity out of range", i);
	if (places > t->capacity)
		return FAIL(err, RC_INVALID, "post %u: more places reserved than there are", i);
	if (t->region != MATCH_NONE && t->region >= p->regions_n)
		return FAIL(err, RC_INVALID, "post %u: no such region", i);
	return RC_OK;
}

static enum rc check_region(const struct match_problem *p, uint32_t r, uint32_t *listed, struct err *err)
{
	const struct match_region *region = &p->region[r];
	uint64_t targets = 0;
	for (uint32_t i = region->post_at; i < region->post_at + region->posts_n; i++) {
		uint32_t post = p->region_post[i];
		if (post >= p->posts_n || p->post[post].region != r)
			return FAIL(err, RC_INVALID, "region %u: its posts and the posts' regions differ", r);
		for (uint32_t k = region->post_at; k < i; k++)
			if (p->region_post[k] == post)
				return FAIL(err, RC_INVALID, "region %u: a post stands in it twice", r);
		(*listed)++;
		targets += p->post[post].target;
		if (p->post[post].target > p->post[post].capacity)
			return FAIL(err, RC_INVALID, "post %u: target above its capacity", post);
	}
	if (targets > region->cap)
		return FAIL(err, RC_INVALID, "region %u: targets add up to more than its ceiling", r);
	return RC_OK;
}

static enum rc check_student(const struct match_problem *p, uint32_t s, struct err *err)
{
	if (p->wish_at[s + 1] < p->wish_at[s] || p->wish_at[s + 1] >= OUTSIDER)
		return FAIL(err, RC_INVALID, "student %u: wishes out of range", s);
	for (uint32_t w = p->wish_at[s]; w < p->wish_at[s + 1]; w++) {
		if (p->wish[w] >= p->posts_n || (p->rank[w] >= OUTSIDER && p->rank[w] != MATCH_NOT_ELIGIBLE))
			return FAIL(err, RC_INVALID, "student %u: no such post, or rank out of range", s);
		for (uint32_t v = p->wish_at[s]; v < w; v++)
			if (p->wish[v] == p->wish[w])
				return FAIL(err, RC_INVALID, "student %u: the same post wished for twice", s);
	}
	if (p->state == NULL || p->state[s] != MATCH_CONFIRMED)
		return RC_OK;
	for (uint32_t w = p->wish_at[s]; w < p->wish_at[s + 1]; w++)
		if (p->confirmed && p->wish[w] == p->confirmed[s] && p->rank[w] != MATCH_NOT_ELIGIBLE)
			return RC_OK;
	return FAIL(err, RC_INVALID, "student %u: confirmed at a post that was not among the wishes", s);
}

enum rc match_check(const struct match_problem *p, struct err *err)
{
	if (p->students_n >= OUTSIDER || p->posts_n >= OUTSIDER)
		return FAIL(err, RC_LIMIT, "too many students or posts");
	uint32_t in_region = 0, listed = 0;
	for (uint32_t i = 0; i < p->posts_n; i++) {
		TRY(check_post(p, i, err));
		in_region += p->post[i].region != MATCH_NONE;
	}
	for (uint32_t r = 0; r < p->regions_n; r++)
		TRY(check_region(p, r, &listed, err));
	if (listed != in_region)
		return FAIL(err, RC_INVALID, "a post does not stand in its region's list");
	for (uint32_t s = 0; s < p->students_n; s++)
		TRY(check_student(p, s, err));
	return RC_OK;
}

/* Heaps: the worst holder (largest key) on top */

static void sift_down(struct holder *heap, uint32_t n, struct holder x)
{
	uint32_t i = 0;
	for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && heap[child + 1].key > heap[child].key)
			child++;
		if (heap[child].key <= x.key)
			break;
		heap[i] = heap[child];
	}
	heap[i] = x;
}

static void push(struct group *g, struct holder x)
{
	uint32_t i = g->n++;
	for (uint32_t parent; i > 0 && g->heap[parent = (i - 1) / 2].key < x.key; i = parent)
		g->heap[i] = g->heap[parent];
	g->heap[i] = x;
}

/* The key of a student in a group, or UINT32_MAX where the group does not take him. */
static uint32_t key_in(const struct group *g, uint64_t classes, uint32_t rank)
{
	if (g->class_bit == MATCH_OPEN || (classes >> g->class_bit) & 1)
		return rank;
	return g->only ? UINT32_MAX : rank | OUTSIDER;
}

/* x walks through the groups of a post; returns who is left standing (MATCH_NONE: nobody). */
static uint32_t apply(struct solver *s, struct post *post, uint32_t student, uint32_t rank)
{
	for (uint32_t i = post->group_at; i < post->group_end; i++) {
		struct group *g = &s->group[i];
		struct holder x = {key_in(g, s->p->classes[student], rank), student};
		if (x.key == UINT32_MAX)
			continue;
		if (g->n < g->places) {
			push(g, x);
			post->held++;
			return MATCH_NONE;
		}
		if (g->n > 0 && x.key < g->heap[0].key) {
			student = g->heap[0].student;
			rank = g->heap[0].key & ~OUTSIDER;
			sift_down(g->heap, g->n, x);
		}
	}
	return student;
}

/* Regions */

/* How far a post has gone beyond its target, then its turn; 0 where nothing can be taken back. A post below its target
 * comes up only in a second round, when confirmed students hold the rest of the ceiling. */
static uint64_t height(const struct solver *s, uint32_t i)
{
	const struct post *post = &s->post[i];
	if (post->held == post->locked)
		return 0;
	return ((uint64_t)post->held + OUTSIDER - s->p->post[i].target) << 32 | post->turn;
}

static void note_height(struct solver *s, uint32_t region, uint32_t i)
{
	uint64_t *tree = s->tallest[region];
	uint32_t at = s->leaves[region] + s->post[i].turn;
	for (tree[at] = height(s, i), at /= 2; at > 0; at /= 2)
		tree[at] = tree[2 * at] > tree[2 * at + 1] ? tree[2 * at] : tree[2 * at + 1];
}

/* Takes the last place back from the post that went farthest; returns who sat there. */
static uint32_t take_back(struct solver *s, uint32_t region)
{
	uint64_t top = s->tallest[region][1];
	assert(top > 0);
	uint32_t i = s->p->region_post[s->p->region[region].post_at + (uint32_t)top];
	struct post *post = &s->post[i];
	uint32_t g = post->group_end - 1;
	while (s->group[g].n == 0)
		g--;
	struct group *group = &s->group[g];
	uint32_t student = group->heap[0].student;
	group->n--;
	sift_down(group->heap, group->n, group->heap[group->n]);
	post->held--;
	note_height(s, region, i);
	return student;
}

/* Solving */

/* One application of student by wish w; returns who is without a place after it. */
static uint32_t propose(struct solver *s, uint32_t student, uint32_t w)
{
	uint32_t i = s->p->wish[w];
	struct post *post = &s->post[i];
	uint32_t before = post->held;
	uint32_t loser = apply(s, post, student, s->p->rank[w]);
	if (loser != student)
		s->out_post[student] = i;
	uint32_t region = s->p->post[i].region;
	if (region == MATCH_NONE || s->tallest[region] == NULL || post->held == before)
		return loser;
	note_height(s, region, i);
	if (++s->held[region] <= s->p->region[region].cap)
		return MATCH_NONE;
	s->held[region]--;
	return take_back(s, region);
}

static void seek(struct solver *s, uint32_t student)
{
	while (student != MATCH_NONE) {
		s->out_post[student] = MATCH_NONE;
		uint32_t w = s->next[student]++;
		if (w >= s->p->wish_at[student + 1])
			return; /* no wish left */
		if (s->p->rank[w] != MATCH_NOT_ELIGIBLE) {
			uint32_t loser = propose(s, student, w);
			if (loser == MATCH_NONE)
				return;
			student = loser;
		}
	}
}

/* Gives confirmed students their places for good: they walk as applicants do, then their places vanish. */
static void lock_confirmed(struct solver *s)
{
	const struct match_problem *p = s->p;
	for (uint32_t student = 0; p->state && student < p->students_n; student++) {
		if (p->state[student] != MATCH_CONFIRMED)
			continue;
		uint32_t i = p->confirmed[student], w = p->wish_at[student];
		while (p->wish[w] != i)
			w++;
		uint32_t loser = apply(s, &s->post[i], student, p->rank[w]);
		s->out_post[student] = i;
		s->next[student] = p->wish_at[student + 1];
		(void)loser; /* more confirmed than places: they stay, the post has no place left */
	}
	for (uint32_t i = 0; p->state && i < p->posts_n; i++) {
		struct post *post = &s->post[i];
		post->locked = post->held;
		for (uint32_t g = post->group_at; g < post->group_end; g++) {
			s->group[g].places -= s->group[g].n;
			s->group[g].n = 0;
		}
	}
}

static void make_posts(struct arena *a, struct solver *s)
{
	const struct match_problem *p = s->p;
	uint32_t groups = 0;
	uint32_t *wishers = NEWS(a, p->posts_n, uint32_t);
	for (uint32_t w = 0; w < p->wish_at[p->students_n]; w++)
		wishers[p->wish[w]] += p->rank[w] != MATCH_NOT_ELIGIBLE;
	for (uint32_t i = 0; i < p->posts_n; i++)
		groups += p->post[i].groups_n + 1;
	s->post = NEWS(a, p->posts_n, struct post);
	s->group = NEWS(a, groups, struct group);
	for (uint32_t i = 0, at = 0; i < p->posts_n; i++) {
		const struct match_post *shape = &p->post[i];
		uint32_t open = shape->capacity;
		s->post[i].group_at = at;
		for (uint32_t g = 0; g <= shape->groups_n; g++, at++) {
			bool last = g == shape->groups_n;
			const struct match_group *from = last ? NULL : &p->group[shape->group_at + g];
			uint32_t places = last ? open : from->places;
			open -= places;
			s->group[at] = (struct group){.places = places,
				.class_bit = last ? MATCH_OPEN : from->class_bit,
				.only = !last && from->only};
			s->group[at].heap = NEWS(a, places < wishers[i] ? places : wishers[i], struct holder);
		}
		s->post[i].group_end = at;
	}
}

static void make_regions(struct arena *a, struct solver *s)
{
	const struct match_problem *p = s->p;
	s->tallest = NEWS(a, p->regions_n, uint64_t *);
	s->leaves = NEWS(a, p->regions_n, uint32_t);
	s->held = NEWS(a, p->regions_n, uint32_t);
	for (uint32_t r = 0; r < p->regions_n; r++) {
		const struct match_region *region = &p->region[r];
		uint64_t capacity = 0;
		for (uint32_t t = 0; t < region->posts_n; t++) {
			uint32_t i = p->region_post[region->post_at + t];
			s->post[i].turn = t;
			capacity += p->post[i].capacity;
			s->held[r] += s->post[i].held;
		}
		if (capacity <= region->cap)
			continue; /* never binds */
		uint32_t leaves = 1;
		while (leaves < region->posts_n)
			leaves *= 2;
		s->leaves[r] = leaves;
		s->tallest[r] = NEWS(a, 2 * (size_t)leaves, uint64_t);
	}
}

void match_solve(struct arena *a, const struct match_problem *p, uint32_t *out_post)
{
	struct solver s = {.p = p, .out_post = out_post};
	make_posts(a, &s);
	s.next = NEWS(a, p->students_n, uint32_t);
	for (uint32_t i = 0; i < p->students_n; i++) {
		s.next[i] = p->state && p->state[i] == MATCH_OUT ? p->wish_at[i + 1] : p->wish_at[i];
		out_post[i] = MATCH_NONE;
	}
	lock_confirmed(&s);
	make_regions(a, &s);
	for (uint32_t i = 0; i < p->students_n; i++)
		if (out_post[i] == MATCH_NONE)
			seek(&s, i);
}

void match_targets(const uint32_t *capacity, uint32_t n, uint32_t cap, uint32_t *out_target)
{
	uint64_t all = 0, given = 0;
	for (uint32_t i = 0; i < n; i++)
		all += capacity[i];
	for (uint32_t i = 0; i < n; i++) {
		out_target[i] = all <= cap ? capacity[i] : (uint32_t)((uint64_t)capacity[i] * cap / all);
		given += out_target[i];
	}
	while (all > cap && given < cap) { /* the largest remainder that has not been rounded up yet */
		uint32_t best = 0;
		uint64_t most = 0;
		for (uint32_t i = 0; i < n; i++) {
			uint64_t exact = (uint64_t)capacity[i] * cap, floor = exact / all;
			if (out_target[i] == floor && exact - floor * all > most) {
				most = exact - floor * all;
				best = i;
			}
		}
		out_target[best]++;
		given++;
	}
}
