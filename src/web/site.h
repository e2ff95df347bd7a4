/* site.h -- the running site: an open city behind the HTTP server. Opened by `qinghe serve` and by tests. */
#pragma once
#include "register/city.h"

struct site;

struct site_config {
	const char *listen, *cert_file, *key_file;
	const char *origin;  /* https://… where a proxy in front speaks TLS for us; NULL: as reached */
	const char *proxies; /* whose X-Forwarded-For is believed; NULL: nobody's */
	bool log_all; /* a line of JSON on stderr for every answer, not only for slow and failed ones */
	int threads;  /* 0: as many as cores */
};

/* The city must be open for writing, its figures attached and its writer started; it stays the caller's. RC_DENIED for a
 * demo city (its keys are known) anywhere but on loopback. */
MUST_USE enum rc site_open(
	struct city *city, const struct site_config *c, struct site **out_site, struct err *err);
int site_port(const struct site *s);
void site_close(struct site *s); /* lets the requests at hand finish */
/* What a look at the cells of the figures found (figure_check_cells), for /metrics. */
void site_cells_seen(struct site *s, int64_t wrong);
/* The city's declarations were changed: `serve` lets the requests at hand finish, opens the city anew and goes on at the same
 * address (SIGHUP to the own process, which anybody who may send it can ask for as well). */
void site_reopen(struct site *s);
