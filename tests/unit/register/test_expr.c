/* Expressions: what is refused and where; spelling; and thousands of random ones, evaluated by SQL and by a small
 * evaluator of the test's own that knows neither parser nor SQL. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/rand.h"
#include "database.h"
#include "guard/seal.h"
#include "register/expr.h"
#include "register/schema.h"
#include "small_model.h"
#include "store/migrate.h"

/* ---- what is told ---- */

struct refused {
	const char *text, *words;
	int column;
	enum expr_use use;
};

static void what_does_not_fit_is_told_with_its_column(void **state)
{
	(void)state;
	static const struct refused list[] = {
		{"stat = 'valid'", "no field “stat”; did you mean “state”?", 1, EXPR_FREE},
		{"event.helt_on = '2025-01-01'", "no field “helt_on”; did you mean “held_on”?", 7, EXPR_FREE},
		{"state = 'vaild'", "no state “vaild”; did you mean “valid”?", 9, EXPR_FREE},
		{"state = '有效'", "no state “有效”", 9, EXPR_FREE},
		{"kind = '现场'", "did you mean “site”?", 8, EXPR_FREE},
		{"event.state = 'done'", "register event has no state", 15, EXPR_FREE},
		{"n = 1.5", "1.5 is no whole number", 5, EXPR_FREE},
		{"hours = 0.333", "too many decimals", 9, EXPR_FREE},
		{"hours > event.cost", "do not fit together", 7, EXPR_FREE},
		{"hours > n", "do not fit together", 7, EXPR_FREE},
		{"hours * hours > 1", "do not fit together", 7, EXPR_FREE},
		{"served_on > 3", "a date and a number", 11, EXPR_FREE},
		{"served_on = '2025-02-30'", "is no date", 13, EXPR_FREE},
		{"for_month = served_on", "write month(date)", 11, EXPR_FREE},
		{"served_on - event.held_on > 3", "write days(from, to)", 1, EXPR_FREE},
		{"n", "a condition was expected", 1, EXPR_FREE},
		{"n = null", "is null", 5, EXPR_FREE},
		{"n == 1", "write =", 3, EXPR_FREE},
		{"n = 1 && n = 2", "write and", 7, EXPR_FREE},
		{"n ＝ 1", "write =", 3, EXPR_FREE},
		{"state = ‘valid’", "write '", 9, EXPR_FREE},
		{"state = 'valid", "not closed", 9, EXPR_FREE},
		{"n = 1 And n = 2", "did you mean “and”?", 7, EXPR_FREE},
		{"(n = 1", "“)” is missing at the end", 7, EXPR_FREE},
		{"n = ", "ends too early", 5, EXPR_FREE},
		{"", "ends too early", 1, EXPR_FREE},
		{"dayz(served_on, today) > 1", "did you mean “days”?", 1, EXPR_FREE},
		{"age(event, today) > 1", "needs a person", 5, EXPR_FREE},
		{"under(event, 'X')", "needs an organisation", 7, EXPR_FREE},
		{"under(org, 3)", "code of an organisation", 12, EXPR_FREE},
		{"exists(note by stars)", "does not lead back to record", 16, EXPR_FREE},
		{"exists(notes by about)", "did you mean “note”?", 8, EXPR_FREE},
		{"exists(note by about where star > 1)", "did you mean “stars”?", 28, EXPR_FREE},
		{"title.x = 1", "no field “title”", 1, EXPR_FREE},
		{"n.x = 1", "is no reference", 1, EXPR_FREE},
		{"event = 'x'", "follow the reference", 7, EXPR_FREE},
		{"event > 3", "have no order", 7, EXPR_FREE},
		{"volunteer.name > 'x'", "is sealed", 1, EXPR_FREE},
		{"volunteer.note = 'x'", "no blind index", 1, EXPR_FREE},
		{"volunteer.name = 'x'", "cannot stand in a figure", 1, EXPR_FIGURE},
		{"served_on < today", "today", 13, EXPR_FIGURE},
		{"under(org, 'X')", "under", 1, EXPR_FIGURE},
		{"event.hosts = 'x'", "asked for null", 13, EXPR_FREE},
		{"n in (1, 'x')", "a number and a text", 10, EXPR_FREE},
		{"not n", "a condition was expected", 5, EXPR_FREE},
		{"(n = 1) = true", "conditions cannot be compared", 9, EXPR_FREE},
	};
	struct arena a = {0};
	struct model *m = small_model_load(&a);
	struct expr *e = NULL;
	struct err err;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		enum rc rc = expr_parse(&a, m, model_reg(m, STR("record")), str_of(list[i].text), list[i].use,
			E_BOOL, &e, &err);
		if (rc != RC_INVALID)
			fail_msg("let through: %s", list[i].text);
		const char *column = arena_printf(&a, "column %d: ", list[i].column);
		if (strncmp(err.text, column, strlen(column)) != 0 || !strstr(err.text, list[i].words))
			fail_msg("%s\n  %s\n  wanted %s%s", list[i].text, err.text, column, list[i].words);
	}
	assert_null(e);
	model_done(m);
	arena_done(&a);
}

static void one_meaning_has_one_spelling(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{"(state='valid')and(n>1)", "state = 'valid' and n > 1"},
		{"not(n=1 or n=2)", "not (n = 1 or n = 2)"},
		{"((n)+(1))*2 > 3", "(n + 1) * 2 > 3"},
		{"n + (1 * 2) > 3", "n + 1 * 2 > 3"},
		{"n - (1 - 2) = 3", "n - (1 - 2) = 3"},
		{"source in('a','it''s')", "source in ('a', 'it''s')"},
		{"n  not\nbetween 1 and 2", "n not between 1 and 2"},
		{"exists( note by about where stars>1 )", "exists(note by about where stars > 1)"},
		{"hours = 1.50", "hours = 1.50"},
		{"out_at-in_at > 1.5", "out_at - in_at > 1.5"},
	};
	struct arena a = {0};
	struct model *m = small_model_load(&a);
	struct expr *e;
	struct err err;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_ok(expr_parse(&a, m, model_reg(m, STR("record")), str_of(pairs[i][0]), EXPR_FREE,
				  E_BOOL, &e, &err),
			&err);
		assert_string_equal(expr_text(&a, e).p, pairs[i][1]);
	}
	model_done(m);
	arena_done(&a);
}

/* ---- a little city in memory and in a database ---- */

#define NONE INT64_MIN
enum { ORGS = 4, PEOPLE = 6, EVENTS = 6, ROWS = 48, NOTES = 30 };

struct row {
	int64_t id, org, event, person, n, served, hours, in_at, out_at, month;
	const char *state, *source, *kind;
};
struct world {
	struct arena a;
	struct model *m;
	struct db *db;
	struct seal *seal;
	char path[TEST_URL_BYTES], key[80];
	struct rng rng;
	int64_t event_day[EVENTS + 1], event_hours[EVENTS + 1], event_risk[EVENTS + 1], event_org[EVENTS + 1];
	int64_t birth[PEOPLE + 1], identified[PEOPLE + 1], named[PEOPLE + 1];
	int64_t note_about[NOTES + 1], note_stars[NOTES + 1];
	struct row rows[ROWS + 1];
};

static int64_t pick(struct world *w, int64_t n)
{
	return (int64_t)rng_below(&w->rng, (uint64_t)n);
}

static int64_t maybe(struct world *w, int64_t v)
{
	return pick(w, 5) == 0 ? NONE : v;
}

static const char *day_text(struct arena *a, int64_t day)
{
	return day == NONE ? "NULL" : arena_printf(a, "'%s'", date_str(a, (int32_t)day).p);
}

static const char *month_text(struct arena *a, int64_t month)
{
	return month == NONE ? "NULL"
			     : arena_printf(a, "'%04d-%02d'", (int)(month / 12), (int)(month % 12) + 1);
}

static const char *int_text(struct arena *a, int64_t v)
{
	return v == NONE ? "NULL" : arena_printf(a, "%lld", (long long)v);
}

static void sql(struct world *w, const char *text)
{
	struct err err;
	if (db_exec(w->db, text, &err) != RC_OK)
		fail_msg("%s\n%s", err.text, text);
}

static void insert(struct world *w, const char *reg, int64_t id, int64_t org, const char *state,
	const char *source, const char *columns, const char *values)
{
	sql(w, arena_printf(&w->a,
		       "INSERT INTO \"%s\" (\"id\", \"org\", \"state\", \"version\", \"entered_by\", "
		       "\"entered_at\", "
		       "\"changed_by\", \"changed_at\", \"source\", %s) VALUES (%lld, %lld, '%s', 1, 0, 0, "
		       "0, 0, '%s', %s)",
		       reg, columns, (long long)id, (long long)org, state, source, values));
}

static const int64_t DAY0 = 20089; /* 2025-01-01 */

static void fill_people(struct world *w)
{
	struct arena *a = &w->a;
	for (int64_t i = 1; i <= ORGS; i++) {
		insert(w, "org", i, i, "", "form", "\"code\", \"kind\"",
			arena_printf(a, "'C%d', '%s'", (int)i, i == 1 ? "city" : "branch"));
		sql(w, arena_printf(a, "INSERT INTO org_anc VALUES (%d, %d, '0001-01-01', '9999-12-31')",
			       (int)i, (int)i));
		if (i > 1) /* organisation 2 was under 1 until the end of 2024 only */
			sql(w, arena_printf(a, "INSERT INTO org_anc VALUES (%d, 1, '0001-01-01', '%s')",
				       (int)i, i == 2 ? "2025-01-01" : "9999-12-31"));
	}
	for (int64_t i = 1; i <= PEOPLE; i++) {
		w->birth[i] = maybe(w, 2005 * 12 + pick(w, 60));
		w->identified[i] = maybe(w, pick(w, 2));
		w->named[i] = pick(w, 4) ? pick(w, 3) : NONE;
		insert(w, "person", i, 1, "", "form", "\"birth_month\", \"identified\", \"name\"",
			arena_printf(a, "%s, %s, %s", month_text(a, w->birth[i]),
				int_text(a, w->identified[i]), w->named[i] == NONE ? "NULL" : "x'00'"));
		if (w->named[i] == NONE)
			continue;
		struct blind h =
			seal_blind(w->seal, STR("name"), arena_fmt(a, "张%lld", (long long)w->named[i]));
		sql(w, arena_printf(a, "INSERT INTO find VALUES ('name', x'%s', %lld, 0)",
			       hex_str(a, h.b, BLIND_BYTES).p, (long long)i));
	}
}

static void fill_rows(struct world *w)
{
	struct arena *a = &w->a;
	static const char *const states[] = {"pending", "valid"},
				 *const sources[] = {"form", "import", "site_code"},
				 *const kinds[] = {"site", "net"};
	for (int64_t i = 1; i <= EVENTS; i++) {
		w->event_day[i] = maybe(w, DAY0 + pick(w, 40));
		w->event_hours[i] = maybe(w, pick(w, 300));
		w->event_risk[i] = maybe(w, pick(w, 2));
		w->event_org[i] = 1 + pick(w, ORGS);
		insert(w, "event", i, w->event_org[i], "planned", "form", "\"held_on\", \"hours\", \"risk\"",
			arena_printf(a, "%s, %s, %s", day_text(a, w->event_day[i]),
				int_text(a, w->event_hours[i]), int_text(a, w->event_risk[i])));
	}
	sql(w, "DROP INDEX \"record__key\"");
	for (int64_t i = 1; i <= ROWS; i++) {
		struct row *r = &w->rows[i];
		*r = (struct row){i, 1 + pick(w, ORGS), maybe(w, 1 + pick(w, EVENTS)),
			maybe(w, 1 + pick(w, PEOPLE)), maybe(w, pick(w, 6)), maybe(w, DAY0 + pick(w, 40)),
			maybe(w, pick(w, 300)), maybe(w, (DAY0 + pick(w, 40)) * 86400000 + pick(w, 86400000)),
			NONE, maybe(w, 2025 * 12 + pick(w, 2)), states[pick(w, 2)], sources[pick(w, 3)],
			pick(w, 5) ? kinds[pick(w, 2)] : NULL};
		if (r->in_at != NONE)
			r->out_at = maybe(w, r->in_at + pick(w, 20000000) - 4000000);
		insert(w, "record", i, r->org, r->state, r->source,
			"\"event\", \"volunteer\", \"n\", \"served_on\", \"hours\", \"in_at\", \"out_at\", "
			"\"for_month\", \"kind\"",
			arena_printf(a, "%s, %s, %s, %s, %s, %s, %s, %s, %s", int_text(a, r->event),
				int_text(a, r->person), int_text(a, r->n), day_text(a, r->served),
				int_text(a, r->hours), int_text(a, r->in_at), int_text(a, r->out_at),
				month_text(a, r->month),
				r->kind ? arena_printf(a, "'%s'", r->kind) : "NULL"));
	}
	for (int64_t i = 1; i <= NOTES; i++) {
		w->note_about[i] = maybe(w, 1 + pick(w, ROWS));
		w->note_stars[i] = maybe(w, pick(w, 6));
		insert(w, "note", i, 1, "", "form", "\"about\", \"stars\"",
			arena_printf(
				a, "%s, %s", int_text(a, w->note_about[i]), int_text(a, w->note_stars[i])));
	}
}

static void world_open(struct world *w)
{
	struct err err;
	memset(w, 0, sizeof *w);
	rng_init(&w->rng, 20251231);
	int64_t now;
	assert_true(instant_parse(STR("2025-01-20T12:00:00+08:00"), &now));
	clock_set(now, false);
	w->m = small_model_load(&w->a);
	test_db_url(w->path, "expr");
	snprintf(w->key, sizeof w->key, "/tmp/qinghe-expr-%d.key", (int)getpid());
	unlink(w->key);
	assert_ok(seal_create(w->key, CRYPTO_INTERNATIONAL, 7, &err), &err);
	assert_ok(seal_open(w->key, false, &w->seal, &err), &err);
	assert_ok(db_open(w->path, DB_CREATE, &w->db, &err), &err);
	assert_ok(migrate_up(w->db, &err), &err);
	assert_ok(db_begin(w->db, &err), &err);
	assert_ok(schema_create(w->db, w->m, &err), &err);
	assert_ok(db_commit(w->db, &err), &err);
	assert_ok(db_begin(w->db, &err), &err);
	fill_people(w);
	fill_rows(w);
	assert_ok(db_commit(w->db, &err), &err);
}

static void world_close(struct world *w)
{
	db_close(w->db);
	seal_close(w->seal);
	test_db_forget(w->path);
	unlink(w->key);
	model_done(w->m);
	arena_done(&w->a);
	clock_unset();
}

/* ---- random expressions: text and value side by side ---- */

enum { NO, YES, UNKNOWN };

/* A value for each row, computed while the text is made. */
struct gen {
	struct buf text;
	int64_t v[ROWS + 1]; /* NONE: null; conditions: NO, YES, UNKNOWN */
};

static void gen_value(struct world *w, struct gen *g, char type, int depth);
static void gen_condition(struct world *w, struct gen *g, int depth);

static int64_t day_of_ms(int64_t ms)
{
	return (ms + 8 * 3600000) / 86400000;
}

static int64_t event_of(const struct world *w, const struct row *r, const int64_t *column)
{
	(void)w;
	return r->event == NONE ? NONE : column[r->event];
}

static int64_t person_of(const struct row *r, const int64_t *column)
{
	return r->person == NONE ? NONE : column[r->person];
}

/* Leaves of a type: i whole number, h hours, d date, m month, b flag. */
static void gen_leaf(struct world *w, struct gen *g, char type)
{
	int64_t k = pick(w, 3);
	static const char *const names[][3] = {{"n", "n", "id"}, {"hours", "event.hours", "hours"},
		{"served_on", "event.held_on", "in_at"}, {"for_month", "volunteer.birth_month", "for_month"},
		{"event.risk", "volunteer.identified", "event.risk"}};
	size_t t = type == 'i' ? 0 : type == 'h' ? 1 : type == 'd' ? 2 : type == 'm' ? 3 : 4;
	if (type == 'i' && k == 2)
		k = 0;
	buf_puts(&g->text, names[t][k]);
	for (int i = 1; i <= ROWS; i++) {
		const struct row *r = &w->rows[i];
		int64_t v[5][3] = {{r->n, r->n, r->id}, {r->hours, event_of(w, r, w->event_hours), r->hours},
			{r->served, event_of(w, r, w->event_day),
				r->in_at == NONE ? NONE : day_of_ms(r->in_at)},
			{r->month, person_of(r, w->birth), r->month},
			{event_of(w, r, w->event_risk), person_of(r, w->identified),
				event_of(w, r, w->event_risk)}};
		g->v[i] = v[t][k];
	}
}

static void gen_constant(struct world *w, struct gen *g, char type)
{
	int64_t v = 0;
	switch (type) {
	case 'i':
		v = pick(w, 6);
		buf_i64(&g->text, v);
		break;
	case 'h': /* in people's hours: 0.25 is 15 minutes */
		v = pick(w, 20) * 15;
		buf_printf(&g->text, "%lld.%02lld", (long long)(v / 60), (long long)(v % 60 * 100 / 60));
		break;
	case 'd':
		v = pick(w, 4) ? DAY0 + pick(w, 40) : clock_today();
		buf_puts(&g->text, v == clock_today() ? "today" : day_text(&w->a, v));
		break;
	case 'm':
		v = pick(w, 2) ? 2025 * 12 + pick(w, 2) : 2005 * 12 + pick(w, 60);
		buf_puts(&g->text, month_text(&w->a, v));
		break;
	default:
		v = pick(w, 2);
		buf_puts(&g->text, v ? "true" : "false");
	}
	for (int i = 1; i <= ROWS; i++)
		g->v[i] = v;
}

static int64_t age_of(int64_t birth, int64_t day)
{
	struct ymd d = date_ymd((int32_t)day);
	return d.year - birth / 12 - (d.month < birth % 12 + 1);
}

static void gen_call(struct world *w, struct gen *g, int depth)
{
	struct gen *x = NEW(&w->a, struct gen), *y = NEW(&w->a, struct gen);
	int64_t k = pick(w, 3);
	gen_value(w, x, 'd', depth - 1);
	gen_value(w, y, 'd', depth - 1);
	if (k == 0)
		buf_printf(
			&g->text, "days(%.*s, %.*s)", STR_ARG(buf_str(&x->text)), STR_ARG(buf_str(&y->text)));
	else if (k == 1)
		buf_printf(&g->text, "age(volunteer, %.*s)", STR_ARG(buf_str(&x->text)));
	else
		buf_printf(&g->text, "year(%.*s)", STR_ARG(buf_str(&x->text)));
	for (int i = 1; i <= ROWS; i++) {
		int64_t birth = person_of(&w->rows[i], w->birth);
		bool null = x->v[i] == NONE || (k == 0 && y->v[i] == NONE) || (k == 1 && birth == NONE);
		g->v[i] = null     ? NONE
			  : k == 0 ? y->v[i] - x->v[i]
			  : k == 1 ? age_of(birth, x->v[i])
				   : date_ymd((int32_t)x->v[i]).year;
	}
	buf_done(&x->text);
	buf_done(&y->text);
}

static void gen_span(struct world *w, struct gen *g)
{
	buf_puts(&g->text, "(out_at - in_at)");
	for (int i = 1; i <= ROWS; i++) {
		const struct row *r = &w->rows[i];
		g->v[i] = r->in_at == NONE || r->out_at == NONE ? NONE : (r->out_at - r->in_at) / 60000;
	}
}

static void gen_sum(struct world *w, struct gen *g, char type, int depth)
{
	struct gen *x = NEW(&w->a, struct gen), *y = NEW(&w->a, struct gen);
	static const char *const signs[] = {"+", "-", "*"};
	int64_t k = pick(w, 3);
	gen_value(w, x, type, depth - 1);
	if (k == 2)
		gen_leaf(w, y, 'i');
	else
		gen_value(w, y, type, depth - 1);
	buf_printf(
		&g->text, "(%.*s %s %.*s)", STR_ARG(buf_str(&x->text)), signs[k], STR_ARG(buf_str(&y->text)));
	for (int i = 1; i <= ROWS; i++) {
		int64_t p = x->v[i], q = y->v[i];
		g->v[i] = p == NONE || q == NONE ? NONE : k == 0 ? p + q : k == 1 ? p - q : p * q;
	}
	buf_done(&x->text);
	buf_done(&y->text);
}

static void gen_value(struct world *w, struct gen *g, char type, int depth)
{
	int64_t k = pick(w, 8);
	if (type == 'h' && k == 7)
		gen_span(w, g);
	else if (depth > 0 && type == 'i' && k < 2)
		gen_call(w, g, depth);
	else if (depth > 0 && (type == 'i' || type == 'h') && k == 2)
		gen_sum(w, g, type, depth);
	else if (k < 6 || type == 'h')
		gen_leaf(w, g, type);
	else
		gen_constant(w, g, type);
}

static int64_t compare(int64_t a, int64_t b, int64_t op)
{
	if (a == NONE || b == NONE)
		return UNKNOWN;
	bool r[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
	return r[op] ? YES : NO;
}

static const char *const OPS[] = {"=", "!=", "<", "<=", ">", ">="};

static void gen_compare(struct world *w, struct gen *g, int depth)
{
	struct gen *x = NEW(&w->a, struct gen), *y = NEW(&w->a, struct gen);
	char type = "iihhddmb"[pick(w, 8)];
	int64_t op = pick(w, type == 'b' ? 2 : 6);
	gen_value(w, x, type, type == 'b' ? 0 : depth);
	if (pick(w, 2))
		gen_constant(w, y, type);
	else
		gen_value(w, y, type, type == 'b' ? 0 : depth);
	buf_printf(&g->text, "%.*s %s %.*s", STR_ARG(buf_str(&x->text)), OPS[op], STR_ARG(buf_str(&y->text)));
	for (int i = 1; i <= ROWS; i++)
		g->v[i] = compare(x->v[i], y->v[i], op);
	buf_done(&x->text);
	buf_done(&y->text);
}

static void gen_between(struct world *w, struct gen *g, int depth)
{
	struct gen *x = NEW(&w->a, struct gen), *y = NEW(&w->a, struct gen), *z = NEW(&w->a, struct gen);
	char type = "ihd"[pick(w, 3)];
	bool no = pick(w, 3) == 0;
	gen_value(w, x, type, depth);
	gen_constant(w, y, type);
	gen_value(w, z, type, depth);
	buf_printf(&g->text, "%.*s %sbetween %.*s and %.*s", STR_ARG(buf_str(&x->text)), no ? "not " : "",
		STR_ARG(buf_str(&y->text)), STR_ARG(buf_str(&z->text)));
	for (int i = 1; i <= ROWS; i++) {
		int64_t p = compare(x->v[i], y->v[i], 5), q = compare(x->v[i], z->v[i], 3);
		int64_t r = p == NO || q == NO ? NO : p == UNKNOWN || q == UNKNOWN ? UNKNOWN : YES;
		g->v[i] = !no || r == UNKNOWN ? r : r == YES ? NO : YES;
	}
	buf_done(&x->text);
	buf_done(&y->text);
	buf_done(&z->text);
}

static void gen_texts(struct world *w, struct gen *g)
{
	static const char *const states[] = {"pending", "valid"}, *const kinds[] = {"site", "net"},
				 *const sources[] = {"form", "import", "site_code"};
	int64_t k = pick(w, 3), c = pick(w, k == 2 ? 3 : 2), d = pick(w, k == 2 ? 3 : 2), way = pick(w, 4);
	const char *const *list = k == 0 ? states : k == 1 ? kinds : sources;
	const char *name = k == 0 ? "state" : k == 1 ? "kind" : "source";
	if (way < 2)
		buf_printf(&g->text, "%s %s '%s'", name, way ? "!=" : "=", list[c]);
	else
		buf_printf(&g->text, "%s %sin ('%s', '%s')", name, way == 3 ? "not " : "", list[c], list[d]);
	for (int i = 1; i <= ROWS; i++) {
		const struct row *r = &w->rows[i];
		const char *v = k == 0 ? r->state : k == 1 ? r->kind : r->source;
		bool in = v && (strcmp(v, list[c]) == 0 || (way > 1 && strcmp(v, list[d]) == 0));
		g->v[i] = v == NULL ? UNKNOWN : in == (way == 0 || way == 2) ? YES : NO;
	}
}

static void gen_null(struct world *w, struct gen *g)
{
	struct gen *x = NEW(&w->a, struct gen);
	bool no = pick(w, 2);
	gen_leaf(w, x, "ihdmb"[pick(w, 5)]);
	buf_printf(&g->text, "%.*s is %snull", STR_ARG(buf_str(&x->text)), no ? "not " : "");
	for (int i = 1; i <= ROWS; i++)
		g->v[i] = (x->v[i] == NONE) != no ? YES : NO;
	buf_done(&x->text);
}

static void gen_exists(struct world *w, struct gen *g)
{
	int64_t least = pick(w, 7), all = pick(w, 4) == 0, way = pick(w, 2);
	if (all)
		buf_puts(&g->text, "exists(note by about)");
	else if (way)
		buf_printf(&g->text, "exists(note by about where stars >= %lld or about.n = 2)",
			(long long)least);
	else
		buf_printf(&g->text, "exists(note by about where not stars >= %lld)", (long long)least);
	for (int i = 1; i <= ROWS; i++) {
		g->v[i] = NO;
		for (int k = 1; k <= NOTES; k++) {
			int64_t s = w->note_stars[k];
			bool fits = all || (way ? (s != NONE && s >= least) || w->rows[i].n == 2
						: s != NONE && s < least);
			if (w->note_about[k] == i && fits)
				g->v[i] = YES;
		}
	}
}

static void gen_special(struct world *w, struct gen *g)
{
	int64_t k = pick(w, 4), code = 1 + pick(w, ORGS);
	if (k == 0)
		buf_printf(&g->text, "under(org, 'C%lld')", (long long)code);
	else if (k == 1)
		buf_printf(&g->text, "under(event.org, 'C%lld')", (long long)code);
	else if (k == 2)
		buf_printf(&g->text, "volunteer.name = '张%lld'", (long long)code - 1);
	else
		buf_printf(&g->text, "org.kind != '%s'", code % 2 ? "branch" : "city");
	for (int i = 1; i <= ROWS; i++) {
		const struct row *r = &w->rows[i];
		int64_t org = k == 1 ? event_of(w, r, w->event_org) : r->org, name = person_of(r, w->named);
		if (k < 2)
			g->v[i] = org == NONE ? UNKNOWN : org == code || (code == 1 && org != 2) ? YES : NO;
		else if (k == 2)
			g->v[i] = name == NONE ? UNKNOWN : name == code - 1 ? YES : NO;
		else
			g->v[i] = (r->org == 1) == (code % 2 == 1) ? YES : NO;
	}
}

static void gen_logic(struct world *w, struct gen *g, int depth)
{
	struct gen *x = NEW(&w->a, struct gen), *y = NEW(&w->a, struct gen);
	int64_t k = pick(w, 3);
	gen_condition(w, x, depth - 1);
	gen_condition(w, y, depth - 1);
	if (k == 2)
		buf_printf(&g->text, "not (%.*s)", STR_ARG(buf_str(&x->text)));
	else
		buf_printf(&g->text, "(%.*s) %s (%.*s)", STR_ARG(buf_str(&x->text)), k ? "or" : "and",
			STR_ARG(buf_str(&y->text)));
	for (int i = 1; i <= ROWS; i++) {
		int64_t p = x->v[i], q = y->v[i];
		if (k == 2)
			g->v[i] = p == UNKNOWN ? UNKNOWN : p == YES ? NO : YES;
		else if (k == 1)
			g->v[i] = p == YES || q == YES ? YES : p == NO && q == NO ? NO : UNKNOWN;
		else
			g->v[i] = p == NO || q == NO ? NO : p == YES && q == YES ? YES : UNKNOWN;
	}
	buf_done(&x->text);
	buf_done(&y->text);
}

static void gen_condition(struct world *w, struct gen *g, int depth)
{
	int64_t k = pick(w, 12);
	if (depth > 0 && k < 4)
		gen_logic(w, g, depth);
	else if (k == 4)
		gen_between(w, g, depth);
	else if (k == 5)
		gen_texts(w, g);
	else if (k == 6)
		gen_null(w, g);
	else if (k == 7)
		gen_exists(w, g);
	else if (k == 8)
		gen_special(w, g);
	else if (k == 9) {
		gen_leaf(w, g, 'b');
		for (int i = 1; i <= ROWS; i++)
			g->v[i] = g->v[i] == NONE ? UNKNOWN : g->v[i];
	} else
		gen_compare(w, g, depth);
}

/* The SQL of an expression against the values that came with its text. */
static void same_by_sql(struct world *w, str text, const int64_t *want, struct arena *a)
{
	struct expr *e;
	struct err err;
	struct query q;
	struct stmt *s;
	bool row;
	const struct reg *r = model_reg(w->m, STR("record"));
	if (expr_parse(a, w->m, r, text, EXPR_FREE, E_BOOL, &e, &err) != RC_OK)
		fail_msg("%.*s\n%s", STR_ARG(text), err.text);
	query_init(&q, a, w->m, r, w->seal);
	str when = query_expr(&q, e), from = query_from(&q);
	const char *full =
		arena_printf(a, "SELECT r.\"id\", CASE WHEN %.*s THEN 1 ELSE 0 END %.*s ORDER BY r.\"id\"",
			STR_ARG(when), STR_ARG(from));
	if (db_prepare(w->db, full, &s, &err) != RC_OK)
		fail_msg("%.*s\n%s\n%s", STR_ARG(text), full, err.text);
	query_bind(&q, s);
	for (int i = 1; i <= ROWS; i++) {
		assert_ok(stmt_step(s, &row, &err), &err);
		assert_true(row);
		if (stmt_i64(s, 1) != (want[i] == YES))
			fail_msg("row %d: SQL says %d, the test %d\n%.*s\n%s", i, (int)stmt_i64(s, 1),
				(int)want[i], STR_ARG(text), full);
	}
	stmt_reset(s);
}

static void random_expressions_mean_the_same_in_sql(void **state)
{
	(void)state;
	struct world *w = calloc(1, sizeof *w);
	size_t yes = 0, no = 0;
	world_open(w);
	for (int i = 0; i < 3000; i++) {
		struct arena a = {0};
		struct gen g = {0};
		struct expr *e;
		struct err err;
		gen_condition(w, &g, 3);
		same_by_sql(w, buf_str(&g.text), g.v, &a);
		/* and the canonical spelling means the same, and is its own canonical spelling */
		if (i % 4 == 0) {
			const struct reg *r = model_reg(w->m, STR("record"));
			assert_ok(
				expr_parse(&a, w->m, r, buf_str(&g.text), EXPR_FREE, E_BOOL, &e, &err), &err);
			str again = expr_text(&a, e);
			same_by_sql(w, again, g.v, &a);
			assert_ok(expr_parse(&a, w->m, r, again, EXPR_FREE, E_BOOL, &e, &err), &err);
			assert_true(str_eq(expr_text(&a, e), again));
		}
		for (int k = 1; k <= ROWS; k++)
			*(g.v[k] == YES ? &yes : &no) += 1;
		buf_done(&g.text);
		arena_done(&a);
	}
	assert_true(yes > 20000 && no > 20000); /* neither answer is rare */
	world_close(w);
	free(w);
}

/* ---- queries ---- */

static void a_path_is_joined_once(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = small_model_load(&a);
	const struct reg *r = model_reg(m, STR("record"));
	struct query q;
	struct expr *x, *y;
	struct path p;
	struct err err;
	query_init(&q, &a, m, r, NULL);
	assert_ok(expr_parse(&a, m, r, STR("event.risk and event.org.kind = 'city'"), EXPR_FIGURE, E_BOOL, &x,
			  &err),
		&err);
	assert_ok(expr_parse(&a, m, r, STR("event.hours > 1 and org.kind = 'city'"), EXPR_FIGURE, E_BOOL, &y,
			  &err),
		&err);
	query_expr(&q, x);
	query_expr(&q, y);
	assert_ok(path_parse(m, r, STR("event.held_on"), &p, &err), &err);
	assert_true(str_is(query_path(&q, &p), "j1.\"held_on\""));
	assert_true(str_is(query_from(&q), "FROM \"record\" r LEFT JOIN \"event\" j1 ON j1.\"id\" = "
					   "r.\"event\" LEFT JOIN \"org\" j2 ON j2.\"id\" = "
					   "j1.\"org\" LEFT JOIN \"org\" j3 ON j3.\"id\" = r.\"org\""));
	assert_int_equal(q.params_n, 3);
	model_done(m);
	arena_done(&a);
}

static void count_path(void *user, const struct path *p, bool exists)
{
	int *n = user;
	n[exists]++;
	assert_true(str_is(p->regs[0]->id, exists ? "note" : "record"));
}

static void every_path_is_visited(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = small_model_load(&a);
	struct expr *e;
	struct err err;
	int n[2] = {0};
	assert_ok(expr_parse(&a, m, model_reg(m, STR("record")),
			  STR("n in (1, 2) and age(volunteer, event.held_on) > 3 and exists(note by about "
			      "where stars > 2)"),
			  EXPR_FIGURE, E_BOOL, &e, &err),
		&err);
	expr_each_path(e, count_path, n);
	assert_int_equal(n[0], 4); /* age reads the person's birth month besides */
	assert_int_equal(n[1], 2);
	model_done(m);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_is_told_with_its_column),
		cmocka_unit_test(one_meaning_has_one_spelling),
		cmocka_unit_test(random_expressions_mean_the_same_in_sql),
		cmocka_unit_test(a_path_is_joined_once),
		cmocka_unit_test(every_path_is_visited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
