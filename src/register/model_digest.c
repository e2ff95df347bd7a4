/* model_digest.c -- digests of what was declared: of a register its whole declaration, of a figure its definition and
 * all that its number rests on, so that cells and editions know when they were made by another definition. Words
 * (labels, print rules, plans) are no part of a figure's digest: they change no number. */
#include "base/buf.h"
#include "base/hash.h"
#include "register/model_load.h"

enum { DIGEST_TEXT_MAX_BYTES = 4 << 20 };

/* A part behind its length: no two different lists of parts give the same bytes. */
static void part(struct buf *b, str s)
{
	buf_u64(b, s.n);
	buf_putc(b, ':');
	buf_add(b, s);
}

static void tree(struct buf *b, const struct yaml *y)
{
	buf_putc(b, y->kind == YAML_SCALAR ? 's' : y->kind == YAML_MAP ? 'm' : 'l');
	if (y->kind == YAML_SCALAR) {
		part(b, y->text);
		return;
	}
	buf_u64(b, y->n);
	for (size_t i = 0; i < y->n; i++) {
		if (y->kind == YAML_MAP)
			part(b, y->pairs[i].key);
		tree(b, y->kind == YAML_MAP ? &y->pairs[i].value : &y->items[i]);
	}
}

static void finish(struct buf *b, struct hash_text *out)
{
	struct hash h = hash_sha256(buf_str(b));
	hex_text(h.b, sizeof h.b, out->hex);
	buf_clear(b);
}

static void number(struct buf *b, int64_t v)
{
	buf_i64(b, v);
	buf_putc(b, ';');
}

/* A path by what it reads, not only by its spelling: a reference that leads elsewhere is another path. */
static void path_digest(struct buf *b, const struct path *p)
{
	part(b, p->regs[0]->id);
	for (int i = 0; i < p->steps_n; i++) {
		part(b, p->steps[i] ? p->steps[i]->id : STR("org"));
		part(b, p->regs[i + 1]->id);
	}
	part(b, p->last_id);
	number(b, p->last ? (int64_t)p->last->type : -1);
	number(b, p->last ? p->last->scale : 0);
}

static void visit(void *user, const struct path *p, bool exists)
{
	struct buf *b = user;
	buf_putc(b, exists ? 'e' : 'p');
	path_digest(b, p);
}

static void expr_digest(struct load *l, struct buf *b, const struct expr *e)
{
	part(b, e ? expr_text(l->a, e) : STR(""));
	if (e)
		expr_each_path(e, visit, b);
}

static void text_path(struct load *l, struct buf *b, const struct reg *r, str text)
{
	struct path p;
	struct expr_fault x;
	part(b, text);
	if (text.n && path_read(l->a, l->m, r, text, &p, &x))
		path_digest(b, &p);
}

static void figure_digest(struct load *l, struct buf *b, struct figure *f)
{
	part(b, f->id);
	number(b, (int64_t)f->grain);
	if (f->grain == G_RATE) {
		part(b, f->rate_of ? str_of(f->rate_of->digest.hex) : STR(""));
		part(b, f->rate_over ? str_of(f->rate_over->digest.hex) : STR(""));
		finish(b, &f->digest);
		return;
	}
	const struct reg *r = f->of;
	part(b, r->id);
	expr_digest(l, b, f->where);
	expr_digest(l, b, f->grain_expr);
	text_path(l, b, r, f->on);
	text_path(l, b, r, f->grain_path);
	text_path(l, b, r, f->stock_from);
	text_path(l, b, r, f->stock_to);
	text_path(l, b, r, f->last_per);
	number(b, f->stock_to_last);
	number(b, f->stock_during);
	part(b, r->cohosts ? r->cohosts->id : STR(""));
	for (size_t i = 0; i < r->grades_n; i++) {
		number(b, r->grades[i].letter);
		expr_digest(l, b, r->grades[i].when);
	}
	finish(b, &f->digest);
}

void model_digests(struct load *l)
{
	struct model *m = l->m;
	struct buf b, all;
	buf_init(&b, DIGEST_TEXT_MAX_BYTES);
	buf_init(&all, DIGEST_TEXT_MAX_BYTES);
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg_source *s = &l->reg_sources[i];
		tree(&b, &s->base->root);
		for (size_t k = 0; k < s->extensions_n; k++)
			tree(&b, &s->extensions[k]->root);
		finish(&b, &m->regs[i].digest);
		part(&all, str_of(m->regs[i].digest.hex));
	}
	for (int rates = 0; rates < 2; rates++)
		for (size_t i = 0; i < m->figures_n; i++)
			if ((m->figures[i].grain == G_RATE) == (rates != 0)) {
				figure_digest(l, &b, &m->figures[i]);
				part(&all, str_of(m->figures[i].digest.hex));
			}
	for (size_t i = 0; i < m->texts_n; i++) {
		part(&all, m->texts[i].path);
		part(&all, m->texts[i].text);
	}
	struct hash_text whole;
	finish(&all, &whole);
	m->digest = arena_str(m->a, str_of(whole.hex));
	buf_done(&b);
	buf_done(&all);
}
