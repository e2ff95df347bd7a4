/* Names of downloads, and that nothing downloaded is shown. */
#include "base/utf8.h"
#include "net/download.h"
#include "tests.h"

static void names_come_out_as_rfc_6266_says(void **state)
{
	(void)state;
	struct arena a = {0};
	static const struct {
		const char *name, *want;
	} cases[] = {
		{"report.docx", "attachment; filename=\"report.docx\"; filename*=UTF-8''report.docx"},
		{"年报 2025.docx", "attachment; filename=\"__ 2025.docx\"; "
				   "filename*=UTF-8''%E5%B9%B4%E6%8A%A5%202025.docx"},
		{"a\"; filename=evil.exe", "attachment; filename=\"a__ filename=evil.exe\"; "
					   "filename*=UTF-8''a__%20filename%3Devil.exe"},
		{"a\r\nSet-Cookie: x=1", "attachment; filename=\"a__Set-Cookie_ x=1\"; "
					 "filename*=UTF-8''a__Set-Cookie_%20x%3D1"},
		{"../../etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd"},
		{"C:\\Users\\x\\名单.xlsx",
			"attachment; filename=\"__.xlsx\"; filename*=UTF-8''%E5%90%8D%E5%8D%95.xlsx"},
		{"..", "attachment; filename=\"file\"; filename*=UTF-8''file"},
		{"", "attachment; filename=\"file\"; filename*=UTF-8''file"},
		{"%2e%2e%2f", "attachment; filename=\"_2e_2e_2f\"; filename*=UTF-8''_2e_2e_2f"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(download_disposition(&a, str_of(cases[i].name)), cases[i].want);
	char every[256];
	for (int i = 0; i < 256; i++)
		every[i] = (char)i;
	const char *got = download_disposition(&a, (str){every, 256});
	for (const char *p = got; *p; p++)
		assert_true((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
	arena_done(&a);
}

static void what_was_uploaded_is_saved_and_never_shown(void **state)
{
	(void)state;
	static const char *const shown[] = {"text/html", "image/svg+xml", "application/xml",
		"text/javascript", "application/xhtml+xml", "text/html; charset=utf-8", "TEXT/HTML",
		"application/pdf", "", NULL};
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		assert_string_equal(download_type(shown[i]), "application/octet-stream");
	assert_string_equal(download_type("application/json"), "application/json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_out_as_rfc_6266_says),
		cmocka_unit_test(what_was_uploaded_is_saved_and_never_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
