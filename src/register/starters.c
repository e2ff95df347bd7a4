/* starters.c -- see starters.h. */
#include "register/starters.h"
#include "register/city.h"
#include "register/rule_file.h"

#define FILE_NAME "rules/starters.yaml"

enum { REGISTERS_MAX = 50 };

struct starter {
	const struct reg *reg;
	struct entry entries[REG_FIELDS_MAX];
	size_t n;
};

static enum rc row_read(struct rule_file *f, const struct reg *reg, const struct yaml *y, struct starter *out)
{
	*out = (struct starter){.reg = reg};
	if (y->kind != YAML_MAP || y->n == 0 || y->n > REG_FIELDS_MAX)
		return rule_bad(f, y, "rows");
	for (size_t i = 0; i < y->n; i++) {
		const struct field *field = reg_field(reg, y->pairs[i].key);
		const struct yaml *v = &y->pairs[i].value;
		struct entry *e = &out->entries[out->n++];
		if (field == NULL || field->sealed || field->to.n || v->kind != YAML_SCALAR)
			return FAIL(f->err, RC_INVALID,
				"%s, line %d: “%.*s” is no field of the register %.*s that a row begins with",
				f->path, v->line, STR_ARG(y->pairs[i].key), STR_ARG(reg->id));
		*e = (struct entry){.field = field};
		TRY(rule_at(f, value_parse(f->a, field, v->text, &e->value, f->err), v));
	}
	return RC_OK;
}

/* Each row in turn. */
static enum rc each(struct rule_file *f,
	enum rc (*visit)(void *user, const struct starter *s, struct err *err), void *user)
{
	const struct yaml *map;
	TRY(rule_map(f, "rows", REGISTERS_MAX, &map));
	for (size_t i = 0; i < map->n; i++) {
		const struct reg *reg = model_reg(f->m, map->pairs[i].key);
		const struct yaml *list = &map->pairs[i].value;
		if (reg == NULL || reg->sensitivity >= SENS_PERSONAL)
			return FAIL(f->err, RC_INVALID, "%s, line %d: “%.*s” is no register without people",
				f->path, map->pairs[i].line, STR_ARG(map->pairs[i].key));
		if (list->kind != YAML_LIST)
			return rule_bad(f, list, "rows");
		for (size_t k = 0; k < list->n; k++) {
			struct starter *s = NEW(f->a, struct starter);
			TRY(row_read(f, reg, &list->items[k], s));
			TRY(visit(user, s, f->err));
		}
	}
	return RC_OK;
}

static enum rc look(void *user, const struct starter *s, struct err *err)
{
	(void)user;
	(void)s;
	(void)err;
	return RC_OK;
}

enum rc starters_check(struct arena *a, const struct model *m, struct err *err)
{
	struct rule_file f;
	if (model_text(m, FILE_NAME) == NULL)
		return RC_OK;
	TRY(rule_file_open(&f, a, m, FILE_NAME, err));
	return each(&f, look, NULL);
}

struct entering {
	struct job_ctx *c;
	size_t n;
};

static enum rc enter(void *user, const struct starter *s, struct err *err)
{
	struct entering *x = user;
	struct city *city = job_city(x->c);
	struct record_input in = {.reg = s->reg,
		.org = city->root_org,
		.entries = s->entries,
		.entries_n = s->n,
		.source = STR("form")};
	struct value *values = NEWS(x->c->a, s->reg->fields_n + 1, struct value);
	struct reader r = {.a = x->c->a, .db = x->c->db, .city = city, .actor = *x->c->actor};
	const struct field *field;
	int64_t id;
	for (size_t i = 0; i < s->n; i++)
		values[s->entries[i].field->at] = s->entries[i].value;
	TRY(record_twin(&r, s->reg, city->root_org, 0, values, &id, &field, err));
	if (id)
		return RC_OK;
	x->n++;
	return record_add(x->c, &in, &id, err);
}

enum rc starters_enter(struct job_ctx *c, size_t *out_n, struct err *err)
{
	struct rule_file f;
	struct entering x = {.c = c};
	TRY(rule_file_open(&f, c->a, job_city(c)->model, FILE_NAME, err));
	enum rc rc = each(&f, enter, &x);
	*out_n = x.n;
	return rc;
}
