/* round.h -- a round of the return-home programme: the registers' rows as a problem of match.h, its lottery, its result.
 *
 * Students: the round's accepted applications, named by their numbers; wishes in the order written, cut at the round's
 * longest list. Posts: those wished that are accepted and of the round's holiday; others drop out of the list.
 * Hard rules: the post's degree, and its home county (the first six digits). What a post says of majors is words: staff
 * hold it against an application when they accept it.
 * Order at a post: the lottery alone. Classes (by 、，, ;) open reserved places, which the post's `reserves` declares as
 * JSON: [{"class","places","only"}], filled in that order, then open ones. Ceilings: the round's "GROUP=NUMBER" by commas,
 * over posts of that ceiling group.
 * Second round (first_round): whoever stands matched, confirmed, started or finished there keeps the post, whether he
 * applies again or not; what was refused or left is free again.
 *
 * Lottery (lottery.h): entries are the applications' numbers in decimal. The field seed holds the seed and, behind a
 * blank, the public number: hex as hex, other words by their bytes. Where the round has a seed digest it must be the
 * lottery's commitment, and a list digest its list's: else somebody changed seed or list after publishing.
 * Authorises by the register application: RC_DENIED to those who may not read it. */
#pragma once
#include "register/record.h"
#include "service/placement/lottery.h"
#include "service/placement/match_json.h"

struct placement_round {
	const struct record *row;
	struct match_input input; /* students: "#17" by application; posts: code and title */
	int64_t *
		application; /* of student s; 0: one who keeps a post of the first round and does not apply */
	int64_t *student;    /* person */
	int64_t *org;        /* the application's unit */
	str *school;         /* as the application says */
	int64_t *stored_number; /* lottery number that stands in the application; 0: none */
	int64_t *number;        /* of the lottery, from 1; 0 for those who do not take part in it */
	int64_t *post;          /* id of post p */
	struct lottery lottery;
	bool drawn; /* the round has a seed: number[] and the ranks hold */
};

/* name: #id or the round's name. Without a seed the ranks are the applications' order and drawn is false. */
MUST_USE enum rc placement_round_read(
	struct reader *r, str name, struct placement_round *out, struct err *err);
/* Where the registers say each student is; those kept from the first round included. RC_FOUND, with words: somebody is
 * placed who did not apply, or at a post that nobody wished. */
MUST_USE enum rc placement_round_result(
	struct reader *r, const struct placement_round *round, uint32_t **out_post_of, struct err *err);

/* A job (guard/job.h): solves, writes the lottery numbers and placements, moves the round to `run`. The round must be
 * frozen and drawn, and have no placements yet. arg: struct placement_run. */
struct placement_run {
	str name;
	struct placement_round round; /* out, in the job's arena */
	uint32_t *post_of;
};
enum rc placement_run_job(struct job_ctx *c, void *arg, struct err *err);
