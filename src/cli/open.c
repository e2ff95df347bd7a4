/* open.c -- see open.h. */
#include "cli/open.h"
#include "base/clock.h"
#include "figure/figure.h"
#include "guard/role.h"
#include "register/record.h"
#include "register/schema.h"

static enum rc actor_of(const struct invocation *in, struct db *db, struct actor *out, struct err *err)
{
	if (in->as == NULL) {
		*out = actor_operator();
		return RC_OK;
	}
	return role_actor_named(db, in->a, str_of(in->as), clock_today(), out, err);
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
		if (rc == RC_OK)
			rc = actor_of(in, writer_db(c->writer), out_actor, err);
	} else {
		struct db *db;
		rc = db_open(in->db_url, DB_READ, &db, err);
		if (rc == RC_OK) {
			rc = fits(in, c, db, err);
			if (rc == RC_OK)
				rc = actor_of(in, db, out_actor, err);
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

enum rc cli_reader(const struct invocation *in, struct cli_reader *out, struct err *err)
{
	struct actor actor;
	TRY(cli_city(in, false, &out->city, &actor, err));
	enum rc rc = reader_open(out->city, in->a, &actor, &out->r, err);
	if (rc != RC_OK)
		city_close(out->city);
	return rc;
}

void cli_done(struct cli_reader *c)
{
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
