/* page_record.c -- /r/REGISTER/ID: facts, what is sealed, what happened; in the margin the figures that count it and what
 * it belongs to. */
#include "web/page_record.h"
#include "base/clock.h"
#include "figure/of_row.h"
#include "register/case_people.h"
#include "register/permit.h"
#include "register/photo.h"
#include "templates.h"
#include "web/page_figure.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { EVENTS_MAX = 50, WIDE_CHARS = 24, FIGURES_MAX = 12 };

static void facts(struct page *p, const struct record *rec, struct record_page *g)
{
	const struct reg *reg = rec->reg;
	g->facts = NEWS(p->a, reg->fields_n + 1, struct record_fact);
	g->sealed = NEWS(p->a, reg->fields_n + 1, struct record_sealed);
	g->related = NEWS(p->a, reg->fields_n + 1, struct record_related);
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		const struct value *v = &rec->values[i];
		if (v->kind == V_NULL && !record_hides(rec, f))
			continue;
		if (record_hides(rec, f)) {
			g->sealed[g->sealed_n++].label = label_text(&f->label);
			g->notes = g->notes || f->custody;
			continue;
		}
		str text = value_words(p, rec, f);
		str href = {NULL, 0};
		if (v->kind == V_INT && f->type == T_REF &&
			permit_reach(f->to_reg, &p->r.actor) != REACH_NONE)
			href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(f->to), (long long)v->i);
		else if (f->type == T_FILE)
			href = page_hrefs(p, "/r/%.*s/%lld/file/%.*s", STR_ARG(reg->id), (long long)rec->id,
				STR_ARG(f->id));
		else if (v->kind == V_INT && ((f->type == T_ORG && page_opens(p, "org")) ||
						     (f->type == T_PERSON && page_reads_people(p))))
			href = page_hrefs(
				p, "/r/%s/%lld", f->type == T_ORG ? "org" : "person", (long long)v->i);
		g->facts[g->facts_n++] = (struct record_fact){.label = label_text(&f->label),
			.text = text,
			.href = href,
			.wide = text.n > 3 * WIDE_CHARS};
		if (href.n && f->to_reg && f->type == T_REF)
			g->related[g->related_n++] = (struct record_related){
				.label = text, .kind = label_text(&f->to_reg->label), .href = href};
	}
}

/* ---- what happened ---- */

static bool value_same(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && (a->kind != V_INT || a->i == b->i) &&
	       (a->kind != V_TEXT || str_eq(a->t, b->t));
}

static void change_add(struct record_event *e, str label, str before, str after)
{
	e->changes[e->changes_n++] = (struct record_change){
		.label = label, .before = before, .after = after, .had = before.n > 0, .has = after.n > 0};
}

static void event_changes(
	struct page *p, const struct record *before, const struct record *after, struct record_event *e)
{
	const struct reg *reg = after->reg;
	e->changes = NEWS(p->a, reg->fields_n + 2, struct record_change);
	if (!str_eq(before->state, after->state))
		change_add(e, str_of(tr("State")), state_chip(reg, before->state).label,
			state_chip(reg, after->state).label);
	if (before->org != after->org)
		change_add(
			e, str_of(tr("Unit")), page_org_name(p, before->org), page_org_name(p, after->org));
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		bool was = record_hides(before, f), is = record_hides(after, f);
		if (was == is && value_same(&before->values[i], &after->values[i]))
			continue;
		if (was || is)
			change_add(e, label_text(&f->label), STR(""), str_of(tr("(sealed)")));
		else
			change_add(e, label_text(&f->label), value_words(p, before, f),
				value_words(p, after, f));
	}
}

static str actor_words(struct page *p, int64_t person)
{
	if (person == 0)
		return str_of(tr("Operator"));
	if (person == p->r.actor.person)
		return str_of(tr("You"));
	return record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
}

static str kind_words(const struct reg *reg, str kind)
{
	if (str_starts(kind, STR("do:"))) {
		const struct move *m = reg_move(reg, str_from(kind, 3));
		return m ? label_text(&m->label) : str_from(kind, 3);
	}
	if (str_is(kind, "add"))
		return str_of(tr("recorded this"));
	if (str_is(kind, "set"))
		return str_of(tr("corrected"));
	if (str_is(kind, "share"))
		return str_of(tr("let another in on the note of"));
	if (str_is(kind, "undo"))
		return str_of(tr("took the last change back"));
	return kind;
}

/* Newest first: each version against the one before it. */
static enum rc events(struct page *p, const struct record *rec, struct record_page *g, struct err *err)
{
	struct record_version *list;
	size_t n = 0;
	TRY(record_history(&p->r, rec->reg, rec->id, &list, &n, err));
	g->events = NEWS(p->a, n + 1, struct record_event);
	g->last_kind = list[n - 1].kind;
	for (size_t i = n; i-- > 0 && g->events_n < EVENTS_MAX;) {
		struct record_event *e = &g->events[g->events_n++];
		*e = (struct record_event){.when = instant_words(p, list[i].at_ms),
			.what = arena_fmt(p->a, tr_lang() == LANG_ZH ? "%.*s%.*s" : "%.*s %.*s",
				STR_ARG(actor_words(p, list[i].actor)),
				STR_ARG(kind_words(rec->reg, list[i].kind)))};
		if (rec->reg->sensitivity < SENS_MINOR)
			e->reason = list[i].reason;
		if (i > 0)
			event_changes(p, list[i - 1].record, list[i].record, e);
	}
	return RC_OK;
}

/* ---- what can be done ---- */

static bool starts_in(const struct move *m, str state)
{
	for (size_t i = 0; i < m->from_n; i++)
		if (str_eq(m->from[i], state))
			return true;
	return false;
}

static void acts(struct page *p, const struct record *rec, struct record_page *g)
{
	const struct reg *reg = rec->reg;
	static const uint64_t none[2] = {0};
	g->moves = NEWS(p->a, reg->moves_n + 1, struct record_move);
	for (int away = 0; away < 2; away++)
		for (size_t i = 0; i < reg->moves_n; i++) {
			const struct move *m = &reg->moves[i];
			if (move_leads_on(m) == away || !starts_in(m, rec->state) ||
				permit_move(p->r.tree, &p->r.actor, rec, m, NULL) != RC_OK)
				continue;
			bool main = !away && g->moves_n == 0;
			g->moves[g->moves_n++] = (struct record_move){label_text(&m->label),
				page_hrefs(p, "/r/%.*s/%lld/do/%.*s", STR_ARG(reg->id), (long long)rec->id,
					STR_ARG(m->id)),
				main};
		}
	if (!str_is(rec->state, "void") &&
		permit_write(p->r.tree, &p->r.actor, rec, none, false, NULL) == RC_OK)
		g->edit_href = page_hrefs(p, "/r/%.*s/%lld/edit", STR_ARG(reg->id), (long long)rec->id);
	if (photo_of(p->site->city->model, reg) && page_opens(p, "photo"))
		g->photos_href = page_hrefs(p, "/photos?of=%.*s:%lld", STR_ARG(reg->id), (long long)rec->id);
	if (str_is(reg->id, "survey"))
		g->result_href = page_hrefs(p, "/surveys/%lld", (long long)rec->id);
	bool builds = reg_field(reg, STR("ask_for")) &&
		      (str_is(rec->state, "draft") || reg_state(reg, STR("draft")) == NULL);
	if (g->edit_href.n && builds)
		g->asks_href = page_hrefs(p, "/r/%.*s/%lld/asks", STR_ARG(reg->id), (long long)rec->id);
}

static void toast(struct page *p, const struct record *rec, struct record_page *g)
{
	const struct reg *reg = rec->reg;
	struct record_toast *t = &g->toast;
	if (!page_input_id(p, "told") || rec->changed_by != p->r.actor.person || g->events_n == 0)
		return;
	str kind = g->last_kind;
	const struct state *state = reg_state(reg, rec->state);
	if (str_is(kind, "add"))
		t->text = str_of(tr("Recorded."));
	else if (str_is(kind, "set"))
		t->text = str_of(tr("Corrected."));
	else if (str_is(kind, "undo"))
		t->text = str_of(tr("Taken back: this is how it stood before."));
	else
		t->text = arena_fmt(p->a, tr("Done: it is now %.*s."),
			STR_ARG(state ? label_text(&state->label) : rec->state));
	if (rec->version == 1)
		t->again_href = page_hrefs(p, "/r/%.*s/new", STR_ARG(reg->id));
	if (!record_undoable(&p->r.actor, rec, clock_now_ms()))
		return;
	t->version = arena_fmt(p->a, "%lld", (long long)rec->version);
	t->undo_action = page_hrefs(p, "/r/%.*s/%lld/undo", STR_ARG(reg->id), (long long)rec->id);
}

/* ---- figures that count it ---- */

static enum rc counted_in(struct page *p, const struct record *rec, struct record_page *g, struct err *err)
{
	struct row_figures in;
	TRY(figures_of_row(&p->r, rec->reg, rec->id, &in, err));
	g->figures = NEWS(p->a, in.n + 1, struct record_figure);
	if (in.grade && rec->reg->person == NULL && rec->reg->n_field == NULL && in.n == 0)
		in.grade = 0;
	if (in.grade) {
		g->grade = arena_fmt(p->a, "%c", in.grade);
		g->grade_words = grade_words(in.grade);
	}
	/* Counted in the period shown, or in the year that the row happened in. */
	struct period period = p->period;
	if (in.day != DATE_NONE && (in.day < period.from || in.day >= period.to))
		period = period_year(p->a, date_ymd(in.day).year);
	struct figure_answer *answers = NEWS(p->a, in.n + 1, struct figure_answer);
	size_t n = in.n < FIGURES_MAX ? in.n : FIGURES_MAX;
	if (n > 0)
		TRY(figure_values(&p->r, in.figures, n, &period, p->org, false, answers, err));
	for (size_t i = 0; i < n; i++) {
		const struct figure *f = in.figures[i];
		g->figures[g->figures_n++] = (struct record_figure){.label = label_text(&f->label),
			.value = answer_words(p, &answers[i]),
			.href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id))};
	}
	return RC_OK;
}

static enum rc row_json(struct page *p, const struct record *rec, struct err *err)
{
	struct record_version *list;
	size_t n;
	TRY(record_history(&p->r, rec->reg, rec->id, &list, &n, err));
	struct json j = page_json(p);
	json_object(&j);
	json_put_str(&j, "register", rec->reg->id);
	json_key(&j, "record");
	record_json(&j, rec);
	json_key(&j, "history");
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		json_object(&j);
		json_put_i64(&j, "version", list[i].version);
		json_put_i64(&j, "at", list[i].at_ms);
		json_put_i64(&j, "actor", list[i].actor);
		json_put_str(&j, "kind", list[i].kind);
		json_key(&j, "record");
		record_json(&j, list[i].record);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	http_add(p->q, "ETag", arena_printf(p->a, "\"%lld\"", (long long)rec->version));
	return RC_OK;
}

static enum rc show(struct page *p, struct err *err)
{
	struct record_page g = {0};
	struct case_anchor anchors[CASE_ANCHORS_MAX];
	const struct reg *reg;
	struct record *rec;
	int64_t id;
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	if (!str_i64(page_arg(p, 1), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 1)));
	TRY(record_get(&p->r, reg, id, &rec, err));
	if (p->json)
		return row_json(p, rec, err);
	g.heading = record_title(p, rec);
	g.kind = label_text(&reg->label);
	g.code = arena_fmt(p->a, "#%lld", (long long)id);
	g.unit = page_org_name(p, rec->org);
	if (page_opens(p, "org"))
		g.unit_href = page_hrefs(p, "/r/org/%lld", (long long)rec->org);
	g.chip = state_chip(reg, rec->state);
	g.minor = reg->sensitivity >= SENS_MINOR;
	if (reg->happens_field && rec->values[reg->happens_field->at].kind != V_NULL)
		g.when = value_words(p, rec, reg->happens_field);
	facts(p, rec, &g);
	TRY(events(p, rec, &g, err));
	TRY(counted_in(p, rec, &g, err));
	acts(p, rec, &g);
	if (case_anchors(p->site->city->model, rec, anchors))
		g.case_href = page_hrefs(p, "/r/%.*s/%lld/case", STR_ARG(reg->id), (long long)id);
	if (str_is(reg->id, "award"))
		g.paper_href = page_hrefs(p, "/awards/%lld", (long long)id);
	toast(p, rec, &g);
	shell_fill(p, &g.shell, arena_fmt(p->a, "%.*s · %.*s", STR_ARG(g.heading), STR_ARG(g.kind)),
		PLACE_REGISTERS, reg->group);
	shell_crumb(
		p, &g.shell, group_label(reg->group), page_hrefs(p, "/registers/%.*s", STR_ARG(reg->group)));
	shell_crumb(p, &g.shell, g.kind, page_hrefs(p, "/r/%.*s", STR_ARG(reg->id)));
	tpl_record(page_out(p), &g);
	return RC_OK;
}

static const struct input record_inputs[] = {{"told", INPUT_FLAG, 0, false}, {0}};

const struct route routes_record[] = {
	{"GET", "/r/{register}/{id}", show, ACCESS_SIGNED_IN, CSRF_READ_ONLY, record_inputs, ROUTE_QUICK},
	{0},
};
