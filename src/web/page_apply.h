/* page_apply.h -- /apply: what is open to a resident, or to the child of a guardian, what waits for an answer, and what was
 * sent; /apply/REGISTER: the form (register/apply.h). All of it without a script; two-line cards, one button a form. */
#pragma once
#include "web/page_form.h"
#include "web/page_mydata.h"

struct apply_row {
	str title, about, href;
	str chip, came_href; /* came: of a survey that tells what came of it */
	const char *look;
};
struct apply_group {
	str label, help;
	struct apply_row *rows;
	size_t rows_n;
};
struct apply_page {
	struct shell shell;
	str name, told;
	struct mydata_child *people;
	size_t people_n;
	struct apply_row *asked; /* questions that wait */
	size_t asked_n;
	struct apply_group *groups;
	size_t groups_n;
	struct apply_row *sent;
	size_t sent_n;
};

enum { APPLY_WISHES = 5 };
struct apply_wish {
	str name, label;
	struct form_option *options;
	size_t options_n;
};
struct apply_form_page {
	struct shell shell;
	str heading, lead, who, until, action, cancel, verb, fault, child, to;
	str wishes_label, wishes_fault, purpose, consent, version;
	bool files, guardian, agreed;
	struct form_field *fields;
	size_t fields_n;
	struct apply_wish *wishes;
	size_t wishes_n;
};
