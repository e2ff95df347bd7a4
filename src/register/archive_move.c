/* archive_move.c -- the way into the archive and back: the jobs of a part; see archive.h. */
#include "base/file.h"
#include "guard/role.h"
#include "register/archive_in.h"
#include "register/plan.h"
#include <unistd.h>

static const char Q_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM archive_part";
static const char Q_OF[] = "SELECT id FROM archive_part WHERE register = ?1 AND year = ?2";
static const char Q_ADD[] = "INSERT INTO archive_part(id, register, year, state, n, at, name)"
			    " VALUES (?1, ?2, ?3, 'leaving', ?4, ?5, '')";
static const char Q_LEAVE[] =
	"UPDATE archive_part SET state = 'moving', n = ?2, at = ?3, name = ?4, digest = ?5"
	" WHERE id = ?1 AND state = 'leaving'";
static const char Q_STATE[] = "UPDATE archive_part SET state = ?2 WHERE id = ?1";
static const char *const Q_ROW_DROPS[] = {"DELETE FROM history WHERE register = ?1 AND \"row\" = ?2",
	"DELETE FROM imported WHERE register = ?1 AND \"row\" = ?2",
	"DELETE FROM import_change WHERE register = ?1 AND \"row\" = ?2",
	"DELETE FROM retention_row WHERE register = ?1 AND \"row\" = ?2"};
static const char *const Q_FORGET[] = {"DELETE FROM archive_cell WHERE part = ?1",
	"DELETE FROM archive_figure WHERE part = ?1", "DELETE FROM archive_part WHERE id = ?1"};
static const char Q_HISTORY_PUT[] = "INSERT INTO history(register, \"row\", version, at, actor, kind, "
				    "before) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
				    " ON CONFLICT (register, \"row\", version) DO NOTHING";
static const char Q_IMPORTED_PUT[] = "INSERT INTO imported(register, \"row\", digest, import, version, "
				     "inserted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
				     " ON CONFLICT (register, \"row\") DO NOTHING";
static const char Q_RETAINED_PUT[] = "INSERT INTO retention_row(register, \"row\", run) VALUES (?1, ?2, ?3)"
				     " ON CONFLICT (register, \"row\") DO NOTHING";

static enum rc may(struct job_ctx *c, struct err *err)
{
	c->action = STR("archive");
	return actor_is_operator(c->actor)
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "only the operator moves years into the archive");
}

static enum rc number(struct db *db, const char *sql, str reg, int year, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, sql, &s, err));
	if (sql == Q_OF) {
		stmt_bind_text(s, 1, reg);
		stmt_bind_i64(s, 2, year);
	}
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

enum rc archive_begin(struct job_ctx *c, const struct archive_line *line, int64_t *out_part, struct err *err)
{
	struct stmt *s;
	TRY(may(c, err));
	c->subject = arena_fmt(c->a, "archive:%.*s-%d", STR_ARG(line->reg->id), line->year);
	job_city(c)->closed_stale = true;
	TRY(number(c->db, Q_OF, line->reg->id, line->year, out_part, err));
	if (*out_part)
		return RC_OK;
	TRY(number(c->db, Q_NEXT, STR(""), 0, out_part, err));
	TRY(db_prepare(c->db, Q_ADD, &s, err));
	stmt_bind_i64(s, 1, *out_part);
	stmt_bind_text(s, 2, line->reg->id);
	stmt_bind_i64(s, 3, line->year);
	stmt_bind_i64(s, 4, line->rows);
	stmt_bind_i64(s, 5, c->now_ms);
	return stmt_run(s, err);
}

enum rc archive_leave(struct job_ctx *c, const struct archive_part *part, struct err *err)
{
	struct stmt *s;
	TRY(may(c, err));
	c->subject = arena_fmt(c->a, "archive:%.*s-%d", STR_ARG(part->reg), part->year);
	c->detail = arena_fmt(c->a, "rows:%lld file:%.*s", (long long)part->rows,
		STR_ARG(hex_str(c->a, part->digest.b, HASH_BYTES)));
	TRY(db_prepare(c->db, Q_LEAVE, &s, err));
	stmt_bind_i64(s, 1, part->id);
	stmt_bind_i64(s, 2, part->rows);
	stmt_bind_i64(s, 3, c->now_ms);
	stmt_bind_text(s, 4, part->name);
	stmt_bind_blob(s, 5, (str){(const char *)part->digest.b, HASH_BYTES});
	TRY(stmt_run_now(s, err));
	return db_changes(c->db) == 1 ? RC_OK : FAIL(err, RC_CONFLICT, "somebody else archives this year");
}

static enum rc set_state(struct job_ctx *c, int64_t part, const char *state, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_STATE, &s, err));
	stmt_bind_i64(s, 1, part);
	stmt_bind_text(s, 2, str_of(state));
	return stmt_run(s, err);
}

static enum rc drop_row(struct job_ctx *c, const struct reg *reg, int64_t id, struct err *err)
{
	struct stmt *s;
	for (size_t i = 0; i < sizeof Q_ROW_DROPS / sizeof *Q_ROW_DROPS; i++) {
		TRY(db_prepare(c->db, Q_ROW_DROPS[i], &s, err));
		stmt_bind_text(s, 1, reg->id);
		stmt_bind_i64(s, 2, id);
		TRY(stmt_run(s, err));
	}
	str sql = arena_fmt(c->a, "DELETE FROM \"%.*s\" WHERE \"id\" = ?1", STR_ARG(reg->id));
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, id);
	return stmt_run(s, err);
}

enum rc archive_drop(struct job_ctx *c, const struct reg *reg, const struct archive_part *part,
	int64_t *out_left, struct err *err)
{
	struct query q;
	struct query_row *rows;
	str day, from;
	size_t n;
	TRY(may(c, err));
	query_init(&q, c->a, job_city(c)->model, reg, job_city(c)->seal);
	TRY(archive_rows_of(&q, reg, part->year, &day, &from, err));
	TRY(query_rows(&q, c->db, from, day, ARCHIVE_SLICE_ROWS, &rows, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(drop_row(c, reg, rows[i].id, err));
	c->subject = arena_fmt(c->a, "archive:%.*s-%d", STR_ARG(part->reg), part->year);
	c->detail = arena_fmt(c->a, "dropped:%zu", n);
	*out_left = n < ARCHIVE_SLICE_ROWS ? 0 : 1;
	return *out_left ? RC_OK : set_state(c, part->id, "away", err);
}

/* ---- back ---- */

enum rc archive_ours(
	struct db *db, struct arena *a, const char *path, struct archive_part *out, struct err *err)
{
	struct archive_part *parts;
	struct hash digest;
	size_t n;
	TRY(file_digest(path, &digest, err));
	TRY(archive_parts(db, a, &parts, &n, err));
	for (size_t i = 0; i < n; i++)
		if (hash_eq(&parts[i].digest, &digest)) {
			*out = parts[i];
			return RC_OK;
		}
	return FAIL(err, RC_FOUND,
		"no rows of this city went into %s: “qinghe verify archive FILE” tells whether it holds by "
		"itself",
		path);
}

struct returning {
	struct city *city;
	const struct actor *actor;
	const struct reg *reg;
	struct archive_part *part;
	const struct archive_file *file;
	str insert; /* of the file's columns that stand today */
	int *to;    /* its parameter by column of the file; 0: the column is gone */
	struct arena lines;
	str line[ARCHIVE_SLICE_ROWS];
	size_t n;
};

/* The columns of the file as they stand today. */
static enum rc fit_columns(struct returning *x, struct arena *a, struct err *err)
{
	str *names, columns = STR(""), params = STR("");
	char *kinds;
	size_t n = archive_columns(a, x->reg, &names, &kinds);
	int at = 0;
	x->to = NEWS(a, x->file->kinds.n, int);
	for (size_t i = 0; i < x->file->kinds.n; i++) {
		str name = x->file->columns->items[i].text;
		for (size_t k = 0; k < n; k++) {
			if (!str_eq(names[k], name))
				continue;
			if (kinds[k] != x->file->kinds.p[i])
				return FAIL(err, RC_INVALID, "column %.*s is kept in another form today",
					STR_ARG(name));
			x->to[i] = ++at;
			columns = arena_fmt(
				a, "%.*s%s\"%.*s\"", STR_ARG(columns), at > 1 ? ", " : "", STR_ARG(name));
			params = arena_fmt(a, "%.*s%s?%d", STR_ARG(params), at > 1 ? ", " : "", at);
		}
	}
	x->insert = arena_fmt(a, "INSERT INTO \"%.*s\" (%.*s) VALUES (%.*s) ON CONFLICT (\"id\") DO NOTHING",
		STR_ARG(x->reg->id), STR_ARG(columns), STR_ARG(params));
	return RC_OK;
}

static enum rc bind(
	struct stmt *s, int at, struct arena *a, const struct json_v *v, char kind, struct err *err)
{
	if (v->kind == JSON_NULL)
		stmt_bind_null(s, at);
	else if (kind == 'i' && v->kind == JSON_INT)
		stmt_bind_i64(s, at, v->i);
	else if (kind == 't' && v->kind == JSON_STRING)
		stmt_bind_text(s, at, v->text);
	else if (kind == 'b' && v->kind == JSON_STRING) {
		unsigned char *bytes = arena_alloc(a, v->text.n / 2 + 1);
		if (!hex_parse(v->text, bytes, v->text.n / 2))
			return FAIL(err, RC_FOUND, "archive: a value is not as it was written");
		stmt_bind_blob(s, at, (str){(const char *)bytes, v->text.n / 2});
	} else
		return FAIL(err, RC_FOUND, "archive: a value is not as it was written");
	return RC_OK;
}

/* A list of values behind register and row. */
static enum rc put_list(struct job_ctx *c, const char *sql, const struct reg *reg, int64_t id,
	const struct json_v *list, const char *kinds, struct err *err)
{
	struct stmt *s;
	if (list->kind != JSON_ARRAY || list->n != strlen(kinds))
		return FAIL(err, RC_FOUND, "archive: a value is not as it was written");
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	for (size_t i = 0; i < list->n; i++)
		TRY(bind(s, (int)i + 3, c->a, &list->items[i], kinds[i], err));
	return stmt_run(s, err);
}

static enum rc put_row(struct job_ctx *c, struct returning *x, str line, struct err *err)
{
	struct json_v *j;
	struct stmt *s;
	TRY(json_read(c->a, line, 0, &j, err));
	const struct json_v *r = json_get(j, "r"), *h = json_get(j, "h"), *i = json_get(j, "i"),
			    *z = json_get(j, "z");
	int64_t id = r->items[0].i;
	TRY(db_prepare(c->db, x->insert.p, &s, err));
	for (size_t k = 0; k < r->n; k++) {
		if (x->to[k])
			TRY(bind(s, x->to[k], c->a, &r->items[k], x->file->kinds.p[k], err));
		else if (r->items[k].kind != JSON_NULL)
			return FAIL(err, RC_INVALID,
				"row %lld has a value of %.*s, which the register has no more", (long long)id,
				STR_ARG(x->file->columns->items[k].text));
	}
	TRY(stmt_run(s, err));
	for (size_t k = 0; h && k < h->n; k++)
		TRY(put_list(c, Q_HISTORY_PUT, x->reg, id, &h->items[k], "iiitt", err));
	if (i)
		TRY(put_list(c, Q_IMPORTED_PUT, x->reg, id, i, "biii", err));
	if (z && z->kind == JSON_INT) {
		TRY(db_prepare(c->db, Q_RETAINED_PUT, &s, err));
		stmt_bind_text(s, 1, x->reg->id);
		stmt_bind_i64(s, 2, id);
		stmt_bind_i64(s, 3, z->i);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

static enum rc slice_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct returning *x = arg;
	TRY(may(c, err));
	c->subject = arena_fmt(c->a, "archive:%.*s-%d", STR_ARG(x->part->reg), x->part->year);
	c->detail = arena_fmt(c->a, "back:%zu", x->n);
	TRY(set_state(c, x->part->id, "returning", err));
	for (size_t i = 0; i < x->n; i++)
		TRY(put_row(c, x, x->line[i], err));
	return RC_OK;
}

static enum rc run_slice(struct returning *x, struct err *err)
{
	struct arena a = {0};
	enum rc rc = x->n ? city_run(x->city, x->actor, &a, (str){NULL, 0}, slice_job, x, err) : RC_OK;
	x->n = 0;
	arena_reset(&x->lines);
	arena_done(&a);
	return rc;
}

static enum rc take_row(
	void *user, const struct archive_file *file, const struct json_v *row, struct err *err)
{
	struct returning *x = user;
	(void)row;
	x->line[x->n++] = arena_str(&x->lines, file->line);
	return x->n == ARCHIVE_SLICE_ROWS ? run_slice(x, err) : RC_OK;
}

enum rc archive_back(struct city *c, const struct actor *actor, struct arena *a, const char *path,
	struct archive_part *out, struct err *err)
{
	struct archive_file file, again;
	struct returning x = {.city = c, .actor = actor, .part = out, .file = &file};
	TRY(archive_ours(writer_db(c->writer), a, path, out, err)); /* no stranger's file is read here */
	TRY(archive_read(a, path, &file, NULL, NULL, err)); /* all of it holds before a row is put back */
	x.reg = model_reg(c->model, file.reg);
	if (x.reg == NULL)
		return FAIL(err, RC_INVALID, "there is no register %.*s any more", STR_ARG(file.reg));
	TRY(fit_columns(&x, a, err));
	enum rc rc = archive_read(a, path, &again, take_row, &x, err);
	if (rc == RC_OK)
		rc = run_slice(&x, err);
	arena_done(&x.lines);
	return rc;
}

enum rc archive_forget(struct job_ctx *c, const struct archive_part *part, struct err *err)
{
	struct stmt *s;
	TRY(may(c, err));
	c->subject = arena_fmt(c->a, "archive:%.*s-%d", STR_ARG(part->reg), part->year);
	c->detail = STR("back");
	job_city(c)->closed_stale = true;
	for (size_t i = 0; i < sizeof Q_FORGET / sizeof *Q_FORGET; i++) {
		TRY(db_prepare(c->db, Q_FORGET[i], &s, err));
		stmt_bind_i64(s, 1, part->id);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}
