/* plan.c -- see plan.h. */
#include "register/plan.h"
#include "base/buf.h"
#include "register/schema.h"

static const char *const system_columns[SYSTEM_COLUMNS] = {
	"id", "org", "state", "version", "entered_by", "entered_at", "changed_by", "changed_at", "source"};

str plan_quoted(struct arena *a, str identifier)
{
	return arena_fmt(a, "\"%.*s\"", STR_ARG(identifier));
}

static str kept(struct arena *a, struct buf *b)
{
	str s = arena_str(a, buf_str(b));
	buf_done(b);
	return s;
}

static str columns(struct arena *a, const struct reg *r)
{
	struct buf b = {0};
	for (int i = 0; i < SYSTEM_COLUMNS; i++)
		buf_printf(&b, "%sr.\"%s\"", i ? ", " : "", system_columns[i]);
	for (size_t i = 0; i < r->fields_n; i++)
		buf_printf(&b, ", r.\"%.*s\"", STR_ARG(r->fields[i].id));
	return kept(a, &b);
}

static str insert(struct arena *a, const struct reg_plan *p)
{
	const struct reg *r = p->reg;
	size_t n = SYSTEM_COLUMNS + r->fields_n + p->blind_n;
	struct buf b = {0};
	buf_printf(&b, "INSERT INTO \"%.*s\" (", STR_ARG(r->id));
	for (int i = 0; i < SYSTEM_COLUMNS; i++)
		buf_printf(&b, "%s\"%s\"", i ? ", " : "", system_columns[i]);
	for (size_t i = 0; i < r->fields_n; i++)
		buf_printf(&b, ", \"%.*s\"", STR_ARG(r->fields[i].id));
	for (size_t i = 0; i < p->blind_n; i++)
		buf_printf(&b, ", \"%.*s_blind\"", STR_ARG(p->blind[i]->id));
	buf_puts(&b, ") VALUES (");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s?%zu", i ? ", " : "", i + 1);
	buf_puts(&b, p->unique ? ") ON CONFLICT DO NOTHING" : ")");
	return kept(a, &b);
}

/* The same parameter numbers as insert; id (?1) chooses the row. */
static str update(struct arena *a, const struct reg_plan *p)
{
	const struct reg *r = p->reg;
	struct buf b = {0};
	buf_printf(&b, "UPDATE \"%.*s\" SET ", STR_ARG(r->id));
	for (int i = 1; i < SYSTEM_COLUMNS; i++)
		buf_printf(&b, "%s\"%s\" = ?%d", i > 1 ? ", " : "", system_columns[i], i + 1);
	for (size_t i = 0; i < r->fields_n; i++)
		buf_printf(&b, ", \"%.*s\" = ?%zu", STR_ARG(r->fields[i].id), SYSTEM_COLUMNS + i + 1);
	for (size_t i = 0; i < p->blind_n; i++)
		buf_printf(&b, ", \"%.*s_blind\" = ?%zu", STR_ARG(p->blind[i]->id),
			SYSTEM_COLUMNS + r->fields_n + i + 1);
	buf_puts(&b, " WHERE \"id\" = ?1");
	return kept(a, &b);
}

bool plan_has_blind(const struct reg_plan *p, const struct field *f)
{
	for (size_t i = 0; i < p->blind_n; i++)
		if (p->blind[i] == f)
			return true;
	return false;
}

str plan_narrow(struct arena *a, const struct reg_plan *p, const struct field *f)
{
	static const char sql[] =
		"UPDATE \"%.*s\" SET \"state\" = ?2, \"version\" = ?3, \"changed_by\" = ?4, "
		"\"changed_at\" = ?5%.*s WHERE \"id\" = ?1";
	str one = f ? arena_fmt(a, ", \"%.*s\" = ?6", STR_ARG(f->id)) : STR("");
	return arena_fmt(a, sql, STR_ARG(p->reg->id), STR_ARG(one));
}

/* The texts for exact ages; nothing where no check asks one. */
static void exact_ages(struct arena *a, struct reg_plan *p, const struct model *m, struct seal *seal)
{
	const struct reg *r = p->reg;
	struct query *q = &p->exact_query;
	struct buf exact = {0}, ages = {0}, days = {0};
	query_init(q, a, m, r, seal);
	q->ages_apart = true;
	buf_puts(&exact, "SELECT r.\"id\"");
	for (size_t i = 0; i < r->checks_n; i++) {
		str when = query_expr(q, r->checks[i].when);
		buf_printf(&exact, ", CASE WHEN %.*s THEN 1 ELSE 0 END", STR_ARG(when));
	}
	p->exact_first = query_param_int(q, 0);
	p->exact_last = query_param_int(q, 0);
	str from = query_from(q);
	str span = arena_fmt(
		a, " %.*s WHERE r.\"id\" BETWEEN ?%d AND ?%d", STR_ARG(from), p->exact_first, p->exact_last);
	buf_add(&exact, span);
	buf_puts(&ages, "SELECT r.\"id\"");
	for (size_t i = 0; i < q->ages_n; i++) {
		const struct query_age *g = &q->ages[i];
		buf_printf(&ages, ", %.*s, %.*s", STR_ARG(g->person), STR_ARG(g->day));
		buf_printf(&days, "%s substr(%.*s, 6, 2) = substr(%.*s, 6, 2)", i ? " OR" : "",
			STR_ARG(g->month), STR_ARG(g->day));
	}
	buf_add(&ages, span);
	if (q->ages_n > 0) {
		p->birthdays = arena_fmt(a, "SELECT r.\"id\"%.*s AND (%.*s) ORDER BY r.\"id\"", STR_ARG(span),
			STR_ARG(buf_str(&days)));
		p->ages = arena_str(a, buf_str(&ages));
		p->exact = arena_str(a, buf_str(&exact));
	}
	buf_done(&exact);
	buf_done(&ages);
	buf_done(&days);
}

static str by_key(struct arena *a, const struct reg *r)
{
	struct buf b = {0};
	if (r->key_row || (r->key_n == 0 && !r->key_org))
		return (str){NULL, 0};
	buf_printf(&b, "SELECT \"id\" FROM \"%.*s\" WHERE ", STR_ARG(r->id));
	for (size_t i = 0; i < r->key_n; i++)
		buf_printf(&b, "%s\"%.*s%s\" = ?%zu", i ? " AND " : "", STR_ARG(r->key[i]->id),
			r->key[i]->sealed ? "_blind" : "", i + 1);
	if (r->key_org)
		buf_printf(&b, "%s\"org\" = ?%zu", r->key_n ? " AND " : "", r->key_n + 1);
	if (reg_state(r, STR("void"))) /* as the index has it: schema.h */
		buf_puts(&b, " AND \"state\" <> 'void'");
	return kept(a, &b);
}

static void checks(struct arena *a, struct reg_plan *p, const struct model *m, struct seal *seal)
{
	const struct reg *r = p->reg;
	if (r->checks_n == 0)
		return;
	struct query *q = &p->checks_query;
	query_init(q, a, m, r, seal);
	struct buf b = {0};
	buf_puts(&b, "SELECT r.\"id\"");
	for (size_t i = 0; i < r->checks_n; i++) {
		str when = query_expr(q, r->checks[i].when);
		buf_printf(&b, ", CASE WHEN %.*s THEN 1 ELSE 0 END", STR_ARG(when));
	}
	p->checks_first = query_param_int(q, 0);
	p->checks_last = query_param_int(q, 0);
	str from = query_from(q);
	buf_printf(&b, " %.*s WHERE r.\"id\" BETWEEN ?%d AND ?%d ORDER BY r.\"id\"", STR_ARG(from),
		p->checks_first, p->checks_last);
	p->checks = kept(a, &b);
	exact_ages(a, p, m, seal);
}

static const struct field *named(const struct reg *r, const char *const *ids)
{
	for (size_t i = 0; ids[i]; i++) {
		const struct field *f = reg_field(r, str_of(ids[i]));
		if (f && (field_storage(f) == STORE_TEXT || f->sealed))
			return f;
	}
	return NULL;
}

static void plan(
	struct arena *a, struct reg_plan *p, const struct model *m, const struct reg *r, struct seal *seal)
{
	static const char *const codes[] = {"code", "serial", "number", NULL};
	static const char *const titles[] = {"name", "title", "subject", "theme", "topic", NULL};
	p->reg = r;
	p->blind = NEWS(a, r->fields_n + 1, const struct field *);
	for (size_t i = 0; i < r->fields_n; i++)
		if (schema_has_blind(r, &r->fields[i]))
			p->blind[p->blind_n++] = &r->fields[i];
	p->unique = r->key_n > 0 || r->key_org;
	for (size_t i = 0; i < r->fields_n; i++)
		p->unique |= r->fields[i].unique;
	p->columns = columns(a, r);
	p->get = arena_fmt(
		a, "SELECT %.*s FROM \"%.*s\" r WHERE r.\"id\" = ?1", STR_ARG(p->columns), STR_ARG(r->id));
	p->insert = insert(a, p);
	p->update = update(a, p);
	p->by_key = by_key(a, r);
	p->code = named(r, codes);
	p->title = named(r, titles);
	const struct field *label = p->title ? p->title : p->code;
	if (label && !label->sealed && field_storage(label) == STORE_TEXT)
		p->label = arena_fmt(a, "SELECT %.*s FROM %.*s WHERE \"id\" = ?1",
			STR_ARG(plan_quoted(a, label->id)), STR_ARG(plan_quoted(a, r->id)));
	checks(a, p, m, seal);
}

struct reg_plan *plans_make(struct arena *a, const struct model *m, struct seal *seal)
{
	struct reg_plan *plans = NEWS(a, m->regs_n, struct reg_plan);
	for (size_t i = 0; i < m->regs_n; i++)
		plan(a, &plans[i], m, &m->regs[i], seal);
	return plans;
}
