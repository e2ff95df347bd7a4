/* page_survey.h -- /surveys/ID: what came of a survey, in sums (service/coordination/survey.h): for the unit that asks, and where
 * the survey says so for those who answered. Bars are tables, so the numbers are text. Works without a script. */
#pragma once
#include "web/shell.h"

struct survey_row {
	str label, value;
	int64_t is, most; /* length of the bar */
};
struct survey_part {
	str label, answered, middle, few;
	struct survey_row *rows;
	size_t rows_n;
	str hidden_names, hidden_words; /* bars that are not told, as one */
	str *texts;
	size_t texts_n;
	str more;
};
struct survey_page {
	struct shell shell;
	str heading, about, purpose, answers, waits, row_href, why;
	struct survey_part *parts;
	size_t parts_n;
};
