/* model_diff.h -- two texts line by line, side by side: the longest common sequence of lines stands, the rest is struck out or
 * new. Long runs of what stands alike are left out but for DIFF_AROUND lines at each end. Texts of more than DIFF_LINES_MAX
 * lines are told as wholly replaced. */
#pragma once
#include "register/model.h"

enum { DIFF_LINES_MAX = 1500, DIFF_AROUND = 3 };

struct model_diff_line {
	str left, right;
	bool gone, new,
		skipped; /* gone: only left; new: only right; skipped: lines that stand alike are left out here */
};
void model_diff(struct arena *a, str before, str after, struct model_diff_line **out, size_t *out_n);

/* A loaded register as lines, in the order and words of its declaration: what extensions may change. */
str model_reg_lines(struct arena *a, const struct reg *reg);
