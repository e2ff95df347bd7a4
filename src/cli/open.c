/* open.c -- see open.h. */
#include "cli/open.h"
#include "base/clock.h"
#include "figure/figure.h"
#include "guard/role.h"
#include "register/read_log.h"
#include "register/record.h"
#include "register/rights.h"
#include "register/schema.h"
#include "service/coordination/sent_lock.h"
#include "service/signoff/signoff.h"

static enum rc actor_of(
	const struct invocation *in, struct city *city, struct db *db, struct actor *out, struct err *err)
{
	if (in->as == NULL) {
		*out = actor_operator();
		return RC_OK;
	}
	str unit, who = str_cut(str_of(in->as), '@', &unit);
	TRY(role_actor_named(db, in->a, who, clock_today(), out, err));
	if (unit.n) { /* another duty of this person's than the oldest */
		int64_t org;
		TRY(cli_org(db, city, arena_cstr(in->a, unit), &org, err));
		TRY(role_actor(db, in->a, out->person, org, clock_today(), out, err));
	}
	role_narrow(out, &city->model->roles, FACTOR_CODE); /* whoever holds the key file has proven enough */
	return rights_load(db, city, in->a, out, err);
}

/* A program that brings other declarations than the tables stand on would fail at the first row. */
static enum rc fits(const struct invocation *in, const struct city *c, struct db *db, struct err *err)
{
	struct schema_change *list;
	size_t n;
	TRY(schema_plan(in->a, db, c->model, &list, &n, err));
	return n == 0 ? RC_OK
		      : FAIL(err, RC_INVALID,
				"the declarations changed and %zu changes of this city's tables are due "
				"(first: "
				"%.*s). Look at them with “qinghe model plan”, make a copy of the database "
				"and "
				"its key file, then “qinghe model apply”",
				n, STR_ARG(list[0].say));
}

enum rc cli_city(const struct invocation *in, bool write, struct city **out_city, struct actor *out_actor,
	struct err *err)
{
	struct city *c;
	TRY(city_open(in->db_url, write, &c, err));
	enum rc rc = RC_OK;
	if (write) {
		rc = fits(in, c, writer_db(c->writer), err);
		if (rc == RC_OK)
			rc = figure_attach(c, err);
		if (rc == RC_OK) {
			sent_lock_attach(c);
			signoff_attach(c);
		}
		if (rc == RC_OK)
			rc = actor_of(in, c, writer_db(c->writer), out_actor, err);
	} else {
		struct db *db;
		rc = db_open(in->db_url, DB_READ, &db, err);
		if (rc == RC_OK) {
			rc = fits(in, c, db, err);
			if (rc == RC_OK)
				rc = actor_of(in, c, db, out_actor, err);
			db_close(db);
		}
	}
	if (rc != RC_OK) {
		city_close(c);
		return rc;
	}
	*out_city = c;
	return RC_OK;
}

enum rc cli_reader(struct invocation *in, struct cli_reader *out, struct err *err)
{
	struct actor actor;
	in->reading = true;
	TRY(cli_city(in, false, &out->city, &actor, err));
	enum rc rc = reader_open(out->city, in->a, &actor, &out->r, err);
	if (rc != RC_OK)
		city_close(out->city);
	else
		out->r.log = read_log_new(in->a);
	out->in = in;
	return rc;
}

enum rc cli_announce(struct cli_reader *c, struct err *err)
{
	struct writer *w;
	if (read_log_empty(c->r.log))
		return RC_OK;
	struct read_log *log = c->r.log;
	c->r.log = NULL;
	if (read_log_shares(log)) { /* writes a register: takes the whole city */
		struct city *city;
		struct actor actor;
		TRY(cli_city(c->in, true, &city, &actor, err));
		enum rc shared = city_run(city, &actor, c->r.a, (str){NULL, 0}, read_log_run, log, err);
		city_close(city);
		return shared;
	}
	struct read_note note = read_log_note(c->r.a, log);
	TRY(writer_open(c->in->db_url, NULL, &w, err));
	enum rc rc = writer_announce_read(w, &c->r.actor, &note, err);
	writer_close(w);
	return rc;
}

/* Who was refused by the reading side; jobs leave the rows of their own refusals. */
struct refused {
	str subject;
	enum rc rc;
};

static enum rc refused_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct refused *x = arg;
	c->action = STR("read");
	c->subject = x->subject;
	return FAIL(err, x->rc, "refused");
}

void cli_refused(const struct invocation *in, enum rc rc)
{
	struct arena a = {0};
	struct writer *w;
	struct actor actor;
	struct err err;
	if (in->as && in->reading && writer_open(in->db_url, NULL, &w, &err) == RC_OK) {
		struct refused x = {.rc = rc, .subject = in->argc > 0 ? str_of(in->argv[0]) : STR("")};
		if (in->argc > 1)
			x.subject = arena_fmt(&a, "%.60s:%.20s", in->argv[0], in->argv[1]);
		struct job job = {.run = refused_run, .arg = &x, .a = &a};
		if (role_actor_named(writer_db(w), &a, str_of(in->as), clock_today(), &actor, &err) ==
			RC_OK) {
			job.actor = actor;
			if (writer_run(w, &job, &err) == RC_IO)
				fprintf(stderr, "qinghe: %s\n", err.text);
		}
		writer_close(w);
	}
	arena_done(&a);
}

/* A command that printed before it announced has a bug; the row stands all the same. */
void cli_done(struct cli_reader *c)
{
	struct err err;
	if (cli_announce(c, &err) != RC_OK)
		fprintf(stderr, "qinghe: %s\n", err.text);
	reader_close(&c->r);
	city_close(c->city);
}

enum rc cli_register(const struct city *c, const char *name, const struct reg **out, struct err *err)
{
	const struct reg *r = model_reg(c->model, str_of(name));
	for (size_t i = 0; r == NULL && i < c->model->regs_n; i++) {
		const struct reg *x = &c->model->regs[i];
		if (str_is(x->label.zh, name) || str_is(x->label.en, name))
			r = x;
	}
	if (r == NULL) {
		str near = model_suggest_reg(c->model, str_of(name));
		return near.n ? FAIL(err, RC_NOT_FOUND, "no register “%s”; is it %.*s?", name, STR_ARG(near))
			      : FAIL(err, RC_NOT_FOUND, "no register “%s”; “qinghe registers” lists them",
					name);
	}
	*out = r;
	return RC_OK;
}

enum rc cli_org(struct db *db, struct city *c, const char *code, int64_t *out, struct err *err)
{
	*out = 0;
	if (code == NULL)
		return RC_OK;
	return resolve_row(db, c, model_reg(c->model, STR("org")), 0, str_of(code), out, err);
}
