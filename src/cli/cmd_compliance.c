/* cmd_compliance.c -- qinghe compliance: the yearly evidence pack for minors' data. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "service/compliance/pack.h"

static enum rc run(struct invocation *in, struct err *err)
{
	int64_t year = 0;
	const char *path = NULL;
	struct city *city;
	struct actor actor;
	struct buf b = {0};
	TRY(opt_i64(in, "--year", &year, err));
	TRY(opt_text(in, "-o", &path, err));
	TRY(opt_done(in, 0, 0, &cmd_compliance, err));
	if (path == NULL || year < 2000 || year > 2100)
		return usage_error(&cmd_compliance, err);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = compliance_pack(city, &actor, in->a, (int)year, &b, err);
	city_close(city);
	if (rc == RC_OK || rc == RC_FOUND) {
		enum rc wrote = file_write(path, buf_str(&b), err);
		rc = wrote == RC_OK ? rc : wrote;
	}
	buf_done(&b);
	return rc;
}

const struct command cmd_compliance = {
	.name = "compliance",
	.usage = N_("compliance --year Y -o PACK.zip"),
	.summary = N_("the yearly evidence pack for minors' data: numbers and decisions, no person's data"),
	.help = N_("Reads by role, purpose and ground; authorisations; break-glass; consents; requests with "
		   "answer times; "
		   "sharing;\n"
		   "impact assessments; retention, deletions, destroyed keys; refusals; the audit chain "
		   "verified with its "
		   "signed heads.\n"
		   "Filed by the end of January for the year before. For the security administrator and the "
		   "operator.\n"
		   "Example: qinghe compliance --year 2025 -o 2025.zip\n"
		   "Exit codes: 0 done, 1 made, but the audit chain does not hold, 2 bad usage, 3 not yours, "
		   "4 the file cannot be "
		   "written."),
	.run = run,
};
