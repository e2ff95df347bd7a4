/* cmd_model.c -- qinghe model check|show|plan|apply: the declarations, and what a city makes of others. */
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/model_show.h"
#include "format/json.h"
#include "register/city.h"
#include "register/help_book.h"
#include "register/profile.h"
#include "register/protect.h"
#include "register/purposes.h"
#include "register/retain_rules.h"
#include "register/schema.h"
#include "register/starters.h"
#include "service/appraisal/rules.h"
#include "service/quality/rules.h"
#include <unistd.h>

enum { OUT_MAX_BYTES = 64 << 20, LOSE_MAX = 64 };

static void print_json(const struct buf *b)
{
	fwrite(b->p, 1, b->n, stdout);
	putchar('\n');
}

/* ---- check ---- */

static void fault_json(struct json *j, const struct model_fault *f)
{
	json_object(j);
	json_put_cstr(j, "file", f->mark.file);
	json_put_i64(j, "line", f->mark.line);
	json_put_i64(j, "column", f->mark.column);
	json_put_cstr(j, "message", f->message);
	json_put_cstr(j, "hint", f->hint);
	json_object_end(j);
}

static void faults_told(const struct invocation *in, const struct model_fault *faults, size_t n)
{
	struct buf b;
	struct json j;
	if (!in->json) {
		for (size_t i = 0; i < n; i++)
			printf("%.*s\n", STR_ARG(model_fault_text(in->a, &faults[i])));
		return;
	}
	buf_init(&b, OUT_MAX_BYTES);
	json_init(&j, &b);
	json_object(&j);
	json_key(&j, "faults");
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		fault_json(&j, &faults[i]);
	json_array_end(&j);
	json_object_end(&j);
	print_json(&b);
	buf_done(&b);
}

/* A folder with the two registers that all others rest on is a whole model; any other is laid over ours. */
static bool whole(struct invocation *in, const char *dir)
{
	return dir && access(arena_printf(in->a, "%s/registers/org.yaml", dir), R_OK) == 0 &&
	       access(arena_printf(in->a, "%s/registers/person.yaml", dir), R_OK) == 0;
}

static enum rc load(struct invocation *in, const char *dir, bool tell, struct model **out, struct err *err)
{
	struct model_fault *faults = NULL;
	size_t n = 0;
	enum rc rc = model_load(in->a, dir, whole(in, dir), out, &faults, &n, err);
	if (n && tell)
		faults_told(in, faults, n);
	if (n)
		return FAIL(err, RC_INVALID, "faults in the declarations: %zu", n);
	return rc;
}

static enum rc check(struct invocation *in, struct err *err)
{
	struct model *m;
	TRY(opt_done(in, 0, 1, &cmd_model, err));
	TRY(load(in, in->argc ? in->argv[0] : NULL, true, &m, err));
	struct profile *profiles;
	size_t profiles_n;
	struct help_book *book;
	TRY(profiles_read(in->a, m, &profiles, &profiles_n, err));
	TRY(help_read(in->a, m, &book, err));
	enum rc rc = quality_rules_read(in->a, m, NEW(in->a, struct quality_rules), err);
	if (rc == RC_OK || rc == RC_NOT_FOUND) /* a model may do without rules */
		rc = appraisal_rules_read(in->a, m, NEW(in->a, struct appraisal_rules), err);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	TRY(retain_rules_check(in->a, m, err));
	TRY(purposes_check(in->a, m, err));
	TRY(starters_check(in->a, m, err));
	if (in->json)
		faults_told(in, NULL, 0);
	else if (!in->quiet)
		printf(tr("no faults: %zu registers, %zu figures\n"), m->regs_n, m->figures_n);
	model_done(m);
	return RC_OK;
}

/* ---- plan and apply ---- */

struct changes {
	struct schema_change *list;
	size_t n;
	const struct model *before, *after;
};

static const char *kind_word(enum schema_change_kind k)
{
	static const char *const words[] = {"new_register", "new_column", "indexes", "other_type",
		"drop_column", "drop_register", "protection"};
	return words[k];
}

/* Does a report text speak of the figure? */
static bool speaks(const struct model_text *t, str figure)
{
	for (str rest = t->text;;) {
		size_t at = str_find(rest, figure);
		if (at == SIZE_MAX)
			return false;
		rest = str_from(rest, at + figure.n);
		char c = rest.n ? rest.p[0] : '}';
		if (c == '}' || c == '|' || c == '@' || c == ' ')
			return true;
	}
}

static void figure_change(const struct changes *c, const struct figure *f, const char *word, struct json *j)
{
	if (j) {
		json_object(j);
		json_put_str(j, "id", f->id);
		json_put_cstr(j, "change", word);
		json_key(j, "reports");
		json_array(j);
	} else {
		printf("%.*s: %s", STR_ARG(f->id), tr(word));
	}
	for (size_t i = 0; i < c->after->texts_n; i++) {
		const struct model_text *t = &c->after->texts[i];
		if (!str_starts(t->path, STR("reports/")) || !speaks(t, f->id))
			continue;
		if (j)
			json_str(j, t->path);
		else
			printf("  %.*s", STR_ARG(t->path));
	}
	if (j) {
		json_array_end(j);
		json_object_end(j);
	} else {
		putchar('\n');
	}
}

static void figure_changes(const struct changes *c, struct json *j)
{
	for (size_t i = 0; i < c->after->figures_n; i++) {
		const struct figure *f = &c->after->figures[i], *old = model_figure(c->before, f->id);
		if (old == NULL)
			figure_change(c, f, N_("new figure"), j);
		else if (strcmp(old->digest.hex, f->digest.hex) != 0)
			figure_change(c, f, N_("another definition; recounted"), j);
	}
	for (size_t i = 0; i < c->before->figures_n; i++)
		if (!model_figure(c->after, c->before->figures[i].id))
			figure_change(c, &c->before->figures[i], N_("gone"), j);
}

static void changes_json(const struct changes *c)
{
	struct buf b;
	struct json j;
	buf_init(&b, OUT_MAX_BYTES);
	json_init(&j, &b);
	json_object(&j);
	json_key(&j, "tables");
	json_array(&j);
	for (size_t i = 0; i < c->n; i++) {
		json_object(&j);
		json_put_cstr(&j, "change", kind_word(c->list[i].kind));
		json_put_str(&j, "register", c->list[i].reg);
		json_put_str(&j, "field", c->list[i].column);
		json_put_i64(&j, "rows", c->list[i].rows);
		json_put_bool(&j, "loses", c->list[i].loses);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "figures");
	json_array(&j);
	figure_changes(c, &j);
	json_array_end(&j);
	json_object_end(&j);
	print_json(&b);
	buf_done(&b);
}

static void changes_told(const struct invocation *in, const struct changes *c)
{
	if (in->json) {
		changes_json(c);
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		printf("%s%.*s\n", c->list[i].loses ? "! " : "", STR_ARG(c->list[i].say));
	figure_changes(c, NULL);
	if (!in->quiet && c->n == 0)
		printf(tr("the tables stay as they are\n"));
}

/* Without a folder: what the program brings, with the city's own folder laid over it. */
static enum rc folder(struct invocation *in, const char **out_dir, struct err *err)
{
	str dir;
	*out_dir = in->argc ? in->argv[0] : NULL;
	if (in->argc)
		return RC_OK;
	TRY(schema_model_dir(in->a, in->db_url, &dir, err));
	*out_dir = dir.n ? arena_cstr(in->a, dir) : NULL;
	return RC_OK;
}

static enum rc plan(struct invocation *in, struct err *err)
{
	struct changes ch = {0};
	struct model *before, *after;
	struct db *db;
	const char *dir;
	TRY(opt_done(in, 0, 1, &cmd_model, err));
	TRY(folder(in, &dir, err));
	TRY(load(in, dir, true, &after, err));
	TRY(model_here(in, &before, err));
	TRY(db_open(in->db_url, DB_READ, &db, err));
	ch.before = before;
	ch.after = after;
	enum rc rc = schema_plan(in->a, db, after, &ch.list, &ch.n, err);
	if (rc == RC_OK)
		changes_told(in, &ch);
	db_close(db);
	model_done(before);
	model_done(after);
	return rc;
}

struct apply_arg {
	const struct model *m;
	str dir, lose[LOSE_MAX];
	size_t lose_n;
	bool protects; /* pages that held plain values are to be written anew */
};

static enum rc apply_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct apply_arg *x = arg;
	c->action = STR("model");
	c->subject = STR("city");
	c->detail = arena_fmt(c->a, "digest %.*s", STR_ARG(x->m->digest));
	struct protecting more;
	TRY(protect_begin(c, x->m, &more, err));
	struct schema_sealer sealer = protect_sealer(&more);
	x->protects = x->protects || more.needed;
	TRY(schema_apply(c->a, c->db, x->m, x->lose, x->lose_n, &sealer, err));
	TRY(protect_rest(&more, err));
	return schema_model_dir_set(c->db, x->dir, err);
}

static enum rc lose_options(struct invocation *in, struct apply_arg *x, struct err *err)
{
	for (int i = 0; i + 1 < in->argc;)
		if (strcmp(in->argv[i], "--lose") == 0 && x->lose_n < LOSE_MAX) {
			x->lose[x->lose_n++] = str_of(in->argv[i + 1]);
			for (int k = i; k + 2 < in->argc; k++)
				in->argv[k] = in->argv[k + 2];
			in->argc -= 2;
		} else {
			i++;
		}
	return opt_done(in, 0, 1, &cmd_model, err);
}

static enum rc apply_to(struct invocation *in, struct apply_arg *x, struct err *err)
{
	struct actor operator= actor_operator();
	struct schema_change *list;
	size_t n;
	struct city *city;
	TRY(city_open(in->db_url, true, &city, err));
	enum rc rc = schema_plan(in->a, writer_db(city->writer), x->m, &list, &n, err);
	if (rc == RC_OK && n == 0 && in->argc == 0) {
		if (!in->quiet)
			printf(tr("the tables stay as they are\n"));
	} else if (rc == RC_OK) {
		for (size_t i = 0; i < n && !in->quiet; i++)
			printf("%.*s\n", STR_ARG(list[i].say));
		rc = city_run(city, &operator, in->a, (str){NULL, 0}, apply_job, x, err);
		if (rc == RC_OK && !in->quiet)
			printf(tr("the city stands on %.*s; figures with another definition are counted anew "
				  "when it is opened next\n"),
				STR_ARG(x->dir.n ? x->dir : str_of(tr("the program's declarations"))));
	}
	city_close(city);
	if (rc == RC_OK && x->protects)
		rc = protect_scrub(in->db_url, x->m, in->a, err);
	return rc;
}

static enum rc apply(struct invocation *in, struct err *err)
{
	struct apply_arg x = {0};
	opt_flag(in, "--scrub", &x.protects);
	struct model *m;
	const char *dir;
	TRY(lose_options(in, &x, err));
	if (in->as)
		return FAIL(err, RC_DENIED, "only the operator (without --as) gives a city another model");
	TRY(folder(in, &dir, err));
	if (dir)
		TRY(schema_full_path(in->a, dir, &x.dir, err));
	TRY(load(in, dir, true, &m, err));
	x.m = m;
	enum rc rc = apply_to(in, &x, err);
	model_done(m);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	static const struct {
		const char *name;
		enum rc (*run)(struct invocation *in, struct err *err);
	} verbs[] = {{"check", check}, {"show", cmd_model_show}, {"plan", plan}, {"apply", apply}};
	const char *verb = in->argc ? in->argv[0] : "";
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verb, verbs[i].name) == 0) {
			in->argc--;
			in->argv++;
			return verbs[i].run(in, err);
		}
	return usage_error(&cmd_model, err);
}

const struct command cmd_model = {
	.name = "model",
	.usage = N_("model check [DIR] | show [REGISTER] | plan [DIR] | apply [DIR] [--lose "
		    "REGISTER[.FIELD]]... [--scrub]"),
	.summary = N_("the declarations: check a folder, show them, give a city others"),
	.help = N_("check finds every fault in a folder of declarations, with file:line:column. A folder "
		   "that has "
		   "registers/org.yaml and registers/person.yaml is a whole model; any other is laid over "
		   "the built-in "
		   "one, file by file.\nplan tells what would change in the tables and in the figures; apply "
		   "does it. A "
		   "change that loses data is refused until --lose names it. Texts that become sealed are "
		   "sealed in their "
		   "rows and history, and the pages that held them are written anew; --scrub does only that "
		   "again."
		   "\nWithout a folder: what this "
		   "program brings, after an upgrade.\nExample: qinghe model check ./model\nExit "
		   "codes: 0 done, 2 faults, 3 a loss not named."),
	.run = run,
};
