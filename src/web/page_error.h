/* page_error.h -- what the error page shows. */
#pragma once
#include "web/street.h"

struct error_page {
	struct shell shell;
	int status;
	str heading, detail, todo;
	bool sign_in;
};

/* The same among the public pages: the hotlines stay in sight. */
struct street_error {
	struct street street;
	int status;
	str heading, detail, todo;
};
