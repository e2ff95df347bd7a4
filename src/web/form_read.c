/* form_read.c -- see form.h. */
#include "base/clock.h"
#include "base/date.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "register/narrow.h"
#include "register/permit.h"
#include "web/form.h"
#include "web/form_file.h"
#include "web/site_in.h"
#include "web/words.h"

static const struct field owner_field = {.id = {"org", 3},
	.label = {{"所属单位", 12}, {"Unit", 4}},
	.type = T_ORG,
	.at = -1,
	.required = true};

static bool is_ref(const struct field *f)
{
	return f->type == T_REF || f->type == T_ORG || f->type == T_PERSON;
}

static bool is_list(const struct field *f)
{
	return f->type == T_REFS || f->type == T_ORGS;
}

/* ---- which fields ---- */

/* Set by a move, not by hand: a confirmation that one writes oneself is none. */
static bool stamped(const struct reg *reg, const struct field *f)
{
	for (size_t i = 0; i < reg->moves_n; i++)
		if (reg->moves[i].stamps == f)
			return true;
	return false;
}

static bool needed_by(const struct move *m, const struct field *f)
{
	for (size_t i = 0; m && i < m->needs_n; i++)
		if (m->needs[i] == f)
			return true;
	return m && m->stamps == f;
}

static bool asked(const struct form *f, const struct field *field)
{
	if (field->type == T_SEALED_STRUCT)
		return false;
	if (f->kind == FORM_MOVE)
		return needed_by(f->move, field);
	bool stands = f->now && (f->now->values[field->at].kind != V_NULL || record_hides(f->now, field));
	if (f->kind == FORM_EDIT && str_is(f->reg->id, "org") && str_is(field->id, "parent"))
		return false; /* a unit moves in the tree from a day on: not by a form of its fields */
	return stands || !stamped(f->reg, field);
}

static void input_add(struct form *f, const struct field *field, bool required)
{
	struct form_input *in = &f->in[f->n++];
	*in = (struct form_input){.field = field, .required = required};
	in->keeps = f->now && field->at >= 0 && record_hides(f->now, field);
}

/* The row as it is to stand: what permit.h looks at. A new row about a person may be one's own. */
static struct record *draft_row(struct page *p, const struct form *f)
{
	struct record *rec = NEW(p->a, struct record);
	*rec = (struct record){
		.reg = f->reg, .org = f->org, .values = NEWS(p->a, f->reg->fields_n + 1, struct value)};
	rec->state = f->reg->states_n ? f->reg->states[0].id : STR("valid");
	if (f->reg->person)
		rec->values[f->reg->person->at] = (struct value){.kind = V_INT, .i = p->r.actor.person};
	return rec;
}

static bool may_write_field(
	struct page *p, const struct form *f, const struct record *row, const struct field *field)
{
	uint64_t one[2] = {0};
	one[field->at / 64] = (uint64_t)1 << (field->at % 64);
	return f->kind == FORM_MOVE ||
	       permit_write(p->r.tree, &p->r.actor, row, one, f->kind == FORM_NEW, NULL) == RC_OK;
}

enum rc form_begin(struct page *p, enum form_kind kind, const struct reg *reg, const struct record *now,
	const struct move *move, struct form *out, struct err *err)
{
	static const uint64_t none[2] = {0};
	*out = (struct form){.kind = kind, .reg = reg, .now = now, .move = move};
	struct form *f = out;
	f->org = now ? now->org : p->org;
	const struct record *row = now ? now : draft_row(p, f);
	if (kind == FORM_MOVE)
		TRY(permit_move(p->r.tree, &p->r.actor, now, move, err));
	else
		TRY(permit_write(p->r.tree, &p->r.actor, row, none, kind == FORM_NEW, err));
	f->in = NEWS(p->a, reg->fields_n + 1, struct form_input);
	if (kind == FORM_NEW && !str_is(reg->id, "org")) {
		input_add(f, &owner_field, true);
		f->owner = &f->in[0];
	}
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *field = &reg->fields[i];
		bool stamp = move && move->stamps == field;
		bool no_file = field->type == T_FILE && (p->body || p->json); /* JSON carries none */
		if (asked(f, field) && !no_file && may_write_field(p, f, row, field))
			input_add(f, field, kind == FORM_MOVE ? !stamp : field->required);
	}
	f->version = now ? now->version : 0;
	return RC_OK;
}

bool form_may_add(struct page *p, const struct reg *reg)
{
	static const uint64_t none[2] = {0};
	struct form f = {.kind = FORM_NEW, .reg = reg, .org = p->org};
	return permit_write(p->r.tree, &p->r.actor, draft_row(p, &f), none, true, NULL) == RC_OK;
}

struct form_input *form_input(struct form *f, str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->in[i].field->id, name))
			return &f->in[i];
	return NULL;
}

void form_key_new(struct page *p, struct form *f)
{
	unsigned char b[16];
	rand_bytes(b, sizeof b);
	f->key = hex_str(p->a, b, sizeof b);
}

/* ---- what stands, as texts of the form ---- */

str form_label(struct page *p, const struct form *f, const struct field *field, int64_t id)
{
	struct record one = {.reg = f->reg};
	if (field->at < 0)
		return page_org_name(p, id);
	one.values = NEWS(p->a, f->reg->fields_n + 1, struct value);
	one.values[field->at] = (struct value){.kind = V_INT, .i = id};
	return value_words(p, &one, field);
}

static str list_labels(struct page *p, const struct field *field, str ids)
{
	const struct reg *reg = pick_target(p->site->city->model, field);
	struct buf b = {0};
	while (ids.n > 0) {
		int64_t id;
		if (!str_i64(str_cut(ids, ',', &ids), &id))
			continue;
		buf_puts(&b, b.n ? "、" : "");
		buf_add(&b, page_label(p, reg, id));
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static void input_fill(struct page *p, const struct form *f, struct form_input *in, const struct value *v)
{
	const struct field *field = in->field;
	in->value = *v;
	in->text = in->as = in->id = STR("");
	if (v->kind == V_NULL)
		return;
	if (is_ref(field)) {
		in->text = in->as = form_label(p, f, field, v->i);
		in->id = arena_fmt(p->a, "%lld", (long long)v->i);
	} else if (is_list(field)) {
		in->text = in->as = list_labels(p, field, v->t);
		in->id = v->t;
	} else if (field->type == T_CHOICE || field->type == T_BOOL) {
		in->text = v->kind == V_INT ? arena_fmt(p->a, "%lld", (long long)v->i) : v->t;
	} else if (field->type == T_TIME || field->type == T_FILE) { /* of a file the name alone */
		in->text = value_text(p->a, field, v);
	} else {
		in->text = value_plain(p->a, field, v);
	}
}

void form_fill(struct page *p, struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct form_input *in = &f->in[i];
		struct value v = {0};
		if (in == f->owner)
			v = (struct value){.kind = V_INT, .i = f->org};
		else if (f->now)
			v = f->now->values[in->field->at];
		else if (str_is(in->field->default_text, "today"))
			v = (struct value){.kind = V_TEXT, .t = date_str(p->a, clock_today())};
		else if (in->field->default_text.n &&
			 value_parse(p->a, in->field, in->field->default_text, &v, NULL) != RC_OK)
			v = (struct value){0};
		if (f->kind == FORM_MOVE && in->field == f->move->stamps && v.kind == V_NULL)
			v = (struct value){.kind = V_TEXT, .t = date_str(p->a, clock_today())};
		input_fill(p, f, in, &v);
	}
}

void form_about(struct page *p, struct form *f, str in, int64_t id)
{
	struct value v = {.kind = V_INT, .i = id};
	const struct field *field = in.n ? reg_field(f->reg, in) : f->reg->person;
	if (in.n && field && (field->type != T_REF || field->to_reg->sensitivity >= SENS_PERSONAL))
		field = NULL;
	struct form_input *input = field && id ? form_input(f, field->id) : NULL;
	if (input)
		input_fill(p, f, input, &v);
}

/* ---- what came ---- */

static str form_text(const struct page *p, const struct form_input *in, const char *suffix)
{
	return pairs_get(&p->form, arena_printf(p->a, "%.*s%s", STR_ARG(in->field->id), suffix));
}

static void fault(struct form *f, struct form_input *in, str words)
{
	if (in->fault.n > 0)
		return;
	in->fault = words;
	f->faults_n++;
}

static str err_words(struct page *p, const struct err *err)
{
	return arena_str(p->a, str_of(err->text));
}

/* Messages of the register begin with the field's label, as files need it; at the field itself it is said twice. */
static str without_label(struct page *p, const struct field *field, str words)
{
	str label = label_text(&field->label);
	if (!str_starts(words, label))
		return words;
	str rest = str_from(words, label.n);
	static const char *const between[] = {"：", ": ", ":"};
	for (size_t i = 0; i < 3; i++)
		if (str_starts(rest, str_of(between[i])))
			return arena_str(p->a, str_from(rest, strlen(between[i])));
	return words;
}

static void offer(struct page *p, struct form_input *in)
{
	const struct reg *reg = pick_target(p->site->city->model, in->field);
	if (reg && !is_list(in->field) &&
		pick_find(&p->r, reg, in->text, in->picks, FORM_PICKS, &in->picks_n, NULL) != RC_OK)
		in->picks_n = 0;
	in->as = in->text; /* a choice counts only for this text */
}

str day_by_hand(struct page *p, const struct field *f, str text)
{
	static const struct {
		const char *word;
		int back;
	} words[] = {{"今天", 0}, {"今日", 0}, {"today", 0}, {"昨天", 1}, {"昨日", 1}, {"yesterday", 1},
		{"前天", 2}};
	int32_t today = clock_today();
	str t = narrow_label(p->a, text);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(t, words[i].word))
			return date_str(p->a, today - words[i].back);
	int part[2] = {0}, n = 0, digits = 0;
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		if (c >= '0' && c <= '9') {
			if (digits++ == 0 && ++n > 2)
				return text;
			part[n - 1] = part[n - 1] * 10 + c - '0';
			if (digits > 2)
				return text;
		} else if (c == '.' || c == '-' || c == '/' || (c & 0x80)) {
			digits = 0;
		} else {
			return text;
		}
	}
	int year = date_ymd(today).year;
	int32_t day = n == 2 ? date_of(year, part[0], part[1]) : DATE_NONE;
	if (day != DATE_NONE && day > today && f->max.kind == BOUND_TODAY)
		day = date_of(year - 1, part[0], part[1]);
	return day == DATE_NONE ? text : date_str(p->a, day);
}

static void read_text(struct page *p, struct form *f, struct form_input *in)
{
	struct err err = {0};
	struct entry e;
	const struct entry_place at = {p->r.db, p->site->city, p->a, f->org, p->r.actor.org};
	str text = in->field->type == T_DATE && !p->body ? day_by_hand(p, in->field, in->text) : in->text;
	if (entry_read_at(&at, in->field, text, &e, &err) == RC_OK) {
		in->value = e.value;
		return;
	}
	if (is_ref(in->field) && (err.rc == RC_NOT_FOUND || err.rc == RC_CONFLICT))
		offer(p, in);
	if (in->picks_n > 0)
		fault(f, in,
			str_of(tr("Which one is meant? Choose from the list, or write more of the name.")));
	else
		fault(f, in, without_label(p, in->field, err_words(p, &err)));
}

/* The row that the browser says was meant, while the words are those that it was meant by. */
static bool meant(struct page *p, struct form_input *in)
{
	str pick = form_text(p, in, ".pick"), id = form_text(p, in, ".id"), as = form_text(p, in, ".as");
	bool same = str_eq(str_trim(in->text), str_trim(as));
	int64_t n;
	if (!same || (pick.n == 0 && id.n == 0))
		return false;
	if (is_list(in->field)) {
		in->value = (struct value){.kind = V_TEXT, .t = id};
		for (str rest = id; rest.n > 0;) {
			str one = str_cut(rest, ',', &rest);
			if (one.n > 0 && !str_i64(one, &n))
				return false;
		}
		in->id = id;
		in->as = as;
		return true;
	}
	str wanted = pick.n ? pick : id;
	struct entry e;
	const struct entry_place at = {p->r.db, p->site->city, p->a, 0, 0};
	if (!str_i64(wanted, &n) ||
		entry_read_at(&at, in->field, arena_fmt(p->a, "#%lld", (long long)n), &e, NULL) != RC_OK)
		return false;
	in->value = e.value;
	return true;
}

static void input_take(struct page *p, struct form *f, struct form_input *in)
{
	in->text = form_text(p, in, "");
	in->came = pairs_has(&p->form, arena_cstr(p->a, in->field->id));
	in->as = in->id = STR("");
	in->value = (struct value){0};
	if (str_trim(in->text).n == 0) {
		if (in->keeps)
			in->came = false;
		else if (in->required && (in->came || f->kind != FORM_EDIT))
			fault(f, in, str_of(tr("This is needed.")));
		return;
	}
	if ((is_ref(in->field) || is_list(in->field)) && meant(p, in)) {
		if (is_ref(in->field)) {
			in->id = arena_fmt(p->a, "%lld", (long long)in->value.i);
			in->text = in->as = form_label(p, f, in->field, in->value.i);
		}
		return;
	}
	read_text(p, f, in);
	if (in->fault.n == 0 && is_ref(in->field)) {
		in->id = arena_fmt(p->a, "%lld", (long long)in->value.i);
		in->text = in->as = form_label(p, f, in->field, in->value.i);
	}
}

/* ---- JSON ---- */

static void json_take(struct page *p, struct form *f, struct form_input *in, const struct json_v *v)
{
	struct err err = {0};
	const struct field *field = in->field;
	in->came = v != NULL;
	in->value = (struct value){0};
	if (v == NULL || v->kind == JSON_NULL) {
		if (in->required && (in->came || f->kind != FORM_EDIT))
			fault(f, in, str_of(tr("This is needed.")));
		return;
	}
	if (v->kind == JSON_STRING || v->kind == JSON_NUMBER) {
		in->text = v->text;
		read_text(p, f, in);
	} else if (v->kind == JSON_BOOL && field->type == T_BOOL) {
		in->value = (struct value){.kind = V_INT, .i = v->i};
	} else if (v->kind == JSON_INT && (is_ref(field) || field_storage(field) == STORE_INT)) {
		in->value = (struct value){.kind = V_INT, .i = v->i};
		in->text = arena_fmt(p->a, is_ref(field) ? "#%lld" : "%lld", (long long)v->i);
		if (is_ref(field))
			read_text(p, f, in);
		else if (value_bounds(p->a, field, &in->value, &err) != RC_OK)
			fault(f, in, without_label(p, field, err_words(p, &err)));
	} else if (v->kind == JSON_ARRAY && is_list(field)) {
		for (size_t i = 0; i < v->n; i++)
			in->text = v->items[i].kind == JSON_INT
					   ? arena_fmt(p->a, "%.*s#%lld;", STR_ARG(in->text),
						     (long long)v->items[i].i)
					   : arena_fmt(p->a, "%.*s%.*s;", STR_ARG(in->text),
						     STR_ARG(v->items[i].text));
		if (in->text.n > 0)
			read_text(p, f, in);
	} else {
		fault(f, in,
			arena_fmt(p->a, tr("This must be a value of the kind %s."),
				field_type_name(field->type)));
	}
}

static void strangers(struct form *f, const struct json_v *body)
{
	for (size_t i = 0; body && i < body->n; i++) {
		str name = body->members[i].key;
		bool ours = (str_is(name, "state") && f->kind == FORM_NEW) ||
			    (str_is(name, "reason") && f->kind == FORM_MOVE);
		if (form_input(f, name) || ours || f->stranger.n > 0)
			continue;
		f->stranger = name;
		f->faults_n++;
	}
}

static void form_strangers(struct page *p, struct form *f)
{
	static const char *const suffixes[] = {".id", ".as", ".pick"};
	for (size_t i = 0; i < p->form.n; i++) {
		str name = p->form.p[i].name;
		bool ours = str_starts(name, STR("_")) || str_is(name, "csrf");
		for (size_t k = 0; k < 3; k++)
			if (str_ends(name, str_of(suffixes[k])))
				name = str_head(name, name.n - strlen(suffixes[k]));
		if (ours || form_input(f, name) || f->stranger.n > 0)
			continue;
		f->stranger = name;
		f->faults_n++;
	}
}

/* ---- the whole ---- */

static void state_take(struct page *p, struct form *f)
{
	str asked = p->body ? json_get_str(p->body, "state") : pairs_get(&p->form, "_state");
	f->state = asked;
	if (asked.n > 0 && reg_state(f->reg, asked) == NULL) {
		f->top = arena_fmt(p->a, tr("%.*s has no state “%.*s”"), STR_ARG(label_text(&f->reg->label)),
			STR_ARG(utf8_head(asked, 40)));
		f->faults_n++;
	}
}

static void twin_take(struct page *p, struct form *f)
{
	const struct field *unique = NULL;
	struct value *values = NEWS(p->a, f->reg->fields_n + 1, struct value);
	if (f->kind == FORM_MOVE)
		return;
	if (f->now)
		memcpy(values, f->now->values, f->reg->fields_n * sizeof *values);
	for (size_t i = 0; i < f->n; i++)
		if (f->in[i].field->at >= 0 && f->in[i].came)
			values[f->in[i].field->at] = f->in[i].value;
	if (record_twin(&p->r, f->reg, f->org, f->now ? f->now->id : 0, values, &f->twin, &unique, NULL) !=
			RC_OK ||
		f->twin == 0)
		return;
	struct form_input *in = unique ? form_input(f, unique->id) : NULL;
	for (size_t i = 0; in == NULL && i < f->reg->key_n; i++)
		in = form_input(f, f->reg->key[i]->id);
	if (in == NULL || in->fault.n > 0)
		return;
	in->twin = f->twin;
	f->twin_fault = true;
	if (unique || f->reg->key_n == 1) {
		fault(f, in, str_of(tr("A row with this value stands already.")));
		return;
	}
	str names = STR("");
	for (size_t i = 0; i < f->reg->key_n; i++)
		names = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(names), i ? tr(", ") : "",
			STR_ARG(label_text(&f->reg->key[i]->label)));
	fault(f, in, arena_fmt(p->a, tr("A row with the same %.*s stands already."), STR_ARG(names)));
}

enum rc form_take(struct page *p, struct form *f, struct err *err)
{
	f->faults_n = 0;
	if (p->body && p->body->kind != JSON_OBJECT)
		return FAIL(err, RC_INVALID, "the body must be one JSON object");
	if (p->body)
		strangers(f, p->body);
	else
		form_strangers(p, f);
	for (size_t i = 0; i < f->n; i++) {
		struct form_input *in = &f->in[i];
		bool silent = p->body && in == f->owner && json_get(p->body, "org") == NULL;
		if (silent)
			in->value = (struct value){.kind = V_INT, .i = f->org};
		else if (p->body)
			json_take(p, f, in, json_get(p->body, arena_cstr(p->a, in->field->id)));
		else if (in->field->type == T_FILE)
			TRY(form_file_take(p, f, in, err));
		else
			input_take(p, f, in);
		if (in == f->owner && in->value.kind == V_INT)
			f->org = in->value.i;
	}
	state_take(p, f);
	f->reason = str_trim(p->body ? json_get_str(p->body, "reason") : pairs_get(&p->form, "_reason"));
	if (f->move && f->move->needs_reason && f->reason.n == 0) {
		f->reason_fault = str_of(tr("This is needed."));
		f->faults_n++;
	}
	f->key = pairs_get(&p->form, "_key");
	f->act = pairs_get(&p->form, "_act");
	twin_take(p, f);
	return RC_OK;
}

static bool same(const struct value *x, const struct value *y)
{
	return x->kind == y->kind && x->i == y->i && str_eq(x->t, y->t);
}

size_t form_entries(struct page *p, const struct form *f, struct entry **out)
{
	size_t n = 0;
	*out = NEWS(p->a, f->n + 1, struct entry);
	for (size_t i = 0; i < f->n; i++) {
		const struct form_input *in = &f->in[i];
		if (in->field->at < 0 || !in->came)
			continue;
		if (f->now ? !same(&f->now->values[in->field->at], &in->value) : in->value.kind != V_NULL)
			(*out)[n++] = (struct entry){in->field, in->value};
	}
	return n;
}

/* ---- drafts ---- */

str form_pack(struct page *p)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	for (size_t i = 0; i < p->form.n; i++) {
		str name = p->form.p[i].name;
		bool twice = false;
		for (size_t k = 0; k < i; k++)
			twice = twice || str_eq(p->form.p[k].name, name);
		if (twice || str_starts(name, STR("_")) || str_is(name, "csrf") || p->form.p[i].value.n == 0)
			continue;
		json_key_str(&j, name);
		json_str(&j, p->form.p[i].value);
	}
	json_object_end(&j);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

bool form_unpack(struct page *p, str text)
{
	struct json_v *v;
	if (json_read(p->a, text, 0, &v, NULL) != RC_OK || v->kind != JSON_OBJECT)
		return false;
	p->form = (struct pairs){NEWS(p->a, v->n + 1, struct pair), 0};
	for (size_t i = 0; i < v->n; i++)
		p->form.p[p->form.n++] = (struct pair){v->members[i].key, v->members[i].value.text};
	return true;
}
