/* XML: depth and order of what the visitor sees, places within the source; and escaped text that reads back. */
#include "format/xml.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t depth, bytes;
	uint64_t at, end;
};

static enum rc start(void *ctx, const struct xml_element *e, struct err *err)
{
	(void)err;
	struct seen *s = ctx;
	assert(e->depth == ++s->depth && e->depth <= XML_DEPTH_MAX);
	assert(e->from_bytes >= s->at && e->to_bytes >= e->from_bytes && e->to_bytes <= s->end);
	s->at = e->from_bytes;
	for (const char *const *t = e->attrs; *t; t += 2)
		s->bytes += strlen(t[0]) + strlen(t[1]);
	xml_get(e, "id");
	return RC_OK;
}

static enum rc end(void *ctx, const struct xml_element *e, struct err *err)
{
	(void)err;
	struct seen *s = ctx;
	assert(e->depth == s->depth--);
	return RC_OK;
}

static enum rc text(void *ctx, str t, struct err *err)
{
	(void)err;
	((struct seen *)ctx)->bytes += t.n;
	return RC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str bytes = {(const char *)data, size};
	struct seen s = {.end = size}, again = {.end = 8 * size + 64};
	if (xml_parse(bytes, &(struct xml_visitor){&s, start, end, text}, NULL) == RC_OK)
		assert(s.depth == 0);
	struct buf b;
	buf_init(&b, 0);
	buf_puts(&b, "<a b=\"");
	xml_attr(&b, bytes);
	buf_puts(&b, "\">");
	xml_text(&b, bytes);
	buf_puts(&b, "</a>");
	enum rc rc = xml_parse(buf_str(&b), &(struct xml_visitor){&again, start, end, text}, NULL);
	assert(rc == RC_OK || rc == RC_LIMIT);
	buf_done(&b);
	return 0;
}
