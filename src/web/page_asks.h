/* page_asks.h -- /r/REGISTER/ID/asks: what a collection or a survey asks, built by buttons: a question added, moved, taken
 * away, each a row of the form that goes to and fro; nothing is written before “save”. The text that is kept is the one that
 * may be written by hand (service/coordination/columns.h). */
#pragma once
#include "web/page_form.h"
#include "web/shell.h"

struct asks_type {
	str value, label;
	bool here;
};
struct asks_row {
	int64_t at; /* from 1 */
	str label, choices, fault;
	struct asks_type *types;
	size_t types_n;
	bool required, first, last;
};
struct asks_page {
	struct shell shell;
	str heading, action, back, fault, told, version;
	struct asks_row *rows;
	size_t rows_n;
	bool may_add;
};
