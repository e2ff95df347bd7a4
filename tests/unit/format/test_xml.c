/* Reading XML: names, pieces, refusals; writing: escapes that come back as they were. */
#include "format/xml.h"
#include "tests.h"

struct seen {
	struct arena *a;
	struct buf log;
	size_t deepest;
	enum rc answer; /* what start returns at <stop> */
};

static enum rc start(void *ctx, const struct xml_element *e, struct err *err)
{
	struct seen *s = ctx;
	(void)err;
	buf_printf(&s->log, "<%.*s", STR_ARG(e->local));
	for (const char *const *t = e->attrs; *t; t += 2)
		buf_printf(&s->log, " %s=[%s]", t[0], t[1]);
	buf_puts(&s->log, ">");
	if (e->depth > s->deepest)
		s->deepest = e->depth;
	return xml_is(e, "stop") ? s->answer : RC_OK;
}

static enum rc end(void *ctx, const struct xml_element *e, struct err *err)
{
	(void)err;
	buf_printf(&((struct seen *)ctx)->log, "</%.*s>", STR_ARG(e->local));
	return RC_OK;
}

static enum rc text(void *ctx, str t, struct err *err)
{
	(void)err;
	buf_add(&((struct seen *)ctx)->log, t);
	return RC_OK;
}

static enum rc parse(struct seen *s, str xml, struct err *err)
{
	*err = (struct err){0};
	buf_init(&s->log, 0);
	return xml_parse(xml, &(struct xml_visitor){s, start, end, text}, err);
}

static void assert_reads(const char *xml, const char *log)
{
	struct seen s = {0};
	struct err err;
	assert_ok(parse(&s, str_of(xml), &err), &err);
	assert_string_equal(s.log.p, log);
	buf_done(&s.log);
}

static void assert_refused(str xml, enum rc rc)
{
	struct seen s = {0};
	struct err err;
	assert_int_equal(parse(&s, xml, &err), rc);
	assert_true(err.text[0] != 0);
	buf_done(&s.log);
}

static void elements_come_by_their_local_names(void **state)
{
	(void)state;
	assert_reads("<x:a xmlns:x='u' x:b='1'>t<c/>&amp;&#x9752;</x:a>",
		"<a xmlns:x=[u] x:b=[1]>t<c></c>&\xE9\x9D\x92</a>");
	assert_reads("<?xml version='1.0'?><!-- c --><a><![CDATA[<&]]></a>", "<a><&</a>");
}

static enum rc ids(void *ctx, const struct xml_element *e, struct err *err)
{
	(void)err;
	str *got = ctx;
	got[0] = xml_get(e, "id");
	got[1] = xml_get(e, "r:id");
	assert_true(str_is(got[0], "rId7"));
	assert_true(str_is(got[1], "rId7"));
	assert_null(xml_get(e, "none").p);
	assert_int_equal(e->from_bytes, 0);
	assert_int_equal(e->to_bytes, 32);
	return RC_FOUND;
}

static void attributes_are_found_with_and_without_their_prefix(void **state)
{
	(void)state;
	str got[2];
	struct err err;
	assert_int_equal(xml_parse(STR("<sheet sheetId='3' r:id='rId7'/>"),
				 &(struct xml_visitor){got, ids, NULL, NULL}, &err),
		RC_FOUND);
}

static void a_doctype_is_refused_whatever_it_holds(void **state)
{
	(void)state;
	assert_refused(STR("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), RC_INVALID);
	assert_refused(STR("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), RC_INVALID);
	assert_refused(STR("<!DOCTYPE a><a/>"), RC_INVALID);
}

static void broken_xml_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "<a>", "<a></b>", "<a/><b/>", "text", "<a b='1' b='2'/>",
		"<a>&x;</a>", "<a>\x01</a>", "<a>\xff</a>", "<a"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_refused(str_of(bad[i]), RC_INVALID);
}

static void depth_attributes_and_tag_size_have_a_limit(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 0);
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		buf_puts(&b, "<a>");
	assert_refused(buf_str(&b), RC_LIMIT);
	buf_clear(&b);
	buf_puts(&b, "<a");
	for (int i = 0; i <= XML_ATTRIBUTES_MAX; i++)
		buf_printf(&b, " a%d=''", i);
	buf_puts(&b, "/>");
	assert_refused(buf_str(&b), RC_LIMIT);
	buf_clear(&b);
	buf_puts(&b, "<a b='");
	for (int i = 0; i < XML_TOKEN_MAX_BYTES + (128 << 10); i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "'/>");
	assert_refused(buf_str(&b), RC_LIMIT);
	buf_done(&b);
}

static void a_callback_ends_the_reading_with_its_own_code(void **state)
{
	(void)state;
	struct seen s = {.answer = RC_FOUND};
	struct err err;
	assert_int_equal(parse(&s, STR("<a><stop/><b/></a>"), &err), RC_FOUND);
	assert_string_equal(s.log.p, "<a><stop>");
	buf_done(&s.log);
	s.answer = RC_CONFLICT;
	assert_int_equal(parse(&s, STR("<a><stop/><b/></a>"), &err), RC_CONFLICT);
	buf_done(&s.log);
}

static void what_is_escaped_comes_back(void **state)
{
	(void)state;
	str odd = STR("a<b>&\"'\t\r\n 青年]]>\xF0\xA0\xAE\xB7");
	struct buf b;
	buf_init(&b, 0);
	buf_puts(&b, "<a b=\"");
	xml_attr(&b, odd);
	buf_puts(&b, "\">");
	xml_text(&b, odd);
	buf_puts(&b, "</a>");
	struct buf want;
	buf_init(&want, 0);
	buf_printf(&want, "<a b=[%.*s]>%.*s</a>", STR_ARG(odd), STR_ARG(odd));
	assert_reads(b.p, want.p);
	buf_clear(&b);
	xml_text(&b, STR("a\x01\x02"
			 "b\xEF\xBF\xBE"
			 "c\xff"
			 "d"));
	assert_string_equal(b.p, "abcd");
	buf_done(&b);
	buf_done(&want);
}

static void an_entry_is_read_as_a_stream(void **state)
{
	(void)state;
	struct arena a = {0};
	struct err err = {0};
	struct buf xml, zip;
	buf_init(&xml, 0);
	buf_init(&zip, 0);
	buf_puts(&xml, "<a>");
	for (int i = 0; i < 50000; i++)
		buf_puts(&xml, "<b/>");
	buf_puts(&xml, "</a>");
	struct zipper w;
	zipper_init(&w, &a, &zip);
	zipper_add(&w, STR("a.xml"), buf_str(&xml));
	zipper_add(&w, STR("bad.xml"), STR("<a>"));
	assert_ok(zipper_end(&w, &err), &err);
	struct unzip *z;
	assert_ok(unzip_open_bytes(&a, buf_str(&zip), NULL, &z, &err), &err);
	struct seen s = {0};
	buf_init(&s.log, 0);
	assert_ok(
		xml_parse_entry(z, unzip_at(z, 0), &(struct xml_visitor){&s, start, end, text}, &err), &err);
	assert_int_equal(s.log.n, 50000 * 7 + 7);
	assert_int_equal(
		xml_parse_entry(z, unzip_at(z, 1), &(struct xml_visitor){&s, start, end, text}, &err),
		RC_INVALID);
	assert_non_null(strstr(err.text, "bad.xml"));
	unzip_close(z);
	buf_done(&s.log);
	buf_done(&xml);
	buf_done(&zip);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_by_their_local_names),
		cmocka_unit_test(attributes_are_found_with_and_without_their_prefix),
		cmocka_unit_test(a_doctype_is_refused_whatever_it_holds),
		cmocka_unit_test(broken_xml_is_refused),
		cmocka_unit_test(depth_attributes_and_tag_size_have_a_limit),
		cmocka_unit_test(a_callback_ends_the_reading_with_its_own_code),
		cmocka_unit_test(what_is_escaped_comes_back),
		cmocka_unit_test(an_entry_is_read_as_a_stream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
