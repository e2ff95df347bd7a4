/* cmd_export.c -- qinghe export REGISTER -o FILE: rows of a register into a file. */
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "figure/figure.h"
#include "register/export_file.h"

static void shown(void *user, int64_t rows)
{
	progress_show(user, rows, 0);
}

static enum rc write_rows(struct invocation *in, struct cli_reader *c, struct record_query *q,
	const char *org, const char *span, const char *path, struct err *err)
{
	enum export_kind kind;
	struct period p;
	struct progress progress;
	int64_t rows = 0;
	TRY(export_kind_of(path, &kind, err));
	TRY(cli_register(c->city, in->argv[0], &q->reg, err));
	TRY(cli_org(c->r.db, c->city, org, &q->org, err));
	if (span) {
		TRY(period_parse(in->a, str_of(span), &p, err));
		q->from = date_str(in->a, p.from).p;
		q->to = date_str(in->a, p.to).p;
	}
	TRY(export_may_leave(&c->r, q, err));
	TRY(cli_announce(c, err));
	progress_start(&progress, in);
	enum rc rc = export_file(&c->r, q, path, kind, shown, &progress, &rows, err);
	progress_end(&progress);
	if (rc == RC_OK && in->json)
		printf("{\"register\":\"%.*s\",\"rows\":%lld}\n", STR_ARG(q->reg->id), (long long)rows);
	else if (rc == RC_OK && !in->quiet)
		printf(tr("%s: %lld rows\n"), path, (long long)rows);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *where = "", *org = NULL, *span = NULL, *path = NULL;
	TRY(opt_text(in, "--where", &where, err));
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_text(in, "--year", &span, err));
	TRY(opt_text(in, "--period", &span, err));
	TRY(opt_text(in, "-o", &path, err));
	TRY(opt_done(in, 1, 1, &cmd_export, err));
	if (path == NULL)
		return usage_error(&cmd_export, err);
	struct cli_reader c;
	struct record_query q = {.where = str_of(where)};
	TRY(cli_reader(in, &c, err));
	enum rc rc = write_rows(in, &c, &q, org, span, path, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_export = {
	.name = "export",
	.usage = N_("export REGISTER [--where EXPR] [--year Y | --period P] [--org CODE] -o "
		    "FILE.{xlsx,csv,json,ndjson}"),
	.summary = N_("write the rows of a register to a file"),
	.help = N_(
		"The name's end chooses the form. JSON has amounts in fen, lengths of time in minutes, and "
		"ids beside\n"
		"labels. Text that begins like a formula gets a leading ' in .csv and stays text in .xlsx.\n"
		"Example: qinghe export service_record --year 2025 --org 370102 -o 记录.xlsx\n"
		"Exit codes: 0 done, 2 bad usage or expression, 3 not yours to read, 4 the file cannot be "
		"written."),
	.run = run,
};
