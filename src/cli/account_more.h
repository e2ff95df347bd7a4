/* account_more.h -- further verbs of `qinghe account`: links for units, the code of a demo, tokens of programs. */
#pragma once
#include "cli/command.h"

/* links [--org CODE] [--kind K] [--role R] [--all] --base https://NAME -o OUT.xlsx|.html */
MUST_USE enum rc account_links(struct invocation *in, struct err *err);
/* totp HANDLE: what the authenticator shows now, of a demo city only. */
MUST_USE enum rc account_totp(struct invocation *in, struct err *err);
/* token NAME --scope S [--days N] [--org CODE] | tokens | revoke N, with --as */
MUST_USE enum rc account_token(struct invocation *in, struct err *err);
MUST_USE enum rc account_tokens(struct invocation *in, struct err *err);
MUST_USE enum rc account_revoke(struct invocation *in, struct err *err);
