/* print.h -- inside qinghe-print: JSON of format/paper.h on standard input, PDF on standard output, nothing else.
 *
 *     main.c         reads, loops over the blocks, ends pages
 *     face.c         which fonts stand in for which face; a layout of text in a style
 *     flow.c         lines, tables, rules, signatures, seal: what follows the cursor down the page
 *     slip.c         codes, slips to cut, the certificate: what has its own place
 *
 * Measures are points (1/72 inch), y grows downwards. A fault of the input is a sentence on standard error and exit 2.
 * Faces are named as the .docx names them (仿宋_GB2312 ...) and taken where they are installed; else Fandol (Debian's
 * texlive-lang-chinese, or fonts/ beside the program), else Noto CJK. A character that a face lacks comes from the next. */
#pragma once
#include "format/json.h"
#include <pango/pangocairo.h>

#define MM (72 / 25.4)

enum face { FACE_FANG, FACE_KAI, FACE_HEI, FACE_SONG, FACE_BIAO, FACE_MONO, FACES };
enum align { TO_BOTH, TO_LEFT, TO_MIDDLE, TO_RIGHT };

struct style {
	const char *name;
	enum face face;
	double size, line; /* points; of a line, whatever stands in it */
	double indent;     /* characters, of the first line */
	double closer;     /* points that each character is nearer to the next */
	enum align align;
	bool keep;    /* not parted from what follows */
	uint32_t ink; /* 0xRRGGBB */
};

enum layout { LAYOUT_GOV, LAYOUT_PLAIN, LAYOUT_ACROSS };

struct sheet {
	struct arena *a;
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoContext *fonts;
	enum layout layout;
	double page_w, page_h, left, top, width, bottom; /* of the type area */
	double y;
	int page;
	bool unnumbered; /* this page */
	str note;
};

void faces_start(const char *program); /* its own fonts/ folder is looked into as well */
void faces_use(struct sheet *s);
const struct style *style_of(enum layout layout, str name); /* body where there is no such style */
/* Text in a style, broken at width points (0: one line). The caller unrefs it. */
PangoLayout *layout_make(struct sheet *s, const struct style *style, str text, double width);
double layout_width(PangoLayout *l);

/* ---- flow.c ---- */
void sheet_new_page(struct sheet *s);
void sheet_end_page(struct sheet *s);
/* A new page unless height fits on this one. */
void sheet_need(struct sheet *s, double height);
/* Lines from..to of a layout at x, y downwards, as high as the style says. */
void layout_draw(
	struct sheet *s, PangoLayout *l, const struct style *style, double x, double y, int from, int to);
/* In one go, without a page break: how far down it went. */
double text_put(struct sheet *s, const struct style *style, str text, double x, double y, double width);
void ink(struct sheet *s, uint32_t rgb);
/* The block at i of blocks; false with a text for an unknown one. */
bool flow_block(struct sheet *s, const struct json_v *blocks, size_t i, struct err *err);

/* ---- slip.c ---- */
/* A QR picture side points wide, with its quiet margin. */
bool code_put(struct sheet *s, str text, double x, double y, double side, struct err *err);
bool slips_put(struct sheet *s, const struct json_v *slips, struct err *err);
bool code_block(struct sheet *s, const struct json_v *block, struct err *err);
bool certificate_put(struct sheet *s, const struct json_v *c, struct err *err);
