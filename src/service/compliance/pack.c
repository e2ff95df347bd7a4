/* pack.c -- see pack.h. */
#include "service/compliance/pack.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/map.h"
#include "format/json.h"
#include "format/zip.h"
#include "guard/audit_head.h"
#include "guard/role.h"

static const char Q_AUTHORISATIONS[] =
	"SELECT role, purpose, COUNT(*), CAST(SUM(CASE WHEN state = 'approved' THEN 1 ELSE 0 END) AS BIGINT),"
	" CAST(SUM(CASE WHEN state = 'refused' THEN 1 ELSE 0 END) AS BIGINT),"
	" CAST(SUM(CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END) AS BIGINT),"
	" CAST(SUM(may_export) AS BIGINT), CAST(SUM(CASE WHEN duty = 0 THEN 0 ELSE 1 END) AS BIGINT)"
	" FROM authorisation WHERE at >= ?1 AND at < ?2 GROUP BY role, purpose ORDER BY role, purpose";
static const char Q_GLASS[] =
	"SELECT register, COUNT(*), CAST(SUM(CASE WHEN reviewed_at IS NULL THEN 0 ELSE 1 END) AS BIGINT),"
	" CAST(SUM(justified) AS BIGINT) FROM break_glass WHERE at >= ?1 AND at < ?2 GROUP BY register"
	" ORDER BY register";
static const char Q_CONSENTS[] =
	"SELECT \"purpose_id\", CAST(SUM(CASE WHEN \"given_on\" >= ?1 AND \"given_on\" < ?2 AND \"state\" <> "
	"'refused'"
	" THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN \"given_on\" >= ?1 AND \"given_on\" < ?2 AND"
	" \"by_guardian\" = 1 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN \"given_on\" >= ?1 AND "
	"\"given_on\" < ?2"
	" AND \"state\" = 'refused' THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN \"withdrawn_on\" >= ?1 "
	"AND"
	" \"withdrawn_on\" < ?2 THEN 1 ELSE 0 END) AS BIGINT) FROM \"consent\" GROUP BY \"purpose_id\""
	" ORDER BY \"purpose_id\"";
static const char Q_REQUESTS[] = "SELECT \"kind\", \"asked_by\", COUNT(*), CAST(SUM(CASE WHEN \"state\" = "
				 "'answered' THEN 1 ELSE 0 END) AS BIGINT),"
				 " CAST(SUM(CASE WHEN \"granted\" = 1 THEN 1 ELSE 0 END) AS BIGINT),"
				 " CAST(SUM(CASE WHEN \"granted\" = 0 THEN 1 ELSE 0 END) AS BIGINT),"
				 " CAST(SUM(CASE WHEN \"answered_on\" > \"due_on\" OR (\"state\" = 'open' "
				 "AND \"due_on\" < ?2) THEN 1 ELSE 0 END)"
				 " AS BIGINT), CAST(SUM({days \"asked_on\" | \"answered_on\"}) AS BIGINT),"
				 " CAST(MAX({days \"asked_on\" | \"answered_on\"}) AS BIGINT)"
				 " FROM \"data_request\" WHERE \"asked_on\" >= ?1 AND \"asked_on\" < ?2 "
				 "GROUP BY \"kind\", \"asked_by\""
				 " ORDER BY \"kind\", \"asked_by\"";
static const char Q_SHARING[] =
	"SELECT a.\"id\", p.\"name\", a.\"purpose_id\", a.\"legal_basis\", a.\"register_id\", "
	"a.\"field_ids\","
	" a.\"valid_to\", COUNT(*), CAST(SUM(l.\"rows_n\") AS BIGINT) FROM \"sharing_log\" l"
	" JOIN \"sharing_agreement\" a ON a.\"id\" = l.\"agreement\" JOIN \"partner\" p ON p.\"id\" = "
	"a.\"partner\""
	" WHERE l.\"shared_on\" >= ?1 AND l.\"shared_on\" < ?2 GROUP BY a.\"id\", p.\"name\", "
	"a.\"purpose_id\","
	" a.\"legal_basis\", a.\"register_id\", a.\"field_ids\", a.\"valid_to\" ORDER BY a.\"id\"";
static const char Q_ASSESSMENTS[] = "SELECT \"register_id\", \"subject\", \"done_on\", \"valid_until\", "
				    "\"risk\", \"state\" FROM \"impact_assessment\""
				    " WHERE \"done_on\" < ?2 AND \"valid_until\" >= ?1 ORDER BY \"id\"";
static const char Q_RETENTION[] = "SELECT id, day, deleted, skeletons, keys, held FROM retention_run"
				  " WHERE day >= ?1 AND day < ?2 ORDER BY id";
static const char Q_DELETIONS[] =
	"SELECT g.register, r.day, CAST(SUM(g.deleted) AS BIGINT), CAST(SUM(g.skeletons) AS BIGINT)"
	" FROM retention_gone g JOIN retention_run r ON r.id = g.run WHERE r.day >= ?1 AND r.day < ?2"
	" GROUP BY g.register, r.day ORDER BY r.day, g.register";
static const char Q_REFUSALS[] =
	"SELECT action, COUNT(*) FROM audit WHERE result = 'denied' AND at >= ?1 AND at < ?2"
	" GROUP BY action ORDER BY action";
static const char Q_SHREDDED[] =
	"SELECT 'shred', COUNT(*) FROM audit WHERE action = 'shred' AND result = 'ok'"
	" AND at >= ?1 AND at < ?2";
static const char Q_READS[] =
	"SELECT actor, detail, at FROM audit WHERE action = 'read' AND result = 'ok' AND at >= ?1"
	" AND at < ?2 ORDER BY seq";

enum { COLUMNS_MAX = 10 };

/* A question with its columns; ms: its span is instants, else ISO days. */
struct section {
	const char *name, *zh, *en, *sql;
	bool ms;
	const char *needs; /* a register, or NULL */
	const char *columns[COLUMNS_MAX];
};
static const struct section sections[] = {
	{"authorisations", "授权", "Authorisations", Q_AUTHORISATIONS, true, NULL,
		{"role", "purpose", "asked_or_given", "approved", "refused", "revoked", "with_export",
			"with_a_duty"}},
	{"break_glass", "紧急查阅", "Break-glass", Q_GLASS, true, NULL,
		{"register", "opened", "reviewed", "justified"}},
	{"consents", "同意", "Consents", Q_CONSENTS, false, "consent",
		{"purpose", "given", "by_guardian", "refused", "withdrawn"}},
	{"requests", "个人信息请求", "Requests", Q_REQUESTS, false, "data_request",
		{"kind", "asked_by", "asked", "answered", "granted", "refused", "late", "days_sum",
			"days_max"}},
	{"sharing", "对外共享", "Sharing", Q_SHARING, false, "sharing_log",
		{"agreement", "department", "purpose", "legal_basis", "register", "fields", "until", "times",
			"rows"}},
	{"assessments", "影响评估", "Impact assessments", Q_ASSESSMENTS, false, "impact_assessment",
		{"register", "subject", "done_on", "valid_until", "risk", "state"}},
	{"retention", "保存期清理", "Retention runs", Q_RETENTION, false, NULL,
		{"run", "day", "deleted", "skeletons", "keys", "held"}},
	{"deletions", "删除记录", "Deletions", Q_DELETIONS, false, NULL,
		{"register", "day", "deleted", "skeletons"}},
	{"destroyed_keys", "销毁密钥", "Destroyed keys", Q_SHREDDED, true, NULL, {"what", "people"}},
	{"refusals", "被拒绝的操作", "Refusals", Q_REFUSALS, true, NULL, {"action", "refused"}},
};

struct pack {
	struct city *c;
	struct db *db;
	struct arena *a;
	int year;
	int32_t from, to; /* days */
	struct zipper zip;
	struct buf report;
	struct buf manifest;
	struct json list;
};

static void add_file(struct pack *p, const char *name, str bytes)
{
	struct hash h = hash_sha256(bytes);
	zipper_add(&p->zip, str_of(name), arena_str(p->a, bytes));
	json_object(&p->list);
	json_put_cstr(&p->list, "name", name);
	json_put_str(&p->list, "sha256", hex_str(p->a, h.b, HASH_BYTES));
	json_object_end(&p->list);
}

static int64_t day_ms(int32_t day)
{
	return ((int64_t)day * 1440 - clock_zone()) * 60000;
}

static void bind_span(struct pack *p, struct stmt *s, bool ms)
{
	if (ms) {
		stmt_bind_i64(s, 1, day_ms(p->from));
		stmt_bind_i64(s, 2, day_ms(p->to));
		return;
	}
	stmt_bind_text(s, 1, date_str(p->a, p->from));
	stmt_bind_text(s, 2, date_str(p->a, p->to));
}

static void heading(struct pack *p, const char *zh, const char *en, const char *const *columns)
{
	buf_printf(&p->report, "\n## %s · %s\n\n|", zh, en);
	for (int i = 0; i < COLUMNS_MAX && columns[i]; i++)
		buf_printf(&p->report, " %s |", columns[i]);
	buf_puts(&p->report, "\n|");
	for (int i = 0; i < COLUMNS_MAX && columns[i]; i++)
		buf_puts(&p->report, "---|");
	buf_putc(&p->report, '\n');
}

static void put_row(struct pack *p, struct json *j, const char *const *columns, const str *values)
{
	int64_t n;
	json_object(j);
	buf_putc(&p->report, '|');
	for (int i = 0; i < COLUMNS_MAX && columns[i]; i++) {
		json_key(j, columns[i]);
		if (values[i].p == NULL)
			json_null(j);
		else if (str_i64(values[i], &n))
			json_i64(j, n);
		else
			json_str(j, values[i]);
		buf_printf(&p->report, " %.*s |", STR_ARG(values[i]));
	}
	buf_putc(&p->report, '\n');
	json_object_end(j);
}

static enum rc put_section(struct pack *p, const struct section *x, struct err *err)
{
	struct buf b = {0};
	struct json j;
	struct stmt *s;
	bool row = false;
	if (x->needs && model_reg(p->c->model, str_of(x->needs)) == NULL)
		return RC_OK;
	TRY(db_prepare(p->db, x->sql, &s, err));
	bind_span(p, s, x->ms);
	heading(p, x->zh, x->en, x->columns);
	json_init(&j, &b);
	json_array(&j);
	enum rc rc;
	while ((rc = stmt_step(s, &row, err)) == RC_OK && row) {
		str values[COLUMNS_MAX] = {{0}};
		for (int i = 0; i < stmt_columns(s) && i < COLUMNS_MAX; i++)
			if (!stmt_null(s, i))
				values[i] = stmt_str(p->a, s, i);
		put_row(p, &j, x->columns, values);
	}
	json_array_end(&j);
	buf_putc(&b, '\n');
	if (rc == RC_OK)
		add_file(p, arena_printf(p->a, "%s.json", x->name), buf_str(&b));
	buf_done(&b);
	return rc;
}

/* ---- reads, by role, purpose and ground ---- */

/* What a person was on that day; the first of several. */
static enum rc role_on(struct pack *p, str actor, int64_t at_ms, str *out, struct err *err)
{
	int64_t person;
	struct role *roles;
	size_t n;
	*out = actor;
	if (!str_starts(actor, STR("person:")) || !str_i64(str_from(actor, 7), &person))
		return RC_OK;
	TRY(role_list(p->db, p->a, person, clock_day_of(at_ms), &roles, &n, err));
	*out = n ? roles[0].role : STR("resident");
	return RC_OK;
}

/* "child_care identity authorisation:1 case:person:4" -> purposes, and the kinds of ground without their numbers. */
static void split(struct arena *a, str detail, str *out_purpose, str *out_ground)
{
	static const char *const grounds[] = {"operator", "own", "guardian", "role", "authorisation", "case",
		"agreement", "break_glass", "and", "more", "none"};
	*out_purpose = *out_ground = STR("");
	for (str rest = detail; rest.n > 0;) {
		str number, word = str_cut(str_cut(rest, ' ', &rest), ':', &number);
		bool ground = false;
		for (size_t i = 0; i < sizeof grounds / sizeof *grounds; i++)
			ground = ground || str_is(word, grounds[i]);
		str *to = ground ? out_ground : out_purpose;
		if (word.n && str_find(*to, word) == SIZE_MAX)
			*to = arena_fmt(a, "%.*s%s%.*s", STR_ARG(*to), to->n ? " " : "", STR_ARG(word));
	}
}

static enum rc put_reads(struct pack *p, struct err *err)
{
	static const char *const columns[COLUMNS_MAX] = {"role", "purpose", "ground", "reads"};
	struct counted {
		str values[4];
		int64_t n;
	} *list = NULL;
	struct stmt *s;
	size_t n = 0, cap = 0;
	TRY(db_prepare(p->db, Q_READS, &s, err));
	bind_span(p, s, true);
	for (;;) {
		bool row;
		struct counted x = {.n = 1};
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		TRY(role_on(p, stmt_str(p->a, s, 0), stmt_i64(s, 2), &x.values[0], err));
		split(p->a, stmt_str(p->a, s, 1), &x.values[1], &x.values[2]);
		size_t i = 0;
		while (i < n &&
			!(str_eq(list[i].values[0], x.values[0]) && str_eq(list[i].values[1], x.values[1]) &&
				str_eq(list[i].values[2], x.values[2])))
			i++;
		if (i < n) {
			list[i].n++;
			continue;
		}
		list = arena_grow(p->a, list, n, &cap, sizeof *list);
		list[n++] = x;
	}
	struct buf b = {0};
	struct json j;
	heading(p, "查看未成年人信息", "Reads of minors' data", columns);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		str values[COLUMNS_MAX] = {list[i].values[0], list[i].values[1], list[i].values[2],
			arena_fmt(p->a, "%lld", (long long)list[i].n)};
		put_row(p, &j, columns, values);
	}
	json_array_end(&j);
	buf_putc(&b, '\n');
	add_file(p, "reads.json", buf_str(&b));
	buf_done(&b);
	return RC_OK;
}

/* ---- the audit ---- */

struct signing {
	int year;
	char line[AUDIT_HEAD_LINE_BYTES];
};

static enum rc sign_job(struct job_ctx *c, void *arg, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	struct signing *x = arg;
	c->action = STR("compliance");
	TRY(role_check(c->actor, by, 1, err));
	TRY(audit_head_sign(c, job_city(c)->seal, x->line, err));
	c->action = STR("compliance");
	c->detail = arena_fmt(c->a, "%d", x->year);
	return RC_OK;
}

static enum rc put_audit(struct pack *p, bool *out_holds, struct err *err)
{
	struct err fault = {0};
	int64_t rows = 0, bad = 0;
	str *heads;
	size_t n;
	struct buf b = {0};
	struct json j;
	enum rc rc = audit_verify(p->db, &rows, &bad, &fault);
	*out_holds = rc == RC_OK;
	if (rc != RC_OK && rc != RC_FOUND) {
		*err = fault;
		return rc;
	}
	TRY(audit_head_list(p->db, p->a, p->c->seal, &heads, &n, err));
	json_init(&j, &b);
	json_object(&j);
	json_put_bool(&j, "valid", *out_holds);
	json_put_i64(&j, "rows", rows);
	if (!*out_holds) {
		json_put_i64(&j, "first_bad", bad);
		json_put_cstr(&j, "fault", fault.text);
	}
	json_key(&j, "heads");
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		json_str(&j, heads[i]);
	json_array_end(&j);
	json_object_end(&j);
	buf_putc(&b, '\n');
	add_file(p, "audit.json", buf_str(&b));
	buf_done(&b);
	buf_printf(&p->report, "\n## 审计 · Audit\n\n%s\n",
		*out_holds ? "审计链完整。The chain holds." : fault.text);
	return RC_OK;
}

static enum rc put_all(struct pack *p, bool *out_holds, struct err *err)
{
	buf_printf(&p->report,
		"# %d 年未成年人个人信息保护合规审计证据包\n\n%.*s\n\nEvidence pack of minors' data, %d. No "
		"person's data "
		"stands in it.\n",
		p->year, STR_ARG(p->c->name), p->year);
	TRY(put_reads(p, err));
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		TRY(put_section(p, &sections[i], err));
	TRY(put_audit(p, out_holds, err));
	add_file(p, "report.md", buf_str(&p->report));
	return RC_OK;
}

static enum rc finish(struct pack *p, struct err *err)
{
	char at[INSTANT_TEXT_BYTES];
	struct buf b = {0};
	struct json j;
	instant_text(clock_now_ms(), at);
	json_array_end(&p->list);
	json_init(&j, &b);
	json_object(&j);
	json_put_i64(&j, "year", p->year);
	json_put_str(&j, "city", p->c->name);
	json_put_cstr(&j, "made_at", at);
	json_key(&j, "files");
	json_raw(&j, buf_str(&p->manifest));
	json_object_end(&j);
	buf_putc(&b, '\n');
	zipper_add(&p->zip, STR("manifest.json"), arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	return zipper_end(&p->zip, err);
}

enum rc compliance_pack(struct city *c, const struct actor *actor, struct arena *a, int year, struct buf *out,
	struct err *err)
{
	struct signing x = {.year = year};
	struct pack p = {
		.c = c, .a = a, .year = year, .from = date_of(year, 1, 1), .to = date_of(year + 1, 1, 1)};
	struct reader r;
	bool holds = false;
	TRY(city_run(c, actor, a, (str){NULL, 0}, sign_job, &x, err));
	TRY(reader_open(c, a, actor, &r, err));
	p.db = r.db;
	zipper_init(&p.zip, a, out);
	json_init(&p.list, &p.manifest);
	json_array(&p.list);
	enum rc rc = put_all(&p, &holds, err);
	if (rc == RC_OK)
		rc = finish(&p, err);
	reader_close(&r);
	buf_done(&p.report);
	buf_done(&p.manifest);
	if (rc == RC_OK && !holds)
		return FAIL(err, RC_FOUND, "the audit chain does not hold; the pack says where");
	return rc;
}
