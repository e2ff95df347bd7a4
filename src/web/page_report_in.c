/* page_report_in.c -- what an address of the report desk names: period, kind, the edition under way, its text looked at. */
#include "base/clock.h"
#include "register/permit.h"
#include "report/letterhead.h"
#include "report/outline.h"
#include "web/me_rows.h"
#include "web/page_report.h"
#include "web/site_in.h"
#include "web/words.h"
#include <stdarg.h>
#include <stdio.h>

str report_kind_of(const struct period *p)
{
	if (period_whole_year(p))
		return STR("year");
	if (str_find_byte(p->text, 'H') != SIZE_MAX)
		return STR("half");
	if (str_find_byte(p->text, 'Q') != SIZE_MAX)
		return STR("quarter");
	return STR("month");
}

enum rc report_template_of(struct page *p, str kind, str *out, struct err *err)
{
	static const char *const paths[][2] = {{"year", "reports/annual.md"}, {"half", "reports/half.md"},
		{"quarter", "reports/quarterly.md"}, {"month", "reports/monthly.md"},
		{"brief", "reports/brief.md"}, {"letter", "reports/letter.md"}};
	const struct model *m = p->site->city->model;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (str_is(kind, paths[i][0])) {
			*out = report_text(m, paths[i][1]);
			return out->n ? RC_OK
				      : FAIL(err, RC_NOT_FOUND, "This city has no report template %s.",
						paths[i][1]);
		}
	return FAIL(err, RC_NOT_FOUND, "“%.*s” is no kind of report.", STR_ARG(kind));
}

/* One edition by ?id=, else the newest of that kind and period. */
static enum rc edition_of(struct report_ctx *x, struct err *err)
{
	struct page *p = x->p;
	int64_t id = page_input_id(p, "id");
	if (id) {
		TRY(signoff_read(&p->r, id, &x->s, err));
		if (!str_eq(x->s.period, x->name) || !str_eq(x->s.kind, x->kind))
			return FAIL(err, RC_NOT_FOUND, "There is no report #%lld.", (long long)id);
		p->org = x->s.org;
		return RC_OK;
	}
	return signoff_newest(&p->r, p->org, x->kind, x->name, &x->s, err);
}

static enum rc frozen_of(struct report_ctx *x, struct err *err)
{
	struct frozen f;
	if (x->s.id == 0)
		return RC_OK;
	enum rc rc = signoff_frozen(&x->p->r, &x->s, "", &f, err);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	TRY(rc);
	x->has_frozen = true;
	return edition_read(x->p->a, f.body, &x->frozen, err);
}

static void keep(struct report_ctx *x)
{
	for (size_t c = 0; c < x->comments_n; c++) {
		struct signoff_comment *k = &x->comments[c];
		x->open_n += str_is(k->kind, "comment") && str_is(k->state, "open");
		for (size_t i = 0; str_is(k->kind, "kept") && i < x->d.findings_n; i++)
			if (str_eq(x->d.findings[i].key, k->finding) && desk_may_keep(x->d.findings[i].kind))
				x->d.findings[i].kept = k->body;
	}
	desk_count(&x->d);
}

static enum rc look(struct report_ctx *x, struct err *err)
{
	struct page *p = x->p;
	struct lint_figure *figures;
	report_source_init(&x->source, &p->r, &p->period, p->org);
	x->opened = true;
	x->d = (struct desk){.a = p->a, .source = &x->source.source};
	TRY(report_source_figures(&x->source, false, &figures, &x->d.figures_n, err));
	x->d.figures = figures;
	if (x->has_frozen) { /* it opens from its own text, not from today's records */
		x->body = x->frozen.text;
		TRY(desk_look(&x->d, x->body, err));
		x->d.findings_n = x->d.must = x->d.wait = x->d.ascii_marks = 0;
		for (size_t i = 0; i < x->d.n; i++)
			for (size_t b = 0; b < x->d.paragraphs[i].n; b++)
				for (size_t k = 0; k < x->d.paragraphs[i].blocks[b].n; k++)
					x->d.paragraphs[i].blocks[b].spans[k].finding = 0;
		return RC_OK;
	}
	TRY(desk_look(&x->d, x->body, err));
	keep(x);
	return RC_OK;
}

enum rc report_open(struct page *p, str name, struct report_ctx *x, struct err *err)
{
	str kind = page_input(p, "kind");
	*x = (struct report_ctx){.p = p, .name = name};
	struct err why;
	if (period_parse(p->a, name, &p->period, &why) != RC_OK)
		return FAIL(err, RC_NOT_FOUND, "%s", why.text);
	x->name = p->period.text;
	p->period_asked = period_whole_year(&p->period) != site_year(p->site);
	x->kind = kind.n ? kind : report_kind_of(&p->period);
	x->address = arena_fmt(p->a, "/report/%.*s", STR_ARG(x->name));
	x->query = kind.n ? arena_fmt(p->a, "kind=%.*s", STR_ARG(kind)) : STR("");
	TRY(report_template_of(p, x->kind, &x->body, err));
	TRY(edition_of(x, err));
	if (x->s.id) {
		x->body = x->s.body;
		TRY(signoff_comments(&p->r, x->s.id, &x->comments, &x->comments_n, err));
		TRY(frozen_of(x, err));
	}
	x->editable = x->s.id && str_is(x->s.state, "draft") && signoff_may(&p->r, &x->s, "send");
	return look(x, err);
}

void report_close(struct report_ctx *x)
{
	if (x->opened)
		report_source_done(&x->source);
	x->opened = false;
}

str report_here(struct report_ctx *x, const char *format, ...)
{
	char rest[400];
	va_list list;
	va_start(list, format);
	vsnprintf(rest, sizeof rest, format, list);
	va_end(list);
	str kept = x->query;
	if (x->s.id && page_input_id(x->p, "id"))
		kept = arena_fmt(
			x->p->a, "%.*s%sid=%lld", STR_ARG(kept), kept.n ? "&" : "", (long long)x->s.id);
	const char *hash = strchr(rest, '#');
	int head = hash ? (int)(hash - rest) : (int)strlen(rest);
	str path = arena_fmt(x->p->a, "%.*s%.*s", STR_ARG(x->address), head, rest);
	str full = page_href(x->p, path);
	if (kept.n)
		full = arena_fmt(x->p->a, "%.*s%c%.*s", STR_ARG(full),
			str_find_byte(full, '?') == SIZE_MAX ? '?' : '&', STR_ARG(kept));
	return hash ? arena_fmt(x->p->a, "%.*s%s", STR_ARG(full), hash) : full;
}

str report_self(struct report_ctx *x)
{
	return report_here(x, "%s", "");
}

struct report_common report_common_of(const struct report_ctx *x)
{
	struct page *p = x->p;
	return (struct report_common){.csrf = p->csrf,
		.action = page_href(p, x->address),
		.kind = page_input(p, "kind"),
		.id = arena_fmt(p->a, "%lld", (long long)x->s.id),
		.version = arena_fmt(p->a, "%lld", (long long)x->s.version)};
}

str report_span_words(struct page *p, const struct period *period)
{
	return period_name(p->a, period, tr_lang() == LANG_ZH);
}

str report_letterhead(const struct report_ctx *x)
{
	return x->s.id                     ? x->s.letterhead
	       : str_is(x->kind, "brief")  ? STR("brief")
	       : str_is(x->kind, "letter") ? STR("letter")
					   : STR("document");
}

void report_head_of(struct report_ctx *x, struct docx_letterhead *out)
{
	struct page *p = x->p;
	const struct signoff *s = &x->s;
	letterhead_of(&p->r, &p->period, p->org, out);
	if (!letterhead_kind(report_letterhead(x), &out->kind))
		out->kind = LETTERHEAD_NONE;
	out->number = s->number;
	out->signer = s->signer;
	out->addressee = s->addressee;
	out->copies = s->copies;
	/* Signed today, or on its day. */
	out->date = letterhead_date(p->a, s->signed_on.n ? s->signed_on : date_str(p->a, clock_today()));
}

struct report_link *report_heads(struct page *p, str heading, size_t *out_n)
{
	str parts[TITLE_PARTS_MAX];
	struct report_link *heads = NEWS(p->a, TITLE_PARTS_MAX, struct report_link);
	*out_n = title_parts(heading, parts);
	for (size_t i = 0; i < *out_n; i++)
		heads[i].label = parts[i];
	return heads;
}

str report_state_words(struct page *p, const struct signoff *s, const char **look)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("report_edition"));
	if (s->id == 0) {
		*look = "wait";
		return str_of(tr("Not begun"));
	}
	struct chip chip = state_chip(reg, s->state);
	*look = str_is(s->state, "signed") || str_is(s->state, "published")  ? "done"
		: str_is(s->state, "void") || str_is(s->state, "taken_down") ? ""
									     : "wait";
	return chip.label;
}

static const char *next_move(str state)
{
	static const char *const moves[][2] = {{"draft", "send"}, {"checking", "check"},
		{"cosigning", "cosign"}, {"signing", "sign_off"}, {"signed", "publish"}};
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if (str_is(state, moves[i][0]))
			return moves[i][1];
	return NULL;
}

/* What was done and by whom; then whose word is waited for. */
void report_steps(struct report_ctx *x, struct report_step **out, size_t *out_n)
{
	struct page *p = x->p;
	const struct model *m = p->site->city->model;
	const struct reg *reg = model_reg(m, STR("report_edition")), *person = model_reg(m, STR("person"));
	struct signoff_step *list;
	size_t n = 0;
	*out = NULL;
	*out_n = 0;
	if (x->s.id == 0 || signoff_steps(&p->r, x->s.id, &list, &n, NULL) != RC_OK)
		return;
	*out = NEWS(p->a, n + 1, struct report_step);
	for (size_t i = 0; i < n; i++) {
		const struct move *v = reg_move(reg, list[i].move);
		(*out)[(*out_n)++] =
			(struct report_step){.label = v ? label_text(&v->label) : str_of(tr("Drafted")),
				.who = list[i].by ? record_label_open(&p->r, person, list[i].by)
						  : str_of(tr("operator")),
				.when = instant_words(p, list[i].at_ms),
				.reason = list[i].reason,
				.look = str_is(list[i].move, "return") ? "late" : "done"};
	}
	const char *next = next_move(x->s.state);
	const struct move *v = next ? reg_move(reg, str_of(next)) : NULL;
	str roles = {0};
	for (size_t i = 0; v && i < v->by_n; i++) {
		roles = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(roles), i ? tr(", ") : "",
			STR_ARG(role_words(p, v->by[i])));
	}
	if (v)
		(*out)[(*out_n)++] = (struct report_step){.label = label_text(&v->label),
			.who = roles,
			.when = str_of(tr("waited for")),
			.look = "wait"};
}
