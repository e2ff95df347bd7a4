/* page_sign_in.h -- what the door shows: signing in, claiming an account by its code, one's own page. */
#pragma once
#include "web/shell.h"

struct sign_in_page {
	struct shell shell;
	str handle, next, fault, code, handle_fault, password_fault, again_fault;
	bool claimed, left;
};

struct me_session {
	str from, seen;
	bool here, program;
};

struct me_role {
	str label, unit;
};

struct me_page {
	struct shell shell;
	str name, handle;
	bool staff;
	struct me_role *roles;
	size_t roles_n;
	struct me_session *sessions;
	size_t sessions_n;
};
