/* page_coverage.c -- /coverage: where nothing has happened for long. See page_coverage.h. */
#include "web/page_coverage.h"
#include "base/clock.h"
#include "base/date.h"
#include "figure/coverage.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"
#include <stdlib.h>

enum { COLUMNS = 6, TILE_W = 26, TILE_H = 24, STEP_X = 30, STEP_Y = 28, TEXT_DOWN = 16, MAP_W = 176 };

static str number(struct page *p, long long v)
{
	return arena_fmt(p->a, "%lld", v);
}

/* 共青团澜阳区委员会 is named 澜阳区 where its place is meant. */
static str place_of(str name)
{
	str head = STR("共青团"), tail = STR("委员会");
	if (str_starts(name, head) && str_ends(name, tail) && name.n > head.n + tail.n)
		return (str){name.p + head.n, name.n - head.n - tail.n};
	return name;
}

static void tile(struct page *p, const struct cover_unit *u, size_t at, struct cover_tile *t)
{
	static const char *const looks[] = {"t1", "t2", "t3", "t4"};
	int x = (int)(at % COLUMNS) * STEP_X, y = (int)(at / COLUMNS) * STEP_Y;
	bool line = cover_silent(u); /* drawn on half points, so that the line is sharp */
	t->look = looks[u->shade];
	t->x = arena_fmt(p->a, line ? "%d.5" : "%d", x);
	t->y = arena_fmt(p->a, line ? "%d.5" : "%d", y);
	t->w = number(p, line ? TILE_W - 1 : TILE_W);
	t->h = number(p, line ? TILE_H - 1 : TILE_H);
	if (u->shade < 2)
		return;
	t->text = u->days == COVER_NEVER ? STR("—") : u->days > 999 ? STR("999") : number(p, u->days);
	t->text_look = line ? "d" : "";
	t->text_x = number(p, x + TILE_W / 2);
	t->text_y = number(p, y + TEXT_DOWN);
}

static void group(struct page *p, const struct cover_rules *rules, const struct cover_unit *list, size_t n,
	struct cover_group *g)
{
	size_t covered = 0, lines = (n + COLUMNS - 1) / COLUMNS;
	g->name = place_of(page_org_name(p, list[0].group));
	g->tiles = NEWS(p->a, n, struct cover_tile);
	for (size_t i = 0; i < n; i++) {
		covered += !cover_silent(&list[i]);
		tile(p, &list[i], i, &g->tiles[g->tiles_n++]);
	}
	g->share = arena_fmt(p->a, "%zu/%zu", covered, n);
	g->box = arena_fmt(p->a, "0 0 %d %zu", MAP_W, lines * STEP_Y - 2);
	g->height = arena_fmt(p->a, "%zu", lines * STEP_Y - 2);
	g->words = arena_fmt(p->a, tr("%.*s: %zu units, %zu with an activity in the last %d days"),
		STR_ARG(g->name), n, covered, (int)rules->silent_after);
}

static int by_silence(const void *x, const void *y)
{
	const struct cover_unit *a = *(const struct cover_unit *const *)x,
				*b = *(const struct cover_unit *const *)y;
	if ((a->days == COVER_NEVER) != (b->days == COVER_NEVER))
		return a->days == COVER_NEVER ? -1 : 1;
	return a->days != b->days ? b->days - a->days : (a > b) - (a < b);
}

/* The year stands with a day that is not this year's: its age is counted from today, whatever period is shown. */
static str last_words(struct page *p, int32_t day)
{
	return shell_day_words(p->a, day, date_ymd(day).year != date_ymd(clock_today()).year);
}

static void silent_rows(struct page *p, struct cover_unit *list, size_t n, size_t most, struct cover_box *box)
{
	const struct cover_unit **late = NEWS(p->a, n + 1, const struct cover_unit *);
	size_t late_n = 0;
	for (size_t i = 0; i < n; i++)
		if (cover_silent(&list[i]))
			late[late_n++] = &list[i];
	qsort(late, late_n, sizeof *late, by_silence);
	box->silent_n_text = arena_fmt(p->a,
		box->schools ? trn("%lld school", "%lld schools", (long long)late_n)
			     : trn("%lld township", "%lld townships", (long long)late_n),
		(long long)late_n);
	box->more = most && late_n > most;
	if (box->more)
		late_n = most;
	box->silent = NEWS(p->a, late_n + 1, struct cover_row);
	for (size_t i = 0; i < late_n; i++) {
		const struct cover_unit *u = late[i];
		struct cover_row *row = &box->silent[box->silent_n++];
		str place = place_of(page_org_name(p, u->group));
		bool told = str_starts(u->name, place);
		row->name = told ? u->name
				 : arena_fmt(p->a, tr_lang() == LANG_ZH ? "%.*s · %.*s" : "%.*s, %.*s",
					   STR_ARG(place), STR_ARG(u->name));
		if (page_opens(p, "org"))
			row->href = page_hrefs(p, "/r/org/%lld", (long long)u->org);
		row->days = u->days == COVER_NEVER
				    ? str_of(tr("never"))
				    : arena_fmt(p->a, trn("%d day", "%d days", u->days), (int)u->days);
		row->last = u->days == COVER_NEVER
				    ? str_of(tr("nothing is on record"))
				    : arena_fmt(p->a, tr("last on %.*s"), STR_ARG(last_words(p, u->last)));
	}
}

static void words(
	struct page *p, const struct cover_rules *rules, size_t n, size_t covered, struct cover_box *b)
{
	int s0 = rules->shades[0], s1 = rules->shades[1], last = rules->silent_after;
	b->summary = arena_fmt(p->a,
		b->schools ? tr("%zu schools, %zu with an activity in the last %d days")
			   : tr("%zu townships, %zu with an activity in the last %d days"),
		n, covered, last);
	b->heading_silent = arena_fmt(p->a, tr("Nothing for over %d days"), last);
	b->key_dark = arena_fmt(p->a, tr("within %d days"), s0);
	b->key_mid = arena_fmt(p->a, tr("%d to %d days"), s0 + 1, s1);
	b->key_pale = arena_fmt(p->a, tr("%d to %d days (the number)"), s1 + 1, last);
	b->key_late = arena_fmt(p->a, tr("over %d days, or never (—)"), last);
	b->href = page_href(p, STR("/coverage"));
}

static enum rc box_of(struct page *p, size_t rows, struct cover_box *out, struct cover_unit **out_units,
	size_t *out_n, struct err *err)
{
	struct cover_rules rules;
	size_t n, covered = 0;
	TRY(cover_rules_read(p->a, p->site->city->model, &rules, err));
	rules.of_schools = out->schools;
	TRY(cover_units(&p->r, &rules, p->org, clock_today(), out_units, &n, err));
	struct cover_unit *list = *out_units;
	out->groups = NEWS(p->a, n + 1, struct cover_group);
	for (size_t i = 0, from = 0; i < n; i++) {
		covered += !cover_silent(&list[i]);
		if (i + 1 < n && list[i + 1].group == list[i].group)
			continue;
		group(p, &rules, list + from, i + 1 - from, &out->groups[out->groups_n++]);
		from = i + 1;
	}
	words(p, &rules, n, covered, out);
	silent_rows(p, list, n, rows, out);
	*out_n = n;
	return RC_OK;
}

enum rc cover_box_fill(struct page *p, size_t rows, struct cover_box *out, struct err *err)
{
	struct cover_unit *units;
	size_t n;
	*out = (struct cover_box){0};
	return box_of(p, rows, out, &units, &n, err);
}

static void put_json(struct page *p, const struct cover_unit *list, size_t n)
{
	struct json j = page_json(p);
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		cover_put_json(&j, p->a, &list[i]);
	json_array_end(&j);
}

static enum rc coverage(struct page *p, struct err *err)
{
	struct coverage_page c = {0};
	struct cover_unit *units;
	size_t n;
	c.box.schools = str_is(page_input(p, "of"), "schools");
	c.townships_href = page_href(p, STR("/coverage"));
	c.schools_href = page_href(p, STR("/coverage?of=schools"));
	TRY(box_of(p, 0, &c.box, &units, &n, err));
	if (p->json) {
		put_json(p, units, n);
		return RC_OK;
	}
	shell_fill(p, &c.shell, str_of(tr("Coverage")), PLACE_HOME, STR(""));
	shell_crumb(p, &c.shell, str_of(tr("My desk")), page_href(p, STR("/")));
	tpl_coverage(page_out(p), &c);
	return RC_OK;
}

static const struct input of_in[] = {{"of", INPUT_WORD, 10, false}, {0}}; /* schools */

const struct route routes_coverage[] = {
	{"GET", "/coverage", coverage, ACCESS_OFFICE, CSRF_READ_ONLY, of_in, ROUTE_SLOW},
	{0},
};
