/* page_requests.c -- /requests: what residents ask about their data (copy, correction, deletion), with its clock; answered
 * or refused in writing here, and an objection reviewed by another person. Rows are those of the register data_request that the
 * actor may read: a standing authorisation for its purpose, of the own units. */
#include "base/clock.h"
#include "base/date.h"
#include "register/gate.h"
#include "register/permit.h"
#include "templates.h"
#include "web/page_mydata.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { OPEN_MAX = 200, DONE_MAX = 20 };

static const struct reg *requests_reg(struct page *p)
{
	return model_reg(p->site->city->model, STR("data_request"));
}

static str text(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static bool is_yes(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_INT && rec->values[f->at].i;
}

static str choice(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	const struct choice *c = f ? field_choice(f, text(rec, id)) : NULL;
	return c ? label_text(&c->label) : STR("");
}

/* The day by which an answer is due: of the request, or of the review of an objection. */
static int32_t due_of(struct page *p, const struct record *rec)
{
	int32_t day = DATE_NONE, from;
	if (str_is(rec->state, "appealed") && date_parse(text(rec, "appealed_on"), &from))
		return gate_answer_by(p->a, from, &day, NULL) == RC_OK ? day : DATE_NONE;
	return date_parse(text(rec, "due_on"), &day) ? day : DATE_NONE;
}

static void clock_fill(struct page *p, const struct record *rec, struct request_row *row)
{
	int32_t due = due_of(p, rec), left = due - clock_today();
	if (due == DATE_NONE)
		return;
	row->due = date_words(p, date_str(p->a, due));
	row->look = left < 0 ? "late" : left <= 5 ? "wait" : "info";
	row->left = left < 0    ? arena_fmt(p->a, trn("%d day overdue", "%d days overdue", -left), (int)-left)
		    : left == 0 ? str_of(tr("due today"))
				: arena_fmt(p->a, trn("%d day left", "%d days left", left), (int)left);
}

static bool may(struct page *p, const struct record *rec, const char *move)
{
	const struct move *m = reg_move(rec->reg, str_of(move));
	return m && permit_move(p->r.tree, &p->r.actor, rec, m, NULL) == RC_OK;
}

/* Did the actor give the answer that is objected to? */
static enum rc answered_by_me(struct page *p, const struct record *rec, bool *out, struct err *err)
{
	struct record_version *list;
	size_t n;
	*out = false;
	TRY(record_history(&p->r, rec->reg, rec->id, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		*out = *out || (str_is(list[i].kind, "do:answer") && list[i].actor == p->r.actor.person);
	return RC_OK;
}

static enum rc row_fill(struct page *p, const struct record *rec, struct request_row *row, struct err *err)
{
	int64_t person = rec->values[rec->reg->person->at].i;
	bool asks = str_is(rec->state, "open"), objected = str_is(rec->state, "appealed");
	*row = (struct request_row){.id = rec->id,
		.who = record_label(&p->r, model_reg(p->site->city->model, STR("person")), person),
		.kind = choice(rec, "kind"),
		.asked_by = choice(rec, "asked_by"),
		.asked = date_words(p, text(rec, "asked_on")),
		.unit = page_org_name(p, rec->org),
		.refusal = text(rec, "refusal"),
		.appeal = text(rec, "appeal"),
		.person_href = page_hrefs(p, "/r/person/%lld", (long long)person),
		.row_href = page_hrefs(p, "/r/data_request/%lld", (long long)rec->id),
		.look = ""};
	if (asks || objected) {
		clock_fill(p, rec, row);
		row->may_answer = asks && may(p, rec, "answer");
		row->may_review = objected && may(p, rec, "review");
		if (row->may_review)
			TRY(answered_by_me(p, rec, &row->own_answer, err));
		row->may_review = row->may_review && !row->own_answer;
		return RC_OK;
	}
	row->upheld = str_is(rec->state, "reviewed")
			      ? str_of(is_yes(rec, "upheld") ? tr("answer upheld") : tr("answer changed"))
		      : is_yes(rec, "granted") ? str_of(tr("done as asked"))
					       : str_of(tr("refused"));
	return RC_OK;
}

static enum rc fill(struct page *p, const char *where, const char *by, bool falling, int limit,
	struct request_row **out, size_t *out_n, struct err *err)
{
	const struct reg *reg = requests_reg(p);
	struct record_query q = {.reg = reg,
		.where = str_of(where),
		.limit = limit,
		.by = reg_field(reg, str_of(by)),
		.by_falling = falling};
	struct record **list;
	size_t n;
	TRY(record_list(&p->r, &q, &list, &n, err));
	*out = NEWS(p->a, n + 1, struct request_row);
	for (size_t i = 0; i < n; i++)
		TRY(row_fill(p, list[i], &(*out)[(*out_n)++], err));
	return RC_OK;
}

static enum rc requests_show(struct page *p, struct requests_page *g, struct err *err)
{
	const struct reg *reg = requests_reg(p);
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register data_request");
	g->authorised = permit_rows(reg, &p->r.actor);
	if (g->authorised) {
		TRY(fill(p, "state in ('open', 'appealed')", "due_on", false, OPEN_MAX, &g->open, &g->open_n,
			err));
		TRY(fill(p, "state in ('answered', 'reviewed')", "answered_on", true, DONE_MAX, &g->done,
			&g->done_n, err));
	}
	shell_fill(p, &g->shell, str_of(tr("Data requests")), PLACE_REGISTERS, reg->group);
	shell_crumb(
		p, &g->shell, group_label(reg->group), page_hrefs(p, "/registers/%.*s", STR_ARG(reg->group)));
	tpl_requests(page_out(p), g);
	return RC_OK;
}

static enum rc queue(struct page *p, struct err *err)
{
	struct requests_page g = {0};
	if (page_input(p, "done").n)
		g.told = str_of(tr("The answer is recorded; the person finds it under “My data”."));
	return requests_show(p, &g, err);
}

/* ---- answering ---- */

struct answer {
	int64_t id;
	bool review, yes;
	str words;
};

static enum rc answer_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct answer *x = arg;
	const struct reg *reg = model_reg(job_city(c)->model, STR("data_request"));
	const struct move *m = reg_move(reg, x->review ? STR("review") : STR("answer"));
	struct entry e[2] = {
		{reg_field(reg, x->review ? STR("upheld") : STR("granted")), {V_INT, x->yes, {NULL, 0}}},
		{reg_field(reg, x->review ? STR("review") : STR("refusal")), {V_TEXT, 0, x->words}}};
	if (m == NULL || e[0].field == NULL || e[1].field == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register data_request");
	return record_do(c, reg, x->id, 0, m, e, x->words.n ? 2 : 1, STR(""), err);
}

static enum rc answer(struct page *p, struct err *err)
{
	str act = page_input(p, "act");
	struct answer x = {.id = page_input_id(p, "id"), .words = str_trim(page_input(p, "words"))};
	struct requests_page g = {0};
	struct err told;
	x.review = str_is(act, "uphold") || str_is(act, "change");
	x.yes = str_is(act, "grant") || str_is(act, "uphold");
	if (!x.review && !str_is(act, "grant") && !str_is(act, "refuse"))
		return FAIL(err, RC_INVALID, "this form has no act “%.*s”", STR_ARG(str_head(act, 20)));
	if (x.yes && !x.review)
		x.words = (str){NULL, 0}; /* what was granted has no reason of refusal */
	enum rc rc = page_run(p, answer_job, &x, &told);
	if (rc == RC_OK) {
		page_go(p, STR("/requests?done=1"));
		return RC_OK;
	}
	if (rc == RC_DENIED || rc == RC_IO)
		return FAIL(err, rc, "%s", told.text);
	p->q->out.status = 422;
	g.fault = arena_str(p->a, str_of(told.text));
	g.fault_id = x.id;
	TRY(page_fresh(p, err));
	return requests_show(p, &g, err);
}

static const struct input queue_in[] = {{"done", INPUT_FLAG, 0, false}, {0}};
static const struct input answer_in[] = {
	{"id", INPUT_ID, 0, true}, {"act", INPUT_ACT, 10, true}, {"words", INPUT_TEXT, 1000, false}, {0}};

const struct route routes_requests[] = {
	{"GET", "/requests", queue, ACCESS_OFFICE, CSRF_READ_ONLY, queue_in, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/requests", answer, ACCESS_OFFICE, CSRF_TOKEN, answer_in, ROUTE_SLOW},
	{0},
};
