/* model_public.c -- what of a register is open to anybody: public (rows to read) and door (rows to leave); docs/declaring.md.
 * Refused here, so that no page has to think of it: sealed fields, people, files, references to registers about people,
 * and registers of sealed sensitivity. Runs when all registers are read and access_link has been. */
#include "register/model_load.h"

static const char *const PLACES[] = {
	"event", "article", "post", "contest", "entry", "vote", "edition", "stage", "label", NULL};

static void set_add(uint64_t set[2], const struct field *f)
{
	set[f->at / 64] |= (uint64_t)1 << (f->at % 64);
}

static const struct field *field_at(struct load *l, const struct reg *r, const struct yaml *y)
{
	const struct field *f = reg_field(r, y->text);
	if (f == NULL)
		fault_at(l, y, hint_mean(l, reg_suggest_field(r, y->text)),
			N_("the register %.*s has no field “%.*s”"), STR_ARG(r->id), STR_ARG(y->text));
	return f;
}

static bool may_be_open(const struct field *f)
{
	if (f->sealed || field_storage(f) == STORE_SEALED || f->type == T_PERSON || f->custody)
		return false;
	if (f->to_reg && (str_is(f->to_reg->id, "person") || f->to_reg->sensitivity > SENS_INTERNAL))
		return false;
	return true;
}

static const struct field *open_field(
	struct load *l, const struct reg *r, const struct yaml *map, const char *key, uint64_t shown[2])
{
	const struct yaml *y = yaml_get(map, key);
	if (y == NULL || y->kind != YAML_SCALAR)
		return NULL;
	const struct field *f = field_at(l, r, y);
	if (f == NULL)
		return NULL;
	if (!may_be_open(f))
		fault_at(l, y, "", N_("“%.*s” can never be public: it is sealed or leads to people"),
			STR_ARG(f->id));
	set_add(shown, f);
	return f;
}

static void read_open(struct load *l, struct reg *r, const struct yaml *map)
{
	static const char *const keys[] = {
		"as", "states", "when", "show", "last_day", "at", "place", "kind", "text", NULL};
	struct reg_public *o = NEW(l->a, struct reg_public);
	const struct yaml **list = NULL;
	keys_known(l, map, keys);
	o->as = get_text(l, map, "as", true);
	bool known = false;
	for (const char *const *p = PLACES; *p; p++)
		known = known || str_is(o->as, *p);
	if (!known)
		fault_at(l, map, tr("event, article, post, contest, entry, vote, edition or label"),
			N_("“%.*s” is no place of the street"), STR_ARG(o->as));
	if (r->sensitivity == SENS_SEALED)
		fault_at(l, map, "", N_("a register of sealed rows has nothing public"));
	get_texts(l, map, "states", &o->states, &o->states_n);
	for (size_t i = 0; i < o->states_n; i++)
		if (reg_state(r, o->states[i]) == NULL)
			fault_at(l, map, "", N_("no state “%.*s” is declared"), STR_ARG(o->states[i]));
	if (o->states_n == 0)
		fault_at(l, map, "", N_("“%s:” is missing"), "states");
	const struct yaml *when = yaml_get(map, "when");
	if (when)
		o->when = read_expr(l, when, r, EXPR_FREE, E_BOOL);
	size_t n = get_list(l, map, "show", &list);
	for (size_t i = 0; i < n; i++) {
		const struct field *f = field_at(l, r, list[i]);
		if (f && !may_be_open(f))
			fault_at(l, list[i], "",
				N_("“%.*s” can never be public: it is sealed or leads to people"),
				STR_ARG(f->id));
		else if (f)
			set_add(o->shown, f);
	}
	o->last_day = open_field(l, r, map, "last_day", o->shown);
	o->at = open_field(l, r, map, "at", o->shown);
	o->place = open_field(l, r, map, "place", o->shown);
	o->kind = open_field(l, r, map, "kind", o->shown);
	o->text = open_field(l, r, map, "text", o->shown);
	r->open = o;
}

static void read_door(struct load *l, struct reg *r, const struct yaml *map)
{
	static const char *const keys[] = {"takes", "tells", "code", "told", "due", NULL};
	struct reg_door *d = NEW(l->a, struct reg_door);
	const struct yaml **list = NULL, *y;
	keys_known(l, map, keys);
	for (int k = 0; k < 2; k++) {
		size_t n = get_list(l, map, k ? "tells" : "takes", &list);
		for (size_t i = 0; i < n; i++) {
			const struct field *f = field_at(l, r, list[i]);
			if (f)
				set_add(k ? d->tells : d->takes, f);
		}
	}
	y = yaml_get(map, "code");
	d->code = y ? field_at(l, r, y) : NULL;
	if (d->code == NULL || !d->code->sealed || !d->code->unique)
		fault_at(l, map, "", N_("“door:” needs a “code:”, a sealed field that stands once"));
	y = yaml_get(map, "told");
	d->told = y ? field_at(l, r, y) : NULL;
	if (d->told == NULL || (d->told->type != T_DATE && d->told->type != T_TIME))
		fault_at(l, map, "", N_("“door:” needs “told:”, a date or a time"));
	y = yaml_get(map, "due");
	d->due = y ? field_at(l, r, y) : NULL;
	if (d->due && d->due->type != T_DATE)
		fault_at(l, y, "", N_("“due:” of a door is a date"));
	r->door = d;
}

void public_link(struct load *l, struct reg *r, const struct yaml *root)
{
	const struct yaml *open = yaml_get(root, "public"), *door = yaml_get(root, "door");
	if (open && is_map(l, open))
		read_open(l, r, open);
	if (door && is_map(l, door))
		read_door(l, r, door);
}
