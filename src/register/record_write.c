/* record_write.c -- adding, editing and moving rows (record.h). Every function runs inside a job's savepoint: what it
 * leaves half done when it fails is undone there. Order of a write, which observers rely on:
 *   1. authorise   2. observers' before (old row stands)   3. history   4. the row   5. search index
 *   6. observers' after   7. checks on the written row */
#include "base/clock.h"
#include "base/date.h"
#include "register/archive.h"
#include "register/case_note.h"
#include "register/change.h"
#include "register/checks.h"
#include "register/gate.h"
#include "register/history.h"
#include "register/permit.h"
#include "register/person.h"
#include "register/row.h"

/* Two plain statements: with RETURNING each draw would walk the savepoint's whole journal. */
static const char Q_ID_DRAW[] = "UPDATE counter SET last = last + ?2 WHERE register = ?1";
static const char Q_ID_BACK[] = "UPDATE counter SET last = ?2 WHERE register = ?1 AND last = ?3";
static const char Q_MADE[] =
	"SELECT 1 FROM history WHERE register = ?1 AND \"row\" = ?2 AND actor = ?3 AND kind = ?4";
static const char Q_HISTORY_DROP[] = "DELETE FROM history WHERE register = ?1 AND \"row\" = ?2";
static const char Q_ID_LAST[] = "SELECT last FROM counter WHERE register = ?1";

enum rc record_ids(struct job_ctx *c, const struct reg *reg, int64_t n, int64_t *out_first, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(c->db, Q_ID_DRAW, &s, err));
	stmt_lend_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, n);
	TRY(stmt_run(s, err));
	TRY(db_prepare(c->db, Q_ID_LAST, &s, err));
	stmt_lend_text(s, 1, reg->id);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_IO, "register %.*s has no counter: run “qinghe model apply”",
			STR_ARG(reg->id));
	*out_first = stmt_i64(s, 0) - n + 1;
	stmt_reset(s);
	return RC_OK;
}

enum rc record_ids_back(struct job_ctx *c, const struct reg *reg, int64_t first, int64_t n, struct err *err)
{
	struct stmt *s;
	if (n == 0)
		return RC_OK;
	TRY(db_prepare(c->db, Q_ID_BACK, &s, err));
	stmt_lend_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, first - 1);
	stmt_bind_i64(s, 3, first + n - 1);
	return stmt_run(s, err);
}

static const uint64_t NO_FIELDS[2] = {0};

static enum rc may_write(
	struct job_ctx *c, const struct record *rec, const uint64_t wanted[2], bool is_new, struct err *err)
{
	if (actor_is_operator(c->actor))
		return RC_OK;
	TRY(city_tree_now(job_city(c), c->db, err));
	return permit_write(job_city(c)->tree, c->actor, rec, wanted, is_new, err);
}

static void fields_of(const struct entry *entries, size_t n, const uint64_t but[2], uint64_t out[2])
{
	out[0] = out[1] = 0;
	for (size_t i = 0; i < n; i++)
		out[entries[i].field->at / 64] |= (uint64_t)1 << (entries[i].field->at % 64);
	for (int i = 0; but && i < 2; i++)
		out[i] &= ~but[i];
}

static enum rc tell_before(struct job_ctx *c, const struct change *ch, struct err *err)
{
	const struct change_hooks *h = job_city(c)->changes;
	for (int i = 0; h && i < h->n; i++)
		if (h->list[i].before)
			TRY(h->list[i].before(h->list[i].user, c->db, ch, err));
	return RC_OK;
}

static enum rc tell_after(struct job_ctx *c, const struct change *ch, int64_t n, struct err *err)
{
	const struct change_hooks *h = job_city(c)->changes;
	for (int i = 0; h && i < h->n; i++)
		if (h->list[i].after)
			TRY(h->list[i].after(h->list[i].user, c->db, ch, n, err));
	return RC_OK;
}

/* The declared default, as a value. */
static enum rc default_value(struct arena *a, const struct field *f, struct value *out, struct err *err)
{
	if (f->default_text.n == 0)
		return RC_OK;
	if (str_is(f->default_text, "today")) {
		*out = (struct value){.kind = V_TEXT, .t = date_str(a, clock_today())};
		return RC_OK;
	}
	return value_parse(a, f, f->default_text, out, err);
}

static enum rc required_stand(const struct record *rec, struct err *err)
{
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct field *f = &rec->reg->fields[i];
		if (f->required && rec->values[i].kind == V_NULL)
			return FAIL(err, RC_INVALID, "%.*s is missing", STR_ARG(label_text(&f->label)));
	}
	return RC_OK;
}

/* An attendance row is either a person with n = 1 or a head-count without a person (model.md). */
static enum rc head_count_fits(const struct record *rec, struct err *err)
{
	const struct reg *r = rec->reg;
	if (r->n_field == NULL || r->person == NULL)
		return RC_OK;
	struct value *n = &rec->values[r->n_field->at];
	bool person = rec->values[r->person->at].kind != V_NULL;
	if (n->kind == V_NULL)
		*n = (struct value){.kind = V_INT, .i = 1};
	if (person && n->i != 1)
		return FAIL(err, RC_INVALID, "a row with a person counts one; a head-count has no person");
	return RC_OK;
}

static void put_entries(struct record *rec, const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rec->values[entries[i].field->at] = entries[i].value;
}

static enum rc same_key(const struct reg *reg, enum rc rc, struct err *err)
{
	if (rc != RC_CONFLICT)
		return rc;
	return FAIL(err, RC_CONFLICT, "a row with the same key (or a unique value) stands already in %.*s",
		STR_ARG(label_text(&reg->label)));
}

static struct record *blank(struct job_ctx *c, const struct record_input *in)
{
	struct record *rec = NEW(c->a, struct record);
	rec->reg = in->reg;
	rec->org = in->org ? in->org : c->actor->org ? c->actor->org : job_city(c)->root_org;
	rec->version = 1;
	rec->state = in->state.n ? in->state : in->reg->states_n ? in->reg->states[0].id : STR("valid");
	rec->source = in->source.n ? in->source : STR("form");
	rec->entered_by = rec->changed_by = c->actor->person;
	rec->entered_at = rec->changed_at = c->now_ms;
	rec->values = NEWS(c->a, in->reg->fields_n + 1, struct value);
	return rec;
}

static enum rc drop_row(struct job_ctx *c, const struct reg *reg, int64_t id, struct err *err)
{
	struct stmt *s;
	str sql = arena_fmt(c->a, "DELETE FROM \"%.*s\" WHERE \"id\" = ?1", STR_ARG(reg->id));
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, id);
	TRY(stmt_run(s, err));
	return str_is(reg->id, "person") ? person_forget(c, id, err) : RC_OK;
}

static enum rc index_person(struct job_ctx *c, const struct record *rec, struct err *err)
{
	return str_is(rec->reg->id, "person") ? person_index(c, rec, err) : RC_OK;
}

static enum rc insert(struct job_ctx *c, const struct record_input *in, int64_t id, struct err *err)
{
	struct city *city = job_city(c);
	struct record *rec = blank(c, in);
	struct stmt *s;
	rec->id = id;
	if (str_is(in->reg->id, "org"))
		rec->org = id;
	put_entries(rec, in->entries, in->entries_n);
	if (str_is(in->reg->id, "person"))
		person_derive(c->a, rec);
	for (size_t i = 0; i < in->reg->fields_n; i++)
		if (rec->values[i].kind == V_NULL)
			TRY(default_value(c->a, &in->reg->fields[i], &rec->values[i], err));
	TRY(head_count_fits(rec, err));
	TRY(required_stand(rec, err));
	uint64_t given[2];
	fields_of(in->entries, in->entries_n, in->by_program, given);
	TRY(may_write(c, rec, given, true, err));
	TRY(gate_write(c, rec, NULL, err));
	TRY(case_note_seal(c, rec, err));
	TRY(same_key(in->reg, row_alone(c->a, c->db, city, rec, err), err));
	TRY(db_prepare(c->db, city->plans[in->reg->at].insert.p, &s, err));
	TRY(row_bind(c->a, city, rec, s, err));
	if (city->plans[in->reg->at].unique) {
		TRY(stmt_run_now(s, err));
		TRY(same_key(in->reg, db_changes(c->db) ? RC_OK : RC_CONFLICT, err));
	} else {
		TRY(stmt_run(s, err));
	}
	enum rc rc = archive_guard(c, in->reg, id, id, err);
	if (rc != RC_OK) { /* a row of an import falls alone: nothing of it may stay */
		struct err here;
		return drop_row(c, in->reg, id, &here) == RC_OK ? rc : FAIL(err, RC_IO, "%s", here.text);
	}
	return index_person(c, rec, err);
}

/* A row typed in begins where the declaration lets rows begin; what comes after are moves, each with its own people. */
static enum rc may_begin(struct job_ctx *c, const struct record_input *in, struct err *err)
{
	const struct reg *reg = in->reg;
	bool first = in->state.n == 0 || reg->states_n == 0 || str_eq(in->state, reg->states[0].id);
	if (actor_is_operator(c->actor) || first || str_eq(in->state, reg->import_state))
		return RC_OK;
	return FAIL(err, RC_DENIED, "a new row of %.*s begins as %.*s; the rest are moves",
		STR_ARG(label_text(&reg->label)), STR_ARG(label_text(&reg->states[0].label)));
}

enum rc record_add(struct job_ctx *c, const struct record_input *in, int64_t *out_id, struct err *err)
{
	int64_t id;
	TRY(may_begin(c, in, err));
	TRY(record_ids(c, in->reg, 1, &id, err));
	TRY(insert(c, in, id, err));
	struct change ch = {.reg = in->reg, .id = id, .kind = CHANGE_ADD, .fields = {UINT64_MAX, UINT64_MAX}};
	TRY(tell_after(c, &ch, 1, err));
	TRY(checks_run(c, in->reg, id, id, NULL, NULL, err));
	*out_id = id;
	c->action = STR("add");
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(in->reg->id), (long long)id);
	return RC_OK;
}

enum rc record_slice_add(struct job_ctx *c, const struct record_input *in, int64_t id, struct err *err)
{
	return insert(c, in, id, err);
}

struct refusals {
	struct arena *a;
	int64_t *ids;
	size_t n, cap;
	void (*tell)(void *user, int64_t id, const struct check *check);
	void *user;
};

static enum rc note_refusal(void *user, int64_t id, const struct check *check)
{
	struct refusals *r = user;
	if (r->tell)
		r->tell(r->user, id, check);
	if (check->warn || (r->n > 0 && r->ids[r->n - 1] == id))
		return RC_OK;
	r->ids = arena_grow(r->a, r->ids, r->n, &r->cap, sizeof *r->ids);
	r->ids[r->n++] = id;
	return RC_OK;
}

enum rc record_slice_end(struct job_ctx *c, const struct reg *reg, int64_t first, int64_t n,
	void (*told)(void *user, int64_t id, const struct check *check), void *user, struct err *err)
{
	struct refusals r = {.a = c->a, .tell = told, .user = user};
	TRY(checks_run(c, reg, first, first + n - 1, note_refusal, &r, err));
	for (size_t i = 0; i < r.n; i++)
		TRY(drop_row(c, reg, r.ids[i], err));
	struct change ch = {.reg = reg, .id = first, .kind = CHANGE_ADD, .fields = {UINT64_MAX, UINT64_MAX}};
	return tell_after(c, &ch, n, err);
}

/* Put entries into a copy; which fields changed. */
static struct record *changed(
	struct arena *a, const struct record *old, const struct entry *entries, size_t n, struct change *ch)
{
	struct record *rec = NEW(a, struct record);
	*rec = *old;
	rec->values = NEWS(a, old->reg->fields_n + 1, struct value);
	memcpy(rec->values, old->values, old->reg->fields_n * sizeof *rec->values);
	put_entries(rec, entries, n);
	if (str_is(old->reg->id, "person"))
		person_derive(a, rec);
	for (size_t i = 0; i < old->reg->fields_n; i++)
		if (!value_eq(&rec->values[i], &old->values[i]))
			ch->fields[i / 64] |= (uint64_t)1 << (i % 64);
	return rec;
}

/* Write `rec` over `old`: steps 2 to 7. */
static enum rc rewrite(struct job_ctx *c, const struct record *old, struct record *rec, struct change *ch,
	str kind, str reason, struct err *err)
{
	TRY(head_count_fits(rec, err));
	TRY(required_stand(rec, err));
	TRY(gate_write(c, rec, ch->fields, err));
	TRY(archive_guard(c, rec->reg, rec->id, rec->id, err));
	TRY(tell_before(c, ch, err));
	TRY(history_put(c, old, kind, str_trim(reason), err));
	TRY(case_note_seal(c, rec, err));
	rec->version = old->version + 1;
	rec->changed_by = c->actor->person;
	rec->changed_at = c->now_ms;
	TRY(same_key(rec->reg, row_update(c->a, c->db, job_city(c), old, rec, err), err));
	TRY(archive_guard(c, rec->reg, rec->id, rec->id, err));
	TRY(index_person(c, rec, err));
	TRY(tell_after(c, ch, 1, err));
	TRY(checks_run(c, rec->reg, rec->id, rec->id, NULL, NULL, err));
	c->action = kind;
	c->subject = arena_fmt(c->a, "%.*s:%lld", STR_ARG(rec->reg->id), (long long)rec->id);
	return gate_moved(c, old, rec, err);
}

static enum rc right_version(const struct record *old, int64_t version, struct err *err)
{
	if (version == 0 || version == old->version)
		return RC_OK;
	return FAIL(err, RC_CONFLICT,
		"somebody changed this row meanwhile (version %lld, yours was %lld): look again",
		(long long)old->version, (long long)version);
}

enum rc record_set(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version,
	const struct entry *entries, size_t n, struct err *err)
{
	struct city *city = job_city(c);
	struct record *old;
	TRY(row_get(c->a, c->db, city, reg, id, &old, err));
	uint64_t given[2];
	fields_of(entries, n, NULL, given);
	TRY(may_write(c, old, given, false, err));
	TRY(right_version(old, version, err));
	struct change ch = {.reg = reg, .id = id, .kind = CHANGE_SET};
	struct record *rec = changed(c->a, old, entries, n, &ch);
	TRY(may_write(c, rec, given, false, err)); /* nor hand it to whom one may not write for */
	if (ch.fields[0] == 0 && ch.fields[1] == 0)
		return RC_OK;
	return rewrite(c, old, rec, &ch, STR("set"), STR(""), err);
}

enum rc record_reseal(struct job_ctx *c, const struct reg *reg, int64_t id, const struct entry *entries,
	size_t n, struct err *err)
{
	struct record *old;
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &old, err));
	struct change ch = {.reg = reg, .id = id, .kind = CHANGE_SET};
	struct record *rec = changed(c->a, old, entries, n, &ch);
	return rewrite(c, old, rec, &ch, STR("share"), STR(""), err);
}

enum rc record_put_state(
	struct job_ctx *c, const struct reg *reg, int64_t id, str state, str kind, struct err *err)
{
	struct record *old;
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &old, err));
	TRY(may_write(c, old, NO_FIELDS, false, err));
	struct change ch = {.reg = reg, .id = id, .kind = CHANGE_MOVE_STATE, .state_changed = true};
	struct record *rec = changed(c->a, old, NULL, 0, &ch);
	rec->state = state;
	return rewrite(c, old, rec, &ch, kind, STR(""), err);
}

/* A row comes to another owner: the same steps with org changed. */
enum rc record_hand_over(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t org, struct err *err)
{
	struct record *old;
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &old, err));
	TRY(may_write(c, old, NO_FIELDS, false, err));
	struct change ch = {.reg = reg, .id = id, .kind = CHANGE_SET, .org_changed = true};
	struct record *rec = changed(c->a, old, NULL, 0, &ch);
	rec->org = org;
	TRY(may_write(c, rec, NO_FIELDS, true, err));
	return old->org == org ? RC_OK : rewrite(c, old, rec, &ch, STR("handover"), STR(""), err);
}

static bool starts_in(const struct move *m, str state)
{
	for (size_t i = 0; i < m->from_n; i++)
		if (str_eq(m->from[i], state))
			return true;
	return false;
}

static enum rc move_fits(const struct record *rec, const struct move *m, str reason, struct err *err)
{
	const struct state *now = reg_state(rec->reg, rec->state);
	if (!starts_in(m, rec->state))
		return FAIL(err, RC_CONFLICT, "%.*s cannot be done in the state %.*s",
			STR_ARG(label_text(&m->label)), STR_ARG(now ? label_text(&now->label) : rec->state));
	if (m->needs_reason && str_trim(reason).n == 0)
		return FAIL(err, RC_INVALID, "%.*s needs a reason", STR_ARG(label_text(&m->label)));
	for (size_t i = 0; i < m->needs_n; i++)
		if (rec->values[m->needs[i]->at].kind == V_NULL)
			return FAIL(err, RC_INVALID, "%.*s needs %.*s", STR_ARG(label_text(&m->label)),
				STR_ARG(label_text(&m->needs[i]->label)));
	return RC_OK;
}

/* Who may do a move may fill in what it needs; other fields only who may write them. */
static enum rc may_fill(struct job_ctx *c, const struct record *old, const struct move *m,
	const struct entry *entries, size_t n, struct err *err)
{
	uint64_t other[2];
	fields_of(entries, n, NULL, other);
	if (m->stamps)
		other[m->stamps->at / 64] &= ~((uint64_t)1 << (m->stamps->at % 64));
	for (size_t k = 0; k < m->needs_n; k++)
		other[m->needs[k]->at / 64] &= ~((uint64_t)1 << (m->needs[k]->at % 64));
	return other[0] | other[1] ? may_write(c, old, other, false, err) : RC_OK;
}

/* A review is another person's than what is reviewed. */
static enum rc another(
	struct job_ctx *c, const struct reg *reg, int64_t id, const struct move *m, struct err *err)
{
	struct stmt *s;
	bool made;
	if (m->not_by.n == 0 || actor_is_operator(c->actor))
		return RC_OK;
	const struct move *was = reg_move(reg, m->not_by);
	TRY(db_prepare(c->db, Q_MADE, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	stmt_bind_i64(s, 3, c->actor->person);
	stmt_bind_text(s, 4, arena_fmt(c->a, "do:%.*s", STR_ARG(m->not_by)));
	TRY(stmt_step(s, &made, err));
	stmt_reset(s);
	return made ? FAIL(err, RC_DENIED, "%.*s is for another person than who did: %.*s",
			      STR_ARG(label_text(&m->label)),
			      STR_ARG(was ? label_text(&was->label) : m->not_by))
		    : RC_OK;
}

enum rc record_do(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version, const struct move *m,
	const struct entry *entries, size_t n, str reason, struct err *err)
{
	struct record *old;
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &old, err));
	TRY(permit_move(job_city(c)->tree, c->actor, old, m, err));
	TRY(another(c, reg, id, m, err));
	TRY(may_fill(c, old, m, entries, n, err));
	TRY(right_version(old, version, err));
	struct change ch = {.reg = reg, .id = id, .kind = CHANGE_MOVE_STATE, .state_changed = true};
	struct record *rec = changed(c->a, old, entries, n, &ch);
	TRY(move_fits(rec, m, reason, err));
	if (m->stamps && rec->values[m->stamps->at].kind == V_NULL) {
		rec->values[m->stamps->at] =
			(struct value){.kind = V_TEXT, .t = date_str(c->a, clock_today())};
		ch.fields[m->stamps->at / 64] |= (uint64_t)1 << (m->stamps->at % 64);
	}
	rec->state = m->to;
	return rewrite(c, old, rec, &ch, arena_fmt(c->a, "do:%.*s", STR_ARG(m->id)), reason, err);
}

/* ---- undo ---- */

bool record_undoable(const struct actor *actor, const struct record *now, int64_t now_ms)
{
	bool mine = now->changed_by == actor->person && now_ms - now->changed_at <= UNDO_MINUTES * 60000;
	bool begun =
		now->version > 1 || (reg_state(now->reg, STR("void")) && !str_is(now->state, "void") &&
					    !str_is(now->reg->id, "org") && !str_is(now->reg->id, "person"));
	return mine && begun;
}

/* The row as `then` was, as a new version. */
static enum rc back_to(
	struct job_ctx *c, const struct record *old, const struct record *then, str kind, struct err *err)
{
	const struct reg *reg = old->reg;
	struct change ch = {.reg = reg, .id = old->id, .kind = CHANGE_SET};
	if (then->org != old->org)
		return FAIL(err, RC_INVALID, "a handed over row is handed back by its new unit");
	struct record *rec = changed(c->a, old, NULL, 0, &ch);
	rec->state = then->state;
	memcpy(rec->values, then->values, reg->fields_n * sizeof *rec->values);
	for (size_t i = 0; i < reg->fields_n; i++)
		if (!value_eq(&rec->values[i], &old->values[i]))
			ch.fields[i / 64] |= (uint64_t)1 << (i % 64);
	ch.state_changed = !str_eq(rec->state, old->state);
	if (ch.state_changed)
		ch.kind = CHANGE_MOVE_STATE;
	return rewrite(c, old, rec, &ch, kind, STR(""), err);
}

enum rc record_undo(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version, struct err *err)
{
	struct record *old, *before;
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &old, err));
	TRY(right_version(old, version, err));
	if (old->changed_by != c->actor->person)
		return FAIL(err, RC_DENIED, "only who made a change takes it back");
	if (!record_undoable(c->actor, old, c->now_ms))
		return FAIL(err, RC_INVALID,
			"this cannot be taken back any more (%d minutes); correct the row instead",
			(int)UNDO_MINUTES);
	if (old->version > 1) {
		TRY(history_at(c, old, old->version - 1, &before, err));
	} else {
		before = NEW(c->a, struct record);
		*before = *old;
		before->state = STR("void");
	}
	return back_to(c, old, before, STR("undo"), err);
}

enum rc record_put_back(
	struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version, struct err *err)
{
	struct record *old, *before;
	TRY(row_get(c->a, c->db, job_city(c), reg, id, &old, err));
	TRY(may_write(c, old, NO_FIELDS, false, err));
	TRY(history_at(c, old, version, &before, err));
	return back_to(c, old, before, STR("undo"), err);
}

enum rc record_take_out(struct job_ctx *c, const struct record *old, struct err *err)
{
	const struct reg *reg = old->reg;
	struct stmt *s;
	struct change ch = {
		.reg = reg, .id = old->id, .kind = CHANGE_DELETE, .fields = {UINT64_MAX, UINT64_MAX}};
	TRY(may_write(c, old, NO_FIELDS, false, err));
	TRY(archive_guard(c, reg, old->id, old->id, err));
	TRY(tell_before(c, &ch, err));
	TRY(drop_row(c, reg, old->id, err));
	TRY(db_prepare(c->db, Q_HISTORY_DROP, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, old->id);
	TRY(stmt_run(s, err));
	return tell_after(c, &ch, 1, err);
}
