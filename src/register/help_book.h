/* help_book.h -- the words of the guide that no declaration holds: what each page is for (model/help/screens.yaml), and what
 * somebody new does first (model/help/tour.yaml). Registers and figures explain themselves; web/page_help.c puts all together.
 *
 * Read once, immutable, in the arena given. Faults name file and line. A city may lay its own files over ours. */
#pragma once
#include "register/model.h"

struct help_screen {
	str id;
	const str *routes; /* patterns of the route table: /r/{register}/new */
	size_t routes_n;
	struct label label, what, who;
	const struct label *steps, *slips;
	size_t steps_n, slips_n;
};

struct help_task {
	struct label task, how;
	str href;
	const struct reg *reg; /* its rows tick it; NULL: nothing does */
	str where;
};

struct help_tour {
	str role;
	struct label label;
	const struct help_task *tasks;
	size_t tasks_n;
};

struct help_book {
	const struct help_screen *screens;
	size_t screens_n;
	const struct help_tour *tours;
	size_t tours_n;
};

/* RC_INVALID: a text that is missing in one language, a register or condition that does not hold. A model without these
 * files gives an empty book. */
MUST_USE enum rc help_read(struct arena *a, const struct model *m, struct help_book **out, struct err *err);
const struct help_screen *help_screen(const struct help_book *b, str id);
/* NULL where the page has no words of its own. */
const struct help_screen *help_of_route(const struct help_book *b, const char *path);
const struct help_tour *help_tour(const struct help_book *b, str role);
