/* model_change.c -- see model_change.h. */
#include "register/model_change.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/rand.h"
#include "base/tr.h"
#include "guard/keyfile.h"
#include "guard/role.h"
#include "register/row.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_DEPTH_MAX = 4, FILE_MAX_BYTES = 1 << 20, PATH_BYTES = 4096 };

/* ---- bodies ---- */

static void quoted(struct buf *b, str s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_putc(b, '\\');
		buf_putc(b, (unsigned char)s.p[i] < 0x20 ? ' ' : s.p[i]);
	}
	buf_putc(b, '"');
}

static void label(struct buf *b, str zh, str en)
{
	buf_puts(b, "{zh: ");
	quoted(b, zh);
	buf_puts(b, ", en: ");
	quoted(b, en.n ? en : zh);
	buf_puts(b, "}");
}

static str taken(struct arena *a, struct buf *b)
{
	str s = arena_str(a, buf_str(b));
	buf_done(b);
	return s;
}

static enum rc choices(struct buf *b, str lines, struct err *err)
{
	size_t n = 0;
	buf_puts(b, "    values:\n");
	while (lines.n) {
		str line = str_trim(str_cut(lines, '\n', &lines)), rest, zh, en;
		if (line.n == 0)
			continue;
		str id = str_trim(str_cut(line, '|', &rest));
		zh = str_trim(str_cut(rest, '|', &en));
		en = str_trim(en);
		if (id.n == 0 || zh.n == 0 || en.n == 0)
			return FAIL(err, RC_INVALID,
				"choices are written a line each as id | 中文 | English: %.*s",
				STR_ARG(line));
		buf_printf(b, "      %.*s: ", STR_ARG(id));
		label(b, zh, en);
		buf_puts(b, "\n");
		n++;
	}
	return n ? RC_OK : FAIL(err, RC_INVALID, "a field of several choices needs them, a line each");
}

enum rc change_add_field(
	struct arena *a, const struct reg *reg, const struct change_field *f, str *out_body, struct err *err)
{
	struct buf b = {0};
	enum rc rc = RC_OK;
	buf_printf(&b, "extend: %.*s\nfields:\n  %.*s:\n    type: %.*s\n", STR_ARG(reg->id), STR_ARG(f->id),
		STR_ARG(f->type));
	if (f->to.n)
		buf_printf(&b, "    to: %.*s\n", STR_ARG(f->to));
	if (f->required)
		buf_puts(&b, "    required: true\n");
	buf_puts(&b, "    label: ");
	label(&b, f->zh, f->en);
	buf_puts(&b, "\n");
	if (f->help_zh.n) {
		buf_puts(&b, "    help: ");
		label(&b, f->help_zh, f->help_en);
		buf_puts(&b, "\n");
	}
	if (str_is(f->type, "choice"))
		rc = choices(&b, f->choices, err);
	*out_body = taken(a, &b);
	return rc;
}

str change_relabel(struct arena *a, const struct reg *reg, const struct field *f, str zh, str en)
{
	struct buf b = {0};
	buf_printf(&b, "extend: %.*s\n", STR_ARG(reg->id));
	if (f)
		buf_printf(&b, "labels:\n  %.*s: ", STR_ARG(f->id));
	else
		buf_puts(&b, "label: ");
	label(&b, zh, en);
	buf_puts(&b, "\n");
	return taken(a, &b);
}

/* ---- folders ---- */

/* Copies from below `from` into `to`, which is made. leave: a path that is not copied. */
static enum rc copy(struct arena *a, const char *from, const char *to, int depth, str leave, struct err *err)
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
		if (e->d_name[0] == '.' || stat(old, &st) != 0 || str_is(leave, e->d_name))
			continue;
		if (S_ISDIR(st.st_mode) && depth < FOLDER_DEPTH_MAX)
			rc = copy(a, old, new, depth + 1, leave, err);
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

static enum rc folder_make(struct arena *a, str base, const char *to, int64_t id, str body, struct err *err)
{
	const char *name = arena_printf(a, "desk_%lld.yaml", (long long)id);
	TRY(copy(a, base.n ? arena_cstr(a, base) : "", to, 0, str_of(name), err));
	if (body.n == 0)
		return RC_OK;
	const char *registers = arena_printf(a, "%s/registers", to);
	if (mkdir(registers, 0700) != 0 && errno != EEXIST)
		return FAIL(err, RC_IO, "%s cannot be written", registers);
	return file_write(arena_printf(a, "%s/%s", registers, name), body, err);
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

enum rc change_try(struct arena *a, struct city *city, struct db *db, int64_t id, str body,
	struct change_trial *out, struct err *err)
{
	char dir[] = "/dev/shm/qinghe-model-XXXXXX";
	*out = (struct change_trial){0};
	TRY(base_of(a, db, &out->base, err));
	if (mkdtemp(dir) == NULL)
		return FAIL(err, RC_IO, "there is no room for the file: %s", "/dev/shm");
	enum rc rc = folder_make(a, out->base, dir, id, body, err);
	if (rc == RC_OK)
		rc = judge(a, city, db, dir, out, err);
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
	TRY(schema_apply(c->a, c->db, x->t->model, x->lose, x->lose_n, err));
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

static enum rc run(struct arena *a, struct reader *r, struct applying *x, str body, struct err *err)
{
	str made = folder_of(a, r->city, x->rec->id, x->undo);
	char *last = arena_cstr(a, made), *slash = strrchr(last, '/');
	*slash = 0;
	if (mkdir(last, 0700) != 0 && errno != EEXIST)
		return FAIL(err, RC_IO, "%s cannot be written", last);
	*slash = '/';
	enum rc rc = folder_make(a, x->t->base, last, x->rec->id, body, err);
	if (rc == RC_OK)
		rc = schema_full_path(a, last, &x->folder, err);
	if (rc == RC_OK)
		rc = city_run(r->city, &r->actor, a, (str){NULL, 0}, apply_job, x, err);
	if (rc != RC_OK && rc != RC_UNKNOWN)
		remove_folder(a, last, 0);
	return rc;
}

enum rc change_apply(struct arena *a, struct reader *r, int64_t id, bool undo, struct err *err)
{
	const struct reg *reg = model_reg(r->city->model, STR("model_change"));
	struct change_trial t = {0};
	struct applying x = {.t = &t, .undo = undo};
	struct record *rec;
	TRY(record_get(r, reg, id, &rec, err));
	x.rec = rec;
	str body = undo ? STR("") : rec->values[reg_field(reg, STR("body"))->at].t;
	TRY(change_try(a, r->city, r->db, id, body, &t, err));
	enum rc rc = t.faults_n ? FAIL(err, RC_INVALID, "%s:%d:%d: %s", t.faults[0].mark.file,
					  t.faults[0].mark.line, t.faults[0].mark.column, t.faults[0].message)
				: may_apply(r, rec, &t, undo, err);
	if (rc == RC_OK)
		rc = losses(a, &t, &x, err);
	if (rc == RC_OK)
		rc = run(a, r, &x, body, err);
	model_done(t.model);
	return rc;
}
