/* cmd_demo.c -- qinghe demo: an invented city with a full year in every register. */
#include "base/clock.h"
#include "base/date.h"
#include "base/embed.h"
#include "cli/commands.h"
#include "cli/demo.h"
#include "figure/figure.h"
#include "guard/account.h"
#include "guard/authorise.h"
#include "guard/role.h"
#include "register/case_people.h"

enum { PEOPLE_DEFAULT = 5000, PEOPLE_MIN = 500, PEOPLE_MAX = 2000000 };

/* Who may sign in, and as what. */
static const struct guest {
	const char *role, *what;
	int level; /* of the unit: 0 city, 1 county, 3 branch */
} guests[] = {{"city_staff", N_("city staff"), 0}, {"county_staff", N_("county staff"), 1},
	{"branch_secretary", N_("branch secretary"), 3}, {"leader", N_("leader"), 0},
	{"sysadmin", N_("system administrator"), 0}, {"secadmin", N_("security administrator"), 0},
	{"auditadmin", N_("audit administrator"), 0}, {"site_lead", N_("site lead"), 3},
	{"host", N_("host"), 2}, {"case_worker", N_("case worker"), 1}, {"mediator", N_("mediator"), 1},
	{"lawyer", N_("lawyer"), 0}, {"counsellor", N_("counsellor"), 0},
	{"school_counsellor", N_("school counsellor"), 2}, {"helper", N_("helper"), 2},
	{"child_worker", N_("village child worker"), 3}, {"finance_clerk", N_("finance clerk"), 0},
	{"finance_approver", N_("finance approver"), 0}, {"judge", N_("judge"), 0},
	{"employer", N_("employer"), 1}, {"partner_contact", N_("partner contact"), 0},
	{"media_editor", N_("media editor"), 0}, {"auditor", N_("external auditor"), 0}};
enum { GUESTS = sizeof guests / sizeof *guests };

struct codes {
	struct demo *d;
	int64_t real_ms; /* the clock outside the demo */
	char code[GUESTS][ACCOUNT_CODE_BYTES];
};

/* Standing authorisations for what the role may read of minors, for each purpose, approved by another of the guests. */
static enum rc authorise(
	struct job_ctx *c, const struct guest *g, int64_t who, int64_t org, int64_t approver, struct err *err)
{
	const struct model *m = job_city(c)->model;
	struct authorisation z = {.person = who,
		.org = org,
		.approved_by = approver,
		.role = str_of(g->role),
		.from = clock_today(),
		.to = clock_today() + AUTHORISATION_DAYS_MAX};
	str had[64];
	size_t n = 0;
	for (size_t i = 0; i < m->regs_n && n < 64; i++) {
		bool reads = false, known = false;
		for (size_t k = 0; k < m->regs[i].read_n; k++)
			for (size_t r = 0; r < m->regs[i].read[k].roles_n; r++)
				reads = reads || (str_is(m->regs[i].read[k].relation, "subtree") &&
							 str_is(m->regs[i].read[k].roles[r], g->role));
		for (size_t k = 0; k < n; k++)
			known = known || str_eq(had[k], m->regs[i].purpose);
		if (!reads || known || m->regs[i].sensitivity < SENS_MINOR)
			continue;
		z.purpose = had[n++] = m->regs[i].purpose;
		TRY(authorisation_grant(c, job_city(c)->seal, &z, &z.id, err));
	}
	return RC_OK;
}

/* Somebody reads what is written to each station from the street. */
static enum rc stations_manned(struct job_ctx *c, struct demo *d, int64_t who, struct err *err)
{
	const struct reg *reg = model_reg(job_city(c)->model, STR("rights_station"));
	const struct grown *g = reg ? &d->grown[reg->at] : NULL;
	for (size_t i = 0; g && i < g->n; i++) {
		struct case_person_new x = {.reg = reg,
			.row = g->rows[i].id,
			.person = who,
			.role = STR("case_worker"),
			.to = ROLE_OPEN};
		TRY(case_people_add(c, &x, err));
	}
	return RC_OK;
}

static enum rc codes_job(struct job_ctx *c, void *arg, struct err *err)
{
	int64_t people[GUESTS], orgs[GUESTS];
	struct codes *x = arg;
	struct demo *d = x->d;
	size_t person = 0;
	for (size_t i = 0; i < GUESTS; i++) {
		size_t at = 0;
		int64_t id;
		while (at < d->orgs_n &&
			(d->orgs[at].level != guests[i].level || d->orgs[at].members == CLASS_PIONEER))
			at++;
		while (person < d->persons_n && d->persons[person].class != CLASS_ADULT)
			person++;
		if (at == d->orgs_n || person == d->persons_n)
			return FAIL(err, RC_INVALID, "the demo city is too small");
		int64_t who = d->persons[person++].id;
		TRY(role_grant(c, &d->city->model->roles, who, str_of(guests[i].role), d->orgs[at].id,
			date_of(d->year - 1, 1, 1), ROLE_OPEN, &id, err));
		TRY(account_code(c, who, x->code[i], err));
		people[i] = who;
		orgs[i] = d->orgs[at].id;
		if (strcmp(guests[i].role, "case_worker") == 0)
			TRY(stations_manned(c, d, who, err));
	}
	for (size_t i = 0; i < GUESTS; i++)
		TRY(authorise(c, &guests[i], people[i], orgs[i], people[i ? 0 : 3], err));
	return RC_OK;
}

static enum rc read_hints(struct demo *d, struct err *err)
{
	struct yaml root;
	str text = embed_find("assets/demo.yaml");
	if (text.n == 0)
		return RC_OK;
	enum rc rc = yaml_read(d->a, text, &root, NULL, NULL, err);
	if (rc != RC_OK)
		return err_at(err, rc, "%s", "assets/demo.yaml");
	const struct yaml *regs = yaml_get(&root, "registers");
	if (regs)
		d->hints = *regs;
	return RC_OK;
}

static enum rc build(struct demo *d, struct codes *x, struct err *err)
{
	TRY(city_open(d->in->db_url, true, &d->city, err));
	TRY(figure_attach(d->city, err));
	d->grown = NEWS(d->a, d->city->model->regs_n, struct grown);
	TRY(read_hints(d, err));
	progress_start(&d->progress, d->in);
	TRY(demo_make_city(d, err));
	TRY(demo_make_rows(d, err));
	TRY(demo_report(d, err));
	progress_end(&d->progress);
	clock_set(x->real_ms, true); /* the codes are good from now on, not from the demo's new year */
	struct arena a = {0};
	enum rc rc = city_run(d->city, &d->actor, &a, (str){NULL, 0}, codes_job, x, err);
	arena_done(&a);
	return rc;
}

static void tell(const struct demo *d, const struct codes *x)
{
	printf(tr("临澜市 is ready in %s: %zu organisations, %zu people, %lld rows of %d and %d. Everybody "
		  "in it is invented.\n"
		  "Each code is good once, within %d days, at /claim:\n"),
		db_shown(d->a, d->in->db_url).p, d->orgs_n, d->persons_n, (long long)d->rows, d->year - 1,
		d->year, (int)ACCOUNT_CODE_DAYS);
	for (size_t i = 0; i < GUESTS; i++)
		printf("  %s  %s\n", x->code[i], tr(guests[i].what));
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct demo d = {.in = in, .a = in->a, .actor = actor_operator()};
	struct codes x = {.d = &d};
	int64_t year = 2025, seed = 7;
	d.people = PEOPLE_DEFAULT;
	TRY(opt_i64(in, "--people", &d.people, err));
	TRY(opt_i64(in, "--year", &year, err));
	TRY(opt_i64(in, "--seed", &seed, err));
	opt_flag(in, "--tell", &d.tell);
	TRY(opt_done(in, 0, 0, &cmd_demo, err));
	if (d.people < PEOPLE_MIN || d.people > PEOPLE_MAX || year < 2000 || year > 2100 || seed <= 0)
		return FAIL(err, RC_INVALID,
			"--people is %d to %d, --year 2000 to 2100, --seed a number above 0", (int)PEOPLE_MIN,
			(int)PEOPLE_MAX);
	d.year = (int)year;
	d.seed = (uint64_t)seed;
	rng_init(&d.rng, d.seed);
	rand_seed((uint64_t)
			seed); /* same seed, same bytes: nonces and codes too. The city is marked as a demo. */
	x.real_ms = clock_now_ms();
	clock_set(((int64_t)date_of(d.year + 1, 1, 5) * 1440 + 9 * 60 - clock_zone()) * 60000, false);
	struct city_new n = {.name = STR("临澜市"), .region = STR("379900"), .demo_seed = (uint64_t)seed};
	TRY(city_init(in->db_url, &n, err));
	enum rc rc = build(&d, &x, err);
	city_close(d.city);
	clock_set(x.real_ms, true);
	if (rc == RC_OK && !in->quiet)
		tell(&d, &x);
	return rc;
}

const struct command cmd_demo = {
	.name = "demo",
	.usage = N_("demo [--people N] [--year Y] [--seed S] [--tell]"),
	.summary = N_("make an invented city with a full year in every register"),
	.help = N_("The same seed gives the same city. Its keys are no secret: `serve` refuses it on a "
		   "public address.\n"
		   "--tell prints for each register how many rows stand and how many the checks refused.\n"
		   "Example: qinghe --db demo.db demo --people 100000 --year 2025 --seed 7\n"
		   "Exit codes: 0 done, 2 a database stands there already, 4 storage."),
	.run = run,
};
