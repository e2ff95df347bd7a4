/* archive_file.c -- a part as a file: written from the rows that stand, read back line by line; see archive.h. */
#include "base/file.h"
#include "base/sign.h"
#include "guard/keyfile.h"
#include "guard/seal.h"
#include "register/archive_in.h"
#include "register/plan.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char Q_HISTORY[] = "SELECT version, at, actor, kind, before FROM history"
				" WHERE register = ?1 AND \"row\" = ?2 ORDER BY version";
static const char Q_IMPORTED[] =
	"SELECT digest, import, version, inserted FROM imported WHERE register = ?1 AND \"row\" = ?2";
static const char Q_RETAINED[] = "SELECT run FROM retention_row WHERE register = ?1 AND \"row\" = ?2";

enum { SIGNED_BYTES = 400 };

size_t archive_columns(struct arena *a, const struct reg *reg, str **out_names, char **out_kinds)
{
	static const char *const system[SYSTEM_COLUMNS] = {"id", "org", "state", "version", "entered_by",
		"entered_at", "changed_by", "changed_at", "source"};
	static const char system_kinds[SYSTEM_COLUMNS + 1] = "iitiiiiit";
	size_t n = SYSTEM_COLUMNS + reg->fields_n;
	*out_names = NEWS(a, n, str);
	*out_kinds = NEWS(a, n + 1, char);
	for (size_t i = 0; i < SYSTEM_COLUMNS; i++) {
		(*out_names)[i] = str_of(system[i]);
		(*out_kinds)[i] = system_kinds[i];
	}
	for (size_t i = 0; i < reg->fields_n; i++) {
		enum storage s = field_storage(&reg->fields[i]);
		(*out_names)[SYSTEM_COLUMNS + i] = reg->fields[i].id;
		(*out_kinds)[SYSTEM_COLUMNS + i] = s == STORE_INT ? 'i' : s == STORE_TEXT ? 't' : 'b';
	}
	return n;
}

static str signed_text(char out[SIGNED_BYTES], str reg, int year, int64_t rows, const char *root)
{
	int n = snprintf(out, SIGNED_BYTES, "qinghe-archive 1 %.*s %d %lld %s", STR_ARG(reg), year,
		(long long)rows, root);
	return (str){out, (size_t)n};
}

/* ---- writing ---- */

struct writing {
	FILE *f;
	struct buf b;
	struct json j;
	struct merkle log;
	struct hasher sum;
	int64_t rows;
	bool broken;
};

static void put_line(struct writing *w)
{
	struct hash leaf = merkle_leaf(HASH_SHA256, buf_str(&w->b));
	merkle_add(&w->log, &leaf);
	buf_puts(&w->b, "\n");
	hasher_add(&w->sum, buf_str(&w->b));
	w->broken = w->broken || !buf_ok(&w->b) || fwrite(w->b.p, 1, w->b.n, w->f) != w->b.n;
	buf_clear(&w->b);
	json_init(&w->j, &w->b);
}

static void put_hex(struct json *j, str bytes)
{
	struct arena a = {0};
	json_str(j, hex_str(&a, bytes.p, bytes.n));
	arena_done(&a);
}

static void put_value(struct json *j, struct stmt *s, int at, char kind)
{
	if (stmt_null(s, at))
		json_null(j);
	else if (kind == 'i')
		json_i64(j, stmt_i64(s, at));
	else if (kind == 't')
		json_str(j, stmt_text(s, at));
	else
		put_hex(j, stmt_blob(s, at));
}

static void put_first(struct writing *w, str city, const struct reg *reg, int year, const str *names,
	size_t n, const char *kinds)
{
	json_init(&w->j, &w->b);
	json_object(&w->j);
	json_put_i64(&w->j, "qinghe_archive", 1);
	json_put_str(&w->j, "city", city);
	json_put_str(&w->j, "register", reg->id);
	json_put_i64(&w->j, "year", year);
	json_key(&w->j, "columns");
	json_array(&w->j);
	for (size_t i = 0; i < n; i++)
		json_str(&w->j, names[i]);
	json_array_end(&w->j);
	json_put_cstr(&w->j, "kinds", kinds);
	json_object_end(&w->j);
	put_line(w);
}

static enum rc bound(
	struct db *db, const char *sql, const struct reg *reg, int64_t id, struct stmt **s, struct err *err)
{
	TRY(db_prepare(db, sql, s, err));
	stmt_bind_text(*s, 1, reg->id);
	stmt_bind_i64(*s, 2, id);
	return RC_OK;
}

static enum rc put_history(
	struct writing *w, struct db *db, const struct reg *reg, int64_t id, struct err *err)
{
	struct stmt *s;
	bool row, any = false;
	TRY(bound(db, Q_HISTORY, reg, id, &s, err));
	for (;; any = true) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		if (!any) {
			json_key(&w->j, "h");
			json_array(&w->j);
		}
		json_array(&w->j);
		for (int i = 0; i < 5; i++)
			put_value(&w->j, s, i, i < 3 ? 'i' : 't');
		json_array_end(&w->j);
	}
	if (any)
		json_array_end(&w->j);
	return RC_OK;
}

static enum rc put_beside(
	struct writing *w, struct db *db, const struct reg *reg, int64_t id, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(bound(db, Q_IMPORTED, reg, id, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row) {
		json_key(&w->j, "i");
		json_array(&w->j);
		for (int i = 0; i < 4; i++)
			put_value(&w->j, s, i, i == 0 ? 'b' : 'i');
		json_array_end(&w->j);
		stmt_reset(s);
	}
	TRY(bound(db, Q_RETAINED, reg, id, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row) {
		json_put_i64(&w->j, "z", stmt_i64(s, 0));
		stmt_reset(s);
	}
	return RC_OK;
}

static enum rc put_row(struct writing *w, struct db *db, const struct reg *reg, struct stmt *s, size_t n,
	const char *kinds, struct err *err)
{
	int64_t id = stmt_i64(s, 0);
	json_object(&w->j);
	json_put_i64(&w->j, "p", stmt_i64(s, (int)n));
	json_key(&w->j, "r");
	json_array(&w->j);
	for (size_t i = 0; i < n; i++)
		put_value(&w->j, s, (int)i, kinds[i]);
	json_array_end(&w->j);
	TRY(put_history(w, db, reg, id, err));
	TRY(put_beside(w, db, reg, id, err));
	json_object_end(&w->j);
	w->rows++;
	put_line(w);
	return RC_OK;
}

static enum rc put_rows(struct reader *r, struct writing *w, const struct reg *reg, int year, struct err *err)
{
	struct query q;
	struct stmt *s;
	str *names, day, from, list = STR("");
	char *kinds;
	size_t n = archive_columns(r->a, reg, &names, &kinds);
	put_first(w, r->city->name, reg, year, names, n, kinds);
	query_init(&q, r->a, r->city->model, reg, r->city->seal);
	TRY(archive_rows_of(&q, reg, year, &day, &from, err));
	for (size_t i = 0; i < n; i++)
		list = arena_fmt(r->a, "%.*sr.\"%.*s\", ", STR_ARG(list), STR_ARG(names[i]));
	str person =
		reg->person ? arena_fmt(r->a, "coalesce(r.\"%.*s\", 0)", STR_ARG(reg->person->id)) : STR("0");
	str sql = arena_fmt(r->a, "SELECT %.*s%.*s %.*s ORDER BY %zu, 1", STR_ARG(list), STR_ARG(person),
		STR_ARG(from), n + 1);
	TRY(db_prepare(r->db, sql.p, &s, err));
	query_bind(&q, s);
	stmt_many(s);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		enum rc rc = put_row(w, r->db, reg, s, n, kinds, err);
		if (rc != RC_OK || w->broken) {
			stmt_reset(s);
			return rc;
		}
	}
}

/* The root is known now: the last line, outside of it. */
static void put_last(struct writing *w, struct seal *seal, str reg, int year)
{
	char text[SIGNED_BYTES], root[HEX_BYTES];
	struct sign_secret secret;
	unsigned char sig[SIGN_BYTES];
	struct hash h = merkle_root(&w->log), seed = seal_key(seal, STR("archive"));
	hex_text(h.b, HASH_BYTES, root);
	sign_secret_of(seed.b, &secret);
	sign_text(&secret, signed_text(text, reg, year, w->rows, root), sig);
	json_object(&w->j);
	json_put_i64(&w->j, "rows", w->rows);
	json_put_cstr(&w->j, "root", root);
	json_key(&w->j, "key");
	put_hex(&w->j, (str){(const char *)secret.key.b, SIGN_KEY_BYTES});
	json_key(&w->j, "sig");
	put_hex(&w->j, (str){(const char *)sig, SIGN_BYTES});
	json_object_end(&w->j);
	sign_forget(&secret);
	put_line(w);
}

enum rc archive_write(
	struct reader *r, const struct reg *reg, int year, struct archive_part *out, struct err *err)
{
	struct writing w = {0};
	const char *folder = keyfile_beside(r->a, r->city->db_url, "archive").p;
	out->name = arena_fmt(r->a, "%.*s-%d.ndjson", STR_ARG(reg->id), year);
	const char *path = archive_path(r->a, r->city->db_url, out->name);
	struct file_new file;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return FAIL(err, RC_IO, "%s: %s", folder, strerror(errno));
	TRY(file_begin_kept(path, &file, err));
	int fd = fcntl(file.fd, F_DUPFD_CLOEXEC, 0);
	w.f = fd < 0 ? NULL : fdopen(fd, "wb");
	if (w.f == NULL)
		return file_end(
			&file, FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(errno)), err);
	buf_init(&w.b, ARCHIVE_LINE_MAX_BYTES);
	hasher_init(&w.sum, HASH_SHA256);
	merkle_init(&w.log, HASH_SHA256);
	enum rc rc = put_rows(r, &w, reg, year, err);
	if (rc == RC_OK)
		put_last(&w, r->city->seal, reg->id, year);
	out->digest = hasher_end(&w.sum);
	out->rows = w.rows;
	w.broken = fclose(w.f) != 0 || w.broken;
	buf_done(&w.b);
	if (rc == RC_OK && w.broken)
		rc = FAIL(err, RC_IO, "%s could not be written to its end", path);
	return file_end(&file, rc, err);
}

void archive_sweep(struct arena *a, const char *db_url)
{
	file_sweep(keyfile_beside(a, db_url, "archive").p, "");
}

/* ---- reading ---- */

struct reading {
	struct arena *a; /* what outlives the lines */
	struct archive_file *out;
	enum rc (*visit)(
		void *user, const struct archive_file *file, const struct json_v *row, struct err *err);
	void *user;
	struct merkle log;
	int64_t rows, person, id;
	bool begun, ended;
};

enum rc archive_head(struct arena *a, str line, struct archive_file *out, struct err *err)
{
	struct json_v *j;
	int64_t form = 0, year = 0;
	TRY(json_read(a, arena_str(a, line), ARCHIVE_LINE_MAX_BYTES, &j, err));
	const struct json_v *columns = json_get(j, "columns");
	str kinds = json_get_str(j, "kinds");
	if (!json_get_i64(j, "qinghe_archive", &form) || form != 1 || !json_get_i64(j, "year", &year) ||
		columns == NULL || columns->kind != JSON_ARRAY || columns->n != kinds.n ||
		kinds.n < SYSTEM_COLUMNS)
		return FAIL(err, RC_INVALID, "this is no archive of records");
	out->city = json_get_str(j, "city");
	out->reg = json_get_str(j, "register");
	out->year = (int)year;
	out->columns = columns;
	out->kinds = kinds;
	return RC_OK;
}

static enum rc last_line(struct reading *x, const struct json_v *j, struct err *err)
{
	char text[SIGNED_BYTES], root[HEX_BYTES];
	struct sign_key key;
	unsigned char sig[SIGN_BYTES];
	struct hash h = merkle_root(&x->log);
	hex_text(h.b, HASH_BYTES, root);
	int64_t rows = -1;
	json_get_i64(j, "rows", &rows);
	if (rows != x->rows || !str_is(json_get_str(j, "root"), root))
		return FAIL(err, RC_FOUND,
			"archive: the lines are not those that were signed (%lld of %lld rows)",
			(long long)x->rows, (long long)rows);
	if (!hex_parse(json_get_str(j, "key"), key.b, SIGN_KEY_BYTES) ||
		!hex_parse(json_get_str(j, "sig"), sig, SIGN_BYTES) ||
		!sign_check(&key, signed_text(text, x->out->reg, x->out->year, rows, root), sig))
		return FAIL(err, RC_FOUND, "archive: the signature does not hold");
	x->out->key = arena_str(x->a, json_get_str(j, "key"));
	x->out->rows = rows;
	x->ended = true;
	return RC_OK;
}

static enum rc row_line(struct reading *x, const struct json_v *j, struct err *err)
{
	const struct json_v *r = json_get(j, "r");
	int64_t person = 0;
	bool good = r && r->kind == JSON_ARRAY && r->n == x->out->kinds.n && r->items[0].kind == JSON_INT &&
		    json_get_i64(j, "p", &person);
	if (!good || person < x->person || (person == x->person && r->items[0].i <= x->id))
		return FAIL(
			err, RC_FOUND, "archive: row %lld is not as it was written", (long long)x->rows + 1);
	x->person = person;
	x->id = r->items[0].i;
	x->rows++;
	return x->visit ? x->visit(x->user, x->out, j, err) : RC_OK;
}

static enum rc one_line(struct reading *x, struct arena *scratch, str line, struct err *err)
{
	struct json_v *j;
	struct hash leaf = merkle_leaf(HASH_SHA256, line);
	if (x->ended)
		return FAIL(err, RC_FOUND, "archive: there is something behind its end");
	if (!x->begun) {
		merkle_add(&x->log, &leaf);
		TRY(archive_head(x->a, line, x->out, err));
		x->begun = true;
		return RC_OK;
	}
	if (json_read(scratch, line, ARCHIVE_LINE_MAX_BYTES, &j, err) != RC_OK)
		return FAIL(
			err, RC_FOUND, "archive: row %lld is not as it was written", (long long)x->rows + 1);
	if (json_get(j, "sig"))
		return last_line(x, j, err);
	merkle_add(&x->log, &leaf);
	x->out->line = line;
	return row_line(x, j, err);
}

static enum rc all_lines(struct reading *x, FILE *f, struct hasher *sum, struct err *err)
{
	struct arena scratch = {0};
	char *line = mem_resize(NULL, ARCHIVE_LINE_MAX_BYTES + 2);
	enum rc rc = RC_OK;
	while (rc == RC_OK && fgets(line, ARCHIVE_LINE_MAX_BYTES + 2, f)) {
		str s = str_of(line);
		hasher_add(sum, s);
		if (!str_ends(s, STR("\n")))
			rc = FAIL(err, x->begun ? RC_FOUND : RC_INVALID, "archive: it was cut short");
		else
			rc = one_line(x, &scratch, str_head(s, s.n - 1), err);
		arena_reset(&scratch);
	}
	mem_resize(line, 0);
	arena_done(&scratch);
	if (rc == RC_OK && !x->ended)
		return FAIL(err, x->begun ? RC_FOUND : RC_INVALID, "archive: it was cut short");
	return rc;
}

enum rc archive_read(struct arena *a, const char *path, struct archive_file *out,
	enum rc (*visit)(
		void *user, const struct archive_file *file, const struct json_v *row, struct err *err),
	void *user, struct err *err)
{
	struct reading x = {.a = a, .out = out, .visit = visit, .user = user, .person = -1};
	struct hasher sum;
	FILE *f = fopen(path, "rbe");
	*out = (struct archive_file){0};
	if (f == NULL)
		return FAIL(err, RC_INVALID, "%s cannot be read: %s", path, strerror(errno));
	hasher_init(&sum, HASH_SHA256);
	merkle_init(&x.log, HASH_SHA256);
	enum rc rc = all_lines(&x, f, &sum, err);
	out->digest = hasher_end(&sum);
	fclose(f);
	return rc;
}
