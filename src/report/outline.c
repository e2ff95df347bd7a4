/* outline.c -- see outline.h. */
#include "report/outline.h"
#include "base/utf8.h"

/* Parsing. */

struct parser {
	struct arena *a;
	struct prose *out;
	size_t cap, rows_cap;
	struct buf para;
};

static struct prose_text parse_spans(struct arena *a, str s)
{
	struct prose_text t = {0};
	size_t cap = 0;
	while (s.n > 0) {
		size_t mark = str_find_byte(s, SLOT_MARK);
		str plain = mark == SIZE_MAX ? s : str_head(s, mark);
		if (plain.n > 0) {
			t.spans = arena_grow(a, t.spans, t.n, &cap, sizeof *t.spans);
			t.spans[t.n++] = (struct prose_span){.text = plain};
		}
		if (mark == SIZE_MAX)
			break;
		struct prose_span span;
		s = str_from(s, mark + 1);
		span.tag = str_cut(s, SLOT_MARK_MID, &s);
		span.label = str_cut(s, SLOT_MARK_MID, &s);
		span.text = str_cut(s, SLOT_MARK_END, &s);
		t.spans = arena_grow(a, t.spans, t.n, &cap, sizeof *t.spans);
		t.spans[t.n++] = span;
	}
	return t;
}

/* A copy, with \\| as a bar. */
static str unescaped(struct arena *a, str s)
{
	char *text = arena_cstr(a, s);
	size_t n = 0;
	for (size_t k = 0; k < s.n; k++)
		if (text[k] != '\\' || text[k + 1] != '|')
			text[n++] = text[k];
	return (str){text, n};
}

static struct prose_block *add(struct parser *p, enum prose_kind kind)
{
	p->out->blocks = arena_grow(p->a, p->out->blocks, p->out->n, &p->cap, sizeof *p->out->blocks);
	p->out->blocks[p->out->n] = (struct prose_block){.kind = kind};
	return &p->out->blocks[p->out->n++];
}

static void add_text(struct parser *p, enum prose_kind kind, str s)
{
	if (str_trim(s).n > 0)
		add(p, kind)->text = parse_spans(p->a, unescaped(p->a, str_trim(s)));
}

static void end_paragraph(struct parser *p)
{
	add_text(p, PROSE_PARAGRAPH, buf_str(&p->para));
	buf_clear(&p->para);
}

/* A blank between joined lines only where both neighbours are ASCII. */
static void join(struct parser *p, str line)
{
	if (p->para.n > 0 && line.n > 0 && (unsigned char)p->para.p[p->para.n - 1] < 0x80 &&
		(unsigned char)line.p[0] < 0x80)
		buf_putc(&p->para, ' ');
	buf_add(&p->para, line);
}

static bool dashes(str row)
{
	bool any = false;
	for (size_t i = 0; i < row.n; i++) {
		if (!strchr("|-: \t", row.p[i]))
			return false;
		any = any || row.p[i] == '-';
	}
	return any;
}

static void add_row(struct parser *p, str line)
{
	struct prose_block *t = p->out->n ? &p->out->blocks[p->out->n - 1] : NULL;
	if (!t || t->kind != PROSE_TABLE) {
		t = add(p, PROSE_TABLE);
		p->rows_cap = 0;
	}
	if (dashes(line)) {
		if (t->rows_n == 1)
			t->rows[0].header = true;
		return;
	}
	struct prose_row row = {0};
	size_t cap = 0;
	size_t from = 1;
	bool marked = false; /* a tag holds a bar of its own: vol.attend|万 */
	for (size_t i = 1; i <= line.n; i++) {
		if (i < line.n && (line.p[i] == SLOT_MARK || line.p[i] == SLOT_MARK_END))
			marked = line.p[i] == SLOT_MARK;
		if (i < line.n && (marked || line.p[i] != '|' || line.p[i - 1] == '\\'))
			continue;
		str cell = str_trim(str_head(str_from(line, from), i - from));
		if (i == line.n && cell.n == 0)
			break;
		row.cells = arena_grow(p->a, row.cells, row.n, &cap, sizeof *row.cells);
		row.cells[row.n++] = parse_spans(p->a, unescaped(p->a, cell));
		from = i + 1;
	}
	t->rows = arena_grow(p->a, t->rows, t->rows_n, &p->rows_cap, sizeof *t->rows);
	t->rows[t->rows_n++] = row;
	t->columns = row.n > t->columns ? row.n : t->columns;
}

static void parse_line(struct parser *p, str line)
{
	static const struct {
		const char *head;
		enum prose_kind kind;
	} heads[] = {{"##### ", PROSE_ANNEX}, {"#### ", PROSE_HEADING_3}, {"### ", PROSE_HEADING_2},
		{"## ", PROSE_HEADING_1}, {"# ", PROSE_TITLE}};
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (str_starts(line, str_of(heads[i].head))) {
			end_paragraph(p);
			add_text(p, heads[i].kind, str_from(line, strlen(heads[i].head)));
			return;
		}
	if (str_starts(line, STR("|"))) {
		end_paragraph(p);
		add_row(p, line);
	} else if (line.n == 0) {
		end_paragraph(p);
	} else {
		join(p, line);
	}
}

void outline_parse(struct arena *a, str filled, struct prose *out)
{
	*out = (struct prose){0};
	struct parser p = {.a = a, .out = out};
	bool remark = false;
	buf_init(&p.para, 1 << 22);
	while (filled.n > 0) {
		str line = str_trim(str_cut(filled, '\n', &filled));
		if (!remark && str_starts(line, STR("<!--")))
			remark = true;
		if (!remark)
			parse_line(&p, line);
		else if (str_ends(line, STR("-->")))
			remark = false;
	}
	end_paragraph(&p);
	buf_done(&p.para);
}

/* {{annex ID}} -> ID */
static bool annex_line(str line, str *out_id)
{
	str s = str_trim(line);
	if (!str_starts(s, STR("{{annex ")) || !str_ends(s, STR("}}")))
		return false;
	*out_id =
		str_trim(str_head(str_from(s, strlen("{{annex ")), s.n - strlen("{{annex ") - strlen("}}")));
	return str_find_byte(*out_id, '{') == SIZE_MAX;
}

/* The text with the annexes that it asks for in their places. */
static enum rc with_annexes(
	struct arena *a, str text, const struct slot_source *source, str *out, struct err *err)
{
	struct buf b AUTO(buf_done) = {0};
	enum rc rc = RC_OK;
	str id, line, piece;
	*out = text;
	if (source->annex == NULL || str_find(text, STR("{{annex ")) == SIZE_MAX)
		return RC_OK;
	buf_init(&b, 1 << 24);
	while (rc == RC_OK && text.n > 0) {
		line = str_cut(text, '\n', &text);
		bool is = annex_line(line, &id);
		if (is)
			rc = source->annex(source->user, a, id, &piece, err);
		if (rc == RC_OK)
			buf_add(&b, is ? piece : line);
		buf_putc(&b, '\n');
	}
	*out = arena_str(a, buf_str(&b));
	return rc;
}

enum rc outline_fill(struct arena *a, str text, struct template_run *t, struct prose *out, struct err *err)
{
	struct buf b;
	TRY(with_annexes(a, text, t->source, &text, err));
	buf_init(&b, 1 << 24);
	struct slot_host host = template_host(t);
	enum rc rc = slots_fill_text(a, text, &host, true, &b, err);
	if (rc == RC_OK)
		outline_parse(a, arena_str(a, buf_str(&b)), out);
	buf_done(&b);
	return rc;
}

/* HTML. */

static void html_span(
	struct buf *out, struct arena *a, const struct prose_span *s, const struct slot_source *source)
{
	struct slot_tag_parts p;
	bool link = source && s->tag.n > 0 && template_parse(a, s->tag, &p);
	if (link) {
		str period = p.ref.when == SLOT_PREV ? source->compared : source->period;
		if (p.ref.when == SLOT_YEAR) /* the same span, its year another: 2024Q3 */
			period = arena_fmt(a, "%d%.*s", p.ref.year,
				period.n > 4 && period.n < 8 ? (int)period.n - 4 : 0, period.p + 4);
		buf_puts(out, "<a href=\"/figures/");
		html_url(out, p.ref.id);
		buf_puts(out, "/trace?period=");
		html_url(out, period);
		if (p.ref.org.n > 0) {
			buf_puts(out, "&amp;org=");
			html_url(out, p.ref.org);
		}
		buf_puts(out, "\" title=\"");
		html_text(out, s->label);
		buf_puts(out, "\">");
	}
	for (str rest = s->text;;) {
		size_t br = str_find_byte(rest, '\n');
		html_text(out, br == SIZE_MAX ? rest : str_head(rest, br));
		if (br == SIZE_MAX)
			break;
		buf_puts(out, "<br>");
		rest = str_from(rest, br + 1);
	}
	if (link)
		buf_puts(out, "</a>");
}

static void html_spans(
	struct buf *out, struct arena *a, const struct prose_text *t, const struct slot_source *source)
{
	for (size_t i = 0; i < t->n; i++)
		html_span(out, a, &t->spans[i], source);
}

size_t title_parts(str title, str out[TITLE_PARTS_MAX])
{
	static const char *const breaks[TITLE_PARTS_MAX - 1] = {"20", "工作"};
	size_t n = 0;
	for (size_t k = 0; k < TITLE_PARTS_MAX - 1; k++) {
		size_t at = str_find(title, str_of(breaks[k]));
		if (at == SIZE_MAX || at == 0)
			continue;
		out[n++] = str_head(title, at);
		title = str_from(title, at);
	}
	out[n++] = title;
	return n;
}

/* The sheet breaks a title at its <wbr> only (word-break: keep-all). */
static void html_title(
	struct buf *out, struct arena *a, const struct prose_text *t, const struct slot_source *source)
{
	for (size_t i = 0; i < t->n; i++) {
		struct prose_span s = t->spans[i];
		str parts[TITLE_PARTS_MAX];
		size_t n = s.tag.n ? 0 : title_parts(s.text, parts);
		if (n == 0)
			html_span(out, a, &s, source);
		for (size_t k = 0; k < n; k++) {
			s.text = parts[k];
			buf_puts(out, k ? "<wbr>" : "");
			html_span(out, a, &s, source);
		}
	}
}

static void html_row(struct buf *out, struct arena *a, const struct prose_row *r, size_t columns,
	const struct slot_source *source)
{
	buf_puts(out, "<tr>");
	for (size_t c = 0; c < columns; c++) {
		buf_puts(out, r->header ? "<th scope=\"col\">" : "<td>");
		if (c < r->n)
			html_spans(out, a, &r->cells[c], source);
		buf_puts(out, r->header ? "</th>" : "</td>");
	}
	buf_puts(out, "</tr>\n");
}

static void html_table(
	struct buf *out, struct arena *a, const struct prose_block *t, const struct slot_source *source)
{
	size_t head = t->rows_n > 0 && t->rows[0].header ? 1 : 0;
	buf_puts(out, "<table>\n");
	if (head) {
		buf_puts(out, "<thead>");
		html_row(out, a, &t->rows[0], t->columns, source);
		buf_puts(out, "</thead>\n");
	}
	buf_puts(out, "<tbody>\n");
	for (size_t r = head; r < t->rows_n; r++)
		html_row(out, a, &t->rows[r], t->columns, source);
	buf_puts(out, "</tbody></table>\n");
}

str outline_annex_number(struct arena *a, const struct prose *p, size_t i)
{
	size_t of, k = prose_annex(p, i, &of);
	return of > 1 ? arena_fmt(a, "附件%zu", k) : STR("附件");
}

void outline_html(struct buf *out, struct arena *a, const struct prose *p, const struct slot_source *source)
{
	static const char *const tags[] = {[PROSE_TITLE] = "h1",
		[PROSE_HEADING_1] = "h2",
		[PROSE_HEADING_2] = "h3",
		[PROSE_HEADING_3] = "h4",
		[PROSE_PARAGRAPH] = "p"};
	for (size_t i = 0; i < p->n; i++) {
		const struct prose_block *b = &p->blocks[i];
		if (b->kind == PROSE_TABLE) {
			html_table(out, a, b, source);
			continue;
		}
		if (b->kind == PROSE_ANNEX) {
			buf_puts(out, "<p class=\"annex\">");
			buf_add(out, outline_annex_number(a, p, i));
			buf_puts(out, "</p>\n<h2 class=\"annex\">");
			html_spans(out, a, &b->text, source);
			buf_puts(out, "</h2>\n");
			continue;
		}
		buf_printf(out, "<%s>", tags[b->kind]);
		(b->kind == PROSE_TITLE ? html_title : html_spans)(out, a, &b->text, source);
		buf_printf(out, "</%s>\n", tags[b->kind]);
	}
}

static str title_of(struct arena *a, const struct prose *p)
{
	struct buf b;
	buf_init(&b, 4096);
	for (size_t i = 0; i < p->n && p->blocks[i].kind == PROSE_TITLE; i++)
		for (size_t k = 0; k < p->blocks[i].text.n; k++)
			buf_add(&b, p->blocks[i].text.spans[k].text);
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

static const char SHEET[] =
	"body{margin:0;background:#f5f7f5;color:#17211c}"
	"main{max-width:28em;margin:24px auto;padding:48px 40px;background:#fff;border:1px solid #dde4df;"
	"font:16px/1.81 FangSong,FangSong_GB2312,\"仿宋\",\"Noto Serif CJK SC\",serif}"
	"h1{font:22px/1.4 \"FZXiaoBiaoSong-B05S\",\"方正小标宋简体\",\"Noto Serif CJK "
	"SC\",serif;text-align:center;word-break:keep-all;overflow-wrap:anywhere;text-wrap:balance}"
	"h2{font:16px/1.81 SimHei,\"黑体\",\"Noto Sans CJK SC\",sans-serif;margin:0;text-indent:2em}"
	"h3{font:16px/1.81 KaiTi,KaiTi_GB2312,\"楷体\",serif;margin:0;text-indent:2em}"
	"p.annex{font-family:SimHei,\"黑体\",\"Noto Sans CJK SC\",sans-serif;margin-top:48px;text-indent:0}"
	"h2.annex{font:22px/1.4 \"FZXiaoBiaoSong-B05S\",\"方正小标宋简体\",\"Noto Serif CJK "
	"SC\",serif;text-align:center;text-indent:0;margin:1em 0}"
	"h4{font:inherit;margin:0;text-indent:2em}p{margin:0;text-indent:2em;text-align:justify}"
	"a{color:#0b57a4;text-underline-offset:3px}table{border-collapse:collapse;width:100%;font-size:14px}"
	"th,td{border:1px solid #17211c;padding:4px;text-align:center}"
	".note{text-align:right;color:#b3261e}@media "
	"print{body{background:#fff}main{border:0}p.annex{break-before:page;margin:0}a{color:inherit;"
	"text-decoration:none}}";

void outline_html_page(
	struct buf *out, struct arena *a, const struct prose *p, const struct slot_source *source, str note)
{
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
	html_text(out, title_of(a, p));
	buf_puts(out, "</title><style>");
	buf_puts(out, SHEET);
	buf_puts(out, "</style></head><body><main>\n");
	if (note.n > 0) {
		buf_puts(out, "<p class=\"note\">");
		html_text(out, note);
		buf_puts(out, "</p>\n");
	}
	outline_html(out, a, p, source);
	buf_puts(out, "</main></body></html>\n");
}

/* Markdown. */

static void markdown_spans(struct buf *out, const struct prose_text *t, bool cell)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->spans[i].text.n; k++) {
			char c = t->spans[i].text.p[k];
			if (cell && c == '|')
				buf_putc(out, '\\');
			buf_putc(out, cell && c == '\n' ? ' ' : c);
		}
}

static void markdown_row(struct buf *out, const struct prose_row *r, size_t columns)
{
	for (size_t c = 0; c < columns; c++) {
		buf_puts(out, "| ");
		if (c < r->n)
			markdown_spans(out, &r->cells[c], true);
		buf_putc(out, ' ');
	}
	buf_puts(out, "|\n");
	for (size_t c = 0; r->header && c < columns; c++)
		buf_puts(out, "|---");
	if (r->header)
		buf_puts(out, "|\n");
}

void outline_markdown(struct buf *out, const struct prose *p)
{
	static const char *const heads[] = {[PROSE_TITLE] = "# ",
		[PROSE_HEADING_1] = "## ",
		[PROSE_HEADING_2] = "### ",
		[PROSE_HEADING_3] = "#### ",
		[PROSE_ANNEX] = "##### ",
		[PROSE_PARAGRAPH] = ""};
	for (size_t i = 0; i < p->n; i++) {
		const struct prose_block *b = &p->blocks[i];
		if (i > 0)
			buf_putc(out, '\n');
		if (b->kind == PROSE_TABLE) {
			for (size_t r = 0; r < b->rows_n; r++)
				markdown_row(out, &b->rows[r], b->columns);
			continue;
		}
		buf_puts(out, heads[b->kind]);
		markdown_spans(out, &b->text, false);
		buf_putc(out, '\n');
	}
}
