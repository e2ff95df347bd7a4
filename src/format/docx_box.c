/* docx_box.c -- see docx_box.h. */
#include "format/docx_box.h"
#include "base/utf8.h"
#include "format/xlsx_fill.h"

enum {
	CALL_KIND = BOX_OWN,
	CALL_PAIR,
	CALL_ENTER,
	CALL_STEP,
	CALL_LEAVE,
	CALL_FILL,
	CALL_NEXT,
	ANSWER,
	SAY_PIECE,
	SAY_PARAGRAPH,
	PIECE_BYTES = 1 << 20,
	REPORT_BYTES = 128 << 20,
	CALLS_MAX = 4000000
};

/* ---- filling, in the child: a host that asks across ---- */

struct far_host {
	struct box *box;
	struct arena *a;
};

static void put_where(struct box *b, const struct slot_where *w)
{
	box_str(b, str_of(w->part));
	box_i64(b, (int64_t)w->paragraph);
	box_str(b, w->text);
}

/* Sends the call that was begun, takes the answer's code; *in holds what else it says. */
static enum rc call(struct far_host *h, struct box_in *in, struct err *err)
{
	uint8_t type;
	bool any;
	TRY(box_end(h->box, err));
	TRY(box_flush(h->box, err));
	if (!box_hear(h->box, true, &type, in, &any) || !any || type != ANSWER)
		return FAIL(err, RC_IO, "the program that asked has gone");
	uint32_t rc = box_get_u32(in);
	str words = box_get_str(in);
	return rc == RC_OK ? RC_OK : FAIL(err, (enum rc)rc, "%.*s", STR_ARG(words));
}

static enum rc far_kind(void *user, str inside, bool closed, const struct slot_where *w,
	enum slot_kind *out_kind, struct err *err)
{
	struct far_host *h = user;
	struct box_in in;
	box_begin(h->box, CALL_KIND);
	box_str(h->box, inside);
	box_u8(h->box, closed);
	put_where(h->box, w);
	TRY(call(h, &in, err));
	*out_kind = (enum slot_kind)box_get_u8(&in);
	return RC_OK;
}

static bool far_pair(void *user, str open, str close)
{
	struct far_host *h = user;
	struct box_in in;
	box_begin(h->box, CALL_PAIR);
	box_str(h->box, open);
	box_str(h->box, close);
	return call(h, &in, NULL) == RC_OK && box_get_u8(&in) != 0;
}

static enum rc far_enter(
	void *user, str inside, const struct slot_where *w, size_t *out_times, struct err *err)
{
	struct far_host *h = user;
	struct box_in in;
	box_begin(h->box, CALL_ENTER);
	box_str(h->box, inside);
	put_where(h->box, w);
	TRY(call(h, &in, err));
	*out_times = (size_t)box_get_i64(&in);
	return RC_OK;
}

static enum rc far_step(void *user, size_t i, struct err *err)
{
	struct far_host *h = user;
	struct box_in in;
	box_begin(h->box, CALL_STEP);
	box_i64(h->box, (int64_t)i);
	return call(h, &in, err);
}

static void far_leave(void *user)
{
	struct far_host *h = user;
	struct box_in in;
	box_begin(h->box, CALL_LEAVE);
	if (call(h, &in, NULL) != RC_OK)
		return; /* the next call fails as well, and says why */
}

static enum rc far_fill(void *user, str inside, str before, str after, const struct slot_where *w,
	struct slot_fill *out_fill, struct err *err)
{
	struct far_host *h = user;
	struct box_in in;
	box_begin(h->box, CALL_FILL);
	box_str(h->box, inside);
	box_str(h->box, before);
	box_str(h->box, after);
	put_where(h->box, w);
	TRY(call(h, &in, err));
	out_fill->text = arena_str(h->a, box_get_str(&in));
	out_fill->eat = (size_t)box_get_i64(&in);
	out_fill->instead = arena_str(h->a, box_get_str(&in));
	out_fill->tag = arena_str(h->a, box_get_str(&in));
	out_fill->label = arena_str(h->a, box_get_str(&in));
	return RC_OK;
}

static bool far_next(void *user, const struct slot_where *w, size_t from, struct slot_tag *out)
{
	struct far_host *h = user;
	struct box_in in;
	box_begin(h->box, CALL_NEXT);
	put_where(h->box, w);
	box_i64(h->box, (int64_t)from);
	if (call(h, &in, NULL) != RC_OK || box_get_u8(&in) == 0)
		return false;
	*out = (struct slot_tag){.at = (size_t)box_get_i64(&in)};
	out->n = (size_t)box_get_i64(&in);
	out->inside = arena_str(h->a, box_get_str(&in));
	out->closed = box_get_u8(&in) != 0;
	return true;
}

/* The argument: OWN_TAGS where the host says what is a tag, then the note. */
#define OWN_TAGS '\x01'

enum rc docx_box_fill_run(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	bool own = argument.n > 0 && argument.p[0] == OWN_TAGS;
	struct far_host h = {b, a};
	struct slot_host host = {.user = &h,
		.kind = far_kind,
		.pair = far_pair,
		.enter = far_enter,
		.step = far_step,
		.leave = far_leave,
		.fill = far_fill,
		.next = own ? far_next : NULL};
	struct buf made;
	buf_init(&made, REPORT_BYTES);
	str note = str_from(argument, own);
	TRY(xlsx_looks_so(a, input) ? xlsx_fill(a, input, &host, note, &made, err)
				    : docx_fill(a, input, &host, note, &made, err));
	for (size_t at = 0; at < made.n; at += PIECE_BYTES) {
		box_begin(b, SAY_PIECE);
		box_str(b, str_head(str_from(buf_str(&made), at), PIECE_BYTES));
		TRY(box_end(b, err));
	}
	return RC_OK;
}

/* ---- filling, in the parent: the host's own functions ---- */

static str get_text(struct arena *a, struct box_in *in)
{
	str s = box_get_str(in);
	in->bad = in->bad || !utf8_valid(s);
	return arena_str(a, s);
}

static void get_where(struct arena *a, struct box_in *in, struct slot_where *w)
{
	w->part = arena_cstr(a, get_text(a, in));
	w->paragraph = (size_t)box_get_i64(in);
	w->text = get_text(a, in);
}

static void answer_begin(struct box *b, enum rc rc, const struct err *why)
{
	box_begin(b, ANSWER);
	box_u32(b, rc);
	box_str(b, str_of(rc == RC_OK ? "" : why->text));
}

struct near_host {
	struct arena *a;
	const struct slot_host *host;
	struct box *box;
	struct buf *out;
	size_t calls;
	size_t depth; /* blocks entered and not left: leave() without enter() is a lie */
};

static bool answer_fill(struct near_host *n, struct box_in *in)
{
	struct slot_where w;
	struct slot_fill f = {0};
	struct err why = {0};
	str inside = get_text(n->a, in), before = get_text(n->a, in), after = get_text(n->a, in);
	get_where(n->a, in, &w);
	if (in->bad)
		return false;
	enum rc rc = n->host->fill(n->host->user, inside, before, after, &w, &f, &why);
	answer_begin(n->box, rc, &why);
	box_str(n->box, f.text);
	box_i64(n->box, (int64_t)f.eat);
	box_str(n->box, f.instead);
	box_str(n->box, f.tag);
	box_str(n->box, f.label);
	return true;
}

static bool answer_kind(struct near_host *n, struct box_in *in)
{
	struct slot_where w;
	struct err why = {0};
	enum slot_kind kind = SLOT_FOREIGN;
	str inside = get_text(n->a, in);
	bool closed = box_get_u8(in) != 0;
	get_where(n->a, in, &w);
	if (in->bad)
		return false;
	answer_begin(n->box, n->host->kind(n->host->user, inside, closed, &w, &kind, &why), &why);
	box_u8(n->box, (uint8_t)kind);
	return true;
}

static bool answer_enter(struct near_host *n, struct box_in *in)
{
	struct slot_where w;
	struct err why = {0};
	size_t times = 0;
	str inside = get_text(n->a, in);
	get_where(n->a, in, &w);
	if (in->bad || n->depth >= SLOTS_DEPTH_MAX)
		return false;
	enum rc rc = n->host->enter(n->host->user, inside, &w, &times, &why);
	n->depth += rc == RC_OK;
	answer_begin(n->box, rc, &why);
	box_i64(n->box, (int64_t)times);
	return true;
}

static bool answer_next(struct near_host *n, struct box_in *in)
{
	struct slot_where w;
	struct slot_tag tag = {0};
	get_where(n->a, in, &w);
	int64_t from = box_get_i64(in);
	if (in->bad || from < 0 || (uint64_t)from > w.text.n)
		return false;
	bool any = n->host->next ? n->host->next(n->host->user, &w, (size_t)from, &tag)
				 : slots_next(w.text, (size_t)from, &tag);
	answer_begin(n->box, RC_OK, NULL);
	box_u8(n->box, any);
	box_i64(n->box, (int64_t)tag.at);
	box_i64(n->box, (int64_t)tag.n);
	box_str(n->box, tag.inside);
	box_u8(n->box, tag.closed);
	return true;
}

static bool answer_small(struct near_host *n, uint8_t type, struct box_in *in)
{
	struct err why = {0};
	if (type == CALL_PAIR) {
		str open = get_text(n->a, in), close = get_text(n->a, in);
		answer_begin(n->box, RC_OK, NULL);
		box_u8(n->box, n->host->pair == NULL || n->host->pair(n->host->user, open, close));
	} else if (type == CALL_STEP && n->depth > 0) {
		int64_t i = box_get_i64(in);
		if (i < 0 || i >= SLOTS_TIMES_MAX)
			return false;
		answer_begin(n->box, n->host->step(n->host->user, (size_t)i, &why), &why);
	} else if (type == CALL_LEAVE && n->depth > 0) {
		n->depth--;
		n->host->leave(n->host->user);
		answer_begin(n->box, RC_OK, NULL);
	} else {
		return false;
	}
	return !in->bad;
}

static enum rc serve_call(struct near_host *n, uint8_t type, struct box_in *in, struct err *err)
{
	bool good = type == CALL_FILL    ? answer_fill(n, in)
		    : type == CALL_KIND  ? answer_kind(n, in)
		    : type == CALL_ENTER ? answer_enter(n, in)
		    : type == CALL_NEXT  ? answer_next(n, in)
					 : answer_small(n, type, in);
	if (!good)
		return box_nonsense(err);
	TRY(box_end(n->box, err));
	return box_flush(n->box, err);
}

static enum rc hear(void *user, uint8_t type, struct box_in *in, struct err *err)
{
	struct near_host *n = user;
	if (type == SAY_PIECE)
		buf_add(n->out, box_get_str(in));
	else
		TRY(serve_call(n, type, in, err));
	return in->bad || !buf_ok(n->out) || n->calls++ > CALLS_MAX ? box_nonsense(err) : RC_OK;
}

enum rc foreign_docx_fill(
	struct arena *a, str docx, const struct slot_host *host, str note, struct buf *out, struct err *err)
{
	struct near_host n = {.a = a, .host = host, .out = out};
	str argument = host->next ? arena_fmt(a, "%c%.*s", OWN_TAGS, STR_ARG(note)) : note;
	TRY(box_open_bytes(FOREIGN_DOCX_FILL, docx, argument, &n.box, err));
	return box_each(n.box, hear, &n, err);
}

/* ---- reading ---- */

struct plain_visit {
	struct arena *a;
	docx_plain_fn *visit;
	void *user;
};

static void controls_of(
	struct arena *a, const struct docx_tree *t, uint32_t token, struct docx_plain_piece *piece)
{
	for (uint32_t i = docx_ancestor(t, token, DN_SDT);
		i != UINT32_MAX && piece->controls_n < DOCX_CONTROLS_MAX; i = docx_ancestor(t, i, DN_SDT)) {
		uint32_t pr = docx_child(t, i, DN_SDTPR);
		uint32_t tag = pr == UINT32_MAX ? UINT32_MAX : docx_child(t, pr, DN_TAG);
		str value = tag == UINT32_MAX ? (str){0} : docx_attribute(t, tag, "val");
		if (value.n > 0)
			piece->controls[piece->controls_n++] = (struct docx_control){i, arena_str(a, value)};
	}
}

static bool visit_tree(
	void *user, const char *part, const struct docx_tree *t, const struct docx_paragraph *d)
{
	struct plain_visit *v = user;
	struct docx_plain_piece *pieces = NEWS(v->a, d->pieces_n + 1, struct docx_plain_piece);
	struct docx_plain p = {.part = part, .text = d->text, .pieces = pieces};
	for (size_t i = 0; i < d->pieces_n; i++) {
		struct docx_plain_piece *piece = &pieces[p.pieces_n];
		*piece = (struct docx_plain_piece){.at = d->pieces[i].at, .n = d->pieces[i].n};
		controls_of(v->a, t, d->pieces[i].from, piece);
		p.pieces_n += piece->controls_n > 0;
	}
	return v->visit(v->user, &p);
}

static bool visit_row(void *user, const char *sheet, str text)
{
	struct plain_visit *v = user;
	return v->visit(v->user, &(struct docx_plain){.part = sheet, .text = text});
}

enum rc docx_plain(struct arena *a, str docx, docx_plain_fn *visit, void *user, struct err *err)
{
	struct plain_visit v = {a, visit, user};
	if (xlsx_looks_so(a, docx))
		return xlsx_texts(a, docx, visit_row, &v, err);
	return docx_paragraphs(a, docx, visit_tree, &v, err);
}

static bool tell(void *user, const struct docx_plain *p)
{
	struct box *b = user;
	box_begin(b, SAY_PARAGRAPH);
	box_str(b, str_of(p->part));
	box_str(b, p->text);
	box_u32(b, (uint32_t)p->pieces_n);
	for (size_t i = 0; i < p->pieces_n; i++) {
		const struct docx_plain_piece *x = &p->pieces[i];
		box_u32(b, x->at);
		box_u32(b, x->n);
		box_u8(b, (uint8_t)x->controls_n);
		for (size_t k = 0; k < x->controls_n; k++) {
			box_u32(b, x->controls[k].id);
			box_str(b, x->controls[k].tag);
		}
	}
	return box_end(b, NULL) == RC_OK;
}

enum rc docx_box_read_run(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)argument;
	return docx_plain(a, input, tell, b, err);
}

static bool get_piece(struct arena *a, struct box_in *in, size_t text_n, struct docx_plain_piece *p)
{
	*p = (struct docx_plain_piece){.at = box_get_u32(in), .n = 0};
	p->n = box_get_u32(in);
	p->controls_n = box_get_u8(in);
	if (in->bad || p->at > text_n || p->n > text_n - p->at || p->controls_n > DOCX_CONTROLS_MAX)
		return false;
	for (size_t i = 0; i < p->controls_n; i++) {
		p->controls[i].id = box_get_u32(in);
		p->controls[i].tag = get_text(a, in);
	}
	return !in->bad;
}

static bool get_paragraph(struct arena *a, struct box_in *in, str *part, struct docx_plain *p)
{
	str name = box_get_str(in);
	if (!str_eq(name, *part))
		*part = arena_str(a, utf8_valid(name) ? name : STR("?"));
	p->part = part->p ? part->p : "";
	p->text = get_text(a, in);
	p->pieces_n = box_get_u32(in);
	if (in->bad || p->pieces_n > in->rest.n)
		return false;
	struct docx_plain_piece *pieces = NEWS(a, p->pieces_n + 1, struct docx_plain_piece);
	for (size_t i = 0; i < p->pieces_n; i++)
		if (!get_piece(a, in, p->text.n, &pieces[i]))
			return false;
	p->pieces = pieces;
	return in->rest.n == 0;
}

enum rc foreign_docx_plain(struct arena *a, str docx, docx_plain_fn *visit, void *user, struct err *err)
{
	struct box *box;
	str part = {0};
	TRY(box_open_bytes(FOREIGN_DOCX_READ, docx, (str){0}, &box, err));
	enum rc rc = RC_OK;
	while (rc == RC_OK) {
		struct box_in in;
		struct docx_plain p;
		uint8_t type;
		rc = box_next(box, &type, &in, err);
		if (rc != RC_OK || type == BOX_DONE)
			break;
		if (type != SAY_PARAGRAPH || !get_paragraph(a, &in, &part, &p))
			rc = box_nonsense(err);
		else if (!visit(user, &p))
			break;
	}
	box_close(box);
	return rc;
}
