/* entry.c -- a field's text as forms and commands give it, read to the value that is kept (record.h). */
#include "base/clock.h"
#include "base/ident.h"
#include "register/person.h"

static enum rc person_entry(
	const struct entry_place *at, const struct field *f, str text, int64_t *out, struct err *err)
{
	if (str_starts(str_trim(text), STR("#")))
		return resolve_ref(at->db, at->city, f, at->org, text, out, err);
	struct person_input in = {.name = text, .unit = at->org ? at->org : at->home};
	struct ident id = ident_check(text, clock_today());
	if (id.kind == IDENT_CITIZEN && id.valid)
		in = (struct person_input){.citizen_id = text, .unit = in.unit};
	TRY(person_find(at->db, at->city, at->a, &in, out, err));
	if (*out == 0)
		return FAIL(err, RC_NOT_FOUND,
			"%.*s: nobody of that name or ID is unique in this unit; give #id",
			STR_ARG(label_text(&f->label)));
	return RC_OK;
}

enum rc entry_read_at(
	const struct entry_place *at, const struct field *f, str text, struct entry *out, struct err *err)
{
	struct value v;
	TRY(value_parse(at->a, f, text, &v, err));
	if (v.kind == V_TEXT && (f->type == T_REF || f->type == T_ORG || f->type == T_PERSON)) {
		int64_t id;
		if (f->type == T_PERSON)
			TRY(person_entry(at, f, v.t, &id, err));
		else
			TRY(resolve_ref(at->db, at->city, f, at->org, v.t, &id, err));
		v = (struct value){.kind = V_INT, .i = id};
	} else if (v.kind == V_TEXT && (f->type == T_REFS || f->type == T_ORGS)) {
		TRY(resolve_list(at->db, at->city, at->a, f, at->org, v.t, &v.t, err));
	}
	*out = (struct entry){f, v};
	return RC_OK;
}

enum rc entry_read(
	struct job_ctx *c, const struct field *f, int64_t org, str text, struct entry *out, struct err *err)
{
	struct entry_place at = {c->db, job_city(c), c->a, org, c->actor->org};
	return entry_read_at(&at, f, text, out, err);
}
