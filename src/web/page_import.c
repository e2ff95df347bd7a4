/* page_import.c -- /import: a sheet is dropped, looked at, corrected, brought in. Nothing is written before the page has told
 * how many rows are new, changed, the same, refused: it runs the import as a dry job (job.h). Between the steps the file lies
 * sealed in the store of files (guard/files.h; unnamed by any row it is swept after a day) and its reference, with what was
 * chosen, in kept.h. How a header's columns were put right is remembered for the next sheet with the same header. */
#include "web/page_import.h"
#include "base/rand.h"
#include "guard/files.h"
#include "guard/kept.h"
#include "guard/seal.h"
#include "intake/import_file.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include <stdlib.h>
#include <unistd.h>

enum { REFUSED_SHOWN = 200, BAR_WIDTH = 1000 };

/* What is kept of an import between its steps. */
struct intake {
	str token, name, file; /* file: HASH KEY NAME */
	const struct reg *reg;
	struct map_wish *wishes;
	size_t wishes_n;
};

static str pack(struct page *p, const struct intake *k)
{
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_str(&j, "register", k->reg->id);
	json_put_str(&j, "name", k->name);
	json_put_str(&j, "file", k->file);
	json_key(&j, "wishes");
	json_array(&j);
	for (size_t i = 0; i < k->wishes_n; i++) {
		json_str(&j, k->wishes[i].header);
		json_str(&j, k->wishes[i].field);
	}
	json_array_end(&j);
	json_object_end(&j);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static void read_wishes(struct page *p, const struct json_v *list, struct intake *k)
{
	size_t n = list ? list->n / 2 : 0;
	k->wishes = NEWS(p->a, n + 1, struct map_wish);
	for (k->wishes_n = 0; k->wishes_n < n; k->wishes_n++)
		k->wishes[k->wishes_n] = (struct map_wish){
			list->items[2 * k->wishes_n].text, list->items[2 * k->wishes_n + 1].text};
}

static enum rc unpack(struct page *p, struct intake *k, struct err *err)
{
	struct kept kept;
	struct json_v *v;
	bool there;
	k->token = page_arg(p, 0);
	TRY(kept_get(p->r.db, p->a, p->site->city->seal, p->r.actor.person, "import", k->token, &kept, &there,
		err));
	if (!there)
		return FAIL(err, RC_NOT_FOUND, "This import is no longer kept. Drop the file once more.");
	TRY(json_read(p->a, kept.body, 0, &v, err));
	k->reg = model_reg(p->site->city->model, json_get_str(v, "register"));
	k->name = json_get_str(v, "name");
	k->file = json_get_str(v, "file");
	read_wishes(p, json_get(v, "wishes"), k);
	return k->reg && form_may_add(p, k->reg)
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "you may not add rows to this register");
}

struct keeping {
	const char *kind;
	str name, body;
};

static enum rc keep_run(struct job_ctx *c, void *arg, struct err *err)
{
	const struct keeping *k = arg;
	c->action = STR("keep");
	c->subject = str_of(k->kind);
	return k->body.n ? kept_put(c, job_city(c)->seal, c->actor->person, k->kind, k->name, k->body, err)
			 : kept_drop(c, c->actor->person, k->kind, k->name, err);
}

static enum rc keep(struct page *p, const char *kind, str name, str body, struct err *err)
{
	struct keeping k = {kind, name, body};
	return page_run(p, keep_run, &k, err);
}

/* ---- looking ---- */

static enum rc run_import(
	struct page *p, const struct intake *k, bool dry, struct import_outcome *out, struct err *err)
{
	struct file_ref ref;
	str bytes, folder = files_folder(p->a, p->site->city->db_url);
	if (!file_ref_read(k->file, &ref))
		return FAIL(err, RC_IO, "the file's reference is damaged");
	TRY(files_get(p->a, folder.p, &ref, &bytes, err));
	struct import_request q = {.db = p->r.db,
		.reg = k->reg,
		.path = arena_cstr(p->a, k->name),
		.bytes = bytes,
		.wishes = k->wishes,
		.wishes_n = k->wishes_n,
		.org = p->org_code.n ? p->org : 0,
		.dry_run = dry,
		.keep_rejects = true};
	return import_file(p->a, p->site->city, &p->r.actor, &q, out, err);
}

/* The header as a name: sheets of one sender have the same. */
static str header_name(struct page *p, const struct reg *reg, const struct import_map *map)
{
	struct buf b = {0};
	for (size_t i = 0; i < map->n; i++) {
		buf_add(&b, map->columns[i].header);
		buf_putc(&b, 31);
	}
	struct hash h = hash_sha256(buf_str(&b));
	buf_done(&b);
	return arena_fmt(p->a, "%.*s:%.*s", STR_ARG(reg->id), STR_ARG(hex_str(p->a, h.b, 8)));
}

/* A header that was put right before: the same again. What cannot be read is told by the next page. */
static void remembered(struct page *p, struct intake *k)
{
	struct import_outcome o;
	struct kept *list, kept;
	struct json_v *v;
	size_t n = 0;
	bool there = false;
	struct seal *seal = p->site->city->seal;
	int64_t who = p->r.actor.person;
	str head = arena_fmt(p->a, "%.*s:", STR_ARG(k->reg->id));
	if (kept_list(p->r.db, p->a, seal, who, "mapping", head, &list, &n, NULL) != RC_OK || n == 0)
		return;
	if (run_import(p, k, true, &o, NULL) != RC_OK)
		return;
	if (kept_get(p->r.db, p->a, seal, who, "mapping", header_name(p, k->reg, &o.map), &kept, &there,
		    NULL) == RC_OK &&
		there && json_read(p->a, kept.body, 0, &v, NULL) == RC_OK)
		read_wishes(p, v, k);
}

/* ---- the first step ---- */

static void registers(struct page *p, struct import_page *g, str chosen)
{
	const struct model *m = p->site->city->model;
	g->registers = NEWS(p->a, m->regs_n + 1, struct import_choice);
	for (size_t i = 0; i < m->regs_n; i++)
		if (form_may_add(p, &m->regs[i]))
			g->registers[g->registers_n++] = (struct import_choice){
				m->regs[i].id, label_text(&m->regs[i].label), str_eq(m->regs[i].id, chosen)};
}

static void show_drop(struct page *p, str fault)
{
	struct import_page g = {
		.heading = str_of(tr("Bring in a sheet")), .action = page_href(p, STR("/import"))};
	g.fault = fault;
	registers(p, &g, page_input(p, "register"));
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, STR(""));
	tpl_import_drop(page_out(p), &g);
}

static enum rc drop_form(struct page *p, struct err *err)
{
	(void)err;
	show_drop(p, STR(""));
	return RC_OK;
}

static enum rc dropped(struct page *p, struct err *err)
{
	struct intake k = {0};
	unsigned char token[12];
	const struct part *file = page_file(p, "file");
	if (file == NULL || file->bytes.n > FILE_MAX_BYTES) {
		p->q->out.status = 422;
		show_drop(
			p, str_of(file ? tr("The file is larger than 20 MB.") : tr("Choose a file first.")));
		return RC_OK;
	}
	TRY(page_register(p, page_input(p, "register"), &k.reg, err));
	if (!form_may_add(p, k.reg))
		return FAIL(err, RC_DENIED, "you may not add rows to this register");
	k.name = file->filename.n ? file->filename : STR("sheet");
	str folder = files_folder(p->a, p->site->city->db_url);
	TRY(files_put(p->a, folder.p, seal_mode(p->site->city->seal), k.name, file->bytes, &k.file, err));
	remembered(p, &k);
	rand_bytes(token, sizeof token);
	k.token = hex_str(p->a, token, sizeof token);
	TRY(keep(p, "import", k.token, pack(p, &k), err));
	page_go(p, page_hrefs(p, "/import/%.*s", STR_ARG(k.token)));
	return RC_OK;
}

/* ---- what would become of it ---- */

static void fields(
	struct page *p, const struct intake *k, const struct import_outcome *o, struct import_page *g)
{
	const struct reg *reg = k->reg;
	g->fields = NEWS(p->a, o->map.n + 1, struct import_field);
	for (size_t i = 0; i < o->map.n; i++) {
		const struct column *c = &o->map.columns[i];
		struct import_field *f = &g->fields[g->fields_n];
		if (c->header.n == 0)
			continue;
		g->fields_n++;
		*f = (struct import_field){.name = arena_fmt(p->a, "c%zu", i), .header = c->header};
		if (c->kind != COL_NONE && c->kind != COL_FIELD) {
			static const char *const kinds[] = {[COL_PERSON_NAME] = N_("person: name"),
				[COL_PERSON_ID] = N_("person: citizen ID"),
				[COL_PERSON_PHONE] = N_("person: phone"),
				[COL_PERSON_SEX] = N_("person: sex"),
				[COL_PERSON_BIRTH] = N_("person: birth month"),
				[COL_ORG] = N_("unit"),
				[COL_STATE] = N_("state"),
				[COL_NUMBER] = N_("running number")};
			f->kind = str_of(tr(kinds[c->kind]));
			continue;
		}
		f->choices = NEWS(p->a, reg->fields_n + 1, struct import_choice);
		f->choices[f->choices_n++] =
			(struct import_choice){STR(""), str_of(tr("not brought in")), c->kind == COL_NONE};
		for (size_t n = 0; n < reg->fields_n; n++)
			f->choices[f->choices_n++] = (struct import_choice){reg->fields[n].id,
				label_text(&reg->fields[n].label), c->field == &reg->fields[n]};
	}
}

/* A refused row in a line: sensitive columns by their last characters. */
static str cells_line(struct page *p, const struct import_outcome *o, const struct rejected_row *row)
{
	struct buf b = {0};
	for (size_t i = 0; i < row->n && i < o->map.n; i++) {
		const struct column *c = &o->map.columns[i];
		bool sealed = c->kind == COL_PERSON_ID || c->kind == COL_PERSON_PHONE ||
			      (c->field && c->field->sealed && c->kind == COL_FIELD);
		if (row->cells[i].n == 0 || c->kind == COL_NUMBER)
			continue;
		buf_puts(&b, b.n ? " · " : "");
		buf_add(&b, sealed ? STR("***") : row->cells[i]);
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

static str number(struct page *p, int64_t n)
{
	return arena_fmt(p->a, "%lld", (long long)n);
}

static void bars(struct page *p, const struct import_counts *c, struct import_page *g)
{
	int64_t all = c->rows ? c->rows : 1;
	int64_t a = c->inserted * BAR_WIDTH / all, b = c->updated * BAR_WIDTH / all,
		d = c->rejected * BAR_WIDTH / all;
	int64_t same = c->unchanged * BAR_WIDTH / all;
	g->bar_a = number(p, a);
	g->bar_b = number(p, b);
	g->bar_c = number(p, same);
	g->bar_d = number(p, d);
	g->at_b = number(p, a);
	g->at_c = number(p, a + b);
	g->at_d = number(p, a + b + same);
}

static void show(struct page *p, const struct intake *k, const struct import_outcome *o, bool done)
{
	const struct import_counts *c = &o->counts;
	struct import_page g = {.heading = k->name, .done = done};
	g.action = page_hrefs(p, "/import/%.*s", STR_ARG(k->token));
	g.again = page_hrefs(p, "/import?register=%.*s", STR_ARG(k->reg->id));
	g.list_href = page_hrefs(p, "/r/%.*s", STR_ARG(k->reg->id));
	g.register_label = label_text(&k->reg->label);
	g.rows = number(p, c->rows);
	g.inserted = number(p, c->inserted);
	g.updated = number(p, c->updated);
	g.unchanged = number(p, c->unchanged);
	g.rejected = number(p, c->rejected);
	g.header_row = number(p, o->header_row);
	g.sheet = o->sheet;
	g.ignored = o->ignored;
	g.hidden = o->hidden_rows ? number(p, o->hidden_rows) : STR("");
	int64_t n = c->inserted + c->updated;
	g.can_go = !done && n > 0;
	g.go_verb = arena_fmt(p->a,
		trn("Bring in %lld new or changed row", "Bring in %lld new or changed rows", n),
		(long long)n);
	g.done_words =
		arena_fmt(p->a, tr("%lld new, %lld changed."), (long long)c->inserted, (long long)c->updated);
	g.rejects_href = page_hrefs(p, "/import/%.*s/refused", STR_ARG(k->token));
	g.rejects_words =
		arena_fmt(p->a, trn("Fetch the refused row", "Fetch the %lld refused rows", c->rejected),
			(long long)c->rejected);
	g.has_refused = c->rejected > 0;
	bars(p, c, &g);
	fields(p, k, o, &g);
	g.refused = NEWS(p->a, REFUSED_SHOWN, struct import_refused);
	for (size_t i = 0; i < o->rejects_n && i < REFUSED_SHOWN; i++)
		g.refused[g.refused_n++] = (struct import_refused){number(p, o->rejects[i].row),
			o->rejects[i].reasons, cells_line(p, o, &o->rejects[i])};
	g.more_refused = o->rejects_n > REFUSED_SHOWN;
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, k->reg->group);
	shell_crumb(p, &g.shell, str_of(tr("Bring in a sheet")), page_href(p, STR("/import")));
	shell_crumb(p, &g.shell, g.register_label, g.list_href);
	tpl_import(page_out(p), &g);
}

/* A file that cannot be read at all: said where it is dropped anew. */
static enum rc unreadable(struct page *p, enum rc rc, struct err *err)
{
	if (rc != RC_INVALID && rc != RC_NOT_FOUND && rc != RC_CONFLICT && rc != RC_LIMIT)
		return rc;
	p->q->out.status = 422;
	show_drop(p, arena_str(p->a, str_of(err->text)));
	return RC_OK;
}

static enum rc look(struct page *p, struct err *err)
{
	struct intake k = {0};
	struct import_outcome o;
	TRY(unpack(p, &k, err));
	enum rc rc = run_import(p, &k, true, &o, err);
	if (rc != RC_OK)
		return unreadable(p, rc, err);
	show(p, &k, &o, false);
	return RC_OK;
}

/* ---- putting columns right, bringing in ---- */

static enum rc put_right(struct page *p, struct intake *k, struct err *err)
{
	struct import_outcome o;
	enum rc rc = run_import(p, k, true, &o, err);
	if (rc != RC_OK)
		return unreadable(p, rc, err);
	k->wishes = NEWS(p->a, o.map.n + 1, struct map_wish);
	k->wishes_n = 0;
	for (size_t i = 0; i < o.map.n; i++) {
		str field = pairs_get(&p->form, arena_printf(p->a, "c%zu", i));
		if (field.n > 0 && reg_field(k->reg, field) && o.map.columns[i].header.n > 0)
			k->wishes[k->wishes_n++] = (struct map_wish){o.map.columns[i].header, field};
	}
	struct buf b = {0};
	struct json j;
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < k->wishes_n; i++) {
		json_str(&j, k->wishes[i].header);
		json_str(&j, k->wishes[i].field);
	}
	json_array_end(&j);
	str wishes = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	TRY(keep(p, "import", k->token, pack(p, k), err));
	TRY(keep(p, "mapping", header_name(p, k->reg, &o.map), wishes, err));
	page_go(p, page_hrefs(p, "/import/%.*s", STR_ARG(k->token)));
	return RC_OK;
}

static enum rc go_on(struct page *p, struct err *err)
{
	struct intake k = {0};
	struct import_outcome o;
	TRY(unpack(p, &k, err));
	if (!str_is(page_input(p, "_act"), "go"))
		return put_right(p, &k, err);
	enum rc rc = run_import(p, &k, false, &o, err);
	if (rc != RC_OK)
		return unreadable(p, rc, err);
	show(p, &k, &o, true);
	return RC_OK;
}

static enum rc refused(struct page *p, struct err *err)
{
	struct intake k = {0};
	struct import_outcome o;
	char path[] = "/dev/shm/qinghe-refused-XXXXXX";
	TRY(unpack(p, &k, err));
	TRY(run_import(p, &k, true, &o, err));
	int fd = mkstemp(path);
	if (fd < 0)
		return FAIL(err, RC_IO, "there is no room for the file: %s", "/dev/shm");
	close(fd);
	enum rc rc = rejects_write(path, &o, 1, err);
	if (rc == RC_OK)
		rc = page_send_file(p, path, err);
	unlink(path);
	TRY(rc);
	p->q->out.type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	http_add(p->q, "Content-Disposition", "attachment; filename=\"refused.xlsx\"");
	return RC_OK;
}

static const struct input drop_query[] = {{"register", INPUT_WORD, 60, false}, {0}};
static const struct input drop_inputs[] = {{"register", INPUT_WORD, 60, true}, {0}};
static const struct input go_inputs[] = {{"_act", INPUT_WORD, 8, true}, {0}};

const struct route routes_import[] = {
	{"GET", "/import", drop_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, drop_query, ROUTE_HTML_ONLY},
	{"POST", "/import", dropped, ACCESS_SIGNED_IN, CSRF_TOKEN, drop_inputs, ROUTE_SLOW | ROUTE_UPLOAD},
	{"GET", "/import/{token}", look, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/import/{token}", go_on, ACCESS_SIGNED_IN, CSRF_TOKEN, go_inputs,
		ROUTE_SLOW | ROUTE_FIELDS},
	{"GET", "/import/{token}/refused", refused, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY | ROUTE_FILE},
	{0},
};
