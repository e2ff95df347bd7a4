/* page_mine.h -- /mine, what a resident comes for, with ?child= for the child: events to sign up for, taking it back, the code
 * to check in by, hours served, certificates; /certificates/ID, one
 * of them as it is printed; /awards/ID, an award's; /verify/NUMBER, where whoever holds the paper compares it. All of it without a script. */
#pragma once
#include "web/page_mydata.h"

struct mine_event {
	int64_t event;
	str title, about, places, told, until, code;
	bool signed_up, waits, ended, shut,
		lacks; /* shut: only the guardian signs up; lacks: the guardian's word does */
	const char *look;
};
struct mine_served {
	int64_t org;
	str unit, hours, events;
};
struct mine_certificate {
	str number, href, about, state;
	const char *look;
};
struct mine_page {
	struct shell shell;
	str name, told, fault, hours, hours_words, year, from, to, waiting, child, consents_href, apply_href,
		data_href;
	bool own, guardian; /* own: the reader's page, not a child's; guardian: only the guardian signs up */
	struct mydata_child *people;
	size_t people_n;
	struct mine_event *events;
	size_t events_n;
	struct mine_served *served;
	size_t served_n;
	struct mine_certificate *certificates;
	size_t certificates_n;
};

struct certificate_page {
	struct shell shell;
	str number, code, name, unit, hours, from, to, issued, content, where, told, action, pdf, heading,
		say, contest, award, make, wait;
	struct html_safe picture;
	bool valid, known, asks, printer;
	str fault;
};

/* The certificate as qinghe-print sets it: heading, number, say, code, where, unit, issued. */
MUST_USE enum rc certificate_printed(struct page *p, const struct certificate_page *g, struct err *err);
/* The picture of the address by which it is verified, and that address: number and code are there. */
MUST_USE enum rc certificate_picture(struct page *p, struct certificate_page *g, struct err *err);
/* /verify/NUMBER of an award. */
MUST_USE enum rc award_verify_fill(struct page *p, str code, struct certificate_page *g, struct err *err);
/* 2026年1月8日; ABCD-2345. */
str certificate_day(struct page *p, str iso);
str certificate_code(struct page *p, str code);
