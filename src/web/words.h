/* words.h -- values of records in the words of a page: chips for states, dates without their year where it is the
 * period's, references by their label, people of minors' registers masked. */
#pragma once
#include "web/page.h"

struct chip {
	str label;
	const char *look; /* done wait late info, or empty */
};

struct chip state_chip(const struct reg *reg, str state);
/* Does the move carry the row on? Not one that takes back, sends back or ends it: those stand last and are never the green one. */
bool move_leads_on(const struct move *m);
/* What a cell or a fact shows; empty where there is no value. Sealed texts (not names, phones) give an empty text: they
 * have a look of their own. */
str value_words(struct page *p, const struct record *rec, const struct field *f);
/* Whom to turn to about data, in one line: name · telephone · address; empty where the model names nobody. */
MUST_USE enum rc contact_words(struct page *p, str *out, struct err *err);
str date_words(struct page *p, str iso); /* 3月5日 within the period's year, else 2024年3月5日 */
str instant_words(struct page *p, int64_t at_ms); /* 今天09:12, 11月21日16:40 */
/* A record in one line: its code, title, or the person, else "#12". */
str record_title(struct page *p, const struct record *rec);
bool page_reads_people(struct page *p);
str keep_words(struct page *p, str keep); /* "6y" of a register: 6年 */
