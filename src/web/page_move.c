/* page_move.c -- /r/REGISTER/ID/do/MOVE: a declared change of state with what it needs and its reason; /undo: one's own
 * last change taken back; /pick/REGISTER/FIELD: suggestions while a reference is typed. */
#include "base/clock.h"
#include "register/permit.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

struct moving {
	struct form form;
	struct entry *entries;
	size_t entries_n;
	const struct reg *reg;
	int64_t id, version;
};

static enum rc row_of(struct page *p, const struct reg **out_reg, struct record **out, struct err *err)
{
	int64_t id;
	TRY(page_register(p, page_arg(p, 0), out_reg, err));
	if (!str_i64(page_arg(p, 1), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 1)));
	TRY(record_get(&p->r, *out_reg, id, out, err));
	return RC_OK;
}

static enum rc begin(struct page *p, struct form *f, struct err *err)
{
	const struct reg *reg;
	struct record *now;
	TRY(row_of(p, &reg, &now, err));
	const struct move *m = reg_move(reg, page_arg(p, 2));
	if (m == NULL)
		return FAIL(err, RC_NOT_FOUND, "%.*s has no action “%.*s”", STR_ARG(label_text(&reg->label)),
			STR_ARG(page_arg(p, 2)));
	return form_begin(p, FORM_MOVE, reg, now, m, f, err);
}

static void show(struct page *p, struct form *f)
{
	const struct reg *reg = f->reg;
	long long id = (long long)f->now->id;
	str verb = label_text(&f->move->label);
	struct form_words w = {
		.heading = arena_fmt(p->a, tr("%.*s: %.*s"), STR_ARG(verb), STR_ARG(record_title(p, f->now))),
		.verb = verb,
		.grave = str_is(f->move->to, "void") || str_is(f->move->to, "cancelled"),
		.action = page_hrefs(p, "/r/%.*s/%lld/do/%.*s", STR_ARG(reg->id), id, STR_ARG(f->move->id)),
		.cancel = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(reg->id), id)};
	w.lead = arena_fmt(p->a, tr("%.*s → %.*s. You can take it back for ten minutes."),
		STR_ARG(state_chip(reg, f->now->state).label), STR_ARG(state_chip(reg, f->move->to).label));
	form_show(p, f, &w);
}

static enum rc move_form(struct page *p, struct err *err)
{
	struct form f;
	TRY(begin(p, &f, err));
	bool starts = false;
	for (size_t i = 0; i < f.move->from_n; i++)
		starts = starts || str_eq(f.move->from[i], f.now->state);
	if (!starts) { /* an old link: the row has moved on */
		page_go(p, page_hrefs(p, "/r/%.*s/%lld", STR_ARG(f.reg->id), (long long)f.now->id));
		return RC_OK;
	}
	form_fill(p, &f);
	show(p, &f);
	return RC_OK;
}

static enum rc move_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct moving *m = arg;
	const struct form *f = &m->form;
	TRY(record_do(c, f->reg, f->now->id, m->version, f->move, m->entries, m->entries_n, f->reason, err));
	job_reply(c, arena_fmt(c->a, "%lld %lld", (long long)f->now->id, (long long)f->now->version + 1));
	return RC_OK;
}

static void answer(struct page *p, const struct reg *reg, int64_t id, str version)
{
	if (!p->json) {
		page_go(p, page_hrefs(p, "/r/%.*s/%lld?told=1", STR_ARG(reg->id), (long long)id));
		return;
	}
	struct json j = page_json(p);
	json_object(&j);
	json_put_str(&j, "register", reg->id);
	json_put_i64(&j, "id", id);
	json_key(&j, "version");
	json_raw(&j, version);
	json_object_end(&j);
	http_add(p->q, "ETag", arena_printf(p->a, "\"%.*s\"", STR_ARG(version)));
}

static void moved(struct page *p, const struct job *job)
{
	const struct moving *m = job->arg;
	str version;
	str_cut(job->reply, ' ', &version);
	answer(p, m->form.reg, m->form.now->id, version);
}

static enum rc move_refused(struct page *p, const struct job *job, struct err *err)
{
	struct moving *m = job->arg;
	struct record *now;
	TRY(record_get(&p->r, m->form.reg, m->form.now->id, &now, err));
	m->form.now = now;
	m->form.version = now->version;
	m->form.top = arena_str(p->a, str_of(job->err.text));
	int status = job->rc == RC_INVALID ? 422 : error_status(job->rc);
	if (p->json) {
		error_answer(p, status, job->err.text);
		return RC_OK;
	}
	if (job->rc == RC_CONFLICT)
		form_key_new(p, &m->form);
	p->q->out.status = status;
	show(p, &m->form);
	return RC_OK;
}

static int64_t version_of(const struct page *p)
{
	int64_t n = 0;
	str text = p->body ? str_trim(http_header(p->q, "If-Match")) : pairs_get(&p->form, "_version");
	if (str_starts(text, STR("\"")) && text.n > 2)
		text = (str){text.p + 1, text.n - 2};
	return str_i64(text, &n) ? n : 0;
}

static enum rc move_sent(struct page *p, struct err *err)
{
	struct moving *m = NEW(p->a, struct moving);
	TRY(begin(p, &m->form, err));
	TRY(form_take(p, &m->form, err));
	m->version = version_of(p);
	if (m->version == 0) {
		error_answer(p, 428, "");
		return RC_OK;
	}
	if (m->form.faults_n > 0) {
		if (p->json) {
			form_problem(p, &m->form);
			return RC_OK;
		}
		p->q->out.status = 422;
		show(p, &m->form);
		return RC_OK;
	}
	m->entries_n = form_entries(p, &m->form, &m->entries);
	str key = p->body ? http_header(p->q, "Idempotency-Key") : m->form.key;
	if (key.n > 0)
		key = arena_fmt(p->a, "%s:%.*s", p->body ? "api" : "form", STR_ARG(key));
	page_write(p, move_run, m, key, moved, move_refused);
	return RC_OK;
}

/* ---- undo ---- */

static enum rc undo_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct moving *m = arg;
	TRY(record_undo(c, m->reg, m->id, m->version, err));
	job_reply(c, arena_fmt(c->a, "%lld %lld", (long long)m->id, (long long)m->version + 1));
	return RC_OK;
}

static void undone(struct page *p, const struct job *job)
{
	const struct moving *m = job->arg;
	str version;
	str_cut(job->reply, ' ', &version);
	answer(p, m->reg, m->id, version);
}

static enum rc undo(struct page *p, struct err *err)
{
	struct moving *m = NEW(p->a, struct moving);
	struct record *now;
	TRY(row_of(p, &m->reg, &now, err));
	m->id = now->id;
	m->version = version_of(p);
	if (m->version == 0)
		return FAIL(err, RC_INVALID, "the version of the row is not understood");
	page_write(p, undo_run, m, STR(""), undone, NULL);
	return RC_OK;
}

/* ---- suggestions ---- */

static enum rc suggest(struct page *p, struct err *err)
{
	const struct reg *reg;
	struct pick found[FORM_PICKS];
	size_t n = 0;
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	str text = pairs_get(&p->form, arena_cstr(p->a, page_arg(p, 1)));
	TRY(pick_find(&p->r, reg, text, found, FORM_PICKS, &n, err));
	struct pick_page g = {.options = NEWS(p->a, n + 1, struct form_option), .options_n = n};
	for (size_t i = 0; i < n; i++) {
		str unit = str_is(reg->id, "org") ? STR("") : page_org_name(p, found[i].org);
		g.options[i] = (struct form_option){.value = arena_fmt(p->a, "%lld", (long long)found[i].id),
			.label = found[i].label,
			.note = found[i].code.n && !str_eq(found[i].code, found[i].label) ? found[i].code
											  : unit};
	}
	if (n == 0 && text.n)
		g.none = arena_fmt(p->a, tr("“%.*s” has nothing of this name, these initials or this code."),
			STR_ARG(label_text(&reg->label)));
	tpl_picks(page_out(p), &g);
	return RC_OK;
}

static const struct input move_inputs[] = {{"_key", INPUT_WORD, 64, false}, {"_version", INPUT_ID, 0, false},
	{"_reason", INPUT_TEXT, 1000, false}, {"_act", INPUT_ACT, 100, false}, {0}};
static const struct input undo_inputs[] = {{"_version", INPUT_ID, 0, true}, {0}};

const struct route routes_move[] = {
	{"GET", "/r/{register}/{id}/do/{move}", move_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{"POST", "/r/{register}/{id}/do/{move}", move_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, move_inputs,
		ROUTE_FIELDS | ROUTE_JSON},
	{"POST", "/r/{register}/{id}/undo", undo, ACCESS_SIGNED_IN, CSRF_TOKEN, undo_inputs, ROUTE_JSON},
	{"POST", "/pick/{register}/{field}", suggest, ACCESS_SIGNED_IN, CSRF_TOKEN, no_inputs,
		ROUTE_FIELDS | ROUTE_SLOW},
	{0},
};
