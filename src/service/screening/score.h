/* score.h -- what a screening sheet adds up to. Pure: an instrument and answers in, a score out.
 *
 * A score is a reason to talk, never a label (BMC Psychiatry 2025, 10.1186/s12888-025-06754-y: AUC 0.62-0.71 among
 * Chinese children); the first contact is made by a person, and what is said is the instrument's matter, not ours.
 *
 * Rules, all from the instrument's data:
 *   1. An answer is one of the instrument's option values, or SCORE_MISSING. Missing never becomes 0.
 *   2. A reverse item counts min + max - answer.
 *   3. Up to prorate_up_to missing answers, none of them a risk item's: total = sum x items / answered, half up, and
 *      `prorated` says so. More: no total (SCORE_TOO_MANY_MISSING).
 *   4. A risk item without an answer: no total, and it is listed to be asked by a person (SCORE_RISK_UNANSWERED).
 *   5. A subscale with missing answers is prorated likewise where the sheet is and half its items are answered; else none.
 *   6. Alarms look at what was answered, whatever becomes of the total. A total's alarms and its band need a total.
 *   7. An alarm marked void (validity scales) makes the sheet not valid; its figures stay for the person who re-tests.
 * The level is the highest of the band's and the alarms': 0 none, 1 blue, 2 yellow, 3 orange, 4 red (configuration). */
#pragma once
#include "base/str.h"

enum { SCORE_MISSING = -128, SCORE_ITEMS_MAX = 256, SCORE_SUBSCALES_MAX = 32, SCORE_ALARMS_MAX = 32 };

struct words {
	str zh, en;
};

struct instrument_option {
	int value;
	struct words text;
};

struct instrument_item {
	str id;
	struct words text;
	bool reverse, risk;
};

struct instrument_subscale {
	str id;
	struct words text;
	const uint16_t *items; /* places in items[] */
	size_t n;
};

struct instrument_band {
	str id;
	struct words text;
	int from, to; /* of the total, both inclusive */
	int level;
};

enum alarm_on { ALARM_TOTAL, ALARM_SUBSCALE, ALARM_ITEMS };

struct instrument_alarm {
	str id;
	struct words text;
	enum alarm_on on;
	size_t subscale; /* ALARM_SUBSCALE */
	const uint16_t *
		items; /* ALARM_ITEMS: raised when at least `count` of these answers (as given) are in the range */
	size_t n, count;
	int at_least, at_most; /* inclusive; INT_MIN, INT_MAX where open */
	int level;
	bool voids;
};

struct instrument {
	str id, version; /* of the wording: item numbers differ between forms, so answers belong to a version */
	struct words title, period, ask; /* ask: the sentence above the items */
	str source, licence;
	bool licence_checked;
	const str *columns; /* headers' prefixes under which answers come: phq, d */
	size_t columns_n;
	const struct instrument_option *options;
	size_t options_n;
	int min, max; /* smallest and largest option value */
	const struct instrument_item *items;
	size_t items_n;
	const struct instrument_subscale *subscales;
	size_t subscales_n;
	const struct instrument_band *bands;
	size_t bands_n;
	const struct instrument_alarm *alarms;
	size_t alarms_n;
	size_t prorate_up_to;
	int multiply; /* the printed scale is total x multiply (WHO-5: percent, 4); 1 for none */
};

enum score_why { SCORE_FINE, SCORE_TOO_MANY_MISSING, SCORE_RISK_UNANSWERED, SCORE_NOT_AN_OPTION, SCORE_VOID };

struct score {
	bool valid;
	enum score_why why;
	bool has_total, prorated;
	int total;
	size_t missing;
	int subscale[SCORE_SUBSCALES_MAX];  /* INT_MIN: none */
	const struct instrument_band *band; /* NULL without a total */
	uint32_t alarms;                    /* bit i: alarms[i] is raised */
	size_t first_unasked; /* place of the first risk item without an answer; items_n: none */
	int level;
};

/* answers[items_n] in the order of items. */
void score_sheet(const struct instrument *in, const int8_t *answers, struct score *out);
/* N_() text for a person; NULL for SCORE_FINE. */
const char *score_why_text(enum score_why why);
