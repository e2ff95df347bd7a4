/* xml.h -- reading XML that a stranger made, as a stream (expat), and escaping what we write.
 *
 * Refused: any DOCTYPE (so no entities of the file's own, nothing fetched, nothing that expands), elements deeper than
 * XML_DEPTH_MAX, more than XML_ATTRIBUTES_MAX attributes, a single tag or comment over XML_TOKEN_MAX_BYTES, names over
 * XML_NAME_MAX_BYTES, and what is not well-formed. Encodings: UTF-8, UTF-16, Latin-1. Memory does not grow with the text.
 *
 * Names come local, with the prefix apart, so that a file whose writer chose other prefixes, or the strict namespaces of
 * ISO/IEC 29500, reads like any other: <x:row> has local "row" and prefix "x". Namespace URIs are not looked at.
 *
 * A callback that returns other than RC_OK ends the reading, and xml_parse* give that code back; RC_FOUND is for "I have
 * what I wanted" and needs no err. Slices live during the callback only. Text comes in pieces: one run of characters may
 * arrive as several calls. from_bytes..to_bytes is where the tag stands in the (unpacked) source, for those who copy what
 * they do not understand; <a/> gives a start with the whole tag and an end of width 0 at its end.
 *
 *     static enum rc start(void *ctx, const struct xml_element *e, struct err *err)
 *     {   if (str_is(e->local, "sheet")) name = xml_get(e, "name"); ... return RC_OK; }
 *     TRY(xml_parse(bytes, &(struct xml_visitor){.ctx = me, .start = start}, err)); */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "format/zip.h"

enum {
	XML_DEPTH_MAX = 256,
	XML_ATTRIBUTES_MAX = 256,
	XML_NAME_MAX_BYTES = 256,
	XML_TOKEN_MAX_BYTES = 1 << 20
};

struct xml_element {
	str local, prefix; /* prefix empty where there is none */
	const char *const
		*attrs; /* name, value, name, value ... NULL; names with their prefix; NULL at an end */
	size_t depth;   /* the root has 1 */
	uint64_t from_bytes, to_bytes;
};

struct xml_visitor {
	void *ctx;
	enum rc (*start)(void *ctx, const struct xml_element *e, struct err *err); /* each may be NULL */
	enum rc (*end)(void *ctx, const struct xml_element *e, struct err *err);
	enum rc (*text)(void *ctx, str text, struct err *err);
};

MUST_USE enum rc xml_parse(str bytes, const struct xml_visitor *v, struct err *err);
/* An entry of an archive, unpacked and read piece by piece; faults are told with the entry's name. */
MUST_USE enum rc xml_parse_entry(
	struct unzip *z, const struct unzip_entry *e, const struct xml_visitor *v, struct err *err);

/* The attribute with exactly this name ("r:id"), else the first with this local name ("id"); {NULL, 0} when absent. */
str xml_get(const struct xml_element *e, const char *name);
bool xml_is(const struct xml_element *e, const char *local);

/* Escaped for element content (& < > and a carriage return) and for an attribute in double quotes (also " tab newline).
 * Characters that XML cannot hold (most controls, U+FFFE, U+FFFF) and bad UTF-8 are left out. */
void xml_text(struct buf *b, str s);
void xml_attr(struct buf *b, str s);
