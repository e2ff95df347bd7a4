/* watch.c -- see watch.h. */
#include "web/watch.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

struct watch {
	atomic_llong since_us[WATCH_THREADS_MAX]; /* 0: reads nothing */
	atomic_int used;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, ending;
};

static _Thread_local int slot = -1;

static void look(struct watch *w, int64_t warned_s[WATCH_THREADS_MAX])
{
	int64_t now = clock_mono_us();
	for (int i = 0; i < WATCH_THREADS_MAX; i++) {
		int64_t since = atomic_load(&w->since_us[i]), s = since ? (now - since) / 1000000 : 0;
		if (s >= warned_s[i] + WATCH_WARN_S) {
			warned_s[i] = s;
			char line[128];
			snprintf(line, sizeof line, "{\"at\":%lld,\"reader_s\":%lld,\"thread\":%d}\n",
				(long long)clock_now_ms(), (long long)s, i);
			log_line(str_of(line));
		} else if (s < warned_s[i]) {
			warned_s[i] = 0;
		}
	}
}

static void *run(void *arg)
{
	struct watch *w = arg;
	int64_t warned_s[WATCH_THREADS_MAX] = {0};
	pthread_mutex_lock(&w->lock);
	while (!w->ending) {
		int64_t at = clock_mono_us() + 5000000;
		struct timespec until = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
		pthread_cond_timedwait(&w->wake, &w->lock, &until);
		look(w, warned_s);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct watch *watch_new(void)
{
	struct watch *w = mem_resize(NULL, sizeof *w);
	pthread_condattr_t monotonic;
	memset(w, 0, sizeof *w);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	w->running = pthread_create(&w->thread, NULL, run, w) == 0;
	return w;
}

void watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->running)
		pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	mem_resize(w, 0);
}

void watch_begin(struct watch *w)
{
	if (slot < 0)
		slot = atomic_fetch_add(&w->used, 1);
	if (slot < WATCH_THREADS_MAX)
		atomic_store(&w->since_us[slot], clock_mono_us());
}

void watch_end(struct watch *w)
{
	if (slot >= 0 && slot < WATCH_THREADS_MAX)
		atomic_store(&w->since_us[slot], 0);
}

int64_t watch_oldest_us(struct watch *w)
{
	int64_t oldest = 0;
	for (int i = 0; i < WATCH_THREADS_MAX; i++) {
		int64_t since = atomic_load(&w->since_us[i]);
		if (since && (oldest == 0 || since < oldest))
			oldest = since;
	}
	return oldest ? clock_mono_us() - oldest : 0;
}
