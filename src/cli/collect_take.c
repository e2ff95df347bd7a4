/* collect_take.c -- qinghe collect take: files, folders and archives that came back (intake/take_back.h). */
#include "cli/cmd_collect.h"
#include "intake/take_back.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum rc folder(struct take *t, const char *dir, struct err *err)
{
	struct arena *a = t->a;
	DIR *d = opendir(dir);
	char **names = NULL;
	size_t n = 0, cap = 0;
	if (d == NULL)
		return FAIL(err, RC_INVALID, "the folder %s cannot be read", dir);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (!take_looks_at(str_of(e->d_name)))
			continue;
		names = arena_grow(a, names, n, &cap, sizeof *names);
		names[n++] = arena_printf(a, "%s/%s", dir, e->d_name);
	}
	closedir(d);
	if (n)
		qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++)
		TRY(take_file(t, names[i], (str){NULL, 0}, err));
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
		json_str(j, arena_fmt(t->a, tr("row %lld: %.*s"), (long long)o->errors[i].row,
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

static enum rc tell(const struct invocation *in, struct take *t, const struct coll *now)
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
		if (!in->json)
			file_text(&t->files[i]);
	}
	json_array_end(&j);
	collect_units_json(&j, now, "open", "missing");
	json_object_end(&j);
	if (in->json) {
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
	struct take t = {.a = x->in->a,
		.city = x->city,
		.actor = x->actor,
		.db = writer_db(x->city->writer), /* nothing else runs in this process */
		.c = &x->c};
	struct coll now;
	TRY(take_begin(&t, err));
	for (int i = 2; i < x->in->argc; i++) {
		struct stat st;
		bool dir = stat(x->in->argv[i], &st) == 0 && S_ISDIR(st.st_mode);
		TRY(dir ? folder(&t, x->in->argv[i], err)
			: take_file(&t, x->in->argv[i], (str){NULL, 0}, err));
	}
	TRY(collect_look(x, &now, err));
	return tell(x->in, &t, &now);
}
