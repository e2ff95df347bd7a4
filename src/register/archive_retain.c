/* archive_retain.c -- files whose time is over; see archive.h. */
#include "base/clock.h"
#include "base/date.h"
#include "register/archive_in.h"
#include "register/retain.h"
#include <unistd.h>

static const char Q_ENDED[] = "UPDATE archive_part SET state = 'ended' WHERE id = ?1 AND state = 'away'";
static const char Q_GONE[] =
	"INSERT INTO retention_gone(run, register, month, deleted, skeletons) VALUES (?1, ?2, ?3, ?4, 0)"
	" ON CONFLICT (run, register, month) DO UPDATE SET deleted = retention_gone.deleted + "
	"excluded.deleted";

struct looking {
	const struct reg *reg;
	bool (*held)(void *user, const struct reg *reg, int64_t person);
	void *user;
	int64_t whole, held_rows; /* rows that no run has reduced yet; those of held persons */
};

static enum rc look(void *user, const struct archive_file *file, const struct json_v *row, struct err *err)
{
	struct looking *x = user;
	int64_t person = 0;
	(void)file;
	(void)err;
	json_get_i64(row, "p", &person);
	x->whole += json_get(row, "z") == NULL;
	x->held_rows += person && x->held(x->user, x->reg, person);
	return RC_OK;
}

struct ending {
	const struct archive_part *part;
	int64_t run;
};

static enum rc end_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct ending *x = arg;
	struct stmt *s;
	c->action = STR("retain");
	c->subject = arena_fmt(c->a, "archive:%.*s-%d", STR_ARG(x->part->reg), x->part->year);
	c->detail = arena_fmt(c->a, "run:%lld deleted:%lld", (long long)x->run, (long long)x->part->rows);
	TRY(db_prepare(c->db, Q_ENDED, &s, err));
	stmt_bind_i64(s, 1, x->part->id);
	TRY(stmt_run(s, err));
	TRY(db_prepare(c->db, Q_GONE, &s, err));
	stmt_bind_i64(s, 1, x->run);
	stmt_bind_text(s, 2, x->part->reg);
	stmt_bind_text(s, 3, arena_fmt(c->a, "%04d-12", x->part->year));
	stmt_bind_i64(s, 4, x->part->rows);
	return stmt_run(s, err);
}

enum rc archive_retain(struct city *c, const struct actor *actor, struct arena *a,
	const struct archive_retaining *how, int64_t *deleted, int64_t *held, struct err *err)
{
	struct archive_part *parts;
	struct reader r;
	size_t n;
	TRY(reader_open(c, a, actor, &r, err));
	enum rc rc = archive_parts(r.db, a, &parts, &n, err);
	reader_close(&r);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		const struct archive_part *p = &parts[i];
		const struct reg *reg = model_reg(c->model, p->reg);
		const char *path = archive_path(a, c->db_url, p->name);
		int32_t from = reg ? retain_from(reg, clock_today()) : DATE_NONE;
		struct looking x = {.reg = reg, .held = how->held, .user = how->user};
		struct ending e = {p, how->run};
		struct archive_file file;
		if (str_is(p->state, "ended") && !how->dry)
			unlink(path); /* what a run that was cut short left */
		if (!str_is(p->state, "away") || from == DATE_NONE || p->year >= date_ymd(from).year ||
			access(path, R_OK) != 0)
			continue;
		rc = archive_read(a, path, &file, look, &x, err);
		if (rc != RC_OK || x.whole == 0)
			continue;
		*(x.held_rows ? held : deleted) += x.held_rows ? x.held_rows : p->rows;
		if (how->dry || x.held_rows)
			continue;
		rc = city_run(c, actor, a, (str){NULL, 0}, end_job, &e, err);
		if (rc == RC_OK)
			unlink(path);
	}
	return rc;
}
