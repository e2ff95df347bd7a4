/* cmd_person.c -- qinghe person merge|undo|find: people recorded twice, and people looked up. */
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "register/person.h"
#include "register/shred.h"
#include <string.h>

enum { FOUND_MAX = 50 };

struct args {
	int64_t kept, gone, merge;
	bool undo;
};

static enum rc job(struct job_ctx *c, void *arg, struct err *err)
{
	struct args *x = arg;
	return x->undo ? person_merge_undo(c, x->merge, err)
		       : person_merge(c, x->kept, x->gone, &x->merge, err);
}

static enum rc change(struct invocation *in, struct args *x, struct err *err)
{
	struct city *city;
	struct actor actor;
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = city_run(city, &actor, in->a, (str){NULL, 0}, job, x, err);
	city_close(city);
	if (rc == RC_OK && in->json)
		printf("{\"merge\":%lld}\n", (long long)x->merge);
	else if (rc == RC_OK)
		printf(x->undo ? tr("merge #%lld is undone\n")
			       : tr("merge #%lld; it can be undone for 30 days\n"),
			(long long)x->merge);
	return rc;
}

static enum rc find(struct invocation *in, const char *text, struct err *err)
{
	struct cli_reader c;
	int64_t ids[FOUND_MAX];
	size_t n = 0;
	struct buf b = {0};
	TRY(cli_reader(in, &c, err));
	enum rc rc = person_search(&c.r, str_of(text), ids, FOUND_MAX, &n, err);
	const struct reg *people = model_reg(c.city->model, STR("person")),
			 *orgs = model_reg(c.city->model, STR("org"));
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct record *rec;
		rc = record_get(&c.r, people, ids[i], &rec, err);
		if (rc == RC_OK)
			buf_printf(&b, "#%lld\t%.*s\t%.*s\n", (long long)ids[i],
				STR_ARG(record_label(&c.r, people, ids[i])),
				STR_ARG(record_label(&c.r, orgs, rec->org)));
	}
	if (rc == RC_OK)
		rc = cli_announce(&c, err);
	if (rc == RC_OK)
		fwrite(b.p, 1, b.n, stdout);
	buf_done(&b);
	cli_done(&c);
	return rc;
}

static enum rc id_of(const char *text, int64_t *out, struct err *err)
{
	str s = str_of(text);
	if (str_starts(s, STR("#")))
		s = str_from(s, 1);
	return str_i64(s, out) ? RC_OK : FAIL(err, RC_INVALID, "“%s” is no row number", text);
}

/* Not to be taken back: the number is said twice. */
static enum rc shred(struct invocation *in, const char *reason, const char *confirm, struct err *err)
{
	struct city *city;
	struct actor actor;
	int64_t person;
	int people = 0;
	TRY(id_of(in->argv[1], &person, err));
	if (reason == NULL || confirm == NULL || strcmp(confirm, in->argv[1]) != 0)
		return FAIL(err, RC_INVALID,
			"this destroys for good what is sealed of person #%lld, in every backup too. Say why "
			"and the number "
			"a second time: --reason TEXT --confirm %s",
			(long long)person, in->argv[1]);
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = person_shred(city, &actor, in->a, person, str_of(reason), &people, err);
	city_close(city);
	TRY(rc);
	if (in->json)
		printf("{\"people\":%d}\n", people);
	else if (!in->quiet)
		printf(tr("the key of person #%lld is destroyed (%d rows of people)\n"), (long long)person,
			people);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct args x = {0};
	const char *reason = NULL, *confirm = NULL;
	TRY(opt_text(in, "--reason", &reason, err));
	TRY(opt_text(in, "--confirm", &confirm, err));
	TRY(opt_done(in, 2, 3, &cmd_person, err));
	if (strcmp(in->argv[0], "shred") == 0 && in->argc == 2)
		return shred(in, reason, confirm, err);
	if (strcmp(in->argv[0], "find") == 0)
		return find(in, in->argv[1], err);
	if (strcmp(in->argv[0], "undo") == 0 && in->argc == 2) {
		x.undo = true;
		TRY(id_of(in->argv[1], &x.merge, err));
		return change(in, &x, err);
	}
	if (strcmp(in->argv[0], "merge") != 0 || in->argc != 3)
		return usage_error(&cmd_person, err);
	TRY(id_of(in->argv[1], &x.kept, err));
	TRY(id_of(in->argv[2], &x.gone, err));
	return change(in, &x, err);
}

const struct command cmd_person = {
	.name = "person",
	.usage = N_("person find TEXT | merge KEPT GONE | undo MERGE | shred ID --reason TEXT --confirm ID"),
	.summary = N_("look people up, make two rows of one person one, destroy a person's key"),
	.help = N_("find takes a whole name, a given name, pinyin initials, a citizen ID or a phone number.\n"
		   "merge brings every row of GONE to KEPT; it is refused where both have different citizen "
		   "IDs.\n"
		   "shred destroys the key of what is sealed of a person: names, numbers and notes are "
		   "unreadable at once, "
		   "in every backup too, and nobody finds the person any more. Rows and counts stay.\n"
		   "Example: qinghe person merge 812 4711\n"
		   "Exit codes: 0 done, 2 not possible, 3 not yours, 4 storage."),
	.run = run,
};
