/* page_contests.h -- contests on the street: rules and dates before entries open, the awards when they are over, their votes
 * with what anybody needs to count them again. No page names an entrant: number and work are all that is told, and these only
 * where enough entries stand (rules/street.yaml, works_from). */
#pragma once
#include "web/page_open.h"

struct contest_step {
	str label, day, iso, note;
	bool past;
};
struct contest_page {
	struct street street;
	str kind, state, results_note, works_note;
	struct street_line *lines;
	size_t lines_n;
	struct street_fact *facts;
	size_t facts_n;
	struct contest_step *steps;
	size_t steps_n;
	struct street_row *awards, *works, *votes; /* award: tag = rank, sub = number */
	size_t awards_n, works_n, votes_n;
};
struct vote_page {
	struct street street;
	str kind, contest, contest_href, counted, rest, board, note;
	struct street_line *lines;
	size_t lines_n;
	struct street_fact *facts;
	size_t facts_n;
	struct open_bar *choices;
	size_t choices_n;
};
