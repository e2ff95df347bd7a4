/* cmd_figures.c -- qinghe figures --year Y [--org CODE] [ID...]: what figures are. */
#include "base/buf.h"
#include "cli/asked.h"
#include "cli/commands.h"
#include "figure/figure_json.h"
#include "figure/round.h"
#include "format/json.h"

static enum round_kind kind_of(const struct figure *f)
{
	return f->money ? ROUND_FEN : f->minutes ? ROUND_MINUTES : ROUND_COUNT;
}

static void print_answer(const struct figure_answer *x, int depth)
{
	const struct figure *f = x->figure;
	printf("%*s%.*s\t%.*s\t", depth * 2, "", STR_ARG(f->id), STR_ARG(label_text(&f->label)));
	if (x->told)
		printf("%s %.*s", round_print(x->value, kind_of(f), ROUND_EXACT).text, STR_ARG(f->unit));
	else if (f->grain == G_RATE && x->rate_told && x->over > 0)
		printf("%s (%lld / %lld)", round_rate(x->of, x->over).text, (long long)x->of,
			(long long)x->over);
	else if (f->grain == G_RATE && x->rate_told)
		printf("- (%lld / %lld)", (long long)x->of, (long long)x->over);
	else if (x->has_instead)
		printf("- (%lld %.*s) %.*s", (long long)x->instead, STR_ARG(x->instead_unit),
			STR_ARG(x->why));
	else
		printf("- %.*s", STR_ARG(x->why));
	printf("%s\n", x->recounting ? tr(" [being recounted]") : "");
	for (size_t i = 0; i < x->companions_n; i++)
		print_answer(&x->companions[i], depth + 1);
}

static enum rc choose(const struct invocation *in, const struct city *c, const struct figure ***out,
	size_t *out_n, struct err *err)
{
	const struct model *m = c->model;
	const struct figure **list = NEWS(in->a, m->figures_n + (size_t)in->argc + 1, const struct figure *);
	size_t n = 0;
	for (int i = 0; i < in->argc; i++)
		TRY(asked_figure(c, in->argv[i], &list[n++], err));
	for (size_t i = 0; in->argc == 0 && i < m->figures_n; i++)
		if (m->figures[i].parent == NULL)
			list[n++] = &m->figures[i];
	*out = list;
	*out_n = n;
	return RC_OK;
}

static enum rc answer(
	const struct invocation *in, struct cli_reader *c, const struct asked *asked, struct err *err)
{
	const struct figure **list;
	size_t n;
	TRY(choose(in, c->city, &list, &n, err));
	struct figure_answer *answers = NEWS(in->a, n + 1, struct figure_answer);
	TRY(figure_values(&c->r, list, n, &asked->p, asked->org_id, true, answers, err));
	if (!in->json) {
		for (size_t i = 0; i < n; i++)
			print_answer(&answers[i], 0);
		return RC_OK;
	}
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		figure_json(&j, &answers[i], asked->org_code);
	json_array_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct asked asked;
	struct cli_reader c;
	TRY(asked_options(in, &asked, err));
	TRY(opt_done(in, 0, 200, &cmd_figures, err));
	TRY(cli_reader(in, &c, err));
	enum rc rc = asked_resolve(in, &c, &asked, err);
	if (rc == RC_OK)
		rc = answer(in, &c, &asked, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_figures = {
	.name = "figures",
	.usage = N_("figures (--year Y | --period P) [--org CODE] [ID...]"),
	.summary = N_("what the figures of a unit are for a period"),
	.help = N_(
		"P is 2025, 2025H1, 2025Q3, 2025-09, 2025-03-05 or 2025-01-01..2025-11-30.\n"
		"JSON has exact integers: amounts in fen, lengths of time in minutes; null with the reason "
		"where a figure cannot be told.\n"
		"Example: qinghe figures --year 2025 --org 339901 vol.attend study.attend\n"
		"Exit codes: 0 done, 2 no such figure, unit or period, 3 not your unit."),
	.run = run,
};
