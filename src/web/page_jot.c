/* page_jot.c -- see page_jot.h: the form, and what was sent. */
#include "web/page_jot.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/rand.h"
#include "register/narrow.h"
#include "register/permit.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

struct jot {
	struct occasion o;
	struct occasion_new w;
	struct jot_page g;
	int64_t event;
};

/* ---- the page ---- */

static str day_label(struct page *p, const char *word, int32_t day)
{
	struct ymd d = date_ymd(day);
	if (tr_lang() == LANG_ZH)
		return arena_fmt(p->a, "%s（%d月%d日）", tr(word), d.month, d.day);
	return arena_fmt(p->a, "%s, %d-%02d", tr(word), d.month, d.day);
}

static void fault_line(struct page *p, struct jot_page *g, const char *field, str words)
{
	if (words.n == 0)
		return;
	if (g->faults == NULL)
		g->faults = NEWS(p->a, 8, struct jot_choice);
	g->faults[g->faults_n++] = (struct jot_choice){.value = str_of(field), .label = words};
}

static void day_fill(struct page *p, struct jot_page *g)
{
	int32_t today = clock_today();
	g->today = date_str(p->a, today);
	g->yesterday = date_str(p->a, today - 1);
	g->today_words = day_label(p, N_("today"), today);
	g->yesterday_words = day_label(p, N_("yesterday"), today - 1);
	str when = page_input(p, "when");
	g->at_yesterday = str_eq(when, g->yesterday);
	g->at_other = str_is(when, "other") || (when.n && !g->at_yesterday && !str_eq(when, g->today));
	g->at_today = !g->at_yesterday && !g->at_other;
	g->day = str_is(when, "other") || !g->at_other ? page_input(p, "day") : when;
}

static enum rc show(struct page *p, struct jot_page *g, struct err *err)
{
	g->owner = arena_fmt(p->a, "%lld", (long long)p->r.actor.person);
	g->unit = page_org_name(p, p->org);
	g->kind = page_input(p, "kind");
	g->programme = page_input(p, "programme");
	g->title = page_input(p, "title");
	g->names = page_input(p, "names");
	g->heads = page_input(p, "heads");
	g->hours = page_input(p, "hours");
	str like = page_input(p, "like");
	TRY(jot_past(p, g, like, err));
	TRY(jot_people(p, g, err));
	day_fill(p, g);
	g->fresh = g->past_n == 0 || g->kind.n > 0;
	g->names_open = g->people_n == 0 || g->names.n > 0;
	g->heads_open = g->heads.n > 0;
	g->more_open = g->hours.n > 0;
	g->key = page_input(p, "_key");
	if (g->key.n == 0) {
		unsigned char b[16];
		rand_bytes(b, sizeof b);
		g->key = hex_str(p->a, b, sizeof b);
	}
	fault_line(p, g, "like", g->like_fault);
	fault_line(p, g, "title", g->title_fault);
	fault_line(p, g, "day", g->day_fault);
	fault_line(p, g, "names", g->names_fault);
	fault_line(p, g, "heads", g->heads_fault);
	fault_line(p, g, "hours", g->hours_fault);
	shell_fill(p, &g->shell, str_of(tr("Record an activity")), PLACE_JOT, STR(""));
	g->shell.jot = asset_address(p->site, "jot.js");
	g->photos = page_opens(p, "photo");
	tpl_jot(page_out(p), g);
	return RC_OK;
}

static enum rc jot_form(struct page *p, struct err *err)
{
	struct jot_page g = {0};
	return show(p, &g, err);
}

/* ---- what was sent ---- */

static enum rc record_of(struct page *p, str like, struct jot *x, struct record **out, struct err *err)
{
	str id_text, reg = str_cut(like, ':', &id_text);
	int64_t id;
	TRY(jot_occasion(p, reg, &x->o, err));
	if (!str_i64(id_text, &id))
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(id_text));
	return record_get(&p->r, x->o.event, id, out, err);
}

static struct entry *entry_room(struct page *p, const struct occasion *o)
{
	return NEWS(p->a, o->event->fields_n + 8, struct entry);
}

/* Chosen from the past, or a new kind of thing by register, programme and title. */
static enum rc take_what(struct page *p, struct jot *x, struct entry **out, size_t *out_n, struct err *err)
{
	str like = page_input(p, "like"), title = str_trim(page_input(p, "title"));
	struct record *earlier = NULL;
	*out_n = 0;
	if (like.n && page_input(p, "kind").n == 0) {
		TRY(record_of(p, like, x, &earlier, err));
		*out_n = occasion_alike(p->a, &x->o, earlier, out);
		if (title.n == 0)
			title = earlier->values[x->o.title->at].t;
	} else {
		int64_t programme = page_input_id(p, "programme");
		if (page_input(p, "kind").n == 0) {
			x->g.like_fault = str_of(tr("Say what kind of activity it was."));
			return RC_OK;
		}
		TRY(jot_occasion(p, page_input(p, "kind"), &x->o, err));
		*out = entry_room(p, &x->o);
		if (x->o.programme && programme)
			(*out)[(*out_n)++] = (struct entry){x->o.programme, {.kind = V_INT, .i = programme}};
		if (title.n == 0)
			x->g.title_fault = str_of(tr("Give it a name."));
	}
	struct value v = {0};
	struct err told;
	if (title.n && value_parse(p->a, x->o.title, title, &v, &told) != RC_OK)
		x->g.title_fault = arena_str(p->a, str_of(told.text));
	(*out)[(*out_n)++] = (struct entry){x->o.title, v};
	return RC_OK;
}

static void take_day(struct page *p, struct jot *x, struct entry *e, size_t *n)
{
	str when = page_input(p, "when");
	struct value v = {0};
	struct err told;
	int32_t day;
	if (when.n == 0 || str_is(when, "other"))
		when = page_input(p, "day");
	if (when.n == 0)
		x->g.day_fault = str_of(tr("Say on which day it was."));
	else if (value_parse(p->a, x->o.day, day_by_hand(p, x->o.day, when), &v, &told) != RC_OK)
		x->g.day_fault = arena_str(p->a, str_of(told.text));
	else if (date_parse(v.t, &day) && day > clock_today())
		x->g.day_fault = str_of(
			tr("That day has not come yet: plan it in its register, record it here afterwards."));
	x->w.day = v.t;
	e[(*n)++] = (struct entry){x->o.day, v};
}

static void take_hours(struct page *p, struct jot *x, struct entry *e, size_t *n)
{
	str text = page_input(p, "hours");
	struct value v = {0};
	struct err told;
	const struct field *f = x->o.hours ? x->o.hours : x->o.event_hours;
	if (f == NULL)
		return;
	if (text.n && value_parse(p->a, f, text, &v, &told) != RC_OK) {
		x->g.hours_fault = arena_str(p->a, str_of(told.text));
		return;
	}
	for (size_t i = 0; i < *n; i++)
		if (e[i].field == x->o.event_hours) {
			if (text.n)
				e[i].value = v;
			v = e[i].value;
		}
	if (text.n && x->o.event_hours && v.kind == V_INT) {
		bool there = false;
		for (size_t i = 0; i < *n; i++)
			there = there || e[i].field == x->o.event_hours;
		if (!there)
			e[(*n)++] = (struct entry){x->o.event_hours, v};
	}
	x->w.minutes = x->o.hours && v.kind == V_INT ? v.i : 0;
}

/* ---- who came ---- */

static bool add_person(struct jot *x, int64_t *people, int64_t id)
{
	for (size_t i = 0; i < x->w.people_n; i++)
		if (people[i] == id)
			return false;
	people[x->w.people_n++] = id;
	return true;
}

static str joined(struct page *p, const str *list, size_t n)
{
	struct buf b = {0};
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%.*s", i ? (tr_lang() == LANG_ZH ? "、" : ", ") : "", STR_ARG(list[i]));
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* A pasted name is one of the unit's people, where just one is called so; none: one whom the unit does not know yet. */
static void take_names(struct page *p, struct jot *x, int64_t *people, str *names,
	const struct occasion_person *unit, size_t unit_n)
{
	str *good, *strange, twice = {NULL, 0};
	size_t good_n, strange_n;
	occasion_names(p->a, page_input(p, "names"), &good, &good_n, &strange, &strange_n);
	if (strange_n)
		x->g.names_fault = arena_fmt(p->a,
			tr("These words do not look like names: %.*s. Take them out, or write each name on a "
			   "line of "
			   "its own."),
			STR_ARG(joined(p, strange, strange_n)));
	for (size_t i = 0; i < good_n && x->w.people_n + x->w.names_n < OCCASION_PEOPLE_MAX; i++) {
		int64_t id = 0;
		size_t found = 0;
		bool again = false;
		for (size_t k = 0; k < unit_n; k++)
			if (str_eq(unit[k].name, good[i])) {
				id = unit[k].person;
				found++;
			}
		for (size_t k = 0; k < x->w.names_n; k++)
			again = again || str_eq(names[k], good[i]);
		if (found > 1)
			twice = good[i];
		else if (found == 1)
			add_person(x, people, id);
		else if (!again)
			names[x->w.names_n++] = good[i];
	}
	if (twice.n && x->g.names_fault.n == 0)
		x->g.names_fault = arena_fmt(p->a,
			tr("%.*s: several people of your unit are called so. Tick the one who came in the "
			   "list "
			   "instead."),
			STR_ARG(twice));
}

static void take_heads(struct page *p, struct jot *x)
{
	str text = narrow_tight(p->a, page_input(p, "heads"));
	int64_t n = 0;
	if (text.n == 0)
		return;
	if (!str_i64(text, &n) || n < 1 || n > 1000000)
		x->g.heads_fault = str_of(tr("This must be a number."));
	else if (x->w.people_n + x->w.names_n > 0)
		x->g.heads_fault =
			str_of(tr("Either names or a number, not both: with names the number is theirs."));
	x->w.heads = n;
}

static enum rc take_who(struct page *p, struct jot *x, struct err *err)
{
	struct occasion_person *unit;
	size_t unit_n;
	int64_t *people = NEWS(p->a, OCCASION_PEOPLE_MAX + 1, int64_t), id;
	str *names = NEWS(p->a, OCCASION_PEOPLE_MAX + 1, str);
	x->w.people = people;
	x->w.names = names;
	TRY(occasion_unit(&p->r, p->org, &unit, &unit_n, err));
	for (size_t i = 0; i < p->form.n && x->w.people_n < OCCASION_PEOPLE_MAX; i++) {
		bool own = false;
		if (!str_is(p->form.p[i].name, "who") || !str_i64(p->form.p[i].value, &id))
			continue;
		for (size_t k = 0; k < unit_n; k++)
			own = own || unit[k].person == id;
		if (!own)
			return FAIL(err, RC_DENIED, "somebody ticked here is not of this unit");
		add_person(x, people, id);
	}
	take_names(p, x, people, names, unit, unit_n);
	take_heads(p, x);
	if (x->w.people_n + x->w.names_n == 0 && x->w.heads == 0 && x->g.heads_fault.n == 0 &&
		x->g.names_fault.n == 0)
		x->g.names_fault = str_of(tr("Say who came: tick, paste names, or give the number."));
	return RC_OK;
}

/* ---- the job and its answer ---- */

static enum rc write_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct jot *x = arg;
	TRY(occasion_write(c, &x->w, &x->event, err));
	job_reply(c, arena_fmt(c->a, "%.*s/%lld", STR_ARG(x->o.event->id), (long long)x->event));
	return RC_OK;
}

static void written(struct page *p, const struct job *job)
{
	const struct jot *x = job->arg;
	str href = x->w.begins ? arena_fmt(p->a, "/onsite/%.*s", STR_ARG(job->reply))
			       : arena_fmt(p->a, "/jot/%.*s?told=1", STR_ARG(job->reply));
	if (!p->json) {
		page_go(p, page_href(p, href));
		return;
	}
	struct json j = page_json(p);
	json_object(&j);
	json_put_str(&j, "href", href);
	json_object_end(&j);
}

static enum rc refused(struct page *p, const struct job *job, struct err *err)
{
	struct jot *x = job->arg;
	enum rc rc = job->rc;
	if (p->json || (rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_DENIED && rc != RC_NOT_FOUND))
		return FAIL(err, rc, "%s", job->err.text);
	p->q->out.status = rc == RC_INVALID ? 422 : error_status(rc);
	x->g.top = arena_str(p->a, str_of(job->err.text));
	if (rc == RC_CONFLICT)
		x->g.top = str_of(
			tr("This is recorded already: an activity of that name on that day. Give it another "
			   "name, or look at the one that stands."));
	x->g.full_href = page_hrefs(p, "/r/%.*s/new", STR_ARG(x->o.event->id));
	return show(p, &x->g, err);
}

static enum rc answer_amiss(struct page *p, struct jot *x, struct err *err)
{
	p->q->out.status = 422;
	if (!p->json)
		return show(p, &x->g, err);
	struct jot_page *g = &x->g;
	struct pair faults[6] = {{STR("like"), g->like_fault}, {STR("title"), g->title_fault},
		{STR("day"), g->day_fault}, {STR("names"), g->names_fault}, {STR("heads"), g->heads_fault},
		{STR("hours"), g->hours_fault}};
	size_t n = 0;
	for (size_t i = 0; i < 6; i++)
		if (faults[i].value.n)
			faults[n++] = faults[i];
	problem_answer(p, 422, "", faults, n);
	return RC_OK;
}

static bool amiss(const struct jot_page *g)
{
	return g->like_fault.n || g->title_fault.n || g->day_fault.n || g->names_fault.n ||
	       g->heads_fault.n || g->hours_fault.n;
}

static enum rc jot_sent(struct page *p, struct err *err)
{
	struct jot *x = NEW(p->a, struct jot);
	struct entry *e = NULL;
	size_t n;
	TRY(take_what(p, x, &e, &n, err));
	if (x->o.event) {
		take_day(p, x, e, &n);
		take_hours(p, x, e, &n);
	}
	x->w.begins = str_is(page_input(p, "_act"), "onsite");
	if (!x->w.begins)
		TRY(take_who(p, x, err));
	if (amiss(&x->g))
		return answer_amiss(p, x, err);
	x->w.o = &x->o;
	x->w.org = p->org;
	x->w.entries = e;
	x->w.entries_n = n;
	str key = page_input(p, "_key");
	page_write(
		p, write_run, x, key.n ? arena_fmt(p->a, "jot:%.*s", STR_ARG(key)) : key, written, refused);
	return RC_OK;
}

static const struct input jot_get[] = {{"like", INPUT_TEXT, 80, false}, {0}};
static const struct input jot_in[] = {{"_key", INPUT_WORD, 64, false}, {"_act", INPUT_ACT, 20, false},
	{"like", INPUT_TEXT, 80, false}, {"kind", INPUT_WORD, 60, false},
	{"programme", INPUT_TEXT, 20, false}, {"title", INPUT_TEXT, 120, false},
	{"when", INPUT_WORD, 20, false}, {"day", INPUT_TEXT, 40, false}, {"hours", INPUT_TEXT, 40, false},
	{"who", INPUT_ID, 0, false}, {"names", INPUT_TEXT, JOT_TEXT_MAX_CHARS, false},
	{"heads", INPUT_TEXT, 20, false}, {0}};

const struct route routes_jot[] = {
	{"GET", "/jot", jot_form, ACCESS_OFFICE, CSRF_READ_ONLY, jot_get, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/jot", jot_sent, ACCESS_OFFICE, CSRF_TOKEN, jot_in, ROUTE_SLOW},
	{0},
};
