/* street.h -- what stands around every public page: head, the three hotlines always in sight, foot; and how long a public
 * answer may be kept. These pages know nothing of who asks: no session changes a byte of them, only the language does.
 * Rows come by register/publish.h alone. Sizes: a page with its sheet stays under 40 KB on the wire; no script but where a
 * page of help is left in a hurry. */
#pragma once
#include "register/publish.h"
#include "web/shell.h"

enum {
	STREET_KEEP_S = 120, /* how long others may keep a page; then it is asked for anew by its ETag */
	STREET_LIST = 20,
	STREET_REGS = 12
};

enum street_place {
	STREET_NONE,
	STREET_EVENTS,
	STREET_ARTICLES,
	STREET_POSTS,
	STREET_CONTESTS,
	STREET_FIGURES,
	STREET_HELP
};

struct street {
	const char *lang_tag;
	struct shell shell;
	str title, about;     /* about: a sentence for those who pass the address on */
	str canonical, whole; /* the page's one address; with the site's origin */
	str feed, feed_type, feed_title;
	str leave; /* a page of help: where its quick exit leads; its title says nothing */
	str keep_note;
	struct shell_link *links;
	size_t links_n;
};

/* Fills the head; the answer may be kept for STREET_KEEP_S. */
void street_fill(struct page *p, struct street *s, str title, enum street_place here);
/* For forms and codes: nothing is kept, quick exit. */
void street_quiet(struct page *p, struct street *s);
/* https://site/path by the configured origin, else by the address that the program listens at; where that is every address,
 * the path alone. Never by the Host header: what is kept for others must not hold a stranger's name. */
str street_address(struct page *p, str path);
void street_kept(struct page *p); /* for feeds and files */

/* One row of a list, one fact of a page: what street_list.html and street_item.html show. */
struct street_row {
	str title, href, sub, tag, day, month, iso, end, note;
	bool off;
};
struct street_fact {
	str label, text, href;
};
struct street_pick {
	str label, href;
	bool here;
};
struct street_group {
	str label;
	struct street_pick *picks;
	size_t picks_n;
};
struct street_line {
	str text;
};

struct street_list {
	struct street street;
	str intro, calendar, calendar_label, empty, more, less, month_title;
	str q, note;
	bool searches;
	struct street_group *groups;
	size_t groups_n;
	struct street_row *rows;
	size_t rows_n;
	struct street_week *weeks; /* the month as a table; none: a list alone */
	size_t weeks_n;
};
struct street_cell {
	str day, href, iso;
	int64_t n;
	bool out, today;
};
struct street_week {
	struct street_cell *cells;
	size_t cells_n;
};

struct street_picture {
	str src, full, caption; /* the caption is its text for those who do not see it */
};
struct street_item {
	struct street street;
	struct street_picture *pictures;
	size_t pictures_n;
	str back, back_label, kind, state, told; /* state: words where it is not simply ahead */
	str action, action_label, action_note, calendar, aside;
	struct street_fact *facts;
	size_t facts_n;
	struct street_line *lines;
	size_t lines_n;
	str rows_title, rows_note;
	struct street_row *rows;
	size_t rows_n;
};

/* Registers that the street shows as that (reg_public.as). */
size_t street_regs(const struct page *p, const char *as, const struct reg *out[STREET_REGS]);
/* The links that narrow a list to one of the field's choices. */
void street_kinds(struct page *p, const struct field *f, str on, struct street_group *out);
/* The facts of a row: every public field that has something, but the title and `but`. */
void street_facts(struct page *p, const struct record *rec, const struct field *const *but, size_t but_n,
	struct street_item *g);
/* The row that the address's first part names, of the first register shown as that; RC_NOT_FOUND. */
MUST_USE enum rc street_row_of(struct page *p, const char *as, struct record **out, struct err *err);
str street_text(
	struct page *p, const struct record *rec, const char *field);  /* empty where it is not public */
int32_t street_field_day(const struct record *rec, const char *field); /* DATE_NONE likewise */
str street_kind(struct page *p, const struct record *rec);
str street_join(struct page *p, str a, str b); /* a, b */
/* A text as paragraphs. */
void street_lines(struct page *p, str text, struct street_item *g);
/* Day of the row by its register's `happens`; DATE_NONE when there is none. */
int32_t street_day(const struct record *rec);
str street_day_words(struct arena *a, int32_t day); /* 11月28日 周六 */
