/* round.c -- see round.h. A rule is a row of the table: its step in whole units, whether it is spoken in 万, and its
 * hedge. Arithmetic is in integers throughout; `wide` where a product could pass 2^63. */
#include "figure/round.h"
#include "base/buf.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

__extension__ typedef unsigned __int128 wide; /* gcc and clang, 64-bit targets */

enum hedge { PLAIN, YU, NEAR, OVER };

static const struct rule {
	const char *name;
	int64_t step;   /* whole units */
	int64_t spoken; /* 10000: written in 万, else 1 */
	enum hedge hedge;
	bool money; /* ends in 元 */
} rules[ROUND_RULES] = {
	[ROUND_EXACT] = {"exact", 1, 1, PLAIN, false},
	[ROUND_WAN] = {"万", 10000, 10000, PLAIN, false},
	[ROUND_WAN_YU] = {"万余", 10000, 10000, YU, false},
	[ROUND_QIAN_YU] = {"千余", 1000, 1, YU, false},
	[ROUND_BAI_YU] = {"百余", 100, 1, YU, false},
	[ROUND_SHI_YU] = {"十余", 10, 1, YU, false},
	[ROUND_TENTH_WAN_YU] = {"0.1万余", 1000, 10000, YU, false},
	[ROUND_WAN_YUAN] = {"万元", 10000, 10000, PLAIN, true},
	[ROUND_WAN_YU_YUAN] = {"万余元", 10000, 10000, YU, true},
	[ROUND_NEAR_WAN] = {"近万", 10000, 10000, NEAR, false},
	[ROUND_NEAR_QIAN] = {"近千", 1000, 1, NEAR, false},
	[ROUND_NEAR_BAI] = {"近百", 100, 1, NEAR, false},
	[ROUND_NEAR_SHI] = {"近十", 10, 1, NEAR, false},
	[ROUND_OVER_WAN] = {"超万", 10000, 10000, OVER, false},
	[ROUND_OVER_QIAN] = {"超千", 1000, 1, OVER, false},
	[ROUND_OVER_BAI] = {"超百", 100, 1, OVER, false},
	[ROUND_OVER_SHI] = {"超十", 10, 1, OVER, false},
};

bool round_rule_parse(str name, enum round_rule *out)
{
	for (int i = 0; i < ROUND_RULES; i++)
		if (str_is(name, rules[i].name)) {
			*out = (enum round_rule)i;
			return true;
		}
	return false;
}

const char *round_rule_name(enum round_rule rule)
{
	assert(rule < ROUND_RULES);
	return rules[rule].name;
}

bool round_rule_fits(enum round_rule rule, enum round_kind kind)
{
	assert(rule < ROUND_RULES);
	return !rules[rule].money || kind == ROUND_FEN;
}

/* How many of the value's parts make one whole unit. */
static int64_t parts_of(enum round_kind kind)
{
	return kind == ROUND_FEN ? 100 : kind == ROUND_MINUTES ? 60 : 1;
}

static void put(struct printed *p, const char *head, uint64_t whole, unsigned hundredths, const char *tail)
{
	if (hundredths == 0)
		snprintf(p->text, sizeof p->text, "%s%" PRIu64 "%s", head, whole, tail);
	else if (hundredths % 10 == 0)
		snprintf(p->text, sizeof p->text, "%s%" PRIu64 ".%u%s", head, whole, hundredths / 10, tail);
	else
		snprintf(p->text, sizeof p->text, "%s%" PRIu64 ".%02u%s", head, whole, hundredths, tail);
}

static struct printed exact(int64_t value, enum round_kind kind, const char *tail)
{
	struct printed p = {.note = value == 0 ? ROUND_ZERO : ROUND_FINE};
	const char *sign = value < 0 ? "-" : "";
	uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t parts = (uint64_t)parts_of(kind);
	uint64_t whole = v / parts, rest = v % parts;
	if (kind == ROUND_FEN && rest != 0) {
		snprintf(p.text, sizeof p.text, "%s%" PRIu64 ".%02u%s", sign, whole, (unsigned)rest, tail);
		return p;
	}
	if (kind == ROUND_MINUTES && rest * 100 % 60 != 0)
		p.note = ROUND_INEXACT;
	unsigned hundredths = kind == ROUND_MINUTES ? (unsigned)((rest * 100 + 30) / 60) : 0;
	put(&p, sign, whole, hundredths, tail);
	return p;
}

static struct printed exactly_instead(
	int64_t value, enum round_kind kind, const struct rule *r, enum round_note note)
{
	struct printed p = exact(value, kind, r->money ? "元" : "");
	if (p.note != ROUND_ZERO)
		p.note = note;
	return p;
}

static struct printed half_up(int64_t value, int64_t parts, const struct rule *r)
{
	struct printed p = {.note = ROUND_FINE};
	wide unit = (wide)r->step * (wide)parts;
	uint64_t h = (uint64_t)(((wide)value * 100 + unit / 2) / unit);
	put(&p, "", h / 100, (unsigned)(h % 100), r->money ? "万元" : "万");
	return p;
}

struct printed round_print(int64_t value, enum round_kind kind, enum round_rule rule)
{
	assert(rule < ROUND_RULES && round_rule_fits(rule, kind));
	const struct rule *r = &rules[rule];
	int64_t parts = parts_of(kind);
	if (rule == ROUND_EXACT)
		return exact(value, kind, "");
	if (r->hedge == NEAR ? value <= 0 : value / parts < r->step)
		return exactly_instead(value, kind, r, ROUND_BELOW_STEP);
	if (r->hedge == PLAIN)
		return half_up(value, parts, r);

	uint64_t unit = (uint64_t)(r->step * parts), v = (uint64_t)value;
	uint64_t steps = v / unit;
	bool remainder = v % unit != 0;
	if (r->hedge == NEAR && remainder) {
		steps++;
		/* stated - value <= 5 % of value */
		if (((wide)steps * unit - v) * 20 > v)
			return exactly_instead(value, kind, r, ROUND_TOO_FAR);
	}
	struct printed p = {.note = ROUND_FINE};
	const char *head = !remainder ? "" : r->hedge == NEAR ? "近" : r->hedge == OVER ? "超" : "";
	const char *yu = remainder && r->hedge == YU ? "余" : "";
	uint64_t stated = steps * (uint64_t)r->step;
	char tail[16];
	snprintf(tail, sizeof tail, "%s%s%s", r->spoken > 1 ? "万" : "", yu, r->money ? "元" : "");
	uint64_t spoken = (uint64_t)r->spoken;
	put(&p, head, stated / spoken, (unsigned)(stated % spoken * 100 / spoken), tail);
	return p;
}

/* Half-up to tenths of a per cent, but 100.0 and 0.0 are kept for the true ones. */
static uint64_t permille(uint64_t of, uint64_t over)
{
	uint64_t t = (uint64_t)(((wide)of * 2000 + over) / ((wide)over * 2));
	if (of < over && t >= 1000)
		return 999;
	return of > 0 && t == 0 ? 1 : t;
}

static void put_permille(struct printed *p, const char *head, uint64_t t)
{
	put(p, head, t / 10, (unsigned)(t % 10 * 10), "%");
}

struct printed round_rate(int64_t of, int64_t over)
{
	assert(over > 0 && of >= 0);
	struct printed p = {.note = of == 0 ? ROUND_ZERO : ROUND_FINE};
	put_permille(&p, "", permille((uint64_t)of, (uint64_t)over));
	return p;
}

struct printed round_full(int64_t of, int64_t over)
{
	assert(over > 0 && of >= 0);
	struct printed p = {.note = of == 0 ? ROUND_ZERO : ROUND_FINE};
	if (of == over)
		snprintf(p.text, sizeof p.text, "全覆盖");
	else
		put_permille(&p, "覆盖率", permille((uint64_t)of, (uint64_t)over));
	return p;
}

struct printed round_change(int64_t now, int64_t before)
{
	assert(before > 0);
	struct printed p = {.note = ROUND_FINE};
	if (now == before) {
		snprintf(p.text, sizeof p.text, "持平");
		return p;
	}
	uint64_t by = now > before ? (uint64_t)now - (uint64_t)before : (uint64_t)before - (uint64_t)now;
	uint64_t base = (uint64_t)before;
	uint64_t t =
		by >= base ? (uint64_t)(((wide)by * 2000 + base) / ((wide)base * 2)) : permille(by, base);
	put_permille(&p, now > before ? "增长" : "下降", t);
	return p;
}

struct printed round_grouped(int64_t value, enum round_kind kind)
{
	struct printed e = exact(value, kind, ""), p = {.note = e.note};
	size_t sign = e.text[0] == '-', digits = strspn(e.text + sign, "0123456789"), n = 0;
	for (size_t i = 0; e.text[i]; i++) {
		if (digits >= 5 && i > sign && i < sign + digits && (sign + digits - i) % 3 == 0)
			p.text[n++] = ',';
		p.text[n++] = e.text[i];
	}
	assert(n < sizeof p.text);
	return p;
}
