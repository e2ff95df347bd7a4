/* page_mydata.h -- /me/data: what is held about oneself or a child, who looked at it, what one may ask, and objecting to an
 * answer; /requests: where staff answer. */
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
struct mydata_named {
	str label, as, rows;
};
struct mydata_read {
	str when, who, what, why;
};
struct mydata_request {
	int64_t id;
	str asked, kind, due, state, answer, appeal, review;
	bool late, may_object;
};
struct mydata_choice {
	str id, label;
};
struct mydata_page {
	struct shell shell;
	str name, child, copy_href, consents_href, fault;
	bool asked, objected;
	struct mydata_child *people;
	size_t people_n;
	struct mydata_register *registers;
	size_t registers_n;
	struct mydata_named *named;
	size_t named_n;
	str missing; /* files of the archive that are not at hand */
	struct mydata_read *reads;
	size_t reads_n;
	struct mydata_request *requests;
	size_t requests_n;
	struct mydata_choice *kinds;
	size_t kinds_n;
};

/* /requests: the staff's queue of such requests, the nearest clock first. */
struct request_row {
	int64_t id;
	str who, kind, asked_by, asked, due, left, unit, refusal, appeal, person_href, row_href, upheld;
	const char *look;                        /* of `left` */
	bool may_answer, may_review, own_answer; /* own_answer: reviewed by somebody else only */
};
struct requests_page {
	struct shell shell;
	str told, fault;
	int64_t fault_id;
	struct request_row *open, *done;
	size_t open_n, done_n;
	bool authorised;
};

/* /me/consents */
struct consent_row {
	int64_t id; /* of the consent that stands; 0: none */
	str purpose, label, text, version, given, given_version, withdrawn;
	bool older; /* it was given to another version of the text */
};
struct consent_page {
	struct shell shell;
	str name, child, told, fault, contact;
	struct mydata_child *people;
	size_t people_n;
	struct consent_row *rows;
	size_t rows_n;
};
