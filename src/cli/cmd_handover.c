/* cmd_handover.c -- qinghe handover: duties that pass from one person to the next. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "guard/account.h"
#include "register/duty.h"
#include <string.h>

struct order {
	struct handover want;
	int64_t id;
	const char *verb;
	struct duty_signed done;
};

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	if (strcmp(o->verb, "make") == 0)
		return duty_hand_over(c, &o->want, &o->id, err);
	if (strcmp(o->verb, "off") == 0)
		return handover_call_off(c, o->id, err);
	return duty_sign(c, o->id, strcmp(o->verb, "give") == 0, &o->done, err);
}

static enum rc person_of(struct city *city, struct arena *a, const char *text, int64_t *out, struct err *err)
{
	struct account acc;
	if (str_starts(str_of(text), STR("#")) && str_i64(str_from(str_of(text), 1), out) && *out > 0)
		return RC_OK;
	TRY(account_by_handle(writer_db(city->writer), a, str_of(text), &acc, err));
	*out = acc.person;
	return RC_OK;
}

static enum rc list(struct invocation *in, struct err *err)
{
	struct cli_reader c;
	struct handover *all;
	size_t n = 0;
	TRY(opt_done(in, 1, 1, &cmd_handover, err));
	TRY(cli_reader(in, &c, err));
	bool everybody = c.r.actor.person == 0 || actor_has_role(&c.r.actor, STR("secadmin"));
	enum rc rc = handover_list(c.r.db, in->a, NULL, everybody ? 0 : c.r.actor.person, &all, &n, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		printf("%lld\torg #%lld\t#%lld > #%lld\t%s\n", (long long)all[i].id, (long long)all[i].org,
			(long long)all[i].giver, (long long)all[i].taker,
			all[i].done_at_ms    ? tr("carried out")
			: all[i].ended_at_ms ? tr("called off")
			: all[i].given_at_ms ? tr("the taker has yet to confirm")
			: all[i].taken_at_ms ? tr("the giver has yet to confirm")
					     : tr("both have yet to confirm"));
	cli_done(&c);
	return rc;
}

static enum rc prepare(struct invocation *in, struct city *city, struct order *o, const char *org,
	const char *remark, struct err *err)
{
	if (strcmp(o->verb, "make") != 0) {
		if (!str_i64(str_of(in->argv[1]), &o->id))
			return FAIL(err, RC_INVALID, "“%s” is no row number", in->argv[1]);
		return RC_OK;
	}
	TRY(person_of(city, in->a, in->argv[1], &o->want.giver, err));
	TRY(person_of(city, in->a, in->argv[2], &o->want.taker, err));
	o->want.remark = str_of(remark ? remark : "");
	TRY(cli_org(writer_db(city->writer), city, org, &o->want.org, err));
	if (o->want.org == 0)
		o->want.org = city->root_org;
	return RC_OK;
}

static void tell(const struct order *o)
{
	if (strcmp(o->verb, "make") == 0)
		printf(tr("hand-over %lld; both sides confirm it\n"), (long long)o->id);
	else
		puts(o->done.done ? tr("carried out") : tr("done"));
	for (size_t i = 0; i < o->done.links_n; i++)
		printf("%s  %.*s, /bind\n", o->done.links[i].code, STR_ARG(o->done.roles[i]));
}

static enum rc run(struct invocation *in, struct err *err)
{
	static const char *const verbs[] = {"make", "give", "take", "off"};
	const char *org = NULL, *remark = NULL;
	struct order o = {0};
	struct city *city;
	struct actor actor;
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_text(in, "--remark", &remark, err));
	TRY(opt_done(in, 1, 3, &cmd_handover, err));
	if (strcmp(in->argv[0], "list") == 0 && in->argc == 1)
		return list(in, err);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(in->argv[0], verbs[i]) == 0)
			o.verb = verbs[i];
	if (o.verb == NULL || in->argc != (strcmp(o.verb, "make") == 0 ? 3 : 2))
		return usage_error(&cmd_handover, err);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = prepare(in, city, &o, org, remark, err);
	if (rc == RC_OK)
		rc = city_run(city, &actor, in->a, (str){NULL, 0}, job, &o, err);
	if (rc == RC_OK && !in->quiet)
		tell(&o);
	city_close(city);
	return rc;
}

const struct command cmd_handover = {
	.name = "handover",
	.usage = N_("handover list | make GIVER TAKER [--org CODE] [--remark TEXT] | give|take|off N"),
	.summary = N_("roles, phones and open tasks pass from one person to the next"),
	.help = N_("GIVER and TAKER are accounts' names or #NUMBER of persons; --org: where, else the whole "
		   "city.\n"
		   "give and take are the two sides' confirmations, each with --as of its own; the operator "
		   "notes one "
		   "given on paper.\n"
		   "With the second the duty goes over, and new links for phones are printed. off calls it "
		   "off.\n"
		   "Example: qinghe handover make '#12' '#31' --org 379901\n"
		   "Exit codes: 0 done, 2 no such person, unit or hand-over, 3 not yours, 4 storage."),
	.run = run,
};
