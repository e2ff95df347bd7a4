/* province.h -- figures of several cities added up, without any of their records.
 *
 * Each city tells its figures of one period (figure_values over its cells) under its own declarations; province_take adds
 * them to the sums. Only like is added to like:
 *   - by definition: a city whose figure has another digest than the first city's stands apart, told and not added;
 *   - a figure that some city cannot tell, or is recounting, or does not have, has a sum of the others only, and it is
 *     marked incomplete: a sum that lacks a city is never shown as the province's;
 *   - medians cannot be added: they stand apart. Rates are added by numerator and denominator;
 *   - persons are distinct within each city only, for nobody may match people across cities: within_city says so. */
#pragma once
#include "figure/figure.h"

struct province_part {
	str city;
	bool told;
	int64_t value, of, over;
	bool same; /* definition: the first city's */
};

struct province_figure {
	str id, label, unit, digest; /* of the first city that has it */
	enum grain_kind grain;
	bool money, minutes, within_city;
	int64_t sum, of, over;
	size_t added; /* cities in the sum */
	struct province_part *parts;
	size_t n, cap;
};

struct province {
	struct arena *a;
	struct province_figure *figures;
	size_t n, cap;
	size_t cities; /* taken, or known to be missing */
};

/* All figures of the city, companions too. */
void province_take(struct province *p, str city, const struct figure_answer *answers, size_t n);
/* A city that could not be asked. */
void province_miss(struct province *p);
/* Every city is in the sum. */
bool province_whole(const struct province *p, const struct province_figure *f);
