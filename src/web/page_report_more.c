/* page_report_more.c -- beside the report desk: the difference with last year and with the frozen edition, the leader's page,
 * the list of what is under way, the frozen files. */
#include "net/download.h"
#include "report/difference.h"
#include "report/make.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_report.h"
#include "web/site_in.h"
#include "web/words.h"

/* ---- difference ---- */

enum { ROWS_MAX = 400 };

static str slot_of(struct page *p, const struct slot_ref *ref)
{
	struct slot_tag_parts tag = {.kind = TAG_VALUE, .ref = *ref};
	return template_tag(p->a, &tag);
}

static str printed_in(const struct edition *e, str slot)
{
	for (size_t i = 0; i < e->n; i++)
		if (str_eq(e->values[i].slot, slot))
			return e->values[i].printed;
	return (str){0};
}

/* The text of the edition before: the newest frozen one of last year's span. */
static enum rc last_edition(struct report_ctx *x, struct edition *out, bool *there, struct err *err)
{
	struct page *p = x->p;
	struct period last = period_before(p->a, &p->period);
	struct frozen *list;
	size_t n;
	str name = signoff_template(p->a, x->kind, "");
	*there = false;
	TRY(frozen_list(p->a, p->r.db, last.text, p->org, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].template_name, name) || str_is(list[i].template_name, "annual.md")) {
			*there = true;
			return edition_read(p->a, list[i].body, out, err);
		}
	return RC_OK;
}

/* The newest frozen one of this span: of this edition, or of the one before where this is a revision being written. */
static enum rc own_edition(struct report_ctx *x, struct edition *out, bool *there, struct err *err)
{
	struct page *p = x->p;
	struct frozen *list;
	size_t n;
	str name = signoff_template(p->a, x->kind, "");
	*there = false;
	TRY(frozen_list(p->a, p->r.db, p->period.text, p->org, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].template_name, name) || str_is(list[i].template_name, "annual.md")) {
			*there = true;
			return edition_read(p->a, list[i].body, out, err);
		}
	return RC_OK;
}

struct compared {
	struct edition last, own;
	bool has_last, has_own;
	struct report_source before; /* the same span of last year: of a running year as far as it has come */
};

/* As the text prints it, with its unit once (22.13万元); in the reader's words on the English page. */
static str now_words(struct page *p, const struct figure *f, const struct template_used *u)
{
	if (tr_lang() == LANG_EN && !p->json && f && u->answer.told)
		return figure_value_words(p, f, u->answer.value);
	return str_ends(u->printed, u->answer.unit)
		       ? u->printed
		       : arena_fmt(p->a, "%.*s%.*s", STR_ARG(u->printed), STR_ARG(u->answer.unit));
}

static enum rc row_fill(struct report_ctx *x, struct compared *c, const struct template_used *u,
	struct report_difference_row *row, struct err *err)
{
	struct page *p = x->p;
	const struct figure *f = model_figure(p->site->city->model, u->ref.id);
	struct slot_answer before = {0};
	str slot = slot_of(p, &u->ref);
	*row = (struct report_difference_row){.label = f ? label_text(&f->label) : slot,
		.href = f ? page_hrefs(p, "/figures/%.*s", STR_ARG(f->id)) : STR(""),
		.now = now_words(p, f, u)};
	if (u->ref.when == SLOT_THIS)
		TRY(c->before.source.figure(&c->before, p->a, &u->ref, &before, err));
	if (before.told && f) {
		row->before = figure_value_words(p, f, before.value);
		if (u->answer.told)
			row->change = change_words(p, f, u->answer.value, before.value);
	} else {
		row->before = STR("—");
	}
	str frozen = c->has_own ? printed_in(&c->own, slot) : (str){0};
	row->frozen = frozen.n ? frozen : c->has_own ? STR("—") : STR("");
	row->changed = c->has_own && !str_eq(frozen, u->printed);
	return RC_OK;
}

static bool told_before(const struct template_run *run, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(run->used[k].ref.id, run->used[i].ref.id) &&
			run->used[k].ref.when == run->used[i].ref.when &&
			str_eq(run->used[k].ref.org, run->used[i].ref.org))
			return true;
	return false;
}

static enum rc rows_fill(
	struct report_ctx *x, struct compared *c, struct report_difference_page *g, struct err *err)
{
	const struct template_run *run = &x->d.run;
	g->rows = NEWS(x->p->a, run->used_n + 1, struct report_difference_row);
	for (size_t i = 0; i < run->used_n && g->rows_n < ROWS_MAX; i++)
		if (run->used[i].ref.org.n == 0 && !run->used[i].cell && !told_before(run, i))
			TRY(row_fill(x, c, &run->used[i], &g->rows[g->rows_n++], err));
	return RC_OK;
}

/* The text as it would be printed now. */
static enum rc text_now(struct report_ctx *x, str *out, struct err *err)
{
	struct template_run run;
	if (x->has_frozen) {
		*out = x->body;
		return RC_OK;
	}
	template_init(&run, x->p->a, &x->source.source, true);
	return report_make(&run, x->body, REPORT_MD, REPORT_MD, out, err);
}

/* The two sides of a sentence that was changed. False: they have too little in common to be one. */
static bool pair_fill(struct report_ctx *x, str before, str now, struct report_sentence *s)
{
	struct arena *a = x->p->a;
	size_t n, same, longer = before.n > now.n ? before.n : now.n;
	struct difference *d = difference_words(a, before, now, &n, &same);
	if (same * 5 < longer * 2)
		return false;
	*s = (struct report_sentence){.gone = before,
		.fresh = now,
		.before = NEWS(a, n + 1, struct report_piece),
		.now = NEWS(a, n + 1, struct report_piece)};
	for (size_t i = 0; i < n; i++) {
		if (d[i].kind != DIFF_NEW)
			s->before[s->before_n++] = (struct report_piece){d[i].text, d[i].kind == DIFF_GONE};
		if (d[i].kind != DIFF_GONE)
			s->now[s->now_n++] = (struct report_piece){d[i].text, d[i].kind == DIFF_NEW};
	}
	return true;
}

/* What stands between two sentences that both have: each that went beside the one it became, in order. */
static size_t changed_fill(struct report_ctx *x, const struct difference *d, size_t i, size_t n,
	struct report_difference_page *g)
{
	size_t end = i, fresh = i;
	while (end < n && d[end].kind != DIFF_SAME)
		end++;
	for (; i < end; i++) {
		if (d[i].kind != DIFF_GONE)
			continue;
		struct report_sentence *s = &g->sentences[g->sentences_n], pair;
		bool found = false;
		for (size_t k = fresh; k < end && !found; k++) {
			found = d[k].kind == DIFF_NEW && pair_fill(x, d[i].text, d[k].text, &pair);
			for (; found && fresh < k; fresh++) /* those before it are new ones */
				if (d[fresh].kind == DIFF_NEW)
					g->sentences[g->sentences_n++] =
						(struct report_sentence){.fresh = d[fresh].text};
			fresh = found ? k + 1 : fresh;
		}
		s = &g->sentences[g->sentences_n++];
		*s = found ? pair : (struct report_sentence){.gone = d[i].text};
	}
	for (; fresh < end; fresh++)
		if (d[fresh].kind == DIFF_NEW)
			g->sentences[g->sentences_n++] = (struct report_sentence){.fresh = d[fresh].text};
	return end;
}

static enum rc sentences_fill(
	struct report_ctx *x, const struct edition *with, struct report_difference_page *g, struct err *err)
{
	str now;
	size_t n;
	TRY(text_now(x, &now, err));
	if (str_starts(now, STR("草稿\n")))
		now = str_from(now, strlen("草稿\n"));
	struct difference *d = difference_of(x->p->a, with->text, now, &n);
	g->sentences = NEWS(x->p->a, n + 1, struct report_sentence);
	for (size_t i = 0; i < n;) {
		if (d[i].kind == DIFF_SAME)
			g->sentences[g->sentences_n++] = (struct report_sentence){.same = d[i++].text};
		else
			i = changed_fill(x, d, i, n, g);
	}
	return RC_OK;
}

static void difference_json(struct report_ctx *x, const struct report_difference_page *g)
{
	struct json j = page_json(x->p);
	json_object(&j);
	json_put_str(&j, "period", x->name);
	json_put_i64(&j, "org", x->p->org);
	json_put_cstr(&j, "with", g->with_last ? "last" : "frozen");
	json_key(&j, "figures");
	json_array(&j);
	for (size_t i = 0; i < g->rows_n; i++) {
		json_object(&j);
		json_put_str(&j, "label", g->rows[i].label);
		json_put_str(&j, "now", g->rows[i].now);
		json_put_str(&j, "last_year", g->rows[i].before);
		json_put_str(&j, "frozen", g->rows[i].frozen);
		json_put_bool(&j, "changed", g->rows[i].changed);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "sentences");
	json_array(&j);
	for (size_t i = 0; i < g->sentences_n; i++) {
		if (g->sentences[i].same.n)
			continue;
		json_object(&j);
		json_put_str(&j, "before", g->sentences[i].gone);
		json_put_str(&j, "now", g->sentences[i].fresh);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static str with_href(struct report_ctx *x, const char *with)
{
	str here = report_here(x, "/difference");
	return arena_fmt(x->p->a, "%.*s%cwith=%s", STR_ARG(here),
		str_find_byte(here, '?') == SIZE_MAX ? '?' : '&', with);
}

static enum rc difference(struct report_ctx *x, struct err *err)
{
	struct page *p = x->p;
	struct report_difference_page g = {0};
	struct compared c = {0};
	TRY(last_edition(x, &c.last, &c.has_last, err));
	TRY(own_edition(x, &c.own, &c.has_own, err));
	str with = page_input(p, "with");
	g.with_last = str_is(with, "last") || (with.n == 0 && !c.has_own);
	struct period last = page_compared(p);
	report_source_init(&c.before, &p->r, &last, p->org);
	enum rc rc = rows_fill(x, &c, &g, err);
	report_source_done(&c.before);
	TRY(rc);
	g.has_frozen = c.has_own;
	g.has_text = g.with_last ? c.has_last : c.has_own;
	if (g.has_text)
		TRY(sentences_fill(x, g.with_last ? &c.last : &c.own, &g, err));
	if (p->json) {
		difference_json(x, &g);
		return RC_OK;
	}
	g.heading = str_of(tr("What is different"));
	g.before_words = period_words(p->a, &last);
	g.frozen_words =
		c.has_own ? arena_fmt(p->a, tr("Frozen, revision %lld"), (long long)c.own.revision) : STR("");
	g.with_words = g.with_last ? g.before_words : g.frozen_words;
	for (size_t i = 0; i < g.sentences_n; i++) {
		g.sentences[i].before_label = g.with_words;
		g.sentences[i].now_label = str_of(tr("Now"));
	}
	for (size_t i = 0; i < g.rows_n; i++) {
		g.rows[i].before_label = g.before_words;
		g.rows[i].now_label = str_of(tr("Now"));
		g.rows[i].frozen_label = g.frozen_words;
	}
	g.back_href = report_self(x);
	g.last_href = with_href(x, "last");
	g.frozen_href = c.has_own ? with_href(x, "frozen") : STR("");
	shell_fill(p, &g.shell, g.heading, PLACE_REPORT, STR(""));
	tpl_report_difference(page_out(p), &g);
	return RC_OK;
}

enum rc report_difference(struct page *p, struct err *err)
{
	struct report_ctx x;
	enum rc rc = report_open(p, page_arg(p, 0), &x, err);
	if (rc == RC_OK)
		rc = difference(&x, err);
	report_close(&x);
	return rc;
}

/* ---- the leader's page ---- */

enum { LEADER_ROWS = 24 };

/* The figures that the text names, beside the same span of last year: of a running year as far as it has come. */
static enum rc leader_rows(struct report_ctx *x, struct report_leader_page *g, struct err *err)
{
	struct page *p = x->p;
	const struct template_run *run = &x->d.run;
	const struct figure *list[LEADER_ROWS];
	struct figure_answer before[LEADER_ROWS];
	struct period last_year = page_compared(p);
	g->rows = NEWS(p->a, LEADER_ROWS + 1, struct report_leader_row);
	for (size_t i = 0; i < run->used_n && g->rows_n < LEADER_ROWS; i++) {
		const struct template_used *u = &run->used[i];
		const struct figure *f = model_figure(p->site->city->model, u->ref.id);
		if (f == NULL || f->parent || u->ref.when != SLOT_THIS || u->ref.org.n || u->cell ||
			!u->answer.told || told_before(run, i))
			continue;
		list[g->rows_n] = f;
		g->rows[g->rows_n++] = (struct report_leader_row){.label = label_text(&f->label),
			.value = figure_value_text(p, f, u->answer.value),
			.unit = figure_unit_text(p, f, u->answer.value),
			.is = u->answer.value};
	}
	if (g->rows_n == 0)
		return RC_OK;
	TRY(figure_values(&p->r, list, g->rows_n, &last_year, p->org, false, before, err));
	for (size_t i = 0; i < g->rows_n; i++)
		if (before[i].told && before[i].value)
			g->rows[i].change = change_words(p, list[i], g->rows[i].is, before[i].value);
	return RC_OK;
}

enum rc report_leader_show(struct report_ctx *x, struct err *err)
{
	struct page *p = x->p;
	struct report_leader_page g = {.common = report_common_of(x)};
	const char *look;
	TRY(leader_rows(x, &g, err));
	g.heading = x->s.id ? x->s.title : arena_fmt(p->a, tr("Report of %.*s"), STR_ARG(x->name));
	g.heads = report_heads(p, g.heading, &g.heads_n);
	g.organ = page_org_name(p, p->org);
	g.when = period_words(p->a, &p->period);
	g.waits = report_state_words(p, &x->s, &look);
	g.report_href = report_self(x);
	g.signs = x->s.id && signoff_may(&p->r, &x->s, "sign_off");
	g.code_fault = x->code_fault;
	g.reason_fault = x->reason_fault;
	g.kept = NEWS(p->a, x->d.findings_n + 1, struct report_bar);
	for (size_t i = 0; i < x->d.findings_n; i++)
		if (x->d.findings[i].kept.n)
			g.kept[g.kept_n++] = (struct report_bar){
				.label = arena_fmt(p->a, tr("“%.*s”: %s"), STR_ARG(x->d.findings[i].what),
					desk_kind_words(x->d.findings[i].kind)),
				.words = x->d.findings[i].kept};
	report_steps(x, &g.steps, &g.steps_n);
	shell_fill(p, &g.shell, g.heading, PLACE_REPORT, STR(""));
	tpl_report_leader(page_out(p), &g);
	return RC_OK;
}

enum rc report_leader(struct page *p, struct err *err)
{
	struct report_ctx x;
	enum rc rc = report_open(p, page_arg(p, 0), &x, err);
	if (rc == RC_OK)
		rc = report_leader_show(&x, err);
	report_close(&x);
	return rc;
}

/* An edition by its number: from a task, from the record's page. Who may sign it comes to the page where that is done. */
enum rc report_go(struct page *p, struct err *err)
{
	struct signoff s;
	int64_t id;
	if (!str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "There is no report #%lld.", 0LL);
	TRY(signoff_read(&p->r, id, &s, err));
	struct period period;
	if (period_parse(p->a, s.period, &period, NULL) !=
		RC_OK) { /* a row of before the report desk: it stands for itself */
		page_go(p, arena_fmt(p->a, "/r/report_edition/%lld", (long long)id));
		return RC_OK;
	}
	page_go(p,
		arena_fmt(p->a, "/report/%.*s%s?kind=%.*s&id=%lld", STR_ARG(s.period),
			signoff_may(&p->r, &s, "sign_off") ? "/leader" : "", STR_ARG(s.kind), (long long)id));
	return RC_OK;
}

/* ---- what was frozen ---- */

enum rc report_kept(struct page *p, struct err *err)
{
	static const char *const parts[][3] = {{"docx", "", "docx"}, {"bundle", "bundle", "zip"},
		{"public.docx", "public", "docx"}, {"public.bundle", "public:bundle", "zip"}};
	struct signoff s;
	struct frozen f;
	int64_t id;
	if (!str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "There is no report #%lld.", 0LL);
	TRY(signoff_read(&p->r, id, &s, err));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!str_is(page_arg(p, 1), parts[i][0]))
			continue;
		enum rc rc = signoff_frozen(&p->r, &s, parts[i][1], &f, err);
		if (rc == RC_NOT_FOUND)
			return FAIL(err, RC_NOT_FOUND, "This report has not been signed off.");
		TRY(rc);
		buf_clear(page_out(p));
		buf_add(page_out(p), f.document);
		http_download(p->q,
			arena_fmt(p->a, "报告-%.*s-%lld.%s", STR_ARG(s.period), (long long)s.serial,
				parts[i][2]),
			i % 2 ? "application/zip"
			      : "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
		return RC_OK;
	}
	return FAIL(err, RC_NOT_FOUND, "A frozen report has docx, bundle, public.docx and public.bundle.");
}
