/* page_answer.h -- what the pages of answering a collection show. */
#pragma once
#include "web/page_form.h"

struct answer_page {
	struct shell shell;
	str heading, unit, note, deadline, action, cancel, verb;
	struct form_field *fields;
	size_t fields_n;
	struct form_fault *faults;
	size_t faults_n;
};

struct taken_file {
	str name, why;
	struct form_fault *rows; /* refused ones: text */
	size_t rows_n;
};

struct taken_page {
	struct shell shell;
	str heading, told, counts, missing, back;
	struct taken_file *files; /* that were not taken whole */
	size_t files_n;
};
