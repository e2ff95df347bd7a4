/* qr.h -- QR pictures (libqrencode gives the bits, level M) as SVG: one path, a unit a module, 4 units of quiet around.
 *
 *     <svg class="q" viewBox="0 0 37 37" role="img" aria-label="..."><path d="M4 4h7v1h-7z..."/></svg>
 *
 * Colours come from the sheet of styles (dark on white, also at night: readers want it so). Pure. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "format/html.h"

enum { QR_TEXT_MAX_BYTES = 1000, QR_QUIET = 4 };

/* RC_LIMIT for a longer text; RC_INVALID for an empty one or one with U+0000. label: what a screen reader says. */
MUST_USE enum rc qr_svg(struct buf *out, str text, str label, struct err *err);
/* The bits, row by row, for tests and other printers: 1 dark. *out_side modules a side, without quiet. */
MUST_USE enum rc qr_bits(struct arena *a, str text, unsigned char **out_bits, int *out_side, struct err *err);
