/* numeral.h -- the numbers that people write into a text, and whether one agrees with a value.
 *
 * Finds Arabic numerals (half- or full-width, grouped, decimal) and Chinese ones (一百二十三, 十余, 三成,
 * 百分之九十) with the hedges around them (近 约 超 逾 不少于 ... 余 多 左右 以上) and the multiplier 万 亿 behind.
 * Chinese ones count as quantities only before a measure word, so that 一系列, 统一, 一是 and 一对一 are none; a single 一
 * (一个, 一名) never is one, nor are set phrases such as 两个维护.
 *
 * Numbers that are not quantities are told apart: years, dates, ordinals and list numbers, document numbers, codes
 * (12355, A4, COVID-19).
 *
 * Agreement (rule R5), x the exact value, v what is written, s the place of its last written digit:
 *     plain     x = v; with 万 or 亿 half-up to at most two decimals
 *     余 多     v < x < v + s
 *     近        x < v and v - x <= 5 % of x
 *     约 左右   |x - v| <= 5 % of x
 *     超 逾     v < x
 *     不少于 至少 以上 达   x >= v
 * Two hedges at once (近20余) are refused, and 数百 (vague) agrees with nothing. Numbers are in hundredths, so that fen
 * and percentages stay integers. Pure. */
#pragma once
#include "base/str.h"
#include "figure/round.h"

enum numeral_kind {
	NUMERAL_QUANTITY,
	NUMERAL_YEAR,
	NUMERAL_DATE,     /* month, day, hour, duration in years or days */
	NUMERAL_ORDINAL,  /* 第3, （1）, 1. at the head of a paragraph, 一、 */
	NUMERAL_DOCUMENT, /* 〔2026〕12号 */
	NUMERAL_CODE      /* letters around it, help lines */
};

enum numeral_hedge {
	HEDGE_NONE,
	HEDGE_ROUNDED, /* 12.35万 */
	HEDGE_YU,
	HEDGE_NEAR,
	HEDGE_ABOUT,
	HEDGE_OVER,
	HEDGE_AT_LEAST,
	HEDGE_VAGUE, /* 数百 */
	HEDGE_DOUBLE
};

struct numeral {
	enum numeral_kind kind;
	enum numeral_hedge hedge;
	size_t at, n;         /* bytes of the whole, hedges and multiplier included, unit not */
	int64_t stated, step; /* hundredths */
	bool percent, chinese;
	str unit; /* the measure word behind (人次, 场), maybe empty; a slice of the text */
};

/* The next numeral at or after `from`, of any kind; false at the end of the text. `text` is one paragraph. */
bool numeral_next(str text, size_t from, struct numeral *out);
int64_t numeral_hundredths(int64_t value, enum round_kind kind);
/* x in hundredths (a rate: hundredths of a per cent). */
bool numeral_agrees(const struct numeral *n, int64_t x);
/* The measure word at the head of s, longest first (人次 before 人); empty when there is none. */
str numeral_unit(str s);
