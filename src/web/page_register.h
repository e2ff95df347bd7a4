/* page_register.h -- what the pages of registers show: all of them, a group, a list of rows. */
#pragma once
#include "web/shell.h"
#include "web/words.h"

struct register_row {
	str label, holds, href, count;
};

struct register_group {
	str label, id;
	struct register_row *rows;
	size_t rows_n;
};

struct registers_page {
	struct shell shell;
	str heading;
	struct register_group *groups;
	size_t groups_n;
};

struct list_column {
	str label;
	const char *
		place; /* where the cell stands in the card of a phone: c-who c-st c-on c-how c-where c-by c-x */
	bool number;
	const struct field *field; /* NULL: state or unit */
	bool is_state, is_org;
};

struct list_cell {
	str text, href;
	const char *place, *look; /* look: of a chip */
	bool chip, number;
};

struct list_row {
	struct list_cell *cells;
	size_t cells_n;
};

struct list_view {
	str label, count, href;
	bool here;
};

struct list_choice {
	str value, label;
	bool here;
};

struct list_filter {
	str name, label, words;
	struct list_choice *choices;
	size_t choices_n;
};

struct list_page {
	struct shell shell;
	const struct reg *reg;
	str heading, holds, summary, happens, period, scope, where, where_fault, count_words, older_href,
		newest_href, new_href, new_label, here, rows_id, org_code, period_text, state;
	struct list_view *views;
	size_t views_n;
	struct list_filter *filters;
	size_t filters_n;
	struct list_column *columns;
	size_t columns_n;
	struct list_row *rows;
	size_t rows_n;
	bool filtered, dated;
};
