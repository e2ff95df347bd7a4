/* gcm.h -- Galois/Counter Mode (NIST SP 800-38D) over a block cipher of 16 bytes.
 * OpenSSL 3.0 has GCM for AES but not for SM4 (GB/T 32907); it does give GCM's arithmetic for any cipher
 * (CRYPTO_gcm128_*), and this joins the two. aead.h uses it with SM4. AES is here because the same lines then stand
 * against the three hundred AES vectors that everybody has checked, beside the hundred of SM4.
 * The tag has 16 bytes. A nonce must never come twice under one key; 12 bytes, else GHASH of it; none is refused.
 * Key bytes: SM4 16; AES 16, 24 or 32; others are refused. `to` may be `from`; false: it holds nothing of use (zeros
 * after an open that was refused). Speed: one call of the cipher a block, tens of MB/s: fields, not films. */
#pragma once
#include "base/attr.h"
#include "base/str.h"

enum { GCM_TAG_BYTES = 16, GCM_NONCE_BYTES = 12 };
enum gcm_cipher { GCM_SM4, GCM_AES };

MUST_USE bool gcm_seal(enum gcm_cipher cipher, str key, str nonce, str ad, str from, unsigned char *to,
	unsigned char out_tag[GCM_TAG_BYTES]);
MUST_USE bool gcm_open(enum gcm_cipher cipher, str key, str nonce, str ad, str from,
	const unsigned char tag[GCM_TAG_BYTES], unsigned char *to);
