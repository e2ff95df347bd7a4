/* cells.c -- see cells.h */
#include "figure/cells.h"

static const char Q_NUMBERS[] = "SELECT number, figure, digest FROM figure_def ORDER BY number";
static const char Q_NUMBER_PUT[] = "INSERT INTO figure_def (number, figure, digest) VALUES (?1, ?2, ?3)"
				   " ON CONFLICT (number) DO UPDATE SET digest = excluded.digest";
static const char Q_NUMBER_DROP[] = "DELETE FROM figure_def WHERE number = ?1";
static const char Q_CELLS_DROP[] = "DELETE FROM cell WHERE number = ?1";
static const char Q_MODEL[] = "SELECT 1 FROM setting WHERE name = 'figures' AND value = ?1";
static const char Q_MODEL_PUT[] = "INSERT INTO setting (name, value) VALUES ('figures', ?1)"
				  " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char Q_READ[] = "SELECT span, number, part, value FROM cell"
			     " WHERE org = ?1 AND span BETWEEN ?2 AND ?3";
static const char Q_PUT[] = "INSERT INTO cell (org, span, number, part, value) VALUES (?1, ?2, ?3, ?4, ?5)";
static const char Q_PUT_8[] =
	"INSERT INTO cell (org, span, number, part, value) VALUES (?1, ?2, ?3, ?4, ?5),"
	" (?6, ?7, ?8, ?9, ?10), (?11, ?12, ?13, ?14, ?15), (?16, ?17, ?18, ?19, ?20),"
	" (?21, ?22, ?23, ?24, ?25), (?26, ?27, ?28, ?29, ?30), (?31, ?32, ?33, ?34, ?35),"
	" (?36, ?37, ?38, ?39, ?40)";
static const char Q_ADD[] =
	"INSERT INTO cell (org, span, number, part, value) VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT (org, span, number, part) DO UPDATE SET value = cell.value + excluded.value";
static const char Q_ADD_8[] =
	"INSERT INTO cell (org, span, number, part, value) VALUES (?1, ?2, ?3, ?4, ?5),"
	" (?6, ?7, ?8, ?9, ?10), (?11, ?12, ?13, ?14, ?15), (?16, ?17, ?18, ?19, ?20),"
	" (?21, ?22, ?23, ?24, ?25), (?26, ?27, ?28, ?29, ?30), (?31, ?32, ?33, ?34, ?35),"
	" (?36, ?37, ?38, ?39, ?40)"
	" ON CONFLICT (org, span, number, part) DO UPDATE SET value = cell.value + excluded.value";
enum { CELLS_AT_ONCE = 8 };

struct known {
	int number;
	str figure, digest;
};

static enum rc load_known(struct arena *a, struct db *db, struct known **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	struct known *list = NULL;
	size_t n = 0, cap = 0;
	TRY(db_prepare(db, Q_NUMBERS, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = (struct known){(int)stmt_i64(s, 0), stmt_str(a, s, 1), stmt_str(a, s, 2)};
	}
	*out = list;
	*out_n = n;
	return RC_OK;
}

static struct numbers *blank(struct arena *a, const struct model *m)
{
	struct numbers *nu = NEW(a, struct numbers);
	nu->of = NEWS(a, m->figures_n + 1, int16_t);
	for (size_t i = 0; i < m->figures_n; i++) {
		nu->of[i] = -1;
		nu->stale += figure_in_cells(&m->figures[i]);
	}
	return nu;
}

static void take(struct numbers *nu, const struct figure *f, int number)
{
	nu->of[f->at] = (int16_t)number;
	nu->figure[number] = f;
	nu->stale--;
}

static bool same_digest(const struct figure *f, str digest)
{
	return str_is(digest, f->digest.hex);
}

enum rc numbers_load(
	struct arena *a, struct db *db, const struct model *m, struct numbers **out, struct err *err)
{
	struct numbers *nu = blank(a, m);
	struct known *known;
	size_t n;
	TRY(load_known(a, db, &known, &n, err));
	for (size_t i = 0; i < n; i++) {
		const struct figure *f = model_figure(m, known[i].figure);
		if (f && figure_in_cells(f) && same_digest(f, known[i].digest))
			take(nu, f, known[i].number);
		else
			nu->gone++;
	}
	*out = nu;
	return RC_OK;
}

static enum rc run_number(struct db *db, const char *sql, int number, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, sql, &s, err));
	stmt_bind_i64(s, 1, number);
	return stmt_run(s, err);
}

static enum rc put_number(struct db *db, int number, const struct figure *f, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_NUMBER_PUT, &s, err));
	stmt_bind_i64(s, 1, number);
	stmt_bind_text(s, 2, f->id);
	stmt_bind_text(s, 3, str_of(f->digest.hex));
	return stmt_run(s, err);
}

enum rc cells_model_is(struct db *db, const struct model *m, bool *out_same, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_MODEL, &s, err));
	stmt_bind_text(s, 1, m->digest);
	TRY(stmt_step(s, out_same, err));
	stmt_reset(s);
	return RC_OK;
}

static enum rc put_model(struct db *db, const struct model *m, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_MODEL_PUT, &s, err));
	stmt_bind_text(s, 1, m->digest);
	return stmt_run(s, err);
}

enum rc numbers_settle(struct arena *a, struct db *db, const struct model *m, struct numbers **out,
	bool recount[FIGURE_NUMBERS_MAX], struct err *err)
{
	struct numbers *nu = blank(a, m);
	struct known *known;
	size_t n;
	bool used[FIGURE_NUMBERS_MAX] = {0};
	TRY(load_known(a, db, &known, &n, err));
	for (size_t i = 0; i < n; i++) {
		const struct figure *f = model_figure(m, known[i].figure);
		if (f == NULL || !figure_in_cells(f)) {
			TRY(run_number(db, Q_CELLS_DROP, known[i].number, err));
			TRY(run_number(db, Q_NUMBER_DROP, known[i].number, err));
			continue;
		}
		used[known[i].number] = true;
		take(nu, f, known[i].number);
		if (same_digest(f, known[i].digest))
			continue;
		recount[known[i].number] = true;
		TRY(put_number(db, known[i].number, f, err));
	}
	int next = 0;
	for (size_t i = 0; i < m->figures_n; i++) {
		const struct figure *f = &m->figures[i];
		if (!figure_in_cells(f) || nu->of[i] >= 0)
			continue;
		while (next < FIGURE_NUMBERS_MAX && used[next])
			next++;
		if (next == FIGURE_NUMBERS_MAX)
			return FAIL(
				err, RC_LIMIT, "more than %d figures with cells", (int)FIGURE_NUMBERS_MAX);
		used[next] = recount[next] = true;
		take(nu, f, next);
		TRY(put_number(db, next, f, err));
	}
	TRY(put_model(db, m, err));
	*out = nu;
	return RC_OK;
}

enum rc cells_read(struct db *db, int64_t org, uint32_t first, uint32_t last, uint32_t year,
	cell_parts parts[FIGURE_NUMBERS_MAX], struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_READ, &s, err));
	stmt_bind_i64(s, 1, org);
	stmt_bind_i64(s, 2, first);
	stmt_bind_i64(s, 3, last);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		int64_t number = stmt_i64(s, 1), part = stmt_i64(s, 2);
		if (number < 0 || number >= FIGURE_NUMBERS_MAX || part < 0 || part >= PARTS)
			continue;
		if (part == PART_REFS && (year == 0 || stmt_i64(s, 0) != year))
			continue;
		parts[number][part] += stmt_i64(s, 3);
	}
}

/* Eight rows a statement while there are so many: a statement costs more than a row. */
static enum rc write_all(struct db *db, const char *one, const char *eight, const struct cell_delta *list,
	size_t n, struct err *err)
{
	struct stmt *s;
	for (size_t i = 0; i < n;) {
		size_t rows = n - i >= CELLS_AT_ONCE ? CELLS_AT_ONCE : 1;
		TRY(db_prepare(db, rows > 1 ? eight : one, &s, err));
		for (int p = 0; rows > 0; rows--, i++, p += 5) {
			struct cell_address at = cell_unpack(list[i].key);
			stmt_bind_i64(s, p + 1, at.org);
			stmt_bind_i64(s, p + 2, at.span);
			stmt_bind_i64(s, p + 3, at.number);
			stmt_bind_i64(s, p + 4, at.part);
			stmt_bind_i64(s, p + 5, list[i].value);
		}
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

enum rc cells_add(struct db *db, const struct cell_delta *list, size_t n, struct err *err)
{
	return write_all(db, Q_ADD, Q_ADD_8, list, n, err);
}

enum rc cells_put(struct db *db, const struct cell_delta *list, size_t n, struct err *err)
{
	return write_all(db, Q_PUT, Q_PUT_8, list, n, err);
}
