/* award_paper.c -- see award_paper.h. */
#include "service/contest/award_paper.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/ident.h"
#include "guard/code.h"
#include <sodium.h>

enum { CODE_LETTERS = 8, SERIAL_AT = 7, SERIAL_DIGITS = 8 };
#define SERIAL_PREFIX "HJ"

static const struct reg *reg_of(const struct city *c, const char *id)
{
	return model_reg(c->model, str_of(id));
}

static str text_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static int64_t ref_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_INT ? rec->values[f->at].i : 0;
}

/* The award alone. */
static void fill(struct arena *a, const struct record *rec, struct award_paper *out)
{
	char number[IDENT_NORMAL_BYTES] = "";
	int32_t day = DATE_NONE, until;
	*out = (struct award_paper){.id = rec->id,
		.org = rec->org,
		.code = text_of(rec, "code"),
		.level = text_of(rec, "contest_level"),
		.rank = text_of(rec, "rank"),
		.awarded_on = text_of(rec, "awarded_on"),
		.valid = str_is(rec->state, "valid")};
	out->open_to_objection = date_parse(text_of(rec, "public_to"), &until) && until >= clock_today();
	if (date_parse(out->awarded_on, &day) &&
		ident_serial(SERIAL_PREFIX, date_ymd(day).year, rec->id, number))
		out->number = arena_str(a, str_of(number));
}

static enum rc entry_fill(
	struct reader *r, int64_t entry, bool open, struct award_paper *out, struct err *err)
{
	struct record *rec;
	const struct reg *person = reg_of(r->city, "person");
	TRY(record_get(r, reg_of(r->city, "entry"), entry, &rec, err));
	int64_t who = rec->reg->person ? rec->values[rec->reg->person->at].i : 0;
	out->work = text_of(rec, "work_title");
	out->team = text_of(rec, "team");
	out->contest = record_label(r, reg_of(r->city, "contest"), ref_of(rec, "contest"));
	out->name = open ? record_label_open(r, person, who) : record_label_masked(r, person, who);
	return RC_OK;
}

static enum rc award_get(struct reader *r, int64_t id, struct record **out, struct err *err)
{
	if (reg_of(r->city, "award") == NULL || reg_of(r->city, "entry") == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register award");
	return record_get(r, reg_of(r->city, "award"), id, out, err);
}

enum rc award_paper_read(struct reader *r, int64_t id, struct award_paper *out, struct err *err)
{
	struct record *rec;
	TRY(award_get(r, id, &rec, err));
	fill(r->a, rec, out);
	return entry_fill(r, ref_of(rec, "entry"), true, out, err);
}

enum rc award_paper_make(struct job_ctx *c, int64_t id, struct err *err)
{
	struct city *city = job_city(c);
	struct reader r = {.db = c->db, .city = city, .a = c->a, .actor = *c->actor, .tree = city->tree};
	struct award_paper now;
	struct record *rec;
	char code[CODE_TEXT_BYTES(CODE_LETTERS)], plain[CODE_CHARS_MAX + 1];
	TRY(award_get(&r, id, &rec, err));
	fill(c->a, rec, &now);
	if (now.code.n)
		return RC_OK;
	if (!now.valid)
		return FAIL(err, RC_CONFLICT, "this award is not in force");
	if (now.open_to_objection)
		return FAIL(err, RC_CONFLICT,
			"its publicity still runs: the certificate is made when it is over");
	code_make(code, CODE_LETTERS);
	(void)code_read(str_of(code), CODE_LETTERS, plain);
	const struct reg *reg = rec->reg;
	struct entry e = {reg_field(reg, STR("code")), {.kind = V_TEXT, .t = arena_str(c->a, str_of(plain))}};
	if (e.field == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no register award");
	c->action = STR("certificate");
	c->subject = arena_fmt(c->a, "award:%lld", (long long)id);
	return record_set(c, reg, id, 0, &e, 1, err);
}

static enum rc none(struct err *err)
{
	return FAIL(err, RC_NOT_FOUND,
		"No certificate has this number and this code. Compare both with the paper, letter by "
		"letter.");
}

bool award_paper_number(str number)
{
	struct ident serial = ident_check(number, clock_today());
	return serial.kind == IDENT_SERIAL &&
	       strncmp(serial.normal, SERIAL_PREFIX, strlen(SERIAL_PREFIX)) == 0;
}

enum rc award_paper_verify(struct reader *r, str number, str code, struct award_paper *out, struct err *err)
{
	struct ident serial = ident_check(number, clock_today());
	char typed[CODE_CHARS_MAX + 1];
	struct record *rec;
	int64_t id;
	struct reader anybody = *r; /* the code is the right to see this one */
	anybody.actor = actor_operator();
	anybody.log = NULL;
	if (!award_paper_number(number) || !serial.valid || !code_read(code, CODE_LETTERS, typed) ||
		!str_i64(str_head(str_from(str_of(serial.normal), SERIAL_AT), SERIAL_DIGITS), &id) ||
		award_get(&anybody, id, &rec, NULL) != RC_OK)
		return none(err);
	fill(r->a, rec, out);
	if (!str_eq(out->number, str_of(serial.normal)) || out->code.n != CODE_LETTERS ||
		sodium_memcmp(out->code.p, typed, CODE_LETTERS) != 0)
		return none(err);
	TRY(entry_fill(&anybody, ref_of(rec, "entry"), false, out, err));
	out->code = out->work = out->team = STR("");
	return RC_OK;
}
