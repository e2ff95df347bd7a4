/* qr.c -- see qr.h. */
#include "format/qr.h"
#include <qrencode.h>
#include <string.h>

enum rc qr_bits(struct arena *a, str text, unsigned char **out_bits, int *out_side, struct err *err)
{
	if (text.n > QR_TEXT_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "a QR picture holds at most %d bytes", (int)QR_TEXT_MAX_BYTES);
	if (text.n == 0 || memchr(text.p, 0, text.n))
		return FAIL(err, RC_INVALID, "nothing to draw as a QR picture");
	QRcode *q = QRcode_encodeString8bit(arena_cstr(a, text), 0, QR_ECLEVEL_M);
	if (q == NULL)
		return FAIL(err, RC_IO, "no memory to draw a QR picture");
	size_t n = (size_t)q->width * (size_t)q->width;
	*out_side = q->width;
	*out_bits = arena_alloc(a, n);
	for (size_t i = 0; i < n; i++)
		(*out_bits)[i] = q->data[i] & 1;
	QRcode_free(q);
	return RC_OK;
}

enum rc qr_svg(struct buf *out, str text, str label, struct err *err)
{
	struct arena a = {0};
	unsigned char *bits;
	int side;
	enum rc rc = qr_bits(&a, text, &bits, &side, err);
	if (rc != RC_OK) {
		arena_done(&a);
		return rc;
	}
	buf_printf(out, "<svg class=\"q\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
		side + 2 * QR_QUIET, side + 2 * QR_QUIET);
	html_text(out, label);
	buf_puts(out, "\"><path d=\"");
	for (int y = 0; y < side; y++)
		for (int x = 0, run; x < side; x += run) {
			bool dark = bits[y * side + x];
			for (run = 1; x + run < side && bits[y * side + x + run] == dark;)
				run++;
			if (dark)
				buf_printf(out, "M%d %dh%dv1h-%dz", x + QR_QUIET, y + QR_QUIET, run, run);
		}
	buf_puts(out, "\"/></svg>");
	arena_done(&a);
	return RC_OK;
}
