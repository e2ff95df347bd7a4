/* occasion.h -- an event and who came to it, written together: what a secretary tells in one go.
 *
 * Which registers fit, the declarations say: a register of attendance has a head-count `n`, a person, and one required
 * reference, to a register of events that has a `title` and a day (`happens`) of its own. All else that a row of
 * attendance requires are days, which take the event's. So volunteer_event goes with service_record, lecture_session with
 * lecture_attendance, culture_event with culture_attendance; a city's own pair is found the same way.
 *
 * Who came is either people, a row each, or one row with a head-count (grade C), never both (model.md, Attendance).
 * Both registers take their import_state, as past facts do; where only somebody else's move leads there (the host
 * confirms a lecture), the event goes as far towards it as the actor may take it, and waits.
 *
 * Functions with a job_ctx run inside a job and authorise like any write (record.h). */
#pragma once
#include "register/record.h"

enum { OCCASION_PEOPLE_MAX = 400, OCCASION_NAME_MAX_CHARS = 20 };

struct occasion {
	const struct reg *event, *attendance;
	const struct field *title, *day;     /* of the event */
	const struct field *programme;       /* of the event: its brand or drive; NULL */
	const struct field *event_hours;     /* of the event; NULL */
	const struct field *of, *person, *n; /* of the attendance */
	const struct field *hours, *in_at;   /* of the attendance: hours given, when signed in; NULL */
};
/* False: no pair that this register of events belongs to. */
bool occasion_of(const struct model *m, const struct reg *event, struct occasion *out);
/* All pairs, in the order of the model. */
void occasion_list(struct arena *a, const struct model *m, struct occasion **out, size_t *out_n);
/* May this actor say that it is done, or does somebody else have the last word (the host of a lecture)? */
bool occasion_may_complete(const struct occasion *o, const struct actor *actor);
/* Fields of an earlier event that hold for the next one of its kind as well: choices, references that name no person,
 * place and hours; never days, counts, people, numbers and files. */
size_t occasion_alike(
	struct arena *a, const struct occasion *o, const struct record *earlier, struct entry **out);

struct occasion_new {
	const struct occasion *o;
	int64_t org;
	const struct entry *entries; /* of the event */
	size_t entries_n;
	str day; /* the event's, ISO */
	const int64_t *people;
	size_t people_n;
	const str *names; /* people of the unit that it does not know yet */
	size_t names_n;
	int64_t heads;   /* instead of people */
	int64_t minutes; /* each one's hours; 0: not told */
	bool begins;     /* it only begins: nobody has come yet, the event is in its first state */
};
/* RC_INVALID with words where a check refuses; then nothing stands. */
MUST_USE enum rc occasion_write(
	struct job_ctx *c, const struct occasion_new *w, int64_t *out_event, struct err *err);
/* One more who came, to an event that stands: a person, at this moment; the row waits (the register's first state) until
 * the event is closed. RC_FOUND: stood already, nothing is written. source: site_code (by the code on site), form (by who
 * runs it). */
MUST_USE enum rc occasion_came(struct job_ctx *c, const struct occasion *o, const struct record *event,
	int64_t person, str source, int64_t *out_row, struct err *err);
/* The end of it: all that wait are confirmed, with the event's hours where they have none of their own, and the event is
 * done (or waits for its host). *out_n: how many were confirmed. An event that is closed already stays as it is. */
MUST_USE enum rc occasion_close(struct job_ctx *c, const struct occasion *o, const struct record *event,
	size_t *out_n, struct err *err);
/* All of occasion_write taken back, by who wrote it, within UNDO_MINUTES. RC_CONFLICT where a row was changed since. */
MUST_USE enum rc occasion_undo(struct job_ctx *c, const struct occasion *o, int64_t event, struct err *err);

/* Rows of attendance of one event that are neither void nor disputed: how many heads, how many of them are named. */
MUST_USE enum rc occasion_heads(struct reader *r, const struct occasion *o, int64_t event, int64_t *out_heads,
	int64_t *out_named, struct err *err);
/* The people of those rows, the latest first. */
MUST_USE enum rc occasion_people(struct reader *r, const struct occasion *o, int64_t event,
	struct record ***out, size_t *out_n, struct err *err);
/* A unit's own people (home unit, not void), as their names sort; RC_OK and none where the actor may not read them. */
struct occasion_person {
	int64_t person;
	str name, initials;
};
MUST_USE enum rc occasion_unit(
	struct reader *r, int64_t org, struct occasion_person **out, size_t *out_n, struct err *err);
/* Names out of a text copied from a chat: one a line or split on 、，,；; and blanks; numbers, brackets and what stands behind
 * a colon or telephone number are passed over. Words that look like no name come back in *out_strange. */
void occasion_names(
	struct arena *a, str text, str **out, size_t *out_n, str **out_strange, size_t *out_strange_n);
