/* page_report.c -- /report/YEAR: the year's report of the scope, written now from the records; /report/YEAR.docx. */
#include "web/page_report.h"
#include "base/clock.h"
#include "net/download.h"
#include "report/make.h"
#include "report/outline.h"
#include "report/source.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"

static enum rc template_of(struct page *p, str *out, struct err *err)
{
	const struct model *m = p->site->city->model;
	for (size_t i = 0; i < m->texts_n; i++)
		if (str_is(m->texts[i].path, "reports/annual.md")) {
			*out = m->texts[i].text;
			return RC_OK;
		}
	return FAIL(err, RC_NOT_FOUND, "This city has no annual report template (reports/annual.md).");
}

/* ---- notes ---- */

static const char *kind_words(enum template_note_kind kind)
{
	static const char *const words[] = {[NOTE_ZERO] = N_("zero"),
		[NOTE_BELOW_STEP] = N_("small"),
		[NOTE_INSTEAD] = N_("told otherwise"),
		[NOTE_NOT_COMPARED] = N_("not comparable"),
		[NOTE_GAP] = N_("to be filled")};
	return tr(words[kind]);
}

/* The tag of a slot as spans carry it. */
static str tag_of(struct page *p, str slot)
{
	struct slot_tag_parts parts;
	return template_parse(p->a, slot, &parts) ? template_tag(p->a, &parts) : slot;
}

static const struct figure *figure_of(struct page *p, str tag)
{
	struct slot_tag_parts parts;
	return template_parse(p->a, tag, &parts) ? model_figure(p->site->city->model, parts.ref.id) : NULL;
}

struct noted {
	struct report_note note;
	str tag;
	bool placed;
};

static void notes_fill(
	struct page *p, const struct template_run *run, struct report_page *g, struct noted *all)
{
	g->notes = NEWS(p->a, run->notes_n + 1, struct report_note);
	for (size_t i = 0; i < run->notes_n; i++) {
		const struct template_note *n = &run->notes[i];
		struct report_note *note = &all[i].note;
		all[i].tag = tag_of(p, n->slot);
		const struct figure *f = figure_of(p, all[i].tag);
		*note = (struct report_note){.id = arena_fmt(p->a, "n%zu", i + 1),
			.kind = str_of(kind_words(n->kind)),
			.label = f ? label_text(&f->label) : n->slot,
			.text = n->text,
			.gap = n->kind == NOTE_GAP};
		if (f)
			note->href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id));
		g->notes[g->notes_n++] = *note;
	}
}

/* ---- the sheet ---- */

static str span_href(struct page *p, str tag, int year)
{
	struct slot_tag_parts t;
	const struct figure *f = figure_of(p, tag);
	if (f == NULL || !template_parse(p->a, tag, &t))
		return STR("");
	int of = t.ref.when == SLOT_PREV ? year - 1 : t.ref.when == SLOT_YEAR ? t.ref.year : year;
	struct buf b = {0};
	buf_puts(&b, "/figures/");
	html_url(&b, f->id);
	buf_printf(&b, "%s?period=%d", f->of ? "/trace" : "", of);
	str org = t.ref.org.n ? t.ref.org : p->org_code;
	if (org.n) {
		buf_puts(&b, "&org=");
		html_url(&b, org);
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static void spans_fill(struct page *p, const struct prose_text *text, int year, const struct noted *notes,
	size_t notes_n, struct report_span **out, size_t *out_n)
{
	*out = NEWS(p->a, text->n + 1, struct report_span);
	for (size_t i = 0; i < text->n; i++) {
		const struct prose_span *s = &text->spans[i];
		struct report_span *to = &(*out)[(*out_n)++];
		*to = (struct report_span){.text = s->text, .title = s->label, .look = ""};
		if (s->tag.n == 0)
			continue;
		to->href = span_href(p, s->tag, year);
		to->look = "f";
		for (size_t k = 0; k < notes_n; k++)
			if (str_eq(notes[k].tag, s->tag))
				to->look = "f unsure";
	}
}

/* A note stands at the first paragraph that prints its slot. */
static void place_notes(
	struct page *p, const struct prose_block *b, struct report_block *to, struct noted *notes, size_t n)
{
	to->notes = NEWS(p->a, n + 1, struct report_note);
	for (size_t i = 0; i < b->text.n; i++)
		for (size_t k = 0; k < n; k++)
			if (!notes[k].placed && b->text.spans[i].tag.n &&
				str_eq(notes[k].tag, b->text.spans[i].tag)) {
				notes[k].placed = true;
				to->notes[to->notes_n++] = notes[k].note;
			}
}

static void table_fill(struct page *p, const struct prose_block *b, struct report_block *to, int year,
	const struct noted *notes, size_t notes_n)
{
	to->rows = NEWS(p->a, b->rows_n + 1, struct report_row);
	for (size_t r = 0; r < b->rows_n; r++) {
		struct report_row *row = &to->rows[to->rows_n++];
		row->header = b->rows[r].header;
		row->cells = NEWS(p->a, b->rows[r].n + 1, struct report_cell);
		for (size_t c = 0; c < b->rows[r].n; c++) {
			struct report_cell *cell = &row->cells[row->cells_n++];
			spans_fill(
				p, &b->rows[r].cells[c], year, notes, notes_n, &cell->spans, &cell->spans_n);
		}
	}
}

static void sheet_fill(struct page *p, const struct prose *prose, struct report_page *g, int year,
	struct noted *notes, size_t notes_n)
{
	g->blocks = NEWS(p->a, prose->n + 1, struct report_block);
	for (size_t i = 0; i < prose->n; i++) {
		const struct prose_block *b = &prose->blocks[i];
		struct report_block *to = &g->blocks[g->blocks_n++];
		*to = (struct report_block){.title = b->kind == PROSE_TITLE,
			.h2 = b->kind == PROSE_HEADING_1,
			.h3 = b->kind == PROSE_HEADING_2,
			.h4 = b->kind == PROSE_HEADING_3,
			.paragraph = b->kind == PROSE_PARAGRAPH,
			.table = b->kind == PROSE_TABLE};
		if (to->table) {
			table_fill(p, b, to, year, notes, notes_n);
			continue;
		}
		place_notes(p, b, to, notes, notes_n);
		spans_fill(p, &b->text, year, notes, notes_n, &to->spans, &to->spans_n);
	}
}

static void counts(struct page *p, const struct template_run *run, struct report_page *g)
{
	size_t told = 0, all = run->used_n;
	for (size_t i = 0; i < all; i++)
		told += run->used[i].answer.told || run->used[i].answer.has_rate;
	for (size_t i = 0; i < run->notes_n; i++)
		all += run->notes[i].kind == NOTE_GAP;
	g->counted = arena_fmt(p->a, "%zu", told);
	g->total = arena_fmt(p->a, tr("/ %zu figures in the text hold"), all);
	g->share_width = arena_fmt(p->a, "%zu", all ? told * 220 / all : 0);
	g->rest_x = arena_fmt(p->a, "%zu", all ? told * 220 / all + 2 : 0);
	g->rest_width = arena_fmt(p->a, "%zu", all && told < all ? 218 - told * 218 / all : 0);
}

/* ---- the answers ---- */

static void report_json(struct page *p, const struct template_run *run, int year)
{
	static const char *const kinds[] = {"zero", "below_step", "instead", "not_compared", "gap"};
	struct json j = page_json(p);
	json_object(&j);
	json_put_i64(&j, "year", year);
	json_put_i64(&j, "org", p->org);
	json_key(&j, "notes");
	json_array(&j);
	for (size_t i = 0; i < run->notes_n; i++) {
		json_object(&j);
		json_put_cstr(&j, "kind", kinds[run->notes[i].kind]);
		json_put_str(&j, "slot", run->notes[i].slot);
		json_put_str(&j, "text", run->notes[i].text);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "figures");
	json_array(&j);
	for (size_t i = 0; i < run->used_n; i++) {
		const struct template_used *u = &run->used[i];
		struct slot_tag_parts tag = {.kind = TAG_VALUE, .ref = u->ref};
		json_object(&j);
		json_put_str(&j, "slot", template_tag(p->a, &tag));
		json_put_str(&j, "printed", u->printed);
		json_key(&j, "value");
		if (u->answer.told)
			json_i64(&j, u->answer.value);
		else
			json_null(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static enum rc docx(struct page *p, struct template_run *run, str text, int year, struct err *err)
{
	str bytes;
	TRY(report_make(run, text, REPORT_MD, REPORT_DOCX, year, &bytes, err));
	buf_clear(page_out(p));
	buf_add(page_out(p), bytes);
	http_download(p->q, arena_fmt(p->a, "年度报告-%d.docx", year),
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document");
	return RC_OK;
}

static enum rc sheet(struct page *p, struct template_run *run, str text, int year, struct err *err)
{
	struct report_page g = {.draft = true};
	struct prose prose;
	TRY(outline_fill(p->a, text, run, &prose, err));
	if (p->json) {
		report_json(p, run, year);
		return RC_OK;
	}
	struct noted *notes = NEWS(p->a, run->notes_n + 1, struct noted);
	notes_fill(p, run, &g, notes);
	sheet_fill(p, &prose, &g, year, notes, run->notes_n);
	for (size_t i = 0; i < run->notes_n; i++)
		if (notes[i].placed)
			g.notes[i].at = arena_fmt(p->a, "#%.*s", STR_ARG(notes[i].note.id));
		else
			g.notes[i].at = notes[i].note.href;
	counts(p, run, &g);
	g.draft = run->notes_n > 0;
	g.organ = page_org_name(p, p->org);
	g.heading = arena_fmt(p->a, tr("Report of %d"), year);
	g.docx_href = page_hrefs(p, "/report/%d.docx", year);
	g.last_href = page_hrefs(p, "/report/%d", year - 1);
	g.last_label = arena_fmt(p->a, tr("Report of %d"), year - 1);
	shell_fill(p, &g.shell, g.heading, PLACE_REPORT, STR(""));
	tpl_report(page_out(p), &g);
	return RC_OK;
}

static enum rc report(struct page *p, struct err *err)
{
	str name = page_arg(p, 0), text;
	bool as_docx = str_ends(name, STR(".docx"));
	int64_t year;
	if (!str_i64(as_docx ? str_head(name, name.n - 5) : name, &year) || year < 1950 || year > 2150)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no year.", STR_ARG(name));
	TRY(template_of(p, &text, err));
	struct report_source source;
	struct template_run run;
	/* The year is the address's; a period beside it would say something else. */
	p->period = period_year(p->a, (int)year);
	p->period_asked = (int)year != site_year(p->site);
	report_source_init(&source, &p->r, &p->period, p->org);
	template_init(&run, p->a, &source.source, true);
	enum rc rc = as_docx ? docx(p, &run, text, (int)year, err) : sheet(p, &run, text, (int)year, err);
	report_source_done(&source);
	return rc;
}

static enum rc this_year(struct page *p, struct err *err)
{
	(void)err;
	page_go(p, page_hrefs(p, "/report/%d", site_year(p->site)));
	return RC_OK;
}

const struct route routes_report[] = {
	{"GET", "/report", this_year, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"GET", "/report/{year}", report, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{0},
};
