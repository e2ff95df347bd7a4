/* import_slice.c -- parsed rows become records: new, changed, same or refused (import.h). */
#include "base/clock.h"
#include "base/date.h"
#include "guard/seal.h"
#include "register/import_people.h"
#include "register/import_row.h"
#include "register/import_undo.h"
#include "register/row.h"
#include "store/load.h"

static const char Q_IMPORTED_OF[] =
	"SELECT digest, version, import FROM imported WHERE register = ?1 AND \"row\" = ?2";
static const char Q_IMPORTED_BY_DIGEST[] =
	"SELECT \"row\" FROM imported WHERE digest = ?2 AND register = ?1 LIMIT 1";
static const char Q_IMPORTED_PUT[] =
	"INSERT INTO imported (register, \"row\", digest, import, version, inserted) VALUES (?1, ?2, ?3, ?4, "
	"?5, ?6) "
	"ON CONFLICT (register, \"row\") DO UPDATE SET digest = excluded.digest, import = excluded.import, "
	"version = excluded.version";
static const char Q_IMPORTED_ADD[] =
	"INSERT INTO imported (register, \"row\", digest, import, version, inserted) VALUES (?1, ?2, ?3, ?4, "
	"?5, ?6)";
static const char Q_IMPORT_ID[] = "SELECT COALESCE(MAX(id), 0) + 1 FROM imports";
static const char Q_IMPORT_OPEN[] =
	"INSERT INTO imports (id, register, file_name, file_digest, org, actor, at, state, \"rows\", "
	"inserted, updated, "
	"unchanged, rejected) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', 0, 0, 0, 0, 0)";
static const char Q_IMPORT_CLOSE[] =
	"UPDATE imports SET state = 'done', \"rows\" = ?2, inserted = ?3, updated = ?4, "
	"unchanged = ?5, rejected = ?6 WHERE id = ?1";

struct import_seen {
	unsigned char key[16], digest[16]; /* halves of SHA-256 */
	int64_t row;
	int64_t times; /* of an equal row, where the register has no key */
};

/* A row written in this slice: what the checks at its end may still take back. */
struct written {
	int64_t id, row, person; /* ids ascend */
	struct hash digest;
	bool dropped, person_new;
};

struct slice {
	struct import_state *s;
	struct arena *a; /* of the slice; job_ctx.a is the row's */
	const struct import_row *rows;
	struct written *new_rows;
	size_t new_n, new_cap;
	const struct import_row **later; /* refused for a row that may stand further down */
	size_t later_n, later_cap;
	const struct record *now; /* that the row at hand has changed */
	size_t rows_n;
	int64_t next_id, ids_left; /* drawn for new rows, all at the first of them: what is left goes back */
};

/* ---- keys of the file ---- */

static struct import_seen *seen_in(
	const struct import_seen_table *t, const struct imap *m, const struct hash *key)
{
	uint64_t k;
	int64_t at;
	memcpy(&k, key->b, sizeof k);
	for (; imap_has(m, k, &at); k++)
		if (memcmp(t->list[at].key, key->b, sizeof t->list->key) == 0)
			return &t->list[at];
	return NULL;
}

static struct import_seen *seen_find(struct import_seen_table *t, const struct hash *key)
{
	struct import_seen *e = seen_in(t, &t->slice, key);
	return e ? e : seen_in(t, &t->all, key);
}

static void seen_index(struct import_seen_table *t, struct imap *m, size_t at)
{
	uint64_t k;
	int64_t other;
	memcpy(&k, t->list[at].key, sizeof k);
	while (imap_has(m, k, &other) &&
		memcmp(t->list[other].key, t->list[at].key, sizeof t->list->key) != 0)
		k++;
	*imap_at(m, k) = (int64_t)at;
}

static void seen_put(struct import_seen_table *t, const struct hash *key, const struct hash *digest,
	int64_t row, int64_t times)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 256;
		t->list = mem_resize(t->list, t->cap * sizeof *t->list);
	}
	struct import_seen *e = &t->list[t->n];
	memcpy(e->key, key->b, sizeof e->key);
	memcpy(e->digest, digest->b, sizeof e->digest);
	e->row = row;
	e->times = times;
	seen_index(t, &t->slice, t->n++);
}

static void reject(struct slice *x, const struct parsed_row *p, str message)
{
	import_note(x->s, p->row->row, NULL, STR(""), message, false);
	x->s->slice.counts.rejected++;
}

/* Rows of this file with the same key: the first stands. True when this one is settled. *out_times: the how many-th
 * equal row it is, where there is no key. */
static bool settled_in_file(struct job_ctx *c, struct slice *x, struct parsed_row *p, int64_t *out_times)
{
	struct import_seen_table *t = &x->s->seen;
	struct hash key = p->key.n ? hash_sha256(p->key) : p->digest;
	const struct import_seen *first = seen_find(t, &key);
	*out_times = 1;
	if (first == NULL) {
		seen_put(t, &key, &p->digest, p->row->row, 1);
		return false;
	}
	if (p->key.n == 0) { /* the k-th equal row is a row of its own, known by its place */
		*out_times = first->times + 1;
		seen_put(t, &key, &p->digest, p->row->row, *out_times);
		p->digest = hash_sha256(arena_fmt(c->a, "%.*s#%lld",
			STR_ARG(hex_str(c->a, p->digest.b, HASH_BYTES)), (long long)*out_times));
		return false;
	}
	if (memcmp(first->digest, p->digest.b, sizeof first->digest) == 0)
		x->s->slice.counts.unchanged++;
	else
		reject(x, p,
			arena_fmt(c->a,
				tr("row %lld has the same key with other values; only the first of them "
				   "stands"),
				(long long)first->row));
	return true;
}

static enum rc by_key_under(struct job_ctx *c, const struct reg *reg, const struct parsed_row *p,
	int64_t generation, int64_t *out, struct err *err)
{
	struct city *city = job_city(c);
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db, city->plans[reg->at].by_key.p, &s, err));
	for (size_t i = 0; i < reg->key_n; i++)
		for (size_t e = 0; e < p->entries_n; e++) {
			const struct entry *x = &p->entries[e];
			if (x->field != reg->key[i])
				continue;
			if (x->field->sealed)
				row_bind_blind(
					c->a, city, reg, x->field, &x->value, generation, s, (int)i + 1);
			else if (x->value.kind == V_INT)
				stmt_bind_i64(s, (int)i + 1, x->value.i);
			else
				stmt_lend_text(s, (int)i + 1, x->value.t);
		}
	if (reg->key_org)
		stmt_bind_i64(s, (int)reg->key_n + 1, p->org);
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

/* The row that stands under the natural key; 0 where none does. */
static enum rc by_key(
	struct job_ctx *c, const struct reg *reg, const struct parsed_row *p, int64_t *out, struct err *err)
{
	struct generations asked = row_asked(job_city(c));
	*out = 0;
	for (size_t g = 0; g < asked.n && *out == 0; g++)
		TRY(by_key_under(c, reg, p, asked.list[g], out, err));
	return RC_OK;
}

static enum rc by_digest(
	struct job_ctx *c, const struct reg *reg, const struct parsed_row *p, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db, Q_IMPORTED_BY_DIGEST, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_blob(s, 2, (str){(const char *)p->digest.b, HASH_BYTES});
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

static enum rc remember(struct job_ctx *c, struct import_state *s, int64_t id, const struct hash *digest,
	int64_t version, bool inserted, struct err *err)
{
	struct stmt *st;
	TRY(db_prepare(c->db, inserted ? Q_IMPORTED_ADD : Q_IMPORTED_PUT, &st, err));
	stmt_bind_text(st, 1, s->map->reg->id);
	stmt_bind_i64(st, 2, id);
	stmt_bind_blob(st, 3, (str){(const char *)digest->b, HASH_BYTES});
	stmt_bind_i64(st, 4, s->import_id);
	stmt_bind_i64(st, 5, version);
	stmt_bind_i64(st, 6, inserted ? s->import_id : 0);
	return stmt_run(st, err);
}

/* What imported knows of a row: its digest, the version that the last import left, and which import that was. */
struct last_import {
	struct hash digest;
	int64_t version, import; /* version 0: none */
};

static enum rc last_import(
	struct job_ctx *c, const struct reg *reg, int64_t id, struct last_import *out, struct err *err)
{
	struct stmt *s;
	bool row;
	*out = (struct last_import){0};
	TRY(db_prepare(c->db, Q_IMPORTED_OF, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	str d = stmt_blob(s, 0);
	if (d.n == HASH_BYTES)
		memcpy(out->digest.b, d.p, HASH_BYTES);
	out->version = stmt_i64(s, 1);
	out->import = stmt_i64(s, 2);
	stmt_reset(s);
	return RC_OK;
}

/* Fields whose imported value differs from what stands, in words, for a conflict. */
static str differences(struct job_ctx *c, const struct record *now, const struct parsed_row *p)
{
	str out = {NULL, 0};
	for (size_t i = 0; i < p->entries_n; i++) {
		const struct field *f = p->entries[i].field;
		const struct value *a = &now->values[f->at], *b = &p->entries[i].value;
		if (a->kind == b->kind && a->i == b->i && str_eq(a->t, b->t))
			continue;
		str x = f->sealed ? STR("***") : value_text(c->a, f, a),
		    y = f->sealed ? STR("***") : value_text(c->a, f, b);
		out = arena_fmt(c->a, "%.*s%s%.*s %.*s → %.*s", STR_ARG(out), out.n ? "; " : "",
			STR_ARG(label_text(&f->label)), STR_ARG(x), STR_ARG(y));
	}
	return out;
}

static const struct move *move_between(const struct reg *reg, str from, str to)
{
	for (size_t i = 0; i < reg->moves_n; i++)
		for (size_t k = 0; k < reg->moves[i].from_n; k++)
			if (str_eq(reg->moves[i].to, to) && str_eq(reg->moves[i].from[k], from))
				return &reg->moves[i];
	return NULL;
}

/* The state that the file tells, by a declared move. */
static enum rc to_state(struct job_ctx *c, const struct reg *reg, const struct record *now,
	const struct parsed_row *p, struct err *err)
{
	const struct move *m = move_between(reg, now->state, p->state);
	const struct state *from = reg_state(reg, now->state), *to = reg_state(reg, p->state);
	if (m == NULL)
		return FAIL(err, RC_CONFLICT, "no step leads from the state %.*s to %.*s",
			STR_ARG(from ? label_text(&from->label) : now->state),
			STR_ARG(to ? label_text(&to->label) : p->state));
	return record_do(c, reg, now->id, 0, m, NULL, 0, str_of(tr("told by an imported file")), err);
}

/* The parent of a unit is a dated move, never an edit. */
static enum rc parent_stays(
	const struct reg *reg, const struct record *now, const struct parsed_row *p, struct err *err)
{
	const struct field *parent = reg_field(reg, STR("parent"));
	for (size_t i = 0; parent && i < p->entries_n; i++)
		if (p->entries[i].field == parent && p->entries[i].value.kind == V_INT &&
			p->entries[i].value.i != now->values[parent->at].i)
			return FAIL(err, RC_CONFLICT,
				"%.*s differs from the one that stands: a unit changes it by a dated move "
				"(qinghe set org %lld --from DATE parent=CODE)",
				STR_ARG(label_text(&parent->label)), (long long)now->id);
	return RC_OK;
}

static enum rc update(
	struct job_ctx *c, struct slice *x, const struct parsed_row *p, int64_t id, struct err *err)
{
	const struct reg *reg = x->s->map->reg;
	struct import_counts *n = &x->s->slice.counts;
	struct last_import last;
	struct record *now;
	TRY(last_import(c, reg, id, &last, err));
	if (last.version && hash_eq(&last.digest, &p->digest)) {
		*(p->person_changed ? &n->updated : &n->unchanged) += 1;
		return RC_OK;
	}
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &now, err));
	str changes = differences(c, now, p);
	bool moves = p->state_told && !str_eq(now->state, p->state);
	if (last.version && last.version != now->version && (changes.n || moves) && !x->s->overwrite) {
		reject(x, p,
			arena_fmt(c->a,
				tr("changed here since the last import and in this file too: %.*s; "
				   "import with --overwrite to take the file's"),
				STR_ARG(changes.n ? changes : p->state)));
		return RC_OK;
	}
	if (str_is(reg->id, "org"))
		TRY(parent_stays(reg, now, p, err));
	int64_t after = now->version + (changes.n > 0) + moves;
	if (changes.n)
		TRY(record_set(c, reg, id, 0, p->entries, p->entries_n, err));
	if (moves)
		TRY(to_state(c, reg, now, p, err));
	*(changes.n || moves || p->person_changed ? &n->updated : &n->unchanged) += 1;
	x->now = now;
	TRY(import_note_change(c, x->s->import_id, reg, id, now->version, after, err));
	return remember(c, x->s, id, &p->digest, after, false, err);
}

static void note_new(struct slice *x, const struct parsed_row *p, int64_t id)
{
	x->new_rows = arena_grow(x->a, x->new_rows, x->new_n, &x->new_cap, sizeof *x->new_rows);
	x->new_rows[x->new_n++] = (struct written){.id = id,
		.row = p->row->row,
		.person = p->person,
		.digest = p->digest,
		.person_new = p->person_new};
}

static enum rc insert_org(struct job_ctx *c, struct slice *x, const struct parsed_row *p, struct err *err)
{
	const struct field *parent = reg_field(x->s->map->reg, STR("parent"));
	int64_t id, up = p->org;
	for (size_t i = 0; i < p->entries_n; i++)
		if (p->entries[i].field == parent)
			up = p->entries[i].value.i;
	TRY(org_add(c, up, DATE_NONE, p->entries, p->entries_n, &id, err));
	x->s->slice.counts.inserted++;
	return remember(c, x->s, id, &p->digest, 1, true, err);
}

static enum rc draw_id(struct job_ctx *c, struct slice *x, int64_t *out, struct err *err)
{
	if (x->ids_left == 0) {
		int64_t n = x->next_id ? 1 : (int64_t)x->rows_n;
		TRY(record_ids(c, x->s->map->reg, n, &x->next_id, err));
		x->ids_left = n;
	}
	*out = x->next_id++;
	x->ids_left--;
	return RC_OK;
}

static enum rc insert(struct job_ctx *c, struct slice *x, const struct parsed_row *p, struct err *err)
{
	const struct reg *reg = x->s->map->reg;
	int64_t id;
	struct record_input in = {.reg = reg,
		.org = p->org,
		.entries = p->entries,
		.entries_n = p->entries_n,
		.state = p->state,
		.source = x->s->source.n ? x->s->source : STR("import")};
	TRY(draw_id(c, x, &id, err));
	TRY(record_slice_add(c, &in, id, err));
	note_new(x, p, id);
	return RC_OK;
}

/* Edits and organisations take several statements: a row that fails among them leaves nothing behind. */
static enum rc in_savepoint(
	struct job_ctx *c, struct slice *x, const struct parsed_row *p, int64_t id, struct err *err)
{
	TRY(db_savepoint(c->db, err));
	enum rc rc = id ? update(c, x, p, id, err) : insert_org(c, x, p, err);
	if (rc == RC_OK)
		return db_release(c->db, err);
	db_rollback_to(c->db);
	return rc;
}

static const struct value *value_of(const struct parsed_row *p, const struct reg *reg, const char *id)
{
	const struct field *f = reg_field(reg, str_of(id));
	for (size_t i = 0; f && i < p->entries_n; i++)
		if (p->entries[i].field == f)
			return &p->entries[i].value;
	return NULL;
}

/* Nobody is a member in two places at once: a second live membership is refused, a transfer moves the person. */
static enum rc member_fits(
	struct job_ctx *c, const struct reg *reg, const struct parsed_row *p, struct err *err)
{
	struct stmt *s;
	bool row;
	bool one_place = str_is(reg->id, "membership") || str_is(reg->id, "pioneer_membership");
	const struct value *from = value_of(p, reg, "joined_on"), *to = value_of(p, reg, "left_on");
	if (!one_place || p->person == 0 || from == NULL || from->kind != V_TEXT)
		return RC_OK;
	str sql = arena_fmt(c->a,
		"SELECT m.\"org\" FROM \"%.*s\" m WHERE m.\"%.*s\" = ?1 AND m.\"state\" <> 'void' AND "
		"(m.\"left_on\" IS NULL OR m.\"left_on\" > ?2) AND m.\"joined_on\" < ?3 LIMIT 1",
		STR_ARG(reg->id), STR_ARG(reg->person->id));
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, p->person);
	stmt_lend_text(s, 2, from->t);
	stmt_lend_text(s, 3, to && to->kind == V_TEXT ? to->t : STR("9999-12-31"));
	TRY(stmt_step(s, &row, err));
	int64_t org = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return row ? FAIL(err, RC_CONFLICT,
			     "this person is a member of another unit (#%lld) in that time: close that "
			     "membership "
			     "or transfer the person",
			     (long long)org)
		   : RC_OK;
}

/* In the register of persons itself a row without an ID that stands there is matched as anywhere else, but never with
 * another row of the same file. */
static enum rc by_person(
	struct job_ctx *c, struct slice *x, const struct parsed_row *p, int64_t *out, struct err *err)
{
	const struct reg *reg = x->s->map->reg;
	struct person_input in = {.unit = p->org};
	const struct {
		const char *id;
		str *to;
	} parts[] = {{"name", &in.name}, {"citizen_id", &in.citizen_id}, {"phone", &in.phone},
		{"birth_month", &in.birth_month}};
	for (size_t i = 0; i < p->entries_n; i++)
		for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
			if (str_is(p->entries[i].field->id, parts[k].id))
				*parts[k].to = p->entries[i].value.t;
	struct last_import last;
	TRY(person_find(c->db, job_city(c), c->a, &in, out, err));
	if (*out && x->new_n && *out >= x->new_rows[0].id && in.citizen_id.n == 0)
		*out = 0;
	if (*out == 0)
		return RC_OK;
	TRY(last_import(c, reg, *out, &last, err));
	if (last.version && last.import == x->s->import_id && in.citizen_id.n == 0)
		*out = 0;
	return RC_OK;
}

/* The row that this one means: under its key, or one that an import left in this very form (it may be void since). */
static enum rc standing(struct job_ctx *c, struct slice *x, const struct parsed_row *p, int64_t times,
	int64_t *out, struct err *err)
{
	const struct reg *reg = x->s->map->reg;
	*out = 0;
	if (p->key.n)
		TRY(by_key(c, reg, p, out, err));
	if (*out == 0)
		TRY(by_digest(c, reg, p, out, err));
	bool person = str_is(reg->id, "person") && (p->key.n || (*out == 0 && times == 1));
	return person ? by_person(c, x, p, out, err) : RC_OK;
}

static enum rc one(struct job_ctx *c, struct slice *x, struct parsed_row *p, struct err *err)
{
	int64_t id, times;
	if (settled_in_file(c, x, p, &times))
		return RC_OK;
	TRY(standing(c, x, p, times, &id, err));
	if (id == 0 && p->state_told && str_is(p->state, "void")) {
		x->s->slice.counts.unchanged++; /* what is void and does not stand is nothing */
		return RC_OK;
	}
	if (id == 0)
		TRY(member_fits(c, x->s->map->reg, p, err));
	if (id || str_is(x->s->map->reg->id, "org"))
		return in_savepoint(c, x, p, id, err);
	return insert(c, x, p, err);
}

/* Told by the checks at the end of the slice. */
static void check_fired(void *user, int64_t id, const struct check *check)
{
	struct slice *x = user;
	for (size_t lo = 0, hi = x->new_n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;
		struct written *w = &x->new_rows[mid];
		if (w->id < id) {
			lo = mid + 1;
		} else if (w->id > id) {
			hi = mid;
		} else {
			import_note(x->s, w->row, NULL, STR(""), label_text(&check->say), check->warn);
			w->dropped |= !check->warn;
			return;
		}
	}
}

/* People made for rows that the checks took back go with them, unless a kept row names them too. */
static enum rc unmake_people(struct job_ctx *c, struct slice *x, struct err *err)
{
	struct imap kept = {0};
	enum rc rc = RC_OK;
	for (size_t i = 0; i < x->new_n; i++)
		if (!x->new_rows[i].dropped && x->new_rows[i].person)
			*imap_at(&kept, (uint64_t)x->new_rows[i].person) = 1;
	for (size_t i = 0; i < x->new_n && rc == RC_OK; i++) {
		const struct written *w = &x->new_rows[i];
		if (w->dropped && w->person_new && !imap_has(&kept, (uint64_t)w->person, NULL))
			rc = person_unmake(c, w->person, err);
	}
	imap_done(&kept);
	return rc;
}

static enum rc load_new(struct load *l, const struct slice *x, struct err *err)
{
	const struct import_state *s = x->s;
	for (size_t i = 0; i < x->new_n; i++) {
		const struct written *w = &x->new_rows[i];
		const struct load_value v[] = {{LOAD_TEXT, 0, s->map->reg->id}, {LOAD_I64, w->id, {NULL, 0}},
			{LOAD_BLOB, 0, {(const char *)w->digest.b, HASH_BYTES}},
			{LOAD_I64, s->import_id, {NULL, 0}}, {LOAD_I64, 1, {NULL, 0}},
			{LOAD_I64, s->import_id, {NULL, 0}}};
		if (!w->dropped)
			TRY(load_row(l, v, err));
	}
	return RC_OK;
}

/* The new rows that stand, into `imported`: in bulk, for nothing looks there before the slice's end. The rows themselves
 * go one by one (in a pipeline), since each may be asked for by the next. */
static enum rc remember_new(struct job_ctx *c, const struct slice *x, struct err *err)
{
	static const str columns[] = {
		{"register", 8}, {"row", 3}, {"digest", 6}, {"import", 6}, {"version", 7}, {"inserted", 8}};
	struct load *l;
	struct err end;
	TRY(load_begin(c->db, STR("imported"), columns, sizeof columns / sizeof *columns, &l, err));
	enum rc rc = load_new(l, x, err), ended = load_end(l, rc == RC_OK ? err : &end);
	return rc != RC_OK ? rc : ended;
}

static enum rc finish(struct job_ctx *c, struct slice *x, struct err *err)
{
	struct import_counts *n = &x->s->slice.counts;
	bool dropped = false;
	TRY(record_ids_back(c, x->s->map->reg, x->next_id, x->ids_left, err));
	if (x->new_n == 0)
		return RC_OK;
	int64_t first = x->new_rows[0].id, last = x->new_rows[x->new_n - 1].id;
	TRY(record_slice_end(c, x->s->map->reg, first, last - first + 1, check_fired, x, err));
	for (size_t i = 0; i < x->new_n; i++) {
		const struct written *w = &x->new_rows[i];
		*(w->dropped ? &n->rejected : &n->inserted) += 1;
		dropped |= w->dropped;
	}
	TRY(remember_new(c, x, err));
	return dropped ? unmake_people(c, x, err) : RC_OK;
}

static void put_off(struct slice *x, const struct import_row *row, size_t errors_before)
{
	x->s->slice.errors_n = errors_before;
	x->later = arena_grow(x->a, x->later, x->later_n, &x->later_cap, sizeof *x->later);
	x->later[x->later_n++] = row;
}

static void tell(
	struct job_ctx *c, struct slice *x, const struct parsed_row *p, const struct import_counts *before)
{
	const struct import_counts *n = &x->s->slice.counts;
	enum import_fate fate = n->updated > before->updated       ? FATE_CHANGED
				: n->unchanged > before->unchanged ? FATE_SAME
								   : FATE_NEW;
	struct import_told t = {c, p->row, fate, p->entries, p->entries_n, x->now};
	if (x->s->told && n->rejected == before->rejected)
		x->s->told(x->s->told_user, &t);
}

/* One row to its end. may_wait: a reference to a row of this register that is not there yet puts it off. */
static enum rc row(
	struct job_ctx *c, struct slice *x, const struct import_row *r, bool may_wait, struct err *err)
{
	struct parsed_row p;
	enum rc rc;
	struct err e = {0};
	struct import_counts *n = &x->s->slice.counts;
	size_t errors = x->s->slice.errors_n;
	if (!import_row_parse(c, x->s, x->rows, r, &p, &rc, err)) {
		TRY(rc);
		if (p.later && may_wait)
			put_off(x, r, errors);
		else
			n->rejected++;
		return RC_OK;
	}
	struct import_counts before = *n;
	int64_t rejected = n->rejected;
	x->now = NULL;
	rc = one(c, x, &p, &e);
	if (rc == RC_IO || rc == RC_UNKNOWN) {
		if (err)
			*err = e;
		return rc;
	}
	if (rc != RC_OK)
		reject(x, &p, str_of(e.text));
	tell(c, x, &p, &before);
	return n->rejected > rejected && p.person_new ? person_unmake(c, p.person, err) : RC_OK;
}

/* Again, as long as that settles some. */
static enum rc rows_later(struct job_ctx *c, struct slice *x, struct err *err)
{
	for (bool last = false; x->later_n > 0;) {
		const struct import_row **list = x->later;
		size_t n = x->later_n;
		x->later = NULL;
		x->later_n = x->later_cap = 0;
		for (size_t i = 0; i < n; i++) {
			TRY(row(c, x, list[i], !last, err));
			arena_reset(c->a);
		}
		last = x->later_n == n;
	}
	return RC_OK;
}

static enum rc rows(
	struct job_ctx *c, struct slice *x, const struct import_row *list, size_t n, struct err *err)
{
	x->rows = list;
	x->rows_n = n;
	for (size_t i = 0; i < n; i++) {
		x->s->slice.counts.rows++;
		TRY(row(c, x, &list[i], true, err));
		arena_reset(c->a);
	}
	TRY(rows_later(c, x, err));
	return finish(c, x, err);
}

static void slice_start(struct import_state *s, struct import_refs *refs)
{
	s->slice = (struct import_part){0};
	s->seen.n = s->seen.durable;
	imap_clear(&s->seen.slice);
	if (s->people == NULL)
		s->people = import_people_new();
	else if (s->people_unsure)
		import_people_forget(s->people);
	s->people_unsure = true;
	s->refs = refs;
}

enum rc import_slice(
	struct job_ctx *c, struct import_state *s, const struct import_row *list, size_t n, struct err *err)
{
	struct slice x = {.s = s, .a = c->a};
	struct import_refs refs = {.a = c->a};
	struct arena row_arena = {0};
	struct job_ctx of_row = *c;
	of_row.a = &row_arena;
	slice_start(s, &refs);
	enum rc rc = rows(&of_row, &x, list, n, err);
	s->refs = NULL;
	map_done(&refs.by_text);
	arena_done(&row_arena);
	c->action = STR("import");
	c->subject = arena_fmt(c->a, "%.*s:import:%lld", STR_ARG(s->map->reg->id), (long long)s->import_id);
	c->detail = arena_fmt(c->a, "rows:%lld inserted:%lld updated:%lld rejected:%lld",
		(long long)s->slice.counts.rows, (long long)s->slice.counts.inserted,
		(long long)s->slice.counts.updated, (long long)s->slice.counts.rejected);
	return rc;
}

void import_slice_done(struct import_state *s)
{
	struct import_part *p = &s->slice, *all = &s->all;
	all->counts.rows += p->counts.rows;
	all->counts.inserted += p->counts.inserted;
	all->counts.updated += p->counts.updated;
	all->counts.unchanged += p->counts.unchanged;
	all->counts.rejected += p->counts.rejected;
	for (size_t i = 0; i < p->errors_n && all->errors_n < IMPORT_ERRORS_MAX; i++) {
		all->errors =
			arena_grow(s->a, all->errors, all->errors_n, &all->errors_cap, sizeof *all->errors);
		all->errors[all->errors_n++] = p->errors[i];
	}
	for (; s->seen.durable < s->seen.n; s->seen.durable++)
		seen_index(&s->seen, &s->seen.all, s->seen.durable);
	s->people_unsure = s->dry_run;
	s->slice = (struct import_part){0};
}

void import_state_done(struct import_state *s)
{
	imap_done(&s->seen.all);
	imap_done(&s->seen.slice);
	mem_resize(s->seen.list, 0);
	import_people_free(s->people);
	s->people = NULL;
}

enum rc import_begin(struct job_ctx *c, const struct reg *reg, str file_name, str file_digest, int64_t org,
	int64_t *out_import, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db, Q_IMPORT_ID, &s, err));
	TRY(stmt_step(s, &row, err));
	int64_t id = stmt_i64(s, 0);
	stmt_reset(s);
	TRY(db_prepare(c->db, Q_IMPORT_OPEN, &s, err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_text(s, 2, reg->id);
	stmt_bind_text(s, 3, file_name);
	stmt_bind_blob(s, 4, file_digest);
	stmt_bind_i64(s, 5, org);
	stmt_bind_i64(s, 6, c->actor->person);
	stmt_bind_i64(s, 7, c->now_ms);
	TRY(stmt_run(s, err));
	*out_import = id;
	c->action = STR("import");
	c->subject = arena_fmt(c->a, "%.*s:import:%lld", STR_ARG(reg->id), (long long)id);
	return RC_OK;
}

enum rc import_end(struct job_ctx *c, int64_t import, const struct import_counts *n, struct err *err)
{
	struct stmt *s;
	const int64_t values[] = {n->rows, n->inserted, n->updated, n->unchanged, n->rejected};
	TRY(db_prepare(c->db, Q_IMPORT_CLOSE, &s, err));
	stmt_bind_i64(s, 1, import);
	for (int i = 0; i < 5; i++)
		stmt_bind_i64(s, 2 + i, values[i]);
	c->action = STR("import");
	c->subject = arena_fmt(c->a, "import:%lld", (long long)import);
	return stmt_run(s, err);
}
