/* public_table.c -- see public_table.h: its text, read and written. */
#include "report/public_table.h"
#include "format/json.h"
#include "service/signoff/signoff.h"

enum { TABLE_MAX_BYTES = 4 << 20 };

static void put_label(struct json *j, const char *key, const struct label *l)
{
	json_key(j, key);
	json_object(j);
	json_put_str(j, "zh", l->zh);
	json_put_str(j, "en", l->en);
	json_object_end(j);
}

static void put_figure(struct json *j, const struct public_table *t, const struct public_figure *f)
{
	char grade[2] = {f->grade, 0};
	json_object(j);
	json_put_str(j, "id", f->id);
	json_put_cstr(j, "part_of", f->whole < 0 ? NULL : t->figures[f->whole].id.p);
	json_put_str(j, "group", f->group);
	put_label(j, "label", &f->label);
	put_label(j, "definition", &f->definition);
	json_put_str(j, "unit", f->unit);
	json_put_str(j, "definition_digest", f->digest);
	json_put_cstr(j, "grade", grade[0] ? grade : NULL);
	json_put_i64(j, "hidden_below", f->threshold);
	json_put_bool(j, "zero_hidden", f->zero_hides);
	json_put_bool(j, "adds_up", f->adds);
	json_key(j, "values");
	json_array(j);
	for (size_t u = 0; u < t->units_n; u++) {
		if (f->values[u] == PUBLIC_TABLE_HIDDEN)
			json_null(j);
		else
			json_i64(j, f->values[u]);
	}
	json_array_end(j);
	json_object_end(j);
}

static void put_guarded(struct json *j, const struct public_table *t)
{
	json_key(j, "guarded");
	json_object(j);
	for (size_t i = 0; i < COMPLIANCE_NUMBERS; i++) {
		json_key(j, compliance_number_ids[i]);
		if (t->guarded.n[i] == COMPLIANCE_HIDDEN)
			json_null(j);
		else
			json_i64(j, t->guarded.n[i]);
	}
	json_object_end(j);
}

str public_table_json(struct arena *a, const struct public_table *t)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_cstr(&j, "table", "open-figures-1");
	json_put_str(&j, "city", t->city);
	json_put_str(&j, "period", t->period);
	json_put_i64(&j, "revision", t->revision);
	json_put_i64(&j, "published_ms", t->at_ms);
	json_put_i64(&j, "left_out", (int64_t)t->left_out);
	json_key(&j, "units");
	json_array(&j);
	for (size_t u = 0; u < t->units_n; u++) {
		json_object(&j);
		json_put_str(&j, "code", t->units[u].code);
		json_put_str(&j, "name", t->units[u].name);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "figures");
	json_array(&j);
	for (size_t i = 0; i < t->figures_n; i++)
		put_figure(&j, t, &t->figures[i]);
	json_array_end(&j);
	put_guarded(&j, t);
	json_object_end(&j);
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

static struct label read_label(const struct json_v *v, const char *key)
{
	const struct json_v *l = json_get(v, key);
	return (struct label){json_get_str(l, "zh"), json_get_str(l, "en")};
}

static bool read_bool(const struct json_v *v, const char *key)
{
	const struct json_v *b = json_get(v, key);
	return b && b->kind == JSON_BOOL && b->i;
}

static bool read_figure(
	struct arena *a, const struct public_table *t, const struct json_v *v, struct public_figure *f)
{
	const struct json_v *values = json_get(v, "values");
	str whole = json_get_str(v, "part_of"), grade = json_get_str(v, "grade");
	*f = (struct public_figure){.id = json_get_str(v, "id"),
		.group = json_get_str(v, "group"),
		.unit = json_get_str(v, "unit"),
		.digest = json_get_str(v, "definition_digest"),
		.label = read_label(v, "label"),
		.definition = read_label(v, "definition"),
		.whole = -1,
		.grade = grade.n == 1 ? grade.p[0] : 0,
		.zero_hides = read_bool(v, "zero_hidden"),
		.adds = read_bool(v, "adds_up"),
		.values = NEWS(a, t->units_n + 1, int64_t)};
	if (f->id.n == 0 || !json_get_i64(v, "hidden_below", &f->threshold) || values == NULL ||
		values->kind != JSON_ARRAY || values->n != t->units_n)
		return false;
	for (size_t i = 0; whole.n && i < t->figures_n; i++)
		if (str_eq(t->figures[i].id, whole))
			f->whole = (int)i;
	for (size_t u = 0; u < t->units_n; u++) {
		if (values->items[u].kind != JSON_INT && values->items[u].kind != JSON_NULL)
			return false;
		f->values[u] = values->items[u].kind == JSON_INT ? values->items[u].i : PUBLIC_TABLE_HIDDEN;
	}
	return true;
}

enum rc public_table_read(struct arena *a, str json, struct public_table *out, struct err *err)
{
	struct json_v *v;
	TRY(json_read(a, json, TABLE_MAX_BYTES, &v, err));
	const struct json_v *units = json_get(v, "units"), *figures = json_get(v, "figures");
	int64_t left = 0;
	if (!str_is(json_get_str(v, "table"), "open-figures-1") || units == NULL ||
		units->kind != JSON_ARRAY || units->n == 0 || figures == NULL || figures->kind != JSON_ARRAY)
		return FAIL(err, RC_INVALID, "this is no table of open figures");
	*out = (struct public_table){.city = json_get_str(v, "city"),
		.period = json_get_str(v, "period"),
		.units = NEWS(a, units->n, struct public_unit),
		.figures = NEWS(a, figures->n + 1, struct public_figure)};
	(void)json_get_i64(v, "revision", &out->revision);
	(void)json_get_i64(v, "published_ms", &out->at_ms);
	(void)json_get_i64(v, "left_out", &left);
	out->left_out = (size_t)left;
	const struct json_v *guarded = json_get(v, "guarded");
	for (size_t i = 0; i < COMPLIANCE_NUMBERS; i++)
		if (!json_get_i64(guarded, compliance_number_ids[i], &out->guarded.n[i]))
			out->guarded.n[i] = COMPLIANCE_HIDDEN;
	for (; out->units_n < units->n; out->units_n++)
		out->units[out->units_n] =
			(struct public_unit){json_get_str(&units->items[out->units_n], "code"),
				json_get_str(&units->items[out->units_n], "name")};
	for (; out->figures_n < figures->n; out->figures_n++)
		if (!read_figure(a, out, &figures->items[out->figures_n], &out->figures[out->figures_n]))
			return FAIL(err, RC_INVALID, "this is no table of open figures");
	return RC_OK;
}

const struct public_figure *public_table_figure(const struct public_table *t, str id)
{
	for (size_t i = 0; i < t->figures_n; i++)
		if (str_eq(t->figures[i].id, id))
			return &t->figures[i];
	return NULL;
}

/* ---- what is published ---- */

enum rc public_table_latest(struct reader *r, str period, struct public_table *out, struct err *err)
{
	struct signoff *list;
	struct frozen f;
	size_t n;
	TRY(signoff_published(r, STR("year"), r->city->root_org, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(list[i].period, period))
			continue;
		enum rc rc = signoff_frozen(r, &list[i], PUBLIC_TABLE_PART, &f, err);
		if (rc != RC_NOT_FOUND)
			return rc == RC_OK ? public_table_read(r->a, f.body, out, err) : rc;
	}
	return RC_NOT_FOUND;
}

enum rc public_table_known(struct reader *r, str period, struct public_table *out, struct err *err)
{
	struct frozen f;
	TRY(frozen_latest(r->a, r->db, period, r->city->root_org,
		signoff_template(r->a, STR("year"), PUBLIC_TABLE_PART), &f, err));
	return public_table_read(r->a, f.body, out, err);
}

/* ---- what a unit's report may no longer tell ---- */

static str code_of(struct reader *r, int64_t org)
{
	const struct reg *reg = model_reg(r->city->model, STR("org"));
	const struct field *f = reg ? reg_field(reg, STR("code")) : NULL;
	struct record *rec;
	return f && record_get(r, reg, org, &rec, NULL) == RC_OK && rec->values[f->at].kind == V_TEXT
		       ? rec->values[f->at].t
		       : STR("");
}

void public_table_bind(struct reader *r, const struct public_table *t, struct report_source *s)
{
	for (struct source_given *x = s->given; x; x = x->next) {
		const struct public_figure *f = public_table_figure(t, x->figure->id);
		if (f == NULL || !str_eq(x->period.text, t->period))
			continue;
		str code = code_of(r, x->org);
		for (size_t u = 0; u < t->units_n; u++)
			if (code.n && str_eq(code, t->units[u].code) && f->values[u] == PUBLIC_TABLE_HIDDEN)
				x->answer.withheld = true;
	}
}
