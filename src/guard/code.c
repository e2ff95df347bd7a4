/* code.c -- see code.h. */
#include "guard/code.h"
#include "base/rand.h"
#include <sodium.h>
#include <string.h>

static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void code_make(char *out, size_t chars)
{
	unsigned char random[CODE_CHARS_MAX];
	size_t n = 0;
	rand_bytes(random, sizeof random);
	for (size_t i = 0; i < chars && i < CODE_CHARS_MAX; i++) {
		if (i && i % 4 == 0)
			out[n++] = '-';
		out[n++] = ALPHABET[random[i] & 31];
	}
	out[n] = 0;
	sodium_memzero(random, sizeof random);
}

bool code_read(str typed, size_t chars, char *out_plain)
{
	size_t n = 0;
	for (size_t i = 0; i < typed.n && n <= chars; i++) {
		char c = typed.p[i];
		c = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
		c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
		if (c == 0 || strchr(ALPHABET, c) == NULL)
			continue;
		if (n < chars)
			out_plain[n] = c;
		n++;
	}
	out_plain[n < chars ? n : chars] = 0;
	return n == chars;
}
