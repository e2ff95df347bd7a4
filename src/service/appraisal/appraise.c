/* appraise.c -- see appraise.h. */
#include "service/appraisal/appraise.h"
#include "base/clock.h"
#include "base/map.h"
#include "register/permit.h"
#include <stdlib.h>

enum { RATE_SCALE = 100, CODE = 1, NAME = 2 };

static const char Q_SCHOOLS[] = "SELECT \"id\" FROM \"org\" WHERE school_kind IS NOT NULL";

struct appraising {
	struct reader *r;
	const struct appraisal_rules *rules;
	int64_t org;
	int32_t day; /* that the rules call today */
	struct period year;
	struct appraisal_unit *units;
	size_t n, cap;
	struct imap at; /* unit's id -> its place + 1 */
};

static struct appraisal_unit *unit_of(const struct appraising *x, int64_t id)
{
	int64_t at = 0;
	return imap_has(&x->at, (uint64_t)id, &at) ? &x->units[at - 1] : NULL;
}

/* ---- who takes part ---- */

/* Organisations for which the condition holds. */
static enum rc orgs_where(struct appraising *x, const struct expr *when, struct stmt **out, struct err *err)
{
	struct query q;
	query_init(&q, x->r->a, x->r->city->model, x->rules->org, x->r->city->seal);
	q.today = x->day;
	str cond = query_expr(&q, when), from = query_from(&q);
	str sql = arena_fmt(x->r->a,
		"SELECT r.\"id\", r.code, COALESCE(r.short_name, r.name), r.kind %.*s WHERE (%.*s) ORDER BY "
		"2, 1",
		STR_ARG(from), STR_ARG(cond));
	TRY(db_prepare(x->r->db, arena_cstr(x->r->a, sql), out, err));
	query_bind(&q, *out);
	return RC_OK;
}

static bool of_kind(const struct appraisal_rules *rules, str kind)
{
	for (size_t i = 0; i < rules->kinds_n; i++)
		if (str_eq(rules->kinds[i], kind))
			return true;
	return false;
}

static enum rc gather_units(struct appraising *x, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(orgs_where(x, x->rules->eligible, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		int64_t id = stmt_i64(s, 0);
		if (!of_kind(x->rules, stmt_text(s, 3)) || !tree_under(x->r->tree, id, x->org, x->day))
			continue;
		if (x->n == APPRAISAL_UNITS_MAX)
			return FAIL(err, RC_LIMIT, "more than %d units: ask for a part with --org",
				(int)APPRAISAL_UNITS_MAX);
		x->units = arena_grow(x->r->a, x->units, x->n, &x->cap, sizeof *x->units);
		x->units[x->n++] = (struct appraisal_unit){.id = id,
			.code = stmt_str(x->r->a, s, CODE),
			.name = stmt_str(x->r->a, s, NAME),
			.marks = NEWS(x->r->a, x->rules->items_n, struct appraisal_mark)};
		*imap_at(&x->at, (uint64_t)id) = (int64_t)x->n;
	}
}

/* The school that each unit is, or stands under next. */
static enum rc gather_schools(struct appraising *x, struct imap *schools, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(x->r->db, Q_SCHOOLS, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		*imap_at(schools, (uint64_t)stmt_i64(s, 0)) = 1;
	}
	for (size_t i = 0; i < x->n; i++) {
		int64_t up = x->units[i].id;
		while (up && !imap_has(schools, (uint64_t)up, NULL))
			up = tree_parent(x->r->tree, up, x->day);
		x->units[i].school = up;
	}
	return RC_OK;
}

static enum rc gather_vetoes(struct appraising *x, struct err *err)
{
	for (size_t v = 0; v < x->rules->vetoes_n; v++) {
		struct stmt *s;
		bool row;
		TRY(orgs_where(x, x->rules->vetoes[v].when, &s, err));
		for (;;) {
			TRY(stmt_step(s, &row, err));
			if (!row)
				break;
			struct appraisal_unit *u = unit_of(x, stmt_i64(s, 0));
			if (u)
				u->vetoes |= 1U << v;
		}
	}
	return RC_OK;
}

/* ---- marks ---- */

static const struct appraisal_item *judged_item(const struct appraisal_rules *rules, str name, size_t *at)
{
	for (*at = 0; *at < rules->items_n; ++*at) {
		const struct appraisal_item *item = &rules->items[*at];
		if (item->source == APPRAISAL_JUDGEMENT &&
			(str_eq(item->id, name) || str_eq(item->label.zh, name) ||
				str_eq(item->label.en, name)))
			return item;
	}
	return NULL;
}

enum { S_ORG, S_ITEM, S_SCORE, S_FULL, S_APPEAL };

static void take_judgement(struct appraising *x, struct stmt *s)
{
	size_t at;
	struct appraisal_unit *u = unit_of(x, stmt_i64(s, S_ORG));
	const struct appraisal_item *item = judged_item(x->rules, stmt_text(s, S_ITEM), &at);
	int64_t score = stmt_i64(s, S_SCORE), full = stmt_i64(s, S_FULL);
	if (u == NULL || item == NULL || full <= 0)
		return;
	u->marks[at] = stmt_i64(s, S_APPEAL)
			       ? (struct appraisal_mark){.why = str_of(tr("an appeal waits for an answer"))}
			       : (struct appraisal_mark){.known = true,
					 .value = score,
					 .points = appraisal_points(item->weight, score, full)};
}

/* The latest one of an item comes last and stands. */
static enum rc gather_judgements(struct appraising *x, int year, struct err *err)
{
	const struct model *m = x->r->city->model;
	struct expr *when, *appeal;
	struct query q;
	struct stmt *s;
	bool row;
	str text = arena_fmt(x->r->a,
		"basis = 'judgement' and state = 'valid' and signed_by is not null and signed_with is not "
		"null "
		"and year(round.opens_on) = %d",
		year);
	TRY(expr_parse(x->r->a, m, x->rules->score, text, EXPR_FREE, E_BOOL, &when, err));
	TRY(expr_parse(x->r->a, m, x->rules->score,
		STR("exists(appraisal_appeal by score where state = 'submitted')"), EXPR_FREE, E_BOOL,
		&appeal, err));
	query_init(&q, x->r->a, m, x->rules->score, x->r->city->seal);
	str cond = query_expr(&q, when), open = query_expr(&q, appeal), from = query_from(&q);
	str sql = arena_fmt(x->r->a,
		"SELECT r.\"org\", r.item, r.score, r.full_score, CASE WHEN %.*s THEN 1 ELSE 0 END %.*s"
		" WHERE (%.*s) ORDER BY r.scored_on, r.\"id\"",
		STR_ARG(open), STR_ARG(from), STR_ARG(cond));
	TRY(db_prepare(x->r->db, arena_cstr(x->r->a, sql), &s, err));
	query_bind(&q, s);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		take_judgement(x, s);
	}
}

static struct appraisal_mark mark_of(const struct appraisal_item *item, const struct figure_answer *a)
{
	if (item->source == APPRAISAL_RATE && a->rate_told && a->over > 0) {
		int64_t value = a->of * 100 * RATE_SCALE / a->over;
		return (struct appraisal_mark){.known = true,
			.value = value,
			.points = appraisal_points(item->weight, value, item->full_at * RATE_SCALE)};
	}
	if (item->source == APPRAISAL_FIGURE && a->told)
		return (struct appraisal_mark){.known = true,
			.value = a->value,
			.points = appraisal_points(item->weight, a->value, item->full_at)};
	return (struct appraisal_mark){.why = a->why.n ? a->why : str_of(tr("there is nothing to count"))};
}

static enum rc gather_figures(struct appraising *x, struct err *err)
{
	const struct figure *list[APPRAISAL_ITEMS_MAX];
	struct figure_answer answers[APPRAISAL_ITEMS_MAX];
	size_t item[APPRAISAL_ITEMS_MAX], n = 0;
	for (size_t i = 0; i < x->rules->items_n; i++) {
		if (x->rules->items[i].figure == NULL)
			continue;
		item[n] = i;
		list[n++] = x->rules->items[i].figure;
	}
	for (size_t k = 0; k < x->n && n; k++) {
		TRY(figure_values(x->r, list, n, &x->year, x->units[k].id, false, answers, err));
		for (size_t i = 0; i < n; i++)
			x->units[k].marks[item[i]] = mark_of(&x->rules->items[item[i]], &answers[i]);
	}
	return RC_OK;
}

/* ---- grades ---- */

static void grade_unit(const struct appraisal_rules *rules, struct appraisal_unit *u)
{
	for (size_t i = 0; i < rules->items_n; i++) {
		struct appraisal_mark *m = &u->marks[i];
		if (!m->known && m->why.n == 0)
			m->why = str_of(tr("no judgement that two persons signed"));
		u->missing += !m->known;
		u->score += m->points;
	}
	u->band = u->missing ? APPRAISAL_UNGRADED : appraisal_band(rules->from, rules->bands_n, u->score);
	for (size_t v = 0; v < rules->vetoes_n && u->band != APPRAISAL_UNGRADED; v++)
		if ((u->vetoes >> v & 1) && u->band < rules->vetoes[v].cap)
			u->band = rules->vetoes[v].cap;
}

static void share_bands(struct appraising *x)
{
	struct appraisal_place *places = NEWS(x->r->a, x->n + 1, struct appraisal_place);
	for (size_t s = 0; s < x->rules->shares_n; s++) {
		int band = x->rules->shares[s].band;
		for (size_t i = 0; i < x->n; i++) {
			struct appraisal_unit *u = &x->units[i];
			bool whole = u->school && tree_under(x->r->tree, u->school, x->org, x->day);
			u->share_open = u->share_open || (u->school && !whole && u->band == band);
			places[i] = (struct appraisal_place){whole ? u->school : 0, u->score, u->band, i};
		}
		appraisal_share(places, x->n, band, x->rules->shares[s].at_most);
		for (size_t i = 0; i < x->n; i++) {
			struct appraisal_unit *u = &x->units[places[i].unit];
			u->fell = u->fell || u->band != places[i].band;
			u->band = places[i].band;
		}
	}
}

bool appraisal_weak(const struct appraisal_rules *rules, const struct appraisal_unit *u, size_t item)
{
	return u->marks[item].known && u->marks[item].points < rules->weak_item * rules->items[item].weight;
}

static enum rc gather(struct appraising *x, int year, struct err *err)
{
	struct imap schools = {0};
	TRY(gather_units(x, err));
	enum rc rc = gather_schools(x, &schools, err);
	imap_done(&schools);
	TRY(rc);
	TRY(gather_vetoes(x, err));
	TRY(gather_judgements(x, year, err));
	return gather_figures(x, err);
}

enum rc appraise(struct reader *r, const struct appraisal_rules *rules, int year, int64_t org,
	struct appraisal_unit **out, size_t *out_n, struct err *err)
{
	int32_t today = clock_today();
	struct appraising x = {.r = r, .rules = rules, .org = org, .year = period_year(r->a, year)};
	if (permit_reach(rules->score, &r->actor) < REACH_SUBTREE)
		return FAIL(err, RC_DENIED, "scores of the appraisal are not open to your role");
	x.day = x.year.to - 1 < today ? x.year.to - 1 : today;
	enum rc rc = gather(&x, year, err);
	imap_done(&x.at);
	TRY(rc);
	for (size_t i = 0; i < x.n; i++)
		grade_unit(rules, &x.units[i]);
	share_bands(&x);
	*out = x.units;
	*out_n = x.n;
	return RC_OK;
}
