/* import_row.c -- see import_row.h. */
#include "register/import_row.h"
#include "base/clock.h"
#include "base/ident.h"
#include "base/utf8.h"
#include "register/import_people.h"
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
		.value = masked && value.n ? STR("***") : arena_str(s->a, utf8_head(value, 120)),
		.message = arena_str(s->a, message),
		.warning = warning};
}

static bool is_ditto(str t)
{
	return str_is(t, "同上") || str_is(t, "〃") || str_is(t, "\"");
}

str import_above(
	const struct import_state *s, const struct import_row *first, const struct import_row *row, size_t at)
{
	while (row > first) {
		row--;
		str t = at < row->n ? str_trim(row->cells[at]) : (str){NULL, 0};
		if (!is_ditto(t))
			return t;
	}
	return at < s->above_n ? str_trim(s->above[at]) : (str){NULL, 0};
}

/* A row with the rows above it. */
struct placed {
	const struct import_state *s;
	const struct import_row *first, *row;
};

/* The text of a cell; 同上 takes the value above where the field allows it. */
static str cell_text(const struct placed *p, size_t at, const struct column *col, const char **out_fault)
{
	str t = at < p->row->n ? str_trim(p->row->cells[at]) : (str){NULL, 0};
	*out_fault = NULL;
	if (!is_ditto(t))
		return t;
	bool allowed = col->kind == COL_ORG || (col->field && col->field->ditto);
	if (!allowed && str_is(t, "\""))
		return t;
	if (!allowed) {
		*out_fault = N_("同上 is not taken in this column: write the value out");
		return (str){NULL, 0};
	}
	t = import_above(p->s, p->first, p->row, at);
	if (t.n == 0)
		*out_fault = N_("同上 stands where nothing is above it");
	return t;
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

/* The place of a name already resolved in this slice (0: not yet), NULL where the answer may change within the slice. */
static int64_t *known_ref(
	struct job_ctx *c, struct import_state *s, const struct reg *to, int64_t org, str text)
{
	struct import_refs *refs = s->refs;
	if (to == NULL || to == s->map->reg)
		return NULL;
	const int64_t head[] = {(int64_t)to->at, org};
	char *key = arena_alloc(c->a, sizeof head + text.n);
	memcpy(key, head, sizeof head);
	memcpy(key + sizeof head, text.p, text.n);
	str k = {key, sizeof head + text.n};
	int64_t *at = map_get(&refs->by_text, k);
	if (at == NULL) {
		at = NEW(refs->a, int64_t);
		map_put(&refs->by_text, arena_str(refs->a, k), at);
	}
	return at;
}

static enum rc reference(struct job_ctx *c, struct import_state *s, const struct field *f, str text,
	struct parsed_row *out, struct err *err)
{
	struct entry *e = &out->entries[out->entries_n];
	int64_t *known = known_ref(c, s, f->to_reg, out->org, text);
	if (known && *known) {
		*e = (struct entry){f, {.kind = V_INT, .i = *known}};
		return RC_OK;
	}
	enum rc rc = entry_read(c, f, out->org, text, e, err);
	out->later |= rc == RC_NOT_FOUND && f->to_reg == s->map->reg;
	if (rc == RC_OK && known)
		*known = e->value.i;
	return rc;
}

static enum rc field_cell(struct job_ctx *c, struct import_state *s, const struct column *col, str text,
	struct parsed_row *out, struct err *err)
{
	const struct field *f = col->field;
	if (f->type == T_MONEY && str_is(col->unit, "万元"))
		text = arena_fmt(c->a, "%.*s万元", STR_ARG(text));
	if (f->type == T_HOURS && str_starts(col->unit, STR("分")))
		text = arena_fmt(c->a, "%.*s分钟", STR_ARG(text));
	if (f->type == T_REF || f->type == T_ORG)
		TRY(reference(c, s, f, text, out, err));
	else
		TRY(entry_read(c, f, out->org, text, &out->entries[out->entries_n], err));
	out->entries_n++;
	return RC_OK;
}

/* One cell into the row or the person. */
static enum rc cell(struct job_ctx *c, struct import_state *s, const struct column *col, str text,
	struct parsed_row *out, struct person_input *person, struct err *err)
{
	static const struct field sex = {.type = T_TEXT};
	switch (col->kind) {
	case COL_FIELD:
		return field_cell(c, s, col, text, out, err);
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

static enum rc owner_named(
	struct job_ctx *c, struct import_state *s, str text, struct parsed_row *out, struct err *err)
{
	const struct reg *org = model_reg(job_city(c)->model, STR("org"));
	int64_t *known = known_ref(c, s, org, 0, text);
	if (known && *known) {
		out->org = *known;
		return RC_OK;
	}
	TRY(resolve_row(c->db, job_city(c), org, 0, text, &out->org, err));
	if (known)
		*known = out->org;
	return RC_OK;
}

/* The owner first: references are resolved inside it. */
static enum rc owner(struct job_ctx *c, struct import_state *s, const struct placed *place,
	struct parsed_row *out, const struct column **out_col, struct err *err)
{
	struct city *city = job_city(c);
	out->org = s->org ? s->org : c->actor->org ? c->actor->org : city->root_org;
	for (size_t i = 0; i < s->map->n; i++) {
		const char *fault;
		const struct column *col = &s->map->columns[i];
		if (col->kind != COL_ORG)
			continue;
		str text = cell_text(place, i, col, &fault);
		*out_col = col;
		if (fault)
			return FAIL(err, RC_INVALID, "%s", tr(fault));
		if (text.n)
			return owner_named(c, s, text, out, err);
	}
	return RC_OK;
}

static void add_i64(struct hasher *h, int64_t v)
{
	hasher_add(h, (str){(const char *)&v, sizeof v});
}

static void add_text(struct hasher *h, str s)
{
	add_i64(h, (int64_t)s.n);
	hasher_add(h, s);
}

static void digest(struct parsed_row *out)
{
	struct hasher h;
	hasher_init(&h, HASH_SHA256);
	add_i64(&h, out->org);
	add_text(&h, out->state);
	for (size_t i = 0; i < out->entries_n; i++) {
		const struct value *v = &out->entries[i].value;
		add_text(&h, out->entries[i].field->id);
		add_i64(&h, v->kind);
		if (v->kind == V_INT)
			add_i64(&h, v->i);
		else
			add_text(&h, v->t);
	}
	out->digest = hasher_end(&h);
}

static const struct value *entry_of(const struct parsed_row *p, const struct field *f)
{
	for (size_t i = 0; f && i < p->entries_n; i++)
		if (p->entries[i].field == f && p->entries[i].value.kind != V_NULL)
			return &p->entries[i].value;
	return NULL;
}

/* The natural key as one text: empty where a part of it is missing. */
static void key(struct arena *a, const struct reg *reg, struct parsed_row *out)
{
	size_t n = sizeof out->org, at = 0;
	if (reg->key_row || (reg->key_n == 0 && !reg->key_org))
		return;
	for (size_t i = 0; i < reg->key_n; i++) {
		const struct value *v = entry_of(out, reg->key[i]);
		if (v == NULL)
			return;
		n += sizeof v->i + sizeof v->t.n + v->t.n;
	}
	char *k = arena_alloc(a, n);
	if (reg->key_org)
		memcpy(k, &out->org, sizeof out->org);
	at += sizeof out->org;
	for (size_t i = 0; i < reg->key_n; i++) {
		const struct value *v = entry_of(out, reg->key[i]);
		if (v == NULL)
			return;
		memcpy(k + at, &v->i, sizeof v->i);
		memcpy(k + at + sizeof v->i, &v->t.n, sizeof v->t.n);
		at += sizeof v->i + sizeof v->t.n;
		if (v->t.n)
			memcpy(k + at, v->t.p, v->t.n);
		at += v->t.n;
	}
	out->key = (str){k, at};
}

static enum rc resolve_person(struct job_ctx *c, struct import_state *s, const struct person_input *in,
	struct parsed_row *out, struct err *err)
{
	bool changed;
	if (in->name.n == 0 && in->citizen_id.n == 0)
		return RC_OK;
	TRY(import_people_resolve(c, s->people, in, &out->person, &out->person_new, &changed, err));
	out->person_changed = changed;
	if (changed)
		TRY(import_people_note(c, s->import_id, out->person, err));
	out->entries[out->entries_n++] =
		(struct entry){s->map->reg->person, {.kind = V_INT, .i = out->person}};
	return RC_OK;
}

/* A past service without its end is not yet a fact (contract.md, import): a named row whose sign-out or hours are missing
 * waits for confirmation, where the register has such columns and such a state. */
static void pending(const struct reg *reg, struct parsed_row *out)
{
	const struct field *in = reg_field(reg, STR("in_at")), *end = reg_field(reg, STR("out_at")),
			   *hours = reg_field(reg, STR("hours"));
	if (end == NULL || hours == NULL || out->person == 0 || !reg_state(reg, STR("pending")))
		return;
	if (entry_of(out, hours) == NULL || (entry_of(out, in) && entry_of(out, end) == NULL))
		out->state = STR("pending");
}

/* The sex that stands in the sheet against the one in the ID: a warning, for either may be mistyped. */
static void compare_sex(struct import_state *s, const struct import_row *row, str citizen_id, str sex,
	const struct column *col)
{
	struct ident id = ident_check(citizen_id, clock_today());
	bool told = str_is(sex, "male") || str_is(sex, "female");
	if (citizen_id.n && id.kind == IDENT_CITIZEN && id.valid && told && str_is(sex, "male") != id.male)
		import_note(s, row->row, col, STR("x"),
			str_of(tr(
				"the sex differs from the one in the citizen ID, which is kept: compare the "
				"papers")),
			true);
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

static bool read_cells(struct job_ctx *c, struct import_state *s, const struct placed *place,
	struct parsed_row *out, struct person_input *person, enum rc *out_rc, struct err *err)
{
	const struct import_row *row = place->row;
	bool good = true;
	struct err e = {0};
	for (size_t i = 0; i < s->map->n; i++) {
		const struct column *col = &s->map->columns[i];
		const char *fault;
		str text = cell_text(place, i, col, &fault);
		enum rc rc = RC_OK;
		if (row->fault && row->fault_column == i && col->kind != COL_NONE)
			fault = row->fault;
		if (fault && col->kind != COL_ORG)
			rc = FAIL(&e, RC_INVALID, "%s", tr(fault));
		else if (text.n && col->kind == COL_STATE)
			rc = state_of(s->map->reg, c->a, text, &out->state, &e);
		else if (text.n)
			rc = cell(c, s, col, text, out, person, &e);
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

static bool people_fit(struct job_ctx *c, struct import_state *s, const struct import_row *row,
	struct person_input *person, struct parsed_row *out, enum rc *out_rc, struct err *err)
{
	const struct reg *reg = s->map->reg;
	struct err e = {0};
	person->unit = out->org;
	compare_sex(s, row, person->citizen_id, person->sex, column_of(s->map, COL_PERSON_SEX));
	if (str_is(reg->id, "person")) {
		const struct value *id = entry_of(out, reg_field(reg, STR("citizen_id"))),
				   *sex = entry_of(out, reg_field(reg, STR("sex")));
		if (id && sex)
			compare_sex(s, row, id->t, sex->t, NULL);
	}
	enum rc rc = reg->person ? resolve_person(c, s, person, out, &e) : RC_OK;
	if (rc == RC_OK)
		return true;
	const struct column *col = column_of(s->map, person->citizen_id.n ? COL_PERSON_ID : COL_PERSON_NAME);
	refused(s, row, col, STR("x"), rc, &e, out_rc, err);
	return false;
}

bool import_row_parse(struct job_ctx *c, struct import_state *s, const struct import_row *first,
	const struct import_row *row, struct parsed_row *out, enum rc *out_rc, struct err *err)
{
	const struct placed place = {s, first, row};
	const struct reg *reg = s->map->reg;
	struct person_input person = {0};
	const struct column *col = NULL;
	struct err e = {0};
	*out_rc = RC_OK;
	*out = (struct parsed_row){.row = row};
	out->entries = NEWS(c->a, s->map->n + 2, struct entry);
	enum rc rc = owner(c, s, &place, out, &col, &e);
	if (rc != RC_OK) {
		out->later = rc == RC_NOT_FOUND && str_is(reg->id, "org");
		refused(s, row, col, STR(""), rc, &e, out_rc, err);
		return false;
	}
	if (!read_cells(c, s, &place, out, &person, out_rc, err))
		return false;
	if (!people_fit(c, s, row, &person, out, out_rc, err))
		return false;
	out->state_told = out->state.n > 0;
	if (!out->state_told && row->state.n) {
		out->state = row->state;
	} else if (!out->state_told) {
		out->state = reg->import_state;
		pending(reg, out);
	}
	digest(out);
	key(c->a, reg, out);
	return true;
}
