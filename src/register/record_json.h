/* record_json.h -- one row as JSON, the same on the command line, in files and over HTTP: system columns, then the fields in
 * storage form (fen, minutes, ms, ids; lists as ",3,17,"; files by name). What this reader is not shown (record.hidden) is null and named
 * in "sealed", which is absent where nothing is. */
#pragma once
#include "format/json.h"
#include "register/record.h"

void record_json(struct json *j, const struct record *rec);
