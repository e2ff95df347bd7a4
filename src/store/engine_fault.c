/* engine_fault.c -- see probe.h. The table shown is the real engine's with the calls that can fail replaced; the
 * connection and its statements are the real engine's own. */
#include "store/engine.h"
#include "store/probe.h"
#include <pthread.h>
#include <string.h>

enum { ENGINES_MAX = 4 };

static struct {
	pthread_mutex_t lock;
	enum db_fault_kind kind;
	int left; /* calls of that kind until it strikes; 0: struck already */
	bool stays;
	int fired;
	const struct db *dead; /* the connection that is gone */
	struct worn {
		struct engine shown;
		const struct engine *real;
	} worn[ENGINES_MAX];
} f = {.lock = PTHREAD_MUTEX_INITIALIZER};

void db_fault(enum db_fault_kind kind, int nth, bool stays)
{
	pthread_mutex_lock(&f.lock);
	f.kind = kind;
	f.left = nth;
	f.stays = stays;
	f.fired = 0;
	f.dead = NULL;
	pthread_mutex_unlock(&f.lock);
}

int db_faults_fired(void)
{
	pthread_mutex_lock(&f.lock);
	int n = f.fired;
	pthread_mutex_unlock(&f.lock);
	return n;
}

bool fault_wanted(void)
{
	pthread_mutex_lock(&f.lock);
	bool wanted = f.kind != FAULT_NONE;
	pthread_mutex_unlock(&f.lock);
	return wanted;
}

static const struct engine *real_of(const struct db *db)
{
	return ((const struct worn *)(const void *)db->engine)->real;
}

/* Does this call of one of the kinds (a set of bits) fail? */
static enum db_fault_kind strikes(const struct db *db, unsigned kinds)
{
	enum db_fault_kind struck = FAULT_NONE;
	pthread_mutex_lock(&f.lock);
	if (f.dead == db) {
		struck = FAULT_CONNECTION;
	} else if (kinds >> f.kind & 1U && f.kind != FAULT_NONE) {
		if (f.left > 0 && --f.left == 0)
			struck = f.kind;
		else if (f.left == 0 && f.stays)
			struck = f.kind;
		f.fired += struck != FAULT_NONE;
		if (struck == FAULT_CONNECTION)
			f.dead = db;
	}
	pthread_mutex_unlock(&f.lock);
	return struck;
}

static bool is_dead(const struct db *db)
{
	pthread_mutex_lock(&f.lock);
	bool dead = f.dead == db;
	pthread_mutex_unlock(&f.lock);
	return dead;
}

/* RC_OK: it is the real engine's turn. */
static enum rc asked(struct stmt *s, struct err *err)
{
	const struct engine *real = real_of(s->db);
	bool open = real->in_transaction(s->db);
	switch (strikes(s->db, 1U << FAULT_STATEMENT | 1U << FAULT_TRANSACTION | 1U << FAULT_CONNECTION)) {
	case FAULT_NONE:
	case FAULT_COMMIT_LOST:
	case FAULT_COMMIT_DONE:
		return RC_OK;
	case FAULT_TRANSACTION:
	case FAULT_CONNECTION:
		real->reset(s->h);
		if (open)
			(void)!real->exec(s->db, "ROLLBACK", NULL);
		break;
	case FAULT_STATEMENT:
		break;
	}
	return FAIL(err, RC_IO, "a fault was asked for");
}

static enum rc step(struct stmt *s, bool *out_row, struct err *err)
{
	TRY(asked(s, err));
	return real_of(s->db)->step(s, out_row, err);
}

static enum rc run(struct stmt *s, struct err *err)
{
	TRY(asked(s, err));
	return real_of(s->db)->run(s, err);
}

static enum rc flush(struct db *db, struct err *err)
{
	if (is_dead(db))
		return FAIL(err, RC_IO, "a fault was asked for");
	return real_of(db)->flush(db, err);
}

static bool lost(struct db *db)
{
	return is_dead(db) || real_of(db)->lost(db);
}

static enum rc commit(struct db *db, struct err *err)
{
	const struct engine *real = real_of(db);
	enum db_fault_kind kind =
		strikes(db, 1U << FAULT_COMMIT_LOST | 1U << FAULT_COMMIT_DONE | 1U << FAULT_CONNECTION);
	if (kind == FAULT_NONE)
		return real->commit(db, err);
	if (kind == FAULT_COMMIT_DONE)
		TRY(real->commit(db, err));
	else
		(void)!real->exec(db, "ROLLBACK", NULL);
	return FAIL(err, RC_UNKNOWN, "a fault was asked for");
}

static enum rc exec(struct db *db, const char *sql, struct err *err)
{
	if (is_dead(db))
		return FAIL(err, RC_IO, "a fault was asked for");
	return real_of(db)->exec(db, sql, err);
}

static bool in_transaction(struct db *db)
{
	return !is_dead(db) && real_of(db)->in_transaction(db);
}

static void close_it(struct db *db)
{
	pthread_mutex_lock(&f.lock);
	if (f.dead == db)
		f.dead = NULL; /* another connection may get its address */
	pthread_mutex_unlock(&f.lock);
	real_of(db)->close(db);
}

void fault_wear(struct db *db)
{
	pthread_mutex_lock(&f.lock);
	struct worn *w = f.worn;
	while (w->real && w->real != db->engine)
		w++;
	if (w->real == NULL) {
		w->real = db->engine;
		w->shown = *db->engine;
		w->shown.step = step;
		w->shown.run = db->engine->run ? run : NULL;
		w->shown.flush = db->engine->flush ? flush : NULL;
		w->shown.lost = db->engine->lost ? lost : NULL;
		w->shown.commit = commit;
		w->shown.exec = exec;
		w->shown.in_transaction = in_transaction;
		w->shown.close = close_it;
	}
	db->engine = &w->shown;
	pthread_mutex_unlock(&f.lock);
}
