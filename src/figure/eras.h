/* eras.h -- for whom an organisation's rows count on a day: its ancestors, cut into eras.
 *
 * An era is a span of days on which the ancestors of one organisation do not change (most have one era for ever). Eras
 * are numbered from 1, so that sums can be kept by era and rolled up once. They are made at the first use.
 *
 * Ownership: the list belongs to struct eras and stays until eras_reset. eras_forget drops only the way from an
 * organisation to its eras: after a move of the tree later days get new eras, and sums kept by the old ones stay right.
 * The tree is read at the first use after forget; the caller says when it may have changed.
 * An organisation that does not stand in the tree counts for nobody. */
#pragma once
#include "base/map.h"
#include "register/tree.h"

struct era {
	int32_t from, to;   /* days, to exclusive */
	const int64_t *anc; /* ascending, the organisation itself among them */
	uint32_t anc_n;
	uint32_t number; /* from 1 */
};

struct eras {
	struct arena a;
	struct imap first; /* organisation -> number of its first era */
	struct era *list;  /* by number - 1; the eras of one organisation stand together, in time's order */
	uint8_t *ends;     /* 1: the organisation's last era */
	size_t n, cap, ends_cap;
};

void eras_done(struct eras *e);
void eras_reset(struct eras *e);  /* numbers start anew */
void eras_forget(struct eras *e); /* numbers stay */
/* The era of org on day, or NULL. The pointer holds until the next call. */
const struct era *eras_at(struct eras *e, const struct tree *t, int64_t org, int32_t day);
const struct era *eras_get(const struct eras *e, uint32_t number);
/* The ancestors of several organisations on a day, each once, ascending: for rows that several hold. Returns their
 * number; over `cap` they are cut (a row has at most ROW_ANCESTORS_MAX). */
enum { ROW_ANCESTORS_MAX = 512 };
size_t eras_union(struct eras *e, const struct tree *t, const int64_t *orgs, size_t n, int32_t day,
	int64_t out[ROW_ANCESTORS_MAX]);
