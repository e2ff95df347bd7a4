/* appraise_json.c -- see appraise_json.h. */
#include "service/appraisal/appraise_json.h"

enum { HUNDREDTHS = 2 };

static void put_items(struct json *j, const struct appraisal_rules *rules, const struct appraisal_unit *u)
{
	json_key(j, "items");
	json_array(j);
	for (size_t i = 0; i < rules->items_n; i++) {
		const struct appraisal_item *item = &rules->items[i];
		const struct appraisal_mark *m = &u->marks[i];
		json_object(j);
		json_put_str(j, "item", item->id);
		json_put_i64(j, "weight", item->weight);
		if (item->figure)
			json_put_str(j, "figure", item->figure->id);
		json_key(j, "points");
		if (m->known)
			json_decimal(j, m->points, HUNDREDTHS);
		else
			json_null(j);
		if (m->known) {
			json_key(j, "value");
			json_decimal(j, m->value, item->source == APPRAISAL_FIGURE ? 0 : HUNDREDTHS);
		} else {
			json_put_str(j, "why", m->why);
		}
		json_put_bool(j, "weak", appraisal_weak(rules, u, i));
		json_object_end(j);
	}
	json_array_end(j);
}

void appraisal_put_json(struct json *j, const struct appraisal_rules *rules, const struct appraisal_unit *u)
{
	json_object(j);
	json_put_i64(j, "org", u->id);
	json_put_str(j, "code", u->code);
	json_put_str(j, "name", u->name);
	json_key(j, "score");
	if (u->missing)
		json_null(j);
	else
		json_decimal(j, u->score, HUNDREDTHS);
	json_key(j, "band");
	if (u->band == APPRAISAL_UNGRADED)
		json_null(j);
	else
		json_str(j, rules->bands[u->band]);
	json_key(j, "vetoes");
	json_array(j);
	for (size_t v = 0; v < rules->vetoes_n; v++)
		if (u->vetoes >> v & 1)
			json_str(j, rules->vetoes[v].id);
	json_array_end(j);
	json_put_bool(j, "fell", u->fell);
	json_put_bool(j, "share_open", u->share_open);
	put_items(j, rules, u);
	json_object_end(j);
}
