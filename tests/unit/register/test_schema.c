/* Tables from declarations: made, changed without loss, and refused where something would be lost. */
#include "base/buf.h"
#include "database.h"
#include "guard/seal.h"
#include "register/expr.h"
#include "register/schema.h"
#include "small_model.h"
#include "store/migrate.h"

struct city_file {
	struct arena a;
	struct db *db;
	struct model *m;
	char path[TEST_URL_BYTES];
	struct err err;
};

static void open_it(struct city_file *c)
{
	memset(c, 0, sizeof *c);
	test_db_url(c->path, "schema");
	c->m = small_model_load(&c->a);
	assert_ok(db_open(c->path, DB_CREATE, &c->db, &c->err), &c->err);
	assert_ok(migrate_up(c->db, &c->err), &c->err);
	assert_ok(db_begin(c->db, &c->err), &c->err);
	assert_ok(schema_create(c->db, c->m, &c->err), &c->err);
	assert_ok(db_commit(c->db, &c->err), &c->err);
}

static void close_it(struct city_file *c)
{
	db_close(c->db);
	test_db_forget(c->path);
	model_done(c->m);
	arena_done(&c->a);
}

static enum rc sql(struct city_file *c, const char *text)
{
	return db_exec(c->db, text, &c->err);
}

static const char *one(struct city_file *c, const char *text)
{
	struct stmt *s;
	bool row;
	assert_ok(db_prepare(c->db, text, &s, &c->err), &c->err);
	assert_ok(stmt_step(s, &row, &c->err), &c->err);
	assert_true(row);
	const char *v = stmt_null(s, 0) ? "null" : stmt_str(&c->a, s, 0).p;
	stmt_reset(s);
	return v;
}

static enum rc record(struct city_file *c, int id, const char *state, const char *event, const char *person)
{
	return sql(c, arena_printf(&c->a,
			      "INSERT INTO \"record\" (\"id\", \"org\", \"state\", \"version\", "
			      "\"entered_by\", \"entered_at\", "
			      "\"changed_by\", \"changed_at\", \"source\", \"event\", \"volunteer\", \"n\", "
			      "\"hours\") VALUES "
			      "(%d, 1, '%s', 1, 0, 0, 0, 0, 'form', %s, %s, 7, 90)",
			      id, state, event, person));
}

static void fill(struct city_file *c)
{
	const char *system =
		"\"id\", \"org\", \"state\", \"version\", \"entered_by\", \"entered_at\", \"changed_by\", "
		"\"changed_at\", \"source\"";
	assert_ok(db_begin(c->db, &c->err), &c->err);
	/* references may point forward inside a transaction */
	assert_ok(record(c, 1, "valid", "1", "1"), &c->err);
	assert_ok(sql(c, arena_printf(&c->a,
				 "INSERT INTO \"event\" (%s, \"title\") VALUES (1, 1, '', 1, 0, 0, 0, 0, "
				 "'form', 'x')",
				 system)),
		&c->err);
	assert_ok(sql(c, arena_printf(&c->a,
				 "INSERT INTO \"person\" (%s) VALUES (1, 1, '', 1, 0, 0, 0, 0, 'form')",
				 system)),
		&c->err);
	assert_ok(
		sql(c, arena_printf(&c->a,
			       "INSERT INTO \"org\" (%s) VALUES (1, 1, '', 1, 0, 0, 0, 0, 'form')", system)),
		&c->err);
	assert_ok(db_commit(c->db, &c->err), &c->err);
}

static void a_new_city_has_keys_and_references(void **state)
{
	(void)state;
	struct city_file c;
	open_it(&c);
	fill(&c);
	assert_int_equal(record(&c, 2, "valid", "1", "1"), RC_CONFLICT);  /* the key stands */
	assert_int_equal(record(&c, 2, "valid", "99", "1"), RC_CONFLICT); /* no such event */
	assert_ok(record(&c, 2, "valid", "1", "NULL"), &c.err);
	assert_string_equal(one(&c, "SELECT COUNT(*) FROM counter WHERE last = 0"), "5");
	const struct reg *p = model_reg(c.m, STR("person"));
	assert_int_equal(schema_blind_of(p, reg_field(p, STR("citizen_id"))), BLIND_COLUMN);
	assert_int_equal(schema_blind_of(p, reg_field(p, STR("name"))), BLIND_FIND);
	assert_int_equal(schema_blind_of(p, reg_field(p, STR("note"))), BLIND_NONE);
	assert_ok(sql(&c, "UPDATE \"person\" SET \"citizen_id_blind\" = x'01'"), &c.err);
	close_it(&c);
}

/* The small model with one change, loaded. */
static struct model *changed(struct city_file *c, const char *path, const char *from, const char *to)
{
	struct model *m = NULL;
	struct model_fault *f;
	size_t n = 0;
	const char *dir = small_model(&c->a, path, from, to);
	enum rc rc = model_load(&c->a, dir, true, &m, &f, &n, &c->err);
	small_model_remove(&c->a, dir);
	assert_ok(rc, &c->err);
	return m;
}

static enum rc apply(struct city_file *c, const struct model *m, const char *lose)
{
	str list[1] = {str_of(lose)};
	assert_ok(db_begin(c->db, &c->err), &c->err);
	struct err err;
	enum rc rc = schema_apply(&c->a, c->db, m, list, lose ? 1 : 0, NULL, &err);
	c->err = err;
	if (rc != RC_OK) {
		db_rollback(c->db);
		return rc;
	}
	return db_commit(c->db, &c->err);
}

static size_t planned(struct city_file *c, const struct model *m, struct schema_change **out)
{
	size_t n;
	assert_ok(schema_plan(&c->a, c->db, m, out, &n, &c->err), &c->err);
	return n;
}

static void the_same_model_changes_nothing(void **state)
{
	(void)state;
	struct city_file c;
	struct schema_change *list;
	open_it(&c);
	assert_int_equal(planned(&c, c.m, &list), 0);
	close_it(&c);
}

static void a_field_comes_and_a_type_is_carried_over(void **state)
{
	(void)state;
	struct city_file c;
	struct schema_change *list;
	open_it(&c);
	fill(&c);
	struct model *m = changed(&c, "registers/record.yaml", "  n: {type: count, default: 1,",
		"  bus: {type: ref, to: event, label: {zh: 车, en: Bus}}\n  n: {type: money, default: 1,");
	assert_int_equal(planned(&c, m, &list), 3); /* bus, n, the index on bus */
	assert_int_equal(list[0].kind, SCHEMA_NEW_COLUMN);
	assert_int_equal(list[1].kind, SCHEMA_OTHER_TYPE);
	assert_int_equal(list[1].rows, 1);
	assert_false(list[1].loses);
	assert_ok(apply(&c, m, NULL), &c.err);
	assert_string_equal(one(&c, "SELECT \"n\" FROM \"record\" WHERE \"id\" = 1"), "700");
	assert_ok(sql(&c, "UPDATE \"record\" SET \"bus\" = 1"), &c.err);
	assert_int_equal(sql(&c, "UPDATE \"record\" SET \"bus\" = 99"), RC_CONFLICT);
	assert_int_equal(planned(&c, m, &list), 0);
	model_done(m);
	close_it(&c);
}

static void what_would_be_lost_is_refused_until_named(void **state)
{
	(void)state;
	struct city_file c;
	struct schema_change *list;
	open_it(&c);
	fill(&c);
	struct model *m =
		changed(&c, "registers/event.yaml", "  title: {type: text, label: {zh: 名称, en: Title}}\n",
			"  title: {type: integer, label: {zh: 名称, en: Title}}\n");
	assert_int_equal(planned(&c, m, &list), 1);
	assert_true(list[0].loses);
	assert_int_equal(apply(&c, m, NULL), RC_DENIED);
	assert_non_null(strstr(c.err.text, "--lose event.title"));
	assert_string_equal(one(&c, "SELECT \"title\" FROM \"event\""), "x");
	assert_ok(apply(&c, m, "event.title"), &c.err);
	assert_string_equal(one(&c, "SELECT \"title\" FROM \"event\""), "null");
	assert_int_equal(planned(&c, m, &list), 0);
	model_done(m);
	close_it(&c);
}

static void a_reference_and_a_register_can_go(void **state)
{
	(void)state;
	struct city_file c;
	struct schema_change *list;
	open_it(&c);
	fill(&c);
	struct model *m = changed(&c, "registers/note.yaml",
		"  about: {type: ref, to: record, label: {zh: 关于, en: About}}\n  stars", "  about");
	assert_true(planned(&c, m, &list) >= 1);
	assert_ok(apply(&c, m, NULL), &c.err); /* about was empty: a reference becomes a number */
	assert_int_equal(planned(&c, m, &list), 0);
	m->regs_n--; /* as if the last register were gone from the model */
	struct model less = *m;
	struct map none = {0};
	less.reg_by_id = none;
	for (size_t i = 0; i < less.regs_n; i++)
		map_put(&less.reg_by_id, less.regs[i].id, &less.regs[i]);
	assert_int_equal(planned(&c, &less, &list), 1);
	assert_int_equal(list[0].kind, SCHEMA_DROP_REGISTER);
	assert_true(str_eq(list[0].reg, m->regs[m->regs_n].id));
	assert_int_equal(list[0].loses, list[0].rows > 0);
	const char *name = arena_cstr(&c.a, list[0].reg);
	assert_ok(apply(&c, &less, name), &c.err);
	assert_int_equal(planned(&c, &less, &list), 0);
	map_done(&less.reg_by_id);
	model_done(m);
	close_it(&c);
}

static void a_table_is_made_in_the_words_of_the_port(void **state)
{
	(void)state;
	struct city_file c;
	str *list;
	open_it(&c);
	assert_true(schema_statements(&c.a, model_reg(c.m, STR("event")), &list) >= 2);
	assert_true(str_ends(list[0], STR(") STRICT")));
	assert_true(str_find(list[0], STR("\"cost\" INTEGER")) != SIZE_MAX);
	assert_true(str_find(list[0], STR("\"title\" TEXT")) != SIZE_MAX);
	close_it(&c);
}

static void add_case(struct buf *b, str when)
{
	buf_printf(b, ", CASE WHEN %.*s THEN 1 END", STR_ARG(when));
}

static void every_expression_of_our_model_is_sql_that_the_engine_takes(void **state)
{
	(void)state;
	struct arena a = {0};
	struct model *m;
	struct db *db;
	struct err err;
	struct query q;
	struct stmt *s;
	assert_ok(model_load(&a, NULL, false, &m, NULL, NULL, &err), &err);
	const char *path = arena_printf(&a, "/tmp/qinghe-own-%d.db", (int)getpid());
	const char *key = arena_printf(&a, "%s.key", path);
	struct seal *seal;
	test_db_forget(path);
	unlink(key);
	assert_ok(seal_create(key, CRYPTO_INTERNATIONAL, 7, &err), &err);
	assert_ok(seal_open(key, false, &seal, &err), &err);
	assert_ok(db_open(path, DB_CREATE, &db, &err), &err);
	assert_ok(migrate_up(db, &err), &err);
	assert_ok(db_begin(db, &err), &err);
	assert_ok(schema_create(db, m, &err), &err);
	assert_ok(db_commit(db, &err), &err);
	for (size_t i = 0; i < m->regs_n + m->figures_n; i++) {
		const struct reg *r = i < m->regs_n ? &m->regs[i] : m->figures[i - m->regs_n].of;
		const struct figure *f = i < m->regs_n ? NULL : &m->figures[i - m->regs_n];
		struct buf b = {0};
		if (r == NULL)
			continue;
		query_init(&q, &a, m, r, seal);
		buf_puts(&b, "SELECT r.\"id\"");
		for (size_t k = 0; f == NULL && k < r->checks_n; k++)
			add_case(&b, query_expr(&q, r->checks[k].when));
		for (size_t k = 0; k < r->grades_n; k++)
			if (r->grades[k].when)
				add_case(&b, query_expr(&q, r->grades[k].when));
		if (f && f->where)
			add_case(&b, query_expr(&q, f->where));
		str from = query_from(&q);
		buf_printf(&b, " %.*s", STR_ARG(from));
		bool row;
		enum rc rc = db_prepare(db, b.p, &s, &err);
		if (rc == RC_OK) {
			query_bind(&q, s);
			rc = stmt_step(s, &row, &err);
		}
		if (rc != RC_OK)
			fail_msg("%s\n%s", b.p, err.text);
		stmt_reset(s);
		buf_done(&b);
	}
	db_close(db);
	seal_close(seal);
	test_db_forget(path);
	unlink(key);
	unlink(arena_printf(&a, "%s-wal", path));
	unlink(arena_printf(&a, "%s-shm", path));
	model_done(m);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_city_has_keys_and_references),
		cmocka_unit_test(the_same_model_changes_nothing),
		cmocka_unit_test(a_field_comes_and_a_type_is_carried_over),
		cmocka_unit_test(what_would_be_lost_is_refused_until_named),
		cmocka_unit_test(a_reference_and_a_register_can_go),
		cmocka_unit_test(a_table_is_made_in_the_words_of_the_port),
		cmocka_unit_test(every_expression_of_our_model_is_sql_that_the_engine_takes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
