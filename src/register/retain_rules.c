/* retain_rules.c -- see retain_rules.h. */
#include "register/retain_rules.h"
#include "register/rule_file.h"

#define FILE_NAME "rules/retention.yaml"

enum { PARTS_MAX = 400, MONTH_DAYS = 30, YEAR_DAYS = 365, YEARS_MAX = 100, LEVELS = 5 };

static const char *const levels[LEVELS] = {[SENS_PUBLIC] = "public",
	[SENS_INTERNAL] = "internal",
	[SENS_PERSONAL] = "personal",
	[SENS_MINOR] = "minor",
	[SENS_SEALED] = "sealed"};

int64_t retain_days(str keep)
{
	int64_t n;
	str time = str_cut(keep, ',', &(str){0}); /* "6y, after: skeleton" */
	char unit = time.n ? time.p[time.n - 1] : 0;
	if (str_is(time, "forever"))
		return INT64_MAX;
	if (time.n < 2 || !str_i64(str_head(time, time.n - 1), &n) || n < 0)
		return -1;
	return unit == 'y' ? n * YEAR_DAYS : unit == 'm' ? n * MONTH_DAYS : unit == 'd' ? n : -1;
}

/* ---- limits ---- */

static enum rc time_of(struct rule_file *f, const struct yaml *map, const char *key, str *out)
{
	*out = rule_text(map, key);
	return out->n == 0 || retain_days(*out) >= 0 ? RC_OK : rule_bad(f, map, key);
}

static const struct yaml *list_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);
	return y && y->kind == YAML_LIST ? y : NULL;
}

static enum rc read_limit(struct rule_file *f, const struct yaml_pair *pair, struct retain_limit *out)
{
	const struct yaml *y = &pair->value, *regs = list_of(y, "registers"),
			  *kinds = list_of(y, "sensitivities");
	*out = (struct retain_limit){
		.id = pair->key, .label = rule_label(y, "label"), .law = rule_label(y, "law")};
	TRY(time_of(f, y, "at_least", &out->at_least));
	TRY(time_of(f, y, "at_most", &out->at_most));
	if (out->label.zh.n == 0 || out->label.en.n == 0)
		return rule_bad(f, y, "label");
	if (out->at_least.n == 0 && out->at_most.n == 0)
		return rule_bad(f, y, "at_least");
	if (regs == NULL && kinds == NULL)
		return rule_bad(f, y, "registers");
	for (size_t i = 0; regs && i < regs->n; i++) {
		const struct reg *reg = model_reg(f->m, regs->items[i].text);
		if (reg == NULL || out->regs_n == RETAIN_LIMITS_MAX)
			return rule_bad(f, &regs->items[i], "registers");
		out->regs[out->regs_n++] = reg;
	}
	for (size_t i = 0; kinds && i < kinds->n; i++) {
		bool known = false;
		for (size_t k = 0; k < LEVELS; k++)
			if (str_is(kinds->items[i].text, levels[k]))
				known = out->levels[k] = true;
		if (!known)
			return rule_bad(f, &kinds->items[i], "sensitivities");
	}
	return RC_OK;
}

static enum rc limits_of(struct rule_file *f, struct retain_limit **out, size_t *out_n)
{
	const struct yaml *map;
	*out = NULL;
	*out_n = 0;
	if (yaml_get(&f->root, "limits") == NULL)
		return RC_OK;
	TRY(rule_map(f, "limits", RETAIN_LIMITS_MAX, &map));
	*out = NEWS(f->a, map->n + 1, struct retain_limit);
	for (size_t i = 0; i < map->n; i++)
		TRY(read_limit(f, &map->pairs[i], &(*out)[(*out_n)++]));
	return RC_OK;
}

enum rc retain_limits(
	struct arena *a, const struct model *m, struct retain_limit **out, size_t *out_n, struct err *err)
{
	struct rule_file f;
	*out = NULL;
	*out_n = 0;
	if (model_text(m, FILE_NAME) == NULL)
		return RC_OK;
	TRY(rule_file_open(&f, a, m, FILE_NAME, err));
	return limits_of(&f, out, out_n);
}

bool retain_limit_binds(const struct retain_limit *l, const struct reg *reg)
{
	for (size_t i = 0; i < l->regs_n; i++)
		if (l->regs[i] == reg)
			return true;
	return l->levels[reg->sensitivity];
}

static enum rc within(const struct retain_limit *l, const struct reg *reg, struct err *err)
{
	int64_t days = retain_days(reg->keep);
	bool less = l->at_least.n && days < retain_days(l->at_least);
	bool more = l->at_most.n && days > retain_days(l->at_most);
	str law = label_text(l->law.zh.n ? &l->law : &l->label);
	if (less)
		return FAIL(err, RC_INVALID, "the register %.*s is to be kept for %.*s at least: %.*s",
			STR_ARG(reg->id), STR_ARG(l->at_least), STR_ARG(law));
	if (more)
		return FAIL(err, RC_INVALID, "the register %.*s may be kept for %.*s at most: %.*s",
			STR_ARG(reg->id), STR_ARG(l->at_most), STR_ARG(law));
	return RC_OK;
}

/* ---- the rest of the file ---- */

static enum rc after_holds(struct rule_file *f, const struct yaml *map)
{
	str after = rule_text(map, "after");
	return after.n == 0 || str_is(after, "delete") || str_is(after, "skeleton")
		       ? RC_OK
		       : rule_bad(f, map, "after");
}

static enum rc regs_known(struct rule_file *f, const struct yaml *map, const char *key)
{
	const struct yaml *list = yaml_get(map, key);
	if (list == NULL || list->kind != YAML_LIST)
		return rule_bad(f, map, key);
	for (size_t i = 0; i < list->n; i++)
		if (model_reg(f->m, list->items[i].text) == NULL)
			return rule_bad(f, &list->items[i], key);
	return RC_OK;
}

static enum rc skeletons_hold(struct rule_file *f)
{
	const struct yaml *map;
	TRY(rule_map(f, "registers", PARTS_MAX, &map));
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *y = &map->pairs[i].value, *keep = list_of(y, "keep_fields");
		const struct reg *reg = model_reg(f->m, map->pairs[i].key);
		if (reg == NULL)
			return FAIL(f->err, RC_INVALID, "%s, line %d: there is no register “%.*s”", f->path,
				map->pairs[i].line, STR_ARG(map->pairs[i].key));
		TRY(after_holds(f, y));
		for (size_t k = 0; keep && k < keep->n; k++) {
			const struct field *field = reg_field(reg, keep->items[k].text);
			/* Names, numbers and texts about a person do not outlive the term. */
			if (field == NULL || field->sealed || field == reg->person)
				return rule_bad(f, &keep->items[k], "keep_fields");
		}
	}
	return RC_OK;
}

static enum rc holds_hold(struct rule_file *f)
{
	const struct yaml *map;
	TRY(rule_map(f, "holds", PARTS_MAX, &map));
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *y = &map->pairs[i].value;
		const struct reg *of;
		struct expr *when;
		TRY(rule_reg(f, y, "of", &of));
		TRY(rule_when(f, y, "when", of, &when));
		if (when == NULL)
			return rule_bad(f, y, "when");
		TRY(regs_known(f, y, "covers"));
	}
	return RC_OK;
}

static enum rc file_holds(struct rule_file *f, struct err *err)
{
	struct retain_limit *limits;
	size_t n;
	int64_t years;
	const struct yaml *standard = yaml_get(&f->root, "default"), *archive = yaml_get(&f->root, "archive");
	TRY(limits_of(f, &limits, &n));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < f->m->regs_n; k++)
			if (retain_limit_binds(&limits[i], &f->m->regs[k]))
				TRY(within(&limits[i], &f->m->regs[k], err));
	if (standard)
		TRY(after_holds(f, standard));
	if (yaml_get(&f->root, "registers"))
		TRY(skeletons_hold(f));
	if (yaml_get(&f->root, "holds"))
		TRY(holds_hold(f));
	if (archive == NULL)
		return RC_OK;
	TRY(rule_int(f, archive, "after_years", 1, YEARS_MAX, &years));
	return regs_known(f, archive, "registers");
}

enum rc retain_rules_check(struct arena *a, const struct model *m, struct err *err)
{
	struct rule_file f;
	if (model_text(m, FILE_NAME) == NULL)
		return RC_OK;
	TRY(rule_file_open(&f, a, m, FILE_NAME, err));
	return file_holds(&f, err);
}
