/* utf8.h -- strict UTF-8 (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF). */
#pragma once
#include "base/str.h"

bool utf8_valid(str s);
bool utf8_clean(str s); /* valid and without U+0000: what the door lets in */
/* The character at the head and its length in *n; U+FFFD and 1 on a bad byte; s must not be empty. */
uint32_t utf8_next(str s, size_t *n);
size_t utf8_put(uint32_t c, char out[4]); /* bytes written */
str utf8_head(str s, size_t max_bytes);   /* cut between two characters, at most max_bytes long */
str utf8_whole(str s);                    /* without a last character that somebody cut through */
size_t utf8_count(str s);                 /* characters */
size_t utf8_columns(str s); /* terminal columns: a wide (Han, full-width) character counts two */
bool utf8_is_han(uint32_t c);
