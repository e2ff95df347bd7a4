/* board.h -- the bulletin board of a vote as one file, and its tally. Anyone counts it again with qinghe-board-verify
 * (board_verify.c, which shares no code with this). One JSON object a line, exactly in this form and order:
 *
 *	{"board":"v1","contest":"C","opens":MS,"closes":MS,"choices":["a","b"],"roll":N,"roll_root":"HEX","key":"HEX"}
 *	{"credential":"HEX"}                                           N times, ascending: the roll, frozen before opening
 *	{"ballot":"PK","choice":"a","at":MS,"sig":"HEX"}               the log's entries, in the order they were taken in
 *	{"annul":INDEX,"at":MS,"reason":"..."}                         an entry too; INDEX of the ballot it takes out
 *	{"head":SIZE,"root":"HEX","at":MS,"sig":"HEX"}                 after SIZE entries: what witnesses were given
 *	{"close":SIZE,"root":"HEX","at":MS,"sig":"HEX"}                once; behind it only annulments and heads
 *	{"tally":{"a":1,"b":2},"voters":3,"ballots":4,"annulled":1}    the end; the last head covers every entry
 *
 * Counting: per credential the last ballot; if that one was annulled the credential has no vote (an earlier ballot does
 * not come back; a later one would count). Annulled ballots stay on the board with their reason.
 * The roll's root is a Merkle root over the 32 bytes of each key; the log's over the leaves of ballot.h. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/merkle.h"
#include "service/contest/ballot.h"

enum { BOARD_CHOICES_MAX = 1000 };

struct board_entry {
	struct ballot ballot;
	bool annuls; /* then index, at_ms and reason below, not ballot */
	uint64_t index;
	int64_t at_ms;
	str reason;
};

struct board_plan {
	str contest;
	int64_t opens_ms, closes_ms;
	const str *choices;
	size_t choices_n;
	const struct sign_key *roll; /* ascending by bytes */
	size_t roll_n;
};

struct board_tally {
	uint64_t *votes; /* per choice */
	uint64_t voters, ballots, annulled;
};

/* RC_INVALID: ids, roll not ascending, an unknown choice or credential, an annulment of what is no ballot. */
MUST_USE enum rc board_tally(struct arena *a, const struct board_plan *plan,
	const struct board_entry *entries, size_t n, struct board_tally *out, struct err *err);
/* Writes the file, each line to line(). heads_every: a signed head after so many entries (0: none but the last).
 * close_size entries were in at closes_ms; what follows are annulments, the last at most at end_ms. */
MUST_USE enum rc board_write(const struct board_plan *plan, const struct board_entry *entries, size_t n,
	size_t close_size, size_t heads_every, int64_t end_ms, const struct sign_secret *authority,
	void (*line)(void *ctx, str text), void *ctx, struct err *err);
