/* help.h -- what other pages take from the guide (page_help.c, help_declared.c). */
#pragma once
#include "web/page.h"

struct help_page;

/* Where the ? of this page leads. */
str help_here(struct page *p);
/* 文字, 引用：志愿服务活动 */
str help_type_words(struct page *p, const struct field *f);
/* The sections that explain a register or a figure, added to a page (page_help.h). */
void help_register_sections(struct page *p, struct help_page *g, const struct reg *reg);
void help_figure_sections(struct page *p, struct help_page *g, const struct figure *f);
