/* page_survey.c -- see page_survey.h. */
#include "web/page_survey.h"
#include "service/coordination/survey.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"
#include <stdlib.h>

static str text_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

static str people(struct page *p, int64_t n)
{
	return arena_fmt(p->a, trn("%lld person", "%lld people", n), (long long)n);
}

static str share(struct page *p, int64_t n, int64_t of)
{
	return arena_fmt(p->a, "%lld (%lld%%)", (long long)n, (long long)((n * 100 + of / 2) / of));
}

static void bars(struct page *p, const struct survey_question *q, struct survey_part *part)
{
	struct buf names = {0};
	int64_t most = 1;
	for (size_t i = 0; i < q->bars_n; i++)
		most = !q->bars[i].hidden && q->bars[i].n > most ? q->bars[i].n : most;
	part->rows = NEWS(p->a, q->bars_n + 1, struct survey_row);
	for (size_t i = 0; i < q->bars_n; i++) {
		const struct survey_bar *bar = &q->bars[i];
		if (!bar->hidden) {
			part->rows[part->rows_n++] =
				(struct survey_row){bar->label, share(p, bar->n, q->answered), bar->n, most};
			continue;
		}
		buf_puts(&names, names.n ? tr(", ") : "");
		buf_add(&names, bar->label);
	}
	if (names.n)
		part->hidden_words = arena_fmt(
			p->a, tr("%.*s together, not told one by one"), STR_ARG(people(p, q->hidden)));
	part->hidden_names = arena_str(p->a, buf_str(&names));
	buf_done(&names);
}

static str value_of(struct page *p, const struct field *f, int64_t i)
{
	return value_text(p->a, f, &(struct value){.kind = V_INT, .i = i});
}

static str mean_of(struct page *p, const struct survey_question *q)
{
	if (q->column->type != T_INTEGER)
		return value_of(p, q->column, q->mean);
	long long m = (long long)q->mean;
	return arena_fmt(p->a, m < 0 ? "-%lld.%lld" : "%lld.%lld", llabs(m) / 10, llabs(m) % 10);
}

static void part_fill(
	struct page *p, const struct survey_question *q, enum survey_as as, struct survey_part *part)
{
	*part = (struct survey_part){.label = q->column->label.zh, .answered = people(p, q->answered)};
	if (q->few) {
		part->few =
			arena_fmt(p->a, tr("Fewer than %d people answered this: not told."), SURVEY_LEAST);
		part->answered = STR("");
		return;
	}
	bars(p, q, part);
	if (q->middled)
		part->middle = arena_fmt(p->a, tr("Mean %.*s, middle %.*s."), STR_ARG(mean_of(p, q)),
			STR_ARG(value_of(p, q->column, q->median)));
	part->texts = q->texts;
	part->texts_n = q->texts_n;
	if (q->texts_more)
		part->more = arena_fmt(p->a, tr("and %zu more"), q->texts_more);
	if (q->column->type == T_TEXT && as == SURVEY_ANSWERED)
		part->few = str_of(tr("What people wrote is for the unit that asked."));
}

static enum rc show(struct page *p, struct err *err)
{
	struct survey_page g = {0};
	struct survey_result result;
	struct record *survey;
	enum survey_as as;
	int64_t id;
	if (!str_i64(page_arg(p, 0), &id) || id <= 0)
		return FAIL(err, RC_NOT_FOUND, "“%.*s” is no row number", STR_ARG(page_arg(p, 0)));
	TRY(survey_of(&p->r, id, &survey, &as, err));
	TRY(survey_result(&p->r, survey, as, &result, err));
	g.heading = text_of(survey, "title");
	g.purpose = text_of(survey, "about");
	g.about = arena_fmt(p->a, tr("%.*s · %.*s to %.*s"), STR_ARG(page_org_name(p, survey->org)),
		STR_ARG(date_words(p, text_of(survey, "opens_on"))),
		STR_ARG(date_words(p, text_of(survey, "closes_on"))));
	g.answers =
		arena_fmt(p->a, trn("%lld person has answered", "%lld people have answered", result.answers),
			(long long)result.answers);
	if (!result.ended)
		g.waits = arena_fmt(p->a,
			tr("What came of it is told once the survey has ended: after %.*s, or when it is "
			   "closed "
			   "before."),
			STR_ARG(date_words(p, text_of(survey, "closes_on"))));
	g.why = as == SURVEY_OFFICE ? str_of(tr("Sums only: nobody can look up who answered what. Texts "
						"stand in no order."))
				    : str_of(tr("Sums only; small numbers are put together, so that nobody "
						"can be told from them."));
	if (as == SURVEY_OFFICE)
		g.row_href = page_hrefs(p, "/r/survey/%lld", (long long)id);
	g.parts = NEWS(p->a, result.questions_n + 1, struct survey_part);
	for (size_t i = 0; result.ended && i < result.questions_n; i++)
		part_fill(p, &result.questions[i], as, &g.parts[g.parts_n++]);
	shell_fill(p, &g.shell, g.heading, as == SURVEY_OFFICE ? PLACE_REGISTERS : PLACE_APPLY,
		as == SURVEY_OFFICE ? survey->reg->group : STR(""));
	if (as == SURVEY_OFFICE)
		shell_crumb(p, &g.shell, label_text(&survey->reg->label), page_href(p, STR("/r/survey")));
	else
		shell_crumb(p, &g.shell, str_of(tr("Apply and answer")), STR("/apply"));
	tpl_survey(page_out(p), &g);
	return RC_OK;
}

const struct route routes_survey[] = {
	{"GET", "/surveys/{id}", show, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
