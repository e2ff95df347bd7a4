/* shell.c -- see shell.h. */
#include "web/shell.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/permit.h"
#include "web/help.h"
#include "web/site_in.h"
#include "web/tpl.h"

static const struct {
	const char *id, *label;
} groups[] = {
	{"org", N_("Organisation and members")},
	{"study", N_("Ideals and study")},
	{"pioneer", N_("Young Pioneers")},
	{"volunteer", N_("Volunteering")},
	{"return_home", N_("Home-coming practice")},
	{"startup", N_("Start-ups and jobs")},
	{"care", N_("Care and support")},
	{"rights", N_("Rights")},
	{"mind", N_("Mental health")},
	{"culture", N_("Culture and media")},
	{"coordination", N_("Working together")},
	{"appraisal", N_("Appraisal and honours")},
	{"report", N_("Plans and returns")},
	{"office", N_("Notices and requests")},
};

str group_label(str group)
{
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (str_is(group, groups[i].id))
			return str_of(tr(groups[i].label));
	return group;
}

size_t group_list(const struct model *m, str out[], size_t cap)
{
	size_t n = 0;
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (size_t i = 0; i < m->regs_n && n < cap; i++)
			if (str_is(m->regs[i].group, groups[g].id)) {
				out[n++] = m->regs[i].group;
				break;
			}
	for (size_t i = 0; i < m->regs_n && n < cap; i++) {
		bool known = m->regs[i].group.n == 0;
		for (size_t k = 0; k < n; k++)
			known = known || str_eq(out[k], m->regs[i].group);
		if (!known)
			out[n++] = m->regs[i].group;
	}
	return n;
}

str shell_day_words(struct arena *a, int32_t day, bool year)
{
	struct ymd d = date_ymd(day);
	struct buf b = {0};
	if (tr_lang() == LANG_ZH && !year) {
		buf_printf(&b, "%d月%d日", d.month, d.day);
	} else {
		tpl_date(&b, date_str(a, day));
		if (!year && b.n > 5)
			b.n -= 5; /* " 2025" */
	}
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* 第三季度, 上半年: NULL of any other span. */
static const char *part_name(const struct period *p)
{
	static const char *const halves[] = {N_("first half"), N_("second half")};
	static const char *const quarters[] = {
		N_("first quarter"), N_("second quarter"), N_("third quarter"), N_("fourth quarter")};
	int32_t first, end;
	period_whole_months(p, &first, &end);
	if (date_month_first(first) != p->from || date_month_first(end) != p->to)
		return NULL;
	int month = first % 12;
	if (end - first == 6 && month % 6 == 0)
		return halves[month / 6];
	return end - first == 3 && month % 3 == 0 ? quarters[month / 3] : NULL;
}

/* 2025年11月, November 2025: empty for any other span. */
static str month_words(struct arena *a, const struct period *p)
{
	int32_t first, end;
	struct ymd d = date_ymd(p->from);
	period_whole_months(p, &first, &end);
	if (end - first != 1 || date_month_first(first) != p->from || date_month_first(end) != p->to)
		return STR("");
	if (tr_lang() == LANG_ZH)
		return arena_fmt(a, "%d年%d月", d.year, d.month);
	return str_from(shell_day_words(a, p->from, true), 2); /* "1 November 2025" */
}

static bool ever(const struct period *p)
{
	return date_ymd(p->from).year <= EVER_FROM_YEAR && p->to > clock_today();
}

str period_words(struct arena *a, const struct period *p)
{
	int32_t today = clock_today(), last = p->to - 1;
	int year = period_whole_year(p);
	struct ymd first = date_ymd(p->from);
	if (year && !(p->from <= today && today < last))
		return tr_lang() == LANG_ZH ? arena_fmt(a, "%d年", year) : arena_fmt(a, "%d", year);
	if (ever(p))
		return str_of(tr("all years"));
	if (p->from <= today && today < last)
		last = today;
	else if (month_words(a, p).n)
		return month_words(a, p);
	else if (part_name(p))
		return arena_fmt(a, tr_lang() == LANG_ZH ? "%d年%s" : "%d %s", first.year, tr(part_name(p)));
	if (p->from == last)
		return shell_day_words(a, p->from, true);
	bool one_year = first.year == date_ymd(last).year;
	if (tr_lang() == LANG_ZH)
		return arena_fmt(a, "%.*s—%.*s", STR_ARG(shell_day_words(a, p->from, true)),
			STR_ARG(shell_day_words(a, last, !one_year)));
	return arena_fmt(a, "%.*s – %.*s", STR_ARG(shell_day_words(a, p->from, !one_year)),
		STR_ARG(shell_day_words(a, last, true)));
}

struct period page_compared(struct page *p)
{
	return period_compared(p->a, &p->period, clock_today());
}

void shell_crumb(struct page *p, struct shell *s, str label, str href)
{
	if (s->crumbs == NULL)
		s->crumbs = NEWS(p->a, 4, struct shell_crumb);
	if (s->crumbs_n < 4)
		s->crumbs[s->crumbs_n++] = (struct shell_crumb){label, href};
}

void shell_lively(struct page *p, struct shell *s)
{
	s->htmx = p->site->htmx; /* empty where the build could not fetch it */
}

void shell_charts(struct page *p, struct shell *s)
{
	s->echarts = asset_address(p->site, "echarts.js");
	s->board = asset_address(p->site, "board.js");
}

static void rail(struct page *p, struct shell *s, enum place place, str group)
{
	const struct model *m = p->site->city->model;
	str list[40];
	s->main_links = NEWS(p->a, 4, struct shell_link);
	s->main_links[0] =
		(struct shell_link){str_of(tr("My desk")), page_href(p, STR("/")), {0}, place == PLACE_HOME};
	s->main_links[1] = (struct shell_link){
		str_of(tr("Figures")), page_href(p, STR("/figures")), {0}, place == PLACE_FIGURES};
	str year = arena_fmt(p->a, "/report/%d", date_ymd(p->period.from).year);
	s->main_links_n = 2;
	if (permit_reach(model_reg(m, STR("report_edition")), &p->r.actor) != REACH_NONE)
		s->main_links[s->main_links_n++] = (struct shell_link){
			str_of(tr("Annual report")), page_href(p, year), {0}, place == PLACE_REPORT};
	s->main_links[s->main_links_n++] = (struct shell_link){str_of(tr("Collections")),
		page_href(p, STR("/collections")), {0}, place == PLACE_COLLECTIONS};
	size_t n = group_list(m, list, sizeof list / sizeof *list);
	s->groups = NEWS(p->a, n + 1, struct shell_group);
	for (size_t i = 0; i < n; i++) {
		bool open = false;
		for (size_t k = 0; k < m->regs_n && !open; k++)
			open = str_eq(m->regs[k].group, list[i]) &&
			       permit_reach(&m->regs[k], &p->r.actor) != REACH_NONE;
		if (!open)
			continue;
		struct shell_group *g = &s->groups[s->groups_n++];
		g->label = group_label(list[i]);
		g->href = page_hrefs(p, "/registers/%.*s", STR_ARG(list[i]));
		g->here = place == PLACE_REGISTERS && str_eq(list[i], group);
	}
}

/* A resident has no desk: events, own data, account. */
static void rail_of_resident(struct page *p, struct shell *s, enum place place)
{
	s->main_links = NEWS(p->a, 4, struct shell_link);
	s->main_links[0] = (struct shell_link){str_of(tr("My page")), STR("/mine"), {0}, place == PLACE_MINE};
	s->main_links[1] = (struct shell_link){str_of(tr("Apply")), STR("/apply"), {0}, place == PLACE_APPLY};
	s->main_links[2] = (struct shell_link){str_of(tr("My data")), STR("/me/data"), {0}, false};
	s->main_links[3] = (struct shell_link){str_of(tr("Account")), STR("/me"), {0}, place == PLACE_ME};
	s->main_links_n = 4;
}

/* 共青团临澜市委员会 -> 临澜市, for the top bar. */
static str short_org(str name)
{
	str head = STR("共青团"), tail = STR("委员会");
	if (!str_starts(name, head) || !str_ends(name, tail) || name.n <= head.n + tail.n)
		return name;
	return (str){name.p + head.n, name.n - head.n - tail.n};
}

void shell_fill(struct page *p, struct shell *s, str title, enum place place, str group)
{
	const struct site *site = p->site;
	bool en = tr_lang() == LANG_EN;
	*s = (struct shell){.lang_tag = en ? "en" : "zh-CN",
		.other_lang = en ? "中文" : "English",
		.title = title,
		.city = site->city->name,
		.css = site->css,
		.js = site->js,
		.icon = site->icon,
		.csrf = p->csrf,
		.notice = writer_is_full(site->city->writer)
				  ? str_of(tr("The disk is full: this can be read, but nothing can be "
					      "written until there is room."))
				  : (str){0},
		.who = p->who,
		.signed_in = p->signed_in,
		.at_home = place == PLACE_HOME,
		.at_jot = place == PLACE_JOT,
		.at_mine = place == PLACE_MINE,
		.at_apply = place == PLACE_APPLY,
		.resident = p->signed_in && !actor_has_office(&p->r.actor),
		.at_me = place == PLACE_ME,
		.in_registers = place == PLACE_REGISTERS};
	if (p->period.to == 0) { /* refused before the scope was read */
		p->period = period_year(p->a, site_year(site));
		if (p->signed_in && p->r.db && p->scope_name.n == 0) {
			p->org = p->r.actor.org ? p->r.actor.org : site->city->root_org;
			p->scope_name = page_org_name(p, p->org);
		}
	}
	s->help_href = help_here(p);
	s->other_href = page_here(p, "lang", en ? STR("zh") : STR("en"));
	s->home_href = page_href(p, STR("/"));
	s->registers_href = page_href(p, STR("/registers"));
	s->me_href = page_href(p, STR("/me"));
	s->organ = p->r.db ? page_org_name(p, site->city->root_org) : site->city->name;
	if (!p->signed_in)
		return;
	s->scope = short_org(p->scope_name);
	s->period = period_words(p->a, &p->period);
	struct buf b = {0};
	buf_puts(&b, "/scope?back=");
	str here = page_here(p, "after", STR(""));
	html_url(&b, here);
	s->scope_href = page_href(p, arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	if (s->resident)
		rail_of_resident(p, s, place);
	else
		rail(p, s, place, group);
}
