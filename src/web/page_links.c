/* page_links.c -- /accounts/links: one click makes a one-time link and a QR picture for every unit that has no phone yet,
 * on a sheet to print and cut. The links are in this answer and nowhere else. */
#include "base/clock.h"
#include "format/qr.h"
#include "register/duty.h"
#include "templates.h"
#include "web/links.h"
#include "web/me_rows.h"
#include "web/page_paper.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

enum { UNITS_MAX = 2000 };

str links_base(struct page *p)
{
	if (p->site->c.origin)
		return str_of(p->site->c.origin);
	return arena_fmt(
		p->a, "%s://%.*s", http_secure(p->q) ? "https" : "http", STR_ARG(http_header(p->q, "Host")));
}

enum rc link_row_fill(struct page *p, struct link_row *row, const char *path, str unit, str code, str who,
	const char *text, struct err *err)
{
	struct buf b = {0};
	*row = (struct link_row){.unit = unit, .code = code, .who = who};
	row->text = arena_str(p->a, str_of(text));
	row->address = arena_fmt(p->a, "%.*s%s", STR_ARG(links_base(p)), path);
	enum rc rc = qr_svg(&b, arena_fmt(p->a, "%.*s#%s", STR_ARG(row->address), text),
		arena_fmt(p->a, "%s %.*s", tr("QR picture of the link for"), STR_ARG(unit)), err);
	if (rc == RC_OK)
		row->picture = html_trust(arena_str(p->a, buf_str(&b)));
	buf_done(&b);
	return rc;
}

static void choices(struct page *p, struct links_page *g, str kind, str role)
{
	const struct field *f = reg_field(model_reg(p->site->city->model, STR("org")), STR("kind"));
	const struct role_kinds *all = &p->site->city->model->roles;
	g->kinds = NEWS(p->a, f ? f->choices_n + 1 : 1, struct choice_row);
	g->roles = NEWS(p->a, all->n + 1, struct choice_row);
	for (size_t i = 0; f && i < f->choices_n; i++)
		g->kinds[g->kinds_n++] = (struct choice_row){
			f->choices[i].id, label_text(&f->choices[i].label), str_eq(f->choices[i].id, kind)};
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].factor == FACTOR_DEVICE)
			g->roles[g->roles_n++] = (struct choice_row){
				all->list[i].id, role_label(&all->list[i]), str_eq(all->list[i].id, role)};
}

static enum rc gather(struct page *p, struct links_page *g, str kind, str role, struct duty_unit **out,
	size_t *out_n, struct err *err)
{
	static const str by[] = {{"secadmin", 8}};
	TRY(role_check(&p->r.actor, by, 1, err));
	TRY(duty_units(&p->r, p->org, kind, role, out, out_n, err));
	for (size_t i = 0; i < *out_n; i++) {
		const struct duty_unit *u = &(*out)[i];
		g->units++;
		g->bound += u->bound;
		g->linked += !u->bound && u->linked;
		g->bare += !u->bound && !u->linked;
		g->nameless += u->person == 0;
	}
	g->scope = p->scope_name;
	choices(p, g, kind, role);
	return RC_OK;
}

static str or_default(str s, const char *otherwise)
{
	return s.n ? s : str_of(otherwise);
}

static enum rc links(struct page *p, struct err *err)
{
	struct links_page g = {0};
	struct duty_unit *list;
	size_t n;
	TRY(gather(p, &g, or_default(page_input(p, "kind"), "branch"),
		or_default(page_input(p, "role"), "branch_secretary"), &list, &n, err));
	g.printer = paper_printer();
	shell_fill(p, &g.shell, str_of(tr("Links for units")), PLACE_ME, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Accounts")), page_href(p, STR("/accounts")));
	tpl_links(page_out(p), &g);
	return RC_OK;
}

struct order {
	str role;
	struct duty_link *list;
	size_t n;
};

static enum rc make_run(struct job_ctx *c, void *arg, struct err *err)
{
	struct order *o = arg;
	return duty_links(c, o->role, o->list, o->n, err);
}

/* In jobs of DUTY_LINKS_MAX: what one of them wrote stands. */
static enum rc make_all(struct page *p, str role, struct duty_link *list, size_t n, struct err *err)
{
	for (size_t at = 0; at < n; at += DUTY_LINKS_MAX) {
		struct order o = {role, list + at, n - at < DUTY_LINKS_MAX ? n - at : DUTY_LINKS_MAX};
		TRY(page_run(p, make_run, &o, err));
	}
	return RC_OK;
}

static enum rc make(struct page *p, struct err *err)
{
	struct links_page g = {.all = page_input(p, "all").n > 0};
	struct duty_unit *list;
	size_t n, wanted = 0;
	str kind = page_input(p, "kind"), role = page_input(p, "role"), org = page_input(p, "org");
	if (org.n)
		TRY(resolve_row(p->r.db, p->site->city, model_reg(p->site->city->model, STR("org")), p->org,
			org, &p->org, err));
	TRY(gather(p, &g, kind, role, &list, &n, err));
	struct duty_link *links = NEWS(p->a, n + 1, struct duty_link);
	struct duty_unit **units = NEWS(p->a, n + 1, struct duty_unit *);
	for (size_t i = 0; i < n && wanted < UNITS_MAX; i++) {
		if ((list[i].bound || list[i].linked) && !g.all)
			continue;
		units[wanted] = &list[i];
		links[wanted++] = (struct duty_link){.org = list[i].org, .person = list[i].person};
	}
	TRY(make_all(p, role, links, wanted, err));
	g.rows = NEWS(p->a, wanted + 1, struct link_row);
	for (size_t i = 0; i < wanted; i++) {
		str who = links[i].person
				  ? record_label_open(&p->r, model_reg(p->site->city->model, STR("person")),
					    links[i].person)
				  : STR("");
		TRY(link_row_fill(p, &g.rows[g.rows_n++], "/bind", units[i]->name, units[i]->code, who,
			links[i].code, err));
	}
	g.until = instant_words(p, clock_now_ms() + LINK_DAYS * (int64_t)86400000);
	/* The links are made and shown once: where printing fails, the page is the sheet. */
	if (str_is(page_input(p, "as"), "pdf") && g.rows_n &&
		paper_slips(p, str_of(tr("Links for units")), g.rows, g.rows_n,
			tr("Scan it with the phone that you work with, and choose a PIN."), g.until,
			NULL) == RC_OK)
		return RC_OK;
	shell_fill(p, &g.shell, str_of(tr("Links for units")), PLACE_ME, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Accounts")), page_href(p, STR("/accounts")));
	tpl_links_sheet(page_out(p), &g);
	return RC_OK;
}

static const struct input links_in[] = {
	{"kind", INPUT_WORD, 40, false}, {"role", INPUT_WORD, 40, false}, {0}};
static const struct input make_in[] = {{"kind", INPUT_WORD, 40, true}, {"role", INPUT_WORD, 40, true},
	{"org", INPUT_TEXT, 80, false}, {"all", INPUT_FLAG, 0, false}, {"as", INPUT_WORD, 8, false}, {0}};

const struct route routes_links[] = {
	{"GET", "/accounts/links", links, ACCESS_SIGNED_IN, CSRF_READ_ONLY, links_in, ROUTE_HTML_ONLY},
	{"POST", "/accounts/links", make, ACCESS_SIGNED_IN, CSRF_TOKEN, make_in, ROUTE_SLOW},
	{0},
};
