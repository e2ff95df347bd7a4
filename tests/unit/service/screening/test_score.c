/* Scores against the published arithmetic, other people's data sets and a scorer of twenty lines. */
#include "base/file.h"
#include "base/rand.h"
#include "format/csv.h"
#include "service/screening/instrument.h"
#include "tests.h"
#include <limits.h>

static struct arena A;

static struct instrument scale(const char *id)
{
	struct instrument in;
	struct err err = {0};
	assert_ok(instrument_shipped(&A, id, &in, &err), &err);
	return in;
}

static struct score score_of(const struct instrument *in, const char *answers)
{
	int8_t v[SCORE_ITEMS_MAX];
	struct score s;
	assert_int_equal(strlen(answers), in->items_n);
	for (size_t i = 0; answers[i]; i++)
		v[i] = answers[i] == '-' ? SCORE_MISSING : (int8_t)(answers[i] - '0');
	score_sheet(in, v, &s);
	return s;
}

static bool flag(const struct instrument *in, const struct score *s, const char *id)
{
	for (size_t k = 0; k < in->alarms_n; k++)
		if (str_is(in->alarms[k].id, id))
			return (s->alarms >> k) & 1;
	fail_msg("no alarm %s", id);
	return false;
}

static void phq9_follows_the_published_arithmetic(void **state)
{
	(void)state;
	struct instrument in = scale("phq9");
	struct score s = score_of(&in, "000000000");
	assert_true(s.valid && s.total == 0 && s.level == 0 && !flag(&in, &s, "item9"));
	s = score_of(&in, "333333333");
	assert_int_equal(s.total, 27);
	s = score_of(&in, "111111111");
	assert_int_equal(s.total, 9);
	assert_true(str_is(s.band->id, "mild"));
	assert_true(flag(&in, &s, "item9") && s.level == 3);
	s = score_of(&in, "333333330");
	assert_true(s.total == 24 && !flag(&in, &s, "item9") && str_is(s.band->id, "severe"));
	s = score_of(&in, "000000001");
	assert_true(s.total == 1 && s.level == 3 && str_is(s.band->id, "none"));
}

static void a_missing_answer_never_becomes_0(void **state)
{
	(void)state;
	struct instrument in = scale("phq9");
	struct score s = score_of(&in, "3333333-0");
	assert_true(s.valid && s.prorated && s.total == 24); /* 21 x 9 / 8 = 23.6 */
	s = score_of(&in, "--3333330");
	assert_true(s.valid && s.prorated && s.total == 23 && s.missing == 2); /* 18 x 9 / 7 = 23.1 */
	s = score_of(&in, "---333330");
	assert_true(!s.valid && !s.has_total && s.why == SCORE_TOO_MANY_MISSING && s.band == NULL);
	s = score_of(&in, "00000000-");
	assert_true(!s.valid && !s.has_total && s.why == SCORE_RISK_UNANSWERED && s.first_unasked == 8);
	s = score_of(&in, "--------1");
	assert_true(
		!s.valid && flag(&in, &s, "item9") && s.level == 3); /* the alarm does not wait for a total */
	s = score_of(&in, "333333334");
	assert_true(!s.valid && s.why == SCORE_NOT_AN_OPTION);
	for (int why = SCORE_TOO_MANY_MISSING; why <= SCORE_VOID; why++)
		assert_non_null(score_why_text((enum score_why)why));
	assert_null(score_why_text(SCORE_FINE));
}

static void the_other_shipped_scales_follow_theirs(void **state)
{
	(void)state;
	struct instrument in = scale("gad7");
	struct score s = score_of(&in, "1111111");
	assert_true(s.total == 7 && str_is(s.band->id, "mild") && flag(&in, &s, "hk15_24"));
	s = score_of(&in, "1111110");
	assert_false(flag(&in, &s, "hk15_24"));
	in = scale("cesdc");
	assert_int_equal(score_of(&in, "00000000000000000000").total, 12);
	assert_int_equal(score_of(&in, "33333333333333333333").total, 48);
	assert_int_equal(score_of(&in, "00030003000300030000").total, 0);
	in = scale("who5");
	s = score_of(&in, "22222");
	assert_true(s.total == 10 && s.total * in.multiply == 40 && flag(&in, &s, "low_total"));
	s = score_of(&in, "33322");
	assert_true(s.total == 13 && s.total * in.multiply == 52 && !flag(&in, &s, "low_total"));
	assert_false(flag(&in, &s, "low_item"));
	s = score_of(&in, "55551");
	assert_true(flag(&in, &s, "low_item"));
}

/* The common form of the PSC-17 (not shipped: no Chinese text was found), as an instrument of a city's own. */
static const char psc17[] =
	"instrument: psc17\nversion: common\ntitle: {zh: a, en: a}\nperiod: {zh: a, en: a}\nask: {zh: a, en: "
	"a}\n"
	"source: a\nlicence: may be freely reproduced\n"
	"options: [{value: 0, zh: a, en: a}, {value: 1, zh: a, en: a}, {value: 2, zh: a, en: a}]\n"
	"items:\n%s"
	"subscales:\n  - {id: I, zh: a, en: a, items: [i2, i6, i9, i11, i15]}\n"
	"  - {id: A, zh: a, en: a, items: [i1, i3, i7, i13, i17]}\n"
	"  - {id: E, zh: a, en: a, items: [i4, i5, i8, i10, i12, i14, i16]}\n"
	"bands: [{id: below, zh: a, en: a, from: 0, to: 14}, {id: above, zh: a, en: a, from: 15, to: 34, "
	"level: 2}]\n"
	"alarms:\n  - {id: I, zh: a, en: a, subscale: I, at_least: 5, level: 1}\n"
	"  - {id: A, zh: a, en: a, subscale: A, at_least: 7, level: 1}\n"
	"  - {id: E, zh: a, en: a, subscale: E, at_least: 7, level: 1}\n"
	"  - {id: all2, zh: a, en: a, items: [i1, i2, i3], count: 3, at_least: 2, void: yes}\nprorate_up_to: "
	"4\n";

static struct instrument psc(void)
{
	struct instrument in;
	struct err err = {0};
	str items = {NULL, 0};
	for (int i = 1; i <= 17; i++)
		items = arena_fmt(&A, "%.*s  - {id: i%d, zh: a, en: a}\n", STR_ARG(items), i);
	const char *at = strstr(psc17, "%s");
	str text = arena_fmt(&A, "%.*s%.*s%s", (int)(at - psc17), psc17, STR_ARG(items), at + 2);
	assert_ok(instrument_read(&A, text, "psc17.yaml", &in, &err), &err);
	return in;
}

static void subscales_raise_their_own_alarms(void **state)
{
	(void)state;
	struct instrument in = psc();
	struct score s = score_of(&in, "02000200200000000");
	assert_int_equal(s.total, 6);
	assert_int_equal(s.subscale[0], 6);
	assert_true(flag(&in, &s, "I") && !flag(&in, &s, "A") && !flag(&in, &s, "E") && s.valid);
	s = score_of(&in, "22200000000000000");
	assert_true(!s.valid && s.why == SCORE_VOID && s.has_total && s.total == 6);
	s = score_of(&in, "0-000200200000000"); /* I: 4 of 4 answered x 5/4 = 5 */
	assert_true(s.prorated && s.subscale[0] == 5 && flag(&in, &s, "I"));
	s = score_of(&in, "0-000-00-00000000"); /* 2 of 5 answered: less than half */
	assert_true(s.valid && s.subscale[0] == INT_MIN);
	s = score_of(&in, "-----000000000000");
	assert_true(!s.valid && s.subscale[1] == INT_MIN);
}

/* Twenty lines that know nothing of score.c. */
struct plain {
	bool ok, total_ok;
	int total;
	unsigned item9;
};

static struct plain plain_phq9(const int8_t *v)
{
	struct plain p = {.ok = true};
	int sum = 0, n = 0;
	for (int i = 0; i < 9; i++) {
		if (v[i] == SCORE_MISSING)
			continue;
		if (v[i] < 0 || v[i] > 3)
			return (struct plain){0};
		sum += v[i];
		n++;
	}
	p.total_ok = p.ok = v[8] != SCORE_MISSING && n >= 7;
	p.total = p.ok ? (18 * sum + n) / (2 * n) : 0; /* sum * 9 / n, half up */
	p.item9 = v[8] != SCORE_MISSING && v[8] >= 1;
	return p;
}

static int plain_cesdc(const int8_t *v)
{
	int sum = 0;
	for (int i = 1; i <= 20; i++)
		sum += i % 4 == 0 && i <= 16 ? 3 - v[i - 1] : v[i - 1];
	return sum;
}

static void a_million_random_sheets_agree_with_an_independent_scorer(void **state)
{
	(void)state;
	struct instrument phq = scale("phq9"), ces = scale("cesdc");
	struct rng r;
	rng_init(&r, 1);
	for (int k = 0; k < 1000000; k++) {
		int8_t v[20];
		struct score s;
		for (int i = 0; i < 9; i++) {
			uint64_t x = rng_below(&r, 40);
			v[i] = x < 37 ? (int8_t)(x % 4) : x < 39 ? SCORE_MISSING : (int8_t)rng_below(&r, 12);
		}
		struct plain p = plain_phq9(v);
		score_sheet(&phq, v, &s);
		assert_int_equal(s.valid, p.ok);
		assert_int_equal(s.has_total, p.total_ok);
		if (p.ok) {
			assert_int_equal(s.total, p.total);
			int from = p.total / 5 * 5;
			assert_int_equal(s.band->from, from > 20 ? 20 : from);
		}
		if (p.ok || s.why == SCORE_RISK_UNANSWERED)
			assert_int_equal(s.alarms, p.item9);
		if (k % 4 == 0) {
			for (int i = 0; i < 20; i++)
				v[i] = (int8_t)rng_below(&r, 4);
			score_sheet(&ces, v, &s);
			assert_int_equal(s.total, plain_cesdc(v));
			assert_int_equal(s.band->level == 2, s.total >= 15);
		}
	}
}

static void the_order_of_items_does_not_matter(void **state)
{
	(void)state;
	struct instrument in = psc(), turned = in;
	struct rng r;
	rng_init(&r, 2);
	for (int k = 0; k < 2000; k++) {
		struct instrument_item items[17];
		uint16_t to[17], refs[3][7];
		struct instrument_subscale subs[3];
		int8_t v[17], w[17];
		for (uint16_t i = 0; i < 17; i++)
			to[i] = i;
		for (size_t i = 17; i > 1; i--) {
			size_t x = rng_below(&r, i);
			uint16_t y = to[x];
			to[x] = to[i - 1];
			to[i - 1] = y;
		}
		for (size_t i = 0; i < 17; i++) {
			v[i] = rng_below(&r, 12) ? (int8_t)rng_below(&r, 3) : SCORE_MISSING;
			w[to[i]] = v[i];
			items[to[i]] = in.items[i];
		}
		for (size_t s = 0; s < 3; s++) {
			subs[s] = in.subscales[s];
			for (size_t i = 0; i < subs[s].n; i++)
				refs[s][i] = to[in.subscales[s].items[i]];
			subs[s].items = refs[s];
		}
		turned.items = items;
		turned.subscales = subs;
		turned.alarms_n = in.alarms_n - 1; /* the void rule names items of its own */
		struct instrument straight = in;
		straight.alarms_n--;
		struct score a, b;
		score_sheet(&straight, v, &a);
		score_sheet(&turned, w, &b);
		assert_true(a.valid == b.valid && a.total == b.total && a.alarms == b.alarms &&
			    a.level == b.level);
		assert_memory_equal(a.subscale, b.subscale, sizeof a.subscale);
	}
}

static void negative_sums_are_prorated_half_up_too(void **state)
{
	(void)state;
	struct instrument in = scale("gad7");
	struct instrument_option options[] = {{.value = -2}, {.value = -1}, {.value = 0}};
	in.options = options;
	in.options_n = 3;
	in.min = -2, in.max = 0;
	in.bands_n = 0;
	int8_t v[7] = {-1, -1, -1, -1, -1, -2, SCORE_MISSING};
	struct score s;
	score_sheet(&in, v, &s); /* -7 x 7 / 6 = -8.17 */
	assert_int_equal(s.total, -8);
	v[5] = 0;
	score_sheet(&in, v, &s); /* -5 x 7 / 6 = -5.83 */
	assert_int_equal(s.total, -6);
	v[0] = 0, v[1] = 0;
	score_sheet(&in, v, &s); /* -3 x 7 / 6 = -3.5 */
	assert_int_equal(s.total, -3);
}

static void alarms_have_an_upper_end_too(void **state)
{
	(void)state;
	struct instrument in = psc();
	struct instrument_alarm alarm[3] = {in.alarms[0], in.alarms[3], in.alarms[3]};
	alarm[0].at_least = 2, alarm[0].at_most = 3;
	alarm[2] = (struct instrument_alarm){.on = ALARM_TOTAL, .at_least = 4, .at_most = 5};
	in.alarms = alarm;
	in.alarms_n = 3;
	assert_int_equal(score_of(&in, "01000100000000000").alarms, 1);
	assert_int_equal(score_of(&in, "02000200000000000").alarms, 4);
	assert_int_equal(score_of(&in, "00000000000000000").alarms, 0);
	assert_int_equal(score_of(&in, "00011111000000000").alarms, 4);
	struct score s =
		score_of(&in, "2220000---------0"); /* void, but the missing answers are told first */
	assert_true(s.why == SCORE_TOO_MANY_MISSING && (s.alarms & 2));
}

/* Other people's answers with their totals, bands and flags */

struct table {
	const char *prefix_of, *total, *band, *flag;
	struct instrument in;
	size_t column[SCORE_ITEMS_MAX], at[3], sheets;
};

static enum rc check_row(void *ctx, const struct csv_record *rec, struct err *err)
{
	struct table *t = ctx;
	if (rec->number == 1) {
		assert_ok(instrument_columns(&t->in, rec->fields, rec->n, t->column, err), err);
		const char *names[3] = {t->total, t->band, t->flag};
		for (int k = 0; k < 3; k++)
			for (t->at[k] = 0; names[k] && !str_is(rec->fields[t->at[k]], names[k]);)
				t->at[k]++;
		return RC_OK;
	}
	int8_t v[SCORE_ITEMS_MAX];
	struct score s;
	for (size_t i = 0; i < t->in.items_n; i++)
		assert_true(instrument_answer(rec->fields[t->column[i]], &v[i]));
	score_sheet(&t->in, v, &s);
	if (s.missing > 0)
		return RC_OK;
	int64_t total;
	assert_true(s.valid && str_i64(rec->fields[t->at[0]], &total));
	assert_int_equal(s.total, total);
	if (t->band)
		assert_true(str_eq(rec->fields[t->at[1]], arena_fmt(&A, "%d-%d", s.band->from, s.band->to)));
	if (t->flag)
		assert_int_equal(s.alarms & 1, str_is(rec->fields[t->at[2]], "1"));
	t->sheets++;
	return RC_OK;
}

static size_t check_file(
	const char *path, struct instrument in, const char *total, const char *band, const char *item9)
{
	struct err err = {0};
	struct csv_info info;
	str bytes;
	struct table t = {.in = in, .total = total, .band = band, .flag = item9};
	const char *full = shared_data(&A, path);
	if (full == NULL)
		skip();
	assert_ok(file_read(&A, full, 1 << 20, &bytes, &err), &err);
	assert_ok(csv_look(bytes, &info, &err), &err);
	assert_ok(csv_read(bytes, &info, check_row, &t, &err), &err);
	return t.sheets;
}

static void every_total_band_and_flag_of_the_data_sets_is_equal(void **state)
{
	(void)state;
	struct instrument phq = scale("phq9"), gad = scale("gad7"), pss = scale("phq9");
	size_t n = 0;
	static const char *const files[] = {"psychometrics/bggm-phq9-gad7-t1.csv",
		"psychometrics/bggm-phq9-gad7-t2.csv", "psychometrics/ukm-phq9-gad7-pss10.csv"};
	for (size_t i = 0; i < 3; i++) {
		n += check_file(files[i], phq, "PHQ9_total", "PHQ9_band", "PHQ9_item9_flag");
		n += check_file(files[i], gad, "GAD7_total", "GAD7_band", NULL);
	}
	n += check_file(
		"psychometrics/nhanes-phq9-600.csv", phq, "PHQ9_total", "PHQ9_band", "PHQ9_item9_flag");
	/* PSS-10: 0..4, items 4, 5, 7 and 8 reversed (Cohen 1983); not shipped */
	struct instrument_option options[5];
	struct instrument_item items[10] = {{.reverse = false}};
	str prefix[1] = {STR("s")};
	for (int i = 0; i < 5; i++)
		options[i] = (struct instrument_option){.value = i};
	for (int i = 0; i < 10; i++)
		items[i] = (struct instrument_item){
			.id = arena_fmt(&A, "pss%d", i + 1), .reverse = i == 3 || i == 4 || i == 6 || i == 7};
	pss.options = options, pss.options_n = 5, pss.min = 0, pss.max = 4;
	pss.items = items, pss.items_n = 10, pss.bands_n = pss.alarms_n = 0;
	pss.columns = prefix, pss.columns_n = 1;
	n += check_file(files[2], pss, "PSS10_total", NULL, NULL);
	print_message("# %zu sheets\n", n);
	assert_int_equal(n, 2 * (403 + 403 + 223) + 600 + 223);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phq9_follows_the_published_arithmetic),
		cmocka_unit_test(a_missing_answer_never_becomes_0),
		cmocka_unit_test(the_other_shipped_scales_follow_theirs),
		cmocka_unit_test(subscales_raise_their_own_alarms),
		cmocka_unit_test(a_million_random_sheets_agree_with_an_independent_scorer),
		cmocka_unit_test(the_order_of_items_does_not_matter),
		cmocka_unit_test(negative_sums_are_prorated_half_up_too),
		cmocka_unit_test(alarms_have_an_upper_end_too),
		cmocka_unit_test(every_total_band_and_flag_of_the_data_sets_is_equal),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&A);
	return failed;
}
