/* shell.h -- what stands around every page: head, rail, top bar, thumb bar; filled by shell_fill, written by the
 * templates shell_head and shell_foot. Pages put a `struct shell shell` into what they give their template. */
#pragma once
#include "format/html.h"
#include "web/page.h"

enum place {
	PLACE_NONE,
	PLACE_HOME,
	PLACE_FIGURES,
	PLACE_REPORT,
	PLACE_REGISTERS,
	PLACE_ME,
	PLACE_COLLECTIONS,
	PLACE_JOT,
	PLACE_MINE,
	PLACE_APPLY
};

struct shell_link {
	str label, href, count;
	bool here;
};

struct shell_group {
	str label, href;
	bool here;
	struct shell_link *links; /* its registers, when it is the one open */
	size_t links_n;
};

struct shell_crumb {
	str label, href;
};

struct shell {
	const char *lang_tag, *other_lang;
	str title, city, organ, css, js, htmx, icon, jot, other_href, csrf, who, who_unit, scope, period,
		scope_href;
	str help_href;      /* the ? of the page */
	str echarts, board; /* scripts of the board of figures */
	str notice;         /* across all pages: the city is read-only */
	bool signed_in, in_registers, plain, at_me;
	struct shell_link *main_links;
	size_t main_links_n;
	struct shell_group *groups;
	size_t groups_n;
	struct shell_crumb *crumbs;
	size_t crumbs_n;
	str home_href, registers_href, me_href;
	bool at_home, at_jot, at_mine, at_apply;
	bool resident; /* holds no office: own data, no desk */
};

/* group: of the register or figure that the page shows, or empty. */
void shell_fill(struct page *p, struct shell *s, str title, enum place place, str group);
void shell_crumb(struct page *p, struct shell *s, str label, str href);
/* The page has parts that htmx renews: it carries the script. Everything works without it. */
void shell_lively(struct page *p, struct shell *s);
/* The page draws with ECharts; its tables stand without. */
void shell_charts(struct page *p, struct shell *s);
/* Words for a group of registers: study -> 思想引领. */
str group_label(str group);
/* The groups in the order of the rail, those that the model has. */
size_t group_list(const struct model *m, str out[], size_t cap);
/* 2025年, 2025年1月1日—11月24日: the running year through today. */
str period_words(struct arena *a, const struct period *p);
str shell_day_words(struct arena *a, int32_t day, bool year); /* 3月5日; 2026年3月5日 */
/* The span of last year that the page's period is compared with (figure/period.h). */
struct period page_compared(struct page *p);
