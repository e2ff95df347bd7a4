/* consent_text.c -- see consent_text.h. */
#include "register/consent_text.h"
#include "base/date.h"
#include "base/hash.h"
#include "register/rule_file.h"
#include <stdio.h>

/* A file that may be absent: an empty root then. */
static enum rc file_read(
	struct arena *a, const struct model *m, const char *path, struct yaml *out, struct err *err)
{
	struct rule_file f;
	enum rc rc = rule_file_open(&f, a, m, path, err);
	*out = f.root;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc consent_contact(struct arena *a, const struct model *m, struct consent_contact *out, struct err *err)
{
	struct yaml root;
	TRY(file_read(a, m, "rules/consent.yaml", &root, err));
	const struct yaml *one = yaml_get(&root, "contact");
	*out = (struct consent_contact){.name = rule_label(one, "name"),
		.address = rule_label(one, "address"),
		.phone = rule_text(one, "phone")};
	return RC_OK;
}

enum rc consent_texts(
	struct arena *a, const struct model *m, struct consent_text **out, size_t *out_n, struct err *err)
{
	struct yaml root, purposes;
	*out = NULL;
	*out_n = 0;
	TRY(file_read(a, m, "rules/consent.yaml", &root, err));
	TRY(file_read(a, m, "rules/purposes.yaml", &purposes, err));
	const struct yaml *texts = yaml_get(&root, "texts"), *names = yaml_get(&purposes, "purposes");
	if (texts == NULL || texts->kind != YAML_MAP)
		return RC_OK;
	*out = NEWS(a, texts->n + 1, struct consent_text);
	for (size_t i = 0; i < texts->n; i++) {
		const struct yaml *one = &texts->pairs[i].value;
		struct consent_text x = {.purpose = texts->pairs[i].key,
			.text = rule_label(one, "text"),
			.since = rule_text(one, "since")};
		str version = rule_text(one, "version");
		if (version.n == 0 || version.n > CONSENT_VERSION_MAX_BYTES - 9 || x.text.zh.n == 0 ||
			x.text.en.n == 0)
			return FAIL(err, RC_INVALID,
				"%s, line %d: a text has a version and its words in zh and en",
				"rules/consent.yaml", texts->pairs[i].line);
		int32_t day;
		if (x.since.n && !date_parse(x.since, &day))
			return FAIL(err, RC_INVALID, "%s, line %d: “since” is a day such as 2026-03-05",
				"rules/consent.yaml", texts->pairs[i].line);
		struct hash h =
			hash_sha256(arena_fmt(a, "%.*s\n%.*s", STR_ARG(x.text.zh), STR_ARG(x.text.en)));
		x.version = arena_fmt(a, "%.*s#%.*s", STR_ARG(version), STR_ARG(hex_str(a, h.b, 4)));
		char key[80];
		snprintf(key, sizeof key, "%.*s", STR_ARG(str_head(x.purpose, 60)));
		x.label = rule_label(names ? yaml_get(names, key) : NULL, "label");
		if (x.label.zh.n == 0)
			x.label = (struct label){x.purpose, x.purpose};
		(*out)[(*out_n)++] = x;
	}
	return RC_OK;
}

/* VERSION of VERSION#DIGEST: a version may hold a # itself, the digest does not. */
static str version_name(str version)
{
	size_t at = version.n;
	while (at > 0 && version.p[at - 1] != '#')
		at--;
	return str_head(version, at ? at - 1 : version.n);
}

enum rc consent_texts_follow(
	struct arena *a, const struct model *before, const struct model *m, struct err *err)
{
	struct consent_text *old, *new;
	size_t old_n, new_n;
	TRY(consent_texts(a, before, &old, &old_n, err));
	TRY(consent_texts(a, m, &new, &new_n, err));
	for (size_t i = 0; i < new_n; i++)
		for (size_t k = 0; k < old_n; k++)
			if (str_eq(old[k].purpose, new[i].purpose) &&
				str_eq(version_name(old[k].version), version_name(new[i].version)) &&
				!str_eq(old[k].version, new[i].version))
				return FAIL(err, RC_INVALID,
					"rules/consent.yaml: the text for “%.*s” has other words under its "
					"old version %.*s: give it a new one",
					STR_ARG(new[i].purpose), STR_ARG(version_name(old[k].version)));
	return RC_OK;
}
