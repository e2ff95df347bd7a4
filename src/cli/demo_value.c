/* demo_value.c -- see demo_value.h. */
#include "cli/demo_value.h"
#include "base/clock.h"
#include "base/date.h"

enum { PERSON_TRIES = 300, SKIP_OPTIONAL_PERCENT = 25 };

static const char *const class_names[CLASSES] = {"pioneer", "pupil", "student", "youth", "adult"};

static struct value int_value(int64_t i)
{
	return (struct value){.kind = V_INT, .i = i};
}

static struct value text_value(str t)
{
	return (struct value){.kind = t.n ? V_TEXT : V_NULL, .t = t};
}

static const struct demo_org *org_of(const struct demo *d, int64_t id)
{
	for (size_t i = 0; i < d->orgs_n; i++)
		if (d->orgs[i].id == id)
			return &d->orgs[i];
	return &d->orgs[0];
}

/* {n} {year} {county} {org} in a text. */
static str filled(struct demo *d, const struct row_draft *r, str text)
{
	static const char *const names[] = {"{n}", "{year}", "{county}", "{org}"};
	const struct demo_org *o = org_of(d, r->org);
	str values[] = {arena_fmt(r->a, "%zu", r->number), arena_fmt(r->a, "%d", date_ymd(r->day).year),
		o->county < 0 ? STR("临澜市") : demo_county_name(o->county), o->name};
	for (int i = 0; i < 4; i++)
		for (size_t at; (at = str_find(text, str_of(names[i]))) != SIZE_MAX;)
			text = arena_fmt(r->a, "%.*s%.*s%.*s", STR_ARG(str_head(text, at)),
				STR_ARG(values[i]), STR_ARG(str_from(text, at + strlen(names[i]))));
	return text;
}

static int64_t any_person(struct demo *d, const struct row_draft *r, const struct yaml *classes)
{
	int64_t best = 0;
	const struct demo_org *own = org_of(d, r->org);
	for (int i = 0; i < PERSON_TRIES && d->persons_n; i++) {
		const struct demo_person *p = &d->persons[rng_below(&d->rng, d->persons_n)];
		if (classes ? !hint_has(classes, str_of(class_names[p->class])) : p->class < CLASS_YOUTH)
			continue;
		if (best == 0)
			best = p->id;
		const struct demo_org *theirs = i < PERSON_TRIES / 3 ? org_of(d, p->org) : own;
		if (own->county < 0 || theirs->county == own->county)
			return p->id;
	}
	return best;
}

static int64_t any_row(
	struct demo *d, const struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	const struct yaml *states = hint ? yaml_get(hint, "states") : NULL;
	if (str_is(f->to, "org") || f->type == T_ORG)
		return d->orgs[rng_below(&d->rng, d->orgs_n)].id;
	if (f->to_reg == NULL)
		return 0;
	const struct grown *g = &d->grown[f->to_reg->at];
	int64_t best = 0;
	for (int i = 0; i < 60 && g->n; i++) {
		const struct demo_row *row = &g->rows[rng_below(&d->rng, g->n)];
		if (states && (row->state < 0 || !hint_has(states, f->to_reg->states[row->state].id)))
			continue;
		if (best == 0)
			best = row->id;
		if (row->day <= r->day && (row->org == r->org || i > 30))
			return row->id;
	}
	return best;
}

/* What its name says of a date: before the row's day, after it, or on it. */
static int32_t dated(struct demo *d, const struct row_draft *r, const struct field *f)
{
	static const char *const before[] = {"from", "start", "approv", "issued", "insur", "told", "consent",
		"vett", "check", "applied", "found", "since", "admitted", "enrol", "signed", "named", "adopt",
		"planned", "register", "flag", NULL};
	static const char *const after[] = {
		"_to", "ends", "until", "expire", "due", "next", "valid_to", "keep", NULL};
	static const char *const soon[] = {"closed", "finish", "confirm", "return", "done", "settled",
		"complet", "answer", "report", "sent", "contact", "publish", "release", "review", "receiv",
		"paid", NULL};
	if (f == r->reg->happens_field)
		return r->day;
	for (size_t i = 0; after[i]; i++)
		if (str_find(f->id, str_of(after[i])) != SIZE_MAX)
			return r->day + (int32_t)demo_between(d, 1, 300);
	for (size_t i = 0; soon[i]; i++)
		if (str_find(f->id, str_of(soon[i])) != SIZE_MAX)
			return r->day + (int32_t)demo_between(d, 0, 12);
	for (size_t i = 0; before[i]; i++)
		if (str_find(f->id, str_of(before[i])) != SIZE_MAX)
			return r->day - (int32_t)demo_between(d, 1, 60);
	return r->day;
}

static int32_t bounded(const struct field *f, int32_t day)
{
	if (f->max.kind == BOUND_TODAY && day > clock_today())
		day = clock_today();
	if (f->min.kind == BOUND_TODAY && day < clock_today())
		day = clock_today();
	return day;
}

static struct value number(struct demo *d, const struct field *f, const struct yaml *hint)
{
	int64_t from = f->type == T_HOURS ? 60 : f->type == T_MONEY ? 200 : f->type == T_COUNT ? 20 : 1;
	int64_t to = f->type == T_HOURS ? 240 : f->type == T_MONEY ? 5000 : f->type == T_COUNT ? 160 : 60;
	int64_t unit = f->type == T_MONEY ? 100 : 1;
	hint_range(hint, "range", &from, &to);
	int64_t v = demo_between(d, from, to);
	if (f->type == T_HOURS && v >= 60)
		v = v / 30 * 30;
	if (f->type == T_MONEY && v > 1000)
		v = v / 100 * 100;
	v *= unit;
	for (int i = 0; f->type == T_DECIMAL && i < f->scale; i++)
		v *= 10;
	if (f->min.kind == BOUND_VALUE && v < f->min.value)
		v = f->min.value;
	if (f->max.kind == BOUND_VALUE && v > f->max.value)
		v = f->max.value;
	return int_value(v);
}

static str credit_code(struct demo *d, struct arena *a)
{
	char *code = arena_printf(a, "51379900MJ%07lld", (long long)demo_between(d, 0, 9999999));
	return arena_str(a, (str){code, 17});
}

static struct value date_value(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	int64_t from, to;
	int32_t day = dated(d, r, f);
	if (hint_range(hint, "days", &from, &to))
		day = r->day + (int32_t)demo_between(d, from, to);
	day = bounded(f, day);
	if (f->type == T_TIME)
		return int_value(((int64_t)day * 1440 + demo_between(d, 8, 17) * 60 +
					 demo_between(d, 0, 5) * 10 - clock_zone()) *
				 60000);
	str text = date_str(r->a, day);
	return text_value(f->type == T_MONTH ? str_head(text, 7) : text);
}

static struct value text_of(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	if (hint && hint->kind == YAML_LIST && hint->n)
		return text_value(filled(d, r, hint->items[rng_below(&d->rng, hint->n)].text));
	if (f->unique || str_is(f->id, "code") || str_ends(f->id, STR("_no")))
		return text_value(
			arena_fmt(r->a, "LL%d%.3s%05zu", date_ymd(r->day).year, f->id.p, r->number));
	return text_value(arena_fmt(r->a, "%.*s%zu", STR_ARG(r->reg->label.zh), r->number));
}

static struct value value_of(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	const struct yaml *weights = hint ? yaml_get(hint, "weights") : NULL;
	switch (f->type) {
	case T_CHOICE:
		if (weights)
			return text_value(hint_weighted(d, weights));
		if (hint && hint->kind == YAML_LIST && hint->n)
			return text_value(hint->items[rng_below(&d->rng, hint->n)].text);
		return text_value(
			f->choices_n ? f->choices[rng_below(&d->rng, f->choices_n)].id : (str){NULL, 0});
	case T_BOOL:
		return int_value(demo_chance(d, (int)hint_i64(hint, "yes", 70)));
	case T_DATE:
	case T_MONTH:
	case T_TIME:
		return date_value(d, r, f, hint);
	case T_INTEGER:
	case T_COUNT:
	case T_MONEY:
	case T_DECIMAL:
	case T_HOURS:
		return number(d, f, hint);
	case T_PERSON: {
		int64_t id = any_person(d, r,
			hint && hint->kind == YAML_MAP     ? yaml_get(hint, "class")
			: f == r->reg->person && r->people ? yaml_get(r->people, "class")
							   : NULL);
		return id ? int_value(id) : (struct value){0};
	}
	case T_REF:
	case T_ORG: {
		int64_t id = any_row(d, r, f, hint && hint->kind == YAML_MAP ? hint : NULL);
		return id ? int_value(id) : (struct value){0};
	}
	case T_REFS:
	case T_ORGS:
		return demo_chance(d, 12)
			       ? text_value(arena_fmt(r->a, ",%lld,", (long long)any_row(d, r, f, NULL)))
			       : (struct value){0};
	case T_REGION:
		return text_value(org_of(d, r->org)->county < 0
					  ? STR("379900")
					  : arena_fmt(r->a, "3799%02d", org_of(d, r->org)->county + 1));
	case T_PHONE:
		return text_value(arena_fmt(r->a, "199%08lld", (long long)demo_between(d, 0, 99999999)));
	case T_CREDIT_CODE:
		return text_value(credit_code(d, r->a));
	case T_CITIZEN_ID:
	case T_FILE:
	case T_SEALED_STRUCT:
		return (struct value){0};
	case T_TEXT:
	case T_SEALED:
		break;
	}
	return text_of(d, r, f, hint);
}

static bool left_out(
	struct demo *d, const struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	const struct yaml *skip = hint && hint->kind == YAML_MAP ? yaml_get(hint, "skip") : NULL;
	if (f->required || f == r->reg->happens_field)
		return false;
	for (size_t i = 0; i < r->reg->key_n; i++)
		if (r->reg->key[i] == f)
			return false;
	if (skip)
		return demo_chance(d, (int)hint_i64(hint, "skip", 0));
	return hint == NULL && demo_chance(d, SKIP_OPTIONAL_PERCENT);
}

static void put(struct row_draft *r, const struct field *f, struct value v)
{
	if (v.kind != V_NULL)
		r->entries[r->entries_n++] = (struct entry){f, v};
}

static struct value same_as(const struct row_draft *r, str id)
{
	for (size_t i = 0; i < r->entries_n; i++)
		if (str_eq(r->entries[i].field->id, id))
			return r->entries[i].value;
	return (struct value){0};
}

void draft_fill(struct demo *d, struct row_draft *r)
{
	int64_t from = 20, to = 120;
	bool heads = r->reg->n_field && r->reg->person && !r->reg->person->required &&
		     demo_chance(d, (int)hint_i64(r->people, "heads", 6));
	hint_range(r->people, "count", &from, &to);
	for (size_t i = 0; i < r->reg->fields_n; i++) {
		const struct field *f = &r->reg->fields[i];
		const struct yaml *hint = r->hint ? yaml_get(r->hint, arena_cstr(r->a, f->id)) : NULL;
		const struct yaml *same = hint && hint->kind == YAML_MAP ? yaml_get(hint, "same") : NULL;
		if (f == r->parent_field) {
			put(r, f, int_value(r->parent->id));
			continue;
		}
		if (f == r->reg->n_field && r->reg->person) {
			put(r, f, int_value(heads ? demo_between(d, from, to) : 1));
			continue;
		}
		if ((f == r->reg->person && heads) || left_out(d, r, f, hint))
			continue;
		struct value v = same ? same_as(r, same->text) : value_of(d, r, f, hint);
		if (f == r->reg->person)
			r->person = v.i;
		put(r, f, v);
	}
}
