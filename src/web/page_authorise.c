/* page_authorise.c -- /authorisations, /break-glass: see page_authorise.h. */
#include "web/page_authorise.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/authorise.h"
#include "guard/role.h"
#include "register/permit.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { LISTED_MAX = 200, TERM_DAYS = 365 };
static const str APPROVERS[] = {{"secadmin", 8}, {"city_staff", 10}, {"leader", 6}};
static const str REVIEWERS[] = {{"secadmin", 8}, {"leader", 6}};

static bool approves(const struct page *p)
{
	return role_check(&p->r.actor, APPROVERS, 3, NULL) == RC_OK;
}

static bool reviews(const struct page *p)
{
	return role_check(&p->r.actor, REVIEWERS, 2, NULL) == RC_OK;
}

static str person_words(struct page *p, int64_t person)
{
	return person ? record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person)
		      : STR("");
}

static str role_words(struct page *p, str id)
{
	const struct role_kind *k = model_role(p->site->city->model, id);
	return k == NULL ? id : tr_lang() == LANG_ZH ? k->zh : k->en;
}

/* A purpose is told by the registers that it opens. */
static str purpose_words(struct page *p, str purpose)
{
	const struct model *m = p->site->city->model;
	str out = {NULL, 0};
	int n = 0;
	for (size_t i = 0; i < m->regs_n && n < 4; i++) {
		if (m->regs[i].sensitivity < SENS_MINOR || !str_eq(m->regs[i].purpose, purpose))
			continue;
		str label = n == 3 ? STR("…") : label_text(&m->regs[i].label);
		out = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(out), n ? tr(", ") : "", STR_ARG(label));
		n++;
	}
	return out.n ? out : purpose;
}

static str state_words(const struct authorisation *z)
{
	int32_t today = clock_today();
	if (z->revoked_at_ms)
		return str_of(tr("revoked"));
	if (str_is(z->state, "asked"))
		return str_of(tr("waits for approval"));
	if (str_is(z->state, "refused"))
		return str_of(tr("refused"));
	return str_of(z->to <= today || z->from > today ? tr("not in force") : tr("in force"));
}

static void purposes(struct page *p, struct authorise_page *g)
{
	const struct model *m = p->site->city->model;
	g->purposes = NEWS(p->a, m->regs_n, struct authorise_choice);
	for (size_t i = 0; i < m->regs_n; i++) {
		bool known = false;
		for (size_t k = 0; k < g->purposes_n; k++)
			known = known || str_eq(g->purposes[k].id, m->regs[i].purpose);
		if (m->regs[i].sensitivity >= SENS_MINOR && !known)
			g->purposes[g->purposes_n++] = (struct authorise_choice){
				m->regs[i].purpose, purpose_words(p, m->regs[i].purpose)};
	}
}

/* Roles that some register of minors' data opens over a subtree. */
static bool reads_minors(const struct model *m, str role)
{
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; m->regs[i].sensitivity >= SENS_MINOR && k < m->regs[i].read_n; k++)
			for (size_t r = 0; r < m->regs[i].read[k].roles_n; r++)
				if (str_is(m->regs[i].read[k].relation, "subtree") &&
					str_eq(m->regs[i].read[k].roles[r], role))
					return true;
	return false;
}

static void choices(struct page *p, struct authorise_page *g)
{
	const struct model *m = p->site->city->model;
	const struct role_kind *all = m->roles.list;
	size_t n = m->roles.n;
	g->roles = NEWS(p->a, ACTOR_ROLES_MAX, struct authorise_choice);
	for (int i = 0; i < p->r.actor.roles_n; i++)
		if (reads_minors(m, p->r.actor.roles[i]))
			g->roles[g->roles_n++] = (struct authorise_choice){
				p->r.actor.roles[i], role_words(p, p->r.actor.roles[i])};
	g->duties = NEWS(p->a, n + 1, struct authorise_choice);
	for (size_t i = 0; i < n; i++)
		if (reads_minors(m, all[i].id))
			g->duties[g->duties_n++] =
				(struct authorise_choice){all[i].id, role_words(p, all[i].id)};
	purposes(p, g);
}

static enum rc list(struct page *p, struct err *err)
{
	struct authorise_page g = {.approves = approves(p), .done = page_input(p, "done").n > 0};
	struct authorisation *z;
	size_t n;
	int32_t today = clock_today();
	TRY(authorisation_all(p->r.db, p->a, p->site->city->seal, g.approves ? 0 : p->r.actor.person, STR(""),
		LISTED_MAX, &z, &n, err));
	g.rows = NEWS(p->a, n + 1, struct authorise_row);
	for (size_t i = 0; i < n; i++) {
		if (z[i].person != p->r.actor.person && p->r.actor.org &&
			!tree_under(p->r.tree, z[i].org, p->r.actor.org, today))
			continue; /* another unit's: not this approver's to look at */
		bool stands = str_is(z[i].state, "approved") && !z[i].revoked_at_ms && z[i].to > today;
		g.rows[g.rows_n++] = (struct authorise_row){.id = z[i].id,
			.who = person_words(p, z[i].person),
			.role = role_words(p, z[i].role),
			.unit = page_org_name(p, z[i].org),
			.purpose = purpose_words(p, z[i].purpose),
			.span = arena_fmt(p->a, "%.*s – %.*s",
				STR_ARG(date_words(p, date_str(p->a, z[i].from))),
				STR_ARG(date_words(p, date_str(p->a, z[i].to - 1)))),
			.state = state_words(&z[i]),
			.reason = z[i].reason,
			.by = str_is(z[i].state, "approved") ? person_words(p, z[i].approved_by) : STR(""),
			.decides =
				g.approves && str_is(z[i].state, "asked") && z[i].person != p->r.actor.person,
			.revokes = g.approves && stands,
			.exports = z[i].may_export};
	}
	g.to = date_str(p->a, today + TERM_DAYS);
	choices(p, &g);
	shell_fill(p, &g.shell, str_of(tr("Authorisations to read minors' data")), PLACE_ME, STR(""));
	tpl_authorisations(page_out(p), &g);
	return RC_OK;
}

/* ---- jobs ---- */

struct order {
	struct authorisation what;
	struct seal *seal;
	int64_t id, row;
	str act, reg, reason;
};

static enum rc ask_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *x = arg;
	return authorisation_ask(c, x->seal, &x->what, &x->id, err);
}

static enum rc grant_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *x = arg;
	return authorisation_grant(c, x->seal, &x->what, &x->id, err);
}

static enum rc decide_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *x = arg;
	return str_is(x->act, "revoke") ? authorisation_revoke(c, x->id, err)
					: authorisation_decide(c, x->id, str_is(x->act, "approve"), err);
}

static enum rc open_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *x = arg;
	return glass_open(c, x->seal, x->reg, x->row, x->reason, &x->id, err);
}

static enum rc review_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *x = arg;
	return glass_review(c, x->seal, x->id, str_is(x->act, "justified"), x->reason, err);
}

static enum rc order_of(struct page *p, struct order *x, struct err *err)
{
	str to = page_input(p, "to");
	int64_t own = p->r.actor.org ? p->r.actor.org : p->site->city->root_org;
	*x = (struct order){
		.seal = p->site->city->seal, .act = page_input(p, "act"), .id = page_input_id(p, "id")};
	x->reason = page_input(p, "reason");
	x->what = (struct authorisation){.person = p->r.actor.person,
		.org = own,
		.role = page_input(p, "role"),
		.purpose = page_input(p, "purpose"),
		.from = clock_today(),
		.to = clock_today() + TERM_DAYS,
		.may_export = page_input(p, "export").n > 0,
		.reason = x->reason,
		.approved_by = p->r.actor.person};
	if (p->faults_n)
		return FAIL(err, RC_INVALID, "%.*s: %.*s", STR_ARG(p->faults[0].name),
			STR_ARG(p->faults[0].value));
	if (to.n && !date_parse(to, &x->what.to))
		return FAIL(err, RC_INVALID, "“%.*s” is not a date such as 2026-12-31", STR_ARG(to));
	if (to.n)
		x->what.to++; /* the last day counts */
	return RC_OK;
}

static enum rc ask(struct page *p, struct err *err)
{
	struct order x;
	TRY(order_of(p, &x, err));
	TRY(page_run(p, ask_job, &x, err));
	page_go(p, STR("/authorisations?done=1"));
	return RC_OK;
}

static enum rc decide(struct page *p, struct err *err)
{
	struct order x;
	TRY(order_of(p, &x, err));
	TRY(page_run(p, decide_job, &x, err));
	page_go(p, STR("/authorisations?done=1"));
	return RC_OK;
}

/* A job a person; who has it already is passed over, so that doing it again completes it. */
static enum rc duty(struct page *p, struct err *err)
{
	struct order x;
	struct role *roles;
	struct authorisation *had;
	size_t n, had_n;
	TRY(order_of(p, &x, err));
	TRY(role_check(&p->r.actor, APPROVERS, 3, err));
	if (!reads_minors(p->site->city->model, x.what.role))
		return FAIL(err, RC_INVALID, "no register of minors' data is open to the role “%.*s”",
			STR_ARG(x.what.role));
	TRY(role_holders(p->r.db, p->a, x.what.role, clock_today(), &roles, &n, err));
	int32_t to = x.what.to;
	for (size_t i = 0; i < n; i++) {
		bool there = roles[i].person == p->r.actor.person ||
			     !tree_under(p->r.tree, roles[i].org, p->r.actor.org, clock_today());
		TRY(authorisation_list(
			p->r.db, p->a, roles[i].person, x.what.purpose, clock_today(), &had, &had_n, err));
		for (size_t k = 0; k < had_n; k++)
			there = there || had[k].duty == roles[i].id;
		if (there)
			continue;
		x.what.person = roles[i].person;
		x.what.org = roles[i].org;
		x.what.duty = roles[i].id;
		x.what.to = roles[i].to < to ? roles[i].to : to;
		TRY(page_run(p, grant_job, &x, err));
	}
	page_go(p, STR("/authorisations?done=1"));
	return RC_OK;
}

/* ---- break-glass ---- */

/* Registers of minors' data that a role of the actor is named in, whatever the relation. */
static bool may_break(const struct page *p, const struct reg *reg)
{
	for (size_t i = 0; reg->sensitivity >= SENS_MINOR && i < reg->read_n; i++)
		for (size_t k = 0; k < reg->read[i].roles_n; k++)
			if (actor_has_role(&p->r.actor, reg->read[i].roles[k]))
				return true;
	return false;
}

static enum rc glass(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	struct glass_page g = {.done = page_input(p, "done").n > 0};
	struct glass *z;
	size_t n;
	bool all = reviews(p);
	TRY(glass_all(p->r.db, p->a, p->site->city->seal, &p->r.actor, false, LISTED_MAX, &z, &n, err));
	g.rows = NEWS(p->a, n + 1, struct glass_row);
	for (size_t i = 0; i < n; i++) {
		const struct reg *reg = model_reg(m, z[i].reg);
		if (!all && z[i].person != p->r.actor.person)
			continue;
		g.rows[g.rows_n++] = (struct glass_row){.id = z[i].id,
			.who = person_words(p, z[i].person),
			.what = arena_fmt(p->a, "%.*s #%lld",
				STR_ARG(reg ? label_text(&reg->label) : z[i].reg), (long long)z[i].row),
			.opened = instant_words(p, z[i].opened_at_ms),
			.until = instant_words(p, z[i].until_ms),
			.reason = z[i].reason,
			.waits = z[i].reviewed_at_ms == 0,
			.reviews = all && z[i].reviewed_at_ms == 0 && z[i].person != p->r.actor.person,
			.review = arena_fmt(p->a, "%s: %.*s",
				z[i].justified ? tr("justified") : tr("not justified"),
				STR_ARG(z[i].review))};
	}
	g.registers = NEWS(p->a, m->regs_n, struct authorise_choice);
	for (size_t i = 0; i < m->regs_n; i++)
		if (may_break(p, &m->regs[i]))
			g.registers[g.registers_n++] =
				(struct authorise_choice){m->regs[i].id, label_text(&m->regs[i].label)};
	g.opens = g.registers_n > 0;
	shell_fill(p, &g.shell, str_of(tr("Break-glass")), PLACE_ME, STR(""));
	tpl_break_glass(page_out(p), &g);
	return RC_OK;
}

static enum rc glass_post(struct page *p, struct err *err)
{
	struct order x;
	const struct reg *reg;
	TRY(order_of(p, &x, err));
	TRY(page_register(p, page_input(p, "register"), &reg, err));
	x.reg = reg->id;
	x.row = page_input_id(p, "row");
	if (!may_break(p, reg))
		return FAIL(err, RC_DENIED, "The register “%.*s” is not open to your role.",
			STR_ARG(label_text(&reg->label)));
	TRY(page_run(p, open_job, &x, err));
	page_go(p, arena_fmt(p->a, "/r/%.*s/%lld", STR_ARG(reg->id), (long long)x.row));
	return RC_OK;
}

static enum rc review(struct page *p, struct err *err)
{
	struct order x;
	TRY(order_of(p, &x, err));
	TRY(page_run(p, review_job, &x, err));
	page_go(p, STR("/break-glass?done=1"));
	return RC_OK;
}

static const struct input done_input[] = {{"done", INPUT_FLAG, 0, false}, {0}};
static const struct input ask_inputs[] = {{"role", INPUT_WORD, 40, true}, {"purpose", INPUT_WORD, 40, true},
	{"to", INPUT_TEXT, 10, false}, {"reason", INPUT_TEXT, REASON_MAX_CHARS, true},
	{"export", INPUT_FLAG, 0, false}, {0}};
static const struct input decide_inputs[] = {{"id", INPUT_ID, 0, true}, {"act", INPUT_ACT, 20, true}, {0}};
static const struct input duty_inputs[] = {{"role", INPUT_WORD, 40, true}, {"purpose", INPUT_WORD, 40, true},
	{"to", INPUT_TEXT, 10, false}, {0}};
static const struct input open_inputs[] = {{"register", INPUT_WORD, 60, true}, {"row", INPUT_ID, 0, true},
	{"reason", INPUT_TEXT, REASON_MAX_CHARS, true}, {0}};
static const struct input review_inputs[] = {{"id", INPUT_ID, 0, true}, {"act", INPUT_ACT, 20, true},
	{"reason", INPUT_TEXT, REASON_MAX_CHARS, true}, {0}};

const struct route routes_authorise[] = {
	{"GET", "/authorisations", list, ACCESS_SIGNED_IN, CSRF_READ_ONLY, done_input, ROUTE_HTML_ONLY},
	{"POST", "/authorisations/ask", ask, ACCESS_SIGNED_IN, CSRF_TOKEN, ask_inputs, ROUTE_SLOW},
	{"POST", "/authorisations/decide", decide, ACCESS_SIGNED_IN, CSRF_TOKEN, decide_inputs, ROUTE_SLOW},
	{"POST", "/authorisations/duty", duty, ACCESS_SIGNED_IN, CSRF_TOKEN, duty_inputs, ROUTE_SLOW},
	{"GET", "/break-glass", glass, ACCESS_SIGNED_IN, CSRF_READ_ONLY, done_input, ROUTE_HTML_ONLY},
	{"POST", "/break-glass/open", glass_post, ACCESS_SIGNED_IN, CSRF_TOKEN, open_inputs, ROUTE_SLOW},
	{"POST", "/break-glass/review", review, ACCESS_SIGNED_IN, CSRF_TOKEN, review_inputs, ROUTE_SLOW},
	{0},
};
