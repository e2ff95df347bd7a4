/* coverage.c -- see coverage.h. */
#include "figure/coverage.h"
#include "base/date.h"
#include "base/map.h"
#include "register/rule_file.h"

#define FILE_NAME "rules/coverage.yaml"

static const char Q_UNITS[] =
	"SELECT \"id\", code, name, short_name, kind, school_kind FROM \"org\" WHERE state = 'valid'"
	" AND (founded IS NULL OR founded <= ?1) AND (dissolved IS NULL OR dissolved > ?1) ORDER BY code";

/* ---- the rules ---- */

static bool days_of(str text, int32_t *out)
{
	int64_t v;
	if (!str_i64(text, &v) || v < 1 || v > 3660)
		return false;
	*out = (int32_t)v;
	return true;
}

static enum rc activity(struct rule_file *r, const struct yaml *y, struct cover_activity *out)
{
	if (y->kind != YAML_MAP)
		return rule_bad(r, y, "activities");
	TRY(rule_reg(r, y, "of", &out->reg));
	TRY(rule_path(r, y, "on", out->reg, &out->on));
	TRY(rule_when(r, y, "when", out->reg, &out->when));
	return out->when ? RC_OK : rule_bad(r, y, "when");
}

static enum rc list_of(
	struct rule_file *r, const struct yaml *root, const char *key, size_t max, const struct yaml **out)
{
	*out = yaml_get(root, key);
	return *out && (*out)->kind == YAML_LIST && (*out)->n > 0 && (*out)->n <= max
		       ? RC_OK
		       : rule_bad(r, root, key);
}

static enum rc read_all(struct rule_file *r, const struct yaml *root, struct cover_rules *out)
{
	const struct yaml *list;
	if (!days_of(rule_text(root, "silent_after"), &out->silent_after))
		return rule_bad(r, root, "silent_after");
	TRY(list_of(r, root, "shades", COVER_SHADES, &list));
	for (size_t i = 0; i < COVER_SHADES; i++)
		if (i >= list->n || !days_of(list->items[i].text, &out->shades[i]) ||
			out->shades[i] > out->silent_after || (i && out->shades[i] < out->shades[i - 1]))
			return rule_bad(r, root, "shades");
	TRY(list_of(r, root, "units", sizeof out->units / sizeof *out->units, &list));
	for (size_t i = 0; i < list->n; i++)
		out->units[out->units_n++] = list->items[i].text;
	if (yaml_get(root, "schools")) {
		TRY(list_of(r, root, "schools", sizeof out->schools / sizeof *out->schools, &list));
		for (size_t i = 0; i < list->n; i++)
			out->schools[out->schools_n++] = list->items[i].text;
	}
	out->group = rule_text(root, "in_groups_of");
	TRY(list_of(r, root, "activities", COVER_ACTIVITIES_MAX, &list));
	for (size_t i = 0; i < list->n; i++)
		TRY(activity(r, &list->items[i], &out->activities[out->activities_n++]));
	return RC_OK;
}

enum rc cover_rules_read(struct arena *a, const struct model *m, struct cover_rules *out, struct err *err)
{
	struct rule_file r;
	*out = (struct cover_rules){0};
	TRY(rule_file_open(&r, a, m, FILE_NAME, err));
	return read_all(&r, &r.root, out);
}

/* ---- the days ---- */

/* Latest day by organisation; stored + 1 so that 0 is none. */
static void later(struct imap *last, int64_t org, int32_t day)
{
	int64_t *at = imap_at(last, (uint64_t)org);
	if (day + 1 > *at)
		*at = day + 1;
}

/* All that the organisation stands under that day, itself included. */
static void later_up(struct imap *last, const struct tree *tree, int64_t org, int32_t today, int32_t day)
{
	size_t n;
	const struct anc *list = tree_ancestors(tree, org, &n);
	for (size_t i = 0; i < n; i++)
		if (list[i].from <= today && list[i].to > today)
			later(last, list[i].org, day);
}

/* ",3,17,": held together with these. */
static void later_hosts(struct imap *last, const struct tree *tree, str list, int32_t today, int32_t day)
{
	while (list.n) {
		int64_t id;
		str one = str_cut(list, ',', &list);
		if (one.n && str_i64(one, &id))
			later_up(last, tree, id, today, day);
	}
}

static enum rc gather(
	struct reader *r, const struct cover_activity *act, int32_t today, struct imap *last, struct err *err)
{
	struct query q;
	struct stmt *s;
	bool row;
	query_init(&q, r->a, r->city->model, act->reg, r->city->seal);
	str when = query_expr(&q, act->when), day = query_day(&q, &act->on), from = query_from(&q);
	int until = query_param_text(&q, date_str(r->a, today));
	const struct field *hosts = act->reg->cohosts;
	str more = hosts ? arena_fmt(r->a, ", r.\"%.*s\"", STR_ARG(hosts->id)) : STR("");
	str sql = arena_fmt(r->a,
		"SELECT r.\"org\", MAX(%.*s)%.*s %.*s WHERE (%.*s) AND %.*s <= ?%d GROUP BY r.\"org\"%.*s",
		STR_ARG(day), STR_ARG(more), STR_ARG(from), STR_ARG(when), STR_ARG(day), until,
		STR_ARG(more));
	TRY(db_prepare(r->db, sql.p, &s, err));
	query_bind(&q, s);
	for (;;) {
		int32_t on;
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		if (!date_parse(stmt_text(s, 1), &on))
			continue;
		later_up(last, r->tree, stmt_i64(s, 0), today, on);
		if (hosts)
			later_hosts(last, r->tree, stmt_text(s, 2), today, on);
	}
}

/* ---- the units ---- */

static bool is_unit(const struct cover_rules *rules, str kind, str school)
{
	const str *kinds = rules->of_schools ? rules->schools : rules->units;
	size_t n = rules->of_schools ? rules->schools_n : rules->units_n;
	for (size_t i = 0; i < n; i++)
		if (str_eq(kinds[i], kind))
			return !rules->of_schools || school.n > 0;
	return false;
}

static void fill(const struct cover_rules *rules, const struct imap *last, int32_t day, struct cover_unit *u)
{
	int64_t stored = 0;
	imap_has(last, (uint64_t)u->org, &stored);
	u->last = stored ? (int32_t)stored - 1 : DATE_NONE;
	u->days = stored ? day - u->last : COVER_NEVER;
	u->shade = 0;
	while (u->shade < COVER_SHADES && u->days > rules->shades[u->shade])
		u->shade++;
	if (u->days == COVER_NEVER || u->days > rules->silent_after)
		u->shade = COVER_SHADES + 1;
}

/* The nearest superior of the gathering kind (its organisations are in `groups`), else the parent. */
static int64_t group_of(const struct tree *tree, const struct imap *groups, int64_t org, int32_t day)
{
	int64_t parent = tree_parent(tree, org, day);
	for (int64_t up = parent; up; up = tree_parent(tree, up, day))
		if (imap_has(groups, (uint64_t)up, NULL))
			return up;
	return parent;
}

static enum rc list_units(struct reader *r, const struct cover_rules *rules, int64_t org, int32_t day,
	struct imap *groups, struct cover_unit **out, size_t *out_n, struct err *err)
{
	struct stmt *s;
	bool row;
	size_t cap = 0;
	TRY(db_prepare(r->db, Q_UNITS, &s, err));
	stmt_bind_text(s, 1, date_str(r->a, day));
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row)
			return RC_OK;
		int64_t id = stmt_i64(s, 0);
		str kind = stmt_text(s, 4);
		if (str_eq(kind, rules->group))
			*imap_at(groups, (uint64_t)id) = 1 + (int64_t)groups->n;
		if (!is_unit(rules, kind, stmt_text(s, 5)) || !tree_under(r->tree, id, org, day))
			continue;
		*out = arena_grow(r->a, *out, *out_n, &cap, sizeof **out);
		(*out)[(*out_n)++] =
			(struct cover_unit){.org = id, .name = stmt_str(r->a, s, stmt_null(s, 3) ? 2 : 3)};
	}
}

/* Groups in the order of their codes, which is the order in which they were met; within one as found. */
static void by_group(struct cover_unit *list, size_t n, struct arena *a)
{
	struct cover_unit *sorted = NEWS(a, n + 1, struct cover_unit);
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++)
			seen = list[k].group == list[i].group;
		for (size_t k = i; !seen && k < n; k++)
			if (list[k].group == list[i].group)
				sorted[at++] = list[k];
	}
	memcpy(list, sorted, n * sizeof *list);
}

static enum rc units(struct reader *r, const struct cover_rules *rules, int64_t org, int32_t day,
	struct imap *last, struct imap *groups, struct cover_unit **out, size_t *out_n, struct err *err)
{
	TRY(list_units(r, rules, org, day, groups, out, out_n, err));
	for (size_t i = 0; *out_n && i < rules->activities_n; i++)
		TRY(gather(r, &rules->activities[i], day, last, err));
	for (size_t i = 0; i < *out_n; i++) {
		(*out)[i].group = group_of(r->tree, groups, (*out)[i].org, day);
		fill(rules, last, day, &(*out)[i]);
	}
	by_group(*out, *out_n, r->a);
	return RC_OK;
}

enum rc cover_units(struct reader *r, const struct cover_rules *rules, int64_t org, int32_t day,
	struct cover_unit **out, size_t *out_n, struct err *err)
{
	struct imap last = {0}, groups = {0};
	*out = NULL;
	*out_n = 0;
	enum rc rc = units(r, rules, org, day, &last, &groups, out, out_n, err);
	imap_done(&last);
	imap_done(&groups);
	return rc;
}

void cover_put_json(struct json *j, struct arena *a, const struct cover_unit *u)
{
	json_object(j);
	json_put_i64(j, "org", u->org);
	json_put_str(j, "name", u->name);
	json_put_i64(j, "group", u->group);
	json_key(j, "last");
	if (u->days == COVER_NEVER)
		json_null(j);
	else
		json_str(j, date_str(a, u->last));
	json_key(j, "days");
	if (u->days == COVER_NEVER)
		json_null(j);
	else
		json_i64(j, u->days);
	json_put_bool(j, "silent", cover_silent(u));
	json_object_end(j);
}
