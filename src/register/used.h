/* used.h -- where a register, a field or a figure is used: what a change of it would touch. From the declarations alone.
 *
 * Of a register: the figures that count its rows or follow a reference through it, registers that refer to it, reports,
 * imports, rules and scales whose text names it. Of a field: the figures and checks whose conditions read it (by any path),
 * key, event date, moves that need or stamp it, lists, who is shown it by name; reports through those figures. Of a figure:
 * rates, parts and whole, targets, reports and rules that name it. A text (rules/, reports/, imports/, instruments/) counts
 * where the id stands in it as a whole word; it may say one too many, never one too few. */
#pragma once
#include "register/model.h"

enum used_kind {
	USED_FIGURE, /* id: the figure's */
	USED_CHECK,  /* id: the register's whose rows it judges; say: its words */
	USED_MOVE,   /* id: the register's; say: the move */
	USED_REGISTER,
	USED_FORM, /* key, event date, list, import state: id the register's */
	USED_REPORT,
	USED_IMPORT,
	USED_RULE,
	USED_SCALE
};

struct used {
	enum used_kind kind;
	str id, label, how; /* how: in the thread's language */
};

/* field NULL: the register itself. */
void used_reg(struct arena *a, const struct model *m, const struct reg *reg, const struct field *field,
	struct used **out, size_t *out_n);
void used_figure(
	struct arena *a, const struct model *m, const struct figure *f, struct used **out, size_t *out_n);
const char *used_kind_words(enum used_kind k); /* in the thread's language */
/* Does the text hold the id as a whole word (letters, digits, _ and . go on)? */
bool used_named(str text, str id);
