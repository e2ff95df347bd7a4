/* words.h -- the port's words in SQL text ({in ?1}, {days A | B}, {age B | D}, {month X}, {day X}; db.h says what they mean),
 * put into one engine's spelling. Pure: text in, text out.
 *
 * A word stands in braces; braces within '...', "..." and comments are left alone. Arguments are separated by a single
 * bar outside parentheses (|| is concatenation) and may hold words themselves, WORDS_DEPTH_MAX deep. Everything outside
 * words is copied byte for byte.
 * Errors: RC_INVALID for an unknown word, a wrong number of arguments, an open brace, quote or comment. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { WORDS_DEPTH_MAX = 8, WORDS_ARGS_MAX = 2, WORDS_SQL_MAX_BYTES = 1 << 20 };
enum word { WORD_IN, WORD_DAYS, WORD_AGE, WORD_MONTH, WORD_DAY };

/* Writes one word, its arguments already rewritten and trimmed. */
typedef void word_writer(struct buf *out, enum word word, const str *args);

MUST_USE enum rc words_rewrite(struct buf *out, str sql, word_writer *write, struct err *err);
