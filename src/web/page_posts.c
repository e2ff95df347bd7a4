/* page_posts.c -- /street/posts: posts for returning students, and what is still free; /street/contests: contests, their
 * votes and, after they are over, the works without names. */
#include "base/clock.h"
#include "base/date.h"
#include "templates.h"
#include "web/page_street.h"
#include "web/pages.h"
#include "web/site_in.h"

static enum rc row_of(struct page *p, const char *as, struct record **out, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	int64_t id;
	if (street_regs(p, as, regs) == 0 || !str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	return publish_get(&p->r, regs[0], id, out, err);
}

static str text_of(struct page *p, const struct record *rec, const char *field)
{
	const struct field *f = reg_field(rec->reg, str_of(field));
	return f ? publish_text(&p->r, rec, f) : STR("");
}

static int32_t day_of(const struct record *rec, const char *field)
{
	const struct field *f = reg_field(rec->reg, str_of(field));
	int32_t day;
	return publish_shows(rec->reg, f) && rec->values[f->at].kind == V_TEXT &&
			       date_parse(rec->values[f->at].t, &day)
		       ? day
		       : DATE_NONE;
}

static str join(struct page *p, str a, str b)
{
	return a.n == 0 ? b : b.n == 0 ? a : arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(a), tr(", "), STR_ARG(b));
}

static str kind_of(struct page *p, const struct record *rec)
{
	return rec->reg->open->kind ? publish_text(&p->r, rec, rec->reg->open->kind) : STR("");
}

/* ---- posts ---- */

static bool begun(const struct record *rec)
{
	int32_t starts = day_of(rec, "starts_on");
	return starts != DATE_NONE && starts <= clock_today();
}

void post_row(struct page *p, const struct record *rec, struct street_row *row)
{
	str places = text_of(p, rec, "capacity"), starts = text_of(p, rec, "starts_on");
	int32_t day;
	if (date_parse(starts, &day))
		starts = street_day_words(p->a, day);
	*row = (struct street_row){.title = publish_title(p->site->city, rec),
		.href = arena_fmt(p->a, "/street/posts/%lld", (long long)rec->id),
		.sub = join(p, join(p, text_of(p, rec, "employer"), kind_of(p, rec)),
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
	TRY(row_of(p, "post", &rec, err));
	const struct field *but[] = {rec->reg->open->kind};
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_POSTS);
	g.back = STR("/street/posts");
	g.back_label = str_of(tr("Posts for students who come home"));
	g.kind = kind_of(p, rec);
	g.state = begun(rec) ? str_of(tr("Begun")) : STR("");
	g.told = text_of(p, rec, "employer");
	g.street.about = g.told;
	street_facts(p, rec, but, 1, &g);
	if (!begun(rec))
		g.action_note = str_of(
			tr("To apply: sign in with the account that your county league committee gave you, "
			   "or go to it with your student card. Nobody who applies pays anything."));
	tpl_street_item(page_out(p), &g);
	return RC_OK;
}

/* ---- contests ---- */

static str contest_state(const struct record *rec)
{
	int32_t today = clock_today(), opens = day_of(rec, "opens_on"), closes = day_of(rec, "closes_on"),
		final = street_day(rec);
	if (str_is(rec->state, "cancelled"))
		return str_of(tr("Cancelled"));
	if (final != DATE_NONE && final < today)
		return str_of(tr("Over"));
	if (opens != DATE_NONE && today < opens)
		return str_of(tr("Entries not open yet"));
	if (closes != DATE_NONE && today <= closes)
		return str_of(tr("Entries open"));
	return str_of(tr("Entries closed"));
}

static enum rc contests(struct page *p, struct err *err)
{
	struct street_list g = {0};
	struct record **list;
	size_t n;
	struct publish_query q = {.text = page_input(p, "q")};
	TRY(street_latest(p, "contest", &q, 60, &list, &n, err));
	street_fill(p, &g.street, str_of(tr("Contests")), STREET_CONTESTS);
	g.intro = str_of(tr("Rules stand before entries open. A public vote does not decide who wins unless "
			    "an approval number says so. Names of children are not published."));
	g.rows = NEWS(p->a, n + 1, struct street_row);
	for (size_t i = 0; i < n; i++) {
		int32_t day = street_day(list[i]);
		g.rows[g.rows_n++] = (struct street_row){.title = publish_title(p->site->city, list[i]),
			.href = arena_fmt(p->a, "/street/contests/%lld", (long long)list[i]->id),
			.sub = join(p, kind_of(p, list[i]), publish_org(&p->r, list[i]->org)),
			.tag = contest_state(list[i]),
			.note = arena_fmt(p->a, tr("final %.*s"), STR_ARG(street_day_words(p->a, day))),
			.off = str_is(list[i]->state, "cancelled")};
	}
	g.empty = str_of(tr("No contest is announced."));
	tpl_street_list(page_out(p), &g);
	return RC_OK;
}

/* The works of a contest that is over: number and title, never who; by number of entries only where five and more stand. */
static enum rc works(struct page *p, int64_t contest, struct street_item *g, struct err *err)
{
	enum { WORKS_MAX = 100, FEW = 5 };
	const struct reg *regs[STREET_REGS];
	struct record **list;
	size_t n;
	if (street_regs(p, "entry", regs) == 0)
		return RC_OK;
	struct publish_query q = {.reg = regs[0],
		.by = reg_field(regs[0], STR("contest")),
		.by_id = contest,
		.limit = WORKS_MAX};
	if (q.by == NULL)
		return RC_OK;
	TRY(publish_list(&p->r, &q, &list, &n, err));
	if (n == 0)
		return RC_OK;
	if (n < FEW) {
		g->rows_note = str_of(tr("There were so few entries that a list would tell who took part."));
		return RC_OK;
	}
	struct street_row *rows = NEWS(p->a, g->rows_n + n + 1, struct street_row);
	for (size_t i = 0; i < g->rows_n; i++)
		rows[i] = g->rows[i];
	g->rows = rows;
	for (size_t i = 0; i < n; i++) {
		str title = text_of(p, list[i], "work_title");
		if (title.n)
			g->rows[g->rows_n++] =
				(struct street_row){.title = title, .sub = text_of(p, list[i], "number")};
	}
	return RC_OK;
}

static enum rc votes(struct page *p, int64_t contest, struct street_item *g, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	struct record **list;
	size_t n;
	if (street_regs(p, "vote", regs) == 0)
		return RC_OK;
	struct publish_query q = {
		.reg = regs[0], .by = reg_field(regs[0], STR("contest")), .by_id = contest, .limit = 20};
	if (q.by == NULL)
		return RC_OK;
	TRY(publish_list(&p->r, &q, &list, &n, err));
	g->rows = NEWS(p->a, n + 1, struct street_row);
	for (size_t i = 0; i < n; i++) {
		const struct state *s = reg_state(regs[0], list[i]->state);
		g->rows[g->rows_n++] = (struct street_row){.title = publish_title(p->site->city, list[i]),
			.sub = join(
				p, text_of(p, list[i], "purpose_text"), text_of(p, list[i], "approval_no")),
			.href = arena_fmt(p->a, "/street/votes/%lld", (long long)list[i]->id),
			.tag = s ? label_text(&s->label) : STR("")};
	}
	return RC_OK;
}

static enum rc contest(struct page *p, struct err *err)
{
	struct street_item g = {0};
	struct record *rec;
	TRY(row_of(p, "contest", &rec, err));
	const struct reg_public *o = rec->reg->open;
	const struct field *but[] = {o->kind, o->text};
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_CONTESTS);
	g.back = STR("/street/contests");
	g.back_label = str_of(tr("Contests"));
	g.kind = kind_of(p, rec);
	g.state = contest_state(rec);
	street_facts(p, rec, but, 2, &g);
	if (o->text)
		street_lines(p, publish_text(&p->r, rec, o->text), &g);
	g.rows_title = str_of(tr("Votes and works"));
	g.rows_note = STR("");
	TRY(votes(p, rec->id, &g, err));
	TRY(works(p, rec->id, &g, err));
	if (g.rows_n == 0 && g.rows_note.n == 0)
		g.rows_note = str_of(
			tr("Works are shown when the contest is over, by number and title, without names."));
	tpl_street_item(page_out(p), &g);
	return RC_OK;
}

static enum rc vote(struct page *p, struct err *err)
{
	struct street_item g = {0};
	struct record *rec;
	TRY(row_of(p, "vote", &rec, err));
	const struct field *purpose = reg_field(rec->reg, STR("purpose_text"));
	const struct field *but[] = {purpose};
	const struct state *s = reg_state(rec->reg, rec->state);
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_CONTESTS);
	g.back = STR("/street/contests");
	g.back_label = str_of(tr("Contests"));
	g.kind = s ? label_text(&s->label) : STR("");
	if (purpose)
		street_lines(p, publish_text(&p->r, rec, purpose), &g);
	street_facts(p, rec, but, 1, &g);
	for (size_t i = 0; i < g.facts_n; i++) {
		const struct field *f = reg_field(rec->reg, STR("contest"));
		if (f && str_eq(g.facts[i].label, label_text(&f->label)))
			g.facts[i].href =
				arena_fmt(p->a, "/street/contests/%lld", (long long)rec->values[f->at].i);
	}
	g.rows_title = str_of(tr("How to verify the count"));
	g.rows_note = str_of(
		tr("Of a vote by issued credentials the office hands out its bulletin board as one file: "
		   "every ballot with its signature, every annulment with its reason, the signed heads and "
		   "the tally. The program qinghe-board-verify counts it again with no help of ours; the "
		   "board's root is the same for everybody, compare it with the one your witness was given. "
		   "Votes by telephone or WeChat are shown apart and prove nothing; they never decide."));
	tpl_street_item(page_out(p), &g);
	return RC_OK;
}

static const struct input list_in[] = {
	{"kind", INPUT_WORD, 40, false}, {"from", INPUT_ID, 6, false}, {"q", INPUT_TEXT, 60, false}, {0}};

const struct route routes_street_posts[] = {
	{"GET", "/street/posts", posts, ACCESS_PUBLIC, CSRF_READ_ONLY, list_in, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/posts/{id}", post, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"GET", "/street/contests", contests, ACCESS_PUBLIC, CSRF_READ_ONLY, list_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/contests/{id}", contest, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/votes/{id}", vote, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{0},
};
