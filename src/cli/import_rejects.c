/* import_rejects.c -- the rejected rows as a sheet that can be corrected and imported again (import_file.h). */
#include "cli/import_file.h"
#include "format/xlsx_write.h"

static enum xlsx_kind kind_of(const struct column *c)
{
	bool digits = c->kind == COL_PERSON_ID || c->kind == COL_PERSON_PHONE ||
		      (c->field && (c->field->type == T_CITIZEN_ID || c->field->type == T_PHONE));
	return digits ? XLSX_DIGITS : XLSX_TEXT;
}

static void sheet(struct arena *a, struct xlsx_writer *w, const struct import_outcome *o, size_t at)
{
	size_t n = o->map.n;
	struct xlsx_column *columns = NEWS(a, n + 1, struct xlsx_column);
	for (size_t i = 0; i < n; i++)
		columns[i] = (struct xlsx_column){
			.title = o->map.columns[i].header, .kind = kind_of(&o->map.columns[i])};
	columns[n] = (struct xlsx_column){
		.title = str_of(tr("why it was rejected")), .kind = XLSX_LONG, .width = 60};
	xlsx_write_sheet(w, arena_fmt(a, tr("rejected %zu"), at + 1), columns, n + 1);
	for (size_t r = 0; r < o->rejects_n; r++) {
		const struct rejected_row *row = &o->rejects[r];
		struct cell *cells = NEWS(a, n + 1, struct cell);
		size_t k = 0;
		for (size_t i = 0; i < row->n && i < n; i++)
			if (row->cells[i].n)
				cells[k++] = (struct cell){
					.kind = CELL_TEXT, .column = (uint32_t)i + 1, .text = row->cells[i]};
		cells[k++] =
			(struct cell){.kind = CELL_TEXT, .column = (uint32_t)n + 1, .text = row->reasons};
		xlsx_write_row(w, cells, k);
	}
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
