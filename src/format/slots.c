/* slots.c -- see slots.h. The text is walked once for its tags; blocks are matched by a stack and get two ranges: what they
 * cover and what they repeat. Then a recursive walk writes the ranges out. */
#include "format/slots.h"
#include <assert.h>

static size_t brace_at(str s, size_t at, char ascii, const char *wide)
{
	if (at < s.n && s.p[at] == ascii)
		return 1;
	return str_starts(str_from(s, at), str_of(wide)) ? strlen(wide) : 0;
}

static size_t pair_at(str s, size_t at, char ascii, const char *wide)
{
	size_t one = brace_at(s, at, ascii, wide);
	size_t two = one ? brace_at(s, at + one, ascii, wide) : 0;
	return two ? one + two : 0;
}

static size_t opening(str s, size_t at)
{
	return pair_at(s, at, '{', "｛");
}

static size_t closing(str s, size_t at)
{
	return pair_at(s, at, '}', "｝");
}

bool slots_next(str s, size_t from, struct slot_tag *out)
{
	size_t at = from, open = 0;
	/* ｛ begins with EF */
	while (at < s.n && ((s.p[at] != '{' && s.p[at] != '\xEF') || !(open = opening(s, at))))
		at++;
	if (at >= s.n)
		return false;
	/* {{{x}}: the last pair of the braces opens. */
	for (size_t more; (more = opening(s, at + brace_at(s, at, '{', "｛"))) != 0; open = more)
		at += brace_at(s, at, '{', "｛");
	for (size_t end = at + open; end < s.n; end++) {
		if (s.p[end] != '{' && s.p[end] != '}' && s.p[end] != '\xEF')
			continue;
		size_t close = closing(s, end);
		if (!close && !opening(s, end))
			continue;
		str inside = str_head(str_from(s, at + open), end - at - open);
		*out = (struct slot_tag){
			at, close ? end + close - at : end - at, str_trim(inside), close != 0};
		return true;
	}
	*out = (struct slot_tag){at, s.n - at, str_trim(str_from(s, at + open)), false};
	return true;
}

struct event {
	size_t at, n;
	str inside;
	enum slot_kind kind;
	struct slot_where where;
	size_t line_at, line_end;    /* without the newline */
	size_t mate;                 /* of a block */
	size_t from, to;             /* of an opening: what the block covers */
	size_t inner_from, inner_to; /* and what it repeats */
};

struct filler {
	struct arena *a;
	str text;
	const struct slot_host *host;
	struct event *events;
	size_t n, cap;
	bool marks;
	struct buf *out;
};

static enum rc events_of_line(
	struct filler *f, size_t line_at, size_t line_end, size_t paragraph, struct err *err)
{
	str line = str_head(str_from(f->text, line_at), line_end - line_at);
	struct slot_tag tag;
	for (size_t at = 0; slots_next(line, at, &tag); at = tag.at + tag.n) {
		struct event e = {.at = line_at + tag.at,
			.n = tag.n,
			.inside = tag.inside,
			.where = {"", paragraph, line},
			.line_at = line_at,
			.line_end = line_end,
			.mate = SIZE_MAX};
		if (tag.n > SLOTS_TAG_MAX_BYTES)
			return FAIL(err, RC_INVALID, "paragraph %zu: a slot of %zu bytes", paragraph, tag.n);
		TRY(f->host->kind(f->host->user, tag.inside, tag.closed, &e.where, &e.kind, err));
		if (e.kind == SLOT_FOREIGN)
			continue;
		f->events = arena_grow(f->a, f->events, f->n, &f->cap, sizeof *f->events);
		f->events[f->n++] = e;
	}
	return RC_OK;
}

/* The paragraph's number counts runs of lines between blank ones. */
static enum rc collect(struct filler *f, struct err *err)
{
	size_t paragraph = 0;
	bool blank = true;
	for (size_t at = 0; at < f->text.n;) {
		size_t end = str_find_byte(str_from(f->text, at), '\n');
		end = end == SIZE_MAX ? f->text.n : at + end;
		str line = str_trim(str_head(str_from(f->text, at), end - at));
		if (line.n > 0 && blank)
			paragraph++;
		blank = line.n == 0;
		TRY(events_of_line(f, at, end, paragraph, err));
		at = end + 1;
	}
	return RC_OK;
}

/* Nothing on the event's line but block tags, blanks and the bars of a table row. */
static bool line_of_tags(const struct filler *f, const struct event *e)
{
	for (size_t at = e->line_at, i = 0; at < e->line_end;) {
		while (i < f->n && f->events[i].at < at)
			i++;
		if (i < f->n && f->events[i].at == at) {
			if (f->events[i].kind == SLOT_VALUE)
				return false;
			at += f->events[i].n;
		} else if (strchr(" \t\r|", f->text.p[at])) {
			at++;
		} else {
			return false;
		}
	}
	return true;
}

static size_t after_line(const struct filler *f, const struct event *e)
{
	return e->line_end < f->text.n ? e->line_end + 1 : e->line_end;
}

/* In a row the block's tags are the first and the last: a value outside of them would belong to no row. */
static bool row_is_whole(const struct filler *f, const struct event *open, const struct event *close)
{
	const struct event *end = f->events + f->n;
	return (open == f->events || open[-1].line_at != open->line_at || open[-1].kind != SLOT_VALUE) &&
	       (close + 1 == end || close[1].line_at != close->line_at || close[1].kind != SLOT_VALUE);
}

static enum rc range_of(struct filler *f, struct event *open, const struct event *close, struct err *err)
{
	open->from = open->at;
	open->inner_from = open->at + open->n;
	open->inner_to = close->at;
	open->to = close->at + close->n;
	str between = str_head(str_from(f->text, open->inner_from), open->inner_to - open->inner_from);
	str line = str_trim(str_head(str_from(f->text, open->line_at), open->line_end - open->line_at));
	if (open->line_at == close->line_at) {
		if (!str_starts(line, STR("|")) || str_find_byte(between, '|') == SIZE_MAX)
			return RC_OK;
		if (!row_is_whole(f, open, close))
			return FAIL(err, RC_INVALID,
				"paragraph %zu: in a table row {{%.*s}} must be the first slot and its end "
				"the last",
				open->where.paragraph, STR_ARG(open->inside));
		open->from = open->inner_from = open->line_at;
		open->to = open->inner_to = after_line(f, open);
		return RC_OK;
	}
	if (line_of_tags(f, open)) {
		open->from = open->line_at;
		open->inner_from = after_line(f, open);
	}
	if (line_of_tags(f, close)) {
		open->inner_to = close->line_at;
		open->to = after_line(f, close);
	}
	if (open->inner_from > open->inner_to) /* both on neighbouring lines of tags */
		open->inner_from = open->inner_to;
	return RC_OK;
}

static enum rc match(struct filler *f, struct err *err)
{
	size_t stack[SLOTS_DEPTH_MAX], depth = 0;
	for (size_t i = 0; i < f->n; i++) {
		struct event *e = &f->events[i];
		if (e->kind == SLOT_OPEN) {
			if (depth == SLOTS_DEPTH_MAX)
				return FAIL(err, RC_LIMIT, "paragraph %zu: blocks deeper than %d",
					e->where.paragraph, SLOTS_DEPTH_MAX);
			stack[depth++] = i;
		} else if (e->kind == SLOT_CLOSE) {
			if (depth == 0)
				return FAIL(err, RC_INVALID, "paragraph %zu: {{%.*s}} closes no block",
					e->where.paragraph, STR_ARG(e->inside));
			size_t o = stack[--depth];
			if (f->host->pair && !f->host->pair(f->host->user, f->events[o].inside, e->inside))
				return FAIL(err, RC_INVALID, "paragraph %zu: {{%.*s}} cannot close {{%.*s}}",
					e->where.paragraph, STR_ARG(e->inside), STR_ARG(f->events[o].inside));
			f->events[o].mate = i;
			e->mate = o;
		}
	}
	if (depth > 0) {
		struct event *e = &f->events[stack[depth - 1]];
		return FAIL(err, RC_INVALID, "paragraph %zu: the block {{%.*s}} has no end",
			e->where.paragraph, STR_ARG(e->inside));
	}
	for (size_t i = 0; i < f->n; i++)
		if (f->events[i].kind == SLOT_OPEN)
			TRY(range_of(f, &f->events[i], &f->events[f->events[i].mate], err));
	return RC_OK;
}

static void put_value(struct filler *f, const struct slot_fill *v)
{
	bool marked = f->marks && v->tag.n > 0;
	if (marked) {
		buf_putc(f->out, SLOT_MARK);
		buf_add(f->out, v->tag);
		buf_putc(f->out, SLOT_MARK_MID);
		buf_add(f->out, v->label);
		buf_putc(f->out, SLOT_MARK_MID);
	}
	for (size_t i = 0; i < v->text.n; i++) {
		char c = v->text.p[i];
		if (f->marks && c == '|') /* no value makes a cell, */
			buf_putc(f->out, '\\');
		if (f->marks && c == '\n') /* or a line */
			c = ' ';
		if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t')
			buf_putc(f->out, c);
	}
	if (marked)
		buf_putc(f->out, SLOT_MARK_END);
}

/* Text as it stands, without the tags of blocks. */
static void copy_text(struct filler *f, size_t from, size_t to)
{
	size_t low = 0, high = f->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (f->events[mid].at < from)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < f->n && f->events[low].at < to; low++) {
		buf_add(f->out, str_head(str_from(f->text, from), f->events[low].at - from));
		from = f->events[low].at + f->events[low].n;
	}
	if (to > from)
		buf_add(f->out, str_head(str_from(f->text, from), to - from));
}

static enum rc write_range(
	struct filler *f, size_t from, size_t to, size_t first, size_t last, struct err *err);

static enum rc write_block(struct filler *f, size_t i, struct err *err)
{
	struct event *e = &f->events[i];
	size_t times = 0;
	TRY(f->host->enter(f->host->user, e->inside, &e->where, &times, err));
	if (times > SLOTS_TIMES_MAX)
		return FAIL(err, RC_LIMIT, "{{%.*s}} repeats %zu times", STR_ARG(e->inside), times);
	for (size_t k = 0; k < times; k++) {
		TRY(f->host->step(f->host->user, k, err));
		TRY(write_range(f, e->inner_from, e->inner_to, i + 1, e->mate, err));
	}
	f->host->leave(f->host->user);
	return RC_OK;
}

static enum rc write_value(struct filler *f, size_t i, size_t to, size_t *at, struct err *err)
{
	struct event *e = &f->events[i];
	size_t end = e->at + e->n, stop = to < e->line_end ? to : e->line_end, head = e->line_at;
	if (i + 1 < f->n && f->events[i + 1].at < stop && f->events[i + 1].at >= end)
		stop = f->events[i + 1].at;
	if (i > 0 && f->events[i - 1].at + f->events[i - 1].n > head)
		head = f->events[i - 1].at + f->events[i - 1].n;
	struct slot_fill v = {0};
	str after = stop > end ? str_head(str_from(f->text, end), stop - end) : (str){0};
	str before = str_head(str_from(f->text, head), e->at - head);
	TRY(f->host->fill(f->host->user, e->inside, before, after, &e->where, &v, err));
	assert(v.eat <= after.n);
	put_value(f, &v);
	buf_add(f->out, v.instead);
	*at = end + v.eat;
	return RC_OK;
}

/* Text [from, to) with the events first..last-1, of which those inside a block are the block's. */
static enum rc write_range(
	struct filler *f, size_t from, size_t to, size_t first, size_t last, struct err *err)
{
	size_t at = from;
	for (size_t i = first; i < last; i++) {
		struct event *e = &f->events[i];
		size_t begins = e->kind == SLOT_OPEN ? e->from : e->at;
		if (e->kind == SLOT_CLOSE)
			continue;
		if (begins > at) {
			copy_text(f, at, begins);
			at = begins;
		}
		if (e->kind == SLOT_OPEN) {
			TRY(write_block(f, i, err));
			at = e->to > at ? e->to : at;
			i = e->mate;
		} else {
			TRY(write_value(f, i, to, &at, err));
		}
	}
	if (to > at)
		copy_text(f, at, to);
	return RC_OK;
}

enum rc slots_fill_text(
	struct arena *a, str text, const struct slot_host *host, bool marks, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 && !strchr("\t\r\n", text.p[i]))
			return FAIL(err, RC_INVALID, "the template holds a control character at byte %zu", i);
	struct filler f = {.a = a, .text = text, .host = host, .marks = marks, .out = out};
	TRY(collect(&f, err));
	TRY(match(&f, err));
	TRY(write_range(&f, 0, text.n, 0, f.n, err));
	return buf_ok(out) ? RC_OK
			   : FAIL(err, RC_LIMIT, "the filled text is larger than %zu bytes", out->max_bytes);
}
