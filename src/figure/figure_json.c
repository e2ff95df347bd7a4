/* figure_json.c -- see figure_json.h */
#include "figure/figure_json.h"

static void put_told(struct json *j, const char *key, int64_t v, bool told)
{
	json_key(j, key);
	if (told)
		json_i64(j, v);
	else
		json_null(j);
}

static void put_value(struct json *j, const struct figure_answer *x)
{
	put_told(j, "value", x->value, x->told);
	if (x->figure->grain == G_RATE) {
		put_told(j, "of", x->of, x->rate_told);
		put_told(j, "over", x->over, x->rate_told);
	}
	if (x->why.n)
		json_put_str(j, "why", x->why);
	if (x->has_instead) {
		json_key(j, "instead");
		json_object(j);
		json_put_i64(j, "value", x->instead);
		json_put_str(j, "unit", x->instead_unit);
		json_object_end(j);
	}
}

static void put_grades(struct json *j, const struct figure_answer *x)
{
	static const char *const letters[GRADES] = {"A", "B", "C", "D"};
	json_key(j, "grades");
	json_object(j);
	for (int g = 0; g < GRADES; g++)
		json_put_i64(j, letters[g], x->grades[g]);
	json_object_end(j);
}

void figure_json(struct json *j, const struct figure_answer *x, str org)
{
	const struct figure *f = x->figure;
	int year = period_whole_year(&x->period);
	json_object(j);
	json_put_str(j, "id", f->id);
	if (year)
		json_put_i64(j, "year", year);
	json_put_str(j, "period", x->period.text);
	json_put_str(j, "org", org);
	put_value(j, x);
	json_put_str(j, "unit", f->unit);
	json_put_str(j, "label", label_text(&f->label));
	json_put_str(j, "definition", label_text(&f->definition));
	if (f->grain != G_RATE)
		put_grades(j, x);
	if (f->plan_year && f->plan_year == year)
		json_put_i64(j, "at_least", f->plan_at_least);
	if (x->recounting)
		json_put_bool(j, "recounting", true);
	json_key(j, "companions");
	json_object(j);
	for (size_t i = 0; i < x->companions_n; i++) {
		const struct figure *c = x->companions[i].figure;
		json_key_str(j, str_from(c->id, f->id.n + 1));
		figure_json(j, &x->companions[i], org);
	}
	json_object_end(j);
	json_object_end(j);
}

void trace_json(struct json *j, const struct trace_row *row)
{
	char day[DATE_TEXT_BYTES];
	date_text(row->day, day);
	json_object(j);
	json_put_str(j, "register", row->reg->id);
	json_put_i64(j, "id", row->id);
	json_put_i64(j, "org", row->org);
	json_put_cstr(j, "date", day);
	json_put_str(j, "grade", (str){&row->grade, 1});
	json_put_i64(j, "contribution", row->contribution);
	if (row->reference)
		json_put_i64(j, "reference", row->reference);
	if (row->through_cohost)
		json_put_bool(j, "cohost", true);
	if (row->covered)
		json_put_bool(j, "covered", true);
	if (row->part)
		json_put_str(j, "part", row->part->id);
	json_object_end(j);
}
