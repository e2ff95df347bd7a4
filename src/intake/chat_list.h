/* chat_list.h -- a list copied out of a chat group (接龙) as rows: no header, a number before each, words in any order.
 *
 *     #接龙
 *     活动：3月净滩            what holds for the rows below: a column's name, a colon, a value
 *     服务日期：2025-03-05
 *     1. 张三 13800000000 2小时
 *     2、李四（一中团支部）1小时30分
 *     3) 王五13900000000
 *
 * What a word is, its looks say: a telephone number, a citizen ID, 男/女, hours (2小时, 90分钟), a head-count (30人), a date, a
 * choice of the register by its label, a unit by its ending (…团支部), the first other Han word the person's name (of a
 * register without people its title). NAME：VALUE names its column itself. What is none of these stands in a column 余下的字,
 * which no register knows and which is told as such. Lines that are neither numbered nor NAME：VALUE are passed over.
 *
 * Two passes over the sheet: the first finds the columns, the second gives each numbered line as cells under them. */
#pragma once
#include "register/import.h"

enum { CHAT_COLUMNS_MAX = 40 };

struct chat_list {
	struct arena *a; /* of headers and what is held */
	const struct reg *reg;
	str headers[CHAT_COLUMNS_MAX]; /* as import_map_make takes them */
	str held[CHAT_COLUMNS_MAX];    /* what a NAME：VALUE line above says for the rows below */
	size_t n;
	str sender; /* a line 填报单位：X */
};

/* Do the first rows of a sheet look like such a list: numbered lines, most of those below the first? */
bool chat_list_looks(struct arena *a, const str *lines, size_t n);
/* First pass: a line makes the columns that it needs. */
void chat_list_learn(struct chat_list *c, str line);
/* Between the passes: nothing is held yet. */
void chat_list_begin(struct chat_list *c);
/* Second pass: true for a numbered line, with c->n cells; held values stand where it says nothing itself. A NAME：VALUE
 * line is held until its next. */
bool chat_list_row(struct arena *a, struct chat_list *c, str line, str *cells);
/* The words of a sheet's row as one line. */
str chat_list_line(struct arena *a, const str *cells, size_t n);
