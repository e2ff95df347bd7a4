/* cmd_authorise.c -- qinghe authorise: standing authorisations to read minors' data, break-glass, members of cases. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/authorise.h"
#include "guard/role.h"
#include "register/case_people.h"
#include "register/record.h"
#include <string.h>

enum { LISTED_MAX = 1000, DAYS_DEFAULT = 365 };

struct args {
	struct authorisation what;
	int64_t id, row;
	bool yes;
	const char *reason, *org, *by, *to;
	str reg, who;
	enum rc (*act)(struct job_ctx *c, struct args *x, struct err *err);
};

static struct seal *seal_of(struct job_ctx *c)
{
	return job_city(c)->seal;
}

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	struct args *x = arg;
	return x->act(c, x, err);
}

static enum rc do_ask(struct job_ctx *c, struct args *x, struct err *err)
{
	x->what.person = c->actor->person;
	return authorisation_ask(c, seal_of(c), &x->what, &x->id, err);
}

static enum rc do_grant(struct job_ctx *c, struct args *x, struct err *err)
{
	return authorisation_grant(c, seal_of(c), &x->what, &x->id, err);
}

static enum rc do_decide(struct job_ctx *c, struct args *x, struct err *err)
{
	return authorisation_decide(c, x->id, x->yes, err);
}

static enum rc do_revoke(struct job_ctx *c, struct args *x, struct err *err)
{
	return authorisation_revoke(c, x->id, err);
}

static enum rc do_review(struct job_ctx *c, struct args *x, struct err *err)
{
	return glass_review(c, seal_of(c), x->id, x->yes, str_of(x->reason), err);
}

static enum rc do_break(struct job_ctx *c, struct args *x, struct err *err)
{
	return glass_open(c, seal_of(c), x->reg, x->row, str_of(x->reason), &x->id, err);
}

static enum rc do_case(struct job_ctx *c, struct args *x, struct err *err)
{
	struct case_person_new n = {.reg = model_reg(job_city(c)->model, x->reg),
		.row = x->row,
		.person = x->what.person,
		.role = x->what.role,
		.to = x->what.to};
	enum rc rc = case_people_add(c, &n, err);
	x->id = n.id;
	return rc;
}

static enum rc do_uncase(struct job_ctx *c, struct args *x, struct err *err)
{
	return case_people_end(c, &x->id, err);
}

/* ---- arguments ---- */

static enum rc person_named(struct db *db, struct arena *a, str text, int64_t *out, struct err *err)
{
	struct actor actor;
	TRY(role_actor_named(db, a, text, clock_today(), &actor, err));
	*out = actor.person;
	return RC_OK;
}

static enum rc id_of(const char *text, int64_t *out, struct err *err)
{
	str s = str_of(text);
	if (str_starts(s, STR("#")))
		s = str_from(s, 1);
	return str_i64(s, out) && *out > 0 ? RC_OK : FAIL(err, RC_INVALID, "“%s” is no row number", text);
}

static enum rc words_known(const struct city *city, const struct args *x, struct err *err)
{
	if (x->what.role.n && model_role(city->model, x->what.role) == NULL)
		return FAIL(err, RC_INVALID, "no role “%.*s”", STR_ARG(x->what.role));
	for (size_t i = 0; x->what.purpose.n && i < city->model->regs_n; i++)
		if (str_eq(city->model->regs[i].purpose, x->what.purpose))
			return RC_OK;
	return x->what.purpose.n
		       ? FAIL(err, RC_INVALID, "no register has the purpose “%.*s”", STR_ARG(x->what.purpose))
		       : RC_OK;
}

static enum rc settle(
	struct invocation *in, struct city *city, const struct actor *actor, struct args *x, struct err *err)
{
	struct db *db = writer_db(city->writer);
	x->what.from = clock_today();
	x->what.to = x->what.from + DAYS_DEFAULT;
	x->what.reason = str_of(x->reason);
	x->what.approved_by = actor->person;
	if (x->to && !date_parse(str_of(x->to), &x->what.to))
		return FAIL(err, RC_INVALID, "“%s” is not a date such as 2026-12-31", x->to);
	if (x->by)
		TRY(person_named(db, in->a, str_of(x->by), &x->what.approved_by, err));
	if (x->who.n)
		TRY(person_named(db, in->a, x->who, &x->what.person, err));
	TRY(cli_org(db, city, x->org, &x->what.org, err));
	if (x->what.org == 0)
		x->what.org = actor->org ? actor->org : city->root_org;
	if (x->reg.n && model_reg(city->model, x->reg) == NULL)
		return FAIL(err, RC_NOT_FOUND, "no register “%.*s”; “qinghe registers” lists them",
			STR_ARG(x->reg));
	return words_known(city, x, err);
}

static void tell(const struct invocation *in, const struct args *x)
{
	if (in->json)
		printf("{\"id\":%lld}\n", (long long)x->id);
	else if (!in->quiet)
		printf(tr("done: #%lld\n"), (long long)x->id);
}

static enum rc change(struct invocation *in, struct args *x, struct err *err)
{
	struct city *city;
	struct actor actor;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = settle(in, city, &actor, x, err);
	if (rc == RC_OK && (rc = city_run(city, &actor, in->a, (str){NULL, 0}, job, x, err)) == RC_OK)
		tell(in, x);
	city_close(city);
	return rc;
}

/* One authorisation for each who holds the role, over the own unit, as long as the role lasts: a job a person. */
static enum rc grant_duties(struct invocation *in, struct city *city, const struct actor *actor,
	struct args *x, int64_t *out_n, struct err *err)
{
	struct role *roles;
	struct authorisation *had;
	size_t n, had_n;
	int32_t to = x->what.to;
	TRY(role_holders(writer_db(city->writer), in->a, x->what.role, clock_today(), &roles, &n, err));
	for (size_t i = 0; i < n; i++) {
		bool there = false;
		TRY(authorisation_list(writer_db(city->writer), in->a, roles[i].person, x->what.purpose,
			clock_today(), &had, &had_n, err));
		for (size_t k = 0; k < had_n; k++)
			there = there || (had[k].duty == roles[i].id && str_eq(had[k].role, x->what.role));
		if (there || roles[i].person == x->what.approved_by)
			continue;
		x->what.person = roles[i].person;
		x->what.org = roles[i].org;
		x->what.duty = roles[i].id;
		x->what.to = roles[i].to < to ? roles[i].to : to;
		TRY(city_run(city, actor, in->a, (str){NULL, 0}, job, x, err));
		++*out_n;
	}
	return RC_OK;
}

static enum rc duty(struct invocation *in, struct args *x, struct err *err)
{
	struct city *city;
	struct actor actor;
	int64_t n = 0;
	str purposes = x->what.purpose;
	TRY(cli_city(in, true, &city, &actor, err));
	x->act = do_grant;
	enum rc rc = RC_OK;
	for (str rest = purposes; rest.n > 0 && rc == RC_OK;) {
		x->what.purpose = str_cut(rest, ',', &rest);
		rc = settle(in, city, &actor, x, err);
		if (rc == RC_OK)
			rc = grant_duties(in, city, &actor, x, &n, err);
	}
	if (rc == RC_OK && in->json)
		printf("{\"granted\":%lld}\n", (long long)n);
	else if (rc == RC_OK)
		printf(trn("%lld authorisation granted\n", "%lld authorisations granted\n", n), (long long)n);
	city_close(city);
	return rc;
}

/* ---- lists ---- */

static const char *state_of(const struct authorisation *z)
{
	int32_t today = clock_today();
	if (z->revoked_at_ms)
		return "revoked";
	if (str_is(z->state, "asked"))
		return "asked";
	if (str_is(z->state, "refused"))
		return "refused";
	return z->to <= today || z->from > today ? "ended" : "approved";
}

static void put_authorisation(struct json *j, struct arena *a, const struct authorisation *z)
{
	json_object(j);
	json_put_i64(j, "id", z->id);
	json_put_i64(j, "person", z->person);
	json_put_str(j, "role", z->role);
	json_put_i64(j, "org", z->org);
	json_put_str(j, "purpose", z->purpose);
	json_put_str(j, "from", date_str(a, z->from));
	json_put_str(j, "to", date_str(a, z->to));
	json_put_cstr(j, "state", state_of(z));
	json_put_i64(j, "approved_by", z->approved_by);
	json_put_bool(j, "may_export", z->may_export);
	json_put_bool(j, "with_the_duty", z->duty != 0);
	json_object_end(j);
}

static const str LOOKERS[] = {{"secadmin", 8}, {"city_staff", 10}, {"leader", 6}, {"auditadmin", 10}};

static enum rc list(struct invocation *in, const char *state, struct err *err)
{
	struct cli_reader c;
	struct authorisation *z;
	size_t n;
	struct buf b = {0};
	struct json j;
	TRY(cli_reader(in, &c, err));
	/* One's own always; all of them who approves or audits. */
	int64_t whose = role_check(&c.r.actor, LOOKERS, 4, NULL) == RC_OK ? 0 : c.r.actor.person;
	enum rc rc = authorisation_all(
		c.r.db, in->a, c.city->seal, whose, str_of(state ? state : ""), LISTED_MAX, &z, &n, err);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (z[i].person != c.r.actor.person && c.r.actor.org &&
			!tree_under(c.r.tree, z[i].org, c.r.actor.org, clock_today()))
			continue; /* another unit's: not this one's to look at */
		put_authorisation(&j, in->a, &z[i]);
		if (!in->json)
			printf("#%lld\t#%lld\t%.*s\t%.*s\t%.*s..%.*s\t%s\n", (long long)z[i].id,
				(long long)z[i].person, STR_ARG(z[i].role), STR_ARG(z[i].purpose),
				STR_ARG(date_str(in->a, z[i].from)), STR_ARG(date_str(in->a, z[i].to)),
				state_of(&z[i]));
	}
	json_array_end(&j);
	if (rc == RC_OK && in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
	cli_done(&c);
	return rc;
}

static enum rc list_glass(struct invocation *in, struct err *err)
{
	static const str by[] = {{"secadmin", 8}, {"leader", 6}, {"auditadmin", 10}};
	struct cli_reader c;
	struct glass *z;
	size_t n = 0;
	struct buf b = {0};
	struct json j;
	TRY(cli_reader(in, &c, err));
	enum rc rc = role_check(&c.r.actor, by, 3, err);
	if (rc == RC_OK)
		rc = glass_all(c.r.db, in->a, c.city->seal, &c.r.actor, false, LISTED_MAX, &z, &n, err);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		char at[INSTANT_TEXT_BYTES], until[INSTANT_TEXT_BYTES];
		instant_text(z[i].opened_at_ms, at);
		instant_text(z[i].until_ms, until);
		json_object(&j);
		json_put_i64(&j, "id", z[i].id);
		json_put_i64(&j, "person", z[i].person);
		json_put_str(&j, "register", z[i].reg);
		json_put_i64(&j, "row", z[i].row);
		json_put_cstr(&j, "at", at);
		json_put_cstr(&j, "until", until);
		json_put_str(&j, "reason", z[i].reason);
		json_put_bool(&j, "reviewed", z[i].reviewed_at_ms != 0);
		json_put_bool(&j, "justified", z[i].justified);
		json_object_end(&j);
		if (!in->json)
			printf("#%lld\t#%lld\t%.*s:%lld\t%s\t%s\n", (long long)z[i].id,
				(long long)z[i].person, STR_ARG(z[i].reg), (long long)z[i].row, at,
				z[i].reviewed_at_ms == 0 ? tr("waits for a review")
				: z[i].justified         ? tr("justified")
							 : tr("not justified"));
	}
	json_array_end(&j);
	if (rc == RC_OK && in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
	cli_done(&c);
	return rc;
}

/* ---- the command ---- */

static const struct verb {
	const char *name, *words; /* r role, p purpose, w who, i id, g register, n row */
	enum rc (*act)(struct job_ctx *c, struct args *x, struct err *err);
} verbs[] = {{"ask", "rp", do_ask}, {"grant", "wrp", do_grant}, {"duty", "rp", NULL},
	{"approve", "i", do_decide}, {"refuse", "i", do_decide}, {"revoke", "i", do_revoke},
	{"break", "gn", do_break}, {"review", "i", do_review}, {"case", "gnrw", do_case},
	{"uncase", "i", do_uncase}};

static enum rc take(struct invocation *in, const struct verb *v, struct args *x, struct err *err)
{
	for (int i = 0; v->words[i]; i++) {
		const char *text = in->argv[1 + i];
		switch (v->words[i]) {
		case 'r':
			x->what.role = str_of(text);
			break;
		case 'p':
			x->what.purpose = str_of(text);
			break;
		case 'w':
			x->who = str_of(text);
			break;
		case 'g':
			x->reg = str_of(text);
			break;
		case 'n':
			TRY(id_of(text, &x->row, err));
			break;
		default:
			TRY(id_of(text, &x->id, err));
			break;
		}
	}
	x->act = v->act;
	x->yes = x->yes || strcmp(v->name, "approve") == 0;
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct args x = {.reason = ""};
	const char *state = NULL;
	TRY(opt_text(in, "--org", &x.org, err));
	TRY(opt_text(in, "--to", &x.to, err));
	TRY(opt_text(in, "--by", &x.by, err));
	TRY(opt_text(in, "--reason", &x.reason, err));
	TRY(opt_text(in, "--state", &state, err));
	opt_flag(in, "--export", &x.what.may_export);
	opt_flag(in, "--justified", &x.yes);
	TRY(opt_done(in, 1, 5, &cmd_authorise, err));
	if (strcmp(in->argv[0], "list") == 0 && in->argc == 1)
		return list(in, state, err);
	if (strcmp(in->argv[0], "glass") == 0 && in->argc == 1)
		return list_glass(in, err);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		const struct verb *v = &verbs[i];
		if (strcmp(in->argv[0], v->name) != 0 || in->argc != 1 + (int)strlen(v->words))
			continue;
		TRY(take(in, v, &x, err));
		return v->act ? change(in, &x, err) : duty(in, &x, err);
	}
	return usage_error(&cmd_authorise, err);
}

const struct command cmd_authorise = {
	.name = "authorise",
	.usage = N_("authorise list | ask ROLE PURPOSE | grant WHO ROLE PURPOSE | duty ROLE PURPOSE[,…] | "
		    "approve|refuse|revoke ID | break REGISTER ROW | glass | review ID [--justified] | "
		    "case REGISTER ROW ROLE WHO | uncase ID [--org CODE] [--to DATE] [--by WHO] [--export] "
		    "[--reason TEXT]"),
	.summary = N_("who may read minors' data, for what, until when; break-glass; members of cases"),
	.help = N_(
		"A standing authorisation lets one person, in one role, read the registers of one purpose "
		"over "
		"a unit and\n"
		"those under it, for a year at most; another person approves it. duty gives one to everybody "
		"who "
		"holds a role,\n"
		"each over the own unit, ending with the duty. --export: rows may leave in a file as well.\n"
		"break opens one row (or, of the register person, all rows of one person) for four hours in "
		"an "
		"emergency: it\n"
		"needs --reason, alerts the security administrator and the leader, and is reviewed by one of "
		"them.\n"
		"case puts a person on the case that a row stands for. WHO is an account's name or #NUMBER; "
		"--by names the\n"
		"approver where the operator writes down what was approved on paper.\n"
		"Example: qinghe --as liwei authorise ask county_staff child_care --reason 年度复核\n"
		"Exit codes: 0 done, 2 not possible, 3 not yours, 4 storage."),
	.run = run,
};
