/* take_back.c -- see take_back.h. */
#include "intake/take_back.h"
#include "base/date.h"
#include "format/foreign.h"
#include "format/sheet.h"
#include "register/record.h"
#include <stdlib.h>
#include <unistd.h>

static const char *const ENDINGS[] = {".xlsx", ".csv", NULL};

bool take_looks_at(str name)
{
	return name.n && name.p[0] != '.' && !str_starts(name, STR("~$")) &&
	       (str_ends(name, STR(".xlsx")) || str_ends(name, STR(".csv")) || str_ends(name, STR(".zip")));
}

static enum rc answer_job(struct job_ctx *c, void *arg, struct err *err)
{
	return collect_answer(c, arg, err);
}

/* The unit has answered. Who had answered before stays as he is. */
static enum rc answered(struct take *t, int64_t org, const struct collect_answer *x, struct err *err)
{
	for (size_t i = 0; i < t->c->units_n; i++) {
		struct coll_unit *u = &t->c->units[i];
		if (u->org != org || !(str_is(u->state, "open") || str_is(u->state, "returned")))
			continue;
		struct collect_answer a = *x;
		a.reply = u->reply;
		TRY(city_run(t->city, &t->actor, t->a, (str){NULL, 0}, answer_job, &a, err));
		u->state = STR("submitted");
	}
	return RC_OK;
}

/* ---- rows of a register ---- */

static enum rc rows_of(struct take *t, const char *path, str bytes, struct import_outcome *o, struct err *err)
{
	struct import_request q = t->q;
	q.path = path;
	q.bytes = bytes;
	q.db = t->db;
	TRY(import_file(t->a, t->city, &t->actor, &q, o, err));
	if (o->counts.rows == 0)
		return FAIL(err, RC_INVALID,
			"%s: no row is filled in; a unit with nothing to tell says so (nil)", path);
	if (o->counts.rejected)
		return RC_OK;
	return answered(t, t->only ? t->only->org : o->sender,
		&(struct collect_answer){.rows_n = o->counts.rows, .import_no = o->import_id}, err);
}

/* ---- one line of own columns ---- */

struct line {
	const struct coll *c;
	struct arena *a;
	const struct field **at; /* by the column of the sheet */
	size_t at_n, known;
	str *texts;
	bool headed, filled;
};

static str cell_words(struct arena *a, const struct cell *x)
{
	if (x->kind == CELL_DATE && x->day != DATE_NONE)
		return date_str(a, x->day);
	if (x->kind == CELL_BOOL)
		return x->truth ? STR("是") : STR("否");
	return x->kind == CELL_TEXT || x->kind == CELL_NUMBER ? arena_str(a, str_trim(x->text)) : STR("");
}

static bool header(struct line *l, const struct sheet_row *row)
{
	size_t known = 0;
	const struct field **at = NEWS(l->a, COLUMNS_MAX * 2, const struct field *);
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *x = &row->cells[i];
		if (x->column >= COLUMNS_MAX * 2 || x->kind != CELL_TEXT)
			continue;
		at[x->column] = column_called(l->c->columns, l->c->columns_n, x->text);
		known += at[x->column] != NULL;
	}
	if (known * 2 <= l->c->columns_n)
		return false;
	l->at = at;
	l->known = known;
	return l->headed = true;
}

static enum rc on_row(void *user, const struct sheet_row *row, struct err *err)
{
	struct line *l = user;
	(void)err;
	if (!l->headed) {
		header(l, row);
		return RC_OK;
	}
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *x = &row->cells[i];
		const struct field *f = x->column < COLUMNS_MAX * 2 ? l->at[x->column] : NULL;
		str words = f ? cell_words(l->a, x) : STR("");
		if (words.n) {
			l->texts[f->at] = words;
			l->filled = true;
		}
	}
	return l->filled ? RC_FOUND : RC_OK;
}

static enum rc line_read(
	struct take *t, struct sheet_book *b, const char *path, struct line *l, struct err *err)
{
	*l = (struct line){.c = t->c, .a = t->a, .texts = NEWS(t->a, t->c->columns_n + 1, str)};
	for (size_t i = 0; i < b->n && !l->filled; i++) {
		l->headed = false;
		enum rc rc = b->sheets[i].hidden ? RC_OK : sheet_rows(b, i, on_row, l, err);
		if (rc != RC_OK && rc != RC_FOUND)
			return rc;
	}
	if (l->at == NULL)
		return FAIL(err, RC_INVALID, "%s: no line has the headings of “%.*s”", path,
			STR_ARG(t->c->title));
	return l->filled
		       ? RC_OK
		       : FAIL(err, RC_INVALID,
				 "%s: no row is filled in; a unit with nothing to tell says so (nil)", path);
}

/* "qinghe:collection=3;org=B001" */
static enum rc sender(struct take *t, struct sheet_book *b, const char *path, int64_t *out, struct err *err)
{
	str marker, rest;
	TRY(sheet_marker(b, t->a, &marker, err));
	str head = str_cut(marker, ';', &rest);
	if (marker.n && !str_eq(head, arena_fmt(t->a, "qinghe:collection=%lld", (long long)t->c->id)))
		return FAIL(err, RC_INVALID, "%s: this form belongs to something else than “%.*s”", path,
			STR_ARG(t->c->title));
	*out = t->only ? t->only->org : 0;
	if (str_starts(rest, STR("org=")) && rest.n > 4) {
		int64_t org;
		TRY(resolve_row(t->db, t->city, model_reg(t->city->model, STR("org")), t->c->org,
			str_from(rest, 4), &org, err));
		if (t->only && org != t->only->org)
			return FAIL(err, RC_DENIED, "%s: this form was made for another unit", path);
		*out = org;
	}
	for (size_t i = 0; i < t->c->units_n; i++)
		if (t->c->units[i].org == *out)
			return RC_OK;
	return FAIL(err, RC_INVALID,
		"%s: which unit sent it? It was not made from the form of this collection", path);
}

static enum rc answer_of(
	struct take *t, struct sheet_book *b, const char *path, struct import_outcome *o, struct err *err)
{
	struct line l;
	struct value *values;
	size_t at;
	TRY(sender(t, b, path, &o->sender, err));
	TRY(line_read(t, b, path, &l, err));
	TRY(columns_answer(t->a, t->c->columns, t->c->columns_n, l.texts, &values, &at, err));
	o->counts.rows = 1;
	return answered(t, o->sender,
		&(struct collect_answer){.rows_n = 1,
			.import_no = -1,
			.answers = columns_pack(t->a, t->c->columns, t->c->columns_n, values)},
		err);
}

static enum rc columns_of(
	struct take *t, const char *path, str bytes, struct import_outcome *o, struct err *err)
{
	struct sheet_book *b;
	TRY(sheet_open_boxed(t->a, path, bytes, &b, err));
	enum rc rc = answer_of(t, b, path, o, err);
	sheet_close(b);
	return rc;
}

/* ---- files ---- */

static enum rc one(struct take *t, const char *path, str bytes, struct err *err)
{
	t->files = arena_grow(t->a, t->files, t->n, &t->cap, sizeof *t->files);
	struct import_outcome *o = &t->files[t->n++];
	*o = (struct import_outcome){.file = str_of(path)};
	enum rc rc =
		t->q.reg ? rows_of(t, path, bytes, o, &o->fault) : columns_of(t, path, bytes, o, &o->fault);
	if (rc == RC_IO || rc == RC_UNKNOWN || (rc == RC_DENIED && t->only == NULL)) {
		if (err)
			*err = o->fault;
		return rc;
	}
	return RC_OK;
}

static enum rc member(void *user, str name, str bytes, struct err *err)
{
	struct take *t = user;
	return one(t, arena_printf(t->a, "%s:%.*s", t->archive, STR_ARG(name)), bytes, err);
}

/* The box opens archives by their path. */
static enum rc unpack(struct take *t, const char *path, str bytes, struct err *err)
{
	char copy[] = "/dev/shm/qinghe-take-XXXXXX";
	t->archive = path;
	if (bytes.p == NULL)
		return foreign_unzip(t->a, path, ENDINGS, member, t, err);
	int fd = mkstemp(copy);
	if (fd < 0)
		return FAIL(err, RC_IO, "there is no room for the file: %s", "/dev/shm");
	ssize_t n = write(fd, bytes.p, bytes.n);
	close(fd);
	enum rc rc = n == (ssize_t)bytes.n
			     ? foreign_unzip(t->a, copy, ENDINGS, member, t, err)
			     : FAIL(err, RC_IO, "there is no room for the file: %s", "/dev/shm");
	unlink(copy);
	return rc;
}

enum rc take_file(struct take *t, const char *path, str bytes, struct err *err)
{
	if (!str_ends(str_of(path), STR(".zip")))
		return one(t, path, bytes, err);
	enum rc rc = unpack(t, path, bytes, err);
	return rc == RC_FOUND ? one(t, path, bytes, err) : rc;
}

enum rc take_begin(struct take *t, struct err *err)
{
	int64_t *senders = NEWS(t->a, t->c->units_n + 1, int64_t);
	t->q = (struct import_request){.reg = model_reg(t->city->model, t->c->into)};
	if (t->q.reg == NULL && t->c->columns_n == 0)
		return FAIL(err, RC_INVALID, "“%.*s” asks for nothing that a sheet could hold",
			STR_ARG(t->c->title));
	if (!str_is(t->c->state, "issued"))
		return FAIL(err, RC_CONFLICT, "“%.*s” is not open: issue it first", STR_ARG(t->c->title));
	for (size_t i = 0; i < t->c->units_n; i++)
		senders[i] = t->c->units[i].org;
	if (t->only) {
		t->q.org = t->only->org;
		senders[0] = t->only->org;
	}
	t->q.senders = senders;
	t->q.senders_n = t->only ? 1 : t->c->units_n;
	return RC_OK;
}
