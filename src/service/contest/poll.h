/* poll.h -- a vote's registers (poll, poll_credential, ballot): its count, and its bulletin board for anyone to count again.
 *
 * Counting is board.h's: per credential the last ballot by time (then by number); was that one annulled, the credential
 * has no vote. Each pick of a ballot counts one. Ballots without a credential count nowhere: they are told apart.
 * A vote that is not closed is not counted: early results steer voters.
 *
 * Board: only of a vote by issued credentials with one pick a ballot, each signed (ballot.h) over the contest's id
 * "poll-NUMBER" and the entry's number as choice; a token is the credential's public key. Every signature is checked
 * before a line is written. The authority's key is the city's own for boards (seal_key "board"). Opens at the city's
 * midnight of opens_on, closes at that after closes_on; annulments stand behind the close with the reason's id.
 * RC_DENIED to those who may not read ballots. */
#pragma once
#include "register/record.h"
#include "service/contest/board.h"

struct poll_choice {
	int64_t entry;
	uint64_t votes;
};

struct poll_count {
	const struct record *row;
	struct poll_choice *choices; /* most votes first, then by entry; without those nobody chose */
	size_t choices_n;
	uint64_t credentials; /* on the roll */
	uint64_t voters, ballots, annulled, anonymous;
};

/* name: the poll's title or #id. */
MUST_USE enum rc poll_tally(struct reader *r, str name, struct poll_count *out, struct err *err);
MUST_USE enum rc poll_board(struct reader *r, str name, void (*line)(void *ctx, str text), void *ctx,
	struct board_tally *out, struct err *err);

/* The same for anybody, of a vote whose result is published; else RC_NOT_FOUND. The board only of one by issued credentials. */
MUST_USE enum rc poll_published(struct reader *r, int64_t id, struct poll_count *out, struct err *err);
MUST_USE enum rc poll_board_published(struct reader *r, int64_t id, void (*line)(void *ctx, str text),
	void *ctx, struct board_tally *out, struct err *err);
