/* home_plan.c -- see home_plan.h. */
#include "web/home_plan.h"
#include "figure/figure.h"
#include "format/yaml.h"

#define FILE_NAME "rules/desk.yaml"

static enum rc bad(const struct yaml *at, struct err *err)
{
	return FAIL(err, RC_INVALID, "%s, line %d: “%.*s” is missing or not as it should be", FILE_NAME,
		at->line, STR_ARG(at->text));
}

static void add(const void *list[PLAN_LIST_MAX], size_t *n, const void *one)
{
	for (size_t i = 0; i < *n; i++)
		if (list[i] == one)
			return;
	if (*n < PLAN_LIST_MAX)
		list[(*n)++] = one;
}

static enum rc boxes(const struct yaml *list, struct home_plan *plan, bool his, struct err *err)
{
	const struct {
		const char *id;
		bool *on;
	} all[] = {{"figures", &plan->figures}, {"report", &plan->report}, {"coverage", &plan->coverage},
		{"finder", &plan->finder}, {"admin", &plan->admin}};
	for (size_t i = 0; list && i < list->n; i++) {
		bool known = false;
		for (size_t k = 0; k < sizeof all / sizeof *all; k++)
			if (str_is(list->items[i].text, all[k].id)) {
				known = true;
				*all[k].on = *all[k].on || his;
			}
		if (!known)
			return bad(&list->items[i], err);
	}
	return RC_OK;
}

static enum rc registers(const struct model *m, const struct yaml *list, bool his, const struct reg **out,
	size_t *n, struct err *err)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct reg *reg = model_reg(m, list->items[i].text);
		if (reg == NULL)
			return bad(&list->items[i], err);
		if (his)
			add((const void **)out, n, reg);
	}
	return RC_OK;
}

static enum rc figures(
	const struct model *m, const struct yaml *list, bool his, struct home_plan *plan, struct err *err)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct figure *f = model_figure(m, list->items[i].text);
		if (f == NULL)
			return bad(&list->items[i], err);
		if (his)
			add((const void **)plan->first, &plan->first_n, f);
	}
	return RC_OK;
}

enum rc home_plan_read(struct arena *a, const struct model *m, const struct actor *actor,
	struct home_plan *out, struct err *err)
{
	struct yaml root;
	*out = (struct home_plan){0};
	for (size_t t = 0; t < m->texts_n; t++) {
		if (!str_is(m->texts[t].path, FILE_NAME))
			continue;
		enum rc rc = yaml_read(a, m->texts[t].text, &root, NULL, NULL, err);
		if (rc != RC_OK)
			return err_at(err, rc, "%s", FILE_NAME);
		const struct yaml *desks = yaml_get(&root, "desks");
		if (desks == NULL || desks->kind != YAML_MAP)
			return bad(&root, err);
		for (size_t i = 0; i < desks->n; i++) {
			const struct yaml *d = &desks->pairs[i].value;
			str role = desks->pairs[i].key;
			if (role_kind(&m->roles, role) == NULL)
				return bad(d, err);
			bool his = actor_is_operator(actor) ? str_is(role, "city_staff")
							    : actor_has_role(actor, role);
			TRY(boxes(yaml_get(d, "boxes"), out, his, err));
			TRY(registers(m, yaml_get(d, "start"), his, out->start, &out->start_n, err));
			TRY(registers(m, yaml_get(d, "open"), his, out->open, &out->open_n, err));
			TRY(figures(m, yaml_get(d, "figures"), his, out, err));
		}
		return RC_OK;
	}
	return RC_OK;
}
