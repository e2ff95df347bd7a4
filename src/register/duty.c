/* duty.c -- see duty.h. */
#include "register/duty.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/utf8.h"
#include "guard/audit.h"
#include "register/row.h"
#include <stdlib.h>

/* ---- units and their holders ---- */

struct units {
	struct reader *r;
	const struct field *code, *name;
	struct duty_unit *list;
	size_t n, cap;
};

static str text_of(struct arena *a, const struct record *rec, const struct field *f)
{
	return f && rec->values[f->at].kind == V_TEXT ? arena_str(a, rec->values[f->at].t) : STR("");
}

static bool unit_add(void *user, const struct record *rec)
{
	struct units *u = user;
	size_t under;
	tree_subtree(u->r->a, u->r->tree, rec->id, clock_today(), &under);
	if (under != 1 || str_is(rec->state, "void"))
		return true;
	u->list = arena_grow(u->r->a, u->list, u->n, &u->cap, sizeof *u->list);
	u->list[u->n++] = (struct duty_unit){.org = rec->id,
		.code = text_of(u->r->a, rec, u->code),
		.name = text_of(u->r->a, rec, u->name)};
	return true;
}

static bool has(const int64_t *ids, size_t n, int64_t id)
{
	size_t from = 0, to = n;
	while (from < to) {
		size_t mid = (from + to) / 2;
		if (ids[mid] == id)
			return true;
		if (ids[mid] < id)
			from = mid + 1;
		else
			to = mid;
	}
	return false;
}

static int by_code(const void *a, const void *b)
{
	const struct duty_unit *x = a, *y = b;
	int d = str_cmp(x->code, y->code);
	return d                  ? d
	       : x->org != y->org ? (x->org > y->org) - (x->org < y->org)
				  : (x->person > y->person) - (x->person < y->person);
}

/* One entry a holder: the first takes the unit's place, others come behind. */
static enum rc holders_add(struct units *u, str role, struct err *err)
{
	struct role *holders;
	size_t n, units = u->n;
	struct imap at = {0};
	TRY(role_holders(u->r->db, u->r->a, role, clock_today(), &holders, &n, err));
	for (size_t i = 0; i < units; i++)
		*imap_at(&at, (uint64_t)u->list[i].org) = (int64_t)i + 1;
	for (size_t i = 0; i < n; i++) {
		int64_t k = *imap_at(&at, (uint64_t)holders[i].org);
		if (k == 0)
			continue;
		if (u->list[k - 1].person == 0) {
			u->list[k - 1].person = holders[i].person;
			continue;
		}
		struct duty_unit one = u->list[k - 1];
		one.person = holders[i].person;
		u->list = arena_grow(u->r->a, u->list, u->n, &u->cap, sizeof *u->list);
		u->list[u->n++] = one;
	}
	imap_done(&at);
	return RC_OK;
}

enum rc duty_units(struct reader *r, int64_t org, str kind, str role, struct duty_unit **out, size_t *out_n,
	struct err *err)
{
	const struct reg *reg = model_reg(r->city->model, STR("org"));
	const struct field *f = reg_field(reg, STR("kind"));
	struct units u = {.r = r, .code = reg_field(reg, STR("code")), .name = reg_field(reg, STR("name"))};
	struct reader all = *r;
	int64_t *bound, *linked;
	size_t bound_n, linked_n;
	if (f == NULL || field_choice(f, kind) == NULL)
		return FAIL(err, RC_INVALID, "there is no kind of organisation “%.*s”",
			STR_ARG(str_head(kind, 40)));
	all.actor = actor_operator();
	u.r = &all;
	struct record_query q = {
		.reg = reg, .org = org, .where = arena_fmt(r->a, "kind = '%.*s'", STR_ARG(kind))};
	TRY(record_each(&all, &q, unit_add, &u, err));
	TRY(holders_add(&u, role, err));
	TRY(device_units(r->db, r->a, role, clock_now_ms(), &bound, &bound_n, &linked, &linked_n, err));
	for (size_t i = 0; i < u.n; i++) {
		u.list[i].bound = has(bound, bound_n, u.list[i].org);
		u.list[i].linked = has(linked, linked_n, u.list[i].org);
	}
	if (u.n)
		qsort(u.list, u.n, sizeof *u.list, by_code);
	*out = u.list;
	*out_n = u.n;
	return RC_OK;
}

/* ---- links ---- */

enum rc duty_links(struct job_ctx *c, str role, struct duty_link *list, size_t n, struct err *err)
{
	struct city *city = job_city(c);
	struct buf b = {.max_bytes = AUDIT_TEXT_MAX_BYTES - 100};
	if (n > DUTY_LINKS_MAX)
		return FAIL(err, RC_LIMIT, "at most %d links at once", (int)DUTY_LINKS_MAX);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct device_link link = {.org = list[i].org, .person = list[i].person, .role = role};
		rc = device_link_make(c, city->seal, &city->model->roles, &link, list[i].code, err);
		buf_printf(&b, "%s%lld", i ? "," : "", (long long)list[i].org);
	}
	if (rc == RC_OK && n != 1) {
		c->subject = STR("org");
		c->detail = arena_fmt(c->a, "%.*s orgs:%.*s", STR_ARG(role), STR_ARG(buf_str(&b)));
	}
	buf_done(&b);
	return rc;
}

/* What follows is the doing of the link or the sheet, whose maker had the right; the audit row keeps the actor. */
static const struct actor *as_operator(struct job_ctx *c, struct actor *operator)
{
	const struct actor *was = c->actor;
	*operator= actor_operator();
	c->actor = operator;
	return was;
}

enum rc duty_take_up(struct job_ctx *c, int64_t org, str role, str name, int64_t *out_person, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg *reg = model_reg(city->model, STR("person"));
	struct entry e = {reg_field(reg, STR("name")), {.kind = V_TEXT, .t = name}};
	struct record_input in = {
		.reg = reg, .org = org, .entries = &e, .entries_n = 1, .source = STR("form")};
	struct actor operator;
	int64_t id;
	if (str_trim(name).n == 0 || utf8_count(name) > DUTY_NAME_MAX_CHARS)
		return FAIL(err, RC_INVALID, "a name has 1 to %d characters", (int)DUTY_NAME_MAX_CHARS);
	const struct actor *was = as_operator(c, &operator);
	enum rc rc = record_add(c, &in, out_person, err);
	if (rc == RC_OK)
		rc = role_grant(
			c, &city->model->roles, *out_person, role, org, clock_today(), ROLE_OPEN, &id, err);
	c->actor = was;
	return rc;
}

/* ---- tasks ---- */

bool duty_open(const struct reg *reg, str state)
{
	if (reg->states_n == 0)
		return true;
	for (size_t i = 0; i < reg->moves_n; i++) {
		const struct move *m = &reg->moves[i];
		bool final = str_is(m->id, "void") || str_is(m->id, "correct") || str_is(m->id, "reopen");
		for (size_t k = 0; !final && k < m->from_n; k++)
			if (str_eq(m->from[k], state))
				return true;
	}
	/* Where no move ends, a row stands as it began (a venue, a pairing) until it is voided. */
	for (size_t i = 0; i < reg->moves_n; i++)
		if (str_eq(reg->moves[i].to, state))
			return false;
	return !str_is(state, "void");
}

struct tasks {
	struct handover_item *list;
	size_t n, cap;
};

static enum rc tasks_of(struct job_ctx *c, const struct reg *reg, const struct field *f, int64_t person,
	int64_t org, struct tasks *t, struct err *err)
{
	struct stmt *s;
	const struct tree *tree = job_city(c)->tree;
	str sql = arena_fmt(c->a,
		"SELECT \"id\", \"org\", \"state\" FROM \"%.*s\" WHERE \"%.*s\" = ?1 ORDER BY \"id\"",
		STR_ARG(reg->id), STR_ARG(f->id));
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, person);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (t->n == HANDOVER_ITEMS_MAX || !duty_open(reg, stmt_text(s, 2)) ||
			!tree_under(tree, stmt_i64(s, 1), org, clock_today()))
			continue;
		t->list = arena_grow(c->a, t->list, t->n, &t->cap, sizeof *t->list);
		t->list[t->n++] = (struct handover_item){
			.kind = STR("row"), .what = reg->id, .field = f->id, .row = stmt_i64(s, 0)};
	}
}

enum rc duty_rows(struct job_ctx *c, int64_t person, int64_t org, struct handover_item **out, size_t *out_n,
	struct err *err)
{
	const struct model *m = job_city(c)->model;
	struct tasks t = {0};
	TRY(city_tree_now(job_city(c), c->db, err));
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].fields_n; k++)
			if (m->regs[i].fields[k].duty)
				TRY(tasks_of(c, &m->regs[i], &m->regs[i].fields[k], person, org, &t, err));
	*out = t.list;
	*out_n = t.n;
	return RC_OK;
}

enum rc duty_hand_over(struct job_ctx *c, const struct handover *what, int64_t *out_id, struct err *err)
{
	struct handover_item *rows;
	size_t n;
	TRY(duty_rows(c, what->giver, what->org, &rows, &n, err));
	return handover_make(c, job_city(c)->seal, what, rows, n, out_id, err);
}

/* A row that has gone to somebody else, or that is done, since the sheet was made stays as it is. */
static enum rc pass(
	struct job_ctx *c, const struct handover *h, const struct handover_item *item, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg *reg = model_reg(city->model, item->what);
	const struct field *f = reg ? reg_field(reg, item->field) : NULL;
	struct record *rec;
	if (f == NULL || !f->duty)
		return RC_OK;
	enum rc rc = row_get(c->a, c->db, city, reg, item->row, &rec, err);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	TRY(rc);
	if (rec->values[f->at].kind != V_INT || rec->values[f->at].i != h->giver ||
		!duty_open(reg, rec->state))
		return RC_OK;
	struct entry e = {f, {.kind = V_INT, .i = h->taker}};
	return record_set(c, reg, item->row, 0, &e, 1, err);
}

/* The giver's phones have ended: the taker gets links of his own. */
static enum rc links_anew(struct job_ctx *c, const struct handover *h, const struct handover_item *items,
	size_t n, struct duty_signed *out, struct err *err)
{
	const struct role_kinds *all = &job_city(c)->model->roles;
	out->links = NEWS(c->a, n + 1, struct duty_link);
	out->roles = NEWS(c->a, n + 1, str);
	for (size_t i = 0; i < n; i++) {
		const struct role_kind *k = role_kind(all, items[i].what);
		if (!str_is(items[i].kind, "role") || k == NULL || k->factor != FACTOR_DEVICE)
			continue;
		struct duty_link *l = &out->links[out->links_n];
		l->org = h->org;
		l->person = h->taker;
		struct device_link link = {.org = h->org, .person = h->taker, .role = k->id};
		TRY(device_link_make(c, job_city(c)->seal, all, &link, l->code, err));
		out->roles[out->links_n++] = k->id;
	}
	return RC_OK;
}

enum rc duty_sign(struct job_ctx *c, int64_t id, bool giver, struct duty_signed *out, struct err *err)
{
	struct city *city = job_city(c);
	struct handover h;
	struct handover_item *items;
	size_t n;
	struct actor operator;
	*out = (struct duty_signed){0};
	TRY(handover_sign(c, id, giver, &out->done, err));
	if (!out->done)
		return RC_OK;
	TRY(handover_get(c->db, c->a, city->seal, id, &h, err));
	TRY(handover_items(c->db, c->a, id, &items, &n, err));
	const struct actor *was = as_operator(c, &operator);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (str_is(items[i].kind, "row"))
			rc = pass(c, &h, &items[i], err);
	c->actor = was;
	TRY(rc);
	TRY(handover_carry_out(c, &city->model->roles, &h, clock_today(), err));
	str action = c->action, subject = c->subject, detail = c->detail;
	was = as_operator(c, &operator);
	rc = links_anew(c, &h, items, n, out, err);
	c->actor = was;
	c->action = action;
	c->subject = subject;
	c->detail = detail;
	return rc;
}
