/* verify.c -- see verify.h */
#include "register/verify.h"
#include "base/buf.h"
#include "guard/seal.h"
#include "register/row.h"
#include <stdio.h>

static const char Q_SQLITE_FILE[] = "PRAGMA quick_check(20)";
static const char Q_SQLITE_KEYS[] = "PRAGMA foreign_key_check";

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

enum rc verify_references(struct reader *r, struct verify_finding *out, struct err *err)
{
	struct stmt *s;
	bool row;
	*out = (struct verify_finding){0};
	if (strcmp(db_engine(r->db), "sqlite") != 0)
		return RC_OK;
	TRY(db_prepare(r->db, Q_SQLITE_KEYS, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (out->bad++ == 0)
			snprintf(out->first, sizeof out->first,
				tr("%.*s #%lld refers to a row of %.*s that is not there"),
				STR_ARG(stmt_text(s, 0)), (long long)stmt_i64(s, 1),
				STR_ARG(stmt_text(s, 2)));
	}
}

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
