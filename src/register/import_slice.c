/* import_slice.c -- parsed rows become records: new, changed, same or refused (import.h). */
#include "base/clock.h"
#include "base/date.h"
#include "guard/seal.h"
#include "register/import_row.h"
#include "register/row.h"

static const char Q_IMPORTED_OF[] =
	"SELECT digest, version FROM imported WHERE register = ?1 AND \"row\" = ?2";
static const char Q_IMPORTED_BY_DIGEST[] =
	"SELECT \"row\" FROM imported WHERE digest = ?2 AND register = ?1 LIMIT 1";
static const char Q_IMPORTED_PUT[] =
	"INSERT INTO imported (register, \"row\", digest, import, version, inserted) VALUES (?1, ?2, ?3, ?4, "
	"?5, ?6) "
	"ON CONFLICT (register, \"row\") DO UPDATE SET digest = excluded.digest, import = excluded.import, "
	"version = excluded.version";
static const char Q_IMPORT_ID[] = "SELECT COALESCE(MAX(id), 0) + 1 FROM imports";
static const char Q_IMPORT_OPEN[] =
	"INSERT INTO imports (id, register, file_name, file_digest, org, actor, at, state, \"rows\", "
	"inserted, updated, "
	"unchanged, rejected) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', 0, 0, 0, 0, 0)";
static const char Q_IMPORT_CLOSE[] =
	"UPDATE imports SET state = 'done', \"rows\" = ?2, inserted = ?3, updated = ?4, "
	"unchanged = ?5, rejected = ?6 WHERE id = ?1";

struct import_seen {
	str key;
	int64_t row;
	struct hash digest;
	int64_t times; /* of an equal row, where the register has no key */
};

/* A row written in this slice: what the checks at its end may still take back. */
struct written {
	int64_t id, row;
	struct hash digest;
	bool dropped;
};

struct slice {
	struct import_state *s;
	struct map seen;
	struct written *new_rows;
	size_t new_n, new_cap;
};

static struct import_seen *seen_find(const struct slice *x, str key)
{
	struct import_seen *e = map_get(&x->seen, key);
	return e ? e : map_get(&x->s->seen_by_key, key);
}

static struct import_seen *seen_put(struct slice *x, str key, const struct parsed_row *p)
{
	struct import_part *part = &x->s->slice;
	struct import_seen *e = NEW(x->s->a, struct import_seen);
	*e = (struct import_seen){arena_str(x->s->a, key), p->row->row, p->digest, 1};
	part->seen = arena_grow(x->s->a, part->seen, part->seen_n, &part->seen_cap, sizeof *part->seen);
	part->seen[part->seen_n++] = *e;
	map_put(&x->seen, e->key, e);
	return e;
}

static void reject(struct slice *x, const struct parsed_row *p, str message)
{
	import_note(x->s, p->row->row, NULL, STR(""), message, false);
	x->s->slice.counts.rejected++;
}

/* Rows of this file with the same key: the first stands. True when this one is settled. */
static bool settled_in_file(struct job_ctx *c, struct slice *x, struct parsed_row *p)
{
	str key = p->key;
	if (key.n == 0)
		key = arena_fmt(c->a, "=%.*s", STR_ARG(hex_str(c->a, p->digest.b, HASH_BYTES)));
	struct import_seen *first = seen_find(x, key);
	if (first == NULL) {
		seen_put(x, key, p);
		return false;
	}
	if (p->key.n == 0) { /* the k-th equal row is a row of its own, known by its place */
		struct import_seen again = *first;
		first = seen_put(x, key, p);
		first->times = again.times + 1;
		x->s->slice.seen[x->s->slice.seen_n - 1].times = first->times;
		str text = arena_fmt(c->a, "%.*s#%lld", STR_ARG(key), (long long)first->times);
		p->digest = hash_sha256(text);
		return false;
	}
	if (hash_eq(&first->digest, &p->digest))
		x->s->slice.counts.unchanged++;
	else
		reject(x, p,
			arena_fmt(c->a,
				tr("row %lld has the same key with other values; only the first of them "
				   "stands"),
				(long long)first->row));
	return true;
}

/* The row that stands under the natural key; 0 where none does. */
static enum rc by_key(
	struct job_ctx *c, const struct reg *reg, const struct parsed_row *p, int64_t *out, struct err *err)
{
	struct city *city = job_city(c);
	struct stmt *s;
	bool row;
	str where = {NULL, 0};
	for (size_t i = 0; i < reg->key_n; i++)
		where = arena_fmt(c->a, "%.*s%s\"%.*s%s\" = ?%zu", STR_ARG(where), i ? " AND " : "",
			STR_ARG(reg->key[i]->id), reg->key[i]->sealed ? "_blind" : "", i + 1);
	str sql = arena_fmt(c->a, "SELECT \"id\" FROM \"%.*s\" WHERE %.*s", STR_ARG(reg->id), STR_ARG(where));
	TRY(db_prepare(c->db, sql.p, &s, err));
	for (size_t i = 0; i < reg->key_n; i++)
		for (size_t e = 0; e < p->entries_n; e++) {
			const struct entry *x = &p->entries[e];
			if (x->field != reg->key[i])
				continue;
			if (x->field->sealed) {
				str kind =
					arena_fmt(c->a, "%.*s.%.*s", STR_ARG(reg->id), STR_ARG(x->field->id));
				struct blind h = seal_blind(city->seal, kind, x->value.t);
				stmt_bind_blob(s, (int)i + 1, (str){(const char *)h.b, BLIND_BYTES});
			} else if (x->value.kind == V_INT) {
				stmt_bind_i64(s, (int)i + 1, x->value.i);
			} else {
				stmt_bind_text(s, (int)i + 1, x->value.t);
			}
		}
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
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
	TRY(db_prepare(c->db, Q_IMPORTED_PUT, &st, err));
	stmt_bind_text(st, 1, s->map->reg->id);
	stmt_bind_i64(st, 2, id);
	stmt_bind_blob(st, 3, (str){(const char *)digest->b, HASH_BYTES});
	stmt_bind_i64(st, 4, s->import_id);
	stmt_bind_i64(st, 5, version);
	stmt_bind_i64(st, 6, inserted);
	return stmt_run(st, err);
}

/* What imported knows of a row: its digest, and the version that the last import left. */
static enum rc last_import(struct job_ctx *c, const struct reg *reg, int64_t id, struct hash *out_digest,
	int64_t *out_version, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_version = 0;
	TRY(db_prepare(c->db, Q_IMPORTED_OF, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return RC_OK;
	str d = stmt_blob(s, 0);
	if (d.n == HASH_BYTES)
		memcpy(out_digest->b, d.p, HASH_BYTES);
	*out_version = stmt_i64(s, 1);
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

static enum rc update(
	struct job_ctx *c, struct slice *x, const struct parsed_row *p, int64_t id, struct err *err)
{
	const struct reg *reg = x->s->map->reg;
	struct import_counts *n = &x->s->slice.counts;
	struct hash digest = {{0}};
	struct record *now;
	int64_t version;
	TRY(last_import(c, reg, id, &digest, &version, err));
	if (version && hash_eq(&digest, &p->digest)) {
		*(p->person_changed ? &n->updated : &n->unchanged) += 1;
		return RC_OK;
	}
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &now, err));
	str changes = differences(c, now, p);
	if (version && version != now->version && changes.n && !x->s->overwrite) {
		reject(x, p,
			arena_fmt(c->a,
				tr("changed here since the last import and in this file too: %.*s; "
				   "import with --overwrite to take the file's"),
				STR_ARG(changes)));
		return RC_OK;
	}
	int64_t after = now->version;
	if (changes.n) {
		TRY(record_set(c, reg, id, 0, p->entries, p->entries_n, err));
		after++;
	}
	*(changes.n || p->person_changed ? &n->updated : &n->unchanged) += 1;
	return remember(c, x->s, id, &p->digest, after, false, err);
}

static void note_new(struct job_ctx *c, struct slice *x, const struct parsed_row *p, int64_t id)
{
	x->new_rows = arena_grow(c->a, x->new_rows, x->new_n, &x->new_cap, sizeof *x->new_rows);
	x->new_rows[x->new_n++] = (struct written){id, p->row->row, p->digest, false};
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

static enum rc insert(struct job_ctx *c, struct slice *x, const struct parsed_row *p, struct err *err)
{
	const struct reg *reg = x->s->map->reg;
	int64_t id;
	struct record_input in = {.reg = reg,
		.org = p->org,
		.entries = p->entries,
		.entries_n = p->entries_n,
		.state = p->state,
		.source = STR("import")};
	TRY(record_ids(c, reg, 1, &id, err));
	TRY(record_slice_add(c, &in, id, err));
	note_new(c, x, p, id);
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

static enum rc one(struct job_ctx *c, struct slice *x, struct parsed_row *p, struct err *err)
{
	const struct reg *reg = x->s->map->reg;
	int64_t id = 0;
	if (settled_in_file(c, x, p))
		return RC_OK;
	if (p->key.n)
		TRY(by_key(c, reg, p, &id, err));
	else
		TRY(by_digest(c, reg, p, &id, err));
	if (id || str_is(reg->id, "org"))
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

static enum rc finish(struct job_ctx *c, struct slice *x, struct err *err)
{
	struct import_counts *n = &x->s->slice.counts;
	if (x->new_n == 0)
		return RC_OK;
	int64_t first = x->new_rows[0].id, last = x->new_rows[x->new_n - 1].id;
	TRY(record_slice_end(c, x->s->map->reg, first, last - first + 1, check_fired, x, err));
	for (size_t i = 0; i < x->new_n; i++) {
		const struct written *w = &x->new_rows[i];
		*(w->dropped ? &n->rejected : &n->inserted) += 1;
		if (!w->dropped)
			TRY(remember(c, x->s, w->id, &w->digest, 1, true, err));
	}
	return RC_OK;
}

static enum rc rows(
	struct job_ctx *c, struct slice *x, const struct import_row *list, size_t n, struct err *err)
{
	struct import_row above = {.cells = x->s->above, .n = x->s->above_n};
	for (size_t i = 0; i < n; i++) {
		struct parsed_row p;
		enum rc rc;
		struct err e = {0};
		const struct import_row *up = i ? &list[i - 1] : above.cells ? &above : NULL;
		x->s->slice.counts.rows++;
		if (!import_row_parse(c, x->s, &list[i], up, &p, &rc, err)) {
			TRY(rc);
			x->s->slice.counts.rejected++;
			continue;
		}
		rc = one(c, x, &p, &e);
		if (rc == RC_IO || rc == RC_UNKNOWN) {
			if (err)
				*err = e;
			return rc;
		}
		if (rc != RC_OK)
			reject(x, &p, str_of(e.text));
	}
	return finish(c, x, err);
}

enum rc import_slice(
	struct job_ctx *c, struct import_state *s, const struct import_row *list, size_t n, struct err *err)
{
	struct slice x = {.s = s};
	s->slice = (struct import_part){0};
	enum rc rc = rows(c, &x, list, n, err);
	map_done(&x.seen);
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
	for (size_t i = 0; i < p->seen_n; i++) {
		struct import_seen *e = NEW(s->a, struct import_seen);
		*e = p->seen[i];
		map_put(&s->seen_by_key, e->key, e);
	}
	s->slice = (struct import_part){0};
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
