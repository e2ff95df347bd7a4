/* columns.h -- what a collection asks for itself, where no register holds it: its own columns, and a unit's answer to them.
 *
 * Declared in collection.ask_for, one column a line (or parted by ；):
 *     参加人数 | 数字 | 必填
 *     经费 | 金额
 *     方式 | 选项 线上、线下
 * Types: 文字 text, 数字 number, 金额 money, 日期 date, 是否 yes, 选项 choice A、B; without one it is a text. The bar may be
 * full-width. A column is a struct field (model.h), so that value_parse, value_text and the sheets know it; its id is c1, c2
 * ... and its label, in both languages the one that was written, is what an answer is kept under, so that a column put in
 * between moves nobody's answer.
 *
 * An answer is collection_reply.answers: a JSON object label -> text as value_plain writes it (sealed in the database). It is
 * read against the columns as they stand: what no column asks for any more is passed over. Numbers and money are summed. */
#pragma once
#include "register/record.h"

enum { COLUMNS_MAX = 40, COLUMN_CHOICES_MAX = 40, COLUMN_LABEL_MAX = 40 };

/* Empty text: no columns. RC_INVALID names the line and what is wrong with it. */
MUST_USE enum rc columns_read(struct arena *a, str text, struct field **out, size_t *out_n, struct err *err);
/* What an office would ask for a second time: a column that is called like a figure of the model is refused (RC_CONFLICT),
 * with where it stands. */
MUST_USE enum rc columns_asked_elsewhere(
	const struct model *m, const struct field *columns, size_t n, struct err *err);
/* texts[i] of columns[i], as a person wrote them -> values; RC_INVALID: *out_at is the column that does not fit. */
MUST_USE enum rc columns_answer(struct arena *a, const struct field *columns, size_t n, const str *texts,
	struct value **out, size_t *out_at, struct err *err);
/* The answer as it is kept, and back. A kept answer that cannot be read is empty values. */
str columns_pack(struct arena *a, const struct field *columns, size_t n, const struct value *values);
struct value *columns_unpack(struct arena *a, const struct field *columns, size_t n, str kept);
bool column_sums(const struct field *column);
/* The column that is called so; NULL when none is. Blanks and a trailing mark of being required (*) do not count. */
const struct field *column_called(const struct field *columns, size_t n, str label);
