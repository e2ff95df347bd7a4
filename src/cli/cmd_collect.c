/* cmd_collect.c -- qinghe collect ...: the office's daily loop from the command line (service/coordination). */
#include "cli/cmd_collect.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "intake/template_form.h"
#include "register/export_file.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void collect_units(const struct coll *c, const char *state, const char *told)
{
	size_t n = 0;
	for (size_t i = 0; i < c->units_n; i++)
		if (str_is(c->units[i].state, state))
			printf("%s%.*s", n++ ? tr(", ") : told, STR_ARG(c->units[i].name));
	if (n)
		printf("\n");
}

void collect_units_json(struct json *j, const struct coll *c, const char *state, const char *key)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < c->units_n; i++)
		if (str_is(c->units[i].state, state))
			json_str(j, c->units[i].name);
	json_array_end(j);
}

void collect_counts_json(struct json *j, const struct coll *c)
{
	json_put_i64(j, "id", c->id);
	json_put_str(j, "number", c->number);
	json_put_str(j, "title", c->title);
	json_put_str(j, "state", c->state);
	json_put_str(j, "due_on", c->due_on);
	json_put_i64(j, "units", (int64_t)c->units_n);
	json_put_i64(j, "submitted", (int64_t)c->in);
	json_put_i64(j, "merged", (int64_t)c->merged);
	json_put_i64(j, "returned", (int64_t)c->returned);
	json_put_i64(j, "nil", (int64_t)c->nil);
	json_put_i64(j, "open", (int64_t)c->missing);
}

void collect_tell(const struct coll *c)
{
	printf(tr("#%lld %.*s: %zu units, %zu in, %zu merged, %zu returned, %zu missing (%zu with nothing to "
		  "tell)\n"),
		(long long)c->id, STR_ARG(c->title), c->units_n, c->in, c->merged, c->returned, c->missing,
		c->nil);
}

static void print(struct buf *b)
{
	printf("%.*s\n", STR_ARG(buf_str(b)));
	buf_done(b);
}

/* ---- reading ---- */

static enum rc list(struct invocation *in, struct err *err)
{
	struct cli_reader r;
	struct coll *all = NULL;
	size_t n = 0;
	TRY(cli_reader(in, &r, err));
	enum rc rc = coll_list(&r.r, &all, &n, err);
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		if (!in->json) {
			collect_tell(&all[i]);
			continue;
		}
		json_object(&j);
		collect_counts_json(&j, &all[i]);
		json_object_end(&j);
	}
	json_array_end(&j);
	if (in->json && rc == RC_OK)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
	cli_done(&r);
	return rc;
}

static void status_tell(struct reader *r, const struct coll *c, const struct coll_sum *sums, size_t n)
{
	str deadline = coll_deadline(r->a, c, clock_today());
	collect_tell(c);
	printf(tr("due %.*s (%.*s)\n"), STR_ARG(c->due_on), STR_ARG(deadline));
	collect_units(c, "open", tr("missing: "));
	collect_units(c, "returned", tr("returned: "));
	for (size_t i = 0; i < n; i++)
		printf("%.*s  %.*s %.*s\n", STR_ARG(sums[i].label), STR_ARG(sums[i].text),
			STR_ARG(sums[i].unit));
	if (c->sent)
		printf(tr("sent up on %.*s as return #%lld\n"), STR_ARG(c->sent_on), (long long)c->sent);
}

static void status_json(const struct coll *c, const struct coll_sum *sums, size_t n, int64_t rows)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	collect_counts_json(&j, c);
	collect_units_json(&j, c, "open", "missing");
	collect_units_json(&j, c, "returned", "returned_units");
	json_put_i64(&j, "rows", rows);
	json_key(&j, "sums");
	json_object(&j);
	for (size_t i = 0; i < n; i++) {
		json_key_str(&j, sums[i].id);
		json_i64(&j, sums[i].value);
	}
	json_object_end(&j);
	json_put_i64(&j, "return", c->sent);
	json_put_str(&j, "return_state", c->sent_state);
	json_object_end(&j);
	print(&b);
}

static enum rc status(struct invocation *in, int64_t id, struct err *err)
{
	struct cli_reader r;
	struct coll c;
	struct coll_sum *sums = NULL;
	size_t n = 0;
	int64_t rows = 0;
	TRY(cli_reader(in, &r, err));
	enum rc rc = coll_read(&r.r, id, &c, err);
	if (rc == RC_OK && c.owner)
		rc = coll_sums(&r.r, &c, &sums, &n, &rows, err);
	if (rc == RC_OK && in->json)
		status_json(&c, sums, n, rows);
	else if (rc == RC_OK)
		status_tell(&r.r, &c, sums, n);
	cli_done(&r);
	return rc;
}

static enum rc forms(struct invocation *in, int64_t id, const char *dir, struct err *err)
{
	struct cli_reader r;
	struct coll c;
	size_t n = 0;
	if (dir == NULL)
		return FAIL(err, RC_INVALID, "where to? -o DIR");
	TRY(cli_reader(in, &r, err));
	enum rc rc = coll_read(&r.r, id, &c, err);
	const struct reg *reg = rc == RC_OK ? model_reg(r.city->model, c.into) : NULL;
	if (rc == RC_OK && reg == NULL && c.columns_n == 0)
		rc = FAIL(
			err, RC_INVALID, "“%.*s” asks for nothing that a sheet could hold", STR_ARG(c.title));
	if (rc == RC_OK && mkdir(dir, 0777) != 0 && access(dir, W_OK) != 0)
		rc = FAIL(err, RC_IO, "the folder %s cannot be written", dir);
	for (; rc == RC_OK && n < c.units_n; n++)
		rc = reg ? template_write(&r.r, reg, c.units[n].org,
				   template_path(&r.r, &reg->label, c.units[n].org, dir).p, err)
			 : coll_form_sheet(&r.r, &c, &c.units[n],
				   template_path(&r.r, &(struct label){c.title, c.title}, c.units[n].org, dir)
					   .p,
				   err);
	cli_done(&r);
	if (rc == RC_OK && !in->quiet)
		printf(tr("%s: %lld forms\n"), dir, (long long)n);
	return rc;
}

/* ---- doing ---- */

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	struct collect_run *x = arg;
	const char *v = x->verb;
	if (strcmp(v, "issue") == 0)
		return collect_issue(c, x->id, err);
	if (strcmp(v, "text") == 0)
		return collect_announce(c, x->id, err);
	if (strcmp(v, "close") == 0)
		return collect_close(c, x->id, err);
	if (strcmp(v, "merge") == 0)
		return collect_merge(c, x->id, &x->n, err);
	if (strcmp(v, "send") == 0)
		return collect_send(c, &x->c, x->sums, x->sums_n, x->rows, &x->n, err);
	if (strcmp(v, "return") == 0)
		return collect_return(c, x->reply, str_of(x->reason), err);
	return collect_answer(c,
		&(struct collect_answer){.reply = x->reply,
			.nil = x->nil,
			.rows_n = -1,
			.import_no = -1,
			.answers = x->answers},
		err);
}

enum rc collect_look(struct collect_run *x, struct coll *out, struct err *err)
{
	struct reader r;
	TRY(reader_open(x->city, x->in->a, &x->actor, &r, err));
	enum rc rc = coll_read(&r, x->id, out, err);
	if (rc == RC_OK && strcmp(x->verb, "send") == 0)
		rc = coll_sums(&r, out, &x->sums, &x->sums_n, &x->rows, err);
	reader_close(&r);
	return rc;
}

/* COLUMN=VALUE... of `collect answer`. */
static enum rc answers_read(struct collect_run *x, struct err *err)
{
	const struct coll *c = &x->c;
	str *texts = NEWS(x->in->a, c->columns_n + 1, str);
	struct value *values;
	size_t at;
	if (c->columns_n == 0)
		return FAIL(err, RC_INVALID, "“%.*s” asks for no columns of its own", STR_ARG(c->title));
	for (int i = 2; i < x->in->argc; i++) {
		str value, name = str_cut(str_of(x->in->argv[i]), '=', &value);
		const struct field *f = column_called(c->columns, c->columns_n, name);
		if (f == NULL)
			return FAIL(err, RC_INVALID, "“%.*s” has no column “%.*s”", STR_ARG(c->title),
				STR_ARG(name));
		texts[f->at] = value;
	}
	TRY(columns_answer(x->in->a, c->columns, c->columns_n, texts, &values, &at, err));
	x->answers = columns_pack(x->in->a, c->columns, c->columns_n, values);
	return RC_OK;
}

/* The reply that --org means: of the one unit asked that the actor has, where it is left out. */
static enum rc reply_of(struct collect_run *x, struct err *err)
{
	int64_t org = 0;
	TRY(cli_org(writer_db(x->city->writer), x->city, x->org, &org, err));
	for (size_t i = 0; i < x->c.units_n; i++)
		if (org ? x->c.units[i].org == org : x->c.units_n == 1)
			x->reply = x->c.units[i].reply;
	if (x->reply == 0)
		return FAIL(err, RC_INVALID, "which unit? --org CODE, one of those asked");
	return RC_OK;
}

static enum rc merged(struct collect_run *x, struct err *err)
{
	struct reader r;
	struct record_query q;
	enum export_kind kind;
	TRY(export_kind_of(x->path, &kind, err));
	TRY(reader_open(x->city, x->in->a, &x->actor, &r, err));
	enum rc rc = x->c.columns_n ? coll_read(&r, x->id, &x->c, err) : coll_rows(&r, &x->c, &q, err);
	if (rc == RC_OK && x->c.columns_n)
		rc = kind == EXPORT_XLSX ? coll_answers_sheet(&r, &x->c, x->path, &x->rows, err)
					 : FAIL(err, RC_INVALID, "answers to own columns go into an .xlsx");
	else if (rc == RC_OK)
		rc = export_file(&r, &q, x->path, kind, NULL, NULL, &x->rows, err);
	reader_close(&r);
	if (rc == RC_OK && !x->in->json)
		printf(tr("%s: %lld rows\n"), x->path, (long long)x->rows);
	return rc;
}

static enum rc told(struct collect_run *x, struct err *err)
{
	struct coll now;
	TRY(collect_look(x, &now, err));
	if (strcmp(x->verb, "text") == 0) {
		str t = coll_text(x->in->a, &now, str_of(x->link ? x->link : ""), clock_today());
		printf("%.*s", STR_ARG(t));
		return RC_OK;
	}
	if (!x->in->json) {
		collect_tell(&now);
		return RC_OK;
	}
	status_json(&now, x->sums, x->sums_n, x->rows);
	return RC_OK;
}

static enum rc act(struct collect_run *x, struct err *err)
{
	bool of_unit = strcmp(x->verb, "nil") == 0 || strcmp(x->verb, "return") == 0 ||
		       strcmp(x->verb, "submit") == 0 || strcmp(x->verb, "answer") == 0;
	bool quiet = strcmp(x->verb, "text") == 0 && !x->announce;
	TRY(collect_look(x, &x->c, err));
	if (strcmp(x->verb, "take") == 0)
		return collect_take(x, err);
	if (of_unit)
		TRY(reply_of(x, err));
	if (strcmp(x->verb, "answer") == 0)
		TRY(answers_read(x, err));
	x->nil = strcmp(x->verb, "nil") == 0;
	if (!quiet)
		TRY(city_run(x->city, &x->actor, x->in->a, (str){NULL, 0}, job, x, err));
	if (strcmp(x->verb, "merge") == 0 && x->path)
		TRY(merged(x, err));
	return told(x, err);
}

static bool known(const char *verb)
{
	static const char *const verbs[] = {
		"issue", "text", "take", "answer", "submit", "nil", "return", "merge", "close", "send"};
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verb, verbs[i]) == 0)
			return true;
	return false;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct collect_run *x = NEW(in->a, struct collect_run);
	*x = (struct collect_run){.in = in, .verb = in->argc ? in->argv[0] : "", .reason = ""};
	TRY(opt_text(in, "-o", &x->path, err));
	TRY(opt_text(in, "--org", &x->org, err));
	TRY(opt_text(in, "--link", &x->link, err));
	TRY(opt_text(in, "--reason", &x->reason, err));
	opt_flag(in, "--copied", &x->announce);
	TRY(opt_done(in, 0, strcmp(x->verb, "take") == 0 || strcmp(x->verb, "answer") == 0 ? -1 : 2,
		&cmd_collect, err));
	if (in->argc == 0)
		return list(in, err);
	if (in->argc < 2 || !str_i64(str_of(in->argv[1]), &x->id))
		return usage_error(&cmd_collect, err);
	if (strcmp(x->verb, "status") == 0)
		return status(in, x->id, err);
	if (strcmp(x->verb, "forms") == 0)
		return forms(in, x->id, x->path, err);
	if (!known(x->verb))
		return usage_error(&cmd_collect, err);
	TRY(cli_city(in, true, &x->city, &x->actor, err));
	enum rc rc = act(x, err);
	city_close(x->city);
	return rc;
}

const struct command cmd_collect = {
	.name = "collect",
	.usage = N_("collect [status|issue|forms|text|take|answer|submit|nil|return|merge|close|send ID] "
		    "[FILE|DIR|COLUMN=VALUE...] "
		    "[--org CODE] [--reason TEXT] [--link URL] [--copied] [-o OUT]"),
	.summary = N_("ask units for rows, see who has answered, merge the answers and send the sum up"),
	.help = N_(
		"Without words: the collections that you ask or are asked for. issue: sends it to its units. "
		"forms -o DIR: a\n"
		"form for each unit, with its code inside. text: what to copy into the chat group; --copied "
		"notes "
		"that it was,\n"
		"once a day. take: files, folders and .zip that came back; each is known by its unit, rows "
		"stand or fall\n"
		"alone, a unit has answered when none of its rows was refused. answer COLUMN=VALUE: to the\n"
		"columns that the collection asks for itself (ask_for). nil: nothing to tell. merge "
		"-o "
		"ALL.xlsx:\n"
		"the answers become final, one sheet of all. send: the sum goes up, the period is locked; "
		"changes are then corrections.\n"
		"Example: qinghe collect take 3 退回的表.zip\n"
		"Exit codes: 0 done, 1 some files or rows were refused, 2 it does not fit, 3 not yours, 4 "
		"storage."),
	.foreign = true,
	.run = run,
};
