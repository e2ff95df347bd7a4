/* page_street.h -- what the pages of the street share with each other, and the page at its head. */
#pragma once
#include "web/street.h"

struct street_home {
	struct street street;
	struct street_row *events, *articles, *posts, *figures;
	size_t events_n, articles_n, posts_n, figures_n;
	str events_all, figures_title;
};

/* page_events.c */
void event_row(struct page *p, const struct record *rec, struct street_row *row);
/* The next ones, the soonest first, cancelled ones left out. */
MUST_USE enum rc events_ahead(struct page *p, size_t most, struct street_row **out, size_t *out_n,
	int64_t *out_all, struct err *err);
/* page_articles.c */
void article_row(struct page *p, const struct record *rec, struct street_row *row);
/* page_open.c: whole figures of the latest published year that are told; title, tag: the value, note. */
MUST_USE enum rc open_front(
	struct page *p, size_t most, struct street_row **out, size_t *out_n, str *out_year, struct err *err);
/* page_posts.c */
void post_row(struct page *p, const struct record *rec, struct street_row *row);
/* The latest rows of all registers shown as that. */
MUST_USE enum rc street_latest(struct page *p, const char *as, const struct publish_query *like, size_t most,
	struct record ***out, size_t *out_n, struct err *err);

struct street_choice {
	str id, label;
	bool on;
};
struct street_form {
	struct street street;
	str intro, action, body, reach, about, fault, name, label;
	bool help;   /* the form for help, else for complaints and suggestions */
	bool closed; /* no station with people: nothing is taken, numbers to call stand instead */
	struct street_choice *choices, *harms;
	size_t choices_n, harms_n;
};
struct street_given {
	struct street street;
	str code, next, due;
	bool asked; /* /street/receipt before a code came */
	str fault;
	struct street_fact *facts;
	size_t facts_n;
};
