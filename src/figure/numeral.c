/* numeral.c -- see numeral.h. One pass: at each character try an Arabic, then a Chinese number; read hedges backwards from
 * its head and forwards from its end; then decide what kind of number it is from its neighbours. */
#include "figure/numeral.h"
#include "base/utf8.h"

static const int64_t LIMIT = INT64_C(10000000000000000);

static const char *const units[] = {"万人次", "人次", "场次", "期次", "学时", "小时", "分钟", "公里", "个",
	"名", "人", "次", "场", "期", "项", "起", "支", "家", "户", "处", "所", "件", "篇", "条", "部", "元",
	"份", "本", "册", "台", "套", "辆", "座", "间", "门", "节", "堂", "批", "位", "对", "组", "队", "班",
	"枚", "笔", "株", "棵", "吨", "亩", "倍", "级", "村", "校", "金", "银", "铜", "类", "种", "例", "宗",
	"幅", "首", "集", "轮", "届", "款", "点", "岗", "站", "成"};

/* Set phrases whose number counts nothing of this year. */
static const char *const phrases[] = {"四个意识", "四个自信", "两个维护", "两个确立", "四个全面", "三个代表",
	"两个一百年", "两个大局", "五个一", "三会两制一课", "三审三校", "两个结合", "一对一", "十四五",
	"十五五", "二十大", "十九大", "三下乡", "四史", "两新", "一二九", "五四", "六一", "百年", "三农",
	"五老", "四点半"};

static bool at_word(str s, size_t at, const char *word)
{
	return str_starts(str_from(s, at), str_of(word));
}

static bool ends_word(str s, size_t end, const char *word)
{
	return str_ends(str_head(s, end), str_of(word));
}

str numeral_unit(str s)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_starts(s, str_of(units[i])))
			return str_head(s, strlen(units[i]));
	return (str){s.p, 0};
}

int64_t numeral_hundredths(int64_t value, enum round_kind kind)
{
	return kind == ROUND_FEN ? value : kind == ROUND_MINUTES ? value * 100 / 60 : value * 100;
}

/* An ASCII or full-width digit at s[at]: its value and length, or -1. */
static int digit_at(str s, size_t at, size_t *n)
{
	if (at >= s.n)
		return -1;
	if (s.p[at] >= '0' && s.p[at] <= '9') {
		*n = 1;
		return s.p[at] - '0';
	}
	uint32_t c = utf8_next(str_from(s, at), n);
	return c >= 0xFF10 && c <= 0xFF19 ? (int)(c - 0xFF10) : -1;
}

static bool latin_before(str s, size_t at)
{
	if (at == 0)
		return false;
	char c = s.p[at - 1];
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (c == '-' && at > 1 && s.p[at - 2] >= 'A' && s.p[at - 2] <= 'z');
}

static bool latin_at(str s, size_t at)
{
	return at < s.n && ((s.p[at] >= 'A' && s.p[at] <= 'Z') || (s.p[at] >= 'a' && s.p[at] <= 'z'));
}

struct reading {
	size_t end;
	int64_t value, place; /* hundredths: the number, and the place of its last significant digit */
	int digits;
	bool decimal, over;
};

static struct reading read_arabic(str s, size_t at)
{
	struct reading r = {.end = at, .place = 100};
	int64_t v = 0, scale = 100;
	int zeros = 0, d;
	size_t n;
	while ((d = digit_at(s, r.end, &n)) >= 0) {
		if (v > LIMIT / 1000)
			r.over = true;
		else
			v = v * 10 + d;
		zeros = d == 0 ? zeros + 1 : 0;
		r.digits++;
		r.end += n;
		size_t m, k = 0;
		while (k < 3 && r.end + 1 + k < s.n && digit_at(s, r.end + 1 + k, &m) >= 0 && m == 1)
			k++;
		if (r.end < s.n && s.p[r.end] == ',' && k == 3)
			r.end++;
	}
	v *= 100;
	for (int i = 0; i < zeros && v != 0; i++)
		r.place *= 10;
	if (r.end + 1 < s.n && s.p[r.end] == '.' && digit_at(s, r.end + 1, &n) >= 0) {
		r.end++;
		r.decimal = true;
		/* Digits beyond the second stand for less than a hundredth; 万 behind may still need four. */
		while ((d = digit_at(s, r.end, &n)) >= 0) {
			scale /= 10;
			v += d * scale;
			r.end += n;
		}
		r.place = scale > 0 ? scale : 1;
	}
	r.value = v;
	return r;
}

static int han_digit(uint32_t c)
{
	static const uint32_t digits[] = {
		0x96F6, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D};
	for (int i = 0; i < 10; i++)
		if (c == digits[i])
			return i;
	return c == 0x3007 ? 0 : c == 0x4E24 ? 2 : -1; /* 〇, 两 */
}

static int64_t han_place(uint32_t c)
{
	return c == 0x5341 ? 10 : c == 0x767E ? 100 : c == 0x5343 ? 1000 : 0; /* 十 百 千 */
}

/* 一百二十三, 二〇二五, 两千; without 万, which is read as a multiplier behind. */
static struct reading read_han(str s, size_t at)
{
	struct reading r = {.end = at, .place = 100};
	int64_t total = 0, last = -1;
	bool positional = false;
	size_t n;
	while (r.end < s.n) {
		uint32_t c = utf8_next(str_from(s, r.end), &n);
		int d = han_digit(c);
		int64_t place = han_place(c);
		if (d < 0 && place == 0)
			break;
		if (place) {
			total += (last < 0 ? 1 : last) * place;
			r.place = place * 100;
			last = -1;
		} else {
			if (last >= 0 && (last != 0 || positional || total == 0)) {
				positional = true;
				last = last * 10 + d;
			} else {
				last = d;
			}
			r.place = 100;
		}
		r.digits++;
		r.end += n;
		if (total > 1000000 || last > LIMIT / 1000) {
			r.over = true;
			break;
		}
	}
	r.value = (total + (last > 0 ? last : 0)) * 100;
	return r;
}

static const struct {
	const char *word;
	enum numeral_hedge hedge;
} heads[] = {{"不少于", HEDGE_AT_LEAST}, {"不低于", HEDGE_AT_LEAST}, {"至少", HEDGE_AT_LEAST},
	{"超过", HEDGE_OVER}, {"突破", HEDGE_OVER}, {"将近", HEDGE_NEAR}, {"接近", HEDGE_NEAR},
	{"大约", HEDGE_ABOUT}, {"近", HEDGE_NEAR}, {"约", HEDGE_ABOUT}, {"超", HEDGE_OVER},
	{"逾", HEDGE_OVER}};

static void hedge_put(struct numeral *m, enum numeral_hedge h)
{
	m->hedge = m->hedge == HEDGE_NONE || m->hedge == HEDGE_ROUNDED ? h : HEDGE_DOUBLE;
}

static size_t read_head(str s, size_t at, struct numeral *m)
{
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (ends_word(s, at, heads[i].word)) {
			hedge_put(m, heads[i].hedge);
			return at - strlen(heads[i].word);
		}
	return at;
}

static bool yu_at(str s, size_t *end)
{
	if (!at_word(s, *end, "余") && !at_word(s, *end, "多"))
		return false;
	*end += strlen("余");
	return true;
}

/* 余, 万, 亿, 余 again, %, the unit, 以上, 左右. */
static size_t read_tail(str s, size_t end, const struct reading *r, struct numeral *m)
{
	int64_t value = r->value, place = r->place;
	bool yu = yu_at(s, &end);
	int64_t times = at_word(s, end, "万") ? 10000 : at_word(s, end, "亿") ? 100000000 : 1;
	if (times > 1) {
		end += strlen("万");
		bool fits = value <= LIMIT / times;
		/* 10万余 ends at 10,000: the multiplier itself is the place, unless decimals or 200余万 say otherwise. */
		if (!yu && !r->decimal)
			place = 100;
		value = fits ? value * times : value;
		place = fits ? place * times : place;
		if (!yu && m->hedge == HEDGE_NONE)
			m->hedge = HEDGE_ROUNDED;
	}
	if (yu_at(s, &end))
		yu = true;
	m->stated = value;
	m->step = place;
	if (yu)
		hedge_put(m, HEDGE_YU);
	if (at_word(s, end, "%") || at_word(s, end, "％")) {
		m->percent = true;
		end += at_word(s, end, "%") ? 1 : strlen("％");
	}
	if (m->hedge == HEDGE_ROUNDED)
		m->step = times; /* the second decimal of 万 or 亿, in hundredths */
	m->unit = numeral_unit(str_from(s, end));
	size_t after = end + m->unit.n;
	if (at_word(s, after, "以上"))
		hedge_put(m, HEDGE_AT_LEAST);
	else if (at_word(s, after, "左右"))
		hedge_put(m, HEDGE_ABOUT);
	return end;
}

static bool code(str s, size_t at, size_t end)
{
	static const char *const lines[] = {"12355", "12356", "12345", "12348", "12338", "110", "119", "120"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (str_is(str_head(str_from(s, at), end - at), lines[i]) &&
			numeral_unit(str_from(s, end)).n == 0 && !at_word(s, end, "万") &&
			!at_word(s, end, "余") && !at_word(s, end, "多") && !at_word(s, end, "%"))
			return true;
	return latin_before(s, at) || latin_at(s, end);
}

static bool year(const struct reading *r)
{
	return r->digits == 4 && !r->decimal && r->value >= 190000 && r->value <= 220000;
}

static bool ordinal(str s, size_t at, size_t end)
{
	if (ends_word(s, at, "第") || ends_word(s, at, "（") || ends_word(s, at, "("))
		return ends_word(s, at, "第") || at_word(s, end, "）") || at_word(s, end, ")");
	/* At the head of the paragraph: 1. 1、 1． */
	return str_trim(str_head(s, at)).n == 0 &&
	       (at_word(s, end, "、") || at_word(s, end, "．") || (at_word(s, end, ".") && end + 1 < s.n));
}

static enum numeral_kind kind_of(str s, size_t at, const struct reading *r)
{
	size_t end = r->end;
	if (ends_word(s, at, "〔") || ends_word(s, at, "〕") || ends_word(s, at, "["))
		return NUMERAL_DOCUMENT;
	if (r->over || code(s, at, end))
		return NUMERAL_CODE;
	if (year(r) && (at_word(s, end, "年") || at_word(s, end, "—") || at_word(s, end, "-") ||
			       at_word(s, end, "－") || at_word(s, end, "至") || at_word(s, end, "学年") ||
			       ends_word(s, at, "—")))
		return NUMERAL_YEAR;
	if (ordinal(s, at, end))
		return NUMERAL_ORDINAL;
	static const char *const dates[] = {
		"年", "月", "日", "号", "时", "点", "周岁", "岁", "天", "周", "个月", ":", "：", "季度"};
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
		if (at_word(s, end, dates[i]) && !(i == 4 && at_word(s, end, "时长")))
			return NUMERAL_DATE;
	return NUMERAL_QUANTITY;
}

/* A phrase that covers the byte `at`: its end, or 0. */
static size_t phrase_over(str s, size_t at)
{
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		str p = str_of(phrases[i]);
		for (size_t back = 0; back < p.n && back <= at; back++)
			if (str_starts(str_from(s, at - back), p))
				return at - back + p.n;
	}
	return 0;
}

static bool arabic_next(str s, size_t at, struct numeral *m)
{
	struct reading r = read_arabic(s, at);
	*m = (struct numeral){.kind = kind_of(s, at, &r)};
	size_t from = read_head(s, at, m);
	size_t end = r.end;
	if (m->kind == NUMERAL_QUANTITY)
		end = read_tail(s, r.end, &r, m);
	else
		m->stated = r.value;
	m->at = from;
	m->n = end - from;
	return true;
}

/* 数百, 几十: a size without a number. */
static size_t vague_at(str s, size_t at)
{
	if (!at_word(s, at, "数") && !at_word(s, at, "几"))
		return 0;
	size_t n, end = at + strlen("数");
	bool any = false;
	while (end < s.n) {
		uint32_t c = utf8_next(str_from(s, end), &n);
		if (han_place(c) == 0 && c != 0x4E07)
			break;
		any = true;
		end += n;
	}
	return any && numeral_unit(str_from(s, end)).n ? end : 0;
}

/* 四个方面, 三个环节: how a text is laid out, not what was counted. */
static bool layout_of_text(str s, size_t end)
{
	static const char *const words[] = {"方面", "环节", "层面", "维度", "着力点", "关键词"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (at_word(s, end, words[i]))
			return true;
	return false;
}

static bool han_quantity(str s, size_t at, const struct reading *r, struct numeral *m)
{
	size_t from = read_head(s, at, m);
	size_t end = read_tail(s, r->end, r, m);
	bool percent = ends_word(s, from, "百分之");
	if (at_word(s, end, "成") && r->digits == 1) {
		m->percent = true;
		m->stated = r->value * 10;
		m->step = 1000;
		end += strlen("成");
		m->unit.n = 0;
	} else if (percent) {
		m->percent = true;
		from -= strlen("百分之");
	} else if (m->unit.n == 0 || layout_of_text(s, end + m->unit.n) ||
		   (r->value == 100 && r->end == end) || ends_word(s, at, "第")) {
		return false;
	}
	m->at = from;
	m->n = end - from;
	return true;
}

static bool han_next(str s, size_t at, struct numeral *m, size_t *skip)
{
	size_t end = phrase_over(s, at);
	if (end > at) {
		*skip = end;
		return false;
	}
	*m = (struct numeral){.chinese = true};
	end = vague_at(s, at);
	if (end) {
		*m = (struct numeral){.chinese = true, .hedge = HEDGE_VAGUE, .at = at, .n = end - at};
		m->unit = numeral_unit(str_from(s, end));
		return true;
	}
	struct reading r = read_han(s, at);
	if (r.digits == 0)
		return false;
	*skip = r.end;
	return !r.over && han_quantity(s, at, &r, m);
}

bool numeral_next(str s, size_t from, struct numeral *out)
{
	size_t n;
	for (size_t at = from; at < s.n;) {
		if (digit_at(s, at, &n) >= 0)
			return arabic_next(s, at, out);
		(void)utf8_next(str_from(s, at), &n);
		size_t skip = at + n;
		if (n == 3 && han_next(s, at, out, &skip))
			return true;
		at = skip;
	}
	return false;
}

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

bool numeral_agrees(const struct numeral *m, int64_t x)
{
	int64_t v = m->stated;
	switch (m->hedge) {
	case HEDGE_NONE:
		/* A percentage is printed half-up to one decimal. */
		return m->percent ? distance(x, v) <= 5 : x == v;
	case HEDGE_ROUNDED:
		return (x + m->step / 2) / m->step * m->step == v;
	case HEDGE_YU:
		return v < x && x < v + m->step;
	case HEDGE_NEAR:
		return x < v && v - x <= x / 20;
	case HEDGE_ABOUT:
		return distance(x, v) <= x / 20;
	case HEDGE_OVER:
		return x > v;
	case HEDGE_AT_LEAST:
		return x >= v;
	case HEDGE_VAGUE:
	case HEDGE_DOUBLE:
		break;
	}
	return false;
}
