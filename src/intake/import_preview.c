/* import_preview.c -- see import_preview.h. */
#include "intake/import_preview.h"
#include "register/narrow.h"
#include <stdlib.h>

/* Is this type read into something that looks different from what was typed? */
static bool looks_different(enum field_type t)
{
	return t == T_DATE || t == T_MONTH || t == T_TIME || t == T_HOURS || t == T_MONEY || t == T_CHOICE ||
	       t == T_BOOL || t == T_COUNT || t == T_INTEGER || t == T_DECIMAL;
}

static bool same_value(const struct value *a, const struct value *b)
{
	return a->kind == b->kind && a->i == b->i && str_eq(a->t, b->t);
}

static str words(struct preview *p, const struct import_told *t, const struct field *f, const struct value *v)
{
	if (v->kind == V_NULL)
		return STR("");
	if (f->sealed)
		return STR("***");
	if (f->type == T_REF || f->type == T_ORG) {
		struct reader r = {.city = p->city,
			.db = t->c->db,
			.a = p->a,
			.actor = *t->c->actor,
			.tree = p->city->tree};
		const struct reg *to = f->to_reg ? f->to_reg : model_reg(p->city->model, STR("org"));
		return record_label(&r, to, v->i);
	}
	return f->type == T_PERSON || f->type == T_REFS || f->type == T_ORGS
		       ? STR("***")
		       : arena_str(p->a, value_text(p->a, f, v));
}

static void read_cell(struct preview *p, const struct import_told *t, struct import_preview *row,
	size_t column, const struct entry *e)
{
	const struct field *f = e->field;
	str cell = column < row->n ? row->cells[column] : STR("");
	bool changed = t->now && !same_value(&t->now->values[f->at], &e->value);
	str after = changed || looks_different(f->type) ? words(p, t, f, &e->value) : STR("");
	bool told = after.n && !f->sealed && !str_eq(narrow_label(p->a, after), narrow_label(p->a, cell));
	if (!changed && !told)
		return;
	struct preview_cell *c = &row->read[row->read_n++];
	*c = (struct preview_cell){.column = column, .after = after, .changed = changed};
	if (changed)
		c->before = words(p, t, f, &t->now->values[f->at]);
}

void preview_told(void *user, const struct import_told *t)
{
	struct preview *p = user;
	int64_t *at = imap_at(&p->by_row, (uint64_t)t->row->row);
	if (*at == 0) {
		if (p->given[t->fate] >= p->max)
			return;
		p->given[t->fate]++;
		p->list = arena_grow(p->a, p->list, p->n, &p->cap, sizeof *p->list);
		*at = (int64_t)++p->n;
	}
	struct import_preview *row = &p->list[*at - 1];
	str *cells = NEWS(p->a, t->row->n + 1, str);
	for (size_t i = 0; i < t->row->n; i++)
		cells[i] = arena_str(p->a, t->row->cells[i]);
	*row = (struct import_preview){.row = t->row->row, .fate = t->fate, .cells = cells, .n = t->row->n};
	row->read = NEWS(p->a, t->entries_n + 1, struct preview_cell);
	for (size_t i = 0; i < p->map->n; i++)
		for (size_t e = 0; e < t->entries_n && p->map->columns[i].kind == COL_FIELD; e++)
			if (t->entries[e].field == p->map->columns[i].field)
				read_cell(p, t, row, i, &t->entries[e]);
}

void preview_settle(struct preview *p, const struct import_error *errors, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t at;
		if (!errors[i].warning && imap_has(&p->by_row, (uint64_t)errors[i].row, &at) && at > 0)
			p->list[at - 1].row = 0;
	}
}

static int in_sheet(const void *x, const void *y)
{
	const struct import_preview *a = x, *b = y;
	return (a->row > b->row) - (a->row < b->row);
}

struct import_preview *preview_list(struct preview *p, size_t *out_n)
{
	size_t k = 0;
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].row)
			p->list[k++] = p->list[i];
	if (k > 1)
		qsort(p->list, k, sizeof *p->list, in_sheet);
	imap_done(&p->by_row);
	*out_n = k;
	return p->list;
}
