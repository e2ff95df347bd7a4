/* patience.c -- see patience.h. Two lists under one lock: all connections but those that were answered, looked at each second;
 * and the answered ones, longest waiting first. */
#include "net/patience.h"
#include "base/arena.h"
#include "base/clock.h"
#include "net/http.h"
#include <pthread.h>
#include <sys/socket.h>

struct waiting {
	struct waiting *next, *before;
	struct line *in;
	int64_t deadline_us; /* 0: a request is at hand, or it is shut */
	int socket;
};

struct line {
	struct waiting *first, *last;
	int n;
};

struct patience {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct line others, kept;
	bool ending, running;
};

static void put_last(struct line *l, struct waiting *w)
{
	w->in = l;
	w->next = NULL;
	w->before = l->last;
	if (l->last)
		l->last->next = w;
	else
		l->first = w;
	l->last = w;
	l->n++;
}

static void take_out(struct waiting *w)
{
	struct line *l = w->in;
	if (w->before)
		w->before->next = w->next;
	else
		l->first = w->next;
	if (w->next)
		w->next->before = w->before;
	else
		l->last = w->before;
	l->n--;
}

static void shut(struct waiting *w)
{
	w->deadline_us = 0;
	shutdown(w->socket, SHUT_RDWR);
}

static void shut_late(struct line *l, int64_t now_us)
{
	for (struct waiting *w = l->first; w; w = w->next)
		if (w->deadline_us && now_us > w->deadline_us)
			shut(w);
}

static void *watch(void *arg)
{
	struct patience *p = arg;
	pthread_mutex_lock(&p->lock);
	while (!p->ending) {
		int64_t at = clock_mono_us() + 1000000;
		struct timespec until = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
		pthread_cond_timedwait(&p->wake, &p->lock, &until);
		int64_t now = clock_mono_us();
		shut_late(&p->others, now);
		shut_late(&p->kept, now);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct patience *patience_new(void)
{
	struct patience *p = mem_resize(NULL, sizeof *p);
	pthread_condattr_t monotonic;
	*p = (struct patience){0};
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	p->running = pthread_create(&p->thread, NULL, watch, p) == 0;
	return p;
}

void patience_free(struct patience *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	if (p->running)
		pthread_join(p->thread, NULL);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	mem_resize(p, 0);
}

void patience_connection(
	void *user, struct MHD_Connection *c, void **state, enum MHD_ConnectionNotificationCode what)
{
	struct patience *p = user;
	struct waiting *w = *state;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *i =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		w = mem_resize(NULL, sizeof *w);
		*w = (struct waiting){.deadline_us = clock_mono_us() + HTTP_HEAD_MAX_S * INT64_C(1000000),
			.socket = i ? i->connect_fd : -1};
		pthread_mutex_lock(&p->lock);
		put_last(&p->others, w);
		pthread_mutex_unlock(&p->lock);
		*state = w;
	} else if (w) { /* before the socket closes: its number is still its own */
		pthread_mutex_lock(&p->lock);
		take_out(w);
		pthread_mutex_unlock(&p->lock);
		mem_resize(w, 0);
		*state = NULL;
	}
}

static void move(struct patience *p, struct MHD_Connection *c, struct line *to, int64_t deadline_us)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct waiting *w = i ? i->socket_context : NULL;
	if (w == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	take_out(w);
	put_last(to, w);
	w->deadline_us = deadline_us;
	if (to == &p->kept && to->n > HTTP_KEPT_MAX) {
		struct waiting *longest = to->first;
		take_out(longest);
		put_last(&p->others, longest);
		shut(longest);
	}
	pthread_mutex_unlock(&p->lock);
}

void patience_asked(struct patience *p, struct MHD_Connection *c)
{
	move(p, c, &p->others, 0);
}

void patience_answered(struct patience *p, struct MHD_Connection *c)
{
	move(p, c, &p->kept, clock_mono_us() + (HTTP_IDLE_MAX_S + HTTP_HEAD_MAX_S) * INT64_C(1000000));
}
