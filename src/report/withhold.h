/* withhold.h -- the numbers that a public copy of a report does not tell (domain.md 2.3, R8).
 *
 * Which figures: those that count rows or persons of registers about people. Thresholds by the register's sensitivity stand in
 * rules/street.yaml; as shipped 10, and no zero either, where it is of minors or sealed (minds, rights, aid, left-behind
 * children), 5 where it is personal. Figures of events, units and things are told. Amounts and hours of such registers hide when fewer rows than the threshold stand behind
 * them; a rate hides with either of its figures, and when its numerator is small.
 *
 * Small numbers hide, then partners (guard/suppress.h), so that no hidden one follows from the rest of the report: over the
 * sums that a reader knows of, which are a figure and its declared parts (model.h), and a unit and the units below it where
 * the report tells both. What is left of a sum beside its told parts counts as a number of its own. Every answer that the
 * template asked for is taken as told, also where it only stood in a condition.
 *
 * What the year's open figures hide (public_table.h) is withheld first, and takes its partners along.
 *
 * Beside other reports that the same unit has published, also if they were taken down since (withhold_beside.c): a year is the sum of its quarters, halves, months,
 * where rows are counted or added up. Whichever is published later is bound by what the earlier ones told and withheld, and by
 * what is left for spans not yet published; where that leaves no way, it tells none of them.
 *
 * Not covered, and said in docs/security.md: persons and stocks from one span to the next, reports of other units, and texts
 * that people wrote themselves. */
#pragma once
#include "report/source.h"

/* After a first filling of the template: marks answers of s as withheld (slot_answer.withheld); a second filling with the same
 * source prints the public copy. out_n: how many. */
MUST_USE enum rc report_withhold(struct report_source *s, size_t *out_n, struct err *err);
