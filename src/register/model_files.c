/* model_files.c -- which files make the model: the embedded ones, a folder laid over them by relative path. */
#include "base/embed.h"
#include "register/model_load.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDER_DEPTH_MAX = 4 };

bool path_in(str path, const char *folder)
{
	return str_starts(path, str_of(folder)) && str_ends(path, STR(".yaml"));
}

static void add(struct load *l, const char *name, str path, str text)
{
	for (size_t i = 0; i < l->sources_n; i++)
		if (str_eq(l->sources[i].path, path)) {
			l->sources[i].name = name;
			l->sources[i].text = text;
			return;
		}
	l->sources = arena_grow(l->a, l->sources, l->sources_n, &l->sources_cap, sizeof *l->sources);
	l->sources[l->sources_n++] = (struct source){.name = name, .path = path, .text = text};
}

static enum rc read_file(struct load *l, const char *name, str *out, struct err *err)
{
	FILE *f = fopen(name, "rb");
	if (f == NULL)
		return FAIL(err, RC_IO, "%s cannot be read", name);
	char *text = arena_alloc(l->a, MODEL_FILE_MAX_BYTES + 2);
	size_t n = fread(text, 1, MODEL_FILE_MAX_BYTES + 1, f);
	bool bad = ferror(f) != 0;
	fclose(f);
	if (bad)
		return FAIL(err, RC_IO, "%s cannot be read", name);
	if (n > MODEL_FILE_MAX_BYTES)
		return FAIL(err, RC_LIMIT, "%s is larger than %d bytes", name, (int)MODEL_FILE_MAX_BYTES);
	*out = (str){text, n};
	return RC_OK;
}

static bool is_ours(const char *name)
{
	str s = str_of(name);
	return name[0] != '.' && (str_ends(s, STR(".yaml")) || str_ends(s, STR(".md")));
}

static enum rc folder(struct load *l, const char *dir, str below, int depth, struct err *err)
{
	DIR *d = opendir(dir);
	if (d == NULL)
		return FAIL(err, RC_INVALID, "%s is not a folder that can be read", dir);
	enum rc rc = RC_OK;
	for (struct dirent *e; rc == RC_OK && (e = readdir(d)) != NULL;) {
		const char *name = arena_printf(l->a, "%s/%s", dir, e->d_name);
		str path = arena_fmt(l->a, "%.*s%s", STR_ARG(below), e->d_name);
		struct stat st;
		str text;
		if (e->d_name[0] == '.' || stat(name, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < FOLDER_DEPTH_MAX) {
			rc = folder(l, name, arena_fmt(l->a, "%.*s/", STR_ARG(path)), depth + 1, err);
		} else if (S_ISREG(st.st_mode) && is_ours(e->d_name)) {
			if (l->sources_n >= MODEL_FILES_MAX)
				rc = FAIL(err, RC_LIMIT, "more than %d files", (int)MODEL_FILES_MAX);
			else if ((rc = read_file(l, name, &text, err)) == RC_OK)
				add(l, name, path, text);
		}
	}
	closedir(d);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct source *)a)->path, ((const struct source *)b)->path);
}

enum rc model_files(struct load *l, const char *dir, bool alone, struct err *err)
{
	for (size_t i = 0; !alone && i < embed_files_n; i++) {
		str path = str_of(embed_files[i].path);
		if (str_starts(path, STR("model/")) && is_ours(embed_files[i].path))
			add(l, embed_files[i].path, str_from(path, 6), embed_find(embed_files[i].path));
	}
	if (dir) {
		size_t n = strlen(dir);
		while (n > 1 && dir[n - 1] == '/')
			n--;
		TRY(folder(l, arena_cstr(l->a, (str){dir, n}), STR(""), 0, err));
	}
	if (l->sources_n)
		qsort(l->sources, l->sources_n, sizeof *l->sources, by_path);
	return RC_OK;
}
