/* page.h -- a request on its way through a page: who asks, in which language, over which scope and period, and what the
 * page answers with. Made by site.c, which has checked access, csrf and inputs before the page's function runs; when it
 * returns an error, site.c makes the error page (errors.c) from its rc and words.
 *
 * A page reads through p->r, one snapshot for the whole page. It writes HTML by a template straight into page_out(p), or
 * JSON where p->json. Rows of minors that the reader gave out (p->r.log) are named in the audit chain before the answer
 * leaves. */
#pragma once
#include "base/map.h"
#include "figure/figure.h"
#include "format/html.h"
#include "format/json.h"
#include "guard/session.h"
#include "net/http.h"
#include "register/record_json.h"
#include "web/route.h"

struct site;

/* What a page that writes leaves behind instead of an answer (page_write): after its run() the job goes to the writer, no
 * thread waits, and the answer is made when it has come back. */
struct page_write {
	struct job *job; /* NULL: nothing is to be written */
	/* The job is durable: on the writer's thread, so it only fills the answer; no reader. */
	void (*written)(struct page *p, const struct job *job);
	/* It was refused: on a worker, with a reader as the first time. NULL: the error page. */
	enum rc (*refused)(struct page *p, const struct job *job, struct err *err);
};

struct page {
	struct http *q;
	struct arena *a;
	struct site *site;
	const struct route *route;
	str args[ROUTE_ARGS_MAX];
	struct reader r; /* r.actor is who asks; the public has no roles and sees nothing by itself */
	bool signed_in, json, by_bearer;
	int scope;           /* by_bearer: what the token is good for */
	str who, csrf;       /* the person's name; the token for forms */
	str session;         /* the session's token */
	struct session sess; /* of a browser; person 0: none. Not whole: signed_in is false, r.actor nobody */
	struct pairs form;   /* POST: the declared inputs that came */
	struct parts parts;  /* a form with a file */
	struct json_v *body; /* instead of a form, where the route takes JSON and JSON came */
	struct pair *faults; /* of inputs: name and what is wrong; POST */
	size_t faults_n;
	/* What everything counts over. */
	int64_t org;
	str org_code; /* as in the address; empty: the actor's own scope */
	str scope_name;
	struct period period;
	bool period_asked;
	int64_t after;               /* cursor */
	struct imap labels;          /* of references shown, see page_label */
	struct rescue_rules *rescue; /* read when a hit of the finder is first put into words; NULL before */
	struct page_write write;
};

static inline struct buf *page_out(struct page *p)
{
	return &p->q->out.body;
}
static inline str page_arg(const struct page *p, int i)
{
	return p->args[i];
}
/* A declared input: of the form for POST, else of the query. Empty when absent. */
str page_input(const struct page *p, const char *name);
int64_t page_input_id(const struct page *p, const char *name); /* 0 when absent */

/* An address within the site that keeps scope, period: "/figures" -> "/figures?org=3301&period=2025". */
str page_href(struct page *p, str path);
str page_hrefs(struct page *p, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same over all years, from EVER_FROM_YEAR to the end of next year: for a list whose rows are counted whenever they
 * were; that period goes no further than the list. */
enum { EVER_FROM_YEAR = 2000 };
str page_href_ever(struct page *p, str path);
/* The same address with one query name set (empty value: taken out) and the cursor dropped. */
str page_here(struct page *p, const char *name, str value);

/* What stands for a referred row, fetched once a page; masked where it names a minor. */
str page_label(struct page *p, const struct reg *reg, int64_t id);
str page_org_name(struct page *p, int64_t org);
/* The register or figure that an address names, or RC_NOT_FOUND with a suggestion; denied when the actor may read none. */
MUST_USE enum rc page_register(struct page *p, str id, const struct reg **out, struct err *err);
MUST_USE enum rc page_figure(struct page *p, str id, const struct figure **out, struct err *err);

const struct reg *page_reg(const struct page *p, const char *id); /* of the program's own registers */
bool page_opens(const struct page *p,
	const char *reg); /* may the reader open any row of it: no door to the others is shown */
/* May the reader make this move with a row of that unit in that state? The row's values are not looked at. */
bool page_may(struct page *p, const char *reg, const char *move, int64_t id, int64_t org, str state);

/* A job of this actor, run to its durable end on this worker (the route must be slow). */
MUST_USE enum rc page_run(struct page *p, enum rc (*run)(struct job_ctx *c, void *arg, struct err *err),
	void *arg, struct err *err);
/* The file of a form; NULL where none came. */
const struct part *page_file(const struct page *p, const char *name);
/* Leave a job for the writer (struct page_write). key: of Idempotency-Key or of the form, empty for none; what came is
 * digested with it, so that the same key for something else is a conflict. */
void page_write(struct page *p, enum rc (*run)(struct job_ctx *c, void *arg, struct err *err), void *arg,
	str key, void (*written)(struct page *p, const struct job *job),
	enum rc (*refused)(struct page *p, const struct job *job, struct err *err));
/* The snapshot anew, after a job of this page: what it wrote is seen. */
MUST_USE enum rc page_fresh(struct page *p, struct err *err);
/* After a POST: 303 to an address of the site. */
void page_go(struct page *p, str location);
/* A file that was written for this answer, into it; at most 64 MB. */
MUST_USE enum rc page_send_file(struct page *p, const char *path, struct err *err);
/* The JSON answer's writer, content type set. */
struct json page_json(struct page *p);
