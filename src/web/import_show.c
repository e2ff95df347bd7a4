/* import_show.c -- the look at a sheet before anything is written: tally, how it was read, columns, rows (page_import.h).
 * Rows to look at come first: refused, changed, new, the same. */
#include "templates.h"
#include "web/page_import.h"
#include "web/tpl.h"

enum { LINES_MAX = 260, REFUSED_SHOWN = 200, COLUMNS_SHOWN = 8, BAR_WIDTH = 1000 };

static str number(struct page *p, int64_t n)
{
	return arena_fmt(p->a, "%lld", (long long)n);
}

bool import_column_sealed(const struct column *c)
{
	return c->kind == COL_PERSON_ID || c->kind == COL_PERSON_PHONE ||
	       (c->field && c->field->sealed && c->kind == COL_FIELD);
}

/* ---- how it was read ---- */

static str kind_words(enum column_kind kind)
{
	static const char *const kinds[] = {[COL_PERSON_NAME] = N_("person: name"),
		[COL_PERSON_ID] = N_("person: citizen ID"),
		[COL_PERSON_PHONE] = N_("person: phone"),
		[COL_PERSON_SEX] = N_("person: sex"),
		[COL_PERSON_BIRTH] = N_("person: birth month"),
		[COL_ORG] = N_("unit"),
		[COL_STATE] = N_("state"),
		[COL_NUMBER] = N_("running number")};
	return str_of(tr(kinds[kind]));
}

static void fields(
	struct page *p, const struct intake *k, const struct import_outcome *o, struct import_page *g)
{
	const struct reg *reg = k->reg;
	g->fields = NEWS(p->a, o->map.n + 1, struct import_field);
	for (size_t i = 0; i < o->map.n; i++) {
		const struct column *c = &o->map.columns[i];
		struct import_field *f = &g->fields[g->fields_n];
		if (c->header.n == 0)
			continue;
		g->fields_n++;
		*f = (struct import_field){.name = arena_fmt(p->a, "c%zu", i), .header = c->header};
		if (c->kind != COL_NONE && c->kind != COL_FIELD) {
			f->kind = kind_words(c->kind);
			continue;
		}
		f->choices = NEWS(p->a, reg->fields_n + 1, struct import_choice);
		f->choices[f->choices_n++] =
			(struct import_choice){STR(""), str_of(tr("not brought in")), c->kind == COL_NONE};
		for (size_t n = 0; n < reg->fields_n; n++)
			f->choices[f->choices_n++] = (struct import_choice){reg->fields[n].id,
				label_text(&reg->fields[n].label), c->field == &reg->fields[n]};
	}
}

static void choices(
	struct page *p, const struct intake *k, const struct import_outcome *o, struct import_page *g)
{
	static const struct {
		const char *id, *label;
	} encodings[] = {{"", N_("found by content")}, {"utf8", "UTF-8"}, {"gb18030", "GB18030"}};
	g->sheets = NEWS(p->a, o->sheets_n + 1, struct import_choice);
	for (size_t i = 0; i < o->sheets_n && o->sheets_n > 1; i++) {
		str label = o->sheets[i].hidden
				    ? arena_fmt(p->a, tr("%.*s (hidden)"), STR_ARG(o->sheets[i].name))
				    : o->sheets[i].name;
		g->sheets[g->sheets_n++] =
			(struct import_choice){o->sheets[i].name, label, str_eq(o->sheets[i].name, o->sheet)};
	}
	g->encoding = o->encoding ? str_of(o->encoding) : STR("");
	g->encodings = NEWS(p->a, 3, struct import_choice);
	for (size_t i = 0; i < 3 && (o->encoding || k->encoding.n); i++)
		g->encodings[g->encodings_n++] = (struct import_choice){str_of(encodings[i].id),
			str_of(i ? encodings[i].label : tr(encodings[i].label)),
			str_is(k->encoding, encodings[i].id)};
}

static void bars(struct page *p, const struct import_counts *c, struct import_page *g)
{
	int64_t all = c->rows ? c->rows : 1;
	int64_t a = c->inserted * BAR_WIDTH / all, b = c->updated * BAR_WIDTH / all,
		d = c->rejected * BAR_WIDTH / all;
	int64_t same = c->unchanged * BAR_WIDTH / all;
	g->bar_a = number(p, a);
	g->bar_b = number(p, b);
	g->bar_c = number(p, same);
	g->bar_d = number(p, d);
	g->at_b = number(p, a);
	g->at_c = number(p, a + b);
	g->at_d = number(p, a + b + same);
}

/* ---- rows ---- */

struct shown {
	struct page *p;
	const struct intake *k;
	const struct import_outcome *o;
	size_t columns[COLUMNS_SHOWN], n; /* of the sheet */
};

static void columns(struct shown *s, struct import_page *g)
{
	const struct import_map *map = &s->o->map;
	g->heads = NEWS(s->p->a, COLUMNS_SHOWN, struct import_head);
	for (size_t i = 0; i < map->n && s->n < COLUMNS_SHOWN; i++) {
		const struct column *c = &map->columns[i];
		if (c->header.n == 0 || c->kind == COL_NONE || c->kind == COL_NUMBER)
			continue;
		s->columns[s->n++] = i;
		g->heads[g->heads_n++] = (struct import_head){
			c->header, c->kind == COL_FIELD ? label_text(&c->field->label) : kind_words(c->kind)};
	}
	g->span = number(s->p, (int64_t)s->n + 1);
}

static str masked(struct page *p, str name)
{
	struct buf b = {0};
	tpl_mask(&b, name);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* As it stands in the sheet: numbers of people by stars, names of minors by their first character. */
static str cell_words(const struct shown *s, size_t column, str text)
{
	const struct column *c = &s->o->map.columns[column];
	if (text.n == 0)
		return text;
	if (import_column_sealed(c))
		return STR("***");
	return c->kind == COL_PERSON_NAME && s->k->reg->sensitivity >= SENS_MINOR ? masked(s->p, text) : text;
}

static void cells(const struct shown *s, const str *texts, size_t n, struct import_line *line)
{
	line->cells = NEWS(s->p->a, s->n + 1, struct import_cell);
	for (size_t i = 0; i < s->n; i++) {
		size_t at = s->columns[i];
		line->cells[line->cells_n++] = (struct import_cell){.label = s->o->map.columns[at].header,
			.text = at < n ? cell_words(s, at, texts[at]) : STR("")};
	}
}

/* The first column that an error of the row names: where it can be mended. */
static size_t faulty(const struct shown *s, int64_t row)
{
	const struct import_outcome *o = s->o;
	for (size_t i = 0; i < o->errors_n; i++)
		for (size_t k = 0; k < o->map.n && o->errors[i].row == row && !o->errors[i].warning; k++)
			if (o->errors[i].column.n && str_eq(o->errors[i].column, o->map.columns[k].header))
				return k;
	return SIZE_MAX;
}

static void refused_line(const struct shown *s, const struct rejected_row *r, struct import_line *line)
{
	size_t at = faulty(s, r->row);
	*line = (struct import_line){.row = number(s->p, r->row),
		.chip = str_of(tr("refused")),
		.look = "late",
		.reasons = r->reasons,
		.refused = true};
	cells(s, r->cells, r->n, line);
	if (at == SIZE_MAX)
		return;
	for (size_t i = 0; i < s->n; i++)
		line->cells[i].bad = s->columns[i] == at;
	line->mendable = true;
	line->mend_column = number(s->p, (int64_t)at);
	line->mend_id = arena_fmt(s->p->a, "m%lld", (long long)r->row);
	if (at < r->n && !import_column_sealed(&s->o->map.columns[at]))
		line->mend_value = r->cells[at];
}

static void settled_line(const struct shown *s, const struct import_preview *v, struct import_line *line)
{
	static const char *const chips[] = {
		[FATE_NEW] = N_("new row"), [FATE_CHANGED] = N_("changed"), [FATE_SAME] = N_("same")};
	static const char *const looks[] = {[FATE_NEW] = "done", [FATE_CHANGED] = "wait", [FATE_SAME] = ""};
	*line = (struct import_line){
		.row = number(s->p, v->row), .chip = str_of(tr(chips[v->fate])), .look = looks[v->fate]};
	cells(s, v->cells, v->n, line);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < v->read_n; k++) {
			const struct preview_cell *c = &v->read[k];
			if (c->column != s->columns[i])
				continue;
			line->cells[i].after = c->after.n ? c->after : line->cells[i].text;
			if (!c->changed)
				continue;
			line->cells[i].struck = true;
			line->cells[i].before = c->before.n ? c->before : STR("—");
		}
}

static void lines(struct shown *s, struct import_page *g)
{
	static const enum import_fate order[] = {FATE_CHANGED, FATE_NEW, FATE_SAME};
	const struct import_outcome *o = s->o;
	g->lines = NEWS(s->p->a, LINES_MAX, struct import_line);
	for (size_t i = 0; i < o->rejects_n && i < REFUSED_SHOWN; i++)
		refused_line(s, &o->rejects[i], &g->lines[g->lines_n++]);
	for (size_t f = 0; f < 3; f++)
		for (size_t i = 0; i < o->previews_n && g->lines_n < LINES_MAX; i++)
			if (o->previews[i].fate == order[f])
				settled_line(s, &o->previews[i], &g->lines[g->lines_n++]);
	int64_t rest = o->counts.rows - (int64_t)g->lines_n;
	if (rest > 0)
		g->rest = arena_fmt(
			s->p->a, trn("and %lld more row", "and %lld more rows", rest), (long long)rest);
}

/* ---- the page ---- */

static void words(
	struct page *p, const struct intake *k, const struct import_outcome *o, struct import_page *g)
{
	const struct import_counts *c = &o->counts;
	int64_t n = c->inserted + c->updated;
	g->rows = number(p, c->rows);
	g->inserted = number(p, c->inserted);
	g->updated = number(p, c->updated);
	g->unchanged = number(p, c->unchanged);
	g->rejected = number(p, c->rejected);
	g->header_row = number(p, o->header_row ? o->header_row : k->header_row ? k->header_row : 1);
	g->sheet = o->sheet;
	g->ignored = o->ignored;
	g->hidden = o->hidden_rows ? number(p, o->hidden_rows) : STR("");
	g->can_go = !g->done && n > 0;
	g->go_verb = arena_fmt(p->a,
		trn("Bring in %lld new or changed row", "Bring in %lld new or changed rows", n),
		(long long)n);
	g->done_words =
		arena_fmt(p->a, tr("%lld new, %lld changed."), (long long)c->inserted, (long long)c->updated);
	g->rejects_href = page_hrefs(p, "/import/%.*s/refused", STR_ARG(k->token));
	g->rejects_words =
		arena_fmt(p->a, trn("Fetch the refused row", "Fetch the %lld refused rows", c->rejected),
			(long long)c->rejected);
	g->has_refused = c->rejected > 0;
	if (g->done && o->import_id && n > 0)
		g->import_id = number(p, o->import_id);
	if (k->mends_n > 0)
		g->mended = arena_fmt(p->a,
			trn("%lld cell mended here", "%lld cells mended here", (long long)k->mends_n),
			(long long)k->mends_n);
}

void import_show(struct page *p, const struct intake *k, const struct import_outcome *o, str fault, bool done)
{
	struct import_page g = {.heading = k->name, .done = done, .fault = fault};
	struct shown s = {.p = p, .k = k, .o = o};
	g.action = page_hrefs(p, "/import/%.*s", STR_ARG(k->token));
	g.progress_href = page_hrefs(p, "/import/%.*s/progress", STR_ARG(k->token));
	g.again = page_hrefs(p, "/import?register=%.*s", STR_ARG(k->reg->id));
	g.list_href = page_hrefs(p, "/r/%.*s", STR_ARG(k->reg->id));
	g.register_label = label_text(&k->reg->label);
	words(p, k, o, &g);
	bars(p, &o->counts, &g);
	choices(p, k, o, &g);
	fields(p, k, o, &g);
	columns(&s, &g);
	if (s.n > 0)
		lines(&s, &g);
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, k->reg->group);
	shell_crumb(p, &g.shell, str_of(tr("Bring in a sheet")), page_href(p, STR("/import")));
	shell_crumb(p, &g.shell, g.register_label, g.list_href);
	tpl_import(page_out(p), &g);
}
