/* frozen.c -- see frozen.h. */
#include "figure/frozen.h"
#include "base/merkle.h"

static const char Q_LATEST[] =
	"SELECT id, revision, at, template_digest, body, document, head FROM edition"
	" WHERE period = ?1 AND org = ?2 AND template = ?3 ORDER BY revision DESC LIMIT 1";
static const char Q_LIST[] = "SELECT id, revision, at, template, body FROM edition"
			     " WHERE period = ?1 AND org = ?2 ORDER BY id DESC LIMIT 100";
static const char Q_OF_ORG[] =
	"SELECT id, revision, at, template, body, period FROM edition WHERE org = ?1 ORDER BY id DESC";
static const char Q_GET[] =
	"SELECT id, revision, at, template_digest, body, document, head, period, org, template"
	" FROM edition WHERE id = ?1";
static const char Q_BODIES[] = "SELECT id, body, head FROM edition ORDER BY id";
static const char Q_ADD[] = "INSERT INTO edition(id, period, org, template, revision, at, actor, "
			    "template_digest, body, document, head)"
			    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

static struct hash hash_from(str blob)
{
	struct hash h = {{0}};
	if (blob.n == HASH_BYTES)
		memcpy(h.b, blob.p, HASH_BYTES);
	return h;
}

static void take(struct arena *a, struct stmt *s, struct frozen *out)
{
	out->id = stmt_i64(s, 0);
	out->revision = stmt_i64(s, 1);
	out->at_ms = stmt_i64(s, 2);
	out->template_digest = hash_from(stmt_blob(s, 3));
	out->body = stmt_str(a, s, 4);
	out->document = arena_str(a, stmt_blob(s, 5));
	out->head = hash_from(stmt_blob(s, 6));
}

enum rc frozen_latest(struct arena *a, struct db *db, str period, int64_t org, str template_name,
	struct frozen *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_LATEST, &s, err));
	stmt_bind_text(s, 1, period);
	stmt_bind_i64(s, 2, org);
	stmt_bind_text(s, 3, template_name);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_NOT_FOUND;
	*out = (struct frozen){.org = org, .period = period, .template_name = template_name};
	take(a, s, out);
	stmt_reset(s);
	return RC_OK;
}

enum rc frozen_get(struct arena *a, struct db *db, int64_t id, struct frozen *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_GET, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_NOT_FOUND;
	*out = (struct frozen){
		.period = stmt_str(a, s, 7), .org = stmt_i64(s, 8), .template_name = stmt_str(a, s, 9)};
	take(a, s, out);
	stmt_reset(s);
	return RC_OK;
}

enum rc frozen_list(struct arena *a, struct db *db, str period, int64_t org, struct frozen **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_LIST, &s, err));
	stmt_bind_text(s, 1, period);
	stmt_bind_i64(s, 2, org);
	for (bool row;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct frozen){.id = stmt_i64(s, 0),
			.revision = stmt_i64(s, 1),
			.at_ms = stmt_i64(s, 2),
			.template_name = stmt_str(a, s, 3),
			.body = stmt_str(a, s, 4),
			.period = period,
			.org = org};
	}
}

enum rc frozen_named(struct arena *a, struct db *db, int64_t org, str head, str tail, struct frozen **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_OF_ORG, &s, err));
	stmt_bind_i64(s, 1, org);
	for (bool row; *out_n < FROZEN_NAMED_MAX;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		str name = stmt_text(s, 3);
		if (!str_starts(name, head) || !str_ends(name, tail) || name.n < head.n + tail.n)
			continue;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct frozen){.id = stmt_i64(s, 0),
			.revision = stmt_i64(s, 1),
			.at_ms = stmt_i64(s, 2),
			.template_name = stmt_str(a, s, 3),
			.body = stmt_str(a, s, 4),
			.period = stmt_str(a, s, 5),
			.org = org};
	}
	stmt_reset(s);
	return RC_OK;
}

/* The log over all bodies; visit is called after each. */
static enum rc walk(struct db *db, struct merkle *m, int64_t *out_last, int64_t *out_bad, struct err *err)
{
	struct stmt *s;
	bool row;
	merkle_init(m, HASH_SHA256);
	*out_last = *out_bad = 0;
	TRY(db_prepare(db, Q_BODIES, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct hash leaf = merkle_leaf(HASH_SHA256, stmt_text(s, 1));
		merkle_add(m, &leaf);
		struct hash root = merkle_root(m), head = hash_from(stmt_blob(s, 2));
		*out_last = stmt_i64(s, 0);
		if (*out_bad == 0 && !hash_eq(&root, &head))
			*out_bad = *out_last;
	}
}

enum rc frozen_add(struct job_ctx *c, struct frozen *f, struct err *err)
{
	struct merkle m;
	struct stmt *s;
	int64_t last, bad;
	TRY(walk(c->db, &m, &last, &bad, err));
	if (bad != 0)
		return FAIL(err, RC_IO,
			"the frozen report %lld does not agree with its head; run “qinghe check”",
			(long long)bad);
	struct hash leaf = merkle_leaf(HASH_SHA256, f->body);
	merkle_add(&m, &leaf);
	f->id = last + 1;
	f->head = merkle_root(&m);
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, f->id);
	stmt_bind_text(s, 2, f->period);
	stmt_bind_i64(s, 3, f->org);
	stmt_bind_text(s, 4, f->template_name);
	stmt_bind_i64(s, 5, f->revision);
	stmt_bind_i64(s, 6, f->at_ms);
	stmt_bind_i64(s, 7, c->actor->person);
	stmt_bind_blob(s, 8, (str){(const char *)f->template_digest.b, HASH_BYTES});
	stmt_bind_text(s, 9, f->body);
	if (f->document.n > 0)
		stmt_bind_blob(s, 10, f->document);
	else
		stmt_bind_null(s, 10);
	stmt_bind_blob(s, 11, (str){(const char *)f->head.b, HASH_BYTES});
	return stmt_run(s, err);
}

enum rc frozen_check(struct arena *a, struct db *db, int64_t *out_n, int64_t *out_bad, struct err *err)
{
	struct merkle m;
	int64_t last;
	(void)a;
	TRY(walk(db, &m, &last, out_bad, err));
	*out_n = (int64_t)m.size;
	return RC_OK;
}
