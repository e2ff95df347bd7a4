/* fill.c -- how long it takes to fill a Word template: docx_fill TEMPLATE OUT TIMES prints milliseconds a fill.
 * Answers come from a table of one row: what is timed is the file, not the figures. bench/docx/run compares a peer. */
#include "base/clock.h"
#include "base/file.h"
#include "format/docx_fill.h"
#include "report/template.h"
#include <stdio.h>
#include <stdlib.h>

static enum rc figure(
	void *user, struct arena *a, const struct slot_ref *ref, struct slot_answer *out, struct err *err)
{
	(void)user;
	(void)a;
	(void)ref;
	(void)err;
	*out = (struct slot_answer){
		.known = true, .told = true, .value = 12863, .unit = STR("次"), .label = STR("数")};
	return RC_OK;
}

static bool text(void *user, struct arena *a, str name, str *out)
{
	(void)user;
	(void)a;
	*out = STR("2025");
	return str_is(name, "year");
}

static enum rc list(void *user, struct arena *a, str name, struct slot_list *out, struct err *err)
{
	static const struct slot_field fields[] = {{{"name", 4}, {"x", 1}}};
	static const struct slot_row rows[12] = {{fields, 1, {NULL, 0}}, {fields, 1, {NULL, 0}},
		{fields, 1, {NULL, 0}}, {fields, 1, {NULL, 0}}, {fields, 1, {NULL, 0}},
		{fields, 1, {NULL, 0}}, {fields, 1, {NULL, 0}}, {fields, 1, {NULL, 0}},
		{fields, 1, {NULL, 0}}, {fields, 1, {NULL, 0}}, {fields, 1, {NULL, 0}},
		{fields, 1, {NULL, 0}}};
	(void)user;
	(void)a;
	(void)name;
	(void)err;
	*out = (struct slot_list){true, rows, 12};
	return RC_OK;
}

static const struct slot_source source = {.figure = figure, .text = text, .list = list};

static enum rc fill(str docx, const char *to, struct err *err)
{
	struct arena a = {0};
	struct template_run t;
	struct buf b;
	template_init(&t, &a, &source, false);
	struct slot_host host = template_host(&t);
	buf_init(&b, 1 << 26);
	enum rc rc = docx_fill(&a, docx, &host, (str){0}, &b, err);
	if (rc == RC_OK && to)
		rc = file_write(to, buf_str(&b), err);
	buf_done(&b);
	arena_done(&a);
	return rc;
}

int main(int argc, char **argv)
{
	struct arena a = {0};
	struct err err = {0};
	str docx;
	int times = argc == 4 ? atoi(argv[3]) : 0;
	if (times < 1 || file_read(&a, argv[1], 64 << 20, &docx, &err) != RC_OK ||
		fill(docx, argv[2], &err) != RC_OK) {
		fprintf(stderr, "usage: docx_fill TEMPLATE OUT TIMES; %s\n", err.text);
		return 2;
	}
	int64_t start = clock_mono_us();
	for (int i = 0; i < times; i++)
		if (fill(docx, NULL, &err) != RC_OK)
			return 2;
	printf("%.3f\n", (double)(clock_mono_us() - start) / 1000.0 / times);
	arena_done(&a);
	return 0;
}
