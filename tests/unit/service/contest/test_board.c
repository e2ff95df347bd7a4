/* A board made, counted again, and tampered with in every way: each single change is found and named. */
#include "base/file.h"
#include "base/rand.h"
#include "service/contest/board.h"
#include "service/contest/board_verify.h"
#include "tests.h"
#include <unistd.h>

enum { VOTERS = 40, ENTRIES_MAX = 80 };

static struct arena A;
static char path[] = "/tmp/qinghe-board-XXXXXX";
static const str twice[] = {{"x", 1}, {"x", 1}, {"y", 1}}, barred[] = {{"x", 1}, {"|", 1}, {"y", 1}};
static const str choices[] = {{"ann", 3}, {"bob", 3}, {"li-4", 4}};

struct made {
	struct board_plan plan;
	struct sign_secret secret[VOTERS], authority;
	struct sign_key roll[VOTERS];
	struct board_entry entries[ENTRIES_MAX];
	size_t n, close_size;
};

static int by_key(const void *a, const void *b)
{
	const struct sign_secret *x = a, *y = b;
	return memcmp(x->key.b, y->key.b, SIGN_KEY_BYTES);
}

static void cast(struct made *m, size_t voter, size_t choice, int64_t at)
{
	struct board_entry *e = &m->entries[m->n++];
	*e = (struct board_entry){
		.ballot = {.key = m->secret[voter].key, .choice = choices[choice], .at_ms = at}};
	sign_text(&m->secret[voter], ballot_text(&A, m->plan.contest, &e->ballot.key, e->ballot.choice, at),
		e->ballot.sig);
}

static void annul(struct made *m, uint64_t index, const char *reason)
{
	m->entries[m->n++] =
		(struct board_entry){.annuls = true, .index = index, .at_ms = 5000, .reason = str_of(reason)};
}

/* 40 on the roll, 50 ballots of which 12 repeat, three annulments, one of them after the close. */
static void make(struct made *m)
{
	memset(m, 0, sizeof *m);
	m->plan = (struct board_plan){.contest = STR("red-scarf-2025"),
		.opens_ms = 1000,
		.closes_ms = 9000,
		.choices = choices,
		.choices_n = 3,
		.roll = m->roll,
		.roll_n = VOTERS};
	for (unsigned i = 0; i < VOTERS; i++) {
		unsigned char random[15] = {(unsigned char)i, 7};
		ballot_secret_of(random, m->plan.contest, &m->secret[i]);
	}
	qsort(m->secret, VOTERS, sizeof *m->secret, by_key);
	for (size_t i = 0; i < VOTERS; i++)
		m->roll[i] = m->secret[i].key;
	unsigned char seed[32] = {9};
	sign_secret_of(seed, &m->authority);
	for (size_t i = 0; i < 38; i++)
		cast(m, i, i % 3, 1000 + (int64_t)i);
	for (size_t i = 0; i < 12; i++)
		cast(m, i, (i + 1) % 3, 2000 + (int64_t)i);
	annul(m, 37, "made by a \"robot\"\n");
	annul(m, 2, "ballot 2 was replaced later: this takes no vote away");
	m->close_size = m->n;
	annul(m, 40, "bought");
}

static void put(void *ctx, str text)
{
	buf_add(ctx, text);
	buf_putc(ctx, '\n');
}

static str board_of(struct made *m)
{
	static struct buf b;
	struct err err = {0};
	buf_clear(&b);
	assert_ok(board_write(
			  &m->plan, m->entries, m->n, m->close_size, 10, 9500, &m->authority, put, &b, &err),
		&err);
	return buf_str(&b);
}

static int verify(str board, struct board_how how, struct board_verdict *v, char *said, size_t said_n)
{
	struct err err = {0};
	assert_ok(file_write(path, board, &err), &err);
	FILE *out = fmemopen(said, said_n, "w");
	int rc = board_verify(path, &how, out, v);
	fclose(out);
	return rc;
}

static void what_was_written_holds_and_counts_the_same(void **state)
{
	(void)state;
	struct made m;
	struct board_verdict v;
	struct board_tally t;
	struct err err = {0};
	char said[4096] = "";
	make(&m);
	str board = board_of(&m);
	int rc = verify(board, (struct board_how){0}, &v, said, sizeof said);
	if (rc != 0)
		fail_msg("%s", said);
	assert_ok(board_tally(&A, &m.plan, m.entries, m.n, &t, &err), &err);
	assert_true(v.voters == t.voters && v.ballots == t.ballots && v.annulled == t.annulled &&
		    v.roll == VOTERS);
	assert_true(t.ballots == 50 && t.annulled == 3 &&
		    t.voters == 36); /* 38 voted, two lost their last ballot */
	assert_int_equal(t.votes[0] + t.votes[1] + t.votes[2], 36);
	assert_non_null(strstr(said, "holds"));
	assert_int_equal(verify(board, (struct board_how){.chinese = true}, &v, said, sizeof said), 0);
	char hex[65];
	hex_text(m.authority.key.b, 32, hex);
	assert_int_equal(verify(board, (struct board_how){.key_hex = hex}, &v, said, sizeof said), 0);
	hex[3] = hex[3] == '1' ? '2' : '1';
	assert_int_equal(verify(board, (struct board_how){.key_hex = hex}, &v, said, sizeof said), 1);
	assert_int_equal(verify(board, (struct board_how){.key_hex = "zz"}, &v, said, sizeof said), 1);
}

static void a_witness_who_kept_a_head_can_ask_for_it(void **state)
{
	(void)state;
	struct made m;
	struct board_verdict v;
	char said[4096];
	make(&m);
	str board = board_of(&m);
	const char *head = strstr(board.p, "{\"head\":20,\"root\":\"");
	assert_non_null(head);
	char text[80];
	snprintf(text, sizeof text, "20:%.64s", head + strlen("{\"head\":20,\"root\":\""));
	struct board_witness w[2];
	assert_true(board_witness_read(text, &w[0]));
	assert_int_equal(
		verify(board, (struct board_how){.witness = w, .witness_n = 1}, &v, said, sizeof said), 0);
	assert_true(board_witness_read(text, &w[0]));
	w[0].root[5] ^= 1;
	assert_int_equal(
		verify(board, (struct board_how){.witness = w, .witness_n = 1}, &v, said, sizeof said), 1);
	assert_true(board_witness_read(text, &w[0]));
	w[0].size = 999;
	assert_int_equal(
		verify(board, (struct board_how){.witness = w, .witness_n = 1}, &v, said, sizeof said), 1);
	assert_false(board_witness_read("20", &w[0]));
	assert_false(board_witness_read("x:00", &w[0]));
	assert_false(board_witness_read("20:00", &w[0]));
}

/* Lines of the board, to be dropped, doubled, exchanged. */
struct lines {
	str line[400];
	size_t n;
};

static struct lines lines_of(str board)
{
	struct lines l = {.n = 0};
	while (board.n > 0) {
		str rest;
		l.line[l.n++] = str_cut(board, '\n', &rest);
		board = rest;
	}
	return l;
}

static str joined(const struct lines *l)
{
	struct buf b = {0};
	for (size_t i = 0; i < l->n; i++)
		put(&b, l->line[i]);
	str out = arena_str(&A, buf_str(&b));
	buf_done(&b);
	return out;
}

static bool is_head(str line)
{
	return str_starts(line, STR("{\"head\":"));
}

static void every_dropped_doubled_or_exchanged_line_is_found(void **state)
{
	(void)state;
	struct made m;
	struct board_verdict v;
	char said[8192];
	make(&m);
	struct lines l = lines_of(arena_str(&A, board_of(&m)));
	size_t last = l.n - 2; /* the head before the tally */
	assert_true(is_head(l.line[last]));
	for (size_t i = 0; i < l.n; i++) {
		arena_reset(&A);
		make(&m);
		l = lines_of(arena_str(&A, board_of(&m)));
		struct lines d = l;
		memmove(&d.line[i], &d.line[i + 1], (d.n-- - i - 1) * sizeof d.line[0]);
		int rc = verify(joined(&d), (struct board_how){0}, &v, said, sizeof said);
		assert_true(
			rc != 0 || (is_head(l.line[i]) &&
					   i != last)); /* an earlier head more or less takes nothing away */
		d = l;
		memmove(&d.line[i + 1], &d.line[i], (d.n++ - i) * sizeof d.line[0]);
		rc = verify(joined(&d), (struct board_how){0}, &v, said, sizeof said);
		assert_true(rc != 0 || is_head(l.line[i]));
		if (i + 1 == l.n)
			continue;
		d = l;
		d.line[i] = l.line[i + 1];
		d.line[i + 1] = l.line[i];
		assert_true(verify(joined(&d), (struct board_how){0}, &v, said, sizeof said) != 0);
	}
}

/* Three voters, so that a thousand of them can be tried. */
static void make_small(struct made *m)
{
	make(m);
	m->plan.roll_n = 3;
	m->n = 0;
	for (size_t i = 0; i < 3; i++)
		cast(m, i, i, 1500);
	annul(m, 1, "a \\ and a \"");
	m->close_size = 4;
	annul(m, 2, "b");
}

static void a_line_cut_short_or_lengthened_anywhere_is_found(void **state)
{
	(void)state;
	struct made m;
	struct board_verdict v;
	static char said[16384];
	make_small(&m);
	str board = arena_str(&A, board_of(&m));
	assert_int_equal(verify(board, (struct board_how){0}, &v, said, sizeof said), 0);
	struct lines l = lines_of(board);
	str before = {NULL, 0};
	for (size_t i = 0; i < l.n; i++) {
		str line = l.line[i], head = str_head(line, 9);
		if (str_eq(head, before))
			continue; /* one of each kind is enough */
		before = head;
		for (size_t k = 0; k <= line.n; k += k + 3 < line.n && k > 20 ? 3 : 1) {
			struct arena scratch = {0};
			struct lines d = l;
			d.line[i] = arena_fmt(&scratch, "%.*s", (int)k, line.p);
			bool whole = k == line.n;
			struct buf b = {0};
			for (size_t x = 0; x < d.n; x++)
				put(&b, d.line[x]);
			assert_true((verify(buf_str(&b), (struct board_how){.chinese = k % 2}, &v, said,
					     sizeof said) == 0) == whole);
			buf_clear(&b);
			d.line[i] = arena_fmt(&scratch, "%.*s%c%.*s", (int)k, line.p, "0\x01|a"[k % 4],
				(int)(line.n - k), line.p + k);
			for (size_t x = 0; x < d.n; x++)
				put(&b, d.line[x]);
			assert_int_not_equal(
				verify(buf_str(&b), (struct board_how){0}, &v, said, sizeof said), 0);
			buf_done(&b);
			arena_done(&scratch);
		}
	}
	assert_int_not_equal(
		verify(str_head(board, 5), (struct board_how){.chinese = true}, &v, said, sizeof said), 0);
}

/* Numbers and ids at their limits, each in an otherwise good board. */
static void numbers_and_ids_out_of_range_are_found(void **state)
{
	(void)state;
	static const char *const cases[][2] = {{"\"closes\":9000", "\"closes\":99999999999999999999999"},
		{"\"closes\":9000", "\"closes\":09000"}, {"\"closes\":9000", "\"closes\":900"},
		{"\"roll\":3", "\"roll\":99999"}, {"\"ann\",", "\"bob\","}, {"\"ann\",", ""},
		{"{\"annul\":1", "{\"annul\":77"}, {"{\"annul\":2", "{\"annul\":3"},
		{"\"reason\":\"b\"", "\"reason\":\"\""}, {"\"choices\":[", "\"choices\":[\"\","},
		{"red-scarf-2025",
			"red-scarf-2025-red-scarf-2025-red-scarf-2025-red-scarf-2025-red-scarf-2025"},
		{"\"at\":9000", "\"at\":8999"}, {"\"at\":1500", "\"at\":999"},
		{"\"voters\":", "\"voters\":1"}, {"\"ballots\":", "\"ballots\":1"},
		{"\"annulled\":", "\"annulled\":1"}, {"{\"close\"", "{\"head\""}, {"{\"tally\"", "{\"sum\""}};
	struct made m;
	struct board_verdict v;
	static char said[16384];
	make_small(&m);
	str board = arena_str(&A, board_of(&m));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *at = strstr(board.p, cases[i][0]);
		assert_non_null(at);
		str bent = arena_fmt(
			&A, "%.*s%s%s", (int)(at - board.p), board.p, cases[i][1], at + strlen(cases[i][0]));
		if (verify(bent, (struct board_how){.chinese = true}, &v, said, sizeof said) == 0)
			fail_msg("%s", cases[i][1]);
	}
	struct buf many = {0};
	buf_puts(&many, "{\"board\":\"v1\",\"contest\":\"c\",\"opens\":1,\"closes\":2,\"choices\":[");
	for (int i = 0; i <= BOARD_CHOICES_MAX; i++)
		buf_printf(&many, "%s\"c%d\"", i ? "," : "", i);
	assert_int_equal(verify(buf_str(&many), (struct board_how){0}, &v, said, sizeof said), 2);
	buf_done(&many);
}

static void every_changed_byte_is_found(void **state)
{
	(void)state;
	struct made m;
	struct board_verdict v;
	char said[8192];
	make_small(&m);
	str good = arena_str(&A, board_of(&m));
	char *bad = arena_cstr(&A, good);
	struct rng r;
	rng_init(&r, 1);
	size_t step = getenv("QINGHE_LONG") ? 1 : 2;
	for (size_t i = 0; i + 1 < good.n; i += step) {
		bad[i] = (char)(good.p[i] ^ (1 << rng_below(&r, 7)));
		if (verify((str){bad, good.n}, (struct board_how){0}, &v, said, sizeof said) == 0)
			fail_msg("byte %zu: %c -> %c", i, good.p[i], bad[i]);
		bad[i] = good.p[i];
	}
	bad[good.n - 1] = ' ';
	assert_true(verify((str){bad, good.n}, (struct board_how){0}, &v, said, sizeof said) != 0);
}

/* What an organiser who holds the authority's key could try: the board is signed afresh, and still does not hold. */
static void what_the_authority_itself_would_forge_is_named(void **state)
{
	(void)state;
	static const char *const wanted[] = {"signature does not hold", "not on the roll", "no such choice",
		"not cast while", "played again", "gives no reason", "published", "add up to",
		"annulled already"};
	char said[8192];
	for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
		struct made m;
		struct board_verdict v;
		arena_reset(&A);
		make(&m);
		str board = board_of(&m);
		char *p = NULL;
		switch (k) {
		case 0: /* somebody else's choice under the voter's name, the log signed afresh */
			m.entries[5].ballot.choice = choices[0];
			board = board_of(&m);
			break;
		case 1: /* a ballot of a credential that was struck from the roll afterwards */
			m.plan.roll = m.roll + 1;
			m.plan.roll_n--;
			for (size_t i = 0; i < m.n; i++)
				if (!m.entries[i].annuls &&
					memcmp(&m.entries[i].ballot.key, &m.roll[0], 32) == 0)
					m.entries[i].ballot.key = m.roll[1];
			board = board_of(&m);
			p = strstr(board.p, "{\"ballot\":\"");
			hex_text(m.roll[0].b, 32, p + 11);
			p[11 + 64] = '"';
			break;
		case 2:
			p = strstr(board.p, "\"choice\":\"bob\"");
			memcpy(p + 10, "bub", 3);
			break;
		case 3:
			m.plan.closes_ms = 2005;
			board = board_of(&m);
			break;
		case 4: /* the first ballot of voter 0 played again after the second one */
			m.entries[m.n] = m.entries[m.n - 1];
			m.entries[m.n - 1] = m.entries[0];
			m.n++;
			m.close_size++;
			board = board_of(&m);
			break;
		case 5:
			m.entries[m.n - 1].reason = (str){NULL, 0};
			board = board_of(&m);
			break;
		case 6: /* one credential more, in its right place, than was published */
			p = strstr(board.p, "{\"credential\":\"");
			p[15 + 63] = p[15 + 63] == '0' ? '1' : '0';
			break;
		case 7:
			p = strstr(board.p, "{\"tally\":{\"ann\":");
			p[16] = p[16] == '9' ? '8' : '9';
			break;
		default:
			p = strstr(board.p, "{\"annul\":40");
			memcpy(p + 9, "37", 2);
			break;
		}
		assert_int_equal(verify(board, (struct board_how){0}, &v, said, sizeof said), 1);
		if (k == 2) /* its signature breaks first, as it should */
			assert_non_null(strstr(said, "signature"));
		else if (strstr(said, wanted[k]) == NULL)
			fail_msg("%zu: %s", k, said);
	}
}

static void ballots_before_the_opening_and_behind_the_close_are_named(void **state)
{
	(void)state;
	struct made m;
	struct board_verdict v;
	static char said[16384];
	make(&m);
	m.plan.opens_ms = 1005;
	assert_int_equal(verify(board_of(&m), (struct board_how){0}, &v, said, sizeof said), 1);
	assert_non_null(strstr(said, "ballot 4: not cast while"));
	assert_null(strstr(said, "ballot 5: not cast while"));
	make(&m);
	struct lines l = lines_of(arena_str(&A, board_of(&m)));
	size_t close_at = 0, ballot_at = 0;
	while (!str_starts(l.line[close_at], STR("{\"close\"")))
		close_at++;
	while (!str_starts(l.line[ballot_at], STR("{\"ballot\"")))
		ballot_at++;
	str moved = l.line[close_at];
	memmove(&l.line[ballot_at + 10], &l.line[ballot_at + 9],
		(close_at - ballot_at - 9) * sizeof l.line[0]);
	l.line[ballot_at + 9] = moved;
	assert_int_equal(verify(joined(&l), (struct board_how){0}, &v, said, sizeof said), 1);
	assert_non_null(strstr(said, "not cast while"));
}

static void files_that_are_no_board_are_told_apart(void **state)
{
	(void)state;
	struct board_verdict v;
	struct board_how how = {0};
	char said[512];
	assert_int_equal(verify(STR("{}\n"), how, &v, said, sizeof said), 2);
	assert_int_equal(verify(STR("x"), how, &v, said, sizeof said), 2);
	FILE *out = fmemopen(said, sizeof said, "w");
	assert_int_equal(board_verify("/nonexistent", &how, out, &v), 4);
	assert_int_equal(board_verify("/tmp", &how, out, &v), 4);
	how.chinese = true;
	assert_int_equal(board_verify("/tmp", &how, out, &v), 4);
	assert_int_equal(verify((str){NULL, 0}, how, &v, said, sizeof said), 4);
	fclose(out);
}

static void boards_that_do_not_fit_are_not_written(void **state)
{
	(void)state;
	struct made m;
	struct buf b = {0};
	for (int k = 0; k < 11; k++) {
		make(&m);
		switch (k) {
		case 0:
			m.plan.contest = STR("a|b");
			break;
		case 1:
			m.plan.choices_n = 0;
			break;
		case 2:
			m.plan.choices = twice;
			break;
		case 3:
			m.roll[0] = m.roll[1];
			break;
		case 4:
			m.entries[0].ballot.choice = STR("eve");
			break;
		case 5:
			m.entries[0].ballot.key.b[0] ^= 1;
			break;
		case 6:
			m.entries[m.n - 1].index = 50;
			break;
		case 7:
			m.close_size = m.n + 1;
			break;
		case 8: /* annulled twice */
			m.entries[m.n - 1].index = m.entries[m.n - 2].index;
			break;
		case 9: /* an annulment annulled */
			m.entries[m.n - 1].index = m.n - 2;
			break;
		default:
			m.close_size = 20;
			break;
		}
		assert_int_equal(board_write(&m.plan, m.entries, m.n, m.close_size, 0, 9500, &m.authority,
					 put, &b, NULL),
			RC_INVALID);
	}
	assert_int_equal(b.n, 0);
	buf_done(&b);
}

static void boards_of_other_shapes_hold_as_well(void **state)
{
	(void)state;
	struct made m;
	struct board_verdict v;
	struct buf b = {0};
	static char said[8192];
	struct err err = {0};
	make(&m);
	m.n = m.close_size; /* nothing behind the close, no heads between, one of them at an annulment */
	assert_ok(board_write(&m.plan, m.entries, m.n, m.n, 0, 0, &m.authority, put, &b, &err), &err);
	assert_int_equal(verify(buf_str(&b), (struct board_how){0}, &v, said, sizeof said), 0);
	buf_clear(&b);
	assert_ok(board_write(&m.plan, m.entries, m.n, m.n, 51, 0, &m.authority, put, &b, &err), &err);
	assert_int_equal(verify(buf_str(&b), (struct board_how){0}, &v, said, sizeof said), 0);
	annul(&m, m.n - 1, "what is no ballot");
	assert_int_equal(
		board_write(&m.plan, m.entries, m.n, m.n, 0, 0, &m.authority, put, &b, NULL), RC_INVALID);
	m.entries[m.n - 1].index = 37; /* annulled already */
	assert_int_equal(
		board_write(&m.plan, m.entries, m.n, m.n, 0, 0, &m.authority, put, &b, NULL), RC_INVALID);
	m.n--;
	m.plan.choices_n = BOARD_CHOICES_MAX + 1;
	assert_int_equal(
		board_write(&m.plan, m.entries, m.n, m.n, 0, 0, &m.authority, put, &b, NULL), RC_INVALID);
	m.plan.choices_n = 3;
	m.plan.choices = barred;
	assert_int_equal(
		board_write(&m.plan, m.entries, m.n, m.n, 0, 0, &m.authority, put, &b, NULL), RC_INVALID);
	buf_done(&b);
}

static void a_thousand_credentials_and_forty_repeats_are_a_thousand_voters(void **state)
{
	(void)state;
	enum { N = 1000 };
	struct sign_key *roll = NEWS(&A, N, struct sign_key);
	struct board_entry *e = NEWS(&A, N + 40 + 25, struct board_entry);
	struct board_plan plan = {.contest = STR("c"),
		.opens_ms = 1,
		.closes_ms = 9,
		.choices = choices,
		.choices_n = 3,
		.roll = roll,
		.roll_n = N};
	struct board_tally t;
	struct err err = {0};
	for (size_t i = 0; i < N; i++) {
		roll[i].b[0] = (unsigned char)(i >> 8), roll[i].b[1] = (unsigned char)i;
		e[i].ballot = (struct ballot){.key = roll[i], .choice = choices[i % 3]};
	}
	for (size_t i = 0; i < 40; i++)
		e[N + i].ballot = (struct ballot){.key = roll[i * 7], .choice = choices[0]};
	assert_ok(board_tally(&A, &plan, e, N + 40, &t, &err), &err);
	assert_true(t.voters == 1000 && t.ballots == 1040);
	for (size_t i = 0; i < 25; i++)
		e[N + 40 + i] = (struct board_entry){
			.annuls = true, .index = i < 10 ? N + i : 500 + i, .reason = STR("bought")};
	assert_ok(board_tally(&A, &plan, e, N + 65, &t, &err), &err);
	assert_true(t.voters == 975 && t.annulled == 25);
}

int main(void)
{
	close(mkstemp(path));
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_holds_and_counts_the_same),
		cmocka_unit_test(a_witness_who_kept_a_head_can_ask_for_it),
		cmocka_unit_test(every_dropped_doubled_or_exchanged_line_is_found),
		cmocka_unit_test(a_line_cut_short_or_lengthened_anywhere_is_found),
		cmocka_unit_test(numbers_and_ids_out_of_range_are_found),
		cmocka_unit_test(every_changed_byte_is_found),
		cmocka_unit_test(what_the_authority_itself_would_forge_is_named),
		cmocka_unit_test(ballots_before_the_opening_and_behind_the_close_are_named),
		cmocka_unit_test(files_that_are_no_board_are_told_apart),
		cmocka_unit_test(boards_that_do_not_fit_are_not_written),
		cmocka_unit_test(boards_of_other_shapes_hold_as_well),
		cmocka_unit_test(a_thousand_credentials_and_forty_repeats_are_a_thousand_voters),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	arena_done(&A);
	return failed;
}
