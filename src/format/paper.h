/* paper.h -- sheets of paper as PDF: what stands on them is said here, qinghe-print (src/print) sets and draws it.
 *
 *     page_*, report ──paper_text…──► JSON ──box (foreign.h)──► qinghe-print ──► PDF
 *
 * The printer is a program of its own, so that the server needs no cairo, pango and fonts, and a fault in a reader of fonts
 * meets no key: it runs in a box (base/box.h), sees the system's programs and fonts, has no network and writes nothing but
 * its answer. It lies beside qinghe or on the PATH; elsewhere pages print from the browser.
 *
 * The language (UTF-8, one object; what qinghe-print reads from its standard input):
 *     {"layout": "gov" | "plain" | "across", "title": …, "note": …, "blocks": [ … ]}
 *   gov: GB/T 9704-2012, 22 lines of 28 characters, page numbers outside; plain: A4, 20 mm around, number in the middle;
 *   across: A4 across in a frame, no number. note stands at the upper right of each page (草稿). A block is one of
 *     {"text": …, "style": S}          S by layout: src/print/face.c has the table
 *     {"sides": [left, right], "style": S}   on one line
 *     {"rule": "red" | "ink" | "thin"}       across the type area
 *     {"rule": "double"}                     a letter's (函): red, thick over thin, 170 mm
 *     {"rule": "mail"}                       its lower one: thin over thick, 20 mm over the edge of this page, which bears no
 *                                            number
 *     {"foot": [ … ]}                        texts, sides and rules at the foot of the type area (版记), where it is free
 *     {"blank": lines}   {"page": true}
 *     {"table": [[cell, …], …], "header": rows repeated on each page}   rows are never cut
 *     {"seal": [organ, date]}          署名 and 成文日期: the date four characters in from the right, the name centred over it,
 *                                      room for the stamp above; never alone on a page
 *     {"sign": [[label, name, date], …]}     places to sign, side by side
 *     {"slips": [{"qr": …, "head": …, "lines": [ … ], "type", "code"}, …]}  two by four a page, to cut
 *     {"qr": …, "lines": [ … ]}        a picture 22 mm wide, lines right of it
 *     {"certificate": {"number", "head", "say", "qr", "verify": [ … ], "by": [ … ]}}
 * Codes are drawn as squares of the paper's own ink: sharp at any size. */
#pragma once
#include "base/box.h"
#include "format/json.h"

enum { PAPER_MAX_BYTES = 16 << 20, PAPER_PDF_MAX_BYTES = 64 << 20, PAPER_SECONDS_MAX = 60 };

enum paper_layout { PAPER_GOV, PAPER_PLAIN, PAPER_ACROSS };

struct paper {
	struct json j;
	struct buf b;
};

/* paper_init and then always paper_print or paper_done. Texts are copied. */
void paper_init(struct paper *d, enum paper_layout layout, str title, str note);
void paper_done(struct paper *d);
void paper_text(struct paper *d, const char *style, str text);
void paper_sides(struct paper *d, const char *style, str left, str right);
void paper_rule(struct paper *d, const char *kind);
void paper_blank(struct paper *d, int lines);
void paper_qr(struct paper *d, str address, const str *lines, size_t n);
/* A block {"key": … to be ended by paper_end; between them the caller writes its value with d->j. */
struct json *paper_block(struct paper *d, const char *key);
void paper_end(struct paper *d);
void paper_strings(struct paper *d, const str *list, size_t n); /* an array of texts */

bool paper_printer(void); /* qinghe-print is there */
/* Prints and releases. RC_NOT_FOUND: no qinghe-print here, the text names the package; RC_LIMIT: too large. */
MUST_USE enum rc paper_print(struct paper *d, struct arena *a, str *out_pdf, struct err *err);

/* The child's life (foreign.h). */
enum rc paper_box_run(struct box *b, struct arena *a, str input, str argument, struct err *err);
