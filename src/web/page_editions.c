/* page_editions.c -- see page_editions.h. */
#include "web/page_editions.h"
#include "base/clock.h"
#include "format/qr.h"
#include "guard/limit.h"
#include "net/download.h"
#include "report/edition.h"
#include "report/outline.h"
#include "service/signoff/signoff.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/tpl.h"

enum { VERIFY_PER_MINUTE = 20, DIGEST_SHORT = 12 };

static const struct {
	const char *name, *part, *label, *type;
} files[] = {
	{"report.docx", "public", N_("The report as a Word file"),
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"evidence.zip", "public:bundle", N_("Evidence bundle: values, definitions, signature"),
		"application/zip"},
};
enum { FILES = sizeof files / sizeof *files };

static str kind_words(struct page *p, const struct signoff *s)
{
	const struct field *f = reg_field(page_reg(p, "report_edition"), STR("kind"));
	const struct choice *c = f ? field_choice(f, s->kind) : NULL;
	return c ? label_text(&c->label) : s->kind;
}

static str day_of(struct page *p, str iso)
{
	struct buf b = {0};
	tpl_date(&b, iso);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static enum rc frozen_part(
	struct page *p, const struct signoff *s, const char *part, struct frozen *out, struct err *err)
{
	enum rc rc = signoff_frozen(&p->r, s, part, out, err);
	return rc == RC_NOT_FOUND ? FAIL(err, rc, "%s", tr("There is nothing at this address.")) : rc;
}

static str digest_of(struct page *p, str bytes)
{
	struct hash h = hash_sha256(bytes);
	return hex_str(p->a, h.b, HASH_BYTES);
}

/* ---- the list ---- */

static enum rc editions(struct page *p, struct err *err)
{
	struct street_list g = {0};
	struct signoff *list;
	struct frozen f;
	size_t n;
	TRY(signoff_published(&p->r, STR(""), 0, &list, &n, err));
	street_fill(p, &g.street, str_of(tr("Published reports")), STREET_NONE);
	g.intro = str_of(tr("Every number in them is counted from records. Small numbers about people are "
			    "withheld; each report comes with evidence that anybody can verify."));
	g.street.about = g.intro;
	g.rows = NEWS(p->a, n + 1, struct street_row);
	for (size_t i = 0; i < n; i++) {
		enum rc rc = signoff_frozen(&p->r, &list[i], "public", &f, err);
		if (rc == RC_NOT_FOUND) /* a row of before the report desk */
			continue;
		TRY(rc);
		g.rows[g.rows_n++] = (struct street_row){.title = list[i].title,
			.href = arena_fmt(p->a, "/street/reports/%lld", (long long)list[i].id),
			.sub = publish_org(&p->r, list[i].org),
			.tag = kind_words(p, &list[i]),
			.note = day_of(p, list[i].published_on)};
	}
	g.empty = str_of(tr("No report is published yet."));
	g.calendar = STR("/street/verify");
	g.calendar_label = str_of(tr("Verify a report that you hold"));
	tpl_street_list(page_out(p), &g);
	return RC_OK;
}

/* ---- one ---- */

static enum rc edition_asked(struct page *p, struct signoff *out, struct err *err)
{
	int64_t id;
	if (!str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	return signoff_public(&p->r, id, out, err);
}

static void facts_fill(struct page *p, const struct signoff *s, struct street_fact **out, size_t *out_n)
{
	*out = NEWS(p->a, 6, struct street_fact);
	struct street_fact all[] = {{.label = str_of(tr("Unit")), .text = publish_org(&p->r, s->org)},
		{.label = str_of(tr("Period")), .text = s->period},
		{.label = str_of(tr("Number")), .text = s->number},
		{.label = str_of(tr("Edition")), .text = arena_fmt(p->a, "%lld", (long long)s->serial)},
		{.label = str_of(tr("Signed off")), .text = day_of(p, s->signed_on)},
		{.label = str_of(tr("Published")), .text = day_of(p, s->published_on)}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].text.n)
			(*out)[(*out_n)++] = all[i];
}

static enum rc picture_fill(struct page *p, const struct signoff *s, struct edition_page *g, struct err *err)
{
	struct buf b = {0};
	g->address = street_address(p, arena_fmt(p->a, "/street/reports/%lld", (long long)s->id));
	if (!str_starts(g->address, STR("http")))
		return RC_OK;
	enum rc rc = qr_svg(&b, g->address, str_of(tr("QR picture of this page's address")), err);
	if (rc == RC_OK)
		g->picture = html_trust(arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	return rc;
}

static str article_of(struct page *p, str text)
{
	struct prose prose;
	struct buf b = {0};
	outline_parse(p->a, text, &prose);
	outline_html(&b, p->a, &prose, NULL);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static enum rc edition(struct page *p, struct err *err)
{
	struct edition_page g = {0};
	struct signoff s;
	struct frozen f;
	struct edition e;
	TRY(edition_asked(p, &s, err));
	TRY(frozen_part(p, &s, "public", &f, err));
	TRY(edition_read(p->a, f.body, &e, err));
	street_fill(p, &g.street, s.title, STREET_NONE);
	g.street.about = publish_org(&p->r, s.org);
	g.text = html_trust(article_of(p, e.text));
	facts_fill(p, &s, &g.facts, &g.facts_n);
	g.files = NEWS(p->a, FILES, struct edition_file);
	for (size_t i = 0; i < FILES; i++) {
		enum rc rc = signoff_frozen(&p->r, &s, files[i].part, &f, err);
		if (rc == RC_NOT_FOUND)
			continue;
		TRY(rc);
		g.files[g.files_n++] = (struct edition_file){.label = str_of(tr(files[i].label)),
			.href = arena_fmt(p->a, "/street/reports/%lld/%s", (long long)s.id, files[i].name),
			.size = arena_fmt(p->a, "%zu KB", (f.document.n + 1023) / 1024),
			.digest = digest_of(p, f.document)};
	}
	if (str_is(s.kind, "year") && s.org == p->site->city->root_org)
		g.figures = arena_fmt(p->a, "/street/figures?year=%.*s", STR_ARG(s.period));
	TRY(picture_fill(p, &s, &g, err));
	tpl_street_edition(page_out(p), &g);
	return RC_OK;
}

static enum rc edition_file(struct page *p, struct err *err)
{
	struct signoff s;
	struct frozen f;
	TRY(edition_asked(p, &s, err));
	for (size_t i = 0; i < FILES; i++) {
		if (!str_is(page_arg(p, 1), files[i].name))
			continue;
		TRY(frozen_part(p, &s, files[i].part, &f, err));
		street_kept(p);
		buf_add(page_out(p), f.document);
		http_download(p->q,
			arena_fmt(p->a, "report-%.*s-%lld.%s", STR_ARG(s.period), (long long)s.serial,
				i ? "zip" : "docx"),
			files[i].type);
		return RC_OK;
	}
	return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
}

/* ---- is it ours? ---- */

static bool is_digest(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.n >= DIGEST_SHORT && s.n <= 2 * HASH_BYTES;
}

/* The published edition with that number, or one of whose files has a digest that begins so; id 0: none. */
static enum rc look_up(
	struct page *p, str number, str digest, struct signoff *out, str *out_file, struct err *err)
{
	struct signoff *list;
	struct frozen f;
	size_t n;
	*out = (struct signoff){0};
	TRY(signoff_published(&p->r, STR(""), 0, &list, &n, err));
	for (size_t i = 0; i < n && out->id == 0; i++) {
		enum rc rc = signoff_frozen(&p->r, &list[i], "public", &f, err);
		if (rc == RC_NOT_FOUND)
			continue;
		TRY(rc);
		if (number.n && str_eq(list[i].number, number))
			*out = list[i];
		for (size_t k = 0; digest.n && k < FILES && out->id == 0; k++) {
			if (k > 0 && signoff_frozen(&p->r, &list[i], files[k].part, &f, err) != RC_OK)
				continue;
			if (!str_starts(digest_of(p, f.document), digest))
				continue;
			*out = list[i];
			*out_file = str_of(tr(files[k].label));
		}
	}
	return RC_OK;
}

static enum rc verify_show(struct page *p, struct verify_page *g)
{
	street_fill(p, &g->street, str_of(tr("Verify a report or a certificate")), STREET_NONE);
	p->q->out.keep_s = 0;
	tpl_street_verify(page_out(p), g);
	return RC_OK;
}

static enum rc verify_form(struct page *p, struct err *err)
{
	struct verify_page g = {0};
	(void)err;
	street_fill(p, &g.street, str_of(tr("Verify a report or a certificate")), STREET_NONE);
	tpl_street_verify(page_out(p), &g);
	return RC_OK;
}

static str lower_digest(struct page *p, str s)
{
	char *c = arena_cstr(p->a, s);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (c[i] != ' ' && c[i] != ':')
			c[n++] = c[i] >= 'A' && c[i] <= 'F' ? (char)(c[i] + 32) : c[i];
	return (str){c, n};
}

static enum rc verify(struct page *p, struct err *err)
{
	struct verify_page g = {.asked = true, .q = str_trim(page_input(p, "q"))};
	const struct part *file = page_file(p, "file");
	struct signoff s;
	str digest = {0}, which = {0};
	if (limiter_use(p->site->limiter, "street-verify", (int64_t)(str_hash(p->q->address) >> 1),
		    VERIFY_PER_MINUTE, clock_now_ms()) > 0) {
		p->q->out.status = 429;
		g.fault = str_of(tr("Wait a minute, then try again."));
		return verify_show(p, &g);
	}
	bool has_file = file && file->bytes.n > 0;
	if (has_file)
		digest = digest_of(p, file->bytes);
	else if (is_digest(lower_digest(p, g.q)))
		digest = lower_digest(p, g.q);
	if (!has_file && g.q.n == 0) {
		p->q->out.status = 422;
		g.fault = str_of(tr("Choose a file, or write a number or a digest."));
		return verify_show(p, &g);
	}
	TRY(look_up(p, has_file ? STR("") : g.q, digest, &s, &which, err));
	if (s.id == 0) {
		p->q->out.status = 404;
		g.fault =
			has_file
				? str_of(tr("This file is none of those that were published. One changed "
					    "byte is enough for that: fetch it anew from the list of reports "
					    "and compare."))
				: str_of(tr("No published report has this number or digest."));
		return verify_show(p, &g);
	}
	g.found = s.title;
	g.href = arena_fmt(p->a, "/street/reports/%lld", (long long)s.id);
	g.told = digest.n
			 ? arena_fmt(p->a, tr("Byte for byte as published: %.*s."), STR_ARG(which))
			 : str_of(tr("A report with this number is published. Whether your copy is the same, "
				     "only its file or digest can tell."));
	facts_fill(p, &s, &g.facts, &g.facts_n);
	return verify_show(p, &g);
}

static const struct input verify_in[] = {{"q", INPUT_TEXT, 80, false}, {0}};

const struct route routes_street_editions[] = {
	{"GET", "/street/reports", editions, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/reports/{id}", edition, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/reports/{id}/{part}", edition_file, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/verify", verify_form, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY},
	{"POST", "/street/verify", verify, ACCESS_PUBLIC, CSRF_ORIGIN, verify_in, ROUTE_SLOW | ROUTE_UPLOAD},
	{0},
};
