/* cmd_account.c -- qinghe account: who may sign in and as what; one-time codes for those who hold the database. */
#include "base/buf.h"
#include "base/clock.h"
#include "cli/account_more.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/account.h"
#include "guard/factor.h"
#include "guard/role.h"
#include "guard/session.h"
#include "register/record.h"
#include <string.h>

enum verb { V_CODE, V_GRANT, V_END, V_DISABLE, V_ENABLE, V_FACTOR, V_SIGN_OUT };

struct args {
	enum verb verb;
	int64_t person, org, role_id;
	str role;
	char code[ACCOUNT_CODE_BYTES];
};

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	struct args *x = arg;
	switch (x->verb) {
	case V_CODE:
		return account_code(c, x->person, x->code, err);
	case V_GRANT:
		return role_grant(c, &job_city(c)->model->roles, x->person, x->role, x->org, clock_today(),
			ROLE_OPEN, &x->role_id, err);
	case V_END:
		return role_end(c, x->role_id, clock_today(), err);
	case V_FACTOR:
		return factor_reset(c, x->person, err);
	case V_SIGN_OUT:
		return session_end_by(c, x->person, err);
	case V_DISABLE:
	case V_ENABLE:
		return account_disable(c, x->person, x->verb == V_DISABLE, err);
	}
	return RC_OK;
}

static str role_word(const struct model *m, str id)
{
	const struct role_kind *k = model_role(m, id);
	return k ? role_label(k) : id;
}

static str state_word(const struct account *acc)
{
	return str_of(acc->disabled   ? tr("disabled")
		      : acc->handle.n ? tr("signs in")
				      : tr("not claimed yet"));
}

static enum rc list(struct invocation *in, struct err *err)
{
	struct cli_reader c;
	struct role *roles;
	size_t n = 0;
	struct buf b = {0};
	struct json j;
	TRY(cli_reader(in, &c, err));
	const struct reg *people = model_reg(c.city->model, STR("person")),
			 *orgs = model_reg(c.city->model, STR("org"));
	static const str by[] = {{"secadmin", 8}, {"sysadmin", 8}};
	enum rc rc = role_check(&c.r.actor, by, 2, err);
	if (rc == RC_OK)
		rc = role_holders(c.r.db, in->a, STR(""), clock_today(), &roles, &n, err);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct account acc = {0};
		if (c.r.actor.org && !tree_under(c.r.tree, roles[i].org, c.r.actor.org, clock_today()))
			continue; /* another unit's */
		rc = account_by_person(c.r.db, in->a, roles[i].person, &acc, err);
		if (rc == RC_NOT_FOUND) {
			rc = RC_OK;
			*err = (struct err){0};
		}
		str who = record_label_open(&c.r, people, roles[i].person),
		    org = record_label(&c.r, orgs, roles[i].org);
		json_object(&j);
		json_put_i64(&j, "person", roles[i].person);
		json_put_str(&j, "name", who);
		json_put_str(&j, "role", roles[i].role);
		json_put_str(&j, "org", org);
		json_put_str(&j, "account", acc.handle);
		json_put_bool(&j, "disabled", acc.disabled);
		json_object_end(&j);
		if (!in->json)
			printf("#%lld\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", (long long)roles[i].person,
				STR_ARG(who), STR_ARG(role_word(c.city->model, roles[i].role)), STR_ARG(org),
				STR_ARG(acc.handle.n ? acc.handle : STR("-")), STR_ARG(state_word(&acc)));
	}
	json_array_end(&j);
	if (rc == RC_OK && in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
	cli_done(&c);
	return rc;
}

/* #12, an account's name, or a role that one person holds. */
static enum rc person_of(struct city *city, struct arena *a, const char *text, int64_t *out, struct err *err)
{
	struct db *db = writer_db(city->writer);
	struct account acc;
	struct role *roles;
	size_t n;
	str s = str_of(text);
	if (str_starts(s, STR("#"))) {
		struct record *rec;
		struct reader r;
		struct actor operator= actor_operator();
		if (!str_i64(str_from(s, 1), out) || *out <= 0)
			return FAIL(err, RC_INVALID, "“%s” is no row number", text);
		TRY(reader_open(city, a, &operator, & r, err));
		enum rc rc = record_get(&r, model_reg(city->model, STR("person")), *out, &rec, err);
		reader_close(&r);
		return rc;
	}
	if (model_role(city->model, s) == NULL) {
		enum rc rc = account_by_handle(db, a, s, &acc, err);
		if (rc == RC_NOT_FOUND)
			return FAIL(err, rc, "no account “%s”, and no role; “qinghe account list” shows both",
				text);
		*out = acc.person;
		return rc;
	}
	TRY(role_holders(db, a, s, clock_today(), &roles, &n, err));
	for (size_t i = 1; i < n; i++)
		if (roles[i].person != roles[0].person)
			return FAIL(err, RC_INVALID,
				"several people are %s; name one as #NUMBER, “qinghe account list” shows "
				"them",
				text);
	if (n == 0)
		return FAIL(err, RC_NOT_FOUND,
			"nobody is %s yet; “qinghe account grant %s #PERSON” makes one", text, text);
	*out = roles[0].person;
	return RC_OK;
}

static enum rc role_of(struct city *city, struct arena *a, struct args *x, struct err *err)
{
	struct role *roles;
	size_t n;
	if (model_role(city->model, x->role) == NULL)
		return FAIL(err, RC_INVALID, "no role “%.*s”", STR_ARG(x->role));
	if (x->verb == V_GRANT)
		return RC_OK;
	TRY(role_list(writer_db(city->writer), a, x->person, clock_today(), &roles, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(roles[i].role, x->role) && roles[i].org == x->org)
			x->role_id = roles[i].id;
	return x->role_id ? RC_OK : FAIL(err, RC_NOT_FOUND, "that person is no %.*s there", STR_ARG(x->role));
}

static enum rc prepare(struct invocation *in, struct city *city, struct args *x, const char *org,
	struct account *acc, struct err *err)
{
	bool two = x->verb == V_GRANT || x->verb == V_END;
	TRY(person_of(city, in->a, in->argv[two ? 2 : 1], &x->person, err));
	enum rc rc = account_by_person(writer_db(city->writer), in->a, x->person, acc, err);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	*err = (struct err){0};
	if (!two)
		return RC_OK;
	x->role = str_of(in->argv[1]);
	TRY(cli_org(writer_db(city->writer), city, org, &x->org, err));
	if (x->org == 0)
		x->org = city->root_org;
	return role_of(city, in->a, x, err);
}

static void tell(const struct invocation *in, const struct args *x, const struct account *acc)
{
	if (x->verb == V_CODE && in->json)
		printf("{\"person\":%lld,\"code\":\"%s\"}\n", (long long)x->person, x->code);
	else if (x->verb == V_CODE && acc->handle.n)
		printf(tr("%s  once, within %d days, at /claim; it sets a new password for “%.*s”\n"),
			x->code, (int)ACCOUNT_CODE_DAYS, STR_ARG(acc->handle));
	else if (x->verb == V_CODE)
		printf(tr("%s  once, within %d days, at /claim\n"), x->code, (int)ACCOUNT_CODE_DAYS);
	else if (in->json)
		puts("{}");
	else if (!in->quiet)
		puts(tr("done"));
}

static enum rc change(struct invocation *in, struct args *x, const char *org, bool unclaimed, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct account acc = {0};
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = prepare(in, city, x, org, &acc, err);
	if (rc == RC_OK && unclaimed && acc.handle.n)
		printf(tr("claimed already: the account is “%.*s”\n"), STR_ARG(acc.handle));
	else if (rc == RC_OK && (rc = city_run(city, &actor, in->a, (str){NULL, 0}, job, x, err)) == RC_OK)
		tell(in, x, &acc);
	city_close(city);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	static const char *const verbs[] = {
		"code", "grant", "end", "disable", "enable", "reset-factor", "sign-out"};
	static const struct {
		const char *name;
		enum rc (*run)(struct invocation *in, struct err *err);
	} more[] = {{"links", account_links}, {"totp", account_totp}, {"token", account_token},
		{"tokens", account_tokens}, {"revoke", account_revoke}};
	struct args x = {0};
	const char *org = NULL;
	bool unclaimed = false;
	for (size_t i = 0; in->argc > 0 && i < sizeof more / sizeof *more; i++)
		if (strcmp(in->argv[0], more[i].name) == 0)
			return more[i].run(in, err);
	TRY(opt_text(in, "--org", &org, err));
	opt_flag(in, "--unclaimed", &unclaimed);
	TRY(opt_done(in, 1, 3, &cmd_account, err));
	if (strcmp(in->argv[0], "list") == 0 && in->argc == 1)
		return list(in, err);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(in->argv[0], verbs[i]) == 0) {
			x.verb = (enum verb)i;
			if (in->argc == (x.verb == V_GRANT || x.verb == V_END ? 3 : 2))
				return change(in, &x, org, unclaimed, err);
		}
	return usage_error(&cmd_account, err);
}

const struct command cmd_account = {
	.name = "account",
	.usage = N_("account list | code WHO [--unclaimed] | grant|end ROLE WHO [--org CODE] | "
		    "disable|enable|reset-factor|sign-out WHO | links -o FILE [--org CODE] [--base URL] "
		    "[--all] | "
		    "token NAME [--scope S] [--days N] [--org CODE] | tokens | revoke N | totp NAME"),
	.summary = N_("who may sign in and as what; one-time codes"),
	.help = N_(
		"WHO is an account's name, #NUMBER of a person, or a role that one person holds.\n"
		"code makes a code by which that person chooses a name and a password at /claim, or a new "
		"password.\n"
		"--unclaimed: only where the account has not been claimed yet; else says its name.\n"
		"grant, end: a role from today on, or until today; --org: where, else the whole city.\n"
		"reset-factor takes the second factor off; sign-out ends all sessions.\n"
		"links writes a sheet (.xlsx, or .html with QR pictures to print) of one-time links that "
		"bind a phone "
		"to a unit, for units without one; --all: anew for all; --base: where the site is reached.\n"
		"token makes a bearer token for a program that acts for --as; shown once. S: registers:read, "
		"registers:write, figures:read, figures:write.\n"
		"totp shows the authenticator's code of an account of a demo city.\n"
		"Example: qinghe account code city_staff\n"
		"Exit codes: 0 done, 2 no such person, account or role, 3 not yours, 4 storage."),
	.run = run,
};
