/* numbers.c -- see numbers.h. */
#include "service/compliance/numbers.h"
#include "base/clock.h"
#include "base/date.h"

static const char Q_READS[] =
	"SELECT COUNT(*) FROM audit WHERE action = 'read' AND result = 'ok' AND at >= ?1 AND at < ?2";
static const char Q_REFUSALS[] =
	"SELECT COUNT(*) FROM audit WHERE result = 'denied' AND at >= ?1 AND at < ?2";
static const char Q_EMERGENCIES[] = "SELECT COUNT(*) FROM break_glass WHERE at >= ?1 AND at < ?2";
static const char Q_REQUESTS[] =
	"SELECT COUNT(*) FROM \"data_request\" WHERE \"asked_on\" >= ?1 AND \"asked_on\" < ?2";
static const char Q_LATE[] =
	"SELECT COUNT(*) FROM \"data_request\" WHERE \"asked_on\" >= ?1 AND \"asked_on\" < ?2"
	" AND (\"answered_on\" > \"due_on\" OR (\"state\" = 'open' AND \"due_on\" < ?2))";
static const char Q_DESTROYED[] =
	"SELECT COUNT(*) FROM audit WHERE action = 'shred' AND result = 'ok' AND at >= ?1 AND at < ?2";

static const struct {
	const char *sql;
	bool days;   /* its span is ISO days, else instants */
	bool people; /* counts people who asked: small numbers are not told */
} questions[COMPLIANCE_NUMBERS] = {
	[COMPLIANCE_READS] = {Q_READS, false, false},
	[COMPLIANCE_REFUSALS] = {Q_REFUSALS, false, false},
	[COMPLIANCE_EMERGENCIES] = {Q_EMERGENCIES, false, true},
	[COMPLIANCE_REQUESTS] = {Q_REQUESTS, true, true},
	[COMPLIANCE_LATE] = {Q_LATE, true, true},
	[COMPLIANCE_DESTROYED] = {Q_DESTROYED, false, true},
};

const char *const compliance_number_ids[COMPLIANCE_NUMBERS] = {
	"reads", "refusals", "emergencies", "requests", "late", "destroyed"};

static int64_t day_ms(int32_t day)
{
	return ((int64_t)day * 1440 - clock_zone()) * 60000;
}

enum rc compliance_numbers(
	struct arena *a, struct db *db, int year, struct compliance_numbers *out, struct err *err)
{
	int32_t from = date_of(year, 1, 1), to = date_of(year + 1, 1, 1);
	for (size_t i = 0; i < COMPLIANCE_NUMBERS; i++) {
		struct stmt *s;
		bool row;
		TRY(db_prepare(db, questions[i].sql, &s, err));
		if (questions[i].days) {
			stmt_bind_text(s, 1, date_str(a, from));
			stmt_bind_text(s, 2, date_str(a, to));
		} else {
			stmt_bind_i64(s, 1, day_ms(from));
			stmt_bind_i64(s, 2, day_ms(to));
		}
		TRY(stmt_step(s, &row, err));
		int64_t n = row ? stmt_i64(s, 0) : 0;
		stmt_reset(s);
		out->n[i] = questions[i].people && n < COMPLIANCE_TELL_FROM ? COMPLIANCE_HIDDEN : n;
	}
	return RC_OK;
}
