/* punctuate.h -- 规范标点: ASCII punctuation between Han characters as GB/T 15834 has it.
 * , ; : ? ! ( ) " and a full stop become ，；：？！（）“”。 where a Han character (or a slot, which prints one) stands beside them; between
 * digits and in Latin words they stay. Slots, table bars and headings' marks are not touched. Pure. */
#pragma once
#include "base/arena.h"

str punctuate(struct arena *a, str text, size_t *out_changed);
