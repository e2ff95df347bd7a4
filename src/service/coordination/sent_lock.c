/* sent_lock.c -- see sent_lock.h. Called for each changed row on the writer: the first query finds nothing where nothing of
 * the register was sent. */
#include "service/coordination/sent_lock.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/change.h"

static const char Q_SENT[] =
	"SELECT p.\"org\", p.\"period_from\", p.\"period_to\" FROM \"collection\" c JOIN \"period_return\" p"
	" ON p.\"collection\" = c.\"id\" WHERE c.\"into_register\" = ?1 AND p.\"state\" IN ('sent', "
	"'locked')";
static const char Q_CORRECTED[] = "SELECT 1 FROM \"correction\" WHERE \"register_id\" = ?1 AND \"row_no\" = "
				  "?2 AND \"state\" = 'accepted'"
				  " AND \"changed_by\" <> \"entered_by\" AND \"changed_at\" >= ?3 LIMIT 1";

struct sent {
	int64_t org;
	str from, to;
};

struct touched { /* a row that was changed or added */
	int64_t id, org, changed_at;
	str day;
};

struct look {
	struct arena a;
	struct city *city;
	struct db *db;
	const struct reg *reg;
	struct sent *sent;
	size_t sent_n, cap;
};

static enum rc sent_of(struct look *k, struct err *err)
{
	struct stmt *s;
	bool row;
	enum rc rc;
	TRY(db_prepare(k->db, Q_SENT, &s, err));
	stmt_bind_text(s, 1, k->reg->id);
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row) {
		k->sent = arena_grow(&k->a, k->sent, k->sent_n, &k->cap, sizeof *k->sent);
		k->sent[k->sent_n++] =
			(struct sent){stmt_i64(s, 0), stmt_str(&k->a, s, 1), stmt_str(&k->a, s, 2)};
	}
	return rc;
}

static bool locked(const struct look *k, const struct touched *t)
{
	for (size_t i = 0; i < k->sent_n; i++)
		if (str_cmp(k->sent[i].from, t->day) <= 0 && str_cmp(t->day, k->sent[i].to) <= 0 &&
			tree_under(k->city->tree, t->org, k->sent[i].org, clock_today()))
			return true;
	return false;
}

static enum rc corrected(struct look *k, const struct touched *t, bool *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(k->db, Q_CORRECTED, &s, err));
	stmt_bind_text(s, 1, k->reg->id);
	stmt_bind_i64(s, 2, t->id);
	stmt_bind_i64(s, 3, t->changed_at);
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

/* The rows first..first+n-1 as they stand. */
static enum rc rows(
	struct look *k, int64_t first, int64_t n, struct touched **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	enum rc rc;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	str sql = arena_fmt(&k->a,
		"SELECT \"id\", \"org\", \"%.*s\", \"changed_at\" FROM \"%.*s\" WHERE \"id\" BETWEEN ?1 AND "
		"?2",
		STR_ARG(k->reg->happens_field->id), STR_ARG(k->reg->id));
	TRY(db_prepare(k->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, first);
	stmt_bind_i64(s, 2, first + n - 1);
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row) {
		*out = arena_grow(&k->a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct touched){
			stmt_i64(s, 0), stmt_i64(s, 1), stmt_i64(s, 3), stmt_str(&k->a, s, 2)};
	}
	return rc;
}

static enum rc look_at(struct look *k, int64_t first, int64_t n, bool added, struct err *err)
{
	struct touched *t = NULL;
	size_t rows_n = 0;
	TRY(sent_of(k, err));
	if (k->sent_n)
		TRY(rows(k, first, n, &t, &rows_n, err));
	for (size_t i = 0; i < rows_n; i++) {
		bool may = false;
		if (!locked(k, &t[i]))
			continue;
		if (added)
			return FAIL(err, RC_CONFLICT,
				"%.*s is sent up for this period already: the superior sends the return back "
				"before rows are added",
				STR_ARG(label_text(&k->reg->label)));
		TRY(corrected(k, &t[i], &may, err));
		if (!may)
			return FAIL(err, RC_CONFLICT,
				"row #%lld was sent up: ask for a correction (register correction) with its "
				"reason; "
				"a second person accepts it, then the row can be changed",
				(long long)t[i].id);
	}
	return RC_OK;
}

static enum rc looked(
	struct city *c, struct db *db, const struct change *ch, int64_t n, bool added, struct err *err)
{
	struct look k = {.city = c, .db = db, .reg = ch->reg};
	if (ch->reg->happens_field == NULL)
		return RC_OK;
	enum rc rc = look_at(&k, ch->id, n, added, err);
	arena_done(&k.a);
	return rc;
}

static bool persons_only(const struct change *ch)
{
	for (size_t i = 0; i < ch->reg->fields_n; i++)
		if ((ch->fields[i / 64] >> (i % 64) & 1) && ch->reg->fields[i].type != T_PERSON)
			return false;
	return !ch->state_changed && !ch->org_changed;
}

static enum rc before(void *user, struct db *db, const struct change *ch, struct err *err)
{
	if (ch->kind == CHANGE_ADD || persons_only(ch))
		return RC_OK;
	return looked(user, db, ch, 1, false, err);
}

static enum rc after(void *user, struct db *db, const struct change *ch, int64_t n, struct err *err)
{
	return ch->kind == CHANGE_ADD ? looked(user, db, ch, n, true, err) : RC_OK;
}

void sent_lock_attach(struct city *c)
{
	const char *const needs[] = {"collection", "period_return", "correction"};
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (model_reg(c->model, str_of(needs[i])) == NULL)
			return;
	change_attach(c, &(struct change_observer){.user = c, .before = before, .after = after});
}
