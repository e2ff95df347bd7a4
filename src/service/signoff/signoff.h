/* signoff.h -- a report on its way: drafted, checked, cosigned, signed off, published (registers report_edition and
 * report_comment; who may take which step stands there). What its text says and prints is report/'s; here are its states.
 *
 * One row is one edition of a unit's report of a kind and period; `serial` counts them, and a revision is a new row. The text
 * changes only while the row is a draft. Three steps are more than a change of state and are made here alone, in one job:
 *     send      the caller has found nothing that bars it (report/desk.h)
 *     sign_off  the frozen report and its evidence bundle (figure/frozen.h) are kept with it, under template names
 *               "desk:KIND" and "desk:KIND:bundle", revision = serial; refused where the text was touched after it was sent
 *     publish   the suppressed copy and its bundle, "desk:KIND:public" and "desk:KIND:public:bundle"; with the annual report of
 *               the whole city the year's open figures, "desk:year:public:table" (report/public_table.h)
 * Whoever tries them elsewhere (`qinghe do`, the record's page) is told to use the report's page (signoff_attach).
 *
 * Who signs is another person than who sent it (RC_DENIED). Limits: text SIGNOFF_TEXT_MAX_BYTES. */
#pragma once
#include "figure/frozen.h"
#include "register/record.h"

enum { SIGNOFF_TEXT_MAX_BYTES = 300000, SIGNOFF_LIST_MAX = 200, SIGNOFF_COMMENTS_MAX = 500 };

struct signoff {
	int64_t id, org, version, serial;
	str kind, period, title, body, state;
	str letterhead, number, addressee, copies, signer; /* may be empty */
	str signed_on, published_on;
};

struct signoff_comment {
	int64_t id;
	str kind, finding, quote, body, state; /* kind: comment, kept */
	int64_t by, at_ms;
};

struct signoff_step {
	str move, reason; /* "add", a move's id */
	int64_t by, at_ms;
};

/* Open to the reader or RC_NOT_FOUND. */
MUST_USE enum rc signoff_read(struct reader *r, int64_t id, struct signoff *out, struct err *err);
/* The newest edition of that unit, kind and period that is not void; id 0: there is none. */
MUST_USE enum rc signoff_newest(
	struct reader *r, int64_t org, str kind, str period, struct signoff *out, struct err *err);
/* Newest first; empty texts: any. Bodies are left out. */
MUST_USE enum rc signoff_list(
	struct reader *r, str state, struct signoff **out, size_t *out_n, struct err *err);
MUST_USE enum rc signoff_comments(
	struct reader *r, int64_t report, struct signoff_comment **out, size_t *out_n, struct err *err);
/* Published editions of a unit (0: any) and kind (empty: any), the newest first, as anybody sees them (register/publish.h). */
MUST_USE enum rc signoff_published(
	struct reader *r, str kind, int64_t org, struct signoff **out, size_t *out_n, struct err *err);
MUST_USE enum rc signoff_public(struct reader *r, int64_t id, struct signoff *out, struct err *err);
/* What was done, oldest first; changes of the text aside. */
MUST_USE enum rc signoff_steps(
	struct reader *r, int64_t id, struct signoff_step **out, size_t *out_n, struct err *err);
/* May the actor make this move now? */
bool signoff_may(struct reader *r, const struct signoff *s, const char *move);
/* The frozen part of an edition: "", "bundle", "public", "public:bundle", "public:table"; RC_NOT_FOUND with err untouched. */
MUST_USE enum rc signoff_frozen(
	struct reader *r, const struct signoff *s, const char *part, struct frozen *out, struct err *err);
str signoff_template(struct arena *a, str kind, const char *part);

/* Jobs. version: as the page showed it; another one is RC_CONFLICT. */
MUST_USE enum rc signoff_begin(
	struct job_ctx *c, const struct signoff *s, str period_to, int64_t *out_id, struct err *err);
MUST_USE enum rc signoff_text(struct job_ctx *c, int64_t id, int64_t version, str body, struct err *err);
/* Fields of the letterhead and the title. */
MUST_USE enum rc signoff_head(struct job_ctx *c, const struct signoff *s, int64_t version, struct err *err);
MUST_USE enum rc signoff_move(
	struct job_ctx *c, int64_t id, int64_t version, const char *move, str reason, struct err *err);
/* sign_off and publish: what is kept is given; its period, org, revision and names are filled here. table: NULL or the open
 * figures. */
MUST_USE enum rc signoff_keep(struct job_ctx *c, const struct signoff *s, int64_t version, bool public,
	struct frozen *report, struct frozen *bundle, struct frozen *table, struct err *err);
MUST_USE enum rc signoff_comment_add(struct job_ctx *c, int64_t report, int64_t org,
	const struct signoff_comment *comment, struct err *err);
MUST_USE enum rc signoff_comment_move(struct job_ctx *c, int64_t id, const char *move, struct err *err);

/* After city_open for writing. */
void signoff_attach(struct city *c);
