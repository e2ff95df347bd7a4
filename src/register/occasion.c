/* occasion.c -- see occasion.h: which registers fit, what is known of the past, who came. */
#include "register/occasion.h"
#include "register/permit.h"
#include "register/person.h"
#include "register/pinyin.h"
#include <stdlib.h>

static const struct field *to_event(const struct reg *att)
{
	const struct field *of = NULL;
	for (size_t i = 0; i < att->fields_n; i++) {
		const struct field *f = &att->fields[i];
		if (!f->required || f->type == T_DATE || f == att->n_field)
			continue;
		if (f->type != T_REF || of)
			return NULL;
		of = f;
	}
	return of;
}

static const struct field *of_type(const struct reg *reg, const char *id, enum field_type type)
{
	const struct field *f = reg_field(reg, str_of(id));
	return f && f->type == type ? f : NULL;
}

static const struct field *programme_of(const struct reg *event)
{
	for (size_t i = 0; i < event->fields_n; i++)
		if (event->fields[i].type == T_REF && str_is(event->fields[i].to, "programme"))
			return &event->fields[i];
	return NULL;
}

static bool fits(const struct reg *att, struct occasion *out)
{
	const struct field *of = att->n_field && att->person ? to_event(att) : NULL;
	const struct reg *event = of ? of->to_reg : NULL;
	bool once = event && att->key_n == 2 && !att->key_org &&
		    ((att->key[0] == of && att->key[1] == att->person) ||
			    (att->key[1] == of && att->key[0] == att->person));
	if (!once || event->happens_field == NULL || event->happens_field->type != T_DATE)
		return false;
	const struct field *title = of_type(event, "title", T_TEXT);
	if (title == NULL || event->import_state.n == 0 || att->import_state.n == 0)
		return false;
	*out = (struct occasion){.event = event,
		.attendance = att,
		.title = title,
		.day = event->happens_field,
		.programme = programme_of(event),
		.event_hours = of_type(event, "hours", T_HOURS),
		.of = of,
		.person = att->person,
		.n = att->n_field,
		.hours = of_type(att, "hours", T_HOURS),
		.in_at = of_type(att, "in_at", T_TIME)};
	if (out->in_at == NULL)
		out->in_at = of_type(att, "signed_at", T_TIME);
	return true;
}

bool occasion_of(const struct model *m, const struct reg *event, struct occasion *out)
{
	for (size_t i = 0; i < m->regs_n; i++)
		if (fits(&m->regs[i], out) && out->event == event)
			return true;
	return false;
}

void occasion_list(struct arena *a, const struct model *m, struct occasion **out, size_t *out_n)
{
	*out = NEWS(a, m->regs_n, struct occasion);
	*out_n = 0;
	for (size_t i = 0; i < m->regs_n; i++)
		if (fits(&m->regs[i], &(*out)[*out_n]))
			++*out_n;
}

static bool holds_on(const struct field *f, const struct occasion *o)
{
	switch ((int)f->type) {
	case T_CHOICE:
	case T_ORG:
	case T_REGION:
		return true;
	case T_REF: /* a lecturer, a need: another one the next time */
		return f->to_reg && f->to_reg->person == NULL &&
		       (f == o->programme || str_is(f->to, "venue") || str_is(f->to, "programme"));
	case T_HOURS:
		return f == o->event_hours;
	case T_TEXT:
		return str_is(f->id, "place");
	default:
		return false;
	}
}

size_t occasion_alike(
	struct arena *a, const struct occasion *o, const struct record *earlier, struct entry **out)
{
	size_t n = 0;
	*out = NEWS(a, o->event->fields_n + 8, struct entry);
	for (size_t i = 0; i < o->event->fields_n; i++) {
		const struct field *f = &o->event->fields[i];
		if (earlier->values[i].kind != V_NULL && !f->sealed && holds_on(f, o))
			(*out)[n++] = (struct entry){f, earlier->values[i]};
	}
	return n;
}

/* ---- who came ---- */

enum rc occasion_people(struct reader *r, const struct occasion *o, int64_t event, struct record ***out,
	size_t *out_n, struct err *err)
{
	struct record_query q = {.reg = o->attendance,
		.where = arena_fmt(r->a, "%.*s = %lld and state not in ('void', 'disputed')",
			STR_ARG(o->of->id), (long long)event),
		.limit = 1000,
		.newest_first = true};
	return record_list(r, &q, out, out_n, err);
}

enum rc occasion_heads(struct reader *r, const struct occasion *o, int64_t event, int64_t *out_heads,
	int64_t *out_named, struct err *err)
{
	struct record **list;
	size_t n;
	TRY(occasion_people(r, o, event, &list, &n, err));
	*out_heads = *out_named = 0;
	for (size_t i = 0; i < n; i++) {
		*out_heads += list[i]->values[o->n->at].kind == V_INT ? list[i]->values[o->n->at].i : 1;
		*out_named += list[i]->values[o->person->at].kind == V_INT;
	}
	return RC_OK;
}

static int by_sound(const void *a, const void *b)
{
	const struct occasion_person *x = a, *y = b;
	int c = str_cmp(x->initials, y->initials);
	return c ? c : str_cmp(x->name, y->name);
}

enum rc occasion_unit(
	struct reader *r, int64_t org, struct occasion_person **out, size_t *out_n, struct err *err)
{
	const struct reg *person = model_reg(r->city->model, STR("person"));
	const struct field *name = reg_field(person, STR("name"));
	struct record_query q = {.reg = person,
		.where = STR("state = 'valid'"),
		.org = org,
		.limit = OCCASION_PEOPLE_MAX,
		.newest_first = true};
	struct record **list = NULL;
	size_t n = 0;
	*out = NULL;
	*out_n = 0;
	if (permit_reach(person, &r->actor) == REACH_NONE)
		return RC_OK;
	enum rc rc = record_list(r, &q, &list, &n, err);
	if (rc == RC_DENIED)
		return RC_OK;
	TRY(rc);
	*out = NEWS(r->a, n + 1, struct occasion_person);
	for (size_t i = 0; i < n; i++) {
		if (list[i]->org != org || list[i]->values[name->at].kind != V_TEXT)
			continue;
		str text = list[i]->values[name->at].t;
		(*out)[(*out_n)++] = (struct occasion_person){list[i]->id, text, pinyin_initials(r->a, text)};
	}
	qsort(*out, *out_n, sizeof **out, by_sound);
	return RC_OK;
}
