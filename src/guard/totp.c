/* totp.c -- see totp.h. */
#include "guard/totp.h"
#include "base/buf.h"
#include <liboath/oath.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

static void once(void)
{
	(void)!oath_init();
}

bool totp_at(const struct totp_secret *s, int64_t at_ms, int digits, char out[TOTP_DIGITS_MAX + 1])
{
	static pthread_once_t started = PTHREAD_ONCE_INIT;
	pthread_once(&started, once);
	if (digits < TOTP_DIGITS || digits > TOTP_DIGITS_MAX || at_ms < 0)
		return false;
	return oath_totp_generate((const char *)s->b, sizeof s->b, at_ms / 1000, TOTP_STEP_S, 0,
		       (unsigned)digits, out) == OATH_OK;
}

int64_t totp_step(const struct totp_secret *s, str typed, int64_t now_ms)
{
	char given[TOTP_DIGITS + 1] = {0}, right[TOTP_DIGITS_MAX + 1];
	size_t n = 0;
	int64_t now = now_ms / 1000 / TOTP_STEP_S, found = -1;
	for (size_t i = 0; i < typed.n; i++) {
		if (typed.p[i] == ' ')
			continue;
		if (typed.p[i] < '0' || typed.p[i] > '9' || n == TOTP_DIGITS)
			return -1;
		given[n++] = typed.p[i];
	}
	if (n != TOTP_DIGITS)
		return -1;
	for (int64_t step = now - 1; step <= now + 1; step++)
		if (totp_at(s, step * TOTP_STEP_S * 1000, TOTP_DIGITS, right) &&
			sodium_memcmp(right, given, TOTP_DIGITS) == 0)
			found = step;
	sodium_memzero(right, sizeof right);
	return found;
}

/* RFC 4648; 20 bytes are 32 letters without padding. */
static void base32(const struct totp_secret *s, char out[TOTP_SECRET_BYTES * 8 / 5 + 1])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	size_t n = 0;
	unsigned bits = 0, have = 0;
	for (size_t i = 0; i < TOTP_SECRET_BYTES; i++) {
		bits = (bits << 8 | s->b[i]) & 0xFFFF;
		for (have += 8; have >= 5; have -= 5)
			out[n++] = letters[bits >> (have - 5) & 31];
	}
	out[n] = 0;
}

str totp_text(struct arena *a, const struct totp_secret *s)
{
	char text[TOTP_SECRET_BYTES * 8 / 5 + 1];
	struct buf b = {0};
	base32(s, text);
	for (size_t i = 0; text[i]; i++) {
		if (i && i % 4 == 0)
			buf_putc(&b, ' ');
		buf_putc(&b, text[i]);
	}
	str out = arena_str(a, buf_str(&b));
	buf_done(&b);
	return out;
}

static void percent(struct buf *b, str s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '.' ||
			c == '_' || c == '~') {
			buf_putc(b, (char)c);
		} else {
			buf_putc(b, '%');
			buf_putc(b, hex[c >> 4]);
			buf_putc(b, hex[c & 15]);
		}
	}
}

str totp_address(struct arena *a, const struct totp_secret *s, str issuer, str account)
{
	char text[TOTP_SECRET_BYTES * 8 / 5 + 1];
	struct buf b = {0};
	base32(s, text);
	buf_puts(&b, "otpauth://totp/");
	percent(&b, issuer);
	buf_putc(&b, ':');
	percent(&b, account);
	buf_printf(&b, "?secret=%s&issuer=", text);
	percent(&b, issuer);
	str out = arena_str(a, buf_str(&b));
	buf_done(&b);
	return out;
}
