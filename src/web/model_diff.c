/* model_diff.c -- see model_diff.h. */
#include "web/model_diff.h"
#include "base/buf.h"

struct lines {
	str *list;
	size_t n;
};

static struct lines split(struct arena *a, str text)
{
	struct lines l = {0};
	size_t cap = 0;
	while (text.n) {
		l.list = arena_grow(a, l.list, l.n, &cap, sizeof *l.list);
		l.list[l.n++] = str_cut(text, '\n', &text);
	}
	return l;
}

struct making {
	struct model_diff_line *list;
	size_t n;
};

static void put(struct making *m, str left, str right, bool gone, bool new)
{
	m->list[m->n++] = (struct model_diff_line){.left = left, .right = right, .gone = gone, .new = new};
}

/* common[i][j]: the longest common sequence of x from i and y from j. */
static void walk(struct arena *a, const struct lines *x, const struct lines *y, struct making *m)
{
	size_t w = y->n + 1, i = 0, j = 0;
	uint16_t *common = NEWS(a, (x->n + 1) * w, uint16_t);
	for (size_t k = x->n; k-- > 0;)
		for (size_t l = y->n; l-- > 0;) {
			uint16_t down = common[(k + 1) * w + l], right = common[k * w + l + 1];
			common[k * w + l] = str_eq(x->list[k], y->list[l])
						    ? (uint16_t)(common[(k + 1) * w + l + 1] + 1)
					    : down > right ? down
							   : right;
		}
	while (i < x->n || j < y->n) {
		if (i < x->n && j < y->n && str_eq(x->list[i], y->list[j])) {
			put(m, x->list[i], y->list[j], false, false);
			i++;
			j++;
		} else if (j == y->n || (i < x->n && common[(i + 1) * w + j] >= common[i * w + j + 1])) {
			put(m, x->list[i++], STR(""), true, false);
		} else {
			put(m, STR(""), y->list[j++], false, true);
		}
	}
}

/* A line that went and the one that came for it stand beside each other. */
static void pair_up(struct making *m)
{
	size_t to = 0;
	for (size_t i = 0; i < m->n;) {
		size_t gone = i, new, k = 0;
		while (gone < m->n && m->list[gone].gone)
			gone++;
		for (new = gone; new < m->n && m->list[new].new &&k < gone - i; new ++, k++) {
			m->list[i + k].right = m->list[new].right;
			m->list[i + k].new = true;
		}
		for (size_t q = i; q < gone; q++)
			m->list[to++] = m->list[q];
		i = new;
		if (gone == new &&i < m->n)
			m->list[to++] = m->list[i++];
	}
	m->n = to;
}

static bool alike(const struct model_diff_line *l)
{
	return !l->gone && !l->new;
}

static void shorten(struct making *m)
{
	size_t to = 0;
	for (size_t i = 0; i < m->n;) {
		size_t end = i;
		while (end < m->n && alike(&m->list[end]))
			end++;
		size_t first = i == 0 ? 0 : DIFF_AROUND, last = end == m->n ? 0 : DIFF_AROUND;
		if (end - i > first + last + 1) {
			for (size_t k = 0; k < first; k++)
				m->list[to++] = m->list[i + k];
			m->list[to++] = (struct model_diff_line){.skipped = true};
			for (size_t k = end - last; k < end; k++)
				m->list[to++] = m->list[k];
		} else {
			for (size_t k = i; k < end; k++)
				m->list[to++] = m->list[k];
		}
		i = end;
		if (i < m->n)
			m->list[to++] = m->list[i++];
	}
	m->n = to;
}

void model_diff(struct arena *a, str before, str after, struct model_diff_line **out, size_t *out_n)
{
	struct lines x = split(a, before), y = split(a, after);
	struct making m = {.list = NEWS(a, x.n + y.n + 1, struct model_diff_line)};
	if (x.n > DIFF_LINES_MAX || y.n > DIFF_LINES_MAX) {
		for (size_t i = 0; i < x.n; i++)
			put(&m, x.list[i], STR(""), true, false);
		for (size_t i = 0; i < y.n; i++)
			put(&m, STR(""), y.list[i], false, true);
	} else {
		walk(a, &x, &y, &m);
	}
	pair_up(&m);
	shorten(&m);
	*out = m.list;
	*out_n = m.n;
}

static void label_line(struct buf *b, const char *key, const struct label *l)
{
	buf_printf(b, "%s: {zh: %.*s, en: %.*s}\n", key, STR_ARG(l->zh), STR_ARG(l->en));
}

static void field_lines(struct buf *b, const struct field *f)
{
	buf_printf(b, "  %.*s: {type: %s", STR_ARG(f->id), field_type_name(f->type));
	if (f->to_reg)
		buf_printf(b, ", to: %.*s", STR_ARG(f->to_reg->id));
	buf_puts(b, f->required ? ", required: true" : "");
	buf_puts(b, f->sealed ? ", sealed: true" : "");
	buf_printf(b, ", label: {zh: %.*s, en: %.*s}}\n", STR_ARG(f->label.zh), STR_ARG(f->label.en));
	for (size_t i = 0; i < f->choices_n; i++)
		buf_printf(b, "    %.*s: {zh: %.*s, en: %.*s}\n", STR_ARG(f->choices[i].id),
			STR_ARG(f->choices[i].label.zh), STR_ARG(f->choices[i].label.en));
}

str model_reg_lines(struct arena *a, const struct reg *reg)
{
	struct buf b = {0};
	buf_printf(&b, "register: %.*s\n", STR_ARG(reg->id));
	label_line(&b, "label", &reg->label);
	label_line(&b, "holds", &reg->holds);
	buf_printf(&b, "purpose: %.*s\nfields:\n", STR_ARG(reg->purpose));
	for (size_t i = 0; i < reg->fields_n; i++)
		field_lines(&b, &reg->fields[i]);
	buf_puts(&b, "states:\n");
	for (size_t i = 0; i < reg->states_n; i++)
		buf_printf(&b, "  %.*s: {zh: %.*s, en: %.*s}\n", STR_ARG(reg->states[i].id),
			STR_ARG(reg->states[i].label.zh), STR_ARG(reg->states[i].label.en));
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}
