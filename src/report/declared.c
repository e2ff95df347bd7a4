/* declared.c -- see declared.h. */
#include "report/declared.h"
#include "base/buf.h"
#include "figure/round.h"
#include "register/rule_file.h"

static const char PATH[] = "reports/desk.yaml";

static enum rc figure_named(struct rule_file *f, const struct yaml *at, str id, const struct figure **out)
{
	*out = model_figure(f->m, id);
	return *out ? RC_OK
		    : FAIL(f->err, RC_INVALID, "%s, line %d: there is no figure “%.*s”", f->path, at->line,
			      STR_ARG(id));
}

static enum rc read_column(struct rule_file *f, const struct yaml *y, struct annex *x)
{
	const struct figure **to = &x->figures[x->n];
	enum round_rule rule = ROUND_EXACT;
	if (y->kind != YAML_MAP)
		return rule_bad(f, y, "columns");
	TRY(figure_named(f, y, rule_text(y, "figure"), to));
	str head = rule_label(y, "head").zh, print = rule_text(y, "print");
	bool money = (*to)->money;
	if (print.n &&
		(!round_rule_parse(print, &rule) || !round_rule_fits(rule, money ? ROUND_FEN : ROUND_COUNT)))
		return rule_bad(f, y, "print");
	x->heads[x->n] =
		head.n ? head
		       : arena_fmt(f->a, "%.*s（%.*s）", STR_ARG((*to)->label.zh), STR_ARG((*to)->unit));
	x->prints[x->n++] = print;
	return RC_OK;
}

static enum rc read_annexes(struct rule_file *f, struct report_declared *out)
{
	const struct yaml *all, *columns;
	if (yaml_get(&f->root, "annexes") == NULL)
		return RC_OK;
	TRY(rule_map(f, "annexes", ANNEXES_MAX, &all));
	for (size_t i = 0; i < all->n; i++) {
		const struct yaml *y = &all->pairs[i].value;
		struct annex *x = &out->annexes[out->annexes_n++];
		*x = (struct annex){.id = all->pairs[i].key,
			.label = rule_label(y, "label"),
			.kinds = yaml_get(y, "kinds")};
		columns = yaml_get(y, "columns");
		if (x->label.zh.n == 0 || x->label.en.n == 0)
			return rule_bad(f, y, "label");
		if (x->kinds == NULL || x->kinds->kind != YAML_LIST)
			return rule_bad(f, y, "kinds");
		if (columns == NULL || columns->kind != YAML_LIST || columns->n == 0 ||
			columns->n > ANNEX_COLUMNS_MAX)
			return rule_bad(f, y, "columns");
		for (size_t c = 0; c < columns->n; c++)
			TRY(read_column(f, &columns->items[c], x));
	}
	return RC_OK;
}

static enum rc read_evidence(struct rule_file *f, struct report_declared *out)
{
	const struct yaml *y = yaml_get(&f->root, "evidence");
	if (y && (y->kind != YAML_LIST || y->n > EVIDENCE_MAX))
		return rule_bad(f, y, "evidence");
	for (size_t i = 0; y && i < y->n; i++)
		TRY(figure_named(f, &y->items[i], y->items[i].text, &out->evidence[out->evidence_n++]));
	return RC_OK;
}

static enum rc read_plans(struct rule_file *f, struct report_declared *out)
{
	const struct yaml *all;
	if (yaml_get(&f->root, "plans") == NULL)
		return RC_OK;
	TRY(rule_map(f, "plans", PLANS_MAX, &all));
	for (size_t i = 0; i < all->n; i++) {
		const struct yaml *y = &all->pairs[i].value;
		int64_t from, to;
		if (y->kind != YAML_LIST || y->n != 2 || !str_i64(y->items[0].text, &from) ||
			!str_i64(y->items[1].text, &to) || from > to)
			return rule_bad(f, y, "plans");
		out->plans[out->plans_n].name = all->pairs[i].key;
		out->plans[out->plans_n].from = from;
		out->plans[out->plans_n++].to = to;
	}
	return RC_OK;
}

enum rc report_declared_read(
	struct arena *a, const struct model *m, struct report_declared *out, struct err *err)
{
	struct rule_file f;
	*out = (struct report_declared){0};
	if (model_text(m, PATH) == NULL)
		return RC_OK;
	TRY(rule_file_open(&f, a, m, PATH, err));
	TRY(read_annexes(&f, out));
	TRY(read_evidence(&f, out));
	return read_plans(&f, out);
}

const struct annex *annex_of(const struct report_declared *d, str id)
{
	for (size_t i = 0; i < d->annexes_n; i++)
		if (str_eq(d->annexes[i].id, id))
			return &d->annexes[i];
	return NULL;
}

bool annex_offered(const struct annex *x, str kind)
{
	for (size_t i = 0; i < x->kinds->n; i++)
		if (str_eq(x->kinds->items[i].text, kind))
			return true;
	return false;
}

static void cells(struct buf *b, const struct annex *x)
{
	for (size_t i = 0; i < x->n; i++)
		buf_printf(b, " | {{%.*s|cell%s%.*s}}", STR_ARG(x->figures[i]->id), x->prints[i].n ? " " : "",
			STR_ARG(x->prints[i]));
}

str annex_text(struct arena *a, const struct annex *x)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_printf(&b, "{{#if units}}\n##### %.*s\n\n| 单位", STR_ARG(x->label.zh));
	for (size_t i = 0; i < x->n; i++)
		buf_printf(&b, " | %.*s", STR_ARG(x->heads[i]));
	buf_puts(&b, " |\n| ---");
	for (size_t i = 0; i < x->n; i++)
		buf_puts(&b, " | ---");
	buf_puts(&b, " |\n| 合计");
	cells(&b, x);
	buf_puts(&b, " |\n| {{#each units}}{{short}}");
	cells(&b, x);
	buf_puts(&b,
		"{{/each}} "
		"|\n\n注：合计含本级登记；合办的活动、同一人或单位在各行分别计入，各行之和可以不等于合计；"
		"—为没有可用数据。\n{{/if}}\n");
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}
