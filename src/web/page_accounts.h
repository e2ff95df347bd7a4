/* page_accounts.h -- administration: who may sign in and as what; links for units; duties handed over. */
#pragma once
#include "web/page_me.h"

struct account_row {
	int64_t person;
	str name, role, unit, handle, state;
	const char *look;
};
struct accounts_page {
	struct shell shell;
	str asked, role;
	struct choice_row *roles;
	size_t roles_n;
	struct account_row *rows;
	size_t rows_n;
	str older_href;
	int64_t total;
	bool found, may_change;
};

struct account_role {
	int64_t id;
	str label, unit, from;
};
struct account_page {
	struct shell shell;
	int64_t person;
	str name, unit, handle, fault, code, code_until;
	bool disabled, claimed, factor, may_change, ended;
	struct account_role *roles;
	size_t roles_n;
	struct me_session *sessions;
	size_t sessions_n;
	struct me_device *devices;
	size_t devices_n;
	struct me_token *tokens;
	size_t tokens_n;
	struct choice_row *kinds;
	size_t kinds_n;
	str grant_fault, grant_org;
};

struct link_row {
	str unit, code, who, address, text;
	struct html_safe picture;
};
struct links_page {
	struct shell shell;
	str fault, org, scope, until, made_on;
	struct choice_row *kinds, *roles;
	size_t kinds_n, roles_n;
	int64_t units, bound, linked, bare, nameless;
	struct link_row *rows;
	size_t rows_n;
	bool all, printer;
};

struct handover_row {
	int64_t id;
	str unit, giver, taker, state, on;
	const char *look;
};
struct handover_line {
	str kind, label, href;
};
struct handover_page {
	struct shell shell;
	struct handover_row *rows;
	size_t rows_n;
	str fault, giver, org, taker, remark;
	bool may_name; /* secadmin: somebody else's duty */
	/* one sheet */
	int64_t id;
	str unit, made_on, given_on, taken_on, done_on, ended_on, number;
	struct handover_line *lines;
	size_t lines_n;
	bool open, may_give, may_take, on_paper, may_end, signed0, pdf, printer;
	struct link_row *links;
	size_t links_n;
};
