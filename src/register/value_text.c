/* value_text.c -- values as people and files read them (record.h). */
#include "base/date.h"
#include "base/region.h"
#include "register/attach.h"
#include "register/record.h"

/* 12345 with scale 2 -> 123.45; trailing zeros stay unless `short_form`. */
static str scaled_text(struct arena *a, int64_t v, int scale, bool short_form)
{
	int64_t unit = 1;
	for (int i = 0; i < scale; i++)
		unit *= 10;
	uint64_t abs = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	str s = arena_fmt(a, "%s%llu.%0*llu", v < 0 ? "-" : "", (unsigned long long)(abs / (uint64_t)unit),
		scale, (unsigned long long)(abs % (uint64_t)unit));
	if (scale == 0)
		return str_cut(s, '.', &(str){0});
	while (short_form && s.n > 0 && s.p[s.n - 1] == '0')
		s.n--;
	if (short_form && s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

static str hours_text(struct arena *a, int64_t minutes)
{
	long long h = minutes / 60, m = minutes % 60;
	if (m == 0)
		return arena_fmt(a, tr("%lld h"), h);
	if (h == 0)
		return arena_fmt(a, tr("%lld min"), m);
	return arena_fmt(a, tr("%lld h %lld min"), h, m);
}

str value_text(struct arena *a, const struct field *f, const struct value *v)
{
	if (v->kind == V_NULL)
		return (str){NULL, 0};
	switch (f->type) {
	case T_MONEY:
		return scaled_text(a, v->i, 2, false);
	case T_DECIMAL:
		return scaled_text(a, v->i, f->scale, false);
	case T_HOURS:
		return hours_text(a, v->i);
	case T_BOOL:
		return str_of(v->i ? tr("yes") : tr("no"));
	case T_CHOICE: {
		const struct choice *c = field_choice(f, v->t);
		return c ? label_text(&c->label) : v->t;
	}
	case T_REGION:
		return region_label(a, v->t);
	case T_FILE:
		return attach_name(v);
	case T_TIME: {
		char text[INSTANT_TEXT_BYTES];
		instant_text(v->i, text);
		text[10] = ' ';
		return arena_str(a, str_head(str_of(text), 16));
	}
	case T_REF:
	case T_PERSON:
	case T_ORG:
		return arena_fmt(a, "#%lld", (long long)v->i);
	case T_INTEGER:
	case T_COUNT:
		return arena_fmt(a, "%lld", (long long)v->i);
	case T_TEXT:
	case T_DATE:
	case T_MONTH:
	case T_REFS:
	case T_ORGS:
	case T_PHONE:
	case T_CITIZEN_ID:
	case T_CREDIT_CODE:
	case T_SEALED:
	case T_SEALED_STRUCT:
		break;
	}
	return v->kind == V_INT ? arena_fmt(a, "%lld", (long long)v->i) : v->t;
}

str value_plain(struct arena *a, const struct field *f, const struct value *v)
{
	if (v->kind == V_NULL)
		return (str){NULL, 0};
	if (f->type == T_REGION)
		return v->t;
	if (f->type == T_TIME) {
		char text[INSTANT_TEXT_BYTES];
		instant_text(v->i, text);
		return arena_str(a, str_of(text));
	}
	if (f->type == T_HOURS) /* minutes divide an hour into 60: three places bring the minute back */
		return v->i % 6 == 0
			       ? scaled_text(a, v->i / 6, 1, true)
			       : arena_fmt(a, "%lld:%02lld", (long long)v->i / 60, (long long)v->i % 60);
	if (f->type == T_MONEY || f->type == T_DECIMAL)
		return scaled_text(a, v->i, f->type == T_MONEY ? 2 : f->scale, true);
	return value_text(a, f, v);
}
