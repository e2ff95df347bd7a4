/* embed.h -- files that travel inside the program: the model, pages' assets, the Chinese catalogue.
 * build-time tool tools/embed makes one assembler file (.incbin) and this table. Contents end in a NUL that is not
 * counted and live as long as the process. */
#pragma once
#include "base/str.h"

struct embed_file {
	const char *path; /* "model/registers/visit.yaml", "assets/qinghe.css" */
	const char *begin, *end;
};

extern const struct embed_file embed_files[];
extern const size_t embed_files_n; /* sorted by path, in bytes */

str embed_zh_mo(void);
/* The file's bytes; {NULL, 0} when there is none of that path. */
str embed_find(const char *path);
