/* cmd_trace.c -- qinghe trace ID --year Y: the rows behind a figure. */
#include "base/buf.h"
#include "cli/asked.h"
#include "cli/commands.h"
#include "figure/figure_json.h"
#include "figure/settled.h"
#include "format/json.h"
#include "register/read_log.h"
#include "register/retain.h"

enum { FLUSH_BYTES = 1 << 16 };

struct printing {
	const struct invocation *in;
	bool ndjson;
	int64_t limit, shown;
	struct buf b;
	struct json j;
	int64_t next; /* cursor behind the last row shown */
	bool more;
};

static void let_go(struct printing *p)
{
	if (p->b.n)
		fwrite(p->b.p, 1, p->b.n, stdout);
	buf_clear(&p->b);
}

static bool show(void *user, const struct trace_row *row)
{
	struct printing *p = user;
	if (p->shown == p->limit) {
		p->more = true;
		return false;
	}
	p->shown++;
	p->next = str_is(row->reg->id, "declared_total") ? -row->id : row->id;
	if (p->in->json || p->ndjson) {
		if (p->ndjson)
			json_init(&p->j, &p->b);
		trace_json(&p->j, row);
		if (p->ndjson)
			buf_putc(&p->b, '\n');
	} else {
		char day[DATE_TEXT_BYTES];
		date_text(row->day, day);
		buf_printf(&p->b, "%.*s #%lld\t%s\t%c\t%lld%s%s", STR_ARG(label_text(&row->reg->label)),
			(long long)row->id, day, row->grade, (long long)row->contribution,
			row->through_cohost ? tr("\tthrough a co-host") : "",
			row->covered ? tr("\tcovered by a declared total") : "");
		if (row->part)
			buf_printf(&p->b, tr("\ttotal of %.*s, beyond its rows"), STR_ARG(row->part->id));
		buf_putc(&p->b, '\n');
	}
	if (p->b.n > FLUSH_BYTES)
		let_go(p);
	return true;
}

static void head(struct printing *p, const struct figure_answer *x, const struct asked *asked)
{
	json_init(&p->j, &p->b);
	json_object(&p->j);
	json_put_str(&p->j, "id", x->figure->id);
	json_put_str(&p->j, "period", asked->p.text);
	json_put_str(&p->j, "org", asked->org_code);
	json_key(&p->j, "value");
	if (x->told)
		json_i64(&p->j, x->value);
	else
		json_null(&p->j);
	if (x->why.n)
		json_put_str(&p->j, "why", x->why);
	json_put_str(&p->j, "unit", x->figure->unit);
	json_key(&p->j, "rows");
	json_array(&p->j);
}

/* What retention has taken of the register in these months. */
static enum rc put_gone(struct printing *p, struct cli_reader *c, const struct figure *f,
	const struct asked *asked, struct err *err)
{
	struct gone *list;
	size_t n;
	if (f->of == NULL)
		return RC_OK;
	str from = str_head(date_str(p->in->a, asked->p.from), 7), to = date_str(p->in->a, asked->p.to);
	TRY(retain_gone(c->r.db, p->in->a, f->of->id, arena_cstr(p->in->a, from), to.p, &list, &n, err));
	if (p->in->json && n > 0) {
		json_key(&p->j, "gone");
		json_array(&p->j);
	}
	for (size_t i = 0; i < n; i++) {
		if (p->in->json) {
			json_object(&p->j);
			json_put_str(&p->j, "on", list[i].day);
			json_put_i64(&p->j, "deleted", list[i].deleted);
			json_put_i64(&p->j, "skeletons", list[i].skeletons);
			json_object_end(&p->j);
		} else {
			buf_printf(&p->b, tr("on %.*s: %lld rows deleted, %lld reduced to what counts\n"),
				STR_ARG(list[i].day), (long long)list[i].deleted,
				(long long)list[i].skeletons);
		}
	}
	if (p->in->json && n > 0)
		json_array_end(&p->j);
	return RC_OK;
}

/* What of it lies in the archive, and what that weighs. */
static enum rc put_archived(struct printing *p, struct cli_reader *c, const struct figure *f,
	const struct asked *asked, struct err *err)
{
	struct settled_line *list;
	size_t n;
	if (f->of == NULL)
		return RC_OK;
	TRY(settled_lines(&c->r, f, &asked->p, asked->org_id, &list, &n, err));
	if (p->in->json && n > 0) {
		json_key(&p->j, "archived");
		json_array(&p->j);
	}
	for (size_t i = 0; i < n; i++) {
		if (p->in->json) {
			json_object(&p->j);
			json_put_i64(&p->j, "year", list[i].year);
			json_put_i64(&p->j, "contribution", list[i].value);
			json_put_str(&p->j, "file", list[i].name);
			json_put_bool(&p->j, "ended", list[i].ended);
			json_object_end(&p->j);
		} else {
			buf_printf(&p->b,
				list[i].ended ? tr("%d: %lld, from rows whose time is over (%.*s)\n")
					      : tr("%d: %lld, from rows in the archive: %.*s\n"),
				list[i].year, (long long)list[i].value, STR_ARG(list[i].name));
		}
	}
	if (p->in->json && n > 0)
		json_array_end(&p->j);
	return RC_OK;
}

struct noting {
	struct cli_reader *c;
	const struct basis *basis;
	int64_t limit;
};

static bool note(void *user, const struct trace_row *row)
{
	struct noting *n = user;
	if (n->limit-- == 0)
		return false;
	read_log_row(n->c->r.log, row->reg, row->id, n->basis);
	return true;
}

/* Rows of minors are named in the audit before the first of them is printed. */
static enum rc announce(struct cli_reader *c, const struct figure *f, const struct asked *asked,
	int64_t after, int64_t limit, const struct basis *basis, struct err *err)
{
	struct noting n = {c, basis, limit};
	if (f->of && f->of->sensitivity >= SENS_MINOR)
		TRY(figure_trace(&c->r, f, &asked->p, asked->org_id, after, note, &n, err));
	return cli_announce(c, err);
}

static enum rc trace(
	struct printing *p, struct cli_reader *c, const struct asked *asked, int64_t after, struct err *err)
{
	const struct figure *f;
	struct figure_answer x;
	TRY(asked_figure(c->city, p->in->argv[0], &f, err));
	struct basis basis;
	if (f->of && !permit_rows_of(c->r.tree, f->of, &c->r.actor, asked->org_id, &basis))
		return FAIL(err, RC_DENIED, "The register “%.*s” is not open to your role.",
			STR_ARG(label_text(&f->of->label)));
	TRY(figure_value(&c->r, f, &asked->p, asked->org_id, false, &x, err));
	TRY(announce(c, f, asked, after, p->limit, &basis, err));
	if (p->in->json && !p->ndjson)
		head(p, &x, asked);
	TRY(figure_trace(&c->r, f, &asked->p, asked->org_id, after, show, p, err));
	if (p->in->json && !p->ndjson) {
		json_array_end(&p->j);
		TRY(put_gone(p, c, f, asked, err));
		TRY(put_archived(p, c, f, asked, err));
		if (p->more)
			json_put_i64(&p->j, "next", p->next);
		json_object_end(&p->j);
		buf_putc(&p->b, '\n');
	} else if (!p->ndjson) {
		TRY(put_gone(p, c, f, asked, err));
		TRY(put_archived(p, c, f, asked, err));
	}
	let_go(p);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct printing p = {.in = in, .limit = -1};
	struct asked asked;
	struct cli_reader c;
	int64_t after = 0;
	TRY(asked_options(in, &asked, err));
	TRY(opt_i64(in, "--limit", &p.limit, err));
	TRY(opt_i64(in, "--after", &after, err));
	opt_flag(in, "--ndjson", &p.ndjson);
	TRY(opt_done(in, 1, 1, &cmd_trace, err));
	TRY(cli_reader(in, &c, err));
	enum rc rc = asked_resolve(in, &c, &asked, err);
	if (rc == RC_OK)
		rc = trace(&p, &c, &asked, after, err);
	buf_done(&p.b);
	cli_done(&c);
	return rc;
}

const struct command cmd_trace = {
	.name = "trace",
	.usage = N_("trace ID (--year Y | --period P) [--org CODE] [--limit N] [--after ROW] [--ndjson]"),
	.summary = N_("the rows behind a figure: they add up to it"),
	.help = N_(
		"contribution: 1, the summed amount, or for different persons and things 1 at the first row "
		"of each. Rows counted through a co-host, or covered by a declared total (then 0), are "
		"marked. --ndjson writes one row a line.\n"
		"Example: qinghe trace vol.attend --year 2025 --json --limit 100\n"
		"Exit codes: 0 done, 2 no such figure, unit or period, 3 not your unit."),
	.run = run,
};
