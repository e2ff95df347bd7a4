/* results.c -- see results.h. */
#include "service/contest/results.h"
#include "base/date.h"
#include <stdlib.h>

static const char Q_ENTRIES[] =
	"SELECT COUNT(*) FROM \"entry\" WHERE \"contest\" = ?1 AND \"state\" = 'accepted'";
static const char Q_AWARDS[] =
	"SELECT a.\"contest_level\", a.\"rank\", e.\"number\", e.\"work_title\", a.\"awarded_on\", "
	"a.\"public_to\""
	" FROM \"award\" a JOIN \"entry\" e ON e.\"id\" = a.\"entry\" JOIN \"contest\" c ON c.\"id\" = "
	"e.\"contest\""
	" WHERE c.\"id\" = ?1 AND c.\"state\" = 'completed' AND e.\"state\" = 'accepted' AND a.\"state\" = "
	"'valid'"
	" AND a.\"public_from\" <= ?2 ORDER BY e.\"id\", a.\"id\" LIMIT 300";

struct place {
	struct contest_award award;
	size_t level, rank, at;
};

static size_t place_of(const struct field *f, str id)
{
	for (size_t i = 0; f && i < f->choices_n; i++)
		if (str_eq(f->choices[i].id, id))
			return i;
	return SIZE_MAX;
}

static int highest_first(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static enum rc count(struct reader *r, int64_t contest, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(r->db, Q_ENTRIES, &s, err));
	stmt_bind_i64(s, 1, contest);
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

enum rc contest_results(struct reader *r, int64_t contest, int32_t today, int64_t from,
	struct contest_results *out, struct err *err)
{
	const struct model *m = r->city->model;
	const struct reg *reg = model_reg(m, STR("award"));
	struct place *list = NEWS(r->a, CONTEST_AWARDS_MAX, struct place);
	struct stmt *s;
	bool row;
	*out = (struct contest_results){0};
	if (reg == NULL || model_reg(m, STR("entry")) == NULL || model_reg(m, STR("contest")) == NULL)
		return RC_OK;
	TRY(count(r, contest, &out->entries, err));
	out->few = out->entries < from;
	if (out->few)
		return RC_OK;
	TRY(db_prepare(r->db, Q_AWARDS, &s, err));
	stmt_bind_i64(s, 1, contest);
	stmt_bind_text(s, 2, date_str(r->a, today));
	enum rc rc;
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row && out->n < CONTEST_AWARDS_MAX) {
		struct place *p = &list[out->n];
		p->award = (struct contest_award){stmt_str(r->a, s, 0), stmt_str(r->a, s, 1),
			stmt_str(r->a, s, 2), stmt_str(r->a, s, 3), stmt_str(r->a, s, 4),
			stmt_str(r->a, s, 5)};
		p->level = place_of(reg_field(reg, STR("contest_level")), p->award.level);
		p->rank = place_of(reg_field(reg, STR("rank")), p->award.rank);
		p->at = out->n++;
	}
	stmt_reset(s);
	TRY(rc);
	if (out->n)
		qsort(list, out->n, sizeof *list, highest_first);
	out->awards = NEWS(r->a, out->n + 1, struct contest_award);
	for (size_t i = 0; i < out->n; i++)
		out->awards[i] = list[i].award;
	return RC_OK;
}
