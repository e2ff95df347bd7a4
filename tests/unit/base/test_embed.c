/* What the program carries: sorted, found by path, ended by a NUL. */
#include "base/embed.h"
#include "base/tr.h"
#include "tests.h"

static void files_are_sorted_and_each_is_found(void **state)
{
	(void)state;
	assert_true(embed_files_n > 100);
	for (size_t i = 0; i < embed_files_n; i++) {
		const struct embed_file *f = &embed_files[i];
		assert_true(i == 0 || strcmp(embed_files[i - 1].path, f->path) < 0);
		str found = embed_find(f->path);
		assert_ptr_equal(found.p, f->begin);
		assert_int_equal(found.n, (size_t)(f->end - f->begin));
		assert_int_equal(found.p[found.n], 0);
	}
}

static void what_is_not_there_is_not_found(void **state)
{
	(void)state;
	assert_null(embed_find("model/registers/none.yaml").p);
	assert_null(embed_find("").p);
	assert_null(embed_find("zzz").p);
}

static void the_chinese_texts_are_a_catalogue(void **state)
{
	(void)state;
	assert_true(embed_zh_mo().n > 1000);
	assert_memory_equal(embed_zh_mo().p, "\xde\x12\x04\x95", 4);
	tr_set(LANG_ZH);
	assert_string_equal(tr("Sign in"), "登录");
	tr_set(LANG_EN);
	assert_string_equal(tr("Sign in"), "Sign in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_sorted_and_each_is_found),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(the_chinese_texts_are_a_catalogue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
