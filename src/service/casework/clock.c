/* clock.c -- see clock.h. */
#include "service/casework/clock.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/expr.h"
#include "register/permit.h"
#include "service/casework/deadline.h"
#include <stdlib.h>

static const int64_t MINUTE_MS = 60000, DAY_MS = 86400000;

static int64_t day_start(int32_t day)
{
	return (int64_t)day * DAY_MS - (int64_t)clock_zone() * MINUTE_MS;
}

enum rc clock_term(const struct workdays *w, const struct clock_rule *rule, int64_t start_ms, bool extended,
	int64_t *out_due_ms, struct err *err)
{
	int32_t days = rule->days + (extended ? rule->longer : 0);
	if (rule->minutes) {
		*out_due_ms = start_ms + rule->minutes * MINUTE_MS;
		return RC_OK;
	}
	if (days == 0) { /* the field itself names the last day */
		*out_due_ms = day_start(clock_day_of(start_ms) + 1);
		return RC_OK;
	}
	struct deadline_rule d = {.unit = rule->working ? DEADLINE_WORKDAYS : DEADLINE_DAYS, .term = days};
	struct deadline out;
	TRY(deadline_at(w, &d, start_ms, NULL, 0, start_ms, &out, err));
	*out_due_ms = out.due_ms;
	return RC_OK;
}

struct finding {
	struct reader *r;
	const struct workdays *w;
	int64_t org, now_ms;
	struct clock_due *list;
	size_t n, cap;
};

static bool has_any(const struct actor *actor, const str *roles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (actor_has_role(actor, roles[i]))
			return true;
	return false;
}

static int32_t ahead(const struct clock_rule *rule)
{
	return rule->remind > CLOCK_AHEAD_DAYS ? rule->remind : CLOCK_AHEAD_DAYS;
}

static enum rc add(struct finding *f, const struct clock_rule *rule, struct clock_due d, bool extended,
	bool escalated, struct err *err)
{
	TRY(clock_term(f->w, rule, d.start_ms, extended, &d.due_ms, err));
	if (rule->days == 0 && rule->minutes == 0) /* the clock is seen for as long as it is told of before */
		d.start_ms -= (rule->remind ? rule->remind : 1) * DAY_MS;
	int64_t last = f->now_ms + ahead(rule) * DAY_MS;
	if (escalated)
		last = f->now_ms - rule->after * DAY_MS;
	if (d.due_ms > last)
		return RC_OK;
	d.rule = rule;
	f->list = arena_grow(f->r->a, f->list, f->n, &f->cap, sizeof *f->list);
	f->list[f->n++] = d;
	return RC_OK;
}

/* The condition of rows whose term may end soon enough: working days and extensions only end later. */
static str condition(struct finding *f, const struct clock_rule *rule, bool escalated)
{
	struct arena *a = f->r->a;
	str w = arena_fmt(a, "(%.*s) and %.*s is not null", STR_ARG(rule->where), STR_ARG(rule->from->id));
	if (rule->stops)
		w = arena_fmt(a, "%.*s and %.*s is null", STR_ARG(w), STR_ARG(rule->stops->id));
	if (rule->from->type != T_DATE)
		return w;
	int32_t last = clock_day_of(f->now_ms) + (escalated ? 0 : ahead(rule)) - rule->days;
	return arena_fmt(a, "%.*s and %.*s <= '%.*s'", STR_ARG(w), STR_ARG(rule->from->id),
		STR_ARG(date_str(a, last)));
}

static int64_t start_of(const struct field *from, int64_t i, str t)
{
	int32_t day = 0;
	if (from->type == T_TIME)
		return i;
	return date_parse(t, &day) ? day_start(day) : 0;
}

/* The day of the last row that set the clock anew; *start stays where there is none. */
static enum rc set_anew(
	struct finding *f, const struct clock_rule *rule, int64_t id, int64_t *start, struct err *err)
{
	struct record **rows;
	size_t n;
	struct record_query q = {.reg = rule->again,
		.where = arena_fmt(f->r->a, "%.*s = %lld%s", STR_ARG(rule->again_by->id), (long long)id,
			reg_state(rule->again, STR("void")) ? " and state != 'void'" : ""),
		.declared = true,
		.by = rule->again_on,
		.by_falling = true,
		.limit = 1};
	TRY(record_list(f->r, &q, &rows, &n, err));
	if (n && rows[0]->values[rule->again_on->at].kind == V_TEXT)
		*start = start_of(rule->again_on, 0, rows[0]->values[rule->again_on->at].t);
	return RC_OK;
}

/* Rows that the actor may read. */
static enum rc find_open(struct finding *f, const struct clock_rule *rule, bool escalated, struct err *err)
{
	struct record **rows;
	size_t n;
	struct record_query q = {.reg = rule->reg,
		.org = f->org,
		.where = condition(f, rule, escalated),
		.declared = true,
		.by = rule->from,
		.limit = CLOCK_ROWS_MAX};
	TRY(record_list(f->r, &q, &rows, &n, err));
	size_t before = f->n;
	for (size_t i = 0; i < n; i++) {
		const struct value *v = &rows[i]->values[rule->from->at];
		if (v->kind == V_NULL) /* not shown to this role: then neither is its clock */
			continue;
		struct clock_due d = {.row = rows[i]->id,
			.org = rows[i]->org,
			.state = rows[i]->state,
			.start_ms = start_of(rule->from, v->i, v->t)};
		if (rule->again)
			TRY(set_anew(f, rule, d.row, &d.start_ms, err));
		bool extended = rule->longer_if && rows[i]->values[rule->longer_if->at].i == 1;
		TRY(add(f, rule, d, extended, escalated, err));
	}
	if (n < CLOCK_ROWS_MAX || f->n == before)
		return RC_OK;
	int64_t all;
	TRY(record_count(f->r, &q, &all, err));
	f->list[f->n - 1].beyond = all - (int64_t)n;
	return RC_OK;
}

static bool is_open(const struct finding *f, const struct clock_rule *rule, int64_t id)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].rule == rule && f->list[i].row == id)
			return true;
	return false;
}

/* Clocks that ran out on rows that the actor may not read, as numbers: hearing of them opens no row. */
static enum rc find_watched(struct finding *f, const struct clock_rule *rule, struct err *err)
{
	struct reader *r = f->r;
	struct query q;
	struct expr *e;
	struct stmt *s;
	bool row;
	enum rc rc;
	size_t units_n = 0, n = 0, before = f->n;
	int64_t top = f->org ? f->org : r->actor.org ? r->actor.org : r->city->root_org;
	const int64_t *units = tree_subtree(r->a, r->tree, top, clock_today(), &units_n);
	query_init(&q, r->a, r->city->model, rule->reg, r->city->seal);
	TRY(expr_parse(
		r->a, r->city->model, rule->reg, condition(f, rule, true), EXPR_FREE, E_BOOL, &e, err));
	str when = query_expr(&q, e), from = query_from(&q), longer = STR("0");
	int at = query_param_int(&q, 0);
	if (rule->longer_if)
		longer = arena_fmt(r->a, "r.\"%.*s\"", STR_ARG(rule->longer_if->id));
	str sql = arena_fmt(r->a,
		"SELECT r.\"%.*s\", %.*s, r.\"id\" %.*s WHERE (%.*s) AND r.\"org\" {in ?%d} ORDER BY 1",
		STR_ARG(rule->from->id), STR_ARG(longer), STR_ARG(from), STR_ARG(when), at);
	TRY(db_prepare(r->db, arena_cstr(r->a, sql), &s, err));
	query_bind(&q, s);
	stmt_bind_ids(s, at, units, units_n);
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row) {
		bool time = rule->from->type == T_TIME, extended = stmt_i64(s, 1) == 1;
		int64_t i = time ? stmt_i64(s, 0) : 0;
		str t = time ? (str){0} : stmt_str(r->a, s, 0);
		struct clock_due d = {.watched = true, .start_ms = start_of(rule->from, i, t)};
		if (is_open(f, rule, stmt_i64(s, 2)))
			continue;
		if (++n > CLOCK_ROWS_MAX && f->n > before)
			f->list[f->n - 1].beyond++;
		else
			TRY(add(f, rule, d, extended, true, err));
	}
	return rc;
}

/* A date of the calendar: told from `remind` days before until it has passed. */
static enum rc find_yearly(struct finding *f, const struct clock_rule *rule, struct err *err)
{
	int32_t today = clock_day_of(f->now_ms);
	int year = date_ymd(today).year;
	int32_t day = date_of(year, rule->month, rule->day);
	if (day < today)
		day = date_of(year + 1, rule->month, rule->day);
	if (day == DATE_NONE || day - today > ahead(rule))
		return RC_OK;
	return add(f, rule, (struct clock_due){.start_ms = day_start(day)}, false, false, err);
}

static enum rc find_rule(struct finding *f, const struct clock_rule *rule, struct err *err)
{
	const struct actor *actor = &f->r->actor;
	bool his = has_any(actor, rule->to, rule->to_n);
	bool told = !his && has_any(actor, rule->escalate, rule->escalate_n);
	if (!his && !told)
		return RC_OK;
	if (rule->reg == NULL)
		TRY(find_yearly(f, rule, err));
	else if (permit_reach(rule->reg, actor) != REACH_NONE)
		TRY(find_open(f, rule, told, err));
	return rule->reg && told && rule->reg->sensitivity >= SENS_MINOR ? find_watched(f, rule, err) : RC_OK;
}

static int soonest(const void *x, const void *y)
{
	const struct clock_due *a = x, *b = y;
	if (a->due_ms != b->due_ms)
		return a->due_ms < b->due_ms ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

enum rc clock_find(struct reader *r, const struct clock_rules *rules, int64_t org, int64_t now_ms,
	struct clock_due **out, size_t *out_n, struct err *err)
{
	struct workdays w;
	struct finding f = {.r = r, .w = &w, .org = org, .now_ms = now_ms};
	TRY(workday_shipped(r->a, &w, err));
	struct read_log *log = r->log;
	enum rc rc = RC_OK;
	r->log = NULL; /* nothing of the rows is shown */
	for (size_t i = 0; rc == RC_OK && i < rules->n; i++)
		rc = find_rule(&f, &rules->list[i], err);
	r->log = log;
	TRY(rc);
	if (f.n > 0)
		qsort(f.list, f.n, sizeof *f.list, soonest);
	*out = f.list;
	*out_n = f.n;
	return RC_OK;
}
