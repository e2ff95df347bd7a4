/* cmd_restore.c -- qinghe restore: a city out of a backup, verified; or a city that stands, a file or postgresql://...,
 * into another database (register/move.h), its digest compared on both sides. */
#include "base/date.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "guard/keystore.h"
#include "guard/seal.h"
#include "register/backup.h"
#include "register/beside.h"
#include "register/move.h"
#include <sodium.h>
#include <unistd.h>

/* Today's keys from another city: the key file as it is, the key store as it stands now. */
static enum rc bring_keys(struct invocation *in, const char *from, const char *to, struct err *err)
{
	struct root_key root;
	struct keystore *store;
	str passphrase, source = keyfile_path(in->a, from), dest = keyfile_path(in->a, to);
	if (access(dest.p, F_OK) == 0 || access(keystore_path(in->a, dest).p, F_OK) == 0)
		return FAIL(err, RC_CONFLICT, "%s stands already: leave --keys-of away", dest.p);
	TRY(keyfile_passphrase(in->a, &passphrase, err));
	TRY(keyfile_read(source.p, &root, err));
	enum rc rc = keystore_open(keystore_path(in->a, source).p, &root, true, &store, err);
	if (rc == RC_OK) {
		rc = keystore_copy(store, keystore_path(in->a, dest).p, err);
		keystore_close(store);
	}
	if (rc == RC_OK)
		rc = keyfile_write(dest.p, &root, root.locked ? passphrase : STR(""), err);
	sodium_memzero(&root, sizeof root);
	return rc;
}

static enum rc verify(struct invocation *in, bool *out_bad, struct err *err)
{
	struct cli_reader c;
	TRY(cli_reader(in, &c, err));
	enum rc rc = RC_OK;
	for (const struct check_subject *s = checks; rc == RC_OK && s->id; s++) {
		struct check_result out = {0};
		rc = s->run(&c.r, &out, err);
		*out_bad |= out.bad > 0;
		if (rc == RC_OK && out.bad > 0)
			fprintf(stderr, tr("%s: %lld faults; the first: %s\n"), tr(s->summary),
				(long long)out.bad, out.first);
	}
	cli_done(&c);
	return rc;
}

/* ---- a city that stands ---- */

static bool is_city(const char *src)
{
	char head[16] = "";
	if (str_starts(str_of(src), STR("postgres")))
		return true;
	FILE *f = fopen(src, "rb");
	bool is = f && fread(head, 1, sizeof head, f) == sizeof head &&
		  memcmp(head, "SQLite format 3", 16) == 0;
	if (f)
		fclose(f);
	return is;
}

static void told_rows(void *user, int64_t rows)
{
	progress_show(user, rows, 0);
}

static enum rc digest_at(const struct invocation *in, const char *url, char hex[HEX_BYTES], struct err *err)
{
	struct invocation there = *in;
	int64_t rows;
	there.db_url = url;
	return cli_digest(&there, hex, &rows, err);
}

static enum rc move(struct invocation *in, const char *from, const char *to, struct err *err)
{
	char here[HEX_BYTES], there[HEX_BYTES];
	struct progress progress;
	int64_t files = 0;
	struct copy_progress p = {.told = told_rows, .user = &progress};
	bool same_keys = str_eq(keyfile_path(in->a, from), keyfile_path(in->a, to));
	TRY(digest_at(in, from, here, err));
	progress_start(&progress, in);
	enum rc rc = city_move(from, to, &p, err);
	progress_end(&progress);
	TRY(rc);
	if (!same_keys && access(keyfile_path(in->a, to).p, F_OK) != 0)
		TRY(bring_keys(in, from, to, err));
	TRY(beside_copy(in->a, from, to, &files, err));
	TRY(digest_at(in, to, there, err));
	if (strcmp(here, there) != 0)
		return FAIL(err, RC_FOUND, "the digests differ: %s here, %s there", here, there);
	if (in->json)
		printf("{\"rows\":%lld,\"files\":%lld,\"digest\":\"%s\"}\n", (long long)p.rows,
			(long long)files, here);
	else if (!in->quiet)
		printf(tr("%lld rows are in %.*s; digest %s on both sides\n"), (long long)p.rows,
			STR_ARG(db_shown(in->a, to)), here);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *to = in->db_url, *keys_of = NULL;
	struct restore_told told;
	bool bad = false;
	TRY(opt_text(in, "--to", &to, err));
	TRY(opt_text(in, "--keys-of", &keys_of, err));
	TRY(opt_done(in, 1, 1, &cmd_restore, err));
	if (in->as)
		return FAIL(err, RC_DENIED, "only the operator moves a city");
	in->db_url = to;
	if (is_city(in->argv[0]))
		return move(in, in->argv[0], to, err);
	if (access(to, F_OK) == 0)
		return FAIL(err, RC_CONFLICT, "%s stands already: a restore makes a new city", to);
	if (keys_of)
		TRY(bring_keys(in, keys_of, to, err));
	TRY(backup_restore(in->a, in->argv[0], to, &told, err));
	TRY(verify(in, &bad, err));
	char when[INSTANT_TEXT_BYTES];
	instant_text(told.made_at_ms, when);
	if (in->json)
		printf("{\"city\":\"%.*s\",\"audit_seq\":%lld,\"files\":%lld,\"shredded\":%lld,\"verified\":%"
		       "s}\n",
			STR_ARG(told.city), (long long)told.audit_seq, (long long)told.files,
			(long long)told.shredded, bad ? "false" : "true");
	else if (!in->quiet)
		printf(tr("%.*s as of %s is in %s: up to audit row %lld, %lld files; %lld destroyed keys "
			  "stay "
			  "destroyed\n"),
			STR_ARG(told.city), when, db_shown(in->a, to).p, (long long)told.audit_seq,
			(long long)told.files, (long long)told.shredded);
	return bad ? FAIL(err, RC_FOUND, "the restored city does not hold together: run “qinghe check”")
		   : RC_OK;
}

const struct command cmd_restore = {
	.name = "restore",
	.usage = N_("restore SRC [--to URL] [--keys-of URL]"),
	.summary = N_("a new city out of a backup, or a city into another database, verified"),
	.help = N_("Needs the key file and today's key store at URL; --keys-of copies them from the city "
		   "that stands. "
		   "After the machine is lost: qinghe key recover, qinghe key import, then restore.\n"
		   "Every destroyed key stays destroyed. The result is checked like by “qinghe check”.\n"
		   "SRC may be a city itself, a file or postgresql://...: it moves whole, with its history "
		   "and audit chain, "
		   "in one transaction, between engines too; the digests of both are compared. SRC stays as "
		   "it is: serve "
		   "the new one only.\n"
		   "Example: qinghe restore linlan.db --to "
		   "'postgresql://qinghe@db/youth?options=-csearch_path%3Dlinlan'\n"
		   "Example: qinghe restore /mnt/backup/linlan-20251130.parcel --to linlan2.db --keys-of "
		   "linlan.db\n"
		   "Exit codes: 0 done, 1 the check found faults or the digests differ, 2 not possible, 4 "
		   "storage."),
	.foreign = true,
	.run = run,
};
