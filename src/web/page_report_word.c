/* page_report_word.c -- Word files that others wrote: last year's becomes a report's draft (adopt), an edited one gets today's
 * numbers (refresh). The file is parsed in the box; what came of it lies sealed among the files (kept.h) until it is fetched,
 * and is swept after a day. */
#include "base/rand.h"
#include "base/utf8.h"
#include "figure/frozen.h"
#include "guard/files.h"
#include "guard/kept.h"
#include "net/download.h"
#include "register/attach.h"
#include "report/adopt.h"
#include "report/refresh.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_report.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { LINES_MAX = 600 };

static void show(struct page *p, struct report_word_page *g)
{
	g->action = page_href(p, g->adopts ? STR("/report/adopt") : STR("/report/refresh"));
	g->heading = str_of(g->adopts ? tr("Begin from last year's Word file") : tr("Renew a Word file"));
	g->lead = str_of(
		g->adopts
			? tr("Each number of last year's text becomes a proposed figure for you to confirm; "
			     "a "
			     "number that no figure is near stays open. None is copied.")
			: tr("A .docx that was written here and edited by others gets today's numbers. Their "
			     "words stay; numbers typed by hand are listed."));
	g->verb = str_of(g->adopts ? tr("Make a draft of it") : tr("Renew the numbers"));
	if (g->year.n == 0)
		g->year = arena_fmt(p->a, "%d", site_year(p->site));
	shell_fill(p, &g->shell, g->heading, PLACE_REPORT, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("Reports")), page_href(p, STR("/report/list")));
	tpl_report_word(page_out(p), g);
}

static enum rc may_adopt(struct page *p, struct err *err)
{
	return form_may_add(p, model_reg(p->site->city->model, STR("report_edition")))
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "you may not add rows to this register");
}

enum rc report_word_adopt(struct page *p, struct err *err)
{
	struct report_word_page g = {.adopts = true};
	TRY(may_adopt(p, err));
	show(p, &g);
	return RC_OK;
}

enum rc report_word_refresh(struct page *p, struct err *err)
{
	struct report_word_page g = {0};
	(void)err;
	show(p, &g);
	return RC_OK;
}

static void again(struct page *p, bool adopts, str fault)
{
	struct report_word_page g = {.adopts = adopts, .fault = fault, .year = page_input(p, "year")};
	p->q->out.status = 422;
	show(p, &g);
}

/* The file of the form and the year it is for. False: the form again, with what is amiss. */
static bool taken(struct page *p, bool adopts, str *out)
{
	const struct part *file = page_file(p, "file");
	struct err why = {0};
	if (file == NULL || file->bytes.n == 0 || file->bytes.n > FILE_MAX_BYTES) {
		again(p, adopts,
			str_of(file && file->bytes.n ? tr("The file is larger than 20 MB.")
						     : tr("Choose a file first.")));
		return false;
	}
	if (period_parse(p->a, page_input(p, "year"), &p->period, &why) != RC_OK) {
		again(p, adopts, arena_str(p->a, str_of(why.text)));
		return false;
	}
	*out = file->bytes;
	return true;
}

/* ---- adopt: a draft of a report ---- */

struct beginning {
	struct signoff s;
	str period_to;
	int64_t id;
};

static enum rc run_begin(struct job_ctx *c, void *arg, struct err *err)
{
	struct beginning *b = arg;
	return signoff_begin(c, &b->s, b->period_to, &b->id, err);
}

static str title_in(struct page *p, str body)
{
	str rest, first = str_cut(body, '\n', &rest);
	while (str_starts(first, STR("#")) || str_starts(first, STR(" ")))
		first = str_from(first, 1);
	/* A title is a text of the register: its slots are for the sheet. */
	return str_find(first, STR("{{")) == SIZE_MAX && first.n
		       ? utf8_head(first, 300)
		       : arena_fmt(p->a, "%.*s%.*s工作情况报告", STR_ARG(page_org_name(p, p->org)),
				 STR_ARG(period_name(p->a, &p->period, true)));
}

static enum rc adopt_draft(struct page *p, struct adopt *ad, str body, struct beginning *b, struct err *err)
{
	str kind = report_kind_of(&p->period);
	struct signoff newest;
	TRY(signoff_newest(&p->r, p->org, kind, p->period.text, &newest, err));
	(void)ad;
	if (newest.id && str_is(newest.state, "draft"))
		return FAIL(err, RC_CONFLICT,
			"A draft of this report exists already; void it first, or write in it.");
	if (newest.id && !str_is(newest.state, "signed") && !str_is(newest.state, "published") &&
		!str_is(newest.state, "taken_down"))
		return FAIL(err, RC_CONFLICT, "This report is on its way already.");
	b->s = (struct signoff){.org = p->org,
		.kind = kind,
		.period = p->period.text,
		.serial = newest.id ? newest.serial + 1 : 1,
		.title = title_in(p, body),
		.body = body,
		.letterhead = STR("document")};
	b->period_to = date_str(p->a, p->period.to - 1);
	return page_run(p, run_begin, b, err);
}

static void adopt_lines(struct page *p, const struct adopt *ad, struct report_word_page *g)
{
	g->lines = NEWS(p->a, ad->n + 1, struct report_word_line);
	for (size_t i = 0; i < ad->n && g->lines_n < LINES_MAX; i++) {
		const struct adopt_item *it = &ad->items[i];
		str words = it->kind == ADOPT_OPEN ? str_of(tr("open: no figure is near")) : STR("");
		if (it->kind == ADOPT_FIGURE) {
			const struct figure *f = model_figure(p->site->city->model, it->near[0].figure->id);
			words = arena_fmt(p->a, tr("%.*s, %d of 100%s"),
				STR_ARG(f ? label_text(&f->label) : it->near[0].figure->id), it->confidence,
				it->near[0].agrees ? tr(", last year's value agrees") : "");
		}
		g->lines[g->lines_n++] = (struct report_word_line){
			.where = arena_fmt(p->a, tr("paragraph %zu"), it->paragraph),
			.text = it->what,
			.slot = it->slot,
			.words = words,
			.tone = it->kind == ADOPT_OPEN                            ? "danger"
				: it->kind == ADOPT_FIGURE && it->confidence < 40 ? "warn"
										  : "m"};
	}
}

enum rc report_word_adopted(struct page *p, struct err *err)
{
	struct report_word_page g = {.adopts = true, .done = true};
	struct report_source source;
	struct lint_figure *figures;
	struct adopt ad = {.a = p->a};
	struct beginning b = {0};
	struct err why = {0};
	str docx, body;
	TRY(may_adopt(p, err));
	if (!taken(p, true, &docx))
		return RC_OK;
	struct period last = period_before(p->a, &p->period);
	report_source_init(&source, &p->r, &last, p->org);
	enum rc rc = report_source_figures(&source, true, &figures, &ad.figures_n, err);
	report_source_done(&source);
	TRY(rc);
	ad.figures = figures;
	ad.year = date_ymd(p->period.from).year;
	rc = adopt_outline(&ad, docx, &body, &why);
	if (rc == RC_OK && body.n == 0)
		rc = FAIL(&why, RC_INVALID, "The document holds no text.");
	if (rc == RC_OK)
		rc = adopt_draft(p, &ad, body, &b, &why);
	if (rc != RC_OK) {
		again(p, true, arena_str(p->a, str_of(why.text)));
		return RC_OK;
	}
	adopt_lines(p, &ad, &g);
	g.told = arena_fmt(p->a, tr("%zu numbers became slots, %zu are open. Confirm each on the desk."),
		ad.n - ad.open_n, ad.open_n);
	g.report_href = page_hrefs(p, "/report/%.*s", STR_ARG(p->period.text));
	show(p, &g);
	return RC_OK;
}

/* ---- refresh: the file again ---- */

static void refresh_lines(struct page *p, const struct refresh *r, struct report_word_page *g)
{
	g->lines = NEWS(p->a, r->n + r->typed_n + 1, struct report_word_line);
	for (size_t i = 0; i < r->n && g->lines_n < LINES_MAX; i++) {
		const struct refresh_change *c = &r->changes[i];
		g->lines[g->lines_n++] =
			(struct report_word_line){.where = arena_fmt(p->a, tr("paragraph %zu"), c->paragraph),
				.text = c->told ? arena_fmt(p->a, "%.*s → %.*s", STR_ARG(c->before),
							  STR_ARG(c->after))
						: c->before,
				.slot = c->slot,
				.words = !c->told     ? c->why
					 : c->by_hand ? str_of(tr("changed by hand; put right"))
						      : str_of(tr("renewed")),
				.tone = c->told && !c->by_hand ? "m" : "warn"};
	}
	for (size_t i = 0; i < r->typed_n && g->lines_n < LINES_MAX; i++)
		g->lines[g->lines_n++] = (struct report_word_line){
			.where = arena_fmt(p->a, tr("paragraph %zu"), r->typed[i].paragraph),
			.text = r->typed[i].what,
			.words = lint_text(p->a, &r->typed[i]),
			.tone = "danger"};
}

struct keeping {
	str token, file;
};

static enum rc keep_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct keeping *k = arg;
	c->action = STR("keep");
	c->subject = STR("report");
	return kept_put(c, job_city(c)->seal, c->actor->person, "report", k->token, k->file, err);
}

static enum rc keep(struct page *p, str bytes, str *out_token, struct err *err)
{
	unsigned char token[12];
	struct keeping k;
	TRY(attach_put(p->site->city, p->a, STR("report.docx"), bytes, &k.file, err));
	rand_bytes(token, sizeof token);
	k.token = *out_token = hex_str(p->a, token, sizeof token);
	return page_run(p, keep_run, &k, err);
}

enum rc report_word_refreshed(struct page *p, struct err *err)
{
	struct report_word_page g = {.done = true};
	struct report_source source;
	struct lint_figure *figures;
	struct editions editions = {0};
	struct refresh r = {.a = p->a, .known = editions_print, .user = &editions};
	struct err why = {0};
	str docx, made, token;
	if (!taken(p, false, &docx))
		return RC_OK;
	TRY(editions_read(p->a, p->r.db, p->period.text, p->org, &editions, err));
	report_source_init(&source, &p->r, &p->period, p->org);
	r.source = &source.source;
	enum rc rc = report_source_figures(&source, false, &figures, &r.figures_n, err);
	r.figures = figures;
	enum rc read = rc == RC_OK ? refresh_docx(&r, docx, &made, &why) : rc;
	report_source_done(&source);
	TRY(rc);
	if (read != RC_OK) {
		again(p, false, arena_str(p->a, str_of(why.text)));
		return RC_OK;
	}
	TRY(keep(p, made, &token, err));
	refresh_lines(p, &r, &g);
	g.told = arena_fmt(p->a, tr("%zu live figures, %zu renewed, %zu numbers typed outside of them."),
		r.controls_n, r.n, r.typed_n);
	g.file_href = arena_fmt(p->a, "/report/refresh/%.*s", STR_ARG(token));
	show(p, &g);
	return RC_OK;
}

enum rc report_word_file(struct page *p, struct err *err)
{
	struct kept kept;
	struct file_ref ref;
	bool there;
	str bytes, folder = files_folder(p->a, p->site->city->db_url);
	TRY(kept_get(p->r.db, p->a, p->site->city->seal, p->r.actor.person, "report", page_arg(p, 0), &kept,
		&there, err));
	if (!there)
		return FAIL(err, RC_NOT_FOUND, "This file is no longer kept. Renew it once more.");
	if (!file_ref_read(kept.body, &ref))
		return FAIL(err, RC_IO, "the file's reference is damaged");
	TRY(files_get(p->a, folder.p, &ref, &bytes, err));
	buf_clear(page_out(p));
	buf_add(page_out(p), bytes);
	http_download(p->q, STR("报告-已更新.docx"),
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document");
	return RC_OK;
}

static const struct input word_inputs[] = {{"year", INPUT_TEXT, 40, true}, {0}};

const struct route routes_report_word[] = {
	{"GET", "/report/adopt", report_word_adopt, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY | ROUTE_SLOW},
	{"POST", "/report/adopt", report_word_adopted, ACCESS_OFFICE, CSRF_TOKEN, word_inputs,
		ROUTE_SLOW | ROUTE_UPLOAD},
	{"GET", "/report/refresh", report_word_refresh, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY | ROUTE_SLOW},
	{"POST", "/report/refresh", report_word_refreshed, ACCESS_OFFICE, CSRF_TOKEN, word_inputs,
		ROUTE_SLOW | ROUTE_UPLOAD},
	{"GET", "/report/refresh/{token}", report_word_file, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
