/* aead.h -- authenticated encryption by suites, so that a city's envelopes can change their cipher without changing
 * their form. The suite is the byte that stands in the envelope (security.md of the specification, section 4):
 *
 *	1  XChaCha20-Poly1305 (libsodium; draft-irtf-cfrg-xchacha-03)          nonce 24, tag 16
 *	2  SM4-CTR, then HMAC-SM3 over what came out (GB/T 32907, 32905)       nonce 16, tag 32
 *	3  SM4-GCM (gcm.h)                                                     nonce 12, tag 16
 * Others are unknown and refused: aead_nonce_bytes is 0. (4 is kept for AES-256-GCM-SIV or a hardware module.)
 *
 * Every key has 32 random bytes. Suite 2 makes two of it by the KDF of GB/T 32918.4 5.4.3 over SM3: 48 bytes, the first
 * 16 for SM4, the other 32 for the MAC. Its MAC covers
 *	ad, nonce, ciphertext, bytes of ad (8, big-endian), bytes of ciphertext (8, big-endian)
 * so that no byte can wander from one part into another; it is checked before anything is deciphered. Suite 3 takes the
 * first 16 bytes of the same KDF.
 *
 * The nonce is the caller's: random and new for each text under one key. 24 and 16 bytes may be drawn for ever; suite 3
 * has 12: at most 2^32 texts under one key, so only for keys of one person or one case.
 * Texts of at most 2 GB (INT_MAX bytes): more is a programmer's error.
 * `ad` is not kept in the text but must be the same on opening: put the place of the value there.
 * sealed = ciphertext (as long as the text) then tag. Comparisons take the same time whatever differs. SM4 of OpenSSL
 * works by tables: no promise of constant time against somebody on the same processor. */
#pragma once
#include "base/attr.h"
#include "base/str.h"

enum aead_suite { AEAD_XCHACHA20_POLY1305 = 1, AEAD_SM4_HMAC_SM3 = 2, AEAD_SM4_GCM = 3 };
enum { AEAD_KEY_BYTES = 32, AEAD_NONCE_MAX_BYTES = 24, AEAD_TAG_MAX_BYTES = 32 };

size_t aead_nonce_bytes(int suite); /* 0: no such suite */
size_t aead_tag_bytes(int suite);
/* nonce has aead_nonce_bytes, out room for text.n + aead_tag_bytes; out may be text.p. The suite must be known. */
void aead_seal(
	int suite, const unsigned char key[AEAD_KEY_BYTES], str nonce, str ad, str text, unsigned char *out);
/* out has room for sealed.n - aead_tag_bytes; out may be sealed.p. False (unknown suite, nonce of another length, too
 * short, or one bit of anything differs): out holds nothing of the text. */
MUST_USE bool aead_open(int suite, const unsigned char key[AEAD_KEY_BYTES], str nonce, str ad, str sealed,
	unsigned char *out);
