/* site_in.h -- what the files of web/ know of the site; see site.h. */
#pragma once
#include "guard/limit.h"
#include "net/http.h"
#include "web/page.h"
#include "web/site.h"
#include "web/watch.h"
#include <pthread.h>
#include <stdatomic.h>

struct asset {
	str name; /* qinghe-1f3a9c02.css: the name with eight digits of its digest */
	const char *type;
	str plain, gzip;
};

struct site {
	struct city *city;
	struct site_config c;
	struct http_server *http;
	pthread_key_t db_key; /* one read connection a thread, closed when the thread ends */
	struct arena a;
	struct asset *assets;
	size_t assets_n;
	str css, js, htmx, icon; /* addresses */
	struct help_book *help;  /* register/help_book.h */
	struct limiter *limiter;
	struct watch *watch;
	atomic_llong cells_wrong; /* at the last look; -1: none yet */
	int default_year;         /* of a demo: the year that it tells of; else 0, the running one */
};

/* assets.c */
void assets_load(struct site *s);
str asset_address(const struct site *s, const char *name); /* "qinghe.css" -> /assets/qinghe-….css */

/* site.c */
int site_year(const struct site *s); /* that pages tell of unless the address says another */

/* session.c: who asks, by cookie or bearer token; fills r.actor, signed_in, who, csrf. Not signed in is RC_OK. */
MUST_USE enum rc session_read(struct page *p, struct err *err);

/* errors.c: the error page (or problem+json) in place of whatever the answer holds so far. */
void error_answer(struct page *p, int status, const char *detail);
int error_status(enum rc rc);
/* RFC 9457, with a map field -> what is wrong with it as member "errors". */
void problem_answer(struct page *p, int status, const char *detail, const struct pair *fields, size_t n);
