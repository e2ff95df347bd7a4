/* page_case.c -- /r/REGISTER/ID/case and /me/notes: see page_case.h. A note is opened by an act: the reader's own password for
 * case notes, asked each time and kept nowhere; the opening is a row of the audit before the text leaves. */
#include "web/page_case.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/case_note.h"
#include "register/case_people.h"
#include "register/permit.h"
#include "templates.h"
#include "web/door.h"
#include "web/me_rows.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"
#include <sodium.h>

enum { CASE_DAYS = 365 };

struct at {
	const struct reg *reg;
	struct record *rec;
	struct case_anchor anchors[CASE_ANCHORS_MAX];
	size_t anchors_n;
};

static str name_of(struct page *p, int64_t person)
{
	return person == p->r.actor.person
		       ? str_of(tr("You"))
		       : record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
}

static enum rc find(struct page *p, struct at *x, struct err *err)
{
	int64_t id;
	TRY(page_register(p, page_arg(p, 0), &x->reg, err));
	if (!str_i64(page_arg(p, 1), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 1)));
	TRY(record_get(&p->r, x->reg, id, &x->rec, err));
	x->anchors_n = case_anchors(p->site->city->model, x->rec, x->anchors);
	return x->anchors_n ? RC_OK
			    : FAIL(err, RC_NOT_FOUND, "%.*s stands for no case",
				      STR_ARG(label_text(&x->reg->label)));
}

/* ---- showing ---- */

static enum rc members(
	struct page *p, const struct case_anchor *at, struct case_anchor_box *box, struct err *err)
{
	struct case_person *list;
	size_t n;
	TRY(case_people(p->r.db, p->a, at, clock_today(), &list, &n, err));
	box->people = NEWS(p->a, n + 1, struct case_member_row);
	for (size_t i = 0; i < n; i++) {
		str until = list[i].to == DATE_NONE ? str_of(tr("until it is ended"))
						    : date_words(p, date_str(p->a, list[i].to - 1));
		box->people[box->people_n++] = (struct case_member_row){.id = list[i].id,
			.name = name_of(p, list[i].person),
			.role = role_words(p, list[i].role),
			.span = arena_fmt(p->a, "%.*s – %.*s",
				STR_ARG(date_words(p, date_str(p->a, list[i].from))), STR_ARG(until)),
			.may_end = box->may};
	}
	return RC_OK;
}

static enum rc anchor_box(
	struct page *p, const struct at *x, size_t i, struct case_anchor_box *box, struct err *err)
{
	static const char *const ids[CASE_ANCHORS_MAX] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"};
	const struct case_anchor *at = &x->anchors[i];
	struct record *rec;
	str *roles;
	size_t n;
	*box = (struct case_anchor_box){.id = ids[i],
		.label = label_text(&at->reg->label),
		.title = page_label(p, at->reg, at->row),
		.anchor = arena_fmt(p->a, "%.*s.%lld", STR_ARG(at->reg->id), (long long)at->row)};
	/* Whose row that is decides; where the actor may not read it, what he reads of its case is not enough. */
	if (at->reg == x->reg && at->row == x->rec->id)
		box->may = case_people_may(p->r.tree, &p->r.actor, x->rec);
	else if (record_get(&p->r, at->reg, at->row, &rec, NULL) == RC_OK)
		box->may = case_people_may(p->r.tree, &p->r.actor, rec);
	TRY(members(p, at, box, err));
	case_roles(p->a, p->site->city->model, at->reg, &roles, &n);
	box->roles = NEWS(p->a, n + 1, struct choice_row);
	for (size_t k = 0; box->may && k < n; k++)
		box->roles[box->roles_n++] = (struct choice_row){roles[k], role_words(p, roles[k]), false};
	return RC_OK;
}

static enum rc note_rows(struct page *p, const struct at *x, struct case_page *g, struct err *err)
{
	int64_t who[CUSTODY_READERS_MAX];
	size_t n;
	g->notes = NEWS(p->a, x->reg->fields_n + 1, struct case_note_row);
	for (size_t i = 0; i < x->reg->fields_n; i++) {
		const struct field *f = &x->reg->fields[i];
		if (!f->custody || !record_hides(x->rec, f))
			continue;
		TRY(case_note_people(&p->r, x->reg, x->rec->id, f, who, &n, err));
		if (n == 0)
			continue;
		struct case_note_row *row = &g->notes[g->notes_n++];
		*row = (struct case_note_row){.label = label_text(&f->label), .field = f->id};
		for (size_t k = 0; k < n; k++) {
			row->mine = row->mine || who[k] == p->r.actor.person;
			row->readers = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(row->readers), k ? tr(", ") : "",
				STR_ARG(name_of(p, who[k])));
		}
		g->opens = g->opens || row->mine;
	}
	return RC_OK;
}

static enum rc show(struct page *p, const struct at *x, struct case_page *g, const struct field *opened,
	str text, struct err *err)
{
	g->heading = record_title(p, x->rec);
	g->action = arena_fmt(p->a, "/r/%.*s/%lld/case", STR_ARG(x->reg->id), (long long)x->rec->id);
	g->to = date_str(p->a, clock_today() + CASE_DAYS);
	g->has_key = case_note_has_key(p->r.db, p->r.actor.person);
	g->anchors = NEWS(p->a, x->anchors_n, struct case_anchor_box);
	for (size_t i = 0; i < x->anchors_n; i++)
		TRY(anchor_box(p, x, i, &g->anchors[g->anchors_n++], err));
	TRY(note_rows(p, x, g, err));
	for (size_t i = 0; opened && i < g->notes_n; i++)
		if (str_eq(g->notes[i].field, opened->id))
			g->notes[i].text = text;
	shell_fill(p, &g->shell, str_of(tr("The people of the case")), PLACE_REGISTERS, x->reg->group);
	shell_crumb(p, &g->shell, label_text(&x->reg->label), page_hrefs(p, "/r/%.*s", STR_ARG(x->reg->id)));
	shell_crumb(p, &g->shell, g->heading,
		page_hrefs(p, "/r/%.*s/%lld", STR_ARG(x->reg->id), (long long)x->rec->id));
	tpl_case(page_out(p), g);
	return RC_OK;
}

static enum rc page(struct page *p, struct err *err)
{
	struct case_page g = {0};
	struct at x = {0};
	TRY(find(p, &x, err));
	if (str_is(page_input(p, "done"), "added"))
		g.told = str_of(tr("The person is on the case."));
	else if (str_is(page_input(p, "done"), "ended"))
		g.told = str_of(tr("The person is no longer on the case."));
	else if (str_is(page_input(p, "done"), "shared"))
		g.told = str_of(tr("The notes are sealed to the other as well."));
	else if (str_is(page_input(p, "done"), "given"))
		g.told = str_of(tr("The notes are handed over: your key no longer opens them."));
	return show(p, &x, &g, NULL, STR(""), err);
}

/* ---- acts ---- */

static enum rc again(struct page *p, const struct at *x, struct case_page *g, str fault, struct err *err)
{
	p->q->out.status = 422;
	g->fault = fault;
	TRY(page_fresh(p, err));
	return show(p, x, g, NULL, STR(""), err);
}

static enum rc act_run(struct page *p, const struct at *x, const char *done,
	enum rc (*run)(struct job_ctx *c, void *arg, struct err *err), void *arg, struct err *err)
{
	struct case_page g = {0};
	struct err told;
	enum rc rc = page_run(p, run, arg, &told);
	if (rc == RC_DENIED || rc == RC_IO)
		return FAIL(err, rc, "%s", told.text);
	if (rc != RC_OK)
		return again(p, x, &g, arena_str(p->a, str_of(told.text)), err);
	page_go(p, arena_fmt(p->a, "/r/%.*s/%lld/case?done=%s", STR_ARG(x->reg->id), (long long)x->rec->id,
			   done));
	return RC_OK;
}

static enum rc add(struct page *p, const struct at *x, struct err *err)
{
	struct case_person_new n = {.role = page_input(p, "role"), .to = clock_today() + CASE_DAYS};
	struct case_page g = {0};
	struct err told;
	str to = page_input(p, "to"), anchor = page_input(p, "anchor");
	for (size_t i = 0; i < x->anchors_n; i++)
		if (str_eq(anchor, arena_fmt(p->a, "%.*s.%lld", STR_ARG(x->anchors[i].reg->id),
					   (long long)x->anchors[i].row))) {
			n.reg = x->anchors[i].reg;
			n.row = x->anchors[i].row;
		}
	if (n.reg == NULL)
		return FAIL(err, RC_INVALID, "this row does not belong to that case");
	if (to.n && date_parse(to, &n.to))
		n.to++;
	else if (to.n)
		return again(p, x, &g, str_of(tr("This is not a date.")), err);
	if (person_named(p, x->rec->org, str_trim(page_input(p, "who")), &n.person, &told) != RC_OK)
		return again(p, x, &g, arena_str(p->a, str_of(told.text)), err);
	return act_run(p, x, "added", case_people_add, &n, err);
}

/* The reader's key, by his password; false: words in *out_fault, as door_ask_again. */
static enum rc unlock(
	struct page *p, struct custody_secret *out, bool *out_held, str *out_fault, struct err *err)
{
	struct attempt t = door_attempt(p, arena_fmt(p->a, "notes:%lld", (long long)p->sess.person));
	struct err told;
	*out_held = false;
	if (door_slow(p, &t, p->sess.person, out_fault))
		return RC_OK;
	enum rc rc =
		case_note_unlock(p->r.db, p->a, p->r.actor.person, page_input(p, "password"), out, &told);
	if (rc != RC_OK && rc != RC_DENIED)
		return FAIL(err, rc, "%s", told.text);
	*out_held = rc == RC_OK;
	if (rc == RC_OK) {
		limiter_good(p->site->limiter, &t);
		return RC_OK;
	}
	p->q->out.status = 422;
	*out_fault = arena_str(p->a, str_of(told.text));
	return door_failed(p, &t, p->sess.person, err);
}

static enum rc open_note(struct page *p, const struct at *x, struct custody_secret *secret, struct err *err)
{
	struct case_page g = {0};
	const struct field *f = reg_field(x->reg, page_input(p, "field"));
	struct case_note_opened o = {x->reg, x->rec->id, f};
	str text;
	if (f == NULL || !f->custody)
		return FAIL(err, RC_NOT_FOUND, "there is no case note of that name");
	TRY(case_note_read(&p->r, x->reg, x->rec->id, f, secret, 1, &text, err));
	TRY(page_run(p, case_note_opened_job, &o, err));
	return show(p, x, &g, f, text, err);
}

static enum rc share(struct page *p, const struct at *x, struct custody_secret *secret, struct err *err)
{
	struct case_note_share s = {
		.reg = x->reg, .row = x->rec->id, .secret = secret, .leave = page_input(p, "leave").n > 0};
	struct case_page g = {0};
	struct err told;
	if (person_named(p, x->rec->org, str_trim(page_input(p, "who")), &s.with, &told) != RC_OK)
		return again(p, x, &g, arena_str(p->a, str_of(told.text)), err);
	return act_run(p, x, s.leave ? "given" : "shared", case_note_share_job, &s, err);
}

static enum rc with_key(struct page *p, const struct at *x, bool opens, struct err *err)
{
	struct custody_secret secret;
	struct case_page g = {0};
	bool held;
	TRY(unlock(p, &secret, &held, &g.fault, err));
	if (!held)
		return show(p, x, &g, NULL, STR(""), err);
	enum rc rc = opens ? open_note(p, x, &secret, err) : share(p, x, &secret, err);
	custody_forget(&secret);
	return rc;
}

static enum rc act(struct page *p, struct err *err)
{
	struct at x = {0};
	str what = page_input(p, "act");
	TRY(find(p, &x, err));
	if (str_is(what, "add"))
		return add(p, &x, err);
	if (str_is(what, "open") || str_is(what, "share"))
		return with_key(p, &x, str_is(what, "open"), err);
	if (!str_is(what, "end"))
		return FAIL(err, RC_INVALID, "this form has no act “%.*s”", STR_ARG(str_head(what, 20)));
	int64_t member = page_input_id(p, "member");
	return act_run(p, &x, "ended", case_people_end, &member, err);
}

/* ---- one's own key ---- */

static enum rc notes_show(struct page *p, struct notes_page *g)
{
	g->has_key = case_note_has_key(p->r.db, p->r.actor.person);
	if (str_is(page_input(p, "done"), "made"))
		g->told = str_of(tr("Your key is made. Nobody can give you this password again."));
	else if (str_is(page_input(p, "done"), "changed"))
		g->told = str_of(tr("The password is changed."));
	shell_fill(p, &g->shell, str_of(tr("Key for case notes")), PLACE_ME, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("My account")), page_href(p, STR("/me")));
	tpl_me_notes(page_out(p), g);
	return RC_OK;
}

static enum rc notes(struct page *p, struct err *err)
{
	struct notes_page g = {0};
	(void)err;
	return notes_show(p, &g);
}

static enum rc notes_set(struct page *p, struct err *err)
{
	struct notes_page g = {0};
	str old = page_input(p, "old"), new = page_input(p, "new");
	struct attempt t = door_attempt(p, arena_fmt(p->a, "notes:%lld", (long long)p->sess.person));
	struct case_note_key make = {.person = p->r.actor.person, .password = new};
	struct case_note_relock change = {.person = p->r.actor.person, .old = old, .password = new};
	struct err told;
	bool has = case_note_has_key(p->r.db, p->r.actor.person);
	if (!str_eq(new, page_input(p, "again"))) {
		p->q->out.status = 422;
		g.fault = str_of(tr("The two are not the same."));
		return notes_show(p, &g);
	}
	if (door_slow(p, &t, p->sess.person, &g.fault))
		return notes_show(p, &g);
	enum rc rc = page_run(p, has ? case_note_relock_job : case_note_key_job,
		has ? (void *)&change : (void *)&make, &told);
	if (rc == RC_OK) {
		limiter_good(p->site->limiter, &t);
		page_go(p, has ? STR("/me/notes?done=changed") : STR("/me/notes?done=made"));
		return RC_OK;
	}
	if (rc == RC_IO)
		return FAIL(err, rc, "%s", told.text);
	if (rc == RC_DENIED)
		TRY(door_failed(p, &t, p->sess.person, err));
	p->q->out.status = 422;
	g.fault = arena_str(p->a, str_of(told.text));
	TRY(page_fresh(p, err));
	return notes_show(p, &g);
}

static const struct input done_in[] = {{"done", INPUT_WORD, 10, false}, {0}};
static const struct input act_in[] = {{"act", INPUT_ACT, 10, true}, {"anchor", INPUT_WORD, 80, false},
	{"who", INPUT_TEXT, 60, false}, {"role", INPUT_WORD, 40, false}, {"to", INPUT_TEXT, 20, false},
	{"member", INPUT_ID, 0, false}, {"field", INPUT_WORD, 60, false},
	{"password", INPUT_SECRET, 512, false}, {"leave", INPUT_FLAG, 0, false}, {0}};
static const struct input notes_in[] = {{"old", INPUT_SECRET, 512, false}, {"new", INPUT_SECRET, 512, true},
	{"again", INPUT_SECRET, 512, true}, {0}};

const struct route routes_case[] = {
	{"GET", "/r/{register}/{id}/case", page, ACCESS_SIGNED_IN, CSRF_READ_ONLY, done_in, ROUTE_HTML_ONLY},
	{"POST", "/r/{register}/{id}/case", act, ACCESS_SIGNED_IN, CSRF_TOKEN, act_in, ROUTE_SLOW},
	{"GET", "/me/notes", notes, ACCESS_SIGNED_IN, CSRF_READ_ONLY, done_in, ROUTE_HTML_ONLY},
	{"POST", "/me/notes", notes_set, ACCESS_SIGNED_IN, CSRF_TOKEN, notes_in, ROUTE_SLOW},
	{0},
};
