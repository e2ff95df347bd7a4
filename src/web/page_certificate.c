/* page_certificate.c -- see page_mine.h: a certificate as it is printed, and where it is verified. */
#include "base/clock.h"
#include "format/qr.h"
#include "service/contest/award_paper.h"
#include "service/volunteer/certificate.h"
#include "templates.h"
#include "web/door.h"
#include "web/links.h"
#include "web/page_mine.h"
#include "web/page_paper.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/tpl.h"
#include "web/words.h"

static str hours_words(struct page *p, int64_t minutes)
{
	long long h = (long long)(minutes / 60), m = (long long)(minutes % 60);
	return m ? arena_fmt(p->a, tr("%lld h %lld min"), h, m) : arena_fmt(p->a, tr("%lld h"), h);
}

/* On paper every date has its year. */
str certificate_day(struct page *p, str iso)
{
	struct buf b = {0};
	tpl_date(&b, iso);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

str certificate_code(struct page *p, str code)
{
	return code.n == 8 ? arena_fmt(p->a, "%.4s-%.4s", code.p, code.p + 4) : STR("");
}

static void fill(struct page *p, struct certificate_page *g, const struct certificate *c)
{
	g->known = true;
	g->valid = c->valid;
	g->number = c->number;
	g->code = certificate_code(p, c->code);
	g->heading = str_of(tr("Certificate of volunteer service"));
	g->unit = page_org_name(p, c->org);
	g->hours = hours_words(p, c->minutes);
	g->from = certificate_day(p, c->from);
	g->to = certificate_day(p, c->to);
	g->issued = certificate_day(p, c->issued_on);
	g->content = c->content;
}

enum rc certificate_printed(struct page *p, const struct certificate_page *g, struct err *err)
{
	struct paper d;
	const str verify[] = {arena_fmt(p->a, "%s%.*s", tr("Verify: scan, or "), STR_ARG(g->where)),
		arena_fmt(p->a, "%s%.*s", tr("code "), STR_ARG(g->code))};
	paper_init(&d, PAPER_ACROSS, g->heading, STR(""));
	struct json *j = paper_block(&d, "certificate");
	json_object(j);
	json_put_str(j, "number", arena_fmt(p->a, "%s%.*s", tr("No. "), STR_ARG(g->number)));
	json_put_str(j, "head", g->heading);
	json_put_str(j, "say", g->say);
	json_put_str(j, "qr", arena_fmt(p->a, "%.*s?k=%.*s", STR_ARG(g->where), STR_ARG(g->code)));
	json_key(j, "verify");
	paper_strings(&d, verify, 2);
	json_key(j, "by");
	paper_strings(&d, (const str[]){g->unit, g->issued}, 2);
	json_object_end(j);
	paper_end(&d);
	return paper_give(p, &d, arena_fmt(p->a, "%s-%.*s", tr("certificate"), STR_ARG(g->number)), err);
}

enum rc certificate_picture(struct page *p, struct certificate_page *g, struct err *err)
{
	struct buf b = {0};
	g->where = arena_fmt(p->a, "%.*s/verify/%.*s", STR_ARG(links_base(p)), STR_ARG(g->number));
	enum rc rc = qr_svg(&b, arena_fmt(p->a, "%.*s?k=%.*s", STR_ARG(g->where), STR_ARG(g->code)),
		str_of(tr("Code for verifying this certificate")), err);
	if (rc == RC_OK)
		g->picture = html_trust(arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	return rc;
}

static enum rc show(struct page *p, struct err *err)
{
	struct certificate_page g = {.printer = paper_printer()};
	struct certificate c;
	int64_t id;
	str name;
	bool pdf = paper_asked(p, 0, &name);
	if (!str_i64(name, &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(name));
	TRY(certificate_read(&p->r, id, &c, err));
	fill(p, &g, &c);
	bool own = c.person == p->r.actor.person || actor_guards(&p->r.actor, c.person);
	const struct reg *person = model_reg(p->site->city->model, STR("person"));
	g.name = own ? record_label_open(&p->r, person, c.person) : record_label(&p->r, person, c.person);
	g.say = arena_fmt(p->a, "%s%.*s%s%.*s%s%.*s%s%.*s%s%.*s%s", tr("This certifies that "),
		STR_ARG(g.name), tr(" served as a volunteer from "), STR_ARG(g.from), tr(" to "),
		STR_ARG(g.to), tr(", "), STR_ARG(g.content), tr(", altogether "), STR_ARG(g.hours), tr("."));
	if (pdf && !c.valid)
		return FAIL(err, RC_CONFLICT, "this certificate has been withdrawn");
	TRY(certificate_picture(p, &g, err));
	if (pdf)
		return certificate_printed(p, &g, err);
	g.pdf = arena_fmt(p->a, "/certificates/%lld.pdf", (long long)id);
	shell_fill(p, &g.shell, g.heading, PLACE_MINE, STR(""));
	tpl_certificate(page_out(p), &g);
	return RC_OK;
}

/* ---- whoever holds the paper ---- */

static enum rc verify(struct page *p, struct err *err)
{
	struct certificate_page g = {.number = page_arg(p, 0)};
	struct certificate c;
	struct err told;
	str code = page_input(p, "k"), name;
	(void)err;
	g.action = arena_fmt(p->a, "/verify/%.*s", STR_ARG(g.number));
	g.asks = code.n == 0;
	if (!g.asks) {
		struct attempt t = door_attempt(p, STR("verify"));
		t.no_name = true;
		bool award = award_paper_number(g.number);
		enum rc rc = door_slow(p, &t, 0, &g.fault) ? RC_LIMIT
			     : award                       ? award_verify_fill(p, code, &g, &told)
				     : certificate_verify(&p->r, g.number, code, &c, &name, &told);
		if (rc == RC_OK && !award) {
			fill(p, &g, &c);
			g.name = name;
		} else if (rc == RC_NOT_FOUND) {
			limiter_failed(p->site->limiter, &t, clock_now_ms());
			p->q->out.status = 404;
			g.fault = arena_str(p->a, str_of(told.text));
		} else if (rc != RC_OK && rc != RC_LIMIT) {
			return FAIL(err, rc, "%s", told.text);
		}
	}
	shell_fill(p, &g.shell, str_of(tr("Verify a certificate")), PLACE_NONE, STR(""));
	g.shell.plain = true;
	tpl_verify(page_out(p), &g);
	return RC_OK;
}

static const struct input verify_get[] = {{"k", INPUT_WORD, 12, false}, {0}};

const struct route routes_certificate[] = {
	{"GET", "/certificates/{id}", show, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/verify/{number}", verify, ACCESS_PUBLIC, CSRF_READ_ONLY, verify_get,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
