/* clock_rules.c -- rules/deadlines.yaml into struct clock_rules (clock.h). */
#include "register/rule_file.h"
#include "service/casework/clock.h"

#define FILE_NAME "rules/deadlines.yaml"

/* A number that may be absent. */
static enum rc number(struct rule_file *r, const struct yaml *map, const char *key, int64_t *out)
{
	*out = 0;
	return yaml_get(map, key) ? rule_int(r, map, key, 0, 1000000, out) : RC_OK;
}

/* A field of the rule's register, of a type that fits; may be absent where it need not stand. */
static enum rc field_of(struct rule_file *r, const struct yaml *map, const char *key, const struct reg *reg,
	bool needed, const struct field **out)
{
	str id = rule_text(map, key);
	*out = id.n ? reg_field(reg, id) : NULL;
	return *out || (id.n == 0 && !needed) ? RC_OK : rule_bad(r, map, key);
}

static enum rc roles_of(struct rule_file *r, const struct yaml *map, const char *key, str *out, size_t *out_n)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	*out_n = 0;
	if (y == NULL)
		return RC_OK;
	if (y->kind != YAML_LIST || y->n > CLOCK_ROLES_MAX)
		return rule_bad(r, y, key);
	for (size_t i = 0; i < y->n; i++) {
		if (role_kind(&r->m->roles, y->items[i].text) == NULL)
			return rule_bad(r, &y->items[i], key);
		out[(*out_n)++] = y->items[i].text;
	}
	return RC_OK;
}

static enum rc read_yearly(struct rule_file *r, const struct yaml *y, struct clock_rule *c)
{
	str t = rule_text(y, "yearly");
	int64_t month, day;
	if (t.n != 5 || t.p[2] != '-' || !str_i64(str_head(t, 2), &month) || !str_i64(str_from(t, 3), &day) ||
		month < 1 || month > 12 || day < 1 || day > 28 + 3)
		return rule_bad(r, y, "yearly");
	c->month = (int)month;
	c->day = (int)day;
	return RC_OK;
}

/* again: {register: REGISTER, by: REFERENCE, on: DATE} */
static enum rc read_again(struct rule_file *r, const struct yaml *y, struct clock_rule *c)
{
	const struct yaml *again = yaml_get(y, "again");
	if (again == NULL)
		return RC_OK;
	if (c->from->type != T_DATE)
		return rule_bad(r, y, "from");
	TRY(rule_reg(r, again, "register", &c->again));
	TRY(field_of(r, again, "by", c->again, true, &c->again_by));
	TRY(field_of(r, again, "on", c->again, true, &c->again_on));
	if (c->again_by->to_reg != c->reg)
		return rule_bad(r, again, "by");
	return c->again_on->type == T_DATE ? RC_OK : rule_bad(r, again, "on");
}

static enum rc read_rows(struct rule_file *r, const struct yaml *y, struct clock_rule *c)
{
	const struct yaml *extend = yaml_get(y, "extend");
	struct expr *e;
	int64_t days, longer = 0;
	c->reg = model_reg(r->m, rule_text(y, "register"));
	if (c->reg == NULL)
		return rule_bad(r, y, "register");
	str where = rule_text(y, "where"), pause = rule_text(y, "pause");
	c->where = pause.n ? arena_fmt(r->a, "(%.*s) and not (%.*s)", STR_ARG(where), STR_ARG(pause)) : where;
	enum rc rc = expr_parse(r->a, r->m, c->reg, c->where, EXPR_FREE, E_BOOL, &e, r->err);
	if (rc != RC_OK)
		return rule_at(r, rc, y);
	TRY(field_of(r, y, "from", c->reg, true, &c->from));
	if (c->from->type != T_DATE && c->from->type != T_TIME)
		return rule_bad(r, y, "from");
	TRY(field_of(r, y, "stops", c->reg, false, &c->stops));
	TRY(number(r, y, "days", &days));
	TRY(number(r, y, "minutes", &c->minutes));
	if (extend) {
		TRY(number(r, extend, "days", &longer));
		TRY(field_of(r, extend, "needs", c->reg, true, &c->longer_if));
	}
	c->days = (int32_t)days;
	c->longer = (int32_t)longer;
	c->working = str_is(rule_text(y, "count"), "working");
	return read_again(r, y, c);
}

static enum rc read_rule(struct rule_file *r, const struct yaml_pair *pair, struct clock_rule *c)
{
	const struct yaml *y = &pair->value;
	int64_t remind, after = 0;
	*c = (struct clock_rule){.id = pair->key};
	if (y->kind != YAML_MAP)
		return rule_bad(r, y, "label");
	c->label = rule_label(y, "label");
	c->law = rule_label(y, "law");
	if (c->label.zh.n == 0 || c->label.en.n == 0)
		return rule_bad(r, y, "label");
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
	struct rule_file r;
	const struct yaml *list;
	out->n = 0;
	TRY(rule_file_open(&r, a, m, FILE_NAME, err));
	TRY(rule_map(&r, "deadlines", CLOCK_RULES_MAX, &list));
	for (size_t k = 0; k < list->n; k++)
		TRY(read_rule(&r, &list->pairs[k], &out->list[out->n++]));
	return RC_OK;
}
