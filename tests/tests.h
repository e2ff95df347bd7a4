/* tests.h -- what every unit test includes: cmocka and where the shared data lies.
 * Test names are sentences. A test whose data is absent calls skip() and is counted as skipped. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"

/* Path below the shared data folder ($QINGHE_DATA, else ../shared/data), or NULL when it is not there. */
static inline const char *shared_data(struct arena *a, const char *path) __attribute__((unused));
static inline const char *shared_data(struct arena *a, const char *path)
{
	const char *top = getenv("QINGHE_DATA");
	const char *full = arena_printf(a, "%s/%s", top ? top : "../shared/data", path);
	return access(full, R_OK) == 0 ? full : NULL;
}

#define assert_ok(call, err) \
	do { \
		enum rc rc_ = (call); \
		if (rc_ != RC_OK) \
			fail_msg("%s: rc %d, %s", #call, (int)rc_, (err)->text); \
	} while (0)
