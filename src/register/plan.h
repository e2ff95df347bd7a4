/* plan.h -- the SQL texts of one register, made once when a city opens.
 * Column order of `select`: id, org, state, version, entered_by, entered_at, changed_by, changed_at, source, then the
 * fields in declared order. Parameters of `insert` and `update` follow the same order; each field that has a blind
 * column (a sealed field in a key or unique) takes a second parameter behind all fields.
 *
 * Most edits change one column, or the state and one date: plan_narrow makes the text that writes just those, so that
 * the indexes of the others are not written anew and sealed values are not sealed anew. */
#pragma once
#include "register/city.h"
#include "register/expr.h"

enum { SYSTEM_COLUMNS = 9 };

struct reg_plan {
	const struct reg *reg;
	bool opened; /* gate.h: rows stand, or an assessment covers the first (the writer's) */
	str columns; /* r."id", r."org", ... with alias r */
	str get;     /* SELECT columns FROM reg r WHERE r."id" = ?1 */
	str label;   /* SELECT title (or code) ... WHERE "id" = ?1; empty where it is sealed or no text */
	bool unique; /* the key or a field may conflict with another row: insert touches no row then, update fails */
	str insert;
	str update; /* by id; version counted up */
	str by_key; /* id of the row, not void, with these values of the key's fields (?1 ..., the org last where it
		       belongs to the key); empty with `key: row` */
	str checks; /* SELECT r.id, c1, c2 ... WHERE r.id BETWEEN ? AND ?; empty: no checks */
	struct query checks_query;
	int checks_first, checks_last; /* parameter numbers of the span */
	/* Where a check asks an age: birthdays lists rows of the span whose months alone cannot tell it; for one row,
	 * ages selects person and day for each age of exact_query, exact the checks with the years as parameters. */
	str birthdays, ages, exact;
	struct query exact_query;
	int exact_first, exact_last;
	const struct field **blind; /* fields with a blind column */
	size_t blind_n;
	const struct field *code,
		*title; /* what names a row: code, name or title; NULL where there is none */
};

/* UPDATE of state, version, changed_by and changed_at (?2 to ?5) and, where it is not NULL, one field that has no blind
 * column (?6), by id (?1). */
str plan_narrow(struct arena *a, const struct reg_plan *p, const struct field *f);
bool plan_has_blind(const struct reg_plan *p, const struct field *f);

/* Plans of all registers, indexed by reg->at. */
struct reg_plan *plans_make(struct arena *a, const struct model *m, struct seal *seal);
str plan_quoted(struct arena *a, str identifier);
