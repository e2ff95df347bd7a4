/* cmd_id.c -- qinghe id check VALUE... */
#include "base/clock.h"
#include "base/ident.h"
#include "cli/commands.h"
#include "format/json.h"
#include <string.h>

static void print_json(struct buf *b, const char *value, const struct ident *id)
{
	buf_puts(b, "{\"value\":");
	json_quote(b, str_of(value));
	buf_printf(b, ",\"kind\":\"%s\",\"valid\":%s,\"reason\":", ident_kind_name(id->kind),
		id->valid ? "true" : "false");
	if (id->reason)
		json_quote(b, str_of(tr(id->reason)));
	else
		buf_puts(b, "null");
	buf_puts(b, "}\n");
}

static const char *kind_label(enum ident_kind kind)
{
	switch (kind) {
	case IDENT_CITIZEN:
		return tr("citizen ID");
	case IDENT_CREDIT:
		return tr("credit code");
	case IDENT_SERIAL:
		return tr("serial number");
	case IDENT_UNKNOWN:
		break;
	}
	return tr("unknown kind");
}

static enum rc run(struct invocation *in, struct err *err)
{
	TRY(opt_done(in, 2, -1, &cmd_id, err));
	if (strcmp(in->argv[0], "check") != 0)
		return usage_error(&cmd_id, err);
	bool all = true;
	for (int i = 1; i < in->argc; i++) {
		struct ident id = ident_check(str_of(in->argv[i]), clock_today());
		all = all && id.valid;
		if (in->json) {
			struct buf b = {0};
			print_json(&b, in->argv[i], &id);
			fwrite(b.p, 1, b.n, stdout);
			buf_done(&b);
			continue;
		}
		printf("%s\t%s\t%s", in->argv[i], kind_label(id.kind),
			id.valid ? tr("valid") : tr("not valid"));
		if (id.reason)
			printf("\t%s", tr(id.reason));
		putchar('\n');
	}
	return all ? RC_OK : RC_FOUND;
}

const struct command cmd_id = {
	.name = "id",
	.usage = N_("id check VALUE... [--json]"),
	.summary = N_("check citizen IDs, credit codes and serial numbers"),
	.help = N_(
		"Each value is recognised by its form. With --json one line a value: "
		"{\"value\",\"kind\",\"valid\",\"reason\"}; kind is citizen_id, credit_code, serial or "
		"unknown.\n"
		"A region code that is not known and the 15-digit form are warnings: valid, with a reason.\n"
		"Example: qinghe id check 34052419800101001X 91350100M000100Y43 --json\n"
		"Exit codes: 0 all valid, 1 some are not, 2 bad usage."),
	.run = run,
};
