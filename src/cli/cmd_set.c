/* cmd_set.c -- qinghe set REGISTER ID field=value...: edit one row. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/fields.h"
#include "cli/open.h"

struct args {
	struct invocation *in;
	const struct reg *reg;
	int64_t id, version;
	const char *from;
};

/* The parent of an organisation is no ordinary field: the unit moves in the tree, from --from on (today without it). */
static enum rc move_org(struct job_ctx *c, const struct args *x, struct field_args *f, struct err *err)
{
	const struct field *parent = reg_field(x->reg, STR("parent"));
	int32_t day = clock_today();
	if (x->from && !date_parse(str_of(x->from), &day))
		return FAIL(err, RC_INVALID, "--from wants a date such as 2025-03-01, not “%s”", x->from);
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].field == parent) {
			TRY(org_move(c, x->id, f->list[i].value.i, day, err));
			f->list[i] = f->list[--f->n];
		}
	return RC_OK;
}

static enum rc set_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct args *x = arg;
	struct field_args f;
	TRY(fields_read(c, x->reg, 0, x->in->argc - 2, x->in->argv + 2, &f, err));
	if (f.state.n)
		return FAIL(err, RC_INVALID, "a state is changed by “qinghe do”, not by set");
	if (str_is(x->reg->id, "org"))
		TRY(move_org(c, x, &f, err));
	return f.n ? record_set(c, x->reg, x->id, x->version, f.list, f.n, err) : RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct args x = {.in = in};
	TRY(opt_i64(in, "--version", &x.version, err));
	TRY(opt_text(in, "--from", &x.from, err));
	TRY(opt_done(in, 3, -1, &cmd_set, err));
	if (!str_i64(str_of(in->argv[1]), &x.id))
		return FAIL(err, RC_INVALID, "“%s” is no row number", in->argv[1]);
	struct city *city;
	struct actor actor;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = cli_register(city, in->argv[0], &x.reg, err);
	if (rc == RC_OK)
		rc = fields_attach(city, in->a, x.reg, in->argc - 2, in->argv + 2, err);
	if (rc == RC_OK)
		rc = city_run(city, &actor, in->a, (str){NULL, 0}, set_job, &x, err);
	city_close(city);
	return rc;
}

const struct command cmd_set = {
	.name = "set",
	.usage = N_("set REGISTER ID [--version N] [--from DATE] field=value..."),
	.summary = N_("edit one row"),
	.help = N_("--version N refuses when the row has another version meanwhile. The parent of an "
		   "organisation moves it\n"
		   "in the tree from --from on; figures before that day stay where they were.\n"
		   "Example: qinghe set org 812 --from 2025-03-01 parent=370104\n"
		   "Exit codes: 0 done, 2 the row does not fit, 3 not yours, 4 storage."),
	.run = run,
};
