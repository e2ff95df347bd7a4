/* growth.c -- see growth.h. */
#include "guard/growth.h"
#include "store/ballast.h"

static const char Q_NOTES[] = "SELECT value FROM setting WHERE name = 'growth'";
static const char Q_NOTES_PUT[] = "INSERT INTO setting(name, value) VALUES ('growth', ?1)"
				  " ON CONFLICT (name) DO UPDATE SET value = excluded.value";

enum { YEAR_DAYS = 366 };

struct note {
	int64_t day, bytes;
};

static enum rc notes(struct db *db, struct note out[GROWTH_NOTES], size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_n = 0;
	TRY(db_prepare(db, Q_NOTES, &s, err));
	TRY(stmt_step(s, &row, err));
	for (str rest = row ? stmt_text(s, 0) : STR(""); rest.n > 0 && *out_n < GROWTH_NOTES;) {
		str bytes, day = str_cut(str_cut(rest, ';', &rest), ':', &bytes);
		struct note *n = &out[*out_n];
		*out_n += str_i64(day, &n->day) && str_i64(bytes, &n->bytes);
	}
	stmt_reset(s);
	return RC_OK;
}

enum rc growth_look(struct db *db, const char *db_url, int32_t today, struct growth *out, struct err *err)
{
	struct note list[GROWTH_NOTES];
	size_t n, i = 0;
	*out = (struct growth){.per_day = -1, .full_in_days = -1};
	TRY(db_bytes(db, &out->bytes, err));
	TRY(notes(db, list, &n, err));
	while (i < n && list[i].day < today - YEAR_DAYS)
		i++;
	if (i == n || today - list[i].day < GROWTH_SPAN_DAYS)
		return RC_OK;
	int64_t grown = out->bytes - list[i].bytes, left = (int64_t)ballast_free_bytes(db_url);
	out->per_day = grown > 0 ? grown / (today - list[i].day) : 0;
	if (out->per_day > 0 && left > 0)
		out->full_in_days = left / out->per_day;
	return RC_OK;
}

enum rc growth_note(struct job_ctx *c, int32_t today, struct err *err)
{
	struct note list[GROWTH_NOTES];
	size_t n;
	int64_t bytes;
	struct stmt *s;
	str text = STR("");
	TRY(notes(c->db, list, &n, err));
	if (n > 0 && today - list[n - 1].day < GROWTH_EVERY_DAYS)
		return RC_OK;
	TRY(db_bytes(c->db, &bytes, err));
	for (size_t i = n == GROWTH_NOTES ? 1 : 0; i < n; i++)
		text = arena_fmt(c->a, "%.*s%lld:%lld;", STR_ARG(text), (long long)list[i].day,
			(long long)list[i].bytes);
	text = arena_fmt(c->a, "%.*s%lld:%lld", STR_ARG(text), (long long)today, (long long)bytes);
	TRY(db_prepare(c->db, Q_NOTES_PUT, &s, err));
	stmt_bind_text(s, 1, text);
	return stmt_run(s, err);
}
