/* beside.h -- what belongs to a city and lies beside its database, not in it: what a backup takes along and a move copies.
 *
 *     CITY.files/ab/HASH      files of rows (guard/files.h)
 *     CITY.model/ID-…/…       the folders of declarations that the city stood on (model_change.h)
 *     CITY.archive/…          closed years (archive.h)
 *
 * CITY is the key file's place (keyfile.h), so that a copy under another key path finds them again. Declarations that lie
 * elsewhere (`init --model DIR`) are taken along as CITY.model/base-…. Names are paths below CITY with the dot for the first
 * slash: "files/ab/HASH", "model/5-1f00ab22/registers/desk_5.yaml". Nothing here is secret to who holds the database. */
#pragma once
#include "register/city.h"

/* NULL-terminated: files, model, archive. */
extern const char *const beside_folders[];

/* Every file of that kind. model_dir: the folder that the city stands on, by its database; empty: none. */
MUST_USE enum rc beside_each(struct arena *a, const char *db_url, const char *kind, str model_dir,
	enum rc (*visit)(void *user, str name, const char *path, struct err *err), void *user,
	struct err *err);
/* The name of that folder once it is taken along: "5-1f00ab22" or "base-" and a digest of its files; empty for none. */
MUST_USE enum rc beside_model_name(
	struct arena *a, const char *db_url, str model_dir, str *out, struct err *err);
/* Where a file of that name lies for db_url; its folders are made. RC_INVALID: no name of ours, *out untouched. */
MUST_USE enum rc beside_place(
	struct arena *a, const char *db_url, str name, const char **out, struct err *err);
/* The city of db stands on CITY.model/NAME of db_url from now on. Where name is empty nothing changes. */
MUST_USE enum rc beside_model_set(
	struct arena *a, struct db *db, const char *db_url, str name, struct err *err);
/* Copies all of it from one city's place to another's; what stands there already stays. A no-op where both are one. */
MUST_USE enum rc beside_copy(
	struct arena *a, const char *from_url, const char *to_url, int64_t *out_files, struct err *err);
