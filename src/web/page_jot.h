/* page_jot.h -- /jot, 记一笔: what was held, when, and who came, on one page and with one press; /jot/REGISTER/ID, the
 * receipt: what was recorded, which figures it counts in, and the way back.
 *
 * What was held is chosen from the unit's own past (jot_past): the likeliest stands chosen already, and an empty title
 * means the title of last time. Who came is ticked in the list of the unit's own people, pasted from a chat, or, at the
 * price of a lower grade, only counted. All of it works without a script; jot.js adds the search in the list, the count
 * on the button, the draft and the queue for a phone without a net (docs/phone.md). */
#pragma once
#include "register/occasion.h"
#include "web/shell.h"

enum { JOT_PAST = 4, JOT_PEOPLE = 300, JOT_TEXT_MAX_CHARS = 4000 };

struct jot_past {
	str value, title, about, last; /* value: REGISTER:ID of the last one of its kind */
	str hours, people;             /* of last time: 2, ",12,17," */
	bool here;
};
struct jot_person {
	str id, name, initials, value;
	bool here, again; /* again: came the last time */
};
struct jot_choice {
	str value, label;
	bool here;
};

struct jot_page {
	struct shell shell;
	str owner, unit, key, top, like_fault, title, title_fault, day, day_fault, hours, hours_fault, names,
		names_fault, heads, heads_fault, today, yesterday, today_words, yesterday_words, kind,
		programme, full_href;
	struct jot_past *past;
	size_t past_n;
	struct jot_person *people;
	size_t people_n;
	struct jot_choice *kinds, *programmes;
	size_t kinds_n, programmes_n;
	bool at_today, at_yesterday, at_other, fresh, may, none_here, closed_people, more_open, names_open,
		heads_open, photos;
	struct jot_choice *running; /* events of today that have not ended; value: where to check in */
	size_t running_n;
	struct jot_choice *faults; /* value: the id of its field */
	size_t faults_n;
};

struct jot_figure {
	str label, value, plus, href;
};
struct jot_done_page {
	struct shell shell;
	str heading, about, told, action, href, onsite_href, grade, grade_words, unknown, photos_href;
	struct jot_figure *figures;
	size_t figures_n;
	bool undo, voided, waits, just;
	const char *look;
	str state;
};

/* Fills past, kinds and programmes with what the unit may record; *out_list: the pairs that it may write. */
MUST_USE enum rc jot_past(struct page *p, struct jot_page *g, str like, struct err *err);
MUST_USE enum rc jot_people(struct page *p, struct jot_page *g, struct err *err);
/* A pair that this actor may write for the page's unit; RC_NOT_FOUND, RC_DENIED. */
MUST_USE enum rc jot_occasion(struct page *p, str register_id, struct occasion *out, struct err *err);
