/* expr_type.c -- what fits what: types, units and literals of the expression language. See expr_in.h. */
#include "base/date.h"
#include "register/expr_in.h"
#include "register/model_load.h"
#include "register/schema.h"

struct expr *expr_new(struct expr_parser *p, enum expr_kind kind, enum expr_type type, size_t at)
{
	if (p->failed)
		return NULL;
	if (++p->nodes > EXPR_NODES_MAX)
		return expr_refuse(p, at, "", N_("the expression is too long or not UTF-8"));
	struct expr *e = NEW(p->a, struct expr);
	*e = (struct expr){.kind = kind, .type = type, .at = at, .text = {"", 0}};
	return e;
}

static const char *type_word(enum expr_type t)
{
	switch (t) {
	case E_BOOL:
		return tr("a condition");
	case E_INT:
		return tr("a number");
	case E_TEXT:
		return tr("a text");
	case E_DATE:
		return tr("a date");
	case E_MONTH:
		return tr("a month");
	case E_INSTANT:
		return tr("a time");
	case E_REF:
		return tr("a reference");
	case E_NULL:
		break;
	}
	return tr("nothing");
}

/* ---- units and literals ---- */

static int64_t unit_factor(enum unit unit, int scale)
{
	int64_t factor = unit == U_MONEY ? 100 : unit == U_HOURS ? 60 : 1;
	for (int i = 0; unit == U_DECIMAL && i < scale; i++)
		factor *= 10;
	return factor;
}

int64_t expr_factor(const struct expr *e)
{
	return unit_factor(e->unit, e->scale);
}

/* Give an expression of number literals the unit of what it stands beside. */
static bool settle(struct expr_parser *p, struct expr *e, enum unit unit, int scale)
{
	if (!e->open_unit)
		return true;
	e->open_unit = false;
	e->unit = unit;
	e->scale = scale;
	if (e->kind == X_NUMBER) {
		if (number_scaled(e->text, unit_factor(unit, scale), &e->number))
			return true;
		expr_refuse(p, e->at, "",
			unit == U_PLAIN ? N_("%.*s is no whole number")
					: N_("%.*s has too many decimals here"),
			STR_ARG(e->text));
		return false;
	}
	bool product = e->kind == X_MUL;
	return settle(p, e->a, unit, scale) &&
	       (e->b == NULL || settle(p, e->b, product ? U_PLAIN : unit, product ? 0 : scale));
}

static bool same_unit(struct expr_parser *p, size_t at, struct expr *a, struct expr *b)
{
	if (a->open_unit && b->open_unit)
		return settle(p, a, U_PLAIN, 0) && settle(p, b, U_PLAIN, 0);
	if (a->open_unit)
		return settle(p, a, b->unit, b->scale);
	if (b->open_unit)
		return settle(p, b, a->unit, a->scale);
	if (a->unit == b->unit && a->scale == b->scale)
		return true;
	expr_refuse(p, at, "", N_("money, hours and plain numbers do not fit together"));
	return false;
}

static bool month_text(str s)
{
	char full[DATE_TEXT_BYTES];
	int32_t day;
	if (s.n != 7)
		return false;
	memcpy(full, s.p, 7);
	memcpy(full + 7, "-01", 3);
	return date_parse((str){full, 10}, &day);
}

static bool day_literal(struct expr_parser *p, struct expr *e)
{
	int32_t day;
	if (!date_parse(e->text, &day)) {
		expr_refuse(p, e->at, tr("write '2025-03-05'"), N_("“%.*s” is no date"), STR_ARG(e->text));
		return false;
	}
	e->kind = X_DAY;
	e->type = E_DATE;
	return true;
}

static const struct field *sealed_field(const struct expr *e)
{
	return e->kind == X_PATH && e->path.last && e->path.last->sealed ? e->path.last : NULL;
}

/* A sealed value may only be asked whether it is null. */
static bool open_value(struct expr_parser *p, const struct expr *e)
{
	const struct field *f = sealed_field(e);
	if (f == NULL)
		return true;
	expr_refuse(p, e->at,
		p->use == EXPR_FREE ? tr("sealed fields stand only in = and != with a text") : "",
		N_("the field “%.*s” is sealed"), STR_ARG(f->id));
	return false;
}

static bool list_value(const struct expr *e)
{
	return e->kind == X_PATH && e->path.last &&
	       (e->path.last->type == T_REFS || e->path.last->type == T_ORGS);
}

static bool choice_literal(struct expr_parser *p, const struct expr *path, const struct expr *lit)
{
	const struct field *f = path->path.last;
	struct nearest near = {.wrong = lit->text};
	if (field_choice(f, lit->text))
		return true;
	for (size_t i = 0; i < f->choices_n; i++) {
		const struct choice *c = &f->choices[i];
		nearest_try(&near, c->id);
		if (str_eq(c->label.zh, lit->text) || str_eq(c->label.en, lit->text)) {
			near.best = c->id;
			break;
		}
	}
	expr_refuse(p, lit->at,
		near.best.n ? arena_printf(p->a, tr("did you mean “%.*s”?"), STR_ARG(near.best)) : "",
		N_("the field “%.*s” has no value “%.*s”"), STR_ARG(f->id), STR_ARG(lit->text));
	return false;
}

static bool state_literal(struct expr_parser *p, const struct expr *path, const struct expr *lit)
{
	const struct reg *r = path->path.last_reg;
	struct nearest near = {.wrong = lit->text};
	if (reg_state(r, lit->text))
		return true;
	for (size_t i = 0; i < r->states_n; i++) {
		nearest_try(&near, r->states[i].id);
		if (str_eq(r->states[i].label.zh, lit->text) || str_eq(r->states[i].label.en, lit->text)) {
			near.best = r->states[i].id;
			break;
		}
	}
	expr_refuse(p, lit->at,
		near.best.n ? arena_printf(p->a, tr("did you mean “%.*s”?"), STR_ARG(near.best)) : "",
		N_("the register %.*s has no state “%.*s”"), STR_ARG(r->id), STR_ARG(lit->text));
	return false;
}

static bool sealed_literal(struct expr_parser *p, const struct expr *path, const struct expr *lit)
{
	const struct field *f = path->path.last;
	if (p->use == EXPR_FIGURE) {
		expr_refuse(p, path->at, "", N_("the sealed field “%.*s” cannot stand in a figure"),
			STR_ARG(f->id));
		return false;
	}
	if (lit->kind == X_TEXT && schema_blind_of(path->path.last_reg, f) != BLIND_NONE)
		return true;
	expr_refuse(p, path->at, "",
		lit->kind == X_TEXT ? N_("the sealed field “%.*s” has no blind index: it is neither unique "
					 "nor in the key")
				    : N_("the sealed field “%.*s” is compared with a text only"),
		STR_ARG(f->id));
	return false;
}

/* Two operands of a comparison made to fit; literals take the other's type. */
static bool fit(struct expr_parser *p, size_t at, struct expr *a, struct expr *b, bool order)
{
	if (a->kind == X_TEXT && b->kind != X_TEXT) {
		struct expr *c = a;
		a = b;
		b = c;
	}
	if (sealed_field(a) || sealed_field(b)) {
		if (order || sealed_field(b))
			return open_value(p, sealed_field(b) ? b : a);
		return sealed_literal(p, a, b);
	}
	if (list_value(a) || list_value(b)) {
		expr_refuse(p, at, "", N_("a list can only be asked for null"));
		return false;
	}
	if (b->kind == X_TEXT && (a->type == E_DATE || a->type == E_INSTANT))
		return day_literal(p, b);
	if (b->kind == X_TEXT && a->type == E_MONTH) {
		if (!month_text(b->text)) {
			expr_refuse(
				p, b->at, tr("write '2025-03'"), N_("“%.*s” is no month"), STR_ARG(b->text));
			return false;
		}
		b->kind = X_MONTH;
		b->type = E_MONTH;
		return true;
	}
	bool days =
		(a->type == E_DATE || a->type == E_INSTANT) && (b->type == E_DATE || b->type == E_INSTANT);
	bool number_ref = !order && a->type == E_REF && b->type == E_INT && b->open_unit;
	if (order && (a->type == E_REF || b->type == E_REF)) {
		expr_refuse(p, at, "", N_("these have no order; only = and != compare them"));
		return false;
	}
	if (number_ref)
		return settle(p, b, U_PLAIN, 0);
	if (a->type != b->type && !days) {
		const char *hint =
			a->type == E_REF && b->kind == X_TEXT ? tr("follow the reference: org.code = '…'")
			: (a->type == E_MONTH && days) || (a->type == E_MONTH && b->type == E_DATE) ||
					(a->type == E_DATE && b->type == E_MONTH)
				? tr("write month(date)")
				: "";
		expr_refuse(p, at, hint, N_("%s and %s cannot be compared"), type_word(a->type),
			type_word(b->type));
		return false;
	}
	if (a->type == E_INT)
		return same_unit(p, at, a, b);
	if (b->kind == X_TEXT && a->kind == X_PATH && a->path.last && a->path.last->type == T_CHOICE)
		return choice_literal(p, a, b);
	if (b->kind == X_TEXT && a->kind == X_PATH && a->path.last == NULL &&
		str_is(a->path.last_id, "state"))
		return state_literal(p, a, b);
	if (a->type == E_BOOL &&
		((a->kind != X_PATH && a->kind != X_BOOL) || (b->kind != X_PATH && b->kind != X_BOOL))) {
		expr_refuse(
			p, at, tr("join conditions by and, or, not"), N_("conditions cannot be compared"));
		return false;
	}
	bool named = a->kind == X_PATH && a->path.last && a->path.last->type == T_CHOICE;
	if (order && (a->type == E_BOOL || named)) {
		expr_refuse(p, at, "", N_("these have no order; only = and != compare them"));
		return false;
	}
	return true;
}

struct expr *type_compare(
	struct expr_parser *p, enum compare_op op, size_t at, struct expr *a, struct expr *b)
{
	if (!fit(p, at, a, b, op != OP_EQ && op != OP_NE))
		return NULL;
	struct expr *e = expr_new(p, X_COMPARE, E_BOOL, at);
	if (e == NULL)
		return NULL;
	e->op = op;
	e->a = a;
	e->b = b;
	return e;
}

struct expr *type_between(struct expr_parser *p, size_t at, struct expr *a, struct expr *lo, struct expr *hi)
{
	if (!fit(p, at, a, lo, true) || !fit(p, at, a, hi, true))
		return NULL;
	struct expr *e = expr_new(p, X_BETWEEN, E_BOOL, at);
	if (e == NULL)
		return NULL;
	e->a = a;
	e->list = NEWS(p->a, 2, struct expr *);
	e->list[0] = lo;
	e->list[1] = hi;
	e->list_n = 2;
	return e;
}

struct expr *type_in(struct expr_parser *p, size_t at, struct expr *a, struct expr **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!fit(p, list[i]->at, a, list[i], false))
			return NULL;
	struct expr *e = expr_new(p, X_IN, E_BOOL, at);
	if (e == NULL)
		return NULL;
	e->a = a;
	e->list = list;
	e->list_n = n;
	return e;
}

struct expr *type_null(struct expr_parser *p, size_t at, struct expr *a)
{
	if (a->kind != X_PATH)
		return expr_refuse(p, at, "", N_("only a field can be null"));
	struct expr *e = expr_new(p, X_NULL, E_BOOL, at);
	if (e)
		e->a = a;
	return e;
}

static bool condition(struct expr_parser *p, const struct expr *e)
{
	if (e->type == E_BOOL)
		return open_value(p, e);
	expr_refuse(p, e->at, "", N_("a condition was expected here, not %s"), type_word(e->type));
	return false;
}

struct expr *type_logic(struct expr_parser *p, enum expr_kind kind, size_t at, struct expr *a, struct expr *b)
{
	if (p->failed || a == NULL || !condition(p, a) || (b && !condition(p, b)))
		return NULL;
	struct expr *e = expr_new(p, kind, E_BOOL, at);
	if (e == NULL)
		return NULL;
	e->a = a;
	e->b = b;
	return e;
}

/* ---- numbers ---- */

static bool number(struct expr_parser *p, const struct expr *e)
{
	if (e->type == E_INT)
		return open_value(p, e);
	bool day = e->type == E_DATE || e->type == E_INSTANT;
	expr_refuse(p, e->at, day ? tr("write days(from, to)") : "", N_("a number was expected here, not %s"),
		type_word(e->type));
	return false;
}

/* A time less a time is hours: whole minutes, cut off towards zero. */
static struct expr *span(struct expr_parser *p, size_t at, struct expr *a, struct expr *b)
{
	struct expr *e = expr_new(p, X_SPAN, E_INT, at);
	if (e == NULL)
		return NULL;
	e->unit = U_HOURS;
	e->a = a;
	e->b = b;
	return e;
}

struct expr *type_arithmetic(
	struct expr_parser *p, enum expr_kind kind, size_t at, struct expr *a, struct expr *b)
{
	if (p->failed || a == NULL || (kind != X_NEG && b == NULL))
		return NULL;
	if (kind == X_SUB && a->type == E_INSTANT && b->type == E_INSTANT)
		return span(p, at, a, b);
	if (!number(p, a) || (b && !number(p, b)))
		return NULL;
	bool open = a->open_unit && (b == NULL || b->open_unit);
	if (b && !open && kind != X_MUL && !same_unit(p, at, a, b))
		return NULL;
	if (kind == X_MUL && !open) {
		struct expr *lit = a->open_unit ? a : b;
		if (lit->open_unit && !settle(p, lit, U_PLAIN, 0))
			return NULL;
		if (a->unit != U_PLAIN && b->unit != U_PLAIN)
			return expr_refuse(
				p, at, "", N_("money, hours and plain numbers do not fit together"));
	}
	struct expr *e = expr_new(p, kind, E_INT, at);
	if (e == NULL)
		return NULL;
	const struct expr *by = b && a->unit == U_PLAIN ? b : a;
	e->unit = by->unit;
	e->scale = by->scale;
	e->open_unit = open;
	e->a = a;
	e->b = b;
	return e;
}

/* ---- functions ---- */

static bool day(struct expr_parser *p, struct expr *e)
{
	if (e->kind == X_TEXT)
		return day_literal(p, e);
	if (e->type == E_DATE || e->type == E_INSTANT)
		return open_value(p, e);
	expr_refuse(p, e->at, "", N_("a date was expected here, not %s"), type_word(e->type));
	return false;
}

/* Whose age: a reference to a person, or a birth month itself. The path is led on to the person's birth month. */
static bool birth(struct expr_parser *p, struct expr *e)
{
	if (e->type == E_MONTH && e->kind == X_PATH)
		return open_value(p, e);
	if (e->kind != X_PATH || e->type != E_REF)
		return expr_refuse(p, e->at, "", N_("age( ) needs a person")) != NULL;
	const struct reg *person = path_target(p->m, &e->path);
	const struct field *month = person ? reg_field(person, STR("birth_month")) : NULL;
	if (person == NULL || !str_is(person->id, "person") || month == NULL || month->type != T_MONTH)
		return expr_refuse(p, e->at, "", N_("age( ) needs a person")) != NULL;
	return true;
}

struct expr *type_call(struct expr_parser *p, enum expr_kind kind, size_t at, struct expr *a, struct expr *b)
{
	if (kind == X_AGE && (!birth(p, a) || !day(p, b)))
		return NULL;
	bool of_month = (kind == X_YEAR) && a->type == E_MONTH;
	if (kind != X_AGE && !of_month && !day(p, a))
		return NULL;
	if (of_month && !open_value(p, a))
		return NULL;
	if (kind == X_DAYS && !day(p, b))
		return NULL;
	struct expr *e = expr_new(p, kind, kind == X_MONTH_OF ? E_MONTH : E_INT, at);
	if (e == NULL)
		return NULL;
	e->a = a;
	e->b = b;
	return e;
}

struct expr *type_under(struct expr_parser *p, size_t at, struct expr *a, const struct token *code)
{
	const struct reg *org = model_reg(p->m, STR("org"));
	if (p->use == EXPR_FIGURE)
		return expr_refuse(p, at, "",
			N_("“under” cannot stand in a figure: its value would change with no record "
			   "changed"));
	if (a->kind != X_PATH || a->type != E_REF || path_target(p->m, &a->path) != org || org == NULL)
		return expr_refuse(p, a->at, "", N_("under( ) needs an organisation"));
	if (reg_field(org, STR("code")) == NULL)
		return expr_refuse(p, at, "", N_("the register org has no field “code”"));
	struct expr *e = expr_new(p, X_UNDER, E_BOOL, at);
	if (e == NULL)
		return NULL;
	e->a = a;
	e->text = code->text;
	return e;
}

struct expr *type_exists(struct expr_parser *p, size_t at, const struct reg *inner, const struct token *by)
{
	struct path path;
	if (by->kind != TK_NAME)
		return expr_refuse(p, by->at, "", N_("the reference that leads back was expected here"));
	if (!path_read(p->a, p->m, inner, by->text, &path, p->fault)) {
		p->fault->at += by->at;
		p->failed = true;
		return NULL;
	}
	if (path.steps_n > 0 || path.type != E_REF || path_target(p->m, &path) != p->r)
		return expr_refuse(p, by->at, "", N_("“%.*s” of %.*s does not lead back to %.*s"),
			STR_ARG(by->text), STR_ARG(inner->id), STR_ARG(p->r->id));
	struct expr *e = expr_new(p, X_EXISTS, E_BOOL, at);
	if (e == NULL)
		return NULL;
	e->inner = inner;
	e->path = path;
	return e;
}

struct expr *type_path(struct expr_parser *p, const struct token *t)
{
	struct path path;
	struct expr_fault f;
	if (!path_read(p->a, p->m, p->r, t->text, &path, &f)) {
		if (!p->failed) {
			p->failed = true;
			*p->fault = f;
			p->fault->at += t->at;
		}
		return NULL;
	}
	struct expr *e = expr_new(p, X_PATH, path.type, t->at);
	if (e == NULL)
		return NULL;
	e->path = path;
	e->text = t->text;
	enum field_type type = path.last ? path.last->type : T_TEXT;
	e->unit = type == T_MONEY     ? U_MONEY
		  : type == T_HOURS   ? U_HOURS
		  : type == T_DECIMAL ? U_DECIMAL
				      : U_PLAIN;
	e->scale = type == T_DECIMAL ? path.last->scale : 0;
	return e;
}

struct expr *type_whole(struct expr_parser *p, struct expr *e, enum expr_type want)
{
	if (e == NULL || p->failed)
		return NULL;
	if (want == E_BOOL)
		return condition(p, e) ? e : NULL;
	if (e->type != want)
		return expr_refuse(p, e->at, "", N_("%s was expected here, not %s"), type_word(want),
			type_word(e->type));
	if (!open_value(p, e) || (want == E_INT && !settle(p, e, U_PLAIN, 0)))
		return NULL;
	return e;
}
