/* csv.h -- separated values: RFC 4180 as people really send it, and as we send it.
 *
 * Reading. Encoding by content (charset.h); a UTF-8 byte order mark is not part of the text. The separator is found:
 * comma, tab, semicolon or the full-width comma "，", whichever cuts the first records most evenly (a first line
 * "sep=;" says it outright and is no record). Records end with CR LF, LF or CR. A field in double quotes may hold
 * separators, line ends and doubled quotes; what follows its closing quote is taken as it stands. An empty line is a
 * record of one empty field. A quote that never closes, U+0000 and the limits below are refused with the line's number.
 * The bytes lie in memory; beyond them memory does not grow with the text.
 *
 * Writing. UTF-8 with a byte order mark and CR LF, so that Excel and WPS open it rightly. A text that a spreadsheet would
 * take for a formula (begins with = + - @ TAB CR) gets a leading apostrophe; csv_unguard() takes it off again. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "format/charset.h"

enum { CSV_FILE_MAX_BYTES = 64 << 20, CSV_FIELDS_MAX = 16384, CSV_RECORD_MAX_BYTES = 4 << 20 };

struct csv_info {
	enum charset charset;
	bool mark;             /* a byte order mark stood there */
	const char *separator; /* "," "\t" ";" or "，" */
};

struct csv_record {
	const str *fields; /* until the callback returns */
	size_t n;          /* at least 1 */
	uint64_t number;   /* 1 is the first */
	uint64_t line;     /* where it begins, 1 is the first */
};

/* Encoding and separator. RC_INVALID when it is no text, or neither UTF-8 nor GB18030. */
MUST_USE enum rc csv_look(str bytes, struct csv_info *out, struct err *err);
/* Every record in order. A callback's code other than RC_OK ends the reading and is given back (RC_FOUND: enough). */
MUST_USE enum rc csv_read(str bytes, const struct csv_info *info,
	enum rc (*record)(void *ctx, const struct csv_record *r, struct err *err), void *ctx,
	struct err *err);

struct csv_writer {
	struct buf *out;
	bool begun; /* a field of this record is out */
};
void csv_begin(struct csv_writer *w, struct buf *out); /* writes the byte order mark */
void csv_text(struct csv_writer *w, str text);         /* guarded and quoted as needed */
void csv_plain(struct csv_writer *w, str value);       /* a number or date: not guarded */
void csv_end(struct csv_writer *w);                    /* of the record */
str csv_unguard(str field); /* without the apostrophe that csv_text put before a formula's sign */
