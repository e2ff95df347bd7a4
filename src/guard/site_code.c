/* site_code.c -- see site_code.h. */
#include "guard/site_code.h"
#include "guard/code.h"
#include <sodium.h>
#include <stdio.h>

enum { CODE_LETTERS = 8, LETTER_BITS = 5, MAC_BYTES = 16, WHAT_MAX_BYTES = 120 };

static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static struct hash mac(struct seal *seal, const char *kind, str what, int64_t number)
{
	char text[WHAT_MAX_BYTES + 40];
	int n = snprintf(text, sizeof text, "%s|%.*s|%lld", kind,
		(int)(what.n < WHAT_MAX_BYTES ? what.n : WHAT_MAX_BYTES), what.p, (long long)number);
	struct hash key = seal_key(seal, STR("site_code"));
	struct hash h =
		hash_hmac(seal_hash(seal), (str){(const char *)key.b, sizeof key.b}, (str){text, (size_t)n});
	sodium_memzero(&key, sizeof key);
	return h;
}

static void code_of(struct seal *seal, str what, int64_t window, char out[SITE_CODE_BYTES])
{
	struct hash h = mac(seal, "code", what, window);
	uint64_t bits = 0;
	for (int i = 0; i < 5; i++)
		bits = bits << 8 | h.b[i];
	for (int i = CODE_LETTERS - 1; i >= 0; i--, bits >>= LETTER_BITS)
		out[i] = LETTERS[bits & 31];
	out[CODE_LETTERS] = 0;
}

void site_code(struct seal *seal, str what, int64_t now_ms, char out[SITE_CODE_BYTES])
{
	code_of(seal, what, now_ms / SITE_CODE_MS, out);
}

bool site_code_good(struct seal *seal, str what, str code, int64_t now_ms)
{
	char typed[CODE_CHARS_MAX + 1], want[SITE_CODE_BYTES];
	bool good = false;
	if (!code_read(code, CODE_LETTERS, typed))
		return false;
	for (int back = 0; back <= 1; back++) {
		code_of(seal, what, now_ms / SITE_CODE_MS - back, want);
		good |= sodium_memcmp(typed, want, CODE_LETTERS) == 0;
	}
	return good;
}

static void ticket_of(struct seal *seal, str what, int64_t at_ms, char out[SITE_TICKET_BYTES])
{
	struct hash h = mac(seal, "ticket", what, at_ms);
	int n = snprintf(out, SITE_TICKET_BYTES, "%lld.", (long long)at_ms);
	for (int i = 0; i < MAC_BYTES && n + 2 < SITE_TICKET_BYTES; i++)
		n += snprintf(out + n, SITE_TICKET_BYTES - (size_t)n, "%02x", h.b[i]);
}

void site_ticket(struct seal *seal, str what, int64_t now_ms, char out[SITE_TICKET_BYTES])
{
	ticket_of(seal, what, now_ms, out);
}

bool site_ticket_good(struct seal *seal, str what, str ticket, int64_t now_ms)
{
	char want[SITE_TICKET_BYTES];
	str mac_text;
	int64_t at;
	if (!str_i64(str_cut(ticket, '.', &mac_text), &at) || at > now_ms || now_ms - at > SITE_TICKET_MS)
		return false;
	ticket_of(seal, what, at, want);
	return ticket.n == strlen(want) && sodium_memcmp(ticket.p, want, ticket.n) == 0;
}
