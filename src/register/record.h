/* record.h -- one row of a register: read, add, edit, move between states, with history.
 *
 * Values stand in storage form (model.h: enum field_type): integers, texts, or for sealed fields the opened text.
 * Version 1 is the row itself; at the first change history starts: table history(register, row, version, at, actor,
 * kind, before) keeps the row before the change, sealed values as ciphertext. System columns of every register:
 *     id, org, state, version, entered_by, entered_at, changed_by, changed_at, source
 * Ids come from table counter(register, last): given by the writer, never reused, the same on both engines.
 *
 * All writing functions are called inside a job (guard/job.h) and authorise against the declaration; checks run as
 * SQL on the written row, inside the job's savepoint: one that fires refuses the job (RC_INVALID, its words), one
 * with `level: warn` is gathered in warnings. */
#pragma once
#include "register/city.h"

struct value {
	enum { V_NULL, V_INT, V_TEXT } kind;
	int64_t i;
	str t;
};

struct record {
	const struct reg *reg;
	int64_t id, org, version;
	str state, source;
	int64_t entered_by, entered_at, changed_by, changed_at;
	struct value *values; /* reg->fields_n of them */
	/* Fields in which something stands that this reader is not shown (permit.h): their values are V_NULL here. */
	uint64_t hidden[2];
};
static inline bool record_hides(const struct record *rec, const struct field *f)
{
	return rec->hidden[f->at / 64] >> (f->at % 64) & 1;
}

/* What a writer gives: field and value in storage form. A field absent keeps its value (edit) or takes its default. */
struct entry {
	const struct field *field;
	struct value value;
};

/* ---- texts and values (value.c) ---- */
/* Read what a person wrote (or a cell said) for a field: full-width digits, blanks, dates in any common form, choices by
 * label or synonym, money in yuan, hours as 1.5 or 1:30 or 90分钟. References stay text: resolve_ref. RC_INVALID with
 * words about the field (never the value of a sealed one). An empty text is V_NULL. */
MUST_USE enum rc value_parse(
	struct arena *a, const struct field *f, str text, struct value *out, struct err *err);
/* The declared least and most; value_parse has looked already, other makers of values call it. */
MUST_USE enum rc value_bounds(struct arena *a, const struct field *f, const struct value *v, struct err *err);
/* For people: choice labels, 2025-03-05, 12.50, 1小时30分 / 1 h 30 min. References as "#id": see record_label. */
str value_text(struct arena *a, const struct field *f, const struct value *v);
/* For files: the form that value_parse reads back to the same value. */
str value_plain(struct arena *a, const struct field *f, const struct value *v);

/* ---- reading ---- */
MUST_USE enum rc record_get(
	struct reader *r, const struct reg *reg, int64_t id, struct record **out, struct err *err);
/* What stands for a row where another refers to it: its code or name, opened when sealed; "#812" else. Of a row about a
 * person that the actor may not read the first character stands, 张**. */
str record_label(struct reader *r, const struct reg *reg, int64_t id);
/* The same with rows about persons always masked. */
str record_label_masked(struct reader *r, const struct reg *reg, int64_t id);
/* The same, always open: who made a change, who is signed in. */
str record_label_open(struct reader *r, const struct reg *reg, int64_t id);

struct record_version {
	int64_t version, at_ms, actor;
	str kind;              /* add, set, do:confirm, undo, handover */
	str reason;            /* as given with the change, opened; or empty */
	struct record *record; /* as it stood in that version */
};
MUST_USE enum rc record_history(struct reader *r, const struct reg *reg, int64_t id,
	struct record_version **out, size_t *out_n, struct err *err);

struct record_query {
	const struct reg *reg;
	str where;             /* expression, may be empty */
	int64_t org;           /* subtree of today; 0: the actor's scope */
	const char *from, *to; /* event date span, ISO, to exclusive; NULL: all */
	str state;             /* empty: any */
	int64_t after;         /* cursor: rows after this id in the order below */
	int limit;             /* 1..1000 */
	bool newest_first;     /* by id */
	const struct field
		*by; /* instead: by this field, rows without it last, equal ones by id, newest first */
	bool by_falling;
	bool declared; /* `where` is a rule of the model, not a person's: it may ask what he does not see */
	bool unmasked; /* the operator's own work on all that stands (digest, settling): no person looks at it */
};
MUST_USE enum rc record_list(
	struct reader *r, const struct record_query *q, struct record ***out, size_t *out_n, struct err *err);
/* Every row in id order, one at a time, for exports: visit returns false to stop. */
MUST_USE enum rc record_each(struct reader *r, const struct record_query *q,
	bool (*visit)(void *user, const struct record *rec), void *user, struct err *err);
/* Number, title and code (either may be NULL; fields in the clear) of the rows that the query selects, without opening any:
 * for looking through many. visit returns false to stop. The texts live until the next row. */
MUST_USE enum rc record_scan(struct reader *r, const struct record_query *q, const struct field *title,
	const struct field *code, bool (*visit)(void *user, int64_t id, str title, str code), void *user,
	struct err *err);
/* All rows that the query selects, counted. */
MUST_USE enum rc record_count(
	struct reader *r, const struct record_query *q, int64_t *out_n, struct err *err);
/* The same for every state at once (q->state is not looked at): out_n[i] for reg->states[i]. */
MUST_USE enum rc record_count_states(
	struct reader *r, const struct record_query *q, int64_t *out_n, struct err *err);

/* The row that stands already with the same natural key or a value that may stand once; 0: none. `self`: not this one.
 * Told whether or not the actor may read it: the register refuses a double anyhow. *out_field: the unique field, or NULL
 * for the key. */
MUST_USE enum rc record_twin(struct reader *r, const struct reg *reg, int64_t org, int64_t self,
	const struct value *values, int64_t *out_id, const struct field **out_field, struct err *err);

/* ---- writing, inside a job ---- */
struct record_input {
	const struct reg *reg;
	int64_t org; /* owner; 0: the actor's unit */
	const struct entry *entries;
	size_t entries_n;
	str state;  /* empty: the first declared (form) */
	str source; /* form, import, api ... */
	uint64_t
		by_program[2]; /* fields that the program itself filled in: `edit:` is not asked about them */
};
MUST_USE enum rc record_add(
	struct job_ctx *c, const struct record_input *in, int64_t *out_id, struct err *err);
/* A slice of new rows, for imports: ids are drawn first (record_ids), each row stands or falls alone (a row that fails
 * leaves nothing; a key that stands is RC_CONFLICT). The end runs the checks once over ids first..first+n-1, tells of
 * each that fires, drops the rows that fire a refusing one, and tells the observers of the rest. Ids that stay unused
 * are lost, never given again, unless they go back in the same transaction, before others were drawn. */
MUST_USE enum rc record_ids(
	struct job_ctx *c, const struct reg *reg, int64_t n, int64_t *out_first, struct err *err);
MUST_USE enum rc record_ids_back(
	struct job_ctx *c, const struct reg *reg, int64_t first, int64_t n, struct err *err);
MUST_USE enum rc record_slice_add(
	struct job_ctx *c, const struct record_input *in, int64_t id, struct err *err);
MUST_USE enum rc record_slice_end(struct job_ctx *c, const struct reg *reg, int64_t first, int64_t n,
	void (*told)(void *user, int64_t id, const struct check *check), void *user, struct err *err);
/* A state set outside the declared moves, by the program itself (a merge); kind stands in the history. */
MUST_USE enum rc record_put_state(
	struct job_ctx *c, const struct reg *reg, int64_t id, str state, str kind, struct err *err);
/* Another owner for a row. */
MUST_USE enum rc record_hand_over(
	struct job_ctx *c, const struct reg *reg, int64_t id, int64_t org, struct err *err);
/* version 0: whatever stands; else RC_CONFLICT when the row has another. */
MUST_USE enum rc record_set(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version,
	const struct entry *entries, size_t n, struct err *err);
MUST_USE enum rc record_do(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version,
	const struct move *m, const struct entry *entries, size_t n, str reason, struct err *err);
/* The same text sealed to other readers (case_note.h): the caller has looked who may; history says "share". */
MUST_USE enum rc record_reseal(struct job_ctx *c, const struct reg *reg, int64_t id,
	const struct entry *entries, size_t n, struct err *err);
/* Take back one's own last change: the inverse as a new version. Only its author, for UNDO_MINUTES, while the row still has
 * that version (else RC_CONFLICT); a new row turns void, where its register knows that state (else RC_INVALID). */
enum { UNDO_MINUTES = 10 };
bool record_undoable(const struct actor *actor, const struct record *now, int64_t now_ms);
MUST_USE enum rc record_undo(
	struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version, struct err *err);
/* For an import that is taken back (import_undo.h): the row as it was in an older version, as a new version; a row for good,
 * with its history, its observers told (CHANGE_DELETE). The caller has looked what still names it. */
MUST_USE enum rc record_put_back(
	struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version, struct err *err);
MUST_USE enum rc record_take_out(struct job_ctx *c, const struct record *old, struct err *err);
/* A new organisation under a parent (register org has its own door, since it stands in the tree). */
MUST_USE enum rc org_add(struct job_ctx *c, int64_t parent, int32_t from, const struct entry *entries,
	size_t n, int64_t *out_id, struct err *err);
/* Out of the tree again; nothing stands under it. Then record_take_out. */
MUST_USE enum rc org_remove(struct job_ctx *c, int64_t org, struct err *err);
MUST_USE enum rc org_move(struct job_ctx *c, int64_t org, int64_t parent, int32_t from, struct err *err);

/* ---- references ---- */
/* A row named by a person: its code, its label where unique within the unit, or #id. RC_NOT_FOUND, RC_CONFLICT (several). */
MUST_USE enum rc resolve_ref(struct db *db, struct city *city, const struct field *f, int64_t org, str text,
	int64_t *out_id, struct err *err);
MUST_USE enum rc resolve_row(struct db *db, struct city *city, const struct reg *reg, int64_t org, str text,
	int64_t *out_id, struct err *err);
/* refs and orgs: several names split on 、，,；; -> ",3,17,". */
MUST_USE enum rc resolve_list(struct db *db, struct city *city, struct arena *a, const struct field *f,
	int64_t org, str text, str *out_ids, struct err *err);
/* Text of a field as the value that is kept: value_parse, then references resolved (persons by "#id", citizen ID or a
 * name unique in the unit). What forms, `add` and `set` use; a page reads its form before there is a job, by
 * entry_read_at on its own connection. */
struct entry_place {
	struct db *db;
	struct city *city;
	struct arena *a;
	int64_t org, home; /* the row's owner, 0: not chosen; the actor's unit */
};
MUST_USE enum rc entry_read_at(
	const struct entry_place *at, const struct field *f, str text, struct entry *out, struct err *err);
MUST_USE enum rc entry_read(
	struct job_ctx *c, const struct field *f, int64_t org, str text, struct entry *out, struct err *err);
