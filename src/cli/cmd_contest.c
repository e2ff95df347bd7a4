/* cmd_contest.c -- qinghe contest verify|tally BOARD.ndjson */
#include "cli/commands.h"
#include "service/contest/board_verify.h"
#include <string.h>

static enum rc verify(
	struct invocation *in, const char *path, const char *key, const char *head, struct err *err)
{
	struct board_witness witness;
	struct board_how how = {.key_hex = key, .witness = &witness, .chinese = tr_lang() == LANG_ZH};
	struct board_verdict v;
	if (head && !board_witness_read(head, &witness))
		return FAIL(err, RC_INVALID, "--head wants SIZE:ROOT, as a witness kept it, not “%s”", head);
	how.witness_n = head != NULL;
	int code = board_verify(path, &how, in->json ? stderr : stdout, &v);
	if (code == 4)
		return FAIL(err, RC_IO, "%s cannot be read", path);
	if (code == 2)
		return FAIL(err, RC_INVALID, "%s is no bulletin board", path);
	if (in->json)
		printf("{\"valid\":%s,\"roll\":%llu,\"ballots\":%llu,\"annulled\":%llu,\"voters\":%llu,"
		       "\"heads\":%llu,"
		       "\"faults\":%llu}\n",
			code == 0 ? "true" : "false", (unsigned long long)v.roll,
			(unsigned long long)v.ballots, (unsigned long long)v.annulled,
			(unsigned long long)v.voters, (unsigned long long)v.heads,
			(unsigned long long)v.faults);
	return code == 0 ? RC_OK : RC_FOUND;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *key = NULL, *head = NULL;
	TRY(opt_text(in, "--key", &key, err));
	TRY(opt_text(in, "--head", &head, err));
	TRY(opt_done(in, 2, 2, &cmd_contest, err));
	if (strcmp(in->argv[0], "verify") != 0)
		return usage_error(&cmd_contest, err);
	return verify(in, in->argv[1], key, head, err);
}

const struct command cmd_contest = {
	.name = "contest",
	.usage = N_("contest verify BOARD.ndjson [--key HEX] [--head SIZE:ROOT] [--json]"),
	.summary = N_("count a vote's bulletin board again"),
	.help = N_("Checks the roll, every signature, the order, the annulments, the signed heads and the "
		   "tally from nothing "
		   "but the file, and names every fault with its line. qinghe-board-verify does the same as "
		   "a program of "
		   "its own.\n"
		   "--key pins the authority's key; --head gives a head that a witness kept.\n"
		   "Example: qinghe contest verify board.ndjson\n"
		   "Exit codes: 0 holds, 1 does not hold, 2 no board, 4 cannot be read."),
	.run = run,
};
