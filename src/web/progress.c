/* progress.c -- see progress.h. */
#include "web/progress.h"
#include <pthread.h>
#include <string.h>

static struct work {
	int64_t person, rows, turn; /* turn 0: free */
	char name[PROGRESS_NAME_MAX_BYTES];
	size_t n;
} works[PROGRESS_MAX];
static int64_t turns;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct work *find(int64_t person, str name)
{
	for (size_t i = 0; i < PROGRESS_MAX; i++)
		if (works[i].turn && works[i].person == person && works[i].n == name.n &&
			memcmp(works[i].name, name.p, name.n) == 0)
			return &works[i];
	return NULL;
}

void work_progress(int64_t person, str name, int64_t rows)
{
	name = str_head(name, PROGRESS_NAME_MAX_BYTES);
	pthread_mutex_lock(&lock);
	struct work *w = find(person, name);
	if (w == NULL) {
		w = &works[0];
		for (size_t i = 1; i < PROGRESS_MAX; i++)
			if (works[i].turn < w->turn)
				w = &works[i];
		*w = (struct work){.person = person, .n = name.n};
		memcpy(w->name, name.p, name.n);
	}
	w->rows = rows;
	w->turn = ++turns;
	pthread_mutex_unlock(&lock);
}

int64_t work_rows(int64_t person, str name)
{
	pthread_mutex_lock(&lock);
	const struct work *w = find(person, str_head(name, PROGRESS_NAME_MAX_BYTES));
	int64_t rows = w ? w->rows : -1;
	pthread_mutex_unlock(&lock);
	return rows;
}

void work_done(int64_t person, str name)
{
	pthread_mutex_lock(&lock);
	struct work *w = find(person, str_head(name, PROGRESS_NAME_MAX_BYTES));
	if (w)
		*w = (struct work){0};
	pthread_mutex_unlock(&lock);
}
