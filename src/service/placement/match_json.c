/* match_json.c -- see match_json.h. Ids get numbers in the order they are met, wherever that is; when everything is
 * read, those numbers become places in the lists of students and posts. */
#include "service/placement/match_json.h"
#include "base/map.h"
#include "format/json.h"

struct list { /* of numbers, growing */
	uint32_t *v;
	size_t n, cap;
};

struct ids {
	struct map map;    /* text -> number + 1 */
	struct list place; /* number -> place in the list, MATCH_NONE until it is defined */
	str *text;         /* number -> text, as first met */
	size_t text_cap;
	str *name; /* place -> text */
	size_t n, cap;
};

struct reader {
	struct arena *a;
	struct jpull j;
	const char *file;
	struct err *err;
	struct ids students, posts, regions, classes;
	struct list wish_at, wish, priority_at, priority, region_post, region_post_at, region_target;
	uint64_t *class_bits;
	size_t class_bits_cap;
	struct match_post *post;
	struct match_group *group;
	struct match_region *region;
	size_t posts_cap, groups_n, groups_cap, regions_cap;
};

static void add(struct reader *r, struct list *l, uint32_t v)
{
	l->v = arena_grow(r->a, l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n++] = v;
}

static enum rc bad(struct reader *r)
{
	return jpull_fail(&r->j, r->file, r->err);
}

#define FAULT(r, ...) (FAIL((r)->err, RC_INVALID, __VA_ARGS__), at_line(r))

static enum rc at_line(struct reader *r)
{
	return err_at(r->err, RC_INVALID, "%s, line %lld", r->file, r->j.line);
}

/* The number of an id; new ones get the next. */
static uint32_t number_of(struct reader *r, struct ids *ids, str text)
{
	void *found = map_get(&ids->map, text);
	if (found)
		return (uint32_t)((uintptr_t)found - 1);
	uint32_t number = (uint32_t)ids->place.n;
	ids->text = arena_grow(r->a, ids->text, number, &ids->text_cap, sizeof *ids->text);
	ids->text[number] = arena_str(r->a, text);
	map_put(&ids->map, ids->text[number], (void *)((uintptr_t)number + 1));
	add(r, &ids->place, MATCH_NONE);
	return number;
}

/* The text at hand is the id of the thing that stands at `place` of its list. */
static enum rc define(struct reader *r, struct ids *ids, uint32_t place)
{
	uint32_t number = number_of(r, ids, r->j.text);
	if (ids->place.v[number] != MATCH_NONE)
		return FAULT(r, "“%.*s” stands there twice", STR_ARG(r->j.text));
	ids->place.v[number] = place;
	ids->name[place] = ids->text[number];
	return RC_OK;
}

static enum rc id_kind(struct reader *r, enum jpull_kind k)
{
	return k == JPULL_STRING || k == JPULL_NUMBER ? RC_OK : bad(r);
}

static enum rc whole_number(struct reader *r, uint32_t *out)
{
	int64_t v;
	if (jpull_next(&r->j) != JPULL_NUMBER || !str_i64(r->j.text, &v) || v < 0 || v >= INT32_MAX)
		return r->j.fault ? bad(r) : FAULT(r, "a whole number from 0 to 2147483646 is wanted");
	*out = (uint32_t)v;
	return RC_OK;
}

/* Opens a list; then `next` is OK for each element, whose kind it gives, and NOT_FOUND at its end. */
static enum rc open_list(struct reader *r)
{
	return jpull_next(&r->j) == JPULL_ARRAY ? RC_OK : bad(r);
}

static enum rc next(struct reader *r, enum jpull_kind *out)
{
	*out = jpull_next(&r->j);
	if (*out == JPULL_ARRAY_END || *out == JPULL_OBJECT_END)
		return RC_NOT_FOUND;
	return *out == JPULL_BAD ? bad(r) : RC_OK;
}

/* Runs `one` for every element of the list that comes now. */
static enum rc each(struct reader *r, enum rc (*one)(struct reader *r, enum jpull_kind k, void *to), void *to)
{
	enum jpull_kind k;
	enum rc rc;
	TRY(open_list(r));
	while ((rc = next(r, &k)) == RC_OK)
		TRY(one(r, k, to));
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Runs `member` for every member of the object that has just been opened. */
static enum rc members(struct reader *r, enum rc (*member)(struct reader *r, str key, void *to), void *to)
{
	enum jpull_kind k;
	enum rc rc;
	while ((rc = next(r, &k)) == RC_OK)
		TRY(member(r, r->j.text, to));
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc pass_over(struct reader *r)
{
	return jpull_skip(&r->j, jpull_next(&r->j)) ? RC_OK : bad(r);
}

static enum rc own_id(struct reader *r, struct ids *ids, uint32_t place)
{
	TRY(id_kind(r, jpull_next(&r->j)));
	return define(r, ids, place);
}

static enum rc begin(struct reader *r, struct ids *ids, enum jpull_kind k)
{
	if (k != JPULL_OBJECT)
		return bad(r);
	ids->name = arena_grow(r->a, ids->name, ids->n, &ids->cap, sizeof *ids->name);
	ids->name[ids->n++] = (str){NULL, 0};
	return RC_OK;
}

static enum rc has_id(struct reader *r, const struct ids *ids)
{
	return ids->name[ids->n - 1].p ? RC_OK : FAULT(r, "something without an id");
}

struct refs {
	struct ids *ids;
	struct list *list;
};

static enum rc one_ref(struct reader *r, enum jpull_kind k, void *to)
{
	struct refs *refs = to;
	TRY(id_kind(r, k));
	add(r, refs->list, number_of(r, refs->ids, r->j.text));
	return RC_OK;
}

/* Posts */

static enum rc reserve_member(struct reader *r, str key, void *to)
{
	struct match_group *g = to;
	if (str_is(key, "class")) {
		enum jpull_kind k = jpull_next(&r->j);
		if (k == JPULL_NULL)
			return RC_OK;
		TRY(id_kind(r, k));
		g->class_bit = r->j.text.n == 0 ? MATCH_OPEN : (int)number_of(r, &r->classes, r->j.text);
		return r->classes.place.n > MATCH_CLASSES_MAX ? FAULT(r, "more than 64 classes") : RC_OK;
	}
	if (str_is(key, "places"))
		return whole_number(r, &g->places);
	if (str_is(key, "only")) {
		g->only = jpull_next(&r->j) == JPULL_TRUE;
		return r->j.fault ? bad(r) : RC_OK;
	}
	return pass_over(r);
}

static enum rc one_reserve(struct reader *r, enum jpull_kind k, void *to)
{
	(void)to;
	if (k != JPULL_OBJECT)
		return bad(r);
	struct match_group g = {.class_bit = MATCH_OPEN};
	TRY(members(r, reserve_member, &g));
	r->group = arena_grow(r->a, r->group, r->groups_n, &r->groups_cap, sizeof *r->group);
	r->group[r->groups_n++] = g;
	return RC_OK;
}

struct post_seen {
	bool capacity, priority;
};

static enum rc post_member(struct reader *r, str key, void *to)
{
	struct post_seen *seen = to;
	uint32_t i = (uint32_t)r->posts.n - 1;
	if (str_is(key, "id"))
		return own_id(r, &r->posts, i);
	if (str_is(key, "capacity")) {
		seen->capacity = true;
		return whole_number(r, &r->post[i].capacity);
	}
	if (str_is(key, "priority")) {
		struct refs refs = {&r->students, &r->priority};
		seen->priority = true;
		return each(r, one_ref, &refs);
	}
	if (str_is(key, "reserves"))
		return each(r, one_reserve, NULL);
	return pass_over(r);
}

static enum rc one_post(struct reader *r, enum jpull_kind k, void *to)
{
	(void)to;
	struct post_seen seen = {0};
	TRY(begin(r, &r->posts, k));
	r->post = arena_grow(r->a, r->post, r->posts.n - 1, &r->posts_cap, sizeof *r->post);
	struct match_post *post = &r->post[r->posts.n - 1];
	*post = (struct match_post){.group_at = (uint32_t)r->groups_n, .region = MATCH_NONE};
	add(r, &r->priority_at, (uint32_t)r->priority.n);
	TRY(members(r, post_member, &seen));
	post->groups_n = (uint32_t)r->groups_n - post->group_at;
	TRY(has_id(r, &r->posts));
	str id = r->posts.name[r->posts.n - 1];
	if (!seen.capacity || !seen.priority)
		return FAULT(r, "post “%.*s” needs a capacity and a priority list", STR_ARG(id));
	uint64_t reserved = 0;
	for (size_t g = post->group_at; g < r->groups_n; g++)
		reserved += r->group[g].places;
	if (reserved > post->capacity)
		return FAULT(r, "post “%.*s” reserves more places than it has", STR_ARG(id));
	return RC_OK;
}

/* Students */

static enum rc one_class(struct reader *r, enum jpull_kind k, void *to)
{
	TRY(id_kind(r, k));
	uint32_t bit = number_of(r, &r->classes, r->j.text);
	if (bit >= MATCH_CLASSES_MAX)
		return FAULT(r, "more than 64 classes");
	*(uint64_t *)to |= UINT64_C(1) << bit;
	return RC_OK;
}

static enum rc student_member(struct reader *r, str key, void *to)
{
	uint32_t i = (uint32_t)r->students.n - 1;
	if (str_is(key, "id"))
		return own_id(r, &r->students, i);
	if (str_is(key, "preferences")) {
		struct refs refs = {&r->posts, &r->wish};
		return each(r, one_ref, &refs);
	}
	if (str_is(key, "classes"))
		return each(r, one_class, to);
	return pass_over(r);
}

static enum rc one_student(struct reader *r, enum jpull_kind k, void *to)
{
	(void)to;
	TRY(begin(r, &r->students, k));
	r->class_bits =
		arena_grow(r->a, r->class_bits, r->students.n - 1, &r->class_bits_cap, sizeof *r->class_bits);
	uint64_t bits = 0;
	add(r, &r->wish_at, (uint32_t)r->wish.n);
	TRY(members(r, student_member, &bits));
	r->class_bits[r->students.n - 1] = bits;
	return has_id(r, &r->students);
}

/* Regions */

static enum rc one_target(struct reader *r, enum jpull_kind k, void *to)
{
	(void)to;
	int64_t v;
	if (k != JPULL_NUMBER || !str_i64(r->j.text, &v) || v < 0 || v >= INT32_MAX)
		return FAULT(r, "a whole number from 0 to 2147483646 is wanted");
	add(r, &r->region_target, (uint32_t)v);
	return RC_OK;
}

static enum rc region_member(struct reader *r, str key, void *to)
{
	struct match_region *region = to;
	if (str_is(key, "id"))
		return own_id(r, &r->regions, (uint32_t)r->regions.n - 1);
	if (str_is(key, "cap"))
		return whole_number(r, &region->cap);
	if (str_is(key, "posts")) {
		struct refs refs = {&r->posts, &r->region_post};
		return each(r, one_ref, &refs);
	}
	if (str_is(key, "targets"))
		return each(r, one_target, NULL);
	return pass_over(r);
}

static enum rc one_region(struct reader *r, enum jpull_kind k, void *to)
{
	(void)to;
	TRY(begin(r, &r->regions, k));
	struct match_region region = {.cap = MATCH_NONE, .post_at = (uint32_t)r->region_post.n};
	size_t targets_at = r->region_target.n;
	TRY(members(r, region_member, &region));
	TRY(has_id(r, &r->regions));
	str id = r->regions.name[r->regions.n - 1];
	if (region.cap == MATCH_NONE)
		return FAULT(r, "region “%.*s” needs a cap", STR_ARG(id));
	region.posts_n = (uint32_t)r->region_post.n - region.post_at;
	size_t targets = r->region_target.n - targets_at;
	if (targets != 0 && targets != region.posts_n)
		return FAULT(r, "region “%.*s”: one target for each post, or none", STR_ARG(id));
	while (r->region_target.n < r->region_post.n)
		add(r, &r->region_target, MATCH_NONE);
	r->region = arena_grow(r->a, r->region, r->regions.n - 1, &r->regions_cap, sizeof *r->region);
	r->region[r->regions.n - 1] = region;
	return RC_OK;
}

static enum rc top_member(struct reader *r, str key, void *to)
{
	(void)to;
	if (str_is(key, "posts"))
		return each(r, one_post, NULL);
	if (str_is(key, "students"))
		return each(r, one_student, NULL);
	if (str_is(key, "regions"))
		return each(r, one_region, NULL);
	return pass_over(r);
}

/* Joining */

static enum rc resolve_posts(struct reader *r, struct list *l, const char *where)
{
	for (size_t i = 0; i < l->n; i++) {
		uint32_t place = r->posts.place.v[l->v[i]];
		if (place == MATCH_NONE)
			return FAIL(r->err, RC_INVALID, "%s: %s: there is no post “%.*s”", r->file, tr(where),
				STR_ARG(r->posts.text[l->v[i]]));
		l->v[i] = place;
	}
	return RC_OK;
}

static enum rc join_regions(struct reader *r)
{
	for (uint32_t k = 0; k < r->regions.n; k++) {
		struct match_region *region = &r->region[k];
		uint32_t *caps = NEWS(r->a, region->posts_n, uint32_t),
			 *targets = NEWS(r->a, region->posts_n, uint32_t);
		for (uint32_t t = 0; t < region->posts_n; t++) {
			struct match_post *post = &r->post[r->region_post.v[region->post_at + t]];
			if (post->region != MATCH_NONE)
				return FAIL(r->err, RC_INVALID, "%s: post “%.*s” stands in two regions",
					r->file,
					STR_ARG(r->posts.name[r->region_post.v[region->post_at + t]]));
			post->region = k;
			caps[t] = post->capacity;
		}
		match_targets(caps, region->posts_n, region->cap, targets);
		for (uint32_t t = 0; t < region->posts_n; t++) {
			uint32_t given = r->region_target.v[region->post_at + t];
			r->post[r->region_post.v[region->post_at + t]].target =
				given == MATCH_NONE ? targets[t] : given;
		}
	}
	return RC_OK;
}

static enum rc join_ranks(struct reader *r, uint32_t *rank)
{
	for (size_t w = 0; w < r->wish.n; w++)
		rank[w] = MATCH_NOT_ELIGIBLE;
	for (uint32_t i = 0; i < r->posts.n; i++)
		for (uint32_t k = r->priority_at.v[i]; k < r->priority_at.v[i + 1]; k++) {
			uint32_t s = r->students.place.v[r->priority.v[k]];
			if (s == MATCH_NONE)
				continue;
			for (uint32_t w = r->wish_at.v[s]; w < r->wish_at.v[s + 1]; w++) {
				if (r->wish.v[w] != i)
					continue;
				if (rank[w] != MATCH_NOT_ELIGIBLE)
					return FAIL(r->err, RC_INVALID,
						"%s: post “%.*s” ranks student “%.*s” twice", r->file,
						STR_ARG(r->posts.name[i]), STR_ARG(r->students.name[s]));
				rank[w] = k - r->priority_at.v[i];
				break;
			}
		}
	return RC_OK;
}

static enum rc join(struct reader *r, struct match_input *out)
{
	add(r, &r->wish_at, (uint32_t)r->wish.n);
	add(r, &r->priority_at, (uint32_t)r->priority.n);
	TRY(resolve_posts(r, &r->wish, N_("preferences")));
	TRY(resolve_posts(r, &r->region_post, N_("regions")));
	TRY(join_regions(r));
	uint32_t *rank = NEWS(r->a, r->wish.n, uint32_t);
	TRY(join_ranks(r, rank));
	out->problem = (struct match_problem){.students_n = (uint32_t)r->students.n,
		.posts_n = (uint32_t)r->posts.n,
		.regions_n = (uint32_t)r->regions.n,
		.wish_at = r->wish_at.v,
		.wish = r->wish.v,
		.rank = rank,
		.classes = r->class_bits,
		.post = r->post,
		.group = r->group,
		.region = r->region,
		.region_post = r->region_post.v};
	out->names = (struct match_names){r->students.name, r->posts.name, r->regions.name};
	enum rc rc = match_check(&out->problem, r->err);
	return rc == RC_OK ? RC_OK : err_at(r->err, rc, "%s", r->file);
}

static void reader_done(struct reader *r)
{
	map_done(&r->students.map);
	map_done(&r->posts.map);
	map_done(&r->regions.map);
	map_done(&r->classes.map);
	jpull_done(&r->j);
}

static enum rc whole(struct reader *r, enum rc (*member)(struct reader *, str, void *), void *to)
{
	if (jpull_next(&r->j) != JPULL_OBJECT)
		return bad(r);
	TRY(members(r, member, to));
	return jpull_next(&r->j) == JPULL_END ? RC_OK : bad(r);
}

enum rc match_read(struct arena *a, jpull_read *read, void *ctx, const char *name, struct match_input *out,
	struct err *err)
{
	struct reader r = {.a = a, .file = name, .err = err};
	struct match_input in;
	jpull_init(&r.j, read, ctx);
	enum rc rc = whole(&r, top_member, NULL);
	if (rc == RC_OK)
		rc = join(&r, &in);
	reader_done(&r);
	if (rc == RC_OK)
		*out = in;
	return rc;
}

/* Results */

void match_write(struct buf *b, const struct match_input *in, const uint32_t *post_of)
{
	struct arena a = {0};
	struct match_holders h;
	struct buf reason = {0};
	struct json j;
	match_holders(&a, &in->problem, post_of, &h);
	json_init(&j, b);
	json_object(&j);
	json_key(&j, "matches");
	json_array(&j);
	for (uint32_t s = 0; s < in->problem.students_n; s++)
		if (post_of[s] != MATCH_NONE) {
			json_object(&j);
			json_put_str(&j, "student", in->names.student[s]);
			json_put_str(&j, "post", in->names.post[post_of[s]]);
			json_object_end(&j);
		}
	json_array_end(&j);
	json_key(&j, "unmatched");
	json_array(&j);
	for (uint32_t s = 0; s < in->problem.students_n; s++)
		if (post_of[s] == MATCH_NONE) {
			buf_clear(&reason);
			match_explain(&reason, &h, &in->names, post_of, s);
			json_object(&j);
			json_put_str(&j, "student", in->names.student[s]);
			json_put_str(&j, "reason", buf_str(&reason));
			json_object_end(&j);
		}
	json_array_end(&j);
	json_object_end(&j);
	buf_putc(b, '\n');
	buf_done(&reason);
	arena_done(&a);
}

struct pair {
	uint32_t student, post;
};

static enum rc pair_member(struct reader *r, str key, void *to)
{
	struct pair *pair = to;
	bool student = str_is(key, "student");
	if (!student && !str_is(key, "post"))
		return pass_over(r);
	TRY(id_kind(r, jpull_next(&r->j)));
	struct ids *ids = student ? &r->students : &r->posts;
	void *found = map_get(&ids->map, r->j.text);
	if (found == NULL)
		return FAULT(r, "the problem has no “%.*s”", STR_ARG(r->j.text));
	*(student ? &pair->student : &pair->post) = (uint32_t)((uintptr_t)found - 1);
	return RC_OK;
}

static enum rc one_pair(struct reader *r, enum jpull_kind k, void *to)
{
	uint32_t *post_of = to;
	struct pair pair = {MATCH_NONE, MATCH_NONE};
	if (k != JPULL_OBJECT)
		return bad(r);
	TRY(members(r, pair_member, &pair));
	if (pair.student == MATCH_NONE || pair.post == MATCH_NONE)
		return FAULT(r, "a match needs a student and a post");
	if (post_of[pair.student] != MATCH_NONE)
		return FAULT(r, "a student is placed twice");
	post_of[pair.student] = pair.post;
	return RC_OK;
}

static enum rc result_member(struct reader *r, str key, void *to)
{
	return str_is(key, "matches") ? each(r, one_pair, to) : pass_over(r);
}

enum rc match_read_result(struct arena *a, const struct match_input *in, jpull_read *read, void *ctx,
	const char *name, uint32_t **out_post_of, struct err *err)
{
	const struct match_problem *p = &in->problem;
	struct reader r = {.a = a, .file = name, .err = err};
	uint32_t *post_of = NEWS(a, p->students_n, uint32_t);
	for (uint32_t s = 0; s < p->students_n; s++) {
		post_of[s] = MATCH_NONE;
		map_put(&r.students.map, in->names.student[s], (void *)((uintptr_t)s + 1));
	}
	for (uint32_t i = 0; i < p->posts_n; i++)
		map_put(&r.posts.map, in->names.post[i], (void *)((uintptr_t)i + 1));
	jpull_init(&r.j, read, ctx);
	enum rc rc = whole(&r, result_member, post_of);
	reader_done(&r);
	if (rc == RC_OK)
		*out_post_of = post_of;
	return rc;
}
