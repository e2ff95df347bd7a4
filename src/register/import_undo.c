/* import_undo.c -- see import_undo.h. First all that could refuse is looked at, then rows go, then people, then changes are
 * put back; a refusal on the way undoes the whole in the job's savepoint. */
#include "register/import_undo.h"
#include "base/hash.h"
#include "register/history.h"
#include "register/mention.h"
#include "register/person.h"
#include "register/row.h"

static const char Q_IMPORT[] = "SELECT register, actor, state FROM imports WHERE id = ?1";
static const char Q_LATER[] = "SELECT import, register, \"row\" FROM import_change WHERE last = ?1 LIMIT 1";
static const char Q_MADE[] =
	"SELECT \"row\", version FROM imported WHERE import = ?1 AND inserted = ?1 ORDER BY \"row\" DESC";
static const char Q_CHANGED[] = "SELECT register, \"row\", version, after, digest, last, last_version "
				"FROM import_change WHERE import = ?1 ORDER BY register, \"row\"";
static const char Q_REMEMBERED[] =
	"SELECT digest, version, import FROM imported WHERE register = ?1 AND \"row\" = ?2";
static const char Q_FORGET[] = "DELETE FROM imported WHERE register = ?1 AND \"row\" = ?2";
static const char Q_REMEMBER[] = "UPDATE imported SET digest = ?3, import = ?4, version = ?5 "
				 "WHERE register = ?1 AND \"row\" = ?2";
static const char Q_NOTE[] =
	"INSERT INTO import_change (import, register, \"row\", version, after, digest, last, last_version) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
	"ON CONFLICT (import, register, \"row\") DO UPDATE SET after = excluded.after";
static const char Q_CHANGES_DROP[] = "DELETE FROM import_change WHERE import = ?1";
static const char Q_UNDONE[] = "UPDATE imports SET state = 'undone' WHERE id = ?1";
struct made {
	int64_t *ids, *versions; /* falling: a unit before the one that it stands under */
	size_t n, cap_ids, cap_versions;
	struct imap set;
};

struct person_made {
	int64_t id, at_ms; /* when the first of the rows came that name him */
	bool named;
};

struct undo {
	struct job_ctx *c;
	struct job_ctx of_row; /* its arena is the row's */
	int64_t import;
	const struct reg *reg;
	struct made made;
	struct imap person_at; /* person -> place in people + 1 */
	struct person_made *people;
	size_t people_n, people_cap;
	struct import_undone *out;
	struct mention first;
	bool mentioned;
};

/* ---- noted while importing ---- */

struct memory {
	char digest[HASH_BYTES];
	int64_t version, import; /* import 0: none */
};

static enum rc remembered(
	struct job_ctx *c, const struct reg *reg, int64_t row, struct memory *out, struct err *err)
{
	struct stmt *s;
	bool there;
	TRY(db_prepare(c->db, Q_REMEMBERED, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, row);
	*out = (struct memory){0};
	TRY(stmt_step(s, &there, err));
	if (!there)
		return RC_OK;
	str d = stmt_blob(s, 0);
	if (d.n == HASH_BYTES)
		memcpy(out->digest, d.p, HASH_BYTES);
	out->version = stmt_i64(s, 1);
	out->import = stmt_i64(s, 2);
	stmt_reset(s);
	return RC_OK;
}

enum rc import_note_change(struct job_ctx *c, int64_t import, const struct reg *reg, int64_t row,
	int64_t version, int64_t after, struct err *err)
{
	struct memory m;
	struct stmt *s;
	TRY(remembered(c, reg, row, &m, err));
	TRY(db_prepare(c->db, Q_NOTE, &s, err));
	stmt_bind_i64(s, 1, import);
	stmt_bind_text(s, 2, reg->id);
	stmt_bind_i64(s, 3, row);
	stmt_bind_i64(s, 4, version);
	stmt_bind_i64(s, 5, after);
	stmt_bind_blob(s, 6, (str){m.digest, sizeof m.digest});
	stmt_bind_i64(s, 7, m.import);
	stmt_bind_i64(s, 8, m.version);
	return stmt_run(s, err);
}

/* ---- may it go? ---- */

static enum rc open_import(struct undo *u, struct err *err)
{
	struct stmt *s;
	bool there;
	TRY(db_prepare(u->c->db, Q_IMPORT, &s, err));
	stmt_bind_i64(s, 1, u->import);
	TRY(stmt_step(s, &there, err));
	if (!there)
		return FAIL(err, RC_NOT_FOUND, "there is no import %lld", (long long)u->import);
	u->reg = model_reg(job_city(u->c)->model, stmt_text(s, 0));
	int64_t actor = stmt_i64(s, 1);
	bool undone = str_is(stmt_text(s, 2), "undone");
	stmt_reset(s);
	if (!actor_is_operator(u->c->actor) && actor != u->c->actor->person)
		return FAIL(err, RC_DENIED, "only who brought a file in takes it back");
	if (undone)
		return FAIL(err, RC_CONFLICT, "import %lld is taken back already", (long long)u->import);
	if (u->reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "the register of import %lld is no longer declared",
			(long long)u->import);
	return RC_OK;
}

static enum rc no_later(struct undo *u, struct err *err)
{
	struct stmt *s;
	bool there;
	TRY(db_prepare(u->c->db, Q_LATER, &s, err));
	stmt_bind_i64(s, 1, u->import);
	TRY(stmt_step(s, &there, err));
	if (!there)
		return RC_OK;
	enum rc rc = FAIL(err, RC_CONFLICT,
		"%.*s #%lld was changed by the later import %lld: take that back first",
		STR_ARG(stmt_text(s, 1)), (long long)stmt_i64(s, 2), (long long)stmt_i64(s, 0));
	stmt_reset(s);
	return rc;
}

static enum rc edited(const struct reg *reg, int64_t id, struct err *err)
{
	return FAIL(err, RC_CONFLICT,
		"%.*s #%lld was changed after the import: it can no longer be taken back whole; correct or "
		"void "
		"its rows",
		STR_ARG(reg->id), (long long)id);
}

static enum rc gather_made(struct undo *u, struct err *err)
{
	struct made *m = &u->made;
	struct stmt *s;
	bool row;
	TRY(db_prepare(u->c->db, Q_MADE, &s, err));
	stmt_bind_i64(s, 1, u->import);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		m->ids = arena_grow(u->c->a, m->ids, m->n, &m->cap_ids, sizeof *m->ids);
		m->versions = arena_grow(u->c->a, m->versions, m->n, &m->cap_versions, sizeof *m->versions);
		m->ids[m->n] = stmt_i64(s, 0);
		m->versions[m->n] = stmt_i64(s, 1);
		*imap_at(&m->set, (uint64_t)m->ids[m->n++]) = 1;
	}
}

static bool first_mention(void *user, const struct mention *m)
{
	struct undo *u = user;
	u->first = *m;
	u->mentioned = true;
	return false;
}

static enum rc nothing_stands_on_it(struct undo *u, struct err *err)
{
	const struct mention *m = &u->first;
	TRY(mentions(u->c->a, u->c->db, job_city(u->c)->model, u->reg, u->made.ids, u->made.n, &u->made.set,
		first_mention, u, err));
	if (!u->mentioned)
		return RC_OK;
	return FAIL(err, RC_CONFLICT,
		"%.*s #%lld, which this import made, is named by %.*s #%lld: void or change that first",
		STR_ARG(u->reg->id), (long long)m->named, STR_ARG(m->by), (long long)m->row);
}

/* ---- rows go ---- */

static void note_person(struct undo *u, const struct record *rec)
{
	int64_t id = rec->reg->person ? rec->values[rec->reg->person->at].i : 0;
	if (id == 0)
		return;
	int64_t *at = imap_at(&u->person_at, (uint64_t)id);
	if (*at == 0) {
		u->people = arena_grow(u->c->a, u->people, u->people_n, &u->people_cap, sizeof *u->people);
		u->people[u->people_n++] = (struct person_made){.id = id};
		*at = (int64_t)u->people_n;
	}
	u->people[*at - 1].at_ms = rec->entered_at; /* rows come falling: the first one's stays */
}

static enum rc forget(struct undo *u, const struct reg *reg, int64_t id, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(u->c->db, Q_FORGET, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	return stmt_run(s, err);
}

static enum rc take_out(struct undo *u, struct err *err)
{
	bool org = str_is(u->reg->id, "org");
	for (size_t i = 0; i < u->made.n; i++) {
		struct record *rec;
		int64_t id = u->made.ids[i];
		arena_reset(u->of_row.a);
		TRY(row_get(u->of_row.a, u->c->db, job_city(u->c), u->reg, id, &rec, err));
		if (rec->version != u->made.versions[i])
			return edited(u->reg, id, err);
		note_person(u, rec);
		TRY(record_take_out(&u->of_row, rec, err));
		TRY(forget(u, u->reg, id, err));
		u->out->removed++;
	}
	for (size_t i = 0; i < u->made.n && org; i++) /* behind them all: who may write asks the tree */
		TRY(org_remove(u->c, u->made.ids[i], err));
	return RC_OK;
}

/* ---- people go ---- */

static bool name_person(void *user, const struct mention *m)
{
	struct undo *u = user;
	int64_t at;
	if (imap_has(&u->person_at, (uint64_t)m->named, &at))
		u->people[at - 1].named = true;
	return true;
}

struct change_of {
	const struct reg *reg;
	int64_t row, version, after, last, last_version;
	str digest;
	bool gone; /* with its person */
};

static int64_t person_after(const struct change_of *list, size_t n, int64_t person)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].row == person && str_is(list[i].reg->id, "person"))
			return list[i].after;
	return 1;
}

static void person_gone(struct change_of *list, size_t n, int64_t person)
{
	for (size_t i = 0; i < n; i++)
		list[i].gone |= list[i].row == person && str_is(list[i].reg->id, "person");
}

/* Made for a row of this import: in the same job; and he stands as it left him, or as he was made (what others wrote is
 * taken back). */
static enum rc ours(struct undo *u, const struct person_made *p, const struct record *now, int64_t after,
	bool *out, struct err *err)
{
	struct record *first;
	*out = now->entered_at == p->at_ms && str_is(now->source, "import");
	if (!*out || now->version == after)
		return RC_OK;
	TRY(history_at(&u->of_row, now, 1, &first, err));
	for (size_t i = 0; i < now->reg->fields_n; i++)
		*out = *out && value_eq(&now->values[i], &first->values[i]);
	*out = *out && str_eq(now->state, first->state);
	return RC_OK;
}

static enum rc person_out(struct undo *u, const struct reg *reg, const struct person_made *p,
	struct change_of *changes, size_t n, struct err *err)
{
	struct record *rec;
	bool mine;
	arena_reset(u->of_row.a);
	TRY(row_get(u->of_row.a, u->c->db, job_city(u->c), reg, p->id, &rec, err));
	TRY(ours(u, p, rec, person_after(changes, n, p->id), &mine, err));
	if (!mine)
		return RC_OK;
	TRY(record_take_out(&u->of_row, rec, err));
	person_gone(changes, n, p->id);
	u->out->people++;
	return RC_OK;
}

static enum rc people_out(struct undo *u, struct change_of *changes, size_t n, struct err *err)
{
	const struct model *m = job_city(u->c)->model;
	const struct reg *reg = model_reg(m, STR("person"));
	int64_t *ids = NEWS(u->c->a, u->people_n + 1, int64_t);
	struct imap none = {0};
	if (reg == NULL || u->people_n == 0)
		return RC_OK;
	for (size_t i = 0; i < u->people_n; i++)
		ids[i] = u->people[i].id;
	TRY(mentions(u->c->a, u->c->db, m, reg, ids, u->people_n, &none, name_person, u, err));
	for (size_t i = 0; i < u->people_n; i++)
		if (!u->people[i].named)
			TRY(person_out(u, reg, &u->people[i], changes, n, err));
	return RC_OK;
}

/* ---- changes are put back ---- */

static enum rc gather_changes(struct undo *u, struct change_of **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t n = 0, cap = 0;
	*out = NULL;
	TRY(db_prepare(u->c->db, Q_CHANGED, &s, err));
	stmt_bind_i64(s, 1, u->import);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		const struct reg *reg = model_reg(job_city(u->c)->model, stmt_text(s, 0));
		if (reg == NULL)
			continue;
		*out = arena_grow(u->c->a, *out, n, &cap, sizeof **out);
		(*out)[n++] = (struct change_of){.reg = reg,
			.row = stmt_i64(s, 1),
			.version = stmt_i64(s, 2),
			.after = stmt_i64(s, 3),
			.digest = arena_str(u->c->a, stmt_blob(s, 4)),
			.last = stmt_i64(s, 5),
			.last_version = stmt_i64(s, 6)};
	}
	*out_n = n;
	return RC_OK;
}

static enum rc remember_again(struct undo *u, const struct change_of *x, int64_t version, struct err *err)
{
	struct stmt *s;
	if (x->last == 0)
		return forget(u, x->reg, x->row, err);
	TRY(db_prepare(u->c->db, Q_REMEMBER, &s, err));
	stmt_bind_text(s, 1, x->reg->id);
	stmt_bind_i64(s, 2, x->row);
	stmt_bind_blob(s, 3, x->digest);
	stmt_bind_i64(s, 4, x->last);
	stmt_bind_i64(s, 5, version);
	return stmt_run(s, err);
}

static enum rc put_back(struct undo *u, const struct change_of *x, struct err *err)
{
	struct record *now;
	arena_reset(u->of_row.a);
	enum rc rc = row_get(u->of_row.a, u->c->db, job_city(u->c), x->reg, x->row, &now, err);
	if (rc == RC_NOT_FOUND) /* past its term */
		return RC_OK;
	TRY(rc);
	if (now->version != x->after)
		return edited(x->reg, x->row, err);
	bool changed = x->after != x->version;
	if (changed)
		TRY(record_put_back(&u->of_row, x->reg, x->row, x->version, err));
	u->out->restored += changed;
	/* Edited before this import already: it stays so for the one before. */
	bool as_left = x->last_version == x->version;
	return remember_again(u, x, as_left ? now->version + changed : x->last_version, err);
}

static enum rc put_all_back(struct undo *u, const struct change_of *list, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!list[i].gone)
			TRY(put_back(u, &list[i], err));
	return RC_OK;
}

static enum rc close_import(struct undo *u, struct err *err)
{
	static const char *const both[] = {Q_CHANGES_DROP, Q_UNDONE};
	for (size_t i = 0; i < 2; i++) {
		struct stmt *s;
		TRY(db_prepare(u->c->db, both[i], &s, err));
		stmt_bind_i64(s, 1, u->import);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

static enum rc undo(struct undo *u, struct err *err)
{
	struct change_of *changes;
	size_t n;
	TRY(open_import(u, err));
	u->out->reg = u->reg;
	u->c->action = STR("import:undo");
	u->c->subject = arena_fmt(u->c->a, "%.*s:import:%lld", STR_ARG(u->reg->id), (long long)u->import);
	TRY(no_later(u, err));
	TRY(gather_made(u, err));
	TRY(gather_changes(u, &changes, &n, err));
	TRY(nothing_stands_on_it(u, err));
	TRY(take_out(u, err));
	TRY(people_out(u, changes, n, err));
	TRY(put_all_back(u, changes, n, err));
	TRY(close_import(u, err));
	u->c->detail = arena_fmt(u->c->a, "removed:%lld restored:%lld people:%lld",
		(long long)u->out->removed, (long long)u->out->restored, (long long)u->out->people);
	return RC_OK;
}

enum rc import_undo(struct job_ctx *c, int64_t import, struct import_undone *out, struct err *err)
{
	struct arena row = {0};
	struct undo u = {.c = c, .of_row = *c, .import = import, .out = out};
	u.of_row.a = &row;
	*out = (struct import_undone){0};
	enum rc rc = undo(&u, err);
	imap_done(&u.made.set);
	imap_done(&u.person_at);
	arena_done(&row);
	return rc;
}
