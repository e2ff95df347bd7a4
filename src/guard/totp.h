/* totp.h -- codes of an authenticator: RFC 6238 over HMAC-SHA-1 (liboath), steps of 30 seconds, six digits, as every
 * authenticator understands them. Pure: secret and time in, digits out; who has which secret is factor.h's matter. */
#pragma once
#include "base/arena.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_DIGITS = 6, TOTP_DIGITS_MAX = 8, TOTP_STEP_S = 30 };

struct totp_secret {
	unsigned char b[TOTP_SECRET_BYTES];
};

/* The digits at an instant, NUL-ended; digits is 6, 7 or 8. */
bool totp_at(const struct totp_secret *s, int64_t at_ms, int digits, char out[TOTP_DIGITS_MAX + 1]);
/* The step that a typed code stands for: the running one, the one before or the one behind (clocks differ); -1: none.
 * Blanks between the digits are passed over. Always looks at all three. */
int64_t totp_step(const struct totp_secret *s, str typed, int64_t now_ms);
/* Base32 in fours, for typing in: JBSW Y3DP ... */
str totp_text(struct arena *a, const struct totp_secret *s);
/* otpauth://totp/ISSUER:ACCOUNT?secret=...&issuer=..., for the picture. */
str totp_address(struct arena *a, const struct totp_secret *s, str issuer, str account);
