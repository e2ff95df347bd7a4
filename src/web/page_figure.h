/* page_figure.h -- what the pages of figures show, and how an answer is put into words. */
#pragma once
#include "web/shell.h"

struct figure_bar {
	str x, y, height;
	const char *look; /* n: the running month, z: nothing */
};

struct figure_box {
	str id, label, value, unit, change, grade, grade_label, href, trace_href, why, definition;
	str plan; /* 目标300，已完成87% */
	bool told, none;
	bool empty; /* zero, or nothing at all to tell, now and a year ago */
	struct figure_bar *bars;
	size_t bars_n;
};

struct figure_group {
	str label, id;
	struct figure_box *boxes, *none; /* with something to tell; without */
	size_t boxes_n, none_n;
};

struct figures_page {
	struct shell shell;
	struct figure_group *groups;
	size_t groups_n;
	str board_href;
};

struct figure_row {
	str label, value, href, width, note;
};

struct figure_share {
	str grade, words, share, x, width;
	const char *look; /* mA .. mD */
};

struct figure_page {
	struct shell shell;
	struct figure_box box;
	str definition, register_label, register_href, where, instead, before, before_words, plan,
		companion_of, companion_href, rate_of, rate_of_href, rate_over, rate_over_href;
	struct figure_share *shares;
	size_t shares_n;
	struct figure_row *companions, *months, *units;
	size_t companions_n, months_n, units_n;
	bool recounting, can_trace;
};

/* 4612, 118.46万 (from a million on), 12345.60; the unit apart. */
str figure_value_text(struct page *p, const struct figure *f, int64_t v);
str figure_unit_text(struct page *p, const struct figure *f, int64_t v);
str figure_value_words(struct page *p, const struct figure *f, int64_t v); /* both: 38场, 1 session */
/* 比去年多38场, 与去年持平; empty where there is nothing to compare. */
str change_words(struct page *p, const struct figure *f, int64_t now, int64_t before);
/* Value with unit in one text; 94.9% of a rate; — with why where it cannot be told. */
str answer_words(struct page *p, const struct figure_answer *a);
/* What the plan of the period's year asks, and how far it is; empty without one. */
str figure_plan_words(struct page *p, const struct figure *f, const struct figure_answer *a);
/* 系统留痕 名单 报数 平台数 */
str grade_words(char grade);
/* The grade mix as pieces of a bar of 1000. */
void figure_shares(struct page *p, const int64_t grades[GRADES], struct figure_share **out, size_t *out_n);
/* group of the register that a figure counts */
str figure_group_id(const struct figure *f);
/* Boxes for a list of figures: values, change, grade, months where they come from cells. */
MUST_USE enum rc figure_boxes(struct page *p, const struct figure *const *list, size_t n, bool months,
	struct figure_box *out, struct err *err);
void answer_json(struct json *j, const struct page *p, const struct figure_answer *a);
