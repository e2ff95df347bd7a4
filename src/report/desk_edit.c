/* desk_edit.c -- changes of a report's text (desk.h). */
#include "base/buf.h"
#include "report/desk.h"

enum { BODY_MAX_BYTES = 1 << 20 };

str desk_replace(struct arena *a, str body, const struct desk_paragraph *p, size_t at, size_t n, str with)
{
	struct buf b AUTO(buf_done) = {0};
	buf_init(&b, BODY_MAX_BYTES);
	buf_add(&b, str_head(body, p->at + at));
	buf_add(&b, with);
	buf_add(&b, str_from(body, p->at + at + n));
	return arena_str(a, buf_str(&b));
}

static size_t stop_at(str s, size_t at)
{
	static const char *const stops[] = {"。", "；", "！", "？", "\n"};
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		if (str_starts(str_from(s, at), str_of(stops[i])))
			return strlen(stops[i]);
	return 0;
}

static bool block_tag(str s, size_t at)
{
	str t = str_from(s, at);
	return str_starts(t, STR("{{#")) || str_starts(t, STR("{{/"));
}

static size_t after_tag(str s, size_t at)
{
	size_t end = str_find(str_from(s, at), STR("}}"));
	return end == SIZE_MAX ? s.n : at + end + 2;
}

/* The sentence that holds byte `at`: from behind the stop or block tag before it to the next stop, or before a block tag. */
static void sentence(str s, size_t at, size_t *from, size_t *to)
{
	*from = 0;
	for (size_t k = 0; k < at;) {
		size_t stop = stop_at(s, k);
		if (block_tag(s, k)) {
			k = *from = after_tag(s, k);
		} else if (str_starts(str_from(s, k), STR("{{"))) {
			k = after_tag(s, k);
		} else {
			k += stop ? stop : 1;
			*from = stop ? k : *from;
		}
	}
	if (*from > at)
		*from = at;
	for (*to = at; *to < s.n;) {
		size_t stop = stop_at(s, *to);
		if (block_tag(s, *to))
			return;
		if (stop) {
			*to += stop;
			return;
		}
		*to = str_starts(str_from(s, *to), STR("{{")) ? after_tag(s, *to) : *to + 1;
	}
	if (*to > s.n)
		*to = s.n;
}

str desk_drop_sentence(struct arena *a, str body, const struct desk_paragraph *p, size_t at)
{
	size_t from, to;
	sentence(p->source, at, &from, &to);
	return desk_replace(a, body, p, from, to - from, (str){0});
}

static size_t slot_at(const struct desk_paragraph *p, str slot, size_t *out_n)
{
	struct slot_tag tag;
	for (size_t at = 0; slots_next(p->source, at, &tag); at = tag.at + tag.n)
		if (tag.closed && str_eq(tag.inside, slot)) {
			*out_n = tag.n;
			return tag.at;
		}
	return SIZE_MAX;
}

str desk_guard(struct arena *a, str body, const struct desk_paragraph *p, str slot)
{
	size_t n, from, to, at = slot_at(p, slot, &n);
	struct slot_tag_parts t;
	if (at == SIZE_MAX || !template_parse(a, slot, &t))
		return body;
	sentence(p->source, at, &from, &to);
	struct slot_tag_parts only = {.kind = TAG_VALUE, .ref = t.ref};
	str inner = str_head(str_from(p->source, from), to - from);
	return desk_replace(a, body, p, from, to - from,
		arena_fmt(a, "{{#if %.*s}}%.*s{{/if}}", STR_ARG(template_tag(a, &only)), STR_ARG(inner)));
}

str desk_state_zero(struct arena *a, str body, const struct desk_paragraph *p, str id, str label)
{
	return desk_replace(a, body, p, p->source.n, 0,
		arena_fmt(a, "{{#if not %.*s}}%.*s为零。{{/if}}", STR_ARG(id), STR_ARG(label)));
}

str desk_rewrite(struct arena *a, str body, const struct desk_paragraph *p, str slot, str rule)
{
	size_t n, at = slot_at(p, slot, &n);
	struct slot_tag_parts t;
	if (at == SIZE_MAX || !template_parse(a, slot, &t))
		return body;
	t.rule = rule;
	return desk_replace(a, body, p, at, n, arena_fmt(a, "{{%.*s}}", STR_ARG(template_tag(a, &t))));
}
