/* appraise_json.h -- one unit's appraisal as JSON, the same on the command line and on the page. */
#pragma once
#include "format/json.h"
#include "service/appraisal/appraise.h"

/* {"org","code","name","score","band","vetoes","fell","share_open","items":[{"item","weight","figure","points","value" or
 * "why","weak"}]}; score and band are null while an item is missing. */
void appraisal_put_json(struct json *j, const struct appraisal_rules *rules, const struct appraisal_unit *u);
