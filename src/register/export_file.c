/* export_file.c -- see export_file.h. A row at a time; labels of rows that others refer to are kept once read. */
#include "register/export_file.h"
#include "base/date.h"
#include "format/csv.h"
#include "format/json.h"
#include "format/xlsx_write.h"
#include "register/permit.h"
#include "register/read_log.h"
#include "register/record_json.h"
#include <errno.h>
#include <stdio.h>

enum { SYSTEM_SHOWN = 4, FLUSH_BYTES = 1 << 20, SHOW_EVERY = 1000 };

struct out {
	struct reader *r;
	const struct reg *reg;
	const struct reg *org;
	enum export_kind kind;
	struct arena *kept; /* the labels; as long as the export */
	struct arena row;
	struct map labels; /* "register:id" -> str */
	FILE *file;
	struct buf b;
	struct csv_writer csv;
	struct json json;
	struct xlsx_writer *xlsx;
	int64_t rows;
	void (*shown)(void *user, int64_t rows);
	void *user;
	bool broken;
};

enum rc export_kind_of(const char *path, enum export_kind *out, struct err *err)
{
	static const struct {
		const char *end;
		enum export_kind kind;
	} ends[] = {{".xlsx", EXPORT_XLSX}, {".csv", EXPORT_CSV}, {".json", EXPORT_JSON},
		{".ndjson", EXPORT_NDJSON}};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (str_ends(str_of(path), str_of(ends[i].end))) {
			*out = ends[i].kind;
			return RC_OK;
		}
	return FAIL(err, RC_INVALID, "%s: the name ends in .xlsx, .csv, .json or .ndjson", path);
}

static const struct reg *target(const struct out *o, const struct field *f)
{
	if (f->type == T_PERSON)
		return model_reg(o->r->city->model, STR("person"));
	if (f->type == T_ORG)
		return o->org;
	return f->type == T_REF ? f->to_reg : NULL;
}

static str label(struct out *o, const struct reg *reg, int64_t id)
{
	str key = arena_fmt(&o->row, "%.*s:%lld", STR_ARG(reg->id), (long long)id);
	str *known = map_get(&o->labels, key);
	if (known == NULL) {
		struct arena *request = o->r->a;
		known = NEW(o->kept, str);
		o->r->a = &o->row;
		*known = arena_str(o->kept, record_label(o->r, reg, id));
		o->r->a = request;
		map_put(&o->labels, arena_str(o->kept, key), known);
	}
	return *known;
}

static str org_code(struct out *o, int64_t id)
{
	struct record *rec;
	const struct field *f = reg_field(o->org, STR("code"));
	str key = arena_fmt(&o->row, "code:%lld", (long long)id);
	str *known = map_get(&o->labels, key);
	if (known == NULL) {
		struct arena *request = o->r->a;
		known = NEW(o->kept, str);
		o->r->a = &o->row;
		if (f && record_get(o->r, o->org, id, &rec, NULL) == RC_OK)
			*known = arena_str(o->kept, rec->values[f->at].t);
		o->r->a = request;
		map_put(&o->labels, arena_str(o->kept, key), known);
	}
	return *known;
}

static str cell(struct out *o, const struct record *rec, const struct field *f)
{
	const struct value *v = &rec->values[f->at];
	const struct reg *to = target(o, f);
	if (record_hides(rec, f))
		return STR("***");
	return to && v->kind == V_INT ? label(o, to, v->i) : value_plain(&o->row, f, v);
}

static bool is_number(const struct field *f)
{
	return f->type == T_INTEGER || f->type == T_COUNT || f->type == T_MONEY || f->type == T_DECIMAL;
}

static void head(struct out *o, str *titles)
{
	static const char *const system[SYSTEM_SHOWN] = {N_("no."), N_("unit code"), N_("unit"), N_("state")};
	for (int i = 0; i < SYSTEM_SHOWN; i++)
		titles[i] = str_of(tr(system[i]));
	for (size_t i = 0; i < o->reg->fields_n; i++)
		titles[SYSTEM_SHOWN + i] = label_text(&o->reg->fields[i].label);
}

static void texts(struct out *o, const struct record *rec, str *cells)
{
	const struct state *s = reg_state(o->reg, rec->state);
	cells[0] = arena_fmt(&o->row, "%lld", (long long)rec->id);
	cells[1] = org_code(o, rec->org);
	cells[2] = label(o, o->org, rec->org);
	cells[3] = s ? label_text(&s->label) : rec->state;
	for (size_t i = 0; i < o->reg->fields_n; i++)
		cells[SYSTEM_SHOWN + i] = cell(o, rec, &o->reg->fields[i]);
}

static void flush(struct out *o, size_t at_least)
{
	if (o->file == NULL || o->b.n < at_least)
		return;
	o->broken |= !buf_ok(&o->b) || fwrite(o->b.p, 1, o->b.n, o->file) != o->b.n;
	buf_clear(&o->b);
}

static void row_csv(struct out *o, const struct record *rec)
{
	size_t n = SYSTEM_SHOWN + o->reg->fields_n;
	str *cells = NEWS(&o->row, n, str);
	texts(o, rec, cells);
	for (size_t i = 0; i < n; i++) {
		bool plain = i == 0 || (i >= SYSTEM_SHOWN && is_number(&o->reg->fields[i - SYSTEM_SHOWN]));
		(plain ? csv_plain : csv_text)(&o->csv, cells[i]);
	}
	csv_end(&o->csv);
}

static double as_double(str s)
{
	int64_t whole = 0, part = 0, unit = 1;
	str rest, head_part = str_cut(s, '.', &rest);
	bool minus = str_starts(head_part, STR("-"));
	if (!str_i64(head_part, &whole))
		return 0;
	if (rest.n && str_i64(rest, &part))
		for (size_t i = 0; i < rest.n; i++)
			unit *= 10;
	double d = (double)part / (double)unit;
	return minus ? (double)whole - d : (double)whole + d;
}

static void row_xlsx(struct out *o, const struct record *rec)
{
	size_t n = SYSTEM_SHOWN + o->reg->fields_n, k = 0;
	str *text = NEWS(&o->row, n, str);
	struct cell *cells = NEWS(&o->row, n, struct cell);
	texts(o, rec, text);
	for (size_t i = 0; i < n; i++) {
		const struct field *f = i < SYSTEM_SHOWN ? NULL : &o->reg->fields[i - SYSTEM_SHOWN];
		int32_t day;
		if (text[i].n == 0)
			continue;
		cells[k] = (struct cell){.kind = CELL_TEXT,
			.column = (uint32_t)i + 1,
			.text = text[i],
			.day = DATE_NONE,
			.ms = -1};
		if (i == 0 || (f && is_number(f))) {
			cells[k].kind = CELL_NUMBER;
			cells[k].number = as_double(text[i]);
		} else if (f && f->type == T_DATE && date_parse(text[i], &day)) {
			cells[k].kind = CELL_DATE;
			cells[k].day = day;
		}
		k++;
	}
	xlsx_write_row(o->xlsx, cells, k);
}

static void row_json(struct out *o, const struct record *rec)
{
	struct json *j = &o->json;
	struct buf one = {0};
	if (o->kind == EXPORT_NDJSON)
		json_init(j, &o->b);
	/* The plain row, then what names its references. */
	struct json inner;
	json_init(&inner, &one);
	record_json(&inner, rec);
	struct json more = {&one, true};
	one.n--; /* the closing brace */
	json_put_str(&more, "org_code", org_code(o, rec->org));
	for (size_t i = 0; i < o->reg->fields_n; i++) {
		const struct field *f = &o->reg->fields[i];
		const struct reg *to = target(o, f);
		if (to && rec->values[i].kind == V_INT) {
			json_key_str(&more, arena_fmt(&o->row, "%.*s_label", STR_ARG(f->id)));
			json_str(&more, label(o, to, rec->values[i].i));
		}
	}
	buf_putc(&one, '}');
	json_raw(j, buf_str(&one));
	if (o->kind == EXPORT_NDJSON)
		buf_putc(&o->b, '\n');
	buf_done(&one);
}

static bool visit(void *user, const struct record *rec)
{
	struct out *o = user;
	if (o->kind == EXPORT_XLSX)
		row_xlsx(o, rec);
	else if (o->kind == EXPORT_CSV)
		row_csv(o, rec);
	else
		row_json(o, rec);
	flush(o, FLUSH_BYTES);
	arena_reset(&o->row);
	if (++o->rows % SHOW_EVERY == 0 && o->shown)
		o->shown(o->user, o->rows);
	return !o->broken;
}

static enum rc begin(struct out *o, const char *path, struct err *err)
{
	size_t n = SYSTEM_SHOWN + o->reg->fields_n;
	str *titles = NEWS(o->kept, n, str);
	head(o, titles);
	if (o->kind == EXPORT_XLSX) {
		struct xlsx_column *columns = NEWS(o->kept, n, struct xlsx_column);
		TRY(xlsx_write_open(o->kept, path, &o->xlsx, err));
		for (size_t i = 0; i < n; i++) {
			const struct field *f = i < SYSTEM_SHOWN ? NULL : &o->reg->fields[i - SYSTEM_SHOWN];
			enum xlsx_kind kind = f && f->type == T_DATE ? XLSX_DATE
					      : f && is_number(f)    ? XLSX_DECIMAL
								     : XLSX_TEXT;
			if (i == 0 || (f && (f->type == T_INTEGER || f->type == T_COUNT)))
				kind = XLSX_INTEGER;
			columns[i] = (struct xlsx_column){.title = titles[i], .kind = kind};
		}
		xlsx_write_sheet(o->xlsx, label_text(&o->reg->label), columns, n);
		return RC_OK;
	}
	o->file = fopen(path, "wb");
	if (o->file == NULL)
		return FAIL(err, RC_IO, "%s cannot be written: %s", path, strerror(errno));
	json_init(&o->json, &o->b);
	if (o->kind == EXPORT_JSON)
		json_array(&o->json);
	if (o->kind == EXPORT_CSV) {
		csv_begin(&o->csv, &o->b);
		for (size_t i = 0; i < n; i++)
			csv_text(&o->csv, titles[i]);
		csv_end(&o->csv);
	}
	return RC_OK;
}

static enum rc end(struct out *o, const char *path, enum rc rc, struct err *err)
{
	if (o->xlsx && rc == RC_OK)
		rc = xlsx_write_close(o->xlsx, err);
	else if (o->xlsx)
		xlsx_write_cancel(o->xlsx);
	if (o->file == NULL)
		return rc;
	if (o->kind == EXPORT_JSON) {
		json_array_end(&o->json);
		buf_putc(&o->b, '\n');
	}
	flush(o, 0);
	o->broken |= fclose(o->file) != 0;
	if (rc == RC_OK && o->broken)
		rc = FAIL(err, RC_IO, "%s could not be written to its end", path);
	return rc;
}

enum rc export_file(struct reader *r, const struct record_query *q, const char *path, enum export_kind kind,
	void (*shown)(void *user, int64_t rows), void *user, int64_t *out_rows, struct err *err)
{
	struct out o = {.r = r,
		.reg = q->reg,
		.org = model_reg(r->city->model, STR("org")),
		.kind = kind,
		.kept = r->a,
		.shown = shown,
		.user = user};
	buf_init(&o.b, 0);
	enum rc rc = begin(&o, path, err);
	if (rc == RC_OK)
		rc = record_each(r, q, visit, &o, err);
	rc = end(&o, path, rc, err);
	*out_rows = o.rows;
	map_done(&o.labels);
	buf_done(&o.b);
	arena_done(&o.row);
	return rc;
}

/* ---- may it leave? ---- */

struct leaving {
	struct reader *r;
	int64_t closed; /* the first row that no authorisation lets out; 0: none */
	bool people;
};

static bool look(void *user, const struct record *rec)
{
	struct leaving *x = user;
	struct basis b;
	if (x->closed == 0 && rec->reg->sensitivity >= SENS_MINOR &&
		permit_basis(x->r->tree, &x->r->actor, rec, &b) && b.kind >= BASIS_AUTHORISATION &&
		!b.may_export)
		x->closed = rec->id;
	for (size_t i = 0; x->people && i < rec->reg->fields_n; i++)
		if (rec->reg->fields[i].type == T_PERSON && rec->values[i].kind == V_INT)
			(void)record_label(
				x->r, model_reg(x->r->city->model, STR("person")), rec->values[i].i);
	return true;
}

enum rc export_may_leave(struct reader *r, const struct record_query *q, struct err *err)
{
	struct leaving x = {.r = r};
	if (actor_is_operator(&r->actor)) {
		struct basis all = {.kind = BASIS_OPERATOR};
		read_log_row(r->log, q->reg, 0, &all);
		return RC_OK;
	}
	for (size_t i = 0; i < q->reg->fields_n; i++)
		x.people = x.people || q->reg->fields[i].type == T_PERSON;
	if (q->reg->sensitivity >= SENS_MINOR || x.people)
		TRY(record_each(r, q, look, &x, err));
	return x.closed
		       ? FAIL(err, RC_DENIED,
				 "an authorisation opens these rows for reading, not for a file: ask for one "
				 "with export")
		       : RC_OK;
}
