/* occasion_write.c -- the jobs of occasion.h. */
#include "register/occasion.h"
#include "register/person.h"
#include "register/row.h"

static const char Q_ROWS[] =
	"SELECT a.\"id\", a.\"version\", a.\"state\" FROM \"%.*s\" a WHERE a.\"%.*s\" = ?1 AND "
	"a.\"state\" <> 'void' ORDER BY a.\"id\"";

/* ---- the state of what has been held ---- */

static bool by_one_of(const struct move *m, const struct actor *actor)
{
	for (size_t i = 0; i < m->by_n; i++)
		if (actor_is_operator(actor) || actor_has_role(actor, m->by[i]))
			return true;
	return false;
}

static bool leads(const struct move *m, str from, str to)
{
	bool starts = false;
	for (size_t i = 0; i < m->from_n; i++)
		starts = starts || str_eq(m->from[i], from);
	return starts && str_eq(m->to, to);
}

static const struct move *move_of(const struct reg *reg, const struct actor *actor, str from, str to)
{
	for (size_t i = 0; i < reg->moves_n; i++)
		if (leads(&reg->moves[i], from, to) && (actor == NULL || by_one_of(&reg->moves[i], actor)))
			return &reg->moves[i];
	return NULL;
}

bool occasion_may_complete(const struct occasion *o, const struct actor *actor)
{
	const struct reg *e = o->event;
	str first = e->states[0].id;
	return str_eq(first, e->import_state) || move_of(e, NULL, first, e->import_state) == NULL ||
	       move_of(e, actor, first, e->import_state) != NULL;
}

/* Where somebody else has the last word, as far towards it as the actor may go: 讲完, then the host confirms. */
static const struct move *step_towards(const struct occasion *o, const struct actor *actor)
{
	const struct reg *e = o->event;
	for (size_t i = 0; i < e->moves_n; i++) {
		const struct move *m = &e->moves[i];
		if (leads(m, e->states[0].id, m->to) && by_one_of(m, actor) && !m->needs_reason &&
			m->needs_n == 0 && move_of(e, NULL, m->to, e->import_state))
			return m;
	}
	return NULL;
}

/* ---- writing ---- */

static enum rc add_event(struct job_ctx *c, const struct occasion_new *w, int64_t *out_event, struct err *err)
{
	const struct reg *e = w->o->event;
	bool done = !w->begins && occasion_may_complete(w->o, c->actor);
	struct record_input in = {.reg = e,
		.org = w->org,
		.entries = w->entries,
		.entries_n = w->entries_n,
		.state = done ? e->import_state : e->states[0].id,
		.source = STR("form")};
	TRY(record_add(c, &in, out_event, err));
	const struct move *m = done || w->begins ? NULL : step_towards(w->o, c->actor);
	return m ? record_do(c, e, *out_event, 0, m, NULL, 0, STR(""), err) : RC_OK;
}

struct row {
	int64_t event, org, person, n, minutes, at_ms;
	str day, source, state;
};

static enum rc add_row(
	struct job_ctx *c, const struct occasion *o, const struct row *r, int64_t *out, struct err *err)
{
	const struct reg *att = o->attendance;
	struct entry *e = NEWS(c->a, att->fields_n + 8, struct entry);
	size_t n = 0;
	e[n++] = (struct entry){o->of, {.kind = V_INT, .i = r->event}};
	if (r->person)
		e[n++] = (struct entry){o->person, {.kind = V_INT, .i = r->person}};
	e[n++] = (struct entry){o->n, {.kind = V_INT, .i = r->n}};
	for (size_t i = 0; i < att->fields_n; i++)
		if (att->fields[i].required && att->fields[i].type == T_DATE)
			e[n++] = (struct entry){&att->fields[i], {.kind = V_TEXT, .t = r->day}};
	if (o->hours && r->minutes)
		e[n++] = (struct entry){o->hours, {.kind = V_INT, .i = r->minutes}};
	if (o->in_at && r->at_ms)
		e[n++] = (struct entry){o->in_at, {.kind = V_INT, .i = r->at_ms}};
	struct record_input in = {.reg = att,
		.org = r->org,
		.entries = e,
		.entries_n = n,
		.state = r->state,
		.source = r->source};
	return record_add(c, &in, out, err);
}

/* Those of the unit that it does not know yet become people of it, not identified (person.h). */
static enum rc add_names(struct job_ctx *c, const struct occasion_new *w, struct row *r, struct err *err)
{
	for (size_t i = 0; i < w->names_n; i++) {
		struct person_input in = {.name = w->names[i], .unit = w->org};
		bool is_new, changed;
		int64_t id;
		TRY(person_resolve(c, &in, &r->person, &is_new, &changed, err));
		TRY(add_row(c, w->o, r, &id, err));
	}
	return RC_OK;
}

enum rc occasion_write(struct job_ctx *c, const struct occasion_new *w, int64_t *out_event, struct err *err)
{
	struct row r = {.org = w->org,
		.n = 1,
		.minutes = w->minutes,
		.day = w->day,
		.source = STR("form"),
		.state = w->o->attendance->import_state};
	int64_t id;
	TRY(add_event(c, w, &r.event, err));
	for (size_t i = 0; i < w->people_n; i++) {
		r.person = w->people[i];
		TRY(add_row(c, w->o, &r, &id, err));
	}
	TRY(add_names(c, w, &r, err));
	if (w->people_n + w->names_n == 0 && w->heads > 0) {
		r.person = 0;
		r.n = w->heads;
		TRY(add_row(c, w->o, &r, &id, err));
	}
	*out_event = r.event;
	c->action = STR("occasion");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(w->o->event->id), (long long)r.event);
	c->detail = arena_fmt(c->a, "%.*s people:%zu names:%zu heads:%lld", STR_ARG(w->o->attendance->id),
		w->people_n, w->names_n, (long long)w->heads);
	return RC_OK;
}

/* ---- rows that stand ---- */

struct standing {
	int64_t id, version;
	str state;
};

static enum rc rows_of(struct job_ctx *c, const struct occasion *o, int64_t event, struct standing **out,
	size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(
		c->db, arena_printf(c->a, Q_ROWS, STR_ARG(o->attendance->id), STR_ARG(o->of->id)), &s, err));
	stmt_bind_i64(s, 1, event);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(c->a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct standing){stmt_i64(s, 0), stmt_i64(s, 1), stmt_str(c->a, s, 2)};
	}
}

/* ---- one more ---- */

enum rc occasion_came(struct job_ctx *c, const struct occasion *o, const struct record *event, int64_t person,
	str source, int64_t *out_row, struct err *err)
{
	struct row r = {.event = event->id,
		.org = event->org,
		.person = person,
		.n = 1,
		.at_ms = c->now_ms,
		.day = event->values[o->day->at].t,
		.source = source,
		.state = o->attendance->states[0].id};
	struct err told;
	enum rc rc = add_row(c, o, &r, out_row, &told);
	c->action = STR("came");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(o->event->id), (long long)event->id);
	if (rc == RC_CONFLICT)
		return RC_FOUND;
	return rc == RC_OK ? RC_OK : FAIL(err, rc, "%s", told.text);
}

/* ---- the end ---- */

static enum rc confirm(struct job_ctx *c, const struct occasion *o, const struct move *m,
	const struct standing *row, const struct value *hours, struct err *err)
{
	struct record *now;
	TRY(row_get(c->a, c->db, job_city(c), o->attendance, row->id, &now, err));
	if (hours && now->values[o->hours->at].kind == V_NULL) {
		struct entry e = {o->hours, *hours};
		TRY(record_set(c, o->attendance, row->id, 0, &e, 1, err));
	}
	return record_do(c, o->attendance, row->id, 0, m, NULL, 0, STR(""), err);
}

static enum rc finish_event(
	struct job_ctx *c, const struct occasion *o, const struct record *event, struct err *err)
{
	const struct reg *e = o->event;
	if (!str_eq(event->state, e->states[0].id) || str_eq(event->state, e->import_state))
		return RC_OK;
	const struct move *m = move_of(e, c->actor, event->state, e->import_state);
	if (m == NULL)
		m = step_towards(o, c->actor);
	return m ? record_do(c, e, event->id, 0, m, NULL, 0, STR(""), err) : RC_OK;
}

enum rc occasion_close(struct job_ctx *c, const struct occasion *o, const struct record *event, size_t *out_n,
	struct err *err)
{
	const struct reg *att = o->attendance;
	const struct value *hours = o->hours && o->event_hours ? &event->values[o->event_hours->at] : NULL;
	str first = att->states[0].id;
	const struct move *m = move_of(att, c->actor, first, att->import_state);
	struct standing *list;
	size_t n;
	*out_n = 0;
	TRY(rows_of(c, o, event->id, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (m == NULL || !str_eq(list[i].state, first))
			continue;
		TRY(confirm(c, o, m, &list[i], hours && hours->kind == V_INT ? hours : NULL, err));
		++*out_n;
	}
	TRY(finish_event(c, o, event, err));
	c->action = STR("occasion:close");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(o->event->id), (long long)event->id);
	return RC_OK;
}

/* ---- taken back ---- */

static enum rc event_undo(struct job_ctx *c, const struct occasion *o, int64_t event, struct err *err)
{
	struct record *now;
	TRY(row_get(c->a, c->db, job_city(c), o->event, event, &now, err));
	if (now->entered_by != c->actor->person || now->changed_by != c->actor->person)
		return FAIL(err, RC_DENIED, "only who made a change takes it back");
	if (c->now_ms - now->entered_at > UNDO_MINUTES * 60000 || reg_state(o->event, STR("void")) == NULL)
		return FAIL(err, RC_INVALID,
			"this cannot be taken back any more (%d minutes); correct the row instead",
			(int)UNDO_MINUTES);
	return record_put_state(c, o->event, event, STR("void"), STR("undo"), err);
}

enum rc occasion_undo(struct job_ctx *c, const struct occasion *o, int64_t event, struct err *err)
{
	struct standing *list;
	size_t n;
	TRY(rows_of(c, o, event, &list, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (list[i].version != 1)
			return FAIL(err, RC_CONFLICT,
				"somebody has changed a row of this since; correct it row by row instead");
		TRY(record_undo(c, o->attendance, list[i].id, 1, err));
	}
	TRY(event_undo(c, o, event, err));
	c->action = STR("occasion:undo");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(o->event->id), (long long)event);
	return RC_OK;
}
