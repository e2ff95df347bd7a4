/* letterhead.c -- see letterhead.h. */
#include "report/letterhead.h"
#include "register/record.h"

bool letterhead_kind(str name, enum docx_letterhead_kind *out)
{
	static const char *const names[] = {"none", "document", "letter", "brief"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_is(name, names[i])) {
			*out = (enum docx_letterhead_kind)i;
			return true;
		}
	return false;
}

static str day_words(struct arena *a, int32_t day)
{
	struct ymd d = date_ymd(day);
	return arena_fmt(a, "%d年%d月%d日", d.year, d.month, d.day);
}

str letterhead_date(struct arena *a, str iso)
{
	int32_t day;
	return date_parse(iso, &day) ? day_words(a, day) : (str){0};
}

void letterhead_of(struct reader *r, const struct period *p, int64_t org, struct docx_letterhead *out)
{
	str name = record_label(r, model_reg(r->city->model, STR("org")), org);
	*out = (struct docx_letterhead){
		.organ = name, .printed_by = name, .date = day_words(r->a, p->to - 1)};
}
