/* page_import.c -- /import: a sheet is dropped, looked at, corrected, brought in. Nothing is written before the page has told
 * how many rows are new, changed, the same, refused: it runs the import as a dry job (job.h). Between the steps the file lies
 * sealed in the store of files (guard/files.h; unnamed by any row it is swept after a day) and its reference, with what was
 * chosen, in kept.h. How a header's columns were put right is remembered: for the next sheet with the same header of the one who
 * did it, and column by column for the next sheet of the same unit, whoever brings it in. */
#include "web/page_import.h"
#include "base/rand.h"
#include "base/utf8.h"
#include "format/charset.h"
#include "guard/files.h"
#include "guard/kept.h"
#include "intake/import_file.h"
#include "register/attach.h"
#include "register/import_undo.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/progress.h"
#include "web/site_in.h"
#include <stdlib.h>
#include <unistd.h>

enum { PREVIEW_ROWS = 20, MENDS_MAX = 500, MEND_CHARS = 200 };

/* ---- looking ---- */

/* The text as the person says it is encoded: a byte order mark before UTF-8 settles it for the reader. */
static enum rc in_encoding(struct page *p, str encoding, str *bytes, struct err *err)
{
	static const char mark[] = "\xEF\xBB\xBF";
	str text = *bytes;
	if (encoding.n == 0)
		return RC_OK;
	if (str_is(encoding, "gb18030") && !charset_gb18030_to_utf8(p->a, *bytes, &text))
		return FAIL(err, RC_INVALID, "this file is not GB18030");
	if (!str_starts(text, STR("\xEF\xBB\xBF")))
		text = arena_fmt(p->a, "%s%.*s", mark, STR_ARG(text));
	*bytes = text;
	return RC_OK;
}

static void shown(void *user, int64_t rows)
{
	const struct page *p = user;
	work_progress(p->r.actor.person, page_arg(p, 0), rows);
}

enum rc import_run(
	struct page *p, const struct intake *k, bool dry, struct import_outcome *out, struct err *err)
{
	struct file_ref ref;
	str bytes, folder = files_folder(p->a, p->site->city->db_url);
	if (!file_ref_read(k->file, &ref))
		return FAIL(err, RC_IO, "the file's reference is damaged");
	TRY(files_get(p->a, folder.p, &ref, &bytes, err));
	TRY(in_encoding(p, k->encoding, &bytes, err));
	struct import_request q = {.db = p->r.db,
		.sheet = k->sheet.n ? arena_cstr(p->a, k->sheet) : NULL,
		.first_sheet = true,
		.header_row = (uint32_t)k->header_row,
		.mends = k->mends,
		.mends_n = k->mends_n,
		.preview_max = dry ? PREVIEW_ROWS : 0,
		.shown = dry ? NULL : shown,
		.shown_user = p,
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

/* A file that cannot be read at all: said where it is dropped anew. */
static enum rc unreadable(struct page *p, enum rc rc, struct err *err)
{
	if (rc != RC_INVALID && rc != RC_NOT_FOUND && rc != RC_CONFLICT && rc != RC_LIMIT)
		return rc;
	p->q->out.status = 422;
	show_drop(p, arena_str(p->a, str_of(err->text)));
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
	enum rc rc = attach_put(p->site->city, p->a, k.name, file->bytes, &k.file, err);
	if (rc != RC_OK)
		return unreadable(p, rc, err);
	import_remembered(p, &k);
	rand_bytes(token, sizeof token);
	k.token = hex_str(p->a, token, sizeof token);
	TRY(import_keep(p, p->r.actor.person, "import", k.token, import_pack(p, &k), err));
	page_go(p, page_hrefs(p, "/import/%.*s", STR_ARG(k.token)));
	return RC_OK;
}

/* ---- what would become of it ---- */

static enum rc look(struct page *p, struct err *err)
{
	struct intake k = {0};
	struct import_outcome o = {0};
	TRY(import_unpack(p, &k, err));
	enum rc rc = import_run(p, &k, true, &o, err);
	if (rc == RC_INVALID && (o.sheets_n > 0 || k.encoding.n > 0)) { /* it may be read in another way */
		p->q->out.status = 422;
		import_show(p, &k, &o, arena_str(p->a, str_of(err->text)), false);
		return RC_OK;
	}
	if (rc != RC_OK)
		return unreadable(p, rc, err);
	import_show(p, &k, &o, STR(""), false);
	return RC_OK;
}

/* ---- putting columns right, bringing in ---- */

static enum rc put_right(struct page *p, struct intake *k, struct err *err)
{
	struct import_outcome o;
	enum rc rc = import_run(p, k, true, &o, err);
	if (rc != RC_OK)
		return unreadable(p, rc, err);
	k->wishes = NEWS(p->a, o.map.n + 1, struct map_wish);
	k->wishes_n = 0;
	for (size_t i = 0; i < o.map.n; i++) {
		str field = pairs_get(&p->form, arena_printf(p->a, "c%zu", i));
		if (field.n > 0 && reg_field(k->reg, field) && o.map.columns[i].header.n > 0)
			k->wishes[k->wishes_n++] = (struct map_wish){o.map.columns[i].header, field};
	}
	TRY(import_keep(p, p->r.actor.person, "import", k->token, import_pack(p, k), err));
	TRY(import_remember(p, k, &o.map, err));
	page_go(p, page_hrefs(p, "/import/%.*s", STR_ARG(k->token)));
	return RC_OK;
}

/* Another sheet, header row or encoding: what was mended stood in the old one. */
static enum rc read_anew(struct page *p, struct intake *k, struct err *err)
{
	str row = pairs_get(&p->form, "header_row");
	str sheet = pairs_get(&p->form, "sheet"), encoding = pairs_get(&p->form, "encoding");
	int64_t at = 0;
	if (row.n && (!str_i64(row, &at) || at < 1 || at > IMPORT_HEADER_SEARCH_ROWS))
		return FAIL(err, RC_INVALID, "the header stands in one of the first %d rows",
			IMPORT_HEADER_SEARCH_ROWS);
	if (encoding.n && !str_is(encoding, "utf8") && !str_is(encoding, "gb18030"))
		return FAIL(err, RC_INVALID, "there is no encoding “%.*s” here", STR_ARG(encoding));
	k->sheet = sheet;
	k->encoding = encoding;
	k->header_row = at;
	k->mends_n = 0;
	k->wishes_n = 0;
	TRY(import_keep(p, p->r.actor.person, "import", k->token, import_pack(p, k), err));
	page_go(p, page_hrefs(p, "/import/%.*s", STR_ARG(k->token)));
	return RC_OK;
}

/* One cell of a refused row put right here; the file itself stays as it came. */
static enum rc mend(struct page *p, struct intake *k, struct err *err)
{
	int64_t row, column;
	str text = pairs_get(&p->form, "value");
	if (!str_i64(pairs_get(&p->form, "row"), &row) || !str_i64(pairs_get(&p->form, "column"), &column) ||
		row < 1 || column < 0 || column >= IMPORT_COLUMNS_MAX)
		return FAIL(err, RC_INVALID, "say which row and column is mended");
	if (utf8_count(text) > MEND_CHARS || k->mends_n == MENDS_MAX)
		return FAIL(err, RC_LIMIT, "this is too much to mend here: mend the sheet itself");
	struct import_mend *m = &k->mends[k->mends_n];
	for (size_t i = 0; i < k->mends_n; i++)
		if (k->mends[i].row == row && k->mends[i].column == (size_t)column)
			m = &k->mends[i];
	k->mends_n += m == &k->mends[k->mends_n];
	*m = (struct import_mend){row, (size_t)column, text};
	TRY(import_keep(p, p->r.actor.person, "import", k->token, import_pack(p, k), err));
	page_go(p, page_hrefs(p, "/import/%.*s#rows", STR_ARG(k->token)));
	return RC_OK;
}

static enum rc undo_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct import_undone out;
	return import_undo(c, *(const int64_t *)arg, &out, err);
}

/* All of what this import wrote, taken back (import_undo.h says when it is refused); then the look stands as before. */
static enum rc undo(struct page *p, struct intake *k, struct err *err)
{
	int64_t import;
	if (!str_i64(pairs_get(&p->form, "import"), &import) || import < 1)
		return FAIL(err, RC_INVALID, "say which import is taken back");
	TRY(page_run(p, undo_run, &import, err));
	page_go(p, page_hrefs(p, "/import/%.*s", STR_ARG(k->token)));
	return RC_OK;
}

static enum rc go_on(struct page *p, struct err *err)
{
	struct intake k = {0};
	struct import_outcome o;
	str act = page_input(p, "_act");
	TRY(import_unpack(p, &k, err));
	if (str_is(act, "read"))
		return read_anew(p, &k, err);
	if (str_is(act, "mend"))
		return mend(p, &k, err);
	if (str_is(act, "undo"))
		return undo(p, &k, err);
	if (!str_is(act, "go"))
		return put_right(p, &k, err);
	work_progress(p->r.actor.person, k.token, 0);
	enum rc rc = import_run(p, &k, false, &o, err);
	if (rc != RC_OK)
		work_done(p->r.actor.person, k.token);
	if (rc != RC_OK)
		return unreadable(p, rc, err);
	work_done(p->r.actor.person, k.token);
	import_show(p, &k, &o, STR(""), true);
	return RC_OK;
}

static enum rc refused(struct page *p, struct err *err)
{
	struct intake k = {0};
	struct import_outcome o;
	char path[] = "/dev/shm/qinghe-refused-XXXXXX";
	TRY(import_unpack(p, &k, err));
	TRY(import_run(p, &k, true, &o, err));
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

/* How far it has come: one server-sent event, after which the browser asks again. Without script the import's own answer
 * is waited for. */
static enum rc progress(struct page *p, struct err *err)
{
	int64_t rows = work_rows(p->r.actor.person, page_arg(p, 0));
	(void)err;
	buf_clear(page_out(p));
	p->q->out.type = "text/event-stream";
	http_add(p->q, "Cache-Control", "no-store");
	buf_printf(page_out(p), "retry: 400\nevent: %s\ndata: %lld\n\n", rows < 0 ? "rest" : "rows",
		(long long)rows);
	return RC_OK;
}

static const struct input drop_query[] = {{"register", INPUT_WORD, 60, false}, {0}};
static const struct input drop_inputs[] = {{"register", INPUT_WORD, 60, true}, {0}};
static const struct input go_inputs[] = {{"_act", INPUT_ACT, 8, true}, {0}};

const struct route routes_import[] = {
	{"GET", "/import", drop_form, ACCESS_SIGNED_IN, CSRF_READ_ONLY, drop_query, ROUTE_HTML_ONLY},
	{"POST", "/import", dropped, ACCESS_SIGNED_IN, CSRF_TOKEN, drop_inputs, ROUTE_SLOW | ROUTE_UPLOAD},
	{"GET", "/import/{token}", look, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/import/{token}", go_on, ACCESS_SIGNED_IN, CSRF_TOKEN, go_inputs,
		ROUTE_SLOW | ROUTE_FIELDS},
	{"GET", "/import/{token}/progress", progress, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_QUICK | ROUTE_HTML_ONLY},
	{"GET", "/import/{token}/refused", refused, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY | ROUTE_FILE},
	{0},
};
