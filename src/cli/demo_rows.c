/* demo_rows.c -- rows for every register (demo.h). A register waits for those that it refers to, but for its `weak`
 * fields, and for those of its `after`; circles are cut by taking the reference as empty. One job a slice.
 *
 * Hints of a register (or a list of them: several passes):
 *   rows: 60                  in a year, per 10,000 people; fixed: 3 whatever the size; least: 6
 *   every: 7                  a row each so many days, in months whose weight is not 0
 *   last_year: 0              nothing of the year before (otherwise 82 per cent of this year's); this_year: 0
 *   since: 8                  one pass, in one of the eight years before or this year
 *   owner: {branch: 5, county: 1}  or a list of kinds of unit; schools: [junior]
 *   months: [12 weights], states: {completed: 9, void: 1}, sources: {site_code: 5, import: 3}
 *   ahead: [planned]          rows in these states stand in the first weeks of the next year
 *   keep: [event, held_on]    fields that paths may name
 *   after: [register], weak: [field]
 *   people: {class: [..], heads: 6, count: [20, 80]}  of attendance: heads per cent of the occasions are head-counts
 *   of:                       a walk, with rows: [from, to] for each step, share: per cent of the steps taken, or
 *                             omit: 36 every 36th left out
 *     parent: field           over the rows that this reference may name, in states: [..], with is: {field: [choice]};
 *                             days: [0, 3] after the parent's day, or own_day: 1; heir: own, an owner of its own
 *                             any_year: 1 whatever the parent's year, in one pass; none after the year's end
 *     rows_of: REGISTER       over the rows of a register to which no field here refers (paths: parent.person ...)
 *     persons: [pupil]        over persons of these classes, age: [14, 28] at the year's end; identified: 1; at_age: [14, 16] the day
 *     orgs: [branch]          over units of these kinds, schools: [..]; with parent: over both */
#include "base/clock.h"
#include "base/date.h"
#include "cli/demo_value.h"

enum {
	SLICE_ROWS = 1000,
	ROWS_DEFAULT = 24,
	PEOPLE_UNIT = 10000,
	LAST_YEAR_PERCENT = 82,
	USED_MAX = 400,
	STATE_TRIES = 30
};

struct seed {
	const struct demo_row *parent;
	const struct demo_person *person;
	const struct demo_org *org;
};

/* What the hints say of one register. */
struct plan {
	struct demo *d;
	const struct reg *reg;
	const struct yaml *hint, *of;
	const struct yaml **fields;
	const struct field **order;
	struct grown *out;
	const struct field *parent;
	const struct grown *parents;
	const struct reg *parent_reg;
	const struct yaml *persons, *orgs;
	bool walk;
	int64_t per_from, per_to;
	int64_t target; /* rows wanted in the year, without a walk */
	int year;
	size_t in_year;
	int32_t day; /* of `every` */
	/* The walk. */
	size_t row_at, person_at, org_at, steps;
	size_t count, start; /* of this slice */
	bool ended;
	short force; /* a state wanted, or -1 */
	int64_t dropped;
	str why;
	int64_t used[USED_MAX];
	size_t used_n;
};

/* ---- whose row, and when ---- */

static const struct demo_org *owner(struct plan *p)
{
	struct demo *d = p->d;
	const struct yaml *kinds = hint_get(p->hint, "owner"), *schools = hint_get(p->hint, "schools");
	struct yaml one = {.kind = YAML_SCALAR};
	if (kinds && kinds->kind == YAML_MAP) {
		one.text = hint_weighted(d, kinds);
		kinds = &one;
	}
	if (kinds || schools)
		return demo_org(d, pick_org(d, 0, kinds, schools));
	for (int i = 0; i < 40; i++) {
		const struct demo_org *o = &d->orgs[rng_below(&d->rng, d->orgs_n)];
		if (o->level <= 2)
			return o;
	}
	return &d->orgs[0];
}

/* A day of the year by the months' weights; the school year's seasons where nothing is said. */
static int32_t day_of(struct plan *p, int year)
{
	static const int season[12] = {5, 3, 11, 10, 12, 9, 8, 6, 9, 10, 10, 7};
	struct demo *d = p->d;
	const struct yaml *months = hint_get(p->hint, "months");
	int64_t w[12], sum = 0, x;
	for (int i = 0; i < 12; i++) {
		w[i] = season[i];
		if (months && months->n == 12 && str_i64(months->items[i].text, &x))
			w[i] = x;
		sum += w[i];
	}
	x = demo_between(d, 1, sum > 0 ? sum : 1);
	int month = 0;
	while (month < 11 && (x -= w[month]) > 0)
		month++;
	return date_of(year, month + 1, (int)demo_between(d, 1, date_days_in_month(year, month + 1)));
}

static bool month_used(const struct plan *p, int32_t day)
{
	int64_t x;
	const struct yaml *months = hint_get(p->hint, "months");
	int m = date_ymd(day).month;
	return months == NULL || months->n != 12 || !str_i64(months->items[m - 1].text, &x) || x > 0;
}

/* The next day of a rhythm, or DATE_NONE when the year is over. */
static int32_t next_day(struct plan *p)
{
	int32_t step = (int32_t)hint_i64(p->hint, "every", 7), end = date_of(p->year, 12, 31);
	int32_t day = p->day == DATE_NONE ? date_of(p->year, 1, 4) : p->day + step;
	while (day <= end && !month_used(p, day))
		day += step;
	p->day = day;
	return day <= end ? day : DATE_NONE;
}

static str state_of(struct plan *p)
{
	if (p->force >= 0)
		return p->reg->states[p->force].id;
	str s = hint_weighted(p->d, hint_get(p->hint, "states"));
	if (s.n)
		return s;
	if (p->reg->states_n > 1 && demo_chance(p->d, 6)) /* some are elsewhere on their way */
		return p->reg->states[rng_below(&p->d->rng, p->reg->states_n)].id;
	return p->reg->import_state.n ? p->reg->import_state
	       : p->reg->states_n     ? p->reg->states[0].id
				      : STR("valid");
}

static short state_index(const struct reg *reg, str id)
{
	for (size_t i = 0; i < reg->states_n; i++)
		if (str_eq(reg->states[i].id, id))
			return (short)i;
	return -1;
}

static str source_of(struct plan *p)
{
	str s = hint_weighted(p->d, hint_get(p->hint, "sources"));
	return s.n ? s : demo_chance(p->d, 55) ? STR("import") : STR("form");
}

/* The row's day; DATE_NONE: none fits. */
static int32_t row_day(struct plan *p, const struct seed *s, str state)
{
	struct demo *d = p->d;
	int64_t from, to, since = hint_i64(p->hint, "since", 0);
	int32_t day;
	if (hint_has(hint_get(p->hint, "ahead"), state) && p->year == d->year)
		return date_of(p->year + 1, 1, 8) + (int32_t)demo_between(d, 0, 50);
	if (s->person && hint_range(p->of, "at_age", &from, &to)) {
		day = s->person->born + (int32_t)(from * 36525 / 100 + demo_between(d, 3, (to - from) * 365));
		int32_t last = date_of(d->year, 12, 20) - (int32_t)demo_between(d, 0, 200);
		int32_t first = s->person->born + (int32_t)(from * 36525 / 100) + 2;
		return day <= last ? day : first <= last ? last : DATE_NONE;
	}
	if (hint_get(p->hint, "every"))
		day = p->day;
	else if (s->parent && hint_i64(p->of, "own_day", 0) == 0)
		day = s->parent->day;
	else
		day = day_of(p, since ? d->year - (int)demo_between(d, 0, since) : p->year);
	if (hint_range(p->of, "days", &from, &to))
		day += (int32_t)demo_between(d, from, to);
	if (hint_i64(p->of, "any_year", 0) && day > date_of(d->year, 12, 31))
		return DATE_NONE;
	return day > clock_today() ? clock_today() : day;
}

/* ---- one row ---- */

static enum rc keep_row(struct plan *p, const struct row_draft *r, int64_t id)
{
	struct demo *d = p->d;
	struct grown *g = p->out;
	int64_t *kept = g->keep_n ? NEWS(d->a, g->keep_n, int64_t) : NULL;
	for (size_t i = 0; i < g->keep_n; i++)
		kept[i] = r->raw[g->keep[i]->at];
	g->rows = arena_grow(d->a, g->rows, g->n, &g->cap, sizeof *g->rows);
	g->rows[g->n++] = (struct demo_row){id, r->org, r->person, r->day, r->state, kept};
	if (r->person && p->used_n < USED_MAX)
		p->used[p->used_n++] = r->person;
	return RC_OK;
}

static int64_t owner_of(struct plan *p, const struct seed *s)
{
	const struct yaml *heir = hint_get(p->of, "heir");
	if (s->org)
		return s->org->id;
	if (s->person)
		return s->person->org;
	if (s->parent && heir == NULL)
		return s->parent->org;
	return owner(p)->id;
}

static enum rc make_row(struct job_ctx *c, struct plan *p, const struct seed *s, size_t nth, bool heads,
	bool *out_made, struct err *err)
{
	struct demo *d = p->d;
	str state = state_of(p);
	int32_t day = row_day(p, s, state);
	if (day == DATE_NONE)
		return RC_OK;
	struct row_draft r = {.a = c->a,
		.reg = p->reg,
		.hints = p->fields,
		.order = p->order,
		.people = hint_get(p->hint, "people"),
		.org = owner_of(p, s),
		.person = s->person ? s->person->id : 0,
		.day = day,
		.parent = s->parent,
		.parent_field = p->parent,
		.parent_reg = p->parent_reg,
		.number = p->out->n + 1,
		.in_year = p->in_year + 1,
		.nth = nth,
		.state = state_index(p->reg, state),
		.state_id = state,
		.heads = heads,
		.forced = p->force >= 0,
		.previous = nth && p->out->n ? &p->out->rows[p->out->n - 1] : NULL,
		.used = p->used,
		.used_n = p->used_n,
		.entries = NEWS(c->a, p->reg->fields_n + 1, struct entry),
		.raw = NEWS(c->a, p->reg->fields_n + 1, int64_t)};
	draft_fill(d, &r);
	struct record_input in = {.reg = p->reg,
		.org = r.org,
		.entries = r.entries,
		.entries_n = r.entries_n,
		.state = r.state_id,
		.source = source_of(p)};
	int64_t id;
	struct err e = {0};
	TRY(record_ids(c, p->reg, 1, &id, err));
	enum rc rc = record_slice_add(c, &in, id, &e);
	p->in_year++;
	if (rc == RC_INVALID || rc == RC_CONFLICT) {
		p->dropped++;
		if (p->why.n == 0)
			p->why = arena_str(d->a, str_of(e.text));
		return RC_OK;
	}
	if (rc != RC_OK) {
		if (err)
			*err = e;
		return rc;
	}
	*out_made = true;
	return keep_row(p, &r, id);
}

static void check_fired(void *user, int64_t id, const struct check *check)
{
	struct plan *p = user;
	if (check->warn)
		return;
	for (size_t i = p->start; i < p->out->n; i++)
		if (p->out->rows[i].id == id) {
			memmove(&p->out->rows[i], &p->out->rows[i + 1],
				(p->out->n - i - 1) * sizeof *p->out->rows);
			p->out->n--;
			break;
		}
	p->dropped++;
	if (p->why.n == 0)
		p->why = label_text(&check->say);
}

/* ---- the walk ---- */

static bool parent_fits(struct plan *p, const struct demo_row *row)
{
	const struct yaml *states = hint_get(p->of, "states"), *is = hint_get(p->of, "is");
	const struct reg *to = p->parent_reg;
	if (states && (row->state < 0 || !hint_has(states, to->states[row->state].id)))
		return false;
	if (hint_i64(p->of, "own_day", 0) && row->day > date_of(p->year, 12, 31))
		return false;
	if (!hint_i64(p->of, "own_day", 0) && !hint_i64(p->of, "any_year", 0) &&
		date_ymd(row->day).year != p->year)
		return false;
	return row_is(p->d, p->parents, row, is);
}

static bool person_wanted(struct plan *p, const struct demo_person *x)
{
	static const char *const names[CLASSES] = {"pioneer", "pupil", "student", "youth", "adult"};
	int64_t from, to;
	if (!hint_has(p->persons, str_of(names[x->class])) ||
		(!x->identified && hint_i64(p->of, "identified", 0)))
		return false;
	if (!hint_range(p->of, "age", &from, &to))
		return true;
	int age = date_age_years(x->born, date_of(p->year, 12, 31));
	return age >= from && age <= to;
}

static bool next_org(struct plan *p, const struct demo_org **out)
{
	struct demo *d = p->d;
	const struct yaml *schools = hint_get(p->of, "schools");
	for (; p->org_at < d->orgs_n; p->org_at++) {
		const struct demo_org *o = &d->orgs[p->org_at];
		if (hint_has(p->orgs, o->kind) && (schools == NULL || hint_has(schools, o->school))) {
			p->org_at++;
			*out = o;
			return true;
		}
	}
	return false;
}

/* The next step; false when the walk is over. */
static bool next_step(struct plan *p, struct seed *s)
{
	struct demo *d = p->d;
	if (p->persons) {
		for (; p->person_at < d->persons_n; p->person_at++)
			if (person_wanted(p, &d->persons[p->person_at])) {
				s->person = &d->persons[p->person_at++];
				return true;
			}
		return false;
	}
	if (p->parents == NULL)
		return next_org(p, &s->org);
	for (; p->row_at < p->parents->n; p->row_at++, p->org_at = 0) {
		if (!parent_fits(p, &p->parents->rows[p->row_at]))
			continue;
		s->parent = &p->parents->rows[p->row_at];
		if (p->orgs == NULL) {
			p->row_at++;
			return true;
		}
		if (next_org(p, &s->org))
			return true;
	}
	return false;
}

static bool step_taken(struct plan *p)
{
	int64_t omit = hint_i64(p->of, "omit", 0);
	p->steps++;
	if (omit && p->steps % (size_t)omit == 0)
		return false;
	return demo_chance(p->d, (int)hint_i64(p->of, "share", 100));
}

static enum rc walk_slice(struct job_ctx *c, struct plan *p, struct err *err)
{
	for (size_t n = 0; n < SLICE_ROWS;) {
		struct seed s = {0};
		if (!next_step(p, &s)) {
			p->ended = true;
			break;
		}
		if (!step_taken(p))
			continue;
		bool heads = p->reg->n_field && p->reg->person && !p->reg->person->required &&
			     demo_chance(p->d, (int)hint_i64(hint_get(p->hint, "people"), "heads", 0));
		int64_t rows = heads ? 1 : demo_between(p->d, p->per_from, p->per_to);
		p->used_n = 0;
		for (int64_t k = 0; k < rows; k++) {
			bool made = false;
			TRY(make_row(c, p, &s, (size_t)k, heads, &made, err));
			n++;
		}
	}
	return RC_OK;
}

static enum rc free_slice(struct job_ctx *c, struct plan *p, struct err *err)
{
	struct seed s = {0};
	for (size_t i = 0; i < p->count; i++) {
		bool made = false,
		     heads = p->reg->n_field && p->reg->person && !p->reg->person->required &&
			     demo_chance(p->d, (int)hint_i64(hint_get(p->hint, "people"), "heads", 0));
		if (hint_get(p->hint, "every") && next_day(p) == DATE_NONE) {
			p->ended = true;
			break;
		}
		p->used_n = 0;
		TRY(make_row(c, p, &s, 0, heads, &made, err));
	}
	return RC_OK;
}

/* One row in the state that is missing, at any parent. */
static enum rc forced_row(struct job_ctx *c, struct plan *p, struct err *err)
{
	struct seed s = {0};
	bool made = false;
	if (p->walk) {
		for (int64_t skip = demo_between(p->d, 0, 12); skip >= 0; skip--)
			if (!next_step(p, &s)) {
				p->row_at = p->person_at = p->org_at = 0;
				if (!next_step(p, &s))
					return RC_OK;
			}
	}
	if (hint_get(p->hint, "every"))
		p->day = date_of(p->year, 6, 1) + (int32_t)demo_between(p->d, 0, 90);
	p->used_n = 0;
	return make_row(c, p, &s, 0, false, &made, err);
}

static enum rc slice_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct plan *p = arg;
	p->start = p->out->n;
	TRY(p->force >= 0 ? forced_row(c, p, err) : p->walk ? walk_slice(c, p, err) : free_slice(c, p, err));
	if (p->out->n == p->start)
		return RC_OK;
	int64_t first = p->out->rows[p->start].id, last = p->out->rows[p->out->n - 1].id;
	return record_slice_end(c, p->reg, first, last - first + 1, check_fired, p, err);
}

/* ---- registers ---- */

static enum rc run_slice(struct plan *p, struct err *err)
{
	struct demo *d = p->d;
	struct arena a = {0};
	size_t had = p->out->n;
	enum rc rc = city_run(d->city, &d->actor, &a, (str){NULL, 0}, slice_job, p, err);
	arena_done(&a);
	d->rows += (int64_t)(p->out->n - had);
	progress_show(&d->progress, d->rows, 0);
	return rc;
}

static enum rc fill_year(struct plan *p, int64_t wanted, struct err *err)
{
	size_t before = p->out->n;
	p->row_at = p->person_at = p->org_at = p->steps = 0;
	p->in_year = 0;
	p->day = DATE_NONE;
	p->ended = false;
	bool open = p->walk || hint_get(p->hint, "every");
	for (int tries = 3; tries > 0 && !p->ended;) {
		int64_t left = wanted - (int64_t)(p->out->n - before);
		size_t had = p->out->n;
		if (!open && left <= 0)
			break;
		p->count = (size_t)(!open && left < SLICE_ROWS ? left : SLICE_ROWS);
		TRY(run_slice(p, err));
		if (!open)
			tries -= p->count < SLICE_ROWS || p->out->n == had;
	}
	return RC_OK;
}

/* A row in each state that none took. */
static enum rc fill_states(struct plan *p, struct err *err)
{
	for (short k = 0; (size_t)k < p->reg->states_n; k++) {
		for (int tries = 0; tries < STATE_TRIES; tries++) {
			bool found = false;
			for (size_t i = 0; i < p->out->n && !found; i++)
				found = p->out->rows[i].state == k;
			if (found)
				break;
			p->force = k;
			p->ended = false;
			TRY(run_slice(p, err));
		}
	}
	p->force = -1;
	return RC_OK;
}

static void plan_walk(struct plan *p)
{
	const struct yaml *name = hint_get(p->of, "parent");
	p->persons = hint_get(p->of, "persons");
	p->orgs = hint_get(p->of, "orgs");
	p->per_from = p->per_to = 1;
	hint_range(p->of, "rows", &p->per_from, &p->per_to);
	if (name) {
		p->parent = reg_field(p->reg, name->text);
		if (p->parent == NULL || p->parent->to_reg == NULL) {
			hint_fault(p->d, name, "no such reference");
			p->parent = NULL;
		} else
			p->parent_reg = p->parent->to_reg;
	}
	name = hint_get(p->of, "rows_of");
	if (name)
		p->parent_reg = model_reg(p->d->city->model, name->text);
	if (p->parent_reg)
		p->parents = &p->d->grown[p->parent_reg->at];
	p->walk = p->parents || p->persons || p->orgs;
}

/* A hint reads field f: a path in it begins with the field's name. */
static bool reads(const struct yaml *hint, const struct field *f)
{
	static const char *const keys[] = {"by", "of", "same", "after", "least", "most", "not"};
	if (hint == NULL || hint->kind != YAML_MAP)
		return false;
	for (size_t i = 0; i < hint->n; i++) {
		const struct yaml *v = &hint->pairs[i].value;
		str rest;
		bool path = str_is(hint->pairs[i].key, "match");
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
			path = path || str_is(hint->pairs[i].key, keys[k]);
		if (path && v->kind == YAML_SCALAR && str_eq(str_cut(v->text, '.', &rest), f->id))
			return true;
		for (size_t k = 0; path && v->kind == YAML_MAP && k < v->n; k++)
			if (str_eq(str_cut(v->pairs[k].value.text, '.', &rest), f->id))
				return true;
		if (str_is(hint->pairs[i].key, "cases"))
			for (size_t k = 0; k < v->n; k++)
				if (reads(&v->pairs[k].value, f))
					return true;
	}
	return false;
}

/* Fields in an order in which those that a hint reads stand before it; a circle stays as declared. */
static void plan_order(struct plan *p)
{
	const struct reg *reg = p->reg;
	bool *placed = NEWS(p->d->a, reg->fields_n + 1, bool);
	p->order = NEWS(p->d->a, reg->fields_n + 1, const struct field *);
	for (size_t n = 0; n < reg->fields_n;) {
		size_t before = n;
		for (size_t i = 0; i < reg->fields_n; i++) {
			bool waits = false;
			for (size_t k = 0; !placed[i] && k < reg->fields_n; k++)
				waits = waits ||
					(k != i && !placed[k] && reads(p->fields[i], &reg->fields[k]));
			if (placed[i] || waits)
				continue;
			placed[i] = true;
			p->order[n++] = &reg->fields[i];
		}
		for (size_t i = 0; n == before && i < reg->fields_n; i++)
			if (!placed[i]) {
				placed[i] = true;
				p->order[n++] = &reg->fields[i];
				break;
			}
	}
}

static enum rc fill_pass(struct demo *d, const struct reg *reg, const struct yaml *hint, int64_t *dropped,
	str *why, bool states, struct err *err)
{
	const struct yaml *fields = hint_get(hint, "fields");
	struct plan *p = NEW(d->a, struct plan);
	*p = (struct plan){
		.d = d, .reg = reg, .hint = hint, .out = &d->grown[reg->at], .force = -1, .day = DATE_NONE};
	p->of = hint_get(hint, "of");
	p->fields = NEWS(d->a, reg->fields_n + 1, const struct yaml *);
	for (size_t i = 0; fields && i < fields->n; i++) {
		const struct field *f = reg_field(reg, fields->pairs[i].key);
		if (f)
			p->fields[f->at] = &fields->pairs[i].value;
		else
			hint_fault(d, &fields->pairs[i].value, "no such field");
	}
	plan_walk(p);
	plan_order(p);
	int64_t least = hint_i64(hint, "least", 6), fixed = hint_i64(hint, "fixed", 0);
	p->target = hint_i64(hint, "rows", ROWS_DEFAULT) * d->people / PEOPLE_UNIT;
	p->target = fixed ? fixed : p->target < least ? least : p->target;
	p->year = d->year;
	if (states)
		return fill_states(p, err);
	bool single = hint_i64(hint, "since", 0) || hint_i64(p->of, "any_year", 0) ||
		      hint_range(p->of, "at_age", &least, &least);
	p->year = d->year - 1;
	if (!single && hint_i64(hint, "last_year", 1))
		TRY(fill_year(p, fixed ? fixed : p->target * LAST_YEAR_PERCENT / 100, err));
	p->year = d->year;
	if (hint_i64(hint, "this_year", 1))
		TRY(fill_year(p, p->target, err));
	*dropped += p->dropped;
	*why = why->n ? *why : p->why;
	return RC_OK;
}

static void plan_keep(struct demo *d, const struct reg *reg, const struct yaml *hint)
{
	const struct yaml *names = hint_get(hint, "keep");
	struct grown *g = &d->grown[reg->at];
	if (names == NULL)
		return;
	g->keep = NEWS(d->a, names->n + 1, const struct field *);
	for (size_t i = 0; i < names->n; i++) {
		const struct field *f = reg_field(reg, names->items[i].text);
		if (f)
			g->keep[g->keep_n++] = f;
		else
			hint_fault(d, &names->items[i], "no such field");
	}
}

static const struct yaml *hint_of(const struct demo *d, const struct reg *reg)
{
	for (size_t i = 0; i < d->hints.n; i++)
		if (str_eq(d->hints.pairs[i].key, reg->id))
			return &d->hints.pairs[i].value;
	return NULL;
}

/* Each register draws from a source of its own: a hint changed in one leaves the others' chances as they were. */
static void begin_chance(struct demo *d, str id)
{
	uint64_t x = d->seed;
	for (size_t i = 0; i < id.n; i++) /* FNV-1a */
		x = (x ^ (unsigned char)id.p[i]) * UINT64_C(1099511628211);
	rng_init(&d->rng, x);
}

static enum rc fill(struct demo *d, const struct reg *reg, struct err *err)
{
	int64_t dropped = 0;
	str why = {NULL, 0};
	const struct yaml *hint = hint_of(d, reg);
	bool list = hint && hint->kind == YAML_LIST && hint->n;
	const struct yaml *first = list ? &hint->items[0] : hint;
	begin_chance(d, reg->id);
	plan_keep(d, reg, first);
	d->grown[reg->at].done = true;
	for (size_t i = 0; i < (list ? hint->n : 1); i++)
		TRY(fill_pass(d, reg, list ? &hint->items[i] : hint, &dropped, &why, false, err));
	TRY(fill_pass(d, reg, first, &dropped, &why, true, err)); /* states by the first, the common one */
	if (d->tell)
		printf("%-26.*s %7zu rows %6lld dropped  %.*s\n", STR_ARG(reg->id), d->grown[reg->at].n,
			(long long)dropped, STR_ARG(why));
	return RC_OK;
}

/* All registers that it rests on are done. */
static bool ready(const struct demo *d, const struct reg *reg)
{
	const struct yaml *hint = hint_of(d, reg);
	if (hint && hint->kind == YAML_LIST && hint->n)
		hint = &hint->items[0];
	const struct yaml *weak = hint_get(hint, "weak"), *after = hint_get(hint, "after");
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct reg *to = reg->fields[i].to_reg;
		if (to && to != reg && !d->grown[to->at].done && !hint_has(weak, reg->fields[i].id))
			return false;
	}
	for (size_t i = 0; after && i < after->n; i++) {
		const struct reg *to = model_reg(d->city->model, after->items[i].text);
		if (to && !d->grown[to->at].done)
			return false;
	}
	return true;
}

enum rc demo_make_rows(struct demo *d, struct err *err)
{
	const struct model *m = d->city->model;
	static const char *const made[] = {"org", "person"};
	for (size_t i = 0; i < 2; i++)
		d->grown[model_reg(m, str_of(made[i]))->at].done = true;
	for (size_t left = m->regs_n - 2; left > 0;) {
		size_t before = left;
		for (size_t i = 0; i < m->regs_n; i++) {
			const struct reg *reg = &m->regs[i];
			if (d->grown[reg->at].done || !ready(d, reg))
				continue;
			TRY(fill(d, reg, err));
			left--;
		}
		for (size_t i = 0; before == left && i < m->regs_n; i++) /* a circle: cut it at the first */
			if (!d->grown[m->regs[i].at].done) {
				TRY(fill(d, &m->regs[i], err));
				left--;
				break;
			}
	}
	for (size_t i = 0; i < d->hints.n; i++)
		if (model_reg(m, d->hints.pairs[i].key) == NULL)
			hint_fault(d, &d->hints.pairs[i].value, "no such register");
	return d->fault.n ? FAIL(err, RC_INVALID, "%.*s", STR_ARG(d->fault)) : RC_OK;
}
