/* cmd_show.c -- qinghe show REGISTER ID [--history]: one row. */
#include "base/buf.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/fields.h"
#include "cli/open.h"
#include "format/json.h"
#include "register/permit.h"

static void print_record(struct reader *r, const struct record *rec)
{
	const struct state *s = reg_state(rec->reg, rec->state);
	char when[INSTANT_TEXT_BYTES];
	instant_text(rec->changed_at, when);
	printf("%.*s #%lld  %.*s  v%lld  %.16s\n", STR_ARG(label_text(&rec->reg->label)), (long long)rec->id,
		STR_ARG(s ? label_text(&s->label) : rec->state), (long long)rec->version, when);
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		const struct value *v = &rec->values[i];
		if (v->kind == V_NULL)
			continue;
		str text = permit_sealed(&r->actor, rec->reg, f) ? value_text(r->a, f, v)
								 : str_of(tr("(sealed)"));
		bool ref = (f->type == T_REF || f->type == T_PERSON || f->type == T_ORG) && f->to_reg;
		printf("  %.*s: %.*s%s%.*s\n", STR_ARG(label_text(&f->label)), STR_ARG(text), ref ? "  " : "",
			STR_ARG(ref ? record_label(r, f->to_reg, v->i) : STR("")));
	}
}

static enum rc show(
	struct reader *r, const struct reg *reg, int64_t id, bool json, bool history, struct err *err)
{
	struct record_version *list;
	struct record *rec;
	size_t n = 1;
	if (history) {
		TRY(record_history(r, reg, id, &list, &n, err));
	} else {
		TRY(record_get(r, reg, id, &rec, err));
		list = NEWS(r->a, 1, struct record_version);
		list[0].record = rec;
	}
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	if (history)
		json_array(&j);
	for (size_t i = 0; i < n; i++) {
		if (json)
			record_json(&j, &r->actor, list[i].record);
		else {
			if (history)
				printf("[%.*s]\n", STR_ARG(list[i].kind));
			print_record(r, list[i].record);
		}
	}
	if (history)
		json_array_end(&j);
	if (json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	bool history = false;
	int64_t id;
	opt_flag(in, "--history", &history);
	TRY(opt_done(in, 2, 2, &cmd_show, err));
	if (!str_i64(str_of(in->argv[1]), &id))
		return FAIL(err, RC_INVALID, "“%s” is no row number", in->argv[1]);
	struct cli_reader c;
	const struct reg *reg;
	TRY(cli_reader(in, &c, err));
	enum rc rc = cli_register(c.city, in->argv[0], &reg, err);
	if (rc == RC_OK)
		rc = show(&c.r, reg, id, in->json, history, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_show = {
	.name = "show",
	.usage = N_("show REGISTER ID [--history]"),
	.summary = N_("one row, and with --history every version of it"),
	.help = N_("JSON has amounts in fen, lengths of time in minutes, instants in ms.\n"
		   "Example: qinghe show volunteer_event 17 --history\n"
		   "Exit codes: 0 done, 2 no such row, 3 not yours to read."),
	.run = run,
};
