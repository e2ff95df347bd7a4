/* docx_note.c -- see docx_note.h. */
#include "format/docx_note.h"
#include "base/buf.h"
#include "format/xml.h"

#define REL_NS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE_NS "http://schemas.openxmlformats.org/package/2006/relationships"
#define MAIN_NS "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define HEADER_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
#define OUR_PART "header_qinghe.xml"
#define OUR_REL "rIdQingheNote"

static str done(struct arena *a, struct buf *b)
{
	str s = arena_str(a, buf_str(b));
	buf_done(b);
	return s;
}

static void put_paragraph(struct buf *b, const char *w, str note)
{
	buf_printf(b, "<%sp><%spPr><%sjc %sval=\"right\"/></%spPr><%sr><%st>", w, w, w, w, w, w, w);
	xml_text(b, note);
	buf_printf(b, "</%st></%sr></%sp>", w, w, w);
}

static str with(struct arena *a, str s, size_t at, str more)
{
	struct buf b;
	buf_init(&b, DOCX_PART_MAX_BYTES + (1 << 20));
	buf_add(&b, str_head(s, at));
	buf_add(&b, more);
	buf_add(&b, str_from(s, at));
	return done(a, &b);
}

static uint32_t root_of(const struct docx_tree *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->tokens[i].kind == DT_START)
			return i;
	return UINT32_MAX;
}

static bool root_is(const struct docx_tree *t, uint32_t root, const char *local)
{
	str tag = str_from(docx_token_bytes(t, root), 1 + strlen(t->prefix));
	size_t n = strlen(local);
	return str_starts(tag, str_of(local)) && tag.n > n && strchr(" \t\r\n>", tag.p[n]);
}

static void put_into_header(
	struct arena *a, struct docx_file *f, const struct docx_tree *t, uint32_t root, str note)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	if (t->prefix[0])
		put_paragraph(&b, t->prefix, note);
	f->bytes = with(a, f->bytes, t->tokens[root].end, done(a, &b));
}

/* References to our header for the kinds that the section lacks; empty when it lacks none. */
static str missing_references(struct arena *a, const struct docx_tree *t, uint32_t section)
{
	static const char *const kinds[] = {"even", "default", "first"};
	bool have[3] = {false};
	for (uint32_t i = section + 1; i < t->tokens[section].mate; i = t->tokens[i].mate + 1) {
		str tag = docx_token_bytes(t, i);
		for (int k = 0; k < 3 && str_find(tag, STR("headerReference")) != SIZE_MAX; k++)
			have[k] = have[k] || str_is(docx_attribute(t, i, "type"), kinds[k]);
	}
	struct buf b;
	buf_init(&b, 4096);
	for (int k = 0; k < 3; k++)
		if (!have[k])
			buf_printf(&b,
				"<%sheaderReference xmlns:r=\"" REL_NS "\" %stype=\"%s\" r:id=\"" OUR_REL
				"\"/>",
				t->prefix, t->prefix, kinds[k]);
	return done(a, &b);
}

static str refer(struct arena *a, const struct docx_tree *t, bool *out_made)
{
	uint32_t section = UINT32_MAX;
	for (uint32_t i = 0; i < t->n && section == UINT32_MAX; i++)
		if (t->tokens[i].name == DN_SECTPR && t->tokens[i].kind != DT_END)
			section = i;
	if (section == UINT32_MAX)
		return t->xml;
	str refs = missing_references(a, t, section);
	*out_made = refs.n > 0;
	const struct docx_token *k = &t->tokens[section];
	if (refs.n == 0)
		return t->xml;
	if (k->kind == DT_START)
		return with(a, t->xml, k->end, refs);
	/* <w:sectPr .../> opens up */
	str open = arena_fmt(a, ">%.*s</%ssectPr>", STR_ARG(refs), t->prefix);
	str head = str_head(t->xml, k->end - 2), tail = str_from(t->xml, k->end);
	return with(a, with(a, head, head.n, open), head.n + open.n, tail);
}

static struct docx_file *file(struct docx_file *files, size_t n, str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(files[i].name, name))
			return &files[i];
	return NULL;
}

static enum rc insert_before(struct arena *a, struct docx_file *f, const char *end, str more, struct err *err)
{
	size_t at = f ? str_find(f->bytes, str_of(end)) : SIZE_MAX;
	if (at == SIZE_MAX)
		return FAIL(err, RC_INVALID, "not a .docx file (%s is missing)", end);
	f->bytes = with(a, f->bytes, at, more);
	return RC_OK;
}

/* The header part itself, its type and its relation. */
static enum rc make_header(
	struct arena *a, struct docx_file *files, size_t *n, str main_name, str note, struct err *err)
{
	size_t slash = 0;
	for (size_t i = 0; i < main_name.n; i++)
		slash = main_name.p[i] == '/' ? i + 1 : slash;
	str folder = str_head(main_name, slash), base = str_from(main_name, slash);
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_puts(&b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:hdr xmlns:w=\"" MAIN_NS
		"\">");
	put_paragraph(&b, "w:", note);
	buf_puts(&b, "</w:hdr>");
	str header = done(a, &b);
	TRY(insert_before(a, file(files, *n, STR("[Content_Types].xml")), "</Types>",
		arena_fmt(a, "<Override PartName=\"/%.*s" OUR_PART "\" ContentType=\"" HEADER_TYPE "\"/>",
			STR_ARG(folder)),
		err));
	str rels = arena_fmt(a, "%.*s_rels/%.*s.rels", STR_ARG(folder), STR_ARG(base));
	struct docx_file *f = file(files, *n, rels);
	if (!f) {
		f = &files[(*n)++];
		*f = (struct docx_file){
			rels, STR("<Relationships xmlns=\"" PACKAGE_NS "\"></Relationships>")};
	}
	TRY(insert_before(a, f, "</Relationships>",
		STR("<Relationship Id=\"" OUR_REL "\" Type=\"" REL_NS "/header\" Target=\"" OUR_PART "\"/>"),
		err));
	files[(*n)++] = (struct docx_file){arena_fmt(a, "%.*s" OUR_PART, STR_ARG(folder)), header};
	return RC_OK;
}

enum rc docx_note_put(struct arena *a, struct docx_file *files, size_t *n, str note, struct err *err)
{
	bool made = false;
	str main_name = {0};
	for (size_t i = 0; i < *n; i++) {
		struct docx_tree t;
		if (!str_ends(files[i].name, STR(".xml")) ||
			docx_tree_read(a, files[i].bytes, &t, NULL) != RC_OK || !t.ours)
			continue;
		uint32_t root = root_of(&t);
		if (root == UINT32_MAX)
			continue;
		if (root_is(&t, root, "hdr")) {
			put_into_header(a, &files[i], &t, root, note);
		} else if (root_is(&t, root, "document")) {
			main_name = files[i].name;
			files[i].bytes = refer(a, &t, &made);
		}
	}
	return made ? make_header(a, files, n, main_name, note, err) : RC_OK;
}
