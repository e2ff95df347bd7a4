/* figure_words.c -- answers of figures in words, boxes and JSON; see page_figure.h. */
#include "base/clock.h"
#include "figure/round.h"
#include "web/page_figure.h"
#include "web/site_in.h"

enum { IN_WAN_FROM = 1000000, SPARK_HEIGHT = 24, SPARK_STEP = 7, MONTHS = 12 };

static enum round_kind kind_of(const struct figure *f)
{
	return f->money ? ROUND_FEN : f->minutes ? ROUND_MINUTES : ROUND_COUNT;
}

/* In Chinese a million and more is told in 万, exact on the figure's own page by its rows. */
static bool in_wan(const struct figure *f, int64_t v)
{
	int64_t whole = f->money ? v / 100 : f->minutes ? v / 60 : v;
	return tr_lang() == LANG_ZH && whole >= IN_WAN_FROM;
}

str figure_value_text(struct page *p, const struct figure *f, int64_t v)
{
	if (in_wan(f, v)) {
		struct printed t = round_print(v, kind_of(f), f->money ? ROUND_WAN_YUAN : ROUND_WAN);
		str s = arena_str(p->a, str_of(t.text)), wan = STR("万"), wan_yuan = STR("万元");
		return str_ends(s, wan_yuan) ? str_head(s, s.n - wan_yuan.n)
		       : str_ends(s, wan)    ? str_head(s, s.n - wan.n)
					     : s;
	}
	return arena_str(p->a, str_of(round_grouped(v, kind_of(f)).text));
}

/* In English the unit agrees with its number; what 个 counts, the label says. */
static str unit_of(str unit, bool one)
{
	static const struct {
		const char *zh, *one, *many;
	} units[] = {{"人次", "attendance", "attendances"}, {"人", "person", "people"},
		{"次", "time", "times"}, {"场", "session", "sessions"}, {"个", "", ""},
		{"名", "person", "persons"}, {"期", "issue", "issues"}, {"支", "team", "teams"},
		{"起", "case", "cases"}, {"小时", "hour", "hours"}, {"元", "yuan", "yuan"},
		{"件", "item", "items"}, {"项", "matter", "matters"}, {"篇", "article", "articles"},
		{"户", "household", "households"}, {"条", "entry", "entries"}, {"份", "document", "documents"},
		{"票", "vote", "votes"}, {"家", "body", "bodies"}, {"部", "work", "works"},
		{"笔", "payment", "payments"}, {"所", "school", "schools"}, {"对", "pair", "pairs"},
		{"轮", "round", "rounds"}, {"课次", "lesson", "lessons"}, {"堂", "class", "classes"},
		{"天", "day", "days"}, {"分", "point", "points"}};
	if (tr_lang() == LANG_ZH)
		return unit;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_is(unit, units[i].zh))
			return str_of(one ? units[i].one : units[i].many);
	return unit;
}

str figure_unit_text(struct page *p, const struct figure *f, int64_t v)
{
	str unit = unit_of(f->unit, v == (f->minutes ? 60 : 1) && !f->money);
	return in_wan(f, v) ? arena_fmt(p->a, "万%.*s", STR_ARG(unit)) : unit;
}

str figure_value_words(struct page *p, const struct figure *f, int64_t v)
{
	str unit = figure_unit_text(p, f, v);
	return arena_fmt(p->a, tr_lang() == LANG_ZH || unit.n == 0 ? "%.*s%.*s" : "%.*s %.*s",
		STR_ARG(figure_value_text(p, f, v)), STR_ARG(unit));
}

str change_words(struct page *p, const struct figure *f, int64_t now, int64_t before)
{
	if (before <= 0)
		return STR("");
	if (now == before)
		return str_of(tr("as last year"));
	int64_t by = now > before ? now - before : before - now;
	str n;
	if (by < 100 && !f->money && !f->minutes)
		n = tr_lang() == LANG_ZH ? arena_fmt(p->a, "%lld%.*s", (long long)by, STR_ARG(f->unit))
					 : arena_fmt(p->a, "%lld", (long long)by);
	else
		n = arena_fmt(p->a, "%lld.%lld%%", (long long)(by * 100 / before),
			(long long)(by * 1000 / before % 10));
	return arena_fmt(p->a,
		now > before ? tr("%.*s more than last year") : tr("%.*s fewer than last year"), STR_ARG(n));
}

str grade_words(char grade)
{
	static const char *const words[] = {N_("traced by the system"), N_("lists of names"),
		N_("reported numbers"), N_("platform numbers")};
	return grade >= 'A' && grade <= 'D' ? str_of(tr(words[grade - 'A'])) : STR("");
}

str figure_group_id(const struct figure *f)
{
	while (f->of == NULL && f->rate_of)
		f = f->rate_of;
	return f->of ? f->of->group : STR("");
}

static str rate_text(struct page *p, const struct figure_answer *a)
{
	return arena_str(p->a, str_of(round_rate(a->of, a->over).text));
}

str answer_words(struct page *p, const struct figure_answer *a)
{
	if (a->figure->grain == G_RATE)
		return a->rate_told && a->over > 0 ? rate_text(p, a) : STR("—");
	if (!a->told)
		return STR("—");
	return figure_value_words(p, a->figure, a->value);
}

/* ---- boxes ---- */

static void box_fill(struct page *p, const struct figure_answer *a, struct figure_box *b)
{
	const struct figure *f = a->figure;
	char grade = figure_grade(a->grades);
	*b = (struct figure_box){.id = f->id,
		.label = label_text(&f->label),
		.definition = label_text(&f->definition),
		.href = page_hrefs(p, "/figures/%.*s", STR_ARG(f->id)),
		.trace_href = page_hrefs(p, "/figures/%.*s/trace", STR_ARG(f->id))};
	if (grade) {
		b->grade = arena_fmt(p->a, "%c", grade);
		b->grade_label = arena_fmt(p->a, tr("Evidence %c: %.*s. See the definition"), grade,
			STR_ARG(grade_words(grade)));
	}
	if (f->grain == G_RATE) {
		b->told = a->rate_told && a->over > 0;
		if (b->told) {
			str rate = rate_text(p, a);
			b->value = str_ends(rate, STR("%")) ? str_head(rate, rate.n - 1) : rate;
			b->unit =
				arena_fmt(p->a, "%%%s%s/%s", tr(", "), round_grouped(a->of, ROUND_COUNT).text,
					round_grouped(a->over, ROUND_COUNT).text);
		}
	} else if (a->told) {
		b->told = true;
		b->none = a->value == 0;
		b->value = figure_value_text(p, f, a->value);
		b->unit = figure_unit_text(p, f, a->value);
	}
	if (!b->told) {
		b->value = STR("—");
		b->why = a->why.n ? a->why : str_of(tr("nothing to divide by"));
		if (a->has_instead)
			b->why = arena_fmt(p->a, tr("can be told: %s %.*s"),
				round_grouped(a->instead, ROUND_COUNT).text,
				STR_ARG(unit_of(a->instead_unit, a->instead == 1)));
	}
}

/* Twelve months as small bars: of figures that cells hold month by month. */
static bool has_months(const struct figure *f)
{
	return f->grain == G_ROW || f->grain == G_SUM;
}

static enum rc months_fill(
	struct page *p, const struct figure *const *list, size_t n, struct figure_box *boxes, struct err *err)
{
	int year = date_ymd(p->period.from).year;
	int32_t this_month = date_month(clock_today());
	struct figure_answer *answers = NEWS(p->a, n * MONTHS, struct figure_answer);
	for (int m = 0; m < MONTHS; m++) {
		int32_t month = year * 12 + m;
		struct period one = {.from = date_month_first(month), .to = date_month_first(month + 1)};
		one.text = arena_fmt(p->a, "%04d-%02d", year, m + 1);
		TRY(figure_values(&p->r, list, n, &one, p->org, false, answers + (size_t)m * n, err));
	}
	for (size_t i = 0; i < n; i++) {
		int64_t max = 0;
		for (size_t m = 0; m < MONTHS; m++)
			max = answers[m * n + i].value > max ? answers[m * n + i].value : max;
		if (!has_months(list[i]) || max == 0)
			continue;
		boxes[i].bars = NEWS(p->a, MONTHS, struct figure_bar);
		for (int m = 0; m < MONTHS; m++) {
			int64_t v = answers[(size_t)m * n + i].value;
			int64_t tenths = v > 0 ? v * (SPARK_HEIGHT - 2) * 10 / max + 20 : 20;
			boxes[i].bars[m] = (struct figure_bar){.x = arena_fmt(p->a, "%d", m * SPARK_STEP),
				.y = arena_fmt(p->a, "%lld.%lld",
					(long long)(SPARK_HEIGHT * 10 - tenths) / 10,
					(long long)(SPARK_HEIGHT * 10 - tenths) % 10),
				.height = arena_fmt(
					p->a, "%lld.%lld", (long long)tenths / 10, (long long)tenths % 10),
				.look = v == 0                        ? "z"
					: year * 12 + m == this_month ? "n"
								      : ""};
		}
		boxes[i].bars_n = MONTHS;
	}
	return RC_OK;
}

/* What the plan asks, and how far it is. */
str figure_plan_words(struct page *p, const struct figure *f, const struct figure_answer *a)
{
	if (f->plan_year == 0 || f->plan_year != date_ymd(p->period.from).year || f->plan_at_least <= 0)
		return STR("");
	str least = figure_value_text(p, f, f->plan_at_least);
	if (!a->told)
		return arena_fmt(p->a, tr("target %.*s"), STR_ARG(least));
	return arena_fmt(p->a, tr("target %.*s, %lld %% of it"), STR_ARG(least),
		(long long)(a->value * 100 / f->plan_at_least));
}

enum rc figure_boxes(struct page *p, const struct figure *const *list, size_t n, bool months,
	struct figure_box *out, struct err *err)
{
	struct figure_answer *now = NEWS(p->a, n + 1, struct figure_answer);
	struct figure_answer *before = NEWS(p->a, n + 1, struct figure_answer);
	struct period last_year = page_compared(p);
	if (n == 0)
		return RC_OK;
	TRY(figure_values(&p->r, list, n, &p->period, p->org, false, now, err));
	TRY(figure_values(&p->r, list, n, &last_year, p->org, false, before, err));
	for (size_t i = 0; i < n; i++) {
		box_fill(p, &now[i], &out[i]);
		out[i].plan = figure_plan_words(p, list[i], &now[i]);
		out[i].definition = label_text(&list[i]->definition);
		out[i].empty = (now[i].told ? now[i].value == 0 : !now[i].has_instead && now[i].over == 0) &&
			       (!before[i].told || before[i].value == 0);
		if (now[i].told && before[i].told)
			out[i].change = change_words(p, list[i], now[i].value, before[i].value);
	}
	return months ? months_fill(p, list, n, out, err) : RC_OK;
}

/* ---- JSON (contract.md, Figures) ---- */

static void value_or_null(struct json *j, const char *key, bool told, int64_t v)
{
	json_key(j, key);
	if (told)
		json_i64(j, v);
	else
		json_null(j);
}

void answer_json(struct json *j, const struct page *p, const struct figure_answer *a)
{
	const struct figure *f = a->figure;
	static const char *const letters[] = {"A", "B", "C", "D"};
	json_object(j);
	json_put_str(j, "id", f->id);
	json_put_str(j, "period", a->period.text);
	int year = period_whole_year(&a->period);
	if (year)
		json_put_i64(j, "year", year);
	json_put_i64(j, "org", a->org);
	value_or_null(j, "value", a->told && f->grain != G_RATE, a->value);
	if (f->grain == G_RATE && a->rate_told) {
		json_put_i64(j, "of", a->of);
		json_put_i64(j, "over", a->over);
	}
	if (!a->told && f->grain != G_RATE) {
		json_put_str(j, "why", a->why);
		if (a->has_instead) {
			json_key(j, "instead");
			json_object(j);
			json_put_i64(j, "value", a->instead);
			json_put_str(j, "unit", a->instead_unit);
			json_object_end(j);
		}
	}
	json_put_str(j, "unit", f->unit);
	json_put_str(j, "label", label_text(&f->label));
	json_put_str(j, "definition", label_text(&f->definition));
	json_key(j, "grades");
	json_object(j);
	for (int i = 0; i < GRADES; i++)
		json_put_i64(j, letters[i], a->grades[i]);
	json_object_end(j);
	json_key(j, "companions");
	json_object(j);
	for (size_t i = 0; i < a->companions_n; i++) {
		str id = a->companions[i].figure->id;
		json_key_str(j, str_from(id, f->id.n + 1));
		answer_json(j, p, &a->companions[i]);
	}
	json_object_end(j);
	json_object_end(j);
}
