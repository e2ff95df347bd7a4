/* reindex.c -- see reindex.h. */
#include "register/reindex.h"
#include "base/buf.h"
#include "base/map.h"
#include "register/person.h"
#include "register/plan.h"
#include "register/retain.h"
#include "register/row.h"

enum { SLICE_ROWS = 500 };

static const char Q_GENERATION[] = "SELECT value FROM setting WHERE name = 'blind_generation'";
static const char Q_PUT[] = "INSERT INTO setting(name, value) VALUES ('blind_generation', ?1)"
			    " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char Q_FOUND[] = "SELECT DISTINCT person FROM find";
static const char Q_PEOPLE[] = "SELECT \"id\" FROM \"person\" WHERE \"state\" <> 'void'";
static const char Q_FIND_EMPTY[] = "DELETE FROM find";

enum rc reindex_fresh(struct city *c, struct db *db, struct err *err)
{
	struct stmt *s;
	bool row;
	int64_t n = 0;
	TRY(db_prepare(db, Q_GENERATION, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row && !str_i64(stmt_text(s, 0), &n))
		n = 0;
	stmt_reset(s);
	seal_index_use(c->seal, n);
	return RC_OK;
}

/* The ids of a register behind `after`, a slice of them. */
static enum rc ids_of(struct job_ctx *c, const struct reg *reg, int64_t after, int64_t ids[SLICE_ROWS],
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	str sql = arena_fmt(c->a, "SELECT \"id\" FROM \"%.*s\" WHERE \"id\" > ?1 ORDER BY \"id\" LIMIT %d",
		STR_ARG(reg->id), (int)SLICE_ROWS);
	*out_n = 0;
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, after);
	while (*out_n < SLICE_ROWS) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		ids[(*out_n)++] = stmt_i64(s, 0);
	}
	stmt_reset(s);
	return RC_OK;
}

static enum rc blind_columns(struct job_ctx *c, struct arena *a, const struct record *rec, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg_plan *p = &city->plans[rec->reg->at];
	struct buf b AUTO(buf_done) = {0};
	struct stmt *s;
	if (p->blind_n == 0)
		return RC_OK;
	buf_printf(&b, "UPDATE \"%.*s\" SET ", STR_ARG(rec->reg->id));
	for (size_t i = 0; i < p->blind_n; i++)
		buf_printf(&b, "%s\"%.*s_blind\" = ?%d", i ? ", " : "", STR_ARG(p->blind[i]->id), (int)i + 2);
	buf_puts(&b, " WHERE \"id\" = ?1");
	TRY(db_prepare(c->db, arena_cstr(c->a, buf_str(&b)), &s, err));
	stmt_bind_i64(s, 1, rec->id);
	for (size_t i = 0; i < p->blind_n; i++)
		row_bind_blind(a, city, rec->reg, p->blind[i], &rec->values[p->blind[i]->at], s, (int)i + 2);
	return stmt_run(s, err);
}

/* The ids that a statement gives. Who is found today: people that were merged into others or forgotten are not, and shall not be again. */
static enum rc ids_into(struct job_ctx *c, const char *sql, struct imap *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*imap_at(out, (uint64_t)stmt_i64(s, 0)) = 1;
	}
}

/* A row that stands for people past their term has no name of its own: nobody finds it. */
static bool has_name(const struct record *rec)
{
	const struct field *name = reg_field(rec->reg, STR("name"));
	const struct value *v = name ? &rec->values[name->at] : NULL;
	return v && v->kind == V_TEXT && !str_is(v->t, RETAIN_NAMELESS);
}

static enum rc one(struct job_ctx *c, const struct reg *reg, int64_t id, struct imap *found, struct err *err)
{
	struct arena a = {0}, *kept = c->a;
	struct record *rec;
	enum rc rc = row_get(&a, c->db, job_city(c), reg, id, &rec, err);
	if (rc == RC_OK)
		rc = blind_columns(c, &a, rec, err);
	c->a = &a;
	if (rc == RC_OK && str_is(reg->id, "person") && imap_has(found, (uint64_t)id, NULL) &&
		has_name(rec)) {
		rec->version = 1; /* the entries before are gone already */
		rc = person_index(c, rec, err);
	}
	c->a = kept;
	arena_done(&a);
	return rc;
}

static enum rc all_rows(struct job_ctx *c, struct imap *found, int64_t *rows, struct err *err)
{
	struct city *city = job_city(c);
	int64_t ids[SLICE_ROWS];
	for (size_t i = 0; i < city->model->regs_n; i++) {
		const struct reg *reg = &city->model->regs[i];
		size_t n = SLICE_ROWS;
		if (city->plans[i].blind_n == 0 && !str_is(reg->id, "person"))
			continue;
		for (int64_t after = 0; n == SLICE_ROWS;) {
			TRY(ids_of(c, reg, after, ids, &n, err));
			for (size_t k = 0; k < n; k++)
				TRY(one(c, reg, ids[k], found, err));
			*rows += (int64_t)n;
			after = n ? ids[n - 1] : after;
		}
	}
	return RC_OK;
}

/* Empty, then every row anew under the key in use. */
static enum rc anew(struct job_ctx *c, const char *who, int64_t *rows, struct err *err)
{
	struct imap found = {0};
	struct stmt *s;
	enum rc rc = ids_into(c, who, &found, err);
	if (rc == RC_OK && (rc = db_prepare(c->db, Q_FIND_EMPTY, &s, err)) == RC_OK)
		rc = stmt_run(s, err);
	if (rc == RC_OK)
		rc = all_rows(c, &found, rows, err);
	imap_done(&found);
	return rc;
}

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t *rows = arg, was = seal_index_generation(job_city(c)->seal);
	struct stmt *s;
	*rows = 0;
	c->action = STR("reindex");
	c->subject = STR("keys");
	if (!actor_is_operator(c->actor))
		return FAIL(err, RC_DENIED, "only the operator changes the key of the indexes");
	TRY(db_prepare(c->db, Q_PUT, &s, err));
	stmt_bind_text(s, 1, arena_fmt(c->a, "%lld", (long long)was + 1));
	TRY(stmt_run(s, err));
	seal_index_use(job_city(c)->seal, was + 1);
	enum rc rc = anew(c, Q_FOUND, rows, err);
	if (rc != RC_OK)
		seal_index_back(job_city(c)->seal, was);
	c->detail = arena_fmt(c->a, "generation:%lld rows:%lld", (long long)was + 1, (long long)*rows);
	return rc;
}

static enum rc rebuild_job(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t *rows = arg;
	*rows = 0;
	c->action = STR("reindex");
	c->subject = STR("find");
	TRY(anew(c, Q_PEOPLE, rows, err));
	c->detail = arena_fmt(c->a, "rows:%lld", (long long)*rows);
	return RC_OK;
}

enum rc reindex_rebuild(struct city *c, struct err *err)
{
	struct arena a = {0};
	struct actor op = actor_operator();
	int64_t rows;
	enum rc rc = city_run(c, &op, &a, (str){NULL, 0}, rebuild_job, &rows, err);
	arena_done(&a);
	return rc;
}

enum rc reindex_all(struct city *c, const struct actor *actor, int64_t *out_rows, struct err *err)
{
	struct arena a = {0};
	int64_t was = seal_index_generation(c->seal);
	enum rc rc = city_run(c, actor, &a, (str){NULL, 0}, job, out_rows, err);
	if (rc != RC_OK)
		seal_index_back(c->seal, was);
	arena_done(&a);
	return rc;
}
