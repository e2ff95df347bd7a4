/* foreign.h -- whatever strangers made is read behind this door, in a box (base/box.h): spreadsheets, separated values, zip
 * archives, Word documents, and what LibreOffice converts. main calls foreign_start before threads and keys; the readers'
 * own functions (sheet_open_bytes, unzip_open_bytes, docx_fill) run inside, and in tests.
 *
 *     sheet.h        sheet_open_boxed      rows as typed cells, checked again on this side
 *     here           foreign_unzip         the members of an archive, one after another
 *     here           foreign_docx_*        Word documents: filled, read
 *     office.h       office_convert        LibreOffice
 *     paper.h        paper_print           sheets of paper as PDF, by qinghe-print
 *     here           foreign_photo         a photograph decoded and encoded anew (photo.h)
 *     here           foreign_fields        the head of a file that somebody brings: one JSON object
 *
 * What a box costs: a fork (under a millisecond), and each row once through a pipe, which the second core pays. */
#pragma once
#include "base/box.h"
#include "format/photo.h"
#include "format/slots.h"

enum foreign_work {
	FOREIGN_SHEET,
	FOREIGN_ZIP,
	FOREIGN_DOCX_FILL,
	FOREIGN_DOCX_READ,
	FOREIGN_OFFICE,
	FOREIGN_PHOTO,
	FOREIGN_FIELDS,
	FOREIGN_PAPER,
	FOREIGN_WORKS
};

MUST_USE enum rc foreign_start(struct err *err);

/* Is this a zip archive of several files (RC_OK) or something else, such as a workbook (RC_FOUND)? Calls member() for each
 * file in it whose name ends in one of the endings (NULL at the end); name and bytes live in a. Limits: those of zip.h. */
MUST_USE enum rc foreign_unzip(struct arena *a, const char *path, const char *const *endings,
	enum rc (*member)(void *user, str name, str bytes, struct err *err), void *user, struct err *err);

/* docx_fill (docx_fill.h) in a box: the document stays there, the host's calls come here. */
MUST_USE enum rc foreign_docx_fill(
	struct arena *a, str docx, const struct slot_host *host, str note, struct buf *out, struct err *err);

/* The picture at PHOTO_SIDE and PHOTO_THUMB_SIDE, without anything that the camera wrote beside it; in a. */
MUST_USE enum rc foreign_photo(struct arena *a, str jpeg, struct photo *out, struct err *err);

/* The texts and whole numbers of one JSON object, in its order; what else stands in it is passed over. In a. */
enum { FOREIGN_FIELDS_MAX = 64 };
struct foreign_field {
	str name, text; /* text: empty for a number */
	int64_t number;
};
MUST_USE enum rc foreign_fields(
	struct arena *a, str json, struct foreign_field **out, size_t *out_n, struct err *err);
/* The field of that name; NULL: none. */
const struct foreign_field *foreign_field_of(const struct foreign_field *list, size_t n, const char *name);
