/* site_code.h -- the rotating code that stands on a screen where something takes place, and what scanning it proves.
 *
 * Code: 8 of the letters of code.h, the first 40 bits of HMAC(key "site_code", what | window), the window counting
 * SITE_CODE_MS since 1970; good in its own window and the next (a phone takes a while), so a picture of it sent to
 * somebody elsewhere dies within a minute. `what` names the place: "volunteer_event:12".
 * Ticket: "TIME.MAC", given to the browser that showed a good code, for SITE_TICKET_MS: long enough to sign in. It names
 * nobody; it is kept in a cookie, never in an address.
 * Guessing: 2^40 codes, two good at a time; the caller slows guesses down (limit.h). Pure but for the key. */
#pragma once
#include "guard/seal.h"

enum { SITE_CODE_MS = 30000, SITE_CODE_BYTES = 9, SITE_TICKET_MS = 900000, SITE_TICKET_BYTES = 48 };

void site_code(struct seal *seal, str what, int64_t now_ms, char out[SITE_CODE_BYTES]);
bool site_code_good(struct seal *seal, str what, str code, int64_t now_ms);
void site_ticket(struct seal *seal, str what, int64_t now_ms, char out[SITE_TICKET_BYTES]);
bool site_ticket_good(struct seal *seal, str what, str ticket, int64_t now_ms);
