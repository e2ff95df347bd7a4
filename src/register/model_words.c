/* model_words.c -- words that declarations may or may not use: reserved ids. */
#include "register/model_load.h"
#include <stdlib.h>

/* Reserved in SQLite or PostgreSQL, or words of the expression language: no id may be one. Sorted. */
static const char *const RESERVED[] = {"add", "all", "alter", "analyse", "analyze", "and", "any", "array",
	"as", "asc", "asymmetric", "authorization", "autoincrement", "between", "binary", "both", "case",
	"cast", "check", "collate", "collation", "column", "commit", "concurrently", "constraint", "create",
	"cross", "ctid", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
	"current_timestamp", "current_user", "default", "deferrable", "delete", "desc", "distinct", "do",
	"drop", "else", "end", "escape", "except", "exists", "false", "fetch", "for", "foreign", "freeze",
	"from", "full", "glob", "grant", "group", "having", "if", "ilike", "in", "index", "indexed",
	"initially", "inner", "insert", "intersect", "into", "is", "isnull", "join", "lateral", "leading",
	"left", "like", "limit", "localtime", "localtimestamp", "match", "natural", "not", "nothing",
	"notnull", "null", "offset", "oid", "on", "only", "or", "order", "outer", "overlaps", "placing",
	"pragma", "primary", "raise", "references", "regexp", "returning", "right", "rollback", "row",
	"rowid", "select", "session_user", "set", "similar", "some", "symmetric", "table", "tablesample",
	"then", "to", "today", "trailing", "transaction", "true", "union", "unique", "update", "user",
	"using", "values", "variadic", "verbose", "when", "where", "window", "with"};

static int compare(const void *key, const void *item)
{
	return str_cmp(*(const str *)key, str_of(*(const char *const *)item));
}

bool id_free(struct load *l, str id, int line, int column)
{
	if (!bsearch(&id, RESERVED, sizeof RESERVED / sizeof *RESERVED, sizeof *RESERVED, compare))
		return true;
	fault_mark(l, line, column, tr("take a longer word"),
		N_("“%.*s” is a word of SQL or of expressions and cannot be an id"), STR_ARG(id));
	return false;
}
