/* template_form.c -- see template_form.h. */
#include "intake/template_form.h"
#include "base/tr.h"
#include "format/xlsx_write.h"
#include <string.h>

/* A column of the form: of a field, or one of the person's. */
struct form {
	struct xlsx_column *columns;
	size_t n;
};

static enum xlsx_kind kind_of(const struct field *f)
{
	switch (f->type) {
	case T_DATE:
		return XLSX_DATE;
	case T_TIME:
		return XLSX_DATETIME;
	case T_INTEGER:
	case T_COUNT:
		return XLSX_INTEGER;
	case T_MONEY:
	case T_DECIMAL:
	case T_HOURS:
		return XLSX_DECIMAL;
	case T_CHOICE:
	case T_BOOL:
		return XLSX_CHOICE;
	case T_PHONE:
	case T_CITIZEN_ID:
	case T_CREDIT_CODE:
	case T_REGION:
		return XLSX_DIGITS;
	case T_SEALED:
	case T_SEALED_STRUCT:
		return XLSX_LONG;
	case T_TEXT:
	case T_MONTH:
	case T_REF:
	case T_REFS:
	case T_PERSON:
	case T_ORG:
	case T_ORGS:
	case T_FILE:
		break;
	}
	return XLSX_TEXT;
}

static void add(struct form *f, const struct xlsx_column *c)
{
	f->columns[f->n++] = *c;
}

static void add_person(struct form *form, const struct field *f)
{
	add(form, &(struct xlsx_column){.title = label_text(&f->label),
			  .kind = XLSX_TEXT,
			  .required = f->required,
			  .note = str_of(tr("the person's name"))});
	add(form, &(struct xlsx_column){.title = STR("身份证号"),
			  .kind = XLSX_DIGITS,
			  .note = str_of(tr("18 characters, as text; tells people of the same name apart"))});
	add(form, &(struct xlsx_column){
			  .title = STR("电话"), .kind = XLSX_DIGITS, .note = str_of(tr("11 digits"))});
}

static void add_field(struct arena *a, struct form *form, const struct field *f)
{
	struct xlsx_column c = {.title = label_text(&f->label),
		.kind = kind_of(f),
		.note = label_text(&f->help),
		.required = f->required};
	if (f->type == T_MONEY)
		c.title = arena_fmt(a, "%.*s（元）", STR_ARG(c.title));
	if (f->type == T_BOOL) {
		str *yes_no = NEWS(a, 2, str);
		yes_no[0] = STR("是");
		yes_no[1] = STR("否");
		c.choices = yes_no;
		c.choices_n = 2;
	} else if (f->choices_n) {
		str *list = NEWS(a, f->choices_n, str);
		for (size_t i = 0; i < f->choices_n; i++)
			list[i] = label_text(&f->choices[i].label);
		c.choices = list;
		c.choices_n = f->choices_n;
	}
	add(form, &c);
}

static void columns(struct arena *a, const struct reg *reg, bool with_unit, struct form *form)
{
	form->columns = NEWS(a, reg->fields_n + 4, struct xlsx_column);
	form->n = 0;
	if (with_unit)
		add(form, &(struct xlsx_column){.title = str_of(tr("unit code")),
				  .kind = XLSX_DIGITS,
				  .note = str_of(tr("whose row it is; empty: the unit above"))});
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (f->type == T_FILE || f->type == T_SEALED_STRUCT)
			continue;
		if (f == reg->person)
			add_person(form, f);
		else
			add_field(a, form, f);
	}
}

enum rc template_write(
	struct reader *r, const struct reg *reg, int64_t org, const char *path, struct err *err)
{
	struct arena *a = r->a;
	struct form form;
	struct record *unit = NULL;
	const struct reg *orgs = model_reg(r->city->model, STR("org"));
	const struct field *code = reg_field(orgs, STR("code"));
	columns(a, reg, org == 0, &form);
	str label = label_text(&reg->label), name = {NULL, 0}, unit_code = {NULL, 0};
	if (org) {
		TRY(record_get(r, orgs, org, &unit, err));
		name = record_label(r, orgs, org);
		unit_code = code && unit->values[code->at].t.n ? unit->values[code->at].t : (str){NULL, 0};
	}
	struct xlsx_form f = {.sheet_name = label,
		.codes_name = STR("qinghe"),
		.title = label,
		.instructions = label_text(&reg->help),
		.unit_line = org ? arena_fmt(a, tr("unit: %.*s"), STR_ARG(name)) : (str){NULL, 0},
		.marker = arena_fmt(a, "qinghe:register=%.*s;v=%.8s%s%.*s", STR_ARG(reg->id), reg->digest.hex,
			unit_code.n ? ";org=" : "", STR_ARG(unit_code)),
		.columns = form.columns,
		.n = form.n};
	return xlsx_write_form(a, path, &f, err);
}

str template_path(struct reader *r, const struct label *label, int64_t org, const char *dir)
{
	str name = record_label(r, model_reg(r->city->model, STR("org")), org);
	char *path = arena_printf(r->a, "%s/%.*s-%.*s.xlsx", dir, STR_ARG(name), STR_ARG(label_text(label)));
	for (char *p = path + strlen(dir) + 1; *p; p++)
		if (*p == '/')
			*p = '_';
	return str_of(path);
}
