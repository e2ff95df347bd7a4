/* cmd_verify.c -- qinghe verify: an evidence bundle (without a database), or the audit chain of the city. */
#include "base/file.h"
#include "cli/alone.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/audit_archive.h"
#include "register/archive.h"
#include "report/bundle.h"
#include <string.h>

enum { BUNDLE_FILE_MAX_BYTES = 64 << 20, HEADS_FILE_MAX_BYTES = 16 << 20 };

/* What the child is to do (alone.h). */
struct wish {
	struct invocation *in;
	const char *path, *key;
};

static void tell(const struct invocation *in, const struct bundle_verdict *v)
{
	if (in->json) {
		struct buf b AUTO(buf_done) = {0};
		struct json j;
		json_init(&j, &b);
		json_object(&j);
		json_put_bool(&j, "valid", v->holds);
		if (!v->holds)
			json_put_str(&j, "fault", v->fault);
		json_put_str(&j, "fingerprint", v->fingerprint);
		json_put_str(&j, "city", v->city);
		json_put_str(&j, "period", v->period);
		json_put_i64(&j, "figures", (int64_t)v->figures);
		json_put_i64(&j, "rows", (int64_t)v->rows);
		json_object_end(&j);
		printf("%.*s\n", STR_ARG(buf_str(&b)));
		return;
	}
	printf(tr("%.*s %.*s: %zu figures, %zu rows\nkey fingerprint %.*s\n"), STR_ARG(v->city),
		STR_ARG(v->period), v->figures, v->rows, STR_ARG(v->fingerprint));
	if (v->holds)
		printf("%s\n", tr("the bundle holds: its bytes, its sums and its signature"));
	else
		printf(tr("the bundle does not hold: %.*s\n"), STR_ARG(v->fault));
}

/* ---- the chain, against files kept elsewhere ---- */

/* What a child read in a stranger's file: heads or a part, and its code and words. */
struct told {
	str bytes;
	enum rc rc;
	struct err err;
};

/* In the child: each line's head, until one does not hold; that one comes last. */
static enum rc read_heads(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	enum rc rc = RC_OK;
	str text;
	TRY(file_read(w->in->a, w->path, HEADS_FILE_MAX_BYTES, &text, err));
	for (str rest = text; rest.n > 0 && rc == RC_OK;) {
		struct audit_signed_head h;
		str line = str_trim(str_cut(rest, '\n', &rest));
		if (line.n == 0)
			continue;
		rc = audit_head_read(line, &h, err);
		if (!file_put(out, (str){(const char *)&h, sizeof h}))
			return FAIL(err, RC_IO, "the output could not be written");
	}
	return rc;
}

/* In the child: what the file says of itself, once every row and signature holds. */
static enum rc read_part(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct audit_part part;
	TRY(audit_archive_read(w->in->a, w->path, &part, err));
	return file_put(out, (str){(const char *)&part, sizeof part})
		       ? RC_OK
		       : FAIL(err, RC_IO, "the output could not be written");
}

static enum rc hear(struct invocation *in, const char *path,
	enum rc (*fn)(void *arg, int out, struct err *err), struct told *out, struct err *err)
{
	struct wish w = {in, path, ""};
	if (path == NULL)
		return RC_OK;
	out->rc = alone_told(in->a, (const char *const[]){path, NULL}, fn, &w, HEADS_FILE_MAX_BYTES,
		&out->bytes, &out->err);
	if (out->rc == RC_OK || out->rc == RC_FOUND)
		return RC_OK;
	*err = out->err;
	return out->rc;
}

/* Heads signed earlier: those that the city keeps, and those of a file kept elsewhere. */
static enum rc verify_heads(struct invocation *in, struct cli_reader *c, const struct told *told,
	const char *key, int64_t *out_bad, struct err *fault)
{
	struct audit_signed_head h;
	TRY(audit_heads_check(c->r.db, in->a, c->city->seal, out_bad, fault));
	for (str rest = told->bytes; rest.n >= sizeof h; rest = str_from(rest, sizeof h)) {
		memcpy(&h, rest.p, sizeof h);
		h.key[sizeof h.key - 1] = 0;
		*out_bad = h.seq;
		if (rest.n == sizeof h && told->rc != RC_OK)
			break;
		TRY(audit_head_check(c->r.db, NULL, &h, str_of(key), fault));
	}
	*fault = told->rc == RC_OK ? *fault : told->err;
	return told->rc;
}

/* A file of archived rows: by itself, and whether it is the one that this city's rows went into. */
static enum rc verify_part(struct cli_reader *c, const struct told *told, int64_t *out_bad, struct err *fault)
{
	struct audit_part part;
	*fault = told->rc == RC_OK ? *fault : told->err;
	TRY(told->rc);
	if (told->bytes.n != sizeof part)
		return FAIL(fault, RC_INVALID, "this is no archive of an audit log");
	memcpy(&part, told->bytes.p, sizeof part);
	*out_bad = part.last;
	return audit_archive_ours(c->r.db, &part, fault);
}

/* A closed year's rows (register/archive.h). */
static enum rc verify_year(struct invocation *in, const char *path, const char *key, struct err *err)
{
	struct archive_file file;
	enum rc rc = archive_read(in->a, path, &file, NULL, NULL, err);
	if (rc == RC_OK && key[0] && !str_is(file.key, key))
		rc = FAIL(err, RC_FOUND, "the archive was signed by another key");
	if (rc != RC_OK && rc != RC_FOUND)
		return rc;
	if (in->json)
		printf("{\"valid\":%s,\"register\":\"%.*s\",\"year\":%d,\"rows\":%lld,\"key\":\"%.*s\"}\n",
			rc == RC_OK ? "true" : "false", STR_ARG(file.reg), file.year, (long long)file.rows,
			STR_ARG(file.key));
	else if (rc == RC_OK)
		printf(tr("the archive holds: %lld rows of %.*s %d, signed by %.*s\n"), (long long)file.rows,
			STR_ARG(file.reg), file.year, STR_ARG(file.key));
	else
		printf("%s\n", err->text);
	return rc;
}

static bool is_year(const char *path)
{
	static const char MARK[] = "{\"qinghe_archive\"";
	char head[sizeof MARK - 1];
	FILE *f = fopen(path, "rb");
	bool is = f && fread(head, 1, sizeof head, f) == sizeof head && memcmp(head, MARK, sizeof head) == 0;
	if (f)
		fclose(f);
	return is;
}

static enum rc verify_archive(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct invocation *in = w->in;
	const char *path = w->path, *key = w->key;
	struct audit_part part;
	(void)out;
	if (is_year(path))
		return verify_year(in, path, key, err);
	enum rc rc = audit_archive_read(in->a, path, &part, err);
	if (rc == RC_OK && key[0] && strcmp(part.key, key) != 0)
		rc = FAIL(err, RC_FOUND, "head %lld was signed by another key", (long long)part.last);
	if (rc != RC_OK && rc != RC_FOUND)
		return rc;
	if (in->json)
		printf("{\"valid\":%s,\"first\":%lld,\"last\":%lld,\"key\":\"%s\"}\n",
			rc == RC_OK ? "true" : "false", (long long)part.first, (long long)part.last,
			part.key);
	else if (rc == RC_OK)
		printf(tr("the archive holds: audit rows %lld to %lld, signed by %.*s\n"),
			(long long)part.first, (long long)part.last, STR_ARG(str_of(part.key)));
	else
		printf("%s\n", err->text);
	return rc;
}

static enum rc verify_bundle(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct bundle_verdict v;
	str bytes;
	(void)out;
	TRY(file_read(w->in->a, w->path, BUNDLE_FILE_MAX_BYTES, &bytes, err));
	TRY(bundle_verify(w->in->a, bytes, str_of(w->key), &v, err));
	tell(w->in, &v);
	return v.holds ? RC_OK : RC_FOUND;
}

static enum rc verify_audit(
	struct invocation *in, const char *heads, const char *key, const char *archive, struct err *err)
{
	struct cli_reader c;
	struct err fault = {0};
	int64_t rows = 0, bad = 0;
	struct told told_heads = {0}, told_part = {0};
	TRY(hear(in, heads, read_heads, &told_heads, err)); /* before a key is open here */
	TRY(hear(in, archive, read_part, &told_part, err));
	TRY(cli_reader(in, &c, err));
	enum rc rc = audit_verify(c.r.db, &rows, &bad, &fault);
	if (rc == RC_OK)
		rc = verify_heads(in, &c, &told_heads, key, &bad, &fault);
	if (rc == RC_OK && archive)
		rc = verify_part(&c, &told_part, &bad, &fault);
	cli_done(&c);
	if (rc != RC_OK && rc != RC_FOUND) {
		*err = fault;
		return rc;
	}
	if (in->json) {
		struct buf b AUTO(buf_done) = {0};
		struct json j;
		json_init(&j, &b);
		json_object(&j);
		json_put_bool(&j, "valid", rc == RC_OK);
		json_put_i64(&j, "rows", rows);
		if (rc != RC_OK) {
			json_put_i64(&j, "first_bad", bad);
			json_put_cstr(&j, "fault", fault.text);
		}
		json_object_end(&j);
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	} else if (rc == RC_OK) {
		printf(tr("the audit chain holds: %lld rows\n"), (long long)rows);
	} else {
		printf("%s\n", fault.text);
	}
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *key = "", *heads = NULL, *archive = NULL;
	TRY(opt_text(in, "--key", &key, err));
	TRY(opt_text(in, "--heads", &heads, err));
	TRY(opt_text(in, "--archive", &archive, err));
	TRY(opt_done(in, 1, 2, &cmd_verify, err));
	if (in->argc == 1 && strcmp(in->argv[0], "audit") == 0)
		return verify_audit(in, heads, key, archive, err);
	struct wish w = {in, in->argv[in->argc - 1], key};
	const char *const reads[] = {w.path, NULL};
	if (in->argc == 2 && strcmp(in->argv[0], "archive") == 0)
		return alone(reads, NULL, verify_archive, &w, err);
	bool named = strcmp(in->argv[0], "bundle") == 0;
	if (named != (in->argc == 2))
		return usage_error(&cmd_verify, err);
	return alone(reads, NULL, verify_bundle, &w, err);
}

const struct command cmd_verify = {
	.name = "verify",
	.usage = N_("verify audit [--heads FILE] [--archive FILE] | archive FILE [--key HEX] | [bundle] "
		    "FILE.zip [--key HEX]"),
	.summary = N_("check the audit chain, or an evidence bundle without a database"),
	.help = N_("Makes the bundle again out of its parts and compares bytes, sums, roots and the "
		   "signature; names the first\n"
		   "record that does not hold. --key pins the signer: the public key or its fingerprint.\n"
		   "audit walks the city's chain and names the first row that was altered, removed or moved; "
		   "--heads "
		   "compares with\n"
		   "signed heads kept elsewhere (“qinghe audit sign”).\n"
		   "archive verifies a file of “qinghe archive” without a database; audit --archive also "
		   "tells whether it is this city's.\n"
		   "Example: qinghe verify bundle 2025.zip\n"
		   "Exit codes: 0 it holds, 1 it does not, 2 no bundle."),
	.run = run,
};
