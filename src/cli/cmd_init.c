/* cmd_init.c -- qinghe init: an empty city. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "figure/figure.h"
#include "format/json.h"
#include "guard/account.h"
#include "guard/role.h"
#include "register/record.h"
#include "register/starters.h"

struct first {
	char code[ACCOUNT_CODE_BYTES];
	bool starters;
	size_t rows;
};

/* The first administrator: a person without particulars, who claims the account with the code and completes them. */
static enum rc first_admin(struct job_ctx *c, void *arg, struct err *err)
{
	struct first *f = arg;
	struct city *city = job_city(c);
	const struct reg *reg = model_reg(city->model, STR("person"));
	struct entry name = {reg_field(reg, STR("name")), {.kind = V_TEXT, .t = STR("首任管理员")}};
	struct record_input in = {.reg = reg, .org = city->root_org, .entries = &name, .entries_n = 1};
	static const char *const roles[] = {"secadmin", "city_staff"};
	int64_t person, id;
	TRY(record_add(c, &in, &person, err));
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		TRY(role_grant(c, &city->model->roles, person, str_of(roles[i]), city->root_org,
			clock_today(), ROLE_OPEN, &id, err));
	if (f->starters)
		TRY(starters_enter(c, &f->rows, err));
	return account_code(c, person, f->code, err);
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *name = "城市", *region = "", *model = "", *crypto = "international";
	struct first f = {.code = {0}};
	TRY(opt_text(in, "--city", &name, err));
	TRY(opt_text(in, "--region", &region, err));
	TRY(opt_text(in, "--model", &model, err));
	TRY(opt_text(in, "--crypto", &crypto, err));
	opt_flag(in, "--starters", &f.starters);
	TRY(opt_done(in, 0, 0, &cmd_init, err));
	bool national = strcmp(crypto, "national") == 0;
	if (!national && strcmp(crypto, "international") != 0)
		return FAIL(err, RC_INVALID, "--crypto is international or national");
	struct city_new n = {
		.name = str_of(name), .region = str_of(region), .model_dir = model, .national = national};
	TRY(city_init(in->db_url, &n, err));
	struct city *city;
	struct actor operator= actor_operator();
	TRY(city_open(in->db_url, true, &city, err));
	enum rc rc = figure_attach(city, err);
	if (rc == RC_OK)
		rc = city_run(city, &operator, in->a, (str){NULL, 0}, first_admin, &f, err);
	if (rc == RC_OK && in->json) {
		struct buf b = {0};
		struct json j;
		json_init(&j, &b);
		json_object(&j);
		json_put_cstr(&j, "city", name);
		json_put_i64(&j, "root", city->root_org);
		json_put_cstr(&j, "code", f.code);
		if (f.starters)
			json_put_i64(&j, "rows", (int64_t)f.rows);
		json_object_end(&j);
		printf("%s\n", b.p);
		buf_done(&b);
	} else if (rc == RC_OK) {
		printf(tr("%s is ready in %s.\nThe first administrator signs in once with this code: %s\n"
			  "Without the key file and the key store beside the database nothing sealed opens "
			  "again: print "
			  "the recovery sheet now (qinghe key init) and copy the key store (qinghe key "
			  "export).\n"),
			name, db_shown(in->a, in->db_url).p, f.code);
	}
	city_close(city);
	return rc;
}

const struct command cmd_init = {
	.name = "init",
	.usage = N_("init [--city NAME] [--region CODE] [--model DIR] [--crypto "
		    "international|national] [--starters]"),
	.summary = N_("make an empty city"),
	.help = N_("Makes the database of --db, its key file, the tables of the model and the root "
		   "organisation\n"
		   "共青团NAME委员会, and prints a one-time code for the first administrator. No password is "
		   "preset.\n"
		   "--crypto national: SM4 and SM3 for what is sealed and indexed, and for passwords.\n"
		   "--starters: with the rows of rules/starters.yaml, names that the report speaks of.\n"
		   "Example: qinghe --db linlan.db init --city 临澜市 --region 3799\n"
		   "Exit codes: 0 done, 2 a database stands there already, 4 storage."),
	.run = run,
};
