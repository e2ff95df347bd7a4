/* street.c -- see street.h. */
#include "web/street.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/plan.h"
#include "web/site_in.h"
#include "web/tpl.h"

static const char ELSEWHERE[] = "https://www.weather.com.cn/";

static const struct {
	const char *label, *href;
} places[] = {[STREET_EVENTS] = {N_("Events"), "/street/events"},
	[STREET_ARTICLES] = {N_("Articles"), "/street/articles"},
	[STREET_POSTS] = {N_("Posts"), "/street/posts"},
	[STREET_CONTESTS] = {N_("Contests"), "/street/contests"},
	[STREET_FIGURES] = {N_("Numbers"), "/street/figures"},
	[STREET_HELP] = {N_("Get help"), "/street/help"}};

str street_address(struct page *p, str path)
{
	const struct site_config *c = &p->site->c;
	str host = c->listen ? str_of(c->listen) : STR("");
	if (c->origin)
		return arena_fmt(p->a, "%s%.*s", c->origin, STR_ARG(path));
	while (host.n && host.p[host.n - 1] != ':')
		host.n--;
	if (host.n <= 1 || str_is(host, "0.0.0.0:") || str_is(host, "[::]:") || str_is(host, "*:"))
		return path;
	return arena_fmt(p->a, "%s://%.*s%d%.*s", c->cert_file ? "https" : "http", STR_ARG(host),
		site_port(p->site), STR_ARG(path));
}

void street_kept(struct page *p)
{
	p->q->out.keep_s = STREET_KEEP_S;
}

void street_fill(struct page *p, struct street *s, str title, enum street_place here)
{
	/* Whoever is signed in sees the same page as everybody: it may be kept by all. */
	bool signed_in = p->signed_in;
	p->signed_in = false;
	shell_fill(p, &s->shell, title, PLACE_NONE, STR(""));
	p->signed_in = signed_in;
	s->lang_tag = s->shell.lang_tag;
	s->title = title;
	s->shell.csrf = s->shell.who = STR("");
	s->canonical = page_here(p, "after", STR(""));
	s->whole = street_address(p, s->canonical);
	s->links = NEWS(p->a, sizeof places / sizeof *places, struct shell_link);
	for (size_t i = 1; i < sizeof places / sizeof *places; i++)
		s->links[s->links_n++] = (struct shell_link){.label = str_of(tr(places[i].label)),
			.href = str_of(places[i].href),
			.here = i == (size_t)here};
	street_kept(p);
}

void street_quiet(struct page *p, struct street *s)
{
	s->leave = str_of(ELSEWHERE);
	s->title = p->site->city->name;
	s->about = STR("");
	s->canonical = STR("");
	p->q->out.keep_s = 0;
}

size_t street_regs(const struct page *p, const char *as, const struct reg *out[STREET_REGS])
{
	const struct model *m = p->site->city->model;
	size_t n = 0;
	for (size_t i = 0; i < m->regs_n && n < STREET_REGS; i++)
		if (m->regs[i].open && str_is(m->regs[i].open->as, as))
			out[n++] = &m->regs[i];
	return n;
}

int32_t street_day(const struct record *rec)
{
	const struct field *f = rec->reg->happens_field;
	int32_t day;
	if (f == NULL)
		return DATE_NONE;
	const struct value *v = &rec->values[f->at];
	if (f->type == T_TIME && v->kind == V_INT)
		return clock_day_of(v->i);
	return v->kind == V_TEXT && date_parse(v->t, &day) ? day : DATE_NONE;
}

str street_day_words(struct arena *a, int32_t day)
{
	static const char *const days[] = {
		N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")};
	struct ymd d = date_ymd(day);
	const char *name = tr(days[date_weekday(day) - 1]);
	if (tr_lang() == LANG_ZH)
		return d.year == date_ymd(clock_today()).year
			       ? arena_fmt(a, "%d月%d日 %s", d.month, d.day, name)
			       : arena_fmt(a, "%d年%d月%d日 %s", d.year, d.month, d.day, name);
	struct buf b = {0};
	buf_printf(&b, "%s, ", name);
	tpl_date(&b, date_str(a, day));
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

void street_facts(struct page *p, const struct record *rec, const struct field *const *but, size_t but_n,
	struct street_item *g)
{
	const struct field *title = p->site->city->plans[rec->reg->at].title;
	g->facts = NEWS(p->a, rec->reg->fields_n + 2, struct street_fact);
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		bool skip = f == title || !publish_shows(rec->reg, f);
		for (size_t k = 0; k < but_n; k++)
			skip = skip || f == but[k];
		str text = skip ? STR("") : publish_text(&p->r, rec, f);
		int32_t day;
		if (text.n && f->type == T_DATE && date_parse(text, &day))
			text = street_day_words(p->a, day);
		if (text.n && !(f->type == T_BOOL && rec->values[f->at].i == 0))
			g->facts[g->facts_n++] =
				(struct street_fact){.label = label_text(&f->label), .text = text};
	}
	g->facts[g->facts_n++] =
		(struct street_fact){.label = str_of(tr("Held by")), .text = publish_org(&p->r, rec->org)};
}

void street_lines(struct page *p, str text, struct street_item *g)
{
	size_t cap = 0;
	while (text.n > 0) {
		str line = str_trim(str_cut(text, '\n', &text));
		if (line.n == 0)
			continue;
		g->lines = arena_grow(p->a, g->lines, g->lines_n, &cap, sizeof *g->lines);
		g->lines[g->lines_n++] = (struct street_line){line};
	}
}

void street_kinds(struct page *p, const struct field *f, str on, struct street_group *out)
{
	*out = (struct street_group){
		.label = str_of(tr("Kind")), .picks = NEWS(p->a, f->choices_n + 1, struct street_pick)};
	out->picks[out->picks_n++] =
		(struct street_pick){str_of(tr("All kinds")), page_here(p, "kind", STR("")), on.n == 0};
	for (size_t k = 0; k < f->choices_n; k++)
		out->picks[out->picks_n++] = (struct street_pick){label_text(&f->choices[k].label),
			page_here(p, "kind", f->choices[k].id), str_eq(on, f->choices[k].id)};
}

enum rc street_row_of(struct page *p, const char *as, struct record **out, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	int64_t id;
	if (street_regs(p, as, regs) == 0 || !str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	return publish_get(&p->r, regs[0], id, out, err);
}

str street_text(struct page *p, const struct record *rec, const char *field)
{
	const struct field *f = reg_field(rec->reg, str_of(field));
	return f ? publish_text(&p->r, rec, f) : STR("");
}

int32_t street_field_day(const struct record *rec, const char *field)
{
	const struct field *f = reg_field(rec->reg, str_of(field));
	int32_t day;
	return publish_shows(rec->reg, f) && rec->values[f->at].kind == V_TEXT &&
			       date_parse(rec->values[f->at].t, &day)
		       ? day
		       : DATE_NONE;
}

str street_kind(struct page *p, const struct record *rec)
{
	return rec->reg->open->kind ? publish_text(&p->r, rec, rec->reg->open->kind) : STR("");
}

str street_join(struct page *p, str a, str b)
{
	return a.n == 0 ? b : b.n == 0 ? a : arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(a), tr(", "), STR_ARG(b));
}
