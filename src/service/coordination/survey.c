/* survey.c -- see survey.h. */
#include "service/coordination/survey.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/tr.h"
#include "guard/suppress.h"
#include "register/permit.h"
#include "service/coordination/columns.h"
#include <stdlib.h>

static const char Q_OWN[] =
	"SELECT COUNT(*) FROM \"survey_answer\" WHERE \"survey\" = ?1 AND \"person\" = ?2 AND"
	" \"state\" = 'valid'";

static str text_of(const struct record *rec, const char *id)
{
	const struct field *f = reg_field(rec->reg, str_of(id));
	return f && rec->values[f->at].kind == V_TEXT ? rec->values[f->at].t : STR("");
}

/* ---- one question ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* Numbers that stand in equal sorted labels become bars; false: too many different ones. */
static bool bars_of(struct arena *a, struct survey_question *q, const str *sorted, size_t n)
{
	q->bars = NEWS(a, SURVEY_BARS_MAX, struct survey_bar);
	for (size_t i = 0; i < n; i++) {
		if (q->bars_n && str_eq(q->bars[q->bars_n - 1].label, sorted[i])) {
			q->bars[q->bars_n - 1].n++;
			continue;
		}
		if (q->bars_n == SURVEY_BARS_MAX) {
			q->bars_n = 0;
			return false;
		}
		q->bars[q->bars_n++] = (struct survey_bar){.label = sorted[i], .n = 1};
	}
	return true;
}

static void choices(struct arena *a, struct survey_question *q, const struct value *given, size_t n)
{
	const struct field *f = q->column;
	q->bars = NEWS(a, f->choices_n + 2, struct survey_bar);
	if (f->type == T_BOOL) {
		q->bars[q->bars_n++] = (struct survey_bar){.label = str_of(tr("Yes"))};
		q->bars[q->bars_n++] = (struct survey_bar){.label = str_of(tr("No"))};
		for (size_t i = 0; i < n; i++)
			q->bars[given[i].i ? 0 : 1].n++;
		return;
	}
	for (size_t k = 0; k < f->choices_n; k++) {
		struct survey_bar *bar = &q->bars[q->bars_n++];
		*bar = (struct survey_bar){.label = label_text(&f->choices[k].label)};
		for (size_t i = 0; i < n; i++)
			bar->n += str_eq(given[i].t, f->choices[k].id);
	}
}

static void numbers(struct arena *a, struct survey_question *q, const struct value *given, size_t n)
{
	int64_t *list = NEWS(a, n + 1, int64_t), half, sum = 0;
	str *labels = NEWS(a, n + 1, str);
	for (size_t i = 0; i < n; i++)
		list[i] = given[i].i;
	qsort(list, n, sizeof *list, by_number);
	for (size_t i = 0; i < n; i++) {
		labels[i] = value_text(a, q->column, &(struct value){.kind = V_INT, .i = list[i]});
		if (__builtin_add_overflow(sum, list[i], &sum))
			return;
	}
	if (q->column->type == T_INTEGER && __builtin_mul_overflow(sum, 10, &sum))
		return;
	half = (int64_t)n / 2;
	q->middled = true;
	q->mean = (sum + (sum < 0 ? -half : half)) / (int64_t)n;
	q->median = list[(n - 1) / 2];
	bars_of(a, q, labels, n);
}

static void days(struct arena *a, struct survey_question *q, const struct value *given, size_t n)
{
	str *months = NEWS(a, n + 1, str);
	for (size_t i = 0; i < n; i++)
		months[i] = str_head(given[i].t, 7);
	qsort(months, n, sizeof *months, by_text);
	bars_of(a, q, months, n);
}

static void texts(struct arena *a, struct survey_question *q, const struct value *given, size_t n)
{
	q->texts = NEWS(a, n + 1, str);
	for (size_t i = 0; i < n; i++)
		q->texts[q->texts_n++] = given[i].t;
	qsort(q->texts, q->texts_n, sizeof *q->texts, by_text);
	q->texts_more = q->texts_n > SURVEY_TEXTS_MAX ? q->texts_n - SURVEY_TEXTS_MAX : 0;
	q->texts_n -= q->texts_more;
}

/* Small numbers hide with a partner; how many answered is the sum that everybody knows. */
static enum rc hide(struct arena *a, struct survey_question *q, struct err *err)
{
	struct suppress_cell *cells = NEWS(a, q->bars_n + 1, struct suppress_cell);
	uint32_t *parts = NEWS(a, q->bars_n + 1, uint32_t);
	for (size_t i = 0; i < q->bars_n; i++) {
		cells[i].count = q->bars[i].n;
		parts[i] = (uint32_t)i;
	}
	cells[q->bars_n] = (struct suppress_cell){.count = q->answered, .published = true};
	struct suppress_sum sum = {(uint32_t)q->bars_n, parts, q->bars_n};
	struct suppress_table t = {.cells = cells,
		.cells_n = q->bars_n + 1,
		.sums = &sum,
		.sums_n = 1,
		.threshold = SURVEY_LEAST};
	enum rc rc = suppress(a, &t, err);
	if (rc != RC_OK && rc != RC_CONFLICT)
		return rc;
	for (size_t i = 0; i < q->bars_n; i++) {
		q->bars[i].hidden = rc == RC_CONFLICT || cells[i].hidden != SUPPRESS_SHOWN;
		q->hidden += q->bars[i].hidden ? q->bars[i].n : 0;
	}
	return RC_OK;
}

static enum rc question(struct arena *a, struct survey_question *q, const struct value *given, size_t n,
	enum survey_as as, struct err *err)
{
	q->answered = (int64_t)n;
	q->few = n < SURVEY_LEAST;
	if (q->few)
		return RC_OK;
	switch ((int)q->column->type) {
	case T_CHOICE:
	case T_BOOL:
		choices(a, q, given, n);
		break;
	case T_INTEGER:
	case T_MONEY:
		numbers(a, q, given, n);
		break;
	case T_DATE:
		days(a, q, given, n);
		break;
	default:
		if (as == SURVEY_OFFICE)
			texts(a, q, given, n);
	}
	return as == SURVEY_ANSWERED && q->bars_n ? hide(a, q, err) : RC_OK;
}

enum rc survey_sum(struct arena *a, const struct field *columns, size_t n, struct value *const *answers,
	size_t answers_n, enum survey_as as, struct survey_question **out, struct err *err)
{
	struct value *given = NEWS(a, answers_n + 1, struct value);
	*out = NEWS(a, n + 1, struct survey_question);
	for (size_t i = 0; i < n; i++) {
		size_t given_n = 0;
		(*out)[i] = (struct survey_question){.column = &columns[i]};
		for (size_t k = 0; k < answers_n; k++)
			if (answers[k][i].kind != V_NULL)
				given[given_n++] = answers[k][i];
		TRY(question(a, &(*out)[i], given, given_n, as, err));
	}
	return RC_OK;
}

/* ---- a survey of the city ---- */

bool survey_ended(const struct record *survey)
{
	int32_t last;
	return str_is(survey->state, "closed") ||
	       (str_is(survey->state, "issued") && date_parse(text_of(survey, "closes_on"), &last) &&
		       last < clock_today());
}

bool survey_tells(const struct record *survey)
{
	return survey_ended(survey) && str_is(text_of(survey, "results"), "answered");
}

static enum rc has_answered(struct reader *r, int64_t survey, bool *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(r->db, Q_OWN, &s, err));
	stmt_bind_i64(s, 1, survey);
	stmt_bind_i64(s, 2, r->actor.person);
	TRY(stmt_step(s, &row, err));
	*out = row && stmt_i64(s, 0) > 0;
	stmt_reset(s);
	return RC_OK;
}

enum rc survey_of(struct reader *r, int64_t id, struct record **out, enum survey_as *out_as, struct err *err)
{
	const struct reg *reg = model_reg(r->city->model, STR("survey"));
	struct reader all = *r;
	bool answered;
	if (reg == NULL || model_reg(r->city->model, STR("survey_answer")) == NULL)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	*out_as = SURVEY_OFFICE;
	if (permit_reach(reg, &r->actor) != REACH_NONE) {
		enum rc rc = record_get(r, reg, id, out, err);
		if (rc != RC_DENIED && rc != RC_NOT_FOUND)
			return rc;
	}
	*out_as = SURVEY_ANSWERED;
	TRY(has_answered(r, id, &answered, err));
	if (!answered)
		return FAIL(err, RC_NOT_FOUND, "There is nothing at this address.");
	all.actor = actor_operator(); /* who answered has read the questions already */
	all.log = NULL;
	TRY(record_get(&all, reg, id, out, err));
	return str_is(text_of(*out, "results"), "answered")
		       ? RC_OK
		       : FAIL(err, RC_DENIED, "what came of this survey is for the unit that asked");
}

struct gather {
	struct arena *a;
	const struct field *columns, *into;
	size_t columns_n;
	struct value **list;
	size_t n, cap;
};

static bool one(void *user, const struct record *rec)
{
	struct gather *g = user;
	const struct value *kept = &rec->values[g->into->at];
	if (kept->kind != V_TEXT)
		return true;
	g->list = arena_grow(g->a, g->list, g->n, &g->cap, sizeof *g->list);
	g->list[g->n++] = columns_unpack(g->a, g->columns, g->columns_n, arena_str(g->a, kept->t));
	return true;
}

/* The answers are opened by the program for their sums; nobody is shown one, so nobody's reading is told. */
enum rc survey_result(struct reader *r, const struct record *survey, enum survey_as as,
	struct survey_result *out, struct err *err)
{
	const struct reg *reg = model_reg(r->city->model, STR("survey_answer"));
	struct field *columns;
	struct reader all = *r;
	all.actor = actor_operator();
	all.log = NULL;
	struct record_query q = {.reg = reg,
		.where = arena_fmt(r->a, "survey = %lld", (long long)survey->id),
		.state = STR("valid"),
		.declared = true};
	*out = (struct survey_result){.ended = survey_ended(survey)};
	TRY(record_count(&all, &q, &out->answers, err));
	if (!out->ended)
		return RC_OK;
	TRY(columns_read(r->a, text_of(survey, "ask_for"), &columns, &out->questions_n, err));
	struct gather g = {.a = r->a,
		.columns = columns,
		.columns_n = out->questions_n,
		.into = reg_field(reg, STR("answers"))};
	TRY(record_each(&all, &q, one, &g, err));
	return survey_sum(r->a, columns, g.columns_n, g.list, g.n, as, &out->questions, err);
}
