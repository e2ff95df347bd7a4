/* cmd_registers.c -- qinghe registers: what the office records. */
#include "cli/commands.h"
#include "cli/model_show.h"
#include "register/model.h"

static enum rc run(struct invocation *in, struct err *err)
{
	struct model *m;
	TRY(opt_done(in, 0, 0, &cmd_registers, err));
	TRY(model_here(in, &m, err));
	registers_print(in, m);
	model_done(m);
	return RC_OK;
}

const struct command cmd_registers = {
	.name = "registers",
	.usage = N_("registers [--json]"),
	.summary = N_("the registers: what the office records"),
	.help = N_("Works without a city as well: then the built-in registers are listed. “qinghe model show "
		   "REGISTER” "
		   "shows one.\nExample: qinghe --json registers\nExit codes: 0 done."),
	.run = run,
};
