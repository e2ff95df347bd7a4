/* code.h -- codes that people copy by hand: Crockford's 32 letters and digits (no I, L, O, U) in fours, 5 bits each.
 * Read forgivingly: small letters, blanks and hyphens anywhere, O for 0, I and L for 1. Pure. */
#pragma once
#include "base/str.h"

enum { CODE_CHARS_MAX = 32 };
#define CODE_TEXT_BYTES(chars) ((chars) + ((chars)-1) / 4 + 1)

void code_make(char *out, size_t chars); /* CODE_TEXT_BYTES(chars), NUL-ended; from rand_bytes */
/* The letters alone, NUL-ended (chars + 1 bytes); false unless there are exactly so many. */
bool code_read(str typed, size_t chars, char *out_plain);
