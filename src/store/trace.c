/* trace.c -- see probe.h. db.c calls these where a statement steps, is reset and commits: there it is known what a
 * wrapping engine would have to guess, whether a row loop goes on or was left early. */
#include "base/clock.h"
#include "store/engine.h"
#include "store/probe.h"
#include <pthread.h>
#include <stdatomic.h>

static struct {
	pthread_mutex_t lock;
	void (*told)(void *user, const struct db_traced *t);
	void *user;
} trace = {.lock = PTHREAD_MUTEX_INITIALIZER};
static atomic_bool wanted;

void db_trace(void (*told)(void *user, const struct db_traced *t), void *user)
{
	pthread_mutex_lock(&trace.lock);
	trace.told = told;
	trace.user = user;
	wanted = told != NULL;
	pthread_mutex_unlock(&trace.lock);
}

int64_t trace_begin(void)
{
	return wanted ? clock_mono_us() : 0;
}

void trace_stepped(struct stmt *s, int64_t began, enum rc rc, bool row)
{
	if (began == 0)
		return;
	s->took_us += clock_mono_us() - began;
	s->steps++;
	s->rows += rc == RC_OK && row;
	s->failed = rc != RC_OK;
}

static void tell(const struct db_traced *t)
{
	pthread_mutex_lock(&trace.lock);
	if (trace.told)
		trace.told(trace.user, t);
	pthread_mutex_unlock(&trace.lock);
}

void trace_ended(struct stmt *s)
{
	if (s->steps == 0)
		return;
	tell(&(struct db_traced){s->sql, s->took_us, s->rows, s->failed});
	s->took_us = s->rows = s->steps = 0;
}

void trace_committed(int64_t began, enum rc rc)
{
	if (began)
		tell(&(struct db_traced){"COMMIT", clock_mono_us() - began, 0, rc != RC_OK});
}
