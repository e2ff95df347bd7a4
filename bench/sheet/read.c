/* read.c -- bench_sheet_read [--bare] FILE.xlsx: every cell of every sheet, as an import reads it (merged ranges first), in
 * a box; --bare: in this process. */
#include "base/arena.h"
#include "format/foreign.h"
#include "format/sheet.h"
#include <stdio.h>

struct sum {
	unsigned long cells, text_bytes;
	double numbers;
	long days;
};

static enum rc add(void *ctx, const struct sheet_row *row, struct err *err)
{
	(void)err;
	struct sum *s = ctx;
	s->cells += row->n;
	for (size_t i = 0; i < row->n; i++) {
		const struct cell *c = &row->cells[i];
		if (c->kind == CELL_TEXT)
			s->text_bytes += c->text.n;
		else if (c->kind == CELL_NUMBER)
			s->numbers += c->number;
		else if (c->kind == CELL_DATE)
			s->days += c->day;
	}
	return RC_OK;
}

int main(int argc, char **argv)
{
	struct arena a = {0};
	struct err err = {0};
	struct sheet_book *b;
	struct sum s = {0};
	bool bare = argc > 2 && strcmp(argv[1], "--bare") == 0;
	if (argc < 2 || foreign_start(&err) != RC_OK ||
		(bare ? sheet_open_file(&a, argv[argc - 1], &b, &err)
		      : sheet_open_boxed(&a, argv[argc - 1], (str){NULL, 0}, &b, &err)) != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	for (size_t i = 0; i < b->n; i++) {
		const struct sheet_range *merged;
		size_t n;
		if (sheet_merged(b, i, &a, &merged, &n, &err) != RC_OK ||
			sheet_rows(b, i, add, &s, &err) != RC_OK) {
			fprintf(stderr, "%s\n", err.text);
			return 2;
		}
	}
	printf("%lu cells\n", s.cells);
	sheet_close(b);
	arena_done(&a);
	return 0;
}
