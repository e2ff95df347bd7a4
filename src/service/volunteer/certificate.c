/* certificate.c -- see certificate.h. */
#include "service/volunteer/certificate.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/ident.h"
#include "guard/code.h"
#include "register/own.h"
#include "register/permit.h"
#include <sodium.h>

enum { CODE_LETTERS = 8 };
#define SERIAL_PREFIX "ZY"

static const char Q_SERVED[] =
	"SELECT r.\"org\", CAST(COALESCE(SUM(r.\"hours\"), 0) AS BIGINT), COUNT(*), MIN(r.\"served_on\"), "
	"MAX(r.\"served_on\") FROM \"service_record\" r JOIN \"volunteer_event\" e ON e.\"id\" = r.\"event\" "
	"WHERE r.\"volunteer\" = ?1 AND r.\"state\" = 'valid' AND e.\"state\" = 'completed' AND "
	"r.\"served_on\" >= ?2 AND r.\"served_on\" <= ?3 GROUP BY r.\"org\" ORDER BY 2 DESC, 1";
static const char Q_LAST[] = "SELECT CAST(COALESCE(MAX(\"id\"), 0) AS BIGINT) FROM \"service_certificate\"";
static const char Q_BY_NUMBER[] = "SELECT \"id\" FROM \"service_certificate\" WHERE \"number\" = ?1";

static enum rc served(struct db *db, struct arena *a, int64_t person, str from, str to, struct served **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_SERVED, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_text(s, 2, from);
	stmt_bind_text(s, 3, to);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct served){
			stmt_i64(s, 0), stmt_i64(s, 1), stmt_i64(s, 2), stmt_str(a, s, 3), stmt_str(a, s, 4)};
	}
}

enum rc served_by(struct reader *r, int64_t person, str from, str to, struct served **out, size_t *out_n,
	struct err *err)
{
	return served(r->db, r->a, person, from, to, out, out_n, err);
}

/* ---- issuing ---- */

static const struct reg *reg_of(const struct city *c)
{
	return model_reg(c->model, STR("service_certificate"));
}

static enum rc number_next(struct job_ctx *c, str *out, struct err *err)
{
	struct stmt *s;
	bool row;
	char text[IDENT_NORMAL_BYTES];
	TRY(db_prepare(c->db, Q_LAST, &s, err));
	TRY(stmt_step(s, &row, err));
	int64_t last = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (!ident_serial(SERIAL_PREFIX, date_ymd(clock_today()).year, last + 1, text))
		return FAIL(err, RC_LIMIT, "there are no more numbers for certificates of this year");
	*out = arena_str(c->a, str_of(text));
	return RC_OK;
}

static void put(const struct reg *reg, struct entry *e, size_t *n, const char *id, str text)
{
	e[(*n)++] = (struct entry){reg_field(reg, str_of(id)), {.kind = V_TEXT, .t = text}};
}

/* One's own: written in the unit's name, for the records are confirmed. The right of the case is lent for this row alone. */
static struct actor issuer(struct job_ctx *c, const struct certificate_order *o)
{
	struct actor who = *c->actor;
	struct case_of *cases = NEWS(c->a, 1, struct case_of);
	if (who.person != o->person && !actor_guards(&who, o->person))
		return who;
	*cases = (struct case_of){STR("person"), STR("site_lead"), o->person};
	who.cases = cases;
	who.cases_n = 1;
	who.roles[0] = STR("site_lead");
	who.roles_n = 1;
	who.org = o->org;
	return who;
}

static enum rc add(struct job_ctx *c, const struct certificate_order *o, const struct served *what,
	int64_t *out_id, struct err *err)
{
	const struct reg *reg = reg_of(job_city(c));
	struct entry e[10];
	char code[CODE_TEXT_BYTES(CODE_LETTERS)], plain[CODE_CHARS_MAX + 1];
	str number;
	size_t n = 0;
	TRY(number_next(c, &number, err));
	code_make(code, CODE_LETTERS);
	code_read(str_of(code), CODE_LETTERS, plain);
	put(reg, e, &n, "number", number);
	put(reg, e, &n, "issued_on", date_str(c->a, clock_today()));
	put(reg, e, &n, "covers_from", what->first);
	put(reg, e, &n, "covers_to", what->last);
	put(reg, e, &n, "code", arena_str(c->a, str_of(plain)));
	put(reg, e, &n, "content",
		arena_fmt(c->a, trn("%lld volunteer event", "%lld volunteer events", what->events),
			(long long)what->events));
	e[n++] = (struct entry){reg->person, {.kind = V_INT, .i = o->person}};
	e[n++] = (struct entry){reg_field(reg, STR("hours")), {.kind = V_INT, .i = what->minutes}};
	struct record_input in = {
		.reg = reg, .org = o->org, .entries = e, .entries_n = n, .source = STR("form")};
	struct actor who = issuer(c, o);
	const struct actor *asked = c->actor;
	c->actor = &who;
	enum rc rc = record_add(c, &in, out_id, err);
	c->actor = asked;
	return rc;
}

enum rc certificate_issue(
	struct job_ctx *c, const struct certificate_order *o, int64_t *out_id, struct err *err)
{
	struct served *list;
	size_t n;
	if (reg_of(job_city(c)) == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register service_certificate");
	TRY(served(c->db, c->a, o->person, o->from, o->to, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (list[i].org == o->org) {
			TRY(add(c, o, &list[i], out_id, err));
			c->action = STR("certificate");
			c->subject = arena_fmt(c->a, "service_certificate:%lld", (long long)*out_id);
			return RC_OK;
		}
	return FAIL(err, RC_NOT_FOUND,
		"there are no confirmed records of service in that unit over these days: nothing to certify");
}

/* ---- reading ---- */

static str text_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static void fill(const struct record *rec, struct certificate *out)
{
	const struct field *hours = reg_field(rec->reg, STR("hours"));
	*out = (struct certificate){.id = rec->id,
		.org = rec->org,
		.person = rec->values[rec->reg->person->at].i,
		.minutes = rec->values[hours->at].i,
		.number = text_of(rec, "number"),
		.code = text_of(rec, "code"),
		.issued_on = text_of(rec, "issued_on"),
		.from = text_of(rec, "covers_from"),
		.to = text_of(rec, "covers_to"),
		.content = text_of(rec, "content"),
		.state = rec->state,
		.valid = str_is(rec->state, "valid")};
}

enum rc certificate_read(struct reader *r, int64_t id, struct certificate *out, struct err *err)
{
	struct record *rec;
	if (reg_of(r->city) == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register service_certificate");
	TRY(record_get(r, reg_of(r->city), id, &rec, err));
	fill(rec, out);
	return RC_OK;
}

static enum rc none(struct err *err)
{
	return FAIL(err, RC_NOT_FOUND,
		"No certificate has this number and this code. Compare both with the paper, letter by "
		"letter.");
}

enum rc certificate_verify(
	struct reader *r, str number, str code, struct certificate *out, str *out_name, struct err *err)
{
	struct ident serial = ident_check(number, clock_today());
	char typed[CODE_CHARS_MAX + 1];
	struct stmt *s;
	bool row;
	if (serial.kind != IDENT_SERIAL || !serial.valid || reg_of(r->city) == NULL ||
		!code_read(code, CODE_LETTERS, typed))
		return none(err);
	TRY(db_prepare(r->db, Q_BY_NUMBER, &s, err));
	stmt_bind_text(s, 1, str_of(serial.normal));
	TRY(stmt_step(s, &row, err));
	int64_t id = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	if (id == 0)
		return none(err);
	struct reader anybody = *r; /* the code is the right to see this one */
	anybody.actor = actor_operator();
	anybody.log = NULL;
	TRY(certificate_read(&anybody, id, out, err));
	if (out->code.n != CODE_LETTERS || sodium_memcmp(out->code.p, typed, CODE_LETTERS) != 0)
		return none(err);
	*out_name = record_label_masked(&anybody, model_reg(r->city->model, STR("person")), out->person);
	out->person = 0;
	out->content = out->code = STR("");
	return RC_OK;
}
