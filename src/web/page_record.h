/* page_record.h -- what the page of one record shows. */
#pragma once
#include "web/shell.h"
#include "web/words.h"

struct record_fact {
	str label, text, href;
	bool wide;
};

struct record_change {
	str label, before, after;
	bool had, has;
};

struct record_event {
	str when, what, reason;
	struct record_change *changes;
	size_t changes_n;
};

struct record_figure {
	str label, value, href;
};

struct record_related {
	str label, kind, href;
};

struct record_sealed {
	str label;
};

struct record_move {
	str label, href;
	bool main; /* what this row waits for: the green one */
};

/* What has just been done here, with the way back. */
struct record_toast {
	str text, undo_action, version, again_href;
};

struct record_page {
	struct shell shell;
	str heading, kind, code, unit, unit_href, when, grade, grade_words;
	struct chip chip;
	struct record_fact *facts;
	size_t facts_n;
	struct record_sealed *sealed;
	size_t sealed_n;
	bool notes; /* some of it is sealed to the people of the case, who open it on its page */
	struct record_event *events;
	size_t events_n;
	struct record_figure *figures;
	size_t figures_n;
	struct record_related *related;
	size_t related_n;
	struct record_move *moves;
	size_t moves_n;
	struct record_toast toast;
	str edit_href, asks_href, case_href, paper_href, photos_href, result_href, last_kind;
	bool minor;
};
