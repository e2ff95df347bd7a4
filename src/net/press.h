/* press.h -- gzip by libdeflate. A compressor is large (some 100 KB), so threads share a small pool: there are as many
 * as compress at once, at most PRESSES_MAX kept. Thread-safe. */
#pragma once
#include "base/buf.h"

enum { PRESSES_MAX = 16 };

struct presses;
struct presses *presses_new(void);
void presses_free(struct presses *p);
void presses_zip(
	struct presses *p, struct buf *b, str bytes); /* level 1; b is empty when it could not be done */
