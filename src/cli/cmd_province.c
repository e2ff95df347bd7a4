/* cmd_province.c -- qinghe province --year Y [--city URL]... [ID...]: many cities' figures, added up (figure/province.h).
 * Cities are opened for figures alone: without their keys, and no record is read. */
#include "base/buf.h"
#include "cli/asked.h"
#include "cli/commands.h"
#include "figure/province.h"
#include "figure/round.h"
#include "format/json.h"

struct asked_city {
	str url, name;
	struct err fault; /* text empty: it told its figures */
};

struct run {
	struct invocation *in;
	struct asked asked;
	struct asked_city *cities;
	size_t n, cap;
	struct province p;
};

static void add_city(struct run *r, str url)
{
	r->cities = arena_grow(r->in->a, r->cities, r->n, &r->cap, sizeof *r->cities);
	r->cities[r->n++] = (struct asked_city){.url = url};
}

/* --city, several times; without: all of the database. */
static enum rc find_cities(struct run *r, struct err *err)
{
	const char *url = NULL;
	for (;;) {
		TRY(opt_next(r->in, "--city", &url, err));
		if (url == NULL)
			break;
		add_city(r, str_of(url));
	}
	if (r->n)
		return RC_OK;
	str *list;
	size_t n;
	TRY(db_cities(r->in->a, r->in->db_url, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		add_city(r, list[i]);
	return n ? RC_OK : FAIL(err, RC_NOT_FOUND, "no city stands in this database");
}

/* The figures asked for that this city has; all without. */
static size_t figures_of(const struct invocation *in, const struct model *m, const struct figure **list)
{
	size_t n = 0;
	for (size_t i = 0; i < m->figures_n; i++) {
		bool wanted = in->argc == 0 && m->figures[i].parent == NULL;
		for (int k = 0; k < in->argc; k++)
			wanted |= str_is(m->figures[i].id, in->argv[k]);
		if (wanted)
			list[n++] = &m->figures[i];
	}
	return n;
}

static enum rc ask_open(struct run *r, struct city *city, struct arena *a, struct err *err)
{
	struct reader reader;
	struct actor operator= actor_operator();
	const struct figure **list = NEWS(a, city->model->figures_n + 1, const struct figure *);
	size_t n = figures_of(r->in, city->model, list);
	struct figure_answer *answers = NEWS(a, n + 1, struct figure_answer);
	TRY(reader_open(city, a, &operator, & reader, err));
	enum rc rc = figure_values(&reader, list, n, &r->asked.p, city->root_org, true, answers, err);
	if (rc == RC_OK)
		province_take(&r->p, city->name, answers, n);
	reader_close(&reader);
	return rc;
}

static void ask(struct run *r, struct asked_city *c)
{
	struct arena a = {0};
	struct city *city = NULL;
	enum rc rc = city_open_figures(arena_cstr(&a, c->url), &city, &c->fault);
	if (rc == RC_OK) {
		c->name = arena_str(r->in->a, city->name);
		rc = ask_open(r, city, &a, &c->fault);
	}
	if (rc == RC_OK)
		c->fault.text[0] = 0;
	else
		province_miss(&r->p);
	city_close(city);
	arena_done(&a);
}

/* ---- telling ---- */

static const char *why_not(const struct run *r, const struct province_figure *f)
{
	if (f->grain == G_MEDIAN)
		return tr("medians of several cities cannot be added up");
	return province_whole(&r->p, f) ? NULL : tr("incomplete: not every city is in it");
}

static void figure_json_of(struct json *j, const struct run *r, const struct province_figure *f)
{
	bool whole = province_whole(&r->p, f), rate = f->grain == G_RATE;
	json_object(j);
	json_put_str(j, "id", f->id);
	json_put_str(j, "label", f->label);
	json_put_str(j, "unit", f->unit);
	json_key(j, "value");
	if (whole && !rate)
		json_i64(j, f->sum);
	else
		json_null(j);
	if (rate && whole) {
		json_put_i64(j, "of", f->of);
		json_put_i64(j, "over", f->over);
	}
	if (!whole) {
		json_put_cstr(j, "why", why_not(r, f));
		if (f->grain != G_MEDIAN)
			json_put_i64(j, rate ? "partial_of" : "partial", rate ? f->of : f->sum);
	}
	json_put_i64(j, "cities", (int64_t)f->added);
	json_put_bool(j, "distinct_within_city_only", f->within_city);
	json_put_str(j, "definition", f->digest);
	json_key(j, "parts");
	json_array(j);
	for (size_t i = 0; i < f->n; i++) {
		const struct province_part *x = &f->parts[i];
		json_object(j);
		json_put_str(j, "city", x->city);
		json_key(j, "value");
		if (x->told && !rate)
			json_i64(j, x->value);
		else
			json_null(j);
		json_put_bool(j, "added", x->told && x->same && f->grain != G_MEDIAN);
		if (!x->same)
			json_put_cstr(j, "why", tr("another definition"));
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void tell_json(const struct run *r)
{
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_key(&j, "cities");
	json_array(&j);
	for (size_t i = 0; i < r->n; i++) {
		json_object(&j);
		json_put_str(&j, "name", r->cities[i].name);
		json_put_str(&j, "address", db_shown(r->in->a, arena_cstr(r->in->a, r->cities[i].url)));
		if (r->cities[i].fault.text[0])
			json_put_cstr(&j, "fault", r->cities[i].fault.text);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "figures");
	json_array(&j);
	for (size_t i = 0; i < r->p.n; i++)
		figure_json_of(&j, r, &r->p.figures[i]);
	json_array_end(&j);
	json_object_end(&j);
	printf("%s\n", b.p);
}

static void tell_figure(const struct run *r, const struct province_figure *f)
{
	enum round_kind kind = f->money ? ROUND_FEN : f->minutes ? ROUND_MINUTES : ROUND_COUNT;
	const char *why = why_not(r, f);
	printf("%.*s\t%.*s\t", STR_ARG(f->id), STR_ARG(f->label));
	if (why)
		printf("- %s", why);
	else if (f->grain == G_RATE)
		printf("%lld / %lld", (long long)f->of, (long long)f->over);
	else
		printf("%s %.*s%s", round_print(f->sum, kind, ROUND_EXACT).text, STR_ARG(f->unit),
			f->within_city ? tr(" (persons are distinct within each city only)") : "");
	printf("\n");
	for (size_t i = 0; i < f->n; i++)
		if (!f->parts[i].same || !f->parts[i].told)
			printf("  %.*s: %s\n", STR_ARG(f->parts[i].city),
				f->parts[i].same ? tr("cannot tell it")
						 : tr("another definition, not added"));
}

static bool all_whole(const struct run *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->cities[i].fault.text[0])
			return false;
	for (size_t i = 0; i < r->p.n; i++)
		for (size_t k = 0; k < r->p.figures[i].n; k++)
			if (!r->p.figures[i].parts[k].same)
				return false;
	return true;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct run r = {.in = in, .p = {.a = in->a}};
	TRY(asked_options(in, &r.asked, err));
	TRY(find_cities(&r, err));
	TRY(opt_done(in, 0, 200, &cmd_province, err));
	if (in->as || r.asked.org)
		return FAIL(err, RC_INVALID,
			"a province adds up whole cities: --as and --org do not belong here");
	TRY(asked_period(in, &r.asked, err));
	for (size_t i = 0; i < r.n; i++)
		ask(&r, &r.cities[i]);
	if (in->json)
		tell_json(&r);
	for (size_t i = 0; i < r.n && !in->json; i++)
		if (r.cities[i].fault.text[0])
			fprintf(stderr, "%.*s: %s\n",
				STR_ARG(db_shown(in->a, arena_cstr(in->a, r.cities[i].url))),
				r.cities[i].fault.text);
	for (size_t i = 0; i < r.p.n && !in->json; i++)
		tell_figure(&r, &r.p.figures[i]);
	return all_whole(&r) ? RC_OK
			     : FAIL(err, RC_FOUND, "not every city could be added: see what stands apart");
}

const struct command cmd_province = {
	.name = "province",
	.usage = N_("province (--year Y | --period P) [--city URL]... [ID...]"),
	.summary = N_("figures of many cities added up"),
	.help = N_("All cities of the PostgreSQL database of --db, or those named by --city. Only figures "
		   "are read, no "
		   "records, and no city's keys are wanted. What a city defines otherwise or cannot tell is "
		   "listed and "
		   "not added; a sum that lacks a city is never shown as the province's. Persons are "
		   "distinct within "
		   "each city only.\n"
		   "Example: qinghe --db postgresql://qinghe@db/youth province --year 2025 vol.attend\n"
		   "Exit codes: 0 done, 1 some city is not in the sums, 2 no such thing, 4 storage."),
	.run = run,
};
