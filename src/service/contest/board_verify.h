/* board_verify.h -- counts a bulletin board (board.h tells its form) again from nothing but the file. It shares no code
 * with the program that made it: C library, libsodium for Ed25519, OpenSSL for SHA-256. Built by itself with
 * -DBOARD_VERIFY_MAIN it is the program qinghe-board-verify; `qinghe contest verify` calls the same function.
 *
 * Held: the form of every line; the roll ascending, its size and Merkle root; every ballot's credential on the roll, its
 * choice on the list, its time within opening and closing and later than the credential's ballot before, its signature;
 * every annulment's ballot and reason; every head's size, root and signature; one close; the last head over all entries;
 * the tally. Heads that witnesses kept may be given: the log must have had that root at that size.
 * Every fault is told with its line; what the faults leave is still counted. Reads by mmap; 100 bytes a ballot beside. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { BOARD_WITNESS_MAX = 100, BOARD_FAULTS_TOLD = 50 };

struct board_witness {
	uint64_t size;
	unsigned char root[32];
	bool seen; /* out */
};

struct board_how {
	const char *key_hex; /* the authority's key, pinned; NULL: take the board's */
	struct board_witness *witness;
	size_t witness_n;
	bool chinese;
};

struct board_verdict {
	uint64_t faults, entries, ballots, voters, annulled, heads, roll;
	unsigned char key[32];
};

/* 0 holds, 1 faults were found, 2 no board, 4 the file cannot be read. Messages go to out. */
int board_verify(const char *path, struct board_how *how, FILE *out, struct board_verdict *verdict);
/* "SIZE:ROOT" */
bool board_witness_read(const char *text, struct board_witness *out);
