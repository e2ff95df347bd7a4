/* expr.c -- see expr.h: the public face, paths, canonical text, visiting. */
#include "register/expr.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "register/expr_in.h"
#include "register/model_load.h"
#include <assert.h>
#include <stdio.h>

void expr_fault_set(
	struct arena *a, struct expr_fault *f, size_t at, const char *hint, const char *format, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, tr(format), ap);
	va_end(ap);
	*f = (struct expr_fault){at, arena_cstr(a, str_of(text)), hint ? hint : ""};
}

struct expr *expr_refuse(struct expr_parser *p, size_t at, const char *hint, const char *format, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	if (p->failed) /* the first fault is the one to tell */
		return NULL;
	p->failed = true;
	va_start(ap, format);
	vsnprintf(text, sizeof text, tr(format), ap);
	va_end(ap);
	*p->fault = (struct expr_fault){at, arena_cstr(p->a, str_of(text)), hint ? hint : ""};
	return NULL;
}

static enum rc told(str text, const struct expr_fault *f, struct err *err)
{
	size_t at = f->at < text.n ? f->at : text.n;
	int column = (int)utf8_count(str_head(text, at)) + 1;
	if (f->hint[0])
		return FAIL(err, RC_INVALID, "column %d: %s; %s", column, f->message, f->hint);
	return FAIL(err, RC_INVALID, "column %d: %s", column, f->message);
}

enum rc expr_parse(struct arena *a, const struct model *m, const struct reg *r, str text, enum expr_use use,
	enum expr_type want, struct expr **out_expr, struct err *err)
{
	struct expr_fault f;
	if (!expr_read(a, m, r, text, use, want, out_expr, &f))
		return told(text, &f, err);
	return RC_OK;
}

enum rc path_parse(
	const struct model *m, const struct reg *r, str text, struct path *out_path, struct err *err)
{
	struct arena a = {0};
	struct expr_fault f;
	enum rc rc = RC_OK;
	if (!path_read(&a, m, r, text, out_path, &f))
		rc = told(text, &f, err);
	arena_done(&a);
	return rc;
}

/* ---- paths ---- */

static enum expr_type field_expr_type(const struct field *f)
{
	switch (f->type) {
	case T_INTEGER:
	case T_DECIMAL:
	case T_MONEY:
	case T_HOURS:
	case T_COUNT:
		return E_INT;
	case T_DATE:
		return E_DATE;
	case T_MONTH:
		return E_MONTH;
	case T_TIME:
		return E_INSTANT;
	case T_BOOL:
		return E_BOOL;
	case T_REF:
	case T_PERSON:
	case T_ORG:
		return E_REF;
	case T_TEXT:
	case T_CHOICE:
	case T_REFS:
	case T_ORGS:
	case T_REGION:
	case T_FILE:
	case T_PHONE:
	case T_CITIZEN_ID:
	case T_CREDIT_CODE:
	case T_SEALED:
	case T_SEALED_STRUCT:
		break;
	}
	return E_TEXT;
}

static const struct {
	const char *id;
	enum expr_type type;
	const char *to; /* "": the register itself */
} SYSTEM[] = {{"id", E_REF, ""}, {"org", E_REF, "org"}, {"state", E_TEXT, NULL}, {"version", E_INT, NULL},
	{"source", E_TEXT, NULL}, {"entered_by", E_REF, "person"}, {"changed_by", E_REF, "person"},
	{"entered_at", E_INSTANT, NULL}, {"changed_at", E_INSTANT, NULL}};
enum { SYSTEM_N = sizeof SYSTEM / sizeof *SYSTEM };

static int system_at(str id)
{
	for (int i = 0; i < SYSTEM_N; i++)
		if (str_is(id, SYSTEM[i].id))
			return i;
	return -1;
}

const struct reg *path_target(const struct model *m, const struct path *p)
{
	if (p->last)
		return p->last->to_reg;
	int i = system_at(p->last_id);
	if (i < 0 || SYSTEM[i].to == NULL)
		return NULL;
	return SYSTEM[i].to[0] ? model_reg(m, str_of(SYSTEM[i].to)) : p->last_reg;
}

static bool no_field(struct arena *a, const struct reg *r, str id, size_t at, struct expr_fault *fault)
{
	str near = reg_suggest_field(r, id);
	expr_fault_set(a, fault, at, near.n ? arena_printf(a, tr("did you mean “%.*s”?"), STR_ARG(near)) : "",
		N_("the register %.*s has no field “%.*s”"), STR_ARG(r->id), STR_ARG(id));
	return false;
}

/* Enter the register that a reference leads to. */
static bool step(struct arena *a, const struct model *m, struct path *p, const struct reg **reg,
	const struct field *f, str id, size_t at, struct expr_fault *fault)
{
	const struct reg *to = f ? f->to_reg : str_is(id, "org") ? model_reg(m, STR("org")) : NULL;
	bool one = f == NULL || f->type == T_REF || f->type == T_PERSON || f->type == T_ORG;
	if (to == NULL || !one) {
		expr_fault_set(a, fault, at, "", N_("“%.*s” of %.*s is no reference; nothing can follow it"),
			STR_ARG(id), STR_ARG((*reg)->id));
		return false;
	}
	if (p->steps_n == PATH_STEPS_MAX) {
		expr_fault_set(a, fault, at, "", N_("a path has at most %d references"), (int)PATH_STEPS_MAX);
		return false;
	}
	p->steps[p->steps_n++] = f;
	p->regs[p->steps_n] = to;
	*reg = to;
	return true;
}

bool path_read(struct arena *a, const struct model *m, const struct reg *r, str text, struct path *out_path,
	struct expr_fault *fault)
{
	struct path p = {.regs = {r}};
	size_t at = 0;
	*fault = (struct expr_fault){.message = "", .hint = ""};
	for (str rest = text;;) {
		str id = str_cut(rest, '.', &rest);
		const struct field *f = reg_field(r, id);
		int system = f ? -1 : system_at(id);
		if (f == NULL && system < 0)
			return no_field(a, r, id, at, fault);
		bool more = at + id.n < text.n;
		if (!more) {
			p.last_reg = r;
			p.last = f;
			p.last_id = f ? f->id : str_of(SYSTEM[system].id);
			p.type = f ? field_expr_type(f) : SYSTEM[system].type;
			*out_path = p;
			return true;
		}
		if (!step(a, m, &p, &r, f, id, at, fault))
			return false;
		at += id.n + 1;
	}
}

/* ---- canonical text ---- */

static int rank(const struct expr *e)
{
	switch (e->kind) {
	case X_OR:
		return 0;
	case X_AND:
		return 1;
	case X_NOT:
		return 2;
	case X_COMPARE:
	case X_BETWEEN:
	case X_IN:
	case X_NULL:
		return 3;
	case X_SPAN:
	case X_ADD:
	case X_SUB:
		return 4;
	case X_MUL:
		return 5;
	case X_NEG:
		return 6;
	case X_NUMBER:
		return e->text.n && e->text.p[0] == '-' ? 6 : 7;
	case X_TEXT:
	case X_DAY:
	case X_MONTH:
	case X_BOOL:
	case X_TODAY:
	case X_PATH:
	case X_DAYS:
	case X_AGE:
	case X_MONTH_OF:
	case X_YEAR:
	case X_UNDER:
	case X_EXISTS:
		break;
	}
	return 7;
}

static void text(struct buf *b, const struct expr *e);

/* An operand, in parentheses where it binds less tightly than needed. */
static void operand(struct buf *b, const struct expr *e, int least)
{
	bool wrap = rank(e) < least;
	if (wrap)
		buf_putc(b, '(');
	text(b, e);
	if (wrap)
		buf_putc(b, ')');
}

static void quoted(struct buf *b, str s)
{
	buf_putc(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			buf_putc(b, '\'');
		buf_putc(b, s.p[i]);
	}
	buf_putc(b, '\'');
}

static void pair(struct buf *b, const struct expr *e, const char *sign, int left, int right)
{
	operand(b, e->a, left);
	buf_printf(b, " %s ", sign);
	operand(b, e->b, right);
}

static void call(struct buf *b, const struct expr *e, const char *name)
{
	buf_printf(b, "%s(", name);
	text(b, e->a);
	if (e->b) {
		buf_puts(b, ", ");
		text(b, e->b);
	}
	buf_putc(b, ')');
}

static void text_in(struct buf *b, const struct expr *e)
{
	operand(b, e->a, 4);
	buf_puts(b, e->negated ? " not in (" : " in (");
	for (size_t i = 0; i < e->list_n; i++) {
		buf_puts(b, i ? ", " : "");
		text(b, e->list[i]);
	}
	buf_putc(b, ')');
}

static void text_exists(struct buf *b, const struct expr *e)
{
	buf_printf(b, "exists(%.*s by %.*s", STR_ARG(e->inner->id), STR_ARG(e->path.last_id));
	if (e->a) {
		buf_puts(b, " where ");
		text(b, e->a);
	}
	buf_putc(b, ')');
}

static void text_condition(struct buf *b, const struct expr *e)
{
	static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">="};
	switch ((int)e->kind) {
	case X_COMPARE:
		pair(b, e, ops[e->op], 4, 4);
		break;
	case X_BETWEEN:
		operand(b, e->a, 4);
		buf_puts(b, e->negated ? " not between " : " between ");
		operand(b, e->list[0], 4);
		buf_puts(b, " and ");
		operand(b, e->list[1], 4);
		break;
	case X_IN:
		text_in(b, e);
		break;
	case X_NULL:
		operand(b, e->a, 4);
		buf_puts(b, e->negated ? " is not null" : " is null");
		break;
	case X_AND:
		pair(b, e, "and", 1, 2);
		break;
	case X_OR:
		pair(b, e, "or", 0, 1);
		break;
	case X_NOT:
		buf_puts(b, "not ");
		operand(b, e->a, 2);
		break;
	case X_UNDER:
		buf_puts(b, "under(");
		text(b, e->a);
		buf_puts(b, ", ");
		quoted(b, e->text);
		buf_putc(b, ')');
		break;
	case X_EXISTS:
		text_exists(b, e);
		break;
	default:
		assert(false);
	}
}

static void text(struct buf *b, const struct expr *e)
{
	switch (e->kind) {
	case X_NUMBER:
	case X_PATH:
		buf_add(b, e->text);
		break;
	case X_TEXT:
	case X_DAY:
	case X_MONTH:
		quoted(b, e->text);
		break;
	case X_BOOL:
		buf_puts(b, e->number ? "true" : "false");
		break;
	case X_TODAY:
		buf_puts(b, "today");
		break;
	case X_ADD:
		pair(b, e, "+", 4, 5);
		break;
	case X_SPAN:
	case X_SUB:
		pair(b, e, "-", 4, 5);
		break;
	case X_MUL:
		pair(b, e, "*", 5, 6);
		break;
	case X_NEG:
		buf_puts(b, "- ");
		operand(b, e->a, 6);
		break;
	case X_DAYS:
		call(b, e, "days");
		break;
	case X_AGE:
		call(b, e, "age");
		break;
	case X_MONTH_OF:
		call(b, e, "month");
		break;
	case X_YEAR:
		call(b, e, "year");
		break;
	case X_COMPARE:
	case X_BETWEEN:
	case X_IN:
	case X_NULL:
	case X_AND:
	case X_OR:
	case X_NOT:
	case X_UNDER:
	case X_EXISTS:
		text_condition(b, e);
		break;
	}
}

str expr_text(struct arena *a, const struct expr *e)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	text(&b, e);
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* ---- visiting ---- */

/* age(volunteer, day) reads volunteer.birth_month. */
static void each_age(
	const struct expr *e, bool exists, void (*visit)(void *, const struct path *, bool), void *user)
{
	struct path p = e->a->path;
	const struct field *month =
		p.last && p.last->to_reg ? reg_field(p.last->to_reg, STR("birth_month")) : NULL;
	if (e->a->kind != X_PATH || e->a->type != E_REF || month == NULL || p.steps_n == PATH_STEPS_MAX)
		return;
	p.steps[p.steps_n++] = p.last;
	p.regs[p.steps_n] = p.last_reg = p.last->to_reg;
	p.last = month;
	p.last_id = month->id;
	p.type = E_MONTH;
	visit(user, &p, exists);
}

static void each(
	const struct expr *e, bool exists, void (*visit)(void *, const struct path *, bool), void *user)
{
	if (e == NULL)
		return;
	if (e->kind == X_PATH)
		visit(user, &e->path, exists);
	if (e->kind == X_EXISTS)
		visit(user, &e->path, true);
	if (e->kind == X_AGE)
		each_age(e, exists, visit, user);
	each(e->a, exists || e->kind == X_EXISTS, visit, user);
	each(e->b, exists, visit, user);
	for (size_t i = 0; i < e->list_n; i++)
		each(e->list[i], exists, visit, user);
}

void expr_each_path(
	const struct expr *e, void (*visit)(void *user, const struct path *p, bool exists), void *user)
{
	each(e, false, visit, user);
}
