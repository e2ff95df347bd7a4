/* page_articles.c -- /street/articles: what has been published, each article, and both as a feed (RFC 4287). */
#include "base/clock.h"
#include "base/date.h"
#include "format/atom.h"
#include "register/photo.h"
#include "templates.h"
#include "web/page_street.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>

enum { FEED_MAX = 30, TEASER_CHARS = 80, PICTURES_MAX = 6 };

static int latest(const void *x, const void *y)
{
	const struct record *a = *(struct record *const *)x, *b = *(struct record *const *)y;
	int32_t da = street_day(a), db = street_day(b);
	return da != db ? (da > db ? -1 : 1) : a->id > b->id ? -1 : a->id < b->id;
}

enum rc street_latest(struct page *p, const char *as, const struct publish_query *like, size_t most,
	struct record ***out, size_t *out_n, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	size_t regs_n = street_regs(p, as, regs), n = 0, cap = 0;
	*out = NULL;
	for (size_t i = 0; i < regs_n; i++) {
		struct publish_query q = *like;
		struct record **list;
		size_t k;
		q.reg = regs[i];
		q.latest_first = true;
		q.limit = (int)most;
		TRY(publish_list(&p->r, &q, &list, &k, err));
		for (size_t j = 0; j < k; j++) {
			*out = arena_grow(p->a, *out, n, &cap, sizeof **out);
			(*out)[n++] = list[j];
		}
	}
	if (n > 0)
		qsort(*out, n, sizeof **out, latest);
	*out_n = n < most ? n : most;
	return RC_OK;
}

static str body_of(struct page *p, const struct record *rec)
{
	const struct field *f = rec->reg->open->text;
	return f ? publish_text(&p->r, rec, f) : STR("");
}

/* The first characters of a text, whole ones. */
static str teaser(str s)
{
	size_t chars = 0, i = 0;
	while (i < s.n && s.p[i] != '\n' && chars < TEASER_CHARS) {
		for (i++; i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80;)
			i++;
		chars++;
	}
	return str_head(s, i);
}

static str href_of(struct page *p, const struct record *rec)
{
	return arena_fmt(p->a, "/street/articles/%lld", (long long)rec->id);
}

void article_row(struct page *p, const struct record *rec, struct street_row *row)
{
	str text = teaser(body_of(p, rec));
	*row = (struct street_row){.title = publish_title(p->site->city, rec),
		.href = href_of(p, rec),
		.sub = text.n ? text : publish_org(&p->r, rec->org),
		.tag = street_kind(p, rec),
		.note = street_day_words(p->a, street_day(rec))};
}

static enum rc articles(struct page *p, struct err *err)
{
	struct street_list g = {0};
	const struct reg *regs[STREET_REGS];
	size_t regs_n = street_regs(p, "article", regs), n;
	struct record **list;
	int64_t from = 0;
	struct publish_query q = {.kind = page_input(p, "kind"), .text = page_input(p, "q")};
	TRY(street_latest(p, "article", &q, PUBLISH_LIST_MAX, &list, &n, err));
	street_fill(p, &g.street, str_of(tr("Articles")), STREET_ARTICLES);
	g.street.feed = STR("/street/articles.atom");
	g.street.feed_type = STR("application/atom+xml");
	g.street.feed_title = g.street.title;
	g.intro = str_of(tr("Each passed three reviews before it was published; what was wrong is corrected "
			    "with a date."));
	g.searches = true;
	g.q = q.text;
	g.groups = NEWS(p->a, 1, struct street_group);
	for (size_t i = 0; i < regs_n && g.groups_n == 0; i++) {
		const struct field *f = regs[i]->open->kind;
		if (f == NULL)
			continue;
		street_kinds(p, f, q.kind, &g.groups[g.groups_n++]);
	}
	if (!str_i64(page_input(p, "from"), &from) || from < 0 || (size_t)from >= n)
		from = 0;
	g.rows = NEWS(p->a, STREET_LIST + 1, struct street_row);
	for (size_t i = (size_t)from; i < n && g.rows_n < STREET_LIST; i++)
		article_row(p, list[i], &g.rows[g.rows_n++]);
	if ((size_t)from + g.rows_n < n)
		g.more = page_here(p, "from", arena_fmt(p->a, "%zu", (size_t)from + g.rows_n));
	g.empty = str_of(tr("There is no article on this yet."));
	g.calendar = STR("/street/articles.atom");
	g.calendar_label = str_of(tr("Follow by feed (Atom)"));
	tpl_street_list(page_out(p), &g);
	return RC_OK;
}

static enum rc article_of(struct page *p, struct record **out, struct err *err)
{
	const struct reg *regs[STREET_REGS];
	int64_t id;
	if (street_regs(p, "article", regs) == 0 || !str_i64(page_arg(p, 0), &id))
		return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
	return publish_get(&p->r, regs[0], id, out, err);
}

static str caption_of(const struct record *photo)
{
	const struct field *f = reg_field(photo->reg, STR("caption"));
	return f && photo->values[f->at].kind == V_TEXT ? photo->values[f->at].t : STR("");
}

static enum rc pictures(struct page *p, const struct record *rec, struct street_item *g, struct err *err)
{
	struct record *list[PICTURES_MAX];
	size_t n;
	TRY(photo_with_article(&p->r, rec->id, list, PICTURES_MAX, &n, err));
	g->pictures = NEWS(p->a, n + 1, struct street_picture);
	for (size_t i = 0; i < n; i++) {
		str at = arena_fmt(p->a, "%.*s/%lld", STR_ARG(href_of(p, rec)), (long long)list[i]->id);
		g->pictures[g->pictures_n++] =
			(struct street_picture){.src = arena_fmt(p->a, "%.*s-thumb.jpg", STR_ARG(at)),
				.full = arena_fmt(p->a, "%.*s.jpg", STR_ARG(at)),
				.caption = caption_of(list[i])};
	}
	return RC_OK;
}

/* ID.jpg, ID-thumb.jpg of a photo that stands with this article now; in no cache, for a consent may end. */
static enum rc picture(struct page *p, struct err *err)
{
	struct record *rec, *list[PICTURES_MAX];
	size_t n;
	str name = page_arg(p, 1), jpeg;
	bool thumb = str_ends(name, STR("-thumb.jpg"));
	TRY(article_of(p, &rec, err));
	TRY(photo_with_article(&p->r, rec->id, list, PICTURES_MAX, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(name,
			    arena_fmt(p->a, "%lld%s.jpg", (long long)list[i]->id, thumb ? "-thumb" : "")))
			continue;
		TRY(photo_pixels(&p->r, list[i], thumb ? "thumb" : "picture", &jpeg, err));
		p->q->out.type = "image/jpeg";
		buf_add(page_out(p), jpeg);
		return RC_OK;
	}
	return FAIL(err, RC_NOT_FOUND, "%s", tr("There is nothing at this address."));
}

static enum rc article(struct page *p, struct err *err)
{
	struct street_item g = {0};
	struct record *rec;
	TRY(article_of(p, &rec, err));
	street_fill(p, &g.street, publish_title(p->site->city, rec), STREET_ARTICLES);
	g.back = STR("/street/articles");
	g.back_label = str_of(tr("Articles"));
	g.kind = street_kind(p, rec);
	g.told = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(street_day_words(p->a, street_day(rec))), tr(", "),
		STR_ARG(publish_org(&p->r, rec->org)));
	str text = body_of(p, rec);
	g.street.about = teaser(text);
	street_lines(p, text, &g);
	if (g.lines_n == 0)
		g.action_note =
			str_of(tr("The text of this article is kept on the channel where it appeared."));
	TRY(pictures(p, rec, &g, err));
	const struct field *corrected = reg_field(rec->reg, STR("corrected_on"));
	str on = corrected ? publish_text(&p->r, rec, corrected) : STR("");
	if (on.n)
		g.aside = arena_fmt(p->a, tr("Corrected on %.*s."), STR_ARG(on));
	tpl_street_item(page_out(p), &g);
	return RC_OK;
}

static int64_t noon_ms(int32_t day)
{
	return ((int64_t)day * 1440 + 720 - clock_zone()) * 60000;
}

static enum rc feed(struct page *p, struct err *err)
{
	struct publish_query q = {.kind = page_input(p, "kind")};
	struct record **list;
	size_t n;
	TRY(street_latest(p, "article", &q, FEED_MAX, &list, &n, err));
	str city = p->site->city->name, region = p->site->city->region,
	    organ = publish_org(&p->r, p->site->city->root_org);
	str title = tr_lang() == LANG_ZH ? arena_fmt(p->a, "%.*s青少年稿件", STR_ARG(city))
					 : arena_fmt(p->a, "%.*s: articles", STR_ARG(city));
	int64_t updated = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t at = noon_ms(street_day(list[i]));
		updated = at > updated ? at : updated;
	}
	street_kept(p);
	p->q->out.type = "application/atom+xml; charset=utf-8";
	atom_begin(page_out(p), arena_fmt(p->a, "tag:qinghe,2026:%.*s:articles", STR_ARG(region)), title,
		organ, street_address(p, STR("/street/articles.atom")),
		street_address(p, STR("/street/articles")), tr_lang() == LANG_ZH ? STR("zh-CN") : STR("en"),
		updated);
	for (size_t i = 0; i < n; i++) {
		int64_t at = noon_ms(street_day(list[i]));
		struct atom_entry e = {.id = arena_fmt(p->a, "tag:qinghe,2026:%.*s:article-%lld",
					       STR_ARG(region), (long long)list[i]->id),
			.title = publish_title(p->site->city, list[i]),
			.href = street_address(p, href_of(p, list[i])),
			.text = body_of(p, list[i]),
			.author = publish_org(&p->r, list[i]->org),
			.kind = street_kind(p, list[i]),
			.published_ms = at,
			.updated_ms = at};
		atom_put(page_out(p), &e);
	}
	atom_end(page_out(p));
	return RC_OK;
}

static const struct input articles_in[] = {
	{"kind", INPUT_WORD, 40, false}, {"from", INPUT_ID, 6, false}, {"q", INPUT_TEXT, 60, false}, {0}};
static const struct input feed_in[] = {{"kind", INPUT_WORD, 40, false}, {0}};

const struct route routes_street_articles[] = {
	{"GET", "/street/articles", articles, ACCESS_PUBLIC, CSRF_READ_ONLY, articles_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/articles.atom", feed, ACCESS_PUBLIC, CSRF_READ_ONLY, feed_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/articles/{id}", article, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/street/articles/{id}/{picture}", picture, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
