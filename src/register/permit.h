/* permit.h -- what the declarations let an actor do: register x move x field x role x relation (docs/declaring.md).
 *
 * Relations: subtree = the row's organisation stands today under the actor's; own = the row's person is the actor
 * (role `self`, or a role held), or a child whose guardian the actor is (role `guardian`); case = the actor works on the
 * row's case. A partner department reads by sharing agreement, and in an emergency break-glass opens one row or one
 * person (guard/authorise.h). What is not declared is refused.
 *
 * Rows of registers of sensitivity minor and sealed take, for the relation subtree, a standing authorisation besides:
 * of that role, for the register's purpose, over the row's organisation. Nobody changes such a row who may not read it.
 *
 * Fields: a role sees what `show:` names, else the ordinary fields (reg_ordinary); it writes what `edit:` names, else all
 * (self and guardian: nothing without an entry). By agreement only its fields, of those that the register declares under `share:`. Records that record.h gives out have the
 * other fields emptied and named in record.hidden, on every way of reading; conditions may ask only fields that the
 * actor sees in every row that he reaches.
 *
 * The operator may everything but see the sealed texts of sealed registers. */
#pragma once
#include "register/expr.h"
#include "register/record.h"

/* How far the actor may read a register at all. */
enum reach { REACH_NONE, REACH_OWN, REACH_SOME, REACH_SUBTREE, REACH_ALL };
enum reach permit_reach(const struct reg *reg, const struct actor *actor);
/* Rows of the register beyond single ones: what lists of many rows (a trace) need. */
bool permit_rows(const struct reg *reg, const struct actor *actor);

/* Why a row is open, the nearest first; several may hold at once, then the fields of all are seen. */
struct basis {
	enum basis_kind {
		BASIS_NONE,
		BASIS_OPERATOR,
		BASIS_OWN,
		BASIS_GUARDIAN,
		BASIS_ROLE,
		BASIS_AUTHORISATION, /* id: the authorisation */
		BASIS_CASE,          /* reg, id: the row that stands for the case */
		BASIS_SHARING,       /* id: the agreement */
		BASIS_GLASS          /* id: the break-glass */
	} kind;
	int64_t id;
	str reg;
	bool may_export;
	uint64_t fields[2];
};
bool permit_basis(
	const struct tree *t, const struct actor *actor, const struct record *rec, struct basis *out);
bool permit_read(const struct tree *t, const struct actor *actor, const struct record *rec);
/* All rows of a unit and those under it, and why: what a trace of that unit needs. */
bool permit_rows_of(const struct tree *t, const struct reg *reg, const struct actor *actor, int64_t org,
	struct basis *out);
/* "authorisation:12", "case:rights_case:4", "own" ...: for the announced read. */
str basis_text(struct arena *a, const struct basis *b);
/* Empties what the basis does not show; rec->hidden says where something stood. */
void permit_mask(struct record *rec, const struct basis *b);
/* Fields of the register that the actor sees in some row (columns of a list), or in every row that he reaches (what may
 * be filtered, sorted and searched by). */
void permit_columns(const struct reg *reg, const struct actor *actor, bool every, uint64_t set[2]);
static inline bool field_in(const uint64_t set[2], const struct field *f)
{
	return set[f->at / 64] >> (f->at % 64) & 1;
}

/* What rows a list is narrowed to: those of these subtrees, or of these persons, or of these cases, or these rows. */
struct scope_case {
	const struct field *field; /* NULL: the row itself */
	int64_t *ids;
	size_t n;
};
struct scope {
	bool all;
	int64_t *orgs, *persons, *rows;
	size_t orgs_n, persons_n, rows_n;
	struct scope_case *cases;
	size_t cases_n;
};
void permit_scope(struct arena *a, const struct tree *t, const struct reg *reg, const struct actor *actor,
	struct scope *out);

/* A condition that a person has written may ask only registers and fields that he may read: else its answers tell. */
MUST_USE enum rc permit_expr(const struct actor *actor, const struct expr *e, struct err *err);

/* rec: the row as it is to stand (a new one) or as it stands; wanted: the fields given. is_new: nothing stands yet. */
MUST_USE enum rc permit_write(const struct tree *t, const struct actor *actor, const struct record *rec,
	const uint64_t wanted[2], bool is_new, struct err *err);
MUST_USE enum rc permit_move(const struct tree *t, const struct actor *actor, const struct record *rec,
	const struct move *m, struct err *err);

/* ---- the matrix, as data: what `qinghe permissions` prints ---- */
struct permit_line {
	const struct reg *reg;
	str act; /* read, write, do:confirm */
	str relation,
		role; /* own, subtree, case, agreement, public, door; a role of the glossary, or "anybody" */
	const char
		*needs; /* "", "authorisation", "case", "agreement", "code"; of what is public its states */
	uint64_t fields
		[2]; /* seen or writable; of an agreement: what it may name; of a move: what it needs and stamps */
};
/* Every line of a register, in the order of its declaration. */
void permit_lines(struct arena *a, const struct reg *reg, struct permit_line **out, size_t *out_n);
