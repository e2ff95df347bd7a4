/* cmd_status.c -- qinghe status: how the city is, at a glance and for a monitor. Reads only; what a running server counts
 * stands in its /metrics. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/due.h"
#include "guard/house.h"
#include "guard/outbox.h"
#include "store/ballast.h"
#include "store/migrate.h"
#include <sys/stat.h>

enum { LOW_SPACE_BYTES = 512 << 20 };

struct status {
	struct due_tick *ticks;
	struct outbox_count letters;
	size_t overdue;
	int64_t backup, founded, database, wal;
	uint64_t disk_free;
	bool backup_old, disk_low, ballast;
};

static int64_t size_of(struct invocation *in, const char *tail)
{
	struct stat st;
	return strstr(in->db_url, "://") || stat(arena_printf(in->a, "%s%s", in->db_url, tail), &st) != 0
		       ? 0
		       : (int64_t)st.st_size;
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
	s->disk_low = s->disk_free > 0 && s->disk_free < LOW_SPACE_BYTES;
	return RC_OK;
}

static bool found(const struct status *s)
{
	return s->backup_old || s->disk_low || s->overdue > 0 || s->letters.given_up > 0;
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
	TRY(opt_done(in, 0, 0, &cmd_status, err));
	TRY(cli_city(in, false, &city, &actor, err));
	enum rc rc = db_open(in->db_url, DB_READ, &db, err);
	if (rc == RC_OK) {
		rc = gather(in, db, &s, err);
		db_close(db);
	}
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
	.usage = N_("status [--json]"),
	.summary = N_("how the city is: room, backup, what is overdue, what could not be sent"),
	.help = N_("Changes nothing. What a running server counts stands at its /metrics, for this machine "
		   "only.\n"
		   "Example: qinghe status --json\n"
		   "Exit codes: 0 all is well, 1 something wants to be looked at, 4 storage."),
	.run = run,
};
