/* rule_file.c -- see rule_file.h. */
#include "register/rule_file.h"

enum rc rule_file_open(
	struct rule_file *f, struct arena *a, const struct model *m, const char *path, struct err *err)
{
	*f = (struct rule_file){.a = a, .m = m, .path = path, .err = err};
	const struct model_text *t = model_text(m, path);
	if (t == NULL)
		return FAIL(err, RC_NOT_FOUND, "the model has no %s", path);
	enum rc rc = yaml_read(a, t->text, &f->root, NULL, NULL, err);
	return rc == RC_OK ? rc : err_at(err, rc, "%s", path);
}

enum rc rule_bad(const struct rule_file *f, const struct yaml *at, const char *key)
{
	return FAIL(f->err, RC_INVALID, "%s, line %d: “%s” is missing or not as it should be", f->path,
		at->line, key);
}

enum rc rule_at(const struct rule_file *f, enum rc rc, const struct yaml *at)
{
	return rc == RC_OK ? rc : err_at(f->err, rc, "%s, line %d", f->path, at->line);
}

str rule_text(const struct yaml *map, const char *key)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	return y && y->kind == YAML_SCALAR ? y->text : (str){0};
}

struct label rule_label(const struct yaml *map, const char *key)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	return (struct label){rule_text(y, "zh"), rule_text(y, "en")};
}

enum rc rule_map(const struct rule_file *f, const char *key, size_t max, const struct yaml **out)
{
	*out = yaml_get(&f->root, key);
	return *out && (*out)->kind == YAML_MAP && (*out)->n <= max
		       ? RC_OK
		       : rule_bad(f, *out ? *out : &f->root, key);
}

enum rc rule_int(const struct rule_file *f, const struct yaml *map, const char *key, int64_t min, int64_t max,
	int64_t *out)
{
	const struct yaml *y = yaml_get(map, key);
	return y && y->kind == YAML_SCALAR && str_i64(y->text, out) && *out >= min && *out <= max
		       ? RC_OK
		       : rule_bad(f, y ? y : map, key);
}

enum rc rule_reg(const struct rule_file *f, const struct yaml *map, const char *key, const struct reg **out)
{
	*out = model_reg(f->m, rule_text(map, key));
	return *out ? RC_OK : rule_bad(f, map, key);
}

enum rc rule_path(const struct rule_file *f, const struct yaml *map, const char *key, const struct reg *reg,
	struct path *out)
{
	str text = rule_text(map, key);
	return text.n ? rule_at(f, path_parse(f->m, reg, text, out, f->err), yaml_get(map, key))
		      : rule_bad(f, map, key);
}

enum rc rule_when(const struct rule_file *f, const struct yaml *map, const char *key, const struct reg *reg,
	struct expr **out)
{
	str text = rule_text(map, key);
	*out = NULL;
	if (text.n == 0)
		return RC_OK;
	return rule_at(
		f, expr_parse(f->a, f->m, reg, text, EXPR_FREE, E_BOOL, out, f->err), yaml_get(map, key));
}
