/* cmd_due.c -- qinghe due [run]: what time asks for; `serve` does it by itself (guard/due.h). */
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/house.h"
#include "guard/outbox.h"
#include "register/attach.h"
#include "register/retain.h"
#include "service/rescue/open.h"

static enum rc list(struct invocation *in, struct err *err)
{
	struct actor actor;
	struct city *city;
	struct due_tick *t;
	size_t n;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = due_list(writer_db(city->writer), in->a, &t, &n, err);
	city_close(city);
	TRY(rc);
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		if (!in->json) {
			char at[INSTANT_TEXT_BYTES];
			instant_text(t[i].at_ms, at);
			printf("%s  %.*s %.*s\n", at, STR_ARG(t[i].rule), STR_ARG(t[i].subject));
			continue;
		}
		json_object(&j);
		json_put_str(&j, "rule", t[i].rule);
		json_put_str(&j, "subject", t[i].subject);
		json_put_i64(&j, "at", t[i].at_ms);
		json_object_end(&j);
	}
	json_array_end(&j);
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
	return RC_OK;
}

static void tell(void *user, const struct due_tick *t, enum rc rc)
{
	(void)user;
	fprintf(stderr, tr("%.*s %.*s failed (%d); it stays due\n"), STR_ARG(t->rule), STR_ARG(t->subject),
		(int)rc);
}

static enum rc pass(struct invocation *in, struct err *err)
{
	struct actor actor;
	struct city *city;
	int ran = 0, failed = 0, sent = 0, unsent = 0;
	TRY(cli_city(in, true, &city, &actor, err));
	struct house house = {.seal = city->seal,
		.db_url = city->db_url,
		.sweep_files = attach_sweep,
		.retain_due = retain_due_job,
		.retain = retain_house,
		.retain_user = city,
		.find = rescue_house,
		.find_user = city};
	enum rc rc = actor_is_operator(&actor) ? RC_OK
					       : FAIL(err, RC_DENIED, "only the operator runs what is due");
	if (rc == RC_OK) {
		struct due *d = due_new(city->writer, in->db_url, house_rules, house_rules_n, &house, tell);
		rc = due_pass(d, &ran, &failed, err);
		house_errands(&house);
		due_free(d);
	}
	if (rc == RC_OK)
		rc = outbox_send(city->writer, writer_db(city->writer), city->seal, &sent, &unsent, err);
	city_close(city);
	TRY(rc);
	if (in->json)
		printf("{\"ran\":%d,\"failed\":%d,\"sent\":%d,\"unsent\":%d}\n", ran, failed, sent, unsent);
	else
		printf(tr("%d done, %d failed; %d messages sent, %d not\n"), ran, failed, sent, unsent);
	return failed || unsent ? RC_FOUND : RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	TRY(opt_done(in, 0, 1, &cmd_due, err));
	if (in->argc == 0)
		return list(in, err);
	if (strcmp(in->argv[0], "run") != 0)
		return usage_error(&cmd_due, err);
	return pass(in, err);
}

const struct command cmd_due = {
	.name = "due",
	.usage = N_("due [run]"),
	.summary = N_("work that time asks for: sweeps, alarms, notices"),
	.help = N_(
		"Lists what is due or planned; run: does what is due by now, in order, and sends what waits "
		"in the\n"
		"outbox. `serve` does this by itself every second; where nobody serves, call it from cron.\n"
		"Example: qinghe due run\n"
		"Exit codes: 0 done, 1 something failed and stays due, 3 only the operator, 4 storage."),
	.run = run,
};
