/* open.h -- what most commands begin with: the city, the actor, a reader. */
#pragma once
#include "cli/command.h"
#include "register/city.h"

/* The city of --db; write: with its writer and the figures' observers attached. The actor is --as (an account's handle
 * or #person) or the operator. Close with city_close. */
MUST_USE enum rc cli_city(const struct invocation *in, bool write, struct city **out_city,
	struct actor *out_actor, struct err *err);
/* A city for reading, with a reader on it; cli_done closes both. */
struct cli_reader {
	struct city *city;
	struct reader r;
};
MUST_USE enum rc cli_reader(const struct invocation *in, struct cli_reader *out, struct err *err);
void cli_done(struct cli_reader *c);

/* The register of that name (id, or label in zh or en); RC_NOT_FOUND with a suggestion. */
MUST_USE enum rc cli_register(
	const struct city *c, const char *name, const struct reg **out, struct err *err);
/* The organisation of --org CODE (code or name); 0 where code is NULL. */
MUST_USE enum rc cli_org(struct db *db, struct city *c, const char *code, int64_t *out, struct err *err);
