/* make.c -- bench_import_make OUT.xlsx [ROWS]: a year's service list of a city as its offices send it, 12 columns: 20,000
 * volunteers with citizen IDs, 60 events. Same rows, same bytes. */
#include "base/rand.h"
#include <stdio.h>
#include <stdlib.h>
#include <xlsxwriter.h>

enum { COLUMNS = 12, ROWS = 100000, PEOPLE = 20000, EVENTS = 60 };

static const char *const titles[COLUMNS] = {"序号", "活动名称", "姓名", "身份证号", "性别", "联系电话", "服务日期",
	"服务时长", "签到时间", "签退时间", "服务岗位", "监护人同意"};
static const char *const names[] = {"张", "王", "李", "赵", "陈", "欧阳", "刘", "杨", "黄", "周"};
static const char *const given[] = {"伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "杰", "子", "雨", "桐", "涵", "浩", "宇"};
static const char *const duties[] = {"引导", "清扫", "登记", "讲解", "陪护"};

/* Born in the nineties, one number a person. */
static void citizen_id(long person, char out[24])
{
	static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0;
	snprintf(out, 24, "370102199%ld%02ld%02ld%03ld", person % 10, person / 10 % 12 + 1, person / 120 % 28 + 1,
		person / 3360 % 1000);
	for (int i = 0; i < 17; i++)
		sum += (out[i] - '0') * weights[i];
	out[17] = "10X98765432"[sum % 11];
	out[18] = 0;
}

static void row(lxw_worksheet *s, lxw_row_t at, lxw_format *day, lxw_format *clock)
{
	char text[96];
	long i = (long)at - 1, person = i % PEOPLE, event = (i / PEOPLE + person) % EVENTS;
	double date = 45658 + (double)event * 6;
	worksheet_write_number(s, at, 0, (double)at, NULL);
	snprintf(text, sizeof text, "净滩行动第%ld期", event + 1);
	worksheet_write_string(s, at, 1, text, NULL);
	/* 2,560 names for 20,000 people: more of a name than in life */
	snprintf(text, sizeof text, "%s%s%s", names[person % 10], given[person / 10 % 16], given[person / 160 % 16]);
	worksheet_write_string(s, at, 2, text, NULL);
	citizen_id(person, text);
	worksheet_write_string(s, at, 3, text, NULL);
	worksheet_write_string(s, at, 4, (text[16] - '0') % 2 ? "男" : "女", NULL);
	snprintf(text, sizeof text, "139%08ld", person);
	worksheet_write_string(s, at, 5, text, NULL);
	worksheet_write_number(s, at, 6, date, day);
	worksheet_write_number(s, at, 7, 1 + (double)(i % 4) / 2, NULL);
	worksheet_write_number(s, at, 8, date + 0.375, clock);
	worksheet_write_number(s, at, 9, date + 0.5, clock);
	worksheet_write_string(s, at, 10, duties[i % 5], NULL);
	worksheet_write_string(s, at, 11, "是", NULL);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	long rows = argc > 2 ? atol(argv[2]) : ROWS;
	lxw_doc_properties fixed = {.created = 1760000000};
	lxw_workbook *book = workbook_new(argv[1]);
	workbook_set_properties(book, &fixed);
	lxw_worksheet *s = workbook_add_worksheet(book, "服务记录");
	lxw_format *day = workbook_add_format(book), *clock = workbook_add_format(book);
	format_set_num_format(day, "yyyy-mm-dd");
	format_set_num_format(clock, "yyyy-mm-dd hh:mm");
	for (lxw_col_t c = 0; c < COLUMNS; c++)
		worksheet_write_string(s, 0, c, titles[c], NULL);
	for (lxw_row_t i = 1; i <= (lxw_row_t)rows; i++)
		row(s, i, day, clock);
	return workbook_close(book) != LXW_NO_ERROR;
}
