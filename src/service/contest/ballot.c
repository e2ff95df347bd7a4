/* ballot.c -- see ballot.h. */
#include "service/contest/ballot.h"
#include "base/kdf.h"
#include <assert.h>
#include <sodium.h>
#include <string.h>

bool ballot_id_ok(str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
			return false;
	}
	return id.n > 0 && id.n <= BALLOT_ID_MAX;
}

/* Codes: 120 bits, then the first 10 bits of their SHA-256. */

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static unsigned check_of(const unsigned char random[15])
{
	struct hash h = hash_sha256((str){(const char *)random, 15});
	return (unsigned)h.b[0] << 2 | h.b[1] >> 6;
}

void ballot_code(const unsigned char random[15], char out[BALLOT_CODE_CHARS + 1])
{
	unsigned check = check_of(random);
	for (size_t i = 0; i < 24; i++) {
		size_t bit = i * 5;
		unsigned v = (unsigned)random[bit / 8] << 8 | (bit / 8 + 1 < 15 ? random[bit / 8 + 1] : 0);
		out[i] = digits[v >> (11 - bit % 8) & 31];
	}
	out[24] = digits[check >> 5];
	out[25] = digits[check & 31];
	out[26] = 0;
}

static int digit_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 32);
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

bool ballot_code_read(str text, unsigned char out[15])
{
	unsigned char bytes[15] = {0};
	unsigned check = 0;
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == ' ' || text.p[i] == '-')
			continue;
		int d = digit_of(text.p[i]);
		if (d < 0 || n == BALLOT_CODE_CHARS)
			return false;
		for (size_t k = 0; k < 5 && n < 24; k++)
			if ((d >> (4 - k)) & 1)
				bytes[(n * 5 + k) / 8] |= (unsigned char)(0x80 >> (n * 5 + k) % 8);
		if (n >= 24)
			check = check << 5 | (unsigned)d;
		n++;
	}
	if (n != BALLOT_CODE_CHARS || check != check_of(bytes))
		return false;
	memcpy(out, bytes, sizeof bytes);
	return true;
}

void ballot_secret_of(const unsigned char random[15], str contest, struct sign_secret *out)
{
	unsigned char seed[SIGN_SEED_BYTES];
	bool good = hkdf(HASH_SHA256, (str){(const char *)random, 15}, STR("qinghe-credential-v1"),
		str_head(contest, BALLOT_ID_MAX), seed, sizeof seed);
	assert(good);
	(void)good;
	sign_secret_of(seed, out);
	sodium_memzero(seed, sizeof seed);
}

/* Texts. Half a million ballots are told twice each: written by hand, printf would take longer than the hashes. */

static char *add(char *to, str s)
{
	memcpy(to, s.p, s.n);
	return to + s.n;
}

static char *add_number(char *to, int64_t v)
{
	char digit[20];
	size_t n = 0;
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	do
		digit[n++] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (v < 0)
		*to++ = '-';
	while (n > 0)
		*to++ = digit[--n];
	return to;
}

/* What is signed, with room for `more` bytes behind it. */
static str text_of(
	struct arena *a, str contest, const struct sign_key *key, str choice, int64_t at_ms, size_t more)
{
	char *p = arena_alloc(a, contest.n + choice.n + 2 * SIGN_KEY_BYTES + 30 + more), *to = p;
	to = add(to, STR("v1|"));
	to = add(to, contest);
	*to++ = '|';
	hex_text(key->b, SIGN_KEY_BYTES, to);
	to += 2 * SIGN_KEY_BYTES;
	*to++ = '|';
	to = add(to, choice);
	*to++ = '|';
	to = add_number(to, at_ms);
	return (str){p, (size_t)(to - p)};
}

str ballot_text(struct arena *a, str contest, const struct sign_key *key, str choice, int64_t at_ms)
{
	return text_of(a, contest, key, choice, at_ms, 0);
}

str ballot_leaf(struct arena *a, str contest, const struct ballot *b)
{
	enum { TAIL = 1 + 2 * SIGN_BYTES };
	str text = text_of(a, contest, &b->key, b->choice, b->at_ms, TAIL + 1);
	char *tail = (char *)(uintptr_t)text.p + text.n;
	*tail = '|';
	hex_text(b->sig, SIGN_BYTES, tail + 1);
	return (str){text.p, text.n + TAIL};
}

str ballot_annul_leaf(struct arena *a, str contest, uint64_t index, int64_t at_ms, str reason)
{
	return arena_fmt(a, "v1|%.*s|annul|%llu|%lld|%.*s", STR_ARG(contest), (unsigned long long)index,
		(long long)at_ms, STR_ARG(reason));
}

str ballot_head_text(struct arena *a, str contest, const struct hash *plan, bool close, uint64_t size,
	const struct hash *root, int64_t at_ms)
{
	char root_hex[HEX_BYTES], plan_hex[HEX_BYTES];
	hex_text(root->b, HASH_BYTES, root_hex);
	hex_text(plan->b, HASH_BYTES, plan_hex);
	return arena_fmt(a, "v1|%.*s|%s|%s|%llu|%s|%lld", STR_ARG(contest), plan_hex,
		close ? "close" : "head", (unsigned long long)size, root_hex, (long long)at_ms);
}
