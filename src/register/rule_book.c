/* rule_book.c -- see rule_book.h. */
#include "register/rule_book.h"
#include "base/buf.h"
#include "register/rule_file.h"
#include "register/used.h"
#include <stdio.h>

enum { RULES_MAX = 2000, VALUE_MAX_BYTES = 1 << 16 };

struct reading {
	struct arena *a;
	str file;
	struct rule *list;
	size_t n, cap;
};

/* ---- values ---- */

static void value_add(struct rule *r, str path, str key, const struct yaml *y)
{
	if (r->values_n == RULE_VALUES_MAX) {
		r->cut = true;
		return;
	}
	r->values[r->values_n++] =
		(struct rule_value){.path = path, .key = key, .text = y->text, .at = y->at, .node = y};
}

static void values(struct arena *a, struct rule *r, const struct yaml *y, str path, str key)
{
	if (y->kind == YAML_SCALAR) {
		value_add(r, path, key, y);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		bool map = y->kind == YAML_MAP;
		const struct yaml *one = map ? &y->pairs[i].value : &y->items[i];
		str word = map ? y->pairs[i].key : arena_fmt(a, "%zu", i + 1);
		if (path.n == 0 && map && (str_is(word, "label") || str_is(word, "law")))
			continue;
		values(a, r, one, path.n ? arena_fmt(a, "%.*s.%.*s", STR_ARG(path), STR_ARG(word)) : word,
			map && !str_is(word, "zh") && !str_is(word, "en") ? word : key);
	}
}

/* ---- rules ---- */

static bool standing(const struct reading *x, str name)
{
	return rule_named(x->list, x->n, name) != NULL;
}

/* What it states in words: the first of these that it has. */
static struct label says_of(const struct yaml *y)
{
	static const char *const keys[] = {"text", "judgement", "say", "name"};
	struct label l = {0};
	for (size_t i = 0; i < sizeof keys / sizeof *keys && l.zh.n == 0; i++)
		l = rule_label(y, keys[i]);
	return l;
}

static void rule_add(struct reading *x, str part, str id, int line, const struct yaml *y)
{
	struct rule r = {.file = x->file, .part = part, .id = id, .line = line, .node = y};
	bool map = y->kind == YAML_MAP;
	if (x->n == RULES_MAX)
		return;
	r.name = str_eq(part, id) ? part : arena_fmt(x->a, "%.*s.%.*s", STR_ARG(part), STR_ARG(id));
	str first = r.name;
	for (size_t k = 2; standing(x, r.name); k++)
		r.name = arena_fmt(x->a, "%.*s.%zu", STR_ARG(first), k);
	if (map) {
		r.label = rule_label(y, "label");
		r.says = says_of(y);
		r.law = rule_label(y, "law");
		r.ours = str_is(rule_text(y, "law"), "ours");
	}
	r.values = NEWS(x->a, RULE_VALUES_MAX, struct rule_value);
	values(x->a, &r, y, STR(""), id);
	x->list = arena_grow(x->a, x->list, x->n, &x->cap, sizeof *x->list);
	x->list[x->n++] = r;
}

static str item_id(struct arena *a, const struct yaml *item, size_t i)
{
	static const char *const keys[] = {"id", "band", "register", "of"};
	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		str text = rule_text(item, keys[k]);
		if (text.n && text.n < RULE_PATH_MAX_BYTES / 2)
			return text;
	}
	return arena_fmt(a, "%zu", i + 1);
}

/* A map or list whose entries are rules, or one rule. */
static void part_read(struct reading *x, const struct yaml_pair *p)
{
	const struct yaml *y = &p->value;
	bool many = y->kind != YAML_SCALAR && y->n > 0;
	for (size_t i = 0; many && i < y->n; i++)
		many = y->kind == YAML_MAP ? y->pairs[i].value.kind != YAML_SCALAR
					   : y->items[i].kind == YAML_MAP;
	/* {zh, en} below a map of its own words, as `contact` has them, is no rule */
	for (size_t i = 0; many && y->kind == YAML_MAP && i < y->n; i++)
		many = yaml_get(&y->pairs[i].value, "zh") == NULL;
	if (!many) {
		rule_add(x, p->key, p->key, p->line, y);
		return;
	}
	for (size_t i = 0; i < y->n; i++)
		if (y->kind == YAML_MAP)
			rule_add(x, p->key, y->pairs[i].key, y->pairs[i].line, &y->pairs[i].value);
		else
			rule_add(x, p->key, item_id(x->a, &y->items[i], i), y->items[i].line, &y->items[i]);
}

enum rc rule_book(
	struct arena *a, const struct model *m, str file, struct rule **out, size_t *out_n, struct err *err)
{
	struct rule_file f;
	struct reading x = {.a = a, .file = file};
	*out = NULL;
	*out_n = 0;
	TRY(rule_file_open(&f, a, m, arena_printf(a, "rules/%.*s.yaml", STR_ARG(file)), err));
	for (size_t i = 0; f.root.kind == YAML_MAP && i < f.root.n; i++)
		if (!str_is(f.root.pairs[i].key, "rules"))
			part_read(&x, &f.root.pairs[i]);
	/* The tree stays where the nodes of the rules point to. */
	*out = x.list;
	*out_n = x.n;
	return RC_OK;
}

const struct rule *rule_named(const struct rule *list, size_t n, str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].name, name))
			return &list[i];
	return NULL;
}

/* ---- what a rule speaks of ---- */

static bool in_words(const struct rule_value *v)
{
	return str_ends(v->path, STR("zh")) || str_ends(v->path, STR("en"));
}

static bool named(const struct rule *r, str id)
{
	bool found = str_eq(r->id, id) && !str_eq(r->part, r->id);
	for (size_t i = 0; !found && i < r->values_n; i++)
		found = !in_words(&r->values[i]) && used_named(r->values[i].text, id);
	return found;
}

/* Keys stand for fields only where rows are written down: the starters. */
static bool key_named(const struct rule *r, str id)
{
	bool found = false;
	for (size_t i = 0; !found && str_is(r->file, "starters") && i < r->values_n; i++)
		found = str_eq(r->values[i].key, id);
	return found;
}

bool rule_speaks_of_reg(const struct rule *r, const struct reg *reg)
{
	bool purpose = (str_is(r->file, "purposes") && str_is(r->part, "purposes")) ||
		       (str_is(r->file, "consent") && str_is(r->part, "texts"));
	/* A purpose may bear the id of a register that does not rest on it. */
	return purpose ? str_eq(reg->purpose, r->id) : named(r, reg->id);
}

bool rule_speaks_of_field(const struct rule *r, const struct reg *reg, const struct field *f)
{
	if (str_is(r->file, "purposes") || str_is(r->file, "consent"))
		return false;
	return rule_speaks_of_reg(r, reg) && (named(r, f->id) || key_named(r, f->id));
}

bool rule_speaks_of_figure(const struct rule *r, const struct figure *f)
{
	return named(r, f->id);
}

bool rule_speaks_of_role(const struct rule *r, str role)
{
	return named(r, role);
}

/* ---- one value changed ---- */

/* Where the value ends in the text, its closing quote not among it. SIZE_MAX: not on this line. */
static size_t end_of(str text, const struct yaml *y)
{
	char quote = y->quoted && y->at > 0 ? text.p[y->at - 1] : 0;
	if (!y->quoted)
		return y->at + y->text.n <= text.n && memcmp(text.p + y->at, y->text.p, y->text.n) == 0
			       ? y->at + y->text.n
			       : SIZE_MAX;
	for (size_t i = y->at; i < text.n && text.p[i] != '\n'; i++) {
		if (quote == '"' && text.p[i] == '\\')
			i++;
		else if (quote == '\'' && text.p[i] == '\'' && i + 1 < text.n && text.p[i + 1] == '\'')
			i++;
		else if (text.p[i] == quote)
			return i;
	}
	return SIZE_MAX;
}

/* May it stand without quotes, anywhere? Letters, digits and a few signs, no blank at the ends. */
static bool plain(str s)
{
	bool good = s.n > 0;
	for (size_t i = 0; good && i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		       c == '_' || c == '.' || c >= 0x80;
	}
	return good;
}

static void quote_to(struct buf *b, str value)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		if (c == '"' || c == '\\')
			buf_putc(b, '\\');
		if (c == '\n')
			buf_puts(b, "\\n");
		else if (c != '\r')
			buf_putc(b, c);
	}
	buf_putc(b, '"');
}

enum rc rule_put(struct arena *a, str text, const struct rule_value *v, str value, str *out, struct err *err)
{
	const struct yaml *y = v->node;
	size_t end = y->block || yaml_absent(y) || y->at > text.n ? SIZE_MAX : end_of(text, y);
	struct buf b;
	if (value.n > VALUE_MAX_BYTES)
		return FAIL(err, RC_INVALID, "“%.*s” is too long", STR_ARG(v->path));
	if (end == SIZE_MAX)
		return FAIL(err, RC_INVALID, "“%.*s” goes over several lines: change it in the file",
			STR_ARG(v->path));
	buf_init(&b, text.n + 3 * value.n + 8);
	buf_add(&b, str_head(text, y->at - y->quoted));
	if (plain(value) && !y->quoted)
		buf_add(&b, value);
	else
		quote_to(&b, value);
	buf_add(&b, str_from(text, end + y->quoted));
	*out = arena_str(a, buf_str(&b));
	buf_done(&b);
	return RC_OK;
}
