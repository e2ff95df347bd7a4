/* rules.c -- see rules.h */
#include "service/appraisal/rules.h"
#include "register/rule_file.h"

#define FILE_NAME "rules/appraisal.yaml"

enum { PERCENT = 100 };

static enum rc listed(
	const struct rule_file *f, const char *key, enum yaml_kind items, size_t max, const struct yaml **out)
{
	const struct yaml *y = yaml_get(&f->root, key);
	if (y == NULL || y->kind != YAML_LIST || y->n > max)
		return rule_bad(f, y ? y : &f->root, key);
	for (size_t i = 0; i < y->n; i++)
		if (y->items[i].kind != items)
			return rule_bad(f, &y->items[i], key);
	*out = y;
	return RC_OK;
}

static enum rc band_of(const struct rule_file *f, const struct appraisal_rules *out, const struct yaml *map,
	const char *key, int *out_band)
{
	str id = rule_text(map, key);
	for (*out_band = 0; *out_band < out->bands_n; ++*out_band)
		if (str_eq(out->bands[*out_band], id))
			return RC_OK;
	return rule_bad(f, map, key);
}

/* ---- who takes part ---- */

static enum rc read_units(struct rule_file *f, struct appraisal_rules *out)
{
	const struct yaml *kinds, *eligible;
	out->org = model_reg(f->m, STR("org"));
	out->score = model_reg(f->m, STR("appraisal_score"));
	if (out->org == NULL || out->score == NULL)
		return FAIL(f->err, RC_INVALID, "%s: the model has no register %s", f->path,
			out->org ? "appraisal_score" : "org");
	TRY(listed(f, "for_kinds", YAML_SCALAR, APPRAISAL_KINDS_MAX, &kinds));
	for (size_t i = 0; i < kinds->n; i++)
		out->kinds[out->kinds_n++] = kinds->items[i].text;
	TRY(rule_map(f, "eligible", PERCENT, &eligible));
	TRY(rule_when(f, eligible, "when", out->org, &out->eligible));
	return out->eligible ? RC_OK : rule_bad(f, eligible, "when");
}

/* ---- items ---- */

/* No figure may be appraised by what it counts, nor by what its rate rests on. */
static bool barred(const struct figure *fig)
{
	return fig->never_appraise || (fig->rate_of && barred(fig->rate_of)) ||
	       (fig->rate_over && barred(fig->rate_over));
}

static enum rc item_figure(
	struct rule_file *f, const struct yaml *y, const char *key, struct appraisal_item *item)
{
	item->figure = model_figure(f->m, rule_text(y, key));
	if (item->figure == NULL || !!item->figure->rate_of != (item->source == APPRAISAL_RATE))
		return rule_bad(f, y, key);
	if (barred(item->figure))
		return FAIL(f->err, RC_INVALID,
			"%s, line %d: “%.*s” may not be appraised: study time, votes, likes, forwards, "
			"check-ins "
			"and installs are no basis of an appraisal (国办函〔2026〕12号); take another figure",
			f->path, y->line, STR_ARG(item->figure->id));
	int64_t most = item->source == APPRAISAL_RATE ? PERCENT : 1000000000;
	return rule_int(f, y, "full_at", 1, most, &item->full_at);
}

static enum rc read_item(struct rule_file *f, const struct yaml_pair *pair, struct appraisal_item *item)
{
	const struct yaml *y = &pair->value;
	*item = (struct appraisal_item){.id = pair->key, .source = APPRAISAL_JUDGEMENT};
	item->label = rule_label(y, "label");
	if (y->kind != YAML_MAP || item->label.zh.n == 0 || item->label.en.n == 0)
		return rule_bad(f, y, "label");
	TRY(rule_int(f, y, "weight", 1, PERCENT, &item->weight));
	bool figure = yaml_get(y, "figure"), rate = yaml_get(y, "rate"), judged = yaml_get(y, "judgement");
	if (figure + rate + judged != 1)
		return FAIL(f->err, RC_INVALID,
			"%s, line %d: an item has one of “figure”, “rate” and “judgement”", f->path, y->line);
	if (judged)
		return RC_OK;
	item->source = rate ? APPRAISAL_RATE : APPRAISAL_FIGURE;
	return item_figure(f, y, rate ? "rate" : "figure", item);
}

static enum rc read_items(struct rule_file *f, struct appraisal_rules *out)
{
	const struct yaml *map;
	int64_t sum = 0;
	TRY(rule_map(f, "items", APPRAISAL_ITEMS_MAX, &map));
	for (size_t i = 0; i < map->n; i++) {
		TRY(read_item(f, &map->pairs[i], &out->items[out->items_n]));
		sum += out->items[out->items_n++].weight;
	}
	return sum == PERCENT ? RC_OK
			      : FAIL(f->err, RC_INVALID, "%s, line %d: the weights make %lld, not 100",
					f->path, map->line, (long long)sum);
}

/* ---- grades ---- */

static enum rc read_bands(struct rule_file *f, struct appraisal_rules *out)
{
	const struct yaml *list;
	TRY(listed(f, "bands", YAML_MAP, APPRAISAL_BANDS_MAX, &list));
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *y = &list->items[i];
		int64_t most = i ? out->from[i - 1] - 1 : PERCENT;
		out->bands[i] = rule_text(y, "id");
		out->band_labels[i] = rule_label(y, "label");
		if (out->bands[i].n == 0)
			return rule_bad(f, y, "id");
		if (out->band_labels[i].zh.n == 0 || out->band_labels[i].en.n == 0)
			return rule_bad(f, y, "label");
		TRY(rule_int(f, y, "from", 0, most, &out->from[i]));
		out->bands_n++;
	}
	return list->n && out->from[list->n - 1] == 0
		       ? RC_OK
		       : FAIL(f->err, RC_INVALID, "%s, line %d: the last band begins at 0", f->path,
				 list->line);
}

static enum rc read_vetoes(struct rule_file *f, struct appraisal_rules *out)
{
	const struct yaml *map;
	TRY(rule_map(f, "vetoes", APPRAISAL_VETOES_MAX, &map));
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *y = &map->pairs[i].value;
		struct appraisal_veto *v = &out->vetoes[out->vetoes_n++];
		v->id = map->pairs[i].key;
		v->label = rule_label(y, "label");
		if (y->kind != YAML_MAP || v->label.zh.n == 0 || v->label.en.n == 0)
			return rule_bad(f, y, "label");
		TRY(rule_when(f, y, "when", out->org, &v->when));
		if (v->when == NULL)
			return rule_bad(f, y, "when");
		TRY(band_of(f, out, y, "cap", &v->cap));
	}
	return RC_OK;
}

static enum rc read_shares(struct rule_file *f, struct appraisal_rules *out)
{
	const struct yaml *list;
	if (yaml_get(&f->root, "shares") == NULL)
		return RC_OK;
	TRY(listed(f, "shares", YAML_MAP, APPRAISAL_SHARES_MAX, &list));
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *y = &list->items[i];
		TRY(band_of(f, out, y, "band", &out->shares[i].band));
		if (out->shares[i].band == out->bands_n - 1) /* there is none to fall to */
			return rule_bad(f, y, "band");
		TRY(rule_int(f, y, "at_most", 0, PERCENT, &out->shares[i].at_most));
		if (!str_is(rule_text(y, "among"), "school"))
			return rule_bad(f, y, "among");
		out->shares_n++;
	}
	return RC_OK;
}

enum rc appraisal_rules_read(
	struct arena *a, const struct model *m, struct appraisal_rules *out, struct err *err)
{
	struct rule_file f;
	*out = (struct appraisal_rules){0};
	TRY(rule_file_open(&f, a, m, FILE_NAME, err));
	TRY(read_units(&f, out));
	TRY(read_items(&f, out));
	TRY(read_bands(&f, out));
	TRY(read_vetoes(&f, out));
	TRY(read_shares(&f, out));
	return rule_int(&f, &f.root, "weak_item", 0, PERCENT, &out->weak_item);
}
