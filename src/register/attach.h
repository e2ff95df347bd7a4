/* attach.h -- files of rows (guard/files.h): attaching, reading, checking, sweeping. A field of type `file` is sealed like
 * any sealed value; what it keeps is the reference to the stored file, of which people only ever see the name. */
#pragma once
#include "register/record.h"

/* Stores the bytes, durable, before the job that names them. RC_LIMIT: there is no room left for it (files_room.h). *out_text is what the field takes (value_parse). */
MUST_USE enum rc attach_put(
	struct city *c, struct arena *a, str name, str bytes, str *out_text, struct err *err);
/* Of a record that the reader may see (record_get): RC_DENIED where the field is hidden, RC_NOT_FOUND where there is no
 * file. A page serves it as an attachment, never inline: Content-Disposition: attachment, nosniff, sandboxed. */
MUST_USE enum rc attach_get(struct reader *r, const struct record *rec, const struct field *f, str *out_name,
	str *out_bytes, struct err *err);
/* The name alone, of a kept value. */
str attach_name(const struct value *v);

struct attach_report {
	int64_t named, missing, damaged, orphans;
	char first[200]; /* of what is missing or damaged; ids only */
};
/* Every file that a row or its history names, and the stored files that none names. Opens sealed values; tells no name. */
MUST_USE enum rc attach_check(struct reader *r, struct attach_report *out, struct err *err);
/* In a job: removes files that no row names and that have lain for FILE_ORPHAN_HOURS; for guard/house.h. */
MUST_USE enum rc attach_sweep(struct job_ctx *c, struct err *err);
