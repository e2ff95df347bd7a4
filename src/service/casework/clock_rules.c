/* clock_rules.c -- rules/deadlines.yaml into struct clock_rules (clock.h). */
#include "format/yaml.h"
#include "register/expr.h"
#include "service/casework/clock.h"

#define FILE_NAME "rules/deadlines.yaml"

struct reading {
	struct arena *a;
	const struct model *m;
	struct err *err;
};

static enum rc bad(struct reading *r, const struct yaml *at, const char *key)
{
	return FAIL(r->err, RC_INVALID, "%s, line %d: “%s” is missing or not as it should be", FILE_NAME,
		at->line, key);
}

static str text_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	return y && y->kind == YAML_SCALAR ? y->text : (str){0};
}

static struct label label_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);
	return y && y->kind == YAML_MAP ? (struct label){text_of(y, "zh"), text_of(y, "en")}
					: (struct label){0};
}

/* A number that may be absent. */
static enum rc number(struct reading *r, const struct yaml *map, const char *key, int64_t *out)
{
	const struct yaml *y = yaml_get(map, key);
	*out = 0;
	if (y == NULL)
		return RC_OK;
	return y->kind == YAML_SCALAR && str_i64(y->text, out) && *out >= 0 && *out <= 1000000
		       ? RC_OK
		       : bad(r, y, key);
}

/* A field of the rule's register, of a type that fits; may be absent where it need not stand. */
static enum rc field_of(struct reading *r, const struct yaml *map, const char *key, const struct reg *reg,
	bool needed, const struct field **out)
{
	str id = text_of(map, key);
	*out = id.n ? reg_field(reg, id) : NULL;
	return *out || (id.n == 0 && !needed) ? RC_OK : bad(r, map, key);
}

static enum rc roles_of(struct reading *r, const struct yaml *map, const char *key, str *out, size_t *out_n)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	*out_n = 0;
	if (y == NULL)
		return RC_OK;
	if (y->kind != YAML_LIST || y->n > CLOCK_ROLES_MAX)
		return bad(r, y, key);
	for (size_t i = 0; i < y->n; i++) {
		if (role_kind(&r->m->roles, y->items[i].text) == NULL)
			return bad(r, &y->items[i], key);
		out[(*out_n)++] = y->items[i].text;
	}
	return RC_OK;
}

static enum rc read_yearly(struct reading *r, const struct yaml *y, struct clock_rule *c)
{
	str t = text_of(y, "yearly");
	int64_t month, day;
	if (t.n != 5 || t.p[2] != '-' || !str_i64(str_head(t, 2), &month) || !str_i64(str_from(t, 3), &day) ||
		month < 1 || month > 12 || day < 1 || day > 28 + 3)
		return bad(r, y, "yearly");
	c->month = (int)month;
	c->day = (int)day;
	return RC_OK;
}

static enum rc read_rows(struct reading *r, const struct yaml *y, struct clock_rule *c)
{
	const struct yaml *extend = yaml_get(y, "extend");
	struct expr *e;
	int64_t days, longer = 0;
	c->reg = model_reg(r->m, text_of(y, "register"));
	if (c->reg == NULL)
		return bad(r, y, "register");
	str where = text_of(y, "where"), pause = text_of(y, "pause");
	c->where = pause.n ? arena_fmt(r->a, "(%.*s) and not (%.*s)", STR_ARG(where), STR_ARG(pause)) : where;
	enum rc rc = expr_parse(r->a, r->m, c->reg, c->where, EXPR_FREE, E_BOOL, &e, r->err);
	if (rc != RC_OK)
		return err_at(r->err, rc, "%s, line %d", FILE_NAME, y->line);
	TRY(field_of(r, y, "from", c->reg, true, &c->from));
	if (c->from->type != T_DATE && c->from->type != T_TIME)
		return bad(r, y, "from");
	TRY(field_of(r, y, "stops", c->reg, false, &c->stops));
	TRY(number(r, y, "days", &days));
	TRY(number(r, y, "minutes", &c->minutes));
	if (extend) {
		TRY(number(r, extend, "days", &longer));
		TRY(field_of(r, extend, "needs", c->reg, true, &c->longer_if));
	}
	c->days = (int32_t)days;
	c->longer = (int32_t)longer;
	c->working = str_is(text_of(y, "count"), "working");
	return RC_OK;
}

static enum rc read_rule(struct reading *r, const struct yaml_pair *pair, struct clock_rule *c)
{
	const struct yaml *y = &pair->value;
	int64_t remind, after = 0;
	*c = (struct clock_rule){.id = pair->key};
	if (y->kind != YAML_MAP)
		return bad(r, y, "label");
	c->label = label_of(y, "label");
	c->law = label_of(y, "law");
	if (c->label.zh.n == 0 || c->label.en.n == 0)
		return bad(r, y, "label");
	TRY(number(r, y, "remind", &remind));
	c->remind = (int32_t)remind;
	TRY(roles_of(r, y, "to", c->to, &c->to_n));
	const struct yaml *escalate = yaml_get(y, "escalate");
	TRY(roles_of(r, escalate, "to", c->escalate, &c->escalate_n));
	if (escalate)
		TRY(number(r, escalate, "after", &after));
	c->after = (int32_t)after;
	return yaml_get(y, "yearly") ? read_yearly(r, y, c) : read_rows(r, y, c);
}

enum rc clock_rules_read(struct arena *a, const struct model *m, struct clock_rules *out, struct err *err)
{
	struct reading r = {a, m, err};
	struct yaml root;
	out->n = 0;
	for (size_t i = 0; i < m->texts_n; i++) {
		if (!str_is(m->texts[i].path, FILE_NAME))
			continue;
		enum rc rc = yaml_read(a, m->texts[i].text, &root, NULL, NULL, err);
		if (rc != RC_OK)
			return err_at(err, rc, "%s", FILE_NAME);
		const struct yaml *list = yaml_get(&root, "deadlines");
		if (list == NULL || list->kind != YAML_MAP || list->n > CLOCK_RULES_MAX)
			return bad(&r, list ? list : &root, "deadlines");
		for (size_t k = 0; k < list->n; k++)
			TRY(read_rule(&r, &list->pairs[k], &out->list[out->n++]));
		return RC_OK;
	}
	return FAIL(err, RC_NOT_FOUND, "the model has no %s", FILE_NAME);
}
