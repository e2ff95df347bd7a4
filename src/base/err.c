/* err.c -- see err.h. */
#include "base/err.h"
#include "base/utf8.h"
#include <stdio.h>
#include <string.h>

/* What did not fit was cut anywhere: the text ends with a whole character. */
static void end_whole(char *text)
{
	text[utf8_whole(str_of(text)).n] = '\0';
}

enum rc err_fill(struct err *err, enum rc rc, const char *func, const char *format, ...)
{
	if (err == NULL)
		return rc;
	err->rc = rc;
	err->func = func;
	va_list args;
	va_start(args, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(err->text, sizeof err->text, tr(format), args);
#pragma GCC diagnostic pop
	va_end(args);
	end_whole(err->text);
	return rc;
}

enum rc err_at(struct err *err, enum rc rc, const char *format, ...)
{
	if (err == NULL)
		return rc;
	char head[ERR_TEXT_BYTES / 2];
	char tail[ERR_TEXT_BYTES];
	va_list args;
	va_start(args, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(head, sizeof head, tr(format), args);
#pragma GCC diagnostic pop
	va_end(args);
	end_whole(head);
	memcpy(tail, err->text, sizeof tail);
	snprintf(err->text, sizeof err->text, "%s: %.*s", head, (int)(sizeof err->text - sizeof head - 4),
		tail);
	end_whole(err->text);
	err->rc = rc;
	return rc;
}

int err_exit_code(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return 0;
	case RC_FOUND:
		return 1;
	case RC_DENIED:
		return 3;
	case RC_IO:
	case RC_UNKNOWN:
		return 4;
	case RC_INVALID:
	case RC_NOT_FOUND:
	case RC_CONFLICT:
	case RC_LIMIT:
		return 2;
	}
	return 4;
}
