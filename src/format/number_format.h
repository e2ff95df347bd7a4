/* number_format.h -- is a cell with this number format a date? (ECMA-376 part 1, 18.8.30 and 18.8.31)
 * The built-in ids that are dates: 14-22, 45-47, and for Chinese, Japanese and Korean systems 27-36 and 50-58. A custom
 * code is one when, outside quotes, escapes and brackets, its first section has a letter y m d h s (or e, g, b, the other
 * calendars' years); [h] [mm] [s] are elapsed time, [$-804] a locale. General, 0.00E+00 and text (@) are none. */
#pragma once
#include "base/str.h"

enum number_kind {
	NUMBER_PLAIN,
	NUMBER_DATE,   /* a day, perhaps with a time */
	NUMBER_TIME,   /* a time of day only */
	NUMBER_ELAPSED /* [h]:mm: a duration */
};

enum number_kind number_format_builtin(uint32_t id);
enum number_kind number_format_custom(str code);
