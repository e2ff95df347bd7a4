/* round.h -- how an exact figure is printed (rule R5 of the counting rules).
 *
 * The exact integer is always kept; rounding is presentation only, chosen by a rule and never by the writer:
 *     exact            12863; money 12345.60 (yuan from fen), time 1.5 (hours from minutes)
 *     万               half-up to at most two decimals, trailing zeros off: 123456 -> 12.35万, 118000 -> 11.8万
 *     万余 千余 百余 十余   floor to that step, 余 only over a remainder: 123456 -> 12万余, 120000 -> 12万,
 *                      4387 -> 4300余, 87 -> 80余
 *     0.1万余           floor to a thousand, spoken in 万: 59312 -> 5.9万余
 *     万元 万余元        of money: half-up to two decimals, or floor with 余
 *     近万 近千 近百 近十   the next step above, only within 5 % of the value; else exact
 *     超万 超千 超百 超十   floor to that step, only over a remainder; without one the bare step
 * A value below one step (and any negative one) prints exactly and says ROUND_BELOW_STEP; the author is then warned.
 * Rates: 97.5%, half-up to one decimal, never 100% unless numerator equals denominator (then it is 100%), and never 0%
 * unless it is none.
 * Values: counts as they are; money in fen, time in minutes; the rule works on the whole yuan or hours, so that a
 * remainder in fen counts as a remainder. Time is the one exact form that may not be finite: at most two decimals, and
 * ROUND_INEXACT says so. Grouping by commas is for pages (round_grouped), never for the report.
 * Text is GB punctuation-free and fits ROUND_TEXT_BYTES for every int64_t. Pure. */
#pragma once
#include "base/str.h"

enum { ROUND_TEXT_BYTES = 64 };

enum round_rule {
	ROUND_EXACT,
	ROUND_WAN,
	ROUND_WAN_YU,
	ROUND_QIAN_YU,
	ROUND_BAI_YU,
	ROUND_SHI_YU,
	ROUND_TENTH_WAN_YU,
	ROUND_WAN_YUAN,
	ROUND_WAN_YU_YUAN,
	ROUND_NEAR_WAN,
	ROUND_NEAR_QIAN,
	ROUND_NEAR_BAI,
	ROUND_NEAR_SHI,
	ROUND_OVER_WAN,
	ROUND_OVER_QIAN,
	ROUND_OVER_BAI,
	ROUND_OVER_SHI,
	ROUND_RULES
};

enum round_kind { ROUND_COUNT, ROUND_FEN, ROUND_MINUTES };

enum round_note {
	ROUND_FINE,
	ROUND_ZERO,       /* R6: a sentence with a zero figure wants a decision */
	ROUND_BELOW_STEP, /* printed exactly instead */
	ROUND_TOO_FAR,    /* 近 not within 5 %: printed exactly instead */
	ROUND_INEXACT     /* hours cut to two decimals */
};

struct printed {
	char text[ROUND_TEXT_BYTES];
	enum round_note note;
};

/* The rule's name as declarations and slots write it ("exact", "万余"); false when there is no such rule. */
bool round_rule_parse(str name, enum round_rule *out);
const char *round_rule_name(enum round_rule rule);
/* A money rule (万元) on something that is not money is a fault of the declaration: asserted, so ask first. */
bool round_rule_fits(enum round_rule rule, enum round_kind kind);

struct printed round_print(int64_t value, enum round_kind kind, enum round_rule rule);
/* of / over as a percentage; over > 0 and of >= 0. */
struct printed round_rate(int64_t of, int64_t over);
/* R7: 全覆盖 where of = over, else 覆盖率97.5%. */
struct printed round_full(int64_t of, int64_t over);
/* Change against a base > 0: 增长12.5%, 下降3%, 持平. */
struct printed round_change(int64_t now, int64_t before);
/* For pages: 12,863 from five digits on, 4387 without; money and time as exact. */
struct printed round_grouped(int64_t value, enum round_kind kind);
