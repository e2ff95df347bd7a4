/* cmd_template.c -- qinghe template REGISTER -o form.xlsx: the entry form of a register, or one for each unit. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "intake/template_form.h"
#include "register/record.h"
#include <sys/stat.h>
#include <unistd.h>

/* Units directly below; a unit without any is its own. */
static enum rc each_org(struct reader *r, const struct reg *reg, int64_t top, const char *dir, int64_t *out_n,
	struct err *err)
{
	size_t n;
	const int64_t *orgs = tree_subtree(r->a, r->tree, top, clock_today(), &n);
	if (mkdir(dir, 0777) != 0 && access(dir, W_OK) != 0)
		return FAIL(err, RC_IO, "the folder %s cannot be written", dir);
	for (size_t i = 0; i < n; i++) {
		if (tree_parent(r->tree, orgs[i], clock_today()) != top)
			continue;
		TRY(template_write(r, reg, orgs[i], template_path(r, &reg->label, orgs[i], dir).p, err));
		(*out_n)++;
	}
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *path = NULL, *org = NULL;
	bool each = false;
	int64_t top = 0, n = 1;
	TRY(opt_text(in, "-o", &path, err));
	TRY(opt_text(in, "--org", &org, err));
	opt_flag(in, "--each-org", &each);
	TRY(opt_done(in, 1, 1, &cmd_template, err));
	if (path == NULL)
		return usage_error(&cmd_template, err);
	struct cli_reader c;
	const struct reg *reg = NULL;
	TRY(cli_reader(in, &c, err));
	enum rc rc = cli_register(c.city, in->argv[0], &reg, err);
	if (rc == RC_OK)
		rc = cli_org(c.r.db, c.city, org, &top, err);
	if (rc == RC_OK && each) {
		n = 0;
		rc = each_org(&c.r, reg, top ? top : c.city->root_org, path, &n, err);
	} else if (rc == RC_OK) {
		rc = template_write(&c.r, reg, top, path, err);
	}
	cli_done(&c);
	if (rc == RC_OK && !in->quiet)
		printf(tr("%s: %lld forms\n"), path, (long long)n);
	return rc;
}

const struct command cmd_template = {
	.name = "template",
	.usage = N_("template REGISTER [--org CODE] [--each-org] -o FORM.xlsx|DIR"),
	.summary = N_("write the entry form of a register, or one for each unit below"),
	.help = N_("The form has drop-downs, notes and a hidden sheet that tells the register and the unit, "
		   "so that what comes\n"
		   "back is known by its sender.\n"
		   "Example: qinghe template volunteer_event --each-org -o 填报表/\n"
		   "Exit codes: 0 done, 2 no such register, 3 not yours, 4 the file cannot be written."),
	.run = run,
};
