/* page_finder.c -- /finder and /finder/ID: see page_finder.h. The rows are those of the register rescue_hit that the actor may
 * read; whoever reads them is announced like every reader of such rows (read_log.h), here by the list as well. */
#include "web/page_finder.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/permit.h"
#include "service/rescue/open.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { PAGE_ROWS = 50, CHILD_ROWS = 50, FACT_ROWS = 5 };

static const struct reg *hits_reg(struct page *p)
{
	return model_reg(p->site->city->model, STR("rescue_hit"));
}

static str text(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static int64_t child_of(const struct record *rec)
{
	return rec->values[rec->reg->person->at].i;
}

/* What a rule is called; of one that the model no longer has, its id. */
static str rule_words(const struct rescue_rules *rules, str id)
{
	const struct rescue_trigger *t = rescue_trigger_of(rules, id);
	return t ? label_text(&t->label) : id;
}

static str left_words(struct page *p, const struct record *rec, const char **look)
{
	int32_t due;
	*look = "";
	if (!date_parse(text(rec, "due_on"), &due))
		return str_of(tr("no deadline"));
	int32_t left = due - clock_today();
	*look = left < 0 ? "late" : left <= 1 ? "wait" : "info";
	if (left < 0)
		return arena_fmt(p->a, trn("%d day overdue", "%d days overdue", -left), (int)-left);
	if (left == 0)
		return str_of(tr("due today"));
	return arena_fmt(p->a, trn("%d day left", "%d days left", left), (int)left);
}

/* ---- the list ---- */

static str where_words(struct page *p, str rule)
{
	return rule.n ? arena_fmt(p->a, "state = 'open' and rule = '%.*s'", STR_ARG(rule))
		      : STR("state = 'open'");
}

static enum rc count(struct page *p, str where, int64_t *out, struct err *err)
{
	struct record_query q = {
		.reg = hits_reg(p), .where = where, .org = p->org_code.n || p->r.actor.org ? p->org : 0};
	return record_count(&p->r, &q, out, err);
}

static enum rc rules_fill(
	struct page *p, const struct rescue_rules *rules, str here, struct finder_page *g, struct err *err)
{
	int64_t n, late;
	TRY(count(p, where_words(p, STR("")), &n, err));
	TRY(count(p, STR("state = 'open' and due_on < today"), &late, err));
	g->summary = arena_fmt(p->a, tr("%lld open, %lld of them overdue"), (long long)n, (long long)late);
	g->rules = NEWS(p->a, rules->triggers_n + 1, struct finder_rule);
	g->rules[g->rules_n++] = (struct finder_rule){str_of(tr("All")), page_href(p, STR("/finder")),
		arena_fmt(p->a, "%lld", (long long)n), here.n == 0};
	for (size_t k = 0; n > 0 && k < rules->triggers_n; k++) {
		const struct rescue_trigger *t = &rules->triggers[k];
		int64_t of;
		TRY(count(p, where_words(p, t->id), &of, err));
		if (of > 0)
			g->rules[g->rules_n++] = (struct finder_rule){label_text(&t->label),
				page_hrefs(p, "/finder?rule=%.*s", STR_ARG(t->id)),
				arena_fmt(p->a, "%lld", (long long)of), str_eq(here, t->id)};
	}
	return RC_OK;
}

static struct finder_row row_of(struct page *p, const struct rescue_rules *rules, const struct record *rec)
{
	const struct field *urgency = reg_field(rec->reg, STR("urgency"));
	str grave = text(rec, "urgency");
	struct finder_row row = {.why = rule_words(rules, text(rec, "rule")),
		.who = record_label_masked(&p->r, page_reg(p, "person"), child_of(rec)),
		.unit = page_org_name(p, rec->org),
		.found = date_words(p, text(rec, "found_on")),
		.href = page_hrefs(p, "/finder/%lld", (long long)rec->id),
		.urgency = value_words(p, rec, urgency),
		.urgent = str_is(grave, "now")    ? "danger"
			  : str_is(grave, "high") ? "warn"
						  : "m",
		.gone = text(rec, "gone_on").n > 0};
	row.left = left_words(p, rec, &row.look);
	return row;
}

static enum rc rows_fill(
	struct page *p, const struct rescue_rules *rules, str rule, struct finder_page *g, struct err *err)
{
	const struct reg *reg = hits_reg(p);
	struct record_query q = {.reg = reg,
		.where = where_words(p, rule),
		.org = p->org_code.n || p->r.actor.org ? p->org : 0,
		.by = reg_field(reg, STR("due_on")),
		.after = p->after,
		.limit = PAGE_ROWS + 1};
	struct record **list;
	size_t n;
	TRY(record_list(&p->r, &q, &list, &n, err));
	size_t shown = n > PAGE_ROWS ? PAGE_ROWS : n;
	g->rows = NEWS(p->a, shown + 1, struct finder_row);
	for (size_t i = 0; i < shown; i++)
		g->rows[g->rows_n++] = row_of(p, rules, list[i]);
	if (n > shown)
		g->next_href = page_here(p, "after", arena_fmt(p->a, "%lld", (long long)list[shown - 1]->id));
	if (p->after)
		g->first_href = page_here(p, "after", STR(""));
	return RC_OK;
}

/* Somebody whose work it is, or may be once he has his authorisation. */
static bool concerns(const struct page *p, const struct reg *reg)
{
	bool yes = actor_is_operator(&p->r.actor);
	for (size_t i = 0; i < reg->read_n; i++)
		for (size_t k = 0; !str_is(reg->read[i].relation, "own") && k < reg->read[i].roles_n; k++)
			yes = yes || actor_has_role(&p->r.actor, reg->read[i].roles[k]);
	return yes;
}

static enum rc finder(struct page *p, struct err *err)
{
	const struct reg *reg = hits_reg(p);
	struct finder_page g = {0};
	struct rescue_rules rules;
	str rule = page_input(p, "rule");
	int64_t ran;
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register rescue_hit");
	if (!concerns(p, reg))
		return FAIL(err, RC_DENIED, "The register “%.*s” is not open to your role.",
			STR_ARG(label_text(&reg->label)));
	TRY(rescue_rules_read(p->a, p->site->city->model, &rules, err));
	if (rule.n && rescue_trigger_of(&rules, rule) == NULL)
		return FAIL(err, RC_NOT_FOUND, "the finder has no rule “%.*s”", STR_ARG(str_head(rule, 40)));
	TRY(rescue_opened_at(p->r.db, &ran, err));
	g.ran = ran ? arena_fmt(p->a,
			      tr("The rules were gone through %.*s; that happens every day by itself."),
			      STR_ARG(instant_words(p, ran)))
		    : str_of(tr(
			      "The rules have not been gone through yet; that happens every day by itself."));
	g.authorised = permit_reach(reg, &p->r.actor) >= REACH_SOME;
	if (g.authorised) {
		TRY(rules_fill(p, &rules, rule, &g, err));
		TRY(rows_fill(p, &rules, rule, &g, err));
	}
	shell_fill(p, &g.shell, str_of(tr("Children found without care")), PLACE_REGISTERS, reg->group);
	shell_crumb(
		p, &g.shell, group_label(reg->group), page_hrefs(p, "/registers/%.*s", STR_ARG(reg->group)));
	tpl_finder(page_out(p), &g);
	return RC_OK;
}

/* ---- one hit ---- */

static str refer_words(const struct rescue_trigger *t)
{
	if (t == NULL || t->refer.n == 0)
		return STR("");
	return str_is(t->refer, "civil") ? str_of(tr("by law it goes to civil affairs")) : t->refer;
}

static struct finder_why why_of(
	struct page *p, const struct rescue_rules *rules, const struct record *rec, int64_t here)
{
	const struct rescue_trigger *t = rescue_trigger_of(rules, text(rec, "rule"));
	struct finder_why w = {.label = rule_words(rules, text(rec, "rule")),
		.law = t ? label_text(&t->law) : STR(""),
		.refer = refer_words(t),
		.found = date_words(p, text(rec, "found_on")),
		.due = date_words(p, text(rec, "due_on")),
		.row_href = page_hrefs(p, "/r/rescue_hit/%lld", (long long)rec->id),
		.here = rec->id == here,
		.look = ""};
	const struct move *close = reg_move(rec->reg, STR("close"));
	if (text(rec, "gone_on").n)
		w.gone = arena_fmt(p->a, tr("the rule no longer finds the child since %.*s"),
			STR_ARG(date_words(p, text(rec, "gone_on"))));
	if (str_is(rec->state, "open")) {
		w.left = left_words(p, rec, &w.look);
		if (close && permit_move(p->r.tree, &p->r.actor, rec, close, NULL) == RC_OK)
			w.close_href = page_hrefs(p, "/r/rescue_hit/%lld/do/close", (long long)rec->id);
	} else {
		w.outcome = value_words(p, rec, reg_field(rec->reg, STR("outcome")));
		w.due = date_words(p, text(rec, "ended_on"));
	}
	return w;
}

static enum rc reasons(struct page *p, const struct rescue_rules *rules, const struct record *hit,
	struct finder_hit_page *g, struct err *err)
{
	struct record_query q = {.reg = hit->reg,
		.where = arena_fmt(p->a, "child = %lld", (long long)child_of(hit)),
		.limit = CHILD_ROWS,
		.newest_first = true};
	struct record **list;
	size_t n;
	TRY(record_list(&p->r, &q, &list, &n, err));
	g->open = NEWS(p->a, n + 1, struct finder_why);
	g->ended = NEWS(p->a, n + 1, struct finder_why);
	for (size_t i = 0; i < n; i++) {
		bool open = str_is(list[i]->state, "open");
		struct finder_why w = why_of(p, rules, list[i], hit->id);
		if (open)
			g->open[g->open_n++] = w;
		else
			g->ended[g->ended_n++] = w;
	}
	return RC_OK;
}

/* What stands on record: which registers, which of their fields, in that order. */
static const struct fact {
	const char *reg, *by, *fields[4], *none;
} known[] = {
	{"guardianship", "valid_from", {"kinship", "condition", "valid_to"}, N_("no guardian on record")},
	{"entrusted_carer", "valid_from", {"carer", "valid_from", "valid_to"}, N_("nobody entrusted")},
	{"care_child", "listed_on", {"risk", "listed_on", "reviewed_on"}, N_("not on the register")},
	{"pairing", "paired_on", {"helper", "paired_on", "ended_on"}, N_("no helper")},
	{"visit", "visited_on", {"visited_on", "way", "seen"}, N_("no visit")},
};

static str line_words(struct page *p, const struct fact *k, const struct record *rec)
{
	str out = STR("");
	for (size_t i = 0; i < sizeof k->fields / sizeof *k->fields && k->fields[i]; i++) {
		const struct field *f = reg_field(rec->reg, str_of(k->fields[i]));
		str v = f ? value_words(p, rec, f) : STR("");
		if (v.n)
			out = arena_fmt(p->a, "%.*s%s%.*s%s%.*s", STR_ARG(out), out.n ? " · " : "",
				STR_ARG(label_text(&f->label)), tr(": "), STR_ARG(v));
	}
	return out;
}

static enum rc fact_fill(
	struct page *p, const struct fact *k, int64_t child, struct finder_hit_page *g, struct err *err)
{
	const struct reg *reg = page_reg(p, k->reg);
	struct record **list;
	size_t n;
	if (reg == NULL || permit_reach(reg, &p->r.actor) == REACH_NONE)
		return RC_OK;
	struct record_query q = {.reg = reg,
		.where = arena_fmt(
			p->a, "%.*s = %lld and state != 'void'", STR_ARG(reg->person->id), (long long)child),
		.by = reg_field(reg, str_of(k->by)),
		.by_falling = true,
		.limit = FACT_ROWS};
	enum rc rc = record_list(&p->r, &q, &list, &n, err);
	if (rc == RC_DENIED) /* its rows are not open to him: then nothing is said of them */
		return RC_OK;
	TRY(rc);
	struct finder_fact *f = &g->facts[g->facts_n++];
	*f = (struct finder_fact){.label = label_text(&reg->label), .none = str_of(tr(k->none))};
	f->lines = NEWS(p->a, n + 1, struct finder_line);
	for (size_t i = 0; i < n; i++)
		f->lines[f->lines_n++] = (struct finder_line){.text = line_words(p, k, list[i]),
			.detail = state_chip(reg, list[i]->state).label,
			.href = page_hrefs(p, "/r/%s/%lld", k->reg, (long long)list[i]->id)};
	return RC_OK;
}

static str begin_href(struct page *p, const char *id, int64_t child)
{
	const struct reg *reg = page_reg(p, id);
	return reg && form_may_add(p, reg) ? page_hrefs(p, "/r/%s/new?about=%lld", id, (long long)child)
					   : STR("");
}

static enum rc hit(struct page *p, struct err *err)
{
	const struct reg *reg;
	struct finder_hit_page g = {0};
	struct rescue_rules rules;
	struct record *rec;
	int64_t id;
	TRY(page_register(p, STR("rescue_hit"), &reg, err));
	if (!str_i64(page_arg(p, 0), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 0)));
	TRY(record_get(&p->r, reg, id, &rec, err));
	TRY(rescue_rules_read(p->a, p->site->city->model, &rules, err));
	TRY(reasons(p, &rules, rec, &g, err));
	int64_t child = child_of(rec);
	g.facts = NEWS(p->a, sizeof known / sizeof *known, struct finder_fact);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		TRY(fact_fill(p, &known[i], child, &g, err));
	g.who = record_label(&p->r, page_reg(p, "person"), child);
	g.unit = page_org_name(p, rec->org);
	g.person_href = page_reads_people(p) ? page_hrefs(p, "/r/person/%lld", (long long)child) : STR("");
	g.visit_href = begin_href(p, "visit", child);
	g.refer_href = begin_href(p, "referral", child);
	g.list_href = begin_href(p, "care_child", child);
	shell_fill(p, &g.shell, str_of(tr("A hit of the finder")), PLACE_REGISTERS, reg->group);
	shell_crumb(
		p, &g.shell, group_label(reg->group), page_hrefs(p, "/registers/%.*s", STR_ARG(reg->group)));
	shell_crumb(p, &g.shell, str_of(tr("Children found without care")), page_href(p, STR("/finder")));
	tpl_finder_hit(page_out(p), &g);
	return RC_OK;
}

static const struct input list_in[] = {{"rule", INPUT_WORD, 60, false}, {0}};

const struct route routes_finder[] = {
	{"GET", "/finder", finder, ACCESS_OFFICE, CSRF_READ_ONLY, list_in, ROUTE_HTML_ONLY},
	{"GET", "/finder/{id}", hit, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{0},
};
