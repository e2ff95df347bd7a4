/* help_book.c -- see help_book.h. */
#include "register/help_book.h"
#include "format/yaml.h"
#include "register/expr.h"

struct reading {
	struct arena *a;
	const struct model *m;
	const char *file;
	struct err *err;
};

static enum rc bad(struct reading *r, const struct yaml *at, const char *key)
{
	return FAIL(r->err, RC_INVALID, "%s, line %d: “%s” is missing or not as it should be", r->file,
		at->line, key);
}

static str text_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = map->kind == YAML_MAP ? yaml_get(map, key) : NULL;
	return y && y->kind == YAML_SCALAR ? y->text : (str){NULL, 0};
}

static enum rc label_at(struct reading *r, const struct yaml *y, const char *key, struct label *out)
{
	*out = (struct label){text_of(y, "zh"), text_of(y, "en")};
	return out->zh.n && out->en.n ? RC_OK : bad(r, y, key);
}

static enum rc label_of(struct reading *r, const struct yaml *map, const char *key, struct label *out)
{
	const struct yaml *y = map->kind == YAML_MAP ? yaml_get(map, key) : NULL;
	return y ? label_at(r, y, key, out) : bad(r, map, key);
}

static enum rc labels_of(
	struct reading *r, const struct yaml *map, const char *key, const struct label **out, size_t *out_n)
{
	const struct yaml *y = yaml_get(map, key);
	*out_n = 0;
	if (y == NULL)
		return RC_OK;
	if (y->kind != YAML_LIST)
		return bad(r, y, key);
	struct label *list = NEWS(r->a, y->n + 1, struct label);
	for (size_t i = 0; i < y->n; i++)
		TRY(label_at(r, &y->items[i], key, &list[i]));
	*out = list;
	*out_n = y->n;
	return RC_OK;
}

static enum rc screen(struct reading *r, const struct yaml_pair *p, struct help_screen *s)
{
	const struct yaml *routes = p->value.kind == YAML_MAP ? yaml_get(&p->value, "routes") : NULL;
	s->id = p->key;
	TRY(label_of(r, &p->value, "label", &s->label));
	TRY(label_of(r, &p->value, "for", &s->what));
	TRY(label_of(r, &p->value, "who", &s->who));
	TRY(labels_of(r, &p->value, "steps", &s->steps, &s->steps_n));
	TRY(labels_of(r, &p->value, "slips", &s->slips, &s->slips_n));
	if (routes == NULL || routes->kind != YAML_LIST)
		return bad(r, &p->value, "routes");
	str *list = NEWS(r->a, routes->n + 1, str);
	for (size_t i = 0; i < routes->n; i++)
		list[i] = routes->items[i].text;
	s->routes = list;
	s->routes_n = routes->n;
	return RC_OK;
}

static enum rc done_of(struct reading *r, const struct yaml *y, struct help_task *t)
{
	struct expr *e;
	if (y == NULL)
		return RC_OK;
	t->reg = model_reg(r->m, text_of(y, "register"));
	t->where = text_of(y, "where");
	if (t->reg == NULL)
		return bad(r, y, "register");
	enum rc rc = expr_parse(r->a, r->m, t->reg, t->where, EXPR_FREE, E_BOOL, &e, r->err);
	return rc == RC_OK ? rc : err_at(r->err, rc, "%s, line %d", r->file, y->line);
}

static enum rc tour(struct reading *r, const struct yaml_pair *p, struct help_tour *t)
{
	const struct yaml *tasks = p->value.kind == YAML_MAP ? yaml_get(&p->value, "tasks") : NULL;
	t->role = p->key;
	TRY(label_of(r, &p->value, "label", &t->label));
	if (model_role(r->m, t->role) == NULL || tasks == NULL || tasks->kind != YAML_LIST)
		return bad(r, &p->value, "tasks");
	struct help_task *list = NEWS(r->a, tasks->n + 1, struct help_task);
	for (size_t i = 0; i < tasks->n; i++) {
		const struct yaml *y = &tasks->items[i];
		TRY(label_of(r, y, "task", &list[i].task));
		TRY(label_of(r, y, "how", &list[i].how));
		list[i].href = text_of(y, "href");
		if (!str_starts(list[i].href, STR("/")))
			return bad(r, y, "href");
		TRY(done_of(r, yaml_get(y, "done"), &list[i]));
	}
	t->tasks = list;
	t->tasks_n = tasks->n;
	return RC_OK;
}

/* The map below the file's one key; NULL: there is no such file. */
static enum rc map_of(struct reading *r, const char *path, const char *key, const struct yaml **out)
{
	*out = NULL;
	r->file = path;
	for (size_t i = 0; i < r->m->texts_n; i++) {
		struct yaml *root = NEW(r->a, struct yaml);
		if (!str_is(r->m->texts[i].path, path))
			continue;
		enum rc rc = yaml_read(r->a, r->m->texts[i].text, root, NULL, NULL, r->err);
		if (rc != RC_OK)
			return err_at(r->err, rc, "%s", path);
		*out = root->kind == YAML_MAP ? yaml_get(root, key) : NULL;
		return *out && (*out)->kind == YAML_MAP ? RC_OK : bad(r, root, key);
	}
	return RC_OK;
}

enum rc help_read(struct arena *a, const struct model *m, struct help_book **out, struct err *err)
{
	struct reading r = {.a = a, .m = m, .err = err};
	struct help_book *b = NEW(a, struct help_book);
	const struct yaml *map;
	TRY(map_of(&r, "help/screens.yaml", "screens", &map));
	struct help_screen *screens = NEWS(a, map ? map->n + 1 : 1, struct help_screen);
	for (size_t i = 0; map && i < map->n; i++)
		TRY(screen(&r, &map->pairs[i], &screens[b->screens_n++]));
	TRY(map_of(&r, "help/tour.yaml", "tours", &map));
	struct help_tour *tours = NEWS(a, map ? map->n + 1 : 1, struct help_tour);
	for (size_t i = 0; map && i < map->n; i++)
		TRY(tour(&r, &map->pairs[i], &tours[b->tours_n++]));
	b->screens = screens;
	b->tours = tours;
	*out = b;
	return RC_OK;
}

const struct help_screen *help_screen(const struct help_book *b, str id)
{
	for (size_t i = 0; i < b->screens_n; i++)
		if (str_eq(b->screens[i].id, id))
			return &b->screens[i];
	return NULL;
}

const struct help_screen *help_of_route(const struct help_book *b, const char *path)
{
	for (size_t i = 0; i < b->screens_n; i++)
		for (size_t k = 0; k < b->screens[i].routes_n; k++)
			if (str_is(b->screens[i].routes[k], path))
				return &b->screens[i];
	return NULL;
}

const struct help_tour *help_tour(const struct help_book *b, str role)
{
	for (size_t i = 0; i < b->tours_n; i++)
		if (str_eq(b->tours[i].role, role))
			return &b->tours[i];
	return NULL;
}
