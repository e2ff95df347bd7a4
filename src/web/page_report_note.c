/* page_report_note.c -- the margin of the report desk: each finding with its remedies, the figure that was tapped, comments. */
#include "base/clock.h"
#include "web/page_report.h"
#include "web/site_in.h"
#include "web/words.h"
#include <stdio.h>

enum { BUTTONS_MAX = 8 };

static const char *look_of(const struct desk_finding *f)
{
	return f->kept.n || f->weight == DESK_NOTE ? "quiet0" : f->weight == DESK_MUST ? "stop" : "";
}

static const char *tone_of(const struct desk_finding *f)
{
	return f->kept.n ? "m" : f->weight == DESK_MUST ? "danger" : f->weight == DESK_WAIT ? "warn" : "m";
}

static const char *weight_words(const struct desk_finding *f)
{
	return f->kept.n                ? tr("kept")
	       : f->weight == DESK_MUST ? tr("must change")
	       : f->weight == DESK_WAIT ? tr("waits")
					: tr("a note");
}

static const struct figure *figure_of(const struct report_ctx *x, str id)
{
	return id.n ? model_figure(x->p->site->city->model, id) : NULL;
}

static void button(struct report_ctx *x, struct report_note *n, str act, str label)
{
	if (n->buttons == NULL)
		n->buttons = NEWS(x->p->a, BUTTONS_MAX, struct report_button);
	if (n->buttons_n < BUTTONS_MAX && x->editable)
		n->buttons[n->buttons_n++] = (struct report_button){act, label, false};
}

/* 换成87: the nearest figures, as they would print. */
static void near_buttons(struct report_ctx *x, const struct desk_finding *f, struct report_note *n)
{
	struct arena *a = x->p->a;
	for (size_t i = 0; i < f->near_n; i++) {
		const struct figure *g = figure_of(x, f->near[i].figure->id);
		if (f->near[i].figure->value == 0)
			continue;
		str label = g ? label_text(&g->label) : f->near[i].figure->label;
		button(x, n, arena_fmt(a, "use|%.*s|print", STR_ARG(f->near[i].figure->id)),
			arena_fmt(a, tr("Put %.*s (%.*s)"), STR_ARG(f->near[i].figure->printed),
				STR_ARG(label)));
	}
}

/* 全覆盖 -> {{full ID}} of a figure in the same paragraph that has a rate. */
static void full_button(struct report_ctx *x, const struct desk_finding *f, struct report_note *n)
{
	str source = x->d.paragraphs[f->paragraph].source;
	struct slot_tag tag;
	struct slot_tag_parts t;
	if (!str_is(f->what, "全覆盖"))
		return;
	for (size_t at = 0; slots_next(source, at, &tag); at = tag.at + tag.n) {
		const struct figure *g = template_parse(x->p->a, tag.inside, &t) && t.kind == TAG_VALUE
						 ? figure_of(x, t.ref.id)
						 : NULL;
		if (g && g->full.n) {
			button(x, n, arena_fmt(x->p->a, "full|%.*s", STR_ARG(g->id)),
				arena_fmt(x->p->a, tr("Say the share of %.*s"),
					STR_ARG(label_text(&g->label))));
			return;
		}
	}
}

/* What may show that an outcome was one (reports/desk.yaml). */
static void evidence(struct report_ctx *x, struct report_note *n)
{
	const struct report_declared *d;
	if (report_source_declared(&x->source, &d, NULL) != RC_OK)
		return;
	for (size_t i = 0; i < d->evidence_n && n->href.n == 0; i++) {
		const struct figure *g = d->evidence[i];
		struct slot_answer ans = {0};
		struct slot_ref ref = {.id = g->id};
		if (x->source.source.figure(&x->source, x->p->a, &ref, &ans, NULL) != RC_OK || !ans.told ||
			ans.value == 0)
			continue;
		n->href = page_hrefs(x->p, "/figures/%.*s", STR_ARG(g->id));
		n->why = arena_fmt(x->p->a, tr("At hand: %.*s %.*s %.*s."), STR_ARG(label_text(&g->label)),
			STR_ARG(figure_value_text(x->p, g, ans.value)), STR_ARG(ans.unit));
	}
}

static void remedies(struct report_ctx *x, const struct desk_finding *f, struct report_note *n)
{
	switch (f->kind) {
	case DESK_UNBACKED:
	case DESK_CONTRADICTED:
		near_buttons(x, f, n);
		button(x, n, STR("drop"), str_of(tr("Drop the sentence")));
		break;
	case DESK_CLAIM:
	case DESK_SHARE:
		full_button(x, f, n);
		button(x, n, STR("drop"), str_of(tr("Drop the sentence")));
		break;
	case DESK_OUTCOME:
		evidence(x, n);
		button(x, n, STR("drop"), str_of(tr("Drop the sentence")));
		break;
	case DESK_ZERO:
		button(x, n, arena_fmt(x->p->a, "guard|%.*s", STR_ARG(f->slot)),
			str_of(tr("Let the sentence fall away while it is zero")));
		break;
	case DESK_GAP:
	case DESK_FAULT:
	case DESK_INSTEAD:
	case DESK_SMALL:
	case DESK_APART:
	case DESK_DROPPED:
	case DESK_KINDS:
		break;
	}
	n->keeps = x->editable && f->kept.n == 0 && desk_may_keep(f->kind) && f->weight == DESK_MUST;
}

static struct report_note note_of(struct report_ctx *x, size_t i)
{
	struct page *p = x->p;
	const struct desk_finding *f = &x->d.findings[i];
	struct report_note n = {.common = report_common_of(x),
		.id = arena_fmt(p->a, "n%zu", i + 1),
		.kind = str_of(weight_words(f)),
		.label = f->n ? arena_fmt(p->a, tr("“%.*s”: %s"), STR_ARG(f->what), desk_kind_words(f->kind))
			      : f->what,
		.text = f->text,
		.key = f->key,
		.kept = f->kept,
		.paragraph = arena_fmt(p->a, "%zu", f->paragraph),
		.look = look_of(f),
		.tone = tone_of(f)};
	if (figure_of(x, f->figure))
		n.href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->figure));
	remedies(x, f, &n);
	return n;
}

static void fell_away(struct report_ctx *x, size_t paragraph, struct report_note *n)
{
	struct page *p = x->p;
	n->fell = NEWS(p->a, x->d.findings_n + 1, struct report_fell);
	for (size_t i = 0; i < x->d.findings_n; i++) {
		const struct desk_finding *f = &x->d.findings[i];
		if (f->kind != DESK_DROPPED || f->paragraph != paragraph)
			continue;
		n->fell[n->fell_n++] = (struct report_fell){.label = f->what,
			.text = f->text,
			.href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->figure)),
			.act = x->editable ? arena_fmt(p->a, "state|%.*s", STR_ARG(f->figure)) : STR("")};
	}
	n->common = report_common_of(x);
	n->paragraph = arena_fmt(p->a, "%zu", paragraph);
	n->id = arena_fmt(p->a, "d%zu", paragraph + 1);
	n->kind = arena_fmt(p->a,
		trn("%lld sentence fell away", "%lld sentences fell away", (int64_t)n->fell_n),
		(long long)n->fell_n);
	n->label = STR("");
	n->look = "quiet0";
	n->tone = "m";
}

/* ---- the figure that was tapped ---- */

static void ways(struct report_ctx *x, const struct slot_tag_parts *t, const struct slot_answer *ans, str tag,
	struct report_note *n)
{
	static const enum round_rule rules[] = {
		ROUND_EXACT, ROUND_WAN, ROUND_WAN_YU, ROUND_BAI_YU, ROUND_SHI_YU, ROUND_WAN_YUAN};
	struct arena *a = x->p->a;
	n->ways = NEWS(a, sizeof rules / sizeof *rules, struct report_button);
	if (!x->editable || !ans->told || t->kind != TAG_VALUE)
		return;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct printed printed;
		if (!round_rule_fits(rules[i], ans->kind))
			continue;
		printed = round_print(ans->value, ans->kind, rules[i]);
		if (printed.note == ROUND_BELOW_STEP)
			continue;
		const char *rule = rules[i] == ROUND_EXACT ? "" : round_rule_name(rules[i]);
		n->ways[n->ways_n++] =
			(struct report_button){arena_fmt(a, "write|%.*s|%s", STR_ARG(tag), rule),
				arena_str(a, str_of(printed.text)), str_is(t->rule, rule)};
	}
}

/* The rows of the very value: of the tag's unit and span, which need not be the page's. */
static str rows_href(struct report_ctx *x, const struct figure *f, const struct slot_ref *ref)
{
	struct page *p = x->p;
	const char *rest = f->of ? "/trace" : "";
	str period = ref->when == SLOT_PREV ? x->source.source.compared : x->source.source.period;
	struct buf b = {0};
	if (ref->when == SLOT_YEAR || (ref->when == SLOT_THIS && ref->org.n == 0))
		return page_hrefs(p, "/figures/%.*s%s", STR_ARG(f->id), rest);
	buf_printf(&b, "/figures/%.*s%s?period=", STR_ARG(f->id), rest);
	html_url(&b, period);
	buf_puts(&b, "&org=");
	if (ref->org.n > 0)
		html_url(&b, ref->org);
	else
		buf_printf(&b, "%lld", (long long)p->org);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

bool report_figure_note(struct report_ctx *x, str tag, size_t paragraph, struct report_note *n)
{
	struct page *p = x->p;
	struct slot_tag_parts t;
	struct slot_answer ans = {0};
	if (!template_parse(p->a, tag, &t) || figure_of(x, t.ref.id) == NULL ||
		x->source.source.figure(&x->source, p->a, &t.ref, &ans, NULL) != RC_OK || !ans.known)
		return false;
	const struct figure *f = figure_of(x, t.ref.id);
	int64_t value = ans.told ? ans.value : ans.instead;
	*n = (struct report_note){.common = report_common_of(x),
		.id = STR("figure"),
		.label = label_text(&f->label),
		.text = label_text(&f->definition),
		.paragraph = arena_fmt(p->a, "%zu", paragraph),
		.close_href = report_here(x, "#p%zu", paragraph + 1),
		.look = "open",
		.tone = "m",
		.figure = true};
	if (ans.told || ans.has_instead) {
		n->value = figure_value_text(p, f, value);
		n->unit = ans.told ? figure_unit_text(p, f, value) : ans.instead_unit;
	} else if (ans.has_rate && ans.over > 0) {
		struct printed rate = round_rate(ans.of, ans.over);
		n->value = arena_str(p->a, str_of(rate.text));
		n->unit = arena_fmt(p->a, "%lld / %lld", (long long)ans.of, (long long)ans.over);
	}
	n->why = ans.told ? STR("") : ans.why;
	figure_shares(p, ans.grades, &n->shares, &n->shares_n);
	n->href = rows_href(x, f, &t.ref);
	ways(x, &t, &ans, tag, n);
	return true;
}

/* ---- all of it ---- */

static struct report_note comment_note(struct report_ctx *x, const struct signoff_comment *k)
{
	struct page *p = x->p;
	const struct reg *person = model_reg(p->site->city->model, STR("person"));
	return (struct report_note){.common = report_common_of(x),
		.id = arena_fmt(p->a, "c%lld", (long long)k->id),
		.kind = str_of(str_is(k->state, "open") ? tr("comment") : tr("resolved")),
		.label = k->by ? record_label_open(&p->r, person, k->by) : STR(""),
		.who = instant_words(p, k->at_ms),
		.body = k->body,
		.text = k->quote,
		.comment_id = str_is(k->state, "open") ? arena_fmt(p->a, "%lld", (long long)k->id) : STR(""),
		.look = str_is(k->state, "open") ? "stop" : "",
		.tone = str_is(k->state, "open") ? "danger" : "m"};
}

static size_t block_of(const struct report_page *g, size_t paragraph)
{
	str number = {0};
	char text[24];
	int n = snprintf(text, sizeof text, "%zu", paragraph);
	number = (str){text, (size_t)n};
	for (size_t i = 0; i < g->blocks_n; i++)
		if (str_eq(g->blocks[i].number, number))
			return i;
	return SIZE_MAX;
}

static void place(struct report_ctx *x, struct report_page *g, size_t paragraph, const struct report_note *n)
{
	size_t i = block_of(g, paragraph);
	struct report_note **list = i == SIZE_MAX ? &g->notes : &g->blocks[i].notes;
	size_t *count = i == SIZE_MAX ? &g->notes_n : &g->blocks[i].notes_n;
	if (*list == NULL)
		*list = NEWS(x->p->a, x->d.findings_n + x->comments_n + 4, struct report_note);
	(*list)[(*count)++] = *n;
}

/* The paragraph in which the quoted words stand. */
static size_t quoted(const struct report_ctx *x, str quote)
{
	for (size_t i = 0; quote.n && i < x->d.n; i++)
		if (str_find(x->d.paragraphs[i].source, quote) != SIZE_MAX)
			return i;
	return SIZE_MAX;
}

void report_notes(struct report_ctx *x, struct report_page *g)
{
	struct report_note n;
	str tag = page_input(x->p, "figure");
	bool shown = false;
	for (size_t i = 0; i < x->d.n && tag.n && !shown; i++)
		for (size_t b = 0; b < x->d.paragraphs[i].n && !shown; b++)
			for (size_t s = 0; s < x->d.paragraphs[i].blocks[b].n && !shown; s++)
				if (str_eq(x->d.paragraphs[i].blocks[b].spans[s].tag, tag) &&
					report_figure_note(x, tag, i, &n)) {
					place(x, g, i, &n);
					shown = true;
				}
	size_t fell = SIZE_MAX;
	for (size_t i = 0; i < x->d.findings_n; i++) {
		const struct desk_finding *f = &x->d.findings[i];
		if (f->kind == DESK_DROPPED) {
			if (f->paragraph != fell) {
				n = (struct report_note){0};
				fell_away(x, f->paragraph, &n);
				place(x, g, f->paragraph, &n);
			}
			fell = f->paragraph;
			continue;
		}
		n = note_of(x, i);
		place(x, g, f->paragraph, &n);
	}
	for (size_t i = 0; i < x->comments_n; i++)
		if (str_is(x->comments[i].kind, "comment")) {
			n = comment_note(x, &x->comments[i]);
			place(x, g, quoted(x, x->comments[i].quote), &n);
		}
}

void report_bars(struct report_ctx *x, struct report_page *g)
{
	struct page *p = x->p;
	g->bars = NEWS(p->a, x->d.findings_n + x->comments_n + 1, struct report_bar);
	for (int weight = DESK_MUST; weight <= DESK_WAIT; weight++)
		for (size_t i = 0; i < x->d.findings_n; i++) {
			const struct desk_finding *f = &x->d.findings[i];
			if ((int)f->weight != weight || f->kept.n)
				continue;
			g->bars[g->bars_n++] = (struct report_bar){
				.label = f->n ? arena_fmt(p->a, tr("“%.*s”: %s"), STR_ARG(f->what),
							desk_kind_words(f->kind))
					      : arena_fmt(p->a, tr("%.*s: %s"), STR_ARG(f->what),
							desk_kind_words(f->kind)),
				.href = arena_fmt(p->a, "#n%zu", i + 1),
				.words = str_of(weight_words(f)),
				.tone = tone_of(f)};
		}
	for (size_t i = 0; i < x->comments_n; i++)
		if (str_is(x->comments[i].kind, "comment") && str_is(x->comments[i].state, "open"))
			g->bars[g->bars_n++] = (struct report_bar){.label = x->comments[i].body,
				.href = arena_fmt(p->a, "#c%lld", (long long)x->comments[i].id),
				.words = str_of(tr("comment")),
				.tone = "danger"};
}
