/* page_register.c -- /registers, /registers/GROUP. The list of one register is page_list.c. */
#include "web/page_register.h"
#include "register/permit.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"

/* Pages that look at a whole group. */
static const struct {
	const char *group, *label, *href, *reg; /* reg: who may open it */
} doors[] = {{"appraisal", N_("Points and grades of the year"), "/appraisal", "appraisal_result"}};

static void door_fill(struct page *p, struct register_group *g)
{
	for (size_t i = 0; i < sizeof doors / sizeof *doors && actor_has_office(&p->r.actor); i++) {
		if (!str_is(g->id, doors[i].group) || !page_opens(p, doors[i].reg))
			continue;
		g->door = str_of(tr(doors[i].label));
		g->door_href = page_href(p, str_of(doors[i].href));
	}
}

static void group_fill(struct page *p, struct register_group *g, str id)
{
	const struct model *m = p->site->city->model;
	*g = (struct register_group){
		.label = group_label(id), .id = id, .rows = NEWS(p->a, m->regs_n, struct register_row)};
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *reg = &m->regs[i];
		if (!str_eq(reg->group, id) || permit_reach(reg, &p->r.actor) == REACH_NONE)
			continue;
		g->rows[g->rows_n++] = (struct register_row){.label = label_text(&reg->label),
			.holds = label_text(&reg->holds),
			.href = page_hrefs(p, "/r/%.*s", STR_ARG(reg->id))};
	}
	door_fill(p, g);
}

static enum rc registers_json(struct page *p, const struct registers_page *r)
{
	const struct model *m = p->site->city->model;
	struct json j = page_json(p);
	json_array(&j);
	for (size_t g = 0; g < r->groups_n; g++)
		for (size_t i = 0; i < m->regs_n; i++) {
			const struct reg *reg = &m->regs[i];
			if (!str_eq(reg->group, r->groups[g].id) ||
				permit_reach(reg, &p->r.actor) == REACH_NONE)
				continue;
			json_object(&j);
			json_put_str(&j, "id", reg->id);
			json_put_str(&j, "label", label_text(&reg->label));
			json_put_str(&j, "holds", label_text(&reg->holds));
			json_put_str(&j, "group", reg->group);
			json_put_str(&j, "system", reg->system);
			json_put_i64(&j, "fields", (int64_t)reg->fields_n);
			json_object_end(&j);
		}
	json_array_end(&j);
	return RC_OK;
}

static enum rc show(struct page *p, str only)
{
	struct registers_page r = {0};
	str ids[40];
	size_t n = group_list(p->site->city->model, ids, sizeof ids / sizeof *ids);
	r.groups = NEWS(p->a, n + 1, struct register_group);
	for (size_t i = 0; i < n; i++) {
		if (only.n > 0 && !str_eq(ids[i], only))
			continue;
		group_fill(p, &r.groups[r.groups_n], ids[i]);
		r.groups_n += r.groups[r.groups_n].rows_n > 0;
	}
	if (p->json)
		return registers_json(p, &r);
	r.heading = only.n ? group_label(only) : str_of(tr("Registers"));
	shell_fill(p, &r.shell, r.heading, PLACE_REGISTERS, only);
	if (only.n)
		shell_crumb(p, &r.shell, str_of(tr("Registers")), page_href(p, STR("/registers")));
	tpl_registers(page_out(p), &r);
	return RC_OK;
}

static enum rc all(struct page *p, struct err *err)
{
	(void)err;
	return show(p, STR(""));
}

static enum rc group(struct page *p, struct err *err)
{
	str ids[40];
	size_t n = group_list(p->site->city->model, ids, sizeof ids / sizeof *ids);
	for (size_t i = 0; i < n; i++)
		if (str_eq(ids[i], page_arg(p, 0)))
			return show(p, ids[i]);
	return FAIL(err, RC_NOT_FOUND, "There is no group of registers “%.*s”.", STR_ARG(page_arg(p, 0)));
}

enum rc list_show(struct page *p, struct err *err);

/* The choices of a register's fields come as f_FIELD; they are declared by the register, so the list's route takes any
 * query name and page_list.c looks only at those it knows. */
static const struct input list_inputs[] = {
	{"state", INPUT_WORD, 0, false},
	{"where", INPUT_TEXT, 500, false},
	{"sort", INPUT_WORD, 60, false},
	{"pick", INPUT_FLAG, 0, false},
	{0},
};

const struct route routes_register[] = {
	{"GET", "/registers", all, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_QUICK},
	{"GET", "/registers/{group}", group, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_QUICK},
	{"GET", "/r/{register}", list_show, ACCESS_SIGNED_IN, CSRF_READ_ONLY, list_inputs, ROUTE_QUICK},
	{0},
};
