/* tr.c -- see tr.h. The catalogue is gettext's binary .mo form (GNU gettext manual, "The Format of GNU MO Files"):
 * two tables of (length, offset), the first sorted by source text, searched by bisection. Plural entries hold
 * "one NUL many" as key; Chinese has one form, so the whole translation is the answer. */
#include "base/tr.h"
#include "base/embed.h"
#include "base/str.h"
#include <assert.h>

static _Thread_local enum lang current = LANG_ZH;

void tr_set(enum lang lang)
{
	current = lang;
}

enum lang tr_lang(void)
{
	return current;
}

static uint32_t word(str mo, size_t at)
{
	uint32_t v;
	assert(at + sizeof v <= mo.n);
	memcpy(&v, mo.p + at, sizeof v);
	return v;
}

static const char *lookup(str mo, const char *text)
{
	if (mo.n < 28)
		return NULL;
	uint32_t n = word(mo, 8), from = word(mo, 12), to = word(mo, 16);
	for (uint32_t lo = 0, hi = n; lo < hi;) {
		uint32_t mid = lo + (hi - lo) / 2;
		int d = strcmp(text, mo.p + word(mo, from + 8 * mid + 4));
		if (d == 0)
			return mo.p + word(mo, to + 8 * mid + 4);
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const char *tr(const char *text)
{
	if (current == LANG_EN || text == NULL || text[0] == 0)
		return text;
	const char *found = lookup(embed_zh_mo(), text);
	return found && found[0] ? found : text;
}

const char *trn(const char *one, const char *many, long long n)
{
	if (current == LANG_EN)
		return n == 1 ? one : many;
	const char *found = lookup(embed_zh_mo(), one);
	return found && found[0] ? found : (n == 1 ? one : many);
}
