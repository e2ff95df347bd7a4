/* The daily loop over a city: issued, answered, sent back, merged, sent up, locked; who is no party to it. */
#include "base/clock.h"
#include "base/date.h"
#include "base/tr.h"
#include "database.h"
#include "service/coordination/collect_act.h"
#include "service/coordination/notice.h"
#include "service/coordination/sent_lock.h"
#include "tests.h"

struct town {
	struct arena a;
	char path[TEST_URL_BYTES];
	struct city *city;
	int64_t county, one, two, other, person, coll, notice, n;
	struct coll_sum *sums;
	struct coll c;
	size_t sums_n;
	int64_t rows;
};

static void must(enum rc rc, const struct err *err)
{
	if (rc != RC_OK)
		fail_msg("rc %d: %s", (int)rc, err->text);
}

static struct entry txt(const struct reg *reg, const char *field, const char *v)
{
	return (struct entry){reg_field(reg, str_of(field)), {.kind = V_TEXT, .t = str_of(v)}};
}

static const struct reg *reg_of(const struct town *t, const char *id)
{
	return model_reg(t->city->model, str_of(id));
}

static void unit(
	struct job_ctx *c, struct town *t, const char *code, const char *kind, int64_t under, int64_t *out)
{
	struct err err = {0};
	const struct reg *org = reg_of(t, "org");
	struct entry e[] = {txt(org, "code", code), txt(org, "name", code), txt(org, "kind", kind)};
	must(org_add(c, under, DATE_NONE, e, 3, out, &err), &err);
}

static enum rc settle(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	const struct reg *person = reg_of(t, "person"), *coll = reg_of(t, "collection"),
			 *notice = reg_of(t, "notice");
	unit(c, t, "C1", "county", 1, &t->county);
	unit(c, t, "C2", "county", 1, &t->other);
	unit(c, t, "B1", "branch", t->county, &t->one);
	unit(c, t, "B2", "branch", t->county, &t->two);
	struct entry who[] = {txt(person, "name", "葛云")};
	struct record_input in = {.reg = person, .org = t->county, .entries = who, .entries_n = 1};
	TRY(record_add(c, &in, &t->person, err));
	struct entry asks[] = {txt(coll, "number", "T-1"), txt(coll, "title", "志愿者装备"),
		txt(coll, "issued_on", "2026-11-20"), txt(coll, "due_on", "2026-11-26"),
		txt(coll, "period_from", "2026-10-01"), txt(coll, "period_to", "2026-10-31"),
		txt(coll, "ask_for", "马甲件数 | 数字 | 必填\n缺口说明")};
	in = (struct record_input){
		.reg = coll, .org = t->county, .entries = asks, .entries_n = 7, .source = STR("form")};
	TRY(record_add(c, &in, &t->coll, err));
	struct entry tells[] = {txt(notice, "title", "安全提示"), txt(notice, "issued_on", "2026-11-20")};
	in = (struct record_input){
		.reg = notice, .org = t->county, .entries = tells, .entries_n = 2, .source = STR("form")};
	return record_add(c, &in, &t->notice, err);
}

static int64_t someone; /* there is one person; units tell the actors apart */

static int setup(void **state)
{
	struct err err = {0};
	struct town *t = test_malloc(sizeof *t);
	*t = (struct town){0};
	test_db_url(t->path, "loop");
	struct city_new n = {.name = STR("临澜市"), .region = STR("3799"), .demo_seed = 7};
	must(city_init(t->path, &n, &err), &err);
	must(city_open(t->path, true, &t->city, &err), &err);
	sent_lock_attach(t->city);
	struct actor op = actor_operator();
	must(city_run(t->city, &op, &t->a, (str){NULL, 0}, settle, t, &err), &err);
	someone = t->person;
	tr_set(LANG_EN);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct town *t = *state;
	city_close(t->city);
	test_db_forget(t->path);
	arena_done(&t->a);
	test_free(t);
	return 0;
}

static struct actor as(int64_t org, const char *role)
{
	struct actor a = {.person = someone, .org = org, .name = STR("x")};
	a.roles[a.roles_n++] = str_of(role);
	return a;
}

static struct coll *look(struct town *t, struct actor who, enum rc want)
{
	struct reader r;
	struct err err = {0};
	must(reader_open(t->city, &t->a, &who, &r, &err), &err);
	assert_int_equal(coll_read(&r, t->coll, &t->c, &err), want);
	if (want == RC_OK && t->c.owner)
		must(coll_sums(&r, &t->c, &t->sums, &t->sums_n, &t->rows, &err), &err);
	reader_close(&r);
	return &t->c;
}

static int64_t reply_of(struct town *t, int64_t org)
{
	look(t, as(t->county, "county_staff"), RC_OK);
	for (size_t i = 0; i < t->c.units_n; i++)
		if (t->c.units[i].org == org)
			return t->c.units[i].reply;
	return 0;
}

static enum rc issue(struct job_ctx *c, void *arg, struct err *err)
{
	return collect_issue(c, ((struct town *)arg)->coll, err);
}
static enum rc merge(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	return collect_merge(c, t->coll, &t->n, err);
}
static enum rc send(struct job_ctx *c, void *arg, struct err *err)
{
	struct town *t = arg;
	return collect_send(c, &t->c, t->sums, t->sums_n, t->rows, &t->n, err);
}
static enum rc announce(struct job_ctx *c, void *arg, struct err *err)
{
	return collect_announce(c, ((struct town *)arg)->coll, err);
}
static enum rc answer(struct job_ctx *c, void *arg, struct err *err)
{
	return collect_answer(c, arg, err);
}
static enum rc back(struct job_ctx *c, void *arg, struct err *err)
{
	return collect_return(c, *(int64_t *)arg, STR("数目不对"), err);
}

static enum rc run(
	struct town *t, struct actor who, enum rc (*f)(struct job_ctx *, void *, struct err *), void *arg)
{
	struct err err = {0};
	return city_run(t->city, &who, &t->a, (str){NULL, 0}, f, arg, &err);
}

static void units_answer_own_columns_and_their_numbers_are_summed(void **state)
{
	struct town *t = *state;
	struct actor county = as(t->county, "county_staff"), one = as(t->one, "branch_secretary"),
		     two = as(t->two, "branch_secretary"), other = as(t->other, "county_staff");
	look(t, one, RC_NOT_FOUND); /* a draft is nobody's business */
	assert_int_equal(run(t, one, issue, t), RC_DENIED);
	assert_int_equal(run(t, county, issue, t), RC_OK);
	look(t, other, RC_NOT_FOUND);
	assert_int_equal(look(t, one, RC_OK)->units_n, 1);
	assert_int_equal(t->c.columns_n, 2);
	struct collect_answer a = {.reply = reply_of(t, t->one),
		.rows_n = 1,
		.import_no = -1,
		.answers = STR("{\"马甲件数\":\"12\",\"缺口说明\":\"缺小号\"}")};
	assert_int_equal(run(t, two, answer, &a), RC_DENIED);
	assert_int_equal(run(t, one, answer, &a), RC_OK);
	a.reply = reply_of(t, t->two);
	a.answers = STR("{\"马甲件数\":\"30\"}");
	assert_int_equal(run(t, two, answer, &a), RC_OK);
	look(t, county, RC_OK);
	assert_int_equal(t->c.in, 2);
	assert_int_equal(t->sums_n, 1);
	assert_int_equal(t->sums[0].value, 42);
	assert_int_equal(t->rows, 2);
	/* Sent back: it counts no more until it is in again. */
	int64_t reply = a.reply;
	assert_int_equal(run(t, county, back, &reply), RC_OK);
	look(t, county, RC_OK);
	assert_int_equal(t->sums[0].value, 12);
	assert_int_equal(t->c.returned, 1);
	/* 本期无 */
	a = (struct collect_answer){.reply = reply, .nil = true, .rows_n = -1, .import_no = -1};
	assert_int_equal(run(t, two, answer, &a), RC_OK);
	look(t, county, RC_OK);
	assert_int_equal(t->c.nil, 1);
	assert_int_equal(run(t, county, send, t), RC_CONFLICT); /* not merged */
	assert_int_equal(run(t, county, merge, t), RC_OK);
	assert_int_equal(t->n, 2);
	look(t, county, RC_OK);
	assert_int_equal(run(t, county, send, t), RC_OK);
	look(t, county, RC_OK);
	assert_true(str_is(t->c.sent_state, "sent") && str_is(t->c.sums, "马甲件数=12") &&
		    str_is(t->c.state, "closed"));
	assert_int_equal(run(t, county, send, t), RC_CONFLICT);
}

static void the_text_for_the_group_names_who_is_missing_and_goes_out_once_a_day(void **state)
{
	struct town *t = *state;
	struct actor county = as(t->county, "county_staff");
	assert_int_equal(run(t, county, issue, t), RC_OK);
	look(t, county, RC_OK);
	str text = coll_text(&t->a, &t->c, STR("https://x/1"), date_of(2026, 11, 24));
	assert_true(str_find(text, STR("B1")) != SIZE_MAX && str_find(text, STR("B2")) != SIZE_MAX);
	assert_true(str_find(text, STR("https://x/1")) != SIZE_MAX &&
		    str_find(text, STR("2026-11-26")) != SIZE_MAX);
	assert_true(str_is(coll_deadline(&t->a, &t->c, date_of(2026, 11, 26)), "due today"));
	assert_true(str_is(coll_deadline(&t->a, &t->c, date_of(2026, 11, 28)), "2 days late"));
	assert_int_equal(run(t, county, announce, t), RC_OK);
	assert_int_equal(run(t, county, announce, t), RC_CONFLICT);
}

static enum rc issue_notice(struct job_ctx *c, void *arg, struct err *err)
{
	return notice_issue(c, ((struct town *)arg)->notice, err);
}
static enum rc acknowledge(struct job_ctx *c, void *arg, struct err *err)
{
	return notice_receive(c, *(int64_t *)arg, STR("acknowledge"), err);
}

static void a_notice_is_acknowledged_by_each_unit_for_itself(void **state)
{
	struct town *t = *state;
	struct actor county = as(t->county, "county_staff"), one = as(t->one, "branch_secretary"),
		     two = as(t->two, "branch_secretary");
	struct notice n;
	struct reader r;
	struct err err = {0};
	assert_int_equal(run(t, county, issue_notice, t), RC_OK);
	must(reader_open(t->city, &t->a, &one, &r, &err), &err);
	must(notice_read(&r, t->notice, &n, &err), &err);
	reader_close(&r);
	assert_int_equal(n.units_n, 1);
	int64_t receipt = n.units[0].receipt;
	assert_int_equal(run(t, two, acknowledge, &receipt), RC_DENIED);
	assert_int_equal(run(t, one, acknowledge, &receipt), RC_OK);
	must(reader_open(t->city, &t->a, &county, &r, &err), &err);
	must(notice_read(&r, t->notice, &n, &err), &err);
	reader_close(&r);
	assert_int_equal(n.units_n, 2);
	assert_int_equal(n.acknowledged, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			units_answer_own_columns_and_their_numbers_are_summed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_text_for_the_group_names_who_is_missing_and_goes_out_once_a_day, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_notice_is_acknowledged_by_each_unit_for_itself, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
