/* The evidence bundle: written, held against itself, and every kind of change found. */
#include "format/zip.h"
#include "report/bundle.h"
#include "tests.h"

static const unsigned char SEED[SIGN_SEED_BYTES] = {1, 2, 3};

static struct bundle sample(struct arena *a, bool public)
{
	struct hash salt = hash_sha256(STR("salt"));
	struct bundle b = {.city = STR("清河市"),
		.org = STR("01"),
		.period = STR("2025"),
		.version = STR("0.1.0"),
		.public = public};
	b.figures = NEWS(a, 2, struct bundle_figure);
	b.n = 2;
	b.figures[0] = (struct bundle_figure){.id = STR("vol.events"),
		.label = STR("公益服务次数"),
		.unit = STR("次"),
		.digest = STR("ab"),
		.told = true,
		.adds = true,
		.people = true,
		.value = 60,
		.grades = {60}};
	b.figures[1] = (struct bundle_figure){.id = STR("rate"),
		.label = STR("率"),
		.rate = true,
		.of = 3,
		.over = 4,
		.why = STR("a rate")};
	static struct bundle_unit units[] = {{.told = true, .value = 30}, {.told = false}};
	units[0].figure = units[1].figure = STR("vol.events");
	units[0].org = STR("C1");
	units[1].org = STR("C2");
	units[1].why = STR("withheld from the public");
	b.units = units;
	b.units_n = 2;
	struct bundle_figure *f = &b.figures[0];
	f->rows = NEWS(a, 60, struct bundle_row);
	f->n = 60;
	for (size_t i = 0; i < f->n; i++) {
		struct bundle_row *r = &f->rows[i];
		*r = (struct bundle_row){.reg = STR("volunteer_event"),
			.org = i % 2 ? STR("0101") : STR("0102"),
			.month = i < 3    ? STR("2025-01")
				 : i < 25 ? STR("2025-02")
					  : STR("2025-03"),
			.id = (int64_t)i + 1,
			.contribution = 1};
		struct hash c = bundle_commitment(&salt, r, STR("A"));
		r->commitment = hex_str(a, c.b, HASH_BYTES);
	}
	return b;
}

static str made(struct arena *a, const struct bundle *b)
{
	struct buf out;
	struct err err = {0};
	buf_init(&out, 1 << 24);
	assert_ok(bundle_write(a, b, SEED, &out, &err), &err);
	str s = arena_str(a, buf_str(&out));
	buf_done(&out);
	return s;
}

static struct bundle_verdict verify(struct arena *a, str bytes, const char *key)
{
	struct bundle_verdict v;
	struct err err = {0};
	assert_ok(bundle_verify(a, bytes, str_of(key), &v, &err), &err);
	return v;
}

/* The bundle with one entry's text changed, packed anew. */
static str changed(struct arena *a, str bytes, const char *name, const char *from, const char *to)
{
	struct unzip *z;
	struct zipper w;
	struct buf out;
	struct err err = {0};
	bool done = false;
	buf_init(&out, 1 << 24);
	zipper_init(&w, a, &out);
	assert_ok(unzip_open_bytes(a, bytes, NULL, &z, &err), &err);
	for (size_t i = 0; i < unzip_count(z); i++) {
		str text;
		assert_ok(unzip_read(z, unzip_at(z, i), a, &text, &err), &err);
		size_t at = str_is(unzip_at(z, i)->name, name) ? str_find(text, str_of(from)) : SIZE_MAX;
		if (at != SIZE_MAX) {
			text = arena_fmt(a, "%.*s%s%.*s", (int)at, text.p, to,
				STR_ARG(str_from(text, at + strlen(from))));
			done = true;
		}
		zipper_add(&w, arena_str(a, unzip_at(z, i)->name), text);
	}
	unzip_close(z);
	assert_ok(zipper_end(&w, &err), &err);
	assert_true(done);
	str s = arena_str(a, buf_str(&out));
	buf_done(&out);
	return s;
}

static void a_bundle_holds_and_is_the_same_bytes(void **state)
{
	(void)state;
	struct arena a = {0};
	struct bundle b = sample(&a, false);
	str bytes = made(&a, &b);
	assert_true(str_eq(bytes, made(&a, &b)));
	struct bundle_verdict v = verify(&a, bytes, "");
	if (!v.holds)
		fail_msg("%.*s", STR_ARG(v.fault));
	assert_int_equal(v.figures, 2);
	assert_int_equal(v.rows, 60);
	assert_int_equal(v.fingerprint.n, 64);
	assert_true(verify(&a, bytes, arena_cstr(&a, v.fingerprint)).holds);
	assert_false(verify(&a, bytes, "00").holds);
	arena_done(&a);
}

static void says(struct arena *a, str bytes, const char *what)
{
	struct bundle_verdict v = verify(a, bytes, "");
	assert_false(v.holds);
	if (str_find(v.fault, str_of(what)) == SIZE_MAX)
		fail_msg("“%.*s” does not say %s", STR_ARG(v.fault), what);
}

static void every_change_is_named(void **state)
{
	(void)state;
	struct arena a = {0};
	struct bundle b = sample(&a, false);
	str bytes = made(&a, &b);
	says(&a, changed(&a, bytes, "rows/vol.events.csv", "volunteer_event,7,", "volunteer_event,8,"),
		"volunteer_event #8");
	says(&a, changed(&a, bytes, "rows/vol.events.csv", "0101,2025-02,1,", "0101,2025-02,2,"),
		"was changed");
	/* organisation and month stand outside the leaf: the cells tell */
	says(&a,
		changed(&a, bytes, "rows/vol.events.csv", "volunteer_event,4,0101", "volunteer_event,4,0102"),
		"bundle.json does not agree");
	says(&a, changed(&a, bytes, "bundle.json", "\"value\":60", "\"value\":61"),
		"add up to 60, the value is 61");
	says(&a, changed(&a, bytes, "bundle.json", "清河市", "浊河市"), "the signature");
	says(&a, changed(&a, bytes, "signature.json", "\"signature\":\"", "\"signature\":\"x"),
		"no signature");
	/* one byte of the archive itself, outside of all entries */
	char *flipped = arena_cstr(&a, bytes);
	size_t at = bytes.n - 1;
	flipped[at] ^= 1;
	struct bundle_verdict v;
	struct err err = {0};
	if (bundle_verify(&a, (str){flipped, bytes.n}, (str){0}, &v, &err) == RC_OK)
		assert_false(v.holds);
	arena_done(&a);
}

static void any_flipped_byte_is_found(void **state)
{
	(void)state;
	struct arena a = {0};
	struct bundle b = sample(&a, false);
	str bytes = made(&a, &b);
	for (size_t at = 0; at < bytes.n; at += 13) {
		struct arena own = {0};
		struct bundle_verdict v;
		struct err err = {0};
		char *flipped = arena_cstr(&own, bytes);
		flipped[at] ^= 4;
		if (bundle_verify(&own, (str){flipped, bytes.n}, (str){0}, &v, &err) == RC_OK && v.holds)
			fail_msg("byte %zu may be changed", at);
		arena_done(&own);
	}
	arena_done(&a);
}

static void rows_that_do_not_add_up_are_refused_when_written(void **state)
{
	(void)state;
	struct arena a = {0};
	struct buf out;
	struct err err = {0};
	struct bundle b = sample(&a, false);
	b.figures[0].value = 59;
	buf_init(&out, 1 << 20);
	assert_int_equal(bundle_write(&a, &b, SEED, &out, &err), RC_INVALID);
	buf_done(&out);
	arena_done(&a);
}

static void a_public_bundle_has_no_rows_and_hides_small_months_with_a_partner(void **state)
{
	(void)state;
	struct arena a = {0};
	struct bundle b = sample(&a, true);
	str bytes = made(&a, &b);
	assert_true(verify(&a, bytes, "").holds);
	assert_true(str_find(bytes, STR("volunteer_event")) == SIZE_MAX);
	assert_true(str_find(bytes, STR("0101")) == SIZE_MAX);
	assert_true(str_find(bytes, STR("{\"month\":\"2025-01\",\"hidden\":true},{\"month\":\"2025-02\","
					"\"hidden\":true}")) != SIZE_MAX);
	assert_true(str_find(bytes, STR("{\"month\":\"2025-03\",\"count\":35,\"sum\":35}")) != SIZE_MAX);
	arena_done(&a);
}

static void what_is_no_bundle_is_refused(void **state)
{
	(void)state;
	struct arena a = {0};
	struct bundle_verdict v;
	struct err err = {0};
	assert_int_equal(bundle_verify(&a, STR("hello"), (str){0}, &v, &err), RC_INVALID);
	struct buf out;
	struct zipper w;
	buf_init(&out, 1 << 16);
	zipper_init(&w, &a, &out);
	zipper_add(&w, STR("a"), STR("b"));
	assert_ok(zipper_end(&w, &err), &err);
	assert_int_equal(bundle_verify(&a, buf_str(&out), (str){0}, &v, &err), RC_INVALID);
	buf_done(&out);
	arena_done(&a);
}

int main(void)
{
	tr_set(LANG_EN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_holds_and_is_the_same_bytes),
		cmocka_unit_test(every_change_is_named),
		cmocka_unit_test(any_flipped_byte_is_found),
		cmocka_unit_test(rows_that_do_not_add_up_are_refused_when_written),
		cmocka_unit_test(a_public_bundle_has_no_rows_and_hides_small_months_with_a_partner),
		cmocka_unit_test(what_is_no_bundle_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
