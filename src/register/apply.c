/* apply.c -- see apply.h. */
#include "register/apply.h"
#include "base/clock.h"
#include "base/date.h"
#include "register/consent_give.h"
#include "register/own.h"
#include "register/permit.h"
#include "register/row.h"

static const uint64_t NO_FIELDS[2] = {0};

bool apply_may(const struct reader *r, const struct reg *reg, int64_t person, int64_t org)
{
	struct value values[REG_FIELDS_MAX] = {{0}};
	struct record row = {.reg = reg, .org = org, .values = values};
	if (reg->apply == NULL || own_may(r, person, NULL) != RC_OK)
		return false;
	row.state = reg->states_n ? reg->states[0].id : STR("valid");
	values[reg->person->at] = (struct value){.kind = V_INT, .i = person};
	return permit_write(r->tree, &r->actor, &row, NO_FIELDS, true, NULL) == RC_OK;
}

/* The newest row of the person for this; void ones do not count. */
static enum rc own_of(struct db *db, struct arena *a, const struct reg *reg, int64_t person, int64_t to,
	int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	const struct field *f = reg->apply->to;
	str sql = arena_fmt(a,
		"SELECT MAX(\"id\") FROM \"%.*s\" WHERE \"%.*s\" = ?1 AND \"state\" <> 'void'%.*s",
		STR_ARG(reg->id), STR_ARG(reg->person->id),
		STR_ARG(f ? arena_fmt(a, " AND \"%.*s\" = ?2", STR_ARG(f->id)) : STR("")));
	TRY(db_prepare(db, sql.p, &s, err));
	stmt_bind_i64(s, 1, person);
	if (f)
		stmt_bind_i64(s, 2, to);
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

static str text_of(const struct record *rec, const struct field *f)
{
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static str title_of(struct reader *r, const struct record *rec)
{
	static const char *const names[] = {"name", "title"};
	for (size_t i = 0; i < 2; i++) {
		str s = text_of(rec, reg_field(rec->reg, str_of(names[i])));
		if (s.n)
			return s;
	}
	return record_label(r, rec->reg, rec->id);
}

/* Rows of `to` that are open, told to anybody who may apply: the register has no people in it (model_apply.c). */
static enum rc open_rows(struct reader *r, const struct reg *reg, int64_t home, int64_t only,
	struct record ***out, size_t *out_n, struct err *err)
{
	const struct reg_apply *x = reg->apply;
	struct reader all = *r;
	struct record **list;
	size_t n, kept = 0;
	all.actor = actor_operator();
	all.log = NULL;
	struct record_query q = {.reg = x->to->to_reg,
		.where = x->when,
		.declared = true,
		.limit = APPLY_OFFERS_MAX,
		.by = x->until,
		.newest_first = x->until == NULL};
	if (only)
		q.where = x->when.n
				  ? arena_fmt(r->a, "(%.*s) and id = %lld", STR_ARG(x->when), (long long)only)
				  : arena_fmt(r->a, "id = %lld", (long long)only);
	TRY(record_list(&all, &q, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (!x->within || tree_under(r->tree, home, list[i]->org, clock_today()))
			list[kept++] = list[i];
	*out = list;
	*out_n = kept;
	return RC_OK;
}

static enum rc home_of(struct reader *r, int64_t person, int64_t *out, struct err *err)
{
	struct record *who;
	TRY(own_may(r, person, err));
	TRY(row_get(r->a, r->db, r->city, model_reg(r->city->model, STR("person")), person, &who, err));
	*out = who->org;
	return RC_OK;
}

struct gather {
	struct offer *list;
	size_t n, cap;
};

static enum rc add(struct reader *r, struct gather *g, const struct reg *reg, const struct record *rec,
	int64_t person, int64_t home, struct err *err)
{
	g->list = arena_grow(r->a, g->list, g->n, &g->cap, sizeof *g->list);
	struct offer *o = &g->list[g->n++];
	*o = (struct offer){.reg = reg, .org = home};
	if (rec) {
		o->to = rec->id;
		o->org = rec->org;
		o->title = title_of(r, rec);
		o->until = text_of(rec, reg->apply->until);
		o->asks = text_of(rec, reg->apply->asks);
	}
	return own_of(r->db, r->a, reg, person, o->to, &o->own, err);
}

static enum rc of_register(struct reader *r, struct gather *g, const struct reg *reg, int64_t person,
	int64_t home, int64_t only, struct err *err)
{
	struct record **list;
	size_t n;
	if (!apply_may(r, reg, person, home))
		return RC_OK;
	if (reg->apply->to == NULL)
		return only ? RC_OK : add(r, g, reg, NULL, person, home, err);
	TRY(open_rows(r, reg, home, only, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(add(r, g, reg, list[i], person, home, err));
	return RC_OK;
}

enum rc apply_offers(struct reader *r, int64_t person, struct offer **out, size_t *out_n, struct err *err)
{
	struct gather g = {0};
	int64_t home;
	TRY(home_of(r, person, &home, err));
	for (size_t i = 0; i < r->city->model->regs_n; i++)
		if (r->city->model->regs[i].apply)
			TRY(of_register(r, &g, &r->city->model->regs[i], person, home, 0, err));
	*out = g.list;
	*out_n = g.n;
	return RC_OK;
}

enum rc apply_offer(struct reader *r, int64_t person, const struct reg *reg, int64_t to, struct offer *out,
	struct err *err)
{
	struct gather g = {0};
	int64_t home;
	TRY(home_of(r, person, &home, err));
	if (reg->apply && (reg->apply->to == NULL) == (to == 0))
		TRY(of_register(r, &g, reg, person, home, to, err));
	if (g.n == 0)
		return FAIL(err, RC_NOT_FOUND, "this is not open to you, or not any more");
	*out = g.list[0];
	return RC_OK;
}

enum rc apply_consent(struct reader *r, const struct reg *reg, int64_t person, struct consent_text *out,
	bool *out_guardian, struct err *err)
{
	struct consent_text *texts;
	size_t n;
	str day;
	*out = (struct consent_text){0};
	TRY(consent_by_guardian(r->a, r->db, r->city, person, out_guardian, err));
	TRY(consent_texts(r->a, r->city->model, &texts, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(texts[i].purpose, reg->purpose))
			continue;
		TRY(consent_day(r->db, r->a, person, reg->purpose, *out_guardian, &day, err));
		if (day.n == 0)
			*out = texts[i];
	}
	return RC_OK;
}

/* ---- the job ---- */

/* Gives the consent that came with it; *out_day: of the guardian's, for `agreed`. */
static enum rc consented(struct job_ctx *c, const struct application *x, str *out_day, struct err *err)
{
	struct city *city = job_city(c);
	struct reader r = {.db = c->db, .city = city, .a = c->a, .actor = *c->actor, .tree = city->tree};
	struct consent_text text;
	bool guardian;
	TRY(apply_consent(&r, x->reg, x->person, &text, &guardian, err));
	if (text.purpose.n) {
		bool own = x->person == c->actor->person;
		if (own && guardian)
			return FAIL(err, RC_INVALID,
				"under fourteen (or of unknown age) the guardian consents: ask your father, "
				"mother or guardian to sign in and apply for you");
		if (x->agreed.n == 0)
			return FAIL(err, RC_INVALID, "read the text and consent first, or leave it");
		TRY(consent_text_holds(c->a, city->model, text.purpose, x->agreed, err));
		struct consent_order o = {.person = x->person,
			.guardian = own ? 0 : c->actor->person,
			.purpose = text.purpose,
			.version = x->agreed};
		TRY(consent_give(c, &o, err));
	}
	return consent_day(c->db, c->a, x->person, x->reg->purpose, true, out_day, err);
}

static void put(struct record_input *in, struct entry *e, const struct field *f, struct value v)
{
	if (f == NULL)
		return;
	e[in->entries_n++] = (struct entry){f, v};
	in->by_program[f->at / 64] |= (uint64_t)1 << (f->at % 64);
}

enum rc apply_leave(struct job_ctx *c, const struct application *x, int64_t *out_id, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg_apply *ap = x->reg->apply;
	struct offer offer;
	str day;
	TRY(city_tree_now(city, c->db, err));
	struct reader r = {.db = c->db, .city = city, .a = c->a, .actor = *c->actor, .tree = city->tree};
	TRY(apply_offer(&r, x->person, x->reg, x->to, &offer, err));
	if (offer.own)
		return FAIL(err, RC_CONFLICT, "this stands already: it is in the list of what you have sent");
	for (size_t i = 0; i < x->n; i++)
		if (x->entries[i].field != ap->into && !field_in(ap->takes, x->entries[i].field))
			return FAIL(err, RC_DENIED, "the field %.*s is not yours to write",
				STR_ARG(label_text(&x->entries[i].field->label)));
	TRY(consented(c, x, &day, err));
	struct record *who;
	TRY(own_row(c, x->person, &who, err));
	struct entry *e = NEWS(c->a, x->n + 5, struct entry);
	struct record_input in = {.reg = x->reg, .org = who->org, .entries = e, .source = STR("form")};
	for (size_t i = 0; i < x->n; i++)
		if (x->entries[i].field == ap->into)
			put(&in, e, ap->into, x->entries[i].value);
		else
			e[in.entries_n++] = x->entries[i];
	put(&in, e, x->reg->person, (struct value){.kind = V_INT, .i = x->person});
	put(&in, e, ap->to, (struct value){.kind = V_INT, .i = x->to});
	put(&in, e, ap->dated, (struct value){.kind = V_TEXT, .t = date_str(c->a, clock_today())});
	if (day.n)
		put(&in, e, ap->agreed, (struct value){.kind = V_TEXT, .t = day});
	TRY(record_add(c, &in, out_id, err));
	if (ap->then)
		TRY(record_do(c, x->reg, *out_id, 0, ap->then, NULL, 0, STR(""), err));
	c->action = STR("apply");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(x->reg->id), (long long)*out_id);
	return RC_OK;
}
