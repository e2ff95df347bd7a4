/* page_token.c -- /me/tokens: tokens for programs, shown once, listed, revoked. A new one wants the password again. */
#include "base/clock.h"
#include "base/date.h"
#include "guard/token.h"
#include "templates.h"
#include "web/door.h"
#include "web/me_rows.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { DAYS_PROPOSED = 90, UNITS_MAX = 60 };

/* The duty itself and what stands right under it: a subtree to narrow the token to. */
static void units(struct page *p, struct token_page *g)
{
	int64_t own = p->r.actor.org, asked = page_input_id(p, "org");
	size_t n = 0;
	g->units = NEWS(p->a, UNITS_MAX + 1, struct choice_row);
	if (own == 0)
		return;
	const int64_t *all = tree_subtree(p->a, p->r.tree, own, clock_today(), &n);
	for (size_t i = 0; i < n && g->units_n < UNITS_MAX; i++)
		if (all[i] == own || tree_parent(p->r.tree, all[i], clock_today()) == own)
			g->units[g->units_n++] =
				(struct choice_row){arena_fmt(p->a, "%lld", (long long)all[i]),
					page_org_name(p, all[i]), all[i] == (asked ? asked : own)};
}

static enum rc show(struct page *p, struct token_page *g, struct err *err)
{
	TRY(door_asks_code(p, &g->factor, err));
	TRY(me_tokens(p, p->sess.person, &g->tokens, &g->tokens_n, err));
	units(p, g);
	if (g->days.n == 0)
		g->days = arena_fmt(p->a, "%d", (int)DAYS_PROPOSED);
	shell_fill(p, &g->shell, str_of(tr("Tokens for programs")), PLACE_ME, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("My account")), page_href(p, STR("/me")));
	tpl_me_tokens(page_out(p), g);
	return RC_OK;
}

static enum rc tokens(struct page *p, struct err *err)
{
	struct token_page g = {.registers_read = true, .figures_read = true};
	return show(p, &g, err);
}

struct order {
	struct token want;
	char text[TOKEN_TEXT_BYTES];
	int64_t id;
};

static enum rc make_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return token_make(c, &o->want, o->text, &o->id, err);
}

static void asked(struct page *p, struct token_page *g, struct order *o)
{
	int64_t days = page_input_id(p, "days");
	str registers = page_input(p, "registers"), figures = page_input(p, "figures");
	g->name = page_input(p, "name");
	g->days = page_input(p, "days");
	g->registers_read = str_is(registers, "read");
	g->registers_write = str_is(registers, "write");
	g->figures_read = str_is(figures, "read");
	g->figures_write = str_is(figures, "write");
	o->want = (struct token){.name = str_trim(g->name),
		.duty = p->r.actor.org,
		.org = page_input_id(p, "org"),
		.proven = p->sess.proven,
		.expires_at_ms = clock_now_ms() + (days ? days : DAYS_PROPOSED) * 86400000};
	o->want.scope = (g->registers_read ? TOKEN_REGISTERS_READ : 0) |
			(g->registers_write ? TOKEN_REGISTERS_READ | TOKEN_REGISTERS_WRITE : 0) |
			(g->figures_read ? TOKEN_FIGURES_READ : 0) |
			(g->figures_write ? TOKEN_FIGURES_READ | TOKEN_FIGURES_WRITE : 0);
}

static enum rc make(struct page *p, struct err *err)
{
	struct token_page g = {0};
	struct order o = {0};
	struct err told;
	bool held;
	asked(p, &g, &o);
	if (o.want.org && p->r.actor.org && !tree_under(p->r.tree, o.want.org, p->r.actor.org, clock_today()))
		return FAIL(err, RC_DENIED, "that unit is outside your scope");
	TRY(door_ask_again(p, page_input(p, "password"), page_input(p, "code"), &held, &g.fault, err));
	if (!held)
		return show(p, &g, err);
	if (page_run(p, make_run, &o, &told) == RC_OK) {
		g = (struct token_page){.text = arena_str(p->a, str_of(o.text)),
			.registers_read = true,
			.figures_read = true};
		TRY(page_fresh(p, err));
		return show(p, &g, err);
	}
	p->q->out.status = 422;
	g.scope_fault = arena_str(p->a, str_of(told.text));
	return show(p, &g, err);
}

static enum rc end_run(struct job_ctx *c, void *arg, struct err *err)
{
	return token_end(c, *(const int64_t *)arg, err);
}

static enum rc end(struct page *p, struct err *err)
{
	int64_t id = page_input_id(p, "id");
	TRY(page_run(p, end_run, &id, err));
	page_go(p, STR("/me/tokens"));
	return RC_OK;
}

static const struct input make_in[] = {{"name", INPUT_TEXT, 60, true}, {"registers", INPUT_WORD, 10, false},
	{"figures", INPUT_WORD, 10, false}, {"org", INPUT_ID, 0, false}, {"days", INPUT_ID, 0, false},
	{"password", INPUT_SECRET, 512, true}, {"code", INPUT_SECRET, 40, false}, {0}};
static const struct input end_in[] = {{"id", INPUT_ID, 0, true}, {0}};

const struct route routes_token[] = {
	{"GET", "/me/tokens", tokens, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/me/tokens", make, ACCESS_SIGNED_IN, CSRF_TOKEN, make_in, ROUTE_SLOW},
	{"POST", "/me/tokens/end", end, ACCESS_SIGNED_IN, CSRF_TOKEN, end_in, ROUTE_SLOW},
	{0},
};
