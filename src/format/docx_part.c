/* docx_part.c -- see docx_part.h.
 *
 * 1. Every paragraph's text is searched for tags; kind() is asked for each (events).
 * 2. Openings and closings are matched by a stack in document order. Both in one paragraph: an inline block. Else the
 *    block covers whole elements: children first..last of the two tags' lowest common ancestor, widened to the row.
 * 3. The part is written by a walk over its tokens. A block's elements are written once a step. A paragraph with slots
 *    of its own is first turned into edits (docx_edit.h), then its runs are written with them. */
#include "format/docx_part.h"
#include "format/docx_edit.h"
#include <stdio.h>
#include <stdlib.h>

struct block {
	size_t open, close;   /* events */
	uint32_t first, last; /* tokens: start of the first element, end of the last */
};

struct writer {
	struct docx_fill_ctx x; /* first: inner() gets back to the writer by it */
	struct block *blocks;   /* by first, outer before inner */
	size_t blocks_n, blocks_cap;
	bool *tags_only;        /* by paragraph: nothing to read but block tags */
	bool *gone;             /* by paragraph: goes with them */
	uint32_t *paragraph_of; /* by token of w:p: its index */
	bool paragraph_last;    /* the last thing written on block level was a paragraph */
	size_t rows;            /* written since the open table began */
};

static bool next_tag(
	const struct slot_host *host, const struct slot_where *w, size_t from, struct slot_tag *out)
{
	if (host->next == NULL)
		return slots_next(w->text, from, out);
	return host->next(host->user, w, from, out) && out->n > 0 && out->at >= from &&
	       out->at <= w->text.n && out->n <= w->text.n - out->at;
}

static enum rc find_events(struct docx_fill_ctx *x, struct err *err)
{
	size_t cap = 0;
	for (size_t p = 0; p < x->t.paragraphs_n; p++) {
		struct docx_paragraph *para = &x->t.paragraphs[p];
		struct slot_where where = {x->part, p + 1, para->text};
		struct slot_tag tag;
		for (size_t at = 0; next_tag(x->host, &where, at, &tag); at = tag.at + tag.n) {
			struct docx_event e = {.paragraph = (uint32_t)p,
				.at = (uint32_t)tag.at,
				.n = (uint32_t)tag.n,
				.inside = tag.inside,
				.mate = SIZE_MAX,
				.where = where};
			if (str_find(tag.inside, STR(OBJECT_MARK)) != SIZE_MAX || tag.n > SLOTS_TAG_MAX_BYTES)
				tag.closed = false;
			TRY(x->host->kind(x->host->user, tag.inside, tag.closed, &e.where, &e.kind, err));
			if (e.kind == SLOT_FOREIGN)
				continue;
			e.token = docx_piece_at(para, e.at)->from;
			x->events = arena_grow(x->a, x->events, x->events_n, &cap, sizeof *x->events);
			x->events[x->events_n++] = e;
		}
	}
	return RC_OK;
}

struct place {
	uint32_t token, at;
	size_t event;
};

static int by_place(const void *a, const void *b)
{
	const struct place *p = a, *q = b;
	if (p->token != q->token)
		return p->token < q->token ? -1 : 1;
	return p->at < q->at ? -1 : p->at > q->at;
}

static size_t chain_of(const struct docx_tree *t, uint32_t token, uint32_t chain[DOCX_DEPTH_MAX + 1])
{
	size_t n = 0;
	for (uint32_t i = token; i != UINT32_MAX && n <= DOCX_DEPTH_MAX; i = t->tokens[i].parent)
		chain[n++] = i;
	return n;
}

static enum rc misplaced(const struct docx_event *e, struct err *err)
{
	return FAIL(err, RC_INVALID,
		"%s, paragraph %zu: the block {{%.*s}} begins and ends in places that cannot be joined "
		"(“%.*s”)",
		e->where.part, e->where.paragraph, STR_ARG(e->inside), STR_ARG(docx_head_of(e->where.text)));
}

/* Which whole elements a block over several paragraphs covers. */
static enum rc cover(const struct docx_fill_ctx *x, struct block *b, struct err *err)
{
	const struct docx_tree *t = &x->t;
	const struct docx_event *open = &x->events[b->open], *close = &x->events[b->close];
	uint32_t ca[DOCX_DEPTH_MAX + 1], cb[DOCX_DEPTH_MAX + 1];
	size_t na = chain_of(t, t->paragraphs[open->paragraph].from, ca);
	size_t nb = chain_of(t, t->paragraphs[close->paragraph].from, cb);
	while (na > 0 && nb > 0 && ca[na - 1] == cb[nb - 1]) {
		na--;
		nb--;
	}
	if (na == 0 || nb == 0)
		return misplaced(open, err); /* one inside the other: a text box in the paragraph */
	uint32_t first = ca[na - 1], last = cb[nb - 1];
	unsigned name = t->tokens[first].name, parent = t->tokens[t->tokens[first].parent].name;
	if (parent == DN_TR || name == DN_TC) {
		first = last = docx_ancestor(t, first, DN_TR);
		if (first == UINT32_MAX)
			return misplaced(open, err);
	} else if (parent == DN_P || name == DN_TBL || t->tokens[last].name == DN_TBL) {
		return misplaced(open, err);
	}
	b->first = first;
	b->last = t->tokens[last].mate;
	return RC_OK;
}

/* Between whole paragraphs a tag must stand at the paragraph's edge, other tags of such blocks aside: what is outside of
 * it would be repeated all the same. */
static bool at_edge(const struct docx_fill_ctx *x, size_t i, bool opening)
{
	const struct docx_event *me = &x->events[i];
	size_t first, last, at = opening ? 0 : me->at + me->n;
	docx_events_of(x, me->paragraph, &first, &last);
	for (size_t k = opening ? first : i + 1; k < (opening ? i : last); k++) {
		const struct docx_event *e = &x->events[k];
		if (e->kind == SLOT_VALUE || e->inline_block)
			return false;
		if (!docx_blank(str_head(str_from(me->where.text, at), e->at - at)))
			return false;
		at = e->at + e->n;
	}
	return docx_blank(str_head(str_from(me->where.text, at), (opening ? me->at : me->where.text.n) - at));
}

static enum rc add_block(struct writer *w, size_t o, size_t c, struct err *err)
{
	struct docx_fill_ctx *x = &w->x;
	str open = x->events[o].inside, close = x->events[c].inside;
	if (x->host->pair && !x->host->pair(x->host->user, open, close))
		return FAIL(err, RC_INVALID, "%s, paragraph %zu: {{%.*s}} cannot close {{%.*s}}", x->part,
			x->events[c].where.paragraph, STR_ARG(close), STR_ARG(open));
	x->events[o].mate = c;
	x->events[c].mate = o;
	if (x->events[o].paragraph == x->events[c].paragraph) {
		x->events[o].inline_block = x->events[c].inline_block = true;
		return RC_OK;
	}
	struct block b = {.open = o, .close = c};
	TRY(cover(x, &b, err));
	w->blocks = arena_grow(x->a, w->blocks, w->blocks_n, &w->blocks_cap, sizeof *w->blocks);
	w->blocks[w->blocks_n++] = b;
	return RC_OK;
}

static int by_first(const void *a, const void *b)
{
	const struct block *p = a, *q = b;
	if (p->first != q->first)
		return p->first < q->first ? -1 : 1;
	if (p->last != q->last)
		return p->last > q->last ? -1 : 1;
	return p->open < q->open ? -1 : 1;
}

static enum rc match(struct writer *w, struct err *err)
{
	struct docx_fill_ctx *x = &w->x;
	size_t stack[SLOTS_DEPTH_MAX], depth = 0;
	struct place *places = NEWS(x->a, x->events_n, struct place);
	for (size_t i = 0; i < x->events_n; i++)
		places[i] = (struct place){x->events[i].token, x->events[i].at, i};
	qsort(places, x->events_n, sizeof *places, by_place);
	for (size_t k = 0; k < x->events_n; k++) {
		size_t i = places[k].event;
		struct docx_event *e = &x->events[i];
		if (e->kind == SLOT_OPEN) {
			if (depth == SLOTS_DEPTH_MAX)
				return FAIL(err, RC_LIMIT, "%s, paragraph %zu: blocks deeper than %d",
					x->part, e->where.paragraph, SLOTS_DEPTH_MAX);
			stack[depth++] = i;
		} else if (e->kind == SLOT_CLOSE) {
			if (depth == 0)
				return FAIL(err, RC_INVALID, "%s, paragraph %zu: {{%.*s}} closes no block",
					x->part, e->where.paragraph, STR_ARG(e->inside));
			TRY(add_block(w, stack[--depth], i, err));
		}
	}
	if (depth > 0) {
		struct docx_event *e = &x->events[stack[depth - 1]];
		return FAIL(err, RC_INVALID, "%s, paragraph %zu: the block {{%.*s}} has no end (“%.*s”)",
			x->part, e->where.paragraph, STR_ARG(e->inside),
			STR_ARG(docx_head_of(e->where.text)));
	}
	return RC_OK;
}

static enum rc order_blocks(struct writer *w, struct err *err)
{
	struct docx_fill_ctx *x = &w->x;
	for (size_t i = 0; i < w->blocks_n; i++) {
		struct block *b = &w->blocks[i];
		bool rows = x->t.tokens[b->first].name == DN_TR;
		if (!rows && (!at_edge(x, b->open, true) || !at_edge(x, b->close, false)))
			return misplaced(&x->events[b->open], err);
	}
	if (w->blocks_n)
		qsort(w->blocks, w->blocks_n, sizeof *w->blocks, by_first);
	return RC_OK;
}

static const struct block *block_of(const struct writer *w, size_t event)
{
	for (size_t i = 0; i < w->blocks_n; i++)
		if (w->blocks[i].open == event || w->blocks[i].close == event)
			return &w->blocks[i];
	return NULL;
}

/* Paragraphs with nothing to read but block tags. Those between whose blocks stand whole paragraphs go with their tags;
 * in a row they stay, empty: a cell needs its paragraph. */
static void find_gone(struct writer *w)
{
	struct docx_fill_ctx *x = &w->x;
	w->gone = NEWS(x->a, x->t.paragraphs_n + 1, bool);
	w->tags_only = NEWS(x->a, x->t.paragraphs_n + 1, bool);
	for (size_t i = 0; i < x->events_n;) {
		uint32_t p = x->events[i].paragraph;
		struct docx_paragraph *para = &x->t.paragraphs[p];
		bool only = true, rows = false;
		size_t at = 0;
		for (; i < x->events_n && x->events[i].paragraph == p; i++) {
			struct docx_event *e = &x->events[i];
			only = only && e->kind != SLOT_VALUE && !e->inline_block &&
			       docx_blank(str_head(str_from(para->text, at), e->at - at));
			const struct block *b = only ? block_of(w, i) : NULL;
			rows = rows || (b && x->t.tokens[b->first].name == DN_TR);
			at = e->at + e->n;
		}
		uint32_t ppr = docx_child(&x->t, para->from, DN_PPR);
		bool section = ppr != UINT32_MAX && docx_child(&x->t, ppr, DN_SECTPR) != UINT32_MAX;
		w->tags_only[p] = only && docx_blank(str_from(para->text, at));
		w->gone[p] = w->tags_only[p] && !rows && !section;
	}
}

static enum rc write_tokens(struct writer *w, uint32_t from, uint32_t to, size_t block, struct err *err);

static enum rc write_block(struct writer *w, size_t i, struct err *err)
{
	struct docx_fill_ctx *x = &w->x;
	struct block *b = &w->blocks[i];
	struct docx_event *e = &x->events[b->open];
	size_t times = 0;
	TRY(x->host->enter(x->host->user, e->inside, &e->where, &times, err));
	if (times > SLOTS_TIMES_MAX)
		return FAIL(err, RC_LIMIT, "{{%.*s}} repeats %zu times", STR_ARG(e->inside), times);
	for (size_t k = 0; k < times; k++) {
		TRY(x->host->step(x->host->user, k, err));
		x->copies += k > 0;
		TRY(write_tokens(w, b->first, b->last + 1, i + 1, err));
		x->copies -= k > 0;
	}
	x->host->leave(x->host->user);
	return RC_OK;
}

/* What of a paragraph must stay when the paragraph goes: the ends of bookmarks and comments. */
static void write_anchors(struct writer *w, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		unsigned name = w->x.t.tokens[i].name;
		if (name == DN_BOOKMARK_START || name == DN_BOOKMARK_END || name == DN_COMMENT_START ||
			name == DN_COMMENT_END)
			docx_copy_token(&w->x, i);
	}
}

static bool covered_by_rows(const struct writer *w, uint32_t row)
{
	const struct docx_tree *t = &w->x.t;
	for (size_t i = 0; i < w->blocks_n; i++) {
		const struct block *b = &w->blocks[i];
		if (b->first <= row && b->last >= t->tokens[row].mate && t->tokens[b->first].name == DN_TR &&
			t->tokens[b->first].mate != b->last)
			return true;
	}
	return false;
}

/* A row that held nothing but the tags of a block over several rows. */
static bool row_gone(const struct writer *w, uint32_t row)
{
	const struct docx_tree *t = &w->x.t;
	bool any = false;
	for (uint32_t i = row + 1; i < t->tokens[row].mate; i++) {
		if (t->tokens[i].name != DN_P || t->tokens[i].kind == DT_END)
			continue;
		uint32_t p = w->paragraph_of[i];
		if (!w->tags_only[p] && !docx_blank(t->paragraphs[p].text))
			return false;
		any = any || w->tags_only[p];
	}
	return any && covered_by_rows(w, row);
}

static enum rc write_edited(struct writer *w, uint32_t i, const struct docx_edits *edits, struct err *err)
{
	struct docx_fill_ctx *x = &w->x;
	const struct docx_paragraph *p = &x->t.paragraphs[w->paragraph_of[i]];
	uint32_t end = x->t.tokens[i].mate;
	docx_copy_token(x, i);
	for (uint32_t k = i + 1; k < end; k++) {
		if (x->t.tokens[k].name == DN_R && x->t.tokens[k].kind == DT_START) {
			TRY(docx_run_write(x, p, edits, k, err));
			k = x->t.tokens[k].mate;
		} else {
			docx_copy_token(x, k);
		}
	}
	docx_copy_token(x, end);
	return RC_OK;
}

static enum rc write_paragraph(struct writer *w, uint32_t i, struct err *err)
{
	struct docx_fill_ctx *x = &w->x;
	struct docx_tree *t = &x->t;
	uint32_t p = w->paragraph_of[i], end = t->tokens[i].mate;
	size_t first, last;
	docx_events_of(x, p, &first, &last);
	if (w->gone[p]) {
		write_anchors(w, i + 1, end);
		return RC_OK;
	}
	if (first == last) {
		docx_copy_token(x, i);
		TRY(write_tokens(w, i + 1, end, 0, err));
		if (end != i)
			docx_copy_token(x, end);
	} else {
		struct docx_edits edits;
		TRY(docx_edits_make(x, p, first, last, &edits, err));
		if (edits.emptied && t->tokens[t->tokens[i].parent].name == DN_BODY) {
			write_anchors(w, i + 1, end);
			return RC_OK;
		}
		TRY(write_edited(w, i, &edits, err));
	}
	w->paragraph_last = true;
	return RC_OK;
}

/* A table without rows is none. */
static enum rc write_table(struct writer *w, uint32_t i, struct err *err)
{
	struct buf *out = w->x.out;
	size_t before = out->n, rows = w->rows;
	bool paragraph_last = w->paragraph_last;
	uint32_t end = w->x.t.tokens[i].mate;
	w->rows = 0;
	docx_copy_token(&w->x, i);
	TRY(write_tokens(w, i + 1, end, 0, err));
	docx_copy_token(&w->x, end);
	w->paragraph_last = false;
	if (w->rows == 0 && docx_child(&w->x.t, i, DN_TR) != UINT32_MAX && !out->over) {
		out->n = before;
		out->p[before] = 0;
		w->paragraph_last = paragraph_last;
	}
	w->rows = rows;
	return RC_OK;
}

/* The block that begins at this token, none before `from`; SIZE_MAX when there is none. */
static size_t block_at(const struct writer *w, uint32_t token, size_t from)
{
	size_t low = from, high = w->blocks_n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (w->blocks[mid].first < token)
			low = mid + 1;
		else
			high = mid;
	}
	return low < w->blocks_n && w->blocks[low].first == token ? low : SIZE_MAX;
}

static enum rc write_token(struct writer *w, uint32_t i, uint32_t *next, struct err *err)
{
	const struct docx_token *k = &w->x.t.tokens[i];
	*next = k->mate + 1;
	if (k->name == DN_P && k->kind != DT_END)
		return write_paragraph(w, i, err);
	if (k->name == DN_TBL && k->kind == DT_START)
		return write_table(w, i, err);
	if (k->name == DN_TR && k->kind == DT_START) {
		if (row_gone(w, i))
			return RC_OK;
		w->rows++;
	} else if (k->name == DN_TC && k->kind == DT_START) {
		w->paragraph_last = false;
	} else if (k->name == DN_TC && k->kind == DT_END && !w->paragraph_last) {
		buf_printf(w->x.out, "<%sp/>", w->x.t.prefix);
	}
	*next = i + 1;
	docx_copy_token(&w->x, i);
	return RC_OK;
}

/* Tokens [from, to); blocks before `block` are those that we are inside of. */
static enum rc write_tokens(struct writer *w, uint32_t from, uint32_t to, size_t block, struct err *err)
{
	for (uint32_t i = from, next; i < to; i = next) {
		size_t b =
			w->x.t.tokens[i].kind == DT_START ? block_at(w, i, i == from ? block : 0) : SIZE_MAX;
		if (b != SIZE_MAX) {
			TRY(write_block(w, b, err));
			next = w->blocks[b].last + 1;
		} else {
			TRY(write_token(w, i, &next, err));
		}
	}
	return RC_OK;
}

static enum rc write_inner(struct docx_fill_ctx *x, uint32_t from, uint32_t to, struct err *err)
{
	return write_tokens((struct writer *)x, from, to, 0, err);
}

/* Control ids of our own that the part already holds would stand twice. */
static uint32_t control_base(str xml)
{
	uint32_t base = 0;
	for (char text[32]; base < 900; base++) {
		snprintf(text, sizeof text, "\"%u", 7100 + base);
		if (str_find(xml, str_of(text)) == SIZE_MAX)
			break;
	}
	return base * 100000;
}

enum rc docx_part_fill(struct arena *a, const char *part, str xml, const struct slot_host *host,
	struct docx_ids *ids, struct buf *out, bool *out_changed, struct err *err)
{
	struct writer w = {
		.x = {.a = a, .part = part, .host = host, .ids = ids, .out = out, .inner = write_inner}};
	struct docx_fill_ctx *x = &w.x;
	enum rc rc = docx_tree_read(a, xml, &x->t, err);
	if (rc != RC_OK)
		return err_at(err, rc, "%s", part);
	if (x->t.ours)
		TRY(find_events(x, err));
	if (x->events_n == 0) {
		*out_changed = false;
		return RC_OK;
	}
	TRY(match(&w, err));
	TRY(order_blocks(&w, err));
	find_gone(&w);
	w.paragraph_of = NEWS(a, x->t.n, uint32_t);
	for (uint32_t p = 0; p < x->t.paragraphs_n; p++)
		w.paragraph_of[x->t.paragraphs[p].from] = p;
	x->control_base = control_base(xml);
	TRY(write_tokens(&w, 0, (uint32_t)x->t.n, 0, err));
	*out_changed = true;
	return buf_ok(out)
		       ? RC_OK
		       : FAIL(err, RC_LIMIT, "%s is larger than %zu bytes when filled", part, out->max_bytes);
}
