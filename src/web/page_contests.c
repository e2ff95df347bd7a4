/* page_contests.c -- see page_contests.h. */
#include "web/page_contests.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/limit.h"
#include "report/street_rules.h"
#include "service/contest/poll.h"
#include "service/contest/results.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>

enum { WORKS_MAX = 100, VOTES_MAX = 20, STAGES_MAX = 12, CHOICES_MAX = 30, BOARDS_PER_MINUTE = 6 };

static str contest_state(const struct record *rec)
{
	int32_t today = clock_today(), opens = street_field_day(rec, "opens_on"),
		closes = street_field_day(rec, "closes_on"), final = street_day(rec);
	if (str_is(rec->state, "cancelled"))
		return str_of(tr("Cancelled"));
	if (final != DATE_NONE && final < today && !str_is(rec->state, "planned"))
		return str_of(tr("Over"));
	if (opens != DATE_NONE && today < opens)
		return str_of(tr("Entries not open yet"));
	if (closes != DATE_NONE && today <= closes)
		return str_of(tr("Entries open"));
	return str_of(tr("Entries closed"));
}

static enum rc contests(struct page *p, struct err *err)
{
	struct street_list g = {0};
	struct record **list;
	size_t n;
	struct publish_query q = {.text = page_input(p, "q")};
	TRY(street_latest(p, "contest", &q, 60, &list, &n, err));
	street_fill(p, &g.street, str_of(tr("Contests")), STREET_CONTESTS);
	g.intro = str_of(tr("Rules stand before entries open. A public vote does not decide who wins unless "
			    "an approval number says so. Names of children are not published."));
	g.rows = NEWS(p->a, n + 1, struct street_row);
	for (size_t i = 0; i < n; i++) {
		int32_t day = street_day(list[i]);
		g.rows[g.rows_n++] = (struct street_row){.title = publish_title(p->site->city, list[i]),
			.href = arena_fmt(p->a, "/street/contests/%lld", (long long)list[i]->id),
			.sub = street_join(p, street_kind(p, list[i]), publish_org(&p->r, list[i]->org)),
			.tag = contest_state(list[i]),
			.note = arena_fmt(p->a, tr("final %.*s"), STR_ARG(street_day_words(p->a, day))),
			.off = str_is(list[i]->state, "cancelled")};
	}
	g.empty = str_of(tr("No contest is announced."));
	tpl_street_list(page_out(p), &g);
	return RC_OK;
}

/* ---- one contest ---- */

static enum rc rows_of(struct page *p, const char *as, int64_t contest, int limit, struct record ***out,
	size_t *out_n, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	*out_n = 0;
	if (street_regs(p, as, regs) == 0)
		return RC_OK;
	struct publish_query q = {
		.reg = regs[0], .by = reg_field(regs[0], STR("contest")), .by_id = contest, .limit = limit};
	return q.by ? publish_list(&p->r, &q, out, out_n, err) : RC_OK;
}

static void step_add(struct page *p, struct contest_page *g, str label, int32_t day, str note)
{
	if (day == DATE_NONE)
		return;
	g->steps[g->steps_n++] = (struct contest_step){.label = label,
		.day = street_day_words(p->a, day),
		.iso = date_str(p->a, day),
		.note = note,
		.past = day < clock_today()};
}

static int by_day(const void *a, const void *b)
{
	const struct contest_step *x = a, *y = b;
	return str_cmp(x->iso, y->iso);
}

static enum rc steps_fill(struct page *p, const struct record *rec, struct contest_page *g, struct err *err)
{
	struct record **list;
	size_t n;
	g->steps = NEWS(p->a, STAGES_MAX + 3, struct contest_step);
	step_add(p, g, str_of(tr("Entries open from")), street_field_day(rec, "opens_on"), STR(""));
	step_add(p, g, str_of(tr("Entries close")), street_field_day(rec, "closes_on"), STR(""));
	TRY(rows_of(p, "stage", rec->id, STAGES_MAX, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		str places = street_text(p, list[i], "places");
		step_add(p, g, street_text(p, list[i], "name"), street_day(list[i]),
			places.n ? arena_fmt(p->a, tr("%.*s places"), STR_ARG(places)) : STR(""));
	}
	if (n == 0)
		step_add(p, g, str_of(tr("Final")), street_day(rec), STR(""));
	if (g->steps_n)
		qsort(g->steps, g->steps_n, sizeof *g->steps, by_day);
	return RC_OK;
}

static str choice_words(const struct reg *reg, const char *field, str id)
{
	const struct field *f = reg ? reg_field(reg, str_of(field)) : NULL;
	const struct choice *c = f ? field_choice(f, id) : NULL;
	return c ? label_text(&c->label) : id;
}

static str work_words(struct page *p, str number, str work)
{
	return work.n && number.n ? arena_fmt(p->a, "%.*s %.*s", STR_ARG(number), STR_ARG(work))
	       : work.n           ? work
				  : number;
}

static enum rc awards_fill(
	struct page *p, const struct record *rec, int64_t from, struct contest_page *g, struct err *err)
{
	struct contest_results r;
	const struct reg *reg = model_reg(p->site->city->model, STR("award"));
	TRY(contest_results(&p->r, rec->id, clock_today(), from, &r, err));
	g->awards = NEWS(p->a, r.n + 1, struct street_row);
	for (size_t i = 0; i < r.n; i++)
		g->awards[g->awards_n++] =
			(struct street_row){.title = work_words(p, r.awards[i].number, r.awards[i].work),
				.sub = choice_words(reg, "contest_level", r.awards[i].level),
				.tag = choice_words(reg, "rank", r.awards[i].rank)};
	if (r.few && str_is(rec->state, "completed"))
		g->results_note =
			str_of(tr("There were so few entries that a list would tell who took part."));
	else if (r.n == 0)
		g->results_note = str_of(tr("Awards are announced here when judging is over: by number and "
					    "work, without names."));
	else
		g->results_note = str_of(tr("By number and work, without names. Whoever objects during "
					    "the announcement writes to us; the answer comes in writing."));
	return RC_OK;
}

static enum rc works_fill(
	struct page *p, int64_t contest, int64_t from, struct contest_page *g, struct err *err)
{
	struct record **list;
	size_t n;
	TRY(rows_of(p, "entry", contest, WORKS_MAX, &list, &n, err));
	if (n < (size_t)from)
		return RC_OK;
	g->works = NEWS(p->a, n + 1, struct street_row);
	for (size_t i = 0; i < n; i++) {
		str title = street_text(p, list[i], "work_title");
		if (title.n)
			g->works[g->works_n++] = (struct street_row){
				.title = work_words(p, street_text(p, list[i], "number"), title)};
	}
	return RC_OK;
}

static enum rc votes_fill(struct page *p, int64_t contest, struct contest_page *g, struct err *err)
{
	struct record **list;
	size_t n;
	TRY(rows_of(p, "vote", contest, VOTES_MAX, &list, &n, err));
	g->votes = NEWS(p->a, n + 1, struct street_row);
	for (size_t i = 0; i < n; i++) {
		const struct state *s = reg_state(list[i]->reg, list[i]->state);
		g->votes[g->votes_n++] = (struct street_row){.title = publish_title(p->site->city, list[i]),
			.sub = street_text(p, list[i], "purpose_text"),
			.href = arena_fmt(p->a, "/street/votes/%lld", (long long)list[i]->id),
			.tag = s ? label_text(&s->label) : STR("")};
	}
	return RC_OK;
}

/* What every page with facts and a text takes over. */
static struct street_item item_of(struct page *p, const struct record *rec, const struct field *text)
{
	struct street_item g = {0};
	const struct field *but[] = {rec->reg->open->kind, text, reg_field(rec->reg, STR("opens_on")),
		reg_field(rec->reg, STR("closes_on")), rec->reg->happens_field};
	bool steps = str_is(rec->reg->open->as, "contest");
	street_facts(p, rec, but, steps ? 5 : 2, &g);
	if (text)
		street_lines(p, publish_text(&p->r, rec, text), &g);
	return g;
}

static enum rc contest(struct page *p, struct err *err)
{
	struct contest_page g = {0};
	struct street_rules rules;
	struct record *rec;
	TRY(street_row_of(p, "contest", &rec, err));
	TRY(street_rules_read(p->a, p->site->city->model, &rules, err));
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_CONTESTS);
	g.kind = street_kind(p, rec);
	g.state = contest_state(rec);
	struct street_item item = item_of(p, rec, rec->reg->open->text);
	g.facts = item.facts;
	g.facts_n = item.facts_n;
	g.lines = item.lines;
	g.lines_n = item.lines_n;
	TRY(steps_fill(p, rec, &g, err));
	TRY(awards_fill(p, rec, rules.works_from, &g, err));
	TRY(works_fill(p, rec->id, rules.works_from, &g, err));
	TRY(votes_fill(p, rec->id, &g, err));
	tpl_street_contest(page_out(p), &g);
	return RC_OK;
}

/* ---- its vote ---- */

static enum rc entry_words(struct page *p, int64_t id, str *out, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	struct record *rec;
	*out = arena_fmt(p->a, "#%lld", (long long)id);
	if (street_regs(p, "entry", regs) == 0)
		return RC_OK;
	enum rc rc = publish_get(&p->r, regs[0], id, &rec, err);
	if (rc == RC_OK)
		*out = work_words(p, street_text(p, rec, "number"), street_text(p, rec, "work_title"));
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* The count of a published vote; of few voters none. */
static enum rc count_fill(
	struct page *p, const struct record *rec, int64_t from, struct vote_page *g, struct err *err)
{
	struct poll_count c;
	struct err none;
	enum rc rc = poll_published(&p->r, rec->id, &c, &none);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return FAIL(err, rc, "%s", none.text);
	if (c.voters < (uint64_t)from) {
		g->counted = str_of(tr("So few voted that the count would tell how they did."));
		return RC_OK;
	}
	g->counted = arena_fmt(p->a,
		tr("%llu voters of %llu credentials; %llu ballots, %llu of them annulled, %llu without a "
		   "credential"),
		(unsigned long long)c.voters, (unsigned long long)c.credentials,
		(unsigned long long)c.ballots, (unsigned long long)c.annulled,
		(unsigned long long)c.anonymous);
	size_t most = c.choices_n < CHOICES_MAX ? c.choices_n : CHOICES_MAX;
	if (most < c.choices_n)
		g->rest = arena_fmt(
			p->a, tr("The first %lld of %lld."), (long long)most, (long long)c.choices_n);
	g->choices = NEWS(p->a, most + 1, struct open_bar);
	for (size_t i = 0; i < most; i++) {
		struct open_bar *b = &g->choices[g->choices_n++];
		*b = (struct open_bar){
			.value = arena_fmt(p->a, "%llu", (unsigned long long)c.choices[i].votes),
			.is = (int64_t)c.choices[i].votes,
			.most = (int64_t)c.choices[0].votes};
		TRY(entry_words(p, c.choices[i].entry, &b->label, err));
	}
	return RC_OK;
}

static enum rc vote(struct page *p, struct err *err)
{
	struct vote_page g = {0};
	struct street_rules rules;
	struct record *rec;
	TRY(street_row_of(p, "vote", &rec, err));
	TRY(street_rules_read(p->a, p->site->city->model, &rules, err));
	const struct state *s = reg_state(rec->reg, rec->state);
	const struct field *contest_field = reg_field(rec->reg, STR("contest")),
			   *tier = reg_field(rec->reg, STR("tier"));
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_CONTESTS);
	g.kind = s ? label_text(&s->label) : STR("");
	struct street_item item = item_of(p, rec, reg_field(rec->reg, STR("purpose_text")));
	g.facts = item.facts;
	g.facts_n = item.facts_n;
	g.lines = item.lines;
	g.lines_n = item.lines_n;
	if (contest_field && rec->values[contest_field->at].kind == V_INT) {
		g.contest = publish_text(&p->r, rec, contest_field);
		g.contest_href =
			arena_fmt(p->a, "/street/contests/%lld", (long long)rec->values[contest_field->at].i);
	}
	TRY(count_fill(p, rec, rules.works_from, &g, err));
	bool issued = publish_shows(rec->reg, tier) && str_is(rec->values[tier->at].t, "issued");
	if (issued && g.choices_n)
		g.board = arena_fmt(p->a, "/street/votes/%lld/board.ndjson", (long long)rec->id);
	g.note =
		issued ? str_of(tr(
				 "The board holds every ballot with its signature, every annulment with its "
				 "reason, signed heads and the tally. The program qinghe-board-verify counts "
				 "it again with no help of ours; its root is the same for everybody: compare "
				 "it with the one that your witness was given."))
		       : str_of(tr("A vote by telephone or WeChat proves nothing and never decides: it has a "
				   "count and no board that others can check."));
	tpl_street_vote(page_out(p), &g);
	return RC_OK;
}

static void to_buf(void *ctx, str text)
{
	buf_add(ctx, text);
	buf_putc(ctx, '\n');
}

static enum rc board(struct page *p, struct err *err)
{
	struct record *rec;
	struct board_tally tally;
	struct err why;
	TRY(street_row_of(p, "vote", &rec, err));
	if (limiter_use(p->site->limiter, "street-board", 0, BOARDS_PER_MINUTE, clock_now_ms()) > 0)
		return FAIL(err, RC_LIMIT, "%s", tr("Wait a minute, then try again."));
	if (poll_board_published(&p->r, rec->id, to_buf, page_out(p), &tally, &why) != RC_OK) {
		buf_clear(page_out(p));
		return FAIL(err, RC_NOT_FOUND, "%s", tr("This vote has no board."));
	}
	p->q->out.type = "application/x-ndjson";
	street_kept(p);
	http_add(p->q, "Content-Disposition", "attachment; filename=\"board.ndjson\"");
	return RC_OK;
}

static const struct input list_in[] = {
	{"kind", INPUT_WORD, 40, false}, {"from", INPUT_ID, 6, false}, {"q", INPUT_TEXT, 60, false}, {0}};

const struct route routes_street_contests[] = {
	{"GET", "/street/contests", contests, ACCESS_PUBLIC, CSRF_READ_ONLY, list_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/contests/{id}", contest, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/votes/{id}", vote, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/votes/{id}/board.ndjson", board, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
