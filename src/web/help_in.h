/* help_in.h -- what the two files of the guide share: sections of a page of it, in the page's arena (page_help.h). */
#pragma once
#include "web/help.h"
#include "web/page_help.h"

/* A new last section with room for `cap` rows; id and label are kept as they are. Beyond the most that a page holds the last
 * one is written over. */
struct help_section *help_section_add(
	struct page *p, struct help_page *g, const char *id, const char *label, size_t cap);
struct help_row *help_row_add(struct help_section *s, str label, str text);
/* Takes the last section away again where nothing stands in it. */
void help_keep(struct help_page *g, const struct help_section *s);
/* Both with `between`, or the one that is not empty. */
str help_joined(struct page *p, str a, const char *between, str b);
