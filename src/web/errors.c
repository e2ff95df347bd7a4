/* errors.c -- error pages: what happened, what it means, what to do. */
#include "templates.h"
#include "web/page_error.h"
#include "web/site_in.h"

int error_status(enum rc rc)
{
	switch (rc) {
	case RC_OK:
	case RC_FOUND:
		return 200;
	case RC_INVALID:
		return 400;
	case RC_DENIED:
		return 403;
	case RC_NOT_FOUND:
		return 404;
	case RC_CONFLICT:
		return 409;
	case RC_LIMIT:
		return 413;
	case RC_IO:
	case RC_UNKNOWN:
		return 500;
	}
	return 500;
}

static const struct words {
	int status;
	const char *title, *todo;
} texts[] = {
	{400, N_("This address or form cannot be understood"),
		N_("Go back and try again, or begin at your desk.")},
	{401, N_("Please sign in"), N_("Then you come back to where you wanted to go.")},
	{403, N_("This is not open to you"),
		N_("If your work needs it, ask your unit's administrator. The refusal has been recorded.")},
	{404, N_("Nothing is here"),
		N_("The address may be mistyped, or the record was moved. Look it up by name or code.")},
	{405, N_("This address cannot do that"), N_("Go back and try again, or begin at your desk.")},
	{408, N_("The request came too slowly"), N_("Check the connection and send it again.")},
	{409, N_("Somebody else changed this in the meantime"),
		N_("Nothing of yours was written. Open the record again, look at both, and send once more.")},
	{412, N_("Somebody else changed this in the meantime"),
		N_("Nothing of yours was written. Read the record again and send with its new ETag.")},
	{413, N_("This is too large"), N_("Send less at once.")},
	{422, N_("Something in this form does not fit"),
		N_("Nothing was written. Mend the fields that are named.")},
	{428, N_("Say which version you edit"), N_("Send If-Match with the ETag that you read.")},
	{429, N_("Too many tries"), N_("Wait a little, then try again.")},
	{500, N_("Something went wrong on our side"),
		N_("Nothing half-done was kept. Try again; if it happens again, tell your administrator the "
		   "time.")},
	{503, N_("Too busy just now"), N_("Try again in a minute.")},
};

void problem_answer(struct page *p, int status, const char *detail, const struct pair *fields, size_t n)
{
	const char *title = "";
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].status == status)
			title = tr(texts[i].title);
	p->q->out.headers_n = 0;
	http_problem(p->q, status, title, detail);
	if (n == 0)
		return;
	struct buf *out = page_out(p);
	struct json j = {.out = out, .comma = true};
	out->n--; /* the object's end: the map of fields comes before it */
	json_key(&j, "errors");
	json_object(&j);
	for (size_t i = 0; i < n; i++) {
		json_key_str(&j, fields[i].name);
		json_str(&j, fields[i].value);
	}
	json_object_end(&j);
	json_object_end(&j);
}

static void street_answer(struct page *p, int status, const struct words *w, const char *detail)
{
	struct street_error e = {.status = status,
		.heading = str_of(tr(w->title)),
		.detail = arena_str(p->a, str_of(detail)),
		.todo = status == 403 || status == 401 ? STR("") : str_of(tr(w->todo))};
	street_fill(p, &e.street, e.heading, STREET_NONE);
	e.street.canonical = STR("");
	p->q->out.keep_s = 0;
	buf_clear(page_out(p));
	p->q->out.status = status;
	p->q->out.type = "text/html; charset=utf-8";
	tpl_street_error(page_out(p), &e);
}

void error_answer(struct page *p, int status, const char *detail)
{
	const struct words *w = &texts[0];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].status == status)
			w = &texts[i];
	p->q->out.headers_n = 0;
	p->q->out.fixed = p->q->out.fixed_gzip = (str){NULL, 0};
	p->q->out.immutable = false;
	p->q->out.keep_s = 0;
	/* What went wrong inside is for the log, not for strangers. */
	if (status == 500)
		detail = "";
	if (p->json) {
		http_problem(p->q, status, tr(w->title), detail);
		return;
	}
	if (!p->signed_in && str_starts(p->q->path, STR("/street"))) {
		street_answer(p, status, w, detail);
		return;
	}
	struct error_page e = {.status = status,
		.heading = str_of(tr(w->title)),
		.detail = arena_str(p->a, str_of(detail)),
		.todo = str_of(tr(w->todo))};
	shell_fill(p, &e.shell, e.heading, PLACE_NONE, STR(""));
	e.sign_in = !p->signed_in;
	buf_clear(page_out(p));
	p->q->out.status = status;
	p->q->out.type = "text/html; charset=utf-8";
	tpl_error(page_out(p), &e);
}
