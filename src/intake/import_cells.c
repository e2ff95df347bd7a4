/* import_cells.c -- see import_cells.h. */
#include "intake/import_cells.h"
#include "base/date.h"

static str date_text_of(struct arena *a, const struct cell *c)
{
	long long minutes = c->ms < 0 ? 0 : c->ms / 60000;
	if (c->day == DATE_NONE)
		return arena_fmt(a, "%lld:%02lld", minutes / 60, minutes % 60);
	str day = date_str(a, c->day);
	return c->ms > 0 ? arena_fmt(a, "%.*s %02lld:%02lld", STR_ARG(day), minutes / 60, minutes % 60) : day;
}

str cell_as_text(struct arena *a, const struct cell *c, bool id, const char **out_fault)
{
	*out_fault = NULL;
	switch (c->kind) {
	case CELL_TEXT:
		return arena_str(a, c->text);
	case CELL_NUMBER:
		if (id)
			*out_fault = N_("the ID stands in a number cell, where a sheet loses its last "
					"digits: format the column as "
					"text and type it again");
		return sheet_number(a, c->number);
	case CELL_BOOL:
		return c->truth ? STR("1") : STR("0");
	case CELL_DATE:
		return date_text_of(a, c);
	case CELL_ERROR:
		*out_fault = N_("the cell shows an error value: mend its formula");
		return arena_str(a, c->text);
	case CELL_NO_VALUE:
		*out_fault = N_(
			"the formula was never computed: open the file in a spreadsheet program and save it");
		return STR("");
	}
	return STR("");
}

enum rc merges_load(struct arena *a, struct sheet_book *b, size_t sheet, struct merges *out, struct err *err)
{
	const struct sheet_range *ranges;
	size_t n;
	TRY(sheet_merged(b, sheet, a, &ranges, &n, err));
	*out = (struct merges){ranges, NEWS(a, n + 1, str), n};
	return RC_OK;
}

void merges_fill(struct arena *a, struct merges *m, uint32_t row, str *cells, size_t n)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct sheet_range *r = &m->ranges[i];
		if (row < r->row1 || row > r->row2)
			continue;
		if (row == r->row1 && r->column1 <= n)
			m->values[i] = arena_str(a, cells[r->column1 - 1]);
		for (uint32_t c = r->column1; c <= r->column2 && c <= n; c++)
			if (str_trim(cells[c - 1]).n == 0)
				cells[c - 1] = m->values[i];
	}
}
