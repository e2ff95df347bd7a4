/* recount.c -- see recount.h, and figure_check_cells, figure_rebuild_cells of figure.h. */
#include "figure/recount.h"
#include "figure/settled.h"
#include <assert.h>
#include <stdio.h>

static const char Q_DROP_ALL[] = "DELETE FROM cell";
static const char Q_DROP_ONE[] = "DELETE FROM cell WHERE number = ?1";
static const char Q_ALL[] =
	"SELECT org, span, number, part, value FROM cell ORDER BY org, span, number, part";

enum { DEPTH_MAX = 32 };

/* Does the organisation stand below the root that day, going from parent to parent? */
static bool climbs(const struct city *c, const struct tree *tree, int64_t org, int32_t day)
{
	for (int i = 0; org != 0 && i < DEPTH_MAX; i++) {
		if (org == c->root_org)
			return true;
		org = tree_parent(tree, org, day);
	}
	return false;
}

/* Without the table of ancestors: what stands under the root, counted once a row. */
static void add_plain(const struct city *c, const struct tree *tree, const struct counted_reg *r,
	const struct contrib_row *row, int64_t *plain)
{
	int32_t known = DATE_NONE;
	bool in = false;
	for (size_t i = 0; i < r->c->figures_n; i++) {
		const struct contrib_figure *f = &r->c->figures[i];
		if (!contrib_counts(f, row) || f->date < 0 || row->day[f->date] == DATE_NONE)
			continue;
		if (row->day[f->date] != known) {
			known = row->day[f->date];
			in = false;
			for (int k = 0; k < row->holders_n && !in; k++)
				in = climbs(c, tree, row->holders[k], known);
		}
		if (in)
			plain[r->number[i]] += contrib_weight(f, row);
	}
}

/* All figures of a register that may be archived count by one date. */
static bool is_settled(
	const struct counted_reg *r, const struct settled *settled, const struct contrib_row *row)
{
	int date = r->c->figures_n ? r->c->figures[0].date : -1;
	return date >= 0 && row->day[date] != DATE_NONE && settled_year(settled, r->reg, row->day[date]);
}

static enum rc count_register(struct db *db, const struct city *c, const struct tree *tree,
	const struct counted_reg *r, const struct settled *settled, const bool *only, struct tally *t,
	int64_t *plain, struct err *err)
{
	struct contrib_form form;
	struct contrib_row row;
	struct stmt *s;
	bool there;
	contrib_form_begin(&form, r->c);
	contrib_form_end(&form, STR(""), STR(""));
	TRY(contrib_ask(db, &form, &s, err));
	for (;;) {
		TRY(contrib_next(r->c, s, &row, &there, err));
		if (!there)
			return RC_OK;
		if (settled->parts_n && is_settled(r, settled, &row))
			continue;
		tally_row(t, tree, r, &row, true, only);
		if (plain)
			add_plain(c, tree, r, &row, plain);
	}
}

/* Every reference that was seen counts one. */
static void count_references(struct tally *t)
{
	struct arena a = {0};
	struct presence p;
	size_t cursor = 0;
	while (sums_presence_next(&a, &t->sums, &t->eras, &cursor, &p)) {
		for (size_t i = 0; i < p.n; i++)
			sums_add_org(&t->sums, p.orgs[i], span_of_year(p.year), p.number, PART_REFS, p.by[i]);
		arena_reset(&a);
	}
	arena_done(&a);
}

enum rc recount_tally(struct arena *a, struct db *db, const struct city *c, const struct tree *tree,
	const struct numbers *numbers, const bool *only, struct tally *t, int64_t *plain, struct err *err)
{
	struct settled settled;
	TRY(settled_load(a, db, c->model, &settled, err));
	for (size_t i = 0; i < c->model->regs_n; i++) {
		struct counted_reg r;
		bool wanted = only == NULL;
		TRY(tally_register(a, c->model, &c->model->regs[i], numbers, &r, err));
		for (size_t k = 0; r.c && k < r.c->figures_n && !wanted; k++)
			wanted = only[r.number[k]];
		if (r.c && wanted)
			TRY(count_register(db, c, tree, &r, &settled, only, t, plain, err));
		tally_settle(t); /* r goes out of scope */
	}
	sums_roll(&t->sums, &t->eras);
	count_references(t);
	return settled_add(db, &settled, numbers, only, c->root_org, &t->sums, plain, err);
}

static enum rc drop(struct db *db, const struct numbers *numbers, const bool *only, struct err *err)
{
	struct stmt *s;
	if (only == NULL) {
		TRY(db_prepare(db, Q_DROP_ALL, &s, err));
		return stmt_run(s, err);
	}
	for (int i = 0; i < FIGURE_NUMBERS_MAX; i++) {
		if (!only[i] || numbers->figure[i] == NULL)
			continue;
		TRY(db_prepare(db, Q_DROP_ONE, &s, err));
		stmt_bind_i64(s, 1, i);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

enum rc recount_write(
	struct db *db, const struct city *c, const struct numbers *numbers, const bool *only, struct err *err)
{
	struct arena a = {0};
	struct tally t = {0};
	size_t n = 0;
	enum rc rc = recount_tally(&a, db, c, c->tree, numbers, only, &t, NULL, err);
	if (rc == RC_OK)
		rc = drop(db, numbers, only, err);
	if (rc == RC_OK) {
		struct cell_delta *list = sums_list(&a, &t.sums, &n);
		rc = only ? cells_add(db, list, n, err) : cells_put(db, list, n, err);
	}
	tally_done(&t);
	arena_done(&a);
	return rc;
}

enum rc figure_rebuild_cells(struct city *c, struct err *err)
{
	struct arena a = {0};
	struct numbers *numbers;
	bool recount[FIGURE_NUMBERS_MAX] = {0};
	struct db *db = writer_db(c->writer);
	enum rc rc = db_begin(db, err);
	if (rc == RC_OK)
		rc = numbers_settle(&a, db, c->model, &numbers, recount, err);
	if (rc == RC_OK)
		rc = recount_write(db, c, numbers, NULL, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK && db_in_transaction(db))
		db_rollback(db);
	arena_done(&a);
	return rc;
}

/* ---- check ---- */

struct checking {
	struct cells_report *out;
	const struct numbers *numbers;
	int64_t *at_root; /* by number: what the cells of the root say, grades added */
	int64_t root;
};

static void differs(struct checking *k, uint64_t key, int64_t cell, int64_t rows)
{
	struct cell_address at = cell_unpack(key);
	struct cells_report *r = k->out;
	const struct figure *f = k->numbers->figure[at.number];
	if (cell != 0 && rows != 0)
		r->wrong++;
	else if (cell == 0)
		r->missing++;
	else
		r->extra++;
	if (r->first[0])
		return;
	str id = f ? f->id : STR("?");
	snprintf(r->first, sizeof r->first,
		tr("%.*s, organisation #%lld, %u-%02u, part %d: the cell says %lld, the rows say %lld"),
		STR_ARG(id), (long long)at.org, at.span / 16, at.span % 16, at.part, (long long)cell,
		(long long)rows);
}

/* Both lists are in the order of addresses. */
static enum rc compare(
	struct checking *k, struct db *db, const struct cell_delta *rows, size_t n, struct err *err)
{
	struct stmt *s;
	bool there;
	size_t i = 0;
	TRY(db_prepare(db, Q_ALL, &s, err));
	for (;;) {
		TRY(stmt_step(s, &there, err));
		if (!there)
			break;
		int64_t part = stmt_i64(s, 3), number = stmt_i64(s, 2), value = stmt_i64(s, 4);
		if (number < 0 || number >= FIGURE_NUMBERS_MAX || k->numbers->figure[number] == NULL ||
			part < 0 || part >= PARTS)
			continue; /* of a figure that is being recounted */
		uint64_t key = cell_pack((struct cell_address){.org = stmt_i64(s, 0),
			.span = (uint32_t)stmt_i64(s, 1),
			.number = (int)number,
			.part = (int)part});
		k->out->cells++;
		if (stmt_i64(s, 0) == k->root && part < GRADES)
			k->at_root[number] += value;
		for (; i < n && rows[i].key < key; i++)
			differs(k, rows[i].key, 0, rows[i].value);
		int64_t right = i < n && rows[i].key == key ? rows[i++].value : 0;
		if (right != value)
			differs(k, key, value, right);
	}
	for (; i < n; i++)
		differs(k, rows[i].key, 0, rows[i].value);
	return RC_OK;
}

static void compare_root(struct checking *k, const int64_t *plain)
{
	for (int i = 0; i < FIGURE_NUMBERS_MAX; i++) {
		const struct figure *f = k->numbers->figure[i];
		if (f == NULL || plain[i] == k->at_root[i])
			continue;
		k->out->wrong++;
		if (k->out->first[0])
			continue;
		snprintf(k->out->first, sizeof k->out->first,
			tr("%.*s: the cells of the root add up to %lld, counted by the chain of parents "
			   "it is "
			   "%lld"),
			STR_ARG(f->id), (long long)k->at_root[i], (long long)plain[i]);
	}
}

static enum rc check(
	struct arena *a, struct reader *r, struct tally *t, struct cells_report *out, struct err *err)
{
	struct numbers *numbers;
	size_t n;
	int64_t *plain = NEWS(a, FIGURE_NUMBERS_MAX, int64_t);
	struct checking k = {
		.out = out, .at_root = NEWS(a, FIGURE_NUMBERS_MAX, int64_t), .root = r->city->root_org};
	TRY(numbers_load(a, r->db, r->city->model, &numbers, err));
	k.numbers = numbers;
	TRY(recount_tally(
		a, r->db, r->city, r->tree ? r->tree : r->city->tree, numbers, NULL, t, plain, err));
	struct cell_delta *rows = sums_list(a, &t->sums, &n);
	TRY(compare(&k, r->db, rows, n, err));
	compare_root(&k, plain);
	return RC_OK;
}

enum rc figure_check_cells(struct reader *r, struct cells_report *out, struct err *err)
{
	struct arena a = {0};
	struct tally t = {0};
	*out = (struct cells_report){0};
	enum rc rc = check(&a, r, &t, out, err);
	tally_done(&t);
	arena_done(&a);
	return rc;
}
