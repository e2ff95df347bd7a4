/* attach.c -- see attach.h. */
#include "register/attach.h"
#include "base/buf.h"
#include "base/map.h"
#include "guard/files.h"
#include "guard/seal.h"
#include "register/files_room.h"
#include "register/history.h"
#include "register/photo.h"
#include "register/row.h"
#include <stdio.h>
#include <unistd.h>

static const char Q_VERSIONS[] = "SELECT \"row\", version, before FROM history WHERE register = ?1";

enum rc attach_put(struct city *c, struct arena *a, str name, str bytes, str *out_text, struct err *err)
{
	TRY(files_room_take(c, bytes.n, err));
	return files_put(a, files_folder(a, c->db_url).p, seal_mode(c->seal), name, bytes, out_text, err);
}

str attach_name(const struct value *v)
{
	struct file_ref ref;
	return v->kind == V_TEXT && file_ref_read(v->t, &ref) ? ref.name : STR("");
}

enum rc attach_get(struct reader *r, const struct record *rec, const struct field *f, str *out_name,
	str *out_bytes, struct err *err)
{
	struct file_ref ref;
	const struct value *v = &rec->values[f->at];
	if (record_hides(rec, f))
		return FAIL(err, RC_DENIED, "this file is not yours to read");
	if (f->type != T_FILE || v->kind != V_TEXT || !file_ref_read(v->t, &ref))
		return FAIL(err, RC_NOT_FOUND, "%.*s #%lld has no file there",
			STR_ARG(label_text(&rec->reg->label)), (long long)rec->id);
	if (str_is(rec->reg->id, "photo"))
		TRY(photo_may_go_out(r, rec, NULL, NULL, err));
	TRY(files_get(r->a, files_folder(r->a, r->city->db_url).p, &ref, out_bytes, err));
	*out_name = ref.name;
	return RC_OK;
}

/* ---- all that is named ---- */

struct named {
	struct arena a;
	struct map by_hash; /* -> itself */
	str **list;
	size_t list_n, list_cap;
	struct city *c;
	struct db *db;
};

static void take(struct named *n, const struct record *rec)
{
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		struct file_ref ref;
		if (rec->reg->fields[i].type != T_FILE || rec->values[i].kind != V_TEXT ||
			!file_ref_read(rec->values[i].t, &ref) || map_get(&n->by_hash, ref.hash))
			continue;
		str *kept = NEW(&n->a, str);
		*kept = arena_str(&n->a, ref.hash);
		map_put(&n->by_hash, *kept, kept);
		n->list = arena_grow(&n->a, n->list, n->list_n, &n->list_cap, sizeof *n->list);
		n->list[n->list_n++] = kept;
	}
}

static bool has_files(const struct reg *reg)
{
	for (size_t i = 0; i < reg->fields_n; i++)
		if (reg->fields[i].type == T_FILE)
			return true;
	return false;
}

static str rows_with_files(struct arena *a, const struct city *c, const struct reg *reg)
{
	struct buf b AUTO(buf_done) = {0};
	buf_printf(&b, "SELECT %.*s FROM \"%.*s\" r WHERE ", STR_ARG(c->plans[reg->at].columns),
		STR_ARG(reg->id));
	bool any = false;
	for (size_t i = 0; i < reg->fields_n; i++)
		if (reg->fields[i].type == T_FILE) {
			buf_printf(&b, "%sr.\"%.*s\" IS NOT NULL", any ? " OR " : "",
				STR_ARG(reg->fields[i].id));
			any = true;
		}
	return arena_str(a, buf_str(&b));
}

/* One register's rows, or (sql Q_VERSIONS) its history. */
static enum rc take_all(
	struct named *n, const struct reg *reg, const char *sql, bool history, struct err *err)
{
	struct stmt *s;
	bool row;
	struct arena a = {0};
	enum rc rc = db_prepare(n->db, sql, &s, err);
	if (rc == RC_OK && history)
		stmt_bind_text(s, 1, reg->id);
	while (rc == RC_OK) {
		struct record *rec = NULL;
		rc = stmt_step(s, &row, err);
		if (rc != RC_OK || !row)
			break;
		rc = history ? history_read(&a, n->c, reg, stmt_i64(s, 0), stmt_i64(s, 1), stmt_text(s, 2),
				       &rec, err)
			     : row_read(&a, n->c, reg, s, 0, true, &rec, err);
		if (rc == RC_OK)
			take(n, rec);
		else
			stmt_reset(s);
		arena_reset(&a);
	}
	arena_done(&a);
	return rc;
}

static enum rc gather(struct named *n, struct err *err)
{
	const struct model *m = n->c->model;
	for (size_t i = 0; i < m->regs_n; i++) {
		if (!has_files(&m->regs[i]))
			continue;
		TRY(take_all(n, &m->regs[i], rows_with_files(&n->a, n->c, &m->regs[i]).p, false, err));
		TRY(take_all(n, &m->regs[i], Q_VERSIONS, true, err));
	}
	return RC_OK;
}

static void named_done(struct named *n)
{
	map_done(&n->by_hash);
	arena_done(&n->a);
}

/* ---- check ---- */

struct counting {
	const struct named *named;
	struct attach_report *out;
};

static enum rc look(void *user, str hash, const char *path, int64_t stored_at_ms, struct err *err)
{
	struct counting *x = user;
	(void)path;
	(void)stored_at_ms;
	(void)err;
	x->out->orphans += map_get(&x->named->by_hash, hash) == NULL;
	return RC_OK;
}

enum rc attach_check(struct reader *r, struct attach_report *out, struct err *err)
{
	struct named n = {.c = r->city, .db = r->db};
	struct counting x = {&n, out};
	*out = (struct attach_report){0};
	str folder = files_folder(r->a, r->city->db_url);
	enum rc rc = gather(&n, err);
	if (rc == RC_OK)
		rc = files_each(folder.p, look, &x, err);
	for (size_t i = 0; rc == RC_OK && i < n.list_n; i++) {
		const str *hash = n.list[i];
		struct err why;
		out->named++;
		enum rc held = files_check(folder.p, *hash, &why);
		out->missing += held == RC_NOT_FOUND;
		out->damaged += held != RC_OK && held != RC_NOT_FOUND;
		if (held != RC_OK && out->first[0] == 0)
			snprintf(out->first, sizeof out->first, "%.199s", why.text);
	}
	named_done(&n);
	return rc;
}

/* ---- sweep ---- */

struct sweeping {
	const struct named *named;
	int64_t now_ms, gone;
};

static enum rc sweep_one(void *user, str hash, const char *path, int64_t stored_at_ms, struct err *err)
{
	struct sweeping *x = user;
	(void)err;
	if (map_get(&x->named->by_hash, hash) == NULL &&
		x->now_ms - stored_at_ms > FILE_ORPHAN_HOURS * (int64_t)3600000)
		x->gone += unlink(path) == 0;
	return RC_OK;
}

enum rc attach_sweep(struct job_ctx *c, struct err *err)
{
	struct named n = {.c = job_city(c), .db = c->db};
	struct sweeping x = {&n, c->now_ms, 0};
	enum rc rc = gather(&n, err);
	if (rc == RC_OK)
		rc = files_each(files_folder(c->a, n.c->db_url).p, sweep_one, &x, err);
	if (rc == RC_OK)
		files_sweep(files_folder(c->a, n.c->db_url).p);
	named_done(&n);
	return rc;
}
