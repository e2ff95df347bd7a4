/* collect_take.c -- what came back: each file into the register, its unit's reply submitted. A file that cannot be taken
 * stops nobody else's. */
#include "cli/cmd_collect.h"
#include "format/foreign.h"
#include "intake/import_file.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const ENDINGS[] = {".xlsx", ".csv", NULL};

struct take {
	struct collect_run *x;
	struct import_request q;
	struct import_outcome *files;
	size_t n, cap;
	const char *archive;
};

static enum rc answer_job(struct job_ctx *c, void *arg, struct err *err)
{
	return collect_answer(c, arg, err);
}

/* The unit has answered: no row of its file was refused. Who had answered before stays as he is. */
static enum rc answered(struct take *t, const struct import_outcome *o, struct err *err)
{
	for (size_t i = 0; i < t->x->c.units_n; i++) {
		struct coll_unit *u = &t->x->c.units[i];
		if (u->org != o->sender || !(str_is(u->state, "open") || str_is(u->state, "returned")))
			continue;
		struct collect_answer a = {u->reply, false, o->counts.rows, o->import_id};
		TRY(city_run(t->x->city, &t->x->actor, t->x->in->a, (str){NULL, 0}, answer_job, &a, err));
		u->state = STR("submitted");
	}
	return RC_OK;
}

static enum rc one(struct take *t, const char *path, str bytes, struct err *err)
{
	t->files = arena_grow(t->x->in->a, t->files, t->n, &t->cap, sizeof *t->files);
	struct import_outcome *o = &t->files[t->n++];
	struct import_request q = t->q;
	q.path = path;
	q.bytes = bytes;
	q.db = writer_db(t->x->city->writer); /* nothing else runs in this process */
	enum rc rc = import_file(t->x->in->a, t->x->city, &t->x->actor, &q, o, &o->fault);
	if (rc == RC_OK && o->counts.rows == 0)
		rc = FAIL(&o->fault, RC_INVALID,
			"%s: no row is filled in; a unit with nothing to tell says so (nil)", path);
	if (rc == RC_OK && o->counts.rejected == 0)
		rc = answered(t, o, &o->fault);
	if (rc == RC_IO || rc == RC_UNKNOWN || rc == RC_DENIED) {
		if (err)
			*err = o->fault;
		return rc;
	}
	return RC_OK;
}

static enum rc member(void *user, str name, str bytes, struct err *err)
{
	struct take *t = user;
	return one(t, arena_printf(t->x->in->a, "%s:%.*s", t->archive, STR_ARG(name)), bytes, err);
}

static enum rc file(struct take *t, const char *path, struct err *err)
{
	if (!str_ends(str_of(path), STR(".zip")))
		return one(t, path, (str){NULL, 0}, err);
	t->archive = path;
	enum rc rc = foreign_unzip(t->x->in->a, path, ENDINGS, member, t, err);
	return rc == RC_FOUND ? one(t, path, (str){NULL, 0}, err) : rc;
}

static bool taken(str name)
{
	return name.p[0] != '.' && !str_starts(name, STR("~$")) &&
	       (str_ends(name, STR(".xlsx")) || str_ends(name, STR(".csv")) || str_ends(name, STR(".zip")));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum rc folder(struct take *t, const char *dir, struct err *err)
{
	struct arena *a = t->x->in->a;
	DIR *d = opendir(dir);
	char **names = NULL;
	size_t n = 0, cap = 0;
	if (d == NULL)
		return FAIL(err, RC_INVALID, "the folder %s cannot be read", dir);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (!taken(str_of(e->d_name)))
			continue;
		names = arena_grow(a, names, n, &cap, sizeof *names);
		names[n++] = arena_printf(a, "%s/%s", dir, e->d_name);
	}
	closedir(d);
	if (n)
		qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++)
		TRY(file(t, names[i], err));
	return RC_OK;
}

static void file_json(struct json *j, const struct take *t, const struct import_outcome *o)
{
	json_object(j);
	json_put_str(j, "file", o->file);
	json_put_i64(j, "org", o->sender);
	json_put_i64(j, "rows", o->counts.rows);
	json_put_i64(j, "rejected", o->counts.rejected);
	if (o->fault.text[0])
		json_put_cstr(j, "fault", o->fault.text);
	json_key(j, "errors");
	json_array(j);
	for (size_t i = 0; i < o->errors_n; i++)
		json_str(j, arena_fmt(t->x->in->a, tr("row %lld: %.*s"), (long long)o->errors[i].row,
				    STR_ARG(o->errors[i].message)));
	json_array_end(j);
	json_object_end(j);
}

static void file_text(const struct import_outcome *o)
{
	if (o->fault.text[0])
		fprintf(stderr, "%s\n", o->fault.text);
	if (o->counts.rejected)
		fprintf(stderr, tr("%.*s: %lld of %lld rows were refused; the unit has not answered yet\n"),
			STR_ARG(o->file), (long long)o->counts.rejected, (long long)o->counts.rows);
	for (size_t i = 0; i < o->errors_n; i++)
		if (!o->errors[i].warning)
			fprintf(stderr, tr("  row %lld%s%.*s: %.*s\n"), (long long)o->errors[i].row,
				o->errors[i].column.n ? " · " : "", STR_ARG(o->errors[i].column),
				STR_ARG(o->errors[i].message));
}

static enum rc tell(struct take *t, const struct coll *now)
{
	bool bad = false;
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	collect_counts_json(&j, now);
	json_key(&j, "files");
	json_array(&j);
	for (size_t i = 0; i < t->n; i++) {
		bad = bad || t->files[i].fault.text[0] || t->files[i].counts.rejected;
		file_json(&j, t, &t->files[i]);
		if (!t->x->in->json)
			file_text(&t->files[i]);
	}
	json_array_end(&j);
	collect_units_json(&j, now, "open", "missing");
	json_object_end(&j);
	if (t->x->in->json) {
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	} else {
		printf(tr("%zu files were read\n"), t->n);
		collect_tell(now);
		collect_units(now, "open", tr("missing: "));
	}
	buf_done(&b);
	return bad ? RC_FOUND : RC_OK;
}

enum rc collect_take(struct collect_run *x, struct err *err)
{
	struct take t = {.x = x};
	struct coll now;
	int64_t *senders = NEWS(x->in->a, x->c.units_n + 1, int64_t);
	t.q.reg = model_reg(x->city->model, x->c.into);
	if (t.q.reg == NULL)
		return FAIL(err, RC_INVALID, "“%.*s” names no register that its answers go into",
			STR_ARG(x->c.title));
	if (!str_is(x->c.state, "issued"))
		return FAIL(err, RC_CONFLICT, "“%.*s” is not open: issue it first", STR_ARG(x->c.title));
	for (size_t i = 0; i < x->c.units_n; i++)
		senders[i] = x->c.units[i].org;
	t.q.senders = senders;
	t.q.senders_n = x->c.units_n;
	for (int i = 2; i < x->in->argc; i++) {
		struct stat st;
		bool dir = stat(x->in->argv[i], &st) == 0 && S_ISDIR(st.st_mode);
		TRY(dir ? folder(&t, x->in->argv[i], err) : file(&t, x->in->argv[i], err));
	}
	TRY(collect_look(x, &now, err));
	return tell(&t, &now);
}
