/* model_yaml.c -- faults with their place, and YAML values read by what the schema wants: see model_load.h. */
#include "base/utf8.h"
#include "register/model_load.h"
#include <stdio.h>

/* ---- faults ---- */

static void add_fault(struct load *l, int line, int column, const char *hint, const char *message)
{
	if (l->faults_n >= MODEL_FAULTS_MAX)
		return;
	str source = yaml_line(l->at->text, line);
	l->faults = arena_grow(l->a, l->faults, l->faults_n, &l->faults_cap, sizeof *l->faults);
	l->faults[l->faults_n++] = (struct model_fault){
		.mark = {l->at->name, line, column},
		.message = arena_cstr(l->a, str_of(message)),
		.source = utf8_valid(source) ? arena_cstr(l->a, source) : "",
		.hint = hint ? hint : "",
	};
}

void fault_mark(struct load *l, int line, int column, const char *hint, const char *format, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, tr(format), ap);
	va_end(ap);
	add_fault(l, line, column, hint, text);
}

void fault_at(struct load *l, const struct yaml *where, const char *hint, const char *format, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof text, tr(format), ap);
	va_end(ap);
	add_fault(l, where->line, where->column, hint, text);
}

const char *hint_mean(struct load *l, str near)
{
	return near.n ? arena_printf(l->a, tr("did you mean “%.*s”?"), STR_ARG(near)) : "";
}

struct mark mark_of(const struct load *l, const struct yaml *where)
{
	return (struct mark){l->at->name, where->line, where->column};
}

/* ---- nearest word: Levenshtein with transpositions (optimal string alignment), three rows ---- */

enum { NEAREST_MAX_BYTES = 64 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(str a, str b)
{
	size_t rows[3][NEAREST_MAX_BYTES + 1];
	if (a.n > NEAREST_MAX_BYTES || b.n > NEAREST_MAX_BYTES)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *now = rows[i % 3], *before = rows[(i - 1) % 3], *earlier = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t change = before[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			now[j] = least(change, least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				now[j] = least(now[j], earlier[j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}

void nearest_try(struct nearest *n, str candidate)
{
	size_t d = distance(n->wrong, candidate), most = n->wrong.n / 3 > 1 ? n->wrong.n / 3 : 1;
	if (d > most || d >= n->wrong.n)
		return;
	if (n->best.p == NULL || d < n->distance) {
		n->best = candidate;
		n->distance = d;
	}
}

/* ---- values ---- */

bool is_map(struct load *l, const struct yaml *y)
{
	if (y->kind == YAML_MAP)
		return true;
	fault_at(l, y, "", N_("“key: value” pairs were expected here"));
	return false;
}

void keys_known(struct load *l, const struct yaml *map, const char *const *keys)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_pair *p = &map->pairs[i];
		struct nearest near = {.wrong = p->key};
		const char *const *k = keys;
		for (; *k && !str_is(p->key, *k); k++)
			nearest_try(&near, str_of(*k));
		if (*k == NULL)
			fault_mark(l, p->line, p->column, hint_mean(l, near.best),
				N_("the key “%.*s” is not known here"), STR_ARG(p->key));
	}
}

static bool scalar(struct load *l, const struct yaml *y)
{
	if (y->kind != YAML_SCALAR) {
		fault_at(l, y, "", N_("one word or text was expected here"));
		return false;
	}
	if (yaml_absent(y)) {
		fault_at(l, y, "", N_("a value is missing here"));
		return false;
	}
	return true;
}

str get_text(struct load *l, const struct yaml *map, const char *key, bool must)
{
	const struct yaml *y = yaml_get(map, key);
	if (y == NULL && must)
		fault_at(l, map, "", N_("“%s:” is missing"), key);
	return y && scalar(l, y) ? y->text : (str){"", 0};
}

bool get_flag(struct load *l, const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);
	if (y == NULL || !scalar(l, y))
		return false;
	if (!str_is(y->text, "true") && !str_is(y->text, "false"))
		fault_at(l, y, "", N_("true or false was expected here"));
	return str_is(y->text, "true");
}

bool get_number(
	struct load *l, const struct yaml *map, const char *key, int64_t min, int64_t max, int64_t *out)
{
	const struct yaml *y = yaml_get(map, key);
	int64_t v;
	if (y == NULL || !scalar(l, y))
		return false;
	if (!str_i64(y->text, &v) || v < min || v > max) {
		fault_at(l, y, "", N_("a whole number from %lld to %lld was expected here"), (long long)min,
			(long long)max);
		return false;
	}
	*out = v;
	return true;
}

bool read_label(struct load *l, const struct yaml *y, struct label *out)
{
	static const char *const keys[] = {"zh", "en", NULL};
	if (y->kind != YAML_MAP) {
		fault_at(l, y, tr("write {zh: 中文, en: English}"),
			N_("a text in Chinese and English was expected here"));
		return false;
	}
	keys_known(l, y, keys);
	out->zh = get_text(l, y, "zh", true);
	out->en = get_text(l, y, "en", true);
	return out->zh.n && out->en.n;
}

bool get_label(struct load *l, const struct yaml *map, const char *key, bool must, struct label *out)
{
	const struct yaml *y = yaml_get(map, key);
	if (y == NULL) {
		if (must)
			fault_at(l, map, "", N_("“%s:” is missing"), key);
		return false;
	}
	return read_label(l, y, out);
}

size_t get_list(struct load *l, const struct yaml *map, const char *key, const struct yaml ***out)
{
	const struct yaml *y = yaml_get(map, key);
	size_t n = 0;
	if (y == NULL)
		return 0;
	if (y->kind == YAML_MAP) {
		fault_at(l, y, tr("write [one, two]"), N_("a list was expected here"));
		return 0;
	}
	size_t most = y->kind == YAML_LIST ? y->n : 1;
	*out = NEWS(l->a, most + 1, const struct yaml *);
	for (size_t i = 0; i < most; i++) {
		const struct yaml *item = y->kind == YAML_LIST ? &y->items[i] : y;
		if (scalar(l, item))
			(*out)[n++] = item;
	}
	return n;
}

void get_texts(struct load *l, const struct yaml *map, const char *key, str **out, size_t *out_n)
{
	const struct yaml **list = NULL;
	*out_n = get_list(l, map, key, &list);
	*out = NEWS(l->a, *out_n + 1, str);
	for (size_t i = 0; i < *out_n; i++)
		(*out)[i] = list[i]->text;
}

bool good_id(struct load *l, str id, int line, int column, bool dots)
{
	bool good = id.n > 0 && id.n <= 60, start = true;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
		if (dots && c == '.')
			good &= !start;
		else
			good &= start ? letter : letter || digit || c == '_';
		start = dots && c == '.';
	}
	if (good && !start)
		return true;
	fault_mark(l, line, column, "", N_("“%.*s” cannot be an id: small letters, digits and _, at most 60"),
		STR_ARG(id));
	return false;
}

bool number_scaled(str text, int64_t factor, int64_t *out)
{
	bool minus = text.n > 0 && text.p[0] == '-', point = false, digit = false;
	int64_t v = 0, below = 1;
	for (size_t i = minus; i < text.n; i++) {
		char c = text.p[i];
		if (c == '.' && !point && digit) {
			point = true;
			digit = false;
			continue;
		}
		if (c < '0' || c > '9' || v > INT64_MAX / 10 - 1 || below > INT64_MAX / 100)
			return false;
		digit = true;
		v = v * 10 + (c - '0');
		below *= point ? 10 : 1;
	}
	if (!digit || __builtin_mul_overflow(v, factor, &v) || v % below != 0)
		return false;
	*out = minus ? -(v / below) : v / below;
	return true;
}

int64_t field_factor(const struct field *f)
{
	int64_t factor = 1;
	if (f->type == T_MONEY)
		return 100;
	if (f->type == T_HOURS)
		return 60;
	for (int i = 0; f->type == T_DECIMAL && i < f->scale; i++)
		factor *= 10;
	return factor;
}

/* ---- expressions and paths inside YAML ---- */

static void expr_fault_told(struct load *l, const struct yaml *y, const struct expr_fault *x)
{
	int line, column;
	yaml_place(l->at->text, y, x->at, &line, &column);
	add_fault(l, line, column, x->hint, x->message);
}

struct expr *read_expr(
	struct load *l, const struct yaml *y, const struct reg *r, enum expr_use use, enum expr_type want)
{
	struct expr *e = NULL;
	struct expr_fault x = {.hint = ""};
	if (!scalar(l, y))
		return NULL;
	if (!expr_read(l->a, l->m, r, y->text, use, want, &e, &x)) {
		expr_fault_told(l, y, &x);
		return NULL;
	}
	return e;
}

bool read_path(struct load *l, const struct yaml *y, const struct reg *r, struct path *out)
{
	struct expr_fault x = {.hint = ""};
	if (!scalar(l, y))
		return false;
	if (path_read(l->a, l->m, r, y->text, out, &x))
		return true;
	expr_fault_told(l, y, &x);
	return false;
}
