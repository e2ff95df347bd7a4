/* lint.h -- what a report's text says that no record backs.
 *
 * Looked at: a .docx (ours or edited by others) or a markdown text. A number is backed where it stands in a content
 * control tagged with a slot, or in {{ }} of a template. Found are, each with its paragraph, the words around it and the
 * nearest figures:
 *     LINT_UNBACKED   a quantity that no slot backs (Arabic or Chinese); years, dates, ordinals, document numbers and help
 *                     lines are not quantities (figure/numeral.h)
 *     LINT_CHANGED    a control's text is not what its slot prints today
 *     LINT_HEDGE      two hedges at once, or a number beside a figure of the same words that it contradicts
 *     LINT_UNIVERSAL  全覆盖, 全市, 有效缓解, 显著提高 ...: a claim about all, or of effect (R7)
 *     LINT_OUTCOME    不仅……还增强了: an outcome without evidence; a note, never a block
 *     LINT_RATE       a percentage in a sentence that does not name its base
 * The nearest figures are those whose value agrees with the number, whose unit is the same, and whose label shares most
 * characters with the sentence, in this order of weight. Pure but for the source's answers. */
#pragma once
#include "figure/numeral.h"
#include "report/slot.h"

enum lint_kind { LINT_UNBACKED, LINT_CHANGED, LINT_HEDGE, LINT_UNIVERSAL, LINT_OUTCOME, LINT_RATE };
enum { LINT_NEAR_MAX = 3 };

/* A figure as the linter compares it; printed: by its declared rule. */
struct lint_figure {
	str id, label, unit, printed;
	int64_t value; /* hundredths (numeral_hundredths); of a rate hundredths of a per cent */
	bool rate;
	bool untold; /* no value (report_source_figures with all) */
	bool full;   /* {{full ID}} speaks of it */
	bool usual;  /* the model's own yearly report prints it */
};

struct lint_near {
	const struct lint_figure *figure;
	bool agrees;
};

struct lint_finding {
	enum lint_kind kind;
	str part;
	size_t paragraph;
	size_t at, n; /* bytes of the paragraph */
	str what;     /* those bytes */
	str sentence; /* that it stands in */
	str slot;     /* LINT_CHANGED: the slot; and what it prints */
	str prints;
	struct lint_near near[LINT_NEAR_MAX];
	size_t near_n;
};

struct lint {
	struct arena *a;
	const struct lint_figure *figures;
	size_t figures_n;
	const struct slot_source *source; /* for LINT_CHANGED; may be NULL */
	/* Out. */
	struct lint_finding *findings;
	size_t n, cap;
};

MUST_USE enum rc lint_docx(struct lint *l, str docx, struct err *err);
void lint_markdown(struct lint *l, str text);
/* The sentence around [at, at + n) of a paragraph. */
str lint_sentence(str text, size_t at, size_t n);
/* What stands around [at, at + n) up to the nearest of the stops (ends with NULL) on either side. */
str text_between(str text, size_t at, size_t n, const char *const *stops);
/* Share of the label's neighbouring pairs of characters that stand in the sentence too, in thousandths. */
int64_t lint_likeness(str label, str s);
/* Equal, or both of persons (名 人 位). */
bool lint_same_unit(str a, str b);
const char *lint_kind_name(enum lint_kind kind); /* "unbacked" ... for JSON */
/* One sentence for people: what, and what to do. */
str lint_text(struct arena *a, const struct lint_finding *f);
