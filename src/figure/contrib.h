/* contrib.h -- what each row of a register counts for its figures: one query, read row by row, never grouped.
 *
 * All figures of a register (or one of them) become one SELECT: id, owner, co-hosts, a mask whose bits are the figures'
 * conditions, the evidence grade, and once each column that a figure needs: its dates, references and summed values.
 * The same text with another WHERE serves the write (rows touched, before and after), the recount of all cells, values
 * from rows, and the trace; so they cannot disagree.
 *
 * A condition that is null is false. A row counts for a figure when its mask has the figure's bits, its date stands and
 * lies in the period. Grade: the first rule of the register that holds, D where none does; without rules A for what was
 * made inside, B for imported rows; a head-count (attendance without a person) is never better than C (domain.md R4).
 * An instant counts by its city day; a month by its first day.
 *
 * Ownership: everything in the arena given to contrib_make, which must outlive it. Conditions over `exists` take the
 * two hidden parameters of expr.h (rows above, row hidden) so that a row's state before a change can be read after it. */
#pragma once
#include "register/expr.h"

enum { CONTRIB_DATES_MAX = 24, CONTRIB_VALUES_MAX = 72, CONTRIB_BITS_MAX = 60, CONTRIB_COHOSTS_MAX = 64 };

/* Where one figure's parts stand in a row; -1 where it has none. */
struct contrib_figure {
	const struct figure *f;
	uint64_t bits; /* all must stand in the mask; 0: every row */
	int date;      /* its date; of a stock the first day in force */
	int date_to;   /* stock: the first day out of force, or the last in force with stock_to_last */
	int value;     /* sum, balance, last, median */
	int reference; /* distinct, last's `per` */
	str where;     /* SQL of the condition, or empty */
	str date_sql;  /* SQL of the date as text; of an instant or month as it stands */
	enum expr_type date_type;
	str reference_sql;
	const struct reg *reference_reg; /* the register that it names; NULL: not known */
};

struct contrib_column {
	str sql;
	enum expr_type type;
};

struct contrib {
	struct arena *a;
	const struct reg *reg;
	struct query q; /* as it stood when the head was made */
	str head;       /* SELECT ... FROM ..., up to WHERE */
	struct contrib_figure *figures;
	size_t figures_n;
	struct contrib_column dates[CONTRIB_DATES_MAX], values[CONTRIB_VALUES_MAX];
	int dates_n, values_n;
	str bit_sql[CONTRIB_BITS_MAX];
	int bits_n;
	int heads;  /* value column of the attendance field n, or -1 */
	int person; /* value column of the attendance's person, or -1 */
	bool cohosts;
};

/* RC_LIMIT over the maxima above. */
MUST_USE enum rc contrib_make(struct arena *a, const struct model *m, const struct reg *reg,
	const struct figure *const *figures, size_t n, struct contrib **out, struct err *err);

/* SQL of the evidence grade of a row, 0..3; without_rules: what stands where the register declares none, -1 for A
 * inside and B imported. */
str contrib_grade(struct query *q, const struct reg *reg, int without_rules);

/* One way to ask: the head with a WHERE. Parameters are numbered by contrib_form_param before the text is closed. */
struct contrib_form {
	const struct contrib *c;
	struct query q;
	str sql;
	int p[4 +
		CONTRIB_DATES_MAX]; /* numbers of its own parameters, in the order in which they were asked for */
	int p_n;
};
void contrib_form_begin(struct contrib_form *f, const struct contrib *c);
int contrib_form_param(struct contrib_form *f);
void contrib_form_end(struct contrib_form *f, str where, str tail); /* tail: ORDER BY ..., or empty */

struct contrib_row {
	int64_t id, org;
	int64_t holders[1 + CONTRIB_COHOSTS_MAX]; /* owner first, then co-hosts that are not the owner */
	int holders_n;
	uint64_t mask;
	int grade;                      /* 0..3 */
	int32_t day[CONTRIB_DATES_MAX]; /* DATE_NONE: null */
	int64_t value[CONTRIB_VALUES_MAX];
	bool has[CONTRIB_VALUES_MAX];
};
/* Prepared, gathered parameters bound; the form's own are the caller's to bind. */
MUST_USE enum rc contrib_ask(
	struct db *db, const struct contrib_form *f, struct stmt **out_stmt, struct err *err);
MUST_USE enum rc contrib_next(
	const struct contrib *c, struct stmt *s, struct contrib_row *row, bool *out_row, struct err *err);

static inline bool contrib_counts(const struct contrib_figure *f, const struct contrib_row *row)
{
	return (row->mask & f->bits) == f->bits;
}
/* What a flow's row weighs: 1 for row and distinct, else the summed value (null: 0). */
static inline int64_t contrib_weight(const struct contrib_figure *f, const struct contrib_row *row)
{
	return f->f->grain == G_SUM || f->f->grain == G_BALANCE
		       ? (f->value >= 0 && row->has[f->value] ? row->value[f->value] : 0)
		       : 1;
}
/* Heads of a row: the attendance field n, or 1. */
static inline int64_t contrib_heads(const struct contrib *c, const struct contrib_row *row)
{
	return c->heads < 0 ? 1 : row->has[c->heads] ? row->value[c->heads] : 0;
}
