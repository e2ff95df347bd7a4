/* cmd_backup.c -- qinghe backup: a city in one sealed file. */
#include "cli/commands.h"
#include "cli/open.h"
#include "register/backup.h"

static enum rc run(struct invocation *in, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct backup_told told;
	TRY(opt_done(in, 1, 1, &cmd_backup, err));
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = backup_make(city, &actor, in->argv[0], &told, err);
	city_close(city);
	TRY(rc);
	if (in->json)
		printf("{\"audit_seq\":%lld,\"bytes\":%lld,\"files\":%lld}\n", (long long)told.audit_seq,
			(long long)told.bytes, (long long)told.files);
	else if (!in->quiet)
		printf(tr("%s: %lld bytes, %lld files, up to audit row %lld; sealed to the recovery key\n"),
			in->argv[0], (long long)told.bytes, (long long)told.files, (long long)told.audit_seq);
	return RC_OK;
}

const struct command cmd_backup = {
	.name = "backup",
	.usage = N_("backup DEST"),
	.summary = N_("a consistent copy of the city in one sealed file, while others write"),
	.help = N_("Holds the database and its files, never the root key or the key store: copy those by "
		   "“qinghe key "
		   "init” and “qinghe key export”, to another place.\n"
		   "Example: qinghe backup /mnt/backup/linlan-20251130.parcel\n"
		   "Exit codes: 0 done, 2 DEST stands already, 3 not the operator, 4 storage."),
	.run = run,
};
