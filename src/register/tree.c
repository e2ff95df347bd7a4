/* tree.c -- see tree.h. Invariants:
 *   1. org_link: the intervals of one organisation do not overlap.
 *   2. org_anc: exactly the transitive closure of org_link over time, each organisation its own ancestor for ever;
 *      intervals of one (org, anc) are disjoint and not adjacent.
 *   3. No organisation is its own proper ancestor on any day. */
#include "register/tree.h"
#include "base/date.h"
#include "base/map.h"

static const char Q_ANC_ALL[] =
	"SELECT org, anc, from_date, to_date FROM org_anc ORDER BY org, anc, from_date";
static const char Q_LINK_ALL[] =
	"SELECT org, parent, from_date, to_date FROM org_link ORDER BY org, from_date";
static const char Q_LINK_ADD[] =
	"INSERT INTO org_link (org, parent, from_date, to_date) VALUES (?1, ?2, ?3, ?4)";
static const char Q_LINK_DROP_FROM[] = "DELETE FROM org_link WHERE org = ?1 AND from_date >= ?2";
static const char Q_LINK_DROP[] = "DELETE FROM org_link WHERE org = ?1";
static const char Q_LINK_CUT[] = "UPDATE org_link SET to_date = ?2 WHERE org = ?1 AND to_date > ?2";
static const char Q_ANC_DROP[] = "DELETE FROM org_anc WHERE org = ?1";
static const char Q_ANC_ADD[] = "INSERT INTO org_anc (org, anc, from_date, to_date) VALUES (?1, ?2, ?3, ?4)";

static const char Q_PARENT_ANC[] = "SELECT anc, from_date, to_date FROM org_anc WHERE org = ?1";

#define SINCE_EVER "0001-01-01"
#define FOR_EVER "9999-12-31"
enum { DAY_FIRST = INT32_MIN + 1, DAY_LAST = INT32_MAX, DEPTH_MAX = 64 };

/* Dated lines; of a link the organisation is the parent. */
struct lines {
	struct anc *list;
	size_t n, cap;
};

struct run {
	size_t first, n;
};

/* One organisation's runs in the two arrays. */
struct node {
	int64_t org;
	struct run anc, link;
};

struct tree {
	struct arena a;
	struct lines anc, links;
	struct node *nodes;
	size_t nodes_n, nodes_cap;
	struct imap node_at; /* org -> index in nodes + 1 */
};

static int32_t day_of(str iso)
{
	int32_t day;
	if (date_parse(iso, &day))
		return day;
	return str_cmp(iso, STR("1900-01-01")) < 0 ? DAY_FIRST : DAY_LAST;
}

static str iso_of(struct arena *a, int32_t day)
{
	if (day == DAY_FIRST)
		return STR(SINCE_EVER);
	return day == DAY_LAST ? STR(FOR_EVER) : date_str(a, day);
}

static struct node *node_of(struct tree *t, int64_t org)
{
	int64_t *at = imap_at(&t->node_at, (uint64_t)org);
	if (*at == 0) {
		t->nodes = arena_grow(&t->a, t->nodes, t->nodes_n, &t->nodes_cap, sizeof *t->nodes);
		t->nodes[t->nodes_n++] = (struct node){.org = org};
		*at = (int64_t)t->nodes_n;
	}
	return &t->nodes[*at - 1];
}

static const struct node *node_find(const struct tree *t, int64_t org)
{
	int64_t at;
	return imap_has(&t->node_at, (uint64_t)org, &at) ? &t->nodes[at - 1] : NULL;
}

/* All dated lines of a table, ordered by organisation. */
static enum rc load(struct db *db, const char *sql, struct tree *t, bool ancestors, struct err *err)
{
	struct lines *to = ancestors ? &t->anc : &t->links;
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, sql, &s, err));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		to->list = arena_grow(&t->a, to->list, to->n, &to->cap, sizeof *to->list);
		struct node *node = node_of(t, stmt_i64(s, 0));
		struct run *run = ancestors ? &node->anc : &node->link;
		if (run->n++ == 0)
			run->first = to->n;
		to->list[to->n++] =
			(struct anc){stmt_i64(s, 1), day_of(stmt_text(s, 2)), day_of(stmt_text(s, 3))};
	}
}

enum rc tree_load(struct db *db, struct tree **out_tree, struct err *err)
{
	struct tree *t = mem_resize(NULL, sizeof *t);
	*t = (struct tree){0};
	enum rc rc = load(db, Q_LINK_ALL, t, false, err);
	if (rc == RC_OK)
		rc = load(db, Q_ANC_ALL, t, true, err);
	if (rc != RC_OK) {
		tree_free(t);
		return rc;
	}
	*out_tree = t;
	return RC_OK;
}

void tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	imap_done(&t->node_at);
	arena_done(&t->a);
	mem_resize(t, 0);
}

size_t tree_size(const struct tree *t)
{
	return t->nodes_n;
}

const struct anc *tree_ancestors(const struct tree *t, int64_t org, size_t *out_n)
{
	const struct node *node = node_find(t, org);
	*out_n = node ? node->anc.n : 0;
	return node ? &t->anc.list[node->anc.first] : NULL;
}

bool tree_under(const struct tree *t, int64_t org, int64_t anc, int32_t day)
{
	size_t n;
	const struct anc *list = tree_ancestors(t, org, &n);
	for (size_t i = 0; i < n; i++)
		if (list[i].org == anc && list[i].from <= day && day < list[i].to)
			return true;
	return false;
}

int64_t tree_parent(const struct tree *t, int64_t org, int32_t day)
{
	const struct node *node = node_find(t, org);
	for (size_t i = 0; node && i < node->link.n; i++) {
		const struct anc *l = &t->links.list[node->link.first + i];
		if (l->from <= day && day < l->to)
			return l->org;
	}
	return 0;
}

const int64_t *tree_subtree_span(
	struct arena *a, const struct tree *t, int64_t anc, int32_t from, int32_t to, size_t *out_n)
{
	int64_t *list = NULL;
	size_t n = 0, cap = 0;
	for (size_t k = 0; k < t->nodes_n; k++) {
		const struct node *node = &t->nodes[k];
		bool in = false;
		for (size_t i = 0; i < node->anc.n && !in; i++) {
			const struct anc *x = &t->anc.list[node->anc.first + i];
			in = x->org == anc && x->from < to && from < x->to;
		}
		if (!in)
			continue;
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = node->org;
	}
	*out_n = n;
	return list;
}

const int64_t *tree_subtree(struct arena *a, const struct tree *t, int64_t anc, int32_t day, size_t *out_n)
{
	return tree_subtree_span(a, t, anc, day, day + 1, out_n);
}

/* ---- writing ---- */

/* Add [from, to) of anc, melting it with an interval that it meets or overlaps. */
static void span_add(struct arena *a, struct lines *l, int64_t anc, int32_t from, int32_t to)
{
	if (from >= to)
		return;
	for (size_t i = 0; i < l->n;) {
		struct anc *x = &l->list[i];
		if (x->org != anc || x->to < from || to < x->from) {
			i++;
			continue;
		}
		from = x->from < from ? x->from : from;
		to = x->to > to ? x->to : to;
		*x = l->list[--l->n];
		i = 0;
	}
	l->list = arena_grow(a, l->list, l->n, &l->cap, sizeof *l->list);
	l->list[l->n++] = (struct anc){anc, from, to};
}

/* All ancestors of org over [from, to), from the links alone. */
static enum rc climb(struct arena *a, const struct tree *t, int64_t org, int32_t from, int32_t to, int depth,
	struct lines *out, struct err *err)
{
	if (depth > DEPTH_MAX)
		return FAIL(err, RC_INVALID, "the organisation tree is deeper than %d levels", DEPTH_MAX);
	span_add(a, out, org, from, to);
	const struct node *node = node_find(t, org);
	for (size_t i = 0; node && i < node->link.n; i++) {
		const struct anc *l = &t->links.list[node->link.first + i];
		int32_t lo = l->from > from ? l->from : from, hi = l->to < to ? l->to : to;
		if (lo < hi)
			TRY(climb(a, t, l->org, lo, hi, depth + 1, out, err));
	}
	return RC_OK;
}

static enum rc rewrite_ancestors(
	struct db *db, struct arena *a, const struct tree *t, int64_t org, struct err *err)
{
	struct lines spans = {0};
	struct stmt *s;
	TRY(climb(a, t, org, DAY_FIRST, DAY_LAST, 0, &spans, err));
	TRY(db_prepare(db, Q_ANC_DROP, &s, err));
	stmt_bind_i64(s, 1, org);
	TRY(stmt_run(s, err));
	for (size_t i = 0; i < spans.n; i++) {
		TRY(db_prepare(db, Q_ANC_ADD, &s, err));
		stmt_bind_i64(s, 1, org);
		stmt_bind_i64(s, 2, spans.list[i].org);
		stmt_bind_text(s, 3, iso_of(a, spans.list[i].from));
		stmt_bind_text(s, 4, iso_of(a, spans.list[i].to));
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

static enum rc link_add(
	struct db *db, struct arena *a, int64_t org, int64_t parent, int32_t from, struct err *err)
{
	struct stmt *s;
	TRY(db_prepare(db, Q_LINK_ADD, &s, err));
	stmt_bind_i64(s, 1, org);
	stmt_bind_i64(s, 2, parent);
	stmt_bind_text(s, 3, iso_of(a, from));
	stmt_bind_text(s, 4, STR(FOR_EVER));
	return stmt_run(s, err);
}

/* The parent's ancestors in [from, open) and org itself: what an attached organisation has. No reload: imports attach
 * thousands. */
static enum rc attach(
	struct db *db, struct arena *a, int64_t org, int64_t parent, int32_t from, struct err *err)
{
	struct lines spans = {0};
	struct stmt *s;
	bool row;
	span_add(a, &spans, org, DAY_FIRST, DAY_LAST);
	TRY(db_prepare(db, Q_PARENT_ANC, &s, err));
	stmt_bind_i64(s, 1, parent);
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			break;
		int32_t lo = day_of(stmt_text(s, 1));
		span_add(a, &spans, stmt_i64(s, 0), lo > from ? lo : from, day_of(stmt_text(s, 2)));
	}
	if (parent != 0 && spans.n == 1)
		return FAIL(err, RC_NOT_FOUND, "organisation #%lld does not stand in the tree",
			(long long)parent);
	for (size_t i = 0; i < spans.n; i++) {
		TRY(db_prepare(db, Q_ANC_ADD, &s, err));
		stmt_bind_i64(s, 1, org);
		stmt_bind_i64(s, 2, spans.list[i].org);
		stmt_bind_text(s, 3, iso_of(a, spans.list[i].from));
		stmt_bind_text(s, 4, iso_of(a, spans.list[i].to));
		TRY(stmt_run(s, err));
	}
	return parent ? link_add(db, a, org, parent, from, err) : RC_OK;
}

enum rc tree_attach(struct db *db, int64_t org, int64_t parent, int32_t from, struct err *err)
{
	struct arena a = {0};
	enum rc rc = attach(db, &a, org, parent, from == DATE_NONE ? DAY_FIRST : from, err);
	arena_done(&a);
	return rc;
}

enum rc tree_detach(struct db *db, int64_t org, struct err *err)
{
	static const char *const both[] = {Q_LINK_DROP, Q_ANC_DROP};
	for (size_t i = 0; i < 2; i++) {
		struct stmt *s;
		TRY(db_prepare(db, both[i], &s, err));
		stmt_bind_i64(s, 1, org);
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

static enum rc cut_links(struct db *db, struct arena *a, int64_t org, int32_t from, struct err *err)
{
	static const char *const both[] = {Q_LINK_DROP_FROM, Q_LINK_CUT};
	for (size_t i = 0; i < 2; i++) {
		struct stmt *s;
		TRY(db_prepare(db, both[i], &s, err));
		stmt_bind_i64(s, 1, org);
		stmt_bind_text(s, 2, iso_of(a, from));
		TRY(stmt_run(s, err));
	}
	return RC_OK;
}

static enum rc move(struct db *db, struct arena *a, struct tree **t, int64_t org, int64_t parent,
	int32_t from, bool *out_moved, struct err *err)
{
	size_t n;
	const struct node *node = node_find(*t, org);
	if (node == NULL || node_find(*t, parent) == NULL)
		return FAIL(err, RC_NOT_FOUND, "organisation #%lld does not stand in the tree",
			(long long)(node ? parent : org));
	const int64_t *below = tree_subtree_span(a, *t, org, from, DAY_LAST, &n);
	for (size_t i = 0; i < n; i++)
		if (below[i] == parent)
			return FAIL(err, RC_INVALID,
				"an organisation cannot move under itself or one of its own");
	const struct anc *last = node->link.n ? &(*t)->links.list[node->link.first + node->link.n - 1] : NULL;
	if (last && last->org == parent && last->from <= from && last->to == DAY_LAST) {
		*out_moved = false;
		return RC_OK;
	}
	/* All that ever stood under org: their ancestors are made again. */
	below = tree_subtree_span(a, *t, org, DAY_FIRST, DAY_LAST, &n);
	TRY(cut_links(db, a, org, from, err));
	TRY(link_add(db, a, org, parent, from, err));
	tree_free(*t);
	*t = NULL;
	TRY(tree_load(db, t, err));
	for (size_t i = 0; i < n; i++)
		TRY(rewrite_ancestors(db, a, *t, below[i], err));
	*out_moved = true;
	return RC_OK;
}

enum rc tree_move(
	struct db *db, int64_t org, int64_t new_parent, int32_t from, bool *out_moved, struct err *err)
{
	struct arena a = {0};
	struct tree *t = NULL;
	enum rc rc = tree_load(db, &t, err);
	if (rc == RC_OK)
		rc = move(db, &a, &t, org, new_parent, from, out_moved, err);
	tree_free(t);
	arena_done(&a);
	return rc;
}
