/* purposes.c -- see purposes.h. */
#include "register/purposes.h"
#include "register/rule_file.h"
#include <stdio.h>

enum { PURPOSES_MAX = 500, ID_BYTES = 80 };

static bool among(str word, const char *const *list)
{
	for (; *list; list++)
		if (str_is(word, *list))
			return true;
	return false;
}

static enum rc purpose_holds(struct rule_file *f, const struct yaml *y)
{
	static const char *const grounds[] = {"duty", "contract", "emergency", "consent", "public", "task",
		NULL},
				 *const separate[] = {"under_14", "sensitive", NULL};
	struct label label = rule_label(y, "label"), law = rule_label(y, "law");
	if (y->kind != YAML_MAP || label.zh.n == 0 || label.en.n == 0)
		return rule_bad(f, y, "label");
	if (!among(rule_text(y, "ground"), grounds))
		return rule_bad(f, y, "ground");
	if (yaml_get(y, "separate") && !among(rule_text(y, "separate"), separate))
		return rule_bad(f, y, "separate");
	/* Who says that a law makes it a duty says which. */
	if (str_is(rule_text(y, "ground"), "duty") && (law.zh.n == 0 || law.en.n == 0))
		return rule_bad(f, y, "law");
	return RC_OK;
}

enum rc purposes_check(struct arena *a, const struct model *m, struct err *err)
{
	struct rule_file f;
	const struct yaml *map;
	if (model_text(m, "rules/purposes.yaml") == NULL)
		return RC_OK;
	TRY(rule_file_open(&f, a, m, "rules/purposes.yaml", err));
	TRY(rule_map(&f, "purposes", PURPOSES_MAX, &map));
	for (size_t i = 0; i < map->n; i++)
		TRY(purpose_holds(&f, &map->pairs[i].value));
	for (size_t i = 0; i < m->regs_n; i++) {
		char id[ID_BYTES];
		snprintf(id, sizeof id, "%.*s", STR_ARG(m->regs[i].purpose));
		const struct yaml *y = yaml_get(map, id);
		if (y == NULL)
			return FAIL(err, RC_INVALID,
				"the register %.*s has the purpose “%.*s”, for which rules/purposes.yaml "
				"names no ground",
				STR_ARG(m->regs[i].id), STR_ARG(m->regs[i].purpose));
		if (m->regs[i].sensitivity >= SENS_PERSONAL && str_is(rule_text(y, "ground"), "public"))
			return FAIL(err, RC_INVALID,
				"the register %.*s holds data of persons, but its purpose “%.*s” is one "
				"without",
				STR_ARG(m->regs[i].id), STR_ARG(m->regs[i].purpose));
	}
	return RC_OK;
}
