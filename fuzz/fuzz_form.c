/* Queries, cookies and multipart bodies; the first byte chooses. */
#include "net/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = {0};
	struct err err;
	struct pairs pairs;
	struct parts parts;
	if (n == 0)
		return 0;
	str rest = {(const char *)data + 1, n - 1};
	enum rc rc = RC_OK;
	if (data[0] % 3 == 0)
		rc = form_query(&a, rest, &pairs, &err);
	else if (data[0] % 3 == 1)
		pairs = form_cookies(&a, rest);
	else
		rc = form_multipart(&a, STR("multipart/form-data; boundary=xX"), rest, &parts, &err);
	(void)rc;
	arena_done(&a);
	return 0;
}
