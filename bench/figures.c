/* figures.c -- the annual report's figures over many rows, side by side in one run (architecture.md, What it must reach):
 *   report      the figures of the seed's report with their companions (those in cells), city level, one year, warm;
 *               the same right after a write; against one SQL query per figure over the raw rows in SQLite
 *   recount     all cells from rows, against plain scans of the same tables with the same joins
 *   inserts and changes of state through the write job (checks, history, audit), 64 open at a time, with cells and
 *               without, against the bound: one thread, batches of 64, the same table and indexes, nothing else; with
 *               cells but without the audit row, whose share of the processor time that tells
 * Fills DIR/figures.db with ROWS attendance rows (seven tenths volunteer service, two study, one lectures) under 8,889
 * organisations of five levels, and DIR/raw.sql for bench/figures_duckdb.mjs, the same queries in DuckDB.
 * usage: bench_figures [DIR [ROWS [SECONDS]]] */
#include "base/clock.h"
#include "base/date.h"
#include "base/rand.h"
#include "figure/contrib.h"
#include "figure/figure.h"
#include "register/record.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, COUNTIES = 8, ORGS = 1 + 8 + 80 + 800 + 8000, CHUNK = 200000 };

static char path[600];
static int64_t rows = 1000000, people, events, sessions;
enum { ISSUES = 40, DRIVES = 4, LECTURERS = 200, SPARE = 100000 };
static double seconds = 3;

static void must(enum rc rc, const struct err *err)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "bench_figures: %s\n", err->text);
	exit(1);
}

static int64_t cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- filling ---- */

static void run_sql(struct db *db, const char *sql, const int64_t *values, int n, str text)
{
	struct err err;
	struct stmt *s;
	must(db_prepare(db, sql, &s, &err), &err);
	for (int i = 0; i < n; i++)
		stmt_bind_i64(s, i + 1, values[i]);
	if (text.p)
		stmt_bind_text(s, n + 1, text);
	must(stmt_run(s, &err), &err);
}

#define SYSTEM "\"id\", \"org\", \"state\", version, entered_by, entered_at, changed_by, changed_at, source"
#define SYSTEM_OF(state, source) "?1, ?2, '" state "', 1, 0, 0, 0, 0, '" source "'"
static const char Q_ORG[] = "INSERT INTO \"org\" (" SYSTEM ", code, kind, school_kind) VALUES (" SYSTEM_OF(
	"valid", "form") ", 'B' || ?1, 'branch', CASE WHEN ?1 % 3 = 0 THEN 'senior' END)";
static const char Q_PERSON[] =
	"INSERT INTO person (" SYSTEM ", identified) VALUES (" SYSTEM_OF("valid", "import") ", 1)";
static const char Q_PROGRAMME[] =
	"INSERT INTO programme (" SYSTEM ") VALUES (" SYSTEM_OF("valid", "form") ")";
static const char Q_EVENT[] =
	"INSERT INTO volunteer_event (" SYSTEM
	", drive, title, held_on) VALUES (" SYSTEM_OF("completed", "form") ", ?3, 'e' || ?1, ?4)";
static const char Q_SERVICE[] =
	"INSERT INTO service_record (" SYSTEM ", event, volunteer, n, hours, served_on) VALUES (" SYSTEM_OF(
		"valid", "import") ", ?3, ?4, 1, ?5, ?6)";
static const char Q_ISSUE[] =
	"INSERT INTO study_issue (" SYSTEM ", published_on) VALUES (" SYSTEM_OF("valid", "import") ", ?3)";
static const char Q_STUDY[] = "INSERT INTO study_participation (" SYSTEM
			      ", issue, learner, n) VALUES (" SYSTEM_OF("valid", "import") ", ?3, ?4, 1)";
static const char Q_CORPS[] =
	"INSERT INTO lecture_corps (" SYSTEM ", kind) VALUES (" SYSTEM_OF("valid", "form") ", 'youth')";
static const char Q_LECTURER[] = "INSERT INTO lecturer (" SYSTEM ", corps, listed_on) VALUES (" SYSTEM_OF(
	"valid", "form") ", 1, '2020-01-01')";
static const char Q_SESSION[] = "INSERT INTO lecture_session (" SYSTEM
				", lecturer, held_on) VALUES (" SYSTEM_OF("completed", "form") ", ?3, ?4)";
static const char Q_HEARD[] = "INSERT INTO lecture_attendance (" SYSTEM
			      ", session, attendee, n) VALUES (" SYSTEM_OF("valid", "import") ", ?3, ?4, 1)";

static int64_t branch(struct rng *r)
{
	return 890 + (int64_t)rng_below(r, 8000);
}

static void day_of(struct rng *r, char out[DATE_TEXT_BYTES])
{
	date_text(date_of(2024, 7, 1) + (int32_t)rng_below(r, 548), out);
}

/* An event's day by its number, so that service may be on that day. */
static void event_day(int64_t event, char out[DATE_TEXT_BYTES])
{
	date_text(date_of(2024, 7, 1) + (int32_t)(event * 37 % 548), out);
}

typedef void fill_one(struct db *db, struct rng *r, int64_t id);

static void one_org(struct db *db, struct rng *r, int64_t id)
{
	struct err err;
	int64_t parent = id <= 9     ? 1
			 : id <= 89  ? 2 + (id - 10) / 10
			 : id <= 889 ? 10 + (id - 90) / 10
				     : 90 + (id - 890) / 10;
	(void)r;
	if (id == 1)
		return; /* the root stands */
	run_sql(db, Q_ORG, (int64_t[]){id, id}, 2, (str){NULL, 0});
	must(tree_attach(db, id, parent, DATE_NONE, &err), &err);
}
static void one_person(struct db *db, struct rng *r, int64_t id)
{
	run_sql(db, Q_PERSON, (int64_t[]){id, branch(r)}, 2, (str){NULL, 0});
}
static void one_programme(struct db *db, struct rng *r, int64_t id)
{
	(void)r;
	run_sql(db, Q_PROGRAMME, (int64_t[]){id, 1}, 2, (str){NULL, 0});
}
static void one_event(struct db *db, struct rng *r, int64_t id)
{
	char day[DATE_TEXT_BYTES];
	event_day(id, day);
	run_sql(db, Q_EVENT, (int64_t[]){id, branch(r), 1 + (int64_t)rng_below(r, DRIVES)}, 3, str_of(day));
}
static void one_service(struct db *db, struct rng *r, int64_t id)
{
	char day[DATE_TEXT_BYTES];
	/* (event, volunteer) is the key: walk both so that no pair comes twice */
	int64_t event = 1 + id % events, who = 1 + (id / events * 7919 + id % events * 31) % people;
	event_day(event, day);
	run_sql(db, Q_SERVICE, (int64_t[]){id, branch(r), event, who, 60 + (int64_t)rng_below(r, 240)}, 5,
		str_of(day));
}
static void one_issue(struct db *db, struct rng *r, int64_t id)
{
	char day[DATE_TEXT_BYTES];
	(void)r;
	date_text(date_of(2025, 1, 5) + (int32_t)id * 8, day);
	run_sql(db, Q_ISSUE, (int64_t[]){id, 1}, 2, str_of(day));
}
static void one_study(struct db *db, struct rng *r, int64_t id)
{
	run_sql(db, Q_STUDY, (int64_t[]){id, branch(r), 1 + id % ISSUES, 1 + id / ISSUES % people}, 4,
		(str){NULL, 0});
}
static void one_corps(struct db *db, struct rng *r, int64_t id)
{
	(void)r;
	run_sql(db, Q_CORPS, (int64_t[]){id, 1}, 2, (str){NULL, 0});
}
static void one_lecturer(struct db *db, struct rng *r, int64_t id)
{
	run_sql(db, Q_LECTURER, (int64_t[]){id, branch(r)}, 2, (str){NULL, 0});
}
static void one_session(struct db *db, struct rng *r, int64_t id)
{
	char day[DATE_TEXT_BYTES];
	day_of(r, day);
	run_sql(db, Q_SESSION, (int64_t[]){id, branch(r), 1 + (int64_t)rng_below(r, LECTURERS)}, 3,
		str_of(day));
}
static void one_heard(struct db *db, struct rng *r, int64_t id)
{
	run_sql(db, Q_HEARD,
		(int64_t[]){id, branch(r), 1 + id % sessions, 1 + (id / sessions * 104729 + id) % people}, 4,
		(str){NULL, 0});
}

static void fill(struct db *db, const char *reg, int64_t n, fill_one *one)
{
	struct err err;
	struct rng r;
	rng_init(&r, 77);
	int64_t start = clock_mono_us();
	for (int64_t i = 1; i <= n; i++) {
		if (i % CHUNK == 1)
			must(db_begin(db, &err), &err);
		one(db, &r, i);
		if (i % CHUNK == 0 || i == n)
			must(db_commit(db, &err), &err);
	}
	struct stmt *s;
	must(db_prepare(db, "UPDATE counter SET last = ?1 WHERE register = ?2", &s, &err), &err);
	stmt_bind_i64(s, 1, n);
	stmt_bind_text(s, 2, str_of(reg));
	must(stmt_run(s, &err), &err);
	fprintf(stderr, "  %-20s %10lld rows, %.1f s\n", reg, (long long)n,
		(double)(clock_mono_us() - start) / 1e6);
}

static void make(void)
{
	struct err err;
	struct db *db;
	struct city_new n = {.name = STR("测试市"), .region = STR("3399"), .demo_seed = 7};
	must(city_init(path, &n, &err), &err);
	must(db_open(path, DB_WRITE, &db, &err), &err);
	must(db_exec(db, "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000", &err), &err);
	people = rows / 10 + 1000;
	events = rows / 50 + 50;
	sessions = rows / 500 + 20;
	fill(db, "org", ORGS, one_org);
	fill(db, "person", people + 2 * SPARE, one_person);
	fill(db, "programme", DRIVES, one_programme);
	fill(db, "volunteer_event", events, one_event);
	fill(db, "study_issue", ISSUES, one_issue);
	fill(db, "lecture_corps", 1, one_corps);
	fill(db, "lecturer", LECTURERS, one_lecturer);
	fill(db, "lecture_session", sessions, one_session);
	fill(db, "lecture_attendance", rows / 10, one_heard);
	fill(db, "study_participation", rows / 5, one_study);
	fill(db, "service_record", rows - rows / 10 - rows / 5, one_service);
	db_close(db);
}

/* ---- the report's figures ---- */

static const char *const report[] = {"study.issues", "study.attend", "lecture.sessions", "lecture.people",
	"league_day.branches", "contest.entrants", "contest.voters", "pioneer.offcampus", "pioneer.bases",
	"vol.events", "vol.attend", "return.matched", "return.teams", "startup.trainings",
	"startup.incubated", "startup.jobs", "aid.students", "aid.goods", "rights.handled", "rights.mediated",
	"mind.lectures", "mind.sessions"};
enum { REPORT = sizeof report / sizeof *report };

/* The same in plain SQL, for SQLite and DuckDB: what stands in rows for the year. */
#define YEAR(column) column " >= '2025-01-01' AND " column " < '2026-01-01'"
#define LECTURE "JOIN lecturer l ON l.id = s.lecturer JOIN lecture_corps c ON c.id = l.corps"
#define LISTED \
	"s.state = 'completed' AND l.state = 'valid' AND c.kind IN ('youth', 'red_scarf') AND l.listed_on " \
	"<= s.held_on" \
	" AND (l.delisted_on IS NULL OR l.delisted_on > s.held_on)"
#define SERVICE \
	" FROM service_record r JOIN volunteer_event e ON e.id = r.event WHERE r.state = 'valid' AND " \
	"e.drive IS NOT NULL" \
	" AND e.state = 'completed' AND " YEAR("r.served_on")
#define STUDY \
	" FROM study_participation r JOIN study_issue i ON i.id = r.issue WHERE r.state = 'valid' AND " \
	"i.state = 'valid'" \
	" AND " YEAR("i.published_on")
#define HEARD \
	" FROM lecture_attendance r JOIN lecture_session s ON s.id = r.session " LECTURE \
	" WHERE r.state = 'valid' AND " LISTED " AND " YEAR("s.held_on")
static const struct {
	const char *figure, *sql;
} raw[] = {
	{"study.issues", "SELECT COUNT(DISTINCT r.issue)" STUDY " AND r.n > 0"},
	{"study.attend", "SELECT SUM(r.n)" STUDY},
	{"study.attend.learners", "SELECT COUNT(DISTINCT r.learner)" STUDY},
	{"lecture.sessions",
		"SELECT COUNT(*) FROM lecture_session s " LECTURE " WHERE " LISTED " AND " YEAR("s.held_on")},
	{"lecture.people", "SELECT COUNT(DISTINCT r.attendee)" HEARD},
	{"lecture.people.times", "SELECT SUM(r.n)" HEARD},
	{"vol.events", "SELECT COUNT(*) FROM volunteer_event e WHERE e.state = 'completed' AND e.drive IS "
		       "NOT NULL AND " YEAR("e.held_on")},
	{"vol.attend", "SELECT SUM(r.n)" SERVICE},
	{"vol.attend.people", "SELECT COUNT(DISTINCT r.volunteer)" SERVICE},
	{"vol.attend.hours", "SELECT SUM(r.hours)" SERVICE},
};
enum { RAW = sizeof raw / sizeof *raw };

static size_t list_figures(const struct model *m, const struct figure **list, bool cells_only)
{
	size_t n = 0;
	for (size_t i = 0; i < REPORT; i++) {
		const struct figure *f = model_figure(m, str_of(report[i]));
		for (size_t k = 0; f && k <= f->companions_n; k++) {
			const struct figure *x = k ? f->companions[k - 1] : f;
			if (!cells_only || x->grain == G_ROW || x->grain == G_SUM || x->grain == G_DISTINCT)
				list[n++] = x;
		}
	}
	return n;
}

static double read_report(struct reader *r, const struct figure **list, size_t n, int times)
{
	struct err err;
	double best = 1e18;
	struct period p = period_year(r->a, 2025);
	for (int i = 0; i < times; i++) {
		struct arena a = {0}, *was = r->a;
		r->a = &a;
		struct figure_answer *answers = NEWS(&a, n, struct figure_answer);
		int64_t start = clock_mono_us();
		must(figure_values(r, list, n, &p, r->city->root_org, false, answers, &err), &err);
		double took = (double)(clock_mono_us() - start);
		best = took < best ? took : best;
		r->a = was;
		arena_done(&a);
	}
	return best;
}

static void bench_report(struct city *c)
{
	struct err err;
	struct arena a = {0};
	struct reader r;
	struct actor op = actor_operator();
	must(reader_open(c, &a, &op, &r, &err), &err);
	const struct figure **list = NEWS(&a, c->model->figures_n, const struct figure *);
	size_t n = list_figures(c->model, list, true);
	double cells = read_report(&r, list, n, 50);
	printf("report, %zu figures in cells, city: %.3f ms\n", n, cells / 1000);
	size_t all = list_figures(c->model, list, false);
	printf("report, all its %zu figures: %.3f ms\n", all, read_report(&r, list, all, 20) / 1000);
	double total = 0;
	struct period p = period_year(&a, 2025);
	for (size_t i = 0; i < RAW; i++) {
		struct stmt *s;
		struct figure_answer x;
		bool row;
		int64_t start = clock_mono_us();
		must(db_prepare(r.db, raw[i].sql, &s, &err), &err);
		must(stmt_step(s, &row, &err), &err);
		int64_t value = stmt_i64(s, 0);
		stmt_reset(s);
		double took = (double)(clock_mono_us() - start);
		total += took;
		must(figure_value(&r, model_figure(c->model, str_of(raw[i].figure)), &p, c->root_org, false,
			     &x, &err),
			&err);
		printf("  %-22s %12lld  raw SQL %9.1f ms%s\n", raw[i].figure, (long long)value, took / 1000,
			x.value == value ? "" : "  DIFFERS from the cell");
	}
	printf("raw SQL of these %d: %.1f ms; the report from cells is 1/%.0f of it (goal 1/1000, < 1 ms)\n",
		(int)RAW, total / 1000, total / cells);
	reader_close(&r);
	arena_done(&a);
}

static void write_raw_sql(const char *dir)
{
	char name[700];
	snprintf(name, sizeof name, "%s/raw.sql", dir);
	FILE *f = fopen(name, "w");
	for (size_t i = 0; f && i < RAW; i++)
		fprintf(f, "%s\t%s\n", raw[i].figure, raw[i].sql);
	if (f)
		fclose(f);
}

/* ---- recount against scans ---- */

static double scan(struct db *db, const char *sql)
{
	struct err err;
	struct stmt *s;
	bool row = true;
	int64_t start = cpu_us(), sum = 0;
	must(db_prepare(db, sql, &s, &err), &err);
	while (row) {
		must(stmt_step(s, &row, &err), &err);
		sum += row ? stmt_i64(s, 0) + stmt_i64(s, 3) : 0;
	}
	return (double)(cpu_us() - start) + (sum == 42 ? 1 : 0);
}

static void bench_recount(struct city *c)
{
	struct err err;
	struct db *db = writer_db(c->writer);
	static const char *const scans[] = {"SELECT r.id, r.org, r.served_on, r.volunteer, r.hours, r.n, "
					    "e.drive, e.state, p.identified, r.state, r.source"
					    " FROM service_record r LEFT JOIN volunteer_event e ON e.id = "
					    "r.event LEFT JOIN person p ON p.id = r.volunteer",
		"SELECT r.id, r.org, i.published_on, r.learner, r.n, i.state, p.identified, r.state, r.source"
		" FROM study_participation r LEFT JOIN study_issue i ON i.id = r.issue LEFT JOIN person p ON "
		"p.id = r.learner",
		"SELECT r.id, r.org, s.held_on, r.attendee, r.n, s.state, l.state, c.kind, l.listed_on, "
		"p.identified, r.source"
		" FROM lecture_attendance r LEFT JOIN lecture_session s ON s.id = r.session LEFT JOIN "
		"lecturer l ON l.id ="
		" s.lecturer LEFT JOIN lecture_corps c ON c.id = l.corps LEFT JOIN person p ON p.id = "
		"r.attendee",
		"SELECT e.id, e.org, e.held_on, e.drive, e.state FROM volunteer_event e"};
	double joined = 0;
	for (size_t i = 0; i < sizeof scans / sizeof *scans; i++)
		joined += scan(db, scans[i]);
	int64_t start = cpu_us(), wall = clock_mono_us();
	must(figure_rebuild_cells(c, &err), &err);
	double took = (double)(cpu_us() - start);
	struct stmt *s;
	bool row;
	must(db_prepare(db, "SELECT COUNT(*) FROM cell", &s, &err), &err);
	must(stmt_step(s, &row, &err), &err);
	printf("recount of all cells: %.2f s CPU (%.2f s wall), %lld cells; scans with the same joins %.2f "
	       "s: %.2f scans (goal 3)\n",
		took / 1e6, (double)(clock_mono_us() - wall) / 1e6, (long long)stmt_i64(s, 0), joined / 1e6,
		took / joined);
	stmt_reset(s);
}

/* ---- writes ---- */

/* The k-th pair of event and a volunteer that the filling left out (spare 0 or 1): no pair comes twice. */
static void spare_pair(int64_t k, int spare, int64_t *event, int64_t *who)
{
	*who = people + 1 + spare * SPARE + k * 7919 % SPARE;
	*event = 1 + (k * 31 + k / SPARE) % events;
}

struct client {
	struct city *city;
	struct job job;
	struct arena a;
	struct rng r;
	int64_t done, end_us, next;
	bool states, quiet;
	pthread_mutex_t *lock;
	pthread_cond_t *idle;
	int *open;
};

static enum rc write_one(struct job_ctx *ctx, void *arg, struct err *err)
{
	struct client *c = arg;
	const struct reg *reg = model_reg(c->city->model, STR("service_record"));
	if (c->states) {
		struct reader r = {.city = c->city,
			.db = ctx->db,
			.a = ctx->a,
			.actor = *ctx->actor,
			.tree = c->city->tree};
		struct record *rec;
		int64_t row = 1 + c->next % 1000000007 * 7919 % (rows / 2);
		TRY(record_get(&r, reg, row, &rec, err));
		const struct move *m =
			reg_move(reg, str_is(rec->state, "valid") ? STR("dispute") : STR("settle"));
		return record_do(ctx, reg, row, 0, m, NULL, 0, STR("抽查"), err);
	}
	char day[DATE_TEXT_BYTES];
	date_text(date_of(2025, 12, 31), day); /* no earlier than any event */
	int64_t id;
	int64_t event, who;
	spare_pair(c->next, 1, &event, &who);
	struct entry e[5] = {{reg_field(reg, STR("event")), {.kind = V_INT, .i = event}},
		{reg_field(reg, STR("volunteer")), {.kind = V_INT, .i = who}},
		{reg_field(reg, STR("n")), {.kind = V_INT, .i = 1}},
		{reg_field(reg, STR("served_on")), {.kind = V_TEXT, .t = str_of(day)}},
		{reg_field(reg, STR("hours")), {.kind = V_INT, .i = 120}}};
	struct record_input in = {.reg = reg,
		.org = branch(&c->r),
		.entries = e,
		.entries_n = 5,
		.state = STR("valid"),
		.source = STR("form")};
	return record_add(ctx, &in, &id, err);
}

static void begin_one(struct client *c)
{
	c->next += CLIENTS;
	arena_reset(&c->a);
	c->job = (struct job){
		.actor = actor_operator(), .run = write_one, .arg = c, .a = &c->a, .quiet = c->quiet};
}

static void again(struct job *job, void *user)
{
	struct client *c = user;
	if (job->rc != RC_OK && job->rc != RC_CONFLICT)
		must(job->rc, &job->err);
	c->done += job->rc == RC_OK;
	if (clock_mono_us() < c->end_us) {
		begin_one(c);
		c->job.done = again;
		c->job.done_user = c;
		writer_submit(c->city->writer, &c->job);
		return;
	}
	pthread_mutex_lock(c->lock);
	if (--*c->open == 0)
		pthread_cond_signal(c->idle);
	pthread_mutex_unlock(c->lock);
}

struct rate {
	double wall, cpu;
};

static struct rate through_writer(struct city *city, bool states, bool quiet)
{
	static struct client clients[CLIENTS];
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
	static int64_t from;
	int open = CLIENTS;
	if (from == 0) /* earlier runs have taken other pairs */
		from = clock_mono_us() % 1000000000 * 97;
	int64_t wall = clock_mono_us(), cpu = cpu_us(), done = 0;
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){.city = city,
			.end_us = wall + (int64_t)(seconds * 1e6),
			.states = states,
			.quiet = quiet,
			.next = from + i + 1,
			.lock = &lock,
			.idle = &idle,
			.open = &open};
		rng_init(&clients[i].r, (uint64_t)(from + i));
		begin_one(&clients[i]);
		clients[i].job.done = again;
		clients[i].job.done_user = &clients[i];
	}
	for (int i = 0; i < CLIENTS; i++)
		writer_submit(city->writer, &clients[i].job);
	pthread_mutex_lock(&lock);
	while (open)
		pthread_cond_wait(&idle, &lock);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < CLIENTS; i++) {
		done += clients[i].done;
		from = clients[i].next > from ? clients[i].next : from;
		arena_done(&clients[i].a);
	}
	return (struct rate){(double)done * 1e6 / (double)(clock_mono_us() - wall),
		(double)done * 1e6 / (double)(cpu_us() - cpu)};
}

static struct rate bound(bool states)
{
	static const char Q_STATE[] =
		"UPDATE service_record SET state = CASE WHEN ?1 > 0 THEN 'valid' END WHERE id = ?2";
	static int64_t id;
	struct err err;
	struct db *db;
	struct rng r;
	rng_init(&r, 5);
	must(db_open(path, DB_WRITE, &db, &err), &err);
	if (id == 0)
		id = rows * 2;
	int64_t wall = clock_mono_us(), cpu = cpu_us(), done = 0, end = wall + (int64_t)(seconds * 1e6);
	while (clock_mono_us() < end) {
		must(db_begin(db, &err), &err);
		for (int i = 0; i < CLIENTS; i++, done++) {
			if (states) {
				run_sql(db, Q_STATE,
					(int64_t[]){1, 1 + (int64_t)rng_below(&r, (uint64_t)rows / 2)}, 2,
					(str){NULL, 0});
				continue;
			}
			int64_t event, who;
			spare_pair(id - rows * 2, 0, &event, &who);
			run_sql(db, Q_SERVICE, (int64_t[]){++id, branch(&r), event, who, 120}, 5,
				STR("2025-12-31"));
		}
		must(db_commit(db, &err), &err);
	}
	struct rate rate = {(double)done * 1e6 / (double)(clock_mono_us() - wall),
		(double)done * 1e6 / (double)(cpu_us() - cpu)};
	/* They were written past the cells: away with them. The writer's ids stay far below. */
	run_sql(db, "DELETE FROM service_record WHERE id > ?1", (int64_t[]){rows * 2}, 1, (str){NULL, 0});
	db_close(db);
	return rate;
}

enum { WITHOUT_CELLS, WITH_CELLS, UNAUDITED, WAYS };

static struct rate one_way(int way, bool states)
{
	struct err err;
	struct city *c;
	must(city_open(path, true, &c, &err), &err);
	if (way != WITHOUT_CELLS)
		must(figure_attach(c, &err), &err);
	must(writer_start(c->writer, &err), &err);
	struct rate rate = through_writer(c, states, way == UNAUDITED);
	city_close(c);
	return rate;
}

static void bench_writes(void)
{
	static const char *const names[] = {"inserts", "changes of state"};
	for (int round = 0; round < 2; round++)
		for (int states = 0; states < 2; states++) {
			struct rate b = bound(states), w[WAYS];
			for (int way = 0; way < WAYS; way++)
				w[way] = one_way(way, states);
			printf("%s: bound %.0f/s (%.0f per CPU second); write job without cells %.2f (%.2f "
			       "of CPU), with cells %.2f (%.2f), audit's share of the CPU %.1f %%\n",
				names[states], b.wall, b.cpu, w[WITHOUT_CELLS].wall / b.wall,
				w[WITHOUT_CELLS].cpu / b.cpu, w[WITH_CELLS].wall / b.wall,
				w[WITH_CELLS].cpu / b.cpu, 100 - 100 * w[WITH_CELLS].cpu / w[UNAUDITED].cpu);
		}
}

int main(int argc, char **argv)
{
	struct err err;
	struct city *c;
	const char *dir = argc > 1 ? argv[1] : "/tmp";
	rows = argc > 2 ? atoll(argv[2]) : rows;
	seconds = argc > 3 ? atof(argv[3]) : seconds;
	snprintf(path, sizeof path, "%s/figures.db", dir);
	if (access(path, F_OK) != 0)
		make();
	people = rows / 10 + 1000;
	events = rows / 50 + 50;
	sessions = rows / 500 + 20;
	write_raw_sql(dir);
	must(city_open(path, true, &c, &err), &err);
	int64_t start = clock_mono_us();
	must(figure_attach(c, &err), &err);
	fprintf(stderr, "  attached in %.1f s\n", (double)(clock_mono_us() - start) / 1e6);
	bench_recount(c);
	bench_report(c);
	city_close(c);
	bench_writes();
	/* What was written without cells is counted now; a report right after a write. */
	must(city_open(path, true, &c, &err), &err);
	must(figure_attach(c, &err), &err);
	must(figure_rebuild_cells(c, &err), &err);
	must(writer_start(c->writer, &err), &err);
	double was = seconds;
	seconds = 0.01;
	through_writer(c, false, false);
	seconds = was;
	bench_report(c);
	city_close(c);
	return 0;
}
