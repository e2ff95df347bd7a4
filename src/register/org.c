/* org.c -- organisations: rows of the register `org` that also stand in the tree (tree.h, record.h). */
#include "register/change.h"
#include "register/row.h"

static enum rc reload(struct job_ctx *c, struct err *err)
{
	struct tree *t;
	TRY(tree_load(c->db, &t, err));
	city_tree_put(job_city(c), t);
	return RC_OK;
}

enum rc org_add(struct job_ctx *c, int64_t parent, int32_t from, const struct entry *entries, size_t n,
	int64_t *out_id, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg *reg = model_reg(city->model, STR("org"));
	const struct field *f = reg_field(reg, STR("parent"));
	struct entry *all = NEWS(c->a, n + 1, struct entry);
	memcpy(all, entries, n * sizeof *all);
	if (f && parent)
		all[n++] = (struct entry){f, {.kind = V_INT, .i = parent}};
	int64_t id;
	TRY(record_ids(c, reg, 1, &id, err));
	/* The tree first: authorisation of the new row asks where it stands. */
	TRY(tree_attach(c->db, id, parent, from, err));
	city->tree_behind = true;
	struct record_input in = {
		.reg = reg, .org = id, .entries = all, .entries_n = n, .source = STR("form")};
	TRY(record_slice_add(c, &in, id, err));
	TRY(record_slice_end(c, reg, id, 1, NULL, NULL, err));
	*out_id = id;
	c->action = STR("add");
	c->subject = arena_fmt(c->a, "org:%lld", (long long)id);
	return RC_OK;
}

enum rc org_remove(struct job_ctx *c, int64_t org, struct err *err)
{
	TRY(tree_detach(c->db, org, err));
	job_city(c)->tree_behind = true;
	return RC_OK;
}

static enum rc tell_tree(struct job_ctx *c, int64_t org, int32_t from, struct err *err)
{
	struct city *city = job_city(c);
	size_t n;
	const int64_t *orgs = tree_subtree_span(c->a, city->tree, org, INT32_MIN + 1, INT32_MAX, &n);
	for (int i = 0; city->changes && i < city->changes->n; i++) {
		const struct change_observer *o = &city->changes->list[i];
		if (o->before_tree)
			TRY(o->before_tree(o->user, c->db, orgs, n, from, err));
	}
	return RC_OK;
}

enum rc org_move(struct job_ctx *c, int64_t org, int64_t parent, int32_t from, struct err *err)
{
	struct city *city = job_city(c);
	const struct reg *reg = model_reg(city->model, STR("org"));
	const struct field *f = reg_field(reg, STR("parent"));
	bool moved = false;
	TRY(city_tree_now(city, c->db, err));
	if (tree_parent(city->tree, org, from) == parent)
		return RC_OK;
	TRY(tell_tree(c, org, from, err));
	TRY(tree_move(c->db, org, parent, from, &moved, err));
	TRY(reload(c, err));
	if (moved && f) {
		struct entry e = {f, {.kind = V_INT, .i = parent}};
		TRY(record_set(c, reg, org, 0, &e, 1, err));
	}
	c->action = STR("move");
	c->subject = arena_fmt(c->a, "org:%lld", (long long)org);
	c->detail = arena_fmt(c->a, "parent:%lld", (long long)parent);
	return RC_OK;
}
