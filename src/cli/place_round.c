/* place_round.c -- see place_round.h. Students are told by the numbers of their applications, never by name. */
#include "cli/place_round.h"
#include "cli/open.h"
#include "format/json.h"
#include "register/record.h"
#include "service/placement/round.h"
#include "service/placement/verify.h"

enum { FAULTS_SHOWN = 1000 };

static str hex_of(struct arena *a, const struct hash *h)
{
	return hex_str(a, h->b, HASH_BYTES);
}

static void print_result(struct invocation *in, const struct placement_round *o, const uint32_t *post_of)
{
	const struct match_input *p = &o->input;
	struct match_holders h;
	struct buf b;
	struct json j;
	size_t placed = 0, seeking = 0;
	buf_init(&b, 0);
	json_init(&j, &b);
	match_holders(in->a, &p->problem, post_of, &h);
	json_object(&j);
	json_put_i64(&j, "round", o->row->id);
	if (o->drawn) {
		json_put_str(&j, "list", hex_of(in->a, &o->lottery.list));
		json_put_str(&j, "commitment", hex_of(in->a, &o->lottery.commitment));
		json_put_str(&j, "key", hex_of(in->a, &o->lottery.key));
	}
	json_key(&j, "matches");
	json_array(&j);
	for (uint32_t s = 0; s < p->problem.students_n; s++) {
		if (p->problem.state[s] != MATCH_SEEKS)
			continue;
		seeking++;
		json_object(&j);
		json_put_i64(&j, "application", o->application[s]);
		json_put_i64(&j, "number", o->number[s]);
		json_key(&j, "post");
		if (post_of[s] != MATCH_NONE)
			json_str(&j, p->names.post[post_of[s]]);
		else
			json_null(&j);
		placed += post_of[s] != MATCH_NONE;
		struct buf why = {0};
		match_explain(&why, &h, &p->names, post_of, s);
		json_put_str(&j, "reason", buf_str(&why));
		if (!in->json)
			printf("#%lld\t%lld\t%.*s\n", (long long)o->application[s], (long long)o->number[s],
				STR_ARG(buf_str(&why)));
		buf_done(&why);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_put_i64(&j, "placed", (int64_t)placed);
	json_put_i64(&j, "unplaced", (int64_t)(seeking - placed));
	json_object_end(&j);
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	else
		printf(tr("%zu applications: %zu placed, %zu not\n"), seeking, placed, seeking - placed);
	buf_done(&b);
}

enum rc place_round_list(struct invocation *in, const char *round, struct err *err)
{
	struct cli_reader c;
	struct placement_round o;
	TRY(cli_reader(in, &c, err));
	enum rc rc = placement_round_read(&c.r, str_of(round), &o, err);
	for (uint32_t s = 0; rc == RC_OK && s < o.input.problem.students_n; s++)
		if (o.application[s])
			printf("%lld\n", (long long)o.application[s]);
	cli_done(&c);
	return rc;
}

static enum rc dry_run(struct invocation *in, const char *round, struct err *err)
{
	struct cli_reader c;
	struct placement_round o;
	TRY(cli_reader(in, &c, err));
	enum rc rc = placement_round_read(&c.r, str_of(round), &o, err);
	if (rc == RC_OK && !o.drawn)
		rc = FAIL(err, RC_INVALID, "the round has no seed: without a lottery nobody comes first");
	if (rc == RC_OK) {
		uint32_t *post_of = NEWS(in->a, o.input.problem.students_n + 1, uint32_t);
		match_solve(in->a, &o.input.problem, post_of);
		print_result(in, &o, post_of);
	}
	cli_done(&c);
	return rc;
}

enum rc place_round_run(struct invocation *in, const char *round, bool dry, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct placement_run x = {.name = str_of(round)};
	if (dry)
		return dry_run(in, round, err);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = city_run(city, &actor, in->a, (str){NULL, 0}, placement_run_job, &x, err);
	if (rc == RC_OK)
		print_result(in, &x.round, x.post_of);
	city_close(city);
	return rc;
}

/* The lottery numbers that stand in the applications against the lottery drawn again. */
static size_t other_numbers(const struct placement_round *o, bool quiet)
{
	size_t n = 0;
	for (uint32_t s = 0; s < o->input.problem.students_n; s++) {
		if (o->application[s] == 0 || o->stored_number[s] == o->number[s])
			continue;
		if (!quiet && n < FAULTS_SHOWN)
			printf(tr("application #%lld bears lottery number %lld and drew %lld\n"),
				(long long)o->application[s], (long long)o->stored_number[s],
				(long long)o->number[s]);
		n++;
	}
	return n;
}

static enum rc verify(struct invocation *in, struct cli_reader *c, const char *round, struct err *err)
{
	struct placement_round o;
	uint32_t *post_of;
	TRY(placement_round_read(&c->r, str_of(round), &o, err));
	if (!o.drawn)
		return FAIL(err, RC_INVALID, "the round has no seed: without a lottery nobody comes first");
	TRY(placement_round_result(&c->r, &o, &post_of, err));
	size_t drawn = other_numbers(&o, in->json);
	struct match_fault *faults = NEWS(in->a, FAULTS_SHOWN, struct match_fault);
	size_t n = match_verify(in->a, &o.input.problem, post_of, faults, FAULTS_SHOWN);
	for (size_t i = 0; i < n && i < FAULTS_SHOWN && !in->json; i++) {
		const struct match_fault *f = &faults[i];
		const struct match_names *names = &o.input.names;
		printf("%.*s\t%.*s\t%s\n",
			STR_ARG(f->student == MATCH_NONE ? STR("-") : names->student[f->student]),
			STR_ARG(f->post != MATCH_NONE     ? names->post[f->post]
				: f->region != MATCH_NONE ? names->region[f->region]
							  : STR("-")),
			tr(match_fault_text(f->kind)));
	}
	bool valid = n == 0 && drawn == 0;
	if (in->json)
		printf("{\"valid\":%s,\"faults\":%zu,\"lottery_faults\":%zu}\n", valid ? "true" : "false", n,
			drawn);
	else if (valid)
		puts(tr("holds: the lottery drawn again is the same; no blocking pair, no capacity, no "
			"reserve and no ceiling exceeded"));
	return valid ? RC_OK : RC_FOUND;
}

enum rc place_round_verify(struct invocation *in, const char *round, struct err *err)
{
	struct cli_reader c;
	TRY(cli_reader(in, &c, err));
	enum rc rc = verify(in, &c, round, err);
	cli_done(&c);
	return rc;
}

/* The latest round that was run and in which this person has an accepted application, by number. */
static enum rc round_of(struct reader *r, int64_t person, str *out, struct err *err)
{
	struct record_query q = {.reg = model_reg(r->city->model, STR("application")),
		.state = STR("accepted"),
		.where = arena_fmt(
			r->a, "student = %lld and round.state in ('run', 'published')", (long long)person),
		.newest_first = true,
		.limit = 1};
	struct record **rows;
	size_t n;
	if (q.reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no registers of placements");
	TRY(record_list(r, &q, &rows, &n, err));
	if (n == 0)
		return FAIL(
			err, RC_NOT_FOUND, "this person has no accepted application in a round that was run");
	*out = arena_fmt(r->a, "#%lld", (long long)rows[0]->values[reg_field(q.reg, STR("round"))->at].i);
	return RC_OK;
}

static enum rc explain(
	struct invocation *in, struct cli_reader *c, const char *student, const char *round, struct err *err)
{
	struct placement_round o;
	uint32_t *post_of, s = 0;
	int64_t person;
	str name = str_of(round);
	const struct reg *people = model_reg(c->city->model, STR("person"));
	TRY(resolve_row(c->r.db, c->city, people, 0, str_of(student), &person, err));
	if (round == NULL)
		TRY(round_of(&c->r, person, &name, err));
	TRY(placement_round_read(&c->r, name, &o, err));
	TRY(placement_round_result(&c->r, &o, &post_of, err));
	while (s < o.input.problem.students_n && (o.student[s] != person || o.application[s] == 0))
		s++;
	if (s == o.input.problem.students_n)
		return FAIL(err, RC_NOT_FOUND, "this person has no accepted application in this round");
	struct match_holders h;
	struct buf b = {0};
	match_holders(in->a, &o.input.problem, post_of, &h);
	if (o.number[s])
		buf_printf(&b, tr("lottery number %lld; "), (long long)o.number[s]);
	match_explain(&b, &h, &o.input.names, post_of, s);
	puts(b.n ? b.p : "");
	buf_done(&b);
	return RC_OK;
}

enum rc place_round_explain(struct invocation *in, const char *student, const char *round, struct err *err)
{
	struct cli_reader c;
	TRY(cli_reader(in, &c, err));
	enum rc rc = explain(in, &c, student, round, err);
	cli_done(&c);
	return rc;
}
