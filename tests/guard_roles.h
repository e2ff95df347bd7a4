/* guard_roles.h -- for tests of guard: a handful of roles, and keys to seal with. */
#pragma once
#include "guard/role.h"
#include "guard/seal.h"
#include "guard_city.h"

#define STRS(s) \
	{ \
		s, sizeof s - 1 \
	}

static str three[] = {STRS("sysadmin"), STRS("secadmin"), STRS("auditadmin")};
static const struct role_kind kinds[] = {
	{STRS("county_staff"), STRS("县"), STRS("County"), FACTOR_CODE, false, true, NULL, 0, 2, NULL, 0},
	{STRS("branch_secretary"), STRS("书记"), STRS("Secretary"), FACTOR_DEVICE, false, true, NULL, 0, 2,
		NULL, 0},
	{STRS("leader"), STRS("领导"), STRS("Leader"), FACTOR_CODE, false, true, NULL, 0, 2, NULL, 0},
	{STRS("employer"), STRS("用人单位"), STRS("Employer"), FACTOR_NONE, false, true, NULL, 0, 2, NULL, 0},
	{STRS("self"), STRS("本人"), STRS("Self"), FACTOR_NONE, true, false, NULL, 0, 2, NULL, 0},
	{STRS("sysadmin"), STRS("系统"), STRS("System"), FACTOR_CODE, false, true, three + 1, 2, 2, NULL, 0},
	{STRS("secadmin"), STRS("安全"), STRS("Security"), FACTOR_CODE, false, true, NULL, 0, 2, NULL, 0},
	{STRS("auditadmin"), STRS("审计"), STRS("Audit"), FACTOR_CODE, false, true, three, 2, 2, NULL, 0}};
static const struct role_kinds all = {kinds, sizeof kinds / sizeof *kinds};

/* Keys of the town's own; town_forget takes the files away. */
static inline struct seal *town_keys(const struct town *t)
{
	struct err err;
	struct seal *seal;
	char path[340], store[344];
	/* beside the file; of a schema where its key is sought (database.h) */
	if (test_server())
		snprintf(path, sizeof path, "%s", getenv("QINGHE_KEY"));
	else
		snprintf(path, sizeof path, "%s.key", t->path);
	snprintf(store, sizeof store, "%ss", path);
	unlink(path);
	unlink(store);
	assert_ok(seal_create(path, CRYPTO_INTERNATIONAL, 5, &err), &err);
	assert_ok(seal_open(path, true, &seal, &err), &err);
	assert_ok(seal_make_store(seal, 1, &err), &err);
	return seal;
}
