/* Faults and texts: how they are told, and in which language. */
#include "base/embed.h"
#include "base/str.h"
#include "base/tr.h"
#include "tests.h"

static enum rc inner(struct err *err)
{
	return FAIL(err, RC_INVALID, "row %d: %s", 7, "why");
}

static enum rc outer(struct err *err)
{
	TRY(inner(err));
	return RC_OK;
}

static void the_first_who_sees_it_fills_it_and_those_above_pass_it_on(void **state)
{
	(void)state;
	struct err err = {0};
	tr_set(LANG_EN);
	assert_int_equal(outer(&err), RC_INVALID);
	assert_int_equal(err.rc, RC_INVALID);
	assert_string_equal(err.text, "row 7: why");
	assert_string_equal(err.func, "inner");
	assert_int_equal(err_at(&err, RC_INVALID, "%s, sheet %d", "f.xlsx", 2), RC_INVALID);
	assert_string_equal(err.text, "f.xlsx, sheet 2: row 7: why");
	assert_int_equal(outer(NULL), RC_INVALID); /* who wants only the code */
	assert_int_equal(err_at(NULL, RC_IO, "x"), RC_IO);
}

static void every_code_has_its_exit_code(void **state)
{
	(void)state;
	static const int want[] = {[RC_OK] = 0,
		[RC_FOUND] = 1,
		[RC_INVALID] = 2,
		[RC_DENIED] = 3,
		[RC_NOT_FOUND] = 2,
		[RC_CONFLICT] = 2,
		[RC_LIMIT] = 2,
		[RC_IO] = 4,
		[RC_UNKNOWN] = 4};
	for (int rc = RC_OK; rc <= RC_UNKNOWN; rc++)
		assert_int_equal(err_exit_code((enum rc)rc), want[rc]);
}

static void texts_are_told_in_the_threads_language(void **state)
{
	(void)state;
	tr_set(LANG_ZH);
	assert_int_equal(tr_lang(), LANG_ZH);
	assert_string_equal(tr("visit overdue"), "走访逾期");
	assert_string_equal(
		tr("no such text stands in any catalogue"), "no such text stands in any catalogue");
	assert_string_equal(tr(""), "");
	assert_null(tr(NULL));
	assert_string_equal(trn("one unheard-of thing", "many", 2), "many");
	tr_set(LANG_EN);
	assert_string_equal(tr("visit overdue"), "visit overdue");
	assert_string_equal(trn("one", "many", 1), "one");
	assert_string_equal(trn("one", "many", 0), "many");
}

static void embedded_files_are_sorted_found_and_end_in_nul(void **state)
{
	(void)state;
	assert_true(embed_files_n > 100);
	for (size_t i = 0; i < embed_files_n; i++) {
		const struct embed_file *f = &embed_files[i];
		assert_true(i == 0 || strcmp(embed_files[i - 1].path, f->path) < 0);
		str s = embed_find(f->path);
		assert_ptr_equal(s.p, f->begin);
		assert_int_equal(s.n, f->end - f->begin);
		assert_int_equal(s.p[s.n], 0);
	}
	assert_null(embed_find("model/registers/no_such.yaml").p);
	assert_null(embed_find("").p);
	assert_non_null(embed_find("model/registers/visit.yaml").p);
	assert_memory_equal(embed_zh_mo().p, "\xde\x12\x04\x95", 4); /* gettext's own mark */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_who_sees_it_fills_it_and_those_above_pass_it_on),
		cmocka_unit_test(every_code_has_its_exit_code),
		cmocka_unit_test(texts_are_told_in_the_threads_language),
		cmocka_unit_test(embedded_files_are_sorted_found_and_end_in_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
