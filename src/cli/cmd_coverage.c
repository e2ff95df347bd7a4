/* cmd_coverage.c -- qinghe coverage: where nothing has happened for how long. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "figure/coverage.h"
#include "format/json.h"
#include "register/record.h"
#include <stdio.h>

static void print_json(struct reader *r, const struct cover_unit *list, size_t n)
{
	struct buf b;
	struct json j;
	buf_init(&b, 0);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		cover_put_json(&j, r->a, &list[i]);
	json_array_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
}

static void print_text(struct reader *r, const struct cover_unit *list, size_t n)
{
	const struct reg *org = model_reg(r->city->model, STR("org"));
	for (size_t i = 0; i < n; i++)
		printf("%.*s\t%.*s\t%.*s\t%s\n", STR_ARG(record_label(r, org, list[i].group)),
			STR_ARG(list[i].name),
			STR_ARG(list[i].days == COVER_NEVER ? str_of(tr("never"))
							    : date_str(r->a, list[i].last)),
			cover_silent(&list[i]) ? tr("silent") : "");
}

static enum rc tell(struct invocation *in, struct reader *r, const char *code, int32_t on, size_t *out_silent,
	struct err *err)
{
	struct cover_rules rules;
	struct cover_unit *list;
	size_t n;
	int64_t own = r->actor.org ? r->actor.org : r->city->root_org, org = own;
	if (!actor_has_office(&r->actor))
		return FAIL(err, RC_DENIED, "Figures and reports are open to those who hold a role.");
	if (code)
		TRY(cli_org(r->db, r->city, code, &org, err));
	if (!actor_is_operator(&r->actor) && !tree_under(r->tree, org, own, on))
		return FAIL(err, RC_DENIED, "this unit is not under yours");
	TRY(cover_rules_read(r->a, r->city->model, &rules, err));
	TRY(cover_units(r, &rules, org, on, &list, &n, err));
	if (in->json)
		print_json(r, list, n);
	else
		print_text(r, list, n);
	*out_silent = 0;
	for (size_t i = 0; i < n; i++)
		*out_silent += cover_silent(&list[i]);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *day = NULL, *org = NULL;
	int32_t on = clock_today();
	size_t silent = 0;
	struct cli_reader c;
	TRY(opt_text(in, "--on", &day, err));
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_done(in, 0, 0, &cmd_coverage, err));
	if (day && !date_parse(str_of(day), &on))
		return FAIL(err, RC_INVALID, "--on wants a day such as 2025-12-31, not “%s”", day);
	TRY(cli_reader(in, &c, err));
	enum rc rc = tell(in, &c.r, org, on, &silent, err);
	cli_done(&c);
	return rc == RC_OK && silent ? RC_FOUND : rc;
}

const struct command cmd_coverage = {
	.name = "coverage",
	.usage = N_("coverage [--org CODE] [--on DATE]"),
	.summary = N_("townships, and how long each has had no activity"),
	.help = N_("One line a township: county, township, day of its last activity of any unit there, and "
		   "“silent” where that is longer ago than rules/coverage.yaml allows (90 days). Which "
		   "activities "
		   "count stands in that file.\n"
		   "--json: [{\"org\",\"name\",\"group\",\"last\",\"days\",\"silent\"}]\n"
		   "Example: qinghe coverage --on 2025-12-31\n"
		   "Exit codes: 0 none is silent, 1 some are, 2 a fault in the rules."),
	.run = run,
};
