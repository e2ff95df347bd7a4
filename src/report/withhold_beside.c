/* withhold_beside.c -- see withhold.h: the year beside its quarters, whichever is published first. */
#include "figure/frozen.h"
#include "register/record.h"
#include "report/withhold_in.h"

enum { CLASSES = 4 };

/* Months, quarters, halves, years: spans of one class that do not overlap add up. */
static int class_of(const struct period *p)
{
	int days = p->to - p->from;
	return days <= 31 ? 0 : days <= 92 ? 1 : days <= 184 ? 2 : 3;
}

static bool inside(const struct period *p, const struct period *of)
{
	return p->from >= of->from && p->to <= of->to && (p->from > of->from || p->to < of->to);
}

/* Out of the frozen editions, not of the register: what was published and taken down again is known all the same. */
enum rc withhold_beside_read(struct report_source *s, struct beside *out, struct err *err)
{
	struct reader *r = s->r;
	struct frozen *list;
	size_t n;
	*out = (struct beside){0};
	TRY(frozen_named(r->a, r->db, s->org, STR("desk:"), STR(":public"), &list, &n, err));
	out->list = (void *)NEWS(r->a, (n + 1) * sizeof *out->list, char);
	for (size_t i = 0; i < n; i++) {
		struct period p;
		struct edition e;
		if (period_parse(r->a, list[i].period, &p, NULL) != RC_OK ||
			(p.from == s->period.from && p.to == s->period.to))
			continue;
		TRY(edition_read(r->a, list[i].body, &e, err));
		out->list[out->n].p = p;
		out->list[out->n++].e = e;
	}
	return RC_OK;
}

static bool adds_up(const struct figure *f)
{
	return f->grain == G_ROW || f->grain == G_SUM;
}

/* ID, or ID@org:CODE where it is not the report's own unit. */
static str slot_of(struct report_source *s, const struct source_given *x)
{
	struct reader *r = s->r;
	struct record *rec;
	const struct reg *org = model_reg(r->city->model, STR("org"));
	const struct field *f = org ? reg_field(org, STR("code")) : NULL;
	if (x->org == s->org)
		return x->figure->id;
	if (f == NULL || record_get(r, org, x->org, &rec, NULL) != RC_OK || rec->values[f->at].kind != V_TEXT)
		return STR("");
	return arena_fmt(r->a, "%.*s@org:%.*s", STR_ARG(x->figure->id), STR_ARG(rec->values[f->at].t));
}

/* What that report printed of it: as it told it, or as it counts today where it withheld it. False: it says nothing of it. */
static enum rc number_of(const struct beside *b, size_t i, struct report_source *s,
	const struct source_given *x, str slot, struct table *t, size_t *out, bool *out_any, struct err *err)
{
	const struct edition *e = &b->list[i].e;
	*out_any = false;
	for (size_t k = 0; k < e->n; k++) {
		const struct edition_value *v = &e->values[k];
		struct figure_answer now;
		if (!str_eq(v->slot, slot))
			continue;
		*out_any = true;
		if (v->told) {
			*out = withhold_number(t, NULL, v->value);
			t->numbers[*out].published = true;
			return RC_OK;
		}
		TRY(figure_value(s->r, x->figure, &b->list[i].p, x->org, false, &now, err));
		*out = withhold_number(t, NULL, now.told && now.value > 0 ? now.value : 0);
		t->numbers[*out].secret = true;
		return RC_OK;
	}
	return RC_OK;
}

/* Of one class, those of [from, to) that do not overlap with what is taken already. */
static enum rc tiles(const struct beside *b, struct report_source *s, const struct source_given *x, str slot,
	struct table *t, const struct period *span, int class, const struct period *self, size_t *parts,
	size_t *n, struct err *err)
{
	struct period *taken = NEWS(t->a, b->n + 2, struct period);
	size_t taken_n = 0;
	if (self)
		taken[taken_n++] = *self;
	for (size_t i = 0; i < b->n; i++) { /* the newest edition of a span comes first */
		const struct period *p = &b->list[i].p;
		bool overlaps = false, any;
		if (!inside(p, span) || class_of(p) != class)
			continue;
		for (size_t k = 0; k < taken_n; k++)
			overlaps = overlaps || (p->from < taken[k].to && taken[k].from < p->to);
		if (overlaps)
			continue;
		TRY(number_of(b, i, s, x, slot, t, &parts[*n], &any, err));
		*n += any;
		if (any)
			taken[taken_n++] = *p;
	}
	return RC_OK;
}

static enum rc bind(
	const struct beside *b, struct report_source *s, struct table *t, size_t at, struct err *err)
{
	struct source_given *x = t->numbers[at].given;
	str slot = slot_of(s, x);
	for (int class = 0; slot.n && class < CLASSES; class ++) { /* this one is their sum */
		size_t *parts = NEWS(t->a, b->n + 2, size_t), n = 0;
		TRY(tiles(b, s, x, slot, t, &s->period, class, NULL, parts, &n, err));
		if (n)
			withhold_sum(t, at, parts, n);
	}
	for (size_t i = 0; slot.n && i < b->n; i++) { /* this one is a part of it */
		size_t *parts = NEWS(t->a, b->n + 3, size_t), n = 0, total;
		bool any;
		if (!inside(&s->period, &b->list[i].p))
			continue;
		TRY(number_of(b, i, s, x, slot, t, &total, &any, err));
		if (!any)
			continue;
		parts[n++] = at;
		TRY(tiles(b, s, x, slot, t, &b->list[i].p, class_of(&s->period), &s->period, parts, &n, err));
		withhold_sum(t, total, parts, n);
	}
	return RC_OK;
}

enum rc withhold_beside(const struct beside *b, struct report_source *s, struct table *t, struct err *err)
{
	size_t answers = t->n;
	for (size_t i = 0; b->n && i < answers; i++) {
		const struct source_given *x = t->numbers[i].given;
		if (x && adds_up(x->figure) && x->period.from == s->period.from &&
			x->period.to == s->period.to)
			TRY(bind(b, s, t, i, err));
	}
	return RC_OK;
}
