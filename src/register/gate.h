/* gate.h -- what a row must pass before it is stored, beside permissions and checks:
 *   - a register of sensitivity minor or sealed opens only under an impact assessment in force (PIPL 55): while it is
 *     empty, the first row is refused unless impact_assessment has a valid row for it that found it necessary;
 *   - fields that a register declares under `consent:` are stored only with a consent in force of that person for the
 *     register's purpose, under 14 by the guardian (PIPL 31); an unknown age counts as under 14;
 *   - whose guardian somebody is does not change once it was verified (guardian: proof);
 *   - a sharing agreement names a register, fields of those that it declares under `share:`, and the purpose for which
 *     the register is kept: what was collected for one purpose is not given away for another (PIPL 6, 23).
 * A consent that was withdrawn hides those fields again (consent_stands) and opens a request for deletion with its clock.
 * A new city begins with the program's own assessment of each built-in register, for three years; a city's own registers
 * need one of their own. */
#pragma once
#include "register/record.h"

enum { ASSESSMENT_DAYS = 1096, REQUEST_ANSWER_WORKDAYS = 15 }; /* rules/deadlines.yaml, data_request */

/* Inside a job, before the row is written; changed: the fields that an edit touches, NULL for a new row. */
MUST_USE enum rc gate_write(
	struct job_ctx *c, const struct record *rec, const uint64_t changed[2], struct err *err);
/* After a row changed its state. */
MUST_USE enum rc gate_moved(
	struct job_ctx *c, const struct record *old, const struct record *rec, struct err *err);
MUST_USE enum rc consent_stands(
	struct db *db, int64_t person, str purpose, bool under_14, bool *out, struct err *err);
/* Does the register keep something under consent in this row? */
bool consent_concerns(const struct record *rec);
/* Hides what no consent covers any more; the row whole (*out_closed) where all of it rests on consent. Of the person's own
 * reading nothing is hidden. */
MUST_USE enum rc consent_mask(
	struct db *db, struct city *city, struct record *rec, bool *out_closed, struct err *err);
/* The program's assessments for a new city: inside the job that founds it. */
MUST_USE enum rc gate_found(struct job_ctx *c, struct err *err);
/* The day by which a request made on `day` is answered. */
MUST_USE enum rc gate_answer_by(struct arena *a, int32_t day, int32_t *out, struct err *err);
