/* own.c -- see own.h. */
#include "register/own.h"
#include "base/map.h"
#include "guard/audit_archive.h"
#include "register/archive.h"
#include "register/permit.h"
#include "register/plan.h"
#include "register/read_log.h"
#include "register/row.h"
#include <stdio.h>
#include <stdlib.h>

static const char Q_READS[] =
	"SELECT at, actor, subject, detail FROM audit WHERE action = 'read' AND result = 'ok'"
	" ORDER BY seq DESC LIMIT ?1";
enum { READS_SCANNED_MAX = 200000 };

enum rc own_may(const struct reader *r, int64_t person, struct err *err)
{
	if (actor_is_operator(&r->actor) || (person > 0 && person == r->actor.person) ||
		actor_guards(&r->actor, person))
		return RC_OK;
	return FAIL(err, RC_DENIED, "this is told to the person and the guardian only");
}

/* The field by which rows hang on a register about persons. */
static const struct field *through(const struct reg *reg)
{
	for (size_t i = 0; i < reg->cases_n; i++)
		if (reg->cases[i]->type == T_REF && reg->cases[i]->to_reg->person)
			return reg->cases[i];
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (f->type == T_REF && f->to_reg && f->to_reg->person)
			return f;
	}
	return NULL;
}

bool own_holds(const struct reg *reg)
{
	return reg->person || str_is(reg->id, "person") || through(reg);
}

static str where_of(struct arena *a, const struct reg *reg)
{
	if (str_is(reg->id, "person"))
		return STR("r.\"id\" = ?1");
	if (reg->person)
		return arena_fmt(a, "r.\"%.*s\" = ?1", STR_ARG(reg->person->id));
	const struct field *f = through(reg);
	if (f == NULL)
		return STR("1 = 0");
	return arena_fmt(a, "r.\"%.*s\" IN (SELECT x.\"id\" FROM \"%.*s\" x WHERE x.\"%.*s\" = ?1)",
		STR_ARG(f->id), STR_ARG(f->to_reg->id), STR_ARG(f->to_reg->person->id));
}

struct telling {
	struct reader *r;
	const struct basis *basis;
	bool (*visit)(void *user, const struct record *rec);
	void *user;
};

static bool tell(void *user, struct record *rec)
{
	struct telling *x = user;
	permit_mask(rec, x->basis);
	read_log_row(x->r->log, rec->reg, rec->id, x->basis);
	return x->visit(x->user, rec);
}

enum rc own_each(struct reader *r, int64_t person, const struct reg *reg,
	bool (*visit)(void *user, const struct record *rec), void *user, struct err *err)
{
	struct stmt *s;
	TRY(own_may(r, person, err));
	if (!own_holds(reg))
		return RC_OK;
	str sql = arena_fmt(r->a, "SELECT %.*s FROM \"%.*s\" r WHERE %.*s ORDER BY r.\"id\"",
		STR_ARG(r->city->plans[reg->at].columns), STR_ARG(reg->id), STR_ARG(where_of(r->a, reg)));
	struct basis b = {.kind = r->actor.person == person ? BASIS_OWN
				  : r->actor.person == 0    ? BASIS_OPERATOR
							    : BASIS_GUARDIAN,
		.fields = {~reg->withheld[0], ~reg->withheld[1]}};
	struct telling x = {r, &b, visit, user};
	TRY(db_prepare(r->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, person);
	for (;;) {
		bool row;
		struct record *rec;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return archive_person(r, reg, person, tell, &x, err);
		enum rc rc = row_read(r->a, r->city, reg, s, 0, true, &rec, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		if (!tell(&x, rec)) {
			stmt_reset(s);
			return RC_OK;
		}
	}
}

/* ---- where else the person is named ---- */

static enum rc named_in(struct reader *r, int64_t person, const struct reg *reg, const struct field *f,
	struct own_named *out, struct err *err)
{
	struct stmt *s;
	bool row;
	const struct field *day =
		reg->happens_field && reg->happens_field->type == T_DATE ? reg->happens_field : NULL;
	str span = day ? arena_fmt(r->a, ", MIN(\"%.*s\"), MAX(\"%.*s\")", STR_ARG(day->id), STR_ARG(day->id))
		       : STR("");
	str sql = arena_fmt(r->a, "SELECT count(*)%.*s FROM \"%.*s\" WHERE \"%.*s\" = ?1", STR_ARG(span),
		STR_ARG(reg->id), STR_ARG(f->id));
	TRY(db_prepare(r->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_step(s, &row, err));
	*out = (struct own_named){.reg = reg, .field = f, .rows = row ? stmt_i64(s, 0) : 0};
	if (row && day && out->rows) {
		out->first = stmt_str(r->a, s, 1);
		out->last = stmt_str(r->a, s, 2);
	}
	stmt_reset(s);
	return RC_OK;
}

enum rc own_names(struct reader *r, int64_t person, struct own_named **out, size_t *out_n, struct err *err)
{
	const struct model *m = r->city->model;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(own_may(r, person, err));
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].fields_n; k++) {
			const struct field *f = &m->regs[i].fields[k];
			if (f->type != T_PERSON || f == m->regs[i].person)
				continue;
			*out = arena_grow(r->a, *out, *out_n, &cap, sizeof **out);
			TRY(named_in(r, person, &m->regs[i], f, &(*out)[*out_n], err));
			*out_n += (*out)[*out_n].rows > 0;
		}
	return RC_OK;
}

/* ---- who looked ---- */

struct ids {
	struct reg_ids {
		const struct reg *reg;
		struct imap at;
	} * list;
	size_t n;
	struct reg_ids *now;
};

static bool take(void *user, const struct record *rec)
{
	struct ids *x = user;
	*imap_at(&x->now->at, (uint64_t)rec->id) = 1;
	return true;
}

static bool any_between(struct imap *m, int64_t from, int64_t to)
{
	for (int64_t i = from; i <= to && i - from < 100000; i++) {
		if (imap_has(m, (uint64_t)i, NULL))
			return true;
	}
	return false;
}

/* "12-15,40", or "1200 rows 3-9000 sha256:…", of which the span is all that can be told. */
static bool names_one(struct imap *m, str text)
{
	size_t rows = str_find(text, STR(" rows "));
	if (rows != SIZE_MAX)
		text = str_cut(str_from(text, rows + 6), ' ', &(str){0});
	for (str rest = text; rest.n > 0;) {
		str to, from = str_cut(str_cut(rest, ',', &rest), '-', &to);
		int64_t a, b;
		if (!str_i64(from, &a))
			continue;
		if (!str_i64(to, &b))
			b = a;
		if (any_between(m, a, b))
			return true;
	}
	return false;
}

static str seen_in(struct arena *a, struct ids *x, str subject)
{
	str out = {NULL, 0};
	for (str rest = subject; rest.n > 0;) {
		str ids, reg = str_cut(str_cut(rest, ';', &rest), ':', &ids);
		for (size_t i = 0; i < x->n; i++)
			if (str_eq(x->list[i].reg->id, reg) && names_one(&x->list[i].at, ids))
				out = arena_fmt(
					a, "%.*s%s%.*s", STR_ARG(out), out.n ? " " : "", STR_ARG(reg));
	}
	return out;
}

struct looking {
	struct reader *r;
	struct ids *ids;
	int64_t person;
	struct own_read *list; /* of one kind of place, oldest or newest first as it was read */
	size_t n, cap;
};

/* One announced read: kept where it shows a row of the person to somebody else. */
static void look_at(struct looking *x, const struct audit_read *row)
{
	int64_t who = 0;
	if (str_starts(row->actor, STR("person:")) &&
		(!str_i64(str_from(row->actor, 7), &who) || who == x->person))
		return;
	str seen = seen_in(x->r->a, x->ids, row->subject);
	if (seen.n == 0 || who == x->r->actor.person)
		return;
	x->list = arena_grow(x->r->a, x->list, x->n, &x->cap, sizeof *x->list);
	x->list[x->n++] = (struct own_read){.at_ms = row->at_ms,
		.reader = who,
		.registers = seen,
		.detail = arena_str(x->r->a, row->detail)};
}

static bool look_archived(void *user, const struct audit_read *row)
{
	look_at(user, row);
	return true;
}

static int newest(const void *a, const void *b)
{
	const struct own_read *x = a, *y = b;
	return (y->at_ms > x->at_ms) - (y->at_ms < x->at_ms);
}

static enum rc reads(struct reader *r, struct ids *ids, int64_t person, struct own_read **out, size_t *out_n,
	struct err *err)
{
	struct looking x = {.r = r, .ids = ids, .person = person}, old = x;
	struct stmt *s;
	bool row, missing;
	TRY(db_prepare(r->db, Q_READS, &s, err));
	stmt_bind_i64(s, 1, READS_SCANNED_MAX);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row || x.n == OWN_READS_MAX)
			break;
		struct audit_read one = {.at_ms = stmt_i64(s, 0),
			.actor = stmt_text(s, 1),
			.subject = stmt_text(s, 2),
			.detail = stmt_text(s, 3)};
		look_at(&x, &one);
	}
	stmt_reset(s);
	if (x.n < OWN_READS_MAX)
		TRY(audit_archive_reads(r->db, r->a, r->city->db_url, look_archived, &old, &missing, err));
	if (old.n)
		qsort(old.list, old.n, sizeof *old.list, newest);
	for (size_t i = 0; i < old.n && x.n < OWN_READS_MAX; i++) {
		x.list = arena_grow(r->a, x.list, x.n, &x.cap, sizeof *x.list);
		x.list[x.n++] = old.list[i];
	}
	*out = x.list;
	*out_n = x.n;
	return RC_OK;
}

static bool nothing(void *user, const struct audit_read *row)
{
	(void)user;
	(void)row;
	return false;
}

enum rc own_missing(struct reader *r, str *out, struct err *err)
{
	bool missing;
	TRY(archive_missing(r, out, err));
	TRY(audit_archive_reads(r->db, r->a, r->city->db_url, nothing, NULL, &missing, err));
	if (missing)
		*out = arena_fmt(r->a, "%.*s%saudit", STR_ARG(*out), out->n ? " " : "");
	return RC_OK;
}

enum rc own_reads(struct reader *r, int64_t person, struct own_read **out, size_t *out_n, struct err *err)
{
	const struct model *m = r->city->model;
	struct ids x = {.list = NEWS(r->a, m->regs_n, struct reg_ids)};
	enum rc rc = RC_OK;
	*out = NULL;
	*out_n = 0;
	for (size_t i = 0; i < m->regs_n && rc == RC_OK; i++) {
		if (m->regs[i].sensitivity < SENS_MINOR || !own_holds(&m->regs[i]))
			continue;
		x.now = &x.list[x.n++];
		x.now->reg = &m->regs[i];
		rc = own_each(r, person, &m->regs[i], take, &x, err);
	}
	if (rc == RC_OK)
		rc = reads(r, &x, person, out, out_n, err);
	for (size_t i = 0; i < x.n; i++)
		imap_done(&x.list[i].at);
	return rc;
}

enum rc own_row(struct job_ctx *c, int64_t person, struct record **out, struct err *err)
{
	return row_get(
		c->a, c->db, job_city(c), model_reg(job_city(c)->model, STR("person")), person, out, err);
}
