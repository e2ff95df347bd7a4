/* import_map.c -- what the header of a sheet means (import.h). */
#include "register/import.h"
#include "register/narrow.h"

static const struct word {
	const char *text;
	enum column_kind kind;
} words[] = {
	{"姓名", COL_PERSON_NAME},
	{"名字", COL_PERSON_NAME},
	{"name", COL_PERSON_NAME},
	{"身份证号", COL_PERSON_ID},
	{"身份证号码", COL_PERSON_ID},
	{"身份证", COL_PERSON_ID},
	{"公民身份号码", COL_PERSON_ID},
	{"证件号码", COL_PERSON_ID},
	{"citizenid", COL_PERSON_ID},
	{"citizen_id", COL_PERSON_ID},
	{"电话", COL_PERSON_PHONE},
	{"手机", COL_PERSON_PHONE},
	{"手机号", COL_PERSON_PHONE},
	{"手机号码", COL_PERSON_PHONE},
	{"联系电话", COL_PERSON_PHONE},
	{"联系方式", COL_PERSON_PHONE},
	{"phone", COL_PERSON_PHONE},
	{"性别", COL_PERSON_SEX},
	{"sex", COL_PERSON_SEX},
	{"出生年月", COL_PERSON_BIRTH},
	{"出生日期", COL_PERSON_BIRTH},
	{"出生月份", COL_PERSON_BIRTH},
	{"birthmonth", COL_PERSON_BIRTH},
	{"单位", COL_ORG},
	{"单位名称", COL_ORG},
	{"所在单位", COL_ORG},
	{"单位编码", COL_ORG},
	{"组织", COL_ORG},
	{"团组织", COL_ORG},
	{"所在团组织", COL_ORG},
	{"所在团支部", COL_ORG},
	{"组织编码", COL_ORG},
	{"组织名称", COL_ORG},
	{"填报单位", COL_ORG},
	{"unit", COL_ORG},
	{"org", COL_ORG},
	{"organisation", COL_ORG},
	{"unitcode", COL_ORG},
	{"状态", COL_STATE},
	{"state", COL_STATE},
	{"序号", COL_NUMBER},
	{"no.", COL_NUMBER},
	{"no", COL_NUMBER},
};

static bool same(struct arena *a, str header, str name)
{
	return name.n && str_eq(header, narrow_label(a, name));
}

static bool names_field(struct arena *a, const struct field *f, str header)
{
	if (same(a, header, f->id) || same(a, header, f->label.zh) || same(a, header, f->label.en))
		return true;
	for (size_t i = 0; i < f->also_n; i++)
		if (same(a, header, f->also[i]))
			return true;
	return false;
}

static struct column by_name(struct arena *a, const struct reg *reg, str header)
{
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		if (!names_field(a, f, header))
			continue;
		return (struct column){.kind = f == reg->person ? COL_PERSON_NAME : COL_FIELD, .field = f};
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!str_is(header, words[i].text))
			continue;
		bool of_person = words[i].kind >= COL_PERSON_NAME && words[i].kind <= COL_PERSON_BIRTH;
		if (of_person && reg->person == NULL)
			return (struct column){0};
		return (struct column){.kind = words[i].kind, .field = of_person ? reg->person : NULL};
	}
	return (struct column){0};
}

/* 金额（万元） -> 金额 and 万元; false where there are no brackets at the end. */
static bool cut_brackets(str *header, str *unit)
{
	if (!str_ends(*header, STR(")")))
		return false;
	size_t at = str_find_byte(*header, '(');
	if (at == SIZE_MAX || at == 0)
		return false;
	*unit = str_head(str_from(*header, at + 1), header->n - at - 2);
	header->n = at;
	return true;
}

struct column import_column(
	struct arena *a, const struct reg *reg, str header, const struct map_wish *wishes, size_t n)
{
	str h = narrow_label(a, header), unit = {NULL, 0};
	struct column c = {0};
	for (size_t i = 0; i < n; i++)
		if (str_eq(h, narrow_label(a, wishes[i].header))) {
			if (wishes[i].field.n == 0) /* dropped */
				return (struct column){.header = header};
			h = narrow_label(a, wishes[i].field);
		}
	while (str_ends(h, STR("*")))
		h.n--;
	while (str_starts(h, STR("*")))
		h = str_from(h, 1);
	c = by_name(a, reg, h);
	if (c.kind == COL_NONE && cut_brackets(&h, &unit))
		c = by_name(a, reg, h);
	c.header = header;
	c.unit = unit;
	return c;
}

size_t import_header_score(struct arena *a, const struct reg *reg, const str *cells, size_t n,
	const struct map_wish *wishes, size_t wishes_n)
{
	size_t known = 0, filled = 0;
	for (size_t i = 0; i < n; i++) {
		if (str_trim(cells[i]).n == 0)
			continue;
		filled++;
		known += import_column(a, reg, cells[i], wishes, wishes_n).kind != COL_NONE;
	}
	/* One known word in a row of one is a header only where the sheet has one column. */
	return known * 3 >= filled && known >= (filled > 1 ? 2u : 1u) ? known : 0;
}

void import_map_make(struct arena *a, const struct reg *reg, const str *cells, size_t n,
	const struct map_wish *wishes, size_t wishes_n, struct import_map *out)
{
	*out = (struct import_map){.reg = reg, .n = n < IMPORT_COLUMNS_MAX ? n : IMPORT_COLUMNS_MAX};
	for (size_t i = 0; i < out->n; i++) {
		out->columns[i] = import_column(a, reg, cells[i], wishes, wishes_n);
		out->columns[i].header = arena_str(a, str_trim(cells[i]));
		out->known += out->columns[i].kind != COL_NONE;
		for (size_t k = 0; k < i; k++) /* the first of two columns with one meaning holds */
			if (out->columns[k].kind == out->columns[i].kind &&
				out->columns[k].field == out->columns[i].field)
				out->columns[i].kind = COL_NONE;
	}
}

enum row_kind import_row_kind(struct arena *a, const str *cells, size_t n, str *out_unit)
{
	static const char *const sums[] = {"合计", "总计", "小计", "共计", "total", NULL};
	static const char *const notes[] = {"注:", "注：", "备注:", "说明:", "填表人", "填报人", "审核人",
		"负责人签字", "制表", "联系人:", "填表说明", "填报说明", "填报日期", "填表日期", "报送日期",
		"单位负责人", NULL};
	size_t filled = 0;
	str first = {NULL, 0};
	for (size_t i = 0; i < n; i++) {
		str t = str_trim(cells[i]);
		if (t.n && filled++ == 0)
			first = t;
	}
	if (filled == 0)
		return ROW_BLANK;
	str t = narrow_label(a, first);
	if (str_starts(t, STR("填报单位")) || str_starts(t, STR("单位:"))) {
		str rest;
		str_cut(narrow(a, first), ':', &rest);
		*out_unit = str_trim(rest);
		if (out_unit->n == 0 && n > 1)
			for (size_t i = 1; i < n && out_unit->n == 0; i++)
				if (!str_eq(str_trim(cells[i]), first))
					*out_unit = arena_str(a, str_trim(cells[i]));
		return ROW_UNIT;
	}
	for (size_t i = 0; sums[i]; i++)
		if (str_is(t, sums[i]) || (str_starts(t, str_of(sums[i])) && str_ends(t, STR(":"))))
			return ROW_SUM;
	for (size_t i = 0; notes[i]; i++)
		if (str_starts(t, str_of(notes[i])))
			return ROW_NOTE;
	return ROW_DATA;
}
