/* links.h -- a one-time link as a line of a page: its address, its code as text, its QR picture. */
#pragma once
#include "web/page.h"
#include "web/page_accounts.h"

str links_base(struct page *p); /* https://linlan.example: as the site is reached */
/* path: where the link is opened; text: the code of the link; it stands behind the # of the picture's address, for no server ever gets to see that. */
MUST_USE enum rc link_row_fill(struct page *p, struct link_row *row, const char *path, str unit, str code,
	str who, const char *text, struct err *err);
