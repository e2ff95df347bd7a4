/* page_model_change.c -- /model/changes/ID: one change of a declaration: side by side with what stands, what it does to tables and
 * figures, what uses it; agreed to, applied, rejected, taken back (register/model_change.h). */
#include "base/clock.h"
#include "guard/role.h"
#include "register/model_change.h"
#include "register/retain.h"
#include "register/used.h"
#include "web/model_diff.h"
#include "web/model_rules.h"
#include "web/page_model.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { IMPACT_ROWS_MAX = 80 };

static const char *const levels[] = {[SENS_PUBLIC] = N_("public"),
	[SENS_INTERNAL] = N_("internal"),
	[SENS_PERSONAL] = N_("personal"),
	[SENS_MINOR] = N_("of minors"),
	[SENS_SEALED] = N_("sealed")};
static const char *const gains[] = {[SENS_PUBLIC] = "",
	[SENS_INTERNAL] = N_("Nobody outside the office is told of its rows."),
	[SENS_PERSONAL] =
		N_("Its rows come under keys of their own, public numbers from 5 on are told, and a "
		   "change of the register takes two."),
	[SENS_MINOR] = N_("A role alone opens nothing: an authorisation or a case is needed, each reading is "
			  "recorded, and public numbers are told from 10 on."),
	[SENS_SEALED] = N_("As data of minors; besides, nothing of it is ever public.")};

static void plan(struct page *p, struct model_desk *g, const struct change_trial *t)
{
	struct help_section *s =
		desk_section(p, g, STR("tables"), str_of(tr("What changes in the tables")), t->tables_n + 1);
	for (size_t i = 0; i < t->tables_n; i++)
		desk_row(s, t->tables[i].say, STR(""),
			t->tables[i].loses ? str_of(tr("loses data")) : STR(""), STR(""));
	if (t->tables_n == 0)
		s->lead = str_of(tr("Nothing: words only."));
	s = desk_section(
		p, g, STR("recounted"), str_of(tr("Figures that are counted anew")), t->recounted_n + 1);
	for (size_t i = 0; i < t->recounted_n; i++)
		desk_row(s, label_text(&t->recounted[i]->label), STR(""), t->recounted[i]->id,
			arena_fmt(p->a, "/model/figures/%.*s", STR_ARG(t->recounted[i]->id)));
	if (t->recounted_n == 0)
		s->lead = str_of(tr("None."));
}

/* Registers that keep for another time: what a run of retention would find today, now and then. */
static enum rc kept(struct page *p, struct model_desk *g, const struct change_trial *t, struct err *err)
{
	const struct model *now = p->site->city->model;
	struct help_section *s =
		desk_section(p, g, STR("kept"), str_of(tr("Rows that end sooner or later")), now->regs_n);
	for (size_t i = 0; i < now->regs_n; i++) {
		const struct reg *old = &now->regs[i], *new = model_reg(t->model, old->id);
		int64_t due[2];
		if (new == NULL || str_eq(new->keep, old->keep))
			continue;
		TRY(retain_past_of(
			p->r.db, p->site->city, p->a, old, retain_from(old, clock_today()), &due[0], err));
		TRY(retain_past_of(
			p->r.db, p->site->city, p->a, old, retain_from(new, clock_today()), &due[1], err));
		desk_row(s, label_text(&old->label),
			arena_fmt(p->a,
				tr("Rows that have come to their end today: %lld as it stands, %lld with the "
				   "change. The next run of retention settles their months and ends them."),
				(long long)due[0], (long long)due[1]),
			arena_fmt(p->a, "%.*s → %.*s", STR_ARG(keep_words(p, old->keep)),
				STR_ARG(keep_words(p, new->keep))),
			page_href(p, STR("/retention")));
	}
	g->sections_n -= s->rows_n == 0;
	return RC_OK;
}

/* What is protected more, and what that means for those who work with it. */
static void protection(struct page *p, struct model_desk *g, const struct change_trial *t)
{
	const struct model *now = p->site->city->model;
	struct help_section *s =
		desk_section(p, g, STR("protection"), str_of(tr("What is protected more")), IMPACT_ROWS_MAX);
	for (size_t i = 0; i < now->regs_n; i++) {
		const struct reg *old = &now->regs[i], *new = model_reg(t->model, old->id);
		if (new == NULL)
			continue;
		if (new->sensitivity > old->sensitivity && s->rows_n < IMPACT_ROWS_MAX)
			desk_row(s, label_text(&new->label), str_of(tr(gains[new->sensitivity])),
				arena_fmt(p->a, "%s → %s", tr(levels[old->sensitivity]),
					tr(levels[new->sensitivity])),
				STR(""));
		for (size_t k = 0; k < new->fields_n && s->rows_n < IMPACT_ROWS_MAX; k++) {
			const struct field *was = reg_field(old, new->fields[k].id);
			if (was && !was->sealed && new->fields[k].sealed)
				desk_row(s, label_text(&new->fields[k].label),
					str_of(tr(
						"Its values are sealed in their rows and in the history, and "
						"the pages that held them are written anew. Lists no longer "
						"sort or filter by it, the search does not find it, and "
						"files "
						"hold it only for those who may open the row. Reports that "
						"were "
						"frozen, files that were taken away and backups stay as they "
						"are.")),
					str_of(tr("sealed")), STR(""));
		}
	}
	g->sections_n -= s->rows_n == 0;
}

/* Fields that are new or other than they were, and what reads them; a new one is in the register's forms and files alone. */
static void impact(struct page *p, struct model_desk *g, const struct change_trial *t)
{
	const struct model *now = p->site->city->model;
	struct help_section *s =
		desk_section(p, g, STR("impact"), str_of(tr("What uses it")), IMPACT_ROWS_MAX);
	for (size_t i = 0; i < t->model->regs_n; i++) {
		const struct reg *new = &t->model->regs[i], *old = model_reg(now, new->id);
		if (old && strcmp(old->digest.hex, new->digest.hex) == 0)
			continue;
		for (size_t k = 0; k < new->fields_n && s->rows_n < IMPACT_ROWS_MAX; k++) {
			const struct field *f = &new->fields[k], *was = old ? reg_field(old, f->id) : NULL;
			struct used *u = NULL;
			size_t n = 0;
			if (was && str_eq(was->label.zh, f->label.zh) && str_eq(was->label.en, f->label.en) &&
				was->type == f->type && was->sealed == f->sealed)
				continue;
			if (was)
				used_reg(p->a, now, old, was, &u, &n);
			str words = arena_fmt(p->a,
				tr("form, list and record page, import sheet, export and JSON of %.*s"),
				STR_ARG(label_text(&new->label)));
			for (size_t q = 0; q < n; q++)
				words = u[q].kind == USED_FORM
						? words
						: arena_fmt(p->a, "%.*s%s%s %.*s", STR_ARG(words), tr(", "),
							  used_kind_words(u[q].kind), STR_ARG(u[q].label));
			desk_row(s, label_text(&f->label), words,
				was ? str_of(tr("changed")) : str_of(tr("new")), STR(""));
		}
	}
	if (s->rows_n == 0)
		s->lead = str_of(tr("No field of a register is touched."));
}

/* What is declared now beside what would be. */
static void compare(
	struct page *p, struct model_desk *g, const struct record *rec, const struct change_trial *t)
{
	struct change_text text = change_text_of(p->a, rec, false);
	const struct value *before = &rec->values[reg_field(rec->reg, STR("before"))->at];
	const struct reg *old, *new = NULL;
	str of = rec->values[reg_field(rec->reg, STR("register_id"))->at].t;
	if (text.path.n) {
		model_diff(p->a, before->t, text.body, &g->diff, &g->diff_n);
		return;
	}
	old = model_reg(p->site->city->model, of);
	if (t->model && old && str_starts(text.body, STR("extend:")))
		new = model_reg(t->model, of);
	if (new)
		model_diff(
			p->a, model_reg_lines(p->a, old), model_reg_lines(p->a, new), &g->diff, &g->diff_n);
}

static void history(struct page *p, struct model_desk *g, const struct record *rec)
{
	struct record_version *v;
	size_t n = 0;
	if (record_history(&p->r, rec->reg, rec->id, &v, &n, NULL) != RC_OK)
		n = 0;
	struct help_section *s = desk_section(p, g, STR("history"), str_of(tr("What happened")), n);
	for (size_t i = 0; i < n; i++)
		desk_row(s, state_chip(rec->reg, v[i].record->state).label, v[i].reason,
			instant_words(p, v[i].at_ms), STR(""))
			->text = v[i].reason.n ? v[i].reason
				 : v[i].actor  ? record_label_open(&p->r, page_reg(p, "person"), v[i].actor)
					       : str_of(tr("Operator"));
}

static enum rc record_of(struct page *p, struct record **out, struct err *err)
{
	int64_t id;
	TRY(desk_administrator(p, err));
	if (!str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 0)));
	return record_get(&p->r, page_reg(p, "model_change"), id, out, err);
}

static enum rc change_show(struct page *p, struct err *err)
{
	struct record *rec;
	struct change_trial t = {0};
	TRY(record_of(p, &rec, err));
	const struct reg *reg = rec->reg;
	struct chip chip = state_chip(reg, rec->state);
	bool system = actor_has_role(&p->r.actor, STR("sysadmin")),
	     security = actor_has_role(&p->r.actor, STR("secadmin"));
	bool open = str_is(rec->state, "proposed") || str_is(rec->state, "accepted");
	bool applied = str_is(rec->state, "applied");
	struct model_desk g = {.heading = rec->values[reg_field(reg, STR("what"))->at].t,
		.lead = rec->values[reg_field(reg, STR("why"))->at].t,
		.is_change = true,
		.body = rec->values[reg_field(reg, STR("body"))->at].t,
		.state = chip.label,
		.look = chip.look,
		.action = arena_fmt(p->a, "/model/changes/%lld", (long long)rec->id)};
	g.sections = NEWS(p->a, 10, struct help_section);
	enum rc rc = RC_OK;
	bool stays = false;
	if (open || applied) {
		struct change_text text = change_text_of(p->a, rec, applied);
		rc = change_try(p->a, p->site->city, p->r.db, &text, &t, err);
		stays = applied && (rc == RC_CONFLICT || rc == RC_INVALID);
		if (rc != RC_OK && !stays) {
			model_done(t.model);
			return rc;
		}
		if (stays) { /* it is not taken back, and why */
			g.second = arena_str(p->a, str_of(err->text));
			rc = RC_OK;
		}
		desk_faults(p, &g, t.faults, t.faults_n);
		if (t.faults_n == 0 && !stays) {
			protection(p, &g, &t);
			plan(p, &g, &t);
			desk_rules_changed(p, &g, t.model);
			rc = kept(p, &g, &t, err);
			impact(p, &g, &t);
		}
		for (size_t i = 0; applied && i < t.tables_n && !stays; i++)
			stays = t.tables[i].loses && t.tables[i].rows > 0;
		if (stays && g.second.n == 0)
			g.second = str_of(tr("It is not taken back: what was entered since would be lost."));
		if (open)
			compare(p, &g, rec, &t);
		model_done(t.model);
		TRY(rc);
	}
	if (applied && g.sections_n)
		g.sections[0].label = str_of(tr("What taking it back changes in the tables"));
	bool agreed = str_is(rec->state, "accepted") && rec->changed_by != rec->entered_by;
	if (open && t.second)
		g.second = str_of(
			agreed ? tr("A security administrator has agreed to it.")
			: str_starts(rec->values[reg_field(reg, STR("path"))->at].t, STR("rules/"))
				? tr("Rules are changed by two: a security administrator agrees to it first.")
			: t.protects ? tr("Values are sealed by it and it is not taken back: a security "
					  "administrator agrees to it first.")
				     : tr("This register holds data of persons: a security administrator "
					  "agrees to it first."));
	g.applies = open && system && t.faults_n == 0 && (agreed || !t.second);
	g.accepts = str_is(rec->state, "proposed") && security && t.second;
	g.rejects = open && (system || security);
	g.undoes = applied && system && t.faults_n == 0 && !stays;
	history(p, &g, rec);
	desk_show(p, &g, false);
	return RC_OK;
}

struct deciding {
	const struct reg *reg;
	int64_t id;
	const struct move *move;
	str reason;
};

/* What reads the rules is asked once more: the model's loader does not read them. */
static enum rc rules_hold(struct page *p, const struct record *rec, bool undo, struct err *err)
{
	struct change_text text = change_text_of(p->a, rec, undo);
	struct change_trial t = {0};
	enum rc rc = change_try(p->a, p->site->city, p->r.db, &text, &t, err);
	if (rc == RC_OK && t.model)
		rc = model_rules_hold(p, text.path, t.model, err);
	model_done(t.model);
	return rc;
}

static enum rc move_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct deciding *x = arg;
	return record_do(c, x->reg, x->id, 0, x->move, NULL, 0, x->reason, err);
}

static enum rc change_act(struct page *p, struct err *err)
{
	struct record *rec;
	str act = page_input(p, "act");
	TRY(record_of(p, &rec, err));
	struct deciding x = {.reg = rec->reg, .id = rec->id, .reason = page_input(p, "reason")};
	if (str_is(act, "apply") || str_is(act, "undo")) {
		TRY(rules_hold(p, rec, str_is(act, "undo"), err));
		TRY(change_apply(p->a, &p->r, rec->id, str_is(act, "undo"), err));
		site_reopen(p->site);
	} else if (str_is(act, "accept") || str_is(act, "reject")) {
		x.move = reg_move(rec->reg, act);
		TRY(page_run(p, move_job, &x, err));
	} else {
		return FAIL(err, RC_INVALID, "“%.*s” is nothing that can be done here", STR_ARG(act));
	}
	page_go(p, page_hrefs(p, "/model/changes/%lld", (long long)rec->id));
	return RC_OK;
}

static const struct input act_inputs[] = {
	{"act", INPUT_ACT, 10, true}, {"reason", INPUT_TEXT, 300, false}, {0}};

const struct route routes_model_change[] = {
	{"GET", "/model/changes/{id}", change_show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/model/changes/{id}", change_act, ACCESS_OFFICE, CSRF_TOKEN, act_inputs, ROUTE_SLOW},
	{0},
};
