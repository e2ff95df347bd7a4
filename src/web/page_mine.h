/* page_mine.h -- /mine, what a resident comes for, with ?child= for the child: events to sign up for, taking it back, the code
 * to check in by, hours served, certificates; /certificates/ID, one
 * of them as it is printed; /verify/NUMBER, where whoever holds the paper compares it. All of it without a script. */
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
	str number, code, name, unit, hours, from, to, issued, content, where, told, action, pdf;
	struct html_safe picture;
	bool valid, known, asks, printer;
	str fault;
};
