/* What the loader says of `apply:` and of an extension that keeps or protects otherwise: one slip in a built-in register, laid
 * over the program's model as a city would. */
#include "base/embed.h"
#include "base/file.h"
#include "base/tr.h"
#include "register/model.h"
#include "tests.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct overlay {
	struct arena a;
	struct model *m;
	struct model_fault *faults;
	size_t n;
	struct err err;
};

/* The built-in model with this one file over it. */
static enum rc load(struct overlay *o, const char *name, str text)
{
	char dir[] = "/tmp/qinghe-apply-XXXXXX";
	tr_set(LANG_EN);
	assert_non_null(mkdtemp(dir));
	const char *folder = arena_printf(&o->a, "%s/registers", dir),
		   *file = arena_printf(&o->a, "%s/%s", folder, name);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_ok(file_write(file, text, &o->err), &o->err);
	enum rc rc = model_load(&o->a, dir, false, &o->m, &o->faults, &o->n, &o->err);
	unlink(file);
	rmdir(folder);
	rmdir(dir);
	return rc;
}

static void done(struct overlay *o)
{
	model_done(o->m);
	arena_done(&o->a);
}

static void told(const struct overlay *o, const char *words)
{
	for (size_t i = 0; i < o->n; i++)
		if (strstr(o->faults[i].message, words) || strstr(o->faults[i].hint, words))
			return;
	fail_msg("no fault says “%s”; the first: %s", words, o->n ? o->faults[0].message : "none");
}

static void every_slip_of_apply_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *reg, *from, *to, *words;
	} slips[] = {{"entry", "  to: contest\n", "  to: contets\n", "no field “contets”"},
		{"entry", "  to: contest\n", "  to: pioneer\n", "a register without people"},
		{"entry", "  to: contest\n", "", "“to:” is missing"},
		{"entry", "  when: state = 'planned' and held_on", "  when: state = 'planned' and holds_on",
			"no field “holds_on”"},
		{"entry", "  until: closes_on", "  until: state", "no field “state”"},
		{"entry", "  until: closes_on", "  until: name", "is a date"},
		{"entry", "  takes: [work_title, team]", "  takes: [work_titel, team]", "work_title"},
		{"entry", "  takes: [work_title, team]", "  takes: [entrant]",
			"cannot be asked of who applies"},
		{"entry", "  dated: applied_on", "  dated: work_title", "is a date"},
		{"aid_application", "  then: submit\n", "  then: send\n", "has no move “send”"},
		{"application", "  choose: state = 'accepted'", "  choose: state = 'acepted'", "acepted"},
		{"survey_answer", "  into: answers", "  into: answered_on", "“into:” a sealed field"},
		{"survey_answer", "  asks: ask_for\n", "", "“asks:” is a text of what is offered"},
		{"survey_answer", "  within: true", "  withing: true", "within"}};
	for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
		struct overlay o = {0};
		const char *name = arena_printf(&o.a, "%s.yaml", slips[i].reg);
		str text = embed_find(arena_printf(&o.a, "model/registers/%s", name));
		size_t at = str_find(text, str_of(slips[i].from));
		if (at == SIZE_MAX)
			fail_msg("%s has no “%s”", name, slips[i].from);
		text = arena_fmt(&o.a, "%.*s%s%.*s", (int)at, text.p, slips[i].to,
			STR_ARG(str_from(text, at + strlen(slips[i].from))));
		if (load(&o, name, text) != RC_INVALID)
			fail_msg("%s takes “%s”", name, slips[i].to);
		told(&o, slips[i].words);
		done(&o);
	}
}

static void what_is_declared_stands_in_the_register(void **state)
{
	(void)state;
	struct overlay o = {0};
	assert_ok(load(&o, "own.yaml", STR("extend: entry\nlabel: {zh: 报名, en: Entry}\n")), &o.err);
	const struct reg *entry = model_reg(o.m, STR("entry"));
	const struct reg_apply *x = entry->apply;
	assert_ptr_equal(x->to, reg_field(entry, STR("contest")));
	assert_ptr_equal(x->until, reg_field(x->to->to_reg, STR("closes_on")));
	assert_ptr_equal(x->agreed, reg_field(entry, STR("guardian_consent_on")));
	assert_true(str_is(x->then->id, "submit"));
	const struct field *title = reg_field(entry, STR("work_title")), *who = entry->person;
	assert_true(x->takes[title->at / 64] >> (title->at % 64) & 1);
	assert_false(x->takes[who->at / 64] >> (who->at % 64) & 1);
	assert_true(model_reg(o.m, STR("survey_answer"))->apply->within);
	assert_non_null(model_reg(o.m, STR("application"))->apply->wishes);
	assert_null(model_reg(o.m, STR("volunteer_event"))->apply);
	done(&o);
}

static void an_extension_protects_more_and_never_less(void **state)
{
	(void)state;
	struct overlay o = {0};
	assert_ok(load(&o, "own.yaml", STR("extend: community_need\nkeep: 2y\n")), &o.err);
	assert_true(str_is(model_reg(o.m, STR("community_need"))->keep, "2y"));
	done(&o);
	static const struct {
		const char *text, *words;
	} slips[] = {{"extend: visit\nsensitivity: public\n", "is not lowered"},
		{"extend: visit\nsensitivity: secret\n", "no degree of sensitivity"},
		{"extend: visit\nseal: [nothing]\n", "has no field “nothing”"},
		{"extend: visit\nseal: [visited_on]\n", "only a text is sealed afterwards"},
		{"extend: visit\nkeep: long\n", "no time to keep"}};
	for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
		struct overlay x = {0};
		assert_int_equal(load(&x, "own.yaml", str_of(slips[i].text)), RC_INVALID);
		told(&x, slips[i].words);
		done(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_slip_of_apply_is_told),
		cmocka_unit_test(what_is_declared_stands_in_the_register),
		cmocka_unit_test(an_extension_protects_more_and_never_less),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
