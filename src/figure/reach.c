/* reach.c -- see reach.h */
#include "figure/reach.h"
#include "base/buf.h"

struct finding {
	struct arena *a;
	const struct model *m;
	const struct counted_reg *r;
	size_t to;
	struct reaches *out;
	enum rc rc;
	struct err *err;
};

bool columns_changed(const struct columns *c, const struct change *ch)
{
	if (c->always || ch->kind == CHANGE_DELETE || ch->kind == CHANGE_ADD)
		return true;
	return (c->org && ch->org_changed) || (c->state && ch->state_changed) ||
	       (c->fields[0] & ch->fields[0]) || (c->fields[1] & ch->fields[1]);
}

static void mark_system(struct columns *c, str id)
{
	if (str_is(id, "org"))
		c->org = true;
	else if (str_is(id, "state"))
		c->state = true;
	else if (str_is(id, "version") || str_is(id, "changed_by") || str_is(id, "changed_at"))
		c->always = true;
	/* id, entered_by, entered_at and source stand for good once the row is written (record_write.c) */
}

/* The column that the path reads of the register it has come to after k steps. */
static void mark_column(struct columns *c, const struct path *p, int k)
{
	const struct field *f = k < p->steps_n ? p->steps[k] : p->last;
	if (f)
		c->fields[f->at / 64] |= (uint64_t)1 << (f->at % 64);
	else if (k < p->steps_n)
		c->org = true; /* a step without a field is the owner */
	else
		mark_system(c, p->last_id);
}

/* The first k steps of a path, as the path to the reference that the k-th follows. */
static struct path prefix(const struct path *p, int k)
{
	struct path q = *p;
	q.steps_n = k - 1;
	q.last_reg = p->regs[k - 1];
	q.last = p->steps[k - 1];
	q.last_id = q.last ? q.last->id : STR("org");
	q.type = E_REF;
	return q;
}

static str prefix_text(struct arena *a, const struct path *p, int k)
{
	struct buf b AUTO(buf_done) = {0};
	for (int i = 0; i < k; i++) {
		if (i)
			buf_putc(&b, '.');
		buf_add(&b, p->steps[i] ? p->steps[i]->id : STR("org"));
	}
	return arena_str(a, buf_str(&b));
}

static struct reach *reach_at(struct finding *x, const struct reg *from, str path, bool *out_new)
{
	for (size_t i = 0; i < x->out->n; i++)
		if (x->out->list[i].from == from && str_eq(x->out->list[i].path, path)) {
			*out_new = false;
			return &x->out->list[i];
		}
	x->out->list = arena_grow(x->a, x->out->list, x->out->n, &x->out->cap, sizeof *x->out->list);
	struct reach *re = &x->out->list[x->out->n++];
	*re = (struct reach){.from = from, .to = x->to, .path = path};
	*out_new = true;
	return re;
}

/* Rows of the register whose path comes to a row of each register on the way. */
static void add_path(struct finding *x, const struct path *p)
{
	mark_column(&x->out->own, p, 0);
	for (int k = 1; k <= p->steps_n; k++) {
		bool made;
		struct reach *re = reach_at(x, p->regs[k], prefix_text(x->a, p, k), &made);
		mark_column(&re->columns, p, k);
		if (!made)
			continue;
		struct path q = prefix(p, k);
		contrib_form_begin(&re->form, x->r->c);
		str sql = query_path(&re->form.q, &q);
		re->id_p = contrib_form_param(&re->form);
		contrib_form_end(&re->form, arena_fmt(x->a, "%.*s = ?%d", STR_ARG(sql), re->id_p), STR(""));
	}
}

/* WHERE of the rows of the register that rows of the inner register point to: `column` of it lies in [?id, ?id + 1]. */
static str pointed_at(struct finding *x, struct reach *re, const struct reg *inner, const struct path *column)
{
	struct query q;
	struct path back;
	struct buf b AUTO(buf_done) = {0};
	bool any = false;
	re->id_p = contrib_form_param(&re->form);
	int last_p = contrib_form_param(&re->form);
	for (size_t i = 0; i < inner->fields_n; i++) {
		const struct field *f = &inner->fields[i];
		if (f->to_reg != x->r->reg || (f->type != T_REF && f->type != T_PERSON && f->type != T_ORG))
			continue;
		query_init(&q, x->a, x->m, inner, NULL);
		if (path_parse(x->m, inner, f->id, &back, NULL) != RC_OK)
			continue;
		str wanted = query_path(&q, &back);
		str key = query_path(&q, column);
		str from = query_from(&q);
		buf_printf(&b, "%sr.\"id\" IN (SELECT %.*s %.*s WHERE %.*s BETWEEN ?%d AND ?%d)",
			any ? " OR " : "", STR_ARG(wanted), STR_ARG(from), STR_ARG(key), re->id_p, last_p);
		any = true;
	}
	if (!any)
		buf_puts(&b, "1 = 0");
	return arena_str(x->a, buf_str(&b));
}

static void add_exists_reach(struct finding *x, const struct reg *inner, const struct reg *from, str path,
	const struct path *column, const struct path *read, int k)
{
	bool made;
	struct reach *re = reach_at(x, from, path, &made);
	mark_column(&re->columns, read, k);
	if (!made)
		return;
	re->exists = true;
	re->pointing = k == 0;
	for (size_t i = 0; k == 0 && i < inner->fields_n; i++)
		if (inner->fields[i].to_reg == x->r->reg)
			re->columns.fields[i / 64] |= (uint64_t)1 << (i % 64);
	contrib_form_begin(&re->form, x->r->c);
	str where = pointed_at(x, re, inner, column);
	contrib_form_end(&re->form, where, STR(""));
}

static void add_exists(struct finding *x, const struct path *p)
{
	const struct reg *inner = p->regs[0];
	struct path id;
	str base = arena_fmt(x->a, "exists %.*s", STR_ARG(inner->id));
	if (path_parse(x->m, inner, STR("id"), &id, NULL) != RC_OK)
		return;
	add_exists_reach(x, inner, inner, base, &id, p, 0);
	for (int k = 1; k <= p->steps_n; k++) {
		struct path q = prefix(p, k);
		str text = arena_fmt(x->a, "%.*s.%.*s", STR_ARG(base), STR_ARG(prefix_text(x->a, p, k)));
		add_exists_reach(x, inner, p->regs[k], text, &q, p, k);
	}
}

static void on_path(void *user, const struct path *p, bool exists)
{
	if (exists)
		add_exists(user, p);
	else
		add_path(user, p);
}

static void add_text(struct finding *x, str text)
{
	struct path p;
	if (text.n == 0 || x->rc != RC_OK)
		return;
	x->rc = path_parse(x->m, x->r->reg, text, &p, x->err);
	if (x->rc == RC_OK)
		add_path(x, &p);
}

enum rc reaches_find(struct arena *a, const struct model *m, const struct counted_reg *r, size_t to,
	struct reaches *out, struct err *err)
{
	struct finding x = {.a = a, .m = m, .r = r, .to = to, .out = out, .err = err};
	out->own.org = true; /* whose row it is always matters */
	for (size_t i = 0; i < r->c->figures_n; i++) {
		const struct figure *f = r->c->figures[i].f;
		if (f->where)
			expr_each_path(f->where, on_path, &x);
		add_text(&x, f->on.n ? f->on : r->reg->happens);
		add_text(&x, f->grain_path);
	}
	for (size_t i = 0; i < r->reg->grades_n; i++)
		if (r->reg->grades[i].when)
			expr_each_path(r->reg->grades[i].when, on_path, &x);
	if (r->reg->grades_n == 0)
		add_text(&x, STR("source"));
	if (r->reg->cohosts)
		add_text(&x, r->reg->cohosts->id);
	if (r->reg->n_field)
		add_text(&x, r->reg->n_field->id);
	if (r->reg->n_field && r->reg->person)
		add_text(&x, r->reg->person->id);
	return x.rc;
}
