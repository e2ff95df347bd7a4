/* Identifiers against computed vectors, other people's verdicts, and every single slip of the pen. */
#include "base/date.h"
#include "base/ident.h"
#include "base/lines.h"
#include "base/rand.h"
#include "tests.h"

static struct ident check(const char *text)
{
	return ident_check(str_of(text), date_of(2026, 1, 1));
}

static void citizen_ids_have_the_computed_verdicts(void **state)
{
	(void)state;
	static const char *const good[] = {"34052419800101001X", "371001198010082394", "34052419800101001x",
		" 340524 19800101 001X", "３４０５２４１９８００１０１００１Ｘ", "340524-19800101-001X"};
	static const char *const not_good[] = {"340524198001010013", "371001198010082395",
		"371001198013082394", "371001203010082390", "371001198002302394", "37100118", "",
		"3405241980010100XX", "345955198706122245"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct ident id = check(good[i]);
		if (!id.valid || id.kind != IDENT_CITIZEN)
			fail_msg("refused: %s: %s", good[i], id.reason);
	}
	for (size_t i = 0; i < sizeof not_good / sizeof *not_good; i++) {
		struct ident id = check(not_good[i]);
		if (id.valid || id.reason == NULL)
			fail_msg("accepted: %s", not_good[i]);
	}
	struct ident id = check("34052419800101001X");
	assert_int_equal(id.born, date_of(1980, 1, 1));
	assert_true(id.male);
	assert_null(id.reason);
	assert_true(check("371001198010082394").male);
	assert_false(check("11010519491231002X").male);
	assert_string_equal(check("34052419800101001x").normal, "34052419800101001X");
}

static void an_id_born_tomorrow_is_refused_and_an_unknown_region_only_warned_of(void **state)
{
	(void)state;
	struct ident id = ident_check(STR("34052419800101001X"), date_of(1979, 12, 31));
	assert_false(id.valid);
	assert_non_null(strstr(id.reason, "future"));
	char odd[19] = "990426199112010070";
	odd[17] = ident_citizen_digit(odd);
	id = check(odd);
	assert_true(id.valid);
	assert_non_null(strstr(id.reason, "region"));
	odd[0] = '1', odd[1] = '6'; /* 16 stands nowhere, though "1 6" is in the list's text */
	odd[17] = ident_citizen_digit(odd);
	assert_non_null(check(odd).reason);
}

static void the_old_15_digits_become_18_with_a_warning(void **state)
{
	(void)state;
	struct ident id = check("130503670401001");
	assert_true(id.valid);
	assert_string_equal(id.normal, "130503196704010016");
	assert_non_null(id.reason);
	assert_int_equal(id.born, date_of(1967, 4, 1));
	assert_false(check("130503671301001").valid);
	assert_false(check("13050367040100X").valid);
	assert_int_equal(check("13050367040100X").kind, IDENT_UNKNOWN);
}

static void every_single_slip_in_an_id_is_found(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 1);
	for (int k = 0; k < 2000; k++) {
		char id[19];
		snprintf(id, sizeof id, "%06u%04u%02u%02u%03u", (unsigned)(110000 + rng_below(&r, 540000)),
			(unsigned)(1950 + rng_below(&r, 70)), (unsigned)(1 + rng_below(&r, 12)),
			(unsigned)(1 + rng_below(&r, 28)), (unsigned)rng_below(&r, 1000));
		id[17] = ident_citizen_digit(id);
		id[18] = 0;
		assert_true(check(id).valid);
		for (size_t i = 0; i < 18; i++)
			for (char c = '0'; c <= '9'; c++) {
				char was = id[i];
				if (c == was)
					continue;
				id[i] = c;
				struct ident got = check(id);
				if (got.valid && got.kind == IDENT_CITIZEN)
					fail_msg("accepted: %s", id);
				id[i] = was;
			}
		for (size_t i = 0; i < 16; i++) {
			if (id[i] == id[i + 1])
				continue;
			char t = id[i];
			id[i] = id[i + 1], id[i + 1] = t;
			struct ident got = check(id);
			assert_false(got.valid && got.kind == IDENT_CITIZEN);
			t = id[i];
			id[i] = id[i + 1], id[i + 1] = t;
		}
	}
}

static void credit_codes_have_the_computed_verdicts(void **state)
{
	(void)state;
	assert_true(check("91350100M000100Y43").valid);
	assert_true(check("91350100m000100y43").valid);
	assert_int_equal(check("91350100M000100Y43").kind, IDENT_CREDIT);
	static const char *const not_good[] = {"91350100M000100Y4Z", "91350211M0000XUF46",
		"91350100M0001TGQXM", "9135O100M000100Y43", "91350I00M000100Y43", "91AB0100M000100Y43"};
	for (size_t i = 0; i < sizeof not_good / sizeof *not_good; i++) {
		struct ident id = check(not_good[i]);
		assert_false(id.valid);
		assert_int_equal(id.kind, IDENT_CREDIT);
		assert_non_null(id.reason);
	}
	assert_non_null(strstr(check("91350211M0000XUF46").reason, "two persons"));
	assert_int_equal(check("121200004013590816").kind, IDENT_CREDIT);
}

static void real_codes_and_other_peoples_verdicts_agree(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	const char *codes = shared_data(&a, "identifiers/uscc-valid.txt");
	const char *ids = shared_data(&a, "identifiers/ric-stdnum.tsv");
	if (codes == NULL || ids == NULL) {
		arena_done(&a);
		skip();
	}
	struct lines in;
	str line;
	int n = 0;
	assert_ok(lines_open(&in, codes, &err), &err);
	while (lines_next(&in, &line, &err) == RC_OK) {
		struct ident id = ident_check(line, date_of(2026, 1, 1));
		if (!id.valid || id.kind != IDENT_CREDIT)
			fail_msg("%.*s: %s", STR_ARG(line), id.reason);
		n++;
	}
	lines_close(&in);
	assert_int_equal(n, 200);
	assert_ok(lines_open(&in, ids, &err), &err);
	while (lines_next(&in, &line, &err) == RC_OK) {
		str rest, call = str_cut(line, '\t', &rest), number = str_cut(rest, '\t', &rest);
		struct ident id = ident_check(number, date_of(2026, 1, 1));
		bool place = str_is(call, "get_birth_place"), bad = str_starts(rest, STR("Traceback"));
		if (str_is(call, "call"))
			continue;
		/* A birth place that is not in a table of regions is a warning here, not an error: the divisions of the
		 * year of birth are not those of the year of issue, and 990426 and the like stay questionable. */
		if (place)
			assert_true(id.valid || id.reason != NULL);
		else if (id.valid == bad)
			fail_msg("%.*s: %s", STR_ARG(number), id.valid ? "accepted" : id.reason);
		if (str_is(call, "get_birth_date")) {
			struct ymd d = date_ymd(id.born);
			str want = arena_fmt(&a, "datetime.date(%d, %d, %d)", d.year, d.month, d.day);
			assert_true(str_eq(rest, want));
		}
		n++;
	}
	lines_close(&in);
	assert_int_equal(n, 217);
	arena_done(&a);
}

static void a_serial_finds_every_single_slip_and_swap(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 2);
	char text[IDENT_NORMAL_BYTES];
	assert_true(ident_serial("ZY", 2025, 1234, text));
	assert_string_equal(check(text).normal, text);
	for (int k = 0; k < 3000; k++) {
		static const char *const prefix[] = {"Z", "ZY", "BJZ", "ABCD"};
		assert_true(ident_serial(prefix[rng_below(&r, 4)], 1990 + (int)rng_below(&r, 100),
			1 + (int64_t)rng_below(&r, IDENT_SERIAL_NUMBER_MAX), text));
		assert_true(check(text).valid);
		assert_int_equal(check(text).kind, IDENT_SERIAL);
		size_t n = strlen(text);
		for (size_t i = 0; i < n; i++) {
			char was = text[i];
			for (const char *c = was >= 'A' ? "AZQX" : "0123456789"; *c; c++)
				if (was != '-' && *c != was) {
					text[i] = *c;
					assert_false(check(text).valid);
				}
			text[i] = was;
			if (i + 1 < n && text[i + 1] != was && text[i + 1] != '-' && was != '-') {
				text[i] = text[i + 1], text[i + 1] = was;
				assert_false(check(text).valid);
				text[i + 1] = text[i], text[i] = was;
			}
		}
	}
	assert_false(ident_serial("", 2025, 1, text));
	assert_false(ident_serial("ABCDE", 2025, 1, text));
	assert_false(ident_serial("a", 2025, 1, text));
	assert_false(ident_serial("A", 1899, 1, text));
	assert_false(ident_serial("A", 2201, 1, text));
	assert_false(ident_serial("A", 2025, 0, text));
	assert_false(ident_serial("A", 2025, IDENT_SERIAL_NUMBER_MAX + 1, text));
}

static void kinds_have_names_and_rubbish_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(ident_kind_name(IDENT_CITIZEN), "citizen_id");
	assert_string_equal(ident_kind_name(IDENT_SERIAL), "serial");
	assert_string_equal(ident_kind_name(check("张三").kind), "unknown");
	assert_int_equal(check("91350100M000100Y43000000000000000000000000").kind, IDENT_UNKNOWN);
	assert_int_equal(check("911522010783762*60").kind, IDENT_UNKNOWN);
	assert_int_equal(check("ABCDEFGHIJKLMNO").kind, IDENT_UNKNOWN);
	assert_true(check("340524\xe3\x80\x80"
			  "19800101\xc2\xa0"
			  "001X")
			    .valid);
	assert_true(check("340524\xe2\x80\x93"
			  "19800101\xe2\x80\x94"
			  "001X")
			    .valid);
	assert_false(check("34052419800101001\xef\xbf\xa5").valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(citizen_ids_have_the_computed_verdicts),
		cmocka_unit_test(an_id_born_tomorrow_is_refused_and_an_unknown_region_only_warned_of),
		cmocka_unit_test(the_old_15_digits_become_18_with_a_warning),
		cmocka_unit_test(every_single_slip_in_an_id_is_found),
		cmocka_unit_test(credit_codes_have_the_computed_verdicts),
		cmocka_unit_test(real_codes_and_other_peoples_verdicts_agree),
		cmocka_unit_test(a_serial_finds_every_single_slip_and_swap),
		cmocka_unit_test(kinds_have_names_and_rubbish_is_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
