/* press.c -- see press.h. */
#include "net/press.h"
#include "base/arena.h"
#include "net/http.h"
#include <libdeflate.h>
#include <pthread.h>

struct presses {
	pthread_mutex_t lock;
	struct libdeflate_compressor *free[PRESSES_MAX];
	int n;
};

struct presses *presses_new(void)
{
	struct presses *p = mem_resize(NULL, sizeof *p);
	*p = (struct presses){0};
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void presses_free(struct presses *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < p->n; i++)
		libdeflate_free_compressor(p->free[i]);
	pthread_mutex_destroy(&p->lock);
	mem_resize(p, 0);
}

static void zip(struct libdeflate_compressor *press, struct buf *b, str bytes)
{
	buf_clear(b);
	buf_reserve(b, libdeflate_gzip_compress_bound(press, bytes.n));
	if (b->over)
		return;
	b->n = libdeflate_gzip_compress(press, bytes.p, bytes.n, b->p, b->cap - 1);
}

void presses_zip(struct presses *p, struct buf *b, str bytes)
{
	struct libdeflate_compressor *press = NULL;
	buf_clear(b);
	pthread_mutex_lock(&p->lock);
	if (p->n > 0)
		press = p->free[--p->n];
	pthread_mutex_unlock(&p->lock);
	if (press == NULL && (press = libdeflate_alloc_compressor(1)) == NULL)
		return;
	zip(press, b, bytes);
	pthread_mutex_lock(&p->lock);
	bool keep = p->n < PRESSES_MAX;
	if (keep)
		p->free[p->n++] = press;
	pthread_mutex_unlock(&p->lock);
	if (!keep)
		libdeflate_free_compressor(press);
}

void http_gzip(struct buf *b, str bytes, int level)
{
	struct libdeflate_compressor *press = libdeflate_alloc_compressor(level);
	buf_clear(b);
	if (press)
		zip(press, b, bytes);
	libdeflate_free_compressor(press);
}
