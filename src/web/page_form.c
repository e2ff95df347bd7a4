/* page_form.c -- /r/REGISTER/new, /r/REGISTER/ID/edit: forms from declarations, and the same writes as JSON
 * (POST /r/REGISTER, PATCH /r/REGISTER/ID). See form.h. */
#include "guard/kept.h"
#include "register/permit.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

struct writing {
	struct form form;
	struct entry *entries;
	size_t entries_n;
	str draft, body; /* name under which the form's draft is kept; its text */
	int64_t id, version;
	bool keeps_draft, drops;
};

/* ---- the page ---- */

static str draft_name(struct page *p, const struct form *f)
{
	return f->now ? arena_fmt(p->a, "%.*s:%lld", STR_ARG(f->reg->id), (long long)f->now->id)
		      : arena_str(p->a, f->reg->id);
}

static void show(struct page *p, struct form *f, const char *told)
{
	const struct reg *reg = f->reg;
	str label = label_text(&reg->label);
	struct form_words w = {.drafts = true, .told = str_of(told)};
	if (f->kind == FORM_NEW) {
		w.heading = arena_fmt(p->a, tr("New: %.*s"), STR_ARG(label));
		w.lead = label_text(&reg->help);
		w.verb = arena_fmt(p->a, tr("Record this %.*s"), STR_ARG(label));
		w.action = page_hrefs(p, "/r/%.*s/new", STR_ARG(reg->id));
		w.cancel = page_hrefs(p, "/r/%.*s", STR_ARG(reg->id));
	} else {
		long long id = (long long)f->now->id;
		w.heading = arena_fmt(p->a, tr("Correct: %.*s"), STR_ARG(record_title(p, f->now)));
		w.lead = str_of(tr("What stood before stays in the history of the row."));
		w.verb = str_of(tr("Save the corrections"));
		w.action = page_hrefs(p, "/r/%.*s/%lld/edit", STR_ARG(reg->id), id);
		w.cancel = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(reg->id), id);
	}
	form_show(p, f, &w);
}

static enum rc draft_read(struct page *p, const struct form *f, bool *out, struct err *err)
{
	struct kept k;
	TRY(kept_get(p->r.db, p->a, p->site->city->seal, p->r.actor.person, "draft", draft_name(p, f), &k,
		out, err));
	*out = *out && form_unpack(p, k.body);
	return RC_OK;
}

/* What a draft said comes back with its texts; what is amiss in it is told when it is sent. */
static enum rc fill(struct page *p, struct form *f, struct err *err)
{
	form_fill(p, f);
	TRY(draft_read(p, f, &f->drafted, err));
	for (size_t i = 0; f->drafted && i < f->n; i++) {
		struct form_input *in = &f->in[i];
		const char *name = arena_cstr(p->a, in->field->id);
		if (!pairs_has(&p->form, name) || in->field->type == T_FILE)
			continue;
		in->text = pairs_get(&p->form, name);
		in->as = pairs_get(&p->form, arena_printf(p->a, "%s.as", name));
		in->id = pairs_get(&p->form, arena_printf(p->a, "%s.id", name));
	}
	p->form = (struct pairs){0};
	return RC_OK;
}

static enum rc begin_new(struct page *p, struct form *f, struct err *err)
{
	const struct reg *reg;
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	return form_begin(p, FORM_NEW, reg, NULL, NULL, f, err);
}

static enum rc begin_edit(struct page *p, struct form *f, struct err *err)
{
	const struct reg *reg;
	struct record *now;
	int64_t id;
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	if (!str_i64(page_arg(p, 1), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 1)));
	TRY(record_get(&p->r, reg, id, &now, err));
	return form_begin(p, FORM_EDIT, reg, now, NULL, f, err);
}

static enum rc new_form(struct page *p, struct err *err)
{
	struct form f;
	TRY(begin_new(p, &f, err));
	TRY(fill(p, &f, err));
	if (!f.drafted)
		form_about(p, &f, page_input(p, "in"), page_input_id(p, "about"));
	show(p, &f, f.drafted ? tr("Your draft is filled in. Nothing of it has been recorded yet.") : "");
	return RC_OK;
}

static enum rc edit_form(struct page *p, struct err *err)
{
	struct form f;
	TRY(begin_edit(p, &f, err));
	TRY(fill(p, &f, err));
	show(p, &f, f.drafted ? tr("Your draft is filled in. Nothing of it has been recorded yet.") : "");
	return RC_OK;
}

/* ---- the job ---- */

static enum rc add_org(struct job_ctx *c, struct writing *w, struct err *err)
{
	const struct field *parent = reg_field(w->form.reg, STR("parent"));
	int64_t up = w->form.org ? w->form.org : job_city(c)->root_org;
	for (size_t i = 0; i < w->entries_n; i++)
		if (w->entries[i].field == parent)
			up = w->entries[i].value.i;
	return org_add(c, up, INT32_MIN, w->entries, w->entries_n, &w->id, err);
}

static enum rc write_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct writing *w = arg;
	const struct form *f = &w->form;
	if (w->keeps_draft || w->drops) {
		c->action = w->drops ? STR("draft:drop") : STR("draft");
		c->subject = f->reg->id;
		return w->drops ? kept_drop(c, c->actor->person, "draft", w->draft, err)
				: kept_put(c, job_city(c)->seal, c->actor->person, "draft", w->draft, w->body,
					  err);
	}
	TRY(kept_drop(c, c->actor->person, "draft", w->draft, err));
	if (f->kind == FORM_EDIT) {
		w->id = f->now->id;
		TRY(record_set(c, f->reg, w->id, f->version, w->entries, w->entries_n, err));
		w->version = f->version + (w->entries_n > 0);
	} else {
		struct record_input in = {.reg = f->reg,
			.org = f->org,
			.entries = w->entries,
			.entries_n = w->entries_n,
			.state = f->state,
			.source = w->body.n ? STR("api") : STR("form")};
		TRY(str_is(f->reg->id, "org") ? add_org(c, w, err) : record_add(c, &in, &w->id, err));
		w->version = 1;
	}
	job_reply(c, arena_fmt(c->a, "%lld %lld", (long long)w->id, (long long)w->version));
	return RC_OK;
}

/* ---- the answer ---- */

static void written(struct page *p, const struct job *job)
{
	const struct writing *w = job->arg;
	str version, id = str_cut(job->reply, ' ', &version);
	const struct reg *reg = w->form.reg;
	bool new = w->form.kind == FORM_NEW;
	if (!p->json) {
		page_go(p, page_hrefs(p, "/r/%.*s/%.*s?told=1", STR_ARG(reg->id), STR_ARG(id)));
		return;
	}
	struct json j = page_json(p);
	json_object(&j);
	json_put_str(&j, "register", reg->id);
	json_key(&j, "id");
	json_raw(&j, id);
	json_key(&j, "version");
	json_raw(&j, version);
	json_object_end(&j);
	p->q->out.status = new && !job->replayed ? 201 : 200;
	http_add(p->q, "ETag", arena_printf(p->a, "\"%.*s\"", STR_ARG(version)));
	http_add(p->q, "Location", arena_printf(p->a, "/r/%.*s/%.*s", STR_ARG(reg->id), STR_ARG(id)));
}

static void draft_written(struct page *p, const struct job *job)
{
	const struct writing *w = job->arg;
	const struct form *f = &w->form;
	if (p->json) {
		p->q->out.status = 204;
		return;
	}
	if (w->drops && f->now)
		page_go(p, page_hrefs(p, "/r/%.*s/%lld", STR_ARG(f->reg->id), (long long)f->now->id));
	else if (w->drops)
		page_go(p, page_hrefs(p, "/r/%.*s", STR_ARG(f->reg->id)));
	else if (f->now)
		page_go(p, page_hrefs(p, "/r/%.*s/%lld/edit", STR_ARG(f->reg->id), (long long)f->now->id));
	else
		page_go(p, page_hrefs(p, "/r/%.*s/new", STR_ARG(f->reg->id)));
}

/* ---- conflicts ---- */

static str value_shown(struct page *p, const struct record *rec, const struct field *f)
{
	if (record_hides(rec, f))
		return str_of(tr("(sealed)"));
	return rec->values[f->at].kind == V_NULL ? str_of(tr("(empty)")) : value_words(p, rec, f);
}

static bool value_same(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && a->i == b->i && str_eq(a->t, b->t);
}

/* The row as it was when this form was made; the row as it stands where that version is not known any more. */
static const struct record *version_of(struct page *p, const struct record *now, int64_t version)
{
	struct record_version *list;
	size_t n = 0;
	if (record_history(&p->r, now->reg, now->id, &list, &n, NULL) == RC_OK)
		for (size_t i = 0; i < n; i++)
			if (list[i].version == version)
				return list[i].record;
	return now;
}

/* Three ways: what I left alone follows the others, what I alone changed stays mine, and where both changed mine stays in
 * the field with theirs under it. */
static void merge(struct page *p, struct form *f, int64_t version)
{
	const struct record *base = version_of(p, f->now, version);
	struct form standing = *f;
	standing.in = NEWS(p->a, f->n + 1, struct form_input);
	memcpy(standing.in, f->in, f->n * sizeof *f->in);
	form_fill(p, &standing);
	for (size_t i = 0; i < f->n; i++) {
		struct form_input *in = &f->in[i];
		int at = in->field->at;
		const struct value *was = &base->values[at], *is = &f->now->values[at];
		if (!in->came || value_same(was, is) || value_same(&in->value, is))
			continue;
		if (value_same(&in->value, was) && in->fault.n == 0)
			*in = standing.in[i];
		in->theirs = value_shown(p, f->now, in->field);
	}
	f->version = f->now->version;
	str who = f->now->changed_by == 0
			  ? str_of(tr("Operator"))
			  : record_label_open(&p->r, model_reg(p->site->city->model, STR("person")),
				    f->now->changed_by);
	f->top = arena_fmt(p->a,
		tr("%.*s changed this row while you wrote. Your words are still in the fields; where the row "
		   "says "
		   "something else by now, it stands below. Look at both and send again."),
		STR_ARG(who));
}

static enum rc answer_conflict(struct page *p, struct form *f, int64_t version)
{
	if (p->json) {
		error_answer(p, 412, tr("The row has another version by now."));
		http_add(p->q, "ETag", arena_printf(p->a, "\"%lld\"", (long long)f->now->version));
		return RC_OK;
	}
	merge(p, f, version);
	form_key_new(p, f);
	p->q->out.status = 409;
	show(p, f, "");
	return RC_OK;
}

static enum rc answer_amiss(struct page *p, struct form *f, int status)
{
	if (p->json) {
		if (status == 422)
			form_problem(p, f);
		else
			error_answer(p, status, arena_cstr(p->a, f->top));
		return RC_OK;
	}
	p->q->out.status = status;
	show(p, f, "");
	return RC_OK;
}

static enum rc refused(struct page *p, const struct job *job, struct err *err)
{
	struct writing *w = job->arg;
	struct form *f = &w->form;
	enum rc rc = job->rc;
	if (rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_DENIED && rc != RC_NOT_FOUND) {
		error_answer(p, error_status(rc), job->err.text);
		return RC_OK;
	}
	if (f->kind == FORM_EDIT) {
		struct record *now;
		TRY(record_get(&p->r, f->reg, f->now->id, &now, err));
		int64_t version = f->version;
		f->now = now;
		if (rc == RC_CONFLICT && now->version != version)
			return answer_conflict(p, f, version);
	}
	if (rc == RC_CONFLICT && f->twin_fault)
		return answer_amiss(p, f, 422);
	f->top = arena_str(p->a, str_of(job->err.text));
	if (rc == RC_CONFLICT)
		form_key_new(p, f);
	return answer_amiss(p, f, rc == RC_INVALID ? 422 : error_status(rc));
}

/* ---- what was sent ---- */

static enum rc version_asked(struct page *p, struct form *f, int64_t *out, struct err *err)
{
	str text = p->body ? str_trim(http_header(p->q, "If-Match")) : pairs_get(&p->form, "_version");
	if (str_starts(text, STR("\"")) && str_ends(text, STR("\"")) && text.n > 2)
		text = (str){text.p + 1, text.n - 2};
	*out = 0;
	if (text.n > 0 && (!str_i64(text, out) || *out <= 0))
		return FAIL(err, RC_INVALID, "the version of the row is not understood");
	(void)f;
	return RC_OK;
}

static void take_theirs(struct page *p, struct form *f, str name)
{
	struct form_input *in = form_input(f, name);
	if (in == NULL || f->now == NULL || in->field->at < 0)
		return;
	struct form one = *f;
	one.in = in;
	one.n = 1;
	in->fault = in->theirs = STR("");
	form_fill(p, &one);
}

static enum rc sent(struct page *p, struct writing *w, struct err *err)
{
	struct form *f = &w->form;
	int64_t version = 0;
	TRY(version_asked(p, f, &version, err));
	TRY(form_take(p, f, err));
	w->draft = draft_name(p, f);
	if (!p->body && (str_is(f->act, "draft") || str_is(f->act, "drop"))) {
		w->keeps_draft = str_is(f->act, "draft");
		w->drops = !w->keeps_draft;
		w->body = form_pack(p);
		page_write(p, write_run, w, STR(""), draft_written, NULL);
		return RC_OK;
	}
	if (str_starts(f->act, STR("take:"))) {
		take_theirs(p, f, str_from(f->act, 5));
		show(p, f, "");
		return RC_OK;
	}
	if (f->kind == FORM_EDIT && version == 0) {
		error_answer(p, 428, "");
		return RC_OK;
	}
	str key = p->body ? http_header(p->q, "Idempotency-Key") : f->key;
	if (f->kind == FORM_EDIT && version != f->now->version && key.n == 0)
		return answer_conflict(p, f, version);
	f->version = version; /* with a key the writer says whether it is the same form once more */
	if (f->faults_n > f->twin_fault)
		return answer_amiss(p, f, 422);
	w->entries_n = form_entries(p, f, &w->entries);
	w->body = p->body ? STR("api") : STR("");
	if (key.n > 0)
		key = arena_fmt(p->a, "%s:%.*s", p->body ? "api" : "form", STR_ARG(key));
	page_write(p, write_run, w, key, written, refused);
	return RC_OK;
}

static enum rc new_sent(struct page *p, struct err *err)
{
	struct writing *w = NEW(p->a, struct writing);
	TRY(begin_new(p, &w->form, err));
	return sent(p, w, err);
}

static enum rc edit_sent(struct page *p, struct err *err)
{
	struct writing *w = NEW(p->a, struct writing);
	TRY(begin_edit(p, &w->form, err));
	return sent(p, w, err);
}

static const struct input form_inputs[] = {{"_key", INPUT_WORD, 64, false}, {"_version", INPUT_ID, 0, false},
	{"_state", INPUT_WORD, 0, false}, {"_act", INPUT_ACT, 100, false}, {0}};

/* whose row it will be, or what the reference `in` holds */
static const struct input about_in[] = {{"about", INPUT_ID, 0, false}, {"in", INPUT_WORD, 40, false}, {0}};

const struct route routes_form[] = {
	{"GET", "/r/{register}/new", new_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, about_in, ROUTE_HTML_ONLY},
	{"POST", "/r/{register}/new", new_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, form_inputs,
		ROUTE_FIELDS | ROUTE_JSON | ROUTE_UPLOAD | ROUTE_SLOW},
	{"POST", "/r/{register}", new_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, form_inputs,
		ROUTE_FIELDS | ROUTE_JSON},
	{"GET", "/r/{register}/{id}/edit", edit_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{"POST", "/r/{register}/{id}/edit", edit_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, form_inputs,
		ROUTE_FIELDS | ROUTE_JSON | ROUTE_UPLOAD | ROUTE_SLOW},
	{"PATCH", "/r/{register}/{id}", edit_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, form_inputs,
		ROUTE_FIELDS | ROUTE_JSON},
	{0},
};
