/* help_declared.c -- see help.h and help_in.h: what a register or a figure says of itself, from its declaration. */
#include "register/expr.h"
#include "register/used.h"
#include "web/help_in.h"
#include "web/page_figure.h"
#include "web/site_in.h"

enum { SECTIONS_MAX = 40 };

struct help_section *help_section_add(
	struct page *p, struct help_page *g, const char *id, const char *label, size_t cap)
{
	if (g->sections == NULL)
		g->sections = NEWS(p->a, SECTIONS_MAX, struct help_section);
	if (g->sections_n == SECTIONS_MAX)
		g->sections_n--;
	struct help_section *s = &g->sections[g->sections_n++];
	*s = (struct help_section){
		.id = str_of(id), .label = str_of(label), .rows = NEWS(p->a, cap + 1, struct help_row)};
	return s;
}

struct help_row *help_row_add(struct help_section *s, str label, str text)
{
	struct help_row *r = &s->rows[s->rows_n++];
	*r = (struct help_row){.label = label, .text = text};
	return r;
}

/* A section that nothing stands in is none. */
void help_keep(struct help_page *g, const struct help_section *s)
{
	g->sections_n -= s->rows_n == 0;
}

str help_joined(struct page *p, str a, const char *between, str b)
{
	return a.n && b.n ? arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(a), between, STR_ARG(b)) : a.n ? a : b;
}

static str role_words(struct page *p, const str *roles, size_t n)
{
	str out = STR("");
	for (size_t i = 0; i < n; i++) {
		const struct role_kind *k = model_role(p->site->city->model, roles[i]);
		out = help_joined(p, out, tr(", "), k ? role_label(k) : roles[i]);
	}
	return out;
}

/* ---- a register ---- */

str help_type_words(struct page *p, const struct field *f)
{
	static const char *const words[] = {[T_TEXT] = N_("text"),
		[T_INTEGER] = N_("whole number"),
		[T_DECIMAL] = N_("number"),
		[T_MONEY] = N_("amount in yuan"),
		[T_HOURS] = N_("hours"),
		[T_COUNT] = N_("count"),
		[T_DATE] = N_("date"),
		[T_MONTH] = N_("month"),
		[T_TIME] = N_("date and time"),
		[T_BOOL] = N_("yes or no"),
		[T_CHOICE] = N_("one of several"),
		[T_REF] = N_("reference"),
		[T_REFS] = N_("references"),
		[T_PERSON] = N_("person"),
		[T_ORG] = N_("unit"),
		[T_ORGS] = N_("units"),
		[T_REGION] = N_("region"),
		[T_FILE] = N_("file, sealed"),
		[T_PHONE] = N_("telephone, sealed"),
		[T_CITIZEN_ID] = N_("citizen ID, sealed"),
		[T_CREDIT_CODE] = N_("credit code"),
		[T_SEALED] = N_("text, sealed"),
		[T_SEALED_STRUCT] = N_("kept by the program, sealed")};
	str s = str_of(tr(words[f->type]));
	if (f->to_reg && (f->type == T_REF || f->type == T_REFS))
		s = help_joined(p, s, tr(": "), label_text(&f->to_reg->label));
	return s;
}

static void field_row(struct page *p, struct help_section *s, const struct field *f)
{
	str text = label_text(&f->help), choices = STR(""), also = STR("");
	for (size_t i = 0; i < f->choices_n; i++)
		choices = help_joined(p, choices, tr(", "), label_text(&f->choices[i].label));
	for (size_t i = 0; i < f->also_n; i++)
		also = help_joined(p, also, tr(", "), f->also[i]);
	text = help_joined(p, text, " ", choices);
	if (also.n)
		text = help_joined(
			p, text, tr("; "), arena_fmt(p->a, tr("headers taken too: %.*s"), STR_ARG(also)));
	struct help_row *r = help_row_add(s, label_text(&f->label), text);
	r->mark = help_joined(
		p, help_type_words(p, f), tr(", "), f->required ? str_of(tr("required")) : STR(""));
}

static str state_words(struct page *p, const struct reg *reg, const str *ids, size_t n)
{
	str out = STR("");
	for (size_t i = 0; i < n; i++) {
		const struct state *s = reg_state(reg, ids[i]);
		out = help_joined(p, out, tr(", "), s ? label_text(&s->label) : ids[i]);
	}
	return out;
}

static void moves(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct help_section *s =
		help_section_add(p, g, "states", tr("States, and who moves a row on"), reg->moves_n);
	for (size_t i = 0; i < reg->moves_n; i++) {
		const struct move *m = &reg->moves[i];
		str needs = m->needs_reason ? str_of(tr("a reason")) : STR("");
		for (size_t k = 0; k < m->needs_n; k++)
			needs = help_joined(p, needs, tr(", "), label_text(&m->needs[k]->label));
		str text = role_words(p, m->by, m->by_n);
		if (needs.n)
			text = arena_fmt(p->a, tr("%.*s; needs %.*s"), STR_ARG(text), STR_ARG(needs));
		struct help_row *r = help_row_add(s, label_text(&m->label), text);
		str from = state_words(p, reg, m->from, m->from_n), to = state_words(p, reg, &m->to, 1);
		r->mark = arena_fmt(p->a, "%.*s → %.*s", STR_ARG(from), STR_ARG(to));
	}
	help_keep(g, s);
}

static void permissions(struct page *p, struct help_page *g, const struct reg *reg)
{
	static const struct {
		const char *id, *words;
	} relations[] = {{"own", N_("one's own rows")}, {"subtree", N_("rows of one's unit and those below")},
		{"case", N_("rows of one's case")}};
	struct help_section *s = help_section_add(p, g, "who", tr("Who may"), reg->read_n + reg->write_n);
	for (int writes = 0; writes < 2; writes++) {
		const struct permission *list = writes ? reg->write : reg->read;
		size_t n = writes ? reg->write_n : reg->read_n;
		for (size_t i = 0; i < n; i++) {
			const char *what = "";
			for (size_t k = 0; k < sizeof relations / sizeof *relations; k++)
				if (str_is(list[i].relation, relations[k].id))
					what = tr(relations[k].words);
			help_row_add(s,
				arena_fmt(p->a, writes ? tr("may write %s") : tr("may read %s"), what),
				role_words(p, list[i].roles, list[i].roles_n));
		}
	}
	if (reg->sensitivity >= SENS_MINOR)
		s->lead = str_of(
			tr("Data of minors or sealed data: the role alone opens nothing, an authorisation or "
			   "a case is needed besides, and each reading is recorded."));
	help_keep(g, s);
}

static void used_rows(
	struct page *p, struct help_page *g, const struct used *list, size_t n, const char *label)
{
	struct help_section *s = help_section_add(p, g, "used", label, n);
	for (size_t i = 0; i < n; i++) {
		const struct used *u = &list[i];
		struct help_row *r = help_row_add(s, u->label, u->how);
		r->mark = str_of(used_kind_words(u->kind));
		if (u->kind == USED_FIGURE)
			r->href = arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(u->id));
		else if (u->kind == USED_REGISTER)
			r->href = arena_fmt(p->a, "/help/registers/%.*s", STR_ARG(u->id));
	}
	help_keep(g, s);
}

static void slips(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct help_section *s =
		help_section_add(p, g, "slips", tr("What it refuses or warns of"), reg->checks_n);
	for (size_t i = 0; i < reg->checks_n; i++) {
		struct help_row *r = help_row_add(s, label_text(&reg->checks[i].say), STR(""));
		r->mark = str_of(reg->checks[i].warn ? tr("warns") : tr("refused"));
	}
	help_keep(g, s);
}

static void imports(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct help_section *s = help_section_add(p, g, "import", tr("How to bring in a sheet"), 5);
	const struct state *st = reg_state(reg, reg->import_state);
	help_row_add(s, str_of(tr("Columns")),
		str_of(tr("The labels above, their English ids or the other headers named there; in any "
			  "order, header in "
			  "any row.")));
	if (st)
		help_row_add(s, str_of(tr("State")),
			arena_fmt(p->a, tr("Without a column 状态 the rows become “%.*s”."),
				STR_ARG(label_text(&st->label))));
	str key = reg->key_org ? str_of(tr("the unit")) : STR("");
	for (size_t i = 0; i < reg->key_n; i++)
		key = help_joined(p, key, tr(" + "), label_text(&reg->key[i]->label));
	help_row_add(s, str_of(tr("The same row again")),
		key.n ? arena_fmt(p->a, tr("is known by %.*s: it is corrected, not doubled."), STR_ARG(key))
		      : str_of(tr("is known by its whole content only.")));
	struct help_row *r = help_row_add(s, str_of(tr("Bring in a sheet")), STR(""));
	r->href = arena_fmt(p->a, "/import?register=%.*s", STR_ARG(reg->id));
	r->text = arena_fmt(p->a, tr("an entry form: qinghe template %.*s -o form.xlsx"), STR_ARG(reg->id));
}

static void kept(struct page *p, struct help_page *g, const struct reg *reg)
{
	static const char *const words[] = {[SENS_PUBLIC] = N_("public"),
		[SENS_INTERNAL] = N_("internal"),
		[SENS_PERSONAL] = N_("personal"),
		[SENS_MINOR] = N_("of minors"),
		[SENS_SEALED] = N_("sealed")};
	struct help_section *s =
		help_section_add(p, g, "kept", tr("How it is protected and kept"), 4 + reg->grades_n);
	help_row_add(s, str_of(tr("Sensitivity")), str_of(tr(words[reg->sensitivity])));
	help_row_add(s, str_of(tr("Kept for")), reg->keep);
	help_row_add(s, str_of(tr("Counts on")),
		reg->happens_field ? label_text(&reg->happens_field->label) : reg->happens);
	for (size_t i = 0; i < reg->grades_n; i++)
		help_row_add(s, arena_fmt(p->a, tr("Evidence %c"), reg->grades[i].letter),
			grade_words(reg->grades[i].letter));
}

void help_register_sections(struct page *p, struct help_page *g, const struct reg *reg)
{
	struct used *used;
	size_t n;
	struct help_section *s = help_section_add(p, g, "fields", tr("What is filled in"), reg->fields_n);
	for (size_t i = 0; i < reg->fields_n; i++)
		field_row(p, s, &reg->fields[i]);
	moves(p, g, reg);
	permissions(p, g, reg);
	used_reg(p->a, p->site->city->model, reg, NULL, &used, &n);
	used_rows(p, g, used, n, tr("Where it is used"));
	imports(p, g, reg);
	slips(p, g, reg);
	kept(p, g, reg);
}

/* ---- a figure ---- */

static str grain_words(struct page *p, const struct figure *f)
{
	static const char *const words[] = {[G_ROW] = N_("the number of rows"),
		[G_SUM] = N_("a field added up over the rows"),
		[G_DISTINCT] = N_("the number of different ones, each once"),
		[G_STOCK] = N_("what is in force on the last day"),
		[G_BALANCE] = N_("the sum up to the last day"),
		[G_LAST] = N_("the latest value of each"),
		[G_MEDIAN] = N_("the median"),
		[G_RATE] = N_("one figure divided by another; never a number of its own")};
	str s = str_of(tr(words[f->grain]));
	return f->grain_path.n ? arena_fmt(p->a, "%.*s (%.*s)", STR_ARG(s), STR_ARG(f->grain_path)) : s;
}

void help_figure_sections(struct page *p, struct help_page *g, const struct figure *f)
{
	const struct figure *of = f->of ? f : f->rate_of;
	struct used *used;
	size_t n;
	struct help_section *s = help_section_add(p, g, "how", tr("How it is counted"), 8);
	struct help_row *r = help_row_add(s, str_of(tr("Value")), grain_words(p, f));
	if (f->of) {
		r = help_row_add(s, str_of(tr("Register")), label_text(&f->of->label));
		r->href = arena_fmt(p->a, "/help/registers/%.*s", STR_ARG(f->of->id));
	}
	if (f->rate_of) {
		r = help_row_add(s, str_of(tr("Divided")), label_text(&f->rate_of->label));
		r->href = arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(f->rate_of->id));
		r = help_row_add(s, str_of(tr("By")), label_text(&f->rate_over->label));
		r->href = arena_fmt(p->a, "/help/figures/%.*s", STR_ARG(f->rate_over->id));
	}
	help_row_add(s, str_of(tr("Unit of count")), figure_unit_text(p, f, 2));
	if (f->where)
		help_row_add(s, str_of(tr("Counted where")), expr_text(p->a, f->where))->code = true;
	if (of && of->of)
		help_row_add(s, str_of(tr("Date")),
			of->on.n ? of->on : help_joined(p, of->stock_from, " – ", of->stock_to))
			->code = true;
	if (f->never_appraise)
		help_row_add(s, str_of(tr("Never in an appraisal")),
			str_of(tr("study time, votes, likes, forwards and check-ins are no basis of "
				  "appraisal (国办函〔2026〕12号)")));
	used_figure(p->a, p->site->city->model, f, &used, &n);
	used_rows(p, g, used, n, tr("Where it is used"));
	s = help_section_add(p, g, "slips", tr("Common mistakes"), 4);
	if (f->distinct_person)
		help_row_add(s, str_of(tr("It cannot be told as people")),
			str_of(tr("Rows that only report a head-count do not say who came; then attendances "
				  "are told "
				  "instead.")));
	if (f->grain == G_STOCK)
		help_row_add(s, str_of(tr("It is not a sum of months")),
			str_of(tr(
				"It says what is in force on the last day; what ended before is left out.")));
	help_row_add(s, str_of(tr("It is not as expected")),
		str_of(tr("Look at unit and period at the top, then at the rows; mend the row, and the "
			  "figure follows.")));
	if (f->of && f->of->states_n)
		help_row_add(s, str_of(tr("A row is missing")),
			str_of(tr("Mostly its state: what is planned, pending or returned does not count "
				  "yet.")));
}
