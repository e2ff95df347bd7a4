/* yaml.c -- see yaml.h. libfyaml's events are turned into the tree by a stack; marks of events are the positions.
 * Seen in 0.7.12: it prints a fatal stream error to stderr unless it has a diag of ours that collects. */
#include "format/yaml.h"
#include "base/utf8.h"
#include <libfyaml.h>

/* What libfyaml says (a part of it), and what we say instead. */
static const struct {
	const char *theirs, *ours;
} words[] = {
	{"tab", N_("a tab may not indent; use blanks")},
	{"could not find expected ':'", N_("a “:” is missing after this key")},
	{"missing comma", N_("a “,” is missing in this { } or [ ]")},
	{"wrongly indented double", N_("this quote is not closed")},
	{"wrongly indented single", N_("this quote is not closed")},
	{"wrongly indented sequence", N_("this “-” is not indented like the ones above")},
	{"wrong indentation", N_("this line is not indented like the ones above")},
	{"invalid indentation", N_("this line is not indented like the ones above")},
	{"wrongly indented", N_("this line is not indented like the ones above")},
	{"indentation", N_("this line is not indented like the ones above")},
	{"did not find expected key", N_("a key and “:” were expected here")},
	{"block mapping", N_("a key and “:” were expected here")},
	{"block sequence", N_("an item with “-” was expected here")},
	{"flow mapping", N_("this { } is not closed, or a “,” or “:” is missing in it")},
	{"flow sequence", N_("this [ ] is not closed, or a “,” is missing in it")},
	{"double-quoted", N_("this quote is not closed, or a \\ in it is wrong")},
	{"single-quoted", N_("this quote is not closed")},
	{"mapping values", N_("a “:” cannot stand here; put the text in quotes")},
	{"multiline", N_("a key must stand on one line")},
	{"invalid character", N_("a character that cannot stand here")},
	{"reserved", N_("this sign cannot begin a text; put it in quotes")},
	{"depth", N_("nested too deeply")},
};

static const char *in_our_words(struct arena *a, const char *theirs)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(theirs, words[i].theirs))
			return tr(words[i].ours);
	return arena_printf(a, tr("not readable as YAML: %s"), theirs);
}

void yaml_fault_add(struct yaml_faults *f, int line, int column, const char *hint, const char *format, ...)
{
	if (f->n >= YAML_MAX_FAULTS)
		return;
	va_list ap;
	struct err e;
	va_start(ap, format);
	vsnprintf(e.text, sizeof e.text, tr(format), ap);
	va_end(ap);
	f->list = arena_grow(f->a, f->list, f->n, &f->cap, sizeof *f->list);
	f->list[f->n++] =
		(struct yaml_fault){line, column, arena_cstr(f->a, str_of(e.text)), hint ? hint : ""};
}

/* ---- events to tree ---- */

struct level {
	struct yaml *node; /* the map or list being filled */
	size_t cap;
	bool has_key;
	struct yaml_pair pair; /* key read, value awaited */
};

struct reading {
	struct yaml_faults *faults;
	struct arena *a;
	struct yaml *root;
	bool has_root;
	struct level stack[YAML_MAX_DEPTH];
	int depth;
	int documents;
	size_t nodes;
	int line, column; /* last mark seen */
	size_t at;
};

static void take_mark(struct reading *r, struct fy_event *e)
{
	const struct fy_mark *m = fy_event_start_mark(e);
	if (m == NULL)
		return;
	r->line = m->line + 1;
	r->column = m->column + 1;
	r->at = m->input_pos;
}

static void refuse(struct reading *r, const struct fy_token *token, const char *message)
{
	if (token)
		yaml_fault_add(r->faults, r->line, r->column, "", "%s", tr(message));
}

static void add_pair(struct reading *r, struct level *l, const struct yaml *value)
{
	struct yaml *map = l->node;
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->pairs[i].key, l->pair.key)) {
			yaml_fault_add(r->faults, l->pair.line, l->pair.column, "",
				N_("the key “%.*s” stands twice; first in line %d"), STR_ARG(l->pair.key),
				map->pairs[i].line);
			return;
		}
	map->pairs = arena_grow(r->a, map->pairs, map->n, &l->cap, sizeof *map->pairs);
	map->pairs[map->n] = l->pair;
	map->pairs[map->n++].value = *value;
}

static void take_key(struct reading *r, struct level *l, const struct yaml *key)
{
	l->pair = (struct yaml_pair){.key = key->text, .line = key->line, .column = key->column};
	l->has_key = true;
	if (l->node->n == 0) { /* a block map begins at its first key */
		l->node->line = key->line;
		l->node->column = key->column;
		l->node->at = key->at;
	}
	if (key->kind != YAML_SCALAR)
		yaml_fault_add(r->faults, key->line, key->column, "", N_("a key must be a plain word"));
	else if (str_is(key->text, "<<") && !key->quoted)
		yaml_fault_add(r->faults, key->line, key->column, "", N_("merge keys (<<) are not read"));
}

/* A finished node goes to its parent. */
static void put(struct reading *r, const struct yaml *node)
{
	if (r->depth == 0) {
		if (!r->has_root)
			*r->root = *node;
		r->has_root = true;
		return;
	}
	struct level *l = &r->stack[r->depth - 1];
	if (l->node->kind == YAML_LIST) {
		l->node->items = arena_grow(r->a, l->node->items, l->node->n, &l->cap, sizeof *node);
		l->node->items[l->node->n++] = *node;
	} else if (!l->has_key) {
		take_key(r, l, node);
	} else {
		l->has_key = false;
		add_pair(r, l, node);
	}
}

static void open_node(struct reading *r, enum yaml_kind kind)
{
	struct yaml *node = NEW(r->a, struct yaml);
	*node = (struct yaml){.kind = kind, .line = r->line, .column = r->column, .at = r->at};
	if (r->depth < YAML_MAX_DEPTH)
		r->stack[r->depth] = (struct level){.node = node};
	else if (r->depth == YAML_MAX_DEPTH)
		yaml_fault_add(r->faults, r->line, r->column, "", N_("nested too deeply"));
	r->depth++;
}

static void close_node(struct reading *r)
{
	if (--r->depth < YAML_MAX_DEPTH)
		put(r, r->stack[r->depth].node);
}

static void scalar(struct reading *r, struct fy_event *e)
{
	struct yaml node = {.kind = YAML_SCALAR, .line = r->line, .column = r->column, .at = r->at};
	struct fy_token *token = e->scalar.value;
	size_t n = 0;
	const char *text = token ? fy_token_get_text(token, &n) : NULL;
	node.text = text && n ? arena_str(r->a, (str){text, n}) : (str){"", 0};
	enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
	node.quoted = style > FYSS_PLAIN;
	node.block = style == FYSS_LITERAL || style == FYSS_FOLDED;
	put(r, &node);
}

/* false: stop reading. */
static bool take(struct reading *r, struct fy_event *e)
{
	take_mark(r, e);
	if (++r->nodes > YAML_MAX_NODES) {
		yaml_fault_add(r->faults, r->line, r->column, "", N_("the file is too large"));
		return false;
	}
	switch (e->type) {
	case FYET_DOCUMENT_START:
		if (++r->documents > 1)
			yaml_fault_add(r->faults, r->line, r->column, "",
				N_("a second document (---) is not read; put it in a file of its own"));
		return r->documents == 1;
	case FYET_ALIAS:
		refuse(r, e->alias.anchor, N_("aliases (*name) are not read; write it out"));
		put(r, &(struct yaml){
			       .kind = YAML_SCALAR, .line = r->line, .column = r->column, .text = {"", 0}});
		break;
	case FYET_SCALAR:
		refuse(r, e->scalar.anchor, N_("anchors (&name) are not read"));
		refuse(r, e->scalar.tag, N_("tags (!name) are not read"));
		if (r->depth <= YAML_MAX_DEPTH)
			scalar(r, e);
		break;
	case FYET_SEQUENCE_START:
		refuse(r, e->sequence_start.anchor, N_("anchors (&name) are not read"));
		refuse(r, e->sequence_start.tag, N_("tags (!name) are not read"));
		open_node(r, YAML_LIST);
		break;
	case FYET_MAPPING_START:
		refuse(r, e->mapping_start.anchor, N_("anchors (&name) are not read"));
		refuse(r, e->mapping_start.tag, N_("tags (!name) are not read"));
		open_node(r, YAML_MAP);
		break;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		close_node(r);
		break;
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
	case FYET_DOCUMENT_END:
		break;
	}
	return r->depth <= YAML_MAX_DEPTH;
}

static void take_diag(struct reading *r, struct fy_diag *diag)
{
	void *prev = NULL;
	const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &prev);
	if (e && e->line >= 0)
		yaml_fault_add(
			r->faults, e->line, e->column, "", "%s", in_our_words(r->a, e->msg ? e->msg : "?"));
	else
		yaml_fault_add(r->faults, r->line ? r->line : 1, r->column ? r->column : 1, "",
			N_("not readable as YAML from here on"));
}

static enum rc parse(struct reading *r, str text, struct err *err)
{
	struct fy_diag_cfg dc = {.level = FYET_ERROR, .module_mask = ~0u, .show_position = true};
	struct fy_diag *diag = fy_diag_create(&dc);
	struct fy_parse_cfg cfg = {
		.search_path = "", .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
	if (diag == NULL)
		return FAIL(err, RC_IO, "the YAML reader did not start");
	fy_diag_set_collect_errors(diag, true);
	struct fy_parser *p = fy_parser_create(&cfg);
	if (p == NULL || fy_parser_set_string(p, text.p, text.n) != 0) {
		fy_parser_destroy(p);
		fy_diag_destroy(diag);
		return FAIL(err, RC_IO, "the YAML reader did not start");
	}
	bool more = true;
	for (struct fy_event *e; more && (e = fy_parser_parse(p)) != NULL;) {
		more = take(r, e);
		fy_parser_event_free(p, e);
	}
	if (fy_parser_get_stream_error(p) || (more && fy_diag_got_error(diag)))
		take_diag(r, diag);
	fy_parser_destroy(p);
	fy_diag_destroy(diag);
	return RC_OK;
}

static enum rc result(struct yaml_faults *f, struct yaml_fault **out, size_t *out_n, struct err *err)
{
	if (out)
		*out = f->list;
	if (out_n)
		*out_n = f->n;
	if (f->n == 0)
		return RC_OK;
	return FAIL(err, RC_INVALID, "%d:%d: %s", f->list[0].line, f->list[0].column, f->list[0].message);
}

/* The first byte that is not UTF-8, for the position. */
static void not_utf8(struct yaml_faults *f, str text)
{
	int line = 1, column = 1;
	for (size_t at = 0, n; at < text.n; at += n, column++) {
		n = 1;
		str rest = str_from(text, at);
		if (utf8_next(rest, &n) == 0xFFFD && !str_starts(rest, STR("\xEF\xBF\xBD")))
			break;
		if (text.p[at] == '\n') {
			line++;
			column = 0;
		}
	}
	yaml_fault_add(f, line, column, tr("save the file as UTF-8"), N_("the file is not UTF-8"));
}

enum rc yaml_read(struct arena *a, str text, struct yaml *out_root, struct yaml_fault **out_faults,
	size_t *out_faults_n, struct err *err)
{
	struct yaml_faults f = {.a = a};
	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_from(text, 3);
	if (text.n > YAML_MAX_BYTES)
		yaml_fault_add(&f, 1, 1, "", N_("the file is larger than %d bytes"), (int)YAML_MAX_BYTES);
	else if (!utf8_valid(text))
		not_utf8(&f, text);
	else if (memchr(text.p ? text.p : "", 0, text.n))
		yaml_fault_add(&f, 1, 1, "", N_("the file holds a zero byte; it is not a text"));
	else
		yaml_check_slips(&f, text);
	struct yaml root = {.kind = YAML_MAP, .line = 1, .column = 1};
	struct reading r = {.faults = &f, .a = a, .root = &root};
	if (f.n == 0 && text.n > 0)
		TRY(parse(&r, text, err));
	TRY(result(&f, out_faults, out_faults_n, err));
	*out_root = root;
	if (yaml_absent(&root)) /* a lone --- */
		*out_root = (struct yaml){.kind = YAML_MAP, .line = 1, .column = 1};
	return RC_OK;
}

/* ---- looking at the tree ---- */

const struct yaml_pair *yaml_pair_of(const struct yaml *map, const char *key)
{
	if (map == NULL || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_is(map->pairs[i].key, key))
			return &map->pairs[i];
	return NULL;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	const struct yaml_pair *p = yaml_pair_of(map, key);
	return p ? &p->value : NULL;
}

static size_t skip_blanks(str text, size_t at)
{
	while (at < text.n && strchr(" \t\r\n", text.p[at]) && text.p[at])
		at++;
	return at;
}

void yaml_place(str text, const struct yaml *s, size_t offset, int *out_line, int *out_column)
{
	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_from(text, 3);
	size_t at = s->at < text.n ? s->at : text.n;
	if (s->block)
		at = skip_blanks(text, at);
	for (size_t i = 0; i < offset && i < s->text.n && at < text.n; i++) {
		char c = s->text.p[i];
		if ((c == ' ' || c == '\n') && strchr(" \t\r\n", text.p[at]))
			at = text.p[at] == ' ' && (at + 1 >= text.n || !strchr("\r\n", text.p[at + 1]))
				     ? at + 1
				     : skip_blanks(text, at);
		else if (s->quoted && !s->block && (text.p[at] == '\\' || (c == '\'' && text.p[at] == '\'')))
			at += 2;
		else
			at++;
	}
	int line = s->line, column = s->column;
	for (size_t i = s->at; i < at && i < text.n; i++)
		if (text.p[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)text.p[i] & 0xC0) != 0x80) {
			column++;
		}
	*out_line = line;
	*out_column = column;
}

str yaml_line(str text, int line)
{
	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_from(text, 3);
	for (int i = 1; i < line; i++) {
		size_t end = str_find_byte(text, '\n');
		if (end == SIZE_MAX)
			return (str){"", 0};
		text = str_from(text, end + 1);
	}
	size_t end = str_find_byte(text, '\n');
	if (end != SIZE_MAX)
		text = str_head(text, end);
	if (str_ends(text, STR("\r")))
		text.n--;
	return text;
}

str yaml_caret(struct arena *a, str line, int column)
{
	size_t at = 0;
	for (int i = 1; i < column && at < line.n; i++) {
		size_t n = 1;
		utf8_next(str_from(line, at), &n);
		at += n;
	}
	str head = str_head(line, at);
	size_t columns = utf8_valid(head) ? utf8_columns(head) : head.n, n = columns + 1;
	char *out = arena_alloc(a, n + 1);
	memset(out, ' ', columns);
	size_t seen = 0;
	for (size_t i = 0; i < head.n && seen < columns;
		i++) { /* tabs stay tabs, so that the caret stands right */
		if (head.p[i] == '\t')
			out[seen] = '\t';
		if (((unsigned char)head.p[i] & 0xC0) != 0x80)
			seen++;
	}
	out[columns] = '^';
	return (str){out, n};
}
