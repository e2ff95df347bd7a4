/* find.c -- see find.h. Each rule is one or two scans of a register, told apart in memory. */
#include "service/quality/find.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/map.h"
#include "register/permit.h"
#include "register/read_log.h"
#include <stdlib.h>

enum { COLUMNS_MAX = 4, LISTS_NEAR = 60 /* a list is compared with so many before it */ };

struct finding {
	struct reader *r;
	const struct quality_rule *rule;
	int64_t org;
	size_t max;
	struct quality_hit *hits;
	size_t n, cap;
};

static bool inside(const struct finding *f, int64_t org)
{
	return tree_under(f->r->tree, org, f->org, clock_today());
}

/* A hit is told to whom the rows of its unit are open: of minors' registers under an authorisation there. What the rule
 * counts must be open there too. The reader notes the rows told, as everywhere (read_log.h). */
static void hit(struct finding *f, const struct reg *reg, int64_t id, int64_t org, str what)
{
	struct basis b, of;
	const struct reg *counted = f->rule->counted;
	if (!permit_rows_of(f->r->tree, reg, &f->r->actor, org, &b) ||
		(counted && !permit_rows_of(f->r->tree, counted, &f->r->actor, org, &of)))
		return;
	if (f->n++ >= f->max)
		return;
	read_log_row(f->r->log, reg, id, &b);
	f->hits = arena_grow(f->r->a, f->hits, f->n - 1, &f->cap, sizeof *f->hits);
	f->hits[f->n - 1] = (struct quality_hit){reg, id, org, what};
}

/* ---- scans ---- */

struct scan {
	const struct reg *reg;
	const struct expr *when;
	const struct path *columns[COLUMNS_MAX]; /* dates come as day numbers */
	size_t n;
	const char *order; /* SQL behind ORDER BY, by column number */
};

struct scanned {
	int64_t id, org;
	int64_t values[COLUMNS_MAX];
	bool has[COLUMNS_MAX];
};

static enum rc scan_start(struct reader *r, const struct scan *s, struct stmt **out, struct err *err)
{
	struct query q;
	str columns = STR("");
	query_init(&q, r->a, r->city->model, s->reg, r->city->seal);
	str when = s->when ? query_expr(&q, s->when) : STR("1 = 1");
	for (size_t i = 0; i < s->n; i++) {
		bool day = s->columns[i]->type == E_DATE;
		str c = day ? query_day(&q, s->columns[i]) : query_path(&q, s->columns[i]);
		columns = arena_fmt(r->a, "%.*s, %.*s", STR_ARG(columns), STR_ARG(c));
	}
	str from = query_from(&q);
	str sql = arena_fmt(r->a, "SELECT r.\"id\", r.\"org\"%.*s %.*s WHERE (%.*s) ORDER BY %s",
		STR_ARG(columns), STR_ARG(from), STR_ARG(when), s->order);
	TRY(db_prepare(r->db, arena_cstr(r->a, sql), out, err));
	query_bind(&q, *out);
	return RC_OK;
}

static enum rc scan_next(
	const struct scan *s, struct stmt *stmt, struct scanned *out, bool *out_row, struct err *err)
{
	TRY(stmt_step(stmt, out_row, err));
	if (!*out_row)
		return RC_OK;
	*out = (struct scanned){.id = stmt_i64(stmt, 0), .org = stmt_i64(stmt, 1)};
	for (size_t i = 0; i < s->n; i++) {
		int at = (int)i + 2;
		int32_t day;
		out->has[i] = !stmt_null(stmt, at);
		if (!out->has[i])
			continue;
		if (s->columns[i]->type == E_DATE) {
			out->has[i] = date_parse(stmt_text(stmt, at), &day);
			out->values[i] = out->has[i] ? day : 0;
		} else {
			out->values[i] = stmt_i64(stmt, at);
		}
	}
	return RC_OK;
}

/* ---- rules ---- */

static enum rc find_rows(struct finding *f, struct err *err)
{
	struct scan s = {.reg = f->rule->of, .when = f->rule->when, .order = "1"};
	struct stmt *stmt;
	struct scanned row;
	bool more;
	TRY(scan_start(f->r, &s, &stmt, err));
	for (;;) {
		TRY(scan_next(&s, stmt, &row, &more, err));
		if (!more)
			return RC_OK;
		if (inside(f, row.org))
			hit(f, f->rule->of, row.id, row.org, STR(""));
	}
}

static enum rc count_by(struct finding *f, struct imap *out, struct err *err)
{
	struct scan s = {.reg = f->rule->counted,
		.when = f->rule->counted_when,
		.columns = {&f->rule->by},
		.n = 1,
		.order = "1"};
	struct stmt *stmt;
	struct scanned row;
	bool more;
	TRY(scan_start(f->r, &s, &stmt, err));
	for (;;) {
		TRY(scan_next(&s, stmt, &row, &more, err));
		if (!more)
			return RC_OK;
		if (row.has[0])
			++*imap_at(out, (uint64_t)row.values[0]);
	}
}

static enum rc find_counted(struct finding *f, const struct imap *counts, struct err *err)
{
	struct scan s = {.reg = f->rule->of, .when = f->rule->when, .order = "1"};
	struct stmt *stmt;
	struct scanned row;
	bool more;
	TRY(scan_start(f->r, &s, &stmt, err));
	for (;;) {
		int64_t n = 0;
		TRY(scan_next(&s, stmt, &row, &more, err));
		if (!more)
			return RC_OK;
		imap_has(counts, (uint64_t)row.id, &n);
		bool wrong = (f->rule->fewer_than >= 0 && n < f->rule->fewer_than) ||
			     (f->rule->more_than >= 0 && n > f->rule->more_than);
		if (wrong && inside(f, row.org))
			hit(f, f->rule->of, row.id, row.org,
				arena_fmt(f->r->a, tr("%lld in %.*s"), (long long)n,
					STR_ARG(label_text(&f->rule->counted->label))));
	}
}

static enum rc find_count(struct finding *f, struct err *err)
{
	struct imap counts = {0};
	enum rc rc = count_by(f, &counts, err);
	if (rc == RC_OK)
		rc = find_counted(f, &counts, err);
	imap_done(&counts);
	return rc;
}

/* The figure on each day is read once for a unit. */
static enum rc more_than_one(
	struct finding *f, const struct scanned *row, struct imap *known, struct err *err)
{
	struct figure_answer x;
	int32_t day = (int32_t)row->values[1];
	int64_t *at = imap_at(known, (uint64_t)row->org << 20 | (uint64_t)(day & 0xFFFFF));
	if (*at == 0) {
		struct period p = {.from = day, .to = day + 1, .text = STR("")};
		TRY(figure_value(f->r, f->rule->figure, &p, row->org, false, &x, err));
		at = imap_at(known, (uint64_t)row->org << 20 | (uint64_t)(day & 0xFFFFF));
		*at = (x.told ? x.value : -1) + 2; /* 0: not read yet */
	}
	int64_t have = *at - 2;
	if (have > 0 && row->values[0] > have) /* a unit without any is another rule's matter */
		hit(f, f->rule->of, row->id, row->org,
			arena_fmt(f->r->a, tr("%lld told, %.*s %lld"), (long long)row->values[0],
				STR_ARG(label_text(&f->rule->figure->label)), (long long)have));
	return RC_OK;
}

static enum rc find_more_than(struct finding *f, struct err *err)
{
	struct scan s = {.reg = f->rule->of,
		.when = f->rule->when,
		.columns = {&f->rule->heads, &f->rule->on},
		.n = 2,
		.order = "1"};
	struct scanned *rows = NULL, row;
	struct imap known = {0};
	size_t n = 0, cap = 0;
	struct stmt *stmt;
	bool more = true;
	TRY(scan_start(f->r, &s, &stmt, err));
	while (more) { /* gathered first: the figure's own statements follow */
		TRY(scan_next(&s, stmt, &row, &more, err));
		if (!more || !row.has[0] || !row.has[1] || !inside(f, row.org))
			continue;
		rows = arena_grow(f->r->a, rows, n, &cap, sizeof *rows);
		rows[n++] = row;
	}
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = more_than_one(f, &rows[i], &known, err);
	imap_done(&known);
	return rc;
}

static void round_unit(struct finding *f, int64_t unit, int64_t counts, int64_t round)
{
	if (counts >= f->rule->at_least && round * 100 >= f->rule->share * counts && inside(f, unit))
		hit(f, model_reg(f->r->city->model, STR("org")), unit, unit,
			arena_fmt(f->r->a, tr("%lld of %lld head-counts"), (long long)round,
				(long long)counts));
}

static enum rc find_round(struct finding *f, struct err *err)
{
	struct scan s = {.reg = f->rule->of,
		.when = f->rule->when,
		.columns = {&f->rule->per, &f->rule->heads},
		.n = 2,
		.order = "3, 1"};
	struct stmt *stmt;
	struct scanned row;
	bool more = true;
	int64_t unit = 0, counts = 0, round = 0;
	TRY(scan_start(f->r, &s, &stmt, err));
	while (more) {
		TRY(scan_next(&s, stmt, &row, &more, err));
		if (!more || !row.has[0] || row.values[0] != unit) {
			round_unit(f, unit, counts, round);
			unit = more && row.has[0] ? row.values[0] : 0;
			counts = round = 0;
		}
		if (!more || !row.has[1] || row.values[1] <= 1) /* a person's row is no head-count */
			continue;
		counts++;
		round += row.values[1] % f->rule->ends_in == 0;
	}
	return RC_OK;
}

int quality_alike(const int64_t *a, size_t a_n, const int64_t *b, size_t b_n)
{
	size_t both = 0, i = 0, k = 0, longer = a_n > b_n ? a_n : b_n;
	while (i < a_n && k < b_n) {
		both += a[i] == b[k];
		int64_t x = a[i], y = b[k];
		i += x <= y;
		k += y <= x;
	}
	return longer ? (int)(both * 100 / longer) : 0;
}

struct list_of {
	int64_t org, occasion;
	size_t from, n; /* in persons */
};

static void compare_lists(struct finding *f, const struct list_of *lists, size_t n, const int64_t *persons)
{
	const struct reg *reg = f->rule->occasion.last ? f->rule->occasion.last->to_reg : f->rule->of;
	for (size_t i = 0; i < n; i++) {
		const struct list_of *l = &lists[i];
		if ((int64_t)l->n < f->rule->at_least || !inside(f, l->org))
			continue;
		for (size_t k = i; k-- > 0 && i - k <= LISTS_NEAR && lists[k].org == l->org;) {
			int alike =
				quality_alike(persons + l->from, l->n, persons + lists[k].from, lists[k].n);
			if (alike < f->rule->share)
				continue;
			hit(f, reg, l->occasion, l->org,
				arena_fmt(f->r->a, tr("%d %% of the list of #%lld"), alike,
					(long long)lists[k].occasion));
			break;
		}
	}
}

static enum rc find_same_list(struct finding *f, struct err *err)
{
	struct scan s = {.reg = f->rule->of,
		.when = f->rule->when,
		.columns = {&f->rule->occasion, &f->rule->person},
		.n = 2,
		.order = "2, 3, 4"};
	struct list_of *lists = NULL;
	int64_t *persons = NULL;
	size_t n = 0, cap = 0, people = 0, people_cap = 0;
	struct stmt *stmt;
	struct scanned row;
	bool more = true;
	TRY(scan_start(f->r, &s, &stmt, err));
	while (more) {
		TRY(scan_next(&s, stmt, &row, &more, err));
		if (!more || !row.has[0] || !row.has[1])
			continue;
		if (n == 0 || lists[n - 1].org != row.org || lists[n - 1].occasion != row.values[0]) {
			lists = arena_grow(f->r->a, lists, n, &cap, sizeof *lists);
			lists[n++] = (struct list_of){row.org, row.values[0], people, 0};
		}
		struct list_of *l = &lists[n - 1];
		if (l->n && persons[people - 1] == row.values[1])
			continue;
		persons = arena_grow(f->r->a, persons, people, &people_cap, sizeof *persons);
		persons[people++] = row.values[1];
		l->n++;
	}
	compare_lists(f, lists, n, persons);
	return RC_OK;
}

static int by_person(const void *x, const void *y)
{
	const struct quality_stay *a = x, *b = y;
	if (a->person != b->person)
		return a->person < b->person ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

void quality_overlaps(struct quality_stay *list, size_t n, bool *out_overlaps)
{
	int64_t until = 0;
	if (n)
		qsort(list, n, sizeof *list, by_person);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && list[i - 1].person == list[i].person;
		out_overlaps[i] = same && list[i].from < until;
		until = same && until > list[i].to ? until : list[i].to;
	}
}

static enum rc find_two_places(struct finding *f, struct err *err)
{
	struct scan s = {.reg = f->rule->of,
		.when = f->rule->when,
		.columns = {&f->rule->person, &f->rule->starts, &f->rule->ends},
		.n = 3,
		.order = "1"};
	struct quality_stay *stays = NULL;
	size_t n = 0, cap = 0;
	struct stmt *stmt;
	struct scanned row;
	bool more = true;
	TRY(scan_start(f->r, &s, &stmt, err));
	while (more) {
		TRY(scan_next(&s, stmt, &row, &more, err));
		if (!more || !row.has[0] || !row.has[1] || !row.has[2])
			continue;
		stays = arena_grow(f->r->a, stays, n, &cap, sizeof *stays);
		stays[n++] =
			(struct quality_stay){row.id, row.org, row.values[0], row.values[1], row.values[2]};
	}
	bool *overlaps = NEWS(f->r->a, n + 1, bool);
	quality_overlaps(stays, n, overlaps);
	for (size_t i = 0; i < n; i++)
		if (overlaps[i] && inside(f, stays[i].org))
			hit(f, f->rule->of, stays[i].id, stays[i].org,
				arena_fmt(f->r->a, tr("while row #%lld lasts"), (long long)stays[i - 1].id));
	return RC_OK;
}

static bool open_to(const struct actor *actor, const struct reg *reg)
{
	return reg == NULL || permit_reach(reg, actor) >= REACH_SUBTREE;
}

enum rc quality_find(struct reader *r, const struct quality_rule *rule, int64_t org, size_t max,
	struct quality_hit **out, size_t *out_n, bool *out_closed, struct err *err)
{
	static enum rc (*const finders[])(struct finding * f, struct err * err) = {[QUALITY_ROWS] = find_rows,
		[QUALITY_COUNT] = find_count,
		[QUALITY_MORE_THAN] = find_more_than,
		[QUALITY_ROUND] = find_round,
		[QUALITY_SAME_LIST] = find_same_list,
		[QUALITY_TWO_PLACES] = find_two_places};
	struct finding f = {.r = r, .rule = rule, .org = org, .max = max};
	*out_n = 0;
	*out_closed = !open_to(&r->actor, rule->of) || !open_to(&r->actor, rule->counted) ||
		      (rule->figure && !open_to(&r->actor, rule->figure->of)) ||
		      (rule->when && permit_expr(&r->actor, rule->when, NULL) != RC_OK);
	if (*out_closed)
		return RC_OK;
	TRY(finders[rule->kind](&f, err));
	*out = f.hits;
	*out_n = f.n;
	return RC_OK;
}
