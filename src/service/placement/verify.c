/* verify.c -- see verify.h. Nothing of match.c is called here. */
#include "service/placement/verify.h"

struct seat {
	const struct match_group *group; /* NULL: open */
	uint32_t student;                /* MATCH_NONE: free */
	bool locked;                     /* a confirmed student's */
};

struct verifier {
	const struct match_problem *p;
	const uint32_t *post_of;
	uint32_t *at, *student; /* students of post i: student[at[i] .. at[i + 1]) */
	uint32_t *rank_here;    /* per student: rank at the post that holds him */
	uint32_t *worst;        /* per post: largest rank held */
	uint32_t *in_region;
	struct seat *seats; /* room for the largest capacity that can matter */
	uint32_t *queue;
	struct match_fault *out;
	size_t n, max;
};

static void report(
	struct verifier *v, enum match_fault_kind kind, uint32_t student, uint32_t post, uint32_t region)
{
	if (v->n < v->max)
		v->out[v->n] = (struct match_fault){kind, student, post, region};
	v->n++;
}

static uint32_t wish_of(const struct match_problem *p, uint32_t student, uint32_t post)
{
	for (uint32_t w = p->wish_at[student]; w < p->wish_at[student + 1]; w++)
		if (p->wish[w] == post)
			return w;
	return MATCH_NONE;
}

static bool confirmed(const struct match_problem *p, uint32_t student)
{
	return p->state && p->state[student] == MATCH_CONFIRMED;
}

/* Is x before y for this place? Class members first, then the post's order. */
static bool before(const struct match_problem *p, const struct seat *seat, uint32_t x, uint32_t rank_x,
	uint32_t y, uint32_t rank_y)
{
	if (seat->group && seat->group->class_bit != MATCH_OPEN) {
		uint64_t bit = UINT64_C(1) << seat->group->class_bit;
		bool in_x = p->classes[x] & bit, in_y = p->classes[y] & bit;
		if (in_x != in_y)
			return in_x;
	}
	return rank_x < rank_y;
}

static bool admits(const struct match_problem *p, const struct seat *seat, uint32_t student)
{
	return !seat->group || !seat->group->only || seat->group->class_bit == MATCH_OPEN ||
	       (p->classes[student] >> seat->group->class_bit) & 1;
}

static uint32_t lay_out_seats(struct verifier *v, uint32_t post, uint32_t most)
{
	const struct match_post *shape = &v->p->post[post];
	uint32_t n = 0;
	for (uint32_t g = shape->group_at; g < shape->group_at + shape->groups_n; g++)
		for (uint32_t k = 0; k < v->p->group[g].places && n < most; k++)
			v->seats[n++] = (struct seat){&v->p->group[g], MATCH_NONE, false};
	uint32_t named = 0;
	for (uint32_t g = shape->group_at; g < shape->group_at + shape->groups_n; g++)
		named += v->p->group[g].places;
	for (uint32_t k = named; k < shape->capacity && n < most; k++)
		v->seats[n++] = (struct seat){NULL, MATCH_NONE, false};
	return n;
}

static uint32_t rank_of(const struct verifier *v, uint32_t student, uint32_t extra, uint32_t rank_extra)
{
	return student == extra ? rank_extra : v->rank_here[student];
}

/* Fills the seats one by one with the best of queue[0..n) that is left; stops after `limit` filled. */
static void fill_seats(struct verifier *v, uint32_t seats_n, uint32_t n, uint32_t limit, uint32_t extra,
	uint32_t rank, bool lock)
{
	for (uint32_t i = 0, filled = 0; i < seats_n && filled < limit; i++) {
		struct seat *seat = &v->seats[i];
		if (seat->student != MATCH_NONE)
			continue;
		uint32_t best = MATCH_NONE;
		for (uint32_t k = 0; k < n; k++) {
			uint32_t x = v->queue[k];
			if (x == MATCH_NONE || !admits(v->p, seat, x))
				continue;
			if (best == MATCH_NONE ||
				before(v->p, seat, x, rank_of(v, x, extra, rank), v->queue[best],
					rank_of(v, v->queue[best], extra, rank)))
				best = k;
		}
		if (best == MATCH_NONE)
			continue;
		seat->student = v->queue[best];
		seat->locked = lock;
		v->queue[best] = MATCH_NONE;
		filled++;
	}
}

/* Seats the post's students, and extra (unless MATCH_NONE) of that rank, in at most `limit` places besides those of
 * confirmed students; returns whether `who` got one. */
static bool gets_seat(struct verifier *v, uint32_t post, uint32_t extra, uint32_t rank, uint32_t limit,
	uint32_t who, uint32_t *out_seated)
{
	uint32_t from = v->at[post], held = v->at[post + 1] - from, n = 0, seated = 0;
	uint32_t seats_n = lay_out_seats(v, post, UINT32_MAX);
	for (uint32_t k = 0; k < held; k++)
		if (confirmed(v->p, v->student[from + k]))
			v->queue[n++] = v->student[from + k];
	fill_seats(v, seats_n, n, UINT32_MAX, MATCH_NONE, 0, true);
	n = 0;
	for (uint32_t k = 0; k < held; k++)
		if (!confirmed(v->p, v->student[from + k]))
			v->queue[n++] = v->student[from + k];
	if (extra != MATCH_NONE)
		v->queue[n++] = extra;
	fill_seats(v, seats_n, n, limit, extra, rank, false);
	bool got = false;
	for (uint32_t i = 0; i < seats_n; i++) {
		got = got || (v->seats[i].student == who && who != MATCH_NONE);
		seated += v->seats[i].student != MATCH_NONE;
	}
	*out_seated = seated;
	return got;
}

/* Would the post take the student in `limit` places (all of them when there is no ceiling)? */
static bool takes(struct verifier *v, uint32_t post, uint32_t student, uint32_t rank, uint32_t limit)
{
	const struct match_post *shape = &v->p->post[post];
	uint32_t held = v->at[post + 1] - v->at[post], seated;
	if (shape->groups_n == 0 && v->p->state == NULL)
		return held < limit || (held > 0 && rank < v->worst[post]);
	uint32_t locked = 0;
	for (uint32_t k = v->at[post]; k < v->at[post + 1]; k++)
		locked += confirmed(v->p, v->student[k]);
	return gets_seat(v, post, student, rank, limit > locked ? limit - locked : 0, student, &seated);
}

/* Would the next place of this post come before a place that some other post of the region holds? */
static bool gains_a_turn(const struct verifier *v, uint32_t post)
{
	const struct match_region *region = &v->p->region[v->p->post[post].region];
	int64_t level = (int64_t)(v->at[post + 1] - v->at[post]) + 1 - v->p->post[post].target;
	bool past_me = false;
	for (uint32_t t = 0; t < region->posts_n; t++) {
		uint32_t i = v->p->region_post[region->post_at + t];
		int64_t held = v->at[i + 1] - v->at[i], free_to_go = 0;
		for (uint32_t k = v->at[i]; k < v->at[i + 1]; k++)
			free_to_go += !confirmed(v->p, v->student[k]);
		int64_t theirs = held - v->p->post[i].target;
		if (i != post && free_to_go > 0 && (theirs > level || (theirs == level && past_me)))
			return true;
		past_me = past_me || i == post;
	}
	return false;
}

static bool blocks(struct verifier *v, uint32_t student, uint32_t w)
{
	uint32_t post = v->p->wish[w], rank = v->p->rank[w], region = v->p->post[post].region;
	uint32_t held = v->at[post + 1] - v->at[post], capacity = v->p->post[post].capacity;
	if (rank == MATCH_NOT_ELIGIBLE)
		return false;
	if (region == MATCH_NONE)
		return takes(v, post, student, rank, capacity);
	if (takes(v, post, student, rank, held))
		return true;
	if (held >= capacity || !takes(v, post, student, rank, capacity))
		return false;
	return v->in_region[region] < v->p->region[region].cap || gains_a_turn(v, post);
}

static void gather(struct arena *a, struct verifier *v)
{
	const struct match_problem *p = v->p;
	uint32_t largest = 0;
	v->at = NEWS(a, (size_t)p->posts_n + 2, uint32_t);
	v->student = NEWS(a, p->students_n, uint32_t);
	v->rank_here = NEWS(a, p->students_n, uint32_t);
	v->worst = NEWS(a, p->posts_n, uint32_t);
	v->in_region = NEWS(a, p->regions_n, uint32_t);
	for (uint32_t s = 0; s < p->students_n; s++)
		if (v->post_of[s] != MATCH_NONE)
			v->at[v->post_of[s] + 2]++;
	for (uint32_t i = 0; i < p->posts_n; i++) {
		if (p->post[i].region != MATCH_NONE)
			v->in_region[p->post[i].region] += v->at[i + 2];
		largest = p->post[i].capacity > largest ? p->post[i].capacity : largest;
		v->at[i + 2] += v->at[i + 1];
	}
	for (uint32_t s = 0; s < p->students_n; s++) {
		uint32_t i = v->post_of[s];
		if (i == MATCH_NONE)
			continue;
		v->student[v->at[i + 1]++] = s;
		uint32_t w = wish_of(p, s, i);
		v->rank_here[s] = w == MATCH_NONE ? 0 : p->rank[w];
		if (v->rank_here[s] > v->worst[i])
			v->worst[i] = v->rank_here[s];
	}
	v->seats = NEWS(a, largest, struct seat);
	v->queue = NEWS(a, (size_t)p->students_n + 1, uint32_t);
}

static void check_place(struct verifier *v, uint32_t s)
{
	const struct match_problem *p = v->p;
	uint32_t i = v->post_of[s], region = i == MATCH_NONE ? MATCH_NONE : p->post[i].region;
	if (confirmed(p, s) && p->confirmed[s] != i)
		report(v, MATCH_FAULT_CONFIRMED, s, p->confirmed[s], region);
	if (i == MATCH_NONE)
		return;
	uint32_t w = wish_of(p, s, i);
	if (w == MATCH_NONE)
		report(v, MATCH_FAULT_NOT_WISHED, s, i, region);
	else if (p->rank[w] == MATCH_NOT_ELIGIBLE)
		report(v, MATCH_FAULT_NOT_ELIGIBLE, s, i, region);
	if (p->state && p->state[s] == MATCH_OUT)
		report(v, MATCH_FAULT_OUT, s, i, region);
}

static void check_totals(struct verifier *v)
{
	const struct match_problem *p = v->p;
	for (uint32_t i = 0; i < p->posts_n; i++) {
		uint32_t held = v->at[i + 1] - v->at[i], seated = held;
		if (held <= p->post[i].capacity && p->post[i].groups_n > 0)
			gets_seat(v, i, MATCH_NONE, 0, UINT32_MAX, MATCH_NONE, &seated);
		if (held > p->post[i].capacity || seated < held)
			report(v, MATCH_FAULT_CAPACITY, MATCH_NONE, i, p->post[i].region);
	}
	for (uint32_t r = 0; r < p->regions_n; r++)
		if (v->in_region[r] > p->region[r].cap)
			report(v, MATCH_FAULT_CEILING, MATCH_NONE, MATCH_NONE, r);
}

size_t match_verify(struct arena *a, const struct match_problem *p, const uint32_t *post_of,
	struct match_fault *out, size_t max)
{
	struct verifier v = {.p = p, .post_of = post_of, .out = out, .max = max};
	gather(a, &v);
	for (uint32_t s = 0; s < p->students_n; s++)
		check_place(&v, s);
	check_totals(&v);
	for (uint32_t s = 0; s < p->students_n; s++) {
		if (p->state && p->state[s] != MATCH_SEEKS)
			continue;
		for (uint32_t w = p->wish_at[s]; w < p->wish_at[s + 1] && p->wish[w] != post_of[s]; w++)
			if (blocks(&v, s, w))
				report(&v, MATCH_FAULT_BLOCKING, s, p->wish[w], p->post[p->wish[w]].region);
	}
	return v.n;
}

const char *match_fault_text(enum match_fault_kind kind)
{
	static const char *const text[] = {
		[MATCH_FAULT_NOT_WISHED] = N_("placed at a post that the student did not wish for"),
		[MATCH_FAULT_NOT_ELIGIBLE] = N_("placed at a post whose rules exclude the student"),
		[MATCH_FAULT_CAPACITY] = N_("more students than the post has places for them"),
		[MATCH_FAULT_CEILING] = N_("more students than the region's ceiling"),
		[MATCH_FAULT_BLOCKING] =
			N_("the student prefers this post, and it would have had to take the student"),
		[MATCH_FAULT_CONFIRMED] = N_("a confirmed student was moved"),
		[MATCH_FAULT_OUT] = N_("a student who takes no part was placed"),
	};
	return text[kind];
}
