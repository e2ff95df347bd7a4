/* cmd_rebuild.c -- qinghe rebuild cells|find|pages: what is derived, made anew from what is not. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "figure/figure.h"
#include "guard/keyfile.h"
#include "guard/keystore.h"
#include "register/reindex.h"
#include <string.h>

static enum rc cells(struct city *c, const struct actor *actor, struct err *err)
{
	(void)actor;
	return figure_rebuild_cells(c, err);
}

static enum rc find(struct city *c, const struct actor *actor, struct err *err)
{
	return reindex_rebuild(c, actor, NULL, NULL, err);
}

static const struct {
	const char *name;
	enum rc (*run)(struct city *c, const struct actor *actor, struct err *err);
} derived[] = {
	{"cells", cells},
	{"find", find},
};

static enum rc pages_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct db_pages *found = arg;
	(void)err;
	c->action = STR("pages");
	c->subject = STR("database");
	c->detail = arena_fmt(c->a, "pages:%lld first:%lld", (long long)found->bad, (long long)found->first);
	return RC_OK;
}

/* Before the city is opened: it may not open. The key store's pages too; they are audited together. */
static enum rc pages(struct invocation *in, struct err *err)
{
	struct db_pages city_, keys;
	struct city *c;
	struct actor actor;
	if (in->as)
		return FAIL(err, RC_DENIED, "only the operator rebuilds");
	TRY(db_pages_anew(in->db_url, &city_, err));
	TRY(db_pages_anew(keystore_path(in->a, keyfile_path(in->a, in->db_url)).p, &keys, err));
	if (city_.bad == 0)
		city_.first = keys.first;
	city_.bad += keys.bad;
	if (city_.bad) {
		TRY(cli_city(in, true, &c, &actor, err));
		enum rc rc = city_run(c, &actor, in->a, (str){0}, pages_job, &city_, err);
		city_close(c);
		TRY(rc);
	}
	if (!in->quiet)
		printf(tr("pages: %lld of %lld had no checksum that fits; now look at what stands in them: "
			  "qinghe check\n"),
			(long long)city_.bad, (long long)(city_.looked_at + keys.looked_at));
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct city *c;
	struct actor actor;
	TRY(opt_done(in, 1, 1, &cmd_rebuild, err));
	if (strcmp(in->argv[0], "pages") == 0)
		return pages(in, err);
	for (size_t i = 0; i < sizeof derived / sizeof *derived; i++) {
		if (strcmp(in->argv[0], derived[i].name) != 0)
			continue;
		TRY(cli_city(in, true, &c, &actor, err));
		int64_t start_us = clock_mono_us();
		enum rc rc = actor_is_operator(&actor) ? derived[i].run(c, &actor, err)
						       : FAIL(err, RC_DENIED, "only the operator rebuilds");
		city_close(c);
		if (rc == RC_OK && !in->quiet)
			printf(tr("%s: made anew in %lld ms\n"), derived[i].name,
				(long long)((clock_mono_us() - start_us) / 1000));
		return rc;
	}
	return usage_error(&cmd_rebuild, err);
}

const struct command cmd_rebuild = {
	.name = "rebuild",
	.usage = N_("rebuild cells|find|pages"),
	.summary = N_("make derived tables anew from the rows"),
	.help = N_("cells: the sums behind all figures, in one pass over each register.\n"
		   "find: the blind indexes by which people are found, out of their rows; in slices, a "
		   "server goes on meanwhile.\n"
		   "pages: new checksums for pages of an SQLite file that somebody has written to with "
		   "another program; "
		   "they are taken as they stand, and the audit says so. Stop the server first. After damage "
		   "to the disk "
		   "bring a backup back instead.\n"
		   "Example: qinghe rebuild cells\n"
		   "Exit codes: 0 done, 3 not the operator, 4 storage."),
	.run = run,
};
