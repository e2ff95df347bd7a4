/* page_register.h -- what the pages of registers show: all of them, a group, a list of rows. */
#pragma once
#include "register/record.h"
#include "web/shell.h"
#include "web/words.h"

struct register_row {
	str label, holds, href, count;
};

struct register_group {
	str label, id;
	str door, door_href; /* the page that works on this group; empty: none */
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
	str label, sort_href;
	const char *sorted; /* aria-sort, or empty */
	const char *
		place; /* where the cell stands in the card of a phone: c-who c-st c-on c-how c-where c-by c-x */
	bool number;
	const struct field *field; /* NULL: state or unit */
	bool is_state, is_org;
};

struct list_asked {
	const struct field *field; /* NULL: the system's column of this id */
	str id;
};

struct list_cell {
	str text, href;
	const char *place, *look; /* look: of a chip */
	bool chip, number;
};

struct list_row {
	str id, title;
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

/* A control behind a word of the sentence: some of a few values, a span, or a row referred to. */
struct list_filter {
	str name, label, words, focus; /* focus: the id that the sentence's word leads to */
	str from_name, to_name, from, to, text, fault;
	str field; /* of a person: asked by a form of its own, for a name goes by POST */
	bool range, date, ref, person;
	struct list_choice *choices;
	size_t choices_n;
};

/* Many rows, one change of state: asked once more before anything happens. */
struct bulk_row {
	str id, title, why, href;
	struct chip chip;
	bool fits;
};

struct bulk_page {
	struct shell shell;
	str heading, action, move, verb, cancel, key, reason, reason_fault, top, count_words, left_words;
	struct bulk_row *rows;
	size_t rows_n;
	bool reason_needed, any;
};

struct list_page {
	struct shell shell;
	const struct reg *reg;
	str heading, holds, summary, happens, period, scope, where, where_fault, count_words, older_href,
		newest_href, new_href, new_label, here, rows_id, org_code, period_text, state;
	str order_words, save_action, who_action, save_query, drop_name, pick_href, bulk_action, xlsx_href,
		csv_href, import_href;
	struct list_choice *choices, *moves; /* of columns; of changes of state for many rows */
	size_t choices_n, moves_n;
	bool picking, chosen; /* chosen: the columns were asked for */
	struct list_asked *asked;
	size_t asked_n;
	str sorted_by;
	struct list_view *views;
	size_t views_n;
	struct list_filter *filters;
	size_t filters_n;
	struct list_column *columns;
	size_t columns_n;
	struct list_row *rows;
	size_t rows_n;
	bool filtered, faulty, dated; /* faulty: the filter lies open on what cannot be read */
};

/* list_more.c: what a list has besides its rows. */
/* Columns that may be asked for by col=FIELD, several times; sort=FIELD or sort=-FIELD into the query. */
MUST_USE enum rc list_order(struct page *p, struct list_page *l, struct record_query *q, struct err *err);
void list_columns_asked(struct page *p, struct list_page *l);
/* Saved views behind the states' tabs; the form that keeps the one that is shown. count: of a view's query, or -1. */
MUST_USE enum rc list_saved(struct page *p, struct list_page *l,
	int64_t (*count)(struct page *p, const struct reg *reg), struct err *err);
/* list_filter.c: what the address asks by f_FIELD (several times: any of these), f_FIELD.from and f_FIELD.to; into the
 * sentence and the expression. What cannot be read stands at its control and asks nothing. */
void list_filters(struct page *p, struct list_page *l, struct buf *where);
/* Links to the file of this view, and the changes of state that may be made for many. */
void list_acts(struct page *p, struct list_page *l, struct record *const *rows, size_t n);
/* The query of what is shown; limit 0 for all of it. */
MUST_USE enum rc list_query(struct page *p, const struct reg *reg, struct record_query *q, struct err *err);
