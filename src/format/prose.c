/* prose.c -- see prose.h. */
#include "format/prose.h"

size_t prose_annex(const struct prose *p, size_t i, size_t *out_of)
{
	size_t before = 0;
	*out_of = 0;
	for (size_t k = 0; k < p->n; k++) {
		*out_of += p->blocks[k].kind == PROSE_ANNEX;
		before += p->blocks[k].kind == PROSE_ANNEX && k <= i;
	}
	return before;
}

bool prose_table_note(const struct prose_block *b, const struct prose_block *before)
{
	return before && before->kind == PROSE_TABLE && b->kind == PROSE_PARAGRAPH && b->text.n > 0 &&
	       str_starts(b->text.spans[0].text, STR("注："));
}
