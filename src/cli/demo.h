/* demo.h -- a full, believable year of an invented city. The same seed gives the same rows, keys and codes.
 *
 * demo_city.c  makes the organisation tree (counties, townships, villages, schools, firms) and the people in it;
 * demo_rows.c  fills every register from its declaration, led by assets/demo.yaml: how many rows, whose, when, in which
 *              states. Rows that a check refuses are dropped, as an import would; `qinghe demo --tell` prints how many
 *              and why. A state that no row took gets one.
 * demo_pick.c  chooses units, persons and rows that fit; reads paths such as event.drive among rows already made.
 * demo_value.c makes the values of one row. What the yaml leaves out follows the field's type and name.
 * demo_report.c signs off and publishes the annual report of the year before.
 * demo_words.c holds names of people and places, all invented. */
#pragma once
#include "base/rand.h"
#include "cli/command.h"
#include "format/yaml.h"
#include "register/record.h"

enum demo_class { CLASS_PIONEER, CLASS_PUPIL, CLASS_STUDENT, CLASS_YOUTH, CLASS_ADULT, CLASSES };

struct demo_org {
	int64_t id, parent;
	str kind, school, name; /* school: primary junior senior vocational university, or empty */
	str place;              /* the name as people say it: 青柳镇, 东河县第一中学 */
	int county;             /* which; -1 the city's own */
	int level;              /* 0 city, 1 county, 2 township or school, 3 branch */
	enum demo_class members;
	size_t up, end;                /* index of its parent; its subtree is orgs[itself..end) */
	size_t people_from, people_to; /* its subtree's in demo.by_org */
};

struct demo_person {
	int64_t id, org;
	int32_t born;
	enum demo_class class;
	bool identified;
};

enum { NOTHING = INT64_MIN }; /* a kept value that is absent */

struct demo_row {
	int64_t id, org, person;
	int32_t day;
	short state;
	int64_t *
		kept; /* of the fields that the hints say to keep: days, ids, indexes of choices, hashes of texts */
};

struct demo {
	struct invocation *in;
	struct city *city;
	struct actor actor;
	struct arena *a; /* the whole demo's */
	struct rng rng;
	uint64_t seed;
	int year;
	int64_t people;
	struct yaml hints; /* assets/demo.yaml, the map `registers` */
	struct demo_org *orgs;
	size_t orgs_n, orgs_cap;
	size_t *org_at;    /* by id */
	size_t *by_org;    /* persons, those of one subtree side by side */
	size_t *person_at; /* by id, from the first person's */
	int64_t first_person;
	struct demo_person *persons;
	size_t persons_n, persons_cap;
	struct grown {
		struct demo_row *rows;
		size_t n, cap;
		const struct field **keep;
		size_t keep_n;
		bool done;
	} * grown; /* by reg->at */
	bool tell;
	str fault; /* the first of assets/demo.yaml */
	struct progress progress;
	int64_t rows; /* all so far */
};

static inline const struct demo_org *demo_org(const struct demo *d, int64_t id)
{
	return &d->orgs[d->org_at[id]];
}
static inline const struct demo_person *demo_person(const struct demo *d, int64_t id)
{
	return &d->persons[d->person_at[id - d->first_person]];
}

MUST_USE enum rc demo_make_city(struct demo *d, struct err *err);
MUST_USE enum rc demo_make_rows(struct demo *d, struct err *err);

/* Last year's annual report, signed off and published: the street has an edition and open figures. */
MUST_USE enum rc demo_report(struct demo *d, struct err *err);

/* ---- words and chance ---- */
int64_t demo_between(struct demo *d, int64_t from, int64_t to); /* both included */
bool demo_chance(struct demo *d, int percent);
str demo_person_name(struct demo *d, bool male);
str demo_county_name(int i);
str demo_town_name(struct demo *d, int i);
str demo_village_name(struct demo *d, int i);
