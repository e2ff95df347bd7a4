/* award_paper.h -- 获奖证书: one award on paper, and verified by whoever holds it, as a certificate of service is
 * (service/volunteer/certificate.h): a number with its check, HJ2026-00000012-34, out of the award's row and year, and a code of
 * 8 letters, kept with the award when the paper is first made (field code); number and code together open it.
 *
 * It stands for an award in force whose publicity is over (公示期满): earlier none is made. Who makes it may write the award; who prints
 * it reads the entry, which of a minor takes a standing authorisation; reading it is noted like any reading of an entry. Whoever
 * verifies sees the entrant's name by its first character only. */
#pragma once
#include "register/record.h"

struct award_paper {
	int64_t id, org;
	str number, code;                           /* code empty: not made yet */
	str name, contest, work, team, level, rank; /* level and rank: ids of the register's choices */
	str awarded_on;
	bool valid, open_to_objection; /* in force; its publicity still runs */
};

MUST_USE enum rc award_paper_read(struct reader *r, int64_t id, struct award_paper *out, struct err *err);
/* Inside a job; nothing happens where it is made already. RC_CONFLICT: not in force, or publicity still runs. */
MUST_USE enum rc award_paper_make(struct job_ctx *c, int64_t id, struct err *err);
/* By whoever holds the paper: code, team and work are not filled. RC_NOT_FOUND where number or code is wrong. */
MUST_USE enum rc award_paper_verify(
	struct reader *r, str number, str code, struct award_paper *out, struct err *err);
bool award_paper_number(str number); /* it looks like one of these */
