/* password.c -- see password.h. */
#include "guard/password.h"
#include "base/hash.h"
#include "base/kdf.h"
#include "base/utf8.h"
#include <sodium.h>
#include <stdatomic.h>

enum { PASSES = 2, MEMORY_BYTES = 64 << 20, SM3_SALT_BYTES = 16, SM3_ROUNDS_MAX = 10000000 };
static const char SM3_HEAD[] = "$pbkdf2-sm3$";

static const char Q_POLICY[] = "SELECT value FROM setting WHERE name = 'password_policy'";

/* The common ones as stems: refused as they stand, and with digits or signs behind while shorter than 12. Worldwide
 * lists' heads, and what an office of this kind adds of its own. */
static const char *const stems[] = {"password", "passwd", "pass", "admin", "administrator", "root", "user",
	"guest", "test", "welcome", "letmein", "iloveyou", "monkey", "dragon", "master", "login", "abc",
	"abcd", "qwerty", "qwertyuiop", "qwe", "asd", "asdf", "asdfghjkl", "zxcvbn", "zxcvbnm", "qazwsx",
	"1qaz2wsx", "1q2w3e", "1q2w3e4r", "qweasd", "qweasdzxc", "q1w2e3r4", "superman", "football",
	"baseball", "sunshine", "princess", "changeme", "secret", "a", "aa", "woaini", "woaiwojia",
	"woaizhongguo", "zhongguo", "china", "beijing", "nihao", "mima", "wodemima", "guanliyuan", "ceshi",
	"qinghe", "gongqingtuan", "tuanwei", "tuanshiwei", "qingnian", "shaoxiandui", "zhiyuanzhe", "xuexi",
	"leifeng", "xiwang", "wuyi", "wusi", "yiban", "laoshi", "xuesheng", "youth", "league", "volunteer"};

enum rc password_policy_of(struct db *db, enum password_policy *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_POLICY, &s, err));
	TRY(stmt_step(s, &row, err));
	*out = row && str_is(stmt_text(s, 0), "level3") ? PASSWORD_LEVEL3 : PASSWORD_PLAIN;
	stmt_reset(s);
	return RC_OK;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/* aaaaaaaa, 12345678, hgfedcba: each byte the same step from the one before. */
static bool is_run(str s)
{
	int step = s.n > 1 ? lower(s.p[1]) - lower(s.p[0]) : 0;
	if (step < -1 || step > 1)
		return false;
	for (size_t i = 2; i < s.n; i++)
		if (lower(s.p[i]) - lower(s.p[i - 1]) != step)
			return false;
	return true;
}

static bool is_common(str low)
{
	str stem = low;
	while (stem.n > 0 && !is_letter(stem.p[stem.n - 1]) && (stem.p[stem.n - 1] & 0x80) == 0)
		stem.n--;
	for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
		if (str_is(low, stems[i]) || (low.n < 12 && str_is(stem, stems[i])))
			return true;
	return stem.n == 0 &&
	       low.n < 12; /* digits and signs alone: dates, telephones, places on the keyboard */
}

static int classes(str s)
{
	bool small = false, large = false, digit = false, other = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c >= 'a' && c <= 'z')
			small = true;
		else if (c >= 'A' && c <= 'Z')
			large = true;
		else if (c >= '0' && c <= '9')
			digit = true;
		else
			other = true;
	}
	return small + large + digit + other;
}

enum rc password_rules(str password, str handle, enum password_policy policy, struct err *err)
{
	char text[PASSWORD_MAX_BYTES];
	if (!utf8_clean(password) || utf8_count(password) < PASSWORD_MIN_CHARS)
		return FAIL(err, RC_INVALID,
			"a password has at least %d characters; fifteen or a sentence are better",
			(int)PASSWORD_MIN_CHARS);
	if (password.n > PASSWORD_MAX_BYTES)
		return FAIL(err, RC_INVALID, "a password has at most %d bytes", (int)PASSWORD_MAX_BYTES);
	for (size_t i = 0; i < password.n; i++)
		text[i] = lower(password.p[i]);
	str low = {text, password.n};
	bool named =
		handle.n >= 3 && str_find(low, handle) != SIZE_MAX && low.n < handle.n + PASSWORD_MIN_CHARS;
	bool weak = is_run(low) || is_common(low);
	sodium_memzero(text, sizeof text);
	if (named)
		return FAIL(err, RC_INVALID, "a password is not the account's own name");
	if (weak)
		return FAIL(
			err, RC_INVALID, "this password is among the first that anyone tries; take another");
	if (policy == PASSWORD_LEVEL3 && classes(password) < 3)
		return FAIL(err, RC_INVALID,
			"by this city's rule a password has three of: small letters, capitals, digits, "
			"signs");
	return RC_OK;
}

/* ---- hashes ---- */

static atomic_bool national_city;

void password_national(bool national)
{
	atomic_store(&national_city, national);
}

static bool is_sm3(str hash)
{
	return str_starts(hash, str_of(SM3_HEAD));
}

struct sm3_hash {
	int64_t rounds;
	unsigned char salt[SM3_SALT_BYTES];
	struct hash h;
};

static bool sm3_read(str text, struct sm3_hash *out)
{
	str rest = str_from(text, sizeof SM3_HEAD - 1);
	return str_i64(str_cut(rest, '$', &rest), &out->rounds) && out->rounds > 0 &&
	       out->rounds <= SM3_ROUNDS_MAX &&
	       hex_parse(str_cut(rest, '$', &rest), out->salt, SM3_SALT_BYTES) &&
	       hex_parse(rest, out->h.b, HASH_BYTES);
}

static enum rc sm3_make(struct arena *a, str password, str *out_hash, struct err *err)
{
	struct sm3_hash x;
	char salt[2 * SM3_SALT_BYTES + 1], hex[HEX_BYTES];
	randombytes_buf(x.salt, sizeof x.salt);
	if (!pbkdf2(HASH_SM3, password, (str){(const char *)x.salt, sizeof x.salt}, KDF_ROUNDS, x.h.b,
		    HASH_BYTES))
		return FAIL(err, RC_IO, "no memory to hash a password");
	hex_text(x.salt, sizeof x.salt, salt);
	hex_text(x.h.b, HASH_BYTES, hex);
	*out_hash = arena_fmt(a, "%s%d$%s$%s", SM3_HEAD, (int)KDF_ROUNDS, salt, hex);
	return RC_OK;
}

/* A hash that is none (no such account) takes as long as a good one. */
static bool sm3_matches(str hash, str password)
{
	struct sm3_hash x = {.rounds = KDF_ROUNDS};
	struct hash h = {{0}};
	bool real = is_sm3(hash) && sm3_read(hash, &x);
	if (!real)
		x.rounds = KDF_ROUNDS;
	bool made = pbkdf2(HASH_SM3, password, (str){(const char *)x.salt, sizeof x.salt}, (uint32_t)x.rounds,
		h.b, HASH_BYTES);
	return real && made && hash_eq(&h, &x.h);
}

enum rc password_hash(struct arena *a, str password, str *out_hash, struct err *err)
{
	char text[crypto_pwhash_STRBYTES];
	if (atomic_load(&national_city))
		return sm3_make(a, password, out_hash, err);
	if (sodium_init() < 0 || crypto_pwhash_str_alg(text, password.p ? password.p : "", password.n, PASSES,
					 MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return FAIL(err, RC_IO, "no memory to hash a password");
	*out_hash = arena_str(a, str_of(text));
	return RC_OK;
}

bool password_matches(str hash, str password)
{
	/* A hash of nothing anyone knows, with the settings above. */
	static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"
				     "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	char text[crypto_pwhash_STRBYTES] = {0};
	if (password.n > PASSWORD_MAX_BYTES)
		return false;
	if (is_sm3(hash) || (hash.n == 0 && atomic_load(&national_city)))
		return sm3_matches(hash, password);
	bool real = hash.n > 0 && hash.n < sizeof text;
	str from = real ? hash : STR(nobody);
	memcpy(text, from.p, from.n);
	if (sodium_init() < 0)
		return false;
	bool same = crypto_pwhash_str_verify(text, password.p ? password.p : "", password.n) == 0;
	return real && same;
}

bool password_is_old(str hash)
{
	char text[crypto_pwhash_STRBYTES] = {0};
	struct sm3_hash x;
	bool national = atomic_load(&national_city);
	if (is_sm3(hash))
		return !national || !sm3_read(hash, &x) || x.rounds < KDF_ROUNDS;
	if (national || hash.n >= sizeof text)
		return true;
	if (hash.n)
		memcpy(text, hash.p, hash.n);
	return crypto_pwhash_str_needs_rehash(text, PASSES, MEMORY_BYTES) != 0;
}

bool password_has_expired(int64_t password_at_ms, int64_t now_ms, enum password_policy policy)
{
	return policy == PASSWORD_LEVEL3 &&
	       now_ms - password_at_ms > PASSWORD_LEVEL3_DAYS * (int64_t)86400000;
}
