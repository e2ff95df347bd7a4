/* page_collection.h -- /collections: what is asked of units, who has answered, the text for the group, the sum sent up. */
#pragma once
#include "web/shell.h"
#include "web/words.h"

struct collection_line {
	str title, href, unit, counts, deadline, state;
	const char *look;
	bool late;
};

struct collections_page {
	struct shell shell;
	struct collection_line *mine, *asked; /* that the reader asks; that his units are asked */
	size_t mine_n, asked_n;
	str new_href;
};

struct collection_unit {
	int64_t reply;
	str name, state, answered, form_href, answer_href, fetch_href, answers,
		reason; /* reason: why it was sent back */
	const char *look;
	bool returns, submits, fills, uploads;
};

struct collection_sum {
	str label, text, unit, href, sent;
	bool changed; /* since it was sent */
};

struct collection_column {
	str label, about;
};

/* 未交, 退回, 已交, 已汇总: each a list in the order of the tree. */
struct collection_group {
	str label, id, n;
	struct collection_unit *units;
	size_t units_n;
};

struct collection_page {
	struct shell shell;
	str heading, deadline, due, unit, span, note, hours, action, text, copied, rows_href, rows_label,
		correction_href, corrections_href, sent_words, state, told;
	const char *look;
	bool owner, late, issues, copies, merges, closes, sends, sent, draft;
	str merge_label, edit_href, asks_href;
	struct collection_group *groups;
	size_t groups_n;
	struct collection_sum *sums;
	size_t sums_n;
	str counts;
	/* Of own columns: as they will be asked (name, type), the sheet of all answers, the drop of sheets that came back. */
	struct collection_column *columns;
	size_t columns_n;
	str all_href, drop_action;
};
