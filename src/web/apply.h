/* apply.h -- what the two files of applying share; see page_apply.h. */
#pragma once
#include "web/page.h"

/* The person that the page is about: oneself, or with `child` one whose guardian the reader is. */
MUST_USE enum rc apply_whose(struct page *p, int64_t *out, struct err *err);
str apply_child(const struct page *p, int64_t person, const char *sep); /* "?child=12", empty for oneself */
str apply_person(struct page *p, int64_t person);
str apply_name(struct page *p, const struct reg *reg, int64_t id);

enum rc apply_form(struct page *p, struct err *err);
enum rc apply_sent(struct page *p, struct err *err);
