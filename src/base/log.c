/* log.c -- see log.h. Two buffers: one is being filled while the thread writes the other. */
#include "base/log.h"
#include "base/buf.h"
#include "base/clock.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* All but the buffers' bytes lives for ever: a thread that stands in write() may outlive log_stop. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t some, none;
	pthread_t thread;
	struct buf waiting;
	int64_t lost_untold;
	bool on, ending, idle, detached;
} l = {.lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER};

static atomic_int_fast64_t lost;

int64_t log_lost(void)
{
	return atomic_load(&lost);
}

static void put(str s)
{
	while (s.n > 0) {
		ssize_t n = write(STDERR_FILENO, s.p, s.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s = str_from(s, (size_t)n);
	}
}

static void *writer(void *arg)
{
	(void)arg;
	struct buf mine = {0};
	pthread_mutex_lock(&l.lock);
	for (;;) {
		while (l.waiting.n == 0 && !l.ending) {
			l.idle = true;
			pthread_cond_signal(&l.none);
			pthread_cond_wait(&l.some, &l.lock);
		}
		if (l.waiting.n == 0)
			break;
		l.idle = false;
		struct buf full = l.waiting;
		l.waiting = mine;
		mine = full;
		int64_t untold = l.lost_untold;
		l.lost_untold = 0;
		pthread_mutex_unlock(&l.lock);
		put(buf_str(&mine));
		buf_clear(&mine);
		if (untold) {
			buf_printf(&mine, "{\"at\":%lld,\"log_lines_lost\":%lld}\n",
				(long long)clock_now_ms(), (long long)untold);
			put(buf_str(&mine));
			buf_clear(&mine);
		}
		pthread_mutex_lock(&l.lock);
	}
	l.idle = true;
	pthread_cond_signal(&l.none);
	pthread_mutex_unlock(&l.lock);
	buf_done(&mine);
	return NULL;
}

bool log_start(void)
{
	pthread_mutex_lock(&l.lock);
	if (!l.on && !l.detached) {
		pthread_condattr_t monotonic;
		pthread_condattr_init(&monotonic);
		pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
		pthread_cond_init(&l.none, &monotonic);
		pthread_condattr_destroy(&monotonic);
		l.ending = l.idle = false;
		l.on = pthread_create(&l.thread, NULL, writer, NULL) == 0;
	}
	bool on = l.on;
	pthread_mutex_unlock(&l.lock);
	return on;
}

void log_line(str line)
{
	pthread_mutex_lock(&l.lock);
	bool on = l.on;
	if (on && l.waiting.n + line.n > LOG_WAITING_MAX_BYTES) {
		l.lost_untold++;
		atomic_fetch_add(&lost, 1);
	} else if (on) {
		buf_add(&l.waiting, line);
		pthread_cond_signal(&l.some);
	}
	pthread_mutex_unlock(&l.lock);
	if (!on)
		put(line);
}

void log_stop(void)
{
	int64_t at = clock_mono_us() + LOG_STOP_MAX_MS * INT64_C(1000);
	struct timespec until = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
	pthread_mutex_lock(&l.lock);
	if (!l.on) {
		pthread_mutex_unlock(&l.lock);
		return;
	}
	l.on = false;
	l.ending = true;
	pthread_cond_signal(&l.some);
	int rc = 0;
	while ((l.waiting.n > 0 || !l.idle) && rc == 0)
		rc = pthread_cond_timedwait(&l.none, &l.lock, &until);
	l.detached = rc != 0;
	pthread_mutex_unlock(&l.lock);
	if (l.detached)
		pthread_detach(l.thread);
	else
		pthread_join(l.thread, NULL);
	if (!l.detached)
		buf_done(&l.waiting);
}
