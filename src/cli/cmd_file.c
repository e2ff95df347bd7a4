/* cmd_file.c -- qinghe file get: a file that a row holds. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "register/attach.h"
#include <string.h>
#include <unistd.h>

static enum rc get(struct cli_reader *c, struct invocation *in, const char *to, struct err *err)
{
	const struct reg *reg;
	struct record *rec;
	int64_t id;
	str name, bytes;
	TRY(cli_register(c->city, in->argv[1], &reg, err));
	const struct field *f = reg_field(reg, str_of(in->argv[3]));
	if (!str_i64(str_of(in->argv[2]), &id) || f == NULL || f->type != T_FILE)
		return FAIL(err, RC_INVALID, "%s %s %s names no file of a row", in->argv[1], in->argv[2],
			in->argv[3]);
	TRY(record_get(&c->r, reg, id, &rec, err));
	TRY(attach_get(&c->r, rec, f, &name, &bytes, err));
	TRY(cli_announce(c, err));
	const char *path = to ? to : arena_cstr(in->a, name);
	if (strcmp(path, "-") != 0 && access(path, F_OK) == 0)
		return FAIL(err, RC_CONFLICT, "%s stands already", path);
	return file_write(path, bytes, err);
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *to = NULL;
	struct cli_reader c;
	TRY(opt_text(in, "-o", &to, err));
	TRY(opt_done(in, 4, 4, &cmd_file, err));
	if (strcmp(in->argv[0], "get") != 0)
		return usage_error(&cmd_file, err);
	TRY(cli_reader(in, &c, err));
	enum rc rc = get(&c, in, to, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_file = {
	.name = "file",
	.usage = N_("file get REGISTER ID FIELD [-o PATH]"),
	.summary = N_("a file that a row holds"),
	.help = N_("Written under its own name, or to PATH (- is standard output). A file is attached by "
		   "FIELD=@PATH of add, set and do; at most 20 MB.\n"
		   "Example: qinghe file get portrait_consent 12 scan -o consent.pdf\n"
		   "Exit codes: 0 done, 2 no such file, 3 not yours, 4 missing or damaged."),
	.run = run,
};
