/* page_street.c -- /street: the city's front page for those who are not signed in; search over what is public; and what
 * machines ask for: robots.txt, sitemap.xml, security.txt (RFC 9116). */
#include "web/page_street.h"
#include "base/clock.h"
#include "base/date.h"
#include "format/xml.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { FRONT_EVENTS = 6, FRONT_SIDE = 4, FOUND_EACH = 15, SITEMAP_EACH = 500, SECURITY_DAYS = 300 };

static enum rc front(struct page *p, struct err *err)
{
	struct street_home g = {0};
	struct record **list;
	struct publish_query q = {0};
	size_t n;
	int64_t all;
	street_fill(p, &g.street, p->site->city->name, STREET_NONE);
	g.street.title = str_of(tr("What is on nearby, and who can help"));
	g.street.about = g.street.title;
	g.street.feed = STR("/street/articles.atom");
	g.street.feed_type = STR("application/atom+xml");
	g.street.feed_title = str_of(tr("Articles"));
	TRY(events_ahead(p, FRONT_EVENTS, &g.events, &g.events_n, &all, err));
	g.events_all = arena_fmt(p->a, tr("All %lld"), (long long)all);
	TRY(street_latest(p, "article", &q, FRONT_SIDE, &list, &n, err));
	g.articles = NEWS(p->a, FRONT_SIDE, struct street_row);
	for (size_t i = 0; i < n; i++)
		article_row(p, list[i], &g.articles[g.articles_n++]);
	TRY(street_latest(p, "post", &q, 100, &list, &n, err));
	g.posts = NEWS(p->a, FRONT_SIDE, struct street_row);
	for (size_t i = 0; i < n && g.posts_n < FRONT_SIDE; i++) {
		struct street_row *row = &g.posts[g.posts_n];
		post_row(p, list[i], row);
		g.posts_n += !row->off;
	}
	str year = {0};
	TRY(open_front(p, FRONT_SIDE, &g.figures, &g.figures_n, &year, err));
	g.figures_title = arena_fmt(p->a, tr("Open figures %.*s"), STR_ARG(year));
	tpl_street(page_out(p), &g);
	return RC_OK;
}

static enum rc find(struct page *p, struct err *err)
{
	static const struct {
		const char *as;
		void (*row)(struct page *p, const struct record *rec, struct street_row *row);
	} kinds[] = {{"event", event_row}, {"article", article_row}, {"post", post_row}};
	struct street_list g = {0};
	struct publish_query q = {.text = str_trim(page_input(p, "q"))};
	street_fill(p, &g.street, str_of(tr("Search")), STREET_NONE);
	g.intro = str_of(tr("Events, articles and posts that are public."));
	g.searches = true;
	g.q = q.text;
	g.empty =
		q.text.n ? str_of(tr("Nothing public has these words. Try fewer, or other ones.")) : STR("");
	g.rows = NEWS(p->a, 3 * FOUND_EACH, struct street_row);
	for (size_t k = 0; q.text.n && k < sizeof kinds / sizeof *kinds; k++) {
		struct record **list;
		size_t n;
		TRY(street_latest(p, kinds[k].as, &q, FOUND_EACH, &list, &n, err));
		for (size_t i = 0; i < n; i++)
			kinds[k].row(p, list[i], &g.rows[g.rows_n++]);
	}
	tpl_street_list(page_out(p), &g);
	return RC_OK;
}

/* ---- for machines ---- */

static enum rc robots(struct page *p, struct err *err)
{
	(void)err;
	p->q->out.type = "text/plain; charset=utf-8";
	street_kept(p);
	buf_printf(page_out(p),
		"User-agent: *\nDisallow: /\nAllow: /street\nAllow: /assets/\nDisallow: "
		"/street/help\nDisallow: "
		"/street/suggest\nDisallow: /street/receipt\nDisallow: /street/find\nSitemap: %.*s\n",
		STR_ARG(street_address(p, STR("/sitemap.xml"))));
	return RC_OK;
}

static void url_put(struct page *p, str path)
{
	buf_puts(page_out(p), "<url><loc>");
	xml_text(page_out(p), street_address(p, path));
	buf_puts(page_out(p), "</loc></url>\n");
}

static enum rc sitemap(struct page *p, struct err *err)
{
	static const char *const pages[] = {"/street", "/street/events", "/street/articles", "/street/posts",
		"/street/contests", "/street/figures", "/street/reports", "/street/data", "/street/verify"};
	static const struct {
		const char *as, *head;
	} kinds[] = {{"article", "/street/articles"}, {"post", "/street/posts"},
		{"contest", "/street/contests"}, {"edition", "/street/reports"}};
	struct publish_query q = {0};
	street_kept(p);
	p->q->out.type = "application/xml; charset=utf-8";
	buf_puts(page_out(p), "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset "
			      "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		url_put(p, str_of(pages[i]));
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		struct record **list;
		size_t n;
		TRY(street_latest(p, kinds[k].as, &q, SITEMAP_EACH, &list, &n, err));
		for (size_t i = 0; i < n; i++)
			url_put(p, arena_fmt(p->a, "%s/%lld", kinds[k].head, (long long)list[i]->id));
	}
	buf_puts(page_out(p), "</urlset>\n");
	return RC_OK;
}

static enum rc security(struct page *p, struct err *err)
{
	(void)err;
	p->q->out.type = "text/plain; charset=utf-8";
	street_kept(p);
	buf_printf(page_out(p),
		"Contact: %.*s\nExpires: %.*sT00:00:00Z\nPreferred-Languages: zh, en\nCanonical: %.*s\n",
		STR_ARG(street_address(p, STR("/street/suggest"))),
		STR_ARG(date_str(p->a, clock_today() + SECURITY_DAYS)),
		STR_ARG(street_address(p, STR("/.well-known/security.txt"))));
	return RC_OK;
}

static const struct input find_in[] = {{"q", INPUT_TEXT, 60, false}, {0}};

const struct route routes_street[] = {
	{"GET", "/street", front, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/find", find, ACCESS_PUBLIC, CSRF_READ_ONLY, find_in, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/robots.txt", robots, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY | ROUTE_BARE},
	{"GET", "/sitemap.xml", sitemap, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/.well-known/security.txt", security, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY | ROUTE_BARE},
	{0},
};
