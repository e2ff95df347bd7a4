/* page_posts.c -- /street/posts: posts for returning students, and what is still free. */
#include "base/clock.h"
#include "base/date.h"
#include "templates.h"
#include "web/page_street.h"
#include "web/pages.h"
#include "web/site_in.h"

/* ---- posts ---- */

static bool begun(const struct record *rec)
{
	int32_t starts = street_field_day(rec, "starts_on");
	return starts != DATE_NONE && starts <= clock_today();
}

void post_row(struct page *p, const struct record *rec, struct street_row *row)
{
	str places = street_text(p, rec, "capacity"), starts = street_text(p, rec, "starts_on");
	int32_t day;
	if (date_parse(starts, &day))
		starts = street_day_words(p->a, day);
	*row = (struct street_row){.title = publish_title(p->site->city, rec),
		.href = arena_fmt(p->a, "/street/posts/%lld", (long long)rec->id),
		.sub = street_join(p, street_join(p, street_text(p, rec, "employer"), street_kind(p, rec)),
			publish_org(&p->r, rec->org)),
		.tag = begun(rec) ? str_of(tr("Begun"))
		       : places.n ? arena_fmt(p->a, tr("%.*s places"), STR_ARG(places))
				  : STR(""),
		.note = starts.n ? arena_fmt(p->a, tr("from %.*s"), STR_ARG(starts)) : STR(""),
		.off = begun(rec)};
}

static enum rc posts(struct page *p, struct err *err)
{
	struct street_list g = {0};
	struct record **list;
	size_t n;
	int64_t from = 0;
	char back[DATE_TEXT_BYTES];
	date_text(clock_today() - 365, back);
	struct publish_query q = {.kind = page_input(p, "kind"), .text = page_input(p, "q"), .from = back};
	TRY(street_latest(p, "post", &q, PUBLISH_LIST_MAX, &list, &n, err));
	street_fill(p, &g.street, str_of(tr("Posts for students who come home")), STREET_POSTS);
	g.intro = str_of(tr("Practice in the holidays, near home. Conditions stand before the matching and "
			    "do not change after; who gets which post can be checked by everybody."));
	g.searches = true;
	g.q = q.text;
	const struct reg *regs[STREET_REGS];
	if (street_regs(p, "post", regs) > 0 && regs[0]->open->kind) {
		const struct field *f = regs[0]->open->kind;
		g.groups = NEWS(p->a, 1, struct street_group);
		street_kinds(p, f, q.kind, &g.groups[g.groups_n++]);
	}
	if (!str_i64(page_input(p, "from"), &from) || from < 0 || (size_t)from >= n)
		from = 0;
	/* Those that have not begun come first. */
	struct record **sorted = NEWS(p->a, n + 1, struct record *);
	size_t k = 0;
	for (int late = 0; late < 2; late++)
		for (size_t i = 0; i < n; i++)
			if (begun(list[i]) == (late == 1))
				sorted[k++] = list[i];
	g.rows = NEWS(p->a, STREET_LIST + 1, struct street_row);
	for (size_t i = (size_t)from; i < n && g.rows_n < STREET_LIST; i++)
		post_row(p, sorted[i], &g.rows[g.rows_n++]);
	if ((size_t)from + g.rows_n < n)
		g.more = page_here(p, "from", arena_fmt(p->a, "%zu", (size_t)from + g.rows_n));
	g.empty = str_of(
		tr("No post is offered just now. New ones appear before the winter and summer holidays."));
	tpl_street_list(page_out(p), &g);
	return RC_OK;
}

static enum rc post(struct page *p, struct err *err)
{
	struct street_item g = {0};
	struct record *rec;
	TRY(street_row_of(p, "post", &rec, err));
	const struct field *but[] = {rec->reg->open->kind};
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_POSTS);
	g.back = STR("/street/posts");
	g.back_label = str_of(tr("Posts for students who come home"));
	g.kind = street_kind(p, rec);
	g.state = begun(rec) ? str_of(tr("Begun")) : STR("");
	g.told = street_text(p, rec, "employer");
	g.street.about = g.told;
	street_facts(p, rec, but, 1, &g);
	if (!begun(rec))
		g.action_note = str_of(
			tr("To apply: sign in with the account that your county league committee gave you, "
			   "or go to it with your student card. Nobody who applies pays anything."));
	tpl_street_item(page_out(p), &g);
	return RC_OK;
}

static const struct input list_in[] = {
	{"kind", INPUT_WORD, 40, false}, {"from", INPUT_ID, 6, false}, {"q", INPUT_TEXT, 60, false}, {0}};

const struct route routes_street_posts[] = {
	{"GET", "/street/posts", posts, ACCESS_PUBLIC, CSRF_READ_ONLY, list_in, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/posts/{id}", post, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{0},
};
