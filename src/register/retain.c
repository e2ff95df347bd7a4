/* retain.c -- see retain.h. */
#include "register/retain.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/role.h"
#include "register/archive.h"
#include "register/expr.h"
#include "register/person.h"
#include "register/plan.h"
#include "register/row.h"
#include "register/rule_file.h"
#include "register/shred.h"

static const char RULES[] = "rules/retention.yaml";
static const char Q_RUN_NEXT[] = "SELECT coalesce(max(id), 0) + 1 FROM retention_run";
static const char Q_RUN_ADD[] = "INSERT INTO retention_run(id, at, day, deleted, skeletons, keys, held)"
				" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char Q_RUN_SET[] =
	"UPDATE retention_run SET deleted = ?2, skeletons = ?3, keys = ?4, held = ?5 WHERE id = ?1";
static const char Q_GONE_ADD[] =
	"INSERT INTO retention_gone(run, register, month, deleted, skeletons) VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT (run, register, month) DO UPDATE SET deleted = retention_gone.deleted + "
	"excluded.deleted,"
	" skeletons = retention_gone.skeletons + excluded.skeletons";
static const char Q_GONE[] =
	"SELECT r.day, CAST(SUM(g.deleted) AS BIGINT), CAST(SUM(g.skeletons) AS BIGINT)"
	" FROM retention_gone g JOIN retention_run r ON r.id = g.run WHERE g.register = ?1"
	" AND g.month >= ?2 AND g.month < ?3 GROUP BY r.id, r.day ORDER BY r.id DESC";
static const char Q_RUNS[] =
	"SELECT day, deleted, skeletons, held, keys FROM retention_run ORDER BY id DESC LIMIT 20";
static const char Q_HISTORY_DROP[] = "DELETE FROM history WHERE register = ?1 AND \"row\" = ?2";
static const char Q_ROW_MARK[] = "INSERT INTO retention_row(register, \"row\", run) VALUES (?1, ?2, ?3)"
				 " ON CONFLICT (register, \"row\") DO NOTHING";
static const char Q_WORKS[] = "SELECT 1 FROM role WHERE person = ?1 UNION ALL"
			      " SELECT 1 FROM account WHERE person = ?1 LIMIT 1";
static const char Q_IMPORTED_DROP[] = "DELETE FROM imported WHERE register = ?1 AND \"row\" = ?2";

int32_t retain_from(const struct reg *reg, int32_t today)
{
	int64_t n = 0;
	size_t i = 0;
	while (i < reg->keep.n && reg->keep.p[i] >= '0' && reg->keep.p[i] <= '9')
		n = n * 10 + (reg->keep.p[i++] - '0');
	if (i == 0 || i == reg->keep.n)
		return DATE_NONE;
	struct ymd d = date_ymd(today);
	int32_t last = reg->keep.p[i] == 'y'   ? date_of(d.year - (int)n, d.month, d.day > 28 ? 28 : d.day)
		       : reg->keep.p[i] == 'm' ? date_month_first(date_month(today) - (int32_t)n)
					       : today - (int32_t)n;
	return date_of(date_ymd(last).year, 1, 1); /* whole years end together */
}

/* ---- what figures read ---- */

struct reading {
	const struct reg *reg;
	uint64_t set[2];
};

static void mark(struct reading *x, const struct path *p)
{
	for (int i = 0; i <= p->steps_n; i++) {
		const struct field *f = i < p->steps_n ? p->steps[i] : p->last;
		if (p->regs[i] == x->reg && f)
			x->set[f->at / 64] |= (uint64_t)1 << (f->at % 64);
	}
}

static void visit(void *user, const struct path *p, bool exists)
{
	(void)exists;
	mark(user, p);
}

static void mark_text(struct reading *x, const struct model *m, const struct reg *of, str text)
{
	struct path p;
	if (text.n && of && path_parse(m, of, text, &p, NULL) == RC_OK)
		mark(x, &p);
}

/* Does any figure count rows of the register; which fields do figures and grades read? */
static bool counted(const struct model *m, const struct reg *reg, uint64_t set[2])
{
	struct reading x = {.reg = reg};
	bool any = false;
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		const str paths[] = {f->on, f->grain_path, f->stock_from, f->stock_to, f->last_per};
		any = any || f->of == reg;
		if (f->where)
			expr_each_path(f->where, visit, &x);
		if (f->grain_expr)
			expr_each_path(f->grain_expr, visit, &x);
		for (size_t k = 0; k < sizeof paths / sizeof *paths; k++)
			mark_text(&x, m, f->of, paths[k]);
	}
	for (size_t i = 0; i < m->regs_n; i++)
		for (size_t k = 0; k < m->regs[i].grades_n; k++)
			if (m->regs[i].grades[k].when)
				expr_each_path(m->regs[i].grades[k].when, visit, &x);
	set[0] |= x.set[0];
	set[1] |= x.set[1];
	return any || x.set[0] || x.set[1];
}

/* ---- the rules ---- */

struct rules {
	struct yaml root;
};

static enum rc rules_read(struct arena *a, const struct model *m, struct rules *out, struct err *err)
{
	struct rule_file f;
	enum rc rc = rule_file_open(&f, a, m, RULES, err);
	out->root = f.root;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static bool rule_skeleton(const struct rules *r, const struct reg *reg, uint64_t set[2])
{
	const struct yaml *regs = yaml_get(&r->root, "registers");
	for (size_t i = 0; regs && regs->kind == YAML_MAP && i < regs->n; i++) {
		const struct yaml *after = yaml_get(&regs->pairs[i].value, "after"),
				  *keep = yaml_get(&regs->pairs[i].value, "keep_fields");
		if (!str_eq(regs->pairs[i].key, reg->id))
			continue;
		for (size_t k = 0; keep && keep->kind == YAML_LIST && k < keep->n; k++) {
			const struct field *f = reg_field(reg, keep->items[k].text);
			if (f)
				set[f->at / 64] |= (uint64_t)1 << (f->at % 64);
		}
		return after && str_is(after->text, "skeleton");
	}
	return false;
}

/* ---- holds ---- */

enum { HOLDS_MAX = 16 };

/* Rows of `of` for which the condition holds, and the persons of those rows. */
struct hold {
	const struct reg *of;
	const struct yaml *covers;
	struct imap rows, persons;
};

struct holds {
	struct hold list[HOLDS_MAX];
	size_t n;
};

static enum rc hold_read(struct db *db, struct city *city, struct arena *a, const struct yaml *y,
	struct hold *h, struct err *err)
{
	const struct yaml *of = yaml_get(y, "of"), *when = yaml_get(y, "when");
	struct query q;
	struct expr *e;
	struct stmt *s;
	h->of = of ? model_reg(city->model, of->text) : NULL;
	h->covers = yaml_get(y, "covers");
	if (h->of == NULL || when == NULL)
		return RC_OK;
	TRY(expr_parse(a, city->model, h->of, when->text, EXPR_FREE, E_BOOL, &e, err));
	query_init(&q, a, city->model, h->of, city->seal);
	str condition = query_expr(&q, e), person = h->of->person ? h->of->person->id : STR("id");
	str sql = arena_fmt(a, "SELECT r.\"id\", r.\"%.*s\" %.*s WHERE %.*s", STR_ARG(person),
		STR_ARG(query_from(&q)), STR_ARG(condition));
	TRY(db_prepare(db, sql.p, &s, err));
	query_bind(&q, s);
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*imap_at(&h->rows, (uint64_t)stmt_i64(s, 0)) = 1;
		if (h->of->person && !stmt_null(s, 1))
			*imap_at(&h->persons, (uint64_t)stmt_i64(s, 1)) = 1;
	}
}

static enum rc holds_read(struct db *db, struct city *city, struct arena *a, const struct rules *rules,
	struct holds *out, struct err *err)
{
	const struct yaml *map = yaml_get(&rules->root, "holds");
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n && out->n < HOLDS_MAX; i++)
		TRY(hold_read(db, city, a, &map->pairs[i].value, &out->list[out->n++], err));
	return RC_OK;
}

static void holds_done(struct holds *h)
{
	for (size_t i = 0; i < h->n; i++) {
		imap_done(&h->list[i].rows);
		imap_done(&h->list[i].persons);
	}
}

static bool covers(const struct hold *h, const struct reg *reg)
{
	for (size_t i = 0; h->covers && h->covers->kind == YAML_LIST && i < h->covers->n; i++)
		if (str_eq(h->covers->items[i].text, reg->id))
			return true;
	return h->of == reg;
}

static bool held(const struct holds *all, const struct record *rec)
{
	const struct reg *reg = rec->reg;
	for (size_t i = 0; i < all->n; i++) {
		const struct hold *h = &all->list[i];
		if (h->of == NULL || !covers(h, reg))
			continue;
		if (h->of == reg && imap_has(&h->rows, (uint64_t)rec->id, NULL))
			return true;
		for (size_t k = 0; k < reg->fields_n; k++)
			if (reg->fields[k].to_reg == h->of && rec->values[k].kind == V_INT &&
				imap_has(&h->rows, (uint64_t)rec->values[k].i, NULL))
				return true;
		if (reg->person && rec->values[reg->person->at].kind == V_INT &&
			imap_has(&h->persons, (uint64_t)rec->values[reg->person->at].i, NULL))
			return true;
	}
	return false;
}

/* The same for a row in the archive, by its person. */
static bool person_held(void *user, const struct reg *reg, int64_t person)
{
	const struct holds *all = user;
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].of && covers(&all->list[i], reg) &&
			imap_has(&all->list[i].persons, (uint64_t)person, NULL))
			return true;
	return false;
}

/* Do other rows still refer to this one? */
static enum rc referred(struct job_ctx *c, const struct reg *reg, int64_t id, bool *out, struct err *err)
{
	const struct model *m = job_city(c)->model;
	*out = false;
	for (size_t i = 0; i < m->regs_n && !*out; i++)
		for (size_t k = 0; k < m->regs[i].fields_n && !*out; k++) {
			const struct field *f = &m->regs[i].fields[k];
			struct stmt *s;
			if (f->to_reg != reg || field_storage(f) != STORE_INT)
				continue;
			str sql = arena_fmt(c->a, "SELECT 1 FROM \"%.*s\" WHERE \"%.*s\" = ?1 LIMIT 1",
				STR_ARG(m->regs[i].id), STR_ARG(f->id));
			TRY(db_prepare(c->db, sql.p, &s, err));
			stmt_bind_i64(s, 1, id);
			TRY(stmt_step(s, out, err));
			stmt_reset(s);
		}
	return RC_OK;
}

/* ---- one register, one job ---- */

struct work {
	const struct reg *reg;
	const struct holds *holds;
	int32_t before;
	bool skeleton, dry;
	uint64_t keep[2];
	struct imap nameless; /* person -> the nameless row that stands for it in this run */
	struct retained *sum;
	int64_t *people; /* of register person: those to be forgotten */
	size_t people_n;
};

/* Done with in this run; the next passes it over. */
static enum rc mark_row(struct job_ctx *c, const struct work *w, int64_t id, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_ROW_MARK, &s, err));
	stmt_bind_text(s, 1, w->reg->id);
	stmt_bind_i64(s, 2, id);
	stmt_bind_i64(s, 3, w->sum->run);
	return stmt_run(s, err);
}

static enum rc drop(struct job_ctx *c, const char *sql, const struct reg *reg, int64_t id, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, sql, &s, err));
	stmt_bind_text(s, 1, reg->id);
	stmt_bind_i64(s, 2, id);
	return stmt_run(s, err);
}

static enum rc gone_add(struct job_ctx *c, const struct work *w, str month, bool skeleton, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(c->db, Q_GONE_ADD, &s, err));
	stmt_bind_i64(s, 1, w->sum->run);
	stmt_bind_text(s, 2, w->reg->id);
	stmt_bind_text(s, 3, month);
	stmt_bind_i64(s, 4, !skeleton);
	stmt_bind_i64(s, 5, skeleton);
	return stmt_run(s, err);
}

/* A row of person without a name that counts as the person did: what is not sealed of it stays. */
static enum rc nameless(struct job_ctx *c, struct work *w, int64_t person, int64_t *out, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("person"));
	struct record *who;
	struct entry *e = NEWS(c->a, reg->fields_n + 1, struct entry);
	size_t n = 0;
	int64_t *at = imap_at(&w->nameless, (uint64_t)person);
	*out = *at;
	if (*out)
		return RC_OK;
	TRY(row_get(c->a, c->db, job_city(c), reg, person, &who, err));
	for (size_t i = 0; i < reg->fields_n; i++)
		if (!reg->fields[i].sealed && who->values[i].kind != V_NULL)
			e[n++] = (struct entry){&reg->fields[i], who->values[i]};
	e[n++] = (struct entry){reg_field(reg, STR("name")), {V_TEXT, 0, STR(RETAIN_NAMELESS)}};
	struct record_input in = {.reg = reg,
		.org = who->org,
		.entries = e,
		.entries_n = n,
		.state = who->state,
		.source = who->source};
	TRY(record_add(c, &in, out, err));
	TRY(person_forget(c, *out, err)); /* found by nobody */
	*imap_at(&w->nameless, (uint64_t)person) = *out;
	return RC_OK;
}

static enum rc to_skeleton(struct job_ctx *c, struct work *w, const struct record *old, struct err *err)
{
	struct record *rec = NEW(c->a, struct record);
	const struct reg *reg = old->reg;
	*rec = *old;
	rec->values = NEWS(c->a, reg->fields_n + 1, struct value);
	for (size_t i = 0; i < reg->fields_n; i++) {
		const struct field *f = &reg->fields[i];
		bool date = f->type == T_DATE || f->type == T_MONTH || f->type == T_TIME;
		bool keeps = (w->keep[i / 64] >> (i % 64) & 1) || date || f->type == T_COUNT ||
			     f == reg->happens_field || f == reg->cohosts;
		if (f->sealed)
			rec->values[i] = f->required && old->values[i].kind != V_NULL
						 ? (struct value){V_TEXT, 0, STR("—")}
						 : (struct value){0};
		else if (str_is(f->to, "person") || f->type == T_PERSON) {
			if (old->values[i].kind == V_INT && (f == reg->person || f->required || keeps)) {
				rec->values[i].kind = V_INT;
				TRY(nameless(c, w, old->values[i].i, &rec->values[i].i, err));
			}
		} else if (keeps || f->required)
			rec->values[i] = old->values[i];
	}
	rec->version = old->version + 1;
	rec->changed_by = 0;
	rec->changed_at = c->now_ms;
	TRY(mark_row(c, w, old->id, err));
	return row_update(c->a, c->db, job_city(c), old, rec, err);
}

static enum rc one_row(struct job_ctx *c, struct work *w, int64_t id, str month, struct err *err)
{
	struct record *rec;
	bool used = false;
	struct stmt *s;
	TRY(row_get(c->a, c->db, job_city(c), w->reg, id, &rec, err));
	if (!w->skeleton)
		TRY(referred(c, w->reg, id, &used, err));
	if (used || held(w->holds, rec)) {
		w->sum->held++;
		return RC_OK;
	}
	w->sum->deleted += !w->skeleton;
	w->sum->skeletons += w->skeleton;
	if (w->dry)
		return RC_OK;
	TRY(drop(c, Q_HISTORY_DROP, w->reg, id, err));
	TRY(drop(c, Q_IMPORTED_DROP, w->reg, id, err));
	TRY(gone_add(c, w, month, w->skeleton, err));
	if (w->skeleton)
		return to_skeleton(c, w, rec, err);
	str sql = arena_fmt(c->a, "DELETE FROM \"%.*s\" WHERE \"id\" = ?1", STR_ARG(w->reg->id));
	TRY(db_prepare(c->db, sql.p, &s, err));
	stmt_bind_i64(s, 1, id);
	return stmt_run(s, err);
}

/* Rows past their term; skeletons of earlier runs are passed over. *out_day: the day that counts, as SQL. */
static enum rc past_term(struct city *city, struct query *q, const struct reg *reg, int32_t before,
	str *out_day, str *out_from, struct err *err)
{
	struct path p;
	char text[DATE_TEXT_BYTES];
	date_text(before, text);
	str entered = arena_fmt(q->a, "{day r.\"entered_at\" + %lld}", (long long)clock_zone() * 60000);
	*out_day = entered;
	if (reg->happens.n) {
		TRY(path_parse(city->model, reg, reg->happens, &p, err));
		*out_day =
			arena_fmt(q->a, "coalesce(%.*s, %.*s)", STR_ARG(query_day(q, &p)), STR_ARG(entered));
	}
	int at = query_param_text(q, arena_str(q->a, str_of(text)));
	*out_from = arena_fmt(q->a,
		"%.*s WHERE %.*s < ?%d AND NOT EXISTS (SELECT 1 FROM retention_row z WHERE z.register = "
		"'%.*s' AND"
		" z.\"row\" = r.\"id\")",
		STR_ARG(query_from(q)), STR_ARG(*out_day), at, STR_ARG(reg->id));
	return RC_OK;
}

/* Rows past their term, with the month in which they happened. */
static enum rc due_rows(
	struct job_ctx *c, struct work *w, struct query_row **out, size_t *out_n, struct err *err)
{
	struct query q;
	str day, from;
	query_init(&q, c->a, job_city(c)->model, w->reg, job_city(c)->seal);
	TRY(past_term(job_city(c), &q, w->reg, w->before, &day, &from, err));
	return query_rows(&q, c->db, from, day, 0, out, out_n, err);
}

static bool ends(const struct reg *reg)
{
	return retain_from(reg, clock_today()) != DATE_NONE && !str_is(reg->id, "org");
}

enum rc retain_past_of(struct db *db, struct city *city, struct arena *a, const struct reg *reg,
	int32_t before, int64_t *out_rows, struct err *err)
{
	struct query q;
	struct stmt *s;
	str day, from;
	bool row;
	*out_rows = 0;
	if (before == DATE_NONE)
		return RC_OK;
	query_init(&q, a, city->model, reg, city->seal);
	TRY(past_term(city, &q, reg, before, &day, &from, err));
	TRY(db_prepare(db, arena_fmt(a, "SELECT count(*) %.*s", STR_ARG(from)).p, &s, err));
	query_bind(&q, s);
	TRY(stmt_step(s, &row, err));
	*out_rows = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

enum rc retain_lines(struct db *db, struct city *city, struct arena *a, struct retain_line **out,
	size_t *out_n, struct err *err)
{
	struct rules rules;
	*out_n = 0;
	*out = NEWS(a, city->model->regs_n + 1, struct retain_line);
	TRY(rules_read(a, city->model, &rules, err));
	for (size_t i = 0; i < city->model->regs_n; i++) {
		const struct reg *reg = &city->model->regs[i];
		struct retain_line *x = &(*out)[*out_n];
		uint64_t keep[2] = {0};
		if (!ends(reg))
			continue;
		*x = (struct retain_line){.reg = reg, .before = retain_from(reg, clock_today())};
		TRY(retain_past_of(db, city, a, reg, x->before, &x->rows, err));
		bool named = rule_skeleton(&rules, reg, keep);
		x->skeleton = counted(city->model, reg, keep) || named;
		*out_n += x->rows > 0;
	}
	return RC_OK;
}

enum rc retain_due_job(struct job_ctx *c, int64_t *out_rows, struct err *err)
{
	struct retain_line *list;
	size_t n;
	*out_rows = 0;
	TRY(retain_lines(c->db, job_city(c), c->a, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		*out_rows +=
			str_is(list[i].reg->id, "person") ? 0 : list[i].rows; /* people wait for their rows */
	return RC_OK;
}

enum rc retain_house(void *city, struct err *err)
{
	struct arena a = {0};
	struct actor program = actor_operator();
	struct retained x;
	enum rc rc = retain_run(city, &program, &a, false, &x, err);
	arena_done(&a);
	return rc;
}

enum rc retain_runs(struct db *db, struct arena *a, struct retain_past **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_RUNS, &s, err));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct retain_past){.day = stmt_str(a, s, 0),
			.deleted = stmt_i64(s, 1),
			.skeletons = stmt_i64(s, 2),
			.held = stmt_i64(s, 3),
			.keys = stmt_i64(s, 4)};
	}
}

static enum rc register_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct work *w = arg;
	struct query_row *rows;
	size_t n = 0;
	c->action = STR("retain");
	c->subject = w->reg->id;
	TRY(due_rows(c, w, &rows, &n, err));
	for (size_t i = 0; i < n; i++)
		TRY(one_row(c, w, rows[i].id, rows[i].month, err));
	c->detail = arena_fmt(c->a, "run:%lld deleted:%lld skeletons:%lld held:%lld", (long long)w->sum->run,
		(long long)w->sum->deleted, (long long)w->sum->skeletons, (long long)w->sum->held);
	return RC_OK;
}

/* ---- the run ---- */

static enum rc begin_job(struct job_ctx *c, void *arg, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	struct retained *x = arg;
	struct stmt *s;
	bool row;
	char today[DATE_TEXT_BYTES];
	c->action = STR("retain");
	TRY(role_check(c->actor, by, 1, err));
	TRY(db_prepare(c->db, Q_RUN_NEXT, &s, err));
	TRY(stmt_step(s, &row, err));
	x->run = row ? stmt_i64(s, 0) : 1;
	stmt_reset(s);
	c->subject = arena_fmt(c->a, "retention_run:%lld", (long long)x->run);
	date_text(clock_today(), today);
	TRY(db_prepare(c->db, Q_RUN_ADD, &s, err));
	stmt_bind_i64(s, 1, x->run);
	stmt_bind_i64(s, 2, c->now_ms);
	stmt_bind_text(s, 3, str_of(today));
	for (int i = 4; i <= 7; i++)
		stmt_bind_i64(s, i, 0);
	return stmt_run(s, err);
}

static enum rc end_job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct retained *x = arg;
	struct stmt *s;
	c->action = STR("retain");
	c->subject = arena_fmt(c->a, "retention_run:%lld", (long long)x->run);
	c->detail = arena_fmt(c->a, "deleted:%lld skeletons:%lld keys:%lld held:%lld", (long long)x->deleted,
		(long long)x->skeletons, (long long)x->keys, (long long)x->held);
	TRY(db_prepare(c->db, Q_RUN_SET, &s, err));
	stmt_bind_i64(s, 1, x->run);
	stmt_bind_i64(s, 2, x->deleted);
	stmt_bind_i64(s, 3, x->skeletons);
	stmt_bind_i64(s, 4, x->keys);
	stmt_bind_i64(s, 5, x->held);
	return stmt_run(s, err);
}

/* People past their own term to whom nothing leads: rows, roles, accounts. */
static enum rc people_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct work *w = arg;
	struct query_row *rows;
	int64_t *free_ones;
	size_t n = 0, k = 0;
	c->action = STR("retain");
	c->subject = STR("person");
	TRY(due_rows(c, w, &rows, &n, err));
	free_ones = NEWS(c->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		bool used, works;
		struct stmt *s;
		TRY(referred(c, w->reg, rows[i].id, &used, err));
		TRY(db_prepare(c->db, Q_WORKS, &s, err));
		stmt_bind_i64(s, 1, rows[i].id);
		TRY(stmt_step(s, &works, err));
		stmt_reset(s);
		if (used || works)
			w->sum->held++;
		else
			free_ones[k++] = rows[i].id;
	}
	for (size_t i = 0; i < k && !w->dry; i++)
		TRY(mark_row(c, w, free_ones[i], err));
	w->people = free_ones;
	w->people_n = k;
	return RC_OK;
}

static enum rc run_register(struct city *c, const struct actor *actor, const struct rules *rules,
	const struct holds *holds, const struct reg *reg, bool dry, struct retained *sum, struct err *err)
{
	struct arena a = {0};
	struct work w = {.reg = reg,
		.holds = holds,
		.before = retain_from(reg, clock_today()),
		.dry = dry,
		.sum = sum};
	bool named = rule_skeleton(rules, reg, w.keep), person = str_is(reg->id, "person");
	w.skeleton = counted(c->model, reg, w.keep) || named;
	enum rc rc = city_run(c, actor, &a, (str){NULL, 0}, person ? people_job : register_job, &w, err);
	struct actor program = actor_operator();
	for (size_t i = 0; i < w.people_n && rc == RC_OK; i++) {
		int people = 1;
		if (!dry)
			rc = person_shred(c, &program, &a, w.people[i], STR("retention"), &people, err);
		sum->keys += people;
	}
	imap_done(&w.nameless);
	arena_done(&a);
	return rc;
}

enum rc retain_run(struct city *c, const struct actor *actor, struct arena *a, bool dry, struct retained *out,
	struct err *err)
{
	struct rules rules;
	struct holds holds = {.n = 0};
	struct actor program = actor_operator();
	struct reader r;
	*out = (struct retained){0};
	TRY(rules_read(a, c->model, &rules, err));
	if (!dry)
		TRY(city_run(c, actor, a, (str){NULL, 0}, begin_job, out, err));
	/* A connection of its own: in a server the writer's belongs to its thread. */
	TRY(reader_open(c, a, &program, &r, err));
	enum rc rc = holds_read(r.db, c, a, &rules, &holds, err);
	reader_close(&r);
	for (int people = 0; people < 2; people++) /* people last: their rows go first */
		for (size_t i = 0; i < c->model->regs_n && rc == RC_OK; i++) {
			const struct reg *reg = &c->model->regs[i];
			if (ends(reg) && str_is(reg->id, "person") == (people == 1))
				rc = run_register(c, actor, &rules, &holds, reg, dry, out, err);
		}
	struct archive_retaining how = {out->run, dry, person_held, &holds};
	if (rc == RC_OK)
		rc = archive_retain(c, actor, a, &how, &out->deleted, &out->held, err);
	holds_done(&holds);
	if (rc == RC_OK && !dry)
		rc = city_run(c, actor, a, (str){NULL, 0}, end_job, out, err);
	return rc;
}

enum rc retain_gone(struct db *db, struct arena *a, str reg, const char *from, const char *to,
	struct gone **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	size_t cap = 0;
	*out = NULL;
	*out_n = 0;
	TRY(db_prepare(db, Q_GONE, &s, err));
	stmt_bind_text(s, 1, reg);
	stmt_bind_text(s, 2, str_of(from));
	stmt_bind_text(s, 3, str_of(to));
	for (;;) {
		bool row;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		*out = arena_grow(a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] = (struct gone){
			.day = stmt_str(a, s, 0), .deleted = stmt_i64(s, 1), .skeletons = stmt_i64(s, 2)};
	}
}
