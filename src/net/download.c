/* download.c -- see download.h. */
#include "net/download.h"
#include "base/utf8.h"

static bool forbidden(unsigned char c)
{
	return c < 0x20 || c == 0x7f || strchr("\"\\/:*?<>|%;'`", c) != NULL;
}

/* Plain and short, never empty; the last folder's part only. */
static str plain(struct arena *a, str name)
{
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/' || name.p[i - 1] == '\\') {
			name = str_from(name, i);
			break;
		}
	name = utf8_head(name, DOWNLOAD_NAME_MAX_BYTES);
	char *p = arena_cstr(a, name);
	bool dots = true;
	for (size_t i = 0; i < name.n; i++) {
		if (forbidden((unsigned char)p[i]))
			p[i] = '_';
		dots = dots && (p[i] == '.' || p[i] == ' ');
	}
	return dots || !utf8_clean((str){p, name.n}) ? STR("file") : (str){p, name.n};
}

const char *download_disposition(struct arena *a, str name)
{
	static const char hex[] = "0123456789ABCDEF";
	str s = plain(a, name);
	char *ascii = arena_alloc(a, s.n + 1), *wide = arena_alloc(a, 3 * s.n + 1);
	size_t n = 0, w = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (c < 0x80)
			ascii[n++] = (char)c;
		else if (c >= 0xc0)
			ascii[n++] = '_'; /* one for each character */
		if (letter || strchr("-._~", c)) {
			wide[w++] = (char)c;
		} else {
			wide[w++] = '%';
			wide[w++] = hex[c >> 4];
			wide[w++] = hex[c & 15];
		}
	}
	return arena_printf(a, "attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii, wide);
}

const char *download_type(const char *type)
{
	static const char *const harmless[] = {"application/json", "application/zip",
		"text/csv; charset=utf-8",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
	for (size_t i = 0; type && i < sizeof harmless / sizeof *harmless; i++)
		if (strcmp(type, harmless[i]) == 0)
			return harmless[i];
	return "application/octet-stream";
}

void http_download(struct http *q, str name, const char *type)
{
	q->out.type = download_type(type);
	http_add(q, "Content-Disposition", download_disposition(q->a, name));
	http_add(q, "Content-Security-Policy", "sandbox; default-src 'none'");
}
