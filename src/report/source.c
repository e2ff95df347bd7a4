/* source.c -- see source.h. */
#include "report/source.h"
#include "base/clock.h"
#include "format/slots.h"
#include "register/record.h"
#include "report/template.h"

static int year_of(const struct period *p)
{
	return date_ymd(p->from).year;
}

/* Figures. */

static struct period span_of(struct report_source *s, const struct slot_ref *ref)
{
	struct period p = s->period;
	if (ref->when == SLOT_PREV)
		return period_compared(s->r->a, &p, clock_today());
	while (ref->when == SLOT_YEAR && year_of(&p) > ref->year)
		p = period_before(s->r->a, &p);
	return p;
}

static enum rc unit_of(struct report_source *s, str code, int64_t *out, struct err *err)
{
	if (code.n == 0) {
		*out = s->org;
		return RC_OK;
	}
	struct city *c = s->r->city;
	TRY(resolve_row(s->r->db, c, model_reg(c->model, STR("org")), 0, code, out, err));
	int64_t own = s->r->actor.org;
	if (!actor_is_operator(&s->r->actor) && own && !tree_under(s->r->tree, *out, own, s->period.to - 1))
		return FAIL(err, RC_DENIED, "unit %.*s is not under yours", STR_ARG(code));
	return RC_OK;
}

static enum round_kind kind_of(const struct figure *f)
{
	return f->money ? ROUND_FEN : f->minutes ? ROUND_MINUTES : ROUND_COUNT;
}

static enum rc answer(struct report_source *s, const struct figure *f, const struct period *p, int64_t org,
	struct slot_answer *out, struct err *err)
{
	struct figure_answer x;
	TRY(figure_value(s->r, f, p, org, false, &x, err));
	struct slot_answer ans = {.known = true,
		.told = x.told && !x.recounting,
		.value = x.value,
		.kind = kind_of(f),
		.unit = f->unit,
		.why = x.recounting ? str_of(tr("is being recounted")) : x.why,
		.has_instead = x.has_instead,
		.instead = x.instead,
		.instead_unit = x.instead_unit,
		.has_rate = x.rate_told,
		.of = x.of,
		.over = x.over,
		.label = f->label.zh,
		.label_en = f->label.en,
		.definition = f->definition.zh,
		.digest = str_of(f->digest.hex)};
	if (!round_rule_parse(f->print, &ans.print))
		ans.print = ROUND_EXACT;
	for (int g = 0; g < SLOT_GRADES; g++)
		ans.grades[g] = x.grades[g];
	const struct figure *full = f->full.n ? model_figure(s->r->city->model, f->full) : NULL;
	if (full) {
		TRY(figure_value(s->r, full, p, org, false, &x, err));
		ans.has_rate = x.rate_told;
		ans.of = x.of;
		ans.over = x.over;
	}
	*out = ans;
	return RC_OK;
}

static enum rc source_figure(
	void *user, struct arena *a, const struct slot_ref *ref, struct slot_answer *out, struct err *err)
{
	struct report_source *s = user;
	const struct figure *f = model_figure(s->r->city->model, ref->id);
	struct slot_tag_parts tag = {.kind = TAG_VALUE, .ref = *ref};
	if (f == NULL)
		return RC_OK;
	str key = template_tag(s->r->a, &tag);
	const struct source_given *kept = map_get(&s->answers, key);
	if (kept == NULL) {
		struct source_given *fresh = NEW(s->r->a, struct source_given);
		struct period p = span_of(s, ref);
		int64_t org;
		if (ref->when == SLOT_YEAR && year_of(&p) != ref->year)
			return FAIL(err, RC_INVALID, "@%d lies after the report's own period", ref->year);
		TRY(unit_of(s, ref->org, &org, err));
		*fresh = (struct source_given){.figure = f, .period = p, .org = org, .next = s->given};
		TRY(answer(s, f, &p, org, &fresh->answer, err));
		s->given = fresh;
		map_put(&s->answers, key, fresh);
		kept = fresh;
	}
	(void)a;
	*out = kept->answer;
	return RC_OK;
}

/* Records. */

static str text_of(struct arena *a, const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	int32_t day;
	if (f == NULL || rec->values[f->at].kind == V_NULL)
		return (str){0};
	if (f->type == T_DATE && date_parse(rec->values[f->at].t, &day)) {
		struct ymd d = date_ymd(day);
		return arena_fmt(a, "%d年%d月%d日", d.year, d.month, d.day);
	}
	return value_text(a, f, &rec->values[f->at]);
}

struct span_text {
	char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES];
};

static enum rc rows_of(struct report_source *s, const char *reg, const char *where, int32_t from, int32_t to,
	struct record ***out, size_t *out_n, struct err *err)
{
	struct span_text span;
	struct record_query q = {.reg = model_reg(s->r->city->model, str_of(reg)),
		.where = str_of(where),
		.org = s->org,
		.limit = SOURCE_ROWS_MAX};
	*out_n = 0;
	if (q.reg == NULL)
		return RC_OK;
	if (from < to) {
		date_text(from, span.from);
		date_text(to, span.to);
		q.from = span.from;
		q.to = span.to;
	}
	return record_list(s->r, &q, out, out_n, err);
}

/* Texts. */

static str theme(struct report_source *s)
{
	struct record **rows;
	size_t n;
	if (rows_of(s, "theme", "annual = true and state = 'valid'", s->period.from, s->period.to, &rows, &n,
		    NULL) != RC_OK ||
		n == 0)
		return (str){0};
	str slogan = text_of(s->r->a, rows[n - 1], "slogan");
	return slogan.n ? slogan : text_of(s->r->a, rows[n - 1], "name");
}

enum rc report_source_declared(struct report_source *s, const struct report_declared **out, struct err *err)
{
	if (s->declared == NULL) {
		struct report_declared *d = NEW(s->r->a, struct report_declared);
		TRY(report_declared_read(s->r->a, s->r->city->model, d, err));
		s->declared = d;
	}
	*out = s->declared;
	return RC_OK;
}

/* The five-year plan that the year belongs to. */
static str plan(struct report_source *s, int year)
{
	const struct report_declared *d;
	if (report_source_declared(s, &d, NULL) != RC_OK)
		return (str){0};
	for (size_t i = 0; i < d->plans_n; i++)
		if (year >= d->plans[i].from && year <= d->plans[i].to)
			return d->plans[i].name;
	return (str){0};
}

/* Is there anything to tell for the report's own unit? A zero with nothing else is not. Of a public copy the first and the
 * second filling must agree, or cells were told that nobody looked at; and where a zero is hidden, a column that is not there
 * would tell it. */
static bool fills_a_column(const struct report_source *s, const struct figure *f, const struct slot_answer *x)
{
	if (s->public && f->of && f->of->sensitivity >= SENS_MINOR)
		return true;
	return x->has_instead || (x->told && x->value != 0) || (x->has_rate && x->of > 0);
}

/* Columns without anything to tell fall away, as sentences do; so does a table without columns. */
static enum rc source_annex(void *user, struct arena *a, str id, str *out, struct err *err)
{
	struct report_source *s = user;
	const struct report_declared *d;
	TRY(report_source_declared(s, &d, err));
	const struct annex *x = annex_of(d, id);
	if (x == NULL)
		return FAIL(err, RC_INVALID, "reports/desk.yaml declares no annex “%.*s”", STR_ARG(id));
	struct annex told = *x;
	told.n = 0;
	for (size_t i = 0; i < x->n; i++) {
		struct slot_answer answer = {0};
		TRY(source_figure(s, a, &(struct slot_ref){.id = x->figures[i]->id}, &answer, err));
		if (!fills_a_column(s, x->figures[i], &answer))
			continue;
		told.figures[told.n] = x->figures[i];
		told.heads[told.n] = x->heads[i];
		told.prints[told.n++] = x->prints[i];
	}
	*out = told.n ? annex_text(a, &told) : (str){0};
	return RC_OK;
}

static str today(struct arena *a)
{
	struct ymd d = date_ymd(clock_today());
	return arena_fmt(a, "%d年%d月%d日", d.year, d.month, d.day);
}

static bool source_text(void *user, struct arena *a, str name, str *out)
{
	struct report_source *s = user;
	struct city *c = s->r->city;
	if (str_is(name, "year"))
		*out = arena_fmt(a, "%d", year_of(&s->period));
	else if (str_is(name, "period"))
		*out = period_name(a, &s->period, true);
	else if (str_is(name, "period.until"))
		*out = period_runs(&s->period, clock_today()) ? today(a) : (str){0};
	else if (str_is(name, "period.prev")) {
		struct period last = period_compared(a, &s->period, clock_today());
		*out = period_name(a, &last, true);
	} else if (str_is(name, "date"))
		*out = today(a);
	else if (str_is(name, "city") || str_is(name, "name.city"))
		*out = c->name;
	else if (str_is(name, "name.org"))
		*out = record_label(s->r, model_reg(c->model, STR("org")), s->org);
	else if (str_is(name, "name.theme"))
		*out = theme(s);
	else if (str_is(name, "plan.name"))
		*out = plan(s, year_of(&s->period) + 1);
	else
		return false;
	return true;
}

/* Lists. */

struct column {
	const char *name, *field;
};

static void add_row(struct arena *a, struct slot_list *list, size_t *cap, const struct slot_field *fields,
	size_t n, str org)
{
	struct slot_row *rows = arena_grow(a, (void *)(uintptr_t)list->rows, list->n, cap, sizeof *rows);
	rows[list->n++] = (struct slot_row){fields, n, org};
	list->rows = rows;
}

static enum rc register_list(struct report_source *s, const char *reg, const char *where, int32_t from,
	int32_t to, const struct column *columns, size_t n, struct slot_list *out, struct err *err)
{
	struct record **rows;
	size_t rows_n, cap = 0;
	struct arena *a = s->r->a;
	TRY(rows_of(s, reg, where, from, to, &rows, &rows_n, err));
	for (size_t i = 0; i < rows_n; i++) {
		struct slot_field *fields = NEWS(a, n + 2, struct slot_field);
		for (size_t k = 0; k < n; k++)
			fields[k] = (struct slot_field){
				str_of(columns[k].name), text_of(a, rows[i], columns[k].field)};
		const struct state *state = reg_state(rows[i]->reg, rows[i]->state);
		fields[n] =
			(struct slot_field){STR("state"), state ? label_text(&state->label) : rows[i]->state};
		const struct figure *f = model_figure(s->r->city->model, text_of(a, rows[i], "figure_id"));
		fields[n + 1] = (struct slot_field){STR("unit"), f ? f->unit : (str){0}};
		add_row(a, out, &cap, fields, n + 2, (str){0});
	}
	return RC_OK;
}

static enum rc units(struct report_source *s, struct slot_list *out, struct err *err)
{
	struct city *c = s->r->city;
	struct arena *a = s->r->a;
	const struct reg *reg = model_reg(c->model, STR("org"));
	size_t n, cap = 0;
	const int64_t *ids = tree_subtree(a, s->r->tree, s->org, s->period.to - 1, &n);
	for (size_t i = 0; reg && i < n && out->n < SOURCE_ROWS_MAX; i++) {
		struct record *rec;
		if (ids[i] == s->org || tree_parent(s->r->tree, ids[i], s->period.to - 1) != s->org)
			continue;
		TRY(record_get(s->r, reg, ids[i], &rec, err));
		struct slot_field *f = NEWS(a, 3, struct slot_field);
		str code = text_of(a, rec, "code"), name = text_of(a, rec, "name"),
		    brief = text_of(a, rec, "short_name");
		f[0] = (struct slot_field){STR("name"), name};
		f[1] = (struct slot_field){STR("short"), brief.n ? brief : name};
		f[2] = (struct slot_field){STR("code"), code};
		add_row(a, out, &cap, f, 3, code.n ? code : arena_fmt(a, "#%lld", (long long)ids[i]));
	}
	return RC_OK;
}

static str grades_text(struct arena *a, const struct slot_answer *x)
{
	str s = {0};
	for (int g = 0; g < SLOT_GRADES; g++)
		if (x->grades[g] != 0)
			s = arena_fmt(a, "%.*s%s%c %lld", STR_ARG(s), s.n ? "，" : "", 'A' + g,
				(long long)x->grades[g]);
	return s;
}

static struct printed print_answer(const struct slot_answer *x, enum round_rule rule)
{
	if (!x->told && x->has_rate && x->over > 0)
		return round_rate(x->of, x->over);
	if (!x->told)
		return round_print(
			x->instead, ROUND_COUNT, round_rule_fits(rule, ROUND_COUNT) ? rule : ROUND_EXACT);
	return round_print(x->value, x->kind, round_rule_fits(rule, x->kind) ? rule : ROUND_EXACT);
}

static str said(struct arena *a, const struct slot_answer *x, enum round_rule rule)
{
	return x->withheld ? STR(SLOT_WITHHELD) : arena_str(a, str_of(print_answer(x, rule).text));
}

static bool tellable(const struct slot_answer *x)
{
	return x->told || x->has_instead || (x->has_rate && x->over > 0);
}

static enum rc figures(struct report_source *s, struct slot_list *out, struct err *err)
{
	const struct model *m = s->r->city->model;
	struct arena *a = s->r->a;
	size_t cap = 0;
	for (size_t i = 0; i < m->figures_n; i++) {
		struct slot_answer x = {0};
		if (m->figures[i].parent)
			continue;
		TRY(source_figure(s, a, &(struct slot_ref){.id = m->figures[i].id}, &x, err));
		if (!tellable(&x))
			continue;
		const struct slot_field fields[] = {{STR("id"), m->figures[i].id}, {STR("label"), x.label},
			{STR("value"), said(a, &x, ROUND_EXACT)}, {STR("print"), said(a, &x, x.print)},
			{STR("unit"), x.told || !x.has_instead ? x.unit : x.instead_unit},
			{STR("definition"), x.definition},
			{STR("grades"), x.withheld ? STR(SLOT_WITHHELD) : grades_text(a, &x)}};
		struct slot_field *f = NEWS(a, sizeof fields / sizeof *fields, struct slot_field);
		memcpy(f, fields, sizeof fields);
		add_row(a, out, &cap, f, sizeof fields / sizeof *fields, (str){0});
	}
	return RC_OK;
}

static enum rc source_list(void *user, struct arena *a, str name, struct slot_list *out, struct err *err)
{
	static const struct column problem[] = {
		{"title", "title"}, {"cause", "cause"}, {"number", "number"}, {"due_on", "due_on"}};
	static const struct column measure[] = {
		{"title", "title"}, {"due_on", "due_on"}, {"result", "result"}};
	static const struct column target[] = {
		{"title", "title"}, {"at_least", "at_least"}, {"figure", "figure_id"}};
	static const struct column practice[] = {{"title", "title"}, {"what", "what"}};
	static const struct column honour[] = {
		{"title", "title"}, {"level", "level"}, {"unit_name", "unit_name"}, {"given_by", "given_by"}};
	struct report_source *s = user;
	const struct period *p = &s->period;
	int next = year_of(p) + 1;
	(void)a;
	*out = (struct slot_list){.known = true};
	if (str_is(name, "units"))
		return units(s, out, err);
	if (str_is(name, "figures"))
		return figures(s, out, err);
	if (str_is(name, "problems"))
		return register_list(s, "problem", "in_report = true and state != 'void'", p->from, p->to,
			problem, 4, out, err);
	if (str_is(name, "measures"))
		return register_list(s, "measure", "in_report = true and state = 'valid'", p->from,
			date_of(next + 1, 1, 1), measure, 3, out, err);
	if (str_is(name, "targets"))
		return register_list(s, "target", "in_report = true and state = 'valid'", date_of(next, 1, 1),
			date_of(next + 1, 1, 1), target, 3, out, err);
	if (str_is(name, "practices"))
		return register_list(s, "good_practice", "in_report = true and state = 'accepted'", p->from,
			p->to, practice, 2, out, err);
	if (str_is(name, "honours"))
		return register_list(s, "honour", "state = 'valid'", p->from, p->to, honour, 4, out, err);
	*out = (struct slot_list){0};
	return RC_OK;
}

void report_source_init(struct report_source *s, struct reader *r, const struct period *p, int64_t org)
{
	*s = (struct report_source){.r = r, .period = *p, .org = org};
	s->source = (struct slot_source){s, source_figure, source_text, source_list, source_annex, p->text,
		period_compared(r->a, p, clock_today()).text};
}

void report_source_done(struct report_source *s)
{
	map_done(&s->answers);
}

str report_text(const struct model *m, const char *path)
{
	const struct model_text *t = model_text(m, path);
	return t ? t->text : (str){0};
}

/* Does a template print the figure itself, not only ask for it or for its companions? */
static bool prints(str text, str id)
{
	for (size_t at; (at = str_find(text, id)) != SIZE_MAX; text = str_from(text, at + id.n)) {
		str after = str_from(text, at + id.n);
		if (str_ends(str_head(text, at), STR("{{")) &&
			(str_starts(after, STR("}}")) || str_starts(after, STR("|"))))
			return true;
	}
	return false;
}

enum rc report_source_figures(
	struct report_source *s, bool all, struct lint_figure **out, size_t *out_n, struct err *err)
{
	const struct model *m = s->r->city->model;
	struct arena *a = s->r->a;
	struct lint_figure *list = NEWS(a, m->figures_n + 1, struct lint_figure);
	str annual = report_text(m, "reports/annual.md");
	size_t n = 0;
	for (size_t i = 0; i < m->figures_n; i++) {
		struct slot_answer x = {0};
		TRY(source_figure(s, a, &(struct slot_ref){.id = m->figures[i].id}, &x, err));
		bool untold = !tellable(&x);
		if (untold && !all)
			continue;
		bool rate = untold ? m->figures[i].rate_of != NULL : !x.told && !x.has_instead;
		int64_t value = untold   ? 0
				: rate   ? (int64_t)(x.of * 10000 / x.over)
				: x.told ? numeral_hundredths(x.value, x.kind)
					 : x.instead * 100;
		list[n++] = (struct lint_figure){.id = m->figures[i].id,
			.label = x.label,
			.unit = x.told || rate ? x.unit : x.instead_unit,
			.printed = untold ? (str){0} : arena_str(a, str_of(print_answer(&x, x.print).text)),
			.value = value,
			.rate = rate,
			.untold = untold,
			.full = m->figures[i].full.n > 0,
			.usual = prints(annual, m->figures[i].id)};
	}
	*out = list;
	*out_n = n;
	return RC_OK;
}
