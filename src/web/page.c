/* page.c -- see page.h. */
#include "web/page.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/hash.h"
#include "register/permit.h"
#include "web/site_in.h"
#include <errno.h>
#include <stdio.h>

str page_input(const struct page *p, const char *name)
{
	bool post = p->q->method != HTTP_GET && p->q->method != HTTP_HEAD;
	return pairs_get(post ? &p->form : &p->q->query, name);
}

int64_t page_input_id(const struct page *p, const char *name)
{
	int64_t n = 0;
	return str_i64(page_input(p, name), &n) ? n : 0;
}

static void pair_add(struct buf *b, const char *name, str value)
{
	if (value.n == 0)
		return;
	buf_putc(b, b->n > 0 && str_find_byte(buf_str(b), '?') != SIZE_MAX ? '&' : '?');
	html_url(b, str_of(name));
	buf_putc(b, '=');
	html_url(b, value);
}

static str href_over(struct page *p, str path, str period)
{
	if (p->org_code.n == 0 && period.n == 0)
		return arena_str(p->a, path);
	struct buf b = {0};
	buf_add(&b, path);
	pair_add(&b, "org", p->org_code);
	pair_add(&b, "period", period);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

str page_href(struct page *p, str path)
{
	bool travels = p->period_asked && date_ymd(p->period.from).year > EVER_FROM_YEAR;
	return href_over(p, path, travels ? p->period.text : STR(""));
}

str page_href_ever(struct page *p, str path)
{
	return href_over(p, path,
		arena_fmt(p->a, "%d-01-01..%d-12-31", EVER_FROM_YEAR, date_ymd(clock_today()).year + 1));
}

str page_hrefs(struct page *p, const char *format, ...)
{
	char path[400];
	va_list args;
	va_start(args, format);
	vsnprintf(path, sizeof path, format, args);
	va_end(args);
	return page_href(p, str_of(path));
}

str page_here(struct page *p, const char *name, str value)
{
	struct buf b = {0};
	bool dots = str_is(p->q->path, "/");
	buf_add(&b, dots ? STR("/") : STR(""));
	for (str rest = p->q->path; !dots && rest.n > 0;) {
		str part = str_cut(str_from(rest, 1), '/', &rest);
		buf_putc(&b, '/');
		html_url(&b, part);
		if (rest.n > 0)
			rest = (str){rest.p - 1, rest.n + 1};
	}
	for (size_t i = 0; i < p->q->query.n; i++) {
		const struct pair *q = &p->q->query.p[i];
		if (!str_is(q->name, name) && !str_is(q->name, "after") && !str_is(q->name, "lang"))
			pair_add(&b, arena_cstr(p->a, q->name), q->value);
	}
	pair_add(&b, name, value);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

str page_label(struct page *p, const struct reg *reg, int64_t id)
{
	if (reg == NULL || id == 0)
		return STR("");
	/* One place for a register and an id; the value is where the text lies. */
	int64_t *at = imap_at(&p->labels, (uint64_t)reg->at << 53 | (uint64_t)id);
	if (*at == 0) {
		str *s = NEW(p->a, str);
		*at = (int64_t)(intptr_t)s;
		*s = record_label(&p->r, reg, id);
		return *s;
	}
	return *(const str *)(intptr_t)*at;
}

str page_org_name(struct page *p, int64_t org)
{
	return page_label(p, model_reg(p->site->city->model, STR("org")), org);
}

enum rc page_register(struct page *p, str id, const struct reg **out, struct err *err)
{
	const struct model *m = p->site->city->model;
	const struct reg *reg = model_reg(m, id);
	if (reg == NULL) {
		str near = model_suggest_reg(m, id);
		return near.n ? FAIL(err, RC_NOT_FOUND, "There is no register “%.*s”. Is it %.*s?",
					STR_ARG(id), STR_ARG(near))
			      : FAIL(err, RC_NOT_FOUND, "There is no register “%.*s”.", STR_ARG(id));
	}
	*out = reg;
	return RC_OK;
}

enum rc page_figure(struct page *p, str id, const struct figure **out, struct err *err)
{
	const struct figure *f = model_figure(p->site->city->model, id);
	if (f == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is no figure “%.*s”.", STR_ARG(id));
	*out = f;
	return RC_OK;
}

enum rc page_run(struct page *p, enum rc (*run)(struct job_ctx *c, void *arg, struct err *err), void *arg,
	struct err *err)
{
	return city_run(p->site->city, &p->r.actor, p->a, (str){NULL, 0}, run, arg, err);
}

const struct reg *page_reg(const struct page *p, const char *id)
{
	return model_reg(p->site->city->model, str_of(id));
}

bool page_opens(const struct page *p, const char *reg)
{
	const struct reg *r = page_reg(p, reg);
	return r && permit_reach(r, &p->r.actor) != REACH_NONE;
}

bool page_may(struct page *p, const char *reg, const char *move, int64_t id, int64_t org, str state)
{
	struct err err = {0};
	const struct reg *r = page_reg(p, reg);
	struct record rec = {.reg = r, .id = id, .org = org, .state = state};
	rec.values = NEWS(p->a, r->fields_n, struct value);
	const struct move *m = reg_move(r, str_of(move));
	bool from = false;
	for (size_t i = 0; m && i < m->from_n; i++)
		from = from || str_eq(m->from[i], state);
	return from && permit_move(p->r.tree, &p->r.actor, &rec, m, &err) == RC_OK;
}

const struct part *page_file(const struct page *p, const char *name)
{
	for (size_t i = 0; i < p->parts.n; i++)
		if (p->parts.p[i].is_file && p->parts.p[i].bytes.n > 0 && str_is(p->parts.p[i].name, name))
			return &p->parts.p[i];
	return NULL;
}

/* All that came but the form's token, which is masked anew on each page. */
static str digest_of_what_came(struct page *p)
{
	struct buf b = {0};
	buf_printf(&b, "%s %.*s\n", p->route->method, STR_ARG(p->q->path));
	if (p->body)
		buf_add(&b, p->q->body);
	for (size_t i = 0; i < p->form.n; i++)
		if (!str_is(p->form.p[i].name, "csrf"))
			buf_printf(
				&b, "%.*s=%.*s\n", STR_ARG(p->form.p[i].name), STR_ARG(p->form.p[i].value));
	for (size_t i = 0; i < p->parts.n; i++)
		if (p->parts.p[i].is_file) {
			struct hash file = hash_sha256(p->parts.p[i].bytes);
			buf_printf(&b, "%.*s=", STR_ARG(p->parts.p[i].name));
			buf_add(&b, (str){(const char *)file.b, HASH_BYTES});
		}
	struct hash h = hash_sha256(buf_str(&b));
	buf_done(&b);
	return arena_str(p->a, (str){(const char *)h.b, HASH_BYTES});
}

void page_write(struct page *p, enum rc (*run)(struct job_ctx *c, void *arg, struct err *err), void *arg,
	str key, void (*written)(struct page *p, const struct job *job),
	enum rc (*refused)(struct page *p, const struct job *job, struct err *err))
{
	struct job *job = NEW(p->a, struct job);
	*job = (struct job){.actor = p->r.actor, .key = key, .run = run, .arg = arg, .a = p->a};
	if (key.n > 0)
		job->body_digest = digest_of_what_came(p);
	p->write = (struct page_write){job, written, refused};
}

enum rc page_fresh(struct page *p, struct err *err)
{
	db_snapshot_end(p->r.db);
	return db_snapshot(p->r.db, err);
}

void page_go(struct page *p, str location)
{
	http_redirect(p->q, arena_cstr(p->a, location));
}

enum rc page_send_file(struct page *p, const char *path, struct err *err)
{
	char chunk[65536];
	struct buf *out = page_out(p);
	FILE *f = fopen(path, "rbe");
	if (f == NULL)
		return FAIL(err, RC_IO, "the file could not be read again: %s", strerror(errno));
	buf_clear(out);
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
		buf_add(out, (str){chunk, n});
	fclose(f);
	return out->n > (64 << 20) || !buf_ok(out)
		       ? FAIL(err, RC_LIMIT, "this file would be larger than 64 MB; choose a shorter period")
		       : RC_OK;
}

struct json page_json(struct page *p)
{
	struct json j;
	buf_clear(page_out(p));
	p->q->out.type = "application/json";
	json_init(&j, page_out(p));
	return j;
}
