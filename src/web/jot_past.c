/* jot_past.c -- what a unit is likely to record, from what it has recorded, and its own people; see page_jot.h. */
#include "base/clock.h"
#include "base/date.h"
#include "web/form.h"
#include "web/page_jot.h"
#include "web/site_in.h"
#include "web/words.h"

enum { LOOK_BACK = 24 };

/* Events alike: of one register and one programme, or, outside programmes, of one title. */
struct kind {
	const struct occasion *o;
	struct record *last;
	int n;
	bool liked; /* one of them is what the form says */
};

struct looking {
	struct page *p;
	struct jot_page *g;
	str like;
	struct kind *list;
	size_t n, cap;
};

static bool may_write(struct page *p, const struct occasion *o)
{
	return form_may_add(p, o->event) && form_may_add(p, o->attendance);
}

enum rc jot_occasion(struct page *p, str register_id, struct occasion *out, struct err *err)
{
	const struct reg *reg;
	TRY(page_register(p, register_id, &reg, err));
	if (!occasion_of(p->site->city->model, reg, out))
		return FAIL(err, RC_NOT_FOUND, "%.*s keeps no list of who came",
			STR_ARG(label_text(&reg->label)));
	return RC_OK;
}

static bool alike(const struct kind *k, const struct occasion *o, const struct record *rec)
{
	if (k->o->event != o->event)
		return false;
	const struct field *by = o->programme;
	if (by && k->last->values[by->at].kind != V_NULL)
		return rec->values[by->at].kind != V_NULL &&
		       rec->values[by->at].i == k->last->values[by->at].i;
	return str_eq(k->last->values[o->title->at].t, rec->values[o->title->at].t);
}

static void running_add(struct looking *x, const struct occasion *o, const struct record *rec)
{
	struct jot_page *g = x->g;
	if (g->running_n == JOT_PAST || !str_eq(rec->values[o->day->at].t, date_str(x->p->a, clock_today())))
		return;
	g->running[g->running_n++] = (struct jot_choice){
		.value = arena_fmt(x->p->a, "/onsite/%.*s/%lld", STR_ARG(o->event->id), (long long)rec->id),
		.label = arena_str(x->p->a, rec->values[o->title->at].t)};
}

static enum rc look_at(struct looking *x, const struct occasion *o, struct err *err)
{
	struct page *p = x->p;
	struct record_query q = {.reg = o->event,
		.where = STR("state != 'void' and state != 'cancelled'"),
		.org = p->org,
		.limit = LOOK_BACK,
		.by = o->day,
		.by_falling = true};
	struct record **list;
	size_t n;
	if (reg_state(o->event, STR("cancelled")) == NULL)
		q.where = STR("state != 'void'");
	TRY(record_list(&p->r, &q, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		struct kind *k = NULL;
		if (list[i]->org != p->org || list[i]->values[o->title->at].kind != V_TEXT)
			continue;
		if (str_eq(list[i]->state, o->event->states[0].id)) { /* planned: not yet of the past */
			running_add(x, o, list[i]);
			continue;
		}
		for (size_t j = 0; j < x->n && k == NULL; j++)
			k = alike(&x->list[j], o, list[i]) ? &x->list[j] : NULL;
		if (k == NULL) {
			x->list = arena_grow(p->a, x->list, x->n, &x->cap, sizeof *x->list);
			k = &x->list[x->n++];
			*k = (struct kind){.o = o, .last = list[i]};
		}
		k->n++;
		k->liked = k->liked || str_eq(x->like, arena_fmt(p->a, "%.*s:%lld", STR_ARG(o->event->id),
							       (long long)list[i]->id));
	}
	return RC_OK;
}

/* What is done often comes first; of equals the latest. */
static const struct kind *likeliest(const struct looking *x, const bool *taken)
{
	const struct kind *best = NULL;
	for (size_t i = 0; i < x->n; i++) {
		const struct kind *k = &x->list[i];
		if (taken[i])
			continue;
		if (best == NULL || k->n > best->n ||
			(k->n == best->n && str_cmp(k->last->values[k->o->day->at].t,
						    best->last->values[best->o->day->at].t) > 0))
			best = k;
	}
	return best;
}

static enum rc past_fill(struct page *p, const struct kind *k, struct jot_past *out, struct err *err)
{
	const struct occasion *o = k->o;
	const struct record *rec = k->last;
	struct record **came;
	size_t n, named = 0;
	struct buf ids = {0};
	TRY(occasion_people(&p->r, o, rec->id, &came, &n, err));
	int64_t heads = 0;
	for (size_t i = 0; i < n; i++) {
		const struct value *who = &came[i]->values[o->person->at], *many = &came[i]->values[o->n->at];
		heads += many->kind == V_INT ? many->i : 1;
		if (who->kind == V_INT && ++named <= JOT_PEOPLE)
			buf_printf(&ids, ",%lld", (long long)who->i);
	}
	buf_puts(&ids, ids.n ? "," : "");
	str drive = o->programme && rec->values[o->programme->at].kind != V_NULL
			    ? value_words(p, rec, o->programme)
			    : label_text(&o->event->label);
	*out = (struct jot_past){
		.value = arena_fmt(p->a, "%.*s:%lld", STR_ARG(o->event->id), (long long)rec->id),
		.title = arena_str(p->a, rec->values[o->title->at].t),
		.about = drive,
		.last = heads == 0 ? arena_fmt(p->a, tr("last time %.*s"),
					     STR_ARG(date_words(p, rec->values[o->day->at].t)))
				   : arena_fmt(p->a,
					     trn("last time %.*s, %lld came", "last time %.*s, %lld came",
						     (long long)heads),
					     STR_ARG(date_words(p, rec->values[o->day->at].t)),
					     (long long)heads),
		.people = arena_str(p->a, buf_str(&ids))};
	if (o->event_hours && rec->values[o->event_hours->at].kind == V_INT)
		out->hours = value_plain(p->a, o->event_hours, &rec->values[o->event_hours->at]);
	buf_done(&ids);
	return RC_OK;
}

static enum rc programmes(struct page *p, struct jot_page *g, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("programme"));
	struct record_query q = {
		.limit = 60, .where = STR("state = 'valid'"), .org = p->site->city->root_org};
	struct record **list;
	size_t n;
	if ((q.reg = reg) == NULL || reg_field(reg, STR("name")) == NULL)
		return RC_OK;
	q.org = 0;
	struct reader city = p->r; /* programmes are the city's: whoever records names one of them */
	city.actor = actor_operator();
	TRY(record_list(&city, &q, &list, &n, err));
	g->programmes = NEWS(p->a, n + 1, struct jot_choice);
	for (size_t i = 0; i < n; i++) {
		str id = arena_fmt(p->a, "%lld", (long long)list[i]->id);
		g->programmes[g->programmes_n++] =
			(struct jot_choice){id, record_title(p, list[i]), str_eq(id, g->programme)};
	}
	return RC_OK;
}

enum rc jot_past(struct page *p, struct jot_page *g, str like, struct err *err)
{
	struct looking x = {.p = p, .g = g, .like = like};
	struct occasion *all;
	size_t n;
	occasion_list(p->a, p->site->city->model, &all, &n);
	g->running = NEWS(p->a, JOT_PAST, struct jot_choice);
	g->kinds = NEWS(p->a, n + 1, struct jot_choice);
	for (size_t i = 0; i < n; i++) {
		if (!may_write(p, &all[i]))
			continue;
		g->kinds[g->kinds_n++] = (struct jot_choice){all[i].event->id,
			label_text(&all[i].event->label), str_eq(all[i].event->id, g->kind)};
		TRY(look_at(&x, &all[i], err));
	}
	g->may = g->kinds_n > 0;
	bool *taken = NEWS(p->a, x.n + 1, bool);
	g->past = NEWS(p->a, JOT_PAST, struct jot_past);
	while (g->past_n < JOT_PAST) {
		const struct kind *k = likeliest(&x, taken);
		if (k == NULL)
			break;
		taken[k - x.list] = true;
		struct jot_past *one = &g->past[g->past_n++];
		TRY(past_fill(p, k, one, err));
		one->here = like.n ? k->liked : g->past_n == 1;
	}
	return programmes(p, g, err);
}

enum rc jot_people(struct page *p, struct jot_page *g, struct err *err)
{
	const struct jot_past *like = NULL;
	struct occasion_person *list;
	size_t n;
	for (size_t i = 0; i < g->past_n; i++)
		like = g->past[i].here ? &g->past[i] : like;
	TRY(occasion_unit(&p->r, p->org, &list, &n, err));
	if (n > JOT_PEOPLE)
		n = 0;
	g->people = NEWS(p->a, n + 1, struct jot_person);
	for (int again = 1; again >= 0; again--) /* those of last time stand first */
		for (size_t i = 0; i < n; i++) {
			str id = arena_fmt(p->a, "%lld", (long long)list[i].person), ticked = {NULL, 0};
			bool came = like && str_find(like->people, arena_fmt(p->a, ",%.*s,", STR_ARG(id))) !=
						    SIZE_MAX;
			if (came != (again == 1))
				continue;
			for (size_t k = 0; k < p->form.n; k++)
				if (str_is(p->form.p[k].name, "who") && str_eq(p->form.p[k].value, id))
					ticked = id;
			g->people[g->people_n++] = (struct jot_person){.id = id,
				.name = list[i].name,
				.initials = list[i].initials,
				.here = ticked.n > 0,
				.again = came};
		}
	return RC_OK;
}
