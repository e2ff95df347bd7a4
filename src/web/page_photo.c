/* page_photo.c -- see page_photo.h: the gallery and one photo. */
#include "web/page_photo.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/attach.h"
#include "register/permit.h"
#include "register/photo.h"
#include "templates.h"
#include "web/page_photo_new.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { YEARS = 5, PROGRAMMES_MAX = 12 };

static enum rc photos_reg(struct page *p, const struct reg **out, struct err *err)
{
	return page_register(p, STR("photo"), out, err);
}

/* The activity that a photo is of: its register and row. */
static const struct field *activity_of(const struct record *rec)
{
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		if (f->type == T_REF && !str_is(f->id, "programme") && rec->values[i].kind == V_INT)
			return f;
	}
	return NULL;
}

static str text_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static str activity_name(struct page *p, const struct record *rec)
{
	const struct field *f = activity_of(rec);
	str name = f ? page_label(p, f->to_reg, rec->values[f->at].i) : STR("");
	/* A league day has no name of its own. */
	return str_starts(name, STR("#"))
		       ? arena_fmt(p->a, "%.*s %.*s", STR_ARG(label_text(&f->to_reg->label)), STR_ARG(name))
		       : name;
}

/* ---- the gallery ---- */

static enum rc choices(struct page *p, struct photos_page *g, int year, int64_t programme, struct err *err)
{
	const struct reg *reg = model_reg(p->site->city->model, STR("programme"));
	int now = date_ymd(clock_today()).year;
	struct record **list;
	size_t n;
	g->years = NEWS(p->a, YEARS + 1, struct photo_choice);
	g->years[g->years_n++] =
		(struct photo_choice){str_of(tr("All years")), page_here(p, "year", STR("")), year == 0};
	for (int y = now; y > now - YEARS; y--)
		g->years[g->years_n++] = (struct photo_choice){
			arena_fmt(p->a, "%d", y), page_here(p, "year", arena_fmt(p->a, "%d", y)), y == year};
	if (reg == NULL || permit_reach(reg, &p->r.actor) == REACH_NONE)
		return RC_OK;
	struct record_query q = {
		.reg = reg, .where = STR("state != 'void'"), .limit = PROGRAMMES_MAX, .newest_first = true};
	TRY(record_list(&p->r, &q, &list, &n, err));
	g->programmes = NEWS(p->a, n + 1, struct photo_choice);
	g->programmes[g->programmes_n++] = (struct photo_choice){
		str_of(tr("All programmes")), page_here(p, "programme", STR("")), programme == 0};
	for (size_t i = 0; i < n; i++)
		g->programmes[g->programmes_n++] = (struct photo_choice){record_title(p, list[i]),
			page_here(p, "programme", arena_fmt(p->a, "%lld", (long long)list[i]->id)),
			programme == list[i]->id};
	return RC_OK;
}

static enum rc tiles(struct page *p, struct photos_page *g, const struct record_query *q, struct err *err)
{
	struct record **list;
	size_t n, hidden = 0;
	TRY(record_list(&p->r, q, &list, &n, err));
	g->tiles = NEWS(p->a, n + 1, struct photo_tile);
	for (size_t i = 0; i < n; i++) {
		int64_t *people;
		size_t people_n;
		bool shown;
		TRY(photo_shown(&p->r, list[i], &people, &people_n, &shown, err));
		if (!shown) {
			hidden++;
			continue;
		}
		str what = activity_name(p, list[i]), caption = text_of(list[i], "caption");
		g->tiles[g->tiles_n++] =
			(struct photo_tile){.href = arena_fmt(p->a, "/photos/%lld", (long long)list[i]->id),
				.src = arena_fmt(p->a, "/photos/%lld/thumb", (long long)list[i]->id),
				.caption = caption.n ? caption : what,
				.about = arena_fmt(p->a, "%.*s · %.*s",
					STR_ARG(date_words(p, text_of(list[i], "taken_on"))),
					STR_ARG(caption.n ? what : page_org_name(p, list[i]->org)))};
	}
	if (hidden)
		g->hidden = arena_fmt(p->a,
			trn("%zu photo is not shown: a consent has ended",
				"%zu photos are not shown: consents have ended", (long long)hidden),
			hidden);
	if (n == PHOTOS_PAGE)
		g->older_href = page_here(p, "after", arena_fmt(p->a, "%lld", (long long)list[n - 1]->id));
	return RC_OK;
}

static enum rc gallery(struct page *p, struct err *err)
{
	struct photos_page g = {.heading = str_of(tr("Photos"))};
	const struct reg *reg;
	struct record *activity = NULL;
	int64_t year = 0, programme = page_input_id(p, "programme");
	TRY(photos_reg(p, &reg, err));
	struct record_query q = {.reg = reg,
		.org = p->org,
		.state = STR("kept"),
		.after = p->after,
		.limit = PHOTOS_PAGE,
		.newest_first = true};
	if (!str_i64(page_input(p, "year"), &year) || year < 1900 || year > 2200)
		year = 0;
	if (page_input(p, "of").n) {
		const struct field *f;
		TRY(photo_activity(p, page_input(p, "of"), &activity, &f, err));
		q.where = arena_fmt(p->a, "%.*s = %lld", STR_ARG(f->id), (long long)activity->id);
		q.org = 0;
		g.heading = arena_fmt(p->a, tr("Photos: %.*s"), STR_ARG(record_title(p, activity)));
		g.new_href = arena_fmt(p->a, "/photos/new?of=%.*s", STR_ARG(page_input(p, "of")));
		g.back_href =
			page_hrefs(p, "/r/%.*s/%lld", STR_ARG(activity->reg->id), (long long)activity->id);
	} else {
		if (programme)
			q.where = arena_fmt(p->a, "programme = %lld", (long long)programme);
		if (year) {
			q.from = arena_printf(p->a, "%04lld-01-01", (long long)year);
			q.to = arena_printf(p->a, "%04lld-01-01", (long long)year + 1);
		}
		TRY(choices(p, &g, (int)year, programme, err));
	}
	TRY(tiles(p, &g, &q, err));
	g.about = str_of(
		tr("Kept only with the consent of everybody who can be recognised; nobody has to take any."));
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, reg->group);
	tpl_photos(page_out(p), &g);
	return RC_OK;
}

/* ---- one photo ---- */

static enum rc one(struct page *p, struct record **out, int64_t **people, size_t *people_n, struct err *err)
{
	const struct reg *reg;
	int64_t id;
	TRY(photos_reg(p, &reg, err));
	if (!str_i64(page_arg(p, 0), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 0)));
	TRY(record_get(&p->r, reg, id, out, err));
	return photo_may_go_out(&p->r, *out, people, people_n, err);
}

static enum rc photo(struct page *p, struct err *err)
{
	struct photo_page g = {.told = str_is(page_input(p, "done"), "1")};
	struct record *rec;
	int64_t *people;
	size_t n;
	TRY(one(p, &rec, &people, &n, err));
	const struct field *f = activity_of(rec);
	g.caption = text_of(rec, "caption");
	g.activity = activity_name(p, rec);
	g.heading = g.caption.n ? g.caption : g.activity;
	g.about = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(date_words(p, text_of(rec, "taken_on"))),
		STR_ARG(page_org_name(p, rec->org)));
	g.src = arena_fmt(p->a, "/photos/%lld/picture", (long long)rec->id);
	g.row_href = page_hrefs(p, "/r/photo/%lld", (long long)rec->id);
	if (f)
		g.activity_href = page_hrefs(
			p, "/photos?of=%.*s:%lld", STR_ARG(f->to_reg->id), (long long)rec->values[f->at].i);
	g.people = NEWS(p->a, n + 1, struct photo_person);
	for (size_t i = 0; i < n; i++)
		g.people[g.people_n++] = (struct photo_person){
			.name = page_label(p, model_reg(p->site->city->model, STR("person")), people[i])};
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, rec->reg->group);
	shell_crumb(p, &g.shell, str_of(tr("Photos")), page_href(p, STR("/photos")));
	tpl_photo(page_out(p), &g);
	return RC_OK;
}

/* Encoded by ourselves, so it may be shown; it stays in no cache. */
static enum rc pixels(struct page *p, struct err *err)
{
	struct record *rec;
	int64_t *people;
	size_t n;
	str name, bytes, size = page_arg(p, 1);
	TRY(one(p, &rec, &people, &n, err));
	const struct field *f =
		str_is(size, "picture") || str_is(size, "thumb") ? reg_field(rec->reg, size) : NULL;
	if (f == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	TRY(attach_get(&p->r, rec, f, &name, &bytes, err));
	p->q->out.type = "image/jpeg";
	buf_add(page_out(p), bytes);
	return RC_OK;
}

static const struct input list_in[] = {
	{"year", INPUT_ID, 4, false}, {"programme", INPUT_ID, 0, false}, {"of", INPUT_TEXT, 60, false}, {0}};
static const struct input one_in[] = {{"done", INPUT_FLAG, 0, false}, {0}};
static const struct input new_in[] = {{"of", INPUT_TEXT, 60, true}, {0}};
static const struct input new_post[] = {{"of", INPUT_TEXT, 60, true},
	{"caption", INPUT_TEXT, PHOTO_CAPTION_MAX_CHARS, false}, {"faces", INPUT_WORD, 10, false},
	{"who", INPUT_ID, 0, false}, {0}};

const struct route routes_photo[] = {
	{"GET", "/photos", gallery, ACCESS_OFFICE, CSRF_READ_ONLY, list_in, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/photos/new", photo_form, ACCESS_OFFICE, CSRF_READ_ONLY, new_in,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/photos/new", photo_sent, ACCESS_OFFICE, CSRF_TOKEN, new_post, ROUTE_SLOW | ROUTE_UPLOAD},
	{"GET", "/photos/{id}", photo, ACCESS_OFFICE, CSRF_READ_ONLY, one_in, ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/photos/{id}/{size}", pixels, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
