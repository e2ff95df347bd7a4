/* page_report_act.c -- what is done on the report desk: each is one job, then the page again. A remedy is a change of the text
 * (report/desk.h), refused where the new text is no template; sign-off and publishing keep what settle.h makes. */
#include "base/clock.h"
#include "base/utf8.h"
#include "guard/factor.h"
#include "register/permit.h"
#include "report/punctuate.h"
#include "report/settle.h"
#include "web/door.h"
#include "web/form.h"
#include "web/page_report.h"
#include "web/site_in.h"

const struct input report_act_inputs[] = {{"act", INPUT_ACT, 200, true}, {"id", INPUT_ID, 0, false},
	{"version", INPUT_ID, 0, false}, {"kind", INPUT_WORD, 20, false}, {"paragraph", INPUT_TEXT, 8, false},
	{"finding", INPUT_TEXT, 64, false}, {"text", INPUT_TEXT, 20000, false},
	{"reason", INPUT_TEXT, 500, false}, {"quote", INPUT_TEXT, 300, false},
	{"comment", INPUT_ID, 0, false}, {"code", INPUT_SECRET, 40, false}, {"title", INPUT_TEXT, 120, false},
	{"letterhead", INPUT_WORD, 20, false}, {"number", INPUT_TEXT, 40, false},
	{"addressee", INPUT_TEXT, 100, false}, {"copies", INPUT_TEXT, 200, false},
	{"signer", INPUT_TEXT, 20, false}, {0}};

struct order {
	struct signoff s;
	int64_t version, comment, made;
	const char *move;
	str body, reason, period_to, code;
	struct signoff_comment note;
	struct settled *settled;
	bool public;
};

static enum rc run_begin(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_begin(c, &o->s, o->period_to, &o->made, err);
}

static enum rc run_text(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_text(c, o->s.id, o->version, o->body, err);
}

static enum rc run_head(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_head(c, &o->s, o->version, err);
}

static enum rc run_move(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_move(c, o->s.id, o->version, o->move, o->reason, err);
}

static enum rc run_note(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_comment_add(c, o->s.id, o->s.org, &o->note, err);
}

static enum rc run_resolve(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_comment_move(c, o->comment, o->move, err);
}

static enum rc run_code(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return factor_prove(c, job_city(c)->seal, c->actor->person, o->code, err);
}

static enum rc run_keep(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	struct frozen report = o->settled->report, bundle = o->settled->bundle, table = o->settled->table;
	return signoff_keep(c, &o->s, o->version, o->public, &report, &bundle,
		o->settled->has_table ? &table : NULL, err);
}

/* ---- remedies ---- */

static bool paragraph_of(struct report_ctx *x, const struct desk_paragraph **out)
{
	int64_t i;
	if (!str_i64(page_input(x->p, "paragraph"), &i) || i < 0 || (size_t)i >= x->d.n)
		return false;
	*out = &x->d.paragraphs[i];
	return true;
}

static const struct desk_finding *finding_of(struct report_ctx *x)
{
	str key = page_input(x->p, "finding");
	for (size_t i = 0; key.n && i < x->d.findings_n; i++)
		if (str_eq(x->d.findings[i].key, key))
			return &x->d.findings[i];
	return NULL;
}

static str with_rule(struct report_ctx *x, str slot)
{
	return arena_fmt(x->p->a, "{{%.*s}}", STR_ARG(slot));
}

/* A table by unit at the end of the text, or out of it. */
static enum rc annexed(struct report_ctx *x, str id, bool add, str *out, struct err *err)
{
	struct arena *a = x->p->a;
	const struct report_declared *d;
	str line = arena_fmt(a, "{{annex %.*s}}", STR_ARG(id));
	TRY(report_source_declared(&x->source, &d, err));
	if (annex_of(d, id) == NULL)
		return FAIL(err, RC_INVALID, "reports/desk.yaml declares no annex “%.*s”", STR_ARG(id));
	size_t at = str_find(x->body, line);
	*out = x->body;
	if (add && at == SIZE_MAX)
		*out = arena_fmt(a, "%.*s\n\n%.*s\n", STR_ARG(x->body), STR_ARG(line));
	if (!add && at != SIZE_MAX)
		*out = arena_fmt(a, "%.*s\n%.*s\n", STR_ARG(str_trim(str_head(x->body, at))),
			STR_ARG(str_from(x->body, at + line.n)));
	return RC_OK;
}

/* The text after the remedy; RC_INVALID where there is no such thing to mend. */
static enum rc mended(struct report_ctx *x, str act, str rest, str *out, struct err *err)
{
	struct arena *a = x->p->a;
	const struct desk_paragraph *d;
	const struct desk_finding *f = finding_of(x);
	str body = x->body;
	size_t n;
	if (str_is(act, "punctuate")) {
		*out = punctuate(a, body, &n);
		return RC_OK;
	}
	if (str_is(act, "annex") || str_is(act, "annex_out"))
		return annexed(x, rest, str_is(act, "annex"), out, err);
	if (!paragraph_of(x, &d))
		return FAIL(err, RC_INVALID, "This paragraph is no longer there. Look at the report again.");
	bool literal = f && f->n;
	if (str_is(act, "text"))
		*out = desk_replace(a, body, d, 0, d->source.n, str_trim(page_input(x->p, "text")));
	else if (str_is(act, "use") && literal)
		*out = desk_replace(a, body, d, f->at, f->n, with_rule(x, rest));
	else if (str_is(act, "full") && literal)
		*out = desk_replace(
			a, body, d, f->at, f->n, with_rule(x, arena_fmt(a, "full %.*s", STR_ARG(rest))));
	else if (str_is(act, "drop") && literal)
		*out = desk_drop_sentence(a, body, d, f->at);
	else if (str_is(act, "guard"))
		*out = desk_guard(a, body, d, rest);
	else if (str_is(act, "state")) {
		const struct figure *g = model_figure(x->p->site->city->model, rest);
		*out = g ? desk_state_zero(a, body, d, rest, g->label.zh) : body;
	} else if (str_is(act, "write")) {
		size_t bar = rest.n;
		while (bar > 0 && rest.p[bar - 1] != '|')
			bar--;
		*out = bar ? desk_rewrite(a, body, d, str_head(rest, bar - 1), str_from(rest, bar)) : body;
	} else
		return FAIL(err, RC_INVALID, "This finding is no longer there. Look at the report again.");
	return RC_OK;
}

static enum rc still_template(struct report_ctx *x, str body, struct err *err)
{
	struct desk d = {.a = x->p->a, .source = &x->source.source};
	TRY(desk_look(&d, body, err));
	for (size_t i = 0; i < d.findings_n; i++)
		if (d.findings[i].kind == DESK_FAULT)
			return FAIL(err, RC_INVALID, "%.*s", STR_ARG(d.findings[i].text));
	return RC_OK;
}

static enum rc mend(struct report_ctx *x, struct order *o, str act, str rest, struct err *err)
{
	if (!x->editable)
		return FAIL(err, RC_DENIED, "The text of a report changes only while it is a draft.");
	TRY(mended(x, act, rest, &o->body, err));
	if (str_eq(o->body, x->body))
		return RC_OK;
	TRY(still_template(x, o->body, err));
	return page_run(x->p, run_text, o, err);
}

/* ---- the steps ---- */

static str title_of(struct report_ctx *x)
{
	struct page *p = x->p;
	str org = page_org_name(p, p->org);
	const struct reg *reg = model_reg(p->site->city->model, STR("report_edition"));
	const struct field *f = reg_field(reg, STR("kind"));
	for (size_t i = 0; i < f->choices_n; i++)
		if (str_eq(f->choices[i].id, x->kind))
			return period_whole_year(&p->period) && str_is(x->kind, "year")
				       ? arena_fmt(p->a, "%.*s%d年关心下一代工作情况报告", STR_ARG(org),
						 date_ymd(p->period.from).year)
				       : arena_fmt(p->a, "%.*s%.*s%.*s", STR_ARG(org),
						 STR_ARG(period_name(p->a, &p->period, true)),
						 STR_ARG(f->choices[i].label.zh));
	return org;
}

static enum rc begin(struct report_ctx *x, struct order *o, struct err *err)
{
	struct page *p = x->p;
	bool again = x->s.id != 0;
	if (again && !str_is(x->s.state, "signed") && !str_is(x->s.state, "published") &&
		!str_is(x->s.state, "taken_down"))
		return FAIL(err, RC_CONFLICT, "This report has been begun already.");
	if (again) /* a revision: the text and the head of the edition before */
		TRY(signoff_newest(&p->r, p->org, x->kind, x->name, &o->s, err));
	else
		o->s = (struct signoff){.org = p->org,
			.kind = x->kind,
			.period = x->name,
			.title = title_of(x),
			.body = x->body,
			.letterhead = report_letterhead(x)};
	o->s.serial++;
	o->period_to = date_str(p->a, p->period.to - 1);
	return page_run(p, run_begin, o, err);
}

static enum rc head(struct report_ctx *x, struct order *o, struct err *err)
{
	struct page *p = x->p;
	if (!x->editable)
		return FAIL(err, RC_DENIED, "The text of a report changes only while it is a draft.");
	o->s.title = page_input(p, "title").n ? page_input(p, "title") : x->s.title;
	o->s.letterhead = page_input(p, "letterhead");
	o->s.number = page_input(p, "number");
	o->s.addressee = page_input(p, "addressee");
	o->s.copies = page_input(p, "copies");
	o->s.signer = page_input(p, "signer");
	return page_run(p, run_head, o, err);
}

static enum rc send(struct report_ctx *x, struct order *o, struct err *err)
{
	if (x->d.must || x->open_n)
		return FAIL(err, RC_INVALID, "%zu findings and %zu comments bar signing. Mend them first.",
			x->d.must, x->open_n);
	o->move = "send";
	return page_run(x->p, run_move, o, err);
}

/* The code of the authenticator once more: a signature is not a session's, it is a person's. */
static enum rc prove(struct report_ctx *x, struct order *o, struct err *err)
{
	struct page *p = x->p;
	struct attempt t = door_attempt(p, arena_fmt(p->a, "sign:%lld", (long long)p->r.actor.person));
	struct err told;
	str slow;
	o->code = page_input(p, "code");
	if (p->by_bearer)
		return FAIL(
			err, RC_DENIED, "A report is signed off by a person at a page, not by a program.");
	if (door_slow(p, &t, p->r.actor.person, &slow)) {
		x->code_fault = slow;
		return FAIL(err, RC_LIMIT, "%.*s", STR_ARG(slow));
	}
	if (page_run(p, run_code, o, &told) == RC_OK)
		return RC_OK;
	limiter_failed(p->site->limiter, &t, clock_now_ms());
	x->code_fault = arena_str(p->a, str_of(told.text));
	return FAIL(err, RC_DENIED, "%s", told.text);
}

static enum rc keep(struct report_ctx *x, struct order *o, bool public, struct err *err)
{
	struct page *p = x->p;
	struct settled settled;
	if (!signoff_may(&p->r, &x->s, public ? "publish" : "sign_off"))
		return FAIL(err, RC_DENIED, "The report waits for another step, or for another person.");
	if (!public && (x->d.must || x->open_n))
		return FAIL(err, RC_INVALID,
			"%zu findings and %zu comments bar signing, since records changed. Return it to its "
			"drafter.",
			x->d.must, x->open_n);
	struct docx_letterhead head;
	report_head_of(x, &head);
	TRY(settle(&p->r, &p->period, x->s.org, x->s.body, public, x->s.serial, &head, &settled, err));
	if (!public)
		TRY(prove(x, o, err));
	o->settled = &settled;
	o->public = public;
	return page_run(p, run_keep, o, err);
}

static enum rc comment(struct report_ctx *x, struct order *o, bool kept, struct err *err)
{
	struct page *p = x->p;
	const struct desk_finding *f = finding_of(x);
	if (x->s.id == 0)
		return FAIL(err, RC_INVALID, "The report has not been begun.");
	o->note = (struct signoff_comment){.kind = kept ? STR("kept") : STR("comment"),
		.body = str_trim(page_input(p, "reason")),
		.quote = page_input(p, "quote")};
	if (o->note.body.n == 0)
		return FAIL(err, RC_INVALID, "%s",
			kept ? tr("Say why it is kept.") : tr("Write what is to be said."));
	if (kept && (f == NULL || !desk_may_keep(f->kind) || !x->editable))
		return FAIL(err, RC_INVALID, "This finding cannot be kept.");
	if (kept) {
		o->note.finding = f->key;
		o->note.quote = f->what;
	} else if (o->note.quote.n == 0) {
		const struct desk_paragraph *d;
		if (paragraph_of(x, &d))
			o->note.quote = utf8_head(d->source, 90);
	}
	return page_run(p, run_note, o, err);
}

static enum rc plain_move(struct report_ctx *x, struct order *o, str act, struct err *err)
{
	static const char *const moves[] = {
		"withdraw", "check", "check_only", "cosign", "return", "take_down", "void"};
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if (str_is(act, moves[i])) {
			o->move = moves[i];
			o->reason = str_trim(page_input(x->p, "reason"));
			if (o->reason.n == 0 && str_is(act, "return"))
				x->reason_fault = str_of(tr("Say what is to be mended."));
			return page_run(x->p, run_move, o, err);
		}
	return FAIL(err, RC_INVALID, "There is no act “%.*s”.", STR_ARG(act));
}

static enum rc act(struct report_ctx *x, struct order *o, str name, str rest, struct err *err)
{
	static const char *const remedies[] = {
		"text", "use", "full", "drop", "guard", "state", "write", "punctuate", "annex", "annex_out"};
	for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
		if (str_is(name, remedies[i]))
			return mend(x, o, name, rest, err);
	if (str_is(name, "begin") || str_is(name, "revise"))
		return begin(x, o, err);
	if (x->s.id == 0)
		return FAIL(err, RC_INVALID, "The report has not been begun.");
	if (str_is(name, "head"))
		return head(x, o, err);
	if (str_is(name, "send"))
		return send(x, o, err);
	if (str_is(name, "sign_off") || str_is(name, "publish"))
		return keep(x, o, str_is(name, "publish"), err);
	if (str_is(name, "keep") || str_is(name, "comment"))
		return comment(x, o, str_is(name, "keep"), err);
	if (str_is(name, "resolve") || str_is(name, "reopen")) {
		o->comment = page_input_id(x->p, "comment");
		o->move = str_is(name, "resolve") ? "resolve" : "reopen";
		for (size_t i = 0; i < x->comments_n; i++)
			if (x->comments[i].id == o->comment)
				return page_run(x->p, run_resolve, o, err);
		return FAIL(err, RC_NOT_FOUND, "There is no such comment on this report.");
	}
	return plain_move(x, o, name, err);
}

/* What the leader typed wrong is told where it was typed. */
static enum rc at_the_field(struct report_ctx *x, enum rc rc, struct err *err)
{
	struct page *p = x->p;
	bool typed = x->code_fault.n || x->reason_fault.n;
	if (rc == RC_OK || !typed || p->json || !signoff_may(&p->r, &x->s, "sign_off"))
		return rc;
	TRY(report_leader_show(x, err));
	p->q->out.status = rc == RC_LIMIT ? 429 : rc == RC_DENIED ? 403 : 422;
	return RC_OK;
}

enum rc report_act(struct page *p, struct err *err)
{
	struct report_ctx x;
	enum rc rc = report_open(p, page_arg(p, 0), &x, err);
	if (rc == RC_OK) {
		struct order o = {.s = x.s, .version = page_input_id(p, "version")};
		str rest = {0}, name = str_cut(page_input(p, "act"), '|', &rest),
		    paragraph = page_input(p, "paragraph");
		int64_t number;
		rc = act(&x, &o, name, rest, err);
		/* A new edition is the newest: the address without ?id= names it. */
		if (rc == RC_OK && (str_is(name, "begin") || str_is(name, "revise")))
			page_go(p, page_href(p, x.query.n ? arena_fmt(p->a, "%.*s?%.*s", STR_ARG(x.address),
								    STR_ARG(x.query))
							  : x.address));
		else if (rc == RC_OK && str_i64(paragraph, &number) && number >= 0)
			page_go(p, report_here(&x, "#p%lld", (long long)number + 1));
		else if (rc == RC_OK)
			page_go(p, report_self(&x));
		rc = at_the_field(&x, rc, err);
	}
	report_close(&x);
	return rc;
}
