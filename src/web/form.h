/* form.h -- a form made from a register's declaration, on its way between the browser and the record.
 *
 * One struct form serves the new row, the edit and the move, by page or by JSON: form_begin chooses the fields that may
 * be written at all (everything else that comes is refused: no mass assignment), form_take reads what came, each field to
 * its value or its fault, and form_entries gives what is to be written. Nothing is written here, and all is read on the
 * request's own connection, so that only what fits goes to the writer.
 *
 * Names in an HTML form: a field's id, and for references beside it FIELD.id (the row that was meant), FIELD.as (its
 * words at that time: only while the text still is FIELD.as, FIELD.id counts) and FIELD.pick (chosen from a list that
 * the page offered for FIELD.as). Ours begin with an underscore: _key (of idempotency), _version (that was edited), _state
 * (in which a new row begins), _reason (of a move), _act (save, draft, drop, take:FIELD). The owner is called `org`.
 * In JSON: the field's id, `org`, `state`, `reason`; numbers in storage form (fen, minutes, ms, ids), texts as a person
 * writes them, lists as arrays.
 *
 * What the reader is not shown (record.hidden) stays as it is where its field is left empty. */
#pragma once
#include "register/pick.h"
#include "web/page.h"

enum { FORM_PICKS = 8 };
enum form_kind { FORM_NEW, FORM_EDIT, FORM_MOVE };

struct form_input {
	const struct field *field;
	str text, as, id;    /* as it came, or as it stands */
	bool came, required; /* came: the request named it */
	bool keeps;          /* sealed, and something stands: empty means that it stays */
	struct value value;
	str fault;
	struct pick picks[FORM_PICKS];
	size_t picks_n;
	str theirs; /* in a conflict: what stands now, in words */
	int64_t twin;
};

struct form {
	enum form_kind kind;
	const struct reg *reg;
	const struct record *now; /* edit, move: the row as it stands */
	const struct move *move;
	struct form_input *in; /* the owner first, for a new row */
	size_t n, faults_n;
	struct form_input *owner; /* NULL: not asked */
	int64_t org, version;
	str key, state, reason, top; /* top: a fault of the whole */
	str reason_fault;
	str stranger; /* JSON: a name that is none of the fields */
	/* The row that stands already under this key. Its fault counts in faults_n, but does not keep the form from the
	 * writer: the same form sent twice is answered as the first time (idempotency), and the writer refuses the rest. */
	int64_t twin;
	bool twin_fault;
	bool drafted; /* filled from a draft */
	str act;
};

/* Which fields, whether the actor may at all. RC_DENIED in permit.h's words. */
MUST_USE enum rc form_begin(struct page *p, enum form_kind kind, const struct reg *reg,
	const struct record *now, const struct move *move, struct form *out, struct err *err);
/* May this actor add rows to the register, in the unit that the page looks at? */
bool form_may_add(struct page *p, const struct reg *reg);
/* The inputs hold what stands (edit, move), or the defaults (new). */
void form_fill(struct page *p, struct form *f);
/* A new row about this row: the reference `in` holds it, where it leads to a register without people; without `in` the
 * field that says whose row it is holds that person. 0: nobody. */
void form_about(struct page *p, struct form *f, str in, int64_t id);
/* Read what came. Faults stand at the inputs; form->faults_n counts them, with the one of the whole. */
MUST_USE enum rc form_take(struct page *p, struct form *f, struct err *err);
/* Values that came and differ from what stands. */
size_t form_entries(struct page *p, const struct form *f, struct entry **out);
struct form_input *form_input(struct form *f, str name);
/* The names and texts of a form as one text, for a draft; and back into p->form. */
str form_pack(struct page *p);
bool form_unpack(struct page *p, str text);
/* What a reference says in a form. */
str form_label(struct page *p, const struct form *f, const struct field *field, int64_t id);
void form_key_new(struct page *p, struct form *f);

/* What people write by hand for a day and a sheet may not: 今天, 昨天, 11.20, 11月20日 -- of this year, or of the last one
 * where the day would lie ahead and must not. Anything else is left to the register. */
str day_by_hand(struct page *p, const struct field *f, str text);

/* form_show.c: the form as a page; status 200, or 422 and 409 where something is amiss. */
struct form_words {
	str heading, lead, verb, action, cancel, told;
	bool drafts, grave; /* grave: what is sent ends the row */
};
/* One input as its block of the page (page_form.h, form_field.html). f may be of no register. */
struct form_field;
void form_field_fill(
	struct page *p, const struct form *f, const struct form_input *in, struct form_field *out);
void form_show(struct page *p, struct form *f, const struct form_words *w);
/* Faults as problem+json, 422. */
void form_problem(struct page *p, const struct form *f);
