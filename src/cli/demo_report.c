/* demo_report.c -- see demo.h: last year's annual report of the invented city, on its way to the street. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/demo.h"
#include "report/letterhead.h"
#include "report/settle.h"
#include "service/signoff/signoff.h"

struct order {
	struct signoff s;
	int64_t id;
	const char *move;
	bool public;
	struct settled settled;
};

static enum rc begin(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_begin(c, &o->s, arena_fmt(c->a, "%.*s-12-31", STR_ARG(o->s.period)), &o->id, err);
}

static enum rc step(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return signoff_move(c, o->id, 0, o->move, STR(""), err);
}

static enum rc keep(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	struct frozen report = o->settled.report, bundle = o->settled.bundle, table = o->settled.table;
	return signoff_keep(
		c, &o->s, 0, o->public, &report, &bundle, o->settled.has_table ? &table : NULL, err);
}

static enum rc settle_and_keep(struct demo *d, struct order *o, bool public, struct err *err)
{
	struct reader r;
	struct period p;
	struct docx_letterhead head;
	o->public = public;
	TRY(period_parse(d->a, o->s.period, &p, err));
	TRY(reader_open(d->city, d->a, &d->actor, &r, err));
	letterhead_of(&r, &p, o->s.org, &head);
	(void)letterhead_kind(o->s.letterhead, &head.kind);
	head.number = o->s.number;
	head.signer = o->s.signer;
	head.date = letterhead_date(d->a, date_str(d->a, clock_today()));
	enum rc rc = settle(&r, &p, o->s.org, o->s.body, public, 1, &head, &o->settled, err);
	reader_close(&r);
	TRY(rc);
	return city_run(d->city, &d->actor, d->a, (str){NULL, 0}, keep, o, err);
}

enum rc demo_report(struct demo *d, struct err *err)
{
	static const char *const moves[] = {"send", "check_only"};
	int year = d->year - 1;
	struct order o = {.s = {.org = d->city->root_org,
				  .kind = STR("year"),
				  .period = arena_fmt(d->a, "%d", year),
				  .title = arena_fmt(d->a, "共青团%.*s委员会%d年关心下一代工作情况报告",
					  STR_ARG(d->city->name), year),
				  .body = report_text(d->city->model, "reports/annual.md"),
				  .letterhead = STR("document"),
				  .number = arena_fmt(d->a, "临团发〔%d〕3号", d->year)}};
	if (o.s.body.n == 0)
		return RC_OK;
	int64_t now_ms = clock_now_ms();
	clock_set(((int64_t)date_of(d->year, 1, 20) * 1440 + 9 * 60 - clock_zone()) * 60000, false);
	enum rc rc = city_run(d->city, &d->actor, d->a, (str){NULL, 0}, begin, &o, err);
	for (size_t i = 0; rc == RC_OK && i < sizeof moves / sizeof *moves; i++) {
		o.move = moves[i];
		rc = city_run(d->city, &d->actor, d->a, (str){NULL, 0}, step, &o, err);
	}
	o.s.id = o.id;
	o.s.serial = 1;
	for (int public = 0; rc == RC_OK && public < 2; public ++)
		rc = settle_and_keep(d, &o, public, err);
	clock_set(now_ms, false);
	return rc;
}
