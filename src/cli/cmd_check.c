/* cmd_check.c -- qinghe check: does the city hang together? */
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "figure/figure.h"
#include "figure/frozen.h"
#include "figure/parts.h"
#include "format/json.h"
#include "guard/audit_head.h"
#include "register/archive.h"
#include "register/attach.h"
#include "register/verify.h"
#include <stdio.h>

static enum rc check_cells(struct reader *r, struct check_result *out, struct err *err)
{
	struct cells_report found;
	TRY(figure_check_cells(r, &found, err));
	out->looked_at = found.cells;
	out->bad = found.wrong + found.missing + found.extra;
	snprintf(out->first, sizeof out->first, "%s", found.first);
	return RC_OK;
}

enum { PARTS_YEARS = 5 };

static enum rc check_parts(struct reader *r, struct check_result *out, struct err *err)
{
	struct parts_report found;
	int year = date_ymd(clock_today()).year;
	TRY(figure_check_parts(r, r->city->root_org, year - PARTS_YEARS, year, &found, err));
	out->looked_at = found.looked_at;
	out->bad = found.bad;
	snprintf(out->first, sizeof out->first, "%s", found.first);
	return RC_OK;
}

static void take(struct check_result *out, const struct verify_finding *found)
{
	out->looked_at = found->looked_at;
	out->bad = found->bad;
	snprintf(out->first, sizeof out->first, "%s", found->first);
	snprintf(out->note, sizeof out->note, "%s", found->note);
}

static enum rc check_pages(struct reader *r, struct check_result *out, struct err *err)
{
	struct verify_finding found;
	TRY(verify_pages(r, &found, err));
	take(out, &found);
	return RC_OK;
}

static enum rc check_file(struct reader *r, struct check_result *out, struct err *err)
{
	struct verify_finding found;
	TRY(verify_file(r, &found, err));
	take(out, &found);
	return RC_OK;
}

static enum rc check_references(struct reader *r, struct check_result *out, struct err *err)
{
	struct verify_finding found;
	TRY(verify_references(r, &found, err));
	take(out, &found);
	return RC_OK;
}

static enum rc check_sealed(struct reader *r, struct check_result *out, struct err *err)
{
	struct verify_finding found;
	TRY(verify_sealed(r, &found, err));
	take(out, &found);
	return RC_OK;
}

static enum rc check_files(struct reader *r, struct check_result *out, struct err *err)
{
	struct attach_report found;
	TRY(attach_check(r, &found, err));
	out->looked_at = found.named;
	out->bad = found.missing + found.damaged;
	snprintf(out->first, sizeof out->first, "%s", found.first);
	return RC_OK;
}

static enum rc check_audit(struct reader *r, struct check_result *out, struct err *err)
{
	struct err why = {0};
	int64_t bad = 0;
	enum rc rc = audit_verify(r->db, &out->looked_at, &bad, &why);
	if (rc == RC_OK)
		rc = audit_heads_check(r->db, r->a, r->city->seal, &bad, &why);
	if (rc == RC_FOUND) {
		out->bad = 1;
		snprintf(out->first, sizeof out->first, "%.290s", why.text);
		return RC_OK;
	}
	return rc == RC_OK ? RC_OK : FAIL(err, rc, "%s", why.text);
}

static enum rc check_frozen(struct reader *r, struct check_result *out, struct err *err)
{
	int64_t bad;
	TRY(frozen_check(r->a, r->db, &out->looked_at, &bad, err));
	out->bad = bad != 0;
	if (bad)
		snprintf(out->first, sizeof out->first, tr("edition %lld"), (long long)bad);
	return RC_OK;
}

static enum rc check_archive(struct reader *r, struct check_result *out, struct err *err)
{
	struct archive_report found;
	TRY(archive_check(r, &found, err));
	out->looked_at = found.looked_at;
	out->bad = found.bad;
	snprintf(out->first, sizeof out->first, "%s", found.first);
	if (found.elsewhere.n)
		snprintf(out->note, sizeof out->note, tr("not here, look at them where they are kept: %.*s"),
			(int)(found.elsewhere.n < 140 ? found.elsewhere.n : 140), found.elsewhere.p);
	return RC_OK;
}

/* clang-format off */
const struct check_subject checks[] = {
	{"pages", N_("checksums of the pages"), check_pages},
	{"cells", N_("figures' cells against the rows"), check_cells},
	{"parts", N_("figures against the sum of their parts"), check_parts},
	{"file", N_("the database file"), check_file},
	{"references", N_("references between rows"), check_references},
	{"audit", N_("the audit chain"), check_audit},
	{"editions", N_("frozen reports and their log"), check_frozen},
	{"sealed", N_("sealed values open"), check_sealed},
	{"files", N_("files of rows"), check_files},
	{"archive", N_("files of the archive"), check_archive},
	{NULL, NULL, NULL},
};
/* clang-format on */

static void print(const struct check_subject *c, const struct check_result *out)
{
	if (out->bad == 0)
		printf(tr("%s: in order (%lld looked at)\n"), tr(c->summary), (long long)out->looked_at);
	else
		printf(tr("%s: %lld faults; the first: %s\n"), tr(c->summary), (long long)out->bad,
			out->first);
	if (out->note[0])
		printf("  %s\n", out->note);
}

/* A page that cannot be used is a fault like any other: what can still be looked at is looked at. */
static enum rc look(
	const struct check_subject *c, struct reader *r, struct check_result *out, struct err *err)
{
	struct err why = {0};
	enum rc rc = c->run(r, out, &why);
	if (rc != RC_IO)
		return rc == RC_OK ? RC_OK : FAIL(err, rc, "%s", why.text);
	out->bad++;
	snprintf(out->first, sizeof out->first, "%.290s", why.text);
	return RC_OK;
}

static enum rc check_all(
	const struct invocation *in, struct reader *r, struct json *j, bool *out_bad, struct err *err)
{
	json_object(j);
	for (const struct check_subject *c = checks; c->id; c++) {
		struct check_result out = {0};
		TRY(look(c, r, &out, err));
		*out_bad |= out.bad > 0;
		if (!in->json && (!in->quiet || out.bad))
			print(c, &out);
		json_key(j, c->id);
		json_object(j);
		json_put_i64(j, "looked_at", out.looked_at);
		json_put_i64(j, "bad", out.bad);
		json_put_cstr(j, "first", out.bad ? out.first : NULL);
		json_put_cstr(j, "note", out.note[0] ? out.note : NULL);
		json_object_end(j);
	}
	json_object_end(j);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct cli_reader c;
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	bool bad = false;
	TRY(opt_done(in, 0, 0, &cmd_check, err));
	TRY(cli_reader(in, &c, err));
	json_init(&j, &b);
	enum rc rc = check_all(in, &c.r, &j, &bad, err);
	cli_done(&c);
	TRY(rc);
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	return bad ? FAIL(err, RC_FOUND, "the check found faults") : RC_OK;
}

const struct command cmd_check = {
	.name = "check",
	.usage = N_("check"),
	.summary = N_("recompute all cells, look at references, the audit chain and sealed values"),
	.help = N_("Changes nothing; “qinghe rebuild cells” makes wrong cells anew.\n"
		   "Example: qinghe check --json\n"
		   "Exit codes: 0 all in order, 1 something differs (it is named), 4 storage."),
	.run = run,
};
