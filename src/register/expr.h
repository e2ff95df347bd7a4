/* expr.h -- the one expression language (docs/declaring.md): parsed and typed against the model, compiled to portable
 * SQL and to nothing else. Used by figures, checks, grades, list filters, rules and permissions.
 *
 *     state = 'valid' and event.drive is not null and days(event.held_on, served_on) <= 3
 *
 * Paths follow references (event.drive, volunteer.home_region, org.kind); also id, org, state, version, source,
 * entered_at, changed_at. Comparisons = != < <= > >=, in (...), between A and B, is [not] null, and or not, + - *
 * (a time minus a time: hours),
 * today, days(a, b), age(person_path, date), month(d), year(d), under(org, 'CODE'), exists(REG by REF where ...).
 * Sealed fields stand only in = and != with a literal, through the blind index. Null never makes a condition true.
 *
 * A query (struct query) gathers the joins and parameters of several expressions over one register: the contributions
 * query of the figures puts twenty predicates into one. Row alias is r, joined ones j1, j2 ...; LEFT JOINs along paths,
 * each path once. */
#pragma once
#include "register/model.h"
#include "store/db.h"

struct seal;

enum expr_use {
	EXPR_FIGURE, /* no today, no under, no sealed */
	EXPR_FREE    /* checks, lists, rules: all */
};

enum expr_type { E_BOOL, E_INT, E_TEXT, E_DATE, E_MONTH, E_INSTANT, E_REF, E_NULL };

/* A condition (or with want = E_INT.. a value). `at` is the text's own mark, for faults; NULL on the command line.
 * RC_INVALID: err says column and suggestion. */
MUST_USE enum rc expr_parse(struct arena *a, const struct model *m, const struct reg *r, str text,
	enum expr_use use, enum expr_type want, struct expr **out_expr, struct err *err);
str expr_text(struct arena *a, const struct expr *e); /* canonical spelling: for digests and pages */

/* Resolve a dotted path alone: the last field (NULL for system columns), its type; RC_INVALID with suggestion. */
struct path {
	const struct reg *regs[5];    /* regs[0] the base, then each register entered */
	const struct field *steps[5]; /* the references followed; NULL for the system reference `org` */
	int steps_n;
	const struct reg *last_reg;
	const struct field *last; /* NULL: system column, named below */
	str last_id;
	enum expr_type type;
};
MUST_USE enum rc path_parse(
	const struct model *m, const struct reg *r, str text, struct path *out_path, struct err *err);

/* Every path that the expression reads (also inside exists: then base is the inner register and exists is set). */
void expr_each_path(
	const struct expr *e, void (*visit)(void *user, const struct path *p, bool exists), void *user);

struct query_join;
struct query_param {
	/* Each exists sees of its register (i: its `at`) only rows up to LAST_ROW (bound as INT64_MAX) and not HIDDEN_ROW
	 * (bound as 0): whoever wants its state before a change binds others over them. In figures only (EXPR_FIGURE). */
	enum { PARAM_INT, PARAM_TEXT, PARAM_BLOB, PARAM_TODAY, PARAM_LAST_ROW, PARAM_HIDDEN_ROW } kind;
	int64_t i;
	str t;
};
struct query {
	struct arena *a;
	const struct model *m;
	const struct reg *r;
	struct seal *seal; /* for blind indexes; may be NULL where none occur */
	int32_t today; /* the day that `today` means; DATE_NONE, as it begins: the clock's when it is bound */
	struct query_join *joins;
	size_t joins_n, joins_cap;
	struct query_param *params;
	size_t params_n, params_cap;
	/* ages_apart: each age() of a person is a parameter of its own, told in ages (SQL of the person's id, of the birth
	 * month and of the day); whoever runs the statement opens the birth date and binds the years. */
	bool ages_apart;
	struct query_age {
		str person, month, day;
		int param;
	} * ages;
	size_t ages_n, ages_cap;
};
void query_init(
	struct query *q, struct arena *a, const struct model *m, const struct reg *r, struct seal *seal);
str query_expr(struct query *q, const struct expr *e); /* SQL text of a condition or value */
str query_path(struct query *q, const struct path *p); /* SQL text of a column, joins noted */
/* The same as ISO date, whatever the date is kept as: an instant by its local day, a month by its first. */
str query_day(struct query *q, const struct path *p);
int query_param_int(struct query *q, int64_t v); /* returns n of ?n */
int query_param_text(struct query *q, str v);
str query_from(struct query *q);                        /* FROM "service_record" r LEFT JOIN ... */
void query_bind(const struct query *q, struct stmt *s); /* all params gathered; today from base/clock */
/* The rows of a FROM … WHERE … that was made with q, by id, at most so many (0: all). day: the SQL of their day. */
struct query_row {
	int64_t id;
	str month; /* YYYY-MM of the day; empty where it has none */
};
MUST_USE enum rc query_rows(const struct query *q, struct db *db, str from, str day, size_t most,
	struct query_row **out, size_t *out_n, struct err *err);
