/* fuzz_template.c -- a template that a stranger wrote: as markdown and as the body of a Word document. What is filled must
 * be whole: markdown without the marks' control characters left half-open, a part that reads again with no slot left. */
#include "base/utf8.h"
#include "format/docx_part.h"
#include "report/outline.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc figure(
	void *user, struct arena *a, const struct slot_ref *ref, struct slot_answer *out, struct err *err)
{
	(void)user;
	(void)a;
	(void)err;
	if (ref->id.n > 0 && ref->id.p[0] != 'u')
		*out = (struct slot_answer){.known = true,
			.told = ref->id.p[0] != 'g',
			.value = (int64_t)ref->id.n * 977,
			.unit = STR("人"),
			.has_instead = ref->id.p[0] == 'g',
			.instead = 12345,
			.instead_unit = STR("人次"),
			.has_rate = true,
			.of = 3,
			.over = 4,
			.label = STR("L")};
	return RC_OK;
}

static bool text(void *user, struct arena *a, str name, str *out)
{
	(void)user;
	(void)a;
	*out = str_is(name, "year") ? STR("2025") : STR("a|b\n{{x}}");
	return name.n == 4;
}

static enum rc list(void *user, struct arena *a, str name, struct slot_list *out, struct err *err)
{
	static const struct slot_field fields[] = {{{"name", 4}, {"N|<&", 4}}};
	static const struct slot_row rows[] = {{fields, 1, {"C1", 2}}, {fields, 1, {NULL, 0}}};
	(void)user;
	(void)a;
	(void)err;
	*out = (struct slot_list){name.n > 0, rows, name.n % 3};
	return RC_OK;
}

static const struct slot_source source = {
	.figure = figure, .text = text, .list = list, .period = {"2025", 4}, .compared = {"2024", 4}};

static void as_markdown(struct arena *a, str s)
{
	struct template_run t;
	struct prose p;
	template_init(&t, a, &source, s.n % 2);
	struct buf b;
	buf_init(&b, 1 << 24);
	if (outline_fill(a, s, &t, &p, NULL) == RC_OK)
		outline_html_page(&b, a, &p, &source, (str){0});
	buf_done(&b);
}

static void as_word(struct arena *a, str s)
{
	struct template_run t;
	struct docx_ids ids = {0};
	struct docx_tree tree;
	bool changed = false;
	struct buf b;
	template_init(&t, a, &source, true);
	struct slot_host host = template_host(&t);
	buf_init(&b, 1 << 24);
	str xml = arena_fmt(a,
		"<w:document "
		"xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>%.*s"
		"</w:body></w:document>",
		STR_ARG(s));
	if (docx_part_fill(a, "d", xml, &host, &ids, &b, &changed, NULL) == RC_OK && changed)
		if (docx_tree_read(a, buf_str(&b), &tree, NULL) != RC_OK || !tree.ours)
			abort();
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	str s = {(const char *)data, size};
	if (size > 0 && size < 4096 && utf8_clean(s)) {
		as_markdown(&a, s);
		as_word(&a, s);
	}
	arena_done(&a);
	return 0;
}
