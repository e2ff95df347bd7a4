/* docx_edit.c -- see docx_edit.h. */
#include "format/docx_edit.h"
#include "base/utf8.h"
#include "format/xml.h"
#include <assert.h>

enum { CONTROL_ID_FIRST = 710000001, DRAWING_ID_FIRST = 710001 };

bool docx_blank(str s)
{
	return str_trim(s).n == 0;
}

str docx_head_of(str s)
{
	size_t at = 0, n;
	for (int i = 0; i < 24 && at < s.n; i++) {
		(void)utf8_next(str_from(s, at), &n);
		at += n;
	}
	return str_head(s, at);
}

void docx_events_of(const struct docx_fill_ctx *x, uint32_t paragraph, size_t *first, size_t *last)
{
	size_t low = 0, high = x->events_n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (x->events[mid].paragraph < paragraph)
			low = mid + 1;
		else
			high = mid;
	}
	*first = low;
	while (low < x->events_n && x->events[low].paragraph == paragraph)
		low++;
	*last = low;
}

const struct docx_piece *docx_piece_at(const struct docx_paragraph *p, uint32_t at)
{
	for (size_t i = 0; i < p->pieces_n; i++)
		if (at < p->pieces[i].at + p->pieces[i].n)
			return &p->pieces[i];
	assert(!"a byte of the text outside of its pieces");
	return NULL;
}

/* Making edits. */

struct maker {
	struct docx_fill_ctx *x;
	const struct docx_paragraph *p;
	struct docx_edits *e;
	bool nothing; /* a block of no times was met */
};

static void begin_edit(struct maker *m, size_t at, size_t n)
{
	m->e->edits = arena_grow(m->x->a, m->e->edits, m->e->n, &m->e->cap, sizeof *m->e->edits);
	m->e->edits[m->e->n++] =
		(struct docx_edit){.at = (uint32_t)at, .n = (uint32_t)n, .first = m->e->inserts_n};
}

static void insert(struct maker *m, struct docx_insert ins)
{
	assert(m->e->n > 0);
	m->e->inserts = arena_grow(
		m->x->a, m->e->inserts, m->e->inserts_n, &m->e->inserts_cap, sizeof *m->e->inserts);
	m->e->inserts[m->e->inserts_n++] = ins;
	m->e->edits[m->e->n - 1].count++;
}

/* The paragraph's text [from, to) once more, piece by piece. */
static void insert_literal(struct maker *m, size_t from, size_t to)
{
	for (size_t i = 0; i < m->p->pieces_n; i++) {
		const struct docx_piece *k = &m->p->pieces[i];
		size_t a = k->at > from ? k->at : from, b = k->at + k->n < to ? k->at + k->n : to;
		if (a >= b)
			continue;
		struct docx_insert ins = {.run = k->run};
		if (k->kind == DP_OBJECT)
			ins.object = k;
		else
			ins.text = str_head(str_from(m->p->text, a), b - a);
		insert(m, ins);
	}
}

static enum rc edit_range(
	struct maker *m, size_t first, size_t last, size_t from, size_t to, bool inserting, struct err *err);

static enum rc edit_value(
	struct maker *m, size_t i, size_t from, size_t to, bool inserting, size_t *at, struct err *err)
{
	const struct docx_event *e = &m->x->events[i];
	size_t end = e->at + e->n;
	if (i + 1 < m->x->events_n && e[1].paragraph == e->paragraph && e[1].at < to)
		to = e[1].at;
	if (i > 0 && e[-1].paragraph == e->paragraph && e[-1].at + e[-1].n > from)
		from = e[-1].at + e[-1].n;
	str before = from < e->at ? str_head(str_from(m->p->text, from), e->at - from) : (str){0};
	str after = str_head(str_from(m->p->text, end), to - end);
	struct slot_fill v = {0};
	TRY(m->x->host->fill(m->x->host->user, e->inside, before, after, &e->where, &v, err));
	assert(v.eat <= after.n);
	uint32_t run = docx_piece_at(m->p, e->at)->run;
	if (!inserting)
		begin_edit(m, e->at, e->n);
	insert(m, (struct docx_insert){.text = v.text, .tag = v.tag, .label = v.label, .run = run});
	if (v.eat > 0) {
		if (!inserting)
			begin_edit(m, end, v.eat);
		run = docx_piece_at(m->p, (uint32_t)end)->run;
	}
	if (v.instead.n > 0)
		insert(m, (struct docx_insert){.text = v.instead, .run = run});
	*at = end + v.eat;
	return RC_OK;
}

static enum rc edit_block(struct maker *m, size_t i, bool inserting, struct err *err)
{
	const struct docx_event *open = &m->x->events[i], *close = &m->x->events[open->mate];
	const struct slot_host *host = m->x->host;
	size_t inner_from = open->at + open->n, inner_to = close->at, times = 0;
	TRY(host->enter(host->user, open->inside, &open->where, &times, err));
	if (times > SLOTS_TIMES_MAX)
		return FAIL(err, RC_LIMIT, "{{%.*s}} repeats %zu times", STR_ARG(open->inside), times);
	m->nothing = m->nothing || times == 0;
	if (!inserting)
		begin_edit(m, open->at, times ? open->n : close->at + close->n - open->at);
	for (size_t k = 0; k < times; k++) {
		TRY(host->step(host->user, k, err));
		TRY(edit_range(m, i + 1, open->mate, inner_from, inner_to, inserting || k > 0, err));
		if (k == 0 && !inserting)
			begin_edit(m, close->at, close->n);
	}
	host->leave(host->user);
	return RC_OK;
}

static enum rc edit_range(
	struct maker *m, size_t first, size_t last, size_t from, size_t to, bool inserting, struct err *err)
{
	size_t at = from;
	for (size_t i = first; i < last; i++) {
		const struct docx_event *e = &m->x->events[i];
		if (inserting && e->at > at)
			insert_literal(m, at, e->at);
		if (e->kind == SLOT_VALUE) {
			TRY(edit_value(m, i, from, to, inserting, &at, err));
		} else if (e->inline_block) {
			TRY(edit_block(m, i, inserting, err));
			i = e->mate;
			at = m->x->events[i].at + m->x->events[i].n;
		} else {
			begin_edit(m, e->at, e->n);
			at = e->at + e->n;
		}
	}
	if (inserting && to > at)
		insert_literal(m, at, to);
	return RC_OK;
}

static bool nothing_left(const struct maker *m)
{
	size_t at = 0;
	for (size_t i = 0; i < m->e->n; i++) {
		if (!docx_blank(str_head(str_from(m->p->text, at), m->e->edits[i].at - at)))
			return false;
		at = m->e->edits[i].at + m->e->edits[i].n;
	}
	for (size_t i = 0; i < m->e->inserts_n; i++)
		if (m->e->inserts[i].object || !docx_blank(m->e->inserts[i].text))
			return false;
	return docx_blank(str_from(m->p->text, at));
}

enum rc docx_edits_make(struct docx_fill_ctx *x, uint32_t paragraph, size_t first, size_t last,
	struct docx_edits *out, struct err *err)
{
	struct maker m = {.x = x, .p = &x->t.paragraphs[paragraph], .e = out};
	*out = (struct docx_edits){0};
	TRY(edit_range(&m, first, last, 0, m.p->text.n, false, err));
	out->emptied = m.nothing && nothing_left(&m);
	return RC_OK;
}

/* Writing. */

static void put_without(struct buf *b, str tag, const char *name)
{
	size_t at = str_find(tag, str_of(name));
	size_t end = at == SIZE_MAX ? SIZE_MAX : str_find_byte(str_from(tag, at + strlen(name)), '"');
	if (end == SIZE_MAX) {
		buf_add(b, tag);
		return;
	}
	buf_add(b, str_head(tag, at));
	buf_add(b, str_from(tag, at + strlen(name) + end + 1));
}

/* In a copy: no second bookmark or comment anchor, no second paragraph id, a new drawing id. */
static void copy_again(struct docx_fill_ctx *x, uint32_t i)
{
	const struct docx_token *k = &x->t.tokens[i];
	str s = docx_token_bytes(&x->t, i);
	if (k->name == DN_BOOKMARK_START || k->name == DN_BOOKMARK_END || k->name == DN_COMMENT_START ||
		k->name == DN_COMMENT_END || k->name == DN_COMMENT_REFERENCE)
		return;
	if ((k->name == DN_P || k->name == DN_TR) && k->kind != DT_END) {
		char *tag = arena_cstr(x->a, s);
		struct buf once;
		buf_init(&once, DOCX_PART_MAX_BYTES);
		put_without(&once, str_of(tag), " w14:paraId=\"");
		put_without(x->out, buf_str(&once), " w14:textId=\"");
		buf_done(&once);
		return;
	}
	str id = k->name == DN_DOCPR && k->kind != DT_END ? docx_attribute(&x->t, i, "id") : (str){0};
	if (id.p) {
		buf_add(x->out, str_head(s, (size_t)(id.p - s.p)));
		buf_u64(x->out, DRAWING_ID_FIRST + x->ids->drawings++);
		buf_add(x->out, str_from(s, (size_t)(id.p - s.p) + id.n));
		return;
	}
	buf_add(x->out, s);
}

void docx_copy_token(struct docx_fill_ctx *x, uint32_t i)
{
	if (x->copies > 0)
		copy_again(x, i);
	else
		buf_add(x->out, docx_token_bytes(&x->t, i));
}

static void copy_tokens(struct docx_fill_ctx *x, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i <= to; i++)
		docx_copy_token(x, i);
}

struct run_writer {
	struct docx_fill_ctx *x;
	uint32_t run; /* the run being written */
	uint32_t
		style; /* of the run that stands open in the output: itself, or one that an insert comes from */
	bool open, in_text;
};

static void tag_open(struct docx_fill_ctx *x, const char *name)
{
	buf_printf(x->out, "<%s%s>", x->t.prefix, name);
}

static void tag_close(struct docx_fill_ctx *x, const char *name)
{
	buf_printf(x->out, "</%s%s>", x->t.prefix, name);
}

static void run_style(struct docx_fill_ctx *x, uint32_t run)
{
	uint32_t style = run == UINT32_MAX ? UINT32_MAX : docx_child(&x->t, run, DN_RPR);
	if (style != UINT32_MAX)
		copy_tokens(x, style, x->t.tokens[style].mate);
}

static void end_text(struct run_writer *w)
{
	if (w->in_text)
		tag_close(w->x, "t");
	w->in_text = false;
}

static void end_run(struct run_writer *w)
{
	end_text(w);
	if (w->open)
		tag_close(w->x, "r");
	w->open = false;
}

static void begin_run(struct run_writer *w, uint32_t style)
{
	if (w->open && w->style == style)
		return;
	end_run(w);
	if (style == w->run)
		docx_copy_token(w->x, w->run);
	else
		tag_open(w->x, "r");
	run_style(w->x, style);
	w->open = true;
	w->style = style;
}

static void put_text(struct run_writer *w, str s)
{
	struct docx_fill_ctx *x = w->x;
	for (size_t at = 0; at < s.n;) {
		size_t end = at;
		while (end < s.n && s.p[end] != '\n' && s.p[end] != '\t')
			end++;
		if (end > at) {
			if (!w->in_text)
				buf_printf(x->out, "<%st xml:space=\"preserve\">", x->t.prefix);
			w->in_text = true;
			xml_text(x->out, str_head(str_from(s, at), end - at));
		}
		if (end < s.n) {
			end_text(w);
			buf_printf(x->out, "<%s%s/>", x->t.prefix, s.p[end] == '\n' ? "br" : "tab");
		}
		at = end + 1;
	}
}

/* A control may not stand in a plain-text control, and need not in one of the same tag. */
static bool control_allowed(const struct docx_fill_ctx *x, uint32_t run, str tag)
{
	if (x->t.prefix[0] == 0)
		return false;
	for (uint32_t i = docx_ancestor(&x->t, run, DN_SDT); i != UINT32_MAX;
		i = docx_ancestor(&x->t, i, DN_SDT)) {
		uint32_t pr = docx_child(&x->t, i, DN_SDTPR);
		if (pr == UINT32_MAX)
			continue;
		uint32_t named = docx_child(&x->t, pr, DN_TAG);
		if (docx_child(&x->t, pr, DN_TEXT) != UINT32_MAX ||
			(named != UINT32_MAX && str_eq(docx_attribute(&x->t, named, "val"), tag)))
			return false;
	}
	return true;
}

static void open_control(struct docx_fill_ctx *x, const struct docx_insert *ins)
{
	const char *p = x->t.prefix;
	buf_printf(x->out, "<%ssdt><%ssdtPr>", p, p);
	if (ins->label.n > 0) {
		buf_printf(x->out, "<%salias %sval=\"", p, p);
		xml_attr(x->out, ins->label);
		buf_puts(x->out, "\"/>");
	}
	buf_printf(x->out, "<%stag %sval=\"", p, p);
	xml_attr(x->out, ins->tag);
	buf_printf(x->out, "\"/><%sid %sval=\"%u\"/></%ssdtPr><%ssdtContent>", p, p,
		x->control_base + CONTROL_ID_FIRST + x->ids->controls++, p, p);
}

static enum rc put_insert(struct run_writer *w, const struct docx_insert *ins, struct err *err)
{
	struct docx_fill_ctx *x = w->x;
	if (ins->text.n == 0 && !ins->object)
		return RC_OK;
	bool control = ins->tag.n > 0 && control_allowed(x, w->run, ins->tag);
	if (!control && !ins->object) {
		begin_run(w, ins->run);
		put_text(w, ins->text);
		return RC_OK;
	}
	end_run(w);
	if (control)
		open_control(x, ins);
	tag_open(x, "r");
	run_style(x, ins->run);
	struct run_writer own = {.x = x, .run = ins->run, .open = true};
	if (ins->object) {
		x->copies++;
		TRY(x->inner(x, ins->object->from, ins->object->to + 1, err));
		x->copies--;
	} else {
		put_text(&own, ins->text);
	}
	end_run(&own);
	if (control)
		buf_printf(x->out, "</%ssdtContent></%ssdt>", x->t.prefix, x->t.prefix);
	return RC_OK;
}

/* The first edit that ends behind `at`. */
static size_t edit_after(const struct docx_edits *e, size_t at)
{
	size_t low = 0, high = e->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (e->edits[mid].at + e->edits[mid].n <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum rc put_literal(struct run_writer *w, const struct docx_paragraph *p, const struct docx_piece *k,
	size_t from, size_t to, struct err *err)
{
	begin_run(w, w->run);
	if (k->kind == DP_TEXT) {
		put_text(w, str_head(str_from(p->text, from), to - from));
		return RC_OK;
	}
	end_text(w);
	if (k->kind == DP_OBJECT)
		return w->x->inner(w->x, k->from, k->to + 1, err);
	copy_tokens(w->x, k->from, k->to);
	return RC_OK;
}

static enum rc put_piece(struct run_writer *w, const struct docx_paragraph *p, const struct docx_piece *k,
	const struct docx_edits *e, struct err *err)
{
	size_t pos = k->at, end = k->at + k->n;
	size_t i = edit_after(e, pos);
	if (k->kind == DP_TEXT && (i == e->n || e->edits[i].at >= end)) {
		begin_run(w, w->run);
		end_text(w);
		copy_tokens(w->x, k->from, k->to); /* untouched: its own bytes */
		return RC_OK;
	}
	while (pos < end) {
		const struct docx_edit *d = i < e->n ? &e->edits[i] : NULL;
		size_t stop = d && d->at < end ? d->at : end;
		if (stop > pos) {
			TRY(put_literal(w, p, k, pos, stop, err));
			pos = stop;
		} else {
			assert(d != NULL);
			for (size_t n = 0; d->at == pos && n < d->count; n++)
				TRY(put_insert(w, &e->inserts[d->first + n], err));
			pos = d->at + d->n;
			i++;
		}
	}
	return RC_OK;
}

enum rc docx_run_write(struct docx_fill_ctx *x, const struct docx_paragraph *p,
	const struct docx_edits *edits, uint32_t run, struct err *err)
{
	const struct docx_tree *t = &x->t;
	struct run_writer w = {.x = x, .run = run};
	size_t k = 0;
	while (k < p->pieces_n && p->pieces[k].from < run)
		k++;
	bool mine = k < p->pieces_n && p->pieces[k].from < t->tokens[run].mate;
	if (!mine) { /* deleted text, field codes: as they are */
		copy_tokens(x, run, t->tokens[run].mate);
		return RC_OK;
	}
	for (uint32_t i = run + 1; i < t->tokens[run].mate; i = t->tokens[i].mate + 1) {
		if (t->tokens[i].name == DN_RPR || t->tokens[i].kind == DT_TEXT)
			continue;
		if (k < p->pieces_n && p->pieces[k].from == i) {
			TRY(put_piece(&w, p, &p->pieces[k], edits, err));
			k++;
		} else {
			begin_run(&w, run);
			end_text(&w);
			copy_tokens(x, i, t->tokens[i].mate);
		}
	}
	end_run(&w);
	return RC_OK;
}
