/* demo_value.c -- see demo_value.h. */
#include "cli/demo_value.h"
#include "base/clock.h"
#include "base/date.h"

enum {
	SKIP_OPTIONAL_PERCENT = 25,
	COHOST_PERCENT = 12,
	MS_PER_MINUTE = 60000,
	DAY_MINUTES = 1440,
	MANY_MAX = 8
};

static struct value int_value(int64_t i)
{
	return (struct value){.kind = V_INT, .i = i};
}

static struct value text_value(str t)
{
	return (struct value){.kind = t.n ? V_TEXT : V_NULL, .t = t};
}

static int32_t day_of_instant(int64_t ms)
{
	return (int32_t)((ms / MS_PER_MINUTE + clock_zone()) / DAY_MINUTES);
}

/* {n} {k} {year} {next} {month} {county} {place} {org} in a text. */
static str filled(struct demo *d, const struct row_draft *r, str text)
{
	static const char *const names[] = {
		"{n}", "{k}", "{year}", "{next}", "{month}", "{county}", "{place}", "{org}"};
	if (str_find_byte(text, '{') == SIZE_MAX)
		return text;
	const struct demo_org *o = demo_org(d, r->org);
	struct ymd day = date_ymd(r->day);
	str values[] = {arena_fmt(r->a, "%zu", r->number), arena_fmt(r->a, "%zu", r->in_year),
		arena_fmt(r->a, "%d", day.year), arena_fmt(r->a, "%d", day.year + 1),
		arena_fmt(r->a, "%d", day.month), o->county < 0 ? STR("临澜市") : demo_county_name(o->county),
		o->place, o->name};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t at; (at = str_find(text, str_of(names[i]))) != SIZE_MAX;)
			text = arena_fmt(r->a, "%.*s%.*s%.*s", STR_ARG(str_head(text, at)),
				STR_ARG(values[i]), STR_ARG(str_from(text, at + strlen(names[i]))));
	return text;
}

/* The number at a path, or `otherwise`. */
static int64_t number_at(struct demo *d, const struct row_draft *r, const struct yaml *hint, const char *key,
	int64_t otherwise)
{
	const struct yaml *path = hint_get(hint, key);
	struct got g = path ? path_get(d, r, path->text) : (struct got){.i = NOTHING};
	return g.i == NOTHING ? otherwise : g.i;
}

/* A path's day: a date's, or an instant's. */
static int64_t day_at(struct demo *d, const struct row_draft *r, const struct yaml *hint, const char *key,
	int64_t otherwise)
{
	const struct yaml *path = hint_get(hint, key);
	struct got g = path ? path_get(d, r, path->text) : (struct got){.i = NOTHING};
	if (g.i == NOTHING)
		return otherwise;
	return g.f && g.f->type == T_TIME ? day_of_instant(g.i) : g.i;
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
	if (f == r->reg->happens_field || f->type == T_TIME)
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

static struct value number(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	int64_t from = f->type == T_HOURS ? 60 : f->type == T_MONEY ? 200 : f->type == T_COUNT ? 20 : 1;
	int64_t to = f->type == T_HOURS ? 240 : f->type == T_MONEY ? 5000 : f->type == T_COUNT ? 160 : 60;
	int64_t v;
	hint_range(hint, "range", &from, &to);
	if (hint_range(hint, "share", &from, &to)) {
		v = number_at(d, r, hint, "of", 0) * demo_between(d, from, to) / 100;
		v = f->type == T_HOURS ? v / 30 * 30 : v;
	} else {
		v = demo_between(d, from, to);
		if (f->type == T_HOURS && v >= 60)
			v = v / 30 * 30;
		if (f->type == T_MONEY && v > 1000)
			v = v / 100 * 100;
		v *= f->type == T_MONEY ? 100 : 1;
		for (int i = 0; f->type == T_DECIMAL && i < f->scale; i++)
			v *= 10;
	}
	int64_t least = number_at(d, r, hint, "least", INT64_MIN),
		most = number_at(d, r, hint, "most", INT64_MAX);
	v = v < least ? least : v;
	v = v > most ? most : v;
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
	int64_t day = dated(d, r, f);
	int64_t first = hint_i64(hint, "month_at", 0), last = hint_i64(hint, "month_to", 0);
	if (first || last) {
		int32_t month = date_ymd(r->day).year * 12 +
				(int32_t)(first + last - 1 + hint_i64(hint, "step", 0) * (int64_t)r->nth);
		day = first ? date_month_first(month) : date_month_first(month + 1) - 1;
	} else if (hint_range(hint, "days", &from, &to))
		day = day_at(d, r, hint, "after", r->day) + demo_between(d, from, to);
	else if (f == r->reg->happens_field && f->type == T_DATE)
		day = r->day;
	if (hint_i64(hint, "past", 0) && day > clock_today())
		day = clock_today();
	int64_t least = day_at(d, r, hint, "least", INT32_MIN), most = day_at(d, r, hint, "most", INT32_MAX);
	day = day < least ? least : day;
	day = day > most ? most : day;
	day = bounded(f, (int32_t)day);
	if (f->type == T_TIME) {
		int64_t ms = (day * DAY_MINUTES + demo_between(d, 8, 17) * 60 + demo_between(d, 0, 5) * 10 -
				     clock_zone()) *
			     MS_PER_MINUTE;
		if (hint_range(hint, "minutes", &from, &to))
			ms = number_at(d, r, hint, "after", ms) + demo_between(d, from, to) * MS_PER_MINUTE;
		return int_value(ms);
	}
	if (f == r->reg->happens_field)
		r->day = (int32_t)day;
	str text = date_str(r->a, (int32_t)day);
	return text_value(f->type == T_MONTH ? str_head(text, 7) : text);
}

static struct value text_of(struct row_draft *r, const struct field *f)
{
	if (f->unique || str_is(f->id, "code") || str_ends(f->id, STR("_no")))
		return text_value(
			arena_fmt(r->a, "LL%d%.3s%05zu", date_ymd(r->day).year, f->id.p, r->number));
	return text_value(arena_fmt(r->a, "%.*s%zu", STR_ARG(r->reg->label.zh), r->number));
}

static struct value some_of(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	int64_t from = 1, to = 1, list[MANY_MAX];
	size_t n = 0;
	if (!hint_range(hint, "many", &from, &to) && !demo_chance(d, COHOST_PERCENT))
		return (struct value){0};
	int64_t wanted = demo_between(d, from, to);
	for (int i = 0; i < 3 * MANY_MAX && (int64_t)n < wanted && n < MANY_MAX; i++) {
		int64_t id = f->type == T_ORGS ? pick_org(d, demo_org(d, r->org)->parent,
							 hint_get(hint, "kinds"), hint_get(hint, "schools"))
					       : pick_row(d, r, f->to_reg, hint, NULL);
		size_t at = 0;
		while (at < n && list[at] < id)
			at++;
		if (id == 0 || id == r->org || (at < n && list[at] == id))
			continue;
		memmove(list + at + 1, list + at, (n - at) * sizeof *list);
		list[at] = id;
		n++;
	}
	str s = {NULL, 0};
	for (size_t i = 0; i < n; i++)
		s = arena_fmt(r->a, "%.*s%s%lld,", STR_ARG(s), i ? "" : ",", (long long)list[i]);
	return text_value(s);
}

/* Would rows of one text be one row? Not where the key has a day or a person too. */
static bool in_key(const struct reg *reg, const struct field *f)
{
	bool in = false;
	for (size_t i = 0; i < reg->key_n; i++) {
		if (reg->key[i]->type == T_DATE || reg->key[i]->type == T_PERSON)
			return false;
		in = in || reg->key[i] == f;
	}
	return in;
}

static bool by_state(const struct yaml *hint)
{
	const struct yaml *by = hint_get(hint, "by");
	return by && str_is(by->text, "state");
}

/* A word of the yaml as the field's value. */
static struct value word_value(struct demo *d, struct row_draft *r, const struct field *f, str word)
{
	int64_t v;
	bool scaled = f->type == T_DECIMAL || f->type == T_MONEY;
	if (f->type == T_BOOL)
		return int_value(str_is(word, "yes") || str_is(word, "true"));
	if (scaled || f->type == T_INTEGER || f->type == T_COUNT || f->type == T_HOURS) {
		if (!str_i64(word, &v))
			return (struct value){0};
		for (int i = 0; scaled && i < (f->type == T_MONEY ? 2 : f->scale); i++)
			v *= 10;
		return int_value(v);
	}
	if ((f->type == T_TEXT || f->type == T_SEALED) && str_is(word, "none"))
		return (struct value){0};
	str text = filled(d, r, word);
	if (r->forced && f->type == T_TEXT && (f->unique || in_key(r->reg, f)) && !by_state(r->hints[f->at]))
		text = arena_fmt(
			r->a, "%.*s（%.*s）", STR_ARG(text), STR_ARG(r->reg->states[r->state].label.zh));
	return text_value(text);
}

/* One of each list, put together; one number is drawn for all of them. */
static struct value parts_value(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *parts)
{
	uint64_t which = rng_below(&d->rng, (uint64_t)1 << 62);
	str text = STR("");
	for (size_t i = 0; i < parts->n; i++) {
		const struct yaml *one = &parts->items[i];
		if (one->kind != YAML_LIST || one->n == 0)
			return hint_fault(d, one, "`parts` is a list of lists"), (struct value){0};
		text = arena_fmt(r->a, "%.*s%s%.*s", STR_ARG(text), i ? "\n" : "",
			STR_ARG(one->items[which % one->n].text));
		which /= one->n;
	}
	return word_value(d, r, f, text);
}

static struct value value_of(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	switch (f->type) {
	case T_CHOICE:
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
		return number(d, r, f, hint);
	case T_PERSON: {
		int64_t id = pick_person(d, r, f, hint);
		return id ? int_value(id) : (struct value){0};
	}
	case T_REF: {
		int64_t id = f->to_reg ? pick_row(d, r, f->to_reg, hint, NULL) : 0;
		return id ? int_value(id) : (struct value){0};
	}
	case T_ORG: {
		int64_t other = number_at(d, r, hint, "not", 0), id = other;
		for (int i = 0; i < MANY_MAX && id == other; i++)
			id = pick_org(d, other ? demo_org(d, r->org)->parent : r->org,
				hint_get(hint, "kinds"), hint_get(hint, "schools"));
		return id == other ? (struct value){0} : int_value(id);
	}
	case T_REFS:
	case T_ORGS:
		return some_of(d, r, f, hint);
	case T_REGION:
		return text_value(demo_org(d, r->org)->county < 0
					  ? STR("379900")
					  : arena_fmt(r->a, "3799%02d", demo_org(d, r->org)->county + 1));
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
	return text_of(r, f);
}

static bool left_out(
	struct demo *d, const struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	const struct yaml *skip = hint_get(hint, "skip"), *in = hint_get(hint, "in");
	if (in && !hint_has(in, r->state_id))
		return true;
	if (skip)
		return demo_chance(d, (int)hint_i64(hint, "skip", 0));
	if (f->required || f == r->reg->happens_field || f == r->reg->person || in_key(r->reg, f))
		return false;
	if (hint == NULL && (f->type == T_TEXT || f->type == T_SEALED))
		return !f->unique && !str_is(f->id, "code");
	return hint == NULL && demo_chance(d, SKIP_OPTIONAL_PERCENT);
}

/* `by` and `cases` until a plain hint; a scalar `none` stands for nothing. */
static const struct yaml *resolved(struct demo *d, const struct row_draft *r, const struct yaml *hint)
{
	static const struct yaml none = {.kind = YAML_SCALAR, .text = {"none", 4}};
	for (const struct yaml *by; (by = hint_get(hint, "by"));) {
		struct got g = path_get(d, r, by->text);
		const struct yaml *cases = hint_get(hint, "cases");
		if (cases == NULL)
			return hint_fault(d, hint, "`by` needs `cases`"), &none;
		const struct yaml *x = yaml_get(cases, arena_cstr(r->a, got_word(r->a, &g)));
		x = x ? x : yaml_get(cases, "else");
		if (x == NULL)
			return &none;
		hint = x;
	}
	return hint;
}

static struct value same_as(struct demo *d, struct row_draft *r, const struct field *f, str path)
{
	struct got g = path_get(d, r, path);
	if (g.i == NOTHING)
		return (struct value){0};
	if (f->type == T_DATE)
		return text_value(
			date_str(r->a, g.f && g.f->type == T_TIME ? day_of_instant(g.i) : (int32_t)g.i));
	if (f->type == T_CHOICE)
		return text_value(got_word(r->a, &g));
	if (f->type == T_TEXT || f->type == T_SEALED)
		return text_value(got_word(r->a, &g));
	return int_value(g.i);
}

static struct value hinted(
	struct demo *d, struct row_draft *r, const struct field *f, const struct yaml *hint)
{
	const struct yaml *same = hint_get(hint, "same"), *weights = hint_get(hint, "weights"),
			  *turn = hint_get(hint, "turn"), *parts = hint_get(hint, "parts"),
			  *minus = hint_get(hint, "minus");
	if (hint && hint->kind == YAML_SCALAR)
		return str_is(hint->text, "none") ? (struct value){0} : word_value(d, r, f, hint->text);
	if (hint && hint->kind == YAML_LIST && hint->n)
		return word_value(d, r, f, hint->items[rng_below(&d->rng, hint->n)].text);
	if (parts && parts->kind == YAML_LIST)
		return parts_value(d, r, f, parts);
	if (turn && turn->n)
		return word_value(d, r, f, turn->items[(r->in_year - 1) % turn->n].text);
	if (weights)
		return word_value(d, r, f, hint_weighted(d, weights));
	if (same)
		return same_as(d, r, f, same->text);
	if (minus && r->previous) {
		const struct grown *g = &d->grown[r->reg->at];
		for (size_t i = 0; i < g->keep_n; i++)
			if (str_eq(g->keep[i]->id, minus->text) && r->previous->kept[i] != NOTHING)
				return int_value(-r->previous->kept[i]);
	}
	return value_of(d, r, f, hint);
}

static void put(struct row_draft *r, const struct field *f, struct value v)
{
	r->raw[f->at] = kept_value(f, &v);
	if (v.kind != V_NULL)
		r->entries[r->entries_n++] = (struct entry){f, v};
}

void draft_fill(struct demo *d, struct row_draft *r)
{
	int64_t from = 20, to = 120;
	hint_range(r->people, "count", &from, &to);
	for (size_t i = 0; i < r->reg->fields_n; i++)
		r->raw[i] = NOTHING;
	if (r->parent_field && r->parent)
		r->raw[r->parent_field->at] = r->parent->id;
	for (size_t i = 0; i < r->reg->fields_n; i++) {
		const struct field *f = r->order[i];
		const struct yaml *hint = r->hints[f->at];
		struct value v = {0};
		if (f == r->parent_field && r->parent)
			v = int_value(r->parent->id);
		else if (f == r->reg->n_field && r->reg->person && hint == NULL)
			v = int_value(r->heads ? demo_between(d, from, to) : 1);
		else if (f == r->reg->person && r->person)
			v = int_value(r->person); /* the walk is over persons */
		else if (f == r->reg->person && r->heads)
			v = (struct value){0};
		else if (!left_out(d, r, f, hint)) {
			hint = resolved(d, r, hint);
			if (hint == r->hints[f->at] || !left_out(d, r, f, hint))
				v = hinted(d, r, f, hint);
		}
		if (f == r->reg->person && v.kind == V_INT)
			r->person = v.i;
		put(r, f, v);
	}
}
