/* page_award.c -- /awards/ID, see page_mine.h: the certificate of an award (service/contest/award_paper.h), made once, printed
 * as often as wanted. */
#include "service/contest/award_paper.h"
#include "templates.h"
#include "web/page_mine.h"
#include "web/page_paper.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

static str choice_words(struct page *p, const char *field, str id)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("award"));
	const struct field *f = reg ? reg_field(reg, str_of(field)) : NULL;
	const struct choice *c = f ? field_choice(f, id) : NULL;
	return c ? label_text(&c->label) : id;
}

static void fill(struct page *p, struct certificate_page *g, const struct award_paper *w)
{
	g->known = true;
	g->valid = w->valid;
	g->number = w->number;
	g->code = certificate_code(p, w->code);
	g->unit = page_org_name(p, w->org);
	g->issued = certificate_day(p, w->awarded_on);
	g->name = w->name;
	g->contest = w->contest;
	g->award = arena_fmt(p->a, tr("%.*s (%.*s)"), STR_ARG(choice_words(p, "rank", w->rank)),
		STR_ARG(choice_words(p, "contest_level", w->level)));
	g->heading = str_of(tr("Certificate of award"));
}

static str say(struct page *p, const struct certificate_page *g, const struct award_paper *w)
{
	if (w->work.n)
		return arena_fmt(p->a, tr("%.*s: your work “%.*s” won the award “%.*s” in “%.*s”."),
			STR_ARG(g->name), STR_ARG(w->work), STR_ARG(g->award), STR_ARG(g->contest));
	return arena_fmt(p->a, tr("%.*s: you won the award “%.*s” in “%.*s”."), STR_ARG(g->name),
		STR_ARG(g->award), STR_ARG(g->contest));
}

static enum rc asked(struct page *p, int64_t *out_id, bool *out_pdf, struct err *err)
{
	str name;
	*out_pdf = paper_asked(p, 0, &name);
	if (!str_i64(name, out_id) || *out_id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(name));
	return RC_OK;
}

static enum rc show_one(struct page *p, int64_t id, bool pdf, str fault, struct err *err)
{
	struct certificate_page g = {.printer = paper_printer(), .fault = fault};
	struct award_paper w;
	TRY(award_paper_read(&p->r, id, &w, err));
	fill(p, &g, &w);
	g.say = say(p, &g, &w);
	if (pdf && (!w.valid || w.code.n == 0))
		return FAIL(err, RC_CONFLICT, "this certificate is not made yet, or it has been withdrawn");
	if (w.code.n)
		TRY(certificate_picture(p, &g, err));
	if (pdf)
		return certificate_printed(p, &g, err);
	if (w.code.n == 0 && w.open_to_objection)
		g.wait = str_of(tr("Its publicity still runs; the certificate is made when it is over."));
	else if (w.code.n == 0 && w.valid)
		g.make = arena_fmt(p->a, "/awards/%lld", (long long)id);
	g.printer = g.printer && w.code.n && w.valid;
	g.pdf = arena_fmt(p->a, "/awards/%lld.pdf", (long long)id);
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, STR("study"));
	shell_crumb(p, &g.shell, label_text(&model_reg(p->site->city->model, STR("award"))->label),
		page_href(p, STR("/r/award")));
	tpl_certificate(page_out(p), &g);
	return RC_OK;
}

static enum rc show(struct page *p, struct err *err)
{
	int64_t id;
	bool pdf;
	TRY(asked(p, &id, &pdf, err));
	return show_one(p, id, pdf, STR(""), err);
}

static enum rc make_run(struct job_ctx *c, void *arg, struct err *err)
{
	return award_paper_make(c, *(int64_t *)arg, err);
}

static enum rc make(struct page *p, struct err *err)
{
	int64_t id;
	bool pdf;
	struct err told;
	TRY(asked(p, &id, &pdf, err));
	enum rc rc = page_run(p, make_run, &id, &told);
	if (rc == RC_OK) {
		page_go(p, arena_fmt(p->a, "/awards/%lld", (long long)id));
		return RC_OK;
	}
	if (rc != RC_CONFLICT)
		return FAIL(err, rc, "%s", told.text);
	TRY(page_fresh(p, err));
	p->q->out.status = 409;
	return show_one(p, id, false, arena_str(p->a, str_of(told.text)), err);
}

enum rc award_verify_fill(struct page *p, str code, struct certificate_page *g, struct err *err)
{
	struct award_paper w;
	TRY(award_paper_verify(&p->r, g->number, code, &w, err));
	fill(p, g, &w);
	return RC_OK;
}

const struct route routes_award[] = {
	{"GET", "/awards/{id}", show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/awards/{id}", make, ACCESS_OFFICE, CSRF_TOKEN, no_inputs, ROUTE_SLOW},
	{0},
};
