/* proof.c -- see proof.h. */
#include "report/proof.h"
#include "guard/seal.h"
#include "register/record.h"

enum { PROOF_MAX_BYTES = 160 << 20 };

struct collecting {
	struct arena *a;
	struct report_source *s;
	struct bundle_figure *f;
	struct hash salt;
	struct imap codes; /* org -> index in list, from 1 */
	str *list;
	size_t n, cap;
	bool full;
};

static str code_of(struct collecting *k, int64_t org)
{
	int64_t *at = imap_at(&k->codes, (uint64_t)org);
	if (*at == 0) {
		struct reader *r = k->s->r;
		const struct reg *reg = model_reg(r->city->model, STR("org"));
		const struct field *f = reg ? reg_field(reg, STR("code")) : NULL;
		struct record *rec;
		str code = arena_fmt(k->a, "#%lld", (long long)org);
		if (f && record_get(r, reg, org, &rec, NULL) == RC_OK && rec->values[f->at].kind == V_TEXT)
			code = arena_str(k->a, rec->values[f->at].t);
		k->list = arena_grow(k->a, k->list, k->n, &k->cap, sizeof *k->list);
		k->list[k->n++] = code;
		at = imap_at(&k->codes, (uint64_t)org);
		*at = (int64_t)k->n;
	}
	return k->list[*at - 1];
}

static bool take(void *user, const struct trace_row *t)
{
	struct collecting *k = user;
	struct ymd day = date_ymd(t->day);
	if (k->f->n == BUNDLE_ROWS_MAX) {
		k->full = true;
		return false;
	}
	struct bundle_row row = {.reg = t->reg->id,
		.id = t->id,
		.org = code_of(k, t->org),
		.month = arena_fmt(k->a, "%04d-%02d", day.year, day.month),
		.contribution = t->contribution};
	str counted = arena_fmt(
		k->a, "%c,%lld,%d,%d", t->grade, (long long)t->reference, t->through_cohost, t->covered);
	struct hash c = bundle_commitment(&k->salt, &row, counted);
	row.commitment = hex_str(k->a, c.b, HASH_BYTES);
	k->f->rows = arena_grow(k->a, k->f->rows, k->f->n, &k->f->cap, sizeof *k->f->rows);
	k->f->rows[k->f->n++] = row;
	return true;
}

static bool adds_up(const struct figure *f)
{
	return f->grain == G_ROW || f->grain == G_SUM || f->grain == G_DISTINCT || f->grain == G_STOCK ||
	       f->grain == G_BALANCE;
}

static enum rc add_figure(struct collecting *k, struct bundle *b, const struct figure *f,
	const struct slot_answer *ans, struct err *err)
{
	struct report_source *s = k->s;
	k->f = &b->figures[b->n++];
	*k->f = (struct bundle_figure){.id = f->id,
		.label = f->label.zh,
		.unit = f->unit,
		.definition = f->definition.zh,
		.digest = str_of(f->digest.hex),
		.told = ans->told,
		.value = ans->value,
		.why = ans->why,
		.adds = ans->told && adds_up(f),
		.people = f->of && f->of->sensitivity >= SENS_PERSONAL,
		.rate = f->grain == G_RATE && ans->has_rate,
		.of = ans->of,
		.over = ans->over};
	if (ans->withheld) {
		k->f->told = k->f->adds = k->f->rate = false;
		k->f->value = k->f->of = k->f->over = 0;
		k->f->why = STR("withheld from the public");
		return RC_OK;
	}
	memcpy(k->f->grades, ans->grades, sizeof k->f->grades);
	if (f->grain == G_RATE || f->of == NULL)
		return RC_OK;
	TRY(figure_trace(s->r, f, &s->period, s->org, 0, take, k, err));
	return k->full ? FAIL(err, RC_LIMIT, "%.*s has more than %d rows; bundle a shorter period",
				 STR_ARG(f->id), BUNDLE_ROWS_MAX)
		       : RC_OK;
}

static bool in_bundle(const struct bundle *b, str id)
{
	for (size_t i = 0; i < b->n; i++)
		if (str_eq(b->figures[i].id, id))
			return true;
	return false;
}

static enum rc collect(
	struct collecting *k, const struct template_run *run, struct bundle *b, struct err *err)
{
	const struct model *m = k->s->r->city->model;
	b->figures = NEWS(k->a, 2 * run->used_n + 1, struct bundle_figure);
	for (size_t i = 0; i < run->used_n; i++) {
		const struct template_used *u = &run->used[i];
		const struct figure *f = model_figure(m, u->ref.id);
		if (f == NULL || u->ref.when != SLOT_THIS || u->ref.org.n > 0 || in_bundle(b, f->id))
			continue;
		TRY(add_figure(k, b, f, &u->answer, err));
	}
	return RC_OK;
}

/* Each value told of another unit, once. */
static enum rc collect_units(
	struct collecting *k, const struct template_run *run, struct bundle *b, struct err *err)
{
	struct map seen = {0};
	b->units = NEWS(k->a, run->used_n + 1, struct bundle_unit);
	for (size_t i = 0; i < run->used_n && b->units_n < BUNDLE_UNITS_MAX; i++) {
		const struct template_used *u = &run->used[i];
		str key = arena_fmt(k->a, "%.*s@%.*s", STR_ARG(u->ref.id), STR_ARG(u->ref.org));
		if (u->ref.when != SLOT_THIS || u->ref.org.n == 0 || map_get(&seen, key))
			continue;
		map_put(&seen, key, b);
		b->units[b->units_n++] = (struct bundle_unit){.figure = u->ref.id,
			.org = u->ref.org,
			.told = u->answer.told && !u->answer.withheld,
			.value = u->answer.value,
			.why = u->answer.withheld ? STR("withheld from the public") : u->answer.why};
	}
	map_done(&seen);
	return b->units_n < BUNDLE_UNITS_MAX
		       ? RC_OK
		       : FAIL(err, RC_LIMIT, "the report's tables hold more than %d values of units",
				 BUNDLE_UNITS_MAX);
}

enum rc proof_make(
	struct report_source *s, const struct template_run *run, bool public, str *out_bytes, struct err *err)
{
	struct city *c = s->r->city;
	struct collecting k = {.a = s->r->a, .s = s, .salt = seal_key(c->seal, STR("bundle salt"))};
	struct bundle b = {.city = c->name,
		.org = code_of(&k, s->org),
		.period = s->period.text,
		.version = STR(QINGHE_VERSION),
		.public = public};
	enum rc rc = collect(&k, run, &b, err);
	if (rc == RC_OK)
		rc = collect_units(&k, run, &b, err);
	imap_done(&k.codes);
	TRY(rc);
	struct hash seed = seal_key(c->seal, STR("bundle signature"));
	struct buf out;
	buf_init(&out, PROOF_MAX_BYTES);
	rc = bundle_write(k.a, &b, seed.b, &out, err);
	if (rc == RC_OK)
		*out_bytes = arena_str(k.a, buf_str(&out));
	buf_done(&out);
	return rc;
}
