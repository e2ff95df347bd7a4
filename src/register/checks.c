/* checks.c -- see checks.h */
#include "register/checks.h"
#include "base/date.h"
#include "register/person.h"
#include "register/row.h"

struct checking {
	struct job_ctx *c;
	const struct reg *reg;
	struct reg_plan *plan;
	enum rc (*refused)(void *user, int64_t id, const struct check *check);
	void *user;
	int64_t *alone; /* rows to be looked at alone, ascending */
	size_t alone_n, alone_cap;
};

/* The fired checks of the row under the statement: id, then 0 or 1 each. */
static enum rc fired(struct checking *k, struct stmt *s, struct err *err)
{
	for (size_t i = 0; i < k->reg->checks_n; i++) {
		const struct check *check = &k->reg->checks[i];
		if (!stmt_i64(s, (int)i + 1) || (check->warn && k->refused == NULL))
			continue;
		if (k->refused == NULL)
			return FAIL(err, RC_INVALID, "%.*s", STR_ARG(label_text(&check->say)));
		TRY(k->refused(k->user, stmt_i64(s, 0), check));
	}
	return RC_OK;
}

/* Years of the person on the day, bound as parameter n; null where either is not known. */
static enum rc bind_years(struct checking *k, struct stmt *s, int n, int64_t person, str day, struct err *err)
{
	struct city *city = job_city(k->c);
	struct record *rec;
	int32_t on;
	if (person == 0 || !date_parse(day, &on))
		return stmt_bind_null(s, n), RC_OK;
	TRY(row_get(k->c->a, k->c->db, city, model_reg(city->model, STR("person")), person, &rec, err));
	int32_t born = person_born(rec);
	if (born == DATE_NONE)
		stmt_bind_null(s, n);
	else
		stmt_bind_i64(s, n, date_age_years(born, on));
	return RC_OK;
}

static void bind_span(const struct reg_plan *p, struct stmt *s, int64_t first, int64_t last)
{
	query_bind(&p->exact_query, s);
	stmt_bind_i64(s, p->exact_first, first);
	stmt_bind_i64(s, p->exact_last, last);
}

static enum rc one_row(struct checking *k, int64_t id, struct err *err)
{
	const struct query *q = &k->plan->exact_query;
	struct stmt *s;
	bool row;
	int64_t *persons = NEWS(k->c->a, q->ages_n, int64_t);
	str *days = NEWS(k->c->a, q->ages_n, str);
	TRY(db_prepare(k->c->db, k->plan->ages.p, &s, err));
	bind_span(k->plan, s, id, id);
	TRY(stmt_step(s, &row, err));
	for (size_t i = 0; row && i < q->ages_n; i++) {
		persons[i] = stmt_i64(s, 1 + 2 * (int)i);
		days[i] = arena_str(k->c->a, stmt_text(s, 2 + 2 * (int)i));
	}
	stmt_reset(s);
	TRY(db_prepare(k->c->db, k->plan->exact.p, &s, err));
	bind_span(k->plan, s, id, id);
	for (size_t i = 0; i < q->ages_n; i++)
		TRY(bind_years(k, s, q->ages[i].param, persons[i], days[i], err));
	TRY(stmt_step(s, &row, err));
	enum rc rc = row ? fired(k, s, err) : RC_OK;
	stmt_reset(s);
	return rc;
}

static enum rc find_alone(struct checking *k, int64_t first, int64_t last, struct err *err)
{
	struct stmt *s;
	bool row;
	if (k->plan->birthdays.n == 0)
		return RC_OK;
	TRY(db_prepare(k->c->db, k->plan->birthdays.p, &s, err));
	bind_span(k->plan, s, first, last);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		k->alone = arena_grow(k->c->a, k->alone, k->alone_n, &k->alone_cap, sizeof *k->alone);
		k->alone[k->alone_n++] = stmt_i64(s, 0);
	}
}

static enum rc all_rows(struct checking *k, int64_t first, int64_t last, struct err *err)
{
	struct reg_plan *p = k->plan;
	struct stmt *s;
	bool row;
	size_t next = 0;
	TRY(db_prepare(k->c->db, p->checks.p, &s, err));
	query_bind(&p->checks_query, s);
	stmt_bind_i64(s, p->checks_first, first);
	stmt_bind_i64(s, p->checks_last, last);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (next < k->alone_n && k->alone[next] == stmt_i64(s, 0)) {
			next++;
			continue;
		}
		enum rc rc = fired(k, s, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
	}
}

enum rc checks_run(struct job_ctx *c, const struct reg *reg, int64_t first, int64_t last,
	enum rc (*refused)(void *user, int64_t id, const struct check *check), void *user, struct err *err)
{
	struct checking k = {c, reg, &job_city(c)->plans[reg->at], refused, user, NULL, 0, 0};
	if (k.plan->checks.n == 0)
		return RC_OK;
	TRY(find_alone(&k, first, last, err));
	TRY(all_rows(&k, first, last, err));
	for (size_t i = 0; i < k.alone_n; i++)
		TRY(one_row(&k, k.alone[i], err));
	return RC_OK;
}
