/* board.c -- see board.h. */
#include "service/contest/board.h"
#include "format/json.h"
#include <string.h>

static size_t choice_of(const struct board_plan *p, str id)
{
	size_t i = 0;
	while (i < p->choices_n && !str_eq(p->choices[i], id))
		i++;
	return i;
}

static size_t credential_of(const struct board_plan *p, const struct sign_key *key)
{
	size_t lo = 0, hi = p->roll_n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = memcmp(key->b, p->roll[mid].b, SIGN_KEY_BYTES);
		if (d == 0)
			return mid;
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return p->roll_n;
}

static enum rc check_plan(const struct board_plan *p, struct err *err)
{
	if (!ballot_id_ok(p->contest) || p->choices_n == 0 || p->choices_n > BOARD_CHOICES_MAX)
		return FAIL(err, RC_INVALID,
			"a contest needs an id of plain letters and digits, and 1 to %d choices",
			BOARD_CHOICES_MAX);
	for (size_t i = 0; i < p->choices_n; i++)
		if (!ballot_id_ok(p->choices[i]) || choice_of(p, p->choices[i]) != i)
			return FAIL(err, RC_INVALID,
				"choice %zu: its id is doubled or not of plain letters and digits", i + 1);
	for (size_t i = 1; i < p->roll_n; i++)
		if (memcmp(p->roll[i - 1].b, p->roll[i].b, SIGN_KEY_BYTES) >= 0)
			return FAIL(err, RC_INVALID,
				"the roll is not in ascending order, or has a credential twice");
	return RC_OK;
}

enum rc board_tally(struct arena *a, const struct board_plan *plan, const struct board_entry *entries,
	size_t n, struct board_tally *out, struct err *err)
{
	TRY(check_plan(plan, err));
	struct board_tally t = {.votes = NEWS(a, plan->choices_n, uint64_t)};
	uint64_t *last = NEWS(a, plan->roll_n, uint64_t); /* index + 1 of the credential's last ballot */
	bool *gone = NEWS(a, n, bool);
	for (size_t i = 0; i < n; i++) {
		const struct board_entry *e = &entries[i];
		if (e->annuls) {
			if (e->index >= i || entries[e->index].annuls || gone[e->index])
				return FAIL(err, RC_INVALID,
					"entry %zu annuls what is no ballot, or is annulled already", i);
			gone[e->index] = true;
			t.annulled++;
			continue;
		}
		size_t c = credential_of(plan, &e->ballot.key);
		if (c == plan->roll_n || choice_of(plan, e->ballot.choice) == plan->choices_n)
			return FAIL(err, RC_INVALID,
				"entry %zu: its credential or its choice is not on the list", i);
		last[c] = i + 1;
		t.ballots++;
	}
	for (size_t c = 0; c < plan->roll_n; c++)
		if (last[c] > 0 && !gone[last[c] - 1]) {
			t.votes[choice_of(plan, entries[last[c] - 1].ballot.choice)]++;
			t.voters++;
		}
	*out = t;
	return RC_OK;
}

struct writer {
	const struct board_plan *plan;
	const struct sign_secret *authority;
	struct merkle log;
	struct hash plan_hash; /* of the first line */
	struct buf b;
	struct arena a; /* one line's texts */
	void (*line)(void *ctx, str text);
	void *ctx;
};

static void put_line(struct writer *w)
{
	w->line(w->ctx, buf_str(&w->b));
	buf_clear(&w->b);
	arena_reset(&w->a);
}

static void put_hex(struct writer *w, const char *before, const void *bytes, size_t n)
{
	buf_puts(&w->b, before);
	buf_add(&w->b, hex_str(&w->a, bytes, n));
	buf_putc(&w->b, '"');
}

static void put_plan(struct writer *w)
{
	const struct board_plan *p = w->plan;
	struct merkle roll;
	merkle_init(&roll, HASH_SHA256);
	for (size_t i = 0; i < p->roll_n; i++) {
		struct hash leaf =
			merkle_leaf(HASH_SHA256, (str){(const char *)p->roll[i].b, SIGN_KEY_BYTES});
		merkle_add(&roll, &leaf);
	}
	buf_printf(&w->b,
		"{\"board\":\"v1\",\"contest\":\"%.*s\",\"opens\":%lld,\"closes\":%lld,\"choices\":[",
		STR_ARG(p->contest), (long long)p->opens_ms, (long long)p->closes_ms);
	for (size_t i = 0; i < p->choices_n; i++)
		buf_printf(&w->b, "%s\"%.*s\"", i ? "," : "", STR_ARG(p->choices[i]));
	struct hash root = merkle_root(&roll);
	buf_printf(&w->b, "],\"roll\":%zu", p->roll_n);
	put_hex(w, ",\"roll_root\":\"", root.b, HASH_BYTES);
	put_hex(w, ",\"key\":\"", w->authority->key.b, SIGN_KEY_BYTES);
	buf_putc(&w->b, '}');
	w->plan_hash = hash_sha256(buf_str(&w->b));
	put_line(w);
	for (size_t i = 0; i < p->roll_n; i++) {
		put_hex(w, "{\"credential\":\"", p->roll[i].b, SIGN_KEY_BYTES);
		buf_putc(&w->b, '}');
		put_line(w);
	}
}

static void put_entry(struct writer *w, const struct board_entry *e)
{
	struct hash leaf;
	if (e->annuls) {
		struct buf reason = {0};
		json_quote(&reason, e->reason);
		leaf = merkle_leaf(HASH_SHA256, ballot_annul_leaf(&w->a, w->plan->contest, e->index, e->at_ms,
							(str){reason.p + 1, reason.n - 2}));
		buf_printf(&w->b, "{\"annul\":%llu,\"at\":%lld,\"reason\":%s}", (unsigned long long)e->index,
			(long long)e->at_ms, reason.p);
		buf_done(&reason);
	} else {
		leaf = merkle_leaf(HASH_SHA256, ballot_leaf(&w->a, w->plan->contest, &e->ballot));
		put_hex(w, "{\"ballot\":\"", e->ballot.key.b, SIGN_KEY_BYTES);
		buf_printf(&w->b, ",\"choice\":\"%.*s\",\"at\":%lld", STR_ARG(e->ballot.choice),
			(long long)e->ballot.at_ms);
		put_hex(w, ",\"sig\":\"", e->ballot.sig, SIGN_BYTES);
		buf_putc(&w->b, '}');
	}
	merkle_add(&w->log, &leaf);
	put_line(w);
}

static void put_head(struct writer *w, bool close, int64_t at_ms)
{
	unsigned char sig[SIGN_BYTES];
	struct hash root = merkle_root(&w->log);
	str text = ballot_head_text(&w->a, w->plan->contest, &w->plan_hash, close, w->log.size, &root, at_ms);
	sign_text(w->authority, text, sig);
	buf_printf(&w->b, "{\"%s\":%llu", close ? "close" : "head", (unsigned long long)w->log.size);
	put_hex(w, ",\"root\":\"", root.b, HASH_BYTES);
	buf_printf(&w->b, ",\"at\":%lld", (long long)at_ms);
	put_hex(w, ",\"sig\":\"", sig, SIGN_BYTES);
	buf_putc(&w->b, '}');
	put_line(w);
}

static void put_tally(struct writer *w, const struct board_tally *t)
{
	buf_puts(&w->b, "{\"tally\":{");
	for (size_t i = 0; i < w->plan->choices_n; i++)
		buf_printf(&w->b, "%s\"%.*s\":%llu", i ? "," : "", STR_ARG(w->plan->choices[i]),
			(unsigned long long)t->votes[i]);
	buf_printf(&w->b, "},\"voters\":%llu,\"ballots\":%llu,\"annulled\":%llu}",
		(unsigned long long)t->voters, (unsigned long long)t->ballots,
		(unsigned long long)t->annulled);
	put_line(w);
}

enum rc board_write(const struct board_plan *plan, const struct board_entry *entries, size_t n,
	size_t close_size, size_t heads_every, int64_t end_ms, const struct sign_secret *authority,
	void (*line)(void *ctx, str text), void *ctx, struct err *err)
{
	struct arena a = {0};
	struct board_tally t;
	if (close_size > n)
		return FAIL(err, RC_INVALID, "the vote closed with %zu entries, but there are %zu",
			close_size, n);
	for (size_t i = close_size; i < n; i++)
		if (!entries[i].annuls)
			return FAIL(err, RC_INVALID, "entry %zu is a ballot behind the close", i);
	enum rc rc = board_tally(&a, plan, entries, n, &t, err);
	if (rc == RC_OK) {
		struct writer w = {.plan = plan, .authority = authority, .line = line, .ctx = ctx};
		merkle_init(&w.log, HASH_SHA256);
		put_plan(&w);
		for (size_t i = 0; i <= n; i++) {
			if (i == close_size)
				put_head(&w, true, plan->closes_ms);
			if (i == n)
				break;
			put_entry(&w, &entries[i]);
			if (heads_every > 0 && (i + 1) % heads_every == 0 && i + 1 < close_size)
				put_head(&w, false,
					entries[i].annuls ? entries[i].at_ms : entries[i].ballot.at_ms);
		}
		if (n > close_size)
			put_head(&w, false, end_ms);
		put_tally(&w, &t);
		buf_done(&w.b);
		arena_done(&w.a);
	}
	arena_done(&a);
	return rc;
}
