/* assets.c -- our own sheet, script and icon, and those of others: embedded, made slim, named by their digest, compressed once at start. */
#include "base/embed.h"
#include "base/hash.h"
#include "format/slim.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { LARGE = 200000 };

static const char *type_of(str name)
{
	return str_ends(name, STR(".css"))   ? "text/css; charset=utf-8"
	       : str_ends(name, STR(".js"))  ? "text/javascript; charset=utf-8"
	       : str_ends(name, STR(".svg")) ? "image/svg+xml"
					     : NULL;
}

/* Those of others come by npm, small already. */
static bool is_ours(str name)
{
	return (str_ends(name, STR(".css")) || str_ends(name, STR(".js"))) && !str_is(name, "htmx.js") &&
	       !str_is(name, "echarts.js");
}

static str as_sent(struct site *s, str name, str bytes)
{
	if (!is_ours(name))
		return bytes;
	struct buf b = {0};
	slim(bytes, &b);
	str out = arena_str(&s->a, buf_str(&b));
	buf_done(&b);
	return out;
}

void assets_load(struct site *s)
{
	s->assets = NEWS(&s->a, embed_files_n, struct asset);
	for (size_t i = 0; i < embed_files_n; i++) {
		const struct embed_file *f = &embed_files[i];
		str path = str_of(f->path), bytes = {f->begin, (size_t)(f->end - f->begin)};
		if (!str_starts(path, STR("assets/")) || type_of(path) == NULL || bytes.n == 0)
			continue;
		str name = str_from(path, 7), end = name;
		bytes = as_sent(s, name, bytes);
		struct hash h = hash_sha256(bytes);
		str stem = str_cut(name, '.', &end);
		struct asset *a = &s->assets[s->assets_n++];
		struct buf zip = {0};
		http_gzip(&zip, bytes, bytes.n > LARGE ? 6 : 12); /* the start is not to wait */
		*a = (struct asset){.name = arena_fmt(&s->a, "%.*s-%.*s.%.*s", STR_ARG(stem),
					    STR_ARG(hex_str(&s->a, h.b, 4)), STR_ARG(end)),
			.type = type_of(path),
			.plain = bytes,
			.gzip = arena_str(&s->a, buf_str(&zip))};
		buf_done(&zip);
	}
	s->css = asset_address(s, "qinghe.css");
	s->js = asset_address(s, "qinghe.js");
	s->htmx = asset_address(s, "htmx.js");
	s->icon = asset_address(s, "icon.svg");
}

str asset_address(const struct site *s, const char *name)
{
	str end, stem = str_cut(str_of(name), '.', &end);
	for (size_t i = 0; i < s->assets_n; i++) {
		str have = s->assets[i].name;
		if (have.n == stem.n + 9 + 1 + end.n && str_starts(have, stem) && str_ends(have, end))
			return arena_fmt((struct arena *)(uintptr_t)&s->a, "/assets/%.*s", STR_ARG(have));
	}
	return STR("");
}

static enum rc asset(struct page *p, struct err *err)
{
	for (size_t i = 0; i < p->site->assets_n; i++) {
		const struct asset *a = &p->site->assets[i];
		if (!str_eq(a->name, page_arg(p, 0)))
			continue;
		p->q->out.fixed = a->plain;
		p->q->out.fixed_gzip = a->gzip;
		p->q->out.type = a->type;
		p->q->out.immutable = true;
		return RC_OK;
	}
	return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
}

/* The worker stands at the root, which is as far as it may reach, and under one name: browsers look for a newer one. */
static enum rc worker(struct page *p, struct err *err)
{
	str address = asset_address(p->site, "sw.js");
	for (size_t i = 0; address.n && i < p->site->assets_n; i++) {
		const struct asset *a = &p->site->assets[i];
		if (!str_ends(address, a->name))
			continue;
		p->q->out.fixed = a->plain;
		p->q->out.fixed_gzip = a->gzip;
		p->q->out.type = a->type;
		return RC_OK;
	}
	return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
}

static enum rc healthz(struct page *p, struct err *err)
{
	(void)err;
	struct json j = page_json(p);
	json_object(&j);
	json_put_cstr(&j, "status", writer_is_full(p->site->city->writer) ? "read-only" : "ok");
	json_put_cstr(&j, "version", QINGHE_VERSION);
	json_put_i64(&j, "waiting", writer_waiting(p->site->city->writer));
	json_object_end(&j);
	return RC_OK;
}

const struct route routes_asset[] = {
	{"GET", "/assets/{name}", asset, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY | ROUTE_BARE},
	{"GET", "/sw.js", worker, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_HTML_ONLY | ROUTE_BARE},
	{"GET", "/healthz", healthz, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs, ROUTE_BARE},
	{0},
};
