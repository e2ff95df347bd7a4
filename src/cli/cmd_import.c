/* cmd_import.c -- qinghe import REGISTER FILE...: spreadsheets into a register. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/foreign.h"
#include "format/json.h"
#include "intake/import_file.h"
#include "register/import_undo.h"
#include <unistd.h>

enum { WISHES_MAX = 100, STDIN_MAX_BYTES = 64 << 20, ERRORS_SHOWN = 50 };

struct import_run {
	struct invocation *in;
	struct city *city;
	struct actor actor;
	struct import_request q;
	const char *rejects, *org, *period_text, *archive, *profile;
	struct period period;
	bool many; /* several files, or an archive */
	struct map_wish wishes[WISHES_MAX];
	struct import_outcome *files;
	size_t files_n, files_cap;
};

static enum rc options(struct import_run *x, struct err *err)
{
	struct invocation *in = x->in;
	for (size_t i = 0;; i++) {
		const char *wish = NULL;
		str field, header;
		struct invocation one = *in;
		/* --map may stand several times: opt_text would keep only the last. */
		int at = 0;
		while (at < in->argc && strcmp(in->argv[at], "--map") != 0)
			at++;
		if (at == in->argc)
			break;
		one.argc = in->argc - at < 2 ? in->argc - at : 2;
		one.argv = in->argv + at;
		TRY(opt_text(&one, "--map", &wish, err));
		header = str_cut(str_of(wish), '=', &field);
		if (str_find_byte(str_of(wish), '=') == SIZE_MAX || i == WISHES_MAX)
			return FAIL(err, RC_INVALID, "--map wants 'COLUMN=FIELD', not “%s”", wish);
		x->wishes[x->q.wishes_n++] = (struct map_wish){header, field};
		memmove(in->argv + at, in->argv + at + 2, (size_t)(in->argc - at - 2) * sizeof *in->argv);
		in->argc -= 2;
	}
	x->q.wishes = x->wishes;
	TRY(opt_text(in, "--sheet", &x->q.sheet, err));
	TRY(opt_text(in, "--org", &x->org, err));
	TRY(opt_text(in, "--rejects", &x->rejects, err));
	TRY(opt_text(in, "--profile", &x->profile, err));
	TRY(opt_text(in, "--year", &x->period_text, err));
	TRY(opt_text(in, "--period", &x->period_text, err));
	if (x->period_text) {
		TRY(period_parse(in->a, str_of(x->period_text), &x->period, err));
		x->q.period = &x->period;
	}
	opt_flag(in, "--dry-run", &x->q.dry_run);
	opt_flag(in, "--overwrite", &x->q.overwrite);
	x->q.keep_rejects = x->rejects != NULL;
	return RC_OK;
}

static void shown(void *user, int64_t rows)
{
	progress_show(user, rows, 0);
}

/* One file. Of several a bad one is told among the results and stops nobody else. */
static enum rc one(struct import_run *x, const char *path, str bytes, struct err *err)
{
	x->files = arena_grow(x->in->a, x->files, x->files_n, &x->files_cap, sizeof *x->files);
	struct import_request q = x->q;
	struct progress progress;
	q.db = writer_db(x->city->writer); /* nothing else runs in this process */
	q.shown = shown;
	q.shown_user = &progress;
	q.path = path;
	q.bytes = bytes;
	struct import_outcome *o = &x->files[x->files_n];
	progress_start(&progress, x->in);
	enum rc rc = import_file(x->in->a, x->city, &x->actor, &q, o, &o->fault);
	progress_end(&progress);
	bool of_file = rc == RC_INVALID || rc == RC_NOT_FOUND || rc == RC_CONFLICT || rc == RC_LIMIT;
	if (rc == RC_OK || (x->many && of_file)) {
		x->files_n++;
		return RC_OK;
	}
	if (err)
		*err = o->fault;
	return rc;
}

static enum rc read_stdin(struct arena *a, str *out, struct err *err)
{
	struct buf b;
	char piece[65536];
	ssize_t n;
	buf_init(&b, STDIN_MAX_BYTES);
	while ((n = read(STDIN_FILENO, piece, sizeof piece)) > 0)
		buf_add(&b, (str){piece, (size_t)n});
	bool ok = buf_ok(&b) && n == 0;
	*out = arena_str(a, buf_str(&b));
	buf_done(&b);
	return ok ? RC_OK : FAIL(err, RC_LIMIT, "standard input is unreadable or over 64 MB");
}

/* A .zip that is no .xlsx: its spreadsheets one by one. */
static enum rc member(void *user, str name, str bytes, struct err *err)
{
	struct import_run *x = user;
	x->many = true;
	return one(x, arena_printf(x->in->a, "%s:%.*s", x->archive, STR_ARG(name)), bytes, err);
}

static enum rc path(struct import_run *x, const char *name, struct err *err)
{
	static const char *const endings[] = {".xlsx", ".csv", NULL};
	str bytes = {NULL, 0};
	if (strcmp(name, "-") == 0) {
		TRY(read_stdin(x->in->a, &bytes, err));
		return one(x, "-", bytes, err);
	}
	if (!str_ends(str_of(name), STR(".zip")))
		return one(x, name, bytes, err);
	x->archive = name;
	enum rc rc = foreign_unzip(x->in->a, name, endings, member, x, err);
	if (rc == RC_FOUND) /* a workbook under this name */
		return one(x, name, bytes, err);
	if (rc == RC_OK && x->files_n == 0)
		return FAIL(err, RC_INVALID, "%s: no .xlsx or .csv in this archive", name);
	return rc;
}

/* ---- what came of it ---- */

static void outcome_json(struct json *j, const struct import_run *x, const struct import_outcome *o)
{
	json_object(j);
	json_put_str(j, "register", x->q.reg->id);
	json_put_str(j, "file", o->file);
	json_put_i64(j, "rows", o->counts.rows);
	json_put_i64(j, "inserted", o->counts.inserted);
	json_put_i64(j, "updated", o->counts.updated);
	json_put_i64(j, "unchanged", o->counts.unchanged);
	json_put_i64(j, "rejected", o->counts.rejected);
	json_key(j, "errors");
	json_array(j);
	for (size_t i = 0; i < o->errors_n; i++) {
		const struct import_error *e = &o->errors[i];
		json_object(j);
		json_put_i64(j, "row", e->row);
		json_put_str(j, "column", e->column);
		json_put_str(j, "field", e->field);
		json_put_str(j, "value", e->value);
		json_put_str(j, "message", e->message);
		if (e->warning)
			json_put_bool(j, "warning", true);
		json_object_end(j);
	}
	json_array_end(j);
	if (o->profile)
		json_put_str(j, "profile", o->profile->id);
	json_put_i64(j, "hidden_rows", o->hidden_rows);
	json_put_str(j, "ignored", o->ignored);
	if (o->fault.text[0])
		json_put_cstr(j, "fault", o->fault.text);
	json_put_i64(j, "import", o->import_id);
	if (o->sender)
		json_put_i64(j, "org", o->sender);
	json_object_end(j);
}

static void outcome_text(const struct import_run *x, const struct import_outcome *o)
{
	if (o->fault.text[0]) {
		fprintf(stderr, "%s\n", o->fault.text);
		return;
	}
	printf(tr("%.*s: %lld rows, %lld new, %lld changed, %lld as they were, %lld rejected%s\n"),
		STR_ARG(o->file), (long long)o->counts.rows, (long long)o->counts.inserted,
		(long long)o->counts.updated, (long long)o->counts.unchanged, (long long)o->counts.rejected,
		x->q.dry_run ? tr(" (nothing was written)") : "");
	if (o->import_id && o->counts.inserted + o->counts.updated > 0)
		printf(tr("  this is import %lld (“qinghe import undo %lld” takes it back)\n"),
			(long long)o->import_id, (long long)o->import_id);
	if (o->profile)
		printf(tr("  read as %.*s\n"), STR_ARG(label_text(&o->profile->label)));
	if (o->hidden_rows)
		printf(tr("  %lld of the rows are hidden in the sheet\n"), (long long)o->hidden_rows);
	if (o->ignored.n)
		printf(tr("  columns that mean nothing here: %.*s\n"), STR_ARG(o->ignored));
	for (size_t i = 0; i < o->errors_n && i < ERRORS_SHOWN; i++) {
		const struct import_error *e = &o->errors[i];
		fprintf(stderr, tr("  row %lld%s%.*s: %.*s\n"), (long long)e->row, e->column.n ? " · " : "",
			STR_ARG(e->column), STR_ARG(e->message));
	}
	if (o->errors_n > ERRORS_SHOWN)
		fprintf(stderr, tr("  ... and %zu more; --rejects OUT.xlsx writes them all\n"),
			o->errors_n - ERRORS_SHOWN);
}

/* Units directly under the scope that sent nothing, where several files came in. */
static enum rc missing(struct import_run *x, const str **out, size_t *out_n, struct err *err)
{
	struct reader r;
	int64_t top = x->q.org ? x->q.org : x->actor.org ? x->actor.org : x->city->root_org;
	TRY(reader_open(x->city, x->in->a, &x->actor, &r, err));
	size_t n;
	const int64_t *orgs = tree_subtree(x->in->a, r.tree, top, clock_today(), &n);
	str *list = NEWS(x->in->a, n + 1, str);
	*out_n = 0;
	for (size_t i = 0; i < n; i++) {
		bool sent = tree_parent(r.tree, orgs[i], clock_today()) != top;
		for (size_t k = 0; k < x->files_n && !sent; k++)
			sent = x->files[k].sender == orgs[i];
		if (!sent)
			list[(*out_n)++] = record_label(&r, model_reg(x->city->model, STR("org")), orgs[i]);
	}
	*out = list;
	reader_close(&r);
	return RC_OK;
}

static void tell_json(const struct import_run *x, const str *units, size_t n)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	if (x->many) {
		json_object(&j);
		json_key(&j, "files");
		json_array(&j);
	}
	for (size_t i = 0; i < x->files_n; i++)
		outcome_json(&j, x, &x->files[i]);
	if (x->many) {
		json_array_end(&j);
		json_key(&j, "missing");
		json_array(&j);
		for (size_t i = 0; i < n; i++)
			json_str(&j, units[i]);
		json_array_end(&j);
		json_object_end(&j);
	}
	printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
}

static enum rc tell(struct import_run *x, struct err *err)
{
	const str *units = NULL;
	size_t n = 0;
	if (x->many)
		TRY(missing(x, &units, &n, err));
	if (x->in->json) {
		tell_json(x, units, n);
		return RC_OK;
	}
	for (size_t i = 0; i < x->files_n; i++)
		outcome_text(x, &x->files[i]);
	for (size_t i = 0; i < n; i++)
		printf("%s%.*s%s", i ? "、" : tr("nothing came from: "), STR_ARG(units[i]),
			i + 1 == n ? "\n" : "");
	return RC_OK;
}

/* --map must name something that the register has. */
static enum rc wishes_fit(const struct import_run *x, struct err *err)
{
	for (size_t i = 0; i < x->q.wishes_n; i++) {
		str field = x->wishes[i].field;
		if (field.n == 0 || import_column(x->in->a, x->q.reg, field, NULL, 0).kind != COL_NONE)
			continue;
		str near = reg_suggest_field(x->q.reg, field);
		return near.n ? FAIL(err, RC_INVALID, "%.*s has no field “%.*s”; is it %.*s?",
					STR_ARG(label_text(&x->q.reg->label)), STR_ARG(field), STR_ARG(near))
			      : FAIL(err, RC_INVALID, "%.*s has no field “%.*s”",
					STR_ARG(label_text(&x->q.reg->label)), STR_ARG(field));
	}
	return RC_OK;
}

/* The register: the first word, or with --profile the profile's own, which need not be said. */
static enum rc profiles(struct import_run *x, int *first, struct err *err)
{
	struct profile *list;
	struct arena *a = x->in->a;
	TRY(profiles_read(a, x->city->model, &list, &x->q.profiles_n, err));
	x->q.profiles = list;
	if (x->profile == NULL)
		return cli_register(x->city, x->in->argv[0], &x->q.reg, err);
	TRY(profile_named(list, x->q.profiles_n, str_of(x->profile), &x->q.profile, err));
	*first = 0;
	if (model_reg(x->city->model, str_of(x->in->argv[0])) == NULL) {
		x->q.reg = x->q.profile->reg;
		return RC_OK;
	}
	*first = 1;
	TRY(cli_register(x->city, x->in->argv[0], &x->q.reg, err));
	return x->q.reg == x->q.profile->reg
		       ? RC_OK
		       : FAIL(err, RC_INVALID, "the profile “%s” is for the register %.*s", x->profile,
				 STR_ARG(x->q.profile->reg->id));
}

static enum rc import(struct import_run *x, struct err *err)
{
	int64_t rejected = 0;
	size_t bad = 0;
	int first = 1; /* the first file */
	TRY(profiles(x, &first, err));
	if (x->in->argc == first)
		return usage_error(&cmd_import, err);
	x->many = x->in->argc > first + 1;
	TRY(wishes_fit(x, err));
	TRY(cli_org(writer_db(x->city->writer), x->city, x->org, &x->q.org, err));
	for (int i = first; i < x->in->argc; i++)
		TRY(path(x, x->in->argv[i], err));
	TRY(tell(x, err));
	if (x->rejects)
		TRY(rejects_write(x->rejects, x->files, x->files_n, err));
	for (size_t i = 0; i < x->files_n; i++) {
		rejected += x->files[i].counts.rejected;
		bad += x->files[i].fault.text[0] != 0;
	}
	if (bad == x->files_n)
		return FAIL(err, RC_INVALID, "none of the files could be read");
	return rejected || bad ? RC_FOUND : RC_OK;
}

/* ---- taken back ---- */

struct undo_args {
	int64_t import;
	struct import_undone done;
};

static enum rc undo_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct undo_args *x = arg;
	return import_undo(c, x->import, &x->done, err);
}

static void undone_json(const struct undo_args *x)
{
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_i64(&j, "import", x->import);
	json_put_str(&j, "register", x->done.reg->id);
	json_put_i64(&j, "removed", x->done.removed);
	json_put_i64(&j, "restored", x->done.restored);
	json_put_i64(&j, "people", x->done.people);
	json_object_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
}

static enum rc undo(struct invocation *in, struct err *err)
{
	struct undo_args x = {0};
	struct city *city;
	struct actor actor;
	TRY(opt_done(in, 2, 2, &cmd_import, err));
	if (!str_i64(str_of(in->argv[1]), &x.import))
		return FAIL(err, RC_INVALID, "“%s” is no number of an import", in->argv[1]);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = city_run(city, &actor, in->a, (str){NULL, 0}, undo_job, &x, err);
	if (rc == RC_OK && in->json)
		undone_json(&x);
	else if (rc == RC_OK)
		printf(tr("import %lld is taken back: %lld rows are gone, %lld are as they were before, %lld "
			  "people "
			  "are gone\n"),
			(long long)x.import, (long long)x.done.removed, (long long)x.done.restored,
			(long long)x.done.people);
	city_close(city);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	if (in->argc > 0 && strcmp(in->argv[0], "undo") == 0)
		return undo(in, err);
	struct import_run *x = NEW(in->a, struct import_run);
	x->in = in;
	TRY(options(x, err));
	TRY(opt_done(in, x->profile ? 1 : 2, -1, &cmd_import, err));
	TRY(cli_city(in, true, &x->city, &x->actor, err));
	enum rc rc = import(x, err);
	city_close(x->city);
	return rc;
}

const struct command cmd_import = {
	.name = "import",
	.usage = N_("import REGISTER FILE... [--profile NAME] [--map 'COLUMN=FIELD']... [--sheet NAME] "
		    "[--org CODE] [--dry-run] "
		    "[--overwrite] [--rejects OUT.xlsx] [--year Y | --period P] | import undo IMPORT"),
	.summary = N_("take the rows of spreadsheets into a register"),
	.help = N_(
		"FILE is .xlsx or .csv (UTF-8 or GB18030), a .zip of them, or - for standard input. The "
		"header may stand in\n"
		"any row, its columns in any order. Each row stands or falls alone; importing a file twice "
		"changes\n"
		"nothing. --dry-run only tells what would happen; --rejects writes the refused rows with "
		"their reasons.\n"
		"Sheets of other systems are read by their profiles (model/imports), known by their headers "
		"or "
		"named by\n"
		"--profile; then REGISTER may be left out.\n"
		"declared_total takes sheets with one row a unit and one column a figure, for --year or "
		"--period.\n"
		"“import undo 12” takes back import 12 whole: its rows go, what it changed is as before; "
		"refused "
		"where a row\n"
		"was changed since or others name it.\n"
		"Example: qinghe import service_record 三月.xlsx --org 370102 --rejects 退回.xlsx\n"
		"Exit codes: 0 done, 1 rows were rejected, 2 the file does not fit, 3 not yours, 4 storage."),
	.foreign = true,
	.run = run,
};
