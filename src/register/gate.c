/* gate.c -- see gate.h. */
#include "register/gate.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/workday.h"
#include "register/consent_give.h"
#include "register/invitation.h"
#include "register/label.h"
#include "register/person.h"
#include "register/permit.h"
#include "register/photo.h"
#include "register/plan.h"
#include "register/rights.h"
#include "register/row.h"

static const char Q_ASSESSED[] =
	"SELECT 1 FROM \"impact_assessment\" WHERE \"register_id\" = ?1 AND \"state\" = 'valid'"
	" AND \"necessary\" = 1 AND \"valid_until\" >= ?2 LIMIT 1";
static enum rc stands(struct stmt *s, bool *out, struct err *err)
{
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

/* ---- impact assessment ---- */

static enum rc assessed(struct job_ctx *c, const struct reg *reg, struct err *err)
{
	struct stmt *s;
	bool yes;
	char today[DATE_TEXT_BYTES];
	struct reg_plan *plan = &job_city(c)->plans[reg->at];
	if (plan->opened || reg->sensitivity < SENS_MINOR ||
		model_reg(job_city(c)->model, STR("impact_assessment")) == NULL)
		return RC_OK;
	str sql = arena_fmt(c->a, "SELECT 1 FROM \"%.*s\" LIMIT 1", STR_ARG(reg->id));
	TRY(db_prepare(c->db, sql.p, &s, err));
	TRY(stands(s, &yes, err));
	if (!yes) {
		date_text(clock_today(), today);
		TRY(db_prepare(c->db, Q_ASSESSED, &s, err));
		stmt_bind_text(s, 1, reg->id);
		stmt_bind_text(s, 2, str_of(today));
		TRY(stands(s, &yes, err));
		if (!yes)
			return FAIL(err, RC_INVALID,
				"%.*s holds sensitive data and is not open yet: record an impact assessment "
				"(register impact_assessment, register_id %.*s) first",
				STR_ARG(label_text(&reg->label)), STR_ARG(reg->id));
	}
	plan->opened = true;
	return RC_OK;
}

enum rc gate_found(struct job_ctx *c, struct err *err)
{
	const struct model *m = job_city(c)->model;
	const struct reg *reg = model_reg(m, STR("impact_assessment"));
	int32_t today = clock_today();
	if (reg == NULL)
		return RC_OK;
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *r = &m->regs[i];
		if (r->sensitivity < SENS_MINOR || strncmp(r->mark.file, "model/", 6) != 0)
			continue;
		struct entry e[] = {
			{reg_field(reg, STR("subject")),
				{V_TEXT, 0, arena_fmt(c->a, "程序自带登记册：%.*s", STR_ARG(r->label.zh))}},
			{reg_field(reg, STR("register_id")), {V_TEXT, 0, r->id}},
			{reg_field(reg, STR("done_on")), {V_TEXT, 0, date_str(c->a, today)}},
			{reg_field(reg, STR("necessary")), {V_INT, 1, {NULL, 0}}},
			{reg_field(reg, STR("risk")), {V_TEXT, 0, STR("middle")}},
			{reg_field(reg, STR("measures_text")),
				{V_TEXT, 0,
					STR("姓名、证件、电话和文字加密存放；按授权、个案或本人查看，查看前先"
					    "留审计；"
					    "按角色显示字段；到期删除。三年内由本单位另行评估。")}},
			{reg_field(reg, STR("valid_until")),
				{V_TEXT, 0, date_str(c->a, today + ASSESSMENT_DAYS)}}};
		struct record_input in = {.reg = reg,
			.org = job_city(c)->root_org,
			.entries = e,
			.entries_n = sizeof e / sizeof *e,
			.state = reg->import_state,
			.source = STR("form")};
		int64_t id;
		for (size_t k = 0; k < in.entries_n; k++)
			if (e[k].field == NULL)
				return RC_OK; /* another model, with an assessment of its own shape */
		TRY(record_add(c, &in, &id, err));
	}
	return RC_OK;
}

/* ---- consent ---- */

bool consent_concerns(const struct record *rec)
{
	const struct reg *r = rec->reg;
	if (r->person == NULL || rec->values[r->person->at].kind != V_INT)
		return false;
	if (r->consent_row)
		return true;
	if ((r->consent[0] | r->consent[1]) == 0)
		return false;
	for (size_t i = 0; i < r->fields_n; i++)
		if ((r->consent[i / 64] >> (i % 64) & 1) && rec->values[i].kind != V_NULL)
			return true;
	return false;
}

enum rc consent_stands(struct db *db, int64_t person, str purpose, bool under_14, bool *out, struct err *err)
{
	struct arena a = {0};
	str day;
	enum rc rc = consent_day(db, &a, person, purpose, under_14, &day, err);
	*out = rc == RC_OK && day.n > 0;
	arena_done(&a);
	return rc;
}

static enum rc consented(struct job_ctx *c, const struct record *rec, struct err *err)
{
	bool yes, young;
	if (!consent_concerns(rec))
		return RC_OK;
	int64_t person = rec->values[rec->reg->person->at].i;
	TRY(consent_by_guardian(c->a, c->db, job_city(c), person, &young, err));
	TRY(consent_stands(c->db, person, rec->reg->purpose, young, &yes, err));
	if (yes)
		return RC_OK;
	if (young)
		return FAIL(err, RC_INVALID,
			"%.*s: under fourteen (or of unknown age), and no guardian's consent for the purpose "
			"%.*s is in "
			"force; record it first (register consent), or leave these fields empty",
			STR_ARG(label_text(&rec->reg->label)), STR_ARG(rec->reg->purpose));
	return FAIL(err, RC_INVALID,
		"%.*s: no consent for the purpose %.*s is in force; record it first (register consent), or "
		"leave these "
		"fields empty",
		STR_ARG(label_text(&rec->reg->label)), STR_ARG(rec->reg->purpose));
}

enum rc consent_mask(struct db *db, struct city *city, struct record *rec, bool *out_closed, struct err *err)
{
	struct arena a = {0};
	bool yes, young = true;
	const struct reg *r = rec->reg;
	*out_closed = false;
	if (!consent_concerns(rec))
		return RC_OK;
	int64_t person = rec->values[r->person->at].i;
	enum rc rc = consent_by_guardian(&a, db, city, person, &young, err);
	arena_done(&a);
	if (rc == RC_OK)
		rc = consent_stands(db, person, r->purpose, young, &yes, err);
	if (rc != RC_OK || yes)
		return rc;
	*out_closed = r->consent_row;
	for (size_t i = 0; i < r->fields_n; i++)
		if ((r->consent[i / 64] >> (i % 64) & 1) && rec->values[i].kind != V_NULL) {
			rec->values[i] = (struct value){0};
			rec->hidden[i / 64] |= (uint64_t)1 << (i % 64);
		}
	return RC_OK;
}

enum rc gate_answer_by(struct arena *a, int32_t day, int32_t *out, struct err *err)
{
	struct workdays w;
	TRY(workday_shipped(a, &w, err));
	*out = workday_add(&w, day, REQUEST_ANSWER_WORKDAYS);
	return RC_OK;
}

/* What was stored under a withdrawn consent is to go: a request with its clock, in the queue of the staff. */
static enum rc ask_deletion(struct job_ctx *c, const struct record *consent, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("data_request"));
	const struct field *by = reg_field(consent->reg, STR("by_guardian"));
	struct actor program = actor_operator();
	const struct actor *kept = c->actor;
	str action = c->action, subject = c->subject;
	int64_t id;
	int32_t due;
	if (reg == NULL)
		return RC_OK;
	TRY(gate_answer_by(c->a, clock_today(), &due, err));
	struct entry e[] = {{reg_field(reg, STR("person")), consent->values[consent->reg->person->at]},
		{reg_field(reg, STR("asked_by")),
			{V_TEXT, 0, by && consent->values[by->at].i ? STR("guardian") : STR("self")}},
		{reg_field(reg, STR("kind")), {V_TEXT, 0, STR("delete")}},
		{reg_field(reg, STR("asked_on")), {V_TEXT, 0, date_str(c->a, clock_today())}},
		{reg_field(reg, STR("due_on")), {V_TEXT, 0, date_str(c->a, due)}}};
	struct record_input in = {.reg = reg,
		.org = consent->org,
		.entries = e,
		.entries_n = sizeof e / sizeof *e,
		.state = STR("open"),
		.source = STR("form")};
	c->actor = &program;
	enum rc rc = record_add(c, &in, &id, err);
	c->actor = kept;
	c->action = action;
	c->subject = subject;
	c->detail = arena_fmt(c->a, "data_request:%lld", (long long)id);
	return rc;
}

/* A child's account stands on the guardian's consent alone: it ends with it, and so do its sessions. */
static enum rc end_account(struct job_ctx *c, int64_t person, struct err *err)
{
	struct actor program = actor_operator();
	const struct actor *kept = c->actor;
	str action = c->action, subject = c->subject;
	c->actor = &program;
	enum rc rc = account_disable(c, person, true, err);
	c->actor = kept;
	c->action = action;
	c->subject = subject;
	if (rc != RC_NOT_FOUND)
		return rc;
	if (err)
		*err = (struct err){0};
	return RC_OK;
}

enum rc gate_moved(struct job_ctx *c, const struct record *old, const struct record *rec, struct err *err)
{
	const struct field *purpose = reg_field(rec->reg, STR("purpose_id"));
	if (!str_is(rec->reg->id, "consent") || !str_is(rec->state, "withdrawn") ||
		str_is(old->state, "withdrawn"))
		return RC_OK;
	if (purpose && str_is(rec->values[purpose->at].t, INVITATION_PURPOSE))
		return end_account(c, rec->values[rec->reg->person->at].i, err);
	if (purpose && str_is(rec->values[purpose->at].t, PHOTO_PURPOSE))
		TRY(photo_consent_gone(c, rec->values[rec->reg->person->at].i, err));
	return ask_deletion(c, rec, err);
}

/* ---- agreements ---- */

/* An agreement names fields that the register shares at all. */
static enum rc agreed_shared(struct job_ctx *c, const struct reg *reg, const struct field *in,
	const uint64_t set[2], struct err *err)
{
	struct buf may = {0};
	const struct field *closed = NULL;
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (field_in(reg->shared, f))
			buf_printf(&may, "%s%.*s", may.n ? ", " : "", STR_ARG(f->id));
		else if (field_in(set, f) && closed == NULL)
			closed = f;
	}
	str list = arena_str(c->a, buf_str(&may));
	buf_done(&may);
	if (closed && list.n == 0)
		return FAIL(err, RC_INVALID, "%.*s: nothing of %.*s is shared with departments",
			STR_ARG(label_text(&in->label)), STR_ARG(label_text(&reg->label)));
	if (closed)
		return FAIL(err, RC_INVALID, "%.*s: “%.*s” of %.*s is not shared; what may be: %.*s",
			STR_ARG(label_text(&in->label)), STR_ARG(closed->id),
			STR_ARG(label_text(&reg->label)), STR_ARG(list));
	return RC_OK;
}

static enum rc agreement_names(struct job_ctx *c, const struct record *rec, struct err *err)
{
	const struct field *reg_id = reg_field(rec->reg, STR("register_id")),
			   *fields = reg_field(rec->reg, STR("field_ids")),
			   *purpose = reg_field(rec->reg, STR("purpose_id"));
	if (!str_is(rec->reg->id, "sharing_agreement") || reg_id == NULL || fields == NULL || purpose == NULL)
		return RC_OK;
	uint64_t set[2] = {0};
	str unknown;
	const struct reg *reg = model_reg(job_city(c)->model, rec->values[reg_id->at].t);
	if (reg == NULL)
		return FAIL(err, RC_INVALID, "%.*s: there is no register “%.*s”",
			STR_ARG(label_text(&reg_id->label)), STR_ARG(rec->values[reg_id->at].t));
	const struct role_kind *partner = model_role(job_city(c)->model, STR("partner_contact"));
	if (partner == NULL || !label_role_dominates(partner, reg))
		return FAIL(err, RC_INVALID, "%.*s: the label of a partner's contact does not reach %.*s",
			STR_ARG(label_text(&reg_id->label)), STR_ARG(label_text(&reg->label)));
	if (!str_eq(rec->values[purpose->at].t, reg->purpose))
		return FAIL(err, RC_INVALID, "%.*s: %.*s is kept for “%.*s” and is shared for that alone",
			STR_ARG(label_text(&purpose->label)), STR_ARG(label_text(&reg->label)),
			STR_ARG(reg->purpose));
	rights_field_ids(c->a, reg, rec->values[fields->at].t, set, &unknown);
	if (unknown.n || (set[0] | set[1]) == 0)
		return FAIL(err, RC_INVALID, "%.*s: %.*s has no field “%.*s”; write field ids, such as %.*s",
			STR_ARG(label_text(&fields->label)), STR_ARG(reg->id), STR_ARG(unknown),
			STR_ARG(reg->fields[0].id));
	return agreed_shared(c, reg, fields, set, err);
}

static bool touches(const uint64_t changed[2], const struct field *f)
{
	return changed[f->at / 64] >> (f->at % 64) & 1;
}

/* Who was looked at as guardian and child are not two others afterwards. */
static enum rc proven_stays(const struct record *rec, const uint64_t changed[2], struct err *err)
{
	const struct reg *r = rec->reg;
	if (changed == NULL || r->guardian_proof == NULL || rec->values[r->guardian_proof->at].kind == V_NULL)
		return RC_OK;
	if (touches(changed, r->guardian) || touches(changed, r->person))
		return FAIL(err, RC_CONFLICT, "%.*s: this has been verified; void the row and record it anew",
			STR_ARG(label_text(&r->label)));
	return RC_OK;
}

enum rc gate_write(struct job_ctx *c, const struct record *rec, const uint64_t changed[2], struct err *err)
{
	TRY(proven_stays(rec, changed, err));
	if (changed == NULL)
		TRY(assessed(c, rec->reg, err));
	TRY(agreement_names(c, rec, err));
	bool touched = changed == NULL ||
		       ((changed[0] & rec->reg->consent[0]) | (changed[1] & rec->reg->consent[1]));
	return touched ? consented(c, rec, err) : RC_OK;
}
