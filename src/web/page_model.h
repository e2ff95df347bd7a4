/* page_model.h -- what the pages of the model desk show, and what its three files share: page_model.c looks,
 * page_model_propose.c has the forms, page_model_change.c one change. */
#pragma once
#include "register/model_change.h"
#include "web/model_diff.h"
#include "web/page_form.h"
#include "web/page_help.h"

struct model_fault_line {
	str where, words, source, hint;
};

struct model_rule_field {
	str name, label, value;
	bool area;
};

struct model_desk {
	struct shell shell;
	str heading, lead, told;
	bool searches, found_none; /* a field to search by; something was asked and nothing found */
	str search_at, asked;
	/* A rule: the values that a city changes by a form. */
	struct model_rule_field *values;
	size_t values_n;
	str file_href, whose;
	struct help_section *sections;
	size_t sections_n;
	bool makes; /* the index: doors to what is made anew */
	/* A register: the forms of a change. */
	bool changes, opens_field, opens_label, opens_keep, opens_protect;
	str action, id, zh, en, help_zh, help_en, choices, why, keep, keep_limits;
	struct form_option *types, *registers, *fields, *levels, *texts;
	size_t types_n, registers_n, fields_n, levels_n, texts_n; /* texts: fields that may be sealed */
	bool required;
	struct model_fault_line *faults;
	size_t faults_n;
	/* A change. */
	str body, state, second;
	const char *look;
	bool is_change, applies, undoes, accepts, rejects;
	struct model_diff_line *diff;
	size_t diff_n;
};

struct model_new {
	struct shell shell;
	bool figure;
	str id, zh, en, text_zh, text_en, where, field, unit, why, body;
	struct form_option *groups, *sensitivities, *purposes, *registers, *grains;
	size_t groups_n, sensitivities_n, purposes_n, registers_n, grains_n;
	struct model_fault_line *faults;
	size_t faults_n;
};

struct model_file {
	struct shell shell;
	str path, action, body, why;
	struct model_fault_line *faults;
	size_t faults_n;
};

MUST_USE enum rc desk_administrator(struct page *p, struct err *err);
struct help_section *desk_section(struct page *p, struct model_desk *g, str id, str label, size_t cap);
struct help_row *desk_row(struct help_section *s, str label, str text, str mark, str href);
void desk_show(struct page *p, struct model_desk *g, bool index);
void desk_options(struct page *p, struct model_desk *g, const struct reg *reg, str type, str to, str field);
void desk_register_show(struct page *p, struct model_desk *g, const struct reg *reg);
/* page_model_rule.c: the rules that speak of a register or a figure; those that a change of the model alters. */
void desk_rules_of(struct page *p, struct model_desk *g, const struct reg *reg, const struct figure *f);
void desk_rules_changed(struct page *p, struct model_desk *g, const struct model *after);
/* Does one of these texts hold what was asked, in either language or by pinyin initials? An empty `asked` is in all. */
bool desk_match(struct page *p, str asked, const struct label *l, const struct label *more, str id);
void desk_rules_found(struct page *p, struct model_desk *g, str asked);
void desk_faults(struct page *p, struct model_desk *g, const struct model_fault *list, size_t n);

/* page_model_propose.c: what the forms of page_model_new.c share with those of a register. */
struct model_proposal {
	const struct reg *reg;
	str of, what, why, path, body, before;
	int64_t id;
};
MUST_USE enum rc desk_may_propose(struct page *p, struct err *err);
MUST_USE enum rc desk_inputs_hold(struct page *p, struct err *err);
/* Tries it; holds: becomes a row and its page is shown. Else g has the faults, 422. */
MUST_USE enum rc desk_try(
	struct page *p, struct model_proposal *x, struct model_desk *g, bool *out_kept, struct err *err);
/* A fault that is no place in a file: said on the page. Other errors pass. */
MUST_USE enum rc desk_told(struct page *p, struct model_desk *g, enum rc rc, const struct err *err);
