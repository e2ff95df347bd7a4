/* yaml.h -- the YAML subset of declarations, read into a tree whose every node knows its line and column.
 *
 * Subset (documents of people, not of programs): block style and one-line {} and []; no anchors, aliases, tags, merge
 * keys, directives, second documents or keys that are not plain scalars. Scalars are text: what they mean is said by the
 * schema that reads them, never by their look (`no` is the text "no"). UTF-8 with or without BOM, LF or CRLF.
 *
 * What clerks get wrong is said first, before libfyaml speaks (yaml_check.c): another encoding (另存为 UTF-8), tabs,
 * full-width ： ， ｛ ｝ “ ” where a sign of the language was meant, a missing blank after a colon. Full-width signs
 * inside values are only text. Then the first fault of libfyaml itself, in words of ours, or all duplicate keys and
 * refused features. Nothing is printed.
 *
 * Limits: YAML_MAX_BYTES a file, YAML_MAX_DEPTH levels, YAML_MAX_NODES nodes, YAML_MAX_FAULTS faults told.
 * The tree lives in the arena; texts may point into `text`, which must live as long. Columns count characters from 1. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { YAML_MAX_BYTES = 1 << 20, YAML_MAX_DEPTH = 32, YAML_MAX_NODES = 100000, YAML_MAX_FAULTS = 20 };

enum yaml_kind { YAML_SCALAR, YAML_MAP, YAML_LIST };

struct yaml {
	enum yaml_kind kind;
	int line, column; /* where it begins; of a map its first key; of a quoted text behind the quote */
	size_t at;        /* the same as byte offset into the text (behind a BOM) */
	bool quoted;      /* scalar in '', "" or block style; an absent value is an unquoted empty scalar */
	bool block;       /* scalar of | or >; it begins in the line below the sign */
	str text;
	struct yaml_pair *pairs; /* map, in the order written */
	struct yaml *items;      /* list */
	size_t n;
};

struct yaml_pair {
	str key;
	int line, column;
	struct yaml value;
};

struct yaml_fault {
	int line, column;
	const char *message; /* in the thread's language */
	const char *hint;    /* or "" */
};

/* *out_faults (may be NULL) has all faults; err has the first as "line:column: message". An empty file is an empty map. */
MUST_USE enum rc yaml_read(struct arena *a, str text, struct yaml *out_root, struct yaml_fault **out_faults,
	size_t *out_faults_n, struct err *err);

/* The value of a key, or NULL. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);
const struct yaml_pair *yaml_pair_of(const struct yaml *map, const char *key);
static inline bool yaml_absent(const struct yaml *y) /* a key without a value */
{
	return y->kind == YAML_SCALAR && !y->quoted && y->text.n == 0;
}

/* Where byte `offset` of a scalar's text stands in the file (quotes, escapes and folded lines considered). */
void yaml_place(str text, const struct yaml *scalar, size_t offset, int *out_line, int *out_column);

/* Line number `line` of a text, without its end; empty past the last. */
str yaml_line(str text, int line);
/* Blanks and a ^ that stands under column `column` of that line on a terminal: a Han character is two columns wide. */
str yaml_caret(struct arena *a, str line, int column);

/* yaml_check.c: the clerk's slips; adds to faults (cap YAML_MAX_FAULTS). text: valid UTF-8 without BOM. */
struct yaml_faults {
	struct arena *a;
	struct yaml_fault *list;
	size_t n, cap;
};
void yaml_fault_add(struct yaml_faults *f, int line, int column, const char *hint, const char *format, ...)
	PRINTF_LIKE(5, 6);
void yaml_check_slips(struct yaml_faults *f, str text);
