/* import_file.c -- see import_file.h. Reading passes over a sheet: one over its first rows for the header, one over all
 * for the data, so that memory holds one slice. */
#include "intake/import_file.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "format/csv.h"
#include "intake/chat_list.h"
#include "intake/import_cells.h"
#include "intake/import_preview.h"
#include "register/change.h"
#include "register/narrow.h"
#include "register/row.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { HEAD_CELLS = IMPORT_COLUMNS_MAX, DAYS_1904 = 1462 /* between the two day numberings */ };

struct head_row {
	uint32_t number;
	str cells[HEAD_CELLS];
	size_t n;
};

/* The first rows of a sheet, and where its header stands. */
struct head {
	struct arena *a;
	struct head_row *rows;
	size_t n;
	uint32_t header_last; /* last row of the header; 0: none found */
	size_t score;
	str cells[HEAD_CELLS];
	size_t cells_n;
	str sender;            /* 填报单位 above or the template's mark */
	struct totals *totals; /* the header is one of totals; NULL: of the register's fields */
	const struct profile *profile;
	struct chat_list *chat; /* it is a list out of a chat, without a header */
};

static enum rc gather_head(void *user, const struct sheet_row *row, struct err *err)
{
	struct head *h = user;
	(void)err;
	struct head_row *out = &h->rows[h->n++];
	out->number = row->number;
	for (size_t i = 0; i < row->n; i++) {
		const char *fault;
		uint32_t c = row->cells[i].column;
		if (c > HEAD_CELLS)
			break;
		out->cells[c - 1] = cell_as_text(h->a, &row->cells[i], false, &fault);
		out->n = c;
	}
	return h->n == IMPORT_HEADER_SEARCH_ROWS ? RC_FOUND : RC_OK;
}

/* A lower header row wins where its word is known; the upper one holds elsewhere (joined cells). */
static size_t join(struct head *h, const struct import_request *q, size_t upper, str *out, size_t *out_n)
{
	const struct head_row *u = &h->rows[upper], *l = &h->rows[upper + 1];
	*out_n = u->n > l->n ? u->n : l->n;
	for (size_t i = 0; i < *out_n; i++) {
		bool known =
			i < l->n && str_trim(l->cells[i]).n &&
			import_column(h->a, q->reg, l->cells[i], q->wishes, q->wishes_n).kind != COL_NONE;
		out[i] = known || i >= u->n ? l->cells[i] : u->cells[i];
	}
	return import_header_score(h->a, q->reg, out, *out_n, q->wishes, q->wishes_n);
}

/* The header as a person has pointed it out, whatever it knows. */
static void header_chosen(struct head *h, const struct import_request *q)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct head_row *r = &h->rows[i];
		if (r->number != q->header_row)
			continue;
		h->score = 1 + import_header_score(h->a, q->reg, r->cells, r->n, q->wishes, q->wishes_n);
		h->header_last = r->number;
		h->cells_n = r->n;
		memcpy(h->cells, r->cells, sizeof h->cells);
	}
}

static void find_header(struct head *h, const struct import_request *q)
{
	size_t best = 0;
	for (size_t i = 0; i < h->n; i++) {
		const struct head_row *r = &h->rows[i];
		size_t score = import_header_score(h->a, q->reg, r->cells, r->n, q->wishes, q->wishes_n);
		if (score <= h->score)
			continue;
		h->score = score;
		best = i;
		h->header_last = r->number;
		h->cells_n = r->n;
		memcpy(h->cells, r->cells, sizeof h->cells);
	}
	if (h->score == 0)
		return;
	for (size_t upper = best ? best - 1 : 0; upper <= best && upper + 1 < h->n; upper++) {
		str cells[HEAD_CELLS] = {{NULL, 0}};
		size_t n, score = join(h, q, upper, cells, &n);
		if (score <= h->score || h->rows[upper + 1].number != h->rows[upper].number + 1)
			continue;
		h->score = score;
		h->header_last = h->rows[upper + 1].number;
		h->cells_n = n;
		memcpy(h->cells, cells, sizeof h->cells);
	}
	for (size_t i = 0; i < h->n && h->rows[i].number < h->header_last; i++)
		import_row_kind(h->a, h->rows[i].cells, h->rows[i].n, &h->sender);
}

/* A sheet of totals: one row a unit, one column a figure. */
static void find_totals(struct head *h, const struct import_request *q, const struct model *m)
{
	struct totals *t = NEW(h->a, struct totals);
	const struct map_wish *named = q->profile && q->profile->totals ? q->profile->columns : NULL;
	size_t named_n = named ? q->profile->columns_n : 0;
	for (size_t i = 0; i < h->n; i++) {
		const struct head_row *r = &h->rows[i];
		*t = (struct totals){.model = m, .named = named, .named_n = named_n};
		size_t score = totals_head(h->a, t, r->cells, r->n);
		if (score <= h->score)
			continue;
		h->score = score;
		h->header_last = r->number;
		h->cells_n = r->n;
		memcpy(h->cells, r->cells, sizeof h->cells);
		h->totals = t;
	}
	if (h->totals == NULL)
		return;
	totals_head(h->a, t, h->cells, h->cells_n);
	t->told = q->period != NULL;
	if (q->period)
		t->period = *q->period;
	for (size_t i = 0; i < h->n && h->rows[i].number < h->header_last; i++) {
		import_row_kind(h->a, h->rows[i].cells, h->rows[i].n, &h->sender);
		totals_line(h->a, t, h->rows[i].cells, h->rows[i].n);
	}
}

/* The one profile that a row of headers is of; a marked form of ours needs none. */
static const struct profile *recognise(struct head *h, const struct import_request *q)
{
	const struct profile *found = NULL;
	for (size_t i = 0; i < q->profiles_n; i++) {
		const struct profile *p = &q->profiles[i];
		bool fits = false;
		for (size_t k = 0; k < h->n && p->reg == q->reg && !fits; k++)
			fits = profile_fits(h->a, p, h->rows[k].cells, h->rows[k].n);
		if (fits && found)
			return NULL;
		found = fits ? p : found;
	}
	return found;
}

/* --map goes before the profile's columns. */
static const struct map_wish *wishes_of(
	struct arena *a, const struct import_request *q, const struct profile *p, size_t *out_n)
{
	struct map_wish *list = NEWS(a, p->columns_n + q->wishes_n + 1, struct map_wish);
	size_t n = 0;
	for (size_t i = 0; i < p->columns_n; i++) {
		bool mapped = false;
		for (size_t k = 0; k < q->wishes_n; k++)
			mapped = mapped || str_eq(narrow_label(a, q->wishes[k].header),
						   narrow_label(a, p->columns[i].header));
		if (!mapped)
			list[n++] = p->columns[i];
	}
	for (size_t k = 0; k < q->wishes_n; k++)
		list[n++] = q->wishes[k];
	*out_n = n;
	return list;
}

static enum rc read_head(struct arena *a, struct sheet_book *b, size_t sheet, const struct import_request *q,
	const struct model *m, struct head *h, struct err *err)
{
	*h = (struct head){.a = a, .rows = NEWS(a, IMPORT_HEADER_SEARCH_ROWS, struct head_row)};
	enum rc rc = sheet_rows(b, sheet, gather_head, h, err);
	if (rc != RC_OK && rc != RC_FOUND)
		return rc;
	struct import_request by_profile = *q;
	h->profile = q->profile ? q->profile : recognise(h, q);
	if (h->profile && !h->profile->totals) {
		by_profile.wishes = wishes_of(a, q, h->profile, &by_profile.wishes_n);
		by_profile.profile = h->profile;
		q = &by_profile;
	} else if (h->profile) {
		by_profile.profile = h->profile;
		q = &by_profile;
	}
	if (q->header_row)
		header_chosen(h, q);
	else
		find_header(h, q);
	if (str_is(q->reg->id, "declared_total"))
		find_totals(h, q, m);
	return RC_OK;
}

/* A form made by `qinghe template` names its unit in a mark: qinghe:register=visit;v=3;org=CODE. */
static str mark_of(const struct head *h)
{
	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < h->rows[i].n; k++) {
			str t = h->rows[i].cells[k];
			size_t at = str_find(t, STR(";org="));
			if (str_starts(t, STR("qinghe:")) && at != SIZE_MAX) {
				str rest;
				return str_cut(str_from(t, at + 5), ';', &rest);
			}
		}
	return (str){NULL, 0};
}

static enum rc sheet_stands(const struct sheet_book *b, const char *name, struct err *err)
{
	for (size_t i = 0; i < b->n; i++)
		if (str_is(b->sheets[i].name, name))
			return RC_OK;
	return FAIL(err, RC_INVALID, "the file has no sheet “%s”", name);
}

/* Pasted text without a header: a list out of a chat? */
static bool chat_list(struct head *h, const struct import_request *q, const struct sheet_book *b)
{
	str *lines = NEWS(h->a, h->n + 1, str);
	for (size_t i = 0; i < h->n; i++)
		lines[i] = chat_list_line(h->a, h->rows[i].cells, h->rows[i].n);
	if (b->format != SHEET_CSV || !chat_list_looks(h->a, lines, h->n))
		return false;
	h->chat = NEW(h->a, struct chat_list);
	*h->chat = (struct chat_list){.a = h->a, .reg = q->reg};
	return true;
}

static enum rc choose_sheet(struct arena *a, struct sheet_book *b, const struct import_request *q,
	const struct model *m, size_t *out_sheet, struct head *out, struct err *err)
{
	struct head *h = NEW(a, struct head);
	str mark = {NULL, 0}, first = {NULL, 0};
	size_t found = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct sheet_info *s = &b->sheets[i];
		if (q->sheet && !str_is(s->name, q->sheet) && !s->hidden)
			continue;
		TRY(read_head(a, b, i, q, m, h, err));
		if (mark_of(h).n)
			mark = mark_of(h);
		if ((s->hidden && !(q->sheet && str_is(s->name, q->sheet))) || h->score == 0)
			continue;
		if (found++ == 0) {
			*out = *h;
			*out_sheet = i;
			first = s->name;
		} else if (!q->first_sheet) {
			return FAIL(err, RC_INVALID,
				"two sheets fit: “%.*s” and “%.*s”; choose one by --sheet", STR_ARG(first),
				STR_ARG(s->name));
		}
	}
	if (found == 0 && q->sheet)
		TRY(sheet_stands(b, q->sheet, err));
	if (found == 0 && chat_list(h, q, b))
		*out = *h;
	else if (found == 0)
		return FAIL(err, RC_INVALID,
			"no row looks like the header of %.*s; name columns by --map 'COLUMN=FIELD'",
			STR_ARG(label_text(&q->reg->label)));
	if (mark.n)
		out->sender = mark;
	return RC_OK;
}

/* ---- rows into slices ---- */

struct run {
	struct arena *a;
	struct city *city;
	const struct actor *actor;
	const struct import_request *q;
	struct import_outcome *out;
	struct import_state state;
	struct merges merges;
	uint32_t header_last;
	struct arena slice; /* the gathered rows */
	struct import_row *rows;
	size_t n;
	str file_digest;
	bool days_1904;        /* day numbers of this file count from 1904 */
	struct totals *totals; /* NULL: rows of the register as they stand */
	struct chat_list *chat;
	struct preview preview;
	bool guarded; /* .csv: a text like a formula stands behind an apostrophe (csv.h) */
};

static enum rc slice_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct run *r = arg;
	return import_slice(c, &r->state, r->rows, r->n, err);
}

static void keep_rejects(struct run *r)
{
	const struct import_part *p = &r->state.slice;
	struct import_outcome *o = r->out;
	struct rejected_row *last = NULL;
	size_t cap = o->rejects_n;
	for (size_t i = 0; i < p->errors_n; i++) {
		const struct import_error *e = &p->errors[i];
		if (e->warning)
			continue;
		/* The column is named once, where the message does not begin with it already. */
		str reason =
			e->column.n && !str_starts(e->message, e->column)
				? arena_fmt(r->a, tr("%.*s: %.*s"), STR_ARG(e->column), STR_ARG(e->message))
				: e->message;
		if (last && last->row == e->row) {
			last->reasons =
				arena_fmt(r->a, "%.*s；%.*s", STR_ARG(last->reasons), STR_ARG(reason));
			continue;
		}
		for (size_t k = 0; k < r->n; k++) {
			if (r->rows[k].row != e->row)
				continue;
			o->rejects = arena_grow(r->a, o->rejects, o->rejects_n, &cap, sizeof *o->rejects);
			str *cells = NEWS(r->a, r->rows[k].n + 1, str);
			for (size_t x = 0; x < r->rows[k].n; x++)
				cells[x] = arena_str(r->a, r->rows[k].cells[x]);
			last = &o->rejects[o->rejects_n++];
			*last = (struct rejected_row){e->row, cells, r->rows[k].n, reason};
			break;
		}
	}
}

static enum rc flush(struct run *r, struct err *err)
{
	struct arena a = {0};
	if (r->n == 0)
		return RC_OK;
	enum rc rc = r->q->dry_run ? city_run_dry(r->city, r->actor, &a, slice_job, r, err)
				   : city_run(r->city, r->actor, &a, (str){NULL, 0}, slice_job, r, err);
	arena_done(&a);
	if (rc != RC_OK)
		return rc;
	if (r->q->keep_rejects &&
		r->totals == NULL) /* one row of totals is several here: mend the sheet itself */
		keep_rejects(r);
	import_slice_done(&r->state);
	size_t columns = r->state.map->n;
	str *above = NEWS(r->a, columns + 1, str);
	for (size_t i = 0; i < columns; i++)
		above[i] = arena_str(r->a, import_above(&r->state, r->rows, r->rows + r->n, i));
	r->state.above = above;
	r->state.above_n = columns;
	r->n = 0;
	arena_reset(&r->slice);
	r->rows = NEWS(&r->slice, IMPORT_SLICE_ROWS, struct import_row);
	if (r->q->preview_max && r->totals == NULL)
		preview_settle(&r->preview, r->state.all.errors, r->state.all.errors_n);
	if (r->q->shown)
		r->q->shown(r->q->shown_user, r->state.all.counts.rows);
	return RC_OK;
}

static bool holds_ids(const struct column *c)
{
	return c->kind == COL_PERSON_ID ||
	       (c->field && c->kind == COL_FIELD && c->field->type == T_CITIZEN_ID);
}

static bool holds_dates(const struct column *c)
{
	return c->kind == COL_PERSON_BIRTH ||
	       (c->kind == COL_FIELD &&
		       (c->field->type == T_DATE || c->field->type == T_MONTH || c->field->type == T_TIME));
}

/* Cells that were put right by hand. */
static void mend(const struct run *r, str *cells, struct import_row *out)
{
	for (size_t i = 0; i < r->q->mends_n; i++) {
		const struct import_mend *m = &r->q->mends[i];
		if (m->row != out->row || m->column >= out->n)
			continue;
		cells[m->column] = m->text;
		if (out->fault && out->fault_column == m->column)
			out->fault = NULL;
	}
}

/* A sheet's row as texts in `out`, merged ranges filled. */
static void gather(struct run *r, const struct sheet_row *row, size_t n, struct import_row *out)
{
	str *cells = NEWS(&r->slice, n + 1, str);
	*out = (struct import_row){.row = row->number, .cells = cells, .n = n};
	for (size_t i = 0; i < row->n && row->cells[i].column <= n; i++) {
		const char *fault;
		size_t at = row->cells[i].column - 1;
		const struct column *col = r->totals ? NULL : &r->state.map->columns[at];
		struct cell c = row->cells[i];
		if (col && r->days_1904 && c.kind == CELL_NUMBER && holds_dates(col))
			c.number += DAYS_1904;
		if (r->guarded)
			c.text = csv_unguard(c.text);
		cells[at] = cell_as_text(&r->slice, &c, col && holds_ids(col), &fault);
		if (fault && out->fault == NULL) {
			out->fault = fault;
			out->fault_column = at;
		}
	}
	merges_fill(&r->slice, &r->merges, row->number, cells, n);
	mend(r, cells, out);
}

static enum rc take_row(void *user, const struct sheet_row *row, struct err *err)
{
	struct run *r = user;
	if (row->number <= r->header_last)
		return RC_OK;
	struct import_row *out = &r->rows[r->n];
	gather(r, row, r->state.map->n, out);
	str unit = {NULL, 0};
	if (import_row_kind(&r->slice, out->cells, out->n, &unit) != ROW_DATA)
		return RC_OK;
	if (r->out->profile && !profile_row(&r->slice, r->out->profile, r->state.map, out))
		return RC_OK;
	r->out->hidden_rows += row->hidden;
	return ++r->n == IMPORT_SLICE_ROWS ? flush(r, err) : RC_OK;
}

static enum rc take_totals(void *user, const struct sheet_row *row, struct err *err)
{
	struct run *r = user;
	const struct totals *t = r->totals;
	struct import_row wide;
	str unit = {NULL, 0};
	if (row->number <= r->header_last)
		return RC_OK;
	gather(r, row, t->n, &wide);
	if (import_row_kind(&r->slice, wide.cells, wide.n, &unit) != ROW_DATA)
		return RC_OK;
	if (r->out->profile && !profile_row(&r->slice, r->out->profile, &(struct import_map){0}, &wide))
		return RC_OK;
	r->out->hidden_rows += row->hidden;
	for (size_t i = 0; i < t->n; i++) {
		str *cells = NEWS(&r->slice, TOTALS_CELLS, str);
		if (!totals_cell(&r->slice, t, wide.cells, i, cells))
			continue;
		struct import_row *out = &r->rows[r->n];
		*out = (struct import_row){.row = row->number, .cells = cells, .n = TOTALS_CELLS};
		if (wide.fault && wide.fault_column == i) {
			out->fault = wide.fault;
			out->fault_column = TOTALS_VALUE;
		}
		if (++r->n < IMPORT_SLICE_ROWS)
			continue;
		/* The slice's memory goes with it: the row is gathered again. */
		TRY(flush(r, err));
		gather(r, row, t->n, &wide);
	}
	return RC_OK;
}

static str line_of(struct arena *a, const struct sheet_row *row)
{
	const char *fault;
	str *cells = NEWS(a, row->n + 1, str);
	for (size_t i = 0; i < row->n; i++)
		cells[i] = cell_as_text(a, &row->cells[i], false, &fault);
	return chat_list_line(a, cells, row->n);
}

static enum rc learn_line(void *user, const struct sheet_row *row, struct err *err)
{
	struct run *r = user;
	(void)err;
	chat_list_learn(r->chat, line_of(r->a, row));
	return RC_OK;
}

static enum rc take_line(void *user, const struct sheet_row *row, struct err *err)
{
	struct run *r = user;
	struct import_row *out = &r->rows[r->n];
	str *cells = NEWS(&r->slice, r->chat->n + 1, str);
	if (!chat_list_row(&r->slice, r->chat, line_of(&r->slice, row), cells))
		return RC_OK;
	*out = (struct import_row){.row = row->number, .cells = cells, .n = r->chat->n};
	mend(r, cells, out);
	return ++r->n == IMPORT_SLICE_ROWS ? flush(r, err) : RC_OK;
}

struct end_args {
	struct run *r;
	bool begin;
};

static enum rc frame_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct end_args *x = arg;
	struct run *r = x->r;
	str bytes = {NULL, 0};
	if (!x->begin)
		return import_end(c, r->state.import_id, &r->state.all.counts, err);
	char *raw = arena_alloc(c->a, HASH_BYTES);
	if (hex_parse(r->file_digest, raw, HASH_BYTES))
		bytes = (str){raw, HASH_BYTES};
	return import_begin(c, r->q->reg, r->out->file, bytes, r->state.org, &r->state.import_id, err);
}

static enum rc frame(struct run *r, bool begin, struct err *err)
{
	struct arena a = {0};
	struct end_args x = {r, begin};
	enum rc rc =
		r->q->dry_run ? RC_OK : city_run(r->city, r->actor, &a, (str){NULL, 0}, frame_job, &x, err);
	arena_done(&a);
	return rc;
}

static enum rc import_rows(struct run *r, struct sheet_book *b, size_t sheet, struct err *err)
{
	TRY(merges_load(r->a, b, sheet, &r->merges, err));
	TRY(frame(r, true, err));
	r->rows = NEWS(&r->slice, IMPORT_SLICE_ROWS, struct import_row);
	sheet_row_fn *take = r->totals ? take_totals : r->chat ? take_line : take_row;
	enum rc rc = sheet_rows(b, sheet, take, r, err);
	if (rc == RC_OK)
		rc = flush(r, err);
	if (rc == RC_OK)
		rc = frame(r, false, err);
	return rc;
}

static void tell_ignored(struct arena *a, struct import_outcome *o)
{
	for (size_t i = 0; i < o->map.n; i++)
		if (o->map.columns[i].kind == COL_NONE && o->map.columns[i].header.n)
			o->ignored = arena_fmt(a, "%.*s%s%.*s", STR_ARG(o->ignored), o->ignored.n ? "、" : "",
				STR_ARG(o->map.columns[i].header));
}

static str base_name(str path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return str_from(path, i);
	return path;
}

static enum rc owner_code(struct run *r, struct err *err)
{
	const struct reg *org = model_reg(r->city->model, STR("org"));
	const struct field *code = reg_field(org, STR("code"));
	struct record *unit;
	if (r->state.org == 0 || code == NULL)
		return RC_OK;
	TRY(row_get(r->a, r->q->db, r->city, org, r->state.org, &unit, err));
	r->out->owner_code = unit->values[code->at].t;
	return RC_OK;
}

static enum rc sender_asked(const struct import_request *q, int64_t sender, struct err *err)
{
	if (q->senders == NULL || (sender == 0 && q->org)) /* the caller says whose it is */
		return RC_OK;
	for (size_t i = 0; i < q->senders_n; i++)
		if (q->senders[i] == sender)
			return RC_OK;
	return sender ? FAIL(err, RC_INVALID, "its unit is not among those asked")
		      : FAIL(err, RC_INVALID,
				"it does not tell its unit: use the form sent out, or a line 填报单位：X "
				"above the "
				"header");
}

static enum rc import_book(struct run *r, struct sheet_book *b, struct err *err)
{
	struct import_outcome *o = r->out;
	struct head *h = NEW(r->a, struct head);
	size_t sheet = 0;
	TRY(choose_sheet(r->a, b, r->q, r->city->model, &sheet, h, err));
	o->sheet = b->sheets[sheet].name;
	r->totals = h->totals;
	r->chat = h->chat;
	if (r->chat) {
		TRY(sheet_rows(b, sheet, learn_line, r, err));
		chat_list_begin(r->chat);
		memcpy(h->cells, r->chat->headers, sizeof r->chat->headers);
		h->cells_n = r->chat->n;
		h->sender = r->chat->sender;
	}
	if (h->totals && !h->totals->told)
		return FAIL(err, RC_INVALID,
			"totals of which time? say so by --year or --period, or in a line above the header");
	if (h->totals) {
		h->totals->source = base_name(o->file);
		import_map_make(r->a, r->q->reg, totals_header, TOTALS_CELLS, NULL, 0, &o->map);
	} else {
		size_t n = r->q->wishes_n;
		const struct map_wish *wishes =
			h->profile ? wishes_of(r->a, r->q, h->profile, &n) : r->q->wishes;
		import_map_make(r->a, r->q->reg, h->cells, h->cells_n, wishes, n, &o->map);
		if (h->profile)
			profile_skip(r->a, h->profile, &o->map);
	}
	o->profile = h->profile;
	if (h->profile)
		r->state.source = h->profile->source;
	tell_ignored(r->a, o);
	if (h->sender.n)
		TRY(resolve_row(r->q->db, r->city, model_reg(r->city->model, STR("org")), 0, h->sender,
			&o->sender, err));
	TRY(sender_asked(r->q, o->sender, err));
	r->state.map = r->preview.map = &o->map;
	r->state.org = r->q->org ? r->q->org : o->sender;
	TRY(owner_code(r, err));
	r->header_last = o->header_row = h->header_last;
	r->days_1904 = b->date_base == 1904;
	r->guarded = b->format == SHEET_CSV;
	return import_rows(r, b, sheet, err);
}

static void sheets_told(struct run *r, const struct sheet_book *b)
{
	struct import_sheet *list = NEWS(r->a, b->n + 1, struct import_sheet);
	for (size_t i = 0; i < b->n; i++)
		list[i] = (struct import_sheet){arena_str(r->a, b->sheets[i].name), b->sheets[i].hidden};
	r->out->sheets = list;
	r->out->sheets_n = b->n;
	r->out->encoding = b->format == SHEET_CSV ? charset_name(b->charset) : NULL;
}

/* SHA-256 of what will be read, in hex; a file piece by piece. */
static enum rc digest_of(struct arena *a, const struct import_request *q, str *out, struct err *err)
{
	struct hash d = hash_sha256(q->bytes);
	if (q->bytes.p == NULL)
		TRY(file_digest(q->path, &d, err));
	*out = hex_str(a, d.b, HASH_BYTES);
	return RC_OK;
}

enum rc import_file(struct arena *a, struct city *city, const struct actor *actor,
	const struct import_request *q, struct import_outcome *out, struct err *err)
{
	struct sheet_book *b;
	struct run r = {.a = a, .city = city, .actor = actor, .q = q, .out = out};
	*out = (struct import_outcome){.file = str_of(q->path)};
	enum rc rc = digest_of(a, q, &r.file_digest, err);
	if (rc != RC_OK)
		return err_at(err, rc, "%s", q->path);
	TRY(sheet_open_boxed(a, q->path, q->bytes, &b, err));
	r.state = (struct import_state){.a = a, .overwrite = q->overwrite, .dry_run = q->dry_run};
	r.preview = (struct preview){.a = a, .city = city, .max = q->preview_max};
	if (q->preview_max) {
		r.state.told = preview_told;
		r.state.told_user = &r.preview;
	}
	sheets_told(&r, b);
	rc = import_book(&r, b, err);
	out->previews = preview_list(&r.preview, &out->previews_n);
	sheet_close(b);
	out->counts = r.state.all.counts;
	out->errors = r.state.all.errors;
	out->errors_n = r.state.all.errors_n;
	out->import_id = r.state.import_id;
	import_state_done(&r.state);
	arena_done(&r.slice);
	return rc == RC_OK ? RC_OK : err_at(err, rc, "%s", q->path);
}
