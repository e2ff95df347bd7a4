/* bundle.h -- the evidence bundle: what a report's figures rest on, for somebody without the database.
 *
 * A stored zip, always the same bytes (format/zip.h), with
 *     bundle.json        city, unit, period, version; per figure: id, label, unit, definition and its digest, value (or why
 *                        none), grades, count and sum per organisation and month, number of rows, Merkle root
 *                        and where the report has tables by unit, "units": the values told of other units than its own.
 *                        Those are signed, not made again: a row's own organisation stands in it, not where that stood then
 *     rows/ID.csv        register,id,org,month,contribution,commitment,leaf -- one line a row, in the trace's order
 *     signature.json     Ed25519 over the Merkle root of all entries before it, the public key
 * A row's leaf is RFC 6962 (SHA-256) over "register,id,contribution,commitment"; the line carries its first 64 bits, so that
 * a line changed by hand is named. The commitment is HMAC-SHA-256 under a salt that stays in the city, over what the row
 * was counted by (bundle_commitment): the city can open a row for an auditor, nobody can guess one.
 *
 * Verification needs no database: it reads the parts, makes the whole archive again out of them (cells, roots and JSON
 * anew) and compares bytes; then the signature. It proves integrity and arithmetic, not truth. The key's fingerprint is the
 * SHA-256 of the public key; --key pins it. Where `adds` is set the contributions add up to the value.
 *
 * A public bundle has no rows and no organisations: months only, and where the figure counts people's records, months below
 * BUNDLE_SUPPRESS_K are hidden with a partner (guard/suppress.h). Limits: 64 MB as unzip has them; BUNDLE_ROWS_MAX rows. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/sign.h"

enum {
	BUNDLE_ROWS_MAX = 400000,
	BUNDLE_FIGURES_MAX = 1000,
	BUNDLE_UNITS_MAX = 100000,
	BUNDLE_SUPPRESS_K = 10,
	BUNDLE_GRADES = 4
};

struct bundle_row {
	str reg, org, month; /* month: 2025-03 */
	int64_t id, contribution;
	str commitment; /* hex */
};

struct bundle_figure {
	str id, label, unit, definition, digest;
	bool told, adds, people; /* people: suppress in public */
	int64_t value;
	str why;
	bool rate;
	int64_t of, over;
	int64_t grades[BUNDLE_GRADES];
	struct bundle_row *rows;
	size_t n, cap;
};

/* A value that the report tells of another unit than its own: of a table by unit. */
struct bundle_unit {
	str figure, org;
	bool told;
	int64_t value;
	str why;
};

struct bundle {
	str city, org, period, version;
	bool public;
	struct bundle_figure *figures;
	size_t n;
	struct bundle_unit *units;
	size_t units_n;
};

struct hash bundle_commitment(const struct hash *salt, const struct bundle_row *row, str counted);

MUST_USE enum rc bundle_write(struct arena *a, const struct bundle *b,
	const unsigned char seed[SIGN_SEED_BYTES], struct buf *out, struct err *err);

struct bundle_verdict {
	bool holds;
	str fault;       /* the first thing that does not hold, in words */
	str fingerprint; /* hex */
	str city, period;
	size_t figures, rows;
};
/* key: the public key or its fingerprint in hex that it must be signed with; empty: any. RC_INVALID: no bundle at all. */
MUST_USE enum rc bundle_verify(
	struct arena *a, str bytes, str key, struct bundle_verdict *out, struct err *err);
