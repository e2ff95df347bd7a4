/* cmd_custody.c -- qinghe custody: notes that only the case's own people open. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "register/case_note.h"
#include <sodium.h>
#include <string.h>

enum { PASSWORD_FILE_MAX_BYTES = 1024 };

static enum rc password_of(struct invocation *in, const char *path, str *out, struct err *err)
{
	TRY(file_read(in->a, path, PASSWORD_FILE_MAX_BYTES, out, err));
	while (out->n > 0 && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		out->n--;
	return RC_OK;
}

static bool person_id(const char *text, int64_t *out)
{
	str s = str_of(text);
	return str_i64(str_starts(s, STR("#")) ? str_from(s, 1) : s, out) && *out > 0;
}

static enum rc make_key(struct invocation *in, bool custodian, struct err *err)
{
	struct city *city;
	struct actor actor;
	struct case_note_key k = {.custodian = custodian};
	if (!person_id(in->argv[1], &k.person))
		return FAIL(err, RC_INVALID, "“%s” is no person's number", in->argv[1]);
	TRY(password_of(in, in->argv[2], &k.password, err));
	TRY(cli_city(in, true, &city, &actor, err));
	enum rc rc = city_run(city, &actor, in->a, (str){NULL, 0}, case_note_key_job, &k, err);
	city_close(city);
	sodium_memzero((void *)(uintptr_t)k.password.p, k.password.n);
	return rc;
}

/* pairs: n times a person's number and the file with the password. */
static enum rc unlock(
	struct cli_reader *c, char **pairs, size_t n, struct custody_secret *out, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		int64_t person;
		str password;
		struct invocation in = {.a = c->r.a};
		if (!person_id(pairs[2 * i], &person))
			return FAIL(err, RC_INVALID, "“%s” is no person's number", pairs[2 * i]);
		TRY(password_of(&in, pairs[2 * i + 1], &password, err));
		enum rc rc = case_note_unlock(c->r.db, c->r.a, person, password, &out[i], err);
		sodium_memzero((void *)(uintptr_t)password.p, password.n);
		TRY(rc);
	}
	return RC_OK;
}

static enum rc show(struct invocation *in, struct cli_reader *c, size_t n, struct err *err)
{
	struct custody_secret secrets[2];
	const struct reg *reg;
	int64_t id;
	str text;
	TRY(cli_register(c->city, in->argv[1], &reg, err));
	const struct field *f = reg_field(reg, str_of(in->argv[3]));
	if (!str_i64(str_of(in->argv[2]), &id) || f == NULL || !f->custody)
		return FAIL(err, RC_INVALID, "%s %s %s names no case note", in->argv[1], in->argv[2],
			in->argv[3]);
	enum rc rc = unlock(c, in->argv + 4, n, secrets, err);
	if (rc == RC_OK)
		rc = case_note_read(&c->r, reg, id, f, secrets, n, &text, err);
	sodium_memzero(secrets, sizeof secrets);
	TRY(rc);
	TRY(cli_announce(c, err));
	printf("%.*s\n", STR_ARG(text));
	sodium_memzero((void *)(uintptr_t)text.p, text.n);
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct cli_reader c;
	TRY(opt_done(in, 3, 8, &cmd_custody, err));
	const char *what = in->argv[0];
	if (strcmp(what, "key") == 0 && in->argc == 3)
		return make_key(in, false, err);
	if (strcmp(what, "custodian") == 0 && in->argc == 3)
		return make_key(in, true, err);
	bool one = strcmp(what, "read") == 0 && in->argc == 6,
	     two = strcmp(what, "recover") == 0 && in->argc == 8;
	if (!one && !two)
		return usage_error(&cmd_custody, err);
	TRY(cli_reader(in, &c, err));
	enum rc rc = show(in, &c, one ? 1 : 2, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_custody = {
	.name = "custody",
	.usage = N_("custody key PERSON FILE | custodian PERSON FILE | read REGISTER ID FIELD PERSON FILE | "
		    "recover REGISTER "
		    "ID FIELD PERSON FILE PERSON FILE"),
	.summary = N_("notes that only the case's own people open"),
	.help = N_("FILE holds the person's own password. key makes a counsellor's key; custodian names one "
		   "of the two who "
		   "together recover a note. From then on what is written into a field with `custody: true` "
		   "is sealed to the "
		   "case's people with a key and to nobody else: not to the operator, not to who steals the "
		   "machine.\n"
		   "Example: qinghe custody read counselling_session 7 note 812 /dev/stdin\n"
		   "Exit codes: 0 done, 2 not possible, 3 not this person's or another password, 4 storage."),
	.run = run,
};
