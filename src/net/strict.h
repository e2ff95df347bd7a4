/* strict.h -- is the head of this request one that every HTTP program reads alike? What two programs read differently is
 * how requests are smuggled past a proxy (RFC 9112, 11.2), so what is doubtful is refused, and the connection closed:
 *
 *     400  a version other than HTTP/1.0 and 1.1; a header whose name is no token (a blank before the colon, too) or whose
 *          value holds a control character; Content-Length that is no plain number, or stands twice; Content-Length
 *          together with Transfer-Encoding; in 1.1 no Host or two; Host that is no host; a blank or control character in
 *          the address; lines that end in a bare LF or CR; folded lines (obs-fold)
 *     411  any Transfer-Encoding: who sends a body says its length (RFC 9112, 6.3 allows this). So there are no chunks here,
 *          and none of their tricks.
 *
 * libmicrohttpd (0.9.75) is lenient about line ends and folding and keeps no raw bytes, but it cuts lines up where they
 * stand: a header's name begins exactly two bytes behind the end of the value before it when that line ended in CR LF, one
 * byte behind after a bare LF, and elsewhere when it was folded. strict_head compares these addresses and reads nothing
 * by them. tests/flow/test_framing.py fails where a later libmicrohttpd does otherwise.
 *
 * A line that begins with a colon ends the head for libmicrohttpd 0.9.75, so that what follows would be the next request,
 * where another program reads on. It is seen by the head's length: the head must end four bytes behind the last value, with
 * the empty line, and nowhere else. A bare LF at the very end is seen by it too. */
#pragma once
#include "base/str.h"

struct MHD_Connection;

/* 0: it is; else the status to refuse it with, and why. address: as it came; method, version: the slices that
 * libmicrohttpd gave, where they stand. */
int strict_head(struct MHD_Connection *connection, str address, const char *method, const char *version,
	const char **out_why);
