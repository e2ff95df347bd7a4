/* search.c -- see search.h. Titles and codes are read alone; only what fits is read as a row and asked about. */
#include "register/search.h"
#include "base/clock.h"
#include "register/narrow.h"
#include "register/permit.h"
#include "register/pinyin.h"
#include "register/plan.h"
#include <stdlib.h>

enum { NOT = -1, WHOLE_CODE, WHOLE_TITLE, BEGINS, WITHIN };
enum { TRIES_MAX = 200 };

struct wanted {
	str lower;
	bool letters; /* may be initials */
	int64_t id;
};

static struct wanted wanted_of(struct arena *a, str text)
{
	struct wanted w = {.lower = narrow_label(a, text)};
	if (str_starts(w.lower, STR("#")) && !str_i64(str_from(w.lower, 1), &w.id))
		w.id = 0;
	w.letters = w.lower.n >= 2;
	for (size_t i = 0; i < w.lower.n; i++)
		w.letters = w.letters && w.lower.p[i] >= 'a' && w.lower.p[i] <= 'z';
	return w;
}

/* One letter or digit fits everything. */
static bool too_short(const struct wanted *w)
{
	return w->lower.n == 0 || (w->lower.n == 1 && w->lower.p[0] < 0x7F);
}

static int title_rank(struct arena *a, const struct wanted *w, str title)
{
	str t = narrow_label(a, title);
	if (too_short(w) || t.n == 0)
		return NOT;
	if (str_eq(t, w->lower))
		return WHOLE_TITLE;
	size_t at = str_find(t, w->lower);
	if (at != SIZE_MAX)
		return at ? WITHIN : BEGINS;
	if (!w->letters)
		return NOT;
	at = str_find(pinyin_initials(a, title), w->lower);
	return at == SIZE_MAX ? NOT : at ? WITHIN : BEGINS;
}

static int code_rank(struct arena *a, const struct wanted *w, str code)
{
	str c = narrow_label(a, code);
	if (c.n == 0 || !str_starts(c, w->lower))
		return NOT;
	return c.n == w->lower.n ? WHOLE_CODE : BEGINS;
}

int search_rank(struct arena *a, str wanted, str name)
{
	struct wanted w = wanted_of(a, wanted);
	return title_rank(a, &w, name);
}

static int nearest(const void *x, const void *y)
{
	const struct search_hit *a = x, *b = y;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return (a->id < b->id) - (a->id > b->id);
}

struct looking {
	struct reader *r;
	const struct wanted *w;
	const struct reg *reg;
	struct arena *row;       /* of one row */
	struct search_hit *list; /* of this register */
	size_t n, cap, looked;
	int64_t until_us; /* then it is given up, and *late says so */
	bool *late;
};

static bool look(void *user, int64_t id, str title, str code)
{
	struct looking *l = user;
	int by_title = title_rank(l->row, l->w, title), rank = code_rank(l->row, l->w, code);
	if (l->w->id == id && id > 0)
		rank = WHOLE_CODE;
	if (rank == NOT || (by_title != NOT && by_title < rank))
		rank = by_title;
	arena_reset(l->row);
	if (rank != NOT) {
		l->list = arena_grow(l->r->a, l->list, l->n, &l->cap, sizeof *l->list);
		l->list[l->n++] = (struct search_hit){.reg = l->reg, .id = id, .rank = rank};
	}
	if (++l->looked % 256 == 0 && clock_mono_us() > l->until_us)
		*l->late = true;
	return !*l->late;
}

/* A name in the clear that this actor may search by in every row that he reaches. */
static const struct field *open_field(const struct reg *reg, const uint64_t seen[2], const struct field *f)
{
	bool text = f && !f->sealed && field_storage(f) == STORE_TEXT;
	return text && (reg->sensitivity < SENS_PERSONAL || field_in(seen, f)) ? f : NULL;
}

/* The newest rows of those that he may read, and beyond them the whole code that stands once. */
static enum rc one_register(
	struct looking *l, const struct field *title, const struct field *code, struct err *err)
{
	struct record_query q = {
		.reg = l->reg, .declared = true, .newest_first = true, .limit = SEARCH_LOOK_MAX};
	q.where = reg_state(l->reg, STR("void")) ? STR("state != 'void'") : STR("");
	TRY(record_scan(l->r, &q, title, code, look, l, err));
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].rank == WHOLE_CODE)
			return RC_OK;
	if (code == NULL || !code->unique || l->w->id || str_find_byte(l->w->lower, '\'') != SIZE_MAX)
		return RC_OK;
	q.where = arena_fmt(l->r->a, "%.*s = '%.*s'", STR_ARG(code->id), STR_ARG(l->w->lower));
	return record_scan(l->r, &q, title, code, look, l, err);
}

/* The first of them that may be read, with what is shown. */
static enum rc readable(struct looking *l, size_t per_reg, struct search_hit *out, size_t cap, size_t *n,
	bool *out_more, struct err *err)
{
	struct reader *r = l->r;
	const struct reg_plan *plan = &r->city->plans[l->reg->at];
	size_t given = 0;
	if (l->n > 1)
		qsort(l->list, l->n, sizeof *l->list, nearest);
	for (size_t i = 0; i < l->n; i++) {
		struct record *rec;
		if (i ==
			TRIES_MAX) { /* what his scope selects he reads, but for rows that a consent closes */
			*out_more = true;
			return RC_OK;
		}
		enum rc rc = record_get(r, l->reg, l->list[i].id, &rec, err);
		if (rc == RC_DENIED || rc == RC_NOT_FOUND)
			continue;
		TRY(rc);
		if (given == per_reg || *n == cap) {
			*out_more = true;
			return RC_OK;
		}
		struct search_hit *h = &out[(*n)++];
		*h = l->list[i];
		h->org = rec->org;
		h->state = rec->state;
		h->label = record_label(r, l->reg, rec->id);
		if (plan->code && rec->values[plan->code->at].kind == V_TEXT)
			h->code = rec->values[plan->code->at].t;
		given++;
	}
	return RC_OK;
}

enum rc search_rows(struct reader *r, str text, int64_t ms_max, size_t per_reg, struct search_hit *out,
	size_t cap, size_t *out_n, bool *out_more, struct err *err)
{
	const struct model *m = r->city->model;
	struct wanted w = wanted_of(r->a, text);
	struct arena row = {0};
	bool more = false;
	enum rc rc = RC_OK;
	int64_t until = clock_mono_us() + ms_max * 1000;
	*out_n = 0;
	*out_more = false;
	if (too_short(&w))
		return RC_OK;
	for (size_t i = 0; i < m->regs_n && rc == RC_OK; i++) {
		const struct reg *reg = &m->regs[i];
		const struct reg_plan *plan = &r->city->plans[i];
		uint64_t seen[2];
		if (reg->sensitivity >= SENS_MINOR || str_is(reg->id, "person") ||
			permit_reach(reg, &r->actor) == REACH_NONE)
			continue;
		permit_columns(reg, &r->actor, true, seen);
		const struct field *title = open_field(reg, seen, plan->title),
				   *code = open_field(reg, seen, plan->code);
		if (title == NULL && code == NULL)
			continue;
		struct looking l = {
			.r = r, .w = &w, .reg = reg, .row = &row, .until_us = until, .late = out_more};
		bool full = false;
		rc = one_register(&l, title, code, err);
		if (rc == RC_OK)
			rc = readable(&l, per_reg, out, cap, out_n, &full, err);
		more = more || full;
	}
	arena_done(&row);
	*out_more = *out_more || more;
	TRY(rc);
	qsort(out, *out_n, sizeof *out, nearest);
	return RC_OK;
}
