/* page_guarding.h -- /street/data: how people's data are protected here, made out of the declarations that the program itself
 * obeys: registers and purposes (rules/purposes.yaml), how long each is kept, which roles may read, the texts that are
 * consented to (rules/consent.yaml), the days in which a request is answered (rules/deadlines.yaml); and numbers of the
 * last published year (report/public_table.h). Nobody writes this page, so it cannot promise what the program does not do. */
#pragma once
#include "web/page_street.h"

struct guarded_register {
	str label, holds, level, keep, readers;
	bool minors;
};
struct guarded_purpose {
	str label, ground, law, separate, count;
	struct guarded_register *rows;
	size_t rows_n;
};
struct guarding_page {
	struct street street;
	str intro, organ, contact, answered_in, numbers_title;
	struct guarded_purpose *purposes;
	size_t purposes_n;
	struct street_row *texts; /* title: purpose, sub: the text, note: version */
	size_t texts_n;
	struct street_fact *numbers;
	size_t numbers_n;
};
