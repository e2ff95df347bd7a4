/* consent_text.h -- the texts of rules/consent.yaml: to what a person, or the guardian of a child, consents online. Each has a
 * version; what the register keeps is VERSION#DIGEST, eight hex digits of the SHA-256 over both languages, so that a text
 * changed under its old version is told apart. */
#pragma once
#include "register/model.h"

enum { CONSENT_VERSION_MAX_BYTES = 40 };

struct consent_text {
	str purpose, version; /* version: as kept, 2026.1#1f3a9c02 */
	str since;            /* the day from which it stands, ISO; empty: not said */
	struct label label;   /* of the purpose (rules/purposes.yaml); its id where it has none */
	struct label text;
};
/* Whom people turn to about their data: `contact` of the same file; empty where a city says nothing. */
struct consent_contact {
	struct label name, address;
	str phone;
};
MUST_USE enum rc consent_contact(
	struct arena *a, const struct model *m, struct consent_contact *out, struct err *err);
/* In the order of the file; a model without the file has none. */
MUST_USE enum rc consent_texts(
	struct arena *a, const struct model *m, struct consent_text **out, size_t *out_n, struct err *err);
/* RC_INVALID where a text of `m` has other words than the same version has in `before`: what people consented to would be
 * told by a name that now means something else. */
MUST_USE enum rc consent_texts_follow(
	struct arena *a, const struct model *before, const struct model *m, struct err *err);
