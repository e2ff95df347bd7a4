/* cmd_outbox.c -- qinghe outbox: where messages go, and what waits (guard/outbox.h). */
#include "cli/commands.h"
#include "cli/open.h"
#include "guard/outbox.h"

static enum rc list(struct invocation *in, struct err *err)
{
	struct actor actor;
	struct city *city;
	struct outbox_count n;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = outbox_count(writer_db(city->writer), &n, err);
	city_close(city);
	TRY(rc);
	if (in->json)
		printf("{\"waiting\":%lld,\"given_up\":%lld,\"sent\":%lld}\n", (long long)n.waiting,
			(long long)n.given_up, (long long)n.sent);
	else
		printf(tr("%lld wait, %lld given up, %lld sent\n"), (long long)n.waiting,
			(long long)n.given_up, (long long)n.sent);
	return n.given_up ? RC_FOUND : RC_OK;
}

struct setting {
	const char *name, *value;
};

static enum rc set_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct setting *s = arg;
	c->action = STR("outbox.set");
	c->subject = str_of(s->name);
	return outbox_set(c, str_of(s->name), str_of(s->value), err);
}

static enum rc set(struct invocation *in, struct err *err)
{
	struct actor actor;
	struct city *city;
	struct setting s = {in->argv[1], in->argv[2]};
	TRY(cli_city(in, true, &city, &actor, err));
	struct job job = {.actor = actor, .run = set_job, .arg = &s, .a = in->a};
	enum rc rc = writer_run(city->writer, &job, err);
	city_close(city);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	TRY(opt_done(in, 0, 3, &cmd_outbox, err));
	if (in->argc == 0)
		return list(in, err);
	if (in->argc != 3 || strcmp(in->argv[0], "set") != 0)
		return usage_error(&cmd_outbox, err);
	return set(in, err);
}

const struct command cmd_outbox = {
	.name = "outbox",
	.usage = N_("outbox [set mail|from|alerts|hook|folder VALUE]"),
	.summary = N_("where messages and alerts go, and how many wait"),
	.help = N_("mail: smtp://host or smtps://host; from: the sender's address; alerts: who gets alerts "
		   "by mail;\n"
		   "hook: https://host/path that messages are posted to; folder: they are put there as files "
		   "(below the\n"
		   "city's own folder where a server sends them). An empty VALUE takes a setting back. Only "
		   "these places are\n"
		   "ever connected to. Operator and system administrator may set.\n"
		   "Example: qinghe outbox set mail smtps://mail.example.org\n"
		   "Exit codes: 0 done, 1 messages were given up, 2 no such setting or no address, 3 not "
		   "allowed."),
	.run = run,
};
