/* occasion_names.c -- names out of what was copied from a chat: see occasion.h. */
#include "base/utf8.h"
#include "register/narrow.h"
#include "register/occasion.h"
#include "register/person.h"

enum { NAME_MIN_CHARS = 2, NAME_HAN_MAX_CHARS = 4 };

struct names {
	struct arena *a;
	str *good, *strange;
	size_t good_n, good_cap, strange_n, strange_cap;
};

static void keep(struct names *x, str word)
{
	bool han = word.n > 0, dot = false;
	size_t chars = 0, n;
	for (str s = word; s.n > 0; s = str_from(s, n), chars++) {
		uint32_t c = utf8_next(s, &n);
		bool middle = c == 0xB7 || c == 0x2022 || c == 0x30FB;
		dot = dot || middle;
		han = han && (middle || utf8_is_han(c));
	}
	if (chars == 0)
		return;
	bool good = han && chars >= NAME_MIN_CHARS &&
		    chars <= (dot ? (size_t)OCCASION_NAME_MAX_CHARS : (size_t)NAME_HAN_MAX_CHARS);
	if (!good) {
		x->strange = arena_grow(x->a, x->strange, x->strange_n, &x->strange_cap, sizeof *x->strange);
		x->strange[x->strange_n++] = word;
		return;
	}
	word = person_name_clean(x->a, word);
	x->good = arena_grow(x->a, x->good, x->good_n, &x->good_cap, sizeof *x->good);
	x->good[x->good_n++] = word;
}

static bool is_one_of(uint32_t c, const char *set)
{
	size_t n;
	for (str s = str_of(set); s.n > 0; s = str_from(s, n))
		if (utf8_next(s, &n) == c)
			return true;
	return false;
}

static bool is_digit(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 0x2460 && c <= 0x2473);
}

/* 3. 3、 (3) ③ at the head; a telephone number or a mark at the end. */
static str bare(str word)
{
	size_t n;
	while (word.n > 0) {
		uint32_t c = utf8_next(word, &n);
		if (!is_digit(c) && !is_one_of(c, ".、．)）(（:：@+*-—·√✓✔ "))
			break;
		word = str_from(word, n);
	}
	str end = word;
	for (str s = word; s.n > 0; s = str_from(s, n)) {
		uint32_t c = utf8_next(s, &n);
		if (is_digit(c) || is_one_of(c, "(（[【:：+√✓✔。.!！"))
			return (str){word.p, (size_t)(s.p - word.p)};
	}
	return end;
}

/* 到场人员：张三 -- what stands before the colon is a heading; 张三：已到 -- it is the name. */
static str behind_heading(str line)
{
	static const char *const heads[] = {"人员", "名单", "姓名", "参加", "到场", "志愿者", "接龙", "成员"};
	size_t wide = str_find(line, STR("：")), thin = str_find_byte(line, ':');
	size_t at = wide < thin ? wide : thin;
	if (at == SIZE_MAX)
		return line;
	str before = str_head(line, at), after = str_from(line, at + (wide < thin ? 3 : 1));
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (str_find(before, str_of(heads[i])) != SIZE_MAX)
			return after;
	return before;
}

static size_t word_end(str s, size_t *out_sign)
{
	size_t n;
	for (str rest = s; rest.n > 0; rest = str_from(rest, n))
		if (is_one_of(utf8_next(rest, &n), "、，,；;/|\t ")) {
			*out_sign = n;
			return (size_t)(rest.p - s.p);
		}
	*out_sign = 0;
	return s.n;
}

/* 王 芳: a name is often parted to stand even with the others. */
static void line_words(struct names *x, str line)
{
	str held = {NULL, 0};
	while (line.n > 0) {
		size_t sign, end = word_end(line, &sign);
		str word = str_trim(bare(str_head(line, end)));
		bool parted = sign == 1 && line.p[end] == ' ';
		line = str_from(line, end + sign);
		if (word.n == 0)
			continue;
		if (held.n) {
			bool pair = utf8_count(word) <= 2;
			keep(x, pair ? arena_fmt(x->a, "%.*s%.*s", STR_ARG(held), STR_ARG(word)) : held);
			held = (str){NULL, 0};
			if (pair)
				continue;
		}
		if (utf8_count(word) == 1 && parted)
			held = word;
		else
			keep(x, word);
	}
	if (held.n)
		keep(x, held);
}

void occasion_names(
	struct arena *a, str text, str **out, size_t *out_n, str **out_strange, size_t *out_strange_n)
{
	struct names x = {.a = a};
	while (text.n > 0) {
		str line = narrow(a, str_cut(text, '\n', &text));
		if (line.n == 0 || line.p[0] == '#')
			continue;
		line_words(&x, behind_heading(bare(line).n ? str_from(line, (size_t)(bare(line).p - line.p))
							   : line));
	}
	*out = x.good;
	*out_n = x.good_n;
	*out_strange = x.strange;
	*out_strange_n = x.strange_n;
}
