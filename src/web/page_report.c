/* page_report.c -- the report desk as a page, as JSON, as a document to take along; see page_report.h. */
#include "web/page_report.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "format/paper.h"
#include "format/qr.h"
#include "net/download.h"
#include "report/letterhead.h"
#include "report/make.h"
#include "report/outline.h"
#include "report/printed.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_street.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { KEPT_COLUMNS = 8 };

/* ---- the sheet ---- */

static str span_href(struct report_ctx *x, str tag, size_t paragraph)
{
	struct page *p = x->p;
	struct slot_tag_parts t;
	const struct figure *f =
		template_parse(p->a, tag, &t) ? model_figure(p->site->city->model, t.ref.id) : NULL;
	if (f == NULL)
		return STR("");
	struct buf b = {0};
	str here = report_self(x);
	buf_add(&b, here);
	buf_puts(&b, str_find_byte(here, '?') == SIZE_MAX ? "?figure=" : "&figure=");
	html_url(&b, tag);
	buf_printf(&b, "#p%zu", paragraph + 1);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* Does a finding speak of this slot? */
static const struct desk_finding *of_slot(struct report_ctx *x, str tag, size_t paragraph)
{
	struct slot_tag_parts t;
	for (size_t i = 0; i < x->d.findings_n; i++) {
		const struct desk_finding *f = &x->d.findings[i];
		if (f->paragraph == paragraph && f->slot.n && f->kind != DESK_DROPPED &&
			template_parse(x->p->a, f->slot, &t) && str_eq(template_tag(x->p->a, &t), tag))
			return f;
	}
	return NULL;
}

/* Words around a number may part from it at the end of a line, “覆盖率/97.3%”, or a justified line before them spreads; a
 * number keeps its 万. */
static bool parts_at_line(str text)
{
	size_t n;
	return utf8_columns(text) > KEPT_COLUMNS && text.n && utf8_next(text, &n) >= 0x4E00;
}

static void span_fill(
	struct report_ctx *x, const struct desk_span *s, size_t paragraph, struct report_span *to)
{
	struct page *p = x->p;
	*to = (struct report_span){.text = s->text, .title = s->label, .look = ""};
	if (s->finding) {
		const struct desk_finding *f = &x->d.findings[s->finding - 1];
		to->look = f->kept.n ? "f kept0" : f->weight == DESK_MUST ? "bad" : "noted0";
		to->anchor = arena_fmt(p->a, "#n%zu", s->finding);
	}
	to->parts = parts_at_line(s->text);
	if (s->tag.n == 0)
		return;
	const struct desk_finding *f = of_slot(x, s->tag, paragraph);
	to->href = span_href(x, s->tag, paragraph);
	to->look = f == NULL || f->kept.n ? "f" : f->weight == DESK_MUST ? "f bad" : "f unsure";
}

static void table_fill(
	struct report_ctx *x, const struct prose_block *b, struct report_block *to, size_t paragraph)
{
	to->rows = NEWS(x->p->a, b->rows_n + 1, struct report_row);
	for (size_t r = 0; r < b->rows_n; r++) {
		struct report_row *row = &to->rows[to->rows_n++];
		row->header = b->rows[r].header;
		row->cells = NEWS(x->p->a, b->rows[r].n + 1, struct report_cell);
		for (size_t c = 0; c < b->rows[r].n; c++) {
			const struct prose_text *t = &b->rows[r].cells[c];
			struct report_cell *cell = &row->cells[row->cells_n++];
			cell->spans = NEWS(x->p->a, t->n + 1, struct report_span);
			for (size_t s = 0; s < t->n; s++) {
				struct desk_span one = {
					t->spans[s].text, t->spans[s].tag, t->spans[s].label, 0};
				span_fill(x, &one, paragraph, &cell->spans[cell->spans_n++]);
			}
		}
	}
}

/* On the sheet each part of a title is kept together. */
static void title_fill(const struct report_ctx *x, struct report_block *to)
{
	struct report_span *spans = NEWS(x->p->a, TITLE_PARTS_MAX * to->spans_n + 1, struct report_span);
	size_t n = 0;
	for (size_t i = 0; i < to->spans_n; i++) {
		struct report_span s = to->spans[i];
		str parts[TITLE_PARTS_MAX] = {s.text};
		s.keep = s.href.n == 0;
		for (size_t k = 0, of = s.keep ? title_parts(s.text, parts) : 1; k < of; k++) {
			s.text = parts[k];
			spans[n++] = s;
		}
	}
	to->spans = spans;
	to->spans_n = n;
}

static void block_fill(
	struct report_ctx *x, const struct desk_block *b, size_t paragraph, struct report_block *to)
{
	*to = (struct report_block){.title = b->kind == PROSE_TITLE,
		.h2 = b->kind == PROSE_HEADING_1,
		.h3 = b->kind == PROSE_HEADING_2,
		.h4 = b->kind == PROSE_HEADING_3,
		.paragraph = b->kind == PROSE_PARAGRAPH,
		.table = b->kind == PROSE_TABLE};
	if (to->table)
		table_fill(x, b->table, to, paragraph);
	to->spans = NEWS(x->p->a, b->n + 1, struct report_span);
	for (size_t s = 0; s < b->n; s++)
		span_fill(x, &b->spans[s], paragraph, &to->spans[to->spans_n++]);
	if (to->title)
		title_fill(x, to);
}

static size_t annexes_of(const struct report_ctx *x)
{
	size_t n = 0;
	for (size_t i = 0; i < x->d.n; i++)
		for (size_t b = 0; b < x->d.paragraphs[i].n; b++)
			n += x->d.paragraphs[i].blocks[b].kind == PROSE_ANNEX;
	return n;
}

/* The first block of a paragraph carries its number, notes and the way to its text. */
static void sheet_fill(struct report_ctx *x, struct report_page *g)
{
	struct page *p = x->p;
	int64_t editing = page_input_id(p, "edit");
	size_t n = 0;
	for (size_t i = 0; i < x->d.n; i++)
		n += x->d.paragraphs[i].n + 1;
	size_t annexes = annexes_of(x), annex = 0;
	g->blocks = NEWS(p->a, n + 1, struct report_block);
	for (size_t i = 0; i < x->d.n; i++) {
		const struct desk_paragraph *d = &x->d.paragraphs[i];
		if (d->remark || (d->n == 0 && !x->editable))
			continue;
		size_t first = g->blocks_n;
		for (size_t b = 0; b < d->n; b++) {
			struct report_block *to = &g->blocks[g->blocks_n];
			block_fill(x, &d->blocks[b], i, to);
			to->remark = g->blocks_n > 0 && to[-1].table && to->spans_n > 0 &&
				     str_starts(to->spans[0].text, STR("注："));
			if (d->blocks[b].kind == PROSE_ANNEX)
				to->annex = annexes > 1 ? arena_fmt(p->a, "附件%zu", ++annex) : STR("附件");
			g->blocks_n++;
		}
		if (d->n == 0) /* all of it fell away: still there for its author */
			g->blocks[g->blocks_n++] = (struct report_block){.paragraph = true};
		struct report_block *head = &g->blocks[first];
		head->number = arena_fmt(p->a, "%zu", i);
		head->id = arena_fmt(p->a, "p%zu", i + 1);
		head->common = report_common_of(x);
		if (head->title && x->s.addressee.n)
			head->to = arena_fmt(p->a, "%.*s：", STR_ARG(x->s.addressee));
		if (!x->editable)
			continue;
		head->source = d->source;
		head->editing = editing == (int64_t)i + 1;
		head->cancel_href = report_here(x, "#p%zu", i + 1);
		str here = report_self(x);
		head->edit_href = arena_fmt(p->a, "%.*s%cedit=%zu#p%zu", STR_ARG(here),
			str_find_byte(here, '?') == SIZE_MAX ? '?' : '&', i + 1, i + 1);
	}
}

static void counts(struct report_ctx *x, struct report_page *g)
{
	struct page *p = x->p;
	const struct template_run *run = &x->d.run;
	size_t told = 0, all = 0;
	/* What stands in tables by unit is not the text. */
	for (size_t i = 0; i < run->used_n; i++)
		all += !run->used[i].cell;
	for (size_t i = 0; i < run->used_n; i++)
		told += !run->used[i].cell && (run->used[i].answer.told || run->used[i].answer.has_rate);
	for (size_t i = 0; i < run->notes_n; i++)
		all += run->notes[i].kind == NOTE_GAP;
	g->counted = arena_fmt(p->a, "%zu", x->has_frozen ? x->frozen.n : told);
	g->total = x->has_frozen ? str_of(tr("figures, as they were frozen"))
				 : arena_fmt(p->a, tr("/ %zu figures in the text hold"), all);
	g->share_width = arena_fmt(p->a, "%zu", all ? told * 220 / all : 0);
	g->rest_x = arena_fmt(p->a, "%zu", all ? told * 220 / all + 2 : 0);
	g->rest_width = arena_fmt(p->a, "%zu", all && told < all ? 218 - told * 218 / all : 0);
}

/* ---- above the sheet ---- */

static void moves(struct report_ctx *x, struct report_page *g)
{
	static const char *const names[] = {
		"withdraw", "check", "check_only", "cosign", "publish", "take_down", "void"};
	const struct reg *reg = model_reg(x->p->site->city->model, STR("report_edition"));
	g->moves = NEWS(x->p->a, sizeof names / sizeof *names + 1, struct report_button);
	for (size_t i = 0; x->s.id && i < sizeof names / sizeof *names; i++)
		if (signoff_may(&x->p->r, &x->s, names[i]) && strcmp(names[i], "void") != 0)
			g->moves[g->moves_n++] = (struct report_button){str_of(names[i]),
				label_text(&reg_move(reg, str_of(names[i]))->label),
				strcmp(names[i], "check") == 0 || strcmp(names[i], "cosign") == 0 ||
					strcmp(names[i], "publish") == 0};
	bool over = str_is(x->s.state, "signed") || str_is(x->s.state, "published") ||
		    str_is(x->s.state, "taken_down");
	if (over && form_may_add(x->p, reg))
		g->moves[g->moves_n++] =
			(struct report_button){STR("revise"), str_of(tr("Make a revision")), false};
}

static void letterheads(struct report_ctx *x, struct report_page *g)
{
	const struct reg *reg = model_reg(x->p->site->city->model, STR("report_edition"));
	const struct field *f = reg_field(reg, STR("letterhead"));
	g->letterheads = NEWS(x->p->a, f->choices_n + 1, struct report_choice);
	for (size_t i = 0; i < f->choices_n; i++)
		g->letterheads[g->letterheads_n++] = (struct report_choice){f->choices[i].id,
			label_text(&f->choices[i].label), str_eq(f->choices[i].id, x->s.letterhead)};
}

static enum rc annexes(struct report_ctx *x, struct report_page *g, struct err *err)
{
	const struct report_declared *d;
	struct arena *a = x->p->a;
	TRY(report_source_declared(&x->source, &d, err));
	g->annexes = NEWS(a, d->annexes_n + 1, struct report_button);
	for (size_t i = 0; i < d->annexes_n; i++) {
		const struct annex *n = &d->annexes[i];
		bool on = str_find(x->body, arena_fmt(a, "{{annex %.*s}}", STR_ARG(n->id))) != SIZE_MAX;
		if (on || annex_offered(n, x->kind))
			g->annexes[g->annexes_n++] = (struct report_button){
				arena_fmt(a, "%s|%.*s", on ? "annex_out" : "annex", STR_ARG(n->id)),
				label_text(&n->label), on};
	}
	return RC_OK;
}

static void files(struct report_ctx *x, struct report_page *g)
{
	static const char *const parts[][3] = {{"", "docx", N_("Frozen report (.docx)")},
		{"bundle", "bundle", N_("Evidence bundle (.zip)")},
		{"public", "public.docx", N_("Public copy (.docx)")},
		{"public:bundle", "public.bundle", N_("Public bundle (.zip)")}};
	struct frozen f;
	g->files = NEWS(x->p->a, 5, struct report_link);
	for (size_t i = 0; x->has_frozen && i < 4; i++)
		if (signoff_frozen(&x->p->r, &x->s, parts[i][0], &f, NULL) == RC_OK)
			g->files[g->files_n++] = (struct report_link){str_of(tr(parts[i][2])),
				arena_fmt(x->p->a, "/report/kept/%lld/%s", (long long)x->s.id, parts[i][1])};
}

static void head_fill(struct report_ctx *x, struct report_page *g)
{
	struct page *p = x->p;
	struct signoff *s = &x->s;
	bool one = period_whole_year(&p->period) != 0;
	g->common = report_common_of(x);
	g->state = report_state_words(p, s, &g->state_look);
	if (s->serial > 1)
		g->state = arena_fmt(p->a, tr("%.*s, edition %lld"), STR_ARG(g->state), (long long)s->serial);
	g->heading = s->id ? s->title
		     : one ? arena_fmt(p->a, tr("Report of %d"), date_ymd(p->period.from).year)
			   : arena_fmt(p->a, tr("Report of %.*s"), STR_ARG(report_span_words(p, &p->period)));
	g->heads = report_heads(p, g->heading, &g->heads_n);
	g->organ = page_org_name(p, p->org);
	g->begins = s->id == 0 && form_may_add(p, model_reg(p->site->city->model, STR("report_edition")));
	g->editable = x->editable;
	g->frozen = x->has_frozen;
	g->may_send = x->editable;
	g->can_send = x->editable && x->d.must == 0 && x->open_n == 0;
	g->signs = s->id && signoff_may(&p->r, s, "sign_off");
	g->comments_on = s->id && !x->has_frozen && !str_is(s->state, "void");
	size_t bars = x->d.must + x->open_n;
	g->heads_title =
		x->has_frozen ? str_of(tr("Signed off and frozen"))
		: bars        ? arena_fmt(p->a,
					trn("%lld thing bars signing", "%lld things bar signing", (int64_t)bars),
					(long long)bars)
			      : str_of(tr("Nothing bars signing"));
	if (x->editable && x->d.ascii_marks)
		g->punctuation = arena_fmt(p->a, tr("Put %zu marks right"), x->d.ascii_marks);
	if (!x->has_frozen && period_runs(&p->period, clock_today())) {
		struct period last = page_compared(p);
		g->compared =
			arena_fmt(p->a, tr("The period runs: numbers are through today, compared with %.*s."),
				STR_ARG(period_name(p->a, &last, tr_lang() == LANG_ZH)));
	}
	g->title = s->title;
	g->number = s->number;
	g->copies = s->copies;
	g->signer = s->signer;
	letterheads(x, g);
}

/* 版头, signature and 版记 as Word prints them (format/docx_head.c). */
static void paper_fill(struct report_ctx *x, struct report_page *g)
{
	struct arena *a = x->p->a;
	struct docx_letterhead h;
	report_head_of(x, &h);
	if (h.kind == LETTERHEAD_NONE)
		return;
	g->document = h.kind == LETTERHEAD_DOCUMENT;
	g->brief = h.kind == LETTERHEAD_BRIEF;
	g->letter = h.kind == LETTERHEAD_LETTER;
	g->head_name = g->brief    ? STR("工作简报")
		       : g->letter ? h.organ
				   : arena_fmt(a, "%.*s文件", STR_ARG(h.organ));
	g->organ = h.organ;
	g->head_date = h.date;
	g->number_line = h.number;
	g->signer_line =
		h.signer.n && g->document ? arena_fmt(a, "签发人：%.*s", STR_ARG(h.signer)) : STR("");
	g->copies_line = h.copies.n ? arena_fmt(a, "抄送：%.*s。", STR_ARG(h.copies)) : STR("");
	if (!g->letter) {
		g->printed_line = h.printed_by;
		g->printed_date = arena_fmt(a, "%.*s印发", STR_ARG(h.date));
	}
	struct report_signature sign = {.attached = NEWS(a, g->blocks_n + 1, struct report_link),
		.organ = g->brief ? STR("") : h.organ,
		.date = h.date};
	struct report_block *first = NULL;
	size_t of = 0;
	for (size_t i = 0; i < g->blocks_n; i++)
		of += g->blocks[i].annex.n > 0;
	for (size_t i = 0; i < g->blocks_n; i++) {
		struct report_block *b = &g->blocks[i];
		if (b->annex.n == 0)
			continue;
		first = first ? first : b;
		str title = b->spans_n ? b->spans[0].text : STR("");
		sign.attached[sign.attached_n].label =
			of > 1 ? arena_fmt(a, "%zu．%.*s", sign.attached_n + 1, STR_ARG(title)) : title;
		sign.attached_n++;
	}
	sign.on = true;
	if (first)
		first->sign = sign;
	else
		g->sign = sign;
}

static void links(struct report_ctx *x, struct report_page *g)
{
	struct page *p = x->p;
	struct period last = period_before(p->a, &p->period);
	g->docx_href = report_here(x, ".docx");
	g->no_pdf = !paper_printer();
	g->pdf_href = g->no_pdf ? STR("") : report_here(x, ".pdf");
	g->last_href = page_hrefs(p, "/report/%.*s", STR_ARG(last.text));
	g->last_label = period_whole_year(&last)
				? arena_fmt(p->a, tr("Report of %d"), period_whole_year(&last))
				: arena_fmt(p->a, tr("Report of %.*s"), STR_ARG(report_span_words(p, &last)));
	g->difference_href = report_here(x, "/difference");
	g->leader_href = x->s.id ? report_here(x, "/leader") : STR("");
	g->list_href = page_href(p, STR("/report/list"));
	g->adopt_href = page_href(p, STR("/report/adopt"));
	g->refresh_href = page_href(p, STR("/report/refresh"));
}

/* ---- the answers ---- */

static void findings_json(struct json *j, const struct report_ctx *x)
{
	json_key(j, "findings");
	json_array(j);
	for (size_t i = 0; i < x->d.findings_n; i++) {
		const struct desk_finding *f = &x->d.findings[i];
		json_object(j);
		json_put_cstr(j, "kind", desk_kind_name(f->kind));
		json_put_bool(j, "bars", f->weight == DESK_MUST && f->kept.n == 0);
		json_put_i64(j, "paragraph", (int64_t)f->paragraph + 1);
		json_put_str(j, "text", f->what);
		json_put_str(j, "message", f->text);
		if (f->figure.n)
			json_put_str(j, "figure", f->figure);
		if (f->kept.n)
			json_put_str(j, "kept", f->kept);
		json_object_end(j);
	}
	json_array_end(j);
}

static void report_json(struct report_ctx *x, int year)
{
	struct page *p = x->p;
	const struct template_run *run = &x->d.run;
	struct json j = page_json(p);
	json_object(&j);
	json_put_i64(&j, "year", year);
	json_put_str(&j, "period", x->name);
	json_put_i64(&j, "org", p->org);
	if (x->s.id) {
		json_put_i64(&j, "report", x->s.id);
		json_put_i64(&j, "edition", x->s.serial);
		json_put_str(&j, "state", x->s.state);
	}
	template_notes_json(&j, run);
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
	findings_json(&j, x);
	json_object_end(&j);
}

/* The paper of an edition says where it is compared with the published one; a draft is nobody's paper. */
static void verify_of(const struct report_ctx *x, struct report_verify *out)
{
	struct page *p = x->p;
	*out = (struct report_verify){0};
	if (!x->has_frozen)
		return;
	str at = street_address(p, arena_fmt(p->a, "/street/reports/%lld", (long long)x->s.id));
	if (!str_starts(at, STR("http")))
		return;
	out->address = at;
	out->lines[out->n++] = arena_fmt(p->a, "%s%.*s", tr("Verify: scan, or "), STR_ARG(at));
	out->lines[out->n++] = arena_fmt(p->a, tr("Edition %lld, signed off %.*s"), (long long)x->s.serial,
		STR_ARG(letterhead_date(p->a, x->s.signed_on)));
	if (x->s.published_on.n == 0)
		out->lines[out->n++] =
			str_of(tr("The address answers from the day on which it is published."));
}

static enum rc document(struct report_ctx *x, bool pdf, struct err *err)
{
	struct page *p = x->p;
	struct template_run run;
	struct frozen f;
	str bytes;
	if (x->has_frozen && !pdf) {
		TRY(signoff_frozen(&p->r, &x->s, "", &f, err));
		bytes = f.document;
	} else {
		struct docx_letterhead head;
		report_head_of(x, &head);
		template_init(&run, p->a, &x->source.source, !x->has_frozen);
		struct report_verify verify;
		verify_of(x, &verify);
		run.head = &head;
		run.verify = &verify;
		TRY(report_make(&run, x->body, REPORT_MD, pdf ? REPORT_PDF : REPORT_DOCX, &bytes, err));
	}
	buf_clear(page_out(p));
	buf_add(page_out(p), bytes);
	http_download(p->q, arena_fmt(p->a, "报告-%.*s.%s", STR_ARG(x->name), pdf ? "pdf" : "docx"),
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document");
	if (pdf)
		p->q->out.type = "application/pdf";
	return RC_OK;
}

static enum rc verify_fill(struct report_ctx *x, struct report_page *g, struct err *err)
{
	struct page *p = x->p;
	struct report_verify v;
	struct buf b = {0};
	verify_of(x, &v);
	if (v.address.n == 0)
		return RC_OK;
	enum rc rc = qr_svg(&b, v.address, str_of(tr("Code for verifying this report")), err);
	if (rc == RC_OK)
		g->verify_picture = html_trust(arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	g->verify = v.lines[0];
	g->verify_edition = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(v.lines[1]), v.n > 2 ? " · " : "",
		STR_ARG(v.n > 2 ? v.lines[2] : STR("")));
	return rc;
}

static enum rc page_fill(struct report_ctx *x, struct err *err)
{
	struct page *p = x->p;
	struct report_page g = {0};
	if (x->editable)
		TRY(annexes(x, &g, err));
	head_fill(x, &g);
	links(x, &g);
	sheet_fill(x, &g);
	paper_fill(x, &g);
	TRY(verify_fill(x, &g, err));
	report_notes(x, &g);
	report_bars(x, &g);
	report_steps(x, &g.steps, &g.steps_n);
	moves(x, &g);
	files(x, &g);
	counts(x, &g);
	g.fault = p->faults_n ? p->faults[0].value : STR("");
	shell_fill(p, &g.shell, g.heading, PLACE_REPORT, STR(""));
	tpl_report(page_out(p), &g);
	return RC_OK;
}

static enum rc report(struct page *p, struct err *err)
{
	struct report_ctx x;
	str name = page_arg(p, 0);
	bool docx = str_ends(name, STR(".docx")), pdf = str_ends(name, STR(".pdf"));
	if (docx || pdf)
		name = str_head(name, name.n - strlen(docx ? ".docx" : ".pdf"));
	enum rc rc = report_open(p, name, &x, err);
	if (rc == RC_OK && (docx || pdf))
		rc = document(&x, pdf, err);
	else if (rc == RC_OK && p->json)
		report_json(&x, date_ymd(p->period.from).year);
	else if (rc == RC_OK)
		rc = page_fill(&x, err);
	report_close(&x);
	return rc;
}

static enum rc this_year(struct page *p, struct err *err)
{
	(void)err;
	page_go(p, page_hrefs(p, "/report/%d", site_year(p->site)));
	return RC_OK;
}

static const struct input show_inputs[] = {{"kind", INPUT_WORD, 20, false}, {"id", INPUT_ID, 0, false},
	{"figure", INPUT_TEXT, 120, false}, {"edit", INPUT_ID, 0, false}, {"with", INPUT_WORD, 20, false},
	{0}};

const struct route routes_report[] = {
	{"GET", "/report", this_year, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"GET", "/report/list", report_list, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/report/{year}", report, ACCESS_OFFICE, CSRF_READ_ONLY, show_inputs, ROUTE_SLOW},
	{"POST", "/report/{year}", report_act, ACCESS_OFFICE, CSRF_TOKEN, report_act_inputs, ROUTE_SLOW},
	{"GET", "/report/{year}/difference", report_difference, ACCESS_OFFICE, CSRF_READ_ONLY, show_inputs,
		ROUTE_SLOW},
	{"GET", "/report/{year}/leader", report_leader, ACCESS_OFFICE, CSRF_READ_ONLY, show_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/report/go/{id}", report_go, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/report/kept/{id}/{part}", report_kept, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
