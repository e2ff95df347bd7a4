/* tasks.c -- see tasks.h. Each source adds lines with the moment they are due; shape() sorts them into groups. */
#include "web/tasks.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/authorise.h"
#include "guard/role.h"
#include "register/permit.h"
#include "service/casework/clock.h"
#include "web/form.h"
#include "web/page_form.h"
#include "web/site_in.h"
#include "web/tasks_in.h"
#include "web/words.h"
#include <stdlib.h>

enum { LINES_MAX = 60, WAITING_MAX = 8, BACK_MAX = 8, COUNT_BELOW_ID = 200000 };
static const int64_t DAY_MS = 86400000;

struct task_line *task_line_add(struct task_lines *t)
{
	if (t->n == LINES_MAX)
		return &t->spare;
	t->list[t->n] = (struct task_line){.count = 1};
	return &t->list[t->n++];
}

/* ---- declared clocks: lines of one rule that fall into one group are one ---- */

static enum task_when when_of(int64_t due_ms, int64_t now_ms)
{
	int32_t today = clock_day_of(now_ms);
	if (due_ms <= now_ms)
		return TASK_OVERDUE;
	int32_t day = clock_day_of(due_ms - 1);
	return day == today ? TASK_TODAY : day <= today + 7 ? TASK_WEEK : TASK_LATER;
}

/* The word for what this actor does next with a row in that state: its first move that leads on. */
str task_verb(const struct actor *actor, const struct reg *reg, str state)
{
	for (size_t i = 0; i < reg->moves_n; i++) {
		const struct move *m = &reg->moves[i];
		bool from = false, by = actor_is_operator(actor);
		for (size_t k = 0; k < m->from_n; k++)
			from = from || str_eq(m->from[k], state);
		for (size_t k = 0; k < m->by_n; k++)
			by = by || actor_has_role(actor, m->by[k]);
		if (from && by && move_leads_on(m))
			return label_text(&m->label);
	}
	return STR("");
}

static str list_address(struct page *p, const struct clock_rule *rule)
{
	struct buf b = {0};
	if (str_is(rule->reg->id, "rescue_hit"))
		return page_href(p, STR("/finder"));
	buf_printf(&b, "/r/%.*s?where=", STR_ARG(rule->reg->id));
	html_url(&b, rule->where);
	if (rule->stops) {
		buf_puts(&b, "%20and%20");
		html_url(&b, rule->stops->id);
		buf_puts(&b, "%20is%20null");
	}
	str s = page_href_ever(p, arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	return s;
}

static str row_address(struct page *p, const struct reg *reg, int64_t row)
{
	return str_is(reg->id, "rescue_hit")
		       ? page_hrefs(p, "/finder/%lld", (long long)row)
		       : page_hrefs(p, "/r/%.*s/%lld", STR_ARG(reg->id), (long long)row);
}

static str row_or_list(
	struct page *p, const struct clock_rule *rule, const struct clock_due *d, int64_t count)
{
	return count > 1 ? list_address(p, rule) : row_address(p, rule->reg, d->row);
}

/* Since when, whose, by what law. */
static str clock_detail(struct page *p, const struct clock_due *d, const struct task_line *t)
{
	const struct clock_rule *rule = d->rule;
	str law = label_text(&rule->law), where = STR("");
	if (rule->reg == NULL)
		return law;
	if (d->watched)
		return arena_fmt(p->a, tr("ran out with those who must act; opened only by them, %.*s"),
			STR_ARG(label_text(&rule->reg->label)));
	if (!t->many_units)
		where = arena_fmt(p->a, "%.*s%s", STR_ARG(page_org_name(p, d->org)), tr(", "));
	str since = arena_fmt(p->a, tr("%.*s %.*s"), STR_ARG(label_text(&rule->from->label)),
		STR_ARG(date_words(p, date_str(p->a, clock_day_of(t->first_ms)))));
	return arena_fmt(p->a, "%.*s%.*s", STR_ARG(where), STR_ARG(since));
}

static void clock_words(struct page *p, const struct clock_due *d, struct task_line *t)
{
	const struct clock_rule *rule = d->rule;
	str label = label_text(&rule->label);
	if (t->count > 1)
		label = arena_fmt(p->a, tr("%.*s: %lld"), STR_ARG(label), (long long)t->count);
	t->task.label = label;
	t->task.detail = clock_detail(p, d, t);
	if (rule->reg == NULL || d->watched)
		return;
	if (rule->again) { /* what answers it is a row of its own, never a move of this one */
		t->task.verb = label_text(&rule->again->label);
		t->task.href =
			t->count > 1 || !form_may_add(p, rule->again)
				? row_or_list(p, rule, d, t->count)
				: page_hrefs(p, "/r/%.*s/new?about=%lld&in=%.*s", STR_ARG(rule->again->id),
					  (long long)d->row, STR_ARG(rule->again_by->id));
		return;
	}
	str verb = task_verb(&p->r.actor, rule->reg, d->state);
	t->task.verb = verb.n ? verb : str_of(tr("Open"));
	t->task.href = row_or_list(p, rule, d, t->count);
}

static enum rc clocks(struct page *p, struct task_lines *lines, struct err *err)
{
	struct clock_rules rules;
	struct clock_due *due;
	size_t n;
	TRY(clock_rules_read(p->a, p->site->city->model, &rules, err));
	TRY(clock_find(
		&p->r, &rules, p->org_code.n || p->r.actor.org ? p->org : 0, lines->now_ms, &due, &n, err));
	for (size_t i = 0; i < n; i++) {
		enum task_when when = when_of(due[i].due_ms, lines->now_ms);
		struct task_line *t = NULL;
		for (size_t k = 0; k < lines->n && t == NULL; k++)
			if (lines->list[k].of == due[i].rule && lines->list[k].when == when &&
				lines->list[k].due->watched == due[i].watched)
				t = &lines->list[k];
		if (t) {
			t->count += 1 + due[i].beyond;
			t->many_units = t->many_units || t->unit != due[i].org;
			if (due[i].start_ms < t->first_ms)
				t->first_ms = due[i].start_ms;
			continue;
		}
		t = task_line_add(lines);
		t->of = due[i].rule;
		t->count += due[i].beyond;
		t->when = when;
		t->unit = due[i].org;
		t->due = &due[i];
		t->start_ms = t->first_ms = due[i].start_ms;
		t->due_ms = due[i].due_ms; /* the soonest: they come in that order */
	}
	for (size_t k = 0; k < lines->n; k++)
		clock_words(p, lines->list[k].due, &lines->list[k]);
	return RC_OK;
}

/* ---- rows in a state that waits for a word of this role ---- */

static const char *const waiting[] = {
	"signing", "cosigning", "checking", "disputed", "submitted", "pending", "draft"};

static enum rc rows_in(struct page *p, const struct reg *reg, const struct state *s, int64_t *out_n,
	int64_t *out_id, struct err *err)
{
	struct record_query q = {.reg = reg, .limit = 1, .newest_first = true};
	struct record **rows;
	size_t n = 0;
	*out_n = *out_id = 0;
	q.org = p->org_code.n || p->r.actor.org ? p->org : 0;
	struct read_log *log = p->r.log;
	p->r.log = NULL; /* only the newest number is wanted: nothing of the row is shown */
	enum rc rc = record_list(&p->r, &q, &rows, &n, err);
	p->r.log = log;
	TRY(rc);
	if (n == 0 || rows[0]->id > COUNT_BELOW_ID)
		return RC_OK;
	q.state = s->id;
	TRY(record_count(&p->r, &q, out_n, err));
	if (*out_n != 1)
		return RC_OK;
	p->r.log = NULL;
	rc = record_list(&p->r, &q, &rows, &n, err);
	p->r.log = log;
	if (rc == RC_OK && n == 1)
		*out_id = rows[0]->id;
	return rc;
}

static enum rc state_line(struct page *p, const struct reg *reg, const struct state *s, struct task *t,
	int64_t *out_n, struct err *err)
{
	int64_t id;
	TRY(rows_in(p, reg, s, out_n, &id, err));
	if (*out_n == 0)
		return RC_OK;
	struct chip chip = state_chip(reg, s->id);
	str verb = task_verb(&p->r.actor, reg, s->id);
	*t = (struct task){.label = label_text(&reg->label),
		.detail = arena_fmt(p->a, trn("%lld row in this state", "%lld rows in this state", *out_n),
			(long long)*out_n),
		.left = chip.label,
		.look = chip.look,
		.verb = verb.n ? verb : str_of(tr("Open"))};
	t->href = id ? page_hrefs(p, "/r/%.*s/%lld", STR_ARG(reg->id), (long long)id)
		     : page_href_ever(
			       p, arena_fmt(p->a, "/r/%.*s?state=%.*s", STR_ARG(reg->id), STR_ARG(s->id)));
	if (str_is(reg->id, "report_edition")) /* its steps are made on the report desk */
		t->href = id ? page_hrefs(p, "/report/go/%lld", (long long)id)
			     : page_href(p, STR("/report/list"));
	return RC_OK;
}

static bool has_own_lines(const struct reg *reg) /* tasks_office.c tells of these */
{
	return str_is(reg->id, "collection") || str_is(reg->id, "collection_reply") ||
	       str_is(reg->id, "notice_receipt");
}

static enum rc states(struct page *p, struct task_lines *lines, struct err *err)
{
	const struct model *m = p->site->city->model;
	size_t told = 0;
	for (size_t w = 0; w < sizeof waiting / sizeof *waiting; w++)
		for (size_t i = 0; i < m->regs_n && told < WAITING_MAX; i++) {
			const struct reg *reg = &m->regs[i];
			const struct state *s = reg_state(reg, str_of(waiting[w]));
			int64_t n;
			struct task t;
			if (s == NULL || has_own_lines(reg) || permit_reach(reg, &p->r.actor) == REACH_NONE ||
				task_verb(&p->r.actor, reg, s->id).n == 0)
				continue;
			TRY(state_line(p, reg, s, &t, &n, err));
			if (n == 0)
				continue;
			struct task_line *l = task_line_add(lines);
			l->task = t;
			l->count = n;
			l->when = TASK_OPEN;
			told++;
		}
	return RC_OK;
}

/* What came back to be mended, by those who may send it in again. */
static enum rc came_back(struct page *p, struct tasks *out, struct err *err)
{
	const struct model *m = p->site->city->model;
	struct task_group *back = &out->back;
	back->list = NEWS(p->a, BACK_MAX, struct task);
	for (size_t i = 0; i < m->regs_n && back->list_n < BACK_MAX; i++) {
		const struct reg *reg = &m->regs[i];
		const struct state *s = reg_state(reg, STR("returned"));
		int64_t n;
		if (s == NULL || permit_reach(reg, &p->r.actor) == REACH_NONE ||
			task_verb(&p->r.actor, reg, s->id).n == 0)
			continue;
		TRY(state_line(p, reg, s, &back->list[back->list_n], &n, err));
		back->list_n += n > 0;
	}
	return RC_OK;
}

/* ---- emergencies without their review, authorisations without their answer ---- */

static void alert(struct page *p, struct task_lines *lines, const char *label, const char *href,
	const char *look, str detail, int64_t n)
{
	struct task_line *l = task_line_add(lines);
	l->count = n;
	l->when = TASK_TODAY;
	l->task = (struct task){.label = str_of(label),
		.detail = detail,
		.href = page_href(p, str_of(href)),
		.verb = str_of(tr("Open")),
		.left = str_of(tr("waits")),
		.look = look};
}

static enum rc alerts(struct page *p, struct task_lines *lines, struct err *err)
{
	static const str reviewers[] = {{"secadmin", 8}, {"leader", 6}},
			 approvers[] = {{"secadmin", 8}, {"city_staff", 10}, {"leader", 6}};
	struct glass *glass;
	struct authorisation *asked;
	size_t n = 0;
	if (role_check(&p->r.actor, reviewers, 2, NULL) == RC_OK)
		TRY(glass_all(p->r.db, p->a, NULL, &p->r.actor, true, 100, &glass, &n, err));
	if (n > 0)
		alert(p, lines, tr("Break-glass"), "/break-glass", "late",
			arena_fmt(p->a,
				trn("%lld emergency read waits for its review",
					"%lld emergency reads wait for their review", (long long)n),
				(long long)n),
			(int64_t)n);
	n = 0;
	if (role_check(&p->r.actor, approvers, 3, NULL) == RC_OK)
		TRY(authorisation_all(p->r.db, p->a, NULL, 0, STR("asked"), 100, &asked, &n, err));
	for (size_t i = 0, all = n; i < all; i++)
		n -= p->r.actor.org && !tree_under(p->r.tree, asked[i].org, p->r.actor.org, clock_today());
	if (n > 0)
		alert(p, lines, tr("Authorisations to read minors' data"), "/authorisations", "wait",
			arena_fmt(p->a,
				trn("%lld authorisation waits for approval",
					"%lld authorisations wait for approval", (long long)n),
				(long long)n),
			(int64_t)n);
	return RC_OK;
}

/* ---- words of the clock, groups ---- */

static str span_words(struct page *p, int64_t ms)
{
	long long minutes = (ms + 59999) / 60000, hours = ms / 3600000, days = ms / DAY_MS;
	if (minutes < 60)
		return arena_fmt(p->a, trn("%lld minute", "%lld minutes", minutes), minutes);
	if (days < 1)
		return arena_fmt(p->a, trn("%lld hour", "%lld hours", hours), hours);
	return arena_fmt(p->a, trn("%lld day", "%lld days", days), days);
}

static void clock_face(struct page *p, struct task_line *l, int64_t now)
{
	int64_t whole = l->due_ms - l->start_ms, used = now - l->start_ms, last = l->due_ms - 1;
	int percent = whole <= 0 || used >= whole ? 100 : used < 0 ? 0 : (int)(used * 100 / whole);
	struct task *t = &l->task;
	bool hours = clock_day_of(l->start_ms) == clock_day_of(last) && whole < DAY_MS;
	t->clocked = true;
	t->ring = arena_fmt(p->a, "%d 100", percent);
	t->ring_look = l->when == TASK_OVERDUE ? "x" : l->when == TASK_TODAY || percent >= 80 ? "h" : "u";
	t->ring_words = l->when == TASK_OVERDUE ? str_of(tr("the time is used up"))
						: arena_fmt(p->a, tr("%d %% of the time used"), percent);
	t->look = l->when == TASK_OVERDUE ? "late" : l->when == TASK_TODAY ? "wait" : "";
	if (l->when == TASK_OVERDUE) {
		/* A term in days that ended last midnight is one day late. */
		int64_t late = hours ? now - l->due_ms : (clock_day_of(now) - clock_day_of(last)) * DAY_MS;
		t->left = arena_fmt(p->a, tr("%.*s late"), STR_ARG(span_words(p, late)));
	} else if (l->when == TASK_TODAY && !hours) {
		t->left = str_of(tr("due today"));
	} else {
		int64_t left = hours ? l->due_ms - now : (clock_day_of(last) - clock_day_of(now)) * DAY_MS;
		t->left = arena_fmt(p->a, tr("%.*s left"), STR_ARG(span_words(p, left)));
	}
}

static int soonest(const void *x, const void *y)
{
	const struct task_line *a = x, *b = y;
	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	if ((a->due_ms == 0) != (b->due_ms == 0))
		return a->due_ms == 0 ? -1 : 1;
	return (a->due_ms > b->due_ms) - (a->due_ms < b->due_ms);
}

static const char *const headings[] = {
	[TASK_OVERDUE] = N_("Overdue"),
	[TASK_TODAY] = N_("Due today"),
	[TASK_WEEK] = N_("This week"),
	[TASK_LATER] = N_("Coming"),
	[TASK_OPEN] = N_("Waiting for a word of yours"),
};

/* A long group shows its first lines and folds the rest. */
static void fold(struct page *p, struct task_group *g)
{
	if (g->list_n <= TASKS_SHOWN + 1)
		return;
	g->rest = g->list + TASKS_SHOWN;
	g->rest_n = g->list_n - TASKS_SHOWN;
	g->list_n = TASKS_SHOWN;
	g->rest_words = arena_fmt(p->a, tr("%zu more lines"), g->rest_n);
}

static void shape(struct page *p, struct task_lines *lines, struct tasks *out)
{
	qsort(lines->list, lines->n, sizeof *lines->list, soonest);
	for (size_t i = 0; i < lines->n;) {
		enum task_when when = lines->list[i].when;
		struct task_group *g = &out->groups[out->groups_n++];
		long long things = 0;
		g->list = NEWS(p->a, lines->n - i, struct task);
		g->late = when == TASK_OVERDUE;
		for (; i < lines->n && lines->list[i].when == when; i++) {
			struct task_line *l = &lines->list[i];
			if (l->due_ms)
				clock_face(p, l, lines->now_ms);
			g->list[g->list_n++] = l->task;
			things += l->count;
		}
		g->heading = arena_fmt(p->a, tr("%s: %lld"), tr(headings[when]), things);
		out->n += g->list_n;
		fold(p, g);
		out->things += things;
		if (g->late)
			out->overdue = things;
	}
	fold(p, &out->back);
}

enum rc tasks_read(struct page *p, struct tasks *out, struct err *err)
{
	struct task_lines lines = {.now_ms = clock_now_ms()};
	*out = (struct tasks){0};
	lines.list = NEWS(p->a, LINES_MAX, struct task_line);
	TRY(clocks(p, &lines, err));
	TRY(alerts(p, &lines, err));
	TRY(tasks_office(p, &lines, err));
	TRY(states(p, &lines, err));
	TRY(came_back(p, out, err));
	shape(p, &lines, out);
	return RC_OK;
}
