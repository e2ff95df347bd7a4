/* cmd_digest.c -- qinghe digest: one number for all that a city's registers say.
 *
 * SHA-256 over, for each register in the order of their ids, its rows in id order: id, owner, state, version, source and
 * every value that stands, sealed ones opened, each as FIELD US LENGTH US TEXT RS; then each unit with its ancestors and
 * their days. Who entered a row and when, how it is sealed, history, cells and accounts are left out, so that two
 * engines, or a city and its restored copy, answer the same. */
#include "base/hash.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "register/record.h"
#include "register/tree.h"
#include <stdlib.h>

struct digest {
	struct hasher hasher;
	struct arena line; /* of one row */
	int64_t rows;
	struct progress progress;
};

static void add_text(struct digest *d, str name, str text)
{
	hasher_add(&d->hasher, name);
	hasher_add(&d->hasher, arena_fmt(&d->line, "\x1f%zu\x1f", text.n));
	hasher_add(&d->hasher, text);
	hasher_add(&d->hasher, STR("\x1e"));
}

static void add_number(struct digest *d, const char *name, int64_t i)
{
	add_text(d, str_of(name), arena_fmt(&d->line, "%lld", (long long)i));
}

static bool add_row(void *user, const struct record *rec)
{
	struct digest *d = user;
	add_text(d, STR("register"), rec->reg->id);
	add_number(d, "id", rec->id);
	add_number(d, "org", rec->org);
	add_number(d, "version", rec->version);
	add_text(d, STR("state"), rec->state);
	add_text(d, STR("source"), rec->source);
	for (size_t i = 0; i < rec->reg->fields_n; i++) {
		const struct value *v = &rec->values[i];
		if (v->kind == V_INT)
			add_text(d, rec->reg->fields[i].id, arena_fmt(&d->line, "%lld", (long long)v->i));
		else if (v->kind == V_TEXT)
			add_text(d, rec->reg->fields[i].id, v->t);
	}
	arena_done(&d->line);
	d->rows++;
	progress_show(&d->progress, d->rows, 0);
	return true;
}

static bool add_unit(void *user, const struct record *rec)
{
	struct cli_reader *c = ((void **)user)[0];
	struct digest *d = ((void **)user)[1];
	size_t n;
	const struct anc *list = tree_ancestors(c->r.tree, rec->id, &n);
	add_number(d, "unit", rec->id);
	for (size_t i = 0; i < n; i++) {
		add_number(d, "under", list[i].org);
		add_number(d, "from", list[i].from);
		add_number(d, "to", list[i].to);
	}
	arena_done(&d->line);
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct reg *const *x = a, *const *y = b;
	return str_cmp((*x)->id, (*y)->id);
}

static enum rc digest_of(struct cli_reader *c, struct digest *d, struct err *err)
{
	const struct model *m = c->city->model;
	const struct reg **regs = NEWS(c->r.a, m->regs_n + 1, const struct reg *);
	for (size_t i = 0; i < m->regs_n; i++)
		regs[i] = &m->regs[i];
	qsort(regs, m->regs_n, sizeof *regs, by_id);
	for (size_t i = 0; i < m->regs_n; i++) {
		struct record_query q = {.reg = regs[i], .unmasked = true};
		TRY(record_each(&c->r, &q, add_row, d, err));
	}
	void *both[] = {c, d};
	struct record_query q = {.reg = model_reg(m, STR("org"))};
	return record_each(&c->r, &q, add_unit, both, err);
}

enum rc cli_digest(struct invocation *in, char hex[HEX_BYTES], int64_t *out_rows, struct err *err)
{
	struct cli_reader c;
	struct digest d = {.rows = 0};
	TRY(cli_reader(in, &c, err));
	hasher_init(&d.hasher, HASH_SHA256);
	progress_start(&d.progress, in);
	enum rc rc = digest_of(&c, &d, err);
	progress_end(&d.progress);
	struct hash h = hasher_end(&d.hasher);
	arena_done(&d.line);
	cli_done(&c);
	hex_text(h.b, HASH_BYTES, hex);
	*out_rows = d.rows;
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	char hex[HEX_BYTES];
	int64_t rows;
	TRY(opt_done(in, 0, 0, &cmd_digest, err));
	TRY(cli_digest(in, hex, &rows, err));
	if (in->json)
		printf("{\"digest\":\"%s\",\"rows\":%lld}\n", hex, (long long)rows);
	else
		printf("%s\n", hex);
	return RC_OK;
}

const struct command cmd_digest = {
	.name = "digest",
	.usage = N_("digest"),
	.summary = N_("one number for the content of all registers"),
	.help = N_(
		"Two cities with the same rows, states and organisation tree answer the same, whatever the "
		"engine. Who entered a row and when is left out.\n"
		"Example: qinghe --db demo.db digest\n"
		"Exit codes: 0 done, 3 not yours to read, 4 storage."),
	.run = run,
};
