/* round_run.c -- the job that runs a round, and what stands written of it: see round.h. */
#include "base/clock.h"
#include "base/date.h"
#include "base/map.h"
#include "service/placement/match.h"
#include "service/placement/round.h"

static struct entry entry(const struct reg *reg, const char *field, struct value v)
{
	return (struct entry){reg_field(reg, str_of(field)), v};
}

static enum rc untouched(struct job_ctx *c, int64_t round, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db,
		"SELECT COUNT(*) FROM \"placement\" WHERE \"round\" = ?1 AND \"state\" <> 'void'", &s, err));
	stmt_bind_i64(s, 1, round);
	TRY(stmt_step(s, &row, err));
	int64_t n = stmt_i64(s, 0);
	stmt_reset(s);
	return n == 0 ? RC_OK
		      : FAIL(err, RC_CONFLICT, "this round has %lld placements already; void them first",
				(long long)n);
}

static enum rc write_student(
	struct job_ctx *c, const struct placement_round *o, uint32_t s, uint32_t post, struct err *err)
{
	const struct model *m = job_city(c)->model;
	const struct reg *applications = model_reg(m, STR("application")),
			 *placements = model_reg(m, STR("placement"));
	if (o->number[s] != o->stored_number[s]) {
		struct entry e =
			entry(applications, "lottery", (struct value){.kind = V_INT, .i = o->number[s]});
		TRY(record_set(c, applications, o->application[s], 0, &e, 1, err));
	}
	if (post == MATCH_NONE)
		return RC_OK;
	struct entry entries[5] = {
		entry(placements, "student", (struct value){.kind = V_INT, .i = o->student[s]}),
		entry(placements, "post", (struct value){.kind = V_INT, .i = o->post[post]}),
		entry(placements, "round", (struct value){.kind = V_INT, .i = o->row->id}),
		entry(placements, "matched_on",
			(struct value){.kind = V_TEXT, .t = date_str(c->a, clock_day_of(c->now_ms))}),
		entry(placements, "school_name", (struct value){.kind = V_TEXT, .t = o->school[s]})};
	struct record_input in = {.reg = placements,
		.org = o->org[s],
		.entries = entries,
		.entries_n = o->school[s].n ? 5 : 4,
		.state = STR("matched"),
		.source = STR("form")};
	int64_t id;
	return record_add(c, &in, &id, err);
}

enum rc placement_run_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct placement_run *x = arg;
	struct city *city = job_city(c);
	struct reader r = {.city = city, .db = c->db, .a = c->a, .actor = *c->actor, .tree = city->tree};
	struct placement_round *o = &x->round;
	c->action = STR("place");
	TRY(placement_round_read(&r, x->name, o, err));
	c->subject = arena_fmt(c->a, "placement_round:%lld", (long long)o->row->id);
	if (!str_is(o->row->state, "frozen"))
		return FAIL(err, RC_CONFLICT, "only a round whose list is settled can be run");
	if (!o->drawn)
		return FAIL(err, RC_INVALID, "the round has no seed: without a lottery nobody comes first");
	TRY(untouched(c, o->row->id, err));
	x->post_of = NEWS(c->a, o->input.problem.students_n + 1, uint32_t);
	match_solve(c->a, &o->input.problem, x->post_of);
	for (uint32_t s = 0; s < o->input.problem.students_n; s++)
		if (o->application[s])
			TRY(write_student(c, o, s,
				o->input.problem.state[s] == MATCH_SEEKS ? x->post_of[s] : MATCH_NONE, err));
	const struct move *run = reg_move(o->row->reg, STR("run"));
	if (run == NULL)
		return FAIL(err, RC_NOT_FOUND, "the register of rounds has no move run");
	TRY(record_do(c, o->row->reg, o->row->id, 0, run, NULL, 0, (str){0}, err));
	c->action = STR("place");
	c->subject = arena_fmt(c->a, "placement_round:%lld", (long long)o->row->id);
	c->detail = hex_str(c->a, o->lottery.key.b, HASH_BYTES);
	return RC_OK;
}

enum rc placement_round_result(
	struct reader *r, const struct placement_round *round, uint32_t **out_post_of, struct err *err)
{
	const struct match_problem *m = &round->input.problem;
	uint32_t *post_of = NEWS(r->a, m->students_n + 1, uint32_t);
	struct imap student_of = {0}, place_of = {0};
	struct stmt *s;
	bool row;
	for (uint32_t i = 0; i < m->students_n; i++) {
		post_of[i] = m->state[i] == MATCH_CONFIRMED ? m->confirmed[i] : MATCH_NONE;
		if (round->application[i])
			*imap_at(&student_of, (uint64_t)round->student[i]) = (int64_t)i;
	}
	for (uint32_t p = 0; p < m->posts_n; p++)
		*imap_at(&place_of, (uint64_t)round->post[p]) = (int64_t)p;
	enum rc rc = db_prepare(r->db,
		"SELECT \"student\", \"post\" FROM \"placement\" WHERE \"round\" = ?1 AND \"state\" <> "
		"'void'",
		&s, err);
	if (rc == RC_OK)
		stmt_bind_i64(s, 1, round->row->id);
	while (rc == RC_OK && (rc = stmt_step(s, &row, err)) == RC_OK && row) {
		int64_t student, place;
		long long post = (long long)stmt_i64(s, 1), who = (long long)stmt_i64(s, 0);
		if (!imap_has(&student_of, (uint64_t)who, &student))
			rc = FAIL(err, RC_FOUND,
				"person #%lld is placed in this round and has no accepted application in it",
				who);
		else if (!imap_has(&place_of, (uint64_t)post, &place))
			rc = FAIL(err, RC_FOUND,
				"post #%lld has placements of this round and nobody wished it", post);
		else
			post_of[student] = (uint32_t)place;
		if (rc != RC_OK)
			stmt_reset(s);
	}
	imap_done(&student_of);
	imap_done(&place_of);
	*out_post_of = post_of;
	return rc;
}
