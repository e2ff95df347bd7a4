/* mention.c -- see mention.h. */
#include "register/mention.h"

enum { IDS = 2000 };

struct search {
	struct arena *a;
	struct db *db;
	const struct reg *reg;
	const int64_t *ids;
	size_t n;
	const struct imap *set;
	bool (*found)(void *user, const struct mention *m);
	void *user;
	bool enough;
};

/* Tables of the program that name a unit, a person, or a row of any register (its id in a parameter). */
static const struct named {
	const char *of, *table, *sql;
} tables[] = {
	{"org", "role", "SELECT org, id FROM role WHERE org {in ?1}"},
	{"org", "authorisation", "SELECT org, id FROM authorisation WHERE org {in ?1}"},
	{"org", "device", "SELECT org, id FROM device WHERE org {in ?1}"},
	{"org", "token", "SELECT org, id FROM token WHERE org {in ?1}"},
	{"org", "edition", "SELECT org, id FROM edition WHERE org {in ?1}"},
	{"person", "role", "SELECT person, id FROM role WHERE person {in ?1}"},
	{"person", "account", "SELECT person, 0 FROM account WHERE person {in ?1}"},
	{"person", "authorisation", "SELECT person, id FROM authorisation WHERE person {in ?1}"},
	{"person", "case_member", "SELECT person, id FROM case_member WHERE person {in ?1}"},
	{NULL, "case_member", "SELECT \"row\", id FROM case_member WHERE \"row\" {in ?1} AND register = ?2"},
};

/* Rows of a statement: the named id, the naming one. */
static enum rc tell(struct search *x, struct stmt *s, str by, bool own, struct err *err)
{
	bool row;
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct mention m = {stmt_i64(s, 0), by, stmt_i64(s, 1)};
		if (own && imap_has(x->set, (uint64_t)m.row, NULL))
			continue;
		if (!x->found(x->user, &m)) {
			x->enough = true;
			stmt_reset(s);
			return RC_OK;
		}
	}
}

static enum rc in_pieces(
	struct search *x, const char *sql, str by, bool own, bool of_register, struct err *err)
{
	for (size_t i = 0; i < x->n && !x->enough; i += IDS) {
		struct stmt *s;
		TRY(db_prepare(x->db, sql, &s, err));
		stmt_bind_ids(s, 1, x->ids + i, x->n - i < IDS ? x->n - i : IDS);
		if (of_register)
			stmt_bind_text(s, 2, x->reg->id);
		TRY(tell(x, s, by, own, err));
	}
	return RC_OK;
}

static enum rc of_list(struct search *x, const struct reg *by, const struct field *f, struct err *err)
{
	struct stmt *s;
	bool row;
	str sql = arena_fmt(x->a, "SELECT \"id\", \"%.*s\" FROM \"%.*s\" WHERE \"%.*s\" IS NOT NULL",
		STR_ARG(f->id), STR_ARG(by->id), STR_ARG(f->id));
	TRY(db_prepare(x->db, sql.p, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct mention m = {.by = by->id, .row = stmt_i64(s, 0)};
		if (by == x->reg && imap_has(x->set, (uint64_t)m.row, NULL))
			continue;
		for (str rest = stmt_text(s, 1); rest.n && !x->enough;) {
			str part = str_cut(rest, ',', &rest);
			if (str_i64(part, &m.named) && imap_has(x->set, (uint64_t)m.named, NULL))
				x->enough = !x->found(x->user, &m);
		}
		if (x->enough) {
			stmt_reset(s);
			return RC_OK;
		}
	}
}

static enum rc of_register(struct search *x, const struct reg *by, struct err *err)
{
	bool own = by == x->reg;
	if (str_is(x->reg->id, "org") && !own) {
		str sql = arena_fmt(
			x->a, "SELECT \"org\", \"id\" FROM \"%.*s\" WHERE \"org\" {in ?1}", STR_ARG(by->id));
		TRY(in_pieces(x, sql.p, by->id, own, false, err));
	}
	for (size_t i = 0; i < by->fields_n && !x->enough; i++) {
		const struct field *f = &by->fields[i];
		if (f->to_reg != x->reg)
			continue;
		if (field_storage(f) == STORE_TEXT)
			TRY(of_list(x, by, f, err));
		if (field_storage(f) != STORE_INT)
			continue;
		str sql = arena_fmt(x->a, "SELECT \"%.*s\", \"id\" FROM \"%.*s\" WHERE \"%.*s\" {in ?1}",
			STR_ARG(f->id), STR_ARG(by->id), STR_ARG(f->id));
		TRY(in_pieces(x, sql.p, by->id, own, false, err));
	}
	return RC_OK;
}

enum rc mentions(struct arena *a, struct db *db, const struct model *m, const struct reg *reg,
	const int64_t *ids, size_t n, const struct imap *set,
	bool (*found)(void *user, const struct mention *m), void *user, struct err *err)
{
	struct search x = {a, db, reg, ids, n, set, found, user, false};
	for (size_t i = 0; i < m->regs_n && !x.enough && n; i++)
		TRY(of_register(&x, &m->regs[i], err));
	for (size_t i = 0; i < sizeof tables / sizeof *tables && !x.enough; i++) {
		const struct named *t = &tables[i];
		if (t->of == NULL || str_is(reg->id, t->of))
			TRY(in_pieces(&x, t->sql, str_of(t->table), false, t->of == NULL, err));
	}
	return RC_OK;
}
