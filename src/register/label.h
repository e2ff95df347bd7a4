/* label.h -- security labels: what a role is cleared for against what a register holds (GB/T 22239-2019, 8.1.4.2 g).
 *
 * A label is a level (enum sensitivity) and a set of compartments (purposes); one dominates another when its level is not
 * lower and its set holds the other's. Registers below `minor` stand in no compartment: their level alone counts. Labels
 * form a lattice by this order: the tests show it over all labels of the model. Roles' labels stand in model/roles/, the
 * registers' in their sensitivity and purpose; the loader refuses a declaration that lets a role into a register which its
 * label does not dominate, and an agreement that would do so opens nothing. One's own rows are one's own. */
#pragma once
#include "register/model.h"

struct label_mac {
	enum sensitivity level;
	const str *compartments;
	size_t n;
	bool all; /* compartments */
};
struct label_mac label_of_role(const struct role_kind *k);
struct label_mac label_of_reg(const struct reg *r);
bool label_dominates(const struct label_mac *a, const struct label_mac *b);
bool label_role_dominates(const struct role_kind *k, const struct reg *r);
