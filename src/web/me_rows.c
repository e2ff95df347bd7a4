/* me_rows.c -- see me_rows.h. */
#include "web/me_rows.h"
#include "base/clock.h"
#include "guard/account.h"
#include "guard/device.h"
#include "guard/token.h"
#include "web/site_in.h"
#include "web/words.h"

str role_words(struct page *p, str role)
{
	const struct role_kind *k = model_role(p->site->city->model, role);
	return k ? role_label(k) : role;
}

enum rc me_roles(struct page *p, struct me_page *g, struct err *err)
{
	struct role *list;
	size_t n;
	int64_t seen = 0;
	TRY(role_list(p->r.db, p->a, p->sess.person, clock_today(), &list, &n, err));
	g->roles = NEWS(p->a, n + 1, struct me_role);
	for (size_t i = 0; i < n; i++) {
		const struct role_kind *k = model_role(p->site->city->model, list[i].role);
		bool now = list[i].org == p->r.actor.org;
		g->roles[g->roles_n++] = (struct me_role){.label = role_words(p, list[i].role),
			.unit = page_org_name(p, list[i].org),
			.org = list[i].org,
			.now = now,
			.waits = k == NULL || k->factor > p->sess.proven,
			.elsewhere = !now && list[i].org != seen && p->sess.device == 0};
		seen = list[i].org; /* listed by organisation: one button each */
	}
	return RC_OK;
}

enum rc me_sessions(struct page *p, int64_t person, struct me_session **out, size_t *out_n, struct err *err)
{
	struct session *list;
	size_t n;
	*out_n = 0;
	TRY(session_list(p->r.db, p->a, person, clock_now_ms(), &list, &n, err));
	*out = NEWS(p->a, n + 1, struct me_session);
	for (size_t i = 0; i < n; i++)
		(*out)[(*out_n)++] = (struct me_session){.id = arena_str(p->a, str_of(list[i].id)),
			.place = list[i].place,
			.from = instant_words(p, list[i].made_at_ms),
			.seen = instant_words(p, list[i].seen_at_ms),
			.phone = list[i].device != 0,
			.here = strcmp(list[i].id, p->sess.id) == 0};
	return RC_OK;
}

static str why_words(str why)
{
	static const struct {
		const char *id, *words;
	} all[] = {{"signed_off", N_("unbound by hand")}, {"wiped", N_("unbound after too many wrong PINs")},
		{"handover", N_("ended by a hand-over")}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (str_is(why, all[i].id))
			return str_of(tr(all[i].words));
	return why;
}

enum rc me_devices(struct page *p, int64_t person, struct me_device **out, size_t *out_n, struct err *err)
{
	struct device *list;
	size_t n;
	*out_n = 0;
	TRY(device_list(p->r.db, p->a, person, clock_now_ms(), &list, &n, err));
	*out = NEWS(p->a, n + 1, struct me_device);
	for (size_t i = 0; i < n; i++)
		(*out)[(*out_n)++] = (struct me_device){.id = list[i].id,
			.place = list[i].place,
			.unit = page_org_name(p, list[i].org),
			.seen = instant_words(
				p, list[i].ended_at_ms ? list[i].ended_at_ms : list[i].seen_at_ms),
			.why = why_words(list[i].ended_why),
			.ended = list[i].ended_at_ms != 0,
			.here = list[i].id == p->sess.device};
	return RC_OK;
}

str scope_words(struct page *p, int scope)
{
	const char *registers = (scope & TOKEN_REGISTERS_WRITE)  ? tr("registers, reading and writing")
				: (scope & TOKEN_REGISTERS_READ) ? tr("registers, reading")
								 : "",
		   *figures = (scope & TOKEN_FIGURES_WRITE)  ? tr("figures and reports, reading and writing")
			      : (scope & TOKEN_FIGURES_READ) ? tr("figures and reports, reading")
							     : "";
	return arena_fmt(p->a, "%s%s%s", registers, registers[0] && figures[0] ? tr("; ") : "", figures);
}

enum rc me_tokens(struct page *p, int64_t person, struct me_token **out, size_t *out_n, struct err *err)
{
	struct token *list;
	size_t n;
	*out_n = 0;
	TRY(token_list(p->r.db, p->a, person, clock_now_ms(), &list, &n, err));
	*out = NEWS(p->a, n + 1, struct me_token);
	for (size_t i = 0; i < n; i++)
		(*out)[(*out_n)++] = (struct me_token){.id = list[i].id,
			.name = list[i].name,
			.scope = scope_words(p, list[i].scope),
			.unit = list[i].org ? page_org_name(p, list[i].org) : STR(""),
			.until = instant_words(p, list[i].expires_at_ms),
			.used = list[i].used_at_ms ? instant_words(p, list[i].used_at_ms) : STR("")};
	return RC_OK;
}

enum rc person_named(struct page *p, int64_t org, str text, int64_t *out, struct err *err)
{
	struct account acc;
	enum rc rc = account_by_handle(p->r.db, p->a, text, &acc, NULL);
	if (rc == RC_OK) {
		*out = acc.person;
		return RC_OK;
	}
	return resolve_row(
		p->r.db, p->site->city, model_reg(p->site->city->model, STR("person")), org, text, out, err);
}
