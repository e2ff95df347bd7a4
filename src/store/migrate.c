/* migrate.c -- see migrate.h. The DDL is the portable subset of architecture.md, decision 10: identifiers that are
 * keywords anywhere are avoided, dates are ISO text, instants (…_at) milliseconds UTC, flags 0/1, "row" an id. */
#include "store/migrate.h"

/* clang-format off */
static const char schema_1[] =
/* One row. epoch counts batches of writes: another process that moved it makes the writer reload. audit_* is the head of
 * the chain; it stands here as well so that rows cut off at the end are missed. */
"CREATE TABLE city(one INTEGER PRIMARY KEY CHECK (one = 1), schema_no INTEGER NOT NULL, epoch INTEGER NOT NULL,"
" audit_seq INTEGER NOT NULL, audit_head BLOB NOT NULL, name TEXT NOT NULL, region TEXT NOT NULL,"
" root_org INTEGER NOT NULL, model_dir TEXT NOT NULL, zone_minutes INTEGER NOT NULL, demo INTEGER NOT NULL,"
" founded_at INTEGER NOT NULL) STRICT;"
"CREATE TABLE setting(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
/* Ids are given out by the writer and never twice. */
"CREATE TABLE counter(register TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
/* schema.h: how each register's table stands. */
"CREATE TABLE schema_register(register TEXT NOT NULL PRIMARY KEY, shape TEXT NOT NULL) STRICT, WITHOUT ROWID;"
/* Answers of jobs by (actor, key), kept 7 days. */
"CREATE TABLE idempotency(actor INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL,"
" rc INTEGER NOT NULL, reply BLOB NOT NULL, PRIMARY KEY (actor, name)) STRICT, WITHOUT ROWID;"
"CREATE INDEX idempotency_at ON idempotency(at);"
/* audit.h. actor: 'operator' or 'person:12'. */
"CREATE TABLE audit(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,"
" subject TEXT NOT NULL, detail TEXT NOT NULL, result TEXT NOT NULL, prev BLOB NOT NULL, head BLOB NOT NULL) STRICT;"
/* record.h: the row as it stood before the change that made `version`, JSON, sealed values as ciphertext. */
"CREATE TABLE history(register TEXT NOT NULL, \"row\" INTEGER NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,"
" actor INTEGER NOT NULL, kind TEXT NOT NULL, before TEXT NOT NULL, PRIMARY KEY (register, \"row\", version)) STRICT;"
/* tree.h: dated parents; all ancestors with their intervals, itself included. */
"CREATE TABLE org_link(org INTEGER NOT NULL, parent INTEGER NOT NULL, from_date TEXT NOT NULL, to_date TEXT NOT NULL,"
" PRIMARY KEY (org, from_date)) STRICT, WITHOUT ROWID;"
"CREATE INDEX org_link_parent ON org_link(parent);"
"CREATE TABLE org_anc(org INTEGER NOT NULL, anc INTEGER NOT NULL, from_date TEXT NOT NULL, to_date TEXT NOT NULL,"
" PRIMARY KEY (org, anc, from_date)) STRICT, WITHOUT ROWID;"
"CREATE INDEX org_anc_anc ON org_anc(anc, org);"
/* person.h: keyed blind indexes. */
"CREATE TABLE find(kind TEXT NOT NULL, h BLOB NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (kind, h, person))"
" STRICT, WITHOUT ROWID;"
"CREATE INDEX find_person ON find(person);"
/* An import of a file, and for each row the digest of its last imported form and the version that left behind. */
"CREATE TABLE imports(id INTEGER PRIMARY KEY, register TEXT NOT NULL, file_name TEXT NOT NULL,"
" file_digest BLOB NOT NULL, org INTEGER NOT NULL, actor INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL,"
" \"rows\" INTEGER NOT NULL, inserted INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL,"
" rejected INTEGER NOT NULL) STRICT;"
"CREATE INDEX imports_digest ON imports(file_digest);"
"CREATE TABLE imported(register TEXT NOT NULL, \"row\" INTEGER NOT NULL, digest BLOB NOT NULL,"
" import INTEGER NOT NULL, version INTEGER NOT NULL, inserted INTEGER NOT NULL, PRIMARY KEY (register, \"row\"))"
" STRICT, WITHOUT ROWID;"
"CREATE INDEX imported_import ON imported(import);"
"CREATE INDEX imported_digest ON imported(digest);"
/* A merge of two people and every row that it rewrote; before: what the field (or the row's state) was. */
"CREATE TABLE person_merge(id INTEGER PRIMARY KEY, kept INTEGER NOT NULL, gone INTEGER NOT NULL, at INTEGER NOT NULL,"
" actor INTEGER NOT NULL, undone_at INTEGER) STRICT;"
"CREATE INDEX person_merge_gone ON person_merge(gone);"
"CREATE TABLE person_merge_row(person_merge INTEGER NOT NULL REFERENCES person_merge(id), n INTEGER NOT NULL,"
" register TEXT NOT NULL, \"row\" INTEGER NOT NULL, field TEXT NOT NULL, before TEXT NOT NULL,"
" version INTEGER NOT NULL, PRIMARY KEY (person_merge, n)) STRICT, WITHOUT ROWID;"
/* figure/cells.h: a small number per figure with the definition that its cells were made by; the cells. */
"CREATE TABLE figure_def(number INTEGER PRIMARY KEY, figure TEXT NOT NULL UNIQUE, digest TEXT NOT NULL) STRICT;"
"CREATE TABLE cell(org INTEGER NOT NULL, span INTEGER NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL,"
" value INTEGER NOT NULL, PRIMARY KEY (org, span, number, part)) STRICT, WITHOUT ROWID;"
/* Frozen reports: all values and texts, so that an old edition needs no old definition. */
"CREATE TABLE edition(id INTEGER PRIMARY KEY, period TEXT NOT NULL, org INTEGER NOT NULL, template TEXT NOT NULL,"
" revision INTEGER NOT NULL, at INTEGER NOT NULL, actor INTEGER NOT NULL, template_digest BLOB NOT NULL,"
" body TEXT NOT NULL, document BLOB, head BLOB NOT NULL, UNIQUE (period, org, template, revision)) STRICT;"
/* account.h. Secrets stand here as hashes only; totp is an envelope of seal.h. */
"CREATE TABLE account(person INTEGER PRIMARY KEY, handle TEXT NOT NULL UNIQUE, password TEXT, password_at INTEGER,"
" totp BLOB, totp_step INTEGER NOT NULL, disabled INTEGER NOT NULL, made_at INTEGER NOT NULL) STRICT;"
"CREATE TABLE claim(code BLOB NOT NULL PRIMARY KEY, person INTEGER NOT NULL, made_at INTEGER NOT NULL,"
" made_by INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER) STRICT, WITHOUT ROWID;"
"CREATE INDEX claim_person ON claim(person);"
"CREATE TABLE session(token BLOB NOT NULL PRIMARY KEY, person INTEGER NOT NULL, made_at INTEGER NOT NULL,"
" seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, program INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
"CREATE INDEX session_person ON session(person);"
"CREATE INDEX session_expires ON session(expires_at);"
/* permit.h: roles as rows, [from_date, to_date); authorisations to read minors' data. */
"CREATE TABLE role(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, role TEXT NOT NULL, org INTEGER NOT NULL,"
" from_date TEXT NOT NULL, to_date TEXT NOT NULL, at INTEGER NOT NULL, actor INTEGER NOT NULL) STRICT;"
"CREATE INDEX role_person ON role(person);"
"CREATE INDEX role_role ON role(role, org);"
"CREATE TABLE authorisation(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, role TEXT NOT NULL, org INTEGER NOT NULL,"
" purpose TEXT NOT NULL, from_date TEXT NOT NULL, to_date TEXT NOT NULL, approved_by INTEGER NOT NULL,"
" at INTEGER NOT NULL, revoked_at INTEGER) STRICT;"
"CREATE INDEX authorisation_person ON authorisation(person);"
/* Time-driven work, once per key; and what is to leave the house after the commit (address and body sealed). */
"CREATE TABLE due(rule TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL, done_at INTEGER,"
" PRIMARY KEY (rule, subject, at)) STRICT, WITHOUT ROWID;"
"CREATE INDEX due_at ON due(at) WHERE done_at IS NULL;"
"CREATE TABLE outbox(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, address BLOB NOT NULL, body BLOB NOT NULL,"
" made_at INTEGER NOT NULL, tries INTEGER NOT NULL, next_at INTEGER NOT NULL, sent_at INTEGER) STRICT;"
"CREATE INDEX outbox_next ON outbox(next_at) WHERE sent_at IS NULL;"
"INSERT INTO city VALUES (1, 0, 0, 0, x'0000000000000000000000000000000000000000000000000000000000000000',"
" '', '', 0, '', 480, 0, 0);";
/* What opens minors' data, and what became of it (guard/authorise.h, register/retain.h); where a request came from. */
static const char schema_authorise[] =
"ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';"
/* audit.h: heads signed by the city's key. */
"CREATE TABLE audit_signed(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, head BLOB NOT NULL, sig BLOB NOT NULL) STRICT;"
/* duty: the role that it ends with, or 0; reason: an envelope. */
"ALTER TABLE authorisation ADD COLUMN state TEXT NOT NULL DEFAULT 'approved';"
"ALTER TABLE authorisation ADD COLUMN asked_by INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE authorisation ADD COLUMN duty INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE authorisation ADD COLUMN may_export INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE authorisation ADD COLUMN revoked_by INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE authorisation ADD COLUMN reason BLOB;"
/* reason, review: envelopes. */
"CREATE TABLE break_glass(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, register TEXT NOT NULL,"
" \"row\" INTEGER NOT NULL, at INTEGER NOT NULL, until_at INTEGER NOT NULL, reviewed_at INTEGER,"
" reviewed_by INTEGER NOT NULL, justified INTEGER NOT NULL, reason BLOB, review BLOB) STRICT;"
"CREATE INDEX break_glass_person ON break_glass(person);"
"CREATE TABLE case_member(id INTEGER PRIMARY KEY, register TEXT NOT NULL, \"row\" INTEGER NOT NULL,"
" person INTEGER NOT NULL, role TEXT NOT NULL, from_date TEXT NOT NULL, to_date TEXT NOT NULL, at INTEGER NOT NULL,"
" actor INTEGER NOT NULL) STRICT;"
"CREATE INDEX case_member_person ON case_member(person);"
/* Runs of retention, and how many rows of a register and month went in each. */
"CREATE TABLE retention_run(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, day TEXT NOT NULL, deleted INTEGER NOT NULL,"
" skeletons INTEGER NOT NULL, keys INTEGER NOT NULL, held INTEGER NOT NULL) STRICT;"
"CREATE TABLE retention_gone(run INTEGER NOT NULL REFERENCES retention_run(id), register TEXT NOT NULL,"
" month TEXT NOT NULL, deleted INTEGER NOT NULL, skeletons INTEGER NOT NULL, PRIMARY KEY (run, register, month))"
" STRICT, WITHOUT ROWID;";

/* guard/kept.h: what a person keeps at the desk; body is an envelope. */
static const char schema_desk[] =
"CREATE TABLE kept(owner INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,"
" body BLOB NOT NULL, PRIMARY KEY (owner, kind, name)) STRICT, WITHOUT ROWID;"
"CREATE INDEX kept_at ON kept(kind, at);";
/* register/retain.h: rows that a run reduced to what counts. */
static const char schema_retention[] =
"CREATE TABLE retention_row(register TEXT NOT NULL, \"row\" INTEGER NOT NULL, run INTEGER NOT NULL,"
" PRIMARY KEY (register, \"row\")) STRICT, WITHOUT ROWID;";
/* People and sessions: what a session has proven and for which duty; recovery codes; links that bind a phone to a unit,
 * phones bound; tokens of programs; duties handed over. Secrets stand here as keyed hashes only. */
static const char schema_people[] =
"DROP TABLE session;"
"CREATE TABLE session(token BLOB NOT NULL PRIMARY KEY, person INTEGER NOT NULL, made_at INTEGER NOT NULL,"
" seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, level INTEGER NOT NULL, proven INTEGER NOT NULL,"
" org INTEGER NOT NULL, device INTEGER NOT NULL, place TEXT NOT NULL) STRICT, WITHOUT ROWID;"
"CREATE INDEX session_person ON session(person);"
"CREATE INDEX session_expires ON session(expires_at);"
"CREATE TABLE recovery(person INTEGER NOT NULL, code BLOB NOT NULL, used_at INTEGER, PRIMARY KEY (person, code))"
" STRICT, WITHOUT ROWID;"
"CREATE TABLE device_link(code BLOB NOT NULL PRIMARY KEY, org INTEGER NOT NULL, role TEXT NOT NULL,"
" person INTEGER NOT NULL, made_at INTEGER NOT NULL, made_by INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
" used_at INTEGER) STRICT, WITHOUT ROWID;"
"CREATE INDEX device_link_org ON device_link(org);"
"CREATE TABLE device(id INTEGER PRIMARY KEY, token BLOB NOT NULL UNIQUE, person INTEGER NOT NULL,"
" org INTEGER NOT NULL, role TEXT NOT NULL, pin BLOB NOT NULL, place TEXT NOT NULL, made_at INTEGER NOT NULL,"
" seen_at INTEGER NOT NULL, fails INTEGER NOT NULL, ended_at INTEGER, ended_why TEXT NOT NULL) STRICT;"
"CREATE INDEX device_person ON device(person);"
"CREATE INDEX device_org ON device(org);"
"CREATE TABLE token(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, person INTEGER NOT NULL, name TEXT NOT NULL,"
" scope INTEGER NOT NULL, proven INTEGER NOT NULL, duty INTEGER NOT NULL, org INTEGER NOT NULL,"
" made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER, ended_at INTEGER) STRICT;"
"CREATE INDEX token_person ON token(person);"
"CREATE TABLE handover(id INTEGER PRIMARY KEY, org INTEGER NOT NULL, giver INTEGER NOT NULL, taker INTEGER NOT NULL,"
" remark BLOB, made_at INTEGER NOT NULL, made_by INTEGER NOT NULL, given_at INTEGER, taken_at INTEGER,"
" done_at INTEGER, ended_at INTEGER) STRICT;"
"CREATE INDEX handover_giver ON handover(giver);"
"CREATE INDEX handover_taker ON handover(taker);"
"CREATE TABLE handover_item(handover INTEGER NOT NULL REFERENCES handover(id), n INTEGER NOT NULL, kind TEXT NOT NULL,"
" what TEXT NOT NULL, field TEXT NOT NULL, \"row\" INTEGER NOT NULL, PRIMARY KEY (handover, n)) STRICT, WITHOUT ROWID;";

/* register/case_note.h: public keys, and secret ones under their person's password. */
static const char schema_custody[] =
"CREATE TABLE custody_key(person INTEGER PRIMARY KEY, custodian INTEGER NOT NULL, public BLOB NOT NULL,"
" locked BLOB NOT NULL, made_at INTEGER NOT NULL) STRICT;";
/* register/import_undo.h. imported.inserted was a flag: now it names the import that made the row. */
static const char schema_import_undo[] =
"UPDATE imported SET inserted = import WHERE inserted = 1;"
"CREATE TABLE import_change(import INTEGER NOT NULL, register TEXT NOT NULL, \"row\" INTEGER NOT NULL,"
" version INTEGER NOT NULL, after INTEGER NOT NULL, digest BLOB NOT NULL, last INTEGER NOT NULL,"
" last_version INTEGER NOT NULL, PRIMARY KEY (import, register, \"row\")) STRICT, WITHOUT ROWID;"
"CREATE INDEX import_change_last ON import_change(last);";
/* guard/audit_archive.h: checkpoints behind which audit rows left for a file; whose keys were destroyed in those rows. */
static const char schema_archive[] =
"CREATE TABLE audit_cut(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, head BLOB NOT NULL, first INTEGER NOT NULL,"
" file BLOB NOT NULL) STRICT;"
"CREATE TABLE audit_shredded(seq INTEGER PRIMARY KEY, subject TEXT NOT NULL, at INTEGER NOT NULL) STRICT;";
/* register/archive.h: closed years of registers that left for files; the cells that their rows had come to, by the figure's
 * definition of that day. */
static const char schema_closed[] =
"CREATE TABLE archive_part(id INTEGER PRIMARY KEY, register TEXT NOT NULL, year INTEGER NOT NULL, state TEXT NOT NULL,"
" n INTEGER NOT NULL, at INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB, UNIQUE (register, year)) STRICT;"
"CREATE TABLE archive_figure(part INTEGER NOT NULL, n INTEGER NOT NULL, figure TEXT NOT NULL, digest TEXT NOT NULL,"
" PRIMARY KEY (part, n)) STRICT, WITHOUT ROWID;"
"CREATE TABLE archive_cell(part INTEGER NOT NULL, n INTEGER NOT NULL, org INTEGER NOT NULL, span INTEGER NOT NULL,"
" piece INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (part, n, org, span, piece)) STRICT, WITHOUT ROWID;";
/* guard/invite.h: the half of an invitation that is told in person, as a keyed hash, and wrong tries at it. */
static const char schema_invite[] =
"ALTER TABLE claim ADD COLUMN told BLOB;"
"ALTER TABLE claim ADD COLUMN fails INTEGER NOT NULL DEFAULT 0;";
/* register/reindex.h: which key an entry is under; those that stand are under the one in use. */
static const char schema_find_generation[] =
"ALTER TABLE find ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;"
"UPDATE find SET generation = (SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'blind_generation')"
" WHERE EXISTS (SELECT 1 FROM setting WHERE name = 'blind_generation');";
/* clang-format on */

static const char *const migrations[] = {schema_1, schema_authorise, schema_desk, schema_retention,
	schema_people, schema_custody, schema_import_undo, schema_archive, schema_closed,
	schema_invite, schema_find_generation};
enum { LATEST = sizeof migrations / sizeof *migrations };

static const char *const tables[] = {"account", "archive_cell", "archive_figure", "archive_part", "audit", "audit_cut", "audit_shredded", "audit_signed",
	"authorisation", "break_glass", "case_member", "cell", "city", "claim", "counter", "custody_key",
	"device", "device_link", "due", "edition", "figure_def", "find", "handover", "handover_item",
	"history", "idempotency", "import_change", "imported", "imports", "kept", "org_anc", "org_link",
	"outbox", "person_merge", "person_merge_row", "recovery", "retention_gone", "retention_row",
	"retention_run", "role", "schema_register", "session", "setting", "token"};

static const char Q_SCHEMA[] = "SELECT schema_no FROM city WHERE one = 1";
static const char Q_SET_SCHEMA[] = "UPDATE city SET schema_no = ?1 WHERE one = 1";

int migrate_latest(void)
{
	return LATEST;
}

bool migrate_owns(str table)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (str_is(table, tables[i]))
			return true;
	return str_starts(table, STR("sqlite_")) || str_starts(table, STR("pg_"));
}

const char *migrate_table(int at)
{
	return tables[at];
}

int migrate_tables(void)
{
	return sizeof tables / sizeof *tables;
}

/* 0 where there is no table city yet. */
static enum rc schema(struct db *db, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	int64_t n = 0;
	if (db_has_table(db, "city")) {
		TRY(db_prepare(db, Q_SCHEMA, &s, err));
		TRY(stmt_step(s, &row, err));
		if (!row)
			return FAIL(err, RC_IO, "the database has lost the row of its city");
		n = stmt_i64(s, 0);
		stmt_reset(s);
	}
	*out = n;
	return RC_OK;
}

static enum rc newer(int64_t n, struct err *err)
{
	return FAIL(err, RC_INVALID,
		"the city was written by a newer program (schema %lld, this program knows %d): update qinghe",
		(long long)n, (int)LATEST);
}

enum rc migrate_within(struct db *db, struct err *err)
{
	int64_t n;
	struct stmt *s;
	TRY(schema(db, &n, err));
	if (n > LATEST)
		return newer(n, err);
	for (int64_t i = n; i < LATEST; i++)
		TRY(db_exec(db, migrations[i], err));
	if (n == LATEST)
		return RC_OK;
	TRY(db_prepare(db, Q_SET_SCHEMA, &s, err));
	stmt_bind_i64(s, 1, LATEST);
	return stmt_run(s, err);
}

enum rc migrate_up(struct db *db, struct err *err)
{
	TRY(db_begin(db, err));
	enum rc rc = migrate_within(db, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

enum rc migrate_schema(struct db *db, int64_t *out, struct err *err)
{
	return schema(db, out, err);
}

enum rc migrate_check(struct db *db, struct err *err)
{
	int64_t n;
	TRY(schema(db, &n, err));
	if (n > LATEST)
		return newer(n, err);
	if (n < LATEST)
		return FAIL(err, RC_INVALID, "the city's tables are older than the program: qinghe upgrade");
	return RC_OK;
}
