/* history.c -- see history.h. */
#include "register/history.h"
#include "base/hash.h"
#include "format/json.h"
#include "register/permit.h"
#include "register/read_log.h"
#include "register/row.h"

static const char Q_HISTORY_PUT[] =
	"INSERT INTO history (register, \"row\", version, at, actor, kind, before) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char Q_HISTORY_SET[] =
	"UPDATE history SET before = ?4 WHERE register = ?1 AND \"row\" = ?2 AND version = ?3";
static const char Q_HISTORY_OF[] = "SELECT version, at, actor, kind, before FROM history "
				   "WHERE register = ?1 AND \"row\" = ?2 ORDER BY version";

static const char Q_HISTORY_ONE[] =
	"SELECT before FROM history WHERE register = ?1 AND \"row\" = ?2 AND version = ?3";

static enum rc put_value(struct json *j, struct arena *a, struct city *city, const struct record *rec,
	const struct field *f, struct err *err)
{
	const struct value *v = &rec->values[f->at];
	str envelope;
	if (v->kind == V_NULL)
		return RC_OK;
	json_key_str(j, f->id);
	if (field_storage(f) == STORE_SEALED) {
		TRY(row_seal(a, city, rec, f, rec->version, &envelope, err));
		json_str(j, hex_str(a, envelope.p, envelope.n));
	} else if (v->kind == V_INT) {
		json_i64(j, v->i);
	} else {
		json_str(j, v->t);
	}
	return RC_OK;
}

/* The reason of a change is sealed like a value of the row that stood before it. */
static struct seal_place reason_place(const struct record *before)
{
	static const struct field reason = {.id = {"reason", 6}};
	return row_place(before->reg, &reason, before->id, row_person(before), before->version);
}

static enum rc put_reason(struct json *j, struct arena *a, struct city *city, const struct record *before,
	str reason, struct err *err)
{
	struct seal_place at = reason_place(before);
	str envelope;
	if (reason.n == 0)
		return RC_OK;
	TRY(seal_put(a, city->seal, &at, reason, &envelope, err));
	json_put_str(j, "reason", hex_str(a, envelope.p, envelope.n));
	return RC_OK;
}

static enum rc text_of(struct buf *b, struct arena *a, struct city *city, const struct record *before,
	str reason, struct err *err)
{
	struct json j;
	json_init(&j, b);
	json_object(&j);
	json_put_i64(&j, "org", before->org);
	json_put_str(&j, "state", before->state);
	json_put_str(&j, "source", before->source);
	json_put_i64(&j, "changed_by", before->changed_by);
	json_put_i64(&j, "changed_at", before->changed_at);
	TRY(put_reason(&j, a, city, before, reason, err));
	json_key(&j, "fields");
	json_object(&j);
	for (size_t i = 0; i < before->reg->fields_n; i++)
		TRY(put_value(&j, a, city, before, &before->reg->fields[i], err));
	json_object_end(&j);
	json_object_end(&j);
	return RC_OK;
}

enum rc history_put(struct job_ctx *c, const struct record *before, str kind, str reason, struct err *err)
{
	struct buf b AUTO(buf_done) = {0};
	struct stmt *s;
	TRY(text_of(&b, c->a, job_city(c), before, reason, err));
	TRY(db_prepare(c->db, Q_HISTORY_PUT, &s, err));
	stmt_bind_text(s, 1, before->reg->id);
	stmt_bind_i64(s, 2, before->id);
	stmt_bind_i64(s, 3, before->version);
	stmt_bind_i64(s, 4, c->now_ms);
	stmt_bind_i64(s, 5, c->actor->person);
	stmt_bind_text(s, 6, kind);
	stmt_bind_text(s, 7, buf_str(&b));
	return stmt_run(s, err);
}

static enum rc open_reason(
	struct arena *a, struct city *city, const struct record *before, str hex, str *out, struct err *err)
{
	struct seal_place at = reason_place(before);
	str envelope = {arena_alloc(a, hex.n / 2 + 1), hex.n / 2};
	*out = STR("");
	if (hex.n == 0)
		return RC_OK;
	if (!hex_parse(hex, (void *)(uintptr_t)envelope.p, envelope.n))
		return FAIL(err, RC_IO, "history of %.*s #%lld is damaged", STR_ARG(before->reg->id),
			(long long)before->id);
	enum rc rc = seal_get(a, city->seal, &at, envelope, out, err);
	return rc == RC_NOT_FOUND ? RC_OK : rc; /* its key was destroyed: gone like the values */
}

static enum rc read_value(struct arena *a, struct city *city, const struct record *rec, const struct field *f,
	const struct json_v *j, struct value *out, struct err *err)
{
	if (j->kind == JSON_INT) {
		*out = (struct value){.kind = V_INT, .i = j->i};
		return RC_OK;
	}
	*out = (struct value){.kind = V_TEXT, .t = j->text};
	if (field_storage(f) != STORE_SEALED)
		return RC_OK;
	str envelope = {arena_alloc(a, j->text.n / 2 + 1), j->text.n / 2};
	if (!hex_parse(j->text, (void *)(uintptr_t)envelope.p, envelope.n))
		return FAIL(err, RC_IO, "history of %.*s #%lld is damaged", STR_ARG(rec->reg->id),
			(long long)rec->id);
	return row_open(a, city, rec, f, rec->version, envelope, out, err);
}

static enum rc read_record(struct arena *a, struct city *city, const struct reg *reg, int64_t id,
	int64_t version, str text, struct record **out, str *out_reason, struct err *err)
{
	struct json_v *j;
	struct record *rec = NEW(a, struct record);
	TRY(json_read(a, text, 0, &j, err));
	rec->reg = reg;
	rec->id = id;
	rec->version = version;
	rec->state = json_get_str(j, "state");
	rec->source = json_get_str(j, "source");
	json_get_i64(j, "org", &rec->org);
	json_get_i64(j, "changed_by", &rec->changed_by);
	json_get_i64(j, "changed_at", &rec->changed_at);
	rec->values = NEWS(a, reg->fields_n + 1, struct value);
	const struct json_v *fields = json_get(j, "fields");
	const struct json_v *person =
		reg->person && fields ? json_get(fields, arena_cstr(a, reg->person->id)) : NULL;
	if (person) /* first: it says whose key opens the others */
		TRY(read_value(a, city, rec, reg->person, person, &rec->values[reg->person->at], err));
	for (size_t i = 0; fields && i < fields->n; i++) {
		const struct field *f = reg_field(reg, fields->members[i].key);
		if (f)
			TRY(read_value(a, city, rec, f, &fields->members[i].value, &rec->values[f->at], err));
	}
	*out = rec;
	return open_reason(a, city, rec, json_get_str(j, "reason"), out_reason, err);
}

enum rc history_at(
	struct job_ctx *c, const struct record *now, int64_t version, struct record **out, struct err *err)
{
	struct stmt *s;
	bool row;
	str reason;
	TRY(db_prepare(c->db, Q_HISTORY_ONE, &s, err));
	stmt_bind_text(s, 1, now->reg->id);
	stmt_bind_i64(s, 2, now->id);
	stmt_bind_i64(s, 3, version);
	TRY(stmt_step(s, &row, err));
	if (!row)
		return FAIL(err, RC_IO, "history of %.*s #%lld is damaged", STR_ARG(now->reg->id),
			(long long)now->id);
	enum rc rc = read_record(
		c->a, job_city(c), now->reg, now->id, version, stmt_text(s, 0), out, &reason, err);
	stmt_reset(s);
	return rc;
}

/* A sealed value, in hex, in another form than the one written now. */
static bool stale(struct job_ctx *c, str hex)
{
	char head[SEAL_HEAD_BYTES];
	return hex.n < 2 * sizeof head || !hex_parse(str_head(hex, 2 * sizeof head), head, sizeof head) ||
	       !seal_is_current(job_city(c)->seal, (str){head, sizeof head});
}

static enum rc is_stale(struct job_ctx *c, const struct reg *reg, str text, bool *out, struct err *err)
{
	struct json_v *j;
	TRY(json_read(c->a, text, 0, &j, err));
	const struct json_v *fields = json_get(j, "fields");
	str reason = json_get_str(j, "reason");
	*out = reason.n > 0 && stale(c, reason);
	for (size_t i = 0; fields && i < fields->n; i++) {
		const struct field *f = reg_field(reg, fields->members[i].key);
		const struct json_v *v = &fields->members[i].value;
		if (f && field_storage(f) == STORE_SEALED && v->kind != JSON_INT && stale(c, v->text))
			*out = true;
	}
	return RC_OK;
}

enum rc history_reseal(struct job_ctx *c, const struct reg *reg, int64_t id, int64_t version, str text,
	bool *out_changed, struct err *err)
{
	struct record *rec;
	struct stmt *s;
	str reason;
	TRY(is_stale(c, reg, text, out_changed, err));
	if (!*out_changed)
		return RC_OK;
	struct buf b AUTO(buf_done) = {0};
	TRY(read_record(c->a, job_city(c), reg, id, version, text, &rec, &reason, err));
	TRY(text_of(&b, c->a, job_city(c), rec, reason, err));
	TRY(db_prepare(c->db, Q_HISTORY_SET, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	stmt_bind_i64(s, 3, version);
	stmt_bind_text(s, 4, buf_str(&b));
	return stmt_run(s, err);
}

enum rc history_protect(struct job_ctx *c, const struct reg *old, const struct reg *new, int64_t id,
	int64_t version, str text, struct err *err)
{
	struct buf b AUTO(buf_done) = {0};
	struct record *rec, *made = NEW(c->a, struct record);
	struct stmt *s;
	str reason;
	TRY(read_record(c->a, job_city(c), old, id, version, text, &rec, &reason, err));
	*made = *rec;
	made->reg = new;
	made->values = NEWS(c->a, new->fields_n + 1, struct value);
	for (size_t i = 0; i < new->fields_n; i++) {
		const struct field *was = reg_field(old, new->fields[i].id);
		if (was)
			made->values[i] = rec->values[was->at];
	}
	TRY(text_of(&b, c->a, job_city(c), made, reason, err));
	TRY(db_prepare(c->db, Q_HISTORY_SET, &s, err));
	stmt_bind_text(s, 1, new->id);
	stmt_bind_i64(s, 2, id);
	stmt_bind_i64(s, 3, version);
	stmt_bind_text(s, 4, buf_str(&b));
	return stmt_run(s, err);
}

/* Row i of the table shows version i and is dated by the change that ended it; told to the reader each version carries
 * who made it and when, so dates move one down and the standing row ends the list. */
enum rc record_history(struct reader *r, const struct reg *reg, int64_t id, struct record_version **out,
	size_t *out_n, struct err *err)
{
	struct record *now;
	struct basis b;
	TRY(row_get(r->a, r->db, r->city, reg, id, &now, err));
	if (!permit_basis(r->tree, &r->actor, now, &b))
		return FAIL(err, RC_DENIED, "you may not read this row of %.*s",
			STR_ARG(label_text(&reg->label)));
	read_log_row(r->log, reg, id, &b);
	permit_mask(now, &b); /* older versions are seen as today's row is */
	struct record_version *list = NULL;
	size_t n = 0, cap = 0;
	struct stmt *s;
	bool row;
	str kind = STR("add"), reason = STR("");
	TRY(db_prepare(r->db, Q_HISTORY_OF, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		list = arena_grow(r->a, list, n, &cap, sizeof *list);
		struct record_version *v = &list[n++];
		*v = (struct record_version){.version = stmt_i64(s, 0), .kind = kind, .reason = reason};
		kind = stmt_str(r->a, s, 3);
		enum rc rc = read_record(
			r->a, r->city, reg, id, v->version, stmt_text(s, 4), &v->record, &reason, err);
		if (rc != RC_OK) {
			stmt_reset(s);
			return rc;
		}
		permit_mask(v->record, &b);
		v->at_ms = v->record->changed_at;
		v->actor = v->record->changed_by;
	}
	list = arena_grow(r->a, list, n, &cap, sizeof *list);
	list[n++] =
		(struct record_version){now->version, now->changed_at, now->changed_by, kind, reason, now};
	*out = list;
	*out_n = n;
	return RC_OK;
}

enum rc history_read(struct arena *a, struct city *city, const struct reg *reg, int64_t id, int64_t version,
	str text, struct record **out, struct err *err)
{
	str reason;
	return read_record(a, city, reg, id, version, text, out, &reason, err);
}
