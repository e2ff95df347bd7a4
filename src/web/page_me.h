/* page_me.h -- one's own account: roles, sessions, phones, tokens, password, telephone, second factor. */
#pragma once
#include "web/shell.h"

struct me_session {
	str id, place, from, seen;
	bool here, phone;
};
struct me_role {
	str label, unit;
	int64_t org;
	bool now;       /* of the duty that this session is for */
	bool waits;     /* asks for more than this session has proven */
	bool elsewhere; /* another duty: can be switched to */
};
struct me_device {
	int64_t id;
	str place, unit, seen, why;
	bool here, ended;
};
struct me_token {
	int64_t id;
	str name, scope, unit, until, used;
};

struct me_page {
	struct shell shell;
	str name, handle, phone, told;
	struct me_role *roles;
	size_t roles_n;
	struct me_session *sessions;
	size_t sessions_n;
	struct me_device *devices;
	size_t devices_n;
	struct me_token *tokens;
	size_t tokens_n;
	bool by_phone, factor, has_password, staff, admin, secadmin, invites;
	int codes_left;
	bool few_codes;
};

/* /me/password, /me/phone, /me/pin */
struct me_secret_page {
	struct shell shell;
	str fault, new_fault, again_fault, value, handle;
	bool expired, factor, level3;
};

/* /me/second-factor, /me/codes */
struct factor_code {
	str text;
};
struct factor_page {
	struct shell shell;
	struct html_safe picture;
	str secret, address, fault, again_fault, demo_code, next, account;
	struct factor_code *codes;
	size_t codes_n;
	bool set, required, whole, asks_password, asks_code;
	int left;
};

struct choice_row {
	str value, label;
	bool chosen;
};
struct token_page {
	struct shell shell;
	str fault, name, text, until, scope_fault, days;
	struct choice_row *units;
	size_t units_n;
	struct me_token *tokens;
	size_t tokens_n;
	bool factor, registers_read, registers_write, figures_read, figures_write;
};
