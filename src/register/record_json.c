/* record_json.c -- see record_json.h. */
#include "register/record_json.h"
#include "register/attach.h"

static void hidden_names(struct json *j, const struct record *rec)
{
	if ((rec->hidden[0] | rec->hidden[1]) == 0)
		return;
	json_key(j, "sealed");
	json_array(j);
	for (size_t i = 0; i < rec->reg->fields_n; i++)
		if (record_hides(rec, &rec->reg->fields[i]))
			json_str(j, rec->reg->fields[i].id);
	json_array_end(j);
}

void record_json(struct json *j, const struct record *rec)
{
	json_object(j);
	json_put_i64(j, "id", rec->id);
	json_put_i64(j, "org", rec->org);
	json_put_str(j, "state", rec->state);
	json_put_i64(j, "version", rec->version);
	json_put_i64(j, "entered_by", rec->entered_by);
	json_put_i64(j, "entered_at", rec->entered_at);
	json_put_i64(j, "changed_by", rec->changed_by);
	json_put_i64(j, "changed_at", rec->changed_at);
	json_put_str(j, "source", rec->source);
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		const struct value *v = &rec->values[i];
		json_key_str(j, f->id);
		if (v->kind == V_NULL)
			json_null(j);
		else if (v->kind == V_INT && f->type == T_BOOL)
			json_bool(j, v->i);
		else if (v->kind == V_INT)
			json_i64(j, v->i);
		else
			json_str(j,
				f->type == T_FILE ? attach_name(v) : v->t); /* its key is nobody's to see */
	}
	hidden_names(j, rec);
	json_object_end(j);
}
