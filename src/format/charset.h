/* charset.h -- the text encodings of files that offices send: UTF-8 or GB18030 (which contains GBK and GB 2312),
 * nothing else. Found by content: a byte order mark, else strict UTF-8, else GB18030 without a fault. The rule was right
 * on every sample tried, where statistical detectors failed on short texts.
 *
 * GB18030 as in GB 18030-2022 and the Encoding Standard of WHATWG, including its two liberties: 0x80 is the euro sign and
 * A3 A0 a full-width blank, as old GBK files have them. The tables come from iconv once, by charset_prepare(), which the
 * first use calls; call it before a process shuts itself into a sandbox. Decoding itself calls nothing. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum charset { CHARSET_UTF8, CHARSET_GB18030 };

bool charset_prepare(void);               /* false where the system's iconv knows no GB18030; any thread */
const char *charset_name(enum charset c); /* "UTF-8", "GB18030" */

/* Strict conversion of the whole text; false (and *out untouched) at the first byte that is not GB18030. */
bool charset_gb18030_to_utf8(struct arena *a, str gb, str *out);

/* A converter that is fed in pieces; a character may be cut between two pieces. {0} is a new one. */
struct charset_decoder {
	unsigned char kept[4]; /* the head of a character whose rest has not come yet */
	size_t kept_n;
};
/* out has room for CHARSET_GROWTH * gb.n + CHARSET_EXTRA_BYTES; false at a byte that is not GB18030. */
enum { CHARSET_GROWTH = 3, CHARSET_EXTRA_BYTES = 16 };
bool charset_decode(struct charset_decoder *d, str gb, char *out, size_t *out_n);
