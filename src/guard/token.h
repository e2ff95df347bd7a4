/* token.h -- bearer tokens, by which programs do what a person may, or less.
 *
 * A token is "qh_" and 256 bits; its SHA-256 alone is kept, the text is shown once. It acts for the person who made it, in
 * the duty of that moment, with what that session had proven (role.h: factor), narrowed to a subtree, to kinds of pages
 * (registers, figures) and there to reading or writing too; it ends on its day, when it is revoked, when the account is
 * disabled or the duty ends. It never reaches pages of accounts.
 *
 * Functions with a job_ctx run inside a job and fill its audit row. */
#pragma once
#include "guard/job.h"
#include "guard/role.h"

enum {
	TOKEN_REGISTERS_READ = 1,
	TOKEN_REGISTERS_WRITE = 2,
	TOKEN_FIGURES_READ = 4,
	TOKEN_FIGURES_WRITE = 8,
	TOKEN_DAYS_MAX = 366,
	TOKEN_NAME_MAX_CHARS = 60,
	TOKEN_TEXT_BYTES = 47,
	TOKEN_SCOPE_TEXT_BYTES = 80,
	TOKENS_MAX = 50 /* of one person */
};

struct token {
	int64_t id, person, duty, org, made_at_ms, expires_at_ms, used_at_ms; /* used 0: never */
	str name;
	int scope;
	enum factor proven;
	bool touch; /* the last use should be written down: token_touch as a quiet job */
};

/* "registers:read,figures:write"; writing includes reading. false for anything else. */
bool token_scope_parse(str text, int *out);
void token_scope_text(int scope, char out[TOKEN_SCOPE_TEXT_BYTES]);

/* Of the actor; name, scope, duty, org, proven and expires_at_ms are looked at. The text NUL-ended. */
MUST_USE enum rc token_make(struct job_ctx *c, const struct token *what, char out[TOKEN_TEXT_BYTES],
	int64_t *out_id, struct err *err);
/* RC_DENIED: none such, revoked, over, or the account is disabled. */
MUST_USE enum rc token_find(
	struct db *db, struct arena *a, str text, int64_t now_ms, struct token *out, struct err *err);
MUST_USE enum rc token_touch(struct job_ctx *c, int64_t id, struct err *err);
/* One's own; of others by operator, secadmin or sysadmin. */
MUST_USE enum rc token_end(struct job_ctx *c, int64_t id, struct err *err);
/* In force, newest first; person 0: everybody's. */
MUST_USE enum rc token_list(struct db *db, struct arena *a, int64_t person, int64_t now_ms,
	struct token **out, size_t *out_n, struct err *err);
