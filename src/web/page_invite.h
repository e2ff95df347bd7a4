/* page_invite.h -- /invites: a unit gives accounts to its own people (register/invitation.h): who has one, who may get one,
 * and the sheet of links to print with the digits that are told in person; /join: where the link is opened and the account
 * claimed. The link's half travels behind the # of an address, which no server sees; the digits stand on the screen only. */
#pragma once
#include "web/page_accounts.h"

enum { INVITES_ROWS = 60 };

struct invite_row {
	str id, name, unit, state, told;
	const char *look;
	bool may;
};
struct invites_page {
	struct shell shell;
	str q, scope, fault, older_href, until;
	struct invite_row *rows; /* people; on the sheet: name and digits */
	size_t rows_n;
	struct link_row *slips;
	size_t slips_n;
	bool sheet;
};

struct join_page {
	struct shell shell;
	str code, fault, told_fault, handle, handle_fault, password_fault, again_fault;
	bool known, level3;
};
