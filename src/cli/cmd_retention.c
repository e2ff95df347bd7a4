/* cmd_retention.c -- qinghe retention: what has been kept long enough goes. */
#include "cli/commands.h"
#include "cli/open.h"
#include "register/retain.h"

static enum rc run(struct invocation *in, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct retained x;
	bool dry = false;
	opt_flag(in, "--dry-run", &dry);
	TRY(opt_done(in, 0, 0, &cmd_retention, err));
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = retain_run(city, &actor, in->a, dry, &x, err);
	city_close(city);
	if (rc != RC_OK)
		return rc;
	if (in->json)
		printf("{\"deleted\":%lld,\"skeletons\":%lld,\"held\":%lld,\"keys\":%lld}\n",
			(long long)x.deleted, (long long)x.skeletons, (long long)x.held, (long long)x.keys);
	else
		printf(tr("%lld rows deleted, %lld reduced to what counts, %lld held, %lld people's keys "
			  "destroyed\n"),
			(long long)x.deleted, (long long)x.skeletons, (long long)x.held, (long long)x.keys);
	return RC_OK;
}

const struct command cmd_retention = {
	.name = "retention",
	.usage = N_("retention [--dry-run]"),
	.summary = N_("delete what has been kept long enough, or reduce it to what counts"),
	.help = N_("By each register's `keep` and rules/retention.yaml: whole calendar years end together. "
		   "What figures count "
		   "stays\n"
		   "as a skeleton without names and texts, so that no figure changes; other rows go with "
		   "their history. Rows "
		   "under a\n"
		   "hold, and rows that others refer to, wait. People whose term is over and to whom nothing "
		   "leads lose their "
		   "key.\n"
		   "--dry-run tells the numbers and changes nothing.\n"
		   "Example: qinghe retention --dry-run\n"
		   "Exit codes: 0 done, 3 not yours, 4 storage."),
	.run = run,
};
