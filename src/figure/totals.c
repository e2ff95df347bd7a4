/* totals.c -- see totals.h */
#include "figure/totals.h"
#include "figure/contrib.h"

struct layout {
	const struct reg *reg;
	struct query q;
	str sql;
	int from_p, to_p;
};

/* The query, or reg NULL where the model has no declared totals. */
static enum rc lay_out(struct reader *r, struct layout *l, struct err *err)
{
	static const char *const names[] = {"id", "org", "figure_id", "period_from", "period_to", "value"};
	const struct model *m = r->city->model;
	const struct reg *reg = model_reg(m, STR("declared_total"));
	struct path p;
	str sql[6];
	*l = (struct layout){0};
	if (reg == NULL)
		return RC_OK;
	query_init(&l->q, r->a, m, reg, NULL);
	for (size_t i = 0; i < 6; i++) {
		TRY(path_parse(m, reg, str_of(names[i]), &p, err));
		sql[i] = query_path(&l->q, &p);
	}
	str grade = contrib_grade(&l->q, reg, 3);
	l->from_p = query_param_text(&l->q, STR(""));
	l->to_p = query_param_text(&l->q, STR(""));
	l->sql = arena_fmt(r->a,
		"SELECT %.*s, %.*s, %.*s, %.*s, %.*s, %.*s, %.*s %.*s WHERE r.\"state\" = 'accepted'"
		" AND %.*s >= ?%d AND %.*s <= ?%d ORDER BY r.\"id\"",
		STR_ARG(sql[0]), STR_ARG(sql[1]), STR_ARG(sql[2]), STR_ARG(sql[3]), STR_ARG(sql[4]),
		STR_ARG(sql[5]), STR_ARG(grade), STR_ARG(query_from(&l->q)), STR_ARG(sql[4]), l->from_p,
		STR_ARG(sql[3]), l->to_p);
	l->reg = reg;
	return RC_OK;
}

/* False for a row whose days are no period: it covers nothing. */
static bool read_total(struct arena *a, struct stmt *s, struct total *out)
{
	int32_t from, last;
	if (stmt_null(s, 5) || !date_parse(stmt_text(s, 3), &from) || !date_parse(stmt_text(s, 4), &last) ||
		last < from)
		return false;
	*out = (struct total){.id = stmt_i64(s, 0),
		.org = stmt_i64(s, 1),
		.figure = stmt_str(a, s, 2),
		.value = stmt_i64(s, 5),
		.grade = (int)stmt_i64(s, 6)};
	out->period = (struct period){.from = from,
		.to = last + 1,
		.text = arena_fmt(a, "%.*s..%.*s", STR_ARG(date_str(a, from)), STR_ARG(date_str(a, last)))};
	return true;
}

enum rc totals_load(struct reader *r, const struct period *p, struct totals *out, struct err *err)
{
	struct layout l;
	struct stmt *s;
	struct total t;
	bool row;
	size_t cap = 0;
	TRY(lay_out(r, &l, err));
	*out = (struct totals){0};
	if (l.reg == NULL)
		return RC_OK;
	TRY(db_prepare(r->db, l.sql.p, &s, err));
	query_bind(&l.q, s);
	stmt_bind_text(s, l.from_p, date_str(r->a, p->from));
	stmt_bind_text(s, l.to_p, date_str(r->a, p->to - 1));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (!read_total(r->a, s, &t))
			continue;
		out->list = arena_grow(r->a, out->list, out->n, &cap, sizeof *out->list);
		out->list[out->n++] = t;
	}
}

static const struct tree *tree_of(const struct reader *r)
{
	return r->tree ? r->tree : r->city->tree;
}

static bool meet(const struct period *a, const struct period *b)
{
	return a->from < b->to && b->from < a->to;
}

/* On how much of [from, to) does org stand under anc: 0 on no day, 1 on some, 2 on all. */
static int under(const struct tree *t, int64_t org, int64_t anc, int32_t from, int32_t to)
{
	size_t n = 0;
	int best = 0;
	const struct anc *list = tree_ancestors(t, org, &n);
	for (size_t i = 0; i < n; i++) {
		if (list[i].org != anc || list[i].to <= from || to <= list[i].from)
			continue;
		best = list[i].from <= from && to <= list[i].to ? 2 : best > 1 ? 2 : 1;
	}
	return best;
}

/* Two totals of one figure that say something of the same rows. */
static bool contradict(const struct tree *t, const struct total *a, const struct total *b)
{
	if (a->id == b->id || !str_eq(a->figure, b->figure) || !meet(&a->period, &b->period))
		return false;
	int32_t from = a->period.from > b->period.from ? a->period.from : b->period.from;
	int32_t to = a->period.to < b->period.to ? a->period.to : b->period.to;
	return under(t, a->org, b->org, from, to) || under(t, b->org, a->org, from, to);
}

#define WORDS(r, words, total) \
	str_of(arena_printf((r)->a, tr(words), (long long)(total)->id, STR_ARG((total)->period.text)))

static void pick_one(struct reader *r, const struct total *t, const struct figure *of, const struct period *p,
	int64_t org, struct totals_use *out)
{
	int32_t from = t->period.from, to = t->period.to;
	int32_t lo = from > p->from ? from : p->from, hi = to < p->to ? to : p->to;
	const struct tree *tree = tree_of(r);
	if (!under(tree, t->org, org, lo, hi))
		return;
	if (from < p->from || p->to < to)
		out->untellable = WORDS(r,
			N_("declared total #%lld stands for %.*s, which this period has only a part of"), t);
	else if (under(tree, t->org, org, from, to) != 2)
		out->untellable = WORDS(r,
			N_("the unit of declared total #%lld for %.*s stood under this organisation for a "
			   "part of that time only"),
			t);
	for (size_t i = 0; i < out->n && !out->untellable.n; i++)
		if (contradict(tree, out->list[i], t))
			out->untellable =
				WORDS(r, N_("declared total #%lld for %.*s contradicts another one"), t);
	out->of[out->n] = of;
	out->list[out->n++] = t;
}

static bool within(const struct period *inner, const struct period *outer)
{
	return outer->from <= inner->from && inner->to <= outer->to;
}

/* Whether a total of a part counts for the whole f: not where one of a whole above it covers the same. */
static bool reaches(struct reader *r, const struct totals *all, const struct total *t,
	const struct figure *part, const struct figure *f, struct totals_use *out)
{
	const struct tree *tree = tree_of(r);
	for (const struct figure *at = part->whole;; at = at->whole) {
		for (size_t i = 0; i < all->n; i++) {
			const struct total *w = &all->list[i];
			if (!str_eq(w->figure, at->id) || !meet(&w->period, &t->period))
				continue;
			int32_t from = w->period.from > t->period.from ? w->period.from : t->period.from;
			int32_t to = w->period.to < t->period.to ? w->period.to : t->period.to;
			if (within(&t->period, &w->period) && under(tree, t->org, w->org, from, to) == 2)
				return false;
			if (under(tree, t->org, w->org, from, to) || under(tree, w->org, t->org, from, to))
				out->untellable = arena_fmt(r->a,
					tr("declared total #%lld of a part overlaps declared total #%lld of "
					   "the whole: withdraw one of them"),
					(long long)t->id, (long long)w->id);
		}
		if (at == f)
			return true;
	}
}

static bool part_of(const struct figure *part, const struct figure *f)
{
	for (const struct figure *at = part ? part->whole : NULL; at; at = at->whole)
		if (at == f)
			return true;
	return false;
}

void totals_pick(struct reader *r, const struct totals *all, const struct figure *f, const struct period *p,
	int64_t org, struct totals_use *out)
{
	*out = (struct totals_use){.list = NEWS(r->a, all->n + 1, const struct total *),
		.of = NEWS(r->a, all->n + 1, const struct figure *)};
	bool additive = f->grain == G_ROW || f->grain == G_SUM;
	for (size_t i = 0; i < all->n; i++) {
		const struct total *t = &all->list[i];
		if (!meet(&t->period, p))
			continue;
		const struct figure *part = f->parts_n ? model_figure(r->city->model, t->figure) : NULL;
		if (part_of(part, f) && reaches(r, all, t, part, f, out))
			pick_one(r, t, part, p, org, out);
		if (!str_eq(t->figure, f->id))
			continue;
		if (t->org == org && t->period.from == p->from && t->period.to == p->to)
			out->whole = t;
		if (additive)
			pick_one(r, t, f, p, org, out);
	}
}

bool totals_cover(struct reader *r, const struct totals_use *use, const struct figure *f, size_t upto,
	const int64_t *holders, int n, int32_t day)
{
	for (size_t i = 0; i < upto; i++) {
		const struct total *t = use->list[i];
		if (use->of[i] != f || day < t->period.from || day >= t->period.to)
			continue;
		for (int k = 0; k < n; k++)
			if (tree_under(tree_of(r), holders[k], t->org, day))
				return true;
	}
	return false;
}

enum rc totals_conflict(struct reader *r, int64_t id, struct err *err)
{
	struct totals all;
	const struct total *mine = NULL;
	/* Every total there is: 1900 to 2199. */
	struct period ever = {.from = date_of(1900, 1, 1), .to = date_of(2200, 1, 1)};
	TRY(totals_load(r, &ever, &all, err));
	for (size_t i = 0; i < all.n; i++)
		if (all.list[i].id == id)
			mine = &all.list[i];
	for (size_t i = 0; mine && i < all.n; i++)
		if (contradict(tree_of(r), mine, &all.list[i]))
			return FAIL(err, RC_CONFLICT,
				"declared total #%lld for %.*s stands already: two totals of one figure may "
				"not cover the same unit and days; withdraw it first",
				(long long)all.list[i].id, STR_ARG(all.list[i].period.text));
	return RC_OK;
}
