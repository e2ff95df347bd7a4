/* database.h -- a database of a test's own: a file below /tmp, or, where $QINGHE_TEST_DB names a PostgreSQL database
 * (postgresql://...), a schema there. test_db_url makes the address and sees that nothing stands at it. */
#pragma once
#include "tests.h"
#include <libpq-fe.h>

enum { TEST_URL_BYTES = 320 };

static inline const char *test_server(void)
{
	const char *url = getenv("QINGHE_TEST_DB");
	return url && url[0] ? url : NULL;
}

/* Removes the database, and the key file beside it. */
static inline void test_db_forget(const char *url)
{
	static const char *const tails[] = {"", "-wal", "-shm", ".key", ".keys", ".keys-wal", ".keys-shm"};
	char text[TEST_URL_BYTES + 64];
	const char *schema = strstr(url, "search_path%3D");
	if (schema == NULL) {
		for (int i = 0; i < 7; i++) {
			snprintf(text, sizeof text, "%s%s", url, tails[i]);
			unlink(text);
		}
		return;
	}
	PGconn *c = PQconnectdb(test_server());
	snprintf(text, sizeof text, "SET client_min_messages = error; DROP SCHEMA IF EXISTS \"%s\" CASCADE",
		schema + strlen("search_path%3D"));
	PGresult *res = PQexec(c, text);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(c));
	PQclear(res);
	PQfinish(c);
	for (int i = 3; i < 7 && getenv("QINGHE_KEY"); i++) {
		snprintf(text, sizeof text, "%s%s", getenv("QINGHE_KEY"), tails[i] + strlen(".key"));
		unlink(text);
	}
}

static inline void test_db_url(char out[TEST_URL_BYTES], const char *name)
{
	char key[128];
	if (test_server()) {
		snprintf(out, TEST_URL_BYTES, "%s%coptions=-csearch_path%%3Dt_%s_%d", test_server(),
			strchr(test_server(), '?') ? '&' : '?', name, (int)getpid());
		snprintf(key, sizeof key, "/tmp/qinghe-%s-%d.key", name, (int)getpid());
		setenv("QINGHE_KEY", key, 1);
	} else {
		snprintf(out, TEST_URL_BYTES, "/tmp/qinghe-%s-%d.db", name, (int)getpid());
	}
	test_db_forget(out);
}
