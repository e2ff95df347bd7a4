/* model_show.c -- qinghe model show [REGISTER]: what is declared, for people and as JSON. */
#include "cli/model_show.h"
#include "base/buf.h"
#include "base/date.h"
#include "cli/commands.h"
#include "format/json.h"
#include "register/expr.h"
#include "register/model.h"
#include "register/schema.h"

enum { OUT_MAX_BYTES = 64 << 20 };

static void register_json(struct json *j, const struct reg *r)
{
	json_object(j);
	json_put_str(j, "id", r->id);
	json_put_str(j, "label", label_text(&r->label));
	json_put_str(j, "holds", label_text(&r->holds));
	json_put_str(j, "system", r->system);
	json_put_str(j, "group", r->group);
	json_put_i64(j, "fields", (int64_t)r->fields_n);
	json_object_end(j);
}

static void label_json(struct json *j, const char *key, const struct label *l)
{
	json_key(j, key);
	json_object(j);
	json_put_str(j, "zh", l->zh);
	json_put_str(j, "en", l->en);
	json_object_end(j);
}

static void texts_json(struct json *j, const char *key, const str *list, size_t n)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < n; i++)
		json_str(j, list[i]);
	json_array_end(j);
}

static void field_json(struct json *j, const struct field *f)
{
	json_object(j);
	json_put_str(j, "id", f->id);
	json_put_cstr(j, "type", field_type_name(f->type));
	label_json(j, "label", &f->label);
	json_put_bool(j, "required", f->required);
	json_put_bool(j, "unique", f->unique);
	json_put_bool(j, "sealed", f->sealed);
	if (f->to.n)
		json_put_str(j, "to", f->to);
	texts_json(j, "also", f->also, f->also_n);
	if (f->choices_n) {
		json_key(j, "values");
		json_object(j);
		for (size_t i = 0; i < f->choices_n; i++) {
			json_key_str(j, f->choices[i].id);
			json_str(j, label_text(&f->choices[i].label));
		}
		json_object_end(j);
	}
	json_object_end(j);
}

static void states_json(struct json *j, const struct reg *r)
{
	json_key(j, "states");
	json_array(j);
	for (size_t i = 0; i < r->states_n; i++) {
		json_object(j);
		json_put_str(j, "id", r->states[i].id);
		label_json(j, "label", &r->states[i].label);
		json_object_end(j);
	}
	json_array_end(j);
	json_key(j, "moves");
	json_array(j);
	for (size_t i = 0; i < r->moves_n; i++) {
		const struct move *m = &r->moves[i];
		json_object(j);
		json_put_str(j, "id", m->id);
		label_json(j, "label", &m->label);
		texts_json(j, "from", m->from, m->from_n);
		json_put_str(j, "to", m->to);
		texts_json(j, "by", m->by, m->by_n);
		json_object_end(j);
	}
	json_array_end(j);
}

static void whole_json(struct arena *a, struct json *j, const struct reg *r)
{
	json_object(j);
	json_put_str(j, "id", r->id);
	label_json(j, "label", &r->label);
	label_json(j, "holds", &r->holds);
	json_put_str(j, "system", r->system);
	json_put_str(j, "group", r->group);
	json_put_str(j, "happens", r->happens);
	json_put_str(j, "keep", r->keep);
	json_key(j, "key");
	json_array(j);
	if (r->key_org)
		json_cstr(j, "org");
	for (size_t i = 0; i < r->key_n; i++)
		json_str(j, r->key[i]->id);
	json_array_end(j);
	json_key(j, "fields");
	json_array(j);
	for (size_t i = 0; i < r->fields_n; i++)
		field_json(j, &r->fields[i]);
	json_array_end(j);
	states_json(j, r);
	json_key(j, "grade");
	json_object(j);
	for (size_t i = 0; i < r->grades_n; i++) {
		json_key_str(j, (str){&r->grades[i].letter, 1});
		json_str(j, r->grades[i].when ? expr_text(a, r->grades[i].when) : STR("true"));
	}
	json_object_end(j);
	json_put_cstr(j, "digest", r->digest.hex);
	json_object_end(j);
}

static void field_line(struct arena *a, const struct field *f)
{
	printf("  %-18.*s %-12s %.*s", STR_ARG(f->id), field_type_name(f->type),
		STR_ARG(label_text(&f->label)));
	if (f->to.n && (f->type == T_REF || f->type == T_REFS))
		printf(" -> %.*s", STR_ARG(f->to));
	if (f->required)
		printf(tr(" [required]"));
	if (f->sealed)
		printf(tr(" [sealed]"));
	for (size_t i = 0; i < f->choices_n; i++)
		printf("%s%.*s %.*s", i ? ", " : ": ", STR_ARG(f->choices[i].id),
			STR_ARG(label_text(&f->choices[i].label)));
	putchar('\n');
	(void)a;
}

static void print_reg(struct arena *a, const struct model *m, const struct reg *r)
{
	printf("%.*s  %.*s\n%.*s\n", STR_ARG(r->id), STR_ARG(label_text(&r->label)),
		STR_ARG(label_text(&r->holds)));
	printf(tr("fields:\n"));
	for (size_t i = 0; i < r->fields_n; i++)
		field_line(a, &r->fields[i]);
	printf(tr("states:\n"));
	for (size_t i = 0; i < r->states_n; i++)
		printf("  %-18.*s %.*s\n", STR_ARG(r->states[i].id),
			STR_ARG(label_text(&r->states[i].label)));
	for (size_t i = 0; i < r->moves_n; i++)
		printf("  %-18.*s %.*s -> %.*s\n", STR_ARG(r->moves[i].id),
			STR_ARG(label_text(&r->moves[i].label)), STR_ARG(r->moves[i].to));
	printf(tr("evidence:\n"));
	for (size_t i = 0; i < r->grades_n; i++)
		printf("  %c  %.*s\n", r->grades[i].letter,
			STR_ARG(r->grades[i].when ? expr_text(a, r->grades[i].when) : STR("true")));
	printf(tr("checks:\n"));
	for (size_t i = 0; i < r->checks_n; i++)
		printf("  %.*s: %.*s\n", STR_ARG(expr_text(a, r->checks[i].when)),
			STR_ARG(label_text(&r->checks[i].say)));
	printf(tr("figures:\n"));
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].of == r)
			printf("  %-26.*s %.*s\n", STR_ARG(m->figures[i].id),
				STR_ARG(label_text(&m->figures[i].label)));
	printf(tr("table:\n"));
	str *list;
	size_t n = schema_statements(a, r, &list);
	for (size_t i = 0; i < n; i++)
		printf("  %.*s;\n", STR_ARG(list[i]));
}

void registers_print(struct invocation *in, const struct model *m)
{
	struct buf b;
	struct json j;
	if (!in->json) {
		for (size_t i = 0; i < m->regs_n; i++)
			printf("%-24.*s %-4.*s %.*s\n", STR_ARG(m->regs[i].id), STR_ARG(m->regs[i].system),
				STR_ARG(label_text(&m->regs[i].label)));
		return;
	}
	buf_init(&b, OUT_MAX_BYTES);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < m->regs_n; i++)
		register_json(&j, &m->regs[i]);
	json_array_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
}

/* The city's model where --db (or qinghe.db) is a city, else the built-in one. */
enum rc model_here(struct invocation *in, struct model **out, struct err *err)
{
	str dir = {NULL, 0};
	TRY(schema_model_dir(in->a, in->db_url, &dir, err));
	return model_load(in->a, dir.n ? dir.p : NULL, false, out, NULL, NULL, err);
}

enum rc cmd_model_show(struct invocation *in, struct err *err)
{
	struct model *m;
	struct buf b;
	struct json j;
	TRY(opt_done(in, 0, 1, &cmd_model, err));
	TRY(model_here(in, &m, err));
	const struct reg *r = in->argc ? model_reg(m, str_of(in->argv[0])) : NULL;
	if (in->argc == 0) {
		registers_print(in, m);
	} else if (r == NULL) {
		str near = model_suggest_reg(m, str_of(in->argv[0]));
		return near.n ? FAIL(err, RC_NOT_FOUND, "no register “%s”; did you mean “%.*s”?", in->argv[0],
					STR_ARG(near))
			      : FAIL(err, RC_NOT_FOUND, "no register “%s”; “qinghe registers” lists them",
					in->argv[0]);
	} else if (in->json) {
		buf_init(&b, OUT_MAX_BYTES);
		json_init(&j, &b);
		whole_json(in->a, &j, r);
		printf("%.*s\n", STR_ARG(buf_str(&b)));
		buf_done(&b);
	} else {
		print_reg(in->a, m, r);
	}
	model_done(m);
	return RC_OK;
}
