/* region.h -- the divisions of the country: code -> name, and back; with the days between which a code was in force.
 *
 * Two embedded tables. regions.tsv is made by the build from npm's china-division (tools/regions), which tells of one day,
 * 2023-06-30: whatever was abolished before is absent, and 124 of its counties are no counties but codes that statistics use
 * for development zones (the fifth digit is 7: 130171 石家庄高新技术产业开发区). model/regions.tsv is ours: abolished
 * divisions that we know of, and the demo's invented city. A build without npm has only the latter; region_table_text says
 * which it is, and then any code is taken.
 *
 * Codes: 2 digits province, 4 prefecture, 6 county, 9 township, 12 village (GB/T 2260 and the statistics codes built on it);
 * 6 digits that end in 00 mean the prefecture, in 0000 the province; 12 that end in 000 the township. Villages are not in
 * the table: their code is known when its township is.
 *
 * A county that the table lacks below a prefecture that it has may be abolished, or newer than the table: such a code is
 * plausible (people keep the home they were born in), anything else unknown is a mistake. Pure; lookups are binary searches in
 * the embedded text. */
#pragma once
#include "base/arena.h"
#include "base/date.h"

struct region {
	str code, name;   /* as in the table */
	int32_t from, to; /* in force on [from, to); DATE_NONE: not told */
	bool statistical; /* a zone that only statistics know */
};

/* What the build carries, for people: "china-division 2.7.0, as of 2023-06-30", or "none: ...". */
str region_table_text(void);
bool region_table(void); /* false: built without the divisions */

/* The division of exactly that code (in any of its written lengths). */
bool region_find(str code, struct region *out);

enum region_standing { REGION_KNOWN, REGION_PLAUSIBLE, REGION_UNKNOWN };
enum region_standing region_standing(str code);

/* 浙江省杭州市西湖区; 市辖区 and its like are left out; of a plausible code the known part and the code: 浙江省杭州市
 * 330199. The code alone where nothing is known of it. */
str region_label(struct arena *a, str code);

/* Divisions that a person may mean by a name: with or without what they lie in (西湖区, 杭州西湖区, 浙江省杭州市西湖区),
 * 杭州). The demo's invented city only where nothing real is called so. Fills at most max; returns how many there are. */
size_t region_named(str name, struct region *out, size_t max);

/* The first county (no zone of the statistics) at or behind a place in the table, any number taking one: for invented
 * people who were born somewhere real. false: no table. */
bool region_some_county(uint64_t place, struct region *out);
