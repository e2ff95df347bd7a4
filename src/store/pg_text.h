/* pg_text.h -- the port's SQL in PostgreSQL's spelling. Pure: text in, text out.
 *
 *     ?N                          $N
 *     x'0A'                       '\x0A'::bytea
 *     INTEGER, BLOB               BIGINT, BYTEA
 *     TEXT (in CREATE, ALTER)     TEXT COLLATE "C"
 *     STRICT, WITHOUT ROWID       nothing
 *     c T REFERENCES t(id) ...    in CREATE TABLE: taken out and handed over, so that a table may refer to one that is
 *                                 made after it (SQLite allows that); ALTER TABLE ... ADD FOREIGN KEY comes later
 * Quotes, quoted identifiers and comments are copied as they stand. The words of words.h have been rewritten before,
 * with pg_words. Errors: RC_INVALID for a quote that never ends. */
#pragma once
#include "store/words.h"

enum pg_kind {
	PG_READS,  /* rows are wanted, or nothing is known */
	PG_WRITES, /* INSERT, UPDATE, DELETE without RETURNING */
	PG_SHAPES, /* CREATE, ALTER, DROP */
	PG_BEGINS,
	PG_COMMITS,
	PG_ROLLS_BACK,
	PG_SAVES, /* SAVEPOINT, RELEASE */
	PG_ROLLS_BACK_TO
};

word_writer pg_words;
/* Writes all statements of sql; out_keys (NULL: foreign keys stay) has a line for each table: ALTER TABLE .... */
MUST_USE enum rc pg_text(struct buf *out, struct buf *out_keys, str sql, struct err *err);
enum pg_kind pg_kind_of(str sql);
int pg_params(str sql);  /* the highest N of $N in a rewritten text */
bool pg_is_one(str sql); /* exactly one statement: something stands, and nothing after a semicolon */
/* The schema that a connection's options name (-csearch_path=NAME), "public" without; false when it is no plain name
 * of at most 63 lower-case letters, digits and underscores. */
bool pg_schema_of(const char *options, char out[64]);
