/* gather.c -- see gather.h. */
#include "service/rescue/gather.h"
#include "base/date.h"
#include "base/map.h"

enum { ALWAYS = -1000000 }; /* before any day: a state whose beginning is not told */

struct work {
	struct reader *r;
	struct arena *a;
	int32_t on;
	const struct rescue_rules *rules;
	struct imap number; /* person -> number + 1 */
	struct rescue_found *child;
	size_t n, cap;
	struct finder_fact *fact;
	size_t facts_n, facts_cap;
};

/* The number of a person, new or old. child[] may move: index it after this, not around it. */
static uint32_t number_of(struct work *w, int64_t person)
{
	int64_t *at = imap_at(&w->number, (uint64_t)person);
	if (*at == 0) {
		w->child = arena_grow(w->a, w->child, w->n, &w->cap, sizeof *w->child);
		w->child[w->n] = (struct rescue_found){.person = person};
		*at = (int64_t)++w->n;
	}
	return (uint32_t)(*at - 1);
}

/* One who has a number already; NULL for all others. */
static struct rescue_found *found_of(struct work *w, int64_t person)
{
	int64_t at;
	return imap_has(&w->number, (uint64_t)person, &at) && at > 0 ? &w->child[at - 1] : NULL;
}

static void add_fact(struct work *w, struct finder_fact x)
{
	w->fact = arena_grow(w->a, w->fact, w->facts_n, &w->facts_cap, sizeof *w->fact);
	w->fact[w->facts_n++] = x;
}

/* SELECT the child and `more` columns of a source's rows; `tail` behind the condition. */
struct asked {
	struct query q;
	str more;
};

static void ask(struct work *w, struct asked *x, const struct rescue_source *s)
{
	query_init(&x->q, w->a, w->r->city->model, s->reg, w->r->city->seal);
	x->more = (str){0};
}

static enum rc rows(struct work *w, struct asked *x, const struct rescue_source *s, str also, str tail,
	struct stmt **out, struct err *err)
{
	str person = query_path(&x->q, &s->person);
	str where = s->where ? query_expr(&x->q, s->where) : STR("1 = 1");
	str from = query_from(&x->q);
	/* Where a condition stands, it says itself which states it means. */
	bool any_state = s->where && !str_is(s->reg->id, "person");
	str sql = arena_fmt(w->a, "SELECT %.*s%.*s %.*s WHERE %.*s IS NOT NULL%s AND (%.*s)%.*s%.*s",
		STR_ARG(person), STR_ARG(x->more), STR_ARG(from), STR_ARG(person),
		any_state ? "" : " AND r.\"state\" <> 'void'", STR_ARG(where), STR_ARG(also), STR_ARG(tail));
	/* today is the day that was asked for */
	for (size_t i = 0; i < x->q.params_n; i++)
		if (x->q.params[i].kind == PARAM_TODAY)
			x->q.params[i] = (struct query_param){.kind = PARAM_TEXT, .t = date_str(w->a, w->on)};
	TRY(db_prepare(w->r->db, sql.p, out, err));
	query_bind(&x->q, *out);
	return RC_OK;
}

static enum rc population(struct work *w, struct err *err)
{
	for (size_t i = 0; i < w->rules->population_n; i++) {
		struct asked x;
		struct stmt *s;
		bool row;
		ask(w, &x, &w->rules->population[i]);
		TRY(rows(w, &x, &w->rules->population[i], STR(""), STR(""), &s, err));
		for (;;) {
			TRY(stmt_step(s, &row, err));
			if (!row)
				break;
			uint32_t c = number_of(w, stmt_i64(s, 0));
			w->child[c].on_roll = true;
		}
	}
	return RC_OK;
}

/* Two readings of each register of carers: who is on record at all, and who of them is able. */
static enum rc carers(struct work *w, bool able, struct err *err)
{
	for (size_t i = 0; i < w->rules->carers_n; i++) {
		struct rescue_source source = w->rules->carers[i];
		struct asked x;
		struct stmt *s;
		bool row;
		if (!able)
			source.where = NULL;
		ask(w, &x, &source);
		TRY(rows(w, &x, &source, STR(""), STR(""), &s, err));
		for (;;) {
			TRY(stmt_step(s, &row, err));
			if (!row)
				break;
			uint32_t c = number_of(w, stmt_i64(s, 0));
			if (able)
				add_fact(w, (struct finder_fact){c, FINDER_CARER, 0, ALWAYS, FINDER_OPEN});
			else
				w->child[c].known = true;
		}
	}
	for (uint32_t c = 0; !able && c < w->n; c++)
		for (uint8_t parent = 0; w->child[c].known && parent < 2; parent++)
			add_fact(w, (struct finder_fact){c, FINDER_PARENT,
					    (uint8_t)(parent + 2 * FINDER_AWAY), ALWAYS, FINDER_OPEN});
	return RC_OK;
}

static enum rc listings(struct work *w, struct err *err)
{
	struct asked x;
	struct stmt *s;
	bool row;
	const struct rescue_rules *ru = w->rules;
	ask(w, &x, &ru->listed);
	str from = query_day(&x.q, &ru->listed_from), until = query_day(&x.q, &ru->listed_until),
	    level = query_path(&x.q, &ru->listed_level);
	x.more = arena_fmt(w->a, ", %.*s, %.*s, %.*s", STR_ARG(from), STR_ARG(until), STR_ARG(level));
	TRY(rows(w, &x, &ru->listed, STR(""), STR(""), &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct finder_fact f = {number_of(w, stmt_i64(s, 0)), FINDER_LISTED, 0, ALWAYS, FINDER_OPEN};
		(void)date_parse(stmt_text(s, 1), &f.from);
		(void)date_parse(stmt_text(s, 2), &f.until);
		for (uint8_t i = 0; i < RESCUE_LEVELS; i++)
			if (str_eq(ru->level[i], stmt_text(s, 3)))
				f.detail = i;
		if (f.from < f.until)
			add_fact(w, f);
	}
}

static enum rc visits(struct work *w, struct err *err)
{
	struct asked x;
	struct stmt *s;
	bool row;
	ask(w, &x, &w->rules->visits);
	str on = query_day(&x.q, &w->rules->visited_on);
	x.more = arena_fmt(w->a, ", MAX(%.*s)", STR_ARG(on));
	str also = arena_fmt(
		w->a, " AND %.*s <= ?%d", STR_ARG(on), query_param_text(&x.q, date_str(w->a, w->on)));
	str child = query_path(&x.q, &w->rules->visits.person);
	TRY(rows(w, &x, &w->rules->visits, also, arena_fmt(w->a, " GROUP BY %.*s", STR_ARG(child)), &s, err));
	for (;;) {
		int32_t day;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (date_parse(stmt_text(s, 1), &day))
			add_fact(w, (struct finder_fact){
					    number_of(w, stmt_i64(s, 0)), FINDER_VISIT, 0, day, day});
	}
}

/* Conditions and counts: what SQL answers outright. */
static enum rc trigger(struct work *w, size_t k, struct err *err)
{
	const struct rescue_trigger *t = &w->rules->triggers[k];
	struct asked x;
	struct stmt *s;
	bool row;
	str also = STR(""), tail = STR("");
	ask(w, &x, &t->rows);
	if (t->how == RESCUE_COUNT) {
		struct path happens;
		TRY(path_parse(w->r->city->model, t->rows.reg, t->rows.reg->happens, &happens, err));
		str day = query_day(&x.q, &happens), child = query_path(&x.q, &t->rows.person);
		int last = query_param_text(&x.q, date_str(w->a, w->on));
		int first = query_param_text(&x.q, date_str(w->a, w->on - (int32_t)t->within_days));
		also = arena_fmt(
			w->a, " AND %.*s <= ?%d AND %.*s > ?%d", STR_ARG(day), last, STR_ARG(day), first);
		tail = arena_fmt(w->a, " GROUP BY %.*s HAVING COUNT(*) >= ?%d", STR_ARG(child),
			query_param_int(&x.q, t->at_least));
	}
	TRY(rows(w, &x, &t->rows, also, tail, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		uint32_t c = number_of(w, stmt_i64(s, 0));
		w->child[c].open |= UINT64_C(1) << k;
	}
}

/* Children who share a guardian are one household: sets are joined, each named by its smallest number. */
static uint32_t root_of(uint32_t *up, uint32_t c)
{
	while (up[c] != c) {
		up[c] = up[up[c]];
		c = up[c];
	}
	return c;
}

struct bond {
	uint32_t child;
	int64_t guardian;
};

static enum rc bonds(struct work *w, struct bond **out, size_t *out_n, struct err *err)
{
	struct bond *list = NULL;
	size_t n = 0, cap = 0;
	for (size_t k = 0; k < w->rules->triggers_n; k++) {
		const struct rescue_trigger *t = &w->rules->triggers[k];
		struct asked x;
		struct stmt *s;
		bool row;
		if (t->how != RESCUE_SIBLINGS)
			continue;
		ask(w, &x, &t->rows);
		x.more = arena_fmt(w->a, ", %.*s", STR_ARG(query_path(&x.q, &t->guardian)));
		TRY(rows(w, &x, &t->rows, STR(""), STR(""), &s, err));
		for (;;) {
			TRY(stmt_step(s, &row, err));
			if (!row)
				break;
			list = arena_grow(w->a, list, n, &cap, sizeof *list);
			list[n++] = (struct bond){number_of(w, stmt_i64(s, 0)), stmt_i64(s, 1)};
		}
	}
	*out = list;
	*out_n = n;
	return RC_OK;
}

static void households(struct work *w, const struct bond *bond, size_t n, struct finder_child *children)
{
	uint32_t *up = NEWS(w->a, w->n + 1, uint32_t);
	struct imap first = {0}; /* guardian -> a child of his + 1 */
	for (uint32_t c = 0; c < w->n; c++)
		up[c] = c;
	for (size_t i = 0; i < n; i++) {
		int64_t *at = imap_at(&first, (uint64_t)bond[i].guardian);
		if (*at == 0)
			*at = (int64_t)bond[i].child + 1;
		uint32_t x = root_of(up, (uint32_t)(*at - 1)), y = root_of(up, bond[i].child);
		up[x > y ? x : y] = x > y ? y : x;
		children[bond[i].child].household = 0; /* has one: named below */
	}
	imap_done(&first);
	for (uint32_t c = 0; c < w->n; c++)
		if (children[c].household != FINDER_NOBODY)
			children[c].household = root_of(up, c);
}

/* The last day of the birth month: who may still be a minor is told. The unknown count as children. */
static enum rc born(struct work *w, struct finder_child *children, struct err *err)
{
	struct stmt *s;
	bool row;
	for (size_t c = 0; c < w->n; c++)
		children[c] = (struct finder_child){.born = w->on - 3650, .household = FINDER_NOBODY};
	TRY(db_prepare(w->r->db, "SELECT \"id\", \"birth_month\", \"org\" FROM \"person\"", &s, err));
	for (;;) {
		int32_t first;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct rescue_found *x = found_of(w, stmt_i64(s, 0));
		if (x == NULL)
			continue;
		x->unit = stmt_i64(s, 2);
		if (date_parse(arena_fmt(w->a, "%.*s-01", STR_ARG(stmt_text(s, 1))), &first)) {
			struct ymd d = date_ymd(first);
			children[x - w->child].born = first + date_days_in_month(d.year, d.month) - 1;
		}
	}
}

/* rescue_hit rows that were closed as explained not long ago. */
static enum rc explanations(struct work *w, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(w->r->db,
		"SELECT \"child\", \"rule\" FROM \"rescue_hit\" WHERE \"state\" = 'closed' AND "
		"\"outcome\" = 'explained' AND \"ended_on\" > ?1 AND \"ended_on\" <= ?2",
		&s, err));
	stmt_bind_text(s, 1, date_str(w->a, w->on - (int32_t)w->rules->explained_days));
	stmt_bind_text(s, 2, date_str(w->a, w->on));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct rescue_found *x = found_of(w, stmt_i64(s, 0));
		for (size_t k = 0; x && k < w->rules->triggers_n; k++)
			if (str_eq(w->rules->triggers[k].id, stmt_text(s, 1)))
				x->explained |= UINT64_C(1) << k;
	}
}

static enum rc facts(struct work *w, struct err *err)
{
	TRY(population(w, err));
	TRY(carers(w, false, err));
	TRY(carers(w, true, err));
	TRY(listings(w, err));
	TRY(visits(w, err));
	for (size_t k = 0; k < w->rules->triggers_n; k++)
		if (w->rules->triggers[k].how == RESCUE_WHEN || w->rules->triggers[k].how == RESCUE_COUNT)
			TRY(trigger(w, k, err));
	return RC_OK;
}

static enum rc people(struct work *w, struct finder_child **out, struct err *err)
{
	struct bond *bond;
	size_t bonds_n;
	TRY(bonds(w, &bond, &bonds_n, err));
	struct finder_child *about = NEWS(w->a, w->n + 1, struct finder_child);
	TRY(born(w, about, err));
	households(w, bond, bonds_n, about);
	TRY(explanations(w, err));
	*out = about;
	return RC_OK;
}

enum rc rescue_gather(struct reader *r, const struct rescue_rules *rules, int32_t on,
	struct rescue_facts *out, struct err *err)
{
	struct work w = {.r = r, .a = r->a, .on = on, .rules = rules};
	struct finder_child *about = NULL;
	enum rc rc = facts(&w, err);
	if (rc == RC_OK)
		rc = people(&w, &about, err);
	imap_done(&w.number);
	if (rc == RC_OK)
		*out = (struct rescue_facts){w.child, about, w.n, w.fact, w.facts_n};
	return rc;
}
