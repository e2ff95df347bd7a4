/* cmd_do.c -- qinghe do ACTION REGISTER ID [field=value...]: a declared transition. */
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/fields.h"
#include "cli/open.h"

struct args {
	struct invocation *in;
	const struct reg *reg;
	const struct move *move;
	int64_t id, version;
};

static enum rc do_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct args *x = arg;
	struct field_args f;
	TRY(fields_read(c, x->reg, 0, x->in->argc - 3, x->in->argv + 3, &f, err));
	return record_do(c, x->reg, x->id, x->version, x->move, f.list, f.n, f.reason, err);
}

static enum rc find_move(
	struct arena *a, const struct reg *reg, const char *name, const struct move **out, struct err *err)
{
	str all = STR("");
	for (size_t i = 0; i < reg->moves_n; i++) {
		const struct move *m = &reg->moves[i];
		if (str_is(m->id, name) || str_is(m->label.zh, name) || str_is(m->label.en, name)) {
			*out = m;
			return RC_OK;
		}
		all = arena_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "", STR_ARG(m->id));
	}
	return FAIL(err, RC_INVALID, "%.*s has no action “%s”; it has: %.*s",
		STR_ARG(label_text(&reg->label)), name, STR_ARG(all));
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct args x = {.in = in};
	TRY(opt_i64(in, "--version", &x.version, err));
	TRY(opt_done(in, 3, -1, &cmd_do, err));
	if (!str_i64(str_of(in->argv[2]), &x.id))
		return FAIL(err, RC_INVALID, "“%s” is no row number", in->argv[2]);
	struct city *city;
	struct actor actor;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = cli_register(city, in->argv[1], &x.reg, err);
	if (rc == RC_OK)
		rc = find_move(in->a, x.reg, in->argv[0], &x.move, err);
	if (rc == RC_OK)
		rc = fields_attach(city, in->a, x.reg, in->argc - 3, in->argv + 3, err);
	if (rc == RC_OK)
		rc = city_run(city, &actor, in->a, (str){NULL, 0}, do_job, &x, err);
	city_close(city);
	return rc;
}

const struct command cmd_do = {
	.name = "do",
	.usage = N_("do ACTION REGISTER ID [--version N] [field=value...] [reason=TEXT]"),
	.summary = N_("carry out a declared transition: submit, accept, return, cancel ..."),
	.help = N_("Example: qinghe do cancel volunteer_event 17 reason=台风\n"
		   "Exit codes: 0 done, 2 not possible in this state, 3 not yours, 4 storage."),
	.run = run,
};
