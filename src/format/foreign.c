/* foreign.c -- see foreign.h. */
#include "format/foreign.h"
#include "base/utf8.h"
#include "format/docx_box.h"
#include "format/docx_fill.h"
#include "format/json.h"
#include "format/office.h"
#include "format/paper.h"
#include "format/sheet_box.h"
#include "format/zip.h"

enum {
	MEMORY_BYTES = 768 << 20,
	CPU_S = 60,
	SAY_MEMBER = BOX_OWN,
	SAY_PIECE,
	SAY_OFFICE,
	SAY_PICTURE,
	SAY_THUMB,
	SAY_TEXT,
	SAY_NUMBER,
	JSON_MAX_BYTES = 1 << 20,
	PHOTO_QUALITY = 82,
	THUMB_QUALITY = 75,
	PIECE_BYTES = 1 << 20
};

/* ---- archives ---- */

static bool wanted(str name, str endings)
{
	while (endings.n) {
		str one = str_cut(endings, ' ', &endings);
		if (one.n && str_ends(name, one))
			return true;
	}
	return false;
}

static enum rc tell_member(struct box *b, struct unzip *z, const struct unzip_entry *e, struct err *err)
{
	struct arena a = {0};
	str bytes;
	enum rc rc = unzip_read(z, e, &a, &bytes, err);
	if (rc == RC_OK) {
		box_begin(b, SAY_MEMBER);
		box_str(b, e->name);
		rc = box_end(b, err);
	}
	for (size_t at = 0; rc == RC_OK && at < bytes.n; at += PIECE_BYTES) {
		box_begin(b, SAY_PIECE);
		box_str(b, str_head(str_from(bytes, at), PIECE_BYTES));
		rc = box_end(b, err);
	}
	arena_done(&a);
	return rc;
}

static enum rc zip_run(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	struct unzip *z;
	enum rc rc = RC_OK;
	if (!unzip_looks_so(input))
		return RC_FOUND;
	TRY(unzip_open_bytes(a, input, NULL, &z, err));
	if (unzip_find(z, "[Content_Types].xml"))
		return RC_FOUND;
	for (size_t i = 0; rc == RC_OK && i < unzip_count(z); i++) {
		const struct unzip_entry *e = unzip_at(z, i);
		if (!e->folder && wanted(e->name, argument))
			rc = tell_member(b, z, e, err);
	}
	return rc;
}

struct gathering {
	struct arena *a;
	enum rc (*member)(void *user, str name, str bytes, struct err *err);
	void *user;
	str name;
	struct buf bytes;
	bool open;
};

static enum rc deliver(struct gathering *g, struct err *err)
{
	if (!g->open)
		return RC_OK;
	g->open = false;
	if (!buf_ok(&g->bytes))
		return FAIL(err, RC_LIMIT, "the archive unpacks to more than %d MB",
			UNZIP_UNPACKED_MAX_BYTES >> 20);
	return g->member(g->user, g->name, arena_str(g->a, buf_str(&g->bytes)), err);
}

static enum rc on_frame(void *user, uint8_t type, struct box_in *in, struct err *err)
{
	struct gathering *g = user;
	str s = box_get_str(in);
	bool good = !in->bad && in->rest.n == 0;
	if (type == SAY_MEMBER && good && utf8_clean(s) && s.n <= UNZIP_NAME_MAX_BYTES) {
		TRY(deliver(g, err));
		g->name = arena_str(g->a, s);
		buf_clear(&g->bytes);
		g->open = true;
		return RC_OK;
	}
	if (type == SAY_PIECE && good && g->open) {
		buf_add(&g->bytes, s);
		return RC_OK;
	}
	return box_nonsense(err);
}

enum rc foreign_unzip(struct arena *a, const char *path, const char *const *endings,
	enum rc (*member)(void *user, str name, str bytes, struct err *err), void *user, struct err *err)
{
	struct gathering g = {.a = a, .member = member, .user = user};
	struct box *box;
	str wish = {0};
	for (size_t i = 0; endings[i]; i++)
		wish = arena_fmt(a, "%.*s %s", STR_ARG(wish), endings[i]);
	TRY(box_open_file(FOREIGN_ZIP, path, UNZIP_FILE_MAX_BYTES, wish, &box, err));
	buf_init(&g.bytes, UNZIP_UNPACKED_MAX_BYTES);
	enum rc rc = box_each(box, on_frame, &g, err);
	if (rc == RC_OK)
		rc = deliver(&g, err);
	buf_done(&g.bytes);
	return rc;
}

/* ---- photographs ---- */

static enum rc say_photo(struct box *b, uint8_t type, str input, int side, int quality, struct err *err)
{
	struct buf made;
	int w = 0, h = 0;
	buf_init(&made, BOX_FRAME_MAX_BYTES - 64);
	enum rc rc = photo_make(input, side, quality, &made, &w, &h, err);
	if (rc == RC_OK) {
		box_begin(b, type);
		box_u32(b, (uint32_t)w);
		box_u32(b, (uint32_t)h);
		box_str(b, buf_str(&made));
		rc = box_end(b, err);
	}
	buf_done(&made);
	return rc;
}

static enum rc photo_run(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	(void)a;
	(void)argument;
	TRY(say_photo(b, SAY_PICTURE, input, PHOTO_SIDE, PHOTO_QUALITY, err));
	return say_photo(b, SAY_THUMB, input, PHOTO_THUMB_SIDE, THUMB_QUALITY, err);
}

struct taking {
	struct arena *a;
	struct photo *photo;
};

static enum rc on_picture(void *user, uint8_t type, struct box_in *in, struct err *err)
{
	struct taking *x = user;
	uint32_t w = box_get_u32(in), h = box_get_u32(in);
	str bytes = box_get_str(in);
	bool thumb = type == SAY_THUMB;
	uint32_t side = thumb ? PHOTO_THUMB_SIDE : PHOTO_SIDE;
	if (in->bad || (!thumb && type != SAY_PICTURE) || w == 0 || h == 0 || w > side || h > side ||
		!str_starts(bytes, STR("\xFF\xD8\xFF")))
		return box_nonsense(err);
	*(thumb ? &x->photo->thumb : &x->photo->picture) = arena_str(x->a, bytes);
	if (!thumb) {
		x->photo->width = (int)w;
		x->photo->height = (int)h;
	}
	return RC_OK;
}

enum rc foreign_photo(struct arena *a, str jpeg, struct photo *out, struct err *err)
{
	struct taking x = {a, out};
	struct box *box;
	*out = (struct photo){0};
	TRY(box_open_bytes(FOREIGN_PHOTO, jpeg, (str){0}, &box, err));
	enum rc rc = box_each(box, on_picture, &x, err);
	if (rc == RC_OK && (out->picture.n == 0 || out->thumb.n == 0))
		return FAIL(err, RC_INVALID, "this is no JPEG picture, or it is damaged");
	return rc;
}

/* ---- heads ---- */

static enum rc fields_run(struct box *b, struct arena *a, str input, str argument, struct err *err)
{
	struct json_v *j;
	(void)argument;
	TRY(json_read(a, input, JSON_MAX_BYTES, &j, err));
	if (j->kind != JSON_OBJECT)
		return FAIL(err, RC_INVALID, "the head of the file cannot be read");
	for (size_t i = 0; i < j->n; i++) {
		const struct json_v *v = &j->members[i].value;
		if (v->kind != JSON_STRING && v->kind != JSON_INT)
			continue;
		box_begin(b, v->kind == JSON_STRING ? SAY_TEXT : SAY_NUMBER);
		box_str(b, j->members[i].key);
		if (v->kind == JSON_STRING)
			box_str(b, v->text);
		else
			box_i64(b, v->i);
		TRY(box_end(b, err));
	}
	return RC_OK;
}

struct fields {
	struct arena *a;
	struct foreign_field *list;
	size_t n;
};

static enum rc on_field(void *user, uint8_t type, struct box_in *in, struct err *err)
{
	struct fields *x = user;
	str name = box_get_str(in), text = type == SAY_TEXT ? box_get_str(in) : (str){0};
	int64_t number = type == SAY_NUMBER ? box_get_i64(in) : 0;
	if (in->bad || (type != SAY_TEXT && type != SAY_NUMBER) || x->n == FOREIGN_FIELDS_MAX ||
		!utf8_clean(name) || !utf8_clean(text))
		return box_nonsense(err);
	x->list[x->n++] = (struct foreign_field){arena_str(x->a, name), arena_str(x->a, text), number};
	return RC_OK;
}

enum rc foreign_fields(struct arena *a, str json, struct foreign_field **out, size_t *out_n, struct err *err)
{
	struct fields x = {.a = a, .list = NEWS(a, FOREIGN_FIELDS_MAX, struct foreign_field)};
	struct box *box;
	TRY(box_open_bytes(FOREIGN_FIELDS, json, (str){0}, &box, err));
	enum rc rc = box_each(box, on_field, &x, err);
	*out = x.list;
	*out_n = x.n;
	return rc;
}

const struct foreign_field *foreign_field_of(const struct foreign_field *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(list[i].name, name))
			return &list[i];
	return NULL;
}

/* ---- the table ---- */

static const struct box_work works[FOREIGN_WORKS] = {
	[FOREIGN_SHEET] = {"sheet", sheet_box_prepare, sheet_box_run, MEMORY_BYTES, CPU_S, false},
	[FOREIGN_ZIP] = {"zip", NULL, zip_run, MEMORY_BYTES, CPU_S, false},
	[FOREIGN_DOCX_FILL] = {"docx-fill", NULL, docx_box_fill_run, MEMORY_BYTES, CPU_S, false},
	[FOREIGN_DOCX_READ] = {"docx-read", NULL, docx_box_read_run, MEMORY_BYTES, CPU_S, false},
	[FOREIGN_OFFICE] = {"office", NULL, office_box_run, 0, 2 * OFFICE_SECONDS_MAX, true},
	[FOREIGN_PHOTO] = {"photo", NULL, photo_run, MEMORY_BYTES, 20, false},
	[FOREIGN_FIELDS] = {"fields", NULL, fields_run, MEMORY_BYTES, 20, false},
	[FOREIGN_PAPER] = {"paper", NULL, paper_box_run, 0, 2 * PAPER_SECONDS_MAX, true},
};

enum rc foreign_start(struct err *err)
{
	return box_start(works, FOREIGN_WORKS, err);
}
