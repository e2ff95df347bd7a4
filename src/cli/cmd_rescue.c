/* cmd_rescue.c -- qinghe rescue list: the children whom the finder's rules turn up; rescue run: a task for each. */
#include "base/clock.h"
#include "base/date.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "guard/audit.h"
#include "service/rescue/open.h"
#include <string.h>

/* Before a name leaves: every child who will be told, in as many rows of the chain as it takes. */
static enum rc announce(struct reader *r, const struct rescue_list *list, struct err *err)
{
	struct buf b;
	buf_init(&b, AUDIT_TEXT_MAX_BYTES + 1);
	enum rc rc = RC_OK;
	for (size_t i = 0; i < list->n && rc == RC_OK; i++) {
		buf_printf(&b, "%s%lld", b.n ? "," : "person:", (long long)list->hits[i].child);
		if (i + 1 < list->n && b.n + 24 < AUDIT_TEXT_MAX_BYTES)
			continue;
		struct read_note note = {.what = buf_str(&b), .purpose = STR("rescue list")};
		rc = writer_announce_read(r->city->writer, &r->actor, &note, err);
		buf_clear(&b);
	}
	buf_done(&b);
	return rc;
}

static const char *urgency_id(enum rescue_urgency u)
{
	return u == RESCUE_NOW ? "now" : u == RESCUE_HIGH ? "high" : "normal";
}

static const char *urgency_text(enum rescue_urgency u)
{
	return u == RESCUE_NOW ? tr("at once") : u == RESCUE_HIGH ? tr("soon") : tr("in turn");
}

static void json_triggers(struct json *j, const char *key, const struct rescue_list *list, uint64_t bits)
{
	json_key(j, key);
	json_array(j);
	for (size_t k = 0; k < list->rules.triggers_n; k++) {
		const struct rescue_trigger *t = &list->rules.triggers[k];
		if (!(bits >> k & 1))
			continue;
		json_object(j);
		json_put_str(j, "id", t->id);
		json_put_str(j, "label", label_text(&t->label));
		if (t->refer.n)
			json_put_str(j, "refer", t->refer);
		json_object_end(j);
	}
	json_array_end(j);
}

static void print_json(struct reader *r, const struct rescue_list *list, int32_t on)
{
	struct buf b;
	struct json j;
	const struct reg *person = model_reg(r->city->model, STR("person"));
	buf_init(&b, 0);
	json_init(&j, &b);
	json_object(&j);
	json_put_str(&j, "on", date_str(r->a, on));
	json_put_i64(&j, "population", (int64_t)list->population);
	json_put_i64(&j, "open", (int64_t)list->open);
	json_key(&j, "rows");
	json_array(&j);
	for (size_t i = 0; i < list->n; i++) {
		const struct rescue_hit *h = &list->hits[i];
		json_object(&j);
		json_put_i64(&j, "child", h->child);
		json_put_str(&j, "name", record_label(r, person, h->child));
		json_put_bool(&j, "on_roll", h->on_roll);
		if (h->open) {
			json_put_cstr(&j, "urgency", urgency_id(h->urgency));
			json_put_str(&j, "due", date_str(r->a, on + (int32_t)h->days));
		}
		json_triggers(&j, "rules", list, h->open);
		json_triggers(&j, "explained", list, h->explained);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
	buf_done(&b);
}

static void print_text(struct reader *r, const struct rescue_list *list, int32_t on)
{
	const struct reg *person = model_reg(r->city->model, STR("person"));
	for (size_t i = 0; i < list->n; i++) {
		const struct rescue_hit *h = &list->hits[i];
		if (h->open == 0)
			continue;
		printf("#%lld\t%.*s\t%s\t%.*s", (long long)h->child,
			STR_ARG(record_label(r, person, h->child)), urgency_text(h->urgency),
			STR_ARG(date_str(r->a, on + (int32_t)h->days)));
		for (size_t k = 0; k < list->rules.triggers_n; k++)
			if (h->open >> k & 1)
				printf("\t%.*s", STR_ARG(label_text(&list->rules.triggers[k].label)));
		putchar('\n');
	}
	printf(tr("%zu children on the lists; %zu found, %zu of them only with what has been explained\n"),
		list->population, list->n, list->n - list->open);
}

static enum rc list(struct invocation *in, int32_t on, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct reader r;
	struct rescue_list found;
	TRY(cli_city(in, true, &city, &actor, err)); /* the announcement is written */
	enum rc rc = reader_open(city, in->a, &actor, &r, err);
	if (rc == RC_OK) {
		rc = rescue_list(&r, on, &found, err);
		if (rc == RC_OK)
			rc = announce(&r, &found, err);
		if (rc == RC_OK && in->json)
			print_json(&r, &found, on);
		else if (rc == RC_OK)
			print_text(&r, &found, on);
		reader_close(&r);
	}
	city_close(city);
	return rc;
}

static enum rc open_tasks(struct invocation *in, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct rescue_opened x;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = rescue_open(city, &actor, in->a, clock_today(), &x, err);
	city_close(city);
	TRY(rc);
	if (in->json)
		printf("{\"opened\":%zu,\"changed\":%zu,\"open\":%zu}\n", x.opened, x.changed, x.stand);
	else
		printf(tr("%zu opened, %zu changed; %zu open\n"), x.opened, x.changed, x.stand);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *day = NULL;
	int32_t on = clock_today();
	TRY(opt_text(in, "--on", &day, err));
	TRY(opt_done(in, 1, 1, &cmd_rescue, err));
	if (strcmp(in->argv[0], "run") == 0 && day == NULL)
		return open_tasks(in, err);
	if (strcmp(in->argv[0], "list") != 0)
		return usage_error(&cmd_rescue, err);
	if (day && !date_parse(str_of(day), &on))
		return FAIL(err, RC_INVALID, "--on wants a day such as 2025-12-31, not “%s”", day);
	return list(in, on, err);
}

const struct command cmd_rescue = {
	.name = "rescue",
	.usage = N_("rescue list [--on DATE] | run"),
	.summary = N_("children whom nobody is caring for, found by the rules"),
	.help = N_(
		"Goes through rules/rescue.yaml over the registers as they stand, conditions on the day DATE "
		"(today): who is on the population lists and has no able carer, was not seen in time, or "
		"sets "
		"off one of the triggers. Gravest first, each with the day by which it must be answered. "
		"What was closed as explained not long ago stands in --json under \"explained\". Every child "
		"told is noted in the audit chain first.\n"
		"run: keeps one open row of rescue_hit for each child and trigger, with the day by which it "
		"must "
		"be answered; only a person closes it. A second run changes nothing. `serve` does it daily "
		"by "
		"itself. Only the operator.\n"
		"--json of run: {\"opened\",\"changed\",\"open\"}\n"
		"--json: "
		"{\"on\",\"population\",\"open\",\"rows\":[{\"child\",\"name\",\"on_roll\",\"urgency\","
		"\"due\",\"rules\":[{\"id\",\"label\",\"refer\"}],\"explained\":[...]}]}\n"
		"Example: qinghe rescue list --on 2025-12-31\n"
		"Exit codes: 0 done, 2 a fault in the rules, 3 not yours to read."),
	.run = run,
};
