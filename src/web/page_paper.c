/* page_paper.c -- see page_paper.h. */
#include "web/page_paper.h"
#include "net/download.h"

bool paper_asked(struct page *p, int arg, str *out_name)
{
	str name = page_arg(p, arg);
	bool pdf = str_ends(name, STR(".pdf"));
	*out_name = pdf ? str_head(name, name.n - strlen(".pdf")) : name;
	return pdf;
}

enum rc paper_give(struct page *p, struct paper *d, str name, struct err *err)
{
	str pdf;
	TRY(paper_print(d, p->a, &pdf, err));
	buf_clear(page_out(p));
	buf_add(page_out(p), pdf);
	http_download(p->q, arena_fmt(p->a, "%.*s.pdf", STR_ARG(name)), NULL);
	p->q->out.type = "application/pdf"; /* ours, not a stranger's */
	return RC_OK;
}

static void slip(struct page *p, struct paper *d, const struct link_row *r, const char *say, str until)
{
	struct json *j = &d->j;
	str lines[4];
	size_t n = 0;
	if (r->who.n)
		lines[n++] = r->who;
	lines[n++] = str_of(say);
	lines[n++] = arena_fmt(p->a, "%s%.*s", tr("Good once, until "), STR_ARG(until));
	json_object(j);
	json_put_str(j, "qr", arena_fmt(p->a, "%.*s#%.*s", STR_ARG(r->address), STR_ARG(r->text)));
	json_put_str(j, "head", r->unit);
	json_key(j, "lines");
	paper_strings(d, lines, n);
	json_put_str(j, "type",
		arena_fmt(p->a, "%s%.*s%s", tr("Or open "), STR_ARG(r->address), tr(" and type:")));
	json_put_str(j, "code", r->text);
	json_object_end(j);
}

enum rc paper_slips(struct page *p, str title, const struct link_row *rows, size_t n, const char *say,
	str until, struct err *err)
{
	struct paper d;
	paper_init(&d, PAPER_PLAIN, title, STR(""));
	json_array(paper_block(&d, "slips"));
	for (size_t i = 0; i < n; i++)
		slip(p, &d, &rows[i], say, until);
	json_array_end(&d.j);
	paper_end(&d);
	return paper_give(p, &d, title, err);
}
