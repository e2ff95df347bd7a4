/* The built-in model: loads whole, holds what the annual report and its systems need, and keeps its promises. */
#include "register/model.h"
#include "register/photo.h"
#include "tests.h"

static struct arena arena;
static struct model *model;

static int load(void **state)
{
	(void)state;
	struct err err = {0};
	arena_init(&arena);
	return model_load(&arena, NULL, false, &model, NULL, NULL, &err) == RC_OK ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void every_number_of_the_report_and_its_companions_are_declared(void **state)
{
	(void)state;
	static const char *const ids[] = {"study.issues", "study.attend", "lecture.sessions",
		"lecture.people", "league_day.branches", "contest.entrants", "contest.voters",
		"pioneer.offcampus", "pioneer.bases", "vol.events", "vol.attend", "return.matched",
		"return.teams", "startup.trainings", "startup.incubated", "startup.jobs", "aid.students",
		"aid.goods", "rights.handled", "rights.mediated", "mind.lectures", "mind.sessions",
		"study.attend.learners", "vol.attend.people", "vol.attend.hours", "return.matched.applied",
		"return.matched.matched", "return.matched.finished", "startup.trainings.sessions",
		"startup.incubated.entered", "startup.incubated.graduated", "startup.jobs.people",
		"pioneer.bases.in_being", "pioneer.bases.counsellors", "pioneer.offcampus.in_being",
		"aid.students.times", "aid.goods.in_store", "aid.goods.cash", "rights.handled.closed",
		"rights.handled.open", "rights.mediated.carried_over", "contest.voters.ballots",
		"contest.voters.annulled", "aid.visits", "aid.pairs", "return.posts", "fund.balance",
		"aid.paired", "aid.visit_rate", "aid.help.mind", "culture.events", "media.works",
		"mind.files", "mind.coverage", "mind.assessed", "mind.contact_hours", "media.articles",
		"media.reads", "netciv.events", "cadre.courses", "joint.tasks.closed", "problem.found",
		"problem.found.closed", "league_day.admitted", "resource.use_rate", "honour.given",
		"practice.good", "exchange.ideas", "rights.contacts.calls"};
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (model_figure(model, str_of(ids[i])) == NULL)
			fail_msg("no figure %s", ids[i]);
}

/* What people do in company may have photos; where being seen tells something about a child or a patient, never. */
static void photos_are_kept_of_gatherings_and_of_nothing_that_gives_a_person_away(void **state)
{
	(void)state;
	static const char *const of[] = {"volunteer_event", "culture_event", "lecture_session",
		"pioneer_activity", "mind_lecture", "league_day", "lesson", "admission", "team_day",
		"contest", "venue_activity", "netciv_event", "training_class", "cadre_course", "exchange"};
	static const char *const never[] = {"visit", "visit_due", "care_class", "counselling_session",
		"group_session", "sitting", "rights_case", "mediation", "aid_application", "pairing",
		"disbursement", "delivery_note", "counsellor_appointment"};
	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		if (photo_of(model, model_reg(model, str_of(of[i]))) == NULL)
			fail_msg("no photos of %s", of[i]);
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		assert_non_null(model_reg(model, str_of(never[i])));
		if (photo_of(model, model_reg(model, str_of(never[i]))))
			fail_msg("photos of %s", never[i]);
	}
}

static void every_figure_says_what_it_counts_in_both_languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < model->figures_n; i++) {
		const struct figure *f = &model->figures[i];
		const struct figure *p = f->parent;
		if (f->label.zh.n == 0 || f->label.en.n == 0 || f->definition.zh.n == 0 ||
			f->definition.en.n == 0 || f->unit.n == 0 ||
			(p && str_eq(p->definition.zh, f->definition.zh)))
			fail_msg("figure %.*s lacks words of its own", STR_ARG(f->id));
	}
}

/* 国办函〔2026〕12号: study, votes, reads, forwards. */
static void figures_of_the_ban_are_marked(void **state)
{
	(void)state;
	static const char *const registers[] = {"study_participation", "ballot", "metric_snapshot"};
	for (size_t i = 0; i < model->figures_n; i++)
		for (size_t k = 0; k < sizeof registers / sizeof *registers; k++)
			if (model->figures[i].of && str_is(model->figures[i].of->id, registers[k]) &&
				!model->figures[i].never_appraise)
				fail_msg("%.*s may not be appraised", STR_ARG(model->figures[i].id));
	assert_true(model_figure(model, STR("study.rate"))->never_appraise);
}

static void registers_of_children_keep_free_text_sealed(void **state)
{
	(void)state;
	for (size_t i = 0; i < model->regs_n; i++) {
		const struct reg *r = &model->regs[i];
		for (size_t k = 0; r->sensitivity == SENS_SEALED && k < r->fields_n; k++)
			if (r->fields[k].type == T_TEXT && !r->fields[k].sealed &&
				(r->fields[k].max_chars == 0 || r->fields[k].max_chars > 120))
				fail_msg("%.*s.%.*s is long free text in the clear", STR_ARG(r->id),
					STR_ARG(r->fields[k].id));
	}
}

static void every_register_says_why_it_is_kept_and_for_how_long(void **state)
{
	(void)state;
	assert_true(model->regs_n >= 65);
	for (size_t i = 0; i < model->regs_n; i++) {
		const struct reg *r = &model->regs[i];
		if (r->purpose.n == 0 || r->keep.n == 0 || r->help.zh.n == 0 || r->help.en.n == 0 ||
			r->holds.zh.n == 0 || r->states_n < 2 || r->grades_n == 0 || r->list_n == 0)
			fail_msg("register %.*s is not whole", STR_ARG(r->id));
		if (r->sensitivity >= SENS_MINOR && str_is(r->keep, "forever"))
			fail_msg("register %.*s keeps minors for ever", STR_ARG(r->id));
	}
}

static void the_leader_reads_no_register_of_minors(void **state)
{
	(void)state;
	for (size_t i = 0; i < model->regs_n; i++)
		for (size_t k = 0; k < model->regs[i].read_n; k++)
			for (size_t n = 0; n < model->regs[i].read[k].roles_n; n++)
				if (model->regs[i].sensitivity >= SENS_MINOR &&
					str_is(model->regs[i].read[k].roles[n], "leader"))
					fail_msg("the leader reads %.*s", STR_ARG(model->regs[i].id));
}

static void the_time_to_first_contact_is_told_in_minutes(void **state)
{
	(void)state;
	const struct figure *f = model_figure(model, STR("mind.contact_hours"));
	assert_int_equal(f->grain, G_MEDIAN);
	assert_true(f->minutes);
}

static bool text_slot(str id)
{
	return str_starts(id, STR("name.")) || str_starts(id, STR("period.")) || str_is(id, "plan.name");
}

/* Every dotted name inside {{ }} that is no text of the report must be a figure. */
static void every_slot_of_the_report_texts_is_a_figure(void **state)
{
	(void)state;
	int reports = 0, slots = 0;
	for (size_t i = 0; i < model->texts_n; i++) {
		const char *p = arena_cstr(&arena, model->texts[i].text);
		if (!str_starts(model->texts[i].path, STR("reports/")))
			continue;
		reports++;
		while ((p = strstr(p, "{{")) != NULL) {
			size_t n = strcspn(p += 2, "}");
			size_t skip = strncmp(p, "#if not ", 8) == 0 ? 8
				      : strncmp(p, "#if ", 4) == 0   ? 4
				      : strncmp(p, "full ", 5) == 0  ? 5
								     : 0;
			str id = {p + skip, strcspn(p + skip, "|}")};
			if (skip > n || memchr(id.p, '.', id.n) == NULL || text_slot(id))
				continue;
			slots++;
			if (model_figure(model, id) == NULL)
				fail_msg("%.*s: no figure %.*s", STR_ARG(model->texts[i].path), STR_ARG(id));
		}
	}
	assert_int_equal(reports, 7);
	assert_true(slots > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_of_the_report_and_its_companions_are_declared),
		cmocka_unit_test(photos_are_kept_of_gatherings_and_of_nothing_that_gives_a_person_away),
		cmocka_unit_test(every_figure_says_what_it_counts_in_both_languages),
		cmocka_unit_test(figures_of_the_ban_are_marked),
		cmocka_unit_test(registers_of_children_keep_free_text_sealed),
		cmocka_unit_test(every_register_says_why_it_is_kept_and_for_how_long),
		cmocka_unit_test(the_leader_reads_no_register_of_minors),
		cmocka_unit_test(every_slot_of_the_report_texts_is_a_figure),
		cmocka_unit_test(the_time_to_first_contact_is_told_in_minutes),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
