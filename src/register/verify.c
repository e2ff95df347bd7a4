/* verify.c -- see verify.h */
#include "register/verify.h"
#include "base/buf.h"
#include "guard/keyfile.h"
#include "guard/keystore.h"
#include "guard/seal.h"
#include "register/row.h"
#include <stdio.h>

static const char Q_SQLITE_FILE[] = "PRAGMA quick_check(20)";

enum rc verify_file(struct reader *r, struct verify_finding *out, struct err *err)
{
	struct stmt *s;
	bool row;
	*out = (struct verify_finding){0};
	if (strcmp(db_engine(r->db), "sqlite") != 0)
		return RC_OK;
	TRY(db_prepare(r->db, Q_SQLITE_FILE, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		out->looked_at++;
		str words = stmt_text(s, 0);
		if (!str_is(words, "ok") && out->bad++ == 0)
			snprintf(out->first, sizeof out->first, "%.*s", (int)(words.n < 190 ? words.n : 190),
				words.p);
	}
}

/* ---- pages ---- */

static enum rc pages_of(struct db *db, const char *name, struct verify_finding *out, struct err *err)
{
	struct db_pages found;
	TRY(db_pages(db, &found, err));
	out->looked_at += found.looked_at;
	if (found.bad && out->bad == 0)
		snprintf(out->first, sizeof out->first, tr("%s: page %lld is not what was written"), name,
			(long long)found.first);
	out->bad += found.bad;
	bool lite = strcmp(db_engine(db), "sqlite") == 0;
	if (!found.carried)
		snprintf(out->note, sizeof out->note, "%s",
			lite ? tr("made by an older version, its pages carry no checksums; a backup brought "
				  "back by “qinghe "
				  "restore” has them")
			     : tr("the server keeps no checksums of its pages: pg_checksums --enable"));
	else if (!lite)
		snprintf(out->note, sizeof out->note, "%s",
			tr("the server looks at its own whenever it reads a page"));
	return RC_OK;
}

enum rc verify_pages(struct reader *r, struct verify_finding *out, struct err *err)
{
	struct db *keys;
	const char *path = keystore_path(r->a, keyfile_path(r->a, r->city->db_url)).p;
	*out = (struct verify_finding){0};
	TRY(pages_of(r->db, tr("the database"), out, err));
	TRY(db_open(path, DB_READ, &keys, err));
	enum rc rc = pages_of(keys, tr("the key store"), out, err);
	db_close(keys);
	return rc;
}

/* ---- references ---- */

static bool refers(const struct field *f)
{
	return f->to_reg && (field_storage(f) == STORE_INT || f->type == T_REFS || f->type == T_ORGS);
}

static void lost(struct verify_finding *out, const struct reg *reg, int64_t id, str field)
{
	if (out->bad++ == 0)
		snprintf(out->first, sizeof out->first,
			tr("%.*s #%lld, %.*s: refers to a row that is not there"), STR_ARG(reg->id),
			(long long)id, STR_ARG(field));
}

/* A reference of one row each: counted, and those that lead nowhere, in one pass over the register. */
static enum rc first_lost(struct reader *r, const struct reg *reg, const char *column, str to,
	struct verify_finding *out, int64_t bad, struct err *err)
{
	struct stmt *s;
	bool row;
	str sql = arena_fmt(r->a,
		"SELECT MIN(t.\"id\") FROM \"%.*s\" t WHERE t.\"%s\" IS NOT NULL AND NOT EXISTS (SELECT 1 "
		"FROM \"%.*s\" z WHERE z.\"id\" = t.\"%s\")",
		STR_ARG(reg->id), column, STR_ARG(to), column);
	TRY(db_prepare(r->db, sql.p, &s, err));
	TRY(stmt_step(s, &row, err));
	lost(out, reg, row ? stmt_i64(s, 0) : 0, str_of(column));
	out->bad += bad - 1;
	stmt_reset(s);
	return RC_OK;
}

static enum rc single_references(
	struct reader *r, const struct reg *reg, struct verify_finding *out, struct err *err)
{
	struct buf b AUTO(buf_done) = {0};
	struct stmt *s;
	bool row;
	int n = 0;
	const char **columns = NEWS(r->a, reg->fields_n + 1, const char *);
	str *to = NEWS(r->a, reg->fields_n + 1, str);
	columns[n] = "org";
	to[n++] = STR("org");
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (!refers(f) || field_storage(f) != STORE_INT)
			continue;
		columns[n] = arena_cstr(r->a, f->id);
		to[n++] = f->to_reg->id;
	}
	buf_puts(&b, "SELECT ");
	for (int i = 0; i < n; i++)
		buf_printf(&b,
			"%sCOUNT(t.\"%s\"), COUNT(CASE WHEN t.\"%s\" IS NOT NULL AND NOT EXISTS (SELECT 1 "
			"FROM "
			"\"%.*s\" z WHERE z.\"id\" = t.\"%s\") THEN 1 END)",
			i ? ", " : "", columns[i], columns[i], STR_ARG(to[i]), columns[i]);
	buf_printf(&b, " FROM \"%.*s\" t", STR_ARG(reg->id));
	TRY(db_prepare(r->db, b.p, &s, err));
	TRY(stmt_step(s, &row, err));
	int64_t *bad = NEWS(r->a, (size_t)n, int64_t);
	for (int i = 0; i < n && row; i++) {
		out->looked_at += stmt_i64(s, 2 * i);
		bad[i] = stmt_i64(s, 2 * i + 1);
	}
	stmt_reset(s);
	for (int i = 0; i < n; i++)
		if (bad[i])
			TRY(first_lost(r, reg, columns[i], to[i], out, bad[i], err));
	return RC_OK;
}

static enum rc row_stands(struct reader *r, const char *sql, int64_t id, bool *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(r->db, sql, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

/* A list of references: ",3,17,". */
static enum rc list_references(struct reader *r, const struct reg *reg, const struct field *f,
	struct verify_finding *out, struct err *err)
{
	struct stmt *s;
	bool row, there;
	str all = arena_fmt(r->a, "SELECT \"id\", \"%.*s\" FROM \"%.*s\" WHERE \"%.*s\" IS NOT NULL",
		    STR_ARG(f->id), STR_ARG(reg->id), STR_ARG(f->id)),
	    one = arena_fmt(r->a, "SELECT 1 FROM \"%.*s\" WHERE \"id\" = ?1", STR_ARG(f->to_reg->id));
	TRY(db_prepare(r->db, all.p, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		int64_t id = stmt_i64(s, 0), to;
		for (str rest = stmt_text(s, 1); rest.n;) {
			str part = str_cut(rest, ',', &rest);
			if (!str_i64(part, &to))
				continue;
			out->looked_at++;
			enum rc rc = row_stands(r, one.p, to, &there, err);
			if (rc != RC_OK) {
				stmt_reset(s);
				return rc;
			}
			if (!there)
				lost(out, reg, id, f->id);
		}
	}
}

enum rc verify_references(struct reader *r, struct verify_finding *out, struct err *err)
{
	const struct model *m = r->city->model;
	*out = (struct verify_finding){0};
	for (size_t k = 0; k < m->regs_n; k++) {
		const struct reg *reg = &m->regs[k];
		TRY(single_references(r, reg, out, err));
		for (size_t i = 0; i < reg->fields_n; i++)
			if (refers(&reg->fields[i]) && field_storage(&reg->fields[i]) == STORE_TEXT)
				TRY(list_references(r, reg, &reg->fields[i], out, err));
	}
	return RC_OK;
}

/* ---- sealed values ---- */

static enum rc open_row(struct reader *r, const struct reg *reg, struct stmt *s, struct arena *a,
	struct verify_finding *out, struct err *err)
{
	int at = 2;
	int64_t id = stmt_i64(s, 0), person = str_is(reg->id, "person") ? id : stmt_i64(s, 1);
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		str plain;
		if (field_storage(f) != STORE_SEALED)
			continue;
		str envelope = stmt_blob(s, at);
		if (!stmt_null(s, at++)) {
			out->looked_at++;
			struct seal_place place = row_place(reg, f, id, person, 0);
			enum rc rc = seal_get(a, r->city->seal, &place, envelope, &plain, err);
			if (rc != RC_OK && rc != RC_NOT_FOUND && out->bad++ == 0)
				snprintf(out->first, sizeof out->first, tr("%.*s #%lld, %.*s: %s"),
					STR_ARG(reg->id), (long long)id, STR_ARG(f->id),
					err ? err->text : "");
		}
	}
	return RC_OK;
}

static enum rc open_all(
	struct reader *r, const struct reg *reg, const char *sql, struct verify_finding *out, struct err *err)
{
	struct arena a = {0};
	struct stmt *s;
	bool row = true;
	enum rc rc = db_prepare(r->db, sql, &s, err);
	while (rc == RC_OK) {
		rc = stmt_step(s, &row, err);
		if (rc != RC_OK || !row)
			break;
		rc = open_row(r, reg, s, &a, out, err);
		arena_reset(&a);
	}
	arena_done(&a);
	return rc;
}

enum rc verify_sealed(struct reader *r, struct verify_finding *out, struct err *err)
{
	const struct model *m = r->city->model;
	*out = (struct verify_finding){0};
	for (size_t k = 0; k < m->regs_n; k++) {
		const struct reg *reg = &m->regs[k];
		struct buf b AUTO(buf_done) = {0};
		bool any = false;
		str person = reg->person ? reg->person->id : STR("id");
		buf_printf(&b, "SELECT \"id\", %s\"%.*s\"", reg->person ? "" : "0 * ", STR_ARG(person));
		for (size_t i = 0; i < reg->fields_n; i++)
			if (field_storage(&reg->fields[i]) == STORE_SEALED) {
				buf_printf(&b, ", \"%.*s\"", STR_ARG(reg->fields[i].id));
				any = true;
			}
		buf_printf(&b, " FROM \"%.*s\"", STR_ARG(reg->id));
		if (any)
			TRY(open_all(r, reg, b.p, out, err));
	}
	return RC_OK;
}
