/* Sums of cell differences against plain arrays. */
#include "base/rand.h"
#include "figure/sums.h"
#include "tests.h"

/* Eras made by hand: organisation o in 10..29 stands under o / 10 and the root 1. */
static void make_eras(struct eras *e)
{
	for (int64_t org = 10; org < 30; org++) {
		int64_t *anc = NEWS(&e->a, 3, int64_t);
		anc[0] = 1;
		anc[1] = org / 10 + 1;
		anc[2] = org;
		e->list = arena_grow(&e->a, e->list, e->n, &e->cap, sizeof *e->list);
		e->list[e->n] = (struct era){INT32_MIN, INT32_MAX, anc, 3, (uint32_t)e->n + 1};
		e->n++;
	}
}

static void an_address_survives_packing_and_sorts_like_the_table(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 3);
	struct cell_address last = {0};
	for (int i = 0; i < 2000; i++) {
		struct cell_address at = {.org = (int64_t)rng_below(&r, 1u << 30),
			.span = (uint32_t)rng_below(&r, 40000),
			.number = (int)rng_below(&r, FIGURE_NUMBERS_MAX),
			.part = (int)rng_below(&r, PARTS)};
		struct cell_address back = cell_unpack(cell_pack(at));
		assert_int_equal(back.org, at.org);
		assert_int_equal(back.span, at.span);
		assert_int_equal(back.number, at.number);
		assert_int_equal(back.part, at.part);
		int by = at.org != last.org         ? (at.org > last.org) * 2 - 1
			 : at.span != last.span     ? (at.span > last.span) * 2 - 1
			 : at.number != last.number ? (at.number > last.number) * 2 - 1
						    : (at.part > last.part) - (at.part < last.part);
		assert_int_equal((cell_pack(at) > cell_pack(last)) - (cell_pack(at) < cell_pack(last)), by);
		last = at;
	}
	assert_int_equal(span_of_month(2025 * 12), 2025 * 16 + 1);
	assert_int_equal(span_of_month(2025 * 12 + 11), 2025 * 16 + 12);
	assert_int_equal(span_of_year(2025), 2025 * 16);
}

static void sums_go_up_once(void **state)
{
	(void)state;
	struct sums s = {0};
	struct eras e = {0};
	struct arena a = {0};
	struct rng r;
	int64_t plain[64][2] = {{0}};
	rng_init(&r, 9);
	make_eras(&e);
	for (int i = 0; i < 5000; i++) {
		uint32_t era = 1 + (uint32_t)rng_below(&r, 20);
		int part = (int)rng_below(&r, 2);
		int64_t delta = (int64_t)rng_below(&r, 7) - 3;
		sums_add(&s, era, 100, 5, part, delta);
		plain[era + 9][part] += delta;
		plain[(era + 9) / 10 + 1][part] += delta;
		plain[1][part] += delta;
	}
	sums_add_org(&s, 60, 100, 5, 0, 8);
	plain[60][0] += 8;
	sums_roll(&s, &e);
	size_t n, expected = 0;
	struct cell_delta *list = sums_list(&a, &s, &n);
	for (size_t i = 0; i < 64; i++)
		expected += (size_t)(plain[i][0] != 0) + (size_t)(plain[i][1] != 0);
	assert_int_equal(n, expected);
	for (size_t i = 0; i < n; i++) {
		struct cell_address at = cell_unpack(list[i].key);
		assert_true(i == 0 || list[i - 1].key < list[i].key);
		assert_int_equal(list[i].value, plain[at.org][at.part]);
	}
	sums_done(&s);
	eras_done(&e);
	arena_done(&a);
}

enum { REFS = 12, YEARS = 2, FIGURES = 2 };

/* How presence of a reference changed for an organisation, counted plainly. */
static void presence_is_told_once_and_only_where_it_changed(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 21);
	for (int round = 0; round < 300; round++) {
		static uint8_t plain[REFS][YEARS][FIGURES][64];
		struct sums s = {0};
		struct eras e = {0};
		struct arena a = {0};
		struct presence p;
		size_t cursor = 0;
		memset(plain, 0, sizeof plain);
		make_eras(&e);
		for (uint64_t i = 0; i < 1 + rng_below(&r, 40); i++) {
			uint32_t era = 1 + (uint32_t)rng_below(&r, 20);
			int ref = (int)rng_below(&r, REFS), year = (int)rng_below(&r, YEARS),
			    figure = (int)rng_below(&r, FIGURES);
			bool after = rng_below(&r, 2), by_org = rng_below(&r, 8) == 0;
			uint8_t side = after ? 2 : 1, *at = plain[ref][year][figure];
			sums_saw(&s, figure, 2025 + year, by_org ? 7 : era, by_org, ref, after);
			if (by_org) {
				at[7] |= side;
				continue;
			}
			at[era + 9] |= side;
			at[(era + 9) / 10 + 1] |= side;
			at[1] |= side;
		}
		while (sums_presence_next(&a, &s, &e, &cursor, &p))
			for (size_t i = 0; i < p.n; i++) {
				uint8_t *at = &plain[p.reference][p.year - 2025][p.number][p.orgs[i]];
				assert_int_equal(p.by[i], *at == 2 ? 1 : *at == 1 ? -1 : 0);
				*at = 0; /* told */
			}
		for (size_t i = 0; i < sizeof plain; i++) {
			uint8_t left = ((uint8_t *)plain)[i];
			assert_true(left == 0 || left == 3);
		}
		sums_done(&s);
		eras_done(&e);
		arena_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_survives_packing_and_sorts_like_the_table),
		cmocka_unit_test(sums_go_up_once),
		cmocka_unit_test(presence_is_told_once_and_only_where_it_changed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
