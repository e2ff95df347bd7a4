/* public_make.c -- see public_table.h: the open figures of a year, made. */
#include "base/clock.h"
#include "guard/suppress.h"
#include "register/record.h"
#include "report/public_next.h"
#include "report/public_table.h"
#include <stdlib.h>
#include <string.h>

enum { UNITS_MAX = 60, FAMILY_MAX = 40 };

struct making {
	struct reader *r;
	struct street_rules rules;
	const struct period *p;
	const struct report_source *told;
	const struct public_table *before;
	int64_t orgs[UNITS_MAX];
	struct public_table *t;
	size_t cap;
};

/* Figures that stand in sums together: a whole, its parts, and theirs; the whole first. */
struct family {
	const struct figure *list[FAMILY_MAX];
	int whole[FAMILY_MAX];
	size_t n;
	int64_t *counts; /* figure x unit */
	char grades[FAMILY_MAX];
	int64_t threshold;
	bool zero, adds;
	struct suppress_table table; /* cell figure * columns + unit */
	size_t columns;
};

static const struct figure *top_of(const struct figure *f)
{
	while (f->whole)
		f = f->whole;
	return f;
}

static bool family_add(struct family *g, const struct figure *f, int whole)
{
	if (g->n == FAMILY_MAX)
		return false;
	int at = (int)g->n;
	g->list[g->n] = f;
	g->whole[g->n++] = whole;
	for (size_t i = 0; i < f->parts_n; i++)
		if (!family_add(g, f->parts[i], at))
			return false;
	return true;
}

/* ---- units and their numbers ---- */

static str text_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static int by_code(const void *a, const void *b)
{
	const struct record *const *x = a, *const *y = b;
	return str_cmp(text_of(*x, "code"), text_of(*y, "code"));
}

static void unit_add(struct making *m, const struct record *rec)
{
	str brief = text_of(rec, "short_name");
	m->orgs[m->t->units_n] = rec->id;
	m->t->units[m->t->units_n++] =
		(struct public_unit){text_of(rec, "code"), brief.n ? brief : text_of(rec, "name")};
}

static bool wanted(const struct street_rules *rules, const struct record *rec)
{
	for (size_t k = 0; k < rules->kinds_n; k++)
		if (str_eq(text_of(rec, "kind"), rules->kinds[k]))
			return true;
	return false;
}

static enum rc gather_units(struct making *m, int64_t root, struct err *err)
{
	struct reader *r = m->r;
	const struct reg *reg = model_reg(r->city->model, STR("org"));
	struct record *rec, **list;
	size_t n, found = 0;
	const int64_t *ids = tree_subtree(r->a, r->tree, root, m->p->to - 1, &n);
	list = NEWS(r->a, n + 1, struct record *);
	for (size_t i = 0; i < n; i++) {
		if (ids[i] == root || tree_parent(r->tree, ids[i], m->p->to - 1) != root)
			continue;
		TRY(record_get(r, reg, ids[i], &rec, err));
		if (wanted(&m->rules, rec))
			list[found++] = rec;
	}
	if (found)
		qsort(list, found, sizeof *list, by_code);
	TRY(record_get(r, reg, root, &rec, err));
	m->t->units = NEWS(r->a, UNITS_MAX, struct public_unit);
	unit_add(m, rec);
	for (size_t i = 0; i < found && m->t->units_n < UNITS_MAX; i++)
		unit_add(m, list[i]);
	return found < UNITS_MAX ? RC_OK : FAIL(err, RC_LIMIT, "more than %d units", UNITS_MAX - 1);
}

/* *out_told: every number stands. */
static enum rc count_family(struct making *m, struct family *g, bool *out_told, struct err *err)
{
	struct reader *r = m->r;
	struct figure_answer *x = NEWS(r->a, g->n, struct figure_answer);
	size_t units = m->t->units_n;
	g->counts = NEWS(r->a, g->n * units, int64_t);
	*out_told = true;
	for (size_t u = 0; u < units; u++) {
		TRY(figure_values(r, g->list, g->n, m->p, m->orgs[u], false, x, err));
		for (size_t i = 0; i < g->n; i++) {
			*out_told = *out_told && x[i].told && !x[i].recounting && x[i].value >= 0;
			g->counts[i * units + u] = x[i].value;
			if (u == 0)
				g->grades[i] = figure_grade(x[i].grades);
		}
	}
	for (size_t i = 0; i < g->n; i++) {
		int64_t k = street_threshold(&m->rules, g->list[i]);
		g->threshold = k > g->threshold ? k : g->threshold;
		g->zero = g->zero || (k && street_zero_hides(&m->rules, g->list[i]));
	}
	return RC_OK;
}

/* ---- the sums that a reader knows of ---- */

struct building {
	struct arena *a;
	struct suppress_table *t;
	struct suppress_sum *sums;
	size_t cells_cap, sums_cap;
};

static uint32_t cell_add(struct building *b, int64_t count)
{
	b->t->cells = arena_grow(b->a, b->t->cells, b->t->cells_n, &b->cells_cap, sizeof *b->t->cells);
	b->t->cells[b->t->cells_n] = (struct suppress_cell){.count = count};
	return (uint32_t)b->t->cells_n++;
}

static void sum_put(struct building *b, uint32_t total, const uint32_t *parts, size_t n)
{
	b->sums = arena_grow(b->a, b->sums, b->t->sums_n, &b->sums_cap, sizeof *b->sums);
	b->sums[b->t->sums_n++] = (struct suppress_sum){total, parts, n};
	b->t->sums = b->sums;
}

/* total = parts + rest; where the parts are more than the total (persons at two units, rows of two hosts) what they share
 * stands on the other side. Room for one part more. */
static void sum_add(struct building *b, uint32_t total, uint32_t *parts, size_t n)
{
	int64_t rest = b->t->cells[total].count;
	for (size_t i = 0; i < n; i++)
		rest -= b->t->cells[parts[i]].count;
	if (rest > 0)
		parts[n++] = cell_add(b, rest);
	if (rest < 0) {
		uint32_t *two = NEWS(b->a, 2, uint32_t);
		two[0] = total;
		two[1] = cell_add(b, -rest);
		total = cell_add(b, b->t->cells[total].count - rest);
		sum_put(b, total, two, 2);
	}
	sum_put(b, total, parts, n);
}

/* The numbers of the family as a whole table, the rests beside units and parts as a column and rows of their own; false
 * where a rest is negative and such a table would not be one of counts. */
static enum rc cross(struct making *m, struct family *g, bool *out_made, struct err *err)
{
	struct arena *a = m->r->a;
	size_t units = m->t->units_n, columns = units + 1, rows = g->n;
	int32_t *row_parent = NEWS(a, 2 * g->n, int32_t), *column_parent = NEWS(a, columns, int32_t);
	int64_t *counts = NEWS(a, 2 * g->n * columns, int64_t);
	*out_made = true;
	for (size_t u = 0; u < columns; u++)
		column_parent[u] = u ? 0 : -1;
	for (size_t i = 0; i < g->n; i++) {
		int64_t own = g->counts[i * units];
		row_parent[i] = g->whole[i];
		for (size_t u = 0; u < units; u++) {
			counts[i * columns + u] = g->counts[i * units + u];
			own -= u ? g->counts[i * units + u] : 0;
		}
		counts[i * columns + units] = own;
		*out_made = *out_made && own >= 0;
	}
	for (size_t i = 0; i < g->n; i++) { /* what no part has */
		bool any = false;
		if (g->list[i]->parts_n == 0)
			continue;
		row_parent[rows] = (int32_t)i;
		for (size_t u = 0; u < columns; u++) {
			int64_t *rest = &counts[rows * columns + u];
			*rest = counts[i * columns + u];
			for (size_t k = 0; k < g->n; k++)
				*rest -= g->whole[k] == (int)i ? counts[k * columns + u] : 0;
			*out_made = *out_made && *rest >= 0;
			any = any || *rest != 0;
		}
		rows += any;
		if (!any)
			memset(&counts[rows * columns], 0, columns * sizeof *counts);
	}
	if (!*out_made)
		return RC_OK;
	g->columns = columns;
	return suppress_cross(a, row_parent, rows, column_parent, columns, counts, &g->table, err);
}

static void apart(struct making *m, struct family *g)
{
	size_t units = m->t->units_n;
	struct building b = {.a = m->r->a, .t = &g->table};
	for (size_t i = 0; i < g->n * units; i++)
		cell_add(&b, g->counts[i]);
	g->columns = units;
	for (size_t i = 0; i < g->n && units > 1; i++) {
		uint32_t *parts = NEWS(b.a, units + 1, uint32_t);
		for (size_t u = 1; u < units; u++)
			parts[u - 1] = (uint32_t)(i * units + u);
		sum_add(&b, (uint32_t)(i * units), parts, units - 1);
	}
	for (size_t i = 0; i < g->n; i++)
		for (size_t u = 0; g->list[i]->parts_n && u < units; u++) {
			uint32_t *parts = NEWS(b.a, g->n + 1, uint32_t);
			size_t n = 0;
			for (size_t k = 0; k < g->n; k++)
				if (g->whole[k] == (int)i)
					parts[n++] = (uint32_t)(k * units + u);
			sum_add(&b, (uint32_t)(i * units + u), parts, n);
		}
}

/* What other publications tell and hide. */
static void bind(struct making *m, struct family *g)
{
	const struct public_table *old = m->before;
	for (size_t i = 0; i < g->n; i++) {
		const struct public_figure *was = old ? public_table_figure(old, g->list[i]->id) : NULL;
		for (size_t u = 0; u < m->t->units_n; u++) {
			struct suppress_cell *cell = &g->table.cells[i * g->columns + u];
			for (const struct source_given *x = m->told ? m->told->given : NULL; x; x = x->next)
				if (x->figure == g->list[i] && x->org == m->orgs[u] &&
					x->period.from == m->p->from && x->period.to == m->p->to) {
					cell->secret = cell->secret || x->answer.withheld;
					cell->published = x->answer.told && !x->answer.withheld;
				}
			for (size_t k = 0; was && k < old->units_n; k++)
				if (str_eq(old->units[k].code, m->t->units[u].code) &&
					was->values[k] == PUBLIC_TABLE_HIDDEN && !cell->published)
					cell->secret = true;
		}
	}
}

/* What is beside the units is told where the report tells every other unit right under the city. */
static void bind_own(struct making *m, struct family *g, int64_t root)
{
	for (size_t i = 0; m->told && g->columns > m->t->units_n && i < g->n; i++) {
		bool any = false, withheld = false;
		for (const struct source_given *x = m->told->given; x; x = x->next) {
			bool ours = x->figure != g->list[i] || x->period.from != m->p->from ||
				    x->period.to != m->p->to ||
				    tree_parent(m->r->tree, x->org, m->p->to - 1) != root;
			for (size_t u = 0; u < m->t->units_n; u++)
				ours = ours || x->org == m->orgs[u];
			if (ours)
				continue;
			any = true;
			withheld = withheld || x->answer.withheld;
		}
		struct suppress_cell *own = &g->table.cells[i * g->columns + m->t->units_n];
		own->published = any && !withheld && !own->secret;
	}
}

static int64_t value_before(const struct making *m, str id, str code)
{
	const struct public_figure *was = public_table_figure(m->before, id);
	for (size_t k = 0; was && k < m->before->units_n; k++)
		if (str_eq(m->before->units[k].code, code))
			return was->values[k];
	return PUBLIC_TABLE_HIDDEN;
}

/* What is told of the family: as it is now, or as it was published where the difference would tell of few. */
static const int64_t *told_values(struct making *m, const struct family *g)
{
	size_t units = m->t->units_n, n = g->n * units;
	int64_t *now = NEWS(m->r->a, n + 1, int64_t), *was = NEWS(m->r->a, n + 1, int64_t);
	bool before = false;
	for (size_t i = 0; i < n; i++) {
		const struct suppress_cell *c = &g->table.cells[i / units * g->columns + i % units];
		now[i] = c->hidden ? PUBLIC_TABLE_HIDDEN : c->count;
		was[i] = m->before ? value_before(m, g->list[i / units]->id, m->t->units[i % units].code)
				   : PUBLIC_TABLE_HIDDEN;
		before = before || was[i] != PUBLIC_TABLE_HIDDEN;
	}
	struct public_next next = {.figures = g->n,
		.units = units,
		.whole = g->whole,
		.was = was,
		.now = now,
		.counts = g->counts,
		.threshold = g->threshold};
	return before && public_moved_little(&next) ? was : now;
}

static void keep(struct making *m, struct family *g)
{
	struct public_table *t = m->t;
	size_t first = t->figures_n;
	const int64_t *values = told_values(m, g);
	for (size_t i = 0; i < g->n; i++) {
		const struct figure *f = g->list[i];
		struct public_figure x = {.id = f->id,
			.group = f->of ? f->of->group : STR(""),
			.unit = f->unit,
			.digest = str_of(f->digest.hex),
			.label = f->label,
			.definition = f->definition,
			.whole = g->whole[i] < 0 ? -1 : (int)first + g->whole[i],
			.grade = g->grades[i],
			.threshold = g->threshold,
			.zero_hides = g->zero,
			.adds = g->adds,
			.values = NEWS(m->r->a, t->units_n, int64_t)};
		memcpy(x.values, values + i * t->units_n, t->units_n * sizeof *x.values);
		t->figures = arena_grow(m->r->a, t->figures, t->figures_n, &m->cap, sizeof *t->figures);
		t->figures[t->figures_n++] = x;
	}
}

static enum rc family(struct making *m, const struct figure *top, struct err *err)
{
	struct family *g = NEW(m->r->a, struct family);
	struct err why = {0};
	bool told = family_add(g, top, -1), made;
	if (told)
		TRY(count_family(m, g, &told, err));
	if (!told) {
		m->t->left_out++;
		return RC_OK;
	}
	TRY(cross(m, g, &made, err));
	g->adds = made;
	if (!made)
		apart(m, g);
	g->table.threshold = g->threshold;
	g->table.hide_zero = g->zero;
	if (g->threshold >= SUPPRESS_THRESHOLD_MIN) {
		bind(m, g);
		bind_own(m, g, m->orgs[0]);
		enum rc rc = suppress(m->r->a, &g->table, &why);
		if (rc == RC_CONFLICT) {
			m->t->left_out++;
			return RC_OK;
		}
		if (rc != RC_OK)
			return FAIL(err, rc, "%s", why.text);
	}
	keep(m, g);
	return RC_OK;
}

enum rc public_table_make(struct reader *r, const struct period *p, int64_t root,
	const struct report_source *told, const struct public_table *before, struct public_table *out,
	struct err *err)
{
	struct making m = {.r = r, .p = p, .told = told, .before = before, .t = out};
	const struct figure *done[STREET_FIGURES_MAX];
	size_t n = 0;
	*out = (struct public_table){.city = r->city->name, .period = p->text, .at_ms = clock_now_ms()};
	TRY(street_rules_read(r->a, r->city->model, &m.rules, err));
	TRY(gather_units(&m, root, err));
	TRY(compliance_numbers(r->a, r->db, period_whole_year(p), &out->guarded, err));
	for (size_t i = 0; i < m.rules.figures_n; i++) {
		const struct figure *top = top_of(m.rules.figures[i]);
		bool known = false;
		for (size_t k = 0; k < n; k++)
			known = known || done[k] == top;
		if (known)
			continue;
		done[n++] = top;
		TRY(family(&m, top, err));
	}
	return RC_OK;
}
