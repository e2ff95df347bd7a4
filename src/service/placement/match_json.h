/* match_json.h -- placement problems and results as JSON, read piece by piece in bounded memory.
 *
 * IN  {"posts":[{"id","capacity","priority":[student ids, best first],
 *                "reserves":[{"class","places","only"}]}],        only: true leaves such a place empty rather than open it
 *      "students":[{"id","preferences":[post ids, best first],"classes":[...]}],
 *      "regions":[{"id","cap","posts":[...],"targets":[...]}]}
 * OUT {"matches":[{"student","post"}],"unmatched":[{"student","reason"}]}
 *
 * Ids are texts or whole numbers. A student who is not in a post's priority list is not eligible there; one who stands
 * there but is not among the students is passed over. A reserve without a class is open and stands for its place in the
 * order of filling. Members unknown here are passed over. Doubled ids, wishes for posts that do not exist, a post in two
 * regions and whatever match_check refuses are RC_INVALID with file, line and name. */
#pragma once
#include "format/jpull.h"
#include "service/placement/explain.h"
#include "service/placement/match.h"

struct match_input {
	struct match_problem problem;
	struct match_names names;
};

/* name: for messages. Everything lives in a. */
MUST_USE enum rc match_read(struct arena *a, jpull_read *read, void *ctx, const char *name,
	struct match_input *out, struct err *err);
/* OUT as a text; reasons in the reader's language. */
void match_write(struct buf *b, const struct match_input *in, const uint32_t *post_of);
/* A result file against its problem: post_of[students_n]. Students and posts that the problem lacks, and a student
 * named twice, are RC_INVALID; one who is not named has no post. */
MUST_USE enum rc match_read_result(struct arena *a, const struct match_input *in, jpull_read *read, void *ctx,
	const char *name, uint32_t **out_post_of, struct err *err);
