/* page_collection.c -- see page_collection.h; the meaning is service/coordination's. */
#include "web/page_collection.h"
#include "base/clock.h"
#include "base/date.h"
#include "service/coordination/collect_act.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"

static str counts_words(struct page *p, const struct coll *c)
{
	return arena_fmt(p->a, tr("%zu of %zu in, %zu missing, %zu returned, %zu nil"), c->in + c->merged,
		c->units_n, c->missing, c->returned, c->nil);
}

static bool is_late(const struct coll *c)
{
	int32_t due;
	return str_is(c->state, "issued") && c->missing + c->returned > 0 && date_parse(c->due_on, &due) &&
	       due < clock_today();
}

/* Before the deadline's own words: nobody waits for what is over. */
static str deadline_words(struct page *p, const struct coll *c)
{
	return str_is(c->state, "issued") ? coll_deadline(p->a, c, clock_today()) : STR("");
}

static void line(struct page *p, const struct coll *c, struct collection_line *out)
{
	struct chip chip = state_chip(page_reg(p, "collection"), c->state);
	*out = (struct collection_line){.title = c->title,
		.href = page_hrefs(p, "/collections/%lld", (long long)c->id),
		.unit = page_org_name(p, c->org),
		.counts = counts_words(p, c),
		.deadline = deadline_words(p, c),
		.state = chip.label,
		.look = chip.look,
		.late = is_late(c)};
	if (c->sent) {
		chip = state_chip(page_reg(p, "period_return"), c->sent_state);
		out->state = chip.label;
		out->look = chip.look;
	}
}

/* ---- JSON ---- */

static void put_head(struct json *j, const struct coll *c)
{
	json_put_i64(j, "id", c->id);
	json_put_str(j, "number", c->number);
	json_put_str(j, "title", c->title);
	json_put_i64(j, "org", c->org);
	json_put_bool(j, "asks", c->owner);
	json_put_str(j, "state", c->state);
	json_put_str(j, "due_on", c->due_on);
	json_put_i64(j, "units", (int64_t)c->units_n);
	json_put_i64(j, "missing", (int64_t)c->missing);
	json_put_i64(j, "submitted", (int64_t)c->in);
	json_put_i64(j, "returned", (int64_t)c->returned);
	json_put_i64(j, "merged", (int64_t)c->merged);
	json_put_i64(j, "nil", (int64_t)c->nil);
	json_put_str(j, "return_state", c->sent_state);
}

static void put_units(struct page *p, struct json *j, const struct coll *c)
{
	json_key(j, "replies");
	json_array(j);
	for (size_t i = 0; i < c->units_n; i++) {
		const struct coll_unit *u = &c->units[i];
		json_object(j);
		json_put_i64(j, "id", u->reply);
		json_put_i64(j, "org", u->org);
		json_put_str(j, "unit", u->name);
		json_put_str(j, "state", u->state);
		json_put_bool(j, "nil", u->nil);
		json_put_str(j, "answered_on", u->answered_on);
		json_key(j, "answers");
		json_object(j);
		for (size_t k = 0; u->answers && k < c->columns_n; k++)
			if (u->answers[k].kind != V_NULL) {
				json_key_str(j, c->columns[k].label.zh);
				json_str(j, value_plain(p->a, &c->columns[k], &u->answers[k]));
			}
		json_object_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

static enum rc one_json(struct page *p, const struct coll *c, struct err *err)
{
	struct coll_sum *sums = NULL;
	size_t n = 0;
	int64_t rows = 0;
	if (c->owner)
		TRY(coll_sums(&p->r, c, &sums, &n, &rows, err));
	struct json j = page_json(p);
	json_object(&j);
	put_head(&j, c);
	json_put_str(&j, "note", c->note);
	json_put_str(&j, "register", c->into);
	json_put_str(&j, "from", c->from);
	json_put_str(&j, "to", c->to);
	put_units(p, &j, c);
	json_put_i64(&j, "rows", rows);
	json_key(&j, "sums");
	json_object(&j);
	for (size_t i = 0; i < n; i++) {
		json_key_str(&j, sums[i].id);
		json_i64(&j, sums[i].value);
	}
	json_object_end(&j);
	json_object_end(&j);
	return RC_OK;
}

static void list_json(struct page *p, const struct coll *all, size_t n)
{
	struct json j = page_json(p);
	json_object(&j);
	json_key(&j, "collections");
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		json_object(&j);
		put_head(&j, &all[i]);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

/* ---- pages ---- */

static enum rc list(struct page *p, struct err *err)
{
	struct collections_page g = {0};
	struct coll *all;
	size_t n;
	TRY(coll_list(&p->r, &all, &n, err));
	if (p->json) {
		list_json(p, all, n);
		return RC_OK;
	}
	g.mine = NEWS(p->a, n + 1, struct collection_line);
	g.asked = NEWS(p->a, n + 1, struct collection_line);
	for (size_t i = 0; i < n; i++)
		line(p, &all[i], all[i].owner ? &g.mine[g.mine_n++] : &g.asked[g.asked_n++]);
	if (form_may_add(p, page_reg(p, "collection")))
		g.new_href = page_href(p, STR("/r/collection/new"));
	shell_fill(p, &g.shell, str_of(tr("Collections")), PLACE_COLLECTIONS, STR(""));
	tpl_collections(page_out(p), &g);
	return RC_OK;
}

/* ---- one ---- */

static str unit_code(struct page *p, int64_t org)
{
	struct record *rec;
	struct err err = {0};
	const struct reg *orgs = page_reg(p, "org");
	if (record_get(&p->r, orgs, org, &rec, &err) != RC_OK)
		return STR("");
	return rec->values[reg_field(orgs, STR("code"))->at].t;
}

/* Why an answer was sent back: of the change that did. */
static str returned_why(struct page *p, int64_t reply)
{
	struct record_version *v;
	struct err err = {0};
	size_t n;
	if (record_history(&p->r, page_reg(p, "collection_reply"), reply, &v, &n, &err) != RC_OK)
		return STR("");
	for (size_t i = 0; i < n; i++)
		if (str_is(v[i].kind, "do:return") && str_is(v[i].record->state, "returned"))
			return v[i].reason;
	return STR("");
}

/* 参加人数 23 · 经费 500.00 */
static str answers_words(struct page *p, const struct coll *c, const struct value *values)
{
	str out = STR("");
	for (size_t i = 0; i < c->columns_n; i++)
		if (values[i].kind != V_NULL) {
			str v = value_text(p->a, &c->columns[i], &values[i]);
			out = arena_fmt(p->a, "%.*s%s%.*s %.*s", STR_ARG(out), out.n ? " · " : "",
				STR_ARG(c->columns[i].label.zh), STR_ARG(v));
		}
	return out;
}

static void columns(struct page *p, const struct coll *c, struct collection_page *g)
{
	static const char *const kinds[T_SEALED_STRUCT + 1] = {[T_TEXT] = N_("text"),
		[T_INTEGER] = N_("number, summed"),
		[T_MONEY] = N_("amount in yuan, summed"),
		[T_DATE] = N_("date"),
		[T_BOOL] = N_("yes or no"),
		[T_CHOICE] = N_("one of several")};
	g->columns = NEWS(p->a, c->columns_n + 1, struct collection_column);
	for (size_t i = 0; i < c->columns_n; i++) {
		const struct field *f = &c->columns[i];
		g->columns[g->columns_n++] = (struct collection_column){.label = f->label.zh,
			.about = arena_fmt(
				p->a, "%s%s", tr(kinds[f->type]), f->required ? tr(", required") : "")};
	}
}

static void unit(struct page *p, const struct coll *c, const struct coll_unit *u, struct collection_unit *out)
{
	const struct reg *reg = page_reg(p, "collection_reply");
	struct chip chip = state_chip(reg, u->state);
	bool open = str_is(c->state, "issued");
	*out = (struct collection_unit){.reply = u->reply,
		.name = u->name,
		.state = u->nil && !str_is(u->state, "open") ? str_of(tr("nothing to tell")) : chip.label,
		.look = str_is(u->state, "open") ? "" : chip.look,
		.returns = open && page_may(p, "collection_reply", "return", u->reply, u->org, u->state),
		.submits = open && page_may(p, "collection_reply", "submit", u->reply, u->org, u->state)};
	if (str_is(u->state, "returned"))
		out->reason = returned_why(p, u->reply);
	else if (u->answered_on.n && !str_is(u->state, "open"))
		out->answered =
			u->rows_n ? arena_fmt(p->a, trn("%.*s, %lld row", "%.*s, %lld rows", u->rows_n),
					    STR_ARG(date_words(p, u->answered_on)), (long long)u->rows_n)
				  : date_words(p, u->answered_on);
	if (u->answers && !u->nil && !str_is(u->state, "open"))
		out->answers = answers_words(p, c, u->answers);
	if (!out->submits || c->owner)
		return;
	out->uploads = true;
	out->fetch_href =
		arena_fmt(p->a, "/collections/%lld/form/%lld", (long long)c->id, (long long)u->reply);
	if (c->columns_n)
		out->answer_href = arena_fmt(
			p->a, "/collections/%lld/answer/%lld", (long long)c->id, (long long)u->reply);
	else if (model_reg(p->site->city->model, c->into)) {
		out->fills = true;
		out->form_href = arena_fmt(
			p->a, "/r/%.*s/new?org=%.*s", STR_ARG(c->into), STR_ARG(unit_code(p, u->org)));
	} else
		out->uploads = false;
}

static void groups(struct page *p, const struct coll *c, struct collection_page *g)
{
	static const struct {
		const char *state, *label;
	} kinds[] = {{"open", N_("Missing")}, {"returned", N_("Sent back")}, {"submitted", N_("In")},
		{"accepted", N_("Merged")}};
	enum { KINDS = sizeof kinds / sizeof *kinds };
	g->groups = NEWS(p->a, KINDS, struct collection_group);
	for (size_t k = 0; k < KINDS; k++) {
		struct collection_group *x = &g->groups[g->groups_n];
		x->units = NEWS(p->a, c->units_n + 1, struct collection_unit);
		for (size_t i = 0; i < c->units_n; i++)
			if (str_is(c->units[i].state, kinds[k].state))
				unit(p, c, &c->units[i], &x->units[x->units_n++]);
		x->id = str_of(kinds[k].state);
		x->label = str_of(tr(kinds[k].label));
		x->n = arena_fmt(p->a, "%zu", x->units_n);
		g->groups_n += x->units_n > 0;
	}
}

/* The value that went up, of the lines FIGURE=VALUE; false: the figure is not among them. */
static bool sent_value(const struct coll *c, str id, int64_t *out)
{
	for (str rest = c->sums; rest.n;) {
		str after, value, one = str_cut(rest, '\n', &after), name = str_cut(one, '=', &value);
		if (str_eq(name, id))
			return str_i64(value, out);
		rest = after;
	}
	return false;
}

static enum rc sums(struct page *p, const struct coll *c, struct collection_page *g, struct err *err)
{
	struct coll_sum *list;
	size_t n;
	int64_t rows, before = 0;
	TRY(coll_sums(&p->r, c, &list, &n, &rows, err));
	g->sums = NEWS(p->a, n + 1, struct collection_sum);
	for (size_t i = 0; i < n; i++) {
		bool known = c->sent && sent_value(c, list[i].id, &before);
		g->sums[g->sums_n++] = (struct collection_sum){.label = list[i].label,
			.text = list[i].text,
			.unit = list[i].unit,
			.href = c->columns_n ? STR("") : page_hrefs(p, "/figures/%.*s", STR_ARG(list[i].id)),
			.changed = known && before != list[i].value,
			.sent = known && before != list[i].value
					? arena_fmt(p->a, tr("sent as %lld, corrected since"),
						  (long long)before)
					: STR("")};
	}
	if (c->columns_n) {
		g->rows_label = arena_fmt(p->a,
			trn("%lld answer as a sheet", "%lld answers as a sheet", rows), (long long)rows);
		if (rows)
			g->rows_href = arena_fmt(p->a, "/collections/%lld/sheet", (long long)c->id);
	}
	if (model_reg(p->site->city->model, c->into) == NULL)
		return RC_OK;
	g->rows_label = arena_fmt(p->a, trn("%lld row in all", "%lld rows in all", rows), (long long)rows);
	g->rows_href = arena_fmt(p->a, "/r/%.*s?org=%.*s&period=%.*s..%.*s", STR_ARG(c->into),
		STR_ARG(unit_code(p, c->org)), STR_ARG(c->from), STR_ARG(c->to));
	return RC_OK;
}

static str link_of(struct page *p, int64_t id)
{
	str host = http_header(p->q, "Host");
	if (p->site->c.origin)
		return arena_fmt(p->a, "%s/collections/%lld", p->site->c.origin, (long long)id);
	return arena_fmt(p->a, "%s://%.*s/collections/%lld", p->site->c.cert_file ? "https" : "http",
		STR_ARG(host), (long long)id);
}

static void duties(struct page *p, const struct coll *c, struct collection_page *g)
{
	bool sendable = c->sent == 0 || str_is(c->sent_state, "returned") || str_is(c->sent_state, "draft");
	str from = c->sent ? c->sent_state : STR("draft");
	g->issues = page_may(p, "collection", "issue", c->id, c->org, c->state);
	g->copies = str_is(c->state, "issued") && c->owner &&
		    page_may(p, "collection", "close", c->id, c->org, c->state);
	g->closes = page_may(p, "collection", "close", c->id, c->org, c->state);
	g->merges = c->in > 0 && g->copies;
	g->sends = sendable && c->in == 0 && c->merged > 0 && c->from.n &&
		   page_may(p, "period_return", "send", 0, c->org, from);
	g->merge_label =
		arena_fmt(p->a, trn("Merge %zu answer", "Merge %zu answers", (long long)c->in), c->in);
	if (g->copies)
		g->text = coll_text(p->a, c, link_of(p, c->id), clock_today());
	if (c->announced_on.n)
		g->copied = arena_fmt(p->a, tr("Last copied: %.*s"), STR_ARG(date_words(p, c->announced_on)));
	if (str_eq(c->announced_on, date_str(p->a, clock_today())))
		g->copies = false;
	if (c->sent) {
		g->sent = true;
		g->sent_words = arena_fmt(p->a,
			tr("Sent up on %.*s. The period is locked; what changes now is a correction with its "
			   "reason, agreed to by a second person and seen by both levels."),
			STR_ARG(date_words(p, c->sent_on)));
		g->correction_href = page_href(p, STR("/r/correction/new"));
		g->corrections_href = page_href(p, STR("/r/correction"));
	}
}

static str span_words(struct page *p, const struct coll *c)
{
	if (c->from.n == 0)
		return STR("");
	return arena_fmt(p->a, "%.*s – %.*s", STR_ARG(date_words(p, c->from)), STR_ARG(date_words(p, c->to)));
}

static enum rc one(struct page *p, struct err *err)
{
	struct coll c;
	int64_t id;
	if (!str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "There is no collection #%lld.", 0LL);
	TRY(coll_read(&p->r, id, &c, err));
	if (p->json)
		return one_json(p, &c, err);
	struct chip chip = state_chip(page_reg(p, "collection"), c.state);
	struct collection_page g = {.heading = c.title,
		.owner = c.owner,
		.unit = page_org_name(p, c.org),
		.due = date_words(p, c.due_on),
		.deadline = deadline_words(p, &c),
		.late = is_late(&c),
		.state = chip.label,
		.look = chip.look,
		.draft = str_is(c.state, "draft"),
		.span = span_words(p, &c),
		.note = c.note,
		.action = arena_fmt(p->a, "/collections/%lld", (long long)id),
		.counts = counts_words(p, &c)};
	if (c.tenths_of_hours >= 0)
		g.hours = arena_fmt(p->a, tr("about %lld.%lld person-hours"),
			(long long)(c.tenths_of_hours / 10), (long long)(c.tenths_of_hours % 10));
	if (c.owner)
		g.edit_href = page_hrefs(p, "/r/collection/%lld", (long long)id);
	if (c.owner && g.draft && c.into.n == 0)
		g.asks_href = page_hrefs(p, "/r/collection/%lld/asks", (long long)id);
	if (c.owner && str_is(c.state, "issued") &&
		page_may(p, "collection", "close", c.id, c.org, c.state) && (c.columns_n || c.into.n))
		g.drop_action = arena_fmt(p->a, "/collections/%lld/sheet", (long long)id);
	columns(p, &c, &g);
	groups(p, &c, &g);
	duties(p, &c, &g);
	if (c.owner)
		TRY(sums(p, &c, &g, err));
	if (page_input(p, "done").n)
		g.told = str_of(tr("Done."));
	shell_fill(p, &g.shell, c.title, PLACE_COLLECTIONS, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Collections")), page_href(p, STR("/collections")));
	tpl_collection(page_out(p), &g);
	return RC_OK;
}

/* ---- doing ---- */

struct order {
	int64_t id, reply, n, rows;
	str act, reason;
	struct coll c;
	struct coll_sum *sums;
	size_t sums_n;
};

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *x = arg;
	if (str_is(x->act, "issue"))
		return collect_issue(c, x->id, err);
	if (str_is(x->act, "copied"))
		return collect_announce(c, x->id, err);
	if (str_is(x->act, "merge"))
		return collect_merge(c, x->id, &x->n, err);
	if (str_is(x->act, "close"))
		return collect_close(c, x->id, err);
	if (str_is(x->act, "send"))
		return collect_send(c, &x->c, x->sums, x->sums_n, x->rows, &x->n, err);
	if (str_is(x->act, "return"))
		return collect_return(c, x->reply, x->reason, err);
	if (str_is(x->act, "submit") || str_is(x->act, "nil"))
		return collect_answer(c,
			&(struct collect_answer){.reply = x->reply,
				.nil = str_is(x->act, "nil"),
				.rows_n = -1,
				.import_no = -1},
			err);
	return FAIL(err, RC_INVALID, "“%.*s” is nothing that can be done here", STR_ARG(x->act));
}

static enum rc act(struct page *p, struct err *err)
{
	struct order x = {.act = page_input(p, "act"),
		.reply = page_input_id(p, "reply"),
		.reason = page_input(p, "reason")};
	bool of_unit = false;
	if (p->faults_n)
		return FAIL(err, RC_INVALID, "%.*s: %.*s", STR_ARG(p->faults[0].name),
			STR_ARG(p->faults[0].value));
	if (!str_i64(page_arg(p, 0), &x.id))
		return FAIL(err, RC_NOT_FOUND, "There is no collection #%lld.", 0LL);
	TRY(coll_read(&p->r, x.id, &x.c, err));
	for (size_t i = 0; i < x.c.units_n; i++)
		of_unit = of_unit || x.c.units[i].reply == x.reply;
	if (x.reply && !of_unit)
		return FAIL(err, RC_NOT_FOUND, "There is no reply #%lld.", (long long)x.reply);
	if (str_is(x.act, "send"))
		TRY(coll_sums(&p->r, &x.c, &x.sums, &x.sums_n, &x.rows, err));
	TRY(page_run(p, job, &x, err));
	page_go(p, arena_fmt(p->a, "/collections/%lld?done=1", (long long)x.id));
	return RC_OK;
}

static const struct input done_input[] = {{"done", INPUT_FLAG, 0, false}, {0}};
static const struct input act_inputs[] = {
	{"act", INPUT_ACT, 20, true}, {"reply", INPUT_ID, 0, false}, {"reason", INPUT_TEXT, 300, false}, {0}};

const struct route routes_collection[] = {
	{"GET", "/collections", list, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{"GET", "/collections/{id}", one, ACCESS_SIGNED_IN, CSRF_READ_ONLY, done_input, ROUTE_SLOW},
	{"POST", "/collections/{id}", act, ACCESS_SIGNED_IN, CSRF_TOKEN, act_inputs, ROUTE_SLOW},
	{0},
};
