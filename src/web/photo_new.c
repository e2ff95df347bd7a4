/* photo_new.c -- see page_photo.h: one more photo. Nothing is kept before everybody in it is known to consent. */
#include "base/clock.h"
#include "base/date.h"
#include "format/foreign.h"
#include "guard/files.h"
#include "register/attach.h"
#include "register/photo.h"
#include "templates.h"
#include "web/form.h"
#include "web/form_file.h"
#include "web/page_photo.h"
#include "web/page_photo_new.h"
#include "web/site_in.h"
#include "web/words.h"

struct sending {
	struct record *activity;
	const struct field *of;
	int64_t *came; /* who may be named (photo_people) */
	size_t came_n;
	int64_t *ticked;
	size_t ticked_n;
	struct photo_new what;
	int64_t id;
};

enum rc photo_activity(
	struct page *p, str of, struct record **out, const struct field **out_field, struct err *err)
{
	str id_text, reg_id = str_cut(of, ':', &id_text);
	const struct reg *reg = model_reg(p->site->city->model, reg_id);
	int64_t id;
	*out_field = reg ? photo_of(p->site->city->model, reg) : NULL;
	if (*out_field == NULL || !str_i64(id_text, &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "photos of this kind of activity are not kept");
	return record_get(&p->r, reg, id, out, err);
}

static enum rc begin(struct page *p, struct sending *x, struct err *err)
{
	const struct reg *photos = page_reg(p, "photo");
	TRY(photo_activity(p, page_input(p, "of"), &x->activity, &x->of, err));
	if (photos == NULL || !form_may_add(p, photos))
		return FAIL(err, RC_DENIED, "you may not write %.*s of this unit", STR_ARG(STR("photo")));
	TRY(photo_people(&p->r, x->activity, &x->came, &x->came_n, err));
	x->ticked = NEWS(p->a, p->form.n + 1, int64_t);
	for (size_t i = 0; i < p->form.n; i++)
		if (str_is(p->form.p[i].name, "who") && str_i64(p->form.p[i].value, &x->ticked[x->ticked_n]))
			x->ticked_n++;
	return RC_OK;
}

static bool has(const int64_t *list, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

static enum rc show(struct page *p, struct sending *x, str fault, struct err *err)
{
	struct photo_page g = {.heading = str_of(tr("A photo of this activity")),
		.activity = record_title(p, x->activity),
		.of = page_input(p, "of"),
		.caption = page_input(p, "caption"),
		.fault = fault,
		.nobody = str_is(page_input(p, "faces"), "none"),
		.some = str_is(page_input(p, "faces"), "some"),
		.back_href = page_hrefs(p, "/photos?of=%.*s", STR_ARG(page_input(p, "of")))};
	const struct reg *person = page_reg(p, "person");
	g.people = NEWS(p->a, x->came_n + 1, struct photo_person);
	g.rest = NEWS(p->a, x->came_n + 1, struct photo_person);
	for (size_t i = 0; i < x->came_n; i++) {
		bool may;
		TRY(photo_consented(&p->r, x->came[i], &may, err));
		*(may ? &g.people[g.people_n++] : &g.rest[g.rest_n++]) =
			(struct photo_person){.id = arena_fmt(p->a, "%lld", (long long)x->came[i]),
				.name = page_label(p, person, x->came[i]),
				.here = has(x->ticked, x->ticked_n, x->came[i])};
	}
	g.rest_words = arena_fmt(p->a,
		trn("%zu person without a consent to pictures", "%zu people without a consent to pictures",
			(long long)g.rest_n),
		g.rest_n);
	shell_fill(p, &g.shell, g.heading, PLACE_JOT, STR(""));
	shell_crumb(p, &g.shell, g.activity, g.back_href);
	tpl_photo_new(page_out(p), &g);
	return RC_OK;
}

enum rc photo_form(struct page *p, struct err *err)
{
	struct sending x = {0};
	TRY(begin(p, &x, err));
	return show(p, &x, STR(""), err);
}

/* ---- what was sent ---- */

/* Words for what is amiss with who can be seen; empty: nothing is. */
static enum rc faces_amiss(struct page *p, struct sending *x, str *out, struct err *err)
{
	bool some = str_is(page_input(p, "faces"), "some"), may;
	struct buf b = {0};
	*out = STR("");
	if (!some && !str_is(page_input(p, "faces"), "none"))
		*out = str_of(tr("Say whether anybody can be recognised in it."));
	else if (some != (x->ticked_n > 0))
		*out = str_of(some ? tr("Tick everybody who can be recognised.")
				   : tr("Nobody can be recognised, it says, but somebody is ticked."));
	for (size_t i = 0; i < x->ticked_n && out->n == 0; i++) {
		if (!has(x->came, x->came_n, x->ticked[i])) {
			buf_done(&b);
			return FAIL(
				err, RC_INVALID, "only who took part in the activity can be in its photos");
		}
		TRY(photo_consented(&p->r, x->ticked[i], &may, err));
		if (!may) {
			buf_puts(&b, b.n ? tr(", ") : "");
			buf_add(&b, page_label(p, page_reg(p, "person"), x->ticked[i]));
		}
	}
	if (b.n)
		*out = arena_fmt(p->a,
			tr("No consent to pictures is in force for %.*s: the photo is not kept. Ask for the "
			   "consent first (purpose media, under 14 the guardian's), or take another photo."),
			STR_ARG(buf_str(&b)));
	buf_done(&b);
	return RC_OK;
}

static enum rc store(struct page *p, const char *name, str bytes, str *out, struct err *err)
{
	return attach_put(p->site->city, p->a, str_of(name), bytes, out, err);
}

static enum rc add_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct sending *x = arg;
	return photo_add(c, &x->what, &x->id, err);
}

static str value_at(const struct record *rec, const struct field *f)
{
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

/* The drive or programme that the activity belongs to. */
static const struct field *programme_of(const struct reg *reg)
{
	for (size_t i = 0; i < reg->fields_n; i++)
		if (reg->fields[i].type == T_REF && str_is(reg->fields[i].to, "programme"))
			return &reg->fields[i];
	return NULL;
}

static enum rc amiss(struct page *p, struct sending *x, str words, struct err *err)
{
	p->q->out.status = 422;
	return show(p, x, words, err);
}

enum rc photo_sent(struct page *p, struct err *err)
{
	struct sending x = {0};
	struct photo made;
	struct err told;
	str fault;
	TRY(begin(p, &x, err));
	const struct part *file = page_file(p, "picture");
	TRY(faces_amiss(p, &x, &fault, err));
	if (fault.n)
		return amiss(p, &x, fault, err);
	if (str_is(x.of->id, "article") && str_trim(page_input(p, "caption")).n == 0)
		return amiss(p, &x,
			str_of(tr("Say in a sentence what the picture shows: it stands under it, and is read "
				  "to those "
				  "who do not see it.")),
			err);
	if (file == NULL || file->bytes.n == 0)
		return amiss(p, &x, str_of(tr("Choose a photo first.")), err);
	const char *kind = form_file_kind(file->bytes);
	if (file->bytes.n > FILE_MAX_BYTES || kind == NULL || strcmp(kind, "JPEG") != 0)
		return amiss(p, &x,
			str_of(tr("Photos are kept as JPEG, 20 MB at most: phones make them. This file is "
				  "another kind.")),
			err);
	enum rc rc = foreign_photo(p->a, file->bytes, &made, &told);
	if (rc == RC_INVALID || rc == RC_LIMIT)
		return amiss(p, &x, arena_str(p->a, str_of(told.text)), err);
	if (rc != RC_OK)
		return FAIL(err, rc, "%s", told.text);
	const struct field *by = programme_of(x.activity->reg);
	x.what = (struct photo_new){.activity = x.activity,
		.day = value_at(x.activity, x.activity->reg->happens_field),
		.caption = str_trim(page_input(p, "caption")),
		.programme =
			by && x.activity->values[by->at].kind == V_INT ? x.activity->values[by->at].i : 0,
		.people = x.ticked,
		.people_n = x.ticked_n};
	if (x.what.day.n == 0) /* an article that is not out yet */
		x.what.day = date_str(p->a, clock_today());
	TRY(store(p, "photo.jpg", made.picture, &x.what.picture, err));
	TRY(store(p, "thumb.jpg", made.thumb, &x.what.thumb, err));
	rc = page_run(p, add_run, &x, &told);
	if (rc == RC_OK) {
		page_go(p, arena_fmt(p->a, "/photos/%lld?done=1", (long long)x.id));
		return RC_OK;
	}
	if (rc != RC_INVALID && rc != RC_LIMIT)
		return FAIL(err, rc, "%s", told.text);
	TRY(page_fresh(p, err));
	return amiss(p, &x, arena_str(p->a, str_of(told.text)), err);
}
