/* demo_city.c -- organisations and people of the demo (demo.h). Shape: the 95th percentile of real cities (16 counties,
 * 246 townships) at 100,000 people, fewer below; a quarter of the people each are Pioneers and pupils. */
#include "base/date.h"
#include "base/ident.h"
#include "base/region.h"
#include "cli/demo.h"

enum { BORN_AWAY_ONE_IN = 8 };
enum { PER_BRANCH = 24, SLICE = 1000, FRESH_PERCENT = 6, VOID_PERSONS = 6 };

struct org_wish {
	int64_t parent;
	int level, county;
	const char *kind, *school;
	str name, code;
	enum demo_class members;
	str place;
	bool two_new, fresh; /* a new kind of firm; founded this year */
};

static struct entry text_entry(const struct reg *reg, const char *id, str text)
{
	return (struct entry){reg_field(reg, str_of(id)), {.kind = text.n ? V_TEXT : V_NULL, .t = text}};
}

static enum rc make_org(
	struct job_ctx *c, struct demo *d, const struct org_wish *w, int64_t *out_id, struct err *err)
{
	const struct reg *reg = model_reg(d->city->model, STR("org"));
	int32_t founded = date_of(d->year - 3 - (int)demo_between(d, 0, 30), 5, 4);
	if (w->fresh || (w->members == CLASS_YOUTH && demo_chance(d, FRESH_PERCENT)))
		founded = date_of(d->year, (int)demo_between(d, 2, 10), (int)demo_between(d, 1, 28));
	struct entry list[9] = {text_entry(reg, "code", w->code), text_entry(reg, "name", w->name),
		text_entry(reg, "short_name", w->place), text_entry(reg, "kind", str_of(w->kind)),
		text_entry(reg, "school_kind", str_of(w->school)),
		text_entry(reg, "founded", date_str(c->a, founded)),
		text_entry(reg, "locality",
			w->county < 0 ? STR("379900") : arena_fmt(c->a, "3799%02d", w->county + 1)),
		{reg_field(reg, STR("two_new")), {.kind = V_INT, .i = w->two_new}},
		text_entry(reg, "elected_on",
			date_str(c->a, date_of(d->year - (int)demo_between(d, 0, 3), 3,
					       (int)demo_between(d, 1, 28))))};
	TRY(org_add(c, w->parent, DATE_NONE, list, 9, out_id, err));
	d->orgs = arena_grow(d->a, d->orgs, d->orgs_n, &d->orgs_cap, sizeof *d->orgs);
	d->orgs[d->orgs_n++] = (struct demo_org){*out_id, w->parent, str_of(w->kind), str_of(w->school),
		arena_str(d->a, w->name), arena_str(d->a, w->place), w->county, w->level, w->members, 0, 0, 0,
		0};
	d->rows++;
	return RC_OK;
}

/* A school: its committee (or brigade) and the branches (or squads) below. */
static enum rc make_school(struct job_ctx *c, struct demo *d, int64_t parent, int county, const char *school,
	str name, str code, int64_t branches, struct err *err)
{
	bool primary = strcmp(school, "primary") == 0;
	enum demo_class members = primary                             ? CLASS_PIONEER
				  : strcmp(school, "university") == 0 ? CLASS_STUDENT
								      : CLASS_PUPIL;
	int64_t id, below;
	struct org_wish w = {parent, 2, county, primary ? "brigade" : "committee", school,
		arena_fmt(c->a, "%.*s%s", STR_ARG(name), primary ? "少先队大队" : "团委"), code, CLASS_ADULT,
		name, false, false};
	TRY(make_org(c, d, &w, &id, err));
	for (int64_t i = 1; i <= branches; i++) {
		int64_t grades = primary ? 5 : strcmp(school, "university") == 0 ? 4 : 3;
		str place = arena_fmt(c->a, "%.*s%lld年级%lld班", STR_ARG(name),
			(long long)((i - 1) % grades + (primary ? 2 : 1)), (long long)((i - 1) / grades + 1));
		struct org_wish b = {id, 3, county, primary ? "squad" : "branch", school,
			arena_fmt(c->a, "%.*s%s", STR_ARG(place), primary ? "中队" : "团支部"),
			arena_fmt(c->a, "%.*s%03lld", STR_ARG(code), (long long)i), members, place, false,
			false};
		TRY(make_org(c, d, &b, &below, err));
	}
	return RC_OK;
}

struct shape {
	int counties, towns, villages;
	int64_t primary, junior, senior, university; /* branches in each school */
};

static struct shape shape_of(int64_t people)
{
	struct shape s;
	s.counties = (int)(4 + people / 8000 > 16 ? 16 : 4 + people / 8000);
	s.towns = (int)(3 + people / 8000 > 15 ? 15 : 3 + people / 8000);
	s.villages = (int)(2 + people / 50000 > 6 ? 6 : 2 + people / 50000);
	int64_t each = people / s.counties / PER_BRANCH;
	s.primary = each / 4 / 3 + 2;
	s.junior = each / 8 / 2 + 2;
	s.senior = each / 8 / 2 + 2;
	s.university = people / PER_BRANCH / 8 / 2 + 3;
	return s;
}

static enum rc make_county(
	struct job_ctx *c, struct demo *d, const struct shape *s, int i, int64_t root, struct err *err)
{
	int64_t county, town, below;
	str name = demo_county_name(i), code = arena_fmt(c->a, "3799%02d", i + 1);
	struct org_wish w = {root, 1, i, "county", "", arena_fmt(c->a, "共青团%.*s委员会", STR_ARG(name)),
		code, CLASS_ADULT, name, false, false};
	TRY(make_org(c, d, &w, &county, err));
	for (int t = 0; t < s->towns; t++) {
		str town_code = arena_fmt(c->a, "%.*s%03d", STR_ARG(code), t + 1);
		str town_name = demo_town_name(d, i * s->towns + t);
		struct org_wish tw = {county, 2, i, "township", "",
			arena_fmt(c->a, "%.*s%.*s团委", STR_ARG(name), STR_ARG(town_name)), town_code,
			CLASS_ADULT, town_name, false, false};
		TRY(make_org(c, d, &tw, &town, err));
		for (int v = 0; v < s->villages; v++) {
			bool firm = v == s->villages - 1 && t % 3 == 0;
			str place = firm ? arena_fmt(c->a, "%.*s农产品公司", STR_ARG(town_name))
					 : demo_village_name(d, (i * s->towns + t) * s->villages + v);
			struct org_wish vw = {town, 3, i, "branch", "",
				arena_fmt(c->a, "%.*s%.*s团支部", STR_ARG(town_name), STR_ARG(place)),
				arena_fmt(c->a, "%.*s%03d", STR_ARG(town_code), 201 + v), CLASS_YOUTH,
				firm ? place
				     : arena_fmt(c->a, "%.*s%.*s", STR_ARG(town_name), STR_ARG(place)),
				firm, firm && i % 3 == 0};
			TRY(make_org(c, d, &vw, &below, err));
		}
	}
	static const struct {
		const char *kind, *name;
	} schools[] = {{"primary", "实验小学"}, {"primary", "第二小学"}, {"primary", "希望小学"},
		{"junior", "第一初级中学"}, {"junior", "育才中学"}, {"senior", "第一中学"},
		{"vocational", "职业中等专业学校"}};
	for (size_t k = 0; k < sizeof schools / sizeof *schools; k++) {
		int64_t n = k < 3 ? s->primary : k < 5 ? s->junior : s->senior;
		TRY(make_school(c, d, county, i, schools[k].kind,
			arena_fmt(c->a, "%.*s%s", STR_ARG(name), schools[k].name),
			arena_fmt(c->a, "%.*s9%02zu", STR_ARG(code), k + 1), n, err));
	}
	return RC_OK;
}

/* A branch entered twice by mistake and struck out. */
static enum rc void_branch(struct job_ctx *c, struct demo *d, struct err *err)
{
	int64_t id;
	size_t at = d->orgs_n - 1;
	struct org_wish w = {d->orgs[at].parent, 3, -1, "branch", "university",
		arena_fmt(c->a, "%.*s（重复）", STR_ARG(d->orgs[at].name)), STR("37998999"), CLASS_STUDENT,
		d->orgs[at].place, false, false};
	TRY(make_org(c, d, &w, &id, err));
	d->orgs_n--; /* nobody belongs to it */
	return record_put_state(c, model_reg(d->city->model, STR("org")), id, STR("void"), STR("void"), err);
}

static enum rc orgs_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct demo *d = arg;
	struct shape s = shape_of(d->people);
	int64_t root = d->city->root_org;
	static const char *const universities[] = {"临澜学院", "临澜职业技术学院"};
	d->orgs_n = 0;
	d->orgs = arena_grow(d->a, d->orgs, d->orgs_n, &d->orgs_cap, sizeof *d->orgs);
	d->orgs[d->orgs_n++] = (struct demo_org){root, 0, STR("city"), STR(""), STR("共青团临澜市委员会"),
		STR("临澜市"), -1, 0, CLASS_ADULT, 0, 0, 0, 0};
	for (int i = 0; i < s.counties; i++)
		TRY(make_county(c, d, &s, i, root, err));
	for (size_t i = 0; i < 2; i++)
		TRY(make_school(c, d, root, -1, "university", str_of(universities[i]),
			arena_fmt(c->a, "37998%zu", i + 1), s.university, err));
	return void_branch(c, d, err);
}

/* ---- people ---- */

static int32_t born(struct demo *d, enum demo_class class)
{
	static const struct {
		int from, to;
	} ages[CLASSES] = {{7, 13}, {14, 18}, {18, 23}, {19, 34}, {36, 62}};
	int age = (int)demo_between(d, ages[class].from, ages[class].to);
	return date_of(d->year - age, (int)demo_between(d, 1, 12), (int)demo_between(d, 1, 28));
}

static str citizen_id(struct demo *d, struct arena *a, int county, int32_t birth, bool male)
{
	struct ymd b = date_ymd(birth);
	int order = (int)demo_between(d, 0, 499) * 2 + male;
	char *id = arena_printf(
		a, "3799%02d%04d%02d%02d%03d", county < 0 ? 0 : county + 1, b.year, b.month, b.day, order);
	return arena_fmt(a, "%s%c", id, ident_citizen_digit(id));
}

/* One in eight was born elsewhere, in a real county; drawn apart, so that a build without the table of divisions differs in
 * this alone. */
static str home_of(const struct demo *d, struct arena *a, int county)
{
	struct rng rng;
	struct region away;
	rng_init(&rng, d->seed ^ (uint64_t)d->persons_n << 20);
	if (rng_below(&rng, BORN_AWAY_ONE_IN) == 0 && region_some_county(rng_next(&rng), &away))
		return away.code;
	return county < 0 ? STR("3799") : arena_fmt(a, "3799%02d", county + 1);
}

static enum rc make_person(
	struct job_ctx *c, struct demo *d, const struct demo_org *org, bool real, struct err *err)
{
	const struct reg *reg = model_reg(d->city->model, STR("person"));
	bool male = demo_chance(d, 51), identified = demo_chance(d, 92);
	int32_t birth = born(d, org->members);
	struct entry list[10];
	size_t n = 0;
	list[n++] = text_entry(reg, "home_region", home_of(d, c->a, org->county));
	list[n++] = text_entry(reg, "name", demo_person_name(d, male));
	list[n++] = text_entry(reg, "sex", male ? STR("male") : STR("female"));
	list[n++] = text_entry(reg, "birth_month", str_head(date_str(c->a, birth), 7));
	if (identified) {
		list[n++] = text_entry(reg, "citizen_id", citizen_id(d, c->a, org->county, birth, male));
		list[n++] = text_entry(reg, "birth_date", date_str(c->a, birth));
	}
	if (org->members >= CLASS_STUDENT && demo_chance(d, 85))
		list[n++] = text_entry(
			reg, "phone", arena_fmt(c->a, "199%08lld", (long long)demo_between(d, 0, 99999999)));
	list[n++] = (struct entry){reg_field(reg, STR("identified")), {.kind = V_INT, .i = identified}};
	if (demo_chance(d, 5))
		list[n++] = text_entry(reg, "nationality", demo_chance(d, 50) ? STR("回族") : STR("满族"));
	struct record_input in = {
		.reg = reg, .org = org->id, .entries = list, .entries_n = n, .source = STR("import")};
	if (!real)
		in.state = STR("void");
	int64_t id;
	TRY(record_ids(c, reg, 1, &id, err));
	enum rc rc = record_slice_add(c, &in, id, err);
	if (rc == RC_CONFLICT || rc == RC_INVALID)
		return RC_OK; /* the same invented ID twice */
	TRY(rc);
	d->rows++;
	if (!real)
		return RC_OK;
	d->persons = arena_grow(d->a, d->persons, d->persons_n, &d->persons_cap, sizeof *d->persons);
	d->persons[d->persons_n++] = (struct demo_person){id, org->id, birth, org->members, identified};
	return RC_OK;
}

struct people_slice {
	struct demo *d;
	size_t *leaves;
	size_t leaves_n;
	int64_t from, n;
};

static enum rc people_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct people_slice *p = arg;
	const struct reg *reg = model_reg(p->d->city->model, STR("person"));
	size_t before = p->d->persons_n;
	for (int64_t i = 0; i < p->n; i++) {
		const struct demo_org *org = &p->d->orgs[p->leaves[(size_t)(p->from + i) % p->leaves_n]];
		TRY(make_person(c, p->d, org, true, err));
	}
	for (int i = 0; p->from == 0 && i < VOID_PERSONS; i++) /* entered twice, struck out */
		TRY(make_person(c, p->d, &p->d->orgs[p->leaves[0]], false, err));
	if (p->d->persons_n == before)
		return RC_OK;
	int64_t first = p->d->persons[before].id, after;
	TRY(record_ids(c, reg, 1, &after, err));
	return record_slice_end(c, reg, first, after - first, NULL, NULL, err);
}

static enum rc run(struct demo *d, enum rc (*job)(struct job_ctx *c, void *arg, struct err *err), void *arg,
	struct err *err)
{
	struct arena a = {0};
	enum rc rc = city_run(d->city, &d->actor, &a, (str){NULL, 0}, job, arg, err);
	arena_done(&a);
	progress_show(&d->progress, d->rows, 0);
	return rc;
}

/* Where each subtree begins and ends (units stand with those below right behind them), and who is in it. */
static void index_city(struct demo *d)
{
	int64_t last = 0, people = 0;
	for (size_t i = 0; i < d->orgs_n; i++)
		last = d->orgs[i].id > last ? d->orgs[i].id : last;
	d->org_at = NEWS(d->a, (size_t)last + 2, size_t);
	size_t *n = NEWS(d->a, d->orgs_n + 1, size_t);
	for (size_t i = 0; i < d->orgs_n; i++)
		d->org_at[d->orgs[i].id] = i;
	for (size_t i = d->orgs_n; i-- > 0;) {
		struct demo_org *o = &d->orgs[i];
		o->end = o->end > i ? o->end : i + 1;
		o->up = i ? d->org_at[o->parent] : 0;
		if (d->orgs[o->up].end < o->end)
			d->orgs[o->up].end = o->end;
	}
	d->first_person = d->persons_n ? d->persons[0].id : 1;
	people = d->persons_n ? d->persons[d->persons_n - 1].id - d->first_person + 1 : 0;
	d->person_at = NEWS(d->a, (size_t)people + 1, size_t);
	d->by_org = NEWS(d->a, d->persons_n + 1, size_t);
	for (size_t i = 0; i < d->persons_n; i++) {
		d->person_at[d->persons[i].id - d->first_person] = i;
		n[d->org_at[d->persons[i].org] + 1]++;
	}
	for (size_t i = 0; i < d->orgs_n; i++)
		n[i + 1] += n[i];
	for (size_t i = 0; i < d->orgs_n; i++) {
		d->orgs[i].people_from = n[i];
		d->orgs[i].people_to = n[d->orgs[i].end];
	}
	for (size_t i = 0; i < d->persons_n; i++)
		d->by_org[n[d->org_at[d->persons[i].org]]++] = i;
}

enum rc demo_make_city(struct demo *d, struct err *err)
{
	TRY(run(d, orgs_job, d, err));
	struct people_slice p = {.d = d, .leaves = NEWS(d->a, d->orgs_n + 1, size_t)};
	for (size_t i = 0; i < d->orgs_n; i++) /* one in eight of the people works above the branches */
		if (d->orgs[i].level == 3 || i % 3 == 0)
			p.leaves[p.leaves_n++] = i;
	for (p.from = 0; p.from < d->people; p.from += SLICE) {
		p.n = d->people - p.from < SLICE ? d->people - p.from : SLICE;
		TRY(run(d, people_job, &p, err));
	}
	index_city(d);
	return RC_OK;
}
