/* locked.h -- memory for keys: pages of their own, zeroed, locked in memory, left out of core dumps and not inherited by
 * fork. Locking is best effort: a limit on locked pages must not keep the office closed. */
#pragma once
#include <stddef.h>

void *locked_new(size_t bytes);          /* NULL: no memory */
void locked_free(void *p, size_t bytes); /* wiped first; NULL allowed */
