/* read_log.c -- see read_log.h. */
#include "register/read_log.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/hash.h"
#include "guard/audit.h"
#include "register/row.h"
#include <stdlib.h>

enum { GROUNDS_MAX = 40, PART_MAX_BYTES = 600 };

struct read_log {
	struct arena *a;
	struct shown {
		const struct reg *reg;
		int64_t *ids;
		size_t n, cap;
	} * list;
	size_t n, cap;
	str grounds[GROUNDS_MAX];
	size_t grounds_n;
	bool more; /* grounds beyond those */
	struct shared {
		int64_t agreement, rows;
	} * shared;
	size_t shared_n, shared_cap;
};

struct read_log *read_log_new(struct arena *a)
{
	struct read_log *log = NEW(a, struct read_log);
	log->a = a;
	return log;
}

bool read_log_empty(const struct read_log *log)
{
	return log == NULL || log->n == 0;
}

static void share(struct read_log *log, const struct basis *b)
{
	size_t i = 0;
	while (i < log->shared_n && log->shared[i].agreement != b->id)
		i++;
	if (i == log->shared_n) {
		log->shared =
			arena_grow(log->a, log->shared, log->shared_n, &log->shared_cap, sizeof *log->shared);
		log->shared[log->shared_n++] = (struct shared){.agreement = b->id};
	}
	log->shared[i].rows++;
}

static void ground(struct read_log *log, const struct basis *b)
{
	str text = basis_text(log->a, b);
	for (size_t i = 0; i < log->grounds_n; i++)
		if (str_eq(log->grounds[i], text))
			return;
	if (log->grounds_n < GROUNDS_MAX)
		log->grounds[log->grounds_n++] = text;
	else
		log->more = true;
}

void read_log_row(struct read_log *log, const struct reg *reg, int64_t id, const struct basis *b)
{
	if (log == NULL || (reg->sensitivity < SENS_MINOR && b->kind != BASIS_SHARING))
		return;
	struct shown *s = NULL;
	for (size_t i = 0; i < log->n && s == NULL; i++)
		if (log->list[i].reg == reg)
			s = &log->list[i];
	if (s == NULL) {
		log->list = arena_grow(log->a, log->list, log->n, &log->cap, sizeof *log->list);
		s = &log->list[log->n++];
		*s = (struct shown){.reg = reg};
	}
	/* The same row is shown by several parts of a page. */
	for (size_t i = s->n; i > 0 && s->n - i < 64; i--)
		if (s->ids[i - 1] == id)
			return;
	s->ids = arena_grow(log->a, s->ids, s->n, &s->cap, sizeof *s->ids);
	s->ids[s->n++] = id;
	ground(log, b);
	if (b->kind == BASIS_SHARING)
		share(log, b);
}

static int by_number(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a > b) - (a < b);
}

/* 12-15,40 */
static void ranges(struct buf *b, int64_t *ids, size_t n)
{
	qsort(ids, n, sizeof *ids, by_number);
	for (size_t i = 0; i < n;) {
		size_t k = i;
		while (k + 1 < n && ids[k + 1] <= ids[k] + 1)
			k++;
		buf_printf(b, i ? ",%lld" : "%lld", (long long)ids[i]);
		if (ids[k] != ids[i])
			buf_printf(b, "-%lld", (long long)ids[k]);
		i = k + 1;
	}
}

static str digest(struct arena *a, const struct shown *s)
{
	struct hasher h;
	char hex[HEX_BYTES];
	hasher_init(&h, HASH_SHA256);
	for (size_t i = 0; i < s->n; i++) {
		char at[8];
		for (int k = 0; k < 8; k++)
			at[k] = (char)((uint64_t)s->ids[i] >> (56 - 8 * k));
		hasher_add(&h, (str){at, 8});
	}
	struct hash x = hasher_end(&h);
	hex_text(x.b, HASH_BYTES, hex);
	return arena_str(a, str_of(hex));
}

struct read_note read_log_note(struct arena *a, const struct read_log *log)
{
	struct buf what = {0}, purpose = {0}, basis = {0};
	for (size_t i = 0; i < log->n; i++) {
		const struct shown *s = &log->list[i];
		struct buf part = {0};
		int64_t *ids = NEWS(a, s->n + 1, int64_t);
		memcpy(ids, s->ids, s->n * sizeof *ids);
		if (s->n == 1 && ids[0] == 0)
			buf_puts(&part, "*"); /* the operator's export of a whole register */
		else
			ranges(&part, ids, s->n);
		buf_printf(&what, "%s%.*s:", i ? ";" : "", STR_ARG(s->reg->id));
		if (part.n <= PART_MAX_BYTES || (log->n == 1 && part.n < AUDIT_TEXT_MAX_BYTES - 100))
			buf_add(&what, buf_str(&part));
		else
			buf_printf(&what, "%zu rows %lld-%lld sha256:%.*s", s->n, (long long)ids[0],
				(long long)ids[s->n - 1], STR_ARG(digest(a, s)));
		buf_done(&part);
		if (str_find(buf_str(&purpose), s->reg->purpose) == SIZE_MAX)
			buf_printf(&purpose, "%s%.*s", i ? " " : "", STR_ARG(s->reg->purpose));
	}
	for (size_t i = 0; i < log->grounds_n; i++)
		buf_printf(&basis, "%s%.*s", i ? " " : "", STR_ARG(log->grounds[i]));
	if (log->more)
		buf_puts(&basis, " and more");
	struct read_note note = {.what = arena_str(a, buf_str(&what)),
		.purpose = arena_str(a, buf_str(&purpose)),
		.basis = arena_str(a, buf_str(&basis))};
	buf_done(&what);
	buf_done(&purpose);
	buf_done(&basis);
	return note;
}

bool read_log_shares(const struct read_log *log)
{
	return log && log->shared_n > 0;
}

/* One row of sharing_log an agreement: how many rows, which fields. */
static enum rc shared_row(struct job_ctx *c, const struct shared *x, struct err *err)
{
	const struct model *m = job_city(c)->model;
	const struct reg *reg = model_reg(m, STR("sharing_log")),
			 *of = model_reg(m, STR("sharing_agreement"));
	struct actor program = actor_operator();
	const struct actor *kept = c->actor;
	struct record *agreement;
	int64_t id;
	if (reg == NULL || of == NULL)
		return FAIL(err, RC_INVALID, "the model has no register sharing_log: nothing can be shared");
	TRY(row_get(c->a, c->db, job_city(c), of, x->agreement, &agreement, err));
	struct entry e[] = {{reg_field(reg, STR("agreement")), {V_INT, x->agreement, {NULL, 0}}},
		{reg_field(reg, STR("shared_on")), {V_TEXT, 0, date_str(c->a, clock_today())}},
		{reg_field(reg, STR("rows_n")), {V_INT, x->rows, {NULL, 0}}},
		{reg_field(reg, STR("field_ids")), agreement->values[reg_field(of, STR("field_ids"))->at]},
		{reg_field(reg, STR("by_person")), {V_INT, c->actor->person, {NULL, 0}}}};
	struct record_input in = {
		.reg = reg, .org = agreement->org, .entries = e, .entries_n = 5, .source = STR("form")};
	c->actor = &program;
	enum rc rc = record_add(c, &in, &id, err);
	c->actor = kept;
	return rc;
}

enum rc read_log_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct read_log *log = arg;
	for (size_t i = 0; i < log->shared_n; i++)
		TRY(shared_row(c, &log->shared[i], err));
	struct read_note note = read_log_note(c->a, log);
	return read_note_run(c, &note, err);
}
