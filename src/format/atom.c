/* atom.c -- see atom.h. */
#include "format/atom.h"
#include "base/date.h"
#include "format/xml.h"

static void clean(struct buf *b, str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t')
			continue;
		xml_text(b, str_head(str_from(s, from), i - from));
		buf_putc(b, ' ');
		from = i + 1;
	}
	xml_text(b, str_from(s, from));
}

static void element(struct buf *b, const char *name, str text)
{
	buf_printf(b, "<%s>", name);
	clean(b, text);
	buf_printf(b, "</%s>", name);
}

static void instant(struct buf *b, const char *name, int64_t ms)
{
	char text[INSTANT_TEXT_BYTES];
	instant_text(ms, text);
	element(b, name, str_of(text));
}

static void link_put(struct buf *b, const char *rel, const char *type, str href)
{
	buf_printf(b, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
	xml_attr(b, href);
	buf_puts(b, "\"/>");
}

void atom_begin(
	struct buf *b, str id, str title, str author, str self, str page, str language, int64_t updated_ms)
{
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" "
		    "xml:lang=\"");
	xml_attr(b, language);
	buf_puts(b, "\">");
	element(b, "id", id);
	element(b, "title", title);
	instant(b, "updated", updated_ms);
	buf_puts(b, "<author>");
	element(b, "name", author);
	buf_puts(b, "</author>");
	link_put(b, "self", "application/atom+xml", self);
	link_put(b, "alternate", "text/html", page);
	buf_puts(b, "\n");
}

void atom_put(struct buf *b, const struct atom_entry *e)
{
	buf_puts(b, "<entry>");
	element(b, "id", e->id);
	element(b, "title", e->title);
	instant(b, "updated", e->updated_ms);
	instant(b, "published", e->published_ms);
	buf_puts(b, "<author>");
	element(b, "name", e->author);
	buf_puts(b, "</author>");
	if (e->kind.n) {
		buf_puts(b, "<category term=\"");
		xml_attr(b, e->kind);
		buf_puts(b, "\"/>");
	}
	link_put(b, "alternate", "text/html", e->href);
	buf_puts(b, "<content type=\"text\">");
	clean(b, e->text);
	buf_puts(b, "</content></entry>\n");
}

void atom_end(struct buf *b)
{
	buf_puts(b, "</feed>\n");
}
