/* import_rejects.c -- the rejected rows as a sheet that can be corrected and imported again (import_file.h). */
#include "format/xlsx_write.h"
#include "intake/import_file.h"

static enum xlsx_kind kind_of(const struct column *c)
{
	bool digits = c->kind == COL_PERSON_ID || c->kind == COL_PERSON_PHONE ||
		      (c->field && (c->field->type == T_CITIZEN_ID || c->field->type == T_PHONE));
	return digits ? XLSX_DIGITS : XLSX_TEXT;
}

/* Rows whose owner stood outside the table (填报单位, --org) get it as a column, or the corrected sheet would lose it. */
static bool lacks_owner(const struct import_outcome *o)
{
	for (size_t i = 0; i < o->map.n; i++)
		if (o->map.columns[i].kind == COL_ORG)
			return false;
	return o->owner_code.n > 0;
}

static void row(struct arena *a, struct xlsx_writer *w, const struct import_outcome *o,
	const struct rejected_row *r, bool owner)
{
	size_t n = o->map.n, k = 0;
	struct cell *cells = NEWS(a, n + 2, struct cell);
	for (size_t i = 0; i < r->n && i < n; i++)
		if (r->cells[i].n)
			cells[k++] = (struct cell){
				.kind = CELL_TEXT, .column = (uint32_t)i + 1, .text = r->cells[i]};
	if (owner)
		cells[k++] =
			(struct cell){.kind = CELL_TEXT, .column = (uint32_t)n + 1, .text = o->owner_code};
	cells[k++] =
		(struct cell){.kind = CELL_TEXT, .column = (uint32_t)(n + owner) + 1, .text = r->reasons};
	xlsx_write_row(w, cells, k);
}

static void sheet(struct arena *a, struct xlsx_writer *w, const struct import_outcome *o, size_t at)
{
	size_t n = o->map.n;
	bool owner = lacks_owner(o);
	struct xlsx_column *columns = NEWS(a, n + 2, struct xlsx_column);
	for (size_t i = 0; i < n; i++)
		columns[i] = (struct xlsx_column){
			.title = o->map.columns[i].header, .kind = kind_of(&o->map.columns[i])};
	if (owner)
		columns[n++] = (struct xlsx_column){.title = STR("单位编码"), .kind = XLSX_DIGITS};
	columns[n++] = (struct xlsx_column){
		.title = str_of(tr("why it was rejected")), .kind = XLSX_LONG, .width = 60};
	xlsx_write_sheet(w, arena_fmt(a, tr("rejected %zu"), at + 1), columns, n);
	for (size_t i = 0; i < o->rejects_n; i++)
		row(a, w, o, &o->rejects[i], owner);
}

enum rc rejects_write(const char *path, const struct import_outcome *files, size_t n, struct err *err)
{
	struct arena a = {0};
	struct xlsx_writer *w;
	enum rc rc = xlsx_write_open(&a, path, &w, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (files[i].rejects_n || n == 1)
			sheet(&a, w, &files[i], i);
	if (rc == RC_OK)
		rc = xlsx_write_close(w, err);
	arena_done(&a);
	return rc;
}
