/* ident.h -- numbers that carry their own check: citizen IDs, unified social credit codes, our own serials.
 *
 * Citizen ID (GB 11643-1999): 17 digits and a check character, weights 2^(17-i) mod 11; region(6) birth(8) order(3),
 * the 17th odd for male. The 15-digit form (region, yymmdd, order) has no check and was abolished in 2013; it is
 * accepted with a warning, `normal` holds its 18-digit form. A wrong date or check is an error; an unknown region is a
 * warning only: divisions are abolished, people stay (domain.md 2.2).
 * Credit code (GB 32100-2015): 18 of 0-9 A-Z without I O S V Z, weights 3^(i-1) mod 31. Two codes in real use are known
 * to fail the check; so a failure says that a second person may confirm the code from the paper.
 * Serial: PREFIX YYYY - NNNNNNNN - CC, as XY2025-00001234-56; CC by ISO 7064 MOD 97-10 over all before it (letters
 * count 10..35, as in an IBAN): finds every single wrong character and every swap of two neighbours.
 *
 * ident_check reads what people type: full-width characters, blanks, hyphens, small letters. Pure. */
#pragma once
#include "base/str.h"

enum { IDENT_NORMAL_BYTES = 32, IDENT_SERIAL_NUMBER_MAX = 99999999 };

enum ident_kind { IDENT_UNKNOWN, IDENT_CITIZEN, IDENT_CREDIT, IDENT_SERIAL };

struct ident {
	enum ident_kind kind;
	bool valid;
	const char
		*reason; /* N_() text: why it is not valid, or a warning; NULL when there is nothing to say */
	char normal[IDENT_NORMAL_BYTES]; /* the written form: 18 characters, or the serial with its hyphens */
	int32_t born;                    /* citizen ID with a good date: day number; else DATE_NONE */
	bool male;                       /* citizen ID */
};

/* `today` bounds the date of birth. Never fails: what it does not know is IDENT_UNKNOWN, not valid. */
struct ident ident_check(str text, int32_t today);
const char *ident_kind_name(enum ident_kind kind); /* "citizen_id", "credit_code", "serial", "unknown" */

char ident_citizen_digit(const char digits[17]); /* the check character of 17 digits */
char ident_credit_digit(const char code[17]);    /* 0 when a character is not allowed */
/* prefix: 1 to 4 capital letters; year 1900..2200; number 1..IDENT_SERIAL_NUMBER_MAX. False when out of range. */
bool ident_serial(const char *prefix, int year, int64_t number, char out[IDENT_NORMAL_BYTES]);
