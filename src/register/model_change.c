/* model_change.c -- see model_change.h. */
#include "register/model_change.h"
#include "base/embed.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/rand.h"
#include "base/tr.h"
#include "guard/keyfile.h"
#include "guard/role.h"
#include "register/protect.h"
#include "register/row.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_DEPTH_MAX = 4, FILE_MAX_BYTES = 1 << 20, PATH_BYTES = 4096 };

/* ---- folders ---- */

/* Copies from below `from` into `to`, which is made. */
static enum rc copy(struct arena *a, const char *from, const char *to, int depth, struct err *err)
{
	DIR *d = from[0] ? opendir(from) : NULL;
	enum rc rc = RC_OK;
	if (mkdir(to, 0700) != 0 && errno != EEXIST)
		rc = FAIL(err, RC_IO, "%s cannot be written", to);
	if (from[0] && d == NULL)
		rc = FAIL(err, RC_IO, "%s is not a folder that can be read", from);
	for (struct dirent *e; rc == RC_OK && d && (e = readdir(d)) != NULL;) {
		const char *old = arena_printf(a, "%s/%s", from, e->d_name),
			   *new = arena_printf(a, "%s/%s", to, e->d_name);
		struct stat st;
		str text;
		if (e->d_name[0] == '.' || stat(old, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < FOLDER_DEPTH_MAX)
			rc = copy(a, old, new, depth + 1, err);
		else if (S_ISREG(st.st_mode) && (str_ends(str_of(e->d_name), STR(".yaml")) ||
							str_ends(str_of(e->d_name), STR(".md")))) {
			rc = file_read(a, old, FILE_MAX_BYTES, &text, err);
			if (rc == RC_OK)
				rc = file_write(new, text, err);
		}
	}
	if (d)
		closedir(d);
	return rc;
}

/* What is left of a trial, or of an application that did not come to its end. */
static void remove_folder(struct arena *a, const char *path, int depth)
{
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
		const char *name = arena_printf(a, "%s/%s", path, e->d_name);
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlink(name) != 0 && depth <= FOLDER_DEPTH_MAX)
			remove_folder(a, name, depth + 1);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

/* Where a change's text stands below the city's folder: where it says, or in a file of its own. */
static str place_of(struct arena *a, const struct change_text *x)
{
	if (x->path.n)
		return x->path;
	const char *folder = str_starts(x->body, STR("system:")) ? "figures" : "registers";
	return arena_fmt(a, "%s/desk_%lld.yaml", folder, (long long)x->id);
}

/* FOLDER/NAME.yaml of the parts that are changed here, nothing that leads elsewhere. */
static bool clean(str path)
{
	str name, folder = str_cut(path, '/', &name);
	bool good = str_ends(name, STR(".yaml")) && name.n > 5 &&
		    (str_is(folder, "rules") || str_is(folder, "figures") || str_is(folder, "registers"));
	for (size_t i = 0; i < name.n; i++)
		good = good && (name.p[i] == '_' || (name.p[i] == '.' && i + 5 == name.n) ||
				       (name.p[i] >= '0' && name.p[i] <= '9') ||
				       (name.p[i] >= 'a' && name.p[i] <= 'z') ||
				       (name.p[i] >= 'A' && name.p[i] <= 'Z'));
	return good;
}

static str built_in(struct arena *a, str path)
{
	return embed_find(arena_printf(a, "model/%.*s", STR_ARG(path)));
}

static enum rc folder_make(
	struct arena *a, str base, const char *to, const struct change_text *x, struct err *err)
{
	str path = place_of(a, x), name, folder = str_cut(path, '/', &name);
	if (!clean(path))
		return FAIL(err, RC_INVALID, "“%.*s” is no file that is changed here", STR_ARG(path));
	TRY(copy(a, base.n ? arena_cstr(a, base) : "", to, 0, err));
	const char *in = arena_printf(a, "%s/%.*s", to, STR_ARG(folder)),
		   *at = arena_printf(a, "%s/%.*s", in, STR_ARG(name));
	if (x->body.n == 0 || str_eq(x->body, built_in(a, path))) { /* the program's own stands again */
		unlink(at);
		return RC_OK;
	}
	if (mkdir(in, 0700) != 0 && errno != EEXIST)
		return FAIL(err, RC_IO, "%s cannot be written", in);
	return file_write(at, x->body, err);
}

/* ---- trying ---- */

/* Faults name files as the city knows them, not where the trial lay. */
static void rename_marks(struct arena *a, struct change_trial *t, const char *dir)
{
	size_t n = strlen(dir);
	for (size_t i = 0; i < t->faults_n; i++)
		if (strncmp(t->faults[i].mark.file, dir, n) == 0)
			t->faults[i].mark.file = arena_printf(a, "%s", t->faults[i].mark.file + n + 1);
}

static void compare(struct arena *a, const struct model *now, struct change_trial *t)
{
	t->recounted = NEWS(a, now->figures_n + 1, const struct figure *);
	for (size_t i = 0; i < now->figures_n; i++) {
		const struct figure *f = model_figure(t->model, now->figures[i].id);
		if (f == NULL || strcmp(f->digest.hex, now->figures[i].digest.hex) != 0)
			t->recounted[t->recounted_n++] = &now->figures[i];
	}
	for (size_t i = 0; i < t->model->regs_n; i++) {
		const struct reg *new = &t->model->regs[i], *old = model_reg(now, new->id);
		bool same = old && strcmp(old->digest.hex, new->digest.hex) == 0;
		t->second = t->second || (!same && (new->sensitivity >= SENS_PERSONAL ||
							   (old && old->sensitivity >= SENS_PERSONAL)));
	}
}

static enum rc judge(struct arena *a, struct city *city, struct db *db, const char *dir,
	struct change_trial *t, struct err *err)
{
	enum rc rc = model_load(a, dir, false, &t->model, &t->faults, &t->faults_n, err);
	rename_marks(a, t, dir);
	if (rc == RC_INVALID && t->faults_n)
		return RC_OK;
	TRY(rc);
	compare(a, city->model, t);
	TRY(protect_check(a, db, t->model, &t->protects, err));
	t->second = t->second || t->protects; /* it is not taken back */
	return schema_plan(a, db, t->model, &t->tables, &t->tables_n, err);
}

static enum rc base_of(struct arena *a, struct db *db, str *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, "SELECT \"model_dir\" FROM \"city\" WHERE \"one\" = 1", &s, err));
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_str(a, s, 0) : STR("");
	stmt_reset(s);
	return RC_OK;
}

enum rc change_source(struct arena *a, struct db *db, str path, str *out, struct err *err)
{
	str base;
	if (!clean(path))
		return FAIL(err, RC_NOT_FOUND, "there is no file “%.*s”", STR_ARG(path));
	TRY(base_of(a, db, &base, err));
	*out = built_in(a, path);
	const char *own = arena_printf(a, "%.*s/%.*s", STR_ARG(base), STR_ARG(path));
	if (base.n && access(own, R_OK) == 0)
		return file_read(a, own, FILE_MAX_BYTES, out, err);
	return RC_OK;
}

enum rc change_try(struct arena *a, struct city *city, struct db *db, const struct change_text *x,
	struct change_trial *out, struct err *err)
{
	char dir[] = "/dev/shm/qinghe-model-XXXXXX";
	*out = (struct change_trial){0};
	TRY(base_of(a, db, &out->base, err));
	if (mkdtemp(dir) == NULL)
		return FAIL(err, RC_IO, "there is no room for the file: %s", "/dev/shm");
	enum rc rc = folder_make(a, out->base, dir, x, err);
	if (rc == RC_OK)
		rc = judge(a, city, db, dir, out, err);
	out->second = out->second || str_starts(x->path, STR("rules/"));
	remove_folder(a, dir, 0);
	return rc;
}

/* ---- applying ---- */

struct applying {
	const struct change_trial *t;
	const struct record *rec;
	str folder, lose[REG_FIELDS_MAX];
	size_t lose_n;
	bool undo;
};

static enum rc apply_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct applying *x = arg;
	str base;
	const struct reg *reg = x->rec->reg;
	TRY(base_of(c->a, c->db, &base, err));
	if (!str_eq(base, x->t->base))
		return FAIL(err, RC_CONFLICT,
			"the declarations were changed meanwhile: look at this change again");
	struct protecting more;
	TRY(protect_begin(c, x->t->model, &more, err));
	struct schema_sealer sealer = protect_sealer(&more);
	TRY(schema_apply(c->a, c->db, x->t->model, x->lose, x->lose_n, &sealer, err));
	TRY(protect_rest(&more, err));
	TRY(schema_model_dir_set(c->db, x->folder, err));
	TRY(record_put_state(c, reg, x->rec->id, x->undo ? STR("undone") : STR("applied"),
		x->undo ? STR("do:undo") : STR("do:apply"), err));
	c->action = x->undo ? STR("model:undo") : STR("model:apply");
	c->subject = arena_fmt(c->a, "model_change:%lld", (long long)x->rec->id);
	c->detail = arena_fmt(c->a, "digest %.*s", STR_ARG(x->t->model->digest));
	return RC_OK;
}

static enum rc may_apply(
	struct reader *r, const struct record *rec, const struct change_trial *t, bool undo, struct err *err)
{
	static const str by[] = {{"sysadmin", 8}};
	TRY(role_check(&r->actor, by, 1, err));
	if (undo ? !str_is(rec->state, "applied")
		 : !str_is(rec->state, "proposed") && !str_is(rec->state, "accepted"))
		return FAIL(err, RC_CONFLICT, "this change is not in the state for it");
	/* The last hand on it was the security administrator's agreement, or nobody has agreed to what stands there now. */
	bool agreed = str_is(rec->state, "accepted") && rec->changed_by != rec->entered_by;
	if (!undo && t->second && !agreed && !actor_is_operator(&r->actor))
		return FAIL(err, RC_DENIED,
			"this register holds data of persons: a security administrator agrees to the change "
			"first");
	return RC_OK;
}

static enum rc losses(struct arena *a, const struct change_trial *t, struct applying *x, struct err *err)
{
	for (size_t i = 0; i < t->tables_n; i++) {
		const struct schema_change *c = &t->tables[i];
		if (!c->loses)
			continue;
		if (!x->undo || c->rows > 0 || c->kind != SCHEMA_DROP_COLUMN || x->lose_n == REG_FIELDS_MAX)
			return FAIL(err, RC_CONFLICT, "data would be lost: %.*s", STR_ARG(c->say));
		x->lose[x->lose_n++] = arena_fmt(a, "%.*s.%.*s", STR_ARG(c->reg), STR_ARG(c->column));
	}
	return RC_OK;
}

/* A name that no other attempt has. */
static str folder_of(struct arena *a, const struct city *city, int64_t id, bool undo)
{
	unsigned char mark[4];
	rand_bytes(mark, sizeof mark);
	return arena_fmt(a, "%.*s/%lld%s-%.*s", STR_ARG(keyfile_beside(a, city->db_url, "model")),
		(long long)id, undo ? "u" : "", STR_ARG(hex_str(a, mark, sizeof mark)));
}

static enum rc run(struct arena *a, struct reader *r, struct applying *x, const struct change_text *text,
	struct err *err)
{
	str made = folder_of(a, r->city, x->rec->id, x->undo);
	char *last = arena_cstr(a, made), *slash = strrchr(last, '/');
	*slash = 0;
	if (mkdir(last, 0700) != 0 && errno != EEXIST)
		return FAIL(err, RC_IO, "%s cannot be written", last);
	*slash = '/';
	enum rc rc = folder_make(a, x->t->base, last, text, err);
	if (rc == RC_OK)
		rc = schema_full_path(a, last, &x->folder, err);
	if (rc ==
		RC_OK) { /* on PostgreSQL no table is changed while a snapshot has looked into it: the own one ends */
		db_snapshot_end(r->db);
		rc = city_run(r->city, &r->actor, a, (str){NULL, 0}, apply_job, x, err);
		if (rc == RC_OK && x->t->protects &&
			protect_scrub(r->city->db_url, x->t->model, a, NULL) != RC_OK)
			rc = FAIL(err, RC_CONFLICT,
				"the change stands and its values are sealed, but others were reading: pages "
				"that held "
				"the old values are written anew by “qinghe model apply --scrub”");
		(void)!db_snapshot(r->db, NULL); /* the change stands or does not: who reads on is told */
	}
	if (rc != RC_OK && rc != RC_UNKNOWN)
		remove_folder(a, last, 0);
	return rc;
}

static str value_of(const struct record *rec, const char *field)
{
	return rec->values[reg_field(rec->reg, str_of(field))->at].t;
}

struct change_text change_text_of(struct arena *a, const struct record *rec, bool undo)
{
	struct change_text x = {rec->id, value_of(rec, "path"), value_of(rec, undo ? "before" : "body")};
	if (x.path.n == 0 && undo) /* the place is told by what is taken away */
		x.path = place_of(a, &(struct change_text){rec->id, x.path, value_of(rec, "body")});
	return x;
}

enum rc change_apply(struct arena *a, struct reader *r, int64_t id, bool undo, struct err *err)
{
	const struct reg *reg = model_reg(r->city->model, STR("model_change"));
	struct change_trial t = {0};
	struct applying x = {.t = &t, .undo = undo};
	struct record *rec;
	TRY(record_get(r, reg, id, &rec, err));
	x.rec = rec;
	struct change_text text = change_text_of(a, rec, undo), stood = change_text_of(a, rec, !undo);
	if (text.path.n) {
		str now;
		TRY(change_source(a, r->db, text.path, &now, err));
		if (!str_eq(now, stood.body))
			return FAIL(err, RC_CONFLICT,
				"%.*s was changed meanwhile: propose this change anew over what stands there "
				"now",
				STR_ARG(text.path));
	}
	TRY(change_try(a, r->city, r->db, &text, &t, err));
	enum rc rc = t.faults_n ? FAIL(err, RC_INVALID, "%s:%d:%d: %s", t.faults[0].mark.file,
					  t.faults[0].mark.line, t.faults[0].mark.column, t.faults[0].message)
				: may_apply(r, rec, &t, undo, err);
	if (rc == RC_OK)
		rc = losses(a, &t, &x, err);
	if (rc == RC_OK)
		rc = run(a, r, &x, &text, err);
	model_done(t.model);
	return rc;
}
