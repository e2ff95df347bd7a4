/* page_sign_in.h -- what the door shows: signing in, the second step, claiming an account by its code, a phone's PIN. */
#pragma once
#include "web/shell.h"

struct sign_in_page {
	struct shell shell;
	str handle, next, fault, code_fault, code, demo_code;
	bool left, phone;
};

struct claim_page {
	struct shell shell;
	str code, handle, fault, handle_fault, password_fault, again_fault;
	bool level3;
};

/* /bind: first the code of the link, then name and PIN. */
struct bind_page {
	struct shell shell;
	str code, fault, unit, role, who, name, name_fault, pin_fault, again_fault;
	bool known, ask_name;
};

struct pin_page {
	struct shell shell;
	str unit, role, who, fault, next;
	bool gone;
};
