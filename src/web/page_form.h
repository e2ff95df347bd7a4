/* page_form.h -- what the page of a form shows (form.h); made by form_show.c. */
#pragma once
#include "web/shell.h"

struct form_option {
	str value, label, note, id;
	bool here;
};

struct form_field {
	str name, label, help, fault, text, as, ref, hint, theirs, twin_href, suggest_href, list_id;
	bool file, stands; /* a file stands already */
	bool optional, sealed, line, area, radios, choice, pick, numeric, digits, has_help, picks_name;
	struct form_option *options, *picks;
	size_t options_n, picks_n;
};

struct form_fault {
	str name, label, text;
};

struct form_page {
	struct shell shell;
	str heading, lead, verb, action, cancel, told, top, twin_href, key, version, reason_label, reason,
		reason_fault, draft_told, twin_action,
		twin_keys; /* asked while typing, and when which fields change */
	struct form_field *fields, *more;
	size_t fields_n, more_n;
	struct form_fault *faults;
	size_t faults_n;
	struct form_option *states;
	size_t states_n;
	bool grave, files; /* the form carries a file: multipart */
	bool asks_reason, reason_needed, more_open, drafts, drafted, minor;
};

/* What stands already, noticed while a form is filled in (page_twin.c). */
struct twin_row {
	int64_t id;
	str label, unit, href;
};
struct twin_page {
	struct twin_row *rows;
	size_t rows_n;
	bool same; /* under the same key; else people of the same name or number */
};

/* What is suggested while a reference is typed. */
struct pick_page {
	struct form_option *options;
	size_t options_n;
	str none; /* what is said where nothing was found */
};
