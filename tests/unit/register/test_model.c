/* The model loader: what a good model is in memory, and how every slip is told. */
#include "register/expr.h"
#include "small_model.h"

static void a_good_model_is_read(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = small_model_load(&a);
	assert_int_equal(m->regs_n, 5);
	assert_int_equal(m->figures_n, 5);
	const struct reg *r = model_reg(m, STR("record"));
	assert_non_null(r);
	assert_true(r->happens_field == reg_field(r, STR("served_on")));
	assert_true(r->person == reg_field(r, STR("volunteer")));
	assert_true(reg_field(r, STR("event"))->to_reg == model_reg(m, STR("event")));
	assert_int_equal(r->key_n, 2);
	assert_true(r->n_field == reg_field(r, STR("n")));
	assert_int_equal(r->grades_n, 3);
	assert_null(r->grades[2].when);
	assert_true(reg_move(r, STR("confirm"))->needs_reason);
	assert_int_equal(reg_move(r, STR("confirm"))->needs_n, 1);
	assert_true(str_is(reg_move(r, STR("confirm"))->label.zh, "确认"));
	assert_true(r->checks[0].warn);
	assert_int_equal(r->list_n, 3);
	assert_null(r->list[2]);
	const struct reg *e = model_reg(m, STR("event"));
	assert_true(e->cohosts == reg_field(e, STR("hosts")));
	assert_true(e->key_row);
	assert_int_equal(reg_field(e, STR("hours"))->max.value, 24 * 60);
	assert_int_equal(reg_field(e, STR("cost"))->min.value, 50);
	assert_int_equal(reg_field(e, STR("held_on"))->max.kind, BOUND_TODAY);
	model_done(m);
	arena_done(&a);
}

static void a_companion_takes_what_it_does_not_say_from_its_parent(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = small_model_load(&a);
	const struct figure *f = model_figure(m, STR("vol.attend"));
	const struct figure *people = model_figure(m, STR("vol.attend.people"));
	const struct figure *all = model_figure(m, STR("vol.attend.all"));
	assert_int_equal(f->companions_n, 3);
	assert_true(people->parent == f && people->of == f->of && people->where == f->where);
	assert_true(people->distinct_person);
	assert_true(str_is(people->on, "served_on"));
	assert_true(model_figure(m, STR("vol.attend.hours"))->minutes);
	assert_int_equal(all->grain, G_SUM);
	assert_true(str_is(expr_text(&a, all->where), "state = 'valid'"));
	const struct figure *share = model_figure(m, STR("vol.share"));
	assert_true(share->rate_of == f && share->rate_over == all);
	model_done(m);
	arena_done(&a);
}

struct slip {
	const char *path, *from, *to, *words, *hint;
	int line, column;
};

static void one_slip(const struct slip *s)
{
	struct arena a = {0};
	struct model *m = NULL;
	struct model_fault *faults = NULL;
	struct err err;
	size_t n = 0;
	tr_set(LANG_EN);
	const char *dir = small_model(&a, s->path, s->from, s->to);
	enum rc rc = model_load(&a, dir, true, &m, &faults, &n, &err);
	small_model_remove(&a, dir);
	if (rc != RC_INVALID || n == 0)
		fail_msg("no fault: %s", s->to);
	bool found = false;
	for (size_t i = 0; i < n; i++)
		found |= strstr(faults[i].message, s->words) && strstr(faults[i].hint, s->hint) &&
			 (s->line == 0 || faults[i].mark.line == s->line) &&
			 (s->column == 0 || faults[i].mark.column == s->column);
	if (!found)
		fail_msg("“%s”: %d:%d %s (%s); wanted %d:%d %s", s->to, faults[0].mark.line,
			faults[0].mark.column, faults[0].message, faults[0].hint, s->line, s->column,
			s->words);
	assert_null(m);
	arena_done(&a);
}

static void every_slip_is_told_with_its_place(void **state)
{
	(void)state;
	static const struct slip slips[] = {
		{"registers/record.yaml", "type: ref, to: event,", "type: ref, to: evnt,",
			"no register “evnt”", "event", 13, 26},
		{"registers/record.yaml", "type: count", "type: cuont", "type “cuont”", "count", 15, 13},
		{"registers/record.yaml", "happens: served_on", "happens: volunteer", "needs a date", "", 6,
			10},
		{"registers/record.yaml", "happens: served_on", "happens: serverd_on",
			"no field “serverd_on”", "served_on", 6, 10},
		{"registers/record.yaml", "person: volunteer", "person: event", "type person", "", 7, 9},
		{"registers/record.yaml", "key: [event, volunteer]", "key: [event, volunter]",
			"no field “volunter”", "volunteer", 8, 14},
		{"registers/record.yaml", "to: valid, by", "to: vaild, by", "no state “vaild”", "valid", 28,
			32},
		{"registers/record.yaml", "by: [city_staff]", "by: [city_stuff]", "role “city_stuff”",
			"city_staff", 0, 0},
		{"registers/record.yaml", "needs: [hours", "needs: [hour", "no field “hour”", "hours", 0, 0},
		{"registers/record.yaml", "list: [served_on", "list: [serve_on", "no field “serve_on”",
			"served_on", 0, 0},
		{"registers/record.yaml", "hours > event.hours", "hours > event.horus", "no field “horus”",
			"hours", 30, 25},
		{"registers/record.yaml", "volunteer.identified", "volunteer.identified = 'x'",
			"cannot be compared", "", 0, 0},
		{"registers/record.yaml", "  C: true\n", "", "last grade must be “true”", "", 0, 0},
		{"registers/record.yaml", "sensitivity: personal", "sensitivity: secret", "sensitivity", "",
			9, 14},
		{"registers/record.yaml", "  n: {type", "  order: {type", "word of SQL", "", 15, 3},
		{"registers/record.yaml", "  n: {type", "  state: {type",
			"every register has “state” already", "", 15, 3},
		{"registers/record.yaml", "  n: {type", "  人数: {type", "cannot be an id", "", 15, 3},
		{"registers/record.yaml", "register: record", "register: history", "table of the program", "",
			1, 11},
		{"registers/record.yaml", "purpose: p\n", "purpsoe: p\n", "“purpsoe” is not known", "purpose",
			10, 1},
		{"registers/record.yaml", "default: 1,", "default: one,", "no value of type count", "", 15,
			29},
		{"registers/record.yaml", "{for: 6y, after: skeleton}", "six years", "no time to keep", "6y",
			11, 7},
		{"registers/note.yaml", "register: note", "register: event", "stands in", "", 0, 0},
		{"registers/event.yaml", "max: 24", "max: lots", "no value of type hours", "", 0, 0},
		{"registers/event.yaml", "[org, hosts]", "[org, title]", "type orgs", "", 0, 0},
		{"registers/event.yaml", "import_state: completed", "import_state: done", "no state “done”",
			"", 0, 0},
		{"registers/org.yaml", "{zh: 代码, en: Code}", "代码", "Chinese and English", "zh", 11, 43},
		{"figures/S8.yaml", "of: record", "of: recrod", "no register “recrod”", "record", 6, 9},
		{"figures/S8.yaml", "grain: {sum: n}", "grain: {sum: event.title}", "can be summed", "", 8,
			18},
		{"figures/S8.yaml", "grain: {sum: n}", "grain: {sum: event.cost}\n    on: event.title",
			"a date is needed", "", 9, 9},
		{"figures/S8.yaml", "distinct: volunteer", "distinct: hours", "a reference is needed", "", 0,
			0},
		{"figures/S8.yaml", "over: vol.attend.all", "over: vol.attend.al",
			"no figure “vol.attend.al”", "vol.attend.all", 0, 0},
		{"figures/S8.yaml", "over: vol.attend.all", "over: vol.share", "cannot rest on a rate", "", 0,
			0},
		{"figures/S8.yaml", "      all: {where: state = 'valid'}",
			"      all: {where: state = 'valid', parts: [vol.attend.people]}",
			"count rows or sums", "", 0, 0},
		{"figures/S8.yaml", "    print: 百余", "    parts: [vol.attend]",
			"is a part already, or the whole", "", 0, 0},
		{"figures/S8.yaml", "    print: 百余", "    rest: true", "stands beside", "", 0, 0},
		{"figures/S8.yaml", "where: state = 'valid' and", "where: served_on < today and",
			"cannot stand in a figure", "", 7, 24},
		{"figures/S8.yaml", "'completed'\n", "'complete'\n", "no state “complete”", "completed", 7,
			46},
		{"figures/S8.yaml", "print: 百余", "print: 百多", "print rule", "", 0, 0},
		{"figures/S8.yaml", "definition: {zh: 有效记录的人次, en",
			"definition: {zh: 有效记录的人次，en", "full-width comma", "", 5, 29},
	};
	for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
		one_slip(&slips[i]);
}

static void all_faults_are_told_not_the_first(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = NULL;
	struct model_fault *faults;
	struct err err;
	size_t n = 0;
	tr_set(LANG_ZH);
	const char *dir =
		small_model(&a, "registers/record.yaml", "key: [event, volunteer]", "key: [evnt, volunter]");
	assert_int_equal(model_load(&a, dir, true, &m, &faults, &n, &err), RC_INVALID);
	small_model_remove(&a, dir);
	assert_int_equal(n, 2);
	str text = model_fault_text(&a, &faults[0]);
	assert_true(str_find(text, STR("record.yaml:8:7: ")) != SIZE_MAX);
	assert_true(str_find(text, STR("\n    key: [evnt, volunter]\n          ^")) != SIZE_MAX);
	assert_true(str_find(text, STR("是不是“event”")) != SIZE_MAX);
	tr_set(LANG_EN);
	arena_done(&a);
}

static str digest_after(
	struct arena *a, const char *path, const char *from, const char *to, const char *figure)
{
	struct model *m = NULL;
	struct err err;
	const char *dir = small_model(a, path, from, to);
	assert_ok(model_load(a, dir, true, &m, NULL, NULL, &err), &err);
	small_model_remove(a, dir);
	str s = arena_str(a, str_of(model_figure(m, str_of(figure))->digest.hex));
	model_done(m);
	return s;
}

static void a_digest_follows_what_changes_the_number_and_nothing_else(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *f = "vol.attend", *reg = "registers/record.yaml", *fig = "figures/S8.yaml";
	str was = digest_after(&a, fig, NULL, NULL, f);
	assert_true(str_eq(was, digest_after(&a, fig, "print: 百余", "print: 千余", f)));
	assert_true(str_eq(was, digest_after(&a, fig, "zh: 人次", "zh: 参与人次", f)));
	assert_true(str_eq(was, digest_after(&a, fig, "state = 'valid' and", "state='valid'   and", f)));
	assert_true(str_eq(was, digest_after(&a, reg, "level: warn", "level: refuse", f)));
	assert_false(str_eq(was, digest_after(&a, fig, "state = 'valid' and", "state = 'pending' and", f)));
	assert_false(str_eq(was, digest_after(&a, reg, "A: source = 'site_code'", "A: source = 'api'", f)));
	assert_false(str_eq(was, digest_after(&a, reg, "happens: served_on", "happens: event.held_on", f)));
	assert_false(str_eq(was, digest_after(&a, fig, "{sum: n}", "row", f)));
	str share = digest_after(&a, fig, NULL, NULL, "vol.share");
	assert_false(str_eq(
		share, digest_after(&a, fig, "state = 'valid' and", "state = 'pending' and", "vol.share")));
	arena_done(&a);
}

static void a_city_adds_fields_to_a_register(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = NULL;
	struct err err;
	tr_set(LANG_EN);
	const char *dir = small_model(&a, NULL, NULL, NULL);
	const char *name = arena_printf(&a, "%s/registers/zz_city.yaml", dir);
	FILE *f = fopen(name, "wb");
	fputs("extend: record\nfields:\n  bus: {type: text, label: {zh: 车次, en: Bus}}\nchecks:\n"
	      "  - when: bus = 'x' and n > 3\n    say: {zh: 不行, en: no}\n",
		f);
	fclose(f);
	assert_ok(model_load(&a, dir, true, &m, NULL, NULL, &err), &err);
	unlink(name);
	small_model_remove(&a, dir);
	const struct reg *r = model_reg(m, STR("record"));
	assert_non_null(reg_field(r, STR("bus")));
	assert_int_equal(r->checks_n, 2);
	model_done(m);
	arena_done(&a);
}

static void a_city_gives_other_labels_and_is_told_of_a_field_that_is_not_there(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = NULL;
	struct model_fault *faults = NULL;
	struct err err;
	size_t n = 0;
	tr_set(LANG_EN);
	const char *dir = small_model(&a, NULL, NULL, NULL);
	const char *name = arena_printf(&a, "%s/registers/zz_city.yaml", dir);
	FILE *f = fopen(name, "wb");
	fputs("extend: record\nlabel: {zh: 服务, en: Service}\nlabels:\n  hours: {zh: 小时数, en: Time}\n",
		f);
	fclose(f);
	assert_ok(model_load(&a, dir, true, &m, NULL, NULL, &err), &err);
	const struct reg *r = model_reg(m, STR("record"));
	assert_true(str_is(r->label.en, "Service"));
	assert_true(str_is(reg_field(r, STR("hours"))->label.zh, "小时数"));
	model_done(m);
	f = fopen(name, "wb");
	fputs("extend: record\nlabels:\n  hour: {zh: 小时数, en: Time}\n", f);
	fclose(f);
	assert_int_equal(model_load(&a, dir, true, &m, &faults, &n, &err), RC_INVALID);
	assert_int_equal(faults[0].mark.line, 3);
	assert_non_null(strstr(faults[0].hint, "hours"));
	unlink(name);
	small_model_remove(&a, dir);
	arena_done(&a);
}

static void our_own_model_has_no_faults(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m = NULL;
	struct model_fault *faults = NULL;
	struct err err;
	size_t n = 0;
	tr_set(LANG_EN);
	if (model_load(&a, NULL, false, &m, &faults, &n, &err) != RC_OK)
		fail_msg("%s\n%s", err.text, n ? model_fault_text(&a, &faults[0]).p : "");
	assert_true(m->regs_n > 20 && m->figures_n > 30);
	model_done(m);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_model_is_read),
		cmocka_unit_test(a_companion_takes_what_it_does_not_say_from_its_parent),
		cmocka_unit_test(every_slip_is_told_with_its_place),
		cmocka_unit_test(all_faults_are_told_not_the_first),
		cmocka_unit_test(a_digest_follows_what_changes_the_number_and_nothing_else),
		cmocka_unit_test(a_city_adds_fields_to_a_register),
		cmocka_unit_test(a_city_gives_other_labels_and_is_told_of_a_field_that_is_not_there),
		cmocka_unit_test(our_own_model_has_no_faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
