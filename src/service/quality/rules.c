/* rules.c -- see rules.h */
#include "service/quality/rules.h"
#include "format/yaml.h"

#define FILE_NAME "rules/quality.yaml"

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

static void label_of(const struct yaml *map, const char *key, struct label *out)
{
	const struct yaml *y = yaml_get(map, key);
	if (y)
		*out = (struct label){text_of(y, "zh"), text_of(y, "en")};
}

static enum rc number(struct reading *r, const struct yaml *map, const char *key, int64_t min, int64_t *out)
{
	const struct yaml *y = yaml_get(map, key);
	return y && y->kind == YAML_SCALAR && str_i64(y->text, out) && *out >= min ? RC_OK
										   : bad(r, y ? y : map, key);
}

static enum rc reg_of(struct reading *r, const struct yaml *map, const char *key, const struct reg **out)
{
	*out = model_reg(r->m, text_of(map, key));
	return *out ? RC_OK : bad(r, map, key);
}

static enum rc when_of(
	struct reading *r, const struct yaml *map, const char *key, const struct reg *reg, struct expr **out)
{
	const struct yaml *y = yaml_get(map, key);
	if (y == NULL)
		return RC_OK;
	enum rc rc = expr_parse(r->a, r->m, reg, y->text, EXPR_FREE, E_BOOL, out, r->err);
	return rc == RC_OK ? rc : err_at(r->err, rc, "%s, line %d", FILE_NAME, y->line);
}

static enum rc path_of(struct reading *r, const struct yaml *map, const char *key, const struct reg *reg,
	enum expr_type type, struct path *out)
{
	str text = text_of(map, key);
	if (text.n == 0)
		return bad(r, map, key);
	enum rc rc = path_parse(r->m, reg, text, out, r->err);
	if (rc != RC_OK)
		return err_at(r->err, rc, "%s, line %d", FILE_NAME, map->line);
	bool sealed = out->last && out->last->sealed;
	return !sealed && (out->type == type || (type == E_DATE && out->type == E_INSTANT))
		       ? RC_OK
		       : bad(r, map, key);
}

static enum rc read_count(struct reading *r, const struct yaml *y, struct quality_rule *q)
{
	q->fewer_than = q->more_than = -1;
	TRY(reg_of(r, y, "register", &q->counted));
	TRY(path_of(r, y, "by", q->counted, E_REF, &q->by));
	TRY(when_of(r, y, "where", q->counted, &q->counted_when));
	if (yaml_get(y, "fewer_than"))
		return number(r, y, "fewer_than", 1, &q->fewer_than);
	return number(r, y, "more_than", 0, &q->more_than);
}

static enum rc read_more_than(struct reading *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "heads", q->of, E_INT, &q->heads));
	TRY(path_of(r, y, "on", q->of, E_DATE, &q->on));
	q->figure = model_figure(r->m, text_of(y, "figure"));
	return q->figure ? RC_OK : bad(r, y, "figure");
}

static enum rc read_round(struct reading *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "heads", q->of, E_INT, &q->heads));
	TRY(path_of(r, y, "per", q->of, E_REF, &q->per));
	TRY(number(r, y, "ends_in", 2, &q->ends_in));
	TRY(number(r, y, "share", 1, &q->share));
	return number(r, y, "at_least", 1, &q->at_least);
}

static enum rc read_same_list(struct reading *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "occasion", q->of, E_REF, &q->occasion));
	TRY(path_of(r, y, "person", q->of, E_REF, &q->person));
	TRY(number(r, y, "share", 1, &q->share));
	return number(r, y, "at_least", 2, &q->at_least);
}

static enum rc read_two_places(struct reading *r, const struct yaml *y, struct quality_rule *q)
{
	TRY(path_of(r, y, "person", q->of, E_REF, &q->person));
	TRY(path_of(r, y, "starts", q->of, E_INSTANT, &q->starts));
	return path_of(r, y, "ends", q->of, E_INSTANT, &q->ends);
}

static enum rc read_rule(struct reading *r, const struct yaml_pair *pair, struct quality_rule *q)
{
	static const struct {
		const char *key;
		enum quality_kind kind;
		enum rc (*read)(struct reading *r, const struct yaml *y, struct quality_rule *q);
	} kinds[] = {{"count", QUALITY_COUNT, read_count}, {"more_than", QUALITY_MORE_THAN, read_more_than},
		{"round", QUALITY_ROUND, read_round}, {"same_list", QUALITY_SAME_LIST, read_same_list},
		{"two_places", QUALITY_TWO_PLACES, read_two_places}};
	const struct yaml *y = &pair->value;
	*q = (struct quality_rule){.id = pair->key, .kind = QUALITY_ROWS};
	label_of(y, "label", &q->label);
	label_of(y, "law", &q->law);
	if (y->kind != YAML_MAP || q->label.zh.n == 0 || q->label.en.n == 0)
		return bad(r, y, "label");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct yaml *inner = yaml_get(y, kinds[i].key);
		if (inner == NULL)
			continue;
		bool outer = kinds[i].kind == QUALITY_COUNT; /* its `of` and `when` stand beside it */
		q->kind = kinds[i].kind;
		TRY(reg_of(r, outer ? y : inner, "of", &q->of));
		TRY(when_of(r, outer ? y : inner, outer ? "when" : "where", q->of, &q->when));
		return kinds[i].read(r, inner, q);
	}
	TRY(reg_of(r, y, "of", &q->of));
	return yaml_get(y, "when") ? when_of(r, y, "when", q->of, &q->when) : bad(r, y, "when");
}

enum rc quality_rules_read(struct arena *a, const struct model *m, struct quality_rules *out, struct err *err)
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
		const struct yaml *list = yaml_get(&root, "rules_list");
		if (list == NULL || list->kind != YAML_MAP || list->n > QUALITY_RULES_MAX)
			return bad(&r, list ? list : &root, "rules_list");
		for (size_t k = 0; k < list->n; k++)
			TRY(read_rule(&r, &list->pairs[k], &out->list[out->n++]));
		return RC_OK;
	}
	return FAIL(err, RC_NOT_FOUND, "the model has no %s", FILE_NAME);
}
