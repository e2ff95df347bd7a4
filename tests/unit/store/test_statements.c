/* Every named statement of the program (static const char Q_NAME[] = "...") stands on the engine, over a freshly made
 * city's tables, and keeps to the portable subset (architecture.md, decision 10). tools/sql-lint runs this alone.
 * A statement on a register's table, which the model makes, is only read for the subset. */
#include "database.h"
#include "store/migrate.h"
#include "store/pg_text.h"
#include "tests.h"
#include <ctype.h>
#include <dirent.h>

struct statement {
	const char *file;
	char name[80];
	char sql[8192];
};

static int found, prepared;

static char *slurp(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	rewind(f);
	char *text = arena_alloc(a, n + 1);
	n = fread(text, 1, n, f);
	fclose(f);
	return text;
}

/* Joins the string literals from p up to the semicolon outside them; NULL where something else stands between. */
static const char *literals(const char *p, char *out, size_t cap)
{
	size_t n = 0;
	for (; *p && *p != ';'; p++) {
		if (isspace((unsigned char)*p))
			continue;
		if (strncmp(p, "/*", 2) == 0) {
			p = strstr(p, "*/");
			if (!p++)
				return NULL;
			continue;
		}
		if (*p != '"')
			return NULL;
		for (p++; *p && *p != '"'; p++) {
			char c = *p;
			if (c == '\\') {
				p++;
				c = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
			}
			if (n + 1 < cap)
				out[n++] = c;
		}
	}
	out[n] = 0;
	return p;
}

/* The next statement at or after p. */
static const char *next(const char *p, struct statement *s)
{
	while ((p = strstr(p, "const char Q_")) != NULL) {
		p += strlen("const char ");
		const char *end = strstr(p, "[]");
		if (!end || (size_t)(end - p) >= sizeof s->name)
			continue;
		snprintf(s->name, sizeof s->name, "%.*s", (int)(end - p), p);
		const char *equals = strchr(end, '=');
		if (equals && (p = literals(equals + 1, s->sql, sizeof s->sql)) != NULL)
			return p;
		fail_msg("%s: %s is not made of string literals alone", s->file, s->name);
	}
	return NULL;
}

/* Is `word` in the text as a word of its own, outside quotes? */
static bool has_word(const char *sql, const char *word)
{
	size_t n = strlen(word);
	char quote = 0;
	for (const char *p = sql; *p; p++) {
		if (quote || *p == '\'' || *p == '"') {
			quote = quote == *p ? 0 : quote ? quote : *p;
			continue;
		}
		bool starts = p == sql || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
		if (starts && strncasecmp(p, word, n) == 0 && !isalnum((unsigned char)p[n]) && p[n] != '_')
			return true;
	}
	return false;
}

static bool bare_parameter(const char *sql)
{
	char quote = 0;
	for (const char *p = sql; *p; p++) {
		if (quote || *p == '\'' || *p == '"')
			quote = quote == *p ? 0 : quote ? quote : *p;
		else if (*p == '?' && !(p[1] >= '1' && p[1] <= '9'))
			return true;
		else if ((*p == '=' && p[1] == '=') || *p == '`' || *p == '[')
			return true;
	}
	return false;
}

/* FROM a.b and its like: a city is a schema, which may lie on a machine of its own (Citus): no statement names another. */
static bool other_schema(const char *sql)
{
	static const char *const before[] = {"from", "join", "into", "update", "table"};
	for (const char *p = sql; *p; p++)
		for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
			size_t n = strlen(before[i]);
			if (strncasecmp(p, before[i], n) != 0 || p[n] != ' ' ||
				(p > sql && isalnum((unsigned char)p[-1])))
				continue;
			const char *q = p + n + 1;
			while (*q == '"' || *q == '_' || isalnum((unsigned char)*q))
				q++;
			if (*q == '.')
				return true;
		}
	return false;
}

static const char *outside_subset(const char *sql)
{
	/* What only one engine has, or what the two read differently. */
	static const char *const banned[] = {"recursive", "trigger", "pragma", "attach", "vacuum", "replace",
		"ignore", "rowid", "ifnull", "iif", "glob", "like", "regexp", "match", "julianday",
		"strftime", "datetime", "unixepoch", "json_each", "json_extract", "group_concat", "instr",
		"printf", "random", "total", "typeof", "ilike", "any", "array", "now", "current_timestamp",
		"current_date", "sqlite_schema", "sqlite_master", "merge", "rollup", "cube", "true", "false",
		"boolean", "autoincrement", "grouping", "listen", "notify", "search_path", "temp",
		"temporary", "unlogged"};
	for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
		if (has_word(sql, banned[i]))
			return banned[i];
	if (other_schema(sql))
		return "another schema";
	return bare_parameter(sql) ? "? without a number, ==, ` or [" : NULL;
}

/* "no such table: X" where X is none of ours: the model makes it. */
static bool of_a_register(const struct err *err)
{
	const char *at = strstr(err->text, "no such table: "), *pg = strstr(err->text, "relation \"");
	if (!at && !pg)
		return false;
	at = at ? at + strlen("no such table: ") : pg + strlen("relation \"");
	return !migrate_owns((str){at, strcspn(at, " (\"")});
}

/* PostgreSQL prepares a statement when it first runs; here it is told to at once, with no parameter's type known. */
static enum rc stands(struct db *db, const char *sql, struct err *err)
{
	struct stmt *q;
	if (!test_server())
		return db_prepare(db, sql, &q, err);
	struct buf text = {0}, words = {0};
	buf_puts(&text, "PREPARE lint AS ");
	enum rc rc = words_rewrite(&words, str_of(sql), pg_words, err);
	if (rc == RC_OK)
		rc = pg_text(&text, NULL, buf_str(&words), err);
	if (rc == RC_OK)
		rc = db_exec(db, text.p, err);
	if (rc == RC_OK)
		rc = db_exec(db, "DEALLOCATE lint", err);
	buf_done(&text);
	buf_done(&words);
	return rc;
}

static void judge(struct db *db, const struct statement *s)
{
	struct err err;
	/* Q_SQLITE_..., Q_POSTGRESQL_...: asked of one engine only, and said so in its name. */
	bool one_engine = strncmp(s->name, "Q_SQLITE_", 9) == 0 || strncmp(s->name, "Q_POSTGRESQL_", 13) == 0;
	const char *word = one_engine ? NULL : outside_subset(s->sql);
	found++;
	if (one_engine && s->name[2] != (strcmp(db_engine(db), "sqlite") == 0 ? 'S' : 'P'))
		return;
	if (word)
		fail_msg("%s: %s is outside the portable subset: %s", s->file, s->name, word);
	if (stands(db, s->sql, &err) == RC_OK)
		prepared++;
	else if (!of_a_register(&err))
		fail_msg("%s: %s does not stand: %s\n%s", s->file, s->name, err.text, s->sql);
}

static void walk(struct db *db, const char *folder)
{
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		size_t n = strlen(e->d_name);
		if (e->d_name[0] == '.')
			continue;
		if (e->d_type == DT_DIR)
			walk(db, path);
		if (e->d_type == DT_DIR || n < 2 || strcmp(e->d_name + n - 2, ".c") != 0)
			continue;
		struct arena a = {0};
		static struct statement s;
		s.file = path;
		const char *text = slurp(&a, path);
		while (text && (text = next(text, &s)))
			judge(db, &s);
		arena_done(&a);
	}
	closedir(dir);
}

static void every_named_statement_stands(void **state)
{
	(void)state;
	struct err err;
	struct db *db;
	char path[TEST_URL_BYTES];
	test_db_url(path, "statements");
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	walk(db, "src");
	db_close(db);
	test_db_forget(path);
	print_message("# %d statements, %d of them on the program's own tables\n", found, prepared);
	assert_true(found >= 50 && prepared >= 40);
}

static void what_is_not_portable_is_seen(void **state)
{
	(void)state;
	assert_non_null(outside_subset("SELECT a FROM b WHERE c LIKE ?1"));
	assert_non_null(outside_subset("INSERT OR IGNORE INTO a VALUES (?1)"));
	assert_non_null(outside_subset("SELECT ? "));
	assert_non_null(outside_subset("WITH RECURSIVE x AS (SELECT 1) SELECT 1"));
	assert_non_null(outside_subset("SELECT julianday(a) FROM b"));
	assert_non_null(outside_subset("CREATE TRIGGER t AFTER INSERT ON b BEGIN SELECT 1; END"));
	assert_non_null(outside_subset("SELECT a FROM other.b"));
	assert_non_null(outside_subset("UPDATE \"other\".\"b\" SET a = 1"));
	assert_non_null(outside_subset("CREATE TEMP TABLE b (a INTEGER)"));
	assert_null(outside_subset(
		"SELECT \"like\", 'glob ?', unlike FROM b WHERE id {in ?1} AND {days a | b} > ?2"));
	struct statement s = {.file = "x"};
	const char *text = "static const char Q_A[] = /* why */ \"SELECT \\\"a\\\";\"\n\t\" 1\";\nint b;";
	assert_non_null(next(text, &s));
	assert_string_equal(s.name, "Q_A");
	assert_string_equal(s.sql, "SELECT \"a\"; 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_portable_is_seen),
		cmocka_unit_test(every_named_statement_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
