/* house.h -- the rules of housekeeping that due.h runs in `serve`, and by `qinghe due run`:
 *
 *     sweep                 hourly   sessions past their end, codes used or lapsed a month ago, idempotency keys, ticks done, messages sent
 *     backup.age            daily    no backup for BACKUP_AGE_MAX_DAYS: an alert, and `status` and /metrics say so
 *     authorisation.end     daily    plans, for each standing authorisation, the notice before its end
 *     authorisation.notice  planned  says that an authorisation ends in HOUSE_NOTICE_DAYS; once for each
 *     audit.sign            daily    signs the head of the audit chain (audit_head.h); where setting outbox.heads names an
 *                                    address, the line goes there by mail, so that it stands outside of this machine
 *     retention             daily    where rows have been kept long enough and no run is planned: plans one in
 *                                    RETENTION_NOTICE_DAYS and alerts; the page /retention shows what will go
 *     retention.run         planned  the run itself, by the hook `retain`, behind the tick and outside of its job
 *     finder                daily    the hook that makes tasks of what the finder finds, behind the tick and outside of its job
 *     growth                daily    notes how large the city is (growth.h); an alert where the disk will be full soon
 *     files                 daily    the hook for sweeping files that no row names; set by whoever keeps files
 *
 * A backup tells house_backup_done, which notes the instant in setting backup_at. */
#pragma once
#include "guard/due.h"

struct seal;

enum { BACKUP_AGE_MAX_DAYS = 8, HOUSE_NOTICE_DAYS = 14, RETENTION_NOTICE_DAYS = 30 };

struct house {
	struct seal *seal;
	const char *db_url; /* whose disk is looked at; NULL: nobody's */
	/* Removes files that no row names; NULL: nothing to do. Called in a job: db reads, files are removed after it. */
	enum rc (*sweep_files)(struct job_ctx *c, struct err *err);
	/* How many rows a run of retention would find; in a job. And the run, outside of any. NULL: none. */
	enum rc (*retain_due)(struct job_ctx *c, int64_t *out_rows, struct err *err);
	enum rc (*retain)(void *retain_user, struct err *err);
	void *retain_user;
	/* Whom nobody cares for becomes tasks; outside of any job. NULL: none. */
	enum rc (*find)(void *find_user, struct err *err);
	void *find_user;
	bool retain_now, find_now; /* its own */
	/* By house_start's thread, an hour after the start and then once a day, outside of any job; NULL: nothing. */
	void (*look)(void *look_user);
	void *look_user;
	int64_t looked_us; /* its own */
};

extern const struct due_rule house_rules[]; /* user: a struct house */
extern const size_t house_rules_n;

/* After a pass, outside of any job: what its ticks asked for (retention.run, finder). */
void house_errands(struct house *house);
/* The instant of the planned run of retention; 0: none. */
MUST_USE enum rc house_retention_at(struct db *db, int64_t *out_at_ms, struct err *err);
/* Inside a job. */
MUST_USE enum rc house_backup_done(struct job_ctx *c, struct err *err);
/* Milliseconds of the last backup, 0: never; founded: when the city was. */
MUST_USE enum rc house_backup_at(struct db *db, int64_t *out_at_ms, int64_t *out_founded_ms, struct err *err);
bool house_backup_is_old(int64_t at_ms, int64_t founded_ms, int64_t now_ms);

/* Both together: a thread that runs the rules and sends the outbox. house outlives it. */
MUST_USE enum rc house_start(struct writer *w, const char *db_url, struct house *house,
	void (*log)(void *user, const struct due_tick *t, enum rc rc), struct due **out_due, struct err *err);
