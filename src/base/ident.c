/* ident.c -- see ident.h. */
#include "base/ident.h"
#include "base/date.h"
#include "base/tr.h"
#include "base/utf8.h"
#include <stdio.h>

enum {
	CODE_BYTES = 18,
	OLD_BYTES = 15,
	SERIAL_TAIL_BYTES = 14,
	SERIAL_CHARS_MIN = 15,
	SERIAL_CHARS_MAX = 18
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!digit(s[i]))
			return false;
	return true;
}

static int number(const char *s, int n)
{
	int v = 0;
	for (int i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	return v;
}

/* What people type, as ASCII capitals without blanks and hyphens; its length, or 0 when it cannot be a number. */
static size_t normalise(str text, char out[IDENT_NORMAL_BYTES])
{
	size_t n = 0;
	for (str s = str_trim(text); s.n > 0;) {
		size_t k;
		uint32_t c = utf8_next(s, &k);
		s = str_from(s, k);
		if (c >= 0xFF01 && c <= 0xFF5E)
			c -= 0xFF01 - '!';
		if (c == ' ' || c == '-' || c == 0x3000 || c == 0xA0 || c == 0x2013 || c == 0x2014)
			continue;
		if (c >= 'a' && c <= 'z')
			c -= 32;
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
		if (!plain || n + 1 == IDENT_NORMAL_BYTES)
			return 0;
		out[n++] = (char)c;
	}
	out[n] = 0;
	return n;
}

char ident_citizen_digit(const char digits[17])
{
	static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;
	for (int i = 0; i < 17; i++)
		sum += (digits[i] - '0') * weight[i];
	return "10X98765432"[sum % 11];
}

static const char credit_chars[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

char ident_credit_digit(const char code[17])
{
	int sum = 0, weight = 1;
	for (int i = 0; i < 17; i++) {
		const char *at = code[i] ? strchr(credit_chars, code[i]) : NULL;
		if (at == NULL)
			return 0;
		sum += (int)(at - credit_chars) * weight;
		weight = weight * 3 % 31;
	}
	return credit_chars[(31 - sum % 31) % 31];
}

/* Provinces of GB/T 2260, residence permits of people from Hong Kong, Macao and Taiwan (81-83), and 91, permanent
 * residents. */
static bool region_known(const char *code)
{
	static const char known[] =
		"11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 "
		"61 62 63 64 65 71 81 82 83 91 ";
	char two[] = {code[0], code[1], ' ', 0};
	const char *at = strstr(known, two);
	return at != NULL && (at - known) % 3 == 0;
}

static int32_t birth(const char *id)
{
	return date_of(number(id + 6, 4), number(id + 10, 2), number(id + 12, 2));
}

static struct ident citizen(const char *id, bool old, int32_t today)
{
	struct ident out = {.kind = IDENT_CITIZEN, .born = birth(id), .male = (id[16] - '0') % 2 == 1};
	memcpy(out.normal, id, CODE_BYTES);
	if (out.born == DATE_NONE)
		out.reason = N_("the date of birth in it does not exist");
	else if (out.born > today)
		out.reason = N_("the date of birth in it lies in the future");
	else if (id[17] != ident_citizen_digit(id))
		out.reason = N_("the last character does not fit: a digit is wrong or two are swapped");
	else
		out.valid = true;
	if (out.valid && old)
		out.reason = N_("15-digit form, abolished in 2013 and without a check digit: compare it with "
				"the card");
	else if (out.valid && !region_known(id))
		out.reason = N_("its region code is not known: compare it with the card");
	return out;
}

static struct ident credit(const char *code)
{
	struct ident out = {.kind = IDENT_CREDIT, .born = DATE_NONE};
	memcpy(out.normal, code, CODE_BYTES);
	char want = ident_credit_digit(code);
	if (want == 0 || !strchr(credit_chars, code[17]))
		out.reason =
			N_("a character in it that credit codes do not have (I, O, S, V and Z are left out)");
	else if (!all_digits(code + 2, 6))
		out.reason = N_("characters 3 to 8 are a region code and must be digits");
	else if (want != code[17])
		out.reason = N_("the last character does not fit; a few real codes do not: two persons may "
				"confirm it "
				"from the certificate");
	else
		out.valid = true;
	return out;
}

/* 98 - n mod 97, n being the characters as a number (letters 10..35) with 00 behind. */
static int mod97(const char *s, size_t n)
{
	int r = 0;
	for (size_t i = 0; i < n; i++)
		r = digit(s[i]) ? (r * 10 + (s[i] - '0')) % 97 : (r * 100 + (s[i] - 'A' + 10)) % 97;
	return 98 - r * 100 % 97;
}

/* PREFIX, then exactly year, number and check: 14 digits. */
static bool serial_shape(const char *s, size_t n)
{
	if (n < SERIAL_CHARS_MIN || n > SERIAL_CHARS_MAX ||
		!all_digits(s + n - SERIAL_TAIL_BYTES, SERIAL_TAIL_BYTES))
		return false;
	for (size_t i = 0; i < n - SERIAL_TAIL_BYTES; i++)
		if (digit(s[i]))
			return false;
	return true;
}

static void serial_text(const char *s, size_t n, char out[IDENT_NORMAL_BYTES])
{
	snprintf(out, IDENT_NORMAL_BYTES, "%.*s-%.8s-%.2s", (int)(n - 10), s, s + n - 10, s + n - 2);
}

static struct ident serial(const char *s, size_t n)
{
	struct ident out = {.kind = IDENT_SERIAL, .born = DATE_NONE};
	serial_text(s, n, out.normal);
	out.valid = mod97(s, n - 2) == number(s + n - 2, 2);
	if (!out.valid)
		out.reason = N_("the two check digits do not fit: a character is wrong or two are swapped");
	return out;
}

bool ident_serial(const char *prefix, int year, int64_t serial_number, char out[IDENT_NORMAL_BYTES])
{
	size_t n = strlen(prefix);
	if (n < 1 || n > 4 || year < 1900 || year > 2200 || serial_number < 1 ||
		serial_number > IDENT_SERIAL_NUMBER_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (prefix[i] < 'A' || prefix[i] > 'Z')
			return false;
	char s[IDENT_NORMAL_BYTES];
	snprintf(s, sizeof s, "%s%04u%08u", prefix, (unsigned)year % 10000,
		(unsigned)serial_number % 100000000);
	snprintf(s + n + 12, sizeof s - n - 12, "%02u", (unsigned)mod97(s, n + 12) % 100);
	serial_text(s, n + SERIAL_TAIL_BYTES, out);
	return true;
}

struct ident ident_check(str text, int32_t today)
{
	char s[IDENT_NORMAL_BYTES + 2] = "";
	size_t n = normalise(text, s);
	if (n == OLD_BYTES && all_digits(s, n)) {
		char id[CODE_BYTES + 1];
		snprintf(id, sizeof id, "%.6s19%.9s", s, s + 6);
		id[17] = ident_citizen_digit(id);
		return citizen(id, true, today);
	}
	if (n == CODE_BYTES && all_digits(s, 17) && (digit(s[17]) || s[17] == 'X')) {
		/* Digits alone may be either: a credit code whose check fits, unless the citizen ID's does as well. */
		struct ident person = citizen(s, false, today), unit = credit(s);
		bool dated = person.born != DATE_NONE || s[6] == '1' || s[6] == '2';
		return person.valid || (dated && !unit.valid) ? person : unit;
	}
	if (serial_shape(s, n))
		return serial(s, n);
	if (n == CODE_BYTES)
		return credit(s);
	return (struct ident){.kind = IDENT_UNKNOWN,
		.born = DATE_NONE,
		.reason = n == OLD_BYTES || n == CODE_BYTES
				  ? N_("neither a citizen ID nor a credit code")
				  : N_("a citizen ID has 18 (formerly 15) characters, a credit code 18")};
}

const char *ident_kind_name(enum ident_kind kind)
{
	static const char *const names[] = {
		[IDENT_UNKNOWN] = "unknown",
		[IDENT_CITIZEN] = "citizen_id",
		[IDENT_CREDIT] = "credit_code",
		[IDENT_SERIAL] = "serial",
	};
	return names[kind];
}
