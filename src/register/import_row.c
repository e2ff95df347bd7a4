/* import_row.c -- see import_row.h. */
#include "register/import_row.h"
#include "register/narrow.h"
#include "register/person.h"
#include <stdio.h>

void import_note(struct import_state *s, int64_t row, const struct column *column, str value, str message,
	bool warning)
{
	struct import_part *p = &s->slice;
	if (p->errors_n >= IMPORT_ERRORS_MAX)
		return;
	bool masked =
		column && ((column->field && column->field->sealed) ||
				  (column->kind >= COL_PERSON_NAME && column->kind <= COL_PERSON_BIRTH));
	p->errors = arena_grow(s->a, p->errors, p->errors_n, &p->errors_cap, sizeof *p->errors);
	p->errors[p->errors_n++] = (struct import_error){.row = row,
		.column = column ? column->header : (str){NULL, 0},
		.field = column && column->field ? column->field->id : (str){NULL, 0},
		.value = masked && value.n ? STR("***") : arena_str(s->a, str_head(value, 120)),
		.message = arena_str(s->a, message),
		.warning = warning};
}

static bool is_ditto(str t)
{
	return str_is(t, "同上") || str_is(t, "〃") || str_is(t, "\"");
}

/* The text of a cell; 同上 takes the row above where the field allows it. */
static str cell_text(const struct import_row *row, const struct import_row *above, size_t at,
	const struct column *col, const char **out_fault)
{
	str t = at < row->n ? str_trim(row->cells[at]) : (str){NULL, 0};
	*out_fault = NULL;
	if (!is_ditto(t))
		return t;
	bool allowed = col->kind == COL_ORG || (col->field && col->field->ditto);
	if (!allowed)
		*out_fault = N_("同上 is not taken in this column: write the value out");
	else if (above == NULL || at >= above->n)
		*out_fault = N_("同上 stands in the first row");
	return allowed && above && at < above->n ? str_trim(above->cells[at]) : (str){NULL, 0};
}

static bool is_storage(enum rc rc)
{
	return rc == RC_IO || rc == RC_UNKNOWN;
}

static enum rc state_of(const struct reg *reg, struct arena *a, str text, str *out, struct err *err)
{
	str t = narrow_label(a, text);
	for (size_t i = 0; i < reg->states_n; i++) {
		const struct state *s = &reg->states[i];
		if (str_eq(t, s->id) || str_eq(t, narrow_label(a, s->label.zh)) ||
			str_eq(t, narrow_label(a, s->label.en))) {
			*out = s->id;
			return RC_OK;
		}
	}
	return FAIL(err, RC_INVALID, "“%.*s” is no state of %.*s", STR_ARG(text),
		STR_ARG(label_text(&reg->label)));
}

static enum rc field_cell(
	struct job_ctx *c, const struct column *col, str text, struct parsed_row *out, struct err *err)
{
	const struct field *f = col->field;
	if (f->type == T_MONEY && str_is(col->unit, "万元"))
		text = arena_fmt(c->a, "%.*s万元", STR_ARG(text));
	if (f->type == T_HOURS && str_starts(col->unit, STR("分")))
		text = arena_fmt(c->a, "%.*s分钟", STR_ARG(text));
	TRY(entry_read(c, f, out->org, text, &out->entries[out->entries_n], err));
	out->entries_n++;
	return RC_OK;
}

/* One cell into the row or the person. */
static enum rc cell(struct job_ctx *c, const struct column *col, str text, struct parsed_row *out,
	struct person_input *person, struct err *err)
{
	static const struct field sex = {.type = T_TEXT};
	switch (col->kind) {
	case COL_FIELD:
		return field_cell(c, col, text, out, err);
	case COL_PERSON_NAME:
		person->name = text;
		return RC_OK;
	case COL_PERSON_ID:
		person->citizen_id = text;
		return RC_OK;
	case COL_PERSON_PHONE:
		person->phone = text;
		return RC_OK;
	case COL_PERSON_SEX: {
		const struct field *f = reg_field(model_reg(job_city(c)->model, STR("person")), STR("sex"));
		struct value v;
		TRY(value_parse(c->a, f ? f : &sex, text, &v, err));
		person->sex = v.t;
		return RC_OK;
	}
	case COL_PERSON_BIRTH: {
		struct field month = {
			.type = T_MONTH, .label = {STR("出生年月"), STR("birth month")}, .sealed = true};
		struct value v;
		TRY(value_parse(c->a, &month, text, &v, err));
		person->birth_month = v.t;
		return RC_OK;
	}
	case COL_ORG: /* read before all others */
	case COL_STATE:
	case COL_NUMBER:
	case COL_NONE:
		break;
	}
	return RC_OK;
}

/* The owner first: references are resolved inside it. */
static enum rc owner(struct job_ctx *c, struct import_state *s, const struct import_row *row,
	const struct import_row *above, struct parsed_row *out, const struct column **out_col,
	struct err *err)
{
	struct city *city = job_city(c);
	out->org = s->org ? s->org : c->actor->org ? c->actor->org : city->root_org;
	for (size_t i = 0; i < s->map->n; i++) {
		const char *fault;
		const struct column *col = &s->map->columns[i];
		if (col->kind != COL_ORG)
			continue;
		str text = cell_text(row, above, i, col, &fault);
		*out_col = col;
		if (fault)
			return FAIL(err, RC_INVALID, "%s", tr(fault));
		if (text.n)
			return resolve_row(
				c->db, city, model_reg(city->model, STR("org")), 0, text, &out->org, err);
	}
	return RC_OK;
}

static void add_text(struct hasher *h, str s)
{
	char n[24];
	snprintf(n, sizeof n, "%zu:", s.n);
	hasher_add(h, str_of(n));
	hasher_add(h, s);
}

static str value_bytes(struct arena *a, const struct value *v)
{
	return v->kind == V_INT ? arena_fmt(a, "%lld", (long long)v->i) : v->t;
}

static void digest(struct arena *a, struct parsed_row *out)
{
	struct hasher h;
	hasher_init(&h, HASH_SHA256);
	add_text(&h, arena_fmt(a, "%lld", (long long)out->org));
	add_text(&h, out->state);
	for (size_t i = 0; i < out->entries_n; i++) {
		add_text(&h, out->entries[i].field->id);
		add_text(&h, value_bytes(a, &out->entries[i].value));
	}
	out->digest = hasher_end(&h);
}

static void key(struct arena *a, const struct reg *reg, struct parsed_row *out)
{
	str k = {NULL, 0};
	for (size_t i = 0; i < reg->key_n && !reg->key_row; i++) {
		const struct value *v = NULL;
		for (size_t e = 0; e < out->entries_n; e++)
			if (out->entries[e].field == reg->key[i])
				v = &out->entries[e].value;
		if (v == NULL || v->kind == V_NULL)
			return;
		k = arena_fmt(a, "%.*s\x1f%.*s", STR_ARG(k), STR_ARG(value_bytes(a, v)));
	}
	out->key = k;
}

static enum rc resolve_person(struct job_ctx *c, const struct reg *reg, const struct person_input *in,
	struct parsed_row *out, struct err *err)
{
	int64_t person;
	bool is_new, changed;
	if (in->name.n == 0 && in->citizen_id.n == 0)
		return RC_OK;
	TRY(person_resolve(c, in, &person, &is_new, &changed, err));
	out->person_changed = changed;
	out->entries[out->entries_n++] = (struct entry){reg->person, {.kind = V_INT, .i = person}};
	return RC_OK;
}

static bool refused(struct import_state *s, const struct import_row *row, const struct column *col, str value,
	enum rc rc, const struct err *e, enum rc *out_rc, struct err *err)
{
	if (is_storage(rc)) {
		*out_rc = rc;
		if (err)
			*err = *e;
		return true;
	}
	import_note(s, row->row, col, value, str_of(e->text), false);
	return false;
}

static bool read_cells(struct job_ctx *c, struct import_state *s, const struct import_row *row,
	const struct import_row *above, struct parsed_row *out, struct person_input *person, enum rc *out_rc,
	struct err *err)
{
	bool good = true;
	struct err e = {0};
	for (size_t i = 0; i < s->map->n; i++) {
		const struct column *col = &s->map->columns[i];
		const char *fault;
		str text = cell_text(row, above, i, col, &fault);
		enum rc rc = RC_OK;
		if (row->fault && row->fault_column == i && col->kind != COL_NONE)
			fault = row->fault;
		if (fault && col->kind != COL_ORG)
			rc = FAIL(&e, RC_INVALID, "%s", tr(fault));
		else if (text.n && col->kind == COL_STATE)
			rc = state_of(s->map->reg, c->a, text, &out->state, &e);
		else if (text.n)
			rc = cell(c, col, text, out, person, &e);
		if (rc == RC_OK)
			continue;
		good = false;
		if (refused(s, row, col, text, rc, &e, out_rc, err))
			return false;
	}
	return good;
}

static const struct column *column_of(const struct import_map *m, enum column_kind kind)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->columns[i].kind == kind)
			return &m->columns[i];
	return NULL;
}

bool import_row_parse(struct job_ctx *c, struct import_state *s, const struct import_row *row,
	const struct import_row *above, struct parsed_row *out, enum rc *out_rc, struct err *err)
{
	const struct reg *reg = s->map->reg;
	struct person_input person = {0};
	const struct column *col = NULL;
	struct err e = {0};
	*out_rc = RC_OK;
	*out = (struct parsed_row){.row = row, .state = reg->import_state};
	out->entries = NEWS(c->a, s->map->n + 2, struct entry);
	enum rc rc = owner(c, s, row, above, out, &col, &e);
	if (rc != RC_OK) {
		refused(s, row, col, STR(""), rc, &e, out_rc, err);
		return false;
	}
	if (!read_cells(c, s, row, above, out, &person, out_rc, err))
		return false;
	person.unit = out->org;
	if (reg->person)
		rc = resolve_person(c, reg, &person, out, &e);
	if (rc != RC_OK) {
		col = column_of(s->map, person.citizen_id.n ? COL_PERSON_ID : COL_PERSON_NAME);
		refused(s, row, col, STR("x"), rc, &e, out_rc, err);
		return false;
	}
	digest(c->a, out);
	key(c->a, reg, out);
	return true;
}
