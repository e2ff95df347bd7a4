/* page_answer.c -- a unit's answer to a collection: the form of its own columns, sheets that are uploaded (one unit's, or all
 * that came back in one drop), the form to fill in and the merged sheet. See page_collection.h. */
#include "web/page_answer.h"
#include "base/clock.h"
#include "guard/files.h"
#include "intake/take_back.h"
#include "intake/template_form.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>
#include <unistd.h>

enum { ROWS_SHOWN = 5, FILES_SHOWN = 100 };

static enum rc read_coll(struct page *p, struct coll *c, struct err *err)
{
	int64_t id;
	if (!str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "There is no collection #%lld.", 0LL);
	return coll_read(&p->r, id, c, err);
}

static enum rc read_unit(
	struct page *p, struct coll *c, int64_t reply, struct coll_unit **out, struct err *err)
{
	TRY(read_coll(p, c, err));
	for (size_t i = 0; i < c->units_n; i++)
		if (c->units[i].reply == reply) {
			*out = &c->units[i];
			return RC_OK;
		}
	return FAIL(err, RC_NOT_FOUND, "There is no reply #%lld.", (long long)reply);
}

static enum rc read_reply(struct page *p, struct coll *c, struct coll_unit **out, struct err *err)
{
	int64_t reply;
	return read_unit(p, c, str_i64(page_arg(p, 1), &reply) ? reply : 0, out, err);
}

static void crumbs(struct page *p, struct shell *s, const struct coll *c)
{
	shell_crumb(p, s, str_of(tr("Collections")), page_href(p, STR("/collections")));
	shell_crumb(p, s, c->title, page_hrefs(p, "/collections/%lld", (long long)c->id));
}

/* ---- the form ---- */

/* What a person would have typed: choices by id, yes and no as 1 and 0. */
static str typed(struct page *p, const struct field *f, const struct value *v)
{
	if (v->kind == V_NULL)
		return STR("");
	if (f->type == T_BOOL)
		return v->i ? STR("1") : STR("0");
	return f->type == T_CHOICE ? v->t : value_plain(p->a, f, v);
}

static void show(struct page *p, const struct coll *c, const struct coll_unit *u, const str *texts,
	size_t fault_at, const char *fault)
{
	struct form none = {0};
	struct answer_page g = {.heading = c->title,
		.unit = u->name,
		.note = c->note,
		.deadline = coll_deadline(p->a, c, clock_today()),
		.action = arena_fmt(
			p->a, "/collections/%lld/answer/%lld", (long long)c->id, (long long)u->reply),
		.cancel = page_hrefs(p, "/collections/%lld", (long long)c->id),
		.verb = str_of(tr("Submit the answer"))};
	g.fields = NEWS(p->a, c->columns_n + 1, struct form_field);
	g.faults = NEWS(p->a, 1, struct form_fault);
	for (size_t i = 0; i < c->columns_n; i++) {
		struct form_input in = {
			.field = &c->columns[i], .text = texts[i], .required = c->columns[i].required};
		if (fault && i == fault_at) {
			in.fault = str_of(fault);
			g.faults[g.faults_n++] =
				(struct form_fault){c->columns[i].id, c->columns[i].label.zh, in.fault};
		}
		form_field_fill(p, &none, &in, &g.fields[g.fields_n++]);
	}
	shell_fill(p, &g.shell, c->title, PLACE_COLLECTIONS, STR(""));
	crumbs(p, &g.shell, c);
	tpl_answer(page_out(p), &g);
}

static enum rc may_answer(struct page *p, const struct coll *c, const struct coll_unit *u, struct err *err)
{
	if (c->columns_n == 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” asks for no columns of its own", STR_ARG(c->title));
	if (!str_is(c->state, "issued"))
		return FAIL(err, RC_CONFLICT, "“%.*s” is closed: ask the unit that collects for a correction",
			STR_ARG(c->title));
	if (str_is(u->state, "submitted") || str_is(u->state, "accepted"))
		return FAIL(err, RC_CONFLICT,
			"this answer is in already; to change it, ask for it to be sent back");
	return page_may(p, "collection_reply", "submit", u->reply, u->org, u->state)
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "you may not answer for this unit");
}

static enum rc answer_form(struct page *p, struct err *err)
{
	struct coll c;
	struct coll_unit *u;
	TRY(read_reply(p, &c, &u, err));
	TRY(may_answer(p, &c, u, err));
	str *texts = NEWS(p->a, c.columns_n + 1, str);
	for (size_t i = 0; i < c.columns_n; i++)
		texts[i] = typed(p, &c.columns[i], &u->answers[i]);
	show(p, &c, u, texts, 0, NULL);
	return RC_OK;
}

static enum rc answer_job(struct job_ctx *c, void *arg, struct err *err)
{
	return collect_answer(c, arg, err);
}

static enum rc answered(struct page *p, struct err *err)
{
	struct coll c;
	struct coll_unit *u;
	struct value *values;
	size_t at;
	TRY(read_reply(p, &c, &u, err));
	TRY(may_answer(p, &c, u, err));
	str *texts = NEWS(p->a, c.columns_n + 1, str);
	for (size_t i = 0; i < c.columns_n; i++)
		texts[i] = pairs_get(&p->form, arena_cstr(p->a, c.columns[i].id));
	if (columns_answer(p->a, c.columns, c.columns_n, texts, &values, &at, err) != RC_OK) {
		p->q->out.status = 422;
		show(p, &c, u, texts, at, arena_printf(p->a, "%s", err->text));
		return RC_OK;
	}
	struct collect_answer x = {.reply = u->reply,
		.rows_n = 1,
		.import_no = -1,
		.answers = columns_pack(p->a, c.columns, c.columns_n, values)};
	TRY(page_run(p, answer_job, &x, err));
	page_go(p, arena_fmt(p->a, "/collections/%lld?done=1", (long long)c.id));
	return RC_OK;
}

/* ---- sheets that come back ---- */

static void file_told(struct page *p, const struct import_outcome *o, struct taken_page *g)
{
	if ((o->fault.text[0] == 0 && o->counts.rejected == 0) || g->files_n == FILES_SHOWN)
		return;
	struct taken_file *f = &g->files[g->files_n++];
	size_t colon = str_find(o->file, STR(".zip:"));
	*f = (struct taken_file){.name = colon == SIZE_MAX ? o->file : str_from(o->file, colon + 5)};
	f->why = o->fault.text[0] ? arena_str(p->a, str_of(o->fault.text))
				  : arena_fmt(p->a,
					    trn("%lld row was refused; the unit has not answered yet",
						    "%lld rows were refused; the unit has not answered yet",
						    o->counts.rejected),
					    (long long)o->counts.rejected);
	f->rows = NEWS(p->a, ROWS_SHOWN, struct form_fault);
	for (size_t i = 0; i < o->errors_n && f->rows_n < ROWS_SHOWN; i++)
		if (!o->errors[i].warning)
			f->rows[f->rows_n++] = (struct form_fault){
				.text = arena_fmt(p->a, tr("row %lld: %.*s"), (long long)o->errors[i].row,
					STR_ARG(o->errors[i].message))};
}

static void show_taken(struct page *p, const struct coll *c, const struct take *t)
{
	struct taken_page g = {.heading = str_of(tr("What came back")),
		.back = page_hrefs(p, "/collections/%lld", (long long)c->id)};
	size_t whole = 0, missing = 0;
	struct buf b = {0};
	g.files = NEWS(p->a, t->n + 1, struct taken_file);
	for (size_t i = 0; i < t->n; i++) {
		whole += t->files[i].fault.text[0] == 0 && t->files[i].counts.rejected == 0;
		file_told(p, &t->files[i], &g);
	}
	for (size_t i = 0; i < c->units_n; i++)
		if (str_is(c->units[i].state, "open") || str_is(c->units[i].state, "returned")) {
			buf_puts(&b, missing++ ? tr(", ") : "");
			buf_add(&b, c->units[i].name);
		}
	g.told = arena_fmt(p->a,
		trn("%zu of %zu file was taken.", "%zu of %zu files were taken.", (long long)t->n), whole,
		t->n);
	g.counts = arena_fmt(p->a, tr("%zu of %zu units have answered."), c->units_n - missing, c->units_n);
	if (missing && c->owner)
		g.missing = arena_fmt(p->a, tr("Still missing (%zu): %.*s"), missing, STR_ARG(buf_str(&b)));
	buf_done(&b);
	shell_fill(p, &g.shell, g.heading, PLACE_COLLECTIONS, STR(""));
	crumbs(p, &g.shell, c);
	tpl_taken(page_out(p), &g);
}

static enum rc sheets(struct page *p, struct err *err)
{
	struct coll c;
	struct coll_unit *u = NULL;
	int64_t reply = page_input_id(p, "reply");
	if (reply)
		TRY(read_unit(p, &c, reply, &u, err));
	else
		TRY(read_coll(p, &c, err));
	bool may = u ? page_may(p, "collection_reply", "submit", u->reply, u->org, u->state)
		     : c.owner && page_may(p, "collection", "close", c.id, c.org, c.state);
	if (!may)
		return FAIL(err, RC_DENIED, "you may not answer for this unit");
	struct take t = {
		.a = p->a, .city = p->site->city, .actor = p->r.actor, .db = p->r.db, .c = &c, .only = u};
	size_t n = 0;
	TRY(take_begin(&t, err));
	for (size_t i = 0; i < p->parts.n; i++) {
		const struct part *f = &p->parts.p[i];
		if (!f->is_file || f->bytes.n == 0)
			continue;
		n++;
		TRY(take_file(
			&t, arena_cstr(p->a, f->filename.n ? f->filename : STR("sheet")), f->bytes, err));
	}
	if (n == 0)
		return FAIL(err, RC_INVALID, "Choose a file first.");
	if (u && t.n == 1 && t.files[0].fault.text[0] == 0 && t.files[0].counts.rejected == 0) {
		page_go(p, arena_fmt(p->a, "/collections/%lld?done=1", (long long)c.id));
		return RC_OK;
	}
	show_taken(p, &c, &t);
	return RC_OK;
}

/* ---- sheets that are fetched ---- */

static enum rc send(struct page *p, const char *path, str name, struct err *err)
{
	enum rc rc = page_send_file(p, path, err);
	unlink(path);
	TRY(rc);
	p->q->out.type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	http_add(p->q, "Content-Disposition",
		arena_printf(p->a, "attachment; filename=\"%.*s.xlsx\"", STR_ARG(name)));
	return RC_OK;
}

static enum rc made(struct page *p, char *path, struct err *err)
{
	(void)p;
	int fd = mkstemp(path);
	if (fd < 0)
		return FAIL(err, RC_IO, "there is no room for the file: %s", "/dev/shm");
	close(fd);
	return RC_OK;
}

static enum rc merged(struct page *p, struct err *err)
{
	struct coll c;
	int64_t rows;
	char path[] = "/dev/shm/qinghe-merged-XXXXXX";
	TRY(read_coll(p, &c, err));
	if (!c.owner)
		return FAIL(err, RC_DENIED, "only the unit that collects fetches all answers");
	if (c.columns_n == 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” asks for no columns of its own", STR_ARG(c.title));
	TRY(made(p, path, err));
	enum rc rc = coll_answers_sheet(&p->r, &c, path, &rows, err);
	if (rc != RC_OK) {
		unlink(path);
		return rc;
	}
	return send(p, path, arena_fmt(p->a, "collection-%lld", (long long)c.id), err);
}

static enum rc fetch_form(struct page *p, struct err *err)
{
	struct coll c;
	struct coll_unit *u;
	char path[] = "/dev/shm/qinghe-form-XXXXXX";
	TRY(read_reply(p, &c, &u, err));
	const struct reg *reg = model_reg(p->site->city->model, c.into);
	if (reg == NULL && c.columns_n == 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” asks for nothing that a sheet could hold",
			STR_ARG(c.title));
	TRY(made(p, path, err));
	enum rc rc = reg ? template_write(&p->r, reg, u->org, path, err)
			 : coll_form_sheet(&p->r, &c, u, path, err);
	if (rc != RC_OK) {
		unlink(path);
		return rc;
	}
	return send(p, path, arena_fmt(p->a, "form-%lld", (long long)u->reply), err);
}

static const struct input sheet_inputs[] = {{"reply", INPUT_ID, 0, false}, {0}};

const struct route routes_answer[] = {
	{"GET", "/collections/{id}/answer/{reply}", answer_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/collections/{id}/answer/{reply}", answered, ACCESS_SIGNED_IN, CSRF_TOKEN, no_inputs,
		ROUTE_SLOW | ROUTE_FIELDS},
	{"GET", "/collections/{id}/form/{reply}", fetch_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/collections/{id}/sheet", merged, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/collections/{id}/sheet", sheets, ACCESS_SIGNED_IN, CSRF_TOKEN, sheet_inputs,
		ROUTE_SLOW | ROUTE_UPLOAD},
	{0},
};
