/* source.h -- the slots' answers out of an open city: figures by figure/, texts and lists by register/.
 *
 * Figures: by id, of the report's unit and period; @prev is the same span a year earlier, of a running period as far as it has
 * come (period_compared), @2024 the same span in that year,
 * @org:CODE another unit. `full:` of the declaration gives the rate behind {{full ID}}. Each is read once per report.
 * Texts: year, period (by its name: 2026年上半年), period.until (today, while it runs), period.prev (what @prev covers), date, city (清河市), name.city, name.org, name.theme (of the theme that the year's report uses),
 * plan.name (the five-year plan that next year belongs to; reports/desk.yaml has the plans). What no record tells
 * yet is an empty text, which a slot treats as a gap.
 * Lists and their rows:
 *     units      name short code               the units right under the report's unit, on the period's last day
 *     figures    id label value print unit definition grades
 *     problems   title cause number due_on state        written into the report, found in the period
 *     measures   title due_on problem                   written into the report
 *     targets    title at_least figure due_on           of the year after
 *     practices  title what                             used, told in the period
 *     honours    title level unit_name given_by         of the period; persons are not named
 * Rows come in the order of their ids, at most SOURCE_ROWS_MAX. */
#pragma once
#include "figure/figure.h"
#include "report/declared.h"
#include "report/lint.h"
#include "report/slot.h"

enum { SOURCE_ROWS_MAX = 1000 };

/* An answer that was given, with what it was asked of. */
struct source_given {
	struct slot_answer answer;
	const struct figure *figure;
	struct period period;
	int64_t org;
	struct source_given *next;
};

struct report_source {
	struct reader *r;
	struct period period;
	int64_t org;
	bool public; /* set before the first filling: columns whose zero is withheld stay (withhold.h) */
	struct map answers;                     /* by canonical tag: source_given */
	struct source_given *given;             /* all of them, the latest first */
	const struct report_declared *declared; /* once asked for */
	struct slot_source source;
};

void report_source_init(struct report_source *s, struct reader *r, const struct period *p, int64_t org);
void report_source_done(struct report_source *s);
/* reports/desk.yaml, read once a report. */
MUST_USE enum rc report_source_declared(
	struct report_source *s, const struct report_declared **out, struct err *err);
/* A report text that the model brings, by its path (reports/annual.md); empty where it has none. */
str report_text(const struct model *m, const char *path);
/* All figures that can be told, as the linter compares them; with all: also those that cannot. */
MUST_USE enum rc report_source_figures(
	struct report_source *s, bool all, struct lint_figure **out, size_t *out_n, struct err *err);
