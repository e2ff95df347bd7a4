/* consent_give.c -- see consent_give.h. */
#include "register/consent_give.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/consent_text.h"
#include "register/own.h"
#include "register/person.h"
#include "register/row.h"

static const char Q_DAY[] =
	"SELECT MAX(\"given_on\") FROM \"consent\" WHERE \"person\" = ?1 AND \"purpose_id\" = ?2"
	" AND \"state\" = 'valid' AND \"given_on\" <= ?3"
	" AND (\"withdrawn_on\" IS NULL OR \"withdrawn_on\" > ?3) AND (?4 = 0 OR \"by_guardian\" = 1)";

enum rc consent_give(struct job_ctx *c, const struct consent_order *x, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("consent"));
	struct record *who;
	int64_t id;
	if (reg == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register consent");
	TRY(own_row(c, x->person, &who, err));
	struct entry e[] = {{reg_field(reg, STR("person")), {V_INT, x->person, {NULL, 0}}},
		{reg_field(reg, STR("purpose_id")), {V_TEXT, 0, x->purpose}},
		{reg_field(reg, STR("given_on")), {V_TEXT, 0, date_str(c->a, clock_today())}},
		{reg_field(reg, STR("text_version")), {V_TEXT, 0, x->version}},
		{reg_field(reg, STR("by_guardian")), {V_INT, x->guardian != 0, {NULL, 0}}},
		{reg_field(reg, STR("verified")), {V_TEXT, 0, STR("account")}},
		{reg_field(reg, STR("guardian")), {V_INT, x->guardian, {NULL, 0}}}};
	struct record_input in = {.reg = reg,
		.org = who->org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e - (x->guardian ? 0 : 1),
		.state = STR("valid"),
		.source = STR("form")};
	for (size_t i = 0; i < in.entries_n; i++)
		if (e[i].field == NULL)
			return FAIL(err, RC_NOT_FOUND, "the model's register consent has another shape");
	enum rc rc = record_add(c, &in, &id, err);
	return rc == RC_CONFLICT
		       ? FAIL(err, rc, "a consent to this was given and withdrawn today already: tomorrow")
		       : rc;
}

enum rc consent_text_holds(struct arena *a, const struct model *m, str purpose, str version, struct err *err)
{
	struct consent_text *texts;
	size_t n;
	TRY(consent_texts(a, m, &texts, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(texts[i].purpose, purpose))
			return str_eq(texts[i].version, version)
				       ? RC_OK
				       : FAIL(err, RC_CONFLICT,
						 "the text has changed since you opened the page: read it "
						 "again");
	return FAIL(err, RC_INVALID, "there is no text for “%.*s”", STR_ARG(str_head(purpose, 40)));
}

enum rc consent_day(struct db *db, struct arena *a, int64_t person, str purpose, bool by_guardian, str *out,
	struct err *err)
{
	struct stmt *s;
	bool row;
	char today[DATE_TEXT_BYTES];
	date_text(clock_today(), today);
	*out = STR("");
	TRY(db_prepare(db, Q_DAY, &s, err));
	stmt_bind_i64(s, 1, person);
	stmt_bind_text(s, 2, purpose);
	stmt_bind_text(s, 3, str_of(today));
	stmt_bind_i64(s, 4, by_guardian);
	TRY(stmt_step(s, &row, err));
	if (row)
		*out = stmt_str(a, s, 0);
	stmt_reset(s);
	return RC_OK;
}

enum rc consent_by_guardian(
	struct arena *a, struct db *db, struct city *city, int64_t person, bool *out, struct err *err)
{
	struct record *who;
	TRY(row_get(a, db, city, model_reg(city->model, STR("person")), person, &who, err));
	int32_t born = person_born(who);
	*out = born == DATE_NONE || date_age_years(born, clock_today()) < 14;
	return RC_OK;
}
