/* rule_file.h -- a file of model/rules/ as its readers see it: opened by its path, its parts read with faults that name
 * file, line and key. Texts point into the arena that the file was read into. The readers: service/casework/clock_rules.c,
 * service/quality/rules.c, service/rescue/rules.c, figure/coverage.c, register/consent_text.c, register/retain.c. */
#pragma once
#include "format/yaml.h"
#include "register/expr.h"

struct rule_file {
	struct arena *a;
	const struct model *m;
	const char *path; /* rules/quality.yaml */
	struct yaml root;
	struct err *err;
};

/* RC_NOT_FOUND where the model has no such file: the caller says whether it must be there. */
MUST_USE enum rc rule_file_open(
	struct rule_file *f, struct arena *a, const struct model *m, const char *path, struct err *err);
/* “key” is missing or not as it should be: RC_INVALID. */
MUST_USE enum rc rule_bad(const struct rule_file *f, const struct yaml *at, const char *key);
/* What another reader found wrong with a text of this line. */
MUST_USE enum rc rule_at(const struct rule_file *f, enum rc rc, const struct yaml *at);

/* The scalar under key; empty where there is none, or no map. */
str rule_text(const struct yaml *map, const char *key);
struct label rule_label(const struct yaml *map, const char *key);
/* The map under key of the root, of at most max pairs. */
MUST_USE enum rc rule_map(const struct rule_file *f, const char *key, size_t max, const struct yaml **out);
/* A whole number that must stand, min..max. */
MUST_USE enum rc rule_int(const struct rule_file *f, const struct yaml *map, const char *key, int64_t min,
	int64_t max, int64_t *out);
MUST_USE enum rc rule_reg(
	const struct rule_file *f, const struct yaml *map, const char *key, const struct reg **out);
/* A path that must stand. */
MUST_USE enum rc rule_path(const struct rule_file *f, const struct yaml *map, const char *key,
	const struct reg *reg, struct path *out);
/* A condition; NULL where it is absent or empty. */
MUST_USE enum rc rule_when(const struct rule_file *f, const struct yaml *map, const char *key,
	const struct reg *reg, struct expr **out);
