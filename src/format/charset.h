/* charset.h -- the text encodings of files that offices send: UTF-8 or GB18030 (GB 18030-2022, which contains GBK and
 * GB 2312), nothing else. Found by content: a byte order mark, else strict UTF-8, else GB18030 without a fault. The
 * rule was right on every sample tried, where statistical detectors failed on short texts.
 * GB18030 goes through iconv, whose tables glibc loads when first used: call charset_prepare() before a process shuts
 * itself into a sandbox. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum charset { CHARSET_UTF8, CHARSET_GB18030, CHARSET_UNKNOWN };

bool charset_prepare(void);               /* false where the system lacks the tables */
const char *charset_name(enum charset c); /* "UTF-8", "GB18030" */

/* Strict conversion of the whole text; false (and *out untouched) at the first byte that is not GB18030. */
bool charset_gb18030_to_utf8(struct arena *a, str gb, str *out);

/* A converter that is fed in pieces; a character may be cut between two pieces. Several may be in use at once. */
struct charset_decoder {
	void *iconv;
	char kept[4]; /* the head of a character whose rest has not come yet */
	size_t kept_n;
};
bool charset_decoder_init(struct charset_decoder *d);
/* Adds to *out (room for CHARSET_GROWTH * n + 16 bytes needed); false at a byte that is not GB18030. */
enum { CHARSET_GROWTH = 3 };
bool charset_decode(struct charset_decoder *d, str gb, char *out, size_t *out_n);
bool charset_decoder_ends(const struct charset_decoder *d); /* no half character is left over */
void charset_decoder_done(struct charset_decoder *d);
