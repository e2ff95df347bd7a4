/* The files of model/rules/ as single rules, one value changed in their text, and what their readers refuse. */
#include "base/tr.h"
#include "register/consent_text.h"
#include "register/purposes.h"
#include "register/retain_rules.h"
#include "register/rule_book.h"
#include "register/starters.h"
#include "tests.h"

static struct arena A;
static struct model *model;

static int load(void **state)
{
	(void)state;
	struct err err = {0};
	tr_set(LANG_EN);
	return model_load(&A, NULL, false, &model, NULL, NULL, &err) == RC_OK ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	model_done(model);
	arena_done(&A);
	return 0;
}

static struct model_text *text_of(const char *path)
{
	for (size_t i = 0; i < model->texts_n; i++)
		if (str_is(model->texts[i].path, path))
			return &model->texts[i];
	fail_msg("no %s", path);
	return NULL;
}

/* The text with one place changed. */
static str with(str text, const char *old, const char *new)
{
	size_t at = str_find(text, str_of(old));
	assert_int_not_equal(at, SIZE_MAX);
	return arena_fmt(&A, "%.*s%s%.*s", (int)at, text.p, new, STR_ARG(str_from(text, at + strlen(old))));
}

/* The check refuses the changed file, in words that name the fault; the file is then as it was. */
static void refused(const char *path, const char *old, const char *new,
	enum rc (*check)(struct arena *a, const struct model *m, struct err *err), const char *words)
{
	struct model_text *t = text_of(path);
	struct err err = {0};
	str stood = t->text;
	t->text = with(stood, old, new);
	assert_int_equal(check(&A, model, &err), RC_INVALID);
	if (strstr(err.text, words) == NULL)
		fail_msg("“%s” has no “%s”", err.text, words);
	t->text = stood;
	assert_int_equal(check(&A, model, &err), RC_OK);
}

static const struct rule *rule(const char *file, const char *name)
{
	struct rule *list;
	size_t n;
	struct err err = {0};
	assert_int_equal(rule_book(&A, model, str_of(file), &list, &n, &err), RC_OK);
	const struct rule *r = rule_named(list, n, str_of(name));
	if (r == NULL)
		fail_msg("%s has no %s", file, name);
	return r;
}

static const struct rule_value *value(const struct rule *r, const char *path)
{
	for (size_t i = 0; i < r->values_n; i++)
		if (str_is(r->values[i].path, path))
			return &r->values[i];
	fail_msg("no value %s", path);
	return NULL;
}

static void every_file_of_rules_is_a_book_of_rules_each_named_once(void **state)
{
	(void)state;
	size_t files = 0;
	for (size_t i = 0; i < model->texts_n; i++) {
		struct rule *list;
		size_t n;
		struct err err = {0};
		str path = model->texts[i].path;
		if (!str_starts(path, STR("rules/")))
			continue;
		files++;
		assert_int_equal(
			rule_book(&A, model, str_head(str_from(path, 6), path.n - 11), &list, &n, &err),
			RC_OK);
		assert_true(n > 0);
		for (size_t k = 0; k < n; k++) {
			assert_ptr_equal(rule_named(list, n, list[k].name), &list[k]);
			assert_false(list[k].cut);
			assert_true(list[k].values_n > 0);
		}
	}
	assert_true(files >= 11);
	struct rule *list;
	size_t n;
	struct err err = {0};
	assert_int_equal(rule_book(&A, model, STR("nothing"), &list, &n, &err), RC_NOT_FOUND);
}

static void a_rule_is_an_entry_an_item_or_a_part_by_itself(void **state)
{
	(void)state;
	assert_string_equal(arena_cstr(&A, rule("purposes", "purposes.mind")->law.en),
		"Mental Health Law, art. 23; PIPL 29");
	assert_string_equal(arena_cstr(&A, value(rule("appraisal", "bands.five"), "from")->text), "90");
	assert_string_equal(arena_cstr(&A, value(rule("appraisal", "weak_item"), "")->text), "60");
	assert_string_equal(
		arena_cstr(&A, value(rule("retention", "registers.service_record"), "keep_fields.2")->text),
		"n");
	assert_string_equal(
		arena_cstr(&A, value(rule("starters", "rows.programme"), "1.name")->text), "学雷锋");
	assert_true(rule("deadlines", "deadlines.performance_visit")->ours);
	assert_true(rule("consent", "texts.mind")->says.zh.n > 0);
	assert_string_equal(arena_cstr(&A, rule("consent", "contact")->part), "contact");
}

static void a_rule_speaks_of_what_it_names_and_of_nothing_else(void **state)
{
	(void)state;
	const struct reg *service = model_reg(model, STR("service_record")),
			 *sitting = model_reg(model, STR("sitting")),
			 *contact = model_reg(model, STR("contact"));
	const struct rule *r = rule("retention", "registers.service_record");
	assert_true(rule_speaks_of_reg(r, service));
	assert_false(rule_speaks_of_reg(r, sitting));
	assert_true(rule_speaks_of_field(r, service, reg_field(service, STR("hours"))));
	assert_false(rule_speaks_of_field(r, service, reg_field(service, STR("volunteer"))));
	/* A purpose and its text of consent: what rests on them, whatever else bears such a name. */
	assert_true(rule_speaks_of_reg(rule("purposes", "purposes.mind"), sitting));
	assert_true(rule_speaks_of_reg(rule("consent", "texts.mind"), sitting));
	assert_false(rule_speaks_of_reg(rule("consent", "texts.mind"), service));
	assert_false(rule_speaks_of_reg(rule("consent", "contact"), contact));
	assert_false(rule_speaks_of_role(rule("consent", "texts.mind"), STR("counsellor")));
	assert_true(rule_speaks_of_role(rule("deadlines", "deadlines.mediation"), STR("mediator")));
	r = rule("appraisal", "items.volunteering");
	assert_true(rule_speaks_of_figure(r, model_figure(model, STR("vol.events.all"))));
	assert_false(rule_speaks_of_figure(r, model_figure(model, STR("vol.events"))));
	r = rule("retention", "holds.child_listed");
	assert_true(rule_speaks_of_reg(r, model_reg(model, STR("care_child"))));
	assert_true(rule_speaks_of_reg(r, model_reg(model, STR("visit"))));
	const struct reg *programme = model_reg(model, STR("programme"));
	assert_true(rule_speaks_of_field(
		rule("starters", "rows.programme"), programme, reg_field(programme, STR("kind"))));
}

/* The whole of the file but for the value. */
static void put(const char *file, const char *name, const char *path, const char *new_value)
{
	struct err err = {0};
	const struct rule_value *v = value(rule(file, name), path);
	struct model_text *t = text_of(arena_printf(&A, "rules/%s.yaml", file));
	str stood = t->text, made;
	assert_int_equal(rule_put(&A, stood, v, str_of(new_value), &made, &err), RC_OK);
	size_t head = 0, tail = 0;
	while (head < stood.n && head < made.n && stood.p[head] == made.p[head])
		head++;
	while (tail < stood.n - head && tail < made.n - head &&
		stood.p[stood.n - 1 - tail] == made.p[made.n - 1 - tail])
		tail++;
	assert_true(head >= v->at - v->node->quoted);
	t->text = made;
	assert_string_equal(arena_cstr(&A, value(rule(file, name), path)->text), new_value);
	for (size_t i = 0; i < rule(file, name)->values_n; i++) /* the others stand */
		assert_true(rule(file, name)->values[i].text.n < 4000);
	t->text = stood;
}

static void one_value_is_changed_and_every_other_byte_stands(void **state)
{
	(void)state;
	put("appraisal", "items.team", "weight", "7");
	put("appraisal", "items.team", "judgement.zh", "看“换届”：\"是\"，\\ 两人");
	put("appraisal", "bands.five", "from", "95");
	put("appraisal", "weak_item", "", "50");
	put("consent", "texts.mind", "text.zh", "新文字：\"甲\" # 乙\n第二行");
	put("consent", "texts.mind", "version", "2026.2");
	put("consent", "contact", "phone", "0571-12345678");
	put("consent", "contact", "name.zh", "办公室");
	put("consent", "contact", "name.zh", "- {a: b}");
	put("starters", "rows.programme", "4.name", "新名");
	put("starters", "rows.programme", "1.name", "no: yes");
	put("retention", "archive", "after_years", "3");
	/* Every value of every file takes a text that is hard to write. */
	static const char *const files[] = {
		"consent", "purposes", "appraisal", "starters", "deadlines", "quality"};
	for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
		struct rule *list;
		size_t n;
		struct err err = {0};
		assert_int_equal(rule_book(&A, model, str_of(files[f]), &list, &n, &err), RC_OK);
		for (size_t i = 0; i < n; i += 3)
			for (size_t k = 0; k < list[i].values_n; k += 4)
				if (!str_is(list[i].values[k].key, "id") &&
					!str_is(list[i].values[k].key, "band"))
					put(files[f], arena_cstr(&A, list[i].name),
						arena_cstr(&A, list[i].values[k].path),
						"{ 'a': \"b\" }, # ：c\\");
	}
}

static void limits_of_the_law_bind_the_time_that_a_register_keeps(void **state)
{
	(void)state;
	struct reg *voucher = (struct reg *)(uintptr_t)model_reg(model, STR("voucher")),
		   *kase = (struct reg *)(uintptr_t)model_reg(model, STR("rights_case"));
	struct err err = {0};
	str stood = voucher->keep, case_stood = kase->keep;
	static const struct {
		const char *keep;
		enum rc voucher, kase;
	} rows[] = {{"30y", RC_OK, RC_INVALID}, {"forever", RC_OK, RC_INVALID},
		{"29y", RC_INVALID, RC_INVALID}, {"10y", RC_INVALID, RC_OK}, {"121m", RC_INVALID, RC_OK},
		{"3651d", RC_INVALID, RC_INVALID}, {"1d", RC_INVALID, RC_OK}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		voucher->keep = str_of(rows[i].keep);
		assert_int_equal(retain_rules_check(&A, model, &err), rows[i].voucher);
		voucher->keep = stood;
		kase->keep = str_of(rows[i].keep);
		assert_int_equal(retain_rules_check(&A, model, &err), rows[i].kase);
		kase->keep = case_stood;
	}
	assert_true(retain_days(STR("6y, after: skeleton")) == 6 * 365);
	assert_true(retain_days(STR("forever")) == INT64_MAX);
	assert_true(
		retain_days(STR("soon")) == -1 && retain_days(STR("")) == -1 && retain_days(STR("y")) == -1);
}

static void slips_in_the_rules_of_retention_are_told(void **state)
{
	(void)state;
	static const char path[] = "rules/retention.yaml";
	refused(path, "keep_fields: [event, n, hours]", "keep_fields: [event, heads]", retain_rules_check,
		"keep_fields");
	refused(path, "keep_fields: [event, n, hours]", "keep_fields: [event, volunteer]", retain_rules_check,
		"keep_fields"); /* a skeleton without its person */
	refused(path, "service_record: {after", "servce_record: {after", retain_rules_check, "servce_record");
	refused(path, "{after: skeleton, keep_fields: [event, n, hours]}", "{after: archive}",
		retain_rules_check, "after");
	refused(path, "state in ('accepted_case'", "stat in ('accepted_case'", retain_rules_check, "line");
	refused(path, "covers: [case_party", "covers: [case_partie", retain_rules_check, "covers");
	refused(path, "at_least: 30y", "at_least: long", retain_rules_check, "at_least");
	refused(path, "sensitivities: [minor, sealed]", "sensitivities: [secret]", retain_rules_check,
		"sensitivities");
	refused(path, "after_years: 2", "after_years: 0", retain_rules_check, "after_years");
}

static void every_purpose_has_its_ground_and_every_register_a_purpose(void **state)
{
	(void)state;
	static const char path[] = "rules/purposes.yaml";
	refused(path, "ground: task, separate", "ground: wish, separate", purposes_check, "ground");
	refused(path, "separate: sensitive", "separate: never", purposes_check, "separate");
	refused(path, "  votes: {label", "  ballots: {label", purposes_check, "names no ground");
	refused(path, "en: Identity}, ground: task", "en: Identity}, ground: public", purposes_check,
		"holds data of persons");
	/* A duty says which law makes it one. */
	refused(path, "{zh: \"慈善法、会计法\", en: \"Charity Law, Accounting Law\"}", "{}", purposes_check,
		"law");
}

static void rows_to_begin_with_are_rows_that_their_registers_take(void **state)
{
	(void)state;
	static const char path[] = "rules/starters.yaml";
	refused(path, "kind: study", "kind: studies", starters_check, "line");
	refused(path, "{name: 学雷锋, kind", "{title: 学雷锋, kind", starters_check, "title");
	refused(path, "  lecture_corps:", "  person:", starters_check, "without people");
	refused(path, "  lecture_corps:", "  lecture_choir:", starters_check, "lecture_choir");
}

/* As consent_texts_follow, from what stands in the program. */
static struct model before;
static enum rc follows(struct arena *a, const struct model *m, struct err *err)
{
	return consent_texts_follow(a, &before, m, err);
}

static void other_words_of_a_consent_are_another_version(void **state)
{
	(void)state;
	static const char path[] = "rules/consent.yaml";
	before = *model;
	before.texts = NEWS(&A, model->texts_n, struct model_text);
	memcpy(before.texts, model->texts, model->texts_n * sizeof *before.texts);
	refused(path, "不用于评优、处分和排名", "可以用于评优", follows, "“mind” has other words");
	refused(path, "since: \"2026-01-01\"", "since: \"2026-13-01\"", follows, "since");
	refused(path, "    version: \"2026.1\"\n", "", follows, "a text has a version");
	struct model_text *t = text_of(path);
	str stood = t->text;
	struct err err = {0};
	t->text = with(with(stood, "不用于评优、处分和排名", "不用于评优"), "version: \"2026.1\"",
		"version: \"2026.2\"");
	assert_int_equal(follows(&A, model, &err), RC_OK);
	t->text = stood;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_of_rules_is_a_book_of_rules_each_named_once),
		cmocka_unit_test(a_rule_is_an_entry_an_item_or_a_part_by_itself),
		cmocka_unit_test(a_rule_speaks_of_what_it_names_and_of_nothing_else),
		cmocka_unit_test(one_value_is_changed_and_every_other_byte_stands),
		cmocka_unit_test(limits_of_the_law_bind_the_time_that_a_register_keeps),
		cmocka_unit_test(slips_in_the_rules_of_retention_are_told),
		cmocka_unit_test(every_purpose_has_its_ground_and_every_register_a_purpose),
		cmocka_unit_test(rows_to_begin_with_are_rows_that_their_registers_take),
		cmocka_unit_test(other_words_of_a_consent_are_another_version),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
