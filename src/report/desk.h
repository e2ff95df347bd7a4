/* desk.h -- a report's text as its author sees it: filled today, and beside each paragraph what stands against it.
 *
 * The text is markdown with slots (outline.h). It is cut into paragraphs: runs of lines between blank ones, joined where a
 * block ({{#if}}, {{#each}}) goes over several. Each is filled by itself, so that what it became and what is said of it
 * stay together. Findings:
 *     gap          a slot that prints 【待补】                                   bars
 *     fault        the paragraph is no template: its words say why               bars
 *     zero         a sentence prints 0 (R6): let it fall away, or state it       bars until kept
 *     unbacked     a number that no slot backs                                   bars
 *     contradicted a number that its figure does not agree with                  bars
 *     claim        全覆盖, 全市, 有效缓解 ... (R7)                                bars until kept
 *     share        a percentage without its base                                 bars until kept
 *     instead      人次 printed for 人                                            waits
 *     small        below its way of writing, printed exactly                     waits
 *     apart        同比 is not told, both values stand                           waits
 *     outcome      an outcome without evidence                                   a note
 *     dropped      a sentence that fell away, its figure being zero or untold    a note
 * Found in the text as written, in those places that the filled text still shows. A finding is named by a key that follows
 * from its kind, words and sentence, so that "kept, because ..." holds until the sentence changes.
 * Pure but for the source's answers. Everything lives in the arena. */
#pragma once
#include "format/prose.h"
#include "report/lint.h"
#include "report/template.h"

enum { DESK_PARAGRAPHS_MAX = 2000, DESK_KEY_BYTES = 33 };

enum desk_kind {
	DESK_GAP,
	DESK_FAULT,
	DESK_ZERO,
	DESK_UNBACKED,
	DESK_CONTRADICTED,
	DESK_CLAIM,
	DESK_SHARE,
	DESK_INSTEAD,
	DESK_SMALL,
	DESK_APART,
	DESK_OUTCOME,
	DESK_DROPPED,
	DESK_KINDS
};

enum desk_weight { DESK_MUST, DESK_WAIT, DESK_NOTE };

struct desk_finding {
	enum desk_kind kind;
	enum desk_weight weight;
	size_t paragraph; /* from 0 */
	size_t at, n;     /* bytes of the paragraph's source; n 0: no literal */
	str what;         /* those bytes, or the figure's label */
	str text;         /* a sentence for people */
	str slot;         /* as written, of a slot's finding */
	str figure;       /* its id, or empty */
	str unit;         /* of the number */
	struct lint_near near[LINT_NEAR_MAX];
	size_t near_n;
	str key;
	str kept; /* why it is kept; empty: it is not. The caller's, before desk_count */
};

struct desk_span {
	str text, tag, label;
	size_t finding; /* index + 1 of a literal finding; 0: none */
};

struct desk_block {
	enum prose_kind kind;
	struct desk_span *spans;
	size_t n;
	const struct prose_block *table; /* of a table */
};

struct desk_paragraph {
	str source;
	size_t at; /* byte of the body */
	struct desk_block *blocks;
	size_t n;
	bool remark; /* a comment of the template's author */
};

struct desk {
	struct arena *a;
	const struct slot_source *source;
	const struct lint_figure *figures;
	size_t figures_n;
	/* Out. */
	struct desk_paragraph *paragraphs;
	size_t n;
	struct desk_finding *findings; /* by paragraph */
	size_t findings_n, findings_cap;
	struct template_run run; /* what was printed */
	size_t ascii_marks;      /* punctuation to be put right (punctuate.h) */
	size_t must, wait;       /* desk_count */
};

MUST_USE enum rc desk_look(struct desk *d, str body, struct err *err);
/* must: findings that bar and are not kept. */
void desk_count(struct desk *d);
bool desk_may_keep(enum desk_kind kind);
const char *desk_kind_name(enum desk_kind kind);  /* "gap" ... for JSON */
const char *desk_kind_words(enum desk_kind kind); /* for people, translated */
/* The paragraphs of a body, without looking at them. */
struct desk_paragraph *desk_split(struct arena *a, str body, size_t *out_n);

/* Changes of a body; each gives the whole new body. Sentences end at 。；！？ and never reach over a block's tag. */
str desk_replace(struct arena *a, str body, const struct desk_paragraph *p, size_t at, size_t n, str with);
str desk_drop_sentence(struct arena *a, str body, const struct desk_paragraph *p, size_t at);
/* {{#if ID}} around the sentence that holds the slot: it falls away while the figure is zero. */
str desk_guard(struct arena *a, str body, const struct desk_paragraph *p, str slot);
/* {{#if not ID}}LABEL为零。{{/if}} at the paragraph's end. */
str desk_state_zero(struct arena *a, str body, const struct desk_paragraph *p, str id, str label);
/* Another way of writing for a slot; rule empty: exactly. */
str desk_rewrite(struct arena *a, str body, const struct desk_paragraph *p, str slot, str rule);
