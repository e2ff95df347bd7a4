/* survey.h -- what the answers to a survey say together. Nobody reads the answers one by one but who gave them (register
 * survey_answer has no other reader: who entered a row stands in it); this is the only other way to them, and it tells sums.
 *
 * Told only once the survey has ended (closed, or its last day has passed): whoever looked after each answer could tell them
 * apart. A question is told where at least SURVEY_LEAST people answered it. Two readers:
 *	the office that asks (who may read the survey by duty): every number, and texts, sorted, so that their order says nothing;
 *	those who answered, where the survey declares `results: answered`: no texts, and small numbers hidden with a partner
 *	(guard/suppress.h, threshold SURVEY_LEAST, a sum of them told).
 * What a question becomes: choice and yes, bars in the order asked; a number or date of at most SURVEY_BARS_MAX different
 * values (months, for dates), bars too; numbers and money besides, their middle and mean; text, itself.
 *
 * survey_sum is pure. Everything lives in the arena. */
#pragma once
#include "register/record.h"

enum { SURVEY_LEAST = 5, SURVEY_BARS_MAX = 12, SURVEY_TEXTS_MAX = 300 };

struct survey_bar {
	str label;
	int64_t n;
	bool hidden; /* its number is not told */
};
struct survey_question {
	const struct field *column;
	int64_t answered; /* how many gave one */
	bool few;         /* below SURVEY_LEAST: nothing more is told */
	struct survey_bar *bars;
	size_t bars_n;
	int64_t hidden; /* sum of the bars that are hidden */
	bool middled; /* mean and median hold: the mean of numbers in tenths, of money in fen; the lower of two middles */
	int64_t mean, median;
	str *texts;
	size_t texts_n, texts_more;
};
struct survey_result {
	int64_t answers;
	bool ended;
	struct survey_question *questions; /* none before the end */
	size_t questions_n;
};
enum survey_as { SURVEY_OFFICE, SURVEY_ANSWERED };

/* The survey, and as what this reader may see what came of it; RC_NOT_FOUND or RC_DENIED where he may not. */
MUST_USE enum rc survey_of(
	struct reader *r, int64_t id, struct record **out, enum survey_as *out_as, struct err *err);
bool survey_ended(const struct record *survey);
/* Does this survey show its sums to those who answered, as things stand? */
bool survey_tells(const struct record *survey);
MUST_USE enum rc survey_result(struct reader *r, const struct record *survey, enum survey_as as,
	struct survey_result *out, struct err *err);
/* answers[i]: the values of one person, one for each column. */
MUST_USE enum rc survey_sum(struct arena *a, const struct field *columns, size_t n,
	struct value *const *answers, size_t answers_n, enum survey_as as, struct survey_question **out,
	struct err *err);
