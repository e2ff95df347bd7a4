/* archive_check.c -- do the archive's files hold? See archive.h. */
#include "guard/audit_archive.h"
#include "register/archive_in.h"
#include <unistd.h>

struct checking {
	struct reader *r;
	struct archive_report *out;
};

static str last_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return str_of(slash ? slash + 1 : path);
}

/* `why`, where the file was read and does not hold. */
static void told(struct archive_report *out, const char *path, enum rc rc, const struct err *why, bool same)
{
	out->looked_at++;
	if (rc == RC_OK && same)
		return;
	if (out->bad++ == 0)
		snprintf(out->first, sizeof out->first, "%.*s: %.200s", STR_ARG(last_of(path)),
			rc == RC_OK ? tr("not the file that this city's rows went into") : why->text);
}

static void absent(struct checking *x, const char *path, bool needed)
{
	struct archive_report *out = x->out;
	struct err why;
	if (needed)
		told(out, path, FAIL(&why, RC_FOUND, "the file is not there"), &why, false);
	else
		out->elsewhere = arena_fmt(x->r->a, "%.*s%s%.*s", STR_ARG(out->elsewhere),
			out->elsewhere.n ? " " : "", STR_ARG(last_of(path)));
}

static void one_part(struct checking *x, const struct archive_part *p)
{
	struct archive_file file;
	struct err why = {0};
	const char *path = archive_path(x->r->a, x->r->city->db_url, p->name);
	if (access(path, F_OK) != 0) {
		absent(x, path, !str_is(p->state, "away"));
		return;
	}
	enum rc rc = archive_read(x->r->a, path, &file, NULL, NULL, &why);
	told(x->out, path, rc, &why, rc == RC_OK && hash_eq(&file.digest, &p->digest));
}

static enum rc one_of_audit(void *user, const char *path, const struct hash *bytes, struct err *err)
{
	struct checking *x = user;
	struct audit_part part;
	struct err why = {0};
	(void)err;
	if (access(path, F_OK) != 0) {
		absent(x, path, false);
		return RC_OK;
	}
	enum rc rc = audit_archive_read(x->r->a, path, &part, &why);
	told(x->out, path, rc, &why, rc == RC_OK && hash_eq(&part.file, bytes));
	return RC_OK;
}

enum rc archive_check(struct reader *r, struct archive_report *out, struct err *err)
{
	static const struct hash none;
	struct checking x = {r, out};
	struct archive_part *parts;
	size_t n;
	*out = (struct archive_report){.elsewhere = STR("")};
	TRY(archive_parts(r->db, r->a, &parts, &n, err));
	for (size_t i = 0; i < n; i++) /* written, and not over yet */
		if (parts[i].name.n && !hash_eq(&parts[i].digest, &none) && !str_is(parts[i].state, "ended"))
			one_part(&x, &parts[i]);
	return audit_archive_files(r->db, r->a, r->city->db_url, one_of_audit, &x, err);
}
