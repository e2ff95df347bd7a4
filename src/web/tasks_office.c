/* tasks_office.c -- the office's daily loop on the desk: what the own unit is asked for and has not answered, what it asks
 * and has not got, notices that it has not acknowledged (tasks.h). */
#include "base/clock.h"
#include "base/date.h"
#include "register/permit.h"
#include "service/coordination/collection.h"
#include "service/coordination/notice.h"
#include "web/site_in.h"
#include "web/tasks_in.h"

enum { ASKED_MAX = 8 };

static void due_at(struct task_lines *lines, struct task_line *l, str from, str due)
{
	int32_t day, first, today = clock_day_of(lines->now_ms);
	if (!date_parse(due, &day)) {
		l->when = TASK_OPEN;
		return;
	}
	if (!date_parse(from, &first))
		first = day - 7;
	l->start_ms = l->first_ms = (int64_t)first * 86400000 - (int64_t)clock_zone() * 60000;
	l->due_ms = (int64_t)(day + 1) * 86400000 - (int64_t)clock_zone() * 60000;
	l->when = day < today        ? TASK_OVERDUE
		  : day == today     ? TASK_TODAY
		  : day <= today + 7 ? TASK_WEEK
				     : TASK_LATER;
}

/* Rows of the own unit, not of those under it. */
static enum rc own_rows(struct page *p, const char *register_id, const char *where, struct record ***out,
	size_t *out_n, struct err *err)
{
	struct record **rows;
	size_t n = 0;
	int64_t unit = p->r.actor.org ? p->r.actor.org : p->site->city->root_org;
	struct record_query q = {.reg = model_reg(p->site->city->model, str_of(register_id)),
		.where = str_of(where),
		.org = unit,
		.limit = 200,
		.newest_first = true};
	*out_n = 0;
	if (q.reg == NULL || permit_reach(q.reg, &p->r.actor) == REACH_NONE)
		return RC_OK;
	TRY(record_list(&p->r, &q, &rows, &n, err));
	*out = NEWS(p->a, n + 1, struct record *);
	for (size_t i = 0; i < n && *out_n < ASKED_MAX; i++)
		if (rows[i]->org == unit)
			(*out)[(*out_n)++] = rows[i];
	return RC_OK;
}

static int64_t ref_of(const struct record *rec, const char *field)
{
	return rec->values[reg_field(rec->reg, str_of(field))->at].i;
}

static enum rc asked_of_us(struct page *p, struct task_lines *lines, struct err *err)
{
	struct record **rows;
	size_t n;
	TRY(own_rows(p, "collection_reply", "state in ('open', 'returned')", &rows, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct coll c;
		TRY(coll_read(&p->r, ref_of(rows[i], "collection"), &c, err));
		if (!str_is(c.state, "issued"))
			continue;
		struct task_line *l = task_line_add(lines);
		due_at(lines, l, c.issued_on, c.due_on);
		l->task = (struct task){.label = c.title,
			.detail = str_is(rows[i]->state, "returned")
					  ? str_of(tr("a collection, returned to be mended"))
					  : str_of(tr("a collection that your unit has not answered")),
			.href = page_hrefs(p, "/collections/%lld", (long long)c.id),
			.verb = str_of(tr("Answer"))};
	}
	return RC_OK;
}

static enum rc asked_by_us(struct page *p, struct task_lines *lines, struct err *err)
{
	struct record **rows;
	size_t n;
	TRY(own_rows(p, "collection", "state = 'issued'", &rows, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct coll c;
		TRY(coll_read(&p->r, rows[i]->id, &c, err));
		if (c.missing + c.in + c.returned == 0)
			continue;
		struct task_line *l = task_line_add(lines);
		due_at(lines, l, c.issued_on, c.due_on);
		l->task = (struct task){.label = c.title,
			.detail = arena_fmt(p->a,
				tr("a collection: %zu missing, %zu to be merged, %zu returned"), c.missing,
				c.in, c.returned),
			.href = page_hrefs(p, "/collections/%lld", (long long)c.id),
			.verb = str_of(c.in ? tr("Merge") : tr("Remind"))};
	}
	return RC_OK;
}

static enum rc notices(struct page *p, struct task_lines *lines, struct err *err)
{
	struct record **rows;
	size_t n;
	TRY(own_rows(p, "notice_receipt", "state in ('sent', 'read')", &rows, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct notice x;
		TRY(notice_read(&p->r, ref_of(rows[i], "notice"), &x, err));
		if (!str_is(x.state, "issued"))
			continue;
		struct task_line *l = task_line_add(lines);
		due_at(lines, l, x.issued_on, x.due_on);
		l->task = (struct task){.label = x.title,
			.detail = str_of(str_is(rows[i]->state, "read")
						 ? tr("a notice that you have read and not acknowledged")
						 : tr("a notice that you have not read")),
			.href = page_hrefs(p, "/notices/%lld", (long long)x.id),
			.verb = str_of(tr("Acknowledge"))};
		if (l->when == TASK_OPEN) {
			l->task.left = str_of(tr("no deadline"));
			l->task.look = "";
		}
	}
	return RC_OK;
}

enum rc tasks_office(struct page *p, struct task_lines *lines, struct err *err)
{
	TRY(asked_of_us(p, lines, err));
	TRY(asked_by_us(p, lines, err));
	return notices(p, lines, err);
}
