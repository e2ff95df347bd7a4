/* page_home.c -- /: what waits for you, what came back, and the boxes of your role (model/rules/desk.yaml). */
#include "web/page_home.h"
#include "base/clock.h"
#include "guard/role.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/tpl.h"

enum { SILENT_MAX = 5 };

static str weekday_words(struct page *p)
{
	static const char *const days[] = {N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"),
		N_("Friday"), N_("Saturday"), N_("Sunday")};
	int32_t today = clock_today();
	struct ymd d = date_ymd(today);
	const char *day = tr(days[date_weekday(today) - 1]);
	if (tr_lang() == LANG_ZH)
		return arena_fmt(p->a, "%d月%d日，%s", d.month, d.day, day);
	return arena_fmt(p->a, "%s, %d %.*s", day, d.day, STR_ARG(tpl_month(p->a, d.month)));
}

static str summary(struct page *p, const struct tasks *t)
{
	if (t->n == 0 && t->back.list_n == 0)
		return str_of(tr("Nothing waits for you."));
	str all = arena_fmt(p->a, trn("%lld thing waits for you", "%lld things wait for you", t->things),
		(long long)t->things);
	if (t->overdue)
		return arena_fmt(
			p->a, tr("%.*s, %lld of them overdue."), STR_ARG(all), (long long)t->overdue);
	return arena_fmt(p->a, tr("%.*s."), STR_ARG(all));
}

static void home_json(struct page *p, const struct tasks *t)
{
	struct json j = page_json(p);
	json_object(&j);
	json_key(&j, "tasks");
	json_array(&j);
	for (size_t g = 0; g < t->groups_n; g++)
		for (size_t i = 0; i < t->groups[g].list_n + t->groups[g].rest_n; i++) {
			const struct task *task = &t->groups[g].list[i]; /* the rest follows */
			json_object(&j);
			json_put_str(&j, "label", task->label);
			json_put_str(&j, "detail", task->detail);
			json_put_str(&j, "href", task->href);
			json_object_end(&j);
		}
	json_array_end(&j);
	json_object_end(&j);
}

static enum rc home(struct page *p, struct err *err)
{
	struct home_page h = {0};
	struct home_plan plan;
	if (!actor_has_office(&p->r.actor) && !p->json) { /* the desk is for those who hold a role */
		page_go(p, STR("/mine"));
		return RC_OK;
	}
	TRY(tasks_read(p, &h.tasks, err));
	if (p->json) {
		home_json(p, &h.tasks);
		return RC_OK;
	}
	TRY(home_plan_read(p->a, p->site->city->model, &p->r.actor, &plan, err));
	h.has_report = plan.report;
	h.has_figures = plan.figures;
	h.has_open = plan.open_n > 0;
	if (plan.report || plan.figures)
		TRY(home_figures(p, &plan, &h, err));
	TRY(home_lists(p, &plan, &h, err));
	if (plan.coverage)
		TRY(cover_box_fill(p, SILENT_MAX, &h.cover, err));
	if (h.cover.groups_n == 1 && h.cover.groups[0].tiles_n < 2) /* one tile is no map */
		h.cover.groups_n = 0;
	h.aside = h.has_report || h.start_n || h.has_open || h.finder_note.n || h.admin_n;
	h.may_jot = form_may_add(p, model_reg(p->site->city->model, STR("volunteer_event")));
	h.few = h.aside && h.tasks.n + h.tasks.back.list_n < 5;
	h.today = weekday_words(p);
	h.summary = summary(p, &h.tasks);
	h.report_href = page_hrefs(p, "/report/%d", date_ymd(p->period.from).year);
	h.figures_href = page_href(p, STR("/figures"));
	shell_fill(p, &h.shell, str_of(tr("My desk")), PLACE_HOME, STR(""));
	tpl_home(page_out(p), &h);
	return RC_OK;
}

const struct route routes_home[] = {
	{"GET", "/", home, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{0},
};
