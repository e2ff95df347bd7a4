/* cmd_show.c -- qinghe show REGISTER ID [--history]: one row. */
#include "base/buf.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "register/record_json.h"

static void print_record(struct buf *b, struct reader *r, const struct record *rec)
{
	const struct state *s = reg_state(rec->reg, rec->state);
	char when[INSTANT_TEXT_BYTES];
	instant_text(rec->changed_at, when);
	buf_printf(b, "%.*s #%lld  %.*s  v%lld  %.16s\n", STR_ARG(label_text(&rec->reg->label)),
		(long long)rec->id, STR_ARG(s ? label_text(&s->label) : rec->state), (long long)rec->version,
		when);
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		const struct value *v = &rec->values[i];
		bool hidden = record_hides(rec, f);
		if (v->kind == V_NULL && !hidden)
			continue;
		str text = hidden ? str_of(tr("(sealed)")) : value_text(r->a, f, v);
		bool ref =
			(f->type == T_REF || f->type == T_PERSON || f->type == T_ORG) && f->to_reg && !hidden;
		buf_printf(b, "  %.*s: %.*s%s%.*s\n", STR_ARG(label_text(&f->label)), STR_ARG(text),
			ref ? "  " : "", STR_ARG(ref ? record_label(r, f->to_reg, v->i) : STR("")));
	}
}

static enum rc show(
	struct cli_reader *c, const struct reg *reg, int64_t id, bool json, bool history, struct err *err)
{
	struct record_version *list;
	struct reader *r = &c->r;
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
			record_json(&j, list[i].record);
		else {
			if (history)
				buf_printf(&b, "[%.*s]\n", STR_ARG(list[i].kind));
			print_record(&b, r, list[i].record);
		}
	}
	if (history)
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
		rc = show(&c, reg, id, in->json, history, err);
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
