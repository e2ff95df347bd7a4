/* entry.c -- a field's text as forms and commands give it, read to the value that is kept (record.h). */
#include "base/clock.h"
#include "base/ident.h"
#include "register/person.h"

static enum rc person_entry(
	struct job_ctx *c, const struct field *f, int64_t org, str text, int64_t *out, struct err *err)
{
	if (str_starts(str_trim(text), STR("#")))
		return resolve_ref(c->db, job_city(c), f, org, text, out, err);
	struct person_input in = {.name = text, .unit = org ? org : c->actor->org};
	struct ident id = ident_check(text, clock_today());
	if (id.kind == IDENT_CITIZEN && id.valid)
		in = (struct person_input){.citizen_id = text, .unit = in.unit};
	TRY(person_find(c->db, job_city(c), c->a, &in, out, err));
	if (*out == 0)
		return FAIL(err, RC_NOT_FOUND,
			"%.*s: nobody of that name or ID is unique in this unit; give #id",
			STR_ARG(label_text(&f->label)));
	return RC_OK;
}

enum rc entry_read(
	struct job_ctx *c, const struct field *f, int64_t org, str text, struct entry *out, struct err *err)
{
	struct value v;
	TRY(value_parse(c->a, f, text, &v, err));
	if (v.kind == V_TEXT && (f->type == T_REF || f->type == T_ORG || f->type == T_PERSON)) {
		int64_t id;
		if (f->type == T_PERSON)
			TRY(person_entry(c, f, org, v.t, &id, err));
		else
			TRY(resolve_ref(c->db, job_city(c), f, org, v.t, &id, err));
		v = (struct value){.kind = V_INT, .i = id};
	} else if (v.kind == V_TEXT && (f->type == T_REFS || f->type == T_ORGS)) {
		TRY(resolve_list(c->db, job_city(c), c->a, f, org, v.t, &v.t, err));
	}
	*out = (struct entry){f, v};
	return RC_OK;
}
