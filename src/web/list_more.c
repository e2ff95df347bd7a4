/* list_more.c -- what a list has besides its rows: order and choice of columns, saved views, the file of a view, and one
 * change of state for many rows (page_register.h). */
#include "guard/kept.h"
#include "register/export_file.h"
#include "register/permit.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_register.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { COLUMNS_MAX = 12, VIEWS_MAX = 8, BULK_MAX = 100 };

/* ---- order and columns ---- */

enum rc list_order(struct page *p, struct list_page *l, struct record_query *q, struct err *err)
{
	str asked = pairs_get(&p->q->query, "sort"), id = asked;
	l->order_words = str_of(tr("newest entries first"));
	if (asked.n == 0)
		return RC_OK;
	q->by_falling = str_starts(asked, STR("-"));
	id = str_from(asked, q->by_falling);
	q->by = reg_field(l->reg, id);
	if (q->by == NULL)
		return FAIL(err, RC_NOT_FOUND, "%.*s has no field “%.*s”",
			STR_ARG(label_text(&l->reg->label)), STR_ARG(id));
	l->sorted_by = asked;
	l->order_words = arena_fmt(p->a, q->by_falling ? tr("by %.*s, falling") : tr("by %.*s, rising"),
		STR_ARG(label_text(&q->by->label)));
	return RC_OK;
}

static bool column_asked(const struct page *p, str id)
{
	for (size_t i = 0; i < p->q->query.n; i++)
		if (str_is(p->q->query.p[i].name, "col") && str_eq(p->q->query.p[i].value, id))
			return true;
	return false;
}

static void ask(struct list_page *l, const struct field *f, str id)
{
	if (l->asked_n < COLUMNS_MAX)
		l->asked[l->asked_n++] = (struct list_asked){f, id};
}

void list_columns_asked(struct page *p, struct list_page *l)
{
	const struct reg *reg = l->reg;
	uint64_t seen[2];
	permit_columns(reg, &p->r.actor, false, seen);
	l->asked = NEWS(p->a, COLUMNS_MAX + 1, struct list_asked);
	l->choices = NEWS(p->a, reg->fields_n + 3, struct list_choice);
	l->chosen = pairs_has(&p->q->query, "col");
	if (!l->chosen)
		for (size_t i = 0; i < reg->list_n; i++)
			ask(l, reg->list[i], reg->list_ids[i]);
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (!field_in(seen, f) || f->type == T_FILE || f->type == T_SEALED_STRUCT)
			continue;
		bool here = column_asked(p, f->id);
		if (here)
			ask(l, f, f->id);
		for (size_t k = 0; !l->chosen && k < reg->list_n; k++)
			here = here || reg->list[k] == f;
		l->choices[l->choices_n++] = (struct list_choice){f->id, label_text(&f->label), here};
	}
	static const char *const system[] = {"org", "state"};
	for (size_t i = 0; i < 2; i++) {
		str id = str_of(system[i]);
		if (l->chosen && column_asked(p, id))
			ask(l, NULL, id);
		l->choices[l->choices_n++] = (struct list_choice){
			id, str_of(i ? tr("State") : tr("Unit")), !l->chosen || column_asked(p, id)};
	}
}

static void sort_links(struct page *p, struct list_page *l)
{
	uint64_t seen[2];
	permit_columns(l->reg, &p->r.actor, true, seen);
	for (size_t i = 0; i < l->columns_n; i++) {
		struct list_column *c = &l->columns[i];
		c->sorted = "";
		if (c->field == NULL || c->field->sealed || !field_in(seen, c->field) ||
			pick_target(p->site->city->model, c->field))
			continue;
		str falling = arena_fmt(p->a, "-%.*s", STR_ARG(c->field->id));
		bool up = str_eq(l->sorted_by, c->field->id), down = str_eq(l->sorted_by, falling);
		bool first_down = c->field->type != T_TEXT && c->field->type != T_CHOICE;
		c->sorted = up ? "ascending" : down ? "descending" : "";
		str next = up           ? (first_down ? STR("") : falling)
			   : down       ? (first_down ? c->field->id : STR(""))
			   : first_down ? falling
					: c->field->id;
		c->sort_href = page_here(p, "sort", next);
	}
}

/* ---- saved views ---- */

static str query_kept(struct page *p)
{
	struct buf b = {0};
	for (size_t i = 0; i < p->q->query.n; i++) {
		const struct pair *q = &p->q->query.p[i];
		if (str_is(q->name, "after") || str_is(q->name, "lang") || str_is(q->name, "pick") ||
			q->value.n == 0)
			continue;
		buf_puts(&b, b.n ? "&" : "");
		html_url(&b, q->name);
		buf_putc(&b, '=');
		html_url(&b, q->value);
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static str view_count_text(struct page *p, const struct reg *reg, str query,
	int64_t (*count)(struct page *p, const struct reg *reg))
{
	struct pairs here = p->q->query, other;
	if (count == NULL || form_query(p->a, query, &other, NULL) != RC_OK)
		return STR("");
	p->q->query = other;
	int64_t n = count(p, reg);
	p->q->query = here;
	return n < 0 ? STR("") : arena_fmt(p->a, "%lld", (long long)n);
}

enum rc list_saved(struct page *p, struct list_page *l,
	int64_t (*count)(struct page *p, const struct reg *reg), struct err *err)
{
	struct kept *list;
	size_t n;
	str head = arena_fmt(p->a, "%.*s:", STR_ARG(l->reg->id));
	TRY(kept_list(p->r.db, p->a, p->site->city->seal, p->r.actor.person, "view", head, &list, &n, err));
	n = n < VIEWS_MAX ? n : VIEWS_MAX;
	struct list_view *all = NEWS(p->a, l->views_n + n + 1, struct list_view);
	if (l->views_n > 0)
		memcpy(all, l->views, l->views_n * sizeof *all);
	l->views = all;
	l->save_query = query_kept(p);
	l->who_action = arena_fmt(p->a, "/r/%.*s/who", STR_ARG(l->reg->id));
	l->save_action = page_hrefs(p, "/r/%.*s/views", STR_ARG(l->reg->id));
	for (size_t i = 0; i < n; i++) {
		struct json_v *v;
		if (json_read(p->a, list[i].body, 0, &v, NULL) != RC_OK)
			continue;
		str query = json_get_str(v, "query");
		bool here = str_eq(query, l->save_query);
		for (size_t k = 0; here && k < l->views_n; k++)
			l->views[k].here = false;
		if (here)
			l->drop_name = str_from(list[i].name, head.n);
		l->views[l->views_n++] = (struct list_view){.label = json_get_str(v, "label"),
			.href = arena_fmt(p->a, "/r/%.*s?%.*s", STR_ARG(l->reg->id), STR_ARG(query)),
			.count = view_count_text(p, l->reg, query, count),
			.here = here};
	}
	return RC_OK;
}

struct view_job {
	str name, body;
	bool drop;
	const struct reg *reg;
};

static enum rc view_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct view_job *v = arg;
	c->action = STR("view");
	c->subject = v->reg->id;
	return v->drop ? kept_drop(c, c->actor->person, "view", v->name, err)
		       : kept_put(c, job_city(c)->seal, c->actor->person, "view", v->name, v->body, err);
}

static void view_written(struct page *p, const struct job *job)
{
	const struct view_job *v = job->arg;
	str query = page_input(p, "query");
	page_go(p, v->drop || query.n == 0
			   ? page_hrefs(p, "/r/%.*s", STR_ARG(v->reg->id))
			   : arena_fmt(p->a, "/r/%.*s?%.*s", STR_ARG(v->reg->id), STR_ARG(query)));
}

/* The query is only ever used as one of our own addresses behind /r/REGISTER?. */
static bool query_is_clean(str query)
{
	for (size_t i = 0; i < query.n; i++)
		if ((unsigned char)query.p[i] <= 0x20 || (unsigned char)query.p[i] >= 0x7F ||
			query.p[i] == '#')
			return false;
	return true;
}

static enum rc views_sent(struct page *p, struct err *err)
{
	struct view_job *v = NEW(p->a, struct view_job);
	struct buf b = {0};
	struct json j;
	str label = str_trim(page_input(p, "label")), drop = page_input(p, "drop"),
	    query = page_input(p, "query");
	TRY(page_register(p, page_arg(p, 0), &v->reg, err));
	v->drop = drop.n > 0;
	if (!v->drop && (label.n == 0 || !query_is_clean(query)))
		return FAIL(err, RC_INVALID, "a view wants a name");
	struct hash h = hash_sha256(label);
	str slug = v->drop ? drop : hex_str(p->a, h.b, 6);
	v->name = arena_fmt(p->a, "%.*s:%.*s", STR_ARG(v->reg->id), STR_ARG(slug));
	json_init(&j, &b);
	json_object(&j);
	json_put_str(&j, "label", label);
	json_put_str(&j, "query", query);
	json_object_end(&j);
	v->body = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	page_write(p, view_run, v, STR(""), view_written, NULL);
	return RC_OK;
}

/* ---- the file of a view ---- */

static enum rc export_run(struct page *p, const struct reg *reg, enum export_kind kind, struct err *err)
{
	struct record_query q;
	char path[] = "/dev/shm/qinghe-export-XXXXXX";
	int64_t rows;
	TRY(list_query(p, reg, &q, err));
	TRY(export_may_leave(&p->r, &q, err));
	int fd = mkstemp(path);
	if (fd < 0)
		return FAIL(err, RC_IO, "there is no room for the file: %s", strerror(errno));
	close(fd);
	enum rc rc = export_file(&p->r, &q, path, kind, NULL, NULL, &rows, err);
	if (rc == RC_OK)
		rc = page_send_file(p, path, err);
	unlink(path);
	return rc;
}

static enum rc export_shown(struct page *p, struct err *err)
{
	const struct reg *reg;
	bool csv = str_is(page_input(p, "format"), "csv");
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	TRY(export_run(p, reg, csv ? EXPORT_CSV : EXPORT_XLSX, err));
	p->q->out.type = csv ? "text/csv; charset=utf-8"
			     : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	struct buf name = {0};
	html_url(&name, label_text(&reg->label));
	http_add(p->q, "Content-Disposition",
		arena_printf(p->a, "attachment; filename=\"%.*s.%s\"; filename*=UTF-8''%.*s.%s",
			STR_ARG(reg->id), csv ? "csv" : "xlsx", STR_ARG(buf_str(&name)),
			csv ? "csv" : "xlsx"));
	buf_done(&name);
	return RC_OK;
}

/* ---- many rows ---- */

/* A move that asks for more than a reason is for one row at a time. */
static bool for_many(const struct move *m)
{
	for (size_t i = 0; i < m->needs_n; i++)
		if (m->needs[i] != m->stamps)
			return false;
	return true;
}

static bool starts_in(const struct move *m, str state)
{
	for (size_t i = 0; i < m->from_n; i++)
		if (str_eq(m->from[i], state))
			return true;
	return false;
}

void list_acts(struct page *p, struct list_page *l, struct record *const *rows, size_t n)
{
	const struct reg *reg = l->reg;
	str query = query_kept(p);
	sort_links(p, l);
	const char *and_ = query.n ? "&" : "";
	l->xlsx_href =
		arena_fmt(p->a, "/r/%.*s/export?format=xlsx%s%.*s", STR_ARG(reg->id), and_, STR_ARG(query));
	l->csv_href =
		arena_fmt(p->a, "/r/%.*s/export?format=csv%s%.*s", STR_ARG(reg->id), and_, STR_ARG(query));
	l->moves = NEWS(p->a, reg->moves_n + 1, struct list_choice);
	for (size_t i = 0; i < reg->moves_n; i++) {
		const struct move *m = &reg->moves[i];
		bool may = false;
		for (size_t k = 0; k < n && !may; k++)
			may = starts_in(m, rows[k]->state) &&
			      permit_move(p->r.tree, &p->r.actor, rows[k], m, NULL) == RC_OK;
		if (may && for_many(m))
			l->moves[l->moves_n++] = (struct list_choice){m->id, label_text(&m->label), false};
	}
	l->picking = l->moves_n > 0 && str_is(page_input(p, "pick"), "1");
	if (l->moves_n > 0)
		l->pick_href = page_here(p, "pick", l->picking ? STR("") : STR("1"));
	l->bulk_action = page_hrefs(p, "/r/%.*s/bulk", STR_ARG(reg->id));
}

struct bulk {
	const struct reg *reg;
	const struct move *move;
	int64_t ids[BULK_MAX], versions[BULK_MAX];
	struct record *rows[BULK_MAX];
	bool fits[BULK_MAX];
	size_t n, fit_n;
	str reason, key;
};

static enum rc bulk_read(struct page *p, struct bulk *b, struct err *err)
{
	TRY(page_register(p, page_arg(p, 0), &b->reg, err));
	b->move = reg_move(b->reg, page_input(p, "move"));
	if (b->move == NULL || !for_many(b->move))
		return FAIL(err, RC_INVALID, "choose what is to be done with the rows");
	b->reason = str_trim(page_input(p, "_reason"));
	b->key = page_input(p, "_key");
	for (size_t i = 0; i < p->form.n; i++) {
		int64_t id;
		if (!str_is(p->form.p[i].name, "id") || !str_i64(p->form.p[i].value, &id) || id <= 0)
			continue;
		if (b->n == BULK_MAX)
			return FAIL(err, RC_LIMIT, "at most %d rows at once", (int)BULK_MAX);
		TRY(record_get(&p->r, b->reg, id, &b->rows[b->n], err));
		b->ids[b->n] = id;
		b->versions[b->n] = b->rows[b->n]->version;
		b->fits[b->n] = starts_in(b->move, b->rows[b->n]->state) &&
				permit_move(p->r.tree, &p->r.actor, b->rows[b->n], b->move, NULL) == RC_OK;
		b->fit_n += b->fits[b->n];
		b->n++;
	}
	return b->n ? RC_OK : FAIL(err, RC_INVALID, "no row was chosen");
}

static void bulk_show(struct page *p, struct bulk *b, str top, str reason_fault)
{
	const struct reg *reg = b->reg;
	struct form f = {0};
	form_key_new(p, &f);
	struct bulk_page g = {.action = page_hrefs(p, "/r/%.*s/bulk", STR_ARG(reg->id)),
		.move = b->move->id,
		.cancel = page_hrefs(p, "/r/%.*s", STR_ARG(reg->id)),
		.key = f.key,
		.reason = b->reason,
		.reason_fault = reason_fault,
		.top = top,
		.reason_needed = b->move->needs_reason,
		.any = b->fit_n > 0,
		.rows = NEWS(p->a, b->n + 1, struct bulk_row)};
	g.heading = arena_fmt(p->a, trn("%.*s: %zu row", "%.*s: %zu rows", (long long)b->fit_n),
		STR_ARG(label_text(&b->move->label)), b->fit_n);
	g.verb = g.heading;
	g.left_words = b->fit_n < b->n
			       ? arena_fmt(p->a,
					 trn("%zu row stays as it is: it is in another state, or not yours.",
						 "%zu rows stay as they are: in another state, or not yours.",
						 (long long)(b->n - b->fit_n)),
					 b->n - b->fit_n)
			       : STR("");
	for (size_t i = 0; i < b->n; i++)
		g.rows[g.rows_n++] = (struct bulk_row){.id = arena_fmt(p->a, "%lld", (long long)b->ids[i]),
			.title = record_title(p, b->rows[i]),
			.href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(reg->id), (long long)b->ids[i]),
			.chip = state_chip(reg, b->rows[i]->state),
			.fits = b->fits[i]};
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, reg->group);
	shell_crumb(p, &g.shell, label_text(&reg->label), g.cancel);
	tpl_bulk(page_out(p), &g);
}

static enum rc bulk_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct bulk *b = arg;
	for (size_t i = 0; i < b->n; i++) {
		if (!b->fits[i])
			continue;
		enum rc rc =
			record_do(c, b->reg, b->ids[i], b->versions[i], b->move, NULL, 0, b->reason, err);
		if (rc != RC_OK)
			return err_at(err, rc, "#%lld", (long long)b->ids[i]);
	}
	c->action = arena_fmt(c->a, "do:%.*s", STR_ARG(b->move->id));
	c->subject =
		arena_fmt(c->a, "%.*s:%lld+%zu", STR_ARG(b->reg->id), (long long)b->ids[0], b->fit_n - 1);
	return RC_OK;
}

static void bulk_written(struct page *p, const struct job *job)
{
	const struct bulk *b = job->arg;
	page_go(p, page_hrefs(p, "/r/%.*s?state=%.*s", STR_ARG(b->reg->id), STR_ARG(b->move->to)));
}

/* All of them or none: what one row refuses leaves the others as they were. */
static enum rc bulk_refused(struct page *p, const struct job *job, struct err *err)
{
	struct bulk *b = job->arg;
	(void)err;
	p->q->out.status = job->rc == RC_INVALID ? 422 : error_status(job->rc);
	bulk_show(p, b, arena_str(p->a, str_of(job->err.text)), STR(""));
	return RC_OK;
}

static enum rc bulk_sent(struct page *p, struct err *err)
{
	struct bulk *b = NEW(p->a, struct bulk);
	TRY(bulk_read(p, b, err));
	if (!str_is(page_input(p, "_act"), "do")) {
		bulk_show(p, b, STR(""), STR(""));
		return RC_OK;
	}
	if (b->move->needs_reason && b->reason.n == 0) {
		p->q->out.status = 422;
		bulk_show(p, b, STR(""), str_of(tr("This is needed.")));
		return RC_OK;
	}
	if (b->fit_n == 0)
		return FAIL(err, RC_INVALID, "none of these rows can be changed so");
	str key = b->key.n ? arena_fmt(p->a, "form:%.*s", STR_ARG(b->key)) : STR("");
	page_write(p, bulk_run, b, key, bulk_written, bulk_refused);
	return RC_OK;
}

static const struct input views_inputs[] = {{"label", INPUT_TEXT, 40, false},
	{"query", INPUT_TEXT, 2000, false}, {"drop", INPUT_WORD, 20, false}, {0}};
static const struct input export_inputs[] = {{"format", INPUT_WORD, 8, false},
	{"state", INPUT_WORD, 0, false}, {"where", INPUT_TEXT, 500, false}, {"sort", INPUT_WORD, 60, false},
	{0}};
static const struct input bulk_inputs[] = {{"move", INPUT_WORD, 40, true}, {"id", INPUT_ID, 0, false},
	{"_reason", INPUT_TEXT, 1000, false}, {"_key", INPUT_WORD, 64, false}, {"_act", INPUT_ACT, 8, false},
	{0}};

const struct route routes_list[] = {
	{"POST", "/r/{register}/views", views_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, views_inputs, ROUTE_QUICK},
	{"GET", "/r/{register}/export", export_shown, ACCESS_SIGNED_IN, CSRF_READ_ONLY, export_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY | ROUTE_FILE},
	{"POST", "/r/{register}/bulk", bulk_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, bulk_inputs, ROUTE_QUICK},
	{0},
};
