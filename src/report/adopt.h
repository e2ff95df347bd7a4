/* adopt.h -- last year's report, written by hand, as this year's template: each number in it becomes a slot.
 *
 * Looked at is every paragraph of a Word document (heads and feet aside), or of a plain text. What is proposed for a piece:
 *     a year             last year's {{year}}, the one after it {{year+1}}, an earlier one {{year-1}}; others stay
 *     “十四五”            {{plan.name}}, of the plan that next year belongs to
 *     a quantity         the figure whose value of last year agrees, whose unit is the same and whose label's words stand
 *                        around it; its way of writing (万余, 百余, 万元 ...) is read off the text
 *     全覆盖              {{full ID}} of a figure with a rate that the sentence names before it
 *     a blank            xx, x0余, xx00余, x万余, 202x, as outlines of reports write them: by unit and words alone
 * A quantity for which no figure is near enough becomes {{open.N}}, a slot that no city knows: a draft prints 【待补：open.N】,
 * a final report refuses it by name. So no number of last year's survives by being overlooked. Dates, ordinals, document
 * numbers, help lines and vague sizes (数百) stay as they are. A number that stands in a content control of ours keeps its slot.
 *
 * Confidence is 0..99: what speaks for the first candidate (value 45, unit 20, words 26, 8 where our own report prints it), less where the second is as near.
 * It is an order of merit for the author, who confirms each; nothing is decided by it but proposal or open slot.
 * Pure but for the document's box. Figures are told of last year's span, each once. */
#pragma once
#include "report/lint.h"

enum { ADOPT_NEAR_MAX = 3, ADOPT_CONFIDENT = 30 };

enum adopt_kind {
	ADOPT_FIGURE,
	ADOPT_TEXT /* year, plan, names */,
	ADOPT_OPEN,
	ADOPT_KEPT /* a control's own slot */
};

struct adopt_candidate {
	const struct lint_figure *figure;
	str slot; /* with its way of writing: vol.attend|百余 */
	int confidence;
	bool agrees; /* its value of last year is what stands there */
};

struct adopt_item {
	enum adopt_kind kind;
	str part;
	size_t paragraph; /* from 1 within the part */
	size_t at, n;     /* bytes of the paragraph */
	str what, sentence, slot;
	int confidence; /* of a figure; 99 of a text or a kept slot */
	struct adopt_candidate near[ADOPT_NEAR_MAX];
	size_t near_n;
};

struct adopt {
	struct arena *a;
	const struct lint_figure *figures; /* all of the model, told or not */
	size_t figures_n;
	int year; /* that the new report tells of */
	/* Out, in reading order. */
	struct adopt_item *items;
	size_t n, cap;
	size_t open_n;
};

/* One paragraph; controls: ranges that must not be looked into (n of them), may be NULL. Items are added. */
struct adopt_range {
	size_t at, n;
	str slot;
};
void adopt_paragraph(struct adopt *ad, str part, size_t paragraph, str text, const struct adopt_range *kept,
	size_t kept_n);
/* The paragraph with its slots in braces. first: its first item. */
str adopt_braced(struct adopt *ad, str text, size_t first);
/* The document with every item as a content control around its slot in braces. */
MUST_USE enum rc adopt_docx(struct adopt *ad, str docx, str *out, struct err *err);
/* The document's text as a template of ours (outline.h): headings by their numbers, paragraphs, slots in braces. */
MUST_USE enum rc adopt_outline(struct adopt *ad, str docx, str *out, struct err *err);
const char *adopt_kind_name(enum adopt_kind kind); /* "figure" "text" "open" "kept" */
