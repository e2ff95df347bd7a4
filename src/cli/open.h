/* open.h -- what most commands begin with: the city, the actor, a reader. */
#pragma once
#include "base/hash.h"
#include "cli/command.h"
#include "register/city.h"

/* The city of --db; write: with its writer and the figures' observers attached. The actor is --as (an account's handle
 * or #person, NAME@UNIT for another duty than the oldest) or the operator. Close with city_close. */
MUST_USE enum rc cli_city(const struct invocation *in, bool write, struct city **out_city,
	struct actor *out_actor, struct err *err);
/* A city for reading, with a reader on it; cli_done closes both. */
struct cli_reader {
	struct city *city;
	struct reader r;
	const struct invocation *in;
};
MUST_USE enum rc cli_reader(struct invocation *in, struct cli_reader *out, struct err *err);
void cli_done(struct cli_reader *c);
/* Before the first byte of what was read goes out: where rows of minors are among it, one durable audit row names them.
 * An error here means that nothing may be printed. */
MUST_USE enum rc cli_announce(struct cli_reader *c, struct err *err);
/* A reading command was refused: its row in the audit chain. For main. */
void cli_refused(const struct invocation *in, enum rc rc);

/* The content digest of --db (cmd_digest.c), in hex, and how many rows it was made of. */
MUST_USE enum rc cli_digest(struct invocation *in, char hex[HEX_BYTES], int64_t *out_rows, struct err *err);

/* The register of that name (id, or label in zh or en); RC_NOT_FOUND with a suggestion. */
MUST_USE enum rc cli_register(
	const struct city *c, const char *name, const struct reg **out, struct err *err);
/* The organisation of --org CODE (code or name); 0 where code is NULL. */
MUST_USE enum rc cli_org(struct db *db, struct city *c, const char *code, int64_t *out, struct err *err);
