/* page_list.c -- /r/REGISTER: views as tabs, a filter that reads as a sentence, rows, cursor paging. */
#include "figure/round.h"
#include "register/permit.h"
#include "templates.h"
#include "web/form.h"
#include "web/page_register.h"
#include "web/site_in.h"

enum { PAGE_ROWS = 25, JSON_ROWS = 100, COUNT_BELOW_ID = 200000 };

enum rc list_show(struct page *p, struct err *err);

/* ---- columns ---- */

static bool is_number(const struct field *f)
{
	return f->type == T_INTEGER || f->type == T_DECIMAL || f->type == T_MONEY || f->type == T_HOURS ||
	       f->type == T_COUNT;
}

/* The cell that names the row: the person, a title, else the first reference, else the first column. */
static size_t who_column(const struct list_column *c, size_t n, const struct field *self)
{
	static const char *const titles[] = {"name", "title", "theme", "volunteer", "person", "child"};
	for (size_t t = 0; t < sizeof titles / sizeof *titles; t++)
		for (size_t i = 0; i < n; i++)
			if (c[i].field && str_is(c[i].field->id, titles[t]))
				return i;
	for (size_t i = 0; i < n; i++)
		if (c[i].field && c[i].field->type == T_PERSON && c[i].field != self)
			return i;
	for (size_t i = 0; i < n; i++)
		if (c[i].field && (c[i].field->type == T_REF || c[i].field->type == T_TEXT))
			return i;
	return 0;
}

static void columns(struct page *p, struct list_page *l)
{
	const struct reg *reg = l->reg;
	static const char *const rest[] = {"c-how", "c-where", "c-by"};
	bool has_org = false;
	size_t next = 0;
	uint64_t seen[2];
	permit_columns(reg, &p->r.actor, false, seen);
	list_columns_asked(p, l);
	l->columns = NEWS(p->a, l->asked_n + 2, struct list_column);
	for (size_t i = 0; i < l->asked_n; i++) {
		const struct field *f = l->asked[i].field;
		if (f && !field_in(seen, f))
			continue;
		struct list_column *c = &l->columns[l->columns_n];
		*c = (struct list_column){.field = f, .number = f && is_number(f)};
		if (f) {
			c->label = label_text(&f->label);
		} else if (str_is(l->asked[i].id, "state")) {
			c->is_state = true;
			c->label = str_of(tr("State"));
		} else if (str_is(l->asked[i].id, "org")) {
			c->is_org = has_org = true;
			c->label = str_of(tr("Unit"));
		} else {
			continue;
		}
		l->columns_n++;
	}
	if (!has_org && !l->chosen && !str_is(reg->id, "org") && l->columns_n < 8) {
		struct list_column unit = {.is_org = true, .label = str_of(tr("Unit"))};
		bool last_state = l->columns_n > 0 && l->columns[l->columns_n - 1].is_state;
		if (last_state)
			l->columns[l->columns_n] = l->columns[l->columns_n - 1];
		l->columns[l->columns_n++ - last_state] = unit;
	}
	/* Who sees own rows alone is in each of them. */
	const struct field *self = permit_reach(reg, &p->r.actor) == REACH_OWN ? reg->person : NULL;
	size_t who = who_column(l->columns, l->columns_n, self);
	bool dated = false;
	for (size_t i = 0; i < l->columns_n; i++) {
		struct list_column *c = &l->columns[i];
		bool date = c->field && (c->field->type == T_DATE || c->field->type == T_MONTH ||
						c->field->type == T_TIME);
		c->place = i == who                         ? "c-who"
			   : c->is_state                    ? "c-st"
			   : date && !dated                 ? "c-on"
			   : c->is_org && !self && next < 3 ? rest[next++]
							    : "c-x";
		dated = dated || date;
	}
	for (size_t i = 0; i < l->columns_n && next < 3; i++)
		if (strcmp(l->columns[i].place, "c-x") == 0 && (self == NULL || l->columns[i].field != self))
			l->columns[i].place = rest[next++];
}

static void row_fill(
	struct page *p, const struct list_page *l, const struct record *rec, struct list_row *row)
{
	row->id = arena_fmt(p->a, "%lld", (long long)rec->id);
	row->title = record_title(p, rec);
	row->cells = NEWS(p->a, l->columns_n, struct list_cell);
	row->cells_n = l->columns_n;
	for (size_t i = 0; i < l->columns_n; i++) {
		const struct list_column *c = &l->columns[i];
		struct list_cell *cell = &row->cells[i];
		*cell = (struct list_cell){.place = c->place, .number = c->number};
		if (c->is_state) {
			struct chip chip = state_chip(rec->reg, rec->state);
			cell->chip = true;
			cell->text = chip.label;
			cell->look = chip.look;
		} else if (c->is_org) {
			cell->text = page_org_name(p, rec->org);
		} else {
			cell->text = value_words(p, rec, c->field);
		}
		if (strcmp(c->place, "c-who") == 0) {
			cell->href = page_hrefs(p, "/r/%.*s/%lld", STR_ARG(rec->reg->id), (long long)rec->id);
			if (cell->text.n == 0)
				cell->text = arena_fmt(p->a, "#%lld", (long long)rec->id);
		} else if (cell->text.n == 0) {
			cell->text = STR("—");
		}
	}
}

static str count_text(struct page *p, int64_t n)
{
	return str_of(arena_printf(p->a, "%s", round_grouped(n, ROUND_COUNT).text));
}

/* A tab for each state, counted where counting is cheap. */
static enum rc views(
	struct page *p, struct list_page *l, const struct record_query *q, bool count, struct err *err)
{
	const struct reg *reg = l->reg;
	int64_t *counts = NEWS(p->a, reg->states_n + 1, int64_t), all = 0;
	struct record_query every = *q;
	every.after = 0;
	if (count)
		TRY(record_count_states(&p->r, &every, counts, err));
	for (size_t i = 0; i < reg->states_n; i++)
		all += counts[i];
	l->views = NEWS(p->a, reg->states_n + 1, struct list_view);
	for (size_t i = 0; i <= reg->states_n; i++) {
		const struct state *s = i ? &reg->states[i - 1] : NULL;
		int64_t n = s ? counts[i - 1] : all;
		bool here = s ? str_eq(l->state, s->id) : l->state.n == 0;
		if (count && s && n == 0 && !here)
			continue;
		l->views[l->views_n++] =
			(struct list_view){.label = s ? label_text(&s->label) : str_of(tr("All")),
				.href = page_here(p, "state", s ? s->id : STR("")),
				.count = count ? count_text(p, n) : STR(""),
				.here = here};
		if (count && here)
			l->count_words = arena_fmt(p->a, trn("%lld row", "%lld rows", n), (long long)n);
	}
	return RC_OK;
}

/* ---- the page ---- */

/* Rows that happen on a day are shown by period; those that stand for years (organisations, people, appointments: what a
 * stock figure counts, or what has no date always) are not. */
static bool has_events(struct page *p, const struct reg *reg)
{
	const struct model *m = p->site->city->model;
	if (reg->happens.n == 0 || str_is(reg->id, "org") || str_is(reg->id, "person"))
		return false;
	if (reg->happens_field && !reg->happens_field->required)
		return false;
	for (size_t i = 0; i < m->figures_n; i++)
		if (m->figures[i].of == reg && m->figures[i].grain == G_STOCK)
			return false;
	return true;
}

static enum rc query_fill(struct page *p, struct list_page *l, struct record_query *q, struct err *err)
{
	struct buf where = {0};
	l->dated = has_events(p, l->reg);
	char *from = arena_alloc(p->a, DATE_TEXT_BYTES), *to = arena_alloc(p->a, DATE_TEXT_BYTES);
	list_filters(p, l, &where);
	l->state = page_input(p, "state");
	if (l->state.n > 0 && reg_state(l->reg, l->state) == NULL) {
		buf_done(&where);
		return FAIL(err, RC_NOT_FOUND, "%.*s has no state “%.*s”",
			STR_ARG(label_text(&l->reg->label)), STR_ARG(l->state));
	}
	*q = (struct record_query){.reg = l->reg,
		.where = arena_str(p->a, buf_str(&where)),
		.org = p->org_code.n || p->r.actor.org ? p->org : 0,
		.state = l->state,
		.after = p->after,
		.limit = p->json ? JSON_ROWS : PAGE_ROWS + 1,
		.newest_first = true};
	buf_done(&where);
	if (l->dated) {
		date_text(p->period.from, from);
		date_text(p->period.to, to);
		q->from = from;
		q->to = to;
	}
	return list_order(p, l, q, err);
}

enum rc list_query(struct page *p, const struct reg *reg, struct record_query *q, struct err *err)
{
	struct list_page l = {.reg = reg};
	TRY(query_fill(p, &l, q, err));
	q->limit = 0;
	q->after = 0;
	return RC_OK;
}

static int64_t view_count(struct page *p, const struct reg *reg)
{
	struct record_query q;
	int64_t n = 0;
	if (list_query(p, reg, &q, NULL) != RC_OK || record_count(&p->r, &q, &n, NULL) != RC_OK)
		return -1;
	return n;
}

static void sentence(struct page *p, struct list_page *l)
{
	const struct reg *reg = l->reg;
	const struct state *s = l->state.n ? reg_state(reg, l->state) : NULL;
	l->scope = page_org_name(p, p->org);
	l->period = period_words(p->a, &p->period);
	if (l->dated && reg->happens_field)
		l->happens = label_text(&reg->happens_field->label);
	else if (l->dated)
		l->happens = str_of(tr("Date"));
	str state = s ? label_text(&s->label) : str_of(tr("All"));
	struct buf b = {0};
	if (l->dated)
		buf_printf(&b, "%.*s%s", STR_ARG(l->period), tr(", "));
	buf_add(&b, state);
	for (size_t i = 0; i < l->filters_n; i++)
		if (!str_is(l->filters[i].words, tr("any")))
			buf_printf(&b, "%s%.*s%s%.*s", tr(", "), STR_ARG(l->filters[i].label), tr(": "),
				STR_ARG(l->filters[i].words));
	if (l->where.n)
		buf_printf(&b, "%s%s", tr(", "), tr("with a condition"));
	l->summary = arena_str(p->a, buf_str(&b));
	buf_done(&b);
}

static void list_json(struct page *p, const struct list_page *l, struct record **rows, size_t n)
{
	struct json j = page_json(p);
	json_object(&j);
	json_put_str(&j, "register", l->reg->id);
	json_key(&j, "rows");
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		record_json(&j, rows[i]);
	json_array_end(&j);
	json_key(&j, "next");
	if (n == JSON_ROWS)
		json_i64(&j, rows[n - 1]->id);
	else
		json_null(&j);
	json_object_end(&j);
}

enum rc list_show(struct page *p, struct err *err)
{
	struct list_page l = {0};
	struct record_query q;
	struct record **rows = NULL;
	size_t n = 0;
	TRY(page_register(p, page_arg(p, 0), &l.reg, err));
	const struct reg *reg = l.reg;
	if (permit_reach(reg, &p->r.actor) == REACH_NONE)
		return FAIL(err, RC_DENIED, "The register “%.*s” is not open to your role.",
			STR_ARG(label_text(&reg->label)));
	TRY(query_fill(p, &l, &q, err));
	enum rc rc = record_list(&p->r, &q, &rows, &n, err);
	if (rc == RC_INVALID && l.where.n > 0 && !p->json)
		l.where_fault =
			arena_str(p->a, str_of(err->text)); /* the expression's fault stands at its field */
	else
		TRY(rc);
	l.faulty = l.faulty || l.where_fault.n;
	if (p->json) {
		list_json(p, &l, rows, n);
		return RC_OK;
	}
	bool more = n > PAGE_ROWS;
	n = more ? PAGE_ROWS : n;
	if (l.where_fault.n == 0)
		TRY(views(p, &l, &q, n == 0 || rows[0]->id < COUNT_BELOW_ID, err));
	columns(p, &l);
	TRY(list_saved(p, &l, n == 0 || rows[0]->id < COUNT_BELOW_ID ? view_count : NULL, err));
	list_acts(p, &l, rows, n);
	l.rows = NEWS(p->a, n + 1, struct list_row);
	for (size_t i = 0; i < n; i++)
		row_fill(p, &l, rows[i], &l.rows[l.rows_n++]);
	sentence(p, &l);
	l.heading = label_text(&reg->label);
	l.holds = label_text(&reg->holds);
	l.org_code = p->org_code;
	l.period_text = p->period_asked ? p->period.text : STR("");
	l.here = page_hrefs(p, "/r/%.*s", STR_ARG(reg->id));
	if (form_may_add(p, reg)) {
		l.import_href = page_hrefs(p, "/import?register=%.*s", STR_ARG(reg->id));
		l.new_href = page_hrefs(p, "/r/%.*s/new", STR_ARG(reg->id));
		l.new_label = arena_fmt(p->a, tr("Record %.*s"), STR_ARG(l.heading));
	}
	if (more)
		l.older_href = page_here(p, "after", arena_fmt(p->a, "%lld", (long long)rows[n - 1]->id));
	if (p->after)
		l.newest_href = page_here(p, "after", STR(""));
	shell_fill(p, &l.shell, l.heading, PLACE_REGISTERS, reg->group);
	shell_crumb(
		p, &l.shell, group_label(reg->group), page_hrefs(p, "/registers/%.*s", STR_ARG(reg->group)));
	tpl_list(page_out(p), &l);
	return RC_OK;
}
