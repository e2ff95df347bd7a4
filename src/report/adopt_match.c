/* adopt_match.c -- see adopt_match.h. */
#include "report/adopt_match.h"
#include "base/utf8.h"
#include "report/lint.h"

enum { FAR = 250 /* thousandths of words: below this a figure is not meant */ };

str adopt_clause(str s, size_t at, size_t n)
{
	static const char *const stops[] = {
		"。", "；", "，", "：", "、", "！", "？", ";", ",", ":", "\n", NULL};
	return text_between(s, at, n, stops);
}

/* 数, 次数 and 人次 at a label's end name its unit, not its subject. */
static str subject(str label)
{
	static const char *const tails[] = {"人次", "次数", "场次", "人数", "个数", "件数", "期数", "数"};
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		if (str_ends(label, str_of(tails[i])) && label.n > strlen(tails[i]) + 6)
			return str_head(label, label.n - strlen(tails[i]));
	return label;
}

/* Blanks: xx, x0余, xx00余, x万余, xx万, 202x. */

static bool latin(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool blank_at(str s, size_t at, size_t *out_end)
{
	size_t end = at, marks = 0;
	while (end < s.n && ((s.p[end] >= '0' && s.p[end] <= '9') || s.p[end] == 'x' || s.p[end] == 'X'))
		marks += s.p[end++] > '9';
	bool lone = (at == 0 || !latin(s.p[at - 1])) && (end >= s.n || !latin(s.p[end]));
	*out_end = end;
	return marks > 0 && end - at <= 8 && lone;
}

static size_t blank_tail(str s, size_t end)
{
	static const char *const tails[] = {"万余", "千余", "百余", "余万", "余", "万"};
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		if (str_starts(str_from(s, end), str_of(tails[i])))
			return end + strlen(tails[i]);
	return end;
}

static bool blank_next(str s, size_t from, struct adopt_piece *out)
{
	for (size_t at = from; at < s.n; at++) {
		size_t end;
		bool digit = s.p[at] >= '0' && s.p[at] <= '9';
		bool inside = at > 0 && ((s.p[at - 1] >= '0' && s.p[at - 1] <= '9') || s.p[at - 1] == 'x');
		if ((!digit && s.p[at] != 'x' && s.p[at] != 'X') || inside || !blank_at(s, at, &end))
			continue;
		end = blank_tail(s, end);
		*out = (struct adopt_piece){
			.at = at, .n = end - at, .blank = true, .unit = numeral_unit(str_from(s, end))};
		out->m.kind = str_starts(str_from(s, end), STR("年")) ? NUMERAL_YEAR : NUMERAL_QUANTITY;
		return true;
	}
	return false;
}

static bool number_next(str s, size_t from, struct adopt_piece *out)
{
	struct numeral m;
	if (!numeral_next(s, from, &m))
		return false;
	*out = (struct adopt_piece){.at = m.at, .n = m.n, .percent = m.percent, .m = m, .unit = m.unit};
	return true;
}

bool adopt_next(str s, size_t from, struct adopt_piece *out)
{
	struct adopt_piece number, blank;
	bool n = number_next(s, from, &number), b = blank_next(s, from, &blank);
	if (!n && !b)
		return false;
	*out = b && (!n || blank.at <= number.at || blank.at < number.at + number.n) ? blank : number;
	return true;
}

/* The way of writing. */

/* 10, 100 ... of the last written place: 4300 -> 100; 三百 -> 100; 万 is a place of its own. */
static const char *step_of(str digits)
{
	if (str_find(digits, STR("万")) != SIZE_MAX)
		return "万";
	size_t zeros = 0;
	while (zeros < digits.n && digits.p[digits.n - 1 - zeros] == '0')
		zeros++;
	if (zeros >= 3 || str_ends(digits, STR("千")))
		return "千";
	return zeros == 2 || str_ends(digits, STR("百"))   ? "百"
	       : zeros == 1 || str_ends(digits, STR("十")) ? "十"
							   : "";
}

static str without(str s, const char *word)
{
	size_t at = str_find(s, str_of(word));
	return at == SIZE_MAX ? s : str_head(s, at);
}

static bool begins(str s, const char *const *words, size_t n, size_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(s, str_of(words[i]))) {
			*out = strlen(words[i]);
			return true;
		}
	return false;
}

str adopt_rule(struct arena *a, str text, const struct adopt_piece *p, bool money)
{
	static const char *const near[] = {"将近", "接近", "近"}, *const over[] = {
									  "超过", "突破", "超", "逾"};
	str s = str_head(str_from(text, p->at), p->n);
	size_t head = 0;
	bool yu = str_find(s, STR("余")) != SIZE_MAX || str_find(s, STR("多")) != SIZE_MAX;
	bool wan = str_find(s, STR("万")) != SIZE_MAX;
	if (p->percent)
		return (str){0};
	if (begins(s, near, 3, &head) || begins(s, over, 4, &head)) {
		bool is_near =
			str_starts(s, STR("近")) || str_starts(s, STR("将近")) || str_starts(s, STR("接近"));
		const char *step = step_of(without(without(str_from(s, head), "余"), "多"));
		return step[0] ? arena_fmt(a, "%s%s", is_near ? "近" : "超", step) : (str){0};
	}
	if (money)
		return !wan ? (str){0} : yu ? STR("万余元") : STR("万元");
	if (!yu)
		return wan ? STR("万") : (str){0};
	if (wan)
		return str_find_byte(s, '.') != SIZE_MAX ? STR("0.1万余") : STR("万余");
	const char *step = step_of(without(without(s, "余"), "多"));
	return step[0] ? arena_fmt(a, "%s余", step) : (str){0};
}

/* Ranking. */

static bool persons(str unit)
{
	return str_is(unit, "名") || str_is(unit, "人") || str_is(unit, "位");
}

static bool same_unit(str a, str b)
{
	return lint_same_unit(a, str_ends(b, STR("万人次")) ? STR("人次") : b);
}

/* 0..99; below 0 where it cannot be meant. */
static int merit(
	const struct lint_figure *f, const struct adopt_piece *p, str clause, str sentence, bool *agrees)
{
	if (f->rate != p->percent)
		return -1;
	bool unit = f->rate || same_unit(f->unit, p->unit);
	if (!unit && p->unit.n > 0 && f->unit.n > 0 && !(persons(p->unit) && str_is(f->unit, "人次")))
		return -1;
	str label = subject(f->label);
	int words = (int)(lint_likeness(label, clause) * 2 + lint_likeness(label, sentence)) / 3;
	*agrees = !p->blank && !f->untold && f->value > 0 && numeral_agrees(&p->m, f->value);
	/* A small number agrees with many things. */
	int value = !*agrees ? 0 : p->m.stated >= 10000 ? 45 : p->m.stated >= 1000 ? 35 : 15;
	if (words < FAR && !(value >= 35 && unit))
		return -1;
	/* Of two labels that stand whole in the text the longer one says more. */
	int pairs = label.n > 6 ? (int)(label.n / 3 - 1) : 1, common = words * pairs / 1000;
	return value + (unit ? 20 : 0) + (f->usual ? 8 : 0) + words * 12 / 1000 +
	       (common < 7 ? common : 7) * 2;
}

void adopt_rank(const struct adopt *ad, str text, const struct adopt_piece *p, struct adopt_item *item)
{
	str clause = adopt_clause(text, p->at, p->n), sentence = lint_sentence(text, p->at, p->n);
	for (size_t i = 0; i < ad->figures_n; i++) {
		bool agrees = false;
		int m = merit(&ad->figures[i], p, clause, sentence, &agrees);
		size_t k = item->near_n;
		if (m < 0)
			continue;
		while (k > 0 && item->near[k - 1].confidence < m)
			k--;
		if (k == ADOPT_NEAR_MAX)
			continue;
		if (item->near_n < ADOPT_NEAR_MAX)
			item->near_n++;
		for (size_t j = item->near_n - 1; j > k; j--)
			item->near[j] = item->near[j - 1];
		item->near[k] = (struct adopt_candidate){
			.figure = &ad->figures[i], .confidence = m, .agrees = agrees};
	}
	for (size_t i = 0; i < item->near_n; i++) {
		const struct lint_figure *f = item->near[i].figure;
		str rule = adopt_rule(ad->a, text, p, str_is(f->unit, "元"));
		item->near[i].slot =
			rule.n ? arena_fmt(ad->a, "%.*s|%.*s", STR_ARG(f->id), STR_ARG(rule)) : f->id;
	}
}
