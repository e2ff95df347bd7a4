/* ballot.h -- the texts that are signed in a public vote, and the keys that sign them.
 *
 * Credential: 26 letters and digits (Crockford's base 32: no I L O U), 24 of them 120 random bits, 2 a check; on a slip
 * of paper or a QR code, made by a registrar who is not the server. From it, by HKDF-SHA-256 (RFC 5869; salt
 * "qinghe-credential-v1", info the contest's id), the seed of an Ed25519 key (RFC 8032). Only public keys reach the server.
 *
 *	ballot signs  v1|CONTEST|PK|CHOICE|MS             leaf  v1|CONTEST|PK|CHOICE|MS|SIG
 *	annulment                                         leaf  v1|CONTEST|annul|INDEX|MS|REASON
 *	head signs    v1|CONTEST|PLAN|head|SIZE|ROOT|MS   close v1|CONTEST|PLAN|close|SIZE|ROOT|MS
 * PLAN is the SHA-256 of the board's first line, which so cannot change under the heads. PLAN, PK, SIG and ROOT in
 * lower-case hex; MS UTC milliseconds; REASON as it is written between the quotes of a JSON text.
 * Ids of contests and choices are 1 to 64 of a-z A-Z 0-9 _ - . and so never hold a bar.
 * The last ballot of a credential counts; each must bear a later time than the one before, so that nobody can play an
 * old one again. */
#pragma once
#include "base/hash.h"
#include "base/sign.h"

enum { BALLOT_CODE_CHARS = 26, BALLOT_ID_MAX = 64 };

struct ballot {
	struct sign_key key;
	str choice;
	int64_t at_ms;
	unsigned char sig[SIGN_BYTES];
};

bool ballot_id_ok(str id);
/* 15 random bytes -> the 26 characters and a NUL. */
void ballot_code(const unsigned char random[15], char out[BALLOT_CODE_CHARS + 1]);
/* Reads what people type (small letters, blanks and hyphens; O for 0, I and L for 1). False when the check fails. */
bool ballot_code_read(str text, unsigned char out[15]);
void ballot_secret_of(const unsigned char random[15], str contest, struct sign_secret *out);

str ballot_text(struct arena *a, str contest, const struct sign_key *key, str choice, int64_t at_ms);
str ballot_leaf(struct arena *a, str contest, const struct ballot *b);
str ballot_annul_leaf(struct arena *a, str contest, uint64_t index, int64_t at_ms, str reason_escaped);
str ballot_head_text(struct arena *a, str contest, const struct hash *plan, bool close, uint64_t size,
	const struct hash *root, int64_t at_ms);
