/* main.c -- qinghe-print: see print.h. */
#include "print/print.h"
#include <cairo-pdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX_BYTES = 16 << 20, PATH_BYTES = 4096 };

static cairo_status_t to_stdout(void *closure, const unsigned char *data, unsigned int n)
{
	(void)closure;
	return fwrite(data, 1, n, stdout) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static str read_all(struct buf *b)
{
	char piece[65536];
	size_t n;
	buf_init(b, INPUT_MAX_BYTES);
	while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
		buf_add(b, (str){piece, n});
	return buf_str(b);
}

static void measures(struct sheet *s, str layout)
{
	s->page_w = 210 * MM;
	s->page_h = 297 * MM;
	s->left = s->top = 20 * MM;
	s->layout = LAYOUT_PLAIN;
	if (str_is(layout, "gov")) { /* white above 37 mm, binding side 28 mm, 22 lines */
		s->layout = LAYOUT_GOV;
		s->left = 28 * MM;
		s->top = 37 * MM;
		s->width = 156 * MM;
		s->bottom = s->top + 225 * MM;
		return;
	}
	if (str_is(layout, "across")) {
		s->layout = LAYOUT_ACROSS;
		s->page_w = 297 * MM;
		s->page_h = 210 * MM;
	}
	s->width = s->page_w - 2 * s->left;
	s->bottom = s->page_h - s->top;
}

static bool draw(struct sheet *s, const struct json_v *v, struct err *err)
{
	const struct json_v *blocks = json_get(v, "blocks");
	if (blocks == NULL || blocks->kind != JSON_ARRAY) {
		FAIL(err, RC_INVALID, "there are no blocks to print");
		return false;
	}
	sheet_new_page(s);
	for (size_t i = 0; i < blocks->n; i++)
		if (!flow_block(s, blocks, i, err))
			return false;
	sheet_end_page(s);
	return true;
}

static int print(struct sheet *s, const struct json_v *v)
{
	struct err err;
	str title = json_get_str(v, "title");
	s->note = json_get_str(v, "note");
	measures(s, json_get_str(v, "layout"));
	s->surface = cairo_pdf_surface_create_for_stream(to_stdout, NULL, s->page_w, s->page_h);
	cairo_pdf_surface_set_metadata(s->surface, CAIRO_PDF_METADATA_TITLE, arena_cstr(s->a, title));
	cairo_pdf_surface_set_metadata(s->surface, CAIRO_PDF_METADATA_CREATOR, "Qinghe " QINGHE_VERSION);
	s->cr = cairo_create(s->surface);
	faces_use(s);
	bool good = draw(s, v, &err);
	g_object_unref(s->fonts);
	cairo_destroy(s->cr);
	cairo_surface_finish(s->surface);
	bool written = cairo_surface_status(s->surface) == CAIRO_STATUS_SUCCESS && fflush(stdout) == 0;
	cairo_surface_destroy(s->surface);
	if (!good)
		fprintf(stderr, "qinghe-print: %s\n", err.text);
	return !good ? 2 : written ? 0 : 4;
}

int main(void)
{
	struct arena a = {0};
	struct buf in;
	struct json_v *v;
	struct err err;
	struct sheet s = {.a = &a};
	char self[PATH_BYTES] = "";
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	self[n > 0 ? n : 0] = 0;
	str text = read_all(&in);
	int code = 2;
	if (!buf_ok(&in))
		fprintf(stderr, "qinghe-print: more than %d bytes\n", INPUT_MAX_BYTES);
	else if (json_read(&a, text, INPUT_MAX_BYTES, &v, &err) != RC_OK)
		fprintf(stderr, "qinghe-print: %s\n", err.text);
	else {
		faces_start(self);
		code = print(&s, v);
	}
	buf_done(&in);
	arena_done(&a);
	return code;
}
