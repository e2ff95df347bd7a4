/* page_mydata.h -- /me/data: what is held about oneself or a child, who looked at it, and what one may ask. */
#pragma once
#include "web/shell.h"
#include "web/words.h"

struct mydata_child {
	str name, href;
	bool here;
};
struct mydata_register {
	str label, holds, keep, rows;
};
struct mydata_read {
	str when, who, what, why;
};
struct mydata_request {
	str asked, kind, due, state, answer;
	bool late;
};
struct mydata_choice {
	str id, label;
};
struct mydata_page {
	struct shell shell;
	str name, child, copy_href, fault;
	bool asked;
	struct mydata_child *people;
	size_t people_n;
	struct mydata_register *registers;
	size_t registers_n;
	struct mydata_read *reads;
	size_t reads_n;
	struct mydata_request *requests;
	size_t requests_n;
	struct mydata_choice *kinds;
	size_t kinds_n;
};
