/* poll.c -- see poll.h. */
#include "service/contest/poll.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/map.h"
#include "guard/seal.h"
#include "register/permit.h"
#include "register/publish.h"
#include <stdlib.h>

enum { HEADS_EVERY = 10000 };

static enum rc find(struct reader *r, str name, struct record **out, struct err *err)
{
	const struct model *m = r->city->model;
	const struct reg *polls = model_reg(m, STR("poll")), *ballots = model_reg(m, STR("ballot"));
	int64_t id;
	if (!polls || !ballots || !model_reg(m, STR("poll_credential")))
		return FAIL(err, RC_NOT_FOUND, "the model has no registers of votes");
	if (!permit_rows(ballots, &r->actor))
		return FAIL(err, RC_DENIED, "you may not read %.*s", STR_ARG(label_text(&ballots->label)));
	TRY(resolve_row(r->db, r->city, polls, 0, name, &id, err));
	TRY(record_get(r, polls, id, out, err));
	if (!str_is((*out)->state, "closed") && !str_is((*out)->state, "published"))
		return FAIL(err, RC_CONFLICT, "this vote is not closed: nothing of its count is told before");
	return RC_OK;
}

/* ---- tally ---- */

static int most_first(const void *a, const void *b)
{
	const struct poll_choice *x = a, *y = b;
	if (x->votes != y->votes)
		return x->votes > y->votes ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

struct counting {
	struct imap votes; /* entry -> votes */
	struct poll_count c;
	str picks; /* of the credential at hand, of its last ballot; empty when that was annulled */
	bool any;
};

static void vote_ends(struct counting *k)
{
	str rest = k->picks;
	int64_t entry;
	k->c.voters += k->any && k->picks.n > 0;
	while (k->any && rest.n)
		if (str_i64(str_cut(rest, ',', &rest), &entry))
			(*imap_at(&k->votes, (uint64_t)entry))++;
	k->any = false;
}

/* Ballots of a credential stand together, the last at the end. */
static enum rc count(struct reader *r, int64_t poll, struct counting *k, struct err *err)
{
	static const char Q[] =
		"SELECT b.\"credential\", b.\"picks\", b.\"state\" FROM \"ballot\" b WHERE b.\"poll\" = ?1 "
		"ORDER BY b.\"credential\" NULLS LAST, b.\"cast_at\", b.\"id\"";
	struct stmt *s;
	struct arena one = {0};
	int64_t credential = 0;
	bool row;
	TRY(db_prepare(r->db, Q, &s, err));
	stmt_bind_i64(s, 1, poll);
	enum rc rc;
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row) {
		bool annulled = str_is(stmt_text(s, 2), "annulled");
		k->c.ballots++;
		k->c.annulled += annulled;
		if (stmt_null(s, 0)) {
			k->c.anonymous++;
			continue;
		}
		if (k->any && stmt_i64(s, 0) != credential)
			vote_ends(k);
		credential = stmt_i64(s, 0);
		k->any = true;
		arena_reset(&one);
		k->picks = annulled ? (str){0} : stmt_str(&one, s, 1);
	}
	if (rc == RC_OK)
		vote_ends(k);
	arena_done(&one);
	return rc;
}

static enum rc roll_size(struct reader *r, int64_t poll, uint64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(r->db,
		"SELECT COUNT(*) FROM \"poll_credential\" WHERE \"poll\" = ?1 AND \"state\" = 'valid'", &s,
		err));
	stmt_bind_i64(s, 1, poll);
	TRY(stmt_step(s, &row, err));
	*out = (uint64_t)stmt_i64(s, 0);
	stmt_reset(s);
	return RC_OK;
}

static enum rc tally(struct reader *r, const struct record *row, struct poll_count *out, struct err *err)
{
	struct counting k = {.c.row = row};
	enum rc rc = count(r, row->id, &k, err);
	if (rc == RC_OK)
		rc = roll_size(r, row->id, &k.c.credentials, err);
	k.c.choices = NEWS(r->a, k.votes.n + 1, struct poll_choice);
	for (size_t i = 0; i < k.votes.cap; i++)
		if (k.votes.slots[i].used)
			k.c.choices[k.c.choices_n++] = (struct poll_choice){
				(int64_t)k.votes.slots[i].key, (uint64_t)k.votes.slots[i].value};
	imap_done(&k.votes);
	if (k.c.choices_n > 0)
		qsort(k.c.choices, k.c.choices_n, sizeof *k.c.choices, most_first);
	if (rc == RC_OK)
		*out = k.c;
	return rc;
}

enum rc poll_tally(struct reader *r, str name, struct poll_count *out, struct err *err)
{
	struct record *row;
	TRY(find(r, name, &row, err));
	return tally(r, row, out, err);
}

/* By what anybody may read of votes; its result is told only once it is published. */
static enum rc published(struct reader *r, int64_t id, struct record **out, struct err *err)
{
	const struct reg *polls = model_reg(r->city->model, STR("poll"));
	if (polls == NULL || polls->open == NULL || !model_reg(r->city->model, STR("ballot")) ||
		!model_reg(r->city->model, STR("poll_credential")))
		return FAIL(err, RC_NOT_FOUND, "the model has no registers of votes");
	TRY(publish_get(r, polls, id, out, err));
	return str_is((*out)->state, "published")
		       ? RC_OK
		       : FAIL(err, RC_NOT_FOUND, "the result of this vote is not published");
}

enum rc poll_published(struct reader *r, int64_t id, struct poll_count *out, struct err *err)
{
	struct record *row;
	TRY(published(r, id, &row, err));
	return tally(r, row, out, err);
}

/* ---- board ---- */

struct draft {
	struct reader *r;
	struct board_plan plan;
	struct board_entry *entries;
	size_t n, ballots, cap;
	struct imap index; /* ballot's row -> its entry */
	struct err *err;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, SIGN_KEY_BYTES);
}

static enum rc read_roll(struct draft *d, int64_t poll)
{
	struct sign_key *roll = NULL;
	size_t n = 0, cap = 0;
	struct stmt *s;
	bool row;
	TRY(db_prepare(d->r->db,
		"SELECT \"token\", \"id\" FROM \"poll_credential\" WHERE \"poll\" = ?1 AND \"state\" = "
		"'valid'",
		&s, d->err));
	stmt_bind_i64(s, 1, poll);
	for (;;) {
		TRY(stmt_step(s, &row, d->err));
		if (!row)
			break;
		roll = arena_grow(d->r->a, roll, n, &cap, sizeof *roll);
		long long id = (long long)stmt_i64(s, 1);
		if (!hex_parse(stmt_text(s, 0), roll[n++].b, SIGN_KEY_BYTES)) {
			stmt_reset(s);
			return FAIL(d->err, RC_INVALID,
				"credential #%lld is no public key: a vote by phone or WeChat ids has no "
				"board "
				"that others can check, only a count",
				id);
		}
	}
	if (n > 0)
		qsort(roll, n, sizeof *roll, by_key);
	d->plan.roll = roll;
	d->plan.roll_n = n;
	return RC_OK;
}

static enum rc read_choices(struct draft *d, int64_t contest)
{
	str *list = NULL;
	size_t n = 0, cap = 0;
	struct stmt *s;
	bool row;
	TRY(db_prepare(d->r->db,
		"SELECT \"id\" FROM \"entry\" WHERE \"contest\" = ?1 AND \"state\" = 'accepted' ORDER BY "
		"\"id\"",
		&s, d->err));
	stmt_bind_i64(s, 1, contest);
	for (;;) {
		TRY(stmt_step(s, &row, d->err));
		if (!row)
			break;
		list = arena_grow(d->r->a, list, n, &cap, sizeof *list);
		list[n++] = arena_fmt(d->r->a, "%lld", (long long)stmt_i64(s, 0));
	}
	d->plan.choices = list;
	d->plan.choices_n = n;
	return RC_OK;
}

static enum rc read_ballot(struct draft *d, struct stmt *s)
{
	long long id = (long long)stmt_i64(s, 0);
	struct arena *a = d->r->a;
	str rest, picks = stmt_str(a, s, 2), pick = STR("");
	struct board_entry e = {.ballot.at_ms = stmt_i64(s, 3)};
	for (rest = picks; rest.n && pick.n == 0;)
		pick = str_cut(rest, ',', &rest);
	if (pick.n == 0 || str_trim(rest).n > 1)
		return FAIL(d->err, RC_INVALID, "ballot #%lld: a board's ballot has one choice", id);
	e.ballot.choice = pick;
	struct arena line = {0};
	bool good = hex_parse(stmt_text(s, 1), e.ballot.key.b, SIGN_KEY_BYTES) &&
		    hex_parse(stmt_text(s, 4), e.ballot.sig, SIGN_BYTES) &&
		    sign_check(&e.ballot.key,
			    ballot_text(&line, d->plan.contest, &e.ballot.key, pick, e.ballot.at_ms),
			    e.ballot.sig);
	arena_done(&line);
	if (!good)
		return FAIL(d->err, RC_INVALID, "ballot #%lld: its signature does not hold", id);
	d->entries = arena_grow(a, d->entries, d->n, &d->cap, sizeof *d->entries);
	*imap_at(&d->index, (uint64_t)id) = (int64_t)d->n;
	d->entries[d->n++] = e;
	return RC_OK;
}

/* Ballots in the order they were cast; then an annulment for each that was annulled, by its day. */
static enum rc read_entries(struct draft *d, int64_t poll)
{
	static const char Q[] =
		"SELECT b.\"id\", c.\"token\", b.\"picks\", b.\"cast_at\", b.\"signature\" FROM \"ballot\" b "
		"LEFT "
		"JOIN \"poll_credential\" c ON c.\"id\" = b.\"credential\" WHERE b.\"poll\" = ?1 "
		"ORDER BY b.\"cast_at\", b.\"id\"";
	static const char Q_GONE[] =
		"SELECT \"id\", \"annulled_on\", \"annul_reason\" FROM \"ballot\" WHERE \"poll\" = ?1 AND "
		"\"state\" = 'annulled' ORDER BY \"annulled_on\", \"id\"";
	struct stmt *s;
	bool row;
	enum rc rc;
	TRY(db_prepare(d->r->db, Q, &s, d->err));
	stmt_bind_i64(s, 1, poll);
	while ((rc = stmt_step(s, &row, d->err)) == RC_OK && row)
		if ((rc = read_ballot(d, s)) != RC_OK) {
			stmt_reset(s);
			return rc;
		}
	TRY(rc);
	d->ballots = d->n;
	TRY(db_prepare(d->r->db, Q_GONE, &s, d->err));
	stmt_bind_i64(s, 1, poll);
	while ((rc = stmt_step(s, &row, d->err)) == RC_OK && row) {
		int32_t day;
		int64_t at = d->plan.closes_ms;
		if (date_parse(stmt_text(s, 1), &day) && ((int64_t)day * 1440 - clock_zone()) * 60000 > at)
			at = ((int64_t)day * 1440 - clock_zone()) * 60000;
		d->entries = arena_grow(d->r->a, d->entries, d->n, &d->cap, sizeof *d->entries);
		d->entries[d->n++] = (struct board_entry){.annuls = true,
			.index = (uint64_t)*imap_at(&d->index, (uint64_t)stmt_i64(s, 0)),
			.at_ms = at,
			.reason = stmt_str(d->r->a, s, 2)};
	}
	return rc;
}

static int64_t midnight_of(const struct record *row, const char *field, int32_t later)
{
	const struct field *f = reg_field(row->reg, str_of(field));
	int32_t day = 0;
	if (f && row->values[f->at].kind == V_TEXT)
		(void)date_parse(row->values[f->at].t, &day);
	return ((int64_t)(day + later) * 1440 - clock_zone()) * 60000;
}

static enum rc board(struct reader *r, const struct record *row, void (*line)(void *ctx, str text), void *ctx,
	struct board_tally *out, struct err *err)
{
	struct draft d = {.r = r, .err = err};
	const struct field *contest = reg_field(row->reg, STR("contest"));
	d.plan.contest = arena_fmt(r->a, "poll-%lld", (long long)row->id);
	d.plan.opens_ms = midnight_of(row, "opens_on", 0);
	d.plan.closes_ms = midnight_of(row, "closes_on", 1);
	TRY(read_roll(&d, row->id));
	TRY(read_choices(&d, contest ? row->values[contest->at].i : 0));
	enum rc rc = read_entries(&d, row->id);
	imap_done(&d.index);
	TRY(rc);
	TRY(board_tally(r->a, &d.plan, d.entries, d.n, out, err));
	struct hash seed = seal_key(r->city->seal, STR("board"));
	struct sign_secret authority;
	sign_secret_of(seed.b, &authority);
	int64_t end = d.n > d.ballots ? d.entries[d.n - 1].at_ms : d.plan.closes_ms;
	rc = board_write(&d.plan, d.entries, d.n, d.ballots, HEADS_EVERY, end, &authority, line, ctx, err);
	sign_forget(&authority);
	return rc;
}

enum rc poll_board(struct reader *r, str name, void (*line)(void *ctx, str text), void *ctx,
	struct board_tally *out, struct err *err)
{
	struct record *row;
	TRY(find(r, name, &row, err));
	return board(r, row, line, ctx, out, err);
}

enum rc poll_board_published(struct reader *r, int64_t id, void (*line)(void *ctx, str text), void *ctx,
	struct board_tally *out, struct err *err)
{
	struct record *row;
	TRY(published(r, id, &row, err));
	const struct field *tier = reg_field(row->reg, STR("tier"));
	if (tier == NULL || !str_is(row->values[tier->at].t, "issued"))
		return FAIL(err, RC_NOT_FOUND, "a vote by phone or WeChat has no board");
	return board(r, row, line, ctx, out, err);
}
