/* reseal.c -- see reseal.h. */
#include "register/reseal.h"
#include "base/buf.h"
#include "guard/kept.h"
#include "register/history.h"
#include "register/row.h"

enum { SLICE_ROWS = 500 };

static const char Q_HISTORY_SLICE[] = "SELECT \"row\", version, before FROM history WHERE register = ?1 AND "
				      "(\"row\" > ?2 OR (\"row\" = ?2 AND version > ?3)) "
				      "ORDER BY \"row\", version LIMIT ?4";

struct slice {
	const struct reg *reg;
	int64_t after, after_version; /* in: where to go on; out: where it ended */
	bool history, done;
	int64_t values;
};

/* One value under the statement; *out_new empty where it is to stay. */
static enum rc anew(
	struct job_ctx *c, const struct seal_place *at, str envelope, str *out_new, struct err *err)
{
	struct seal *seal = job_city(c)->seal;
	str plain;
	*out_new = (str){NULL, 0};
	if (seal_is_current(seal, envelope))
		return RC_OK;
	enum rc rc = seal_get(c->a, seal, at, envelope, &plain, err);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	TRY(rc);
	return seal_put(c->a, seal, at, plain, out_new, err);
}

struct change_ {
	const struct field *f;
	int64_t id;
	str envelope;
};

static enum rc write_changes(
	struct job_ctx *c, const struct reg *reg, const struct change_ *list, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct stmt *s;
		str sql = arena_fmt(c->a, "UPDATE \"%.*s\" SET \"%.*s\" = ?2 WHERE \"id\" = ?1",
			STR_ARG(reg->id), STR_ARG(list[i].f->id));
		TRY(db_prepare(c->db, sql.p, &s, err));
		stmt_bind_i64(s, 1, list[i].id);
		stmt_bind_blob(s, 2, list[i].envelope);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

static str select_sealed(struct arena *a, const struct reg *reg)
{
	struct buf b AUTO(buf_done) = {0};
	str person = reg->person ? reg->person->id : STR("id");
	bool any = false;
	buf_printf(&b, "SELECT \"id\", %s\"%.*s\"", reg->person ? "" : "0 * ", STR_ARG(person));
	for (size_t i = 0; i < reg->fields_n; i++)
		if (field_storage(&reg->fields[i]) == STORE_SEALED) {
			buf_printf(&b, ", \"%.*s\"", STR_ARG(reg->fields[i].id));
			any = true;
		}
	buf_printf(&b, " FROM \"%.*s\" WHERE \"id\" > ?1 ORDER BY \"id\" LIMIT ?2", STR_ARG(reg->id));
	return any ? arena_str(a, buf_str(&b)) : (str){NULL, 0};
}

static enum rc gather_row(struct job_ctx *c, struct slice *x, struct stmt *s, struct change_ **list,
	size_t *n, size_t *cap, struct err *err)
{
	int64_t id = stmt_i64(s, 0), person = str_is(x->reg->id, "person") ? id : stmt_i64(s, 1);
	int column = 1;
	for (size_t i = 0; i < x->reg->fields_n; i++) {
		const struct field *f = &x->reg->fields[i];
		str made;
		if (field_storage(f) != STORE_SEALED || stmt_null(s, ++column))
			continue;
		struct seal_place at = row_place(x->reg, f, id, person, 0);
		TRY(anew(c, &at, stmt_blob(s, column), &made, err));
		if (made.n == 0)
			continue;
		*list = arena_grow(c->a, *list, *n, cap, sizeof **list);
		(*list)[(*n)++] = (struct change_){f, id, made};
	}
	x->after = id;
	return RC_OK;
}

static enum rc rows_slice(struct job_ctx *c, struct slice *x, struct err *err)
{
	struct stmt *s;
	bool row;
	struct change_ *list = NULL;
	size_t n = 0, cap = 0, seen = 0;
	str sql = select_sealed(c->a, x->reg);
	x->done = true;
	if (sql.n == 0)
		return RC_OK;
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, x->after);
	stmt_bind_i64(s, 2, SLICE_ROWS);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		enum rc rc = gather_row(c, x, s, &list, &n, &cap, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		seen++;
	}
	x->done = seen < SLICE_ROWS;
	x->values += (int64_t)n;
	return write_changes(c, x->reg, list, n, err);
}

struct version {
	int64_t row, version;
	str text;
};

static enum rc history_slice(struct job_ctx *c, struct slice *x, struct err *err)
{
	struct stmt *s;
	bool row;
	struct version *list = NEWS(c->a, SLICE_ROWS, struct version);
	size_t n = 0;
	TRY(db_prepare(c->db, Q_HISTORY_SLICE, &s, err));
	stmt_bind_text(s, 1, x->reg->id);
	stmt_bind_i64(s, 2, x->after);
	stmt_bind_i64(s, 3, x->after_version);
	stmt_bind_i64(s, 4, SLICE_ROWS);
	while (n < SLICE_ROWS) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		list[n++] = (struct version){stmt_i64(s, 0), stmt_i64(s, 1), stmt_str(c->a, s, 2)};
	}
	stmt_reset(s);
	for (size_t i = 0; i < n; i++) {
		bool changed;
		TRY(history_reseal(c, x->reg, list[i].row, list[i].version, list[i].text, &changed, err));
		x->values += changed;
		x->after = list[i].row;
		x->after_version = list[i].version;
	}
	x->done = n < SLICE_ROWS;
	return RC_OK;
}

static enum rc slice_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct slice *into = arg, x = *into; /* may run again: nothing is kept until it has succeeded */
	x.values = 0;
	TRY(x.history ? history_slice(c, &x, err) : rows_slice(c, &x, err));
	c->action = STR("reseal");
	c->subject = x.reg->id;
	c->detail = arena_fmt(c->a, "values:%lld", (long long)x.values);
	*into = x;
	return RC_OK;
}

struct desk {
	struct arena *a; /* outlives the slices: where the last one ended */
	struct kept_at at;
	bool done;
	int64_t values;
};

static enum rc desk_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct desk *into = arg, x = *into;
	x.values = 0;
	TRY(kept_reseal(c, job_city(c)->seal, &x.at, &x.values, &x.done, err));
	c->action = STR("reseal");
	c->subject = STR("kept");
	c->detail = arena_fmt(c->a, "values:%lld", (long long)x.values);
	x.at.kind = arena_str(x.a, x.at.kind);
	x.at.name = arena_str(x.a, x.at.name);
	*into = x;
	return RC_OK;
}

/* Drafts, views and mappings of columns (guard/kept.h). */
static enum rc desks(struct city *c, const struct actor *actor, int64_t *values, struct err *err)
{
	struct arena kept = {0};
	struct desk x = {.a = &kept, .at = {.owner = INT64_MIN}};
	enum rc rc = RC_OK;
	while (rc == RC_OK && !x.done) {
		struct arena a = {0};
		rc = city_run(c, actor, &a, (str){NULL, 0}, desk_job, &x, err);
		arena_done(&a);
		*values += rc == RC_OK ? x.values : 0;
	}
	arena_done(&kept);
	return rc;
}

enum rc reseal_all(struct city *c, const struct actor *actor, void (*told)(void *user, int64_t values),
	void *user, int64_t *out_values, struct err *err)
{
	*out_values = 0;
	if (!actor_is_operator(actor))
		return FAIL(err, RC_DENIED, "only the operator moves sealed values to another form");
	for (size_t i = 0; i < c->model->regs_n; i++)
		for (int history = 0; history < 2; history++) {
			struct slice x = {.reg = &c->model->regs[i], .history = history};
			while (!x.done) {
				struct arena a = {0};
				enum rc rc = city_run(c, actor, &a, (str){NULL, 0}, slice_job, &x, err);
				arena_done(&a);
				TRY(rc);
				*out_values += x.values;
				if (told)
					told(user, *out_values);
			}
		}
	return desks(c, actor, out_values, err);
}
