/* pick.h -- rows that a person may mean by a few characters: the suggestions under a reference of a form.
 *
 * Text fits by `#id`, by code (its beginning), by any part of the title, or by a run of its pinyin initials.
 * Looked at are the newest PICK_LOOK_MAX rows of the register; an exact code or name is found beyond them as well, by
 * resolve_ref. An empty text gives the newest rows. People are found by person_search, within what the actor may read,
 * and never by an empty text. Rows whose label the actor may not see open (permit.h) are left out, void ones too. */
#pragma once
#include "register/record.h"

enum { PICK_LOOK_MAX = 3000 };

struct pick {
	int64_t id, org;
	str label, code;
};
MUST_USE enum rc pick_find(struct reader *r, const struct reg *reg, str text, struct pick *out, size_t cap,
	size_t *out_n, struct err *err);
/* The register that a reference's field leads to; NULL for other fields. */
const struct reg *pick_target(const struct model *m, const struct field *f);
