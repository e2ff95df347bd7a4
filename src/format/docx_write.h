/* docx_write.h -- prose as a Word document in the layout of GB/T 9704-2012 (official documents of the Party and state).
 *
 * A4; white above 37 mm, binding side 28 mm, type area 156 x 225 mm with 22 lines of 28 characters; body 仿宋_GB2312 16 pt,
 * first line in by two characters; title 方正小标宋简体 22 pt, centred; 一、 黑体, （一） 楷体_GB2312, 1. 仿宋; page number
 * 14 pt between dashes under the type area, odd pages right, even pages left, one character in. Faces are named, none is
 * embedded. Measures in twips that give this in Word, WPS and LibreOffice: margins 2098/1474/1984/1587, exact line 579, body
 * spacing -5, docGrid of lines only (linesAndChars breaks in LibreOffice). The standard's text was not at hand: the
 * layout rests on domain.md 2.2 and documents-ui.md 1.2.
 *
 * Traps that are met: the PAGE field stands in runs of its own (WPS); a Chinese quotation mark after a digit begins a run
 * (else it takes the Latin face); header rows repeat; a heading keeps with what follows.
 * Each figure is a content control tagged as its span. The same prose gives the same bytes. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "format/prose.h"

struct docx_write_options {
	str note; /* 草稿: in every header; empty for none */
};

MUST_USE enum rc docx_write(struct arena *a, const struct prose *p, const struct docx_write_options *options,
	struct buf *out, struct err *err);
