/* page_events.c -- /street/events: what is on, as a list and by month, one event, and both as calendars (RFC 5545). Which
 * registers and fields: those declared `public: {as: event}`. */
#include "base/clock.h"
#include "base/date.h"
#include "format/ics.h"
#include "templates.h"
#include "web/page_street.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>

enum { EVENTS_MAX = 300, CALENDAR_AHEAD_DAYS = 180, CALENDAR_BACK_DAYS = 30, WEEKS = 6, DAYS = 7 };

struct found {
	const struct record *rec;
	int32_t day, last;
};

static int by_day(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->rec->reg != b->rec->reg)
		return a->rec->reg->at < b->rec->reg->at ? -1 : 1;
	return a->rec->id < b->rec->id ? -1 : a->rec->id > b->rec->id;
}

static int32_t last_day(const struct record *rec, int32_t day)
{
	const struct field *f = rec->reg->open->last_day;
	int32_t last;
	bool told = f && rec->values[f->at].kind == V_TEXT && date_parse(rec->values[f->at].t, &last);
	return told && last > day ? last : day;
}

struct asked {
	int32_t from, to;
	int64_t org;
	str kind, text; /* kind: REGISTER or REGISTER.CHOICE */
};

static bool of_kind(const struct reg *reg, str kind, str *out_choice)
{
	str choice = {0}, id = str_cut(kind, '.', &choice);
	*out_choice = choice;
	return kind.n == 0 || str_eq(id, reg->id);
}

static enum rc gather(
	struct page *p, const struct asked *x, struct found **out, size_t *out_n, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	size_t regs_n = street_regs(p, "event", regs), n = 0, cap = 0;
	char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES];
	date_text(x->from, from);
	date_text(x->to, to);
	*out = NULL;
	for (size_t i = 0; i < regs_n; i++) {
		struct publish_query q = {.reg = regs[i],
			.from = from,
			.to = to,
			.org = x->org,
			.text = x->text,
			.limit = EVENTS_MAX};
		struct record **list;
		size_t list_n;
		if (!of_kind(regs[i], x->kind, &q.kind))
			continue;
		TRY(publish_list(&p->r, &q, &list, &list_n, err));
		for (size_t k = 0; k < list_n; k++) {
			int32_t day = street_day(list[k]);
			if (day == DATE_NONE)
				continue;
			*out = arena_grow(p->a, *out, n, &cap, sizeof **out);
			(*out)[n++] = (struct found){list[k], day, last_day(list[k], day)};
		}
	}
	if (n > 0)
		qsort(*out, n, sizeof **out, by_day);
	*out_n = n;
	return RC_OK;
}

static bool cancelled(const struct record *rec)
{
	return str_is(rec->state, "cancelled");
}

static str time_words(struct page *p, const struct record *rec)
{
	const struct field *f = rec->reg->open->at;
	char text[INSTANT_TEXT_BYTES];
	if (f == NULL || rec->values[f->at].kind != V_INT)
		return STR("");
	instant_text(rec->values[f->at].i, text);
	return arena_str(p->a, str_head(str_from(str_of(text), 11), 5));
}

static str place_words(struct page *p, const struct record *rec)
{
	const struct field *f = rec->reg->open->place, *venue = reg_field(rec->reg, STR("venue"));
	str place = f ? publish_text(&p->r, rec, f) : STR("");
	return place.n || venue == NULL ? place : publish_text(&p->r, rec, venue);
}

static str kind_words(struct page *p, const struct record *rec)
{
	const struct field *f = rec->reg->open->kind;
	str kind = f ? publish_text(&p->r, rec, f) : STR("");
	return kind.n ? kind : label_text(&rec->reg->label);
}

void event_row(struct page *p, const struct record *rec, struct street_row *row)
{
	int32_t day = street_day(rec);
	struct ymd d = date_ymd(day);
	static const char *const months[] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
		N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
	str when = street_join(p, street_day_words(p->a, day), time_words(p, rec));
	*row = (struct street_row){.title = publish_title(p->site->city, rec),
		.href = arena_fmt(
			p->a, "/street/events/%.*s/%lld", STR_ARG(rec->reg->id), (long long)rec->id),
		.day = arena_fmt(p->a, "%d", d.day),
		.month = str_of(tr(months[d.month - 1])),
		.iso = date_str(p->a, day),
		.off = cancelled(rec)};
	row->sub = street_join(p, street_join(p, when, place_words(p, rec)), publish_org(&p->r, rec->org));
	row->tag = row->off ? str_of(tr("Cancelled")) : kind_words(p, rec);
}

enum rc events_ahead(struct page *p, size_t most, struct street_row **out, size_t *out_n, int64_t *out_all,
	struct err *err)
{
	int32_t today = clock_today();
	struct asked x = {.from = today, .to = today + CALENDAR_AHEAD_DAYS};
	struct found *list;
	size_t n, k = 0;
	TRY(gather(p, &x, &list, &n, err));
	*out = NEWS(p->a, most + 1, struct street_row);
	*out_all = 0;
	for (size_t i = 0; i < n; i++) {
		if (cancelled(list[i].rec))
			continue;
		++*out_all;
		if (k < most)
			event_row(p, list[i].rec, &(*out)[k++]);
	}
	*out_n = k;
	return RC_OK;
}

/* ---- what is asked ---- */

static enum rc unit_of(struct page *p, str code, int64_t *out, struct err *err)
{
	const struct reg *org = page_reg(p, "org");
	*out = 0;
	if (code.n == 0)
		return RC_OK;
	return resolve_row(p->r.db, p->site->city, org, p->site->city->root_org, code, out, err);
}

static void pick(struct street_group *g, str label, str href, bool here)
{
	g->picks[g->picks_n++] = (struct street_pick){label, href, here};
}

static void groups(struct page *p, struct street_list *g, const struct asked *x)
{
	const struct reg *regs[STREET_REGS];
	size_t n = street_regs(p, "event", regs), under_n;
	int32_t today = clock_today();
	int64_t root = p->site->city->root_org;
	g->groups = NEWS(p->a, 2, struct street_group);
	struct street_group *kinds = &g->groups[g->groups_n++];
	*kinds = (struct street_group){
		.label = str_of(tr("Kind")), .picks = NEWS(p->a, 120, struct street_pick)};
	pick(kinds, str_of(tr("All kinds")), page_here(p, "kind", STR("")), x->kind.n == 0);
	for (size_t i = 0; i < n; i++) {
		str choice;
		pick(kinds, label_text(&regs[i]->label), page_here(p, "kind", regs[i]->id),
			str_eq(x->kind, regs[i]->id));
		const struct field *f = regs[i]->open->kind;
		if (f == NULL || x->kind.n == 0 || !of_kind(regs[i], x->kind, &choice))
			continue;
		for (size_t k = 0; k < f->choices_n && kinds->picks_n < 118; k++)
			pick(kinds, label_text(&f->choices[k].label),
				page_here(p, "kind",
					arena_fmt(p->a, "%.*s.%.*s", STR_ARG(regs[i]->id),
						STR_ARG(f->choices[k].id))),
				str_eq(choice, f->choices[k].id));
	}
	/* The units right under the city, and under the one chosen. */
	struct street_group *units = &g->groups[g->groups_n++];
	*units = (struct street_group){
		.label = str_of(tr("Where")), .picks = NEWS(p->a, 80, struct street_pick)};
	pick(units, str_of(tr("The whole city")), page_here(p, "unit", STR("")), x->org == 0);
	const int64_t *under = tree_subtree(p->a, p->r.tree, root, today, &under_n);
	for (size_t i = 0; i < under_n && units->picks_n < 78; i++) {
		int64_t parent = tree_parent(p->r.tree, under[i], today),
			mine = x->org ? tree_parent(p->r.tree, x->org, today) : 0;
		bool top = parent == root, below = x->org && x->org != root &&
						   (parent == x->org || (mine != root && parent == mine));
		str name = top || below ? publish_org(&p->r, under[i]) : STR("");
		/* Places, not schools and offices: units whose name says a county or township. */
		if (name.n && str_starts(name, STR("共青团")) && str_ends(name, STR("委员会")))
			pick(units, str_head(str_from(name, 9), name.n - 18),
				page_here(p, "unit", arena_fmt(p->a, "#%lld", (long long)under[i])),
				under[i] == x->org);
	}
}

static void month_table(
	struct page *p, struct street_list *g, int32_t month, const struct found *list, size_t n)
{
	int32_t first = date_month_first(month), next = date_month_first(month + 1), today = clock_today();
	int32_t day = first - (date_weekday(first) - 1);
	g->weeks = NEWS(p->a, WEEKS, struct street_week);
	while (day < next) {
		struct street_week *w = &g->weeks[g->weeks_n++];
		w->cells = NEWS(p->a, DAYS, struct street_cell);
		for (w->cells_n = 0; w->cells_n < DAYS; w->cells_n++, day++) {
			struct street_cell *c = &w->cells[w->cells_n];
			*c = (struct street_cell){.day = arena_fmt(p->a, "%d", date_ymd(day).day),
				.iso = date_str(p->a, day),
				.out = day < first || day >= next,
				.today = day == today};
			for (size_t i = 0; i < n; i++)
				c->n += list[i].day <= day && day <= list[i].last;
			c->href = page_here(p, "day", c->iso);
		}
	}
	struct ymd d = date_ymd(first);
	g->month_title = tr_lang() == LANG_ZH ? arena_fmt(p->a, "%d年%d月", d.year, d.month)
					      : arena_fmt(p->a, "%04d-%02d", d.year, d.month);
	struct ymd before = date_ymd(first - 1), after = date_ymd(next);
	g->less = page_here(p, "month", arena_fmt(p->a, "%04d-%02d", before.year, before.month));
	g->more = page_here(p, "month", arena_fmt(p->a, "%04d-%02d", after.year, after.month));
}

static bool month_of(str text, int32_t *out)
{
	int32_t day;
	char iso[DATE_TEXT_BYTES] = "";
	if (text.n != 7)
		return false;
	memcpy(iso, text.p, 7);
	memcpy(iso + 7, "-01", 4);
	if (!date_parse(str_of(iso), &day))
		return false;
	*out = date_month(day);
	return true;
}

/* What the address asks for. *out_month: the month shown as a table, or -1. */
static enum rc asked_of(
	struct page *p, struct asked *x, int32_t *out_month, int32_t *out_day, struct err *err)
{
	int32_t today = clock_today();
	*x = (struct asked){.from = today,
		.to = today + CALENDAR_AHEAD_DAYS,
		.kind = page_input(p, "kind"),
		.text = page_input(p, "q")};
	*out_month = -1;
	*out_day = DATE_NONE;
	TRY(unit_of(p, page_input(p, "unit"), &x->org, err));
	if (page_input(p, "day").n && date_parse(page_input(p, "day"), out_day)) {
		x->from = *out_day;
		x->to = *out_day + 1;
	} else if (month_of(page_input(p, "month"), out_month)) {
		x->from = date_month_first(*out_month);
		x->to = date_month_first(*out_month + 1);
	}
	return RC_OK;
}

static enum rc events(struct page *p, struct err *err)
{
	struct street_list g = {0};
	struct asked x;
	struct found *list;
	int32_t month, day;
	size_t n;
	int64_t from = 0;
	TRY(asked_of(p, &x, &month, &day, err));
	TRY(gather(p, &x, &list, &n, err));
	if (!str_i64(page_input(p, "from"), &from))
		from = 0;
	street_fill(p, &g.street, str_of(tr("What is on")), STREET_EVENTS);
	g.street.about = str_of(tr("Events for young people: when, where, how to join."));
	g.street.feed = STR("/street/events.ics");
	g.street.feed_type = STR("text/calendar");
	g.street.feed_title = g.street.title;
	g.intro = day != DATE_NONE ? street_day_words(p->a, day)
				   : str_of(tr("Most are free and need no account. Whoever wants can come."));
	g.searches = true;
	g.q = x.text;
	groups(p, &g, &x);
	if (month >= 0)
		month_table(p, &g, month, list, n);
	g.rows = NEWS(p->a, n + 1, struct street_row);
	size_t at = from > 0 && (size_t)from < n ? (size_t)from : 0;
	for (size_t i = at; i < n && (g.rows_n < STREET_LIST || month >= 0) && g.rows_n < 60; i++)
		event_row(p, list[i].rec, &g.rows[g.rows_n++]);
	if (month < 0 && at + g.rows_n < n)
		g.more = page_here(p, "from", arena_fmt(p->a, "%zu", at + g.rows_n));
	g.empty = str_of(tr("Nothing is announced for this. Look at another month or the whole city."));
	if (month < 0) {
		struct ymd d = date_ymd(clock_today());
		g.calendar = page_here(p, "month", arena_fmt(p->a, "%04d-%02d", d.year, d.month));
		g.calendar_label = str_of(tr("See it by month"));
	} else {
		g.calendar = STR("/street/events.ics");
		g.calendar_label = str_of(tr("Put the whole calendar into mine (.ics)"));
	}
	tpl_street_list(page_out(p), &g);
	return RC_OK;
}

/* ---- one event ---- */

static enum rc event_row_of(struct page *p, str id, struct record **out, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, page_arg(p, 0));
	int64_t n;
	if (reg == NULL || reg->open == NULL || !str_is(reg->open->as, "event") || !str_i64(id, &n))
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	return publish_get(&p->r, reg, n, out, err);
}

static enum rc event(struct page *p, struct err *err)
{
	struct street_item g = {0};
	struct record *rec;
	TRY(event_row_of(p, page_arg(p, 1), &rec, err));
	const struct reg_public *o = rec->reg->open;
	const struct field *but[] = {o->kind, o->text, rec->reg->happens_field, o->at};
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_EVENTS);
	int32_t day = street_day(rec), today = clock_today();
	g.back = STR("/street/events");
	g.back_label = str_of(tr("What is on"));
	g.kind = kind_words(p, rec);
	g.told = street_join(p, street_day_words(p->a, day), time_words(p, rec));
	g.state = cancelled(rec)               ? str_of(tr("Cancelled"))
		  : last_day(rec, day) < today ? str_of(tr("Over"))
					       : STR("");
	g.street.about = street_join(p, g.told, place_words(p, rec));
	street_facts(p, rec, but, sizeof but / sizeof *but, &g);
	if (o->text)
		street_lines(p, publish_text(&p->r, rec, o->text), &g);
	if (g.state.n == 0) {
		g.calendar = arena_fmt(
			p->a, "/street/event.ics/%.*s/%lld", STR_ARG(rec->reg->id), (long long)rec->id);
		g.action_note =
			str_of(tr("To join: come along, or tell the unit that holds it. Who wants hours "
				  "recorded signs in on the spot; no account is needed for that."));
	}
	tpl_street_item(page_out(p), &g);
	return RC_OK;
}

static void ics_of(struct page *p, const struct record *rec, struct buf *b)
{
	int32_t day = street_day(rec);
	const struct field *at = rec->reg->open->at, *hours = reg_field(rec->reg, STR("hours"));
	struct ics_event e = {.uid = arena_fmt(p->a, "%.*s-%lld@%.*s.qinghe", STR_ARG(rec->reg->id),
				      (long long)rec->id, STR_ARG(p->site->city->region)),
		.title = publish_title(p->site->city, rec),
		.place = place_words(p, rec),
		.text = publish_org(&p->r, rec->org),
		.kind = kind_words(p, rec),
		.url = street_address(p, arena_fmt(p->a, "/street/events/%.*s/%lld", STR_ARG(rec->reg->id),
						 (long long)rec->id)),
		.changed_ms = rec->changed_at,
		.sequence = (int)rec->version - 1,
		.cancelled = cancelled(rec),
		.first_day = day,
		.end_day = last_day(rec, day) + 1};
	if (at && rec->values[at->at].kind == V_INT) {
		e.timed = true;
		e.start_ms = rec->values[at->at].i;
		if (publish_shows(rec->reg, hours) && hours->type == T_HOURS)
			e.end_ms = e.start_ms + rec->values[hours->at].i * 60000;
	}
	ics_put(b, &e);
}

static void ics_head(struct page *p)
{
	str name = tr_lang() == LANG_ZH ? arena_fmt(p->a, "%.*s青少年活动", STR_ARG(p->site->city->name))
					: arena_fmt(p->a, "%.*s: what is on", STR_ARG(p->site->city->name));
	p->q->out.type = "text/calendar; charset=utf-8";
	street_kept(p);
	ics_begin(page_out(p), name, tr_lang() == LANG_ZH ? STR("ZH") : STR("EN"));
}

static enum rc calendar(struct page *p, struct err *err)
{
	int32_t today = clock_today();
	struct asked x = {.from = today - CALENDAR_BACK_DAYS,
		.to = today + CALENDAR_AHEAD_DAYS,
		.kind = page_input(p, "kind")};
	struct found *list;
	size_t n;
	TRY(unit_of(p, page_input(p, "unit"), &x.org, err));
	TRY(gather(p, &x, &list, &n, err));
	ics_head(p);
	for (size_t i = 0; i < n; i++)
		ics_of(p, list[i].rec, page_out(p));
	ics_end(page_out(p));
	return RC_OK;
}

static enum rc calendar_one(struct page *p, struct err *err)
{
	struct record *rec;
	TRY(event_row_of(p, page_arg(p, 1), &rec, err));
	ics_head(p);
	http_add(p->q, "Content-Disposition", "attachment; filename=\"event.ics\"");
	ics_of(p, rec, page_out(p));
	ics_end(page_out(p));
	return RC_OK;
}

static const struct input events_in[] = {{"kind", INPUT_WORD, 80, false}, {"unit", INPUT_TEXT, 40, false},
	{"month", INPUT_WORD, 7, false}, {"day", INPUT_WORD, 10, false}, {"from", INPUT_ID, 6, false},
	{"q", INPUT_TEXT, 60, false}, {0}};
static const struct input calendar_in[] = {
	{"kind", INPUT_WORD, 80, false}, {"unit", INPUT_TEXT, 40, false}, {0}};

const struct route routes_street_events[] = {
	{"GET", "/street/events", events, ACCESS_PUBLIC, CSRF_READ_ONLY, events_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/events.ics", calendar, ACCESS_PUBLIC, CSRF_READ_ONLY, calendar_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/event.ics/{register}/{id}", calendar_one, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{"GET", "/street/events/{register}/{id}", event, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{0},
};
