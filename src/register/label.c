/* label.c -- see label.h. */
#include "register/label.h"

struct label_mac label_of_role(const struct role_kind *k)
{
	return (struct label_mac){.level = (enum sensitivity)k->clearance,
		.compartments = k->compartments,
		.n = k->compartments_n,
		.all = k->compartments_n == 0};
}

struct label_mac label_of_reg(const struct reg *r)
{
	return (struct label_mac){.level = r->sensitivity,
		.compartments = &r->purpose,
		.n = r->sensitivity >= SENS_MINOR ? 1 : 0};
}

static bool holds(const struct label_mac *a, str compartment)
{
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(a->compartments[i], compartment))
			return true;
	return a->all;
}

bool label_dominates(const struct label_mac *a, const struct label_mac *b)
{
	if (a->level < b->level || (b->all && !a->all))
		return false;
	for (size_t i = 0; i < b->n; i++)
		if (!holds(a, b->compartments[i]))
			return false;
	return true;
}

bool label_role_dominates(const struct role_kind *k, const struct reg *r)
{
	struct label_mac a = label_of_role(k), b = label_of_reg(r);
	return label_dominates(&a, &b);
}
