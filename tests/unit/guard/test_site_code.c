/* The rotating code on site: good for its window and the next, for its own place; the ticket for fifteen minutes. */
#include "guard/site_code.h"
#include "tests.h"
#include <unistd.h>

static struct seal *seal;
enum { NOW = 1795485600 };
static const int64_t now = (int64_t)NOW * 1000;

static int open_seal(void **state)
{
	(void)state;
	struct err err;
	char path[] = "/tmp/qinghe-site-XXXXXX";
	int fd = mkstemp(path);
	close(fd);
	unlink(path);
	bool good = seal_create(path, 1, 7, &err) == RC_OK && seal_open(path, false, &seal, &err) == RC_OK;
	unlink(path);
	return good ? 0 : -1;
}

static int close_seal(void **state)
{
	(void)state;
	seal_close(seal);
	return 0;
}

static void a_code_is_good_in_its_window_and_the_next(void **state)
{
	(void)state;
	char code[SITE_CODE_BYTES], next[SITE_CODE_BYTES];
	str what = STR("volunteer_event:12");
	site_code(seal, what, now, code);
	site_code(seal, what, now + SITE_CODE_MS, next);
	assert_string_not_equal(code, next);
	assert_true(site_code_good(seal, what, str_of(code), now));
	assert_true(site_code_good(seal, what, str_of(code), now + SITE_CODE_MS));
	assert_false(site_code_good(seal, what, str_of(code), now + 2 * SITE_CODE_MS));
	assert_false(site_code_good(seal, what, str_of(code), now + 86400000));
	assert_false(site_code_good(seal, what, str_of(next), now));
	assert_false(site_code_good(seal, STR("volunteer_event:13"), str_of(code), now));
	assert_false(site_code_good(seal, what, STR(""), now));
	assert_false(site_code_good(seal, what, STR("00000000"), now));
}

static void every_changed_letter_is_refused_and_typing_is_forgiven(void **state)
{
	(void)state;
	char code[SITE_CODE_BYTES], typed[12];
	str what = STR("volunteer_event:12");
	site_code(seal, what, now, code);
	snprintf(typed, sizeof typed, "%.4s-%.4s", code, code + 4);
	for (char *c = typed; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	assert_true(site_code_good(seal, what, str_of(typed), now));
	for (int i = 0; i < 8; i++) {
		char other[SITE_CODE_BYTES];
		memcpy(other, code, sizeof other);
		other[i] = other[i] == '7' ? '8' : '7';
		assert_false(site_code_good(seal, what, str_of(other), now));
	}
}

static void a_ticket_holds_for_fifteen_minutes_at_its_own_place(void **state)
{
	(void)state;
	char ticket[SITE_TICKET_BYTES];
	str what = STR("volunteer_event:12");
	site_ticket(seal, what, now, ticket);
	assert_true(site_ticket_good(seal, what, str_of(ticket), now));
	assert_true(site_ticket_good(seal, what, str_of(ticket), now + SITE_TICKET_MS));
	assert_false(site_ticket_good(seal, what, str_of(ticket), now + SITE_TICKET_MS + 1));
	assert_false(site_ticket_good(seal, what, str_of(ticket), now - 1));
	assert_false(site_ticket_good(seal, STR("volunteer_event:2"), str_of(ticket), now));
	for (size_t i = 0; ticket[i]; i++) {
		char c = ticket[i];
		ticket[i] = c == '1' ? '2' : '1';
		assert_false(site_ticket_good(seal, what, str_of(ticket), now));
		ticket[i] = c;
	}
	assert_false(site_ticket_good(seal, what, STR(""), now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_good_in_its_window_and_the_next),
		cmocka_unit_test(every_changed_letter_is_refused_and_typing_is_forgiven),
		cmocka_unit_test(a_ticket_holds_for_fifteen_minutes_at_its_own_place),
	};
	return cmocka_run_group_tests(tests, open_seal, close_seal);
}
