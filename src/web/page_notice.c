/* page_notice.c -- see page_notice.h; the meaning is service/coordination's. */
#include "web/page_notice.h"
#include "service/coordination/notice.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"

static str counts_words(struct page *p, const struct notice *n)
{
	return arena_fmt(p->a, tr("%zu of %zu acknowledged, %zu read, %zu not yet"), n->acknowledged,
		n->units_n, n->read, n->unread);
}

static str about(struct page *p, const struct notice *n)
{
	str due =
		n->due_on.n ? arena_fmt(p->a, tr(" · due %.*s"), STR_ARG(date_words(p, n->due_on))) : STR("");
	return arena_fmt(p->a, "%.*s · %.*s%.*s", STR_ARG(page_org_name(p, n->org)),
		STR_ARG(date_words(p, n->issued_on)), STR_ARG(due));
}

static void put_head(struct json *j, const struct notice *n)
{
	json_put_i64(j, "id", n->id);
	json_put_str(j, "number", n->number);
	json_put_str(j, "title", n->title);
	json_put_i64(j, "org", n->org);
	json_put_str(j, "state", n->state);
	json_put_str(j, "issued_on", n->issued_on);
	json_put_str(j, "due_on", n->due_on);
	json_put_i64(j, "units", (int64_t)n->units_n);
	json_put_i64(j, "acknowledged", (int64_t)n->acknowledged);
	json_put_i64(j, "read", (int64_t)n->read);
	json_put_i64(j, "unread", (int64_t)n->unread);
}

static void one_json(struct page *p, const struct notice *n)
{
	struct json j = page_json(p);
	json_object(&j);
	put_head(&j, n);
	json_put_str(&j, "body", n->body);
	json_key(&j, "receipts");
	json_array(&j);
	for (size_t i = 0; i < n->units_n; i++) {
		json_object(&j);
		json_put_i64(&j, "id", n->units[i].receipt);
		json_put_i64(&j, "org", n->units[i].org);
		json_put_str(&j, "unit", n->units[i].name);
		json_put_str(&j, "state", n->units[i].state);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static void list_json(struct page *p, const struct notice *all, size_t n)
{
	struct json j = page_json(p);
	json_object(&j);
	json_key(&j, "notices");
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		json_object(&j);
		put_head(&j, &all[i]);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static enum rc list(struct page *p, struct err *err)
{
	struct notices_page g = {0};
	struct notice *all;
	size_t n;
	TRY(notice_list(&p->r, &all, &n, err));
	if (p->json) {
		list_json(p, all, n);
		return RC_OK;
	}
	g.rows = NEWS(p->a, n + 1, struct notice_line);
	for (size_t i = 0; i < n; i++) {
		struct chip chip = state_chip(page_reg(p, "notice"), all[i].state);
		g.rows[g.rows_n++] = (struct notice_line){.title = all[i].title,
			.href = page_hrefs(p, "/notices/%lld", (long long)all[i].id),
			.about = arena_fmt(p->a, "%.*s · %.*s", STR_ARG(about(p, &all[i])),
				STR_ARG(counts_words(p, &all[i]))),
			.state = chip.label,
			.look = chip.look};
	}
	if (form_may_add(p, page_reg(p, "notice")))
		g.new_href = page_href(p, STR("/r/notice/new"));
	shell_fill(p, &g.shell, str_of(tr("Notices")), PLACE_COLLECTIONS, STR(""));
	tpl_notices(page_out(p), &g);
	return RC_OK;
}

static enum rc id_of(struct page *p, int64_t *out, struct err *err)
{
	return str_i64(page_arg(p, 0), out) ? RC_OK
					    : FAIL(err, RC_NOT_FOUND, "There is no notice #%lld.", 0LL);
}

static enum rc one(struct page *p, struct err *err)
{
	struct notice n;
	int64_t id;
	TRY(id_of(p, &id, err));
	TRY(notice_read(&p->r, id, &n, err));
	if (p->json) {
		one_json(p, &n);
		return RC_OK;
	}
	struct notice_page g = {.heading = n.title,
		.about = about(p, &n),
		.body = n.body,
		.counts = counts_words(p, &n),
		.action = arena_fmt(p->a, "/notices/%lld", (long long)id),
		.issues = page_may(p, "notice", "issue", id, n.org, n.state)};
	g.units = NEWS(p->a, n.units_n + 1, struct notice_receipt);
	for (size_t i = 0; i < n.units_n; i++) {
		const struct notice_unit *u = &n.units[i];
		struct chip chip = state_chip(page_reg(p, "notice_receipt"), u->state);
		str when = u->acknowledged_on.n ? u->acknowledged_on : u->read_on;
		g.units[g.units_n++] = (struct notice_receipt){.receipt = u->receipt,
			.name = u->name,
			.state = chip.label,
			.look = str_is(u->state, "acknowledged") ? "done"
				: str_is(u->state, "read")       ? "info"
								 : "",
			.when = when.n ? date_words(p, when) : STR(""),
			.reads = page_may(p, "notice_receipt", "read", u->receipt, u->org, u->state),
			.acknowledges =
				page_may(p, "notice_receipt", "acknowledge", u->receipt, u->org, u->state)};
	}
	shell_fill(p, &g.shell, n.title, PLACE_COLLECTIONS, STR(""));
	shell_crumb(p, &g.shell, str_of(tr("Notices")), page_href(p, STR("/notices")));
	tpl_notice(page_out(p), &g);
	return RC_OK;
}

struct order {
	int64_t id, receipt;
	str act;
};

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	const struct order *x = arg;
	return str_is(x->act, "issue") ? notice_issue(c, x->id, err)
				       : notice_receive(c, x->receipt, x->act, err);
}

static enum rc act(struct page *p, struct err *err)
{
	struct order x = {.act = page_input(p, "act"), .receipt = page_input_id(p, "receipt")};
	struct notice n;
	bool of_it = str_is(x.act, "issue");
	TRY(id_of(p, &x.id, err));
	TRY(notice_read(&p->r, x.id, &n, err));
	for (size_t i = 0; i < n.units_n; i++)
		of_it = of_it || n.units[i].receipt == x.receipt;
	if (!of_it)
		return FAIL(err, RC_NOT_FOUND, "There is no notice #%lld.", (long long)x.id);
	TRY(page_run(p, job, &x, err));
	page_go(p, arena_fmt(p->a, "/notices/%lld", (long long)x.id));
	return RC_OK;
}

static const struct input act_inputs[] = {
	{"act", INPUT_ACT, 20, true}, {"receipt", INPUT_ID, 0, false}, {0}};

const struct route routes_notice[] = {
	{"GET", "/notices", list, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{"GET", "/notices/{id}", one, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{"POST", "/notices/{id}", act, ACCESS_SIGNED_IN, CSRF_TOKEN, act_inputs, ROUTE_SLOW},
	{0},
};
