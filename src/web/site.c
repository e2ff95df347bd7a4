/* site.c -- see site.h. The way of a request: route, session, access, csrf, inputs, scope and period, page, read note. */
#include "web/site.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "guard/files.h"
#include "guard/seal.h"
#include "guard/session.h"
#include "guard/token.h"
#include "net/listen.h"
#include "register/help_book.h"
#include "register/read_log.h"
#include "register/reindex.h"
#include "web/door.h"
#include "web/meter.h"
#include "web/site_in.h"
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FORM_MAX_BYTES = 64 << 10,
	UPLOAD_MAX_BYTES = FILE_MAX_BYTES + (64 << 10),
	VERIFY_MAX_BYTES = 2 << 20,
	SLOW_US = 200000
};

/* ---- the thread's connection ---- */

static void db_end(void *db)
{
	db_close(db);
}

/* Opened by whatever the thread is asked for first. */
static enum rc thread_db(struct site *s, struct db **out, struct err *err)
{
	*out = pthread_getspecific(s->db_key);
	if (*out)
		return RC_OK;
	TRY(db_open(s->city->db_url, DB_READ, out, err));
	pthread_setspecific(s->db_key, *out);
	return db_snapshot_limit(*out, WATCH_END_S * 1000, err);
}

static void thread_db_drop(struct site *s, struct db *db)
{
	pthread_setspecific(s->db_key, NULL);
	db_close(db);
}

static enum rc reader_begin(struct page *p, struct err *err)
{
	struct db *db;
	TRY(thread_db(p->site, &db, err));
	TRY(seal_fresh(p->site->city->seal, err));
	bool stale = seal_index_stale(p->site->city->seal); /* before the snapshot: seal.h */
	enum rc rc = db_snapshot(db, err);
	if (rc == RC_OK && stale)
		rc = reindex_fresh(p->site->city, db, err);
	if (rc != RC_OK) { /* the next request opens another */
		thread_db_drop(p->site, db);
		return rc;
	}
	watch_begin(p->site->watch);
	p->r = (struct reader){.city = p->site->city,
		.db = db,
		.a = p->a,
		.tree = city_tree_hold(p->site->city),
		.log = read_log_new(p->a)};
	return RC_OK;
}

static void reader_end(struct page *p)
{
	if (p->r.db == NULL)
		return;
	city_tree_drop(p->r.city, p->r.tree);
	db_snapshot_end(p->r.db);
	watch_end(p->site->watch);
	p->r.db = NULL;
}

/* ---- checks before the page ---- */

static enum lang lang_of(const struct http *q)
{
	str asked = pairs_get(&q->query, "lang"), kept = http_cookie(q, "lang");
	str wanted = str_is(asked, "zh") || str_is(asked, "en") ? asked : kept;
	if (str_is(wanted, "zh") || str_is(wanted, "en"))
		return str_is(wanted, "en") ? LANG_EN : LANG_ZH;
	return str_starts(http_header(q, "Accept-Language"), STR("en")) ? LANG_EN : LANG_ZH;
}

/* The site's own origin, as the browser tells it. */
static bool same_origin(const struct page *p)
{
	str fetch = http_header(p->q, "Sec-Fetch-Site"), origin = http_header(p->q, "Origin");
	if (fetch.p && !str_is(fetch, "same-origin") && !str_is(fetch, "none"))
		return false;
	if (origin.p == NULL)
		return true; /* no browser: those send it with every POST */
	if (p->site->c.origin)
		return str_is(origin, p->site->c.origin);
	str host = http_header(p->q, "Host");
	str want = arena_fmt(p->a, "%s://%.*s", http_secure(p->q) ? "https" : "http", STR_ARG(host));
	return host.n > 0 && str_eq(origin, want);
}

static enum rc check_csrf(struct page *p, struct err *err)
{
	const char *words = N_("This form is from another page or too old. Go back, load the page again and "
			       "send once more.");
	if (p->route->csrf == CSRF_READ_ONLY || (p->by_bearer && p->route->csrf == CSRF_TOKEN))
		return RC_OK;
	if (!same_origin(p))
		return FAIL(err, RC_DENIED, "%s", tr(words));
	str token = p->body ? http_header(p->q, "X-CSRF-Token") : pairs_get(&p->form, "csrf");
	if (p->route->csrf == CSRF_TOKEN && !csrf_check(p->site->city->seal, p->session, token))
		return FAIL(err, RC_DENIED, "%s", tr(words));
	return RC_OK;
}

static const struct input *input_named(const struct route *r, str name)
{
	for (const struct input *in = r->inputs; in->name; in++)
		if (str_is(name, in->name))
			return in;
	return NULL;
}

static void fault_add(struct page *p, const char *name, const char *what)
{
	p->faults[p->faults_n++] = (struct pair){str_of(name), str_of(what)};
}

static bool act_unknown(const struct route *r, const struct input *in, str act)
{
	return act.n ? !act_known(route_acts(r), act) : in->required;
}

static enum rc check_inputs(struct page *p, struct err *err)
{
	bool post = p->q->method != HTTP_GET && p->q->method != HTTP_HEAD;
	const struct pairs *given = post ? &p->form : &p->q->query;
	size_t n = 0;
	for (const struct input *in = p->route->inputs; in->name; in++)
		n++;
	p->faults = NEWS(p->a, n + 1, struct pair);
	bool closed = post && !(p->route->flags & ROUTE_FIELDS);
	for (size_t i = 0; closed && i < given->n; i++)
		if (!input_named(p->route, given->p[i].name) && !str_is(given->p[i].name, "csrf"))
			return FAIL(
				err, RC_INVALID, "this form has no field “%.*s”", STR_ARG(given->p[i].name));
	for (const struct input *in = p->route->inputs; in->name; in++) {
		const char *what = input_fault(in, pairs_get(given, in->name));
		if (what && !post)
			return FAIL(err, RC_INVALID, "%s in the address: %s", in->name, what);
		if (in->kind == INPUT_ACT && act_unknown(p->route, in, pairs_get(given, in->name)))
			return FAIL(err, RC_INVALID, "%s", tr("This form does nothing of this name."));
		if (what && p->body == NULL)
			fault_add(p, in->name, what);
	}
	return RC_OK;
}

int site_year(const struct site *s)
{
	return s->default_year ? s->default_year : date_ymd(clock_today()).year;
}

/* org=CODE or the actor's own scope; period=2025 or the running year; never outside the actor's scope. */
static enum rc check_scope(struct page *p, struct err *err)
{
	const struct actor *actor = &p->r.actor;
	int64_t own = actor->org ? actor->org : p->site->city->root_org;
	str period = pairs_get(&p->q->query, "period"), after = pairs_get(&p->q->query, "after");
	if (period.n == 0)
		period = pairs_get(&p->q->query, "year"); /* as links out of a report file say it */
	p->org = own;
	p->org_code = pairs_get(&p->q->query, "org");
	if (p->org_code.n > 0) {
		const struct reg *reg = model_reg(p->site->city->model, STR("org"));
		TRY(resolve_row(p->r.db, p->site->city, reg, own, p->org_code, &p->org, err));
		if (actor->org && !tree_under(p->r.tree, p->org, actor->org, clock_today()))
			return FAIL(err, RC_DENIED, "“%.*s” is outside your scope", STR_ARG(p->org_code));
	}
	p->period_asked = period.n > 0;
	if (p->period_asked)
		TRY(period_parse(p->a, period, &p->period, err));
	else
		p->period = period_year(p->a, site_year(p->site));
	p->scope_name = page_org_name(p, p->org);
	if (after.n > 0 && (!str_i64(after, &p->after) || p->after < 0))
		return FAIL(err, RC_INVALID, "after in the address: %s", tr("This must be a number."));
	return RC_OK;
}

/* ---- refusals ---- */

struct refusal {
	struct arena a;
	struct job job;
	str subject;
};

static enum rc refusal_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct refusal *r = arg;
	c->action = STR("read");
	c->subject = r->subject;
	return FAIL(err, RC_DENIED, "this page is not open to this actor");
}

static void refusal_done(struct job *job, void *user)
{
	struct refusal *r = user;
	(void)job;
	arena_done(&r->a);
	mem_resize(r, 0);
}

/* A refused page leaves its row in the audit chain, like every other refusal; nobody waits for it. */
static void refusal_note(struct page *p)
{
	if (!p->signed_in || p->route == NULL)
		return;
	struct refusal *r = mem_resize(NULL, sizeof *r);
	*r = (struct refusal){0};
	r->subject = p->args[1].n ? arena_fmt(&r->a, "%.*s:%.*s", STR_ARG(str_head(p->args[0], 60)),
					    STR_ARG(str_head(p->args[1], 20)))
				  : arena_str(&r->a,
					    p->args[0].n ? str_head(p->args[0], 60) : str_of(p->route->path));
	r->job = (struct job){.actor = actor_bare(&r->a, &p->r.actor),
		.run = refusal_run,
		.arg = r,
		.a = &r->a,
		.done = refusal_done,
		.done_user = r};
	writer_submit(p->site->city->writer, &r->job);
}

/* ---- the page ---- */

/* A program does what its token is good for, and nothing else. */
static enum rc check_token(struct page *p, struct err *err)
{
	int needs = route_scope(p->route);
	char text[TOKEN_SCOPE_TEXT_BYTES];
	if (needs == 0)
		return FAIL(err, RC_DENIED, "%s", tr("Programs do not come here."));
	if ((p->scope & needs) == needs)
		return RC_OK;
	token_scope_text(needs, text);
	return FAIL(err, RC_DENIED, tr("This token is not good for %s."), text);
}

static void to_sign_in(struct page *p)
{
	struct buf b = {0};
	bool half = p->sess.person != 0;
	if (!half && !p->json && str_is(p->q->path, "/")) { /* the city's front page for strangers */
		http_redirect(p->q, "/street");
		return;
	}
	if (p->json) {
		error_answer(p, 401,
			half ? tr("This session waits for its second step.")
			     : tr("Sign in, or send a bearer token."));
		http_add(p->q, "WWW-Authenticate", "Bearer");
		return;
	}
	buf_printf(&b, "%s?next=", half ? door_next(p->sess.level) : "/sign-in");
	html_url(&b, p->q->path);
	if (p->q->query_text.n > 0) {
		html_url(&b, STR("?"));
		html_url(&b, p->q->query_text);
	}
	http_redirect(p->q, arena_cstr(p->a, buf_str(&b)));
	buf_done(&b);
}

static enum rc read_body(struct page *p, struct err *err)
{
	bool json = str_starts(p->q->body_type, STR("application/json"));
	if ((p->route->flags & ROUTE_UPLOAD) && str_starts(p->q->body_type, STR("multipart/form-data"))) {
		TRY(form_multipart(p->a, p->q->body_type, p->q->body, &p->parts, err));
		p->form.p = NEWS(p->a, p->parts.n + 1, struct pair);
		for (size_t i = 0; i < p->parts.n; i++)
			if (!p->parts.p[i].is_file)
				p->form.p[p->form.n++] =
					(struct pair){p->parts.p[i].name, p->parts.p[i].bytes};
		return RC_OK;
	}
	if (!json || !(p->route->flags & ROUTE_JSON))
		return http_form(p->q, &p->form, err);
	p->json = true;
	return json_read(p->a, p->q->body, 0, &p->body, err);
}

static enum rc run_checked(struct page *p, bool *out_stop, struct err *err)
{
	*out_stop = false;
	if (p->route->flags & ROUTE_BARE)
		return p->route->run(p, err);
	TRY(reader_begin(p, err));
	enum rc rc = session_read(p, err);
	if (rc == RC_IO) { /* the server went since the last request: its place may be taken by now */
		reader_end(p);
		TRY(reader_begin(p, err));
		rc = session_read(p, err);
	}
	TRY(rc);
	bool half = p->sess.person != 0 && !p->signed_in;
	if ((p->route->access >= ACCESS_SIGNED_IN && !p->signed_in) ||
		(p->route->access == ACCESS_DOOR && !p->signed_in && !half)) {
		to_sign_in(p);
		*out_stop = true;
		return RC_OK;
	}
	if (p->by_bearer && p->signed_in && p->route->access != ACCESS_PUBLIC)
		TRY(check_token(p, err));
	if (p->route->access == ACCESS_OFFICE && !actor_has_office(&p->r.actor))
		return FAIL(err, RC_DENIED, "Figures and reports are open to those who hold a role.");
	bool writes = p->q->method != HTTP_GET && p->q->method != HTTP_HEAD;
	if (writes && writer_is_full(p->site->city->writer)) {
		error_answer(
			p, 503, tr("The disk is full: nothing can be written until there is room again."));
		http_add(p->q, "Retry-After", "60");
		*out_stop = true;
		return RC_OK;
	}
	if (writes)
		TRY(read_body(p, err));
	TRY(check_csrf(p, err));
	TRY(check_inputs(p, err));
	if (meter_over(p)) {
		*out_stop = true;
		return RC_OK;
	}
	if (p->signed_in)
		TRY(check_scope(p, err));
	return p->route->run(p, err);
}

static void noted(struct job *job, void *user)
{
	struct page *p = user;
	tr_set(job->lang);
	if (job->rc != RC_OK)
		error_answer(p, 500,
			tr("What you wanted to read could not be written into the audit chain, so it stays "
			   "closed."));
	http_resume(p->q);
}

/* Records of minors: first the audit row, then the bytes. */
static void note_first(struct page *p)
{
	struct job *job = NEW(p->a, struct job);
	*job = (struct job){.actor = p->r.actor,
		.run = read_log_run,
		.arg = p->r.log,
		.a = p->a,
		.done = noted,
		.done_user = p};
	http_later(p->q);
	writer_submit(p->site->city->writer, job);
}

enum next { NEXT_ANSWER, NEXT_NOTE, NEXT_WRITE };

static enum next page_ran(struct page *p, enum rc rc, bool stop, const struct err *err)
{
	reader_end(p);
	imap_done(&p->labels);
	if (rc == RC_DENIED)
		refusal_note(p);
	if (rc != RC_OK && rc != RC_FOUND) {
		error_answer(p, error_status(rc), err->text);
		return NEXT_ANSWER;
	}
	if (stop)
		return NEXT_ANSWER;
	return p->write.job ? NEXT_WRITE : !read_log_empty(p->r.log) ? NEXT_NOTE : NEXT_ANSWER;
}

static enum next run_page(struct page *p)
{
	struct err err = {0};
	bool stop = false;
	enum rc rc = run_checked(p, &stop, &err);
	return page_ran(p, rc, stop, &err);
}

/* ---- writing ---- */

/* On a worker: the note is waited for here, the connection is suspended already. */
static void note_now(struct page *p)
{
	struct err err = {0};
	if (city_run(p->site->city, &p->r.actor, p->a, (str){NULL, 0}, read_log_run, p->r.log, &err) != RC_OK)
		error_answer(p, 500,
			tr("What you wanted to read could not be written into the audit chain, so it stays "
			   "closed."));
}

/* The writer said no: on a worker, with a snapshot of its own, the page says why. The refusal stands in the audit chain
 * already, by the job. */
static void answer_refused(struct page *p)
{
	struct err err = {0};
	struct job *job = p->write.job;
	struct actor actor = p->r.actor;
	p->write.job = NULL;
	enum rc rc = job->rc;
	if (p->write.refused == NULL) {
		error_answer(p, error_status(rc), job->err.text);
		return;
	}
	rc = reader_begin(p, &err);
	p->r.actor = actor;
	if (rc == RC_OK)
		rc = p->write.refused(p, job, &err);
	reader_end(p);
	imap_done(&p->labels);
	if (rc != RC_OK)
		error_answer(p, error_status(rc), err.text);
	else if (!read_log_empty(p->r.log))
		note_now(p);
}

static bool landed(const struct job *job)
{
	return job->rc == RC_OK || job->rc == RC_FOUND;
}

static void run_refused(struct http *q)
{
	struct page *p = q->mine;
	tr_set(p->write.job->lang);
	answer_refused(p);
}

static void write_done(struct job *job, void *user)
{
	struct page *p = user;
	tr_set(job->lang);
	if (!landed(job)) {
		http_hand_on(p->q, run_refused);
		return;
	}
	p->write.written(p, job);
	http_resume(p->q);
}

static void write_first(struct page *p)
{
	p->write.job->done = write_done;
	p->write.job->done_user = p;
	http_later(p->q);
	writer_submit(p->site->city->writer, p->write.job);
}

static void write_now(struct page *p)
{
	struct err err;
	struct job *job = p->write.job;
	if (writer_run(p->site->city->writer, job, &err) == RC_OK || landed(job))
		p->write.written(p, job);
	else
		answer_refused(p);
}

static void begin(struct page *p)
{
	enum lang lang = lang_of(p->q);
	tr_set(lang);
	if (pairs_has(&p->q->query, "lang"))
		http_cookie_set(p->q, "lang", lang == LANG_EN ? STR("en") : STR("zh"), 31536000);
}

static void run_slowly(struct http *q)
{
	struct page *p = q->mine;
	tr_set(lang_of(q));
	switch (run_page(p)) {
	case NEXT_WRITE:
		write_now(p);
		break;
	case NEXT_NOTE:
		note_now(p);
		break;
	case NEXT_ANSWER:
		break;
	}
}

static str method_text(enum http_method m)
{
	static const char *const names[] = {[HTTP_GET] = "GET",
		[HTTP_HEAD] = "GET",
		[HTTP_POST] = "POST",
		[HTTP_PUT] = "PUT",
		[HTTP_PATCH] = "PATCH",
		[HTTP_DELETE] = "DELETE",
		[HTTP_OTHER] = "OTHER"};
	return str_of(names[m]);
}

static struct page *page_new(struct site *s, struct http *q)
{
	struct page *p = NEW(q->a, struct page);
	*p = (struct page){.q = q, .a = q->a, .site = s};
	q->mine = p;
	str accept = http_header(q, "Accept");
	p->json = str_starts(accept, STR("application/json")) ||
		  str_starts(accept, STR("application/problem+json"));
	return p;
}

static enum http_result handle(void *user, struct http *q)
{
	struct page *p = page_new(user, q);
	const char *allowed = "";
	str path = q->path;
	if (str_ends(path, STR(".json")) && !str_starts(path, STR("/assets/"))) {
		path = str_head(path, path.n - 5);
		p->json = true;
	}
	begin(p);
	p->route = route_find(method_text(q->method), path, p->args, &allowed, p->a);
	if (p->route == NULL) {
		error_answer(p, allowed[0] ? 405 : 404, tr("There is nothing at this address."));
		if (allowed[0])
			http_add(q, "Allow", allowed);
		return HTTP_ANSWERED;
	}
	if (p->json && (p->route->flags & ROUTE_HTML_ONLY) && q->method != HTTP_POST)
		p->json = false;
	if (p->route->flags & ROUTE_SLOW) {
		http_work(q, run_slowly);
		return HTTP_SUSPENDED;
	}
	switch (run_page(p)) {
	case NEXT_ANSWER:
		return HTTP_ANSWERED;
	case NEXT_NOTE:
		note_first(p);
		break;
	case NEXT_WRITE:
		write_first(p);
		break;
	}
	return HTTP_SUSPENDED;
}

/* A file may come from who is signed in: asked before its bytes are taken. */
static bool may_upload(struct site *s, const struct http *q)
{
	struct session session;
	struct err err;
	struct db *db;
	str token = http_cookie(q, "session");
	for (int attempt = 0; token.n > 0 && attempt < 2; attempt++) {
		if (thread_db(s, &db, &err) != RC_OK)
			return false;
		enum rc rc = session_find(db, q->a, token, clock_now_ms(), &session, &err);
		if (rc == RC_OK || rc == RC_DENIED)
			return rc == RC_OK;
		thread_db_drop(s, db); /* its server went away: once more on a new one */
	}
	return false;
}

static size_t body_max(void *user, const struct http *q)
{
	if (q->method == HTTP_POST && str_is(q->path, "/street/verify"))
		return VERIFY_MAX_BYTES; /* anybody's, and only its digest is looked at */
	if (q->method == HTTP_POST && str_starts(http_header(q, "Content-Type"), STR("multipart/form-data")))
		return may_upload(user, q) ? UPLOAD_MAX_BYTES : FORM_MAX_BYTES;
	return q->method == HTTP_POST || q->method == HTTP_PATCH ? FORM_MAX_BYTES : 0;
}

static void net_error(void *user, struct http *q, const char *detail)
{
	struct page *p = page_new(user, q);
	tr_set(lang_of(q));
	error_answer(p, q->out.status, detail);
}

/* Ids only: the route's pattern, not the address. */
static void tell(void *user, const struct http *q, const char *text)
{
	struct site *s = user;
	struct buf b = {0};
	struct json j;
	const struct page *p = q ? q->mine : NULL;
	int64_t us = q ? clock_mono_us() - q->began_us : 0;
	if (q && !s->c.log_all && q->out.status < 500 && us < SLOW_US)
		return;
	if (q == NULL && !s->c.log_all)
		return;
	json_init(&j, &b);
	json_object(&j);
	json_put_i64(&j, "at", clock_now_ms());
	if (q) {
		json_put_str(&j, "method", method_text(q->method));
		json_put_cstr(&j, "route", p && p->route ? p->route->path : "");
		json_put_i64(&j, "status", q->out.status);
		json_put_i64(&j, "us", us);
		json_put_i64(&j, "person", p ? p->r.actor.person : 0);
	} else {
		json_put_cstr(&j, "note", text);
	}
	json_object_end(&j);
	buf_putc(&b, '\n');
	log_line(buf_str(&b));
	buf_done(&b);
}

/* A demo tells of one year, which is seldom the running one: the latest of the last six in which something happened. */
static int demo_year(struct city *city)
{
	const struct figure *f = model_figure(city->model, STR("vol.events.all"));
	struct actor operator= actor_operator();
	struct arena a = {0};
	struct reader r;
	int year = date_ymd(clock_today()).year, found = 0;
	if (!seal_is_demo(city->seal) || f == NULL || reader_open(city, &a, &operator, & r, NULL) != RC_OK)
		return 0;
	for (int y = year; y > year - 6 && !found; y--) {
		struct period p = period_year(&a, y);
		struct figure_answer answer;
		if (figure_value(&r, f, &p, city->root_org, false, &answer, NULL) == RC_OK && answer.told &&
			answer.value > 0)
			found = y;
	}
	reader_close(&r);
	arena_done(&a);
	return found;
}

/* May this city be served there at all? */
static enum rc may_listen(const struct city *city, const struct site_config *c, struct err *err)
{
	struct listen_at at;
	if (!listen_parse(c->listen, &at))
		return FAIL(err, RC_INVALID, "“%s” is not an address to listen on, such as 127.0.0.1:8080",
			c->listen);
	if (at.loopback)
		return RC_OK;
	if (seal_is_demo(city->seal))
		return FAIL(err, RC_DENIED,
			"this is a demo city: its keys are known to everybody. It is served on 127.0.0.1 "
			"only, not on %s",
			c->listen);
	if (c->cert_file == NULL)
		return FAIL(err, RC_DENIED,
			"%s is reached from outside: give --tls CERT,KEY, or listen on 127.0.0.1 behind a "
			"proxy that speaks TLS",
			c->listen);
	return RC_OK;
}

enum rc site_open(struct city *city, const struct site_config *c, struct site **out_site, struct err *err)
{
	TRY(may_listen(city, c, err));
	struct site *s = mem_resize(NULL, sizeof *s);
	memset(s, 0, sizeof *s);
	s->city = city;
	s->c = *c;
	pthread_key_create(&s->db_key, db_end);
	assets_load(s);
	if (help_read(&s->a, city->model, &s->help, err) != RC_OK) {
		site_close(s);
		return RC_INVALID;
	}
	s->limiter = limiter_new();
	s->watch = watch_new();
	atomic_store(&s->cells_wrong, -1);
	s->default_year = demo_year(city);
	struct http_config h = {.listen = c->listen,
		.cert_file = c->cert_file,
		.key_file = c->key_file,
		.behind_tls = c->origin && strncmp(c->origin, "https:", 6) == 0,
		.proxies = c->proxies,
		.threads = c->threads,
		.user = s,
		.handle = handle,
		.body_max = body_max,
		.log = tell,
		.error_page = net_error};
	enum rc rc = http_open(&h, &s->http, err);
	if (rc != RC_OK) {
		site_close(s);
		return rc;
	}
	*out_site = s;
	return RC_OK;
}

int site_port(const struct site *s)
{
	return http_port(s->http);
}

void site_close(struct site *s)
{
	if (s == NULL)
		return;
	http_close(s->http);
	pthread_key_delete(s->db_key);
	limiter_free(s->limiter);
	watch_free(s->watch);
	arena_done(&s->a);
	mem_resize(s, 0);
}

void site_cells_seen(struct site *s, int64_t wrong)
{
	atomic_store(&s->cells_wrong, wrong);
}

void site_reopen(struct site *s)
{
	(void)s;
	kill(getpid(), SIGHUP);
}
