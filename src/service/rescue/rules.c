/* rules.c -- see rules.h. */
#include "service/rescue/rules.h"
#include "format/yaml.h"

#define FILE_NAME "rules/rescue.yaml"

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
	const struct yaml *y = yaml_get(map, key);
	return y && y->kind == YAML_SCALAR ? y->text : (str){0};
}

static enum rc number(struct reading *r, const struct yaml *map, const char *key, int64_t *out)
{
	return str_i64(text_of(map, key), out) && *out >= 0 && *out <= 36500 ? RC_OK : bad(r, map, key);
}

static enum rc path(
	struct reading *r, const struct yaml *map, const struct reg *reg, const char *key, struct path *out)
{
	str text = text_of(map, key);
	if (text.n == 0)
		return bad(r, map, key);
	enum rc rc = path_parse(r->m, reg, text, out, r->err);
	return rc == RC_OK ? rc : err_at(r->err, rc, "%s, line %d", FILE_NAME, map->line);
}

/* register (or `of`), person, and the condition under `condition`. */
static enum rc source(struct reading *r, const struct yaml *map, const char *reg_key, const char *condition,
	struct rescue_source *out)
{
	str where = text_of(map, condition);
	out->reg = model_reg(r->m, text_of(map, reg_key));
	if (out->reg == NULL)
		return bad(r, map, reg_key);
	if (str_is(out->reg->id, "person"))
		TRY(path_parse(r->m, out->reg, STR("id"), &out->person, r->err));
	else
		TRY(path(r, map, out->reg, "person", &out->person));
	if (where.n == 0)
		return RC_OK;
	enum rc rc = expr_parse(r->a, r->m, out->reg, where, EXPR_FREE, E_BOOL, &out->where, r->err);
	return rc == RC_OK ? rc : err_at(r->err, rc, "%s, line %d", FILE_NAME, map->line);
}

static enum rc sources(struct reading *r, const struct yaml *root, const char *key,
	struct rescue_source **out, size_t *out_n)
{
	const struct yaml *y = yaml_get(root, key);
	if (y == NULL || y->kind == YAML_SCALAR)
		return bad(r, root, key);
	*out = NEWS(r->a, y->n + 1, struct rescue_source);
	for (size_t i = 0; i < y->n; i++)
		TRY(source(r, y->kind == YAML_LIST ? &y->items[i] : &y->pairs[i].value, "register", "where",
			&(*out)[i]));
	*out_n = y->n;
	return RC_OK;
}

/* within: the levels, the gravest first as people write them. */
static enum rc levels(struct reading *r, const struct yaml *visits, struct rescue_rules *out)
{
	const struct yaml *within = yaml_get(visits, "within");
	if (within == NULL || within->kind != YAML_MAP || within->n != RESCUE_LEVELS)
		return bad(r, visits, "within");
	for (size_t i = 0; i < RESCUE_LEVELS; i++) {
		int64_t days;
		if (!str_i64(within->pairs[i].value.text, &days) || days < 1 || days > 3650)
			return bad(r, within, "within");
		out->level[RESCUE_LEVELS - 1 - i] = within->pairs[i].key;
		out->level_days[RESCUE_LEVELS - 1 - i] = (int32_t)days;
	}
	return RC_OK;
}

static enum rc coverage(struct reading *r, const struct yaml *root, struct rescue_rules *out)
{
	const struct yaml *visits = yaml_get(root, "visits"), *listed = yaml_get(root, "listed");
	TRY(sources(r, root, "population", &out->population, &out->population_n));
	TRY(sources(r, root, "carers", &out->carers, &out->carers_n));
	if (visits == NULL || visits->kind != YAML_MAP)
		return bad(r, root, "visits");
	TRY(source(r, visits, "register", "where", &out->visits));
	TRY(path(r, visits, out->visits.reg, "on", &out->visited_on));
	TRY(levels(r, visits, out));
	if (listed == NULL || listed->kind != YAML_MAP)
		return bad(r, root, "listed");
	TRY(source(r, listed, "register", "where", &out->listed));
	TRY(path(r, listed, out->listed.reg, "from", &out->listed_from));
	TRY(path(r, listed, out->listed.reg, "until", &out->listed_until));
	return path(r, listed, out->listed.reg, "level", &out->listed_level);
}

static enum rc how(struct reading *r, const struct yaml *y, struct rescue_trigger *out)
{
	const struct yaml *count = yaml_get(y, "count"), *siblings = yaml_get(y, "siblings");
	str uncovered = text_of(y, "uncovered");
	if (uncovered.n) {
		out->how = str_is(uncovered, "carers") ? RESCUE_NO_CARER : RESCUE_NOT_SEEN;
		return str_is(uncovered, "carers") || str_is(uncovered, "visits") ? RC_OK
										  : bad(r, y, "uncovered");
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
		return path(r, siblings, out->rows.reg, "guardian", &out->guardian);
	}
	out->how = RESCUE_WHEN;
	TRY(source(r, y, "of", "when", &out->rows));
	return out->rows.where ? RC_OK : bad(r, y, "when");
}

static enum rc trigger(struct reading *r, const struct yaml_pair *pair, struct rescue_trigger *out)
{
	const struct yaml *y = &pair->value, *label = yaml_get(y, "label");
	str urgency = text_of(y, "urgency");
	if (y->kind != YAML_MAP)
		return FAIL(r->err, RC_INVALID, "%s, line %d: a trigger is a map", FILE_NAME, pair->line);
	out->id = pair->key;
	if (label == NULL || text_of(label, "zh").n == 0 || text_of(label, "en").n == 0)
		return bad(r, y, "label");
	out->label = (struct label){text_of(label, "zh"), text_of(label, "en")};
	if (!str_is(urgency, "now") && !str_is(urgency, "high") && !str_is(urgency, "normal"))
		return bad(r, y, "urgency");
	out->urgency = str_is(urgency, "now")    ? RESCUE_NOW
		       : str_is(urgency, "high") ? RESCUE_HIGH
						 : RESCUE_NORMAL;
	out->refer = text_of(y, "refer");
	TRY(number(r, y, "days", &out->days));
	return how(r, y, out);
}

enum rc rescue_rules_read(struct arena *a, const struct model *m, struct rescue_rules *out, struct err *err)
{
	struct reading r = {a, m, err};
	struct rescue_rules rules = {0};
	struct yaml root;
	const struct model_text *file = NULL;
	for (size_t i = 0; i < m->texts_n; i++)
		if (str_is(m->texts[i].path, FILE_NAME))
			file = &m->texts[i];
	if (file == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no %s", FILE_NAME);
	enum rc rc = yaml_read(a, file->text, &root, NULL, NULL, err);
	if (rc != RC_OK)
		return err_at(err, rc, "%s", FILE_NAME);
	TRY(coverage(&r, &root, &rules));
	const struct yaml *triggers = yaml_get(&root, "triggers"), *task = yaml_get(&root, "task");
	if (triggers == NULL || triggers->kind != YAML_MAP || triggers->n > RESCUE_TRIGGERS_MAX)
		return bad(&r, &root, "triggers");
	rules.triggers = NEWS(a, triggers->n + 1, struct rescue_trigger);
	for (size_t i = 0; i < triggers->n; i++)
		TRY(trigger(&r, &triggers->pairs[i], &rules.triggers[i]));
	rules.triggers_n = triggers->n;
	if (task == NULL || task->kind != YAML_MAP)
		return bad(&r, &root, "task");
	TRY(number(&r, task, "explained_days", &rules.explained_days));
	*out = rules;
	return RC_OK;
}
