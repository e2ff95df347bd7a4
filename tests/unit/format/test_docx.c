/* Slots in WordprocessingML, small cases by hand; then the shared files that Word and WPS made. */
#include "base/rand.h"
#include "format/docx_fill.h"
#include "format/docx_part.h"
#include "format/json.h"
#include "format/zip.h"
#include "tests.h"
#include <dirent.h>

/* The host: values echo their name in 「」, #n repeats n times, k is the step; other names are foreign. */
struct echo {
	struct arena *a;
	size_t stack[SLOTS_DEPTH_MAX], depth, values;
	bool all; /* anything plain is a value */
};

static bool plain(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x80 &&
			!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", s.p[i]))
			return false;
	return s.n > 0;
}

static enum rc kind(
	void *user, str inside, bool closed, const struct slot_where *w, enum slot_kind *out, struct err *err)
{
	struct echo *e = user;
	(void)w;
	(void)err;
	bool value = e->all ? plain(inside) : inside.n == 1 && inside.p[0] != '/';
	*out = !closed                               ? SLOT_FOREIGN
	       : inside.n == 2 && inside.p[0] == '#' ? SLOT_OPEN
	       : !e->all && str_is(inside, "/")      ? SLOT_CLOSE
	       : value                               ? SLOT_VALUE
						     : SLOT_FOREIGN;
	return RC_OK;
}

static enum rc enter(void *user, str inside, const struct slot_where *w, size_t *out, struct err *err)
{
	struct echo *e = user;
	(void)w;
	(void)err;
	e->depth++;
	*out = (size_t)(inside.p[1] - '0');
	return RC_OK;
}

static enum rc step(void *user, size_t i, struct err *err)
{
	struct echo *e = user;
	(void)err;
	e->stack[e->depth - 1] = i;
	return RC_OK;
}

static void leave(void *user)
{
	((struct echo *)user)->depth--;
}

static enum rc fill(void *user, str inside, str before, str after, const struct slot_where *w,
	struct slot_fill *out, struct err *err)
{
	struct echo *e = user;
	(void)before;
	(void)w;
	(void)err;
	e->values++;
	if (str_is(inside, "k"))
		out->text = arena_fmt(e->a, "%zu", e->depth ? e->stack[e->depth - 1] : 9);
	else
		out->text = arena_fmt(e->a, "「%.*s」", STR_ARG(inside));
	if (str_is(inside, "f"))
		out->tag = STR("vol.events");
	if (str_starts(after, STR("人")) && !str_starts(after, STR("人次"))) {
		out->eat = strlen("人");
		out->instead = STR("人次");
	}
	return RC_OK;
}

#define HEAD \
	"<?xml version=\"1.0\"?><w:document " \
	"xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
#define TAIL "<w:sectPr/></w:body></w:document>"

static enum rc part(struct arena *a, const char *body, str *out, struct err *err)
{
	struct echo e = {.a = a};
	struct slot_host host = {&e, kind, NULL, enter, step, leave, fill, NULL};
	struct docx_ids ids = {0};
	struct buf b;
	bool changed = false;
	buf_init(&b, 1 << 24);
	str xml = arena_fmt(a, HEAD "%s" TAIL, body);
	enum rc rc = docx_part_fill(a, "word/document.xml", xml, &host, &ids, &b, &changed, err);
	str got = changed ? arena_str(a, buf_str(&b)) : xml;
	size_t head = strlen(HEAD), tail = strlen(TAIL);
	if (rc == RC_OK)
		*out = str_head(str_from(got, head), got.n - head - tail);
	buf_done(&b);
	return rc;
}

static void gives(const char *body, const char *want)
{
	struct arena a = {0};
	struct err err = {0};
	str out = {0};
	enum rc rc = part(&a, body, &out, &err);
	if (rc != RC_OK || !str_is(out, want))
		fail_msg("%s\n gave %.*s %s\n want %s", body, STR_ARG(out), err.text, want);
	arena_done(&a);
}

static void refuses(const char *body, const char *said)
{
	struct arena a = {0};
	struct err err = {0};
	str out = {0};
	assert_int_equal(part(&a, body, &out, &err), RC_INVALID);
	if (!strstr(err.text, said))
		fail_msg("“%s” does not say %s", err.text, said);
	arena_done(&a);
}

#define R(s) "<w:r><w:rPr><w:b/></w:rPr><w:t>" s "</w:t></w:r>"
#define RP(s) "<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">" s "</w:t></w:r>"
#define P(s) "<w:p>" s "</w:p>"
#define TC(s) "<w:tc><w:tcPr/>" s "</w:tc>"
#define TR(s) "<w:tr>" s "</w:tr>"
#define TBL(s) "<w:tbl><w:tblPr/>" s "</w:tbl>"

static void a_slot_cut_over_runs_takes_the_first_runs_style(void **state)
{
	(void)state;
	gives(P("<w:r><w:rPr><w:i/></w:rPr><w:t>共{</w:t></w:r><w:proofErr w:type=\"spellStart\"/>" R(
		      "{x") "<w:bookmarkStart "
			    "w:id="
			    "\"0\" "
			    "w:name=\"_"
			    "GoBack\"/>" R("}}次")),
		P("<w:r><w:rPr><w:i/></w:rPr><w:t xml:space=\"preserve\">共「x」</w:t></w:r><w:proofErr "
		  "w:type=\"spellStart\"/><w:bookmarkStart w:id=\"0\" w:name=\"_GoBack\"/>" RP("次")));
}

static void a_figure_becomes_a_tagged_control(void **state)
{
	(void)state;
	gives(P(R("共{{f}}次”")), P(RP("共") "<w:sdt><w:sdtPr><w:tag w:val=\"vol.events\"/><w:id "
					     "w:val=\"710000001\"/></w:sdtPr><w:sdtContent>" RP(
						     "「f」") "</w:sdtContent></w:sdt>" RP("次”")));
	/* in a plain-text control none may nest */
	gives("<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>" P(R("{{f}}")) "</w:sdtContent></w:sdt>",
		"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>" P(RP("「f」")) "</w:sdtContent></w:sdt>");
}

static void the_unit_behind_a_slot_may_be_replaced_in_its_own_run(void **state)
{
	(void)state;
	gives(P(R("{{x}}") "<w:r><w:t>人参加</w:t></w:r>"),
		P(RP("「x」") "<w:r><w:t xml:space=\"preserve\">人次参加</w:t></w:r>"));
	gives(P(R("{{x}}人次")), P(RP("「x」人次")));
}

static void foreign_tags_deleted_text_and_field_codes_stay(void **state)
{
	(void)state;
	const char *same = P(R(
		"{{+sub}}{single}") "<w:del><w:r><w:delText>{{x}}</w:delText></w:r></w:del><w:moveFrom><w:r>"
				    "<w:t>{{x}}</w:t></w:r></w:moveFrom><w:r><w:instrText>{{x}}</"
				    "w:instrText></w:r>");
	gives(same, same);
	gives(P(R("{{x}}") "<w:del><w:r><w:delText>{{x}}</w:delText></w:r></w:del><w:r><w:fldChar/></w:r>"),
		P(RP("「x」") "<w:del><w:r><w:delText>{{x}}</w:delText></w:r></w:del><w:r><w:fldChar/></"
			      "w:r>"));
}

static void characters_are_escaped_and_read_as_they_are(void **state)
{
	(void)state;
	gives(P(R("a &lt; b &amp; {{x}} &#20154;")), P(RP("a &lt; b &amp; 「x」 人")));
	gives(P(R("{{x}}") "<w:r><w:tab/><w:t>t</w:t><w:br/></w:r>"),
		P(RP("「x」") "<w:r><w:tab/><w:t>t</w:t><w:br/></w:r>"));
}

static void a_block_in_a_paragraph_repeats_its_piece(void **state)
{
	(void)state;
	gives(P(R("A{{#3}}{{k}}、{{/}}B")), P(RP("A0、1、2、B")));
	gives(P(R("A{{#0}}{{k}}{{/}}B")), P(RP("AB")));
	gives(P(R("A{{#2}}") "<w:r><w:t>i{{k}}</w:t></w:r>" R("{{/}}")),
		P(RP("A") "<w:r><w:t xml:space=\"preserve\">i0</w:t></w:r><w:r><w:t "
			  "xml:space=\"preserve\">i1</w:t></w:r>"));
	gives(P(R("{{#2}}{{#2}}{{k}}{{/}}.{{/}}")), P(RP("01.01.")));
	/* a sentence that falls away takes its paragraph with it */
	gives(P(R("one")) P(R("{{#0}}two{{/}}")) P(R("three")), P(R("one")) P(R("three")));
}

static void a_block_over_paragraphs_repeats_them(void **state)
{
	(void)state;
	gives(P(R("{{#2}}")) P(R("x{{k}}")) P(R("{{/}}")) P(R("end")), P(RP("x0")) P(RP("x1")) P(R("end")));
	gives(P(R("{{#2}}x{{k}}")) P(R("y{{/}}")), P(RP("x0")) P(RP("y")) P(RP("x1")) P(RP("y")));
	gives(P(R("{{#0}}")) P(R("x")) TBL(TR(TC(P(R("y"))))) P(R("{{/}}")) P(R("end")), P(R("end")));
	gives(P(R("{{#2}}{{#2}}")) P(R("{{k}}")) P(R("{{/}}{{/}}")),
		P(RP("0")) P(RP("1")) P(RP("0")) P(RP("1")));
	/* bookmarks and paragraph ids only once */
	gives("<w:p w14:paraId=\"1\" w14:textId=\"2\">" R("{{#2}}a") "</w:p>" P(
		      "<w:bookmarkStart w:id=\"5\"/>" R("b{{/}}")),
		"<w:p w14:paraId=\"1\" w14:textId=\"2\">" RP("a") "</w:p>" P(
			"<w:bookmarkStart w:id=\"5\"/>" RP("b")) "<w:p>" RP("a") "</w:p>" P(RP("b")));
}

static void a_block_over_cells_repeats_the_row(void **state)
{
	(void)state;
	gives(TBL(TR(TC(P(R("h")))) TR(TC(P(R("{{#2}}{{k}}"))) TC(P(R("z{{/}}"))))),
		TBL(TR(TC(P(R("h")))) TR(TC(P(RP("0"))) TC(P(RP("z")))) TR(TC(P(RP("1"))) TC(P(RP("z"))))));
	/* no rows left, and no table */
	gives(TBL(TR(TC(P(R("{{#0}}{{k}}"))) TC(P(R("{{/}}"))))) P(R("e")), P(R("e")));
	/* over several rows; the rows of tags go */
	gives(TBL(TR(TC(P(R("{{#2}}"))) TC(P(""))) TR(TC(P(R("{{k}}"))) TC(P(R("b"))))
			      TR(TC(P(R("{{/}}"))) TC(P("")))),
		TBL(TR(TC(P(RP("0"))) TC(P(R("b")))) TR(TC(P(RP("1"))) TC(P(R("b"))))));
	/* a cell keeps a paragraph */
	gives(TBL(TR(TC(P(R("{{#0}}")) P(R("x")) P(R("{{/}}"))))), TBL(TR(TC("<w:p/>"))));
}

static void slots_in_nested_tables_and_text_boxes_are_filled(void **state)
{
	(void)state;
	gives(TBL(TR(TC(P(R("{{#2}}{{k}}")) TBL(TR(TC(P(R("n{{k}}"))))) P(R("{{/}}"))))),
		TBL(TR(TC(
			P(RP("0")) TBL(TR(TC(P(RP("n0"))))) P(RP("1")) TBL(TR(TC(P(RP("n1"))))) "<w:p/>"))));
#define BOX(s) \
	"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:docPr id=\"3\"/><w:txbxContent>" s \
	"</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>" s \
	"</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
	gives(P(BOX(P(R("{{x}}")))), P(BOX(P(RP("「x」")))));
	gives(P(R("{{x}}") BOX(P(R("{{y}}")))), P(RP("「x」") BOX(P(RP("「y」")))));
}

static void faults_name_part_slot_and_paragraph(void **state)
{
	(void)state;
	refuses(P(R("one")) P(R("本段{{#2}}开始")),
		"word/document.xml, paragraph 2: the block {{#2}} has no end (“本段");
	refuses(P(R("{{/}}")), "closes no block");
	refuses(P(R("a{{#1}}b")) P(R("{{/}}")), "cannot be joined");
	refuses(P(R("{{#1}}")) TBL(TR(TC(P(R("{{/}}"))))), "cannot be joined");
	refuses("<w:p>", "not well-formed");
	refuses("<!DOCTYPE x>", "DOCTYPE");
}

static size_t count(const struct docx_tree *t, enum docx_name name)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += t->tokens[i].name == name && t->tokens[i].kind != DT_END;
	return n;
}

static str slurp(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *p = NEWS(a, 1 << 20, char);
	size_t n = fread(p, 1, 1 << 20, f);
	fclose(f);
	return (str){p, n};
}

static str entry(struct arena *a, str docx, const char *name)
{
	struct unzip *z;
	struct err err = {0};
	str bytes = {0};
	assert_ok(unzip_open_bytes(a, docx, NULL, &z, &err), &err);
	const struct unzip_entry *e = unzip_find(z, name);
	assert_non_null(e);
	assert_ok(unzip_read(z, e, a, &bytes, &err), &err);
	unzip_close(z);
	return bytes;
}

static void same_parts(struct arena *a, str before, str after)
{
	struct unzip *z, *y;
	struct err err = {0};
	assert_ok(unzip_open_bytes(a, before, NULL, &z, &err), &err);
	assert_ok(unzip_open_bytes(a, after, NULL, &y, &err), &err);
	assert_int_equal(unzip_count(z), unzip_count(y));
	for (size_t i = 0; i < unzip_count(z); i++) {
		str p, q;
		assert_true(str_eq(unzip_at(z, i)->name, unzip_at(y, i)->name));
		if (unzip_at(z, i)->folder)
			continue;
		assert_ok(unzip_read(z, unzip_at(z, i), a, &p, &err), &err);
		assert_ok(unzip_read(y, unzip_at(y, i), a, &q, &err), &err);
		assert_true(str_eq(p, q));
	}
	unzip_close(z);
	unzip_close(y);
}

/* Fills the file at path; counts and texts as the shared answers say. */
static size_t check_file(const char *path, const char *save)
{
	struct arena a = {0};
	struct err err = {0};
	str docx = slurp(&a, path);
	struct echo e = {.a = &a};
	struct slot_host host = {&e, kind, NULL, enter, step, leave, fill, NULL};
	struct buf out;
	buf_init(&out, 1 << 26);
	assert_ok(docx_fill(&a, docx, &host, (str){0}, &out, &err), &err);
	same_parts(&a, docx, buf_str(&out)); /* one-letter names: none there; all foreign */
	buf_clear(&out);
	e.all = true;
	assert_ok(docx_fill(&a, docx, &host, (str){0}, &out, &err), &err);
	str filled = arena_str(&a, buf_str(&out));
	buf_clear(&out);
	assert_ok(docx_fill(&a, docx, &host, (str){0}, &out, &err), &err);
	assert_true(str_eq(filled, buf_str(&out)));
	struct docx_tree t, u;
	assert_ok(docx_tree_read(&a, entry(&a, docx, "word/document.xml"), &t, &err), &err);
	assert_ok(docx_tree_read(&a, entry(&a, filled, "word/document.xml"), &u, &err), &err);
	static const enum docx_name names[] = {DN_P, DN_TBL, DN_TR, DN_TC, DN_SECTPR, DN_BOOKMARK_START,
		DN_DRAWING, DN_PICT, DN_DEL, DN_ALTERNATE};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(count(&t, names[i]), count(&u, names[i]));
	assert_true(count(&u, DN_SDT) == count(&t, DN_SDT));
	if (save) {
		FILE *f = fopen(save, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(filled.p, 1, filled.n, f), filled.n);
		fclose(f);
	}
	/* a note stands in every header, and in one made where there was none */
	buf_clear(&out);
	size_t values = e.values / 2;
	assert_ok(docx_fill(&a, docx, &host, STR("草稿"), &out, &err), &err);
	struct unzip *z;
	size_t headers = 0;
	assert_ok(unzip_open_bytes(&a, buf_str(&out), NULL, &z, &err), &err);
	for (size_t i = 0; i < unzip_count(z); i++) {
		str part_bytes;
		assert_ok(unzip_read(z, unzip_at(z, i), &a, &part_bytes, &err), &err);
		if (str_find(unzip_at(z, i)->name, STR("/header")) != SIZE_MAX &&
			str_find(part_bytes, STR("<w:hdr")) != SIZE_MAX) {
			assert_true(str_find(part_bytes, STR("草稿")) != SIZE_MAX);
			headers++;
		}
	}
	unzip_close(z);
	assert_true(headers > 0);
	if (save) {
		FILE *f = fopen(arena_printf(&a, "%s.draft.docx", save), "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(out.p, 1, out.n, f), out.n);
		fclose(f);
	}
	buf_done(&out);
	arena_done(&a);
	return values;
}

static void files_of_word_and_wps_keep_all_that_is_not_a_slot(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *folder = shared_data(&a, "word/files");
	if (!folder) {
		arena_done(&a);
		skip();
	}
	DIR *d = opendir(folder);
	assert_non_null(d);
	const char *save = getenv("QINGHE_TEST_OUT");
	size_t files = 0, values = 0;
	for (struct dirent *f; (f = readdir(d));)
		if (str_ends(str_of(f->d_name), STR(".docx"))) {
			values += check_file(arena_printf(&a, "%s/%s", folder, f->d_name),
				save ? arena_printf(&a, "%s/%s", save, f->d_name) : NULL);
			files++;
		}
	closedir(d);
	assert_int_equal(files, 22);
	assert_true(values > 40);
	arena_done(&a);
}

static void soup_of_tags_and_elements_is_filled_well_formed_or_refused(void **state)
{
	(void)state;
	static const char *const bits[] = {"{{x}}", "{{#2}}", "{{#0}}", "{{/}}", "text", "{", "}}",
		"</w:t></w:r><w:r><w:t>", "</w:t></w:r></w:p><w:p><w:r><w:t>",
		"</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>",
		"</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>", "</w:t><w:br/><w:t>"};
	struct rng r;
	rng_init(&r, 5);
	size_t done = 0;
	for (int i = 0; i < 20000; i++) {
		struct arena a = {0};
		char body[2048] = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>";
		for (int k = 0; k < 8; k++)
			strcat(body, bits[rng_below(&r, sizeof bits / sizeof *bits)]);
		strcat(body, "</w:t></w:r></w:p></w:tc></w:tr></w:tbl>");
		struct err err = {0};
		str out = {0};
		if (part(&a, body, &out, &err) == RC_OK) {
			struct docx_tree t;
			done++;
			str xml = arena_fmt(&a, HEAD "%.*s" TAIL, STR_ARG(out));
			assert_ok(docx_tree_read(&a, xml, &t, &err), &err);
			for (uint32_t c = 0; c < t.n; c++)
				if (t.tokens[c].name == DN_TC && t.tokens[c].kind == DT_START)
					assert_true(docx_child(&t, c, DN_P) != UINT32_MAX);
		}
		arena_done(&a);
	}
	assert_true(done > 2000);
}

int main(void)
{
	tr_set(LANG_EN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_cut_over_runs_takes_the_first_runs_style),
		cmocka_unit_test(a_figure_becomes_a_tagged_control),
		cmocka_unit_test(the_unit_behind_a_slot_may_be_replaced_in_its_own_run),
		cmocka_unit_test(foreign_tags_deleted_text_and_field_codes_stay),
		cmocka_unit_test(characters_are_escaped_and_read_as_they_are),
		cmocka_unit_test(a_block_in_a_paragraph_repeats_its_piece),
		cmocka_unit_test(a_block_over_paragraphs_repeats_them),
		cmocka_unit_test(a_block_over_cells_repeats_the_row),
		cmocka_unit_test(slots_in_nested_tables_and_text_boxes_are_filled),
		cmocka_unit_test(faults_name_part_slot_and_paragraph),
		cmocka_unit_test(files_of_word_and_wps_keep_all_that_is_not_a_slot),
		cmocka_unit_test(soup_of_tags_and_elements_is_filled_well_formed_or_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
