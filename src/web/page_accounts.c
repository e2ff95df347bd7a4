/* page_accounts.c -- /accounts: who may sign in and as what, for system and security administrators; /accounts/ID: one
 * person's roles, sessions, phones and tokens. What changes anything is the security administrator's (guard looks), and an
 * administrator sees and touches the people of the own units alone (scope_person). */
#include "web/page_accounts.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/account.h"
#include "guard/device.h"
#include "guard/factor.h"
#include "guard/token.h"
#include "register/person.h"
#include "templates.h"
#include "web/me_rows.h"
#include "web/meter.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { ROWS = 50, FOUND_MAX = 30 };

static enum rc administrator(struct page *p, struct err *err)
{
	static const str by[] = {{"secadmin", 8}, {"sysadmin", 8}};
	return role_check(&p->r.actor, by, 2, err);
}

static str name_of(struct page *p, int64_t person)
{
	return record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
}

static enum rc row_fill(
	struct page *p, struct account_row *row, int64_t person, str role, int64_t org, struct err *err)
{
	struct account acc = {0};
	struct device *devices;
	size_t devices_n;
	bool set, phone = false;
	int left;
	enum rc rc = account_by_person(p->r.db, p->a, person, &acc, NULL);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return FAIL(err, rc, "the account could not be read");
	TRY(factor_state(p->r.db, person, &set, &left, err));
	TRY(device_list(p->r.db, p->a, person, clock_now_ms(), &devices, &devices_n, err));
	for (size_t i = 0; i < devices_n; i++)
		phone = phone || devices[i].ended_at_ms == 0;
	bool in = acc.password.n > 0;
	*row = (struct account_row){.person = person,
		.name = name_of(p, person),
		.role = role.n ? role_words(p, role) : STR(""),
		.unit = page_org_name(p, org),
		.handle = in ? acc.handle : STR(""),
		.state = str_of(acc.disabled  ? tr("disabled")
				: in && set   ? tr("password and code")
				: in && phone ? tr("password; phone")
				: in          ? tr("password")
				: phone       ? tr("phone")
					      : tr("not claimed yet")),
		.look = acc.disabled  ? "late"
			: in || phone ? "done"
				      : "wait"};
	return RC_OK;
}

static void kinds(struct page *p, str chosen, struct choice_row **out, size_t *out_n)
{
	const struct role_kinds *all = &p->site->city->model->roles;
	*out = NEWS(p->a, all->n + 1, struct choice_row);
	*out_n = 0;
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].granted)
			(*out)[(*out_n)++] = (struct choice_row){
				all->list[i].id, role_label(&all->list[i]), str_eq(all->list[i].id, chosen)};
}

static enum rc accounts_show(struct page *p, struct accounts_page *g, struct err *err)
{
	(void)err;
	kinds(p, g->role, &g->roles, &g->roles_n);
	g->may_change = actor_has_role(&p->r.actor, STR("secadmin"));
	shell_fill(p, &g->shell, str_of(tr("Accounts")), PLACE_ME, STR(""));
	tpl_accounts(page_out(p), g);
	return RC_OK;
}

/* Roles in force, those of the scope chosen, by id. */
static enum rc accounts(struct page *p, struct err *err)
{
	struct accounts_page g = {.role = page_input(p, "role")};
	struct role *list;
	size_t n;
	TRY(administrator(p, err));
	TRY(role_holders(p->r.db, p->a, g.role, clock_today(), &list, &n, err));
	g.rows = NEWS(p->a, ROWS + 1, struct account_row);
	for (size_t i = 0; i < n; i++) {
		if (!tree_under(p->r.tree, list[i].org, p->org, clock_today()))
			continue;
		g.total++;
		if (list[i].id <= p->after || g.rows_n == ROWS) {
			if (g.rows_n == ROWS && g.older_href.n == 0)
				g.older_href = page_here(
					p, "after", arena_fmt(p->a, "%lld", (long long)list[i - 1].id));
			continue;
		}
		TRY(row_fill(p, &g.rows[g.rows_n++], list[i].person, list[i].role, list[i].org, err));
	}
	return accounts_show(p, &g, err);
}

/* Anybody of the own units by name or number, to be given a role: looked up often it is a way to try names. */
static enum rc find(struct page *p, struct err *err)
{
	struct accounts_page g = {.asked = str_trim(page_input(p, "q")), .found = true};
	const struct reg *reg = model_reg(p->site->city->model, STR("person"));
	struct reader all = p->r;
	int64_t ids[FOUND_MAX];
	size_t n = 0;
	TRY(administrator(p, err));
	if (meter_waits(p, "accounts", FINDS_PER_MINUTE))
		return RC_OK;
	all.actor = actor_operator();
	if (g.asked.n)
		TRY(person_search(&all, g.asked, ids, FOUND_MAX, &n, err));
	g.rows = NEWS(p->a, n + 1, struct account_row);
	for (size_t i = 0; i < n; i++) {
		struct record *rec; /* the reader notes that it was shown */
		bool within;
		TRY(scope_person(p->r.db, &p->r.actor, ids[i], clock_today(), &within, err));
		if (within && record_get(&all, reg, ids[i], &rec, NULL) == RC_OK)
			TRY(row_fill(p, &g.rows[g.rows_n++], ids[i], STR(""), rec->org, err));
	}
	return accounts_show(p, &g, err);
}

/* ---- one person ---- */

static enum rc roles_of(struct page *p, struct account_page *g, struct err *err)
{
	struct role *list;
	size_t n;
	TRY(role_list(p->r.db, p->a, g->person, clock_today(), &list, &n, err));
	g->roles = NEWS(p->a, n + 1, struct account_role);
	for (size_t i = 0; i < n; i++)
		g->roles[g->roles_n++] = (struct account_role){list[i].id, role_words(p, list[i].role),
			page_org_name(p, list[i].org), date_str(p->a, list[i].from)};
	return RC_OK;
}

static enum rc account_show(struct page *p, struct account_page *g, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("person"));
	struct reader all = p->r;
	struct record *rec;
	struct account acc = {0};
	int left;
	all.actor = actor_operator();
	TRY(record_get(&all, reg, g->person, &rec, err));
	enum rc rc = account_by_person(p->r.db, p->a, g->person, &acc, NULL);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return FAIL(err, rc, "the account could not be read");
	g->name = name_of(p, g->person);
	g->unit = page_org_name(p, rec->org);
	g->handle = acc.handle;
	g->claimed = acc.handle.n > 0;
	g->disabled = acc.disabled;
	g->may_change = actor_has_role(&p->r.actor, STR("secadmin"));
	TRY(factor_state(p->r.db, g->person, &g->factor, &left, err));
	TRY(roles_of(p, g, err));
	TRY(me_sessions(p, g->person, &g->sessions, &g->sessions_n, err));
	TRY(me_devices(p, g->person, &g->devices, &g->devices_n, err));
	TRY(me_tokens(p, g->person, &g->tokens, &g->tokens_n, err));
	kinds(p, STR(""), &g->kinds, &g->kinds_n);
	shell_fill(p, &g->shell, g->name, PLACE_ME, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("Accounts")), page_href(p, STR("/accounts")));
	tpl_account(page_out(p), g);
	return RC_OK;
}

static enum rc person_arg(struct page *p, int64_t *out, struct err *err)
{
	if (!str_i64(page_arg(p, 0), out) || *out <= 0)
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	bool within;
	TRY(administrator(p, err));
	TRY(scope_person(p->r.db, &p->r.actor, *out, clock_today(), &within, err));
	return within ? RC_OK
		      : FAIL(err, RC_DENIED,
				"this person belongs to a unit outside your scope, or holds a role in one: "
				"ask the administrator above it");
}

static enum rc account(struct page *p, struct err *err)
{
	struct account_page g = {.ended = page_input(p, "done").n > 0};
	TRY(person_arg(p, &g.person, err));
	return account_show(p, &g, err);
}

struct deed {
	str act, id, role;
	int64_t person, number, org, made;
	char code[ACCOUNT_CODE_BYTES];
};

static enum rc deed_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct deed *d = arg;
	if (str_is(d->act, "code"))
		return account_code(c, d->person, d->code, err);
	if (str_is(d->act, "disable") || str_is(d->act, "enable"))
		return account_disable(c, d->person, str_is(d->act, "disable"), err);
	if (str_is(d->act, "factor"))
		return factor_reset(c, d->person, err);
	if (str_is(d->act, "session"))
		return session_end_named(c, d->person, d->id, err);
	if (str_is(d->act, "sessions"))
		return session_end_by(c, d->person, err);
	if (str_is(d->act, "device"))
		return device_end(c, d->number, "signed_off", err);
	if (str_is(d->act, "token"))
		return token_end(c, d->number, err);
	if (str_is(d->act, "end"))
		return role_end(c, d->number, clock_today(), err);
	if (str_is(d->act, "grant"))
		return role_grant(c, &job_city(c)->model->roles, d->person, d->role, d->org, clock_today(),
			ROLE_OPEN, &d->made, err);
	return FAIL(err, RC_INVALID, "this form has no act “%.*s”", STR_ARG(str_head(d->act, 20)));
}

static enum rc change(struct page *p, struct err *err)
{
	struct account_page g = {.grant_org = str_trim(page_input(p, "org"))};
	struct deed d = {.act = page_input(p, "act"),
		.id = page_input(p, "id"),
		.role = page_input(p, "role"),
		.number = page_input_id(p, "id"),
		.org = p->site->city->root_org};
	struct err told;
	enum rc rc = RC_OK;
	TRY(person_arg(p, &g.person, err));
	d.person = g.person;
	if (str_is(d.act, "grant") && g.grant_org.n)
		rc = resolve_row(p->r.db, p->site->city, model_reg(p->site->city->model, STR("org")),
			p->site->city->root_org, g.grant_org, &d.org, &told);
	if (rc == RC_OK)
		rc = page_run(p, deed_run, &d, &told);
	if (rc == RC_DENIED)
		return FAIL(err, rc, "%s", told.text);
	if (rc == RC_OK && !str_is(d.act, "code")) {
		page_go(p, arena_fmt(p->a, "/accounts/%lld?done=1", (long long)g.person));
		return RC_OK;
	}
	TRY(page_fresh(p, err));
	if (rc != RC_OK) {
		p->q->out.status = 422;
		*(str_is(d.act, "grant") ? &g.grant_fault : &g.fault) = arena_str(p->a, str_of(told.text));
	} else {
		g.code = arena_str(p->a, str_of(d.code));
	}
	return account_show(p, &g, err);
}

static const struct input list_in[] = {{"role", INPUT_WORD, 40, false}, {0}};
static const struct input find_in[] = {{"q", INPUT_TEXT, 60, true}, {0}};
static const struct input one_in[] = {{"done", INPUT_FLAG, 0, false}, {0}};
static const struct input change_in[] = {{"act", INPUT_ACT, 20, true}, {"id", INPUT_WORD, 20, false},
	{"role", INPUT_WORD, 40, false}, {"org", INPUT_TEXT, 80, false}, {0}};

const struct route routes_accounts[] = {
	{"GET", "/accounts", accounts, ACCESS_SIGNED_IN, CSRF_READ_ONLY, list_in, ROUTE_HTML_ONLY},
	{"POST", "/accounts/find", find, ACCESS_SIGNED_IN, CSRF_TOKEN, find_in, ROUTE_SLOW},
	{"GET", "/accounts/{person}", account, ACCESS_SIGNED_IN, CSRF_READ_ONLY, one_in, ROUTE_HTML_ONLY},
	{"POST", "/accounts/{person}", change, ACCESS_SIGNED_IN, CSRF_TOKEN, change_in, ROUTE_SLOW},
	{0},
};
