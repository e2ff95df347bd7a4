/* read_log.h -- which rows of minors a reader was shown, so that the read can be announced before a byte leaves.
 *
 * A reader with a log (struct reader, city.h) notes by itself every row of a register of sensitivity minor or sealed that
 * record_get, record_list, record_each, record_history and record_label give out open; what only lists numbers (a
 * trace) notes them by read_log_row. Whoever answers looks at the end: where the log is not empty, its note becomes one
 * durable audit row (guard/job.h) first.
 *
 * The note names rows as "care_child:12-15,40;person:7"; where that would not fit into an audit row it gives the number
 * of rows, the first and last id and the SHA-256 over all ids (8 bytes each, most significant first, in the order shown). */
#pragma once
#include "register/permit.h"

struct read_log;

struct read_log *read_log_new(struct arena *a);
bool read_log_empty(const struct read_log *log);
void read_log_row(struct read_log *log, const struct reg *reg, int64_t id, const struct basis *b); /* log may be NULL */
/* purposes and grounds of all that was shown. */
struct read_note read_log_note(struct arena *a, const struct read_log *log);
/* The job that announces it (arg: the log): the audit row, and for rows opened by a sharing agreement, whatever their
 * sensitivity, a row of sharing_log an agreement. Needs the city as the writer's user. */
enum rc read_log_run(struct job_ctx *c, void *log, struct err *err);
bool read_log_shares(const struct read_log *log);
