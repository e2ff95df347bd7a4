/* desk.c -- see desk.h. A literal finding is followed through the filling by a pair of private-use characters around it, which
 * stand in the filled text where the finding does, and nowhere if its sentence fell away. */
#include "base/utf8.h"
#include "report/desk_in.h"
#include "report/outline.h"
#include "report/punctuate.h"

enum { MARK_FIRST = 0xE000, MARKS_MAX = 3000, FILL_MAX_BYTES = 1 << 22 };

static const struct {
	const char *name, *words;
	enum desk_weight weight;
	bool keep;
} kinds[DESK_KINDS] = {[DESK_GAP] = {"gap", N_("to be filled"), DESK_MUST, false},
	[DESK_FAULT] = {"fault", N_("cannot be read"), DESK_MUST, false},
	[DESK_ZERO] = {"zero", N_("zero"), DESK_MUST, true},
	[DESK_UNBACKED] = {"unbacked", N_("no record behind it"), DESK_MUST, false},
	[DESK_CONTRADICTED] = {"contradicted", N_("another number"), DESK_MUST, false},
	[DESK_CLAIM] = {"claim", N_("claims more than the numbers"), DESK_MUST, true},
	[DESK_SHARE] = {"share", N_("a share without its base"), DESK_MUST, true},
	[DESK_INSTEAD] = {"instead", N_("told otherwise"), DESK_WAIT, true},
	[DESK_SMALL] = {"small", N_("small"), DESK_WAIT, true},
	[DESK_APART] = {"apart", N_("not comparable"), DESK_WAIT, true},
	[DESK_OUTCOME] = {"outcome", N_("an outcome: its evidence?"), DESK_NOTE, true},
	[DESK_DROPPED] = {"dropped", N_("fell away"), DESK_NOTE, false}};

const char *desk_kind_name(enum desk_kind kind)
{
	return kinds[kind].name;
}

const char *desk_kind_words(enum desk_kind kind)
{
	return tr(kinds[kind].words);
}

bool desk_may_keep(enum desk_kind kind)
{
	return kinds[kind].keep;
}

enum desk_weight desk_kind_weight(enum desk_kind kind)
{
	return kinds[kind].weight;
}

static str marked(struct desk *d, const struct desk_paragraph *p, size_t first)
{
	struct buf b AUTO(buf_done) = {0};
	size_t at = 0;
	buf_init(&b, FILL_MAX_BYTES);
	for (size_t i = first; i < d->findings_n && i - first < MARKS_MAX; i++) {
		const struct desk_finding *f = &d->findings[i];
		char code[4];
		if (f->n == 0 || f->at < at)
			continue;
		buf_add(&b, str_head(str_from(p->source, at), f->at - at));
		buf_add(&b, (str){code, utf8_put((uint32_t)(MARK_FIRST + 2 * (i - first)), code)});
		buf_add(&b, str_head(str_from(p->source, f->at), f->n));
		buf_add(&b, (str){code, utf8_put((uint32_t)(MARK_FIRST + 2 * (i - first) + 1), code)});
		at = f->at + f->n;
	}
	buf_add(&b, str_from(p->source, at));
	buf_putc(&b, '\n'); /* a row that repeats is a line */
	return arena_str(d->a, buf_str(&b));
}

struct cutting {
	struct desk *d;
	size_t first; /* finding of the paragraph */
	size_t open;  /* index + 1 of the finding that stands open */
	bool *seen;   /* by finding from first */
	struct desk_block *to;
	size_t cap;
};

static void put(struct cutting *k, const struct prose_span *s, str text)
{
	if (text.n == 0)
		return;
	k->to->spans = arena_grow(k->d->a, k->to->spans, k->to->n, &k->cap, sizeof *k->to->spans);
	k->to->spans[k->to->n++] = (struct desk_span){text, s->tag, s->label, k->open};
}

static void cut(struct cutting *k, const struct prose_span *s)
{
	size_t from = 0, n;
	for (size_t at = 0; at < s->text.n; at += n) {
		uint32_t c = utf8_next(str_from(s->text, at), &n);
		if (c < MARK_FIRST || c >= MARK_FIRST + 2 * MARKS_MAX)
			continue;
		put(k, s, str_head(str_from(s->text, from), at - from));
		from = at + n;
		size_t i = (c - MARK_FIRST) / 2;
		if (k->first + i < k->d->findings_n) {
			k->seen[i] = true;
			k->open = (c - MARK_FIRST) % 2 ? 0 : k->first + i + 1;
		}
	}
	put(k, s, str_from(s->text, from));
}

/* A table keeps its cells; marks in them are taken out. */
static void unmark(struct desk *d, const struct prose_block *b, struct cutting *k)
{
	for (size_t r = 0; r < b->rows_n; r++)
		for (size_t c = 0; c < b->rows[r].n; c++) {
			struct prose_text *t = &b->rows[r].cells[c];
			struct desk_block cell = {0};
			struct cutting own = {.d = d, .first = k->first, .seen = k->seen, .to = &cell};
			for (size_t i = 0; i < t->n; i++)
				cut(&own, &t->spans[i]);
			t->spans = NEWS(d->a, cell.n + 1, struct prose_span);
			for (t->n = 0; t->n < cell.n; t->n++)
				t->spans[t->n] = (struct prose_span){
					cell.spans[t->n].text, cell.spans[t->n].tag, cell.spans[t->n].label};
		}
}

static void blocks(
	struct desk *d, struct desk_paragraph *p, const struct prose *prose, size_t first, bool *seen)
{
	p->blocks = NEWS(d->a, prose->n + 1, struct desk_block);
	for (size_t i = 0; i < prose->n; i++) {
		struct desk_block *to = &p->blocks[p->n++];
		struct cutting k = {.d = d, .first = first, .seen = seen, .to = to};
		*to = (struct desk_block){.kind = prose->blocks[i].kind};
		if (to->kind == PROSE_TABLE) {
			to->table = &prose->blocks[i];
			unmark(d, to->table, &k);
		}
		for (size_t s = 0; to->kind != PROSE_TABLE && s < prose->blocks[i].text.n; s++)
			cut(&k, &prose->blocks[i].text.spans[s]);
	}
}

/* Literal findings whose text is not shown go; spans name the others by their new places. */
static void forget(struct desk *d, struct desk_paragraph *p, size_t first, const bool *seen)
{
	size_t literal_n = d->findings_n - first, n = 0;
	size_t *now = NEWS(d->a, literal_n + 1, size_t);
	for (size_t i = 0; i < literal_n; i++) {
		if (!seen[i])
			continue;
		now[i] = first + n + 1;
		d->findings[first + n++] = d->findings[first + i];
	}
	d->findings_n = first + n;
	for (size_t b = 0; b < p->n; b++)
		for (size_t s = 0; s < p->blocks[b].n; s++) {
			size_t *f = &p->blocks[b].spans[s].finding;
			*f = *f ? now[*f - first - 1] : 0;
		}
}

static enum rc look(struct desk *d, size_t i, struct err *err)
{
	struct desk_paragraph *p = &d->paragraphs[i];
	struct prose prose;
	struct err why = {0};
	size_t first = d->findings_n, notes = d->run.notes_n;
	if (p->remark)
		return RC_OK;
	desk_literal(d, i);
	bool *seen = NEWS(d->a, d->findings_n - first + 1, bool);
	enum rc rc = outline_fill(d->a, marked(d, p, first), &d->run, &prose, &why);
	if (rc != RC_OK && rc != RC_INVALID) /* not open to this reader, storage: no matter of the text */
		return FAIL(err, rc, "%s", why.text);
	if (rc != RC_OK) {
		d->run.depth = 0;
		d->findings_n = first;
		struct desk_finding *f = desk_add(d, DESK_FAULT, i, p->source, p->source);
		f->text = arena_str(d->a, str_of(why.text));
		return RC_OK;
	}
	blocks(d, p, &prose, first, seen);
	forget(d, p, first, seen);
	for (size_t k = notes; k < d->run.notes_n; k++)
		desk_of_note(d, i, &d->run.notes[k]);
	desk_dropped(d, i);
	return RC_OK;
}

void desk_count(struct desk *d)
{
	d->must = d->wait = 0;
	for (size_t i = 0; i < d->findings_n; i++) {
		bool kept = d->findings[i].kept.n > 0;
		d->must += !kept && d->findings[i].weight == DESK_MUST;
		d->wait += !kept && d->findings[i].weight == DESK_WAIT;
	}
}

enum rc desk_look(struct desk *d, str body, struct err *err)
{
	if (!utf8_valid(body))
		return FAIL(err, RC_INVALID, "The report's text is no UTF-8.");
	template_init(&d->run, d->a, d->source, true);
	d->paragraphs = desk_split(d->a, body, &d->n);
	for (size_t i = 0; i < d->n; i++) {
		size_t marks = 0;
		TRY(look(d, i, err));
		if (!d->paragraphs[i].remark)
			(void)punctuate(d->a, d->paragraphs[i].source, &marks);
		d->ascii_marks += marks;
	}
	desk_count(d);
	return RC_OK;
}
