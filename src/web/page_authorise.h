/* page_authorise.h -- /authorisations and /break-glass: who may read minors' data, asked, approved, revoked, broken into. */
#pragma once
#include "web/shell.h"
#include "web/words.h"

struct authorise_choice {
	str id, label;
};
struct authorise_row {
	int64_t id;
	str who, role, unit, purpose, span, state, reason, by;
	bool decides, revokes, exports;
};
struct authorise_page {
	struct shell shell;
	bool approves, done;
	struct authorise_row *rows;
	size_t rows_n;
	struct authorise_choice *roles, *purposes, *duties;
	size_t roles_n, purposes_n, duties_n;
	str to;
};

struct glass_row {
	int64_t id;
	str who, what, opened, until, reason, review;
	bool waits, reviews;
};
struct glass_page {
	struct shell shell;
	bool opens, done;
	str href;
	struct glass_row *rows;
	size_t rows_n;
	struct authorise_choice *registers;
	size_t registers_n;
};
