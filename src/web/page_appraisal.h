/* page_appraisal.h -- /appraisal: points and grades of the units in the scope for the period's year, in the order of their
 * codes (service/appraisal/appraise.h). Nothing is decided here: what the superior decides is a row of appraisal_result. */
#pragma once
#include "web/page.h"
#include "web/shell.h"

struct appraisal_point {
	const char *look; /* "weak" where a course would help; "m" where it is missing */
	str label, points, title, href;
};

struct appraisal_row {
	str name, href, score, band, remarks;
	const char *look; /* of the band */
	struct appraisal_point *points;
	size_t points_n;
};

struct appraisal_page {
	struct shell shell;
	str heading, summary, results_href, scores_href;
	bool courses; /* some item of some unit asks for one */
	struct appraisal_row *rows;
	size_t rows_n;
};
