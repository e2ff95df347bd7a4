/* kept.c -- see kept.h. */
#include "guard/kept.h"

static const char Q_PUT[] =
	"INSERT INTO kept(owner, kind, name, at, body) VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT (owner, kind, name) DO UPDATE SET at = excluded.at, body = excluded.body";
static const char Q_DROP[] = "DELETE FROM kept WHERE owner = ?1 AND kind = ?2 AND name = ?3";
static const char Q_SWEEP[] = "DELETE FROM kept WHERE kind = 'draft' AND at < ?1";
static const char Q_GET[] = "SELECT body, at FROM kept WHERE owner = ?1 AND kind = ?2 AND name = ?3";
static const char Q_SLICE[] = "SELECT owner, kind, name, body FROM kept WHERE owner > ?1 OR (owner = ?1 AND "
			      "(kind > ?2 OR (kind = ?2 AND name > ?3)))"
			      " ORDER BY owner, kind, name LIMIT 200";
static const char Q_BODY[] = "UPDATE kept SET body = ?4 WHERE owner = ?1 AND kind = ?2 AND name = ?3";
static const char Q_LIST[] = "SELECT name, body, at FROM kept WHERE owner = ?1 AND kind = ?2 AND name >= ?3"
			     " ORDER BY name LIMIT 100";

/* Under the person's own key: it goes with the person. The name is part of the column, so that a body moved to another
 * name does not open. */
static struct seal_place place_of(struct arena *a, int64_t owner, const char *kind, str name)
{
	return (struct seal_place){.table = STR("kept"),
		.column = arena_fmt(a, "%s.%.*s", kind, STR_ARG(name)),
		.kind = owner > 0 ? SEAL_PERSON : SEAL_CITY,
		.subject = owner > 0 ? owner : 0,
		.row = owner};
}

static void bind_name(struct stmt *s, int64_t owner, const char *kind, str name)
{
	stmt_bind_i64(s, 1, owner);
	stmt_bind_text(s, 2, str_of(kind));
	stmt_bind_text(s, 3, name);
}

enum rc kept_put(struct job_ctx *c, struct seal *seal, int64_t owner, const char *kind, str name, str body,
	struct err *err)
{
	struct stmt *s;
	if (name.n > KEPT_NAME_MAX_BYTES || body.n > KEPT_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "this is too long to be kept");
	TRY(db_prepare(c->db, Q_SWEEP, &s, err));
	stmt_bind_i64(s, 1, c->now_ms - (int64_t)KEPT_DRAFT_DAYS * 86400000);
	TRY(stmt_run(s, err));
	TRY(db_prepare(c->db, Q_PUT, &s, err));
	bind_name(s, owner, kind, name);
	stmt_bind_i64(s, 4, c->now_ms);
	struct seal_place at = place_of(c->a, owner, kind, name);
	str envelope;
	TRY(seal_put(c->a, seal, &at, body, &envelope, err));
	stmt_bind_blob(s, 5, envelope);
	return stmt_run(s, err);
}

enum rc kept_drop(struct job_ctx *c, int64_t owner, const char *kind, str name, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_DROP, &s, err));
	bind_name(s, owner, kind, name);
	return stmt_run(s, err);
}

enum rc kept_get(struct db *db, struct arena *a, struct seal *seal, int64_t owner, const char *kind, str name,
	struct kept *out, bool *out_there, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_GET, &s, err));
	bind_name(s, owner, kind, name);
	TRY(stmt_step(s, out_there, err));
	if (!*out_there)
		return RC_OK;
	*out = (struct kept){.name = name, .at_ms = stmt_i64(s, 1)};
	struct seal_place at = place_of(a, owner, kind, name);
	enum rc rc = seal_get(a, seal, &at, stmt_blob(s, 0), &out->body, err);
	stmt_reset(s);
	return rc;
}

enum rc kept_list(struct db *db, struct arena *a, struct seal *seal, int64_t owner, const char *kind,
	str head, struct kept **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	struct kept *list = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(db, Q_LIST, &s, err));
	bind_name(s, owner, kind, head);
	while (stmt_next(s, &rc, err)) {
		str name = stmt_str(a, s, 0);
		if (!str_starts(name, head)) {
			stmt_reset(s);
			break;
		}
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n] = (struct kept){.name = name, .at_ms = stmt_i64(s, 2)};
		struct seal_place at = place_of(a, owner, kind, name);
		rc = seal_get(a, seal, &at, stmt_blob(s, 1), &list[n].body, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		n++;
	}
	TRY(rc);
	*out = list;
	*out_n = n;
	return RC_OK;
}

static enum rc body_anew(struct job_ctx *c, struct seal *seal, const struct kept_at *at, str body,
	int64_t *values, struct err *err)
{
	struct seal_place place = place_of(c->a, at->owner, arena_cstr(c->a, at->kind), at->name);
	struct stmt *s;
	str plain, envelope;
	if (seal_is_current(seal, body))
		return RC_OK;
	enum rc rc = seal_get(c->a, seal, &place, body, &plain, err);
	if (rc == RC_NOT_FOUND) /* its person was shredded */
		return RC_OK;
	TRY(rc);
	TRY(seal_put(c->a, seal, &place, plain, &envelope, err));
	TRY(db_prepare(c->db, Q_BODY, &s, err));
	bind_name(s, at->owner, arena_cstr(c->a, at->kind), at->name);
	stmt_bind_blob(s, 4, envelope);
	++*values;
	return stmt_run(s, err);
}

enum rc kept_reseal(struct job_ctx *c, struct seal *seal, struct kept_at *at, int64_t *out_values,
	bool *out_done, struct err *err)
{
	struct {
		struct kept_at at;
		str body;
	} list[200];
	struct stmt *s;
	size_t n = 0;
	bool row = true;
	TRY(db_prepare(c->db, Q_SLICE, &s, err));
	bind_name(s, at->owner, arena_cstr(c->a, at->kind), at->name);
	while (n < 200) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		list[n].at = (struct kept_at){stmt_i64(s, 0), stmt_str(c->a, s, 1), stmt_str(c->a, s, 2)};
		list[n++].body = arena_str(c->a, stmt_blob(s, 3));
	}
	if (row)
		stmt_reset(s);
	for (size_t i = 0; i < n; i++)
		TRY(body_anew(c, seal, &list[i].at, list[i].body, out_values, err));
	*out_done = n < 200;
	if (n)
		*at = list[n - 1].at;
	return RC_OK;
}
