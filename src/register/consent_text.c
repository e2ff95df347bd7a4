/* consent_text.c -- see consent_text.h. */
#include "register/consent_text.h"
#include "base/hash.h"
#include "format/yaml.h"
#include <stdio.h>

static enum rc file_read(
	struct arena *a, const struct model *m, const char *path, struct yaml *out, struct err *err)
{
	*out = (struct yaml){0};
	for (size_t i = 0; i < m->texts_n; i++)
		if (str_is(m->texts[i].path, path)) {
			enum rc rc = yaml_read(a, m->texts[i].text, out, NULL, NULL, err);
			return rc == RC_OK ? rc : err_at(err, rc, "%s", path);
		}
	return RC_OK;
}

static str text_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	return y && y->kind == YAML_SCALAR ? y->text : (str){NULL, 0};
}

static struct label label_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = map ? yaml_get(map, key) : NULL;
	return (struct label){text_of(y, "zh"), text_of(y, "en")};
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
		struct consent_text x = {.purpose = texts->pairs[i].key, .text = label_of(one, "text")};
		str version = text_of(one, "version");
		if (version.n == 0 || version.n > CONSENT_VERSION_MAX_BYTES - 9 || x.text.zh.n == 0 ||
			x.text.en.n == 0)
			return FAIL(err, RC_INVALID,
				"%s, line %d: a text has a version and its words in zh and en",
				"rules/consent.yaml", texts->pairs[i].line);
		struct hash h =
			hash_sha256(arena_fmt(a, "%.*s\n%.*s", STR_ARG(x.text.zh), STR_ARG(x.text.en)));
		x.version = arena_fmt(a, "%.*s#%.*s", STR_ARG(version), STR_ARG(hex_str(a, h.b, 4)));
		char key[80];
		snprintf(key, sizeof key, "%.*s", STR_ARG(str_head(x.purpose, 60)));
		x.label = label_of(names ? yaml_get(names, key) : NULL, "label");
		if (x.label.zh.n == 0)
			x.label = (struct label){x.purpose, x.purpose};
		(*out)[(*out_n)++] = x;
	}
	return RC_OK;
}
