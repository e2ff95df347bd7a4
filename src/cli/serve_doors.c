/* serve_doors.c -- see serve_doors.h. */
#include "cli/serve_doors.h"
#include "base/box.h"
#include "base/jail.h"
#include "base/str.h"
#include "guard/keyfile.h"
#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 4096 };

/* The city's folder: where its key file lies, beside the database where that is a file. */
static bool folder_of(const char *db_url, char out[PATH_BYTES])
{
	struct arena a = {0};
	char path[PATH_BYTES];
	int length = snprintf(path, sizeof path, "%s", keyfile_path(&a, db_url).p);
	arena_done(&a);
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	if (length >= PATH_BYTES)
		return false;
	if (slash == NULL)
		memcpy(out, ".", 2);
	else
		snprintf(out, PATH_BYTES, "%.*s", n ? (int)n : 1, path);
	return true;
}

enum rc doors_files(const char *db_url, const char *cert, const char *key, struct err *err)
{
	char folder[PATH_BYTES];
	char login[2][PATH_BYTES] = {"/nowhere", "/nowhere"};
	const char *temporary = getenv("TMPDIR"), *home = getenv("HOME"), *notice = box_notice();
	if (strstr(db_url, "://") && home && home[0] == '/') { /* libpq's password file and certificates */
		snprintf(login[0], PATH_BYTES, "%s/.pgpass", home);
		snprintf(login[1], PATH_BYTES, "%s/.postgresql", home);
	}
	struct jail_path paths[] = {
		{folder_of(db_url, folder) ? folder : "/nowhere", JAIL_WRITE},
		{temporary && temporary[0] == '/' ? temporary : "/tmp", JAIL_WRITE},
		{"/var/tmp", JAIL_WRITE},
		{"/dev/null", JAIL_WRITE},
		{"/dev/urandom", JAIL_READ},
		{"/dev/shm", JAIL_WRITE},
		{"/usr/lib", JAIL_READ},
		{"/lib", JAIL_READ},
		{"/lib64", JAIL_READ},
		{"/usr/share/zoneinfo", JAIL_READ},
		{"/usr/share/ca-certificates", JAIL_READ},
		{"/etc", JAIL_READ},
		{"/proc/self", JAIL_READ},
		{"/proc/sys", JAIL_READ},
		{"/run", JAIL_READ}, /* the resolver's and a database's sockets */
		{"/sys/devices/system/cpu", JAIL_READ},
		{cert ? cert : "/nowhere", JAIL_READ},
		{key ? key : "/nowhere", JAIL_READ},
		{login[0], JAIL_READ},
		{login[1], JAIL_READ},
	};
	if (notice)
		fprintf(stderr, "qinghe: %s\n", tr(notice));
	if (!jail_still() || !jail_files(paths, sizeof paths / sizeof *paths, false))
		return FAIL(err, RC_IO, "the server could not shut itself in (Landlock)");
	return RC_OK;
}

enum rc doors_calls(struct err *err)
{
	return jail_calls_server() ? RC_OK
				   : FAIL(err, RC_IO, "the server could not shut itself in (seccomp)");
}
