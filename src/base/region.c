/* region.c -- see region.h. Both tables are text, a line a division, sorted by code as text: a prefix of digits sorts before
 * what it begins. */
#include "base/region.h"
#include "base/embed.h"
#include <string.h>

enum { LEVELS = 5 };
static const size_t DIGITS[LEVELS] = {2, 4, 6, 9, 12};

static str built(void)
{
	return embed_find("regions.tsv");
}

static str line_at(str text, size_t at)
{
	str rest;
	return str_cut(str_from(text, at), '\n', &rest);
}

static void read_line(str line, struct region *out)
{
	str rest, from, to;
	*out = (struct region){.code = str_cut(line, '\t', &rest), .from = DATE_NONE, .to = DATE_NONE};
	out->name = str_cut(rest, '\t', &rest);
	from = str_cut(rest, '\t', &to);
	if (!date_parse(from, &out->from))
		out->from = DATE_NONE;
	if (!date_parse(to, &out->to))
		out->to = DATE_NONE;
	out->statistical = out->code.n >= 6 && out->code.p[4] == '7';
}

str region_table_text(void)
{
	return str_trim(str_from(line_at(built(), 0), 1));
}

bool region_table(void)
{
	return str_find_byte(built(), '\t') != SIZE_MAX;
}

static bool find_in(str text, str code, struct region *out)
{
	size_t low = 0, high = text.n; /* offsets; the line wanted begins in [low, high) */
	while (low < high) {
		size_t at = low + (high - low) / 2;
		while (at > low && text.p[at - 1] != '\n')
			at--;
		str line = line_at(text, at), rest, here = str_cut(line, '\t', &rest);
		int order = line.n && line.p[0] == '#' ? -1 : str_cmp(here, code);
		if (order == 0) {
			read_line(line, out);
			return true;
		}
		if (order < 0)
			low = at + line.n + 1;
		else
			high = at;
	}
	return false;
}

/* The code without the zeros that only fill it up. */
static str plain(str code)
{
	if (code.n == 12 && str_ends(code, STR("000")))
		code = str_head(code, 9);
	if (code.n == 9 && str_ends(code, STR("000")))
		code = str_head(code, 6);
	while ((code.n == 6 || code.n == 4) && str_ends(code, STR("00")))
		code = str_head(code, code.n - 2);
	return code;
}

static bool find(str code, struct region *out)
{
	/* Ours is small and may be written in any order. */
	str rest = embed_find("model/regions.tsv");
	while (rest.n > 0) {
		struct region r;
		str line = str_cut(rest, '\n', &rest);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		read_line(line, &r);
		if (str_eq(r.code, code)) {
			*out = r;
			return true;
		}
	}
	return find_in(built(), code, out);
}

static bool is_code(str s)
{
	bool length = false;
	for (size_t i = 0; i < LEVELS; i++)
		length |= s.n == DIGITS[i];
	for (size_t i = 0; i < s.n; i++)
		length &= s.p[i] >= '0' && s.p[i] <= '9';
	return length;
}

bool region_find(str code, struct region *out)
{
	return is_code(code) && find(plain(code), out);
}

enum region_standing region_standing(str code)
{
	struct region r;
	if (!is_code(code))
		return REGION_UNKNOWN;
	if (!region_table())
		return REGION_PLAUSIBLE;
	str p = plain(code);
	if (find(p, &r) || (p.n == 12 && find(str_head(p, 9), &r)))
		return REGION_KNOWN;
	return p.n >= 6 && find(str_head(p, 4), &r) ? REGION_PLAUSIBLE : REGION_UNKNOWN;
}

/* 市辖区 and its like stand where a level has no name of its own. */
static bool filler(str name)
{
	return str_is(name, "市辖区") || str_is(name, "县") || str_ends(name, STR("直辖县级行政区划"));
}

str region_label(struct arena *a, str code)
{
	str s = {0}, p = plain(code);
	bool whole = false;
	if (!is_code(code))
		return code;
	for (size_t i = 0; i < LEVELS && DIGITS[i] <= p.n; i++) {
		struct region r;
		whole = find(str_head(p, DIGITS[i]), &r);
		if (whole && !filler(r.name))
			s = arena_fmt(a, "%.*s%.*s", STR_ARG(s), STR_ARG(r.name));
	}
	if (s.n == 0)
		return code;
	return whole ? s : arena_fmt(a, "%.*s %.*s", STR_ARG(s), STR_ARG(code));
}

/* A name without the word for what it is: 杭州 for 杭州市. */
static str stem(str name)
{
	static const char *const words[] = {
		"特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市", "地区", "盟"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_ends(name, str_of(words[i])) && name.n > strlen(words[i]) + 3)
			return str_head(name, name.n - strlen(words[i]));
	return name;
}

/* Whether `said`, what stands before a division's own name, is made of the names of what it lies in, in order. */
static bool leads(str said, str code)
{
	for (size_t i = 0; i < LEVELS && DIGITS[i] < code.n && said.n > 0; i++) {
		struct region r;
		if (!find(str_head(code, DIGITS[i]), &r) || filler(r.name))
			continue;
		if (str_starts(said, r.name))
			said = str_from(said, r.name.n);
		else if (str_starts(said, stem(r.name)))
			said = str_from(said, stem(r.name).n);
	}
	return said.n == 0;
}

static bool means(str said, const struct region *r)
{
	str names[2] = {r->name, stem(r->name)};
	if (filler(r->name))
		return false;
	for (size_t i = 0; i < 2; i++)
		if (str_ends(said, names[i]) && leads(str_head(said, said.n - names[i].n), r->code))
			return true;
	return false;
}

static bool invented(str code)
{
	return str_starts(code, STR("3799"));
}

static size_t named_in(str text, str name, bool of_demo, struct region *out, size_t max, size_t n)
{
	while (text.n > 0) {
		struct region r;
		str line = str_cut(text, '\n', &text);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		read_line(line, &r);
		if (invented(r.code) != of_demo || !means(name, &r))
			continue;
		if (n < max)
			out[n] = r;
		n++;
	}
	return n;
}

size_t region_named(str name, struct region *out, size_t max)
{
	str ours = embed_find("model/regions.tsv");
	name = str_trim(name);
	size_t n = name.n ? named_in(built(), name, false, out, max, named_in(ours, name, false, out, max, 0))
			  : 0;
	return n || name.n == 0 ? n : named_in(ours, name, true, out, max, 0);
}

bool region_some_county(uint64_t place, struct region *out)
{
	str text = built();
	if (!region_table())
		return false;
	for (size_t at = (size_t)(place % text.n), lines = 0; lines < text.n; lines++) {
		while (at > 0 && at < text.n && text.p[at - 1] != '\n')
			at++;
		if (at >= text.n)
			at = 0;
		str line = line_at(text, at);
		read_line(line, out);
		if (out->code.n == 6 && !out->statistical && !filler(out->name))
			return true;
		at += line.n + 1;
	}
	return false;
}
