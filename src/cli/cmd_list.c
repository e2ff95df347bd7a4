/* cmd_list.c -- qinghe list REGISTER [--where EXPR] [--limit N]: rows of a register. */
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "register/record_json.h"

enum { LIMIT_DEFAULT = 50 };

static void print_row(struct buf *b, struct reader *r, const struct record *rec)
{
	const struct reg *reg = rec->reg;
	const struct state *s = reg_state(reg, rec->state);
	buf_printf(b, "#%lld", (long long)rec->id);
	for (size_t i = 0; i < reg->list_n; i++) {
		const struct field *f = reg->list[i];
		if (f == NULL)
			continue;
		const struct value *v = &rec->values[f->at];
		bool ref = (f->type == T_REF || f->type == T_PERSON || f->type == T_ORG) && f->to_reg &&
			   v->kind == V_INT;
		str text = record_hides(rec, f) ? STR("***")
			   : v->kind == V_NULL  ? STR("")
			   : ref                ? record_label(r, f->to_reg, v->i)
						: value_text(r->a, f, v);
		buf_printf(b, "\t%.*s", STR_ARG(text));
	}
	buf_printf(b, "\t%.*s\n", STR_ARG(s ? label_text(&s->label) : rec->state));
}

static enum rc list(struct cli_reader *c, const struct record_query *q, bool json, struct err *err)
{
	struct record **rows;
	size_t n;
	TRY(record_list(&c->r, q, &rows, &n, err));
	struct buf b = {0};
	struct json j;
	for (size_t i = 0; !json && i < n; i++)
		print_row(&b, &c->r, rows[i]);
	json_init(&j, &b);
	if (json)
		json_array(&j);
	for (size_t i = 0; json && i < n; i++)
		record_json(&j, rows[i]);
	if (json)
		json_array_end(&j);
	if (json)
		buf_putc(&b, '\n');
	enum rc rc = cli_announce(c, err);
	if (rc == RC_OK)
		fwrite(b.p, 1, b.n, stdout);
	buf_done(&b);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *where = "", *org = NULL, *state = "";
	int64_t limit = LIMIT_DEFAULT, after = 0;
	TRY(opt_text(in, "--where", &where, err));
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_text(in, "--state", &state, err));
	TRY(opt_i64(in, "--limit", &limit, err));
	TRY(opt_i64(in, "--after", &after, err));
	TRY(opt_done(in, 1, 1, &cmd_list, err));
	if (limit < 1 || limit > 1000)
		return FAIL(err, RC_INVALID, "--limit is 1 to 1000; “qinghe export” writes more");
	struct cli_reader c;
	struct record_query q = {
		.where = str_of(where), .state = str_of(state), .limit = (int)limit, .after = after};
	TRY(cli_reader(in, &c, err));
	enum rc rc = cli_register(c.city, in->argv[0], &q.reg, err);
	if (rc == RC_OK)
		rc = cli_org(c.r.db, c.city, org, &q.org, err);
	if (rc == RC_OK)
		rc = list(&c, &q, in->json, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_list = {
	.name = "list",
	.usage = N_("list REGISTER [--where EXPR] [--org CODE] [--state ID] [--limit N] [--after ID]"),
	.summary = N_("rows of a register, oldest first"),
	.help = N_("--after ID continues behind a row. Expressions: docs/expressions.md.\n"
		   "Example: qinghe list volunteer_event --where \"state = 'completed' and held_on >= "
		   "'2025-03-01'\"\n"
		   "Exit codes: 0 done, 2 a fault in the expression (with its column), 3 not yours to read."),
	.run = run,
};
