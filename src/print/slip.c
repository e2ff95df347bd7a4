/* slip.c -- see print.h: codes, slips to cut, the certificate. */
#include "format/qr.h"
#include "print/print.h"

enum { SLIPS_ACROSS = 2, SLIPS_DOWN = 4 };
#define SLIP_MARGIN (10 * MM)

bool code_put(struct sheet *s, str text, double x, double y, double side, struct err *err)
{
	unsigned char *bits;
	int n;
	if (qr_bits(s->a, text, &bits, &n, err) != RC_OK)
		return false;
	double unit = side / (n + 2 * QR_QUIET);
	ink(s, 0);
	for (int r = 0; r < n; r++)
		for (int c = 0, to; c < n; c = to) {
			for (to = c + 1; to < n && bits[r * n + to] == bits[r * n + c]; to++)
				;
			if (bits[r * n + c]) /* rows overlap by a hair, so that no viewer shows a seam */
				cairo_rectangle(s->cr, x + (c + QR_QUIET) * unit, y + (r + QR_QUIET) * unit,
					(to - c) * unit, unit * 1.02);
		}
	cairo_fill(s->cr);
	return true;
}

static double lines_put(
	struct sheet *s, const struct style *style, const struct json_v *lines, double x, double y, double w)
{
	double from = y;
	for (size_t i = 0; lines && i < lines->n; i++)
		y += text_put(s, style, lines->items[i].text, x, y, w);
	return y - from;
}

bool code_block(struct sheet *s, const struct json_v *block, struct err *err)
{
	double side = 26 * MM;
	const struct style *style = style_of(s->layout, STR("verify"));
	sheet_need(s, side);
	if (!code_put(s, json_get_str(block, "qr"), s->left, s->y, side, err))
		return false;
	lines_put(s, style, json_get(block, "lines"), s->left + side + 4, s->y + 3 * MM, s->width - side - 4);
	s->y += side;
	return true;
}

/* ---- slips ---- */

static bool slip(
	struct sheet *s, const struct json_v *v, double x, double y, double w, double h, struct err *err)
{
	double side = 40 * MM, pad = 4 * MM, in = x + side + pad, width = w - side - 2 * pad;
	if (!code_put(s, json_get_str(v, "qr"), x + pad / 2, y + pad, side, err))
		return false;
	double at = y + pad + 4;
	at += text_put(s, style_of(s->layout, STR("slip")), json_get_str(v, "head"), in, at, width);
	lines_put(s, style_of(s->layout, STR("slip-line")), json_get(v, "lines"), in, at + 3, width);
	at = y + pad + side + 2;
	at += text_put(
		s, style_of(s->layout, STR("slip-line")), json_get_str(v, "type"), x + pad, at, w - 2 * pad);
	text_put(s, style_of(s->layout, STR("slip-code")), json_get_str(v, "code"), x + pad, at + 1,
		w - 2 * pad);
	ink(s, 0x8A958F);
	cairo_set_line_width(s->cr, 0.5);
	cairo_set_dash(s->cr, (const double[]){3, 3}, 2, 0);
	cairo_rectangle(s->cr, x, y, w, h);
	cairo_stroke(s->cr);
	cairo_set_dash(s->cr, NULL, 0, 0);
	return true;
}

bool slips_put(struct sheet *s, const struct json_v *slips, struct err *err)
{
	enum { A_PAGE = SLIPS_ACROSS * SLIPS_DOWN };
	double w = (s->page_w - 2 * SLIP_MARGIN) / SLIPS_ACROSS,
	       h = (s->page_h - 2 * SLIP_MARGIN - 8 * MM) / SLIPS_DOWN;
	for (size_t i = 0; i < slips->n; i++) {
		size_t at = i % A_PAGE;
		if (i > 0 && at == 0) {
			sheet_end_page(s);
			sheet_new_page(s);
		}
		if (!slip(s, &slips->items[i], SLIP_MARGIN + w * (double)(at % SLIPS_ACROSS),
			    SLIP_MARGIN + h * (double)(at / SLIPS_ACROSS), w, h, err))
			return false;
	}
	s->y = s->bottom;
	return true;
}

/* ---- the certificate ---- */

static void frame(struct sheet *s)
{
	static const struct {
		double in, thick;
	} lines[] = {{11 * MM, 3}, {13.2 * MM, 0.8}};
	ink(s, 0xB3261E);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		cairo_set_line_width(s->cr, lines[i].thick);
		cairo_rectangle(s->cr, lines[i].in, lines[i].in, s->page_w - 2 * lines[i].in,
			s->page_h - 2 * lines[i].in);
		cairo_stroke(s->cr);
	}
}

bool certificate_put(struct sheet *s, const struct json_v *c, struct err *err)
{
	const struct style *by = style_of(s->layout, STR("by"));
	const struct json_v *issued = json_get(c, "by");
	double side = 30 * MM, foot = s->page_h - 60 * MM, right = 86 * MM;
	frame(s);
	text_put(
		s, style_of(s->layout, STR("number")), json_get_str(c, "number"), s->left, 20 * MM, s->width);
	text_put(s, style_of(s->layout, STR("title")), json_get_str(c, "head"), s->left, 32 * MM, s->width);
	text_put(s, style_of(s->layout, STR("say")), json_get_str(c, "say"), s->left + 8 * MM, 66 * MM,
		s->width - 16 * MM);
	if (!code_put(s, json_get_str(c, "qr"), s->left, foot, side, err))
		return false;
	lines_put(s, style_of(s->layout, STR("verify")), json_get(c, "verify"), s->left + side + 2 * MM,
		foot + 4 * MM, s->width - right - side - 8 * MM);
	lines_put(s, by, issued, s->left + s->width - right, foot + 2 * MM, right);
	return true;
}
