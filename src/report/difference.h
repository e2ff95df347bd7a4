/* difference.h -- two texts side by side, sentence by sentence: what both have, what only one has.
 * By the longest common subsequence of sentences (Hunt and McIlroy 1976, the plain table), at most DIFFERENCE_MAX each. Pure. */
#pragma once
#include "base/arena.h"

enum { DIFFERENCE_MAX = 1500 };
enum difference_kind { DIFF_SAME, DIFF_GONE, DIFF_NEW };

struct difference {
	enum difference_kind kind;
	str text;
};

struct difference *difference_of(struct arena *a, str before, str now, size_t *out_n);
