/* page_onsite.h -- /onsite/REGISTER/ID, 现场: the rotating code (guard/site_code.h) large, how many have come, who came last,
 * a field for those without a phone, and the end of it; /here/REGISTER/ID, where a phone that scanned the code checks in.
 *
 * Who scans proves to stand there: the browser gets a ticket in a cookie and has fifteen minutes to sign in. The check-in
 * is the resident's own job, which for this one row lends itself the right of whoever leads the site (register/occasion.h);
 * it has source site_code, grade A, and counts once. Both pages work without a script; with one (jot.js) code and count renew by
 * themselves. Weighed by tests/browser/test_phone.mjs: a form page, below 40 KB without a cache. */
#pragma once
#include "register/occasion.h"
#include "web/shell.h"

enum { ONSITE_LAST = 8, ONSITE_PICKS = 6 };

struct onsite_row {
	str name, when, how;
};
struct onsite_pick {
	str id, name;
};
struct onsite_page {
	struct shell shell;
	str owner, heading, about, action, part_href, code, here, left, count, told, fault, typed, back_href,
		close_words;
	struct html_safe picture;
	struct onsite_row *rows;
	size_t rows_n;
	struct onsite_pick *picks;
	size_t picks_n;
	bool open, lively, unknown, near; /* near: only the part that changes */
	const char *look;
};

struct here_choice {
	str value, label;
	bool here;
};
struct here_page {
	struct shell shell;
	str heading, about, action, told, fault, sign_in, code;
	bool known, open, done, again;
	const char *look;
	struct here_choice *people;
	size_t people_n;
};
