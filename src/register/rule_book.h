/* rule_book.h -- the files of model/rules/ as single rules, for people who look at them: what each says, on which law it
 * rests, and what of the model it speaks of. From the text of the files alone, whatever a city wrote there; whether a file
 * holds, its own reader says.
 *
 * A rule is an entry of a map of entries (purposes: mind), an item of a list of maps (bands: five), or a part of the file by
 * itself (weak_item). Its name is PART.ID, or PART where the part is the rule; an item of a list without an `id`, `band`,
 * `register` or `of` has its number, from 1; a name that stands already gets .2, .3 ...
 *
 * A rule speaks of a register, a figure or a role where the id stands in one of its values as a whole word (used.h), what is
 * said in zh and en aside; of a field where its id stands beside that of its register (`register`, `of` or the rule's own id). It may say one too many,
 * never one too few. A purpose is besides what every register with it rests on, and so is the text of consent of that id.
 *
 * rule_put changes one value in the text of a file and leaves every other byte as it stands. */
#pragma once
#include "format/yaml.h"
#include "register/model.h"

enum { RULE_VALUES_MAX = 200, RULE_PATH_MAX_BYTES = 160 };

/* One value of a rule. */
struct rule_value {
	str path; /* text.zh; an item of a list by its number: keep_fields.1; of a rule that is one value: empty */
	str key; /* the last word of the path that is no number */
	str text;
	size_t at; /* rule_put: where it stands */
	const struct yaml *node;
};

struct rule {
	str file; /* consent: of rules/consent.yaml */
	str part, id, name;
	struct label label, says, law; /* says: what it states in words; empty where it has values only */
	bool ours;                     /* `law: ours`: no law gives it */
	int line;
	const struct yaml *node;
	struct rule_value *values; /* without label and law */
	size_t values_n;
	bool cut; /* it has more than RULE_VALUES_MAX */
};

/* All rules of one file, in its order; RC_NOT_FOUND where the model has none of that name, RC_INVALID where it cannot be
 * read. */
MUST_USE enum rc rule_book(
	struct arena *a, const struct model *m, str file, struct rule **out, size_t *out_n, struct err *err);
const struct rule *rule_named(const struct rule *list, size_t n, str name); /* NULL: none */

bool rule_speaks_of_reg(const struct rule *r, const struct reg *reg);
bool rule_speaks_of_field(const struct rule *r, const struct reg *reg, const struct field *f);
bool rule_speaks_of_figure(const struct rule *r, const struct figure *f);
bool rule_speaks_of_role(const struct rule *r, str role);

/* The file's text with another value there, quoted where it must be. text: as rule_book read it. RC_INVALID: the value
 * cannot be changed by itself (a text over several lines). */
MUST_USE enum rc rule_put(
	struct arena *a, str text, const struct rule_value *v, str value, str *out, struct err *err);
