/* province.c -- see province.h. */
#include "figure/province.h"

static struct province_figure *row(struct province *p, const struct figure *f)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->figures[i].id, f->id))
			return &p->figures[i];
	p->figures = arena_grow(p->a, p->figures, p->n, &p->cap, sizeof *p->figures);
	struct province_figure *r = &p->figures[p->n++];
	*r = (struct province_figure){.id = arena_str(p->a, f->id),
		.label = arena_str(p->a, label_text(&f->label)),
		.unit = arena_str(p->a, f->unit),
		.digest = arena_str(p->a, str_of(f->digest.hex)),
		.grain = f->grain,
		.money = f->money,
		.minutes = f->minutes,
		.within_city = f->distinct_person};
	return r;
}

static void take(struct province *p, str city, const struct figure_answer *x)
{
	const struct figure *f = x->figure;
	struct province_figure *r = row(p, f);
	bool rate = f->grain == G_RATE;
	struct province_part part = {.city = city,
		.told = (rate ? x->rate_told : x->told) && !x->recounting,
		.value = x->value,
		.of = x->of,
		.over = x->over,
		.same = str_is(r->digest, f->digest.hex)};
	r->parts = arena_grow(p->a, r->parts, r->n, &r->cap, sizeof *r->parts);
	r->parts[r->n++] = part;
	if (part.told && part.same && f->grain != G_MEDIAN) {
		r->added++;
		r->sum += part.value;
		r->of += part.of;
		r->over += part.over;
	}
	for (size_t i = 0; i < x->companions_n; i++)
		take(p, city, &x->companions[i]);
}

void province_take(struct province *p, str city, const struct figure_answer *answers, size_t n)
{
	p->cities++;
	city = arena_str(p->a, city);
	for (size_t i = 0; i < n; i++)
		take(p, city, &answers[i]);
}

void province_miss(struct province *p)
{
	p->cities++;
}

bool province_whole(const struct province *p, const struct province_figure *f)
{
	return f->grain != G_MEDIAN && f->added == p->cities && p->cities > 0;
}
