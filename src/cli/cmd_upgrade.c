/* cmd_upgrade.c -- qinghe upgrade: a city of an older program, made to fit this one. */
#include "cli/commands.h"
#include "register/city.h"
#include "register/schema.h"
#include "store/upgrade.h"

static enum rc model_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct model *m = arg;
	c->action = STR("upgrade");
	c->subject = STR("city");
	c->detail = arena_fmt(c->a, "digest %.*s", STR_ARG(m->digest));
	return schema_apply(c->a, c->db, m, NULL, 0, NULL, err);
}

/* Changes of our own declarations that lose nothing; others are left for `model apply`, which asks. */
static enum rc fit_model(struct invocation *in, size_t *out_n, struct err *err)
{
	struct actor operator= actor_operator();
	struct schema_change *list;
	struct city *city;
	size_t n = 0;
	bool loses = false;
	TRY(city_open(in->db_url, true, &city, err));
	enum rc rc = schema_plan(in->a, writer_db(city->writer), city->model, &list, &n, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		loses = loses || list[i].loses;
	if (rc == RC_OK && loses)
		rc = FAIL(err, RC_FOUND,
			"the declarations changed in a way that loses values: “qinghe model plan” shows "
			"them");
	else if (rc == RC_OK && n > 0)
		rc = city_run(city, &operator, in->a, (str){NULL, 0}, model_job, city->model, err);
	city_close(city);
	*out_n = n;
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct upgrade_told t;
	bool copied = false;
	size_t changes = 0;
	opt_flag(in, "--copied", &copied);
	TRY(opt_done(in, 0, 0, &cmd_upgrade, err));
	if (in->as)
		return FAIL(err, RC_DENIED, "only the operator (without --as) upgrades a city");
	TRY(upgrade_city(in->db_url, copied, &t, err));
	enum rc rc = fit_model(in, &changes, err);
	if (rc != RC_OK && rc != RC_FOUND)
		return rc;
	if (in->json)
		printf("{\"from\":%lld,\"to\":%lld,\"changes\":%zu}\n", (long long)t.from, (long long)t.to,
			changes);
	else if (t.from == t.to && changes == 0)
		puts(tr("the city fits this program already"));
	else
		printf(tr("schema %lld → %lld, %zu changes of tables%s%s\n"), (long long)t.from,
			(long long)t.to, changes, t.copy[0] ? tr("; the city as it was: ") : "", t.copy);
	return rc;
}

const struct command cmd_upgrade = {
	.name = "upgrade",
	.usage = N_("upgrade [--copied]"),
	.summary = N_("make a city of an older program fit this one, with a copy first"),
	.help = N_("Stop the server before. The database as it was stays beside it as CITY.before-N (the key "
		   "files do not\n"
		   "change); to go back, put it in its place and use the older program. A city of a newer "
		   "program is refused.\n"
		   "--copied: of a PostgreSQL city, whose copy (pg_dump) you make yourself.\n"
		   "Example: qinghe --db linlan.db upgrade\n"
		   "Exit codes: 0 done, 1 changes that lose values wait for “model apply”, 2 a newer city, 3 "
		   "not allowed, 4 storage."),
	.run = run,
};
