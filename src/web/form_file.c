/* form_file.c -- see form_file.h; and /r/REGISTER/ID/file/FIELD, where a file goes out. */
#include "web/form_file.h"
#include "guard/files.h"
#include "net/download.h"
#include "register/attach.h"
#include "web/pages.h"
#include "web/site_in.h"

const char *form_file_kind(str b)
{
	static const struct {
		const char *kind, *head;
		size_t at, n;
	} kinds[] = {{"JPEG", "\xFF\xD8\xFF", 0, 3}, {"PNG", "\x89PNG\r\n\x1A\n", 0, 8},
		{"WebP", "WEBP", 8, 4}, {"HEIC", "ftyphei", 4, 7}, {"HEIC", "ftypmif1", 4, 8},
		{"PDF", "%PDF-", 0, 5}, {"zip", "PK\x03\x04", 0, 4},
		{"OLE", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 0, 8}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (b.n >= kinds[i].at + kinds[i].n &&
			memcmp(b.p + kinds[i].at, kinds[i].head, kinds[i].n) == 0)
			return kinds[i].kind;
	return NULL;
}

static enum rc amiss(struct form *f, struct form_input *in, const char *words)
{
	in->fault = str_of(words);
	f->faults_n++;
	return RC_OK;
}

enum rc form_file_take(struct page *p, struct form *f, struct form_input *in, struct err *err)
{
	const char *name = arena_cstr(p->a, in->field->id);
	const struct part *file = page_file(p, name);
	bool stands = f->now && (f->now->values[in->field->at].kind != V_NULL || in->keeps);
	in->came = false;
	in->value = (struct value){0};
	in->text = stands ? attach_name(&f->now->values[in->field->at]) : STR("");
	if (file == NULL) {
		bool drops = str_is(pairs_get(&p->form, arena_printf(p->a, "_drop.%s", name)), "1");
		if (in->required && (!stands || drops))
			return amiss(f, in, tr("This is needed."));
		in->came = drops && stands;
		return RC_OK;
	}
	if (file->bytes.n > FILE_MAX_BYTES)
		return amiss(f, in, tr("A file may have 20 MB at most."));
	if (form_file_kind(file->bytes) == NULL)
		return amiss(f, in, tr("Only pictures, PDF, Word and Excel files are taken."));
	str text;
	enum rc rc = attach_put(p->site->city, p->a, file->filename, file->bytes, &text, err);
	if (rc == RC_LIMIT)
		return amiss(f, in, arena_printf(p->a, "%s", err->text));
	TRY(rc);
	TRY(value_parse(p->a, in->field, text, &in->value, err));
	in->came = true;
	in->text = file->filename;
	return RC_OK;
}

static enum rc out(struct page *p, struct err *err)
{
	const struct reg *reg;
	struct record *rec;
	int64_t id;
	str name, bytes;
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	const struct field *f = reg_field(reg, page_arg(p, 2));
	if (!str_i64(page_arg(p, 1), &id) || id <= 0 || f == NULL || f->type != T_FILE)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	TRY(record_get(&p->r, reg, id, &rec, err));
	TRY(attach_get(&p->r, rec, f, &name, &bytes, err));
	http_download(p->q, name, NULL);
	buf_add(page_out(p), bytes);
	return RC_OK;
}

const struct route routes_file[] = {
	{"GET", "/r/{register}/{id}/file/{field}", out, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
