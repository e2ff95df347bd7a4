/* verify.h -- does what the database holds hang together? For `qinghe check`: the file, rows whose references lead nowhere, and
 * sealed values that do not open. Reads everything; values are opened and dropped at once, never shown. */
#pragma once
#include "register/city.h"

struct verify_finding {
	int64_t looked_at, bad;
	char first[200]; /* the first one in words: register, row, field; no value */
	char note[200];  /* what an operator should know where nothing is bad; or empty */
};
/* The checksums of the pages, of the database and of the key store beside it (store/pages.h). looked_at counts pages. */
MUST_USE enum rc verify_pages(struct reader *r, struct verify_finding *out, struct err *err);
/* The database file itself: pages, cells, order of indexes. Only SQLite has something to look at. */
MUST_USE enum rc verify_file(struct reader *r, struct verify_finding *out, struct err *err);
/* Every row's unit and every reference of its fields, lists too: does the row stand there? Asked of the rows themselves, on
 * either engine. looked_at counts references. */
MUST_USE enum rc verify_references(struct reader *r, struct verify_finding *out, struct err *err);
MUST_USE enum rc verify_sealed(struct reader *r, struct verify_finding *out, struct err *err);
