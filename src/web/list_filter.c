/* list_filter.c -- the filter of a list as a sentence whose words are the controls (page_register.h). Choices and yes or no as
 * sets, dates, months, numbers, money and hours as spans, units and rows of open registers by name or code. A person's name goes
 * by POST and comes back as a number: no name stands in an address. */
#include "net/form.h"
#include "register/permit.h"
#include "web/page_register.h"
#include "web/pages.h"
#include "web/site_in.h"

enum { FILTERS_MAX = 9, CHOICES_MAX = 12 };

static void and_(struct list_page *l, struct buf *where)
{
	l->filtered = true;
	buf_puts(where, where->n ? " and " : "");
}

static bool asked_for(const struct page *p, str name, str value)
{
	for (size_t i = 0; i < p->q->query.n; i++)
		if (str_eq(p->q->query.p[i].name, name) && str_eq(p->q->query.p[i].value, value))
			return true;
	return false;
}

static str asked(struct page *p, str name)
{
	return str_trim(pairs_get(&p->q->query, arena_cstr(p->a, name)));
}

/* ---- some of a few values ---- */

static void set_filter(struct page *p, struct list_page *l, const struct field *f, struct list_filter *out,
	struct buf *where)
{
	size_t n = 0;
	out->choices = NEWS(p->a, f->choices_n + 1, struct list_choice);
	out->focus = arena_fmt(p->a, "%.*s-%.*s", STR_ARG(out->name), STR_ARG(f->choices[0].id));
	for (size_t k = 0; k < f->choices_n; k++) {
		const struct choice *c = &f->choices[k];
		struct list_choice *to = &out->choices[out->choices_n++];
		*to = (struct list_choice){c->id, label_text(&c->label), asked_for(p, out->name, c->id)};
		if (!to->here)
			continue;
		out->words = n ? arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(out->words),
					 tr_lang() == LANG_ZH ? "、" : ", ", STR_ARG(to->label))
			       : to->label;
		if (n++ == 0) {
			and_(l, where);
			buf_printf(where, "%.*s in (", STR_ARG(f->id));
		}
		buf_printf(where, "%s'%.*s'", n > 1 ? ", " : "", STR_ARG(c->id));
	}
	if (n > 0)
		buf_puts(where, ")");
}

static void yes_no_filter(struct page *p, struct list_page *l, const struct field *f, struct list_filter *out,
	struct buf *where)
{
	static const char *const words[] = {N_("no"), N_("yes")};
	out->choices = NEWS(p->a, 2, struct list_choice);
	out->focus = arena_fmt(p->a, "%.*s-1", STR_ARG(out->name));
	bool here[2] = {asked_for(p, out->name, STR("0")), asked_for(p, out->name, STR("1"))};
	for (int k = 1; k >= 0; k--)
		out->choices[out->choices_n++] =
			(struct list_choice){k ? STR("1") : STR("0"), str_of(tr(words[k])), here[k]};
	if (here[0] == here[1])
		return;
	out->words = str_of(tr(words[here[1]]));
	and_(l, where);
	buf_printf(where, "%.*s = %s", STR_ARG(f->id), here[1] ? "true" : "false");
}

/* ---- a span ---- */

static void end_of_span(struct page *p, struct list_page *l, const struct field *f, struct list_filter *out,
	str text, const char *op, str *words, struct buf *where)
{
	struct value v;
	struct err err;
	if (text.n == 0)
		return;
	if (value_parse(p->a, f, text, &v, &err) != RC_OK || v.kind == V_NULL) {
		out->fault = arena_str(p->a, str_of(err.text));
		return;
	}
	and_(l, where);
	*words = f->type == T_DATE ? date_words(p, v.t) : value_text(p->a, f, &v);
	if (v.kind == V_TEXT)
		buf_printf(where, "%.*s %s '%.*s'", STR_ARG(f->id), op, STR_ARG(v.t));
	else if (f->type == T_HOURS) /* a number beside hours is hours: so any whole minute can be asked */
		buf_printf(where, "%.*s * 60 %s %lld", STR_ARG(f->id), op, (long long)v.i);
	else if (f->type == T_MONEY || f->type == T_DECIMAL) /* written in yuan, and with its point */
		buf_printf(where, "%.*s %s %.*s", STR_ARG(f->id), op, STR_ARG(value_plain(p->a, f, &v)));
	else
		buf_printf(where, "%.*s %s %lld", STR_ARG(f->id), op, (long long)v.i);
}

static void span_filter(struct page *p, struct list_page *l, const struct field *f, struct list_filter *out,
	struct buf *where)
{
	str least = STR(""), most = STR("");
	out->range = true;
	out->date = f->type == T_DATE;
	out->from_name = arena_fmt(p->a, "%.*s.from", STR_ARG(out->name));
	out->to_name = arena_fmt(p->a, "%.*s.to", STR_ARG(out->name));
	out->focus = out->from_name;
	out->from = asked(p, out->from_name);
	out->to = asked(p, out->to_name);
	end_of_span(p, l, f, out, out->from, ">=", &least, where);
	end_of_span(p, l, f, out, out->to, "<=", &most, where);
	if (least.n && most.n)
		out->words = arena_fmt(p->a, tr_lang() == LANG_ZH ? "%.*s—%.*s" : "%.*s – %.*s",
			STR_ARG(least), STR_ARG(most));
	else if (least.n)
		out->words = arena_fmt(p->a, tr("from %.*s"), STR_ARG(least));
	else if (most.n)
		out->words = arena_fmt(p->a, tr("up to %.*s"), STR_ARG(most));
}

/* ---- a row referred to ---- */

static void ref_filter(struct page *p, struct list_page *l, const struct field *f, struct list_filter *out,
	struct buf *where)
{
	int64_t id;
	struct err err;
	out->ref = true;
	out->focus = out->name;
	out->text = asked(p, out->name);
	if (out->text.n == 0)
		return;
	if (resolve_ref(p->r.db, p->site->city, f, p->org, out->text, &id, &err) != RC_OK) {
		out->fault = arena_str(p->a, str_of(err.text));
		return;
	}
	and_(l, where);
	out->words = out->text;
	buf_printf(where, "%.*s = %lld", STR_ARG(f->id), (long long)id);
}

/* ---- a person ---- */

/* f_FIELD is the number of a person whom the actor may read: anything else asks nothing. */
static void person_filter(struct page *p, struct list_page *l, const struct field *f, struct list_filter *out,
	struct buf *where)
{
	const struct reg *person = page_reg(p, "person");
	struct record *rec;
	int64_t id;
	str text = asked(p, out->name);
	out->person = true;
	out->field = f->id;
	out->focus = arena_fmt(p->a, "who-%.*s", STR_ARG(f->id));
	if (str_is(asked(p, STR("nobody")), arena_cstr(p->a, f->id)))
		out->fault = str_of(tr("Nobody of that name, or several: write the ID number, or # and the "
				       "person's number."));
	if (!str_i64(text, &id) || id <= 0 || record_get(&p->r, person, id, &rec, NULL) != RC_OK)
		return;
	and_(l, where);
	out->text = text;
	out->words = record_label(&p->r, person, id);
	buf_printf(where, "%.*s = %lld", STR_ARG(f->id), (long long)id);
}

static void query_add(struct buf *b, str name, str value)
{
	buf_puts(b, b->n ? "&" : "?");
	html_url(b, name);
	buf_putc(b, '=');
	html_url(b, value);
}

/* POST: whose rows are wanted, by name; back to the list that asked, with the person's number. */
static enum rc who_sent(struct page *p, struct err *err)
{
	const struct reg *reg;
	struct pairs query;
	struct record *rec;
	struct buf b = {0};
	TRY(page_register(p, page_arg(p, 0), &reg, err));
	const struct field *f = reg_field(reg, page_input(p, "field"));
	str who = str_trim(page_input(p, "who"));
	if (f == NULL || f->type != T_PERSON || !page_reads_people(p))
		return FAIL(err, RC_INVALID, "this list has no filter by a person of that name");
	TRY(form_query(p->a, page_input(p, "query"), &query, err));
	const struct entry_place at = {p->r.db, p->site->city, p->a, p->org, p->r.actor.org};
	struct entry e = {0};
	bool found = who.n && entry_read_at(&at, f, who, &e, NULL) == RC_OK && e.value.kind == V_INT &&
		     record_get(&p->r, page_reg(p, "person"), e.value.i, &rec, NULL) == RC_OK;
	str name = arena_fmt(p->a, "f_%.*s", STR_ARG(f->id));
	for (size_t i = 0; i < query.n; i++)
		if (!str_eq(query.p[i].name, name) && !str_is(query.p[i].name, "after") &&
			!str_is(query.p[i].name, "nobody"))
			query_add(&b, query.p[i].name, query.p[i].value);
	if (found)
		query_add(&b, name, arena_fmt(p->a, "%lld", (long long)e.value.i));
	else if (who.n)
		query_add(&b, STR("nobody"), f->id);
	page_go(p, arena_fmt(p->a, "/r/%.*s%.*s", STR_ARG(reg->id), STR_ARG(buf_str(&b))));
	buf_done(&b);
	return RC_OK;
}

static const struct input who_inputs[] = {{"field", INPUT_WORD, 60, true}, {"who", INPUT_SECRET, 60, false},
	{"query", INPUT_TEXT, 2000, false}, {0}};

const struct route routes_list_who[] = {
	{"POST", "/r/{register}/who", who_sent, ACCESS_SIGNED_IN, CSRF_TOKEN, who_inputs, ROUTE_QUICK},
	{0},
};

/* ---- all of them ---- */

static bool in_list(const struct reg *reg, const struct field *f)
{
	for (size_t i = 0; i < reg->list_n; i++)
		if (reg->list[i] == f)
			return true;
	return false;
}

/* A column that is shown, or that the address filters by already. */
static bool is_shown(struct page *p, const struct list_page *l, const struct field *f)
{
	str name = arena_fmt(p->a, "f_%.*s", STR_ARG(f->id));
	return in_list(l->reg, f) || asked_for(p, STR("col"), f->id) || asked(p, name).n > 0 ||
	       asked(p, arena_fmt(p->a, "%.*s.from", STR_ARG(name))).n > 0 ||
	       asked(p, arena_fmt(p->a, "%.*s.to", STR_ARG(name))).n > 0;
}

static bool is_span(const struct field *f)
{
	return f->type == T_DATE || f->type == T_MONTH || f->type == T_INTEGER || f->type == T_DECIMAL ||
	       f->type == T_MONEY || f->type == T_HOURS || f->type == T_COUNT;
}

static bool is_open_ref(const struct page *p, const struct field *f)
{
	if (f->type == T_ORG)
		return true;
	return f->type == T_REF && f->to_reg && f->to_reg->sensitivity < SENS_PERSONAL &&
	       permit_reach(f->to_reg, &p->r.actor) != REACH_NONE;
}

typedef void filter_fn(struct page *p, struct list_page *l, const struct field *f, struct list_filter *out,
	struct buf *where);

/* Choices always; spans, references and yes or no where the list shows the field. */
static filter_fn *filter_of(struct page *p, const struct list_page *l, const struct field *f)
{
	if (f->sealed || (l->dated && f == l->reg->happens_field)) /* the period is its filter */
		return NULL;
	if (f->type == T_CHOICE)
		return f->choices_n >= 2 && f->choices_n <= CHOICES_MAX ? set_filter : NULL;
	if (!is_shown(p, l, f))
		return NULL;
	return is_span(f)                                    ? span_filter
	       : f->type == T_BOOL                           ? yes_no_filter
	       : f->type == T_PERSON && page_reads_people(p) ? person_filter
	       : is_open_ref(p, f)                           ? ref_filter
							     : NULL;
}

void list_filters(struct page *p, struct list_page *l, struct buf *where)
{
	const struct reg *reg = l->reg;
	uint64_t seen[2];
	permit_columns(reg, &p->r.actor, true, seen);
	l->filters = NEWS(p->a, FILTERS_MAX, struct list_filter);
	for (size_t i = 0; i < reg->fields_n && l->filters_n < FILTERS_MAX; i++) {
		const struct field *f = &reg->fields[i];
		filter_fn *fn = field_in(seen, f) ? filter_of(p, l, f) : NULL;
		if (fn == NULL)
			continue;
		struct list_filter *out = &l->filters[l->filters_n++];
		*out = (struct list_filter){.name = arena_fmt(p->a, "f_%.*s", STR_ARG(f->id)),
			.label = label_text(&f->label),
			.words = str_of(tr("any"))};
		fn(p, l, f, out, where);
		l->filtered = l->filtered || out->fault.n;
		l->faulty = l->faulty || out->fault.n;
	}
	l->where = page_input(p, "where");
	if (l->where.n > 0) {
		and_(l, where);
		buf_printf(where, "(%.*s)", STR_ARG(l->where));
	}
}
