/* bundle.c -- see bundle.h. entries_of makes all entries but the signature out of a bundle; writing and verifying both go
 * through it, so they cannot disagree. */
#include "report/bundle.h"
#include "base/map.h"
#include "base/merkle.h"
#include "format/json.h"
#include "format/zip.h"
#include "guard/suppress.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PART_MAX_BYTES = 64 << 20, LEAF_TEXT_BYTES = 16 };
#define FORMAT "qinghe-bundle/1"
#define CSV_HEAD "register,id,org,month,contribution,commitment,leaf\n"

struct entry {
	str name, bytes;
};

struct entries {
	struct entry *list;
	size_t n, cap;
};

struct hash bundle_commitment(const struct hash *salt, const struct bundle_row *row, str counted)
{
	char text[512];
	int n = snprintf(text, sizeof text, "%.*s,%" PRId64 ",%.*s,%.*s,%" PRId64 ",%.*s", STR_ARG(row->reg),
		row->id, STR_ARG(row->org), STR_ARG(row->month), row->contribution, STR_ARG(counted));
	size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
	return hash_hmac(HASH_SHA256, (str){(const char *)salt->b, HASH_BYTES}, (str){text, len});
}

static struct hash leaf_of(const struct bundle_row *row)
{
	char text[512];
	int n = snprintf(text, sizeof text, "%.*s,%" PRId64 ",%" PRId64 ",%.*s", STR_ARG(row->reg), row->id,
		row->contribution, STR_ARG(row->commitment));
	size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
	return merkle_leaf(HASH_SHA256, (str){text, len});
}

/* Cells. */

struct cell {
	str org, month;
	int64_t count, sum;
};

static int by_key(const void *a, const void *b)
{
	const struct cell *p = a, *q = b;
	int c = str_cmp(p->org, q->org);
	return c ? c : str_cmp(p->month, q->month);
}

/* Count and sum per organisation and month (public: per month), in order. */
static struct cell *cells_of(struct arena *a, const struct bundle_figure *f, bool public, size_t *out_n)
{
	struct cell *cells = NULL;
	size_t n = 0, cap = 0;
	struct map at = {0};
	for (size_t i = 0; i < f->n; i++) {
		const struct bundle_row *r = &f->rows[i];
		str org = public ? (str){0} : r->org;
		str key = arena_fmt(a, "%.*s\x1f%.*s", STR_ARG(org), STR_ARG(r->month));
		uintptr_t k = (uintptr_t)map_get(&at, key);
		if (k == 0) {
			cells = arena_grow(a, cells, n, &cap, sizeof *cells);
			cells[n++] = (struct cell){org, r->month, 0, 0};
			k = n;
			map_put(&at, key, (void *)k);
		}
		cells[k - 1].count++;
		cells[k - 1].sum += r->contribution;
	}
	map_done(&at);
	if (n > 0)
		qsort(cells, n, sizeof *cells, by_key);
	*out_n = n;
	return cells;
}

/* Months of one total that stands in print: hidden where small, with a partner; all of them where that is impossible. */
static void hide_by(struct arena *a, const struct cell *cells, size_t n, bool by_sum, bool *hidden)
{
	struct suppress_cell *c = NEWS(a, n + 1, struct suppress_cell);
	uint32_t *parts = NEWS(a, n + 1, uint32_t);
	c[n].published = true;
	for (size_t i = 0; i < n; i++) {
		c[i].count = by_sum ? cells[i].sum : cells[i].count;
		c[n].count += c[i].count;
		parts[i] = (uint32_t)i;
	}
	struct suppress_sum sum = {.total = (uint32_t)n, .parts = parts, .n = n};
	struct suppress_table t = {.cells = c,
		.cells_n = n + 1,
		.sums = &sum,
		.sums_n = 1,
		.threshold = BUNDLE_SUPPRESS_K,
		.hide_zero = true};
	bool all = suppress(a, &t, NULL) != RC_OK;
	for (size_t i = 0; i < n; i++)
		hidden[i] = hidden[i] || all || c[i].hidden != SUPPRESS_SHOWN;
}

static void put_cells(struct json *j, struct arena *a, const struct bundle_figure *f, bool public)
{
	size_t n;
	struct cell *cells = cells_of(a, f, public, &n);
	bool *hidden = NEWS(a, n + 1, bool);
	if (public && f->people && n > 0) {
		hide_by(a, cells, n, false, hidden);
		hide_by(a, cells, n, true, hidden);
	}
	json_key(j, "cells");
	json_array(j);
	for (size_t i = 0; i < n; i++) {
		json_object(j);
		if (!public)
			json_put_str(j, "org", cells[i].org);
		json_put_str(j, "month", cells[i].month);
		if (hidden[i]) {
			json_put_bool(j, "hidden", true);
		} else {
			json_put_i64(j, "count", cells[i].count);
			json_put_i64(j, "sum", cells[i].sum);
		}
		json_object_end(j);
	}
	json_array_end(j);
}

/* bundle.json. */

static void put_value(struct json *j, const struct bundle_figure *f)
{
	json_key(j, "value");
	if (f->told)
		json_i64(j, f->value);
	else
		json_null(j);
	if (!f->told && f->why.n > 0)
		json_put_str(j, "why", f->why);
	if (f->rate) {
		json_put_i64(j, "of", f->of);
		json_put_i64(j, "over", f->over);
	}
	json_key(j, "grades");
	json_array(j);
	for (int g = 0; g < BUNDLE_GRADES; g++)
		json_i64(j, f->grades[g]);
	json_array_end(j);
}

static enum rc put_figure(
	struct json *j, struct arena *a, const struct bundle_figure *f, bool public, struct err *err)
{
	struct merkle m;
	int64_t sum = 0;
	merkle_init(&m, HASH_SHA256);
	for (size_t i = 0; i < f->n; i++) {
		struct hash leaf = leaf_of(&f->rows[i]);
		merkle_add(&m, &leaf);
		sum += f->rows[i].contribution;
	}
	if (f->told && f->adds && sum != f->value)
		return FAIL(err, RC_INVALID, "%.*s: the rows add up to %lld, the value is %lld",
			STR_ARG(f->id), (long long)sum, (long long)f->value);
	struct hash root = merkle_root(&m);
	json_object(j);
	json_put_str(j, "id", f->id);
	json_put_str(j, "label", f->label);
	json_put_str(j, "unit", f->unit);
	json_put_str(j, "definition", f->definition);
	json_put_str(j, "digest", f->digest);
	put_value(j, f);
	json_put_bool(j, "adds", f->adds);
	json_put_bool(j, "people", f->people);
	json_put_i64(j, "rows", (int64_t)f->n);
	json_put_str(j, "root", hex_str(a, root.b, HASH_BYTES));
	put_cells(j, a, f, public);
	json_object_end(j);
	return RC_OK;
}

static void put_units(struct json *j, const struct bundle *b)
{
	json_key(j, "units");
	json_array(j);
	for (size_t i = 0; i < b->units_n; i++) {
		const struct bundle_unit *u = &b->units[i];
		json_object(j);
		json_put_str(j, "figure", u->figure);
		json_put_str(j, "org", u->org);
		json_key(j, "value");
		if (u->told)
			json_i64(j, u->value);
		else
			json_null(j);
		if (!u->told && u->why.n > 0)
			json_put_str(j, "why", u->why);
		json_object_end(j);
	}
	json_array_end(j);
}

static enum rc make_json(struct arena *a, const struct bundle *b, str *out, struct err *err)
{
	struct buf text AUTO(buf_done) = {0};
	struct json j;
	buf_init(&text, PART_MAX_BYTES);
	json_init(&j, &text);
	json_object(&j);
	json_put_cstr(&j, "format", FORMAT);
	json_put_str(&j, "city", b->city);
	json_put_str(&j, "org", b->org);
	json_put_str(&j, "period", b->period);
	json_put_str(&j, "version", b->version);
	json_put_bool(&j, "public", b->public);
	json_key(&j, "figures");
	json_array(&j);
	for (size_t i = 0; i < b->n; i++)
		TRY(put_figure(&j, a, &b->figures[i], b->public, err));
	json_array_end(&j);
	if (b->units_n > 0)
		put_units(&j, b);
	json_object_end(&j);
	buf_putc(&text, '\n');
	*out = arena_str(a, buf_str(&text));
	return buf_ok(&text) ? RC_OK
			     : FAIL(err, RC_LIMIT, "the bundle is larger than %d bytes", PART_MAX_BYTES);
}

static enum rc make_rows(struct arena *a, const struct bundle_figure *f, str *out, struct err *err)
{
	struct buf b AUTO(buf_done) = {0};
	buf_init(&b, PART_MAX_BYTES);
	buf_puts(&b, CSV_HEAD);
	for (size_t i = 0; i < f->n; i++) {
		const struct bundle_row *r = &f->rows[i];
		struct hash leaf = leaf_of(r);
		char hex[HEX_BYTES];
		hex_text(leaf.b, HASH_BYTES, hex);
		buf_printf(&b, "%.*s,%" PRId64 ",%.*s,%.*s,%" PRId64 ",%.*s,%.*s\n", STR_ARG(r->reg), r->id,
			STR_ARG(r->org), STR_ARG(r->month), r->contribution, STR_ARG(r->commitment),
			LEAF_TEXT_BYTES, hex);
	}
	*out = arena_str(a, buf_str(&b));
	return buf_ok(&b) ? RC_OK : FAIL(err, RC_LIMIT, "the bundle is larger than %d bytes", PART_MAX_BYTES);
}

static void add_entry(struct arena *a, struct entries *e, str name, str bytes)
{
	e->list = arena_grow(a, e->list, e->n, &e->cap, sizeof *e->list);
	e->list[e->n++] = (struct entry){name, bytes};
}

static enum rc entries_of(struct arena *a, const struct bundle *b, struct entries *out, struct err *err)
{
	str text;
	TRY(make_json(a, b, &text, err));
	add_entry(a, out, STR("bundle.json"), text);
	for (size_t i = 0; i < b->n && !b->public; i++) {
		TRY(make_rows(a, &b->figures[i], &text, err));
		add_entry(a, out, arena_fmt(a, "rows/%.*s.csv", STR_ARG(b->figures[i].id)), text);
	}
	return RC_OK;
}

/* The signed thing: the root over all entries, name and bytes. */
static struct hash root_of(struct arena *a, const struct entries *e)
{
	struct merkle m;
	merkle_init(&m, HASH_SHA256);
	for (size_t i = 0; i < e->n; i++) {
		struct hash h = hash_sha256(e->list[i].bytes);
		str leaf_text = arena_fmt(
			a, "%.*s %.*s", STR_ARG(e->list[i].name), STR_ARG(hex_str(a, h.b, HASH_BYTES)));
		struct hash leaf = merkle_leaf(HASH_SHA256, leaf_text);
		merkle_add(&m, &leaf);
	}
	return merkle_root(&m);
}

static str signature_json(struct arena *a, const unsigned char key[SIGN_KEY_BYTES], const struct hash *root,
	const unsigned char sign[SIGN_BYTES])
{
	return arena_fmt(a,
		"{\"algorithm\":\"Ed25519\",\"key\":\"%.*s\",\"root\":\"%.*s\",\"signature\":\"%.*s\"}\n",
		STR_ARG(hex_str(a, key, SIGN_KEY_BYTES)), STR_ARG(hex_str(a, root->b, HASH_BYTES)),
		STR_ARG(hex_str(a, sign, SIGN_BYTES)));
}

static enum rc pack(struct arena *a, const struct entries *e, struct buf *out, struct err *err)
{
	struct zipper z;
	zipper_init(&z, a, out);
	for (size_t i = 0; i < e->n; i++)
		zipper_add(&z, e->list[i].name, e->list[i].bytes);
	return zipper_end(&z, err);
}

/* "qinghe bundle" before the root: the key signs nothing else by this text. */
static str signed_text(struct arena *a, const struct hash *root)
{
	return arena_fmt(a, FORMAT " %.*s", STR_ARG(hex_str(a, root->b, HASH_BYTES)));
}

enum rc bundle_write(struct arena *a, const struct bundle *b, const unsigned char seed[SIGN_SEED_BYTES],
	struct buf *out, struct err *err)
{
	struct entries e = {0};
	struct sign_secret secret;
	unsigned char sign[SIGN_BYTES];
	TRY(entries_of(a, b, &e, err));
	struct hash root = root_of(a, &e);
	str text = signed_text(a, &root);
	sign_secret_of(seed, &secret);
	sign_text(&secret, text, sign);
	add_entry(a, &e, STR("signature.json"), signature_json(a, secret.key.b, &root, sign));
	sign_forget(&secret);
	return pack(a, &e, out, err);
}

/* Verifying. */

struct reading {
	struct arena *a;
	struct entries got;
	struct bundle b;
	struct bundle_verdict *v;
};

static void blame(struct reading *r, str fault)
{
	if (r->v->fault.n == 0)
		r->v->fault = fault;
}

static const struct entry *got(const struct reading *r, str name)
{
	for (size_t i = 0; i < r->got.n; i++)
		if (str_eq(r->got.list[i].name, name))
			return &r->got.list[i];
	return NULL;
}

static enum rc read_entries(struct reading *r, str bytes, struct err *err)
{
	struct unzip *z;
	TRY(unzip_open_bytes(r->a, bytes, NULL, &z, err));
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < unzip_count(z); i++) {
		const struct unzip_entry *e = unzip_at(z, i);
		str text = {0};
		if (!e->folder)
			rc = unzip_read(z, e, r->a, &text, err);
		if (rc == RC_OK)
			add_entry(r->a, &r->got, e->name, text);
	}
	unzip_close(z);
	return rc;
}

static bool get_bool(const struct json_v *o, const char *key)
{
	const struct json_v *v = json_get(o, key);
	return v && v->kind == JSON_BOOL && v->i != 0;
}

static struct bundle_figure read_figure(const struct json_v *o)
{
	struct bundle_figure f = {.id = json_get_str(o, "id"),
		.label = json_get_str(o, "label"),
		.unit = json_get_str(o, "unit"),
		.definition = json_get_str(o, "definition"),
		.digest = json_get_str(o, "digest"),
		.why = json_get_str(o, "why"),
		.adds = get_bool(o, "adds"),
		.people = get_bool(o, "people")};
	f.told = json_get_i64(o, "value", &f.value);
	f.rate = json_get_i64(o, "of", &f.of) && json_get_i64(o, "over", &f.over);
	const struct json_v *grades = json_get(o, "grades");
	for (size_t g = 0; grades && grades->kind == JSON_ARRAY && g < grades->n && g < BUNDLE_GRADES; g++)
		f.grades[g] = grades->items[g].i;
	return f;
}

static void read_units(struct reading *r, const struct json_v *units)
{
	if (!units || units->kind != JSON_ARRAY || units->n > BUNDLE_UNITS_MAX)
		return;
	r->b.units = NEWS(r->a, units->n + 1, struct bundle_unit);
	for (; r->b.units_n < units->n; r->b.units_n++) {
		const struct json_v *o = &units->items[r->b.units_n];
		struct bundle_unit *u = &r->b.units[r->b.units_n];
		*u = (struct bundle_unit){.figure = json_get_str(o, "figure"),
			.org = json_get_str(o, "org"),
			.why = json_get_str(o, "why")};
		u->told = json_get_i64(o, "value", &u->value);
	}
}

/* One line of rows/ID.csv; what it says of itself must hold. */
static bool read_row(struct reading *r, struct bundle_figure *f, str line, size_t number)
{
	struct bundle_row row;
	str id, contribution, rest;
	row.reg = str_cut(line, ',', &rest);
	id = str_cut(rest, ',', &rest);
	row.org = str_cut(rest, ',', &rest);
	row.month = str_cut(rest, ',', &rest);
	contribution = str_cut(rest, ',', &rest);
	row.commitment = str_cut(rest, ',', &rest);
	if (!str_i64(id, &row.id) || !str_i64(contribution, &row.contribution) || row.commitment.n == 0) {
		blame(r, arena_fmt(r->a, tr("rows/%.*s.csv, line %zu is no row"), STR_ARG(f->id), number));
		return false;
	}
	struct hash leaf = leaf_of(&row);
	if (!str_eq(str_head(hex_str(r->a, leaf.b, HASH_BYTES), LEAF_TEXT_BYTES), rest))
		blame(r,
			arena_fmt(r->a,
				tr("%.*s: the record %.*s #%lld (rows/%.*s.csv, line %zu) was changed"),
				STR_ARG(f->id), STR_ARG(row.reg), (long long)row.id, STR_ARG(f->id), number));
	f->rows = arena_grow(r->a, f->rows, f->n, &f->cap, sizeof *f->rows);
	f->rows[f->n++] = row;
	return true;
}

static bool read_rows(struct reading *r, struct bundle_figure *f)
{
	const struct entry *e = got(r, arena_fmt(r->a, "rows/%.*s.csv", STR_ARG(f->id)));
	if (!e || !str_starts(e->bytes, STR(CSV_HEAD))) {
		blame(r, arena_fmt(r->a, tr("rows/%.*s.csv is missing or has another head"), STR_ARG(f->id)));
		return false;
	}
	str rest = str_from(e->bytes, strlen(CSV_HEAD));
	for (size_t number = 2; rest.n > 0; number++) {
		str line = str_cut(rest, '\n', &rest);
		if (f->n == BUNDLE_ROWS_MAX || !read_row(r, f, line, number))
			return false;
	}
	r->v->rows += f->n;
	return true;
}

static enum rc read_bundle(struct reading *r, struct err *err)
{
	const struct entry *e = got(r, STR("bundle.json"));
	struct json_v *j;
	if (!e)
		return FAIL(err, RC_INVALID, "not an evidence bundle (bundle.json is missing)");
	TRY(json_read(r->a, e->bytes, PART_MAX_BYTES, &j, err));
	const struct json_v *figures = json_get(j, "figures");
	if (!str_is(json_get_str(j, "format"), FORMAT) || !figures || figures->kind != JSON_ARRAY ||
		figures->n > BUNDLE_FIGURES_MAX)
		return FAIL(err, RC_INVALID, "not an evidence bundle of the form %s", FORMAT);
	r->b = (struct bundle){.city = json_get_str(j, "city"),
		.org = json_get_str(j, "org"),
		.period = json_get_str(j, "period"),
		.version = json_get_str(j, "version"),
		.public = get_bool(j, "public"),
		.n = figures->n};
	r->b.figures = NEWS(r->a, figures->n + 1, struct bundle_figure);
	for (size_t i = 0; i < figures->n; i++)
		r->b.figures[i] = read_figure(&figures->items[i]);
	read_units(r, json_get(j, "units"));
	return RC_OK;
}

/* Which entry of the archive made again differs. */
static void compare(struct reading *r, const struct entries *made)
{
	for (size_t i = 0; i < made->n; i++) {
		const struct entry *m = &made->list[i];
		const struct entry *e = i < r->got.n ? &r->got.list[i] : NULL;
		if (!e || !str_eq(e->name, m->name))
			blame(r, arena_fmt(r->a, tr("%.*s is not where it belongs"), STR_ARG(m->name)));
		else if (!str_eq(e->bytes, m->bytes))
			blame(r, i == 0 ? str_of(tr("bundle.json does not agree with the rows: a value, cell "
						    "or root was changed"))
					: arena_fmt(r->a, tr("%.*s was changed"), STR_ARG(m->name)));
	}
	if (r->got.n != made->n + 1)
		blame(r, str_of(tr("the archive holds other entries than a bundle has")));
}

/* A public bundle has no rows to make its JSON of: it stands as it is, and the signature speaks for it. */
static enum rc remake(struct reading *r, struct entries *made, struct err *err)
{
	if (r->b.public) {
		add_entry(r->a, made, STR("bundle.json"), r->got.list[0].bytes);
		compare(r, made);
		return RC_OK;
	}
	for (size_t i = 0; i < r->b.n; i++)
		if (!read_rows(r, &r->b.figures[i]))
			return RC_OK;
	struct err why = {0};
	enum rc rc = entries_of(r->a, &r->b, made, &why);
	if (rc == RC_INVALID) {
		blame(r, arena_str(r->a, str_of(why.text)));
		return RC_OK;
	}
	if (rc != RC_OK)
		return FAIL(err, rc, "%s", why.text);
	compare(r, made);
	return RC_OK;
}

static enum rc check_signature(struct reading *r, str bytes, str wanted, struct err *err)
{
	const struct entry *e = got(r, STR("signature.json"));
	struct sign_key key;
	unsigned char sign[SIGN_BYTES];
	struct json_v *j;
	if (!e || json_read(r->a, e->bytes, 4096, &j, NULL) != RC_OK ||
		!hex_parse(json_get_str(j, "key"), key.b, sizeof key.b) ||
		!hex_parse(json_get_str(j, "signature"), sign, sizeof sign)) {
		blame(r, str_of(tr("there is no signature")));
		return RC_OK;
	}
	struct entries before = r->got;
	before.n--;
	struct hash print = hash_sha256((str){(const char *)key.b, sizeof key.b}),
		    root = root_of(r->a, &before);
	r->v->fingerprint = hex_str(r->a, print.b, HASH_BYTES);
	str text = signed_text(r->a, &root), key_hex = hex_str(r->a, key.b, sizeof key.b);
	if (!sign_check(&key, text, sign))
		blame(r, str_of(tr("the signature does not hold")));
	if (wanted.n > 0 && !str_eq(wanted, r->v->fingerprint) && !str_eq(wanted, key_hex))
		blame(r, str_of(tr("it is signed by another key than the one given")));
	/* The whole archive again, byte for byte. */
	struct entries whole = before;
	whole.list = NEWS(r->a, before.n + 1, struct entry);
	memcpy(whole.list, before.list, before.n * sizeof *whole.list);
	whole.cap = 0;
	whole.list[whole.n++] =
		(struct entry){STR("signature.json"), signature_json(r->a, key.b, &root, sign)};
	struct buf again AUTO(buf_done) = {0};
	buf_init(&again, 2 * (size_t)PART_MAX_BYTES);
	TRY(pack(r->a, &whole, &again, err));
	if (!str_eq(buf_str(&again), bytes))
		blame(r, str_of(tr("the archive's bytes are not those of a bundle")));
	return RC_OK;
}

enum rc bundle_verify(struct arena *a, str bytes, str key, struct bundle_verdict *out, struct err *err)
{
	struct bundle_verdict v = {0};
	struct reading r = {.a = a, .v = &v};
	struct entries made = {0};
	if (!unzip_looks_so(bytes))
		return FAIL(err, RC_INVALID, "not an evidence bundle (no zip archive)");
	TRY(read_entries(&r, bytes, err));
	TRY(read_bundle(&r, err));
	v.city = r.b.city;
	v.period = r.b.period;
	v.figures = r.b.n;
	TRY(remake(&r, &made, err));
	TRY(check_signature(&r, bytes, key, err));
	v.holds = v.fault.n == 0;
	*out = v;
	return RC_OK;
}
