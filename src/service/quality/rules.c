/* rules.c -- see rules.h */
#include "service/quality/rules.h"
#include "register/rule_file.h"

#define FILE_NAME "rules/quality.yaml"

static enum rc number(struct rule_file *r, const struct yaml *map, const char *key, int64_t min, int64_t *out)
{
	return rule_int(r, map, key, min, INT64_MAX, out);
}

/* A path to a value that stands in the clear, of that type. */
static enum rc path_of(struct rule_file *r, const struct yaml *map, const char *key, const struct reg *reg,
	enum expr_type type, struct path *out)
{
	TRY(rule_path(r, map, key, reg, out));
	bool sealed = out->last && out->last->sealed;
	return !sealed && (out->type == type || (type == E_DATE && out->type == E_INSTANT))
		       ? RC_OK
		       : rule_bad(r, map, key);
}

static enum rc read_count(struct rule_file *r, const struct yaml *y, struct quality_rule *q)
{
	q->fewer_than = q->more_than = -1;
	TRY(rule_reg(r, y, "register", &q->counted));
	TRY(path_of(r, y, "by", q->counted, E_REF, &q->by));
	TRY(rule_when(r, y, "where", q->counted, &q->counted_when));
	if (yaml_get(y, "fewer_than"))
		return number(r, y, "fewer_than", 1, &q->fewer_than);
	return number(r, y, "more_than", 0, &q->more_than);
}

static enum rc read_more_than(struct rule_file *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "heads", q->of, E_INT, &q->heads));
	TRY(path_of(r, y, "on", q->of, E_DATE, &q->on));
	q->figure = model_figure(r->m, rule_text(y, "figure"));
	return q->figure ? RC_OK : rule_bad(r, y, "figure");
}

static enum rc read_round(struct rule_file *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "heads", q->of, E_INT, &q->heads));
	TRY(path_of(r, y, "per", q->of, E_REF, &q->per));
	TRY(number(r, y, "ends_in", 2, &q->ends_in));
	TRY(number(r, y, "share", 1, &q->share));
	return number(r, y, "at_least", 1, &q->at_least);
}

static enum rc read_same_list(struct rule_file *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "occasion", q->of, E_REF, &q->occasion));
	TRY(path_of(r, y, "person", q->of, E_REF, &q->person));
	TRY(number(r, y, "share", 1, &q->share));
	return number(r, y, "at_least", 2, &q->at_least);
}

static enum rc read_two_places(struct rule_file *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "person", q->of, E_REF, &q->person));
	TRY(path_of(r, y, "starts", q->of, E_INSTANT, &q->starts));
	return path_of(r, y, "ends", q->of, E_INSTANT, &q->ends);
}

static enum rc read_rule(struct rule_file *r, const struct yaml_pair *pair, struct quality_rule *q)
{
	static const struct {
		const char *key;
		enum quality_kind kind;
		enum rc (*read)(struct rule_file *r, const struct yaml *y, struct quality_rule *q);
	} kinds[] = {{"count", QUALITY_COUNT, read_count}, {"more_than", QUALITY_MORE_THAN, read_more_than},
		{"round", QUALITY_ROUND, read_round}, {"same_list", QUALITY_SAME_LIST, read_same_list},
		{"two_places", QUALITY_TWO_PLACES, read_two_places}};
	const struct yaml *y = &pair->value;
	*q = (struct quality_rule){.id = pair->key, .kind = QUALITY_ROWS};
	q->label = rule_label(y, "label");
	q->law = rule_label(y, "law");
	if (y->kind != YAML_MAP || q->label.zh.n == 0 || q->label.en.n == 0)
		return rule_bad(r, y, "label");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct yaml *inner = yaml_get(y, kinds[i].key);
		if (inner == NULL)
			continue;
		bool outer = kinds[i].kind == QUALITY_COUNT; /* its `of` and `when` stand beside it */
		q->kind = kinds[i].kind;
		TRY(rule_reg(r, outer ? y : inner, "of", &q->of));
		TRY(rule_when(r, outer ? y : inner, outer ? "when" : "where", q->of, &q->when));
		return kinds[i].read(r, inner, q);
	}
	TRY(rule_reg(r, y, "of", &q->of));
	return yaml_get(y, "when") ? rule_when(r, y, "when", q->of, &q->when) : rule_bad(r, y, "when");
}

enum rc quality_rules_read(struct arena *a, const struct model *m, struct quality_rules *out, struct err *err)
{
	struct rule_file r;
	const struct yaml *list;
	out->n = 0;
	TRY(rule_file_open(&r, a, m, FILE_NAME, err));
	TRY(rule_map(&r, "rules_list", QUALITY_RULES_MAX, &list));
	for (size_t k = 0; k < list->n; k++)
		TRY(read_rule(&r, &list->pairs[k], &out->list[out->n++]));
	return RC_OK;
}
