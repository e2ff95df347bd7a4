/* cmd_region.c -- qinghe region NAME|CODE...: the divisions of the country that the program carries. */
#include "base/region.h"
#include "cli/commands.h"
#include "format/json.h"

enum { SHOWN_MAX = 200 };

static void put_day(struct json *j, struct arena *a, const char *key, int32_t day)
{
	json_key(j, key);
	if (day == DATE_NONE)
		json_null(j);
	else
		json_str(j, date_str(a, day));
}

static void show(const struct invocation *in, struct json *j, const struct region *r)
{
	str label = region_label(in->a, r->code);
	if (!in->json) {
		printf("%.*s\t%.*s", STR_ARG(r->code), STR_ARG(label));
		if (r->statistical)
			printf("\t%s", tr("a zone of the statistics, no county"));
		if (r->to != DATE_NONE)
			printf(tr("\tuntil %.*s"), STR_ARG(date_str(in->a, r->to)));
		putchar('\n');
		return;
	}
	json_object(j);
	json_put_str(j, "code", r->code);
	json_put_str(j, "name", r->name);
	json_put_str(j, "label", label);
	put_day(j, in->a, "from", r->from);
	put_day(j, in->a, "to", r->to);
	json_put_bool(j, "statistical", r->statistical);
	json_object_end(j);
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct region *found = NEWS(in->a, SHOWN_MAX, struct region);
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	bool all = true;
	TRY(opt_done(in, 0, -1, &cmd_region, err));
	if (in->argc == 0) {
		printf("%.*s\n", STR_ARG(region_table_text()));
		return RC_OK;
	}
	json_init(&j, &b);
	json_array(&j);
	for (int i = 0; i < in->argc; i++) {
		str said = str_of(in->argv[i]);
		size_t n = region_find(said, &found[0]) ? 1 : region_named(said, found, SHOWN_MAX);
		all = all && n > 0;
		if (n == 0 && !in->json)
			printf("%s\t%s\n", in->argv[i], tr("no division is called so"));
		for (size_t k = 0; k < n && k < SHOWN_MAX; k++)
			show(in, &j, &found[k]);
	}
	json_array_end(&j);
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	return all ? RC_OK : RC_FOUND;
}

const struct command cmd_region = {
	.name = "region",
	.usage = N_("region [CODE|NAME...]"),
	.summary = N_("the country's divisions: codes and names"),
	.help = N_("Without arguments: which table the program carries. Names may stand behind what they lie "
		   "in: "
		   "西湖区, 杭州西湖区.\n"
		   "Example: qinghe region 330106 杭州西湖区\n"
		   "Exit codes: 0 done, 1 something was not found."),
	.run = run,
};
