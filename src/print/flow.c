/* flow.c -- see print.h: what follows the cursor down the page. */
#include "print/print.h"
#include <math.h>

enum { COLUMNS_MAX = 24, TAIL_LINES = 2, SIGN_LINES = 8 };
#define CELL_PAD 4.0
#define HAIR 0.6
#define RED 0xC8102E
#define SEAL_LINES 2 /* blank ones above the name, where the stamp reaches up */

void ink(struct sheet *s, uint32_t rgb)
{
	cairo_set_source_rgb(s->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0);
}

/* ---- pages ---- */

void sheet_new_page(struct sheet *s)
{
	s->page++;
	s->y = s->top;
	s->unnumbered = false;
	if (s->note.n) {
		const struct style *style = style_of(s->layout, STR("page"));
		PangoLayout *l = layout_make(s, style, s->note, 0);
		layout_draw(s, l, style, s->left + s->width - layout_width(l), 20 * MM, 0, 1);
		g_object_unref(l);
	}
}

/* "— 3 —": outside and one character in on an official document, else in the middle. */
void sheet_end_page(struct sheet *s)
{
	char text[40];
	const struct style *style = style_of(s->layout, STR("page"));
	if (s->layout != LAYOUT_ACROSS && !s->unnumbered) {
		snprintf(text, sizeof text, "— %d —", s->page);
		PangoLayout *l = layout_make(s, style, str_of(text), 0);
		double w = layout_width(l), x = s->left + (s->width - w) / 2, y = s->page_h - 14 * MM;
		if (s->layout == LAYOUT_GOV) {
			x = s->page % 2 ? s->left + s->width - w - style->size : s->left + style->size;
			y = s->bottom + 7 * MM - style->line / 2;
		}
		layout_draw(s, l, style, x, y, 0, 1);
		g_object_unref(l);
	}
	cairo_show_page(s->cr);
}

void sheet_need(struct sheet *s, double height)
{
	if (s->y + height > s->bottom + 0.5 && s->y > s->top) {
		sheet_end_page(s);
		sheet_new_page(s);
	}
}

/* ---- lines ---- */

void layout_draw(
	struct sheet *s, PangoLayout *l, const struct style *style, double x, double y, int from, int to)
{
	PangoLayoutIter *it = pango_layout_get_iter(l);
	int i = 0;
	ink(s, style->ink);
	do {
		PangoRectangle r;
		if (i >= to)
			break;
		if (i < from)
			continue;
		pango_layout_iter_get_line_extents(it, NULL, &r);
		/* Every line stands on the same grid, whichever font its characters came from. */
		cairo_move_to(s->cr, x + (double)r.x / PANGO_SCALE,
			y + (i - from) * style->line + style->line / 2 + style->size * 0.36);
		pango_cairo_show_layout_line(s->cr, pango_layout_iter_get_line_readonly(it));
	} while (i++, pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
}

double text_put(struct sheet *s, const struct style *style, str text, double x, double y, double width)
{
	PangoLayout *l = layout_make(s, style, text, width);
	int n = pango_layout_get_line_count(l);
	layout_draw(s, l, style, x, y, 0, n);
	g_object_unref(l);
	return n * style->line;
}

static double line_of(struct sheet *s)
{
	return style_of(s->layout, STR("body"))->line;
}

static double sign_height(struct sheet *s)
{
	return SIGN_LINES * style_of(s->layout, STR("cell"))->line;
}

/* What must stand on the page of block i's last lines or rows: a signature right behind it. */
static double tail_of(struct sheet *s, const struct json_v *blocks, size_t i)
{
	double h = 0;
	for (i++; i < blocks->n; i++) {
		int64_t lines;
		const struct json_v *b = &blocks->items[i];
		if (json_get(b, "seal"))
			return h + (SEAL_LINES + 2) * line_of(s);
		if (json_get(b, "sign"))
			return h + sign_height(s);
		if (!json_get_i64(b, "blank", &lines))
			return 0;
		h += (double)lines * line_of(s);
	}
	return 0;
}

/* The least of the next block that a heading above it needs. */
static double head_room(struct sheet *s, const struct json_v *blocks, size_t i)
{
	double h = 0;
	int64_t lines;
	if (i + 1 < blocks->n && json_get_i64(&blocks->items[i + 1], "blank", &lines))
		h = (double)lines * line_of(s), i++;
	if (i + 1 >= blocks->n)
		return h;
	if (json_get(&blocks->items[i + 1], "table"))
		return h + 4 * style_of(s->layout, STR("cell"))->line;
	return h + style_of(s->layout, json_get_str(&blocks->items[i + 1], "style"))->line +
	       tail_of(s, blocks, i + 1);
}

/* A title of several lines: as even as they can be, the longest first. */
static void balance(PangoLayout *l)
{
	int n = pango_layout_get_line_count(l), full = pango_layout_get_width(l), low = full / 2, high = full;
	while (n > 1 && high - low > PANGO_SCALE) {
		int middle = (low + high) / 2;
		pango_layout_set_width(l, middle);
		if (pango_layout_get_line_count(l) > n)
			low = middle;
		else
			high = middle;
	}
	pango_layout_set_width(l, high);
}

static void text_block(struct sheet *s, const struct json_v *blocks, size_t i)
{
	const struct json_v *b = &blocks->items[i];
	const struct style *style = style_of(s->layout, json_get_str(b, "style"));
	PangoLayout *l = layout_make(s, style, json_get_str(b, "text"), s->width);
	int n = pango_layout_get_line_count(l);
	double tail = tail_of(s, blocks, i), x = s->left;
	if (style->align == TO_MIDDLE && n > 1) {
		balance(l);
		x += (s->width - (double)pango_layout_get_width(l) / PANGO_SCALE) / 2;
	}
	if (style->keep)
		sheet_need(s, n * style->line + head_room(s, blocks, i));
	for (int line = 0; line < n; line++) {
		bool last = tail > 0 && (line == n - TAIL_LINES || (line == 0 && n < TAIL_LINES));
		sheet_need(s, last ? (n - line) * style->line + tail : style->line);
		layout_draw(s, l, style, x, s->y, line, line + 1);
		s->y += style->line;
	}
	g_object_unref(l);
}

static void sides_block(struct sheet *s, const struct json_v *b, const struct json_v *sides)
{
	const struct style *style = style_of(s->layout, json_get_str(b, "style"));
	double in = s->layout == LAYOUT_GOV ? style->size : 0;
	if (sides->n != 2)
		return;
	sheet_need(s, style->line);
	PangoLayout *l = layout_make(s, style, sides->items[0].text, 0),
		    *r = layout_make(s, style, sides->items[1].text, 0);
	layout_draw(s, l, style, s->left, s->y, 0, 1);
	layout_draw(s, r, style, s->left + s->width - in - layout_width(r), s->y, 0, 1);
	g_object_unref(l);
	g_object_unref(r);
	s->y += style->line;
}

static void line_across(struct sheet *s, double y, double out, double thick, uint32_t rgb)
{
	ink(s, rgb);
	cairo_set_line_width(s->cr, thick);
	cairo_move_to(s->cr, s->left - out, y);
	cairo_line_to(s->cr, s->left + s->width + out, y);
	cairo_stroke(s->cr);
}

/* Weights after GB/T 9704-2012, 7.4.1 (版记) and 10.1 (信函). */
static void rule_block(struct sheet *s, str kind)
{
	double out = (170 * MM - s->width) / 2, edge = s->page_h - 20 * MM;
	if (str_is(kind, "red")) {
		line_across(s, s->y + 4, 0, 2.25, RED);
	} else if (str_is(kind, "double")) {
		line_across(s, s->y - 2, out, 3, RED); /* the name ends higher up */
		line_across(s, s->y + 1.5, out, 0.75, RED);
	} else if (str_is(kind, "mail")) {
		line_across(s, edge - 3.5, out, 0.75, RED);
		line_across(s, edge, out, 3, RED);
		s->unnumbered = true;
	} else {
		line_across(s, s->y, 0, str_is(kind, "thin") ? 0.7 : 1, 0);
	}
}

/* What stands at the foot of a page begins as far up as it is high. */
static bool foot_block(struct sheet *s, const struct json_v *foot, struct err *err)
{
	double height = 0;
	for (size_t i = 0; i < foot->n; i++) {
		const struct json_v *b = &foot->items[i];
		const struct style *style = style_of(s->layout, json_get_str(b, "style"));
		if (json_get(b, "sides"))
			height += style->line;
		if (!json_get(b, "text"))
			continue;
		PangoLayout *l = layout_make(s, style, json_get_str(b, "text"), s->width);
		height += pango_layout_get_line_count(l) * style->line;
		g_object_unref(l);
	}
	sheet_need(s, height);
	s->y = s->bottom - height;
	for (size_t i = 0; i < foot->n; i++)
		if (!json_get(&foot->items[i], "foot") && !flow_block(s, foot, i, err))
			return false;
	return true;
}

/* 署名 and 成文日期. GB/T 9704-2012, 7.3.5.1: the date four characters in from the right, the name centred over it; where the
 * name is wider it ends two characters in and the date stands under its middle. */
static void seal_block(struct sheet *s, const struct json_v *seal)
{
	const struct style *style = style_of(s->layout, STR("flat"));
	double em = style->size;
	if (seal->n != 2)
		return;
	sheet_need(s, (SEAL_LINES + 2) * style->line);
	s->y += SEAL_LINES * style->line;
	PangoLayout *name = layout_make(s, style, seal->items[0].text, 0),
		    *date = layout_make(s, style, seal->items[1].text, 0);
	double nw = layout_width(name), dw = layout_width(date),
	       middle = s->left + s->width - 4 * em - dw / 2;
	if (middle + nw / 2 > s->left + s->width - 2 * em)
		middle = s->left + s->width - 2 * em - nw / 2;
	layout_draw(s, name, style, middle - nw / 2, s->y, 0, 1);
	layout_draw(s, date, style, middle - dw / 2, s->y + style->line, 0, 1);
	g_object_unref(name);
	g_object_unref(date);
	s->y += 2 * style->line;
}

static void sign_block(struct sheet *s, const struct json_v *sign)
{
	const struct style *cell = style_of(s->layout, STR("cell")), *head = style_of(s->layout, STR("head"));
	double w = s->width / (sign->n ? (double)sign->n : 1);
	sheet_need(s, sign_height(s));
	for (size_t i = 0; i < sign->n; i++) {
		const struct json_v *one = &sign->items[i];
		double x = s->left + w * (double)i, y = s->y + cell->line;
		for (size_t k = 0; k < one->n; k++)
			y += text_put(s, k == 1 ? head : cell, one->items[k].text, x, y, w - 24);
		ink(s, 0);
		cairo_set_line_width(s->cr, HAIR);
		cairo_move_to(s->cr, x, s->y + (SIGN_LINES - 1) * cell->line);
		cairo_line_to(s->cr, x + w - 24, s->y + (SIGN_LINES - 1) * cell->line);
		cairo_stroke(s->cr);
	}
	s->y += sign_height(s);
}

/* ---- tables ---- */

struct table {
	const struct json_v *rows;
	size_t columns, header;
	double widths[COLUMNS_MAX];
	bool wordy[COLUMNS_MAX]; /* too long to stand in the middle */
};

static const struct style *cell_style(struct sheet *s, const struct table *t, size_t row)
{
	return style_of(s->layout, row < t->header ? STR("head") : STR("cell"));
}

/* A column gets what its widest cell wants; where that is too much together, the narrow ones get it and the wide ones
 * share the rest. */
static void table_widths(struct sheet *s, struct table *t)
{
	double want[COLUMNS_MAX] = {0}, sum = 0, left = s->width;
	bool given[COLUMNS_MAX] = {false};
	for (size_t r = 0; r < t->rows->n; r++)
		for (size_t c = 0; c < t->rows->items[r].n && c < t->columns; c++) {
			PangoLayout *l =
				layout_make(s, cell_style(s, t, r), t->rows->items[r].items[c].text, 0);
			want[c] = fmax(want[c], layout_width(l) + 2 * CELL_PAD + 1);
			t->wordy[c] = t->wordy[c] || (r >= t->header && layout_width(l) > 150);
			g_object_unref(l);
		}
	for (size_t c = 0; c < t->columns; c++)
		sum += want[c];
	if (sum <= s->width) {
		for (size_t c = 0; c < t->columns; c++)
			t->widths[c] = want[c] * s->width / sum;
		return;
	}
	size_t open = t->columns;
	for (bool more = true; more && open > 0;) {
		double share = left / (double)open;
		more = false;
		for (size_t c = 0; c < t->columns; c++)
			if (!given[c] && want[c] <= share) {
				given[c] = more = true;
				t->widths[c] = want[c];
				left -= want[c];
				open--;
			}
	}
	for (size_t c = 0; c < t->columns; c++)
		if (!given[c])
			t->widths[c] = left / (double)open;
}

static PangoLayout *cell_layout(struct sheet *s, const struct table *t, size_t r, size_t c)
{
	struct style style = *cell_style(s, t, r);
	if (t->wordy[c] && r >= t->header)
		style.align = TO_LEFT;
	return layout_make(s, &style, t->rows->items[r].items[c].text, t->widths[c] - 2 * CELL_PAD);
}

static double row_height(struct sheet *s, const struct table *t, size_t r)
{
	int lines = 1;
	for (size_t c = 0; c < t->rows->items[r].n && c < t->columns; c++) {
		PangoLayout *l = cell_layout(s, t, r, c);
		int n = pango_layout_get_line_count(l);
		lines = n > lines ? n : lines;
		g_object_unref(l);
	}
	return lines * cell_style(s, t, r)->line + CELL_PAD;
}

static void row_draw(struct sheet *s, const struct table *t, size_t r)
{
	double h = row_height(s, t, r), x = s->left;
	const struct style *style = cell_style(s, t, r);
	for (size_t c = 0; c < t->columns; c++) {
		if (c < t->rows->items[r].n) {
			PangoLayout *l = cell_layout(s, t, r, c);
			int n = pango_layout_get_line_count(l);
			layout_draw(s, l, style, x + CELL_PAD, s->y + (h - n * style->line) / 2, 0, n);
			g_object_unref(l);
		}
		ink(s, 0);
		cairo_set_line_width(s->cr, HAIR);
		cairo_rectangle(s->cr, x, s->y, t->widths[c], h);
		cairo_stroke(s->cr);
		x += t->widths[c];
	}
	s->y += h;
}

static void table_block(struct sheet *s, const struct json_v *b, const struct json_v *rows, double tail)
{
	struct table t = {.rows = rows};
	int64_t header = 0;
	double top = 0;
	if (json_get_i64(b, "header", &header) && header > 0 && (size_t)header <= rows->n)
		t.header = (size_t)header;
	for (size_t r = 0; r < rows->n; r++)
		t.columns = rows->items[r].n > t.columns ? rows->items[r].n : t.columns;
	t.columns = t.columns > COLUMNS_MAX ? COLUMNS_MAX : t.columns;
	table_widths(s, &t);
	for (size_t r = 0; r < t.header; r++)
		top += row_height(s, &t, r);
	for (size_t r = 0; r < rows->n; r++) {
		int before = s->page;
		bool last = r + TAIL_LINES == rows->n || (r == 0 && rows->n < TAIL_LINES);
		double more = r == 0             ? top
			      : last && tail > 0 ? tail + row_height(s, &t, r + 1 < rows->n ? r + 1 : r)
						 : 0;
		sheet_need(s, row_height(s, &t, r) + more);
		if (s->page != before && r >= t.header)
			for (size_t h = 0; h < t.header; h++)
				row_draw(s, &t, h);
		row_draw(s, &t, r);
	}
	if (s->layout == LAYOUT_GOV) /* back onto the grid */
		s->y = s->top + ceil((s->y - s->top + 4) / line_of(s)) * line_of(s);
	else
		s->y += CELL_PAD;
}

/* ---- which ---- */

bool flow_block(struct sheet *s, const struct json_v *blocks, size_t i, struct err *err)
{
	const struct json_v *b = &blocks->items[i], *v;
	int64_t lines;
	if (json_get(b, "text")) {
		text_block(s, blocks, i);
	} else if ((v = json_get(b, "sides"))) {
		sides_block(s, b, v);
	} else if (json_get(b, "rule")) {
		rule_block(s, json_get_str(b, "rule"));
	} else if (json_get_i64(b, "blank", &lines)) {
		if (s->y > s->top)
			s->y += (double)lines * line_of(s);
	} else if (json_get(b, "page")) {
		if (s->y > s->top) {
			sheet_end_page(s);
			sheet_new_page(s);
		}
	} else if ((v = json_get(b, "table"))) {
		table_block(s, b, v, tail_of(s, blocks, i));
	} else if ((v = json_get(b, "seal"))) {
		seal_block(s, v);
	} else if ((v = json_get(b, "sign"))) {
		sign_block(s, v);
	} else if ((v = json_get(b, "foot"))) {
		return foot_block(s, v, err);
	} else if ((v = json_get(b, "slips"))) {
		return slips_put(s, v, err);
	} else if ((v = json_get(b, "certificate"))) {
		return certificate_put(s, v, err);
	} else if (json_get(b, "qr")) {
		return code_block(s, b, err);
	} else {
		FAIL(err, RC_INVALID, "block %zu is of no kind that is known", i + 1);
		return false;
	}
	return true;
}
