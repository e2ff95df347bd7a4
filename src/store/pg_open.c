/* pg_open.c -- pg_wire.h: an address becomes a connection, and tells which cities stand at it. */
#include "store/pg_wire.h"
#include <stdio.h>

enum { LOCK_MS = 20000, SERVER_VERSION_MIN = 140000, OPTIONS_MAX_BYTES = 1024 };

struct parts {
	PQconninfoOption *list;
	const char *words[80], *values[80];
	int n;
	char options[OPTIONS_MAX_BYTES];
};

static const char *given(const struct parts *p, const char *word)
{
	for (const PQconninfoOption *o = p->list; o->keyword; o++)
		if (strcmp(o->keyword, word) == 0 && o->val && o->val[0])
			return o->val;
	return NULL;
}

static void put(struct parts *p, const char *word, const char *value)
{
	p->words[p->n] = word;
	p->values[p->n++] = value;
}

static void put_or(struct parts *p, const char *word, const char *value)
{
	if (given(p, word) == NULL)
		put(p, word, value);
}

static enum rc split(struct parts *p, const char *url, enum db_mode mode, struct err *err)
{
	char *why = NULL;
	*p = (struct parts){.list = PQconninfoParse(url, &why)};
	PQfreemem(why); /* it may quote the password */
	if (p->list == NULL)
		return FAIL(err, RC_INVALID,
			"the address of the database cannot be read; it is written "
			"postgresql://USER@HOST/DATABASE?options=-csearch_path%%3DNAME");
	for (const PQconninfoOption *o = p->list; o->keyword && p->n < 60; o++)
		if (o->val && o->val[0] && strcmp(o->keyword, "options") != 0 &&
			(mode != DB_READ || strcmp(o->keyword, "target_session_attrs") != 0))
			put(p, o->keyword, o->val);
	const char *options = given(p, "options");
	int n = snprintf(p->options, sizeof p->options,
		"-c synchronous_commit=on -c jit=off -c plan_cache_mode=force_generic_plan -c "
		"client_min_messages=warning -c lock_timeout=%d%s %s",
		(int)LOCK_MS, mode == DB_READ ? " -c default_transaction_read_only=on" : "",
		options ? options : "");
	if (n >= (int)sizeof p->options)
		return FAIL(err, RC_LIMIT, "the options of the database's address are too long");
	put(p, "options", p->options);
	put(p, "client_encoding", "UTF8");
	if (mode == DB_READ)
		put(p, "target_session_attrs", "primary");
	else
		put_or(p, "target_session_attrs", "read-write");
	put_or(p, "application_name", "qinghe");
	put_or(p, "connect_timeout", "5");
	put_or(p, "tcp_user_timeout", "10000");
	return RC_OK;
}

/* An unreachable standby behind a commit: PostgreSQL tells it by a warning only. */
static void on_notice(void *user, const PGresult *res)
{
	struct pg *pg = user;
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (state && strcmp(state, "01000") == 0)
		pg->commit_warned = true;
}

/* Name and place of the city, for people; never the password. */
void pg_place(const struct pg *pg, char *out, size_t n)
{
	snprintf(out, n, "%s, database %s, schema %s", PQhost(pg->c), PQdb(pg->c), pg->schema);
}

static enum rc connected(struct pg *pg, struct err *err)
{
	if (PQstatus(pg->c) != CONNECTION_OK) {
		const char *words = PQerrorMessage(pg->c);
		return FAIL(err, RC_IO, "database: %.*s", (int)strcspn(words, "\n"), words);
	}
	if (PQserverVersion(pg->c) < SERVER_VERSION_MIN)
		return FAIL(err, RC_INVALID, "PostgreSQL 14 or later is wanted; the server is version %d",
			PQserverVersion(pg->c) / 10000);
	const char *encoding = PQparameterStatus(pg->c, "server_encoding");
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
		return FAIL(err, RC_INVALID, "the database's encoding is %s; make one with encoding UTF8",
			encoding ? encoding : "");
	PQsetNoticeReceiver(pg->c, on_notice, pg);
	pg->lost = false;
	return PQenterPipelineMode(pg->c) ? RC_OK : pg_fault(pg, NULL, err);
}

enum rc pg_connect(struct pg *pg, const char *url, enum db_mode mode, struct err *err)
{
	struct parts p;
	pg->lost = true; /* until it stands */
	TRY(split(&p, url, mode, err));
	enum rc rc = RC_OK;
	if (!pg_schema_of(given(&p, "options"), pg->schema))
		rc = FAIL(err, RC_INVALID,
			"a city's schema is named by lower-case letters, digits and _, at most 63: "
			"?options=-csearch_path%%3DNAME");
	if (rc == RC_OK) {
		pg->c = PQconnectdbParams(p.words, p.values, 0);
		rc = connected(pg, err);
	}
	PQconninfoFree(p.list);
	return rc;
}

/* url without its options, with those that choose the schema. */
static str at_schema(struct arena *a, str url, const char *schema)
{
	size_t from = str_find(url, STR("options=")), end = from;
	if (from == SIZE_MAX)
		return arena_fmt(a, "%.*s%coptions=-csearch_path%%3D%s", STR_ARG(url),
			str_find_byte(url, '?') == SIZE_MAX ? '?' : '&', schema);
	while (end < url.n && url.p[end] != '&')
		end++;
	return arena_fmt(a, "%.*soptions=-csearch_path%%3D%s%.*s", (int)from, url.p, schema,
		STR_ARG(str_from(url, end)));
}

enum rc pg_cities(struct arena *a, const char *url, str **out, size_t *out_n, struct err *err)
{
	struct pg pg = {0};
	enum rc rc = pg_connect(&pg, url, DB_READ, err);
	PGresult *res = NULL;
	if (rc == RC_OK && PQexitPipelineMode(pg.c))
		res = PQexec(pg.c,
			"SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
			" WHERE c.relname = 'city' AND c.relkind IN ('r', 'p') AND"
			" has_table_privilege(c.oid, 'SELECT') ORDER BY n.nspname COLLATE \"C\"");
	if (rc == RC_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		rc = pg_fault(&pg, res, err);
	int n = rc == RC_OK ? PQntuples(res) : 0;
	*out = NEWS(a, (size_t)n + 1, str);
	for (int i = 0; i < n; i++)
		(*out)[i] = at_schema(a, str_of(url), PQgetvalue(res, i, 0));
	*out_n = (size_t)n;
	PQclear(res);
	PQfinish(pg.c);
	return rc;
}
