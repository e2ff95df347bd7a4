/* archive_rows.c -- see archive_rows.h. */
#include "cli/archive_rows.h"
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "figure/settled.h"
#include "format/json.h"
#include <unistd.h>

struct moving {
	const struct archive_line *line;
	struct archive_part part;
	int64_t left;
};

static enum rc begin_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct moving *x = arg;
	return archive_begin(c, x->line, &x->part.id, err);
}

static enum rc leave_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct moving *x = arg;
	TRY(archive_leave(c, &x->part, err));
	return settled_take(c, x->line->reg, &x->part, err);
}

static enum rc drop_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct moving *x = arg;
	return archive_drop(c, x->line->reg, &x->part, &x->left, err);
}

static enum rc forget_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct moving *x = arg;
	return archive_forget(c, &x->part, err);
}

/* Each job has memory of its own: a part may be thousands of slices. */
static enum rc run_job(struct city *city, const struct actor *actor,
	enum rc (*run)(struct job_ctx *c, void *arg, struct err *err), struct moving *x, struct err *err)
{
	struct arena a = {0};
	enum rc rc = city_run(city, actor, &a, (str){NULL, 0}, run, x, err);
	arena_done(&a);
	return rc;
}

static enum rc state_of(struct reader *r, struct moving *x, struct err *err)
{
	struct archive_part *parts;
	size_t n;
	TRY(archive_parts(r->db, r->a, &parts, &n, err));
	for (size_t i = 0; i < n; i++)
		if (parts[i].id == x->part.id)
			x->part = parts[i];
	return RC_OK;
}

/* From one snapshot: the file, read back and compared, and the cells proven to be what the rows come to. */
static enum rc put_aside(
	struct city *city, const struct actor *actor, struct arena *a, struct moving *x, struct err *err)
{
	struct reader r;
	struct archive_file back;
	struct cells_report cells;
	TRY(reader_open(city, a, actor, &r, err));
	enum rc rc = state_of(&r, x, err);
	bool leaving = str_is(x->part.state, "leaving");
	if (rc == RC_OK && leaving)
		rc = figure_check_cells(&r, &cells, err);
	if (rc == RC_OK && leaving && cells.wrong + cells.missing + cells.extra > 0)
		rc = FAIL(err, RC_FOUND,
			"the figures are not what the rows come to, so nothing is archived: %s", cells.first);
	if (rc == RC_OK && leaving)
		rc = archive_write(&r, x->line->reg, x->line->year, &x->part, err);
	reader_close(&r);
	TRY(rc);
	TRY(archive_read(a, archive_path(a, city->db_url, x->part.name), &back, NULL, NULL, err));
	if (back.rows != x->part.rows || !hash_eq(&back.digest, &x->part.digest))
		return FAIL(err, RC_IO, "%.*s does not read back as it was written", STR_ARG(x->part.name));
	return leaving ? run_job(city, actor, leave_job, x, err) : RC_OK;
}

static enum rc move_one(struct city *city, const struct actor *actor, const struct archive_line *line,
	struct moving *x, struct err *err)
{
	struct arena a = {0};
	*x = (struct moving){.line = line};
	enum rc rc = run_job(city, actor, begin_job, x, err);
	if (rc == RC_OK)
		rc = put_aside(city, actor, &a, x, err);
	for (x->left = 1; rc == RC_OK && x->left > 0;)
		rc = run_job(city, actor, drop_job, x, err);
	x->part.name = STR(""); /* in the arena that goes */
	arena_done(&a);
	return rc;
}

static void tell(const struct invocation *in, struct json *j, const struct archive_line *x, bool moved)
{
	if (in->json) {
		json_object(j);
		json_put_str(j, "register", x->reg->id);
		json_put_i64(j, "year", x->year);
		json_put_i64(j, "rows", x->rows);
		json_put_bool(j, "archived", moved);
		if (x->why.n)
			json_put_str(j, "why", x->why);
		json_object_end(j);
	} else if (x->year == 0) {
		printf(tr("%.*s: cannot be archived: %.*s\n"), STR_ARG(label_text(&x->reg->label)),
			STR_ARG(x->why));
	} else if (x->why.n) {
		printf(tr("%.*s %d: %lld rows stay: %.*s\n"), STR_ARG(label_text(&x->reg->label)), x->year,
			(long long)x->rows, STR_ARG(x->why));
	} else {
		printf(moved ? tr("%.*s %d: %lld rows are in the archive\n")
			     : tr("%.*s %d: %lld rows may go\n"),
			STR_ARG(label_text(&x->reg->label)), x->year, (long long)x->rows);
	}
}

static enum rc move_all(struct invocation *in, struct city *city, const struct actor *actor, int before,
	const struct reg *only, bool dry, struct err *err)
{
	struct archive_line *list;
	struct reader r;
	struct moving x;
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	size_t n;
	TRY(reader_open(city, in->a, actor, &r, err));
	enum rc rc = archive_plan(&r, before, only, &list, &n, err);
	reader_close(&r);
	TRY(rc);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		bool goes = list[i].why.n == 0 && !dry;
		if (goes)
			rc = move_one(city, actor, &list[i], &x, err);
		if (rc == RC_OK && (in->json || !in->quiet))
			tell(in, &j, &list[i], goes);
	}
	json_array_end(&j);
	if (in->json && rc == RC_OK)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	return rc;
}

enum rc archive_rows(struct invocation *in, struct err *err)
{
	const char *before = NULL, *name = NULL;
	const struct reg *only = NULL;
	struct city *city;
	struct actor actor;
	bool dry = false;
	int64_t year;
	TRY(opt_text(in, "--before", &before, err));
	TRY(opt_text(in, "--register", &name, err));
	opt_flag(in, "--dry-run", &dry);
	TRY(opt_done(in, 1, 1, &cmd_archive, err));
	if (before == NULL)
		return usage_error(&cmd_archive, err);
	if (!str_i64(str_of(before), &year) || year < 1900 || year > date_ymd(clock_today()).year)
		return FAIL(
			err, RC_INVALID, "--before %s is no year that has begun; it is written 2023", before);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = actor_is_operator(&actor)
			     ? RC_OK
			     : FAIL(err, RC_DENIED, "only the operator moves years into the archive");
	if (rc == RC_OK && name)
		rc = cli_register(city, name, &only, err);
	if (rc == RC_OK && !dry)
		archive_sweep(in->a, city->db_url);
	if (rc == RC_OK)
		rc = move_all(in, city, &actor, (int)year, only, dry, err);
	city_close(city);
	return rc;
}

enum rc archive_bring_back(struct invocation *in, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct moving x = {0};
	TRY(opt_done(in, 2, 2, &cmd_archive, err));
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = actor_is_operator(&actor)
			     ? RC_OK
			     : FAIL(err, RC_DENIED, "only the operator moves years into the archive");
	if (rc == RC_OK)
		archive_sweep(in->a, city->db_url);
	if (rc == RC_OK)
		rc = archive_back(city, &actor, in->a, in->argv[1], &x.part, err);
	if (rc == RC_OK)
		rc = run_job(city, &actor, forget_job, &x, err);
	if (rc == RC_OK)
		unlink(archive_path(in->a, city->db_url, x.part.name));
	city_close(city);
	TRY(rc);
	if (in->json)
		printf("{\"register\":\"%.*s\",\"year\":%d,\"rows\":%lld}\n", STR_ARG(x.part.reg),
			x.part.year, (long long)x.part.rows);
	else if (!in->quiet)
		printf(tr("%.*s %d: %lld rows stand in the city again\n"), STR_ARG(x.part.reg), x.part.year,
			(long long)x.part.rows);
	return RC_OK;
}

enum rc archive_list(struct invocation *in, struct err *err)
{
	struct cli_reader c;
	struct archive_part *parts;
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	size_t n = 0;
	TRY(opt_done(in, 1, 1, &cmd_archive, err));
	TRY(cli_reader(in, &c, err));
	enum rc rc = archive_parts(c.r.db, in->a, &parts, &n, err);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		const struct archive_part *p = &parts[i];
		bool there = p->name.n && access(archive_path(in->a, c.city->db_url, p->name), R_OK) == 0;
		if (!in->json) {
			printf(tr("%.*s %d: %lld rows, %.*s%s\n"), STR_ARG(p->reg), p->year,
				(long long)p->rows, STR_ARG(p->name.n ? p->name : p->state),
				there || str_is(p->state, "ended") ? "" : tr(" (the file is not there)"));
			continue;
		}
		json_object(&j);
		json_put_str(&j, "register", p->reg);
		json_put_i64(&j, "year", p->year);
		json_put_i64(&j, "rows", p->rows);
		json_put_str(&j, "state", p->state);
		json_put_str(&j, "file", p->name);
		json_put_str(&j, "digest", hex_str(in->a, p->digest.b, HASH_BYTES));
		json_put_bool(&j, "there", there);
		json_object_end(&j);
	}
	json_array_end(&j);
	cli_done(&c);
	TRY(rc);
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	return RC_OK;
}
