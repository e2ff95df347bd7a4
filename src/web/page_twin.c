/* page_twin.c -- POST /r/REGISTER/twin: does what is being typed stand already? A form asks while it is filled in, by POST, so
 * that nothing of it stands in an address; the answer is a line of HTML, or empty.
 *
 * Told is only a row that the reader may read, with the label that he sees. Of any other nothing is said here: the register
 * refuses the double when the form is sent. */
#include "register/permit.h"
#include "register/person.h"
#include "templates.h"
#include "web/form.h"
#include "web/meter.h"
#include "web/page_form.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { TWINS_PER_MINUTE = 60, NAMESAKES_MAX = 3 };

static void add(struct page *p, struct twin_page *g, const struct reg *reg, int64_t id)
{
	struct record *rec;
	for (size_t i = 0; i < g->rows_n; i++)
		if (g->rows[i].id == id)
			return;
	if (g->rows_n == NAMESAKES_MAX || record_get(&p->r, reg, id, &rec, NULL) != RC_OK)
		return;
	g->rows[g->rows_n++] = (struct twin_row){.id = id,
		.label = page_label(p, reg, id),
		.unit = page_org_name(p, rec->org),
		.href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(reg->id), (long long)id)};
}

/* People of the same name, within what he reads. */
static enum rc namesakes(struct page *p, struct twin_page *g, const struct reg *reg, struct err *err)
{
	static const char *const fields[] = {"name", "citizen_id", "phone"};
	for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
		int64_t ids[NAMESAKES_MAX];
		size_t n = 0;
		str text = str_trim(pairs_get(&p->form, fields[k]));
		if (text.n < 4) /* one character fits many */
			continue;
		TRY(person_search(&p->r, text, ids, NAMESAKES_MAX, &n, err));
		for (size_t i = 0; i < n; i++)
			add(p, g, reg, ids[i]);
	}
	return RC_OK;
}

static enum rc twin(struct page *p, struct err *err)
{
	struct form f;
	struct twin_page g = {0};
	const struct reg *reg;
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	TRY(form_begin(p, FORM_NEW, reg, NULL, NULL, &f, err));
	if (meter_waits(p, "twin", TWINS_PER_MINUTE))
		return RC_OK;
	TRY(form_take(p, &f, err));
	g.rows = NEWS(p->a, NAMESAKES_MAX, struct twin_row);
	if (f.twin)
		add(p, &g, reg, f.twin);
	g.same = g.rows_n > 0;
	if (str_is(reg->id, "person"))
		TRY(namesakes(p, &g, reg, err));
	buf_clear(page_out(p));
	if (g.rows_n > 0)
		tpl_twin(page_out(p), &g);
	return RC_OK;
}

static const struct input twin_inputs[] = {{"_key", INPUT_WORD, 64, false}, {"_version", INPUT_ID, 0, false},
	{"_state", INPUT_WORD, 0, false}, {"_act", INPUT_ACT, 100, false}, {0}};

const struct route routes_twin[] = {
	{"POST", "/r/{register}/twin", twin, ACCESS_SIGNED_IN, CSRF_TOKEN, twin_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY | ROUTE_FIELDS},
	{0},
};
