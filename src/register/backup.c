/* backup.c -- see backup.h. */
#include "register/backup.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "format/foreign.h"
#include "format/json.h"
#include "guard/house.h"
#include "guard/keystore.h"
#include "guard/seal.h"
#include "register/beside.h"
#include "register/move.h"
#include "register/shred.h"
#include "store/migrate.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, MANIFEST_MAX_BYTES = 1 << 20, FORM = 2 };

static const char Q_CHAIN[] = "SELECT audit_seq, schema_no, model_dir FROM city WHERE one = 1";

/* ---- making ---- */

static enum rc snapshot(const char *db_url, const char *path, struct err *err)
{
	struct db *db;
	char sql[PATH_BYTES + 32];
	struct copy_progress p = {0};
	if (str_starts(str_of(db_url), STR("postgres")))
		return city_move(db_url, path, &p, err);
	if (strchr(path, '\'') || strlen(path) >= PATH_BYTES)
		return FAIL(err, RC_INVALID, "no such name for a file: %s", path);
	TRY(db_open(db_url, DB_WRITE, &db, err));
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", path);
	mode_t before = umask(0077);
	enum rc rc = db_exec(db, sql, err);
	umask(before);
	db_close(db);
	return rc;
}

static enum rc manifest(struct city *c, struct arena *a, const char *path, struct buf *b,
	struct backup_told *told, str *out_model_dir, struct err *err)
{
	struct db *db;
	struct stmt *s;
	struct json j;
	bool row = false;
	int64_t schema = 0;
	str model;
	TRY(db_open(path, DB_READ, &db, err));
	enum rc rc = db_prepare(db, Q_CHAIN, &s, err);
	if (rc == RC_OK)
		rc = stmt_step(s, &row, err);
	if (rc == RC_OK && row) {
		told->audit_seq = stmt_i64(s, 0);
		schema = stmt_i64(s, 1);
		*out_model_dir = stmt_str(a, s, 2);
		stmt_reset(s);
	}
	db_close(db);
	TRY(rc);
	TRY(beside_model_name(a, c->db_url, *out_model_dir, &model, err));
	json_init(&j, b);
	json_object(&j);
	json_put_i64(&j, "form", FORM);
	json_put_str(&j, "city", c->name);
	json_put_i64(&j, "at", told->at_ms);
	json_put_i64(&j, "audit_seq", told->audit_seq);
	json_put_i64(&j, "schema", schema);
	json_put_str(&j, "engine", STR("sqlite"));
	json_put_str(&j, "program", STR(QINGHE_VERSION));
	json_put_str(&j, "keystore", str_of(seal_store(c->seal) ? keystore_id(seal_store(c->seal)) : ""));
	json_put_str(&j, "model", model);
	json_object_end(&j);
	return RC_OK;
}

struct packing {
	struct parcel *p;
	int64_t files;
};

static enum rc pack_file(void *user, str name, const char *path, struct err *err)
{
	struct packing *x = user;
	x->files++;
	return parcel_add_file(x->p, name, path, err);
}

static enum rc pack(struct city *c, struct arena *a, const char *snapshot_path, const char *dest,
	struct backup_told *told, struct err *err)
{
	struct buf b AUTO(buf_done) = {0};
	struct root_key root;
	struct recovery_key key;
	struct packing x = {0};
	str model_dir = STR("");
	enum rc rc = manifest(c, a, snapshot_path, &b, told, &model_dir, err);
	if (rc == RC_OK)
		rc = keyfile_read(keyfile_path(&c->a, c->db_url).p, &root, err);
	TRY(rc);
	recovery_key_of(&root, &key);
	sodium_memzero(&root, sizeof root);
	rc = parcel_create(dest, key.public, &x.p, err);
	sodium_memzero(&key, sizeof key);
	TRY(rc);
	rc = parcel_add(x.p, STR("manifest.json"), buf_str(&b), err);
	if (rc == RC_OK)
		rc = parcel_add_file(x.p, STR("city.db"), snapshot_path, err);
	/* After the database: whatever the snapshot names is there by now. */
	for (int i = 0; rc == RC_OK && beside_folders[i]; i++)
		rc = beside_each(a, c->db_url, beside_folders[i], model_dir, pack_file, &x, err);
	told->files = x.files;
	if (rc == RC_OK)
		return parcel_end(x.p, err);
	parcel_drop(x.p);
	return rc;
}

static enum rc note_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct backup_told *told = arg;
	c->action = STR("backup");
	c->subject = STR("city");
	c->detail = arena_fmt(c->a, "audit_seq:%lld bytes:%lld files:%lld", (long long)told->audit_seq,
		(long long)told->bytes, (long long)told->files);
	return house_backup_done(c, err);
}

enum rc backup_make(
	struct city *c, const struct actor *actor, const char *dest, struct backup_told *out, struct err *err)
{
	char beside[PATH_BYTES];
	struct arena a = {0};
	struct stat st;
	*out = (struct backup_told){.at_ms = clock_now_ms()};
	if (!actor_is_operator(actor))
		return FAIL(err, RC_DENIED, "only the operator makes backups");
	if (access(dest, F_OK) == 0)
		return FAIL(err, RC_CONFLICT, "%s stands already", dest);
	if ((size_t)snprintf(beside, sizeof beside, "%s.snapshot-%ld", dest, (long)getpid()) >= sizeof beside)
		return FAIL(err, RC_INVALID, "the path %s is too long", dest);
	enum rc rc = snapshot(c->db_url, beside, err);
	if (rc == RC_OK)
		rc = pack(c, &a, beside, dest, out, err);
	unlink(beside);
	if (rc != RC_OK) {
		arena_done(&a);
		return rc;
	}
	out->bytes = stat(dest, &st) == 0 ? (int64_t)st.st_size : 0;
	rc = city_run(c, actor, &a, (str){NULL, 0}, note_job, out, err);
	arena_done(&a);
	return rc;
}

/* ---- restoring ---- */

struct manifest {
	str keystore, model; /* model: empty in a backup of form 1 */
};

static struct foreign_field field_of(const struct foreign_field *list, size_t n, const char *name)
{
	const struct foreign_field *f = foreign_field_of(list, n, name);
	return f ? *f : (struct foreign_field){0};
}

static enum rc read_manifest(
	struct parcel *p, struct arena *a, struct restore_told *out, struct manifest *out_m, struct err *err)
{
	str name, text;
	uint64_t size;
	struct foreign_field *list;
	size_t n;
	TRY(parcel_next(p, a, &name, &size, err));
	if (!str_is(name, "manifest.json"))
		return FAIL(err, RC_INVALID, "this is no backup of a city");
	TRY(parcel_read(p, a, MANIFEST_MAX_BYTES, &text, err));
	/* Whoever knows the recovery key's public half can seal a parcel to it. */
	TRY(foreign_fields(a, text, &list, &n, err));
	const struct foreign_field *form = foreign_field_of(list, n, "form");
	if (form == NULL || form->number < 1 || form->number > FORM)
		return FAIL(err, RC_INVALID, "the backup was written by a newer program");
	out->city = field_of(list, n, "city").text;
	out->audit_seq = field_of(list, n, "audit_seq").number;
	out->made_at_ms = field_of(list, n, "at").number;
	*out_m = (struct manifest){field_of(list, n, "keystore").text, field_of(list, n, "model").text};
	return RC_OK;
}

static enum rc save_file(struct parcel *p, struct arena *a, const char *db_url, str name, struct err *err)
{
	const char *path;
	TRY(beside_place(a, db_url, name, &path, err));
	/* None of them ever changes under its name. */
	return access(path, F_OK) == 0 ? RC_OK : parcel_save(p, path, err);
}

static enum rc unpack(struct parcel *p, struct arena *a, const char *beside, const char *db_url,
	struct restore_told *out, struct err *err)
{
	bool database = false;
	for (;;) {
		str name;
		uint64_t size;
		TRY(parcel_next(p, a, &name, &size, err));
		if (name.n == 0)
			return database ? RC_OK : FAIL(err, RC_INVALID, "the backup holds no database");
		if (str_is(name, "city.db")) {
			TRY(parcel_save(p, beside, err));
			database = true;
		} else {
			TRY(save_file(p, a, db_url, name, err));
			out->files++;
		}
	}
}

/* The restored database in its place: up to this program's schema, all shreddings replayed. */
static enum rc settle(const char *db_url, struct keystore *keys, struct restore_told *out, struct err *err)
{
	struct db *db;
	struct city *c;
	TRY(db_open(db_url, DB_WRITE, &db, err));
	enum rc rc = migrate_up(db, err);
	if (rc == RC_OK)
		rc = shred_from_audit(db, keys, &out->shredded, err);
	db_close(db);
	TRY(rc);
	TRY(city_open(db_url, true, &c, err)); /* ends the open notes */
	city_close(c);
	return RC_OK;
}

static bool is_file(const char *db_url)
{
	return !str_starts(str_of(db_url), STR("postgres"));
}

/* It stands on the declarations that came with it, wherever those of the backup lay. */
static enum rc stand_on(struct arena *a, const char *beside, const char *db_url, str model, struct err *err)
{
	struct db *db;
	if (model.n == 0)
		return RC_OK;
	TRY(db_open(beside, DB_WRITE, &db, err));
	enum rc rc = beside_model_set(a, db, db_url, model, err);
	db_close(db);
	return rc;
}

/* The unpacked file becomes the city, or is poured into a schema of a server. */
static enum rc put_in_place(const char *beside, const char *db_url, struct err *err)
{
	struct copy_progress p = {0};
	struct db *db;
	if (is_file(db_url)) {
		if (rename(beside, db_url) != 0)
			return FAIL(err, RC_IO, "%s: %s", db_url, strerror(errno));
		return file_sync_folder(db_url, err);
	}
	TRY(db_open(beside, DB_WRITE, &db, err));
	enum rc rc = migrate_up(db, err);
	db_close(db);
	TRY(rc);
	TRY(city_move(beside, db_url, &p, err));
	db_unmake(beside);
	return RC_OK;
}

static enum rc restore_with(struct parcel *p, struct arena *a, const char *db_url, struct keystore *keys,
	struct restore_told *out, struct err *err)
{
	struct manifest m;
	const char *beside = arena_printf(
		a, "%s.restoring-%ld", is_file(db_url) ? db_url : keyfile_path(a, db_url).p, (long)getpid());
	TRY(read_manifest(p, a, out, &m, err));
	if (m.keystore.n && !str_is(m.keystore, keystore_id(keys)))
		return FAIL(err, RC_INVALID, "the key store here belongs to another city than the backup");
	enum rc rc = unpack(p, a, beside, db_url, out, err);
	if (rc == RC_OK)
		rc = stand_on(a, beside, db_url, m.model, err);
	if (rc == RC_OK)
		rc = put_in_place(beside, db_url, err);
	if (rc != RC_OK) {
		db_unmake(beside);
		return rc;
	}
	return settle(db_url, keys, out, err);
}

enum rc backup_restore(
	struct arena *a, const char *src, const char *db_url, struct restore_told *out, struct err *err)
{
	struct root_key root;
	struct recovery_key key;
	struct keystore *keys = NULL;
	struct parcel *p;
	str key_path = keyfile_path(a, db_url);
	*out = (struct restore_told){0};
	if (access(db_url, F_OK) == 0)
		return FAIL(err, RC_CONFLICT, "%s stands already: a restore makes a new city", db_url);
	TRY(keyfile_read(key_path.p, &root, err));
	recovery_key_of(&root, &key);
	enum rc rc = parcel_open(src, &key, &p, err);
	sodium_memzero(&key, sizeof key);
	if (rc == RC_OK) {
		rc = keystore_open(keystore_path(a, key_path).p, &root, true, &keys, err);
		if (rc == RC_OK)
			rc = restore_with(p, a, db_url, keys, out, err);
		parcel_drop(p);
	}
	sodium_memzero(&root, sizeof root);
	keystore_close(keys);
	return rc;
}
