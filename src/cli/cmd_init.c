/* cmd_init.c -- qinghe init: an empty city. */
#include "cli/commands.h"
#include "guard/account.h"
#include "register/city.h"

static enum rc run(struct invocation *in, struct err *err)
{
	const char *name = "城市", *region = "", *model = "";
	TRY(opt_text(in, "--city", &name, err));
	TRY(opt_text(in, "--region", &region, err));
	TRY(opt_text(in, "--model", &model, err));
	TRY(opt_done(in, 0, 0, &cmd_init, err));
	struct city_new n = {.name = str_of(name), .region = str_of(region), .model_dir = model};
	TRY(city_init(in->db_url, &n, err));
	struct city *city;
	str code;
	TRY(city_open(in->db_url, true, &city, err));
	enum rc rc = account_first_admin(in->a, city->writer, &code, err);
	if (rc == RC_OK && in->json)
		printf("{\"city\":\"%s\",\"root\":%lld,\"code\":\"%.*s\"}\n", name, (long long)city->root_org,
			STR_ARG(code));
	else if (rc == RC_OK)
		printf(tr("%s is ready in %s.\nThe first administrator signs in once with this code: %.*s\n"
			  "Keep the key file beside the database: without it nothing sealed opens again.\n"),
			name, in->db_url, STR_ARG(code));
	city_close(city);
	return rc;
}

const struct command cmd_init = {
	.name = "init",
	.usage = N_("init [--city NAME] [--region CODE] [--model DIR]"),
	.summary = N_("make an empty city"),
	.help = N_("Makes the database of --db, its key file, the tables of the model and the root "
		   "organisation\n"
		   "共青团NAME委员会, and prints a one-time code for the first administrator. No password is "
		   "preset.\n"
		   "Example: qinghe --db linlan.db init --city 临澜市 --region 3799\n"
		   "Exit codes: 0 done, 2 a database stands there already, 4 storage."),
	.run = run,
};
