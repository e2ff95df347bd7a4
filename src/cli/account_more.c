/* account_more.c -- see account_more.h. */
#include "cli/account_more.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "format/qr.h"
#include "format/xlsx_write.h"
#include "guard/account.h"
#include "guard/factor.h"
#include "guard/token.h"
#include "register/duty.h"

/* ---- links ---- */

struct sheet {
	struct duty_unit **units;
	struct duty_link *links;
	size_t n;
	const char *base, *out;
	str role;
};

static enum rc links_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct sheet *s = arg;
	for (size_t at = 0; at < s->n; at += DUTY_LINKS_MAX) {
		size_t n = s->n - at < DUTY_LINKS_MAX ? s->n - at : DUTY_LINKS_MAX;
		TRY(duty_links(c, s->role, s->links + at, n, err));
	}
	return RC_OK;
}

static enum rc write_xlsx(struct invocation *in, const struct sheet *s, struct err *err)
{
	struct xlsx_writer *w;
	struct xlsx_column columns[] = {{.title = str_of(tr("Code")), .kind = XLSX_DIGITS, .width = 14},
		{.title = str_of(tr("Unit")), .width = 40},
		{.title = str_of(tr("Code of the link")), .width = 28},
		{.title = str_of(tr("Link")), .width = 60}};
	TRY(xlsx_write_open(in->a, s->out, &w, err));
	xlsx_write_sheet(w, str_of(tr("Links for units")), columns, 4);
	for (size_t i = 0; i < s->n; i++) {
		str code = str_of(s->links[i].code);
		struct cell cells[] = {{.kind = CELL_TEXT, .column = 0, .text = s->units[i]->code},
			{.kind = CELL_TEXT, .column = 1, .text = s->units[i]->name},
			{.kind = CELL_TEXT, .column = 2, .text = code},
			{.kind = CELL_TEXT,
				.column = 3,
				.text = arena_fmt(in->a, "%s/bind#%.*s", s->base, STR_ARG(code))}};
		xlsx_write_row(w, cells, 4);
	}
	return xlsx_write_close(w, err);
}

/* A page of its own, to print and cut: no scripts, no addresses but its own. */
static enum rc write_html(struct invocation *in, const struct sheet *s, struct err *err)
{
	struct buf b = {0};
	enum rc rc = RC_OK;
	buf_puts(&b, "<!doctype html><meta charset=\"utf-8\"><title>");
	html_cstr(&b, tr("Links for units"));
	buf_puts(&b, "</title><style>body{font:14px/1.5 sans-serif}ul{list-style:none;padding:0;display:grid;"
		     "grid-template-columns:1fr 1fr;gap:12px}li{display:grid;grid-template-columns:140px "
		     "1fr;gap:12px;"
		     "border:1px solid #999;padding:8px;break-inside:avoid}code{font-size:15px}</style><ul>");
	for (size_t i = 0; rc == RC_OK && i < s->n; i++) {
		str address = arena_fmt(in->a, "%s/bind#%s", s->base, s->links[i].code);
		buf_puts(&b, "<li>");
		rc = qr_svg(&b, address, s->units[i]->name, err);
		buf_puts(&b, "<div><b>");
		html_text(&b, s->units[i]->name);
		buf_puts(&b, "</b><p>");
		html_cstr(&b, tr("Scan it with the phone that you work with, and choose a PIN."));
		buf_puts(&b, "</p><p>");
		html_text(&b, arena_fmt(in->a, "%s/bind", s->base));
		buf_printf(&b, "</p><code>%s</code></div></li>\n", s->links[i].code);
	}
	buf_puts(&b, "</ul>\n");
	if (rc == RC_OK)
		rc = file_write(s->out, buf_str(&b), err);
	buf_done(&b);
	return rc;
}

static enum rc links_make(struct invocation *in, struct city *city, const struct actor *actor,
	struct sheet *s, int64_t org, str kind, bool all, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	struct reader r;
	struct duty_unit *list;
	size_t n;
	TRY(role_check(actor, by, 1, err));
	TRY(reader_open(city, in->a, actor, &r, err));
	enum rc rc = duty_units(&r, org, kind, s->role, &list, &n, err);
	reader_close(&r);
	TRY(rc);
	s->units = NEWS(in->a, n + 1, struct duty_unit *);
	s->links = NEWS(in->a, n + 1, struct duty_link);
	for (size_t i = 0; i < n; i++) {
		if (!all && (list[i].bound || list[i].linked))
			continue;
		s->units[s->n] = &list[i];
		s->links[s->n++] = (struct duty_link){.org = list[i].org, .person = list[i].person};
	}
	TRY(city_run(city, actor, in->a, (str){NULL, 0}, links_job, s, err));
	return str_ends(str_of(s->out), STR(".xlsx")) ? write_xlsx(in, s, err) : write_html(in, s, err);
}

enum rc account_links(struct invocation *in, struct err *err)
{
	const char *org = NULL, *kind = "branch", *role = "branch_secretary";
	struct sheet s = {.base = "http://127.0.0.1:8080"};
	struct city *city;
	struct actor actor;
	int64_t under = 0;
	bool all = false;
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_text(in, "--kind", &kind, err));
	TRY(opt_text(in, "--role", &role, err));
	TRY(opt_text(in, "--base", &s.base, err));
	TRY(opt_text(in, "-o", &s.out, err));
	opt_flag(in, "--all", &all);
	TRY(opt_done(in, 1, 1, &cmd_account, err));
	if (s.out == NULL ||
		!(str_ends(str_of(s.out), STR(".xlsx")) || str_ends(str_of(s.out), STR(".html"))))
		return FAIL(err, RC_INVALID, "say where the sheet goes: -o links.xlsx or -o links.html");
	s.role = str_of(role);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = cli_org(writer_db(city->writer), city, org, &under, err);
	if (rc == RC_OK)
		rc = links_make(in, city, &actor, &s, under, str_of(kind), all, err);
	if (rc == RC_OK && in->json)
		printf("{\"links\":%zu}\n", s.n);
	else if (rc == RC_OK)
		printf(tr("%s: %zu links, each good once, for %d days\n"), s.out, s.n, (int)LINK_DAYS);
	city_close(city);
	return rc;
}

/* ---- the code of a demo ---- */

enum rc account_totp(struct invocation *in, struct err *err)
{
	struct cli_reader c;
	struct account acc;
	char code[TOTP_DIGITS_MAX + 1];
	TRY(opt_done(in, 2, 2, &cmd_account, err));
	TRY(cli_reader(in, &c, err));
	enum rc rc = account_by_handle(c.r.db, in->a, str_of(in->argv[1]), &acc, err);
	if (rc == RC_OK)
		rc = factor_demo_code(c.r.db, in->a, c.city->seal, acc.person, clock_now_ms(), code, err);
	if (rc == RC_OK)
		puts(code);
	cli_done(&c);
	return rc;
}

/* ---- tokens ---- */

struct order {
	struct token want;
	char text[TOKEN_TEXT_BYTES];
	int64_t id;
};

static enum rc token_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return token_make(c, &o->want, o->text, &o->id, err);
}

enum rc account_token(struct invocation *in, struct err *err)
{
	const char *scope = "registers:read,figures:read", *org = NULL;
	struct order o = {.want = {.proven = FACTOR_CODE}};
	struct city *city;
	struct actor actor;
	int64_t days = 90;
	TRY(opt_text(in, "--scope", &scope, err));
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_i64(in, "--days", &days, err));
	TRY(opt_done(in, 2, 2, &cmd_account, err));
	if (!token_scope_parse(str_of(scope), &o.want.scope))
		return FAIL(err, RC_INVALID,
			"a token needs a scope: registers:read, registers:write, figures:read, "
			"figures:write");
	if (days < 1 || days > TOKEN_DAYS_MAX)
		return FAIL(err, RC_INVALID, "a token lasts from one day to %d days", (int)TOKEN_DAYS_MAX);
	TRY(cli_city(in, true, &city, &actor, err));
	o.want.name = str_of(in->argv[1]);
	o.want.duty = actor.org;
	o.want.expires_at_ms = clock_now_ms() + days * 86400000;
	enum rc rc = cli_org(writer_db(city->writer), city, org, &o.want.org, err);
	if (rc == RC_OK && o.want.org && actor.org &&
		!tree_under(city->tree, o.want.org, actor.org, clock_today()))
		rc = FAIL(err, RC_DENIED, "that unit is outside your scope");
	if (rc == RC_OK)
		rc = city_run(city, &actor, in->a, (str){NULL, 0}, token_job, &o, err);
	if (rc == RC_OK && in->json)
		printf("{\"id\":%lld,\"token\":\"%s\"}\n", (long long)o.id, o.text);
	else if (rc == RC_OK)
		puts(o.text);
	city_close(city);
	return rc;
}

enum rc account_tokens(struct invocation *in, struct err *err)
{
	static const str by[] = {{"secadmin", 8}, {"sysadmin", 8}};
	struct cli_reader c;
	struct token *list;
	size_t n = 0;
	struct buf b = {0};
	struct json j;
	TRY(opt_done(in, 1, 1, &cmd_account, err));
	TRY(cli_reader(in, &c, err));
	bool everybody = role_check(&c.r.actor, by, 2, NULL) == RC_OK;
	enum rc rc =
		token_list(c.r.db, in->a, everybody ? 0 : c.r.actor.person, clock_now_ms(), &list, &n, err);
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		char scope[TOKEN_SCOPE_TEXT_BYTES];
		bool within;
		rc = scope_person(c.r.db, &c.r.actor, list[i].person, clock_today(), &within, err);
		if (rc != RC_OK || (!within && list[i].person != c.r.actor.person))
			continue;
		token_scope_text(list[i].scope, scope);
		json_object(&j);
		json_put_i64(&j, "id", list[i].id);
		json_put_i64(&j, "person", list[i].person);
		json_put_str(&j, "name", list[i].name);
		json_put_cstr(&j, "scope", scope);
		json_put_i64(&j, "org", list[i].org);
		json_put_i64(&j, "expires_at", list[i].expires_at_ms);
		json_object_end(&j);
		if (!in->json)
			printf("%lld\t#%lld\t%.*s\t%s\n", (long long)list[i].id, (long long)list[i].person,
				STR_ARG(list[i].name), scope);
	}
	json_array_end(&j);
	if (rc == RC_OK && in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
	cli_done(&c);
	return rc;
}

static enum rc revoke_job(struct job_ctx *c, void *arg, struct err *err)
{
	return token_end(c, *(const int64_t *)arg, err);
}

enum rc account_revoke(struct invocation *in, struct err *err)
{
	struct city *city;
	struct actor actor;
	int64_t id;
	TRY(opt_done(in, 2, 2, &cmd_account, err));
	if (!str_i64(str_of(in->argv[1]), &id))
		return FAIL(err, RC_INVALID, "“%s” is no row number", in->argv[1]);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = city_run(city, &actor, in->a, (str){NULL, 0}, revoke_job, &id, err);
	city_close(city);
	return rc;
}
