/* cmd_permissions.c -- qinghe permissions: the permission matrix, made from the declarations. */
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "register/permit.h"

static str fields_text(struct arena *a, const struct permit_line *x)
{
	struct buf b = {0};
	size_t n = 0;
	for (size_t i = 0; i < x->reg->fields_n; i++)
		if (field_in(x->fields, &x->reg->fields[i])) {
			buf_printf(&b, "%s%.*s", n ? "," : "", STR_ARG(x->reg->fields[i].id));
			n++;
		}
	str s = n == x->reg->fields_n && n > 0 ? STR("*") : arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

static void print_line(struct arena *a, struct buf *b, const struct permit_line *x)
{
	buf_printf(b, "%.*s\t%.*s\t%.*s\t%.*s\t%s\t%.*s\n", STR_ARG(x->reg->id), STR_ARG(x->act),
		STR_ARG(x->relation), STR_ARG(x->role), x->needs, STR_ARG(fields_text(a, x)));
}

static void json_line(struct json *j, const struct permit_line *x)
{
	json_object(j);
	json_put_str(j, "register", x->reg->id);
	json_put_str(j, "act", x->act);
	json_put_str(j, "relation", x->relation);
	json_put_str(j, "role", x->role);
	json_put_cstr(j, "needs", x->needs);
	json_key(j, "fields");
	json_array(j);
	for (size_t i = 0; i < x->reg->fields_n; i++)
		if (field_in(x->fields, &x->reg->fields[i]))
			json_str(j, x->reg->fields[i].id);
	json_array_end(j);
	json_object_end(j);
}

static void print_model(struct invocation *in, const struct model *m, const struct reg *only)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	if (in->json)
		json_array(&j);
	for (size_t i = 0; i < m->regs_n; i++) {
		struct permit_line *list;
		size_t n;
		if (only && only != &m->regs[i])
			continue;
		permit_lines(in->a, &m->regs[i], &list, &n);
		for (size_t k = 0; k < n; k++)
			if (in->json)
				json_line(&j, &list[k]);
			else
				print_line(in->a, &b, &list[k]);
	}
	if (in->json) {
		json_array_end(&j);
		buf_putc(&b, '\n');
	}
	fwrite(b.p, 1, b.n, stdout);
	buf_done(&b);
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *dir = NULL;
	struct model *m;
	TRY(opt_text(in, "--model", &dir, err));
	TRY(opt_done(in, 0, 1, &cmd_permissions, err));
	TRY(model_load(in->a, dir, false, &m, NULL, NULL, err));
	const struct reg *only = in->argc ? model_reg(m, str_of(in->argv[0])) : NULL;
	if (in->argc && only == NULL) {
		enum rc rc = FAIL(
			err, RC_NOT_FOUND, "no register “%s”; “qinghe registers” lists them", in->argv[0]);
		model_done(m);
		return rc;
	}
	print_model(in, m, only);
	model_done(m);
	return RC_OK;
}

const struct command cmd_permissions = {
	.name = "permissions",
	.usage = N_("permissions [REGISTER] [--model DIR]"),
	.summary =
		N_("who may read, write and move what: register, act, relation, role, what it needs, fields"),
	.help = N_("Made from the declarations; what does not stand here is refused. One line a permission: "
		   "register, act\n"
		   "(read, write, do:MOVE), relation (own, subtree, case, agreement), role, what it takes "
		   "besides "
		   "(a standing\n"
		   "authorisation, membership of the case, an agreement), and the fields; * is all of them.\n"
		   "Needs no city. --model DIR: with a city's own declarations.\n"
		   "Example: qinghe permissions care_child\n"
		   "Exit codes: 0 done, 2 no such register."),
	.run = run,
};
