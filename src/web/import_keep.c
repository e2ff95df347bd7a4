/* import_keep.c -- what is kept of an import between its steps, and how columns were put right (page_import.h). */
#include "format/json.h"
#include "guard/kept.h"
#include "web/form.h"
#include "web/page_import.h"
#include "web/site_in.h"

enum { UNIT_PAIRS_MAX = 200 };

str import_pack(struct page *p, const struct intake *k)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_str(&j, "register", k->reg->id);
	json_put_str(&j, "name", k->name);
	json_put_str(&j, "file", k->file);
	json_key(&j, "wishes");
	json_array(&j);
	for (size_t i = 0; i < k->wishes_n; i++) {
		json_str(&j, k->wishes[i].header);
		json_str(&j, k->wishes[i].field);
	}
	json_array_end(&j);
	json_put_str(&j, "sheet", k->sheet);
	json_put_str(&j, "encoding", k->encoding);
	json_put_str(&j, "header_row", arena_fmt(p->a, "%lld", (long long)k->header_row));
	json_key(&j, "mends");
	json_array(&j);
	for (size_t i = 0; i < k->mends_n; i++) {
		json_str(&j, arena_fmt(p->a, "%lld", (long long)k->mends[i].row));
		json_str(&j, arena_fmt(p->a, "%zu", k->mends[i].column));
		json_str(&j, k->mends[i].text);
	}
	json_array_end(&j);
	json_object_end(&j);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static void read_mends(struct page *p, const struct json_v *list, struct intake *k)
{
	size_t n = list ? list->n / 3 : 0;
	k->mends = NEWS(p->a, n + 2, struct import_mend); /* one more may come */
	for (k->mends_n = 0; k->mends_n < n; k->mends_n++) {
		const struct json_v *at = &list->items[3 * k->mends_n];
		struct import_mend *m = &k->mends[k->mends_n];
		int64_t column = 0;
		*m = (struct import_mend){.text = at[2].text};
		if (!str_i64(at[0].text, &m->row) || !str_i64(at[1].text, &column) || column < 0)
			m->row = 0;
		m->column = (size_t)column;
	}
}

static void read_wishes(struct page *p, const struct json_v *list, struct intake *k)
{
	size_t n = list ? list->n / 2 : 0;
	k->wishes = NEWS(p->a, n + 1, struct map_wish);
	for (k->wishes_n = 0; k->wishes_n < n; k->wishes_n++)
		k->wishes[k->wishes_n] = (struct map_wish){
			list->items[2 * k->wishes_n].text, list->items[2 * k->wishes_n + 1].text};
}

enum rc import_unpack(struct page *p, struct intake *k, struct err *err)
{
	struct kept kept;
	struct json_v *v;
	bool there;
	k->token = page_arg(p, 0);
	TRY(kept_get(p->r.db, p->a, p->site->city->seal, p->r.actor.person, "import", k->token, &kept, &there,
		err));
	if (!there)
		return FAIL(err, RC_NOT_FOUND, "This import is no longer kept. Drop the file once more.");
	TRY(json_read(p->a, kept.body, 0, &v, err));
	k->reg = model_reg(p->site->city->model, json_get_str(v, "register"));
	k->name = json_get_str(v, "name");
	k->file = json_get_str(v, "file");
	read_wishes(p, json_get(v, "wishes"), k);
	k->sheet = json_get_str(v, "sheet");
	k->encoding = json_get_str(v, "encoding");
	if (!str_i64(json_get_str(v, "header_row"), &k->header_row))
		k->header_row = 0;
	read_mends(p, json_get(v, "mends"), k);
	return k->reg && form_may_add(p, k->reg)
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "you may not add rows to this register");
}

struct keeping {
	int64_t owner;
	const char *kind;
	str name, body;
};

static enum rc keep_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct keeping *k = arg;
	c->action = STR("keep");
	c->subject = str_of(k->kind);
	return k->body.n ? kept_put(c, job_city(c)->seal, k->owner, k->kind, k->name, k->body, err)
			 : kept_drop(c, k->owner, k->kind, k->name, err);
}

enum rc import_keep(struct page *p, int64_t owner, const char *kind, str name, str body, struct err *err)
{
	struct keeping k = {owner, kind, name, body};
	return page_run(p, keep_run, &k, err);
}

/* ---- how columns were put right ---- */

/* The header as a name: sheets of one sender have the same. */
static str header_name(struct page *p, const struct reg *reg, const struct import_map *map)
{
	struct buf b = {0};
	for (size_t i = 0; i < map->n; i++) {
		buf_add(&b, map->columns[i].header);
		buf_putc(&b, 31);
	}
	struct hash h = hash_sha256(buf_str(&b));
	buf_done(&b);
	return arena_fmt(p->a, "%.*s:%.*s", STR_ARG(reg->id), STR_ARG(hex_str(p->a, h.b, 8)));
}

/* How columns of this unit's sheets were put right, whoever did it: of everybody, by header and field. */
static str unit_name(struct page *p, const struct reg *reg)
{
	int64_t own = p->r.actor.org ? p->r.actor.org : p->site->city->root_org;
	return arena_fmt(p->a, "%.*s:%lld", STR_ARG(reg->id), (long long)(p->org_code.n ? p->org : own));
}

static str pairs_text(struct page *p, const struct map_wish *list, size_t n)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		json_str(&j, list[i].header);
		json_str(&j, list[i].field);
	}
	json_array_end(&j);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static bool kept_pairs(struct page *p, int64_t who, const char *kind, str name, struct intake *k)
{
	struct kept kept;
	struct json_v *v;
	bool there = false;
	k->wishes_n = 0;
	if (kept_get(p->r.db, p->a, p->site->city->seal, who, kind, name, &kept, &there, NULL) == RC_OK &&
		there && json_read(p->a, kept.body, 0, &v, NULL) == RC_OK)
		read_wishes(p, v, k);
	return k->wishes_n > 0;
}

static bool in_header(const struct import_map *map, str header)
{
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->columns[i].header, header))
			return true;
	return false;
}

/* A header that this person put right before: the same again; else what is known of the unit's columns that stand in this
 * sheet. What cannot be read is told by the next page. */
void import_remembered(struct page *p, struct intake *k)
{
	struct import_outcome o;
	struct intake own = *k, unit = *k;
	struct kept *list;
	size_t n = 0;
	struct seal *seal = p->site->city->seal;
	str head = arena_fmt(p->a, "%.*s:", STR_ARG(k->reg->id));
	bool of_unit = kept_pairs(p, KEPT_HOUSE, "mapping.unit", unit_name(p, k->reg), &unit);
	if (kept_list(p->r.db, p->a, seal, p->r.actor.person, "mapping", head, &list, &n, NULL) != RC_OK)
		n = 0;
	if ((!of_unit && n == 0) || import_run(p, k, true, &o, NULL) != RC_OK)
		return;
	if (n > 0 && kept_pairs(p, p->r.actor.person, "mapping", header_name(p, k->reg, &o.map), &own)) {
		k->wishes = own.wishes;
		k->wishes_n = own.wishes_n;
		return;
	}
	k->wishes = NEWS(p->a, unit.wishes_n + 1, struct map_wish);
	for (size_t i = 0; i < unit.wishes_n; i++)
		if (in_header(&o.map, unit.wishes[i].header) && reg_field(k->reg, unit.wishes[i].field))
			k->wishes[k->wishes_n++] = unit.wishes[i];
}

/* What is known of the unit's columns, and what was said now. */
static str with_unit(struct page *p, const struct intake *k)
{
	struct intake unit = *k;
	kept_pairs(p, KEPT_HOUSE, "mapping.unit", unit_name(p, k->reg), &unit);
	struct map_wish *all = NEWS(p->a, k->wishes_n + unit.wishes_n + 1, struct map_wish);
	size_t n = 0;
	for (size_t i = 0; i < k->wishes_n && n < UNIT_PAIRS_MAX; i++)
		all[n++] = k->wishes[i];
	for (size_t i = 0; i < unit.wishes_n && n < UNIT_PAIRS_MAX; i++) {
		bool said = false;
		for (size_t j = 0; j < k->wishes_n; j++)
			said = said || str_eq(k->wishes[j].header, unit.wishes[i].header);
		if (!said)
			all[n++] = unit.wishes[i];
	}
	return pairs_text(p, all, n);
}

enum rc import_remember(struct page *p, const struct intake *k, const struct import_map *map, struct err *err)
{
	TRY(import_keep(p, p->r.actor.person, "mapping", header_name(p, k->reg, map),
		pairs_text(p, k->wishes, k->wishes_n), err));
	return import_keep(p, KEPT_HOUSE, "mapping.unit", unit_name(p, k->reg), with_unit(p, k), err);
}
