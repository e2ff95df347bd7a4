/* round.c -- see round.h. */
#include "service/placement/round.h"
#include "base/map.h"
#include "format/json.h"
#include "register/permit.h"
#include "service/placement/match.h"

enum { GROUPS_A_POST_MAX = 64 };

static const struct {
	const char *id;
	int level;
} degrees[] = {{"any", 0}, {"college", 1}, {"bachelor", 2}, {"master", 3}, {"doctor", 4}};

struct work {
	struct reader *r;
	struct placement_round *out;
	struct imap post_at; /* id -> place + 1; -1: of no use here */
	struct post {
		uint32_t capacity, group_at, groups_n;
		int degree;
		str home_county, ceiling;
		str name;
	} * post;
	size_t posts_n, post_cap, post_id_cap;
	struct match_group *group;
	size_t groups_n, group_cap;
	str class_name[MATCH_CLASSES_MAX];
	size_t classes_n;
	struct student {
		str wishes, classes, home_county, degree;
		uint8_t state;
		uint32_t confirmed;
	} * student;
	size_t n, cap[6];
	struct err *err;
};

static const struct value *value_of(const struct record *rec, const char *field)
{
	static const struct value none;
	const struct field *f = reg_field(rec->reg, str_of(field));
	return f ? &rec->values[f->at] : &none;
}

static str text_of(const struct record *rec, const char *field)
{
	const struct value *v = value_of(rec, field);
	return v->kind == V_TEXT ? v->t : (str){0};
}

static int degree_of(str id)
{
	for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++)
		if (str_is(id, degrees[i].id))
			return degrees[i].level;
	return 0;
}

static enum rc class_of(struct work *w, str name, int *out)
{
	for (size_t i = 0; i < w->classes_n; i++)
		if (str_eq(w->class_name[i], name)) {
			*out = (int)i;
			return RC_OK;
		}
	if (w->classes_n == MATCH_CLASSES_MAX)
		return FAIL(w->err, RC_LIMIT, "more than %d classes in one round", MATCH_CLASSES_MAX);
	*out = (int)w->classes_n;
	w->class_name[w->classes_n++] = name;
	return RC_OK;
}

/* ---- posts ---- */

static enum rc reserves(struct work *w, struct post *p, str json)
{
	struct json_v *v;
	uint64_t places = 0;
	p->group_at = (uint32_t)w->groups_n;
	if (json.n == 0)
		return RC_OK;
	if (json_read(w->r->a, json, 0, &v, NULL) != RC_OK || v->kind != JSON_ARRAY ||
		v->n > GROUPS_A_POST_MAX)
		return FAIL(w->err, RC_INVALID,
			"post %.*s: reserved places are a list such as [{\"class\":\"...\",\"places\":2}]",
			STR_ARG(p->name));
	for (size_t i = 0; i < v->n; i++) {
		const struct json_v *one = &v->items[i], *only = json_get(one, "only");
		struct match_group g = {.class_bit = MATCH_OPEN, .only = only && only->i};
		int64_t n = 0;
		str name = json_get_str(one, "class");
		if (name.n)
			TRY(class_of(w, name, &g.class_bit));
		if (!json_get_i64(one, "places", &n) || n < 1 || (places += (uint64_t)n) > p->capacity)
			return FAIL(w->err, RC_INVALID,
				"post %.*s: more places are reserved than it has, or none", STR_ARG(p->name));
		g.places = (uint32_t)n;
		w->group = arena_grow(w->r->a, w->group, w->groups_n, &w->group_cap, sizeof *w->group);
		w->group[w->groups_n++] = g;
		p->groups_n++;
	}
	return RC_OK;
}

/* The place of a post in the list, new ones read; MATCH_NONE for those that take no part. keep: whatever its state. */
static enum rc post_of_id(struct work *w, int64_t id, bool keep, uint32_t *out)
{
	int64_t *at = imap_at(&w->post_at, (uint64_t)id);
	struct record *rec;
	*out = *at > 0 ? (uint32_t)(*at - 1) : MATCH_NONE;
	if (*at > 0 || (*at < 0 && !keep))
		return RC_OK;
	TRY(record_get(w->r, model_reg(w->r->city->model, STR("post")), id, &rec, w->err));
	int64_t capacity = value_of(rec, "capacity")->i;
	bool mine = str_is(rec->state, "accepted") && capacity > 0 && capacity < INT32_MAX &&
		    str_eq(text_of(rec, "season"), text_of(w->out->row, "season"));
	if (!mine && !keep) {
		*at = -1;
		return RC_OK;
	}
	w->post = arena_grow(w->r->a, w->post, w->posts_n, &w->post_cap, sizeof *w->post);
	w->out->post = arena_grow(w->r->a, w->out->post, w->posts_n, &w->post_id_cap, sizeof *w->out->post);
	struct post *p = &w->post[w->posts_n];
	*p = (struct post){.capacity = (uint32_t)capacity,
		.degree = degree_of(text_of(rec, "degree")),
		.home_county = str_head(text_of(rec, "home_county"), 6),
		.ceiling = text_of(rec, "region_cap_group"),
		.name = arena_fmt(
			w->r->a, "%.*s %.*s", STR_ARG(text_of(rec, "code")), STR_ARG(text_of(rec, "title")))};
	TRY(reserves(w, p, text_of(rec, "reserves")));
	w->out->post[w->posts_n] = id;
	*out = (uint32_t)w->posts_n++;
	*at = (int64_t)w->posts_n;
	return RC_OK;
}

/* ---- students ---- */

/* All of one student's columns grow together. */
static struct student *add_student(struct work *w, int64_t application, int64_t person)
{
	struct placement_round *o = w->out;
	struct arena *a = w->r->a;
	w->student = arena_grow(a, w->student, w->n, &w->cap[0], sizeof *w->student);
	o->application = arena_grow(a, o->application, w->n, &w->cap[1], sizeof *o->application);
	o->student = arena_grow(a, o->student, w->n, &w->cap[2], sizeof *o->student);
	o->org = arena_grow(a, o->org, w->n, &w->cap[3], sizeof *o->org);
	o->school = arena_grow(a, o->school, w->n, &w->cap[4], sizeof *o->school);
	o->stored_number = arena_grow(a, o->stored_number, w->n, &w->cap[5], sizeof *o->stored_number);
	o->application[w->n] = application;
	o->student[w->n] = person;
	o->org[w->n] = o->stored_number[w->n] = 0;
	o->school[w->n] = (str){0};
	w->student[w->n] = (struct student){.state = MATCH_SEEKS, .confirmed = MATCH_NONE};
	return &w->student[w->n++];
}

/* Who keeps a post of the first round: first in the list, with the classes of that application. */
static enum rc kept(struct work *w)
{
	static const char Q[] =
		"SELECT p.\"student\", p.\"post\", a.\"classes\" FROM \"placement\" p LEFT JOIN "
		"\"application\" a "
		"ON a.\"round\" = p.\"round\" AND a.\"student\" = p.\"student\" AND a.\"state\" = 'accepted' "
		"WHERE p.\"round\" = ?1 AND p.\"state\" IN ('matched', 'confirmed', 'started', 'finished') "
		"ORDER BY p.\"id\"";
	int64_t first = value_of(w->out->row, "first_round")->i;
	struct stmt *s;
	bool row;
	if (first == 0)
		return RC_OK;
	TRY(db_prepare(w->r->db, Q, &s, w->err));
	stmt_bind_i64(s, 1, first);
	for (;;) {
		TRY(stmt_step(s, &row, w->err));
		if (!row)
			return RC_OK;
		int64_t post = stmt_i64(s, 1);
		struct student *x = add_student(w, 0, stmt_i64(s, 0));
		x->classes = stmt_str(w->r->a, s, 2);
		x->state = MATCH_CONFIRMED;
		TRY(post_of_id(w, post, true, &x->confirmed));
	}
}

static enum rc applications(struct work *w)
{
	static const char Q[] =
		"SELECT \"id\", \"student\", \"preferences\", \"classes\", \"home_county\", \"degree\", "
		"\"lottery\", \"org\", \"school_name\" FROM \"application\" WHERE \"round\" = ?1 AND "
		"\"state\" = 'accepted' ORDER BY \"id\"";
	struct stmt *s;
	bool row;
	size_t kept_n = w->n;
	TRY(db_prepare(w->r->db, Q, &s, w->err));
	stmt_bind_i64(s, 1, w->out->row->id);
	for (;;) {
		TRY(stmt_step(s, &row, w->err));
		if (!row)
			return RC_OK;
		struct arena *a = w->r->a;
		struct student *x = add_student(w, stmt_i64(s, 0), stmt_i64(s, 1));
		x->wishes = stmt_str(a, s, 2);
		x->classes = stmt_str(a, s, 3);
		x->home_county = stmt_str(a, s, 4);
		x->degree = stmt_str(a, s, 5);
		w->out->stored_number[w->n - 1] = stmt_i64(s, 6);
		w->out->org[w->n - 1] = stmt_i64(s, 7);
		w->out->school[w->n - 1] = stmt_str(a, s, 8);
		for (size_t k = 0; k < kept_n; k++)
			if (w->out->student[k] == w->out->student[w->n - 1])
				x->state = MATCH_OUT;
	}
}

/* ---- the problem ---- */

static enum rc class_bits(struct work *w, str text, uint64_t *out)
{
	*out = 0;
	while (text.n) {
		size_t n = 0, k = 0;
		for (; n < text.n && k == 0; n += k == 0) {
			str here = str_from(text, n);
			k = str_starts(here, STR("、")) || str_starts(here, STR("，")) ||
					    str_starts(here, STR("；"))
				    ? 3
			    : text.p[n] == ',' || text.p[n] == ';' ? 1
								   : 0;
		}
		str one = str_trim(str_head(text, n));
		text = str_from(text, n + k);
		int bit;
		if (one.n == 0)
			continue;
		TRY(class_of(w, one, &bit));
		*out |= UINT64_C(1) << bit;
	}
	return RC_OK;
}

struct wishes {
	uint32_t *wish, *rank;
	size_t n, cap, rank_cap;
};

static void add_wish(struct work *w, struct wishes *l, uint32_t post, uint32_t rank)
{
	l->wish = arena_grow(w->r->a, l->wish, l->n, &l->cap, sizeof *l->wish);
	l->rank = arena_grow(w->r->a, l->rank, l->n, &l->rank_cap, sizeof *l->rank);
	l->wish[l->n] = post;
	l->rank[l->n++] = rank;
}

static enum rc wishes_of(struct work *w, size_t s, uint32_t rank, int64_t most, struct wishes *l)
{
	const struct student *x = &w->student[s];
	if (x->state == MATCH_CONFIRMED) {
		add_wish(w, l, x->confirmed, rank);
		return RC_OK;
	}
	str rest = x->wishes;
	for (int64_t taken = 0; rest.n && taken < most;) {
		int64_t id;
		uint32_t p;
		if (!str_i64(str_cut(rest, ',', &rest), &id))
			continue;
		taken++;
		TRY(post_of_id(w, id, false, &p));
		if (p == MATCH_NONE)
			continue;
		const struct post *post = &w->post[p];
		bool may = degree_of(x->degree) >= post->degree &&
			   (post->home_county.n == 0 || str_starts(x->home_county, post->home_county));
		add_wish(w, l, p, may ? rank : MATCH_NOT_ELIGIBLE);
	}
	return RC_OK;
}

/* "GROUP=NUMBER" by commas: one region each, of the posts that name it, in their order. */
static enum rc ceilings(struct work *w, struct match_problem *m, struct match_post *post, str **out_names)
{
	str rest = text_of(w->out->row, "ceilings");
	struct match_region *region = NULL;
	uint32_t *list = NEWS(w->r->a, w->posts_n + 1, uint32_t), used = 0;
	size_t cap = 0, names_cap = 0;
	*out_names = NULL;
	while (rest.n) {
		size_t n = 0, k = 0;
		for (; n < rest.n && k == 0; n += k == 0)
			k = str_starts(str_from(rest, n), STR("，")) ? 3 : rest.p[n] == ',' ? 1 : 0;
		str number, name = str_trim(str_cut(str_head(rest, n), '=', &number));
		int64_t most;
		rest = str_from(rest, n + k);
		if (name.n == 0 && number.n == 0)
			continue;
		if (!str_i64(str_trim(number), &most) || most < 0 || most >= INT32_MAX)
			return FAIL(w->err, RC_INVALID, "ceilings are written GROUP=NUMBER, not “%.*s”",
				STR_ARG(name));
		region = arena_grow(w->r->a, region, m->regions_n, &cap, sizeof *region);
		*out_names = arena_grow(w->r->a, *out_names, m->regions_n, &names_cap, sizeof **out_names);
		struct match_region *g = &region[m->regions_n];
		*g = (struct match_region){.cap = (uint32_t)most, .post_at = used};
		(*out_names)[m->regions_n] = name;
		for (uint32_t p = 0; p < w->posts_n; p++)
			if (post[p].region == MATCH_NONE && str_eq(w->post[p].ceiling, name)) {
				post[p].region = m->regions_n;
				list[used++] = p;
			}
		g->posts_n = used - g->post_at;
		uint32_t *capacity = NEWS(w->r->a, g->posts_n + 1, uint32_t),
			 *target = NEWS(w->r->a, g->posts_n + 1, uint32_t);
		for (uint32_t i = 0; i < g->posts_n; i++)
			capacity[i] = post[list[g->post_at + i]].capacity;
		match_targets(capacity, g->posts_n, g->cap, target);
		for (uint32_t i = 0; i < g->posts_n; i++)
			post[list[g->post_at + i]].target = target[i];
		m->regions_n++;
	}
	m->region = region;
	m->region_post = list;
	return RC_OK;
}

static enum rc problem(struct work *w)
{
	struct arena *a = w->r->a;
	struct placement_round *o = w->out;
	struct match_problem *m = &o->input.problem;
	struct wishes l = {0};
	uint32_t *wish_at = NEWS(a, w->n + 1, uint32_t), *confirmed = NEWS(a, w->n + 1, uint32_t);
	uint64_t *classes = NEWS(a, w->n + 1, uint64_t);
	uint8_t *state = NEWS(a, w->n + 1, uint8_t);
	str *student = NEWS(a, w->n + 1, str), *region;
	int64_t most = value_of(o->row, "preference_max")->i, kept_n = 0;
	for (size_t s = 0; s < w->n; s++)
		kept_n += w->student[s].state == MATCH_CONFIRMED;
	for (size_t s = 0; s < w->n; s++) {
		int64_t place = w->student[s].state == MATCH_CONFIRMED ? (int64_t)s
				: o->drawn                             ? kept_n + o->number[s] - 1
								       : (int64_t)s;
		wish_at[s] = (uint32_t)l.n;
		TRY(wishes_of(w, s, (uint32_t)place, most > 0 ? most : INT64_MAX, &l));
		TRY(class_bits(w, w->student[s].classes, &classes[s]));
		state[s] = w->student[s].state;
		confirmed[s] = w->student[s].confirmed;
		student[s] = arena_fmt(a, "#%lld", (long long)o->application[s]);
	}
	wish_at[w->n] = (uint32_t)l.n;
	struct match_post *post = NEWS(a, w->posts_n + 1, struct match_post);
	str *names = NEWS(a, w->posts_n + 1, str);
	for (size_t p = 0; p < w->posts_n; p++) {
		const struct post *x = &w->post[p];
		post[p] = (struct match_post){x->capacity, x->group_at, x->groups_n, MATCH_NONE, x->capacity};
		names[p] = x->name;
	}
	*m = (struct match_problem){.students_n = (uint32_t)w->n,
		.posts_n = (uint32_t)w->posts_n,
		.wish_at = wish_at,
		.wish = l.wish,
		.rank = l.rank,
		.classes = classes,
		.post = post,
		.group = w->group,
		.state = state,
		.confirmed = confirmed};
	TRY(ceilings(w, m, post, &region));
	o->input.names = (struct match_names){student, names, region};
	return match_check(m, w->err);
}

/* ---- lottery ---- */

static enum rc draw(struct work *w)
{
	struct placement_round *o = w->out;
	struct arena *a = w->r->a;
	str public_number, seed = str_trim(text_of(o->row, "seed"));
	str committed = text_of(o->row, "seed_digest"), frozen = text_of(o->row, "list_digest");
	str *entries = NEWS(a, w->n + 1, str);
	struct imap student_of = {0};
	size_t n = 0;
	o->number = NEWS(a, w->n + 1, int64_t);
	o->drawn = seed.n > 0;
	if (!o->drawn)
		return RC_OK;
	seed = str_cut(seed, ' ', &public_number);
	char *bytes = arena_alloc(a, seed.n / 2 + 1);
	if (seed.n >= 2 * LOTTERY_SEED_MIN_BYTES && hex_parse(seed, bytes, seed.n / 2))
		seed = (str){bytes, seed.n / 2};
	for (size_t s = 0; s < w->n; s++) {
		if (o->application[s] == 0)
			continue;
		entries[n++] = arena_fmt(a, "%lld", (long long)o->application[s]);
		*imap_at(&student_of, (uint64_t)o->application[s]) = (int64_t)s;
	}
	enum rc rc = lottery_draw(a, seed, str_trim(public_number), entries, n, &o->lottery, w->err);
	for (size_t i = 0; rc == RC_OK && i < o->lottery.n; i++) {
		int64_t id, s;
		if (str_i64(o->lottery.order[i].entry, &id) && imap_has(&student_of, (uint64_t)id, &s))
			o->number[s] = (int64_t)i + 1;
	}
	imap_done(&student_of);
	TRY(rc);
	if (committed.n && !str_eq(committed, hex_str(a, o->lottery.commitment.b, HASH_BYTES)))
		return FAIL(w->err, RC_INVALID,
			"the published digest is not that of this seed and this list: one of them was "
			"changed");
	if (frozen.n && !str_eq(frozen, hex_str(a, o->lottery.list.b, HASH_BYTES)))
		return FAIL(w->err, RC_INVALID,
			"the list of applications is not the one whose digest was published");
	return RC_OK;
}

static enum rc read_all(struct work *w)
{
	TRY(kept(w));
	TRY(applications(w));
	TRY(draw(w));
	return problem(w);
}

enum rc placement_round_read(struct reader *r, str name, struct placement_round *out, struct err *err)
{
	const struct model *m = r->city->model;
	const struct reg *rounds = model_reg(m, STR("placement_round")),
			 *applications_ = model_reg(m, STR("application"));
	struct placement_round o = {0};
	struct record *row;
	int64_t id;
	if (!rounds || !applications_ || !model_reg(m, STR("post")) || !model_reg(m, STR("placement")))
		return FAIL(err, RC_NOT_FOUND, "the model has no registers of placements");
	if (!permit_rows(applications_, &r->actor))
		return FAIL(
			err, RC_DENIED, "you may not read %.*s", STR_ARG(label_text(&applications_->label)));
	TRY(resolve_row(r->db, r->city, rounds, 0, name, &id, err));
	TRY(record_get(r, rounds, id, &row, err));
	o.row = row;
	struct work w = {.r = r, .out = &o, .err = err};
	enum rc rc = read_all(&w);
	imap_done(&w.post_at);
	if (rc == RC_OK)
		*out = o;
	return rc;
}
