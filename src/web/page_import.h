/* page_import.h -- what the pages of bringing in a sheet show. */
#pragma once
#include "web/shell.h"

struct import_choice {
	str value, label;
	bool here;
};

struct import_field {
	str name, header, kind;
	struct import_choice
		*choices; /* none: the column means something that is no field's (a name, a unit) */
	size_t choices_n;
};

struct import_refused {
	str row, reasons, cells;
};

struct import_page {
	struct shell shell;
	str heading, action, again, register_label, fault, go_verb, rejects_href, rejects_words, list_href;
	str rows, inserted, updated, unchanged, rejected, header_row, sheet, ignored, done_words, hidden;
	struct import_choice *registers;
	size_t registers_n;
	struct import_field *fields;
	size_t fields_n;
	struct import_refused *refused;
	size_t refused_n;
	str bar_a, bar_b, bar_c, bar_d, at_b, at_c, at_d;
	bool done, can_go, has_refused, more_refused;
};
