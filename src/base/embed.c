/* embed.c -- see embed.h. */
#include "base/embed.h"

static str content(const struct embed_file *f)
{
	return (str){f->begin, (size_t)(f->end - f->begin)};
}

str embed_find(const char *path)
{
	for (size_t lo = 0, hi = embed_files_n; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;
		int d = strcmp(path, embed_files[mid].path);
		if (d == 0)
			return content(&embed_files[mid]);
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (str){NULL, 0};
}

str embed_zh_mo(void)
{
	static str mo; /* the same value whoever writes it first */
	if (mo.p == NULL)
		mo = embed_find("zh.mo");
	return mo;
}
