/* model_field.c -- one field of a register: type, bounds, choices. */
#include "base/date.h"
#include "register/model_load.h"

static const char *const FIELD_KEYS[] = {"type", "label", "help", "also", "required", "unique", "ditto",
	"ordered", "custody", "sealed", "duty", "scale", "max_chars", "to", "values", "default", "min", "max",
	NULL};

static const char *const TYPES[] = {
	[T_TEXT] = "text",
	[T_INTEGER] = "integer",
	[T_DECIMAL] = "decimal",
	[T_MONEY] = "money",
	[T_HOURS] = "hours",
	[T_COUNT] = "count",
	[T_DATE] = "date",
	[T_MONTH] = "month",
	[T_TIME] = "time",
	[T_BOOL] = "bool",
	[T_CHOICE] = "choice",
	[T_REF] = "ref",
	[T_REFS] = "refs",
	[T_PERSON] = "person",
	[T_ORG] = "org",
	[T_ORGS] = "orgs",
	[T_REGION] = "region",
	[T_FILE] = "file",
	[T_PHONE] = "phone",
	[T_CITIZEN_ID] = "citizen_id",
	[T_CREDIT_CODE] = "credit_code",
	[T_SEALED] = "sealed",
	[T_SEALED_STRUCT] = "sealed_struct",
};
enum { TYPES_N = sizeof TYPES / sizeof *TYPES };

const char *field_type_name(enum field_type t)
{
	return TYPES[t];
}

static bool read_type(struct load *l, const struct yaml *map, enum field_type *out)
{
	str text = get_text(l, map, "type", true);
	struct nearest near = {.wrong = text};
	for (int i = 0; i < TYPES_N; i++) {
		if (str_is(text, TYPES[i])) {
			*out = (enum field_type)i;
			return true;
		}
		nearest_try(&near, str_of(TYPES[i]));
	}
	if (text.n)
		fault_at(l, yaml_get(map, "type"), hint_mean(l, near.best),
			N_("the type “%.*s” is not known"), STR_ARG(text));
	return false;
}

static bool bounded(enum field_type t)
{
	return t == T_INTEGER || t == T_DECIMAL || t == T_MONEY || t == T_HOURS || t == T_COUNT ||
	       t == T_DATE || t == T_MONTH || t == T_TIME;
}

static bool dated(enum field_type t)
{
	return t == T_DATE || t == T_MONTH || t == T_TIME;
}

/* A literal of the field's type in storage units; days and months as numbers. */
static bool literal(const struct field *f, str text, int64_t *out)
{
	int32_t day = 0;
	char full[16];
	if (f->type == T_MONTH && text.n == 7) {
		memcpy(full, text.p, 7);
		memcpy(full + 7, "-01", 3);
		if (!date_parse((str){full, 10}, &day))
			return false;
		*out = date_month(day);
		return true;
	}
	if (f->type == T_DATE || f->type == T_TIME) {
		if (!date_parse(text, &day))
			return false;
		*out = day;
		return true;
	}
	return f->type != T_MONTH && number_scaled(text, field_factor(f), out);
}

static void read_bound(
	struct load *l, const struct field *f, const struct yaml *map, const char *key, struct bound *out)
{
	const struct yaml *y = yaml_get(map, key);
	str text = get_text(l, map, key, false);
	if (y == NULL || text.n == 0)
		return;
	if (!bounded(f->type)) {
		fault_at(l, y, "", N_("a field of type %s has no min or max"), TYPES[f->type]);
		return;
	}
	if (dated(f->type) && str_is(text, "today")) {
		out->kind = BOUND_TODAY;
		return;
	}
	if (literal(f, text, &out->value))
		out->kind = BOUND_VALUE;
	else
		fault_at(l, y, dated(f->type) ? tr("write 2025-03-05 or today") : "",
			N_("“%.*s” is no value of type %s"), STR_ARG(text), TYPES[f->type]);
}

static void read_choice(struct load *l, struct field *f, const struct yaml_pair *p)
{
	static const char *const keys[] = {"zh", "en", "also", NULL};
	struct choice *c = &f->choices[f->choices_n];
	*c = (struct choice){.id = p->key};
	if (!good_id(l, p->key, p->line, p->column, false) || !is_map(l, &p->value))
		return;
	keys_known(l, &p->value, keys);
	c->label.zh = get_text(l, &p->value, "zh", true);
	c->label.en = get_text(l, &p->value, "en", true);
	get_texts(l, &p->value, "also", &c->also, &c->also_n);
	f->choices_n++;
}

static void read_choices(struct load *l, struct field *f, const struct yaml *map)
{
	const struct yaml *values = yaml_get(map, "values");
	if (f->type != T_CHOICE) {
		if (values)
			fault_at(l, values, "", N_("only a field of type choice has values"));
		return;
	}
	if (values == NULL) {
		fault_at(l, map, "", N_("“%s:” is missing"), "values");
		return;
	}
	if (!is_map(l, values))
		return;
	f->choices = NEWS(l->a, values->n + 1, struct choice);
	for (size_t i = 0; i < values->n; i++)
		read_choice(l, f, &values->pairs[i]);
	if (values->n == 0)
		fault_at(l, values, "", N_("a choice needs at least one value"));
}

static void read_default(struct load *l, struct field *f, const struct yaml *map)
{
	int64_t v;
	const struct yaml *y = yaml_get(map, "default");
	f->default_text = get_text(l, map, "default", false);
	if (y == NULL || f->default_text.n == 0)
		return;
	bool good = true;
	if (f->type == T_CHOICE)
		good = field_choice(f, f->default_text) != NULL;
	else if (f->type == T_BOOL)
		good = str_is(f->default_text, "true") || str_is(f->default_text, "false");
	else if (dated(f->type) && str_is(f->default_text, "today"))
		good = true;
	else if (bounded(f->type))
		good = literal(f, f->default_text, &v);
	else
		good = f->type == T_TEXT && !f->sealed;
	if (!good)
		fault_at(l, y, "", N_("“%.*s” is no value of type %s"), STR_ARG(f->default_text),
			TYPES[f->type]);
}

static void read_target(struct load *l, struct field *f, const struct yaml *map)
{
	bool wants = f->type == T_REF || f->type == T_REFS;
	f->to = get_text(l, map, "to", wants);
	if (f->to.n && !wants)
		fault_at(l, yaml_get(map, "to"), "", N_("only a field of type ref or refs has “to:”"));
	if (f->type == T_PERSON)
		f->to = STR("person");
	else if (f->type == T_ORG || f->type == T_ORGS)
		f->to = STR("org");
}

static void read_sizes(struct load *l, struct field *f, const struct yaml *map)
{
	int64_t v = 0;
	if (get_number(l, map, "scale", 0, 9, &v))
		f->scale = (int)v;
	if (yaml_get(map, "scale") && f->type != T_DECIMAL)
		fault_at(l, yaml_get(map, "scale"), "", N_("only a decimal has a scale"));
	if (yaml_get(map, "scale") == NULL && f->type == T_DECIMAL)
		f->scale = 2;
	if (get_number(l, map, "max_chars", 1, 100000, &v))
		f->max_chars = (int)v;
	if (yaml_get(map, "max_chars") && f->type != T_TEXT && f->type != T_SEALED)
		fault_at(l, yaml_get(map, "max_chars"), "", N_("only a text has max_chars"));
}

void field_read(struct load *l, struct reg *r, struct field *f, const struct yaml_pair *pair)
{
	const struct yaml *map = &pair->value;
	*f = (struct field){.id = pair->key,
		.at = (int)(f - r->fields),
		.mark = {l->at->name, pair->line, pair->column},
		.default_text = {"", 0}};
	if (good_id(l, f->id, pair->line, pair->column, false))
		id_free(l, f->id, pair->line, pair->column);
	if (!is_map(l, map))
		return;
	keys_known(l, map, FIELD_KEYS);
	get_label(l, map, "label", true, &f->label);
	get_label(l, map, "help", false, &f->help);
	get_texts(l, map, "also", &f->also, &f->also_n);
	if (!read_type(l, map, &f->type))
		return;
	f->required = get_flag(l, map, "required");
	f->unique = get_flag(l, map, "unique");
	f->ditto = get_flag(l, map, "ditto");
	f->ordered = get_flag(l, map, "ordered");
	f->custody = get_flag(l, map, "custody");
	f->duty = get_flag(l, map, "duty");
	if (f->duty && f->type != T_PERSON)
		fault_at(l, yaml_get(map, "duty"), "", N_("only a field of type person can be a duty's"));
	f->sealed = get_flag(l, map, "sealed") || f->type == T_PHONE || f->type == T_CITIZEN_ID ||
		    f->type == T_SEALED || f->type == T_SEALED_STRUCT || f->type == T_FILE;
	if (f->unique &&
		(f->type == T_SEALED_STRUCT || f->type == T_FILE || f->type == T_REFS || f->type == T_ORGS))
		fault_at(l, map, "", N_("a field of type %s cannot be unique"), TYPES[f->type]);
	if (f->custody && f->type != T_SEALED)
		fault_at(l, map, "", N_("custody is for fields of type sealed"));
	if (f->ordered && f->type != T_REFS && f->type != T_ORGS)
		fault_at(l, map, "", N_("only a list of references has an order"));
	read_sizes(l, f, map);
	read_target(l, f, map);
	read_bound(l, f, map, "min", &f->min);
	read_bound(l, f, map, "max", &f->max);
	read_choices(l, f, map);
	read_default(l, f, map);
}
