/* page_coverage.h -- the map of coverage: one tile a township, grouped by county; the same box stands on the desk. */
#pragma once
#include "web/page.h"
#include "web/shell.h"

struct cover_tile {
	const char *look, *text_look;
	str x, y, w, h, text, text_x, text_y;
};

struct cover_group {
	str name, share, words, box, height;
	struct cover_tile *tiles;
	size_t tiles_n;
};

struct cover_row {
	str name, href, days, last;
};

struct cover_box {
	bool schools; /* instead of townships */
	str summary, href, heading_silent, silent_n_text, key_dark, key_mid, key_pale, key_late;
	struct cover_group *groups;
	size_t groups_n;
	struct cover_row *silent; /* the longest first */
	size_t silent_n;
	bool more;
};

struct coverage_page {
	struct shell shell;
	struct cover_box box;
	str townships_href, schools_href;
};

/* rows: at most so many silent units; 0: all. */
MUST_USE enum rc cover_box_fill(struct page *p, size_t rows, struct cover_box *out, struct err *err);
