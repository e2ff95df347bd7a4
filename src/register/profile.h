/* profile.h -- profiles of sending systems and of other offices' sheets (model/imports/ID.yaml): what their columns mean, which
 * rows and columns are no data, what their words for values and units are, and what grade their rows have.
 *
 *     profile: youth_study                    its id, as `import --profile` takes it
 *     label: {zh: ..., en: ...}
 *     register: study_participation           where its rows go
 *     source: platform                        becomes the rows' source, on which the register's grade rule looks
 *     columns: {课程期次: issue, 证件号码: learner.citizen_id, 组织编码: org.code}
 *                                             header -> field; of the person its citizen_id, phone, sex, birth_month
 *     skip_columns: [序号, 排名]              known, and no data
 *     skip_rows: [合计]                       rows that begin with one of these
 *     values: {issue: {strip_prefix: 青年大学习}}
 *     units: {also: {团市委机关: 团市委}}     their name of a unit -> ours
 *     states: [{when_empty: out_at, state: pending}]
 *     shape: figures_in_columns               columns are header -> figure id: totals of units (register declared_total)
 *
 * A sheet is recognised by its headers: all that stand in it are the profile's, and RECOGNISED_MIN of them name fields (of
 * totals two). Exactly one profile must fit. Other keys (period,
 * unit_column, fixture, expect, units.by) are for people and tests. Everything lives in the arena. */
#pragma once
#include "register/import.h"

enum { PROFILE_COLUMNS_MAX = 100, PROFILE_RECOGNISED_MIN = 3 };

struct profile_word {
	str from, to;
};

struct profile_state {
	const struct field *when_empty;
	str state;
};

struct profile {
	str id;
	struct label label;
	const struct reg *reg;
	str source;
	bool totals; /* columns name figures */
	struct map_wish *columns;
	size_t columns_n;
	str *skip_columns, *skip_rows;
	size_t skip_columns_n, skip_rows_n;
	struct profile_word *strip; /* field id -> prefix */
	size_t strip_n;
	struct profile_word *units;
	size_t units_n;
	struct profile_state *states;
	size_t states_n;
};

/* All of a model. RC_INVALID names file and line. */
MUST_USE enum rc profiles_read(
	struct arena *a, const struct model *m, struct profile **out, size_t *out_n, struct err *err);
/* One file; path as in model->texts. */
MUST_USE enum rc profile_read(
	struct arena *a, const struct model *m, str path, str text, struct profile *out, struct err *err);
/* The one of that id; RC_NOT_FOUND lists them. */
MUST_USE enum rc profile_named(
	const struct profile *list, size_t n, str id, const struct profile **out, struct err *err);

/* Do these headers make it a sheet of the profile? */
bool profile_fits(struct arena *a, const struct profile *p, const str *headers, size_t n);
/* What is a row of it: false for the rows that it skips. Rewrites cells (prefixes, units) and gives the state that an empty
 * cell asks for; row->cells must be writable. */
bool profile_row(
	struct arena *a, const struct profile *p, const struct import_map *map, struct import_row *row);
/* Columns that the profile skips mean nothing, without being told as unknown. */
void profile_skip(struct arena *a, const struct profile *p, struct import_map *map);
