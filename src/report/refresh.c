/* refresh.c -- see refresh.h. The first pass reads where our controls stand, the second fills those ranges. */
#include "report/refresh.h"
#include "format/docx_box.h"
#include "report/template.h"

enum { REFRESH_MAX_BYTES = 64 << 20 };
/* Before a control's tag, to tell it from braces: no tag begins so. */
#define CONTROL "="

struct range {
	const char *part;
	size_t paragraph, at, n;
	uint32_t control;
	str tag, text;
	bool many; /* the control goes over several paragraphs */
};

struct job {
	struct refresh *r;
	struct template_run run;
	struct slot_host host; /* the template's */
	struct range *ranges;
	size_t n, cap;
	const char *part;
	size_t number;
};

static const struct docx_control *ours(struct arena *a, const struct docx_plain_piece *piece)
{
	struct slot_tag_parts parts;
	for (size_t i = 0; i < piece->controls_n; i++)
		if (template_parse(a, piece->controls[i].tag, &parts) &&
			(parts.kind == TAG_VALUE || parts.kind == TAG_FULL))
			return &piece->controls[i];
	return NULL;
}

static void add_range(struct job *j, const struct docx_plain *d, const struct docx_plain_piece *p,
	const struct docx_control *c)
{
	struct arena *a = j->r->a;
	struct range *last = j->n ? &j->ranges[j->n - 1] : NULL;
	if (last && last->control == c->id && strcmp(last->part, d->part) == 0) {
		if (last->paragraph == j->number && last->at + last->n == p->at) {
			last->n += p->n;
			last->text = arena_str(a, str_head(str_from(d->text, last->at), last->n));
			return;
		}
		last->many = true;
	}
	bool many = last && last->many && last->control == c->id && strcmp(last->part, d->part) == 0;
	j->ranges = arena_grow(a, j->ranges, j->n, &j->cap, sizeof *j->ranges);
	j->ranges[j->n++] = (struct range){.part = d->part,
		.paragraph = j->number,
		.at = p->at,
		.n = p->n,
		.control = c->id,
		.tag = c->tag,
		.text = arena_str(a, str_head(str_from(d->text, p->at), p->n)),
		.many = many};
}

static bool visit(void *user, const struct docx_plain *d)
{
	struct job *j = user;
	if (j->part == NULL || strcmp(j->part, d->part) != 0)
		j->number = 0;
	j->part = d->part;
	j->number++;
	for (size_t i = 0; i < d->pieces_n; i++) {
		const struct docx_control *c = ours(j->r->a, &d->pieces[i]);
		if (c)
			add_range(j, d, &d->pieces[i], c);
	}
	return true;
}

/* The second pass. */

static const struct range *range_at(const struct job *j, const struct slot_where *w, size_t from)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct range *g = &j->ranges[i];
		if (!g->many && g->paragraph == w->paragraph && g->at >= from &&
			strcmp(g->part, w->part) == 0)
			return g;
	}
	return NULL;
}

static bool host_next(void *user, const struct slot_where *w, size_t from, struct slot_tag *out)
{
	struct job *j = user;
	const struct range *g = range_at(j, w, from);
	struct slot_tag brace;
	bool any = slots_next(w->text, from, &brace);
	/* {{vol.events}} within a control of its own tag is one thing, and the control is it. */
	if (any && (g == NULL || brace.at + brace.n <= g->at)) {
		*out = brace;
		return true;
	}
	if (g == NULL)
		return false;
	*out = (struct slot_tag){g->at, g->n,
		arena_fmt(j->r->a, CONTROL "%zu" CONTROL "%.*s", (size_t)(g - j->ranges), STR_ARG(g->tag)),
		true};
	return true;
}

static str bare(str inside)
{
	if (str_starts(inside, STR(CONTROL)))
		(void)str_cut(str_from(inside, 1), CONTROL[0], &inside);
	return inside;
}

static enum rc host_kind(
	void *user, str inside, bool closed, const struct slot_where *w, enum slot_kind *out, struct err *err)
{
	struct job *j = user;
	return j->host.kind(j->host.user, bare(inside), closed, w, out, err);
}

static bool host_pair(void *user, str open, str close)
{
	struct job *j = user;
	return j->host.pair(j->host.user, open, close);
}

static enum rc host_enter(void *user, str inside, const struct slot_where *w, size_t *out, struct err *err)
{
	struct job *j = user;
	return j->host.enter(j->host.user, inside, w, out, err);
}

static enum rc host_step(void *user, size_t i, struct err *err)
{
	struct job *j = user;
	return j->host.step(j->host.user, i, err);
}

static void host_leave(void *user)
{
	struct job *j = user;
	j->host.leave(j->host.user);
}

static void tell(struct job *j, const struct range *g, str after, str why)
{
	struct refresh *r = j->r;
	if (after.n && str_eq(after, g->text))
		return;
	bool known = r->known && r->known(r->user, g->tag, g->text);
	/* A template's own {{slot}} was typed by nobody. */
	bool slot = str_starts(str_trim(g->text), STR("{{"));
	r->changes = arena_grow(r->a, r->changes, r->n, &r->cap, sizeof *r->changes);
	r->changes[r->n++] = (struct refresh_change){.part = str_of(g->part),
		.paragraph = g->paragraph,
		.slot = g->tag,
		.before = g->text,
		.after = after,
		.told = after.n > 0,
		.by_hand = !known && !slot && after.n > 0,
		.why = why};
}

/* The range that a tag of ours stands for; NULL for braces. */
static const struct range *range_of(const struct job *j, str inside)
{
	int64_t i;
	str rest;
	if (!str_starts(inside, STR(CONTROL)) ||
		!str_i64(str_cut(str_from(inside, 1), CONTROL[0], &rest), &i))
		return NULL;
	return i >= 0 && (size_t)i < j->n ? &j->ranges[i] : NULL;
}

static enum rc host_fill(void *user, str inside, str before, str after, const struct slot_where *w,
	struct slot_fill *out, struct err *err)
{
	struct job *j = user;
	size_t notes = j->run.notes_n;
	TRY(j->host.fill(j->host.user, bare(inside), before, after, w, out, err));
	const struct range *g = range_of(j, inside);
	if (g == NULL)
		return RC_OK;
	out->tag = out->label = (str){0};
	if (j->run.notes_n > notes && j->run.notes[notes].kind == NOTE_GAP) {
		tell(j, g, (str){0}, j->run.notes[notes].text);
		*out = (struct slot_fill){.text = g->text};
	} else {
		tell(j, g, out->text, (str){0});
	}
	return RC_OK;
}

static enum rc typed(struct refresh *r, str docx, struct err *err)
{
	struct lint l = {.a = r->a, .figures = r->figures, .figures_n = r->figures_n};
	TRY(lint_docx(&l, docx, err));
	r->typed = NEWS(r->a, l.n + 1, struct lint_finding);
	for (size_t i = 0; i < l.n; i++)
		if (l.findings[i].kind == LINT_UNBACKED || l.findings[i].kind == LINT_HEDGE)
			r->typed[r->typed_n++] = l.findings[i];
	return RC_OK;
}

static void count_controls(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct range *g = &j->ranges[i];
		bool again = i > 0 && j->ranges[i - 1].control == g->control && g->many;
		j->r->controls_n += !again;
		if (g->many && !again)
			tell(j, g, (str){0}, str_of(tr("the control goes over several paragraphs")));
	}
}

enum rc refresh_docx(struct refresh *r, str docx, str *out, struct err *err)
{
	struct job j = {.r = r};
	struct slot_host host = {.user = &j,
		.kind = host_kind,
		.pair = host_pair,
		.enter = host_enter,
		.step = host_step,
		.leave = host_leave,
		.fill = host_fill,
		.next = host_next};
	struct buf b AUTO(buf_done) = {0};
	buf_init(&b, REFRESH_MAX_BYTES);
	template_init(&j.run, r->a, r->source, true);
	j.host = template_host(&j.run);
	TRY(foreign_docx_plain(r->a, docx, visit, &j, err));
	count_controls(&j);
	TRY(foreign_docx_fill(r->a, docx, &host, (str){0}, &b, err));
	TRY(typed(r, docx, err));
	*out = arena_str(r->a, buf_str(&b));
	return RC_OK;
}
