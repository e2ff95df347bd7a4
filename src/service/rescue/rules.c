/* rules.c -- see rules.h. */
#include "service/rescue/rules.h"
#include "register/rule_file.h"

#define FILE_NAME "rules/rescue.yaml"

static enum rc number(struct rule_file *r, const struct yaml *map, const char *key, int64_t *out)
{
	return rule_int(r, map, key, 0, 36500, out);
}

/* register (or `of`), person, and the condition under `condition`. */
static enum rc source(struct rule_file *r, const struct yaml *map, const char *reg_key, const char *condition,
	struct rescue_source *out)
{
	TRY(rule_reg(r, map, reg_key, &out->reg));
	if (str_is(out->reg->id, "person"))
		TRY(path_parse(r->m, out->reg, STR("id"), &out->person, r->err));
	else
		TRY(rule_path(r, map, "person", out->reg, &out->person));
	return rule_when(r, map, condition, out->reg, &out->where);
}

static enum rc sources(struct rule_file *r, const struct yaml *root, const char *key,
	struct rescue_source **out, size_t *out_n)
{
	const struct yaml *y = yaml_get(root, key);
	if (y == NULL || y->kind == YAML_SCALAR)
		return rule_bad(r, root, key);
	*out = NEWS(r->a, y->n + 1, struct rescue_source);
	for (size_t i = 0; i < y->n; i++)
		TRY(source(r, y->kind == YAML_LIST ? &y->items[i] : &y->pairs[i].value, "register", "where",
			&(*out)[i]));
	*out_n = y->n;
	return RC_OK;
}

/* within: the levels, the gravest first as people write them. */
static enum rc levels(struct rule_file *r, const struct yaml *visits, struct rescue_rules *out)
{
	const struct yaml *within = yaml_get(visits, "within");
	if (within == NULL || within->kind != YAML_MAP || within->n != RESCUE_LEVELS)
		return rule_bad(r, visits, "within");
	for (size_t i = 0; i < RESCUE_LEVELS; i++) {
		int64_t days;
		if (!str_i64(within->pairs[i].value.text, &days) || days < 1 || days > 3650)
			return rule_bad(r, within, "within");
		out->level[RESCUE_LEVELS - 1 - i] = within->pairs[i].key;
		out->level_days[RESCUE_LEVELS - 1 - i] = (int32_t)days;
	}
	return RC_OK;
}

static enum rc coverage(struct rule_file *r, const struct yaml *root, struct rescue_rules *out)
{
	const struct yaml *visits = yaml_get(root, "visits"), *listed = yaml_get(root, "listed");
	TRY(sources(r, root, "population", &out->population, &out->population_n));
	TRY(sources(r, root, "carers", &out->carers, &out->carers_n));
	if (visits == NULL || visits->kind != YAML_MAP)
		return rule_bad(r, root, "visits");
	TRY(source(r, visits, "register", "where", &out->visits));
	TRY(rule_path(r, visits, "on", out->visits.reg, &out->visited_on));
	TRY(levels(r, visits, out));
	if (listed == NULL || listed->kind != YAML_MAP)
		return rule_bad(r, root, "listed");
	TRY(source(r, listed, "register", "where", &out->listed));
	TRY(rule_path(r, listed, "from", out->listed.reg, &out->listed_from));
	TRY(rule_path(r, listed, "until", out->listed.reg, &out->listed_until));
	return rule_path(r, listed, "level", out->listed.reg, &out->listed_level);
}

static enum rc how(struct rule_file *r, const struct yaml *y, struct rescue_trigger *out)
{
	const struct yaml *count = yaml_get(y, "count"), *siblings = yaml_get(y, "siblings");
	str uncovered = rule_text(y, "uncovered");
	if (uncovered.n) {
		out->how = str_is(uncovered, "carers") ? RESCUE_NO_CARER : RESCUE_NOT_SEEN;
		return str_is(uncovered, "carers") || str_is(uncovered, "visits")
			       ? RC_OK
			       : rule_bad(r, y, "uncovered");
	}
	if (count) {
		out->how = RESCUE_COUNT;
		TRY(source(r, count, "register", "where", &out->rows));
		TRY(number(r, count, "at_least", &out->at_least));
		return number(r, count, "within_days", &out->within_days);
	}
	if (siblings) {
		out->how = RESCUE_SIBLINGS;
		TRY(source(r, siblings, "register", "where", &out->rows));
		return rule_path(r, siblings, "guardian", out->rows.reg, &out->guardian);
	}
	out->how = RESCUE_WHEN;
	TRY(source(r, y, "of", "when", &out->rows));
	return out->rows.where ? RC_OK : rule_bad(r, y, "when");
}

static enum rc trigger(struct rule_file *r, const struct yaml_pair *pair, struct rescue_trigger *out)
{
	const struct yaml *y = &pair->value;
	str urgency = rule_text(y, "urgency");
	if (y->kind != YAML_MAP)
		return FAIL(r->err, RC_INVALID, "%s, line %d: a trigger is a map", FILE_NAME, pair->line);
	out->id = pair->key;
	out->label = rule_label(y, "label");
	if (out->label.zh.n == 0 || out->label.en.n == 0)
		return rule_bad(r, y, "label");
	if (!str_is(urgency, "now") && !str_is(urgency, "high") && !str_is(urgency, "normal"))
		return rule_bad(r, y, "urgency");
	out->urgency = str_is(urgency, "now")    ? RESCUE_NOW
		       : str_is(urgency, "high") ? RESCUE_HIGH
						 : RESCUE_NORMAL;
	out->refer = rule_text(y, "refer");
	out->law = rule_label(y, "law");
	TRY(number(r, y, "days", &out->days));
	return how(r, y, out);
}

const struct rescue_trigger *rescue_trigger_of(const struct rescue_rules *rules, str id)
{
	for (size_t k = 0; k < rules->triggers_n; k++)
		if (str_eq(rules->triggers[k].id, id))
			return &rules->triggers[k];
	return NULL;
}

enum rc rescue_rules_read(struct arena *a, const struct model *m, struct rescue_rules *out, struct err *err)
{
	struct rule_file r;
	struct rescue_rules rules = {0};
	const struct yaml *triggers;
	TRY(rule_file_open(&r, a, m, FILE_NAME, err));
	TRY(coverage(&r, &r.root, &rules));
	TRY(rule_map(&r, "triggers", RESCUE_TRIGGERS_MAX, &triggers));
	rules.triggers = NEWS(a, triggers->n + 1, struct rescue_trigger);
	for (size_t i = 0; i < triggers->n; i++)
		TRY(trigger(&r, &triggers->pairs[i], &rules.triggers[i]));
	rules.triggers_n = triggers->n;
	const struct yaml *task = yaml_get(&r.root, "task");
	if (task == NULL || task->kind != YAML_MAP)
		return rule_bad(&r, &r.root, "task");
	TRY(number(&r, task, "explained_days", &rules.explained_days));
	TRY(number(&r, task, "answered_days", &rules.answered_days));
	*out = rules;
	return RC_OK;
}
