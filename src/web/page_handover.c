/* page_handover.c -- /handover: duties that go from one person to the next; /handover/N: the sheet, to print, confirm,
 * call off (guard/handover.h, register/duty.h). */
#include "base/clock.h"
#include "guard/account.h"
#include "guard/device.h"
#include "register/duty.h"
#include "templates.h"
#include "web/links.h"
#include "web/me_rows.h"
#include "web/page_paper.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

static const struct reg *people(struct page *p)
{
	return model_reg(p->site->city->model, STR("person"));
}

static bool is_secadmin(struct page *p)
{
	return actor_has_role(&p->r.actor, STR("secadmin"));
}

static str when(struct page *p, int64_t at_ms)
{
	return at_ms ? instant_words(p, at_ms) : STR("");
}

static void state_of(const struct handover *h, struct handover_row *row)
{
	row->state = str_of(h->done_at_ms    ? tr("carried out")
			    : h->ended_at_ms ? tr("called off")
			    : h->given_at_ms ? tr("the taker has yet to confirm")
			    : h->taken_at_ms ? tr("the giver has yet to confirm")
					     : tr("both have yet to confirm"));
	row->look = h->done_at_ms ? "done" : h->ended_at_ms ? "" : "wait";
}

static enum rc list_show(struct page *p, struct handover_page *g, struct err *err)
{
	struct handover *list;
	size_t n;
	TRY(handover_list(p->r.db, p->a, NULL, is_secadmin(p) ? 0 : p->sess.person, &list, &n, err));
	g->rows = NEWS(p->a, n + 1, struct handover_row);
	for (size_t i = 0; i < n; i++) {
		struct handover_row *row = &g->rows[g->rows_n++];
		*row = (struct handover_row){.id = list[i].id,
			.unit = page_org_name(p, list[i].org),
			.giver = record_label_open(&p->r, people(p), list[i].giver),
			.taker = record_label_open(&p->r, people(p), list[i].taker),
			.on = when(p, list[i].made_at_ms)};
		state_of(&list[i], row);
	}
	g->may_name = is_secadmin(p);
	g->unit = p->r.actor.org ? page_org_name(p, p->r.actor.org) : STR("");
	shell_fill(p, &g->shell, str_of(tr("Hand-over of duties")), PLACE_ME, STR(""));
	tpl_handovers(page_out(p), g);
	return RC_OK;
}

static enum rc handovers(struct page *p, struct err *err)
{
	struct handover_page g = {0};
	return list_show(p, &g, err);
}

struct order {
	struct handover want;
	int64_t id;
	str act;
	struct duty_signed done;
};

static enum rc make_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return duty_hand_over(c, &o->want, &o->id, err);
}

static enum rc make(struct page *p, struct err *err)
{
	struct handover_page g = {.giver = str_trim(page_input(p, "giver")),
		.taker = str_trim(page_input(p, "taker")),
		.org = str_trim(page_input(p, "org")),
		.remark = page_input(p, "remark")};
	struct order o = {.want = {.giver = p->sess.person, .org = p->r.actor.org, .remark = g.remark}};
	struct err told;
	int64_t root = p->site->city->root_org;
	enum rc rc = RC_OK;
	if (is_secadmin(p) && g.org.n)
		rc = resolve_row(p->r.db, p->site->city, model_reg(p->site->city->model, STR("org")), root,
			g.org, &o.want.org, &told);
	if (rc == RC_OK && is_secadmin(p) && g.giver.n)
		rc = person_named(p, o.want.org, g.giver, &o.want.giver, &told);
	if (rc == RC_OK)
		rc = person_named(p, o.want.org ? o.want.org : root, g.taker, &o.want.taker, &told);
	if (rc == RC_OK)
		rc = page_run(p, make_run, &o, &told);
	if (rc == RC_OK) {
		page_go(p, arena_fmt(p->a, "/handover/%lld", (long long)o.id));
		return RC_OK;
	}
	if (rc == RC_DENIED || rc == RC_IO)
		return FAIL(err, rc, "%s", told.text);
	p->q->out.status = 422;
	g.fault = arena_str(p->a, str_of(told.text));
	return list_show(p, &g, err);
}

/* ---- one sheet ---- */

static void line_fill(struct page *p, struct handover_line *line, const struct handover_item *item)
{
	const struct model *m = p->site->city->model;
	if (str_is(item->kind, "role")) {
		*line = (struct handover_line){str_of(tr("Role")), role_words(p, item->what), STR("")};
	} else if (str_is(item->kind, "device")) {
		*line = (struct handover_line){str_of(tr("Phone bound to it")),
			arena_fmt(p->a, tr("no. %lld"), (long long)item->row), STR("")};
	} else {
		const struct reg *reg = model_reg(m, item->what);
		const struct field *f = reg ? reg_field(reg, item->field) : NULL;
		*line = (struct handover_line){reg ? label_text(&reg->label) : item->what,
			arena_fmt(p->a, "#%lld %.*s", (long long)item->row,
				STR_ARG(f ? label_text(&f->label) : STR(""))),
			page_hrefs(p, "/r/%.*s/%lld", STR_ARG(item->what), (long long)item->row)};
	}
}

/* ---- on paper ---- */

static void paper_row(struct paper *d, const char *label, str text)
{
	paper_strings(d, (const str[]){str_of(label), text}, 2);
}

static enum rc sheet_printed(struct page *p, const struct handover_page *g, struct err *err)
{
	struct paper d;
	struct json *j = &d.j;
	str not_yet = str_of(tr("not confirmed yet")), title = str_of(tr("Hand-over sheet"));
	paper_init(&d, PAPER_PLAIN, title, STR(""));
	paper_text(&d, "title", title);
	paper_text(&d, "middle",
		arena_fmt(p->a, "%s%lld · %.*s · %.*s", tr("No. "), (long long)g->id, STR_ARG(g->unit),
			STR_ARG(g->made_on)));
	paper_blank(&d, 1);
	json_array(paper_block(&d, "table"));
	paper_row(&d, tr("From"), g->giver);
	paper_row(&d, tr("To"), g->taker);
	if (g->done_on.n)
		paper_row(&d, tr("Carried out "), g->done_on);
	if (g->ended_on.n)
		paper_row(&d, tr("Called off "), g->ended_on);
	json_array_end(j);
	paper_end(&d);
	paper_text(&d, "h1", str_of(tr("What goes over")));
	json_array(paper_block(&d, "table"));
	paper_row(&d, tr("Kind"), str_of(tr("Which one")));
	for (size_t i = 0; i < g->lines_n; i++)
		paper_strings(&d, (const str[]){g->lines[i].kind, g->lines[i].label}, 2);
	json_array_end(j);
	json_put_i64(j, "header", 1);
	paper_end(&d);
	if (g->remark.n) {
		paper_text(&d, "h1", str_of(tr("Remark")));
		paper_text(&d, "body", g->remark);
	}
	json_array(paper_block(&d, "sign"));
	paper_strings(&d,
		(const str[]){str_of(tr("Handed over by")), g->giver, g->given_on.n ? g->given_on : not_yet},
		3);
	paper_strings(&d,
		(const str[]){str_of(tr("Taken over by")), g->taker, g->taken_on.n ? g->taken_on : not_yet},
		3);
	paper_strings(&d, (const str[]){str_of(tr("Witnessed by"))}, 1);
	json_array_end(j);
	paper_end(&d);
	return paper_give(p, &d, arena_fmt(p->a, "%.*s-%lld", STR_ARG(title), (long long)g->id), err);
}

static enum rc sheet_show(struct page *p, struct handover_page *g, const struct handover *h, struct err *err)
{
	struct handover_item *items;
	size_t n;
	bool giver = p->sess.person == h->giver, taker = p->sess.person == h->taker;
	TRY(handover_items(p->r.db, p->a, h->id, &items, &n, err));
	g->lines = NEWS(p->a, n + 1, struct handover_line);
	for (size_t i = 0; i < n; i++)
		line_fill(p, &g->lines[g->lines_n++], &items[i]);
	g->id = h->id;
	g->unit = page_org_name(p, h->org);
	g->giver = record_label_open(&p->r, people(p), h->giver);
	g->taker = record_label_open(&p->r, people(p), h->taker);
	g->remark = h->remark;
	g->made_on = when(p, h->made_at_ms);
	g->given_on = when(p, h->given_at_ms);
	g->taken_on = when(p, h->taken_at_ms);
	g->done_on = when(p, h->done_at_ms);
	g->ended_on = when(p, h->ended_at_ms);
	g->open = !h->done_at_ms && !h->ended_at_ms;
	g->on_paper = is_secadmin(p) && !giver && !taker;
	g->may_give = g->open && !h->given_at_ms && (giver || g->on_paper);
	g->may_take = g->open && !h->taken_at_ms && (taker || g->on_paper);
	g->may_end = g->open && (giver || taker || is_secadmin(p));
	if (g->pdf)
		return sheet_printed(p, g, err);
	g->printer = paper_printer();
	shell_fill(p, &g->shell, str_of(tr("Hand-over sheet")), PLACE_ME, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("Hand-over of duties")), page_href(p, STR("/handover")));
	tpl_handover(page_out(p), g);
	return RC_OK;
}

static enum rc sheet_of(struct page *p, struct handover *out, struct err *err)
{
	int64_t id;
	str name;
	(void)paper_asked(p, 0, &name);
	if (!str_i64(name, &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "no such hand-over");
	TRY(handover_get(p->r.db, p->a, p->site->city->seal, id, out, err));
	if (p->sess.person != out->giver && p->sess.person != out->taker && !is_secadmin(p))
		return FAIL(err, RC_DENIED, "a hand-over is for its two sides");
	return RC_OK;
}

static enum rc sheet(struct page *p, struct err *err)
{
	struct handover_page g = {0};
	struct handover h;
	str name;
	TRY(sheet_of(p, &h, err));
	g.pdf = paper_asked(p, 0, &name);
	return sheet_show(p, &g, &h, err);
}

static enum rc act_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	if (str_is(o->act, "off"))
		return handover_call_off(c, o->id, err);
	if (!str_is(o->act, "give") && !str_is(o->act, "take"))
		return FAIL(err, RC_INVALID, "this form has no act “%.*s”", STR_ARG(str_head(o->act, 20)));
	return duty_sign(c, o->id, str_is(o->act, "give"), &o->done, err);
}

static enum rc act(struct page *p, struct err *err)
{
	struct handover_page g = {0};
	struct handover h;
	struct err told;
	struct order o = {.act = page_input(p, "act")};
	TRY(sheet_of(p, &h, err));
	o.id = h.id;
	enum rc rc = page_run(p, act_run, &o, &told);
	if (rc == RC_DENIED || rc == RC_IO)
		return FAIL(err, rc, "%s", told.text);
	if (rc == RC_OK && p->sess.person == h.giver && o.done.done) { /* his sessions have ended with it */
		page_go(p, STR("/sign-in?left=1"));
		return RC_OK;
	}
	TRY(page_fresh(p, err));
	if (rc != RC_OK) {
		p->q->out.status = 422;
		g.fault = arena_str(p->a, str_of(told.text));
	}
	g.links = NEWS(p->a, o.done.links_n + 1, struct link_row);
	for (size_t i = 0; rc == RC_OK && i < o.done.links_n; i++)
		TRY(link_row_fill(p, &g.links[g.links_n++], "/bind", page_org_name(p, h.org),
			role_words(p, o.done.roles[i]), record_label_open(&p->r, people(p), h.taker),
			o.done.links[i].code, err));
	TRY(handover_get(p->r.db, p->a, p->site->city->seal, h.id, &h, err));
	return sheet_show(p, &g, &h, err);
}

static const struct input make_in[] = {{"giver", INPUT_TEXT, 60, false}, {"org", INPUT_TEXT, 80, false},
	{"taker", INPUT_TEXT, 60, true}, {"remark", INPUT_TEXT, HANDOVER_REMARK_MAX_CHARS, false}, {0}};
static const struct input act_in[] = {{"act", INPUT_ACT, 10, true}, {0}};

const struct route routes_handover[] = {
	{"GET", "/handover", handovers, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/handover", make, ACCESS_SIGNED_IN, CSRF_TOKEN, make_in, ROUTE_SLOW},
	{"GET", "/handover/{sheet}", sheet, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/handover/{sheet}", act, ACCESS_SIGNED_IN, CSRF_TOKEN, act_in, ROUTE_SLOW},
	{0},
};
