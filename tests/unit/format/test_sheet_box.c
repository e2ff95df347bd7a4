/* A child that has been taken over: whatever frames it sends, the parent gives a fault or rows that any file could hold. */
#include "base/date.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "format/foreign.h"
#include "format/sheet.h"
#include "tests.h"

enum { SAY_BOOK = BOX_OWN, SAY_FOREIGN, SAY_ROW, SAY_RANGES, SAY_END, ASK_ROWS };

/* A fork of a sanitized program takes long. */
#if defined(__SANITIZE_ADDRESS__)
enum { ROUNDS = 60 };
#else
enum { ROUNDS = 400 };
#endif

static void put_book(struct box *b)
{
	box_begin(b, SAY_BOOK);
	box_u8(b, SHEET_XLSX);
	box_u8(b, 0);
	box_str(b, (str){0});
	box_u32(b, 1900);
	box_u32(b, 1);
	box_str(b, STR("a"));
	box_u8(b, 0);
}

static void put_noise(struct box *b, struct rng *r, size_t max)
{
	for (size_t n = rng_below(r, max); n > 0; n--)
		box_u8(b, (uint8_t)rng_next(r));
}

/* Rows that are right but for one thing that the dice choose. */
static void put_row(struct box *b, struct rng *r, uint32_t number)
{
	bool wrong = rng_below(r, 4) == 0;
	uint32_t n = 1 + (uint32_t)rng_below(r, 5), column = 0;
	box_begin(b, SAY_ROW);
	box_u32(b, wrong && rng_below(r, 3) == 0 ? (uint32_t)rng_next(r) : number);
	box_u8(b, wrong && rng_below(r, 4) == 0 ? (uint8_t)rng_next(r) : 0);
	box_u32(b, wrong && rng_below(r, 3) == 0 ? (uint32_t)rng_next(r) : n);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t kind =
			wrong && rng_below(r, 3) == 0 ? (uint8_t)rng_next(r) : (uint8_t)rng_below(r, 6);
		column += 1 + (uint32_t)rng_below(r, 3);
		box_u8(b, kind);
		box_u32(b, wrong && rng_below(r, 3) == 0 ? (uint32_t)rng_next(r) : column);
		box_str(b, wrong && rng_below(r, 3) == 0 ? STR("\xff\xfe\0") : STR("青"));
		if (kind == CELL_NUMBER)
			box_i64(b, wrong ? (int64_t)rng_next(r) : 0);
		else if (kind == CELL_BOOL)
			box_u8(b, wrong ? (uint8_t)rng_next(r) : 1);
		else if (kind == CELL_DATE) {
			box_u32(b, wrong ? (uint32_t)rng_next(r) : 20000);
			box_i64(b, wrong ? (int64_t)rng_next(r) : -1);
		}
	}
	if (wrong && rng_below(r, 3) == 0)
		put_noise(b, r, 40);
}

static enum rc lie(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	struct rng r;
	int64_t seed;
	uint8_t type;
	struct box_in in;
	bool any;
	(void)a, (void)argument;
	rng_init(&r, str_i64(input, &seed) ? (uint64_t)seed : 0);
	if (str_is(input, "silent")) /* says what leads us to wait, and nothing more */
		box_begin(b, SAY_FOREIGN), box_str(b, STR("xls"));
	else if (rng_below(&r, 5) == 0) {
		box_begin(b, (uint8_t)(BOX_OWN + rng_below(&r, 8)));
		put_noise(b, &r, 300);
		return box_end(b, err);
	} else
		put_book(b);
	TRY(box_end(b, err));
	TRY(box_flush(b, err));
	if (!box_hear(b, true, &type, &in, &any) || !any)
		return RC_OK;
	for (uint32_t i = 1; i < 40; i++) {
		if (rng_below(&r, 30) == 0) {
			box_begin(b, (uint8_t)rng_next(&r));
			put_noise(b, &r, 100);
		} else {
			put_row(b, &r, i);
		}
		TRY(box_end(b, err));
	}
	box_begin(b, SAY_END);
	TRY(box_end(b, err));
	return RC_OK;
}

static const struct box_work works[FOREIGN_WORKS] = {
	[FOREIGN_SHEET] = {"lie", NULL, lie, 512 << 20, 1, false},
};

struct seen {
	uint32_t row;
	size_t rows;
};

static enum rc look(void *user, const struct sheet_row *row, struct err *err)
{
	struct seen *s = user;
	uint32_t column = 0;
	(void)err;
	assert_true(row->number > s->row && row->number <= SHEET_ROWS_MAX && row->n > 0);
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		assert_true(c->column > column && c->column <= SHEET_COLUMNS_MAX);
		assert_true((int)c->kind >= CELL_TEXT && c->kind <= CELL_NO_VALUE && utf8_clean(c->text));
		assert_true(c->kind != CELL_NUMBER || c->number - c->number == 0);
		assert_true(c->kind != CELL_DATE || c->day == DATE_NONE ||
			    (c->day > -1000000 && c->day < 4000000));
		column = c->column;
	}
	s->row = row->number;
	s->rows++;
	return RC_OK;
}

static void whatever_a_child_sends_the_parent_stays_whole(void **state)
{
	(void)state;
	size_t refused = 0, whole = 0, rows = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct arena a = {0};
		struct err err = {0};
		struct sheet_book *b = NULL;
		struct seen s = {0, 0};
		enum rc rc = sheet_open_boxed(&a, "x.xlsx", str_of(arena_printf(&a, "%d", i)), &b, &err);
		if (rc == RC_OK)
			rc = sheet_rows(b, 0, look, &s, &err);
		whole += rc == RC_OK;
		refused += rc != RC_OK;
		rows += s.rows;
		assert_true(rc == RC_OK || err.text[0] != 0);
		sheet_close(b);
		arena_done(&a);
	}
	assert_true(refused > ROUNDS / 2);
	assert_true(rows > ROUNDS);
	(void)whole;
}

static void a_silent_child_is_not_waited_for(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct sheet_book *b = NULL;
	assert_int_equal(sheet_open_boxed(&a, "x.xlsx", STR("silent"), &b, &err), RC_INVALID);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_a_child_sends_the_parent_stays_whole),
		cmocka_unit_test(a_silent_child_is_not_waited_for),
	};
	if (box_start(works, FOREIGN_WORKS, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
