/* demo_pick.c -- see demo_value.h. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/demo_value.h"

enum {
	PERSON_TRIES = 40,
	CITY_TRIES = 1500,
	ROW_TRIES = 40,
	ROW_SWEEP = 4000,
	ORG_TRIES = 60,
	MS_PER_MINUTE = 60000
};

static const char *const class_names[CLASSES] = {"pioneer", "pupil", "student", "youth", "adult"};

/* ---- hints ---- */

const struct yaml *hint_get(const struct yaml *y, const char *key)
{
	return y && y->kind == YAML_MAP ? yaml_get(y, key) : NULL;
}

int64_t hint_i64(const struct yaml *y, const char *key, int64_t otherwise)
{
	int64_t v;
	const struct yaml *x = hint_get(y, key);
	return x && x->kind == YAML_SCALAR && str_i64(x->text, &v) ? v : otherwise;
}

bool hint_range(const struct yaml *y, const char *key, int64_t *from, int64_t *to)
{
	const struct yaml *x = hint_get(y, key);
	if (x == NULL || x->kind != YAML_LIST || x->n != 2)
		return false;
	return str_i64(x->items[0].text, from) && str_i64(x->items[1].text, to);
}

bool hint_has(const struct yaml *list, str word)
{
	if (list && list->kind == YAML_SCALAR)
		return str_eq(list->text, word);
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

void hint_fault(struct demo *d, const struct yaml *at, const char *what)
{
	if (d->fault.n == 0)
		d->fault = arena_fmt(d->a, "assets/demo.yaml:%d:%d: %s", at->line, at->column, what);
}

/* ---- paths ---- */

int64_t kept_value(const struct field *f, const struct value *v)
{
	int32_t day;
	if (v->kind == V_NULL)
		return NOTHING;
	if (v->kind == V_INT)
		return v->i;
	if (f->type == T_DATE)
		return date_parse(v->t, &day) ? day : NOTHING;
	if (f->type == T_MONTH) {
		char first[DATE_TEXT_BYTES] = "0000-00-01";
		memcpy(first, v->t.p, v->t.n < 7 ? v->t.n : 7);
		return date_parse(str_of(first), &day) ? day : NOTHING;
	}
	for (size_t i = 0; f->type == T_CHOICE && i < f->choices_n; i++)
		if (str_eq(f->choices[i].id, v->t))
			return (int64_t)i;
	return (int64_t)(str_hash(v->t) >> 2);
}

const struct demo_row *row_by_id(const struct grown *g, int64_t id)
{
	size_t from = 0, to = g->n;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (g->rows[mid].id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return from < g->n && g->rows[from].id == id ? &g->rows[from] : NULL;
}

static int64_t kept_of(
	const struct grown *g, const struct demo_row *row, str name, const struct field **out_f)
{
	for (size_t i = 0; i < g->keep_n; i++)
		if (str_eq(g->keep[i]->id, name)) {
			*out_f = g->keep[i];
			return row->kept[i];
		}
	return NOTHING;
}

/* One step of a path from the row `g.i` of register `reg`. */
static struct got step(struct demo *d, const struct reg *reg, int64_t id, str name)
{
	struct got g = {.i = NOTHING};
	if (str_is(reg->id, "org")) {
		const struct demo_org *o = demo_org(d, id);
		g.i = str_is(name, "parent") ? o->parent : NOTHING;
		g.f = reg_field(reg, STR("parent"));
		return g;
	}
	if (str_is(reg->id, "person")) {
		g.i = demo_person(d, id)->org;
		return g;
	}
	const struct demo_row *row = row_by_id(&d->grown[reg->at], id);
	if (row == NULL)
		return g;
	if (str_is(name, "org"))
		g.i = row->org;
	else if (str_is(name, "person"))
		g = (struct got){row->person, reg->person, NULL};
	else if (str_is(name, "day"))
		g.i = row->day;
	else if (str_is(name, "state"))
		g = (struct got){row->state, NULL, reg};
	else {
		g.i = kept_of(&d->grown[reg->at], row, name, &g.f);
		if (g.f == NULL && d->fault.n == 0)
			d->fault = arena_fmt(d->a, "assets/demo.yaml: %.*s does not keep %.*s",
				STR_ARG(reg->id), STR_ARG(name));
	}
	return g;
}

struct got path_get(struct demo *d, const struct row_draft *r, str path)
{
	str rest, head = str_cut(path, '.', &rest);
	struct got g = {.i = NOTHING};
	const struct reg *org = model_reg(d->city->model, STR("org"));
	const struct reg *person = model_reg(d->city->model, STR("person")), *next = NULL;
	if (str_is(head, "org")) {
		g.i = r->org;
		next = org;
	} else if (str_is(head, "parent") && r->parent) {
		g.i = r->parent->id;
		next = r->parent_reg;
	} else if (str_is(head, "day"))
		g.i = r->day;
	else if (str_is(head, "state"))
		g = (struct got){r->state, NULL, r->reg};
	else if (str_is(head, "nth"))
		g.i = (int64_t)r->nth;
	else if ((g.f = reg_field(r->reg, head)))
		g.i = r->raw[g.f->at];
	while (rest.n && g.i != NOTHING) {
		if (g.f)
			next = g.f->type == T_PERSON ? person : g.f->type == T_ORG ? org : g.f->to_reg;
		if (next == NULL)
			return (struct got){.i = NOTHING};
		head = str_cut(rest, '.', &rest);
		const struct reg *here = next;
		next = str_is(head, "org") ? org : NULL;
		g = step(d, here, g.i, head);
	}
	return g;
}

str got_word(struct arena *a, const struct got *g)
{
	if (g->i == NOTHING)
		return STR("empty");
	if (g->states_of)
		return g->i >= 0 && (size_t)g->i < g->states_of->states_n ? g->states_of->states[g->i].id
									  : STR("empty");
	if (g->f && g->f->type == T_CHOICE)
		return (size_t)g->i < g->f->choices_n ? g->f->choices[g->i].id : STR("empty");
	if (g->f && g->f->type == T_BOOL)
		return g->i ? STR("yes") : STR("no");
	return arena_fmt(a, "%lld", (long long)g->i);
}

/* ---- units, persons, rows ---- */

static bool org_fits(const struct demo_org *o, const struct yaml *kinds, const struct yaml *schools)
{
	return (kinds == NULL || hint_has(kinds, o->kind)) &&
	       (schools == NULL || hint_has(schools, o->school));
}

int64_t pick_org(struct demo *d, int64_t near, const struct yaml *kinds, const struct yaml *schools)
{
	const struct demo_org *o = near ? demo_org(d, near) : NULL;
	for (int wide = 0; o && wide < 5; wide++) {
		size_t from = (size_t)(o - d->orgs), n = o->end - from;
		for (size_t i = 0; i < ORG_TRIES && i < n * 3; i++) {
			const struct demo_org *x = &d->orgs[from + rng_below(&d->rng, n)];
			if (org_fits(x, kinds, schools))
				return x->id;
		}
		if (from == 0)
			break;
		o = &d->orgs[o->up];
	}
	size_t from = (size_t)rng_below(&d->rng, d->orgs_n); /* the next one that fits */
	for (size_t i = 0; i < d->orgs_n; i++) {
		const struct demo_org *x = &d->orgs[(from + i) % d->orgs_n];
		if (org_fits(x, kinds, schools))
			return x->id;
	}
	return d->orgs[0].id;
}

static bool person_fits(
	const struct row_draft *r, const struct demo_person *p, const struct yaml *hint, int64_t other)
{
	int64_t from, to;
	const struct yaml *classes = hint_get(hint, "class");
	if (p->id == other || (!p->identified && hint_i64(hint, "identified", 0)))
		return false;
	if (classes ? !hint_has(classes, str_of(class_names[p->class])) : p->class < CLASS_YOUTH)
		return false;
	for (size_t i = 0; i < r->used_n; i++)
		if (r->used[i] == p->id)
			return false;
	if (!hint_range(hint, "age", &from, &to))
		return true;
	int age = date_age_years(p->born, r->day);
	return age >= from && age <= to;
}

int64_t pick_person(struct demo *d, const struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	const struct yaml *name = hint_get(hint, "not"), *from = hint_get(hint, "from");
	struct got other = name ? path_get(d, r, name->text) : (struct got){.i = NOTHING};
	if (from) {
		const struct reg *reg = model_reg(d->city->model, from->text);
		const struct demo_row *row = NULL;
		if (reg == NULL)
			hint_fault(d, from, "no such register");
		for (int i = 0; reg && i < 8; i++)
			if (pick_row(d, r, reg, hint, &row) && row->person != other.i)
				return row->person;
		return 0;
	}
	if (hint == NULL && f == r->reg->person)
		hint = r->people;
	const struct demo_org *o = demo_org(d, r->org);
	if (hint_i64(hint, "wide", 0))
		o = &d->orgs[0];
	for (int wide = 0; wide < 5; wide++) {
		size_t n = o->people_to - o->people_from;
		for (int i = 0; n && i < (o == &d->orgs[0] ? CITY_TRIES : PERSON_TRIES); i++) {
			const struct demo_person *p =
				&d->persons[d->by_org[o->people_from + rng_below(&d->rng, n)]];
			if (person_fits(r, p, hint, other.i))
				return p->id;
		}
		if (o == &d->orgs[0])
			break;
		o = &d->orgs[o->up];
	}
	return 0;
}

bool row_is(struct demo *d, const struct grown *g, const struct demo_row *row, const struct yaml *is)
{
	const struct field *f;
	for (size_t i = 0; is && i < is->n; i++) {
		f = NULL;
		struct got has = {.i = kept_of(g, row, is->pairs[i].key, &f)};
		has.f = f;
		const struct yaml *words = &is->pairs[i].value;
		bool found = f == NULL;
		if (f == NULL)
			hint_fault(d, words, "this field is not kept");
		if (f && f->type == T_TEXT)
			for (size_t k = 0; k < words->n; k++)
				found = found || (int64_t)(str_hash(words->items[k].text) >> 2) == has.i;
		else if (f)
			found = hint_has(words, got_word(d->a, &has));
		if (!found)
			return false;
	}
	return true;
}

static bool kept_fits(struct demo *d, const struct row_draft *r, const struct grown *g,
	const struct demo_row *row, const struct yaml *match, const struct yaml *is)
{
	const struct field *f = NULL;
	for (size_t i = 0; match && i < match->n; i++) {
		struct got want = path_get(d, r, match->pairs[i].value.text);
		int64_t has = str_is(match->pairs[i].key, "org") ? row->org
			      : str_is(match->pairs[i].key, "person")
				      ? row->person
				      : kept_of(g, row, match->pairs[i].key, &f);
		if (want.i == NOTHING || has != want.i)
			return false;
	}
	return row_is(d, g, row, is);
}

static bool row_fits(struct demo *d, const struct row_draft *r, const struct reg *reg,
	const struct demo_row *row, const struct yaml *hint)
{
	const struct yaml *states = hint_get(hint, "states");
	if (states && (row->state < 0 || !hint_has(states, reg->states[row->state].id)))
		return false;
	if (hint_i64(hint, "before", 0) && row->day > r->day)
		return false;
	if (hint_i64(hint, "later", 0) && row->day < r->day)
		return false;
	const struct yaml *match = hint_get(hint, "match"), *is = hint_get(hint, "is");
	return (match == NULL && is == NULL) || kept_fits(d, r, &d->grown[reg->at], row, match, is);
}

/* A row that fits: of the same county and not later if one is soon found, else any, else (a sweep) the next. */
int64_t pick_row(struct demo *d, const struct row_draft *r, const struct reg *reg, const struct yaml *hint,
	const struct demo_row **out)
{
	const struct grown *g = &d->grown[reg->at];
	const struct demo_row *best = NULL;
	int county = demo_org(d, r->org)->county;
	for (size_t i = 0; i < ROW_TRIES && g->n; i++) {
		const struct demo_row *row = &g->rows[rng_below(&d->rng, g->n)];
		int theirs = demo_org(d, row->org)->county;
		if (!row_fits(d, r, reg, row, hint))
			continue;
		best = best ? best : row;
		if ((theirs == county || theirs < 0 || i > ROW_TRIES / 2) && row->day <= r->day) {
			best = row;
			break;
		}
	}
	size_t from = g->n ? (size_t)rng_below(&d->rng, g->n) : 0;
	for (size_t i = 0; best == NULL && i < g->n && i < ROW_SWEEP; i++)
		if (row_fits(d, r, reg, &g->rows[(from + i) % g->n], hint))
			best = &g->rows[(from + i) % g->n];
	if (best && out)
		*out = best;
	return best ? best->id : 0;
}
