/* sums.h -- differences of cells, kept in memory until they are written: the arithmetic of figure cells, without I/O.
 *
 * A cell has the address (organisation, span, figure number, part) and holds a sum. Spans: a month, or a whole year (only
 * for distinct references, which months cannot be added up to). Parts of a figure:
 *     0..3  grades A..D: of row and sum the value's parts, of distinct the number of rows
 *     4     distinct persons, attendance registers: heads of the rows less the rows (a person's row is one head, so mostly 0);
 *           rows and this are what can be told instead of persons
 *     5     distinct: the references of a year, each once
 * Addresses sort as (organisation, span, figure, part), which is the table's key: neighbours share pages.
 *
 * sums_add takes an era (eras.h) and is rolled up the tree by sums_roll; sums_add_org goes to one organisation.
 * Distinct references: sums_saw notes that a touched row showed a reference to an era or an organisation, before or
 * after the change. sums_presence_next then hands out, reference by reference, where presence among the touched rows
 * appeared or went; the caller looks whether untouched rows still show it and adds the cell's +1 or -1. */
#pragma once
#include "figure/eras.h"

enum { PART_HEADS = 4, PART_REFS = 5, PARTS = 6, FIGURE_NUMBERS_MAX = 1024 };

/* Spans: year * 16 + month (1..12), year * 16 for the whole year. */
static inline uint32_t span_of_month(int32_t month_index)
{
	return (uint32_t)(month_index / 12 * 16 + month_index % 12 + 1);
}
static inline uint32_t span_of_year(int year)
{
	return (uint32_t)year * 16;
}

struct cell_address {
	int64_t org;
	uint32_t span;
	int number, part;
};
uint64_t cell_pack(struct cell_address at); /* organisations below 2^35 */
struct cell_address cell_unpack(uint64_t key);

struct sums {
	struct imap by_era, by_org;
	struct seen {
		uint64_t reference;
		uint64_t where; /* year, figure, era or organisation, before or after */
	} * seen;
	size_t seen_n, seen_cap;
	bool sorted;
};

void sums_done(struct sums *s);
void sums_reset(struct sums *s);
static inline bool sums_empty(const struct sums *s)
{
	return s->by_era.n == 0 && s->by_org.n == 0 && s->seen_n == 0;
}
void sums_add(struct sums *s, uint32_t era, uint32_t span, int number, int part, int64_t delta);
void sums_add_org(struct sums *s, int64_t org, uint32_t span, int number, int part, int64_t delta);
/* All sums by era go up to the eras' ancestors. */
void sums_roll(struct sums *s, const struct eras *e);
/* After sums_roll: the entries that are not zero, sorted by address, in the arena. */
struct cell_delta {
	uint64_t key;
	int64_t value;
};
struct cell_delta *sums_list(struct arena *a, const struct sums *s, size_t *out_n);

/* Presence. at: an era's number, or an organisation with by_org (rows with co-hosts). */
void sums_saw(struct sums *s, int number, int year, uint64_t at, bool by_org, int64_t reference, bool after);

struct presence {
	int64_t reference;
	int number, year;
	const int64_t *orgs; /* where presence among touched rows changed */
	const int8_t *by;    /* +1 appeared, -1 went */
	size_t n;
};
/* Cursor 0 starts; every (reference, figure, year) with a change once, in the order of references, years, figures.
 * The lists live in the arena. */
bool sums_presence_next(
	struct arena *a, struct sums *s, const struct eras *e, size_t *cursor, struct presence *out);
