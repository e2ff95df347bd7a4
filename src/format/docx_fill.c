/* docx_fill.c -- see docx_fill.h. */
#include "format/docx_fill.h"
#include "format/docx_note.h"
#include "format/docx_part.h"
#include "format/xml.h"
#include "format/zip.h"

struct package {
	struct docx_file *parts;
	size_t n;
};

static enum rc read_package(struct arena *a, str docx, struct package *out, struct err *err)
{
	struct unzip *z;
	if (!unzip_looks_so(docx))
		return FAIL(err, RC_INVALID, "not a .docx file (no zip archive)");
	TRY(unzip_open_bytes(a, docx, NULL, &z, err));
	struct package p = {.n = unzip_count(z)};
	p.parts = NEWS(a, p.n + 2, struct docx_file); /* room for docx_note_put */
	enum rc rc = RC_OK;
	bool types = false;
	for (size_t i = 0; rc == RC_OK && i < p.n; i++) {
		const struct unzip_entry *e = unzip_at(z, i);
		p.parts[i].name = arena_str(a, e->name);
		types = types || str_is(e->name, "[Content_Types].xml");
		if (!e->folder)
			rc = unzip_read(z, e, a, &p.parts[i].bytes, err);
	}
	unzip_close(z);
	if (rc == RC_OK && !types)
		rc = FAIL(err, RC_INVALID, "not a .docx file ([Content_Types].xml is missing)");
	if (rc == RC_OK)
		*out = p;
	return rc;
}

static bool wordprocessing(str name, str bytes)
{
	return str_ends(name, STR(".xml")) &&
	       (str_find(bytes, STR("wordprocessingml/2006/main")) != SIZE_MAX ||
		       str_find(bytes, STR("ooxml/wordprocessingml/main")) != SIZE_MAX);
}

static bool may_hold_slots(str bytes)
{
	return str_find_byte(bytes, '{') != SIZE_MAX || str_find(bytes, STR("｛")) != SIZE_MAX ||
	       str_find(bytes, STR("&#")) != SIZE_MAX;
}

static enum rc fill_part(struct arena *a, struct docx_file *p, const struct slot_host *host,
	struct docx_ids *ids, struct err *err)
{
	if (!wordprocessing(p->name, p->bytes) || (!host->next && !may_hold_slots(p->bytes)))
		return RC_OK;
	struct buf b;
	bool changed = false;
	buf_init(&b, DOCX_PART_MAX_BYTES);
	buf_reserve(&b, p->bytes.n + p->bytes.n / 4);
	enum rc rc = docx_part_fill(a, arena_cstr(a, p->name), p->bytes, host, ids, &b, &changed, err);
	if (rc == RC_OK && changed)
		p->bytes = arena_str(a, buf_str(&b));
	buf_done(&b);
	return rc;
}

enum rc docx_fill(
	struct arena *a, str docx, const struct slot_host *host, str note, struct buf *out, struct err *err)
{
	struct package p;
	struct docx_ids ids = {0};
	TRY(read_package(a, docx, &p, err));
	for (size_t i = 0; i < p.n; i++)
		TRY(fill_part(a, &p.parts[i], host, &ids, err));
	if (note.n > 0)
		TRY(docx_note_put(a, p.parts, &p.n, note, err));
	struct zipper w;
	zipper_init(&w, a, out);
	for (size_t i = 0; i < p.n; i++)
		zipper_add(&w, p.parts[i].name, p.parts[i].bytes);
	return zipper_end(&w, err);
}

enum rc docx_paragraphs(struct arena *a, str docx,
	bool (*visit)(
		void *user, const char *part, const struct docx_tree *tree, const struct docx_paragraph *p),
	void *user, struct err *err)
{
	struct package p;
	TRY(read_package(a, docx, &p, err));
	for (size_t i = 0; i < p.n; i++) {
		if (!wordprocessing(p.parts[i].name, p.parts[i].bytes))
			continue;
		struct docx_tree *t = NEW(a, struct docx_tree);
		const char *name = arena_cstr(a, p.parts[i].name);
		enum rc rc = docx_tree_read(a, p.parts[i].bytes, t, err);
		if (rc != RC_OK)
			return err_at(err, rc, "%s", name);
		for (size_t k = 0; k < t->paragraphs_n; k++)
			if (!visit(user, name, t, &t->paragraphs[k]))
				return RC_OK;
	}
	return RC_OK;
}
