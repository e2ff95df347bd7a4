/* city.c -- see city.h. The tree cache: the writer builds a new tree after a change and puts it; readers of other
 * threads take it at reader_open under the lock and hold it by count until they close. */
#include "register/city.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/audit.h"
#include "guard/keystore.h"
#include "guard/password.h"
#include "guard/seal.h"
#include "register/archive.h"
#include "register/change.h"
#include "register/gate.h"
#include "register/plan.h"
#include "register/record.h"
#include "register/reindex.h"
#include "register/schema.h"
#include "register/shred.h"
#include "store/migrate.h"
#include <assert.h>
#include <pthread.h>

static const char Q_CITY[] = "SELECT name, region, root_org, model_dir, zone_minutes FROM city WHERE one = 1";
static const char Q_CITY_SET[] = "UPDATE city SET name = ?1, region = ?2, root_org = ?3, model_dir = ?4, "
				 "demo = ?5, founded_at = ?6 WHERE one = 1";
static const char Q_KEYSTORE[] = "SELECT value FROM setting WHERE name = 'keystore'";
static const char Q_KEYSTORE_SET[] = "INSERT INTO setting (name, value) VALUES ('keystore', ?1)";

struct tree_slot {
	pthread_mutex_t lock;
	struct held {
		struct tree *tree;
		int users;
		struct held *next;
	} * held;
};

static struct held *held_of(struct tree_slot *slot, const struct tree *t)
{
	struct held *h = slot->held;
	while (h && h->tree != t)
		h = h->next;
	assert(h != NULL);
	return h;
}

/* Drops the trees that nobody uses and that are not the current one. */
static void sweep(struct city *c)
{
	for (struct held **at = &c->trees->held; *at;) {
		struct held *h = *at;
		if (h->users > 0 || h->tree == c->tree) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		tree_free(h->tree);
		mem_resize(h, 0);
	}
}

void city_tree_put(struct city *c, struct tree *t)
{
	struct held *h = mem_resize(NULL, sizeof *h);
	pthread_mutex_lock(&c->trees->lock);
	*h = (struct held){.tree = t, .next = c->trees->held};
	c->trees->held = h;
	c->tree = t;
	c->tree_put = true;
	sweep(c);
	pthread_mutex_unlock(&c->trees->lock);
}

struct tree *city_tree_hold(struct city *c)
{
	pthread_mutex_lock(&c->trees->lock);
	held_of(c->trees, c->tree)->users++;
	struct tree *t = c->tree;
	pthread_mutex_unlock(&c->trees->lock);
	return t;
}

void city_tree_drop(struct city *c, struct tree *t)
{
	pthread_mutex_lock(&c->trees->lock);
	held_of(c->trees, t)->users--;
	sweep(c);
	pthread_mutex_unlock(&c->trees->lock);
}

/* ---- the writer's hooks ---- */

static enum rc tree_again(struct city *c, struct db *db, struct err *err)
{
	struct tree *t;
	TRY(tree_load(db, &t, err));
	city_tree_put(c, t);
	c->tree_behind = false;
	return RC_OK;
}

enum rc city_tree_now(struct city *c, struct db *db, struct err *err)
{
	return c->tree_behind ? tree_again(c, db, err) : RC_OK;
}

static enum rc on_begin(void *user, struct db *db, bool reload, struct err *err)
{
	struct city *c = user;
	TRY(seal_fresh(c->seal, err));
	if (reload || seal_index_stale(c->seal))
		TRY(reindex_fresh(c, db, err));
	if (reload || c->tree_stale)
		TRY(tree_again(c, db, err));
	if (reload || c->closed_stale)
		TRY(archive_fresh(c, db, err));
	c->tree_stale = c->tree_put = false;
	for (int i = 0; i < c->changes->n; i++)
		if (c->changes->list[i].batch_begin)
			TRY(c->changes->list[i].batch_begin(c->changes->list[i].user, db, err));
	return RC_OK;
}

static enum rc on_commit(void *user, struct db *db, struct err *err)
{
	struct city *c = user;
	TRY(city_tree_now(c, db, err));
	for (int i = 0; i < c->changes->n; i++)
		if (c->changes->list[i].before_commit)
			TRY(c->changes->list[i].before_commit(c->changes->list[i].user, db, err));
	return seal_flush(c->seal, err); /* keys first, then the rows that they seal */
}

/* A job that moved a branch and failed leaves a tree that never was: load what stands. */
static void on_rolled_back(void *user, struct db *db)
{
	struct city *c = user;
	struct err err;
	if ((c->tree_put || c->tree_behind) && tree_again(c, db, &err) != RC_OK)
		c->tree_stale = true;
}

static void on_abandoned(void *user)
{
	struct city *c = user;
	c->tree_stale |= c->tree_put || c->tree_behind;
	seal_abandon(c->seal);
	for (int i = 0; i < c->changes->n; i++)
		if (c->changes->list[i].batch_abandoned)
			c->changes->list[i].batch_abandoned(c->changes->list[i].user);
}

void change_attach(struct city *c, const struct change_observer *o)
{
	if (c->changes->n < CHANGE_OBSERVERS_MAX)
		c->changes->list[c->changes->n++] = *o;
}

/* ---- open and close ---- */

static enum rc read_city(struct city *c, struct db *db, str *out_model_dir, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_CITY, &s, err));
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_IO, "this database holds no city");
	c->name = stmt_str(&c->a, s, 0);
	c->region = stmt_str(&c->a, s, 1);
	c->root_org = stmt_i64(s, 2);
	*out_model_dir = stmt_str(&c->a, s, 3);
	clock_zone_set((int32_t)stmt_i64(s, 4));
	stmt_reset(s);
	return RC_OK;
}

static struct city *city_new(const char *db_url)
{
	struct city *c = mem_resize(NULL, sizeof *c);
	*c = (struct city){0};
	c->db_url = arena_cstr(&c->a, str_of(db_url));
	c->changes = NEW(&c->a, struct change_hooks);
	c->trees = NEW(&c->a, struct tree_slot);
	pthread_mutex_init(&c->trees->lock, NULL);
	return c;
}

/* Which key store belongs to this database stands in its settings. A city from before there were key stores gets one
 * when it is first opened for writing; one whose store is gone is not opened with an empty one. */
static enum rc open_keys(struct city *c, struct db *db, struct err *err)
{
	struct stmt *s;
	bool row, write = c->writer != NULL;
	TRY(seal_open(keyfile_path(&c->a, c->db_url).p, write, &c->seal, err));
	TRY(db_prepare(db, Q_KEYSTORE, &s, err));
	TRY(stmt_step(s, &row, err));
	bool same = row && seal_store(c->seal) && str_is(stmt_text(s, 0), keystore_id(seal_store(c->seal)));
	stmt_reset(s);
	if (same || (!row && !write))
		return RC_OK;
	if (row && seal_store(c->seal) == NULL)
		return FAIL(err, RC_NOT_FOUND,
			"the key store %s is missing: bring it back with “qinghe key import”",
			keystore_path(&c->a, keyfile_path(&c->a, c->db_url)).p);
	if (row)
		return FAIL(err, RC_INVALID, "the key store %s belongs to another database",
			keystore_path(&c->a, keyfile_path(&c->a, c->db_url)).p);
	if (seal_store(c->seal) == NULL)
		TRY(seal_make_store(c->seal, clock_now_ms(), err));
	TRY(db_prepare(db, Q_KEYSTORE_SET, &s, err));
	stmt_bind_text(s, 1, str_of(keystore_id(seal_store(c->seal))));
	return stmt_run(s, err);
}

static enum rc load(struct city *c, struct db *db, struct err *err)
{
	str dir;
	TRY(read_city(c, db, &dir, err));
	TRY(model_load(&c->a, dir.n ? dir.p : NULL, false, &c->model, NULL, NULL, err));
	if (c->keyless)
		return tree_again(c, db, err);
	TRY(open_keys(c, db, err));
	TRY(reindex_fresh(c, db, err));
	password_national(seal_mode(c->seal) == CRYPTO_NATIONAL);
	c->plans = plans_make(&c->a, c->model, c->seal);
	return tree_again(c, db, err);
}

static enum rc open_writer(struct city *c, struct err *err)
{
	struct writer_hooks hooks = {.user = c,
		.batch_begin = on_begin,
		.before_commit = on_commit,
		.job_rolled_back = on_rolled_back,
		.batch_abandoned = on_abandoned};
	return writer_open(c->db_url, &hooks, &c->writer, err);
}

static enum rc open_reading(struct city *c, struct err *err)
{
	struct db *db;
	TRY(db_open(c->db_url, DB_READ, &db, err));
	enum rc rc = migrate_check(db, err);
	if (rc == RC_OK)
		rc = load(c, db, err);
	db_close(db);
	return rc;
}

enum rc city_open(const char *db_url, bool write, struct city **out_city, struct err *err)
{
	struct city *c = city_new(db_url);
	enum rc rc;
	if (write) {
		rc = open_writer(c, err);
		if (rc == RC_OK)
			rc = load(c, writer_db(c->writer), err);
		int64_t settled;
		if (rc == RC_OK)
			rc = shred_replay(c, &settled, err);
	} else {
		rc = open_reading(c, err);
	}
	if (rc != RC_OK) {
		city_close(c);
		return rc;
	}
	*out_city = c;
	return RC_OK;
}

enum rc city_open_figures(const char *db_url, struct city **out_city, struct err *err)
{
	struct city *c = city_new(db_url);
	c->keyless = true;
	enum rc rc = open_reading(c, err);
	if (rc != RC_OK) {
		city_close(c);
		return rc;
	}
	*out_city = c;
	return RC_OK;
}

void city_close(struct city *c)
{
	if (c == NULL)
		return;
	writer_close(c->writer);
	for (int i = 0; i < c->changes->n; i++)
		if (c->changes->list[i].closed)
			c->changes->list[i].closed(c->changes->list[i].user);
	seal_close(c->seal);
	model_done(c->model);
	mem_resize(c->closed, 0);
	c->tree = NULL;
	sweep(c);
	pthread_mutex_destroy(&c->trees->lock);
	struct arena a = c->a;
	mem_resize(c, 0);
	arena_done(&a);
}

enum rc reader_open(
	struct city *c, struct arena *a, const struct actor *actor, struct reader *out, struct err *err)
{
	struct db *db;
	TRY(db_open(c->db_url, DB_READ, &db, err));
	enum rc rc = c->keyless ? RC_OK : seal_fresh(c->seal, err);
	bool stale = !c->keyless && seal_index_stale(c->seal); /* before the snapshot: seal.h */
	if (rc == RC_OK)
		rc = db_snapshot(db, err);
	if (rc == RC_OK && stale)
		rc = reindex_fresh(c, db, err);
	if (rc != RC_OK) {
		db_close(db);
		return rc;
	}
	*out = (struct reader){.city = c, .db = db, .a = a, .actor = *actor, .tree = city_tree_hold(c)};
	return RC_OK;
}

void reader_close(struct reader *r)
{
	if (r->db == NULL)
		return;
	city_tree_drop(r->city, r->tree);
	db_snapshot_end(r->db);
	db_close(r->db);
	r->db = NULL;
}

enum rc city_run(struct city *c, const struct actor *actor, struct arena *a, str key,
	enum rc (*run)(struct job_ctx *ctx, void *arg, struct err *err), void *arg, struct err *err)
{
	struct job job = {.actor = *actor, .key = key, .run = run, .arg = arg, .a = a};
	return writer_run(c->writer, &job, err);
}

enum rc city_run_dry(struct city *c, const struct actor *actor, struct arena *a,
	enum rc (*run)(struct job_ctx *ctx, void *arg, struct err *err), void *arg, struct err *err)
{
	struct job job = {.actor = *actor, .run = run, .arg = arg, .a = a, .dry = true};
	return writer_run(c->writer, &job, err);
}

/* ---- init ---- */

static enum rc root_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct city_new *n = arg;
	const struct reg *reg = model_reg(job_city(c)->model, STR("org"));
	const struct {
		const char *id;
		str text;
	} values[] = {{"name", arena_fmt(c->a, "共青团%.*s委员会", STR_ARG(n->name))},
		{"code", n->region.n ? n->region : STR("0")}, {"kind", STR("city")}, {"locality", n->region}};
	struct entry list[4];
	size_t k = 0;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const struct field *f = reg_field(reg, str_of(values[i].id));
		if (f && values[i].text.n)
			list[k++] = (struct entry){f, {.kind = V_TEXT, .t = values[i].text}};
	}
	TRY(org_add(c, 0, DATE_NONE, list, k, &job_city(c)->root_org, err));
	TRY(gate_found(c, err));
	c->action = STR("found");
	c->subject = arena_fmt(c->a, "org:%lld", (long long)job_city(c)->root_org);
	return RC_OK;
}

static enum rc write_city(struct db *db, const struct city_new *n, int64_t root_org, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_CITY_SET, &s, err));
	stmt_bind_text(s, 1, n->name);
	stmt_bind_text(s, 2, n->region);
	stmt_bind_i64(s, 3, root_org);
	stmt_bind_text(s, 4, str_of(n->model_dir ? n->model_dir : ""));
	stmt_bind_i64(s, 5, n->demo_seed != 0);
	stmt_bind_i64(s, 6, clock_now_ms());
	return stmt_run(s, err);
}

static enum rc make_tables(struct arena *a, const char *db_url, const struct city_new *n, struct err *err)
{
	struct model *m;
	struct db *db;
	const char *dir = n->model_dir && n->model_dir[0] ? n->model_dir : NULL;
	TRY(model_load(a, dir, false, &m, NULL, NULL, err));
	enum rc rc = db_open(db_url, DB_CREATE, &db, err);
	if (rc != RC_OK) {
		model_done(m);
		return rc;
	}
	rc = migrate_up(db, err);
	if (rc == RC_OK)
		rc = db_begin(db, err);
	if (rc == RC_OK)
		rc = schema_create(db, m, err);
	if (rc == RC_OK)
		rc = write_city(db, n, 0, err);
	if (rc == RC_OK && n->national)
		rc = audit_kind_set(db, HASH_SM3, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	model_done(m);
	db_close(db);
	return rc;
}

static enum rc found(struct city *c, const struct city_new *n, struct arena *a, struct err *err)
{
	struct actor operator= actor_operator();
	TRY(city_run(c, &operator, a, (str){NULL, 0}, root_job, (void *)(uintptr_t)n, err));
	struct db *db = writer_db(c->writer);
	return write_city(db, n, c->root_org, err);
}

enum rc city_init(const char *db_url, const struct city_new *n, struct err *err)
{
	struct arena a = {0};
	struct city *c = NULL;
	const char *key_path = keyfile_path(&a, db_url).p;
	enum rc rc = make_tables(&a, db_url, n, err);
	if (rc == RC_OK)
		rc = seal_create(
			key_path, n->national ? CRYPTO_NATIONAL : CRYPTO_INTERNATIONAL, n->demo_seed, err);
	if (rc == RC_OK)
		rc = city_open(db_url, true, &c, err);
	if (rc == RC_OK)
		rc = found(c, n, &a, err);
	city_close(c);
	arena_done(&a);
	return rc;
}
