/* naive.h -- an independent reading of the small model in tests/unit/figure/model: one hand-written SELECT per figure,
 * ancestors by climbing org_link, sums in a sorted list. Shares no code with src/figure but the address of a cell. */
#pragma once
#include "base/date.h"
#include "figure/cells.h"
#include "register/city.h"
#include "tests.h"

struct naive_cell {
	int64_t org;
	char figure[40];
	uint32_t span;
	int part;
	int64_t value;
};
struct naive {
	struct naive_cell *list;
	size_t n;
};
/* All cells, sorted by (org, span, figure, part), none of them zero. */
static void naive_cells(struct arena *a, struct db *db, struct naive *out);
/* Stocks, balance, latest and median of the model for org and [from, to); false for figures that it does not know. */
static bool naive_value(struct arena *a, struct db *db, const char *figure, int64_t org, int32_t from,
	int32_t to, int64_t *out);

static bool step(struct stmt *s)
{
	struct err err = {0};
	bool row = false;
	assert_ok(stmt_step(s, &row, &err), &err);
	return row;
}

static struct stmt *ask(struct db *db, const char *sql)
{
	struct err err = {0};
	struct stmt *s;
	assert_ok(db_prepare(db, sql, &s, &err), &err);
	return s;
}

/* ---- the tree, by links ---- */

struct links {
	struct link {
		int64_t org, parent;
		char from[12], to[12];
	} * list;
	size_t n, cap;
};

static void text(struct stmt *s, int column, char *out, size_t cap)
{
	str t = stmt_text(s, column);
	assert_true(t.n < cap);
	memcpy(out, t.p ? t.p : "", t.n);
	out[t.n] = 0;
}

static void load_links(struct arena *a, struct db *db, struct links *l)
{
	struct stmt *s = ask(db, "SELECT org, parent, from_date, to_date FROM org_link");
	*l = (struct links){0};
	while (step(s)) {
		l->list = arena_grow(a, l->list, l->n, &l->cap, sizeof *l->list);
		struct link *k = &l->list[l->n++];
		k->org = stmt_i64(s, 0);
		k->parent = stmt_i64(s, 1);
		text(s, 2, k->from, sizeof k->from);
		text(s, 3, k->to, sizeof k->to);
	}
}

static int64_t parent(const struct links *l, int64_t org, const char *day)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].org == org && strcmp(l->list[i].from, day) <= 0 &&
			strcmp(day, l->list[i].to) < 0)
			return l->list[i].parent;
	return 0;
}

enum { NODES_MAX = 64 };
static size_t climb(const struct links *l, const int64_t *orgs, size_t n, const char *day, int64_t *out)
{
	size_t got = 0;
	for (size_t i = 0; i < n; i++)
		for (int64_t org = orgs[i]; org; org = parent(l, org, day)) {
			bool there = false;
			for (size_t k = 0; k < got; k++)
				there = there || out[k] == org;
			if (!there) {
				assert_true(got < NODES_MAX);
				out[got++] = org;
			}
		}
	return got;
}

static size_t holders(struct stmt *s, int org_column, int64_t *out)
{
	size_t n = 0;
	out[n++] = stmt_i64(s, org_column);
	str list = stmt_text(s, org_column + 1);
	while (list.n) {
		int64_t id;
		if (str_i64(str_cut(list, ',', &list), &id))
			out[n++] = id;
	}
	return n;
}

/* ---- cells ---- */

#define ROW_GRADE \
	"CASE WHEN r.source = 'site_code' AND r.who IS NOT NULL THEN 0 " \
	"WHEN r.source <> 'site_code' AND p.identified = 1 THEN 1 ELSE 2 END"
#define EVENT_GRADE \
	"CASE WHEN r.source = 'form' AND r.hours IS NOT NULL THEN 0 WHEN d.kind = 'sea' THEN 1 ELSE 2 END"
#define FROM_ROW \
	" FROM fz_row r LEFT JOIN fz_event e ON e.id = r.event LEFT JOIN fz_drive d ON d.id = e.drive" \
	" LEFT JOIN person p ON p.id = r.who WHERE "
#define FROM_EVENT " FROM fz_event r LEFT JOIN fz_drive d ON d.id = r.drive WHERE "
#define ATTEND "r.state = 'valid' AND d.kind = 'sea' AND e.state = 'completed'"

/* org, cohosts, date, grade, weight (of a distinct figure: heads), reference */
static const struct {
	const char *figure;
	bool distinct, heads;
	const char *sql;
} figures[] = {
	{"fz.events", false, false,
		"SELECT r.org, r.cohosts, r.held_on, " EVENT_GRADE ", 1, NULL" FROM_EVENT
		"r.state = 'completed'"},
	{"fz.events.hours", false, false,
		"SELECT r.org, r.cohosts, r.held_on, " EVENT_GRADE ", COALESCE(r.hours, 0), NULL" FROM_EVENT
		"r.state = 'completed'"},
	{"fz.events.drives", true, false,
		"SELECT r.org, r.cohosts, r.held_on, " EVENT_GRADE ", 0, r.drive" FROM_EVENT
		"r.state = 'completed'"},
	{"fz.events.started", false, false,
		"SELECT r.org, r.cohosts, {day (r.starts_at + 28800000)}, " EVENT_GRADE
		", 1, NULL" FROM_EVENT "r.state = 'completed'"},
	{"fz.events.good", false, false,
		"SELECT r.org, r.cohosts, r.held_on, " EVENT_GRADE ", 1, NULL" FROM_EVENT
		"r.state = 'completed' AND r.id IN (SELECT x.event FROM fz_day x JOIN fz_drive y"
		" ON y.id = x.drive WHERE x.good = 1 AND y.kind = 'sea')"},
	{"fz.events.no_day", false, false,
		"SELECT r.org, r.cohosts, r.held_on, " EVENT_GRADE ", COALESCE(r.hours, 0), NULL" FROM_EVENT
		"(SELECT COUNT(*) FROM fz_day x WHERE x.event = r.id) = 0"},
	{"fz.attend", false, false,
		"SELECT r.org, NULL, r.served_on, " ROW_GRADE ", COALESCE(r.n, 0), NULL" FROM_ROW ATTEND},
	{"fz.attend.people", true, true,
		"SELECT r.org, NULL, r.served_on, " ROW_GRADE ", COALESCE(r.n, 0), r.who" FROM_ROW ATTEND},
	{"fz.attend.hours", false, false,
		"SELECT r.org, NULL, r.served_on, " ROW_GRADE ", COALESCE(r.hours, 0), NULL" FROM_ROW ATTEND},
	{"fz.attend.by_event", false, false,
		"SELECT r.org, NULL, e.held_on, " ROW_GRADE ", 1, NULL" FROM_ROW ATTEND},
	{"fz.attend.people_by_event", true, true,
		"SELECT r.org, NULL, e.held_on, " ROW_GRADE ", COALESCE(r.n, 0), r.who" FROM_ROW
		"r.state = 'valid'"},
	{"fz.attend.events", true, false,
		"SELECT r.org, NULL, r.served_on, " ROW_GRADE ", 0, r.event" FROM_ROW ATTEND},
	{"fz.attend.units", true, false,
		"SELECT r.org, NULL, r.served_on, " ROW_GRADE ", 0, r.org" FROM_ROW "r.state = 'valid'"},
	{"fz.attend.drives", true, false,
		"SELECT r.org, NULL, r.served_on, " ROW_GRADE ", 0, e.drive" FROM_ROW "r.state = 'valid'"},
	{"fz.attend.all", false, false,
		"SELECT r.org, NULL, r.served_on, " ROW_GRADE ", 1, NULL" FROM_ROW "1 = 1"},
};

struct making {
	struct arena *a;
	struct naive *out;
	size_t cap;
};

static void put(struct making *m, int64_t org, const char *figure, uint32_t span, int part, int64_t value)
{
	m->out->list = arena_grow(m->a, m->out->list, m->out->n, &m->cap, sizeof *m->out->list);
	struct naive_cell *c = &m->out->list[m->out->n++];
	*c = (struct naive_cell){.org = org, .span = span, .part = part, .value = value};
	snprintf(c->figure, sizeof c->figure, "%s", figure);
}

static int by_cell(const void *x, const void *y)
{
	const struct naive_cell *a = x, *b = y;
	if (a->org != b->org)
		return a->org > b->org ? 1 : -1;
	if (a->span != b->span)
		return a->span > b->span ? 1 : -1;
	int name = strcmp(a->figure, b->figure);
	return name ? name : a->part - b->part;
}

struct shown {
	int64_t org, reference;
	uint32_t year;
};

static int by_shown(const void *x, const void *y)
{
	const struct shown *a = x, *b = y;
	if (a->org != b->org)
		return a->org > b->org ? 1 : -1;
	if (a->year != b->year)
		return a->year > b->year ? 1 : -1;
	return (a->reference > b->reference) - (a->reference < b->reference);
}

static void one_figure(struct making *m, struct db *db, const struct links *l, size_t k)
{
	struct stmt *s = ask(db, figures[k].sql);
	struct shown *shown = NULL;
	size_t n = 0, cap = 0;
	while (step(s)) {
		int64_t orgs[40], up[NODES_MAX];
		char day[16];
		if (stmt_null(s, 2))
			continue;
		text(s, 2, day, sizeof day);
		uint32_t year = (uint32_t)atoi(day), month = (uint32_t)atoi(day + 5);
		size_t nodes = climb(l, orgs, holders(s, 0, orgs), day, up);
		for (size_t i = 0; i < nodes; i++) {
			int64_t weight = figures[k].distinct ? 1 : stmt_i64(s, 4);
			put(m, up[i], figures[k].figure, year * 16 + month, (int)stmt_i64(s, 3), weight);
			if (figures[k].heads)
				put(m, up[i], figures[k].figure, year * 16 + month, PART_HEADS,
					stmt_i64(s, 4) - 1);
			if (!figures[k].distinct || stmt_null(s, 5))
				continue;
			shown = arena_grow(m->a, shown, n, &cap, sizeof *shown);
			shown[n++] = (struct shown){up[i], stmt_i64(s, 5), year};
		}
	}
	if (n > 1)
		qsort(shown, n, sizeof *shown, by_shown);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || by_shown(&shown[i], &shown[i - 1]) != 0)
			put(m, shown[i].org, figures[k].figure, shown[i].year * 16, PART_REFS, 1);
}

static void naive_cells(struct arena *a, struct db *db, struct naive *out)
{
	struct making m = {.a = a, .out = out};
	struct links l;
	*out = (struct naive){0};
	load_links(a, db, &l);
	for (size_t k = 0; k < sizeof figures / sizeof *figures; k++)
		one_figure(&m, db, &l, k);
	if (out->n > 1)
		qsort(out->list, out->n, sizeof *out->list, by_cell);
	size_t n = 0;
	for (size_t i = 0; i < out->n;) {
		struct naive_cell sum = out->list[i++];
		for (; i < out->n && by_cell(&sum, &out->list[i]) == 0; i++)
			sum.value += out->list[i].value;
		if (sum.value)
			out->list[n++] = sum;
	}
	out->n = n;
}

/* ---- figures without cells ---- */

static bool under(const struct links *l, int64_t org, int64_t anc, int32_t day)
{
	int64_t up[NODES_MAX];
	char text_day[DATE_TEXT_BYTES];
	date_text(day, text_day);
	size_t n = climb(l, &org, 1, text_day, up);
	for (size_t i = 0; i < n; i++)
		if (up[i] == anc)
			return true;
	return false;
}

/* id, org, begins_on, ends_on, drive, level of fz_term: day by day. */
static int64_t terms(struct arena *a, struct db *db, const struct links *l, const char *figure, int64_t org,
	int32_t from, int32_t to)
{
	bool last_day = strcmp(figure, "fz.terms.last_day") == 0,
	     drives = strcmp(figure, "fz.terms.drives") == 0;
	int32_t first = strcmp(figure, "fz.terms.during") == 0 ? from : to - 1;
	int64_t seen[4096], value = 0;
	size_t seen_n = 0;
	struct stmt *s = ask(db, "SELECT id, org, begins_on, ends_on, drive FROM fz_term");
	(void)a;
	while (step(s)) {
		int32_t begins, ends = INT32_MAX;
		bool in = false, known = false;
		if (!date_parse(stmt_text(s, 2), &begins))
			continue;
		if (date_parse(stmt_text(s, 3), &ends))
			ends += last_day;
		for (int32_t day = first; day < to && !in; day++)
			in = begins <= day && day < ends && under(l, stmt_i64(s, 1), org, day);
		if (!in)
			continue;
		for (size_t i = 0; i < seen_n; i++)
			known = known || seen[i] == stmt_i64(s, 4);
		if (drives && (stmt_null(s, 4) || known))
			continue;
		assert_true(seen_n < 4096 || !drives);
		if (drives)
			seen[seen_n++] = stmt_i64(s, 4);
		value++;
	}
	return value;
}

static int64_t latest(struct db *db, const struct links *l, int64_t org, int32_t to)
{
	struct {
		int64_t drive, level;
	} best[4096];
	size_t n = 0;
	int64_t value = 0;
	/* In this order a later reading simply replaces an earlier one. */
	struct stmt *s =
		ask(db, "SELECT org, begins_on, drive, level FROM fz_term WHERE begins_on IS NOT NULL"
			" AND drive IS NOT NULL AND level IS NOT NULL ORDER BY begins_on, id");
	while (step(s)) {
		int32_t day;
		assert_true(date_parse(stmt_text(s, 1), &day));
		if (day >= to || !under(l, stmt_i64(s, 0), org, day))
			continue;
		size_t i = 0;
		while (i < n && best[i].drive != stmt_i64(s, 2))
			i++;
		assert_true(i < 4096);
		best[i].drive = stmt_i64(s, 2);
		best[i].level = stmt_i64(s, 3);
		n += i == n;
	}
	for (size_t i = 0; i < n; i++)
		value += best[i].level;
	return value;
}

static int by_i64(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a > b) - (a < b);
}

static bool hours(struct arena *a, struct db *db, const struct links *l, bool median, int64_t org,
	int32_t from, int32_t to, int64_t *out)
{
	int64_t *list = NULL, sum = 0;
	size_t n = 0, cap = 0;
	struct stmt *s = ask(db, median ? "SELECT r.org, r.served_on, r.hours" FROM_ROW
					  "r.state = 'valid' AND r.hours IS NOT NULL"
					: "SELECT r.org, r.served_on, r.hours" FROM_ROW ATTEND);
	while (step(s)) {
		int32_t day;
		if (!date_parse(stmt_text(s, 1), &day) || day >= to || (median && day < from) ||
			!under(l, stmt_i64(s, 0), org, day))
			continue;
		sum += stmt_i64(s, 2);
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = stmt_i64(s, 2);
	}
	if (n > 1)
		qsort(list, n, sizeof *list, by_i64);
	*out = !median ? sum : n ? list[(n - 1) / 2] : INT64_MIN;
	return true;
}

static bool naive_value(struct arena *a, struct db *db, const char *figure, int64_t org, int32_t from,
	int32_t to, int64_t *out)
{
	struct links l;
	load_links(a, db, &l);
	if (strcmp(figure, "fz.terms.level") == 0) {
		*out = latest(db, &l, org, to);
		return true;
	}
	if (strncmp(figure, "fz.terms", 8) == 0) {
		*out = terms(a, db, &l, figure, org, from, to);
		return true;
	}
	bool median = strcmp(figure, "fz.attend.middle") == 0;
	if (median || strcmp(figure, "fz.attend.total") == 0)
		return hours(a, db, &l, median, org, from, to, out);
	return false;
}
