/* cmd_add.c -- qinghe add REGISTER field=value...: one row. */
#include "base/date.h"
#include "cli/commands.h"
#include "cli/fields.h"
#include "cli/open.h"

struct args {
	struct invocation *in;
	const struct reg *reg;
	const char *org_code;
	int64_t id;
};

static enum rc add_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct args *x = arg;
	struct field_args f;
	int64_t org;
	TRY(cli_org(c->db, job_city(c), x->org_code, &org, err));
	TRY(fields_read(c, x->reg, org, x->in->argc - 1, x->in->argv + 1, &f, err));
	if (str_is(x->reg->id, "org")) {
		const struct field *parent = reg_field(x->reg, STR("parent"));
		int64_t up = org ? org : job_city(c)->root_org;
		for (size_t i = 0; i < f.n; i++)
			if (f.list[i].field == parent)
				up = f.list[i].value.i;
		return org_add(c, up, DATE_NONE, f.list, f.n, &x->id, err);
	}
	struct record_input input = {.reg = x->reg,
		.org = org,
		.entries = f.list,
		.entries_n = f.n,
		.state = f.state,
		.source = STR("form")};
	return record_add(c, &input, &x->id, err);
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct args x = {.in = in};
	TRY(opt_text(in, "--org", &x.org_code, err));
	TRY(opt_done(in, 1, -1, &cmd_add, err));
	struct city *city;
	struct actor actor;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = cli_register(city, in->argv[0], &x.reg, err);
	if (rc == RC_OK)
		rc = fields_attach(city, in->a, x.reg, in->argc - 1, in->argv + 1, err);
	if (rc == RC_OK)
		rc = city_run(city, &actor, in->a, (str){NULL, 0}, add_job, &x, err);
	if (rc == RC_OK && in->json)
		printf("{\"register\":\"%.*s\",\"id\":%lld,\"version\":1}\n", STR_ARG(x.reg->id),
			(long long)x.id);
	else if (rc == RC_OK)
		printf("%.*s #%lld\n", STR_ARG(label_text(&x.reg->label)), (long long)x.id);
	city_close(city);
	return rc;
}

const struct command cmd_add = {
	.name = "add",
	.usage = N_("add REGISTER [--org CODE] field=value..."),
	.summary = N_("add one row to a register"),
	.help = N_("Fields by id or label; choices by label; references by code, name or #id; `state=` sets "
		   "the state.\n"
		   "Example: qinghe add volunteer_event --org 370102 title=净滩行动 held_on=2025-04-12\n"
		   "Exit codes: 0 done, 2 the row does not fit, 3 not yours, 4 storage."),
	.run = run,
};
