/* instrument.h -- screening scales as data: model/instruments/ID.yaml, or a city's own file.
 *
 *	instrument: phq9
 *	version: zh-CN-2010            the wording; a change of wording or order is a new version
 *	title: {zh: ..., en: ...}      likewise period, ask
 *	source: ...                    where items, key and cut-offs come from
 *	licence: ...                   why it may be used; refused without
 *	licence_checked: yes|no        no: a note goes with every list until somebody has read the licence itself
 *	columns: [phq]                 prefixes of headers; "PHQ1", "phq_1" and "1" are item 1
 *	options: [{value: 0, zh: ..., en: ...}, ...]
 *	items: [{id: q1, zh: ..., en: ..., reverse: yes, risk: yes}, ...]
 *	subscales: [{id: a, zh, en, items: [q1, q2]}]
 *	bands: [{id: none, zh, en, from: 0, to: 4, level: 0}, ...]      no gap, no overlap, from the least total to the largest
 *	alarms: [{id: item9, zh, en, items: [q9], count: 1, at_least: 1, level: 3}, {id: total, total: yes, at_most: 12},
 *	         {id: a, subscale: a, at_least: 5}, {..., void: yes}]
 *	prorate_up_to: 2
 *	multiply: 4
 * A fault is RC_INVALID with name:line:column. An unknown key is a fault. Texts live as long as `text` and the arena. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "service/screening/score.h"

MUST_USE enum rc instrument_read(
	struct arena *a, str text, const char *name, struct instrument *out, struct err *err);
/* The shipped instrument of that id (embedded); RC_NOT_FOUND lists what there is. */
MUST_USE enum rc instrument_shipped(struct arena *a, const char *id, struct instrument *out, struct err *err);
/* "phq9, gad7, ..." */
str instrument_list(struct arena *a);

/* Which column holds which item: by id, by number, or by one of the prefixes and the number (case, blanks, _ and - do not
 * matter); where none fits, the one prefix that numbers exactly items_n columns. out_column[items_n].
 * RC_INVALID names the item without a column, or says that two sets of columns fit. */
MUST_USE enum rc instrument_columns(
	const struct instrument *in, const str *headers, size_t n, size_t *out_column, struct err *err);
/* A cell: a whole number, or missing where it is empty or NA, N/A, -, 缺失, 未答. False: neither. */
bool instrument_answer(str cell, int8_t *out);
