/* model_load.h -- inside of the model loader (model*.c): files, faults, and readers of YAML values. Nobody else's.
 *
 * Order of work: gather files (model_files.c) -> YAML of all -> roles (model_role.c) -> registers (model_reg.c, model_field.c) -> links between
 * them and their expressions (model_link.c) -> figures (model_figure.c) -> digests (model_digest.c). A fault is noted
 * and reading goes on; later passes work on what stands, so that one slip is told once. */
#pragma once
#include "format/yaml.h"
#include "register/expr_in.h"
#include "register/model.h"

enum { MODEL_FILES_MAX = 2000, MODEL_FAULTS_MAX = 200, MODEL_FILE_MAX_BYTES = YAML_MAX_BYTES };

struct source {
	const char *name; /* as told to people: model/registers/visit.yaml, DIR/registers/visit.yaml */
	str path;         /* below the model: registers/visit.yaml */
	str text;
	struct yaml root;
	bool read; /* YAML without faults */
};

struct reg_source {
	const struct source *base;
	const struct source **extensions;
	size_t extensions_n, extensions_cap;
};

struct load {
	struct arena *a;
	struct model *m;
	struct source *sources;
	size_t sources_n, sources_cap;
	struct reg_source *reg_sources; /* as m->regs */
	const struct source *at;        /* the file being read */
	struct model_fault *faults;
	size_t faults_n, faults_cap;
};

/* model_files.c */
MUST_USE enum rc model_files(struct load *l, const char *dir, bool alone, struct err *err);
bool path_in(str path, const char *folder); /* "registers/" and ends in .yaml */

/* model_yaml.c: faults */
void fault_at(struct load *l, const struct yaml *where, const char *hint, const char *format, ...)
	PRINTF_LIKE(4, 5);
void fault_mark(struct load *l, int line, int column, const char *hint, const char *format, ...)
	PRINTF_LIKE(5, 6);
const char *hint_mean(struct load *l, str near); /* did you mean "near"? -- "" for none */
struct mark mark_of(const struct load *l, const struct yaml *where);

/* The nearest of a list to a wrong word: at most a third of its letters differ. {NULL, 0}: none. */
struct nearest {
	str wrong, best;
	size_t distance;
};
void nearest_try(struct nearest *n, str candidate);

/* model_yaml.c: values. Each tells its fault and returns false (or an empty value); a missing key is silent unless
 * `must`. */
bool is_map(struct load *l, const struct yaml *y);
void keys_known(struct load *l, const struct yaml *map, const char *const *keys);
str get_text(struct load *l, const struct yaml *map, const char *key, bool must);
bool get_flag(struct load *l, const struct yaml *map, const char *key);
bool get_number(
	struct load *l, const struct yaml *map, const char *key, int64_t min, int64_t max, int64_t *out);
bool get_label(struct load *l, const struct yaml *map, const char *key, bool must, struct label *out);
bool read_label(struct load *l, const struct yaml *y, struct label *out);
/* A scalar or a list of scalars, as nodes. */
size_t get_list(struct load *l, const struct yaml *map, const char *key, const struct yaml ***out);
void get_texts(struct load *l, const struct yaml *map, const char *key, str **out, size_t *out_n);
void get_roles(struct load *l, const struct yaml *map, const char *key, str **out, size_t *out_n);
bool good_id(struct load *l, str id, int line, int column, bool dots);
bool id_free(struct load *l, str id, int line, int column); /* no SQL keyword, no word of ours */

/* Whole text as a decimal number times factor, exactly: 1.5 * 60 = 90. */
bool number_scaled(str text, int64_t factor, int64_t *out);
int64_t field_factor(const struct field *f); /* money 100, hours 60, decimal 10^scale, else 1 */

struct expr *read_expr(
	struct load *l, const struct yaml *y, const struct reg *r, enum expr_use use, enum expr_type want);
bool read_path(struct load *l, const struct yaml *y, const struct reg *r, struct path *out);

/* model_field.c */
void field_read(struct load *l, struct reg *r, struct field *f, const struct yaml_pair *pair);
/* model_role.c */
void roles_read(struct load *l);
void roles_judge(struct load *l, const struct reg *r, const struct yaml *root);
void labels_judge(struct load *l, const struct reg *r, const struct yaml *root);
void shared_judge(struct load *l, const struct reg *r, const struct yaml *root);
/* model_reg.c */
bool system_column(str id);
void registers_read(struct load *l);
/* model_link.c */
void registers_link(struct load *l);
/* model_access.c */
void access_link(struct load *l, struct reg *r, const struct yaml *root);
/* model_public.c */
void public_link(struct load *l, struct reg *r, const struct yaml *root);
/* model_apply.c */
void apply_link(struct load *l, struct reg *r, const struct yaml *root);
/* model_figure.c */
void figures_read(struct load *l);
/* model_digest.c */
void model_digests(struct load *l);
