/* edition.h -- a frozen report: its values and texts as they stood, in numbered revisions (rule R1).
 *
 * An edition never changes and needs no definition to open: it holds every printed figure with its exact value, unit,
 * grades and the digest of its definition, the filled text, and the digest of its template. Freezing again after late
 * entries gives the next revision with a list of differences; freezing without a difference gives none.
 * As text it is canonical JSON: members in this header's order, values by slot, no blanks: equal editions, equal bytes. */
#pragma once
#include "base/hash.h"
#include "figure/frozen.h"
#include "report/template.h"

struct edition_value {
	str slot; /* canonical, without the way of writing: vol.attend@prev */
	str label, unit, printed, digest;
	bool told;
	int64_t value, of, over;
	int64_t grades[SLOT_GRADES];
};

struct edition_change {
	str slot;
	str before, after; /* printed; empty where the slot was not there */
};

struct edition {
	str city, org, period, template_name, actor;
	int64_t revision, at_ms;
	str template_digest;          /* hex */
	str text;                     /* filled markdown; of a .docx template its paragraphs */
	struct edition_value *values; /* by slot, each once */
	size_t n;
	struct edition_change *changes; /* against the revision before */
	size_t changes_n;
};

/* Values out of a run; the other members are the caller's. What a public copy withholds (slot.h) is without a value. */
void edition_values(struct arena *a, const struct template_run *run, struct edition *out);
/* Differences in values or text; *changes is set, true when there is any. */
bool edition_compare(struct arena *a, const struct edition *before, struct edition *now);
str edition_json(struct arena *a, const struct edition *e);
MUST_USE enum rc edition_read(struct arena *a, str json, struct edition *out, struct err *err);

/* All that was frozen of a span and a unit. */
struct editions {
	struct edition *list;
	size_t n;
};
MUST_USE enum rc editions_read(
	struct arena *a, struct db *db, str period, int64_t org, struct editions *out, struct err *err);
/* Did one of them (struct editions) print this text for the slot, whatever its way of writing? For refresh.h. */
bool editions_print(void *editions, str slot, str text);
