/* street_rules.c -- see street_rules.h. */
#include "report/street_rules.h"
#include "guard/suppress.h"
#include "register/rule_file.h"

#define FILE_NAME "rules/street.yaml"

enum { PERSONAL = 5, MINOR = 10 };

static const char *const levels[STREET_SENSITIVITIES] = {[SENS_PUBLIC] = "public",
	[SENS_INTERNAL] = "internal",
	[SENS_PERSONAL] = "personal",
	[SENS_MINOR] = "minor",
	[SENS_SEALED] = "sealed"};

static enum rc list_of(
	struct rule_file *r, const struct yaml *root, const char *key, size_t max, const struct yaml **out)
{
	*out = yaml_get(root, key);
	return *out && (*out)->kind == YAML_LIST && (*out)->n <= max ? RC_OK : rule_bad(r, root, key);
}

static enum rc read_thresholds(struct rule_file *r, struct street_rules *out)
{
	const struct yaml *map, *zero;
	TRY(rule_map(r, "thresholds", STREET_SENSITIVITIES, &map));
	TRY(list_of(r, &r->root, "zero_hides", STREET_SENSITIVITIES, &zero));
	for (size_t s = 0; s < STREET_SENSITIVITIES; s++) {
		TRY(rule_int(r, map, levels[s], 0, SUPPRESS_THRESHOLD_MAX, &out->threshold[s]));
		if (s > 0 && out->threshold[s] < out->threshold[s - 1])
			return rule_bad(r, map, levels[s]); /* the more sensitive, the higher */
		for (size_t i = 0; i < zero->n; i++)
			out->zero_hides[s] = out->zero_hides[s] || str_is(zero->items[i].text, levels[s]);
	}
	return RC_OK;
}

static enum rc read_all(struct rule_file *r, struct street_rules *out)
{
	const struct yaml *list;
	TRY(list_of(r, &r->root, "units", STREET_KINDS_MAX, &list));
	for (size_t i = 0; i < list->n; i++)
		out->kinds[out->kinds_n++] = list->items[i].text;
	TRY(list_of(r, &r->root, "figures", STREET_FIGURES_MAX, &list));
	for (size_t i = 0; i < list->n; i++) {
		const struct figure *f = model_figure(r->m, list->items[i].text);
		if (f == NULL || f->of == NULL || f->money || f->minutes || f->grain == G_MEDIAN ||
			f->grain == G_RATE)
			return rule_bad(r, &list->items[i], "figures");
		out->figures[out->figures_n++] = f;
	}
	TRY(read_thresholds(r, out));
	return rule_int(r, &r->root, "works_from", 1, 1000, &out->works_from);
}

enum rc street_rules_read(struct arena *a, const struct model *m, struct street_rules *out, struct err *err)
{
	struct rule_file r;
	*out = (struct street_rules){.works_from = PERSONAL,
		.threshold = {[SENS_PERSONAL] = PERSONAL, [SENS_MINOR] = MINOR, [SENS_SEALED] = MINOR},
		.zero_hides = {[SENS_MINOR] = true, [SENS_SEALED] = true}};
	if (model_text(m, FILE_NAME) == NULL)
		return RC_OK;
	*out = (struct street_rules){0};
	TRY(rule_file_open(&r, a, m, FILE_NAME, err));
	return read_all(&r, out);
}

static enum sensitivity level_of(const struct figure *f)
{
	return f->of ? f->of->sensitivity : SENS_PUBLIC;
}

int64_t street_threshold(const struct street_rules *rules, const struct figure *f)
{
	return rules->threshold[level_of(f)];
}

bool street_zero_hides(const struct street_rules *rules, const struct figure *f)
{
	return rules->zero_hides[level_of(f)];
}
