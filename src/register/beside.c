/* beside.c -- see beside.h. */
#include "register/beside.h"
#include "base/file.h"
#include "guard/keyfile.h"
#include "register/schema.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 6, COPY_BYTES = 64 << 10, DECLARATION_MAX_BYTES = 4 << 20, BASE_MARK_BYTES = 4 };

static const char BASE[] = "base";
const char *const beside_folders[] = {"files", "model", "archive", NULL};

struct walk {
	struct arena *a;
	enum rc (*visit)(void *user, str name, const char *path, struct err *err);
	void *user;
	bool model; /* declarations only */
};

static bool is_declaration(str name)
{
	return str_ends(name, STR(".yaml")) || str_ends(name, STR(".md"));
}

static bool hash_name(str name)
{
	unsigned char bytes[HASH_BYTES];
	return hex_parse(name, bytes, HASH_BYTES);
}

/* A part of a path that is ours: no way up, nothing hidden, nothing half written. */
static bool good_part(str part)
{
	for (size_t i = 0; i < part.n; i++)
		if ((unsigned char)part.p[i] < 0x20 || part.p[i] == '\\')
			return false;
	return part.n > 0 && part.p[0] != '.' && str_find(part, STR(".new-")) == SIZE_MAX;
}

static enum rc walk(const struct walk *w, const char *folder, const char *below, int depth, struct err *err)
{
	DIR *d = opendir(folder);
	enum rc rc = RC_OK;
	if (d == NULL)
		return errno == ENOENT ? RC_OK : FAIL(err, RC_IO, "%s: %s", folder, strerror(errno));
	for (struct dirent *e; rc == RC_OK && (e = readdir(d)) != NULL;) {
		const char *path = arena_printf(w->a, "%s/%s", folder, e->d_name);
		str name = arena_fmt(w->a, "%s/%s", below, e->d_name);
		struct stat st;
		if (!good_part(str_of(e->d_name)) || stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			rc = walk(w, path, name.p, depth + 1, err);
		else if (S_ISREG(st.st_mode) && (!w->model || is_declaration(name)))
			rc = w->visit(w->user, name, path, err);
	}
	closedir(d);
	return rc;
}

/* The part of the folder's path below CITY.model; empty where it lies elsewhere. */
static str below_model(struct arena *a, const char *db_url, str model_dir)
{
	str folder, top = keyfile_beside(a, db_url, "model");
	if (access(top.p, F_OK) != 0 || schema_full_path(a, top.p, &folder, NULL) != RC_OK)
		return STR("");
	bool in = str_starts(model_dir, folder) && model_dir.n > folder.n + 1 && model_dir.p[folder.n] == '/';
	return in ? str_from(model_dir, folder.n + 1) : STR("");
}

/* Of all files of a folder, in whatever order they are read. */
struct folding {
	struct arena *a;
	struct hash sum;
};

static enum rc fold(void *user, str name, const char *path, struct err *err)
{
	struct folding *x = user;
	str text;
	TRY(file_read(x->a, path, DECLARATION_MAX_BYTES, &text, err));
	struct hash h = hash_sha256(arena_fmt(x->a, "%.*s\n%.*s", STR_ARG(name), STR_ARG(text)));
	for (size_t i = 0; i < HASH_BYTES; i++)
		x->sum.b[i] ^= h.b[i];
	return RC_OK;
}

enum rc beside_model_name(struct arena *a, const char *db_url, str model_dir, str *out, struct err *err)
{
	struct folding x = {.a = a};
	struct walk w = {a, fold, &x, true};
	*out = below_model(a, db_url, model_dir);
	if (out->n || model_dir.n == 0)
		return RC_OK;
	TRY(walk(&w, arena_cstr(a, model_dir), "", 0, err));
	*out = arena_fmt(a, "%s-%.*s", BASE, STR_ARG(hex_str(a, x.sum.b, BASE_MARK_BYTES)));
	return RC_OK;
}

enum rc beside_each(struct arena *a, const char *db_url, const char *kind, str model_dir,
	enum rc (*visit)(void *user, str name, const char *path, struct err *err), void *user,
	struct err *err)
{
	struct walk w = {a, visit, user, strcmp(kind, "model") == 0};
	str name;
	if (w.model && model_dir.n && below_model(a, db_url, model_dir).n == 0) {
		TRY(beside_model_name(a, db_url, model_dir, &name, err));
		TRY(walk(&w, arena_cstr(a, model_dir), arena_fmt(a, "%s/%.*s", kind, STR_ARG(name)).p, 0,
			err));
	}
	return walk(&w, keyfile_beside(a, db_url, kind).p, kind, 0, err);
}

static enum rc make_folder(const char *path, struct err *err)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ? file_sync_folder(path, err)
							 : FAIL(err, RC_IO, "%s: %s", path, strerror(errno));
}

static bool is_ours(str kind, str rest)
{
	str last = rest, more;
	int depth = 0;
	for (more = rest; more.n > 0; depth++) {
		last = str_cut(more, '/', &more);
		if (!good_part(last))
			return false;
	}
	if (str_is(kind, "files"))
		return depth == 2 && hash_name(last) && str_starts(last, str_head(rest, 2));
	if (str_is(kind, "model"))
		return depth >= 2 && depth <= DEPTH_MAX && is_declaration(last);
	return str_is(kind, "archive") && depth == 1;
}

enum rc beside_place(struct arena *a, const char *db_url, str name, const char **out, struct err *err)
{
	str rest, kind = str_cut(name, '/', &rest);
	if (!is_ours(kind, rest))
		return FAIL(err, RC_INVALID, "the backup holds something unknown: %.*s", STR_ARG(name));
	str path = keyfile_beside(a, db_url, arena_cstr(a, kind));
	while (rest.n > 0) {
		TRY(make_folder(path.p, err));
		str part = str_cut(rest, '/', &rest);
		path = arena_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(part));
	}
	*out = path.p;
	return RC_OK;
}

enum rc beside_model_set(struct arena *a, struct db *db, const char *db_url, str name, struct err *err)
{
	str full;
	if (name.n == 0)
		return RC_OK;
	const char *folder = arena_printf(a, "%s/%.*s", keyfile_beside(a, db_url, "model").p, STR_ARG(name));
	TRY(schema_full_path(a, folder, &full, err));
	return schema_model_dir_set(db, full, err);
}

/* ---- from place to place ---- */

struct copying {
	struct arena *a;
	const char *to_url;
	int64_t files;
};

static bool pour(int from, int to)
{
	char buffer[COPY_BYTES];
	for (;;) {
		ssize_t n = read(from, buffer, sizeof buffer);
		if (n <= 0)
			return n == 0;
		if (!file_put(to, (str){buffer, (size_t)n}))
			return false;
	}
}

static enum rc copy_file(void *user, str name, const char *path, struct err *err)
{
	struct copying *x = user;
	const char *dest;
	TRY(beside_place(x->a, x->to_url, name, &dest, err));
	if (access(dest, F_OK) == 0)
		return RC_OK;
	struct file_new to;
	TRY(file_begin_kept(dest, &to, err));
	int from = open(path, O_RDONLY | O_CLOEXEC);
	enum rc rc =
		from >= 0 && pour(from, to.fd) ? RC_OK : FAIL(err, RC_IO, "%s: %s", dest, strerror(errno));
	if (from >= 0)
		close(from);
	x->files++;
	return file_end(&to, rc, err);
}

enum rc beside_copy(
	struct arena *a, const char *from_url, const char *to_url, int64_t *out_files, struct err *err)
{
	struct copying x = {a, to_url, 0};
	struct db *db;
	str dir, name;
	*out_files = 0;
	if (str_eq(keyfile_path(a, from_url), keyfile_path(a, to_url)))
		return RC_OK;
	TRY(schema_model_dir(a, from_url, &dir, err));
	for (int i = 0; beside_folders[i]; i++)
		TRY(beside_each(a, from_url, beside_folders[i], dir, copy_file, &x, err));
	*out_files = x.files;
	TRY(beside_model_name(a, from_url, dir, &name, err));
	TRY(db_open(to_url, DB_WRITE, &db, err));
	enum rc rc = beside_model_set(a, db, to_url, name, err);
	db_close(db);
	return rc;
}
