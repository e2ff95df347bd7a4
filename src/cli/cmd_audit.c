/* cmd_audit.c -- qinghe audit: the chain read, exported, its head signed and printed. */
#include "base/buf.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/audit_head.h"
#include "guard/role.h"
#include <errno.h>
#include <string.h>

enum { LIMIT_DEFAULT = 50 };

struct writing {
	const struct invocation *in;
	struct buf b;
	FILE *file;
	int64_t rows;
	bool broken;
};

static void put(struct json *j, const struct audit_row *r)
{
	char at[INSTANT_TEXT_BYTES];
	instant_text(r->at_ms, at);
	json_object(j);
	json_put_i64(j, "seq", r->seq);
	json_put_cstr(j, "at", at);
	json_put_str(j, "actor", r->actor);
	json_put_str(j, "action", r->action);
	json_put_str(j, "subject", r->subject);
	json_put_str(j, "detail", r->detail);
	json_put_str(j, "result", r->result);
	json_put_str(j, "address", r->address);
	json_object_end(j);
}

static bool show(void *user, const struct audit_row *r)
{
	struct writing *w = user;
	char at[INSTANT_TEXT_BYTES];
	if (w->in->json) {
		struct json j;
		json_init(&j, &w->b);
		if (w->rows++)
			buf_putc(&w->b, ',');
		put(&j, r);
		return true;
	}
	instant_text(r->at_ms, at);
	buf_printf(&w->b, "%lld\t%s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", (long long)r->seq, at,
		STR_ARG(r->actor), STR_ARG(r->action), STR_ARG(r->subject), STR_ARG(r->detail),
		STR_ARG(r->result), STR_ARG(r->address));
	return true;
}

static bool export_row(void *user, const struct audit_row *r)
{
	struct writing *w = user;
	struct json j;
	json_init(&j, &w->b);
	put(&j, r);
	buf_putc(&w->b, '\n');
	w->broken = w->broken || fwrite(w->b.p, 1, w->b.n, w->file) != w->b.n;
	buf_clear(&w->b);
	w->rows++;
	return !w->broken;
}

static enum rc list(
	struct invocation *in, struct cli_reader *c, int64_t limit, int64_t before, struct err *err)
{
	struct writing w = {.in = in};
	if (in->json)
		buf_putc(&w.b, '[');
	enum rc rc = audit_list(c->r.db, before, (int)limit, show, &w, err);
	if (in->json)
		buf_puts(&w.b, "]\n");
	if (rc == RC_OK)
		fwrite(w.b.p, 1, w.b.n, stdout);
	buf_done(&w.b);
	return rc;
}

static enum rc export_all(struct invocation *in, struct cli_reader *c, const char *path, struct err *err)
{
	struct writing w = {.in = in, .file = fopen(path, "wb")};
	if (w.file == NULL)
		return FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(errno));
	enum rc rc = audit_each(c->r.db, export_row, &w, err);
	w.broken |= fclose(w.file) != 0;
	buf_done(&w.b);
	if (rc == RC_OK && w.broken)
		return FAIL(err, RC_IO, "%s could not be written to its end", path);
	if (rc == RC_OK && in->json)
		printf("{\"rows\":%lld}\n", (long long)w.rows);
	else if (rc == RC_OK && !in->quiet)
		printf(tr("%s: %lld rows\n"), path, (long long)w.rows);
	return rc;
}

static enum rc sign_job(struct job_ctx *c, void *arg, struct err *err)
{
	static const str by[] = {{"auditadmin", 10}};
	c->action = STR("audit_sign");
	TRY(role_check(c->actor, by, 1, err));
	return audit_head_sign(c, job_city(c)->seal, arg, err);
}

/* Signs the head as it stands, and prints it. */
static enum rc sign(struct invocation *in, struct err *err)
{
	struct city *city;
	struct actor actor;
	char line[AUDIT_HEAD_LINE_BYTES];
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = city_run(city, &actor, in->a, (str){NULL, 0}, sign_job, line, err);
	city_close(city);
	if (rc == RC_OK)
		puts(line);
	return rc;
}

static enum rc heads(struct invocation *in, struct cli_reader *c, struct err *err)
{
	str *list;
	size_t n;
	TRY(audit_head_list(c->r.db, in->a, c->city->seal, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		printf("%.*s\n", STR_ARG(list[i]));
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	static const str by[] = {{"auditadmin", 10}};
	const char *path = NULL;
	int64_t limit = LIMIT_DEFAULT, before = 0;
	struct cli_reader c;
	TRY(opt_text(in, "-o", &path, err));
	TRY(opt_i64(in, "--limit", &limit, err));
	TRY(opt_i64(in, "--before", &before, err));
	TRY(opt_done(in, 1, 1, &cmd_audit, err));
	const char *verb = in->argv[0];
	if (strcmp(verb, "sign") == 0)
		return sign(in, err);
	if ((strcmp(verb, "export") == 0) != (path != NULL) || limit < 1 || limit > 100000)
		return usage_error(&cmd_audit, err);
	TRY(cli_reader(in, &c, err));
	enum rc rc = role_check(&c.r.actor, by, 1, err);
	if (rc == RC_OK)
		rc = strcmp(verb, "list") == 0     ? list(in, &c, limit, before, err)
		     : strcmp(verb, "heads") == 0  ? heads(in, &c, err)
		     : strcmp(verb, "export") == 0 ? export_all(in, &c, path, err)
						   : usage_error(&cmd_audit, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_audit = {
	.name = "audit",
	.usage = N_("audit list [--limit N] [--before SEQ] | export -o FILE.ndjson | sign | heads"),
	.summary = N_("who did what, when, to what, with what result and from where; signed heads"),
	.help = N_("For the audit administrator and the operator. Rows hold ids, never values.\n"
		   "sign signs the head of the chain as it stands and prints it as one line: keep it "
		   "elsewhere (on paper, "
		   "in a\n"
		   "letter, published); “qinghe verify audit --heads FILE” compares. heads prints all that "
		   "were signed.\n"
		   "Example: qinghe audit sign >> heads.txt\n"
		   "Exit codes: 0 done, 2 bad usage, 3 not yours, 4 the file cannot be written."),
	.run = run,
};
