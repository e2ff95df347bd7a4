/* keystore_shred.c -- keys destroyed, and the notes of it (keystore.h). */
#include "guard/keystore_in.h"

static const char K_KEY_OF[] = "SELECT kid, generation, wrapped FROM dek WHERE kind = ?1 AND subject = ?2";
static const char K_KEY_END[] = "DELETE FROM dek WHERE kind = ?1 AND subject = ?2";
static const char K_NOTE_ADD[] =
	"INSERT INTO shredded VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (kind, subject) DO UPDATE SET"
	" kid = CASE WHEN shredded.kid = 0 THEN excluded.kid ELSE shredded.kid END, settled = 0";
static const char K_NOTES[] =
	"SELECT kind, subject, kid, at, settled FROM shredded WHERE settled <= ?1 ORDER BY at, kind, subject";
static const char K_NOTE_SETTLED[] = "UPDATE shredded SET settled = 1 WHERE kind = ?1 AND subject = ?2";
static const char K_NOTES_OPEN[] = "UPDATE shredded SET settled = 0";
static const char K_NOTES_KEYS[] = "DELETE FROM dek WHERE EXISTS (SELECT 1 FROM shredded s"
				   " WHERE s.kind = dek.kind AND s.subject = dek.subject)";

static enum rc add_note(
	struct keystore *k, str kind, int64_t subject, uint32_t kid, int64_t at_ms, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(k->w, K_NOTE_ADD, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	stmt_bind_i64(s, 3, kid);
	stmt_bind_i64(s, 4, at_ms);
	return stmt_run(s, err);
}

static enum rc shred(struct keystore *k, str kind, int64_t subject, int64_t now_ms, struct err *err)
{
	struct stmt *s;
	bool there = false;
	TRY(ks_begin(k, err));
	TRY(db_prepare(k->w, K_KEY_OF, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	TRY(stmt_step(s, &there, err));
	uint32_t kid = there ? (uint32_t)stmt_i64(s, 0) : 0;
	stmt_reset(s);
	TRY(add_note(k, kind, subject, kid, now_ms, err));
	TRY(db_prepare(k->w, K_KEY_END, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	TRY(stmt_run(s, err));
	return ks_epoch_on(k, err);
}

/* What the log and free pages still hold goes as well; a reader that stands in the way leaves it to the next time. */
enum rc ks_empty_log(struct keystore *k, struct err *err)
{
	return db_exec(k->w, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

enum rc keystore_shred(struct keystore *k, str kind, int64_t subject, int64_t now_ms, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_finish(k, shred(k, kind, subject, now_ms, err), err);
	if (rc == RC_OK)
		rc = ks_empty_log(k, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc notes(struct keystore *k, struct arena *a, bool open_only, struct shred_note **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	enum rc rc;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(k->r, K_NOTES, &s, err));
	stmt_bind_i64(s, 1, open_only ? 0 : 1);
	while (stmt_next(s, &rc, err)) {
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct shred_note){.kind = stmt_str(a, s, 0),
			.subject = stmt_i64(s, 1),
			.kid = (uint32_t)stmt_i64(s, 2),
			.at_ms = stmt_i64(s, 3),
			.settled = stmt_i64(s, 4) != 0};
	}
	return rc;
}

enum rc keystore_notes(struct keystore *k, struct arena *a, bool open_only, struct shred_note **out,
	size_t *out_n, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = notes(k, a, open_only, out, out_n, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc settled(struct keystore *k, str kind, int64_t subject, struct err *err)
{
	struct stmt *s;
	TRY(ks_begin(k, err));
	TRY(db_prepare(k->w, K_NOTE_SETTLED, &s, err));
	stmt_bind_text(s, 1, kind);
	stmt_bind_i64(s, 2, subject);
	return stmt_run(s, err);
}

enum rc keystore_settled(struct keystore *k, str kind, int64_t subject, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_finish(k, settled(k, kind, subject, err), err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

static enum rc replay(struct keystore *k, const struct shred_note *from, size_t n, struct err *err)
{
	TRY(ks_begin(k, err));
	for (size_t i = 0; i < n; i++)
		TRY(add_note(k, from[i].kind, from[i].subject, from[i].kid, from[i].at_ms, err));
	TRY(ks_run(k->w, K_NOTES_OPEN, KS_NOTHING, err));
	TRY(ks_run(k->w, K_NOTES_KEYS, KS_NOTHING, err));
	return ks_epoch_on(k, err);
}

enum rc keystore_replay(struct keystore *k, const struct shred_note *from, size_t n, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	enum rc rc = ks_finish(k, replay(k, from, n, err), err);
	if (rc == RC_OK)
		rc = ks_empty_log(k, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}
