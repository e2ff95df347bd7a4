/* fuzz_words.c -- the port's words in any text: what passes once holds no word any more, so it passes again unchanged
 * or not at all; a text without braces comes back as it is. */
#include "store/words.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void bare(struct buf *out, enum word word, const str *args)
{
	buf_printf(out, "W%d(", (int)word);
	buf_add(out, args[0]);
	if (word == WORD_DAYS || word == WORD_AGE)
		buf_add(out, args[1]);
	buf_putc(out, ')');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str sql = {(const char *)data, size};
	struct buf once = {.max_bytes = 1 << 20}, twice = {.max_bytes = 1 << 20};
	if (words_rewrite(&once, sql, bare, NULL) == RC_OK) {
		if (str_find_byte(sql, '{') == SIZE_MAX && !str_eq(sql, buf_str(&once)))
			abort();
		if (words_rewrite(&twice, buf_str(&once), bare, NULL) == RC_OK &&
			!str_eq(buf_str(&once), buf_str(&twice)))
			abort();
	}
	buf_done(&once);
	buf_done(&twice);
	return 0;
}
