/* difference.h -- two texts side by side, sentence by sentence: what both have, what only one has.
 * By the longest common subsequence (Hunt and McIlroy 1976, the plain table), at most DIFFERENCE_MAX sentences or words each;
 * what is beyond stands as it is. Pure. */
#pragma once
#include "base/arena.h"

enum { DIFFERENCE_MAX = 1500 };
enum difference_kind { DIFF_SAME, DIFF_GONE, DIFF_NEW };

struct difference {
	enum difference_kind kind;
	str text;
};

/* Within one sentence: by Han characters, numbers and words, neighbours of a kind joined. *out_same: bytes that both have. */
struct difference *difference_words(struct arena *a, str before, str now, size_t *out_n, size_t *out_same);
struct difference *difference_of(struct arena *a, str before, str now, size_t *out_n);
