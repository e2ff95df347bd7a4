/* Cells follow every write: thousands of random changes through the ordinary doors (records, states, owners, people,
 * branches, slices of an import), jobs that fail, batches that are abandoned; and at random points
 *     cells == recount by the program == naive.h (an independent reading), values == values from rows == trace.
 * QINGHE_ROUNDS and QINGHE_SEED make it longer or repeat it. */
#include "base/clock.h"
#include "base/rand.h"
#include "database.h"
#include "figure/figure.h"
#include "naive.h"
#include "register/change.h"
#include "register/person.h"
#include "register/record.h"
#include "tests.h"
#include <pthread.h>

enum { ORGS = 24, YEARS = 3, OPS_MAX = 8, QUEUE = 5 };

struct fixture {
	struct arena a;
	char path[TEST_URL_BYTES], key[80];
	struct city *city;
	struct rng rng;
	int fail_commits;
	int failed_commits, refused, moves, merges;
};

/* ---- a city ---- */

static enum rc no_commit(void *user, struct db *db, struct err *err)
{
	struct fixture *f = user;
	(void)db;
	if (f->fail_commits == 0)
		return RC_OK;
	f->fail_commits--;
	f->failed_commits++;
	return FAIL(err, RC_IO, "the disk is on strike (test)");
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);
	return v ? strtoull(v, NULL, 10) : otherwise;
}

static void must(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("rc %d: %s", (int)rc, err->text);
}

static struct entry num(const struct reg *reg, const char *field, int64_t v)
{
	return (struct entry){reg_field(reg, str_of(field)), {.kind = V_INT, .i = v}};
}

static struct entry txt(const struct reg *reg, const char *field, str v)
{
	return (struct entry){reg_field(reg, str_of(field)), {.kind = V_TEXT, .t = v}};
}

static enum rc grow_tree(struct job_ctx *c, void *arg, struct err *err)
{
	struct fixture *f = arg;
	const struct reg *reg = model_reg(f->city->model, STR("org"));
	int64_t id;
	for (int i = 2; i <= ORGS; i++) {
		struct entry e[3] = {txt(reg, "code", arena_fmt(c->a, "U%02d", i)),
			txt(reg, "name", arena_fmt(c->a, "单位%d", i)), txt(reg, "kind", STR("branch"))};
		int64_t parent = i < 6 ? 1 : i < 14 ? 2 + i % 4 : 6 + i % 8;
		/* Some begin late: rows before that day count for nobody above. */
		TRY(org_add(c, parent, i % 7 == 3 ? date_of(2024, 5, 10) : DATE_NONE, e, 3, &id, err));
	}
	return RC_OK;
}

static int setup(void **state)
{
	struct err err = {0};
	struct fixture *f = test_malloc(sizeof *f);
	*f = (struct fixture){0};
	rng_init(&f->rng, setting("QINGHE_SEED", 20251125));
	test_db_url(f->path, "follow");
	struct city_new n = {.name = STR("临澜市"),
		.region = STR("3399"),
		.model_dir = "tests/unit/figure/model",
		.demo_seed = 5};
	must(city_init(f->path, &n, &err), &err);
	must(city_open(f->path, true, &f->city, &err), &err);
	must(figure_attach(f->city, &err), &err);
	struct change_observer o = {.user = f, .before_commit = no_commit};
	change_attach(f->city, &o);
	struct actor op = actor_operator();
	must(city_run(f->city, &op, &f->a, (str){NULL, 0}, grow_tree, f, &err), &err);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	city_close(f->city);
	test_db_forget(f->path);
	arena_done(&f->a);
	test_free(f);
	return 0;
}

/* ---- random changes ---- */

struct op_job {
	struct fixture *f;
	uint64_t seed;
	int ops;
	bool fails;
};

static int64_t any_row(struct job_ctx *c, struct rng *r, const char *reg)
{
	struct err err = {0};
	struct stmt *s;
	bool row;
	str sql = arena_fmt(c->a, "SELECT id FROM \"%s\" ORDER BY id", reg);
	int64_t ids[4096], n = 0;
	must(db_prepare(c->db, sql.p, &s, &err), &err);
	for (;;) {
		must(stmt_step(s, &row, &err), &err);
		if (!row)
			break;
		if (n < 4096)
			ids[n++] = stmt_i64(s, 0);
	}
	return n ? ids[rng_below(r, (uint64_t)n)] : 0;
}

static str any_day(struct arena *a, struct rng *r)
{
	return date_str(a, date_of(2023, 1, 1) + (int32_t)rng_below(r, 365 * YEARS));
}

/* Values for a field of any of the registers; null now and then. */
static struct value any_value(struct job_ctx *c, struct rng *r, const struct field *f)
{
	static const char *const kinds[] = {"sea", "home"};
	struct value v = {0};
	if (rng_below(r, 6) == 0 && !f->required && !str_is(f->id, "n"))
		return v;
	v.kind = V_INT;
	switch ((int)f->type) {
	case T_DATE:
		v = (struct value){.kind = V_TEXT, .t = any_day(c->a, r)};
		break;
	case T_CHOICE:
		v = (struct value){.kind = V_TEXT, .t = str_of(kinds[rng_below(r, 2)])};
		break;
	case T_TEXT:
		v = (struct value){.kind = V_TEXT, .t = arena_fmt(c->a, "%d", (int)rng_below(r, 99))};
		break;
	case T_ORGS: {
		int64_t a = 1 + (int64_t)rng_below(r, ORGS - 1);
		v = (struct value){.kind = V_TEXT,
			.t = arena_fmt(c->a, ",%lld,%lld,", (long long)a,
				(long long)(a + 1 + (int64_t)rng_below(r, (uint64_t)(ORGS - a))))};
		break;
	}
	case T_TIME: {
		int32_t day;
		if (date_parse(any_day(c->a, r), &day))
			v.i = (int64_t)day * 86400000 + (int64_t)rng_below(r, 86400000);
		break;
	}
	case T_REF:
	case T_PERSON:
		v.i = any_row(c, r, f->to_reg->id.p);
		v.kind = v.i ? V_INT : V_NULL;
		break;
	case T_BOOL:
		v.i = (int64_t)rng_below(r, 2);
		break;
	default:
		v.i = (int64_t)rng_below(r, 600);
	}
	return v;
}

static size_t any_entries(
	struct job_ctx *c, struct rng *r, const struct reg *reg, struct entry *out, bool all)
{
	size_t n = 0;
	bool person = false;
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (str_is(f->id, "n"))
			continue;
		if (!all && rng_below(r, 3))
			continue;
		out[n] = (struct entry){f, any_value(c, r, f)};
		if (f == reg->person)
			person = out[n].value.kind != V_NULL;
		n++;
	}
	/* A head-count has no person. */
	if (reg->n_field && all)
		out[n++] = (struct entry){
			reg->n_field, {.kind = V_INT, .i = person ? 1 : (int64_t)rng_below(r, 40)}};
	return n;
}

static enum rc op_add(struct job_ctx *c, struct rng *r, const struct reg *reg, struct err *err)
{
	static const char *const sources[] = {"form", "import", "site_code", "api"};
	struct entry list[16];
	int64_t id;
	struct record_input in = {.reg = reg,
		.org = 1 + (int64_t)rng_below(r, ORGS),
		.entries = list,
		.entries_n = any_entries(c, r, reg, list, true),
		.state = reg->states[rng_below(r, reg->states_n)].id,
		.source = str_of(sources[rng_below(r, 4)])};
	return record_add(c, &in, &id, err);
}

static enum rc op_slice(struct job_ctx *c, struct rng *r, const struct reg *reg, struct err *err)
{
	int64_t first, n = 1 + (int64_t)rng_below(r, 30);
	TRY(record_ids(c, reg, n, &first, err));
	for (int64_t i = 0; i < n; i++) {
		struct entry list[16];
		struct record_input in = {.reg = reg,
			.org = 1 + (int64_t)rng_below(r, ORGS),
			.entries = list,
			.entries_n = any_entries(c, r, reg, list, true),
			.state = reg->import_state,
			.source = STR("import")};
		TRY(record_slice_add(c, &in, first + i, err));
	}
	return record_slice_end(c, reg, first, n, NULL, NULL, err);
}

static enum rc op_person(struct job_ctx *c, struct rng *r, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("person"));
	int64_t id = any_row(c, r, "person");
	struct entry flag = num(reg, "identified", (int64_t)rng_below(r, 2));
	if (id && rng_below(r, 3))
		return record_set(c, reg, id, 0, &flag, 1, err);
	struct entry e[2] = {
		txt(reg, "name", arena_fmt(c->a, "张%lld", (long long)rng_below(r, 100000))), flag};
	struct record_input in = {
		.reg = reg, .org = 1 + (int64_t)rng_below(r, ORGS), .entries = e, .entries_n = 2};
	return record_add(c, &in, &id, err);
}

static enum rc op_set(struct job_ctx *c, struct rng *r, const struct reg *reg, struct err *err)
{
	struct entry list[16];
	int64_t id = any_row(c, r, reg->id.p);
	if (id == 0)
		return RC_OK;
	size_t n = any_entries(c, r, reg, list, false);
	/* A person and a head-count exclude each other: leave the row's kind as it is. */
	if (reg->n_field)
		for (size_t i = 0; i < n; i++)
			if (list[i].field == reg->person)
				list[i] = list[--n];
	return record_set(c, reg, id, 0, list, n, err);
}

static enum rc op_state(struct job_ctx *c, struct rng *r, const struct reg *reg, struct err *err)
{
	struct reader rd = {
		.city = job_city(c), .db = c->db, .a = c->a, .actor = *c->actor, .tree = job_city(c)->tree};
	struct record *rec;
	int64_t id = any_row(c, r, reg->id.p);
	if (id == 0 || reg->moves_n == 0)
		return RC_OK;
	TRY(record_get(&rd, reg, id, &rec, err));
	for (size_t i = 0; i < reg->moves_n; i++)
		if (str_eq(reg->moves[i].from[0], rec->state))
			return record_do(c, reg, id, 0, &reg->moves[i], NULL, 0, STR("试"), err);
	return RC_OK;
}

static enum rc op_move(struct job_ctx *c, struct rng *r, struct fixture *f, struct err *err)
{
	int64_t org = 2 + (int64_t)rng_below(r, ORGS - 1), to = 1 + (int64_t)rng_below(r, 13);
	int32_t from = date_of(2023, 1, 1) + (int32_t)rng_below(r, 365 * YEARS + 60);
	size_t n;
	const int64_t *below = tree_subtree_span(c->a, f->city->tree, org, INT32_MIN + 1, INT32_MAX, &n);
	for (size_t i = 0; i < n; i++)
		if (below[i] == to)
			return RC_OK;
	f->moves++;
	return org_move(c, org, to, from, err);
}

/* Two people become one: their rows are rewritten. What cannot be merged refuses the job. */
static enum rc op_merge(struct job_ctx *c, struct rng *r, struct fixture *f, struct err *err)
{
	int64_t kept = any_row(c, r, "person"), gone = any_row(c, r, "person"), merge;
	if (kept == gone)
		return RC_OK;
	if (person_merge(c, kept, gone, &merge, err) != RC_OK)
		return FAIL(err, RC_INVALID, "refused (test)");
	f->merges++;
	return rng_below(r, 3) ? RC_OK : person_merge_undo(c, merge, err);
}

static enum rc one_op(struct job_ctx *c, struct rng *r, struct fixture *f, struct err *err)
{
	static const char *const names[] = {"fz_row", "fz_row", "fz_row", "fz_event", "fz_event", "fz_day",
		"fz_day", "fz_drive", "fz_term"};
	const struct reg *reg =
		model_reg(f->city->model, str_of(names[rng_below(r, sizeof names / sizeof *names)]));
	int64_t id;
	switch (rng_below(r, 25)) {
	case 24:
		return op_merge(c, r, f, err);
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
		return op_add(c, r, reg, err);
	case 7:
		return op_slice(c, r, reg, err);
	case 8:
	case 9:
		return op_person(c, r, err);
	case 10:
	case 11:
	case 12:
	case 13:
		return op_state(c, r, reg, err);
	case 14:
		return op_move(c, r, f, err);
	case 15:
	case 16:
		id = any_row(c, r, reg->id.p);
		return id ? record_hand_over(c, reg, id, 1 + (int64_t)rng_below(r, ORGS), err) : RC_OK;
	default:
		return op_set(c, r, reg, err);
	}
}

static enum rc run_ops(struct job_ctx *c, void *arg, struct err *err)
{
	struct op_job *j = arg;
	struct rng r;
	rng_init(&r, j->seed);
	for (int i = 0; i < j->ops; i++)
		TRY(one_op(c, &r, j->f, err));
	c->action = STR("test");
	return j->fails ? FAIL(err, RC_INVALID, "refused (test)") : RC_OK;
}

static struct op_job any_job(struct fixture *f)
{
	return (struct op_job){.f = f,
		.seed = rng_next(&f->rng),
		.ops = 1 + (int)rng_below(&f->rng, OPS_MAX),
		.fails = rng_below(&f->rng, 7) == 0};
}

static void judge(struct fixture *f, const struct op_job *j, enum rc rc, const struct err *err)
{
	(void)j;
	if (rc == RC_INVALID && strstr(err->text, "(test)"))
		f->refused++;
	else if (rc == RC_IO && strstr(err->text, "on strike"))
		return;
	else if (rc != RC_OK)
		fail_msg("a random job failed with rc %d: %s (%s)", (int)rc, err->text, err->func);
}

static void run_one(struct fixture *f)
{
	struct err err = {0};
	struct actor op = actor_operator();
	struct op_job j = any_job(f);
	struct arena a = {0};
	if (rng_below(&f->rng, 25) == 0)
		f->fail_commits = 1;
	enum rc rc = city_run(f->city, &op, &a, (str){NULL, 0}, run_ops, &j, &err);
	judge(f, &j, rc, &err);
	f->fail_commits = 0;
	arena_done(&a);
}

/* ---- several jobs in one batch, by the writer's thread ---- */

struct counted_down {
	pthread_mutex_t lock;
	pthread_cond_t zero;
	int left;
};

static void answered(struct job *job, void *user)
{
	struct counted_down *w = user;
	(void)job;
	pthread_mutex_lock(&w->lock);
	w->left--;
	pthread_cond_signal(&w->zero);
	pthread_mutex_unlock(&w->lock);
}

static void run_many(struct fixture *f)
{
	struct job jobs[QUEUE] = {0};
	struct op_job ops[QUEUE];
	struct arena arenas[QUEUE] = {0};
	struct counted_down wait = {.left = QUEUE};
	pthread_mutex_init(&wait.lock, NULL);
	pthread_cond_init(&wait.zero, NULL);
	if (rng_below(&f->rng, 8) == 0)
		f->fail_commits = 1;
	for (int i = 0; i < QUEUE; i++) {
		ops[i] = any_job(f);
		jobs[i] = (struct job){.actor = actor_operator(),
			.run = run_ops,
			.arg = &ops[i],
			.a = &arenas[i],
			.done = answered,
			.done_user = &wait};
	}
	for (int i = 0; i < QUEUE; i++)
		writer_submit(f->city->writer, &jobs[i]);
	pthread_mutex_lock(&wait.lock);
	while (wait.left)
		pthread_cond_wait(&wait.zero, &wait.lock);
	pthread_mutex_unlock(&wait.lock);
	f->fail_commits = 0;
	for (int i = 0; i < QUEUE; i++) {
		judge(f, &ops[i], jobs[i].rc, &jobs[i].err);
		arena_done(&arenas[i]);
	}
	pthread_mutex_destroy(&wait.lock);
	pthread_cond_destroy(&wait.zero);
}

/* ---- looking ---- */

static int same_name(const struct naive_cell *c, const struct figure *f)
{
	int by = strncmp(c->figure, f->id.p, f->id.n);
	return by ? by : c->figure[f->id.n] != 0;
}

/* The stored cells, in the order of naive_cells (numbers of this model sort like names do not). */
static void compare_naive(struct fixture *f, struct reader *r)
{
	struct arena a = {0};
	struct err err = {0};
	struct naive naive;
	struct numbers *numbers;
	struct stmt *s;
	bool row;
	size_t n = 0;
	naive_cells(&a, r->db, &naive);
	must(numbers_load(&a, r->db, f->city->model, &numbers, &err), &err);
	must(db_prepare(r->db,
		     "SELECT c.org, c.span, d.figure, c.part, c.value FROM cell c JOIN figure_def d"
		     " ON d.number = c.number WHERE c.value <> 0 AND d.figure LIKE 'fz.%'"
		     " ORDER BY c.org, c.span, d.figure, c.part",
		     &s, &err),
		&err);
	for (;; n++) {
		must(stmt_step(s, &row, &err), &err);
		if (!row)
			break;
		const struct figure *fig = model_figure(f->city->model, stmt_text(s, 2));
		const struct naive_cell *c = n < naive.n ? &naive.list[n] : NULL;
		if (c == NULL || c->org != stmt_i64(s, 0) || c->span != stmt_i64(s, 1) || same_name(c, fig) ||
			c->part != stmt_i64(s, 3) || c->value != stmt_i64(s, 4))
			fail_msg("cell %.*s org %lld span %lld part %lld is %lld; naive: %s org %lld span %u "
				 "part %d %lld",
				STR_ARG(fig->id), (long long)stmt_i64(s, 0), (long long)stmt_i64(s, 1),
				(long long)stmt_i64(s, 3), (long long)stmt_i64(s, 4), c ? c->figure : "none",
				c ? (long long)c->org : 0, c ? c->span : 0, c ? c->part : 0,
				c ? (long long)c->value : 0);
	}
	if (n != naive.n)
		fail_msg("%zu cells, naive counts %zu; the first missing: %s", n, naive.n,
			naive.list[n].figure);
	arena_done(&a);
}

struct adding {
	int64_t sum, last_id;
	int rows, limit;
};

static bool add_row(void *user, const struct trace_row *row)
{
	struct adding *t = user;
	if (t->limit == 0)
		return false;
	t->limit--;
	t->sum += row->contribution;
	t->rows++;
	assert_true(row->id > t->last_id);
	t->last_id = row->id;
	return true;
}

static void compare_trace(
	struct reader *r, const struct figure *fig, const struct period *p, int64_t org, int64_t value)
{
	struct err err = {0};
	struct adding whole = {.limit = -1}, paged = {0};
	must(figure_trace(r, fig, p, org, 0, add_row, &whole, &err), &err);
	if (whole.sum != value)
		fail_msg("trace of %.*s at %lld in %.*s adds up to %lld, the value is %lld", STR_ARG(fig->id),
			(long long)org, STR_ARG(p->text), (long long)whole.sum, (long long)value);
	for (int was = -1; was != paged.rows;) {
		was = paged.rows;
		paged.limit = 7;
		must(figure_trace(r, fig, p, org, paged.last_id, add_row, &paged, &err), &err);
	}
	assert_int_equal(paged.rows, whole.rows);
	assert_int_equal(paged.sum, whole.sum);
}

static struct period any_period(struct arena *a, struct rng *r)
{
	struct period p;
	int year = 2023 + (int)rng_below(r, YEARS);
	str text = arena_fmt(a, "%d", year);
	switch (rng_below(r, 5)) {
	case 0:
		break;
	case 1:
		text = arena_fmt(a, "%dQ%d", year, 1 + (int)rng_below(r, 4));
		break;
	case 2:
		text = arena_fmt(a, "%d-%02d", year, 1 + (int)rng_below(r, 12));
		break;
	default: {
		int32_t from = date_of(2023, 1, 1) + (int32_t)rng_below(r, 365 * YEARS);
		text = arena_fmt(a, "%.*s..%.*s", STR_ARG(date_str(a, from)),
			STR_ARG(date_str(a, from + (int32_t)rng_below(r, 500))));
	}
	}
	struct err err = {0};
	must(period_parse(a, text, &p, &err), &err);
	return p;
}

static void compare_values(struct fixture *f, struct reader *r)
{
	struct err err = {0};
	struct period p = any_period(r->a, &f->rng);
	int64_t org = 1 + (int64_t)rng_below(&f->rng, ORGS);
	const struct model *m = f->city->model;
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *fig = &m->figures[i];
		struct figure_answer x, y;
		int64_t naive;
		if (!str_starts(fig->id, STR("fz.")))
			continue;
		must(figure_value(r, fig, &p, org, false, &x, &err), &err);
		must(figure_value_from_rows(r, fig, &p, org, &y, &err), &err);
		if (x.told != y.told || x.value != y.value || x.instead != y.instead ||
			memcmp(x.grades, y.grades, sizeof x.grades) != 0 || x.of != y.of || x.over != y.over)
			fail_msg("%.*s at %lld in %.*s: from cells %lld, from rows %lld", STR_ARG(fig->id),
				(long long)org, STR_ARG(p.text), (long long)x.value, (long long)y.value);
		char id[64];
		snprintf(id, sizeof id, "%.*s", STR_ARG(fig->id));
		if (naive_value(r->a, r->db, id, org, p.from, p.to, &naive) &&
			(x.told ? naive != x.value : naive != INT64_MIN))
			fail_msg("%s at %lld in %.*s: %lld, naive %lld", id, (long long)org, STR_ARG(p.text),
				(long long)x.value, (long long)naive);
		if (x.told && fig->grain != G_MEDIAN)
			compare_trace(r, fig, &p, org, x.value);
	}
}

static void look(struct fixture *f, bool naive)
{
	struct err err = {0};
	struct arena a = {0};
	struct reader r;
	struct cells_report found;
	struct actor op = actor_operator();
	must(reader_open(f->city, &a, &op, &r, &err), &err);
	must(figure_check_cells(&r, &found, &err), &err);
	if (found.wrong + found.missing + found.extra)
		fail_msg("%lld wrong, %lld missing, %lld extra of %lld cells: %s", (long long)found.wrong,
			(long long)found.missing, (long long)found.extra, (long long)found.cells,
			found.first);
	if (naive)
		compare_naive(f, &r);
	for (int i = 0; i < 3; i++)
		compare_values(f, &r);
	reader_close(&r);
	arena_done(&a);
}

static void tell(struct fixture *f)
{
	struct err err = {0};
	struct stmt *s;
	bool row;
	must(db_prepare(writer_db(f->city->writer),
		     "SELECT (SELECT COUNT(*) FROM fz_row), (SELECT COUNT(*) FROM fz_event), (SELECT "
		     "COUNT(*) FROM"
		     " fz_day), (SELECT COUNT(*) FROM org_link), (SELECT COUNT(DISTINCT number) FROM cell c "
		     "JOIN"
		     " figure_def d USING (number) WHERE value <> 0 AND figure LIKE 'fz.%'),"
		     " (SELECT COUNT(*) FROM cell WHERE value <> 0)",
		     &s, &err),
		&err);
	must(stmt_step(s, &row, &err), &err);
	print_message(
		"# %lld rows, %lld events, %lld days, %lld links; %lld figures in %lld cells; %d refused, %d"
		" commits failed, %d moves, %d merges\n",
		(long long)stmt_i64(s, 0), (long long)stmt_i64(s, 1), (long long)stmt_i64(s, 2),
		(long long)stmt_i64(s, 3), (long long)stmt_i64(s, 4), (long long)stmt_i64(s, 5), f->refused,
		f->failed_commits, f->moves, f->merges);
	assert_int_equal(stmt_i64(s, 4), 15); /* every figure of the model with cells has some */
	stmt_reset(s);
}

static void cells_follow_every_change(void **state)
{
	struct fixture *f = *state;
	uint64_t rounds = setting("QINGHE_ROUNDS", 400);
	for (uint64_t i = 0; i < rounds; i++) {
		run_one(f);
		if (rng_below(&f->rng, 10) == 0)
			look(f, rng_below(&f->rng, 4) == 0);
	}
	look(f, true);
	tell(f);
	assert_true(f->refused > 0 && f->moves > 0 && f->failed_commits > 0);
}

static void cells_follow_batches_of_several_jobs(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	must(writer_start(f->city->writer, &err), &err);
	for (uint64_t i = 0, rounds = setting("QINGHE_ROUNDS", 400) / 4; i < rounds; i++) {
		run_many(f);
		if (rng_below(&f->rng, 5) == 0)
			look(f, rng_below(&f->rng, 4) == 0);
	}
	look(f, true);
	tell(f);
}

static void a_wrong_cell_is_found_and_mended(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct arena a = {0};
	struct reader r;
	struct cells_report found;
	struct actor op = actor_operator();
	for (int i = 0; i < 60; i++)
		run_one(f);
	must(db_exec(writer_db(f->city->writer),
		     "UPDATE cell SET value = value + 1 WHERE org = 1 AND part = 0 AND number ="
		     " (SELECT number FROM cell WHERE org = 1 AND part = 0 AND value > 0 LIMIT 1)",
		     &err),
		&err);
	must(reader_open(f->city, &a, &op, &r, &err), &err);
	must(figure_check_cells(&r, &found, &err), &err);
	assert_true(found.wrong > 0);
	assert_int_not_equal(found.first[0], 0);
	reader_close(&r);
	must(figure_rebuild_cells(f->city, &err), &err);
	look(f, true);
	run_one(f);
	look(f, true);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cells_follow_every_change, setup, teardown),
		cmocka_unit_test_setup_teardown(cells_follow_batches_of_several_jobs, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_cell_is_found_and_mended, setup, teardown)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
