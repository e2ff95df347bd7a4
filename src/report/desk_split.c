/* desk_split.c -- a report's text cut into its paragraphs; see desk.h. */
#include "report/desk.h"

/* Blocks opened less blocks closed on a line. */
static int opens(struct arena *a, str line)
{
	struct slot_tag tag;
	struct slot_tag_parts t;
	int n = 0;
	for (size_t at = 0; slots_next(line, at, &tag); at = tag.at + tag.n) {
		if (!tag.closed || !template_parse(a, tag.inside, &t))
			continue;
		n += t.kind == TAG_IF || t.kind == TAG_IF_NOT || t.kind == TAG_EACH;
		n -= t.kind == TAG_END_IF || t.kind == TAG_END_EACH;
	}
	return n;
}

struct desk_paragraph *desk_split(struct arena *a, str body, size_t *out_n)
{
	struct desk_paragraph *list = NULL;
	size_t n = 0, cap = 0, from = SIZE_MAX, end = 0;
	int depth = 0;
	for (size_t at = 0; at <= body.n && n < DESK_PARAGRAPHS_MAX;) {
		size_t stop = str_find_byte(str_from(body, at), '\n');
		stop = stop == SIZE_MAX ? body.n : at + stop;
		str line = str_head(str_from(body, at), stop - at);
		bool blank = str_trim(line).n == 0;
		if (!blank && from == SIZE_MAX)
			from = at;
		if (!blank) {
			depth += opens(a, line);
			end = stop;
		}
		/* A heading and a remark's end are a paragraph's end as well. */
		bool heading =
			depth <= 0 && (str_starts(line, STR("#")) || str_ends(str_trim(line), STR("-->")));
		if (from != SIZE_MAX && ((blank && depth <= 0) || heading || stop >= body.n)) {
			str source = str_head(str_from(body, from), end - from);
			list = arena_grow(a, list, n, &cap, sizeof *list);
			list[n++] = (struct desk_paragraph){
				.source = source, .at = from, .remark = str_starts(source, STR("<!--"))};
			from = SIZE_MAX;
			depth = 0;
		}
		at = stop + 1;
	}
	*out_n = n;
	return list;
}
