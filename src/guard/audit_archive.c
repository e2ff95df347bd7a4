/* audit_archive.c -- see audit_archive.h. */
#include "guard/audit_archive.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/sign.h"
#include "format/json.h"
#include "guard/keyfile.h"
#include "guard/role.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char Q_CUT[] = "SELECT seq, head FROM audit_cut ORDER BY seq DESC LIMIT 1";
static const char Q_KEPT[] = "SELECT MIN(seq) FROM audit WHERE at >= ?1";
static const char Q_END[] = "SELECT audit_seq FROM city WHERE one = 1";
static const char Q_HEAD[] = "SELECT head FROM audit WHERE seq = ?1";
static const char Q_PART[] =
	"SELECT seq, at, actor, action, subject, detail, result, address, head FROM audit"
	" WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq";
static const char Q_SHREDDED[] =
	"INSERT INTO audit_shredded(seq, subject, at) SELECT seq, subject, at FROM audit"
	" WHERE action = 'shred' AND result = 'ok' AND seq <= ?1";
static const char Q_REMEMBER[] =
	"INSERT INTO audit_cut(seq, at, head, first, file) VALUES (?1, ?2, ?3, ?4, ?5)";
static const char Q_FILE[] = "SELECT file FROM audit_cut WHERE seq = ?1";
static const char Q_DELETE[] = "DELETE FROM audit WHERE seq <= ?1";
static const char Q_SIGNED_DELETE[] =
	"DELETE FROM audit_signed WHERE seq < ?1 AND seq NOT IN (SELECT c.seq FROM audit_cut c)";

static const char Q_FILES[] = "SELECT first, seq, file FROM audit_cut ORDER BY seq DESC";

enum { LINE_MAX_BYTES = 256 << 10, CHUNK_BYTES = 64 << 10 };

static bool take_hash(str bytes, struct hash *out)
{
	if (bytes.n == HASH_BYTES)
		memcpy(out->b, bytes.p, HASH_BYTES);
	return bytes.n == HASH_BYTES;
}

/* ---- which rows ---- */

static enum rc number(struct db *db, const char *sql, int64_t bind, int64_t *out, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	if (sql == Q_KEPT)
		stmt_bind_i64(s, 1, bind);
	return stmt_number(s, out, err);
}

enum rc audit_archive_plan(
	struct db *db, int64_t before_ms, int64_t now_ms, struct audit_part *out, struct err *err)
{
	struct stmt *s;
	bool row;
	int64_t kept, end;
	*out = (struct audit_part){.first = 1};
	if (before_ms > now_ms - AUDIT_KEEP_DAYS * INT64_C(86400000))
		return FAIL(err, RC_DENIED, "audit rows stay in the city for %d days: name an earlier day",
			(int)AUDIT_KEEP_DAYS);
	TRY(audit_kind(db, &out->kind, err));
	TRY(db_prepare(db, Q_CUT, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row) {
		out->first = stmt_i64(s, 0) + 1;
		(void)!take_hash(stmt_blob(s, 1), &out->prev);
		stmt_reset(s);
	}
	TRY(number(db, Q_KEPT, before_ms, &kept, err));
	TRY(number(db, Q_END, 0, &end, err));
	out->last = kept ? kept - 1 : end - 1; /* one row always stays */
	if (out->last < out->first)
		return FAIL(err, RC_NOT_FOUND, "no audit rows before that day");
	TRY(db_prepare(db, Q_HEAD, &s, err));
	stmt_bind_i64(s, 1, out->last);
	TRY(stmt_step(s, &row, err));
	bool whole = row && take_hash(stmt_blob(s, 0), &out->head);
	stmt_reset(s);
	return whole ? RC_OK : FAIL(err, RC_FOUND, "audit: row %lld is missing", (long long)out->last);
}

/* ---- writing ---- */

struct writing {
	FILE *f;
	struct hasher sum;
	struct buf b;
	bool broken;
};

static void put_line(struct writing *w)
{
	buf_putc(&w->b, '\n');
	hasher_add(&w->sum, buf_str(&w->b));
	w->broken = w->broken || fwrite(w->b.p, 1, w->b.n, w->f) != w->b.n;
	buf_clear(&w->b);
}

static void put_hex(struct json *j, const char *name, const struct hash *h)
{
	char hex[HEX_BYTES];
	hex_text(h->b, HASH_BYTES, hex);
	json_put_cstr(j, name, hex);
}

static void put_first(struct writing *w, str city, const struct audit_part *part)
{
	struct json j;
	json_init(&j, &w->b);
	json_object(&j);
	json_put_i64(&j, "qinghe_audit_archive", 1);
	json_put_str(&j, "city", city);
	json_put_i64(&j, "first", part->first);
	json_put_i64(&j, "last", part->last);
	json_put_cstr(&j, "hash", part->kind == HASH_SM3 ? "sm3" : "sha256");
	put_hex(&j, "prev", &part->prev);
	json_object_end(&j);
	put_line(w);
}

static void put_row(struct writing *w, const struct audit_row *r, const struct hash *head)
{
	struct json j;
	json_init(&j, &w->b);
	json_object(&j);
	json_put_i64(&j, "seq", r->seq);
	json_put_i64(&j, "at", r->at_ms);
	json_put_str(&j, "actor", r->actor);
	json_put_str(&j, "action", r->action);
	json_put_str(&j, "subject", r->subject);
	json_put_str(&j, "detail", r->detail);
	json_put_str(&j, "result", r->result);
	json_put_str(&j, "address", r->address);
	put_hex(&j, "head", head);
	json_object_end(&j);
	put_line(w);
}

static enum rc put_rows(struct db *db, struct writing *w, const struct audit_part *part, struct err *err)
{
	struct stmt *s;
	bool row;
	struct hash prev = part->prev, head;
	int64_t seq = part->first;
	TRY(db_prepare(db, Q_PART, &s, err));
	stmt_bind_i64(s, 1, part->first);
	stmt_bind_i64(s, 2, part->last);
	stmt_many(s);
	for (;; seq++) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		struct audit_row r = {.seq = stmt_i64(s, 0),
			.at_ms = stmt_i64(s, 1),
			.actor = stmt_text(s, 2),
			.action = stmt_text(s, 3),
			.subject = stmt_text(s, 4),
			.detail = stmt_text(s, 5),
			.result = stmt_text(s, 6),
			.address = stmt_text(s, 7)};
		head = audit_head_of(part->kind, &r, &prev);
		if (r.seq != seq || !take_hash(stmt_blob(s, 8), &prev) || !hash_eq(&prev, &head)) {
			stmt_reset(s);
			return FAIL(err, RC_FOUND, "audit: row %lld was altered", (long long)seq);
		}
		put_row(w, &r, &head);
	}
	return seq == part->last + 1 ? RC_OK
				     : FAIL(err, RC_FOUND, "audit: row %lld is missing", (long long)seq);
}

static int64_t seq_of_line(str line)
{
	int64_t seq = 0;
	str rest = line, field;
	for (int i = 0; i < 3; i++)
		field = str_cut(rest, ' ', &rest);
	return str_i64(field, &seq) ? seq : 0;
}

static enum rc put_signed(struct db *db, struct arena *a, struct seal *seal, struct writing *w,
	const struct audit_part *part, struct err *err)
{
	str *list;
	size_t n;
	TRY(audit_head_list(db, a, seal, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		int64_t seq = seq_of_line(list[i]);
		struct json j;
		if (seq < part->first || seq > part->last)
			continue;
		json_init(&j, &w->b);
		json_object(&j);
		json_put_str(&j, "signed", list[i]);
		json_object_end(&j);
		put_line(w);
	}
	return RC_OK;
}

static const char *path_of(struct arena *a, const char *db_url, const struct audit_part *part)
{
	return arena_printf(a, "%s/audit-%lld-%lld.ndjson", keyfile_beside(a, db_url, "archive").p,
		(long long)part->first, (long long)part->last);
}

enum rc audit_archive_place(
	struct arena *a, const char *db_url, const struct audit_part *part, const char **out, struct err *err)
{
	const char *folder = keyfile_beside(a, db_url, "archive").p;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return FAIL(err, RC_IO, "%s: %s", folder, strerror(errno));
	*out = path_of(a, db_url, part);
	return RC_OK;
}

enum rc audit_archive_write(struct db *db, struct arena *a, struct seal *seal, str city, const char *path,
	struct audit_part *part, struct err *err)
{
	struct writing w = {0};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	w.f = fd < 0 ? NULL : fdopen(fd, "wb");
	if (w.f == NULL)
		return errno == EEXIST ? FAIL(err, RC_CONFLICT, "%s stands already", path)
				       : FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(errno));
	hasher_init(&w.sum, HASH_SHA256);
	put_first(&w, city, part);
	enum rc rc = put_rows(db, &w, part, err);
	if (rc == RC_OK)
		rc = put_signed(db, a, seal, &w, part, err);
	part->file = hasher_end(&w.sum);
	w.broken = fflush(w.f) != 0 || fsync(fd) != 0 || w.broken;
	w.broken = fclose(w.f) != 0 || w.broken;
	buf_done(&w.b);
	if (rc == RC_OK && w.broken)
		rc = FAIL(err, RC_IO, "%s could not be written to its end", path);
	if (rc == RC_OK)
		rc = file_sync_folder(path, err);
	if (rc != RC_OK)
		unlink(path);
	return rc;
}

/* ---- reading ---- */

struct reading {
	struct audit_part part;
	struct hash prev;
	int64_t seq, signed_seq;
	struct arena *a;
	struct hash *heads; /* of all rows, for the signed lines behind them */
	size_t cap;
};

static bool get_hash(const struct json_v *j, const char *name, struct hash *out)
{
	return hex_parse(json_get_str(j, name), out->b, HASH_BYTES);
}

static enum rc first_line(struct reading *r, const struct json_v *j, struct err *err)
{
	int64_t form = 0;
	if (!json_get_i64(j, "qinghe_audit_archive", &form) || form != 1 ||
		!json_get_i64(j, "first", &r->part.first) || !json_get_i64(j, "last", &r->part.last) ||
		!get_hash(j, "prev", &r->part.prev) || r->part.first < 1)
		return FAIL(err, RC_INVALID, "this is no archive of an audit log");
	r->part.kind = str_is(json_get_str(j, "hash"), "sm3") ? HASH_SM3 : HASH_SHA256;
	r->prev = r->part.prev;
	r->seq = r->part.first - 1;
	return RC_OK;
}

static enum rc row_line(struct reading *r, const struct json_v *j, struct err *err)
{
	struct hash head;
	struct audit_row row = {.actor = json_get_str(j, "actor"),
		.action = json_get_str(j, "action"),
		.subject = json_get_str(j, "subject"),
		.detail = json_get_str(j, "detail"),
		.result = json_get_str(j, "result"),
		.address = json_get_str(j, "address")};
	if (!json_get_i64(j, "seq", &row.seq) || row.seq != r->seq + 1 || row.seq > r->part.last)
		return FAIL(err, RC_FOUND, "audit: row %lld is missing", (long long)r->seq + 1);
	struct hash made = {0};
	if (json_get_i64(j, "at", &row.at_ms))
		made = audit_head_of(r->part.kind, &row, &r->prev);
	if (!get_hash(j, "head", &head) || !hash_eq(&head, &made))
		return FAIL(err, RC_FOUND, "audit: row %lld was altered", (long long)row.seq);
	size_t at = (size_t)(row.seq - r->part.first);
	r->heads = arena_grow(r->a, r->heads, at, &r->cap, sizeof *r->heads);
	r->heads[at] = r->prev = head;
	r->seq = row.seq;
	return RC_OK;
}

static enum rc signed_line(struct reading *r, str line, struct err *err)
{
	struct audit_signed_head h;
	TRY(audit_head_read(line, &h, err));
	if (h.seq < r->part.first || h.seq > r->seq || !hash_eq(&r->heads[h.seq - r->part.first], &h.head))
		return FAIL(err, RC_FOUND, "audit: row %lld is not the one whose head was signed",
			(long long)h.seq);
	if (r->part.key[0] && strcmp(r->part.key, h.key) != 0)
		return FAIL(err, RC_FOUND, "head %lld was signed by another key", (long long)h.seq);
	memcpy(r->part.key, h.key, sizeof h.key);
	r->signed_seq = h.seq;
	return RC_OK;
}

static enum rc any_line(struct reading *r, struct arena *scratch, str line, struct err *err)
{
	struct json_v *j;
	if (json_read(scratch, line, LINE_MAX_BYTES, &j, err) != RC_OK)
		return FAIL(err, r->part.first ? RC_FOUND : RC_INVALID,
			"audit: the line after row %lld cannot be read", (long long)r->seq);
	str signed_text = json_get_str(j, "signed");
	if (r->part.first == 0)
		return first_line(r, j, err);
	return signed_text.n ? signed_line(r, signed_text, err) : row_line(r, j, err);
}

static enum rc all_lines(struct reading *r, FILE *f, struct hasher *sum, struct err *err)
{
	struct arena scratch = {0};
	char *line = mem_resize(NULL, LINE_MAX_BYTES);
	enum rc rc = RC_OK;
	while (rc == RC_OK && fgets(line, LINE_MAX_BYTES, f)) {
		hasher_add(sum, str_of(line));
		rc = any_line(r, &scratch, str_trim(str_of(line)), err);
		arena_reset(&scratch);
	}
	mem_resize(line, 0);
	arena_done(&scratch);
	if (rc == RC_OK && r->part.first == 0)
		return FAIL(err, RC_INVALID, "this is no archive of an audit log");
	if (rc == RC_OK && r->seq != r->part.last)
		return FAIL(err, RC_FOUND, "audit: row %lld is missing", (long long)r->seq + 1);
	if (rc == RC_OK && r->signed_seq != r->part.last)
		return FAIL(err, RC_FOUND, "the checkpoint at row %lld bears no signature",
			(long long)r->part.last);
	return rc;
}

enum rc audit_archive_read(struct arena *a, const char *path, struct audit_part *out, struct err *err)
{
	struct reading r = {.a = a};
	struct hasher sum;
	FILE *f = fopen(path, "rbe");
	if (f == NULL)
		return FAIL(err, RC_INVALID, "%s cannot be read: %s", path, strerror(errno));
	hasher_init(&sum, HASH_SHA256);
	enum rc rc = all_lines(&r, f, &sum, err);
	r.part.file = hasher_end(&sum);
	r.part.head = r.prev;
	fclose(f);
	*out = r.part;
	return rc;
}

enum rc audit_archive_ours(struct db *db, const struct audit_part *part, struct err *err)
{
	struct stmt *s;
	bool row;
	struct hash file;
	TRY(db_prepare(db, Q_FILE, &s, err));
	stmt_bind_i64(s, 1, part->last);
	TRY(stmt_step(s, &row, err));
	bool same = row && take_hash(stmt_blob(s, 0), &file) && hash_eq(&file, &part->file);
	stmt_reset(s);
	return same ? RC_OK
		    : FAIL(err, RC_FOUND, "this city's rows up to %lld went into another file",
			      (long long)part->last);
}

/* ---- what was read, and when ---- */

static bool is_whole(const char *path, const struct hash *file)
{
	char buffer[CHUNK_BYTES];
	struct hasher sum;
	FILE *f = fopen(path, "rbe");
	if (f == NULL)
		return false;
	hasher_init(&sum, HASH_SHA256);
	for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
		hasher_add(&sum, (str){buffer, n});
	fclose(f);
	struct hash h = hasher_end(&sum);
	return hash_eq(&h, file);
}

static void reads_in(const char *path, bool (*visit)(void *user, const struct audit_read *row), void *user)
{
	static const char MARK[] = "\"action\":\"read\"";
	struct arena scratch = {0};
	struct err err;
	char *line = mem_resize(NULL, LINE_MAX_BYTES);
	FILE *f = fopen(path, "rbe");
	bool on = f != NULL;
	while (on && fgets(line, LINE_MAX_BYTES, f)) {
		struct json_v *j;
		int64_t at = 0;
		if (!strstr(line, MARK) ||
			json_read(&scratch, str_trim(str_of(line)), LINE_MAX_BYTES, &j, &err) != RC_OK)
			continue;
		struct audit_read row = {.actor = json_get_str(j, "actor"),
			.subject = json_get_str(j, "subject"),
			.detail = json_get_str(j, "detail")};
		if (str_is(json_get_str(j, "result"), "ok") && json_get_i64(j, "at", &at)) {
			row.at_ms = at;
			on = visit(user, &row);
		}
		arena_reset(&scratch);
	}
	if (f)
		fclose(f);
	mem_resize(line, 0);
	arena_done(&scratch);
}

enum rc audit_archive_files(struct db *db, struct arena *a, const char *db_url,
	enum rc (*visit)(void *user, const char *path, const struct hash *bytes, struct err *err), void *user,
	struct err *err)
{
	struct stmt *s;
	enum rc rc;
	TRY(db_prepare(db, Q_FILES, &s, err));
	while (stmt_next(s, &rc, err)) {
		struct audit_part part = {.first = stmt_i64(s, 0), .last = stmt_i64(s, 1)};
		if (!take_hash(stmt_blob(s, 2), &part.file))
			part.file = (struct hash){0};
		rc = visit(user, path_of(a, db_url, &part), &part.file, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
	}
	return rc;
}

struct asking {
	bool (*visit)(void *user, const struct audit_read *row);
	void *user;
	bool missing;
};

static enum rc ask_file(void *user, const char *path, const struct hash *bytes, struct err *err)
{
	struct asking *x = user;
	(void)err;
	if (is_whole(path, bytes))
		reads_in(path, x->visit, x->user);
	else
		x->missing = true;
	return RC_OK;
}

enum rc audit_archive_reads(struct db *db, struct arena *a, const char *db_url,
	bool (*visit)(void *user, const struct audit_read *row), void *user, bool *out_missing,
	struct err *err)
{
	struct asking x = {visit, user, false};
	enum rc rc = audit_archive_files(db, a, db_url, ask_file, &x, err);
	*out_missing = x.missing;
	return rc;
}

/* ---- the cut ---- */

static enum rc run_with(struct db *db, const char *sql, int64_t last, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	stmt_bind_i64(s, 1, last);
	return stmt_run(s, err);
}

enum rc audit_archive_cut(struct job_ctx *c, const struct audit_part *part, struct err *err)
{
	static const str by[] = {{"auditadmin", 10}};
	struct audit_part now;
	struct stmt *s;
	c->action = STR("audit_archive");
	c->subject = arena_fmt(c->a, "audit:%lld", (long long)part->last);
	c->detail = arena_fmt(c->a, "first:%lld file:%.*s", (long long)part->first,
		STR_ARG(hex_str(c->a, part->file.b, HASH_BYTES)));
	TRY(role_check(c->actor, by, 1, err));
	TRY(audit_archive_plan(c->db, c->now_ms - AUDIT_KEEP_DAYS * INT64_C(86400000), c->now_ms, &now, err));
	if (now.first != part->first || now.last < part->last)
		return FAIL(err, RC_CONFLICT, "the audit log was archived by somebody else meanwhile");
	TRY(run_with(c->db, Q_SHREDDED, part->last, err));
	TRY(db_prepare(c->db, Q_REMEMBER, &s, err));
	stmt_bind_i64(s, 1, part->last);
	stmt_bind_i64(s, 2, c->now_ms);
	stmt_bind_blob(s, 3, (str){(const char *)part->head.b, HASH_BYTES});
	stmt_bind_i64(s, 4, part->first);
	stmt_bind_blob(s, 5, (str){(const char *)part->file.b, HASH_BYTES});
	TRY(stmt_run(s, err));
	TRY(run_with(c->db, Q_DELETE, part->last, err));
	return run_with(c->db, Q_SIGNED_DELETE, part->last, err);
}
