/* template.h -- the language inside {{ }} (contract.md, "The report"), over plain text and Word alike.
 *
 *     {{ID}}  {{ID|RULE}}  {{ID|print}}  {{ID|同比}}  {{full ID}}     ID with @prev, @2024, @org:CODE behind it
 *     {{ID|cell}}  {{ID|cell RULE}}  of a table: exactly (or so), — where it cannot be told, never a gap and never a note
 *     {{year}} {{year+1}} {{name.city}} ...                          texts
 *     {{#if ID}} ... {{/if}}   {{#if not ID}}                        told and not zero; a text not empty; a list with rows
 *     {{#each LIST}} ... {{/each}}                                   inside: the row's texts, {{no}} 1 2 3, {{nth}} 一 二 三
 * RULE is one of round.h. Full-width ｜ ＠ ＃ ／ ： ＋ are read like their ASCII forms.
 *
 * Printing: R5 by round.h. A figure that cannot be told prints its `instead` with its unit: the unit word right behind
 * the slot is replaced (人 -> 人次). Zero prints 0. Both, and a value below its step, leave a note
 * (the latter two not inside {{#each}}: a row is no sentence). 同比 prints 增长12.5%,
 * with 同比 (of a running period 比上年同期) before it unless the text has it; where the definition or the worst evidence grade differs, or last year is
 * zero or untold, both values print and a note says why. {{full ID}} says 全覆盖 only of all (R7).
 *
 * A figure that a public copy withholds (withhold.h) prints ＊, whatever the rule; {{#if}} takes it as not zero, so that
 * neither the sentence nor its absence tells anything.
 *
 * Faults (RC_INVALID, naming slot and paragraph): unknown slot, list or rule, a figure with nothing to tell, a closing
 * that does not fit. In a draft those that are gaps print 【待补：LABEL】 and become notes instead; faults of syntax stay. */
#pragma once
#include "format/docx_write.h"
#include "format/slots.h"
#include "report/slot.h"

enum template_note_kind {
	NOTE_ZERO,
	NOTE_BELOW_STEP,
	NOTE_INSTEAD,
	NOTE_NOT_COMPARED,
	NOTE_GAP /* drafts only */
};

struct template_note {
	enum template_note_kind kind;
	str slot; /* as written */
	str part;
	size_t paragraph;
	str text; /* a sentence in the reader's language */
	str bare; /* the same without its place */
};

struct json;
struct template_run;
/* "notes": [{kind, slot, part, paragraph, text}] into the open object. */
void template_notes_json(struct json *j, const struct template_run *run);

/* A figure that was printed: what an edition freezes. */
struct template_used {
	struct slot_ref ref;
	str printed;
	struct slot_answer answer;
	bool cell; /* of a table ({{ID|cell}}), not of the text */
};

struct report_verify;
struct template_run {
	struct arena *a;
	const struct slot_source *source;
	bool draft;
	str note;                           /* for the document's header, besides the draft's; may be empty */
	const struct docx_letterhead *head; /* of a .docx made of our own texts; NULL: none */
	const struct report_verify *verify; /* of a .pdf made of our own texts (printed.h); NULL: nowhere */
	/* Out. */
	struct template_note *notes;
	size_t notes_n, notes_cap;
	struct template_used *used;
	size_t used_n, used_cap;
	/* The open blocks; private. */
	struct template_block {
		struct slot_list list;
		size_t i;
		bool each;
	} stack[SLOTS_DEPTH_MAX];
	size_t depth;
};

void template_init(struct template_run *t, struct arena *a, const struct slot_source *source, bool draft);
/* The host to hand to slots_fill_text or docx_fill; valid as long as t. */
struct slot_host template_host(struct template_run *t);

struct slot_tag_parts {
	enum { TAG_VALUE, TAG_FULL, TAG_IF, TAG_IF_NOT, TAG_EACH, TAG_END_IF, TAG_END_EACH } kind;
	struct slot_ref ref; /* for each: its list's name is ref.id */
	str rule;            /* after the bar, maybe empty */
};
/* false: not of the language. Slices of a copy in a. */
bool template_parse(struct arena *a, str inside, struct slot_tag_parts *out);
/* The canonical text, as a content control's tag holds it: vol.attend@prev|百余. */
str template_tag(struct arena *a, const struct slot_tag_parts *p);
