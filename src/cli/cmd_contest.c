/* cmd_contest.c -- qinghe contest tally|board POLL | verify BOARD.ndjson */
#include "base/file.h"
#include "cli/alone.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "service/contest/board_verify.h"
#include "service/contest/poll.h"
#include <string.h>

enum { BOARD_MAX_BYTES = 1 << 30 };

struct wish {
	struct invocation *in;
	const char *path, *key, *head;
};

static enum rc verify(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct invocation *in = w->in;
	const char *path = w->path, *key = w->key, *head = w->head;
	struct board_witness witness;
	(void)out;
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

static void json_head(struct json *j, const struct poll_count *c)
{
	json_object(j);
	json_put_i64(j, "poll", c->row->id);
	json_put_i64(j, "credentials", (int64_t)c->credentials);
	json_put_i64(j, "voters", (int64_t)c->voters);
	json_put_i64(j, "ballots", (int64_t)c->ballots);
	json_put_i64(j, "annulled", (int64_t)c->annulled);
	json_put_i64(j, "anonymous", (int64_t)c->anonymous);
}

static enum rc tally(struct invocation *in, struct cli_reader *r, const char *poll, struct err *err)
{
	struct poll_count c;
	struct buf b = {0};
	struct json j;
	TRY(poll_tally(&r->r, str_of(poll), &c, err));
	json_init(&j, &b);
	json_head(&j, &c);
	json_key(&j, "votes");
	json_array(&j);
	for (size_t i = 0; i < c.choices_n; i++) {
		json_object(&j);
		json_put_i64(&j, "entry", c.choices[i].entry);
		json_put_i64(&j, "votes", (int64_t)c.choices[i].votes);
		json_object_end(&j);
		if (!in->json)
			printf("#%lld\t%llu\n", (long long)c.choices[i].entry,
				(unsigned long long)c.choices[i].votes);
	}
	json_array_end(&j);
	json_object_end(&j);
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	else
		printf(tr("%llu voters of %llu credentials; %llu ballots, %llu of them annulled, %llu "
			  "without a "
			  "credential\n"),
			(unsigned long long)c.voters, (unsigned long long)c.credentials,
			(unsigned long long)c.ballots, (unsigned long long)c.annulled,
			(unsigned long long)c.anonymous);
	buf_done(&b);
	return RC_OK;
}

static void to_buf(void *ctx, str text)
{
	buf_add(ctx, text);
	buf_putc(ctx, '\n');
}

/* Whole or not at all: gathered first. */
static enum rc board(
	struct invocation *in, struct cli_reader *r, const char *poll, const char *to, struct err *err)
{
	struct buf b;
	struct board_tally t;
	buf_init(&b, BOARD_MAX_BYTES);
	enum rc rc = poll_board(&r->r, str_of(poll), to_buf, &b, &t, err);
	if (rc == RC_OK && !buf_ok(&b))
		rc = FAIL(err, RC_LIMIT, "the board is larger than %d MB", BOARD_MAX_BYTES >> 20);
	if (rc == RC_OK)
		rc = file_write(to, buf_str(&b), err);
	buf_done(&b);
	if (rc == RC_OK && !in->quiet)
		fprintf(stderr, tr("%llu ballots, %llu voters, %llu annulled\n"),
			(unsigned long long)t.ballots, (unsigned long long)t.voters,
			(unsigned long long)t.annulled);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *key = NULL, *head = NULL, *to = "-";
	struct cli_reader r;
	TRY(opt_text(in, "--key", &key, err));
	TRY(opt_text(in, "--head", &head, err));
	TRY(opt_text(in, "-o", &to, err));
	TRY(opt_done(in, 2, 2, &cmd_contest, err));
	const char *verb = in->argv[0];
	if (strcmp(verb, "verify") == 0) {
		struct wish w = {in, in->argv[1], key, head};
		return alone((const char *const[]){w.path, NULL}, NULL, verify, &w, err);
	}
	if (strcmp(verb, "tally") != 0 && strcmp(verb, "board") != 0)
		return usage_error(&cmd_contest, err);
	TRY(cli_reader(in, &r, err));
	enum rc rc = strcmp(verb, "tally") == 0 ? tally(in, &r, in->argv[1], err)
						: board(in, &r, in->argv[1], to, err);
	cli_done(&r);
	return rc;
}

const struct command cmd_contest = {
	.name = "contest",
	.usage = N_("contest tally POLL | board POLL [-o FILE] | verify BOARD.ndjson [--key HEX] [--head "
		    "SIZE:ROOT]"),
	.summary = N_("count a vote, write its bulletin board, count a board again"),
	.help = N_(
		"POLL is a vote's title or #number. tally: per entry, the last ballot of each credential; "
		"only "
		"when the vote is closed. board: the whole vote as a file that anyone counts again; only of "
		"votes by issued credentials, whose ballots are signed.\n"
		"verify checks the roll, every signature, the order, the annulments, the signed heads and "
		"the "
		"tally from nothing but the file, and names every fault with its line. qinghe-board-verify "
		"does "
		"the same as a program of its own.\n"
		"--key pins the authority's key; --head gives a head that a witness kept.\n"
		"Example: qinghe contest verify board.ndjson\n"
		"Exit codes: 0 holds, 1 does not hold, 2 no board, no such vote or not closed, 3 not yours, "
		"4 "
		"cannot be read or written."),
	.run = run,
};
