/* model_change.h -- changing a city's declarations from within (the model desk): a field is added, a label changed, a register
 * or a figure made, a rule written anew.
 *
 * A change is a row of the register model_change; its body is one file of the model language. An `extend:` of a register, a
 * new register or a file of new figures (it begins with `system:`) is a file of its own; where the row names a path, its body
 * stands instead of that whole file (rules/, figures/), and `before` is what stood there: if something else stands there by
 * the time of applying or undoing, that is RC_CONFLICT. Rules always take the second agreement.
 * What a city stands on are folders CITY.model/ID-… beside its key file, one for each change that was applied or undone, each a
 * whole folder of its own files (docs/declaring.md): what stood before, with that one file added, replaced or taken away. A
 * folder that was written is never changed, so the former state can always be read, and the latest is named by the city.
 *
 *     propose (a row, nothing else) -> try: loaded and planned, nothing written -> [agreed to] -> apply -> undo
 *
 * Rules. The loader judges the whole model with the change in it: what would break a figure, check or report text is refused
 * with file:line:column and a suggestion. No data may be lost: apply never drops, undo drops a column only while no row has a
 * value there. A change of a register that holds data of persons (sensitivity personal and above) is applied only after a
 * security administrator has agreed to it as it stands: whoever edits it later makes it unagreed. Two changes at once: the
 * second is told to look again (RC_CONFLICT).
 *
 * A running program keeps the model that it opened with, which stays right over the new tables (new columns are empty); it
 * is opened again after the change (site.h: site_reopen). */
#pragma once
#include "register/record.h"
#include "register/schema.h"

struct change_field { /* what the form of a new field asks */
	str id, zh, en, type, help_zh, help_en;
	str to;      /* of a reference: register */
	str choices; /* a line each: id | 中文 | English */
	bool required;
};
/* The body that adds it; RC_INVALID where a line of choices is not understood. Everything else the loader judges. */
MUST_USE enum rc change_add_field(
	struct arena *a, const struct reg *reg, const struct change_field *f, str *out_body, struct err *err);
/* The body that gives the field (NULL: the register) another label. */
str change_relabel(struct arena *a, const struct reg *reg, const struct field *f, str zh, str en);

/* The body that has the register kept that long (6y, 18m, 30d, forever). */
str change_keep(struct arena *a, const struct reg *reg, str keep);

/* The body that protects it more; either may be empty. field: a text that is sealed from now on. */
str change_protect(struct arena *a, const struct reg *reg, str sensitivity, str field);

struct change_register { /* a new one, with a name and a date to begin with; fields are added by further changes */
	str id, zh, en, holds_zh, holds_en, group, sensitivity, purpose, keep;
};
str change_new_register(struct arena *a, const struct change_register *f);
struct change_figure {
	str id, system, zh, en, definition_zh, definition_en, of, where, unit;
	str grain, field; /* sum or distinct, and of what; field empty: rows */
};
str change_new_figure(struct arena *a, const struct change_figure *f);

struct change_text {
	int64_t id;
	str path, body; /* path empty: a file of its own; body empty: without it */
};
/* The row's text, or what undoing it puts there again. */
struct change_text change_text_of(struct arena *a, const struct record *rec, bool undo);
/* What stands at a path of the city's declarations now; empty: nothing. RC_NOT_FOUND: a path that is not changed here. */
MUST_USE enum rc change_source(struct arena *a, struct db *db, str path, str *out, struct err *err);

struct change_trial {
	struct model *model;        /* NULL where there are faults; model_done() is the caller's */
	struct model_fault *faults; /* file: as written below the city's folder */
	size_t faults_n;
	struct schema_change *tables;
	size_t tables_n;
	const struct figure **recounted; /* of the model at hand: whose definition changes with it */
	size_t recounted_n;
	bool protects; /* values are sealed by it (protect.h): it is not taken back */
	bool second;   /* takes a security administrator's agreement */
	str base;      /* the city's folder that it was tried over; empty: none */
};
/* Over a copy in memory (/dev/shm) that is gone afterwards. */
MUST_USE enum rc change_try(struct arena *a, struct city *city, struct db *db, const struct change_text *x,
	struct change_trial *out, struct err *err);

/* Applies (undo: takes back) the change of this row to its durable end, as the actor: a system administrator. The reader's
 * snapshot is another one afterwards. */
MUST_USE enum rc change_apply(struct arena *a, struct reader *r, int64_t id, bool undo, struct err *err);
