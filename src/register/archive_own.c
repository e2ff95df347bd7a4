/* archive_own.c -- one person's rows out of the files, by bisection; see archive.h. */
#include "register/archive_in.h"
#include "register/row.h"
#include <stdio.h>
#include <unistd.h>

static const char Q_MERGED[] = "SELECT gone FROM person_merge WHERE kept = ?1 AND undone_at IS NULL";

enum { PERSONS_MAX = 64 };

struct finding {
	struct reader *r;
	const struct reg *reg;
	struct archive_file file;
	FILE *f;
	char *line;
	int *from; /* by field: the column of the file, -1 none */
	bool (*visit)(void *user, struct record *rec);
	void *user;
	bool stopped;
};

/* The person and whoever was merged into him, however often. */
static enum rc persons_of(
	struct reader *r, int64_t person, int64_t out[PERSONS_MAX], size_t *out_n, struct err *err)
{
	struct stmt *s;
	out[0] = person;
	*out_n = 1;
	for (size_t i = 0; i < *out_n; i++) {
		TRY(db_prepare(r->db, Q_MERGED, &s, err));
		stmt_bind_i64(s, 1, out[i]);
		for (;;) {
			bool row;
			TRY(stmt_step(s, &row, err));
			if (!row)
				break;
			if (*out_n < PERSONS_MAX)
				out[(*out_n)++] = stmt_i64(s, 0);
		}
	}
	return RC_OK;
}

static bool next_line(FILE *f, char *line, str *out)
{
	if (fgets(line, ARCHIVE_LINE_MAX_BYTES + 2, f) == NULL)
		return false;
	*out = str_of(line);
	return str_ends(*out, STR("\n"));
}

/* Whose line it is; the last line, which is nobody's, comes after everybody. */
static int64_t person_of(str line)
{
	static const str MARK = {"{\"p\":", 5};
	int64_t person;
	return str_starts(line, MARK) && str_i64(str_cut(str_from(line, MARK.n), ',', &(str){0}), &person)
		       ? person
		       : INT64_MAX;
}

/* Invariant: lines that begin before `low` are of lower persons, those that begin at `high` or later are not. */
bool archive_find(FILE *f, char *buffer, int64_t person)
{
	str line;
	rewind(f);
	if (!next_line(f, buffer, &line))
		return false;
	off_t low = ftello(f);
	if (fseeko(f, 0, SEEK_END) != 0)
		return false;
	off_t high = ftello(f);
	while (low < high) {
		off_t middle = low + (high - low) / 2;
		/* To the first line that begins at `middle` or later. */
		if (fseeko(f, middle > low ? middle - 1 : low, SEEK_SET) != 0)
			return false;
		if (middle > low && !next_line(f, buffer, &line))
			return false;
		if (ftello(f) >= high || !next_line(f, buffer, &line) || person_of(line) >= person)
			high = middle;
		else
			low = ftello(f);
	}
	return fseeko(f, low, SEEK_SET) == 0;
}

static void map_columns(struct finding *x)
{
	x->from = NEWS(x->r->a, x->reg->fields_n + 1, int);
	for (size_t i = 0; i < x->reg->fields_n; i++) {
		x->from[i] = -1;
		for (size_t k = 0; k < x->file.kinds.n; k++)
			if (str_eq(x->file.columns->items[k].text, x->reg->fields[i].id))
				x->from[i] = (int)k;
	}
}

static enum rc value_of(struct finding *x, const struct record *rec, const struct field *f,
	const struct json_v *r, struct value *out, struct err *err)
{
	int at = x->from[f->at];
	*out = (struct value){0};
	if (at < 0 || (size_t)at >= r->n || r->items[at].kind == JSON_NULL)
		return RC_OK;
	const struct json_v *v = &r->items[at];
	if (x->file.kinds.p[at] == 'b') {
		unsigned char *bytes = arena_alloc(x->r->a, v->text.n / 2 + 1);
		if (!f->sealed || !hex_parse(v->text, bytes, v->text.n / 2))
			return RC_OK;
		return row_open(
			x->r->a, x->r->city, rec, f, 0, (str){(const char *)bytes, v->text.n / 2}, out, err);
	}
	*out = v->kind == JSON_INT ? (struct value){.kind = V_INT, .i = v->i}
				   : (struct value){.kind = V_TEXT, .t = v->text};
	return RC_OK;
}

static enum rc record_of(struct finding *x, str line, struct record **out, struct err *err)
{
	struct json_v *j;
	struct record *rec = NEW(x->r->a, struct record);
	TRY(json_read(x->r->a, arena_str(x->r->a, str_trim(line)), ARCHIVE_LINE_MAX_BYTES, &j, err));
	const struct json_v *r = json_get(j, "r");
	if (r == NULL || r->kind != JSON_ARRAY || r->n != x->file.kinds.n)
		return FAIL(err, RC_FOUND, "archive: a value is not as it was written");
	*rec = (struct record){.reg = x->reg,
		.id = r->items[0].i,
		.org = r->items[1].i,
		.state = r->items[2].text,
		.version = r->items[3].i,
		.entered_by = r->items[4].i,
		.entered_at = r->items[5].i,
		.changed_by = r->items[6].i,
		.changed_at = r->items[7].i,
		.source = r->items[8].text};
	rec->values = NEWS(x->r->a, x->reg->fields_n + 1, struct value);
	const struct field *person = x->reg->person; /* first: it says whose key opens the others */
	TRY(value_of(x, rec, person, r, &rec->values[person->at], err));
	for (size_t i = 0; i < x->reg->fields_n; i++)
		TRY(value_of(x, rec, &x->reg->fields[i], r, &rec->values[i], err));
	*out = rec;
	return RC_OK;
}

static enum rc rows_of(struct finding *x, int64_t person, struct err *err)
{
	str line;
	if (!archive_find(x->f, x->line, person))
		return RC_OK;
	while (!x->stopped && next_line(x->f, x->line, &line) && person_of(line) == person) {
		struct record *rec;
		TRY(record_of(x, line, &rec, err));
		x->stopped = !x->visit(x->user, rec);
	}
	return RC_OK;
}

static enum rc search(
	struct finding *x, const struct archive_part *part, const int64_t *persons, size_t n, struct err *err)
{
	str line;
	x->f = fopen(archive_path(x->r->a, x->r->city->db_url, part->name), "rbe");
	if (x->f == NULL)
		return RC_OK;
	enum rc rc = next_line(x->f, x->line, &line) ? archive_head(x->r->a, str_trim(line), &x->file, err)
						     : RC_OK;
	if (rc == RC_OK && str_eq(x->file.reg, x->reg->id)) {
		map_columns(x);
		for (size_t i = 0; i < n && rc == RC_OK && !x->stopped; i++)
			rc = rows_of(x, persons[i], err);
	}
	fclose(x->f);
	return rc;
}

static bool is_away(const struct archive_part *p)
{
	return str_is(p->state, "away") && p->name.n > 0;
}

enum rc archive_person(struct reader *r, const struct reg *reg, int64_t person,
	bool (*visit)(void *user, struct record *rec), void *user, struct err *err)
{
	struct finding x = {.r = r, .reg = reg, .visit = visit, .user = user};
	struct archive_part *parts;
	int64_t persons[PERSONS_MAX];
	size_t n, persons_n;
	if (reg->person == NULL || person <= 0)
		return RC_OK;
	TRY(archive_parts(r->db, r->a, &parts, &n, err));
	if (n == 0)
		return RC_OK;
	TRY(persons_of(r, person, persons, &persons_n, err));
	x.line = mem_resize(NULL, ARCHIVE_LINE_MAX_BYTES + 2);
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK && !x.stopped; i++)
		if (is_away(&parts[i]) && str_eq(parts[i].reg, reg->id))
			rc = search(&x, &parts[i], persons, persons_n, err);
	mem_resize(x.line, 0);
	return rc;
}

enum rc archive_missing(struct reader *r, str *out, struct err *err)
{
	struct archive_part *parts;
	size_t n;
	*out = STR("");
	TRY(archive_parts(r->db, r->a, &parts, &n, err));
	for (size_t i = 0; i < n; i++)
		if (is_away(&parts[i]) &&
			access(archive_path(r->a, r->city->db_url, parts[i].name), R_OK) != 0)
			*out = arena_fmt(
				r->a, "%.*s%s%.*s", STR_ARG(*out), out->n ? " " : "", STR_ARG(parts[i].name));
	return RC_OK;
}
