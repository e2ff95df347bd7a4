/* cmd_place.c -- qinghe place: over JSON files here, over registers in place_round.c. */
#include "base/clock.h"
#include "base/file.h"
#include "cli/alone.h"
#include "cli/commands.h"
#include "cli/place_round.h"
#include "service/placement/match_json.h"
#include "service/placement/verify.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FAULTS_SHOWN = 1000 };

static ssize_t read_fd(void *ctx, char *to, size_t cap)
{
	ssize_t n;
	do
		n = read(*(int *)ctx, to, cap);
	while (n < 0 && errno == EINTR);
	return n;
}

static enum rc open_file(const char *path, int *out, struct err *err)
{
	*out = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (*out < 0)
		return FAIL(err, RC_INVALID, "%s cannot be opened: %s", path, strerror(errno));
	return RC_OK;
}

static enum rc load(struct invocation *in, const char *path, struct match_input *out, struct err *err)
{
	int fd;
	TRY(open_file(path, &fd, err));
	enum rc rc = match_read(in->a, read_fd, &fd, path, out, err);
	close(fd);
	return rc;
}

static enum rc load_result(struct invocation *in, const char *path, const struct match_input *input,
	uint32_t **out, struct err *err)
{
	int fd;
	TRY(open_file(path, &fd, err));
	enum rc rc = match_read_result(in->a, input, read_fd, &fd, path, out, err);
	close(fd);
	return rc;
}

/* What the child is to do (alone.h). */
struct wish {
	struct invocation *in;
	const char *from, *result, *id;
};

static enum rc solve(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct invocation *in = w->in;
	const char *from = w->from;
	struct match_input input;
	int64_t start = clock_mono_us();
	TRY(load(in, from, &input, err));
	uint32_t *post_of = NEWS(in->a, input.problem.students_n, uint32_t), placed = 0;
	int64_t middle = clock_mono_us();
	struct arena work = {0};
	match_solve(&work, &input.problem, post_of);
	arena_done(&work);
	int64_t end = clock_mono_us();
	for (uint32_t s = 0; s < input.problem.students_n; s++)
		placed += post_of[s] != MATCH_NONE;
	struct buf b;
	buf_init(&b, SIZE_MAX / 2);
	match_write(&b, &input, post_of);
	enum rc rc = file_put(out, buf_str(&b)) ? RC_OK : FAIL(err, RC_IO, "the output could not be written");
	buf_done(&b);
	if (rc == RC_OK && !in->quiet)
		fprintf(stderr,
			tr("%u students, %u posts: %u placed, %u not; read in %.1f ms, solved in %.1f ms\n"),
			input.problem.students_n, input.problem.posts_n, placed,
			input.problem.students_n - placed, (double)(middle - start) / 1000,
			(double)(end - middle) / 1000);
	return rc;
}

static enum rc verify(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct invocation *in = w->in;
	struct match_input input;
	(void)out;
	uint32_t *post_of;
	TRY(load(in, w->from, &input, err));
	TRY(load_result(in, w->result, &input, &post_of, err));
	struct match_fault *faults = NEWS(in->a, FAULTS_SHOWN, struct match_fault);
	size_t n = match_verify(in->a, &input.problem, post_of, faults, FAULTS_SHOWN);
	for (size_t i = 0; i < n && i < FAULTS_SHOWN && !in->json; i++) {
		const struct match_fault *f = &faults[i];
		str none = STR("-");
		printf("%.*s\t%.*s\t%s\n",
			STR_ARG(f->student == MATCH_NONE ? none : input.names.student[f->student]),
			STR_ARG(f->post != MATCH_NONE     ? input.names.post[f->post]
				: f->region != MATCH_NONE ? input.names.region[f->region]
							  : none),
			tr(match_fault_text(f->kind)));
	}
	if (in->json)
		printf("{\"valid\":%s,\"faults\":%zu}\n", n == 0 ? "true" : "false", n);
	else if (n == 0)
		puts(tr("holds: no blocking pair, no capacity and no ceiling exceeded"));
	return n == 0 ? RC_OK : RC_FOUND;
}

static enum rc explain(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct invocation *in = w->in;
	const char *id = w->id;
	struct match_input input;
	(void)out;
	uint32_t *post_of, s = 0;
	TRY(load(in, w->from, &input, err));
	TRY(load_result(in, w->result, &input, &post_of, err));
	while (s < input.problem.students_n && !str_is(input.names.student[s], id))
		s++;
	if (s == input.problem.students_n)
		return FAIL(err, RC_NOT_FOUND, "there is no student “%s”", id);
	struct match_holders h;
	struct buf b = {0};
	match_holders(in->a, &input.problem, post_of, &h);
	match_explain(&b, &h, &input.names, post_of, s);
	puts(b.n ? b.p : "");
	buf_done(&b);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *to = "-", *round = NULL;
	bool dry = false;
	TRY(opt_text(in, "-o", &to, err));
	TRY(opt_text(in, "--round", &round, err));
	opt_flag(in, "--dry-run", &dry);
	TRY(opt_done(in, 2, 4, &cmd_place, err));
	const char *verb = in->argv[0];
	bool one = in->argc == 2;
	struct wish w = {
		in, in->argv[1], in->argc > 2 ? in->argv[2] : NULL, in->argc > 3 ? in->argv[3] : NULL};
	const char *const reads[] = {w.from, w.result, NULL};
	if (strcmp(verb, "solve") == 0 && one)
		return alone(reads, to, solve, &w, err);
	if (strcmp(verb, "verify") == 0 && in->argc == 3)
		return alone(reads, NULL, verify, &w, err);
	if (strcmp(verb, "explain") == 0 && in->argc == 4)
		return alone(reads, NULL, explain, &w, err);
	if (strcmp(verb, "list") == 0 && one)
		return place_round_list(in, in->argv[1], err);
	if (strcmp(verb, "run") == 0 && one)
		return place_round_run(in, in->argv[1], dry, err);
	if (strcmp(verb, "verify") == 0 && one)
		return place_round_verify(in, in->argv[1], err);
	if (strcmp(verb, "explain") == 0 && one)
		return place_round_explain(in, in->argv[1], round, err);
	return usage_error(&cmd_place, err);
}

const struct command cmd_place = {
	.name = "place",
	.usage = N_(
		"place list ROUND | run ROUND [--dry-run] | verify ROUND | explain STUDENT [--round ROUND] "
		"| solve IN.json [-o OUT.json] | verify IN.json OUT.json | explain IN.json OUT.json STUDENT"),
	.summary = N_("match students and posts, check a matching, explain it"),
	.help = N_(
		"Over a city's registers: ROUND is a placement round's name or #number, STUDENT a person.\n"
		"list: the numbers of the accepted applications, which enter the lottery (publish them with "
		"the "
		"commitment that \"qinghe lottery --commit\" makes of them before the draw). run: draws the "
		"lottery of the round's seed, matches, writes numbers and placements; the round must be "
		"frozen. "
		"--dry-run changes nothing. verify: draws again and looks for blocking pairs.\n"
		"Over files: IN {\"posts\":[{\"id\",\"capacity\",\"priority\":[student ids, best first],"
		"\"reserves\":[{\"class\",\"places\",\"only\"}]}],"
		"\"students\":[{\"id\",\"preferences\":[post ids],\"classes\":[...]}],"
		"\"regions\":[{\"id\",\"cap\",\"posts\":[...],\"targets\":[...]}]}\n"
		"OUT: {\"matches\":[{\"student\",\"post\"}],\"unmatched\":[{\"student\",\"reason\"}]}\n"
		"The result is the stable matching that is best for every student; where regions have "
		"ceilings, the one of flexible deferred acceptance. A reserved place goes to its class "
		"first, "
		"then to anyone, unless \"only\" is true.\n"
		"verify recomputes nothing of solve: it looks for students who would have to be somewhere "
		"else.\n"
		"Example: qinghe place solve round.json -o result.json\n"
		"Exit codes: 0 done, 1 the matching does not hold, 2 bad input, 3 not yours, 4 the output "
		"cannot be "
		"written."),
	.run = run,
};
