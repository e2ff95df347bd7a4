/* schema_change.c -- from the tables that stand to the tables that a model wants: plan and apply.
 *
 * A column changes by add, copy, drop. A column with a foreign key cannot be dropped in SQLite and nothing refers to a
 * dropped table safely, so what goes is emptied and renamed gone_N (N counts in the shape); a fresh city has none. */
#include "base/buf.h"
#include "register/model_load.h"
#include "register/schema_in.h"
#include <stdio.h>

static const char Q_SHAPES[] =
	"SELECT \"register\", \"shape\" FROM \"schema_register\" ORDER BY \"register\"";
static const char Q_REMEMBER[] = "INSERT INTO \"schema_register\" (\"register\", \"shape\") VALUES (?1, ?2) "
				 "ON CONFLICT (\"register\") DO UPDATE SET \"shape\" = excluded.\"shape\"";
static const char Q_FORGET[] = "DELETE FROM \"schema_register\" WHERE \"register\" = ?1";
static const char Q_GONE[] =
	"SELECT COUNT(*) FROM \"schema_register\" WHERE \"register\" >= 'gone_' AND \"register\" < 'gone`'";

enum { SHAPE_MAX_BYTES = 1 << 20, LEVELS = 5 };
static const char *const levels[LEVELS] = {[SENS_PUBLIC] = "public",
	[SENS_INTERNAL] = "internal",
	[SENS_PERSONAL] = "personal",
	[SENS_MINOR] = "minor",
	[SENS_SEALED] = "sealed"};

/* ---- shapes ---- */

static str shape_of(struct arena *a, const struct reg *r)
{
	struct schema_index *indexes;
	size_t n = schema_indexes(a, r, &indexes);
	struct buf b;
	buf_init(&b, SHAPE_MAX_BYTES);
	for (size_t i = 0; i < r->fields_n; i++) {
		const struct field *f = &r->fields[i];
		buf_printf(&b, "c\t%.*s\t%s%s\t%d\t%.*s\n", STR_ARG(f->id), f->sealed ? "sealed " : "",
			field_type_name(f->type), f->scale, STR_ARG(f->to));
	}
	for (size_t i = 0; i < r->fields_n; i++)
		if (schema_has_blind(r, &r->fields[i]))
			buf_printf(&b, "b\t%.*s\n", STR_ARG(r->fields[i].id));
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "i\t%.*s\t%.*s\n", STR_ARG(indexes[i].name), STR_ARG(indexes[i].sql));
	buf_printf(&b, "s\t%s\n", levels[r->sensitivity]);
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

enum rc schema_remember(struct arena *a, struct db *db, const struct reg *r, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_REMEMBER, &s, err));
	stmt_bind_text(s, 1, r->id);
	stmt_bind_text(s, 2, shape_of(a, r));
	return stmt_run(s, err);
}

struct shape {
	str reg, text;
};

static enum rc shapes(struct arena *a, struct db *db, struct shape **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	size_t n = 0, cap = 0;
	bool row;
	*out = NULL;
	TRY(db_prepare(db, Q_SHAPES, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		*out = arena_grow(a, *out, n, &cap, sizeof **out);
		(*out)[n++] = (struct shape){stmt_str(a, s, 0), stmt_str(a, s, 1)};
	}
	*out_n = n;
	return RC_OK;
}

/* The next line of a kind: fields cut at tabs. */
static bool next_line(str *text, char kind, str parts[4])
{
	while (text->n > 0) {
		str line = str_cut(*text, '\n', text);
		if (line.n < 2 || line.p[0] != kind)
			continue;
		line = str_from(line, 2);
		for (int i = 0; i < 4; i++)
			parts[i] = i < 3 ? str_cut(line, '\t', &line) : line;
		return true;
	}
	return false;
}

static bool shape_column(str text, str id, str parts[4])
{
	while (next_line(&text, 'c', parts))
		if (str_eq(parts[0], id))
			return true;
	return false;
}

/* The part of a shape that is derived: blind columns and indexes. */
static str derived(str text)
{
	for (str rest = text; rest.n > 0;) {
		str here = rest, line = str_cut(rest, '\n', &rest);
		if (line.n && line.p[0] == 's')
			break;
		if (line.n && line.p[0] != 'c') {
			size_t end = str_find(here, STR("\ns\t")); /* what protects it stands behind */
			return end == SIZE_MAX ? here : str_head(here, end + 1);
		}
	}
	return (str){"", 0};
}

/* ---- plan ---- */

struct planning {
	struct arena *a;
	struct db *db;
	const struct schema_sealer *sealer;
	struct schema_change *list;
	size_t n, cap;
};

static void note(struct planning *p, struct schema_change c)
{
	p->list = arena_grow(p->a, p->list, p->n, &p->cap, sizeof c);
	p->list[p->n++] = c;
}

static enum rc count(struct planning *p, str reg, str column, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	const char *sql = column.n ? arena_printf(p->a, "SELECT COUNT(\"%.*s\") FROM \"%.*s\"",
					     STR_ARG(column), STR_ARG(reg))
				   : arena_printf(p->a, "SELECT COUNT(*) FROM \"%.*s\"", STR_ARG(reg));
	TRY(db_prepare(p->db, sql, &s, err));
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

static int64_t factor_of(str type, str scale)
{
	int64_t n = 0, factor = 1;
	if (str_is(type, "money"))
		return 100;
	if (str_is(type, "hours"))
		return 60;
	for (str_i64(scale, &n); str_is(type, "decimal") && n > 0; n--)
		factor *= 10;
	return factor;
}

static bool numeric(str type)
{
	return str_is(type, "integer") || str_is(type, "count") || str_is(type, "decimal") ||
	       str_is(type, "money") || str_is(type, "hours");
}

static bool wordy(str type)
{
	return str_is(type, "text") || str_is(type, "choice") || str_is(type, "region") ||
	       str_is(type, "credit_code");
}

static bool referring(str type)
{
	return str_is(type, "ref") || str_is(type, "person") || str_is(type, "org");
}

/* SQL that carries a value from the old type to the new one without loss, or NULL. */
static const char *carry(struct arena *a, const str old[4], const struct field *f)
{
	str type = str_of(field_type_name(f->type));
	const char *name = arena_printf(a, "\"%.*s\"", STR_ARG(f->id));
	if (f->sealed || str_starts(old[1], STR("sealed")))
		return NULL;
	if (str_eq(old[1], type) || (wordy(old[1]) && str_is(type, "text")) ||
		(referring(old[1]) && referring(type) && str_eq(old[3], f->to)) ||
		(str_is(old[1], "bool") && str_is(type, "integer")))
		if (!numeric(type) || old[1].n == 0 || str_is(old[1], "bool"))
			return referring(type) && !str_eq(old[3], f->to) ? NULL : name;
	if (numeric(old[1]) && numeric(type)) {
		int64_t from = factor_of(old[1], old[2]), to = field_factor(f);
		return to % from == 0 ? arena_printf(a, "%s * %lld", name, (long long)(to / from)) : NULL;
	}
	if (str_is(type, "text") && (str_is(old[1], "integer") || str_is(old[1], "count")))
		return arena_printf(a, "CAST(%s AS TEXT)", name);
	if (str_is(type, "text") && (str_is(old[1], "date") || str_is(old[1], "month")))
		return name;
	return NULL;
}

static bool same_column(const str old[4], const struct field *f)
{
	str type = str_of(field_type_name(f->type));
	bool sealed = str_starts(old[1], STR("sealed "));
	int64_t scale = 0;
	str_i64(old[2], &scale);
	return sealed == f->sealed && str_eq(sealed ? str_from(old[1], 7) : old[1], type) &&
	       scale == f->scale && str_eq(old[3], f->to);
}

/* A text that is sealed from now on: its values are. */
static bool seals(const str old[4], const struct field *f)
{
	return f->sealed && f->type == T_TEXT && wordy(old[1]);
}

static enum rc plan_columns(struct planning *p, const struct reg *r, str old, struct err *err)
{
	str parts[4], rest = old;
	for (size_t i = 0; i < r->fields_n; i++) {
		const struct field *f = &r->fields[i];
		struct schema_change c = {.reg = r->id, .column = f->id};
		if (!shape_column(old, f->id, parts)) {
			c.kind = SCHEMA_NEW_COLUMN;
			c.say = arena_fmt(p->a, tr("%.*s.%.*s: new field"), STR_ARG(r->id), STR_ARG(f->id));
			note(p, c);
		} else if (!same_column(parts, f)) {
			c.kind = SCHEMA_OTHER_TYPE;
			TRY(count(p, r->id, f->id, &c.rows, err));
			c.loses = carry(p->a, parts, f) == NULL && c.rows > 0 && !seals(parts, f);
			c.say = arena_fmt(p->a,
				seals(parts, f)
					? tr("%.*s.%.*s: sealed %s from now on; its values in %lld rows and "
					     "in their history are sealed")
				: c.loses ? tr("%.*s.%.*s: becomes %s; its values in %lld rows are lost")
					  : tr("%.*s.%.*s: becomes %s; its values in %lld rows are carried "
					       "over"),
				STR_ARG(r->id), STR_ARG(f->id), field_type_name(f->type), (long long)c.rows);
			note(p, c);
		}
	}
	while (next_line(&rest, 'c', parts)) {
		struct schema_change c = {.kind = SCHEMA_DROP_COLUMN, .reg = r->id, .column = parts[0]};
		if (reg_field(r, parts[0]))
			continue;
		TRY(count(p, r->id, parts[0], &c.rows, err));
		c.loses = c.rows > 0;
		c.say = arena_fmt(p->a,
			str_is(parts[1], "sealed file")
				? tr("%.*s.%.*s: dropped, with its files in %lld rows: nothing names them "
				     "any "
				     "more, and they are destroyed within two days")
				: tr("%.*s.%.*s: dropped, with its values in %lld rows"),
			STR_ARG(r->id), STR_ARG(parts[0]), (long long)c.rows);
		note(p, c);
	}
	if (!str_eq(derived(old), derived(shape_of(p->a, r))))
		note(p, (struct schema_change){.kind = SCHEMA_INDEXES,
				.reg = r->id,
				.column = {"", 0},
				.say = arena_fmt(p->a, tr("%.*s: indexes made anew"), STR_ARG(r->id))});
	return RC_OK;
}

/* How sensitive it was; what an older program wrote down does not say: as it is now. */
static enum sensitivity level_of(str shape, const struct reg *r)
{
	str parts[4];
	if (next_line(&shape, 's', parts))
		for (size_t i = 0; i < LEVELS; i++)
			if (str_is(parts[0], levels[i]))
				return (enum sensitivity)i;
	return r->sensitivity;
}

static void plan_protection(struct planning *p, const struct reg *r, str old)
{
	enum sensitivity was = level_of(old, r);
	if (was != r->sensitivity)
		note(p, (struct schema_change){.kind = SCHEMA_PROTECTION,
				.reg = r->id,
				.column = {"", 0},
				.say = arena_fmt(p->a, tr("%.*s: sensitivity %s instead of %s"),
					STR_ARG(r->id), levels[r->sensitivity], levels[was])});
}

static const struct shape *shape_find(const struct shape *list, size_t n, str reg)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].reg, reg))
			return &list[i];
	return NULL;
}

enum rc schema_plan(struct arena *a, struct db *db, const struct model *m, struct schema_change **out,
	size_t *out_n, struct err *err)
{
	struct planning p = {.a = a, .db = db};
	struct shape *old;
	size_t old_n;
	TRY(shapes(a, db, &old, &old_n, err));
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *r = &m->regs[i];
		const struct shape *s = shape_find(old, old_n, r->id);
		if (s) {
			TRY(plan_columns(&p, r, s->text, err));
			plan_protection(&p, r, s->text);
		} else {
			note(&p, (struct schema_change){.kind = SCHEMA_NEW_REGISTER,
					 .reg = r->id,
					 .column = {"", 0},
					 .say = arena_fmt(a, tr("%.*s: new register"), STR_ARG(r->id))});
		}
	}
	for (size_t i = 0; i < old_n; i++) {
		struct schema_change c = {.kind = SCHEMA_DROP_REGISTER, .reg = old[i].reg, .column = {"", 0}};
		if (model_reg(m, old[i].reg) || str_starts(old[i].reg, STR("gone_")))
			continue;
		TRY(count(&p, old[i].reg, (str){"", 0}, &c.rows, err));
		c.loses = c.rows > 0;
		c.say = arena_fmt(a, tr("%.*s: register dropped, with its %lld rows"), STR_ARG(c.reg),
			(long long)c.rows);
		note(&p, c);
	}
	*out = p.list;
	*out_n = p.n;
	return RC_OK;
}

/* ---- apply ---- */

static enum rc exec(struct planning *p, struct err *err, const char *format, ...) PRINTF_LIKE(3, 4);
static enum rc exec(struct planning *p, struct err *err, const char *format, ...)
{
	struct buf b;
	char text[ERR_TEXT_BYTES * 4];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	buf_init(&b, sizeof text);
	buf_puts(&b, text);
	enum rc rc = db_exec(p->db, b.p, err);
	buf_done(&b);
	return rc;
}

static enum rc next_gone(struct planning *p, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(p->db, Q_GONE, &s, err));
	TRY(stmt_step(s, &row, err));
	*out = (row ? stmt_i64(s, 0) : 0) + 1;
	stmt_reset(s);
	TRY(db_prepare(p->db, Q_REMEMBER, &s, err));
	stmt_bind_text(s, 1, arena_fmt(p->a, "gone_%lld", (long long)*out));
	stmt_bind_text(s, 2, (str){"", 0});
	return stmt_run(s, err);
}

static enum rc drop_column(struct planning *p, str reg, str column, struct err *err)
{
	int64_t n;
	TRY(next_gone(p, &n, err));
	TRY(exec(p, err, "UPDATE \"%.*s\" SET \"%.*s\" = NULL", STR_ARG(reg), STR_ARG(column)));
	return exec(p, err, "ALTER TABLE \"%.*s\" RENAME COLUMN \"%.*s\" TO \"gone_%lld\"", STR_ARG(reg),
		STR_ARG(column), (long long)n);
}

static enum rc drop_register(struct planning *p, str reg, struct err *err)
{
	struct stmt *s;
	int64_t n;
	TRY(next_gone(p, &n, err));
	TRY(exec(p, err, "DELETE FROM \"%.*s\"", STR_ARG(reg)));
	TRY(exec(p, err, "ALTER TABLE \"%.*s\" RENAME TO \"gone_%lld\"", STR_ARG(reg), (long long)n));
	TRY(db_prepare(p->db, Q_FORGET, &s, err));
	stmt_bind_text(s, 1, reg);
	return stmt_run(s, err);
}

static enum rc add_column(struct planning *p, const struct reg *r, const struct field *f, struct err *err)
{
	return exec(p, err, "ALTER TABLE \"%.*s\" ADD COLUMN %.*s", STR_ARG(r->id),
		STR_ARG(schema_column(p->a, f)));
}

static enum rc other_type(
	struct planning *p, const struct reg *r, const struct field *f, str old, struct err *err)
{
	int64_t n;
	str parts[4];
	if (!shape_column(old, f->id, parts))
		return FAIL(err, RC_INVALID, "the tables do not stand as written down");
	const char *by = carry(p->a, parts, f);
	TRY(next_gone(p, &n, err));
	TRY(exec(p, err, "ALTER TABLE \"%.*s\" RENAME COLUMN \"%.*s\" TO \"gone_%lld\"", STR_ARG(r->id),
		STR_ARG(f->id), (long long)n));
	TRY(add_column(p, r, f, err));
	if (seals(parts, f)) {
		if (p->sealer == NULL)
			return FAIL(err, RC_DENIED,
				"%.*s.%.*s becomes sealed: that is done by “qinghe model apply” or at the "
				"model desk",
				STR_ARG(r->id), STR_ARG(f->id));
		char from[32];
		snprintf(from, sizeof from, "gone_%lld", (long long)n);
		TRY(p->sealer->seal(p->sealer->user, r, f, from, err));
	}
	if (by) { /* the old column bears another name now: name it in the copy */
		struct buf b;
		buf_init(&b, 4096);
		for (const char *c = by, *name = arena_printf(p->a, "\"%.*s\"", STR_ARG(f->id)); *c;) {
			bool here = strncmp(c, name, strlen(name)) == 0;
			if (here)
				buf_printf(&b, "\"gone_%lld\"", (long long)n);
			else
				buf_putc(&b, *c);
			c += here ? strlen(name) : 1;
		}
		enum rc rc = exec(p, err, "UPDATE \"%.*s\" SET \"%.*s\" = %.*s", STR_ARG(r->id),
			STR_ARG(f->id), STR_ARG(buf_str(&b)));
		buf_done(&b);
		TRY(rc);
	}
	return exec(p, err, "UPDATE \"%.*s\" SET \"gone_%lld\" = NULL", STR_ARG(r->id), (long long)n);
}

/* All indexes of the old shape go before columns change, and come anew after it. */
static enum rc drop_indexes(struct planning *p, str old, struct err *err)
{
	str parts[4];
	while (next_line(&old, 'i', parts))
		TRY(exec(p, err, "DROP INDEX IF EXISTS \"%.*s\"", STR_ARG(parts[0])));
	return RC_OK;
}

static bool had_blind(str old, str field)
{
	str parts[4];
	while (next_line(&old, 'b', parts))
		if (str_eq(parts[0], field))
			return true;
	return false;
}

static enum rc make_indexes(struct planning *p, const struct reg *r, str old, struct err *err)
{
	struct schema_index *list;
	str parts[4], rest = old;
	for (size_t i = 0; i < r->fields_n; i++)
		if (schema_has_blind(r, &r->fields[i]) && !had_blind(old, r->fields[i].id))
			TRY(exec(p, err, "ALTER TABLE \"%.*s\" ADD COLUMN %.*s", STR_ARG(r->id),
				STR_ARG(schema_blind_column(p->a, &r->fields[i]))));
	while (next_line(&rest, 'b', parts)) {
		const struct field *f = reg_field(r, parts[0]);
		if (f == NULL || !schema_has_blind(r, f))
			TRY(exec(p, err, "ALTER TABLE \"%.*s\" DROP COLUMN \"%.*s_blind\"", STR_ARG(r->id),
				STR_ARG(parts[0])));
	}
	size_t n = schema_indexes(p->a, r, &list);
	for (size_t i = 0; i < n; i++)
		TRY(db_exec(p->db, arena_cstr(p->a, list[i].sql), err));
	return RC_OK;
}

static enum rc change_register(struct planning *p, const struct reg *r, str old,
	const struct schema_change *list, size_t n, struct err *err)
{
	TRY(drop_indexes(p, old, err));
	for (size_t i = 0; i < n; i++) {
		const struct schema_change *c = &list[i];
		if (!str_eq(c->reg, r->id))
			continue;
		if (c->kind == SCHEMA_NEW_COLUMN)
			TRY(add_column(p, r, reg_field(r, c->column), err));
		else if (c->kind == SCHEMA_OTHER_TYPE)
			TRY(other_type(p, r, reg_field(r, c->column), old, err));
		else if (c->kind == SCHEMA_DROP_COLUMN)
			TRY(drop_column(p, r->id, c->column, err));
	}
	TRY(make_indexes(p, r, old, err));
	return schema_remember(p->a, p->db, r, err);
}

static enum rc losses_named(struct arena *a, const struct schema_change *list, size_t n, const str *lose,
	size_t lose_n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct schema_change *c = &list[i];
		str name =
			c->column.n ? arena_fmt(a, "%.*s.%.*s", STR_ARG(c->reg), STR_ARG(c->column)) : c->reg;
		bool named = !c->loses;
		for (size_t k = 0; k < lose_n; k++)
			named |= str_eq(lose[k], name);
		if (!named)
			return FAIL(err, RC_DENIED,
				"%.*s\nnothing was changed; say --lose %.*s if that is meant",
				STR_ARG(c->say), STR_ARG(name));
	}
	return RC_OK;
}

enum rc schema_apply(struct arena *a, struct db *db, const struct model *m, const str *lose, size_t lose_n,
	const struct schema_sealer *sealer, struct err *err)
{
	struct planning p = {.a = a, .db = db, .sealer = sealer};
	struct schema_change *list;
	struct shape *old;
	size_t n, old_n;
	TRY(schema_plan(a, db, m, &list, &n, err));
	TRY(losses_named(a, list, n, lose, lose_n, err));
	TRY(shapes(a, db, &old, &old_n, err));
	for (size_t i = 0; i < n; i++)
		if (list[i].kind == SCHEMA_NEW_REGISTER)
			TRY(schema_new_register(a, db, model_reg(m, list[i].reg), err));
	for (size_t i = 0; i < n; i++) {
		const struct reg *r = model_reg(m, list[i].reg);
		const struct shape *s = shape_find(old, old_n, list[i].reg);
		bool first = i == 0 || !str_eq(list[i - 1].reg, list[i].reg);
		if (r && s && first)
			TRY(change_register(&p, r, s->text, list, n, err));
	}
	for (size_t i = 0; i < n; i++)
		if (list[i].kind == SCHEMA_DROP_REGISTER)
			TRY(drop_register(&p, list[i].reg, err));
	for (size_t i = 0; n && i < m->regs_n; i++) /* what an older program did not write down yet */
		TRY(schema_remember(a, db, &m->regs[i], err));
	return RC_OK;
}

enum rc schema_stood(struct arena *a, struct db *db, const struct model *m, struct reg **out, struct err *err)
{
	struct shape *old;
	size_t n;
	TRY(shapes(a, db, &old, &n, err));
	*out = NEWS(a, m->regs_n + 1, struct reg);
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct shape *s = shape_find(old, n, m->regs[i].id);
		struct reg *r = &(*out)[i];
		if (s == NULL)
			continue;
		*r = m->regs[i];
		r->sensitivity = level_of(s->text, r);
		r->fields = NEWS(a, r->fields_n + 1, struct field);
		memcpy(r->fields, m->regs[i].fields, r->fields_n * sizeof *r->fields);
		for (size_t k = 0; k < r->fields_n; k++) {
			str parts[4];
			if (shape_column(s->text, r->fields[k].id, parts))
				r->fields[k].sealed = str_starts(parts[1], STR("sealed "));
		}
		r->person = r->person ? &r->fields[r->person->at] : NULL;
	}
	return RC_OK;
}
