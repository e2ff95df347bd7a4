/* printed.c -- see printed.h. */
#include "report/printed.h"
#include "base/utf8.h"
#include "format/paper.h"

enum { TITLE_COLUMNS = 40 }; /* of 22 pt on 156 mm */

#define LINE_SEPARATOR "\xE2\x80\xA8" /* breaks the line, begins no paragraph */

struct printing {
	struct arena *a;
	struct paper d;
	const struct prose *p;
	const struct docx_letterhead *h;
};

static str text_of(struct arena *a, const struct prose_text *t)
{
	struct buf b = {0};
	for (size_t i = 0; i < t->n; i++)
		for (str rest = t->spans[i].text; rest.n;) {
			size_t before = rest.n;
			str piece = str_cut(rest, '\n', &rest);
			buf_add(&b, piece);
			if (piece.n < before)
				buf_puts(&b, LINE_SEPARATOR);
		}
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* ---- 版头, 署名, 版记 ---- */

static void letterhead(struct printing *g)
{
	const struct docx_letterhead *h = g->h;
	struct paper *d = &g->d;
	if (h->kind == LETTERHEAD_NONE)
		return;
	if (h->kind == LETTERHEAD_BRIEF) {
		paper_text(d, "news", STR("工作简报"));
		if (h->number.n)
			paper_text(d, "middle", h->number);
		paper_sides(d, "flat", arena_fmt(g->a, "　%.*s", STR_ARG(h->organ)), h->date);
		paper_rule(d, "red");
	} else if (h->kind == LETTERHEAD_LETTER) {
		paper_text(d, "organ", h->organ);
		paper_rule(d, "double");
		paper_rule(d, "mail");
		paper_sides(d, "flat", STR(""), h->number);
	} else {
		paper_text(d, "organ", arena_fmt(g->a, "%.*s文件", STR_ARG(h->organ)));
		paper_blank(d, 1);
		if (h->signer.n)
			paper_sides(d, "flat", arena_fmt(g->a, "　%.*s", STR_ARG(h->number)),
				arena_fmt(g->a, "签发人：%.*s", STR_ARG(h->signer)));
		else
			paper_text(d, "middle", h->number);
		paper_rule(d, "red");
	}
	paper_blank(d, 2); /* the title begins two lines under the rule */
}

static void addressee(struct printing *g)
{
	if (g->h->kind != LETTERHEAD_NONE && g->h->addressee.n)
		paper_text(&g->d, "flat", arena_fmt(g->a, "%.*s：", STR_ARG(g->h->addressee)));
}

static void attachments(struct printing *g)
{
	size_t of = 0;
	if (g->h->attachments.n)
		paper_text(&g->d, "body", arena_fmt(g->a, "附件：%.*s", STR_ARG(g->h->attachments)));
	for (size_t i = 0; i < g->p->n; i++) {
		size_t number = prose_annex(g->p, i, &of);
		if (g->p->blocks[i].kind != PROSE_ANNEX)
			continue;
		str title = text_of(g->a, &g->p->blocks[i].text);
		paper_text(&g->d, "body",
			of == 1       ? arena_fmt(g->a, "附件：%.*s", STR_ARG(title))
			: number == 1 ? arena_fmt(g->a, "附件：1．%.*s", STR_ARG(title))
				      : arena_fmt(g->a, "　　　%zu．%.*s", number, STR_ARG(title)));
	}
}

static void signature(struct printing *g)
{
	size_t of = 0;
	(void)prose_annex(g->p, 0, &of);
	if (g->h->kind == LETTERHEAD_NONE)
		return;
	if (g->h->attachments.n || of > 0) {
		paper_blank(&g->d, 1);
		attachments(g);
	}
	if (g->h->kind == LETTERHEAD_BRIEF)
		return;
	paper_block(&g->d, "seal");
	paper_strings(&g->d, (const str[]){g->h->organ, g->h->date}, 2);
	paper_end(&g->d);
}

/* At the foot of the last page; a letter's has neither rules nor printer (GB/T 9704-2012, 7.4 and 10.1). */
static void imprint(struct printing *g)
{
	const struct docx_letterhead *h = g->h;
	bool ruled = h->kind != LETTERHEAD_LETTER, printed = h->printed_by.n && ruled;
	if (h->kind == LETTERHEAD_NONE || (h->copies.n == 0 && !printed))
		return;
	json_array(paper_block(&g->d, "foot"));
	if (ruled)
		paper_rule(&g->d, "ink");
	if (h->copies.n)
		paper_text(&g->d, "small", arena_fmt(g->a, "　抄送：%.*s。", STR_ARG(h->copies)));
	if (printed) {
		if (h->copies.n)
			paper_rule(&g->d, "thin");
		paper_sides(&g->d, "small", arena_fmt(g->a, "　%.*s", STR_ARG(h->printed_by)),
			arena_fmt(g->a, "%.*s印发", STR_ARG(h->date)));
	}
	if (ruled)
		paper_rule(&g->d, "ink");
	json_array_end(&g->d.j);
	paper_end(&g->d);
}

/* ---- the text ---- */

/* A title that needs two lines breaks before its year: 共青团临澜市委员会 / 2026年关心下一代工作情况报告. */
static str title_text(struct arena *a, str s)
{
	size_t at = str_find(s, STR("20"));
	return at == SIZE_MAX || at == 0 || utf8_columns(s) <= TITLE_COLUMNS
		       ? s
		       : arena_fmt(a, "%.*s" LINE_SEPARATOR "%.*s", STR_ARG(str_head(s, at)),
				 STR_ARG(str_from(s, at)));
}

/* A head breaks before its unit, 宣讲（场）. */
static str head_text(struct arena *a, str s)
{
	size_t at = str_find(s, STR("（"));
	return at == SIZE_MAX || at == 0 ? s
					 : arena_fmt(a, "%.*s" LINE_SEPARATOR "%.*s",
						   STR_ARG(str_head(s, at)), STR_ARG(str_from(s, at)));
}

static void table(struct printing *g, const struct prose_block *t)
{
	int64_t header = 0;
	struct json *j = paper_block(&g->d, "table");
	json_array(j);
	for (size_t r = 0; r < t->rows_n; r++) {
		const struct prose_row *row = &t->rows[r];
		bool head = row->header && (size_t)header == r;
		header += head;
		json_array(j);
		for (size_t c = 0; c < t->columns; c++) {
			str s = c < row->n ? text_of(g->a, &row->cells[c]) : STR("");
			json_str(j, head ? head_text(g->a, s) : s);
		}
		json_array_end(j);
	}
	json_array_end(j);
	json_put_i64(j, "header", header);
	paper_end(&g->d);
}

static void block(struct printing *g, size_t i)
{
	static const char *const styles[] = {[PROSE_TITLE] = "title",
		[PROSE_HEADING_1] = "h1",
		[PROSE_HEADING_2] = "h2",
		[PROSE_HEADING_3] = "h3",
		[PROSE_PARAGRAPH] = "body"};
	const struct prose_block *b = &g->p->blocks[i];
	size_t of, number = prose_annex(g->p, i, &of);
	if (b->kind == PROSE_TABLE) {
		table(g, b);
		return;
	}
	str text = text_of(g->a, &b->text);
	if (b->kind == PROSE_ANNEX) {
		json_bool(paper_block(&g->d, "page"), true);
		paper_end(&g->d);
		paper_text(&g->d, "annex", of > 1 ? arena_fmt(g->a, "附件%zu", number) : STR("附件"));
		paper_blank(&g->d, 1);
		paper_text(&g->d, "title", text);
		paper_blank(&g->d, 1);
		return;
	}
	paper_text(&g->d, prose_table_note(b, i ? b - 1 : NULL) ? "note" : styles[b->kind],
		b->kind == PROSE_TITLE ? title_text(g->a, text) : text);
	if (b->kind == PROSE_TITLE)
		paper_blank(&g->d, 1);
}

enum rc report_printed(struct arena *a, const struct prose *p, const struct docx_letterhead *head, str note,
	const struct report_verify *verify, str *out_pdf, struct err *err)
{
	static const struct docx_letterhead none = {0};
	struct printing g = {.a = a, .p = p, .h = head ? head : &none};
	bool titled = p->n > 0 && p->blocks[0].kind == PROSE_TITLE, done = false;
	paper_init(&g.d, PAPER_GOV, titled ? text_of(a, &p->blocks[0].text) : STR(""), note);
	letterhead(&g);
	if (!titled)
		addressee(&g);
	for (size_t i = 0; i < p->n; i++) {
		if (p->blocks[i].kind == PROSE_ANNEX && !done) {
			signature(&g);
			done = true;
		}
		block(&g, i);
		if (titled && i == 0)
			addressee(&g);
	}
	if (!done)
		signature(&g);
	if (verify && verify->address.n)
		paper_qr(&g.d, verify->address, verify->lines, verify->n);
	imprint(&g);
	return paper_print(&g.d, a, out_pdf, err);
}
