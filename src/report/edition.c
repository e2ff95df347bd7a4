/* edition.c -- see edition.h. */
#include "report/edition.h"
#include "format/json.h"
#include <stdlib.h>

enum { EDITION_MAX_BYTES = 16 << 20 };

static int by_slot(const void *a, const void *b)
{
	const struct edition_value *p = a, *q = b;
	return str_cmp(p->slot, q->slot);
}

void edition_values(struct arena *a, const struct template_run *run, struct edition *out)
{
	out->values = NEWS(a, run->used_n + 1, struct edition_value);
	out->n = 0;
	for (size_t i = 0; i < run->used_n; i++) {
		const struct template_used *u = &run->used[i];
		struct slot_tag_parts tag = {.kind = TAG_VALUE, .ref = u->ref};
		struct edition_value *v = &out->values[out->n++];
		*v = (struct edition_value){.slot = template_tag(a, &tag),
			.label = u->answer.label,
			.unit = u->answer.told || !u->answer.has_instead ? u->answer.unit
									 : u->answer.instead_unit,
			.printed = u->printed,
			.digest = u->answer.digest,
			.told = u->answer.told && !u->answer.withheld};
		if (u->answer.withheld)
			continue;
		v->value = u->answer.told ? u->answer.value : u->answer.instead;
		v->of = u->answer.has_rate ? u->answer.of : 0;
		v->over = u->answer.has_rate ? u->answer.over : 0;
		memcpy(v->grades, u->answer.grades, sizeof v->grades);
	}
	if (out->n > 0)
		qsort(out->values, out->n, sizeof *out->values, by_slot);
	size_t n = 0;
	for (size_t i = 0; i < out->n; i++)
		if (n == 0 || !str_eq(out->values[n - 1].slot, out->values[i].slot))
			out->values[n++] = out->values[i];
	out->n = n;
}

/* Comparison: a merge of two lists in order. */

static void add_change(struct arena *a, struct edition *e, size_t *cap, struct edition_change c)
{
	e->changes = arena_grow(a, e->changes, e->changes_n, cap, sizeof *e->changes);
	e->changes[e->changes_n++] = c;
}

static bool same(const struct edition_value *p, const struct edition_value *q)
{
	return p->told == q->told && p->value == q->value && p->of == q->of && p->over == q->over &&
	       str_eq(p->printed, q->printed) && str_eq(p->digest, q->digest);
}

/* Printed, with the exact value where the print alone does not show the difference. */
static str shown(struct arena *a, const struct edition_value *v, const struct edition_value *other)
{
	if (other && str_eq(v->printed, other->printed) && v->value != other->value)
		return arena_fmt(a, "%.*s (%lld)", STR_ARG(v->printed), (long long)v->value);
	return v->printed;
}

bool edition_compare(struct arena *a, const struct edition *before, struct edition *now)
{
	size_t i = 0, k = 0, cap = 0;
	now->changes = NULL;
	now->changes_n = 0;
	while (i < before->n || k < now->n) {
		const struct edition_value *p = i < before->n ? &before->values[i] : NULL;
		const struct edition_value *q = k < now->n ? &now->values[k] : NULL;
		int order = p && q ? str_cmp(p->slot, q->slot) : p ? -1 : 1;
		if (p && order < 0)
			add_change(a, now, &cap, (struct edition_change){p->slot, p->printed, {0}});
		else if (q && order > 0)
			add_change(a, now, &cap, (struct edition_change){q->slot, {0}, q->printed});
		else if (p && q && !same(p, q))
			add_change(a, now, &cap,
				(struct edition_change){p->slot, shown(a, p, q), shown(a, q, p)});
		i += order <= 0;
		k += order >= 0;
	}
	return now->changes_n > 0 || !str_eq(before->text, now->text);
}

/* JSON. */

static void put_value(struct json *j, const struct edition_value *v)
{
	json_object(j);
	json_put_str(j, "slot", v->slot);
	json_put_str(j, "label", v->label);
	json_put_str(j, "unit", v->unit);
	json_put_str(j, "printed", v->printed);
	json_put_str(j, "digest", v->digest);
	json_put_bool(j, "told", v->told);
	json_put_i64(j, "value", v->value);
	json_put_i64(j, "of", v->of);
	json_put_i64(j, "over", v->over);
	json_key(j, "grades");
	json_array(j);
	for (int g = 0; g < SLOT_GRADES; g++)
		json_i64(j, v->grades[g]);
	json_array_end(j);
	json_object_end(j);
}

str edition_json(struct arena *a, const struct edition *e)
{
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	buf_init(&b, EDITION_MAX_BYTES);
	json_init(&j, &b);
	json_object(&j);
	json_put_str(&j, "city", e->city);
	json_put_str(&j, "org", e->org);
	json_put_str(&j, "period", e->period);
	json_put_str(&j, "template", e->template_name);
	json_put_str(&j, "actor", e->actor);
	json_put_i64(&j, "revision", e->revision);
	json_put_i64(&j, "at", e->at_ms);
	json_put_str(&j, "template_digest", e->template_digest);
	json_put_str(&j, "text", e->text);
	json_key(&j, "values");
	json_array(&j);
	for (size_t i = 0; i < e->n; i++)
		put_value(&j, &e->values[i]);
	json_array_end(&j);
	json_key(&j, "changes");
	json_array(&j);
	for (size_t i = 0; i < e->changes_n; i++) {
		json_object(&j);
		json_put_str(&j, "slot", e->changes[i].slot);
		json_put_str(&j, "before", e->changes[i].before);
		json_put_str(&j, "after", e->changes[i].after);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	return arena_str(a, buf_str(&b));
}

static struct edition_value read_value(const struct json_v *o)
{
	struct edition_value v = {.slot = json_get_str(o, "slot"),
		.label = json_get_str(o, "label"),
		.unit = json_get_str(o, "unit"),
		.printed = json_get_str(o, "printed"),
		.digest = json_get_str(o, "digest")};
	const struct json_v *told = json_get(o, "told"), *grades = json_get(o, "grades");
	v.told = told && told->kind == JSON_BOOL && told->i;
	(void)json_get_i64(o, "value", &v.value);
	(void)json_get_i64(o, "of", &v.of);
	(void)json_get_i64(o, "over", &v.over);
	for (size_t g = 0; grades && grades->kind == JSON_ARRAY && g < grades->n && g < SLOT_GRADES; g++)
		v.grades[g] = grades->items[g].i;
	return v;
}

enum rc edition_read(struct arena *a, str text, struct edition *out, struct err *err)
{
	struct json_v *j;
	TRY(json_read(a, text, EDITION_MAX_BYTES, &j, err));
	const struct json_v *values = json_get(j, "values"), *changes = json_get(j, "changes");
	if (!values || values->kind != JSON_ARRAY || !changes || changes->kind != JSON_ARRAY)
		return FAIL(err, RC_INVALID, "this is no frozen report");
	struct edition e = {.city = json_get_str(j, "city"),
		.org = json_get_str(j, "org"),
		.period = json_get_str(j, "period"),
		.template_name = json_get_str(j, "template"),
		.actor = json_get_str(j, "actor"),
		.template_digest = json_get_str(j, "template_digest"),
		.text = json_get_str(j, "text"),
		.n = values->n,
		.changes_n = changes->n};
	(void)json_get_i64(j, "revision", &e.revision);
	(void)json_get_i64(j, "at", &e.at_ms);
	e.values = NEWS(a, e.n + 1, struct edition_value);
	e.changes = NEWS(a, e.changes_n + 1, struct edition_change);
	for (size_t i = 0; i < e.n; i++)
		e.values[i] = read_value(&values->items[i]);
	for (size_t i = 0; i < e.changes_n; i++) {
		const struct json_v *o = &changes->items[i];
		e.changes[i] = (struct edition_change){
			json_get_str(o, "slot"), json_get_str(o, "before"), json_get_str(o, "after")};
	}
	*out = e;
	return RC_OK;
}

/* ---- all of a span ---- */

enum rc editions_read(
	struct arena *a, struct db *db, str period, int64_t org, struct editions *out, struct err *err)
{
	struct frozen *list;
	size_t n;
	TRY(frozen_list(a, db, period, org, &list, &n, err));
	*out = (struct editions){.list = NEWS(a, n + 1, struct edition)};
	for (size_t i = 0; i < n; i++)
		if (!str_ends(list[i].template_name, STR(":table"))) /* open figures: public_table.h */
			TRY(edition_read(a, list[i].body, &out->list[out->n++], err));
	return RC_OK;
}

/* The slot without its way of writing, as an edition keeps it. */
bool editions_print(void *editions, str slot, str text)
{
	const struct editions *e = editions;
	str rest, bare = str_cut(slot, '|', &rest);
	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k < e->list[i].n; k++)
			if (str_eq(e->list[i].values[k].slot, bare) &&
				str_eq(e->list[i].values[k].printed, text))
				return true;
	return false;
}
