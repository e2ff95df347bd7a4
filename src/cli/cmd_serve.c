/* cmd_serve.c -- qinghe serve: the site, until SIGTERM or SIGINT; then the requests at hand finish. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "cli/serve_doors.h"
#include "figure/figure.h"
#include "guard/house.h"
#include "register/attach.h"
#include "register/retain.h"
#include "service/rescue/open.h"
#include "store/ballast.h"
#include "web/site.h"
#include <signal.h>
#include <string.h>

static enum rc tls_files(struct invocation *in, const char *tls, struct site_config *c, struct err *err)
{
	if (tls == NULL)
		return RC_OK;
	str key, cert = str_cut(str_of(tls), ',', &key);
	if (cert.n == 0 || key.n == 0)
		return FAIL(err, RC_INVALID, "--tls wants two files: CERT,KEY");
	c->cert_file = arena_cstr(in->a, cert);
	c->key_file = arena_cstr(in->a, key);
	return RC_OK;
}

/* Work that was due and failed: ids only. */
static void tell_tick(void *user, const struct due_tick *t, enum rc rc)
{
	(void)user;
	struct buf b = {0};
	buf_printf(&b, "{\"at\":%lld,\"due\":\"%.*s\",\"failed\":%d}\n", (long long)clock_now_ms(),
		STR_ARG(t->rule), rc);
	log_line(buf_str(&b));
	buf_done(&b);
}

struct look {
	struct city *city;
	struct site *site;
};

/* All cells against the rows, once a day: what /metrics tells as cells_wrong. */
static void look_at_cells(void *user)
{
	struct look *l = user;
	struct arena a = {0};
	struct actor operator= actor_operator();
	struct reader r;
	struct cells_report found;
	if (reader_open(l->city, &a, &operator, & r, NULL) == RC_OK) {
		if (figure_check_cells(&r, &found, NULL) == RC_OK)
			site_cells_seen(l->site, found.wrong + found.missing + found.extra);
		reader_close(&r);
	}
	arena_done(&a);
}

/* *again, coming in: the city is opened anew, the address was told before; going out: SIGHUP asks for it. */
static enum rc serve(struct invocation *in, struct city *city, struct site_config *c, const sigset_t *signals,
	bool *again, struct err *err)
{
	struct site *site;
	int signal_no;
	struct ballast *ballast =
		ballast_new(city->db_url); /* stays to the end of the process, as the writer does */
	if (ballast && !ballast_stands(ballast))
		fprintf(stderr, "qinghe: %s\n",
			tr("there is no room for a ballast file: a full disk will be felt at once"));
	writer_ballast(city->writer, ballast);
	TRY(writer_start(city->writer, err));
	TRY(site_open(city, c, &site, err));
	struct look look = {city, site};
	struct house house = {.seal = city->seal,
		.db_url = city->db_url,
		.look = look_at_cells,
		.look_user = &look,
		.sweep_files = attach_sweep,
		.retain_due = retain_due_job,
		.retain = retain_house,
		.retain_user = city,
		.find = rescue_house,
		.find_user = city};
	struct due *due = NULL;
	enum rc rc = house_start(city->writer, city->db_url, &house, tell_tick, &due, err);
	if (rc == RC_OK && !*again)
		rc = doors_calls(err);
	if (rc != RC_OK) {
		due_free(due);
		site_close(site);
		return rc;
	}
	str host = str_of(c->listen);
	while (host.n > 0 && host.p[host.n - 1] != ':')
		host.n--;
	if (!*again)
		printf("%s://%.*s%d/\n", c->cert_file ? "https" : "http", STR_ARG(host), site_port(site));
	fflush(stdout);
	c->listen = arena_printf(in->a, "%.*s%d", STR_ARG(host), site_port(site));
	while (sigwait(signals, &signal_no) != 0)
		;
	*again = signal_no == SIGHUP;
	due_free(due);
	site_close(site);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct site_config c = {.listen = "127.0.0.1:8080"};
	const char *tls = NULL;
	struct actor actor;
	struct city *city;
	sigset_t signals;
	TRY(opt_text(in, "--listen", &c.listen, err));
	TRY(opt_text(in, "--tls", &tls, err));
	TRY(opt_text(in, "--origin", &c.origin, err));
	TRY(opt_text(in, "--proxy", &c.proxies, err));
	opt_flag(in, "--log", &c.log_all);
	TRY(opt_done(in, 0, 0, &cmd_serve, err));
	TRY(tls_files(in, tls, &c, err));
	clock_run_on();
	mem_stay();
	/* Blocked before any thread starts, so that all inherit it and sigwait alone takes them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	log_start();
	bool again = false;
	enum rc rc = RC_OK;
	do {
		rc = cli_city(in, true, &city, &actor, err);
		if (rc != RC_OK)
			break;
		if (!again)
			rc = doors_files(in->db_url, c.cert_file, c.key_file, err);
		if (rc == RC_OK)
			rc = serve(in, city, &c, &signals, &again, err);
		city_close(city);
	} while (rc == RC_OK && again);
	log_stop();
	return rc;
}

const struct command cmd_serve = {
	.name = "serve",
	.usage = N_("serve [--listen 127.0.0.1:8080] [--tls CERT,KEY] [--origin https://NAME] [--proxy "
		    "ADDRESS,...] [--log]"),
	.summary = N_("the web pages of the city, and the same as JSON for programs"),
	.help = N_("Prints its address and serves until it is told to stop; then what is being answered is "
		   "finished.\n"
		   "--listen: an address other than loopback needs --tls. A demo city is served on loopback "
		   "only.\n"
		   "--tls: certificate chain and key, PEM.\n"
		   "--origin: the address by which people reach a proxy in front that speaks TLS.\n"
		   "--proxy: whose X-Forwarded-For is believed; else the address of the connection counts.\n"
		   "--log: a line of JSON on stderr for every answer, not only for slow and failed ones.\n"
		   "Example: qinghe --db linlan.db serve --listen 127.0.0.1:8080\n"
		   "Exit codes: 0 stopped, 2 the address cannot be used, 3 a demo city or no TLS on a public "
		   "address, "
		   "4 storage."),
	.foreign = true,
	.run = run,
};
