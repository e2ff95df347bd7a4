/* download.h -- an answer that is saved, never shown: what a stranger uploaded, what an office prints. The name stands as RFC
 * 6266 says, twice: as ASCII for old programs and in UTF-8 (RFC 8187). The type is octet-stream unless it is one of the few
 * that no browser runs, and a second content policy (sandbox, nothing) holds even where somebody opens it in a tab. */
#pragma once
#include "net/http.h"

enum { DOWNLOAD_NAME_MAX_BYTES = 200 };

/* Before the body is written. name: folders, control characters, quotes and what Windows forbids become _; an empty one or one
 * of dots only becomes "file". type: NULL or unknown gives application/octet-stream. */
void http_download(struct http *q, str name, const char *type);
/* The header's value; a owns it. */
const char *download_disposition(struct arena *a, str name);
const char *download_type(const char *type);
