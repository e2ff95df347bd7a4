/* page_apply.c -- see page_apply.h: the list. */
#include "web/page_apply.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/apply.h"
#include "register/own.h"
#include "service/coordination/survey.h"
#include "templates.h"
#include "web/apply.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { SENT_MAX = 40 };

enum rc apply_whose(struct page *p, int64_t *out, struct err *err)
{
	int64_t child = page_input_id(p, "child");
	*out = child ? child : p->r.actor.person;
	return own_may(&p->r, *out, err);
}

str apply_child(const struct page *p, int64_t person, const char *sep)
{
	return person == p->r.actor.person ? STR("")
					   : arena_fmt(p->a, "%schild=%lld", sep, (long long)person);
}

str apply_person(struct page *p, int64_t person)
{
	return record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
}

static void people(struct page *p, struct apply_page *g, int64_t person)
{
	g->people = NEWS(p->a, p->r.actor.children_n + 2, struct mydata_child);
	if (p->r.actor.children_n == 0)
		return;
	g->people[g->people_n++] = (struct mydata_child){p->who, STR("/apply"), person == p->r.actor.person};
	for (size_t i = 0; i < p->r.actor.children_n; i++)
		g->people[g->people_n++] = (struct mydata_child){apply_person(p, p->r.actor.children[i]),
			arena_fmt(p->a, "/apply%.*s", STR_ARG(apply_child(p, p->r.actor.children[i], "?"))),
			person == p->r.actor.children[i]};
}

static str until_words(struct page *p, str until)
{
	return until.n ? arena_fmt(p->a, tr("until %.*s"), STR_ARG(date_words(p, until))) : STR("");
}

static str joined(struct page *p, str a, str b)
{
	return a.n == 0 ? b : b.n == 0 ? a : arena_fmt(p->a, "%.*s · %.*s", STR_ARG(a), STR_ARG(b));
}

/* ---- what is open ---- */

static void offer_put(
	struct page *p, struct apply_page *g, const struct offer *o, int64_t person, size_t room)
{
	str label = label_text(&o->reg->label);
	struct apply_row row = {.title = o->title.n ? o->title : label,
		.about = joined(p, o->to ? page_org_name(p, o->org) : STR(""), until_words(p, o->until)),
		.href = arena_fmt(p->a, "/apply/%.*s?for=%lld%.*s", STR_ARG(o->reg->id), (long long)o->to,
			STR_ARG(apply_child(p, person, "&")))};
	if (o->to == 0)
		row.href = arena_fmt(
			p->a, "/apply/%.*s%.*s", STR_ARG(o->reg->id), STR_ARG(apply_child(p, person, "?")));
	if (o->reg->apply->asks) {
		if (o->own == 0)
			g->asked[g->asked_n++] = row;
		return;
	}
	if (o->own) {
		row.chip = str_of(tr("sent"));
		row.look = "done";
		row.href = STR("");
	}
	struct apply_group *last = g->groups_n ? &g->groups[g->groups_n - 1] : NULL;
	if (last == NULL || !str_eq(last->label, label)) {
		last = &g->groups[g->groups_n++];
		*last = (struct apply_group){.label = label,
			.help = label_text(&o->reg->help),
			.rows = NEWS(p->a, room, struct apply_row)};
	}
	last->rows[last->rows_n++] = row;
}

/* ---- what was sent ---- */

struct sent {
	struct page *p;
	struct apply_page *g;
	int64_t person;
};

/* A survey that has ended may tell those who answered. */
static str came_of(struct page *p, const struct record *answer, int64_t person)
{
	const struct field *to = answer->reg->apply->to;
	struct reader all = p->r;
	struct record *survey;
	if (answer->reg->apply->asks == NULL || person != p->r.actor.person ||
		str_is(answer->state, "void") || answer->values[to->at].kind != V_INT)
		return STR("");
	all.actor = actor_operator();
	all.log = NULL;
	if (record_get(&all, to->to_reg, answer->values[to->at].i, &survey, &(struct err){0}) != RC_OK ||
		!survey_tells(survey))
		return STR("");
	return arena_fmt(p->a, "/surveys/%lld", (long long)survey->id);
}

static bool sent_put(void *user, const struct record *rec)
{
	struct sent *x = user;
	struct page *p = x->p;
	const struct reg_apply *ap = rec->reg->apply;
	struct chip chip = state_chip(rec->reg, rec->state);
	str label = label_text(&rec->reg->label), day = STR("");
	if (x->g->sent_n == SENT_MAX)
		return false;
	if (ap->dated && rec->values[ap->dated->at].kind == V_TEXT)
		day = date_words(p, rec->values[ap->dated->at].t);
	str what = ap->to && rec->values[ap->to->at].kind == V_INT
			   ? apply_name(p, ap->to->to_reg, rec->values[ap->to->at].i)
			   : STR("");
	x->g->sent[x->g->sent_n++] = (struct apply_row){.title = what.n ? what : label,
		.about = joined(p, what.n ? label : STR(""), day),
		.href = arena_fmt(p->a, "/r/%.*s/%lld", STR_ARG(rec->reg->id), (long long)rec->id),
		.chip = chip.label,
		.look = chip.look,
		.came_href = came_of(p, rec, x->person)};
	return true;
}

/* What is offered has no people in it, so its name is told to whoever may have applied for it. */
str apply_name(struct page *p, const struct reg *reg, int64_t id)
{
	struct reader all = p->r;
	all.actor = actor_operator();
	all.log = NULL;
	return record_label(&all, reg, id);
}

static enum rc apply_list(struct page *p, struct err *err)
{
	struct apply_page g = {0};
	struct offer *list;
	size_t n;
	int64_t person;
	TRY(apply_whose(p, &person, err));
	TRY(apply_offers(&p->r, person, &list, &n, err));
	g.name = apply_person(p, person);
	g.asked = NEWS(p->a, n + 1, struct apply_row);
	g.groups = NEWS(p->a, n + 1, struct apply_group);
	g.sent = NEWS(p->a, SENT_MAX, struct apply_row);
	for (size_t i = 0; i < n; i++)
		offer_put(p, &g, &list[i], person, n);
	struct sent x = {p, &g, person};
	const struct model *m = p->site->city->model;
	for (size_t i = 0; i < m->regs_n; i++)
		if (m->regs[i].apply)
			TRY(own_each(&p->r, person, &m->regs[i], sent_put, &x, err));
	people(p, &g, person);
	if (str_is(page_input(p, "done"), "1"))
		g.told = str_of(tr("It is sent. What comes of it stands below, under what was sent."));
	shell_fill(p, &g.shell, str_of(tr("Apply and answer")), PLACE_APPLY, STR(""));
	tpl_apply(page_out(p), &g);
	return RC_OK;
}

static const struct input list_in[] = {{"child", INPUT_ID, 0, false}, {"done", INPUT_FLAG, 0, false}, {0}};
static const struct input form_in[] = {{"child", INPUT_ID, 0, false}, {"for", INPUT_ID, 0, false}, {0}};
static const struct input sent_in[] = {{"child", INPUT_ID, 0, false}, {"for", INPUT_ID, 0, false},
	{"agree", INPUT_TEXT, CONSENT_VERSION_MAX_BYTES, false}, {"_act", INPUT_ACT, 20, false}, {0}};

const struct route routes_apply[] = {
	{"GET", "/apply", apply_list, ACCESS_SIGNED_IN, CSRF_READ_ONLY, list_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/apply/{register}", apply_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, form_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/apply/{register}", apply_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, sent_in,
		ROUTE_SLOW | ROUTE_FIELDS | ROUTE_UPLOAD},
	{0},
};
