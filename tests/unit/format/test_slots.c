/* Slots in plain text, filled by a small host: values echo their name, #n repeats n times, k is the step. */
#include "base/rand.h"
#include "format/slots.h"
#include "tests.h"

struct echo {
	struct arena a;
	size_t stack[SLOTS_DEPTH_MAX], depth;
};

static enum rc kind(
	void *user, str inside, bool closed, const struct slot_where *w, enum slot_kind *out, struct err *err)
{
	(void)user;
	if (!closed)
		return FAIL(err, RC_INVALID, "open at %zu", w->paragraph);
	*out = str_starts(inside, STR("#"))   ? SLOT_OPEN
	       : str_starts(inside, STR("/")) ? SLOT_CLOSE
	       : str_starts(inside, STR("+")) ? SLOT_FOREIGN
					      : SLOT_VALUE;
	return RC_OK;
}

static enum rc enter(void *user, str inside, const struct slot_where *w, size_t *out, struct err *err)
{
	struct echo *e = user;
	(void)w;
	(void)err;
	e->depth++;
	*out = (size_t)(inside.p[1] - '0');
	return RC_OK;
}

static enum rc step(void *user, size_t i, struct err *err)
{
	struct echo *e = user;
	(void)err;
	e->stack[e->depth - 1] = i;
	return RC_OK;
}

static void leave(void *user)
{
	((struct echo *)user)->depth--;
}

static enum rc fill(void *user, str inside, str before, str after, const struct slot_where *w,
	struct slot_fill *out, struct err *err)
{
	struct echo *e = user;
	(void)before;
	(void)w;
	(void)err;
	if (str_is(inside, "k"))
		out->text = arena_fmt(&e->a, "%zu", e->depth ? e->stack[e->depth - 1] : 9);
	else
		out->text = inside;
	out->tag = inside;
	out->label = STR("L");
	if (str_is(inside, "p") && str_starts(after, STR("人")) && !str_starts(after, STR("人次"))) {
		out->eat = strlen("人");
		out->instead = STR("人次");
	}
	return RC_OK;
}

static enum rc run(const char *text, bool marks, char *out, size_t max, struct err *err)
{
	struct echo e = {0};
	struct slot_host host = {&e, kind, NULL, enter, step, leave, fill, NULL};
	struct buf b;
	buf_init(&b, 1 << 20);
	enum rc rc = slots_fill_text(&e.a, str_of(text), &host, marks, &b, err);
	snprintf(out, max, "%s", b.p ? b.p : "");
	buf_done(&b);
	arena_done(&e.a);
	return rc;
}

static void gives(const char *text, const char *want)
{
	char out[4096];
	struct err err = {0};
	enum rc rc = run(text, false, out, sizeof out, &err);
	if (rc != RC_OK || strcmp(out, want) != 0)
		fail_msg("%s\n gave %s %s\n want %s", text, out, err.text, want);
}

static void values_stand_where_their_tags_stood(void **state)
{
	(void)state;
	gives("a{{x}}b{{ y }}c", "axbyc");
	gives("｛｛x｝｝期", "x期");
	gives("{{{x}}}", "{x}");
	gives("{{+left}} {{x}}", "{{+left}} x");
	gives("{{p}}人参加", "p人次参加");
	gives("{{p}}人次参加", "p人次参加");
	gives("{{p}}{{x}}人", "px人");
	gives("", "");
}

static void blocks_repeat_pieces_lines_and_rows(void **state)
{
	(void)state;
	gives("a{{#3}}{{k}}，{{/}}b", "a0，1，2，b");
	gives("a{{#0}}{{k}}{{/}}b", "ab");
	gives("a\n{{#2}}\nrow {{k}}\n{{/}}\nb", "a\nrow 0\nrow 1\nb");
	gives("{{#2}}{{k}}{{#2}}{{k}}{{/}}.{{/}}", "001.101.");
	gives("| h |\n|---|\n| {{#2}}{{k}} | {{x}}{{/}} |\nend", "| h |\n|---|\n| 0 | x |\n| 1 | x |\nend");
	gives("|{{#2}}{{#1}}{{k}}|{{x}}{{/}}{{/}}|\n", "|0|x|\n|0|x|\n");
	gives("| {{#2}} | |\n| {{k}} |\n| {{/}} | |\n", "| 0 |\n| 1 |\n");
	gives("{{#1}}\n{{#1}}\nx\n{{/}}\n{{/}}\ny", "x\ny");
	gives("{{#1}}\n{{/}}\ny", "y");
	gives("{{#2}}p{{k}}\n\nq{{/}}\n", "p0\n\nqp1\n\nq\n");
}

static void faults_name_the_slot_and_its_paragraph(void **state)
{
	(void)state;
	char out[256];
	struct err err = {0};
	assert_int_equal(run("one\n\ntwo {{#1}}x", false, out, sizeof out, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "paragraph 2"));
	assert_non_null(strstr(err.text, "{{#1}}"));
	assert_string_equal(out, "");
	assert_int_equal(run("{{/}}", false, out, sizeof out, &err), RC_INVALID);
	assert_int_equal(run("a {{x", false, out, sizeof out, &err), RC_INVALID);
	assert_int_equal(run("a {{x {{y}}", false, out, sizeof out, &err), RC_INVALID);
	assert_int_equal(run("a\x02", false, out, sizeof out, &err), RC_INVALID);
	assert_int_equal(run("| {{x}} {{#1}} | {{/}} |", false, out, sizeof out, &err), RC_INVALID);
}

static void marks_carry_tag_and_label(void **state)
{
	(void)state;
	char out[256];
	struct err err = {0};
	assert_ok(run("a{{x}}b", true, out, sizeof out, &err), &err);
	assert_string_equal(out, "a\x02x\x1fL\x1fx\x03"
				 "b");
}

static void any_soup_of_tags_is_filled_or_refused(void **state)
{
	(void)state;
	static const char *const bits[] = {
		"{{x}}", "{{#2}}", "{{#0}}", "{{/}}", "\n", "|", "text", "{{", "}}", "{", "\n\n"};
	struct rng r;
	rng_init(&r, 3);
	size_t done = 0;
	for (int i = 0; i < 20000; i++) {
		char text[256] = "", out[65536];
		for (int k = 0; k < 7; k++)
			strncat(text, bits[rng_below(&r, sizeof bits / sizeof *bits)], 16);
		struct err err = {0};
		if (run(text, false, out, sizeof out, &err) == RC_OK) {
			done++;
			assert_null(strstr(out, "{{#"));
		} else {
			assert_true(err.text[0] != 0);
		}
	}
	assert_true(done > 1000);
}

int main(void)
{
	tr_set(LANG_EN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stand_where_their_tags_stood),
		cmocka_unit_test(blocks_repeat_pieces_lines_and_rows),
		cmocka_unit_test(faults_name_the_slot_and_its_paragraph),
		cmocka_unit_test(marks_carry_tag_and_label),
		cmocka_unit_test(any_soup_of_tags_is_filled_or_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
