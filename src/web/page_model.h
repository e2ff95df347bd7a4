/* page_model.h -- what the pages of the model desk show. */
#pragma once
#include "web/page_form.h"
#include "web/page_help.h"

struct model_fault_line {
	str where, words, source, hint;
};

struct model_desk {
	struct shell shell;
	str heading, lead, told;
	struct help_section *sections;
	size_t sections_n;
	/* A register: the forms of a change. */
	bool changes, opens_field, opens_label;
	str action, id, zh, en, help_zh, help_en, choices, why;
	struct form_option *types, *registers, *fields;
	size_t types_n, registers_n, fields_n;
	bool required;
	struct model_fault_line *faults;
	size_t faults_n;
	/* A change. */
	str body, state, second;
	const char *look;
	bool is_change, applies, undoes, accepts, rejects;
};
