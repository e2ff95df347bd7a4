/* form_file.h -- files in forms: a field of type `file` as it comes in a multipart form, and as it goes out again.
 *
 * A file is taken by what it is, not by its name: JPEG, PNG, WebP, HEIC, PDF, and the zip and OLE files of Word and Excel;
 * nothing else, so nothing that a browser would run. It is sealed and stored before the job that names it (attach.h), at
 * most FILE_MAX_BYTES. What is sent as text in the field's name counts for nothing: a reference to a stored file is never
 * taken from outside. It goes out at /r/REGISTER/ID/file/FIELD, saved and never shown (net/download.h), to who may see the
 * field. Pictures are made smaller by qinghe.js before they are sent, which also leaves their place and time of taking
 * behind; without a script they go as they are. */
#pragma once
#include "web/form.h"

/* "JPEG", "PDF" ...; NULL: none that is taken. Pure. */
const char *form_file_kind(str bytes);
/* Reads the file, or the wish to have none, into in: came, value, text (its name), fault. */
MUST_USE enum rc form_file_take(struct page *p, struct form *f, struct form_input *in, struct err *err);
