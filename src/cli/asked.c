/* asked.c -- see asked.h */
#include "cli/asked.h"
#include "register/record.h"

enum rc asked_options(struct invocation *in, struct asked *out, struct err *err)
{
	*out = (struct asked){0};
	TRY(opt_text(in, "--year", &out->year, err));
	TRY(opt_text(in, "--period", &out->period, err));
	return opt_text(in, "--org", &out->org, err);
}

static str code_of(struct reader *r, int64_t org)
{
	const struct reg *reg = model_reg(r->city->model, STR("org"));
	const struct field *f = reg ? reg_field(reg, STR("code")) : NULL;
	struct record *rec;
	if (f && record_get(r, reg, org, &rec, NULL) == RC_OK && rec->values[f->at].kind == V_TEXT)
		return rec->values[f->at].t;
	return arena_fmt(r->a, "#%lld", (long long)org);
}

enum rc asked_period(const struct invocation *in, struct asked *a, struct err *err)
{
	int64_t year = 0;
	if ((a->year == NULL) == (a->period == NULL))
		return FAIL(err, RC_INVALID, "say which time: --year 2025, or --period 2025H1");
	if (a->year && (!str_i64(str_of(a->year), &year) || strlen(a->year) != 4))
		return FAIL(err, RC_INVALID, "“%s” is no year; other periods by --period", a->year);
	return period_parse(in->a, str_of(a->year ? a->year : a->period), &a->p, err);
}

enum rc asked_resolve(const struct invocation *in, struct cli_reader *c, struct asked *a, struct err *err)
{
	TRY(asked_period(in, a, err));
	TRY(cli_org(c->r.db, c->city, a->org, &a->org_id, err));
	if (!actor_has_office(&c->r.actor))
		return FAIL(err, RC_DENIED, "Figures and reports are open to those who hold a role.");
	if (a->org_id == 0)
		a->org_id = c->r.actor.org ? c->r.actor.org : c->city->root_org;
	if (!actor_is_operator(&c->r.actor) && c->r.actor.org &&
		!tree_under(c->r.tree, a->org_id, c->r.actor.org, a->p.to - 1))
		return FAIL(err, RC_DENIED, "this unit is not under yours");
	a->org_code = code_of(&c->r, a->org_id);
	return RC_OK;
}

enum rc asked_figure(const struct city *c, const char *id, const struct figure **out, struct err *err)
{
	*out = model_figure(c->model, str_of(id));
	return *out ? RC_OK
		    : FAIL(err, RC_NOT_FOUND, "no figure “%s”; “qinghe figures --year Y” lists them", id);
}
