/* demo_rows.c -- rows for every register (demo.h). A register waits for those that it refers to; circles are cut by taking
 * the reference as empty. One job a slice. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/demo_value.h"
#include <string.h>

enum { SLICE_ROWS = 1000, ROWS_DEFAULT = 24, PEOPLE_UNIT = 10000, LAST_YEAR_PERCENT = 82, PARENT_TRIES = 4 };

/* What the hints say of one register. */
struct plan {
	struct demo *d;
	const struct reg *reg;
	const struct yaml *hint;
	struct grown *out;
	/* Rows below a parent: one batch for each of its rows. */
	const struct field *parent;
	const struct grown *parents;
	int64_t per_from, per_to;
	int64_t target; /* rows wanted in the year */
	/* This slice. */
	int year;
	int64_t made, dropped;
	str why;
	size_t parent_at, start, count;
};

static const struct yaml *under(const struct yaml *y, const char *key)
{
	return y ? yaml_get(y, key) : NULL;
}

int64_t hint_i64(const struct yaml *y, const char *key, int64_t otherwise)
{
	int64_t v;
	const struct yaml *x = under(y, key);
	return x && x->kind == YAML_SCALAR && str_i64(x->text, &v) ? v : otherwise;
}

bool hint_range(const struct yaml *y, const char *key, int64_t *from, int64_t *to)
{
	const struct yaml *x = under(y, key);
	if (x == NULL || x->kind != YAML_LIST || x->n != 2)
		return false;
	return str_i64(x->items[0].text, from) && str_i64(x->items[1].text, to);
}

bool hint_has(const struct yaml *list, str word)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (str_eq(list->items[i].text, word))
			return true;
	return false;
}

str hint_weighted(struct demo *d, const struct yaml *map)
{
	int64_t sum = 0, w;
	for (size_t i = 0; map && i < map->n; i++)
		sum += str_i64(map->pairs[i].value.text, &w) ? w : 0;
	int64_t x = sum > 0 ? demo_between(d, 1, sum) : 0;
	for (size_t i = 0; sum > 0 && i < map->n; i++) {
		x -= str_i64(map->pairs[i].value.text, &w) ? w : 0;
		if (x <= 0)
			return map->pairs[i].key;
	}
	return (str){NULL, 0};
}

/* ---- whose row, and when ---- */

static const struct demo_org *owner(struct plan *p)
{
	struct demo *d = p->d;
	const struct yaml *kinds = under(p->hint, "owner"), *schools = under(p->hint, "schools");
	for (int i = 0; i < 400; i++) {
		const struct demo_org *o = &d->orgs[rng_below(&d->rng, d->orgs_n)];
		if (kinds && !hint_has(kinds, o->kind))
			continue;
		if (schools && !hint_has(schools, o->school))
			continue;
		if (!kinds && o->level > 2 && !demo_chance(d, 30))
			continue;
		return o;
	}
	return &d->orgs[0];
}

/* A day of the year by the months' weights; the school year's seasons where nothing is said. */
static int32_t day_of(struct plan *p)
{
	static const int season[12] = {5, 3, 11, 10, 12, 9, 8, 6, 9, 10, 10, 7};
	struct demo *d = p->d;
	const struct yaml *months = under(p->hint, "months");
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
	return date_of(p->year, month + 1, (int)demo_between(d, 1, date_days_in_month(p->year, month + 1)));
}

static str state_of(struct plan *p)
{
	str s = hint_weighted(p->d, under(p->hint, "states"));
	if (s.n)
		return s;
	/* Most rows count; some are elsewhere on their way. */
	if (p->reg->states_n > 1 && demo_chance(p->d, 12))
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
	str s = hint_weighted(p->d, under(p->hint, "sources"));
	return s.n ? s : demo_chance(p->d, 55) ? STR("import") : STR("form");
}

/* ---- one row ---- */

static bool next_parent(struct plan *p, const struct demo_row **out)
{
	const struct yaml *states = under(under(p->hint, "of"), "states");
	for (; p->parent_at < p->parents->n; p->parent_at++) {
		const struct demo_row *row = &p->parents->rows[p->parent_at];
		const struct reg *to = p->parent->to_reg;
		bool fits =
			states == NULL || (row->state >= 0 && hint_has(states, to->states[row->state].id));
		if (fits && date_ymd(row->day).year == p->year) {
			*out = row;
			return true;
		}
	}
	return false;
}

static enum rc make_row(struct job_ctx *c, struct plan *p, const struct demo_row *parent, struct err *err)
{
	struct demo *d = p->d;
	const struct demo_org *org = owner(p);
	struct row_draft r = {.a = c->a,
		.reg = p->reg,
		.hint = under(p->hint, "fields"),
		.people = under(p->hint, "people"),
		.org = parent ? parent->org : org->id,
		.day = parent ? parent->day : day_of(p),
		.parent = parent,
		.parent_field = p->parent,
		.number = p->out->n + 1};
	r.entries = NEWS(c->a, p->reg->fields_n + 1, struct entry);
	r.state = state_of(p);
	const struct yaml *later = under(under(p->hint, "of"), "days");
	if (parent && later && later->n == 2)
		r.day += (int32_t)demo_between(d, 0, 0);
	int64_t from, to;
	if (parent && hint_range(under(p->hint, "of"), "days", &from, &to))
		r.day = parent->day + (int32_t)demo_between(d, from, to);
	if (r.day > clock_today())
		r.day = clock_today();
	draft_fill(d, &r);
	struct record_input in = {.reg = p->reg,
		.org = r.org,
		.entries = r.entries,
		.entries_n = r.entries_n,
		.state = r.state,
		.source = source_of(p)};
	int64_t id;
	struct err e = {0};
	TRY(record_ids(c, p->reg, 1, &id, err));
	enum rc rc = record_slice_add(c, &in, id, &e);
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
	p->out->rows = arena_grow(d->a, p->out->rows, p->out->n, &p->out->cap, sizeof *p->out->rows);
	p->out->rows[p->out->n++] =
		(struct demo_row){id, r.org, r.person, r.day, state_index(p->reg, r.state)};
	return RC_OK;
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

static enum rc slice_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct plan *p = arg;
	p->start = p->out->n;
	for (size_t i = 0; i < p->count; i++) {
		const struct demo_row *parent = NULL;
		int64_t rows = 1;
		if (p->parent) {
			if (!next_parent(p, &parent))
				break;
			p->parent_at++;
			rows = demo_between(p->d, p->per_from, p->per_to);
			i += (size_t)(rows > 0 ? rows - 1 : 0);
		}
		for (int64_t k = 0; k < rows; k++)
			TRY(make_row(c, p, parent, err));
	}
	if (p->out->n == p->start)
		return RC_OK;
	int64_t first = p->out->rows[p->start].id, last = p->out->rows[p->out->n - 1].id;
	return record_slice_end(c, p->reg, first, last - first + 1, check_fired, p, err);
}

static enum rc fill_year(struct plan *p, int64_t wanted, struct err *err)
{
	struct demo *d = p->d;
	int64_t tries = p->parent ? 1 : 3;
	size_t before = p->out->n;
	p->parent_at = 0;
	for (int64_t left = wanted; tries > 0;) {
		size_t had = p->out->n, at = p->parent_at;
		struct arena a = {0};
		p->count = (size_t)(left < SLICE_ROWS && !p->parent ? left : SLICE_ROWS);
		enum rc rc = city_run(d->city, &d->actor, &a, (str){NULL, 0}, slice_job, p, err);
		arena_done(&a);
		TRY(rc);
		d->rows += (int64_t)(p->out->n - had);
		progress_show(&d->progress, d->rows, 0);
		if (p->parent) {
			if (p->parent_at == at || p->parent_at >= p->parents->n)
				break;
			continue;
		}
		left = wanted - (int64_t)(p->out->n - before);
		if (left <= 0)
			break;
		tries -= p->count < SLICE_ROWS || p->out->n == had;
	}
	return RC_OK;
}

static const struct field *parent_field(struct plan *p)
{
	const struct yaml *of = under(p->hint, "of"), *name = under(of, "parent");
	if (name == NULL || !hint_range(of, "rows", &p->per_from, &p->per_to))
		return NULL;
	const struct field *f = reg_field(p->reg, name->text);
	return f && f->to_reg ? f : NULL;
}

static enum rc fill(struct demo *d, const struct reg *reg, struct err *err)
{
	struct plan p = {.d = d,
		.reg = reg,
		.hint = under(&d->hints, arena_cstr(d->a, reg->id)),
		.out = &d->grown[reg->at]};
	int64_t least = hint_i64(p.hint, "least", 6);
	p.parent = parent_field(&p);
	p.parents = p.parent ? &d->grown[p.parent->to_reg->at] : NULL;
	p.target = hint_i64(p.hint, "rows", ROWS_DEFAULT) * d->people / PEOPLE_UNIT;
	if (hint_i64(p.hint, "fixed", 0))
		p.target = hint_i64(p.hint, "fixed", 0);
	if (p.target < least)
		p.target = least;
	p.out->done = true;
	if (hint_i64(p.hint, "skip", 0))
		return RC_OK;
	p.year = d->year - 1;
	if (hint_i64(p.hint, "last_year", 1))
		TRY(fill_year(&p, p.target * LAST_YEAR_PERCENT / 100, err));
	p.year = d->year;
	TRY(fill_year(&p, p.target, err));
	if (d->tell)
		printf("%-26.*s %7zu rows %6lld dropped  %.*s\n", STR_ARG(reg->id), p.out->n,
			(long long)p.dropped, STR_ARG(p.why));
	return RC_OK;
}

/* All registers that its references need are done, or refer back to it. */
static bool ready(const struct demo *d, const struct reg *reg)
{
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct reg *to = reg->fields[i].to_reg;
		if (to && to != reg && !d->grown[to->at].done)
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
	return RC_OK;
}
