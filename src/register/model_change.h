/* model_change.h -- changing a city's declarations from within (the model desk): a field is added, a label changed.
 *
 * A change is a row of the register model_change; its body is one small file of the model language, an `extend:` of a register.
 * What a city stands on are folders CITY.model/ID-… beside its key file, one for each change that was applied or undone, each a
 * whole folder of its own files (docs/declaring.md): what stood before, with registers/desk_ID.yaml added or taken away. A
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

struct change_trial {
	struct model *model;        /* NULL where there are faults; model_done() is the caller's */
	struct model_fault *faults; /* file: as written below the city's folder */
	size_t faults_n;
	struct schema_change *tables;
	size_t tables_n;
	const struct figure **recounted; /* of the model at hand: whose definition changes with it */
	size_t recounted_n;
	bool second; /* takes a security administrator's agreement */
	str base;    /* the city's folder that it was tried over; empty: none */
};
/* Over a copy in memory (/dev/shm) that is gone afterwards. body empty: without that change (undo). */
MUST_USE enum rc change_try(struct arena *a, struct city *city, struct db *db, int64_t id, str body,
	struct change_trial *out, struct err *err);

/* Applies (undo: takes back) the change of this row to its durable end, as the actor: a system administrator. */
MUST_USE enum rc change_apply(struct arena *a, struct reader *r, int64_t id, bool undo, struct err *err);
