/* outbound.h -- the only way out: a POST to a configured address, a mail by a configured server (libcurl). No redirects, no
 * other protocols than https (http to this machine), smtp and smtps, TLS certificates checked, OUTBOUND_SECONDS_MAX for all,
 * answers are read to OUTBOUND_ANSWER_MAX_BYTES and forgotten. A name that leads to this machine or to a link-local address
 * (cloud metadata) is refused unless the configuration itself says localhost or that very address. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { OUTBOUND_SECONDS_MAX = 30, OUTBOUND_ANSWER_MAX_BYTES = 64 << 10 };

/* Is this an address that may be configured? server: of a mail server, else of a hook. */
bool outbound_may(const char *url, bool mail);
/* base: the configured address; path is put behind it and may name nothing but a path. RC_IO: not taken, try again;
 * RC_INVALID: never will be. id becomes Idempotency-Key. */
MUST_USE enum rc outbound_post(
	struct arena *a, const char *base, str path, str body, str id, struct err *err);
/* Plain text of UTF-8. from, to: addresses; id becomes the Message-ID, so that a second copy can be known. */
MUST_USE enum rc outbound_mail(struct arena *a, const char *server, const char *from, str to, str subject,
	str body, str id, struct err *err);
