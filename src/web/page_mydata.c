/* page_mydata.c -- /me/data: see page_mydata.h. */
#include "web/page_mydata.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/account.h"
#include "guard/role.h"
#include "net/download.h"
#include "register/gate.h"
#include "register/own.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { READS_SHOWN = 50 };

/* The person asked about: oneself, or a child of whom one is guardian. */
static enum rc whose(struct page *p, int64_t *out, struct err *err)
{
	int64_t child = page_input_id(p, "child");
	*out = child ? child : p->r.actor.person;
	return own_may(&p->r, *out, err);
}

static bool count(void *user, const struct record *rec)
{
	(void)rec;
	++*(int64_t *)user;
	return true;
}

static enum rc registers(struct page *p, struct mydata_page *g, int64_t person, struct err *err)
{
	const struct model *m = p->site->city->model;
	g->registers = NEWS(p->a, m->regs_n, struct mydata_register);
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *reg = &m->regs[i];
		int64_t n = 0;
		TRY(own_each(&p->r, person, reg, count, &n, err));
		if (n == 0)
			continue;
		g->registers[g->registers_n++] = (struct mydata_register){.label = label_text(&reg->label),
			.holds = label_text(&reg->holds),
			.keep = str_is(reg->keep, "forever") ? str_of(tr("for good"))
							     : keep_words(p, reg->keep),
			.rows = arena_fmt(p->a, trn("%lld row", "%lld rows", n), (long long)n)};
	}
	return RC_OK;
}

static enum rc named(struct page *p, struct mydata_page *g, int64_t person, struct err *err)
{
	struct own_named *list;
	size_t n;
	TRY(own_names(&p->r, person, &list, &n, err));
	g->named = NEWS(p->a, n + 1, struct mydata_named);
	for (size_t i = 0; i < n; i++)
		g->named[g->named_n++] = (struct mydata_named){.label = label_text(&list[i].reg->label),
			.as = label_text(&list[i].field->label),
			.rows = arena_fmt(
				p->a, trn("%lld row", "%lld rows", list[i].rows), (long long)list[i].rows)};
	return RC_OK;
}

static str reader_words(struct page *p, int64_t who)
{
	if (who == 0)
		return str_of(tr("Operator"));
	return record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), who);
}

static str register_words(struct page *p, str ids)
{
	str out = {NULL, 0};
	for (str rest = ids; rest.n > 0;) {
		const struct reg *reg = model_reg(p->site->city->model, str_cut(rest, ' ', &rest));
		if (reg)
			out = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(out), out.n ? tr(", ") : "",
				STR_ARG(label_text(&reg->label)));
	}
	return out;
}

static enum rc reads(struct page *p, struct mydata_page *g, int64_t person, struct err *err)
{
	struct own_read *list;
	size_t n;
	TRY(own_reads(&p->r, person, &list, &n, err));
	TRY(own_missing(&p->r, &g->missing, err));
	g->reads = NEWS(p->a, n + 1, struct mydata_read);
	for (size_t i = 0; i < n && i < READS_SHOWN; i++)
		g->reads[g->reads_n++] = (struct mydata_read){.when = instant_words(p, list[i].at_ms),
			.who = reader_words(p, list[i].reader),
			.what = register_words(p, list[i].registers),
			.why = list[i].detail};
	return RC_OK;
}

struct asking {
	struct page *p;
	struct mydata_page *g;
	const struct reg *reg;
};

static str field_words(struct page *p, const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f ? value_words(p, rec, f) : STR("");
}

/* A sealed text that is the reader's own to see. */
static str own_text(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static bool request(void *user, const struct record *rec)
{
	struct asking *x = user;
	struct mydata_page *g = x->g;
	const struct field *due = reg_field(rec->reg, STR("due_on")),
			   *granted = reg_field(rec->reg, STR("granted"));
	int32_t by = DATE_NONE;
	size_t cap = g->requests_n;
	g->requests = arena_grow(x->p->a, g->requests, g->requests_n, &cap, sizeof *g->requests);
	struct mydata_request *q = &g->requests[g->requests_n++];
	*q = (struct mydata_request){.id = rec->id,
		.asked = field_words(x->p, rec, "asked_on"),
		.kind = field_words(x->p, rec, "kind"),
		.due = field_words(x->p, rec, "due_on"),
		.review = own_text(rec, "review"),
		.state = state_chip(rec->reg, rec->state).label};
	if (due && rec->values[due->at].kind == V_TEXT && date_parse(rec->values[due->at].t, &by))
		q->late = str_is(rec->state, "open") && by < clock_today();
	if (granted && rec->values[granted->at].kind == V_INT)
		q->answer =
			rec->values[granted->at].i ? str_of(tr("Done as asked.")) : own_text(rec, "refusal");
	q->appeal = own_text(rec, "appeal");
	q->may_object = str_is(rec->state, "answered") && granted && !rec->values[granted->at].i;
	return true;
}

static enum rc requests(struct page *p, struct mydata_page *g, int64_t person, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("data_request"));
	struct asking x = {p, g, reg};
	const struct field *kind = reg ? reg_field(reg, STR("kind")) : NULL;
	if (kind == NULL)
		return RC_OK;
	g->kinds = NEWS(p->a, kind->choices_n + 1, struct mydata_choice);
	for (size_t i = 0; i < kind->choices_n; i++)
		g->kinds[g->kinds_n++] =
			(struct mydata_choice){kind->choices[i].id, label_text(&kind->choices[i].label)};
	return own_each(&p->r, person, reg, request, &x, err);
}

static str name_of(struct page *p, int64_t person)
{
	return record_label_open(&p->r, model_reg(p->site->city->model, STR("person")), person);
}

static enum rc show(struct page *p, struct err *err)
{
	struct mydata_page g = {.child = page_input(p, "child"),
		.asked = page_input(p, "asked").n > 0,
		.objected = page_input(p, "objected").n > 0};
	int64_t person;
	TRY(whose(p, &person, err));
	g.name = name_of(p, person);
	g.copy_href = g.child.n ? arena_fmt(p->a, "/me/data/copy?child=%lld", (long long)person)
				: STR("/me/data/copy");
	g.consents_href = g.child.n ? arena_fmt(p->a, "/me/consents?child=%lld", (long long)person)
				    : STR("/me/consents");
	g.people = NEWS(p->a, p->r.actor.children_n + 2, struct mydata_child);
	for (size_t i = 0; i < p->r.actor.children_n; i++) {
		int64_t child = p->r.actor.children[i];
		if (i == 0)
			g.people[g.people_n++] =
				(struct mydata_child){p->who, STR("/me/data"), person == p->r.actor.person};
		g.people[g.people_n++] = (struct mydata_child){name_of(p, child),
			arena_fmt(p->a, "/me/data?child=%lld", (long long)child), person == child};
	}
	TRY(registers(p, &g, person, err));
	TRY(named(p, &g, person, err));
	TRY(requests(p, &g, person, err));
	TRY(reads(p, &g, person, err));
	shell_fill(p, &g.shell, str_of(tr("My data")), PLACE_ME, STR(""));
	tpl_mydata(page_out(p), &g);
	return RC_OK;
}

/* ---- the copy ---- */

static bool copy_row(void *user, const struct record *rec)
{
	record_json(user, rec);
	return true;
}

/* Where else the person is named: that it is so, not the rows, which are others' data. */
static enum rc copy_named(struct page *p, struct json *j, int64_t person, struct err *err)
{
	struct own_named *list;
	size_t n;
	TRY(own_names(&p->r, person, &list, &n, err));
	json_key(j, "named");
	json_array(j);
	for (size_t i = 0; i < n; i++) {
		json_object(j);
		json_put_str(j, "register", list[i].reg->id);
		json_put_str(j, "label", label_text(&list[i].reg->label));
		json_put_str(j, "as", list[i].field->id);
		json_put_i64(j, "rows", list[i].rows);
		if (list[i].first.n) {
			json_put_str(j, "first", list[i].first);
			json_put_str(j, "last", list[i].last);
		}
		json_object_end(j);
	}
	json_array_end(j);
	return RC_OK;
}

static enum rc copy_roles(struct page *p, struct json *j, int64_t person, struct err *err)
{
	struct role *list;
	size_t n;
	struct account account = {0};
	enum rc rc = account_by_person(p->r.db, p->a, person, &account, err);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	TRY(role_list(p->r.db, p->a, person, clock_today(), &list, &n, err));
	json_put_str(j, "account", account.handle);
	json_key(j, "roles");
	json_array(j);
	for (size_t i = 0; i < n; i++) {
		json_object(j);
		json_put_str(j, "role", list[i].role);
		json_put_i64(j, "org", list[i].org);
		json_put_str(j, "from", date_str(p->a, list[i].from));
		json_object_end(j);
	}
	json_array_end(j);
	return RC_OK;
}

static enum rc copy(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	struct own_read *list;
	size_t n;
	int64_t person;
	str missing;
	TRY(whose(p, &person, err));
	TRY(own_reads(&p->r, person, &list, &n, err));
	struct json j = page_json(p);
	json_object(&j);
	json_put_i64(&j, "person", person);
	TRY(own_missing(&p->r, &missing, err));
	if (missing.n)
		json_put_str(&j, "not_at_hand", missing);
	json_key(&j, "registers");
	json_array(&j);
	for (size_t i = 0; i < m->regs_n; i++) {
		int64_t rows = 0;
		TRY(own_each(&p->r, person, &m->regs[i], count, &rows, err));
		if (rows == 0)
			continue;
		json_object(&j);
		json_put_str(&j, "register", m->regs[i].id);
		json_put_str(&j, "label", label_text(&m->regs[i].label));
		json_put_str(&j, "purpose", m->regs[i].purpose);
		json_put_str(&j, "keep", m->regs[i].keep);
		json_key(&j, "rows");
		json_array(&j);
		TRY(own_each(&p->r, person, &m->regs[i], copy_row, &j, err));
		json_array_end(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
	TRY(copy_named(p, &j, person, err));
	TRY(copy_roles(p, &j, person, err));
	json_key(&j, "reads");
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		char at[INSTANT_TEXT_BYTES];
		instant_text(list[i].at_ms, at);
		json_object(&j);
		json_put_cstr(&j, "at", at);
		json_put_i64(&j, "by", list[i].reader);
		json_put_str(&j, "registers", list[i].registers);
		json_put_str(&j, "why", list[i].detail);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	http_download(p->q, STR("my-data.json"), "application/json");
	return RC_OK;
}

/* ---- asking ---- */

struct order {
	int64_t person;
	bool guardian;
	str kind;
};

static enum rc ask_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct order *x = arg;
	const struct reg *reg = model_reg(job_city(c)->model, STR("data_request"));
	struct record *who;
	const struct field *due = reg ? reg_field(reg, STR("due_on")) : NULL;
	int64_t id;
	int32_t by;
	if (due == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register data_request");
	TRY(gate_answer_by(c->a, clock_today(), &by, err));
	TRY(own_row(c, x->person, &who, err));
	struct entry e[] = {{reg_field(reg, STR("person")), {V_INT, x->person, {NULL, 0}}},
		{reg_field(reg, STR("asked_by")), {V_TEXT, 0, x->guardian ? STR("guardian") : STR("self")}},
		{reg_field(reg, STR("kind")), {V_TEXT, 0, x->kind}},
		{reg_field(reg, STR("asked_on")), {V_TEXT, 0, date_str(c->a, clock_today())}},
		{due, {V_TEXT, 0, date_str(c->a, by)}}};
	struct record_input in = {.reg = reg,
		.org = who->org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e,
		.state = STR("open"),
		.source = STR("form")};
	in.by_program[due->at / 64] |= (uint64_t)1 << (due->at % 64);
	return record_add(c, &in, &id, err);
}

static enum rc ask(struct page *p, struct err *err)
{
	struct order x = {.kind = page_input(p, "kind")};
	const struct reg *reg = model_reg(p->site->city->model, STR("data_request"));
	const struct field *kind = reg ? reg_field(reg, STR("kind")) : NULL;
	TRY(whose(p, &x.person, err));
	x.guardian = x.person != p->r.actor.person;
	if (kind == NULL || field_choice(kind, x.kind) == NULL)
		return FAIL(err, RC_INVALID, "“%.*s” is no kind of request", STR_ARG(x.kind));
	TRY(page_run(p, ask_job, &x, err));
	page_go(p, x.guardian ? arena_fmt(p->a, "/me/data?child=%lld&asked=1", (long long)x.person)
			      : STR("/me/data?asked=1"));
	return RC_OK;
}

/* ---- objecting to an answer ---- */

struct objection {
	int64_t id;
	str words;
};

static enum rc object_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct objection *x = arg;
	const struct reg *reg = model_reg(job_city(c)->model, STR("data_request"));
	const struct move *m = reg ? reg_move(reg, STR("contest")) : NULL;
	const struct field *f = reg ? reg_field(reg, STR("appeal")) : NULL;
	if (m == NULL || f == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register data_request");
	struct entry e = {f, {V_TEXT, 0, x->words}};
	return record_do(c, reg, x->id, 0, m, &e, 1, STR(""), err);
}

static enum rc object(struct page *p, struct err *err)
{
	struct objection x = {page_input_id(p, "id"), str_trim(page_input(p, "words"))};
	int64_t person;
	if (p->faults_n || x.words.n == 0)
		return FAIL(err, RC_INVALID, "say in a few words why you object");
	TRY(whose(p, &person, err));
	TRY(page_run(p, object_job, &x, err));
	page_go(p, person != p->r.actor.person
			   ? arena_fmt(p->a, "/me/data?child=%lld&objected=1", (long long)person)
			   : STR("/me/data?objected=1"));
	return RC_OK;
}

static const struct input data_object[] = {
	{"child", INPUT_ID, 0, false}, {"id", INPUT_ID, 0, true}, {"words", INPUT_TEXT, 1000, true}, {0}};
static const struct input data_get[] = {{"child", INPUT_ID, 0, false}, {"asked", INPUT_FLAG, 0, false},
	{"objected", INPUT_FLAG, 0, false}, {0}};
static const struct input data_ask[] = {{"child", INPUT_ID, 0, false}, {"kind", INPUT_WORD, 20, true}, {0}};

const struct route routes_mydata[] = {
	{"GET", "/me/data", show, ACCESS_SIGNED_IN, CSRF_READ_ONLY, data_get, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/me/data/copy", copy, ACCESS_SIGNED_IN, CSRF_READ_ONLY, data_get, ROUTE_SLOW | ROUTE_FILE},
	{"POST", "/me/data/object", object, ACCESS_SIGNED_IN, CSRF_TOKEN, data_object, ROUTE_SLOW},
	{"POST", "/me/data/ask", ask, ACCESS_SIGNED_IN, CSRF_TOKEN, data_ask, ROUTE_SLOW},
	{0},
};
