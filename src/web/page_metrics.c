/* page_metrics.c -- GET /metrics: how the server is, as text that Prometheus reads. For this machine only: the peer is
 * loopback, no proxy has passed the request on, and the server does not stand behind one (--origin). Others find nothing
 * here. Numbers only, nothing of any person. */
#include "base/clock.h"
#include "guard/growth.h"
#include "guard/house.h"
#include "guard/outbox.h"
#include "register/archive.h"
#include "store/ballast.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <sys/stat.h>

static bool from_here(const struct page *p)
{
	static const char *const passed_on[] = {
		"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"};
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		if (http_header(p->q, passed_on[i]).p)
			return false;
	return p->site->c.origin == NULL &&
	       (str_starts(p->q->address, STR("127.")) || str_is(p->q->address, "::1"));
}

static void put(struct buf *b, const char *name, const char *help, double v)
{
	buf_printf(b, "# HELP qinghe_%s %s\n# TYPE qinghe_%s gauge\nqinghe_%s %.10g\n", name, help, name,
		name, v);
}

static double file_bytes(struct page *p, const char *tail)
{
	struct stat st;
	const char *url = p->site->city->db_url;
	if (strstr(url, "://") || stat(arena_printf(p->a, "%s%s", url, tail), &st) != 0)
		return 0;
	return (double)st.st_size;
}

static enum rc metrics(struct page *p, struct err *err)
{
	struct buf *b = page_out(p);
	struct writer_stats w;
	struct outbox_count letters;
	struct growth g;
	struct archive_part *parts;
	size_t parts_n = 0;
	int64_t backup, founded, archived = 0;
	if (!from_here(p))
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	struct db *db;
	TRY(db_open(p->site->city->db_url, DB_READ, &db, err));
	enum rc rc = house_backup_at(db, &backup, &founded, err);
	if (rc == RC_OK)
		rc = outbox_count(db, &letters, err);
	if (rc == RC_OK)
		rc = growth_look(db, p->site->city->db_url, clock_today(), &g, err);
	if (rc == RC_OK)
		rc = archive_parts(db, p->a, &parts, &parts_n, err);
	for (size_t i = 0; rc == RC_OK && i < parts_n; i++)
		archived += parts[i].rows;
	db_close(db);
	TRY(rc);
	writer_stats(p->site->city->writer, &w);
	double age_s = (double)(clock_now_ms() - (backup ? backup : founded)) / 1000;
	put(b, "queue_jobs", "changes that wait for the writer", w.waiting);
	put(b, "batches_total", "batches committed since the start", (double)w.batches);
	put(b, "jobs_total", "changes committed since the start", (double)w.jobs);
	put(b, "refused_total", "changes refused because the queue or the disk was full", (double)w.refused);
	put(b, "batch_jobs", "changes in the last batch", (double)w.last_batch_jobs);
	put(b, "commit_seconds", "the last commit", (double)w.commit_us_last / 1e6);
	put(b, "commit_seconds_max", "the longest commit", (double)w.commit_us_max / 1e6);
	put(b, "commit_seconds_sum", "all commits", (double)w.commit_us_sum / 1e6);
	put(b, "database_bytes", "the database file", file_bytes(p, ""));
	put(b, "wal_bytes", "the write-ahead log", file_bytes(p, "-wal"));
	put(b, "snapshot_seconds", "age of the oldest snapshot that a reader holds",
		(double)watch_oldest_us(p->site->watch) / 1e6);
	put(b, "cells_wrong", "cells of figures that differed from the rows at the last look, -1: none yet",
		(double)atomic_load(&p->site->cells_wrong));
	put(b, "backup_age_seconds", "since the last backup, or the founding", age_s);
	put(b, "backup_overdue", "1: no backup for over a week",
		house_backup_is_old(backup, founded, clock_now_ms()));
	put(b, "disk_free_bytes", "where the city lies", (double)ballast_free_bytes(p->site->city->db_url));
	put(b, "used_bytes", "what the city takes, indexes and all", (double)g.bytes);
	put(b, "growth_bytes_per_day", "over the last year, -1: not known yet", (double)g.per_day);
	put(b, "disk_full_days", "until the disk is full at that rate, -1: not known",
		(double)g.full_in_days);
	put(b, "archived_rows", "rows of closed years in the archive", (double)archived);
	put(b, "read_only", "1: the disk is full", writer_is_full(p->site->city->writer));
	put(b, "outbox_waiting", "messages that wait", (double)letters.waiting);
	put(b, "outbox_given_up", "messages that could not be sent", (double)letters.given_up);
	p->q->out.type = "text/plain; version=0.0.4; charset=utf-8";
	return RC_OK;
}

const struct route routes_metrics[] = {
	{"GET", "/metrics", metrics, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY | ROUTE_BARE | ROUTE_SLOW},
	{0},
};
