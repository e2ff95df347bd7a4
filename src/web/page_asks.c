/* page_asks.c -- see page_asks.h. */
#include "web/page_asks.h"
#include "service/coordination/columns.h"
#include "templates.h"
#include "web/form.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

/* Types as they are written, in the order offered. */
static const struct {
	const char *word, *label;
	enum field_type type;
} types[] = {{"文字", N_("words"), T_TEXT}, {"数字", N_("a number"), T_INTEGER},
	{"金额", N_("money"), T_MONEY}, {"日期", N_("a date"), T_DATE}, {"是否", N_("yes or no"), T_BOOL},
	{"选项", N_("one of several"), T_CHOICE}};
enum { TYPES_N = sizeof types / sizeof *types };

struct question {
	str label, choices;
	size_t type;
	bool required;
};

struct asks {
	const struct reg *reg;
	struct record *rec;
	const struct field *field;
	struct question list[COLUMNS_MAX + 1];
	size_t n;
	int64_t version;
	str text;
};

static enum rc row_of(struct page *p, struct asks *x, struct err *err)
{
	struct form f;
	int64_t id;
	TRY(page_register(p, page_arg(p, 0), &x->reg, err));
	x->field = reg_field(x->reg, STR("ask_for"));
	if (x->field == NULL || !str_i64(page_arg(p, 1), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "no questions are built here");
	TRY(record_get(&p->r, x->reg, id, &x->rec, err));
	x->version = x->rec->version;
	TRY(form_begin(p, FORM_EDIT, x->reg, x->rec, NULL, &f, err));
	if (form_input(&f, x->field->id) == NULL)
		return FAIL(err, RC_DENIED, "you may not change what this asks");
	if (!str_is(x->rec->state, "draft") && reg_state(x->reg, STR("draft")))
		return FAIL(err, RC_CONFLICT, "it has been issued: what it asks stays as it is");
	return RC_OK;
}

/* ---- questions from the row, and from the form ---- */

static void from_columns(struct page *p, struct asks *x)
{
	struct field *list;
	size_t n;
	if (columns_read(p->a, x->rec->values[x->field->at].t, &list, &n, NULL) != RC_OK)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		struct question *q = &x->list[x->n++];
		*q = (struct question){.label = list[i].label.zh, .required = list[i].required};
		for (size_t t = 0; t < TYPES_N; t++)
			if (types[t].type == list[i].type)
				q->type = t;
		for (size_t k = 0; k < list[i].choices_n; k++)
			q->choices = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(q->choices), k ? "、" : "",
				STR_ARG(list[i].choices[k].id));
	}
}

static str part(struct page *p, const char *name, size_t i)
{
	return str_trim(pairs_get(&p->form, arena_printf(p->a, "%s%zu", name, i)));
}

/* A name is one line without marks that part columns. */
static str one_line(struct page *p, str s)
{
	char *t = arena_cstr(p->a, s);
	for (size_t i = 0; i < s.n; i++)
		if (t[i] == '\n' || t[i] == '\r' || t[i] == '|' || t[i] == ';')
			t[i] = ' ';
	return str_trim((str){t, s.n});
}

static void from_form(struct page *p, struct asks *x)
{
	for (size_t i = 1; i <= COLUMNS_MAX && pairs_has(&p->form, arena_printf(p->a, "type%zu", i)); i++) {
		struct question *q = &x->list[x->n++];
		str type = part(p, "type", i);
		*q = (struct question){.label = one_line(p, part(p, "label", i)),
			.choices = one_line(p, part(p, "choices", i)),
			.required = part(p, "required", i).n > 0};
		for (size_t t = 0; t < TYPES_N; t++)
			if (str_is(type, types[t].word))
				q->type = t;
	}
}

static str as_text(struct page *p, const struct asks *x)
{
	str out = STR("");
	for (size_t i = 0; i < x->n; i++) {
		const struct question *q = &x->list[i];
		bool choice = types[q->type].type == T_CHOICE;
		if (q->label.n == 0)
			continue;
		out = arena_fmt(p->a, "%.*s%s%.*s | %s%s%.*s%s", STR_ARG(out), out.n ? "\n" : "",
			STR_ARG(q->label), types[q->type].word, choice ? " " : "",
			STR_ARG(choice ? q->choices : STR("")), q->required ? " | 必填" : "");
	}
	return out;
}

/* ---- acts of the buttons: add, up3, down3, drop3 ---- */

static void swap(struct asks *x, size_t a, size_t b)
{
	struct question q = x->list[a];
	x->list[a] = x->list[b];
	x->list[b] = q;
}

static bool press(struct asks *x, str act)
{
	static const char *const words[] = {"up", "down", "drop"};
	int64_t at;
	if (str_is(act, "add")) {
		if (x->n < COLUMNS_MAX)
			x->list[x->n++] = (struct question){0};
		return true;
	}
	for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
		if (!str_starts(act, str_of(words[w])) || !str_i64(str_from(act, strlen(words[w])), &at) ||
			at < 1 || (size_t)at > x->n)
			continue;
		size_t i = (size_t)at - 1;
		if (w == 0 && i > 0)
			swap(x, i, i - 1);
		if (w == 1 && i + 1 < x->n)
			swap(x, i, i + 1);
		for (size_t k = i; w == 2 && k + 1 < x->n; k++)
			x->list[k] = x->list[k + 1];
		x->n -= w == 2;
		return true;
	}
	return false;
}

/* ---- the page ---- */

static enum rc show(struct page *p, struct asks *x, struct asks_page *g)
{
	g->heading = record_title(p, x->rec);
	g->action = page_hrefs(p, "/r/%.*s/%lld/asks", STR_ARG(x->reg->id), (long long)x->rec->id);
	g->back = str_is(x->reg->id, "collection")
			  ? page_hrefs(p, "/collections/%lld", (long long)x->rec->id)
			  : page_hrefs(p, "/r/%.*s/%lld", STR_ARG(x->reg->id), (long long)x->rec->id);
	g->version = arena_fmt(p->a, "%lld", (long long)x->version);
	g->may_add = x->n < COLUMNS_MAX;
	g->rows = NEWS(p->a, x->n + 1, struct asks_row);
	for (size_t i = 0; i < x->n; i++) {
		struct asks_row *r = &g->rows[g->rows_n++];
		*r = (struct asks_row){.at = (int64_t)i + 1,
			.label = x->list[i].label,
			.choices = x->list[i].choices,
			.required = x->list[i].required,
			.first = i == 0,
			.last = i + 1 == x->n,
			.types = NEWS(p->a, TYPES_N, struct asks_type)};
		for (size_t t = 0; t < TYPES_N; t++)
			r->types[r->types_n++] = (struct asks_type){
				str_of(types[t].word), str_of(tr(types[t].label)), t == x->list[i].type};
	}
	shell_fill(p, &g->shell, str_of(tr("What is asked")), PLACE_COLLECTIONS, x->reg->group);
	shell_crumb(p, &g->shell, g->heading, g->back);
	tpl_asks(page_out(p), g);
	return RC_OK;
}

static enum rc asks_form(struct page *p, struct err *err)
{
	struct asks *x = NEW(p->a, struct asks);
	struct asks_page g = {0};
	*x = (struct asks){0};
	TRY(row_of(p, x, err));
	from_columns(p, x);
	if (x->n == 0)
		x->list[x->n++] = (struct question){0};
	return show(p, x, &g);
}

static enum rc save(struct job_ctx *c, void *arg, struct err *err)
{
	const struct asks *x = arg;
	struct entry e = {x->field, {V_TEXT, 0, x->text}};
	if (x->text.n == 0)
		e.value = (struct value){0};
	return record_set(c, x->reg, x->rec->id, x->version, &e, 1, err);
}

static enum rc asks_sent(struct page *p, struct err *err)
{
	struct asks *x = NEW(p->a, struct asks);
	struct asks_page g = {0};
	struct field *columns;
	struct err told;
	size_t n;
	*x = (struct asks){0};
	TRY(row_of(p, x, err));
	from_form(p, x);
	if (!str_i64(page_input(p, "_version"), &x->version) || x->version <= 0)
		return FAIL(err, RC_INVALID, "the version of the row is not understood");
	if (press(x, page_input(p, "_act")))
		return show(p, x, &g);
	x->text = as_text(p, x);
	enum rc rc = columns_read(p->a, x->text, &columns, &n, &told);
	if (rc == RC_OK && str_is(x->reg->id, "collection"))
		rc = columns_asked_elsewhere(p->site->city->model, columns, n, &told);
	if (rc == RC_OK)
		rc = page_run(p, save, x, &told);
	if (rc == RC_OK) {
		page_go(p,
			arena_fmt(p->a, "/r/%.*s/%lld?told=1", STR_ARG(x->reg->id), (long long)x->rec->id));
		return RC_OK;
	}
	if (rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_LIMIT)
		return FAIL(err, rc, "%s", told.text);
	g.fault = arena_str(p->a, str_of(told.text));
	p->q->out.status = rc == RC_CONFLICT ? 409 : 422;
	TRY(page_fresh(p, err));
	return show(p, x, &g);
}

static const struct input sent_inputs[] = {
	{"_act", INPUT_ACT, 10, true}, {"_version", INPUT_TEXT, 20, true}, {0}};

const struct route routes_asks[] = {
	{"GET", "/r/{register}/{id}/asks", asks_form, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_HTML_ONLY},
	{"POST", "/r/{register}/{id}/asks", asks_sent, ACCESS_OFFICE, CSRF_TOKEN, sent_inputs,
		ROUTE_SLOW | ROUTE_FIELDS},
	{0},
};
