/* open.c -- see open.h. First a plan from one snapshot, then its steps, each checked again inside its job. */
#include "service/rescue/open.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/map.h"
#include "register/permit.h"

static const char Q_OPEN[] =
	"SELECT \"id\", \"child\", \"rule\", \"org\", \"urgency\", \"gone_on\" FROM \"rescue_hit\""
	" WHERE \"state\" = 'open' ORDER BY \"id\"";
static const char Q_ANSWERED[] = "SELECT \"child\", \"rule\" FROM \"rescue_hit\" WHERE \"state\" = 'closed'"
				 " AND \"outcome\" <> 'explained' AND \"ended_on\" > ?1";
static const char Q_STANDS[] = "SELECT 1 FROM \"rescue_hit\" WHERE \"child\" = ?1 AND \"rule\" = ?2"
			       " AND (\"state\" = 'open' OR \"found_on\" = ?3) LIMIT 1";
static const char Q_IS_OPEN[] = "SELECT 1 FROM \"rescue_hit\" WHERE \"id\" = ?1 AND \"state\" = 'open'";
static const char Q_RAN[] = "INSERT INTO setting(name, value) VALUES ('finder_at', ?1)"
			    " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char Q_RAN_AT[] = "SELECT value FROM setting WHERE name = 'finder_at'";

enum { KEY_TRIGGERS = 64 };
_Static_assert(
	(int)RESCUE_TRIGGERS_MAX <= (int)KEY_TRIGGERS, "a child's triggers fit into its part of a key");

struct step {
	enum { STEP_OPEN, STEP_URGENCY, STEP_GONE, STEP_UNIT } kind;
	int64_t row, child, unit; /* row: of all but STEP_OPEN */
	const struct rescue_trigger *trigger;
	bool gone;
};

struct run {
	struct city *city;
	struct arena *a;
	int32_t on;
	const struct rescue_list *list;
	struct step *steps;
	size_t n, cap;
	struct imap held; /* child and trigger -> has an open row or a fresh answer */
	size_t stand;
};

static const char *urgency_id(enum rescue_urgency u)
{
	return u == RESCUE_NOW ? "now" : u == RESCUE_HIGH ? "high" : "normal";
}

static enum rescue_urgency urgency_of(str id)
{
	return str_is(id, "now") ? RESCUE_NOW : str_is(id, "high") ? RESCUE_HIGH : RESCUE_NORMAL;
}

static size_t trigger_at(const struct rescue_rules *rules, str id)
{
	const struct rescue_trigger *t = rescue_trigger_of(rules, id);
	return t ? (size_t)(t - rules->triggers) : rules->triggers_n;
}

static uint64_t key_of(int64_t child, size_t trigger)
{
	return (uint64_t)child * KEY_TRIGGERS + trigger;
}

static struct step *step_add(struct run *x, int kind)
{
	x->steps = arena_grow(x->a, x->steps, x->n, &x->cap, sizeof *x->steps);
	x->steps[x->n] = (struct step){.kind = kind};
	return &x->steps[x->n++];
}

/* ---- the plan ---- */

/* What an open row needs: `hit` is the child's, NULL where no rule finds him any more. */
static void plan_row(struct run *x, const struct rescue_hit *hit, size_t trigger, struct stmt *s)
{
	const struct rescue_trigger *t = &x->list->rules.triggers[trigger];
	int64_t row = stmt_i64(s, 0), org = stmt_i64(s, 3);
	bool found = hit && ((hit->open | hit->explained) >> trigger & 1);
	bool was_gone = !stmt_null(s, 5);
	if (found == was_gone) {
		struct step *p = step_add(x, STEP_GONE);
		p->row = row;
		p->gone = !found;
	}
	if (found && t->urgency > urgency_of(stmt_text(s, 4))) {
		struct step *p = step_add(x, STEP_URGENCY);
		p->row = row;
		p->trigger = t;
	}
	if (hit && hit->unit && hit->unit != org) {
		struct step *p = step_add(x, STEP_UNIT);
		p->row = row;
		p->unit = hit->unit;
	}
}

static enum rc plan_standing(struct run *x, struct db *db, const struct imap *at, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_OPEN, &s, err));
	for (;;) {
		int64_t i;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		size_t k = trigger_at(&x->list->rules, stmt_text(s, 2));
		if (k == x->list->rules.triggers_n)
			continue;
		x->stand++;
		*imap_at(&x->held, key_of(stmt_i64(s, 1), k)) = 1;
		bool known = imap_has(at, (uint64_t)stmt_i64(s, 1), &i);
		plan_row(x, known ? &x->list->hits[i] : NULL, k, s);
	}
}

static enum rc fresh_answers(struct run *x, struct db *db, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_ANSWERED, &s, err));
	stmt_bind_text(s, 1, date_str(x->a, x->on - (int32_t)x->list->rules.answered_days));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		size_t k = trigger_at(&x->list->rules, stmt_text(s, 1));
		if (k < x->list->rules.triggers_n)
			*imap_at(&x->held, key_of(stmt_i64(s, 0), k)) = 1;
	}
}

static void plan_new(struct run *x)
{
	const struct rescue_rules *rules = &x->list->rules;
	for (size_t i = 0; i < x->list->n; i++) {
		const struct rescue_hit *h = &x->list->hits[i];
		for (size_t k = 0; k < rules->triggers_n; k++) {
			if (!(h->open >> k & 1) || imap_has(&x->held, key_of(h->child, k), NULL))
				continue;
			struct step *p = step_add(x, STEP_OPEN);
			p->child = h->child;
			p->unit = h->unit ? h->unit : x->city->root_org;
			p->trigger = &rules->triggers[k];
		}
	}
}

static enum rc plan(struct run *x, struct db *db, struct err *err)
{
	struct imap at = {0};
	for (size_t i = 0; i < x->list->n; i++)
		*imap_at(&at, (uint64_t)x->list->hits[i].child) = (int64_t)i;
	enum rc rc = plan_standing(x, db, &at, err);
	imap_done(&at);
	TRY(rc);
	TRY(fresh_answers(x, db, err));
	plan_new(x);
	return RC_OK;
}

/* ---- its steps ---- */

struct slice {
	const struct run *run;
	const struct step *steps;
	size_t n;
	struct rescue_opened done;
	bool last;
};

static struct entry entry_text(const struct reg *reg, const char *field, str t)
{
	struct value v = {V_TEXT, 0, t};
	return (struct entry){reg_field(reg, str_of(field)), v};
}

static enum rc any(struct stmt *s, bool *out, struct err *err)
{
	TRY(stmt_step(s, out, err));
	stmt_reset(s);
	return RC_OK;
}

static enum rc open_row(
	struct job_ctx *c, const struct run *x, const struct step *p, size_t *opened, struct err *err)
{
	const struct reg *reg = model_reg(x->city->model, STR("rescue_hit"));
	const struct rescue_trigger *t = p->trigger;
	str today = date_str(c->a, x->on);
	struct stmt *s;
	int64_t id;
	bool stands;
	TRY(db_prepare(c->db, Q_STANDS, &s, err));
	stmt_bind_i64(s, 1, p->child);
	stmt_bind_text(s, 2, t->id);
	stmt_bind_text(s, 3, today);
	TRY(any(s, &stands, err));
	if (stands)
		return RC_OK;
	struct entry e[] = {{reg_field(reg, STR("child")), {V_INT, p->child, {NULL, 0}}},
		entry_text(reg, "rule", t->id), entry_text(reg, "found_on", today),
		entry_text(reg, "due_on", date_str(c->a, x->on + (int32_t)t->days)),
		entry_text(reg, "urgency", str_of(urgency_id(t->urgency)))};
	struct record_input in = {.reg = reg,
		.org = p->unit,
		.entries = e,
		.entries_n = sizeof e / sizeof *e,
		.state = STR("open"),
		.source = STR("form")};
	++*opened;
	return record_add(c, &in, &id, err);
}

static enum rc change_row(
	struct job_ctx *c, const struct run *x, const struct step *p, size_t *changed, struct err *err)
{
	const struct reg *reg = model_reg(x->city->model, STR("rescue_hit"));
	struct stmt *s;
	bool open;
	TRY(db_prepare(c->db, Q_IS_OPEN, &s, err));
	stmt_bind_i64(s, 1, p->row);
	TRY(any(s, &open, err));
	if (!open) /* answered meanwhile */
		return RC_OK;
	++*changed;
	if (p->kind == STEP_UNIT)
		return record_hand_over(c, reg, p->row, p->unit, err);
	struct entry e = entry_text(reg, "gone_on", date_str(c->a, x->on));
	if (p->kind == STEP_URGENCY)
		e = entry_text(reg, "urgency", str_of(urgency_id(p->trigger->urgency)));
	else if (!p->gone)
		e.value = (struct value){V_NULL, 0, {NULL, 0}};
	return record_set(c, reg, p->row, 0, &e, 1, err);
}

static enum rc slice_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct slice *z = arg;
	z->done = (struct rescue_opened){0};
	for (size_t i = 0; i < z->n; i++)
		TRY(z->steps[i].kind == STEP_OPEN
				? open_row(c, z->run, &z->steps[i], &z->done.opened, err)
				: change_row(c, z->run, &z->steps[i], &z->done.changed, err));
	if (z->last) {
		struct stmt *s;
		TRY(db_prepare(c->db, Q_RAN, &s, err));
		stmt_bind_text(s, 1, arena_fmt(c->a, "%lld", (long long)c->now_ms));
		TRY(stmt_run(s, err));
	}
	c->action = STR("finder");
	c->subject = STR("rescue_hit");
	c->detail = arena_fmt(c->a, "opened:%zu changed:%zu", z->done.opened, z->done.changed);
	return RC_OK;
}

static enum rc steps_run(struct run *x, const struct actor *actor, struct rescue_opened *out, struct err *err)
{
	size_t at = 0;
	do {
		struct arena a = {0}; /* a slice's records and reports are not kept */
		struct slice z = {.run = x, .steps = x->steps + at, .n = x->n - at};
		if (z.n > RESCUE_OPEN_SLICE)
			z.n = RESCUE_OPEN_SLICE;
		z.last = at + z.n == x->n;
		enum rc rc = city_run(x->city, actor, &a, STR(""), slice_run, &z, err);
		arena_done(&a);
		TRY(rc);
		out->opened += z.done.opened;
		out->changed += z.done.changed;
		at += z.n;
	} while (at < x->n);
	out->stand = x->stand + out->opened;
	return RC_OK;
}

enum rc rescue_open(struct city *city, const struct actor *actor, struct arena *a, int32_t on,
	struct rescue_opened *out, struct err *err)
{
	struct reader r;
	struct rescue_list list;
	struct run x = {.city = city, .a = a, .on = on, .list = &list};
	*out = (struct rescue_opened){0};
	if (!actor_is_operator(actor))
		return FAIL(err, RC_DENIED, "only the operator runs the finder for the whole city");
	TRY(reader_open(city, a, actor, &r, err));
	enum rc rc = rescue_list(&r, on, &list, err);
	if (rc == RC_OK)
		rc = plan(&x, r.db, err);
	reader_close(&r);
	if (rc == RC_OK)
		rc = steps_run(&x, actor, out, err);
	imap_done(&x.held);
	return rc;
}

enum rc rescue_house(void *city, struct err *err)
{
	struct arena a = {0};
	struct actor program = actor_operator();
	struct rescue_opened x;
	enum rc rc = rescue_open(city, &program, &a, clock_today(), &x, err);
	arena_done(&a);
	return rc;
}

enum rc rescue_opened_at(struct db *db, int64_t *out_at_ms, struct err *err)
{
	struct stmt *s;
	bool row;
	*out_at_ms = 0;
	TRY(db_prepare(db, Q_RAN_AT, &s, err));
	TRY(stmt_step(s, &row, err));
	if (row && !str_i64(stmt_text(s, 0), out_at_ms))
		*out_at_ms = 0;
	stmt_reset(s);
	return RC_OK;
}
