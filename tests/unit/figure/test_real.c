/* The built-in model under random work: rows, edits, states, owners, people, mergers, units that move and change their
 * kind, declared totals, rows undone alone in their savepoint as an import undoes them, jobs that fail; after each batch
 *     cells == recount of the program,
 * and at the end values from cells == values from rows, for every figure. QINGHE_SEED, QINGHE_ROUNDS as in test_follow. */
#include "base/clock.h"
#include "base/date.h"
#include "base/rand.h"
#include "database.h"
#include "figure/figure.h"
#include "register/change.h"
#include "register/person.h"
#include "register/record.h"
#include "tests.h"

enum { ORGS = 16, PEOPLE = 40, ROUNDS = 60, OPS = 60, FIRST_YEAR = 2023, YEARS = 3 };

struct world {
	struct arena a;
	char path[TEST_URL_BYTES];
	struct city *city;
	struct rng rng;
	int64_t done, undone, failed_jobs;
};

static void must(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("rc %d: %s", (int)rc, err->text);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);
	return v ? strtoull(v, NULL, 10) : otherwise;
}

/* ---- chance ---- */

static int64_t below(struct world *w, int64_t n)
{
	return (int64_t)rng_below(&w->rng, (uint64_t)n);
}

/* The row at or after a random id. */
static int64_t any_row(struct job_ctx *c, struct world *w, const struct reg *reg)
{
	struct err err = {0};
	struct stmt *s;
	bool row;
	must(db_prepare(c->db, arena_fmt(c->a, "SELECT max(id) FROM \"%.*s\"", STR_ARG(reg->id)).p, &s, &err),
		&err);
	must(stmt_step(s, &row, &err), &err);
	int64_t last = row && !stmt_null(s, 0) ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (last == 0)
		return 0;
	str sql = arena_fmt(
		c->a, "SELECT id FROM \"%.*s\" WHERE id >= ?1 ORDER BY id LIMIT 1", STR_ARG(reg->id));
	must(db_prepare(c->db, sql.p, &s, &err), &err);
	stmt_bind_i64(s, 1, 1 + below(w, last));
	must(stmt_step(s, &row, &err), &err);
	int64_t id = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return id;
}

/* Days that love the ends of months and years, and the leap day. */
static int32_t any_day(struct world *w)
{
	int year = FIRST_YEAR + (int)below(w, YEARS), month = 1 + (int)below(w, 12);
	switch (below(w, 6)) {
	case 0:
		return date_of(year, month, 1);
	case 1:
		return date_of(year, month, date_days_in_month(year, month));
	case 2:
		return date_of(2024, 2, 29);
	case 3:
		return date_of(year, 12, 31);
	default:
		return date_of(year, month, 1 + (int)below(w, 28));
	}
}

static struct value text(str t)
{
	return (struct value){.kind = V_TEXT, .t = t};
}

static struct value any_list(struct job_ctx *c, struct world *w, const struct reg *to)
{
	int64_t a = any_row(c, w, to), b = any_row(c, w, to);
	if (a == 0)
		return (struct value){0};
	if (a == b)
		return text(arena_fmt(c->a, ",%lld,", (long long)a));
	return text(arena_fmt(c->a, ",%lld,%lld,", (long long)(a < b ? a : b), (long long)(a < b ? b : a)));
}

static struct value any_value(struct job_ctx *c, struct world *w, const struct field *f)
{
	const struct model *m = w->city->model;
	struct value v = {.kind = V_INT};
	if (!f->required && below(w, 5) == 0)
		return (struct value){0};
	switch (f->type) {
	case T_DATE:
		return text(date_str(c->a, any_day(w)));
	case T_MONTH:
		return text(str_head(date_str(c->a, any_day(w)), 7));
	case T_TIME: /* around the city's midnight as often as not */
		v.i = (int64_t)any_day(w) * 86400000 +
		      (below(w, 2) ? 57600000 - 1 + below(w, 3) : below(w, 86400000));
		return v;
	case T_BOOL:
		v.i = below(w, 2);
		return v;
	case T_CHOICE:
		return f->choices_n ? text(f->choices[below(w, (int64_t)f->choices_n)].id)
				    : (struct value){0};
	case T_REF:
	case T_PERSON:
	case T_ORG:
		v.i = any_row(c, w,
			f->type == T_REF ? f->to_reg
					 : model_reg(m, f->type == T_ORG ? STR("org") : STR("person")));
		v.kind = v.i ? V_INT : V_NULL;
		return v;
	case T_REFS:
		return any_list(c, w, f->to_reg);
	case T_ORGS:
		return any_list(c, w, model_reg(m, STR("org")));
	case T_INTEGER:
	case T_DECIMAL:
	case T_MONEY:
	case T_HOURS:
	case T_COUNT:
		v.i = below(w, 4) ? below(w, 30) : below(w, 100000);
		return v;
	case T_CITIZEN_ID:
		return (struct value){0};
	case T_SEALED_STRUCT:
		return text(STR("{}"));
	case T_REGION:
		return text(STR("370102"));
	case T_TEXT:
	case T_FILE:
	case T_PHONE:
	case T_CREDIT_CODE:
	case T_SEALED:
		if (str_is(f->id, "figure_id"))
			return text(m->figures[below(w, (int64_t)m->figures_n)].id);
		return text(arena_fmt(c->a, "%lld", (long long)below(w, 1000)));
	}
	return v;
}

static struct entry *any_entries(
	struct job_ctx *c, struct world *w, const struct reg *reg, bool all, size_t *out_n)
{
	struct entry *list = NEWS(c->a, reg->fields_n + 1, struct entry);
	size_t n = 0;
	bool person = false;
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (f == reg->n_field || (!all && (f == reg->person || below(w, (int64_t)reg->fields_n) > 1)))
			continue;
		if (str_is(reg->id, "org") && (str_is(f->id, "parent") || str_is(f->id, "code")))
			continue;
		list[n] = (struct entry){f, any_value(c, w, f)};
		person = person || (f == reg->person && list[n].value.kind != V_NULL);
		n++;
	}
	if (reg->n_field && all)
		list[n++] = (struct entry){reg->n_field, {.kind = V_INT, .i = person ? 1 : below(w, 50)}};
	*out_n = n;
	return list;
}

/* ---- what people do ---- */

static enum rc op_add(struct job_ctx *c, struct world *w, const struct reg *reg, struct err *err)
{
	static const char *const sources[] = {"form", "import", "site_code", "api", "platform"};
	int64_t id;
	struct record_input in = {
		.reg = reg, .org = 1 + below(w, ORGS), .source = str_of(sources[below(w, 5)])};
	in.entries = any_entries(c, w, reg, true, &in.entries_n);
	in.state = below(w, 3)     ? reg->import_state
		   : reg->states_n ? reg->states[below(w, (int64_t)reg->states_n)].id
				   : STR("");
	return record_add(c, &in, &id, err);
}

static enum rc op_slice(struct job_ctx *c, struct world *w, const struct reg *reg, struct err *err)
{
	int64_t first, n = 1 + below(w, 12);
	TRY(record_ids(c, reg, n, &first, err));
	for (int64_t i = 0; i < n; i++) {
		struct err e = {0};
		struct record_input in = {.reg = reg,
			.org = 1 + below(w, ORGS),
			.state = reg->import_state,
			.source = STR("import")};
		in.entries = any_entries(c, w, reg, true, &in.entries_n);
		enum rc rc = record_slice_add(c, &in, first + i, &e);
		if (rc == RC_IO)
			return FAIL(err, rc, "%s", e.text);
	}
	return record_slice_end(c, reg, first, n, NULL, NULL, err);
}

static enum rc op_set(struct job_ctx *c, struct world *w, const struct reg *reg, struct err *err)
{
	size_t n;
	int64_t id = any_row(c, w, reg);
	struct entry *list = any_entries(c, w, reg, false, &n);
	return id && n ? record_set(c, reg, id, 0, list, n, err) : RC_OK;
}

static enum rc op_state(struct job_ctx *c, struct world *w, const struct reg *reg, struct err *err)
{
	int64_t id = any_row(c, w, reg);
	if (id == 0 || reg->states_n == 0)
		return RC_OK;
	for (size_t i = 0; i < reg->moves_n; i++) { /* the first move that the row's state allows */
		struct err e = {0};
		const struct move *m = &reg->moves[(i + (size_t)below(w, 7)) % reg->moves_n];
		if (record_do(c, reg, id, 0, m, NULL, 0, STR("因故"), &e) == RC_OK)
			return RC_OK;
	}
	str state = reg->states[below(w, (int64_t)reg->states_n)].id;
	return record_put_state(c, reg, id, state, STR("test"), err);
}

static enum rc op_tree(struct job_ctx *c, struct world *w, struct err *err)
{
	const struct reg *org = model_reg(w->city->model, STR("org"));
	int64_t id = 2 + below(w, ORGS - 1), to = 1 + below(w, 8);
	const struct field *kind = reg_field(org, STR("kind"));
	struct entry e = {kind, text(kind->choices[below(w, (int64_t)kind->choices_n)].id)};
	if (below(w, 2))
		return record_set(c, org, id, 0, &e, 1, err);
	return org_move(c, id, to, any_day(w), err);
}

static enum rc op_person(struct job_ctx *c, struct world *w, struct err *err)
{
	const struct reg *reg = model_reg(w->city->model, STR("person"));
	int64_t id = any_row(c, w, reg), gone = any_row(c, w, reg), merge;
	struct entry e[2] = {{reg_field(reg, STR("identified")), {.kind = V_INT, .i = below(w, 2)}},
		{reg_field(reg, STR("birth_month")),
			text(str_head(date_str(c->a, any_day(w) - 365 * 15), 7))}};
	if (below(w, 6))
		return record_set(c, reg, id, 0, e, 2, err);
	TRY(person_merge(c, id, gone, &merge, err));
	return below(w, 2) ? RC_OK : person_merge_undo(c, merge, err);
}

static enum rc one_op(struct job_ctx *c, struct world *w, struct err *err)
{
	const struct model *m = w->city->model;
	const struct reg *reg = &m->regs[below(w, (int64_t)m->regs_n)];
	bool people = str_is(reg->id, "org") || str_is(reg->id, "person");
	int64_t id;
	switch (people ? 20 + below(w, 4) : below(w, 24)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
		return op_add(c, w, reg, err);
	case 8:
	case 9:
		return op_slice(c, w, reg, err);
	case 10:
	case 11:
	case 12:
	case 13:
		return op_state(c, w, reg, err);
	case 14:
		id = any_row(c, w, reg);
		return id ? record_hand_over(c, reg, id, 1 + below(w, ORGS), err) : RC_OK;
	case 20:
		return op_tree(c, w, err);
	case 21:
	case 22:
		return op_person(c, w, err);
	default:
		return op_set(c, w, reg, err);
	}
}

/* Each deed in its own savepoint; what fails, and some that do not, are undone alone. */
static enum rc run_ops(struct job_ctx *c, void *arg, struct err *err)
{
	struct world *w = arg;
	for (int i = 0; i < OPS; i++) {
		struct err e = {0};
		TRY(db_savepoint(c->db, err));
		enum rc rc = one_op(c, w, &e);
		if (rc == RC_IO || rc == RC_UNKNOWN)
			return FAIL(err, rc, "%s", e.text);
		if (rc == RC_OK && below(w, 8)) {
			TRY(db_release(c->db, err));
			w->done++;
			continue;
		}
		if (rc != RC_OK && getenv("QINGHE_TELL"))
			fprintf(stderr, "%s\n", e.text);
		db_rollback_to(c->db);
		w->city->tree_behind = true; /* a branch may have moved back */
		TRY(city_tree_now(w->city, c->db, err));
		w->undone++;
	}
	c->action = STR("test");
	return below(w, 9) ? RC_OK : FAIL(err, RC_INVALID, "refused (test)");
}

static enum rc begin_city(struct job_ctx *c, void *arg, struct err *err)
{
	struct world *w = arg;
	const struct reg *org = model_reg(w->city->model, STR("org")),
			 *person = model_reg(w->city->model, STR("person"));
	const struct field *kind = reg_field(org, STR("kind"));
	int64_t id;
	for (int i = 2; i <= ORGS; i++) {
		struct entry e[3] = {{reg_field(org, STR("code")), text(arena_fmt(c->a, "U%02d", i))},
			{reg_field(org, STR("name")), text(arena_fmt(c->a, "单位%d", i))},
			{kind, text(kind->choices[(size_t)i % kind->choices_n].id)}};
		TRY(org_add(c, i < 5 ? 1 : 2 + i % 3, DATE_NONE, e, 3, &id, err));
	}
	for (int i = 0; i < PEOPLE; i++) {
		struct entry e = {reg_field(person, STR("name")), text(arena_fmt(c->a, "张%d", i))};
		struct record_input in = {
			.reg = person, .org = 1 + below(w, ORGS), .entries = &e, .entries_n = 1};
		TRY(record_add(c, &in, &id, err));
	}
	return RC_OK;
}

/* ---- looking ---- */

static void look(struct world *w)
{
	struct arena a = {0};
	struct err err = {0};
	struct reader r;
	struct cells_report found;
	struct actor op = actor_operator();
	must(reader_open(w->city, &a, &op, &r, &err), &err);
	must(figure_check_cells(&r, &found, &err), &err);
	if (found.wrong + found.missing + found.extra)
		fail_msg("%lld wrong, %lld missing, %lld extra of %lld cells: %s", (long long)found.wrong,
			(long long)found.missing, (long long)found.extra, (long long)found.cells,
			found.first);
	reader_close(&r);
	arena_done(&a);
}

static void compare(
	struct reader *r, const struct figure *f, const struct period *p, int64_t org, int64_t *told)
{
	struct err err = {0};
	struct figure_answer cells, rows;
	must(figure_value(r, f, p, org, false, &cells, &err), &err);
	must(figure_value_from_rows(r, f, p, org, &rows, &err), &err);
	if (cells.told != rows.told || (cells.told && cells.value != rows.value))
		fail_msg("%.*s of unit %lld: %lld by cells, %lld by rows", STR_ARG(f->id), (long long)org,
			(long long)cells.value, (long long)rows.value);
	*told += cells.told && cells.value != 0;
}

static void compare_all(struct world *w)
{
	struct arena a = {0};
	struct err err = {0};
	struct reader r;
	struct actor op = actor_operator();
	int64_t told = 0;
	must(reader_open(w->city, &a, &op, &r, &err), &err);
	for (size_t i = 0; i < w->city->model->figures_n; i++) {
		const struct figure *f = &w->city->model->figures[i];
		struct period p = period_year(&a, FIRST_YEAR + (int)below(w, YEARS));
		if (f->grain == G_RATE)
			continue;
		compare(&r, f, &p, 1, &told);
		compare(&r, f, &p, 1 + below(w, ORGS), &told);
	}
	reader_close(&r);
	arena_done(&a);
	if (told < 20)
		fail_msg("only %lld figures had a value: the test tests little", (long long)told);
}

static void cells_follow_every_deed_on_the_built_in_model(void **state)
{
	struct world *w = *state;
	struct actor op = actor_operator();
	for (uint64_t i = 0; i < setting("QINGHE_ROUNDS", ROUNDS); i++) {
		struct arena a = {0};
		struct err err = {0};
		enum rc rc = city_run(w->city, &op, &a, (str){NULL, 0}, run_ops, w, &err);
		if (rc == RC_INVALID && strstr(err.text, "(test)"))
			w->failed_jobs++;
		else
			must(rc, &err);
		arena_done(&a);
		look(w);
	}
	print_message("%lld done, %lld undone alone, %lld jobs failed\n", (long long)w->done,
		(long long)w->undone, (long long)w->failed_jobs);
	assert_true(w->done > w->undone / 2);
	compare_all(w);
}

static int setup(void **state)
{
	struct err err = {0};
	struct world *w = test_malloc(sizeof *w);
	*w = (struct world){0};
	clock_set((int64_t)date_of(2025, 12, 31) * 86400000, false);
	rng_init(&w->rng, setting("QINGHE_SEED", 20251125));
	test_db_url(w->path, "real");
	struct city_new n = {.name = STR("临澜市"), .region = STR("3799"), .demo_seed = 9};
	must(city_init(w->path, &n, &err), &err);
	must(city_open(w->path, true, &w->city, &err), &err);
	must(figure_attach(w->city, &err), &err);
	struct actor op = actor_operator();
	must(city_run(w->city, &op, &w->a, (str){NULL, 0}, begin_city, w, &err), &err);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	city_close(w->city);
	test_db_forget(w->path);
	arena_done(&w->a);
	test_free(w);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			cells_follow_every_deed_on_the_built_in_model, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
