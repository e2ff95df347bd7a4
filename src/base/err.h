/* err.h -- how a function fails.
 * A fallible function returns enum rc (must be used) and takes `struct err *err` last. Whoever sees the fault first
 * fills err once, by FAIL(); those above only return the code (TRY) or add where they were (err_at). Outputs are
 * untouched on failure. err may be NULL where the caller wants only the code.
 * Texts are for people: what happened, where, what to do; English in the source, translated by tr(). They never
 * hold a sensitive value. Nothing below web/ and cli/ logs or exits. Programmer errors are assert()s, on in release. */
#pragma once
#include "base/attr.h"
#include "base/tr.h"
#include <stdarg.h>
#include <stddef.h>

enum rc {
	RC_OK = 0,
	RC_FOUND,     /* done, but something was found: rejected rows, an unmet check (exit 1) */
	RC_INVALID,   /* bad input, nothing changed (exit 2) */
	RC_DENIED,    /* the actor may not (exit 3) */
	RC_NOT_FOUND, /* no such thing (exit 2) */
	RC_CONFLICT,  /* somebody else changed it, or a key stands already (exit 2) */
	RC_LIMIT,     /* over a declared maximum (exit 2) */
	RC_IO,        /* storage or I/O (exit 4) */
	RC_UNKNOWN    /* a commit whose outcome is not known: look the key up (exit 4) */
};

enum { ERR_TEXT_BYTES = 1024 };

struct err {
	enum rc rc;
	const char *func;
	char text[ERR_TEXT_BYTES];
};

/* return FAIL(err, RC_INVALID, "row %d: ...", n); -- the format is looked up by tr(), then filled in. */
#define FAIL(err, rc, ...) err_fill((err), (rc), __func__, __VA_ARGS__)
/* TRY(call(..., err)); -- return the callee's code when it is not RC_OK. */
#define TRY(call) \
	do { \
		enum rc try_rc_ = (call); \
		if (try_rc_ != RC_OK) \
			return try_rc_; \
	} while (0)

enum rc err_fill(struct err *err, enum rc rc, const char *func, const char *format, ...) PRINTF_LIKE(4, 5);
/* Put "WHERE: " before the text that is there; returns err->rc (rc when err is NULL). */
enum rc err_at(struct err *err, enum rc rc, const char *format, ...) PRINTF_LIKE(3, 4);
/* The process's answer to a code: 0, 1, 2, 3 or 4 (contract.md). */
int err_exit_code(enum rc rc);
