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

/* 版头 and 版记 (GB/T 9704-2012, 7.2 to 7.4). Empty texts stand nowhere.
 *     document  the issuing body's name in red over a red rule; number centred above it, or, where a signer is named (a report
 *               to a superior, 上行文), number left and 签发人 right; addressee; signature and date placed for the stamp; 抄送 and
 *               印发 between rules at the end
 *     letter    the name over a double red rule, number right under it, no 印发 line
 *     brief     简报 in red, number centred in brackets, body left and date right over the rule; 版记 as above
 * The measures of the name (小标宋, red) are ours: the standard asks for red and centred, not for a size. */
enum docx_letterhead_kind { LETTERHEAD_NONE, LETTERHEAD_DOCUMENT, LETTERHEAD_LETTER, LETTERHEAD_BRIEF };
struct docx_letterhead {
	enum docx_letterhead_kind kind;
	str organ, number, signer, addressee, attachments, copies, printed_by;
	str date; /* 2026年1月8日; of the edition, not of the clock */
};

struct docx_write_options {
	str note; /* 草稿: in every header; empty for none */
	struct docx_letterhead head;
};

MUST_USE enum rc docx_write(struct arena *a, const struct prose *p, const struct docx_write_options *options,
	struct buf *out, struct err *err);
