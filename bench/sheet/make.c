/* make.c -- bench_sheet_make OUT.xlsx [ROWS]: a register as offices send it, 12 columns, texts shared as Excel and WPS
 * write them. Same rows, same bytes. */
#include "base/rand.h"
#include <stdio.h>
#include <stdlib.h>
#include <xlsxwriter.h>

enum { COLUMNS = 12, ROWS = 100000 };

int main(int argc, char **argv)
{
	static const char *const titles[COLUMNS] = {"序号", "姓名", "身份证号", "性别", "出生日期", "学校",
		"年级", "电话", "走访日期", "帮扶事项", "金额（元）", "备注"};
	static const char *const names[] = {"张", "王", "李", "赵", "陈", "欧阳", "刘", "杨", "黄", "周"};
	static const char *const given[] = {
		"伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "杰", "子涵", "雨桐"};
	static const char *const kinds[] = {"心理辅导", "学业辅导", "资金", "物资"};
	if (argc < 2)
		return 2;
	long rows = argc > 2 ? atol(argv[2]) : ROWS;
	lxw_doc_properties fixed = {.created = 1760000000};
	lxw_workbook *book = workbook_new(argv[1]);
	workbook_set_properties(book, &fixed);
	lxw_worksheet *s = workbook_add_worksheet(book, "走访");
	lxw_format *date = workbook_add_format(book);
	format_set_num_format(date, "yyyy-mm-dd");
	struct rng r;
	rng_init(&r, 7);
	for (lxw_col_t c = 0; c < COLUMNS; c++)
		worksheet_write_string(s, 0, c, titles[c], NULL);
	for (lxw_row_t i = 1; i <= (lxw_row_t)rows; i++) {
		char text[96];
		worksheet_write_number(s, i, 0, i, NULL);
		snprintf(text, sizeof text, "%s%s", names[rng_below(&r, 10)], given[rng_below(&r, 12)]);
		worksheet_write_string(s, i, 1, text, NULL);
		snprintf(text, sizeof text, "1101012010%08u", i);
		worksheet_write_string(s, i, 2, text, NULL);
		worksheet_write_string(s, i, 3, rng_below(&r, 2) ? "男" : "女", NULL);
		worksheet_write_number(s, i, 4, 40000 + (double)rng_below(&r, 4000), date);
		snprintf(text, sizeof text, "青河第%u小学", (unsigned)rng_below(&r, 300));
		worksheet_write_string(s, i, 5, text, NULL);
		worksheet_write_number(s, i, 6, 1 + (double)rng_below(&r, 9), NULL);
		snprintf(text, sizeof text, "139%08u", (unsigned)rng_below(&r, 100000000));
		worksheet_write_string(s, i, 7, text, NULL);
		worksheet_write_number(s, i, 8, 45658 + (double)rng_below(&r, 365), date);
		worksheet_write_string(s, i, 9, kinds[rng_below(&r, 4)], NULL);
		worksheet_write_number(s, i, 10, (double)rng_below(&r, 100000) / 100, NULL);
		snprintf(text, sizeof text, "第%u次走访，情况稳定", (unsigned)rng_below(&r, 5000));
		worksheet_write_string(s, i, 11, text, NULL);
	}
	return workbook_close(book) != LXW_NO_ERROR;
}
