/* cmd_archive.c -- qinghe archive: what is old leaves the database for a file that can be verified. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/archive_rows.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "guard/audit_archive.h"
#include <string.h>

struct work {
	struct audit_part part;
	char line[AUDIT_HEAD_LINE_BYTES];
};

static enum rc sign_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct work *w = arg;
	return audit_head_sign_at(c, job_city(c)->seal, w->part.last, &w->part.head, w->line, err);
}

static enum rc cut_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct work *w = arg;
	return audit_archive_cut(c, &w->part, err);
}

/* The rows up to the checkpoint, from a snapshot, into the file; and what stands in the file then. */
static enum rc put_aside(
	struct city *city, struct arena *a, const char *path, struct work *w, struct err *err)
{
	struct db *db;
	struct audit_part back;
	TRY(db_open(city->db_url, DB_READ, &db, err));
	enum rc rc = db_snapshot(db, err);
	if (rc == RC_OK)
		rc = audit_archive_write(db, a, city->seal, city->name, path, &w->part, err);
	db_close(db);
	TRY(rc);
	TRY(audit_archive_read(a, path, &back, err));
	return back.first == w->part.first && back.last == w->part.last &&
			       hash_eq(&back.head, &w->part.head) && hash_eq(&back.file, &w->part.file)
		       ? RC_OK
		       : FAIL(err, RC_IO, "%s does not read back as it was written", path);
}

static enum rc archive(struct invocation *in, struct city *city, const struct actor *actor, const char *path,
	int32_t day, struct err *err)
{
	struct work w;
	str none = {NULL, 0};
	int64_t before_ms = (int64_t)day * INT64_C(86400000) - (int64_t)clock_zone() * 60000;
	TRY(audit_archive_plan(writer_db(city->writer), before_ms, clock_now_ms(), &w.part, err));
	if (path == NULL)
		TRY(audit_archive_place(in->a, city->db_url, &w.part, &path, err));
	TRY(city_run(city, actor, in->a, none, sign_job, &w, err));
	TRY(put_aside(city, in->a, path, &w, err));
	TRY(city_run(city, actor, in->a, none, cut_job, &w, err));
	if (in->json)
		printf("{\"first\":%lld,\"last\":%lld,\"checkpoint\":\"%s\"}\n", (long long)w.part.first,
			(long long)w.part.last, w.line);
	else if (!in->quiet)
		printf(tr("%s: audit rows %lld to %lld; the checkpoint, to be kept elsewhere as well:\n%s\n"),
			path, (long long)w.part.first, (long long)w.part.last, w.line);
	return RC_OK;
}

static enum rc archive_audit(struct invocation *in, struct err *err)
{
	const char *before = NULL, *path = NULL;
	struct city *city;
	struct actor actor;
	int32_t day;
	TRY(opt_text(in, "--before", &before, err));
	TRY(opt_text(in, "-o", &path, err));
	TRY(opt_done(in, 1, 1, &cmd_archive, err));
	if (before == NULL)
		return usage_error(&cmd_archive, err);
	if (!date_parse(str_of(before), &day))
		return FAIL(err, RC_INVALID, "--before %s is no day; it is written 2022-01-01", before);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = actor_is_operator(&actor)
			     ? archive(in, city, &actor, path, day, err)
			     : FAIL(err, RC_DENIED, "only the operator moves audit rows into a file");
	city_close(city);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *what = in->argc > 0 ? in->argv[0] : "";
	if (strcmp(what, "audit") == 0)
		return archive_audit(in, err);
	if (strcmp(what, "rows") == 0)
		return archive_rows(in, err);
	if (strcmp(what, "back") == 0)
		return archive_bring_back(in, err);
	if (strcmp(what, "list") == 0)
		return archive_list(in, err);
	return usage_error(&cmd_archive, err);
}

const struct command cmd_archive = {
	.name = "archive",
	.usage = N_(
		"archive rows --before YEAR [--register R] [--dry-run] | back FILE | list | audit --before "
		"DATE [-o FILE.ndjson]"),
	.summary = N_("closed years and old audit rows into files that anyone can verify"),
	.help = N_(
		"rows: the years before YEAR of the registers of rules/retention.yaml (archive) leave for "
		"CITY.archive/REGISTER-YEAR.ndjson, once the city's report of the year is frozen and nothing "
		"of it is "
		"open. "
		"Figures keep their values, the trace names the file, people still see their own rows. From "
		"then on no "
		"row of that year is added or changed. A run that was cut short goes on where it stopped.\n"
		"back: puts a file's rows into the city again. list: what is in the archive.\n"
		"audit: audit rows stay in the city for three years (1,096 days) at least. The file is "
		"written, synced "
		"and "
		"read back before a row is deleted; from then on “qinghe verify audit” begins at the signed "
		"checkpoint. “qinghe verify archive FILE” checks the file without a database, “qinghe verify "
		"audit "
		"--archive FILE” also whether it is this city's. Keep it with the backups, and the printed "
		"line "
		"elsewhere.\n"
		"Example: qinghe archive rows --before 2023\n"
		"Example: qinghe archive audit --before 2022-01-01 -o audit-2021.ndjson\n"
		"Exit codes: 0 done, 1 a row does not hold, 2 the file stands already, 3 not the operator or "
		"too young, "
		"4 storage."),
	.run = run,
};
