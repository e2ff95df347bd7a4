/* keystore_rotate.c -- the whole store: its state, new generations, verification, orphans, a copy (keystore.h). */
#include "guard/keystore_in.h"
#include <sodium.h>
#include <stdio.h>

enum { SLICE = 2000 };

static const char K_GENERATION_LAST[] = "SELECT n, made_at FROM generation ORDER BY n DESC LIMIT 1";
static const char K_GENERATIONS_END[] = "DELETE FROM generation WHERE n < ?1";
static const char K_KEY_END[] = "DELETE FROM dek WHERE kind = ?1 AND subject = ?2";
static const char K_KEYS_OLD[] =
	"SELECT kid, kind, subject, generation, wrapped FROM dek WHERE generation < ?1 LIMIT ?2";
static const char K_KEYS[] =
	"SELECT kid, kind, subject, generation, wrapped FROM dek WHERE kid > ?1 ORDER BY kid LIMIT ?2";
static const char K_KEY_WRAP[] = "UPDATE dek SET generation = ?2, wrapped = ?3 WHERE kid = ?1";
static const char K_KIND[] =
	"SELECT subject FROM dek WHERE kind = ?1 AND subject > ?2 ORDER BY subject LIMIT ?3";
static const char K_COUNTS[] = "SELECT (SELECT COUNT(*) FROM dek), (SELECT COUNT(*) FROM shredded)";

enum rc keystore_state(struct keystore *k, struct keystore_state *out, struct err *err)
{
	struct stmt *s;
	bool row = false;
	pthread_mutex_lock(&k->lock);
	enum rc rc = db_prepare(k->r, K_COUNTS, &s, err);
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	*out = (struct keystore_state){.suite = k->suite};
	if (rc == RC_OK && row) {
		out->keys = stmt_i64(s, 0);
		out->shredded = stmt_i64(s, 1);
		stmt_reset(s);
		rc = db_prepare(k->r, K_GENERATION_LAST, &s, err);
	}
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	if (rc == RC_OK && row) {
		out->generation = stmt_i64(s, 0);
		out->generation_at_ms = stmt_i64(s, 1);
		stmt_reset(s);
	}
	pthread_mutex_unlock(&k->lock);
	return rc;
}

struct listed {
	int64_t kid, subject, generation;
	char kind[KEYSTORE_KIND_MAX_BYTES];
	size_t kind_n, wrapped_n;
	char wrapped[KS_WRAPPED_MAX_BYTES];
};

static enum rc list(
	struct db *db, const char *sql, int64_t from, struct listed *out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_n = 0;
	TRY(db_prepare(db, sql, &s, err));
	stmt_bind_i64(s, 1, from);
	stmt_bind_i64(s, 2, SLICE);
	while (*out_n < SLICE) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		struct listed *x = &out[(*out_n)++];
		str kind = stmt_text(s, 1), wrapped = str_head(stmt_blob(s, 4), KS_WRAPPED_MAX_BYTES);
		*x = (struct listed){
			stmt_i64(s, 0), stmt_i64(s, 2), stmt_i64(s, 3), {0}, kind.n, wrapped.n, {0}};
		memcpy(x->kind, kind.p, kind.n);
		memcpy(x->wrapped, wrapped.p, wrapped.n);
	}
	stmt_reset(s);
	return RC_OK;
}

static enum rc open_listed(struct keystore *k, const struct listed *x, unsigned char *out, struct err *err)
{
	return ks_open_key(k, (str){x->kind, x->kind_n}, x->subject, x->kid, x->generation,
		(str){x->wrapped, x->wrapped_n}, out, err);
}

static enum rc wrap_anew(struct keystore *k, const struct listed *x, struct err *err)
{
	unsigned char dek[DEK_BYTES], wrapped[KS_WRAPPED_MAX_BYTES];
	const struct generation *g = ks_newest(k);
	struct ks_ad ad = ks_ad((str){x->kind, x->kind_n}, x->subject, x->kid, g->n);
	struct stmt *s;
	TRY(open_listed(k, x, dek, err));
	str made = ks_wrap(k, g->kek, &ad, dek, wrapped);
	sodium_memzero(dek, sizeof dek);
	TRY(db_prepare(k->w, K_KEY_WRAP, &s, err));
	stmt_bind_i64(s, 1, x->kid);
	stmt_bind_i64(s, 2, g->n);
	stmt_bind_blob(s, 3, made);
	return stmt_run(s, err);
}

/* One slice in a transaction of its own, so that writers come in between. */
static enum rc rotate_slice(struct keystore *k, struct listed *rows, size_t *out_n, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_begin(k, err);
	if (rc == RC_OK)
		rc = list(k->w, K_KEYS_OLD, ks_newest(k)->n, rows, out_n, err);
	for (size_t i = 0; rc == RC_OK && i < *out_n; i++)
		rc = wrap_anew(k, &rows[i], err);
	rc = ks_finish(k, rc, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc next_generation(struct keystore *k, int64_t now_ms, struct err *err)
{
	TRY(ks_begin(k, err));
	if (k->ring->n == KS_GENERATIONS_MAX)
		return FAIL(err, RC_LIMIT, "too many generations of keys stand");
	return ks_add_generation(k, ks_newest(k)->n + 1, now_ms, err);
}

static enum rc end_generations(struct keystore *k, struct err *err)
{
	TRY(ks_begin(k, err));
	TRY(ks_run(k->w, K_GENERATIONS_END, ks_newest(k)->n, err));
	return ks_epoch_on(k, err);
}

enum rc keystore_rotate(struct keystore *k, int64_t now_ms, int64_t *out_keys, struct err *err)
{
	struct listed *rows = mem_resize(NULL, SLICE * sizeof *rows);
	size_t n = 0;
	*out_keys = 0;
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_finish(k, next_generation(k, now_ms, err), err);
	pthread_mutex_unlock(&k->lock);
	while (rc == RC_OK) {
		rc = rotate_slice(k, rows, &n, err);
		*out_keys += (int64_t)n;
		if (n == 0)
			break;
	}
	mem_resize(rows, 0);
	TRY(rc);
	pthread_mutex_lock(&k->lock);
	rc = ks_finish(k, end_generations(k, err), err);
	if (rc == RC_OK)
		rc = ks_load_generations(k, k->r, err);
	if (rc == RC_OK)
		rc = ks_empty_log(k, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keystore_verify(struct keystore *k, int64_t *out_keys, int64_t *out_bad, struct err *err)
{
	struct listed *rows = mem_resize(NULL, SLICE * sizeof *rows);
	size_t n = SLICE;
	int64_t from = 0;
	enum rc rc = RC_OK;
	unsigned char dek[DEK_BYTES];
	*out_keys = *out_bad = 0;
	pthread_mutex_lock(&k->lock);
	while (rc == RC_OK && n == SLICE) {
		rc = list(k->r, K_KEYS, from, rows, &n, err);
		for (size_t i = 0; rc == RC_OK && i < n; i++) {
			from = rows[i].kid;
			*out_keys += 1;
			*out_bad += open_listed(k, &rows[i], dek, err) != RC_OK;
		}
	}
	pthread_mutex_unlock(&k->lock);
	sodium_memzero(dek, sizeof dek);
	mem_resize(rows, 0);
	TRY(rc);
	return *out_bad ? FAIL(err, RC_FOUND, "%lld keys of the key store do not open", (long long)*out_bad)
			: RC_OK;
}

static enum rc subjects(
	struct keystore *k, str kind, int64_t after, int64_t *out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	*out_n = 0;
	TRY(db_prepare(k->w, K_KIND, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, after);
	stmt_bind_i64(s, 3, SLICE);
	while (stmt_next(s, &rc, err))
		out[(*out_n)++] = stmt_i64(s, 0);
	return rc;
}

static enum rc sweep(struct keystore *k, str kind,
	enum rc (*stands)(void *user, int64_t subject, bool *out, struct err *err), void *user,
	int64_t *out_gone, struct err *err)
{
	int64_t list_[SLICE], after = INT64_MIN;
	size_t n = SLICE;
	TRY(ks_begin(k, err));
	while (n == SLICE) {
		TRY(subjects(k, kind, after, list_, &n, err));
		for (size_t i = 0; i < n; i++) {
			struct stmt *s;
			bool there = true;
			after = list_[i];
			TRY(stands(user, list_[i], &there, err));
			if (there)
				continue;
			TRY(db_prepare(k->w, K_KEY_END, &s, err));
			stmt_bind_text(s, 1, kind);
			stmt_bind_i64(s, 2, list_[i]);
			TRY(stmt_run(s, err));
			*out_gone += 1;
		}
	}
	return RC_OK;
}

enum rc keystore_sweep(struct keystore *k, str kind,
	enum rc (*stands)(void *user, int64_t subject, bool *out, struct err *err), void *user,
	int64_t *out_gone, struct err *err)
{
	*out_gone = 0;
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_finish(k, sweep(k, kind, stands, user, out_gone, err), err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keystore_copy(struct keystore *k, const char *path, struct err *err)
{
	char sql[4200];
	if (strchr(path, '\'') || strlen(path) > 4000)
		return FAIL(err, RC_INVALID, "no such name for a file: %s", path);
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", path);
	pthread_mutex_lock(&k->lock);
	enum rc rc =
		k->writing ? FAIL(err, RC_CONFLICT, "the key store is being written") : ks_open_w(k, err);
	if (rc == RC_OK)
		rc = db_exec(k->w, sql, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}
