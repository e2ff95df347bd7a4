/* cmd_rebuild.c -- qinghe rebuild cells|find: what is derived, made anew from what is not. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "figure/figure.h"
#include "register/reindex.h"
#include <string.h>

static const struct {
	const char *name;
	enum rc (*run)(struct city *c, struct err *err);
} derived[] = {
	{"cells", figure_rebuild_cells},
	{"find", reindex_rebuild},
};

static enum rc run(struct invocation *in, struct err *err)
{
	struct city *c;
	struct actor actor;
	TRY(opt_done(in, 1, 1, &cmd_rebuild, err));
	for (size_t i = 0; i < sizeof derived / sizeof *derived; i++) {
		if (strcmp(in->argv[0], derived[i].name) != 0)
			continue;
		TRY(cli_city(in, true, &c, &actor, err));
		int64_t start_us = clock_mono_us();
		enum rc rc = actor_is_operator(&actor) ? derived[i].run(c, err)
						       : FAIL(err, RC_DENIED, "only the operator rebuilds");
		city_close(c);
		if (rc == RC_OK && !in->quiet)
			printf(tr("%s: made anew in %lld ms\n"), derived[i].name,
				(long long)((clock_mono_us() - start_us) / 1000));
		return rc;
	}
	return usage_error(&cmd_rebuild, err);
}

const struct command cmd_rebuild = {
	.name = "rebuild",
	.usage = N_("rebuild cells|find"),
	.summary = N_("make derived tables anew from the rows"),
	.help = N_("cells: the sums behind all figures, in one pass over each register.\n"
		   "find: the blind indexes by which people are found, out of their rows.\n"
		   "Example: qinghe rebuild cells\n"
		   "Exit codes: 0 done, 3 not the operator, 4 storage."),
	.run = run,
};
