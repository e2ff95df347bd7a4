/* person_merge.c -- two rows of one person become one, and can be parted again for 30 days (person.h).
 * Every row that named the one that goes is edited like any other row (version, history, figures follow), and noted in
 * person_merge_row with what it was and the version that the merge left. A row whose key then stands already (the same
 * event attended by both) turns void in favour of the survivor's. */
#include "base/date.h"
#include "register/person.h"
#include "register/row.h"

static const char Q_MERGE_ID[] = "SELECT COALESCE(MAX(id), 0) + 1 FROM person_merge";
static const char Q_MERGE_ADD[] =
	"INSERT INTO person_merge (id, kept, gone, at, actor) VALUES (?1, ?2, ?3, ?4, ?5)";
static const char Q_MERGE_OF[] = "SELECT kept, gone, at, undone_at FROM person_merge WHERE id = ?1";
static const char Q_MERGE_UNDONE[] = "UPDATE person_merge SET undone_at = ?2 WHERE id = ?1";
static const char Q_ROW_ADD[] =
	"INSERT INTO person_merge_row (person_merge, n, register, \"row\", field, before, version) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char Q_ROWS[] = "SELECT register, \"row\", field, before, version FROM person_merge_row "
			     "WHERE person_merge = ?1 ORDER BY n DESC";

enum { UNDO_DAYS = 30 };
static const int64_t DAY_MS = 86400000;

struct merge {
	struct job_ctx *c;
	int64_t id, kept, gone, n;
};

static enum rc note(
	struct merge *m, const struct reg *reg, int64_t row, str field, str before, struct err *err)
{
	struct record *now;
	struct stmt *s;
	TRY(row_get(m->c->a, m->c->db, job_city(m->c), reg, row, &now, err));
	TRY(db_prepare(m->c->db, Q_ROW_ADD, &s, err));
	stmt_bind_i64(s, 1, m->id);
	stmt_bind_i64(s, 2, ++m->n);
	stmt_bind_text(s, 3, reg->id);
	stmt_bind_i64(s, 4, row);
	stmt_bind_text(s, 5, field);
	stmt_bind_text(s, 6, before);
	stmt_bind_i64(s, 7, now->version);
	return stmt_run(s, err);
}

static enum rc rows_of(struct merge *m, const struct reg *reg, const struct field *f, int64_t **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	str sql = arena_fmt(m->c->a, "SELECT \"id\" FROM \"%.*s\" WHERE \"%.*s\" = ?1 ORDER BY \"id\"",
		STR_ARG(reg->id), STR_ARG(f->id));
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(m->c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, m->gone);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(m->c->a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = stmt_i64(s, 0);
	}
}

/* The row names the survivor; or, where the key then stands already, turns void. */
static enum rc rewrite(
	struct merge *m, const struct reg *reg, const struct field *f, int64_t row, struct err *err)
{
	struct job_ctx *c = m->c;
	struct record *old;
	struct entry e = {f, {.kind = V_INT, .i = m->kept}};
	TRY(row_get(c->a, c->db, job_city(c), reg, row, &old, err));
	TRY(db_savepoint(c->db, err));
	enum rc rc = record_set(c, reg, row, 0, &e, 1, err);
	if (rc == RC_OK) {
		TRY(db_release(c->db, err));
		return note(m, reg, row, f->id, arena_fmt(c->a, "%lld", (long long)m->gone), err);
	}
	db_rollback_to(c->db);
	if (rc != RC_CONFLICT || reg_state(reg, STR("void")) == NULL)
		return rc;
	TRY(record_put_state(c, reg, row, STR("void"), STR("merge"), err));
	return note(m, reg, row, STR("state"), old->state, err);
}

static enum rc each_register(struct merge *m, struct err *err)
{
	const struct model *model = job_city(m->c)->model;
	for (size_t i = 0; i < model->regs_n; i++) {
		const struct reg *reg = &model->regs[i];
		for (size_t k = 0; k < reg->fields_n; k++) {
			const struct field *f = &reg->fields[k];
			int64_t *rows;
			size_t n;
			if (f->type != T_PERSON && !(f->type == T_REF && str_is(f->to, "person")))
				continue;
			TRY(rows_of(m, reg, f, &rows, &n, err));
			for (size_t x = 0; x < n; x++)
				TRY(rewrite(m, reg, f, rows[x], err));
		}
	}
	return RC_OK;
}

/* What only the one that goes knows comes to the survivor. */
static enum rc complete(struct merge *m, struct err *err)
{
	struct job_ctx *c = m->c;
	const struct reg *reg = model_reg(job_city(c)->model, STR("person"));
	struct record *kept, *gone;
	struct entry *list = NEWS(c->a, reg->fields_n + 1, struct entry);
	size_t n = 0;
	TRY(row_get(c->a, c->db, job_city(c), reg, m->kept, &kept, err));
	TRY(row_get(c->a, c->db, job_city(c), reg, m->gone, &gone, err));
	const struct field *id = reg_field(reg, STR("citizen_id"));
	if (id && kept->values[id->at].kind == V_TEXT && gone->values[id->at].kind == V_TEXT &&
		!str_eq(kept->values[id->at].t, gone->values[id->at].t))
		return FAIL(err, RC_INVALID, "the two have different citizen IDs: they are two people");
	TRY(record_put_state(c, reg, m->gone, STR("void"), STR("merge"), err));
	TRY(note(m, reg, m->gone, STR("state"), gone->state, err));
	TRY(person_forget(c, m->gone, err));
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct value *a = &kept->values[i], *b = &gone->values[i];
		bool flag = reg->fields[i].type == T_BOOL && b->i == 1 && a->i == 0;
		if (b->kind != V_NULL && (a->kind == V_NULL || flag))
			list[n++] = (struct entry){&reg->fields[i], *b};
	}
	return n ? record_set(c, reg, m->kept, 0, list, n, err) : RC_OK;
}

enum rc person_merge(struct job_ctx *c, int64_t kept, int64_t gone, int64_t *out_merge, struct err *err)
{
	struct merge m = {.c = c, .kept = kept, .gone = gone};
	struct stmt *s;
	bool row;
	if (kept == gone)
		return FAIL(err, RC_INVALID, "a person cannot be merged with itself");
	TRY(db_prepare(c->db, Q_MERGE_ID, &s, err));
	TRY(stmt_step(s, &row, err));
	m.id = stmt_i64(s, 0);
	stmt_reset(s);
	TRY(db_prepare(c->db, Q_MERGE_ADD, &s, err));
	const int64_t values[] = {m.id, kept, gone, c->now_ms, c->actor->person};
	for (int i = 0; i < 5; i++)
		stmt_bind_i64(s, i + 1, values[i]);
	TRY(stmt_run(s, err));
	TRY(each_register(&m, err));
	TRY(complete(&m, err));
	*out_merge = m.id;
	c->action = STR("merge");
	c->subject = arena_fmt(c->a, "person:%lld", (long long)kept);
	c->detail = arena_fmt(c->a, "gone:%lld rows:%lld", (long long)gone, (long long)m.n);
	return RC_OK;
}

struct noted {
	const struct reg *reg;
	int64_t row, version;
	str field, before;
};

static enum rc noted_rows(
	struct job_ctx *c, int64_t merge, struct noted **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(c->db, Q_ROWS, &s, err));
	stmt_bind_i64(s, 1, merge);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(c->a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct noted){model_reg(job_city(c)->model, stmt_text(s, 0)),
			stmt_i64(s, 1), stmt_i64(s, 4), stmt_str(c->a, s, 2), stmt_str(c->a, s, 3)};
	}
}

static enum rc put_back(struct job_ctx *c, const struct noted *n, struct err *err)
{
	struct record *now;
	int64_t id;
	if (n->reg == NULL)
		return FAIL(err, RC_INVALID, "a register of this merge is no longer declared");
	TRY(row_get(c->a, c->db, job_city(c), n->reg, n->row, &now, err));
	if (now->version != n->version)
		return FAIL(err, RC_CONFLICT, "%.*s #%lld was edited since the merge: mend it by hand first",
			STR_ARG(label_text(&n->reg->label)), (long long)n->row);
	if (str_is(n->field, "state"))
		return record_put_state(c, n->reg, n->row, n->before, STR("merge"), err);
	struct entry e = {reg_field(n->reg, n->field), {.kind = V_INT}};
	if (e.field == NULL || !str_i64(n->before, &id))
		return FAIL(err, RC_INVALID, "a field of this merge is no longer declared");
	e.value.i = id;
	return record_set(c, n->reg, n->row, 0, &e, 1, err);
}

enum rc person_merge_undo(struct job_ctx *c, int64_t merge, struct err *err)
{
	struct stmt *s;
	bool row;
	struct noted *rows;
	size_t n;
	TRY(db_prepare(c->db, Q_MERGE_OF, &s, err));
	stmt_bind_i64(s, 1, merge);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_NOT_FOUND, "there is no merge #%lld", (long long)merge);
	int64_t gone = stmt_i64(s, 1), at = stmt_i64(s, 2);
	bool undone = !stmt_null(s, 3);
	stmt_reset(s);
	if (undone)
		return FAIL(err, RC_CONFLICT, "this merge was undone already");
	if (c->now_ms - at > UNDO_DAYS * DAY_MS)
		return FAIL(err, RC_INVALID, "a merge can be undone for %d days", UNDO_DAYS);
	TRY(noted_rows(c, merge, &rows, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(put_back(c, &rows[i], err));
	struct city *city = job_city(c);
	struct record *person;
	TRY(row_get(c->a, c->db, city, model_reg(city->model, STR("person")), gone, &person, err));
	TRY(person_index(c, person, err));
	TRY(db_prepare(c->db, Q_MERGE_UNDONE, &s, err));
	stmt_bind_i64(s, 1, merge);
	stmt_bind_i64(s, 2, c->now_ms);
	TRY(stmt_run(s, err));
	c->action = STR("merge undo");
	c->subject = arena_fmt(c->a, "person:%lld", (long long)gone);
	return RC_OK;
}
