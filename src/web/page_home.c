/* page_home.c -- /: what waits for you, what the report still lacks, this year's figures. */
#include "web/page_home.h"
#include "base/clock.h"
#include "figure/round.h"
#include "guard/authorise.h"
#include "guard/role.h"
#include "register/permit.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { TASKS_MAX = 8, GAPS_MAX = 6, BOXES_MAX = 9, COUNT_BELOW_ID = 200000, SILENT_MAX = 5 };

/* May this actor move rows on from the state? */
static bool mine_to_move(const struct actor *actor, const struct reg *reg, str state)
{
	for (size_t i = 0; i < reg->moves_n; i++) {
		const struct move *m = &reg->moves[i];
		bool from = false, by = actor_is_operator(actor);
		for (size_t k = 0; k < m->from_n; k++)
			from = from || str_eq(m->from[k], state);
		for (size_t k = 0; k < m->by_n; k++)
			by = by || actor_has_role(actor, m->by[k]);
		if (from && by)
			return true;
	}
	return false;
}

/* States in which a row waits for somebody, the most pressing first. */
static const char *const waiting[] = {"disputed", "submitted", "pending", "returned", "draft"};

static enum rc task_add(
	struct page *p, const struct reg *reg, const struct state *s, struct home_page *h, struct err *err)
{
	struct record_query q = {.reg = reg, .limit = 1, .newest_first = true};
	struct record **rows;
	size_t n = 0;
	int64_t waits = 0;
	q.org = p->org_code.n || p->r.actor.org ? p->org : 0;
	struct read_log *log = p->r.log;
	p->r.log = NULL; /* only the newest number is wanted: nothing of the row is shown */
	enum rc rc = record_list(&p->r, &q, &rows, &n, err);
	p->r.log = log;
	TRY(rc);
	if (n == 0 || rows[0]->id > COUNT_BELOW_ID)
		return RC_OK;
	q.state = s->id;
	TRY(record_count(&p->r, &q, &waits, err));
	if (waits == 0)
		return RC_OK;
	struct chip chip = state_chip(reg, s->id);
	struct home_task *t = &h->tasks[h->tasks_n++];
	*t = (struct home_task){.label = label_text(&reg->label),
		.detail = arena_fmt(p->a,
			trn("%lld row waits for you or your unit", "%lld rows wait for you or your unit",
				waits),
			(long long)waits),
		.href = page_hrefs(p, "/r/%.*s?state=%.*s", STR_ARG(reg->id), STR_ARG(s->id)),
		.verb = str_of(tr("Open"))};
	t->chip.text = chip.label;
	t->chip.look = chip.look;
	return RC_OK;
}

static void alert_add(struct page *p, struct home_page *h, const char *label, const char *href,
	const char *look, str detail)
{
	struct home_task *t = &h->tasks[h->tasks_n++];
	*t = (struct home_task){.label = str_of(label), .detail = detail, .href = page_href(p, str_of(href))};
	t->verb = str_of(tr("Open"));
	t->chip.text = str_of(tr("waits"));
	t->chip.look = look;
}

/* Break-glass without its review, and authorisations without their answer: before all else. */
static enum rc alerts(struct page *p, struct home_page *h, struct err *err)
{
	static const str reviewers[] = {{"secadmin", 8}, {"leader", 6}},
			 approvers[] = {{"secadmin", 8}, {"city_staff", 10}, {"leader", 6}};
	struct glass *glass;
	struct authorisation *asked;
	size_t n = 0;
	if (role_check(&p->r.actor, reviewers, 2, NULL) == RC_OK)
		TRY(glass_all(p->r.db, p->a, NULL, true, 100, &glass, &n, err));
	if (n > 0)
		alert_add(p, h, tr("Break-glass"), "/break-glass", "late",
			arena_fmt(p->a,
				trn("%lld emergency read waits for its review",
					"%lld emergency reads wait for their review", (long long)n),
				(long long)n));
	n = 0;
	if (role_check(&p->r.actor, approvers, 3, NULL) == RC_OK)
		TRY(authorisation_all(p->r.db, p->a, NULL, 0, STR("asked"), 100, &asked, &n, err));
	if (n > 0)
		alert_add(p, h, tr("Authorisations to read minors' data"), "/authorisations", "wait",
			arena_fmt(p->a,
				trn("%lld authorisation waits for approval",
					"%lld authorisations wait for approval", (long long)n),
				(long long)n));
	return RC_OK;
}

static enum rc tasks(struct page *p, struct home_page *h, struct err *err)
{
	const struct model *m = p->site->city->model;
	h->tasks = NEWS(p->a, TASKS_MAX + 2, struct home_task);
	TRY(alerts(p, h, err));
	for (size_t w = 0; w < sizeof waiting / sizeof *waiting; w++)
		for (size_t i = 0; i < m->regs_n && h->tasks_n < TASKS_MAX; i++) {
			const struct reg *reg = &m->regs[i];
			const struct state *s = reg_state(reg, str_of(waiting[w]));
			if (s && permit_reach(reg, &p->r.actor) != REACH_NONE &&
				mine_to_move(&p->r.actor, reg, s->id))
				TRY(task_add(p, reg, s, h, err));
		}
	return RC_OK;
}

static const char *const first_asked[] = {"study.attend", "lecture.sessions", "vol.attend", "return.matched",
	"aid.visits", "aid.students", "rights.handled", "mind.sessions", "culture.events"};

static bool is_first(const struct figure *f)
{
	for (size_t i = 0; i < sizeof first_asked / sizeof *first_asked; i++)
		if (str_is(f->id, first_asked[i]))
			return true;
	return false;
}

static size_t first_figures(const struct figure *const *list, const struct figure_answer *answers, size_t n,
	const struct figure *shown[BOXES_MAX])
{
	size_t k = 0;
	for (size_t a = 0; a < sizeof first_asked / sizeof *first_asked; a++)
		for (size_t i = 0; i < n && k < BOXES_MAX; i++)
			if (str_is(list[i]->id, first_asked[a]) && answers[i].told && answers[i].value != 0)
				shown[k++] = list[i];
	return k;
}

static enum rc gaps_and_figures(struct page *p, struct home_page *h, struct err *err)
{
	const struct model *m = p->site->city->model;
	const struct figure **list = NEWS(p->a, m->figures_n + 1, const struct figure *);
	const struct figure *shown[BOXES_MAX];
	struct figure_answer *answers = NEWS(p->a, m->figures_n + 1, struct figure_answer);
	size_t n = 0, good = 0;
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].parent == NULL && m->figures[i].grain != G_RATE)
			list[n++] = &m->figures[i];
	TRY(figure_values(&p->r, list, n, &p->period, p->org, false, answers, err));
	h->gaps = NEWS(p->a, GAPS_MAX, struct home_gap);
	for (int zero = 0; zero < 2; zero++)
		for (size_t i = 0; i < n; i++) {
			const struct figure_answer *a = &answers[i];
			bool gap = zero ? a->told && a->value == 0 : !a->told;
			good += zero && a->told && a->value != 0;
			if (!gap || h->gaps_n == GAPS_MAX)
				continue;
			h->gaps[h->gaps_n++] = (struct home_gap){.label = label_text(&a->figure->label),
				.why = zero ? str_of(tr("nothing recorded in this period")) : a->why,
				.zero = zero,
				.href = page_hrefs(p, "/figures/%.*s", STR_ARG(a->figure->id))};
		}
	h->counted = arena_fmt(p->a, "%zu", good);
	h->figures_n_text = arena_fmt(p->a, tr("/ %zu figures can go into the report"), n);
	h->share_width = arena_fmt(p->a, "%zu", n ? good * 220 / n : 0);
	h->rest_x = arena_fmt(p->a, "%zu", n ? good * 220 / n + 2 : 0);
	h->rest_width = arena_fmt(p->a, "%zu", n && good < n ? 218 - good * 218 / n : 0);
	/* The boxes: what people ask for first, then figures with something to tell, taken in turn from each group. */
	size_t k = first_figures(list, answers, n, shown);
	for (size_t round = 0; round < 3 && k < BOXES_MAX; round++)
		for (size_t i = 0, seen = 0; i < n && k < BOXES_MAX; i++) {
			bool same = i > 0 && str_eq(figure_group_id(list[i]), figure_group_id(list[i - 1]));
			seen = same ? seen + 1 : 0;
			if (seen == round && answers[i].told && answers[i].value != 0 && !is_first(list[i]))
				shown[k++] = list[i];
		}
	h->boxes = NEWS(p->a, BOXES_MAX, struct figure_box);
	h->boxes_n = k;
	return figure_boxes(p, shown, k, true, h->boxes, err);
}

static str weekday_words(struct page *p)
{
	static const char *const days[] = {N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"),
		N_("Friday"), N_("Saturday"), N_("Sunday")};
	int32_t today = clock_today();
	struct ymd d = date_ymd(today);
	const char *day = tr(days[date_weekday(today) - 1]);
	if (tr_lang() == LANG_ZH)
		return arena_fmt(p->a, "%d月%d日，%s", d.month, d.day, day);
	return arena_fmt(p->a, "%s, %d-%02d-%02d", day, d.year, d.month, d.day);
}

static enum rc home(struct page *p, struct err *err)
{
	struct home_page h = {0};
	if (!actor_has_office(&p->r.actor) && !p->json) { /* the desk is for those who hold a role */
		page_go(p, STR("/me"));
		return RC_OK;
	}
	TRY(tasks(p, &h, err));
	if (actor_has_office(&p->r.actor))
		TRY(gaps_and_figures(p, &h, err));
	if (p->json) {
		struct json j = page_json(p);
		json_object(&j);
		json_key(&j, "tasks");
		json_array(&j);
		for (size_t i = 0; i < h.tasks_n; i++) {
			json_object(&j);
			json_put_str(&j, "label", h.tasks[i].label);
			json_put_str(&j, "detail", h.tasks[i].detail);
			json_put_str(&j, "href", h.tasks[i].href);
			json_object_end(&j);
		}
		json_array_end(&j);
		json_object_end(&j);
		return RC_OK;
	}
	TRY(cover_box_fill(p, SILENT_MAX, &h.cover, err));
	h.today = weekday_words(p);
	h.summary = h.tasks_n ? arena_fmt(p->a,
					trn("%zu kind of thing waits for you.",
						"%zu kinds of things wait for you.", (long long)h.tasks_n),
					h.tasks_n)
			      : str_of(tr("Nothing waits for you."));
	h.report_href = page_hrefs(p, "/report/%d", date_ymd(p->period.from).year);
	shell_fill(p, &h.shell, str_of(tr("My desk")), PLACE_HOME, STR(""));
	tpl_home(page_out(p), &h);
	return RC_OK;
}

const struct route routes_home[] = {
	{"GET", "/", home, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{0},
};
