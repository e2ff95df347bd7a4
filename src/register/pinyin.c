/* pinyin.c -- see pinyin.h. */
#include "register/pinyin.h"
#include "base/embed.h"
#include "base/utf8.h"

static const struct surname {
	const char *name, *initials;
} readings[] = {
	{"单", "s"},
	{"解", "x"},
	{"仇", "q"},
	{"区", "o"},
	{"曾", "z"},
	{"查", "z"},
	{"盖", "g"},
	{"朴", "p"},
	{"翟", "z"},
	{"缪", "m"},
	{"冼", "x"},
	{"洗", "x"},
	{"逄", "p"},
	{"繁", "p"},
	{"召", "s"},
	{"员", "y"},
	{"覃", "q"},
	{"乐", "y"},
	{"折", "s"},
	{"谌", "c"},
	{"秘", "b"},
	{"种", "c"},
	{"重", "c"},
	{"佴", "n"},
	{"郇", "x"},
	{"隗", "w"},
	{"晟", "c"},
	{"黑", "h"},
	{"那", "n"},
	{"撒", "s"},
	{"訾", "z"},
	{"宓", "m"},
	{"臧", "z"},
	{"燕", "y"},
	{"任", "r"},
	{"葛", "g"},
};
static const struct surname compounds[] = {
	{"欧阳", "oy"},
	{"司马", "sm"},
	{"上官", "sg"},
	{"诸葛", "zg"},
	{"东方", "df"},
	{"皇甫", "hf"},
	{"尉迟", "yc"},
	{"公孙", "gs"},
	{"慕容", "mr"},
	{"令狐", "lh"},
	{"司徒", "st"},
	{"宇文", "yw"},
	{"长孙", "zs"},
	{"万俟", "mq"},
	{"夏侯", "xh"},
	{"端木", "dm"},
	{"南宫", "ng"},
	{"轩辕", "xy"},
	{"闻人", "wr"},
	{"东郭", "dg"},
	{"百里", "bl"},
	{"呼延", "hy"},
	{"澹台", "tt"},
	{"公冶", "gy"},
	{"宗政", "zz"},
	{"濮阳", "py"},
	{"淳于", "cy"},
	{"单于", "cy"},
	{"太叔", "ts"},
	{"申屠", "st"},
	{"仲孙", "zs"},
	{"钟离", "zl"},
	{"赫连", "hl"},
	{"独孤", "dg"},
	{"拓跋", "tb"},
};

size_t surname_bytes(str name)
{
	size_t k;
	for (size_t i = 0; i < sizeof compounds / sizeof *compounds; i++)
		if (str_starts(name, str_of(compounds[i].name)))
			return strlen(compounds[i].name);
	if (name.n == 0)
		return 0;
	utf8_next(name, &k);
	return k;
}

static const struct surname *reading(str name)
{
	for (size_t i = 0; i < sizeof compounds / sizeof *compounds; i++)
		if (str_starts(name, str_of(compounds[i].name)))
			return &compounds[i];
	for (size_t i = 0; i < sizeof readings / sizeof *readings; i++)
		if (str_starts(name, str_of(readings[i].name)))
			return &readings[i];
	return NULL;
}

static char letter(uint32_t c)
{
	str table = embed_find("pinyin.bin");
	size_t at = SIZE_MAX;
	if (c >= 0x3400 && c < 0xA000)
		at = c - 0x3400;
	else if (c >= 0x20000 && c < 0x323B0)
		at = 0xA000 - 0x3400 + (c - 0x20000);
	return at < table.n ? table.p[at] : '.';
}

str pinyin_initials(struct arena *a, str name)
{
	char *out = arena_alloc(a, name.n + 2);
	size_t n = 0, i = 0, k;
	const struct surname *first = reading(name);
	if (first) {
		n = strlen(first->initials);
		memcpy(out, first->initials, n);
		i = strlen(first->name);
	}
	bool in_word = false;
	for (; i < name.n; i += k) {
		uint32_t c = utf8_next(str_from(name, i), &k);
		char l = c < 0x80 ? (char)c : letter(c);
		if (l >= 'A' && l <= 'Z')
			l = (char)(l - 'A' + 'a');
		bool is_letter = l >= 'a' && l <= 'z';
		if (is_letter && !(c < 0x80 && in_word))
			out[n++] = l;
		in_word = is_letter && c < 0x80;
	}
	return (str){out, n};
}

enum { HAN_FIRST = 0x3400, HAN_END = 0xA000, HAN_MORE = 0x20000, HAN_MORE_END = 0x323B0, UNREAD = 0xFFFF };

/* Where a character stands: Latin below all Han. */
static uint32_t place(uint32_t c)
{
	str table = embed_find("pinyin.bin");
	size_t at = HAN_END - HAN_FIRST + (HAN_MORE_END - HAN_MORE);
	if (c >= 'A' && c <= 'Z')
		return c + 32;
	if (!utf8_is_han(c))
		return c < 0x3000 ? c : 0x3000;
	at += (c - HAN_FIRST) * 2;
	if (c < HAN_FIRST || c >= HAN_END || at + 2 > table.n)
		return 0x10000 + UNREAD;
	uint32_t reading = (unsigned char)table.p[at] | (uint32_t)(unsigned char)table.p[at + 1] << 8;
	return 0x10000 + (reading ? reading : UNREAD);
}

int pinyin_order(str a, str b)
{
	int tie = 0;
	size_t i = 0, k = 0;
	while (i < a.n && k < b.n) {
		size_t an, bn;
		uint32_t x = utf8_next(str_from(a, i), &an), y = utf8_next(str_from(b, k), &bn);
		uint32_t px = place(x), py = place(y);
		if (px != py)
			return px < py ? -1 : 1;
		if (tie == 0 && x != y)
			tie = x < y ? -1 : 1;
		i += an;
		k += bn;
	}
	if ((i < a.n) != (k < b.n))
		return i < a.n ? 1 : -1;
	return tie;
}
