/* watch.c -- see watch.h. States of a watch, by batch:
 *
 *     idle --batch_begin--> clean --first touch or add--> dirty --before_commit: flush--> clean --> idle
 *                             ^------- batch_abandoned: all cleared -------'
 *
 * Invariants: in `touched` stand the rows of a register whose state before the batch has been taken off, and no new ones;
 * each of them is added once in the flush. `last` is the register's highest id at the batch's start: rows above it are
 * new, nothing of them has been taken off. Eras are forgotten at every touch once a branch has moved in the batch. */
#include "figure/watch.h"
#include "base/buf.h"
#include "figure/reach.h"
#include "figure/recount.h"
#include "figure/totals.h"
#include <stdatomic.h>

static const char Q_COUNTERS[] = "SELECT register, last FROM counter";

enum { IDS_CHUNK = 4096 };

/* Rows of one reference in a span of days, for distinct figures that share reference and date. */
struct people_form {
	int reference, date; /* columns */
	struct contrib_form form;
	int ref_p, from_p, to_p;
};

struct watched {
	struct counted_reg r;
	struct contrib_form one, many, fresh, moved;
	int one_p, many_p, fresh_p, moved_orgs_p, moved_first_p;
	struct people_form *people;
	size_t people_n;
	struct columns own;
	/* of the batch */
	int64_t last;
	bool added;
	struct imap touched;
	int64_t *ids;
	size_t ids_n, ids_cap;
};

struct watch {
	struct arena a; /* its own lifetime */
	struct city *city;
	struct numbers *numbers;
	struct watched *regs;    /* by reg->at */
	struct reaches *reaches; /* by the changed register's at */
	const struct reg *totals;
	struct tally tally;
	bool moved;
	atomic_bool dirty;       /* readers of other threads look at these two */
	_Atomic(struct db *) db; /* the writer's, in a batch */
};

/* ---- reading rows before and after ---- */

static bool is_touched(const struct watched *w, int64_t id)
{
	return imap_has(&w->touched, (uint64_t)id, NULL);
}

static void note_touched(struct watched *w, int64_t id)
{
	*imap_at(&w->touched, (uint64_t)id) = 1;
	if (w->ids_n == w->ids_cap) {
		w->ids_cap = w->ids_cap ? w->ids_cap * 2 : 64;
		w->ids = mem_resize(w->ids, w->ids_cap * sizeof *w->ids);
	}
	w->ids[w->ids_n++] = id;
}

/* Take off what the rows under the statement count, those not yet touched. */
static enum rc take_off(struct watch *w, struct watched *to, struct stmt *s, struct err *err)
{
	struct contrib_row row;
	bool there;
	for (;;) {
		TRY(contrib_next(to->r.c, s, &row, &there, err));
		if (!there)
			return RC_OK;
		if (row.id > to->last || is_touched(to, row.id))
			continue;
		note_touched(to, row.id);
		tally_row(&w->tally, w->city->tree, &to->r, &row, false, NULL);
	}
}

/* Before: conditions over exists see only what stood when the batch began, and not `hidden`. */
static enum rc ask_before(struct watch *w, struct db *db, const struct contrib_form *form, int64_t hidden,
	struct stmt **s, struct err *err)
{
	TRY(contrib_ask(db, form, s, err));
	for (size_t i = 0; i < form->q.params_n; i++) {
		const struct query_param *p = &form->q.params[i];
		if (p->kind == PARAM_LAST_ROW)
			stmt_bind_i64(*s, (int)i + 1, w->regs[p->i].last);
		else if (p->kind == PARAM_HIDDEN_ROW)
			stmt_bind_i64(*s, (int)i + 1, hidden);
	}
	return RC_OK;
}

static void start_touching(struct watch *w)
{
	w->dirty = true;
	if (w->moved)
		eras_forget(&w->tally.eras);
}

static enum rc touch_own(struct watch *w, struct db *db, const struct change *ch, struct err *err)
{
	struct watched *to = &w->regs[ch->reg->at];
	struct stmt *s;
	if (to->r.c == NULL || ch->id > to->last || is_touched(to, ch->id) || !columns_changed(&to->own, ch))
		return RC_OK;
	TRY(ask_before(w, db, &to->one, 0, &s, err));
	stmt_bind_i64(s, to->one_p, ch->id);
	return take_off(w, to, s, err);
}

/* first..last: ids of the changed register. */
static enum rc touch_reach(struct watch *w, struct db *db, const struct reach *re, int64_t first,
	int64_t last, int64_t hidden, struct err *err)
{
	struct stmt *s;
	TRY(ask_before(w, db, &re->form, hidden, &s, err));
	stmt_bind_i64(s, re->id_p, first);
	if (re->exists)
		stmt_bind_i64(s, re->id_p + 1, last);
	return take_off(w, &w->regs[re->to], s, err);
}

static enum rc before(void *user, struct db *db, const struct change *ch, struct err *err)
{
	struct watch *w = user;
	if (ch->kind == CHANGE_ADD)
		return RC_OK;
	start_touching(w);
	TRY(touch_own(w, db, ch, err));
	const struct reaches *list = &w->reaches[ch->reg->at];
	for (size_t i = 0; i < list->n; i++)
		if (columns_changed(&list->list[i].columns, ch))
			TRY(touch_reach(w, db, &list->list[i], ch->id, ch->id, 0, err));
	return RC_OK;
}

static enum rc check_total(
	struct watch *w, struct db *db, const struct change *ch, int64_t n, struct err *err)
{
	struct arena a = {0};
	struct reader r = {.city = w->city, .db = db, .a = &a};
	enum rc rc = RC_OK;
	for (int64_t i = 0; i < n && rc == RC_OK; i++)
		rc = totals_conflict(&r, ch->id + i, err);
	arena_done(&a);
	return rc;
}

/* New rows are found in the flush by their ids; rows that a new (or newly pointing) row brings under an exists have
 * their before here: new rows are above `last`, a changed one is hidden. */
static enum rc after(void *user, struct db *db, const struct change *ch, int64_t n, struct err *err)
{
	struct watch *w = user;
	start_touching(w);
	if (ch->kind == CHANGE_ADD)
		w->regs[ch->reg->at].added = true;
	const struct reaches *list = &w->reaches[ch->reg->at];
	for (size_t i = 0; i < list->n; i++) {
		const struct reach *re = &list->list[i];
		if (re->exists && re->pointing && ch->kind != CHANGE_DELETE &&
			columns_changed(&re->columns, ch))
			TRY(touch_reach(
				w, db, re, ch->id, ch->id + n - 1, ch->kind == CHANGE_ADD ? 0 : ch->id, err));
	}
	return ch->reg == w->totals ? check_total(w, db, ch, n, err) : RC_OK;
}

static enum rc touch_moved(struct watch *w, struct db *db, struct watched *to, const int64_t *orgs, size_t n,
	int32_t from, struct err *err)
{
	struct stmt *s;
	char first[DATE_TEXT_BYTES];
	if (from < date_of(1900, 1, 1))
		from = date_of(1900, 1, 1);
	date_text(from, first);
	TRY(ask_before(w, db, &to->moved, 0, &s, err));
	stmt_bind_ids(s, to->moved_orgs_p, orgs, n);
	for (int i = 0; i < to->r.c->dates_n; i++) {
		int at = to->moved_first_p + i;
		enum expr_type type = to->r.c->dates[i].type;
		if (type == E_INSTANT)
			stmt_bind_i64(s, at, ((int64_t)from - 1) * 86400000);
		else
			stmt_bind_text(s, at, (str){first, type == E_MONTH ? 7 : 10});
	}
	return take_off(w, to, s, err);
}

static enum rc before_tree(
	void *user, struct db *db, const int64_t *orgs, size_t n, int32_t from, struct err *err)
{
	struct watch *w = user;
	start_touching(w);
	w->moved = true;
	for (size_t i = 0; i < w->city->model->regs_n; i++)
		if (w->regs[i].r.c && w->regs[i].r.c->dates_n)
			TRY(touch_moved(w, db, &w->regs[i], orgs, n, from, err));
	eras_forget(&w->tally.eras);
	return RC_OK;
}

/* ---- flush ---- */

static enum rc put_on(struct watch *w, struct watched *to, struct stmt *s, struct err *err)
{
	struct contrib_row row;
	bool there;
	for (;;) {
		TRY(contrib_next(to->r.c, s, &row, &there, err));
		if (!there)
			return RC_OK;
		tally_row(&w->tally, w->city->tree, &to->r, &row, true, NULL);
	}
}

static enum rc put_on_all(struct watch *w, struct db *db, struct watched *to, struct err *err)
{
	struct stmt *s;
	if (to->added) {
		TRY(contrib_ask(db, &to->fresh, &s, err));
		stmt_bind_i64(s, to->fresh_p, to->last);
		TRY(put_on(w, to, s, err));
	}
	for (size_t i = 0; i < to->ids_n; i += IDS_CHUNK) {
		size_t n = to->ids_n - i < IDS_CHUNK ? to->ids_n - i : IDS_CHUNK;
		if (n == 1) {
			TRY(contrib_ask(db, &to->one, &s, err));
			stmt_bind_i64(s, to->one_p, to->ids[i]);
		} else {
			TRY(contrib_ask(db, &to->many, &s, err));
			stmt_bind_ids(s, to->many_p, to->ids + i, n);
		}
		TRY(put_on(w, to, s, err));
	}
	return RC_OK;
}

static size_t figure_index(const struct watched *to, int number)
{
	for (size_t i = 0; i < to->r.c->figures_n; i++)
		if (to->r.number[i] == number)
			return i;
	return SIZE_MAX;
}

static const struct people_form *people_of(const struct watched *to, const struct contrib_figure *f)
{
	for (size_t i = 0; i < to->people_n; i++)
		if (to->people[i].reference == f->reference && to->people[i].date == f->date)
			return &to->people[i];
	return NULL;
}

/* Strike out the organisations where an untouched row shows the reference. */
static void strike(
	struct watch *w, const struct contrib_figure *f, const struct contrib_row *row, struct presence *p)
{
	if (!contrib_counts(f, row) || row->day[f->date] == DATE_NONE ||
		date_ymd(row->day[f->date]).year != p->year)
		return;
	int8_t *by = (int8_t *)(uintptr_t)p->by;
	for (int k = 0; k < row->holders_n; k++) {
		const struct era *era =
			eras_at(&w->tally.eras, w->city->tree, row->holders[k], row->day[f->date]);
		for (uint32_t j = 0; era && j < era->anc_n; j++)
			for (size_t i = 0; i < p->n; i++)
				if (p->orgs[i] == era->anc[j])
					by[i] = 0;
	}
}

static bool all_struck(const struct presence *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->by[i])
			return false;
	return true;
}

static void bind_day(struct stmt *s, int at, int32_t day, enum expr_type type)
{
	char text[DATE_TEXT_BYTES];
	date_text(day, text);
	if (type == E_INSTANT) /* a day wider on both sides: the city's day is looked at in C */
		stmt_bind_i64(s, at, (int64_t)day * 86400000);
	else
		stmt_bind_text(s, at, (str){text, type == E_MONTH ? 7 : 10});
}

/* The untouched rows of the reference in that year: where they show it, the cell stays as it is. */
static enum rc look_around(struct watch *w, struct db *db, struct presence *p, struct err *err)
{
	const struct figure *figure = w->numbers->figure[p->number];
	struct watched *to = &w->regs[figure->of->at];
	size_t index = figure_index(to, p->number);
	const struct contrib_figure *f = &to->r.c->figures[index];
	const struct people_form *form = people_of(to, f);
	struct contrib_row row;
	struct stmt *s;
	bool there;
	if (f->reference_reg && p->reference > w->regs[f->reference_reg->at].last)
		return RC_OK; /* new in this batch: no untouched row can name it */
	TRY(contrib_ask(db, &form->form, &s, err));
	stmt_bind_i64(s, form->ref_p, p->reference);
	bool instant = f->date_type == E_INSTANT;
	bind_day(s, form->from_p, date_of(p->year, 1, 1) - instant, f->date_type);
	bind_day(s, form->to_p, date_of(p->year, 12, 31) + 2 * instant, f->date_type);
	for (;;) {
		TRY(contrib_next(to->r.c, s, &row, &there, err));
		if (!there)
			return RC_OK;
		if (row.id > to->last || is_touched(to, row.id))
			continue;
		strike(w, f, &row, p);
		if (all_struck(p)) {
			stmt_reset(s);
			return RC_OK;
		}
	}
}

static enum rc count_references(struct watch *w, struct db *db, struct arena *a, struct err *err)
{
	struct presence p;
	size_t cursor = 0;
	while (sums_presence_next(a, &w->tally.sums, &w->tally.eras, &cursor, &p)) {
		TRY(look_around(w, db, &p, err));
		for (size_t i = 0; i < p.n; i++)
			if (p.by[i])
				sums_add_org(&w->tally.sums, p.orgs[i], span_of_year(p.year), p.number,
					PART_REFS, p.by[i]);
		arena_reset(a);
	}
	return RC_OK;
}

static void clear(struct watch *w)
{
	for (size_t i = 0; i < w->city->model->regs_n; i++) {
		struct watched *to = &w->regs[i];
		if (to->touched.cap > 4096)
			imap_done(&to->touched);
		imap_clear(&to->touched);
		to->ids_n = 0;
		to->added = false;
	}
	tally_reset(&w->tally);
	w->dirty = false;
	w->moved = false;
}

static enum rc flush(struct watch *w, struct db *db, struct err *err)
{
	struct arena a = {0};
	size_t n = 0;
	enum rc rc = RC_OK;
	eras_forget(&w->tally.eras);
	for (size_t i = 0; i < w->city->model->regs_n && rc == RC_OK; i++)
		if (w->regs[i].r.c)
			rc = put_on_all(w, db, &w->regs[i], err);
	tally_settle(&w->tally);
	sums_roll(&w->tally.sums, &w->tally.eras);
	if (rc == RC_OK)
		rc = count_references(w, db, &a, err);
	if (rc == RC_OK) {
		struct cell_delta *list = sums_list(&a, &w->tally.sums, &n);
		rc = cells_add(db, list, n, err);
	}
	arena_done(&a);
	return rc;
}

static enum rc batch_begin(void *user, struct db *db, struct err *err)
{
	struct watch *w = user;
	struct stmt *s;
	bool row;
	clear(w);
	w->db = db;
	TRY(cells_model_is(db, w->city->model, &row, err));
	if (!row)
		return FAIL(err, RC_CONFLICT,
			"another process has given this city other declarations: start this one again");
	TRY(db_prepare(db, Q_COUNTERS, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		const struct reg *reg = model_reg(w->city->model, stmt_text(s, 0));
		if (reg)
			w->regs[reg->at].last = stmt_i64(s, 1);
	}
}

static enum rc before_commit(void *user, struct db *db, struct err *err)
{
	struct watch *w = user;
	if (!w->dirty)
		return RC_OK;
	TRY(flush(w, db, err));
	clear(w);
	return RC_OK;
}

static void abandoned(void *user)
{
	clear(user);
}

static void closed(void *user)
{
	struct watch *w = user;
	for (size_t i = 0; i < w->city->model->regs_n; i++) {
		imap_done(&w->regs[i].touched);
		mem_resize(w->regs[i].ids, 0);
	}
	tally_done(&w->tally);
	struct arena a = w->a;
	arena_done(&a);
}

/* ---- making ---- */

static void make_people(struct arena *a, struct watched *to)
{
	struct contrib *c = to->r.c;
	to->people = NEWS(a, c->figures_n + 1, struct people_form);
	for (size_t i = 0; i < c->figures_n; i++) {
		const struct contrib_figure *f = &c->figures[i];
		if (f->f->grain != G_DISTINCT || f->reference < 0 || f->date < 0 || people_of(to, f))
			continue;
		struct people_form *p = &to->people[to->people_n++];
		p->reference = f->reference;
		p->date = f->date;
		contrib_form_begin(&p->form, c);
		p->ref_p = contrib_form_param(&p->form);
		p->from_p = contrib_form_param(&p->form);
		p->to_p = contrib_form_param(&p->form);
		contrib_form_end(&p->form,
			arena_fmt(a, "%.*s = ?%d AND %.*s BETWEEN ?%d AND ?%d", STR_ARG(f->reference_sql),
				p->ref_p, STR_ARG(f->date_sql), p->from_p, p->to_p),
			STR(""));
	}
}

/* Rows of these organisations (with co-hosts: of any) that have a date from that day on. */
static void make_moved(struct watched *to)
{
	struct contrib *c = to->r.c;
	struct buf b AUTO(buf_done) = {0};
	contrib_form_begin(&to->moved, c);
	to->moved_orgs_p = contrib_form_param(&to->moved);
	buf_printf(&b, "(r.\"org\" {in ?%d}", to->moved_orgs_p);
	if (c->cohosts)
		buf_printf(&b, " OR r.\"%.*s\" IS NOT NULL", STR_ARG(c->reg->cohosts->id));
	buf_puts(&b, ") AND (");
	for (int i = 0; i < c->dates_n; i++) {
		int at = contrib_form_param(&to->moved);
		if (i == 0)
			to->moved_first_p = at;
		buf_printf(&b, "%s%.*s >= ?%d", i ? " OR " : "", STR_ARG(c->dates[i].sql), at);
	}
	buf_puts(&b, ")");
	contrib_form_end(&to->moved, buf_str(&b), STR(""));
}

static void make_forms(struct arena *a, struct watched *to)
{
	contrib_form_begin(&to->one, to->r.c);
	to->one_p = contrib_form_param(&to->one);
	contrib_form_end(&to->one, arena_fmt(a, "r.\"id\" = ?%d", to->one_p), STR(""));
	contrib_form_begin(&to->many, to->r.c);
	to->many_p = contrib_form_param(&to->many);
	contrib_form_end(&to->many, arena_fmt(a, "r.\"id\" {in ?%d}", to->many_p), STR(""));
	contrib_form_begin(&to->fresh, to->r.c);
	to->fresh_p = contrib_form_param(&to->fresh);
	contrib_form_end(&to->fresh, arena_fmt(a, "r.\"id\" > ?%d", to->fresh_p), STR(""));
	make_people(a, to);
	if (to->r.c->dates_n)
		make_moved(to);
}

static void share_out(struct watch *w, const struct reaches *found)
{
	for (size_t i = 0; i < found->n; i++) {
		struct reaches *list = &w->reaches[found->list[i].from->at];
		list->list = arena_grow(&w->a, list->list, list->n, &list->cap, sizeof *list->list);
		list->list[list->n++] = found->list[i];
	}
}

static enum rc make(struct watch *w, struct err *err)
{
	const struct model *m = w->city->model;
	w->regs = NEWS(&w->a, m->regs_n + 1, struct watched);
	w->reaches = NEWS(&w->a, m->regs_n + 1, struct reaches);
	w->totals = model_reg(m, STR("declared_total"));
	for (size_t i = 0; i < m->regs_n; i++) {
		struct watched *to = &w->regs[i];
		struct reaches found = {0};
		TRY(tally_register(&w->a, m, &m->regs[i], w->numbers, &to->r, err));
		if (to->r.c == NULL)
			continue;
		make_forms(&w->a, to);
		TRY(reaches_find(&w->a, m, &to->r, i, &found, err));
		to->own = found.own;
		share_out(w, &found);
	}
	return RC_OK;
}

/* ---- attaching ---- */

static struct watch *watch_of(const struct city *c)
{
	for (int i = 0; c->changes && i < c->changes->n; i++)
		if (c->changes->list[i].before == before)
			return c->changes->list[i].user;
	return NULL;
}

bool watch_pending(const struct city *c, const struct db *db)
{
	const struct watch *w = watch_of(c);
	return w && w->db == db && w->dirty;
}

static enum rc recount_changed(struct watch *w, struct db *db, struct err *err)
{
	bool recount[FIGURE_NUMBERS_MAX] = {0}, any = false;
	TRY(numbers_settle(&w->a, db, w->city->model, &w->numbers, recount, err));
	for (int i = 0; i < FIGURE_NUMBERS_MAX; i++)
		any = any || recount[i];
	return any ? recount_write(db, w->city, w->numbers, recount, err) : RC_OK;
}

/* The write lock is taken only where declarations changed. */
static enum rc settle(struct watch *w, struct db *db, struct err *err)
{
	bool same;
	TRY(cells_model_is(db, w->city->model, &same, err));
	TRY(numbers_load(&w->a, db, w->city->model, &w->numbers, err));
	if (same && w->numbers->stale == 0 && w->numbers->gone == 0)
		return RC_OK;
	TRY(db_begin(db, err));
	enum rc rc = recount_changed(w, db, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK && db_in_transaction(db))
		db_rollback(db);
	return rc;
}

enum rc figure_attach(struct city *c, struct err *err)
{
	if (watch_of(c))
		return RC_OK;
	struct arena a = {0};
	struct watch *w = NEW(&a, struct watch);
	w->a = a;
	w->city = c;
	enum rc rc = settle(w, writer_db(c->writer), err);
	if (rc == RC_OK)
		rc = make(w, err);
	if (rc != RC_OK) {
		a = w->a;
		arena_done(&a);
		return rc;
	}
	struct change_observer o = {.user = w,
		.before = before,
		.after = after,
		.before_tree = before_tree,
		.batch_begin = batch_begin,
		.before_commit = before_commit,
		.batch_abandoned = abandoned,
		.closed = closed};
	change_attach(c, &o);
	return RC_OK;
}
