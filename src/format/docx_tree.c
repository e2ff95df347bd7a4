/* docx_tree.c -- see docx_tree.h. First the tokens with their nesting, then the paragraphs' texts in a second pass. */
#include "format/docx_tree.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <assert.h>

static const struct {
	const char *local;
	enum docx_name name;
} names[] = {{"p", DN_P}, {"r", DN_R}, {"t", DN_T}, {"tab", DN_TAB}, {"br", DN_BR}, {"cr", DN_CR},
	{"noBreakHyphen", DN_NO_BREAK_HYPHEN}, {"rPr", DN_RPR}, {"pPr", DN_PPR}, {"sectPr", DN_SECTPR},
	{"tbl", DN_TBL}, {"tr", DN_TR}, {"tc", DN_TC}, {"body", DN_BODY}, {"sdt", DN_SDT},
	{"sdtPr", DN_SDTPR}, {"sdtContent", DN_SDTCONTENT}, {"text", DN_TEXT}, {"tag", DN_TAG}, {"id", DN_ID},
	{"del", DN_DEL}, {"moveFrom", DN_MOVEFROM}, {"ruby", DN_RUBY}, {"bookmarkStart", DN_BOOKMARK_START},
	{"bookmarkEnd", DN_BOOKMARK_END}, {"commentRangeStart", DN_COMMENT_START},
	{"commentRangeEnd", DN_COMMENT_END}, {"commentReference", DN_COMMENT_REFERENCE},
	{"pStyle", DN_PSTYLE}, {"drawing", DN_DRAWING}, {"pict", DN_PICT}, {"object", DN_OBJECT}};

struct reader {
	struct arena *a;
	struct docx_tree *t;
	size_t at, cap;
	uint32_t stack[DOCX_DEPTH_MAX];
	str stack_names[DOCX_DEPTH_MAX];
	size_t depth;
	size_t prefix_n;
};

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum docx_name name_of(const struct reader *r, str name)
{
	if (str_is(name, "mc:AlternateContent"))
		return DN_ALTERNATE;
	if (str_is(name, "wp:docPr"))
		return DN_DOCPR;
	if (name.n <= r->prefix_n || memcmp(name.p, r->t->prefix, r->prefix_n) != 0)
		return DN_OTHER;
	str local = str_from(name, r->prefix_n);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (local.p[0] == names[i].local[0] && str_is(local, names[i].local))
			return names[i].name;
	return DN_OTHER;
}

/* The root tells the prefix: xmlns:w="...wordprocessingml..." (transitional or strict). */
static void prefix_of(struct reader *r, str tag, str root)
{
	static const char *const spaces[] = {
		"\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"",
		"\"http://purl.oclc.org/ooxml/wordprocessingml/main\"",
		"'http://schemas.openxmlformats.org/wordprocessingml/2006/main'"};
	size_t colon = str_find_byte(root, ':');
	size_t n = colon == SIZE_MAX ? 0 : colon + 1;
	str local = str_from(root, n);
	static const char *const roots[] = {"document", "hdr", "ftr", "footnotes", "endnotes", "comments"};
	bool known = false, bound = false;
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		known = known || str_is(local, roots[i]);
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
		bound = bound || str_find(tag, str_of(spaces[i])) != SIZE_MAX;
	if (!known || !bound || n >= sizeof r->t->prefix)
		return;
	memcpy(r->t->prefix, root.p, n);
	r->t->prefix[n] = 0;
	r->prefix_n = n;
	r->t->ours = true;
}

static void push(struct reader *r, size_t end, enum docx_token_kind kind, enum docx_name name)
{
	struct docx_tree *t = r->t;
	t->tokens = arena_grow(r->a, t->tokens, t->n, &r->cap, sizeof *t->tokens);
	t->tokens[t->n] = (struct docx_token){.at = (uint32_t)r->at,
		.end = (uint32_t)end,
		.mate = (uint32_t)t->n,
		.parent = r->depth ? r->stack[r->depth - 1] : UINT32_MAX,
		.kind = (uint8_t)kind,
		.name = (uint8_t)name};
	t->n++;
	r->at = end;
}

static enum rc broken(const struct reader *r, struct err *err)
{
	return FAIL(err, RC_INVALID, "the XML is not well-formed at byte %zu", r->at);
}

/* End of a tag that begins at r->at: past its '>', quotes respected; 0 when there is none. */
static size_t tag_end(const struct reader *r)
{
	str s = r->t->xml;
	char quote = 0;
	for (size_t i = r->at + 1; i < s.n; i++) {
		if (quote) {
			if (s.p[i] == quote)
				quote = 0;
		} else if (s.p[i] == '"' || s.p[i] == '\'') {
			quote = s.p[i];
		} else if (s.p[i] == '>') {
			return i + 1;
		} else if (s.p[i] == '<') {
			return 0;
		}
	}
	return 0;
}

static str tag_name(str tag)
{
	size_t from = tag.n > 1 && tag.p[1] == '/' ? 2 : 1, to = from;
	while (to < tag.n && !space(tag.p[to]) && tag.p[to] != '>' && tag.p[to] != '/')
		to++;
	return str_head(str_from(tag, from), to - from);
}

static enum rc read_tag(struct reader *r, struct err *err)
{
	struct docx_tree *t = r->t;
	size_t end = tag_end(r);
	if (!end)
		return broken(r, err);
	str tag = str_head(str_from(t->xml, r->at), end - r->at);
	str name = tag_name(tag);
	if (name.n == 0)
		return broken(r, err);
	if (tag.p[1] == '/') {
		if (r->depth == 0 || !str_eq(r->stack_names[r->depth - 1], name))
			return broken(r, err);
		uint32_t open = r->stack[--r->depth];
		push(r, end, DT_END, (enum docx_name)t->tokens[open].name);
		t->tokens[t->n - 1].mate = open;
		t->tokens[open].mate = (uint32_t)t->n - 1;
		return RC_OK;
	}
	if (r->depth == 0 && !t->ours) {
		for (size_t i = 0; i < t->n; i++)
			if (t->tokens[i].kind == DT_START || t->tokens[i].kind == DT_EMPTY)
				return broken(r, err); /* a second root */
		prefix_of(r, tag, name);
	}
	bool empty = tag.p[tag.n - 2] == '/';
	if (!empty && r->depth == DOCX_DEPTH_MAX)
		return FAIL(err, RC_LIMIT, "the XML is deeper than %d elements", DOCX_DEPTH_MAX);
	push(r, end, empty ? DT_EMPTY : DT_START, name_of(r, name));
	if (!empty) {
		r->stack_names[r->depth] = name;
		r->stack[r->depth++] = (uint32_t)t->n - 1;
	}
	return RC_OK;
}

static enum rc read_aside(struct reader *r, const char *tail, enum docx_token_kind kind, struct err *err)
{
	size_t n = str_find(str_from(r->t->xml, r->at + 2), str_of(tail));
	if (n == SIZE_MAX)
		return broken(r, err);
	push(r, r->at + 2 + n + strlen(tail), kind, DN_OTHER);
	return RC_OK;
}

static enum rc read_tokens(struct reader *r, struct err *err)
{
	str s = r->t->xml;
	if (str_starts(s, STR("\xEF\xBB\xBF")))
		push(r, 3, DT_ASIDE, DN_OTHER);
	while (r->at < s.n) {
		str rest = str_from(s, r->at);
		if (rest.p[0] != '<') {
			size_t n = str_find_byte(rest, '<');
			push(r, n == SIZE_MAX ? s.n : r->at + n, DT_TEXT, DN_OTHER);
		} else if (str_starts(rest, STR("<!--"))) {
			TRY(read_aside(r, "-->", DT_ASIDE, err));
		} else if (str_starts(rest, STR("<![CDATA["))) {
			TRY(read_aside(r, "]]>", DT_CDATA, err));
		} else if (str_starts(rest, STR("<!"))) {
			return FAIL(err, RC_INVALID, "the XML has a DOCTYPE");
		} else if (str_starts(rest, STR("<?"))) {
			TRY(read_aside(r, "?>", DT_ASIDE, err));
		} else {
			TRY(read_tag(r, err));
		}
	}
	return r->depth == 0 ? RC_OK : broken(r, err);
}

/* Characters of a text token, references resolved. An unknown reference stays as written. */
static void decode(struct buf *b, str s)
{
	static const struct {
		const char *ref;
		char c;
	} refs[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	for (size_t i = 0; i < s.n;) {
		size_t amp = str_find_byte(str_from(s, i), '&');
		buf_add(b, str_head(str_from(s, i), amp == SIZE_MAX ? s.n - i : amp));
		if (amp == SIZE_MAX)
			return;
		i += amp;
		str rest = str_from(s, i);
		size_t semi = str_find_byte(rest, ';'), k = 0;
		while (k < 5 && !str_starts(rest, str_of(refs[k].ref)))
			k++;
		if (k < 5) {
			buf_putc(b, refs[k].c);
			i += strlen(refs[k].ref);
		} else if (rest.n > 3 && rest.p[1] == '#' && semi != SIZE_MAX && semi < 12) {
			bool hex = rest.p[2] == 'x';
			uint32_t c = 0;
			for (size_t d = hex ? 3 : 2; d < semi && c < 0x110000; d++) {
				char ch = rest.p[d];
				uint32_t v = ch >= '0' && ch <= '9'   ? (uint32_t)(ch - '0')
					     : ch >= 'a' && ch <= 'f' ? (uint32_t)(ch - 'a' + 10)
					     : ch >= 'A' && ch <= 'F' ? (uint32_t)(ch - 'A' + 10)
								      : 0;
				c = c * (hex ? 16 : 10) + v;
			}
			char out[4];
			bool fine = c >= 0x20 && c < 0x110000 && (c < 0xD800 || c > 0xDFFF);
			buf_add(b, (str){out, utf8_put(fine ? c : 0xFFFD, out)});
			i += semi + 1;
		} else {
			buf_putc(b, '&');
			i++;
		}
	}
}

/* The nearest paragraph being read; text boxes nest. */
struct open_paragraph {
	size_t index;
	struct buf text;
	size_t cap;
};

struct texts {
	struct arena *a;
	struct docx_tree *t;
	struct open_paragraph open[DOCX_DEPTH_MAX];
	size_t depth, cap;
	size_t deleted; /* how many w:del, w:moveFrom or w:ruby stand around */
};

static void piece(struct texts *x, uint32_t from, uint32_t to, enum docx_piece_kind kind, size_t n_before)
{
	struct open_paragraph *o = &x->open[x->depth - 1];
	struct docx_paragraph *p = &x->t->paragraphs[o->index];
	p->pieces = arena_grow(x->a, p->pieces, p->pieces_n, &o->cap, sizeof *p->pieces);
	p->pieces[p->pieces_n++] = (struct docx_piece){.at = (uint32_t)n_before,
		.n = (uint32_t)(o->text.n - n_before),
		.from = from,
		.to = to,
		.run = docx_ancestor(x->t, from, DN_R),
		.kind = kind};
}

static void open_paragraph(struct texts *x, uint32_t i)
{
	struct docx_tree *t = x->t;
	t->paragraphs = arena_grow(x->a, t->paragraphs, t->paragraphs_n, &x->cap, sizeof *t->paragraphs);
	t->paragraphs[t->paragraphs_n] = (struct docx_paragraph){.from = i, .to = t->tokens[i].mate};
	if (t->tokens[i].kind == DT_START) {
		struct open_paragraph *o = &x->open[x->depth++];
		*o = (struct open_paragraph){.index = t->paragraphs_n};
		buf_init(&o->text, DOCX_PART_MAX_BYTES);
	}
	t->paragraphs_n++;
}

static void close_paragraph(struct texts *x)
{
	struct open_paragraph *o = &x->open[--x->depth];
	x->t->paragraphs[o->index].text = arena_str(x->a, buf_str(&o->text));
	buf_done(&o->text);
}

static void text_piece(struct texts *x, uint32_t i)
{
	struct docx_tree *t = x->t;
	struct open_paragraph *o = &x->open[x->depth - 1];
	size_t before = o->text.n;
	for (uint32_t k = i + 1; k < t->tokens[i].mate; k++) {
		str s = docx_token_bytes(t, k);
		if (t->tokens[k].kind == DT_TEXT)
			decode(&o->text, s);
		else if (t->tokens[k].kind == DT_CDATA)
			buf_add(&o->text, str_head(str_from(s, 9), s.n - 12));
	}
	piece(x, i, t->tokens[i].mate, DP_TEXT, before);
}

static bool in_run(const struct docx_tree *t, uint32_t i)
{
	uint32_t p = t->tokens[i].parent;
	return p != UINT32_MAX && t->tokens[p].name == DN_R;
}

/* Pictures and boxes: one mark; an outer one swallows those in it, the box's own paragraphs excepted. */
static bool object(const struct docx_tree *t, uint32_t i)
{
	unsigned name = t->tokens[i].name;
	return (name == DN_DRAWING || name == DN_PICT || name == DN_OBJECT || name == DN_ALTERNATE ||
		       name == DN_RUBY) &&
	       in_run(t, i);
}

static void token_text(struct texts *x, uint32_t i)
{
	struct docx_tree *t = x->t;
	struct docx_token *k = &t->tokens[i];
	if (x->depth == 0 || x->deleted > 0)
		return;
	struct open_paragraph *o = &x->open[x->depth - 1];
	size_t before = o->text.n;
	if (k->name == DN_T && k->kind == DT_START && in_run(t, i)) {
		text_piece(x, i);
	} else if (in_run(t, i) && (k->name == DN_TAB || k->name == DN_BR || k->name == DN_CR)) {
		buf_putc(&o->text, k->name == DN_TAB ? '\t' : '\n');
		piece(x, i, k->mate, k->name == DN_TAB ? DP_TAB : DP_BREAK, before);
	} else if (in_run(t, i) && k->name == DN_NO_BREAK_HYPHEN) {
		buf_putc(&o->text, '-');
		piece(x, i, k->mate, DP_BREAK, before);
	} else if (object(t, i)) {
		buf_puts(&o->text, OBJECT_MARK);
		piece(x, i, k->mate, DP_OBJECT, before);
	}
}

static void read_texts(struct texts *x)
{
	struct docx_tree *t = x->t;
	for (uint32_t i = 0; i < t->n; i++) {
		struct docx_token *k = &t->tokens[i];
		bool deletion = k->name == DN_DEL || k->name == DN_MOVEFROM || k->name == DN_RUBY;
		if (k->kind == DT_END) {
			if (k->name == DN_P)
				close_paragraph(x);
			else if (deletion)
				x->deleted--;
		} else if (k->kind == DT_START || k->kind == DT_EMPTY) {
			if (k->name == DN_P)
				open_paragraph(x, i);
			else
				token_text(x, i);
			if (deletion && k->kind == DT_START)
				x->deleted++;
		}
	}
}

enum rc docx_tree_read(struct arena *a, str xml, struct docx_tree *out, struct err *err)
{
	struct docx_tree t = {.xml = xml};
	if (xml.n > DOCX_PART_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "a part of %zu bytes", xml.n);
	if (!utf8_valid(xml)) {
		*out = t;
		return RC_OK;
	}
	struct reader r = {.a = a, .t = &t};
	TRY(read_tokens(&r, err));
	if (t.ours) {
		struct texts x = {.a = a, .t = &t};
		read_texts(&x);
	}
	*out = t;
	return RC_OK;
}

str docx_token_bytes(const struct docx_tree *t, uint32_t i)
{
	assert(i < t->n);
	return str_head(str_from(t->xml, t->tokens[i].at), t->tokens[i].end - t->tokens[i].at);
}

uint32_t docx_ancestor(const struct docx_tree *t, uint32_t i, enum docx_name name)
{
	for (i = t->tokens[i].parent; i != UINT32_MAX; i = t->tokens[i].parent)
		if (t->tokens[i].name == name)
			return i;
	return UINT32_MAX;
}

uint32_t docx_child(const struct docx_tree *t, uint32_t token, enum docx_name name)
{
	for (uint32_t i = token + 1; i < t->tokens[token].mate; i = t->tokens[i].mate + 1)
		if (t->tokens[i].name == name)
			return i;
	return UINT32_MAX;
}

str docx_attribute(const struct docx_tree *t, uint32_t token, const char *local)
{
	str tag = docx_token_bytes(t, token);
	size_t at = 1 + tag_name(tag).n;
	while (at < tag.n) {
		while (at < tag.n && space(tag.p[at]))
			at++;
		size_t name = at;
		while (at < tag.n && tag.p[at] != '=' && !space(tag.p[at]) && tag.p[at] != '>')
			at++;
		str n = str_head(str_from(tag, name), at - name);
		while (at < tag.n && tag.p[at] != '"' && tag.p[at] != '\'' && tag.p[at] != '>')
			at++;
		if (at >= tag.n || tag.p[at] == '>')
			break;
		char quote = tag.p[at++];
		size_t value = at;
		while (at < tag.n && tag.p[at] != quote)
			at++;
		size_t colon = str_find_byte(n, ':');
		if (str_is(colon == SIZE_MAX ? n : str_from(n, colon + 1), local))
			return str_head(str_from(tag, value), at - value);
		at++;
	}
	return (str){0};
}
