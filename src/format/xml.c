/* xml.c -- see xml.h. */
#include "format/xml.h"
#include "base/utf8.h"
#include <assert.h>
#include <expat.h>

enum { CHUNK_BYTES = 64 << 10 };

struct reading {
	XML_Parser parser;
	const struct xml_visitor *v;
	struct err *err;
	enum rc rc;
	size_t depth;
};

/* The visitor's or our own refusal: keep it and stop. */
static void stop(struct reading *r, enum rc rc)
{
	if (rc != RC_OK && r->rc == RC_OK) {
		r->rc = rc;
		XML_StopParser(r->parser, XML_FALSE);
	}
}

static void split(const char *name, struct xml_element *e)
{
	const char *colon = strchr(name, ':');
	e->local = str_of(colon ? colon + 1 : name);
	e->prefix = colon ? (str){name, (size_t)(colon - name)} : (str){0};
}

static void place(const struct reading *r, struct xml_element *e)
{
	e->depth = r->depth;
	e->from_bytes = (uint64_t)XML_GetCurrentByteIndex(r->parser);
	e->to_bytes = e->from_bytes + (uint64_t)XML_GetCurrentByteCount(r->parser);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attrs)
{
	struct reading *r = user;
	if (r->rc != RC_OK)
		return;
	if (++r->depth > XML_DEPTH_MAX) {
		stop(r, FAIL(r->err, RC_LIMIT, "XML elements are nested deeper than %d", XML_DEPTH_MAX));
		return;
	}
	size_t n = 0;
	while (attrs[n])
		n += 2;
	struct xml_element e = {.attrs = attrs};
	split(name, &e);
	if (n > 2 * XML_ATTRIBUTES_MAX || e.local.n > XML_NAME_MAX_BYTES) {
		stop(r, FAIL(r->err, RC_LIMIT, "an XML element has too many attributes or too long a name"));
		return;
	}
	if (r->v->start) {
		place(r, &e);
		stop(r, r->v->start(r->v->ctx, &e, r->err));
	}
}

static void on_end(void *user, const XML_Char *name)
{
	struct reading *r = user;
	if (r->rc != RC_OK)
		return;
	if (r->v->end) {
		struct xml_element e = {0};
		split(name, &e);
		place(r, &e);
		stop(r, r->v->end(r->v->ctx, &e, r->err));
	}
	r->depth--;
}

static void on_text(void *user, const XML_Char *text, int n)
{
	struct reading *r = user;
	if (r->rc == RC_OK)
		stop(r, r->v->text(r->v->ctx, (str){text, (size_t)n}, r->err));
}

static void on_doctype(
	void *user, const XML_Char *name, const XML_Char *system, const XML_Char *public, int has_internal)
{
	(void)name, (void)system, (void)public, (void)has_internal;
	struct reading *r = user;
	stop(r, FAIL(r->err, RC_INVALID, "XML with a DOCTYPE is refused"));
}

static enum rc open_parser(struct reading *r, const struct xml_visitor *v, struct err *err)
{
	*r = (struct reading){.parser = XML_ParserCreate(NULL), .v = v, .err = err};
	if (r->parser == NULL)
		return FAIL(err, RC_LIMIT, "no memory for reading XML");
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	if (v->text)
		XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	return RC_OK;
}

/* What expat says after a piece was fed, `fed` bytes in all. */
static enum rc after_feed(struct reading *r, enum XML_Status status, uint64_t fed)
{
	if (r->rc != RC_OK)
		return r->rc;
	if (status == XML_STATUS_ERROR)
		return FAIL(r->err, RC_INVALID, "the XML is damaged at line %lu, column %lu (%s)",
			(unsigned long)XML_GetCurrentLineNumber(r->parser),
			(unsigned long)XML_GetCurrentColumnNumber(r->parser),
			XML_ErrorString(XML_GetErrorCode(r->parser)));
	XML_Index seen =
		XML_GetCurrentByteIndex(r->parser); /* where the unfinished tag begins; -1 before the first */
	if (fed > (uint64_t)(seen < 0 ? 0 : seen) + XML_TOKEN_MAX_BYTES)
		return FAIL(r->err, RC_LIMIT, "a single tag of the XML is larger than %d KB",
			XML_TOKEN_MAX_BYTES >> 10);
	return RC_OK;
}

enum rc xml_parse(str bytes, const struct xml_visitor *v, struct err *err)
{
	struct reading r;
	TRY(open_parser(&r, v, err));
	enum rc rc = RC_OK;
	for (size_t at = 0; rc == RC_OK; at += CHUNK_BYTES) {
		bool last = bytes.n - at <= CHUNK_BYTES;
		size_t n = last ? bytes.n - at : CHUNK_BYTES;
		rc = after_feed(&r, XML_Parse(r.parser, bytes.n ? bytes.p + at : "", (int)n, last), at + n);
		if (last)
			break;
	}
	XML_ParserFree(r.parser);
	return rc;
}

static enum rc parse_stream(struct reading *r, struct unzip_stream *s, struct err *err)
{
	uint64_t fed = 0;
	for (size_t n = 1; n > 0;) {
		void *to = XML_GetBuffer(r->parser, CHUNK_BYTES);
		if (to == NULL)
			return FAIL(err, RC_LIMIT, "no memory for reading XML");
		TRY(unzip_stream_read(s, to, CHUNK_BYTES, &n, err));
		fed += n;
		TRY(after_feed(r, XML_ParseBuffer(r->parser, (int)n, n == 0), fed));
	}
	return RC_OK;
}

enum rc xml_parse_entry(
	struct unzip *z, const struct unzip_entry *e, const struct xml_visitor *v, struct err *err)
{
	struct reading r;
	struct unzip_stream *s;
	TRY(unzip_stream_open(z, e, &s, err));
	enum rc rc = open_parser(&r, v, err);
	if (rc == RC_OK) {
		rc = parse_stream(&r, s, err);
		bool ours = r.rc == RC_OK; /* not the visitor's own words */
		XML_ParserFree(r.parser);
		if (rc != RC_OK && rc != RC_FOUND && ours)
			rc = err_at(err, rc, "%.*s", STR_ARG(e->name));
	}
	unzip_stream_close(s);
	return rc;
}

str xml_get(const struct xml_element *e, const char *name)
{
	if (e->attrs == NULL)
		return (str){0};
	const char *by_local = NULL;
	for (const char *const *a = e->attrs; *a; a += 2) {
		if (strcmp(a[0], name) == 0)
			return str_of(a[1]);
		const char *colon = strchr(a[0], ':');
		if (colon && by_local == NULL && strcmp(colon + 1, name) == 0)
			by_local = a[1];
	}
	return str_of(by_local);
}

bool xml_is(const struct xml_element *e, const char *local)
{
	return str_is(e->local, local);
}

static bool is_xml_char(uint32_t c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

static const char *escape_of(uint32_t c, bool attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '"':
		return attribute ? "&quot;" : NULL;
	case '\t':
		return attribute ? "&#9;" : NULL;
	case '\n':
		return attribute ? "&#10;" : NULL;
	default:
		return NULL;
	}
}

static void escape(struct buf *b, str s, bool attribute)
{
	size_t plain = 0; /* start of the run that needs no change */
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t c = (unsigned char)s.p[i];
		n = 1;
		bool bad = false;
		if (c >= 0x80) {
			c = utf8_next(str_from(s, i), &n);
			bad = c == 0xfffd && n == 1;
		}
		const char *as = escape_of(c, attribute);
		if (as == NULL && is_xml_char(c) && !bad)
			continue;
		buf_add(b, (str){s.p + plain, i - plain});
		if (as)
			buf_puts(b, as);
		plain = i + n;
	}
	buf_add(b, str_from(s, plain));
}

void xml_text(struct buf *b, str s)
{
	escape(b, s, false);
}

void xml_attr(struct buf *b, str s)
{
	escape(b, s, true);
}
