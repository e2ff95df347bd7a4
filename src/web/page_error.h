/* page_error.h -- what the error page shows. */
#pragma once
#include "web/shell.h"

struct error_page {
	struct shell shell;
	int status;
	str heading, detail, todo;
	bool sign_in;
};
