/* zip.h -- the zip container: reading one that a stranger made, writing one that is always the same bytes.
 *
 * Reading (unzip_*; libzip below, whose own names begin with zip_). Only what office files need: stored or deflated
 * entries, no encryption, no zip64 directory. Everything is refused at open, before a byte is unpacked and with flat
 * memory: too many entries, too much to unpack, an entry that swells more than limits.ratio times, entries that
 * overlap, the same name twice, a name with a "..", an absolute path or a control character (RC_LIMIT for sizes,
 * RC_INVALID else). A backslash in a name counts as a slash. What the directory promises is checked again while
 * unpacking: more bytes than promised, or a wrong CRC, is RC_INVALID.
 * Nothing is ever written to a path from inside an archive.
 *
 * Writing (zipper_*). Entries in the order given, stored, dated 1980-01-01, no extra fields: the same parts give the
 * same bytes on every machine (contract.md, "The report"). Format: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16.
 *
 *     struct unzip *z;                                             struct zipper w;
 *     TRY(unzip_open_bytes(a, file, NULL, &z, err));               zipper_init(&w, a, &out);
 *     const struct unzip_entry *e = unzip_find(z, "word/document.xml");   zipper_add(&w, STR("a.txt"), text);
 *     rc = e ? unzip_read(z, e, a, &xml, err) : ...;               TRY(zipper_end(&w, err));
 *     unzip_close(z); */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

struct unzip_limits {
	uint64_t file_bytes;     /* the archive itself */
	uint64_t unpacked_bytes; /* all entries together */
	uint32_t entries;
	uint32_t ratio; /* unpacked : packed of one entry; entries up to UNZIP_SMALL_BYTES may swell more */
};

enum {
	UNZIP_FILE_MAX_BYTES = 64 << 20,
	UNZIP_UNPACKED_MAX_BYTES = 64 << 20,
	UNZIP_ENTRIES_MAX = 2000,
	UNZIP_RATIO_MAX = 200,
	UNZIP_SMALL_BYTES = 1 << 20,
	UNZIP_NAME_MAX_BYTES = 512,
	ZIPPER_ENTRIES_MAX = 65534
};
extern const struct unzip_limits UNZIP_LIMITS; /* the four maxima above; NULL means these */

struct unzip;
struct unzip_entry {
	str name; /* with slashes; UTF-8, or read as GB18030 where it is none */
	uint64_t bytes, packed_bytes;
	uint32_t index;
	bool folder;
};

bool unzip_looks_so(str head); /* begins like a zip archive: "PK" 03 04 or an empty one */
/* bytes must outlive z. a keeps the entries; z is closed by unzip_close. */
MUST_USE enum rc unzip_open_bytes(
	struct arena *a, str bytes, const struct unzip_limits *limits, struct unzip **out_z, struct err *err);
MUST_USE enum rc unzip_open_file(struct arena *a, const char *path, const struct unzip_limits *limits,
	struct unzip **out_z, struct err *err);
void unzip_close(struct unzip *z); /* NULL allowed; closes its streams */

size_t unzip_count(const struct unzip *z);
const struct unzip_entry *unzip_at(const struct unzip *z, size_t i); /* in the archive's order */
/* By name, ASCII letters in either case (part names of office files are so); NULL when there is none. */
const struct unzip_entry *unzip_find(const struct unzip *z, const char *name);
/* The whole entry into a. */
MUST_USE enum rc unzip_read(
	struct unzip *z, const struct unzip_entry *e, struct arena *a, str *out_bytes, struct err *err);

/* An entry piece by piece, for what should never lie in memory whole; several may be open at once. *out_n is 0 at the
 * end, after the CRC was found right. */
struct unzip_stream;
MUST_USE enum rc unzip_stream_open(
	struct unzip *z, const struct unzip_entry *e, struct unzip_stream **out_s, struct err *err);
MUST_USE enum rc unzip_stream_read(
	struct unzip_stream *s, void *to, size_t max_bytes, size_t *out_n, struct err *err);
void unzip_stream_close(struct unzip_stream *s); /* NULL allowed */

/* The writer appends to *out, which the caller owns and which should be empty. */
struct zipper {
	struct arena *a;
	struct buf *out;
	struct zipper_part *parts;
	size_t n, cap;
};
void zipper_init(struct zipper *z, struct arena *a, struct buf *out);
void zipper_add(struct zipper *z, str name, str bytes); /* name: UTF-8 with slashes, each once */
/* Writes the directory. RC_LIMIT when *out is full, over 4 GB or over ZIPPER_ENTRIES_MAX. */
MUST_USE enum rc zipper_end(struct zipper *z, struct err *err);
