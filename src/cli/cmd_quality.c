/* cmd_quality.c -- qinghe quality [RULE...]: rows that look wrong, for a person to look at. */
#include "base/buf.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "format/json.h"
#include "register/record.h"
#include "service/quality/find.h"

enum { LIMIT_DEFAULT = 20, LIMIT_MAX = 100000 };

struct asked_rules {
	struct quality_rules rules;
	int64_t org, limit;
	int64_t hits;
};

static bool wanted(const struct invocation *in, str id)
{
	for (int i = 0; i < in->argc; i++)
		if (str_is(id, in->argv[i]))
			return true;
	return in->argc == 0;
}

static enum rc known(const struct invocation *in, const struct quality_rules *rules, struct err *err)
{
	for (int i = 0; i < in->argc; i++) {
		bool found = false;
		for (size_t k = 0; k < rules->n; k++)
			found = found || str_is(rules->list[k].id, in->argv[i]);
		if (!found)
			return FAIL(err, RC_NOT_FOUND, "no rule “%s” in rules/quality.yaml", in->argv[i]);
	}
	return RC_OK;
}

static void put_json(struct json *j, const struct quality_rule *q, const struct quality_hit *hits,
	size_t shown, size_t n, bool closed)
{
	json_object(j);
	json_put_str(j, "rule", q->id);
	json_put_str(j, "label", label_text(&q->label));
	if (q->law.zh.n)
		json_put_str(j, "law", label_text(&q->law));
	json_put_bool(j, "closed", closed);
	json_put_i64(j, "found", (int64_t)n);
	json_key(j, "rows");
	json_array(j);
	for (size_t i = 0; i < shown; i++) {
		json_object(j);
		json_put_str(j, "register", hits[i].reg->id);
		json_put_i64(j, "id", hits[i].id);
		json_put_i64(j, "org", hits[i].org);
		if (hits[i].what.n)
			json_put_str(j, "what", hits[i].what);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void print(struct buf *b, struct reader *r, const struct quality_rule *q,
	const struct quality_hit *hits, size_t shown, size_t n, bool closed)
{
	const struct reg *org = model_reg(r->city->model, STR("org"));
	if (closed) {
		buf_printf(b, tr("%.*s  %.*s: not open to your role\n"), STR_ARG(q->id),
			STR_ARG(label_text(&q->label)));
		return;
	}
	buf_printf(b, "%.*s  %.*s: %zu\n", STR_ARG(q->id), STR_ARG(label_text(&q->label)), n);
	for (size_t i = 0; i < shown; i++)
		buf_printf(b, "  %.*s #%lld\t%.*s%s%.*s\n", STR_ARG(label_text(&hits[i].reg->label)),
			(long long)hits[i].id, STR_ARG(record_label(r, org, hits[i].org)),
			hits[i].what.n ? "\t" : "", STR_ARG(hits[i].what));
	if (shown < n)
		buf_printf(b, tr("  ... and %zu more; --limit shows them\n"), n - shown);
}

/* Lines for people into b, or JSON into j. */
static enum rc look(struct invocation *in, struct reader *r, struct asked_rules *x, struct buf *b,
	struct json *j, struct err *err)
{
	for (size_t i = 0; i < x->rules.n; i++) {
		const struct quality_rule *q = &x->rules.list[i];
		struct quality_hit *hits = NULL;
		size_t n;
		bool closed;
		if (!wanted(in, q->id))
			continue;
		TRY(quality_find(r, q, x->org, (size_t)x->limit, &hits, &n, &closed, err));
		size_t shown = n < (size_t)x->limit ? n : (size_t)x->limit;
		x->hits += (int64_t)n;
		if (in->json)
			put_json(j, q, hits, shown, n, closed);
		else if (n || closed || !in->quiet)
			print(b, r, q, hits, shown, n, closed);
	}
	return RC_OK;
}

static enum rc quality(
	struct invocation *in, struct cli_reader *c, struct asked_rules *x, const char *org, struct err *err)
{
	struct reader *r = &c->r;
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	if (!actor_has_office(&r->actor))
		return FAIL(err, RC_DENIED, "this is open to those who hold a role");
	TRY(quality_rules_read(in->a, r->city->model, &x->rules, err));
	TRY(known(in, &x->rules, err));
	TRY(cli_org(r->db, r->city, org, &x->org, err));
	int64_t own = r->actor.org ? r->actor.org : r->city->root_org;
	if (x->org == 0)
		x->org = own;
	if (!tree_under(r->tree, x->org, own, clock_today()))
		return FAIL(err, RC_DENIED, "unit %s is not under yours", org);
	struct buf lines AUTO(buf_done) = {0};
	json_init(&j, &b);
	json_array(&j);
	TRY(look(in, r, x, &lines, &j, err));
	json_array_end(&j);
	TRY(cli_announce(c, err)); /* rows of minors are among them: before a byte leaves */
	if (in->json)
		printf("%.*s\n", STR_ARG(buf_str(&b)));
	else
		printf("%.*s", STR_ARG(buf_str(&lines)));
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct asked_rules *x = NEW(in->a, struct asked_rules);
	const char *org = NULL;
	struct cli_reader c;
	x->limit = LIMIT_DEFAULT;
	TRY(opt_text(in, "--org", &org, err));
	TRY(opt_i64(in, "--limit", &x->limit, err));
	TRY(opt_done(in, 0, -1, &cmd_quality, err));
	if (x->limit < 1 || x->limit > LIMIT_MAX)
		return FAIL(err, RC_INVALID, "--limit is 1 to %d", (int)LIMIT_MAX);
	TRY(cli_reader(in, &c, err));
	enum rc rc = quality(in, &c, x, org, err);
	cli_done(&c);
	TRY(rc);
	return x->hits ? RC_FOUND : RC_OK;
}

const struct command cmd_quality = {
	.name = "quality",
	.usage = N_("quality [RULE...] [--org CODE] [--limit N]"),
	.summary = N_("rows that look wrong: lists used again, round numbers, branches without members"),
	.help = N_("The rules stand in rules/quality.yaml. Rows are told by their numbers; nothing is "
		   "changed. A person "
		   "looks at them.\n"
		   "Example: qinghe quality same_list two_places --org 379901\n"
		   "Exit codes: 0 nothing found, 1 something was found, 2 no such rule or unit, 3 not your "
		   "unit."),
	.run = run,
};
