/* cmd_status.c -- qinghe status: how the city is, at a glance and for a monitor. Reads only; what a running server counts
 * stands in its /metrics. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/due.h"
#include "guard/growth.h"
#include "guard/house.h"
#include "guard/outbox.h"
#include "register/archive.h"
#include "register/files_room.h"
#include "store/ballast.h"
#include "store/migrate.h"
#include <stdlib.h>
#include <sys/stat.h>

enum { LOW_SPACE_BYTES = 512 << 20 };

struct status {
	struct due_tick *ticks;
	struct outbox_count letters;
	size_t overdue;
	int64_t backup, founded, database, wal, files, files_most;
	uint64_t disk_free;
	struct growth growth;
	struct year { /* of the registers that may be archived */
		int year;
		int64_t rows, may_go, archived;
	} * years;
	size_t years_n;
	bool backup_old, disk_low, ballast, by_year;
};

static int64_t size_of(struct invocation *in, const char *tail)
{
	struct stat st;
	return strstr(in->db_url, "://") || stat(arena_printf(in->a, "%s%s", in->db_url, tail), &st) != 0
		       ? 0
		       : (int64_t)st.st_size;
}

/* ---- by year ---- */

static struct year *year_of(struct invocation *in, struct status *s, int year)
{
	for (size_t i = 0; i < s->years_n; i++)
		if (s->years[i].year == year)
			return &s->years[i];
	struct year *more = NEWS(in->a, s->years_n + 1, struct year);
	if (s->years_n)
		memcpy(more, s->years, s->years_n * sizeof *more);
	s->years = more;
	more[s->years_n] = (struct year){.year = year};
	return &more[s->years_n++];
}

static int by_year(const void *a, const void *b)
{
	return ((const struct year *)a)->year - ((const struct year *)b)->year;
}

static enum rc gather_years(struct invocation *in, struct city *city, struct status *s, struct err *err)
{
	struct actor actor = actor_operator();
	struct archive_line *list;
	struct archive_part *parts;
	struct reader r;
	size_t n = 0, parts_n = 0;
	TRY(reader_open(city, in->a, &actor, &r, err));
	enum rc rc = archive_plan(&r, date_ymd(clock_today()).year + 1, NULL, &list, &n, err);
	if (rc == RC_OK)
		rc = archive_parts(r.db, in->a, &parts, &parts_n, err);
	reader_close(&r);
	TRY(rc);
	for (size_t i = 0; i < n; i++) {
		if (list[i].year == 0)
			continue;
		struct year *y = year_of(in, s, list[i].year);
		y->rows += list[i].rows;
		y->may_go += list[i].why.n ? 0 : list[i].rows;
	}
	for (size_t i = 0; i < parts_n; i++)
		year_of(in, s, parts[i].year)->archived += parts[i].rows;
	if (s->years_n)
		qsort(s->years, s->years_n, sizeof *s->years, by_year);
	return RC_OK;
}

static void years_json(struct json *j, const struct status *s)
{
	json_key(j, "years");
	json_array(j);
	for (size_t i = 0; i < s->years_n; i++) {
		json_object(j);
		json_put_i64(j, "year", s->years[i].year);
		json_put_i64(j, "rows", s->years[i].rows);
		json_put_i64(j, "may_be_archived", s->years[i].may_go);
		json_put_i64(j, "archived", s->years[i].archived);
		json_object_end(j);
	}
	json_array_end(j);
}

static void years_text(const struct status *s)
{
	for (size_t i = 0; i < s->years_n; i++)
		printf(tr("%d: %lld rows that may grow old, %lld of them may be archived, %lld are in the "
			  "archive\n"),
			s->years[i].year, (long long)s->years[i].rows, (long long)s->years[i].may_go,
			(long long)s->years[i].archived);
}

static enum rc gather(struct invocation *in, struct db *db, struct status *s, struct err *err)
{
	size_t n;
	TRY(due_list(db, in->a, &s->ticks, &n, err));
	for (size_t i = 0; i < n; i++) /* an hour's grace: nobody may be serving just now */
		s->overdue += s->ticks[i].at_ms + 3600000 < clock_now_ms();
	TRY(outbox_count(db, &s->letters, err));
	TRY(house_backup_at(db, &s->backup, &s->founded, err));
	s->backup_old = house_backup_is_old(s->backup, s->founded, clock_now_ms());
	s->database = size_of(in, "");
	s->wal = size_of(in, "-wal");
	s->ballast = size_of(in, ".ballast") > 0;
	s->disk_free = ballast_free_bytes(in->db_url);
	TRY(growth_look(db, in->db_url, clock_today(), &s->growth, err));
	s->disk_low = s->disk_free > 0 && s->disk_free < LOW_SPACE_BYTES;
	return RC_OK;
}

/* Nine tenths of what rules/files.yaml allows. */
static bool files_nearly_full(const struct status *s)
{
	return s->files_most > 0 && s->files >= s->files_most / 10 * 9;
}

static bool found(const struct status *s)
{
	return files_nearly_full(s) || s->backup_old || s->disk_low || growth_is_full_soon(&s->growth) ||
	       s->overdue > 0 || s->letters.given_up > 0;
}

static void as_json(const struct city *c, const struct status *s)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_bool(&j, "well", !found(s));
	json_put_str(&j, "city", c->name);
	json_put_cstr(&j, "version", QINGHE_VERSION);
	json_put_i64(&j, "schema", migrate_latest());
	json_put_i64(&j, "database_bytes", s->database);
	json_put_i64(&j, "wal_bytes", s->wal);
	json_put_i64(&j, "disk_free_bytes", (int64_t)s->disk_free);
	json_put_bool(&j, "disk_low", s->disk_low);
	json_put_bool(&j, "ballast", s->ballast);
	json_put_i64(&j, "used_bytes", s->growth.bytes);
	json_put_i64(&j, "growth_bytes_per_day", s->growth.per_day);
	json_put_i64(&j, "disk_full_in_days", s->growth.full_in_days);
	json_put_i64(&j, "files_bytes", s->files);
	json_put_i64(&j, "files_most_bytes", s->files_most);
	if (s->by_year)
		years_json(&j, s);
	json_put_i64(&j, "backup_at", s->backup);
	json_put_bool(&j, "backup_overdue", s->backup_old);
	json_put_i64(&j, "due_overdue", (int64_t)s->overdue);
	json_put_i64(&j, "outbox_waiting", s->letters.waiting);
	json_put_i64(&j, "outbox_given_up", s->letters.given_up);
	json_object_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
}

static void as_text(const struct city *c, const struct status *s)
{
	printf(tr("%.*s, qinghe %s\n"), STR_ARG(c->name), QINGHE_VERSION);
	if (s->database)
		printf(tr("database %lld MB, log %lld MB, free on the disk %lld MB\n"),
			(long long)(s->database >> 20), (long long)(s->wal >> 20),
			(long long)(s->disk_free >> 20));
	if (s->growth.per_day >= 0)
		printf(tr("%lld MB in use, %lld MB more a month\n"), (long long)(s->growth.bytes >> 20),
			(long long)(s->growth.per_day * 30 >> 20));
	if (growth_is_full_soon(&s->growth))
		printf(tr("! at this rate the disk is full in %lld days: “qinghe archive rows”, or a larger "
			  "disk\n"),
			(long long)s->growth.full_in_days);
	if (s->files_most)
		printf(tr("files take %lld MB of the %lld MB that rules/files.yaml allows\n"),
			(long long)(s->files >> 20), (long long)(s->files_most >> 20));
	if (files_nearly_full(s))
		puts(tr("! soon no more files are taken: allow more in rules/files.yaml"));
	years_text(s);
	if (s->disk_low)
		puts(tr("! little room on the disk: make some, or move the city"));
	if (s->backup_old)
		puts(tr("! no backup for over a week: qinghe backup"));
	if (s->overdue)
		printf(tr("! %zu things are overdue: is the server running? “qinghe due run” does them\n"),
			s->overdue);
	if (s->letters.given_up)
		printf(tr("! %lld messages could not be sent: “qinghe outbox”\n"),
			(long long)s->letters.given_up);
	if (s->letters.waiting)
		printf(tr("%lld messages wait\n"), (long long)s->letters.waiting);
	if (!found(s))
		puts(tr("all is well"));
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct actor actor;
	struct city *city;
	struct status s = {0};
	struct db *db;
	opt_flag(in, "--years", &s.by_year);
	TRY(opt_done(in, 0, 0, &cmd_status, err));
	TRY(cli_city(in, false, &city, &actor, err));
	enum rc rc = db_open(in->db_url, DB_READ, &db, err);
	if (rc == RC_OK) {
		rc = gather(in, db, &s, err);
		db_close(db);
	}
	if (rc == RC_OK)
		rc = files_room_most(in->a, city->model, &s.files_most, err);
	if (rc == RC_OK)
		rc = files_room_used(city, &s.files, err);
	if (rc == RC_OK && s.by_year)
		rc = gather_years(in, city, &s, err);
	if (rc == RC_OK) {
		if (in->json)
			as_json(city, &s);
		else
			as_text(city, &s);
		rc = found(&s) ? RC_FOUND : RC_OK;
	}
	city_close(city);
	return rc;
}

const struct command cmd_status = {
	.name = "status",
	.usage = N_("status [--years] [--json]"),
	.summary = N_("how the city is: room, backup, what is overdue, what could not be sent"),
	.help = N_("Changes nothing. What a running server counts stands at its /metrics, for this machine "
		   "only.\n"
		   "--years: how many rows of each year stand that may leave for the archive one day, and "
		   "which may "
		   "now.\n"
		   "Example: qinghe status --json\n"
		   "Exit codes: 0 all is well, 1 something wants to be looked at, 4 storage."),
	.run = run,
};
