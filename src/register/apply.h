/* apply.h -- applying: rows that a person leaves about himself, or a guardian about the child, because a register declares
 * `apply:` (docs/declaring.md): what is open (rows of `to` that fulfil `when`, of the person's own unit's ancestors where
 * `within`), what is asked, and what the program fills in (the person, what is applied for, the day, the day of the
 * guardian's consent).
 *
 * Who may: permit.h, relation own, roles self and guardian; whose child somebody is, guardianship says. Where the
 * register's purpose has a text of consent (rules/consent.yaml), a consent in force is needed, under 14 (or of unknown
 * age) the guardian's; it is given with the application (consent_give.h), or stands. The owner of the row is the person's own
 * unit. A row that stands already (its key) is RC_CONFLICT. */
#pragma once
#include "register/consent_text.h"
#include "register/record.h"

enum { APPLY_OFFERS_MAX = 100 };

struct offer {
	const struct reg *reg;
	int64_t to; /* the row that is applied for; 0: none */
	int64_t org;
	str title, until; /* of it */
	str asks;         /* its questions (columns) */
	int64_t own;      /* the person's live row; 0: none */
};

/* May the reader leave such rows about this person at all? */
bool apply_may(const struct reader *r, const struct reg *reg, int64_t person, int64_t org);
/* What is open now, register by register in the order of the model, the first to end first. */
MUST_USE enum rc apply_offers(
	struct reader *r, int64_t person, struct offer **out, size_t *out_n, struct err *err);
/* One of them; RC_NOT_FOUND where it is not open to this person. */
MUST_USE enum rc apply_offer(struct reader *r, int64_t person, const struct reg *reg, int64_t to,
	struct offer *out, struct err *err);

/* What is to be consented to with it; out->purpose empty: nothing, or it stands already. *out_guardian: the person may not
 * consent alone. */
MUST_USE enum rc apply_consent(struct reader *r, const struct reg *reg, int64_t person,
	struct consent_text *out, bool *out_guardian, struct err *err);

struct application {
	const struct reg *reg;
	int64_t to, person;
	const struct entry *entries; /* fields of `takes` and `into` */
	size_t n;
	str agreed; /* version of the text that was agreed to with it; empty: none */
};
/* Inside a job of the person or the guardian. */
MUST_USE enum rc apply_leave(
	struct job_ctx *c, const struct application *x, int64_t *out_id, struct err *err);
