/* cmd_appraise.c -- qinghe appraise: what each unit earned in a year, and its grade. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "service/appraisal/appraise_json.h"

struct told {
	const struct appraisal_rules *rules;
	struct appraisal_unit *units;
	size_t n;
};

static void print_json(const struct told *t)
{
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < t->n; i++)
		appraisal_put_json(&j, t->rules, &t->units[i]);
	json_array_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
}

static void print_remarks(const struct told *t, const struct appraisal_unit *u)
{
	for (size_t v = 0; v < t->rules->vetoes_n; v++)
		if (u->vetoes >> v & 1)
			printf(tr("  veto: %.*s\n"), STR_ARG(label_text(&t->rules->vetoes[v].label)));
	if (u->fell)
		printf("%s\n", tr("  the school's share of the higher grade is used up"));
	if (u->share_open)
		printf("%s\n", tr("  the school's share of this grade has not been looked at"));
	for (size_t i = 0; i < t->rules->items_n; i++) {
		str name = label_text(&t->rules->items[i].label);
		if (!u->marks[i].known)
			printf(tr("  missing: %.*s (%.*s)\n"), STR_ARG(name), STR_ARG(u->marks[i].why));
		else if (appraisal_weak(t->rules, u, i))
			printf(tr("  a course would help: %.*s, %lld.%02d of %lld\n"), STR_ARG(name),
				(long long)(u->marks[i].points / APPRAISAL_POINT),
				(int)(u->marks[i].points % APPRAISAL_POINT),
				(long long)t->rules->items[i].weight);
	}
}

static void print_text(const struct told *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct appraisal_unit *u = &t->units[i];
		printf("%.*s\t%.*s\t", STR_ARG(u->code), STR_ARG(u->name));
		if (u->missing)
			printf("%s\n", tr("not yet"));
		else
			printf("%lld.%02d\t%.*s\n", (long long)(u->score / APPRAISAL_POINT),
				(int)(u->score % APPRAISAL_POINT),
				STR_ARG(label_text(&t->rules->band_labels[u->band])));
		print_remarks(t, u);
	}
}

static enum rc tell(struct invocation *in, struct reader *r, int year, const char *code, size_t *out_missing,
	struct err *err)
{
	struct appraisal_rules *rules = NEW(in->a, struct appraisal_rules);
	struct told t = {.rules = rules};
	int64_t own = r->actor.org ? r->actor.org : r->city->root_org, org = own;
	if (!actor_has_office(&r->actor))
		return FAIL(err, RC_DENIED, "this is open to those who hold a role");
	if (code)
		TRY(cli_org(r->db, r->city, code, &org, err));
	if (!actor_is_operator(&r->actor) && !tree_under(r->tree, org, own, clock_today()))
		return FAIL(err, RC_DENIED, "unit %s is not under yours", code);
	TRY(appraisal_rules_read(in->a, r->city->model, rules, err));
	TRY(appraise(r, rules, year, org, &t.units, &t.n, err));
	if (in->json)
		print_json(&t);
	else
		print_text(&t);
	for (size_t i = 0; i < t.n; i++)
		*out_missing += t.units[i].missing > 0;
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *org = NULL;
	int64_t year = 0;
	int this_year = date_ymd(clock_today()).year;
	size_t missing = 0;
	struct cli_reader c;
	TRY(opt_i64(in, "--year", &year, err));
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_done(in, 0, 0, &cmd_appraise, err));
	if (year < 1950 || year > this_year)
		return FAIL(err, RC_INVALID, "--year wants a year such as %d", this_year);
	TRY(cli_reader(in, &c, err));
	enum rc rc = tell(in, &c.r, (int)year, org, &missing, err);
	cli_done(&c);
	return rc == RC_OK && missing ? RC_FOUND : rc;
}

const struct command cmd_appraise = {
	.name = "appraise",
	.usage = N_("appraise --year Y [--org CODE]"),
	.summary = N_("the grass-roots appraisal of a year: points, grades, what is missing"),
	.help = N_(
		"One unit a line in the order of codes: code, name, points out of 100, grade; below it what "
		"capped the grade, what is missing, and where a course would help. Items, weights, vetoes, "
		"grades and shares stand in rules/appraisal.yaml; figures are the unit's own values of the "
		"year, judgements the scores that two persons signed. Nothing is written and nobody is "
		"ranked.\n"
		"--json: [{\"org\",\"code\",\"name\",\"score\",\"band\",\"vetoes\",\"fell\",\"share_open\","
		"\"items\":[{\"item\",\"weight\",\"figure\",\"points\",\"value\",\"why\",\"weak\"}]}]\n"
		"Example: qinghe appraise --year 2025 --org 339901\n"
		"Exit codes: 0 every unit is graded, 1 some lack an item, 2 a fault in the rules, 3 not your "
		"unit."),
	.run = run,
};
