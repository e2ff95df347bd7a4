/* ballast.c -- see ballast.h. */
#include "store/ballast.h"
#include "base/arena.h"
#include "base/clock.h"
#include "store/db.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, LOOK_EVERY_US = 1000000, TRY_EVERY_US = 3000000 };

static atomic_long full_faults;

long db_full_faults(void)
{
	return atomic_load(&full_faults);
}

void db_full_note(void)
{
	atomic_fetch_add(&full_faults, 1);
}

struct ballast {
	pthread_mutex_t lock;
	char path[PATH_BYTES];
	uint64_t bytes;
	bool stands, full;
	bool remote; /* path is the server's address: its disk is not ours to look at */
	int64_t looked_us;
};

static bool folder_of(const char *db_url, char out[PATH_BYTES])
{
	const char *slash = strrchr(db_url, '/');
	if (strstr(db_url, "://") || strlen(db_url) >= PATH_BYTES)
		return false;
	snprintf(out, PATH_BYTES, "%.*s", slash && slash > db_url ? (int)(slash - db_url) : 1,
		slash ? db_url : ".");
	return true;
}

uint64_t ballast_free_bytes(const char *db_url)
{
	char folder[PATH_BYTES];
	struct statvfs v;
	if (!folder_of(db_url, folder) || statvfs(folder, &v) != 0)
		return 0;
	return (uint64_t)v.f_bavail * v.f_frsize;
}

static bool make(struct ballast *b)
{
	int fd = open(b->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool good = posix_fallocate(fd, 0, (off_t)b->bytes) == 0 && fsync(fd) == 0;
	close(fd);
	if (!good)
		unlink(b->path);
	return good;
}

struct ballast *ballast_new(const char *db_url)
{
	char folder[PATH_BYTES];
	const char *wish = getenv("QINGHE_BALLAST_MB");
	struct stat st;
	struct ballast *b = mem_resize(NULL, sizeof *b);
	*b = (struct ballast){.bytes = BALLAST_BYTES};
	long mb = wish ? strtol(wish, NULL, 10) : 0;
	if (mb > 0 && mb < 65536)
		b->bytes = (uint64_t)mb << 20;
	b->remote = strstr(db_url, "://") != NULL;
	if (b->remote && snprintf(b->path, sizeof b->path, "%s", db_url) < (int)sizeof b->path) {
		pthread_mutex_init(&b->lock, NULL);
		b->stands = true;
		return b;
	}
	if (!folder_of(db_url, folder) ||
		snprintf(b->path, sizeof b->path, "%s.ballast", db_url) >= (int)sizeof b->path) {
		mem_resize(b, 0);
		return NULL;
	}
	pthread_mutex_init(&b->lock, NULL);
	b->stands = stat(b->path, &st) == 0 && (uint64_t)st.st_size == b->bytes;
	if (!b->stands && ballast_free_bytes(db_url) >= 4 * b->bytes)
		b->stands = make(b);
	return b;
}

void ballast_free(struct ballast *b)
{
	if (b == NULL)
		return;
	pthread_mutex_destroy(&b->lock);
	mem_resize(b, 0);
}

bool ballast_stands(struct ballast *b)
{
	pthread_mutex_lock(&b->lock);
	bool stands = b->stands;
	pthread_mutex_unlock(&b->lock);
	return stands;
}

void ballast_release(struct ballast *b)
{
	pthread_mutex_lock(&b->lock);
	if (b->stands && !b->remote)
		unlink(b->path);
	b->stands = b->remote;
	b->full = true;
	b->looked_us = clock_mono_us();
	pthread_mutex_unlock(&b->lock);
}

/* Outside of the lock: a server may take its time. */
static bool try_server(struct ballast *b)
{
	bool room = db_has_room(b->path);
	pthread_mutex_lock(&b->lock);
	b->full = b->full && !room;
	bool full = b->full;
	pthread_mutex_unlock(&b->lock);
	return full;
}

bool ballast_full(struct ballast *b)
{
	pthread_mutex_lock(&b->lock);
	bool look = b->full && clock_mono_us() - b->looked_us >= (b->remote ? TRY_EVERY_US : LOOK_EVERY_US);
	if (look)
		b->looked_us = clock_mono_us();
	if (look && !b->remote && ballast_free_bytes(b->path) >= 2 * b->bytes) {
		b->stands = make(b);
		b->full = !b->stands;
	}
	bool full = b->full, remote = b->remote;
	pthread_mutex_unlock(&b->lock);
	return look && remote ? try_server(b) : full;
}
